#include "base/mem.h"
#include "base/progress.h"
#include "store/db.h"

#include <pthread.h>
#include <time.h>

enum { POLL_NS = 20000000 };

struct db_guard {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    duckdb_connection connection;
    int64_t end_ns; /* 0: none */
    int64_t timeout_us;
    bool done, late, interrupted;
    const atomic_int *watched;
};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *watch(void *cookie)
{
    struct db_guard *guard = cookie;
    interrupt_watch(guard->watched);
    pthread_mutex_lock(&guard->lock);
    while (!guard->done) {
        int64_t at = monotonic_ns() + POLL_NS;
        struct timespec until = {at / 1000000000, at % 1000000000};
        pthread_cond_timedwait(&guard->wake, &guard->lock, &until);
        guard->late |= guard->end_ns != 0 && monotonic_ns() >= guard->end_ns;
        guard->interrupted |= interrupt_signal() != 0;
        if (!guard->done && (guard->late || guard->interrupted)) {
            /* again and again: it has no effect before the statement runs */
            duckdb_interrupt(guard->connection);
        }
    }
    pthread_mutex_unlock(&guard->lock);
    return NULL;
}

struct db_guard *db_guard_start(duckdb_connection connection, int64_t timeout_us)
{
    struct db_guard *guard = mem_get(sizeof *guard);
    guard->connection = connection;
    guard->watched = interrupt_watched();
    guard->timeout_us = timeout_us;
    guard->end_ns = timeout_us > 0 ? monotonic_ns() + timeout_us * 1000 : 0;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&guard->lock, NULL);
    pthread_cond_init(&guard->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&guard->thread, NULL, watch, guard) != 0) {
        guard->connection = NULL; /* no thread to be had: the statement runs unguarded */
    }
    return guard;
}

status_code db_guard_end(struct db_guard *guard, status_code code, struct error *why)
{
    if (guard->connection != NULL) {
        pthread_mutex_lock(&guard->lock);
        guard->done = true;
        pthread_cond_signal(&guard->wake);
        pthread_mutex_unlock(&guard->lock);
        pthread_join(guard->thread, NULL);
    }
    if (code == FAIL && guard->interrupted) {
        error_set(why, "interrupted");
        code = INTERRUPTED;
    } else if (code == FAIL && guard->late) {
        error_set(why, "the statement took longer than %.3g s and was ended",
                  (double)guard->timeout_us / 1e6);
        error_hint(why, "Ask for less, or allow more time with --timeout.");
    }
    pthread_cond_destroy(&guard->wake);
    pthread_mutex_destroy(&guard->lock);
    mem_put(guard);
    return code;
}
