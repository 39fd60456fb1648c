#include "fold/delivery_links.h"

#include "base/map.h"
#include "base/mem.h"

#include <stdlib.h>

void delivery_merge(struct delivery *d, const struct delivery *right)
{
    for (size_t i = 0; i < right->deployments.n; i++) {
        VEC_ADD(&d->deployments, right->deployments.v[i]);
    }
    for (size_t i = 0; i < right->commits.n; i++) {
        VEC_ADD(&d->commits, right->commits.v[i]);
    }
    for (size_t i = 0; i < right->incidents.n; i++) {
        VEC_ADD(&d->incidents, right->incidents.v[i]);
    }
    d->sorted = false;
}

void delivery_finish(struct delivery *d)
{
    VEC_FINISH(&d->deployments);
    VEC_FINISH(&d->commits);
    VEC_FINISH(&d->incidents);
    VEC_FINISH(&d->cause);
    VEC_FINISH(&d->stated);
    VEC_FINISH(&d->by_commit);
    d->sorted = false;
}

bool delivery_is_production(str environment)
{
    return environment.n == 0 || str_eq_case(environment, STR("production")) ||
           str_eq_case(environment, STR("prod"));
}

static int by_instant(when a, when b)
{
    return (a > b) - (a < b);
}

static int by_finish(const void *a, const void *b)
{
    const struct deployment *x = a, *y = b;
    int order = by_instant(x->finished, y->finished);
    order = order != 0 ? order : by_instant(x->started, y->started);
    return order != 0 ? order : str_cmp(x->id, y->id);
}

static int by_commit_row(const void *a, const void *b)
{
    const struct deployed_commit *x = a, *y = b;
    int order = str_cmp(x->commit, y->commit);
    order = order != 0 ? order : str_cmp(x->deployment, y->deployment);
    return order != 0 ? order : by_instant(x->committed, y->committed);
}

static int by_creation(const void *a, const void *b)
{
    const struct incident *x = a, *y = b;
    int order = by_instant(x->created, y->created);
    return order != 0 ? order : str_cmp(x->id, y->id);
}

struct sha {
    str commit;
    size_t deployment;
};

static int by_sha(const void *a, const void *b)
{
    const struct sha *x = a, *y = b;
    int order = str_cmp(x->commit, y->commit);
    return order != 0 ? order : (x->deployment > y->deployment) - (x->deployment < y->deployment);
}

/* Identical rows are one fact. Which of several rows of one id counts is the source's to decide. */
static size_t find(const struct delivery *d, const struct map *places, str id)
{
    const uint64_t *place = id.n > 0 ? map_find(places, str_hash(id)) : NULL;
    return place != NULL && str_eq(d->deployments.v[*place - 1].id, id) ? *place - 1 : SIZE_MAX;
}

void delivery_sort(struct delivery *d)
{
    if (d->sorted) {
        return;
    }
    struct map places = {0};
    VEC(struct sha) shas = {0};
    if (d->deployments.n > 0) {
        qsort(d->deployments.v, d->deployments.n, sizeof *d->deployments.v, by_finish);
    }
    if (d->commits.n > 0) {
        qsort(d->commits.v, d->commits.n, sizeof *d->commits.v, by_commit_row);
    }
    if (d->incidents.n > 0) {
        qsort(d->incidents.v, d->incidents.n, sizeof *d->incidents.v, by_creation);
    }
    for (size_t i = 0; i < d->deployments.n; i++) {
        uint64_t *place = map_add(&places, str_hash(d->deployments.v[i].id), NULL);
        *place = *place == 0 ? i + 1 : *place;
        if (d->deployments.v[i].commit.n > 0) {
            VEC_ADD(&shas, (struct sha){d->deployments.v[i].commit, i});
        }
    }
    if (shas.n > 0) {
        qsort(shas.v, shas.n, sizeof *shas.v, by_sha);
    }
    d->cause.n = d->stated.n = d->by_commit.n = 0;
    for (size_t i = 0; i < d->incidents.n; i++) {
        VEC_ADD(&d->cause, find(d, &places, d->incidents.v[i].caused_by));
    }
    for (size_t i = 0; i < d->commits.n; i++) {
        VEC_ADD(&d->stated, find(d, &places, d->commits.v[i].deployment));
    }
    for (size_t i = 0; i < shas.n; i++) {
        VEC_ADD(&d->by_commit, shas.v[i].deployment);
    }
    VEC_FINISH(&shas);
    map_finish(&places);
    d->sorted = true;
}

