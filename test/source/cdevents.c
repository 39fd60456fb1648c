/* CDEvents and CloudEvents files, seen as whole states; then the published conformance events where
 * they are at hand. */
#include "load.h"

#include "wire/json.h"

#define CONTEXT(type, more)                                                                        \
    "{\"context\":{\"specversion\":\"0.5.1\",\"id\":\"i1\",\"source\":\"/ci\",\"type\":\"" type    \
    "\",\"timestamp\":\"2026-03-02T09:14:07Z\"" more "},"
#define MOVED "dev.cdeventsx.weir-workitem.moved.0.1.0"

static const struct source_options PLAIN = {.actor_key = STR_INIT("key")};

static void load(struct loaded *l, const char *text)
{
    load_text(l, &SOURCE_CDEVENTS, str_of(text), PLAIN);
}

static void expect(const char *text, const char *want)
{
    struct loaded l;
    load(&l, text);
    expect_end(&l);
    expect_text(&l.text, want);
    loaded_finish(&l);
}

static void moves(void **state)
{
    (void)state;
    expect(CONTEXT(MOVED, "") "\"subject\":{\"id\":\"cdevents:v0:redmine::acme:shop:issue:812\","
                              "\"content\":{\"from\":{\"id\":\"2\",\"name\":\"In Progress\","
                              "\"category\":\"active\"},\"to\":{\"id\":\"7\",\"name\":\"Ready for "
                              "QA\",\"category\":\"waiting\"},\"itemType\":\"feature\",\"board\":"
                              "\"shop\",\"actor\":\"hmac:9c1e\"}}}",
           "E issue:cdevents:v0:redmine::acme:shop:issue:812 issue.status/Ready for QA "
           "2026-03-02T09:14:07.000000Z by 9c1e {\"from\":\"In Progress\",\"to\":\"Ready for "
           "QA\",\"category\":\"waiting\",\"from_id\":\"2\",\"to_id\":\"7\",\"from_category\":"
           "\"active\",\"itemType\":\"feature\",\"board\":\"shop\"}\n");
    /* a first move has no from; a move to the same status is none; one without to is a reject */
    expect(CONTEXT(MOVED,
                   "") "\"subject\":{\"id\":\"7\",\"source\":\"https://r.example/\",\"content\":"
                       "{\"to\":{\"id\":\"1\"}}}}\n" CONTEXT(
                           MOVED, "") "\"subject\":{\"id\":\"7\",\"content\":{\"from\":{"
                                      "\"id\":\"1\",\"name\":\"A\"},\"to\":{\"id\":\"1\","
                                      "\"name\":\"A\",\"category\":\"soon\"}}}}\n" CONTEXT(
                                          MOVED, "") "\"subject\":{\"id\":\"7\","
                                                     "\"content\":{}}}\n" CONTEXT(
                                                         MOVED, "") "\"subject\":{\"id\":"
                                                                    "\"cdevents:v0:x\",\"content\":"
                                                                    "{\"to\":{\"id\":\"1\"}}}}",
           "E issue:https://r.example//7 issue.status/1 2026-03-02T09:14:07.000000Z "
           "{\"to\":\"1\",\"to_id\":\"1\"}\n"
           "E issue:/ci/7 issue/updated 2026-03-02T09:14:07.000000Z "
           "{\"from\":\"A\",\"to\":\"A\",\"from_id\":\"1\",\"to_id\":\"1\"}\n"
           "R 3 subject.content.to: the move has no \"to\" | " CONTEXT(
               MOVED, "") "\"subject\":{\"id\":\"7\",\"content\":{}}}\n"
                          "R 4 subject.id: bad identity: there are not eight segments | " CONTEXT(
                              MOVED, "") "\"subject\":{\"id\":\"cdevents:v0:x\",\"content\":{"
                                         "\"to\":{\"id\":\"1\"}}}}\n");
}

