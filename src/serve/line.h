/* The command line reaches a running server: a Unix socket beside the store, for its owner alone.
 *
 * DuckDB lets one process own a file. A command that finds a server at its store sends what it was
 * asked (words, environment, folder, what its terminal is like) and passes on what comes back, so
 * that nobody can tell the difference. Ctrl-C travels too.
 *
 * Question: a length (4 bytes, little-endian) and texts ended by zero bytes; the descriptors of
 * standard input and output, if the command needs them, with the first byte. Answer: frames of a
 * letter, a length and so many bytes: `f` write this now, `m` a message for standard error, `o` the
 * rest of the answer, `x` the exit code and the end, `v` a server of this other version. Meanwhile
 * the asker may send `i` and the number of a signal. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdatomic.h>

struct server;

struct serve_line { /* who asks */
    const char *version, *folder;
    const char *const *argv;
    size_t argc;
    const char *const *environment; /* ends with NULL */
    bool in, out, err;              /* terminals */
    int columns, rows;
    int standard_in, standard_out; /* descriptors, -1: not needed */
    int socket;                    /* of the server's end */
};

/* Beside the store at `path`: path.sock. `path` is made absolute first. */
bool line_path(const char *store, char *ret, size_t n);

/* The asker's end. END: no server is there. BUSY: it is of another version, or it went away. */
struct line_sink {
    status (*flush)(str text, void *cookie); /* END: the reader has gone */
    void (*message)(str text, void *cookie);
    void (*rest)(str text, void *cookie);
    void *cookie;
};
status line_ask(const char *store, const struct serve_line *question, const struct line_sink *sink,
                int *ret_code, struct error *why);

/* The server's end. Within a run: */
bool line_flush(const struct serve_line *l, str text); /* false: the asker has gone */
bool line_message(const struct serve_line *l, str text);

struct line_server;
status line_start(struct server *s, struct line_server **ret, struct error *why);
void line_quiesce(struct line_server *l); /* no new ones */
size_t line_open(struct line_server *l);  /* that are being answered */
void line_stop(struct line_server *l);    /* ends those that are left */

/* The question as bytes, and back; texts point into them. For tests and fuzzing. */
void line_write(const struct serve_line *q, struct buf *out);
struct arena;
bool line_read(str bytes, struct arena *a, struct serve_line *ret);
