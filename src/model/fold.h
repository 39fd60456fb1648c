/* Every analysis is a fold: step a piece of the log into a summary, merge two summaries. One
 * definition then serves live, on several cores, over shards and for any window of time.
 *
 * Five laws hold for every fold and are tested on random logs (test/law.c): the zeroed summary is the
 * identity of merge; merge is associative; folding a log in two parts and merging equals folding it
 * whole; for a FOLD_BAG the order does not matter; equal summaries save to equal bytes. To make
 * equality exact a summary holds integers: counts, microseconds, 128-bit sums, sorted samples. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "model/visit.h"

enum fold_order {
    FOLD_BAG,      /* whole items, in any order */
    FOLD_SEQUENCE, /* an item may be cut between two parts; the left part precedes the right */
};

struct fold {
    const char *name;
    size_t size;              /* of the summary; zeroed memory is the empty one */
    enum fold_order order;
    void (*step)(void *summary, const struct traces *part);
    void (*merge)(void *summary, const void *right); /* right keeps what it owns */
    void (*save)(const void *summary, struct buf *out); /* canonical bytes */
    status_code (*load)(void *summary, str bytes, struct error *why); /* into a zeroed one */
    void (*finish)(void *summary); /* gives back what the summary owns; it is then empty */
};