static void deliveries(void **state)
{
    (void)state;
    expect(
        "[" CONTEXT(
            "dev.cdevents.artifact.packaged.0.2.0",
            "") "\"subject\":{\"id\":\"pkg:oci/"
                "a%40b\",\"content\":{\"change\":{\"id\":\"c1\",\"source\":\"git\"}}}},\n" CONTEXT(
                    "dev.cdevents.service.deployed.0.2.0",
                    "") "\"subject\":{\"id\":\"web\",\"content\":{\"environment\":{\"id\":\"prod\"}"
                        ","
                        "\"artifactId\":\"pkg:oci/a@b\"}}},\n" CONTEXT(
                            "dev.cdevents.pipelinerun."
                            "finished.0.2.0",
                            ",\"chainId\":\"k\"") "\"subject"
                                                  "\":{\"id\""
                                                  ":\"p\","
                                                  "\"content"
                                                  "\":{"
                                                  "\"outcome"
                                                  "\":"
                                                  "\"failure"
                                                  "\"}}}]",
        "L change:git/c1 part_of(stated 1.00) artifact:pkg:oci/a@b\n"
        "L artifact:pkg:oci/a@b deploys(stated 1.00) "
        "deployment:/ci/web@prod@2026-03-02T09:14:07.000000Z\n"
        "E artifact:pkg:oci/a@b artifact/packaged 2026-03-02T09:14:07.000000Z [change "
        "change:git/c1] {\"change\":\"c1\"}\n"
        "E deployment:/ci/web@prod@2026-03-02T09:14:07.000000Z deployment/deployed "
        "2026-03-02T09:14:07.000000Z [environment environment:/ci/prod] [artifactId "
        "artifact:pkg:oci/a@b] [service service:/ci/web] {\"artifactId\":\"pkg:oci/a@b\","
        "\"environment\":\"prod\",\"service\":\"web\",\"kind\":\"release\"}\n"
        "E run:/ci/p run/pipelinerun 2026-03-02T09:14:07.000000Z life 5 "
        "{\"outcome\":\"failure\",\"chainId\":\"k\"}\n");
}

/* Event ids are followed wherever in the import the event stands, UUIDs in any letter case. */
static void links(void **state)
{
    (void)state;
    struct loaded l;
    load(
        &l,
        "{\"context\":{\"version\":\"0.4.1\",\"id\":\"a\",\"source\":\"s\",\"type\":\"dev.cdevents."
        "incident.detected.0.2.0\",\"timestamp\":\"2026-03-02T09:14:07.5Z\",\"links\":[{"
        "\"linkType\":\"RELATION\",\"linkKind\":\"causedBy\",\"target\":{\"contextId\":"
        "\"5328c37f-bb7e-4bb7-84ea-9f5f85e4a7ce\"}},{\"linkType\":\"PATH\",\"from\":{\"contextId\":"
        "\"nowhere\"}},{\"linkType\":\"RELATION\",\"linkKind\":\"x\",\"target\":{\"domainId\":"
        "\"cdevents:v0:jira::a:b:issue:A-1\"}}]},\"subject\":{\"id\":\"i\"}}\n"
        "{\"context\":{\"version\":\"0.4.1\",\"id\":\"5328C37F-BB7E-4BB7-84EA-9F5F85E4A7CE\","
        "\"source\":\"s\",\"type\":\"dev.cdevents.change.merged.0.2.0\",\"timestamp\":"
        "\"2026-03-02T09:14:07+01:00\"},\"subject\":{\"id\":\"c\",\"type\":\"change\"}}");
    expect_end(&l);
    expect_text(&l.text, "L incident:s/i related(stated 1.00) "
                         "issue:cdevents:v0:jira::a:b:issue:A-1\n"
                         "L incident:s/i caused_by(stated 1.00) change:s/c\n"
                         "E incident:s/i incident/detected 2026-03-02T09:14:07.500000Z\n"
                         "E change:s/c change/merged 2026-03-02T08:14:07.000000Z\n");
    expect_part(buf_str(&l.notes), "1 links lead to events that are not here");
    loaded_finish(&l);
}

