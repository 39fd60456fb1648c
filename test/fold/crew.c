#include "fold/crew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

static void shares_a_person_among_open_visits(void **state)
{
    (void)state;
    struct crew_span spans[] = {
        {.actor = 7, .group = 0, .begin = 0, .end = 10},
        {.actor = 7, .group = 0, .begin = 4, .end = 6},
        {.actor = 7, .group = 1, .begin = 20, .end = 30},
        {.actor = 8, .group = 1, .begin = 0, .end = 5},
        {.actor = 8, .group = 1, .begin = 5, .end = 5}, /* no length */
    };
    struct crew_group groups[2];
    crew_measure(NULL, spans, 5, groups, 2);
    double of_group[2] = {0};
    for (size_t i = 0; i < 5; i++) {
        of_group[spans[i].group] += spans[i].share;
    }
    assert_near(of_group[0], 10, 1e-9); /* not 12: one person */
    assert_near(of_group[1], 15, 1e-9);
    assert_int_equal(groups[0].active_n, 1);
    assert_near(groups[0].active_mean, 10, 1e-9);
    assert_int_equal(groups[1].active_n, 2);
    assert_near(groups[1].active_mean, 7.5, 1e-9);
    assert_near(groups[1].busy, 15, 1e-9);
    assert_near(groups[0].shifting, .5, 1e-9); /* 0 … 10 against 20 … 30 */
    assert_near(groups[1].shifting, .5, 1e-9);
}

static void gives_the_instant_to_the_longest_period(void **state)
{
    (void)state;
    struct crew_span spans[] = {
        {.actor = 1, .group = 0, .begin = 0, .end = 4},
        {.actor = 1, .group = 0, .begin = 5, .end = 8},
        {.actor = 2, .group = 1, .begin = 2, .end = 12},
        {.actor = 3, .group = 1, .begin = 2, .end = 3},
    };
    struct crew_group groups[2];
    crew_measure(NULL, spans, 4, groups, 2);
    assert_near(groups[0].shifting, 2.0 / 12, 1e-9);
    assert_near(groups[1].shifting, 10.0 / 12, 1e-9);
    assert_near(groups[1].busy, 10, 1e-9);
    crew_measure(NULL, spans, 0, groups, 2);
    assert_near(groups[1].busy, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_a_person_among_open_visits),
        cmocka_unit_test(gives_the_instant_to_the_longest_period),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
