/* How long work tells how far it is, and learns that it shall stop. Whoever starts the work owns
 * the struct; a NULL progress is allowed everywhere. Nothing here prints: the callback does. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct progress {
    void (*show)(struct progress *p); /* called at most a few times a second; may be NULL */
    void *cookie;
    const char *what;     /* "import csv" */
    const char *unit;     /* "rows" */
    uint64_t done, total; /* total 0: not known */
    int64_t begun;        /* monotonic ns, of the coarse clock */
    int64_t next_show;
};

void progress_begin(struct progress *p, const char *what, const char *unit, uint64_t total);
void progress_step(struct progress *p, uint64_t done); /* done in all so far */
void progress_end(struct progress *p);

/* Set by the signal handler of the program (SIGINT, SIGTERM), polled by every loop over input. */
void interrupt_set(int signal_number);
int interrupt_signal(void); /* 0: go on */
/* A server runs commands of several people: what ends one is watched by the threads that work on
 * it. NULL: nothing but the program's own signals. A thread that helps takes over that of its
 * maker. */
void interrupt_watch(const atomic_int *also);
const atomic_int *interrupt_watched(void);
