/* Work in progress: what arrived at each stage and left it on every day, what was there, how fast
 * it grew; the cumulative flow of the stream; and whether Little's law holds in the window.
 *
 * A visit arrives when it is enabled (else when it starts) and departs when it ends; an item
 * arrives at the stream with its beginning and departs when it is done or cancelled. Days and weeks
 * are those of the zone in struct flow. The cumulative flow counts for a stage the items that have
 * reached it or one further down the stream, so an item that is sent back does not make it fall; it
 * needs the order of stages to be told. Little: J. D. C. Little, "A proof for the queuing formula
 * L = lambda W", Operations Research 9 (1961). */
#pragma once

#include "fold/flow.h"
#include "math/regress.h"
#include "model/fold.h"

struct wip_summary {
    const struct flow *flow;
    struct flow_range range;
    struct rows days;   /* stage (0: the stream), day → arrivals, departures, reached */
    struct rows totals; /* stage (0: the stream) → visits, their time, … */
};

extern const struct fold FOLD_WIP;

struct wip_stage {
    sym stage; /* 0: the whole stream */
    uint64_t arrivals, departures;
    double arrivals_per_day, departures_per_day;
    double wip;           /* time average over the log */
    uint64_t now;         /* there when the log ended */
    struct regress slope; /* of the number there at the end of each day, per day, 95 % */
};

struct wip {
    double days; /* length of the log */
    struct wip_stage all;
    bool little_known;
    double little_l, little_lambda_w; /* items; lambda W from finished items alone */
    double little_residual;           /* |L - lambda W| / L; above .1 averages are not to be read
                                       * off the diagram */
    size_t n;
    struct wip_stage *stages; /* by the order told, else by wip, largest first */
};

void wip_show(const struct wip_summary *s, struct wip *ret);
void wip_finish(struct wip *w);

enum wip_bucket { WIP_DAY, WIP_WEEK };

struct wip_point {
    when from; /* beginning of the day or week */
    uint64_t arrivals, departures;
    int64_t at_begin;    /* there when it began */
    uint64_t cumulative; /* items that had reached this stage or a later one by its end; 0 when no
                          * order is told */
};

struct wip_series {
    size_t n; /* every bucket from the first to the last with an event; at most 40,000 */
    struct wip_point *points;
};

void wip_series(const struct wip_summary *s, sym stage, enum wip_bucket bucket,
                struct wip_series *ret); /* release points with mem_put */
