#include "fold/rows.h"

#include "base/mem.h"
#include "base/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void rows_finish(struct rows *r)
{
    mem_put(r->keys);
    mem_put(r->values);
    mem_put(r->slots);
    *r = (struct rows){0};
}

static uint64_t key_hash(const struct rows_shape *shape, const int64_t *key)
{
    uint64_t h = 0;
    for (unsigned i = 0; i < shape->keys; i++) {
        h = rng_mix(h, (uint64_t)key[i]);
    }
    return h;
}

static size_t slot_of(const struct rows *r, const struct rows_shape *shape, const int64_t *key)
{
    size_t width = shape->keys * sizeof *key;
    size_t i = key_hash(shape, key) & (r->slot_cap - 1);
    while (r->slots[i] != 0 &&
           memcmp(r->keys + (size_t)(r->slots[i] - 1) * shape->keys, key, width) != 0) {
        i = (i + 1) & (r->slot_cap - 1);
    }
    return i;
}

static void make_room(struct rows *r, const struct rows_shape *shape)
{
    assert(r->n < UINT32_MAX - 1);
    if (r->n == r->cap) {
        r->cap = r->cap > 0 ? r->cap * 2 : 16;
        r->keys = mem_grow(r->keys, r->cap, shape->keys * sizeof *r->keys);
        r->values = mem_grow(r->values, r->cap, shape->values * sizeof *r->values);
    }
    if ((r->n + 1) * 4 > r->slot_cap * 3) {
        r->slot_cap = r->slot_cap > 0 ? r->slot_cap * 2 : 32;
        mem_put(r->slots);
        r->slots = mem_get(r->slot_cap * sizeof *r->slots);
        for (size_t row = 0; row < r->n; row++) {
            r->slots[slot_of(r, shape, ROWS_KEY(r, shape, row))] = (uint32_t)row + 1;
        }
    }
}

i128 *rows_at(struct rows *r, const struct rows_shape *shape, const int64_t *key)
{
    assert(shape->keys >= 1 && shape->keys <= ROWS_KEYS);
    assert(shape->values >= 1 && shape->values <= ROWS_VALUES);
    make_room(r, shape);
    size_t i = slot_of(r, shape, key);
    if (r->slots[i] == 0) {
        memcpy(ROWS_KEY(r, shape, r->n), key, shape->keys * sizeof *key);
        memset(ROWS_VALUE(r, shape, r->n), 0, shape->values * sizeof *r->values);
        r->slots[i] = (uint32_t)++r->n;
    }
    return ROWS_VALUE(r, shape, r->slots[i] - 1);
}

const i128 *rows_find(const struct rows *r, const struct rows_shape *shape, const int64_t *key)
{
    if (r->n == 0) {
        return NULL;
    }
    size_t i = slot_of(r, shape, key);
    return r->slots[i] == 0 ? NULL : ROWS_VALUE(r, shape, r->slots[i] - 1);
}

void rows_merge(struct rows *r, const struct rows_shape *shape, const struct rows *right)
{
    for (size_t row = 0; row < right->n; row++) {
        i128 *sum = rows_at(r, shape, ROWS_KEY(right, shape, row));
        const i128 *add = ROWS_VALUE(right, shape, row);
        for (unsigned i = 0; i < shape->values; i++) {
            sum[i] += add[i];
        }
    }
}

struct key_view {
    const int64_t *keys;
    unsigned width;
};

static int key_cmp(const int64_t *a, const int64_t *b, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        if (a[i] != b[i]) {
            return a[i] < b[i] ? -1 : 1;
        }
    }
    return 0;
}

static int by_key(const void *a, const void *b, void *cookie)
{
    const struct key_view *view = cookie;
    uint32_t i = *(const uint32_t *)a;
    uint32_t j = *(const uint32_t *)b;
    return key_cmp(view->keys + (size_t)i * view->width, view->keys + (size_t)j * view->width,
                   view->width);
}

static uint32_t *sorted(const int64_t *keys, unsigned width, size_t n)
{
    uint32_t *row = mem_get((n + 1) * sizeof *row);
    for (size_t i = 0; i < n; i++) {
        row[i] = (uint32_t)i;
    }
    struct key_view view = {keys, width};
    qsort_r(row, n, sizeof *row, by_key, &view);
    return row;
}

uint32_t *rows_sorted(const struct rows *r, const struct rows_shape *shape)
{
    return sorted(r->keys, shape->keys, r->n);
}

/* --- saved form ------------------------------------------------------------------------------ */

void rows_put(struct buf *out, i128 value)
{
    u128 z = ((u128)value << 1) ^ (u128)(value >> 127);
    while (z >= 0x80) {
        buf_putc(out, (char)((z & 0x7f) | 0x80));
        z >>= 7;
    }
    buf_putc(out, (char)z);
}

