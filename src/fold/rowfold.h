/* Folds whose summary is tables of rows, and maybe the range of the log: what all of them do when
 * they are merged, saved, loaded and finished.
 *
 * Such a summary begins with its `const struct flow *flow`. A constant `struct rowfold` says where
 * its tables stand; ROWFOLD defines from it the functions that struct fold wants. Saved: the range
 * if there is one, then the tables in order. */
#pragma once

#include "fold/flow.h"
#include "model/fold.h"

struct rowfold {
    size_t size;  /* of the summary */
    size_t range; /* offset of its struct flow_range; 0: it has none */
    struct rowfold_table {
        size_t at; /* offset of its struct rows */
        const struct rows_shape *shape;
    } tables[2]; /* shape NULL: there is only one */
};

void rowfold_merge(const struct rowfold *f, void *summary, const void *right);
void rowfold_save(const struct rowfold *f, const void *summary, const struct names *names,
                  struct buf *out);
status rowfold_load(const struct rowfold *f, void *summary, struct names *names, str bytes,
                    struct error *why);
void rowfold_finish(const struct rowfold *f, void *summary);

/* Defines merge, save, load and finish of the fold that LAYOUT (a struct rowfold) tells of. */
#define ROWFOLD(LAYOUT)                                                                            \
    static void merge(void *summary, const void *right)                                            \
    {                                                                                              \
        rowfold_merge(&(LAYOUT), summary, right);                                                  \
    }                                                                                              \
    static void save(const void *summary, const struct names *names, struct buf *out)              \
    {                                                                                              \
        rowfold_save(&(LAYOUT), summary, names, out);                                              \
    }                                                                                              \
    static status_code load(void *summary, struct names *names, str bytes, struct error *why)      \
    {                                                                                              \
        return rowfold_load(&(LAYOUT), summary, names, bytes, why);                                \
    }                                                                                              \
    static void finish(void *summary)                                                              \
    {                                                                                              \
        rowfold_finish(&(LAYOUT), summary);                                                        \
    }
