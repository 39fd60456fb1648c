/* Memory named by what it lives as long as: everything in an arena goes at once.
 *
 * Blocks double; what is not handed out is poisoned under AddressSanitizer, so a read past the end
 * of a piece is caught. An arena has a name and a limit in bytes; beyond it arena_get returns NULL
 * and arena_full says so in a sentence (it is the input that was too large, not the machine too
 * small). With no limit arena_get never returns NULL. A zeroed struct is an empty arena without a
 * limit. */
#pragma once

#include "base/error.h"
#include "base/str.h"

#include <stddef.h>

struct arena {
    const char *name;
    size_t limit; /* bytes in all, 0: none */
    size_t used;  /* bytes handed out */
    struct arena_block *top;
};

void arena_init(struct arena *a, const char *name, size_t limit);
void arena_finish(struct arena *a);
void arena_clear(struct arena *a); /* everything is given up; the largest block is kept for reuse */

void *arena_get(struct arena *a, size_t size); /* zeroed, aligned for any type */
str arena_str(struct arena *a, str s);         /* a copy, terminated behind its end */
str arena_strf(struct arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
status arena_full(const struct arena *a, struct error *why); /* the error to report after a NULL */

#define ARENA_NEW(a, type) ((type *)arena_get((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_get((a), sizeof(type) * (n)))
