/* The inside of a table, for view/table*.c alone. */
#pragma once

#include "view/table.h"

#include "base/arena.h"
#include "base/vec.h"
#include "view/spark.h"

struct cell {
    bool none;
    uint8_t colour; /* enum colour */
    union {
        str text;
        int64_t whole; /* count, lapse, instant, flag */
        double real;
        struct spark_parts bar;
        struct {
            const double *values;
            size_t n;
        } line;
    };
};

struct section {
    size_t before; /* this row */
    str title;
};

struct table {
    const struct table_column *columns;
    size_t n;
    struct arena text;
    VEC(struct cell) cells;
    VEC(struct section) sections;
};

static inline const struct cell *cell_at(const struct table *t, size_t row, size_t column)
{
    return &t->cells.v[row * t->n + column];
}

static inline bool is_chart(const struct table_column *c)
{
    return c->kind == CELL_BAR || c->kind == CELL_LINE;
}

void table_print_people(const struct table *t, const struct look *look, struct buf *out);
void table_print_markdown(const struct table *t, const struct look *look, struct buf *out);
