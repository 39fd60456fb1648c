/* The one parser of time words and durations, for options, configuration and levers (spec cli.md
 * 2).
 *
 * Instants: RFC 3339 and its relatives, a date (its start in the zone), now, today, yesterday, a
 * duration back ("-7d"; also "+2h"). Durations: s m h d w, decimal ("1.5h"), combined ("1d12h"),
 * ISO 8601 ("P1DT12H"); d is 24 hours. mo, q and y only for steps of the calendar. */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "base/zone.h"

struct timeword { /* the world that words are read in */
    when now;
    const struct zone *zone; /* NULL: UTC */
};

struct range { /* half-open; WHEN_NONE: no bound */
    when from, to;
};

/* ret_fold (may be NULL): an enum zone_fold, when a local time did not exist or existed twice. */
status timeword_instant(str word, const struct timeword *world, when *ret, enum zone_fold *ret_fold,
                        struct error *why);
status timeword_lapse(str word, lapse *ret, struct error *why); /* never negative */

struct timeword_days { /* what d and w are on a working clock, in working time (model/calendar.h) */
    lapse day, week;
};
/* The same on a working clock; days NULL: on the wall's. */
status timeword_work(str word, const struct timeword_days *days, lapse *ret, struct error *why);

struct step { /* a step of the calendar: months, or a fixed length */
    int months;
    lapse fixed;
};
/* "1q", "2mo", "1y", "2w", "P3M"; never zero, months and a fixed length do not mix */
status timeword_step(str word, struct step *ret, struct error *why);
/* The instant n steps after t (before it when n < 0); a day that the month lacks is its last one
 * (31 Jan + 1mo = 28 Feb). Months keep the local time of day. Stops at the ends of time. */
when timeword_add(when t, struct step step, int n, const struct zone *zone);

/* "A..B", "A.." or "..B"; B may be a date: then the range ends at its start. from must precede to.
 */
status timeword_range(str word, const struct timeword *world, struct range *ret, struct error *why);
/* From the options --from, --to, --last (empty: not given). --last ends at --to, else now; it and
 * --from exclude each other. */
status timeword_span(str from, str to, str last, const struct timeword *world, struct range *ret,
                     struct error *why);
