/* Objects from packs, as libgit2 reads them; packs that are damaged. */
#include "source/gitprocess.h"

#include "base/rng.h"
#include "source/gitpack.h"

#include <glob.h>
#include <sys/stat.h>

/* Folders of some hundred files, each version an entry away from the one before. */
static void make_packed(const char *path, const char *options)
{
    struct buf lines = {0};
    buf_add(&lines,
            STR("git init -q --bare .\n{\nn=0\n"
                "printf 'blob\\nmark :1\\ndata 1\\na\\nblob\\nmark :2\\ndata 1\\nb\\n'\n"
                "i=0; while [ $i -lt 60 ]; do\n"
                "printf 'commit refs/heads/main\\ncommitter A <a@b> %d +0000\\ndata 1\\nx\\n' "
                "$((1577836800+i))\n"
                "k=0; while [ $k -lt 400 ] && [ $i -eq 0 ]; do printf 'M 100644 :1 d/%04d\\n' "
                "$k; k=$((k+1)); done\n"
                "printf 'M 100644 :2 d/%04d\\nM 100644 :1 e/%d\\n\\n' $((i*7)) $i\n"
                "i=$((i+1)); done\n} | git fast-import --quiet\n"));
    buf_addf(&lines, "git %s repack -q -adf --depth=40 --window=10\n", options);
    process_run(path, buf_cstr(&lines), NULL);
    buf_finish(&lines);
}

struct opened {
    struct arena text;
    struct gitfolders folders;
    struct gitpack *packs;
};

static void open_packs(struct opened *o, const char *path)
{
    char objects[128];
    snprintf(objects, sizeof objects, "%s/objects", path);
    arena_init(&o->text, "test", 0);
    gitfolders_find(objects, &o->text, &o->folders);
    o->packs = gitpack_open(&o->folders);
}

static void close_packs(struct opened *o)
{
    gitpack_close(o->packs);
    gitfolders_finish(&o->folders);
    arena_finish(&o->text);
}

struct counting {
    struct gitpack *packs;
    git_odb *odb;
    size_t same, none, other;
};

static int compare(const git_oid *id, void *cookie)
{
    struct counting *c = cookie;
    git_odb_object *theirs = NULL;
    size_t n;
    git_object_t type = GIT_OBJECT_TREE;
    if (c->odb != NULL) {
        assert_int_equal(git_odb_read(&theirs, c->odb, id), 0);
        assert_int_equal(git_odb_read_header(&n, &type, c->odb, id), 0);
    }
    struct gitpack_object *ours = gitpack_read(c->packs, id, type);
    if (ours == NULL) {
        c->none++;
    } else if (theirs != NULL && ours->n == git_odb_object_size(theirs) &&
               memcmp(ours->bytes, git_odb_object_data(theirs), ours->n) == 0) {
        c->same++;
    } else {
        c->other++;
    }
    gitpack_drop(ours);
    git_odb_object_free(theirs);
    return 0;
}

static void reads_what_libgit2_reads(void **state)
{
    (void)state;
    static const char *const OPTIONS[] = {"", "-c repack.useDeltaBaseOffset=false"};
    char path[64];
    if (!process_has_git()) {
        skip();
    }
    git_libgit2_init();
    for (size_t i = 0; i < 2; i++) {
        git_repository *repo;
        struct opened o;
        process_folder(path);
        make_packed(path, OPTIONS[i]);
        open_packs(&o, path);
        struct counting c = {.packs = o.packs};
        assert_int_equal(git_repository_open(&repo, path), 0);
        assert_int_equal(git_repository_odb(&c.odb, repo), 0);
        for (int twice = 0; twice < 2; twice++) { /* the second time from what is kept */
            assert_int_equal(git_odb_foreach(c.odb, compare, &c), 0);
        }
        assert_int_equal(c.none + c.other, 0);
        assert_true(c.same >= 2 * 60 * 4);
        git_oid absent = {{3}};
        assert_null(gitpack_read(o.packs, &absent, GIT_OBJECT_TREE));
        git_odb_free(c.odb);
        git_repository_free(repo);
        close_packs(&o);
        make_remove(path);
    }
    git_libgit2_shutdown();
}

static char *find_one(const char *path, const char *pattern)
{
    char whole[200];
    glob_t found;
    snprintf(whole, sizeof whole, "%s/objects/pack/*.%s", path, pattern);
    assert_int_equal(glob(whole, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    char *name = strdup(found.gl_pathv[0]);
    globfree(&found);
    return name;
}

typedef VEC(git_oid) ids;

static int collect(const git_oid *id, void *cookie)
{
    VEC_ADD((ids *)cookie, *id);
    return 0;
}

/* Bytes changed and ends cut off, in the pack and in its index: reading comes to an end, and
 * nothing outside of the files is read (the sanitizers see to that). */
static void bears_damage(void **state)
{
    (void)state;
    char path[64];
    uint64_t seed = 11;
    if (!process_has_git()) {
        skip();
    }
    git_libgit2_init();
    process_folder(path);
    make_packed(path, "");
    git_repository *repo;
    git_odb *odb;
    ids all = {0};
    assert_int_equal(git_repository_open(&repo, path), 0);
    assert_int_equal(git_repository_odb(&odb, repo), 0);
    assert_int_equal(git_odb_foreach(odb, collect, &all), 0);
    git_odb_free(odb);
    git_repository_free(repo);
    size_t read = 0, missing = 0;
    for (int i = 0; i < 300; i++) {
        char *name = find_one(path, i % 3 == 0 ? "idx" : "pack");
        struct stat st;
        assert_int_equal(stat(name, &st), 0);
        assert_int_equal(chmod(name, 0600), 0);
        FILE *f = fopen(name, "r+b");
        assert_non_null(f);
        char *bytes = malloc((size_t)st.st_size);
        assert_non_null(bytes);
        assert_int_equal(fread(bytes, 1, (size_t)st.st_size, f), (size_t)st.st_size);
        for (uint64_t k = 0; k < 1 + rng_below(&seed, 40); k++) {
            fseek(f, (long)rng_below(&seed, (uint64_t)st.st_size), SEEK_SET);
            fputc((int)rng_below(&seed, 256), f);
        }
        fclose(f);
        if (i % 10 == 9) {
            assert_int_equal(truncate(name, (off_t)rng_below(&seed, (uint64_t)st.st_size)), 0);
        }
        struct opened o;
        open_packs(&o, path);
        for (size_t k = 0; k < all.n; k++) {
            struct gitpack_object *object = gitpack_read(o.packs, &all.v[k], GIT_OBJECT_TREE);
            read += object != NULL;
            missing += object == NULL;
            gitpack_drop(object);
        }
        close_packs(&o);
        f = fopen(name, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(bytes, 1, (size_t)st.st_size, f), (size_t)st.st_size);
        fclose(f);
        free(bytes);
        free(name);
    }
    assert_true(read > 1000 && missing > 1000);
    VEC_FINISH(&all);
    make_remove(path);
    git_libgit2_shutdown();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_libgit2_reads),
        cmocka_unit_test(bears_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
