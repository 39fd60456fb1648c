/* A value above 0 is mantissa and octave: v = m * 2^(octave - 63) with m in [2^63, 2^64). Its
 * bucket in the octave is the last i with BOUND[i] <= m, where BOUND[i] = 2^63 * 2^(i/64), rounded
 * up. */
#include "math/hist.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

enum { SUB = 64, LAST_BUCKET = 64 * SUB, MOST_BUCKETS = 2 * LAST_BUCKET + 1 };

static const uint64_t BOUND[SUB] = {
    0x8000000000000000, 0x8164d1f3bc030774, 0x82cd8698ac2ba1d8, 0x843a28c3acde4047,
    0x85aac367cc487b15, 0x871f61969e8d1011, 0x88980e8092da8528, 0x8a14d575496efd9b,
    0x8b95c1e3ea8bd6e7, 0x8d1adf5b7e5ba9e6, 0x8ea4398b45cd53c1, 0x9031dc431466b1dd,
    0x91c3d373ab11c337, 0x935a2b2f13e6e92c, 0x94f4efa8fef70962, 0x96942d3720185a01,
    0x9837f0518db8a970, 0x99e0459320b7fa65, 0x9b8d39b9d54e5539, 0x9d3ed9a72cffb751,
    0x9ef5326091a111ae, 0xa0b0510fb9714fc3, 0xa27043030c496819, 0xa43515ae09e6809f,
    0xa5fed6a9b15138eb, 0xa7cd93b4e965356a, 0xa9a15ab4ea7c0ef9, 0xab7a39b5a93ed338,
    0xad583eea42a14ac7, 0xaf3b78ad690a4375, 0xb123f581d2ac2590, 0xb311c412a911248a,
    0xb504f333f9de6485, 0xb6fd91e328d17792, 0xb8fbaf4762fb9eea, 0xbaff5ab2133e45fc,
    0xbd08a39f580c36bf, 0xbf1799b67a731083, 0xc12c4cca66709457, 0xc346ccda24976408,
    0xc5672a115506dade, 0xc78d74c8abb9b15d, 0xc9b9bd866e2f27a3, 0xcbec14fef2727c5d,
    0xce248c151f8480e4, 0xd06333daef2b2595, 0xd2a81d91f12ae45b, 0xd4f35aabcfedfa20,
    0xd744fccad69d6af5, 0xd99d15c278afd7b6, 0xdbfbb797daf23756, 0xde60f4825e0e9124,
    0xe0ccdeec2a94e112, 0xe33f8972be8a5a52, 0xe5b906e77c8348a9, 0xe8396a503c4bdc69,
    0xeac0c6e7dd24392f, 0xed4f301ed9942b85, 0xefe4b99bdcdaf5cc, 0xf281773c59ffb13a,
    0xf5257d152486cc2d, 0xf7d0df730ad13bb9, 0xfa83b2db722a033b, 0xfd3e0c0cf486c175,
};

static int32_t bucket_of_magnitude(uint64_t v) /* 1 … LAST_BUCKET; v > 0 */
{
    unsigned octave = 63u - (unsigned)__builtin_clzll(v);
    uint64_t m = v << (63 - octave);
    /* 2^x <= 1 + x on [0, 1]: the leading bits are never below the bucket, and 64 log2(1 + x) is at
     * most 6 above 64 x, so few steps remain */
    unsigned i = (unsigned)(m >> 57) & (SUB - 1);
    while (i + 1 < SUB && BOUND[i + 1] <= m) {
        i++;
    }
    return (int32_t)(octave * SUB + i + 1);
}

static int32_t bucket_of(int64_t value)
{
    return value > 0   ? bucket_of_magnitude((uint64_t)value)
           : value < 0 ? -bucket_of_magnitude(-(uint64_t)value)
                       : 0;
}

/* The value that is off by the same share from both bounds: their harmonic mean. */
static double value_of_magnitude(int32_t bucket)
{
    unsigned octave = (unsigned)(bucket - 1) / SUB, i = (unsigned)(bucket - 1) % SUB;
    double low = (double)BOUND[i], high = i + 1 < SUB ? (double)BOUND[i + 1] : 0x1p64;
    return 2 * low * high / (low + high) * (double)(UINT64_C(1) << octave) * 0x1p-63;
}

static double value_of(int32_t bucket)
{
    return bucket > 0 ? value_of_magnitude(bucket) : bucket < 0 ? -value_of_magnitude(-bucket) : 0;
}

void hist_finish(struct hist *h)
{
    mem_put(h->counts);
    *h = (struct hist){0};
}

/* Makes [from, to] part of the buckets. */
static void cover(struct hist *h, int32_t from, int32_t to)
{
    if (h->len > 0) {
        int32_t last = h->first + (int32_t)h->len - 1;
        if (from >= h->first && to <= last) {
            return;
        }
        from = from < h->first ? from : h->first;
        to = to > last ? to : last;
    }
    uint32_t len = (uint32_t)(to - from + 1);
    uint64_t *counts = mem_get(len * sizeof *counts);
    if (h->len > 0) {
        memcpy(counts + (h->first - from), h->counts, h->len * sizeof *counts);
    }
    mem_put(h->counts);
    h->counts = counts;
    h->first = from;
    h->len = len;
}

