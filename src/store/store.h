/* Where events are kept. One interface, three implementations: memory (tests, one-off questions),
 * null (counts and forgets), DuckDB (the embedded default). test/store/store.c runs against all.
 *
 * Events are append-only and recognised by (source, key): a fact that is there already is counted
 * as a duplicate and not stored. What is appended becomes durable, and visible to scans, with
 * store_commit, all of it or nothing. One thread uses a store at a time. The texts and items of the
 * dictionary that are new are kept with every commit. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/progress.h"
#include "model/event.h"

struct store;

enum store_mode {
    STORE_READ,
    STORE_WRITE
}; /* READ fails when there is no store; WRITE creates it */

/* A path opens a DuckDB file; "memory:" and "null:" the others. A file that another process holds
 * (or this one, a second time) is BUSY with one clear sentence that names the holder. What is not a
 * store (a folder, an empty or cut file, something else) is FAIL and stays as it is. A file of a
 * newer format is FAIL with what to do, one of an older format is brought up to date by WRITE. */
/* Processor cores that stores opened from now on may use, in the whole process; 0: as they like
 * (2). */
void store_threads(int threads);
status store_open(const char *where, enum store_mode mode, struct store **ret_store,
                  struct error *why);
void store_close(struct store *s); /* what was not committed is gone */
/* The same; a file that this store_open made, and in which nothing was committed, is gone, too. */
void store_discard(struct store *s);

struct names *store_names(struct store *s); /* the dictionary; sources add to it while they read */

struct appended {
    uint64_t events, duplicates, rejects, links, items; /* items: new item numbers since open */
    uint64_t spans; /* of the events, those that end a visit: life_ends_visit */
};

/* Appends a batch from `source` (the sym of its name, not 0). Adds to *total what was new:
 *   - events that are there already (source and key) count as duplicates and are left out together
 *     with their further items; a repeated (event, item, qualifier) is kept once;
 *   - a link is one (from, to, kind, rule); of several the one with the highest confidence stays;
 *   - an attribute is one (item, name, time, value);
 *   - a reject that is there already (source, line, column, reason, raw text; the file's name only
 *     when there is no raw text, so that a moved file brings nothing) counts as a duplicate.
 * After an error nothing more can be appended or committed until store_rollback. */
status store_append(struct store *s, sym source, const struct batch *b, struct appended *total,
                    struct error *why);
/* After an error nothing of the transaction is kept, as after store_rollback. */
status store_commit(struct store *s, struct error *why);
/* Is anything appended or put that is not committed, or did an append fail? */
bool store_dirty(const struct store *s);
void store_rollback(struct store *s); /* the dictionary keeps its numbers, unused ones do no harm */

/* The number of the open transaction, from 1 on; rejects carry it. */
uint64_t store_batch(const struct store *s);

/* Small named values that live with the data: cursors of sources, versions, saved summaries. Part
 * of the open transaction. A missing key gives an empty buf. */
status store_put(struct store *s, str key, str value, struct error *why);
status store_get(struct store *s, str key, struct buf *ret_value, struct error *why);

enum column {
    COL_SEQ = 1,
    COL_KEY = 2,
    COL_ITEM = 4,
    COL_TYPE = 8,
    COL_ACTIVITY = 16,
    COL_INSTANCE = 32,
    COL_ACTOR = 64,
    COL_TEAM = 128,
    COL_TIME = 256,
    COL_BEGIN = 512,
    COL_LIFE = 1024,
    COL_QUALITY = 2048,
    COL_ATTRS = 4096,
};

struct slice {
    unsigned columns; /* of enum column: those that `each` will look at */
    when from, to;    /* [from, to) on the event's time; WHEN_NONE: no bound */
    sym source;       /* 0: all */
    sym item_type;    /* 0: all; else events whose subject is of this type */
};

/* Everything, of these columns. (A zeroed slice begins and ends in 1970.) */
#define SLICE_ALL(wanted) ((struct slice){.columns = (wanted), .from = WHEN_NONE, .to = WHEN_NONE})

/* Calls each(log, cookie) for batches of events in the order they were stored (store_compact may
 * have sorted them by item and time). `each` may stop the scan by returning anything but OK, which
 * is then returned; it may read the store, but not append or commit. The log's memory is valid
 * during the call only. Every number in it is one of the dictionary's; a file where that is not so
 * is damaged: FAIL. Ctrl-C ends a scan with INTERRUPTED.
 *
 * An event's seq is its position in the store: 0, 1, 2, … without gaps. It stays until
 * store_compact gives new ones; what has to outlive that refers to an event by its key. */
typedef status_code store_each(const struct log *log, void *cookie, struct error *why);
status store_scan(struct store *s, const struct slice *slice, store_each *each, void *cookie,
                  struct error *why);

/* The further items of events, as (seq of the event, item, qualifier), ordered by seq; all links;
 * the rejects; item attributes. Each calls `each` row by row. */
struct stored_item {
    uint64_t seq;
    item_id item;
    sym qualifier;
};
typedef status_code store_each_item(const struct stored_item *row, void *cookie, struct error *why);
status store_scan_items(struct store *s, store_each_item *each, void *cookie, struct error *why);
typedef status_code store_each_link(const struct link *row, void *cookie, struct error *why);
status store_scan_links(struct store *s, store_each_link *each, void *cookie, struct error *why);
struct stored_reject {
    uint64_t batch;
    sym source;
    when received;
    struct reject reject;
};
typedef status_code store_each_reject(const struct stored_reject *row, void *cookie,
                                      struct error *why);
status store_scan_rejects(struct store *s, store_each_reject *each, void *cookie,
                          struct error *why);
typedef status_code store_each_attr(const struct item_attr *row, void *cookie, struct error *why);
status store_scan_attrs(struct store *s, store_each_attr *each, void *cookie, struct error *why);

struct store_info {
    const char *engine; /* "memory", "null", "duckdb" */
    char where[1024];
    int format; /* format version */
    uint64_t events, items, links, rejects, batches, bytes;
    when first, last;   /* event times; WHEN_NONE when empty */
    bool in_time_order; /* within every item, events were stored in order of time */
};
status store_info(struct store *s, struct store_info *ret, struct error *why);

/* Checks what must hold (counts, references, order flags, duplicates); every fault found is given
 * to `fault` as a sentence. OK with *ret_faults = 0 is a sound store. */
status store_verify(struct store *s, void (*fault)(const char *sentence, void *cookie),
                    void *cookie, uint64_t *ret_faults, struct error *why);
/* Sorts the events by (item, time, seq) and numbers them anew, in one transaction: whatever ends it
 * early (Ctrl-C, a kill) leaves the store as it was. Nothing may be uncommitted. */
status store_compact(struct store *s, struct progress *p, struct error *why);

/* Read-only SQL over the views item, event, span, link, reject (DuckDB only; the others are FAIL;
 * README.md lists their columns). One SELECT statement, no access outside the store. Calls each
 * with the column names first (values NULL), then once a row with the values as text (an entry with
 * a NULL pointer for NULL). timeout 0: none; when it is over, FAIL. */
struct sql_row {
    size_t n;
    const str *names;
    const str *values;        /* NULL in the first call */
    const char *const *types; /* in SQL's words: "BIGINT", "VARCHAR", … */
};
typedef status_code store_each_row(const struct sql_row *row, void *cookie, struct error *why);
status store_sql(struct store *s, const char *statement, lapse timeout, store_each_row *each,
                 void *cookie, struct error *why);
