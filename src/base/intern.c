#include "base/intern.h"

#include "base/mem.h"

#include <assert.h>

void intern_init(struct intern *t, const char *name)
{
    *t = (struct intern){0};
    arena_init(&t->text, name, 0);
    intern_add(t, (str){0});
}

void intern_finish(struct intern *t)
{
    arena_finish(&t->text);
    mem_put(t->texts);
    mem_put(t->slots);
    mem_put(t->hashes);
    *t = (struct intern){0};
}

static uint32_t hash_of(str text)
{
    uint64_t hash = str_hash(text);
    return (uint32_t)(hash ^ (hash >> 32));
}

/* The slot that holds `text`, or the free one where it belongs. */
static size_t slot_of(const struct intern *t, str text, uint32_t hash)
{
    size_t i = hash & (t->slot_cap - 1);
    while (t->slots[i] != 0) {
        uint32_t number = t->slots[i] - 1;
        if (t->hashes[number] == hash && str_eq(t->texts[number], text)) {
            break;
        }
        i = (i + 1) & (t->slot_cap - 1);
    }
    return i;
}

static void grow(struct intern *t)
{
    if (t->n == t->cap) {
        t->cap = t->cap > 0 ? t->cap * 2 : 64;
        t->texts = mem_grow(t->texts, t->cap, sizeof *t->texts);
        t->hashes = mem_grow(t->hashes, t->cap, sizeof *t->hashes);
    }
    if (((size_t)t->n + 1) * 2 > t->slot_cap) {
        mem_put(t->slots);
        t->slot_cap = t->slot_cap > 0 ? t->slot_cap * 2 : 128;
        t->slots = mem_get(t->slot_cap * sizeof *t->slots);
        for (uint32_t number = 0; number < t->n; number++) {
            size_t i = t->hashes[number] & (t->slot_cap - 1);
            while (t->slots[i] != 0) {
                i = (i + 1) & (t->slot_cap - 1);
            }
            t->slots[i] = number + 1;
        }
    }
}

uint32_t intern_add(struct intern *t, str text)
{
    grow(t);
    uint32_t hash = hash_of(text);
    size_t i = slot_of(t, text, hash);
    if (t->slots[i] == 0) {
        assert(t->n < UINT32_MAX - 1);
        t->texts[t->n] = arena_str(&t->text, text);
        t->hashes[t->n] = hash;
        t->slots[i] = ++t->n;
    }
    return t->slots[i] - 1;
}

bool intern_find(const struct intern *t, str text, uint32_t *ret)
{
    size_t i = slot_of(t, text, hash_of(text));
    if (t->slots[i] == 0) {
        return false;
    }
    *ret = t->slots[i] - 1;
    return true;
}

str intern_text(const struct intern *t, uint32_t number)
{
    assert(number < t->n);
    return t->texts[number];
}
