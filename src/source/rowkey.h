/* The identity of a row of a table: the hash of its content and its number among equal rows of one
 * import (docs/decisions/005). Equal rows of one file all count; the same file again brings
 * nothing. */
#pragma once

#include "base/map.h"

struct rowkeys { /* a zeroed one is empty */
    struct set128 seen;
    struct map repeated; /* content → how many more of it came */
};

void rowkeys_finish(struct rowkeys *k);
void rowkeys_expect(const struct rowkeys *k,
                    id128 content); /* it comes soon: hides the time that memory takes */
id128 rowkeys_next(struct rowkeys *k,
                   id128 content); /* the key of the next row with this content */
