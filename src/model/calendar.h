/* Working calendars: W(t), the working microseconds up to an instant.
 *
 * A plan (weekly hours in a zone, holidays, extra openings, freezes) is compiled over a span of
 * time into sorted intervals in UTC with the working time before each, and a table by hour that
 * gives the interval at once: W(t) costs one look-up and a subtraction, and the working time
 * between two instants is W(b) - W(a). Clock changes are handled by compiling in the zone: an
 * opening that does not exist moves to the first instant that does, one that exists twice is the
 * first, a closing that exists twice the second (spec mining.md 11, delivery-metrics.md 8).
 *
 * A NULL calendar is the clock on the wall: W(t) = t. */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"

struct week_span { /* minutes since Monday 00:00, local; to <= 7 * 24 * 60 and > from */
    int from, to;
};

struct calendar_texts {
    const str *v;
    size_t n;
};

struct calendar_plan {
    str name;  /* for messages */
    str zone;  /* "Europe/Berlin"; empty: UTC */
    str days;  /* "mon-fri", "mon,wed,fri"; empty: every day that `hours` does not name itself */
    str hours; /* "09:00-17:30", "09:00-12:00 13:00-17:00", "Mon-Fri 09:00-17:00, Sat 09:00-12:00"
                */
    const struct week_span *week; /* openings given as minutes, besides `hours` */
    size_t week_n;
    struct calendar_texts holidays; /* "2026-12-25": closed all day */
    struct calendar_texts extra;    /* "2026-11-28 10:00-14:00": open, whatever the day */
    struct calendar_texts freeze;   /* "2026-12-20..2027-01-02", both days included: closed, also
                                     * for extra openings */
};

struct calendar;

/* Compiles over [from, to] (at most 200 years). FAIL, with a sentence that names the calendar, when
 * openings of the week overlap, when it never opens, and when a zone, day, hour or date is not one.
 */
status calendar_open(const struct calendar_plan *plan, when from, when to,
                     struct calendar **ret_calendar, struct error *why);
void calendar_close(struct calendar *c);

/* W(t): working time from the beginning of the span to t; before the span 0, after it that of its
 * end. Never falls. */
lapse calendar_at(const struct calendar *c, when t);
lapse calendar_working(const struct calendar *c, when a, when b); /* in [a, b); negative if b < a */
/* The first instant t with W(t) = w; the end of the span when there is none. */
when calendar_inverse(const struct calendar *c, lapse w);
/* What a day and a week are in working time: the length of the usual working day (the median of the
 * days of the week with work), and all hours of a week; above 0. */
lapse calendar_day(const struct calendar *c);
lapse calendar_week(const struct calendar *c);
bool calendar_is_open(const struct calendar *c, when t);
