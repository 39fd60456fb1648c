/* Branches that are not merged: work that was begun and has not landed. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"

struct gitbranch {
    str name;         /* "feature/x", "origin/feature/x" */
    when first;       /* author time of its oldest commit that the default branch lacks */
    when last;        /* committer time of its tip */
    uint64_t commits; /* that the default branch lacks; at most 1,000 are counted */
};

struct gitbranches {
    struct gitbranch *v; /* the oldest first */
    size_t n;
    size_t total, looked; /* branches beside the default one; those there was time for */
};

/* Looks for at most `budget` (wall time); branches that share their tip count once. Memory of the
 * arena. A repository without branches is OK with n = 0. */
status gitbranches_find(const char *path, lapse budget, struct arena *a, struct gitbranches *ret,
                        struct error *why);
