/* OCEL in JSON. Version 2.0 has arrays of objects and events, version 1.0 objects of them by id
 * ("ocel:events": {"e1": {"ocel:activity": …}}). Each is read on its own, so the file may be of any
 * length. */
#include "source/jsonfeed.h"
#include "source/ocel.h"
#include "wire/json.h"

struct reader {
    struct ocel *o;
    const struct jsonfeed_value *value;
    struct buf id, text;
};

/* A text, or a number as text: ids are both. */
static bool get_text(struct reader *r, const json_t *object, const char *key, str *ret)
{
    buf_clear(&r->text);
    if (!json_scalar(json_object_get(object, key), &r->text)) {
        return false;
    }
    *ret = buf_str(&r->text);
    return true;
}

static bool get_id(struct reader *r, const json_t *object, const char *key)
{
    buf_clear(&r->id);
    return json_scalar(json_object_get(object, key), &r->id) && r->id.n > 0;
}

static void reject(struct reader *r, const char *column, const char *reason)
{
    ocel_reject(r->o, r->value->line, str_of(column), r->value->text, "%s", reason);
}

static void read_relations(struct reader *r, const json_t *from, bool of_event, uint32_t number)
{
    const json_t *array = json_get_array(from, "relationships");
    size_t i;
    const json_t *relation;
    json_array_foreach(array, i, relation)
    {
        if (!get_id(r, relation, "objectId")) {
            reject(r, "objectId", "a relationship names no object");
            continue;
        }
        uint32_t object = ocel_object(r->o, buf_str(&r->id));
        str qualifier = {0};
        get_text(r, relation, "qualifier", &qualifier);
        if (of_event) {
            ocel_relate(r->o, number, object, qualifier);
        } else {
            ocel_link(r->o, number, object, qualifier);
        }
    }
}

static void read_object_attributes(struct reader *r, const json_t *from, uint32_t object)
{
    const json_t *array = json_get_array(from, "attributes");
    size_t i;
    const json_t *attribute;
    json_array_foreach(array, i, attribute)
    {
        str name, value;
        when time = WHEN_NONE;
        const char *reason = NULL;
        const json_t *stamp = json_object_get(attribute, "time");
        if (!json_get_str(attribute, "name", &name)) {
            reject(r, "name", "an attribute has no name");
        } else if (stamp != NULL && !json_is_null(stamp) &&
                   !ocel_attr_time(r->o, json_text(stamp), &time, &reason)) {
            ocel_reject(r->o, r->value->line, STR("time"), r->value->text,
                        "\"%.60s\" is not a date (%s)", json_string_value(stamp), reason);
        } else if (get_text(r, attribute, "value", &value)) {
            ocel_object_attr(r->o, object, name, time, value);
        }
    }
}

static void read_object(struct reader *r, const json_t *from)
{
    str type;
    if (!get_id(r, from, "id")) {
        reject(r, "id", "the object has no id");
    } else if (!get_text(r, from, "type", &type) || type.n == 0) {
        reject(r, "type", "the object has no type");
    } else {
        uint32_t object = ocel_object(r->o, buf_str(&r->id));
        ocel_list_object(r->o, object, type);
        read_object_attributes(r, from, object);
        read_relations(r, from, false, object);
    }
}

/* The time of an event; false: rejected. */
static bool read_time(struct reader *r, const json_t *from, const char *key, when *ret)
{
    str text = {0};
    const char *reason = "there is none";
    if (json_get_str(from, key, &text) && ocel_time(r->o, text, ret, &reason)) {
        return true;
    }
    ocel_reject(r->o, r->value->line, str_of(key), r->value->text,
                "\"" STR_FMT "\" is not a date (%s)", STR_ARG(str_first(text, 60)), reason);
    return false;
}

static void read_event(struct reader *r, const json_t *from)
{
    str type;
    when time;
    if (!get_id(r, from, "id")) {
        reject(r, "id", "the event has no id");
        return;
    }
    if (!read_time(r, from, "time", &time)) {
        return;
    }
    if (!get_text(r, from, "type", &type) || type.n == 0) {
        reject(r, "type", "the event has no type");
        return;
    }
    uint32_t event = ocel_event(r->o, buf_str(&r->id), type, time, r->value->line);
    const json_t *array = json_get_array(from, "attributes"), *attribute;
    size_t i;
    json_array_foreach(array, i, attribute)
    {
        str name, value;
        if (json_get_str(attribute, "name", &name) && get_text(r, attribute, "value", &value)) {
            ocel_pair(r->o, name, value);
        }
    }
    ocel_take_pairs(r->o, event);
    read_relations(r, from, true, event);
}

/* --- version 1.0 --- */

