/* The rules weir and dora. */
#include "fold/measure.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

/* By the rule's links, over all data; SIZE_MAX: none. */
static size_t blamed(const struct asking *k, size_t i, bool stated_only)
{
    const struct incident *incident = &k->d->incidents.v[i];
    size_t cause = k->d->cause.v[i];
    if (cause != SIZE_MAX) {
        return delivery_counts(&k->d->deployments.v[cause], k->q) ? cause : SIZE_MAX;
    }
    if (stated_only || k->q->parameters.link != LINK_WINDOW || incident->caused_by.n > 0) {
        return SIZE_MAX;
    }
    return delivery_latest(k->d, k->q, incident->created, false, incident->service, false,
                           k->q->parameters.window);
}

static void lead_by_commit(struct asking *k, bool keep_negative)
{
    struct delivery *d = k->d;
    for (size_t first = 0; first < d->commits.n;) {
        size_t end = delivery_commit_end(d, first);
        const struct deployed_commit *c = &d->commits.v[first];
        enum delivery_reason reason;
        size_t at = delivery_carrier(d, k->q, first, end, &reason);
        first = end;
        if (k->q->service.n > 0 && c->service.n > 0 && !delivery_serves(c->service, k->q)) {
            continue;
        }
        k->linkable++;
        if (at == SIZE_MAX) {
            k->to->excluded[reason]++;
            continue;
        }
        k->linked++;
        lapse lead = d->deployments.v[at].finished - c->committed;
        if (c->committed == WHEN_NONE) {
            k->to->excluded[REASON_NO_START]++;
        } else if (!delivery_in(d->deployments.v[at].finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else if (lead < 0 && !keep_negative) {
            k->to->excluded[REASON_NEGATIVE]++;
        } else {
            VEC_ADD(&k->samples, lead);
        }
    }
    measure_sort(k);
    k->to->value = measure_quantile(k, .5) / (double)SECOND;
    measure_median_interval(k);
}

void measure_weir_lead(struct asking *k)
{
    lead_by_commit(k, false);
}

void measure_dora_lead(struct asking *k)
{
    lead_by_commit(k, true);
}

void measure_weir_frequency(struct asking *k)
{
    measure_count(k);
    double days = (double)(k->q->to - k->q->from) / (double)DAY;
    k->to->unit = "per_day";
    k->to->n = k->to->of;
    k->to->value = days > 0 ? (double)k->to->n / days : NAN;
    if (days > 0 && k->to->n > 0) { /* exact interval of a Poisson count (F. Garwood, 1936) */
        k->to->low = qgamma(.025, (double)k->to->n, 1, 1, 0) / days;
        k->to->high = qgamma(.975, (double)k->to->n + 1, 1, 1, 0) / days;
    }
}

static void fail_rate(struct asking *k, bool stated_only)
{
    struct delivery *d = k->d;
    struct measure_failures f = {.failed = mem_get(d->deployments.n + 1)};
    measure_count(k);
    str *unlinked = ARENA_ARRAY(k->a, str, d->incidents.n + 1);
    for (size_t i = 0; i < d->incidents.n; i++) {
        if (!delivery_serves(d->incidents.v[i].service, k->q)) {
            continue;
        }
        size_t at = blamed(k, i, stated_only);
        k->linkable++;
        k->linked += at != SIZE_MAX;
        if (at == SIZE_MAX) {
            unlinked[k->to->unlinked_n++] = d->incidents.v[i].id;
            k->to->excluded[REASON_UNLINKED]++;
        }
        measure_blame(k, &f, at);
    }
    k->to->unlinked = unlinked;
    for (size_t i = 0; i < d->deployments.n && !stated_only; i++) {
        /* a rollback says that what went before it had failed */
        if (k->q->parameters.link != LINK_STATED &&
            d->deployments.v[i].kind == DEPLOYMENT_ROLLBACK &&
            delivery_counts(&d->deployments.v[i], k->q)) {
            measure_blame(k, &f, delivery_predecessor(d, k->q, i));
        }
    }
    measure_rate(k, f.distinct);
    measure_list(k, f.failed);
    mem_put(f.failed);
}

void measure_weir_fail_rate(struct asking *k)
{
    fail_rate(k, false);
}

void measure_dora_fail_rate(struct asking *k)
{
    fail_rate(k, true);
}

struct life { /* an incident in the eyes of Kaplan and Meier */
    lapse length;
    bool done;
};

static int by_length(const void *a, const void *b)
{
    const struct life *x = a, *y = b;
    if (x->length != y->length) {
        return x->length > y->length ? 1 : -1;
    }
    return (int)y->done - (int)x->done; /* the done come before the censored */
}

static void recovery(struct asking *k, bool stated_only)
{
    struct delivery *d = k->d;
    VEC(struct life) lives = {0};
    when now = k->q->now < k->q->to ? k->q->now : k->q->to;
    when *last = mem_grow(NULL, d->deployments.n + 1, sizeof *last);
    for (size_t i = 0; i < d->deployments.n; i++) {
        last[i] = WHEN_NONE;
    }
    for (size_t i = 0; i < d->incidents.n; i++) {
        const struct incident *incident = &d->incidents.v[i];
        if (!delivery_serves(incident->service, k->q)) {
            continue;
        }
        size_t at = blamed(k, i, stated_only);
        k->linkable++;
        if (at == SIZE_MAX) {
            k->to->excluded[REASON_UNLINKED]++;
            continue;
        }
        k->linked++;
        when finished = d->deployments.v[at].finished;
        if (!delivery_in(finished, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else if (incident->resolved == WHEN_NONE) {
            k->to->censored++;
            if (now > finished) {
                VEC_ADD(&lives, (struct life){now - finished, false});
            }
        } else if (incident->resolved < finished) {
            k->to->excluded[REASON_NEGATIVE]++;
        } else if (k->q->parameters.per_deployment) {
            last[at] = last[at] == WHEN_NONE || incident->resolved > last[at] ? incident->resolved
                                                                              : last[at];
        } else {
            VEC_ADD(&k->samples, incident->resolved - finished);
        }
    }
    for (size_t i = 0; i < d->deployments.n; i++) {
        if (last[i] != WHEN_NONE) {
            VEC_ADD(&k->samples, last[i] - d->deployments.v[i].finished);
        }
    }
    mem_put(last);
    for (size_t i = 0; i < k->samples.n; i++) {
        VEC_ADD(&lives, (struct life){k->samples.v[i], true});
    }
    /* E. L. Kaplan, P. Meier, JASA 53 (1958): the first time at which half are left or fewer */
    k->to->km_p50 = NAN;
    if (lives.n > 0) {
        qsort(lives.v, lives.n, sizeof *lives.v, by_length);
    }
    double left = 1;
    for (size_t i = 0; i < lives.n && isnan(k->to->km_p50); i++) {
        if (lives.v[i].done) {
            left *= 1 - 1 / (double)(lives.n - i);
            k->to->km_p50 = left <= .5 + 1e-12 ? (double)lives.v[i].length : NAN;
        }
    }
    VEC_FINISH(&lives);
    measure_sort(k);
    k->to->value = measure_quantile(k, .5) / (double)SECOND;
    measure_median_interval(k);
}

void measure_weir_recovery(struct asking *k)
{
    recovery(k, false);
}

void measure_dora_recovery(struct asking *k)
{
    recovery(k, true);
}

void measure_weir_rework(struct asking *k)
{
    struct delivery *d = k->d;
    unsigned char *unplanned = mem_get(d->deployments.n + 1);
    uint64_t n = 0;
    measure_count(k);
    for (size_t i = 0; i < d->deployments.n; i++) {
        const struct deployment *c = &d->deployments.v[i];
        bool is = c->planned == PLANNED_NO ||
                  (c->planned == PLANNED_UNKNOWN && c->kind != DEPLOYMENT_RELEASE);
        if (is && delivery_counts(c, k->q) && delivery_in(c->finished, k->q)) {
            unplanned[i] = 1;
            n++;
        }
    }
    measure_rate(k, n);
    measure_list(k, unplanned);
    mem_put(unplanned);
}
