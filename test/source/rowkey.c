#include "source/rowkey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static id128 of(const char *text)
{
    return id128_of(text, strlen(text));
}

static bool equal(id128 a, id128 b)
{
    return a.hi == b.hi && a.lo == b.lo;
}

static void numbers_equal_rows(void **state)
{
    (void)state;
    struct rowkeys first = {0}, again = {0};
    const char *rows[] = {"a", "b", "a", "a", "b"};
    id128 keys[5];
    for (size_t i = 0; i < 5; i++) {
        keys[i] = rowkeys_next(&first, of(rows[i]));
        for (size_t j = 0; j < i; j++) {
            assert_false(equal(keys[i], keys[j]));
        }
    }
    for (size_t i = 0; i < 5; i++) { /* the same file again: the same keys */
        id128 key = rowkeys_next(&again, of(rows[i]));
        assert_true(equal(key, keys[i]));
    }
    rowkeys_finish(&first);
    rowkeys_finish(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_equal_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
