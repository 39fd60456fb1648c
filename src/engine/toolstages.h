/* A stream whose trace runs through several tools, without any set-up: which stages there are, and
 * when an item is done.
 *
 * Stages come from what the tools tell: an issue is opened (idea), each of its statuses is a stage,
 * its commits are written (develop), reviewed, built, merged (release: it waits for a deployment)
 * and deployed. Done is the strongest evidence that this log has: deployed to production, else
 * released, else merged, else closed; an item without any code is done when it is closed. */
#pragma once

#include "engine/events.h"
#include "engine/linking.h"
#include "model/concurrency.h"
#include "model/stages.h"

/* Do events of trackers or forges tell of the items? (What git alone tells has other stages.) */
bool toolstages_apply(const struct names *names);

/* The rules, in order of the stream; they live in `room`. */
struct stage_rule *toolstages_rules(const struct names *names, const struct events *events,
                                    struct arena *room, size_t *ret_n);

struct toolstages_done {
    struct item_times times; /* by item; `times.v` is released with mem_put */
    const char *evidence;    /* "deployed to production", …; NULL: no item is done */
    uint64_t by_evidence, by_closing, open;
};
/* Of the items that `events` are grouped by. */
void toolstages_done(const struct names *names, const struct events *events,
                     const struct linking *linking, const struct projection *projection,
                     struct toolstages_done *ret);
