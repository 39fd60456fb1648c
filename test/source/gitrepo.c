/* Repositories of every shape: what is read of them, what is said, what is refused. */
#include "source/gitmake.h"

/* libgit2 1.5 loses the match data of each setting that does not begin with "extensions." when it
 * opens a repository of format version 1 (git_config_foreach_match). */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libpcre2\n";
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void make_line(struct make *m, bool bare)
{
    make_open(m, bare);
    make_commit(m, "a", "", 0, 0, "a");
    make_commit(m, "b", "a", 1, 1, "b");
    make_commit(m, "c", "b", 2, 2, "c");
    make_ref(m, "refs/heads/main", "c");
}

static void refuses_what_is_no_history(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "the repository has no commits yet"));
    assert_non_null(strstr(s.why.hint, "import again"));
    story_tell(&s, &m, "/nonexistent", NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "/nonexistent: not a git repository"));
    char folder[] = "/tmp/weir-none-XXXXXX";
    assert_non_null(mkdtemp(folder));
    story_tell(&s, &m, folder, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "not a git repository"));
    write_file(folder, ".git", "gitdir: ../nowhere/modules/sub\n");
    story_tell(&s, &m, folder, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "its .git names the repository ../nowhere/modules/sub"));
    make_remove(folder);
    const char *two[] = {m.path, m.path};
    struct source *source;
    struct source_options o = {.names = &s.names};
    assert_int_equal(SOURCE_GIT.open(two, 2, &o, &source, &s.why), FAIL);
    git_oid missing;
    git_oid_fromstr(&missing, "1234567890123456789012345678901234567890");
    write_file(m.path, "refs/heads/main", "1234567890123456789012345678901234567890\n");
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "the commit of HEAD cannot be read"));
    write_file(m.path, "config",
               "[core]\n\trepositoryformatversion = 1\n[extensions]\n"
               "\tobjectFormat = sha999\n");
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "another hash than SHA-1"));
    assert_non_null(strstr(s.why.hint, "git fast-export"));
    write_file(m.path, "config",
               "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tunheardOf = x\n");
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "cannot be opened"));
    story_finish(&s);
    make_close(&m);
}

static void guesses(void **state)
{
    (void)state;
    struct make m;
    char inner[300];
    make_line(&m, true);
    assert_int_equal(SOURCE_GIT.guess((str){0}, m.path), 100);
    assert_int_equal(SOURCE_GIT.guess(STR("text"), m.path), 0);
    snprintf(inner, sizeof inner, "%s/objects", m.path);
    assert_int_equal(SOURCE_GIT.guess((str){0}, inner), 0);
    make_close(&m);
    make_line(&m, false);
    assert_int_equal(SOURCE_GIT.guess((str){0}, m.path), 100);
    make_close(&m);
}

static void takes_another_branch_for_an_unborn_head(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    git_reference *ref;
    make_line(&m, true);
    assert_int_equal(git_reference_symbolic_create(&ref, m.repo, "HEAD", "refs/heads/gone", 1, ""),
                     0);
    git_reference_free(ref);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_noted(&s, "refs/heads/main is taken for the default branch");
    assert_int_equal(s.keys.n, 6);
    assert_int_equal(git_reference_lookup(&ref, m.repo, "refs/heads/main"), 0);
    assert_int_equal(git_reference_delete(ref), 0);
    git_reference_free(ref);
    make_ref(&m, "refs/heads/x", "a");
    make_ref(&m, "refs/heads/y", "b");
    buf_clear(&s.cursor);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, FAIL);
    assert_non_null(strstr(s.why.text, "HEAD names a branch that does not exist"));
    assert_non_null(strstr(s.why.hint, "git symbolic-ref HEAD"));
    story_finish(&s);
    make_close(&m);
}

static void reads_a_detached_head_and_linked_work_trees(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0}, linked = {0};
    char path[300];
    make_line(&m, false);
    git_oid b = make_id(&m, "b");
    snprintf(path, sizeof path, "%s/linked", m.path);
    git_worktree *tree;
    assert_int_equal(git_worktree_add(&tree, m.repo, "linked", path, NULL), 0);
    git_worktree_free(tree);
    story_tell(&linked, &m, path, NULL);
    assert_int_equal(linked.result, END);
    assert_int_equal(linked.keys.n, 6);
    assert_int_equal(git_repository_set_head_detached(m.repo, &b), 0);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_noted(&s, "HEAD is detached");
    assert_int_equal(s.keys.n, 4);
    story_finish(&s);
    story_finish(&linked);
    make_close(&m);
}

static void drop_object(struct make *m, const char *label)
{
    char path[600];
    const char *hex = make_hex(m, label);
    snprintf(path, sizeof path, "%s/objects/%.2s/%s", m->path, hex, hex + 2);
    assert_int_equal(unlink(path), 0);
}

