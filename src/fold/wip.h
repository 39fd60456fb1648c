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
    double wip;           /* time average over the log (window) */
    uint64_t now;         /* there when the log (window) ended */
    struct regress slope; /* of the number there at the end of each day, per day, 95 % */
};

struct wip {
    double days;                        /* length of the log, or of its part in the window */
    uint64_t finished;                  /* in it, their beginning known */
    double finished_per_day, mean_lead; /* of the finished items; wall time, microseconds */
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

/* The cumulative flow diagram: for every day or week, what the stream took in and gave back, and
 * how many items had reached each stage of the order or a later one by its end (A_k; A_k minus
 * A_(k+1) are between the two). Days outside the window are left out of what stands in a bucket;
 * `at_begin` counts the items begun before it and not ended before it. */
struct wip_bucket_row {
    when from, to; /* cut to whole days of the window */
    uint64_t arrivals, departures;
    int64_t at_begin;
    bool partial; /* the log or the window covers only a part of it */
};

struct wip_diagram {
    size_t n, stage_n; /* buckets from the first with an event to the end of the log; at most
                        * 40,000. stage_n: of the order told, may be 0 */
    struct wip_bucket_row *rows;
    uint64_t *reached; /* reached[row * stage_n + k] */
};

void wip_diagram(const struct wip_summary *s, enum wip_bucket bucket, struct wip_diagram *ret);
void wip_diagram_finish(struct wip_diagram *d);
