#include "base/pack.h"

static void pack_u128(struct buf *out, u128 value)
{
    char bytes[20];
    size_t n = 0;
    do {
        bytes[n++] = (char)((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>= 7;
    } while (value > 0);
    buf_add_bytes(out, bytes, n);
}

void pack_u64(struct buf *out, uint64_t value)
{
    pack_u128(out, value);
}

void pack_i64(struct buf *out, int64_t value)
{
    pack_u128(out, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
}

void pack_i128(struct buf *out, i128 value)
{
    pack_u128(out, ((u128)value << 1) ^ (value < 0 ? ~(u128)0 : 0));
}

void pack_str(struct buf *out, str text)
{
    pack_u64(out, text.n);
    buf_add(out, text);
}

/* At most `bits` bits, and no zero byte at the end: each number has one form. */
static u128 unpack_bits(struct unpack *u, unsigned bits)
{
    u128 value = 0;
    for (unsigned shift = 0; !u->bad; shift += 7) {
        if (u->rest.n == 0 || shift >= bits) {
            break;
        }
        uint8_t byte = (uint8_t)*u->rest.p;
        u->rest = str_from(u->rest, 1);
        uint8_t low = byte & 0x7f;
        if ((bits - shift < 7 && low >> (bits - shift) != 0) || (byte == 0 && shift > 0)) {
            break;
        }
        value |= (u128)low << shift;
        if ((byte & 0x80) == 0) {
            return value;
        }
    }
    u->bad = true;
    return 0;
}

uint64_t unpack_u64(struct unpack *u)
{
    return (uint64_t)unpack_bits(u, 64);
}

int64_t unpack_i64(struct unpack *u)
{
    uint64_t bits = (uint64_t)unpack_bits(u, 64);
    return (int64_t)(bits >> 1 ^ ((bits & 1) != 0 ? UINT64_MAX : 0));
}

i128 unpack_i128(struct unpack *u)
{
    u128 bits = unpack_bits(u, 128);
    return (i128)(bits >> 1 ^ ((bits & 1) != 0 ? ~(u128)0 : 0));
}

str unpack_str(struct unpack *u)
{
    size_t n = unpack_count(u);
    str text = str_first(u->rest, n);
    u->rest = str_from(u->rest, n);
    return text;
}

size_t unpack_count(struct unpack *u)
{
    uint64_t n = unpack_u64(u);
    if (n > u->rest.n) {
        u->bad = true;
        return 0;
    }
    return (size_t)n;
}

uint64_t unpack_below(struct unpack *u, uint64_t limit)
{
    uint64_t value = unpack_u64(u);
    if (value >= limit) {
        u->bad = true;
        return 0;
    }
    return value;
}
