/* The identity of a row of a table: the hash of its content and its number among equal rows of one
 * import (docs/decisions/005). Equal rows of one file all count; the same file again brings
 * nothing.
 *
 * What was seen is kept as 64 bits a row (the two halves of the hash folded), in a table that lies
 * in the order of the hashes: 11 bytes a row, and growing it is one sweep. Two contents that meet
 * in 64 bits count as equal rows here, so the second one gets a number that it did not need: an
 * identity as good and as lasting as any. */
#pragma once

#include "base/map.h"

struct rowkeys {     /* a zeroed one is empty */
    uint64_t *slots; /* 0: free */
    size_t n, cap;
    bool has_zero;       /* the hash that marks a free slot is kept apart */
    struct map repeated; /* content → how many more of it came */
};

void rowkeys_finish(struct rowkeys *k);
/* About so many more rows will come: room is made at once, though for no more than ROWKEYS_AHEAD,
 * so that a wrong guess costs little. */
enum { ROWKEYS_AHEAD = 1 << 24 };
void rowkeys_reserve(struct rowkeys *k, size_t rows);
void rowkeys_expect(const struct rowkeys *k,
                    id128 content); /* it comes soon: hides the time that memory takes */
id128 rowkeys_next(struct rowkeys *k,
                   id128 content); /* the key of the next row with this content */
