#include "math/bootstrap.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

static void draws_as_many_blocks_as_there_are(void **state)
{
    (void)state;
    uint32_t times[50];
    double sum[50] = {0};
    for (uint64_t draw = 0; draw < 4000; draw++) {
        bootstrap_draw(7, draw, 50, times);
        uint32_t total = 0;
        for (size_t i = 0; i < 50; i++) {
            total += times[i];
            sum[i] += times[i];
        }
        assert_int_equal(total, 50);
    }
    for (size_t i = 0; i < 50; i++) { /* each once a draw: mean 1, error sqrt(1/4000) = .016 */
        assert_near(sum[i] / 4000, 1, .08);
    }
}

static void is_a_function_of_seed_and_draw(void **state)
{
    (void)state;
    uint32_t a[30];
    uint32_t b[30];
    bootstrap_draw(1, 5, 30, a);
    bootstrap_draw(1, 6, 30, b);
    assert_memory_not_equal(a, b, sizeof a);
    bootstrap_draw(1, 5, 30, b);
    assert_memory_equal(a, b, sizeof a);
    bootstrap_draw(2, 5, 30, b);
    assert_memory_not_equal(a, b, sizeof a);
}

/* The interval of a mean of 100 blocks is about the one of the normal distribution. */
static void covers_the_mean(void **state)
{
    (void)state;
    double means[1000];
    for (uint64_t draw = 0; draw < 1000; draw++) {
        uint32_t times[100];
        bootstrap_draw(3, draw, 100, times);
        double sum = 0;
        for (size_t i = 0; i < 100; i++) {
            sum += times[i] * (double)i;
        }
        means[draw] = sum / 100;
    }
    struct bootstrap_interval i = bootstrap_percentiles(means, 1000, .95);
    double error = sqrt((100.0 * 100 - 1) / 12 / 100); /* of a mean of 0 … 99 */
    assert_near(i.low, 49.5 - 1.96 * error, .6);
    assert_near(i.high, 49.5 + 1.96 * error, .6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_as_many_blocks_as_there_are),
        cmocka_unit_test(is_a_function_of_seed_and_draw),
        cmocka_unit_test(covers_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
