/* What stands at an item's number: its hash in the first reading, the number of the variant that it
 * stands for in the second. Which variants belong to the `top` ones is settled by the counts alone:
 * all that have as many items as the last of them are fetched, because names decide between equal
 * ones. */
#include "fold/ways.h"

#include "base/map.h"
#include "base/vec.h"

#include <stdlib.h>
#include <string.h>

enum { AHEAD = 24 };

struct trail { /* of an item; zero: no event so far */
    uint64_t a, b;
};

struct way {
    struct trail trail;
    uint64_t items;
    item_id item;  /* one that took it */
    uint32_t next; /* of the same a: number + 1 */
};

struct mark { /* the item of a chosen way did this */
    uint32_t way;
    sym activity;
};

struct ways {
    VEC(struct trail) trails; /* by item */
    VEC(struct way) ways;
    uint64_t items, least; /* the chosen ways have at least so many items */
    uint32_t *chosen;      /* by item: number of the way + 1 */
    size_t chosen_n;
    VEC(struct mark) marks;
};

struct ways *ways_open(void)
{
    return mem_get(sizeof(struct ways));
}

void ways_close(struct ways *w)
{
    if (w != NULL) {
        VEC_FINISH(&w->trails);
        VEC_FINISH(&w->ways);
        VEC_FINISH(&w->marks);
        mem_put(w->chosen);
        mem_put(w);
    }
}

/* Both halves are bijections of what they were, so that sequences of one length that differ once
 * stay different in each until another difference makes up for it. */
static inline struct trail follow(struct trail t, sym activity)
{
    t.a = (t.a ^ ((uint64_t)activity + 1)) * UINT64_C(0x9fb21c651e98df25);
    t.a ^= t.a >> 32;
    t.b = (t.b + ((uint64_t)activity + 1)) * UINT64_C(0xd1342543de82ef95);
    t.b ^= t.b >> 29;
    return t;
}

static void make_room(struct ways *w, const struct log *log)
{
    item_id most = 0;
    for (size_t i = 0; i < log->n; i++) {
        most = log->item[i] > most ? log->item[i] : most;
    }
    if (w->trails.n <= most) {
        size_t n = w->trails.n;
        VEC_RESERVE(&w->trails, (size_t)most + 1);
        w->trails.n = w->trails.cap;
        memset(w->trails.v + n, 0, (w->trails.n - n) * sizeof *w->trails.v);
    }
}

void ways_step(struct ways *w, const struct log *log)
{
    make_room(w, log);
    struct trail *const trails = w->trails.v;
    for (size_t i = 0; i < log->n; i++) {
        if (i + AHEAD < log->n) {
            __builtin_prefetch(&trails[log->item[i + AHEAD]], 1);
        }
        trails[log->item[i]] = follow(trails[log->item[i]], log->activity[i]);
    }
}

/* ---- choosing ---- */

static void count_ways(struct ways *w)
{
    struct map first = {0};                             /* a -> number of a way + 1 */
    for (size_t item = 1; item < w->trails.n; item++) { /* 0 is no item */
        const struct trail t = w->trails.v[item];
        if ((t.a | t.b) == 0) {
            continue;
        }
        w->items++;
        uint64_t *number = map_add(&first, t.a, NULL);
        uint32_t at = (uint32_t)*number;
        while (at != 0 && w->ways.v[at - 1].trail.b != t.b) {
            at = w->ways.v[at - 1].next;
        }
        if (at != 0) {
            w->ways.v[at - 1].items++;
            continue;
        }
        VEC_ADD(
            &w->ways,
            (struct way){.trail = t, .items = 1, .item = (item_id)item, .next = (uint32_t)*number});
        *number = w->ways.n;
    }
    map_finish(&first);
}

static int most_first(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* How many items the last of the `top` ways has. Different numbers of items are few (n of them need
 * n²/2 items), so the ways are counted by them. */
static uint64_t bar(const struct ways *w, size_t top)
{
    struct map by_items = {0};
    VEC(uint64_t) sizes = {0};
    for (size_t i = 0; i < w->ways.n; i++) {
        bool fresh = false;
        ++*map_add(&by_items, w->ways.v[i].items, &fresh);
        if (fresh) {
            VEC_ADD(&sizes, w->ways.v[i].items);
        }
    }
    if (sizes.n > 0) {
        qsort(sizes.v, sizes.n, sizeof *sizes.v, most_first);
    }
    uint64_t least = UINT64_MAX, above = 0;
    for (size_t i = 0; i < sizes.n && above < top; i++) {
        least = sizes.v[i];
        above += *map_find(&by_items, least);
    }
    VEC_FINISH(&sizes);
    map_finish(&by_items);
    return least;
}

void ways_choose(struct ways *w, size_t top)
{
    count_ways(w);
    w->least = bar(w, top);
    w->chosen_n = w->trails.n;
    VEC_FINISH(&w->trails);
    w->chosen = mem_get((w->chosen_n + 1) * sizeof *w->chosen);
    for (size_t i = 0; i < w->ways.n; i++) {
        if (w->ways.v[i].items >= w->least) {
            w->chosen[w->ways.v[i].item] = (uint32_t)i + 1;
        }
    }
}

void ways_fetch(struct ways *w, const struct log *log)
{
    for (size_t i = 0; i < log->n; i++) {
        item_id item = log->item[i];
        uint32_t way = item < w->chosen_n ? w->chosen[item] : 0;
        if (way != 0) {
            VEC_ADD(&w->marks, (struct mark){way - 1, log->activity[i]});
        }
    }
}

/* ---- showing ---- */

void ways_show(const struct ways *w, size_t top, const struct names *names, struct arena *arena,
               struct variants_result *ret)
{
    struct variants *variants = mem_get(variants_fold.size);
    size_t *end = mem_get((w->ways.n + 1) * sizeof *end); /* of the path of each way */
    sym *paths = mem_get((w->marks.n + 1) * sizeof *paths);
    for (size_t i = 0; i < w->marks.n; i++) {
        end[w->marks.v[i].way + 1]++;
    }
    for (size_t i = 0; i < w->ways.n; i++) {
        end[i + 1] += end[i];
    }
    for (size_t i = 0; i < w->marks.n; i++) { /* end[way]: where its next activity goes */
        paths[end[w->marks.v[i].way]++] = w->marks.v[i].activity;
    }
    for (size_t i = 0, from = 0; i < w->ways.n; i++) {
        if (w->ways.v[i].items >= w->least) {
            variants_add(variants, paths + from, end[i] - from, w->ways.v[i].items);
        }
        from = end[i];
    }
    variants_show(variants, top, names, arena, ret);
    ret->count = w->ways.n;
    ret->items = w->items;
    variants_fold.finish(variants);
    mem_put(variants);
    mem_put(end);
    mem_put(paths);
}
