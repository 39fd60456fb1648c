/* The commits of a history in memory, as numbers: who, when, which parents, and how each came to
 * the default branch.
 *
 * Read from HEAD and the version tags on, each object once. A commit is on the default branch when
 * HEAD reaches it. The first-parent line from HEAD is the branch as its people saw it grow: a
 * commit on it landed at its own committer time; any other was brought in by the oldest commit of
 * the line that reaches it, at that commit's time (rule of weir; `git log --first-parent` is the
 * same line). Invariant: a parent stands before its child in `order`. */
#pragma once

#include "base/clock.h"
#include "base/intern.h"
#include "base/map.h"
#include "model/linkkey.h"
#include "source/gitrepo.h"
#include "source/gitwords.h"
#include "source/source.h"

#define GITGRAPH_NONE UINT32_MAX

enum gitcommit_flags {
    GITCOMMIT_MERGE = 1,
    GITCOMMIT_CUT = 2,     /* a parent is not here: shallow, or damaged */
    GITCOMMIT_ABSENT = 4,  /* only its id is known, or it cannot be understood */
    GITCOMMIT_AHEAD = 8,   /* its author's clock was ahead of the committer's */
    GITCOMMIT_OLD = 16,    /* an earlier import gave it (this and the next by gitgraph_mark) */
    GITCOMMIT_LANDED = 32, /* an earlier import gave its landing */
    GITCOMMIT_GIVEN = 64,  /* an earlier import gave its release */
};

struct gitcommit {
    git_oid id;
    uint8_t flags;
    uint8_t authored_quality, landed_quality; /* enum time_quality */
    uint32_t parent_first, parent_n;          /* in `parents` */
    uint32_t same_prefix;                     /* chain of ids with equal first 8 bytes */
    uint32_t
        landed_by; /* the commit of the first-parent line that brought it in; NONE: not there */
    sym author, committer;
    when authored, committed; /* as written */
    when landed;              /* ≥ authored; WHEN_NONE: not on the default branch */
    uint64_t subject;         /* hash of it; 0: there is none */
    id128 same;               /* of author, author time and subject: what survives a cherry-pick */
};

struct gitgraph_use { /* a commit names a change */
    uint32_t commit, number;
    char sign;
    uint8_t rule; /* enum gitrule */
};

struct gitgraph_pick { /* "(cherry picked from commit …)" */
    uint32_t commit;
    git_oid original;
};

struct gitgraph_keys { /* a commit's message names work items that are no changes */
    uint32_t commit;
    str keys; /* parted by blanks */
};

struct gitgraph_bad {
    uint32_t commit;
    str reason, raw;
};

struct gitgraph {
    VEC(struct gitcommit) commits; /* in the order of discovery */
    VEC(uint32_t) parents;         /* numbers; absent commits have numbers, too */
    VEC(git_oid) trees;            /* beside commits, when asked for */
    VEC(uint32_t) order;           /* parents before children, without absent ones */
    VEC(struct gitgraph_use) uses;
    VEC(struct gitgraph_pick) picks;
    VEC(struct gitgraph_keys) keys; /* ascending commits */
    VEC(struct gitgraph_bad) bad;
    uint32_t head;
    struct map ids;
    struct map same; /* of the default branch; filled on demand */
    struct intern people;
    VEC(sym) actors; /* beside people */
    struct arena text;
    size_t cut, merges, first_parent; /* counts */
    size_t ahead;                     /* authored after it was committed: landed later instead */
    size_t absurd;                    /* times before 1990 or in the future */
};

struct gitgraph_wish {
    const struct source_options *options;
    struct linkkey *linkkey; /* what a key looks like */
    bool trees;              /* keep the ids of the trees */
    const git_oid *heads;    /* HEAD first, then tags */
    size_t head_n;
    const git_oid *only; /* when given: read these and no others */
    size_t only_n;
    when now; /* later than a day after this is absurd */
};

void gitgraph_init(struct gitgraph *g);
void gitgraph_finish(struct gitgraph *g);
/* FAIL when HEAD's commit is missing or cannot be understood; INTERRUPTED. Others that cannot be
 * understood are in `bad`, and history is cut there. */
status gitgraph_read(struct gitgraph *g, const struct gitrepo *r, const struct gitgraph_wish *wish,
                     struct error *why);

str gitgraph_keys(const struct gitgraph *g, uint32_t commit);        /* empty: none */
uint32_t gitgraph_find(const struct gitgraph *g, const git_oid *id); /* NONE: not here, or absent */
/* The first commit on the default branch with this author, author time and subject, or NONE. */
uint32_t gitgraph_find_same(struct gitgraph *g, id128 same);
id128 gitgraph_same_of(str object); /* of a raw commit; zero when it is none */
/* Sets `flag` on `from` and on all that it reaches; stops where it is set already. */
void gitgraph_mark(struct gitgraph *g, uint32_t from, uint8_t flag);

/* µs, and how far to believe them: TIME_BAD before 1990 or later than a day after `now`. */
when gitgraph_when(int64_t seconds, when now, uint8_t *ret_quality);
