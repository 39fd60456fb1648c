/* Small networks with a known truth, and traces without sense, for the tests of the folds. */
#pragma once

#include "base/rng.h"
#include "model/visit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* --- stages in line, first in first out, each with people of a pool --------------------------- */

enum { NET_STAGES = 6, NET_PEOPLE = 8, NET_ITEMS = 8000 };

struct net_stage {
    sym stage;
    int pool;       /* number of the pool */
    double service; /* mean, hours; exponential */
    double period;  /* of a gate, hours; 0: none. Nobody works in a gate */
    double timer;   /* a fixed wait, hours, after which the item goes on; 0: none */
};

struct net {
    int stage_n;
    struct net_stage stages[NET_STAGES];
    int people[NET_STAGES]; /* of each pool */
    double gap;             /* mean time between arrivals, hours; Poisson */
    size_t items;
    bool hide_people, hide_starts; /* what the log does not tell */
    uint64_t seed;
};

static inline double net_exponential(uint64_t seed, uint64_t a, uint64_t b)
{
    return -log(rng_unit(rng_mix(rng_mix(rng_mix(0, seed), a), b)));
}

struct net_task { /* an item ready for its next stage */
    double ready;
    size_t item;
    int stage;
};

struct net_heap {
    struct net_task v[NET_ITEMS + 1];
    size_t n;
};

static inline bool net_before(struct net_task a, struct net_task b)
{
    return a.ready < b.ready || (a.ready == b.ready && a.item < b.item);
}

static inline void net_push(struct net_heap *h, struct net_task t)
{
    size_t i = h->n++;
    for (; i > 0 && net_before(t, h->v[(i - 1) / 2]); i = (i - 1) / 2) {
        h->v[i] = h->v[(i - 1) / 2];
    }
    h->v[i] = t;
}

static inline struct net_task net_pop(struct net_heap *h)
{
    struct net_task top = h->v[0];
    struct net_task t = h->v[--h->n];
    size_t i = 0;
    for (size_t child = 1; child < h->n; child = 2 * i + 1) {
        child += child + 1 < h->n && net_before(h->v[child + 1], h->v[child]);
        if (!net_before(h->v[child], t)) {
            break;
        }
        h->v[i] = h->v[child];
        i = child;
    }
    h->v[i] = t;
    return top;
}

static inline when net_time(double hours)
{
    return 20454 * DAY + (when)(hours * (double)HOUR); /* from Thursday 2026-01-01 on */
}

/* Tasks leave the heap in the order in which they became ready, and whoever is free first takes the
 * next: that is first in, first out for every pool. Items are written stage by stage. */
static inline void net_run(const struct net *net, struct traces *ret)
{
    static struct net_heap heap;
    static struct visit visits[NET_ITEMS][NET_STAGES];
    double free_at[NET_STAGES][NET_PEOPLE] = {{0}};
    heap.n = 0;
    double arrival = 0;
    for (size_t i = 0; i < net->items; i++) {
        arrival += net->gap * net_exponential(net->seed, 1000, i);
        net_push(&heap, (struct net_task){arrival, i, 0});
    }
    double last = 0;
    while (heap.n > 0) {
        struct net_task t = net_pop(&heap);
        const struct net_stage *s = &net->stages[t.stage];
        double start = t.ready;
        double end = t.ready;
        sym actor = 0;
        if (s->period > 0) {
            start = end = ceil(t.ready / s->period) * s->period;
        } else if (s->timer > 0) {
            start = end = t.ready + s->timer;
        } else {
            int who = 0;
            for (int p = 1; p < net->people[s->pool]; p++) {
                who = free_at[s->pool][p] < free_at[s->pool][who] ? p : who;
            }
            start = fmax(t.ready, free_at[s->pool][who]);
            end = start + s->service * net_exponential(net->seed, (uint64_t)t.stage, t.item);
            free_at[s->pool][who] = end;
            actor = (sym)(500 + s->pool * NET_PEOPLE + who);
        }
        visits[t.item][t.stage] = (struct visit){
            .item = (item_id)t.item + 1,
            .activity = s->stage,
            .actor = net->hide_people ? 0 : actor,
            .enabled = net_time(t.ready),
            .start = net->hide_starts ? net_time(end) : net_time(start),
            .end = net_time(end),
            .order = (uint32_t)t.stage,
            .flags = net->hide_starts ? VISIT_POINT : 0,
        };
        last = fmax(last, end);
        if (t.stage + 1 < net->stage_n) {
            net_push(&heap, (struct net_task){end, t.item, t.stage + 1});
        }
    }
    traces_clear(ret);
    ret->log_begin = net_time(0);
    ret->log_end = net_time(last);
    for (size_t i = 0; i < net->items; i++) {
        struct trace life = {.item = (item_id)i + 1, .first = ret->visits.n};
        for (int k = 0; k < net->stage_n; k++) {
            VEC_ADD(&ret->visits, visits[i][k]);
        }
        life.n = (size_t)net->stage_n;
        life.begin = visits[i][0].enabled;
        life.end = visits[i][net->stage_n - 1].end;
        VEC_ADD(&ret->items, life);
    }
}

/* --- traces without sense: overlapping, open, reversed, of no length --- */

static inline void nonsense(uint64_t seed, size_t items, struct traces *ret)
{
    uint64_t at = rng_mix(0, seed);
    traces_clear(ret);
    lapse scale = (lapse[]){SECOND, HOUR, DAY, 3 * DAY}[rng_below(&at, 4)];
    ret->log_begin = net_time(0);
    ret->log_end = net_time(0) + 40 * scale;
    for (size_t i = 0; i < items; i++) {
        struct trace life = {.item = (item_id)i + 1, .first = ret->visits.n};
        life.begin = ret->log_begin + (lapse)rng_below(&at, 30) * scale;
        life.end = life.begin + (lapse)rng_below(&at, 12) * scale - scale;
        life.flags = (uint8_t)rng_below(&at, 8);
        life.n = rng_below(&at, 8);
        for (size_t k = 0; k < life.n; k++) {
            struct visit v = {.item = life.item, .activity = 1 + (sym)rng_below(&at, 5)};
            v.actor = (sym)rng_below(&at, 4) * 7;
            v.start = life.begin + (lapse)rng_below(&at, 14) * scale - 2 * scale;
            v.end = v.start + (lapse)rng_below(&at, 6) * scale - scale;
            v.enabled = rng_below(&at, 3) == 0
                            ? WHEN_NONE
                            : v.start - (lapse)rng_below(&at, 4) * scale + scale / 2;
            v.suspended = (lapse)rng_below(&at, 3) * scale / 3;
            v.flags = (uint8_t)rng_below(&at, 64);
            v.category = (uint8_t)(rng_below(&at, 2) == 0 ? 0 : rng_below(&at, CATEGORY_COUNT));
            v.order = (uint32_t)k;
            VEC_ADD(&ret->visits, v);
        }
        VEC_ADD(&ret->items, life);
    }
}

/* Names for the numbers that the two above use. */
static inline void net_names(struct names *names, size_t items)
{
    names_init(names);
    static const char *const STAGES[] = {"dev", "review", "qa", "release", "deploy", "check"};
    for (size_t i = 0; i < 6; i++) {
        (void)names_sym(names, str_of(STAGES[i]));
    }
    char text[16];
    for (unsigned i = names->text.n; i < 600; i++) {
        (void)snprintf(text, sizeof text, "p%u", i);
        (void)names_sym(names, str_of(text));
    }
    for (unsigned i = 1; i <= items; i++) {
        (void)snprintf(text, sizeof text, "%u", i);
        (void)names_item(names, 1, str_of(text));
    }
}
