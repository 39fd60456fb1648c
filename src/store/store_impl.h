/* What the implementations of a store share: the struct of functions each provides, and the state
 * that store.c keeps for all of them, so that they cannot differ in what counts as new. */
#pragma once

#include "store/intake.h"
#include "store/store.h"

enum { STORE_FORMAT = 1 }; /* of the DuckDB file; see MIGRATIONS */

struct tally {
    uint64_t events, items, batches;
    bool in_time_order;
};

struct store {
    const struct store_ops *ops;
    enum store_mode mode;
    struct names names;
    struct intake intake;
    struct tally kept, now; /* committed; with what the open transaction adds */
    item_id item_seen;      /* items of the dictionary that store_append has counted */
    bool dirty;             /* something new was appended or put since the last commit */
    bool made;              /* by this store_open, and nothing was committed yet */
    bool broken;            /* an append failed: only a rollback is possible */
};

/* Scans see what is committed, in order of storage. `scan` honours columns, from, to and source of
 * the slice; item_type and the check of numbers are store.c's. */
struct store_ops {
    const char *engine;
    bool forgets; /* keeps nothing, so nothing is a duplicate */
    void (*close)(struct store *s);
    void (*remove)(struct store *s); /* its file, before close; NULL: there is none */
    status_code (*append)(struct store *s, sym source, const struct batch *b,
                          const struct fresh *fresh, struct error *why);
    /* Makes durable what was appended, links and named values of the intake, the dictionary and
     * s->now. After an error all of that is undone. */
    status_code (*commit)(struct store *s, struct error *why);
    void (*rollback)(struct store *s);
    status_code (*get)(struct store *s, str key, struct buf *ret_value, struct error *why);
    status_code (*scan)(struct store *s, const struct slice *slice, store_each *each, void *cookie,
                        struct error *why);
    status_code (*scan_items)(struct store *s, store_each_item *each, void *cookie,
                              struct error *why);
    status_code (*scan_links)(struct store *s, store_each_link *each, void *cookie,
                              struct error *why);
    status_code (*scan_rejects)(struct store *s, store_each_reject *each, void *cookie,
                                struct error *why);
    status_code (*scan_attrs)(struct store *s, store_each_attr *each, void *cookie,
                              struct error *why);
    /* The sources that events came from, ascending. */
    status_code (*sources)(struct store *s, struct syms *ret, struct error *why);
    status_code (*info)(struct store *s, struct store_info *ret, struct error *why);
    status_code (*compact)(struct store *s, struct progress *p, struct error *why);
    status_code (*sql)(struct store *s, const char *statement, lapse timeout, store_each_row *each,
                       void *cookie, struct error *why);
};

void store_init(struct store *s, const struct store_ops *ops, enum store_mode mode);

status store_memory_open(struct store **ret_store, struct error *why);
status store_null_open(struct store **ret_store, struct error *why);
status store_duckdb_open(const char *path, enum store_mode mode, struct store **ret_store,
                         struct error *why);

int store_threads_wanted(void);
