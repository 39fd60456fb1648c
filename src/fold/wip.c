#include "fold/wip.h"

#include "fold/rowfold.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum day_value { DAY_ARRIVALS, DAY_DEPARTURES, DAY_REACHED, DAY_VALUES };
enum total {
    TOTAL_VISITS, /* begun in the window */
    TOTAL_TIME,   /* spent in it */
    TOTAL_ENDED,  /* in it */
    TOTAL_NOW,    /* there at its end */
    TOTAL_FINISHED,
    TOTAL_LEAD,
    TOTAL_VALUES
};

static const struct rows_shape DAYS = {.keys = 2, .values = DAY_VALUES, .names = 1, .counts = 7};
static const struct rows_shape TOTALS = {.keys = 1,
                                         .values = TOTAL_VALUES,
                                         .names = 1,
                                         .counts = 1 << TOTAL_VISITS | 1 << TOTAL_ENDED |
                                                   1 << TOTAL_NOW | 1 << TOTAL_FINISHED};

enum { SERIES_MOST = 40000 };

static void add_day(struct wip_summary *s, sym stage, when t, enum day_value value)
{
    rows_at(&s->days, &DAYS, (int64_t[]){stage, flow_day(s->flow, t)})[value] += 1;
}

static bool is_in_window(const struct flow *f, when t)
{
    return f == NULL || !f->window.seen || (t >= f->window.begin && t < f->window.end);
}

/* A stay of [begin, end), not ended when it is open, into the totals of its stage. */
static i128 *add_stay(struct wip_summary *s, sym stage, when begin, when end, bool ended)
{
    const struct flow *f = s->flow;
    i128 *total = rows_at(&s->totals, &TOTALS, (int64_t[]){stage});
    bool now = !ended;
    total[TOTAL_VISITS] += is_in_window(f, begin);
    total[TOTAL_ENDED] += ended && is_in_window(f, end);
    if (f != NULL && f->window.seen) {
        now = begin < f->window.end && (!ended || end >= f->window.end);
        begin = begin < f->window.begin ? f->window.begin : begin;
        end = end > f->window.end ? f->window.end : end;
    }
    total[TOTAL_NOW] += now;
    total[TOTAL_TIME] += flow_lapse(NULL, begin, end);
    return total;
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
            (void)add_stay(s, v->activity, t.from, t.end, ended);
        }
        lapse length = flow_lapse(NULL, life->begin, life->end);
        bool ended = (life->flags & (TRACE_OPEN | TRACE_CANCELLED)) != TRACE_OPEN;
        bool finished = (life->flags & (TRACE_OPEN | TRACE_CANCELLED | TRACE_LEFT)) == 0 &&
                        is_in_window(s->flow, life->begin + length);
        add_day(s, 0, life->begin, DAY_ARRIVALS);
        if (ended) {
            add_day(s, 0, life->begin + length, DAY_DEPARTURES);
        }
        i128 *total = add_stay(s, 0, life->begin, life->begin + length, ended);
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

/* The part of the log that is in the window. */
static struct flow_range window_of(const struct wip_summary *s)
{
    struct flow_range r = s->range;
    if (r.seen && s->flow != NULL && s->flow->window.seen) {
        const struct flow_range *w = &s->flow->window;
        r.begin = r.begin < w->begin ? w->begin : r.begin;
        r.end = r.end > w->end ? w->end : r.end;
        r.end = r.end < r.begin ? r.begin : r.end;
    }
    return r;
}

