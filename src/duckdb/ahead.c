#include "ahead.h"

#include <signal.h>
#include <stdint.h>

/* The texts of a column that lie outside of its cells. */
static size_t text_bytes(duckdb_vector vector, size_t rows)
{
    const duckdb_string_t *texts = duckdb_vector_get_data(vector);
    const uint64_t *valid = duckdb_vector_get_validity(vector);
    size_t bytes = 0;
    for (size_t row = 0; row < rows; row++) {
        uint32_t n = texts[row].value.inlined.length;
        bool is_null = valid != NULL && (valid[row / 64] >> (row % 64) & 1) == 0;
        bytes += !is_null && n > sizeof texts[row].value.inlined.inlined ? n : 0;
    }
    return bytes;
}

static size_t bytes_of(duckdb_data_chunk chunk)
{
    size_t columns = duckdb_data_chunk_get_column_count(chunk);
    size_t rows = duckdb_data_chunk_get_size(chunk);
    size_t bytes = columns * rows * sizeof(duckdb_string_t);
    for (size_t i = 0; i < columns; i++) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
        duckdb_logical_type type = duckdb_vector_get_column_type(vector);
        duckdb_type id = duckdb_get_type_id(type);
        if (id == DUCKDB_TYPE_VARCHAR || id == DUCKDB_TYPE_BLOB) {
            bytes += text_bytes(vector, rows);
        }
        duckdb_destroy_logical_type(&type);
    }
    return bytes;
}

/* One chunk waits in any case, however large. */
static bool is_full(const struct ahead *a)
{
    return a->put - a->taken == AHEAD_CHUNKS || (a->put > a->taken && a->bytes >= AHEAD_BYTES);
}

static void *read_ahead(void *cookie)
{
    struct ahead *a = cookie;
    bool more = true;
    while (more) {
        duckdb_data_chunk chunk = duckdb_fetch_chunk(a->result);
        size_t bytes = chunk != NULL ? bytes_of(chunk) : 0;
        pthread_mutex_lock(&a->lock);
        while (is_full(a) && !a->stop) {
            pthread_cond_wait(&a->changed, &a->lock);
        }
        more = chunk != NULL && !a->stop;
        if (more) {
            size_t at = a->put++ % AHEAD_CHUNKS;
            a->ring[at].chunk = chunk;
            a->ring[at].bytes = bytes;
            a->bytes += bytes;
        } else {
            duckdb_destroy_data_chunk(&chunk);
            a->ended = true;
        }
        pthread_cond_signal(&a->changed);
        pthread_mutex_unlock(&a->lock);
    }
    return NULL;
}

void ahead_begin(struct ahead *a, duckdb_result result)
{
    *a = (struct ahead){.result = result, .begun = true};
    pthread_mutex_init(&a->lock, NULL);
    pthread_cond_init(&a->changed, NULL);
    sigset_t all, before; /* signals are the business of the thread that asked */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    a->has_thread = pthread_create(&a->thread, NULL, read_ahead, a) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

duckdb_data_chunk ahead_next(struct ahead *a)
{
    duckdb_data_chunk chunk = NULL;
    if (!a->has_thread) {
        chunk = a->ended ? NULL : duckdb_fetch_chunk(a->result);
        a->ended = chunk == NULL; /* asking again would be an error */
        return chunk;
    }
    pthread_mutex_lock(&a->lock);
    while (a->taken == a->put && !a->ended) {
        pthread_cond_wait(&a->changed, &a->lock);
    }
    if (a->taken < a->put) {
        size_t at = a->taken++ % AHEAD_CHUNKS;
        chunk = a->ring[at].chunk;
        a->bytes -= a->ring[at].bytes;
        pthread_cond_signal(&a->changed);
    }
    pthread_mutex_unlock(&a->lock);
    return chunk;
}

void ahead_end(struct ahead *a)
{
    if (!a->begun) {
        return;
    }
    if (a->has_thread) {
        pthread_mutex_lock(&a->lock);
        a->stop = true;
        pthread_cond_signal(&a->changed);
        pthread_mutex_unlock(&a->lock);
        pthread_join(a->thread, NULL);
    }
    for (; a->taken < a->put; a->taken++) {
        duckdb_destroy_data_chunk(&a->ring[a->taken % AHEAD_CHUNKS].chunk);
    }
    duckdb_destroy_result(&a->result);
    pthread_cond_destroy(&a->changed);
    pthread_mutex_destroy(&a->lock);
    *a = (struct ahead){0};
}
