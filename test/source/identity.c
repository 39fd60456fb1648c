/* The grammar of identities: the published vectors, and what else must and must not pass. */
#include "source/identity.h"

#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void segments(void **state)
{
    (void)state;
    struct identity id;
    struct buf out = {0};
    str text = STR("cdevents:v0:gitlab:inner:my-company:platform/back%20end:mr:99");
    assert_true(identity_parse(text, &id, NULL));
    assert_true(str_eq(id.provider, STR("gitlab")));
    assert_true(str_eq(id.provider_id, STR("inner")));
    assert_true(str_eq(id.space, STR("my-company")));
    assert_true(str_eq(id.groups, STR("platform/back%20end")));
    assert_true(str_eq(id.type, STR("mr")));
    assert_true(str_eq(id.resource, STR("99")));
    identity_write(&id, &out);
    assert_true(str_eq(buf_str(&out), text));
    buf_clear(&out);
    identity_key(&id, &out);
    assert_string_equal(buf_cstr(&out),
                        "cdevents:v0:gitlab:inner:my-company:platform/back%20end:pr:99");
    assert_true(str_eq(identity_item_type(&id), STR("change")));
    buf_finish(&out);
}

/* However a segment is encoded, the key is one. */
static void canonical(void **state)
{
    (void)state;
    static const char *const SPELLINGS[] = {
        "cdevents:v0:::::artifact:pkg%3Adocker%2Fmyapp%401.0.0",
        "cdevents:v0:::::artifact:pkg%3adocker%2fmyapp%401%2E0.0",
        "cdevents:v0:::::artifact:pkg%3Adocker%2Fmyapp@1.0.0",
    };
    for (size_t i = 0; i < 3; i++) {
        struct identity id;
        struct buf out = {0};
        assert_true(identity_parse(str_of(SPELLINGS[i]), &id, NULL));
        identity_key(&id, &out);
        assert_string_equal(buf_cstr(&out), SPELLINGS[0]);
        buf_clear(&out);
        identity_decode(id.resource, &out);
        assert_string_equal(buf_cstr(&out), "pkg:docker/myapp@1.0.0");
        buf_finish(&out);
    }
}

static void encodes_every_byte(void **state)
{
    (void)state;
    char all[256];
    for (int i = 0; i < 256; i++) {
        all[i] = (char)i;
    }
    struct buf encoded = {0}, decoded = {0}, text = {0};
    identity_encode((str){all, 256}, &encoded);
    identity_decode(buf_str(&encoded), &decoded);
    assert_int_equal(decoded.n, 256);
    assert_memory_equal(decoded.p, all, 256);
    buf_addf(&text, "cdevents:v0:::::issue:" STR_FMT, STR_ARG(buf_str(&encoded)));
    struct identity id;
    assert_true(identity_parse(buf_str(&text), &id, NULL));
    buf_finish(&encoded), buf_finish(&decoded), buf_finish(&text);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } CASES[] = {
        {"cdevents:v0:github:acme:shop:pr:42", "there are not eight segments"},
        {"cdevents:v0:github::acme:shop:pr:42:7", "there are not eight segments"},
        {"cdevents:v0:github::acme:shop::42", "the type is empty"},
        {"cdevents:v0:github::acme:shop:pr:", "the resource id is empty"},
        {"cdevents:v0:github::acme:/shop:pr:42", "a slash at the edge of the groups"},
        {"cdevents:v0:github::acme:shop/:pr:42", "a slash at the edge of the groups"},
        {"cdevents:v0:github::acme:a//b:pr:42", "an empty group"},
        {"cdevents:v1:github::acme:shop:pr:42", "the version is not \"v0\""},
        {"CDEvents:v0:github::acme:shop:pr:42", "the scheme is not \"cdevents\""},
        {"cdevents:v0:GitHub::acme:shop:pr:42", "the provider is not a lower-case word"},
        {"cdevents:v0:github::ac me:shop:pr:42", "the namespace is not percent-encoded"},
        {"cdevents:v0:github::acme:shop:pr:4/2", "the resource id is not percent-encoded"},
        {"cdevents:v0:github::acme:shop:pr:42%2", "the resource id is not percent-encoded"},
        {"cdevents:v0:github:\xc3\xa9:acme:shop:pr:42", "the provider id is not percent-encoded"},
        {"cdevents:v0:github::acme:shop:definition:42", "there is no such type"},
        {"cdevents", "the version is not \"v0\""},
        {"", "the scheme is not \"cdevents\""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct identity id;
        const char *reason = NULL;
        assert_false(identity_parse(str_of(CASES[i].text), &id, &reason));
        assert_string_equal(reason, CASES[i].reason);
    }
    struct identity id;
    assert_true(identity_parse(STR("cdevents:v0:::::definition.workflow:ci"), &id, NULL));
}

static void published_vectors(void **state)
{
    (void)state;
    FILE *file = fopen(SHARED "/data/delivery/10-cdevents-conformance/extra/domainid.json", "rb");
    if (file == NULL) {
        print_message("skipped: the published vectors are not here\n");
        skip();
    }
    char room[20000];
    size_t n = fread(room, 1, sizeof room, file), i;
    fclose(file);
    json_t *json = NULL;
    struct error why = {0};
    assert_int_equal(json_parse((str){room, n}, 0, "vectors", &json, &why), OK);
    const json_t *valid = json_get_array(json, "valid"), *invalid = json_get_array(json, "invalid"),
                 *vector;
    assert_int_equal(json_array_size(valid), 7);
    assert_int_equal(json_array_size(invalid), 7);
    json_array_foreach(valid, i, vector)
    {
        const json_t *want = json_get_object(vector, "segments");
        struct identity id;
        str text, part;
        assert_true(json_get_str(vector, "expected", &text));
        assert_true(identity_parse(text, &id, NULL));
        const struct {
            const char *key;
            str got;
        } PARTS[] = {{"provider", id.provider}, {"providerId", id.provider_id},
                     {"namespace", id.space},   {"groups", id.groups},
                     {"type", id.type},         {"resourceId", id.resource}};
        for (size_t k = 0; k < 6; k++) {
            assert_true(json_get_str(want, PARTS[k].key, &part));
            assert_true(str_eq(part, PARTS[k].got));
        }
        struct buf out = {0};
        identity_write(&id, &out);
        assert_true(str_eq(buf_str(&out), text));
        buf_finish(&out);
    }
    json_array_foreach(invalid, i, vector)
    {
        struct identity id;
        str text;
        assert_true(json_get_str(vector, "input", &text));
        assert_false(identity_parse(text, &id, NULL));
    }
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments),           cmocka_unit_test(canonical),
        cmocka_unit_test(encodes_every_byte), cmocka_unit_test(refuses),
        cmocka_unit_test(published_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
