/* The rules weir and dora (delivery metrics, section 5). */
#include "fold/measure.h"

#include "base/mem.h"
#include "math/km.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

const char *const delivery_stage_word[STAGE_COUNT] = {
    [STAGE_CODING] = "coding",
    [STAGE_REVIEW] = "review",
    [STAGE_DEPLOY_WAIT] = "deploy_wait",
    [STAGE_UNDIVIDED] = "undivided",
};

static void put_median(struct asking *k)
{
    double median = k->q->parameters.median == MEDIAN_NEAREST ? measure_nearest(k)
                    : k->q->parameters.median == MEDIAN_LOWER ? measure_lower_median(k)
                                                              : measure_median(k);
    k->to->value = median / (double)SECOND;
    measure_median_interval(k);
}

/* --- lead time --- */

typedef VEC(int64_t) samples;

static when clamp(when t, when low, when high)
{
    return t < low ? low : t > high ? high : t;
}

/* [begin, end) cut at the change's opening and merging; what they do not tell stays undivided.
 * Whatever their order, the parts sum to the whole. */
static void divide(samples parts[STAGE_COUNT], when begin, when end, when opened, when merged)
{
    if (end < begin || (opened == WHEN_NONE && merged == WHEN_NONE)) {
        VEC_ADD(&parts[STAGE_UNDIVIDED], end - begin);
        return;
    }
    if (opened != WHEN_NONE) {
        opened = clamp(opened, begin, end);
        VEC_ADD(&parts[STAGE_CODING], opened - begin);
    }
    when from = opened != WHEN_NONE ? opened : begin;
    if (merged == WHEN_NONE) {
        VEC_ADD(&parts[STAGE_UNDIVIDED], end - from);
        return;
    }
    merged = clamp(merged, from, end);
    VEC_ADD(&parts[opened != WHEN_NONE ? STAGE_REVIEW : STAGE_UNDIVIDED], merged - from);
    VEC_ADD(&parts[STAGE_DEPLOY_WAIT], end - merged);
}

static when begin_of(const struct asking *k, const struct carried *c, when *ret_opened,
                     when *ret_merged)
{
    when begin = WHEN_NONE;
    *ret_opened = *ret_merged = WHEN_NONE;
    for (size_t i = c->first; i < c->end; i++) {
        const struct deployed_commit *row = &k->d->commits.v[i];
        when t = k->q->parameters.author_time ? row->authored : row->committed;
        begin = begin == WHEN_NONE || (t != WHEN_NONE && t < begin) ? t : begin;
        *ret_opened = *ret_opened != WHEN_NONE ? *ret_opened : row->opened;
        *ret_merged = *ret_merged != WHEN_NONE ? *ret_merged : row->merged;
    }
    return begin;
}

/* The first of scope->carried whose deployment is number i or a later one. */
static size_t carried_from(const struct delivery_scope *s, size_t i)
{
    size_t low = 0, high = s->linked;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->carried.v[middle].deployment < i) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void lead(struct asking *k, bool keep_negative)
{
    const struct delivery_scope *s = k->scope;
    samples parts[STAGE_COUNT] = {0};
    size_t low, high;
    delivery_range(k->d, k->q, &low, &high);
    size_t first = carried_from(s, low), end = carried_from(s, high);
    for (size_t i = first; i < end; i++) {
        when opened, merged, finished = k->d->deployments.v[s->carried.v[i].deployment].finished;
        when begin = begin_of(k, &s->carried.v[i], &opened, &merged);
        if (begin == WHEN_NONE) {
            k->to->excluded[REASON_NO_START]++;
        } else if (finished < begin && !keep_negative) {
            k->to->excluded[REASON_NEGATIVE]++;
        } else {
            VEC_ADD(&k->samples, finished - begin);
            divide(parts, begin, finished, opened, merged);
        }
    }
    k->to->excluded[REASON_OUTSIDE] += s->linked - (end - first);
    for (size_t i = 0; i < REASON_COUNT; i++) {
        k->to->excluded[i] += s->without[i];
    }
    k->to->linked = s->linked;
    k->to->linkable = s->carried.n;
    k->to->dangling = s->dangling;
    memcpy(k->to->by_rule, s->by_rule, sizeof s->by_rule);
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        k->to->stages[i].n = parts[i].n;
        k->to->stages[i].v = ARENA_ARRAY(k->a, int64_t, parts[i].n + 1);
        if (parts[i].n > 0) {
            memcpy(k->to->stages[i].v, parts[i].v, parts[i].n * sizeof(int64_t));
        }
        VEC_FINISH(&parts[i]);
    }
    measure_sort(k);
    put_median(k);
}

