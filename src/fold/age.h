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
    double percentile; /* 0 … 1; NaN when no item is finished */
    bool left;         /* began before the log did */
};

struct age {
    struct flow_dist finished;
    size_t n;
    struct age_item *items; /* the oldest first */
    struct grouped *within; /* of the finished: lead time, and how many took no longer */
    size_t within_n;
};

void age_show(const struct age_summary *s, struct age *ret);
/* Share of the finished items that took no longer than this; NaN when there are none. */
double age_share(const struct age *a, lapse age);
void age_finish(struct age *a);
