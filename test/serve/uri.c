#include "serve/uri.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_split(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        const char *path;  /* NULL: refused */
        const char *query; /* name=value;name=value */
    } CASES[] = {
        {"/", "/", ""},
        {"/a%20b/c", "/a b/c", ""},
        {"/item/%C3%A9%2Fx", "/item/é/x", ""},
        {"/m?a=1&b=x+y%2b&c&&d=", "/m", "a=1;b=x y+;c=;d=;"},
        {"/m?a==b?c", "/m", "a==b?c;"},
        {"/m?", "/m", ""},
        {"/plus+sign", "/plus+sign", ""},
        {"", NULL, NULL},
        {"x", NULL, NULL},
        {"http://host/", NULL, NULL},
        {"/%", NULL, NULL},
        {"/%4", NULL, NULL},
        {"/%zz", NULL, NULL},
        {"/%00", NULL, NULL},
        {"/a%0d%0ab", NULL, NULL},
        {"/%ff", NULL, NULL},
        {"/%c0%af", NULL, NULL},       /* a slash, too long */
        {"/%ed%a0%80", NULL, NULL},    /* half of a pair of UTF-16 */
        {"/%f4%90%80%80", NULL, NULL}, /* beyond the last character */
        {"/a/../b", NULL, NULL},
        {"/a/%2e%2e/b", NULL, NULL},
        {"/a%2f..%2fb", NULL, NULL},
        {"/./a", NULL, NULL},
        {"/m?a=%", NULL, NULL},
        {"/m?%00=1", NULL, NULL},
        {"/m?a=%ff", NULL, NULL},
        {"/a..b/...", "/a..b/...", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct arena a = {0};
        str path = {0};
        const struct http_pair *query = NULL;
        size_t n = 0;
        struct buf seen = {0};
        bool right = uri_split(str_of(CASES[i].address), &a, &path, &query, &n);
        if (right != (CASES[i].path != NULL)) {
            fail_msg("%s", CASES[i].address);
        }
        if (right) {
            for (size_t k = 0; k < n; k++) {
                buf_addf(&seen, STR_FMT "=" STR_FMT ";", STR_ARG(query[k].name),
                         STR_ARG(query[k].value));
            }
            assert_true(str_eq(path, str_of(CASES[i].path)));
            assert_string_equal(buf_cstr(&seen), CASES[i].query);
        }
        buf_finish(&seen);
        arena_finish(&a);
    }
}

/* Whatever bytes there are, quoting and taking apart again gives them back. */
static void test_quote(void **state)
{
    (void)state;
    struct buf quoted = {0};
    struct arena a = {0};
    str path = {0};
    const struct http_pair *query = NULL;
    size_t n = 0;
    str text = STR("a b&c=d+e%/?#é\t\n\"\\");
    buf_add(&quoted, STR("/?x="));
    uri_quote(&quoted, text);
    assert_true(uri_split(buf_str(&quoted), &a, &path, &query, &n));
    assert_int_equal(n, 1);
    assert_true(str_eq(query[0].value, text));
    buf_finish(&quoted);
    arena_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_split), cmocka_unit_test(test_quote)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
