/* Questions in SQL: what the views say, and that nothing but the store can be reached. */
#include "store/store.h"

#include "dump.h"

static status_code show(const struct sql_row *row, void *cookie, struct error *why)
{
    (void)why;
    struct buf *out = cookie;
    for (size_t i = 0; i < row->n; i++) {
        const char *separator = i > 0 ? "|" : "";
        if (row->values == NULL) {
            buf_addf(out, "%s" STR_FMT " %s", separator, STR_ARG(row->names[i]), row->types[i]);
        } else if (row->values[i].p == NULL) {
            buf_addf(out, "%sNULL", separator);
        } else {
            buf_addf(out, "%s" STR_FMT, separator, STR_ARG(row->values[i]));
        }
    }
    buf_putc(out, '\n');
    return OK;
}

static struct store *s;

static void answers(const char *statement, const char *expected)
{
    struct error why = {0};
    struct buf out = {0};
    status_code code = store_sql(s, statement, 0, show, &out, &why);
    if (code != OK) {
        fail_msg("%s: %s", statement, why.text);
    }
    assert_string_equal(buf_cstr(&out), expected);
    buf_finish(&out);
}

static void refuses(const char *statement, const char *part)
{
    struct error why = {0};
    struct buf out = {0};
    assert_int_equal(store_sql(s, statement, 0, show, &out, &why), FAIL);
    if (strstr(why.text, part) == NULL) {
        fail_msg("%s: \"%s\" has no \"%s\"", statement, why.text, part);
    }
    buf_finish(&out);
}

static void event(struct batch *b, uint64_t key, const char *activity, enum life life, when begin,
                  when time)
{
    struct names *n = store_names(s);
    batch_add(b, &(struct event){
                     .key = {0xabc, key},
                     .item = names_item(n, names_sym(n, STR("case")), STR("c'1")),
                     .type = names_sym(n, STR("event")),
                     .activity = names_sym(n, str_of(activity)),
                     .actor = key == 1 ? names_sym(n, STR("p\xff")) : 0,
                     .time = time,
                     .begin = begin,
                     .life = (uint8_t)life,
                     .attrs = key == 1 ? STR("{\"a\":1}") : (str){0},
                 });
}

static int make(void **state)
{
    (void)state;
    struct error why = {0};
    struct appended total = {0};
    FINE(store_open(dump_path("sql.duckdb"), STORE_WRITE, &s, &why));
    struct names *n = store_names(s);
    struct batch *b = batch_new();
    event(b, 1, "order", LIFE_NONE, WHEN_NONE, SECOND);
    event(b, 2, "QA", LIFE_START, WHEN_NONE, 2 * SECOND);
    event(b, 3, "QA", LIFE_COMPLETE, WHEN_NONE, 5 * SECOND);
    event(b, 4, "QA", LIFE_START, WHEN_NONE, 6 * SECOND);
    event(b, 5, "ship", LIFE_COMPLETE, 7 * SECOND, 8 * SECOND);
    batch_link(b, (struct link){b->item[0], names_item(n, names_sym(n, STR("change")), STR("#1")),
                                names_sym(n, STR("part_of")), names_sym(n, STR("trailer")), .75,
                                b->key[0]});
    batch_reject(b, (struct reject){STR("a.csv"), 3, STR("time"), STR("no date"), STR("x,\xe9")});
    FINE(store_append(s, names_sym(n, STR("csv")), b, &total, &why));
    FINE(store_commit(s, &why));
    batch_free(b);
    return 0;
}

static int clean(void **state)
{
    (void)state;
    store_close(s);
    dump_remove_folder();
    return 0;
}

static void views(void **state)
{
    (void)state;
    answers("SELECT * FROM item",
            "id UINTEGER|type VARCHAR|key VARCHAR\n1|case|c'1\n2|change|#1\n");
    answers("SELECT * EXCLUDE (batch, quality) FROM event WHERE seq < 2; -- two",
            "seq UBIGINT|key VARCHAR|source VARCHAR|item_type VARCHAR|item VARCHAR|type VARCHAR|"
            "activity VARCHAR|instance VARCHAR|actor VARCHAR|team VARCHAR|time TIMESTAMP|"
            "begin TIMESTAMP|life VARCHAR|attrs VARCHAR\n"
            "0|0000000000000abc0000000000000001|csv|case|c'1|event|order|NULL|p\\xFF|NULL|"
            "1970-01-01 00:00:01|NULL|none|{\"a\":1}\n"
            "1|0000000000000abc0000000000000002|csv|case|c'1|event|QA|NULL|NULL|NULL|"
            "1970-01-01 00:00:02|NULL|start|NULL\n");
    answers("SELECT activity, epoch(\"begin\")::INT b, epoch(\"end\")::INT e FROM span ORDER BY b",
            "activity VARCHAR|b INTEGER|e INTEGER\norder|1|1\nQA|2|5\nQA|6|NULL\nship|7|8\n");
    answers("FROM link", "from_type VARCHAR|from VARCHAR|to_type VARCHAR|to VARCHAR|kind VARCHAR|"
                         "rule VARCHAR|confidence DOUBLE|evidence VARCHAR\n"
                         "case|c'1|change|#1|part_of|trailer|0.75|"
                         "0000000000000abc0000000000000001\n");
    answers("SELECT * EXCLUDE received FROM reject",
            "batch UBIGINT|source VARCHAR|file VARCHAR|line UBIGINT|column VARCHAR|"
            "reason VARCHAR|raw VARCHAR\n1|csv|a.csv|3|time|no date|x,\\xE9\n");
}

