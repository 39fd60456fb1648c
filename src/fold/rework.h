/* Rework: what is done again (spec mining.md 5). A bag fold of whole items.
 *
 * Per activity: the items that visited it twice or more, the visits beyond the first, self-loops
 * (the next visit is of the same activity), and who did it again: the person of the visit before
 * (repeat) or another (redo), where both are known. Ping-pong: an item goes from one team to
 * another and back; visits of one team in a row count as one, visits without a team are passed
 * over. */
#pragma once

#include "fold/pairs.h"
#include "model/fold.h"

struct rework;                        /* the summary */
extern const struct fold rework_fold; /* "rework" */

struct rework_activity {
    sym name;
    uint64_t items, visits;
    uint64_t again_items;  /* with two visits or more */
    uint64_t again_visits; /* beyond the first of their item */
    uint64_t self_loops;
    uint64_t repeat, redo;
};

struct rework_result {
    uint64_t items;
    uint64_t again_items;               /* with rework of any activity */
    uint64_t ping_pong_items;           /* with ping-pong of any teams */
    struct rework_activity *activities; /* most visits again first, then names */
    size_t n;
    struct pair_count *ping_pong; /* from team to team and back; most frequent first */
    size_t ping_pong_n;
};

/* Adds items without any rework, and their visits of an activity (as many items as visits), for
 * those who have counted them otherwise. */
void rework_add_items(struct rework *r, uint64_t items);
void rework_add_visits(struct rework *r, sym activity, uint64_t visits);
void rework_show(const struct rework *r, const struct names *names, struct arena *arena,
                 struct rework_result *ret);
