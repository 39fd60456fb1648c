/* Visits: stays of an item in an activity, what every analysis of flow reads. model/weave makes them
 * from events; after that nobody knows where they came from.
 *
 * A visit is enabled at e, started at s, ended at t, by r: wait = s - e, work = t - s. Without a start
 * stamp s = t. The visits of one item stand together, ordered by (start, end, order of input): the
 * third key makes results reproducible on logs whose clock counts days. */
#pragma once

#include "base/clock.h"
#include "base/vec.h"
#include "model/names.h"

enum visit_flags {
    VISIT_OPEN = 1,      /* not ended when the log ended: right-censored, end = the log's end */
    VISIT_NO_START = 2,  /* a complete without its start: length zero */
    VISIT_REWORK = 4,    /* not the item's first visit of this activity */
    VISIT_POINT = 8,     /* one stamp only: start = end is not a claim that no work was done */
    VISIT_STATE = 16,    /* a stay in a status: work and waiting inside it cannot be told apart */
};

enum category { CATEGORY_ACTIVE, CATEGORY_NEW, CATEGORY_WAITING, CATEGORY_BLOCKED, CATEGORY_GATE,
                CATEGORY_DONE, CATEGORY_CANCELLED };

struct visit {
    item_id item;
    sym activity;
    sym actor, team;
    when enabled;     /* WHEN_NONE: not known */
    when start, end;
    lapse suspended;  /* waiting inside [start, end) (suspend/resume) */
    uint32_t order;   /* of input, among the visits of the item */
    uint8_t flags;
    uint8_t category; /* enum category of its activity */
};

/* Whole items: the visits of trace i are visits.v[first[i]] … visits.v[first[i + 1] - 1]. */
struct traces {
    VEC(struct visit) visits;
    VEC(size_t) first;        /* number of traces + 1 entries, or none when empty */
    when log_begin, log_end;  /* first and last instant of the log (not only of these items) */
};

static inline size_t traces_count(const struct traces *t)
{
    return t->first.n > 0 ? t->first.n - 1 : 0;
}

void traces_finish(struct traces *t);
