#include "source/gitversion.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void knows_versions(void **state)
{
    (void)state;
    static const char *const finals[] = {
        "v1.2.3",           "1.2.3",         "curl-8_5_0", "v255",
        "release-7",        "r12",           "1.1.1a",     "log4j-2.17.0",
        "tiny-curl-7_72_0", "v1.2.3+build5", "2023.01.05", "rel/1.0",
        "v1.0-final",       "jdk-17+35-2.1", "V2.0p1",     "1.0.0.0.0.0.0.0.0.1",
    };
    static const char *const pre[] = {
        "v0.28.0-rc1",
        "rc-8_22_0-1",
        "1.0a1",
        "1.0b2",
        "2.0.0-alpha",
        "2.0.0-beta.3",
        "v1-pre",
        "curl-7_6-pre3",
        "3.0.dev4",
        "1.0-SNAPSHOT",
        "5.0.0-M1",
        "v1.0.0-preview.2",
        "curl-7_15_6-prepipeline",
        "1.0c2",
        "2.0-nightly",
    };
    static const char *const none[] = {
        "", "before_ftp_statemachine", "latest", "fix-1234", "v", "x86", "build5", "issue-7"};
    struct gitversion v;
    for (size_t i = 0; i < sizeof finals / sizeof *finals; i++) {
        if (!gitversion_parse(str_of(finals[i]), &v) || v.prerelease) {
            fail_msg("%s is a release", finals[i]);
        }
    }
    for (size_t i = 0; i < sizeof pre / sizeof *pre; i++) {
        if (!gitversion_parse(str_of(pre[i]), &v) || !v.prerelease) {
            fail_msg("%s is a prerelease", pre[i]);
        }
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        if (gitversion_parse(str_of(none[i]), &v)) {
            fail_msg("%s is no version", none[i]);
        }
    }
}

static void orders_versions(void **state)
{
    (void)state;
    static const char *const ascending[] = {
        "0.9", "v1.0-dev",   "v1.0-alpha1", "v1.0-beta1", "v1.0-beta2",  "v1.0-rc1",    "v1.0-rc10",
        "1.0", "curl-1_0_1", "1.2",         "1.10",       "rc-8_22_0-1", "rc-8_22_0-2", "8.22",
    };
    enum { N = sizeof ascending / sizeof *ascending };
    struct gitversion v[N];
    for (size_t i = 0; i < N; i++) {
        assert_true(gitversion_parse(str_of(ascending[i]), &v[i]));
        assert_int_equal(gitversion_cmp(&v[i], &v[i]), 0);
        for (size_t j = 0; j < i; j++) {
            if (gitversion_cmp(&v[j], &v[i]) >= 0 || gitversion_cmp(&v[i], &v[j]) <= 0) {
                fail_msg("%s is earlier than %s", ascending[j], ascending[i]);
            }
        }
    }
    struct gitversion a, b;
    assert_true(gitversion_parse(STR("1.2"), &a) && gitversion_parse(STR("v1.2.0"), &b));
    assert_int_equal(gitversion_cmp(&a, &b), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_versions),
        cmocka_unit_test(orders_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
