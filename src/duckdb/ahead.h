/* A result of DuckDB read ahead by a thread of its own: DuckDB reads, decodes and decompresses
 * while whoever asked works on the rows before. A ring of chunks that the one fills and the other
 * empties, bounded in number and in bytes. */
#pragma once

#include <duckdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

enum { AHEAD_CHUNKS = 32, AHEAD_BYTES = 16 << 20 };

struct ahead { /* a zeroed one is of no result; must not move while it reads */
    duckdb_result result;
    bool begun, has_thread;
    pthread_t thread;
    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t changed;
    struct {
        duckdb_data_chunk chunk;
        size_t bytes;
    } ring[AHEAD_CHUNKS];
    size_t taken, put, bytes; /* chunks so far, and what those between them hold */
    bool ended, stop;
};

/* Takes over a streaming result. Until ahead_next has given NULL, or ahead_end was called, nobody
 * else may use it or its connection. Without a thread (there may be none to be had) chunks are
 * read as they are asked for. */
void ahead_begin(struct ahead *a, duckdb_result result);
/* The next chunk, the caller's to destroy. NULL: the end or an error, see
 * duckdb_result_error(&a->result). */
duckdb_data_chunk ahead_next(struct ahead *a);
void ahead_end(struct ahead *a); /* destroys the result; a zeroed one is fine */
