/* DuckDB's C interface, as weir uses it: statements with a sentence for an error, answers as a
 * stream of chunks, tables filled by columns. Floor-internal.
 *
 * Texts are BLOB columns: what weir stores may be any bytes, and comes back as it was. Identities
 * are UHUGEINT columns whose two halves are `hi` and `lo` as they lie in memory, so that a column
 * of id128 goes in and out without being touched. */
#pragma once

#include "base/error.h"
#include "base/map.h"
#include "base/str.h"

#include <ahead.h>
#include <duckdb.h>

/* A file is refused when this process holds it already (BUSY), and cut or foreign files before
 * DuckDB touches them (FAIL). Where there is no file, *ret_there is false and nothing is claimed.
 * The claim comes before anything opens the file: closing any handle of it would drop DuckDB's
 * lock. */
struct db_file {
    char path[1024]; /* empty: nothing claimed */
    unsigned long long device, inode;
};
status db_file_claim(struct db_file *file, const char *path, bool write, bool *ret_there,
                     struct error *why);
void db_file_release(struct db_file *file);                   /* a zeroed one is fine */
uint64_t db_file_bytes(const char *path);                     /* with its write-ahead log */
status_code db_file_cut(const char *path, struct error *why); /* the sentence; FAIL */

/* Opens a database with everything outside it out of reach and its configuration locked. */
status db_open(const char *path, bool read_only, duckdb_database *ret, struct error *why);
status db_connect(duckdb_database database, duckdb_connection *ret, struct error *why);

/* Turns DuckDB's message (NULL allowed) into a sentence. Returns FAIL. */
status_code db_fail(const char *doing, const char *message, struct error *why);
status db_run(duckdb_connection connection, const char *sql, struct error *why);
status db_number(duckdb_connection connection, const char *sql, int64_t *ret,
                 struct error *why); /* the one number of the answer; NULL gives INT64_MIN */

/* An answer as a stream of chunks: while (db_next(…) == OK) …, then db_end. */
struct db_stream {
    duckdb_result result;
    struct ahead ahead; /* if begun, the result is its */
    duckdb_data_chunk chunk;
    bool open;
    size_t n; /* rows of the chunk */
};
status db_begin(duckdb_connection connection, const char *sql, struct db_stream *ret,
                struct error *why);
void db_ahead(struct db_stream *stream); /* from now on the chunks are read by a second thread */
status db_next(struct db_stream *stream, struct error *why); /* END after the last */
void db_end(struct db_stream *stream);
void *db_column(const struct db_stream *stream, size_t column);
/* Text of a VARCHAR or BLOB cell; NULL pointer for NULL. Valid until the next chunk. */
str db_text(const struct db_stream *stream, size_t column, size_t row);

/* A table that is being appended to. */
enum { DUCK_COLUMNS = 16 };
struct db_rows {
    duckdb_appender appender;
    duckdb_data_chunk chunk;
    duckdb_vector vector[DUCK_COLUMNS];
    void *data[DUCK_COLUMNS];
    size_t n; /* rows in the chunk */
};
status db_rows_open(struct db_rows *rows, duckdb_connection connection, const char *table,
                    struct error *why);
/* Room for n more rows (n at most 2048) behind rows->n: flushes the chunk when it has none. */
status db_rows_room(struct db_rows *rows, size_t n, struct error *why);
void db_rows_text(struct db_rows *rows, size_t column, size_t row, str text);
status db_rows_close(struct db_rows *rows, struct error *why); /* writes what is left */
void db_rows_drop(struct db_rows *rows);                       /* in a transaction that is undone */

/* Lets a long statement be ended: a thread that interrupts the connection when the time is over or
 * Ctrl-C was pressed. */
struct db_guard;
struct db_guard *db_guard_start(duckdb_connection connection, int64_t timeout_us); /* 0: none */
/* What `code` really means: INTERRUPTED, FAIL for the time, or code itself. */
status_code db_guard_end(struct db_guard *guard, status_code code, struct error *why);
