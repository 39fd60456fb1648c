/* The store in a DuckDB file: opening, appending, committing.
 *
 * A transaction of DuckDB begins with the first append and ends with the commit. Events, further
 * items, attributes and rejects go into it by columns as they come; links, named values, the new
 * part of the dictionary and the counters are written just before the commit, so that each of them
 * is in the file exactly when the events that need it are. */
#include "store/store_duckdb.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const TABLE_NAMES[DUCK_TABLES] = {"events", "event_items", "rejects",
                                                     "item_attrs"};

static void drop_rows(struct duckdb_store *d)
{
    for (size_t i = 0; i < DUCK_TABLES; i++) {
        db_rows_drop(&d->rows[i]);
    }
}

static void duckdb_rollback(struct store *s)
{
    struct duckdb_store *d = duckdb_of(s);
    drop_rows(d);
    if (d->in_transaction) { /* DuckDB may have undone it itself, then this says so: ignored */
        (void)!db_run(d->writer, "ROLLBACK", NULL);
        d->in_transaction = false;
    }
}

static void close_all(struct duckdb_store *d)
{
    duckdb_rollback(&d->base);
    if (d->writer != NULL) {
        duckdb_disconnect(&d->writer);
    }
    if (d->db != NULL) {
        duckdb_close(&d->db);
    }
    db_file_release(&d->file);
}

static void duckdb_store_close(struct store *s)
{
    close_all(duckdb_of(s));
    mem_put(s);
}

/* While the file is still held, so that nobody else has begun to use it. */
static void duckdb_store_remove(struct store *s)
{
    const struct duckdb_store *d = duckdb_of(s);
    char log[sizeof d->file.path + 8];
    (void)snprintf(log, sizeof log, "%s.wal", d->file.path);
    (void)unlink(log);
    (void)unlink(d->file.path);
}

static status_code transaction(struct duckdb_store *d, struct error *why)
{
    if (!d->in_transaction) {
        TRY(db_run(d->writer, "BEGIN TRANSACTION", why));
        d->in_transaction = true;
    }
    return OK;
}

static status_code rows_of(struct duckdb_store *d, enum db_table table, size_t n,
                           struct db_rows **ret, struct error *why)
{
    *ret = &d->rows[table];
    if ((*ret)->appender == NULL) {
        TRY(db_rows_open(*ret, d->writer, TABLE_NAMES[table], why));
    }
    return db_rows_room(*ret, n, why);
}

enum { /* places of the columns in the table `events` */
       E_SEQ,
       E_SOURCE,
       E_BATCH,
       E_KEY,
       E_ITEM,
       E_TYPE,
       E_ACTIVITY,
       E_INSTANCE,
       E_ACTOR,
       E_TEAM,
       E_TIME,
       E_BEGIN,
       E_LIFE,
       E_QUALITY,
       E_ATTRS
};

/* Copies one column: at once when all rows are new, which is the rule. */
#define COPY_COLUMN(place, type, column)                                                           \
    do {                                                                                           \
        type *to_ = (type *)rows->data[place] + rows->n;                                           \
        if (fresh->n == b->n) {                                                                    \
            memcpy(to_, b->column, b->n * sizeof *to_);                                            \
        } else {                                                                                   \
            for (size_t i = 0; i < fresh->n; i++) {                                                \
                to_[i] = b->column[fresh->row[i]];                                                 \
            }                                                                                      \
        }                                                                                          \
    } while (0)

