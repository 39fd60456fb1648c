/* The flow map: who follows whom, how often and after how long, and what each stage holds.
 *
 * Edge (a, b): b's visit comes right after a's in one item. Its time is max(s_b, t_a) - t_a, from
 * the end of a to the start of b; pairs that overlap are counted, with their (negative) time. For
 * events with one stamp, statuses entered included, it is the difference of the stamps (spec
 * mining.md 4). What follows a visit that is still open has no time.
 *
 * Stage: visits, items, and the distributions of sojourn (t - e), wait (s - e and what was
 * suspended) and work (the rest), of visits that ended and where the log knows. A stay in a status
 * is waiting by its category, or, where its stage has a queue, divided by that; otherwise work and
 * waiting in it cannot be told apart and neither is given. The status that ended an item is no
 * stay.
 *
 * A sequence fold: an item may be cut between two summaries. It keeps, per edge and stage, the
 * durations themselves (quantiles are exact), and per item its first and last visit and the set of
 * its edges, without which items could not be counted once. */
#pragma once

#include "base/arena.h"
#include "math/distribution.h"
#include "model/fold.h"

struct flowmap;                        /* the summary; flowmap_fold.size bytes, zeroed */
extern const struct fold flowmap_fold; /* "map" */

struct flowmap_edge {
    sym from, to;
    uint64_t count, items;
    uint64_t overlaps;
    double overlap_sum;       /* µs, not above 0 */
    struct distribution time; /* µs */
};

struct flowmap_stage {
    sym name;
    uint8_t category; /* enum category */
    uint64_t visits, items, rework_visits;
    uint64_t wip_now; /* visits open when the log ended */
    double wip;       /* time average over the log: sum of sojourn / its length */
    struct distribution time, wait, work; /* µs; n = 0: not known */
};

struct flowmap_count {
    sym name;
    uint64_t n;
};

struct flowmap_result {
    uint64_t visits, items;
    when begin, end;  /* of the log; WHEN_NONE: empty */
    bool exact;       /* quantiles and deviations of edges are there (else 0) */
    bool stage_times; /* what stages say of time is there (from points_show: of POINTS_WHOLE) */
    struct flowmap_edge *edges; /* largest sum of time first, then count, then names */
    size_t edge_n;
    struct flowmap_stage *stages; /* along the main path (flowmap_arrange) */
    size_t stage_n;
    struct flowmap_count *starts, *ends; /* most frequent first, then names */
    size_t start_n, end_n;
};

/* The result lives in the arena (which has no limit). The summary stays as it is. */
void flowmap_show(const struct flowmap *m, const struct names *names, struct arena *arena,
                  struct flowmap_result *ret);

/* Puts the parts of a result in order. Stages: the most frequent start first, then again and again
 * the stage that the ones placed lead to most often; ties by name. More than 2,000 stages stand by
 * number of visits. */
void flowmap_arrange(struct flowmap_result *r, const struct names *names);
