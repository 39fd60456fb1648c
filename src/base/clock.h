/* Instants and durations: signed 64-bit microseconds, instants in UTC since 1970. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef int64_t when;  /* an instant */
typedef int64_t lapse; /* a duration */

#define WHEN_NONE INT64_MIN /* no such instant (open, unknown) */
#define SECOND ((lapse)1000000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)

struct civil {            /* a date and time of day in the proleptic Gregorian calendar */
    int year, month, day; /* month and day from 1 */
    int hour, minute, second, micro;
};

when clock_now(void);                  /* the machine's clock */
when clock_from_civil(struct civil c); /* read as UTC; fields may exceed their range */
struct civil clock_civil(when t);      /* in UTC */
bool clock_is_date(int year, int month, int day);
int clock_weekday(when t);            /* 0 = Monday … 6 = Sunday, UTC */
when clock_floor(when t, lapse step); /* the last multiple of step at or before t */
when clock_floor_week(when t);        /* Monday 00:00 UTC at or before t */

enum { CLOCK_TEXT = 40 };
/* RFC 3339 in UTC with microseconds, "2026-01-01T00:00:00.000000Z"; returns `text`. */
const char *clock_text(when t, char text[CLOCK_TEXT]);
