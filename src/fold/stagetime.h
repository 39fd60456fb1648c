/* Where the time of items goes: for every stage how long visits stayed, waited and worked, and
 * which part of all lead time it holds.
 *
 * Distributions are of visits as they were recorded, exact; only ended ones (open ones are
 * counted). Totals are of the partition (fold/partition.h): they sum to the lead time of all items
 * exactly, on wall time and on a working clock alike. */
#pragma once

#include "fold/partition.h"
#include "fold/rows.h"
#include "model/fold.h"

struct stagetime_summary {
    const struct flow *flow;
    struct rows samples; /* stage, kind, duration → visits */
    struct rows totals;  /* stage → counts and times */
};

extern const struct fold FOLD_STAGETIME;

struct stagetime_stage {
    sym stage; /* 0: between the visits, no stage */
    uint64_t visits, open, rework;
    bool divided; /* the stage's visits tell work from waiting; else wait and work hold only those
                   * that do */
    struct flow_dist sojourn, wait, work;
    double time[CLASS_COUNT];              /* its part of the lead times, microseconds */
    double undivided_wait, undivided_work; /* of time[CLASS_WAIT] and time[CLASS_WORK] */
    double share_of_lead;                  /* 0 … 1 */
    double wait_share;                     /* its part of all blocked, waiting and between time */
};

struct stagetime {
    uint64_t items;
    double lead; /* of all items, open ones so far; microseconds */
    double parallel;
    size_t n;
    struct stagetime_stage *stages; /* by share_of_lead, largest first */
};

/* What of its time is known to be waiting, known to be work, and either: the time before an event
 * with one stamp, and stays in an active status whose stage tells of no waiting at all. */
struct stagetime_parts {
    double wait, either, work;
};
struct stagetime_parts stagetime_parts(const struct stagetime_stage *g);

void stagetime_show(const struct stagetime_summary *s, struct stagetime *ret);
void stagetime_finish(struct stagetime *s);
