/* An object-centric event log (OCEL 2.0 and 1.0) while it is read. The three carriers,
 * ocel_json.c, ocel_xml.c and ocel_sqlite.c, say what they find through these functions, in any
 * order; ocel.c holds it all, since objects may come behind the events that refer to them, and then
 * gives it as batches in an order that is the same whatever the carrier. */
#pragma once

#include "base/buf.h"
#include "base/intern.h"
#include "base/vec.h"
#include "source/inputs.h"
#include "source/source.h"
#include "wire/stream.h"

struct ocel_object {
    uint32_t id;   /* in `ids` */
    uint32_t type; /* in `words`; 0: not listed, only referred to */
};

struct ocel_event {
    str id, type, attrs; /* attrs: JSON object, sorted by name */
    when time;           /* WHEN_NONE: none was found */
    uint64_t line;
};

struct ocel_attr {
    uint32_t object, name; /* name in `words` */
    when time;
    str value;
};

struct ocel_relation { /* event → object, or object → object */
    uint32_t from, object;
    uint32_t qualifier; /* in `words` */
};

struct ocel_pair {
    str name, value;
};

struct ocel {
    struct source source; /* first */
    struct source_options options;
    struct inputs inputs;
    struct stream *stream; /* the file being read */
    size_t held;           /* bytes, against the limit */
    bool full;

    struct arena text;
    struct intern ids, words;
    VEC(struct ocel_object) objects; /* by number in `ids` */
    VEC(struct ocel_event) events;
    VEC(struct ocel_attr) attrs;
    VEC(struct ocel_relation) relations, links;
    VEC(struct reject) rejects;
    uint64_t naive, repeated, dangling, unlisted_events, odd;
    VEC(struct ocel_pair) pairs; /* attributes of the event being read */
    struct buf scratch;

    /* giving it out */
    enum { OCEL_LOAD, OCEL_REJECTS, OCEL_ATTRS, OCEL_LINKS, OCEL_EVENTS, OCEL_DONE } phase;
    size_t at;
    item_id *items;  /* by number of the object */
    size_t *first;   /* relations of event i: first[i] … first[i + 1] */
    id128 *keys;     /* by event */
    uint32_t *order; /* of what is given out in this phase */
};

/* What a carrier found. Numbers are good until the end. */
uint32_t ocel_object(struct ocel *o, str id); /* by its id; not listed yet when new */
void ocel_list_object(struct ocel *o, uint32_t object, str type);
void ocel_object_attr(struct ocel *o, uint32_t object, str name, when time, str value);
void ocel_link(struct ocel *o, uint32_t from, uint32_t to, str qualifier);
uint32_t ocel_event(struct ocel *o, str id, str type, when time, uint64_t line);
void ocel_relate(struct ocel *o, uint32_t event, uint32_t object, str qualifier);
void ocel_pair(struct ocel *o, str name, str value);  /* one attribute … */
void ocel_take_pairs(struct ocel *o, uint32_t event); /* … and all of them to the event */
void ocel_reject(struct ocel *o, uint64_t line, str column, str raw, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* A time stamp as the carriers write it. False: it is none, with the reason in `ret_reason`. */
bool ocel_time(struct ocel *o, str text, when *ret, const char **ret_reason);
/* The time of an object's attribute: what stands within a day of 1970 means "from the beginning".
 */
bool ocel_attr_time(struct ocel *o, str text, when *ret, const char **ret_reason);
/* FAIL when more was found than may be held. */
status ocel_check(const struct ocel *o, struct error *why);
void ocel_breaks_off(struct ocel *o, uint64_t line, str raw, const char *reason);

status ocel_read_json(struct ocel *o, bool version1, struct error *why);
status ocel_read_xml(struct ocel *o, struct error *why);
status ocel_read_sqlite(struct ocel *o, struct error *why);
