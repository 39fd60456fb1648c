/* The records of a CSV file and where they stand. DuckDB parses them; this walks over the file once
 * more when something was wrong, to say in which line, and to see that nothing was lost. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>
#include <stdio.h>

/* The names in the first record of `head` that is not blank. The separator is the one of , ; tab |
 * that stands in it most often. `ret_skip` is the number of blank lines before it. False when the
 * record does not end within `head` and `whole` is false, or when there is none. The names lie in
 * `text`. */
struct header {
    char separator;
    VEC(str) names;
    size_t skip;
    size_t bytes;  /* of the head that blank lines and header take */
    bool unclosed; /* a quote in it is never closed */
};
bool lines_header(str head, bool whole, struct arena *text, struct header *ret);
void lines_header_finish(struct header *h);

/* What DuckDB must be told, or does not tell: are there line ends of more than one kind (or a CR
 * that ends no line), and a line of more than LINES_LONGEST bytes, which it leaves out without a
 * word? */
enum { LINES_LONGEST = 2000000 };
struct survey {
    bool mixed, long_lines;
};
status lines_survey(int fd, struct survey *ret, struct error *why);

struct lines {
    FILE *file;
    char separator;
    uint64_t offset, line; /* of the next byte; line from 1 */
};

struct line {
    uint64_t before;       /* where the one before ended */
    uint64_t offset, line; /* where the record begins */
    struct buf raw;        /* its first 1,000 bytes */
    bool unclosed;         /* it ends with the file, inside a quote */
};

status lines_open(struct lines *l, int fd, char separator, struct error *why);
void lines_close(struct lines *l);
bool lines_next(struct lines *l, struct line *ret); /* blank lines are passed over */
