/* Patch ids, against those of git itself. */
#include "source/gitprocess.h"

#include "base/rng.h"
#include "source/gitpatch.h"

#include <sys/stat.h>

/* A text of lines that repeat, so that differences can be told in more than one way. */
static void write_lines(const char *path, uint64_t *seed)
{
    static const char *const LINES[] = {
        "int f(void)\n",   "{\n",  "    return 1;\n", "}\n", "\n", "  x = 1;  \n",
        "\tcall(a, b);\n", "end\n"};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    uint64_t n = 20 + rng_below(seed, 60);
    for (uint64_t i = 0; i < n; i++) {
        fputs(LINES[rng_below(seed, 8)], f);
    }
    fputs(rng_below(seed, 3) == 0 ? "no line end" : "last\n", f);
    fclose(f);
}

/* The text form of git's patch id counts, where the last file is binary, an empty file more (2.39);
 * `git cherry`, which has no text in between, does not. */
static void add_empty(struct gitpatch *p)
{
    git_oid empty;
    unsigned carry = 0;
    assert_int_equal(git_oid_fromstr(&empty, "da39a3ee5e6b4b0d3255bfef95601890afd80709"), 0);
    for (size_t i = 0; i < sizeof p->sum; i++) {
        carry += (unsigned)p->sum[i] + empty.id[i];
        p->sum[i] = (unsigned char)carry;
        carry >>= 8;
    }
}

static void check_all(const char *path)
{
    struct buf told = {0};
    git_repository *repo;
    git_odb *odb;
    size_t checked = 0;
    process_run(
        path, "git log -p --full-index --no-renames --submodule=short HEAD | git patch-id --stable",
        &told);
    assert_int_equal(git_repository_open(&repo, path), 0);
    assert_int_equal(git_repository_odb(&odb, repo), 0);
    struct gittree *t = gittree_open(odb, NULL);
    str rest = buf_str(&told), line;
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        git_oid want, id;
        git_commit *c, *parent = NULL;
        struct gitpatch got, heads;
        size_t bytes;
        assert_int_equal(line.n, 81);
        assert_int_equal(git_oid_fromstrn(&want, line.p, 40), 0);
        assert_int_equal(git_oid_fromstrn(&id, line.p + 41, 40), 0);
        assert_int_equal(git_commit_lookup(&c, repo, &id), 0);
        const git_oid *before = NULL;
        if (git_commit_parentcount(c) > 0) {
            assert_int_equal(git_commit_parent(&parent, c, 0), 0);
            before = git_commit_tree_id(parent);
        }
        assert_int_equal(gitpatch_find(t, odb, before, git_commit_tree_id(c), false, &got, &bytes),
                         GITPATCH_FOUND);
        if (memcmp(got.sum, want.id, sizeof got.sum) != 0 &&
            strncmp(git_commit_summary(c), "bytes", 5) == 0) {
            add_empty(&got);
        }
        if (memcmp(got.sum, want.id, sizeof got.sum) != 0) {
            fail_msg("commit %s", git_commit_summary(c));
        }
        assert_int_equal(gitpatch_find(t, odb, before, git_commit_tree_id(c), true, &heads, &bytes),
                         GITPATCH_FOUND);
        checked++;
        git_commit_free(parent);
        git_commit_free(c);
    }
    assert_true(checked > 20);
    gittree_close(t);
    git_odb_free(odb);
    git_repository_free(repo);
    buf_finish(&told);
}

