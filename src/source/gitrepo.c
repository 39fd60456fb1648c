/* libgit2 reads the repository; no git process runs. */
#include "source/gitrepo.h"

#include "base/buf.h"
#include "base/mem.h"
#include "source/gitguard.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Settings of the library, once a process; weir uses it nowhere else.
 * Owner validation protects people who merely enter a foreign folder from hooks and configured
 * programs of its repository. weir runs neither, and the person named this path: a service account
 * must be able to read the repositories of others (operations: "not owned by current user").
 * Object hashes are not verified, as `git log` does not: that is half of the reading time, and
 * zlib's checksum already finds damage. libgit2's object cache would keep what is read once. */
static void set_up(void)
{
    static const char *extensions[] = {"partialclone", "worktreeconfig", "preciousobjects"};
    (void)git_libgit2_init();
    (void)git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    (void)git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
    (void)git_libgit2_opts(GIT_OPT_ENABLE_CACHING, 0);
    (void)git_libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions,
                           sizeof extensions / sizeof *extensions);
}

const char *gitrepo_reason(void)
{
    const git_error *e = git_error_last();
    return e != NULL && e->message != NULL ? e->message : "no reason given";
}

status gitrepo_read(git_odb *odb, const git_oid *id, git_object_t type, git_odb_object **ret_object,
                    struct error *why)
{
    git_odb_object *object = NULL;
    int code = git_odb_read(&object, odb, id);
    if (code == GIT_ENOTFOUND) {
        return END;
    }
    char hex[GIT_OID_HEXSZ + 1];
    git_oid_tostr(hex, sizeof hex, id);
    if (code < 0) {
        return error_set(why, "object %s: %s", hex, gitrepo_reason());
    }
    if (git_odb_object_type(object) != type) {
        error_set(why, "object %s: a %s, not a %s", hex,
                  git_object_type2string(git_odb_object_type(object)),
                  git_object_type2string(type));
        git_odb_object_free(object);
        return FAIL;
    }
    *ret_object = object;
    return OK;
}

/* Follows annotated tags to what they name; false when that is no commit or is missing. */
static bool peel_tag(struct gitrepo *r, git_oid id, struct gitrepo_tag *tag)
{
    enum { NESTED = 10 };
    for (int depth = 0; depth < NESTED; depth++) {
        git_object *object = NULL;
        if (git_object_lookup(&object, r->repo, &id, GIT_OBJECT_ANY) < 0) {
            return false;
        }
        git_object_t type = git_object_type(object);
        if (type == GIT_OBJECT_TAG) {
            const git_tag *t = (const git_tag *)object;
            const git_signature *tagger = git_tag_tagger(t);
            if (depth == 0) {
                tag->annotated = true;
                tag->has_time = tagger != NULL;
                tag->time_s = tagger != NULL ? tagger->when.time : 0;
                tag->tagger = arena_str(&r->text, str_of(tagger != NULL ? tagger->email : NULL));
            }
            id = *git_tag_target_id(t);
        }
        git_object_free(object);
        if (type != GIT_OBJECT_TAG) {
            tag->commit = id;
            return type == GIT_OBJECT_COMMIT;
        }
    }
    return false;
}

/* "refs/pull/12/head" */
static bool is_pull(str name, struct gitrepo_pull *ret)
{
    static const struct {
        str prefix;
        char sign;
    } KINDS[] = {{STR_INIT("refs/pull/"), '#'}, {STR_INIT("refs/merge-requests/"), '!'}};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        int64_t number;
        if (str_starts(name, KINDS[i].prefix) && str_ends(name, STR("/head"))) {
            str middle = str_from(name, KINDS[i].prefix.n);
            if (middle.n > 5 && str_to_i64(str_first(middle, middle.n - 5), &number) &&
                number > 0 && number <= UINT32_MAX) {
                ret->number = (uint32_t)number;
                ret->sign = KINDS[i].sign;
                return true;
            }
        }
    }
    return false;
}

static void take_reference(struct gitrepo *r, git_reference *ref)
{
    str name = str_of(git_reference_name(ref));
    const git_oid *target = git_reference_target(ref);
    struct gitrepo_pull pull;
    if (str_starts(name, STR("refs/replace/"))) {
        r->replaced = true;
    } else if (target != NULL && str_starts(name, STR("refs/tags/"))) {
        struct gitrepo_tag tag = {.name = arena_str(&r->text, str_from(name, 10))};
        if (peel_tag(r, *target, &tag)) {
            VEC_ADD(&r->tags, tag);
        } else {
            r->odd_tags++;
        }
    } else if (target != NULL && is_pull(name, &pull)) {
        pull.commit = *target;
        VEC_ADD(&r->pulls, pull);
    }
}

