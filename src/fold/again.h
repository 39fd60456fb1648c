/* Rework and hand-overs of a log of points, straight from the event columns, without weaving: what
 * fold/rework and fold/handover find in the woven log, for logs in time order whose items come
 * interleaved.
 *
 * Two readings, as in fold/ways. The first counts hand-overs, which need only an item's last visit,
 * and finds the items that did something again. The second notes down the events of these items
 * alone; they are handed to fold/rework item by item.
 *
 *     for each batch: again_step(a, log);
 *     again_choose(a);
 *     for each batch: again_fetch(a, log);
 *     again_show(a, …); */
#pragma once

#include "fold/handover.h"
#include "fold/rework.h"
#include "model/event.h"

struct again;
struct again *again_open(void);
void again_close(struct again *a); /* NULL is fine */

void again_step(struct again *a, const struct log *log); /* reads item, activity, actor and team */
void again_choose(struct again *a);
void again_fetch(struct again *a, const struct log *log); /* reads the same */
/* As rework_show and handover_show. */
void again_show(const struct again *a, uint64_t least, const struct names *names,
                struct arena *arena, struct rework_result *ret_rework,
                struct handover_result *ret_handover);
