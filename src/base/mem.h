/* Memory from the system, for what outlives an arena. None of these returns NULL.
 *
 * When the system has no memory left the process says so in one sentence and ends with exit code 2
 * (docs/decisions/002): every store commits in transactions, so nothing stored is lost by that.
 * What a hostile input could make large is limited by whoever reads it (arena limits, buf limits),
 * and that is an ordinary error, not the end. Tests let the n-th allocation fail by
 * WEIR_FAIL_ALLOC=n. */
#pragma once

#include <stddef.h>

void *mem_get(size_t size);                           /* zeroed; release with mem_put */
void *mem_grow(void *old, size_t count, size_t size); /* like realloc(old, count*size), checked */
void mem_put(void *memory);                           /* NULL is fine */
