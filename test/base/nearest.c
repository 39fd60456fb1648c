#include "base/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const str NAMES[] = {STR_INIT("constraint"), STR_INIT("items"), STR_INIT("item"),
                            STR_INIT("why"),        STR_INIT("map"),   STR_INIT("CaseID"),
                            STR_INIT("QA"),         STR_INIT("x"),     {NULL, 0}};
enum { NAME_N = sizeof NAMES / sizeof NAMES[0] };

static void test_words(void **unused)
{
    (void)unused;
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"constrant", "constraint"},   /* a letter left out */
        {"constraaint", "constraint"}, /* one too many */
        {"constarint", "constraint"},  /* two swapped */
        {"cosntriant", "constraint"},  /* twice */
        {"cosntriaxt", NULL},          /* three edits */
        {"constra", NULL},
        {"CONSTRAINT", "constraint"}, /* case is no edit */
        {"case_id", "CaseID"},
        {"itmes", "items"},
        {"itens", "items"},
        {"iten", "item"},
        {"ite", "item"}, /* nearer than items */
        {"wyh", "why"},
        {"mp", "map"},
        {"item", "item"},
        {"QB", "QA"},
        {"xx", NULL}, /* one edit of a name of one letter */
        {"pq", NULL}, /* two edits of two letters */
        {"b", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const str *got = nearest(str_of(cases[i].word), NAMES, NAME_N);
        if (cases[i].nearest == NULL) {
            assert_null(got);
        } else {
            assert_non_null(got);
            assert_string_equal(got->p, cases[i].nearest);
        }
    }
}

/* Swapped letters are one edit only where neither is edited again: "ca" to "abc" takes three. */
static void test_aligned(void **unused)
{
    (void)unused;
    static const str name[] = {STR_INIT("xabcx")};
    assert_null(nearest(STR("xcax"), name, 1));
    assert_non_null(nearest(STR("xacbx"), name, 1));
    assert_null(nearest(STR("word"), name, 0));
}

static void test_long(void **unused)
{
    (void)unused;
    char large[5000];
    memset(large, 'x', sizeof large);
    str name = {large, 64}, too_long = {large, 65};
    assert_ptr_equal(nearest((str){large, 63}, &name, 1), &name);
    assert_null(nearest((str){large, 64}, &too_long, 1));
    assert_null(nearest((str){large, sizeof large}, &name, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_aligned),
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
