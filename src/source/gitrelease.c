#include "source/gitrelease.h"

#include "source/gitpick.h"

#include <stdlib.h>
#include <string.h>

static int release_order(const void *a, const void *b)
{
    const struct gitrelease *x = a, *y = b;
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    int order = gitversion_cmp(&x->version, &y->version);
    return order != 0 ? order : str_cmp(x->tag->name, y->tag->name);
}

static void collect(struct gitreleases *r, const struct gitrepo *repo, const struct gitgraph *g,
                    when now)
{
    size_t finals = 0;
    for (size_t i = 0; i < repo->tags.n; i++) {
        const struct gitrepo_tag *tag = &repo->tags.v[i];
        struct gitrelease release = {.tag = tag, .commit = gitgraph_find(g, &tag->commit)};
        if (release.commit == GITGRAPH_NONE || !gitversion_parse(tag->name, &release.version)) {
            continue;
        }
        const struct gitcommit *c = &g->commits.v[release.commit];
        uint8_t own;
        when committed = gitgraph_when(c->committed / SECOND, now, &own);
        release.time =
            tag->has_time ? gitgraph_when(tag->time_s, now, &release.quality) : committed;
        if (!tag->has_time || release.quality == TIME_BAD) {
            release.time = committed;
            release.quality = own == TIME_BAD ? TIME_BAD : tag->annotated ? TIME_DERIVED : own;
        }
        release.on_branch = c->landed_by != GITGRAPH_NONE;
        release.counts = !release.version.prerelease;
        finals += release.counts;
        r->prereleases += release.version.prerelease;
        r->off_branch += !release.on_branch;
        VEC_ADD(&r->v, release);
    }
    for (size_t i = 0; finals == 0 && i < r->v.n; i++) {
        r->v.v[i].counts = true;
    }
    if (r->v.n > 1) {
        qsort(r->v.v, r->v.n, sizeof *r->v.v, release_order);
    }
}

/* Writes `number` on all that `from` reaches and that no earlier release reached; how many. */
static uint32_t claim(const struct gitgraph *g, uint32_t *owner, uint32_t from, uint32_t number)
{
    uint32_t count = 0;
    VEC(uint32_t) stack = {0};
    VEC_ADD(&stack, from);
    while (stack.n > 0) {
        uint32_t i = stack.v[--stack.n];
        const struct gitcommit *c = &g->commits.v[i];
        if (owner[i] != GITGRAPH_NONE || c->flags & GITCOMMIT_ABSENT) {
            continue;
        }
        owner[i] = number;
        count++;
        for (uint32_t k = 0; k < c->parent_n; k++) {
            VEC_ADD(&stack, g->parents.v[c->parent_first + k]);
        }
    }
    VEC_FINISH(&stack);
    return count;
}

static uint32_t *numbers(size_t n)
{
    uint32_t *v = mem_grow(NULL, n + 1, sizeof *v);
    memset(v, 0xff, (n + 1) * sizeof *v);
    return v;
}

static void claim_all(struct gitreleases *r, const struct gitgraph *g)
{
    uint32_t *any = numbers(g->commits.n); /* with prereleases */
    for (size_t i = 0; i < r->v.n; i++) {
        struct gitrelease *release = &r->v.v[i];
        uint32_t newly = r->prereleases > 0 ? claim(g, any, release->commit, (uint32_t)i) : 0;
        if (release->counts) {
            r->doubled += r->first[release->commit] != GITGRAPH_NONE &&
                          r->v.v[r->first[release->commit]].commit == release->commit;
            newly = claim(g, r->first, release->commit, (uint32_t)i);
        }
        release->newly = newly;
    }
    mem_put(any);
}

static bool on_branch(const struct gitgraph *g, uint32_t i)
{
    return g->commits.v[i].landed_by != GITGRAPH_NONE;
}

static void join(struct gitreleases *r, uint32_t pick, uint32_t original, enum gitrelease_rule rule)
{
    if (pick != original && r->same_as[pick] == GITGRAPH_NONE) {
        r->same_as[pick] = original;
        r->same_rule[pick] = (uint8_t)rule;
    }
}

