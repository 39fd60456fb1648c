/* OCEL in XML, streaming: what an element means follows from the section of the log that it stands
 * in. Related objects are elements of any name with an object-id, since exporters differ.
 *
 * A record of version 1.0 has no attributes: what it is stands in children with key and value, and
 * its lists (omap: objects; vmap, ovmap: attributes) in theirs, in any order. It becomes something
 * when it ends. */
#include "source/ocel.h"
#include "source/xmlfeed.h"

#include <string.h>

enum { DEPTH_SECTION = 2, DEPTH_RECORD = 3, DEPTH_FIELD = 4, DEPTH_ENTRY = 5 };

struct reader {
    struct ocel *o;
    struct xmlfeed *feed;
    enum { NO_SECTION, OBJECTS, EVENTS } section;
    int depth;
    bool open, in_value; /* in a record that was understood; in the text of an attribute */
    uint32_t number;     /* of the object or event */
    struct buf name, value;
    when time; /* of the attribute */

    bool fields; /* in a record of version 1.0 */
    uint64_t line;
    struct buf id, type, stamp;
    struct buf objects; /* ids, a NUL behind each */
    enum { NO_LIST, OMAP, VMAP } list;
};

static void begin_section(struct reader *r, const char *local)
{
    r->section = strcmp(local, "objects") == 0  ? OBJECTS
                 : strcmp(local, "events") == 0 ? EVENTS
                                                : NO_SECTION;
    if (strcmp(local, "trace") == 0 || strcmp(local, "extension") == 0) {
        xmlfeed_refuse(r->feed, "this is XES, not OCEL");
    }
}

static void reject(struct reader *r, const char *column, const char *reason)
{
    ocel_reject(r->o, xmlfeed_line(r->feed), str_of(column), xmlfeed_context(r->feed), "%s",
                reason);
}

static void begin_fields(struct reader *r)
{
    r->fields = true;
    r->line = xmlfeed_line(r->feed);
    r->list = NO_LIST;
    r->o->pairs.n = 0;
    buf_clear(&r->id);
    buf_clear(&r->type);
    buf_clear(&r->stamp);
    buf_clear(&r->objects);
}

/* A child of a record of version 1.0. */
static void take_field(struct reader *r, const char **attributes)
{
    const char *key = xmlfeed_attribute(attributes, "key");
    str value = str_of(xmlfeed_attribute(attributes, "value"));
    bool prefixed = key != NULL && strncmp(key, "ocel:", 5) == 0;
    str name = str_of(prefixed ? key + 5 : key);
    r->list = NO_LIST;
    if (str_eq(name, STR("omap"))) {
        r->list = OMAP;
    } else if (str_eq(name, STR("vmap")) || str_eq(name, STR("ovmap"))) {
        r->list = VMAP;
    } else {
        struct buf *to = str_eq(name, STR("id"))                                      ? &r->id
                         : str_eq(name, STR("activity")) || str_eq(name, STR("type")) ? &r->type
                         : str_eq(name, STR("timestamp"))                             ? &r->stamp
                                                                                      : NULL;
        if (to != NULL) {
            buf_clear(to);
            buf_add(to, value);
        }
    }
}

static void take_entry(struct reader *r, const char **attributes)
{
    str key = str_of(xmlfeed_attribute(attributes, "key"));
    const char *value = xmlfeed_attribute(attributes, "value");
    if (r->list == OMAP && value != NULL && *value != '\0') {
        buf_add(&r->objects, str_of(value));
        buf_putc(&r->objects, '\0');
    } else if (r->list == OMAP) {
        reject(r, "omap", "a related object has no id");
    } else if (r->list == VMAP && key.n > 0 && value != NULL) {
        ocel_pair(r->o, key, str_of(value));
    }
}

static void end_object1(struct reader *r)
{
    uint32_t object = ocel_object(r->o, buf_str(&r->id));
    ocel_list_object(r->o, object, buf_str(&r->type));
    for (size_t i = 0; i < r->o->pairs.n; i++) {
        struct ocel_pair pair = r->o->pairs.v[i];
        ocel_object_attr(r->o, object, pair.name, WHEN_NONE, pair.value);
    }
}

