#include "fold/stagetime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fold/network.h"
#include "near.h"

enum { DEV = 1, QA = 2 };

static const struct stagetime_stage *stage_of(const struct stagetime *r, sym stage)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->stages[i].stage == stage) {
            return &r->stages[i];
        }
    }
    return NULL;
}

/* Two items; the second goes back to dev. Hours: dev 1+2, qa wait 3 work 1, … */
static void two_items(struct traces *t)
{
    struct visit visits[] = {
        {.item = 1, .activity = DEV, .enabled = 0, .start = 1 * HOUR, .end = 3 * HOUR},
        {.item = 1, .activity = QA, .enabled = 3 * HOUR, .start = 6 * HOUR, .end = 7 * HOUR},
        {.item = 2, .activity = DEV, .enabled = 0, .start = 0, .end = 4 * HOUR},
        {.item = 2,
         .activity = DEV,
         .enabled = 6 * HOUR,
         .start = 6 * HOUR,
         .end = 8 * HOUR,
         .flags = VISIT_REWORK | VISIT_OPEN},
    };
    for (size_t i = 0; i < 4; i++) {
        VEC_ADD(&t->visits, visits[i]);
    }
    VEC_ADD(&t->items, (struct trace){.item = 1, .n = 2, .end = 7 * HOUR});
    VEC_ADD(&t->items,
            (struct trace){.item = 2, .first = 2, .n = 2, .end = 8 * HOUR, .flags = TRACE_OPEN});
}

static void tells_where_the_time_goes(void **state)
{
    (void)state;
    struct traces t = {.log_begin = 0, .log_end = 8 * HOUR};
    two_items(&t);
    struct stagetime_summary s = {0};
    FOLD_STAGETIME.step(&s, &t);
    struct stagetime r;
    stagetime_show(&s, &r);
    assert_int_equal(r.items, 2);
    assert_near(r.lead, 15.0 * HOUR, 0);
    const struct stagetime_stage *dev = stage_of(&r, DEV);
    assert_int_equal(dev->visits, 3);
    assert_int_equal(dev->open, 1);
    assert_int_equal(dev->rework, 1);
    assert_int_equal(dev->sojourn.n, 2); /* the open one is no sample */
    assert_near(dev->sojourn.mean, 3.5 * HOUR, 0);
    assert_near(dev->wait.sum, 1.0 * HOUR, 0);
    assert_near(dev->work.p50, 3.0 * HOUR, 0);
    assert_near(dev->time[CLASS_WORK], 8.0 * HOUR, 0); /* but the open one's time counts */
    assert_true(dev->divided);
    const struct stagetime_stage *qa = stage_of(&r, QA);
    assert_near(qa->share_of_lead, 4.0 / 15, 1e-12);
    assert_near(qa->wait_share, 3.0 / 6, 1e-12); /* dev 1, qa 3, between 2 */
    assert_near(stage_of(&r, 0)->time[CLASS_BETWEEN], 2.0 * HOUR, 0);
    assert_int_equal(r.stages[0].stage, DEV); /* largest first */
    stagetime_finish(&r);
    FOLD_STAGETIME.finish(&s);
    traces_finish(&t);
}

static lapse even_hours(const void *calendar, when from, when to) /* open in hours 0, 2, 4, … */
{
    (void)calendar;
    lapse open = 0;
    for (when h = clock_floor(from, 2 * HOUR); h < to; h += 2 * HOUR) {
        when begin = h > from ? h : from;
        when end = h + HOUR < to ? h + HOUR : to;
        open += end > begin ? end - begin : 0;
    }
    return open;
}

/* The stage times sum to the lead times on a working clock too. */
static void sums_on_both_clocks(void **state)
{
    (void)state;
    const struct flow working = {.open = even_hours};
    for (uint64_t seed = 0; seed < 30; seed++) {
        for (int clock = 0; clock < 2; clock++) {
            struct traces t = {0};
            nonsense(seed, 40, &t);
            struct stagetime_summary s = {.flow = clock == 0 ? NULL : &working};
            FOLD_STAGETIME.step(&s, &t);
            struct stagetime r;
            stagetime_show(&s, &r);
            double sum = 0;
            double lead = 0;
            for (size_t i = 0; i < r.n; i++) {
                for (int c = 0; c < CLASS_COUNT; c++) {
                    sum += r.stages[i].time[c];
                }
            }
            for (size_t i = 0; i < t.items.n; i++) {
                lead += (double)flow_lapse(s.flow, t.items.v[i].begin, t.items.v[i].end);
            }
            assert_near(r.lead, lead, 0); /* whole microseconds below 2^53: exact */
            assert_near(sum, lead, 0);
            stagetime_finish(&r);
            FOLD_STAGETIME.finish(&s);
            traces_finish(&t);
        }
    }
}

/* The parts of a stage: one stamp may be waiting or work; a stay in an active status, too, unless
 * its stage tells of waiting elsewhere. */
static void parts_are_told_or_not(void **state)
{
    (void)state;
    enum { POINT = 1, STATE, QUEUE, GATE };
    struct visit visits[] = {
        {.item = 1,
         .activity = POINT,
         .enabled = 0,
         .start = 2 * HOUR,
         .end = 2 * HOUR,
         .category = CATEGORY_ACTIVE,
         .flags = VISIT_POINT},
        {.item = 1,
         .activity = STATE,
         .enabled = 2 * HOUR,
         .start = 2 * HOUR,
         .end = 5 * HOUR,
         .category = CATEGORY_ACTIVE,
         .flags = VISIT_STATE},
        {.item = 1,
         .activity = QUEUE,
         .enabled = 5 * HOUR,
         .start = 5 * HOUR,
         .end = 9 * HOUR,
         .category = CATEGORY_ACTIVE,
         .flags = VISIT_STATE,
         .suspended = HOUR},
        {.item = 1,
         .activity = GATE,
         .enabled = 9 * HOUR,
         .start = 9 * HOUR,
         .end = 14 * HOUR,
         .category = CATEGORY_GATE,
         .flags = VISIT_STATE},
        {.item = 2,
         .activity = QUEUE,
         .enabled = 0,
         .start = 0,
         .end = 2 * HOUR,
         .category = CATEGORY_ACTIVE,
         .flags = VISIT_STATE},
    };
    struct traces t = {.log_begin = 0, .log_end = 14 * HOUR};
    for (size_t i = 0; i < sizeof visits / sizeof *visits; i++) {
        VEC_ADD(&t.visits, visits[i]);
    }
    VEC_ADD(&t.items, (struct trace){.item = 1, .n = 4, .end = 14 * HOUR});
    VEC_ADD(&t.items, (struct trace){.item = 2, .first = 4, .n = 1, .end = 2 * HOUR});
    struct stagetime_summary s = {0};
    FOLD_STAGETIME.step(&s, &t);
    struct stagetime r;
    stagetime_show(&s, &r);
    static const struct {
        sym stage;
        double wait, either, work; /* hours */
    } cases[] = {{POINT, 0, 2, 0}, {STATE, 0, 3, 0}, {QUEUE, 1, 0, 5}, {GATE, 5, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct stagetime_parts p = stagetime_parts(stage_of(&r, cases[i].stage));
        assert_near(p.wait, cases[i].wait * HOUR, 0);
        assert_near(p.either, cases[i].either * HOUR, 0);
        assert_near(p.work, cases[i].work * HOUR, 0);
    }
    stagetime_finish(&r);
    FOLD_STAGETIME.finish(&s);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_where_the_time_goes),
        cmocka_unit_test(sums_on_both_clocks),
        cmocka_unit_test(parts_are_told_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
