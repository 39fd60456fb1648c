/* The simulated studio (sim/studio.h) as a source of events, like a file that is imported: the
 * model that is built in (demo/studio.json), and the mark on a store that it filled. */
#pragma once

#include "sim/studio.h"
#include "source/source.h"
#include "store/store.h"

/* The built-in model. */
status demo_model(struct studio_model *ret, struct error *why);

/* A source of the name "simulated". Its path is what demo_path wrote: seed and months. */
extern const struct source_format DEMO_SOURCE;
void demo_path(const struct studio_model *m, struct buf *out);

/* Marks the store, in its open transaction. FAIL when it holds other events, or those of another
 * seed. */
status demo_mark(struct store *s, const struct studio_model *m, struct error *why);
/* Is it marked? Then the sentence that every answer from it carries. */
bool demo_simulated(struct store *s, struct buf *ret_sentence);
