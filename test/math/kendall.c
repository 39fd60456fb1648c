#include "math/kendall.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

static double by_definition(const struct kendall_pair *p, size_t n)
{
    double concordant = 0;
    double discordant = 0;
    double untied_x = 0;
    double untied_y = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i + 1; j < n; j++) {
            int64_t x = (p[i].x > p[j].x) - (p[i].x < p[j].x);
            int64_t y = (p[i].y > p[j].y) - (p[i].y < p[j].y);
            concordant += x * y > 0;
            discordant += x * y < 0;
            untied_x += x != 0;
            untied_y += y != 0;
        }
    }
    double scale = sqrt(untied_x * untied_y);
    return scale > 0 ? (concordant - discordant) / scale : 1;
}

static void agrees_with_the_definition(void **state)
{
    (void)state;
    uint64_t at = 1;
    for (int run = 0; run < 500; run++) {
        struct kendall_pair p[40];
        size_t n = rng_below(&at, 40);
        uint64_t range = 1 + rng_below(&at, 30);
        for (size_t i = 0; i < n; i++) {
            p[i] = (struct kendall_pair){(int64_t)rng_below(&at, range),
                                         (int64_t)rng_below(&at, range)};
        }
        double want = by_definition(p, n);
        assert_near(kendall_tau(p, n), want, 1e-12);
    }
}

static void knows_first_in_first_out(void **state)
{
    (void)state;
    struct kendall_pair same[] = {{3, 30}, {1, 10}, {2, 20}};
    struct kendall_pair reversed[] = {{3, 10}, {1, 30}, {2, 20}};
    assert_near(kendall_tau(same, 3), 1, 0);
    assert_near(kendall_tau(reversed, 3), -1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_definition),
        cmocka_unit_test(knows_first_in_first_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
