/* Which stage an event belongs to, with its cache asked again; what names say about a status. */
#include "model/stages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PATTERNS(...)                                                                              \
    {                                                                                              \
        (const str[]){__VA_ARGS__}, sizeof((const str[]){__VA_ARGS__}) / sizeof(str)               \
    }

static void globs(void **state)
{
    (void)state;
    const struct {
        const char *pattern, *text;
        bool fits;
    } rows[] = {
        {"QA", "qa", true},
        {"QA", "QA2", false},
        {"QA*", "QA2", true},
        {"*", "", true},
        {"", "", true},
        {"", "a", false},
        {"a*c", "abc", true},
        {"a*c", "abcd", false},
        {"*b*", "abc", true},
        {"a*b*c", "axbxbxc", true},
        {"verdict:*", "verdict:fixed", true},
        {"**", "x", true},
        {"a*", "b", false},
        {"*ab", "aab", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (stage_glob(str_of(rows[i].pattern), str_of(rows[i].text)) != rows[i].fits) {
            fail_msg("%s against %s", rows[i].pattern, rows[i].text);
        }
    }
}

static void expect(struct stages *s, struct names *names, const char *event, const char *stage,
                   enum stage_match match)
{
    str part[4] = {{0}}, rest = str_of(event);
    for (size_t i = 0; i < 4 && str_cut(&rest, '|', &part[i]); i++) {
    }
    for (int again = 0; again < 3; again++) {
        struct stage found = stages_of(s, names_sym(names, part[0]), names_sym(names, part[1]),
                                       names_sym(names, part[2]), names_sym(names, part[3]));
        if (found.match != match || !str_eq(names_text(names, found.name), str_of(stage))) {
            fail_msg("%s is " STR_FMT " (%d)", event, STR_ARG(names_text(names, found.name)),
                     found.match);
        }
    }
}

static void rules_in_order(void **state)
{
    (void)state;
    const struct stage_rule rules[] = {
        {.name = STR("idea"),
         .type = PATTERNS(STR("issue.status")),
         .activity = PATTERNS(STR("New"))},
        {.name = STR("robots"), .actor = PATTERNS(STR("*[bot]"))},
        {.name = STR("QA"),
         .team = STR("qa"),
         .type = PATTERNS(STR("issue.status")),
         .activity = PATTERNS(STR("In test"), STR("Retest*")),
         .waiting = PATTERNS(STR("Ready for test"))},
        {.name = STR("security"), .team_of_event = PATTERNS(STR("sec")), .team = STR("sec")},
        {.name = STR("release"),
         .has_category = true,
         .category = CATEGORY_GATE,
         .type = PATTERNS(STR("release"))},
        {.name = STR("QA"), .activity = PATTERNS(STR("late check"))},
        {.name = STR("support"), .waiting = PATTERNS(STR("Called"))},
    };
    struct names names;
    struct stages *s = NULL;
    names_init(&names);
    assert_int_equal(stages_open(rules, sizeof rules / sizeof *rules,
                                 (struct stage_patterns)PATTERNS(STR("comment"), STR("verdict:*")),
                                 &names, &s, NULL),
                     OK);
    assert_int_equal(stages_rules(s), 7);
    expect(s, &names, "issue.status|New|ada|", "idea", STAGE_ENTERED);
    expect(s, &names, "issue.status|In test|ada|", "QA", STAGE_ENTERED);
    expect(s, &names, "issue.status|retest 2|ada|", "QA", STAGE_ENTERED);
    expect(s, &names, "issue.status|Ready for test|ada|", "QA", STAGE_QUEUED);
    expect(s, &names, "issue.status|In test|x[bot]|", "robots", STAGE_ENTERED);
    expect(s, &names, "issue.status|New|x[bot]|", "idea", STAGE_ENTERED);
    expect(s, &names, "push|In test|ada|sec", "security", STAGE_ENTERED);
    expect(s, &names, "push|In test|ada|dev", "", STAGE_UNMAPPED);
    expect(s, &names, "release|v1|ada|", "release", STAGE_ENTERED);
    expect(s, &names, "comment|v1|ada|sec", "", STAGE_IGNORED);
    expect(s, &names, "x|verdict:fixed|ada|sec", "", STAGE_IGNORED);
    expect(s, &names, "x|late check|ada|", "QA", STAGE_ENTERED);
    expect(s, &names, "x|support|ada|", "support", STAGE_ENTERED);
    expect(s, &names, "x|Called|ada|", "support", STAGE_QUEUED);
    sym late = names_sym(&names, STR("late check")), qa = names_sym(&names, STR("qa"));
    assert_int_equal(stages_of(s, 0, late, 0, 0).rule, 2); /* where QA stands in the stream */
    assert_int_equal(stages_of(s, names_sym(&names, STR("release")), 0, 0, 0).category,
                     CATEGORY_GATE);
    assert_int_equal(stages_of(s, names_sym(&names, STR("issue.status")),
                               names_sym(&names, STR("In test")), 0, 0)
                         .team,
                     qa);
    stages_close(s);

    struct error why = {0};
    assert_int_equal(
        stages_open(&(struct stage_rule){0}, 1, (struct stage_patterns){0}, &names, &s, &why),
        FAIL);
    assert_string_equal(why.text, "stage 1 has no name; give each stage one");
    names_finish(&names);
}

static void without_rules(void **state)
{
    (void)state;
    struct names names;
    struct stages *s = NULL;
    names_init(&names);
    assert_int_equal(
        stages_open(NULL, 0, (struct stage_patterns)PATTERNS(STR("noise")), &names, &s, NULL), OK);
    expect(s, &names, "event|Check|x|", "Check", STAGE_ENTERED);
    expect(s, &names, "event|noise|x|", "", STAGE_IGNORED);
    stages_close(s);
    names_finish(&names);
}

static void guesses(void **state)
{
    (void)state;
    const struct {
        const char *name;
        enum category category;
    } rows[] = {
        {"In test", CATEGORY_ACTIVE},
        {"Ready for test", CATEGORY_WAITING},
        {"READY_FOR_QA", CATEGORY_WAITING},
        {"already seen", CATEGORY_ACTIVE},
        {"Awaiting Assignment", CATEGORY_WAITING},
        {"Wait - User", CATEGORY_WAITING},
        {"To Do", CATEGORY_WAITING},
        {"to-do", CATEGORY_WAITING},
        {"Backlog", CATEGORY_WAITING},
        {"Queued", CATEGORY_WAITING},
        {"On hold", CATEGORY_BLOCKED},
        {"Blocked by legal", CATEGORY_BLOCKED},
        {"Closed", CATEGORY_DONE},
        {"Done", CATEGORY_DONE},
        {"Deployed to production", CATEGORY_DONE},
        {"Cancelled", CATEGORY_CANCELLED},
        {"Won't fix", CATEGORY_CANCELLED},
        {"New", CATEGORY_NEW},
        {"New feature", CATEGORY_ACTIVE},
        {"In Progress", CATEGORY_ACTIVE},
        {"", CATEGORY_ACTIVE},
        {"开发中", CATEGORY_ACTIVE},
        {"undone", CATEGORY_ACTIVE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (category_guess(str_of(rows[i].name)) != rows[i].category) {
            fail_msg("%s is %s", rows[i].name, category_word(category_guess(str_of(rows[i].name))));
        }
    }
    enum category c = CATEGORY_ACTIVE;
    assert_true(category_of(STR("Gate"), &c));
    assert_int_equal(c, CATEGORY_GATE);
    assert_false(category_of(STR("gates"), &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(globs),
        cmocka_unit_test(rules_in_order),
        cmocka_unit_test(without_rules),
        cmocka_unit_test(guesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
