#include "wire/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void decodes(void **state)
{
    (void)state;
    /* RFC 4648, section 10 */
    static const char *const PAIRS[][2] = {{"", ""},
                                           {"Zg==", "f"},
                                           {"Zm8=", "fo"},
                                           {"Zm9v", "foo"},
                                           {"Zm9vYg==", "foob"},
                                           {"Zm9vYg", "foob"},
                                           {"Zm9vYmE=", "fooba"},
                                           {"Zm9vYmFy", "foobar"}};
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        struct buf out = {0};
        assert_true(base64_decode(str_of(PAIRS[i][0]), &out));
        assert_string_equal(buf_cstr(&out), PAIRS[i][1]);
        buf_finish(&out);
    }
    struct buf out = {0};
    assert_true(base64_decode(STR("+/8A"), &out));
    assert_true(str_eq(buf_str(&out), STR("\xfb\xff\x00")));
    assert_false(base64_decode(STR("Zm-v"), &out));
    assert_false(base64_decode(STR("Zg==Zg=="), &out));
    assert_false(base64_decode(STR("Zm 9v"), &out));
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes),
    };
    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
