/* How the folds of flow look at a log: which stages lie down the stream, in which zone a day
 * begins, whose working time counts, who works together.
 *
 * A summary points to one of these (or to none: UTC, wall time, no order told, pools found from the
 * people); whoever zeroed the summary sets the pointer before the first step and keeps the struct
 * as long as the summary. It is not saved: it belongs to the question, not to the log. Summaries
 * are merged only when they were made with equal ones. */
#pragma once

#include "base/zone.h"
#include "fold/rows.h"
#include "math/grouped.h"
#include "model/visit.h"

struct flow_pool { /* people who serve one stage or several */
    sym name;
    const sym *stages;
    size_t stage_n;
    double people; /* 0: not told, counted from the log */
};

/* A range of time as two instants, the log's in a summary; a zeroed one is "none seen". */
struct flow_range {
    bool seen;
    when begin, end;
};

struct flow {
    const sym *order; /* stages from the first to the last of the stream */
    size_t order_n;
    const struct zone *zone; /* where days and weeks begin; NULL: UTC */
    lapse (*open)(const void *calendar, when from, when to); /* working time in [from, to),
                                                              * additive; NULL: wall time */
    const void *calendar;
    lapse day; /* what a day is in working time, for sentences; 0: 24 hours */
    const struct flow_pool *pools;
    size_t pool_n;
    struct flow_range window; /* of fold/wip: what it says is of [begin, end) alone; whoever sets it
                               * gives every item that may touch it. Not seen: the whole log */
};

lapse flow_lapse(const struct flow *f, when from, when to); /* on the clock of f; 0 if to < from */
int64_t flow_day(const struct flow *f, when t);             /* local days since 1970-01-01 */
int64_t flow_week(const struct flow *f, when t); /* local weeks, Monday to Sunday, since the one
                                                  * that holds 1970-01-01 (number 0) */
when flow_day_begin(const struct flow *f, int64_t day);
when flow_week_begin(const struct flow *f, int64_t week);
int flow_rank(const struct flow *f, sym stage); /* place in the order; -1: not in it */

/* A visit with its times in order: from (enabled, or the start) <= start <= end, cut to the item's
 * life; suspended at most end - start. Every fold of flow reads visits through this, so that odd
 * times mean the same everywhere. */
struct flow_visit {
    when from, start, end;
    lapse suspended;
};
struct flow_visit flow_visit(const struct trace *life, const struct visit *v);

/* Of summaries that keep the log's range. */
void flow_range_add(struct flow_range *r, when begin, when end); /* WHEN_NONE: ignored */
lapse flow_range_lapse(const struct flow_range *r);
void flow_range_merge(struct flow_range *r, const struct flow_range *right);
void flow_range_save(const struct flow_range *r, struct buf *out);
status flow_range_load(struct flow_range *r, str *rest, struct error *why);

/* A distribution as documents show it; microseconds, quantiles type 7. All zero when n is 0. */
struct flow_dist {
    uint64_t n;
    double mean, min, p50, p85, p95, max, sum, stdev;
};
struct flow_dist flow_dist(const struct grouped *sorted, size_t n);
