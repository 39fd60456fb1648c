#include "fold/wip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fold/network.h"
#include "near.h"

enum { DEV = 1, QA = 2, RELEASE = 3 };
static const when MONDAY = 20458 * DAY;

static void add(struct traces *t, sym stage, lapse begin, lapse end, uint8_t flags)
{
    VEC_ADD(&t->visits, (struct visit){.activity = stage,
                                       .enabled = MONDAY + begin,
                                       .start = MONDAY + begin,
                                       .end = MONDAY + end,
                                       .flags = flags});
}

static void end_item(struct traces *t, size_t first, uint8_t flags)
{
    VEC_ADD(&t->items, (struct trace){.item = (item_id)t->items.n + 1,
                                      .flags = flags,
                                      .first = first,
                                      .n = t->visits.n - first,
                                      .begin = t->visits.v[first].enabled,
                                      .end = t->visits.v[t->visits.n - 1].end});
}

/* One item straight through, one that is sent back from qa to dev and is still there. */
static void a_stream(struct traces *t)
{
    *t = (struct traces){.log_begin = MONDAY, .log_end = MONDAY + 10 * DAY};
    add(t, DEV, 0, 2 * DAY, 0);
    add(t, QA, 2 * DAY, 3 * DAY, 0);
    add(t, RELEASE, 3 * DAY, 8 * DAY, 0);
    end_item(t, 0, 0);
    add(t, DEV, DAY, 4 * DAY, 0);
    add(t, QA, 4 * DAY, 5 * DAY, 0);
    add(t, DEV, 5 * DAY, 10 * DAY, VISIT_OPEN | VISIT_REWORK);
    end_item(t, 3, TRACE_OPEN);
}

static void counts_arrivals_and_departures(void **state)
{
    (void)state;
    struct traces t;
    a_stream(&t);
    struct wip_summary s = {0};
    FOLD_WIP.step(&s, &t);
    struct wip r;
    wip_show(&s, &r);
    assert_near(r.days, 10, 1e-12);
    assert_int_equal(r.all.arrivals, 2);
    assert_int_equal(r.all.departures, 1);
    assert_int_equal(r.all.now, 1);
    assert_near(r.all.wip, 1.7, 1e-12); /* 8 and 9 days of ten */
    assert_true(r.little_known);
    assert_near(r.little_lambda_w, .8, 1e-12); /* one finished in ten days, 8 days */
    assert_near(r.little_residual, .9 / 1.7, 1e-12);
    assert_int_equal(r.n, 3);
    assert_int_equal(r.stages[0].stage, DEV); /* the most there */
    assert_near(r.stages[0].wip, 1.0, 1e-12);
    assert_near(r.stages[0].arrivals_per_day, .3, 1e-12);
    struct wip_series days;
    wip_series(&s, DEV, WIP_DAY, &days);
    static const int64_t AT_BEGIN[] = {0, 1, 2, 1, 1, 0};
    assert_int_equal(days.n, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(days.points[i].at_begin, AT_BEGIN[i]);
        assert_int_equal(days.points[i].from, MONDAY + (when)i * DAY);
        assert_int_equal(days.points[i].cumulative, 0); /* no order told */
    }
    mem_put(days.points);
    struct wip_series weeks;
    wip_series(&s, 0, WIP_WEEK, &weeks);
    assert_int_equal(weeks.n, 2);
    assert_int_equal(weeks.points[1].from, MONDAY + WEEK);
    assert_int_equal(weeks.points[1].at_begin, 2);
    assert_int_equal(weeks.points[1].departures, 1);
    mem_put(weeks.points);
    wip_finish(&r);
    FOLD_WIP.finish(&s);
    traces_finish(&t);
}

static void never_falls_when_items_go_back(void **state)
{
    (void)state;
    const sym order[] = {DEV, QA, RELEASE};
    const struct flow f = {.order = order, .order_n = 3};
    struct traces t;
    a_stream(&t);
    struct wip_summary s = {.flow = &f};
    FOLD_WIP.step(&s, &t);
    static const uint64_t ENDS[] = {2, 2, 1};
    for (size_t k = 0; k < 3; k++) {
        struct wip_series days;
        wip_series(&s, order[k], WIP_DAY, &days);
        uint64_t last = 0;
        for (size_t i = 0; i < days.n; i++) {
            assert_true(days.points[i].cumulative >= last);
            last = days.points[i].cumulative;
        }
        assert_int_equal(last, ENDS[k]); /* the item back in dev has still reached qa once */
        mem_put(days.points);
    }
    FOLD_WIP.finish(&s);
    traces_finish(&t);
}

static void expect_week(const struct wip_diagram *d, size_t i, lapse from, lapse to,
                        uint64_t departures, bool partial)
{
    assert_int_equal(d->rows[i].from, MONDAY + from);
    assert_int_equal(d->rows[i].to, MONDAY + to);
    assert_int_equal(d->rows[i].departures, departures);
    assert_int_equal(d->rows[i].partial, partial);
    assert_int_equal(d->reached[i * 3], 2);
    assert_int_equal(d->reached[i * 3 + 1], 2);
    assert_int_equal(d->reached[i * 3 + 2], 1);
}

