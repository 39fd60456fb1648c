/* The inside of the server: what its routes and threads share. */
#pragma once

#include "serve/answers.h"
#include "serve/auth.h"
#include "serve/figures.h"
#include "serve/http.h"
#include "serve/journal.h"
#include "serve/line.h"
#include "serve/live.h"
#include "serve/routes.h"
#include "serve/serve.h"

#include <time.h>

struct server {
    const struct serve_options *options;
    const struct serve_host *host;
    pthread_mutex_t store_lock; /* around every command; then the inlet's turn at the store */
    struct inlet *inlet;
    struct deliver *deliver;
    uint64_t batch;           /* of the store when the lock was taken */
    _Atomic uint64_t version; /* of what answers stand on: the store's, and weir.yaml's */
    pthread_mutex_t settings_lock;
    struct settings *settings;
    struct journal journal;
    struct http *http;
    struct answers *answers;
    struct line_server *line;
    struct live live;
    struct figures figures;
    struct auth auth;
    struct routes routes;
    pthread_mutex_t size_lock;
    struct figures_store size; /* of the store, as last seen */
    atomic_int stop;           /* the signal that ends answers; 0: none */
    _Atomic int64_t computing; /* since when, monotonic ns; 0: nothing is */
    atomic_bool draining, measure;
    int wake; /* an eventfd: the main loop has something to look at */
};

int64_t server_clock(void); /* monotonic ns */
/* Around everything that touches the store. The second sees what has changed. */
void server_lock(struct server *s);
bool server_lock_until(struct server *s, const struct timespec *until); /* false: not in time */
void server_unlock(struct server *s);
struct settings *server_settings(struct server *s); /* settings_drop it */
