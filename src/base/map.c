#include "base/map.h"

#include "base/mem.h"

#include <string.h>

#define XXH_INLINE_ALL /* most of what is hashed is short: a call costs as much as its hash */
#include <xxhash.h>

struct map_slot {
    uint64_t key, value;
    bool taken;
};

static uint64_t mix(uint64_t x) /* splitmix64's finaliser */
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

void map_finish(struct map *m)
{
    mem_put(m->slots);
    *m = (struct map){0};
}

static struct map_slot *map_slot(const struct map *m, uint64_t key)
{
    size_t i = mix(key) & (m->cap - 1);
    while (m->slots[i].taken && m->slots[i].key != key) {
        i = (i + 1) & (m->cap - 1);
    }
    return &m->slots[i];
}

uint64_t *map_find(const struct map *m, uint64_t key)
{
    if (m->cap == 0) {
        return NULL;
    }
    struct map_slot *slot = map_slot(m, key);
    return slot->taken ? &slot->value : NULL;
}

uint64_t *map_add(struct map *m, uint64_t key, bool *ret_new)
{
    if ((m->n + 1) * 4 > m->cap * 3) {
        struct map old = *m;
        m->cap = old.cap > 0 ? old.cap * 2 : 16;
        m->slots = mem_get(m->cap * sizeof *m->slots);
        for (size_t i = 0; i < old.cap; i++) {
            if (old.slots[i].taken) {
                *map_slot(m, old.slots[i].key) = old.slots[i];
            }
        }
        mem_put(old.slots);
    }
    struct map_slot *slot = map_slot(m, key);
    if (ret_new != NULL) {
        *ret_new = !slot->taken;
    }
    if (!slot->taken) {
        *slot = (struct map_slot){.key = key, .taken = true};
        m->n++;
    }
    return &slot->value;
}

bool map_next(const struct map *m, size_t *at, uint64_t *ret_key, uint64_t *ret_value)
{
    while (*at < m->cap && !m->slots[*at].taken) {
        ++*at;
    }
    if (*at >= m->cap) {
        return false;
    }
    *ret_key = m->slots[*at].key;
    *ret_value = m->slots[*at].value;
    ++*at;
    return true;
}

void set128_finish(struct set128 *s)
{
    mem_put(s->slots);
    *s = (struct set128){0};
}

static bool is_zero(id128 key)
{
    return (key.hi | key.lo) == 0;
}

/* Where the search for a key begins. One half is mixed before it meets the other: keys whose halves
 * differ by a constant must not all meet in one place. */
static size_t set128_home(const struct set128 *s, id128 key)
{
    return mix(key.lo ^ mix(key.hi)) & (s->cap - 1);
}

static size_t set128_slot(const struct set128 *s, id128 key)
{
    size_t i = set128_home(s, key);
    while (!is_zero(s->slots[i]) && (s->slots[i].lo != key.lo || s->slots[i].hi != key.hi)) {
        i = (i + 1) & (s->cap - 1);
    }
    return i;
}

void set128_expect(const struct set128 *s, id128 key)
{
    if (s->cap > 0) {
        __builtin_prefetch(&s->slots[set128_home(s, key)], 1);
    }
}

enum { AHEAD = 16 };

void set128_reserve(struct set128 *s, size_t n)
{
    size_t cap = s->cap > 0 ? s->cap : 16;
    while (n * 4 > cap * 3) {
        cap *= 2;
    }
    if (cap == s->cap) {
        return;
    }
    struct set128 old = *s;
    s->cap = cap;
    s->slots = mem_get(cap * sizeof *s->slots);
    for (size_t i = 0; i < old.cap; i++) {
        if (i + AHEAD < old.cap) {
            set128_expect(s, old.slots[i + AHEAD]);
        }
        if (!is_zero(old.slots[i])) {
            s->slots[set128_slot(s, old.slots[i])] = old.slots[i];
        }
    }
    mem_put(old.slots);
}

bool set128_add(struct set128 *s, id128 key)
{
    if (is_zero(key)) {
        bool was = s->has_zero;
        s->has_zero = true;
        return !was;
    }
    set128_reserve(s, s->n + 1);
    size_t i = set128_slot(s, key);
    if (!is_zero(s->slots[i])) {
        return false;
    }
    s->slots[i] = key;
    s->n++;
    return true;
}

bool set128_has(const struct set128 *s, id128 key)
{
    if (is_zero(key)) {
        return s->has_zero;
    }
    return s->cap > 0 && !is_zero(s->slots[set128_slot(s, key)]);
}

id128 id128_of(const void *bytes, size_t n)
{
    XXH128_hash_t hash = XXH3_128bits(bytes, n);
    return (id128){hash.high64, hash.low64};
}
