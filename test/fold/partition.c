#include "fold/partition.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fold/network.h"

enum { DEV = 1, QA = 2, RELEASE = 3 };

struct wanted {
    sym stage;
    when begin, end;
    uint8_t class;
    bool undivided;
};

static void expect(const struct flow *f, const struct visit *visits, size_t n, when end,
                   const struct wanted *wanted, size_t wanted_n, lapse parallel)
{
    struct traces t = {0};
    for (size_t i = 0; i < n; i++) {
        VEC_ADD(&t.visits, visits[i]);
    }
    struct trace life = {.n = n, .begin = 0, .end = end};
    struct partition p = {0};
    partition_of(&p, f, &t, &life);
    assert_int_equal(p.stays.n, wanted_n);
    for (size_t i = 0; i < wanted_n; i++) {
        const struct stay *s = &p.stays.v[i];
        assert_int_equal(s->stage, wanted[i].stage);
        assert_int_equal(s->begin, wanted[i].begin);
        assert_int_equal(s->end, wanted[i].end);
        assert_int_equal(s->class, wanted[i].class);
        assert_int_equal(s->undivided, wanted[i].undivided);
        assert_true((s->visit == SIZE_MAX) == (s->class == CLASS_BETWEEN));
    }
    assert_int_equal(p.parallel, parallel);
    partition_finish(&p);
    traces_finish(&t);
}

#define EXPECT(f, visits, end, parallel, ...)                                                      \
    do {                                                                                           \
        const struct wanted wanted[] = {__VA_ARGS__};                                              \
        expect((f), (visits), sizeof(visits) / sizeof *(visits), (end), wanted,                    \
               sizeof wanted / sizeof *wanted, (parallel));                                        \
    } while (0)

static void tells_waiting_work_and_gaps(void **state)
{
    (void)state;
    const struct visit visits[] = {
        {.activity = DEV, .enabled = 0, .start = 10, .end = 30},
        {.activity = QA, .enabled = 50, .start = 60, .end = 90, .suspended = 5},
    };
    EXPECT(NULL, visits, 100, 0, {DEV, 0, 10, CLASS_WAIT, false}, {DEV, 10, 30, CLASS_WORK, false},
           {0, 30, 50, CLASS_BETWEEN, false}, {QA, 50, 65, CLASS_WAIT, false},
           {QA, 65, 90, CLASS_WORK, false}, {0, 90, 100, CLASS_BETWEEN, false});
}

/* Work wins over waiting elsewhere; of two stages at work the one further down owns the instant. */
static void gives_each_instant_to_one(void **state)
{
    (void)state;
    const struct visit visits[] = {
        {.activity = DEV, .enabled = 0, .start = 0, .end = 60},
        {.activity = QA, .enabled = 20, .start = 40, .end = 80},
    };
    EXPECT(NULL, visits, 80, 40, {DEV, 0, 40, CLASS_WORK, false}, {QA, 40, 80, CLASS_WORK, false});
    const sym order[] = {QA, DEV}; /* told otherwise: dev is further down */
    const struct flow f = {.order = order, .order_n = 2};
    EXPECT(&f, visits, 80, 40, {DEV, 0, 60, CLASS_WORK, false}, {QA, 60, 80, CLASS_WORK, false});
}

static void puts_blocked_first(void **state)
{
    (void)state;
    const struct visit visits[] = {
        {.activity = QA, .enabled = WHEN_NONE, .start = 0, .end = 60},
        {.activity = DEV,
         .enabled = WHEN_NONE,
         .start = 20,
         .end = 30,
         .category = CATEGORY_BLOCKED},
    };
    EXPECT(NULL, visits, 60, 10, {QA, 0, 20, CLASS_WORK, false},
           {DEV, 20, 30, CLASS_BLOCKED, false}, {QA, 30, 60, CLASS_WORK, false});
}

