/* Documents as the contract has them, character by character. */
#include "view/doc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Takes the document. */
static void expect(json_t *doc, const char *text)
{
    struct buf out = {0};
    doc_write(doc, false, &out);
    assert_string_equal(buf_cstr(&out), text);
    json_t *back = json_loads(buf_cstr(&out), JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert_non_null(back); /* whatever is in it, it is JSON */
    json_decref(back);
    buf_finish(&out);
    json_decref(doc);
}

static void values(void **state)
{
    (void)state;
    expect(doc_str(STR("qa")), "\"qa\"\n");
    expect(doc_str((str){0}), "\"\"\n");
    expect(doc_strf("%d of %s", 3, "ten"), "\"3 of ten\"\n");
    expect(doc_count(1204), "1204\n");
    expect(doc_count(UINT64_MAX), "1.8446744073709552e+19\n");
    expect(doc_id(UINT64_MAX), "\"18446744073709551615\"\n");
    expect(doc_real(0.1), "0.1\n");
    expect(doc_real(1.0 / 3), "0.3333333333333333\n");
    expect(doc_real(NAN), "null\n");
    expect(doc_real(-INFINITY), "null\n");
    expect(doc_seconds(90 * SECOND), "90\n");
    expect(doc_seconds(-250000), "-0.25\n");
    expect(doc_seconds(1), "1e-06\n");
}

static void instants(void **state)
{
    (void)state;
    const when t = clock_from_civil((struct civil){2026, 1, 1, 10, 0, 0, 42});
    expect(doc_when(t), "\"2026-01-01T10:00:00.000042Z\"\n");
    expect(doc_when(WHEN_NONE), "null\n");
    expect(doc_when(INT64_MAX), "null\n"); /* the year 294247 */
    expect(doc_when(INT64_MIN + 1), "null\n");
    expect(doc_range(0, WHEN_NONE), "{\"from\":\"1970-01-01T00:00:00.000000Z\",\"to\":null}\n");
}

static void hostile_text(void **state)
{
    (void)state;
    expect(doc_str(STR("a\x1b]0;x\x07")), "\"a\\u001b]0;x\\u0007\"\n");
    expect(doc_str(STR("\"\\\n\r\t\b\f")), "\"\\\"\\\\\\n\\r\\t\\b\\f\"\n");
    expect(doc_str(STR("\x7f\xc2\x9b\xe2\x80\xae")), "\"\\u007f\\u009b\\u202e\"\n");
    expect(doc_str(STR("a\xff\xe5\xbc")), "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"\n");
    expect(doc_str((str){"a\0b", 3}), "\"a\\u0000b\"\n");
    expect(doc_str(STR("开发中")), "\"开发中\"\n");
    expect(doc_strf("%s", "\xc3("), "\"\xef\xbf\xbd(\"\n");
}

static void keys_from_data(void **state)
{
    (void)state;
    json_t *object = json_object();
    doc_put_str(object, STR("\xff"), doc_count(1));
    doc_put_str(object, STR("\xfe"), doc_count(2));
    doc_put_str(object, (str){"a\0b", 3}, doc_count(3));
    doc_put_str(object, (str){0}, doc_count(4));
    doc_put_str(object, STR("测试"), doc_count(5));
    doc_put(object, "c\x80", doc_count(6));
    expect(object, "{\"\xef\xbf\xbd\":1,\"\xef\xbf\xbd (2)\":2,\"a\xef\xbf\xbd"
                   "b\":3,\"\":4,\"测试\":5,\"c\xef\xbf\xbd\":6}\n");
}

static void shapes(void **state)
{
    (void)state;
    const struct doc_distribution none = {.mean = NAN};
    const struct doc_distribution some = {.n = 3,
                                          .mean = 2e6,
                                          .min = 1e6,
                                          .p50 = 1.5e6,
                                          .p85 = NAN,
                                          .p95 = 3e6,
                                          .max = 4e6,
                                          .sum = 6e6};
    expect(doc_distribution(&none), "{\"n\":0,\"mean\":null,\"min\":null,\"p50\":null,"
                                    "\"p85\":null,\"p95\":null,\"max\":null,\"sum\":0}\n");
    expect(doc_distribution(&some), "{\"n\":3,\"mean\":2,\"min\":1,\"p50\":1.5,"
                                    "\"p85\":null,\"p95\":3,\"max\":4,\"sum\":6}\n");
    expect(doc_distribution_plain(&some),
           "{\"n\":3,\"mean\":2000000,\"min\":1000000,\"p50\":1500000,"
           "\"p85\":null,\"p95\":3000000,\"max\":4000000,\"sum\":6000000}\n");
    expect(doc_estimate(0.9, 0.7, 1.1, 0.95),
           "{\"value\":0.9,\"low\":0.7,\"high\":1.1,\"level\":0.95}\n");
    expect(doc_estimate(0.9, -INFINITY, 1.1, 0.95),
           "{\"value\":0.9,\"low\":null,\"high\":1.1,\"level\":0.95}\n");
    expect(doc_estimate(NAN, 0, 0, 0.95), "null\n");
    expect(doc_estimate_n(1, 0, 2, 0.9, 12),
           "{\"value\":1,\"low\":0,\"high\":2,\"level\":0.9,\"n\":12}\n");
    expect(doc_estimate_n(NAN, 0, 2, 0.9, 12), "null\n");
    expect(doc_rule("dora", "1", NULL),
           "{\"name\":\"dora\",\"version\":\"1\",\"parameters\":{}}\n");
    json_t *parameters = json_object();
    doc_put(parameters, "window_h", doc_count(48));
    expect(doc_rule("weir", "1", parameters),
           "{\"name\":\"weir\",\"version\":\"1\",\"parameters\":{\"window_h\":48}}\n");
}

static void whole_document(void **state)
{
    (void)state;
    json_t *doc = doc_new("weir.map/1");
    doc_excluded(doc, "no_end", 40);
    doc_excluded(doc, "bad_time", 0);
    doc_excluded(doc, "no_end", 4);
    doc_note(doc, "%d rows\x1b were left out", 44);
    doc_put(doc, "next", json_array());
    doc_end(doc);
    struct buf out = {0};
    doc_write(doc, true, &out);
    assert_string_equal(buf_cstr(&out), "{\n"
                                        "  \"schema\": \"weir.map/1\",\n"
                                        "  \"excluded\": {\n"
                                        "    \"no_end\": 44\n"
                                        "  },\n"
                                        "  \"notes\": [\n"
                                        "    \"44 rows\\u001b were left out\"\n"
                                        "  ],\n"
                                        "  \"next\": []\n"
                                        "}\n");
    buf_finish(&out);
    json_decref(doc);
}

static void empty_parts_are_there(void **state)
{
    (void)state;
    json_t *doc = doc_new("weir.map/1");
    doc_end(doc);
    expect(doc, "{\"schema\":\"weir.map/1\",\"excluded\":{},\"notes\":[]}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(instants),
        cmocka_unit_test(hostile_text),
        cmocka_unit_test(keys_from_data),
        cmocka_unit_test(shapes),
        cmocka_unit_test(whole_document),
        cmocka_unit_test(empty_parts_are_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
