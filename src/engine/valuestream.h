/* The flow of one value stream: the items of a store as traces, chunk by chunk, the way that the
 * person's set-up (or what weir knows of the source) says. Every analysis of flow reads this.
 *
 * What is chosen here, and said in the notes: which kind of item is the trace, which stages there
 * are, which items count in the range of time, which clock durations are on. Chunks keep the memory
 * bounded: a log of ten million events is never woven at once. */
#pragma once

#include "engine/config.h"
#include "engine/events.h"
#include "engine/linking.h"
#include "engine/timeword.h"
#include "fold/flow.h"
#include "model/fold.h"
#include "model/weave.h"

struct valuestream_query {
    const struct config *config;        /* never NULL */
    const struct config_stream *stream; /* NULL: none is set up */
    const struct event_where *where;    /* "type" chooses the kind of item */
    size_t where_count;
    struct range range; /* finished items that ended in it, open ones that began before its end */
    bool work_clock;    /* durations in working time of the calendar */
    str last; /* with work_clock: how far before range.to the range begins, in working time, in
               * place of range.from; empty: range tells both */
    bool wall_instants; /* traces stay on the wall clock all the same: for folds that are given the
                         * calendar by valuestream_flow */
    const struct zone *zone; /* where days and weeks begin; NULL: UTC */
    enum weave_events events;
    bool raw; /* activities as they are, whatever stages are set up */
    when now; /* open items are open until then; WHEN_NONE: until the log's end */
    struct progress *progress;
    bool later; /* leave the events in the store until valuestream_load: for engine/pointmap */
};

struct valuestream {
    struct store *store;
    struct events events;
    struct names *names;
    sym kind;               /* type of the items that are traces; 0: all */
    bool kind_is_all;       /* the subject of every event is of this kind */
    bool is_read;           /* the events are loaded */
    struct linking linking; /* of items of other kinds; empty: none take part */
    struct projection projection;
    when *done;            /* by item, where evidence says it; or NULL */
    struct stages *stages; /* NULL: an activity is a stage */
    sym *order;            /* of stages that tools tell of */
    size_t order_n;
    bool builtin_stages;    /* those of the source, not the person's */
    struct calendar *clock; /* NULL: wall */
    const char *clock_name; /* of the calendar, or NULL */
    struct range range;
    const struct config *config;
    const struct config_stream *setup; /* NULL: none */
    const struct zone *zone;
    struct event_query query;
    bool work_clock, wall_instants;
    when now;
    struct weave_options weave;
    struct concurrency concurrency;
    struct weave_counts counts; /* of the last valuestream_each */
    uint64_t outside;           /* items outside the range, in the last valuestream_each */
    struct arena text;
    VEC(str) notes; /* sentences */
};

status valuestream_open(struct store *store, const struct valuestream_query *query,
                        struct valuestream *ret,
                        struct error *why); /* valuestream_close in any case */
void valuestream_close(struct valuestream *f);
/* What valuestream_open does unless it is left for `later`: loads the events and readies all for
 * valuestream_each. */
status valuestream_load(struct valuestream *f, struct error *why);
/* Sets `clock` over this span of time when durations are to be in working time. */
status valuestream_clock(struct valuestream *f, when begin, when end, struct error *why);

/* Calls each(part, cookie) with whole items, in order of their first event; every one once. The
 * part is gone after the call. INTERRUPTED by a signal. */
typedef void valuestream_take(const struct traces *part, void *cookie);
status valuestream_each(struct valuestream *f, valuestream_take *each, void *cookie,
                        struct error *why);

/* Steps folds over the whole flow. Summaries are zeroed memory of fold->size, finished by the
 * caller. */
struct valuestream_fold {
    const struct fold *fold;
    void *summary;
};
status valuestream_run(struct valuestream *f, const struct valuestream_fold *folds, size_t n,
                       struct error *why);

/* How folds of flow look at this stream: order of stages, zone, calendar, pools. Lives as long as
 * the stream. */
const struct flow *valuestream_flow(struct valuestream *f);
/* Takes out of the order of a copy of that the stages that are not in a line with the others: those
 * of cancelled items, and built-in ones that this history has not. For the cumulative flow. */
void valuestream_cumulative(struct valuestream *f, struct flow *flow);

/* The visits of one item, as woven. END: there is no such item in this flow. */
status valuestream_item(struct valuestream *f, item_id item, struct traces *ret, struct error *why);