static void marks_what_cannot_be_told_apart(void **state)
{
    (void)state;
    const struct visit visits[] = {
        {.activity = DEV, .start = 0, .end = 20, .enabled = 0, .flags = VISIT_STATE},
        {.activity = QA, .enabled = 20, .start = 50, .end = 50, .flags = VISIT_POINT},
        {.activity = RELEASE,
         .enabled = 50,
         .start = 50,
         .end = 70,
         .flags = VISIT_STATE,
         .category = CATEGORY_GATE},
    };
    EXPECT(NULL, visits, 70, 0, {DEV, 0, 20, CLASS_WORK, true}, {QA, 20, 50, CLASS_WAIT, true},
           {RELEASE, 50, 70, CLASS_WAIT, false});
}

static void has_nothing_of_a_life_without_length(void **state)
{
    (void)state;
    const struct visit visits[] = {{.activity = DEV, .enabled = 0, .start = 10, .end = 30}};
    expect(NULL, visits, 1, 0, NULL, 0, 0);
    expect(NULL, visits, 1, -5, NULL, 0, 0);
    EXPECT(NULL, visits, INT64_MAX, 0, {DEV, 0, 10, CLASS_WAIT, false},
           {DEV, 10, 30, CLASS_WORK, false}, {0, 30, INT64_MAX, CLASS_BETWEEN, false});
}

/* On any traces: the parts follow each other without gaps from begin to end, sum to the lead time,
 * and each instant has the class that a look at all visits gives it. */
static void sums_to_the_lead_time(void **state)
{
    (void)state;
    struct partition p = {0};
    struct traces t = {0};
    for (uint64_t seed = 0; seed < 400; seed++) {
        nonsense(seed, 20, &t);
        for (size_t i = 0; i < t.items.n; i++) {
            const struct trace *life = &t.items.v[i];
            partition_of(&p, NULL, &t, life);
            when at = life->begin;
            lapse sum = 0;
            for (size_t k = 0; k < p.stays.n; k++) {
                const struct stay *s = &p.stays.v[k];
                assert_int_equal(s->begin, at);
                assert_true(s->end > s->begin);
                at = s->end;
                sum += s->end - s->begin;
                bool work = false;
                bool any = false;
                when middle = s->begin + (s->end - s->begin) / 2;
                for (size_t v = 0; v < life->n; v++) {
                    const struct visit *visit = &t.visits.v[life->first + v];
                    struct flow_visit c = flow_visit(life, visit);
                    any = any || (c.from <= middle && middle < c.end);
                    work = work || (visit->category == CATEGORY_ACTIVE &&
                                    c.start + c.suspended <= middle && middle < c.end);
                }
                assert_true((s->class == CLASS_BETWEEN) == !any);
                assert_true(s->class == CLASS_BLOCKED || (s->class == CLASS_WORK) == work);
            }
            lapse lead = life->end > life->begin ? life->end - life->begin : 0;
            assert_int_equal(sum, lead);
            assert_int_equal(p.length, lead);
            assert_true(p.parallel >= 0);
        }
    }
    traces_finish(&t);
    partition_finish(&p);
}

/* A hostile item: very many visits, all open at once, do not take quadratic time. */
static void takes_many_overlapping_visits(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct traces t = {0};
    for (int i = 0; i < N; i++) {
        VEC_ADD(
            &t.visits,
            (struct visit){.activity = (sym)i + 1, .enabled = i, .start = 2 * i, .end = 4 * N - i});
    }
    struct trace life = {.n = N, .begin = 0, .end = 4 * N};
    struct partition p = {0};
    partition_of(&p, NULL, &t, &life);
    assert_int_equal(p.length, 4 * N);
    partition_finish(&p);
    traces_finish(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_waiting_work_and_gaps),
        cmocka_unit_test(gives_each_instant_to_one),
        cmocka_unit_test(puts_blocked_first),
        cmocka_unit_test(marks_what_cannot_be_told_apart),
        cmocka_unit_test(has_nothing_of_a_life_without_length),
        cmocka_unit_test(sums_to_the_lead_time),
        cmocka_unit_test(takes_many_overlapping_visits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
