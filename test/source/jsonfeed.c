/* Values out of a stream of JSON: lines, printed documents, batches, and damage in each of them. */
#include "source/jsonfeed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct buf all_of(str text, enum jsonfeed_kind kind, bool *ret_cut)
{
    struct stream *s = NULL;
    struct error why = {0};
    assert_int_equal(stream_open_memory("memory", text.p, text.n, &s, &why), OK);
    struct jsonfeed *f = jsonfeed_new(s, kind);
    struct jsonfeed_value value;
    struct buf out = {0};
    status_code done;
    while ((done = jsonfeed_next(f, &value, &why)) == OK) {
        buf_addf(&out, "%llu ", (unsigned long long)value.line);
        if (kind == JSONFEED_MEMBERS) {
            buf_addf(&out, STR_FMT " " STR_FMT " ", STR_ARG(value.section), STR_ARG(value.key));
        }
        if (value.broken != NULL) {
            buf_addf(&out, "(%s) ", value.broken);
        }
        buf_addf(&out, STR_FMT "\n", STR_ARG(str_first(value.text, 60)));
    }
    assert_int_equal(done, END);
    *ret_cut = jsonfeed_cut(f);
    jsonfeed_free(f);
    stream_close(s);
    return out;
}

static void expect(const char *text, enum jsonfeed_kind kind, const char *want, bool want_cut)
{
    bool cut = false;
    struct buf out = all_of(str_of(text), kind, &cut);
    assert_string_equal(buf_cstr(&out), want);
    assert_int_equal(cut, want_cut);
    buf_finish(&out);
}

static void documents(void **state)
{
    (void)state;
    enum jsonfeed_kind kind = JSONFEED_DOCUMENTS;
    expect("{\"a\":1}\n{\"b\":\"}{\\\"\"}\r\n\n{}", kind,
           "1 {\"a\":1}\n2 {\"b\":\"}{\\\"\"}\n4 {}\n", false);
    expect("\xef\xbb\xbf[{\"a\":[1,{\"x\":{}}]},\n {\"b\":2}]\n", kind,
           "1 {\"a\":[1,{\"x\":{}}]}\n2 {\"b\":2}\n", false);
    expect("{\n  \"a\": [\n{\n}\n,\n{}\n]\n}\n{\n}\n", kind,
           "1 {\n  \"a\": [\n{\n}\n,\n{}\n]\n}\n9 {\n}\n", false);
    expect("\x1e{\"a\":1}\n\x1e{\"a\":2}\n{\"a\":3}{\"a\":4}", kind,
           "1 {\"a\":1}\n2 {\"a\":2}\n3 {\"a\":3}\n3 {\"a\":4}\n", false);
}

/* Damage costs its own line; what follows is read. */
static void damaged_documents(void **state)
{
    (void)state;
    enum jsonfeed_kind kind = JSONFEED_DOCUMENTS;
    expect("{\"a\":1}\n{\"b\":\n{\"c\":3}\n{\"d\":4}\n", kind,
           "1 {\"a\":1}\n2 (it is not closed) {\"b\":\n{\"c\":3}\n\n4 {\"d\":4}\n", false);
    expect("{\"b\":{\"x\"\n{\"c\":3}\n", kind,
           "1 (it is not closed) {\"b\":{\"x\"\n\n2 {\"c\":3}\n", false);
    expect("{\"b\":\"cut\n{\"c\":3}\n", kind,
           "1 (a text is not closed at the end of its line) {\"b\":\"cut\n2 {\"c\":3}\n", false);
    expect("{\"b\":[1}]} {\"x\":1}\n{\"c\":3}\n", kind,
           "1 (a bracket does not match) {\"b\":[1\n2 {\"c\":3}\n", false);
    expect("nonsense {\"a\":1}\n17\n{\"c\":3}\n", kind,
           "1 (this is no JSON object) nonsense {\"a\":1}\n2 (this is no JSON object) 17\n"
           "3 {\"c\":3}\n",
           false);
    expect("{\"a\":1}\n{\"b\":", kind, "1 {\"a\":1}\n2 (it breaks off) {\"b\":\n", true);
    expect("[{\"a\":1},", kind, "1 {\"a\":1}\n", true);
    expect("{}\nrest", kind, "1 {}\n2 (this is no JSON object) rest\n", false);
}

