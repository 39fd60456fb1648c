#include "source/gitchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const lapse PAUSE = 60 * DAY;

struct named { /* a use before changes have numbers */
    struct gitchange_use use;
    uint32_t number;
    char sign;
};

struct list {
    VEC(struct named) v;
};

static void name(struct list *l, const struct gitgraph *g, const struct gitreleases *releases,
                 uint32_t commit, struct named n)
{
    uint32_t item = releases->same_as[commit] != GITGRAPH_NONE ? releases->same_as[commit] : commit;
    const struct gitcommit *c = &g->commits.v[item];
    n.use.commit = item;
    n.use.time = c->landed != WHEN_NONE ? c->landed : c->committed;
    VEC_ADD(&l->v, n);
}

/* What commits say themselves, and what merges say of those they brought in. */
static void name_by_words(struct list *l, const struct gitgraph *g,
                          const struct gitreleases *releases)
{
    size_t *first = mem_get((g->commits.n + 1) * sizeof *first); /* use + 1 of merges, by commit */
    for (size_t i = 0; i < g->uses.n; i++) {
        const struct gitgraph_use *u = &g->uses.v[i];
        if (g->commits.v[u->commit].flags & GITCOMMIT_ABSENT) {
            continue;
        }
        name(l, g, releases, u->commit, (struct named){{.rule = u->rule}, u->number, u->sign});
        if (u->rule == GITRULE_MERGE && first[u->commit] == 0) {
            first[u->commit] = i + 1; /* uses of one commit stand together */
        }
    }
    for (size_t at = 0; at < g->order.n; at++) {
        uint32_t i = g->order.v[at], by = g->commits.v[i].landed_by;
        if (by == GITGRAPH_NONE || by == i || first[by] == 0) {
            continue;
        }
        for (size_t k = first[by] - 1; k < g->uses.n && g->uses.v[k].commit == by; k++) {
            const struct gitgraph_use *u = &g->uses.v[k];
            if (u->rule == GITRULE_MERGE) {
                name(l, g, releases, i, (struct named){{.rule = u->rule}, u->number, u->sign});
            }
        }
    }
    mem_put(first);
}

static size_t name_by_references(struct list *l, const struct gitrepo *repo, struct gitgraph *g,
                                 const struct gitreleases *releases, bool by_content)
{
    size_t found = 0;
    for (size_t i = 0; i < repo->pulls.n && interrupt_signal() == 0; i++) {
        const struct gitrepo_pull *p = &repo->pulls.v[i];
        uint32_t commit = gitgraph_find(g, &p->commit);
        bool same = false;
        git_odb_object *object;
        struct error trouble;
        if (commit == GITGRAPH_NONE && by_content &&
            gitrepo_read(repo->odb, &p->commit, GIT_OBJECT_COMMIT, &object, &trouble) == OK) {
            str raw = {git_odb_object_data(object), git_odb_object_size(object)};
            commit = gitgraph_find_same(g, gitgraph_same_of(raw));
            git_odb_object_free(object);
            same = true;
        }
        if (commit != GITGRAPH_NONE) {
            found++;
            name(l, g, releases, commit,
                 (struct named){{.rule = GITRULE_REF, .same = same}, p->number, p->sign});
        }
    }
    return found;
}

static int named_order(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->sign != y->sign) {
        return x->sign < y->sign ? -1 : 1;
    }
    if (x->number != y->number) {
        return x->number < y->number ? -1 : 1;
    }
    if (x->use.time != y->use.time) {
        return x->use.time < y->use.time ? -1 : 1;
    }
    if (x->use.commit != y->use.commit) {
        return x->use.commit < y->use.commit ? -1 : 1;
    }
    return (x->use.rule > y->use.rule) - (x->use.rule < y->use.rule);
}

static int commit_order(const void *a, const void *b)
{
    const struct gitchange_use *x = a, *y = b;
    if (x->commit != y->commit) {
        return x->commit < y->commit ? -1 : 1;
    }
    return (x->change > y->change) - (x->change < y->change);
}

