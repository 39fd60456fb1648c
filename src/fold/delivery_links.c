/* Which deployment carries a commit, and which one an incident may come from.
 *
 * A commit's deployments are those that are stated for it and those that name it as theirs; both
 * are certain. It counts at the first of them that finished. (The link by reachability in a
 * repository is made where the graph is: by the source of git histories, as links to releases.) */
#include "fold/delivery_links.h"

#include "base/mem.h"

#include <stdlib.h>

bool delivery_serves(const struct deployment *d, const struct delivery_question *q)
{
    return (q->service.n == 0 || str_eq(d->service, q->service)) &&
           (q->team.n == 0 || str_eq(d->team, q->team));
}

bool delivery_arrived(const struct deployment *d, const struct delivery_question *q)
{
    bool there = q->environment.n > 0 ? str_eq_case(d->environment, q->environment)
                                      : delivery_is_production(d->environment);
    return d->success && there && d->finished != WHEN_NONE;
}

bool delivery_counts(const struct deployment *d, const struct delivery_question *q)
{
    return delivery_arrived(d, q) && delivery_serves(d, q);
}

bool delivery_in(when t, const struct delivery_question *q)
{
    return t >= q->from && t < q->to;
}

/* The first deployment finished at or after t. */
static size_t first_from(const struct delivery *d, when t)
{
    size_t low = 0, high = d->deployments.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (d->deployments.v[middle].finished < t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void delivery_range(const struct delivery *d, const struct delivery_question *q, size_t *ret_low,
                    size_t *ret_high)
{
    *ret_low = first_from(d, q->from);
    *ret_high = q->to > q->from ? first_from(d, q->to) : *ret_low;
}

size_t delivery_latest(const struct delivery *d, const struct delivery_question *q, when t,
                       bool inclusive, const str *service, lapse window)
{
    for (size_t i = first_from(d, inclusive ? t + 1 : t); i-- > 0;) {
        const struct deployment *c = &d->deployments.v[i];
        if (window > 0 && t - c->finished > window) {
            break;
        }
        bool fits = service == NULL
                        ? delivery_counts(c, q)
                        : delivery_arrived(c, q) && (service->n == 0 || c->service.n == 0 ||
                                                     str_eq(c->service, *service));
        if (fits) {
            return i;
        }
    }
    return SIZE_MAX;
}

/* --- scope --- */

static size_t commit_end(const struct delivery *d, size_t first)
{
    size_t end = first + 1;
    while (end < d->commits.n && str_eq(d->commits.v[end].commit, d->commits.v[first].commit)) {
        end++;
    }
    return end;
}

static when started_of(const struct deployment *d)
{
    return d->started != WHEN_NONE ? d->started : d->finished;
}

struct weighing {
    const struct delivery *d;
    const struct delivery_question *q;
    struct carried *c;
    bool any, elsewhere; /* a deployment was found; one of another service or team */
};

static void weigh(struct weighing *w, size_t candidate, enum delivery_link rule)
{
    const struct deployment *v = w->d->deployments.v, *c = &v[candidate];
    struct carried *to = w->c;
    w->any = true;
    if (!delivery_serves(c, w->q)) {
        w->elsewhere = true;
    } else if (delivery_arrived(c, w->q)) {
        if (to->deployment == SIZE_MAX || candidate < to->deployment) {
            to->deployment = candidate;
            to->rule = rule;
        }
        if (to->early == SIZE_MAX || started_of(c) < started_of(&v[to->early]) ||
            (started_of(c) == started_of(&v[to->early]) && candidate < to->early)) {
            to->early = candidate;
        }
    } else if (!c->success && to->reason != REASON_NOT_PRODUCTION) {
        to->reason = REASON_FAILED_ATTEMPT;
    } else if (c->success) {
        to->reason = REASON_NOT_PRODUCTION;
    }
}

static void weigh_own(struct weighing *w, str commit)
{
    const struct delivery *d = w->d;
    size_t low = 0, high = d->by_commit.n;
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
        weigh(w, d->by_commit.v[low], LINK_SHA);
    }
}

static int by_carrier(const void *a, const void *b)
{
    const struct carried *x = a, *y = b;
    int order = (x->deployment > y->deployment) - (x->deployment < y->deployment);
    return order != 0 ? order : (x->first > y->first) - (x->first < y->first);
}

static void carry(struct delivery *d, const struct delivery_question *q, struct delivery_scope *s)
{
    for (size_t first = 0; first < d->commits.n;) {
        size_t end = commit_end(d, first);
        struct carried c = {first, end, SIZE_MAX, SIZE_MAX, LINK_NONE, REASON_NO_DEPLOYMENT};
        struct weighing w = {d, q, &c, false, false};
        str service = {0};
        bool dangling = false;
        for (size_t i = first; i < end; i++) {
            if (service.n == 0) {
                service = d->commits.v[i].service;
            }
            if (d->stated.v[i] != SIZE_MAX) {
                weigh(&w, d->stated.v[i], LINK_STATED);
            } else {
                dangling = dangling || d->commits.v[i].deployment.n > 0;
            }
        }
        weigh_own(&w, d->commits.v[first].commit);
        first = end;
        bool of_others = c.deployment == SIZE_MAX &&
                         (w.elsewhere ? c.reason == REASON_NO_DEPLOYMENT
                                      : !w.any && q->service.n > 0 && service.n > 0 &&
                                            !str_eq(service, q->service));
        if (of_others) { /* another service's commit */
            continue;
        }
        s->dangling += dangling;
        s->linked += c.deployment != SIZE_MAX;
        s->by_rule[c.rule] += c.deployment != SIZE_MAX;
        s->without[c.reason] += c.deployment == SIZE_MAX;
        VEC_ADD(&s->carried, c);
    }
    if (s->carried.n > 1) {
        qsort(s->carried.v, s->carried.n, sizeof *s->carried.v, by_carrier);
    }
}

void delivery_scope_finish(struct delivery *d)
{
    struct delivery_scope *s = d->scope;
    if (s != NULL) {
        buf_finish(&s->key);
        VEC_FINISH(&s->counting);
        VEC_FINISH(&s->carried);
        VEC_FINISH(&s->pulls[0].v);
        VEC_FINISH(&s->pulls[1].v);
        mem_put(s);
        d->scope = NULL;
    }
}

struct delivery_scope *delivery_scope(struct delivery *d, const struct delivery_question *q)
{
    struct buf key = {0};
    buf_add(&key, q->service);
    buf_putc(&key, 0);
    buf_add(&key, q->environment);
    buf_putc(&key, 0);
    buf_add(&key, q->team);
    if (d->scope != NULL && str_eq(buf_str(&d->scope->key), buf_str(&key))) {
        buf_finish(&key);
        return d->scope;
    }
    delivery_scope_finish(d);
    struct delivery_scope *s = d->scope = mem_get(sizeof *s);
    s->key = key;
    for (size_t i = 0; i < d->deployments.n; i++) {
        if (delivery_counts(&d->deployments.v[i], q)) {
            VEC_ADD(&s->counting, i);
        }
    }
    carry(d, q, s);
    return s;
}

/* --- changes --- */

static int by_change(const void *a, const void *b)
{
    const struct pull *x = a, *y = b;
    return str_cmp(x->change, y->change);
}

static int by_deployment(const void *a, const void *b)
{
    const struct pull *x = a, *y = b;
    int order = (x->deployment > y->deployment) - (x->deployment < y->deployment);
    return order != 0 ? order : str_cmp(x->change, y->change);
}

static when earlier(when a, when b)
{
    return a == WHEN_NONE || (b != WHEN_NONE && b < a) ? b : a;
}

const struct scope_pulls *delivery_pulls(struct delivery *d, struct delivery_scope *scope,
                                         bool by_start)
{
    struct scope_pulls *p = &scope->pulls[by_start];
    if (p->known) {
        return p;
    }
    p->known = true;
    for (size_t k = 0; k < scope->carried.n; k++) {
        const struct carried *c = &scope->carried.v[k];
        bool any = false;
        for (size_t i = c->first; i < c->end; i++) {
            const struct deployed_commit *row = &d->commits.v[i];
            if (row->change.n > 0 || row->opened != WHEN_NONE || row->merged != WHEN_NONE) {
                any = true;
                VEC_ADD(&p->v,
                        (struct pull){.change = row->change.n > 0 ? row->change : row->commit,
                                      .committed = row->committed,
                                      .opened = row->opened,
                                      .merged = row->merged,
                                      .deployment = by_start ? c->early : c->deployment});
            }
        }
        p->no_change += !any;
    }
    if (p->v.n > 1) {
        qsort(p->v.v, p->v.n, sizeof *p->v.v, by_change);
    }
    size_t kept = 0;
    for (size_t i = 0; i < p->v.n; i++) {
        struct pull *one = &p->v.v[i];
        struct pull *last = kept > 0 ? &p->v.v[kept - 1] : NULL;
        if (last == NULL || !str_eq(last->change, one->change)) {
            p->v.v[kept++] = *one;
            continue;
        }
        last->committed = earlier(last->committed, one->committed);
        last->opened = earlier(last->opened, one->opened);
        last->merged = earlier(last->merged, one->merged);
        bool first = last->deployment == SIZE_MAX;
        if (one->deployment != SIZE_MAX && !first && by_start) {
            const struct deployment *x = &d->deployments.v[one->deployment],
                                    *y = &d->deployments.v[last->deployment];
            first = started_of(x) < started_of(y) ||
                    (started_of(x) == started_of(y) && one->deployment < last->deployment);
        } else if (one->deployment != SIZE_MAX && !first) {
            first = one->deployment < last->deployment;
        }
        last->deployment = first ? one->deployment : last->deployment;
    }
    p->v.n = kept;
    if (kept > 1) {
        qsort(p->v.v, kept, sizeof *p->v.v, by_deployment);
    }
    for (size_t i = 0; i < kept; i++) {
        p->linked += p->v.v[i].deployment != SIZE_MAX;
    }
    return p;
}
