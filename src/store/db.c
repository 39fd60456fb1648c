#include "store/db.h"

#include "base/buf.h"
#include "base/mem.h"
#include "model/event.h"
#include "store/store_impl.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

_Static_assert(sizeof(duckdb_uhugeint) == sizeof(id128), "an id128 is stored as it lies in memory");

/* DuckDB's messages have several lines and advice for programmers; the first line says it. */
static str first_line(const char *message)
{
    str line = str_of(message);
    size_t end = str_find_char(line, '\n');
    line = str_trim(str_first(line, end < 300 ? end : 300));
    return line;
}

status_code db_fail(const char *doing, const char *message, struct error *why)
{
    if (message == NULL || *message == 0) {
        return error_set(why, "%s: DuckDB gave no reason", doing);
    }
    str line = first_line(message);
    error_set(why, "%s: " STR_FMT, doing, STR_ARG(line));
    if (strstr(message, "INTERNAL") != NULL || strstr(message, "invalidated") != NULL) {
        error_hint(why, "What was committed is safe. Run the command again.");
    }
    if (strstr(message, "No space") != NULL || strstr(message, "File too large") != NULL) {
        error_hint(why, "Make room on the disk and run the command again; what was committed is "
                        "safe.");
    }
    return FAIL;
}

status_code db_open(const char *path, bool read_only, duckdb_database *ret, struct error *why)
{
    char temporary[1100], threads[16];
    snprintf(threads, sizeof threads, "%d", store_threads_wanted());
    snprintf(temporary, sizeof temporary, "%s.tmp", path);
    const char *const settings[][2] = {
        {"access_mode", read_only ? "READ_ONLY" : "READ_WRITE"},
        {"threads", threads},
        {"memory_limit", "1GB"},
        {"temp_directory", temporary},
        {"enable_external_access", "false"},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"lock_configuration", "true"},
    };
    duckdb_config config = NULL;
    char *message = NULL;
    bool fine = duckdb_create_config(&config) == DuckDBSuccess;
    for (size_t i = 0; fine && i < sizeof settings / sizeof *settings; i++) {
        fine = duckdb_set_config(config, settings[i][0], settings[i][1]) == DuckDBSuccess;
    }
    status_code code = OK;
    if (!fine) {
        code = error_set(why, "DuckDB refuses its configuration");
    } else if (duckdb_open_ext(path, ret, config, &message) != DuckDBSuccess) {
        code = db_fail("cannot open the store", message, why);
        const char *holder = message != NULL ? strstr(message, "held in ") : NULL;
        const char *process = message != NULL ? strstr(message, "(PID ") : NULL;
        if (message != NULL && strstr(message, "Could not set lock") != NULL) {
            code = BUSY;
            long pid = 0;
            if (holder != NULL && process != NULL && sscanf(process, "(PID %ld", &pid) == 1) {
                int n = (int)(process - holder) - (int)strlen("held in ");
                error_set(why, "the store is in use by process %ld (%.*s)", pid, n > 1 ? n - 1 : 0,
                          holder + strlen("held in "));
            } else {
                error_set(why, "the store is in use by another process");
            }
            error_hint(why, "Try again when it is done.");
        }
        duckdb_free(message);
    }
    duckdb_destroy_config(&config);
    return code;
}

status_code db_connect(duckdb_database database, duckdb_connection *ret, struct error *why)
{
    if (duckdb_connect(database, ret) != DuckDBSuccess) {
        return error_set(why, "DuckDB gives no connection to the store");
    }
    return OK;
}

status_code db_run(duckdb_connection connection, const char *sql, struct error *why)
{
    duckdb_result result = {0};
    status_code code = OK;
    if (duckdb_query(connection, sql, &result) != DuckDBSuccess) {
        code = db_fail("the store failed", duckdb_result_error(&result), why);
    }
    duckdb_destroy_result(&result);
    return code;
}

status_code db_begin(duckdb_connection connection, const char *sql, struct db_stream *ret,
                     struct error *why)
{
    *ret = (struct db_stream){0};
    duckdb_prepared_statement statement = NULL;
    status_code code = OK;
    if (duckdb_prepare(connection, sql, &statement) != DuckDBSuccess) {
        code = db_fail("the store failed", duckdb_prepare_error(statement), why);
    } else if (duckdb_execute_prepared_streaming(statement, &ret->result) != DuckDBSuccess) {
        code = db_fail("the store failed", duckdb_result_error(&ret->result), why);
        duckdb_destroy_result(&ret->result);
    } else {
        ret->open = true;
    }
    duckdb_destroy_prepare(&statement);
    return code;
}

void db_ahead(struct db_stream *stream)
{
    assert(stream->open && stream->chunk == NULL);
    ahead_begin(&stream->ahead, stream->result);
}

status_code db_next(struct db_stream *stream, struct error *why)
{
    assert(stream->open);
    do {
        if (stream->chunk != NULL) {
            duckdb_destroy_data_chunk(&stream->chunk);
        }
        stream->chunk =
            stream->ahead.begun ? ahead_next(&stream->ahead) : duckdb_fetch_chunk(stream->result);
        if (stream->chunk == NULL) {
            const char *message = duckdb_result_error(&stream->result);
            return message == NULL || *message == 0
                       ? END
                       : db_fail("cannot read the store", message, why);
        }
        stream->n = duckdb_data_chunk_get_size(stream->chunk);
    } while (stream->n == 0);
    assert(stream->n <= BATCH_ROWS);
    return OK;
}

