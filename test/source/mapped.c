/* Mapped tools: the mapping files that come with weir, by bodies of our own (fixtures/hooks/NAME.*)
 * and by published ones where they are at hand; several events from one body, items that may be
 * missing, canonical keys, headers, tokens and signatures. */
#include "hooking.h"

#include "base/rng.h"
#include "source/mapping.h"
#include "wire/json.h"

#define MAPPINGS FIXTURES "/../../mappings/"
#define ARGO SHARED "/data/delivery/09-github-webhooks-to-cdevents/argocd/inputs/captured"
#define PAYLOADS SHARED "/data/delivery/11-webhook-payloads/"

static struct mapping *open_mapping(const char *name)
{
    struct mapping *m = NULL;
    struct error why = {0};
    char path[512];
    (void)snprintf(path, sizeof path, MAPPINGS "%s.yaml", name);
    if (mapping_open(path, &m, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return m;
}

static const char *const SHIPPED[] = {"argocd",       "circleci",  "tekton",       "incident_io",
                                      "alertmanager", "bitbucket", "azure_devops", "jsm"};
enum { SHIPPED_COUNT = sizeof SHIPPED / sizeof *SHIPPED };

/* Our own bodies through each file, as a file of saved bodies; backwards it is the same. */
static void shipped(void **state)
{
    (void)state;
    for (size_t i = 0; i < SHIPPED_COUNT; i++) {
        struct mapping *m = open_mapping(SHIPPED[i]);
        struct source_options options = HOOKING;
        struct loaded l;
        char path[512];
        options.mapping = m;
        (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.ndjson", SHIPPED[i]);
        load_path(&l, &SOURCE_MAPPED, path, options);
        expect_end(&l);
        buf_add(&l.text, buf_str(&l.notes));
        (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.expected", SHIPPED[i]);
        struct buf want = hooking_file(path);
        expect_text(&l.text, buf_cstr(&want));
        buf_finish(&want);
        loaded_finish(&l);
        mapping_close(m);
    }
}

static void send(struct hooking *h, const struct mapping *m, const char *header, const char *value,
                 str body)
{
    const struct hook_header headers = {str_of(header), str_of(value)};
    h->options.mapping = m;
    HOOK_MAPPED.map(&h->run, &(struct delivery){.source = STR("tool"),
                                                .headers = &headers,
                                                .header_count = header != NULL,
                                                .body = body,
                                                .received = 1790000000 * SECOND});
}

/* --- damage and order --- */

struct saved {
    json_t *record, *headers;
    char *body;
};
static VEC(struct saved) saved_bodies;

static void take_saved(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, FIXTURES "/hooks/%s.ndjson", name);
    struct buf bytes = hooking_file(path);
    str rest = buf_str(&bytes), line;
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        struct saved one = {0};
        struct error why = {0};
        assert_int_equal(json_parse(line, 0, "record", &one.record, &why), OK);
        one.headers = json_object_get(one.record, "headers");
        one.body = json_dumps(json_object_get(one.record, "body"), JSON_COMPACT);
        VEC_ADD(&saved_bodies, one);
    }
    buf_finish(&bytes);
}

static void forget_saved(void)
{
    for (size_t i = 0; i < saved_bodies.n; i++) {
        json_decref(saved_bodies.v[i].record);
        free(saved_bodies.v[i].body);
    }
    VEC_FINISH(&saved_bodies);
}

static void send_saved(struct hooking *h, const struct mapping *m, const struct saved *one,
                       str body)
{
    const char *name = json_object_iter_key(json_object_iter(one->headers));
    str value = name != NULL ? json_text(json_object_get(one->headers, name)) : (str){0};
    send(h, m, name, name != NULL ? value.p : NULL, body);
}

/* Cut at every byte, and changed at random: a reject, events or unmapped, never silence. */
static void damaged(void **state)
{
    (void)state;
    uint64_t random = 11;
    for (size_t k = 0; k < SHIPPED_COUNT; k++) {
        struct mapping *m = open_mapping(SHIPPED[k]);
        struct hooking h;
        hooking_begin(&h);
        take_saved(SHIPPED[k]);
        for (size_t i = 0; i < saved_bodies.n; i++) {
            const struct saved *one = &saved_bodies.v[i];
            size_t n = strlen(one->body);
            for (size_t end = 0; end < n; end++) {
                send_saved(&h, m, one, (str){one->body, end});
            }
            assert_int_equal(h.run.counts.events + h.run.counts.unmapped, 0);
        }
        for (int i = 0; i < 1300; i++) {
            const struct saved *one = &saved_bodies.v[rng_below(&random, saved_bodies.n)];
            char *copy = strdup(one->body);
            size_t n = strlen(copy);
            struct hook_counts before = h.run.counts;
            for (uint64_t times = 1 + rng_below(&random, 4); times > 0; times--) {
                copy[rng_below(&random, n)] = "{}[]\":,0e-nt\\ "[rng_below(&random, 14)];
            }
            send_saved(&h, m, one, (str){copy, n});
            const struct hook_counts *now = &h.run.counts;
            assert_true(now->events + now->unmapped + now->rejected >
                        before.events + before.unmapped + before.rejected);
            free(copy);
        }
        hooking_end(&h);
        hooking_finish(&h);
        forget_saved();
        mapping_close(m);
    }
}

/* Sent twice and backwards: the same facts and links. */
static void same_state(void **state)
{
    (void)state;
    for (size_t k = 0; k < SHIPPED_COUNT; k++) {
        struct mapping *m = open_mapping(SHIPPED[k]);
        struct buf states[3];
        take_saved(SHIPPED[k]);
        for (int order = 0; order < 3; order++) {
            struct hooking h;
            hooking_begin(&h);
            for (size_t i = 0; i < saved_bodies.n * (order == 1 ? 2 : 1); i++) {
                size_t at = order == 2 ? saved_bodies.n - 1 - i : i % saved_bodies.n;
                const struct saved *one = &saved_bodies.v[at];
                send_saved(&h, m, one, str_of(one->body));
            }
            hooking_end(&h);
            states[order] = hooking_state(&h.l, false);
            hooking_finish(&h);
        }
        assert_true(states[0].n > 0);
        expect_text(&states[1], buf_cstr(&states[0]));
        expect_text(&states[2], buf_cstr(&states[0]));
        for (int order = 0; order < 3; order++) {
            buf_finish(&states[order]);
        }
        forget_saved();
        mapping_close(m);
    }
}

/* --- published bodies --- */

/* Deployments of the captured notifications, as the transformers of others see them: the time is
 * that of the end, the commit that of the revision. */
static const struct {
    const char *file, *time, *commit;
} DEPLOYED[] = {
    {"001", "2025-08-14T12:19:19", "251202611b4faf9105c06eb03df7a28d7a495c69"},
    {"002", "2025-10-02T15:21:07", "90460e57069cadc1332ca8137268028bf3f12765"},
    {"004", "2025-08-14T12:19:21", "251202611b4faf9105c06eb03df7a28d7a495c69"},
    {"008_sync_podinfo_1_2", "2025-10-02T16:20:59", "94fcc5e8673e0d2d7fbca6b1c6c455ba308314fc"},
    {"013_sync_podinfo_2_3", "2025-10-02T16:45:19", "a390e57286ce93cd869ef0cd157c287a7082d504"},
    {"016_sync_podinfo_3_3", "2025-10-02T16:53:20", "2396abec0a4a8bb67cbe5395fbf28dadf45e0b48"},
    {"017_sync_podinfo_3_4", "2025-10-02T16:53:20", NULL},
    {"019_sync_podinfo_4_2", "2025-10-02T16:57:43", "224f6a2da219e7efa4178277707ac90007e133b9"},
    {"021_remove_podinfo_1_1", "2025-10-02T16:57:43", "224f6a2da219e7efa4178277707ac90007e133b9"},
};

static void send_file(struct hooking *h, const struct mapping *m, const char *path)
{
    struct buf body = hooking_file(path);
    send(h, m, NULL, NULL, buf_str(&body));
    buf_finish(&body);
}

static void captured_deployments(void **state)
{
    (void)state;
    if (!shared_is_here(ARGO)) {
        skip();
    }
    struct mapping *m = open_mapping("argocd");
    id128 keys[sizeof DEPLOYED / sizeof *DEPLOYED] = {{0}};
    for (size_t i = 0; i < sizeof DEPLOYED / sizeof *DEPLOYED; i++) {
        struct hooking h;
        char path[512], want[200];
        hooking_begin(&h);
        (void)snprintf(path, sizeof path, ARGO "/%s.json", DEPLOYED[i].file);
        send_file(&h, m, path);
        hooking_end(&h);
        assert_int_equal(h.run.counts.rejected, 0);
        (void)snprintf(want, sizeof want, " deployment/deploy %s", DEPLOYED[i].time);
        expect_part(buf_str(&h.l.text), want);
        if (DEPLOYED[i].commit != NULL) {
            (void)snprintf(want, sizeof want,
                           "L commit:%s deploys(stated 1.00) deployment:", DEPLOYED[i].commit);
            expect_part(buf_str(&h.l.text), want);
        } else {
            assert_true(str_find(buf_str(&h.l.text), STR("L commit:")) == h.l.text.n);
        }
        keys[i] = h.l.keys.v[h.l.keys.n - 1];
        hooking_finish(&h);
    }
    /* 019 and 021 announce one deployment */
    assert_true(keys[7].hi == keys[8].hi && keys[7].lo == keys[8].lo);
    struct hooking h;
    hooking_begin(&h);
    assert_true(hooking_find(ARGO));
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        send_file(&h, m, hooking_bodies.v[i].path);
    }
    hooking_forget();
    hooking_end(&h);
    print_message("argocd: 23 bodies, %llu events, %zu facts, %llu unmapped\n",
                  (unsigned long long)h.run.counts.events, h.l.distinct.n,
                  (unsigned long long)h.run.counts.unmapped);
    assert_int_equal(h.run.counts.rejected, 0);
    assert_int_equal(h.run.counts.unmapped, 4); /* no operation yet: 000, 003, 005, 006 */
    expect_part(buf_str(&h.l.text), "service.removed/removed 2025-10-02T17:05:10.000000Z");
    hooking_finish(&h);
    mapping_close(m);
}

/* Which event a body of Bitbucket is stands in a header; the names of the files tell it here. */
static const char *const BITBUCKET[][2] = {
    {"repo-push", "repo:push"},
    {"repo-fork", "repo:fork"},
    {"repo-updated", "repo:updated"},
    {"repo-commit-status-created", "repo:commit_status_created"},
    {"repo-commit-status-updated", "repo:commit_status_updated"},
    {"commit-comment-created", "repo:commit_comment_created"},
    {"issue-created", "issue:created"},
    {"issue-updated", "issue:updated"},
    {"issue-comment-created", "issue:comment_created"},
    {"pull-request-created", "pullrequest:created"},
    {"pull-request-updated", "pullrequest:updated"},
    {"pull-request-approved", "pullrequest:approved"},
    {"pull-request-approval-removed", "pullrequest:unapproved"},
    {"pull-request-merged", "pullrequest:fulfilled"},
    {"pull-request-declined", "pullrequest:rejected"},
    {"pull-request-comment-created", "pullrequest:comment_created"},
    {"pull-request-comment-updated", "pullrequest:comment_updated"},
    {"pull-request-comment-deleted", "pullrequest:comment_deleted"},
};

static void published_bitbucket(void **state)
{
    (void)state;
    if (!shared_is_here(PAYLOADS "bitbucket")) {
        skip();
    }
    struct mapping *m = open_mapping("bitbucket");
    struct hooking h;
    hooking_begin(&h);
    for (size_t i = 0; i < sizeof BITBUCKET / sizeof *BITBUCKET; i++) {
        char path[512];
        (void)snprintf(path, sizeof path, PAYLOADS "bitbucket/%s.json", BITBUCKET[i][0]);
        struct buf body = hooking_file(path);
        send(&h, m, "X-Event-Key", BITBUCKET[i][1], buf_str(&body));
        buf_finish(&body);
    }
    hooking_end(&h);
    print_message("bitbucket: 18 bodies, %llu events, %llu unmapped\n",
                  (unsigned long long)h.run.counts.events,
                  (unsigned long long)h.run.counts.unmapped);
    assert_int_equal(h.run.counts.rejected, 0);
    assert_int_equal(h.run.counts.events, 13);
    assert_int_equal(h.run.counts.unmapped, 5);
    expect_part(buf_str(&h.l.text), "L run:cdevents:v0:bitbucket:::team_name/repo_name:execution:"
                                    "mybuildtool%402015-11-19T20%3A37%3A35.547563%2B00%3A00 "
                                    "checks(stated 1.00) "
                                    "commit:9fec847784abb10b2fa567ee63b85bd238955d0e");
    expect_part(buf_str(&h.l.text), "E change:cdevents:v0:bitbucket:::team_name/repo_name:pr:1 "
                                    "change.merged/merged 2015-04-06T15:23:38.205705Z");
    hooking_finish(&h);
    mapping_close(m);
}

static void published_azure(void **state)
{
    (void)state;
    if (!hooking_find(PAYLOADS "azuredevops")) {
        skip();
    }
    struct mapping *m = open_mapping("azure_devops");
    struct hooking h;
    hooking_begin(&h);
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        send_file(&h, m, hooking_bodies.v[i].path);
    }
    hooking_forget();
    hooking_end(&h);
    assert_int_equal(h.run.counts.rejected, 0);
    assert_int_equal(h.run.counts.unmapped, 0);
    assert_int_equal(h.run.counts.events, 6);
    assert_int_equal(h.l.distinct.n, 5); /* merged, and updated to merged, are one fact */
    expect_part(buf_str(&h.l.text),
                "L run:cdevents:v0:azure-devops:::ConsumerAddressModule:execution:2 "
                "checks(stated 1.00) commit:600c52d2d5b655caa111abfd863e5a9bd304bb0e");
    expect_part(buf_str(&h.l.text), "change.merged/merged 2014-06-30T18:59:12.366057Z");
    hooking_finish(&h);
    mapping_close(m);
}

