/* Random logs for the laws of folds: a few items with visits of every kind that weaving makes.
 * Instants are few, so that ties, overlaps and visits of length zero are common. A seed gives the
 * same log everywhere. */
#pragma once

#include "base/rng.h"
#include "model/visit.h"

#include <stdio.h>

struct random_log {
    struct names names;
    struct traces traces;
};

static inline sym random_name(struct names *names, const char *kind, uint64_t number)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%s %llu", kind, (unsigned long long)number);
    return names_sym(names, (str){text, (size_t)n});
}

static inline struct visit random_visit(struct names *names, uint64_t *dice, when earliest)
{
    static const uint8_t flags[] = {
        0, 0, 0, 0, VISIT_POINT, VISIT_STATE, VISIT_NO_START, VISIT_OPEN, VISIT_STATE | VISIT_OPEN};
    struct visit v = {.flags = flags[rng_below(dice, sizeof flags)]};
    uint64_t activity = rng_below(dice, 7);
    v.activity = random_name(names, "stage", activity);
    v.category = (uint8_t)(activity % CATEGORY_COUNT);
    v.actor = rng_below(dice, 4) > 0 ? random_name(names, "actor", rng_below(dice, 4)) : 0;
    v.team = rng_below(dice, 4) > 0 ? random_name(names, "team", rng_below(dice, 3)) : 0;
    v.start = v.end = earliest + (lapse)rng_below(dice, 4) * HOUR;
    if ((v.flags & (VISIT_POINT | VISIT_NO_START)) == 0) {
        v.end += (lapse)rng_below(dice, 5) * HOUR;
        v.suspended = v.end > v.start && rng_below(dice, 3) == 0 ? HOUR : 0;
    }
    v.enabled = rng_below(dice, 4) == 0 ? WHEN_NONE : v.start - (lapse)rng_below(dice, 3) * HOUR;
    return v;
}

/* 0 … 11 items of 1 … 6 visits each. */
static inline void random_log_make(struct random_log *log, uint64_t seed)
{
    uint64_t dice = rng_mix(0x6c6f67, seed);
    names_init(&log->names);
    log->traces = (struct traces){.log_begin = WHEN_NONE, .log_end = WHEN_NONE};
    /* numbers of names differ from log to log, as they do from store to store */
    for (uint64_t n = rng_below(&dice, 9); n > 0; n--) {
        random_name(&log->names, "stage", rng_below(&dice, 9));
    }
    for (uint64_t i = 0, items = rng_below(&dice, 12); i < items; i++) {
        struct trace trace = {.first = log->traces.visits.n, .n = 1 + rng_below(&dice, 6)};
        char key[32];
        int n = snprintf(key, sizeof key, "%llu", (unsigned long long)i);
        trace.item =
            names_item(&log->names, random_name(&log->names, "type", i % 2), (str){key, (size_t)n});
        when at = (lapse)rng_below(&dice, 100) * HOUR;
        trace.begin = trace.end = at;
        for (uint32_t k = 0; k < trace.n; k++) {
            struct visit v = random_visit(&log->names, &dice, at);
            v.item = trace.item;
            v.order = k;
            for (uint32_t earlier = 0; earlier < k; earlier++) {
                if (log->traces.visits.v[trace.first + earlier].activity == v.activity) {
                    v.flags |= VISIT_REWORK;
                }
            }
            at = v.start;
            trace.end = v.end > trace.end ? v.end : trace.end;
            trace.flags |= (v.flags & VISIT_OPEN) != 0 ? TRACE_OPEN : 0;
            VEC_ADD(&log->traces.visits, v);
        }
        if (rng_below(&dice, 8) == 0) {
            trace.flags |= rng_below(&dice, 2) == 0 ? TRACE_CANCELLED : TRACE_LEFT;
        }
        struct traces *t = &log->traces;
        t->log_begin =
            t->log_begin == WHEN_NONE || trace.begin < t->log_begin ? trace.begin : t->log_begin;
        t->log_end = t->log_end == WHEN_NONE || trace.end > t->log_end ? trace.end : t->log_end;
        VEC_ADD(&t->items, trace);
    }
}

static inline void random_log_free(struct random_log *log)
{
    traces_finish(&log->traces);
    names_finish(&log->names);
}

/* A copy of visits [from, to) of one item, added to `part`. */
static inline void random_log_copy(const struct traces *whole, size_t item, size_t from, size_t to,
                                   struct traces *part)
{
    struct trace trace = whole->items.v[item];
    size_t first = trace.first;
    part->log_begin = whole->log_begin;
    part->log_end = whole->log_end;
    if (from == to) {
        return;
    }
    trace.first = part->visits.n;
    trace.n = to - from;
    for (size_t k = from; k < to; k++) {
        VEC_ADD(&part->visits, whole->visits.v[first + k]);
    }
    VEC_ADD(&part->items, trace);
}

/* Deals a log out to `parts`: whole items anywhere, or, where items may be cut, each item's visits
 * in pieces that follow each other. */
static inline void random_log_split(const struct traces *whole, bool cut, uint64_t seed,
                                    struct traces *parts, size_t n)
{
    uint64_t dice = rng_mix(0x63757473, seed);
    for (size_t i = 0; i < whole->items.n; i++) {
        size_t at = 0, all = whole->items.v[i].n;
        if (!cut) {
            random_log_copy(whole, i, 0, all, &parts[rng_below(&dice, n)]);
            continue;
        }
        for (size_t p = 0; p < n; p++) {
            size_t to = p == n - 1 ? all : at + rng_below(&dice, all - at + 1);
            random_log_copy(whole, i, at, to, &parts[p]);
            at = to;
        }
    }
}