static void is_that_of_git(void **state)
{
    (void)state;
    char path[64], name[128];
    uint64_t seed = 5;
    if (!process_has_git()) {
        skip();
    }
    git_libgit2_init();
    process_folder(path);
    process_run(path, "git init -q -b main .", NULL);
    for (int i = 0; i < 20; i++) {
        for (int k = 0; k < 2; k++) {
            snprintf(name, sizeof name, "%s/file%d", path, (int)rng_below(&seed, 4));
            write_lines(name, &seed);
        }
        process_run(path, "git add -A; git commit -q --allow-empty -m 'lines'", NULL);
    }
    process_run(
        path,
        "printf 'a\\0b\\n' >bytes; git add -A; git commit -q -m 'bytes come'\n"
        "printf 'a\\0c\\n' >bytes; git add -A; git commit -q -m 'bytes change'\n"
        "printf 'x\\n' >'with blank'; printf 'y\\n' >gr\303\274n; git add -A; git -c "
        "core.quotePath=false commit -q -m 'blank'\n"
        "chmod +x 'with blank'; printf 'z\\n' >>'with blank'; git add -A; git commit -q -m mode\n"
        "git rm -q bytes; git commit -q -m 'bytes go'\n"
        "ln -s file0 link; git add -A; git commit -q -m 'link'\n"
        "ln -sf file1 link; git add -A; git commit -q -m 'link changes'\n"
        "rm link; printf 'text\\n' >link; git add -A; git commit -q -m 'link becomes a file'\n"
        "git update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub; git commit -q -m "
        "'submodule'\n"
        "git update-index --cacheinfo 160000,$(git rev-parse HEAD),sub; git commit -q -m "
        "'submodule moves'\n"
        "git config core.quotePath false; git config core.fileMode true\n",
        NULL);
    check_all(path);
    make_remove(path);
    git_libgit2_shutdown();
}

/* White space and where the lines stand do not count; a word does, and so does the name. */
static void sees_what_counts(void **state)
{
    (void)state;
    struct make m;
    static const char *const TEXTS[] = {"1\n2\n3\n4\nold\n5\n6\n7\n", "1\n2\n3\n4\nnew\n5\n6\n7\n",
                                        "before\n1\n2\n3\n4\nold\n5\n6\n7\n",
                                        "before\n1\n2\n3\n4\n  new \n5\n6\n7\n",
                                        "1\n2\n3\n4\nother\n5\n6\n7\n"};
    struct gitpatch p[5], first;
    size_t bytes;
    make_open(&m, true);
    git_oid trees[5], absent;
    for (size_t i = 0; i < 5; i++) {
        trees[i] = make_file(&m, "f", TEXTS[i]);
    }
    struct gittree *t = gittree_open(m.odb, NULL);
#define FIND(from, to, ret) gitpatch_find(t, m.odb, from, to, false, ret, &bytes)
    assert_int_equal(FIND(&trees[0], &trees[1], &p[0]), GITPATCH_FOUND);
    assert_int_equal(FIND(&trees[2], &trees[3], &p[1]), GITPATCH_FOUND);
    assert_int_equal(FIND(&trees[0], &trees[4], &p[2]), GITPATCH_FOUND);
    assert_int_equal(FIND(&trees[1], &trees[0], &p[3]), GITPATCH_FOUND);
    assert_memory_equal(&p[0], &p[1], sizeof p[0]);
    assert_memory_not_equal(&p[0], &p[2], sizeof p[0]);
    assert_memory_not_equal(&p[0], &p[3], sizeof p[0]);
    assert_int_equal(FIND(&trees[0], &trees[0], &p[4]), GITPATCH_EMPTY);
    git_oid a = make_file(&m, "g", TEXTS[0]), b = make_file(&m, "g", TEXTS[1]);
    assert_int_equal(FIND(&a, &b, &p[4]), GITPATCH_FOUND);
    assert_memory_not_equal(&p[0], &p[4], sizeof p[0]);
    assert_int_equal(FIND(NULL, &trees[0], &first), GITPATCH_FOUND);
    /* a blob that is not here is not asked for where names are enough */
    absent = make_entry(&m, "f", (git_oid){{7}});
    assert_int_equal(FIND(&trees[0], &absent, &first), GITPATCH_BLIND);
    assert_int_equal(gitpatch_find(t, m.odb, &trees[0], &absent, true, &first, &bytes),
                     GITPATCH_FOUND);
    assert_int_equal(bytes, 0);
#undef FIND
    gittree_close(t);
    make_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_that_of_git),
        cmocka_unit_test(sees_what_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
