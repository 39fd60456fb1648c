/* The common summary of folds: a table from keys to sums, exact and in no order.
 *
 * A row has a few whole numbers as its key (a stage, a week, a duration, …) and a few 128-bit sums.
 * Adding to a key that is there adds to its sums. Exact samples are rows too: the value is the last
 * part of the key and the sum counts how often it came. Because addition is commutative and
 * associative, every fold made of such tables keeps the five laws of model/fold.h.
 *
 * Saved, the parts of a key that are names are written as texts, the rows sorted: equal tables save
 * to equal bytes. A zeroed struct is empty; the shape is the same constant at every call. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/wide.h"
#include "model/names.h"

enum { ROWS_KEYS = 8, ROWS_VALUES = 12 };

struct rows_shape {
    uint8_t keys, values;
    uint8_t names;   /* bit i: key part i is a sym */
    uint8_t items;   /* bit i: key part i is an item_id */
    uint16_t counts; /* bit i: sum i is a number of things (loaded: 0 … 2^40), else a sum of
                      * microseconds (loaded: 0 … 2^90) */
};

struct rows {
    int64_t *keys; /* n times shape.keys */
    i128 *values;  /* n times shape.values */
    size_t n, cap;
    uint32_t *slots; /* row + 1 by hash; 0 is free */
    size_t slot_cap;
};

void rows_finish(struct rows *r);
/* The sums of this key, made of zeros when new; valid until the next rows_at. */
i128 *rows_at(struct rows *r, const struct rows_shape *shape, const int64_t *key);
const i128 *rows_find(const struct rows *r, const struct rows_shape *shape, const int64_t *key);
void rows_merge(struct rows *r, const struct rows_shape *shape, const struct rows *right);
/* Row numbers 0 … n-1 sorted by key (numbers, not texts); to be released with mem_put. */
uint32_t *rows_sorted(const struct rows *r, const struct rows_shape *shape);

#define ROWS_KEY(r, shape, row) ((r)->keys + (size_t)(row) * (shape)->keys)
#define ROWS_VALUE(r, shape, row) ((r)->values + (size_t)(row) * (shape)->values)

void rows_save(const struct rows *r, const struct rows_shape *shape, const struct names *names,
               struct buf *out);
/* Reads what rows_save wrote off the front of `rest`, into an empty table. Bytes that it would not
 * have written are an error; memory stays below a small multiple of the bytes given. */
status rows_load(struct rows *r, const struct rows_shape *shape, struct names *names, str *rest,
                 struct error *why);

/* Whole numbers of any size in few bytes (LEB128 of the zigzag form): for what stands beside
 * tables. */
void rows_put(struct buf *out, i128 value);
status rows_get(str *rest, i128 *ret, struct error *why);
status rows_get_i64(str *rest, int64_t *ret, struct error *why);
status rows_end(str rest, struct error *why); /* FAIL unless everything was read */
