/* Walks over the links, from every item of the kind outwards: once to ever narrower items, once to
 * ever wider ones. Neighbours stand in one array, item by item; a mark says which walk has seen an
 * item last. */
#include "engine/linking.h"

#include "engine/linking_rank.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct walker {
    const struct names *names;
    const unsigned char *ranks;
    uint32_t *first; /* item → its first neighbour; one more at the end */
    item_id *neighbour;
    uint32_t *seen; /* by item: number of the walk that saw it */
    uint32_t walk;
    VEC(item_id) stack;
    VEC(struct pair) pairs; /* what was found */
};
struct pair {
    item_id item, root;
};

static int rank_of(const struct walker *w, item_id item)
{
    return w->ranks[names_type(w->names, item)];
}

/* What git tells of a change or a release it tells of every commit, too: the commits' own events
 * stand for them. */
static bool is_told_by_commits(const struct walker *w, item_id item)
{
    str key = names_key(w->names, item);
    switch (rank_of(w, item)) {
    case RANK_CHANGE: /* "#12", "!3" (source/gitfacts.h) */
        return key.n > 0 && (key.p[0] == '#' || key.p[0] == '!');
    case RANK_RELEASE: /* a tag */
        return !str_starts(key, STR("cdevents:"));
    default:
        return false;
    }
}

static void connect(struct walker *w, const struct linking *l)
{
    size_t items = w->names->item_n;
    w->first = mem_get((items + 2) * sizeof *w->first);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < l->links.n; i++) {
            const struct link *one = &l->links.v[i];
            int from = rank_of(w, one->from), to = rank_of(w, one->to);
            if (from == 0 || to == 0 || from == to) {
                continue;
            }
            if (round == 0) {
                w->first[one->from + 2]++;
                w->first[one->to + 2]++;
            } else {
                w->neighbour[w->first[one->from + 1]++] = one->to;
                w->neighbour[w->first[one->to + 1]++] = one->from;
            }
        }
        if (round == 0) { /* counts become places, one item early: the second round moves them on */
            for (size_t i = 2; i < items + 2; i++) {
                w->first[i] += w->first[i - 1];
            }
            w->neighbour = mem_get((w->first[items + 1] + 1) * sizeof *w->neighbour);
        }
    }
}

static void walk(struct walker *w, item_id root, bool narrower)
{
    w->walk++;
    w->stack.n = 0;
    VEC_ADD(&w->stack, root);
    while (w->stack.n > 0) {
        item_id item = w->stack.v[--w->stack.n];
        int rank = rank_of(w, item);
        for (uint32_t i = w->first[item]; i < w->first[item + 1]; i++) {
            item_id next = w->neighbour[i];
            int other = rank_of(w, next);
            if (w->seen[next] == w->walk || (narrower ? other <= rank : other >= rank)) {
                continue;
            }
            w->seen[next] = w->walk;
            VEC_ADD(&w->stack, next);
            if (!is_told_by_commits(w, next)) {
                VEC_ADD(&w->pairs, (struct pair){next, root});
            }
        }
    }
}

static int by_item_and_root(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    if (x->item != y->item) {
        return x->item < y->item ? -1 : 1;
    }
    return (x->root > y->root) - (x->root < y->root);
}

static void list(const struct walker *w, struct projection *ret)
{
    ret->n = w->names->item_n;
    ret->first = mem_get((ret->n + 1) * sizeof *ret->first);
    ret->root = mem_get((w->pairs.n + 1) * sizeof *ret->root);
    qsort(w->pairs.v, w->pairs.n, sizeof *w->pairs.v, by_item_and_root);
    size_t at = 0;
    for (size_t item = 0; item < ret->n; item++) {
        ret->first[item] = (uint32_t)at;
        while (at < w->pairs.n && w->pairs.v[at].item == item) {
            ret->root[at] = w->pairs.v[at].root;
            at++;
        }
    }
    ret->first[ret->n] = (uint32_t)at;
}

bool linking_project(const struct linking *l, const struct names *names, sym kind,
                     struct projection *ret)
{
    *ret = (struct projection){0};
    struct walker w = {.names = names, .ranks = linking_ranks(names)};
    if (kind != 0 && w.ranks[kind] != 0 && l->links.n > 0) {
        connect(&w, l);
        w.seen = mem_get(names->item_n * sizeof *w.seen);
        for (item_id item = 1; item < names->item_n; item++) {
            if (names_type(names, item) == kind && w.first[item + 1] > w.first[item]) {
                walk(&w, item, true);
                walk(&w, item, false);
            }
        }
    }
    bool any = w.pairs.n > 0;
    if (any) {
        list(&w, ret);
    }
    mem_put((void *)w.ranks);
    mem_put(w.first);
    mem_put(w.neighbour);
    mem_put(w.seen);
    VEC_FINISH(&w.stack);
    VEC_FINISH(&w.pairs);
    return any;
}

void projection_finish(struct projection *p)
{
    mem_put(p->first);
    mem_put(p->root);
    *p = (struct projection){0};
}
