/* Variants: the ways that items take, each a sequence of activities, by the number of items.
 * A bag fold of whole items. */
#pragma once

#include "base/arena.h"
#include "model/fold.h"

struct variants;                        /* the summary */
extern const struct fold variants_fold; /* "variants" */

struct variant {
    char id[41];     /* sha1 of the names joined by byte 0x1f, in hexadecimal */
    const sym *path; /* activities in order */
    size_t n;
    uint64_t items;
};

struct variants_result {
    uint64_t count, items; /* variants and items in all */
    struct variant *top;   /* by items descending, then by the names, bytewise */
    size_t top_n;
};

/* Adds items that took this path. */
void variants_add(struct variants *v, const sym *path, size_t n, uint64_t items);
void variants_show(const struct variants *v, size_t top, const struct names *names,
                   struct arena *arena, struct variants_result *ret);
