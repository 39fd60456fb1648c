#include "fold/evidence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fold/network.h"
#include "near.h"

enum { IDEA = 1, DEV = 2, QA = 3, DONE = 4 };
static const when MONDAY = 20458 * DAY;

static void add(struct traces *t, struct visit v)
{
    v.enabled += MONDAY;
    v.start += MONDAY;
    v.end += MONDAY;
    VEC_ADD(&t->visits, v);
}

static void end_item(struct traces *t, size_t first)
{
    VEC_ADD(&t->items, (struct trace){.item = (item_id)t->items.n + 1,
                                      .first = first,
                                      .n = t->visits.n - first,
                                      .begin = t->visits.v[first].enabled,
                                      .end = t->visits.v[t->visits.n - 1].end});
}

static const struct evidence_stage *stage_of(const struct evidence *e, sym stage)
{
    for (size_t i = 0; i < e->stage_n; i++) {
        if (e->stages[i].stage == stage) {
            return &e->stages[i];
        }
    }
    return NULL;
}

static struct evidence shown(const struct flow *f, const struct traces *t)
{
    struct evidence_summary s = {.flow = f};
    struct evidence e;
    FOLD_EVIDENCE.step(&s, t);
    evidence_show(&s, &e);
    FOLD_EVIDENCE.finish(&s);
    return e;
}

/* An item a day, at some time of the day: an idea for a day, half an hour to an hour and a half of
 * waiting, four hours of dev by one of two, three to nine of waiting, four hours of qa. */
static void a_stream(struct traces *t, int days)
{
    *t = (struct traces){.log_begin = MONDAY, .log_end = MONDAY + (days + 2) * DAY};
    for (int i = 0; i < days; i++) {
        size_t first = t->visits.n;
        when at = i * DAY;
        add(t, (struct visit){.activity = IDEA,
                              .enabled = at,
                              .start = at,
                              .end = at + DAY,
                              .category = CATEGORY_NEW,
                              .flags = VISIT_STATE,
                              .actor = 9});
        at += DAY + (when)(rng_unit(rng_mix(1, (uint64_t)i)) * (double)(3 * HOUR));
        lapse wait = HOUR / 2 + (when)(rng_unit(rng_mix(2, (uint64_t)i)) * (double)HOUR);
        lapse test_wait = 3 * HOUR + (when)(rng_unit(rng_mix(3, (uint64_t)i)) * (double)(6 * HOUR));
        when tested = at + wait + 4 * HOUR;
        add(t, (struct visit){.activity = DEV,
                              .enabled = at,
                              .start = at + wait,
                              .end = tested,
                              .actor = 10 + (sym)i % 2});
        add(t, (struct visit){.activity = QA,
                              .enabled = tested,
                              .start = tested + test_wait,
                              .end = tested + test_wait + 4 * HOUR,
                              .actor = 12});
        end_item(t, first);
    }
}

static void sums_by_place(void **state)
{
    (void)state;
    struct traces t;
    a_stream(&t, 70);
    struct evidence e = shown(NULL, &t);
    assert_int_equal(e.items, 70);
    assert_int_equal(e.finished, 70);
    assert_true(e.weekly);
    assert_int_equal(e.block_n, 10);
    assert_int_equal(e.indicator, INDICATOR_UTILISATION);
    assert_int_equal(e.place_n, 2); /* what is only an idea is outside the flow */
    assert_true(stage_of(&e, IDEA)->outside);
    assert_int_equal(stage_of(&e, IDEA)->pool, -1);
    const struct evidence_stage *qa = stage_of(&e, QA);
    assert_int_equal(qa->measured, 70);
    assert_int_equal(qa->batch.kind, BATCH_NONE);
    const struct evidence_place *dev = &e.places[stage_of(&e, DEV)->pool];
    assert_near(dev->people, 2, 1e-9);
    assert_near(dev->wait, 70.0 * HOUR, 7.0 * HOUR);
    assert_near(dev->work, 280.0 * HOUR, 1);
    assert_near(dev->capacity, 2.0 * 70 * DAY, 2.0 * 3 * DAY);
    assert_near(e.places[qa->pool].wait, 70.0 * 6 * HOUR, 50.0 * HOUR);
    double first_week = e.work[(size_t)stage_of(&e, DEV)->pool * e.block_n];
    assert_near(first_week, 28.0 * HOUR, 1);
    assert_near(e.lead, e.between + stage_of(&e, IDEA)->time + stage_of(&e, DEV)->time + qa->time,
                1);
    evidence_finish(&e);
    traces_finish(&t);
}

