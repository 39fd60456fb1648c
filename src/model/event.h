/* Events: facts with a time, about one item or more, from one source.
 *
 * `struct log` is a view of many events as parallel columns, as folds and stores read them; it may
 * point straight into a database's own memory. `struct batch` owns the columns that a source fills,
 * together with what else one reads from a source: further items of an event, links, rejects. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/vec.h"
#include "model/names.h"

/* Where in its activity an event stands (IEEE 1849 lifecycle, reduced). LIFE_NONE: the source has
 * no lifecycle; the event is a point, or with a `begin` an interval. */
enum life {
    LIFE_NONE,
    LIFE_SCHEDULE, /* schedule, assign: enabled */
    LIFE_START,
    LIFE_SUSPEND,
    LIFE_RESUME,
    LIFE_COMPLETE,
    LIFE_CANCEL, /* withdraw, abort: ends the visit without its result */
    LIFE_OTHER,  /* known to the standard, no edge of a visit (reassign, unknown) */
    LIFE_STATUS, /* a word outside the standard: the log tells statuses entered, not transitions */
};

enum time_quality { TIME_OWN, TIME_DERIVED, TIME_RECEIVED, TIME_BAD };

/* One event; what a source hands to batch_add. */
struct event {
    id128 key;    /* identity of the fact within its source */
    item_id item; /* the subject */
    sym type;     /* kind of fact: "event" (tables), "issue.status", "commit", "deployment", … */
    sym activity; /* stage or activity: "QA", "deployed", … */
    sym instance; /* concept:instance, 0: none */
    sym actor;    /* who; 0: unknown. A pseudonym where the source names persons */
    sym team;     /* 0: unknown */
    when time;    /* end, or the instant */
    when begin;   /* WHEN_NONE: not known (a point event) */
    uint8_t life; /* enum life */
    uint8_t quality; /* enum time_quality */
    str attrs;       /* JSON object, or empty */
};

struct log {
    size_t n;
    const uint64_t *seq; /* number in the store, ascending; NULL in a batch not yet stored */
    const id128 *key;
    const item_id *item;
    const sym *type, *activity, *instance, *actor, *team;
    const when *time, *begin;
    const uint8_t *life, *quality;
    const str *attrs; /* columns that the reader did not ask for are NULL */
};

struct further_item { /* an event refers to one more item */
    uint32_t row;     /* in its batch */
    item_id item;
    sym qualifier;
};

/* A relation between two items, with the rule that found it and how far it is to be believed. */
struct link {
    item_id from, to;
    sym kind;          /* "implements", "deploys", "caused_by", "contains", … */
    sym rule;          /* "stated", "trailer", "merge", … (delivery-metrics) */
    double confidence; /* 0 … 1 */
    id128 evidence;    /* key of the event that proves it, zero: stated by the source itself */
};

struct item_attr { /* a dated attribute of an item; time WHEN_NONE: initial */
    item_id item;
    sym name;
    when time;
    str value;
};

struct reject {    /* a record that could not be understood: kept, never dropped */
    str source;    /* file or feed */
    uint64_t line; /* 1-based; 0: not known */
    str column;
    str reason; /* a sentence part: "\"31/02\" is not a date" */
    str raw;
};

enum { BATCH_ROWS = 2048 }; /* DuckDB's vector size */

struct batch {
    struct arena text; /* attrs, rejects, values; cleared with the batch */
    size_t n;
    id128 key[BATCH_ROWS];
    item_id item[BATCH_ROWS];
    sym type[BATCH_ROWS], activity[BATCH_ROWS], instance[BATCH_ROWS], actor[BATCH_ROWS],
        team[BATCH_ROWS];
    when time[BATCH_ROWS], begin[BATCH_ROWS];
    uint8_t life[BATCH_ROWS], quality[BATCH_ROWS];
    str attrs[BATCH_ROWS];
    VEC(struct further_item) items;
    VEC(struct link) links;
    VEC(struct item_attr) item_attrs;
    VEC(struct reject) rejects;
};

struct batch *batch_new(void);
void batch_free(struct batch *b);
void batch_clear(struct batch *b);
bool batch_has_room(const struct batch *b, size_t events);
uint32_t batch_add(struct batch *b, const struct event *e); /* row; the batch must have room. The
                                                             * text of attrs is copied */
void batch_refer(struct batch *b, uint32_t row, item_id item, sym qualifier);
void batch_link(struct batch *b, struct link link);
void batch_reject(struct batch *b, struct reject r); /* texts are copied, raw cut at 1,000 bytes */
struct log batch_log(const struct batch *b);

enum life life_of(str word); /* any letter case; words outside the standard are LIFE_STATUS */
bool life_is_standard(str word);

/* Does an event with this life end a visit (or is one, as a point or an interval)? */
static inline bool life_ends_visit(enum life life)
{
    return life == LIFE_NONE || life == LIFE_COMPLETE || life == LIFE_CANCEL || life == LIFE_STATUS;
}
