/* Signatures of webhooks: the published known answers where they are at hand, and vectors of our
 * own, made with another implementation of HMAC. */
#include "source/signature.h"

#include "base/buf.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static enum hook_proof
check(enum hook_proof (*verify)(const struct delivery *, const struct hook_secrets *, when),
      const char *secret, const char *body, const char *const headers[][2], size_t n, when now)
{
    struct hook_header list[8];
    const str secrets[] = {STR_INIT("older"), str_of(secret)};
    for (size_t i = 0; i < n; i++) {
        list[i] = (struct hook_header){str_of(headers[i][0]), str_of(headers[i][1])};
    }
    return verify(&(struct delivery){.headers = list, .header_count = n, .body = str_of(body)},
                  &(struct hook_secrets){.secrets = secrets, .n = 2}, now);
}

static enum hook_proof github(const struct delivery *d, const struct hook_secrets *s, when now)
{
    (void)now;
    return signature_hex(d, s, "X-Hub-Signature-256", "sha256=");
}

static enum hook_proof pagerduty(const struct delivery *d, const struct hook_secrets *s, when now)
{
    (void)now;
    return signature_list(d, s, "X-PagerDuty-Signature", "v1=");
}

static enum hook_proof bearer(const struct delivery *d, const struct hook_secrets *s, when now)
{
    (void)now;
    return signature_bearer(d, s);
}

#define CHECK(verify, secret, body, ...)                                                           \
    check(verify, secret, body, (const char *const[][2]){__VA_ARGS__},                             \
          sizeof((const char *const[][2]){__VA_ARGS__}) / (2 * sizeof(char *)), 0)

/* printf '{"a":1}' | openssl dgst -sha256 -hmac key */
#define HEX "88a67f24bbcdaed0e6c997404bb79a743baf44c6bab2f4c27328e3009d22e342"
#define UPPER "88A67F24BBCDAED0E6C997404BB79A743BAF44C6BAB2F4C27328E3009D22E342"
#define BODY "{\"a\":1}"

static void hex(void **state)
{
    (void)state;
    assert_int_equal(CHECK(github, "key", BODY, {"x-hub-signature-256", "sha256=" HEX}), HOOK_GOOD);
    assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature", "sha256=" HEX}), HOOK_MISSING);
    assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature-256", HEX}), HOOK_WRONG);
    assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature-256", "sha256=" UPPER}),
                     HOOK_WRONG);
    assert_int_equal(CHECK(github, "key", BODY "\n", {"X-Hub-Signature-256", "sha256=" HEX}),
                     HOOK_WRONG);
    assert_int_equal(CHECK(github, "", BODY, {"X-Hub-Signature-256", "sha256=" HEX}), HOOK_WRONG);
    /* twice: nobody sends that in good faith */
    assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature-256", "sha256=" HEX},
                           {"x-hub-signature-256", "sha256=" HEX}),
                     HOOK_MISSING);
    /* one character more or less, or another one anywhere */
    char value[80] = "sha256=" HEX;
    assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature-256", "sha256=" HEX "0"}),
                     HOOK_WRONG);
    for (size_t i = 0; i < strlen("sha256=" HEX); i++) {
        char kept = value[i];
        value[i] = kept == '1' ? '2' : '1';
        assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature-256", value}), HOOK_WRONG);
        value[i] = '\0';
        assert_int_equal(CHECK(github, "key", BODY, {"X-Hub-Signature-256", value}), HOOK_WRONG);
        value[i] = kept;
    }
}

static void list(void **state)
{
    (void)state;
    static const char *const NAME = "X-PagerDuty-Signature";
    assert_int_equal(CHECK(pagerduty, "key", BODY, {NAME, "v1=" HEX}), HOOK_GOOD);
    assert_int_equal(CHECK(pagerduty, "key", BODY, {NAME, "v1=0,v2=1, v1=" HEX}), HOOK_GOOD);
    assert_int_equal(CHECK(pagerduty, "key", BODY, {NAME, "v2=" HEX}), HOOK_WRONG);
    assert_int_equal(CHECK(pagerduty, "key", BODY, {NAME, ""}), HOOK_WRONG);
    assert_int_equal(CHECK(pagerduty, "key", BODY, {"other", "v1=" HEX}), HOOK_MISSING);
    struct buf many = {0}; /* endless ones cost no endless time */
    for (int i = 0; i < 20000; i++) {
        buf_add(&many, STR("v1=" UPPER ","));
    }
    buf_add(&many, STR("v1=" HEX));
    assert_int_equal(CHECK(pagerduty, "key", BODY, {NAME, buf_cstr(&many)}), HOOK_WRONG);
    buf_finish(&many);
}

static void token(void **state)
{
    (void)state;
    assert_int_equal(CHECK(bearer, "tok", "", {"Authorization", "bearer  tok "}), HOOK_GOOD);
    assert_int_equal(CHECK(bearer, "tok", "", {"Authorization", "Bearer older"}), HOOK_GOOD);
    assert_int_equal(CHECK(bearer, "tok", "", {"Authorization", "Bearer to"}), HOOK_WRONG);
    assert_int_equal(CHECK(bearer, "tok", "", {"Authorization", "tok"}), HOOK_WRONG);
    assert_int_equal(CHECK(bearer, "", "", {"Authorization", "Bearer "}), HOOK_WRONG);
    assert_int_equal(CHECK(bearer, "tok", "", {"X-Token", "tok"}), HOOK_MISSING);
    const str secret = STR_INIT("tok");
    struct hook_secrets secrets = {.secrets = &secret, .n = 1, .header = STR("X-Token")};
    const struct hook_header header = {STR_INIT("x-token"), STR_INIT("tok")};
    struct delivery d = {.headers = &header, .header_count = 1};
    assert_int_equal(signature_bearer(&d, &secrets), HOOK_GOOD);
    secrets.n = 0;
    assert_int_equal(signature_bearer(&d, &secrets), HOOK_WRONG);
}

