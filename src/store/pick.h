/* Some rows of a log, as a log: when a filter keeps only a part, the kept rows are copied into
 * columns of our own (the originals may be the database's memory). */
#pragma once

#include "model/event.h"

struct picked { /* room for one batch; zeroed: empty */
    uint64_t seq[BATCH_ROWS];
    id128 key[BATCH_ROWS];
    item_id item[BATCH_ROWS];
    sym type[BATCH_ROWS], activity[BATCH_ROWS], instance[BATCH_ROWS], actor[BATCH_ROWS],
        team[BATCH_ROWS];
    when time[BATCH_ROWS], begin[BATCH_ROWS];
    uint8_t life[BATCH_ROWS], quality[BATCH_ROWS];
    str attrs[BATCH_ROWS];
};

/* The rows `row[0 … n)` of `log`, in that order; columns that are NULL there stay NULL. n is at
 * most BATCH_ROWS. Valid until the next pick into the same room. */
struct log pick_rows(const struct log *log, const uint32_t *row, size_t n, struct picked *room);
/* The rows [from, from + n), without copying. */
struct log pick_range(const struct log *log, size_t from, size_t n);
/* Without the columns that are not in `columns` (of enum column). */
struct log pick_columns(struct log log, unsigned columns);
