#include "source/gitraw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <git2.h>

#define TREE "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n"
#define PARENT "parent 1234567890abcdef1234567890abcdef12345678\n"
#define AUTHOR "author A <a@b> 1 +0000\n"
#define COMMITTER "committer C <c@d> 2 +0000\n"

static void reads_a_commit(void **state)
{
    (void)state;
    struct gitraw c;
    str text = STR(TREE PARENT "parent ffffffffffffffffffffffffffffffffffffffff\n"
                               "author Jo  <jo@x.org> 1577836800 +0530\n"
                               "committer <> Weird <<odd@x>> -7 garbage\n"
                               "gpgsig -----BEGIN\n author not this\n -----END\n"
                               "encoding latin1\n\nsubject\n\nauthor not this either <z@z> 9\n");
    assert_true(gitraw_parse(text, &c, NULL));
    char hex[GIT_OID_HEXSZ + 1];
    assert_string_equal(git_oid_tostr(hex, sizeof hex, &c.tree),
                        "4b825dc642cb6eb9a060e54bf8d69288fbee4904");
    assert_int_equal(c.parent_n, 2);
    git_oid second = gitraw_parent(&c, 1);
    assert_string_equal(git_oid_tostr(hex, sizeof hex, &second),
                        "ffffffffffffffffffffffffffffffffffffffff");
    assert_true(str_eq(c.author.name, STR("Jo")));
    assert_true(str_eq(c.author.email, STR("jo@x.org")));
    assert_true(c.author.has_time && c.author.time_s == 1577836800);
    assert_true(str_eq(c.committer.email, STR("odd@x>"))); /* up to the last '>' */
    assert_true(c.committer.has_time && c.committer.time_s == -7);
    assert_true(str_starts(c.message, STR("subject\n")));
}

static void bears_odd_persons(void **state)
{
    (void)state;
    static const struct {
        str line, name, email;
        bool has_time;
        int64_t time_s;
    } CASES[] = {
        {STR_INIT("author "), STR_INIT(""), STR_INIT(""), false, 0},
        {STR_INIT("author just a name 12 +0000"), STR_INIT("just a name 12 +0000"), STR_INIT(""),
         false, 0},
        {STR_INIT("author <a@b>"), STR_INIT(""), STR_INIT("a@b"), false, 0},
        {STR_INIT("author a@b> 5"), STR_INIT(""), STR_INIT("a@b"), true, 5},
        {STR_INIT("author A <a@b>77"), STR_INIT("A"), STR_INIT("a@b"), true, 77},
        {STR_INIT("author A <a@b> +3 +0000"), STR_INIT("A"), STR_INIT("a@b"), true, 3},
        {STR_INIT("author A <a@b> 99999999999999999999 +0000"), STR_INIT("A"), STR_INIT("a@b"),
         true, 253402300799},
        {STR_INIT("author A <a@b> -99999999999999999999 +0000"), STR_INIT("A"), STR_INIT("a@b"),
         true, -62135596800},
        {STR_INIT("author A <a@b> - +0000"), STR_INIT("A"), STR_INIT("a@b"), false, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        char text[400];
        int n =
            snprintf(text, sizeof text, TREE STR_FMT "\n" COMMITTER "\nm", STR_ARG(CASES[i].line));
        struct gitraw c;
        assert_true(gitraw_parse((str){text, (size_t)n}, &c, NULL));
        assert_true(str_eq(c.author.name, CASES[i].name));
        assert_true(str_eq(c.author.email, CASES[i].email));
        assert_int_equal(c.author.has_time, CASES[i].has_time);
        assert_int_equal(c.author.time_s, CASES[i].time_s);
    }
}

static void refuses_what_is_no_commit(void **state)
{
    (void)state;
    static const struct {
        str text;
        const char *reason;
    } CASES[] = {
        {STR_INIT(""), "the commit names no tree"},
        {STR_INIT("tree 4b825dc\n"), "the commit names no tree"},
        {STR_INIT("tree xb825dc642cb6eb9a060e54bf8d69288fbee4904\n" AUTHOR COMMITTER),
         "the commit names no tree"},
        {STR_INIT(TREE "parent 12\n" AUTHOR COMMITTER),
         "a parent of the commit is not an object id"},
        {STR_INIT(TREE "parent 1234567890abcdef1234567890abcdef1234567"),
         "a parent of the commit is not an object id"},
        {STR_INIT(TREE COMMITTER "\nm"), "the commit has no author"},
        {STR_INIT(TREE "\n" AUTHOR COMMITTER),
         "the commit has no author"}, /* that is the message */
        {STR_INIT(TREE AUTHOR "\nm"), "the commit has no committer"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct gitraw c;
        const char *reason = NULL;
        assert_false(gitraw_parse(CASES[i].text, &c, &reason));
        assert_string_equal(reason, CASES[i].reason);
    }
    struct gitraw c;
    assert_true(gitraw_parse(STR(TREE AUTHOR COMMITTER), &c, NULL)); /* no message at all */
    assert_int_equal(c.message.n, 0);
}

/* Every beginning of a good commit is understood or refused, never read beyond. */
static void bears_truncation(void **state)
{
    (void)state;
    static const char whole[] = TREE PARENT AUTHOR COMMITTER "\nm\n";
    for (size_t n = 0; n < sizeof whole; n++) {
        char *copy = malloc(n + 1);
        memcpy(copy, whole, n);
        struct gitraw c;
        (void)gitraw_parse((str){copy, n}, &c, NULL);
        free(copy);
    }
}

int main(void)
{
    git_libgit2_init(); /* it says what is no id through its own state of the thread */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_commit),
        cmocka_unit_test(bears_odd_persons),
        cmocka_unit_test(refuses_what_is_no_commit),
        cmocka_unit_test(bears_truncation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