static int tag_order(const void *a, const void *b)
{
    return str_cmp(((const struct gitrepo_tag *)a)->name, ((const struct gitrepo_tag *)b)->name);
}

static int pull_order(const void *a, const void *b)
{
    const struct gitrepo_pull *x = a, *y = b;
    if (x->number != y->number) {
        return x->number < y->number ? -1 : 1;
    }
    return (x->sign > y->sign) - (x->sign < y->sign);
}

static status read_references(struct gitrepo *r, struct error *why)
{
    git_reference_iterator *all = NULL;
    if (git_reference_iterator_new(&all, r->repo) < 0) {
        return error_set(why, STR_FMT ": the references cannot be read: %s", STR_ARG(r->path),
                         gitrepo_reason());
    }
    git_reference *ref = NULL;
    int code;
    while ((code = git_reference_next(&ref, all)) == 0) {
        take_reference(r, ref);
        git_reference_free(ref);
    }
    git_reference_iterator_free(all);
    if (code != GIT_ITEROVER) {
        return error_set(why, STR_FMT ": the references cannot be read: %s", STR_ARG(r->path),
                         gitrepo_reason());
    }
    if (r->tags.n > 1) {
        qsort(r->tags.v, r->tags.n, sizeof *r->tags.v, tag_order);
    }
    if (r->pulls.n > 1) {
        qsort(r->pulls.v, r->pulls.n, sizeof *r->pulls.v, pull_order);
    }
    return OK;
}

/* HEAD may name a branch that has no commits while others have (a mirror of a repository whose
 * default branch was renamed): then the usual names are tried, then the only branch. */
static status find_unborn(struct gitrepo *r, struct error *why)
{
    static const char *const USUAL[] = {"refs/remotes/origin/HEAD", "refs/heads/main",
                                        "refs/heads/master", "refs/heads/trunk"};
    for (size_t i = 0; i < sizeof USUAL / sizeof *USUAL; i++) {
        if (git_reference_name_to_id(&r->head, r->repo, USUAL[i]) == 0) {
            r->branch = str_of(USUAL[i]);
            r->fallback = true;
            return OK;
        }
    }
    git_branch_iterator *all = NULL;
    git_reference *ref = NULL;
    git_branch_t type;
    size_t found = 0;
    if (git_branch_iterator_new(&all, r->repo, GIT_BRANCH_ALL) == 0) {
        while (git_branch_next(&ref, &type, all) == 0) {
            const git_oid *target = git_reference_target(ref);
            if (target != NULL && found++ == 0) {
                r->head = *target;
                r->branch = arena_str(&r->text, str_of(git_reference_name(ref)));
            }
            git_reference_free(ref);
        }
        git_branch_iterator_free(all);
    }
    if (found == 1) {
        r->fallback = true;
        return OK;
    }
    if (found == 0) {
        error_set(why, STR_FMT ": the repository has no commits yet", STR_ARG(r->path));
        error_hint(why, "commit something, or fetch, then import again");
        return FAIL;
    }
    error_set(why, STR_FMT ": HEAD names a branch that does not exist, and there are %zu others",
              STR_ARG(r->path), found);
    error_hint(why, "choose the default branch: git symbolic-ref HEAD refs/heads/NAME");
    return FAIL;
}

static status find_head(struct gitrepo *r, struct error *why)
{
    git_reference *head = NULL;
    int code = git_repository_head(&head, r->repo);
    if (code == GIT_EUNBORNBRANCH || code == GIT_ENOTFOUND) {
        return find_unborn(r, why);
    }
    if (code < 0) {
        return error_set(why, STR_FMT ": HEAD cannot be read: %s", STR_ARG(r->path),
                         gitrepo_reason());
    }
    r->detached = git_repository_head_detached(r->repo) == 1;
    r->branch = r->detached ? STR("HEAD") : arena_str(&r->text, str_of(git_reference_name(head)));
    r->head = *git_reference_target(head);
    git_reference_free(head);
    return OK;
}

