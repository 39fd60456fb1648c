/* Reading a DuckDB store: each scan has a connection of its own, so scans may nest and never see
 * what is not committed. Columns are handed on as they lie in DuckDB's chunk. */
#include "store/store_duckdb.h"

#include "base/mem.h"

#include <string.h>

static status_code begin(struct store *s, const char *sql, duckdb_connection *ret_connection,
                         struct db_stream *ret, struct error *why)
{
    TRY(db_connect(duckdb_of(s)->db, ret_connection, why));
    status_code code = db_begin(*ret_connection, sql, ret, why);
    if (code != OK) {
        duckdb_disconnect(ret_connection);
    }
    return code;
}

/* Returns OK for the END of the rows, when no chunk is left; an END by which whoever was called
 * stopped the scan is passed on. */
static status_code end(duckdb_connection *connection, struct db_stream *stream, status_code code)
{
    bool all = code == END && stream->chunk == NULL;
    db_end(stream);
    duckdb_disconnect(connection);
    return all ? OK : code;
}

static const struct {
    enum column flag;
    const char *name;
} COLUMNS[] = {
    {COL_SEQ, "seq"},         {COL_KEY, "key"},           {COL_ITEM, "item"},
    {COL_TYPE, "type"},       {COL_ACTIVITY, "activity"}, {COL_INSTANCE, "instance"},
    {COL_ACTOR, "actor"},     {COL_TEAM, "team"},         {COL_TIME, "\"time\""},
    {COL_BEGIN, "\"begin\""}, {COL_LIFE, "life"},         {COL_QUALITY, "quality"},
    {COL_ATTRS, "attrs"},
};
enum { COLUMN_N = sizeof COLUMNS / sizeof *COLUMNS };

static void select_events(struct buf *sql, const struct slice *slice)
{
    const char *separator = "SELECT ";
    for (size_t i = 0; i < COLUMN_N; i++) {
        if ((slice->columns & COLUMNS[i].flag) != 0) {
            buf_addf(sql, "%s%s", separator, COLUMNS[i].name);
            separator = ", ";
        }
    }
    buf_addf(sql, "%s FROM events WHERE true", slice->columns == 0 ? "SELECT life" : "");
    if (slice->from != WHEN_NONE) {
        buf_addf(sql, " AND \"time\" >= %lld", (long long)slice->from);
    }
    if (slice->to != WHEN_NONE) {
        buf_addf(sql, " AND \"time\" < %lld", (long long)slice->to);
    }
    if (slice->source != 0) {
        buf_addf(sql, " AND source = %u", slice->source);
    }
}

static const str *texts(const struct db_stream *stream, size_t column, str room[BATCH_ROWS])
{
    for (size_t i = 0; i < stream->n; i++) {
        room[i] = db_text(stream, column, i);
    }
    return room;
}

static struct log log_of(const struct db_stream *stream, unsigned columns, str *attrs)
{
    struct log log = {.n = stream->n};
    size_t at = 0;
    for (size_t i = 0; i < COLUMN_N; i++) {
        if ((columns & COLUMNS[i].flag) == 0) {
            continue;
        }
        const void *column = db_column(stream, at);
        switch (COLUMNS[i].flag) {
        case COL_SEQ:
            log.seq = column;
            break;
        case COL_KEY:
            log.key = column;
            break;
        case COL_ITEM:
            log.item = column;
            break;
        case COL_TYPE:
            log.type = column;
            break;
        case COL_ACTIVITY:
            log.activity = column;
            break;
        case COL_INSTANCE:
            log.instance = column;
            break;
        case COL_ACTOR:
            log.actor = column;
            break;
        case COL_TEAM:
            log.team = column;
            break;
        case COL_TIME:
            log.time = column;
            break;
        case COL_BEGIN:
            log.begin = column;
            break;
        case COL_LIFE:
            log.life = column;
            break;
        case COL_QUALITY:
            log.quality = column;
            break;
        case COL_ATTRS:
            log.attrs = texts(stream, at, attrs);
            break;
        }
        at++;
    }
    return log;
}

status_code duckdb_scan(struct store *s, const struct slice *slice, store_each *each, void *cookie,
                        struct error *why)
{
    duckdb_connection connection;
    struct db_stream stream;
    struct buf sql = {0};
    select_events(&sql, slice);
    status_code code = begin(s, buf_cstr(&sql), &connection, &stream, why);
    buf_finish(&sql);
    TRY(code);
    if (store_threads_wanted() > 1) {
        db_ahead(&stream);
    }
    str *attrs = mem_get(BATCH_ROWS * sizeof *attrs);
    while (code == OK && (code = db_next(&stream, why)) == OK) {
        struct log log = log_of(&stream, slice->columns, attrs);
        code = each(&log, cookie, why);
    }
    mem_put(attrs);
    return end(&connection, &stream, code);
}

/* Walks the rows of a statement; `row` is the row of the chunk. Ends when the body sets `code`. */
#define EACH_ROW(statement)                                                                        \
    duckdb_connection connection;                                                                  \
    struct db_stream stream;                                                                       \
    TRY(begin(s, statement, &connection, &stream, why));                                           \
    status_code code = OK;                                                                         \
    while (code == OK && (code = db_next(&stream, why)) == OK)                                     \
        for (size_t row = 0; row < stream.n && code == OK; row++)

#define CELL(type, column) (((const type *)db_column(&stream, column))[row])
#define TEXT(column) db_text(&stream, column, row)

