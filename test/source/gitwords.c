#include "source/gitwords.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <git2.h>

/* "#7 merge, !3 closes" */
static void expect(const char *message, bool merge, const char *want)
{
    static const char *const RULES[] = {"merge", "trailer", "closes", "ref"};
    struct gitwords w;
    struct buf b = {0};
    gitwords_read(str_of(message), merge, &w);
    for (size_t i = 0; i < w.change_n; i++) {
        buf_addf(&b, "%s%c%u %s", i > 0 ? ", " : "", w.changes[i].sign, w.changes[i].number,
                 RULES[w.changes[i].rule]);
    }
    for (size_t i = 0; i < w.pick_n; i++) {
        buf_add(&b, STR(" pick"));
    }
    if (strcmp(buf_cstr(&b), want) != 0) {
        fail_msg("\"%s\": %s, not %s", message, buf_cstr(&b), want);
    }
    buf_finish(&b);
}

static void reads_merges(void **state)
{
    (void)state;
    expect("Merge pull request #12 from a/b\n\nText", true, "#12 merge");
    expect("Merged pull request #12 from a/b", true, "#12 merge");
    expect("Merge pull request #12 from a/b", false, "#12 trailer"); /* one parent: rebased */
    expect("Merged in feature (pull request #3)", true, "#3 merge");
    expect("Merge branch 'pr/44' into next", true, "#44 merge");
    expect("Merge branch 'x' into 'main'\n\nTitle\n\nSee merge request group/sub/project!812", true,
           "!812 merge");
    expect("Merge branch 'x' of https://example.org/y into z", true, "");
    expect("Merge remote-tracking branch 'origin/x'", true, "");
    expect("Emergency pull request #3", true, "");
    expect("Merge pull request #0 from a/b", true, "");
    expect("Merge pull request #99999999999 from a/b", true, "");
}

static void reads_subjects(void **state)
{
    (void)state;
    expect("add a thing (#123)", false, "#123 trailer");
    expect("backport (#12) (#345)  \n", false, "#345 trailer, #12 trailer");
    expect("\n\n  late subject (!9)\n", false, "!9 trailer");
    expect("mentions (#12) in the middle", false, "");
    expect("no number (#)", false, "");
    expect("odd (#12a)", false, "");
    expect("(#5)", false, "#5 trailer");
    expect("#5)", false, "");
    expect("subject\n\nbody (#7)", false, "");
}

static void reads_closing_lines(void **state)
{
    (void)state;
    expect("x\n\nCloses #1", false, "#1 closes");
    expect("x\n\ncloses: #1, #2 and #3\nFixed #4", false,
           "#1 closes, #2 closes, #3 closes, #4 closes");
    expect("x\n\n- Resolves #8\n* fix !9", false, "#8 closes, !9 closes");
    expect("x\n\nFixes https://example.org/o/r/pull/55, https://example.org/o/r/issues/56", false,
           "#55 closes, #56 closes");
    expect("x\n\nCloses https://example.org/g/p/-/merge_requests/7", false, "!7 closes");
    expect("x\n\nCloses https://example.org/nothing", false, "");
    expect("Fixes #7: a title", false, "#7 closes");
    expect("x\n\nFixture #7\nCloser #8\nThis fixes #9\nFixes the rest of #10", false, "");
    expect("y (#7)\n\nCloses #7", false, "#7 trailer"); /* the stronger rule */
    expect("x\n\nCloses #", false, "");
    expect("x\n\nFixes #1 and", false, "#1 closes");
}

static void reads_cherry_picks(void **state)
{
    (void)state;
    expect("x\n\n(cherry picked from commit 1234567890abcdef1234567890abcdef12345678)", false,
           " pick");
    expect("x\n\n  (cherry picked from commit 1234567890abcdef1234567890abcdef12345678)\n"
           "(cherry picked from commit aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa)",
           false, " pick pick");
    expect("x\n\n(cherry picked from commit 12345678)", false, "");
    expect("x\n\n(cherry picked from commit z234567890abcdef1234567890abcdef12345678)", false, "");
    expect("(cherry picked from commit ", false, "");
}

static void keeps_a_limited_number(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_add(&b, STR("x\n\n"));
    for (int i = 1; i <= 1000; i++) {
        buf_addf(&b, "Closes #%d\n(cherry picked from commit %040d)\n", i, i);
    }
    struct gitwords w;
    gitwords_read(buf_str(&b), false, &w);
    assert_int_equal(w.change_n, GITWORDS_CHANGES);
    assert_int_equal(w.pick_n, GITWORDS_PICKS);
    buf_finish(&b);
    gitwords_read((str){0}, true, &w);
    assert_int_equal(w.change_n + w.pick_n + w.subject.n, 0);
}

int main(void)
{
    git_libgit2_init(); /* it says what is no id through its own state of the thread */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_merges),           cmocka_unit_test(reads_subjects),
        cmocka_unit_test(reads_closing_lines),    cmocka_unit_test(reads_cherry_picks),
        cmocka_unit_test(keeps_a_limited_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
