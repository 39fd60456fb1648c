/* Measuring side by side: what weir does and what a named peer does, in one run, taking turns
 * (ours, peer, ours, peer, …), so that a busy or throttled machine is busy for both. What counts is
 * the ratio of the two shortest times; the time of the processor is given beside the time of the
 * clock.
 *
 * Each pair becomes a document `weir.bench/1`, a file of its own in the folder of the results and a
 * line on standard output. Sizes come from the environment: BENCH_EVENTS (default: the size that
 * the goal names), BENCH_RUNS; `--quick` is a small size for a test that everything runs. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct bench {           /* the set-up of one program */
    const char *out;     /* folder of the results */
    const char *scratch; /* folder for files that are made */
    const char *weir;    /* the program, or NULL */
    bool quick;
    int runs;
    bool failed;
    struct arena text; /* of paths */
};

/* Options --quick, --out DIR, --scratch DIR, --weir PROGRAM. Ends the process (2) on others. */
void bench_open(struct bench *b, int argc, char **argv);
int bench_close(struct bench *b); /* exit code */

/* How many: `full`, what BENCH_EVENTS says, or with --quick `quick`. */
uint64_t bench_size(const struct bench *b, uint64_t full, uint64_t quick);
/* A path in the scratch folder; lives until bench_close. */
const char *bench_path(struct bench *b, const char *name);

typedef status_code bench_work(void *cookie, struct error *why);

struct bench_pair {
    const char *name, *peer; /* of the measurement; of what it is compared with */
    const char *what;        /* one sentence: what is counted in */
    double goal;             /* ratio ours/peer that must not be exceeded; 0: shown only */
    uint64_t n;              /* events, commits */
    bench_work *ours, *theirs;
    void *ours_cookie, *peer_cookie;
};
/* One warm-up of both, then the runs. An error is printed and remembered. */
void bench_compare(struct bench *b, const struct bench_pair *pair);

/* Peak memory of a program run as a child, against a bound in bytes. */
void bench_memory(struct bench *b, const char *name, const char *what, uint64_t n, uint64_t bound,
                  char *const *command);

void bench_check(struct bench *b, status_code code, const struct error *why);
/* Runs a program with its output thrown away. */
status bench_run(char *const *command, struct error *why);
