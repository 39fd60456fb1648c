#include "source/duck.h"

#include "base/mem.h"
#include "base/progress.h"

#include <ahead.h>
#include <duckdb.h>

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct duck {
    duckdb_database database;
    duckdb_connection connection;
    struct ahead rows; /* of the query */
};

/* DuckDB explains itself over many lines; the first one says what happened. Its name for the file
 * (inputs.h) says nothing to anybody. */
static status_code failed(const char *message, struct error *why)
{
    static const char KIND[] = "Invalid Input Error: ";
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    const char *text = message != NULL ? message : "DuckDB gave no reason";
    const char *inner = strstr(text, "\nError: "); /* of a stream that broke off */
    text = inner != NULL ? inner + strlen("\nError: ") : text;
    text += strncmp(text, KIND, sizeof KIND - 1) == 0 ? sizeof KIND - 1 : 0;
    str line = str_first(str_of(text), strcspn(text, "\n"));
    size_t path = str_find(line, STR("/proc/self/fd/"));
    if (path == line.n || path == 0) {
        return error_set(why, STR_FMT, STR_ARG(line));
    }
    str rest = str_from(line, path); /* in quotes: they go too */
    rest = str_from(rest, str_find_char(rest, line.p[path - 1]) + 1);
    return error_set(why, STR_FMT "it" STR_FMT, STR_ARG(str_first(line, path - 1)), STR_ARG(rest));
}

static status configure(duckdb_config config, struct error *why)
{
    const char *options[][2] = {
        {"threads", "1"}, /* the one that reads ahead: more do not help one file of rows in order */
        {"memory_limit", "512MB"},
        {"temp_directory", ""},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"preserve_insertion_order", "true"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (duckdb_set_config(config, options[i][0], options[i][1]) != DuckDBSuccess) {
            return error_set(why, "DuckDB does not know the option %s", options[i][0]);
        }
    }
    return OK;
}

status duck_open(struct duck **ret, struct error *why)
{
    struct duck *d = mem_get(sizeof *d);
    duckdb_config config = NULL;
    char *message = NULL;
    status_code code = OK;
    if (duckdb_create_config(&config) != DuckDBSuccess) {
        code = error_set(why, "DuckDB gives no configuration");
        goto done;
    }
    TRY_GOTO(code, done, configure(config, why));
    if (duckdb_open_ext(NULL, &d->database, config, &message) != DuckDBSuccess) {
        code = failed(message, why);
        goto done;
    }
    if (duckdb_connect(d->database, &d->connection) != DuckDBSuccess) {
        code = error_set(why, "DuckDB gives no connection");
        goto done;
    }
done:
    duckdb_free(message);
    duckdb_destroy_config(&config);
    if (code == OK) {
        *ret = d;
    } else {
        duck_close(d);
    }
    return code;
}

void duck_close(struct duck *d)
{
    if (d != NULL) {
        ahead_end(&d->rows);
        duckdb_disconnect(&d->connection);
        duckdb_close(&d->database);
        mem_put(d);
    }
}

status duck_query(struct duck *d, const char *sql, struct error *why)
{
    ahead_end(&d->rows);
    duckdb_prepared_statement statement = NULL;
    duckdb_pending_result pending = NULL;
    duckdb_result result = {0};
    status_code code = OK;
    if (duckdb_prepare(d->connection, sql, &statement) != DuckDBSuccess) {
        code = failed(duckdb_prepare_error(statement), why);
    } else if (duckdb_pending_prepared_streaming(statement, &pending) != DuckDBSuccess) {
        code = failed(duckdb_pending_error(pending), why);
    } else if (duckdb_execute_pending(pending, &result) != DuckDBSuccess) {
        code = failed(duckdb_result_error(&result), why);
        duckdb_destroy_result(&result);
    }
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&statement);
    if (code == OK) {
        ahead_begin(&d->rows, result);
    }
    return code;
}

size_t duck_columns(const struct duck *d)
{
    duckdb_result result = d->rows.result;
    return duckdb_column_count(&result);
}

const char *duck_column(const struct duck *d, size_t column)
{
    duckdb_result result = d->rows.result;
    return duckdb_column_name(&result, column);
}

bool duck_is_instant(const struct duck *d, size_t column)
{
    duckdb_result result = d->rows.result;
    return duckdb_column_type(&result, column) == DUCKDB_TYPE_TIMESTAMP_TZ;
}

status duck_fetch(struct duck *d, struct duck_chunk **ret_chunk, struct error *why)
{
    assert(d->rows.begun);
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    duckdb_data_chunk chunk = ahead_next(&d->rows);
    if (chunk == NULL) {
        const char *message = duckdb_result_error(&d->rows.result);
        return message != NULL && message[0] != '\0' ? failed(message, why) : END;
    }
    *ret_chunk = (struct duck_chunk *)chunk;
    return OK;
}

void duck_chunk_free(struct duck_chunk *chunk)
{
    duckdb_data_chunk own = (duckdb_data_chunk)chunk;
    duckdb_destroy_data_chunk(&own);
}

status duck_run(struct duck *d, const char *sql, struct error *why)
{
    ahead_end(&d->rows);
    duckdb_result result;
    status_code code = OK;
    if (duckdb_query(d->connection, sql, &result) != DuckDBSuccess) {
        code = failed(duckdb_result_error(&result), why);
    }
    duckdb_destroy_result(&result);
    return code;
}

size_t duck_cells_fill(struct duck_cells *c, const struct duck_chunk *own)
{
    duckdb_data_chunk chunk = (duckdb_data_chunk)(uintptr_t)own;
    size_t columns = duckdb_data_chunk_get_column_count(chunk);
    size_t rows = duckdb_data_chunk_get_size(chunk);
    assert(rows <= BATCH_ROWS);
    if (c->count != columns) {
        duck_cells_finish(c);
        c->room = mem_get(columns * BATCH_ROWS * sizeof *c->room);
        c->columns = mem_get(columns * sizeof(void *));
        c->count = columns;
        for (size_t i = 0; i < columns; i++) {
            c->columns[i] = c->room + i * BATCH_ROWS;
        }
    }
    for (size_t i = 0; i < columns; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
        duckdb_string_t *texts = duckdb_vector_get_data(vector);
        uint64_t *valid = duckdb_vector_get_validity(vector);
        str *cells = c->room + i * BATCH_ROWS;
        for (size_t row = 0; row < rows; row++) {
            if (valid != NULL && (valid[row / 64] >> (row % 64) & 1) == 0) {
                cells[row] = (str){0};
                continue;
            }
            duckdb_string_t *text = &texts[row];
            uint32_t n = text->value.inlined.length;
            cells[row] = (str){n <= sizeof text->value.inlined.inlined ? text->value.inlined.inlined
                                                                       : text->value.pointer.ptr,
                               n};
        }
    }
    return rows;
}

void duck_cells_finish(struct duck_cells *c)
{
    mem_put(c->room);
    mem_put(c->columns);
    *c = (struct duck_cells){0};
}