static status_code broken(struct error *why)
{
    return error_set(why, "a saved summary is damaged");
}

status_code rows_get(str *rest, i128 *ret, struct error *why)
{
    u128 z = 0;
    for (unsigned shift = 0; rest->n > 0; shift += 7) {
        unsigned char c = (unsigned char)*rest->p;
        *rest = str_from(*rest, 1);
        if (shift >= 128 || (shift == 126 && c > 3) || (shift > 0 && c == 0)) {
            return broken(why); /* too large, or longer than needed */
        }
        z |= (u128)(c & 0x7f) << shift;
        if (c < 0x80) {
            *ret = (i128)(z >> 1) ^ -(i128)(z & 1);
            return OK;
        }
    }
    return broken(why);
}

status_code rows_get_i64(str *rest, int64_t *ret, struct error *why)
{
    i128 wide = 0;
    TRY(rows_get(rest, &wide, why));
    if (wide < INT64_MIN || wide > INT64_MAX) {
        return broken(why);
    }
    *ret = (int64_t)wide;
    return OK;
}

status_code rows_end(str rest, struct error *why)
{
    return rest.n == 0 ? OK : broken(why);
}

static status_code get_count(str *rest, size_t least, size_t *ret, struct error *why)
{
    int64_t n = 0;
    TRY(rows_get_i64(rest, &n, why));
    if (n < 0 || (uint64_t)n > rest->n / least || n >= UINT32_MAX - 1) {
        return broken(why); /* each needs at least so many bytes */
    }
    *ret = (size_t)n;
    return OK;
}

static status_code get_text(str *rest, str *ret, struct error *why)
{
    size_t n = 0;
    TRY(get_count(rest, 1, &n, why));
    *ret = str_first(*rest, n);
    *rest = str_from(*rest, n);
    return OK;
}

static void put_text(struct buf *out, str s)
{
    rows_put(out, (i128)s.n);
    buf_add(out, s);
}

struct term { /* a text or item that occurs in a column, with its rank among them */
    int64_t number;
    str type, text;
};

