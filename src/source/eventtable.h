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

enum { EVENTTABLE_COLUMNS = 2048 }; /* at most in one table */

struct eventtable;

struct eventtable_rows {
    size_t n;                /* at most BATCH_ROWS */
    const str *const *cells; /* cells[column][row]; a NULL pointer is "no value" */
    const id128 *content;    /* identity of each row's content; NULL: the hash of its cells */
};

/* Learns of a row that became no event. `column` may be empty, `reason` is valid during the call.
 */
typedef void eventtable_reject(void *cookie, size_t row, str column, str reason);

struct eventtable *eventtable_new(const struct source_options *options, struct source_notes *notes);
void eventtable_free(struct eventtable *t); /* NULL is fine */

/* Begins a file with these columns: chooses their roles. The names are copied. */
status eventtable_begin(struct eventtable *t, const char *file, const str *names, size_t n,
                        struct error *why);
/* One more column, an attribute, met later (NDJSON). */
status eventtable_add_column(struct eventtable *t, str name, struct error *why);
size_t eventtable_column_count(const struct eventtable *t);
str eventtable_column(const struct eventtable *t, size_t column);

/* Looks at rows before they are mapped; true when every column of dates has shown enough. Then
 * eventtable_settle decides on the formats of the dates. */
bool eventtable_sample(struct eventtable *t, const struct eventtable_rows *rows);
status eventtable_settle(struct eventtable *t, struct error *why);

/* About so many rows will come: makes room for their identities at once. */
void eventtable_expect(struct eventtable *t, size_t rows);

/* Adds the rows' events to the batch, which must have room for them. */
status eventtable_map(struct eventtable *t, const struct eventtable_rows *rows, struct batch *b,
                      eventtable_reject *reject, void *cookie, struct error *why);

/* Ends the import: notes on dates, zones and oddities, with counts. */
void eventtable_end(struct eventtable *t);
