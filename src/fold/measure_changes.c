/* The rules of other programs that look at changes (pull requests) or at the calendar. */
#include "fold/measure.h"

#include "base/mem.h"
#include "math/quantile.h"

#include <math.h>

/* --- changes --- */

static lapse part(when from, when to) /* a negative or unknown part is nothing */
{
    return from != WHEN_NONE && to != WHEN_NONE && to > from ? to - from : 0;
}

static const struct scope_pulls *pulls(struct asking *k, bool by_start)
{
    const struct scope_pulls *p = delivery_pulls(k->d, k->scope, by_start);
    k->to->linkable = p->v.n;
    k->to->linked = p->linked;
    k->to->excluded[REASON_NO_DEPLOYMENT] += p->v.n - p->linked;
    k->to->excluded[REASON_NO_START] += p->no_change; /* commits of no change */
    return p;
}

/* Those that are linked, by deployment: the first whose deployment is number i or a later one. */
static size_t pull_from(const struct scope_pulls *p, size_t i)
{
    size_t low = 0, high = p->linked;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (p->v.v[middle].deployment < i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void pulls_of_window(struct asking *k, const struct scope_pulls *p, size_t *ret_first,
                            size_t *ret_end)
{
    size_t low, high;
    delivery_range(k->d, k->q, &low, &high);
    *ret_first = pull_from(p, low);
    *ret_end = pull_from(p, high);
    k->to->excluded[REASON_OUTSIDE] += p->linked - (*ret_end - *ret_first);
}

void measure_devlake_lead(struct asking *k)
{
    const struct scope_pulls *p = pulls(k, true);
    size_t first, end;
    bool stated = false; /* then no seed is needed */
    for (size_t i = 0; i < k->d->stated.n && !stated; i++) {
        stated = k->d->stated.v[i] != SIZE_MAX;
    }
    pulls_of_window(k, p, &first, &end);
    for (size_t i = first; i < end; i++) {
        const struct pull *one = &p->v.v[i];
        if (!stated && k->d->before.v[one->deployment] == SIZE_MAX) {
            k->to->excluded[REASON_SEED]++;
            continue;
        }
        VEC_ADD(&k->samples,
                measure_ceiling(part(one->committed, one->opened), MINUTE) +
                    measure_ceiling(part(one->opened, one->merged), MINUTE) +
                    measure_ceiling(
                        part(one->merged, k->d->deployments.v[one->deployment].finished), MINUTE));
    }
    measure_sort(k);
    k->to->value = measure_lower_median(k) / (double)SECOND;
}

void measure_gitlab_lead(struct asking *k)
{
    const struct scope_pulls *p = pulls(k, false);
    size_t first, end;
    pulls_of_window(k, p, &first, &end);
    for (size_t i = first; i < end; i++) {
        if (p->v.v[i].merged == WHEN_NONE) {
            k->to->excluded[REASON_NO_START]++;
        } else {
            VEC_ADD(&k->samples,
                    k->d->deployments.v[p->v.v[i].deployment].finished - p->v.v[i].merged);
        }
    }
    measure_sort(k);
    k->to->value = measure_median(k) / (double)SECOND;
    measure_median_interval(k);
}

void measure_middleware_lead(struct asking *k)
{
    const struct scope_pulls *p = pulls(k, false);
    uint64_t merged = 0;
    double first_commit = 0, deploy = 0;
    when last = k->q->closed ? k->q->to : k->q->to - 1;
    k->to->excluded[REASON_NO_DEPLOYMENT] = 0; /* without one the part is 0 */
    for (size_t i = 0; i < p->v.n; i++) {
        const struct pull *one = &p->v.v[i];
        if (one->merged == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
        } else if (one->merged < k->q->from || one->merged > last) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            merged++;
            first_commit += (double)part(one->committed, one->opened);
            deploy += one->deployment != SIZE_MAX
                          ? (double)part(one->merged, k->d->deployments.v[one->deployment].finished)
                          : 0;
        }
    }
    k->to->n = merged;
    if (merged > 0) {
        k->to->value = (first_commit + deploy) / (double)merged / (double)SECOND;
        k->to->note = "first response, rework and merge time need reviews, which the data have "
                      "not: 0 each, as that program counts what is missing";
    }
}

void measure_fourkeys_lead(struct asking *k)
{
    const struct delivery_scope *s = k->scope;
    for (size_t i = 0; i < s->linked; i++) {
        const struct carried *c = &s->carried.v[i];
        when finished = k->d->deployments.v[c->deployment].finished;
        when committed = k->d->commits.v[c->first].committed;
        if (!delivery_in(finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else if (committed == WHEN_NONE) {
            k->to->excluded[REASON_NO_START]++;
        } else if (measure_cut(finished - committed, MINUTE) <= 0) {
            k->to->excluded[REASON_NEGATIVE]++;
        } else {
            VEC_ADD(&k->samples, measure_cut(finished - committed, MINUTE));
        }
    }
    for (size_t i = 0; i < REASON_COUNT; i++) {
        k->to->excluded[i] += s->without[i];
    }
    k->to->linked = s->linked;
    k->to->linkable = s->carried.n;
    measure_sort(k);
    k->to->value = measure_median(k) / (double)SECOND;
    measure_median_interval(k);
}

/* --- calendar: in UTC, as those programs have it --- */

void measure_devlake_frequency(struct asking *k)
{
    enum { LONGEST_DAYS = 400 };
    measure_count(k);
    k->to->unit = "days_per_week";
    if (k->q->to <= k->q->from) {
        return;
    }
    when last = k->q->to - 1, from = k->q->from;
    if (clock_floor(last, DAY) - clock_floor(from, DAY) >= LONGEST_DAYS * DAY) {
        from = clock_floor(last, DAY) - (LONGEST_DAYS - 1) * DAY;
    }
    size_t i, high;
    delivery_range(k->d, k->q, &i, &high);
    for (when week = clock_floor_week(from); week <= last; week += WEEK) {
        int64_t days = 0;
        when seen = WHEN_NONE;
        for (; i < high && k->d->deployments.v[i].finished < week + WEEK; i++) {
            const struct deployment *c = &k->d->deployments.v[i];
            if (delivery_counts(c, k->q) && c->finished >= from &&
                clock_floor(c->finished, DAY) != seen) {
                seen = clock_floor(c->finished, DAY);
                days++;
            }
        }
        VEC_ADD(&k->samples, days);
    }
    measure_sort(k);
    k->to->value = measure_lower_median(k);
    k->samples.n = 0; /* days, not times */
}

static when three_months_before(when t)
{
    struct civil c = clock_civil(t);
    int month = c.month - 3, year = c.year;
    if (month < 1) {
        month += 12;
        year--;
    }
    int day = c.day;
    while (!clock_is_date(year, month, day)) {
        day--;
    }
    return clock_from_civil((struct civil){.year = year, .month = month, .day = day});
}

static int month_of(when t)
{
    struct civil c = clock_civil(t);
    return c.year * 12 + c.month;
}

struct sundays { /* a week from Sunday */
    int month;   /* of its Sunday */
    int64_t days, weeks_of_month;
};

/* A month counts the weeks with a deployment that begin in it; the medians are over weeks, as
 * in the queries of that program. */
void measure_fourkeys_frequency(struct asking *k)
{
    struct delivery *d = k->d;
    when to = k->q->to, from = three_months_before(to);
    struct delivery_question q = *k->q;
    q.from = from > q.from ? from : q.from;
    const struct delivery_question *asked = k->q;
    VEC(struct sundays) weeks = {0};
    VEC(int64_t) v = {0};
    size_t i, high, month_first = 0;
    k->q = &q;
    measure_count(k);
    k->to->unit = "days_per_week";
    delivery_range(d, &q, &i, &high);
    const lapse to_sunday = 3 * DAY; /* 1970-01-01 was a Thursday, the 4th a Sunday */
    for (when week = clock_floor(q.from - to_sunday, WEEK) + to_sunday; week < to; week += WEEK) {
        struct sundays one = {.month = month_of(week)};
        when seen = WHEN_NONE;
        for (; i < high && d->deployments.v[i].finished < week + WEEK; i++) {
            const struct deployment *c = &d->deployments.v[i];
            if (delivery_counts(c, &q) && clock_floor(c->finished, DAY) != seen) {
                seen = clock_floor(c->finished, DAY);
                one.days++;
            }
        }
        VEC_ADD(&weeks, one);
    }
    k->q = asked;
    for (size_t w = 0; w < weeks.n; w++) {
        month_first = weeks.v[w].month != weeks.v[month_first].month ? w : month_first;
        for (size_t m = month_first; m < weeks.n && weeks.v[m].month == weeks.v[w].month; m++) {
            weeks.v[w].weeks_of_month += weeks.v[m].days > 0;
        }
    }
    double median[3] = {NAN, NAN, NAN}; /* days, weeks with one, those of the month */
    for (int which = 0; which < 3 && weeks.n > 0; which++) {
        v.n = 0;
        for (size_t w = 0; w < weeks.n; w++) {
            VEC_ADD(&v, which == 0   ? weeks.v[w].days
                        : which == 1 ? (int64_t)(weeks.v[w].days > 0)
                                     : weeks.v[w].weeks_of_month);
        }
        median[which] = quantile_of(v.v, v.n, .5);
    }
    VEC_FINISH(&weeks);
    VEC_FINISH(&v);
    k->to->value = median[0];
    k->to->bucket = median[0] >= 3   ? "Daily"
                    : median[1] >= 1 ? "Weekly"
                    : median[2] >= 1 ? "Monthly"
                                     : "Yearly";
}

void measure_middleware_frequency(struct asking *k)
{
    struct delivery_question closed = *k->q;
    const struct delivery_question *asked = k->q;
    closed.to += asked->closed;
    k->q = &closed;
    measure_count(k);
    k->q = asked;
    when first = closed.from, last = closed.to - 1;
    if (last < first) {
        return;
    }
    int64_t n = (int64_t)k->to->n;
    int64_t days = (clock_floor(last, DAY) - clock_floor(first, DAY)) / DAY + 1;
    int64_t weeks = (clock_floor_week(last) - clock_floor_week(first)) / WEEK + 1;
    int64_t months = month_of(last) - month_of(first) + 1;
    k->to->daily = n / days;
    k->to->weekly = n / weeks > 7 * k->to->daily ? n / weeks : 7 * k->to->daily;
    k->to->monthly = n / months > 30 * k->to->daily ? n / months : 30 * k->to->daily;
    k->to->value = (double)k->to->daily;
}
