#include "fold/age.h"

#include "fold/rowfold.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum { OPEN_ITEM, OPEN_BEGIN, OPEN_STAGE, OPEN_SINCE, OPEN_END, OPEN_LEFT, OPEN_KEYS };

static const struct rows_shape OPEN = {
    .keys = OPEN_KEYS, .values = 1, .counts = 1, .names = 1 << OPEN_STAGE, .items = 1 << OPEN_ITEM};
static const struct rows_shape FINISHED = {.keys = 1, .values = 1, .counts = 1};

/* The open visit that began last: where the item is now. */
static const struct visit *visit_now(const struct traces *t, const struct trace *life)
{
    const struct visit *now = NULL;
    for (size_t i = 0; i < life->n; i++) {
        const struct visit *v = &t->visits.v[life->first + i];
        if ((v->flags & VISIT_OPEN) && (now == NULL || v->start >= now->start)) {
            now = v;
        }
    }
    return now;
}

static void step(void *summary, const struct traces *part)
{
    struct age_summary *s = summary;
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        if (life->flags & TRACE_CANCELLED) {
            continue;
        }
        bool left = (life->flags & TRACE_LEFT) != 0;
        if ((life->flags & TRACE_OPEN) == 0) {
            if (!left) {
                lapse lead = flow_lapse(s->flow, life->begin, life->end);
                *rows_at(&s->finished, &FINISHED, (int64_t[]){lead}) += 1;
            }
            continue;
        }
        const struct visit *now = visit_now(part, life);
        int64_t key[OPEN_KEYS] = {life->item,
                                  life->begin,
                                  now != NULL ? now->activity : 0,
                                  now != NULL ? flow_visit(life, now).from : life->end,
                                  life->end,
                                  left};
        if (now == NULL && life->n > 0) {
            key[OPEN_SINCE] = flow_visit(life, &part->visits.v[life->first + life->n - 1]).end;
        }
        *rows_at(&s->open, &OPEN, key) += 1;
    }
}

static const struct rowfold LAYOUT = {
    .size = sizeof(struct age_summary),
    .tables = {{offsetof(struct age_summary, open), &OPEN},
               {offsetof(struct age_summary, finished), &FINISHED}},
};
ROWFOLD(LAYOUT)

const struct fold FOLD_AGE = {
    .name = "age",
    .size = sizeof(struct age_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

static int oldest_first(const void *a, const void *b)
{
    const struct age_item *x = a;
    const struct age_item *y = b;
    if (x->age != y->age) {
        return x->age > y->age ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

double age_share(const struct age *a, lapse age)
{
    size_t low = 0;
    size_t high = a->within_n;
    if (high == 0) {
        return NAN;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->within[middle].value <= age) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? 0
                    : (double)a->within[low - 1].count / (double)a->within[a->within_n - 1].count;
}

void age_show(const struct age_summary *s, struct age *ret)
{
    *ret = (struct age){.items = mem_get((s->open.n + 1) * sizeof *ret->items)};
    struct grouped *g = mem_get((s->finished.n + 1) * sizeof *g);
    for (size_t row = 0; row < s->finished.n; row++) {
        g[row] = (struct grouped){ROWS_KEY(&s->finished, &FINISHED, row)[0],
                                  (uint64_t)*ROWS_VALUE(&s->finished, &FINISHED, row)};
    }
    size_t n = grouped_sort(g, s->finished.n);
    ret->finished = flow_dist(g, n);
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) { /* from here on g[i].count = how many are at or below */
        count += g[i].count;
        g[i].count = count;
    }
    ret->within = g;
    ret->within_n = n;
    for (size_t row = 0; row < s->open.n; row++) {
        const int64_t *key = ROWS_KEY(&s->open, &OPEN, row);
        lapse age = flow_lapse(s->flow, key[OPEN_BEGIN], key[OPEN_END]);
        ret->items[ret->n++] = (struct age_item){
            .item = (item_id)key[OPEN_ITEM],
            .stage = (sym)key[OPEN_STAGE],
            .since = key[OPEN_SINCE],
            .begin = key[OPEN_BEGIN],
            .age = (double)age,
            .percentile = age_share(ret, age),
            .left = key[OPEN_LEFT] != 0,
        };
    }
    if (ret->n > 0) {
        qsort(ret->items, ret->n, sizeof *ret->items, oldest_first);
    }
}

void age_finish(struct age *a)
{
    mem_put(a->items);
    mem_put(a->within);
    *a = (struct age){0};
}
