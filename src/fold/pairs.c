#include "fold/pairs.h"

#include <stdlib.h>
#include <string.h>

void pairs_add(struct pairs *p, sym from, sym to, uint64_t n)
{
    bool fresh = false;
    uint64_t *number = map_add(&p->number, (uint64_t)from << 32 | to, &fresh);
    if (fresh) {
        VEC_ADD(&p->v, (struct pair_count){.from = from, .to = to});
        *number = p->v.n;
    }
    p->v.v[*number - 1].n += n;
}

void pairs_merge(struct pairs *p, const struct pairs *right)
{
    for (size_t i = 0; i < right->v.n; i++) {
        pairs_add(p, right->v.v[i].from, right->v.v[i].to, right->v.v[i].n);
    }
}

void pairs_finish(struct pairs *p)
{
    map_finish(&p->number);
    VEC_FINISH(&p->v);
}

void pairs_note(const struct pairs *p, struct saved_texts *texts)
{
    for (size_t i = 0; i < p->v.n; i++) {
        saved_note(texts, p->v.v[i].from);
        saved_note(texts, p->v.v[i].to);
    }
}

struct placed {
    uint64_t from, to, n;
};

static int compare_placed(const void *a, const void *b)
{
    const struct placed *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->to > y->to) - (x->to < y->to);
}

void pairs_save(const struct pairs *p, const struct saved_texts *texts, struct buf *out)
{
    struct placed *v = mem_get((p->v.n + 1) * sizeof *v);
    for (size_t i = 0; i < p->v.n; i++) {
        v[i] = (struct placed){saved_place(texts, p->v.v[i].from), saved_place(texts, p->v.v[i].to),
                               p->v.v[i].n};
    }
    qsort(v, p->v.n, sizeof *v, compare_placed);
    pack_u64(out, p->v.n);
    for (size_t i = 0; i < p->v.n; i++) {
        pack_u64(out, v[i].from);
        pack_u64(out, v[i].to);
        pack_u64(out, v[i].n);
    }
    mem_put(v);
}

void pairs_load(struct pairs *p, const struct saved_texts *texts, struct unpack *from)
{
    size_t n = unpack_count(from);
    for (size_t i = 0; i < n && !from->bad; i++) {
        sym a = saved_read_sym(texts, from), b = saved_read_sym(texts, from);
        uint64_t times = unpack_u64(from);
        if (!from->bad) {
            pairs_add(p, a, b, times);
        }
    }
}

static int compare_shown(const void *a, const void *b, void *names)
{
    const struct pair_count *x = a, *y = b;
    if (x->n != y->n) {
        return x->n > y->n ? -1 : 1;
    }
    int order = str_cmp(names_text(names, x->from), names_text(names, y->from));
    return order != 0 ? order : str_cmp(names_text(names, x->to), names_text(names, y->to));
}

struct pair_count *pairs_show(const struct pairs *p, const struct names *names, struct arena *arena,
                              size_t *ret_n)
{
    struct pair_count *v = ARENA_ARRAY(arena, struct pair_count, p->v.n + 1);
    if (p->v.n > 0) {
        memcpy(v, p->v.v, p->v.n * sizeof *v);
        qsort_r(v, p->v.n, sizeof *v, compare_shown, (void *)(uintptr_t)names);
    }
    *ret_n = p->v.n;
    return v;
}
