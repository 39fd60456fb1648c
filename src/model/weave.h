/* Weaving: from events of items to visits, the one place that knows how a source speaks.
 *
 * Three ways of speaking (spec mining.md 3): a *lifecycle* (start and complete are paired, first in
 * first out, per item, activity and instance), *intervals* (an event with a begin is a visit),
 * *points* (one stamp: a visit of length zero), and *statuses* (each one entered is a stay that the
 * next one closes). Which one a log speaks is a fact of the whole log, so that a first pass gathers
 * the facts:
 *
 *     struct log_facts facts = {0};
 *     for each batch: log_facts_step(&facts, log);
 *     struct weaver *w = weave_open(&options);              // options.facts = facts
 *     for each chunk of whole items: weave_step(w, chunk, &traces);
 *     // where waiting matters, a second pass over the visits:
 *     for each chunk: concurrency_step(&c, &traces);
 *     for each chunk: weave_enable(w, &c, &traces);
 *
 * Invariants: the visits of an item are in order of (start, end, input); no visit ends before it
 * starts; every event is either part of a visit or counted in weave_counts. */
#pragma once

#include "model/calendar.h"
#include "model/concurrency.h"
#include "model/event.h"
#include "model/stages.h"
#include "model/visit.h"

struct log_facts { /* zeroed: of no event */
    uint64_t events, intervals;
    uint64_t life[LIFE_STATUS + 1]; /* events by enum life */
    bool any;
    when begin, end; /* first and last instant, when any (begins of intervals included) */
};
void log_facts_step(struct log_facts *f, const struct log *log); /* reads time, begin, life */
void log_facts_merge(struct log_facts *f, const struct log_facts *right);
bool log_facts_status_log(const struct log_facts *f); /* a word outside the standard anywhere */

enum weave_events {
    WEAVE_DEFAULT,  /* visits where the log has a lifecycle, all events else */
    WEAVE_COMPLETE, /* completes, each with its paired start; WEAVE_DEFAULT without any lifecycle */
    WEAVE_START,    /* start events alone, as points */
    WEAVE_ALL,      /* every event a point */
};

struct weave_options {
    enum weave_events events;
    struct log_facts facts;
    const struct names *names;       /* to guess categories of statuses; NULL: all are active */
    struct stages *stages;           /* NULL: an activity is a stage */
    const struct calendar *clock;    /* NULL: wall. Else every instant of the traces is W(t) */
    struct item_times created, done; /* in wall time; done: events after it are not part of it */
    when log_end;                    /* WHEN_NONE: of the facts; what is open is open until then */
    bool ends_unsaid;   /* no status of the log says that an item is done: an item of a status log
                         * without stages ends with its last event */
    when complete_from; /* WHEN_NONE: not stated; an item with an event before it and no known
                         * creation is TRACE_LEFT */
};

struct weave_counts {
    uint64_t events, visits, items;
    uint64_t no_start;   /* completes without a start, in a log that has starts */
    uint64_t no_end;     /* starts without a complete: open */
    uint64_t clamped;    /* impossible orders cut to zero length */
    uint64_t negative;   /* intervals that end before they begin, cut to zero length */
    uint64_t unmapped;   /* events of no stage */
    uint64_t ignored;    /* events that the stream's `ignore` names, or not asked for by `events` */
    uint64_t other_life; /* lifecycle words without a part in a visit (reassign, unknown; schedule,
                          * suspend, resume, withdraw of nothing) */
    uint64_t after_end;  /* events after the item was done */
    uint64_t bad_time;   /* events whose time is not to be believed */
    uint64_t no_visit;   /* items without any visit: not in the traces */
};

struct weaver;
struct weaver *weave_open(const struct weave_options *options);
void weave_close(struct weaver *w);

/* `log`: whole items, the events of one standing together, in any order among themselves. Ties in
 * time are ordered by seq, without it by row. Adds to `traces` (and sets its log_begin, log_end).
 * Reads item, activity, time; type, actor, team, instance, begin, life, quality where not NULL. */
void weave_step(struct weaver *w, const struct log *log, struct traces *traces);
const struct weave_counts *weave_counted(const struct weaver *w);

/* Sets `enabled` of every visit that has none yet (concurrency_enable with the weaver's creations
 * and clock). A NULL concurrency leaves its test out. */
void weave_enable(struct weaver *w, const struct concurrency *c, struct traces *traces);
