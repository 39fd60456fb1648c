#include "fold/crew.h"

#include <stdlib.h>

struct edge {
    when t;
    int32_t step; /* +1 begins, -1 ends */
};

struct period { /* an active period of one person for one group */
    uint32_t group;
    when begin, end;
};

typedef VEC(struct period) periods;

static int by_actor(const void *a, const void *b)
{
    const struct crew_span *x = a;
    const struct crew_span *y = b;
    if (x->actor != y->actor) {
        return x->actor < y->actor ? -1 : 1;
    }
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1;
    }
    return (x->block > y->block) - (x->block < y->block);
}

static int by_edge(const void *a, const void *b)
{
    const struct edge *x = a;
    const struct edge *y = b;
    return (x->t > y->t) - (x->t < y->t);
}

static size_t edge_at(const struct edge *edges, size_t n, when t) /* the first at t */
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (edges[middle].t < t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* One person's spans. `served[i]` = integral of 1/k up to edge i, k the spans open; a span's share
 * is the difference over its ends. */
static void share_time(const struct flow *f, struct crew_span *spans, size_t n)
{
    struct edge *edges = mem_get(2 * n * sizeof *edges);
    double *served = mem_get(2 * n * sizeof *served);
    for (size_t i = 0; i < n; i++) {
        edges[2 * i] = (struct edge){spans[i].begin, 1};
        edges[2 * i + 1] = (struct edge){spans[i].end, -1};
    }
    qsort(edges, 2 * n, sizeof *edges, by_edge);
    int64_t open = 0;
    for (size_t i = 0; i < 2 * n; i++) {
        if (i > 0) {
            served[i] =
                served[i - 1] +
                (open > 0 ? (double)flow_lapse(f, edges[i - 1].t, edges[i].t) / (double)open : 0);
        }
        open += edges[i].step;
    }
    for (size_t i = 0; i < n; i++) {
        spans[i].share = served[edge_at(edges, 2 * n, spans[i].end)] -
                         served[edge_at(edges, 2 * n, spans[i].begin)];
    }
    mem_put(edges);
    mem_put(served);
}

/* One person's spans, sorted by group and begin: touching and overlapping ones are one period. */
static void add_periods(const struct crew_span *spans, size_t n, periods *ret)
{
    size_t first = ret->n;
    for (size_t i = 0; i < n; i++) {
        if (spans[i].end <= spans[i].begin) {
            continue; /* of no length: takes no person */
        }
        struct period *last = ret->n > first ? &ret->v[ret->n - 1] : NULL;
        if (last != NULL && last->group == spans[i].group && spans[i].begin <= last->end) {
            last->end = spans[i].end > last->end ? spans[i].end : last->end;
        } else {
            VEC_ADD(ret, (struct period){spans[i].group, spans[i].begin, spans[i].end});
        }
    }
}

static int by_group(const void *a, const void *b)
{
    const struct period *x = a;
    const struct period *y = b;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static void measure_groups(periods *all, struct crew_group *groups)
{
    when busy_until = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct period *p = &all->v[i];
        struct crew_group *g = &groups[p->group];
        g->active_n++;
        g->active_mean += (double)flow_lapse(NULL, p->begin, p->end);
        if (i == 0 || all->v[i - 1].group != p->group || p->begin >= busy_until) {
            busy_until = p->begin;
        }
        if (p->end > busy_until) {
            g->busy += (double)flow_lapse(NULL, busy_until, p->end);
            busy_until = p->end;
        }
    }
}

static int longest_first(const void *a, const void *b)
{
    const struct period *x = a;
    const struct period *y = b;
    lapse i = flow_lapse(NULL, x->begin, x->end);
    lapse j = flow_lapse(NULL, y->begin, y->end);
    if (i != j) {
        return i > j ? -1 : 1;
    }
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return (x->group > y->group) - (x->group < y->group);
}

static int by_time(const void *a, const void *b)
{
    when x = *(const when *)a;
    when y = *(const when *)b;
    return (x > y) - (x < y);
}

static size_t edge_index(const when *edges, size_t n, when t)
{
    const when *hit = bsearch(&t, edges, n, sizeof t, by_time);
    return hit != NULL ? (size_t)(hit - edges) : n;
}

static size_t unpainted(size_t *next, size_t cell)
{
    while (next[cell] != cell) {
        next[cell] = next[next[cell]];
        cell = next[cell];
    }
    return cell;
}

/* Paints every instant with the longest period over it; each cell once. */
static void measure_shifting(periods *all, struct crew_group *groups, size_t group_n)
{
    size_t n = 0;
    when *edges = mem_get((2 * all->n + 1) * sizeof *edges);
    for (size_t i = 0; i < all->n; i++) {
        edges[n++] = all->v[i].begin;
        edges[n++] = all->v[i].end;
    }
    qsort(edges, n, sizeof *edges, by_time);
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || edges[i] != edges[kept - 1]) {
            edges[kept++] = edges[i];
        }
    }
    size_t *next = mem_get((kept + 1) * sizeof *next);
    for (size_t i = 0; i <= kept; i++) {
        next[i] = i;
    }
    qsort(all->v, all->n, sizeof *all->v, longest_first);
    double total = 0;
    for (size_t i = 0; i < all->n; i++) {
        const struct period *p = &all->v[i];
        size_t end = edge_index(edges, kept, p->end);
        size_t cell = unpainted(next, edge_index(edges, kept, p->begin));
        for (; cell < end; cell = unpainted(next, cell)) {
            double d = (double)flow_lapse(NULL, edges[cell], edges[cell + 1]);
            groups[p->group].shifting += d;
            total += d;
            next[cell] = cell + 1;
        }
    }
    for (size_t i = 0; i < group_n && total > 0; i++) {
        groups[i].shifting /= total;
    }
    mem_put(edges);
    mem_put(next);
}

void crew_measure(const struct flow *f, struct crew_span *spans, size_t n,
                  struct crew_group *groups, size_t group_n)
{
    for (size_t i = 0; i < group_n; i++) {
        groups[i] = (struct crew_group){0};
    }
    if (n == 0) {
        return;
    }
    periods all = {0};
    qsort(spans, n, sizeof *spans, by_actor);
    for (size_t i = 0; i < n;) {
        size_t begin = i;
        while (i < n && spans[i].actor == spans[begin].actor) {
            i++;
        }
        share_time(f, &spans[begin], i - begin);
        add_periods(&spans[begin], i - begin, &all);
    }
    if (all.n > 0) {
        qsort(all.v, all.n, sizeof *all.v, by_group);
        measure_groups(&all, groups);
        measure_shifting(&all, groups, group_n);
    }
    for (size_t i = 0; i < group_n; i++) {
        groups[i].active_mean /= groups[i].active_n > 0 ? (double)groups[i].active_n : 1;
    }
    VEC_FINISH(&all);
}