static void envelopes(void **state)
{
    (void)state;
    struct loaded l;
    const char *const body = CONTEXT("dev.cdevents.ticket.closed.0.2.0", "") "\"subject\":{\"id\":"
                                                                             "\"t\"}}";
    struct buf text = {0}, quoted = {0};
    json_quote(&quoted, str_of(body));
    buf_addf(&text,
             "{\"specversion\":\"1.0\",\"id\":\"i1\",\"source\":\"/ci\",\"type\":"
             "\"dev.cdevents.ticket.closed.0.2.0\",\"time\":\"2026-03-02T09:14:07Z\",\"data\":%s}\n"
             "{\"specversion\":\"1.0\",\"id\":\"other\",\"data\":%s}\n"
             "{\"specversion\":\"1.0\",\"data_base64\":\"eyJjb250ZXh0Ijp7ImlkIjoieCJ9fQ==\"}\n"
             "{\"specversion\":\"1.0\",\"type\":\"dev.cdevents.x.y.0.1.0\",\"data\":7}\n"
             "{\"specversion\":\"1.0\",\"type\":\"com.example.door\",\"id\":\"1\",\"source\":\"d\","
             "\"time\":\"2026-03-02T09:14:07Z\",\"subject\":\"front\",\"data\":{}}\n"
             "{\"hello\":\"world\"}\n",
             body, buf_cstr(&quoted));
    load_text(&l, &SOURCE_CDEVENTS, buf_str(&text), PLAIN);
    expect_end(&l);
    expect_text(
        &l.text,
        "E issue:/ci/t issue/closed 2026-03-02T09:14:07.000000Z\n"
        "E issue:/ci/t issue/closed 2026-03-02T09:14:07.000000Z\n"
        "E unknown:d/front com.example.door/com.example.door 2026-03-02T09:14:07.000000Z\n"
        "R 3 context.source: there is no context.source | {\"specversion\":\"1.0\","
        "\"data_base64\":\"eyJjb250ZXh0Ijp7ImlkIjoieCJ9fQ==\"}\n"
        "R 4 data: the envelope has no CDEvent in it | {\"specversion\":\"1.0\",\"type\":"
        "\"dev.cdevents.x.y.0.1.0\",\"data\":7}\n"
        "R 6 context: this is neither a CDEvent nor a CloudEvent | {\"hello\":\"world\"}\n");
    assert_int_equal(l.distinct.n, 2); /* the same event twice is one fact */
    expect_part(buf_str(&l.notes), "1 envelopes differ from the event in them");
    expect_part(buf_str(&l.notes), "1 events are of a type that has no place");
    loaded_finish(&l);
    buf_finish(&text), buf_finish(&quoted);
}

static void malformed(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, "{\"context\":{\"version\":\"0.3.0\",\"specversion\":\"0.5.0\"},\"subject\":{}}\n"
             "{\"context\":{\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"timestamp\":\"noon\"}}\n"
             "{\"context\":{\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"timestamp\":"
             "\"2026-01-01T00:00:00\"}}\n"
             "{\"context\":{\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"timestamp\":"
             "\"2026-01-01T00:00:00Z\"},\"subject\":{\"id\":\"\"}}\n"
             "{\"context\":{\"id\":\"1\",\n"
             "{\"context\":{\"id\":\"0\",\"source\":\"s\",\"type\":\"dev.cdevents.moon.landed.0.1."
             "0\",\"timestamp\":\"1015-01-01T00:00:00Z\"},\"subject\":{\"id\":\"x\"}}\n"
             "{\"context\":");
    expect_end(&l);
    assert_true(l.incomplete);
    expect_part(buf_str(&l.text), "E unknown:s/x dev.cdevents.moon.landed.0.1.0/landed "
                                  "1015-01-01T00:00:00.000000Z quality 3\n"
                                  "R 1 context.specversion: version and specversion differ | ");
    expect_part(buf_str(&l.text), "R 2 context.timestamp: \"noon\" is not a date");
    expect_part(buf_str(&l.text), "R 3 context.timestamp: \"2026-01-01T00:00:00\" has no zone");
    expect_part(buf_str(&l.text), "R 4 subject.id: there is no subject.id");
    expect_part(buf_str(&l.text), "R 5 : it is not closed | {\"context\":{\"id\":\"1\",\n");
    expect_part(buf_str(&l.text), "R 7 : it breaks off | {\"context\":\n");
    expect_part(buf_str(&l.notes), "1 events have the id \"0\"");
    expect_part(buf_str(&l.notes), "1 times lie before 1990");
    loaded_finish(&l);
    load(&l, "<log><trace/></log>");
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.text), "this is XES, not CDEvents");
    loaded_finish(&l);
}

