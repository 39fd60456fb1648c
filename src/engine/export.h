/* Everything out of a store again, in formats that others read.
 *
 *   csv      one row an event; what `weir import` recognises: case_id, activity, timestamp,
 *            start_timestamp, lifecycle:transition, resource, org:group, concept:instance, then
 *            what is not the same everywhere of item_type, event_type, source, time_quality, then
 *            the attributes of the items (case:NAME) and of the events, a column each
 *   parquet  the same table, made by DuckDB; times are timestamps
 *   xes      IEEE 1849: one trace an item, its events in order of time, attributes flattened
 *   ocel     OCEL 2.0 in JSON: objects with dated attributes and relations, events with theirs
 *
 * What a format has no place for is counted and said. Memory does not grow with the number of
 * events, but for their further items (16 bytes each) and the attributes of items. */
#pragma once

#include "engine/outfile.h"
#include "engine/sources.h"

struct export
{
    struct store *store;
    sym kind; /* csv, parquet, xes: only items of this kind, and an event stands with every one that
               * it refers to; 0: all kinds, an event stands with its subject alone */
    struct progress *progress;
};

struct exported {
    struct arena text;
    uint64_t events; /* rows written */
    uint64_t items, relations, links, attributes;
    VEC(str) notes; /* sentences: what did not fit */
};

/* Each writes the whole document; outfile_keep is the caller's. END: the reader of the pipe has
 * gone; INTERRUPTED by a signal. exported_finish in any case. */
status export_csv(const struct export *x, struct outfile *out, struct exported *ret,
                  struct error *why);
status export_parquet(const struct export *x, struct outfile *out, struct exported *ret,
                      struct error *why); /* out has a path */
status export_xes(const struct export *x, struct outfile *out, struct exported *ret,
                  struct error *why);
status export_ocel(const struct export *x, struct outfile *out, struct exported *ret,
                   struct error *why);
void exported_finish(struct exported *e);
