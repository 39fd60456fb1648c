/* Which items belong together: commit, change, issue, run, deployment, incident as parts of one
 * trace.
 *
 * Sources state links (a forge knows the commits of its pull requests); others are found here, by
 * the rules and with the confidence of docs/decisions/021: keys in branches, titles and messages,
 * numbers, ranges of deployments. They are derived anew for every question, from the events and
 * attributes that are there now, so that it does not matter in which order things arrived. What is
 * found is never stored.
 *
 * Kinds of items have a rank (an issue is wider than a change, that wider than a commit, …). A link
 * leads from one rank to another; the events of an item belong to the trace of each wider item that
 * a chain of links leads to, always upwards or always downwards, so that two issues which share a
 * release stay two. */
#pragma once

#include "base/vec.h"
#include "store/store.h"

struct linking_options {
    str pattern;           /* of keys in branch names; empty: DRV-17 and #17 */
    double min_confidence; /* links below it are counted and not followed */
};

struct linking_coverage { /* how many of the items of one kind reach one of another */
    const char *from, *to;
    uint64_t linked, linkable;
};

struct linking_rollout { /* a successful deployment to production */
    item_id deployment;
    when finished;
};

struct linking {
    VEC(struct linking_rollout) rollouts; /* in order of their finish */
    VEC(struct link) links; /* stated and found; of several between two items the surest */
    uint64_t stated, found; /* of links */
    uint64_t dangling;      /* keys that name nothing that is known */
    uint64_t ambiguous;     /* numbers that could be several things */
    uint64_t low_confidence;
    struct linking_coverage coverage[4];
    size_t coverage_count;
};

/* linking_finish in any case. FAIL on a wrong pattern. */
status linking_derive(struct store *store, const struct linking_options *options,
                      struct linking *ret, struct error *why);
void linking_finish(struct linking *l);

/* Of every item, the items of one kind whose trace its events belong to: root[first[i]] …
 * root[first[i + 1] - 1]. Items of the kind itself are not listed. */
struct projection {
    size_t n; /* items */
    uint32_t *first;
    item_id *root;
};
/* False: nothing is projected (a kind without rank, no links); *ret is then empty. */
bool linking_project(const struct linking *l, const struct names *names, sym kind,
                     struct projection *ret);
void projection_finish(struct projection *p);
