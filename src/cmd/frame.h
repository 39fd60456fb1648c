/* What stands around every command: options, environment, configuration and terminal become a
 * command_context; the command runs; its answer is written out and checked. */
#pragma once

#include "cmd/command.h"
#include "cmd/meter.h"
#include "cmd/terminal.h"
#include "cmd/trust.h"
#include "serve/line.h"

/* A run inside of a server, one of many: nothing of the process is its own. NULL elsewhere. */
struct frame_call {
    const struct serve_line *line; /* who asks through the socket; NULL: over HTTP */
    const atomic_int *stop;        /* the signal that ends it */
    struct store *store;           /* that the server holds, */
    const char *where;             /* and its path */
    const struct config *config;   /* in force over HTTP */
    const char *const *environment;
    struct buf *out, *err; /* taken by whoever called */
};

struct command_state { /* the inside of a command_context */
    struct terminal terminal;
    const struct frame_call *call;
    const char *const *argv; /* as it was called, and from where, for a server */
    size_t argc;
    const char *folder; /* before -C; NULL: the current one */
    struct trust trust;
    struct meter meter;
    str simulated; /* what to say of a store of `weir demo`; empty: the data are real */
    bool flushed;  /* part of the answer is out */
    bool gone;     /* its reader has left */
    bool failed;   /* it could not be written, or an error document took its place */
};

/* Reads weir.yaml of all levels, as --config and the environment say; judges no trust. For commands
 * with COMMAND_NO_CONFIG that want it all the same. */
status frame_config(struct command_context *c, struct config **ret, struct error *why);

/* Writes out c->out, empties nothing. END: the reader has gone. */
status frame_flush(struct command_context *c, struct error *why);
/* Onto standard error. */
void frame_message(struct command_context *c, str text);
/* Lets a server that holds the store of the command answer in its place, if there is one. False:
 * there is none, and the command is to be run here. */
bool frame_served(struct command_context *c, int *ret_code);

/* One command line, within a server; its lock is held. Returns the exit code. */
int frame_answer(const char *const *argv, size_t argc, const struct frame_call *call);

/* The whole program; returns its exit code. argv without the program's name. */
int frame_run(const char *const *argv, size_t argc, const char *const *environment);
