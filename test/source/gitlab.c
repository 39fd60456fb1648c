/* GitLab: our own bodies line by line, webhook and REST alike; then the published ones where they
 * are at hand. */
#include "hooking.h"

static void bodies(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_GITLAB, "gitlab");
}

/* The signing token and the plain one: a delivery may come either way. */
static void verifies(void **state)
{
    (void)state;
    const str secrets[] = {STR_INIT("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
                           STR_INIT("tok")};
    struct hook_header headers[] = {{STR_INIT("X-Gitlab-Token"), STR_INIT("tok")},
                                    {STR_INIT("webhook-id"), STR_INIT("m1")},
                                    {STR_INIT("webhook-timestamp"), STR_INIT("1767225600")},
                                    {STR_INIT("webhook-signature"),
                                     STR_INIT("v1,5cGaJzR6uMNUxnZo3j08gdTxeY84kElJQ4n+N7qRYQs=")}};
    struct delivery d = {.headers = headers, .header_count = 1, .body = STR("{\"a\":1}")};
    struct hook_secrets both = {.secrets = secrets, .n = 2}, signing = {.secrets = secrets, .n = 1};
    when at = 1767225600 * SECOND;
    assert_int_equal(HOOK_GITLAB.verify(&d, &both, at), HOOK_GOOD);
    assert_int_equal(HOOK_GITLAB.verify(&d, &signing, at), HOOK_WRONG);
    d.headers = headers + 1;
    d.header_count = 3;
    assert_int_equal(HOOK_GITLAB.verify(&d, &signing, at), HOOK_GOOD);
    assert_int_equal(HOOK_GITLAB.verify(&d, &signing, at + HOUR), HOOK_STALE);
    d.body = STR("{\"a\":2}");
    assert_int_equal(HOOK_GITLAB.verify(&d, &both, at), HOOK_WRONG);
    d.header_count = 0;
    assert_int_equal(HOOK_GITLAB.verify(&d, &both, at), HOOK_MISSING);
}

/* The flag's flip has no time of its own and is known by its delivery: sent again it is the same,
 * another one at the same instant is not. */
static void flags_are_known_by_their_delivery(void **state)
{
    (void)state;
    static const char *const KEYS[] = {"k-1", "k-1", "k-2"};
    struct hooking h;
    hooking_begin(&h);
    for (size_t i = 0; i < 3; i++) {
        const struct hook_header header = {STR_INIT("Idempotency-Key"), str_of(KEYS[i])};
        HOOK_GITLAB.map(&h.run,
                        &(struct delivery){
                            .source = STR("gitlab"),
                            .headers = &header,
                            .header_count = 1,
                            .body = STR("{\"object_kind\":\"feature_flag\",\"project\":"
                                        "{\"path_with_namespace\":\"a/b\"},"
                                        "\"object_attributes\":{\"name\":\"f\",\"active\":false}}"),
                            .received = 1772452800 * SECOND});
    }
    hooking_end(&h);
    assert_int_equal(h.l.events, 3);
    assert_int_equal(h.l.distinct.n, 2);
    expect_part(buf_str(&h.l.text), "E flag:cdevents:v0:gitlab::a:b:flag:f flag.flipped/off "
                                    "2026-03-02T12:00:00.000000Z quality 2 {\"active\":false");
    hooking_finish(&h);
}

static void published(void **state)
{
    (void)state;
    if (!hooking_find(SHARED "/data/delivery/11-webhook-payloads/gitlab")) {
        skip();
    }
    struct hooking h;
    hooking_begin(&h);
    for (size_t i = 0; i < hooking_bodies.n; i++) {
        struct buf body = hooking_file(hooking_bodies.v[i].path);
        hooking_send(&h, &HOOK_GITLAB, NULL, buf_str(&body));
        buf_finish(&body);
    }
    hooking_end(&h);
    assert_int_equal(hooking_bodies.n, 16);
    assert_int_equal(h.run.counts.rejected, 0);
    assert_int_equal(h.run.counts.unmapped,
                     3); /* a wiki page, comments on a commit and a snippet */
    assert_int_equal(h.run.counts.events, 26);
    str text = buf_str(&h.l.text);
    /* the number in the place of the commit's id is the pipeline's */
    expect_part(text, "job:1977 part_of(stated 1.00) run:");
    expect_part(text, ":deployment:15 deployment/deploy 2021-04-28T19:50:00.000000Z by ");
    expect_part(text, "commit:279484c09fbe69ededfced8c1bb6e6d24616b468 deploys(sha 1.00) ");
    expect_part(text, ":job:378 job/job 2016-08-12T15:26:29.000000Z by ");
    hooking_finish(&h);
    hooking_forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(verifies),
        cmocka_unit_test(flags_are_known_by_their_delivery),
        cmocka_unit_test(published),
    };
    return cmocka_run_group_tests_name("gitlab", tests, NULL, NULL);
}
