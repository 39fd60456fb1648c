#include "fold/efficiency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

enum { IDEA = 1, DEV = 2, CHECK = 3 };

static void pools_and_averages(void **state)
{
    (void)state;
    struct traces t = {.log_begin = 0, .log_end = 100 * HOUR};
    struct visit visits[] = {
        /* ten hours as an idea, not part of the flow time; then 2 of 4 hours busy, two people at
         * once for one of them */
        {.activity = IDEA,
         .enabled = 0,
         .start = 0,
         .end = 10 * HOUR,
         .flags = VISIT_STATE,
         .category = CATEGORY_NEW},
        {.activity = DEV, .enabled = 10 * HOUR, .start = 11 * HOUR, .end = 12 * HOUR + HOUR / 2},
        {.activity = CHECK, .enabled = 11 * HOUR, .start = 11 * HOUR + HOUR / 2, .end = 13 * HOUR},
        /* 1 of 16 hours */
        {.activity = DEV, .enabled = 0, .start = 15 * HOUR, .end = 16 * HOUR},
    };
    for (size_t i = 0; i < 4; i++) {
        VEC_ADD(&t.visits, visits[i]);
    }
    VEC_ADD(&t.items, (struct trace){.item = 1, .n = 3, .end = 14 * HOUR});
    VEC_ADD(&t.items, (struct trace){.item = 2, .first = 3, .n = 1, .end = 16 * HOUR});
    VEC_ADD(&t.items,
            (struct trace){.item = 3, .first = 3, .n = 1, .end = 16 * HOUR, .flags = TRACE_OPEN});
    struct efficiency_summary s = {0};
    FOLD_EFFICIENCY.step(&s, &t);
    struct efficiency r = efficiency_show(&s);
    assert_true(r.known);
    assert_int_equal(r.items, 2);
    assert_near(r.flow_time.sum, 20.0 * HOUR, 0);
    assert_near(r.pooled, 3.0 / 20, 1e-12);
    assert_near(r.mean, (2.0 / 4 + 1.0 / 16) / 2, 1e-12);
    assert_near(r.undivided, 0, 0);
    FOLD_EFFICIENCY.finish(&s);
    traces_finish(&t);
}

static void does_not_know_work_from_points(void **state)
{
    (void)state;
    struct traces t = {.log_begin = 0, .log_end = 100 * HOUR};
    VEC_ADD(&t.visits, (struct visit){.activity = DEV,
                                      .enabled = 0,
                                      .start = 5 * HOUR,
                                      .end = 5 * HOUR,
                                      .flags = VISIT_POINT});
    VEC_ADD(&t.items, (struct trace){.item = 1, .n = 1, .end = 5 * HOUR});
    struct efficiency_summary s = {0};
    FOLD_EFFICIENCY.step(&s, &t);
    struct efficiency r = efficiency_show(&s);
    assert_false(r.known);
    assert_int_equal(r.no_work, 1);
    FOLD_EFFICIENCY.finish(&s);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pools_and_averages),
        cmocka_unit_test(does_not_know_work_from_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