static void persons(void **state)
{
    (void)state;
    struct loaded l;
    load(&l, CONTEXT("dev.cdevents.ticket.created.0.2.0", "") "\"subject\":{\"id\":\"t\","
                                                              "\"content\":{\"summary\":\"Secret\","
                                                              "\"creator\":\"Dev One\","
                                                              "\"assignees\":[\"Dev Two\"],"
                                                              "\"priority\":\"high\"}}}");
    expect_end(&l);
    expect_part(buf_str(&l.text), " by ");
    expect_part(buf_str(&l.text), "{\"priority\":\"high\"}");
    assert_null(strstr(buf_cstr(&l.text), "Dev"));
    assert_null(strstr(buf_cstr(&l.text), "Secret"));
    loaded_finish(&l);
}

static void conformance(void **state)
{
    (void)state;
    static const struct {
        const char *version;
        size_t events;
    } SETS[] = {{"v0.3.0", 39}, {"v0.4.1", 45}, {"v0.5.1", 45}, {"v0.6.0-draft", 48}};
    for (size_t i = 0; i < 4; i++) {
        char path[512];
        snprintf(path, sizeof path, SHARED "/data/delivery/10-cdevents-conformance/%s",
                 SETS[i].version);
        if (!shared_is_here(path)) {
            skip();
        }
        struct loaded l;
        load_path(&l, &SOURCE_CDEVENTS, path, PLAIN);
        expect_end(&l);
        assert_int_equal(l.events, SETS[i].events);
        assert_int_equal(l.distinct.n, SETS[i].events);
        assert_int_equal(l.rejects, 0);
        assert_null(strstr(buf_cstr(&l.notes), "unmapped"));
        loaded_finish(&l);
    }
    struct loaded l;
    load_path(&l, &SOURCE_CDEVENTS,
              SHARED "/data/delivery/10-cdevents-conformance/extra/custom-event.json", PLAIN);
    expect_end(&l);
    assert_int_equal(l.events, 1);
    expect_part(buf_str(&l.text), "E unknown:pkg:resource/name@234fd47e07d1004f0aed9c "
                                  "dev.cdeventsx.mytool-resource.created.0.1.0/created ");
    expect_part(buf_str(&l.notes), "unmapped");
    loaded_finish(&l);
}

static void transformers(void **state)
{
    (void)state;
    const char *path = SHARED "/data/delivery/09-github-webhooks-to-cdevents/outputs";
    if (!shared_is_here(path)) {
        skip();
    }
    struct loaded l;
    load_path(&l, &SOURCE_CDEVENTS, path, PLAIN);
    expect_end(&l);
    assert_int_equal(l.events, 23);
    assert_int_equal(l.rejects, 0);
    expect_part(buf_str(&l.notes), "23 events have the id \"0\"");
    loaded_finish(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves),       cmocka_unit_test(deliveries),   cmocka_unit_test(links),
        cmocka_unit_test(envelopes),   cmocka_unit_test(malformed),    cmocka_unit_test(persons),
        cmocka_unit_test(conformance), cmocka_unit_test(transformers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