static void draws_the_cumulative_flow(void **state)
{
    (void)state;
    const sym order[] = {DEV, QA, RELEASE};
    const struct flow f = {.order = order, .order_n = 3};
    struct traces t;
    a_stream(&t);
    struct wip_summary s = {.flow = &f};
    FOLD_WIP.step(&s, &t);
    struct wip_diagram d;
    wip_diagram(&s, WIP_WEEK, &d);
    assert_int_equal(d.n, 2);
    assert_int_equal(d.stage_n, 3);
    expect_week(&d, 0, 0, WEEK, 0, false);
    expect_week(&d, 1, WEEK, 2 * WEEK, 1, true); /* the log ends on its fourth day */
    assert_int_equal(d.rows[0].arrivals, 2);
    assert_int_equal(d.rows[0].at_begin, 0);
    assert_int_equal(d.rows[1].at_begin, 2);
    wip_diagram_finish(&d);
    wip_diagram(&s, WIP_DAY, &d);
    assert_int_equal(d.n, 11);
    assert_int_equal(d.rows[2].at_begin, 2); /* both have begun by Wednesday */
    assert_int_equal(d.reached[2 * 3 + 1], 1);
    assert_int_equal(d.reached[3 * 3 + 1], 1);
    assert_int_equal(d.reached[4 * 3 + 1], 2); /* qa, on Friday */
    wip_diagram_finish(&d);
    FOLD_WIP.finish(&s);
    traces_finish(&t);
}

/* From Thursday to Tuesday: what happened before counts only for what was there. */
static void looks_through_a_window(void **state)
{
    (void)state;
    const sym order[] = {DEV, QA, RELEASE};
    const struct flow f = {
        .order = order, .order_n = 3, .window = {true, MONDAY + 3 * DAY, MONDAY + 9 * DAY}};
    struct traces t;
    a_stream(&t);
    struct wip_summary s = {.flow = &f};
    FOLD_WIP.step(&s, &t);
    struct wip r;
    wip_show(&s, &r);
    assert_near(r.days, 6, 1e-12);
    assert_int_equal(r.all.arrivals, 0);
    assert_int_equal(r.all.departures, 1);
    assert_int_equal(r.all.now, 1);
    assert_near(r.all.wip, 11. / 6, 1e-12); /* five and six days of six */
    assert_near(r.finished_per_day, 1. / 6, 1e-12);
    assert_near(r.mean_lead, 8. * DAY, 0);
    assert_near(r.little_lambda_w, 8. / 6, 1e-12);
    assert_near(r.little_residual, 3. / 11, 1e-12);
    assert_int_equal(r.stages[0].stage, DEV);
    assert_int_equal(r.stages[0].arrivals, 1);
    assert_int_equal(r.stages[0].departures, 1);
    assert_near(r.stages[0].wip, 5. / 6, 1e-12);
    wip_finish(&r);
    struct wip_diagram d;
    wip_diagram(&s, WIP_WEEK, &d);
    assert_int_equal(d.n, 2);
    expect_week(&d, 0, 3 * DAY, WEEK, 0, true);
    expect_week(&d, 1, WEEK, 9 * DAY, 1, true);
    assert_int_equal(d.rows[0].arrivals, 0);
    assert_int_equal(d.rows[0].at_begin, 2);
    assert_int_equal(d.rows[1].at_begin, 2);
    wip_diagram_finish(&d);
    FOLD_WIP.finish(&s);
    traces_finish(&t);
}

/* In steady state Little's law holds; with arrivals faster than departures the queue's slope is the
 * difference, and the law does not hold. */
static void sees_a_queue_grow(void **state)
{
    (void)state;
    struct net net = {.stage_n = 1,
                      .stages = {{DEV, 0, 1, 0, 0}},
                      .people = {2},
                      .gap = 1,
                      .items = 4000,
                      .seed = 4};
    struct traces t = {0};
    net_run(&net, &t);
    struct wip_summary s = {0};
    FOLD_WIP.step(&s, &t);
    struct wip r;
    wip_show(&s, &r);
    assert_true(r.little_residual < .01);
    assert_true(r.stages[0].slope.low < 0 && r.stages[0].slope.high > 0);
    wip_finish(&r);
    FOLD_WIP.finish(&s);
    net.people[0] = 1; /* a busy hour arrives every 45 minutes: 8 of 32 a day stay */
    net.gap = .75;
    net_run(&net, &t);
    when cut = t.items.v[3000].begin;
    t.log_end = cut;
    size_t kept = 0;
    for (size_t i = 0; i < t.items.n && t.items.v[i].begin < cut; i++, kept++) {
        if (t.items.v[i].end > cut) {
            t.items.v[i].end = t.visits.v[i].end = cut;
            t.visits.v[i].start = t.visits.v[i].start > cut ? cut : t.visits.v[i].start;
            t.items.v[i].flags = TRACE_OPEN;
            t.visits.v[i].flags = VISIT_OPEN;
        }
    }
    t.items.n = t.visits.n = kept;
    s = (struct wip_summary){0};
    FOLD_WIP.step(&s, &t);
    wip_show(&s, &r);
    assert_near(r.stages[0].slope.slope, 8, 2);
    assert_true(r.stages[0].slope.low > 0);
    assert_true(r.little_residual > .1);
    wip_finish(&r);
    FOLD_WIP.finish(&s);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_arrivals_and_departures),
        cmocka_unit_test(never_falls_when_items_go_back),
        cmocka_unit_test(draws_the_cumulative_flow),
        cmocka_unit_test(looks_through_a_window),
        cmocka_unit_test(sees_a_queue_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
