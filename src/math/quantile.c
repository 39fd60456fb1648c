/* Selection by counting. Values become unsigned keys of the same order; the distance of a key from
 * the least one falls into a bucket by its leading bits (128 buckets an octave, so that long tails
 * do not crowd into one). One pass counts, one gathers the few buckets that hold a wanted rank, and
 * each of these is solved in the same way: its range is at most 1/64 of the one before, so ten
 * rounds are the most, and on real durations the second is already small. Nothing depends on the
 * order of the values, so there is no bad order. */
#include "math/quantile.h"

#include "base/mem.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { SUB_BITS = 7, SUB = 1 << SUB_BITS, BUCKETS = (64 - SUB_BITS + 1) * SUB, SMALL = 128 };

enum kind { KIND_KEY, KIND_INT, KIND_REAL };

#define SIGN (UINT64_C(1) << 63)

static inline uint64_t key_of_int(int64_t value)
{
    return (uint64_t)value ^ SIGN;
}

static inline uint64_t key_of_real(double value)
{
    uint64_t bits = 0;
    value += 0.0; /* -0 is 0 */
    memcpy(&bits, &value, sizeof bits);
    return (bits & SIGN) != 0 ? ~bits : bits | SIGN;
}

static double real_of_key(uint64_t key)
{
    uint64_t bits = (key & SIGN) != 0 ? key & ~SIGN : ~key;
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline __attribute__((always_inline)) uint64_t key_at(const void *values, size_t i,
                                                             enum kind kind)
{
    switch (kind) {
    case KIND_INT:
        return key_of_int(((const int64_t *)values)[i]);
    case KIND_REAL:
        return key_of_real(((const double *)values)[i]);
    default:
        return ((const uint64_t *)values)[i];
    }
}

static inline uint32_t bucket_of(uint64_t distance)
{
    if (distance < SUB) {
        return (uint32_t)distance;
    }
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(distance) - SUB_BITS;
    return (shift << SUB_BITS) + (uint32_t)(distance >> shift);
}

static int compare_keys(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void select_keys(const uint64_t *keys, size_t n, const size_t *ranks, size_t count,
                        uint64_t *ret);

/* The keys at the given ranks (ascending); written once for each kind of value by inlining. */
static inline __attribute__((always_inline)) void select_by(enum kind kind, const void *values,
                                                            size_t n, const size_t *ranks,
                                                            size_t count, uint64_t *ret)
{
    if (n <= SMALL) {
        uint64_t few[SMALL];
        for (size_t i = 0; i < n; i++) {
            few[i] = key_at(values, i, kind);
        }
        qsort(few, n, sizeof *few, compare_keys);
        for (size_t r = 0; r < count; r++) {
            ret[r] = few[ranks[r]];
        }
        return;
    }
    uint64_t least = key_at(values, 0, kind), most = least;
    for (size_t i = 1; i < n; i++) {
        uint64_t key = key_at(values, i, kind);
        least = key < least ? key : least;
        most = key > most ? key : most;
    }
    if (least == most) {
        for (size_t r = 0; r < count; r++) {
            ret[r] = least;
        }
        return;
    }
    size_t *counts = mem_get(BUCKETS * sizeof *counts);
    uint8_t *wanted = mem_get(BUCKETS); /* 1 + number of the gathering that a bucket goes to */
    for (size_t i = 0; i < n; i++) {
        counts[bucket_of(key_at(values, i, kind) - least)]++;
    }
    struct {
        size_t before, n, first_rank, at;
    } groups[2 * QUANTILES_MOST];
    size_t group_n = 0, before = 0, gathered = 0;
    for (size_t b = 0, r = 0; r < count; b++) {
        if (ranks[r] < before + counts[b]) {
            groups[group_n].before = before;
            groups[group_n].n = counts[b];
            groups[group_n].first_rank = r;
            groups[group_n].at = gathered;
            wanted[b] = (uint8_t)++group_n;
            gathered += counts[b];
            while (r < count && ranks[r] < before + counts[b]) {
                r++;
            }
        }
        before += counts[b];
    }
    mem_put(counts);
    uint64_t *keys = mem_grow(NULL, gathered, sizeof *keys);
    size_t fill[2 * QUANTILES_MOST];
    for (size_t g = 0; g < group_n; g++) {
        fill[g] = groups[g].at;
    }
    for (size_t i = 0; i < n; i++) {
        uint64_t key = key_at(values, i, kind);
        uint8_t group = wanted[bucket_of(key - least)];
        if (group != 0) {
            keys[fill[group - 1]++] = key;
        }
    }
    mem_put(wanted);
    for (size_t g = 0; g < group_n; g++) {
        size_t end = g + 1 < group_n ? groups[g + 1].first_rank : count;
        size_t inner[2 * QUANTILES_MOST], first = groups[g].first_rank;
        for (size_t r = first; r < end; r++) {
            inner[r - first] = ranks[r] - groups[g].before;
        }
        select_keys(keys + groups[g].at, groups[g].n, inner, end - first, ret + first);
    }
    mem_put(keys);
}

static void select_keys(const uint64_t *keys, size_t n, const size_t *ranks, size_t count,
                        uint64_t *ret)
{
    select_by(KIND_KEY, keys, n, ranks, count, ret);
}

static void select_ints(const int64_t *values, size_t n, const size_t *ranks, size_t count,
                        uint64_t *ret)
{
    select_by(KIND_INT, values, n, ranks, count, ret);
}

static void select_reals(const double *values, size_t n, const size_t *ranks, size_t count,
                         uint64_t *ret)
{
    select_by(KIND_REAL, values, n, ranks, count, ret);
}

/* Rank and share of type 7. */
static size_t rank_of(size_t n, double p, double *ret_share)
{
    assert(n > 0 && p >= 0 && p <= 1);
    double h = (double)(n - 1) * p;
    size_t rank = (size_t)h;
    rank = rank < n - 1 ? rank : n - 1;
    *ret_share = h - (double)rank;
    return rank;
}

static double between(double low, double high, double share)
{
    return share > 0 ? low + share * (high - low) : low;
}

static double between_ints(int64_t low, int64_t high, double share)
{
    /* the difference of two int64 may not be one */
    return share > 0 ? (double)low + share * (double)((uint64_t)high - (uint64_t)low) : (double)low;
}

static void quantiles(enum kind kind, const void *values, size_t n, const double *p, size_t count,
                      double *ret)
{
    assert(count <= QUANTILES_MOST);
    size_t ranks[2 * QUANTILES_MOST];
    uint64_t keys[2 * QUANTILES_MOST];
    double share[QUANTILES_MOST];
    size_t order[2 * QUANTILES_MOST]; /* number of the answer among ascending ranks */
    size_t distinct = 0;
    for (size_t i = 0; i < count; i++) {
        assert(i == 0 || p[i - 1] <= p[i]);
        size_t rank = rank_of(n, p[i], &share[i]);
        for (size_t step = 0; step < 2; step++) {
            size_t wanted = rank + step < n ? rank + step : n - 1;
            size_t at = distinct; /* ranks ascend but for a step back by one */
            while (at > 0 && ranks[at - 1] > wanted) {
                at--;
            }
            if (at == 0 || ranks[at - 1] != wanted) {
                memmove(ranks + at + 1, ranks + at, (distinct - at) * sizeof *ranks);
                ranks[at] = wanted;
                distinct++;
            }
            order[2 * i + step] = wanted;
        }
    }
    if (kind == KIND_INT) {
        select_ints(values, n, ranks, distinct, keys);
    } else {
        select_reals(values, n, ranks, distinct, keys);
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t found[2] = {0, 0};
        for (size_t r = 0; r < distinct; r++) {
            for (size_t step = 0; step < 2; step++) {
                if (ranks[r] == order[2 * i + step]) {
                    found[step] = keys[r];
                }
            }
        }
        ret[i] = kind == KIND_INT ? between_ints((int64_t)(found[0] ^ SIGN),
                                                 (int64_t)(found[1] ^ SIGN), share[i])
                                  : between(real_of_key(found[0]), real_of_key(found[1]), share[i]);
    }
}

void quantiles_of(const int64_t *values, size_t n, const double *p, size_t count, double *ret)
{
    quantiles(KIND_INT, values, n, p, count, ret);
}

void quantiles_of_reals(const double *values, size_t n, const double *p, size_t count, double *ret)
{
    quantiles(KIND_REAL, values, n, p, count, ret);
}

double quantile_of(const int64_t *values, size_t n, double p)
{
    double found = 0;
    quantiles(KIND_INT, values, n, (const double[]){p}, 1, &found);
    return found;
}

double quantile_of_reals(const double *values, size_t n, double p)
{
    double found = 0;
    quantiles(KIND_REAL, values, n, (const double[]){p}, 1, &found);
    return found;
}

double quantile_sorted(const int64_t *sorted, size_t n, double p)
{
    double share = 0;
    size_t rank = rank_of(n, p, &share);
    return between_ints(sorted[rank], sorted[rank + 1 < n ? rank + 1 : rank], share);
}

double quantile_sorted_reals(const double *sorted, size_t n, double p)
{
    double share = 0;
    size_t rank = rank_of(n, p, &share);
    return between(sorted[rank], sorted[rank + 1 < n ? rank + 1 : rank], share);
}