static void values(void **state)
{
    (void)state;
    answers("SELECT 'it''s' a, '' b, NULL c, [1, 2] d, 1.50::DECIMAL(9,2) e, {'x': true} f, 2 a",
            "a VARCHAR|b VARCHAR|c INTEGER|d INTEGER[]|e DECIMAL(9,2)|f STRUCT(x BOOLEAN)|a_1 "
            "INTEGER\nit's||NULL|[1, 2]|1.50|{'x': true}|2\n");
    answers("WITH t AS (SELECT range r FROM range(3)) SELECT r FROM t ORDER BY r DESC",
            "r BIGINT\n2\n1\n0\n");
    answers("SELECT 1 a WHERE false", "a INTEGER\n");
    answers("VALUES (1), (2)", "col0 INTEGER\n1\n2\n");
}

static void nothing_else(void **state)
{
    (void)state;
    refuses("SELECT * FROM read_csv('/etc/passwd')", "");
    refuses("SELECT * FROM '/etc/passwd'", "");
    refuses("SELECT * FROM read_text('/etc/passwd')", "");
    refuses("SELECT * FROM read_blob('/etc/hostname')", "");
    refuses("SELECT * FROM glob('/etc/*')", "");
    refuses("SELECT * FROM sniff_csv('/etc/passwd')", "");
    refuses("SELECT * FROM read_json('/etc/passwd')", "");
    refuses("SELECT * FROM parquet_scan('/etc/passwd')", "");
    refuses("SELECT * FROM query('SELECT * FROM read_csv(''/etc/passwd'')')", "");
    refuses("SELECT * FROM sqlite_scan('/tmp/x', 'y')", "");
    refuses("COPY events TO '/tmp/weir-leak.csv'", "");
    refuses("ATTACH '/tmp/weir-leak.duckdb'", "");
    refuses("INSTALL httpfs", "not a SELECT");
    refuses("LOAD httpfs", "not a SELECT");
    refuses("SET enable_external_access = true", "");
    refuses("PRAGMA database_list", "");
    refuses("DELETE FROM events", "not a SELECT");
    refuses("INSERT INTO meta VALUES ('a', 'b')", "not a SELECT");
    refuses("CREATE TABLE t (a INTEGER)", "not a SELECT");
    refuses("CREATE TEMP TABLE t (a INTEGER)", "not a SELECT");
    refuses("DROP TABLE events", "not a SELECT");
    refuses("EXPLAIN SELECT 1", "not a SELECT");
    refuses("CHECKPOINT", "");
    refuses("COMMIT", "");
    refuses("SELECT 1; SELECT 2", "2 statements");
    refuses("SELECT 1; DROP TABLE events", "2 statements");
    refuses("SELECT 1') ; DROP TABLE events; --", "");
    refuses("SELECT ?", "parameters");
    refuses("", "no statement");
    refuses("  -- nothing", "no statement");
    refuses("SELEC 1", "SELEC");
    refuses("SELECT nosuch FROM event", "nosuch");
    assert_int_not_equal(access("/tmp/weir-leak.csv", F_OK), 0);
    assert_int_not_equal(access("/tmp/weir-leak.duckdb", F_OK), 0);
    answers("SELECT count(*) n FROM event", "n BIGINT\n5\n");
    dump_sound(s);
}

static void in_time(void **state)
{
    (void)state;
    struct error why = {0};
    struct buf out = {0};
    assert_int_equal(store_sql(s, "SELECT count(*) FROM range(10000000000) a, range(100000) b",
                               SECOND / 5, show, &out, &why),
                     FAIL);
    assert_non_null(strstr(why.text, "took longer than 0.2 s"));
    buf_finish(&out);
    answers("SELECT 1 a", "a INTEGER\n1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views),
        cmocka_unit_test(values),
        cmocka_unit_test(nothing_else),
        cmocka_unit_test(in_time),
    };
    return cmocka_run_group_tests(tests, make, clean);
}