/* "Resolved" says that it is over, yet items wait in it until it closes; "Closed" holds nothing. */
static void a_done_stage_with_time_is_a_place(void **state)
{
    (void)state;
    struct traces t = {.log_begin = 0, .log_end = 70 * DAY};
    for (int i = 0; i < 70; i++) {
        size_t first = t.visits.n;
        when at = (when)i * DAY;
        const struct visit v[] = {
            {.activity = DEV, .enabled = at, .start = at, .end = at + 4 * HOUR},
            {.activity = QA,
             .enabled = at + 4 * HOUR,
             .start = at + 4 * HOUR,
             .end = at + 20 * HOUR,
             .category = CATEGORY_DONE},
            {.activity = IDEA,
             .enabled = at + 20 * HOUR,
             .start = at + 20 * HOUR,
             .end = at + 20 * HOUR,
             .category = CATEGORY_DONE,
             .flags = VISIT_POINT}};
        for (size_t k = 0; k < 3; k++) {
            struct visit one = v[k];
            one.flags |= VISIT_STATE;
            add(&t, one);
        }
        end_item(&t, first);
    }
    struct evidence e = shown(NULL, &t);
    assert_false(stage_of(&e, QA)->outside);
    assert_true(stage_of(&e, IDEA)->outside);
    assert_int_equal(stage_of(&e, IDEA)->pool, -1);
    evidence_finish(&e);
    traces_finish(&t);
}

static lapse office(const void *calendar, when from, when to) /* the first eight hours of a day */
{
    (void)calendar;
    lapse open = 0;
    for (when d = clock_floor(from, DAY); d < to; d += DAY) {
        when begin = d > from ? d : from;
        when end = d + 8 * HOUR < to ? d + 8 * HOUR : to;
        open += end > begin ? end - begin : 0;
    }
    return open;
}

/* On a working clock capacity is open time, so the same work uses people three times as much. */
static void measures_capacity_on_the_working_clock(void **state)
{
    (void)state;
    struct traces t;
    a_stream(&t, 70);
    const struct flow f = {.open = office};
    struct evidence wall = shown(NULL, &t);
    struct evidence work = shown(&f, &t);
    const struct evidence_place *a = &wall.places[stage_of(&wall, DEV)->pool];
    const struct evidence_place *b = &work.places[stage_of(&work, DEV)->pool];
    assert_near(b->work / b->capacity, 3 * a->work / a->capacity, .01);
    evidence_finish(&wall);
    evidence_finish(&work);
    traces_finish(&t);
}

/* Six people in all, but each stays for a month: two at a time is what the pool has. */
static void does_not_take_turnover_for_capacity(void **state)
{
    (void)state;
    struct traces t;
    a_stream(&t, 84);
    for (size_t i = 0; i < t.visits.n; i++) {
        if (t.visits.v[i].activity == DEV) {
            t.visits.v[i].actor += 20 * (sym)((t.visits.v[i].start - MONDAY) / (28 * DAY));
        }
    }
    struct evidence e = shown(NULL, &t);
    double people = e.places[stage_of(&e, DEV)->pool].people;
    assert_true(people > 1.9 && people < 3.2); /* not 6: some weeks see both crews */
    evidence_finish(&e);
    traces_finish(&t);
}

/* A status log: stays only. Waiting statuses tell waiting from work; without them nothing does. */
static void reads_status_logs(void **state)
{
    (void)state;
    for (int waiting = 0; waiting <= 1; waiting++) {
        struct traces t;
        a_stream(&t, 70);
        for (size_t i = 0; i < t.visits.n; i++) {
            struct visit *v = &t.visits.v[i];
            v->flags |= VISIT_STATE;
            v->start = v->enabled;    /* entered */
            if (v->activity == DEV) { /* else the stays would all be of one length: a timer */
                v->start -= (lapse)(rng_unit(rng_mix(4, i)) * (double)(9 * HOUR));
            }
            if (v->activity == DEV && waiting) {
                v->category = CATEGORY_WAITING;
            }
        }
        struct evidence e = shown(NULL, &t);
        assert_int_equal(e.indicator, waiting ? INDICATOR_WAIT : INDICATOR_TIME);
        evidence_finish(&e);
        traces_finish(&t);
    }
}

static void is_empty_of_nothing(void **state)
{
    (void)state;
    struct traces t = {.log_begin = WHEN_NONE, .log_end = WHEN_NONE};
    struct evidence e = shown(NULL, &t);
    assert_int_equal(e.items, 0);
    assert_int_equal(e.place_n, 0);
    assert_int_equal(e.block_n, 0);
    evidence_finish(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_by_place),
        cmocka_unit_test(a_done_stage_with_time_is_a_place),
        cmocka_unit_test(measures_capacity_on_the_working_clock),
        cmocka_unit_test(does_not_take_turnover_for_capacity),
        cmocka_unit_test(reads_status_logs),
        cmocka_unit_test(is_empty_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
