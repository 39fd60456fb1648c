/* The variants of a log of points, straight from the event columns, without weaving: what
 * fold/variants finds in the woven log, for logs in time order whose items come interleaved.
 *
 * It takes two readings. In the first every item carries a 128-bit hash of its activities so far,
 * which is its variant. Then it is known which variants are wanted, and one item of each; the
 * second reading notes down the activities of these items only.
 *
 *     for each batch: ways_step(w, log);
 *     ways_choose(w, top);
 *     for each batch: ways_fetch(w, log);
 *     ways_show(w, top, …);
 *
 * (That two of a million variants share a hash has a probability of about 1e-27.) */
#pragma once

#include "fold/variants.h"
#include "model/event.h"

struct ways;
struct ways *ways_open(void);
void ways_close(struct ways *w); /* NULL is fine */

void ways_step(struct ways *w, const struct log *log); /* reads item and activity */
void ways_choose(struct ways *w, size_t top);
void ways_fetch(struct ways *w, const struct log *log);
/* As variants_show. */
void ways_show(const struct ways *w, size_t top, const struct names *names, struct arena *arena,
               struct variants_result *ret);
