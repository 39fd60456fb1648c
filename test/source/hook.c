/* What connectors share: headers, full batches, a store that fails, saved records, formats; and
 * CDEvents sent over HTTP. */
#include "hooking.h"

#include "source/detect.h"

static void headers(void **state)
{
    (void)state;
    const struct hook_header list[] = {{STR_INIT("X-One"), STR_INIT(" a ")},
                                       {STR_INIT("X-Two"), STR_INIT("b")},
                                       {STR_INIT("x-two"), STR_INIT("b")}};
    struct delivery d = {.headers = list, .header_count = 3};
    str value = {0};
    assert_true(delivery_header(&d, "x-one", &value) && str_eq(value, STR("a")));
    assert_false(delivery_header(&d, "X-Two", &value));
    assert_false(delivery_header(&d, "X-Three", &value));
}

static void names(void **state)
{
    (void)state;
    assert_ptr_equal(hook_by_name(STR("github")), &HOOK_GITHUB);
    assert_null(hook_by_name(STR("hithub")));
    const struct hook *hook;
    for (size_t i = 0; (hook = hook_at(i)) != NULL; i++) {
        assert_ptr_equal(hook_by_name(str_of(hook->name)), hook);
    }
}

static status_code refuse(struct batch *b, void *cookie, struct error *why)
{
    (void)b;
    ++*(int *)cookie;
    return error_set(why, "the disk is full");
}

/* After a failure nothing is mapped and nothing is asked again. */
static void failing(void **state)
{
    (void)state;
    struct hooking h;
    int asked = 0;
    hooking_begin(&h);
    h.run.take = refuse;
    h.run.cookie = &asked;
    for (int i = 0; i < 2 * BATCH_ROWS; i++) {
        hooking_send(&h, &HOOK_GITHUB, "status",
                     STR("{\"sha\":\"0123456789012345678901234567890123456789\",\"state\":"
                         "\"success\",\"id\":1,\"created_at\":\"2026-03-01T08:00:00Z\","
                         "\"repository\":{\"full_name\":\"a/b\"},\"sender\":{}}"));
    }
    struct error why = {0};
    assert_int_equal(hook_run_end(&h.run, &why), FAIL);
    assert_int_equal(asked, 1);
    assert_int_equal(h.run.counts.events, BATCH_ROWS);
    assert_non_null(strstr(why.text, "the disk is full"));
    hooking_finish(&h);
}

static void rejects_are_handed_on(void **state)
{
    (void)state;
    struct hooking h;
    hooking_begin(&h);
    for (int i = 0; i < 5000; i++) {
        hooking_send(&h, &HOOK_GITLAB, NULL, STR("{\"object_kind\":"));
    }
    assert_true(h.batches >= 2);
    hooking_end(&h);
    assert_int_equal(h.l.rejects, 5000);
    assert_int_equal(h.run.counts.rejected, 5000);
    hooking_finish(&h);
}

/* --- saved deliveries --- */

static void saved_records(void **state)
{
    (void)state;
    static const char *const TEXT =
        "{\"received\":\"2026-03-02T12:00:00Z\",\"headers\":{\"X-GitHub-Event\":\"ping\"},"
        "\"body\":{}}\n"
        "{\"headers\":{},\"body\":7}\n"
        "{\"headers\":{\"X-GitHub-Event\":\"issues\"},\"body\":\"{not json\"}\n"
        "{\"headers\":{\"X-GitHub-Event\":\"issues\"},\"body\":\"{\\\"action\\\":\\\"opened\\\","
        "\\\"issue\\\":{\\\"number\\\":1,\\\"created_at\\\":\\\"2026-03-01T08:00:00Z\\\"},"
        "\\\"repository\\\":{\\\"full_name\\\":\\\"a/b\\\"}}\"}\n"
        "{\"action\":\"opened\",\n";
    struct loaded l;
    load_text(&l, &SOURCE_GITHUB, str_of(TEXT), HOOKING);
    expect_end(&l);
    assert_true(l.incomplete);
    expect_text(&l.text,
                "E issue:cdevents:v0:github::a:b:issue:1 issue.created/created "
                "2026-03-01T08:00:00.000000Z\n"
                "R 2 body: the body is neither JSON nor its text | {\"headers\":{},\"body\":7}\n"
                "R 3 : the body: line 1, column 4: string or '}' expected near 'not' | {not json\n"
                "R 5 : it breaks off | {\"action\":\"opened\",\n\n"
                "R 0 : the JSON breaks off | \n");
    expect_part(buf_str(&l.notes), "1 of 4 deliveries tell nothing");
    loaded_finish(&l);
}

static void formats(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"github", "github_rest", "gitlab", "pagerduty"};
    static const struct source_format *const WANT[] = {&SOURCE_GITHUB, &SOURCE_GITHUB,
                                                       &SOURCE_GITLAB, &SOURCE_PAGERDUTY};
    for (size_t i = 0; i < 4; i++) {
        char path[512];
        const struct source_format *got = NULL;
        struct error why = {0};
        (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.ndjson", NAMES[i]);
        assert_int_equal(source_detect(path, &got, &why), OK);
        assert_ptr_equal(got, WANT[i]);
    }
    static const char *const FOLDERS[] = {
        "11-webhook-payloads/github", "11-webhook-payloads/gitlab",
        "09-github-webhooks-to-cdevents/inputs", "10-cdevents-conformance/v0.4.1"};
    static const struct source_format *const FOLDER_WANT[] = {&SOURCE_GITHUB, &SOURCE_GITLAB,
                                                              &SOURCE_GITHUB, &SOURCE_CDEVENTS};
    for (size_t i = 0; i < 4; i++) {
        char path[512];
        const struct source_format *got = NULL;
        struct error why = {0};
        (void)snprintf(path, sizeof path, SHARED "/data/delivery/%s", FOLDERS[i]);
        if (!shared_is_here(path)) {
            skip();
        }
        assert_int_equal(source_detect(path, &got, &why), OK);
        assert_string_equal(got->name, FOLDER_WANT[i]->name);
    }
}

