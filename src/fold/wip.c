#include "fold/wip.h"

#include "fold/rowfold.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum day_value { DAY_ARRIVALS, DAY_DEPARTURES, DAY_REACHED, DAY_VALUES };
enum total { TOTAL_VISITS, TOTAL_TIME, TOTAL_ENDED, TOTAL_FINISHED, TOTAL_LEAD, TOTAL_VALUES };

static const struct rows_shape DAYS = {.keys = 2, .values = DAY_VALUES, .names = 1, .counts = 7};
static const struct rows_shape TOTALS = {
    .keys = 1, .values = TOTAL_VALUES, .names = 1, .counts = 13};

enum { SERIES_MOST = 40000 };

static void add_day(struct wip_summary *s, sym stage, when t, enum day_value value)
{
    rows_at(&s->days, &DAYS, (int64_t[]){stage, flow_day(s->flow, t)})[value] += 1;
}

/* An item reaches stage k of the order with its first visit of k or of a later one. */
static void add_reached(struct wip_summary *s, const struct traces *part, const struct trace *life)
{
    when earliest = INT64_MAX;
    for (size_t k = s->flow != NULL ? s->flow->order_n : 0; k-- > 0;) {
        for (size_t i = 0; i < life->n; i++) {
            const struct visit *v = &part->visits.v[life->first + i];
            if (v->activity == s->flow->order[k]) {
                when from = flow_visit(life, v).from;
                earliest = from < earliest ? from : earliest;
            }
        }
        if (earliest != INT64_MAX) {
            add_day(s, s->flow->order[k], earliest, DAY_REACHED);
        }
    }
}

static void step(void *summary, const struct traces *part)
{
    struct wip_summary *s = summary;
    flow_range_add(&s->range, part->log_begin, part->log_end);
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        for (size_t k = 0; k < life->n; k++) {
            const struct visit *v = &part->visits.v[life->first + k];
            if (v->activity == 0) {
                continue; /* number 0 stands for the stream */
            }
            struct flow_visit t = flow_visit(life, v);
            bool ended = (v->flags & VISIT_OPEN) == 0;
            add_day(s, v->activity, t.from, DAY_ARRIVALS);
            if (ended) {
                add_day(s, v->activity, t.end, DAY_DEPARTURES);
            }
            i128 *total = rows_at(&s->totals, &TOTALS, (int64_t[]){v->activity});
            total[TOTAL_VISITS] += 1;
            total[TOTAL_ENDED] += ended;
            total[TOTAL_TIME] += flow_lapse(NULL, t.from, t.end);
        }
        lapse length = flow_lapse(NULL, life->begin, life->end);
        bool ended = (life->flags & (TRACE_OPEN | TRACE_CANCELLED)) != TRACE_OPEN;
        bool finished = (life->flags & (TRACE_OPEN | TRACE_CANCELLED | TRACE_LEFT)) == 0;
        add_day(s, 0, life->begin, DAY_ARRIVALS);
        if (ended) {
            add_day(s, 0, life->begin + length, DAY_DEPARTURES);
        }
        i128 *total = rows_at(&s->totals, &TOTALS, (int64_t[]){0});
        total[TOTAL_VISITS] += 1;
        total[TOTAL_ENDED] += ended;
        total[TOTAL_TIME] += length;
        total[TOTAL_FINISHED] += finished;
        total[TOTAL_LEAD] += finished ? length : 0;
        add_reached(s, part, life);
    }
}

static const struct rowfold LAYOUT = {
    .size = sizeof(struct wip_summary),
    .range = offsetof(struct wip_summary, range),
    .tables = {{offsetof(struct wip_summary, days), &DAYS},
               {offsetof(struct wip_summary, totals), &TOTALS}},
};
ROWFOLD(LAYOUT)

