#include "fold/batch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fold/network.h"
#include "near.h"

enum { DEV = 1, QA = 2 };

static const struct batch_stage *stage_of(const struct batch_report *r, sym stage)
{
    for (size_t i = 0; i < r->n; i++) {
        if (r->stages[i].stage == stage) {
            return &r->stages[i];
        }
    }
    return NULL;
}

/* Stays of stage QA, entered at a random time, left by `leave`; rounded down to `grain`. */
static void stays(struct traces *t, size_t n, lapse grain, lapse gap, uint8_t flags,
                  when (*leave)(when entered, uint64_t key))
{
    *t = (struct traces){.log_begin = 0, .log_end = 0};
    when entered = 0;
    for (size_t i = 0; i < n; i++) {
        entered += (lapse)(net_exponential(5, 1, i) * (double)gap);
        when from = clock_floor(entered, grain);
        when end = clock_floor(leave(entered, i), grain);
        size_t first = t->visits.n;
        VEC_ADD(&t->visits, (struct visit){.activity = QA,
                                           .actor = 9,
                                           .enabled = from,
                                           .start = flags == VISIT_STATE ? from : end,
                                           .end = end,
                                           .flags = flags});
        VEC_ADD(&t->items,
                (struct trace){
                    .item = (item_id)i + 1, .first = first, .n = 1, .begin = from, .end = end});
        t->log_end = end > t->log_end ? end : t->log_end;
    }
}

static struct batch_stage asked(const struct traces *t)
{
    struct batch_summary s = {0};
    FOLD_BATCH.step(&s, t);
    struct batch_report r;
    batch_show(&s, &r);
    struct batch_stage g = *stage_of(&r, QA);
    batch_report_finish(&r);
    FOLD_BATCH.finish(&s);
    return g;
}

static when every_fortnight(when entered, uint64_t key)
{
    (void)key;
    return clock_floor(entered + 14 * DAY, 14 * DAY);
}

static when after_60_days(when entered, uint64_t key)
{
    (void)key;
    return entered + 60 * DAY;
}

/* Nine in ten close by themselves after 7.4 days, the others earlier. */
static when mostly_after_a_week(when entered, uint64_t key)
{
    double early = rng_unit(rng_mix(77, key));
    return entered + (lapse)((early < .1 ? early * 70 : 7.35 + .1 * early) * (double)DAY);
}

static when some_time_later(when entered, uint64_t key)
{
    return entered + (lapse)(net_exponential(6, 2, key) * 5 * (double)DAY);
}

static void finds_a_release_train(void **state)
{
    (void)state;
    static const uint8_t KINDS[] = {VISIT_STATE, VISIT_POINT, 0};
    for (int i = 0; i < 3; i++) {
        struct traces t;
        stays(&t, 400, SECOND, DAY, KINDS[i], every_fortnight);
        struct batch_stage g = asked(&t);
        assert_int_equal(g.kind, BATCH_GATE);
        assert_near(g.period, 14.0 * DAY, 1);
        assert_near(g.price, 7.0 * DAY, 1.0 * DAY);
        assert_in_range(g.batch_p50, 10, 18);
        assert_true(g.shared > .95);
        traces_finish(&t);
    }
}

/* A pair leaves on its own every other day; the trains carry a hundred and more. */
static when mostly_every_fortnight(when entered, uint64_t key)
{
    bool alone = rng_unit(rng_mix(9, key)) < .05;
    return alone ? clock_floor(entered + 2 * DAY, 2 * DAY) + 5 * HOUR
                 : clock_floor(entered + 14 * DAY, 14 * DAY);
}

static void finds_a_train_among_pairs(void **state)
{
    (void)state;
    struct traces t;
    stays(&t, 4000, SECOND, 2 * HOUR, VISIT_STATE, mostly_every_fortnight);
    struct batch_stage g = asked(&t);
    assert_int_equal(g.kind, BATCH_GATE);
    assert_near(g.period, 14.0 * DAY, 1);
    assert_in_range(g.batch_p50, 130, 170);
    traces_finish(&t);
}

