/* Changed files, by our own walk over pairs of trees. */
#include "source/gitmake.h"

#include "source/gittree.h"

struct entry {
    const char *mode, *name;
    git_oid id;
};

static git_oid make_tree(struct make *m, const struct entry *entries, size_t n)
{
    struct buf b = {0};
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, "%s %s", entries[i].mode, entries[i].name);
        buf_putc(&b, '\0');
        buf_add_bytes(&b, entries[i].id.id, GIT_OID_RAWSZ);
    }
    git_oid id = make_object(m, GIT_OBJECT_TREE, b.n > 0 ? b.p : "", b.n);
    buf_finish(&b);
    return id;
}
#define TREE(m, ...)                                                                               \
    make_tree((m), (struct entry[]){__VA_ARGS__},                                                  \
              sizeof((struct entry[]){__VA_ARGS__}) / sizeof(struct entry))

static git_oid blob(struct make *m, const char *text)
{
    return make_object(m, GIT_OBJECT_BLOB, text, strlen(text));
}

/* "+a -b/c ~d" */
static void expect(struct gittree *t, const git_oid *before, const git_oid *after, const char *want)
{
    struct gittree_files f = {0};
    struct buf b = {0};
    struct error why = {0};
    if (gittree_diff(t, before, after, &f, &why) != OK) {
        buf_add(&b, str_of(why.text));
    }
    for (size_t i = 0; i < f.v.n; i++) {
        buf_addf(&b, "%s%c" STR_FMT, i > 0 ? " " : "",
                 f.v.v[i].added     ? '+'
                 : f.v.v[i].removed ? '-'
                                    : '~',
                 STR_ARG(gittree_path(&f, i)));
    }
    assert_string_equal(buf_cstr(&b), want);
    buf_finish(&b);
    gittree_files_finish(&f);
}

static void finds_what_differs(void **state)
{
    (void)state;
    struct make m;
    make_open(&m, true);
    struct gittree *t = gittree_open(m.odb, NULL);
    git_oid x = blob(&m, "x"), y = blob(&m, "y");
    git_oid inner = TREE(&m, {"100644", "p", x}, {"100644", "q", x});
    git_oid inner2 = TREE(&m, {"100644", "p", y}, {"100755", "q", x}, {"100644", "r", x});
    git_oid a = TREE(&m, {"100644", "a", x}, {"40000", "dir", inner}, {"100644", "z", x});
    git_oid b = TREE(&m, {"100644", "a", x}, {"40000", "dir", inner2}, {"120000", "z", x});
    expect(t, NULL, &a, "+a +dir/p +dir/q +z");
    expect(t, &a, &a, "");
    expect(t, &a, &b, "~dir/p ~dir/q +dir/r ~z"); /* q: its mode, z: a link now */
    expect(t, &b, &a, "~dir/p ~dir/q -dir/r ~z");
    git_oid file = TREE(&m, {"100644", "dir", x});
    git_oid folder =
        TREE(&m, {"100644", "dir-x", x}, {"40000", "dir", inner}, {"100644", "dir0", x});
    expect(t, &file, &folder, "-dir +dir-x +dir/p +dir/q +dir0"); /* git's order of names */
    git_oid module = {{1}}, module2 = {{2}};
    git_oid c = TREE(&m, {"160000", "sub", module}), d = TREE(&m, {"160000", "sub", module2});
    expect(t, &c, &d, "~sub"); /* never opened */
    expect(t, &c, &file, "+dir -sub");
    git_oid gone = TREE(&m, {"40000", "dir", module});
    expect(t, &gone, &a,
           "tree 0100000000000000000000000000000000000000 is not in the repository+a");
    git_oid damaged = make_object(&m, GIT_OBJECT_TREE, "100644 no end", 13);
    expect(t, NULL, &damaged, "a tree is damaged");
    gittree_close(t);
    make_close(&m);
}

/* Forty folders, each twice in the next: a million million files, named by forty objects. */
static void stops_at_bombs(void **state)
{
    (void)state;
    struct make m;
    make_open(&m, true);
    struct gittree *t = gittree_open(m.odb, NULL);
    git_oid tree = TREE(&m, {"100644", "f", blob(&m, "x")});
    for (int i = 0; i < 40; i++) {
        tree = TREE(&m, {"40000", "a", tree}, {"40000", "b", tree});
    }
    struct gittree_files f = {0};
    assert_int_equal(gittree_diff(t, NULL, &tree, &f, NULL), OK);
    assert_int_equal(f.v.n, GITTREE_FILES);
    assert_true(f.total >= GITTREE_FILES);
    for (int i = 0; i < 600; i++) {
        tree = TREE(&m, {"40000", "d", tree});
    }
    struct error why;
    assert_int_equal(gittree_diff(t, NULL, &tree, &f, &why), FAIL);
    assert_non_null(strstr(why.text, "nested"));
    gittree_files_finish(&f);
    gittree_close(t);
    make_close(&m);
}