const struct fold FOLD_WIP = {
    .name = "wip",
    .size = sizeof(struct wip_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

/* --- shown ----------------------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* The day's bucket: the day, or its Monday week (day 0 was a Thursday). */
static int64_t bucket_of(int64_t day, enum wip_bucket bucket)
{
    return bucket == WIP_DAY ? day : floor_div(day + 3, 7);
}

static bool is_day_in_reason(int64_t day)
{
    return day > -1000000 && day < 4000000; /* years -768 to 12921: the rest would make a series
                                             * without end */
}

void wip_series(const struct wip_summary *s, sym stage, enum wip_bucket bucket,
                struct wip_series *ret)
{
    *ret = (struct wip_series){0};
    int64_t first = INT64_MAX;
    int64_t last = INT64_MIN;
    for (size_t row = 0; row < s->days.n; row++) {
        const int64_t *key = ROWS_KEY(&s->days, &DAYS, row);
        if (key[0] == stage && is_day_in_reason(key[1])) {
            int64_t b = bucket_of(key[1], bucket);
            first = b < first ? b : first;
            last = b > last ? b : last;
        }
    }
    if (first > last || last - first >= SERIES_MOST) {
        return;
    }
    ret->n = (size_t)(last - first) + 1;
    ret->points = mem_get(ret->n * sizeof *ret->points);
    for (size_t row = 0; row < s->days.n; row++) {
        const int64_t *key = ROWS_KEY(&s->days, &DAYS, row);
        if (key[0] == stage && is_day_in_reason(key[1])) {
            const i128 *value = ROWS_VALUE(&s->days, &DAYS, row);
            struct wip_point *p = &ret->points[bucket_of(key[1], bucket) - first];
            p->arrivals += (uint64_t)value[DAY_ARRIVALS];
            p->departures += (uint64_t)value[DAY_DEPARTURES];
            p->cumulative += (uint64_t)value[DAY_REACHED];
        }
    }
    int64_t there = 0;
    uint64_t reached = 0;
    for (size_t i = 0; i < ret->n; i++) {
        struct wip_point *p = &ret->points[i];
        p->from = bucket == WIP_DAY ? flow_day_begin(s->flow, first + (int64_t)i)
                                    : flow_week_begin(s->flow, first + (int64_t)i);
        p->at_begin = there;
        there += (int64_t)p->arrivals - (int64_t)p->departures;
        reached += p->cumulative;
        p->cumulative = reached;
    }
}

/* The trend of what is there at the end of each day of the log. */
static struct regress slope_of(const struct wip_summary *s, sym stage)
{
    struct wip_series days;
    wip_series(s, stage, WIP_DAY, &days);
    int64_t last = s->range.seen ? flow_day(s->flow, s->range.end) : 0;
    int64_t first = days.n > 0 ? flow_day(s->flow, days.points[0].from) : 0;
    size_t n = days.n;
    if (n > 0 && last - first >= (int64_t)n && last - first < SERIES_MOST) {
        n = (size_t)(last - first) + 1; /* quiet days at the end count too */
    }
    double *x = mem_get((2 * n + 1) * sizeof *x);
    double there = 0;
    for (size_t i = 0; i < n; i++) {
        if (i < days.n) {
            there += (double)days.points[i].arrivals - (double)days.points[i].departures;
        }
        x[i] = (double)i;
        x[n + i] = there;
    }
    struct regress r = regress_line(x, x + n, n, n < 3 ? 0 : regress_lags(n), .95);
    mem_put(x);
    mem_put(days.points);
    return r;
}

static struct wip_stage stage_of(const struct wip_summary *s, size_t row, double days)
{
    const i128 *total = ROWS_VALUE(&s->totals, &TOTALS, row);
    struct wip_stage g = {
        .stage = (sym)ROWS_KEY(&s->totals, &TOTALS, row)[0],
        .arrivals = (uint64_t)total[TOTAL_VISITS],
        .departures = (uint64_t)total[TOTAL_ENDED],
        .now = (uint64_t)(total[TOTAL_VISITS] - total[TOTAL_ENDED]),
    };
    g.slope = slope_of(s, g.stage);
    if (days > 0) {
        g.arrivals_per_day = (double)g.arrivals / days;
        g.departures_per_day = (double)g.departures / days;
        g.wip = (double)total[TOTAL_TIME] / (days * (double)DAY);
    }
    return g;
}

static void show_little(const i128 *total, double days, struct wip *ret)
{
    if (total[TOTAL_FINISHED] == 0 || days <= 0 || ret->all.wip <= 0) {
        return;
    }
    double finished = (double)total[TOTAL_FINISHED];
    double mean_days = (double)total[TOTAL_LEAD] / finished / (double)DAY;
    ret->little_known = true;
    ret->little_l = ret->all.wip;
    ret->little_lambda_w = finished / days * mean_days;
    ret->little_residual = fabs(ret->little_l - ret->little_lambda_w) / ret->little_l;
}

static int by_rank(const void *a, const void *b, void *cookie)
{
    const struct flow *f = cookie;
    const struct wip_stage *x = a;
    const struct wip_stage *y = b;
    int i = flow_rank(f, x->stage);
    int j = flow_rank(f, y->stage);
    if (i != j) {
        return i < 0 ? 1 : j < 0 ? -1 : i - j;
    }
    if (x->wip != y->wip) {
        return x->wip > y->wip ? -1 : 1;
    }
    return (x->stage > y->stage) - (x->stage < y->stage);
}

void wip_show(const struct wip_summary *s, struct wip *ret)
{
    *ret = (struct wip){.days = (double)flow_range_lapse(&s->range) / (double)DAY,
                        .stages = mem_get((s->totals.n + 1) * sizeof *ret->stages)};
    for (size_t row = 0; row < s->totals.n; row++) {
        struct wip_stage g = stage_of(s, row, ret->days);
        if (g.stage == 0) {
            ret->all = g;
            show_little(ROWS_VALUE(&s->totals, &TOTALS, row), ret->days, ret);
        } else {
            ret->stages[ret->n++] = g;
        }
    }
    if (ret->n > 0) {
        struct flow none = {0};
        struct flow f = s->flow != NULL ? *s->flow : none;
        qsort_r(ret->stages, ret->n, sizeof *ret->stages, by_rank, &f);
    }
}

void wip_finish(struct wip *w)
{
    mem_put(w->stages);
    *w = (struct wip){0};
}
