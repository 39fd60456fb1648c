/* Durations are read in whole microseconds: the digits before the point, and up to twelve behind it
 * as a fraction of the unit, so that "0.1d" is exact. Every sum is checked for overflow. Words that
 * name a length which depends on the calendar (month, quarter, year) are kept apart as months. */
#include "engine/timeword.h"

#include "base/wide.h"
#include "wire/stamp.h"

#include <inttypes.h>
#include <string.h>

enum {
    MONTHS_MOST = 12000, /* a thousand years */
    FRACTION_DIGITS = 12,
};

struct unit {
    const char *name;
    lapse length; /* 0: months */
    int months;
};

/* Largest first: a combination must go down this list. */
static const struct unit UNITS[] = {{"y", 0, 12},     {"q", 0, 3},     {"mo", 0, 1},
                                    {"w", WEEK, 0},   {"d", DAY, 0},   {"h", HOUR, 0},
                                    {"m", MINUTE, 0}, {"s", SECOND, 0}};
enum { UNIT_COUNT = sizeof UNITS / sizeof *UNITS };

struct reader {
    str word, rest;
    int64_t months;
    lapse fixed;
    bool any;
    const struct timeword_days *days; /* NULL: of 24 hours */
};

static lapse length_of(const struct reader *r, const struct unit *u)
{
    return r->days == NULL || u->length < DAY ? u->length
           : u->length == DAY                 ? r->days->day
                                              : r->days->week;
}

static status_code refuse(const struct reader *r, struct error *why, const char *reason)
{
    error_set(why, "\"" STR_FMT "\" is not a duration (%s)", STR_ARG(r->word), reason);
    error_hint(why, "write 90s, 15m (minutes), 36h, 7d, 2w, 1d12h, 1.5h or P1DT12H");
    return FAIL;
}

