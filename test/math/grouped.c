#include "math/grouped.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "near.h"

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* The same figures as from the sample written out in full. */
static void agrees_with_the_sample_in_full(void **state)
{
    (void)state;
    uint64_t at = 5;
    for (int run = 0; run < 200; run++) {
        int64_t all[256];
        size_t n = 0;
        struct grouped g[12];
        size_t k = 1 + rng_below(&at, 12);
        for (size_t i = 0; i < k; i++) {
            g[i] = (struct grouped){(int64_t)rng_below(&at, 9) - 2, 1 + rng_below(&at, 20)};
            for (uint64_t c = 0; c < g[i].count; c++) {
                all[n++] = g[i].value;
            }
        }
        qsort(all, n, sizeof *all, by_value);
        k = grouped_sort(g, k);
        for (size_t i = 1; i < k; i++) {
            assert_true(g[i - 1].value < g[i].value);
        }
        double sum = 0;
        for (size_t i = 0; i < n; i++) {
            sum += (double)all[i];
        }
        double squares = 0;
        for (size_t i = 0; i < n; i++) {
            squares += ((double)all[i] - sum / (double)n) * ((double)all[i] - sum / (double)n);
        }
        assert_int_equal(grouped_count(g, k), n);
        assert_near(grouped_sum(g, k), sum, 1e-9);
        assert_near(grouped_stdev(g, k), n < 2 ? 0 : sqrt(squares / (double)(n - 1)), 1e-9);
        for (double p = 0; p <= 1; p += .05) {
            double h = (double)(n - 1) * p;
            size_t low = (size_t)h;
            size_t high = low + 1 < n ? low + 1 : low;
            double want = (double)all[low] + (h - (double)low) * (double)(all[high] - all[low]);
            assert_near(grouped_quantile(g, k, p), want, 1e-9);
        }
    }
}

static void finds_where_the_mass_is(void **state)
{
    (void)state;
    struct grouped g[] = {{-5, 9}, {0, 50}, {100, 3}, {104, 4}, {200, 5}, {260, 1}};
    int64_t mode = 0;
    assert_near(grouped_mode(g, 6, .05, &mode), 7.0 / 72, 1e-12);
    assert_in_range((uint64_t)mode, 100, 104);
    assert_near(grouped_mode(g, 2, .05, &mode), 0, 0); /* nothing above zero */
    assert_int_equal(mode, 0);
}

static void is_quiet_about_nothing(void **state)
{
    (void)state;
    assert_int_equal(grouped_sort(NULL, 0), 0);
    assert_near(grouped_quantile(NULL, 0, .5), 0, 0);
    assert_near(grouped_mean(NULL, 0), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_sample_in_full),
        cmocka_unit_test(finds_where_the_mass_is),
        cmocka_unit_test(is_quiet_about_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
