#include "fold/lead.h"

#include "fold/rowfold.h"
#include "math/km.h"

#include <stddef.h>
#include <stdlib.h>

static const struct rows_shape LIVES = {.keys = 3, .values = 1, .counts = 1};

static void step(void *summary, const struct traces *part)
{
    struct lead_summary *s = summary;
    flow_range_add(&s->range, part->log_begin, part->log_end);
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        *rows_at(&s->lives, &LIVES, (int64_t[]){life->begin, life->end, life->flags}) += 1;
    }
}

static const struct rowfold LAYOUT = {
    .size = sizeof(struct lead_summary),
    .range = offsetof(struct lead_summary, range),
    .tables = {{offsetof(struct lead_summary, lives), &LIVES}},
};
ROWFOLD(LAYOUT)

const struct fold FOLD_LEAD = {
    .name = "lead",
    .size = sizeof(struct lead_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

/* --- shown ----------------------------------------------------------------------------------- */

struct ended {
    int64_t week;
    struct grouped lead;
};

static int by_week(const void *a, const void *b)
{
    const struct ended *x = a;
    const struct ended *y = b;
    return (x->week > y->week) - (x->week < y->week);
}

static void show_weeks(const struct lead_summary *s, struct ended *ended, size_t n,
                       struct lead *ret)
{
    if (n == 0) {
        return;
    }
    qsort(ended, n, sizeof *ended, by_week);
    uint64_t span = (uint64_t)(ended[n - 1].week - ended[0].week) + 1;
    bool gapless = span <= 100 * 53; /* a century; odd times make no endless series */
    ret->weeks = mem_get((gapless ? (size_t)span : n) * sizeof *ret->weeks);
    struct grouped *g = mem_get(n * sizeof *g);
    size_t at = 0;
    for (int64_t week = ended[0].week; at < n; week = gapless ? week + 1 : ended[at].week) {
        size_t count = 0;
        for (; at < n && ended[at].week == week; at++) {
            g[count++] = ended[at].lead;
        }
        count = grouped_sort(g, count);
        when from = flow_week_begin(s->flow, week);
        ret->weeks[ret->n++] = (struct lead_week){
            .week = week,
            .from = from,
            .lead = flow_dist(g, count),
            .partial = from < s->range.begin || flow_week_begin(s->flow, week + 1) > s->range.end,
        };
        if (at >= n) {
            break;
        }
    }
    mem_put(g);
}

void lead_show(const struct lead_summary *s, struct lead *ret)
{
    *ret = (struct lead){0};
    size_t n = s->lives.n;
    struct grouped *g = mem_get((n + 1) * sizeof *g);
    struct km_case *cases = mem_get((n + 1) * sizeof *cases);
    struct ended *ended = mem_get((n + 1) * sizeof *ended);
    size_t finished = 0;
    size_t known = 0;
    uint64_t censored = 0;
    uint64_t at_risk = 0;
    for (size_t row = 0; row < n; row++) {
        const int64_t *key = ROWS_KEY(&s->lives, &LIVES, row);
        uint64_t count = (uint64_t)*ROWS_VALUE(&s->lives, &LIVES, row);
        bool cancelled = (key[2] & TRACE_CANCELLED) != 0;
        bool open = !cancelled && (key[2] & TRACE_OPEN) != 0;
        ret->items += count;
        ret->cancelled += cancelled ? count : 0;
        ret->open += open ? count : 0;
        ret->finished += cancelled || open ? 0 : count;
        if (key[2] & TRACE_LEFT) {
            ret->left += count;
            continue;
        }
        lapse age = flow_lapse(s->flow, key[0], key[1]);
        lapse entry = s->range.seen ? flow_lapse(s->flow, key[0], s->range.begin) : 0;
        at_risk += count;
        censored += cancelled || open ? count : 0;
        cases[known++] = (struct km_case){entry, age, count, !cancelled && !open};
        if (!cancelled && !open) {
            g[finished] = (struct grouped){age, count};
            ended[finished++] = (struct ended){flow_week(s->flow, key[1]), {age, count}};
        }
    }
    show_weeks(s, ended, finished, ret);
    finished = grouped_sort(g, finished);
    ret->lead = flow_dist(g, finished);
    int64_t median = 0;
    ret->km_known = km_quantile(cases, known, .5, &median);
    ret->km_p50 = (double)median;
    ret->censored_share = at_risk > 0 ? (double)censored / (double)at_risk : 0;
    mem_put(g);
    mem_put(cases);
    mem_put(ended);
}

void lead_finish(struct lead *l)
{
    mem_put(l->weeks);
    *l = (struct lead){0};
}
