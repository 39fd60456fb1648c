/* Civil dates by counting days in 400-year eras that begin on 1 March (H. Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms"): exact for every year that fits, with no tables.
 */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

when clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (when)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

when clock_from_civil(struct civil c)
{
    return days_from_civil(c.year, c.month, c.day) * DAY + c.hour * HOUR + c.minute * MINUTE +
           c.second * SECOND + c.micro;
}

struct civil clock_civil(when t)
{
    int64_t days = floor_div(t, DAY);
    lapse rest = t % DAY + (t % DAY < 0 ? DAY : 0); /* days * DAY need not fit */
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    int month = (int)(shifted_month + (shifted_month < 10 ? 3 : -9));
    return (struct civil){
        .year = (int)(year_of_era + era * 400 + (month <= 2)),
        .month = month,
        .day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1),
        .hour = (int)(rest / HOUR),
        .minute = (int)(rest / MINUTE % 60),
        .second = (int)(rest / SECOND % 60),
        .micro = (int)(rest % SECOND),
    };
}

bool clock_is_date(int year, int month, int day)
{
    if (month < 1 || month > 12 || day < 1) {
        return false;
    }
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return day <= length[month - 1] + (month == 2 && leap);
}

int clock_weekday(when t)
{
    int64_t days = floor_div(t, DAY) + 3; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_div(days, 7) * 7);
}

when clock_floor(when t, lapse step)
{
    return floor_div(t, step) * step;
}

when clock_floor_week(when t)
{
    return clock_floor(t + 3 * DAY, WEEK) - 3 * DAY;
}

const char *clock_text(when t, char text[CLOCK_TEXT])
{
    struct civil c = clock_civil(t);
    snprintf(text, CLOCK_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day,
             c.hour, c.minute, c.second, c.micro);
    return text;
}
