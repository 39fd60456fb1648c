/* What stands around every command: options, environment, configuration and terminal become a
 * command_context; the command runs; its answer is written out and checked. */
#pragma once

#include "cmd/command.h"
#include "cmd/meter.h"
#include "cmd/terminal.h"
#include "cmd/trust.h"

struct command_state { /* the inside of a command_context */
    struct terminal terminal;
    struct trust trust;
    struct meter meter;
    bool flushed; /* part of the answer is out */
    bool gone;    /* its reader has left */
    bool failed;  /* it could not be written, or an error document took its place */
};

/* Reads weir.yaml of all levels, as --config and the environment say; judges no trust. For commands
 * with COMMAND_NO_CONFIG that want it all the same. */
status frame_config(struct command_context *c, struct config **ret, struct error *why);

/* The whole program; returns its exit code. argv without the program's name. */
int frame_run(const char *const *argv, size_t argc, const char *const *environment);
