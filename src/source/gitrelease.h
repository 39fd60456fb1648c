/* Which release first held a commit.
 *
 * Releases are the version tags; when there are others, prereleases are not among them. The first
 * release of a commit is the earliest (time of the tag, then version) that contains it: by
 * ancestry, or because it contains a cherry-pick of it (spec: mining 13). A commit that only tags
 * reach, not HEAD, stands on a release branch:
 *   - when it is a cherry-pick of another, or another of it, it is no item of its own: the one on
 *     the default branch (else the earlier one) is, and takes over its release;
 *   - otherwise it is an item that never landed.
 * Two commits are the same change by the line "(cherry picked from commit …)" in either of them,
 * else by equal author, author time and subject, else by what they change (gitpick.h): that is the
 * stronger evidence of the two, but needs file contents and is therefore looked at last.
 *
 * Every commit is visited once by the tags in their order, whatever their number. */
#pragma once

#include "source/gitgraph.h"
#include "source/gitversion.h"

enum gitrelease_rule { /* the strongest first */
                       GITRELEASE_ANCESTRY,
                       GITRELEASE_CHERRY_PICK,
                       GITRELEASE_PATCH_ID,
                       GITRELEASE_SAME_CHANGE,
                       GITRELEASE_RULES
};

struct gitrelease {
    const struct gitrepo_tag *tag;
    struct gitversion version;
    uint32_t commit;
    when time;
    uint8_t quality; /* enum time_quality */
    bool counts;     /* is a release; false: a prerelease beside releases */
    bool on_branch;  /* HEAD reaches it */
    uint32_t newly;  /* commits in it that no earlier one contains (a prerelease: nor prerelease) */
};

struct gitreleases {
    VEC(struct gitrelease) v; /* in their order */
    uint32_t *first;          /* by commit: index of its first release, or NONE */
    uint8_t *rule;            /* by commit: enum gitrelease_rule of that */
    uint32_t *same_as;        /* by commit: the one whose cherry-pick it is, or NONE */
    uint8_t *same_rule;       /* by commit */
    size_t doubled;           /* releases on a commit that has one already */
    size_t off_branch;        /* releases that HEAD does not reach */
    size_t prereleases;
    /* commits that HEAD does not reach: cherry-picks by line; by author, time and subject; by patch
     * id; items of their own */
    size_t picks, same, patches, alone;
    size_t blind, left_out; /* of the last ones: not compared by patch id, see gitpick.h */
    size_t unknown_picks;   /* lines that name a commit that is not here */
};

void gitreleases_find(struct gitreleases *r, const struct gitrepo *repo, struct gitgraph *g,
                      when now);
void gitreleases_finish(struct gitreleases *r);
