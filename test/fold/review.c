#include "fold/review.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void expect(struct review_phase p, bool known, lapse time)
{
    assert_int_equal(p.known, known);
    assert_int_equal(p.time, time);
}

/* Opened at 9, a bot at 9, changes asked for at 10, a comment of the author at 10:30, two commits
 * at 11, asked again at 12, a commit at 13, approved at 14, merged at 15. */
static void phases_of_a_change(void **state)
{
    (void)state;
    const struct review reviews[] = {
        {9 * HOUR, REVIEW_COMMENT, STR_INIT("helper[bot]")},
        {10 * HOUR, REVIEW_CHANGES, STR_INIT("b")},
        {10 * HOUR + 30 * MINUTE, REVIEW_COMMENT, STR_INIT("a")},
        {12 * HOUR, REVIEW_CHANGES, STR_INIT("c")},
        {14 * HOUR, REVIEW_APPROVAL, STR_INIT("b")},
    };
    const when commits[] = {8 * HOUR, 11 * HOUR, 11 * HOUR + 1, 13 * HOUR};
    struct review_change c = {.author = STR("a"),
                              .created = 9 * HOUR,
                              .ready = WHEN_NONE,
                              .merged = 15 * HOUR,
                              .reviews = reviews,
                              .review_n = 5,
                              .commits = commits,
                              .commit_n = 4};
    struct review_phases p;
    review_phases(&c, &p);
    expect(p.first_commit_to_open, true, HOUR);
    expect(p.first_response, true, HOUR);
    expect(p.rework, true, 4 * HOUR);
    expect(p.merge, true, HOUR);
    expect(p.cycle, true, 6 * HOUR);
    assert_int_equal(p.rework_cycles, 2);
    assert_int_equal(p.reviewers, 3); /* a, b, c; no bot */
    c.merged = 13 * HOUR; /* approved only afterwards: that program knows no merge time then */
    review_phases(&c, &p);
    assert_false(p.merge.known);
    c.merged = WHEN_NONE;
    c.review_n = 1; /* a bot alone is nobody */
    c.commit_n = 0;
    review_phases(&c, &p);
    assert_false(p.first_commit_to_open.known || p.first_response.known || p.rework.known ||
                 p.merge.known || p.cycle.known);
    assert_int_equal(p.reviewers, 0);
}

static void expect_stages(const struct review_change *c, const lapse expected[REVIEW_STAGES],
                          lapse cycle)
{
    struct review_stages s;
    assert_true(review_stages(c, &s));
    assert_int_equal(s.cycle, cycle);
    for (int k = 0; k < REVIEW_STAGES; k++) {
        assert_int_equal(s.known[k], expected[k] >= 0);
        assert_int_equal(s.time[k], expected[k] >= 0 ? expected[k] : 0);
    }
}

/* The same change: picked up at 10 with changes asked for, answered at 11, asked again at 12,
 * answered at 13, approved at 14, merged at 15. */
static void stages_of_a_change(void **state)
{
    (void)state;
    const struct review reviews[] = {
        {9 * HOUR, REVIEW_COMMENT, STR_INIT("helper[bot]")},
        {10 * HOUR, REVIEW_CHANGES, STR_INIT("b")},
        {10 * HOUR + 30 * MINUTE, REVIEW_COMMENT, STR_INIT("a")},
        {12 * HOUR, REVIEW_CHANGES, STR_INIT("c")},
        {14 * HOUR, REVIEW_APPROVAL, STR_INIT("b")},
        {16 * HOUR, REVIEW_APPROVAL, STR_INIT("c")},
    };
    const when commits[] = {8 * HOUR, 11 * HOUR, 11 * HOUR + 1, 13 * HOUR};
    struct review_change c = {.author = STR("a"),
                              .created = 9 * HOUR,
                              .ready = WHEN_NONE,
                              .merged = 15 * HOUR,
                              .reviews = reviews,
                              .review_n = 6,
                              .commits = commits,
                              .commit_n = 4};
    expect_stages(&c, (lapse[]){HOUR, HOUR, 2 * HOUR, 2 * HOUR, HOUR, -1}, 6 * HOUR);
    c.ready = 11 * HOUR; /* a draft until then: what was said before counts from there */
    expect_stages(&c, (lapse[]){3 * HOUR, 0, 2 * HOUR, HOUR, HOUR, -1}, 4 * HOUR);
    c.ready = WHEN_NONE;
    c.merged = 13 * HOUR; /* before anybody approved */
    expect_stages(&c, (lapse[]){HOUR, HOUR, HOUR, 2 * HOUR, -1, -1}, 4 * HOUR);
    c.merged = 9 * HOUR + MINUTE; /* before anybody looked */
    expect_stages(&c, (lapse[]){HOUR, -1, -1, -1, -1, MINUTE}, MINUTE);
    c.commit_n = 0;
    c.merged = 10 * HOUR; /* looked at when it was merged */
    expect_stages(&c, (lapse[]){-1, HOUR, 0, 0, -1, -1}, HOUR);
    struct review_stages s;
    c.merged = 8 * HOUR;
    assert_false(review_stages(&c, &s));
    c.merged = WHEN_NONE;
    assert_false(review_stages(&c, &s));
}

static void which_changes_a_branch_holds(void **state)
{
    (void)state;
    const struct review_merge v[] = {
        {STR_INIT("x"), STR_INIT("main"), 1},       {STR_INIT("y"), STR_INIT("main"), 5},
        {STR_INIT("main"), STR_INIT("release"), 3}, {STR_INIT("release"), STR_INIT("main"), 2},
        {STR_INIT("z"), STR_INIT("release"), 9},    {STR_INIT("main"), STR_INIT("release"), 6},
    };
    bool deployed[6];
    review_deployed(v, 6, STR("release"), 4, deployed); /* by the merge at 3; a circle ends */
    const bool first[6] = {true, false, true, true, false, false};
    review_deployed(v, 6, STR("release"), 4, deployed);
    assert_memory_equal(deployed, first, sizeof first);
    review_deployed(v, 6, STR("release"), 8, deployed); /* and by the one at 6 */
    const bool second[6] = {true, true, true, true, false, true};
    assert_memory_equal(deployed, second, sizeof second);
    review_deployed(v, 6, STR("nowhere"), 8, deployed);
    const bool none[6] = {false};
    assert_memory_equal(deployed, none, sizeof none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phases_of_a_change),
        cmocka_unit_test(stages_of_a_change),
        cmocka_unit_test(which_changes_a_branch_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
