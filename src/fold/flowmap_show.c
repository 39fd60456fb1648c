/* The order of a flow map's parts. */
#include "fold/flowmap.h"

#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

enum { STAGES_ON_PATH = 2000 };

static int compare_names(const struct names *names, sym a, sym b)
{
    return str_cmp(names_text(names, a), names_text(names, b));
}

static int compare_edges(const void *a, const void *b, void *names)
{
    const struct flowmap_edge *x = a, *y = b;
    if (x->time.sum != y->time.sum) {
        return x->time.sum > y->time.sum ? -1 : 1;
    }
    if (x->count != y->count) {
        return x->count > y->count ? -1 : 1;
    }
    int order = compare_names(names, x->from, y->from);
    return order != 0 ? order : compare_names(names, x->to, y->to);
}

static int compare_counts(const void *a, const void *b, void *names)
{
    const struct flowmap_count *x = a, *y = b;
    if (x->n != y->n) {
        return x->n > y->n ? -1 : 1;
    }
    return compare_names(names, x->name, y->name);
}

static int compare_stages(const void *a, const void *b, void *names)
{
    const struct flowmap_stage *x = a, *y = b;
    if (x->visits != y->visits) {
        return x->visits > y->visits ? -1 : 1;
    }
    return compare_names(names, x->name, y->name);
}

/* Stages stand by visits; the next one on the path is swapped to the front of the rest. */
static void follow_path(struct flowmap_result *r)
{
    struct map place = {0}; /* name -> number of the stage in `pull` + 1 */
    uint64_t *pull = mem_get((r->stage_n + 1) * sizeof *pull);
    struct flowmap_stage *old = mem_grow(NULL, r->stage_n, sizeof *old);
    bool *placed = mem_get(r->stage_n + 1);
    memcpy(old, r->stages, r->stage_n * sizeof *old);
    for (size_t i = 0; i < r->stage_n; i++) {
        *map_add(&place, old[i].name, NULL) = i + 1;
    }
    /* edges by their beginning, so that each is looked at once */
    uint32_t *first = mem_get((r->stage_n + 1) * sizeof *first);
    uint32_t *next = mem_get((r->edge_n + 1) * sizeof *next);
    for (size_t i = 0; i < r->edge_n; i++) {
        size_t from = (size_t)*map_find(&place, r->edges[i].from) - 1;
        next[i] = first[from];
        first[from] = (uint32_t)i + 1;
    }
    for (size_t i = 0; i < r->start_n; i++) { /* a start counts while nothing leads on */
        pull[*map_find(&place, r->starts[i].name) - 1] = i == 0 ? UINT64_MAX / 2 : 0;
    }
    for (size_t n = 0; n < r->stage_n; n++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < r->stage_n; i++) {
            if (!placed[i] && (best == SIZE_MAX || pull[i] > pull[best])) {
                best = i;
            }
        }
        placed[best] = true;
        r->stages[n] = old[best];
        for (uint32_t e = first[best]; e != 0; e = next[e - 1]) {
            pull[*map_find(&place, r->edges[e - 1].to) - 1] += r->edges[e - 1].count;
        }
    }
    map_finish(&place);
    mem_put(pull);
    mem_put(old);
    mem_put(placed);
    mem_put(first);
    mem_put(next);
}

#define SORT(v, n, compare)                                                                        \
    do {                                                                                           \
        if ((n) > 1) {                                                                             \
            qsort_r((v), (n), sizeof *(v), (compare), (void *)(uintptr_t)names);                   \
        }                                                                                          \
    } while (0)

void flowmap_arrange(struct flowmap_result *r, const struct names *names)
{
    SORT(r->edges, r->edge_n, compare_edges);
    SORT(r->starts, r->start_n, compare_counts);
    SORT(r->ends, r->end_n, compare_counts);
    SORT(r->stages, r->stage_n, compare_stages);
    if (r->stage_n > 1 && r->stage_n <= STAGES_ON_PATH) {
        follow_path(r);
    }
}
