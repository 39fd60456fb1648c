/* Questions in SQL, and compaction: the statements that may take long, so they run under a guard.
 */
#include "store/store_duckdb.h"

#include "base/mem.h"

#include <string.h>

/* Exactly one statement, and one that only reads. DuckDB is asked, not our own parsing. */
static status_code check_statement(duckdb_connection connection, const char *statement,
                                   struct error *why)
{
    duckdb_extracted_statements all = NULL;
    duckdb_prepared_statement prepared = NULL;
    status_code code = OK;
    idx_t n = duckdb_extract_statements(connection, statement, &all);
    if (n == 0) {
        const char *message = duckdb_extract_statements_error(all);
        code = message != NULL && *message != 0 ? db_fail("the statement is wrong", message, why)
                                                : error_set(why, "there is no statement");
    } else if (n > 1) {
        code = error_set(why, "there are %llu statements; one is answered at a time",
                         (unsigned long long)n);
    } else if (duckdb_prepare_extracted_statement(connection, all, 0, &prepared) != DuckDBSuccess) {
        code = db_fail("the statement is wrong", duckdb_prepare_error(prepared), why);
    } else if (duckdb_prepared_statement_type(prepared) != DUCKDB_STATEMENT_TYPE_SELECT) {
        code = error_set(why, "the statement is not a SELECT");
        error_hint(why, "SQL only reads here; weir import and weir ingest add events.");
    } else if (duckdb_nparams(prepared) > 0) {
        code = error_set(why, "the statement has parameters; write the values into it");
    }
    duckdb_destroy_prepare(&prepared);
    duckdb_destroy_extracted(&all);
    return code;
}

/* `head` and the statement as the text argument of DuckDB's query(), which itself insists on one
 * SELECT. That leaves the conversion of every type to text to DuckDB. */
static void wrap(struct buf *sql, const char *head, const char *statement)
{
    buf_clear(sql);
    buf_addf(sql, "%s FROM query('", head);
    for (const char *c = statement; *c != 0; c++) {
        if (*c == '\'') {
            buf_putc(sql, '\'');
        }
        buf_putc(sql, *c);
    }
    buf_addf(sql, "')");
}

struct answer { /* names and types of the columns */
    struct arena text;
    VEC(str) names;
    VEC(const char *) types;
    VEC(str) values;
};

static status_code describe(duckdb_connection connection, const char *sql, struct answer *ret,
                            struct error *why)
{
    struct db_stream stream;
    TRY(db_begin(connection, sql, &stream, why));
    status_code code = OK;
    while ((code = db_next(&stream, why)) == OK) {
        for (size_t row = 0; row < stream.n; row++) {
            VEC_ADD(&ret->names, arena_str(&ret->text, db_text(&stream, 0, row)));
            VEC_ADD(&ret->types, arena_str(&ret->text, db_text(&stream, 1, row)).p);
            VEC_ADD(&ret->values, (str){0});
        }
    }
    db_end(&stream);
    return code == END ? OK : code;
}

static status_code answer_rows(duckdb_connection connection, const char *sql, struct answer *answer,
                               store_each_row *each, void *cookie, struct error *why)
{
    struct sql_row row = {answer->names.n, answer->names.v, NULL, answer->types.v};
    struct db_stream stream;
    if (answer->values.v == NULL) { /* as many as names */
        return error_set(why, "the answer has no columns");
    }
    TRY(db_begin(connection, sql, &stream, why));
    status_code code = each(&row, cookie, why);
    row.values = answer->values.v;
    while (code == OK && (code = db_next(&stream, why)) == OK) {
        for (size_t i = 0; i < stream.n && code == OK; i++) {
            for (size_t k = 0; k < row.n; k++) {
                answer->values.v[k] = db_text(&stream, k, i);
            }
            code = each(&row, cookie, why);
        }
    }
    db_end(&stream);
    return code == END ? OK : code;
}

static status_code ask(duckdb_connection connection, const char *statement, store_each_row *each,
                       void *cookie, struct error *why)
{
    struct answer answer = {.text = {.name = "answer"}};
    struct buf sql = {0};
    TRY(db_schema_views(connection, why));
    TRY(db_run(connection, "BEGIN TRANSACTION READ ONLY", why));
    TRY(check_statement(connection, statement, why));
    wrap(&sql, "DESCRIBE", statement);
    status_code code = describe(connection, buf_cstr(&sql), &answer, why);
    if (code == OK) {
        wrap(&sql, "SELECT CAST(COLUMNS(*) AS VARCHAR)", statement);
        code = answer_rows(connection, buf_cstr(&sql), &answer, each, cookie, why);
    }
    VEC_FINISH(&answer.names);
    VEC_FINISH(&answer.types);
    VEC_FINISH(&answer.values);
    arena_finish(&answer.text);
    buf_finish(&sql);
    return code;
}

status_code duckdb_sql(struct store *s, const char *statement, lapse timeout, store_each_row *each,
                       void *cookie, struct error *why)
{
    duckdb_connection connection;
    TRY(db_connect(duckdb_of(s)->db, &connection, why));
    struct db_guard *guard = db_guard_start(connection, timeout);
    status_code code = ask(connection, statement, each, cookie, why);
    code = db_guard_end(guard, code, why);
    duckdb_disconnect(&connection);
    return code;
}

/* Compaction: sorted copies take the tables' places. Further items follow their events. */
static const char *const SORT[] = {
    "BEGIN TRANSACTION",
    "CREATE OR REPLACE TEMP TABLE places AS SELECT seq AS before,"
    " (row_number() OVER () - 1)::UBIGINT AS seq"
    " FROM (SELECT seq FROM events ORDER BY item, \"time\", seq)",
    "CREATE TABLE event_items_sorted AS SELECT p.seq, i.item, i.qualifier FROM event_items i"
    " JOIN places p ON p.before = i.seq ORDER BY p.seq, i.rowid",
    "DROP TABLE places",
    "CREATE TABLE events_sorted AS SELECT (row_number() OVER () - 1)::UBIGINT AS seq,"
    " * EXCLUDE (seq) FROM (FROM events ORDER BY item, \"time\", seq)",
    "DROP TABLE event_items",
    "DROP TABLE events",
    "ALTER TABLE event_items_sorted RENAME TO event_items",
    "ALTER TABLE events_sorted RENAME TO events",
    "UPDATE meta SET value = '1' WHERE name = 'in_time_order'",
    "COMMIT",
};
enum { SORT_STEPS = sizeof SORT / sizeof *SORT };

status_code duckdb_compact(struct store *s, struct progress *p, struct error *why)
{
    duckdb_connection connection;
    TRY(db_connect(duckdb_of(s)->db, &connection, why));
    struct db_guard *guard = db_guard_start(connection, 0);
    progress_begin(p, "compact", "steps", SORT_STEPS);
    status_code code = OK;
    for (size_t i = 0; i < SORT_STEPS && code == OK; i++) {
        code = db_run(connection, SORT[i], why);
        progress_step(p, i + 1);
    }
    if (code == OK) { /* gives the old tables' room back; if that is interrupted it is done later */
        (void)!db_run(connection, "CHECKPOINT", NULL);
    }
    progress_end(p);
    code = db_guard_end(guard, code, why);
    if (code != OK) {
        (void)!db_run(connection, "ROLLBACK", NULL);
    }
    duckdb_disconnect(&connection);
    return code;
}
