#include "fold/flow.h"

lapse flow_lapse(const struct flow *f, when from, when to)
{
    if (to <= from) {
        return 0;
    }
    if (f != NULL && f->open != NULL) {
        return f->open(f->calendar, from, to);
    }
    lapse d;
    return __builtin_sub_overflow(to, from, &d) ? INT64_MAX : d;
}

static int64_t local_steps(const struct flow *f, when t, lapse step, lapse shift)
{
    when local;
    if (__builtin_add_overflow(t, zone_offset(f != NULL ? f->zone : NULL, t) + shift, &local)) {
        local = t;
    }
    int64_t q = local / step;
    return local % step < 0 ? q - 1 : q;
}

int64_t flow_day(const struct flow *f, when t)
{
    return local_steps(f, t, DAY, 0);
}

int64_t flow_week(const struct flow *f, when t)
{
    return local_steps(f, t, WEEK, 3 * DAY); /* 1970-01-01 was a Thursday */
}

static when local_begin(const struct flow *f, int64_t step_n, lapse step, lapse shift)
{
    when local;
    if (__builtin_mul_overflow(step_n, step, &local) ||
        __builtin_sub_overflow(local, shift, &local)) {
        return step_n < 0 ? -INT64_MAX : INT64_MAX;
    }
    return f != NULL && f->zone != NULL ? zone_instant(f->zone, local, NULL) : local;
}

when flow_day_begin(const struct flow *f, int64_t day)
{
    return local_begin(f, day, DAY, 0);
}

when flow_week_begin(const struct flow *f, int64_t week)
{
    return local_begin(f, week, WEEK, 3 * DAY);
}

int flow_rank(const struct flow *f, sym stage)
{
    for (size_t i = 0; f != NULL && i < f->order_n; i++) {
        if (f->order[i] == stage) {
            return (int)i;
        }
    }
    return -1;
}

static when cut(const struct trace *life, when t)
{
    return t < life->begin ? life->begin : t > life->end ? life->end : t;
}

struct flow_visit flow_visit(const struct trace *life, const struct visit *v)
{
    struct flow_visit r = {.start = v->start, .end = v->end > v->start ? v->end : v->start};
    r.from = v->enabled != WHEN_NONE && v->enabled < v->start ? v->enabled : v->start;
    if (life->end <= life->begin) { /* a life of no length holds nothing */
        return (struct flow_visit){life->begin, life->begin, life->begin, 0};
    }
    r.from = cut(life, r.from);
    r.start = cut(life, r.start);
    r.end = cut(life, r.end);
    lapse inside = flow_lapse(NULL, r.start, r.end);
    r.suspended = v->suspended < 0 ? 0 : v->suspended > inside ? inside : v->suspended;
    return r;
}

void flow_range_add(struct flow_range *r, when begin, when end)
{
    if (begin == WHEN_NONE || end == WHEN_NONE) {
        return;
    }
    if (!r->seen) {
        *r = (struct flow_range){true, begin, end};
        return;
    }
    r->begin = begin < r->begin ? begin : r->begin;
    r->end = end > r->end ? end : r->end;
}

lapse flow_range_lapse(const struct flow_range *r)
{
    return r->seen ? flow_lapse(NULL, r->begin, r->end) : 0;
}

void flow_range_merge(struct flow_range *r, const struct flow_range *right)
{
    if (right->seen) {
        flow_range_add(r, right->begin, right->end);
    }
}

void flow_range_save(const struct flow_range *r, struct buf *out)
{
    rows_put(out, r->seen);
    rows_put(out, r->begin);
    rows_put(out, r->end);
}

status_code flow_range_load(struct flow_range *r, str *rest, struct error *why)
{
    int64_t seen = 0;
    struct flow_range got = {0};
    TRY(rows_get_i64(rest, &seen, why));
    TRY(rows_get_i64(rest, &got.begin, why));
    TRY(rows_get_i64(rest, &got.end, why));
    got.seen = seen == 1;
    if (seen < 0 || seen > 1 || got.end < got.begin || (!got.seen && (got.begin | got.end) != 0)) {
        return error_set(why, "a saved summary has a damaged range of time");
    }
    *r = got;
    return OK;
}

struct flow_dist flow_dist(const struct grouped *sorted, size_t n)
{
    struct flow_dist d = {.n = grouped_count(sorted, n)};
    if (d.n == 0) {
        return d;
    }
    d.mean = grouped_mean(sorted, n);
    d.min = (double)sorted[0].value;
    d.p50 = grouped_quantile(sorted, n, .5);
    d.p85 = grouped_quantile(sorted, n, .85);
    d.p95 = grouped_quantile(sorted, n, .95);
    d.max = (double)sorted[n - 1].value;
    d.sum = grouped_sum(sorted, n);
    d.stdev = grouped_stdev(sorted, n);
    return d;
}
