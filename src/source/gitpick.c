/* The candidates' author times and subjects are put into a table; one pass over the default branch
 * lists the commits that have one of them, sorted by that and by time; each candidate then finds
 * its neighbours in the list. */
#include "source/gitpick.h"

#include "base/progress.h"
#include "source/gitpatch.h"
#include "source/gitraw.h"

#include <stdlib.h>
#include <string.h>

struct near { /* a commit of the default branch that has something in common with a candidate */
    uint64_t key;
    when authored;
    uint32_t commit;
};

struct known { /* the patches of a commit, each computed when first asked for */
    bool has[2];
    enum gitpatch_result result[2];
    struct gitpatch patch[2]; /* of names alone, in full */
};

struct looking {
    const struct gitrepo *repo;
    const struct gitgraph *g;
    struct gitpack *packs;
    struct gittree *trees;
    VEC(struct near) near;
    struct map numbers; /* commit → in `known` */
    VEC(struct known) known;
    size_t patches[2], bytes; /* by HEADS, FULL */
};

enum { HEADS, FULL };

static uint64_t key_of_time(const struct gitcommit *c)
{
    return str_hash((str){(const char *)&c->authored, sizeof c->authored});
}

static bool is_candidate(const struct gitgraph *g, uint32_t i, const uint32_t *taken)
{
    const struct gitcommit *c = &g->commits.v[i];
    uint8_t no = GITCOMMIT_MERGE | GITCOMMIT_CUT | GITCOMMIT_ABSENT;
    return c->landed_by == GITGRAPH_NONE && !(c->flags & no) && taken[i] == GITGRAPH_NONE;
}

static int near_order(const void *a, const void *b)
{
    const struct near *x = a, *y = b;
    if (x->key != y->key) {
        return x->key < y->key ? -1 : 1;
    }
    if (x->authored != y->authored) {
        return x->authored < y->authored ? -1 : 1;
    }
    return (x->commit > y->commit) - (x->commit < y->commit);
}

/* False: there is nothing to compare. */
static bool list_near(struct looking *l, const uint32_t *taken)
{
    const struct gitgraph *g = l->g;
    struct map asked = {0};
    for (size_t at = 0; at < g->order.n; at++) {
        if (is_candidate(g, g->order.v[at], taken)) {
            const struct gitcommit *c = &g->commits.v[g->order.v[at]];
            (void)map_add(&asked, key_of_time(c), NULL);
            (void)map_add(&asked, c->subject, NULL);
        }
    }
    for (size_t at = 0; asked.n > 0 && at < g->order.n; at++) {
        uint32_t i = g->order.v[at];
        const struct gitcommit *c = &g->commits.v[i];
        uint64_t keys[2] = {key_of_time(c), c->subject};
        if (c->landed_by == GITGRAPH_NONE || c->flags & (GITCOMMIT_MERGE | GITCOMMIT_CUT)) {
            continue;
        }
        for (size_t k = 0; k < 2; k++) {
            if (keys[k] != 0 && map_find(&asked, keys[k]) != NULL) {
                VEC_ADD(&l->near, (struct near){keys[k], c->authored, i});
            }
        }
    }
    map_finish(&asked);
    if (l->near.n > 1) {
        qsort(l->near.v, l->near.n, sizeof *l->near.v, near_order);
    }
    return l->near.n > 0;
}

static bool tree_of(const struct looking *l, uint32_t i, git_oid *ret)
{
    git_odb_object *object;
    struct gitraw raw;
    if (gitrepo_read(l->repo->odb, &l->g->commits.v[i].id, GIT_OBJECT_COMMIT, &object, NULL) !=
        OK) {
        return false;
    }
    str bytes = {git_odb_object_data(object), git_odb_object_size(object)};
    bool fine = gitraw_parse(bytes, &raw, NULL);
    if (fine) {
        *ret = raw.tree;
    }
    git_odb_object_free(object);
    return fine;
}

static const struct known *patch_of(struct looking *l, uint32_t i, int which)
{
    bool fresh;
    uint64_t *number = map_add(&l->numbers, i, &fresh);
    if (fresh) {
        *number = l->known.n;
        VEC_ADD(&l->known, (struct known){0});
    }
    struct known *k = &l->known.v[*number];
    if (!k->has[which]) {
        const struct gitcommit *c = &l->g->commits.v[i];
        git_oid before = {{0}}, after;
        bool fine = tree_of(l, i, &after) &&
                    (c->parent_n == 0 || tree_of(l, l->g->parents.v[c->parent_first], &before));
        k->has[which] = true;
        k->result[which] = GITPATCH_BLIND;
        if (fine) {
            size_t bytes = 0;
            k->result[which] =
                gitpatch_find(l->trees, l->repo->odb, c->parent_n > 0 ? &before : NULL, &after,
                              which == HEADS, &k->patch[which], &bytes);
            l->bytes += bytes;
        }
        l->patches[which]++;
    }
    return k;
}