static void end_event1(struct reader *r)
{
    const char *reason = NULL;
    when time;
    if (!ocel_time(r->o, buf_str(&r->stamp), &time, &reason)) {
        ocel_reject(r->o, r->line, STR("timestamp"), buf_str(&r->stamp),
                    "\"" STR_FMT "\" is not a date (%s)",
                    STR_ARG(str_first(buf_str(&r->stamp), 60)), reason);
        return;
    }
    uint32_t event = ocel_event(r->o, buf_str(&r->id), buf_str(&r->type), time, r->line);
    ocel_take_pairs(r->o, event);
    if (r->objects.full) {
        ocel_reject(r->o, r->line, STR("omap"), (str){0}, "more than 16 MiB of related objects");
        return;
    }
    str rest = buf_str(&r->objects), id;
    while (rest.n > 0 && str_cut(&rest, '\0', &id)) {
        ocel_relate(r->o, event, ocel_object(r->o, id), (str){0});
    }
}

static void end_fields(struct reader *r)
{
    bool event = r->section == EVENTS;
    const char *lacks = r->id.n == 0               ? "id"
                        : r->type.n == 0           ? event ? "activity" : "type"
                        : event && r->stamp.n == 0 ? "timestamp"
                                                   : NULL;
    if (lacks != NULL) {
        ocel_reject(r->o, r->line, str_of(lacks), xmlfeed_context(r->feed), "there is no %s",
                    lacks);
    } else if (event) {
        end_event1(r);
    } else {
        end_object1(r);
    }
    r->o->pairs.n = 0;
    r->fields = false;
}

static void begin_record(struct reader *r, const char **attributes)
{
    if (attributes[0] == NULL) {
        begin_fields(r);
        return;
    }
    str id = str_of(xmlfeed_attribute(attributes, "id"));
    str type = str_of(xmlfeed_attribute(attributes, "type"));
    if (id.n == 0 || type.n == 0) {
        reject(r, id.n == 0 ? "id" : "type", id.n == 0 ? "there is no id" : "there is no type");
        return;
    }
    if (r->section == OBJECTS) {
        r->number = ocel_object(r->o, id);
        ocel_list_object(r->o, r->number, type);
        r->open = true;
        return;
    }
    const char *stamp = xmlfeed_attribute(attributes, "time"), *reason = NULL;
    when time;
    if (stamp == NULL) {
        reject(r, "time", "the event has no time");
    } else if (!ocel_time(r->o, str_of(stamp), &time, &reason)) {
        ocel_reject(r->o, xmlfeed_line(r->feed), STR("time"), xmlfeed_context(r->feed),
                    "\"%.60s\" is not a date (%s)", stamp, reason);
    } else {
        r->number = ocel_event(r->o, id, type, time, xmlfeed_line(r->feed));
        r->open = true;
    }
}

static void begin_attribute(struct reader *r, const char **attributes)
{
    const char *name = xmlfeed_attribute(attributes, "name");
    const char *stamp = xmlfeed_attribute(attributes, "time"), *reason = NULL;
    r->time = WHEN_NONE;
    if (name == NULL || *name == '\0') {
        reject(r, "name", "an attribute has no name");
        return;
    }
    if (stamp != NULL && r->section == OBJECTS &&
        !ocel_attr_time(r->o, str_of(stamp), &r->time, &reason)) {
        ocel_reject(r->o, xmlfeed_line(r->feed), STR("time"), xmlfeed_context(r->feed),
                    "\"%.60s\" is not a date (%s)", stamp, reason);
        return;
    }
    buf_clear(&r->name);
    buf_clear(&r->value);
    buf_add(&r->name, str_of(name));
    const char *value = xmlfeed_attribute(attributes, "value");
    buf_add(&r->value, str_of(value)); /* seen in place of the text */
    r->in_value = true;
}

