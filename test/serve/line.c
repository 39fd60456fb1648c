#include "serve/line.h"

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void test_question(void **state)
{
    (void)state;
    const char *argv[] = {"items", "", "--where", "a=\xff b"};
    const char *environment[] = {"HOME=/x", "EMPTY=", NULL};
    struct serve_line q = {.version = "1.2",
                           .folder = "/a b",
                           .argv = argv,
                           .argc = 4,
                           .environment = environment,
                           .out = true,
                           .columns = 120,
                           .rows = 40,
                           .standard_in = -1,
                           .standard_out = 5};
    struct buf bytes = {0};
    struct arena a = {0};
    struct serve_line r;
    line_write(&q, &bytes);
    assert_true(line_read(buf_str(&bytes), &a, &r));
    assert_string_equal(r.version, "1.2");
    assert_string_equal(r.folder, "/a b");
    assert_int_equal(r.argc, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_string_equal(r.argv[i], argv[i]);
    }
    assert_string_equal(r.environment[0], "HOME=/x");
    assert_string_equal(r.environment[1], "EMPTY=");
    assert_null(r.environment[2]);
    assert_true(r.out && !r.in && !r.err);
    assert_true(r.columns == 120 && r.rows == 40 && r.standard_in == -1 && r.standard_out == 0);

    for (size_t n = 0; n < bytes.n; n++) { /* what breaks off is refused, or lacks variables only */
        struct arena b = {0};
        if (line_read(str_first(buf_str(&bytes), n), &b, &r)) {
            assert_int_equal(r.argc, 4);
        }
        arena_finish(&b);
    }
    buf_finish(&bytes);
    arena_finish(&a);
}

static void test_hostile(void **state)
{
    (void)state;
    static const str TEXTS[] = {
        STR_INIT(""),
        STR_INIT("\0"),
        STR_INIT("weir-line-2\0v\0/\0"),
        STR_INIT("weir-line-1\0v\0/\0"),
        STR_INIT("weir-line-1\0v\0/\0000\0000\0000\00080\00025\0000\0000\000-1\0"),
        STR_INIT("weir-line-1\0v\0/\0000\0000\0000\00080\00025\0000\0000\00099999999\0"),
        STR_INIT("weir-line-1\0v\0/\0000\0000\0007\00080\00025\0000\0000\0000\0"),
        STR_INIT("weir-line-1\0v\0/\0000\0000\0000\00080\00025\0000\0000\0005\0one\0"),
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        struct arena a = {0};
        struct serve_line r;
        assert_false(line_read(TEXTS[i], &a, &r));
        arena_finish(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_question),
                                       cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