/* --- what a mapping can say --- */

static struct mapping *read_mapping(const char *yaml)
{
    struct mapping *m = NULL;
    struct error why = {0};
    if (mapping_read(str_of(yaml), "m.yaml", &m, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return m;
}

static void expect_wrong(const char *yaml, const char *part)
{
    struct mapping *m = NULL;
    struct error why = {0};
    assert_int_equal(mapping_read(str_of(yaml), "m.yaml", &m, &why), FAIL);
    expect_part(str_of(why.text), part);
}

/* Items that may be missing, and a commit by something else than its id: left out with its link. */
static void optional_items(void **state)
{
    (void)state;
    struct mapping *m =
        read_mapping("map:\n"
                     "  - items: [{type: change, provider: tool, instance: in side, namespace: a,\n"
                     "             groups: $.g, id: $.id},\n"
                     "            {type: commit, id: $.sha, qualifier: head, optional: true}]\n"
                     "    links: [{kind: part_of, from: 1, to: 0}]\n"
                     "    activity: x\n"
                     "    time: $.t\n");
    struct hooking h;
    hooking_begin(&h);
    send(&h, m, NULL, NULL, STR("{\"id\":\"7/8\",\"g\":\"b/c d\",\"t\":\"2026-03-01T08:00:00Z\"}"));
    send(&h, m, NULL, NULL,
         STR("{\"id\":7,\"g\":\"b\",\"sha\":\"v1.2\",\"t\":\"2026-03-01T08:00:00Z\"}"));
    send(&h, m, NULL, NULL,
         STR("{\"id\":8,\"g\":\"b\",\"sha\":\"ABCDEF0123456789ABCDEF0123456789ABCDEF01\",\"t\":"
             "\"2026-03-01T08:00:00Z\"}"));
    send(&h, m, NULL, NULL, STR("{\"id\":8,\"t\":\"2026-03-01T08:00:00Z\"}"));
    send(&h, m, NULL, NULL, STR("[]"));
    hooking_end(&h);
    expect_text(&h.l.text,
                "L commit:abcdef0123456789abcdef0123456789abcdef01 part_of(stated 1.00) "
                "change:cdevents:v0:tool:in%20side:a:b:pr:8\n"
                "E change:cdevents:v0:tool:in%20side:a:b/c%20d:pr:7%2F8 event/x "
                "2026-03-01T08:00:00.000000Z\n"
                "E change:cdevents:v0:tool:in%20side:a:b:pr:7 event/x 2026-03-01T08:00:00.000000Z\n"
                "E change:cdevents:v0:tool:in%20side:a:b:pr:8 event/x 2026-03-01T08:00:00.000000Z "
                "[head commit:abcdef0123456789abcdef0123456789abcdef01]\n"
                "R 0 items: $.g has no value | {\"id\":8,\"t\":\"2026-03-01T08:00:00Z\"}\n"
                "R 0 items: $.g has no value | []\n");
    hooking_finish(&h);
    mapping_close(m);
    expect_wrong("map: [{items: [{type: a, id: b, optional: true}], activity: x, time: t}]",
                 "it cannot be optional");
    expect_wrong("map: [{items: [{type: a, id: b, instance: c}], activity: x, time: t}]",
                 "an `instance` is that of a `provider`");
}

/* `more`: one body, several events; "*" and "" in `when`; no list where `each` looks for one. */
static void several_events(void **state)
{
    (void)state;
    struct mapping *m = read_mapping("each: $.list[*]\n"
                                     "map:\n"
                                     "  - when: {$.began: '*'}\n"
                                     "    more: true\n"
                                     "    items: &i [{type: run, id: $.id}]\n"
                                     "    activity: run\n"
                                     "    lifecycle: start\n"
                                     "    time: $.began\n"
                                     "  - when: {$.ended: ''}\n"
                                     "    items: *i\n"
                                     "    activity: still running\n"
                                     "    time: $.began\n"
                                     "  - items: *i\n"
                                     "    activity: run\n"
                                     "    lifecycle: complete\n"
                                     "    time: $.ended\n");
    struct hooking h;
    hooking_begin(&h);
    send(&h, m, NULL, NULL,
         STR("{\"list\":[{\"id\":1,\"began\":\"2026-03-01T08:00:00Z\",\"ended\":null},"
             "{\"id\":2,\"began\":\"2026-03-01T08:00:00Z\",\"ended\":\"2026-03-01T09:00:00Z\"}]}"));
    send(&h, m, NULL, NULL, STR("{\"id\":3,\"ended\":\"2026-03-01T09:00:00Z\"}"));
    send(&h, m, NULL, NULL, STR("{\"list\":[]}"));
    hooking_end(&h);
    expect_text(&h.l.text, "E run:1 event/run 2026-03-01T08:00:00.000000Z life 2\n"
                           "E run:1 event/still running 2026-03-01T08:00:00.000000Z\n"
                           "E run:2 event/run 2026-03-01T08:00:00.000000Z life 2\n"
                           "E run:2 event/run 2026-03-01T09:00:00.000000Z life 5\n"
                           "E run:3 event/run 2026-03-01T09:00:00.000000Z life 5\n");
    assert_int_equal(h.l.distinct.n, 5);
    assert_int_equal(h.run.counts.unmapped, 1);
    hooking_finish(&h);
    mapping_close(m);
}

static void without_mapping(void **state)
{
    (void)state;
    struct hooking h;
    struct loaded l;
    hooking_begin(&h);
    send(&h, NULL, NULL, NULL, STR("{}"));
    hooking_end(&h);
    assert_int_equal(h.run.counts.rejected, 1);
    hooking_finish(&h);
    load_text(&l, &SOURCE_MAPPED, STR("{}"), HOOKING);
    assert_int_equal(l.done, FAIL);
    expect_part(str_of(l.why.hint), "--map FILE");
    loaded_finish(&l);
}

/* --- who sent it --- */

static void verify_keys(void **state)
{
    (void)state;
    struct mapping *m =
        read_mapping("delivery: header:X-Delivery-Id\n"
                     "verify: {scheme: hmac-sha256, header: X-Signature, form: 'sha256={hex}',\n"
                     "         secret_file: a.secret}\n"
                     "map: [{items: [{type: a, id: b}], activity: x, time: t}]\n");
    const struct mapping_hook *hook = mapping_hook(m);
    assert_true(str_eq(hook->header, STR("X-Signature")));
    assert_true(str_eq(hook->form, STR("sha256={hex}")));
    assert_true(str_eq(hook->secret_file, STR("a.secret")));
    assert_true(str_eq(hook->id_header, STR("X-Delivery-Id")));
    mapping_close(m);
    expect_wrong("verify: {scheme: md5}", "`scheme` is hmac-sha256 or token");
    expect_wrong("verify: {scheme: hmac-sha256}", "needs a `header`");
    expect_wrong("verify: {form: 'a{hex}'}", "ends with {token}");
    expect_wrong("verify: {haeder: X}", "Did you mean \"header\"?");
    expect_wrong("delivery: X-Id", "header:X-Delivery-Id");
}

static enum hook_proof proof_of(const char *name, const char *value, const char *header,
                                const char *form)
{
    const struct hook_header headers = {str_of(name), str_of(value)};
    const str secret = STR_INIT("key");
    const struct hook_secrets secrets = {
        .secrets = &secret, .n = 1, .header = str_of(header), .form = str_of(form)};
    struct delivery d = {.headers = &headers,
                         .header_count = 1,
                         .body = STR("The quick brown fox jumps over the lazy dog")};
    return HOOK_MAPPED.verify(&d, &secrets, 0);
}

static void proofs(void **state)
{
    (void)state;
#define DIGEST "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    assert_int_equal(proof_of("X-S", "sha256=" DIGEST, "X-S", "sha256={hex}"), HOOK_GOOD);
    assert_int_equal(proof_of("X-S", DIGEST, "X-S", "{hex}"), HOOK_GOOD);
    assert_int_equal(proof_of("X-S", "v1=" DIGEST, "X-S", "sha256={hex}"), HOOK_WRONG);
    assert_int_equal(proof_of("X-T", "sha256=" DIGEST, "X-S", "sha256={hex}"), HOOK_MISSING);
    assert_int_equal(proof_of("X-S", "sha256=" DIGEST, "", "sha256={hex}"), HOOK_WRONG);
    assert_int_equal(proof_of("X-S", "key", "X-S", "{hash}"), HOOK_WRONG);
    assert_int_equal(proof_of("Authorization", "Basic key", "", "Basic {token}"), HOOK_GOOD);
    assert_int_equal(proof_of("Authorization", "Basic kex", "", "Basic {token}"), HOOK_WRONG);
    assert_int_equal(proof_of("Authorization", "Bearer key", "", ""), HOOK_GOOD);
    assert_int_equal(proof_of("X-Token", "key", "X-Token", ""), HOOK_GOOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped),         cmocka_unit_test(captured_deployments),
        cmocka_unit_test(published_azure), cmocka_unit_test(published_bitbucket),
        cmocka_unit_test(optional_items),  cmocka_unit_test(several_events),
        cmocka_unit_test(without_mapping), cmocka_unit_test(verify_keys),
        cmocka_unit_test(proofs),          cmocka_unit_test(damaged),
        cmocka_unit_test(same_state),
    };
    return cmocka_run_group_tests_name("mapped", tests, NULL, NULL);
}
