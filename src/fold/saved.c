#include "fold/saved.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void saved_note(struct saved_texts *t, sym s)
{
    bool fresh = false;
    uint64_t *place = map_add(&t->number, s, &fresh);
    if (fresh) {
        VEC_ADD(&t->syms, s);
        *place = t->syms.n;
    }
}

static int compare_texts(const void *a, const void *b, void *names)
{
    return str_cmp(names_text(names, *(const sym *)a), names_text(names, *(const sym *)b));
}

void saved_arrange(struct saved_texts *t, const struct names *names, struct buf *out)
{
    if (t->syms.n > 1) {
        qsort_r(t->syms.v, t->syms.n, sizeof *t->syms.v, compare_texts, (void *)(uintptr_t)names);
    }
    pack_u64(out, t->syms.n);
    for (size_t i = 0; i < t->syms.n; i++) {
        *map_find(&t->number, t->syms.v[i]) = i + 1;
        pack_str(out, names_text(names, t->syms.v[i]));
    }
}

uint64_t saved_place(const struct saved_texts *t, sym s)
{
    const uint64_t *place = map_find(&t->number, s);
    assert(place != NULL);
    return *place - 1;
}

void saved_finish(struct saved_texts *t)
{
    VEC_FINISH(&t->syms);
    map_finish(&t->number);
}

void saved_read_texts(struct saved_texts *t, struct names *names, struct unpack *from)
{
    size_t n = unpack_count(from);
    str before = {0};
    for (size_t i = 0; i < n && !from->bad; i++) {
        str text = unpack_str(from);
        if (i > 0 && str_cmp(before, text) >= 0) {
            from->bad = true;
        }
        if (!from->bad) {
            VEC_ADD(&t->syms, names_sym(names, text));
        }
        before = text;
    }
}

sym saved_read_sym(const struct saved_texts *t, struct unpack *from)
{
    uint64_t place = unpack_below(from, t->syms.n);
    return from->bad ? 0 : t->syms.v[place];
}

static int compare_values(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void saved_samples(const int64_t *values, size_t n, struct buf *out)
{
    pack_u64(out, n);
    if (n == 0) {
        return;
    }
    int64_t *sorted = mem_grow(NULL, n, sizeof *sorted);
    memcpy(sorted, values, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, compare_values);
    pack_i64(out, sorted[0]);
    for (size_t i = 1; i < n; i++) {
        pack_u64(out, (uint64_t)sorted[i] - (uint64_t)sorted[i - 1]);
    }
    mem_put(sorted);
}

void saved_read_samples(samples *ret, struct unpack *from)
{
    size_t n = unpack_count(from);
    int64_t value = 0;
    for (size_t i = 0; i < n && !from->bad; i++) {
        if (i == 0) {
            value = unpack_i64(from);
        } else {
            uint64_t step = unpack_u64(from);
            if (step > (uint64_t)INT64_MAX - (uint64_t)value) {
                from->bad = true; /* beyond the largest */
                break;
            }
            value = (int64_t)((uint64_t)value + step);
        }
        VEC_ADD(ret, value);
    }
}
