/* Visits: stays of an item in an activity, what every analysis of flow reads. model/weave makes
 * them from events; after that nobody knows where they came from.
 *
 * A visit is enabled at e, started at s, ended at t, by r: wait = s - e, work = t - s, sojourn = t
 * - e. Without a start stamp s = t. The visits of one item stand together, ordered by (start, end,
 * order of input): the third key makes results reproducible on logs whose clock counts days. */
#pragma once

#include "base/clock.h"
#include "base/vec.h"
#include "model/names.h"

enum visit_flags {
    VISIT_OPEN = 1,     /* not ended when the log ended: right-censored, end = the log's end */
    VISIT_NO_START = 2, /* a complete without its start: length zero */
    VISIT_REWORK = 4,   /* not the item's first visit of this activity */
    VISIT_POINT = 8,    /* one stamp only: start = end is not a claim that no work was done */
    VISIT_STATE = 16,   /* a stay in a status: work and waiting inside it cannot be told apart; with
                         * VISIT_POINT the status that ended the item, where it does not stay */
    VISIT_CLAMPED = 32, /* its times were in an impossible order and were cut to zero length */
};

enum category {
    CATEGORY_ACTIVE,
    CATEGORY_NEW,
    CATEGORY_WAITING,
    CATEGORY_BLOCKED,
    CATEGORY_GATE, /* lets items through at certain moments only; its time is waiting */
    CATEGORY_DONE,
    CATEGORY_CANCELLED,
    CATEGORY_COUNT,
};

/* Is time in such a stage waiting? */
static inline bool category_waits(enum category c)
{
    return c == CATEGORY_NEW || c == CATEGORY_WAITING || c == CATEGORY_BLOCKED ||
           c == CATEGORY_GATE;
}

struct visit {
    item_id item;
    sym activity; /* or the stage, where stages are set up */
    sym actor, team;
    when enabled; /* WHEN_NONE: not known */
    when start, end;
    lapse
        suspended; /* waiting inside [start, end) (suspend/resume, waiting statuses of the stage) */
    uint32_t order; /* of input, among the visits of the item */
    uint8_t flags;
    uint8_t category; /* enum category of its activity */
};

enum trace_flags {
    TRACE_OPEN = 1,      /* not done when the log ended: right-censored, end = the log's end */
    TRACE_LEFT = 2,      /* began before the log did: left-censored, begin is not its begin */
    TRACE_CANCELLED = 4, /* ended without being done */
};

struct trace { /* one item: visits[first] … visits[first + n - 1] */
    item_id item;
    uint8_t flags;
    size_t first, n;
    when begin, end; /* its life: first event (or creation) to done; the lead time is end - begin */
};

struct traces { /* whole items */
    VEC(struct visit) visits;
    VEC(struct trace) items;
    when log_begin, log_end; /* first and last instant of the log (not only of these items);
                              * WHEN_NONE both when it is empty */
};

void traces_clear(struct traces *t); /* keeps the memory */
void traces_finish(struct traces *t);