/* HMAC of m1.1767225600.{"a":1} under the bytes 0 … 31, by openssl dgst -mac HMAC */
static void standard(void **state)
{
    (void)state;
    static const char *const SIGNED =
        "v0,x v1,AAAA v1,5cGaJzR6uMNUxnZo3j08gdTxeY84kElJQ4n+N7qRYQs=";
    const char *const headers[][2] = {
        {"Webhook-Id", "m1"}, {"Webhook-Timestamp", "1767225600"}, {"Webhook-Signature", SIGNED}};
    when at = 1767225600 * SECOND;
    const struct {
        when now;
        enum hook_proof want;
    } TIMES[] = {
        {at, HOOK_GOOD},
        {at + 300 * SECOND, HOOK_GOOD},
        {at + 300 * SECOND + 1, HOOK_STALE},
        {at - 300 * SECOND, HOOK_GOOD},
        {at - 301 * SECOND, HOOK_STALE},
    };
    for (size_t i = 0; i < sizeof TIMES / sizeof *TIMES; i++) {
        assert_int_equal(check(signature_standard, KEY, BODY, headers, 3, TIMES[i].now),
                         TIMES[i].want);
    }
    assert_int_equal(check(signature_standard, KEY, BODY " ", headers, 3, at), HOOK_WRONG);
    assert_int_equal(check(signature_standard, "AAECAwQF", BODY, headers, 3, at), HOOK_WRONG);
    assert_int_equal(check(signature_standard, "whsec_", BODY, headers, 3, at), HOOK_WRONG);
    assert_int_equal(check(signature_standard, "whsec_(", BODY, headers, 3, at), HOOK_WRONG);
    assert_int_equal(check(signature_standard, KEY, BODY, headers, 2, at), HOOK_MISSING);
    const char *const odd[][2] = {{"Webhook-Id", "m1"},
                                  {"Webhook-Timestamp", "99999999999999999"},
                                  {"Webhook-Signature", SIGNED}};
    assert_int_equal(check(signature_standard, KEY, BODY, odd, 3, at), HOOK_WRONG);
}

/* --- the published answers --- */

static void unhex(str text, struct buf *out)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i + 1 < text.n; i += 2) {
        long high = strchr(DIGITS, text.p[i]) - DIGITS,
             low = strchr(DIGITS, text.p[i + 1]) - DIGITS;
        buf_putc(out, (char)(high * 16 + low));
    }
}

static enum hook_proof verify_as(str provider, const struct delivery *d,
                                 const struct hook_secrets *s)
{
    if (str_eq(provider, STR("github"))) {
        return github(d, s, 0);
    }
    if (str_eq(provider, STR("gitlab-token"))) {
        return signature_token(d, s, STR("X-Gitlab-Token"), "");
    }
    if (str_eq(provider, STR("gitlab-signing"))) {
        return signature_standard(d, s, 1767225600 * SECOND);
    }
    if (str_eq(provider, STR("jira"))) {
        return signature_hex(d, s, "X-Hub-Signature", "sha256=");
    }
    if (str_eq(provider, STR("circleci"))) {
        return signature_list(d, s, "circleci-signature", "v1=");
    }
    assert_true(str_eq(provider, STR("pagerduty")));
    return pagerduty(d, s, 0);
}

static void known_answer(const json_t *one, size_t *ret_refused)
{
    struct hook_header headers[8];
    size_t n = 0;
    str provider = {0}, secret = {0}, body = {0}, text = {0};
    struct buf bytes = {0};
    bool accept = false;
    assert_true(json_get_str(one, "provider", &provider) && json_get_str(one, "secret", &secret) &&
                json_get_str(one, "body_hex", &body) && json_get_bool(one, "accept", &accept));
    unhex(body, &bytes);
    static const char *const PAIRS[][2] = {{"header", "value"}, {"legacy_header", "legacy_value"}};
    for (size_t i = 0; i < 2; i++) {
        if (json_get_str(one, PAIRS[i][0], &text)) {
            headers[n++] = (struct hook_header){text, json_text(json_object_get(one, PAIRS[i][1]))};
        }
    }
    json_t *more = json_object_get(one, "headers"), *value;
    const char *name;
    json_object_foreach(more, name, value)
    {
        headers[n++] = (struct hook_header){str_of(name), json_text(value)};
    }
    struct delivery d = {.headers = headers, .header_count = n, .body = buf_str(&bytes)};
    enum hook_proof got =
        verify_as(provider, &d, &(struct hook_secrets){.secrets = &secret, .n = 1});
    assert_int_equal(got, accept ? HOOK_GOOD : HOOK_WRONG);
    *ret_refused += !accept;
    buf_finish(&bytes);
}

static void known_answers(void **state)
{
    (void)state;
    static const char *const PATH = SHARED "/data/delivery/12-signatures/kat.json";
    json_t *all = json_load_file(PATH, 0, NULL);
    if (all == NULL) {
        print_message("skipped: %s is not here\n", PATH);
        skip();
    }
    size_t refused = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        known_answer(json_array_get(all, i), &refused);
    }
    assert_int_equal(json_array_size(all), 14);
    assert_int_equal(refused, 5);
    json_decref(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex),      cmocka_unit_test(list),          cmocka_unit_test(token),
        cmocka_unit_test(standard), cmocka_unit_test(known_answers),
    };
    return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
