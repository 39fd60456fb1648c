/* The dates of one column of a table: one format for all of them, found on a sample, then read
 * fast.
 *
 * A format is never guessed: ISO 8601 and its relatives (wire/stamp), or day/month/year in the
 * order that a value above 12 proves, or a pattern that the person gave. Two small caches make
 * import cheap: calendar day to instant, and for times without a zone local hour to instant. */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"
#include "base/zone.h"

enum dates_layout {
    DATES_UNKNOWN, /* no value seen yet */
    DATES_ISO,
    DATES_DAY_FIRST,   /* "29/2/2016 01:16", also with . or -, seconds, decimals, AM and PM */
    DATES_MONTH_FIRST, /* "2/29/2016 1:16 PM" */
    DATES_PATTERN,
    DATES_EPOCH, /* a number of units since 1970 */
};

enum { DATES_SAMPLE = 1000, DATES_DAYS = 256, DATES_HOURS = 64 };

struct dates {
    enum dates_layout layout;
    str pattern;
    lapse unit; /* of DATES_EPOCH; 0: nanoseconds */
    const struct zone *zone;
    /* the sample */
    size_t tried, iso, numeric, first_above, second_above;
    str stranger; /* first value that looks like no date; points into the sample */
    /* what was read */
    uint64_t read, naive, gap, twice;
    int8_t coarsest, finest; /* enum stamp_precision */
    struct dates_day {
        uint64_t head;
        uint16_t tail;
        when start;
    } days[DATES_DAYS];
    struct dates_hour {
        bool known;
        when local;
        lapse offset;
    } hours[DATES_HOURS];
};

/* `pattern` is strptime-like or empty: %Y %y %m %d %e %H %I %M %S %f (decimals of the second) %p %b
 * %B %z %s (seconds since 1970) %F %T %%; a blank stands for any white space. FAIL when it holds
 * something else. A year of two digits: 69-99 are 19xx, as in POSIX. The pattern must live as long
 * as the struct. */
status dates_init(struct dates *d, const struct zone *zone, str pattern, struct error *why);
void dates_epoch(struct dates *d, lapse unit); /* from now on: numbers of `unit` (0: ns) */

/* Looks at one more value (not empty); no effect once enough were seen. */
void dates_sample(struct dates *d, str value);
/* Settles the format by the sample. With no value seen it stays unknown and this is OK. FAIL,
 * naming the column, when the values are no dates or day and month cannot be told apart. */
status dates_decide(struct dates *d, str column, struct error *why);
/* One value. False: `ret_reason` is a static sentence part. */
bool dates_read(struct dates *d, str value, when *ret, const char **ret_reason);
const char *dates_name(const struct dates *d); /* "ISO 8601", "day/month/year", … */
