#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void getters(void **state)
{
    (void)state;
    json_t *json = NULL;
    struct error why = {0};
    str text;
    int64_t number;
    bool flag;
    assert_int_equal(json_parse(STR("\xef\xbb\xbf{\"s\":\"a\\u0000b\",\"n\":-3,\"b\":true,"
                                    "\"a\":[1.5],\"o\":{}}\n"),
                                0, "doc", &json, &why),
                     OK);
    assert_true(json_get_str(json, "s", &text) && str_eq(text, (str){"a\0b", 3}));
    assert_true(json_get_i64(json, "n", &number) && number == -3);
    assert_true(json_get_bool(json, "b", &flag) && flag);
    assert_false(json_get_str(json, "n", &text));
    assert_false(json_get_i64(json, "none", &number));
    assert_false(json_get_bool(NULL, "b", &flag));
    assert_non_null(json_get_array(json, "a"));
    assert_null(json_get_array(json, "o"));
    assert_non_null(json_get_object(json, "o"));
    struct buf out = {0};
    assert_true(json_scalar(json_array_get(json_get_array(json, "a"), 0), &out));
    assert_true(json_scalar(json_object_get(json, "n"), &out));
    assert_true(json_scalar(json_object_get(json, "b"), &out));
    assert_false(json_scalar(json_object_get(json, "o"), &out));
    assert_string_equal(buf_cstr(&out), "1.5-3true");
    buf_finish(&out);
    json_decref(json);
}

static void refuse(str text, size_t limit, const char *part)
{
    json_t *json = NULL;
    struct error why = {0};
    assert_int_equal(json_parse(text, limit, "log.json", &json, &why), FAIL);
    assert_null(json);
    if (strstr(why.text, part) == NULL) {
        fail_msg("\"%s\" has no \"%s\"", why.text, part);
    }
}

static void wrong(void **state)
{
    (void)state;
    refuse(STR(" \n"), 0, "log.json is empty");
    refuse(STR("{\"a\":1,\n \"b\" 2}"), 0, "log.json: line 2, column");
    refuse(STR("{\"a\":1}"), 3, "larger than the limit of 3 bytes");
    refuse(STR("\"\xff\""), 0, "unable to decode byte 0xff");
    struct buf deep = {0};
    for (int i = 0; i < 100000; i++) {
        buf_putc(&deep, '[');
    }
    refuse(buf_str(&deep), 0, "column 257: nested more than 256 levels deep");
    buf_finish(&deep);
    json_t *json = NULL;
    struct buf quoted = {0}; /* brackets in a text are no nesting */
    buf_add(&quoted, STR("\"\\\""));
    for (int i = 0; i < 300; i++) {
        buf_putc(&quoted, '[');
    }
    buf_putc(&quoted, '"');
    assert_int_equal(json_parse(buf_str(&quoted), 0, "x", &json, NULL), OK);
    json_decref(json);
    buf_finish(&quoted);
}

static void quotes(void **state)
{
    (void)state;
    struct buf out = {0};
    json_quote(&out, (str){"a\"\\\n\t\r\x01\x7f", 8});
    assert_string_equal(buf_cstr(&out), "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\"");
    buf_clear(&out);
    json_quote(&out, STR("größe 开发 😀"));
    assert_string_equal(buf_cstr(&out), "\"größe 开发 😀\"");
    buf_clear(&out);
    json_quote(&out, STR("a\xff\xc3|\xed\xa0\x80|\xc0\xaf|\xf4\x90\x80\x80"));
    json_t *json = NULL;
    assert_int_equal(json_parse(buf_str(&out), 0, "x", &json, NULL), OK); /* valid again */
    json_decref(json);
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(getters),
        cmocka_unit_test(wrong),
        cmocka_unit_test(quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
