/* One event costs two look-ups: its item's last event (a dense array, fetched ahead because items
 * come in no order) and the edge between the two activities. What an item has had is a bit each for
 * the first 64 edges and activities, and a hash entry each beyond. */
#include "fold/points.h"

#include "base/map.h"
#include "base/vec.h"
#include "math/quantile.h"

#include <assert.h>
#include <string.h>

enum { AHEAD = 24, MATRIX = 128 };

struct state {         /* of an item */
    lapse last;        /* its last event, on the clock */
    uint64_t edges;    /* bit i: it has edge i, i < 64 */
    uint64_t visited;  /* bit i: it has activity i, i < 64 */
    uint32_t activity; /* of its last event, + 1; 0: no event so far */
};

struct edge {
    uint32_t from, to;
    uint64_t count, items;
    i128 sum;
    lapse min, max;
    VEC(lapse) times;
};

struct activity {
    sym name;
    uint64_t visits, items, starts;
};

struct points {
    enum points_detail detail;
    const struct calendar *clock;
    bool any;
    when begin, end;
    uint64_t events, items;
    VEC(struct state) states; /* by item_id */
    VEC(uint32_t) number;     /* by sym: number of the activity + 1 */
    VEC(struct activity) activities;
    uint32_t *matrix;   /* number of the edge + 1, while both activities are below MATRIX */
    struct map numbers; /* (from, to) -> the same, beyond */
    VEC(struct edge) edges;
    struct map beyond;  /* (item, edge >= 64) */
    struct map strange; /* (item, activity >= 64) */
};

struct points *points_open(enum points_detail detail, const struct calendar *clock)
{
    struct points *p = mem_get(sizeof *p);
    p->detail = detail;
    p->clock = clock;
    p->matrix = mem_get((size_t)MATRIX * MATRIX * sizeof *p->matrix);
    return p;
}

void points_close(struct points *p)
{
    if (p != NULL) {
        for (size_t i = 0; i < p->edges.n; i++) {
            VEC_FINISH(&p->edges.v[i].times);
        }
        VEC_FINISH(&p->edges);
        VEC_FINISH(&p->states);
        VEC_FINISH(&p->number);
        VEC_FINISH(&p->activities);
        mem_put(p->matrix);
        map_finish(&p->numbers);
        map_finish(&p->beyond);
        map_finish(&p->strange);
        mem_put(p);
    }
}

