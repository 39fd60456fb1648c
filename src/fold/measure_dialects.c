/* The rules of other programs, each restated: what a migrating team saw before, beside ours. */
#include "fold/measure.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

struct pull { /* a change with the deployment that first carries one of its commits */
    str change;
    when committed, opened, merged;
    size_t deployment;
    when started; /* of it */
};

static int by_change(const void *a, const void *b)
{
    const struct pull *x = a, *y = b;
    return str_cmp(x->change, y->change);
}

/* All changes; deployment SIZE_MAX where none counts. `by_start`: the earliest started, not the
 * earliest finished. A commit without a change is one of its own. Caller: mem_put. */
static struct pull *pulls_of(struct asking *k, bool by_start, size_t *ret_n)
{
    struct delivery *d = k->d;
    struct pull *v = mem_get((d->commits.n + 1) * sizeof *v);
    size_t n = 0;
    for (size_t first = 0; first < d->commits.n;) {
        size_t end = delivery_commit_end(d, first);
        enum delivery_reason reason;
        size_t at = delivery_carrier(d, k->q, first, end, &reason);
        for (size_t i = first; by_start && at != SIZE_MAX && i < end; i++) {
            size_t other = d->stated.v[i];
            if (other != SIZE_MAX && delivery_counts(&d->deployments.v[other], k->q) &&
                d->deployments.v[other].started < d->deployments.v[at].started) {
                at = other;
            }
        }
        const struct deployed_commit *c = &d->commits.v[first];
        v[n++] = (struct pull){
            .change = c->change.n > 0 ? c->change : c->commit,
            .committed = c->committed,
            .opened = c->opened,
            .merged = c->merged,
            .deployment = at,
            .started = at != SIZE_MAX ? d->deployments.v[at].started : WHEN_NONE,
        };
        first = end;
    }
    if (n > 0) {
        qsort(v, n, sizeof *v, by_change);
    }
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        struct pull *last = kept > 0 ? &v[kept - 1] : NULL;
        if (last == NULL || !str_eq(last->change, v[i].change)) {
            v[kept++] = v[i];
            continue;
        }
        if (v[i].committed != WHEN_NONE &&
            (last->committed == WHEN_NONE || v[i].committed < last->committed)) {
            last->committed = v[i].committed;
        }
        last->opened = last->opened != WHEN_NONE ? last->opened : v[i].opened;
        last->merged = last->merged != WHEN_NONE ? last->merged : v[i].merged;
        if (v[i].deployment != SIZE_MAX &&
            (last->deployment == SIZE_MAX ||
             (by_start ? v[i].started < last->started : v[i].deployment < last->deployment))) {
            last->deployment = v[i].deployment;
            last->started = v[i].started;
        }
    }
    *ret_n = kept;
    for (size_t i = 0; i < kept; i++) {
        k->linkable++;
        k->linked += v[i].deployment != SIZE_MAX;
        k->to->excluded[REASON_NO_DEPLOYMENT] += v[i].deployment == SIZE_MAX;
    }
    return v;
}

static lapse part(when from, when to) /* a negative or unknown part is nothing */
{
    return from != WHEN_NONE && to != WHEN_NONE && to > from ? to - from : 0;
}

