/* The facts of delivery in a store: deployments, the commits that they carried, incidents.
 *
 * Of several events about one deployment, incident, or commit and deployment, the one stored last
 * counts: a row that was corrected in a later export is a new event. Where nothing tells of
 * deployments, releases stand for them (a git history alone): the figures are then about releases,
 * and `from_releases` says so. What is told of at all is in delivery.told: by facts that are there,
 * or by a source that says so (attribute `tells` of the item source:delivery). */
#pragma once

#include "fold/delivery.h"
#include "store/store.h"

struct facts_list {
    str *v;
    size_t n, cap;
};

struct facts {
    struct delivery delivery;
    struct arena text;
    bool from_releases;
    when first, last;  /* of deployments and incidents; last: of commits, too. WHEN_NONE: none */
    uint64_t bad;      /* events of these kinds that could not be understood */
    uint64_t bad_time; /* or whose time cannot be believed */
    struct facts_list services, environments, teams; /* in order of appearance */
    VEC(uint64_t) deployed; /* successful deployments to each of environments */
};

/* facts_finish in any case. */
status facts_load(struct store *store, struct facts *ret, struct error *why);
void facts_finish(struct facts *f);
