#include "gitmake.h"

#include <sys/stat.h>

/* The second of three commits, cut after any number of bytes: the others are read, and reading
 * comes to an end (libgit2 alone would not). */
static void ends_where_an_object_breaks_off(void **state)
{
    (void)state;
    struct make m;
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 1, "Begin");
    make_commit(&m, "b", "a", 2, 3, "Go on");
    make_commit(&m, "c", "b", 4, 5, "End");
    make_ref(&m, "refs/heads/main", "c");
    char path[400];
    const char *hex = make_hex(&m, "b");
    snprintf(path, sizeof path, "%s/objects/%.2s/%s", m.path, hex, hex + 2);
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(chmod(path, 0600), 0);
    for (off_t left = found.st_size - 1; left >= 0; left -= left > 7 ? 7 : 1) {
        struct story s = {0};
        assert_int_equal(truncate(path, left), 0);
        story_tell(&s, &m, NULL, NULL);
        assert_int_equal(s.result, END);
        assert_true(s.rejects.n > 0);
        assert_non_null(strstr(buf_cstr(&s.events), " commit c "));
        assert_null(strstr(buf_cstr(&s.events), " commit b "));
        story_finish(&s);
    }
    make_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ends_where_an_object_breaks_off)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