static struct wip_stage stage_of(const struct wip_summary *s, size_t row, double days)
{
    const i128 *total = ROWS_VALUE(&s->totals, &TOTALS, row);
    struct wip_stage g = {
        .stage = (sym)ROWS_KEY(&s->totals, &TOTALS, row)[0],
        .arrivals = (uint64_t)total[TOTAL_VISITS],
        .departures = (uint64_t)total[TOTAL_ENDED],
        .now = (uint64_t)total[TOTAL_NOW],
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
    ret->finished = (uint64_t)total[TOTAL_FINISHED];
    ret->finished_per_day = finished / days;
    ret->mean_lead = (double)total[TOTAL_LEAD] / finished;
    ret->little_known = true;
    ret->little_l = ret->all.wip;
    ret->little_lambda_w = ret->finished_per_day * ret->mean_lead / (double)DAY;
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
    struct flow_range range = window_of(s);
    *ret = (struct wip){.days = (double)flow_range_lapse(&range) / (double)DAY,
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

/* --- the diagram ------------------------------------------------------------------------------ */

static when bucket_begin(const struct flow *f, int64_t number, enum wip_bucket bucket)
{
    return bucket == WIP_DAY ? flow_day_begin(f, number) : flow_week_begin(f, number);
}

struct days { /* first and last that count */
    int64_t first, last;
};

/* The days of the window; without one, all that are in reason. */
static struct days days_of(const struct wip_summary *s)
{
    if (s->flow != NULL && s->flow->window.seen) {
        return (struct days){flow_day(s->flow, s->flow->window.begin),
                             flow_day(s->flow, s->flow->window.end - 1)};
    }
    return (struct days){INT64_MIN, INT64_MAX};
}

/* The buckets from the first day with an event (in the window) to the last one of the log. */
static bool buckets_of(const struct wip_summary *s, enum wip_bucket bucket, struct days window,
                       int64_t *ret_first, size_t *ret_n)
{
    int64_t first = INT64_MAX;
    int64_t last = s->range.seen ? flow_day(s->flow, s->range.end) : INT64_MIN;
    for (size_t row = 0; row < s->days.n; row++) {
        const int64_t *key = ROWS_KEY(&s->days, &DAYS, row);
        if (key[0] == 0 && is_day_in_reason(key[1])) {
            first = key[1] < first ? key[1] : first;
            last = key[1] > last ? key[1] : last;
        }
    }
    first = first < window.first ? window.first : first;
    last = last > window.last ? window.last : last;
    if (first > last || !is_day_in_reason(first) || !is_day_in_reason(last)) {
        return false;
    }
    *ret_first = bucket_of(first, bucket);
    *ret_n = (size_t)(bucket_of(last, bucket) - *ret_first) + 1;
    return *ret_n <= SERIES_MOST;
}

static void fill_times(const struct wip_summary *s, enum wip_bucket bucket, struct days window,
                       int64_t first, struct wip_diagram *d)
{
    const struct flow_range range = window_of(s);
    for (size_t i = 0; i < d->n; i++) {
        struct wip_bucket_row *r = &d->rows[i];
        r->from = bucket_begin(s->flow, first + (int64_t)i, bucket);
        r->to = bucket_begin(s->flow, first + (int64_t)i + 1, bucket);
        r->partial = r->from < range.begin || r->to > range.end;
        if (window.last != INT64_MAX) {
            when from = flow_day_begin(s->flow, window.first),
                 to = flow_day_begin(s->flow, window.last + 1);
            r->from = r->from < from ? from : r->from;
            r->to = r->to > to ? to : r->to;
        }
    }
}

void wip_diagram(const struct wip_summary *s, enum wip_bucket bucket, struct wip_diagram *ret)
{
    const struct days window = days_of(s);
    int64_t first = 0;
    size_t n = 0;
    *ret = (struct wip_diagram){0};
    if (!buckets_of(s, bucket, window, &first, &n)) {
        return;
    }
    ret->n = n;
    ret->stage_n = s->flow != NULL ? s->flow->order_n : 0;
    ret->rows = mem_get(n * sizeof *ret->rows);
    ret->reached = mem_get((n * ret->stage_n + 1) * sizeof *ret->reached);
    fill_times(s, bucket, window, first, ret);
    for (size_t row = 0; row < s->days.n; row++) {
        const int64_t *key = ROWS_KEY(&s->days, &DAYS, row);
        const i128 *value = ROWS_VALUE(&s->days, &DAYS, row);
        if (!is_day_in_reason(key[1]) || key[1] > window.last) {
            continue;
        }
        bool before = key[1] < window.first;
        size_t at = before ? 0 : (size_t)(bucket_of(key[1], bucket) - first);
        int rank = flow_rank(s->flow, (sym)key[0]);
        if (at >= n) {
            continue; /* no log says so; a loaded summary might */
        }
        if (key[0] == 0 && before) {
            ret->rows[0].at_begin += (int64_t)(value[DAY_ARRIVALS] - value[DAY_DEPARTURES]);
        } else if (key[0] == 0) {
            ret->rows[at].arrivals += (uint64_t)value[DAY_ARRIVALS];
            ret->rows[at].departures += (uint64_t)value[DAY_DEPARTURES];
        } else if (rank >= 0) {
            ret->reached[at * ret->stage_n + (size_t)rank] += (uint64_t)value[DAY_REACHED];
        }
    }
    for (size_t i = 1; i < n; i++) {
        const struct wip_bucket_row *last = &ret->rows[i - 1];
        ret->rows[i].at_begin =
            last->at_begin + (int64_t)last->arrivals - (int64_t)last->departures;
        for (size_t k = 0; k < ret->stage_n; k++) {
            ret->reached[i * ret->stage_n + k] += ret->reached[(i - 1) * ret->stage_n + k];
        }
    }
}

void wip_diagram_finish(struct wip_diagram *d)
{
    mem_put(d->rows);
    mem_put(d->reached);
    *d = (struct wip_diagram){0};
}
