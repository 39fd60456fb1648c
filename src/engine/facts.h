/* The facts of delivery in a store: deployments, the commits that they carried, incidents.
 *
 * Where nothing tells of deployments, releases stand for them (a git history alone): the figures
 * are then about releases, and `from_releases` says so. */
#pragma once

#include "fold/delivery.h"
#include "store/store.h"

struct facts {
    struct delivery delivery;
    struct arena text;
    bool from_releases;
    when first, last;                /* of all facts; WHEN_NONE: there are none */
    uint64_t bad;                    /* events of these kinds that could not be understood */
    VEC(str) services, environments; /* in order of appearance */
};

/* facts_finish in any case. */
status facts_load(struct store *store, struct facts *ret, struct error *why);
void facts_finish(struct facts *f);
