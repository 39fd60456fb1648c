#include "cmd/message.h"

#include "cmd/meter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(struct buf *got, const char *wanted)
{
    assert_string_equal(buf_cstr(got), wanted);
    buf_clear(got);
}

static void test_text(void **unused)
{
    (void)unused;
    static const char *const cases[][2] = {
        {"plain", "plain"},
        {"two\nlines", "two\n  lines"},
        {"esc \x1b[2J", "esc \\u001b[2J"},
        {"at https://me:secret@host/path?token=x&y failed", "at https://me@host/path failed"},
        {"https://ghp_0123456789abcdef@host/x", "https://ghp_0123…@host/x"},
        {"https://me:p@ss@host/x", "https://me@host/x"},
        {"\"postgres://u:p?q@host\" and clickhouse://h?password=1",
         "\"postgres://u@host\" and clickhouse://h"},
        {"why? a://b", "why? a://b"},
        {"ends a://", "ends a://"},
        {"a://?x", "a://"},
    };
    struct buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        message_text(&out, str_of(cases[i][0]));
        assert_text(&out, cases[i][1]);
    }
    buf_finish(&out);
}

static void test_error(void **unused)
{
    (void)unused;
    struct buf out = {0};
    struct error why = {0};
    error_set(&why, "3 of 10 rows rejected\nline 8: no date");
    error_hint(&why, "Mend the rows");
    error_id(&why, "E2103");
    message_error(&out, "import", &why);
    assert_text(&out, "weir: import: 3 of 10 rows rejected\n  line 8: no date\n"
                      "  Mend the rows          [E2103]\n");
    json_t *doc = message_document(&why);
    assert_string_equal(json_string_value(json_object_get(doc, "schema")), "weir.error/1");
    assert_string_equal(json_string_value(json_object_get(doc, "id")), "E2103");
    assert_string_equal(json_string_value(json_object_get(doc, "hint")), "Mend the rows");
    json_decref(doc);
    error_set(&why, "no");
    message_error(&out, NULL, &why);
    assert_text(&out, "weir: no\n");
    buf_finish(&out);
}

static void test_meter(void **unused)
{
    (void)unused;
    struct buf out = {0};
    struct progress p = {.what = "import git", .unit = "commits", .done = 61204, .total = 88310};
    meter_line(&p, 4.935, &out);
    assert_text(&out, "import git: 61,204/88,310 commits  69 %  12.4k/s  ETA 2 s");
    p.total = 0;
    meter_line(&p, 61204 / 12.0, &out);
    assert_text(&out, "import git: 61,204 commits  12/s");
    p.total = 100000000;
    meter_line(&p, 10000, &out);
    assert_text(&out, "import git: 61,204/100,000,000 commits  0 %  6.1/s  ETA 4536 h");
    p.done = 0;
    meter_line(&p, 0, &out);
    assert_text(&out, "import git: 0/100,000,000 commits  0 %");
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_meter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