void measure_weir_lead(struct asking *k)
{
    lead(k, false);
}

void measure_dora_lead(struct asking *k)
{
    lead(k, true);
}

/* --- frequency --- */

void measure_weir_frequency(struct asking *k)
{
    measure_count(k);
    double days = (double)(k->q->to - k->q->from) / (double)DAY;
    k->to->unit = "per_day";
    if (k->to->n == 0 || days <= 0) {
        k->to->note = "there is no successful deployment there in the window";
        return;
    }
    k->to->value = (double)k->to->n / days;
    /* exact interval of a Poisson count (F. Garwood, 1936) */
    k->to->low = qgamma(.025, (double)k->to->n, 1, 1, 0) / days;
    k->to->high = qgamma(.975, (double)k->to->n + 1, 1, 1, 0) / days;
}

/* --- incidents --- */

static bool may_use(const struct asking *k, enum delivery_link rule)
{
    return delivery_link_confidence[rule] >= k->q->parameters.min_confidence;
}

/* The deployment that the incident is linked to: stated, else by time. What is stated is never
 * overruled, even when it names something unknown. */
static size_t blamed(struct asking *k, size_t i, bool stated_only, enum delivery_link *ret_rule)
{
    const struct incident *incident = &k->d->incidents.v[i];
    const struct delivery_parameters *p = &k->q->parameters;
    *ret_rule = LINK_STATED;
    if (incident->caused_by.n > 0) {
        k->to->dangling += k->d->cause.v[i] == SIZE_MAX;
        return k->d->cause.v[i];
    }
    if (stated_only || p->incident_link != INCIDENT_WINDOW) {
        return SIZE_MAX;
    }
    size_t at =
        delivery_latest(k->d, k->q, incident->created, false, &incident->service, p->window);
    *ret_rule = LINK_WINDOW;
    if (at != SIZE_MAX && !may_use(k, LINK_WINDOW)) {
        k->to->excluded[REASON_LOW_CONFIDENCE]++;
        return SIZE_MAX;
    }
    return at;
}

/* Why a deployment that an incident is linked to is not in the figure; REASON_COUNT: it is. */
static enum delivery_reason left_out(const struct asking *k, size_t deployment)
{
    const struct deployment *c = &k->d->deployments.v[deployment];
    return delivery_counts(c, k->q)
               ? (delivery_in(c->finished, k->q) ? REASON_COUNT : REASON_OUTSIDE)
               : (c->success ? REASON_NOT_PRODUCTION : REASON_FAILED_ATTEMPT);
}

