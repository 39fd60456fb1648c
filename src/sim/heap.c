#include "sim/heap.h"

static bool is_before(const struct heap_entry *a, const struct heap_entry *b)
{
    return a->time != b->time ? a->time < b->time : a->what < b->what;
}

void heap_put(struct heap *h, struct heap_entry entry)
{
    VEC_ADD(&h->v, entry);
    size_t at = h->v.n - 1;
    for (; at > 0 && is_before(&entry, &h->v.v[(at - 1) / 2]); at = (at - 1) / 2) {
        h->v.v[at] = h->v.v[(at - 1) / 2];
    }
    h->v.v[at] = entry;
}

bool heap_take(struct heap *h, struct heap_entry *ret)
{
    if (h->v.n == 0) {
        return false;
    }
    *ret = h->v.v[0];
    struct heap_entry last = h->v.v[--h->v.n];
    size_t at = 0;
    for (size_t child = 1; child < h->v.n; child = 2 * at + 1) {
        if (child + 1 < h->v.n && is_before(&h->v.v[child + 1], &h->v.v[child])) {
            child++;
        }
        if (!is_before(&h->v.v[child], &last)) {
            break;
        }
        h->v.v[at] = h->v.v[child];
        at = child;
    }
    h->v.v[at] = last; /* where it was, when it was the only one */
    return true;
}

void heap_finish(struct heap *h)
{
    VEC_FINISH(&h->v);
}
