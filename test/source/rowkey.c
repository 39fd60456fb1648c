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

/* Against a list that is searched from its beginning: rows of few kinds in any order, among them
 * the one whose hash marks a free slot; with room made ahead and without. */
static void agrees_with_a_list(void **state)
{
    (void)state;
    enum { KINDS = 3000, ROWS = 8000 };
    static id128 keys[2][ROWS];
    static uint64_t times[KINDS];
    for (size_t reserved = 0; reserved < 2; reserved++) {
        struct rowkeys k = {0};
        memset(times, 0, sizeof times);
        if (reserved > 0) {
            rowkeys_reserve(&k, 100);
            rowkeys_reserve(&k, 4 * ROWS);
            rowkeys_reserve(&k, 10);
        }
        for (uint64_t row = 0; row < ROWS; row++) {
            uint64_t kind = (row * row * 7919 + row / 3) % KINDS;
            id128 content = kind > 0 ? id128_of(&kind, sizeof kind) : (id128){5, 5};
            struct {
                id128 content;
                uint64_t number;
            } numbered = {content, times[kind]};
            rowkeys_expect(&k, content);
            id128 key = keys[reserved][row] = rowkeys_next(&k, content);
            assert_true(
                equal(key, times[kind]++ == 0 ? content : id128_of(&numbered, sizeof numbered)));
            assert_true(equal(key, keys[0][row]));
        }
        rowkeys_finish(&k);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(numbers_equal_rows),
                                       cmocka_unit_test(agrees_with_a_list)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
