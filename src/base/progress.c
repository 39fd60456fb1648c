#include "base/progress.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

enum { FIRST_SHOW_MS = 500, SHOW_EVERY_MS = 100 };

static int64_t monotonic(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void progress_begin(struct progress *p, const char *what, const char *unit, uint64_t total)
{
    if (p != NULL) {
        p->what = what;
        p->unit = unit;
        p->total = total;
        p->done = 0;
        p->begun = monotonic();
        p->next_show = p->begun + FIRST_SHOW_MS * 1000000LL;
    }
}

void progress_step(struct progress *p, uint64_t done)
{
    if (p == NULL) {
        return;
    }
    p->done = done;
    int64_t now = monotonic();
    if (p->show != NULL && now >= p->next_show) {
        p->next_show = now + SHOW_EVERY_MS * 1000000LL;
        p->show(p);
    }
}

void progress_end(struct progress *p)
{
    if (p != NULL && p->show != NULL) {
        p->what = NULL; /* wipes the line */
        p->show(p);
    }
}

static volatile sig_atomic_t interrupted;

void interrupt_set(int signal_number)
{
    interrupted = signal_number;
}

static _Thread_local const atomic_int *watched;

void interrupt_watch(const atomic_int *also)
{
    watched = also;
}

const atomic_int *interrupt_watched(void)
{
    return watched;
}

int interrupt_signal(void)
{
    int own = interrupted;
    return own != 0 || watched == NULL ? own : atomic_load_explicit(watched, memory_order_relaxed);
}
