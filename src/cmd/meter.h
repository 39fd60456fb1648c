/* The line on stderr that tells how far long work is (spec cli.md 3):
 *
 *     import git: 61,204/88,310 commits  69 %  12.4k/s  ETA 2 s
 *
 * On a terminal it is rewritten in place, from 0.5 s on (base/progress.h sees to that), and wiped
 * at the end; elsewhere, when asked for, it is a plain line every 10 s. */
#pragma once

#include "base/buf.h"
#include "base/progress.h"

struct meter {
    bool on_terminal, plainly; /* which of the two; neither: silent */
    int width;
    int64_t next_line_ns;
    bool visible;
    void (*put)(str text, void *cookie); /* NULL: onto standard error */
    void *cookie;
};

/* Makes `p` show itself through `m`, which must outlive its use. */
void meter_init(struct meter *m, struct progress *p, bool on_terminal, bool plainly, int width);
void meter_wipe(struct meter *m); /* before anything else is written to stderr */

/* The line, without its end, for work that has run so long. */
void meter_line(const struct progress *p, double seconds, struct buf *out);
