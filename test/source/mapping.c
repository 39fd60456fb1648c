#include "reading.h"

#include "source/mapping.h"

static void expect_failure(const char *yaml, const char *part)
{
    struct mapping *m = NULL;
    struct error why = {0};
    assert_int_equal(mapping_read(str_of(yaml), "m.yaml", &m, &why), FAIL);
    if (strstr(why.text, part) == NULL) {
        fail_msg("\"%s\" lacks \"%s\"", why.text, part);
    }
}

static void says_what_is_wrong_and_where(void **state)
{
    (void)state;
    expect_failure("map:\n  - items: [{type: a, id: b}]\n    activty: x\n    time: t\n",
                   "m.yaml: line 3: unknown key \"activty\". Did you mean \"activity\"?");
    expect_failure("mapp: []\n", "line 1: unknown key \"mapp\". Did you mean \"map\"?");
    expect_failure("map:\n  - activity: x\n    time: t\n", "needs `items`, `activity` and `time`");
    expect_failure("map:\n  - items: [{type: a}]\n", "an item needs `type` and `id`");
    expect_failure("map:\n  - items: [{type: a, id: '{b'}]\n", "a { without");
    expect_failure("map:\n  - items: [{type: a, id: b}]\n    activity: {path: x, upper: true}\n",
                   "line 3: unknown key \"upper\"");
    expect_failure("map:\n  - items: [{type: a, id: b}]\n    time: {path: x, unit: h}\n",
                   "\"h\" is no unit");
    expect_failure("map:\n  - items: [{type: a, id: b}]\n    time: {path: x, format: '%Q'}\n",
                   "%Q");
    expect_failure("map:\n  - items: [{type: a, id: b}]\n    activity: x\n    time: t\n"
                   "    links: [{kind: k, to: 3}]\n",
                   "item 3");
    expect_failure("sources:\n  a: {kind: magic}\n", "\"mapped\"");
    expect_failure("sources: {a: {kind: mapped}, b: {kind: mapped}}\n", "one source");
    expect_failure("map: [\n", "m.yaml: line");
    expect_failure("just text\n", "holds no mapping");
    expect_failure("", "no YAML");
    expect_failure("zone: Nowhere/At\nmap: []\n", "Nowhere/At");
}

static void maps_columns(void **state)
{
    (void)state;
    struct reading r;
    struct mapping *m = NULL;
    reading_init(&r);
    assert_int_equal(
        mapping_read(
            STR("sources:\n"
                "  board:\n"
                "    kind: mapped\n"
                "    zone: Europe/Berlin\n"
                "    map:\n"
                "      - when: {kind: [pull, issue]}\n"
                "        items: [{type: '{kind}', id: '{repo}#{number}'},\n"
                "                {type: repo, id: repo, qualifier: in}]\n"
                "        activity: {path: what, lower: true, map: {opened: open, '*': other}}\n"
                "        type: change\n"
                "        time: {path: at, format: '%d.%m.%Y %H:%M'}\n"
                "        start: since\n"
                "        team: {path: repo, split: ['/', 0]}\n"
                "        actor: who\n"
                "        attrs: {number: number, fixed: word}\n"),
            "m.yaml", &m, &r.why),
        OK);
    r.options.mapping = m;
    assert_true(reading_text(&r, &SOURCE_CSV,
                             STR("kind,repo,number,what,at,since,who\n"
                                 "pull,acme/shop,1,Opened,01.07.2020 12:00,,ann\n"
                                 "issue,acme/shop,2,moved,01.07.2020 12:00,2020-06-30,\n"
                                 "tag,acme/shop,3,x,,,\n"
                                 "pull,,4,x,01.07.2020 12:00,,\n"
                                 "pull,a,5,x,soon,,\n")));
    assert_string_equal(buf_cstr(&r.text),
                        "acme/shop#1|open||2020-07-01T10:00:00|ann|0|"
                        "{\"number\":\"1\",\"fixed\":\"word\"}\n"
                        "acme/shop#2|other|2020-06-29T22:00:00|2020-07-01T10:00:00||0|"
                        "{\"number\":\"2\",\"fixed\":\"word\"}\n"
                        "reject 5 items: repo has no value <pull,,4,x,01.07.2020 12:00,,>\n"
                        "reject 6 time: \"soon\" is not a date (not in the format of the column) "
                        "<pull,a,5,x,soon,,>\n");
    assert_non_null(strstr(buf_cstr(&r.notes), "3 times have no zone: read as Europe/Berlin"));
    assert_non_null(strstr(buf_cstr(&r.notes), "1 records fit no entry"));
    reading_finish(&r);
    reading_init(&r); /* a column that is not there */
    r.options.mapping = m;
    assert_false(reading_text(&r, &SOURCE_CSV, STR("kind,repo,nummer\n1,2,3\n")));
    assert_non_null(strstr(r.why.text, "Did you mean \"nummer\"?"));
    mapping_close(m);
    reading_finish(&r);
}

static void walks_paths(void **state)
{
    (void)state;
    struct mapping *m = NULL;
    struct error why = {0};
    struct arena room = {.name = "values"};
    json_t *document = NULL;
    assert_int_equal(mapping_read(STR("map:\n"
                                      "  - items: [{type: x, id: \"$['a b'].c[1]\"}]\n"
                                      "    activity: \"$.list[?@.k=='v'].n\"\n"
                                      "    time: deep.er\n"
                                      "    actor: '$.list[-1].k'\n"
                                      "    team: '$.list[9].k'\n"),
                                  "m.yaml", &m, &why),
                     OK);
    assert_int_equal(json_parse(STR("{\"a b\":{\"c\":[1,2]},\"list\":[{\"k\":\"u\",\"n\":0},"
                                    "{\"k\":\"v\",\"n\":true}],\"deep\":{\"er\":\"t\"}}"),
                                0, "d", &document, &why),
                     OK);
    str values[8];
    const struct {
        const char *path, *value;
    } expected[] = {{"x", "x"},       {"$['a b'].c[1]", "2"}, {"$.list[?@.k=='v'].n", "true"},
                    {"deep.er", "t"}, {"$.list[-1].k", "v"},  {"$.list[9].k", NULL}};
    assert_int_equal(mapping_path_count(m), 6);
    mapping_json(m, document, mapping_record(m, document, 0), &room, values);
    assert_null(mapping_record(m, document, 1));
    for (size_t i = 0; i < 6; i++) {
        assert_true(str_eq(mapping_path(m, i), str_of(expected[i].path)));
        assert_true(str_eq(values[i], str_of(expected[i].value)));
        assert_int_equal(values[i].p == NULL, expected[i].value == NULL);
    }
    json_decref(document);
    arena_finish(&room);
    mapping_close(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(maps_columns),
        cmocka_unit_test(walks_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
