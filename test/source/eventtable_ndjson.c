#include "reading.h"

#include "source/mapping.h"

static void expect(str text, const char *events)
{
    struct reading r;
    reading_init(&r);
    if (!reading_text(&r, &SOURCE_NDJSON, text)) {
        fail_msg("%s", r.why.text);
    }
    assert_int_equal(r.code, END);
    assert_string_equal(buf_cstr(&r.text), events);
    reading_finish(&r);
}

static void reads_rows(void **state)
{
    (void)state;
    expect(
        STR("\xef\xbb\xbf{\"case\":\"1\",\"activity\":\"a\",\"time\":\"2020-01-01T10:00:00Z\","
            "\"meta\":{\"x\":1,\"tags\":[\"p\"]},\"n\":null,\"f\":10861.0,\"\":true}\r\n"
            "{\"case\":2,\"activity\":\"b\",\"time\":\"2020-01-01T11:00:00Z\"}\n"
            "{\"case\":\"3\",\"activity\":\n"
            "[1,2]\n"
            "\n"
            "{\"case\":\"4\",\"activity\":\"c\",\"time\":\"soon\",\"late\":true}\n"
            "{\"activity\":\"d\",\"time\":\"2020-01-02T10:00:00Z\",\"case\":\"1\"}"),
        "1|a||2020-01-01T10:00:00||0|"
        "{\"meta.x\":\"1\",\"meta.tags\":\"[\\\"p\\\"]\",\"f\":\"10861.0\",\"(empty)\":\"true\"}\n"
        "2|b||2020-01-01T11:00:00||0|\n"
        "1|d||2020-01-02T10:00:00||0|\n"
        "reject 3 : not JSON: column 23: unexpected token near end of file "
        "<{\"case\":\"3\",\"activity\":>\n"
        "reject 4 : not a JSON object <[1,2]>\n"
        "reject 6 time: \"soon\" is not a date (no year of four digits at the beginning) "
        "<{\"case\":\"4\",\"activity\":\"c\",\"time\":\"soon\">\n");
    expect(STR("x{\"case\":\"1\"\n{\"case\":\"2\",\"activity\":\"b\",\"time\":\"2020-01-01\"}\n"),
           "2|b||2020-01-01T00:00:00||0|\n"
           "reject 1 : not JSON: column 1: invalid token near 'x' <x{\"case\":\"1\">\n");
}

static void reads_the_short_form(void **state)
{
    (void)state;
    struct reading r, again;
    str text =
        STR("{\"id\":\"1\",\"time\":\"2026-11-22T10:00:00Z\",\"type\":\"moved\","
            "\"item\":\"issue:DRV-17\",\"items\":[\"pr:studio/lobby#88\"],\"stage\":\"QA\","
            "\"source\":\"s\",\"attrs\":{\"k\":1}}\n"
            "{\"id\":\"2\",\"time\":\"2026-11-22T10:00:00Z\",\"type\":\"closed\","
            "\"items\":[\"issue:a:b\"]}\n"
            "{\"id\":\"3\",\"time\":\"2026-11-22T10:00:00Z\",\"type\":\"x\",\"item\":\"y\"}\n"
            "{\"id\":\"4\",\"time\":\"soon\",\"type\":\"x\",\"item\":\"y:z\"}\n"
            "{\"time\":\"2026-11-22T10:00:00Z\",\"type\":\"x\",\"item\":\"y:z\"}\n"
            "{\"id\":\"2\",\"time\":\"2026-11-23T10:00:00Z\",\"type\":\"closed\","
            "\"item\":\"issue:a:b\"}\n");
    reading_init(&r);
    reading_init(&again);
    assert_true(reading_text(&r, &SOURCE_NDJSON, text));
    assert_true(reading_text(&again, &SOURCE_NDJSON, text));
    assert_string_equal(buf_cstr(&r.text),
                        "DRV-17|QA||2026-11-22T10:00:00||0|{\"k\":1}\n"
                        "a:b|closed||2026-11-22T10:00:00||0|\n"
                        "a:b|closed||2026-11-23T10:00:00||0|\n"
                        "reject 3 item: \"y\" is not an item (type:key) "
                        "<{\"id\":\"3\",\"time\":\"2026-11-22T10:00:00Z\",>\n"
                        "reject 4 time: \"soon\" is not a date (no year of four digits at the "
                        "beginning) <{\"id\":\"4\",\"time\":\"soon\",\"type\":\"x\",\"item>\n"
                        "reject 5 : id, time, type or item is missing, which the lines before it "
                        "have <{\"time\":\"2026-11-22T10:00:00Z\",\"type\":\"x>\n");
    /* identity is (source, id): the second delivery of "2" is a duplicate, whatever it says */
    assert_memory_equal(&r.keys[1], &r.keys[2], sizeof *r.keys);
    assert_memory_equal(r.keys, again.keys, 3 * sizeof *r.keys);
    reading_finish(&r);
    reading_finish(&again);
}

static void maps_records(void **state)
{
    (void)state;
    struct reading r;
    struct mapping *m = NULL;
    reading_init(&r);
    assert_int_equal(
        mapping_read(STR("each: $.alerts[*]\n"
                         "map:\n"
                         "  - when: {$.state: ok}\n"
                         "    items: [{type: deployment, id: '{$.id}@{$.at}'},\n"
                         "            {type: commit, namespace: acme, id: '$.list[0].sha'}]\n"
                         "    activity: deploy\n"
                         "    lifecycle: complete\n"
                         "    time: {path: $.at, unit: s}\n"
                         "    environment: {path: $.env, map: {p: production, '*': other}}\n"
                         "    links: [{kind: deploys, to: 1}]\n"),
                     "m.yaml", &m, &r.why),
        OK);
    r.options.mapping = m;
    assert_true(reading_text(
        &r, &SOURCE_NDJSON,
        STR("{\"env\":\"p\",\"alerts\":[{\"id\":\"x\",\"state\":\"ok\",\"at\":1600000000,\"list\":"
            "[{\"sha\":\"abc\"}]},{\"state\":\"no\"},{\"state\":\"ok\",\"at\":5}]}\n"
            "{\"alerts\":[]}\nnonsense\n")));
    assert_string_equal(
        buf_cstr(&r.text),
        "x@1600000000|deploy||2020-09-13T12:26:40||5|"
        "{\"environment\":\"production\"}\n"
        "reject 1 items: $.id has no value "
        "<{\"env\":\"p\",\"alerts\":[{\"id\":\"x\",\"state\":\">\n"
        "reject 3 : not JSON: column 8: invalid token near 'nonsense' <nonsense>\n");
    assert_non_null(strstr(buf_cstr(&r.notes), "1 records fit no entry"));
    mapping_close(m);
    reading_finish(&r);
}

static void refuses_what_is_no_ndjson(void **state)
{
    (void)state;
    const str texts[] = {STR("case,activity\n"), STR("%PDF-1.7"), STR("{\"objectTypes\":[]}\n"),
                         STR("")};
    const char *parts[] = {"is text", "is a PDF", "known to be the case", "empty"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct reading r;
        reading_init(&r);
        reading_text(&r, &SOURCE_NDJSON, texts[i]);
        assert_int_equal(r.code, FAIL);
        if (strstr(r.why.text, parts[i]) == NULL) {
            fail_msg("\"%s\" lacks \"%s\"", r.why.text, parts[i]);
        }
        reading_finish(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_rows),
        cmocka_unit_test(reads_the_short_form),
        cmocka_unit_test(maps_records),
        cmocka_unit_test(refuses_what_is_no_ndjson),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
