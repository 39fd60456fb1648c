#include "model/names.h"

#include "base/buf.h"
#include "base/mem.h"

#include <assert.h>
#include <string.h>

static void add_item_row(struct names *n, sym type, str key)
{
    if (n->item_n == n->item_cap) {
        n->item_cap = n->item_cap > 0 ? n->item_cap * 2 : 64;
        n->items = mem_grow(n->items, n->item_cap, sizeof *n->items);
    }
    n->items[n->item_n++] = (struct name_item){type, key};
}

void names_init(struct names *n)
{
    *n = (struct names){0};
    intern_init(&n->text, "names");
    intern_init(&n->keys, "item keys");
    add_item_row(n, 0, (str){0});
}

void names_finish(struct names *n)
{
    intern_finish(&n->text);
    intern_finish(&n->keys);
    mem_put(n->items);
    *n = (struct names){0};
}

sym names_sym(struct names *n, str text)
{
    return intern_add(&n->text, text);
}

str names_text(const struct names *n, sym s)
{
    return intern_text(&n->text, s);
}

bool names_find(const struct names *n, str text, sym *ret)
{
    return intern_find(&n->text, text, ret);
}

enum { SHORT_KEY = 256 };

/* Type and key as one text: the type's four bytes in front. Longer keys go through `large`. */
static str joined(sym type, str key, char room[SHORT_KEY], struct buf *large)
{
    char *at = room;
    if (sizeof type + key.n > SHORT_KEY) {
        at = buf_room(large, sizeof type + key.n);
    }
    memcpy(at, &type, sizeof type);
    if (key.n > 0) {
        memcpy(at + sizeof type, key.p, key.n);
    }
    return (str){at, sizeof type + key.n};
}

item_id names_item(struct names *n, sym type, str key)
{
    char room[SHORT_KEY];
    struct buf large = {0};
    item_id item = intern_add(&n->keys, joined(type, key, room, &large));
    if (item == n->item_n) {
        add_item_row(n, type, str_from(intern_text(&n->keys, item), sizeof type));
    }
    buf_finish(&large);
    return item;
}

bool names_find_item(const struct names *n, sym type, str key, item_id *ret)
{
    char room[SHORT_KEY];
    struct buf large = {0};
    bool found = intern_find(&n->keys, joined(type, key, room, &large), ret);
    buf_finish(&large);
    return found;
}

str names_key(const struct names *n, item_id item)
{
    assert(item < n->item_n);
    return n->items[item].key;
}

sym names_type(const struct names *n, item_id item)
{
    assert(item < n->item_n);
    return n->items[item].type;
}