/* One item a train at most: nobody has company, but the moments lie on a lattice. */
static void finds_a_lattice_without_company(void **state)
{
    (void)state;
    struct traces t;
    stays(&t, 120, SECOND, 120 * DAY, VISIT_STATE, every_fortnight);
    struct batch_stage g = asked(&t);
    assert_true(g.shared < .5);
    assert_true(g.lattice >= .5);
    assert_int_equal(g.kind, BATCH_GATE);
    traces_finish(&t);
}

static void finds_fixed_timers(void **state)
{
    (void)state;
    struct traces t;
    stays(&t, 200, DAY, DAY, VISIT_POINT, after_60_days); /* a clock of days, as the fines have */
    struct batch_stage g = asked(&t);
    assert_int_equal(g.kind, BATCH_TIMER);
    assert_near(g.length, 60.0 * DAY, 1.0 * DAY);
    traces_finish(&t);
    stays(&t, 500, SECOND, HOUR, VISIT_STATE, mostly_after_a_week);
    g = asked(&t);
    assert_int_equal(g.kind, BATCH_TIMER);
    assert_near(g.length, 7.4 * DAY, .1 * DAY);
    assert_near(g.steady, .9, .05);
    traces_finish(&t);
    stays(&t, 15, SECOND, HOUR, VISIT_STATE, after_60_days); /* too few to say */
    assert_int_equal(asked(&t).kind, BATCH_NONE);
    traces_finish(&t);
}

/* Neither: plain work, on a clock of seconds and on one of days, where all share their instant. */
static void leaves_plain_work_alone(void **state)
{
    (void)state;
    static const lapse GRAINS[] = {SECOND, DAY};
    for (int i = 0; i < 2; i++) {
        struct traces t;
        stays(&t, 800, GRAINS[i], 2 * HOUR, VISIT_STATE, some_time_later);
        assert_int_equal(asked(&t).kind, BATCH_NONE);
        traces_finish(&t);
    }
    struct net net = {.stage_n = 2,
                      .stages = {{DEV, 0, 3, 0, 0}, {QA, 1, 3.6, 0, 0}},
                      .people = {2, 2},
                      .gap = 2,
                      .items = 2000,
                      .seed = 3};
    struct traces t = {0};
    net_run(&net, &t);
    struct batch_stage g = asked(&t);
    assert_int_equal(g.kind, BATCH_NONE);
    assert_true(g.order_index > .9); /* first in, first out, two at a time */
    assert_true(g.batch_index < .1);
    traces_finish(&t);
}

/* Between 7 and 13 hours: a fifth lies within 5 % of its mode, by chance up to a third. */
static when within_the_day(when entered, uint64_t key)
{
    return entered + 7 * HOUR + (lapse)(rng_unit(rng_mix(8, key)) * (double)(6 * HOUR));
}

static void takes_no_hump_for_a_timer(void **state)
{
    (void)state;
    for (size_t n = 20; n < 80; n += 3) {
        struct traces t;
        stays(&t, n, SECOND, DAY, VISIT_STATE, within_the_day);
        assert_int_equal(asked(&t).kind, BATCH_NONE);
        traces_finish(&t);
    }
}

static when at_once(when entered, uint64_t key)
{
    (void)key;
    return clock_floor(entered, 400 * DAY) + 400 * DAY;
}

static void flags_a_clean_up(void **state)
{
    (void)state;
    struct traces t;
    stays(&t, 30, SECOND, HOUR, VISIT_STATE, at_once);
    struct batch_summary s = {0};
    FOLD_BATCH.step(&s, &t);
    struct batch_report r;
    batch_show(&s, &r);
    assert_int_equal(r.move_n, 1);
    assert_int_equal(r.moves[0].actor, 9);
    assert_int_equal(r.moves[0].passages, 30);
    assert_int_equal(r.moves[0].minute, 400 * DAY);
    assert_near(stage_of(&r, QA)->batch_index, 1, 0);
    assert_int_equal(stage_of(&r, QA)->kind, BATCH_NONE); /* one moment is no rhythm */
    batch_report_finish(&r);
    FOLD_BATCH.finish(&s);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_release_train),
        cmocka_unit_test(finds_a_train_among_pairs),
        cmocka_unit_test(finds_a_lattice_without_company),
        cmocka_unit_test(finds_fixed_timers),
        cmocka_unit_test(leaves_plain_work_alone),
        cmocka_unit_test(takes_no_hump_for_a_timer),
        cmocka_unit_test(flags_a_clean_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
