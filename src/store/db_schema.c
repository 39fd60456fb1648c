/* The tables of a store in a DuckDB file, their versions, and the views over them.
 *
 * `meta` says which format the file has and which weir wrote it. A file of an older format is
 * brought up step by step (MIGRATIONS) in one transaction; of a newer one weir keeps its hands off.
 * The views are temporary: they belong to the program, not to the file. */
#include "store/store_duckdb.h"

#include <stdio.h>
#include <string.h>

static const char *const TABLES[] = {
    "CREATE TABLE meta (name VARCHAR, value VARCHAR)",
    "CREATE TABLE texts (id UINTEGER, text BLOB)",
    "CREATE TABLE items (id UINTEGER, type UINTEGER, key BLOB)",
    "CREATE TABLE events (seq UBIGINT, source UINTEGER, batch UBIGINT, key UHUGEINT,"
    " item UINTEGER, type UINTEGER, activity UINTEGER, instance UINTEGER, actor UINTEGER,"
    " team UINTEGER, \"time\" BIGINT, \"begin\" BIGINT, life UTINYINT, quality UTINYINT,"
    " attrs BLOB)",
    "CREATE TABLE event_items (seq UBIGINT, item UINTEGER, qualifier UINTEGER)",
    "CREATE TABLE links (\"from\" UINTEGER, \"to\" UINTEGER, kind UINTEGER, rule UINTEGER,"
    " confidence DOUBLE, evidence UHUGEINT)",
    "CREATE TABLE item_attrs (item UINTEGER, name UINTEGER, \"time\" BIGINT, value BLOB)",
    "CREATE TABLE rejects (batch UBIGINT, source UINTEGER, received BIGINT, file BLOB,"
    " line UBIGINT, col BLOB, reason BLOB, raw BLOB)",
    "CREATE TABLE saved (key BLOB, value BLOB)",
    "INSERT INTO meta VALUES ('format', '1'), ('written_by', '" WEIR_VERSION "'),"
    " ('batches', '0'), ('in_time_order', '1')",
};

/* MIGRATIONS[i] makes format i + 1 of format i. Format 0 was that of the first trials: without
 * named values, and without knowing whether it is in order. */
static const char *const TO_1[] = {
    "CREATE TABLE saved (key BLOB, value BLOB)",
    "INSERT INTO meta SELECT 'in_time_order', CASE WHEN count(*) = 0 THEN '1' ELSE '0' END FROM"
    " (SELECT \"time\", lag(\"time\") OVER (PARTITION BY item ORDER BY seq) AS before FROM events)"
    " WHERE before > \"time\"",
    NULL,
};
static const char *const *const MIGRATIONS[STORE_FORMAT] = {TO_1};

/* The k-th start of an activity (and instance) of an item belongs to its k-th end. */
#define SPAN_PARTS                                                                                 \
    "seq, item, item_type, activity, instance, actor, team, \"begin\", \"time\","                  \
    " row_number() OVER (PARTITION BY item_type, item, activity, instance ORDER BY \"time\", seq)" \
    " AS k"

static const char *const VIEWS[] = {
    /* any bytes as text: as UTF-8 where they are that, else with what is not escaped */
    "CREATE TEMP MACRO weir_text(bytes) AS coalesce(try(decode(bytes)), bytes::VARCHAR)",
    "CREATE TEMP MACRO weir_time(us) AS make_timestamp(nullif(us, -9223372036854775808))",
    "CREATE TEMP MACRO weir_id(key) AS lower(lpad(to_hex((key % 18446744073709551616::UHUGEINT)"
    "::UBIGINT), 16, '0') || lpad(to_hex((key // 18446744073709551616::UHUGEINT)::UBIGINT), 16,"
    " '0'))",
    "CREATE TEMP VIEW text AS SELECT id, weir_text(text) AS text FROM texts",
    "CREATE TEMP VIEW item AS SELECT i.id, t.text AS type, weir_text(i.key) AS key FROM items i"
    " LEFT JOIN text t ON t.id = i.type WHERE i.id > 0",
    "CREATE TEMP VIEW event AS SELECT e.seq, weir_id(e.key) AS key, s.text AS source, e.batch,"
    " i.type AS item_type, i.key AS item, t.text AS type, a.text AS activity,"
    " nullif(n.text, '') AS instance, nullif(w.text, '') AS actor, nullif(m.text, '') AS team,"
    " weir_time(e.\"time\") AS \"time\", weir_time(e.\"begin\") AS \"begin\","
    " ['none', 'schedule', 'start', 'suspend', 'resume', 'complete', 'cancel', 'other', 'status']"
    "[e.life + 1] AS life, ['own', 'derived', 'received', 'bad'][e.quality + 1] AS quality,"
    " nullif(weir_text(e.attrs), '') AS attrs FROM events e"
    " LEFT JOIN text s ON s.id = e.source LEFT JOIN item i ON i.id = e.item"
    " LEFT JOIN text t ON t.id = e.type LEFT JOIN text a ON a.id = e.activity"
    " LEFT JOIN text n ON n.id = e.instance LEFT JOIN text w ON w.id = e.actor"
    " LEFT JOIN text m ON m.id = e.team",
    "CREATE TEMP VIEW span AS WITH started AS (SELECT " SPAN_PARTS
    " FROM event WHERE life = 'start'), ended AS (SELECT " SPAN_PARTS
    " FROM event WHERE life IN ('complete', 'cancel') AND \"begin\" IS NULL)"
    " SELECT coalesce(e.item_type, s.item_type) AS item_type, coalesce(e.item, s.item) AS item,"
    " coalesce(e.activity, s.activity) AS activity, coalesce(e.instance, s.instance) AS instance,"
    " coalesce(e.actor, s.actor) AS actor,"
    " coalesce(e.team, s.team) AS team, coalesce(s.\"time\", e.\"time\") AS \"begin\","
    " e.\"time\" AS \"end\" FROM started s FULL JOIN ended e ON s.item_type = e.item_type AND"
    " s.item = e.item AND s.activity = e.activity AND s.instance IS NOT DISTINCT FROM e.instance"
    " AND s.k = e.k"
    " UNION ALL SELECT item_type, item, activity, instance, actor, team,"
    " coalesce(\"begin\", \"time\"), \"time\" FROM event"
    " WHERE life IN ('none', 'status') OR (life IN ('complete', 'cancel') AND \"begin\" IS NOT "
    "NULL)",
    "CREATE TEMP VIEW link AS SELECT f.type AS from_type, f.key AS \"from\", t.type AS to_type,"
    " t.key AS \"to\", k.text AS kind, r.text AS rule, l.confidence,"
    " nullif(weir_id(l.evidence), '00000000000000000000000000000000') AS evidence FROM links l"
    " LEFT JOIN item f ON f.id = l.\"from\" LEFT JOIN item t ON t.id = l.\"to\""
    " LEFT JOIN text k ON k.id = l.kind LEFT JOIN text r ON r.id = l.rule",
    "CREATE TEMP VIEW reject AS SELECT r.batch, s.text AS source, weir_time(r.received) AS "
    "received,"
    " weir_text(r.file) AS file, nullif(r.line, 0) AS line, nullif(weir_text(r.col), '') AS"
    " \"column\", weir_text(r.reason) AS reason, weir_text(r.raw) AS raw FROM rejects r"
    " LEFT JOIN text s ON s.id = r.source",
};

