/* Flow efficiency: which part of its flow time an item was worked on.
 *
 * Flow time runs from the first visit of a stage that is not `new` to done; busy is the union of
 * the working spans in it. Pooled = sum of busy over sum of flow time, the default; the mean over
 * items stands beside it: they may differ fiftyfold, so a figure without its rule says nothing.
 * Only finished items whose beginning is known. */
#pragma once

#include "fold/partition.h"
#include "fold/rows.h"
#include "model/fold.h"

struct efficiency_summary {
    const struct flow *flow;
    struct rows items; /* busy, flow time, undivided part of busy, has work at all → items */
};

extern const struct fold FOLD_EFFICIENCY;

struct efficiency {
    bool known;        /* some item shows work; a log of points alone does not */
    uint64_t items;    /* finished, beginning known */
    uint64_t no_work;  /* of them without any working span */
    double pooled;     /* 0 … 1 */
    double mean;       /* over the items with a flow time above zero */
    double busy, flow; /* sums, microseconds */
    double undivided;  /* share of busy that comes from stays in an active status, where hidden
                        * waiting counts as work */
    struct flow_dist flow_time;
};

struct efficiency efficiency_show(const struct efficiency_summary *s);
