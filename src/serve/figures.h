/* What the process tells of itself, as Prometheus reads it (text format 0.0.4). Labels come from
 * closed sets: routes, not paths; names of commands; never an item or a person. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "serve/settings.h"

#include <pthread.h>

enum { FIGURE_BUCKETS = 12 };

struct timing { /* a histogram of seconds */
    uint64_t in[FIGURE_BUCKETS + 1];
    double sum;
};

struct route_figures {
    const char *route; /* "/api/v1/items", "other" */
    struct timing time;
    struct {
        int code;
        uint64_t n;
    } codes[24];
};

struct figures {
    pthread_mutex_t lock;
    VEC(struct route_figures) routes;
    VEC(struct command_figures {
        const char *command;
        struct timing time;
    })
    commands;
    uint64_t failures[8]; /* of authentication, by enum auth_fault */
    uint64_t cached, computed;
};

void figures_init(struct figures *f);
void figures_finish(struct figures *f);
void figures_request(struct figures *f, const char *route, int code, double seconds);
void figures_query(struct figures *f, const char *command, double seconds);
void figures_failure(struct figures *f, int auth_fault);
void figures_cache(struct figures *f, bool hit);

struct figures_store { /* of the store; read under the server's lock beforehand */
    uint64_t bytes, events, items, links, rejects, ignored_proxy;
    size_t streams;
    const char *version;
};
struct inlet;
void figures_inlet(struct inlet *in, when now, struct buf *out); /* what tools sent */
void figures_print(struct figures *f, const struct figures_store *store, struct buf *out);