static uint64_t pair(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

#define GROW(vec, count)                                                                           \
    do {                                                                                           \
        if ((vec)->n < (count)) {                                                                  \
            size_t n_ = (vec)->n;                                                                  \
            VEC_RESERVE(vec, count);                                                               \
            (vec)->n = (vec)->cap;                                                                 \
            memset((vec)->v + n_, 0, ((vec)->n - n_) * sizeof *(vec)->v);                          \
        }                                                                                          \
    } while (0)

/* Room for the items and activities of a batch, so that the loop over it checks nothing. */
static void make_room(struct points *p, const struct log *log)
{
    uint32_t item = 0, activity = 0;
    for (size_t i = 0; i < log->n; i++) {
        item = log->item[i] > item ? log->item[i] : item;
        activity = log->activity[i] > activity ? log->activity[i] : activity;
    }
    GROW(&p->states, (size_t)item + 1);
    GROW(&p->number, (size_t)activity + 1);
}

static uint32_t activity_of(struct points *p, sym name)
{
    uint32_t number = p->number.v[name];
    if (number == 0) {
        VEC_ADD(&p->activities, (struct activity){.name = name});
        number = p->number.v[name] = (uint32_t)p->activities.n;
    }
    return number - 1;
}

static struct edge *new_edge(struct points *p, uint32_t from, uint32_t to)
{
    VEC_ADD(&p->edges, (struct edge){.from = from, .to = to, .min = INT64_MAX, .max = INT64_MIN});
    return &p->edges.v[p->edges.n - 1];
}

static struct edge *edge_of(struct points *p, uint32_t from, uint32_t to)
{
    if (from < MATRIX && to < MATRIX) {
        uint32_t *number = &p->matrix[from * MATRIX + to];
        if (*number != 0) {
            return &p->edges.v[*number - 1];
        }
        *number = (uint32_t)p->edges.n + 1;
        return new_edge(p, from, to);
    }
    bool fresh = false;
    uint64_t *number = map_add(&p->numbers, pair(from, to), &fresh);
    if (!fresh) {
        return &p->edges.v[*number - 1];
    }
    *number = p->edges.n + 1;
    return new_edge(p, from, to);
}

/* Is this the item's first of number i? */
static inline bool first_of(uint64_t *bits, struct map *beyond, item_id item, uint32_t i)
{
    if (i < 64) {
        uint64_t bit = UINT64_C(1) << i;
        bool first = (*bits & bit) == 0;
        *bits |= bit;
        return first;
    }
    bool fresh = false;
    map_add(beyond, pair(item, i), &fresh);
    return fresh;
}

static void see_window(struct points *p, const struct log *log)
{
    for (size_t i = 0; i < log->n; i++) {
        p->begin = !p->any || log->time[i] < p->begin ? log->time[i] : p->begin;
        p->end = !p->any || log->time[i] > p->end ? log->time[i] : p->end;
        p->any = true;
    }
}

status points_step(struct points *p, const struct log *log, struct error *why)
{
    make_room(p, log);
    see_window(p, log);
    struct state *states = p->states.v;
    const bool exact = p->detail == POINTS_EXACT;
    for (size_t i = 0; i < log->n; i++) {
        if (i + AHEAD < log->n) {
            __builtin_prefetch(&states[log->item[i + AHEAD]], 1);
        }
        item_id item = log->item[i];
        if (item == 0) { /* of no item */
            continue;
        }
        struct state *state = &states[item];
        uint32_t to = activity_of(p, log->activity[i]);
        struct activity *activity = &p->activities.v[to];
        lapse at = p->clock != NULL ? calendar_at(p->clock, log->time[i]) : log->time[i];
        if (state->activity != 0) {
            lapse d = 0;
            if (at < state->last) {
                return error_set(why,
                                 "event %llu of the log is earlier than the one before of its "
                                 "item: the log is not in order of time",
                                 (unsigned long long)p->events + i + 1);
            }
            if (__builtin_sub_overflow(at, state->last, &d)) {
                d = INT64_MAX;
            }
            struct edge *edge = edge_of(p, state->activity - 1, to);
            edge->count++;
            edge->sum += d;
            edge->min = d < edge->min ? d : edge->min;
            edge->max = d > edge->max ? d : edge->max;
            edge->items += first_of(&state->edges, &p->beyond, item, (uint32_t)(edge - p->edges.v));
            if (exact) {
                VEC_ADD(&edge->times, d);
            }
        } else {
            p->items++;
            activity->starts++;
        }
        activity->visits++;
        activity->items += first_of(&state->visited, &p->strange, item, to);
        state->last = at;
        state->activity = to + 1;
    }
    p->events += log->n;
    return OK;
}

static struct distribution time_of(const struct points *p, const struct edge *e)
{
    if (p->detail == POINTS_EXACT) {
        return distribution_of(e->times.v, e->times.n);
    }
    return (struct distribution){.n = e->count,
                                 .sum = (double)e->sum,
                                 .mean = (double)e->sum / (double)e->count,
                                 .min = (double)e->min,
                                 .max = (double)e->max};
}

static struct flowmap_count *ends_of(const struct points *p, struct arena *arena, size_t *ret_n)
{
    struct flowmap_count *ends = ARENA_ARRAY(arena, struct flowmap_count, p->activities.n + 1);
    for (size_t i = 0; i < p->activities.n; i++) {
        ends[i].name = p->activities.v[i].name;
    }
    for (size_t i = 0; i < p->states.n; i++) {
        if (p->states.v[i].activity != 0) {
            ends[p->states.v[i].activity - 1].n++;
        }
    }
    size_t n = 0;
    for (size_t i = 0; i < p->activities.n; i++) {
        if (ends[i].n > 0) {
            ends[n++] = ends[i];
        }
    }
    *ret_n = n;
    return ends;
}

void points_show(struct points *p, const struct names *names, struct arena *arena,
                 struct flowmap_result *ret)
{
    struct flowmap_result r = {.items = p->items,
                               .begin = WHEN_NONE,
                               .end = WHEN_NONE,
                               .exact = p->detail == POINTS_EXACT,
                               .edge_n = p->edges.n,
                               .stage_n = p->activities.n};
    if (p->any) {
        r.begin = calendar_at(p->clock, p->begin);
        r.end = calendar_at(p->clock, p->end);
    }
    r.edges = ARENA_ARRAY(arena, struct flowmap_edge, p->edges.n + 1);
    for (size_t i = 0; i < p->edges.n; i++) {
        const struct edge *e = &p->edges.v[i];
        r.edges[i] = (struct flowmap_edge){.from = p->activities.v[e->from].name,
                                           .to = p->activities.v[e->to].name,
                                           .count = e->count,
                                           .items = e->items,
                                           .time = time_of(p, e)};
    }
    r.stages = ARENA_ARRAY(arena, struct flowmap_stage, p->activities.n + 1);
    r.starts = ARENA_ARRAY(arena, struct flowmap_count, p->activities.n + 1);
    for (size_t i = 0; i < p->activities.n; i++) {
        const struct activity *a = &p->activities.v[i];
        r.visits += a->visits;
        r.stages[i] = (struct flowmap_stage){.name = a->name,
                                             .visits = a->visits,
                                             .items = a->items,
                                             .rework_visits = a->visits - a->items};
        if (a->starts > 0) {
            r.starts[r.start_n++] = (struct flowmap_count){a->name, a->starts};
        }
    }
    r.ends = ends_of(p, arena, &r.end_n);
    flowmap_arrange(&r, names);
    *ret = r;
}
