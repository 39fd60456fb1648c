#include "fold/rows.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct rows_shape SHAPE = {
    .keys = 3, .values = 2, .names = 1, .items = 2, .counts = 1};

static void fill(struct rows *r, struct names *names, uint64_t seed, size_t n)
{
    uint64_t at = seed;
    sym type = names_sym(names, STR("case"));
    for (size_t i = 0; i < n; i++) {
        char text[8] = {(char)('a' + rng_below(&at, 7)), 0};
        char key[8] = {(char)('0' + rng_below(&at, 9)), 0};
        int64_t k[3] = {names_sym(names, str_of(text)), names_item(names, type, str_of(key)),
                        (int64_t)rng_below(&at, 5) - 2};
        i128 *sum = rows_at(r, &SHAPE, k);
        sum[0] += 1;
        sum[1] += (i128)rng_below(&at, 1000) << 60;
    }
}

static void adds_to_what_is_there(void **state)
{
    (void)state;
    struct rows r = {0};
    rows_at(&r, &SHAPE, (int64_t[]){1, 2, -3})[0] = 5;
    rows_at(&r, &SHAPE, (int64_t[]){1, 2, -3})[1] += 7;
    rows_at(&r, &SHAPE, (int64_t[]){1, 2, 3})[1] += 9;
    assert_int_equal(r.n, 2);
    const i128 *sum = rows_find(&r, &SHAPE, (int64_t[]){1, 2, -3});
    assert_true(sum[0] == 5 && sum[1] == 7);
    assert_null(rows_find(&r, &SHAPE, (int64_t[]){2, 2, -3}));
    rows_finish(&r);
    assert_null(rows_find(&r, &SHAPE, (int64_t[]){1, 2, -3}));
}

/* Saved bytes do not depend on the numbers of a dictionary, nor on the order of adding. */
static void saves_equal_bytes_for_equal_tables(void **state)
{
    (void)state;
    struct names one;
    struct names two;
    names_init(&one);
    names_init(&two);
    for (char c = 'g'; c >= 'a'; c--) { /* other numbers for the same texts */
        (void)names_sym(&two, (str){&c, 1});
    }
    struct rows left = {0};
    struct rows right = {0};
    struct rows all = {0};
    fill(&left, &one, 1, 300);
    fill(&right, &one, 2, 200);
    fill(&all, &two, 2, 200);
    fill(&all, &two, 1, 300);
    rows_merge(&left, &SHAPE, &right);
    struct buf a = {0};
    struct buf b = {0};
    rows_save(&left, &SHAPE, &one, &a);
    rows_save(&all, &SHAPE, &two, &b);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
    struct rows back = {0};
    struct error why;
    str rest = buf_str(&a);
    assert_int_equal(rows_load(&back, &SHAPE, &two, &rest, &why), OK);
    assert_int_equal(rest.n, 0);
    buf_clear(&b);
    rows_save(&back, &SHAPE, &two, &b);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
    rows_finish(&back);
    rows_finish(&left);
    rows_finish(&right);
    rows_finish(&all);
    buf_finish(&a);
    buf_finish(&b);
    names_finish(&one);
    names_finish(&two);
}

/* Cut, changed or made-up bytes: an error or a table that saves to the very same bytes. */
static void refuses_bytes_that_it_did_not_write(void **state)
{
    (void)state;
    struct names names;
    names_init(&names);
    struct rows r = {0};
    fill(&r, &names, 3, 60);
    struct buf saved = {0};
    rows_save(&r, &SHAPE, &names, &saved);
    uint64_t at = 11;
    size_t refused = 0;
    for (int run = 0; run < 3000; run++) {
        char copy[8192];
        size_t n = saved.n;
        assert_true(n < sizeof copy);
        memcpy(copy, saved.p, n);
        if (run % 2 == 0) {
            n = rng_below(&at, n);
        } else {
            copy[rng_below(&at, n)] ^= (char)(1 << rng_below(&at, 8));
        }
        struct rows back = {0};
        struct error why = {{0}, {0}, {0}};
        str rest = {copy, n};
        if (rows_load(&back, &SHAPE, &names, &rest, &why) != OK) {
            refused++;
            assert_string_not_equal(why.text, "");
            assert_int_equal(back.n, 0);
            continue;
        }
        struct buf again = {0};
        rows_save(&back, &SHAPE, &names, &again);
        assert_int_equal(again.n, n - rest.n);
        assert_memory_equal(again.p, copy, again.n);
        buf_finish(&again);
        rows_finish(&back);
    }
    assert_true(refused > 1500);
    rows_finish(&r);
    buf_finish(&saved);
    names_finish(&names);
}

static void writes_any_number(void **state)
{
    (void)state;
    i128 largest = (i128)(~(u128)0 >> 1);
    i128 values[] = {0, 1, -1, 63, 64, -64, -65, INT64_MAX, INT64_MIN, largest, -largest - 1};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct buf b = {0};
        rows_put(&b, values[i]);
        str rest = buf_str(&b);
        i128 back;
        assert_int_equal(rows_get(&rest, &back, NULL), OK);
        assert_true(back == values[i]);
        assert_int_equal(rest.n, 0);
        buf_finish(&b);
    }
    str longer = STR("\x80\x00"); /* zero, written in two bytes */
    i128 back;
    assert_int_equal(rows_get(&longer, &back, NULL), FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_to_what_is_there),
        cmocka_unit_test(saves_equal_bytes_for_equal_tables),
        cmocka_unit_test(refuses_bytes_that_it_did_not_write),
        cmocka_unit_test(writes_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
