/* Redmine: our own answers of its REST API; names of statuses, and what happens without them. */
#include "hooking.h"

static void answers(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_REDMINE, "redmine");
}

#define ISSUE                                                                                      \
    "\"issue\":{\"id\":1,\"project\":{\"id\":3,\"name\":\"Shop\"},\"status\":{\"id\":2,\"name\":"  \
    "\"Busy\"},\"created_on\":\"2026-03-01T08:00:00Z\",\"journals\":[{\"id\":1,\"created_on\":"    \
    "\"2026-03-01T08:10:00Z\",\"details\":[{\"property\":\"attr\",\"name\":\"status_id\","         \
    "\"old_value\":\"1\",\"new_value\":\"2\"}]}]}"

/* With names beside the issue, with none, and renamed: the moves are the same facts. */
static void names_are_not_identity(void **state)
{
    (void)state;
    struct hooking h;
    hooking_begin(&h);
    hooking_send(&h, &HOOK_REDMINE, NULL, STR("{" ISSUE "}"));
    hooking_send(&h, &HOOK_REDMINE, NULL,
                 STR("{" ISSUE ",\"issue_statuses\":[{\"id\":1,\"name\":\"New\",\"is_closed\":"
                     "false},{\"id\":2,\"name\":\"At work\",\"is_closed\":true}]}"));
    hooking_end(&h);
    assert_int_equal(h.l.events, 6);
    assert_int_equal(h.l.distinct.n, 3);
    expect_part(buf_str(&h.l.text), "issue.status/1 2026-03-01T08:00:00");
    expect_part(buf_str(&h.l.text), "issue.status/Busy 2026-03-01T08:10:00");
    expect_part(buf_str(&h.l.text), "issue.status/New 2026-03-01T08:00:00");
    expect_part(buf_str(&h.l.text),
                "issue.status/At work 2026-03-01T08:10:00.000000Z {\"from\":\"New\",\"to\":\"At "
                "work\",\"from_id\":\"1\",\"to_id\":\"2\",\"category\":\"done\"}");
    hooking_finish(&h);
}

/* The identifier of the project and the instance stand in the key. */
static void keys(void **state)
{
    (void)state;
    struct hooking h;
    hooking_begin(&h);
    h.options.provider_id = STR("redmine.example:3000");
    hooking_send(&h, &HOOK_REDMINE, NULL,
                 STR("{\"projects\":[{\"id\":3,\"identifier\":\"web-shop\"}]," ISSUE "}"));
    hooking_end(&h);
    expect_part(buf_str(&h.l.text),
                "E issue:cdevents:v0:redmine:redmine.example%3A3000::web-shop:issue:1 "
                "issue.created");
    hooking_finish(&h);
}

/* What one file says and another means is known whichever is read first. */
static void words_of_other_files(void **state)
{
    (void)state;
    static const char *const FORTH[] = {"/tmp/weir-redmine-a.json", "/tmp/weir-redmine-b.json"};
    static const char *const BACK[] = {"/tmp/weir-redmine-b.json", "/tmp/weir-redmine-a.json"};
    struct loaded one, two;
    write_file(FORTH[0], STR("{" ISSUE "}"));
    write_file(FORTH[1], STR("{\"issue_statuses\":[{\"id\":1,\"name\":\"New\"}]}"));
    load_paths(&one, &SOURCE_REDMINE, FORTH, 2, HOOKING);
    load_paths(&two, &SOURCE_REDMINE, BACK, 2, HOOKING);
    expect_part(buf_str(&one.text), "issue.status/New");
    expect_text(&two.text, buf_cstr(&one.text));
    loaded_finish(&one);
    loaded_finish(&two);
    unlink(FORTH[0]);
    unlink(FORTH[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(names_are_not_identity),
        cmocka_unit_test(keys),
        cmocka_unit_test(words_of_other_files),
    };
    return cmocka_run_group_tests_name("redmine", tests, NULL, NULL);
}
