/* OCEL 2.0 in XML, streaming: what an element means follows from the section of the log that it
 * stands in. Related objects are elements of any name with an object-id, since exporters differ. */
#include "source/ocel.h"
#include "source/xmlfeed.h"

#include <string.h>

enum { DEPTH_SECTION = 2, DEPTH_RECORD = 3 };

struct reader {
    struct ocel *o;
    struct xmlfeed *feed;
    enum { NO_SECTION, OBJECTS, EVENTS } section;
    int depth;
    bool open, in_value; /* in a record that was understood; in the text of an attribute */
    uint32_t number;     /* of the object or event */
    struct buf name, value;
    when time; /* of the attribute */
};

static void begin_section(struct reader *r, const char *local)
{
    r->section = strcmp(local, "objects") == 0  ? OBJECTS
                 : strcmp(local, "events") == 0 ? EVENTS
                                                : NO_SECTION;
    if (strcmp(local, "trace") == 0 || strcmp(local, "extension") == 0) {
        xmlfeed_refuse(r->feed, "this is XES, not OCEL");
    } else if (strcmp(local, "global") == 0) {
        xmlfeed_refuse(r->feed, "this is OCEL 1.0 in XML, which is not supported: convert it to "
                                "OCEL 2.0, or use its JSON form");
    }
}

static void reject(struct reader *r, const char *column, const char *reason)
{
    ocel_reject(r->o, xmlfeed_line(r->feed), str_of(column), xmlfeed_context(r->feed), "%s",
                reason);
}

static void begin_record(struct reader *r, const char **attributes)
{
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
    r.feed = xmlfeed_new(o->stream, &HANDLERS, &r);
    if (r.feed == NULL) {
        return error_set(why, "expat cannot be started");
    }
    status_code done = OK;
    while (done == OK) {
        done = xmlfeed_run(r.feed, why);
    }
    if (done == END && xmlfeed_broken(r.feed) != NULL) {
        ocel_take_pairs(o, r.number);
        ocel_breaks_off(o, xmlfeed_line(r.feed), xmlfeed_context(r.feed), xmlfeed_broken(r.feed));
    }
    o->pairs.n = 0;
    xmlfeed_free(r.feed);
    buf_finish(&r.name);
    buf_finish(&r.value);
    return done == END ? OK : done;
}