/* --- CDEvents --- */

#define EVENT                                                                                      \
    "{\"context\":{\"specversion\":\"0.5.1\",\"id\":\"i 1\",\"source\":\"/ci\",\"type\":"          \
    "\"dev.cdevents.ticket.closed.0.2.0\",\"timestamp\":\"2026-03-02T09:14:07Z\"},\"subject\":"    \
    "{\"id\":\"t\"}}"

static void send_cdevent(struct hooking *h, const char *body, const char *const list[][2], size_t n)
{
    struct hook_header headers_of[8];
    for (size_t i = 0; i < n; i++) {
        headers_of[i] = (struct hook_header){str_of(list[i][0]), str_of(list[i][1])};
    }
    HOOK_CDEVENTS.map(&h->run, &(struct delivery){.source = STR("ci"),
                                                  .headers = headers_of,
                                                  .header_count = n,
                                                  .body = str_of(body),
                                                  .received = 1772452800 * SECOND});
}

/* Bare, binary, structured and in a batch it is the same fact; so it is in a file. */
static void cdevents(void **state)
{
    (void)state;
    static const char *const BINARY[][2] = {
        {"ce-specversion", "1.0"},
        {"ce-id", "i%201"},
        {"ce-source", "/ci"},
        {"ce-type", "dev.cdevents.ticket.closed.0.2.0"},
        {"ce-time", "2026-03-02T09:14:07Z"},
        {"ce-subject", "t"},
    };
    struct hooking h;
    hooking_begin(&h);
    send_cdevent(&h, EVENT, NULL, 0);
    send_cdevent(&h, EVENT, BINARY, 6);
    send_cdevent(&h, "{\"specversion\":\"1.0\",\"id\":\"i 1\",\"data\":" EVENT "}", NULL, 0);
    send_cdevent(&h, "[" EVENT ",{\"specversion\":\"1.0\",\"id\":\"i 1\",\"data\":" EVENT "}]",
                 NULL, 0);
    assert_int_equal(h.run.counts.warnings, 0);
    static const char *const OTHER[][2] = {{"ce-specversion", "1.0"}, {"ce-subject", "u"}};
    send_cdevent(&h, EVENT, OTHER, 2);
    hooking_end(&h);
    assert_int_equal(h.run.counts.warnings, 1);
    assert_int_equal(h.run.counts.events, 6);
    assert_int_equal(h.l.distinct.n, 1);
    struct loaded l;
    load_text(&l, &SOURCE_CDEVENTS, STR(EVENT), HOOKING);
    assert_true(l.keys.v[0].hi == h.l.keys.v[0].hi && l.keys.v[0].lo == h.l.keys.v[0].lo);
    loaded_finish(&l);
    hooking_finish(&h);
}

static void odd_cdevents(void **state)
{
    (void)state;
    struct hooking h;
    hooking_begin(&h);
    send_cdevent(&h, "", NULL, 0);
    send_cdevent(&h, "[1,null,{}]", NULL, 0);
    send_cdevent(&h, "{\"context\":{}}", NULL, 0);
    /* a link inside of the batch is followed */
    send_cdevent(&h,
                 "[" EVENT ",{\"context\":{\"version\":\"0.4.1\",\"id\":\"b\",\"source\":\"s\","
                 "\"type\":\"dev.cdevents.incident.detected.0.2.0\",\"timestamp\":"
                 "\"2026-03-02T09:14:07Z\",\"links\":[{\"linkType\":\"RELATION\",\"linkKind\":"
                 "\"causedBy\",\"target\":{\"contextId\":\"i 1\"}}]},\"subject\":{\"id\":\"i\"}}]",
                 NULL, 0);
    static const char *const FOREIGN[][2] = {{"ce-specversion", "1.0"},
                                             {"ce-id", "1"},
                                             {"ce-source", "d"},
                                             {"ce-type", "com.example.door"},
                                             {"ce-time", "2026-03-02T09:14:07Z"}};
    send_cdevent(&h, "{}", FOREIGN, 5);
    hooking_end(&h);
    assert_int_equal(h.run.counts.rejected, 5);
    assert_int_equal(h.run.counts.unmapped, 1);
    expect_part(buf_str(&h.l.text), "L incident:s/i caused_by(stated 1.00) issue:/ci/t\n");
    hooking_finish(&h);
    struct arena text = {0};
    struct delivery d = {.body = STR(EVENT)};
    assert_true(str_eq(HOOK_CDEVENTS.id(&d, &text), STR("/ci i 1")));
    d.body = STR("[]");
    assert_int_equal(HOOK_CDEVENTS.id(&d, &text).n, 0);
    arena_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers),       cmocka_unit_test(names),
        cmocka_unit_test(failing),       cmocka_unit_test(rejects_are_handed_on),

        cmocka_unit_test(saved_records), cmocka_unit_test(formats),
        cmocka_unit_test(cdevents),      cmocka_unit_test(odd_cdevents),
    };
    return cmocka_run_group_tests_name("hook", tests, NULL, NULL);
}
