#include "source/gitpaths.h"

#include "source/gitguard.h"
#include "source/gitraw.h"
#include "source/gittree.h"
#include "wire/json.h"

#include <pthread.h>

enum { THREADS = 2, ALONE = 32 }; /* fewer commits than this are not worth a second thread */

struct worker {
    git_odb *odb;
    struct gitpack *packs;
    struct gittree *trees;
    struct gittree_files files;
    struct gitpaths *all;
    size_t from, to; /* of all->commits */
    status_code result;
    struct error why;
    const atomic_int *watched; /* what ends it */
};

struct gitpaths {
    const struct gitgraph *g;
    bool lines;
    const uint32_t *commits;
    VEC(struct buf) texts;
    struct worker workers[THREADS];
};

status gitpaths_open(const struct gitrepo *repo, const struct gitgraph *g, bool lines,
                     struct gitpaths **ret_paths, struct error *why)
{
    struct gitpaths *p = mem_get(sizeof *p);
    p->g = g;
    p->lines = lines;
    for (size_t i = 0; i < THREADS; i++) {
        struct worker *w = &p->workers[i];
        w->all = p;
        if (git_odb_open(&w->odb, repo->folders.v.v[0].p) < 0 ||
            gitguard_add(w->odb, &repo->folders) < 0) {
            error_set(why, STR_FMT ": the objects cannot be read: %s", STR_ARG(repo->path),
                      gitrepo_reason());
            gitpaths_close(p);
            return FAIL;
        }
        w->packs = gitpack_open(&repo->folders);
        w->trees = gittree_open(w->odb, w->packs);
    }
    *ret_paths = p;
    return OK;
}

void gitpaths_close(struct gitpaths *p)
{
    if (p == NULL) {
        return;
    }
    for (size_t i = 0; i < THREADS; i++) {
        struct worker *w = &p->workers[i];
        gittree_close(w->trees);
        gitpack_close(w->packs);
        gittree_files_finish(&w->files);
        git_odb_free(w->odb);
    }
    for (size_t i = 0; i < p->texts.n; i++) {
        buf_finish(&p->texts.v[i]);
    }
    VEC_FINISH(&p->texts);
    mem_put(p);
}

/* The tree of a parent that this import did not read itself. */
static bool absent_tree(git_odb *odb, const git_oid *commit, git_oid *ret)
{
    git_odb_object *object;
    struct gitraw raw;
    if (gitrepo_read(odb, commit, GIT_OBJECT_COMMIT, &object, NULL) != OK) {
        return false;
    }
    bool fine =
        gitraw_parse((str){git_odb_object_data(object), git_odb_object_size(object)}, &raw, NULL);
    git_odb_object_free(object);
    if (fine) {
        *ret = raw.tree;
    }
    return fine;
}

static void write_lines(struct buf *out, const struct gittree_files *f)
{
    for (int side = 0; side < 2; side++) {
        buf_add(out, side == 0 ? STR(",\"added\":[") : STR(",\"removed\":["));
        for (size_t i = 0; i < f->v.n; i++) {
            int64_t lines = side == 0 ? f->v.v[i].plus : f->v.v[i].minus;
            buf_addf(out, i > 0 ? ",%lld" : "%lld", (long long)lines);
        }
        buf_putc(out, ']');
    }
}

static status make_one(struct worker *w, uint32_t i, struct buf *out)
{
    const struct gitgraph *g = w->all->g;
    const struct gitcommit *c = &g->commits.v[i];
    buf_clear(out);
    if (c->flags & (GITCOMMIT_MERGE | GITCOMMIT_CUT)) {
        return OK;
    }
    git_oid before = {{0}};
    if (c->parent_n > 0) {
        uint32_t parent = g->parents.v[c->parent_first];
        if (!(g->commits.v[parent].flags & GITCOMMIT_ABSENT)) {
            before = g->trees.v[parent];
        } else if (!absent_tree(w->odb, &g->commits.v[parent].id, &before)) {
            return OK;
        }
    }
    TRY(gittree_diff(w->trees, c->parent_n > 0 ? &before : NULL, &g->trees.v[i], &w->files,
                     &w->why));
    if (w->all->lines) {
        TRY(gittree_lines(w->trees, &w->files, &w->why));
    }
    buf_addf(out, ",\"files\":%zu,\"paths\":[", w->files.total);
    for (size_t k = 0; k < w->files.v.n; k++) {
        if (k > 0) {
            buf_putc(out, ',');
        }
        json_quote(out, gittree_path(&w->files, k));
    }
    buf_putc(out, ']');
    if (w->all->lines) {
        write_lines(out, &w->files);
    }
    return OK;
}

static void *work(void *cookie)
{
    struct worker *w = cookie;
    interrupt_watch(w->watched);
    w->result = OK;
    for (size_t k = w->from; k < w->to && w->result == OK; k++) {
        uint32_t commit = w->all->commits[k];
        w->result =
            interrupt_signal() != 0 ? INTERRUPTED : make_one(w, commit, &w->all->texts.v[k]);
        if (w->result == FAIL) {
            char hex[GIT_OID_HEXSZ + 1];
            git_oid_tostr(hex, sizeof hex, &w->all->g->commits.v[commit].id);
            error_add(&w->why, "commit %s", hex);
        }
    }
    return NULL;
}

status gitpaths_make(struct gitpaths *p, const uint32_t *commits, size_t n, struct error *why)
{
    while (p->texts.n < n) {
        VEC_ADD(&p->texts, (struct buf){0});
    }
    p->commits = commits;
    size_t half = n < ALONE ? n : n / 2;
    struct worker *a = &p->workers[0], *b = &p->workers[1];
    a->from = 0;
    a->to = b->from = half;
    b->to = n;
    a->watched = b->watched = interrupt_watched();
    pthread_t second;
    bool started = half < n && pthread_create(&second, NULL, work, b) == 0;
    (void)work(a);
    if (started) {
        (void)pthread_join(second, NULL);
    } else {
        (void)work(b);
    }
    const struct worker *bad = a->result != OK ? a : b;
    if (bad->result == FAIL && why != NULL) {
        *why = bad->why;
    }
    return bad->result;
}

str gitpaths_text(const struct gitpaths *p, size_t i)
{
    return buf_str(&p->texts.v[i]);
}
