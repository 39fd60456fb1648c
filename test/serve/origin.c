#include "serve/origin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* What is to be seen as ours when we listen on loopback, with one configured name. */
static void test_host(void **state)
{
    (void)state;
    static const str NAMES[] = {STR_INIT("weir.example.org"), STR_INIT("10.1.2.3:8080")};
    static const struct {
        const char *host;
        bool loopback, elsewhere; /* when we listen on loopback; when we do not */
    } CASES[] = {
        {"localhost", true, false},
        {"LocalHost:8080", true, false},
        {"127.0.0.1:8080", true, false},
        {"127.9.8.7", true, false},
        {"[::1]:8080", true, false},
        {"[::1]", true, false},
        {"weir.example.org", true, true},
        {"WEIR.example.org:443", true, true},
        {"weir.example.org.", true, true},
        {"10.1.2.3", true, true},
        {"10.1.2.3:9", true, true},
        {"", false, false},
        {"evil.example", false, false},
        {"localhost.evil.example", false, false},
        {"127.0.0.1.evil.example", false, false},
        {"127.1", false, false},
        {"0x7f.0.0.1", false, false},
        {"127.0.0.256", false, false},
        {"127.0.0.1.1", false, false},
        {"2130706433", false, false},
        {"localhost:80:80", false, false},
        {"localhost:port", false, false},
        {"localhost:99999", false, false},
        {"[::1]evil", false, false},
        {"[::1", false, false},
        {"weir.example.org/x", false, false},
        {"user@localhost", false, false},
        {"local host", false, false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        str host = str_of(CASES[i].host);
        if (origin_host(host, NAMES, 2, true) != CASES[i].loopback ||
            origin_host(host, NAMES, 2, false) != CASES[i].elsewhere) {
            fail_msg("Host: %s", CASES[i].host);
        }
    }
}

static void test_same(void **state)
{
    (void)state;
    static const struct {
        const char *origin, *site, *host;
        bool same;
    } CASES[] = {
        {"", "", "localhost:8080", true}, /* a program */
        {"http://localhost:8080", "same-origin", "localhost:8080", true},
        {"https://weir.example.org", "", "weir.example.org", true},
        {"", "none", "localhost:8080", true}, /* typed by a person */
        {"http://localhost:8081", "", "localhost:8080", false},
        {"http://localhost", "", "localhost:8080", false},
        {"http://evil.example", "cross-site", "localhost:8080", false},
        {"http://localhost:8080", "cross-site", "localhost:8080", false},
        {"", "same-site", "localhost:8080", false},
        {"null", "", "localhost:8080", false},
        {"file://", "", "localhost:8080", false},
        {"http://localhost:8080.evil.example", "", "localhost:8080", false},
        {"http://", "", "", false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        if (origin_same(str_of(CASES[i].origin), str_of(CASES[i].site), str_of(CASES[i].host)) !=
            CASES[i].same) {
            fail_msg("Origin: %s, Sec-Fetch-Site: %s", CASES[i].origin, CASES[i].site);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_host), cmocka_unit_test(test_same)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