void db_end(struct db_stream *stream)
{
    if (stream->chunk != NULL) {
        duckdb_destroy_data_chunk(&stream->chunk);
    }
    if (stream->ahead.begun) {
        ahead_end(&stream->ahead);
    } else if (stream->open) {
        duckdb_destroy_result(&stream->result);
    }
    *stream = (struct db_stream){0};
}

void *db_column(const struct db_stream *stream, size_t column)
{
    return duckdb_vector_get_data(duckdb_data_chunk_get_vector(stream->chunk, column));
}

str db_text(const struct db_stream *stream, size_t column, size_t row)
{
    duckdb_vector vector = duckdb_data_chunk_get_vector(stream->chunk, column);
    uint64_t *valid = duckdb_vector_get_validity(vector);
    if (valid != NULL && !duckdb_validity_row_is_valid(valid, row)) {
        return (str){0};
    }
    duckdb_string_t *text = (duckdb_string_t *)duckdb_vector_get_data(vector) + row;
    return (str){duckdb_string_t_data(text), duckdb_string_t_length(*text)};
}

status_code db_number(duckdb_connection connection, const char *sql, int64_t *ret,
                      struct error *why)
{
    struct db_stream stream;
    TRY(db_begin(connection, sql, &stream, why));
    status_code code = db_next(&stream, why);
    if (code == END) {
        code = error_set(why, "the store gave no answer");
    } else if (code == OK) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(stream.chunk, 0);
        duckdb_logical_type type = duckdb_vector_get_column_type(vector);
        assert(duckdb_get_type_id(type) == DUCKDB_TYPE_BIGINT);
        duckdb_destroy_logical_type(&type);
        uint64_t *valid = duckdb_vector_get_validity(vector);
        bool is_null = valid != NULL && !duckdb_validity_row_is_valid(valid, 0);
        *ret = is_null ? INT64_MIN : *(int64_t *)duckdb_vector_get_data(vector);
    }
    db_end(&stream);
    return code;
}

/* Appending. */

static void point_columns(struct db_rows *rows, size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        rows->vector[i] = duckdb_data_chunk_get_vector(rows->chunk, i);
        rows->data[i] = duckdb_vector_get_data(rows->vector[i]);
    }
}

status_code db_rows_open(struct db_rows *rows, duckdb_connection connection, const char *table,
                         struct error *why)
{
    *rows = (struct db_rows){0};
    if (duckdb_appender_create(connection, NULL, table, &rows->appender) != DuckDBSuccess) {
        db_fail("cannot append to the store", duckdb_appender_error(rows->appender), why);
        duckdb_appender_destroy(&rows->appender);
        return FAIL;
    }
    size_t columns = duckdb_appender_column_count(rows->appender);
    duckdb_logical_type types[DUCK_COLUMNS];
    assert(columns <= DUCK_COLUMNS);
    for (size_t i = 0; i < columns; i++) {
        types[i] = duckdb_appender_column_type(rows->appender, i);
    }
    rows->chunk = duckdb_create_data_chunk(types, columns);
    for (size_t i = 0; i < columns; i++) {
        duckdb_destroy_logical_type(&types[i]);
    }
    point_columns(rows, columns);
    return OK;
}

static status_code flush(struct db_rows *rows, struct error *why)
{
    if (rows->n == 0) {
        return OK;
    }
    duckdb_data_chunk_set_size(rows->chunk, rows->n);
    if (duckdb_append_data_chunk(rows->appender, rows->chunk) != DuckDBSuccess) {
        return db_fail("cannot append to the store", duckdb_appender_error(rows->appender), why);
    }
    duckdb_data_chunk_reset(rows->chunk);
    point_columns(rows, duckdb_data_chunk_get_column_count(rows->chunk));
    rows->n = 0;
    return OK;
}

status_code db_rows_room(struct db_rows *rows, size_t n, struct error *why)
{
    assert(n <= BATCH_ROWS);
    return rows->n + n > BATCH_ROWS ? flush(rows, why) : OK;
}

void db_rows_text(struct db_rows *rows, size_t column, size_t row, str text)
{
    if (text.n == 0) { /* all zero is the empty text */
        ((duckdb_string_t *)rows->data[column])[row] = (duckdb_string_t){0};
        return;
    }
    duckdb_vector_assign_string_element_len(rows->vector[column], row, text.p, text.n);
}

void db_rows_drop(struct db_rows *rows)
{
    if (rows->chunk != NULL) {
        duckdb_destroy_data_chunk(&rows->chunk);
    }
    if (rows->appender != NULL) {
        duckdb_appender_destroy(&rows->appender);
    }
    *rows = (struct db_rows){0};
}

status_code db_rows_close(struct db_rows *rows, struct error *why)
{
    if (rows->appender == NULL) {
        return OK;
    }
    status_code code = flush(rows, why);
    if (code == OK && duckdb_appender_close(rows->appender) != DuckDBSuccess) {
        code = db_fail("cannot append to the store", duckdb_appender_error(rows->appender), why);
    }
    db_rows_drop(rows);
    return code;
}
