/* Cherry-picks that nothing marks: commits of release branches that make the same change as one of
 * the default branch (equal stable patch id), with another subject or another author time.
 *
 * A patch costs reading contents, so only few are compared: commits that only tags reach and that
 * are no cherry-pick by another rule, each with the commits of the default branch that have its
 * author time or its subject (of either at most GITPICK_NEAR, the nearest in author time), of these
 * with those that touch the same files; and in all at most GITPICK_PATCHES patches with contents
 * (GITPICK_HEADS with names alone) and GITPICK_BYTES of content. */
#pragma once

#include "source/gitgraph.h"

enum { GITPICK_NEAR = 8, GITPICK_PATCHES = 4000, GITPICK_HEADS = 40000, GITPICK_BYTES = 1 << 30 };

struct gitpick {
    uint32_t commit, original;
};

struct gitpicks {
    VEC(struct gitpick) v; /* in the order of the graph */
    size_t asked;          /* commits that there was something to compare with */
    size_t blind;          /* not compared: contents are not in the repository */
    size_t left_out;       /* not compared: a patch too large, or too many of them */
};

/* `taken`, by commit, is not NONE for those that need no looking at. Stops at a signal. */
void gitpicks_find(struct gitpicks *p, const struct gitrepo *repo, const struct gitgraph *g,
                   const uint32_t *taken);
void gitpicks_finish(struct gitpicks *p);
