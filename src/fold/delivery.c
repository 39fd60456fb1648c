#include "fold/delivery_links.h"

#include "base/map.h"
#include "base/mem.h"
#include "math/quantile.h"

#include <math.h>
#include <stdlib.h>

const char *const delivery_link_word[LINK_COUNT] = {
    [LINK_NONE] = "none",
    [LINK_STATED] = "stated",
    [LINK_SHA] = "sha",
    [LINK_WINDOW] = "window",
};

/* Confidences of the delivery metrics, section 3. */
const double delivery_link_confidence[LINK_COUNT] = {
    [LINK_STATED] = 1,
    [LINK_SHA] = 1,
    [LINK_WINDOW] = .6,
};

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
    d->told |= right->told;
    d->sorted = false;
}

void delivery_finish(struct delivery *d)
{
    delivery_scope_finish(d);
    VEC_FINISH(&d->deployments);
    VEC_FINISH(&d->commits);
    VEC_FINISH(&d->incidents);
    VEC_FINISH(&d->before);
    VEC_FINISH(&d->cause);
    VEC_FINISH(&d->stated);
    VEC_FINISH(&d->by_commit);
    d->sorted = false;
    d->told = 0;
}

bool delivery_is_production(str environment)
{
    return str_eq_case(environment, STR("production")) || str_eq_case(environment, STR("prod"));
}

/* --- order: total, so that it does not matter in which one the facts came --- */

static int by_instant(when a, when b)
{
    return (a > b) - (a < b);
}

static int by_texts(const str *a, const str *b, size_t n)
{
    int order = 0;
    for (size_t i = 0; order == 0 && i < n; i++) {
        order = str_cmp(a[i], b[i]);
    }
    return order;
}

static int by_finish(const void *a, const void *b)
{
    const struct deployment *x = a, *y = b;
    int order = by_instant(x->finished, y->finished);
    order = order != 0 ? order : by_instant(x->started, y->started);
    const str left[] = {x->id, x->service, x->environment, x->repository, x->commit, x->team};
    const str right[] = {y->id, y->service, y->environment, y->repository, y->commit, y->team};
    order = order != 0 ? order : by_texts(left, right, sizeof left / sizeof *left);
    order = order != 0 ? order : (int)x->success - (int)y->success;
    order = order != 0 ? order : (int)x->kind - (int)y->kind;
    return order != 0 ? order : (int)x->planned - (int)y->planned;
}

static int by_commit_row(const void *a, const void *b)
{
    const struct deployed_commit *x = a, *y = b;
    const str left[] = {x->commit, x->deployment, x->change, x->service};
    const str right[] = {y->commit, y->deployment, y->change, y->service};
    int order = by_texts(left, right, sizeof left / sizeof *left);
    order = order != 0 ? order : by_instant(x->committed, y->committed);
    order = order != 0 ? order : by_instant(x->authored, y->authored);
    order = order != 0 ? order : by_instant(x->opened, y->opened);
    return order != 0 ? order : by_instant(x->merged, y->merged);
}

