#include "source/rowkey.h"

#include "base/mem.h"
#include "base/wide.h"

enum { FIRST = 1024 }; /* slots */

void rowkeys_finish(struct rowkeys *k)
{
    mem_put(k->slots);
    map_finish(&k->repeated);
    *k = (struct rowkeys){0};
}

/* A content as it is kept: 64 bits, every bit of which has a say in the upper ones. */
static uint64_t folded(id128 content)
{
    return (content.hi ^ content.lo) * 0x9e3779b97f4a7c15u;
}

/* Where the search begins: the table is in the order of what it keeps, but for collisions. */
static size_t home(const struct rowkeys *k, uint64_t key)
{
    return (size_t)(((u128)key * k->cap) >> 64);
}

/* The slot that holds the key, or the free one where it belongs. */
static uint64_t *slot_of(const struct rowkeys *k, uint64_t key)
{
    size_t i = home(k, key);
    while (k->slots[i] != 0 && k->slots[i] != key) {
        i = i + 1 < k->cap ? i + 1 : 0;
    }
    return &k->slots[i];
}

static void resize(struct rowkeys *k, size_t cap)
{
    struct rowkeys old = *k;
    k->cap = cap;
    k->slots = mem_get(cap * sizeof *k->slots);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slots[i] != 0) {
            *slot_of(k, old.slots[i]) = old.slots[i];
        }
    }
    mem_put(old.slots);
}

void rowkeys_reserve(struct rowkeys *k, size_t rows)
{
    size_t most = k->n + (rows < ROWKEYS_AHEAD ? rows : ROWKEYS_AHEAD);
    size_t cap = most / 3 * 4 + FIRST;
    if (cap > k->cap) {
        resize(k, cap);
    }
}

void rowkeys_expect(const struct rowkeys *k, id128 content)
{
    if (k->cap > 0) {
        __builtin_prefetch(&k->slots[home(k, folded(content))], 1);
    }
}

/* Was it there already? */
static bool seen(struct rowkeys *k, uint64_t key)
{
    if (key == 0) {
        bool was = k->has_zero;
        k->has_zero = true;
        return was;
    }
    if ((k->n + 1) * 16 > k->cap * 13) {
        resize(k, k->cap > 0 ? k->cap * 2 : FIRST);
    }
    uint64_t *slot = slot_of(k, key);
    if (*slot == key) {
        return true;
    }
    *slot = key;
    k->n++;
    return false;
}

id128 rowkeys_next(struct rowkeys *k, id128 content)
{
    uint64_t key = folded(content);
    if (!seen(k, key)) {
        return content;
    }
    uint64_t *count = map_add(&k->repeated, key, NULL);
    *count += 1;
    struct {
        id128 content;
        uint64_t number;
    } numbered = {content, *count};
    return id128_of(&numbered, sizeof numbered);
}
