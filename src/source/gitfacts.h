/* From a history to the events, links and items of the vocabulary, in the order of time.
 *
 *   item commit (40 hex digits)  authored → landed → released; type commit, of a merge: merge
 *   item release (the tag)       released; attrs commits, prerelease, on_default_branch
 *   item change (#12, !3, #12/2) authored (first commit) → landed (last) → released (when its last
 *                                commit was: the first release that can hold all of it)
 *   link commit → change         part_of: merge 1.0, trailer 0.9, closes 0.85, ref 0.95 (0.85 when
 *                                found by author, time and subject); proved by the authored event
 *   link commit → release        released_in: ancestry 1.0, cherry_pick 0.95, patch_id 0.9,
 *                                same_change 0.85; proved by the release's event
 *
 * Attributes: of authored and landed `{"parents":1,"prs":["#12"]}`; of authored, when paths are
 * asked for, also what gitpaths.h says; of a commit's released
 * `{"release":"v1","rule":"ancestry"}`; of a change `{"commits":2}`.
 *
 * The key of a commit's event is the hash of (what, commit, activity) without the release: a commit
 * is released once. When a later import finds an earlier tag, the earlier fact stays. */
#pragma once

#include "source/gitchange.h"
#include "source/gitpaths.h"
#include "source/gitsince.h"

struct gitfact {
    when time;
    uint32_t order; /* commits as in the graph, then releases, then changes */
    uint32_t index; /* commit, release or change */
    uint8_t kind;
};

struct gitfacts {
    VEC(struct gitfact) v;
    size_t at; /* the next to give */
    struct gitgraph *g;
    const struct gitreleases *releases;
    const struct gitchanges *changes;
    struct gitpaths *paths; /* or NULL */
    struct names *names;
    VEC(item_id) commit_items; /* by commit, 0: not yet named */
    VEC(uint32_t) listed;      /* commits whose paths are made, in order of facts */
    size_t listed_at;
    sym types[4], activities[3], rules[GITRULE_COUNT], release_rules[GITRELEASE_RULES], part_of,
        released_in;
    size_t early;  /* commits released before they landed: release branches merged later */
    size_t before; /* released before they were written: moved to then */
};

/* What is new since `since`; everything when that saw nothing. */
void gitfacts_init(struct gitfacts *f, struct names *names, struct gitgraph *g,
                   const struct gitreleases *releases, const struct gitchanges *changes,
                   const struct gitsince *since, struct gitpaths *paths);
void gitfacts_finish(struct gitfacts *f);

/* Fills the batch with what comes next. END: these were the last. */
status gitfacts_next(struct gitfacts *f, const struct source_options *options, struct batch *b,
                     struct error *why);
