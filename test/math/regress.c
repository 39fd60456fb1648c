#include "math/regress.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

static void gives_the_textbook_line(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5};
    const double y[] = {2.1, 3.9, 6.2, 7.8, 10.1};
    struct regress r = regress_line(x, y, 5, 0, .95);
    assert_true(r.known);
    assert_near(r.slope, 1.99, 1e-12);
    assert_near(r.intercept, 0.05, 1e-12);
    /* error of the slope .059722 = sqrt(.107 / 3 / 10), t = 3.182446 with 3 degrees */
    assert_near(r.high - r.slope, 3.182446305 * 0.0597215762, 1e-8);
    assert_near(r.slope - r.low, r.high - r.slope, 1e-12);
}

static void knows_nothing_of_two_points_or_one_x(void **state)
{
    (void)state;
    const double x[] = {1, 2, 2};
    const double y[] = {1, 5, 9};
    assert_false(regress_line(x, y, 2, 0, .95).known);
    assert_false(regress_line(x + 1, y, 2, 0, .95).known);
    const double same[] = {3, 3, 3};
    assert_false(regress_line(same, y, 3, 0, .95).known);
}

/* A stationary series whose neighbours hang together (autoregressive, .8): a true slope of 0 must
 * lie inside far more often with lags than without. */
static void lags_allow_for_neighbours(void **state)
{
    (void)state;
    enum { N = 300, RUNS = 200 };
    double x[N];
    double y[N];
    int covered = 0;
    int covered_plain = 0;
    for (int run = 0; run < RUNS; run++) {
        double level = 0;
        for (int i = 0; i < N; i++) {
            uint64_t key = rng_mix(rng_mix(0, (uint64_t)run), (uint64_t)i);
            level = .8 * level + rng_unit(key) - .5;
            x[i] = i;
            y[i] = level;
        }
        struct regress r = regress_line(x, y, N, 12, .95);
        struct regress plain = regress_line(x, y, N, 0, .95);
        covered += r.low <= 0 && r.high >= 0;
        covered_plain += plain.low <= 0 && plain.high >= 0;
    }
    assert_true(covered_plain < RUNS * 60 / 100);
    assert_true(covered > RUNS * 78 / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_textbook_line),
        cmocka_unit_test(knows_nothing_of_two_points_or_one_x),
        cmocka_unit_test(lags_allow_for_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