static void number_changes(struct gitchanges *c, const struct list *l)
{
    for (size_t i = 0; i < l->v.n; i++) {
        const struct named *n = &l->v.v[i], *before = i > 0 ? &l->v.v[i - 1] : NULL;
        bool alike = before != NULL && before->sign == n->sign && before->number == n->number;
        if (alike && before->use.commit == n->use.commit) {
            continue; /* by a weaker rule, too */
        }
        if (!alike || n->use.time - before->use.time > PAUSE) {
            uint32_t nth = alike ? c->v.v[c->v.n - 1].nth + 1 : 1;
            VEC_ADD(&c->v, (struct gitchange){n->number, nth, n->sign, (uint32_t)c->by_change.n, 0,
                                              GITGRAPH_NONE, GITGRAPH_NONE, GITGRAPH_NONE});
        }
        struct gitchange_use use = n->use;
        use.change = (uint32_t)(c->v.n - 1);
        c->v.v[use.change].use_n++;
        VEC_ADD(&c->by_change, use);
    }
}

static void find_life(struct gitchange *c, const struct gitchanges *all, const struct gitgraph *g,
                      const struct gitreleases *releases)
{
    bool open = false;
    for (uint32_t k = 0; k < c->use_n; k++) {
        uint32_t i = all->by_change.v[c->use_first + k].commit;
        const struct gitcommit *commit = &g->commits.v[i];
        /* an absurd clock speaks only when there is no other */
        bool bad = commit->authored_quality == TIME_BAD;
        const struct gitcommit *begun = c->begun != GITGRAPH_NONE ? &g->commits.v[c->begun] : NULL;
        bool begun_bad = begun != NULL && begun->authored_quality == TIME_BAD;
        if (begun == NULL || (begun_bad && !bad) ||
            (begun_bad == bad && commit->authored < begun->authored)) {
            c->begun = i;
        }
        const struct gitcommit *landed =
            c->landed != GITGRAPH_NONE ? &g->commits.v[c->landed] : NULL;
        if (commit->landed != WHEN_NONE &&
            (landed == NULL || commit->landed > landed->landed ||
             (commit->landed == landed->landed && commit->landed_by == i))) { /* the merge itself */
            c->landed = i;
        }
        uint32_t release = releases->first[i];
        open = open || release == GITGRAPH_NONE;
        if (!open && (c->released == GITGRAPH_NONE || release > c->released)) {
            c->released = release;
        }
    }
    c->released = open ? GITGRAPH_NONE : c->released;
}

void gitchanges_find(struct gitchanges *c, const struct gitrepo *repo, struct gitgraph *g,
                     const struct gitreleases *releases, bool by_content)
{
    *c = (struct gitchanges){0};
    struct list l = {0};
    name_by_words(&l, g, releases);
    c->pulls_found = name_by_references(&l, repo, g, releases, by_content);
    if (l.v.n > 1) {
        qsort(l.v.v, l.v.n, sizeof *l.v.v, named_order);
    }
    number_changes(c, &l);
    VEC_FINISH(&l.v);
    for (size_t i = 0; i < c->v.n; i++) {
        find_life(&c->v.v[i], c, g, releases);
    }
    VEC_RESERVE(&c->by_commit, c->by_change.n);
    for (size_t i = 0; i < c->by_change.n; i++) {
        VEC_ADD(&c->by_commit, c->by_change.v[i]);
    }
    if (c->by_commit.n > 1) {
        qsort(c->by_commit.v, c->by_commit.n, sizeof *c->by_commit.v, commit_order);
    }
}

void gitchanges_finish(struct gitchanges *c)
{
    VEC_FINISH(&c->v);
    VEC_FINISH(&c->by_change);
    VEC_FINISH(&c->by_commit);
}

size_t gitchanges_of(const struct gitchanges *c, uint32_t commit, size_t *ret_first)
{
    size_t low = 0, high = c->by_commit.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->by_commit.v[middle].commit < commit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t n = 0;
    while (low + n < c->by_commit.n && c->by_commit.v[low + n].commit == commit) {
        n++;
    }
    *ret_first = low;
    return n;
}

str gitchange_key(const struct gitchange *c, char text[GITCHANGE_TEXT])
{
    int n = c->nth == 1 ? snprintf(text, GITCHANGE_TEXT, "%c%u", c->sign, c->number)
                        : snprintf(text, GITCHANGE_TEXT, "%c%u/%u", c->sign, c->number, c->nth);
    return (str){text, (size_t)n};
}
