#include "fold/age.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

enum { DEV = 1, QA = 2 };

static void ranks_open_items_among_the_finished(void **state)
{
    (void)state;
    struct traces t = {.log_begin = 0, .log_end = 100 * DAY};
    for (int i = 1; i <= 10; i++) { /* finished after 1 … 10 days */
        VEC_ADD(&t.items, (struct trace){.item = (item_id)i, .end = i * DAY});
    }
    VEC_ADD(
        &t.visits,
        (struct visit){.activity = DEV, .enabled = 92 * DAY, .start = 92 * DAY, .end = 96 * DAY});
    VEC_ADD(&t.visits, (struct visit){.activity = QA,
                                      .enabled = 96 * DAY,
                                      .start = 97 * DAY,
                                      .end = 100 * DAY,
                                      .flags = VISIT_OPEN});
    VEC_ADD(&t.items,
            (struct trace){
                .item = 11, .flags = TRACE_OPEN, .n = 2, .begin = 92 * DAY, .end = 100 * DAY});
    VEC_ADD(&t.items, (struct trace){.item = 12,
                                     .flags = TRACE_OPEN | TRACE_LEFT,
                                     .first = 2,
                                     .begin = 0,
                                     .end = 100 * DAY});
    VEC_ADD(&t.items, (struct trace){.item = 13, .flags = TRACE_CANCELLED, .end = 5 * DAY});
    struct age_summary s = {0};
    FOLD_AGE.step(&s, &t);
    struct age r;
    age_show(&s, &r);
    assert_int_equal(r.finished.n, 10);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.items[0].item, 12); /* the oldest first */
    assert_true(r.items[0].left);
    assert_near(r.items[0].percentile, 1, 0);
    assert_int_equal(r.items[0].stage, 0);
    assert_int_equal(r.items[1].item, 11);
    assert_int_equal(r.items[1].stage, QA);
    assert_int_equal(r.items[1].since, 96 * DAY);
    assert_near(r.items[1].age, 8.0 * DAY, 0);
    assert_near(r.items[1].percentile, .8, 1e-12);
    assert_near(age_share(&r, DAY - 1), 0, 0);
    assert_near(age_share(&r, DAY), .1, 1e-12); /* as long as the shortest */
    assert_near(age_share(&r, 10 * DAY), 1, 0);
    age_finish(&r);
    FOLD_AGE.finish(&s);
    traces_finish(&t);
}

static void nothing_finished_is_no_percentile(void **state)
{
    (void)state;
    struct traces t = {.log_begin = 0, .log_end = DAY};
    VEC_ADD(&t.items, (struct trace){.item = 1, .flags = TRACE_OPEN, .end = DAY});
    struct age_summary s = {0};
    FOLD_AGE.step(&s, &t);
    struct age r;
    age_show(&s, &r);
    assert_int_equal(r.n, 1);
    assert_true(isnan(r.items[0].percentile));
    age_finish(&r);
    FOLD_AGE.finish(&s);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ranks_open_items_among_the_finished),
                                       cmocka_unit_test(nothing_finished_is_no_percentile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
