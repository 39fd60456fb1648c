/* An item's state is its last visit's person, the last two teams that are not the same (fold/rework
 * calls it ping-pong when an item comes back to the one before), and a bit for each of the first
 * WIDE activities that it has had; beyond, a hash entry each. */
#include "fold/again.h"

#include "base/map.h"
#include "base/vec.h"

#include <string.h>

enum { AHEAD = 24, WIDE = 62 };

struct state {       /* of an item; 32 bytes, two in a cache line */
    uint64_t had;    /* bit i: an activity of number i + 1 */
    sym actor, team; /* of the last visit; 0: not known */
    sym now, before; /* the last two teams that are not the same */
    bool any, again;
};

struct mark { /* an event of an item that did something again */
    item_id item;
    sym activity, actor, team;
};

struct again {
    VEC(struct state) states; /* by item */
    VEC(uint32_t) number;     /* by sym: number of the activity, from 1 */
    VEC(sym) activities;      /* by number - 1 */
    struct map beyond;        /* (item, number), numbers above WIDE */
    struct handover *handover;
    uint64_t plain;         /* items not chosen */
    VEC(bool) chosen;       /* by item */
    VEC(uint64_t) once;     /* visits by number - 1, of the items not chosen */
    VEC(struct mark) marks; /* of the chosen, in order of the log */
};

struct again *again_open(void)
{
    struct again *a = mem_get(sizeof *a);
    a->handover = mem_get(handover_fold.size);
    return a;
}

void again_close(struct again *a)
{
    if (a != NULL) {
        VEC_FINISH(&a->states);
        VEC_FINISH(&a->number);
        VEC_FINISH(&a->activities);
        VEC_FINISH(&a->chosen);
        VEC_FINISH(&a->once);
        VEC_FINISH(&a->marks);
        map_finish(&a->beyond);
        handover_fold.finish(a->handover);
        mem_put(a->handover);
        mem_put(a);
    }
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

static void make_room(struct again *a, const struct log *log)
{
    uint32_t item = 0, activity = 0;
    for (size_t i = 0; i < log->n; i++) {
        item = log->item[i] > item ? log->item[i] : item;
        activity = log->activity[i] > activity ? log->activity[i] : activity;
    }
    GROW(&a->states, (size_t)item + 1);
    GROW(&a->number, (size_t)activity + 1);
}

static uint32_t number_of(struct again *a, sym activity)
{
    if (a->number.v[activity] == 0) {
        VEC_ADD(&a->activities, activity);
        a->number.v[activity] = (uint32_t)a->activities.n;
    }
    return a->number.v[activity];
}

static bool has_had(struct again *a, item_id item, struct state *s, uint32_t number)
{
    bool fresh = false;
    if (number <= WIDE) {
        uint64_t bit = UINT64_C(1) << (number - 1);
        fresh = (s->had & bit) == 0;
        s->had |= bit;
    } else {
        (void)map_add(&a->beyond, (uint64_t)item << 32 | number, &fresh);
    }
    return !fresh;
}

void again_step(struct again *a, const struct log *log)
{
    make_room(a, log);
    for (size_t i = 0; i < log->n; i++) {
        if (i + AHEAD < log->n) {
            __builtin_prefetch(&a->states.v[log->item[i + AHEAD]], 1);
        }
        item_id item = log->item[i];
        if (item == 0) { /* of no item */
            continue;
        }
        struct state *s = &a->states.v[item];
        struct handover_side side = {log->actor != NULL ? log->actor[i] : 0,
                                     log->team != NULL ? log->team[i] : 0};
        s->again |= has_had(a, item, s, number_of(a, log->activity[i]));
        handover_visit(a->handover, side);
        if (s->any) {
            handover_pair(a->handover, (struct handover_side){s->actor, s->team}, side);
        }
        if (side.team != 0 && side.team != s->now) {
            s->again |= side.team == s->before;
            s->before = s->now;
            s->now = side.team;
        }
        s->any = true;
        s->actor = side.actor;
        s->team = side.team;
    }
}

void again_choose(struct again *a)
{
    GROW(&a->chosen, a->states.n);
    GROW(&a->once, a->activities.n);
    for (size_t i = 0; i < a->states.n; i++) {
        a->chosen.v[i] = a->states.v[i].again;
        a->plain += a->states.v[i].any && !a->states.v[i].again;
    }
    VEC_FINISH(&a->states);
    map_finish(&a->beyond);
}

void again_fetch(struct again *a, const struct log *log)
{
    for (size_t i = 0; i < log->n; i++) {
        item_id item = log->item[i];
        if (item == 0 || item >= a->chosen.n) {
            continue;
        }
        if (a->chosen.v[item]) {
            VEC_ADD(&a->marks,
                    (struct mark){item, log->activity[i], log->actor != NULL ? log->actor[i] : 0,
                                  log->team != NULL ? log->team[i] : 0});
        } else {
            a->once.v[a->number.v[log->activity[i]] - 1]++;
        }
    }
}

/* The chosen items' events as the fold wants them: item by item, each in order of the log. */
static void step_chosen(const struct again *a, struct rework *r)
{
    enum { CHUNK = 1 << 16 };
    size_t items = a->chosen.n;
    uint32_t *end = mem_get((items + 1) * sizeof *end); /* where the item's next event goes */
    uint32_t *order = mem_get((a->marks.n + 1) * sizeof *order);
    struct traces t = {.log_begin = WHEN_NONE, .log_end = WHEN_NONE};
    for (size_t i = 0; i < a->marks.n; i++) {
        end[a->marks.v[i].item + 1]++;
    }
    for (size_t i = 0; i < items; i++) {
        end[i + 1] += end[i];
    }
    for (size_t i = 0; i < a->marks.n; i++) {
        order[end[a->marks.v[i].item]++] = (uint32_t)i;
    }
    for (size_t i = 0; i < a->marks.n;) {
        struct trace item = {.item = a->marks.v[order[i]].item, .first = t.visits.n};
        for (; i < a->marks.n && a->marks.v[order[i]].item == item.item; i++, item.n++) {
            const struct mark *m = &a->marks.v[order[i]];
            VEC_ADD(&t.visits, (struct visit){.item = m->item,
                                              .activity = m->activity,
                                              .actor = m->actor,
                                              .team = m->team});
        }
        VEC_ADD(&t.items, item);
        if (t.visits.n >= CHUNK || i == a->marks.n) {
            rework_fold.step(r, &t);
            traces_clear(&t);
        }
    }
    traces_finish(&t);
    mem_put(order);
    mem_put(end);
}

void again_show(const struct again *a, uint64_t least, const struct names *names,
                struct arena *arena, struct rework_result *ret_rework,
                struct handover_result *ret_handover)
{
    struct rework *r = mem_get(rework_fold.size);
    rework_add_items(r, a->plain);
    for (size_t i = 0; i < a->activities.n; i++) {
        if (a->once.v[i] > 0) {
            rework_add_visits(r, a->activities.v[i], a->once.v[i]);
        }
    }
    step_chosen(a, r);
    rework_show(r, names, arena, ret_rework);
    handover_show(a->handover, least, names, arena, ret_handover);
    rework_fold.finish(r);
    mem_put(r);
}