bool delivery_serves(str service, const struct delivery_question *q)
{
    return q->service.n == 0 || str_eq(service, q->service);
}

bool delivery_counts(const struct deployment *d, const struct delivery_question *q)
{
    bool there = q->environment.n > 0 ? str_eq_case(d->environment, q->environment)
                                      : delivery_is_production(d->environment);
    return d->success && there && d->finished != WHEN_NONE && delivery_serves(d->service, q);
}

bool delivery_in(when t, const struct delivery_question *q)
{
    return t >= q->from && t < q->to;
}

size_t delivery_commit_end(const struct delivery *d, size_t first)
{
    size_t end = first + 1;
    while (end < d->commits.n && str_eq(d->commits.v[end].commit, d->commits.v[first].commit)) {
        end++;
    }
    return end;
}

/* Weighs one candidate: the earlier finish wins, and the best reason is kept for none. */
static void consider(const struct delivery *d, const struct delivery_question *q, size_t candidate,
                     size_t *best, enum delivery_reason *reason)
{
    const struct deployment *c = &d->deployments.v[candidate];
    if (delivery_counts(c, q)) {
        *best = *best == SIZE_MAX || candidate < *best ? candidate : *best;
    } else if (!c->success && *reason != REASON_NOT_PRODUCTION) {
        *reason = REASON_FAILED_ATTEMPT;
    } else {
        *reason = REASON_NOT_PRODUCTION;
    }
}

size_t delivery_carrier(const struct delivery *d, const struct delivery_question *q, size_t first,
                        size_t end, enum delivery_reason *ret_reason)
{
    size_t best = SIZE_MAX;
    bool stated = false;
    *ret_reason = REASON_NO_DEPLOYMENT;
    for (size_t i = first; i < end; i++) {
        if (d->stated.v[i] != SIZE_MAX) {
            stated = true;
            consider(d, q, d->stated.v[i], &best, ret_reason);
        }
    }
    if (stated) {
        return best;
    }
    size_t low = 0, high = d->by_commit.n;
    str commit = d->commits.v[first].commit;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(d->deployments.v[d->by_commit.v[middle]].commit, commit) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < d->by_commit.n; low++) {
        if (!str_eq(d->deployments.v[d->by_commit.v[low]].commit, commit)) {
            break;
        }
        consider(d, q, d->by_commit.v[low], &best, ret_reason);
    }
    return best;
}

size_t delivery_latest(const struct delivery *d, const struct delivery_question *q, when t,
                       bool inclusive, str service, bool any_service, lapse window)
{
    size_t low = 0, high = d->deployments.n;
    while (low < high) { /* the first that is too late */
        size_t middle = low + (high - low) / 2;
        when finished = d->deployments.v[middle].finished;
        if (finished < t || (inclusive && finished == t)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (size_t i = low; i-- > 0;) {
        const struct deployment *c = &d->deployments.v[i];
        if (!delivery_counts(c, q) || (!any_service && !str_eq(c->service, service))) {
            continue;
        }
        return window == 0 || t - c->finished <= window ? i : SIZE_MAX;
    }
    return SIZE_MAX;
}

size_t delivery_predecessor(const struct delivery *d, const struct delivery_question *q, size_t i)
{
    const struct deployment *of = &d->deployments.v[i];
    while (i-- > 0) {
        const struct deployment *c = &d->deployments.v[i];
        if (delivery_counts(c, q) && str_eq(c->service, of->service) &&
            str_eq_case(c->environment, of->environment)) {
            return i;
        }
    }
    return SIZE_MAX;
}
