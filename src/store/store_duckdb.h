/* The DuckDB store in parts: store_duckdb.c opens, appends and commits; db_schema.c knows the
 * tables; store_duckdb_scan.c reads; store_duckdb_sql.c answers questions and compacts. */
#pragma once

#include "store/db.h"
#include "store/store_impl.h"

enum db_table { /* those that are appended to while a batch comes in */
                TABLE_EVENTS,
                TABLE_EVENT_ITEMS,
                TABLE_REJECTS,
                TABLE_ATTRS,
                DUCK_TABLES
};

struct duckdb_store {
    struct store base;
    struct db_file file;
    duckdb_database db;
    duckdb_connection writer; /* scans have connections of their own, and see what is committed */
    bool in_transaction;
    struct db_rows rows[DUCK_TABLES]; /* open during a transaction */
    uint32_t kept_texts;              /* of the dictionary, [0, kept) are in the file */
    item_id kept_items;
};

static inline struct duckdb_store *duckdb_of(struct store *s)
{
    return (struct duckdb_store *)s;
}

/* The tables of the present format; and a file of an older format brought up to it. */
status db_schema_create(duckdb_connection connection, struct error *why);
/* FAIL when the file is no store, or one that this program cannot read. */
status db_schema_check(duckdb_connection connection, const char *path, enum store_mode mode,
                       struct error *why);
/* Temporary views item, event, span, link, reject for questions in SQL. */
status db_schema_views(duckdb_connection connection, struct error *why);

status_code duckdb_scan(struct store *s, const struct slice *slice, store_each *each, void *cookie,
                        struct error *why);
status_code duckdb_scan_items(struct store *s, store_each_item *each, void *cookie,
                              struct error *why);
status_code duckdb_scan_links(struct store *s, store_each_link *each, void *cookie,
                              struct error *why);
status_code duckdb_scan_rejects(struct store *s, store_each_reject *each, void *cookie,
                                struct error *why);
status_code duckdb_scan_attrs(struct store *s, store_each_attr *each, void *cookie,
                              struct error *why);
status_code duckdb_sources(struct store *s, struct syms *ret, struct error *why);
status_code duckdb_get(struct store *s, str key, struct buf *ret_value, struct error *why);
status_code duckdb_info(struct store *s, struct store_info *ret, struct error *why);
status duckdb_load_names(struct duckdb_store *d, struct error *why);

status_code duckdb_compact(struct store *s, struct progress *p, struct error *why);
status_code duckdb_sql(struct store *s, const char *statement, lapse timeout, store_each_row *each,
                       void *cookie, struct error *why);
