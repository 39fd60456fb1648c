/* Which column is what. */
#include "reading.h"

#include "source/roles.h"

struct choosing {
    struct source_options options;
    struct roles roles;
    struct source_notes notes;
    struct error why;
    struct buf told;
};

/* Columns are separated by '|'. Afterwards: "case=0 activity=1,2 …" of what was found. */
static status_code choose(struct choosing *c, const char *columns)
{
    static const char *const ROLES[] = {"case",      "activity", "time", "start",
                                        "lifecycle", "resource", "team", "instance"};
    str names[64], rest = str_of(columns), name;
    size_t n = 0;
    while (str_cut(&rest, '|', &name)) {
        names[n++] = name;
    }
    source_notes_finish(&c->notes);
    c->notes = (struct source_notes){0};
    arena_init(&c->notes.text, "test", 0);
    c->why = (struct error){0};
    buf_clear(&c->told);
    status_code code = roles_choose(&c->options, "f.csv", names, n, &c->notes, &c->roles, &c->why);
    for (size_t role = 0; code == OK && role < ROLE_COUNT; role++) {
        for (size_t i = 0; i < c->roles.of[role].n; i++) {
            buf_addf(&c->told, i == 0 ? "%s%s=%zu" : "%.0s%.0s,%zu", c->told.n > 0 ? " " : "",
                     ROLES[role], c->roles.of[role].column[i]);
        }
    }
    return code;
}

static void finish(struct choosing *c)
{
    source_notes_finish(&c->notes);
    buf_finish(&c->told);
}

static bool noted(const struct choosing *c, const char *part)
{
    for (size_t i = 0; i < c->notes.sentences.n; i++) {
        if (str_find(c->notes.sentences.v[i], str_of(part)) < c->notes.sentences.v[i].n) {
            return true;
        }
    }
    return false;
}

static void takes_usual_names(void **state)
{
    (void)state;
    struct choosing c = {0};
    static const char *const CASES[][2] = {
        {"case:concept:name|concept:name|time:timestamp|org:resource|lifecycle:transition",
         "case=0 activity=1 time=2 lifecycle=4 resource=3"},
        {"Case ID|Activity|Complete Timestamp|Start Timestamp", "case=0 activity=1 time=2 start=3"},
        {" CASE-ID |ACTIVITY|End_Time|start:time", "case=0 activity=1 time=2 start=3"},
        {"x|number|incident_state|sys_updated_at|sys_updated_by|concept:instance|team",
         "case=1 activity=2 time=3 resource=4 team=6 instance=5"},
        /* the team is not taken twice: org:group is the resource here, there are both there */
        {"case|task|time|org:group", "case=0 activity=1 time=2 resource=3"},
        {"case|task|time|org:group|resource", "case=0 activity=1 time=2 resource=4 team=3"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (choose(&c, CASES[i][0]) != OK) {
            fail_msg("%s: %s", CASES[i][0], c.why.text);
        }
        assert_string_equal(buf_cstr(&c.told), CASES[i][1]);
    }
    finish(&c);
}

/* Two that fit: the first in the order of the list, not of the file, and it is said. */
static void says_what_else_would_fit(void **state)
{
    (void)state;
    struct choosing c = {0};
    assert_int_equal(choose(&c, "number|case_id|activity|time|timestamp"), OK);
    assert_string_equal(buf_cstr(&c.told), "case=1 activity=2 time=4");
    assert_true(noted(&c, "case: column \"case_id\" taken; \"number\" would fit as well (--case)"));
    assert_true(noted(&c, "time: column \"timestamp\" taken; \"time\" would fit as well"));
    assert_int_equal(c.notes.columns.n, 3);
    finish(&c);
}

static void options_win(void **state)
{
    (void)state;
    struct choosing c = {0};
    c.options.case_column = STR("kind, number");
    c.options.activity_column = STR("a,b");
    c.options.time_column = STR("case_id"); /* then it is not the case */
    assert_int_equal(choose(&c, "kind|number|a,b|case_id"), OK);
    assert_string_equal(buf_cstr(&c.told), "case=0,1 activity=2 time=3");
    c.options.case_column = STR("numbr");
    assert_int_equal(choose(&c, "kind|number|a,b|case_id"), FAIL);
    assert_non_null(strstr(c.why.text, "f.csv has no column \"numbr\" (--case). Did you mean "
                                       "\"number\"? Its columns: kind, number, a,b, case_id"));
    c.options.case_column = STR("k,k,k,k,k,k,k,k,k");
    assert_int_equal(choose(&c, "k|a,b|case_id"), FAIL);
    assert_non_null(strstr(c.why.text, "more than 8 columns"));
    c.options = (struct source_options){.time_column = STR("a,b")}; /* a time is one column */
    assert_int_equal(choose(&c, "case|activity|a|b"), FAIL);
    assert_non_null(strstr(c.why.text, "no column \"a,b\""));
    finish(&c);
}

static void says_what_is_missing(void **state)
{
    (void)state;
    struct choosing c = {0};
    assert_int_equal(choose(&c, "a|activity|c"), FAIL);
    assert_non_null(strstr(c.why.text, "no column is known to be the case, time. Its columns: a, "
                                       "activity, c"));
    assert_string_equal(c.why.hint, "Say which it is: --case COLUMN --time COLUMN");
    finish(&c);
}

static void knows_statuses(void **state)
{
    (void)state;
    struct choosing c = {0};
    static const struct {
        const char *columns;
        bool statuses;
    } CASES[] = {{"case|Status|time", true},
                 {"case|activity|time", false},
                 {"case|status|time|start_time", false},
                 {"case|status|time|lifecycle", false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(choose(&c, CASES[i].columns), OK);
        assert_int_equal(c.roles.statuses, CASES[i].statuses);
    }
    finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_usual_names), cmocka_unit_test(says_what_else_would_fit),
        cmocka_unit_test(options_win),       cmocka_unit_test(says_what_is_missing),
        cmocka_unit_test(knows_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
