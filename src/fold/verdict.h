/* The verdict of the method evidence/1: which place most likely holds everything back, and how sure
 * that is (docs/decisions/010). A pure computation from the evidence; the same seed gives the same
 * verdict.
 *
 * Each of 400 draws takes whole blocks of arrivals with replacement and ranks the places again.
 * Pools are ranked by the indicator. A gate or a timer competes by its waiting against that of the
 * pool that leads: its score is put on the pools' scale by the ratio of the two. A place leads a
 * draw when its score is at least 1.1 times every other's; the share of draws that it leads is its
 * probability, capped at how often the indicator is right at all. */
#pragma once

#include "base/arena.h"
#include "fold/evidence.h"

enum { VERDICT_DRAWS = 400, VERDICT_LEAST = 30 };

enum verdict_objective { OBJECTIVE_LEAD_TIME, OBJECTIVE_THROUGHPUT };
enum verdict_word {
    VERDICT_LIKELY,
    VERDICT_NO_SINGLE_CONSTRAINT,
    VERDICT_NOT_IDENTIFIABLE, /* throughput only: the log does not tell who worked when */
    VERDICT_TOO_FEW,
};
const char *verdict_word(enum verdict_word w); /* as in documents */

struct verdict_estimate {
    bool known;
    double value, low, high; /* 95 % */
};

struct verdict_place {
    enum place_kind kind;
    str name;           /* "dev + review", "release (release cadence)", "claims (batches)" */
    str lever;          /* what could be changed: work, release cadence, batches, timer */
    double probability; /* capped */
    double leads;       /* share of draws led by at least 1.1 times: not capped */
    double first;       /* share of draws with the highest score */
    double people;      /* 0: not known */
    struct verdict_estimate utilisation;
    double wait; /* per item, microseconds */
};

struct verdict_stage {
    sym stage;
    int place; /* whose probability it shows; -1: outside the flow */
    double probability;
    double share_of_lead, wait_share;
    const struct wip_stage *wip;
    const struct batch_stage *batch;     /* kind BATCH_NONE: neither gate nor timer */
    struct verdict_estimate utilisation; /* of its pool */
    size_t evidence_n;
    str *evidence; /* sentences */
};

struct verdict_throughput {
    bool known;
    int place;
    double limit_per_week, utilisation;
    bool saturated;
    str sentence;
};

struct verdict {
    enum verdict_word word;
    sym stage;          /* of the leader, where it waits most; 0 without a leader */
    int leader;         /* place number; -1: none */
    double probability; /* of the leader, or of the candidates together; capped */
    str reason;
    size_t candidate_n; /* the smallest set that leads in nine of ten draws */
    int *candidates;
    double needed_items; /* to separate the first two; 0: cannot be said */
    struct verdict_throughput throughput;
    size_t place_n, stage_n, note_n;
    struct verdict_place *places;
    struct verdict_stage *stages; /* in the order of the evidence */
    str *notes;
    lapse day;                /* what its sentences call a day */
    struct evidence evidence; /* what it was computed from */
    struct arena text;
};

void verdict_of(const struct evidence_summary *s, const struct names *names,
                enum verdict_objective objective, uint64_t seed, struct verdict *ret);
void verdict_finish(struct verdict *v);
