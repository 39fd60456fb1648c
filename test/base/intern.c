#include "base/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void numbers_texts_in_order_of_arrival(void **state)
{
    (void)state;
    struct intern t;
    intern_init(&t, "test");
    assert_int_equal(intern_add(&t, STR("")), 0);
    char text[16];
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 1; i < 5000; i++) {
            snprintf(text, sizeof text, "t%u", i);
            assert_int_equal(intern_add(&t, str_of(text)), i);
        }
    }
    assert_int_equal(t.n, 5000);
    assert_true(str_eq(intern_text(&t, 4711), STR("t4711")));
    uint32_t number = 0;
    assert_true(intern_find(&t, STR("t17"), &number) && number == 17);
    assert_false(intern_find(&t, STR("nowhere"), &number));
    assert_int_equal(intern_add(&t, (str){"a\0b", 3}), 5000); /* bytes of any value */
    assert_int_equal(intern_add(&t, STR("a")), 5001);
    intern_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_texts_in_order_of_arrival)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
