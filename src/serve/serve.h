/* weir serve: one process that keeps the store open and answers pages, programs and the command
 * line.
 *
 * This floor lies below the commands, so whoever starts the server hands it what can be asked
 * (struct serve_host): the answers with their parameters, and a function that runs a command line
 * against the open store. A page, a program and a person at the keyboard thus get the same words.
 *
 * One lock stands around the store and around running a command: a store is used by one thread at a
 * time, and so is everything that commands share. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "engine/config.h"
#include "store/store.h"

#include <stdatomic.h>

enum serve_kind { SERVE_FLAG, SERVE_VALUE, SERVE_LIST, SERVE_ARGUMENT };

struct serve_parameter {
    enum serve_kind kind;
    const char *name;  /* "where"; of an argument "id" */
    const char *value; /* "N", or the words allowed: "wall|work"; NULL: a flag */
    const char *purpose;
    bool required, many; /* of an argument */
};

struct serve_answer {
    const char *name;    /* its address is /api/v1/NAME */
    const char *path;    /* or this one, open to everybody; NULL */
    const char *command; /* NULL: the same */
    const char *option;  /* that is always given, "--visits"; NULL: none */
    const char *type;    /* of what it prints; NULL: a JSON document. text/plain: for people */
    const char *purpose;
    const char *fields; /* of its document, one "name: meaning" a line; NULL */
    const struct serve_parameter *parameters;
    size_t parameter_n;
};

struct serve_line; /* who asks through the socket, see serve/line.h */

struct serve_ask {
    const char *const *argv;
    size_t argc;
    const struct serve_line *line; /* NULL: over HTTP; then nothing of the asker's world counts */
    const atomic_int *stop;        /* not 0: the signal that ends it */
};

struct serve_host {
    const char *version;
    const struct serve_answer *answers;
    size_t answer_n;
    /* Runs a command line with the lock held; returns its exit code, appends what it would print.
     * Over the socket, streams and messages may go out through `line` before. */
    int (*run)(const struct serve_ask *ask, struct buf *out, struct buf *err, void *cookie);
    /* Reads weir.yaml again, with the lock held; then `adopt` says whether it is in force for what
     * runs from now on (the old one is gone), or is thrown away. */
    status (*read_again)(const struct config **ret, void *cookie, struct error *why);
    void (*adopt)(bool yes, void *cookie);
    void (*ready)(const char *url, void *cookie); /* it answers now */
    void *cookie;
};

struct serve_options {
    const char *where;   /* the store's path, absolute */
    struct store *store; /* open for writing */
    const struct config *config;
    str listen; /* of --listen; empty: not given */
    const char *const *environment;
    bool json_log, open; /* open: in the browser */
    int verbosity;
};

/* Serves until SIGTERM or SIGINT, then drains and returns OK. FAIL: it could not start, and no
 * socket was open. */
status serve_run(const struct serve_options *options, const struct serve_host *host,
                 struct error *why);
