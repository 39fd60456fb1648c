#include "source/mention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void expect_keys(const char *text, const char *want)
{
    struct buf out = {0};
    mention_keys(str_of(text), &out);
    assert_string_equal(buf_cstr(&out), want);
    buf_finish(&out);
}

static void keys(void **state)
{
    (void)state;
    expect_keys("DRV-17: mend the door (#12)", "DRV-17 #12");
    expect_keys("A2B-1,DRV-017.", "A2B-1 DRV-017");
    expect_keys("D-1 drv-17 xDRV-17 DRV-17x DRV- DRV-x #x # ##3", "#3");
    expect_keys("SHA-256 and UTF-8 look alike", "SHA-256 UTF-8"); /* the engine knows which exist */
    expect_keys("DRV-1234567890123456789", "");
    expect_keys("", "");
    struct buf many = {0}, out = {0};
    for (int i = 0; i < 1000; i++) {
        buf_addf(&many, "K%d-%d ", i, i);
    }
    mention_keys(buf_str(&many), &out);
    size_t spaces = 0;
    for (size_t i = 0; i < out.n; i++) {
        spaces += out.p[i] == ' ';
    }
    assert_int_equal(spaces, MENTIONS - 1);
    buf_finish(&many);
    buf_finish(&out);
}

static void closing(void **state)
{
    (void)state;
    str text = STR("Closes #7, fixes: #8 and resolves   #9; see #10, disclose #11, fix 12, "
                   "close #13x, CLOSED #14, closes #");
    const char *const want[] = {"7", "8", "9", "14"};
    size_t at = 0, n = 0;
    str number;
    while (mention_closing(text, false, &at, &number)) {
        assert_true(n < 4 && str_eq(number, str_of(want[n])));
        n++;
    }
    assert_int_equal(n, 4);
    text = STR("implements #3, fixing #4");
    at = 0;
    assert_false(mention_closing(text, false, &at, &number));
    at = 0;
    assert_true(mention_closing(text, true, &at, &number) && str_eq(number, STR("3")));
    assert_true(mention_closing(text, true, &at, &number) && str_eq(number, STR("4")));
}

static void root_cause(void **state)
{
    (void)state;
    assert_true(str_eq(mention_root_cause(STR("so Root cause:  0a1B2c3, yes")), STR("0a1B2c3")));
    assert_int_equal(mention_root_cause(STR("root cause: 0a1b2c")).n, 0);
    assert_int_equal(mention_root_cause(STR("root cause: 0a1b2c3z")).n, 0);
    assert_int_equal(mention_root_cause(STR("root cause:")).n, 0);
    assert_int_equal(mention_root_cause(STR("root")).n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys),
        cmocka_unit_test(closing),
        cmocka_unit_test(root_cause),
    };
    return cmocka_run_group_tests_name("mention", tests, NULL, NULL);
}
