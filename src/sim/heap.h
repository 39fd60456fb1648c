/* The calendar of a simulation: what happens next. A binary heap of (time, what), smallest first.
 * Ties in time are ordered by `what`, which says all that there is to say of an entry, so that the
 * order never depends on when something was put in. */
#pragma once

#include "base/clock.h"
#include "base/vec.h"

struct heap_entry {
    when time;
    uint64_t what;
};

struct heap { /* zeroed: empty */
    VEC(struct heap_entry) v;
};

void heap_put(struct heap *h, struct heap_entry entry);
bool heap_take(struct heap *h, struct heap_entry *ret); /* the smallest; false: it is empty */
void heap_finish(struct heap *h);
