#include "wire/hmac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* RFC 4231, test cases 2 and 6 (a key longer than a block). */
static void gives_the_published_answers(void **state)
{
    (void)state;
    char hex[HMAC_HEX];
    assert_string_equal(hmac_sha256_hex(STR("Jefe"), STR("what do ya want for nothing?"), hex),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    char key[131];
    for (size_t i = 0; i < sizeof key; i++) {
        key[i] = (char)0xaa;
    }
    assert_string_equal(
        hmac_sha256_hex((str){key, sizeof key},
                        STR("Test Using Larger Than Block-Size Key - Hash Key First"), hex),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    (void)hmac_sha256_hex((str){0}, (str){0}, hex);
    assert_string_equal(hex, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(gives_the_published_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