static status_code append_events(struct duckdb_store *d, sym source, const struct batch *b,
                                 const struct fresh *fresh, struct error *why)
{
    struct db_rows *rows;
    if (fresh->n == 0) {
        return OK;
    }
    TRY(rows_of(d, TABLE_EVENTS, fresh->n, &rows, why));
    uint64_t batch = store_batch(&d->base);
    for (size_t i = 0; i < fresh->n; i++) {
        size_t at = rows->n + i;
        ((uint64_t *)rows->data[E_SEQ])[at] = d->base.now.events + i;
        ((sym *)rows->data[E_SOURCE])[at] = source;
        ((uint64_t *)rows->data[E_BATCH])[at] = batch;
        db_rows_text(rows, E_ATTRS, at, b->attrs[fresh->row[i]]);
    }
    COPY_COLUMN(E_KEY, id128, key);
    COPY_COLUMN(E_ITEM, item_id, item);
    COPY_COLUMN(E_TYPE, sym, type);
    COPY_COLUMN(E_ACTIVITY, sym, activity);
    COPY_COLUMN(E_INSTANCE, sym, instance);
    COPY_COLUMN(E_ACTOR, sym, actor);
    COPY_COLUMN(E_TEAM, sym, team);
    COPY_COLUMN(E_TIME, when, time);
    COPY_COLUMN(E_BEGIN, when, begin);
    COPY_COLUMN(E_LIFE, uint8_t, life);
    COPY_COLUMN(E_QUALITY, uint8_t, quality);
    rows->n += fresh->n;
    return OK;
}

/* One cell of the row that is being added. */
#define SET(type, place, value) (((type *)rows->data[place])[rows->n] = (value))
#define SET_TEXT(place, value) db_rows_text(rows, place, rows->n, value)

static status_code append_items(struct duckdb_store *d, const struct fresh *fresh,
                                struct error *why)
{
    for (size_t i = 0; i < fresh->items.n; i++) {
        struct db_rows *rows;
        TRY(rows_of(d, TABLE_EVENT_ITEMS, 1, &rows, why));
        SET(uint64_t, 0, d->base.now.events + fresh->items.v[i].row);
        SET(item_id, 1, fresh->items.v[i].item);
        SET(sym, 2, fresh->items.v[i].qualifier);
        rows->n++;
    }
    return OK;
}

static status_code append_attrs(struct duckdb_store *d, const struct batch *b,
                                const struct fresh *fresh, struct error *why)
{
    for (size_t i = 0; i < fresh->attrs.n; i++) {
        const struct item_attr *attr = &b->item_attrs.v[fresh->attrs.v[i]];
        struct db_rows *rows;
        TRY(rows_of(d, TABLE_ATTRS, 1, &rows, why));
        SET(item_id, 0, attr->item);
        SET(sym, 1, attr->name);
        SET(when, 2, attr->time);
        SET_TEXT(3, attr->value);
        rows->n++;
    }
    return OK;
}

static status_code append_rejects(struct duckdb_store *d, sym source, const struct batch *b,
                                  const struct fresh *fresh, struct error *why)
{
    when received = fresh->rejects.n > 0 ? clock_now() : 0;
    for (size_t i = 0; i < fresh->rejects.n; i++) {
        const struct reject *reject = &b->rejects.v[fresh->rejects.v[i]];
        struct db_rows *rows;
        TRY(rows_of(d, TABLE_REJECTS, 1, &rows, why));
        SET(uint64_t, 0, store_batch(&d->base));
        SET(sym, 1, source);
        SET(when, 2, received);
        SET_TEXT(3, reject->source);
        SET(uint64_t, 4, reject->line);
        SET_TEXT(5, reject->column);
        SET_TEXT(6, reject->reason);
        SET_TEXT(7, reject->raw);
        rows->n++;
    }
    return OK;
}

static status_code duckdb_append(struct store *s, sym source, const struct batch *b,
                                 const struct fresh *fresh, struct error *why)
{
    struct duckdb_store *d = duckdb_of(s);
    TRY(transaction(d, why));
    TRY(append_events(d, source, b, fresh, why));
    TRY(append_items(d, fresh, why));
    TRY(append_attrs(d, b, fresh, why));
    return append_rejects(d, source, b, fresh, why);
}

/* Commit. */

