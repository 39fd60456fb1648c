/* The changes (pull or merge requests) of a store as fold/review wants them: when each was opened,
 * ready, looked at, approved and merged, and when its commits were made.
 *
 * They are told by events about items of the type `change` (of forges, CDEvents, mapped sources),
 * by commits that are linked to them, and by the rows of a delivery log (`pr_opened`, `pr_merged`),
 * which never tell of reviews. A git history alone does not say when a change was opened: its
 * changes are left out. */
#pragma once

#include "engine/facts.h"
#include "fold/review.h"

struct change {
    struct review_change review;
    bool has_commits;   /* its commits are known; else review.commits are only pushes to it */
    bool tells_reviews; /* the source tells of reviews: none of them means that there were none */
};

struct changes {
    VEC(struct change) v; /* whose opening is known */
    uint64_t unopened;    /* merged, and their opening is not known */
    uint64_t bad_time;    /* events whose time cannot be believed */
    struct arena text;
};

/* changes_finish in any case. `facts` are those of the same store; texts point into both. */
status changes_load(struct store *store, const struct facts *facts, struct changes *ret,
                    struct error *why);
void changes_finish(struct changes *c);

enum change_event {
    CHANGE_OTHER,
    CHANGE_COMMIT, /* this order is that of events of one instant */
    CHANGE_CREATED,
    CHANGE_READY,
    CHANGE_PUSHED,
    CHANGE_COMMENTED,
    CHANGE_ASKED, /* changes were asked for */
    CHANGE_APPROVED,
    CHANGE_MERGED,
};
/* What an event about a change says, by its activity ("approved"), else by its type
 * ("change.reviewed"), and for reviews by the attribute `state`; in any letter case, words joined
 * by space, "_" or "-". */
enum change_event change_event_of(str type, str activity, str state);
