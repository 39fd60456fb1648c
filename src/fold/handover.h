/* Hand-overs: consecutive visits of an item of which both sides are known; proper ones go from one
 * to another (spec mining.md 5). A bag fold of whole items.
 *
 * Between persons only the numbers of such pairs are kept, between teams the matrix: who hands over
 * to whom is nobody's business where it is about persons (delivery metrics, section 13). How many
 * people were seen in a team is kept because a team of very few is a person by another name. */
#pragma once

#include "fold/pairs.h"
#include "model/fold.h"

struct handover;                        /* the summary */
extern const struct fold handover_fold; /* "handover" */

/* What the fold counts of one visit, and of two in a row, for those who have no traces. */
struct handover_side { /* of a visit; 0: not known */
    sym actor, team;
};
void handover_visit(struct handover *h, struct handover_side v);
void handover_pair(struct handover *h, struct handover_side before, struct handover_side v);

struct handover_count {
    uint64_t known;  /* pairs of visits with both known */
    uint64_t proper; /* of these, from one to another */
};

struct handover_result {
    uint64_t visit_pairs; /* consecutive visits in all */
    struct handover_count actors, teams;
    /* From team to team, proper ones alone, most frequent first, then by names; of the teams in
     * which at least `least` people were seen, or of whose people nothing is known. */
    struct pair_count *pairs;
    size_t n;
    uint64_t unlisted; /* proper hand-overs between teams that are not in `pairs` */
    uint64_t team_n;   /* teams in all */
    sym *small;        /* the teams not to be named, ascending */
    size_t small_n;
};

void handover_show(const struct handover *h, uint64_t least, const struct names *names,
                   struct arena *arena, struct handover_result *ret);
bool handover_is_small(const struct handover_result *r, sym team); /* is it not to be named? */
