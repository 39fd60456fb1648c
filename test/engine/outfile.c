/* A file is there whole or not at all. */
#include "engine/outfile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/outfile-XXXXXX", target[64];

static int begin(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    snprintf(target, sizeof target, "%s/target", folder);
    return 0;
}

static int end(void **state)
{
    (void)state;
    remove(target);
    return rmdir(folder); /* fails when anything was left behind */
}

static const char *content(void)
{
    static char text[64];
    FILE *f = fopen(target, "r");
    size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
    text[n] = 0;
    if (f != NULL) {
        fclose(f);
    }
    return text;
}

static void is_named_at_the_end(void **state)
{
    (void)state;
    struct outfile o;
    struct error why = {0};
    assert_int_equal(outfile_open(target, false, &o, &why), OK);
    buf_add(&o.text, STR("first"));
    assert_int_equal(outfile_more(&o, &why), OK);
    assert_int_equal(access(target, F_OK), -1);
    assert_int_equal(outfile_keep(&o, &why), OK);
    assert_string_equal(content(), "first");
    assert_int_equal(o.bytes, 5);
    outfile_finish(&o);
    assert_string_equal(content(), "first");
}

static void is_not_replaced_unasked(void **state)
{
    (void)state;
    struct outfile o;
    struct error why = {0};
    assert_int_equal(outfile_open(target, false, &o, &why), FAIL);
    assert_non_null(strstr(why.text, "exists already"));
    outfile_finish(&o);
    assert_int_equal(outfile_open(target, true, &o, &why), OK);
    buf_add(&o.text, STR("second"));
    assert_string_equal(content(), "first");
    assert_int_equal(outfile_keep(&o, &why), OK);
    outfile_finish(&o);
    assert_string_equal(content(), "second");
}

static void someone_else_was_quicker(void **state)
{
    (void)state;
    struct outfile o;
    struct error why = {0};
    remove(target);
    assert_int_equal(outfile_open(target, false, &o, &why), OK);
    FILE *f = fopen(target, "w");
    assert_non_null(f);
    fputs("theirs", f);
    fclose(f);
    assert_int_equal(outfile_keep(&o, &why), FAIL);
    outfile_finish(&o);
    assert_string_equal(content(), "theirs");
}

static void nothing_stays_of_a_failure(void **state)
{
    (void)state;
    struct outfile o;
    struct error why = {0};
    remove(target);
    assert_int_equal(outfile_open(target, false, &o, &why), OK);
    buf_add(&o.text, STR("half"));
    outfile_finish(&o);
    assert_int_equal(access(target, F_OK), -1);
    assert_int_equal(outfile_open(folder, false, &o, &why), FAIL);
    outfile_finish(&o);
    assert_int_equal(outfile_open("/dev/full", false, &o, &why), OK);
    buf_add(&o.text, STR("x"));
    assert_int_equal(outfile_keep(&o, &why), FAIL);
    assert_true(why.hint[0] != 0);
    outfile_finish(&o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_named_at_the_end),
        cmocka_unit_test(is_not_replaced_unasked),
        cmocka_unit_test(someone_else_was_quicker),
        cmocka_unit_test(nothing_stays_of_a_failure),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
