#include "fold/efficiency.h"

#include "fold/rowfold.h"

#include <stddef.h>

static const struct rows_shape ITEMS = {.keys = 4, .values = 1, .counts = 1};

static when flow_begin(const struct traces *part, const struct trace *life)
{
    when begin = INT64_MAX;
    for (size_t i = 0; i < life->n; i++) {
        const struct visit *v = &part->visits.v[life->first + i];
        if (v->category != CATEGORY_NEW) {
            when from = flow_visit(life, v).from;
            begin = from < begin ? from : begin;
        }
    }
    return begin == INT64_MAX ? life->begin : begin;
}

static bool shows_work(const struct visit *v)
{
    return (v->flags & (VISIT_POINT | VISIT_NO_START)) == 0 && v->category == CATEGORY_ACTIVE;
}

static void step(void *summary, const struct traces *part)
{
    struct efficiency_summary *s = summary;
    struct partition p = {0};
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        if (life->flags & (TRACE_OPEN | TRACE_LEFT | TRACE_CANCELLED)) {
            continue;
        }
        bool work = false;
        for (size_t k = 0; k < life->n; k++) {
            work = work || shows_work(&part->visits.v[life->first + k]);
        }
        partition_of(&p, s->flow, part, life);
        when begin = flow_begin(part, life);
        lapse busy = 0;
        lapse undivided = 0;
        for (size_t k = 0; k < p.stays.n; k++) {
            const struct stay *stay = &p.stays.v[k];
            if (stay->class == CLASS_WORK) {
                lapse d = flow_lapse(s->flow, stay->begin > begin ? stay->begin : begin, stay->end);
                busy += d;
                undivided += stay->undivided ? d : 0;
            }
        }
        lapse flow = flow_lapse(s->flow, begin, life->begin + p.length);
        *rows_at(&s->items, &ITEMS, (int64_t[]){busy, flow, undivided, work}) += 1;
    }
    partition_finish(&p);
}

static const struct rowfold LAYOUT = {
    .size = sizeof(struct efficiency_summary),
    .tables = {{offsetof(struct efficiency_summary, items), &ITEMS}},
};
ROWFOLD(LAYOUT)

const struct fold FOLD_EFFICIENCY = {
    .name = "efficiency",
    .size = sizeof(struct efficiency_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

struct efficiency efficiency_show(const struct efficiency_summary *s)
{
    struct efficiency r = {0};
    struct grouped *g = mem_get((s->items.n + 1) * sizeof *g);
    uint32_t *order = rows_sorted(&s->items, &ITEMS); /* so that the mean is the same however the
                                                       * summary came to be */
    double ratios = 0;
    uint64_t with_flow = 0;
    i128 busy = 0;
    i128 flow = 0;
    i128 undivided = 0;
    for (size_t i = 0; i < s->items.n; i++) {
        const int64_t *key = ROWS_KEY(&s->items, &ITEMS, order[i]);
        i128 count = *ROWS_VALUE(&s->items, &ITEMS, order[i]);
        r.items += (uint64_t)count;
        r.no_work += key[3] == 0 ? (uint64_t)count : 0;
        busy += (i128)key[0] * count;
        flow += (i128)key[1] * count;
        undivided += (i128)key[2] * count;
        if (key[1] > 0) {
            ratios += (double)key[0] / (double)key[1] * (double)count;
            with_flow += (uint64_t)count;
        }
        g[i] = (struct grouped){key[1], (uint64_t)count};
    }
    r.known = r.no_work < r.items && flow > 0;
    r.busy = (double)busy;
    r.flow = (double)flow;
    r.pooled = flow > 0 ? r.busy / r.flow : 0;
    r.mean = with_flow > 0 ? ratios / (double)with_flow : 0;
    r.undivided = busy > 0 ? (double)undivided / r.busy : 0;
    r.flow_time = flow_dist(g, grouped_sort(g, s->items.n));
    mem_put(order);
    mem_put(g);
    return r;
}
