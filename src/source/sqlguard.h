/* An SQLite database that may come from anybody: it is copied to a temporary file of our own,
 * opened read-only, and an authorizer lets pass nothing but reading columns of ordinary tables.
 * Views, virtual tables, triggers and functions never run (a computed column may use what SQLite
 * calls innocuous functions, within the limits). */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "wire/stream.h"

#include <sqlite3.h>

struct sqlguard { /* must stay where it is while it is open */
    sqlite3 *db;
    uint64_t steps; /* of SQLite's machine that are left, in thousands; UINT64_MAX: as many as it
                     * takes */
    bool spent;     /* they were used up: statements end with SQLITE_INTERRUPT */
};

status sqlguard_open(struct stream *s, struct sqlguard *g, struct error *why);
void sqlguard_close(struct sqlguard *g); /* a zeroed one too */
/* FAIL with SQLite's message, or INTERRUPTED when it was a signal that ended the statement. */
status sqlguard_fail(const struct sqlguard *g, const char *name, const char *what,
                     struct error *why);
