/* The events of one kind of item, out of a store and in memory, grouped by item: what weaving
 * needs.
 *
 * Columns stand in stored order; `rows` lists them item by item, in stored order within each; where
 * that could depend on store_compact (events of several subjects, intervals) in order of (time,
 * subject, stored). A column of which every value is empty is NULL, so that a plain log of ten
 * million events costs 20 bytes an event. An event that refers to several items of the kind stands
 * in the group of each, once (this is what an object-centric log is flattened by; `repeated` counts
 * it). Where a store has further items, columns also hold rows that no item of the kind refers to.
 */
#pragma once

#include "base/buf.h"
#include "engine/linking.h"
#include "store/store.h"

struct event_where { /* an item is wanted when one of its events, or an attribute of it, says so */
    str key;         /* team, actor, activity, event (its type), item (its key), or an attribute */
    str value;
};

struct event_query {
    sym item_type;                   /* 0: all kinds */
    const struct event_where *where; /* all must hold */
    size_t where_count;
    const struct projection *projection; /* events of linked items count for these, too; or NULL */
    struct progress *progress;           /* may be NULL */
};

struct events {
    size_t n;      /* rows of the columns */
    item_id *item; /* subjects */
    sym *type, *activity, *instance, *actor, *team;
    when *time, *begin;
    uint8_t *life;

    size_t row_count; /* n, more or fewer: see above */
    uint32_t *rows;
    item_id *items; /* those that have events, in order of their first event */
    size_t *first;  /* items[i] has rows[first[i]] … rows[first[i + 1] - 1] */
    size_t item_count;

    uint64_t repeated;  /* references beyond the first of an event */
    uint64_t bad_times; /* events left out because their time cannot be believed */
    when begins, ends;  /* first and last time; WHEN_NONE when there are none */
};

/* Loads; events_finish in any case. More than 4 billion events are refused. */
status events_load(struct store *store, const struct event_query *query, struct events *ret,
                   struct error *why);
void events_finish(struct events *e);

/* How many events and items of each kind (type of subject, further items included) a store holds;
 * an event counts once for every item that it refers to. */
struct event_kind {
    sym type;
    uint64_t events, items;
};
struct event_kinds {
    VEC(struct event_kind) v; /* most events first */
    uint64_t of_nothing;      /* events without a subject */
};
status events_kinds(struct store *store, struct event_kinds *ret, struct error *why);
