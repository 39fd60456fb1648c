/* A small DuckDB of one source, in memory, for its readers of files (CSV, Parquet): one query at a
 * time, its rows as a stream of chunks. */
#pragma once

#include "base/error.h"
#include "base/str.h"
#include "model/event.h"

struct duck;
struct duck_chunk; /* up to BATCH_ROWS rows */

status duck_open(struct duck **ret, struct error *why);
void duck_close(struct duck *d); /* NULL is fine; ends a query that is under way */

/* Begins a query; the one before is ended. */
status duck_query(struct duck *d, const char *sql, struct error *why);
size_t duck_columns(const struct duck *d);
const char *duck_column(const struct duck *d, size_t column); /* its name */
bool duck_is_instant(const struct duck *d, size_t column);    /* TIMESTAMP WITH TIME ZONE */
/* The next chunk of rows, the caller's to free. END: there are no more. INTERRUPTED when
 * the person wants to stop. */
status duck_fetch(struct duck *d, struct duck_chunk **ret_chunk, struct error *why);
void duck_chunk_free(struct duck_chunk *chunk); /* NULL is fine */
/* Runs a statement for its effect. */
status duck_run(struct duck *d, const char *sql, struct error *why);

/* The cells of a chunk as texts, for tables: cells[column][row], columns of type VARCHAR only. The
 * texts lie in the chunk. */
struct duck_cells {
    str *room;
    const str **columns;
    size_t count; /* columns */
};
size_t duck_cells_fill(struct duck_cells *c, const struct duck_chunk *chunk); /* number of rows */
void duck_cells_finish(struct duck_cells *c);
