/* Attributes taken apart: plain ones in place, nested ones flattened, nonsense to nothing. */
#include "engine/attrs.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(struct attrs *a, const char *json, const char *expected)
{
    struct buf all = {0};
    attrs_fill(a, str_of(json));
    for (size_t i = 0; i < a->v.n; i++) {
        buf_addf(&all, "%s" STR_FMT "=" STR_FMT "%c", i > 0 ? ";" : "", STR_ARG(a->v.v[i].name),
                 STR_ARG(a->v.v[i].value), "twrf"[a->v.v[i].kind]);
    }
    assert_string_equal(buf_cstr(&all), expected);
    buf_finish(&all);
}

static void takes_apart(void **state)
{
    (void)state;
    struct attrs a = {0};
    check(&a, "", "");
    check(&a, "{}", "");
    check(&a, "{\"a\":\"1\",\"b c\":\"\"}", "a=1t;b c=t");
    check(&a, "{\"a\":\"x\\ny\"}", "a=x\nyt");
    check(&a, "{\"a\\\"\":\"x\"}", "a\"=xt");
    check(&a, "{ \"a\" : \"1\" }", "a=1t");
    check(&a, "{\"a\":\"1\",\"n\":7,\"r\":0.5,\"f\":true,\"z\":null}", "a=1t;n=7w;r=0.5r;f=truef");
    check(&a, "{\"a\":{\"b\":[1,{\"c\":\"d\"},[2,3]]}}", "a.b=1w;a.b.2.c=dt;a.b.3=2w;a.b.3.2=3w");
    check(&a, "{\"\":{\"\":\"x\"}}", ".=xt");
    check(&a, "{\"a\":\"1\"", "");
    check(&a, "{\"a\":\"1\"}}", "");
    check(&a, "{\"a\":\"1\",}", "");
    check(&a, "[\"a\"]", "");
    check(&a, "{\"a\":\"1\"}", "a=1t"); /* again, after the others */
    attrs_finish(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(takes_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
