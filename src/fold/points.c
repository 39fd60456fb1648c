/* One event costs two look-ups: its item's last event (a dense array, fetched ahead because items
 * come in no order) and the sums of the edge between the two activities. What an item has had is a
 * bit each for the first 96 edges and a hash entry each beyond; activities follow from edges, so
 * they cost nothing until they are shown. The loop holds in variables what it would otherwise read
 * again after every store; whatever is new (an item, an activity, an edge) is a call. */
#include "fold/points.h"

#include "base/map.h"
#include "base/vec.h"
#include "base/wide.h"
#include "model/stages.h"

#include <assert.h>
#include <string.h>

enum { AHEAD = 24, MATRIX = 128 };

enum { HOT = 32, WARM = 64, COLD = HOT + WARM }; /* edges by where an item's bit of them is */

struct state {         /* of an item; 16 bytes, so that it never lies across two cache lines */
    lapse last;        /* its last event, on the clock */
    uint32_t hot;      /* bit i: it has edge i, i < HOT */
    uint32_t activity; /* of its last event, + 1; 0: no event so far */
};

struct sums { /* of an edge: one cache line */
    uint64_t count, items;
    i128 sum;
    lapse min, max;
};

struct edge {
    uint32_t from, to;
    VEC(lapse) times;
};

struct points {
    enum points_detail detail;
    const struct calendar *clock;
    bool any;
    when begin, end;
    uint64_t events, items;
    VEC(struct state) states; /* by item_id, as are the next two */
    VEC(uint32_t) firsts;     /* activity of the first event, + 1 */
    VEC(uint64_t) warm;       /* bit i: it has edge HOT + i; empty while there are few edges */
    VEC(uint32_t) number;     /* by sym: number of the activity + 1 */
    VEC(sym) activities;
    uint32_t *matrix;   /* number of the edge + 1, while both activities are below MATRIX */
    struct map numbers; /* (from, to) -> the same, beyond */
    VEC(struct sums) sums;
    VEC(struct edge) edges;
    struct map beyond; /* (item, edge >= COLD) */
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
        VEC_FINISH(&p->sums);
        VEC_FINISH(&p->states);
        VEC_FINISH(&p->firsts);
        VEC_FINISH(&p->warm);
        VEC_FINISH(&p->number);
        VEC_FINISH(&p->activities);
        mem_put(p->matrix);
        map_finish(&p->numbers);
        map_finish(&p->beyond);
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
    GROW(&p->firsts, (size_t)item + 1);
    GROW(&p->number, (size_t)activity + 1);
}

static __attribute__((noinline)) uint32_t new_activity(struct points *p, sym name)
{
    VEC_ADD(&p->activities, name);
    return p->number.v[name] = (uint32_t)p->activities.n;
}

static __attribute__((noinline)) uint32_t new_edge(struct points *p, uint32_t from, uint32_t to)
{
    VEC_ADD(&p->sums, (struct sums){.min = INT64_MAX, .max = INT64_MIN});
    VEC_ADD(&p->edges, (struct edge){.from = from, .to = to});
    return (uint32_t)p->edges.n;
}

static __attribute__((noinline)) uint32_t far_edge(struct points *p, uint32_t from, uint32_t to)
{
    bool fresh = false;
    uint64_t *number = map_add(&p->numbers, pair(from, to), &fresh);
    if (fresh) {
        *number = new_edge(p, from, to);
    }
    return (uint32_t)*number;
}

/* Is this the item's first of an edge that is not hot? */
static __attribute__((noinline)) bool first_beyond(struct points *p, item_id item, uint32_t edge)
{
    bool fresh = false;
    if (edge < COLD) {
        GROW(&p->warm, (size_t)item + 1);
        uint64_t bit = UINT64_C(1) << (edge - HOT);
        fresh = (p->warm.v[item] & bit) == 0;
        p->warm.v[item] |= bit;
        return fresh;
    }
    map_add(&p->beyond, pair(item, edge), &fresh);
    return fresh;
}

static status_code out_of_order(const struct points *p, size_t row, struct error *why)
{
    return error_set(why,
                     "event %llu of the log is earlier than the one before of its item: the log is "
                     "not in order of time",
                     (unsigned long long)p->events + row + 1);
}

