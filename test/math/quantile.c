/* Quantiles of type 7: known values, and agreement with a sort on arrays of every shape. */
#include "math/quantile.h"

#include "base/rng.h"
#include "math/distribution.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define assert_near(found, expected, off) assert_true(fabs((found) - (expected)) <= (off))

/* R: quantile(c(1, 2, 4, 8, 16), c(0, .25, .5, .85, .95, 1)) */
static void known_values(void **state)
{
    (void)state;
    const int64_t values[] = {8, 1, 16, 4, 2};
    const double p[] = {0, 0.25, 0.5, 0.85, 0.95, 1}, expected[] = {1, 2, 4, 11.2, 14.4, 16};
    double found[6];
    quantiles_of(values, 5, p, 6, found);
    for (size_t i = 0; i < 6; i++) {
        assert_near(found[i], expected[i], 1e-12);
    }
    assert_near(quantile_of((const int64_t[]){7}, 1, 0.3), 7, 0);
    assert_near(quantile_of_reals((const double[]){-1.5, 2.5}, 2, 0.5), 0.5, 0);
    assert_near(quantile_of((const int64_t[]){INT64_MIN, INT64_MAX}, 2, 1), 0x1p63, 0);
    assert_near(quantile_of((const int64_t[]){INT64_MIN, INT64_MAX}, 2, 0.5), 0, 1);
}

static int compare_ints(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int compare_reals(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int64_t shaped(unsigned shape, uint64_t random, size_t i, size_t n)
{
    switch (shape) {
    case 0: /* anything */
        return (int64_t)random;
    case 1: /* few values */
        return (int64_t)(random % 3);
    case 2: /* a long tail */
        return (int64_t)(random >> (random % 60));
    case 3: /* in order */
        return (int64_t)i;
    case 4: /* in reverse, negative */
        return -(int64_t)i;
    case 5: /* one far away */
        return i == n / 2 ? INT64_MAX : (int64_t)(random % 1000);
    case 6:
        return i == n / 2 ? INT64_MIN : 1000000 + (int64_t)(random % 1000);
    default: /* all equal */
        return 42;
    }
}

static void agrees_with_sorting(void **state)
{
    (void)state;
    const double p[] = {0, 0.01, 0.5, 0.5, 0.85, 0.95, 0.999, 1};
    enum { P = sizeof p / sizeof *p, MOST = 5000 };
    static int64_t values[MOST], sorted[MOST], before[MOST];
    static double reals[MOST], sorted_reals[MOST];
    const size_t sizes[] = {1, 2, 3, 127, 128, 129, 130, 1000, MOST};
    for (unsigned shape = 0; shape < 8; shape++) {
        for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
            size_t n = sizes[s];
            for (size_t i = 0; i < n; i++) {
                values[i] = shaped(shape, rng_mix(rng_mix(shape, n), i), i, n);
                reals[i] = (double)values[i] / 7;
            }
            memcpy(sorted, values, sizeof sorted);
            memcpy(before, values, sizeof before);
            memcpy(sorted_reals, reals, sizeof reals);
            qsort(sorted, n, sizeof *sorted, compare_ints);
            qsort(sorted_reals, n, sizeof *sorted_reals, compare_reals);
            double found[P];
            quantiles_of(values, n, p, P, found);
            for (size_t i = 0; i < P; i++) {
                assert_true(found[i] == quantile_sorted(sorted, n, p[i]));
            }
            quantiles_of_reals(reals, n, p, P, found);
            for (size_t i = 0; i < P; i++) {
                assert_true(found[i] == quantile_sorted_reals(sorted_reals, n, p[i]));
            }
            assert_memory_equal(values, before, n * sizeof *values);
        }
    }
}

static void many_close_ranks(void **state)
{
    (void)state;
    int64_t values[300];
    double p[QUANTILES_MOST], found[QUANTILES_MOST];
    for (size_t i = 0; i < 300; i++) {
        values[i] = (int64_t)((i * 7919) % 300);
    }
    for (size_t i = 0; i < QUANTILES_MOST; i++) {
        p[i] = 0.5 + (double)i / 3000; /* several share their ranks */
    }
    quantiles_of(values, 300, p, QUANTILES_MOST, found);
    for (size_t i = 0; i < QUANTILES_MOST; i++) {
        assert_near(found[i], 299 * p[i], 1e-9);
    }
}

static void distributions(void **state)
{
    (void)state;
    struct distribution d = distribution_of((const int64_t[]){2, 4, 4, 4, 5, 5, 7, 9}, 8);
    assert_int_equal(d.n, 8);
    assert_near(d.mean, 5, 1e-12);
    assert_near(d.stdev, 2.138089935299395, 1e-12);
    assert_near(d.min, 2, 0);
    assert_near(d.max, 9, 0);
    assert_near(d.sum, 40, 0);
    assert_near(d.p50, 4.5, 1e-12);
    assert_near(d.p85, 6.9, 1e-12);
    assert_near(d.p95, 8.3, 1e-12);
    d = distribution_of((const int64_t[]){INT64_MAX, INT64_MAX, INT64_MAX}, 3);
    assert_near(d.sum, 3 * 0x1p63, 0); /* beyond 64 bits */
    assert_near(d.stdev, 0, 0);
    d = distribution_of(NULL, 0);
    assert_int_equal(d.n, 0);
    assert_near(d.mean, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(agrees_with_sorting),
        cmocka_unit_test(many_close_ranks),
        cmocka_unit_test(distributions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
