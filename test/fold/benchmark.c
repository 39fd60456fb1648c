#include "fold/benchmark.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void scores(void **state)
{
    (void)state;
    const double answers[][2] = {{1, 0}, {3.5, 5}, {6, 10}, {0, 0}, {7, 10}};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        assert_true(benchmark_score_answer(answers[i][0]) == answers[i][1]);
    }
    assert_true(benchmark_score_percent(0) == 10);
    assert_true(benchmark_score_percent(50) == 5);
    assert_true(benchmark_score_percent(120) == 0);
    const struct benchmark_answers best = {6, 6, 6, 0, 0}, mixed = {6, 1, 6, 50, 100};
    assert_true(benchmark_score(&best, 2024) == 10 && benchmark_score(&best, 2025) == 10);
    assert_true(benchmark_score(&mixed, 2024) == 6.25); /* 10 0 10 5, rework left out */
    assert_true(benchmark_score(&mixed, 2025) == 5);
}

/* The defaults of the calculator: 50 deployments, 5 %, 4 hours, 100,000 an hour. */
static void downtime(void **state)
{
    (void)state;
    assert_true(fabs(benchmark_downtime(50, .05, 4, 100000) - 1e6) < 1e-6);
}

static void money(void **state)
{
    (void)state;
    const struct benchmark_money m = {
        .staff = 10,
        .salary = 120000,
        .revenue = 1e6,
        .downtime_cost_per_hour = 1000,
        .deployments = 100,
        .fail_rate = .1,
        .recovery_hours = 2,
        .target_deployments = 150,
        .target_fail_rate = .05,
        .features = 20,
        .target_features = 30,
        .success_rate = .5,
        .revenue_impact_per_feature = .01,
        .time_saved = .1,
        .licence = 200,
        .other_cost = 50,
        .training = 1000,
        .infrastructure = 7500,
        .drop = .2,
        .drop_months = 3,
    };
    struct benchmark_return r = benchmark_return_of(&m);
    assert_true(fabs(r.hard_cost - 20000) < 1e-6); /* 1,250 each and 7,500 */
    assert_true(fabs(r.dip - 60000) < 1e-6);       /* a quarter year of a fifth of 1.2 M */
    assert_true(fabs(r.investment - 80000) < 1e-6);
    assert_true(fabs(r.capacity - 120000) < 1e-6);
    assert_true(fabs(r.revenue - 50000) < 1e-6);
    assert_true(fabs(r.downtime_saving - 5000) < 1e-6); /* 20,000 less 15,000 */
    assert_true(fabs(r.value - 175000) < 1e-6);
    assert_true(fabs(r.benefit - 95000) < 1e-6);
    assert_true(fabs(r.roi - 95. / 80) < 1e-9);
    assert_true(fabs(r.payback_years - 80. / 175) < 1e-9);
}

static void reports(void **state)
{
    (void)state;
    assert_null(benchmark_of(2020));
    assert_null(benchmark_of(0));
    int before = 0;
    for (const struct benchmark *b = benchmarks; b->year != 0; b++) {
        assert_true(b->year > before && b->n > 0 && b->n <= 5);
        before = b->year;
        assert_ptr_equal(benchmark_of(b->year), b);
        for (size_t i = 0; i < b->n; i++) {
            assert_non_null(b->levels[i].name);
            assert_non_null(b->levels[i].recovery);
        }
    }
    /* in 2024 the second level fails more often than the third, and it is said */
    const struct benchmark *b = benchmark_of(2024);
    assert_string_equal(b->levels[1].fail_rate, "20 %");
    assert_string_equal(b->levels[2].fail_rate, "10 %");
    assert_non_null(strstr(b->note, "worse"));
    assert_int_equal(benchmark_of(2022)->n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores),
        cmocka_unit_test(downtime),
        cmocka_unit_test(money),
        cmocka_unit_test(reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
