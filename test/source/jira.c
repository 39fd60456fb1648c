/* Jira: our own bodies, webhooks and REST alike; then the published changelog where it is at hand.
 */
#include "hooking.h"

#define CHANGELOG                                                                                  \
    SHARED "/data/delivery/14-connector-raw-to-normalised/jira/changelogs_redacted.json"

static void webhooks(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_JIRA, "jira");
}

static void rest(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_JIRA, "jira_rest");
}

/* The REST answers hold one issue of the webhooks: all that is told of it is the same facts. */
static void webhook_and_backfill_count_once(void **state)
{
    (void)state;
    static const char *const BOTH[] = {FIXTURES "/hooks/jira.ndjson",
                                       FIXTURES "/hooks/jira_rest.ndjson"};
    struct loaded hook, rest_of, both;
    load_paths(&hook, &SOURCE_JIRA, BOTH, 1, HOOKING);
    load_paths(&rest_of, &SOURCE_JIRA, BOTH + 1, 1, HOOKING);
    load_paths(&both, &SOURCE_JIRA, BOTH, 2, HOOKING);
    size_t shared = 0;
    str text = buf_str(&rest_of.text), line;
    while (str_cut(&text, '\n', &line)) {
        shared += str_starts(line, STR("E issue:cdevents:v0:jira::acme:SHOP:issue:SHOP-7 "));
    }
    assert_int_equal(shared, 14);
    assert_int_equal(both.distinct.n, hook.distinct.n + rest_of.distinct.n - shared);
    loaded_finish(&hook);
    loaded_finish(&rest_of);
    loaded_finish(&both);
}

/* A configured instance stands in the keys; the id of a delivery is Jira's. */
static void instances(void **state)
{
    (void)state;
    struct hooking h;
    hooking_begin(&h);
    h.options.provider_id = STR("inside");
    hooking_send(&h, &HOOK_JIRA, NULL,
                 STR("{\"key\":\"A-1\",\"self\":\"https://j.example/rest/api/2/issue/1\","
                     "\"fields\":{\"created\":\"2026-03-01T09:00:00.000+0000\"}}"));
    hooking_end(&h);
    expect_part(buf_str(&h.l.text), "E issue:cdevents:v0:jira:inside::A:issue:A-1 issue.created");
    hooking_finish(&h);
    const struct hook_header header = {STR_INIT("x-atlassian-webhook-identifier"),
                                       STR_INIT("w-17")};
    struct arena text = {0};
    struct delivery d = {.headers = &header, .header_count = 1};
    assert_true(str_eq(HOOK_JIRA.id(&d, &text), STR("w-17")));
    d.header_count = 0;
    assert_int_equal(HOOK_JIRA.id(&d, &text).n, 0);
    arena_finish(&text);
}

/* The statuses of the API alone are understood; beside the issues of a fetch they tell categories.
 */
static void statuses(void **state)
{
    (void)state;
#define STATUSES                                                                                   \
    "[{\"id\":\"6\",\"name\":\"Done\",\"statusCategory\":{\"key\":\"done\"}},"                     \
    "{\"id\":\"1\",\"statusCategory\":{\"key\":\"undefined\"}},7]"
    struct hooking h;
    hooking_begin(&h);
    hooking_send(&h, &HOOK_JIRA, NULL, STR("[]"));
    hooking_send(&h, &HOOK_JIRA, NULL, STR("[{\"id\":\"6\",\"statusCategory\":{}}]"));
    assert_int_equal(h.run.counts.unmapped, 2);
    hooking_send(&h, &HOOK_JIRA, NULL,
                 STR("{\"issues\":[{\"key\":\"A-1\",\"fields\":{\"created\":"
                     "\"2026-03-01T09:00:00.000+0000\"},\"changelog\":{\"histories\":[{\"id\":"
                     "\"1\",\"created\":\"2026-03-01T10:00:00.000+0000\",\"items\":[{\"field\":"
                     "\"status\",\"from\":\"1\",\"fromString\":\"New\",\"to\":\"6\","
                     "\"toString\":\"Done\"}]}]}}],\"status\":" STATUSES "}"));
    hooking_end(&h);
    assert_int_equal(h.run.counts.events, 3);
    assert_int_equal(h.run.counts.rejected, 0);
    expect_part(buf_str(&h.l.text), "\"to\":\"Done\",\"from_id\":\"1\",\"to_id\":\"6\","
                                    "\"category\":\"done\"}");
    hooking_finish(&h);
}

