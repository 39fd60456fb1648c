/* The histogram keeps its promise of error on values of every size, merges like addition, and
 * survives any bytes. */
#include "math/hist.h"

#include "base/rng.h"
#include "math/quantile.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(found, expected, off) assert_true(fabs((found) - (expected)) <= (off))

static str saved(const struct hist *h, struct buf *room)
{
    buf_clear(room);
    hist_save(h, room);
    return buf_str(room);
}

static int64_t random_duration(uint64_t key) /* 1 µs … 60 years, any octave alike; some negative */
{
    uint64_t random = rng_mix(11, key);
    int64_t value = (int64_t)(random >> 13 >> (random % 51));
    return key % 17 == 0 ? -value : value;
}

static void error_is_bounded(void **state)
{
    (void)state;
    enum { N = 20000 };
    static int64_t values[N];
    struct hist h = {0};
    for (size_t i = 0; i < N; i++) {
        values[i] = random_duration(i);
        hist_add(&h, values[i]);
    }
    struct distribution exact = distribution_of(values, N), found = hist_distribution(&h);
    assert_int_equal(found.n, exact.n);
    assert_near(found.mean, exact.mean, 0);
    assert_near(found.sum, exact.sum, 0);
    assert_near(found.min, exact.min, 0);
    assert_near(found.max, exact.max, 0);
    for (double p = 0; p <= 1; p += 1. / 512) {
        double right = quantile_of(values, N, p);
        assert_true(fabs(hist_quantile(&h, p) - right) <= HIST_ERROR * fabs(right));
    }
    /* every single value, at the edges of buckets too */
    for (unsigned octave = 0; octave < 63; octave++) {
        for (int64_t near = -2; near <= 2; near++) {
            struct hist one = {0};
            int64_t value = (int64_t)(UINT64_C(1) << octave) + near;
            hist_add(&one, value);
            one.min = INT64_MIN; /* so that only the bucket speaks */
            one.max = INT64_MAX;
            assert_true(fabs(hist_quantile(&one, 0.5) - (double)value) <=
                        HIST_ERROR * fabs((double)value));
            hist_finish(&one);
        }
    }
    hist_finish(&h);
}

static void extremes(void **state)
{
    (void)state;
    struct hist h = {0};
    hist_add_times(&h, INT64_MIN, 2);
    hist_add_times(&h, INT64_MAX, 3);
    hist_add_times(&h, 0, 0);
    hist_add(&h, 0);
    assert_int_equal(h.n, 6);
    assert_near(hist_quantile(&h, 0), -0x1p63, 0x1p56);
    assert_near(hist_quantile(&h, 0.4), 0, 0);
    assert_near(hist_quantile(&h, 1), 0x1p63, 0x1p56);
    hist_finish(&h);
    assert_int_equal(hist_distribution(&h).n, 0);
}

static void merging_is_adding(void **state)
{
    (void)state;
    struct hist whole = {0}, left = {0}, right = {0}, empty = {0};
    struct buf a = {0}, b = {0};
    for (size_t i = 0; i < 500; i++) {
        hist_add(&whole, random_duration(i));
        hist_add(i < 133 ? &left : &right, random_duration(i));
    }
    hist_merge(&left, &empty);
    hist_merge(&left, &right);
    assert_true(str_eq(saved(&whole, &a), saved(&left, &b)));
    hist_merge(&empty, &whole);
    assert_true(str_eq(saved(&empty, &b), saved(&whole, &a)));
    struct hist loaded = {0};
    assert_true(hist_load(&loaded, &(struct unpack){.rest = buf_str(&a)}));
    assert_true(str_eq(saved(&loaded, &b), buf_str(&a)));
    hist_finish(&loaded);
    hist_finish(&whole);
    hist_finish(&left);
    hist_finish(&right);
    hist_finish(&empty);
    buf_finish(&a);
    buf_finish(&b);
}

static void hostile_bytes(void **state)
{
    (void)state;
    struct hist h = {0};
    struct buf bytes = {0};
    for (size_t i = 0; i < 40; i++) {
        hist_add(&h, random_duration(i));
    }
    hist_save(&h, &bytes);
    for (size_t cut = 0; cut < bytes.n; cut++) { /* every beginning is refused */
        struct hist loaded = {0};
        assert_false(hist_load(&loaded, &(struct unpack){.rest = str_first(buf_str(&bytes), cut)}));
        assert_null(loaded.counts);
    }
    for (uint64_t i = 0; i < 3000; i++) { /* what is accepted saves to the bytes it came from */
        struct buf mutated = {0}, again = {0};
        uint64_t dice = i;
        buf_add(&mutated, buf_str(&bytes));
        for (uint64_t n = 1 + i % 3; n > 0; n--) {
            mutated.p[rng_below(&dice, mutated.n)] = (char)rng_below(&dice, 256);
        }
        struct hist loaded = {0};
        struct unpack from = {.rest = buf_str(&mutated)};
        if (hist_load(&loaded, &from)) {
            hist_save(&loaded, &again);
            assert_true(
                str_eq(str_first(buf_str(&mutated), mutated.n - from.rest.n), buf_str(&again)));
            hist_distribution(&loaded);
            hist_merge(&loaded, &h);
        }
        hist_finish(&loaded);
        buf_finish(&mutated);
        buf_finish(&again);
    }
    hist_finish(&h);
    buf_finish(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(error_is_bounded),
        cmocka_unit_test(extremes),
        cmocka_unit_test(merging_is_adding),
        cmocka_unit_test(hostile_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
