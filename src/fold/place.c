/* From the summary of fold/evidence.h to places and blocks: who works together, what sets its own
 * pace, and the sums of each place by block. */
#include "fold/evidence_rows.h"

#include <assert.h>
#include <stdlib.h>

enum { JACCARD_STAGES = 1000 }; /* beyond it people are not compared: stages stand alone */

struct view { /* what the steps below share */
    const struct evidence_summary *s;
    struct evidence *e;
    struct map stage_index; /* sym → index + 1 */
    VEC(struct evidence_place) places;
    int *parent;            /* of the union-find over stages */
    struct map block_index; /* block key → block number + 1 */
    when *block_begin;
};

static int stage_index(const struct view *v, int64_t stage)
{
    const uint64_t *at = map_find(&v->stage_index, (uint64_t)stage);
    return at == NULL ? -1 : (int)*at - 1;
}

/* --- stages ---------------------------------------------------------------------------------- */

static void take_stages(struct view *v)
{
    struct wip wip;
    struct batch_report batch;
    wip_show(&v->s->wip, &wip);
    batch_show(&v->s->batch, &batch);
    struct evidence *e = v->e;
    e->little_known = wip.little_known;
    e->little_residual = wip.little_residual;
    e->move_n = batch.move_n;
    e->stages = mem_get((wip.n + 1) * sizeof *e->stages);
    for (size_t i = 0; i < wip.n; i++) {
        e->stages[i] = (struct evidence_stage){
            .stage = wip.stages[i].stage, .pool = -1, .policy = -1, .wip = wip.stages[i]};
        *map_add(&v->stage_index, wip.stages[i].stage, NULL) = i + 1;
    }
    e->stage_n = wip.n;
    for (size_t i = 0; i < batch.n; i++) {
        int k = stage_index(v, batch.stages[i].stage);
        if (k >= 0) {
            e->stages[k].batch = batch.stages[i];
        }
    }
    wip_finish(&wip);
    batch_report_finish(&batch);
}

static void count_stages(struct view *v)
{
    const struct rows *r = &v->s->stages;
    for (size_t row = 0; row < r->n; row++) {
        const i128 *sum = ROWS_VALUE(r, &EVIDENCE_STAGES, row);
        v->e->between += (double)sum[STAGE_BETWEEN];
        int k = stage_index(v, ROWS_KEY(r, &EVIDENCE_STAGES, row)[0]);
        if (k < 0) {
            continue;
        }
        struct evidence_stage *g = &v->e->stages[k];
        double undivided = (double)(sum[STAGE_UNDIVIDED_WAIT] + sum[STAGE_UNDIVIDED_WORK]);
        g->visits += (uint64_t)sum[STAGE_VISITS];
        g->measured += (uint64_t)sum[STAGE_MEASURED];
        g->wait += (double)(sum[STAGE_WAIT] + sum[STAGE_UNDIVIDED_WAIT] + sum[STAGE_BLOCKED]);
        g->time += (double)(sum[STAGE_WAIT] + sum[STAGE_BLOCKED] + sum[STAGE_WORK]) + undivided;
        g->undivided += undivided;
        g->undivided_wait += (double)sum[STAGE_UNDIVIDED_WAIT];
    }
}

/* The category that most visits of the stage had decides. A stage whose name says that the item is
 * over is part of the flow all the same when items spend time in it before they end: "Resolved",
 * until somebody or a timer closes it. */
static void find_outside(struct view *v)
{
    static const double PART_OF_LEAD = .01;
    uint64_t(*kinds)[3] = mem_get((v->e->stage_n + 1) * sizeof *kinds);
    double lead = v->e->between;
    const struct rows *r = &v->s->kinds;
    for (size_t row = 0; row < r->n; row++) {
        const int64_t *key = ROWS_KEY(r, &EVIDENCE_KINDS, row);
        int k = stage_index(v, key[0]);
        bool over = key[1] == CATEGORY_DONE || key[1] == CATEGORY_CANCELLED;
        if (k >= 0) {
            kinds[k][over ? 2 : key[1] == CATEGORY_NEW] +=
                (uint64_t)*ROWS_VALUE(r, &EVIDENCE_KINDS, row);
        }
    }
    for (size_t k = 0; k < v->e->stage_n; k++) {
        lead += v->e->stages[k].time;
    }
    for (size_t k = 0; k < v->e->stage_n; k++) {
        struct evidence_stage *g = &v->e->stages[k];
        bool over = kinds[k][2] > kinds[k][0] && kinds[k][2] > kinds[k][1];
        g->outside = over ? g->time <= PART_OF_LEAD * lead : kinds[k][1] > kinds[k][0];
    }
    mem_put(kinds);
}