status_code duckdb_scan_items(struct store *s, store_each_item *each, void *cookie,
                              struct error *why)
{
    EACH_ROW("SELECT seq, item, qualifier FROM event_items")
    {
        struct stored_item item = {CELL(uint64_t, 0), CELL(item_id, 1), CELL(sym, 2)};
        code = each(&item, cookie, why);
    }
    return end(&connection, &stream, code);
}

status_code duckdb_scan_links(struct store *s, store_each_link *each, void *cookie,
                              struct error *why)
{
    EACH_ROW("SELECT \"from\", \"to\", kind, rule, confidence, evidence FROM links")
    {
        struct link link = {
            .from = CELL(item_id, 0),
            .to = CELL(item_id, 1),
            .kind = CELL(sym, 2),
            .rule = CELL(sym, 3),
            .confidence = CELL(double, 4),
            .evidence = CELL(id128, 5),
        };
        code = each(&link, cookie, why);
    }
    return end(&connection, &stream, code);
}

status_code duckdb_scan_rejects(struct store *s, store_each_reject *each, void *cookie,
                                struct error *why)
{
    EACH_ROW("SELECT batch, source, received, file, line, col, reason, raw FROM rejects")
    {
        struct stored_reject reject = {
            .batch = CELL(uint64_t, 0),
            .source = CELL(sym, 1),
            .received = CELL(when, 2),
            .reject = {TEXT(3), CELL(uint64_t, 4), TEXT(5), TEXT(6), TEXT(7)},
        };
        code = each(&reject, cookie, why);
    }
    return end(&connection, &stream, code);
}

status_code duckdb_scan_attrs(struct store *s, store_each_attr *each, void *cookie,
                              struct error *why)
{
    EACH_ROW("SELECT item, name, \"time\", value FROM item_attrs")
    {
        struct item_attr attr = {CELL(item_id, 0), CELL(sym, 1), CELL(when, 2), TEXT(3)};
        code = each(&attr, cookie, why);
    }
    return end(&connection, &stream, code);
}

status_code duckdb_sources(struct store *s, struct syms *ret, struct error *why)
{
    EACH_ROW("SELECT DISTINCT source FROM events ORDER BY source")
    {
        VEC_ADD(ret, CELL(sym, 0));
    }
    return end(&connection, &stream, code);
}

status_code duckdb_get(struct store *s, str key, struct buf *ret_value, struct error *why)
{
    EACH_ROW("SELECT key, value FROM saved")
    {
        if (str_eq(TEXT(0), key)) {
            buf_add(ret_value, TEXT(1));
        }
    }
    return end(&connection, &stream, code);
}

/* The dictionary has the numbers 0, 1, 2, … in the order of its rows; so loading it is adding it.
 */

static status_code dictionary_damaged(struct error *why)
{
    error_set(why, "the store is damaged: its dictionary is not numbered 0, 1, 2, …");
    error_hint(why, "Restore it from a copy, or import again into a new store.");
    return FAIL;
}

static status_code load_texts(struct duckdb_store *d, struct error *why)
{
    struct store *s = &d->base;
    EACH_ROW("SELECT id, text FROM texts")
    {
        uint32_t wanted = s->names.text.n;
        if (CELL(uint32_t, 0) != wanted || names_sym(&s->names, TEXT(1)) != wanted) {
            code = dictionary_damaged(why);
        }
    }
    return end(&connection, &stream, code);
}

static status_code load_items(struct duckdb_store *d, struct error *why)
{
    struct store *s = &d->base;
    EACH_ROW("SELECT id, type, key FROM items")
    {
        item_id wanted = s->names.item_n;
        if (CELL(item_id, 0) != wanted || CELL(sym, 1) >= s->names.text.n ||
            names_item(&s->names, CELL(sym, 1), TEXT(2)) != wanted) {
            code = dictionary_damaged(why);
        }
    }
    return end(&connection, &stream, code);
}

status_code duckdb_load_names(struct duckdb_store *d, struct error *why)
{
    TRY(load_texts(d, why));
    TRY(load_items(d, why));
    d->kept_texts = d->base.names.text.n;
    d->kept_items = d->base.names.item_n;
    d->base.item_seen = d->kept_items;
    return OK;
}

status_code duckdb_info(struct store *s, struct store_info *ret, struct error *why)
{
    struct duckdb_store *d = duckdb_of(s);
    *ret = (struct store_info){
        .engine = "duckdb",
        .format = STORE_FORMAT,
        .bytes = db_file_bytes(d->file.path),
        .in_time_order = s->kept.in_time_order,
    };
    memcpy(ret->where, d->file.path, sizeof ret->where);
    EACH_ROW("SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM items),"
             " (SELECT count(*) FROM links), (SELECT count(*) FROM rejects),"
             " (SELECT try_cast(max(value) AS BIGINT) FROM meta WHERE name = 'batches'),"
             " (SELECT coalesce(min(\"time\"), -9223372036854775808) FROM events),"
             " (SELECT coalesce(max(\"time\"), -9223372036854775808) FROM events)")
    {
        ret->events = CELL(uint64_t, 0);
        ret->items = CELL(uint64_t, 1);
        ret->links = CELL(uint64_t, 2);
        ret->rejects = CELL(uint64_t, 3);
        ret->batches = CELL(uint64_t, 4);
        ret->first = CELL(when, 5);
        ret->last = CELL(when, 6);
    }
    return end(&connection, &stream, code);
}
