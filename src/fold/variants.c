/* Paths stand one behind the other in a pool and are found by their hash; paths of one hash form a
 * chain. Names are compared by their place in the order of texts, which is settled once. */
#include "fold/variants.h"

#include "fold/saved.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

struct way {
    size_t path; /* in the pool */
    uint32_t n;
    uint32_t next; /* number of the next of the same hash + 1 */
    uint64_t items;
};

struct variants {
    uint64_t items;
    struct map number; /* hash -> number + 1 */
    VEC(struct way) ways;
    VEC(sym) pool;
};

/* The path must not be in the pool (which may move). */
static void add(struct variants *v, const sym *path, uint32_t n, uint64_t items)
{
    const str bytes = {(const char *)path, n * sizeof *path};
    uint64_t *first = map_add(&v->number, str_hash(bytes), NULL);
    v->items += items;
    for (uint32_t number = (uint32_t)*first; number != 0; number = v->ways.v[number - 1].next) {
        struct way *way = &v->ways.v[number - 1];
        if (way->n == n && (n == 0 || memcmp(v->pool.v + way->path, path, n * sizeof *path) == 0)) {
            way->items += items;
            return;
        }
    }
    VEC_ADD(&v->ways,
            (struct way){.path = v->pool.n, .n = n, .next = (uint32_t)*first, .items = items});
    *first = v->ways.n;
    if (n > 0) {
        VEC_RESERVE(&v->pool, v->pool.n + n);
        memcpy(v->pool.v + v->pool.n, path, n * sizeof *path);
        v->pool.n += n;
    }
}

void variants_add(struct variants *v, const sym *path, size_t n, uint64_t items)
{
    assert(n <= UINT32_MAX);
    add(v, path, (uint32_t)n, items);
}

static void step(void *summary, const struct traces *part)
{
    VEC(sym) path = {0};
    for (size_t t = 0; t < part->items.n; t++) {
        const struct trace *trace = &part->items.v[t];
        path.n = 0;
        for (size_t i = 0; i < trace->n; i++) {
            VEC_ADD(&path, part->visits.v[trace->first + i].activity);
        }
        add(summary, path.v, (uint32_t)path.n, 1);
    }
    VEC_FINISH(&path);
}

static void merge(void *summary, const void *right_summary)
{
    const struct variants *right = right_summary;
    for (size_t i = 0; i < right->ways.n; i++) {
        const struct way *way = &right->ways.v[i];
        add(summary, way->n > 0 ? right->pool.v + way->path : NULL, way->n, way->items);
    }
}

static void finish(void *summary)
{
    struct variants *v = summary;
    map_finish(&v->number);
    VEC_FINISH(&v->ways);
    VEC_FINISH(&v->pool);
    *v = (struct variants){0};
}

/* ---- order ---- */

struct ordering {
    const struct variants *v;
    struct saved_texts texts;
    uint32_t *places; /* of the syms in the pool */
    uint32_t *order;  /* numbers of ways */
};

