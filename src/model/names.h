/* The dictionary of a store: every text and every item that its events speak of, as a small number.
 *
 * A `sym` names a text (an activity, a person's pseudonym, a source, …), a `item_id` an item, which
 * is a type and a key ("issue" and "SHOP-17", "case" and "4711"). Number 0 is the empty text and
 * "no item". Numbers are given in order of arrival and never change: the store keeps what is new
 * with every commit, so a loaded dictionary gives the same numbers again. */
#pragma once

#include "base/intern.h"
#include "base/map.h"

typedef uint32_t sym;
typedef uint32_t item_id;

struct names {
    struct intern text;
    struct intern keys; /* type number (4 bytes) and key, together */
    struct name_item {
        sym type;
        str key;
    } * items; /* by item_id; [0] is no item */
    uint32_t item_n, item_cap;
};

void names_init(struct names *n);
void names_finish(struct names *n);

sym names_sym(struct names *n, str text);
str names_text(const struct names *n, sym s);
bool names_find(const struct names *n, str text, sym *ret);

item_id names_item(struct names *n, sym type, str key);
bool names_find_item(const struct names *n, sym type, str key, item_id *ret);
str names_key(const struct names *n, item_id item);
sym names_type(const struct names *n, item_id item);
