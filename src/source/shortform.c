#include "source/shortform.h"

#include "source/identity.h"
#include "wire/stamp.h"

#include <stdlib.h>
#include <string.h>

bool shortform_is(const json_t *object)
{
    str text = {0};
    return json_get_str(object, "id", &text) && json_get_str(object, "time", &text) &&
           json_get_str(object, "type", &text) &&
           (json_get_str(object, "item", &text) || json_get_array(object, "items") != NULL);
}

/* "issue:DRV-17": type and key, divided by the first colon. */
static bool item_of(str text, struct names *names, item_id *ret)
{
    size_t colon = str_find_char(text, ':');
    if (colon == 0 || colon + 1 >= text.n) {
        return false;
    }
    struct identity named = {.type = str_first(text, colon)}; /* "pr:…" is a change, as elsewhere */
    *ret =
        names_item(names, names_sym(names, identity_item_type(&named)), str_from(text, colon + 1));
    return true;
}

static bool bad_item(str text, struct buf *reason)
{
    buf_addf(reason, "\"" STR_FMT "\" is not an item (type:key)", STR_ARG(str_first(text, 100)));
    return false;
}

static bool get_sym(const json_t *object, const char *key, struct names *names, sym *ret)
{
    str text = {0};
    *ret = json_get_str(object, key, &text) ? names_sym(names, text) : 0;
    return *ret != 0;
}

static id128 key_of(const json_t *object, str id)
{
    str source = {0};
    struct buf key = {0};
    json_get_str(object, "source", &source);
    buf_addf(&key, "%zu:", source.n);
    buf_add(&key, source);
    buf_add(&key, id);
    id128 made = id128_of(key.p, key.n);
    buf_finish(&key);
    return made;
}

/* All items of the event are checked before it is added. */
static bool items_fine(const json_t *items, struct names *names, struct buf *reason)
{
    for (size_t i = 0; i < json_array_size(items); i++) {
        str text = json_text(json_array_get(items, i));
        item_id item = 0;
        if (!item_of(text, names, &item)) {
            return bad_item(text, reason);
        }
    }
    return true;
}

bool shortform_add(const json_t *object, const struct source_options *options, struct batch *b,
                   struct buf *reason, str *ret_column)
{
    struct names *names = options->names;
    struct event e = {.quality = TIME_OWN, .begin = WHEN_NONE};
    struct stamp stamp;
    const char *wrong = "";
    str id = {0}, time = {0}, item = {0};
    buf_clear(reason);
    *ret_column = STR("id");
    if (!json_get_str(object, "id", &id) || id.n == 0) {
        buf_add(reason, STR("no id"));
        return false;
    }
    *ret_column = STR("type");
    if (!get_sym(object, "type", names, &e.type)) {
        buf_add(reason, STR("no type"));
        return false;
    }
    *ret_column = STR("time");
    json_get_str(object, "time", &time);
    if (!stamp_parse(time, options->zone, &stamp, &wrong)) {
        buf_addf(reason, "\"" STR_FMT "\" is not a date (%s)", STR_ARG(str_first(time, 100)),
                 wrong);
        return false;
    }
    *ret_column = STR("item");
    const json_t *items = json_get_array(object, "items");
    size_t further = 0; /* the first of `items` that is not the subject */
    if (!json_get_str(object, "item", &item)) {
        item = json_text(json_array_get(items, 0));
        further = 1;
    }
    if (!item_of(item, names, &e.item)) {
        return bad_item(item, reason);
    }
    *ret_column = STR("items");
    if (!items_fine(items, names, reason)) {
        return false;
    }
    e.key = key_of(object, id);
    e.time = stamp.time;
    if (!get_sym(object, "stage", names, &e.activity)) {
        e.activity = e.type;
    }
    get_sym(object, "team", names, &e.team);
    str actor = {0};
    if (json_get_str(object, "actor", &actor)) {
        e.actor = source_actor(options, actor);
    }
    const json_t *attrs = json_get_object(object, "attrs");
    char *dumped =
        attrs != NULL && json_object_size(attrs) > 0 ? json_dumps(attrs, JSON_COMPACT) : NULL;
    e.attrs = str_of(dumped);
    uint32_t row = batch_add(b, &e);
    free(dumped);
    for (size_t i = further; i < json_array_size(items); i++) {
        item_id other = 0;
        if (item_of(json_text(json_array_get(items, i)), names, &other)) {
            batch_refer(b, row, other, 0);
        }
    }
    return true;
}