static status_code write_texts(struct duckdb_store *d, struct error *why)
{
    const struct names *names = &d->base.names;
    struct db_rows table = {0}, *rows = &table;
    if (d->kept_texts == names->text.n) {
        return OK;
    }
    TRY(db_rows_open(rows, d->writer, "texts", why));
    status_code code = OK;
    for (sym i = d->kept_texts; i < names->text.n; i++) {
        TRY_GOTO(code, done, db_rows_room(rows, 1, why));
        SET(sym, 0, i);
        SET_TEXT(1, names_text(names, i));
        rows->n++;
    }
    code = db_rows_close(rows, why);
done:
    db_rows_drop(rows);
    return code;
}

static status_code write_items(struct duckdb_store *d, struct error *why)
{
    const struct names *names = &d->base.names;
    struct db_rows table = {0}, *rows = &table;
    if (d->kept_items == names->item_n) {
        return OK;
    }
    TRY(db_rows_open(rows, d->writer, "items", why));
    status_code code = OK;
    for (item_id i = d->kept_items; i < names->item_n; i++) {
        TRY_GOTO(code, done, db_rows_room(rows, 1, why));
        SET(item_id, 0, i);
        SET(sym, 1, names_type(names, i));
        SET_TEXT(2, names_key(names, i));
        rows->n++;
    }
    code = db_rows_close(rows, why);
done:
    db_rows_drop(rows);
    return code;
}

static status_code add_link(struct db_rows *rows, const struct link *link, struct error *why)
{
    TRY(db_rows_room(rows, 1, why));
    SET(item_id, 0, link->from);
    SET(item_id, 1, link->to);
    SET(sym, 2, link->kind);
    SET(sym, 3, link->rule);
    SET(double, 4, link->confidence);
    SET(id128, 5, link->evidence);
    rows->n++;
    return OK;
}

static status_code write_new_links(struct duckdb_store *d, struct error *why)
{
    const struct linkbook *book = &d->base.intake.links;
    struct db_rows rows = {0};
    if (book->stored == book->all.n) {
        return OK;
    }
    TRY(db_rows_open(&rows, d->writer, "links", why));
    status_code code = OK;
    for (size_t i = book->stored; i < book->all.n; i++) {
        TRY_GOTO(code, done, add_link(&rows, &book->all.v[i].link, why));
    }
    code = db_rows_close(&rows, why);
done:
    db_rows_drop(&rows);
    return code;
}

/* All at once through a temporary table: one pass over the links, however many rise. */
static status_code write_raised_links(struct duckdb_store *d, struct error *why)
{
    const struct linkbook *book = &d->base.intake.links;
    struct db_rows rows = {0};
    if (book->raised.n == 0) {
        return OK;
    }
    TRY(db_run(d->writer, "CREATE OR REPLACE TEMP TABLE raised AS FROM links LIMIT 0", why));
    TRY(db_rows_open(&rows, d->writer, "raised", why));
    status_code code = OK;
    for (size_t i = 0; i < book->raised.n; i++) {
        TRY_GOTO(code, done, add_link(&rows, &book->all.v[book->raised.v[i]].link, why));
    }
    TRY_GOTO(code, done, db_rows_close(&rows, why));
    code = db_run(d->writer,
                  "UPDATE links SET confidence = r.confidence, evidence = r.evidence"
                  " FROM raised r WHERE links.\"from\" = r.\"from\" AND links.\"to\" = r.\"to\""
                  " AND links.kind = r.kind AND links.rule = r.rule",
                  why);
done:
    db_rows_drop(&rows);
    return code;
}

static status_code write_puts(struct duckdb_store *d, struct error *why)
{
    static const char *const STATEMENTS[] = {"DELETE FROM saved WHERE key = $1",
                                             "INSERT INTO saved VALUES ($1, $2)"};
    status_code code = OK;
    for (size_t k = 0; k < 2 && d->base.intake.puts.n > 0 && code == OK; k++) {
        duckdb_prepared_statement statement = NULL;
        bool fine = duckdb_prepare(d->writer, STATEMENTS[k], &statement) == DuckDBSuccess;
        if (!fine) {
            code = db_fail("the store failed", duckdb_prepare_error(statement), why);
        }
        for (size_t i = 0; i < d->base.intake.puts.n && code == OK; i++) {
            const struct put *put = &d->base.intake.puts.v[i];
            duckdb_result result = {0};
            fine = duckdb_bind_blob(statement, 1, put->key.p, put->key.n) == DuckDBSuccess &&
                   (k == 0 ||
                    duckdb_bind_blob(statement, 2, put->value.p, put->value.n) == DuckDBSuccess) &&
                   duckdb_execute_prepared(statement, &result) == DuckDBSuccess;
            if (!fine) {
                code = db_fail("the store failed", duckdb_result_error(&result), why);
            }
            duckdb_destroy_result(&result);
        }
        duckdb_destroy_prepare(&statement);
    }
    return code;
}

