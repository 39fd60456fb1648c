#include "cmd/terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static bool colour(bool tty, const char *choice, const char *a, const char *b, const char *c)
{
    const char *environment[] = {a, b, c, NULL};
    struct terminal t = {.out = tty, .environment = environment};
    return terminal_colour(&t, choice);
}

static void test_colour(void **unused)
{
    (void)unused;
    assert_true(colour(true, NULL, "TERM=xterm", NULL, NULL));
    assert_true(colour(true, "auto", "TERM=xterm", NULL, NULL));
    assert_false(colour(false, NULL, "TERM=xterm", NULL, NULL));
    assert_false(colour(true, NULL, "TERM=dumb", NULL, NULL));
    assert_false(colour(true, NULL, "X=1", NULL, NULL)); /* no TERM */
    assert_false(colour(true, NULL, "TERM=xterm", "NO_COLOR=1", NULL));
    assert_true(colour(true, NULL, "TERM=xterm", "NO_COLOR=", NULL));
    assert_true(colour(false, NULL, "FORCE_COLOR=1", "NO_COLOR=1", NULL));
    assert_false(colour(false, NULL, "FORCE_COLOR=", NULL, NULL));
    assert_true(colour(false, NULL, "CLICOLOR_FORCE=1", NULL, NULL));
    assert_false(colour(false, NULL, "CLICOLOR_FORCE=1", "NO_COLOR=1", NULL));
    assert_true(colour(false, "always", "NO_COLOR=1", NULL, NULL));
    assert_false(colour(true, "never", "FORCE_COLOR=1", "TERM=xterm", NULL));
}

static void test_width(void **unused)
{
    (void)unused;
    const char *wide[] = {"COLUMNS=132", NULL}, *odd[] = {"COLUMNS=-3x", NULL}, *none[] = {NULL};
    assert_int_equal(
        terminal_width(&(struct terminal){.out = true, .columns = 100, .environment = wide}), 100);
    assert_int_equal(terminal_width(&(struct terminal){.out = true, .environment = wide}), 132);
    assert_int_equal(terminal_width(&(struct terminal){.out = true, .environment = odd}), 80);
    assert_int_equal(terminal_width(&(struct terminal){.out = true, .environment = none}), 80);
    assert_int_equal(terminal_width(&(struct terminal){.columns = 100, .environment = wide}), 80);
    assert_int_equal(
        terminal_width(&(struct terminal){.out = true, .columns = 3, .environment = none}), 20);
}

static bool unicode(const char *a, const char *b)
{
    const char *environment[] = {a, b, NULL};
    return terminal_unicode(&(struct terminal){.environment = environment});
}

static void test_unicode(void **unused)
{
    (void)unused;
    assert_true(unicode("LANG=de_DE.UTF-8", NULL));
    assert_true(unicode("LANG=C.utf8", NULL));
    assert_false(unicode("LANG=C", NULL));
    assert_false(unicode(NULL, NULL));
    assert_false(unicode("LANG=de_DE.UTF-8", "LC_ALL=C"));
    assert_true(unicode("LANG=C", "LC_CTYPE=C.UTF-8"));
    assert_true(unicode("LC_ALL=", "LANG=C.UTF-8"));
}

static const char *pager(bool tty, int rows, size_t lines, const char *a, const char *b)
{
    const char *environment[] = {"TERM=xterm", a, b, NULL};
    return terminal_pager(&(struct terminal){.out = tty, .rows = rows, .environment = environment},
                          lines);
}

static void test_pager(void **unused)
{
    (void)unused;
    assert_string_equal(pager(true, 24, 24, NULL, NULL), "less -FRX");
    assert_null(pager(true, 24, 23, NULL, NULL));
    assert_null(pager(false, 24, 999, "PAGER=more", NULL));
    assert_string_equal(pager(true, 24, 99, "PAGER=more", NULL), "more");
    assert_string_equal(pager(true, 24, 99, "WEIR_PAGER=most", "PAGER=more"), "most");
    assert_null(pager(true, 24, 99, "WEIR_PAGER=", "PAGER=more"));
    assert_null(pager(true, 24, 99, "PAGER=cat", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colour),
        cmocka_unit_test(test_width),
        cmocka_unit_test(test_unicode),
        cmocka_unit_test(test_pager),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
