#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void is_a_function_of_its_keys(void **state)
{
    (void)state;
    uint64_t a = rng_mix(rng_mix(0, 1), 2);
    assert_int_equal(a, rng_mix(rng_mix(0, 1), 2));
    assert_int_not_equal(a, rng_mix(rng_mix(0, 2), 1));
}

/* Means and variances of 100,000 draws: each bound is five standard errors wide. */
static void is_uniform(void **state)
{
    (void)state;
    enum { N = 100000, FACES = 6 };
    double sum = 0, squares = 0;
    int faces[FACES] = {0};
    uint64_t order = 42;
    for (uint64_t i = 0; i < N; i++) {
        double u = rng_unit(rng_mix(7, i));
        assert_true(u > 0 && u < 1);
        sum += u;
        squares += u * u;
        faces[rng_below(&order, FACES)]++;
    }
    assert_true(sum / N > .5 - .0046 && sum / N < .5 + .0046);
    assert_true(squares / N > 1 / 3. - .0048 && squares / N < 1 / 3. + .0048);
    for (int f = 0; f < FACES; f++) {
        assert_in_range(faces[f], N / FACES - 590, N / FACES + 590);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_a_function_of_its_keys),
        cmocka_unit_test(is_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
