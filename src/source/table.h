/* From rows of text to events: what CSV, Parquet and NDJSON share.
 *
 * A format reads its files and hands over columns of cells; the table chooses which column is what
 * (roles), settles the format of the dates on a sample, and turns each row into an event or a
 * reject. A row's identity is the hash of its cells and its number among equal rows of the import
 * (docs/decisions/005), so neither column roles nor options change it. */
#pragma once

#include "source/dates.h"
#include "source/roles.h"
#include "source/rowkey.h"
#include "source/source.h"

enum { TABLE_COLUMNS = 2048 }; /* at most in one table */

struct table;

struct table_rows {
    size_t n;                /* at most BATCH_ROWS */
    const str *const *cells; /* cells[column][row]; a NULL pointer is "no value" */
    const id128 *content;    /* identity of each row's content; NULL: the hash of its cells */
};

/* Learns of a row that became no event. `column` may be empty, `reason` is valid during the call.
 */
typedef void table_reject(void *cookie, size_t row, str column, str reason);

struct table *table_new(const struct source_options *options, struct source_notes *notes);
void table_free(struct table *t); /* NULL is fine */

/* Begins a file with these columns: chooses their roles. The names are copied. */
status table_begin(struct table *t, const char *file, const str *names, size_t n,
                   struct error *why);
/* One more column, an attribute, met later (NDJSON). */
status table_add_column(struct table *t, str name, struct error *why);
size_t table_column_count(const struct table *t);
str table_column(const struct table *t, size_t column);

/* Looks at rows before they are mapped; true when every column of dates has shown enough. Then
 * table_settle decides on the formats of the dates. */
bool table_sample(struct table *t, const struct table_rows *rows);
status table_settle(struct table *t, struct error *why);

/* Adds the rows' events to the batch, which must have room for them. */
status table_map(struct table *t, const struct table_rows *rows, struct batch *b,
                 table_reject *reject, void *cookie, struct error *why);

/* Ends the import: notes on dates, zones and oddities, with counts. */
void table_end(struct table *t);
