/* Cherry-picks that nothing marks. */
#include "source/gitprocess.h"

#define OLD "1\n2\n3\n4\nold\n5\n6\n7\n"
#define NEW "1\n2\n3\n4\nnew\n5\n6\n7\n"

/* main:  a - b - c - d       b, c, d each change a file
 * 1.x:    \- x - p - q - r   p is b with another subject, q is c by another hand and at another
 * time under the same subject, r is d with a line that was solved by hand */
static void finds_the_same_change(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    m.tree = make_file(&m, "f", OLD);
    make_commit(&m, "a", "", 0, 0, "begin");
    m.tree = make_file(&m, "f", NEW);
    make_commit(&m, "b", "a", 1, 1, "fix");
    m.tree = make_file(&m, "f", NEW "8\n9\n");
    make_commit(&m, "c", "b", 2, 2, "more");
    m.tree = make_file(&m, "f", NEW "8\nnine\n");
    make_commit(&m, "d", "c", 3, 3, "nine");
    m.tree = make_file(&m, "f", "new head\nand more\n\n" OLD);
    make_commit(&m, "x", "a", 4, 4, "only here");
    m.tree = make_file(&m, "f", "new head\nand more\n\n" NEW);
    make_commit(&m, "p", "x", 1, 5, "[1.x] fix");
    m.tree = make_file(&m, "f", "new head\nand more\n\n" NEW "8\n9\n");
    make_raw(&m, "q", "p", "Zoe <zoe@example.org> 1577858400 +0000",
             "Zoe <zoe@example.org> 1577858400 +0000", "more");
    m.tree = make_file(&m, "f", "new head\nand more\n\n" NEW "8\nNINE\n");
    make_commit(&m, "r", "q", 3, 7, "[1.x] nine");
    make_ref(&m, "refs/heads/main", "d");
    story_tell(&s, &m, NULL, NULL); /* an import before the release */
    size_t before = s.keys.n;
    make_tag(&m, "v1.0.1", "r", 8);
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links,
                 "a released_in v1.0.1 ancestry 1\n"
                 "b released_in v1.0.1 patch_id 0.9\n"
                 "c released_in v1.0.1 patch_id 0.9\n"
                 "x released_in v1.0.1 ancestry 1\n"
                 "r released_in v1.0.1 ancestry 1\n");
    assert_null(strstr(buf_cstr(&s.events), "commit p"));
    assert_noted(&s, "4 commits are on release branches only: 0 are cherry-picks by their "
                     "message, 0 by author, time and subject and 2 by what they change (no items "
                     "of their own), 2 are items that never landed");
    size_t after = s.keys.n;
    make_tag(&m, "v1.1", "d", 9); /* what is released already stays */
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links, "d released_in v1.1 ancestry 1\n");
    size_t last = s.keys.n;
    struct story whole = {0};
    story_tell(&whole, &m, NULL, NULL);
    assert_int_equal(whole.keys.n, before + after + last);
    story_finish(&whole);
    story_finish(&s);
    make_close(&m);
}

/* Where contents are not here, it is said and nothing is linked. */
static void says_that_it_is_blind(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    m.tree = make_entry(&m, "f", (git_oid){{1}});
    make_commit(&m, "a", "", 0, 0, "begin");
    m.tree = make_entry(&m, "f", (git_oid){{2}});
    make_commit(&m, "b", "a", 1, 1, "fix");
    make_commit(&m, "p", "a", 1, 2, "fixed");     /* the same file */
    m.tree = make_entry(&m, "g", (git_oid){{2}}); /* another: no contents are needed */
    make_commit(&m, "q", "p", 1, 3, "else");
    make_ref(&m, "refs/heads/main", "b");
    make_tag(&m, "v1", "q", 5);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_story(&s, links,
                 "a released_in v1 ancestry 1\n"
                 "p released_in v1 ancestry 1\n"
                 "q released_in v1 ancestry 1\n");
    assert_noted(&s, "1 of them could not be compared by what they change");
    story_finish(&s);
    make_close(&m);
}

/* Four thousand changes and more: the first ones are compared. */
static void stops_at_its_bound(void **state)
{
    (void)state;
    enum { PICKS = 2100 };
    struct make m;
    struct story s = {0};
    struct buf lines = {0};
    char path[64];
    if (!process_has_git()) {
        skip();
    }
    process_folder(path);
    m = (struct make){.label_n = 0};
    git_libgit2_init();
    /* every commit of main changes a file of its own; every pick does the same to the same */
    buf_add(&lines,
            STR("git init -q --bare .\ngit symbolic-ref HEAD refs/heads/main\n{\n"
                "printf 'blob\\nmark :1\\ndata 2\\na\\n\\nblob\\nmark :2\\ndata 2\\nb\\n\\n'\n"
                "who='Ann <ann@example.org>'\n"
                "c() { printf 'commit refs/heads/%s\\nmark :%d\\nauthor %s %d +0000\\n"
                "committer %s %d +0000\\ndata %d\\n%s\\nfrom :%d\\nM 100644 :2 f%d\\n\\n' $1 $2 "
                "\"$who\" $3 \"$who\" $4 ${#5} $5 $6 $7; }\n"
                "printf 'commit refs/heads/main\\nmark :10\\ncommitter %s 1577836800 +0000\\n"
                "data 1\\na\\nM 100644 :1 f\\n\\n' \"$who\"\n"));
    buf_addf(&lines,
             "i=1; while [ $i -le %d ]; do c main $((10+i)) $((1577840000+i)) $((1577840000+i)) "
             "m$i $((9+i)) $i; i=$((i+1)); done\n"
             "c 1.x 10001 1577840001 1577900001 p1 10 1\n"
             "i=2; while [ $i -le %d ]; do c 1.x $((10000+i)) $((1577840000+i)) "
             "$((1577900000+i)) p$i $((9999+i)) $i; i=$((i+1)); done\n"
             "} | git fast-import --quiet\ngit tag v1 1.x\n",
             PICKS, PICKS);
    process_run(path, buf_cstr(&lines), NULL);
    story_tell(&s, &m, path, NULL);
    assert_int_equal(s.result, END);
    assert_noted(&s, "and 2000 by what they change (no items of their own), 100 are items");
    assert_noted(&s, "100 of them were not compared by what they change");
    story_finish(&s);
    buf_finish(&lines);
    make_remove(path);
    git_libgit2_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_same_change),
        cmocka_unit_test(says_that_it_is_blind),
        cmocka_unit_test(stops_at_its_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