static void signatures(void **state)
{
    (void)state;
    /* HMAC-SHA-256("key", "The quick brown fox jumps over the lazy dog"), as often published */
    struct hook_header header = {
        STR_INIT("X-Hub-Signature"),
        STR_INIT("sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8")};
    const str secret = STR_INIT("key");
    const struct hook_secrets secrets = {.secrets = &secret, .n = 1};
    struct delivery d = {.headers = &header,
                         .header_count = 1,
                         .body = STR("The quick brown fox jumps over the lazy dog")};
    assert_int_equal(HOOK_JIRA.verify(&d, &secrets, 0), HOOK_GOOD);
    d.body = STR("The quick brown fox jumps over the lazy cog");
    assert_int_equal(HOOK_JIRA.verify(&d, &secrets, 0), HOOK_WRONG);
    d.header_count = 0;
    assert_int_equal(HOOK_JIRA.verify(&d, &secrets, 0), HOOK_MISSING);
}

/* --- the published changelog: 22 records of three issues --- */

struct visit {
    const char *issue, *name, *entered, *left; /* left NULL: not left */
};

/* As its expected visits say, with the times in UTC. */
static const struct visit VISITS[] = {
    {"13383", "开发中", "2021-01-25T13:49:52.514000Z", "2021-01-27T06:46:18.086000Z"},
    {"13383", "Closed", "2021-01-27T06:46:18.086000Z", "2021-03-28T08:08:12.742000Z"},
    {"13383", "已完成", "2021-03-28T08:08:12.742000Z", NULL},
    {"13954", "开发中", "2021-03-05T02:14:45.316000Z", "2021-03-17T03:21:55.019000Z"},
    {"13954", "Code Review", "2021-03-17T03:21:55.019000Z", "2021-03-25T06:48:05.919000Z"},
    {"13954", "待测试", "2021-03-25T06:48:05.919000Z", "2021-03-28T08:08:16.031000Z"},
    {"13954", "测试中", "2021-03-28T08:08:16.031000Z", "2021-04-01T02:59:26.954000Z"},
    {"13954", "发布中", "2021-04-01T02:59:26.954000Z", "2021-04-07T05:15:32.935000Z"},
    {"13954", "已完成", "2021-04-07T05:15:32.935000Z", NULL},
    {"13491", "Closed", "2021-01-29T07:58:12.493000Z", NULL},
};
enum { VISIT_COUNT = sizeof VISITS / sizeof *VISITS };

/* Moves of the text in order: the n-th is the n-th visit, and begins where the one before ended. */
static void expect_visits(str text)
{
    size_t n = 0;
    str line;
    while (str_cut(&text, '\n', &line)) {
        if (str_find(line, STR(" issue.status/")) == line.n) {
            continue;
        }
        assert_in_range(n, 0, VISIT_COUNT - 1);
        const struct visit *v = &VISITS[n];
        char want[200];
        (void)snprintf(want, sizeof want, "issue:%s issue.status/%s %s", v->issue, v->name,
                       v->entered);
        expect_part(line, want);
        if (v->left != NULL) {
            assert_string_equal(v->left, VISITS[n + 1].entered);
        }
        n++;
    }
    assert_int_equal(n, VISIT_COUNT);
}

static void published(void **state)
{
    (void)state;
    struct loaded l;
    if (!shared_is_here(CHANGELOG)) {
        skip();
    }
    load_path(&l, &SOURCE_JIRA, CHANGELOG, HOOKING);
    expect_end(&l);
    assert_int_equal(l.rejects, 0);
    assert_int_equal(l.notes.n, 0); /* all 22 records told something */
    assert_int_equal(l.events, 24); /* 10 moves, 12 changes of the sprint, 2 resolutions */
    assert_int_equal(l.distinct.n, 24);
    assert_int_equal(l.items.n, 3);
    expect_visits(buf_str(&l.text));
    loaded_finish(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(webhooks),   cmocka_unit_test(rest),
        cmocka_unit_test(instances),  cmocka_unit_test(webhook_and_backfill_count_once),
        cmocka_unit_test(signatures), cmocka_unit_test(published),
        cmocka_unit_test(statuses),
    };
    return cmocka_run_group_tests_name("jira", tests, NULL, NULL);
}
