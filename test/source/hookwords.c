/* Words of a tool: the last one counts, kinds are apart, and there is an end to them. */
#include "source/hookwords.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void words(void **state)
{
    (void)state;
    struct hook_words w = {0};
    assert_int_equal(hook_word(&w, "status", STR("1")).n, 0);
    hook_word_set(&w, "status", STR("1"), STR("New"));
    hook_word_set(&w, "project", STR("1"), STR("shop"));
    hook_word_set(&w, "status", STR("1"), STR("Fresh"));
    hook_word_set(&w, "status", (str){0}, STR("nobody"));
    hook_word_set(&w, "status", STR("2"), (str){0});
    assert_true(str_eq(hook_word(&w, "status", STR("1")), STR("Fresh")));
    assert_true(str_eq(hook_word(&w, "project", STR("1")), STR("shop")));
    assert_int_equal(hook_word(&w, "status", STR("2")).n, 0);
    assert_int_equal(hook_word(&w, "status", (str){0}).n, 0);
    hook_words_finish(&w);
}

static void bounded(void **state)
{
    (void)state;
    struct hook_words w = {0};
    char id[32];
    for (int i = 1; i <= HOOK_WORDS + 10; i++) {
        int n = snprintf(id, sizeof id, "%d", i);
        hook_word_set(&w, "status", (str){id, (size_t)n}, STR("word"));
    }
    assert_int_equal(w.values.n, HOOK_WORDS + 1);
    assert_int_equal(hook_word(&w, "status", STR("100010")).n, 0);
    assert_true(str_eq(hook_word(&w, "status", STR("1")), STR("word")));
    hook_words_finish(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(words), cmocka_unit_test(bounded)};
    return cmocka_run_group_tests_name("hookwords", tests, NULL, NULL);
}
