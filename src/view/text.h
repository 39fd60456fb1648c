/* Text for people: what comes from data made safe for a terminal, widths counted as a terminal
 * counts them, durations, numbers and shares as one says them. All functions append to a buf. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/zone.h"

/* How an answer is to look. Decided once, from options, environment and terminal (cmd/command.h).
 */
enum look_format { LOOK_TABLE, LOOK_PLAIN, LOOK_JSON, LOOK_JSONL, LOOK_CSV, LOOK_MD };
struct look {
    enum look_format format;
    int width; /* columns of the terminal; 80 when piped */
    bool colour, ascii;
    bool header;             /* --plain with a header line */
    const struct zone *zone; /* of instants shown to people; NULL: UTC */
    lapse day; /* what durations call a day: working time of one on a working clock; 0: 24 h */
};

enum colour { COLOUR_NONE, COLOUR_BOLD, COLOUR_DIM, COLOUR_WORK, COLOUR_WAIT, COLOUR_CONSTRAINT };
void text_colour(struct buf *out, const struct look *look,
                 enum colour c); /* nothing without colour */

/* Appends data so that no terminal obeys it: control characters (C0, DEL, C1), line separators,
 * bidirectional overrides, and what would show nothing (a mark without a letter, a zero-width
 * space) as \u001b, bytes that are not UTF-8 as \xff. */
void text_safe(struct buf *out, str data);
int text_width(str s); /* columns of the text as text_safe prints it */
/* The same, cut in the middle with … (ASCII: ~) to at most `width` columns. */
void text_cut(struct buf *out, str data, int width, bool ascii);
void text_pad(struct buf *out, int columns); /* that many spaces */

/* The next character of s at *at, which must be below s.n (and moves on): its code point, or
 * -1 - byte when not UTF-8. */
int32_t text_next(str s, size_t *at);
bool text_is_hostile(int32_t code); /* control, line separator, bidirectional override, or not
                                     * UTF-8 */

/* "4.4d", "6.2h", "12min", "41s", "0.3s", "25ms"; WHEN_NONE: "-". A day is `look`'s (NULL: 24 h).
 */
void text_lapse(struct buf *out, lapse t, const struct look *look);
void text_lapse_exact(struct buf *out, lapse t, const struct look *look); /* "6h 12min", "4d 10h" */
void text_count(struct buf *out, int64_t n);                              /* "18,204" */
void text_counted(struct buf *out, uint64_t n, const char *noun); /* "1 commit", "12 commits" */
/* A sentence made elsewhere: safe, and its whole numbers of five digits or more grouped, but for
 * those within quotes and names. */
void text_sentence(struct buf *out, str sentence);
void text_number(struct buf *out, double x, int decimals); /* "1,204.50"; NaN: "-" */
void text_percent(struct buf *out, double share);          /* 0.834: "83 %"; NaN: "-". Never rounds
                                                            * to 0 % or 100 %: "0.4 %" */
void text_when(struct buf *out, when t,
               const struct zone *zone); /* "2026-11-22 10:00"; none: "-" */

/* For programs. */
void text_seconds(struct buf *out, lapse t); /* "86400", "0.25"; exact */
void text_real(struct buf *out, double x); /* the shortest that reads back the same; x is finite */