static int by_number(const void *a, const void *b)
{
    const struct term *x = a;
    const struct term *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int term_cmp(const struct term *x, const struct term *y)
{
    int c = str_cmp(x->type, y->type);
    return c != 0 ? c : str_cmp(x->text, y->text);
}

static int by_text(const void *a, const void *b)
{
    return term_cmp(a, b);
}

/* The different numbers in the columns of `mask`, sorted by text. */
static struct term *terms_of(const struct rows *r, const struct rows_shape *shape, unsigned mask,
                             bool items, const struct names *names, size_t *ret_n)
{
    struct term *terms = NULL;
    size_t n = 0;
    size_t cap = 0;
    struct map seen = {0};
    for (size_t row = 0; row < r->n; row++) {
        for (unsigned i = 0; i < shape->keys; i++) {
            bool is_new = false;
            if ((mask >> i & 1) == 0) {
                continue;
            }
            int64_t number = ROWS_KEY(r, shape, row)[i];
            (void)map_add(&seen, (uint64_t)number, &is_new);
            if (!is_new) {
                continue;
            }
            if (n == cap) {
                cap = cap > 0 ? cap * 2 : 64;
                terms = mem_grow(terms, cap, sizeof *terms);
            }
            struct term t = {.number = number};
            if (items) {
                t.type = names_text(names, names_type(names, (item_id)number));
                t.text = names_key(names, (item_id)number);
            } else {
                t.text = names_text(names, (sym)number);
            }
            terms[n++] = t;
        }
    }
    map_finish(&seen);
    if (n > 0) {
        qsort(terms, n, sizeof *terms, by_text);
    }
    *ret_n = n;
    return terms;
}

static void replace_by_rank(int64_t *keys, const struct rows *r, const struct rows_shape *shape,
                            unsigned mask, const struct term *terms, size_t n)
{
    struct term *by = mem_get((n + 1) * sizeof *by);
    for (size_t i = 0; i < n; i++) {
        by[i] = (struct term){.number = terms[i].number, .text = {NULL, i}};
    }
    qsort(by, n, sizeof *by, by_number);
    for (size_t row = 0; row < r->n; row++) {
        for (unsigned i = 0; i < shape->keys; i++) {
            if (mask >> i & 1) {
                struct term probe = {.number = ROWS_KEY(r, shape, row)[i]};
                const struct term *hit = bsearch(&probe, by, n, sizeof *by, by_number);
                assert(hit != NULL);
                keys[row * shape->keys + i] = (int64_t)hit->text.n;
            }
        }
    }
    mem_put(by);
}

void rows_save(const struct rows *r, const struct rows_shape *shape, const struct names *names,
               struct buf *out)
{
    int64_t *keys = mem_get((r->n + 1) * shape->keys * sizeof *keys);
    if (r->n > 0) {
        memcpy(keys, r->keys, r->n * shape->keys * sizeof *keys);
    }
    for (int items = 0; items <= 1; items++) {
        unsigned mask = items ? shape->items : shape->names;
        if (mask == 0) {
            continue;
        }
        size_t n;
        struct term *terms = terms_of(r, shape, mask, items, names, &n);
        rows_put(out, (i128)n);
        for (size_t i = 0; i < n; i++) {
            if (items) {
                put_text(out, terms[i].type);
            }
            put_text(out, terms[i].text);
        }
        replace_by_rank(keys, r, shape, mask, terms, n);
        mem_put(terms);
    }
    rows_put(out, (i128)r->n);
    uint32_t *order = sorted(keys, shape->keys, r->n);
    for (size_t k = 0; k < r->n; k++) {
        for (unsigned i = 0; i < shape->keys; i++) {
            rows_put(out, keys[(size_t)order[k] * shape->keys + i]);
        }
        for (unsigned i = 0; i < shape->values; i++) {
            rows_put(out, ROWS_VALUE(r, shape, order[k])[i]);
        }
    }
    mem_put(order);
    mem_put(keys);
}

static status_code load_terms(bool items, struct names *names, str *rest, int64_t **ret,
                              size_t *ret_n, struct error *why)
{
    size_t n = 0;
    TRY(get_count(rest, items ? 2 : 1, &n, why));
    int64_t *numbers = mem_get((n + 1) * sizeof *numbers);
    struct term last = {0};
    for (size_t i = 0; i < n; i++) {
        struct term t = {0};
        if ((items && get_text(rest, &t.type, why) != OK) || get_text(rest, &t.text, why) != OK ||
            (i > 0 && term_cmp(&last, &t) >= 0)) {
            mem_put(numbers);
            return broken(why);
        }
        numbers[i] = items && t.type.n + t.text.n == 0 ? 0
                     : items ? (int64_t)names_item(names, names_sym(names, t.type), t.text)
                             : (int64_t)names_sym(names, t.text);
        last = t;
    }
    *ret = numbers;
    *ret_n = n;
    return OK;
}

static status_code load_rows(struct rows *r, const struct rows_shape *shape, int64_t *numbers[2],
                             const size_t number_n[2], str *rest, struct error *why)
{
    size_t n = 0;
    TRY(get_count(rest, (size_t)shape->keys + shape->values, &n, why));
    int64_t last[ROWS_KEYS] = {0};
    for (size_t row = 0; row < n; row++) {
        int64_t raw[ROWS_KEYS] = {0};
        int64_t key[ROWS_KEYS] = {0};
        for (unsigned i = 0; i < shape->keys; i++) {
            TRY(rows_get_i64(rest, &raw[i], why));
            int kind = shape->names >> i & 1 ? 0 : shape->items >> i & 1 ? 1 : -1;
            if (kind >= 0 && (raw[i] < 0 || (uint64_t)raw[i] >= number_n[kind])) {
                return broken(why);
            }
            key[i] = kind >= 0 ? numbers[kind][raw[i]] : raw[i];
        }
        if (row > 0 && key_cmp(last, raw, shape->keys) >= 0) {
            return broken(why);
        }
        memcpy(last, raw, sizeof last[0] * shape->keys);
        i128 *values = rows_at(r, shape, key);
        for (unsigned i = 0; i < shape->values; i++) {
            TRY(rows_get(rest, &values[i], why));
            bool is_count = shape->counts >> i & 1; /* no honest log goes beyond; sums still fit */
            if (values[i] < 0 || values[i] > (i128)1 << (is_count ? 40 : 90)) {
                return broken(why);
            }
        }
    }
    return OK;
}

status_code rows_load(struct rows *r, const struct rows_shape *shape, struct names *names,
                      str *rest, struct error *why)
{
    int64_t *numbers[2] = {NULL, NULL};
    size_t number_n[2] = {0, 0};
    status_code s = OK;
    if (shape->names != 0) {
        s = load_terms(false, names, rest, &numbers[0], &number_n[0], why);
    }
    if (s == OK && shape->items != 0) {
        s = load_terms(true, names, rest, &numbers[1], &number_n[1], why);
    }
    if (s == OK) {
        s = load_rows(r, shape, numbers, number_n, rest, why);
    }
    mem_put(numbers[0]);
    mem_put(numbers[1]);
    if (s != OK) {
        rows_finish(r);
    }
    return s;
}