/* Number of the edge + 1. */
static inline uint32_t edge_of(struct points *p, uint32_t from, uint32_t to)
{
    if (from < MATRIX && to < MATRIX) {
        uint32_t *number = &p->matrix[from * MATRIX + to];
        return *number != 0 ? *number : (*number = new_edge(p, from, to));
    }
    return far_edge(p, from, to);
}

/* Written once for each kind of map, by inlining. */
static inline __attribute__((always_inline)) status_code
step_by(struct points *p, const struct log *log, bool exact, bool work, struct error *why)
{
    struct state *const states = p->states.v;
    const uint32_t *const number = p->number.v;
    const item_id *const items = log->item;
    const size_t n = log->n;
    when begin = p->any ? p->begin : INT64_MAX, end = p->any ? p->end : INT64_MIN;
    for (size_t i = 0; i < n && i < AHEAD; i++) {
        __builtin_prefetch(&states[items[i]], 1);
    }
    for (size_t i = 0; i < n; i++) {
        if (i + AHEAD < n) {
            __builtin_prefetch(&states[items[i + AHEAD]], 1);
        }
        item_id item = items[i];
        struct state *state = &states[item];
        uint32_t to = number[log->activity[i]];
        if (to == 0) {
            to = new_activity(p, log->activity[i]);
        }
        when time = log->time[i];
        lapse at = work ? calendar_at(p->clock, time) : time;
        begin = time < begin ? time : begin;
        end = time > end ? time : end;
        uint32_t from = state->activity;
        if (from == 0) {
            if (item == 0) { /* of no item */
                continue;
            }
            p->items++;
            p->firsts.v[item] = to;
        } else {
            lapse d = 0;
            if (at < state->last) {
                return out_of_order(p, i, why);
            }
            if (__builtin_sub_overflow(at, state->last, &d)) {
                d = INT64_MAX;
            }
            uint32_t edge = edge_of(p, from - 1, to - 1) - 1;
            struct sums *sums = &p->sums.v[edge];
            sums->count++;
            sums->sum += d;
            sums->min = d < sums->min ? d : sums->min;
            sums->max = d > sums->max ? d : sums->max;
            if (edge < HOT) {
                sums->items += (~state->hot >> edge) & 1;
                state->hot |= UINT32_C(1) << edge;
            } else {
                sums->items += first_beyond(p, item, edge);
            }
            if (exact) {
                struct edge *e = &p->edges.v[edge];
                VEC_ADD(&e->times, d);
            }
        }
        state->last = at;
        state->activity = to;
    }
    p->begin = begin;
    p->end = end;
    p->any |= n > 0;
    return OK;
}

static __attribute__((noinline)) status_code sums_on_wall(struct points *p, const struct log *log,
                                                          struct error *why)
{
    return step_by(p, log, false, false, why);
}

static __attribute__((noinline)) status_code sums_on_work(struct points *p, const struct log *log,
                                                          struct error *why)
{
    return step_by(p, log, false, true, why);
}

static __attribute__((noinline)) status_code all_on_wall(struct points *p, const struct log *log,
                                                         struct error *why)
{
    return step_by(p, log, true, false, why);
}

static __attribute__((noinline)) status_code all_on_work(struct points *p, const struct log *log,
                                                         struct error *why)
{
    return step_by(p, log, true, true, why);
}

status points_step(struct points *p, const struct log *log, struct error *why)
{
    bool exact = p->detail != POINTS_SUMS, work = p->clock != NULL;
    make_room(p, log);
    TRY((exact ? (work ? all_on_work : all_on_wall) : (work ? sums_on_work : sums_on_wall))(p, log,
                                                                                            why));
    p->events += log->n;
    return OK;
}

/* ---- showing ---- */

static struct distribution time_of(const struct points *p, size_t edge)
{
    const struct sums *s = &p->sums.v[edge];
    if (p->detail != POINTS_SUMS) {
        return distribution_of(p->edges.v[edge].times.v, p->edges.v[edge].times.n);
    }
    return (struct distribution){.n = s->count,
                                 .sum = (double)s->sum,
                                 .mean = (double)s->sum / (double)s->count,
                                 .min = (double)s->min,
                                 .max = (double)s->max};
}

