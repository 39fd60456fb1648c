#include "fold/stagetime.h"

#include "fold/rowfold.h"

#include <stddef.h>
#include <stdlib.h>

enum sample_kind { SAMPLE_SOJOURN, SAMPLE_WAIT, SAMPLE_WORK, SAMPLE_COUNT };
enum total {
    TOTAL_VISITS,
    TOTAL_OPEN,
    TOTAL_REWORK,
    TOTAL_ITEMS, /* on the row of stage 0 only, with TOTAL_PARALLEL and TOTAL_LEAD */
    TOTAL_PARALLEL,
    TOTAL_LEAD,
    TOTAL_CLASS, /* one a class */
    TOTAL_UNDIVIDED_WAIT = TOTAL_CLASS + CLASS_COUNT,
    TOTAL_UNDIVIDED_WORK,
    TOTAL_COUNT,
};

static const struct rows_shape SAMPLES = {.keys = 3, .values = 1, .names = 1, .counts = 1};
static const struct rows_shape TOTALS = {
    .keys = 1, .values = TOTAL_COUNT, .names = 1, .counts = 15};

static void add_sample(struct stagetime_summary *s, sym stage, enum sample_kind kind, lapse d)
{
    *rows_at(&s->samples, &SAMPLES, (int64_t[]){stage, kind, d}) += 1;
}

static void add_visit(struct stagetime_summary *s, const struct trace *life, const struct visit *v)
{
    i128 *total = rows_at(&s->totals, &TOTALS, (int64_t[]){v->activity});
    total[TOTAL_VISITS] += 1;
    total[TOTAL_OPEN] += (v->flags & VISIT_OPEN) != 0;
    total[TOTAL_REWORK] += (v->flags & VISIT_REWORK) != 0;
    if (v->flags & VISIT_OPEN) {
        return;
    }
    struct flow_visit t = flow_visit(life, v);
    add_sample(s, v->activity, SAMPLE_SOJOURN, flow_lapse(s->flow, t.from, t.end));
    if (v->flags & (VISIT_POINT | VISIT_STATE | VISIT_NO_START)) {
        return;
    }
    when work_begin = t.start + t.suspended; /* laid at the beginning, as in the partition */
    add_sample(s, v->activity, SAMPLE_WAIT, flow_lapse(s->flow, t.from, work_begin));
    add_sample(s, v->activity, SAMPLE_WORK, flow_lapse(s->flow, work_begin, t.end));
}

static void step(void *summary, const struct traces *part)
{
    struct stagetime_summary *s = summary;
    struct partition p = {0};
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        for (size_t k = 0; k < life->n; k++) {
            add_visit(s, life, &part->visits.v[life->first + k]);
        }
        partition_of(&p, s->flow, part, life);
        for (size_t k = 0; k < p.stays.n; k++) {
            const struct stay *stay = &p.stays.v[k];
            lapse d = flow_lapse(s->flow, stay->begin, stay->end);
            i128 *total = rows_at(&s->totals, &TOTALS, (int64_t[]){stay->stage});
            total[TOTAL_CLASS + stay->class] += d;
            if (stay->undivided) {
                total[stay->class == CLASS_WAIT ? TOTAL_UNDIVIDED_WAIT : TOTAL_UNDIVIDED_WORK] += d;
            }
        }
        i128 *all = rows_at(&s->totals, &TOTALS, (int64_t[]){0});
        all[TOTAL_ITEMS] += 1;
        all[TOTAL_PARALLEL] += p.parallel;
        all[TOTAL_LEAD] += flow_lapse(s->flow, life->begin, life->begin + p.length);
    }
    partition_finish(&p);
}

static const struct rowfold LAYOUT = {
    .size = sizeof(struct stagetime_summary),
    .tables = {{offsetof(struct stagetime_summary, samples), &SAMPLES},
               {offsetof(struct stagetime_summary, totals), &TOTALS}},
};
ROWFOLD(LAYOUT)

