/* Changes: pull requests and whatever else has a number, put together from the commits that name
 * them.
 *
 * A commit names a change by a rule of gitwords; commits that a merge brought in belong to what the
 * merge names; the head of refs/pull/N/head belongs to N, itself or, when the change was rebased,
 * the commit on the default branch with its author, author time and subject. The same number again
 * after a pause of more than 60 days is another change: "#12", then "#12/2". */
#pragma once

#include "source/gitrelease.h"

struct gitchange {
    uint32_t number, nth; /* nth from 1 */
    char sign;
    uint32_t use_first, use_n; /* in by_change */
    uint32_t begun;            /* the commit with the first author time */
    uint32_t landed;           /* the commit that landed last; NONE: none has */
    uint32_t released; /* the latest of its commits' first releases; NONE: not all have one */
};

struct gitchange_use {
    uint32_t commit, change;
    when time;
    uint8_t rule; /* enum gitrule */
    bool same;    /* ref: found by author, time and subject, not by id */
};

struct gitchanges {
    VEC(struct gitchange) v;             /* by sign, number, nth */
    VEC(struct gitchange_use) by_change; /* by change, time, commit */
    VEC(struct gitchange_use) by_commit; /* by commit, then change */
    size_t pulls_found;                  /* references of pull requests that led to a commit */
};

/* by_content: heads of pull requests that are not commits of the graph are looked for by author,
 * time and subject (for this each is read). */
void gitchanges_find(struct gitchanges *c, const struct gitrepo *repo, struct gitgraph *g,
                     const struct gitreleases *releases, bool by_content);
void gitchanges_finish(struct gitchanges *c);

/* The uses of one commit: by_commit[*ret_first] … n of them. */
size_t gitchanges_of(const struct gitchanges *c, uint32_t commit, size_t *ret_first);

enum { GITCHANGE_TEXT = 32 };
str gitchange_key(const struct gitchange *c, char text[GITCHANGE_TEXT]); /* "#12/2", in `text` */