static int by_creation(const void *a, const void *b)
{
    const struct incident *x = a, *y = b;
    int order = by_instant(x->created, y->created);
    const str left[] = {x->id, x->service, x->caused_by};
    const str right[] = {y->id, y->service, y->caused_by};
    order = order != 0 ? order : by_texts(left, right, sizeof left / sizeof *left);
    return order != 0 ? order : by_instant(x->resolved, y->resolved);
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

static void sort(void *v, size_t n, size_t size, int (*order)(const void *, const void *))
{
    if (n > 1) {
        qsort(v, n, size, order);
    }
}

static size_t find(const struct delivery *d, const struct map *places, str id)
{
    const uint64_t *place = id.n > 0 ? map_find(places, str_hash(id)) : NULL;
    return place != NULL && str_eq(d->deployments.v[*place - 1].id, id) ? *place - 1 : SIZE_MAX;
}

/* Partition by service, repository and environment (delivery metrics, range rule). */
static void find_before(struct delivery *d)
{
    struct map last = {0};
    struct buf key = {0};
    d->before.n = 0;
    for (size_t i = 0; i < d->deployments.n; i++) {
        const struct deployment *c = &d->deployments.v[i];
        size_t before = SIZE_MAX;
        if (c->success && c->environment.n > 0) {
            buf_clear(&key);
            buf_add(&key, c->service);
            buf_putc(&key, 0);
            buf_add(&key, c->repository);
            buf_putc(&key, 0);
            buf_add(&key,
                    delivery_is_production(c->environment) ? STR("production") : c->environment);
            uint64_t *place = map_add(&last, str_hash(buf_str(&key)), NULL);
            before = *place > 0 ? *place - 1 : SIZE_MAX;
            *place = i + 1;
        }
        VEC_ADD(&d->before, before);
    }
    map_finish(&last);
    buf_finish(&key);
}

void delivery_sort(struct delivery *d)
{
    if (d->sorted) {
        return;
    }
    struct map places = {0};
    VEC(struct sha) shas = {0};
    delivery_scope_finish(d);
    sort(d->deployments.v, d->deployments.n, sizeof *d->deployments.v, by_finish);
    sort(d->commits.v, d->commits.n, sizeof *d->commits.v, by_commit_row);
    sort(d->incidents.v, d->incidents.n, sizeof *d->incidents.v, by_creation);
    for (size_t i = 0; i < d->deployments.n; i++) {
        uint64_t *place = map_add(&places, str_hash(d->deployments.v[i].id), NULL);
        *place = *place == 0 ? i + 1 : *place;
        if (d->deployments.v[i].commit.n > 0) {
            VEC_ADD(&shas, (struct sha){d->deployments.v[i].commit, i});
        }
    }
    sort(shas.v, shas.n, sizeof *shas.v, by_sha);
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
    find_before(d);
    VEC_FINISH(&shas);
    map_finish(&places);
    d->sorted = true;
}

/* --- days, weeks and months in a zone --- */

static when local_floor(when local, enum delivery_bucket bucket)
{
    if (bucket == BUCKET_MONTH) {
        struct civil c = clock_civil(local);
        return clock_from_civil((struct civil){.year = c.year, .month = c.month, .day = 1});
    }
    return bucket == BUCKET_WEEK ? clock_floor_week(local) : clock_floor(local, DAY);
}

when delivery_floor(const struct zone *zone, when t, enum delivery_bucket bucket)
{
    return zone_instant(zone, local_floor(t + zone_offset(zone, t), bucket), NULL);
}

when delivery_next(const struct zone *zone, when begin, enum delivery_bucket bucket)
{
    /* noon, so that an hour more or less does not matter */
    when local = local_floor(begin + zone_offset(zone, begin) + DAY / 2, bucket);
    lapse longest = bucket == BUCKET_MONTH ? 31 * DAY : bucket == BUCKET_WEEK ? WEEK : DAY;
    return zone_instant(zone, local_floor(local + longest + DAY / 2, bucket), NULL);
}

/* --- rhythm --- */

void delivery_rhythm(struct delivery *d, const struct delivery_question *q, struct arena *a,
                     struct delivery_rhythm *ret)
{
    VEC(struct delivery_week) weeks = {0};
    VEC(int64_t) days = {0}, gaps = {0};
    delivery_sort(d);
    const struct delivery_scope *scope = delivery_scope(d, q);
    size_t at = 0;
    when last = WHEN_NONE;
    while (at < scope->counting.n && d->deployments.v[scope->counting.v[at]].finished < q->from) {
        at++;
    }
    for (when begin = delivery_floor(q->zone, q->from, BUCKET_WEEK); begin < q->to;) {
        struct delivery_week week = {begin, delivery_next(q->zone, begin, BUCKET_WEEK), 0, 0,
                                     false};
        when day = WHEN_NONE;
        week.partial = week.begin < q->from || week.end > q->to;
        for (; at < scope->counting.n; at++) {
            when finished = d->deployments.v[scope->counting.v[at]].finished;
            if (finished >= week.end || finished >= q->to) {
                break;
            }
            week.count++;
            when of = delivery_floor(q->zone, finished, BUCKET_DAY);
            week.days += of != day;
            day = of;
            if (last != WHEN_NONE) {
                VEC_ADD(&gaps, finished - last);
            }
            last = finished;
        }
        VEC_ADD(&weeks, week);
        if (!week.partial) {
            VEC_ADD(&days, (int64_t)week.days);
        }
        begin = week.end;
    }
    *ret = (struct delivery_rhythm){
        .weeks = ARENA_ARRAY(a, struct delivery_week, weeks.n + 1),
        .n = weeks.n,
        .median_days = days.n > 0 ? quantile_of(days.v, days.n, .5) : NAN,
        .median_hours = gaps.n > 0 ? quantile_of(gaps.v, gaps.n, .5) / (double)HOUR : NAN,
    };
    for (size_t i = 0; i < weeks.n; i++) {
        ret->weeks[i] = weeks.v[i];
    }
    VEC_FINISH(&weeks);
    VEC_FINISH(&days);
    VEC_FINISH(&gaps);
}
