/* Visits that end by the start of a visit are the first ones in the order (end, start), and that
 * number only grows from visit to visit. So for each activity one number is kept: the last of them
 * that is not concurrent with it. A visit looks at what has come since its activity last asked. */
#include "model/concurrency.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define THRESHOLD 0.9

static uint64_t pair(sym a, sym b)
{
    return (uint64_t)a << 32 | b;
}

struct ending { /* a visit in the order (end, start), then as the visits stand */
    when end, start;
    size_t at;
};

static int compare_endings(const void *a, const void *b)
{
    const struct ending *x = a, *y = b;
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1;
    }
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    return (x->at > y->at) - (x->at < y->at);
}

struct endings {
    VEC(struct ending) order;
};

static void gather_endings(struct endings *e, const struct visit *visits, size_t n)
{
    bool sorted = true;
    e->order.n = 0;
    for (size_t i = 0; i < n; i++) {
        VEC_ADD(&e->order, (struct ending){visits[i].end, visits[i].start, i});
        sorted = sorted && (i == 0 || compare_endings(&e->order.v[i - 1], &e->order.v[i]) < 0);
    }
    if (!sorted) {
        qsort(e->order.v, n, sizeof *e->order.v, compare_endings);
    }
}

void concurrency_step(struct concurrency *c, const struct traces *traces)
{
    struct endings endings = {0};
    for (size_t t = 0; t < traces->items.n; t++) {
        const struct trace *trace = &traces->items.v[t];
        const struct visit *visits = traces->visits.v + trace->first;
        gather_endings(&endings, visits, trace->n);
        const struct ending *order = endings.order.v;
        for (size_t i = 1; i < trace->n; i++) {
            sym b = visits[order[i].at].activity, a = visits[order[i - 1].at].activity;
            ++*map_add(&c->follows, pair(a, b), NULL);
            if (i > 1 && a != b && visits[order[i - 2].at].activity == b) {
                ++*map_add(&c->loops, pair(b, a), NULL);
            }
        }
    }
    VEC_FINISH(&endings.order);
}

static void merge_counts(struct map *m, const struct map *right)
{
    uint64_t key = 0, value = 0;
    for (size_t at = 0; map_next(right, &at, &key, &value);) {
        *map_add(m, key, NULL) += value;
    }
}

void concurrency_merge(struct concurrency *c, const struct concurrency *right)
{
    merge_counts(&c->follows, &right->follows);
    merge_counts(&c->loops, &right->loops);
}

void concurrency_finish(struct concurrency *c)
{
    map_finish(&c->follows);
    map_finish(&c->loops);
}

static double counted(const struct map *m, sym a, sym b)
{
    const uint64_t *n = map_find(m, pair(a, b));
    return n != NULL ? (double)*n : 0;
}

bool concurrency_of(const struct concurrency *c, sym a, sym b)
{
    double ab = counted(&c->follows, a, b), ba = counted(&c->follows, b, a);
    if (a == b || ab < 1 || ba < 1) {
        return false;
    }
    double loops = counted(&c->loops, a, b) + counted(&c->loops, b, a);
    return fabs(ab - ba) / (ab + ba + 1) < THRESHOLD && loops / (loops + 1) < THRESHOLD;
}

struct memo { /* of an activity: among the first `scanned` endings, `found` (+ 1; 0: none) is the
               * last that is not concurrent with it */
    uint32_t stamp, scanned, found;
};

struct enabling {
    const struct concurrency *c;
    struct endings endings;
    VEC(size_t) place; /* by visit: its number among the endings */
    VEC(struct memo) memos;
    uint32_t stamp;
};

static struct memo *memo_of(struct enabling *e, sym activity)
{
    if (activity >= e->memos.n) {
        size_t n = e->memos.n;
        VEC_RESERVE(&e->memos, (size_t)activity + 1);
        e->memos.n = e->memos.cap;
        memset(e->memos.v + n, 0, (e->memos.n - n) * sizeof *e->memos.v);
    }
    struct memo *memo = &e->memos.v[activity];
    if (memo->stamp != e->stamp) {
        *memo = (struct memo){.stamp = e->stamp};
    }
    return memo;
}

static void enable_item(struct enabling *e, struct visit *visits, size_t n, when created)
{
    gather_endings(&e->endings, visits, n);
    const struct ending *order = e->endings.order.v;
    e->place.n = 0;
    VEC_RESERVE(&e->place, n);
    for (size_t i = 0; i < n; i++) {
        e->place.v[order[i].at] = i;
    }
    e->stamp++;
    size_t ended = 0;
    for (size_t i = 0; i < n; i++) {
        struct visit *visit = &visits[i];
        while (ended < n && order[ended].end <= visit->start) {
            ended++;
        }
        if (visit->enabled != WHEN_NONE) {
            continue;
        }
        if ((visit->flags & VISIT_STATE) != 0) {
            visit->enabled = visit->start;
            continue;
        }
        size_t limit = ended < e->place.v[i] ? ended : e->place.v[i];
        struct memo *memo = memo_of(e, visit->activity);
        for (size_t k = limit; k > memo->scanned; k--) {
            if (e->c == NULL ||
                !concurrency_of(e->c, visits[order[k - 1].at].activity, visit->activity)) {
                memo->found = (uint32_t)k;
                break;
            }
        }
        memo->scanned = (uint32_t)limit;
        visit->enabled = memo->found != 0 ? order[memo->found - 1].end
                         : created != WHEN_NONE && created < visit->start ? created
                                                                          : visit->start;
    }
}

void concurrency_enable(const struct concurrency *c, const struct item_times *created,
                        const struct calendar *clock, struct traces *traces)
{
    struct enabling e = {.c = c};
    for (size_t t = 0; t < traces->items.n; t++) {
        struct trace *trace = &traces->items.v[t];
        when begin = item_time(created, trace->item);
        enable_item(&e, traces->visits.v + trace->first, trace->n,
                    begin != WHEN_NONE ? calendar_at(clock, begin) : WHEN_NONE);
    }
    VEC_FINISH(&e.endings.order);
    VEC_FINISH(&e.place);
    VEC_FINISH(&e.memos);
}