static void join_by_line(struct gitreleases *r, const struct gitgraph *g)
{
    for (size_t i = 0; i < g->picks.n; i++) {
        uint32_t pick = g->picks.v[i].commit;
        uint32_t original = gitgraph_find(g, &g->picks.v[i].original);
        if (original == GITGRAPH_NONE) {
            r->unknown_picks++;
        } else if (!on_branch(g, pick)) {
            join(r, pick, original, GITRELEASE_CHERRY_PICK);
        } else if (!on_branch(g, original)) { /* forward-ported: made on the release branch */
            join(r, original, pick, GITRELEASE_CHERRY_PICK);
        }
    }
}

static void join_by_content(struct gitreleases *r, struct gitgraph *g)
{
    struct map beside = {0}; /* the first off the branch, by content */
    for (size_t at = 0; at < g->order.n; at++) {
        uint32_t i = g->order.v[at];
        const struct gitcommit *c = &g->commits.v[i];
        if (on_branch(g, i) || c->flags & GITCOMMIT_MERGE || r->same_as[i] != GITGRAPH_NONE) {
            continue;
        }
        uint32_t original = gitgraph_find_same(g, c->same);
        if (original == GITGRAPH_NONE) {
            bool fresh;
            uint64_t *slot = map_add(&beside, c->same.hi, &fresh);
            *slot = fresh ? i : *slot;
            original = g->commits.v[*slot].same.lo == c->same.lo ? (uint32_t)*slot : i;
        }
        join(r, i, original, GITRELEASE_SAME_CHANGE);
    }
    map_finish(&beside);
}

static void join_by_patch(struct gitreleases *r, const struct gitrepo *repo,
                          const struct gitgraph *g)
{
    struct gitpicks picks;
    gitpicks_find(&picks, repo, g, r->same_as);
    for (size_t i = 0; i < picks.v.n; i++) {
        join(r, picks.v.v[i].commit, picks.v.v[i].original, GITRELEASE_PATCH_ID);
    }
    r->blind = picks.blind;
    r->left_out = picks.left_out;
    gitpicks_finish(&picks);
}

/* Where the chain of picks ends. A circle (two commits that name each other) ends at the first
 * commit of it in `order`, which is then the item. */
static uint32_t origin(struct gitreleases *r, uint32_t from, uint8_t *ret_rule)
{
    enum { CHAIN = 64 };
    uint32_t i = from;
    for (int steps = 0; steps < CHAIN && r->same_as[i] != GITGRAPH_NONE; steps++) {
        *ret_rule = *ret_rule > r->same_rule[i] ? *ret_rule : r->same_rule[i];
        i = r->same_as[i];
        if (i == from) {
            r->same_as[from] = GITGRAPH_NONE;
            return from;
        }
    }
    return i;
}

static void hand_over(struct gitreleases *r, const struct gitgraph *g)
{
    for (size_t at = 0; at < g->order.n; at++) {
        uint32_t i = g->order.v[at];
        uint8_t rule = GITRELEASE_CHERRY_PICK;
        uint32_t original = r->same_as[i] != GITGRAPH_NONE ? origin(r, i, &rule) : i;
        if (original != i) {
            r->same_as[i] = original;
            r->same_rule[i] = rule;
            r->picks += rule == GITRELEASE_CHERRY_PICK;
            r->same += rule == GITRELEASE_SAME_CHANGE;
            r->patches += rule == GITRELEASE_PATCH_ID;
            if (r->first[i] < r->first[original]) { /* NONE is the largest */
                r->first[original] = r->first[i];
                r->rule[original] = rule;
            }
        } else if (!on_branch(g, i)) {
            r->alone++;
        }
    }
}

void gitreleases_find(struct gitreleases *r, const struct gitrepo *repo, struct gitgraph *g,
                      when now)
{
    *r = (struct gitreleases){0};
    r->first = numbers(g->commits.n);
    r->same_as = numbers(g->commits.n);
    r->rule = mem_get(g->commits.n + 1);
    r->same_rule = mem_get(g->commits.n + 1);
    collect(r, repo, g, now);
    claim_all(r, g);
    join_by_line(r, g);
    join_by_content(r, g);
    join_by_patch(r, repo, g);
    hand_over(r, g);
}

void gitreleases_finish(struct gitreleases *r)
{
    VEC_FINISH(&r->v);
    mem_put(r->first);
    mem_put(r->same_as);
    mem_put(r->rule);
    mem_put(r->same_rule);
}
