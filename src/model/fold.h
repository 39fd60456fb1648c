/* Every analysis is a fold: step a piece of the log into a summary, merge two summaries. One
 * definition then serves live, on several cores, over shards and for any window of time.
 *
 * Five laws hold for every fold and are tested on random logs (test/fold/law.c): the zeroed summary
 * is the identity of merge; merge is associative; folding a log in two parts and merging equals
 * folding it whole; for a FOLD_BAG the order does not matter; equal summaries save to equal bytes.
 * To make equality exact a summary holds integers: counts, microseconds, 128-bit sums, sorted
 * samples.
 *
 * Within a process a summary speaks in numbers of one dictionary. Saved bytes speak in texts, in an
 * order that does not depend on the numbers, so that summaries of different stores can be compared
 * and merged (load translates into the reader's dictionary). */
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
    size_t size; /* of the summary; zeroed memory is the empty one */
    enum fold_order order;
    void (*step)(void *summary, const struct traces *part);
    void (*merge)(void *summary, const void *right); /* right keeps what it owns */
    void (*save)(const void *summary, const struct names *names, struct buf *out); /* canonical */
    status_code (*load)(void *summary, struct names *names, str bytes,
                        struct error *why); /* into a zeroed one; hostile bytes are an error */
    void (*finish)(void *summary);          /* gives back what the summary owns; it is then empty */
};