static void says_that_a_history_is_cut(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    char line[64];
    make_line(&m, true);
    snprintf(line, sizeof line, "%s\n", make_hex(&m, "b"));
    drop_object(&m, "a");
    story_tell(&s, &m, NULL, NULL); /* damaged */
    assert_int_equal(s.result, END);
    assert_noted(&s, "1 commits name parents that are not here or cannot be read");
    assert_int_equal(s.keys.n, 4);
    write_file(m.path, "shallow", line);
    buf_clear(&s.cursor);
    struct source_options o = {.git_paths = true};
    story_tell(&s, &m, NULL, &o);
    assert_int_equal(s.result, END);
    assert_noted(&s, "the history is shallow: it is cut at 1 commits");
    assert_noted(&s, "left-censored");
    assert_null(strstr(buf_cstr(&s.events),
                       "commit b authored {\"parents\":1,\"files\"")); /* not
                                                                        * all of the tree */
    make_commit(&m, "d", "c", 3, 3, "d"); /* and what is new is found there, too */
    make_ref(&m, "refs/heads/main", "d");
    story_tell(&s, &m, NULL, &o);
    assert_int_equal(s.keys.n, 2);
    story_finish(&s);
    make_close(&m);
}

static void rejects_broken_commits(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "a");
    static const char raw[] = "tree " MAKE_EMPTY_TREE "\nauthor without committer\n\nx";
    make_label(&m, "x", make_object(&m, GIT_OBJECT_COMMIT, raw, sizeof raw - 1));
    make_commit(&m, "b", "a x", 1, 1, "b");
    make_ref(&m, "refs/heads/main", "b");
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_story(&s, rejects, "the commit has no committer\n");
    assert_int_equal(s.keys.n, 4);
    story_finish(&s);
    make_close(&m);
}

static void notes_replaced_and_partial(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    char name[128];
    make_line(&m, true);
    snprintf(name, sizeof name, "refs/replace/%s", make_hex(&m, "a"));
    make_ref(&m, name, "b");
    write_file(m.path, "config",
               "[core]\n\trepositoryformatversion = 1\n\tbare = true\n"
               "[extensions]\n\tpartialClone = origin\n"
               "[remote \"origin\"]\n\turl = x\n\tpromisor = true\n");
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_noted(&s, "the repository replaces objects (refs/replace): the originals are read");
    assert_noted(&s, "the repository is a partial clone");
    assert_int_equal(s.keys.n, 6);
    story_finish(&s);
    make_close(&m);
}

static void leaves_odd_tags_out(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_line(&m, true);
    make_label(&m, "tree", m.tree);
    make_ref(&m, "refs/tags/v1.0", "tree"); /* a tag of a tree */
    make_tag(&m, "v2.0", "b", 5);
    git_reference *ref;
    git_oid tag;
    assert_int_equal(git_reference_name_to_id(&tag, m.repo, "refs/tags/v2.0"), 0);
    make_label(&m, "tag", tag);
    char hex[GIT_OID_HEXSZ + 1], text[300]; /* a tag of a tag, without a tagger */
    int n = snprintf(text, sizeof text, "object %s\ntype tag\ntag v3.0\n\nx\n",
                     git_oid_tostr(hex, sizeof hex, &tag));
    git_oid nested = make_object(&m, GIT_OBJECT_TAG, text, (size_t)n);
    assert_int_equal(git_reference_create(&ref, m.repo, "refs/tags/v3.0", &nested, 0, ""), 0);
    git_reference_free(ref);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_noted(&s, "1 tags lead to no commit that is here");
    assert_story(&s, links, "a released_in v3.0 ancestry 1\nb released_in v3.0 ancestry 1\n");
    assert_non_null(strstr(buf_cstr(&s.events), "1 release v3.0 released")); /* b's own time */
    story_finish(&s);
    make_close(&m);
}

static void stops_when_told(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_line(&m, true);
    interrupt_set(2);
    story_tell(&s, &m, NULL, NULL);
    interrupt_set(0);
    assert_int_equal(s.result, INTERRUPTED);
    story_finish(&s);
    make_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_history),
        cmocka_unit_test(guesses),
        cmocka_unit_test(takes_another_branch_for_an_unborn_head),
        cmocka_unit_test(reads_a_detached_head_and_linked_work_trees),
        cmocka_unit_test(says_that_a_history_is_cut),
        cmocka_unit_test(rejects_broken_commits),
        cmocka_unit_test(notes_replaced_and_partial),
        cmocka_unit_test(leaves_odd_tags_out),
        cmocka_unit_test(stops_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