static bool read_key(struct reader *r)
{
    json_t *key = NULL;
    struct error why = {0};
    buf_clear(&r->id);
    if (json_parse(r->value->key, 0, "id", &key, &why) != OK) {
        return false;
    }
    buf_add(&r->id, json_text(key));
    json_decref(key);
    return r->id.n > 0;
}

static void read_event1(struct reader *r, const json_t *from)
{
    str type;
    when time;
    if (!read_key(r)) {
        reject(r, "ocel:id", "the event has no id");
        return;
    }
    if (!read_time(r, from, "ocel:timestamp", &time)) {
        return;
    }
    if (!get_text(r, from, "ocel:activity", &type) || type.n == 0) {
        reject(r, "ocel:activity", "the event has no activity");
        return;
    }
    uint32_t event = ocel_event(r->o, buf_str(&r->id), type, time, r->value->line);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json_get_object(from, "ocel:vmap"), name, value)
    {
        buf_clear(&r->text);
        if (json_scalar(value, &r->text)) {
            ocel_pair(r->o, str_of(name), buf_str(&r->text));
        }
    }
    ocel_take_pairs(r->o, event);
    const json_t *objects = json_get_array(from, "ocel:omap");
    size_t i;
    json_array_foreach(objects, i, value)
    {
        buf_clear(&r->text);
        if (json_scalar(value, &r->text) && r->text.n > 0) {
            ocel_relate(r->o, event, ocel_object(r->o, buf_str(&r->text)), (str){0});
        } else {
            reject(r, "ocel:omap", "an object's id is no text");
        }
    }
}

static void read_object1(struct reader *r, const json_t *from)
{
    str type;
    if (!read_key(r)) {
        reject(r, "ocel:id", "the object has no id");
        return;
    }
    if (!get_text(r, from, "ocel:type", &type) || type.n == 0) {
        reject(r, "ocel:type", "the object has no type");
        return;
    }
    uint32_t object = ocel_object(r->o, buf_str(&r->id));
    ocel_list_object(r->o, object, type);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)json_get_object(from, "ocel:ovmap"), name, value)
    {
        buf_clear(&r->text);
        if (json_scalar(value, &r->text)) {
            ocel_object_attr(r->o, object, str_of(name), WHEN_NONE, buf_str(&r->text));
        }
    }
}

static void read_value(struct reader *r, bool version1)
{
    static const struct {
        str section;
        bool version1;
        void (*read)(struct reader *, const json_t *);
    } SECTIONS[] = {
        {STR_INIT("objects"), false, read_object},
        {STR_INIT("events"), false, read_event},
        {STR_INIT("ocel:objects"), true, read_object1},
        {STR_INIT("ocel:events"), true, read_event1},
    };
    for (size_t i = 0; i < sizeof SECTIONS / sizeof *SECTIONS; i++) {
        if (SECTIONS[i].version1 != version1 || !str_eq(r->value->section, SECTIONS[i].section)) {
            continue;
        }
        json_t *json = NULL;
        struct error why = {0};
        if (r->value->broken != NULL) {
            reject(r, "", r->value->broken);
        } else if (json_parse(r->value->text, 0, "the record", &json, &why) != OK) {
            reject(r, "", why.text);
        } else {
            SECTIONS[i].read(r, json);
            json_decref(json);
        }
        return;
    }
}

status ocel_read_json(struct ocel *o, bool version1, struct error *why)
{
    struct jsonfeed *feed = jsonfeed_new(o->stream, JSONFEED_MEMBERS);
    struct jsonfeed_value value;
    struct reader r = {.o = o, .value = &value};
    bool any = false;
    status_code done;
    while ((done = jsonfeed_next(feed, &value, why)) == OK && !o->full) {
        static const char *const KNOWN[] = {"objects", "events", "objectTypes", "eventTypes"};
        for (size_t i = 0; i < 4; i++) {
            any |= str_eq(value.section, str_of(KNOWN[i]));
        }
        read_value(&r, version1);
    }
    buf_finish(&r.id);
    buf_finish(&r.text);
    if (done == END && jsonfeed_cut(feed)) {
        const char *cut = stream_broken(o->stream);
        ocel_breaks_off(o, 0, (str){0}, cut != NULL ? cut : "the JSON breaks off or is damaged");
    }
    if (done == END && jsonfeed_odd(feed) > 0) {
        source_note(&o->source.notes, "%llu entries are no JSON objects: left out",
                    (unsigned long long)jsonfeed_odd(feed));
    }
    jsonfeed_free(feed);
    if (done == END && !version1 && !any && !o->source.incomplete) {
        return error_set(why, "%s: this is JSON of another kind, not OCEL", stream_name(o->stream));
    }
    return done == END ? OK : done;
}
