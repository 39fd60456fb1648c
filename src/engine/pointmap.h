/* The flow map of a store without weaving, for the plain case that large logs are: every event a
 * point (one stamp, at most the lifecycle word `complete`), stored in order of time, of one item
 * each, no stages, no filter but the kind of item. Answers are those of weaving, to the last digit;
 * memory is that of the durations (8 bytes an event) and of the items, not that of the events. */
#pragma once

#include "engine/valuestream.h"
#include "fold/again.h"
#include "fold/flowmap.h"
#include "fold/variants.h"

struct pointmap {
    struct flowmap_result map;
    struct variants_result variants; /* the `top` most frequent */
    struct rework_result rework;
    struct handover_result handover; /* teams of fewer than `least` people are not named */
};

/* `f` was opened with `later`. OK: *ret is in the arena, and what f says of its events (counts,
 * first and last time) is filled in. END: this log needs weaving; valuestream_load is next. */
status pointmap_read(struct valuestream *f, size_t top, uint64_t least, struct arena *arena,
                     struct pointmap *ret, struct error *why);
/* The same by weaving, for every way that a log can speak; loads the events first. */
status pointmap_weave(struct valuestream *f, size_t top, uint64_t least, struct arena *arena,
                      struct pointmap *ret, struct error *why);