static bool is_promisor(git_repository *repo)
{
    git_config *config = NULL;
    git_config_iterator *all = NULL;
    git_config_entry *entry = NULL;
    bool found = false;
    if (git_repository_config_snapshot(&config, repo) < 0) {
        return false;
    }
    /* over all entries: libgit2's iterator with a pattern loses memory for each that does not fit
     */
    if (git_config_iterator_new(&all, config) == 0) {
        while (!found && git_config_next(&entry, all) == 0) { /* it belongs to the iterator */
            str name = str_of(entry->name);
            found = str_eq(name, STR("extensions.partialclone")) ||
                    (str_starts(name, STR("remote.")) && str_ends(name, STR(".promisor")));
        }
        git_config_iterator_free(all);
    }
    git_config_free(config);
    return found;
}

/* Does PATH/.git, a file, name a folder that is not there? A linked work tree or a submodule whose
 * repository was moved; `line` gets the name. */
static bool leads_nowhere(const char *path, char line[512])
{
    struct buf name = {0};
    struct stat st;
    bool nowhere = false;
    buf_addf(&name, "%s/.git", path);
    FILE *file = stat(buf_cstr(&name), &st) == 0 && S_ISREG(st.st_mode)
                     ? fopen(buf_cstr(&name), "rbe")
                     : NULL;
    buf_finish(&name);
    if (file != NULL && fgets(line, 512, file) != NULL && strncmp(line, "gitdir: ", 8) == 0) {
        str folder = str_trim(str_from(str_of(line), 8));
        if (folder.n > 0 && folder.p[0] == '/') {
            buf_add(&name, folder);
        } else {
            buf_addf(&name, "%s/" STR_FMT, path, STR_ARG(folder));
        }
        nowhere = stat(buf_cstr(&name), &st) != 0;
        memmove(line, folder.p, folder.n);
        line[folder.n] = '\0';
        buf_finish(&name);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return nowhere;
}

static status explain_open(const char *path, int code, struct error *why)
{
    char line[512];
    if (leads_nowhere(path, line)) {
        error_set(why, "%s: its .git names the repository %s, which is not there", path, line);
        error_hint(why, "of a linked work tree or a submodule that was moved: git worktree repair, "
                        "or git submodule update --init");
        return FAIL;
    }
    if (code == GIT_ENOTFOUND) {
        error_set(why, "%s: not a git repository, nor inside one", path);
        error_hint(why, "name the folder that holds .git, or a bare repository");
        return FAIL;
    }
    if (strstr(gitrepo_reason(), "extensions.objectformat") != NULL) {
        error_set(why,
                  "%s: the repository names its objects by SHA-256 or another hash than SHA-1, "
                  "which libgit2 does not read",
                  path);
        error_hint(why, "make a copy with SHA-1 names: git fast-export --all | git -C COPY "
                        "fast-import");
        return FAIL;
    }
    return error_set(why, "%s: the repository cannot be opened: %s", path, gitrepo_reason());
}

status gitrepo_open(const char *path, struct gitrepo **ret_repo, struct error *why)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, set_up);
    git_repository *repo = NULL;
    int code = git_repository_open_ext(&repo, path, 0, NULL);
    if (code < 0) {
        return explain_open(path, code, why);
    }
    struct gitrepo *r = mem_get(sizeof *r);
    r->repo = repo;

    arena_init(&r->text, "git names", 0);
    r->path = arena_str(&r->text, str_of(path));
    r->bare = git_repository_is_bare(repo) == 1;
    r->shallow = git_repository_is_shallow(repo) == 1;
    r->partial = is_promisor(repo);
    status_code s = FAIL;
    const char *objects = arena_strf(&r->text, "%sobjects", git_repository_commondir(repo)).p;
    gitfolders_find(objects, &r->text, &r->folders);
    if (r->folders.v.n == 0) {
        error_set(why, "%s: the repository has no folder of objects", path);
        goto out;
    }
    if (git_repository_odb(&r->odb, repo) < 0 || gitguard_add(r->odb, &r->folders) < 0) {
        error_set(why, "%s: the objects cannot be read: %s", path, gitrepo_reason());
        goto out;
    }
    TRY_GOTO(s, out, find_head(r, why));
    TRY_GOTO(s, out, read_references(r, why));
    *ret_repo = r;
    return OK;
out:
    gitrepo_close(r);
    return s;
}

void gitrepo_close(struct gitrepo *r)
{
    if (r == NULL) {
        return;
    }
    git_odb_free(r->odb);
    git_repository_free(r->repo);
    VEC_FINISH(&r->tags);
    VEC_FINISH(&r->pulls);
    gitfolders_finish(&r->folders);
    arena_finish(&r->text);

    mem_put(r);
}