static void members(void **state)
{
    (void)state;
    enum jsonfeed_kind kind = JSONFEED_MEMBERS;
    expect("{\"x\": 1, \"events\": [{\"id\": \"e1\"}, 3, {\"id\": {}}], \"y\": {\"k\\\"\": {}, "
           "\"n\": 1},\n \"z\": [[{}]], \"objects\": [{\"o\": []}]}",
           kind,
           "1 events  {\"id\": \"e1\"}\n1 events  {\"id\": {}}\n1 y \"k\\\"\" {}\n"
           "2 objects  {\"o\": []}\n",
           false);
    expect("{\"events\": [{\"id\": 1}, {\"id\": ", kind,
           "1 events  {\"id\": 1}\n1 events  (it breaks off) {\"id\": \n", true);
    expect("{\"events\": [{\"id\": 1} {\"id\": 2}]}", kind, "1 events  {\"id\": 1}\n", true);
    expect("{\"events\": [{\"id\": [}, {\"id\": 2}]}", kind,
           "1 events  (a bracket does not match) {\"id\": [\n", true);
}

static void limits(void **state)
{
    (void)state;
    struct buf text = {0};
    bool cut;
    for (size_t i = 0; i < 3 << 20; i++) {
        buf_add(&text, STR("[[["));
    }
    text.p[0] = '{';
    buf_add(&text, STR("\n{\"a\":1}\n"));
    struct buf out = all_of(buf_str(&text), JSONFEED_DOCUMENTS, &cut);
    assert_non_null(strstr(buf_cstr(&out), "2 {\"a\":1}\n"));
    buf_finish(&out);
    buf_clear(&text);
    buf_add(&text, STR("{\"a\":"));
    for (size_t i = 0; i < 300; i++) {
        buf_add(&text, STR("["));
    }
    buf_add(&text, STR("\n{\"a\":1}\n"));
    out = all_of(buf_str(&text), JSONFEED_DOCUMENTS, &cut);
    assert_non_null(strstr(buf_cstr(&out), "1 (nested more than 256 levels deep) {"));
    assert_non_null(strstr(buf_cstr(&out), "2 {\"a\":1}\n"));
    buf_finish(&out);
    buf_clear(&text);
    buf_add(&text, STR("{\"a\":\""));
    memset(buf_room(&text, 10 << 20), 'x', 10 << 20);
    text.n += 10 << 20;
    buf_add(&text, STR("\"}\n{\"a\":1}\n"));
    out = all_of(buf_str(&text), JSONFEED_DOCUMENTS, &cut);
    assert_non_null(strstr(buf_cstr(&out), "1 (larger than 8 MiB) {"));
    assert_non_null(strstr(buf_cstr(&out), "2 {\"a\":1}\n"));
    assert_false(cut);
    buf_finish(&out);
    buf_finish(&text);
}

/* Across the edges of what is read at once: the same values. */
static void long_input(void **state)
{
    (void)state;
    struct buf text = {0}, want = {0};
    for (int i = 0; i < 60000; i++) {
        buf_addf(&text, "{\"number\":%d,\"text\":\"%d\\\"\"}\n", i, i * 31);
        buf_addf(&want, "%d {\"number\":%d,\"text\":\"%d\\\"\"}\n", i + 1, i, i * 31);
    }
    bool cut;
    struct buf out = all_of(buf_str(&text), JSONFEED_DOCUMENTS, &cut);
    assert_true(str_eq(buf_str(&out), buf_str(&want)));
    buf_finish(&out), buf_finish(&want), buf_finish(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents), cmocka_unit_test(damaged_documents), cmocka_unit_test(members),
        cmocka_unit_test(limits),    cmocka_unit_test(long_input),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