static status_code run_all(duckdb_connection connection, const char *const *statements, size_t n,
                           struct error *why)
{
    for (size_t i = 0; i < n; i++) {
        TRY(db_run(connection, statements[i], why));
    }
    return OK;
}

status_code db_schema_create(duckdb_connection connection, struct error *why)
{
    TRY(db_run(connection, "BEGIN TRANSACTION", why));
    TRY(run_all(connection, TABLES, sizeof TABLES / sizeof *TABLES, why));
    return db_run(connection, "COMMIT", why);
}

status_code db_schema_views(duckdb_connection connection, struct error *why)
{
    return run_all(connection, VIEWS, sizeof VIEWS / sizeof *VIEWS, why);
}

static status_code migrate(duckdb_connection connection, int64_t from, struct error *why)
{
    TRY(db_run(connection, "BEGIN TRANSACTION", why));
    for (int64_t format = from; format < STORE_FORMAT; format++) {
        for (const char *const *step = MIGRATIONS[format]; *step != NULL; step++) {
            TRY(db_run(connection, *step, why));
        }
    }
    char sql[200];
    snprintf(sql, sizeof sql,
             "UPDATE meta SET value = CASE name WHEN 'format' THEN '%d' ELSE '" WEIR_VERSION "' END"
             " WHERE name IN ('format', 'written_by')",
             STORE_FORMAT);
    TRY(db_run(connection, sql, why));
    return db_run(connection, "COMMIT", why);
}

static status_code written_by(duckdb_connection connection, char *ret, size_t size,
                              struct error *why)
{
    struct db_stream stream;
    TRY(db_begin(connection, "SELECT value FROM meta WHERE name = 'written_by'", &stream, why));
    status_code code = db_next(&stream, why);
    str text = code == OK ? db_text(&stream, 0, 0) : STR("?");
    snprintf(ret, size, STR_FMT, STR_ARG(str_first(text, 40)));
    db_end(&stream);
    return code == END ? OK : code;
}

status_code db_schema_check(duckdb_connection connection, const char *path, enum store_mode mode,
                            struct error *why)
{
    int64_t tables, format;
    TRY(db_number(connection,
                  "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'main'"
                  " AND table_name IN ('meta', 'texts', 'items', 'events', 'event_items',"
                  " 'links', 'item_attrs', 'rejects')",
                  &tables, why));
    if (tables != 8) {
        error_set(why, "%s is a DuckDB database, but not a store of weir", path);
        error_hint(why, "Name another file with --store.");
        return FAIL;
    }
    TRY(db_number(connection,
                  "SELECT max(try_cast(value AS BIGINT)) FROM meta WHERE name = 'format'", &format,
                  why));
    if (format == STORE_FORMAT) {
        return OK;
    }
    if (format < 0) {
        return error_set(why, "the store %s does not say which format it has", path);
    }
    if (format > STORE_FORMAT) {
        char weir[64];
        TRY(written_by(connection, weir, sizeof weir, why));
        error_set(why, "the store %s has format %lld; this weir (%s) knows formats up to %d", path,
                  (long long)format, WEIR_VERSION, STORE_FORMAT);
        error_hint(why, "It needs weir %s or newer.", weir);
        return FAIL;
    }
    if (mode == STORE_READ) {
        error_set(why, "the store %s has the older format %lld", path, (long long)format);
        error_hint(why, "Bring it up to date first: weir store migrate");
        return FAIL;
    }
    status_code code = migrate(connection, format, why);
    if (code != OK) {
        (void)!db_run(connection, "ROLLBACK", NULL);
        error_add(why, "cannot bring the store up to format %d", STORE_FORMAT);
    }
    return code;
}
