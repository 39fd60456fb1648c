#include "reading.h"

#include "source/duck.h"

/* Lets DuckDB write a Parquet file of a query. */
static void write_parquet(const char *query, char path[64])
{
    struct duck *d = NULL;
    struct error why = {0};
    char sql[1024];
    reading_temp(path, "", 0);
    snprintf(sql, sizeof sql, "COPY (%s) TO '%s' (FORMAT parquet)", query, path);
    assert_int_equal(duck_open(&d, &why), OK);
    if (duck_run(d, sql, &why) != OK) {
        fail_msg("%s", why.text);
    }
    duck_close(d);
}

static void reads_typed_columns(void **state)
{
    (void)state;
    char path[64];
    write_parquet("SELECT * FROM (VALUES (7, 'a', TIMESTAMP '2020-01-01 10:00:00.5', 1.5, [1, 2]), "
                  "(7, 'b', NULL, NULL, NULL), (8, 'c', TIMESTAMP '2020-01-02', NULL, [])) "
                  "t(case_id, activity, \"timestamp\", \"a \"\"b\", l)",
                  path);
    struct reading r;
    reading_init(&r);
    assert_true(reading_file(&r, &SOURCE_PARQUET, path));
    unlink(path);
    assert_int_equal(r.code, END);
    assert_string_equal(
        buf_cstr(&r.text),
        "7|a||2020-01-01T10:00:00.500000||0|{\"a \\\"b\":\"1.5\",\"l\":\"[1, 2]\"}\n"
        "8|c||2020-01-02T00:00:00||0|{\"l\":\"[]\"}\n"
        "reject 2 timestamp: no time <7,b,,,>\n");
    reading_finish(&r);
}

static void reads_instants_and_many_rows(void **state)
{
    (void)state;
    char path[64];
    write_parquet("SELECT i // 10 AS case_id, 'a' AS activity, to_timestamp(i) AS time "
                  "FROM range(10000) r(i)",
                  path);
    struct reading r;
    reading_init(&r);
    assert_true(reading_file(&r, &SOURCE_PARQUET, path));
    unlink(path);
    assert_int_equal(r.events, 10000);
    assert_int_equal(r.names.item_n - 1, 1000);
    assert_true(str_starts(buf_str(&r.text), STR("0|a||1970-01-01T00:00:00||0|\n"
                                                 "0|a||1970-01-01T00:00:01||0|\n")));
    assert_null(strstr(buf_cstr(&r.notes), "no zone"));
    reading_finish(&r);
}

static void says_what_is_damaged(void **state)
{
    (void)state;
    struct reading r;
    reading_init(&r);
    assert_false(reading_text(&r, &SOURCE_PARQUET, STR("PAR1 and then nothing more")));
    assert_int_equal(r.code, FAIL);
    assert_null(strstr(r.why.text, "/proc/"));
    assert_false(reading_text(&r, &SOURCE_PARQUET, STR("case,activity\n")));
    assert_non_null(strstr(r.why.text, "is text, not Parquet"));
    reading_finish(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_typed_columns),
        cmocka_unit_test(reads_instants_and_many_rows),
        cmocka_unit_test(says_what_is_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
