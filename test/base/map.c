#include "base/map.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 20000 };

static void finds_what_was_added(void **state)
{
    (void)state;
    struct map m = {0};
    assert_null(map_find(&m, 0));
    for (uint64_t i = 0; i < MANY; i++) {
        bool fresh = false;
        *map_add(&m, i << 40, &fresh) = i; /* keys that differ only in their high bits */
        assert_true(fresh);
    }
    assert_int_equal(m.n, MANY);
    uint64_t sum = 0, key = 0, value = 0;
    for (size_t at = 0; map_next(&m, &at, &key, &value);) {
        assert_int_equal(key, value << 40);
        sum += value;
    }
    assert_int_equal(sum, (uint64_t)MANY * (MANY - 1) / 2);
    bool fresh = true;
    assert_int_equal(*map_add(&m, 5ull << 40, &fresh), 5);
    assert_false(fresh);
    assert_null(map_find(&m, 1));
    map_finish(&m);
}

static void knows_the_zero_key_too(void **state)
{
    (void)state;
    struct set128 s = {0};
    assert_false(set128_has(&s, (id128){0, 0}));
    assert_true(set128_add(&s, (id128){0, 0}));
    assert_false(set128_add(&s, (id128){0, 0}));
    for (uint64_t i = 1; i < MANY; i++) {
        assert_true(set128_add(&s, (id128){i, 0}));
        assert_false(set128_add(&s, (id128){i, 0}));
    }
    assert_true(set128_has(&s, (id128){0, 0}) && set128_has(&s, (id128){MANY - 1, 0}));
    assert_false(set128_has(&s, (id128){0, 1}));
    set128_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_added),
        cmocka_unit_test(knows_the_zero_key_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
