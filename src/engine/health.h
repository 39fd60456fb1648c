/* How good the events of a store are, counted in one pass over events and links: what times can be
 * believed, who and what is told, what is linked. What it means is the doctor's to say. */
#pragma once

#include "base/vec.h"
#include "store/store.h"

enum health_precision { HEALTH_DAY, HEALTH_MINUTE, HEALTH_SECOND, HEALTH_FINER, HEALTH_PRECISIONS };

struct health_links { /* links of a kind that a rule found */
    sym kind, rule;
    uint64_t n;
    double confidence; /* sum */
};

struct health {
    uint64_t events;
    uint64_t bad, derived, received;   /* times by quality; the others are the source's own */
    uint64_t future;                   /* later than now, an hour allowed */
    uint64_t ties;                     /* at the same instant as an earlier event of their item */
    uint64_t whole[HEALTH_PRECISIONS]; /* events whose time is a whole day, minute (not day), … */
    uint64_t started;                  /* with a start of their own, or starts themselves */
    uint64_t people, teams;            /* events that name them */
    uint64_t lonely;                   /* about no item */
    uint64_t statuses;                 /* lifecycle words outside of the standard */
    uint64_t links, dangling;          /* to an item of which no event tells */
    uint64_t commits, in_changes, in_releases; /* commits told of, linked to a change, released */
    VEC(struct health_links) rules;
};

/* health_finish in any case. */
status health_of(struct store *store, when now, struct health *ret, struct error *why);
void health_finish(struct health *h);
/* The finest unit that the times need. */
enum health_precision health_precision(const struct health *h);
