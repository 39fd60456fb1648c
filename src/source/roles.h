/* Which column of a table is the case, which the activity, …: by what the person said, else by the
 * names that tools use. Names are compared without letter case and with blank, _, - and : alike. */
#pragma once

#include "source/source.h"

enum role {
    ROLE_CASE,
    ROLE_ACTIVITY,
    ROLE_TIME, /* the end, or the instant */
    ROLE_START,
    ROLE_LIFECYCLE,
    ROLE_RESOURCE,
    ROLE_TEAM,
    ROLE_INSTANCE,
    ROLE_COUNT,
};

enum { ROLE_PARTS = 8 };

struct roles { /* n = 0: no such column; more than one: their values are joined by "+" */
    struct {
        size_t n, column[ROLE_PARTS];
    } of[ROLE_COUNT];
    bool statuses; /* the activity column holds statuses entered, by its name, and nothing tells
                    * starts from ends: a tracker's history (spec mining.md 3) */
};

/* Columns that the options name win ("kind,number" are two that together are the case); an unknown
 * one is FAIL, with the nearest name and the list. FAIL also when case, activity or time is not
 * found. `notes` (may be NULL) learns every choice and what else would have fitted. */
status roles_choose(const struct source_options *options, const char *file, const str *names,
                    size_t n, struct source_notes *notes, struct roles *ret, struct error *why);
