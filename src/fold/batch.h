/* Who sets the pace of a stage when it is not work: gates, timers, and moves in bulk.
 *
 * A passage is the moment an item goes on: the start of a visit, the instant of a point event, the
 * end of a stay in a status. It belongs to the stage in which the item waited for it, and to the
 * segment from or to the neighbouring stage.
 *
 * - gate: most passages share their instant with another item's, or lie on a lattice of equal
 * steps; more than half waited; and at least half of those went with the first moment that came
 * (else something other than the gate holds them). Its price is the mean wait.
 * - timer: the time in a segment is nearly always the same.
 * - bulk move: more than 20 passages in one minute by one actor: a clean-up, not work.
 *
 * A coarse clock makes ties and lattices by itself, so both need steps well above the precision
 * that the stage's own times show. Thresholds are those of the mining rules (causes of waiting;
 * batches) and are named in batch.c. */
#pragma once

#include "fold/flow.h"
#include "model/fold.h"

struct batch_summary {
    const struct flow *flow;
    struct rows passages; /* stage, other, kind, from, to, end → visits */
    struct rows moves;    /* actor, minute → passages */
};

extern const struct fold FOLD_BATCH;

enum batch_kind { BATCH_NONE, BATCH_GATE, BATCH_TIMER };

struct batch_stage {
    sym stage;
    enum batch_kind kind;
    uint64_t passages, waited;
    double wait;  /* sum of the waits, microseconds */
    double price; /* mean wait of a passage: what the gate or the timer costs an item */
    /* of a gate */
    double period;               /* median time between its moments */
    uint64_t moments;            /* how many there were */
    double batch_p50, batch_max; /* items that went together */
    double shared;               /* share of passages that had company */
    double lattice;              /* share on the best lattice */
    /* of a timer */
    sym toward;    /* the neighbouring stage of its main segment */
    double length; /* the time that comes again and again */
    double steady; /* share of the segment within 5 % of it */
    double cv;     /* coefficient of variation of the segment */
    /* of any stage */
    double order_index; /* Kendall's tau of entries and ends; 1 = first in, first out */
    double batch_index; /* share of ends within a minute of at least three others */
};

struct batch_move {
    sym actor;
    when minute;
    uint64_t passages;
};

struct batch_report {
    size_t n;
    struct batch_stage *stages; /* by wait, largest first */
    size_t move_n;
    struct batch_move *moves; /* in order of time */
};

void batch_show(const struct batch_summary *s, struct batch_report *ret);
void batch_report_finish(struct batch_report *r);
