/* How facts of delivery belong together; private to the delivery fold. */
#pragma once

#include "base/buf.h"
#include "fold/delivery.h"

struct carried {       /* a commit and the deployments that carry it */
    size_t first, end; /* its rows */
    size_t deployment; /* the first finished one that counts; SIZE_MAX: none */
    size_t early;      /* the first started one that counts */
    enum delivery_link rule;
    enum delivery_reason reason; /* of none */
};

struct pull { /* a change with the deployment that carries it */
    str change;
    when committed, opened, merged; /* first commit */
    size_t deployment;              /* SIZE_MAX: none */
};

/* What questions about one service, environment and team have in common. */
struct delivery_scope {
    struct buf key;
    VEC(size_t) counting;        /* deployments that count, in order of finish */
    VEC(struct carried) carried; /* by deployment; those without one at the end */
    size_t linked;               /* that many have one */
    uint64_t by_rule[LINK_COUNT], without[REASON_COUNT], dangling;
    struct scope_pulls {
        bool known;
        VEC(struct pull) v; /* by deployment; those without one at the end */
        size_t linked;
        uint64_t no_change; /* commits of no change */
    } pulls[2];             /* [1]: by the first started deployment */
};

struct delivery_scope *delivery_scope(struct delivery *d, const struct delivery_question *q);
const struct scope_pulls *delivery_pulls(struct delivery *d, struct delivery_scope *scope,
                                         bool by_start);
void delivery_scope_finish(struct delivery *d);

bool delivery_serves(const struct deployment *d,
                     const struct delivery_question *q); /* of the service and team asked for */
bool delivery_arrived(const struct deployment *d,
                      const struct delivery_question *q); /* successful, where it was asked for */
bool delivery_counts(const struct deployment *d, const struct delivery_question *q); /* both */
bool delivery_in(when t, const struct delivery_question *q); /* in the window */

/* Deployments finished in the window: [*ret_low, *ret_high). */
void delivery_range(const struct delivery *d, const struct delivery_question *q, size_t *ret_low,
                    size_t *ret_high);

/* The latest deployment finished before `t` (at `t` too when `inclusive`), and not longer ago than
 * `window` (0: however long): one that arrived, of this service (what does not tell its service may
 * be of any). Without `service` one that counts. SIZE_MAX: none. */
size_t delivery_latest(const struct delivery *d, const struct delivery_question *q, when t,
                       bool inclusive, const str *service, lapse window);