static status_code write_meta(struct duckdb_store *d, struct error *why)
{
    const struct tally *now = &d->base.now, *kept = &d->base.kept;
    char sql[200];
    if (now->batches == kept->batches && now->in_time_order == kept->in_time_order) {
        return OK;
    }
    snprintf(sql, sizeof sql,
             "UPDATE meta SET value = CASE name WHEN 'batches' THEN '%llu' ELSE '%d' END"
             " WHERE name IN ('batches', 'in_time_order')",
             (unsigned long long)now->batches, now->in_time_order);
    return db_run(d->writer, sql, why);
}

static status_code duckdb_commit(struct store *s, struct error *why)
{
    struct duckdb_store *d = duckdb_of(s);
    bool new_names = d->kept_texts != s->names.text.n || d->kept_items != s->names.item_n;
    if (!s->dirty && !new_names) {
        duckdb_rollback(
            s); /* an append of nothing new has opened a transaction, which holds a view */
        return OK;
    }
    TRY(transaction(d, why));
    for (size_t i = 0; i < DUCK_TABLES; i++) {
        TRY(db_rows_close(&d->rows[i], why));
    }
    TRY(write_texts(d, why));
    TRY(write_items(d, why));
    TRY(write_new_links(d, why));
    TRY(write_raised_links(d, why));
    TRY(write_puts(d, why));
    TRY(write_meta(d, why));
    TRY(db_run(d->writer, "COMMIT", why));
    d->in_transaction = false;
    d->kept_texts = s->names.text.n;
    d->kept_items = s->names.item_n;
    return OK;
}

/* Opening. */

static status_code check_library(struct error *why)
{
    const char *version = duckdb_library_version();
    if (strncmp(version, "v1.5.", 5) != 0) {
        error_set(why, "this weir needs DuckDB 1.5, and found the library %s", version);
        error_hint(why, "Install the library that weir was built with: make deps");
        return FAIL;
    }
    return OK;
}

/* A new store is made beside its place and moved there when it is whole, so that a half-made one is
 * never met. */
static status_code create(const char *path, struct error *why)
{
    char making[1100], log[1110];
    snprintf(log, sizeof log, "%s.wal", path);
    if (access(log, F_OK) == 0) {
        error_set(why, "there is no store %s, but the write-ahead log of one: %s", path, log);
        error_hint(why, "Bring the store back beside it, or move the log away.");
        return FAIL;
    }
    snprintf(making, sizeof making, "%s.new.%ld", path, (long)getpid());
    unlink(making); /* of a process that had this number before */
    duckdb_database db = NULL;
    duckdb_connection connection = NULL;
    status_code code = db_open(making, false, &db, why);
    if (code == OK) {
        code = db_connect(db, &connection, why);
    }
    if (code == OK) {
        code = db_schema_create(connection, why);
    }
    if (code == OK) { /* closing would write the log into the file too, but could not say no */
        code = db_run(connection, "CHECKPOINT", why);
    }
    if (connection != NULL) {
        duckdb_disconnect(&connection);
    }
    if (db != NULL) {
        duckdb_close(&db);
    }
    /* EEXIST: somebody else made the store meanwhile; theirs is as good */
    if (code == OK && renameat2(AT_FDCWD, making, AT_FDCWD, path, RENAME_NOREPLACE) != 0 &&
        errno != EEXIST) {
        code = error_set(why, "cannot make the store %s: %s", path, strerror(errno));
    }
    unlink(making);
    snprintf(log, sizeof log, "%s.wal", making);
    unlink(log);
    if (code != OK) {
        error_hint(why, "Name a place where you may write with --store.");
    }
    return code;
}

