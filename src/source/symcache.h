/* A small cache from the text of a cell to a number (sym, item): columns repeat themselves, and a
 * look-up in the dictionary costs more than everything else that is done with a cell.
 *
 * A slot holds the text itself if it is at most 16 bytes long, else its 128-bit hash: as exact as
 * the identities of rows. A text has two slots, the newer one in front; a new text displaces the
 * older of the two. */
#pragma once

#include "base/map.h"
#include "base/mem.h"
#include "base/str.h"

#include <string.h>

struct symcache_slot {
    uint64_t low, high;
    uint32_t length; /* 0: free */
    uint32_t value;
};

struct symcache {
    struct symcache_slot *slots;
    unsigned bits;
};

static inline void symcache_init(struct symcache *c, unsigned bits)
{
    c->bits = bits;
    c->slots = mem_get(sizeof *c->slots << bits);
}

static inline void symcache_finish(struct symcache *c)
{
    mem_put(c->slots);
    c->slots = NULL;
}

/* A text (not empty) as a slot keeps it; the return value is where its slots are. */
static inline size_t symcache_place(const struct symcache *c, str text, uint64_t *ret_low,
                                    uint64_t *ret_high)
{
    uint64_t low = 0, high = 0;
    if (text.n > 16) {
        id128 hash = id128_of(text.p, text.n);
        low = hash.lo;
        high = hash.hi;
    } else if (text.n >= 8) {
        memcpy(&low, text.p, 8);
        memcpy(&high, text.p + text.n - 8, 8);
    } else if (text.n >= 4) {
        memcpy(&low, text.p, 4);
        memcpy(&high, text.p + text.n - 4, 4);
    } else {
        memcpy(&low, text.p, 1);
        memcpy(&high, text.p + text.n / 2, 1);
        memcpy((char *)&high + 1, text.p + text.n - 1, 1);
    }
    uint64_t mixed = (low * 0x9e3779b97f4a7c15u ^ high) * 0xbf58476d1ce4e5b9u;
    *ret_low = low;
    *ret_high = high;
    return (mixed ^ (mixed >> 29)) >> (64 - c->bits) & ~(size_t)1;
}

/* A short text will soon be asked for: fetches its slot ahead. */
static inline void symcache_expect(const struct symcache *c, str text)
{
    uint64_t low = 0, high = 0;
    if (text.n > 0 && text.n <= 16) {
        __builtin_prefetch(&c->slots[symcache_place(c, text, &low, &high)], 1);
    }
}

/* The slot of a text (not empty). True: its value is known. False: set it. */
static inline bool symcache_find(struct symcache *c, str text, struct symcache_slot **ret)
{
    uint64_t low = 0, high = 0;
    struct symcache_slot *slot = &c->slots[symcache_place(c, text, &low, &high)];
    struct symcache_slot first = slot[0];
    *ret = slot;
    if (first.low == low && first.high == high && first.length == (uint32_t)text.n) {
        return true;
    }
    bool known = slot[1].low == low && slot[1].high == high && slot[1].length == (uint32_t)text.n;
    slot[0] = known ? slot[1] : (struct symcache_slot){low, high, (uint32_t)text.n, 0};
    slot[1] = first;
    return known;
}
