/* An event table from the inside; for eventtable*.c of the table itself alone. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "source/eventtable.h"
#include "source/mapping.h"
#include "source/symcache.h"

struct eventtable_column {
    str name;   /* as it stands in the file, or "column 3" */
    str quoted; /* "name": as a key of the attributes */
    bool attribute;
};

struct eventtable {
    const struct source_options *options;
    struct source_notes *notes;
    struct names *names;
    struct arena text; /* names of the columns of this file */
    const char *file;
    VEC(struct eventtable_column) columns;
    VEC(size_t) attributes; /* the columns that have no role */
    struct roles roles;
    struct dates time, start;
    bool sampled;
    sym event_type, item_type;
    struct symcache cases, activities, actors, teams, instances, lives;
    struct rowkeys keys;
    id128 content[BATCH_ROWS]; /* of the rows being mapped */
    uint8_t fault[BATCH_ROWS]; /* of each, what keeps it from being an event */
    str *made[ROLE_COUNT]; /* texts of a role that are no cells as they stand; room for a batch */
    struct arena joined;   /* what these texts lie in */
    struct buf row, reason;
    struct mapping_run *mapping; /* NULL: by roles */
    int *bound;                  /* column of each path of the mapping */
    str *values;
    uint64_t rows, not_ended;
    bool noted;
};

/* A cell, without a value when it is one of the texts that mean so. */
static inline str eventtable_cell(const struct eventtable *t, const struct eventtable_rows *rows,
                                  size_t column, size_t row)
{
    str cell = rows->cells[column][row];
    for (size_t i = 0; i < t->options->null_count; i++) {
        if (cell.p != NULL && str_eq(cell, t->options->nulls[i])) {
            return (str){0};
        }
    }
    return cell;
}