void measure_devlake_lead(struct asking *k)
{
    size_t n = 0;
    struct pull *v = pulls_of(k, true, &n);
    for (size_t i = 0; i < n; i++) {
        if (v[i].deployment == SIZE_MAX) {
            continue;
        }
        when finished = k->d->deployments.v[v[i].deployment].finished;
        if (!delivery_in(finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
            continue;
        }
        VEC_ADD(&k->samples, measure_ceiling(part(v[i].committed, v[i].opened), MINUTE) +
                                 measure_ceiling(part(v[i].opened, v[i].merged), MINUTE) +
                                 measure_ceiling(part(v[i].merged, finished), MINUTE));
    }
    mem_put(v);
    measure_sort(k);
    k->to->value = measure_lower_median(k) / (double)SECOND;
}

void measure_devlake_frequency(struct asking *k)
{
    enum { LONGEST_DAYS = 400 };
    measure_count(k);
    k->to->n = k->to->of;
    k->to->unit = "days_per_week";
    when last = k->q->to - 1;
    when from = k->q->from;
    if (clock_floor(last, DAY) - clock_floor(from, DAY) >= LONGEST_DAYS * DAY) {
        from = clock_floor(last, DAY) - (LONGEST_DAYS - 1) * DAY;
    }
    for (when week = clock_floor_week(from); week <= last; week += WEEK) {
        int64_t days = 0;
        when seen = WHEN_NONE;
        for (size_t i = 0; i < k->d->deployments.n; i++) {
            const struct deployment *c = &k->d->deployments.v[i];
            if (delivery_counts(c, k->q) && delivery_in(c->finished, k->q) && c->finished >= from &&
                clock_floor_week(c->finished) == week && clock_floor(c->finished, DAY) != seen) {
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

void measure_devlake_recovery(struct asking *k)
{
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (!delivery_serves(incident->service, k->q)) {
            continue;
        }
        size_t at = delivery_latest(k->d, k->q, incident->created, false, (str){0}, true, 0);
        k->linkable++;
        k->linked += at != SIZE_MAX;
        if (at == SIZE_MAX) {
            k->to->excluded[REASON_UNLINKED]++;
        } else if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
        } else if (!delivery_in(incident->resolved, k->q) ||
                   !delivery_in(k->d->deployments.v[at].finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            VEC_ADD(&k->samples,
                    measure_cut(incident->resolved - k->d->deployments.v[at].finished, MINUTE));
        }
    }
    measure_sort(k);
    k->to->value = measure_lower_median(k) / (double)SECOND;
}

static void blame_latest(struct asking *k, bool inclusive, double scale)
{
    struct measure_failures f = {.failed = mem_get(k->d->deployments.n + 1)};
    measure_count(k);
    str *unlinked = ARENA_ARRAY(k->a, str, k->d->incidents.n + 1);
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (!delivery_serves(incident->service, k->q)) {
            continue;
        }
        size_t at = delivery_latest(k->d, k->q, incident->created, inclusive, (str){0}, true, 0);
        k->linkable++;
        k->linked += at != SIZE_MAX;
        if (at == SIZE_MAX) {
            unlinked[k->to->unlinked_n++] = incident->id;
            k->to->excluded[REASON_UNLINKED]++;
        }
        measure_blame(k, &f, at);
    }
    k->to->unlinked = unlinked;
    measure_rate(k, f.distinct);
    k->to->value *= scale;
    k->to->low *= scale;
    k->to->high *= scale;
    measure_list(k, f.failed);
    mem_put(f.failed);
}

void measure_devlake_fail_rate(struct asking *k)
{
    blame_latest(k, false, 1);
}

void measure_middleware_fail_rate(struct asking *k)
{
    blame_latest(k, true, 100);
    k->to->unit = "percent";
    if (k->to->of == 0) {
        k->to->value = 0;
        k->to->note = NULL;
    }
}

void measure_fourkeys_lead(struct asking *k)
{
    struct delivery *d = k->d;
    for (size_t first = 0; first < d->commits.n;) {
        size_t end = delivery_commit_end(d, first);
        enum delivery_reason reason;
        size_t at = delivery_carrier(d, k->q, first, end, &reason);
        when committed = d->commits.v[first].committed;
        first = end;
        k->linkable++;
        if (at == SIZE_MAX) {
            k->to->excluded[reason]++;
            continue;
        }
        k->linked++;
        lapse minutes = measure_cut(d->deployments.v[at].finished - committed, MINUTE);
        if (committed == WHEN_NONE) {
            k->to->excluded[REASON_NO_START]++;
        } else if (!delivery_in(d->deployments.v[at].finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else if (minutes <= 0) {
            k->to->excluded[REASON_NEGATIVE]++;
        } else {
            VEC_ADD(&k->samples, minutes);
        }
    }
    measure_sort(k);
    k->to->value = measure_quantile(k, .5) / (double)SECOND;
}

/* First of the month three months before the end of the window, where fourkeys begins to look. */
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

void measure_fourkeys_frequency(struct asking *k)
{
    struct delivery *d = k->d;
    when to = k->q->to, from = three_months_before(to);
    from = from > k->q->from ? from : k->q->from;
    VEC(int64_t) months = {0};
    uint64_t in_window = 0;
    const lapse to_sunday = 4 * DAY; /* 1970-01-01 was a Thursday: Sundays are 4 days after it */
    for (when week = clock_floor(from - to_sunday + WEEK, WEEK) + to_sunday - WEEK; week < to;
         week += WEEK) {
        int64_t days = 0;
        when seen = WHEN_NONE;
        for (size_t i = 0; i < d->deployments.n; i++) {
            const struct deployment *c = &d->deployments.v[i];
            if (!delivery_counts(c, k->q) || c->finished < from || c->finished >= to ||
                c->finished < week || c->finished >= week + WEEK) {
                continue;
            }
            in_window++;
            if (clock_floor(c->finished, DAY) != seen) {
                seen = clock_floor(c->finished, DAY);
                days++;
            }
        }
        VEC_ADD(&k->samples, days);
    }
    struct civil c = clock_civil(from);
    for (int i = 0; i < 5; i++) { /* months that the three months touch */
        int month = (c.month - 1 + i) % 12 + 1, year = c.year + (c.month - 1 + i) / 12;
        int next_month = month % 12 + 1, next_year = year + month / 12;
        when begin = clock_from_civil((struct civil){.year = year, .month = month, .day = 1});
        when end =
            clock_from_civil((struct civil){.year = next_year, .month = next_month, .day = 1});
        if (begin >= to) {
            break;
        }
        int64_t any = 0;
        for (size_t m = 0; m < d->deployments.n; m++) {
            const struct deployment *x = &d->deployments.v[m];
            any |= delivery_counts(x, k->q) && x->finished >= from && x->finished < to &&
                   x->finished >= begin && x->finished < end;
        }
        VEC_ADD(&months, any);
    }
    measure_sort(k);
    double days = measure_quantile(k, .5);
    for (size_t i = 0; i < k->samples.n; i++) {
        k->samples.v[i] = k->samples.v[i] > 0;
    }
    double weekly = measure_quantile(k, .5);
    k->samples.n = 0;
    for (size_t i = 0; i < months.n; i++) {
        VEC_ADD(&k->samples, months.v[i]);
    }
    measure_sort(k);
    double monthly = measure_quantile(k, .5);
    k->samples.n = 0;
    VEC_FINISH(&months);
    k->to->n = k->to->of = in_window;
    k->to->unit = "days_per_week";
    k->to->value = days;
    k->to->bucket = days >= 3      ? "Daily"
                    : weekly >= 1  ? "Weekly"
                    : monthly >= 1 ? "Monthly"
                                   : "Yearly";
}

/* The root cause is what is stated: its commit, and the deployment that holds it. */
void measure_fourkeys_recovery(struct asking *k)
{
    struct delivery *d = k->d;
    for (size_t i = 0; i < d->incidents.n; i++) {
        const struct incident *incident = &d->incidents.v[i];
        if (!delivery_serves(incident->service, k->q)) {
            continue;
        }
        if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
            continue;
        }
        if (!delivery_in(incident->created, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
            continue;
        }
        when began = incident->created;
        size_t cause = d->cause.v[i];
        if (cause != SIZE_MAX && d->deployments.v[cause].finished != WHEN_NONE &&
            d->deployments.v[cause].finished < began) {
            began = d->deployments.v[cause].finished;
        }
        VEC_ADD(&k->samples, measure_cut(incident->resolved - began, HOUR));
    }
    measure_sort(k);
    k->to->value = measure_quantile(k, .5) / (double)SECOND;
}

void measure_fourkeys_fail_rate(struct asking *k)
{
    struct measure_failures f = {.failed = mem_get(k->d->deployments.n + 1)};
    measure_count(k);
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        if (!delivery_serves(k->d->incidents.v[i].service, k->q)) {
            continue;
        }
        size_t cause = k->d->cause.v[i];
        bool counts = cause != SIZE_MAX && delivery_counts(&k->d->deployments.v[cause], k->q);
        k->linkable++;
        k->linked += counts;
        k->to->excluded[REASON_UNLINKED] += !counts;
        measure_blame(k, &f, counts ? cause : SIZE_MAX);
    }
    measure_rate(k, f.rows);
    measure_list(k, f.failed);
    mem_put(f.failed);
}

void measure_middleware_lead(struct asking *k)
{
    size_t n = 0, merged = 0;
    double first_commit = 0, deploy = 0;
    struct pull *v = pulls_of(k, false, &n);
    k->to->excluded[REASON_NO_DEPLOYMENT] = 0; /* without one the part is 0 */
    for (size_t i = 0; i < n; i++) {
        if (v[i].merged == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            continue;
        }
        if (!delivery_in(v[i].merged, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
            continue;
        }
        merged++;
        first_commit += (double)part(v[i].committed, v[i].opened);
        if (v[i].deployment != SIZE_MAX) {
            deploy += (double)part(v[i].merged, k->d->deployments.v[v[i].deployment].finished);
        }
    }
    mem_put(v);
    k->to->n = merged;
    if (merged > 0) {
        k->to->value = (first_commit + deploy) / (double)merged / (double)SECOND;
        k->to->note =
            "first response, rework and merge time need reviews, which the data have not: "
            "0 each, as that program counts what is missing";
    } else {
        k->to->note = "no pull request was merged in the window";
    }
}

void measure_middleware_frequency(struct asking *k)
{
    measure_count(k);
    when last = k->q->to - 1;
    int64_t days = (clock_floor(last, DAY) - clock_floor(k->q->from, DAY)) / DAY + 1;
    k->to->n = k->to->of;
    k->to->unit = "per_day";
    k->to->value = (double)((int64_t)k->to->n / days); /* whole, as it divides integers */
}

void measure_middleware_recovery(struct asking *k)
{
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (!delivery_serves(incident->service, k->q)) {
            continue;
        }
        if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
        } else if (!delivery_in(incident->resolved, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            VEC_ADD(&k->samples, incident->resolved - incident->created);
        }
    }
    measure_sort(k);
    k->to->value = measure_mean(k) / (double)SECOND;
}

/* Means by application (service), and the mean of those: `of` gives one application's samples. */
static void mean_of_services(struct asking *k,
                             double (*of)(struct asking *k, str service, uint64_t *ret_n))
{
    VEC(str) services = {0};
    double sum = 0;
    uint64_t counted = 0, n = 0;
    for (size_t i = 0; i < k->d->deployments.n + k->d->incidents.n; i++) {
        str service = i < k->d->deployments.n ? k->d->deployments.v[i].service
                                              : k->d->incidents.v[i - k->d->deployments.n].service;
        bool known = !delivery_serves(service, k->q);
        for (size_t s = 0; s < services.n && !known; s++) {
            known = str_eq(services.v[s], service);
        }
        if (!known) {
            VEC_ADD(&services, service);
        }
    }
    for (size_t s = 0; s < services.n; s++) {
        uint64_t here = 0;
        double value = of(k, services.v[s], &here);
        if (!isnan(value)) {
            sum += value;
            counted++;
        }
        n += here;
    }
    VEC_FINISH(&services);
    k->to->n = n;
    k->to->value = counted > 0 ? sum / (double)counted : NAN;
}

static double pelorus_service_lead(struct asking *k, str service, uint64_t *ret_n)
{
    struct delivery *d = k->d;
    double sum = 0;
    for (size_t first = 0; first < d->commits.n;) {
        size_t end = delivery_commit_end(d, first);
        for (size_t i = first; i < end; i++) { /* each deployment is an image of its own */
            size_t at = d->stated.v[i];
            bool counts = at != SIZE_MAX && d->deployments.v[at].success &&
                          str_eq(d->deployments.v[at].service, service);
            if (counts && delivery_in(d->deployments.v[at].finished, k->q) &&
                d->commits.v[i].committed != WHEN_NONE) {
                lapse lead = d->deployments.v[at].finished - d->commits.v[i].committed;
                sum += (double)lead;
                VEC_ADD(&k->samples, lead);
                *ret_n += 1;
            }
        }
        first = end;
    }
    return *ret_n > 0 ? sum / (double)*ret_n / (double)SECOND : NAN;
}

void measure_pelorus_lead(struct asking *k)
{
    mean_of_services(k, pelorus_service_lead);
    measure_sort(k);
}

void measure_pelorus_frequency(struct asking *k)
{
    measure_weir_frequency(k);
}

static double pelorus_service_recovery(struct asking *k, str service, uint64_t *ret_n)
{
    double sum = 0;
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (str_eq(incident->service, service) && incident->resolved != WHEN_NONE &&
            delivery_in(incident->resolved, k->q)) {
            sum += (double)(incident->resolved - incident->created);
            VEC_ADD(&k->samples, incident->resolved - incident->created);
            *ret_n += 1;
        }
    }
    return *ret_n > 0 ? sum / (double)*ret_n / (double)SECOND : NAN;
}

void measure_pelorus_recovery(struct asking *k)
{
    mean_of_services(k, pelorus_service_recovery);
    measure_sort(k);
}

static double pelorus_service_fail_rate(struct asking *k, str service, uint64_t *ret_n)
{
    uint64_t deployed = 0, failures = 0;
    for (size_t i = 0; i < k->d->deployments.n; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        deployed += c->success && str_eq(c->service, service) && delivery_in(c->finished, k->q);
    }
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        failures += str_eq(k->d->incidents.v[i].service, service) &&
                    delivery_in(k->d->incidents.v[i].created, k->q);
    }
    *ret_n = failures;
    k->to->of += deployed;
    return deployed > 0 ? (double)failures / (double)deployed : NAN;
}

void measure_pelorus_fail_rate(struct asking *k)
{
    k->to->unit = "ratio";
    mean_of_services(k, pelorus_service_fail_rate);
}

void measure_cdviz_lead(struct asking *k)
{
    k->to->note = "needs published artifacts (artifactId), which the data have not";
}

void measure_cdviz_frequency(struct asking *k)
{
    when first = WHEN_NONE, last = WHEN_NONE;
    measure_count(k);
    for (size_t i = 0; i < k->d->deployments.n; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        if (delivery_counts(c, k->q) && delivery_in(c->finished, k->q)) {
            first = first == WHEN_NONE ? c->finished : first;
            last = c->finished;
        }
    }
    k->to->n = k->to->of;
    k->to->unit = "per_day";
    if (k->to->n > 1 && last > first) {
        double rate = (double)k->to->n / ((double)(last - first) / (double)DAY);
        k->to->value = round(rate * 100) / 100;
    } else {
        k->to->note = "one deployment or none in the window";
    }
}

void measure_incident_length(struct asking *k)
{
    measure_middleware_recovery(k);
    k->to->value = measure_quantile(k, .5) / (double)SECOND;
    measure_median_interval(k);
}

void measure_cdviz_fail_rate(struct asking *k)
{
    uint64_t rolled_back = 0;
    measure_count(k);
    for (size_t i = 0; i < k->d->deployments.n; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        rolled_back += c->kind == DEPLOYMENT_ROLLBACK && delivery_counts(c, k->q) &&
                       delivery_in(c->finished, k->q);
    }
    measure_rate(k, rolled_back);
}

void measure_gitlab_lead(struct asking *k)
{
    size_t n = 0;
    struct pull *v = pulls_of(k, false, &n);
    for (size_t i = 0; i < n; i++) {
        if (v[i].deployment == SIZE_MAX) {
            continue;
        }
        when finished = k->d->deployments.v[v[i].deployment].finished;
        if (v[i].merged == WHEN_NONE) {
            k->to->excluded[REASON_NO_START]++;
        } else if (!delivery_in(finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            VEC_ADD(&k->samples, finished - v[i].merged);
        }
    }
    mem_put(v);
    measure_sort(k);
    k->to->value = measure_quantile(k, .5) / (double)SECOND;
    measure_median_interval(k);
}

void measure_gitlab_fail_rate(struct asking *k)
{
    uint64_t incidents = 0;
    measure_count(k);
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        incidents += delivery_serves(k->d->incidents.v[i].service, k->q) &&
                     delivery_in(k->d->incidents.v[i].created, k->q);
    }
    measure_rate(k, incidents);
}
