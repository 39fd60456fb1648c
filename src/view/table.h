/* Rows of cells, printed in every format: for people as an aligned table within the terminal's
 * width, for programs as tab-separated lines, CSV (RFC 4180), Markdown or one JSON object a line.
 *
 * A column with a `name` is shown to people, one with a `key` to programs; most have both, a chart
 * has only a name, its numbers are columns with only a key. Fill the cells of a row in the order of
 * the columns; the row ends by itself after the last one. Texts are copied. */
#pragma once

#include "view/text.h"

#include <jansson.h>

enum cell_kind {
    CELL_TEXT,
    CELL_COUNT,  /* whole number */
    CELL_NUMBER, /* real */
    CELL_LAPSE,  /* "4.4d"; programs: seconds */
    CELL_SHARE,  /* 0.83: "83 %"; programs: 0.83 */
    CELL_WHEN,   /* programs: RFC 3339 UTC */
    CELL_FLAG,   /* yes or nothing; programs: true, false */
    CELL_BAR,    /* waiting ▒, either ░ and work █, scaled over the column; for people only */
    CELL_LINE,   /* sparkline; for people only */
};

struct table_column {
    const char *name; /* head, for people; NULL: not shown to them */
    const char *key;  /* for programs; NULL: not for them */
    enum cell_kind kind;
    int8_t decimals; /* of CELL_NUMBER */
    uint8_t drop;    /* when the terminal is too narrow the largest goes first; 0: stays */
};

struct table;
struct table *table_new(const struct table_column *columns, size_t n); /* columns must outlive it */
void table_free(struct table *t);

void table_text(struct table *t, str value);
void table_count(struct table *t, int64_t value);
void table_number(struct table *t, double value); /* also shares; NaN: no value */
void table_lapse(struct table *t, lapse value);
void table_when(struct table *t, when value); /* WHEN_NONE: no value */
void table_flag(struct table *t, bool value);
void table_bar(struct table *t, double wait, double work);
void table_bar_either(struct table *t, double wait, double either, double work); /* view/spark.h */
void table_line(struct table *t, const double *values, size_t n);
void table_none(struct table *t);                  /* "-"; programs: empty, null */
void table_colour(struct table *t, enum colour c); /* of the cell filled last */
void table_section(struct table *t,
                   str title); /* a heading line before the next row, people only */

size_t table_rows(const struct table *t);
/* In look->format. LOOK_JSON prints as LOOK_JSONL does: a command's document is view/doc.h's. */
/* A table with bars of ░ ends with a line that says what that is. */
void table_print(const struct table *t, const struct look *look, struct buf *out);