static void relate(struct reader *r, const char **attributes, const char *id)
{
    str qualifier = str_of(xmlfeed_attribute(attributes, "qualifier"));
    if (*id == '\0') {
        reject(r, "object-id", "a relationship names no object");
        return;
    }
    uint32_t object = ocel_object(r->o, str_of(id));
    if (r->section == EVENTS) {
        ocel_relate(r->o, r->number, object, qualifier);
    } else {
        ocel_link(r->o, r->number, object, qualifier);
    }
}

static void on_begin(void *user, const char *name, const char **attributes)
{
    struct reader *r = user;
    const char *local = xmlfeed_local(name);
    r->depth++;
    if (r->o->full) {
        xmlfeed_refuse(r->feed, "the log needs more than 2 GiB of memory: refused");
    } else if (r->depth == 1 && strcmp(local, "log") != 0) {
        xmlfeed_refuse(r->feed, "this is XML with the root <%.60s>, not OCEL", name);
    } else if (r->depth == DEPTH_SECTION) {
        begin_section(r, local);
    } else if (r->depth == DEPTH_RECORD && r->section != NO_SECTION) {
        begin_record(r, attributes);
    } else if (r->fields) {
        if (r->depth == DEPTH_FIELD) {
            take_field(r, attributes);
        } else if (r->depth == DEPTH_ENTRY) {
            take_entry(r, attributes);
        }
    } else if (r->open && strcmp(local, "attribute") == 0) {
        begin_attribute(r, attributes);
    } else if (r->open) {
        const char *id = xmlfeed_attribute(attributes, "object-id");
        if (id != NULL) {
            relate(r, attributes, id);
        } else if (strcmp(local, "relationship") == 0) {
            reject(r, "object-id", "a relationship names no object");
        }
    }
}

static void end_attribute(struct reader *r)
{
    r->in_value = false;
    if (r->value.full) {
        reject(r, r->name.p, "the value is longer than 16 MiB");
    } else if (r->section == OBJECTS) {
        ocel_object_attr(r->o, r->number, buf_str(&r->name), r->time, buf_str(&r->value));
    } else {
        ocel_pair(r->o, buf_str(&r->name), buf_str(&r->value));
    }
}

static void on_end(void *user, const char *name)
{
    struct reader *r = user;
    if (r->in_value && strcmp(xmlfeed_local(name), "attribute") == 0) {
        end_attribute(r);
    } else if (r->depth == DEPTH_RECORD && r->fields) {
        end_fields(r);
    } else if (r->depth == DEPTH_RECORD && r->open) {
        if (r->section == EVENTS) {
            ocel_take_pairs(r->o, r->number);
        }
        r->open = false;
    } else if (r->depth == DEPTH_SECTION) {
        r->section = NO_SECTION;
    }
    r->depth--;
}

static void on_text(void *user, const char *text, int n)
{
    struct reader *r = user;
    if (r->in_value) {
        buf_add(&r->value, (str){text, (size_t)n});
    }
}

status ocel_read_xml(struct ocel *o, struct error *why)
{
    static const struct xmlfeed_handlers HANDLERS = {on_begin, on_end, on_text};
    struct reader r = {.o = o, .name = {.limit = XMLFEED_TOKEN}, .value = {.limit = XMLFEED_TOKEN}};
    r.id.limit = r.type.limit = r.stamp.limit = XMLFEED_TOKEN;
    r.objects.limit = XMLFEED_TOKEN;
    r.feed = xmlfeed_new(o->stream, &HANDLERS, &r);
    if (r.feed == NULL) {
        return error_set(why, "expat cannot be started");
    }
    status_code done = OK;
    while (done == OK) {
        done = xmlfeed_run(r.feed, why);
    }
    if (done == END && xmlfeed_broken(r.feed) != NULL) {
        if (r.open && r.section == EVENTS) {
            ocel_take_pairs(o, r.number);
        }
        ocel_breaks_off(o, xmlfeed_line(r.feed), xmlfeed_context(r.feed), xmlfeed_broken(r.feed));
    }
    o->pairs.n = 0;
    xmlfeed_free(r.feed);
    buf_finish(&r.name);
    buf_finish(&r.value);
    buf_finish(&r.id);
    buf_finish(&r.type);
    buf_finish(&r.stamp);
    buf_finish(&r.objects);
    return done == END ? OK : done;
}
