/* Numbers and texts as bytes, for saved summaries: small numbers are short (LEB128, seven bits a
 * byte, low ones first; signed ones zigzag), texts carry their length. Equal values give equal
 * bytes. Reading checks everything: after the first byte that cannot be, `bad` stays set and all
 * further answers are 0 or empty, so a reader checks once at the end, but never trusts a count
 * before asking unpack_count. */
#pragma once

#include "base/buf.h"
#include "base/wide.h"

void pack_u64(struct buf *out, uint64_t value);
void pack_i64(struct buf *out, int64_t value);
void pack_i128(struct buf *out, i128 value);
void pack_str(struct buf *out, str text);

struct unpack {
    str rest;
    bool bad;
};

uint64_t unpack_u64(struct unpack *u);
int64_t unpack_i64(struct unpack *u);
i128 unpack_i128(struct unpack *u);
str unpack_str(struct unpack *u);      /* points into the bytes */
size_t unpack_count(struct unpack *u); /* a number of things that take a byte each at least: more
                                        * than there are bytes left is bad */
uint64_t unpack_below(struct unpack *u, uint64_t limit); /* a number >= limit is bad */
