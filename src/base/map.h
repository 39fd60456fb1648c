/* Hash tables with open addressing (linear probing, at most 3/4 full): 64-bit key to 64-bit value,
 * and a set of 128-bit keys. Zeroed structs are empty. Keys may be any number, hostile ones too:
 * they are mixed before use. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot *slots;
    size_t n, cap;
};

void map_finish(struct map *m);
uint64_t *map_find(const struct map *m,
                   uint64_t key); /* NULL: not there. Valid until the next add */
uint64_t *map_add(struct map *m, uint64_t key,
                  bool *ret_new); /* value 0 when new; ret_new may be NULL */
bool map_next(const struct map *m, size_t *at, uint64_t *ret_key,
              uint64_t *ret_value); /* any order;
                                     * begin with *at = 0 */

typedef struct id128 { /* the identity of a fact */
    uint64_t hi, lo;
} id128;

struct set128 {
    id128 *slots;
    size_t n, cap;
    bool has_zero; /* {0, 0} marks a free slot and is kept apart */
};

void set128_finish(struct set128 *s);
bool set128_add(struct set128 *s, id128 key); /* false: it was there already */
bool set128_has(const struct set128 *s, id128 key);
void set128_reserve(struct set128 *s, size_t n);
void set128_expect(const struct set128 *s,
                   id128 key); /* `key` will soon be asked for: fetches its slot ahead */
id128 id128_of(const void *bytes, size_t n); /* xxh3, 128 bits */