/* Visits, items, starts and ends of the activities, by their numbers. */
struct tally {
    uint64_t visits, items, starts, ends;
    uint32_t hot; /* edges that lead to it */
    uint64_t warm;
};

/* Items whose first activity and edges are the same are alike here, and most items are like many
 * others: they are counted in a few slots, and what is counted is spread over the activities when a
 * slot is needed for another kind, and at the end. */
struct alike {
    uint64_t n, warm;
    uint32_t hot, first; /* first: activity + 1 */
};
enum { ALIKE_BITS = 12 };

static void spread(const struct points *p, struct tally *v, struct alike *a)
{
    struct tally *first = &v[a->first - 1];
    uint32_t hot = a->hot & ~first->hot;
    uint64_t warm = a->warm & ~first->warm;
    first->starts += a->n;
    first->visits += a->n;
    first->items += a->n;
    while ((hot | warm) != 0) { /* one activity after the other */
        size_t edge = hot != 0 ? (size_t)__builtin_ctz(hot) : HOT + (size_t)__builtin_ctzll(warm);
        struct tally *to = &v[p->edges.v[edge].to];
        to->items += a->n;
        hot &= ~to->hot;
        warm &= ~to->warm;
    }
    a->n = 0;
}

static void tally_items(const struct points *p, struct tally *v)
{
    struct alike *slots = mem_get(sizeof *slots << ALIKE_BITS);
    for (size_t i = 0; i < p->states.n; i++) {
        const struct state *state = &p->states.v[i];
        if (state->activity == 0) {
            continue;
        }
        uint32_t first = p->firsts.v[i];
        uint64_t warm = i < p->warm.n ? p->warm.v[i] : 0;
        uint64_t mixed = ((pair(first, state->hot) ^ warm) * 0x9e3779b97f4a7c15u);
        struct alike *a = &slots[mixed >> (64 - ALIKE_BITS)];
        if (a->n > 0 && (a->hot != state->hot || a->first != first || a->warm != warm)) {
            spread(p, v, a);
        }
        *a = (struct alike){a->n + 1, warm, state->hot, first};
        v[state->activity - 1].ends++;
    }
    for (size_t i = 0; i < (size_t)1 << ALIKE_BITS; i++) {
        if (slots[i].n > 0) {
            spread(p, v, &slots[i]);
        }
    }
    mem_put(slots);
}

static struct tally *tally_of(const struct points *p)
{
    size_t n = p->activities.n, at = 0;
    struct tally *v = mem_get((n + 1) * sizeof *v);
    struct map strange = {0}; /* (item, activity) that only edges beyond COLD lead to */
    uint64_t key = 0, value = 0;
    for (size_t e = 0; e < p->edges.n; e++) {
        struct tally *to = &v[p->edges.v[e].to];
        to->visits += p->sums.v[e].count;
        to->hot |= e < HOT ? UINT32_C(1) << e : 0;
        to->warm |= e >= HOT && e < COLD ? UINT64_C(1) << (e - HOT) : 0;
    }
    tally_items(p, v);
    while (map_next(&p->beyond, &at, &key, &value)) {
        size_t item = key >> 32;
        uint32_t to = p->edges.v[(uint32_t)key].to;
        bool had = p->firsts.v[item] - 1 == to || (p->states.v[item].hot & v[to].hot) != 0 ||
                   (item < p->warm.n && (p->warm.v[item] & v[to].warm) != 0);
        if (!had) {
            bool fresh = false;
            map_add(&strange, pair((uint32_t)item, to), &fresh);
            v[to].items += fresh;
        }
    }
    map_finish(&strange);
    return v;
}

/* Of the stages, in the order of activities: the times of the edges that lead to each, and zero for
 * the items that begin there. Edges still stand in the order of their numbers. */