static void find_next(struct view *v)
{
    uint64_t *best = mem_get((v->e->stage_n + 1) * sizeof *best);
    const struct rows *r = &v->s->follow;
    uint32_t *order = rows_sorted(r, &EVIDENCE_FOLLOW);
    for (size_t i = 0; i < r->n; i++) {
        const int64_t *key = ROWS_KEY(r, &EVIDENCE_FOLLOW, order[i]);
        uint64_t count = (uint64_t)*ROWS_VALUE(r, &EVIDENCE_FOLLOW, order[i]);
        int k = stage_index(v, key[0]);
        if (k >= 0 && key[0] != key[1] && count > best[k]) {
            best[k] = count;
            v->e->stages[k].next = (sym)key[1];
        }
    }
    mem_put(order);
    mem_put(best);
}

/* --- places ---------------------------------------------------------------------------------- */

static int root_of(int *parent, int i)
{
    while (parent[i] != i) {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    return i;
}

static void join(struct view *v, int a, int b)
{
    a = root_of(v->parent, a);
    b = root_of(v->parent, b);
    v->parent[a > b ? a : b] = a > b ? b : a;
}

/* Counts for each pair of stages the people that are in both, from a list of stages a person. */
static void join_by_people(struct view *v)
{
    size_t n = v->e->stage_n;
    if (n > JACCARD_STAGES) {
        return;
    }
    const struct rows *r = &v->s->people;
    uint32_t *people = mem_get((n + 1) * sizeof *people);
    uint32_t *both = mem_get((n * n + 1) * sizeof *both);
    struct map first = {0}; /* person → number of the list + 1 */
    VEC(VEC(int)) lists = {0};
    for (size_t row = 0; row < r->n; row++) {
        const int64_t *key = ROWS_KEY(r, &EVIDENCE_PEOPLE, row);
        int k = stage_index(v, key[0]);
        if (k < 0 || v->e->stages[k].outside) {
            continue;
        }
        people[k]++;
        uint64_t *list = map_add(&first, (uint64_t)key[1], NULL);
        if (*list == 0) {
            VEC_RESERVE(&lists, lists.n + 1);
            lists.v[lists.n].v = NULL;
            lists.v[lists.n].n = lists.v[lists.n].cap = 0;
            *list = ++lists.n;
        }
        assert(lists.v != NULL && lists.n >= *list);
        for (size_t i = 0; i < lists.v[*list - 1].n; i++) {
            size_t other = (size_t)lists.v[*list - 1].v[i];
            both[(size_t)k * n + other]++;
            both[other * n + (size_t)k]++;
        }
        VEC_ADD(&lists.v[*list - 1], k);
    }
    for (size_t a = 0; a < n; a++) {
        for (size_t b = a + 1; b < n; b++) {
            uint32_t shared = both[a * n + b];
            if (shared > 0 && shared * 2 >= people[a] + people[b] - shared) {
                join(v, (int)a, (int)b);
            }
        }
    }
    for (size_t i = 0; i < lists.n; i++) {
        VEC_FINISH(&lists.v[i]);
    }
    VEC_FINISH(&lists);
    map_finish(&first);
    mem_put(people);
    mem_put(both);
}

static void join_as_told(struct view *v)
{
    const struct flow *f = v->s->flow;
    for (size_t p = 0; f != NULL && p < f->pool_n; p++) {
        int first = -1;
        for (size_t i = 0; i < f->pools[p].stage_n; i++) {
            int k = stage_index(v, f->pools[p].stages[i]);
            if (k >= 0 && first >= 0) {
                join(v, first, k);
            }
            first = first < 0 ? k : first;
        }
    }
}

static const struct flow_pool *told_pool(const struct view *v, sym stage)
{
    const struct flow *f = v->s->flow;
    for (size_t p = 0; f != NULL && p < f->pool_n; p++) {
        for (size_t i = 0; i < f->pools[p].stage_n; i++) {
            if (f->pools[p].stages[i] == stage) {
                return &f->pools[p];
            }
        }
    }
    return NULL;
}

static void find_pools(struct view *v)
{
    size_t n = v->e->stage_n;
    v->parent = mem_get((n + 1) * sizeof *v->parent);
    for (size_t i = 0; i < n; i++) {
        v->parent[i] = (int)i;
    }
    if (v->s->flow != NULL && v->s->flow->pool_n > 0) {
        join_as_told(v);
    } else {
        join_by_people(v);
    }
    for (size_t i = 0; i < n; i++) {
        struct evidence_stage *g = &v->e->stages[i];
        bool alone = g->batch.kind != BATCH_NONE && g->measured == 0; /* nothing but its pace */
        if (g->outside || alone) {
            continue;
        }
        struct evidence_stage *root = &v->e->stages[root_of(v->parent, (int)i)];
        if (root->pool < 0) {
            const struct flow_pool *told = told_pool(v, g->stage);
            root->pool = (int)v->places.n;
            VEC_ADD(&v->places, (struct evidence_place){
                                    .kind = PLACE_POOL,
                                    .name = told != NULL ? told->name : g->stage,
                                    .people = told != NULL ? told->people : 0,
                                });
        }
        g->pool = root->pool;
        assert(v->places.v != NULL);
        v->places.v[g->pool].stage_n++;
    }
    for (size_t i = 0; i < n; i++) { /* a root that is itself no member must not look like one */
        struct evidence_stage *g = &v->e->stages[i];
        if (g->outside || (g->batch.kind != BATCH_NONE && g->measured == 0)) {
            g->pool = -1;
        }
    }
    mem_put(v->parent);
    v->parent = NULL;
}

static void find_policies(struct view *v)
{
    for (size_t i = 0; i < v->e->stage_n; i++) {
        struct evidence_stage *g = &v->e->stages[i];
        if (g->batch.kind != BATCH_NONE && !g->outside) {
            g->policy = (int)v->places.n;
            VEC_ADD(&v->places, (struct evidence_place){
                                    .kind = g->batch.kind == BATCH_GATE ? PLACE_GATE : PLACE_TIMER,
                                    .name = g->stage,
                                    .stage_n = 1});
        }
    }
}

/* --- blocks ---------------------------------------------------------------------------------- */

static void find_blocks(struct view *v)
{
    const struct rows *r = &v->s->items;
    uint32_t *order = rows_sorted(r, &EVIDENCE_ITEMS);
    struct evidence *e = v->e;
    e->weekly = evidence_is_weekly(&v->s->range);
    v->block_begin = mem_get((r->n + 1) * sizeof *v->block_begin);
    uint64_t in_run = 0;
    for (size_t i = 0; i < r->n; i++) {
        int64_t key = ROWS_KEY(r, &EVIDENCE_ITEMS, order[i])[0];
        const i128 *sum = ROWS_VALUE(r, &EVIDENCE_ITEMS, order[i]);
        if (e->weekly || i == 0 || in_run >= EVIDENCE_RUN) {
            v->block_begin[e->block_n++] = e->weekly ? flow_week_begin(v->s->flow, key) : key;
            in_run = 0;
        }
        in_run += (uint64_t)sum[ITEM_ALL];
        *map_add(&v->block_index, (uint64_t)key, NULL) = e->block_n;
        e->items += (uint64_t)sum[ITEM_ALL];
        e->finished += (uint64_t)sum[ITEM_FINISHED];
        e->lead += (double)sum[ITEM_TIME];
    }
    mem_put(order);
}

static int block_of(const struct view *v, int64_t key)
{
    const uint64_t *at = map_find(&v->block_index, (uint64_t)key);
    return at == NULL ? -1 : (int)*at - 1;
}

static void sum_blocks(struct view *v)
{
    struct evidence *e = v->e;
    const struct rows *r = &v->s->stages;
    for (size_t row = 0; row < r->n; row++) {
        const int64_t *key = ROWS_KEY(r, &EVIDENCE_STAGES, row);
        const i128 *sum = ROWS_VALUE(r, &EVIDENCE_STAGES, row);
        int k = stage_index(v, key[0]);
        int b = block_of(v, key[1]);
        if (k < 0 || b < 0) {
            continue;
        }
        const struct evidence_stage *g = &e->stages[k];
        double waits = (double)(sum[STAGE_WAIT] + sum[STAGE_UNDIVIDED_WAIT] + sum[STAGE_BLOCKED]);
        double works = (double)(sum[STAGE_WORK] + sum[STAGE_UNDIVIDED_WORK]);
        if (g->policy >= 0) { /* an undivided stay in it is waiting for its moment */
            double own = waits + (double)sum[STAGE_UNDIVIDED_WORK];
            e->wait[(size_t)g->policy * e->block_n + (size_t)b] += own;
            e->time[(size_t)g->policy * e->block_n + (size_t)b] += own;
            waits = 0;
            works = (double)sum[STAGE_WORK];
        }
        if (g->pool >= 0) {
            e->wait[(size_t)g->pool * e->block_n + (size_t)b] += waits;
            e->time[(size_t)g->pool * e->block_n + (size_t)b] += waits + works;
        }
    }
}

/* --- people ---------------------------------------------------------------------------------- */

static void sum_work(struct view *v)
{
    struct evidence *e = v->e;
    const struct rows *r = &v->s->work;
    struct crew_span *spans = mem_get((r->n + 1) * sizeof *spans);
    size_t n = 0;
    for (size_t row = 0; row < r->n; row++) {
        const int64_t *key = ROWS_KEY(r, &EVIDENCE_WORK, row);
        int k = stage_index(v, key[WORK_STAGE]);
        int b = block_of(v, key[WORK_BLOCK]);
        if (k >= 0 && b >= 0 && e->stages[k].pool >= 0) {
            spans[n++] = (struct crew_span){
                .actor = (sym)key[WORK_ACTOR],
                .group = (uint32_t)e->stages[k].pool,
                .block = (uint32_t)b,
                .begin = key[WORK_BEGIN],
                .end = key[WORK_END],
            };
        }
    }
    struct crew_group *groups = mem_get((e->place_n + 1) * sizeof *groups);
    crew_measure(v->s->flow, spans, n, groups, e->place_n);
    for (size_t i = 0; i < e->place_n; i++) {
        e->places[i].crew = groups[i];
    }
    for (size_t i = 0; i < n; i++) {
        e->work[spans[i].group * e->block_n + spans[i].block] += spans[i].share;
    }
    mem_put(groups);
    mem_put(spans);
}

enum { CALENDAR_WEEKS = 53 * 100, SPAN_WEEKS = 520 };

/* People of each pool in each week of the log: those at work within a week of it (turnover is not
 * capacity). `people[place * weeks + week]`. */
static void count_people(const struct view *v, int64_t first, size_t weeks, double *people)
{
    const struct evidence *e = v->e;
    const struct rows *r = &v->s->work;
    struct map seen = {0}; /* place and week, person */
    for (size_t row = 0; row < r->n; row++) {
        const int64_t *key = ROWS_KEY(r, &EVIDENCE_WORK, row);
        int k = stage_index(v, key[WORK_STAGE]);
        if (k < 0 || e->stages[k].pool < 0 || key[WORK_END] <= key[WORK_BEGIN]) {
            continue;
        }
        int64_t from = flow_week(v->s->flow, key[WORK_BEGIN]) - 1 - first;
        int64_t to = flow_week(v->s->flow, key[WORK_END] - 1) + 1 - first;
        to = to - from > SPAN_WEEKS ? from + SPAN_WEEKS : to;
        for (int64_t w = from < 0 ? 0 : from; w <= to && w < (int64_t)weeks; w++) {
            bool is_new;
            uint64_t slot = (uint64_t)e->stages[k].pool * weeks + (uint64_t)w;
            (void)map_add(&seen, slot << 32 | (uint64_t)key[WORK_ACTOR], &is_new);
            people[slot] += is_new ? 1 : 0;
        }
    }
    map_finish(&seen);
}

static lapse open_within(const struct view *v, when begin, when end) /* cut to the log */
{
    const struct flow_range *r = &v->s->range;
    begin = begin < r->begin ? r->begin : begin;
    end = end > r->end ? r->end : end;
    return flow_lapse(v->s->flow, begin, end);
}

static void sum_capacity(struct view *v)
{
    struct evidence *e = v->e;
    if (!v->s->range.seen || v->s->work.n == 0) {
        return;
    }
    int64_t first = flow_week(v->s->flow, v->s->range.begin);
    int64_t last = flow_week(v->s->flow, v->s->range.end);
    if (last - first >= CALENDAR_WEEKS || e->place_n * (size_t)(last - first + 1) > UINT32_MAX) {
        return; /* a century of weeks: the times are broken */
    }
    size_t weeks = (size_t)(last - first) + 1;
    double *people = mem_get((e->place_n * weeks + 1) * sizeof *people);
    double *open = mem_get(weeks * sizeof *open);
    count_people(v, first, weeks, people);
    double total = 0;
    for (size_t w = 0; w < weeks; w++) {
        open[w] = (double)open_within(v, flow_week_begin(v->s->flow, first + (int64_t)w),
                                      flow_week_begin(v->s->flow, first + (int64_t)w + 1));
        total += open[w];
    }
    for (size_t p = 0; p < e->place_n && total > 0; p++) {
        struct evidence_place *place = &e->places[p];
        if (place->kind != PLACE_POOL || place->crew.active_n == 0) {
            continue;
        }
        bool told = place->people > 0;
        double mean = 0;
        for (size_t w = 0; w < weeks; w++) {
            mean += people[p * weeks + w] * open[w] / total;
        }
        place->people = told ? place->people : mean;
        for (size_t b = 0; b < e->block_n; b++) {
            double *capacity = &e->capacity[p * e->block_n + b];
            if (e->weekly) {
                int64_t w = flow_week(v->s->flow, v->block_begin[b]) - first;
                if (w >= 0 && w < (int64_t)weeks) {
                    *capacity = open[w] * (told ? place->people : people[p * weeks + (size_t)w]);
                }
            } else {
                when end = b + 1 < e->block_n ? v->block_begin[b + 1] : v->s->range.end;
                when begin = b == 0 ? v->s->range.begin : v->block_begin[b];
                *capacity = (double)open_within(v, begin, end) * place->people;
            }
        }
    }
    mem_put(people);
    mem_put(open);
}

/* --- the indicator --------------------------------------------------------------------------- */

static double total_of(const double *values, size_t place, size_t block_n)
{
    double sum = 0;
    for (size_t b = 0; b < block_n; b++) {
        sum += values[place * block_n + b];
    }
    return sum;
}

static void sum_places(struct evidence *e)
{
    for (size_t p = 0; p < e->place_n; p++) {
        e->places[p].wait = total_of(e->wait, p, e->block_n);
        e->places[p].time = total_of(e->time, p, e->block_n);
        e->places[p].work = total_of(e->work, p, e->block_n);
        e->places[p].capacity = total_of(e->capacity, p, e->block_n);
    }
}

/* Utilisation where nine in ten visits tell start and person; waiting where the log tells it from
 * work for nine tenths of the time, or where waiting stages hold a tenth of it; else time. */
static enum indicator choose_indicator(const struct evidence *e)
{
    uint64_t visits = 0;
    uint64_t measured = 0;
    double time = 0;
    double undivided = 0;
    double waits = 0;
    for (size_t i = 0; i < e->stage_n; i++) {
        const struct evidence_stage *g = &e->stages[i];
        if (g->pool >= 0) {
            visits += g->visits;
            measured += g->measured;
        }
        double told = g->wait - g->undivided_wait;
        if (g->policy >= 0) { /* its pace is no work, but a gate that is told to be one waits */
            time += told;
            waits += told;
        } else if (g->pool >= 0) {
            time += g->time;
            undivided += g->undivided;
            waits += told;
        }
    }
    bool capacity = false;
    for (size_t p = 0; p < e->place_n; p++) {
        capacity = capacity || e->places[p].capacity > 0;
    }
    if (capacity && visits > 0 && (double)measured >= .9 * (double)visits) {
        return INDICATOR_UTILISATION;
    }
    return undivided <= .1 * time || waits >= .1 * time ? INDICATOR_WAIT : INDICATOR_TIME;
}

void evidence_show(const struct evidence_summary *s, struct evidence *ret)
{
    *ret = (struct evidence){.length = (double)flow_lapse(s->flow, s->range.begin, s->range.end),
                             .weeks = (double)flow_range_lapse(&s->range) / (double)WEEK};
    struct view v = {.s = s, .e = ret};
    take_stages(&v);
    count_stages(&v);
    find_outside(&v);
    find_next(&v);
    find_pools(&v);
    find_policies(&v);
    ret->places = v.places.v;
    ret->place_n = v.places.n;
    find_blocks(&v);
    size_t cells = ret->place_n * ret->block_n + 1;
    ret->wait = mem_get(cells * sizeof *ret->wait);
    ret->time = mem_get(cells * sizeof *ret->time);
    ret->work = mem_get(cells * sizeof *ret->work);
    ret->capacity = mem_get(cells * sizeof *ret->capacity);
    sum_blocks(&v);
    sum_work(&v);
    sum_capacity(&v);
    sum_places(ret);
    ret->indicator = choose_indicator(ret);
    map_finish(&v.stage_index);
    map_finish(&v.block_index);
    mem_put(v.block_begin);
}

void evidence_finish(struct evidence *e)
{
    mem_put(e->places);
    mem_put(e->stages);
    mem_put(e->wait);
    mem_put(e->time);
    mem_put(e->work);
    mem_put(e->capacity);
    *e = (struct evidence){0};
}
