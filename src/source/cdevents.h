/* What the two halves of the CDEvents reader share: cdevents.c steers (files, envelopes, batches),
 * cdevent.c turns one event into facts. */
#pragma once

#include "base/intern.h"
#include "source/inputs.h"
#include "source/jsonfeed.h"
#include "source/source.h"
#include "wire/json.h"

struct cdevents_pending { /* a link to an event by its id, to be looked up at the end */
    item_id from;
    sym kind;
    uint32_t target; /* in `ids` */
    id128 evidence;
};

struct cdevents_about { /* what the event of an id is about */
    item_id item;
    bool several; /* the id was given to events about different items: no link follows it */
};

struct cdevents {
    struct source source; /* first */
    struct source_options options;
    struct inputs inputs;
    size_t file;
    struct stream *stream;
    struct jsonfeed *feed;
    struct jsonfeed_value value; /* the record: its text and line, for rejects */
    str name;                    /* of the file or feed, for rejects */
    struct batch *batch;
    size_t at; /* of the pending links */

    struct intern ids;                /* of events; UUIDs in small letters */
    VEC(struct cdevents_about) about; /* by number in `ids` */
    VEC(struct cdevents_pending) pending;
    uint64_t unmapped, differing, no_id, unresolved, absurd, categories;
    struct buf key, other, attrs;
};

/* The state alone, of a file or of one delivery; `batch` is the caller's to set. */
void cdevents_begin(struct cdevents *c, const struct source_options *options);
void cdevents_end(struct cdevents *c);
/* Links to events by their id, up to a batch full of them, when all events are known: from `at` to
 * the end of `pending`. */
void cdevents_give_pending(struct cdevents *c);
/* `json` is one whole record: a CDEvent, or a CloudEvent with one in it. Gives at most one event
 * and any number of links. */
void cdevents_record(struct cdevents *c, const json_t *json);
void cdevents_reject(struct cdevents *c, const char *column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The number of an event's id, new ones too; 0 when there are too many to remember. */
uint32_t cdevents_id(struct cdevents *c, str id);
