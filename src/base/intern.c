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
    *t = (struct intern){0};
}

static uint32_t hash_of(str text)
{
    uint64_t hash = str_hash(text);
    return (uint32_t)(hash ^ (hash >> 32));
}

/* The slot that holds `text`, or the free one where it belongs. */
static struct intern_slot *slot_of(const struct intern *t, str text, uint32_t hash)
{
    size_t i = hash & (t->slot_cap - 1);
    for (; t->slots[i].number != 0; i = (i + 1) & (t->slot_cap - 1)) {
        if (t->slots[i].hash == hash && str_eq(t->texts[t->slots[i].number - 1], text)) {
            break;
        }
    }
    return &t->slots[i];
}

static void grow_slots(struct intern *t)
{
    struct intern_slot *old = t->slots;
    size_t old_cap = t->slot_cap;
    t->slot_cap = old_cap > 0 ? old_cap * 2 : 128;
    t->slots = mem_get(t->slot_cap * sizeof *t->slots);
    for (size_t k = 0; k < old_cap; k++) {
        size_t i = old[k].hash & (t->slot_cap - 1);
        while (old[k].number != 0 && t->slots[i].number != 0) {
            i = (i + 1) & (t->slot_cap - 1);
        }
        if (old[k].number != 0) {
            t->slots[i] = old[k];
        }
    }
    mem_put(old);
}

static void grow(struct intern *t)
{
    if (t->n == t->cap) {
        t->cap = t->cap > 0 ? t->cap * 2 : 64;
        t->texts = mem_grow(t->texts, t->cap, sizeof *t->texts);
    }
    if (((size_t)t->n + 1) * 2 > t->slot_cap) {
        grow_slots(t);
    }
}

uint32_t intern_add(struct intern *t, str text)
{
    grow(t);
    uint32_t hash = hash_of(text);
    struct intern_slot *slot = slot_of(t, text, hash);
    if (slot->number == 0) {
        assert(t->n < UINT32_MAX - 1);
        t->texts[t->n] = arena_str(&t->text, text);
        *slot = (struct intern_slot){++t->n, hash};
    }
    return slot->number - 1;
}

bool intern_find(const struct intern *t, str text, uint32_t *ret)
{
    const struct intern_slot *slot = slot_of(t, text, hash_of(text));
    if (slot->number == 0) {
        return false;
    }
    *ret = slot->number - 1;
    return true;
}

str intern_text(const struct intern *t, uint32_t number)
{
    assert(number < t->n);
    return t->texts[number];
}
