/* Answers to questions asked over HTTP: a command line, run against the store, its document kept in
 * memory until the store changes or its time is over (what an answer says may depend on the clock:
 * one that was quick to compute is kept shortly, at most a minute).
 *
 * One thread computes, in the order of asking; whoever asks waits without holding anything but
 * their connection. The memory is bounded; what was not asked for longest goes first. */
#pragma once

#include "base/error.h"
#include "serve/blob.h"

#include <stdbool.h>
#include <stdint.h>

enum { ANSWER_ETAG = 36, ANSWERS_WAITING = 256 };

struct answer {
    int code;               /* exit code of the command */
    struct blob *out;       /* what it printed */
    struct blob *gz;        /* the same compressed; NULL: not worth it */
    char etag[ANSWER_ETAG]; /* of its content, with the quotes */
};

struct answers;

/* Computes: the argument vector as one text, words ended by zero bytes. Appends to out. */
typedef int answers_run(str words, struct buf *out, void *cookie);
typedef void answers_done(void *asker, const struct answer *a); /* from the computing thread */

/* `memory`: bytes of kept answers. `version` tells what the answers stand on. */
struct answers *answers_start(size_t memory, answers_run *run, answers_done *done,
                              uint64_t (*version)(void *cookie), void *cookie);
void answers_stop(struct answers *a); /* computes what waits */
/* True: *ret is the answer (drop ret->out and ret->gz). */
bool answers_find(struct answers *a, str words, struct answer *ret);
/* False: too many wait already. Else done(asker, …) will be called. */
bool answers_ask(struct answers *a, str words, void *asker);
void answers_forget(struct answers *a); /* all of them: weir.yaml has changed */
size_t answers_waiting(struct answers *a);
