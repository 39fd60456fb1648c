#include "fold/lead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "near.h"

static const when MONDAY = 20458 * DAY; /* 2026-01-05 */

static void add(struct traces *t, lapse begin, lapse end, uint8_t flags)
{
    VEC_ADD(&t->items, (struct trace){.item = (item_id)t->items.n + 1,
                                      .flags = flags,
                                      .begin = MONDAY + begin,
                                      .end = MONDAY + end});
}

static void tells_the_finished_and_the_others_apart(void **state)
{
    (void)state;
    struct traces t = {.log_begin = MONDAY, .log_end = MONDAY + 22 * DAY};
    add(&t, 0, 2 * DAY, 0);
    add(&t, DAY, 5 * DAY, 0);
    add(&t, DAY, 16 * DAY, 0);
    add(&t, 2 * DAY, 22 * DAY, TRACE_OPEN);
    add(&t, 3 * DAY, 22 * DAY, TRACE_OPEN);
    add(&t, 0, 3 * DAY, TRACE_CANCELLED);
    add(&t, 0, 9 * DAY, TRACE_LEFT);
    struct lead_summary s = {0};
    FOLD_LEAD.step(&s, &t);
    struct lead r;
    lead_show(&s, &r);
    assert_int_equal(r.items, 7);
    assert_int_equal(r.finished, 4);
    assert_int_equal(r.open, 2);
    assert_int_equal(r.cancelled, 1);
    assert_int_equal(r.left, 1);
    assert_int_equal(r.lead.n, 3);
    assert_near(r.lead.p50, 4.0 * DAY, 0);
    /* six with a beginning: 2, 3+, 4, 15, 19+, 20+ days; S = 5/6, then 5/6 * 3/4, then * 2/3 */
    assert_true(r.km_known);
    assert_near(r.km_p50, 15.0 * DAY, 0);
    assert_near(r.censored_share, .5, 1e-12);
    assert_int_equal(r.n, 3); /* weeks of the end: the second has none */
    assert_int_equal(r.weeks[0].from, MONDAY);
    assert_int_equal(r.weeks[0].lead.n, 2);
    assert_false(r.weeks[0].partial);
    assert_int_equal(r.weeks[1].lead.n, 0);
    assert_int_equal(r.weeks[2].lead.n, 1);
    assert_false(r.weeks[2].partial);
    lead_finish(&r);
    FOLD_LEAD.finish(&s);
    traces_finish(&t);
}

static void has_no_median_when_most_are_open(void **state)
{
    (void)state;
    struct traces t = {.log_begin = MONDAY, .log_end = MONDAY + 10 * DAY};
    add(&t, 0, DAY, 0);
    for (int i = 0; i < 5; i++) {
        add(&t, 0, 10 * DAY, TRACE_OPEN);
    }
    struct lead_summary s = {0};
    FOLD_LEAD.step(&s, &t);
    struct lead r;
    lead_show(&s, &r);
    assert_false(r.km_known);
    assert_near(r.lead.p50, 1.0 * DAY, 0); /* the flattering figure */
    lead_finish(&r);
    FOLD_LEAD.finish(&s);
    traces_finish(&t);
}

/* Known to have begun long before the log: at risk only from the log's first day on. */
static void lets_old_items_enter_late(void **state)
{
    (void)state;
    struct traces t = {.log_begin = MONDAY, .log_end = MONDAY + 10 * DAY};
    add(&t, -100 * DAY, DAY, 0);
    add(&t, 0, 2 * DAY, 0);
    add(&t, 0, 4 * DAY, 0);
    struct lead_summary s = {0};
    FOLD_LEAD.step(&s, &t);
    struct lead r;
    lead_show(&s, &r);
    assert_near(r.km_p50, 2.0 * DAY, 0); /* of the two seen from the beginning */
    assert_near(r.lead.p50, 4.0 * DAY, 0);
    lead_finish(&r);
    FOLD_LEAD.finish(&s);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_finished_and_the_others_apart),
        cmocka_unit_test(has_no_median_when_most_are_open),
        cmocka_unit_test(lets_old_items_enter_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
