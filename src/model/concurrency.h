/* When a visit could have begun: the end of what it waited for, told apart from what merely ran
 * beside it.
 *
 * Two activities run side by side when each directly follows the other, about as often, and not as
 * a loop of length two (A. Weijters, W. van der Aalst, A. Alves de Medeiros, "Process mining with
 * the HeuristicsMiner algorithm", 2006, with the threshold 0.9). Counted over all items, so parts
 * of a log may be stepped apart and merged. Zeroed: of no item. */
#pragma once

#include "model/calendar.h"
#include "model/visit.h"

struct item_times { /* by item_id, wall time; WHEN_NONE, and items beyond n: not known */
    const when *v;
    size_t n;
};

static inline when item_time(const struct item_times *times, item_id item)
{
    return item < times->n ? times->v[item] : WHEN_NONE;
}

struct concurrency {
    struct map follows; /* (a, b) -> a directly followed by b, visits in order of (end, start) */
    struct map loops;   /* (a, b) -> a b a */
};

void concurrency_step(struct concurrency *c, const struct traces *traces);
void concurrency_merge(struct concurrency *c, const struct concurrency *right);
bool concurrency_of(const struct concurrency *c, sym a, sym b);
void concurrency_finish(struct concurrency *c);

/* Sets `enabled` of every visit that has none yet: the end of the last earlier visit of the item,
 * in the order (end, start), that does not overlap it and is not concurrent with it; the item's
 * creation, when known, for a visit without such; else its own start. (K. Lashkevich, F. Milani,
 * D. Chapela-Campa, I. Suvorau, M. Dumas, "Why am I waiting? Data-driven analysis of waiting times
 * in business processes", CAiSE 2023.) A NULL c leaves the test of concurrency out. Stays in a
 * status are enabled when entered. `clock` is that of the traces. */
void concurrency_enable(const struct concurrency *c, const struct item_times *created,
                        const struct calendar *clock, struct traces *traces);
