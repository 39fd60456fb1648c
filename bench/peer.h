/* DuckDB as a peer: statements on a connection of its own, answers read to their end. */
#pragma once

#include "base/error.h"

#include <duckdb.h>

struct peer {
    duckdb_database database;
    duckdb_connection connection;
};

status peer_open(struct peer *p, const char *path, struct error *why); /* NULL: in memory */
void peer_close(struct peer *p);
status peer_threads(struct peer *p, int threads, struct error *why);
/* Runs a statement and takes every chunk of its answer, as a reader of the rows would. */
status peer_run(struct peer *p, const char *sql, struct error *why);
