/* The database of a buildbot master (state.sqlite), build by build, as the body that HttpStatusPush
 * would have posted: so that what a lost delivery told, or all of the past, gives the same facts
 * (buildbot.c). Read-only; a copy is read, so that a running master is not in the way. */
#pragma once

#include "source/source.h"
#include "wire/stream.h"

/* Does this file, an SQLite database, look like one? Only its beginning is read. */
bool buildbotdb_is(const char *path);

struct buildbotdb;
/* FAIL when it is no such database. An `alembic_version` that was never seen is noted. */
status buildbotdb_open(struct stream *s, struct source_notes *notes, struct buildbotdb **ret,
                       struct error *why);
void buildbotdb_close(struct buildbotdb *b); /* NULL is fine */
/* The next build, in order of their ids; valid until the next call. END: no more. */
status buildbotdb_next(struct buildbotdb *b, str *ret_body, struct error *why);
