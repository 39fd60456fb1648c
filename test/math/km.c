#include "math/km.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

/* Remission times of 21 patients, weeks (E. J. Freireich and others, Blood 21 (1963)), the usual
 * teaching example; the curve is that of the textbooks. */
static void gives_the_published_curve(void **state)
{
    (void)state;
    struct km_case cases[] = {
        {0, 6, 3, true},   {0, 6, 1, false},  {0, 7, 1, true},  {0, 9, 1, false}, {0, 10, 1, true},
        {0, 10, 1, false}, {0, 11, 1, false}, {0, 13, 1, true}, {0, 16, 1, true}, {0, 17, 1, false},
        {0, 19, 1, false}, {0, 20, 1, false}, {0, 22, 1, true}, {0, 23, 1, true}, {0, 25, 1, false},
        {0, 32, 2, false}, {0, 34, 1, false}, {0, 35, 1, false}};
    size_t n = sizeof cases / sizeof *cases;
    assert_near(km_survival(cases, n, 5), 1, 1e-12);
    assert_near(km_survival(cases, n, 6), 0.857143, 1e-6);
    assert_near(km_survival(cases, n, 7), 0.806723, 1e-6);
    assert_near(km_survival(cases, n, 10), 0.752941, 1e-6);
    assert_near(km_survival(cases, n, 13), 0.690196, 1e-6);
    assert_near(km_survival(cases, n, 16), 0.627451, 1e-6);
    assert_near(km_survival(cases, n, 22), 0.537815, 1e-6);
    assert_near(km_survival(cases, n, 40), 0.448179, 1e-6);
    int64_t median = 0;
    assert_true(km_quantile(cases, n, .5, &median));
    assert_int_equal(median, 23);
    assert_false(km_quantile(cases, n, .9, &median)); /* the curve ends above .1 */
    assert_int_equal(median, 23);
}

static void is_the_median_when_all_are_done(void **state)
{
    (void)state;
    struct km_case cases[] = {{0, 30, 1, true}, {0, 10, 1, true}, {0, 20, 1, true}};
    int64_t median = 0;
    assert_true(km_quantile(cases, 3, .5, &median));
    assert_int_equal(median, 20);
    assert_false(km_quantile(cases, 0, .5, &median));
}

/* Who enters late is not at risk before: without that the first two would be done among four. */
static void counts_late_entries_from_their_entry_on(void **state)
{
    (void)state;
    struct km_case cases[] = {
        {0, 2, 1, true}, {0, 4, 1, true}, {3, 5, 1, true}, {3, 9, 1, false}, {7, 7, 1, true}};
    assert_near(km_survival(cases, 5, 2), .5, 1e-12);
    assert_near(km_survival(cases, 5, 4), .5 * 2 / 3, 1e-12);
    assert_near(km_survival(cases, 5, 8), .5 * 2 / 3 * .5, 1e-12); /* 7 = 7: never at risk */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_curve),
        cmocka_unit_test(is_the_median_when_all_are_done),
        cmocka_unit_test(counts_late_entries_from_their_entry_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
