/* GitHub: our own bodies line by line, webhook and REST alike; then the captured and published
 * ones where they are at hand. */
#include "hooking.h"

#include "wire/json.h"

#define CAPTURED SHARED "/data/delivery/09-github-webhooks-to-cdevents"
#define PAYLOADS SHARED "/data/delivery/11-webhook-payloads/github"

static void webhooks(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_GITHUB, "github");
}

static void rest(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_GITHUB, "github_rest");
}

/* What the REST API tells of the same work, the webhooks have told: one kind of comment and nothing
 * else is new. */
static void webhook_and_backfill_count_once(void **state)
{
    (void)state;
    static const char *const BOTH[] = {FIXTURES "/hooks/github.ndjson",
                                       FIXTURES "/hooks/github_rest.ndjson"};
    struct loaded one, both;
    load_paths(&one, &SOURCE_GITHUB, BOTH, 1, HOOKING);
    load_paths(&both, &SOURCE_GITHUB, BOTH, 2, HOOKING);
    assert_int_equal(both.distinct.n, one.distinct.n + 1);
    assert_true(both.events > one.events + 10);
    loaded_finish(&one);
    loaded_finish(&both);
}

/* Without the header the body says which event it is. */
static void events_are_inferred(void **state)
{
    (void)state;
    struct buf bytes = hooking_file(FIXTURES "/hooks/github.ndjson");
    str rest_of = buf_str(&bytes), line;
    struct hooking named, bare;
    hooking_begin(&named);
    hooking_begin(&bare);
    while (str_cut(&rest_of, '\n', &line) && line.n > 0) {
        json_t *record = NULL;
        struct error why = {0};
        assert_int_equal(json_parse(line, 0, "record", &record, &why), OK);
        str event = {0};
        json_get_str(json_object_get(record, "headers"), "X-GitHub-Event", &event);
        char *body = json_dumps(json_object_get(record, "body"), JSON_COMPACT);
        struct buf word = {0};
        buf_add(&word, event);
        hooking_send(&named, &HOOK_GITHUB, buf_cstr(&word), str_of(body));
        hooking_send(&bare, &HOOK_GITHUB, NULL, str_of(body));
        buf_finish(&word);
        free(body);
        json_decref(record);
    }
    hooking_end(&named);
    hooking_end(&bare);
    /* an event whose issue is null cannot be told */
    assert_int_equal(bare.run.counts.events, named.run.counts.events);
    assert_int_equal(bare.run.counts.rejected, named.run.counts.rejected - 1);
    struct buf left = hooking_state(&named.l, false), right = hooking_state(&bare.l, false);
    expect_text(&right, buf_cstr(&left));
    buf_finish(&left);
    buf_finish(&right);
    hooking_finish(&named);
    hooking_finish(&bare);
    buf_finish(&bytes);
}

static void instances(void **state)
{
    (void)state;
    static const char *const BODY =
        "{\"action\":\"opened\",\"sender\":{},\"issue\":{\"number\":1,\"created_at\":"
        "\"2026-03-01T08:00:00Z\"},\"repository\":{\"full_name\":\"a b/c:d\",\"html_url\":"
        "\"https://ghe.example.com:8443/a\"}}";
    struct hooking h;
    hooking_begin(&h);
    hooking_send(&h, &HOOK_GITHUB, "issues", str_of(BODY));
    h.options.provider_id = STR("inside");
    hooking_send(&h, &HOOK_GITHUB, "issues", str_of(BODY));
    hooking_end(&h);
    expect_part(buf_str(&h.l.text),
                "E issue:cdevents:v0:github:ghe.example.com%3A8443:a%20b:c%3Ad:issue:1 ");
    expect_part(buf_str(&h.l.text), "E issue:cdevents:v0:github:inside:a%20b:c%3Ad:issue:1 ");
    hooking_finish(&h);
}