/* What comparing two commits came to. */
enum answer { SAME, OTHER, BLIND, LARGER };

static enum answer compare(struct looking *l, uint32_t a, uint32_t b)
{
    for (int which = HEADS; which <= FULL; which++) {
        enum gitpatch_result results[2];
        struct gitpatch patches[2];
        for (int side = 0; side < 2; side++) {
            size_t most = which == FULL ? GITPICK_PATCHES : GITPICK_HEADS;
            if (l->patches[which] >= most || l->bytes >= GITPICK_BYTES) {
                return LARGER;
            }
            const struct known *k = patch_of(l, side == 0 ? a : b, which);
            results[side] = k->result[which];
            patches[side] = k->patch[which];
            if (results[side] != GITPATCH_FOUND) {
                return results[side] == GITPATCH_EMPTY   ? OTHER
                       : results[side] == GITPATCH_BLIND ? BLIND
                                                         : LARGER;
            }
        }
        if (memcmp(&patches[0], &patches[1], sizeof patches[0]) != 0) {
            return OTHER;
        }
    }
    return SAME;
}

/* The first place in the list that is not before (key, authored). */
static size_t find_near(const struct looking *l, uint64_t key, when authored)
{
    struct near wanted = {key, authored, 0};
    size_t low = 0, high = l->near.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (near_order(&l->near.v[middle], &wanted) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Compares a candidate with the commits of the key that are nearest in time. */
static enum answer compare_near(struct looking *l, uint32_t i, uint64_t key, size_t *ret_n,
                                uint32_t *ret_original)
{
    when authored = l->g->commits.v[i].authored;
    size_t after = find_near(l, key, authored), before = after;
    enum answer answer = OTHER;
    for (int n = 0; n < GITPICK_NEAR && key != 0; n++) {
        bool can_back = before > 0 && l->near.v[before - 1].key == key;
        bool can_go_on = after < l->near.n && l->near.v[after].key == key;
        if (!can_back && !can_go_on) {
            break;
        }
        bool back = can_back && (!can_go_on || authored - l->near.v[before - 1].authored <
                                                   l->near.v[after].authored - authored);
        uint32_t other = l->near.v[back ? --before : after++].commit;
        enum answer one = compare(l, i, other);
        ++*ret_n;
        if (one == SAME) {
            *ret_original = other;
            return SAME;
        }
        answer = one != OTHER ? one : answer;
    }
    return answer;
}

static void look_at(struct looking *l, struct gitpicks *p, uint32_t i)
{
    const struct gitcommit *c = &l->g->commits.v[i];
    size_t n = 0;
    uint32_t original = GITGRAPH_NONE;
    enum answer by_time = compare_near(l, i, key_of_time(c), &n, &original), answer = by_time;
    if (by_time != SAME) {
        answer = compare_near(l, i, c->subject, &n, &original);
        answer = answer == OTHER ? by_time : answer;
    }
    p->asked += n > 0;
    p->blind += answer == BLIND;
    p->left_out += answer == LARGER;
    if (answer == SAME) {
        VEC_ADD(&p->v, (struct gitpick){i, original});
    }
}

void gitpicks_find(struct gitpicks *p, const struct gitrepo *repo, const struct gitgraph *g,
                   const uint32_t *taken)
{
    struct looking l = {.repo = repo, .g = g};
    *p = (struct gitpicks){0};
    if (list_near(&l, taken)) {
        l.packs = gitpack_open(&repo->folders);
        l.trees = gittree_open(repo->odb, l.packs);
        gittree_limit(l.trees, (size_t)20 * GITPATCH_FILES); /* folders among them */
        for (size_t at = 0; at < g->order.n && interrupt_signal() == 0; at++) {
            if (is_candidate(g, g->order.v[at], taken)) {
                look_at(&l, p, g->order.v[at]);
            }
        }
        gittree_close(l.trees);
        gitpack_close(l.packs);
    }
    VEC_FINISH(&l.near);
    VEC_FINISH(&l.known);
    map_finish(&l.numbers);
}

void gitpicks_finish(struct gitpicks *p)
{
    VEC_FINISH(&p->v);
}
