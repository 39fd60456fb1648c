/* Lead times: how long items took from their beginning to done.
 *
 * Finished items give exact samples. Open ones are right-censored and count in the Kaplan-Meier
 * median beside it; cancelled ones too, at their cancellation: they were under way so long and
 * never done. Items whose beginning is older than the log and unknown are counted, never guessed;
 * those whose beginning is known though older than the log enter the risk set late. */
#pragma once

#include "fold/flow.h"
#include "model/fold.h"

struct lead_summary {
    const struct flow *flow;
    struct flow_range range;
    struct rows lives; /* begin, end, enum trace_flags → items */
};

extern const struct fold FOLD_LEAD;

struct lead_week {
    int64_t week; /* flow_week of the end */
    when from;
    struct flow_dist lead;
    bool partial; /* the log covers only a part of this week */
};

struct lead {
    uint64_t items, finished, open, left, cancelled;
    struct flow_dist lead; /* of the finished whose beginning is known; microseconds */
    bool km_known;         /* the curve comes down to one half */
    double km_p50;
    double censored_share; /* open and cancelled of all with a known beginning; above .1 the
                            * Kaplan-Meier figure leads */
    size_t n;
    struct lead_week *weeks; /* of the end, every week from the first to the last with an end */
};

void lead_show(const struct lead_summary *s, struct lead *ret);
void lead_finish(struct lead *l);
