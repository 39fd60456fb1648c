/* How old the open items are, and how that compares with those that were finished: the percentile
 * of an open item's age among the lead times of finished ones. */
#pragma once

#include "fold/flow.h"
#include "model/fold.h"

struct age_summary {
    const struct flow *flow;
    struct rows open;     /* item, begin, stage, since, end of the log, left-censored → 1 */
    struct rows finished; /* lead time → items */
};

extern const struct fold FOLD_AGE;

struct age_item {
    item_id item;
    sym stage;  /* where it is now; 0: between stages */
    when since; /* it is there */
    when begin;
    double age;        /* microseconds; a lower bound when left */
    double percentile; /* 0 … 1; of no finished items: 0 */
    bool left;         /* began before the log did */
};

struct age {
    struct flow_dist finished;
    size_t n;
    struct age_item *items; /* the oldest first */
};

void age_show(const struct age_summary *s, struct age *ret);
void age_finish(struct age *a);