/* A push of many commits is more than a batch holds. */
static void long_pushes(void **state)
{
    (void)state;
    enum { COMMITS = 5000 };
    struct buf body = {0};
    buf_add(
        &body,
        STR("{\"ref\":\"refs/heads/main\",\"before\":\"0123456789012345678901234567890123456789\","
            "\"after\":\"1123456789012345678901234567890123456789\",\"sender\":{},"
            "\"repository\":{\"full_name\":\"a/b\",\"pushed_at\":1772355600},\"commits\":["));
    for (int i = 0; i < COMMITS; i++) {
        buf_addf(&body, "%s{\"id\":\"%040d\",\"timestamp\":\"2026-03-01T08:00:00Z\"}",
                 i > 0 ? "," : "", i + 1);
    }
    buf_add(&body, STR("]}"));
    struct hooking h;
    hooking_begin(&h);
    hooking_send(&h, &HOOK_GITHUB, "push", buf_str(&body));
    assert_int_equal(h.batches, COMMITS / BATCH_ROWS);
    hooking_end(&h);
    assert_int_equal(h.l.events, COMMITS + 1);
    assert_int_equal(h.l.distinct.n, COMMITS + 1);
    hooking_finish(&h);
    struct loaded l;
    load_text(&l, &SOURCE_GITHUB, buf_str(&body), HOOKING); /* the same as a file */
    expect_end(&l);
    assert_int_equal(l.distinct.n, COMMITS + 1);
    loaded_finish(&l);
    buf_finish(&body);
}

/* --- captured deliveries, and what another transformer makes of them --- */

static void send_all(struct hooking *h, const struct hook *hook, bool named)
{
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        struct buf body = hooking_file(hooking_bodies.v[i].path);
        hooking_send(h, hook, named ? hooking_bodies.v[i].event : NULL, buf_str(&body));
        buf_finish(&body);
    }
}

/* Type of CDEvent and the event of ours that is the same fact. */
static const char *same_fact(str type)
{
    static const char *const PAIRS[][2] = {
        {"dev.cdevents.ticket.created", "issue.created/"},
        {"dev.cdevents.ticket.closed", "issue.closed/"},
        {"dev.cdevents.ticket.updated", "issue."},
        {"dev.cdevents.change.created", "change.created/"},
        {"dev.cdevents.change.merged", "change.merged/"},
        {"dev.cdevents.change.updated", "change."},
        {"dev.cdevents.taskrun.", "job/job"},
        {"dev.cdevents.pipelinerun.finished", "run/run"},
        {"dev.cdevents.pipelinerun.queued", "run/run"},
        {"dev.cdevents.artifact.published", "release/released"},
    };
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        if (str_starts(type, str_of(PAIRS[i][0]))) {
            return PAIRS[i][1];
        }
    }
    return NULL;
}

/* Is there a line with this event, item number and time? */
static bool has_line(str text, const char *fact, str number, str time)
{
    str line;
    while (str_cut(&text, '\n', &line)) {
        if (str_starts(line, STR("E ")) && str_find(line, str_of(fact)) < line.n &&
            str_find(line, number) < line.n && str_find(line, str_first(time, 19)) < line.n) {
            return true;
        }
    }
    return false;
}

/* The last part of the subject: an issue's number, a job's id; of a run what is before the attempt;
 * of a release its version. */
static str number_of(str subject)
{
    size_t attempt = str_find(subject, STR("/attempts/"));
    str rest = str_first(subject, attempt), part, last = {0};
    while (str_cut(&rest, str_starts(subject, STR("pkg:")) ? '@' : '/', &part)) {
        last = part;
    }
    return last;
}

static void captured(void **state)
{
    (void)state;
    if (!hooking_find(CAPTURED "/inputs")) {
        skip();
    }
    assert_int_equal(hooking_bodies.n, 46);
    size_t compared = 0, apart = 0;
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        struct hooking h;
        hooking_begin(&h);
        struct buf body = hooking_file(hooking_bodies.v[i].path);
        hooking_send(&h, &HOOK_GITHUB, NULL, buf_str(&body));
        hooking_end(&h);
        assert_int_equal(h.run.counts.rejected, 0);
        char path[1024];
        (void)snprintf(path, sizeof path, CAPTURED "/outputs/%s",
                       hooking_bodies.v[i].path + strlen(CAPTURED "/inputs/"));
        json_t *out = json_load_file(path, 0, NULL);
        str type = {0}, time = {0}, subject = {0};
        json_get_str(json_object_get(out, "context"), "type", &type);
        json_get_str(json_object_get(out, "context"), "timestamp", &time);
        json_get_str(json_object_get(out, "subject"), "id", &subject);
        const char *fact = same_fact(type);
        if (fact != NULL && !str_starts(subject, STR("pkg:oci"))) {
            if (!has_line(buf_str(&h.l.text), fact, number_of(subject), time)) {
                fail_msg("%s: no %s at " STR_FMT " in\n" STR_FMT, path, fact, STR_ARG(time),
                         STR_ARG(buf_str(&h.l.text)));
            }
            compared++;
        }
        /* there: a branch's time is its head commit's, a run's start its update, packages */
        apart += out != NULL && (fact == NULL || str_starts(subject, STR("pkg:oci")));
        json_decref(out);
        buf_finish(&body);
        hooking_finish(&h);
    }
    assert_int_equal(compared, 19);
    assert_int_equal(apart, 4);
    hooking_forget();
}

