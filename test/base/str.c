#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void compares_and_cuts(void **state)
{
    (void)state;
    assert_true(str_eq(STR("ab"), str_of("ab")));
    assert_false(str_eq(STR("ab"), STR("aB")));
    assert_true(str_eq_case(STR("aB"), STR("Ab")));
    assert_true(str_eq((str){0}, STR("")));
    assert_true(str_cmp(STR("a"), STR("ab")) < 0);
    assert_true(str_cmp(STR("b"), STR("ab")) > 0);
    assert_int_equal(str_cmp(STR("ab"), STR("ab")), 0);
    assert_true(str_starts(STR("weir"), STR("we")) && str_ends(STR("weir"), STR("ir")));
    assert_false(str_starts(STR("w"), STR("we")) || str_ends(STR("r"), STR("ir")));
    assert_true(str_eq(str_trim(STR(" \t x y\r\n")), STR("x y")));
    assert_true(str_eq(str_from(STR("abc"), 9), STR("")));
    assert_true(str_eq(str_first(STR("abc"), 2), STR("ab")));
    assert_int_equal(str_find(STR("hello"), STR("ll")), 2);
    assert_int_equal(str_find(STR("hello"), STR("xx")), 5);
    assert_int_equal(str_find_char(STR("hello"), 'o'), 4);
}

static void cuts_at_every_separator_once(void **state)
{
    (void)state;
    const char *const wanted[] = {"a", "", "b", ""};
    str rest = STR("a,,b,"), part;
    size_t n = 0;
    while (str_cut(&rest, ',', &part)) {
        assert_true(n < 4);
        assert_true(str_eq(part, str_of(wanted[n++])));
    }
    assert_int_equal(n, 4);
}

static void reads_numbers_or_refuses(void **state)
{
    (void)state;
    int64_t i = 0;
    assert_true(str_to_i64(STR("-9223372036854775808"), &i) && i == INT64_MIN);
    assert_true(str_to_i64(STR("9223372036854775807"), &i) && i == INT64_MAX);
    const char *const bad[] = {"", "-", "+", "9223372036854775808", "1 ", " 1", "1x", "0x1", "1e3"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
        assert_false(str_to_i64(str_of(bad[k]), &i));
    }
    double x = 0;
    assert_true(str_to_f64(STR("1.5e3"), &x) && x == 1500.0);
    assert_false(str_to_f64(STR("nan"), &x) || str_to_f64(STR("inf"), &x) ||
                 str_to_f64(STR("1e999"), &x) || str_to_f64(STR("1,5"), &x) ||
                 str_to_f64(STR(""), &x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares_and_cuts),
        cmocka_unit_test(cuts_at_every_separator_once),
        cmocka_unit_test(reads_numbers_or_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