static void counts_lines(void **state)
{
    (void)state;
    struct make m;
    make_open(&m, true);
    struct gittree *t = gittree_open(m.odb, NULL);
    git_oid one = blob(&m, "a\nb\nc\n"), two = blob(&m, "a\nB\nc\nd\n");
    git_oid binary = make_object(&m, GIT_OBJECT_BLOB, "\0\1", 2), absent = {{9}};
    git_oid module = {{1}};
    git_oid a = TREE(&m, {"100644", "bin", binary}, {"100644", "gone", one}, {"100644", "t", one},
                     {"100644", "x", one});
    git_oid b = TREE(&m, {"100644", "bin", one}, {"160000", "sub", module}, {"100644", "t", two},
                     {"100755", "x", one});
    struct gittree_files f = {0};
    assert_int_equal(gittree_diff(t, &a, &b, &f, NULL), OK);
    assert_int_equal(gittree_lines(t, &f, NULL), OK);
    static const int64_t WANT[][2] = {{-1, -1}, {0, 3}, {-1, -1}, {2, 1}, {0, 0}};
    assert_int_equal(f.v.n, 5); /* bin gone sub t x */
    for (size_t i = 0; i < f.v.n; i++) {
        assert_int_equal(f.v.v[i].plus, WANT[i][0]);
        assert_int_equal(f.v.v[i].minus, WANT[i][1]);
    }
    git_oid c = TREE(&m, {"100644", "t", absent});
    struct error why;
    assert_int_equal(gittree_diff(t, &a, &c, &f, NULL), OK);
    assert_int_equal(gittree_lines(t, &f, &why), FAIL);
    assert_non_null(strstr(why.text, "holds no file contents"));
    gittree_files_finish(&f);
    gittree_close(t);
    make_close(&m);
}

/* The whole way: names and lines in the attributes; a merge lists nothing. */
static void lists_files_of_commits(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    git_oid one = blob(&m, "a\n"), two = blob(&m, "a\nb\n");
    m.tree = TREE(&m, {"100644", "a\"b", one});
    make_commit(&m, "a", "", 0, 0, "a");
    make_commit(&m, "b", "a", 1, 1, "b");
    m.tree = TREE(&m, {"100644", "a\"b", two}, {"100644", "c", one});
    make_commit(&m, "c", "a", 2, 2, "c");
    make_commit(&m, "d", "b c", 3, 3, "merge");
    make_ref(&m, "refs/heads/main", "d");
    struct source_options o = {.git_paths = true};
    story_tell(&s, &m, NULL, &o);
    assert_int_equal(s.result, END);
    assert_story(&s, events,
                 "0 commit a authored {\"parents\":0,\"files\":1,\"paths\":[\"a\\\"b\"]}\n"
                 "0 commit a landed {\"parents\":0}\n"
                 "1 commit b authored {\"parents\":1,\"files\":0,\"paths\":[]}\n"
                 "1 commit b landed {\"parents\":1}\n"
                 "2 commit c authored {\"parents\":1,\"files\":2,\"paths\":[\"a\\\"b\",\"c\"]}\n"
                 "3 commit c landed {\"parents\":1} derived\n"
                 "3 merge d authored {\"parents\":2}\n"
                 "3 merge d landed {\"parents\":2}\n");
    o.git_lines = true;
    story_tell(&s, &m, NULL, &o);
    assert_noted(&s, "changed files were not asked for before");
    assert_non_null(strstr(buf_cstr(&s.events),
                           "2 commit c authored {\"parents\":1,\"files\":2,\"paths\":[\"a\\\"b\","
                           "\"c\"],\"added\":[1,1],\"removed\":[0,0]}\n"));
    m.tree = TREE(&m, {"100644", "c", two}); /* new commits alone: compared with an old parent */
    make_commit(&m, "e", "d", 4, 4, "e");
    make_ref(&m, "refs/heads/main", "e");
    story_tell(&s, &m, NULL, &o);
    assert_story(&s, events,
                 "4 commit e authored {\"parents\":1,\"files\":2,\"paths\":[\"a\\\"b\",\"c\"],"
                 "\"added\":[0,1],\"removed\":[2,0]}\n"
                 "4 commit e landed {\"parents\":1}\n");
    git_oid absent = {{9}};
    m.tree = TREE(&m, {"100644", "c", absent});
    make_commit(&m, "f", "e", 5, 5, "f");
    make_ref(&m, "refs/heads/main", "f");
    story_tell(&s, &m, NULL, &o);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "holds no file contents"));
    assert_non_null(strstr(s.why.hint, "full clone"));
    o.git_lines = false; /* names need none */
    story_tell(&s, &m, NULL, &o);
    assert_int_equal(s.result, END);
    assert_non_null(strstr(buf_cstr(&s.events), "\"paths\":[\"c\"]"));
    story_finish(&s);
    make_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_differs),
        cmocka_unit_test(stops_at_bombs),
        cmocka_unit_test(counts_lines),
        cmocka_unit_test(lists_files_of_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
