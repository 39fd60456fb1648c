/* Every instant of an item's life gets exactly one class and one stage; the parts sum to the lead
 * time in whole microseconds (asserted).
 *
 * Class, the first that applies: blocked (a stay in a blocked stage), work (a working span covers
 * the instant), wait (the item sits enabled or in a waiting stage), between (no visit covers it;
 * its stage is 0). Among the visits that give the instant its class, the stage furthest down the
 * stream owns it: by the order told, else by the order in which this item first came to its stages.
 * What the others had of it is `parallel`: reported, never added. (Rule of the delivery metrics,
 * stage times.)
 *
 * From a visit [from, start) is waiting and [start, end) work. What stands suspended inside is
 * waiting of known length and unknown place: it is laid at the beginning of [start, end). A visit
 * whose stage has the category new, waiting or gate is waiting throughout. A stay in an active
 * status (VISIT_STATE) is work, and the time before a point event (VISIT_POINT) is waiting for it;
 * both are marked undivided: work and waiting in them cannot be told apart. */
#pragma once

#include "fold/flow.h"

enum flow_class { CLASS_BLOCKED, CLASS_WORK, CLASS_WAIT, CLASS_BETWEEN, CLASS_COUNT };

struct stay { /* a part of an item's life, whole: stays follow each other without gaps */
    sym stage;
    when begin, end;
    size_t visit;  /* index into traces.visits; of a CLASS_BETWEEN: SIZE_MAX */
    uint8_t class; /* enum flow_class */
    bool undivided;
};

struct partition {
    VEC(struct stay) stays;
    lapse length;                /* of the life, wall time; the stays sum to it */
    lapse parallel;              /* time that more than one visit had, beyond the first */
    struct partition_room *room; /* used again by the next call */
};

/* Replaces the content of `p`. A life that ends before it begins has length 0. */
void partition_of(struct partition *p, const struct flow *f, const struct traces *t,
                  const struct trace *life);
void partition_finish(struct partition *p);