void hist_add_times(struct hist *h, int64_t value, uint64_t times)
{
    if (times == 0) {
        return;
    }
    int32_t bucket = bucket_of(value);
    cover(h, bucket, bucket);
    h->counts[bucket - h->first] += times;
    h->min = h->n == 0 || value < h->min ? value : h->min;
    h->max = h->n == 0 || value > h->max ? value : h->max;
    h->n += times;
    h->sum = wide_add(h->sum, (i128)value * (i128)times);
}

void hist_add(struct hist *h, int64_t value)
{
    hist_add_times(h, value, 1);
}

void hist_merge(struct hist *h, const struct hist *right)
{
    if (right->n == 0) {
        return;
    }
    cover(h, right->first, right->first + (int32_t)right->len - 1);
    for (uint32_t i = 0; i < right->len; i++) {
        h->counts[right->first + (int32_t)i - h->first] += right->counts[i];
    }
    h->min = h->n == 0 || right->min < h->min ? right->min : h->min;
    h->max = h->n == 0 || right->max > h->max ? right->max : h->max;
    h->n += right->n;
    h->sum = wide_add(h->sum, right->sum);
}

static double value_at(const struct hist *h, uint64_t rank)
{
    uint64_t before = 0;
    double value = 0;
    for (uint32_t i = 0; i < h->len; i++) {
        before += h->counts[i];
        if (rank < before) {
            value = value_of(h->first + (int32_t)i);
            break;
        }
    }
    value = value < (double)h->min ? (double)h->min : value;
    return value > (double)h->max ? (double)h->max : value;
}

double hist_quantile(const struct hist *h, double p)
{
    assert(h->n > 0 && p >= 0 && p <= 1);
    double at = (double)(h->n - 1) * p;
    uint64_t rank = (uint64_t)at;
    rank = rank < h->n - 1 ? rank : h->n - 1;
    double share = at - (double)rank, low = value_at(h, rank);
    return share > 0 && rank + 1 < h->n ? low + share * (value_at(h, rank + 1) - low) : low;
}

struct distribution hist_distribution(const struct hist *h)
{
    if (h->n == 0) {
        return (struct distribution){0};
    }
    return (struct distribution){
        .n = h->n,
        .sum = (double)h->sum,
        .mean = (double)h->sum / (double)h->n,
        .min = (double)h->min,
        .max = (double)h->max,
        .p50 = hist_quantile(h, 0.5),
        .p85 = hist_quantile(h, 0.85),
        .p95 = hist_quantile(h, 0.95),
    };
}

/* n, sum, min, max, then the buckets that hold anything: their number, the first, and for each the
 * distance from the one before and its count. */
void hist_save(const struct hist *h, struct buf *out)
{
    pack_u64(out, h->n);
    if (h->n == 0) {
        return;
    }
    pack_i128(out, h->sum);
    pack_i64(out, h->min);
    pack_i64(out, h->max);
    uint64_t taken = 0;
    for (uint32_t i = 0; i < h->len; i++) {
        taken += h->counts[i] > 0;
    }
    pack_u64(out, taken);
    int32_t last = -LAST_BUCKET - 1;
    for (uint32_t i = 0; i < h->len; i++) {
        if (h->counts[i] > 0) {
            int32_t bucket = h->first + (int32_t)i;
            pack_u64(out, (uint64_t)(bucket - last));
            pack_u64(out, h->counts[i]);
            last = bucket;
        }
    }
}

bool hist_load(struct hist *h, struct unpack *from)
{
    struct hist read = {.n = unpack_u64(from)};
    if (read.n == 0) {
        return !from->bad;
    }
    read.sum = unpack_i128(from);
    read.min = unpack_i64(from);
    read.max = unpack_i64(from);
    size_t taken = unpack_count(from);
    uint64_t counted = 0;
    int32_t bucket = -LAST_BUCKET - 1;
    for (size_t i = 0; i < taken && !from->bad; i++) {
        uint64_t step = unpack_below(from, MOST_BUCKETS + 1), times = unpack_u64(from);
        bucket += (int32_t)step;
        bool wrong = step == 0 || bucket > LAST_BUCKET || times == 0 || times > read.n - counted;
        if (from->bad || wrong) {
            from->bad = true;
            break;
        }
        cover(&read, bucket, bucket);
        read.counts[bucket - read.first] += times;
        counted += times;
    }
    if (from->bad || counted != read.n || bucket_of(read.min) != read.first ||
        bucket_of(read.max) != bucket || read.min > read.max) {
        from->bad = true;
        hist_finish(&read);
        return false;
    }
    *h = read;
    return true;
}
