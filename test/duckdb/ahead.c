/* The chunks read ahead are those of the result, all of them, in their order; the ring keeps its
 * bounds; and it can be left at any time. */
#include "ahead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

struct database {
    duckdb_database database;
    duckdb_connection connection;
};

static void open_database(struct database *d)
{
    assert_int_equal(duckdb_open(NULL, &d->database), DuckDBSuccess);
    assert_int_equal(duckdb_connect(d->database, &d->connection), DuckDBSuccess);
    duckdb_result result;
    assert_int_equal(duckdb_query(d->connection, "SET threads = 1", &result), DuckDBSuccess);
    duckdb_destroy_result(&result);
}

static void close_database(struct database *d)
{
    duckdb_disconnect(&d->connection);
    duckdb_close(&d->database);
}

static void ask(struct database *d, const char *sql, struct ahead *a)
{
    duckdb_prepared_statement statement = NULL;
    duckdb_result result;
    assert_int_equal(duckdb_prepare(d->connection, sql, &statement), DuckDBSuccess);
    assert_int_equal(duckdb_execute_prepared_streaming(statement, &result), DuckDBSuccess);
    duckdb_destroy_prepare(&statement);
    ahead_begin(a, result);
}

static void pause_ms(long ms)
{
    struct timespec t = {.tv_nsec = ms * 1000000};
    nanosleep(&t, NULL);
}

/* Reads on; the numbers of the first column must be those from `at` on. */
static uint64_t take(struct ahead *a, uint64_t at, size_t chunks)
{
    duckdb_data_chunk chunk = NULL;
    for (; chunks > 0 && (chunk = ahead_next(a)) != NULL; chunks--) {
        const int64_t *v = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
        for (size_t i = 0; i < duckdb_data_chunk_get_size(chunk); i++) {
            assert_int_equal(v[i], at++);
        }
        duckdb_destroy_data_chunk(&chunk);
    }
    return at;
}

static void gives_all_in_order(void **state)
{
    (void)state;
    struct database d;
    struct ahead a = {0};
    open_database(&d);
    ask(&d, "SELECT range FROM range(300000)", &a);
    uint64_t at = take(&a, 0, 3);
    pause_ms(20); /* the ring is full by now */
    at = take(&a, at, SIZE_MAX);
    assert_int_equal(at, 300000);
    assert_null(ahead_next(&a)); /* and again */
    const char *message = duckdb_result_error(&a.result);
    assert_true(message == NULL || *message == '\0');
    ahead_end(&a);
    ask(&d, "SELECT range FROM range(0)", &a);
    assert_null(ahead_next(&a));
    ahead_end(&a);
    ahead_end(&a); /* of nothing */
    close_database(&d);
}

static void can_be_left(void **state)
{
    (void)state;
    struct database d;
    open_database(&d);
    for (size_t chunks = 0; chunks < 50; chunks += 7) {
        struct ahead a = {0};
        ask(&d, "SELECT range, 'a text that lies outside of its cell' FROM range(1000000)", &a);
        take(&a, 0, chunks);
        ahead_end(&a);
        assert_false(a.begun);
    }
    close_database(&d);
}

static void tells_an_error(void **state)
{
    (void)state;
    struct database d;
    struct ahead a = {0};
    open_database(&d);
    ask(&d,
        "SELECT range, CASE WHEN range < 200000 THEN 0 ELSE CAST('x' || range AS INTEGER) END "
        "FROM range(300000)",
        &a);
    uint64_t at = take(&a, 0, SIZE_MAX);
    assert_true(at <= 200000);
    assert_non_null(strstr(duckdb_result_error(&a.result), "Could not convert"));
    ahead_end(&a);
    close_database(&d);
}

/* 2,048 rows of 10,000 bytes are above the bound: no more than one such chunk waits. */
static void keeps_to_its_bytes(void **state)
{
    (void)state;
    struct database d;
    struct ahead a = {0};
    uint64_t at = 0;
    open_database(&d);
    ask(&d,
        "SELECT range, repeat('x', 10000), CASE WHEN range % 2 = 0 THEN 'short' END "
        "FROM range(20480)",
        &a);
    while (at < 20480) {
        pause_ms(10);
        pthread_mutex_lock(&a.lock);
        assert_true(a.put - a.taken <= 1);
        assert_true(a.put == a.taken || a.bytes >= (size_t)2048 * 10000);
        pthread_mutex_unlock(&a.lock);
        at = take(&a, at, 1);
    }
    assert_int_equal(a.bytes, 0);
    ahead_end(&a);
    close_database(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_all_in_order),
        cmocka_unit_test(can_be_left),
        cmocka_unit_test(tells_an_error),
        cmocka_unit_test(keeps_to_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