static int compare_paths(const struct ordering *o, const struct way *x, const struct way *y)
{
    const uint32_t *a = o->places + x->path, *b = o->places + y->path;
    for (uint32_t i = 0; i < x->n && i < y->n; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return (x->n > y->n) - (x->n < y->n);
}

static int by_path(const void *a, const void *b, void *cookie)
{
    const struct ordering *o = cookie;
    return compare_paths(o, &o->v->ways.v[*(const uint32_t *)a],
                         &o->v->ways.v[*(const uint32_t *)b]);
}

static int by_items(const void *a, const void *b, void *cookie)
{
    const struct ordering *o = cookie;
    const struct way *x = &o->v->ways.v[*(const uint32_t *)a];
    const struct way *y = &o->v->ways.v[*(const uint32_t *)b];
    if (x->items != y->items) {
        return x->items > y->items ? -1 : 1;
    }
    return compare_paths(o, x, y);
}

static void order_begin(struct ordering *o, const struct variants *v, const struct names *names,
                        int (*compare)(const void *, const void *, void *), struct buf *ret_texts)
{
    *o = (struct ordering){.v = v};
    for (size_t i = 0; i < v->pool.n; i++) {
        saved_note(&o->texts, v->pool.v[i]);
    }
    saved_arrange(&o->texts, names, ret_texts);
    o->places = mem_get((v->pool.n + 1) * sizeof *o->places);
    for (size_t i = 0; i < v->pool.n; i++) {
        o->places[i] = (uint32_t)saved_place(&o->texts, v->pool.v[i]);
    }
    o->order = mem_get((v->ways.n + 1) * sizeof *o->order);
    for (size_t i = 0; i < v->ways.n; i++) {
        o->order[i] = (uint32_t)i;
    }
    qsort_r(o->order, v->ways.n, sizeof *o->order, compare, o);
}

static void order_end(struct ordering *o)
{
    saved_finish(&o->texts);
    mem_put(o->places);
    mem_put(o->order);
}

/* ---- saving ---- */

static void save(const void *summary, const struct names *names, struct buf *out)
{
    const struct variants *v = summary;
    struct ordering o;
    order_begin(&o, v, names, by_path, out);
    pack_u64(out, v->ways.n);
    for (size_t i = 0; i < v->ways.n; i++) {
        const struct way *way = &v->ways.v[o.order[i]];
        pack_u64(out, way->items);
        pack_u64(out, way->n);
        for (uint32_t k = 0; k < way->n; k++) {
            pack_u64(out, o.places[way->path + k]);
        }
    }
    order_end(&o);
}

static status_code load(void *summary, struct names *names, str bytes, struct error *why)
{
    struct variants *v = summary;
    struct unpack from = {.rest = bytes};
    struct saved_texts texts = {0};
    VEC(sym) path = {0};
    saved_read_texts(&texts, names, &from);
    size_t n = unpack_count(&from);
    for (size_t i = 0; i < n && !from.bad; i++) {
        uint64_t items = unpack_u64(&from);
        size_t length = unpack_count(&from);
        path.n = 0;
        for (size_t k = 0; k < length && !from.bad; k++) {
            VEC_ADD(&path, saved_read_sym(&texts, &from));
        }
        if (!from.bad) {
            add(v, path.v, (uint32_t)path.n, items);
        }
    }
    VEC_FINISH(&path);
    saved_finish(&texts);
    if (from.bad || from.rest.n > 0) {
        finish(v);
        return error_set(why, "saved variants are damaged (%zu bytes)", bytes.n);
    }
    return OK;
}

const struct fold variants_fold = {
    .name = "variants",
    .size = sizeof(struct variants),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

/* ---- showing ---- */

static void name_path(struct variant *variant, const struct names *names, struct buf *room)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    buf_clear(room);
    for (size_t i = 0; i < variant->n; i++) {
        if (i > 0) {
            buf_putc(room, '\x1f');
        }
        buf_add(room, names_text(names, variant->path[i]));
    }
    if (EVP_Digest(room->p != NULL ? room->p : "", room->n, digest, &n, EVP_sha1(), NULL) != 1) {
        n = 0; /* a library without SHA-1: no id, which is seen at once */
    }
    for (unsigned i = 0; i < n && i < 20; i++) {
        static const char DIGITS[] = "0123456789abcdef";
        variant->id[2 * i] = DIGITS[digest[i] >> 4];
        variant->id[2 * i + 1] = DIGITS[digest[i] & 15];
    }
}

void variants_show(const struct variants *v, size_t top, const struct names *names,
                   struct arena *arena, struct variants_result *ret)
{
    struct buf room = {0};
    struct ordering o;
    order_begin(&o, v, names, by_items, &room);
    struct variants_result r = {
        .count = v->ways.n, .items = v->items, .top_n = top < v->ways.n ? top : v->ways.n};
    r.top = ARENA_ARRAY(arena, struct variant, r.top_n + 1);
    for (size_t i = 0; i < r.top_n; i++) {
        const struct way *way = &v->ways.v[o.order[i]];
        sym *path = ARENA_ARRAY(arena, sym, way->n + 1);
        if (way->n > 0) {
            memcpy(path, v->pool.v + way->path, way->n * sizeof *path);
        }
        r.top[i] = (struct variant){.path = path, .n = way->n, .items = way->items};
        name_path(&r.top[i], names, &room);
    }
    order_end(&o);
    buf_finish(&room);
    *ret = r;
}