static status_code read_meta(struct duckdb_store *d, struct error *why)
{
    struct tally *kept = &d->base.kept;
    int64_t events, batches, in_order;
    TRY(db_number(d->writer, "SELECT count(*) FROM events", &events, why));
    TRY(db_number(d->writer,
                  "SELECT coalesce(max(try_cast(value AS BIGINT)), 0) FROM meta"
                  " WHERE name = 'batches'",
                  &batches, why));
    TRY(db_number(d->writer,
                  "SELECT count(*) FROM meta WHERE name = 'in_time_order' AND value = '1'",
                  &in_order, why));
    *kept = (struct tally){
        .events = (uint64_t)events,
        .items = d->base.names.item_n - 1,
        .batches = (uint64_t)batches,
        .in_time_order = in_order > 0,
    };
    d->base.now = *kept;
    return OK;
}

/* DuckDB reads a block when it needs it, so a cut file may open well. It is at least as long as its
 * used blocks (free ones at its end may be gone; a log may hold blocks that are still to come). */
static status_code check_length(struct duckdb_store *d, struct error *why)
{
    int64_t wanted;
    char log[1100];
    snprintf(log, sizeof log, "%s.wal", d->file.path);
    if (access(log, F_OK) == 0) {
        return OK;
    }
    TRY(db_number(d->writer,
                  "SELECT max(block_size * used_blocks)::BIGINT FROM pragma_database_size()"
                  " WHERE database_name = current_database()",
                  &wanted, why));
    if (wanted > 0 && db_file_bytes(d->file.path) < 3 * 4096 + (uint64_t)wanted) {
        return db_file_cut(d->file.path, why);
    }
    return OK;
}

static status_code open_file(struct duckdb_store *d, const char *path, enum store_mode mode,
                             struct error *why)
{
    bool there;
    TRY(check_library(why));
    TRY(db_file_claim(&d->file, path, mode == STORE_WRITE, &there, why));
    if (!there && mode == STORE_READ) {
        error_set(why, "there is no store %s", path);
        error_hint(why, "Import something first (weir import FILE), or name another store with "
                        "--store.");
        return FAIL;
    }
    if (!there) {
        TRY(create(path, why));
        d->base.made = true;
        TRY(db_file_claim(&d->file, path, true, &there, why));
    }
    if (d->file.path[0] == 0) {
        return error_set(why, "the store %s vanished while it was opened", path);
    }
    TRY(db_open(path, mode == STORE_READ, &d->db, why));
    TRY(db_connect(d->db, &d->writer, why));
    TRY(check_length(d, why));
    TRY(db_schema_check(d->writer, path, mode, why));
    TRY(duckdb_load_names(d, why));
    return read_meta(d, why);
}

static const struct store_ops DUCKDB_OPS = {
    .engine = "duckdb",
    .close = duckdb_store_close,
    .remove = duckdb_store_remove,
    .append = duckdb_append,
    .commit = duckdb_commit,
    .rollback = duckdb_rollback,
    .get = duckdb_get,
    .scan = duckdb_scan,
    .scan_items = duckdb_scan_items,
    .scan_links = duckdb_scan_links,
    .scan_rejects = duckdb_scan_rejects,
    .scan_attrs = duckdb_scan_attrs,
    .sources = duckdb_sources,
    .info = duckdb_info,
    .compact = duckdb_compact,
    .sql = duckdb_sql,
};

status_code store_duckdb_open(const char *path, enum store_mode mode, struct store **ret_store,
                              struct error *why)
{
    struct duckdb_store *d = mem_get(sizeof *d);
    store_init(&d->base, &DUCKDB_OPS, mode);
    status_code code = open_file(d, path, mode, why);
    if (code != OK) {
        store_close(&d->base);
        return code;
    }
    *ret_store = &d->base;
    return OK;
}