static status_code too_long(const struct reader *r, struct error *why)
{
    return error_set(why, "\"" STR_FMT "\" is longer than weir can count (292,000 years)",
                     STR_ARG(r->word));
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct amount {
    int64_t whole, fraction; /* fraction in units of 10^-FRACTION_DIGITS */
    bool decimal;
};

static const int64_t ONE = 1000000000000; /* 10^FRACTION_DIGITS */

static status_code read_amount(struct reader *r, struct amount *ret, struct error *why)
{
    size_t at = 0;
    *ret = (struct amount){0};
    if (r->rest.n == 0 || !is_digit(r->rest.p[0])) {
        return refuse(r, why,
                      r->any ? "a number is missing behind a unit" : "no number at the beginning");
    }
    for (; at < r->rest.n && is_digit(r->rest.p[at]); at++) {
        if (__builtin_mul_overflow(ret->whole, 10, &ret->whole) ||
            __builtin_add_overflow(ret->whole, r->rest.p[at] - '0', &ret->whole)) {
            return too_long(r, why);
        }
    }
    if (at < r->rest.n && (r->rest.p[at] == '.' || r->rest.p[at] == ',')) {
        int64_t place = ONE;
        size_t first = ++at;
        ret->decimal = true;
        for (; at < r->rest.n && is_digit(r->rest.p[at]); at++) {
            place /= 10;
            ret->fraction += place * (r->rest.p[at] - '0');
        }
        if (at == first) {
            return refuse(r, why, "no digits behind the decimal point");
        }
    }
    r->rest = str_from(r->rest, at);
    return OK;
}

static status_code add_amount(struct reader *r, const struct amount *a, const struct unit *u,
                              struct error *why)
{
    r->any = true;
    if (u->length == 0) {
        int64_t months = 0;
        if (a->decimal) {
            return refuse(r, why, "months, quarters and years are whole numbers");
        }
        if (__builtin_mul_overflow(a->whole, u->months, &months) || months > MONTHS_MOST ||
            (r->months += months) > MONTHS_MOST) {
            return too_long(r, why);
        }
        return OK;
    }
    lapse whole = 0, length = length_of(r, u);
    lapse part = (lapse)(((i128)a->fraction * length + ONE / 2) / ONE);
    if (__builtin_mul_overflow(a->whole, length, &whole) ||
        __builtin_add_overflow(r->fixed, whole, &r->fixed) ||
        __builtin_add_overflow(r->fixed, part, &r->fixed)) {
        return too_long(r, why);
    }
    return OK;
}

/* "1d12h" */
static status_code read_short(struct reader *r, struct error *why)
{
    int last = -1;
    do {
        struct amount amount;
        size_t n = 0;
        int found = -1;
        TRY(read_amount(r, &amount, why));
        while (n < r->rest.n && r->rest.p[n] >= 'a' && r->rest.p[n] <= 'z') {
            n++;
        }
        if (n == 0) {
            return refuse(r, why,
                          r->rest.n == 0 ? "the unit is missing" : "text behind the number");
        }
        str name = str_first(r->rest, n);
        for (int i = 0; i < UNIT_COUNT; i++) {
            found = str_eq(name, str_of(UNITS[i].name)) ? i : found;
        }
        if (found < 0) {
            return refuse(r, why,
                          str_eq(name, STR("wd")) ? "working days are known only in levers"
                                                  : "the units are s, m for minutes, h, d and w");
        }
        if (found <= last) {
            return refuse(r, why, "each unit once, the larger first");
        }
        last = found;
        r->rest = str_from(r->rest, n);
        TRY(add_amount(r, &amount, &UNITS[found], why));
    } while (r->rest.n > 0);
    return OK;
}

/* "P1Y2M3W4DT5H6M7.5S" (ISO 8601); a decimal only in the last part */
static status_code read_iso(struct reader *r, struct error *why)
{
    static const struct unit month = {"", 0, 1};
    static const char dates[] = "YMWD", times[] = "HMS";
    static const struct unit *const of_dates[] = {&UNITS[0], &month, &UNITS[3], &UNITS[4]};
    static const struct unit *const of_times[] = {&UNITS[5], &UNITS[6], &UNITS[7]};
    bool time = false, decimal = false;
    int last = -1;
    r->rest = str_from(r->rest, 1);
    while (r->rest.n > 0 || !r->any) {
        struct amount amount;
        if (!time && r->rest.n > 0 && r->rest.p[0] == 'T') {
            r->rest = str_from(r->rest, 1);
            time = true;
            last = -1;
        }
        if (decimal) {
            return refuse(r, why, "only the last part may have decimals");
        }
        TRY(read_amount(r, &amount, why));
        const char *names = time ? times : dates;
        const char *at = r->rest.n > 0 && r->rest.p[0] != 0 ? strchr(names, r->rest.p[0]) : NULL;
        if (at == NULL) {
            return refuse(
                r, why, time ? "the parts behind T are H, M and S" : "the parts are Y, M, W and D");
        }
        if (at - names <= last) {
            return refuse(r, why, "each part once, the larger first");
        }
        last = (int)(at - names);
        decimal = amount.decimal;
        r->rest = str_from(r->rest, 1);
        TRY(add_amount(r, &amount, time ? of_times[last] : of_dates[last], why));
    }
    return OK;
}

static status_code read_duration(str word, const struct timeword_days *days, struct reader *ret,
                                 struct error *why)
{
    *ret = (struct reader){.word = word, .rest = word, .days = days};
    if (word.n == 0) {
        return refuse(ret, why, "it is empty");
    }
    if (word.p[0] == '-') {
        return refuse(ret, why, "it is negative");
    }
    return word.p[0] == 'P' ? read_iso(ret, why) : read_short(ret, why);
}

status timeword_lapse(str word, lapse *ret, struct error *why)
{
    return timeword_work(word, NULL, ret, why);
}

status timeword_work(str word, const struct timeword_days *days, lapse *ret, struct error *why)
{
    struct reader r;
    TRY(read_duration(word, days, &r, why));
    if (r.months > 0) {
        error_set(why, "\"" STR_FMT "\" has no fixed length: months differ", STR_ARG(word));
        error_hint(why, "use days or weeks; mo, q and y are for steps of the calendar");
        return FAIL;
    }
    *ret = r.fixed;
    return OK;
}

status timeword_step(str word, struct step *ret, struct error *why)
{
    struct reader r;
    TRY(read_duration(word, NULL, &r, why));
    if (r.months > 0 && r.fixed > 0) {
        return error_set(why, "\"" STR_FMT "\" mixes months with a fixed length", STR_ARG(word));
    }
    if (r.months == 0 && r.fixed == 0) {
        return error_set(why, "\"" STR_FMT "\" is a step of no length", STR_ARG(word));
    }
    *ret = (struct step){(int)r.months, r.fixed};
    return OK;
}

static when bounded(i128 t)
{
    return t > INT64_MAX ? INT64_MAX : t <= INT64_MIN ? INT64_MIN + 1 : (when)t;
}

when timeword_add(when t, struct step step, int n, const struct zone *zone)
{
    if (step.months == 0 || n == 0) {
        return bounded((i128)t + (i128)step.fixed * n);
    }
    struct civil c = clock_civil(bounded((i128)t + zone_offset(zone, t)));
    int64_t month = (int64_t)c.year * 12 + c.month - 1 + (int64_t)step.months * n;
    int64_t year = month / 12 - (month % 12 < 0);
    if (year < -290000 || year > 290000) { /* time itself ends in the year 294247 */
        return n > 0 ? INT64_MAX : INT64_MIN + 1;
    }
    c.year = (int)year;
    c.month = (int)(month - year * 12) + 1;
    while (!clock_is_date(c.year, c.month, c.day)) {
        c.day--;
    }
    return zone_instant(zone, clock_from_civil(c), NULL);
}

static when day_start(const struct timeword *world, int days, enum zone_fold *ret_fold)
{
    when local = clock_floor(world->now + zone_offset(world->zone, world->now), DAY) + days * DAY;
    return zone_instant(world->zone, local, ret_fold);
}

static status_code read_relative(str word, const struct timeword *world, when *ret,
                                 struct error *why)
{
    lapse distance = 0;
    bool back = word.p[0] == '-';
    TRY(timeword_lapse(str_from(word, 1), &distance, why));
    if (__builtin_add_overflow(world->now, back ? -distance : distance, ret) || *ret == WHEN_NONE) {
        return error_set(why, "\"" STR_FMT "\" lies beyond the end of time", STR_ARG(word));
    }
    return OK;
}

status timeword_instant(str word, const struct timeword *world, when *ret, enum zone_fold *ret_fold,
                        struct error *why)
{
    enum zone_fold fold = ZONE_PLAIN;
    struct stamp stamp;
    const char *reason = "";
    when t = 0;
    if (word.n > 0 && (word.p[0] == '-' || word.p[0] == '+')) {
        TRY(read_relative(word, world, &t, why));
    } else if (str_eq(word, STR("now"))) {
        t = world->now;
    } else if (str_eq(word, STR("today"))) {
        t = day_start(world, 0, &fold);
    } else if (str_eq(word, STR("yesterday"))) {
        t = day_start(world, -1, &fold);
    } else if (stamp_parse(word, world->zone, &stamp, &reason)) {
        t = stamp.time;
        fold = (enum zone_fold)stamp.fold;
    } else {
        error_set(why, "\"" STR_FMT "\" is not a time (%s)", STR_ARG(word), reason);
        error_hint(why, "write 2026-11-22T10:00:00Z, 2026-11-22, now, today, yesterday or -7d");
        return FAIL;
    }
    *ret = t;
    if (ret_fold != NULL) {
        *ret_fold = fold;
    }
    return OK;
}

static bool split_range(str word, str *ret_from, str *ret_to)
{
    size_t at = str_find(word, STR(".."));
    *ret_from = str_first(word, at);
    *ret_to = str_from(word, at + 2);
    return at < word.n;
}

static status_code check_order(const struct range *r, struct error *why)
{
    if (r->from != WHEN_NONE && r->to != WHEN_NONE && r->from >= r->to) {
        char from[CLOCK_TEXT], to[CLOCK_TEXT];
        return error_set(why, "the range is empty: %s does not precede %s",
                         clock_text(r->from, from), clock_text(r->to, to));
    }
    return OK;
}

status timeword_range(str word, const struct timeword *world, struct range *ret, struct error *why)
{
    struct range range = {WHEN_NONE, WHEN_NONE};
    str from, to;
    if (!split_range(word, &from, &to) || from.n + to.n == 0) {
        error_set(why, "\"" STR_FMT "\" is not a range", STR_ARG(word));
        error_hint(why, "write 2026-01-01..2026-02-01, 2026-01-01.. or -30d..-7d");
        return FAIL;
    }
    if (from.n > 0) {
        TRY(timeword_instant(from, world, &range.from, NULL, why));
    }
    if (to.n > 0) {
        TRY(timeword_instant(to, world, &range.to, NULL, why));
    }
    TRY(check_order(&range, why));
    *ret = range;
    return OK;
}

static status_code named(status_code s, const char *option, struct error *why)
{
    if (s != OK) {
        error_add(why, "%s", option);
    }
    return s;
}

status timeword_span(str from, str to, str last, const struct timeword *world, struct range *ret,
                     struct error *why)
{
    struct range range = {WHEN_NONE, WHEN_NONE};
    lapse length = 0;
    if (from.n > 0 && last.n > 0) {
        return error_set(why,
                         "--from and --last both say where the range begins; give one of them");
    }
    if (from.n > 0) {
        TRY(named(timeword_instant(from, world, &range.from, NULL, why), "--from", why));
    }
    if (to.n > 0) {
        TRY(named(timeword_instant(to, world, &range.to, NULL, why), "--to", why));
    }
    if (last.n > 0) {
        TRY(named(timeword_lapse(last, &length, why), "--last", why));
        range.to = to.n > 0 ? range.to : world->now;
        range.from = bounded((i128)range.to - length);
    }
    TRY(check_order(&range, why));
    *ret = range;
    return OK;
}