/* The facts about the change that was opened, changed and merged; the merge commit of the open one
 * is never taken. */
static void traps(void **state)
{
    (void)state;
    if (!hooking_find(CAPTURED "/inputs")) {
        skip();
    }
    struct hooking h;
    hooking_begin(&h);
    send_all(&h, &HOOK_GITHUB, false);
    hooking_end(&h);
    assert_int_equal(h.run.counts.events, 59);
    assert_int_equal(h.l.distinct.n, 51);
    assert_int_equal(h.run.counts.unmapped, 12);
    str text = buf_str(&h.l.text);
    size_t merges = 0;
    str rest_of = text, line;
    while (str_cut(&rest_of, '\n', &line)) {
        merges += str_find(line, STR(" part_of(merge 1.00) ")) < line.n;
    }
    assert_int_equal(merges, 1);
    expect_part(text, "L commit:44d21f9752bb9eb3952238ff7e25965b8f779d51 part_of(merge 1.00) ");
    /* 43 seconds after the merge a robot changes another one */
    expect_part(text, ":pr:91 change.updated/updated 2025-05-21T17:36:04.000000Z by ");
    expect_part(text,
                ":branch:release-plz-2025-04-27T12-58-32Z-tmp-2489034745 branch.created/created "
                "2025-05-21T17:36:01.000000Z");
    expect_part(text, "1015-01-11T19:03:48.000000Z life 5 quality 3 ");
    hooking_finish(&h);
    hooking_forget();
}

static void published(void **state)
{
    (void)state;
    if (!hooking_find(PAYLOADS)) {
        skip();
    }
    struct hooking named, bare;
    hooking_begin(&named);
    hooking_begin(&bare);
    send_all(&named, &HOOK_GITHUB, true);
    send_all(&bare, &HOOK_GITHUB, false);
    hooking_end(&named);
    hooking_end(&bare);
    assert_int_equal(hooking_bodies.n, 136);
    assert_int_equal(named.run.counts.rejected, 0);
    assert_int_equal(named.run.counts.unmapped, 38);
    assert_int_equal(named.run.counts.events, 118);
    assert_int_equal(bare.run.counts.events, 118);
    assert_int_equal(bare.run.counts.unmapped, 38);
    hooking_finish(&named);
    hooking_finish(&bare);
    hooking_forget();
}

/* All examples of the package @octokit/webhooks-examples, when the person who tests has unpacked it
 * and says where: OCTOKIT=…/package/api.github.com/index.json */
static void examples(void **state)
{
    (void)state;
    const char *path = getenv("OCTOKIT");
    json_t *all = path != NULL ? json_load_file(path, 0, NULL) : NULL;
    if (all == NULL) {
        print_message("skipped: OCTOKIT does not name the index of @octokit/webhooks-examples\n");
        skip();
    }
    struct hooking h;
    hooking_begin(&h);
    size_t bodies = 0, silent = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *one = json_array_get(all, i), *list = json_object_get(one, "examples");
        for (size_t k = 0; k < json_array_size(list); k++, bodies++) {
            struct hook_counts before = h.run.counts;
            char *body = json_dumps(json_array_get(list, k), JSON_COMPACT);
            hooking_send(&h, &HOOK_GITHUB, json_string_value(json_object_get(one, "name")),
                         str_of(body));
            free(body);
            const struct hook_counts *now = &h.run.counts;
            silent += now->events == before.events && now->unmapped == before.unmapped &&
                      now->rejected == before.rejected;
        }
    }
    hooking_end(&h);
    print_message("%zu bodies: %llu events (%zu facts), %llu unmapped, %llu rejected\n", bodies,
                  (unsigned long long)h.run.counts.events, h.l.distinct.n,
                  (unsigned long long)h.run.counts.unmapped,
                  (unsigned long long)h.run.counts.rejected);
    assert_int_equal(silent, 0);
    assert_int_equal(h.run.counts.rejected, 0);
    hooking_finish(&h);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(webhooks),
        cmocka_unit_test(rest),
        cmocka_unit_test(webhook_and_backfill_count_once),
        cmocka_unit_test(events_are_inferred),
        cmocka_unit_test(instances),
        cmocka_unit_test(long_pushes),
        cmocka_unit_test(captured),
        cmocka_unit_test(traps),
        cmocka_unit_test(published),
        cmocka_unit_test(examples),
    };
    return cmocka_run_group_tests_name("github", tests, NULL, NULL);
}
