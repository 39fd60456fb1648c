/* What the two halves of the XES reader share: xes.c steers (files, elements, batches), xesevent.c
 * makes one event of its attributes. */
#pragma once

#include "base/map.h"
#include "source/inputs.h"
#include "source/rowkey.h"
#include "source/xeskeys.h"
#include "source/xmlfeed.h"
#include "wire/stamp.h"

enum { XES_MEMO = 64, XES_LIFE_CACHE = 32, XES_WORD = 24, XES_RECORD = 16 << 20 };

struct xes_piece { /* of `content`; n is meaningless when absent */
    size_t at, n;
    bool present;
};

struct xes_counts {
    uint64_t naive, fold_gap, fold_twice, precision[STAMP_MICRO + 1];
    uint64_t repeated_traces, unnamed_traces, empty_traces, late_names, loose_events, statuses;
    uint64_t events, intervals, actors, teams, instances, lives;
};

struct xes {
    struct source source; /* first: a source is an xes */
    struct source_options options;
    struct inputs inputs;
    size_t file; /* the one being read, from 0 */
    struct stream *stream;
    struct xmlfeed *feed;
    uint64_t taken, size; /* bytes of the files before, of all files */
    struct xes_keys keys;
    struct rowkeys rowkeys;
    struct batch *batch;
    struct xes_counts counts;
    sym type_case, type_event;
    struct buf status_word; /* the first word outside of the standard lifecycle */

    /* where in the document */
    enum { AT_START, AT_LOG, AT_SKIP, AT_GLOBAL, AT_TRACE, AT_EVENT, AT_END } at;
    enum xes_scope scope; /* of the global declaration */
    bool in_trace, classified;
    int nest; /* depth of open attributes, or of what is skipped */
    size_t path_end[XMLFEED_DEPTH + 2];
    struct buf path;

    /* the trace */
    struct buf case_name, trace_attrs; /* name NUL value NUL … until the case is known */
    bool named, announced;
    item_id item;
    uint64_t trace_number;
    struct map seen; /* cases of this import */
    /* the event */
    uint64_t event_number;
    size_t place;
    struct xes_key *memo[XES_MEMO];
    struct xes_key *top; /* the outermost open attribute */
    struct buf content;  /* case NUL, then name NUL value NUL …: the event's identity */
    struct buf attrs, joined;
    struct xes_piece role[XES_ROLES], part[XES_PARTS];
    when time, begin;
    struct { /* the first thing that is wrong with the event */
        str column;
        struct buf reason;
        uint64_t line;
        bool set;
    } fault;
    struct life_word {
        char word[XES_WORD];
        uint8_t n, life;
    } lives[XES_LIFE_CACHE];
};

void xes_event_begin(struct xes *x);
/* One attribute of the event; `key` has its full path. */
void xes_event_attribute(struct xes *x, struct xes_key *key, const char *value);
void xes_event_end(struct xes *x); /* becomes a row or a reject */
void xes_fault(struct xes *x, str column, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Gives the trace its item, counts it and hands its attributes on; again does nothing. */
void xes_trace_announce(struct xes *x);
bool xes_is_null(const struct xes *x, str value);
