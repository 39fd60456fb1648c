#include "store/pick.h"

#include "store/store.h"

#include <assert.h>

#define COLUMNS(X)                                                                                 \
    X(COL_SEQ, seq)                                                                                \
    X(COL_KEY, key)                                                                                \
    X(COL_ITEM, item)                                                                              \
    X(COL_TYPE, type)                                                                              \
    X(COL_ACTIVITY, activity)                                                                      \
    X(COL_INSTANCE, instance)                                                                      \
    X(COL_ACTOR, actor)                                                                            \
    X(COL_TEAM, team)                                                                              \
    X(COL_TIME, time)                                                                              \
    X(COL_BEGIN, begin)                                                                            \
    X(COL_LIFE, life)                                                                              \
    X(COL_QUALITY, quality)                                                                        \
    X(COL_ATTRS, attrs)

struct log pick_rows(const struct log *log, const uint32_t *row, size_t n, struct picked *room)
{
    assert(n <= BATCH_ROWS);
    struct log picked = {.n = n};
#define PICK(flag, column)                                                                         \
    if (log->column != NULL) {                                                                     \
        for (size_t i = 0; i < n; i++) {                                                           \
            room->column[i] = log->column[row[i]];                                                 \
        }                                                                                          \
        picked.column = room->column;                                                              \
    }
    COLUMNS(PICK)
    return picked;
}

struct log pick_range(const struct log *log, size_t from, size_t n)
{
    assert(from + n <= log->n);
    struct log range = {.n = n};
#define SHIFT(flag, column) range.column = log->column != NULL ? log->column + from : NULL;
    COLUMNS(SHIFT)
    return range;
}

struct log pick_columns(struct log log, unsigned columns)
{
#define HIDE(flag, column)                                                                         \
    if ((columns & (flag)) == 0) {                                                                 \
        log.column = NULL;                                                                         \
    }
    COLUMNS(HIDE)
    return log;
}
