#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void grows_and_stays_terminated(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_string_equal(buf_cstr(&b), "");
    for (int i = 0; i < 1000; i++) {
        buf_addf(&b, "%d,", i);
    }
    assert_int_equal(b.n, 3890);
    assert_true(str_starts(buf_str(&b), STR("0,1,2,")));
    assert_true(str_ends(buf_str(&b), STR(",999,")));
    buf_clear(&b);
    buf_add(&b, STR("x"));
    buf_putc(&b, 'y');
    assert_string_equal(buf_cstr(&b), "xy");
    buf_finish(&b);
}

static void says_that_it_is_full(void **state)
{
    (void)state;
    struct buf b = {.limit = 4};
    buf_add(&b, STR("abcd"));
    assert_false(b.full);
    buf_putc(&b, 'e');
    assert_true(b.full);
    assert_true(b.n <= 4);
    assert_null(buf_room(&b, 1));
    buf_finish(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_stays_terminated),
        cmocka_unit_test(says_that_it_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