static void fail_rate(struct asking *k, bool stated_only)
{
    struct delivery *d = k->d;
    struct measure_failures f = {.failed = mem_get(d->deployments.n + 1)};
    struct measure_links links = {0};
    measure_count(k);
    for (size_t i = 0; i < d->incidents.n; i++) {
        enum delivery_link rule;
        size_t at = blamed(k, i, stated_only, &rule);
        if (measure_concerns(k, &d->incidents.v[i], at)) {
            measure_link(k, &links, &d->incidents.v[i], at, rule);
            measure_blame(k, &f, at);
        }
    }
    for (size_t i = 0; i < k->scope->counting.n && !stated_only; i++) {
        size_t at = k->scope->counting.v[i]; /* a rollback says that what went before had failed */
        if (k->q->parameters.incident_link != INCIDENT_STATED &&
            d->deployments.v[at].kind == DEPLOYMENT_ROLLBACK) {
            measure_blame(k, &f, d->before.v[at]);
        }
    }
    measure_links_done(k, &links);
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

struct recovery { /* of a deployment with per=deployment */
    when last;    /* resolution; WHEN_NONE: no incident */
    bool open;    /* one of its incidents is not resolved */
};

typedef VEC(struct km_case) cases;

static void take_recovery(struct asking *k, cases *lives, when finished, when resolved, when now)
{
    if (resolved == WHEN_NONE) {
        k->to->censored++;
        if (now > finished) {
            VEC_ADD(lives, (struct km_case){
                               .entry = -1, .age = now - finished, .count = 1, .done = false});
        }
    } else if (resolved < finished) {
        k->to->excluded[REASON_NEGATIVE]++;
    } else {
        VEC_ADD(&k->samples, resolved - finished);
        VEC_ADD(lives, (struct km_case){
                           .entry = -1, .age = resolved - finished, .count = 1, .done = true});
    }
}

static void recovery(struct asking *k, bool stated_only)
{
    struct delivery *d = k->d;
    struct measure_links links = {0};
    cases lives = {0};
    when now = k->q->now < k->q->to ? k->q->now : k->q->to;
    struct recovery *of = mem_grow(NULL, d->deployments.n + 1, sizeof *of);
    for (size_t i = 0; i < d->deployments.n; i++) {
        of[i] = (struct recovery){.last = WHEN_NONE};
    }
    for (size_t i = 0; i < d->incidents.n; i++) {
        const struct incident *incident = &d->incidents.v[i];
        enum delivery_link rule;
        size_t at = blamed(k, i, stated_only, &rule);
        if (!measure_concerns(k, incident, at)) {
            continue;
        }
        measure_link(k, &links, incident, at, rule);
        if (at == SIZE_MAX) {
            continue;
        }
        enum delivery_reason reason = left_out(k, at);
        if (reason != REASON_COUNT) {
            k->to->excluded[reason]++;
        } else if (!k->q->parameters.per_deployment) {
            take_recovery(k, &lives, d->deployments.v[at].finished, incident->resolved, now);
        } else if (incident->resolved == WHEN_NONE) {
            of[at].open = true;
        } else {
            of[at].last = incident->resolved > of[at].last ? incident->resolved : of[at].last;
        }
    }
    for (size_t i = 0; i < d->deployments.n; i++) {
        if (of[i].open || of[i].last != WHEN_NONE) {
            take_recovery(k, &lives, d->deployments.v[i].finished,
                          of[i].open ? WHEN_NONE : of[i].last, now);
        }
    }
    mem_put(of);
    measure_links_done(k, &links);
    int64_t age = 0;
    if (lives.n > 0 && km_quantile(lives.v, lives.n, .5, &age)) {
        k->to->km_p50 = (double)age;
    }
    VEC_FINISH(&lives);
    measure_sort(k);
    put_median(k);
    if (k->samples.n == 0 && k->to->censored > 0) {
        k->to->note = "no incident of the window is resolved yet";
    }
}

void measure_weir_recovery(struct asking *k)
{
    recovery(k, false);
}

void measure_dora_recovery(struct asking *k)
{
    recovery(k, true);
}

/* --- rework --- */

void measure_weir_rework(struct asking *k)
{
    struct delivery *d = k->d;
    unsigned char *unplanned = mem_get(d->deployments.n + 1);
    uint64_t n = 0;
    size_t low, high;
    measure_count(k);
    delivery_range(d, k->q, &low, &high);
    for (size_t i = low; i < high; i++) {
        const struct deployment *c = &d->deployments.v[i];
        bool is = c->planned == PLANNED_NO ||
                  (c->planned == PLANNED_UNKNOWN && c->kind != DEPLOYMENT_RELEASE);
        if (is && delivery_counts(c, k->q)) {
            unplanned[i] = 1;
            n++;
        }
    }
    measure_rate(k, n);
    measure_list(k, unplanned);
    mem_put(unplanned);
}