const struct fold FOLD_STAGETIME = {
    .name = "stagetime",
    .size = sizeof(struct stagetime_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

/* --- shown ----------------------------------------------------------------------------------- */

static struct stagetime_stage stage_of(const struct rows *totals, size_t row)
{
    const i128 *total = ROWS_VALUE(totals, &TOTALS, row);
    struct stagetime_stage g = {
        .stage = (sym)ROWS_KEY(totals, &TOTALS, row)[0],
        .visits = (uint64_t)total[TOTAL_VISITS],
        .open = (uint64_t)total[TOTAL_OPEN],
        .rework = (uint64_t)total[TOTAL_REWORK],
        .undivided_wait = (double)total[TOTAL_UNDIVIDED_WAIT],
        .undivided_work = (double)total[TOTAL_UNDIVIDED_WORK],
    };
    for (int c = 0; c < CLASS_COUNT; c++) {
        g.time[c] = (double)total[TOTAL_CLASS + c];
    }
    return g;
}

static double time_of(const struct stagetime_stage *g)
{
    return g->time[CLASS_BLOCKED] + g->time[CLASS_WORK] + g->time[CLASS_WAIT] +
           g->time[CLASS_BETWEEN];
}

static double idle_of(const struct stagetime_stage *g)
{
    return g->time[CLASS_BLOCKED] + g->time[CLASS_WAIT] + g->time[CLASS_BETWEEN];
}

static int by_share(const void *a, const void *b)
{
    const struct stagetime_stage *x = a;
    const struct stagetime_stage *y = b;
    if (x->share_of_lead != y->share_of_lead) {
        return x->share_of_lead > y->share_of_lead ? -1 : 1;
    }
    return (x->stage > y->stage) - (x->stage < y->stage);
}

static void show_samples(const struct stagetime_summary *s, struct stagetime *ret)
{
    struct grouped *g = mem_get((s->samples.n + 1) * sizeof *g);
    uint32_t *order = rows_sorted(&s->samples, &SAMPLES);
    for (size_t i = 0; i < s->samples.n;) {
        const int64_t *key = ROWS_KEY(&s->samples, &SAMPLES, order[i]);
        size_t n = 0;
        for (; i < s->samples.n; i++) {
            const int64_t *k = ROWS_KEY(&s->samples, &SAMPLES, order[i]);
            if (k[0] != key[0] || k[1] != key[1]) {
                break;
            }
            g[n++] = (struct grouped){k[2], (uint64_t)*ROWS_VALUE(&s->samples, &SAMPLES, order[i])};
        }
        for (size_t k = 0; k < ret->n; k++) {
            if (ret->stages[k].stage == (sym)key[0]) {
                struct stagetime_stage *stage = &ret->stages[k];
                *(key[1] == SAMPLE_SOJOURN ? &stage->sojourn
                  : key[1] == SAMPLE_WAIT  ? &stage->wait
                                           : &stage->work) = flow_dist(g, n);
            }
        }
    }
    mem_put(order);
    mem_put(g);
}

void stagetime_show(const struct stagetime_summary *s, struct stagetime *ret)
{
    *ret = (struct stagetime){.stages = mem_get((s->totals.n + 1) * sizeof *ret->stages)};
    double idle = 0;
    for (size_t row = 0; row < s->totals.n; row++) {
        struct stagetime_stage g = stage_of(&s->totals, row);
        if (g.stage == 0) {
            const i128 *total = ROWS_VALUE(&s->totals, &TOTALS, row);
            ret->items = (uint64_t)total[TOTAL_ITEMS];
            ret->lead = (double)total[TOTAL_LEAD];
            ret->parallel = (double)total[TOTAL_PARALLEL];
        }
        idle += idle_of(&g);
        if (g.visits > 0 || time_of(&g) > 0) {
            ret->stages[ret->n++] = g;
        }
    }
    for (size_t i = 0; i < ret->n; i++) {
        struct stagetime_stage *g = &ret->stages[i];
        g->share_of_lead = ret->lead > 0 ? time_of(g) / ret->lead : 0;
        g->wait_share = idle > 0 ? idle_of(g) / idle : 0;
    }
    show_samples(s, ret);
    for (size_t i = 0; i < ret->n; i++) {
        struct stagetime_stage *g = &ret->stages[i];
        g->divided = g->wait.n > 0 && g->undivided_wait + g->undivided_work == 0;
    }
    if (ret->n > 0) {
        qsort(ret->stages, ret->n, sizeof *ret->stages, by_share);
    }
}

struct stagetime_parts stagetime_parts(const struct stagetime_stage *g)
{
    struct stagetime_parts p = {.wait = idle_of(g) - g->undivided_wait,
                                .either = g->undivided_wait,
                                .work = g->time[CLASS_WORK] - g->undivided_work};
    *(p.wait + p.work > 0 ? &p.work : &p.either) += g->undivided_work;
    return p;
}

void stagetime_finish(struct stagetime *s)
{
    mem_put(s->stages);
    *s = (struct stagetime){0};
}
