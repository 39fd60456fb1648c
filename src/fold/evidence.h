/* What the method evidence/1 of the constraint needs to know: per place and per block of arrivals
 * the waiting, the time in the stage, the work and the capacity (docs/decisions/010).
 *
 * Places are pools (told, or stages whose people overlap: Jaccard index at least one half,
 * connected components; without people each stage is one), gates and timers (fold/batch.h). A gate
 * or a timer takes the waiting of its stage; work that people do in the same stage stays with their
 * pool.
 *
 * The summary keeps sums per stage and block of arrival, so that the bootstrap draws whole blocks
 * from the summary: Monday weeks when the log covers at least eight, else runs of 25 items (until
 * then arrivals are kept one by one; a log that grows is coarsened, which gives the same bytes as
 * if it had been long from the beginning). Spans that tell who worked are kept one by one. */
#pragma once

#include "fold/batch.h"
#include "fold/crew.h"
#include "fold/partition.h"
#include "fold/wip.h"

struct evidence_summary {
    const struct flow *flow;
    struct flow_range range;
    struct rows items;  /* block → items, finished, time */
    struct rows stages; /* stage, block → visits and times */
    struct rows work;   /* actor, stage, begin, end, block → visits */
    struct rows people; /* stage, actor → visits */
    struct rows kinds;  /* stage, category → visits */
    struct rows follow; /* stage, next stage → visits */
    struct wip_summary wip;
    struct batch_summary batch;
};

extern const struct fold FOLD_EVIDENCE;

enum place_kind { PLACE_POOL, PLACE_GATE, PLACE_TIMER };

struct evidence_stage {
    sym stage;
    bool outside; /* category new, or done or cancelled without time in it: never a place */
    int pool;     /* place number of its pool; -1: none */
    int policy;   /* place number of its gate or timer; -1: none */
    sym next;     /* the stage that most often follows; 0: none */
    uint64_t visits, measured; /* measured: start, end and person known */
    double time;               /* its part of all lead times, microseconds */
    double wait;               /* of that: waiting and blocked */
    double undivided;          /* of `time`: work and waiting that cannot be told apart */
    double undivided_wait;     /* of `undivided`: counted in `wait` */
    struct wip_stage wip;
    struct batch_stage batch;
};

struct evidence_place {
    enum place_kind kind;
    sym name; /* of a told pool, else of its first stage */
    size_t stage_n;
    double people;                     /* of a pool: in the mean week; 0: not known */
    double wait, time, work, capacity; /* over the whole log; capacity: people times open time */
    struct crew_group crew;
};

enum indicator { INDICATOR_UTILISATION, INDICATOR_WAIT, INDICATOR_TIME };

struct evidence {
    uint64_t items, finished;
    double lead;    /* of all items so far, microseconds */
    double between; /* of that: no stage is known */
    double length;  /* of the log, on the clock of flow, microseconds */
    double weeks;   /* of the log, on the wall */
    enum indicator indicator;
    bool weekly; /* blocks are weeks; else runs of items */
    size_t block_n, place_n, stage_n;
    struct evidence_place *places;
    struct evidence_stage *stages;         /* by the order told, else by wip */
    double *wait, *time, *work, *capacity; /* [place * block_n + block] */
    double little_residual;
    bool little_known;
    size_t move_n; /* bulk moves */
};

void evidence_show(const struct evidence_summary *s, struct evidence *ret);
void evidence_finish(struct evidence *e);
