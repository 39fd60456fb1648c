/* Hand-overs: consecutive visits of an item whose actors are both known, as a matrix, between
 * persons (pseudonyms) and between teams; proper ones go from one to another (spec mining.md 5).
 * What is shown of persons falls under the privacy rule. A bag fold of whole items. */
#pragma once

#include "fold/pairs.h"
#include "model/fold.h"

struct handover;                        /* the summary */
extern const struct fold handover_fold; /* "handover" */

struct handover_matrix {
    struct pair_count *pairs; /* most frequent first, then names */
    size_t n;
    uint64_t known;  /* pairs of visits with both known */
    uint64_t proper; /* of these, from one to another */
};

struct handover_result {
    uint64_t visit_pairs; /* consecutive visits in all */
    struct handover_matrix actors, teams;
};

void handover_show(const struct handover *h, const struct names *names, struct arena *arena,
                   struct handover_result *ret);