static void show_times(const struct points *p, const struct tally *tally, struct flowmap_result *r,
                       const uint32_t *place)
{
    double window = 0;
    lapse length = 0;
    if (p->any) {
        window =
            __builtin_sub_overflow(r->end, r->begin, &length) ? (double)INT64_MAX : (double)length;
    }
    VEC(lapse) times = {0};
    for (uint32_t a = 0; a < p->activities.n; a++) {
        if (place[a] == 0) {
            continue;
        }
        struct flowmap_stage *stage = &r->stages[place[a] - 1];
        uint64_t starts = tally[a].starts, incoming = 0;
        size_t only = 0;
        i128 sum = 0;
        times.n = 0;
        for (size_t e = 0; e < p->edges.n; e++) {
            if (p->edges.v[e].to == a) {
                only = e;
                incoming++;
                sum = wide_add(sum, p->sums.v[e].sum);
            }
        }
        stage->wip = window > 0 ? (double)sum / window : 0;
        if (starts == 0 && incoming == 1) {
            stage->time = r->edges[only].time;
            continue;
        }
        VEC_RESERVE(&times, tally[a].visits);
        assert(times.v != NULL); /* a stage has visits */
        for (size_t e = 0; e < p->edges.n; e++) {
            const struct edge *edge = &p->edges.v[e];
            if (edge->to == a) {
                memcpy(times.v + times.n, edge->times.v, edge->times.n * sizeof *times.v);
                times.n += edge->times.n;
            }
        }
        memset(times.v + times.n, 0, starts * sizeof *times.v);
        times.n += starts;
        stage->time = distribution_of(times.v, times.n);
    }
    VEC_FINISH(&times);
}

static void show_activities(const struct points *p, struct arena *arena, struct flowmap_result *r)
{
    size_t n = p->activities.n;
    struct tally *tally = tally_of(p);
    r->stages = ARENA_ARRAY(arena, struct flowmap_stage, n + 1);
    r->starts = ARENA_ARRAY(arena, struct flowmap_count, n + 1);
    r->ends = ARENA_ARRAY(arena, struct flowmap_count, n + 1);
    uint32_t *place = mem_get((n + 1) * sizeof *place); /* of the stage of an activity, + 1 */
    for (size_t i = 0; i < n; i++) {
        const struct tally *t = &tally[i];
        if (t->visits == 0) {
            continue; /* of events of no item */
        }
        r->visits += t->visits;
        place[i] = (uint32_t)r->stage_n + 1;
        r->stages[r->stage_n++] = (struct flowmap_stage){.name = p->activities.v[i],
                                                         .category = CATEGORY_ACTIVE,
                                                         .visits = t->visits,
                                                         .items = t->items,
                                                         .rework_visits = t->visits - t->items};
        if (t->starts > 0) {
            r->starts[r->start_n++] = (struct flowmap_count){p->activities.v[i], t->starts};
        }
        if (t->ends > 0) {
            r->ends[r->end_n++] = (struct flowmap_count){p->activities.v[i], t->ends};
        }
    }
    if (p->detail == POINTS_WHOLE) {
        show_times(p, tally, r, place);
    }
    mem_put(place);
    mem_put(tally);
}

void points_show(struct points *p, const struct names *names, struct arena *arena,
                 struct flowmap_result *ret)
{
    struct flowmap_result r = {.items = p->items,
                               .begin = WHEN_NONE,
                               .end = WHEN_NONE,
                               .exact = p->detail != POINTS_SUMS,
                               .stage_times = p->detail == POINTS_WHOLE,
                               .edge_n = p->edges.n};
    if (p->any) {
        r.begin = calendar_at(p->clock, p->begin);
        r.end = calendar_at(p->clock, p->end);
    }
    r.edges = ARENA_ARRAY(arena, struct flowmap_edge, p->edges.n + 1);
    for (size_t i = 0; i < p->edges.n; i++) {
        const struct edge *e = &p->edges.v[i];
        r.edges[i] = (struct flowmap_edge){.from = p->activities.v[e->from],
                                           .to = p->activities.v[e->to],
                                           .count = p->sums.v[i].count,
                                           .items = p->sums.v[i].items,
                                           .time = time_of(p, i)};
    }
    show_activities(p, arena, &r);
    flowmap_arrange(&r, names);
    *ret = r;
}

void points_span(const struct points *p, when *ret_begin, when *ret_end)
{
    *ret_begin = p->any ? p->begin : WHEN_NONE;
    *ret_end = p->any ? p->end : WHEN_NONE;
}
