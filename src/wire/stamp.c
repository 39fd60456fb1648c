/* One pass by hand, from left to right: date, time of day, zone. Import calls this once an event,
 * so the common layout ("2013-12-03T17:15:43") is recognised by its length and read without
 * branches; everything else takes the careful way, which also finds the words for what is wrong. */
#include "wire/stamp.h"

#include <stddef.h>

/* "month 00" … "month 99", so that the reasons are static text */
#define TEN(w, t)                                                                                  \
    w t "0", w t "1", w t "2", w t "3", w t "4", w t "5", w t "6", w t "7", w t "8", w t "9"
#define HUNDRED(w)                                                                                 \
    TEN(w, "0"), TEN(w, "1"), TEN(w, "2"), TEN(w, "3"), TEN(w, "4"), TEN(w, "5"), TEN(w, "6"),     \
        TEN(w, "7"), TEN(w, "8"), TEN(w, "9")

static const char *const MONTHS[100] = {HUNDRED("month ")};
static const char *const DAYS[100] = {HUNDRED("day ")};
static const char *const HOURS[100] = {HUNDRED("hour ")};
static const char *const MINUTES[100] = {HUNDRED("minute ")};
static const char *const SECONDS[100] = {HUNDRED("second ")};

struct reader {
    const char *p, *end;
    struct civil c;
    int8_t precision;
    bool has_zone;
    lapse offset;
    const char *reason;
};

static bool fail(struct reader *r, const char *reason)
{
    r->reason = reason;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly `count` digits. */
static bool digits(struct reader *r, int count, int *ret)
{
    if (r->end - r->p < count) {
        return false;
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (!is_digit(r->p[i])) {
            return false;
        }
        value = value * 10 + (r->p[i] - '0');
    }
    r->p += count;
    *ret = value;
    return true;
}

static bool take(struct reader *r, char c)
{
    if (r->p < r->end && *r->p == c) {
        r->p++;
        return true;
    }
    return false;
}

static bool check_date(struct reader *r)
{
    if (r->c.month < 1 || r->c.month > 12) {
        return fail(r, MONTHS[r->c.month]);
    }
    if (!clock_is_date(r->c.year, r->c.month, r->c.day)) {
        return fail(r, DAYS[r->c.day]);
    }
    return true;
}

/* "2013-12-03", "2013/12/03", and before a T also "20131203" */
static bool read_date(struct reader *r, bool *ret_basic)
{
    if (!digits(r, 4, &r->c.year)) {
        return fail(r, "no year of four digits at the beginning");
    }
    char separator = '-';
    *ret_basic = r->p < r->end && is_digit(*r->p);
    if (!*ret_basic) {
        separator = r->p < r->end ? *r->p : '\0';
        if (separator != '-' && separator != '/') {
            return fail(r, "no - or / behind the year");
        }
        r->p++;
    }
    if (!digits(r, 2, &r->c.month)) {
        return fail(r, "no month of two digits");
    }
    if (!*ret_basic && !take(r, separator)) {
        return fail(r, "no - or / behind the month");
    }
    if (!digits(r, 2, &r->c.day)) {
        return fail(r, "no day of two digits");
    }
    r->precision = STAMP_DAY;
    return check_date(r);
}

static bool read_fraction(struct reader *r)
{
    if (r->p == r->end || (*r->p != '.' && *r->p != ',')) {
        return true;
    }
    r->p++;
    int count = 0, micro = 0;
    for (; r->p < r->end && is_digit(*r->p); r->p++, count++) {
        if (count < 6) {
            micro = micro * 10 + (*r->p - '0');
        }
    }
    if (count == 0 || count > 9) {
        return fail(r, count == 0 ? "no digits behind the decimal point"
                                  : "more than nine decimals of a second");
    }
    for (int i = count; i < 6; i++) {
        micro *= 10;
    }
    r->c.micro = micro;
    r->precision = count <= 3 ? STAMP_MILLI : STAMP_MICRO;
    return true;
}

static bool check_time(struct reader *r)
{
    const struct civil *c = &r->c;
    bool midnight = c->hour == 24 && c->minute == 0 && c->second == 0 && c->micro == 0;
    if (c->hour > 23 && !midnight) {
        return fail(r, HOURS[c->hour]);
    }
    if (c->minute > 59) {
        return fail(r, MINUTES[c->minute]);
    }
    if (c->second > 59 && (c->second > 60 || c->minute != 59)) { /* :60 is a leap second */
        return fail(r, SECONDS[c->second]);
    }
    return true;
}

static bool read_time(struct reader *r, bool basic)
{
    if (!digits(r, 2, &r->c.hour)) {
        return fail(r, "no hour of two digits");
    }
    if ((!basic && !take(r, ':')) || !digits(r, 2, &r->c.minute)) {
        return fail(r, "no minute behind the hour");
    }
    r->precision = STAMP_MINUTE;
    bool more = basic ? r->p < r->end && is_digit(*r->p) : take(r, ':');
    if (more) {
        if (!digits(r, 2, &r->c.second)) {
            return fail(r, "no second of two digits");
        }
        r->precision = STAMP_SECOND;
        if (!read_fraction(r)) {
            return false;
        }
    }
    return check_time(r);
}

static bool read_offset(struct reader *r, int sign)
{
    int hours = 0, minutes = 0;
    if (!digits(r, 2, &hours)) {
        return fail(r, "no hours in the offset from UTC");
    }
    if (take(r, ':') || r->p < r->end) {
        if (!digits(r, 2, &minutes)) {
            return fail(r, "no minutes in the offset from UTC");
        }
    }
    if (hours > 18 || minutes > 59) {
        return fail(r, "an offset from UTC of more than 18 hours");
    }
    r->offset = sign * (hours * HOUR + minutes * MINUTE);
    r->has_zone = true;
    return r->p == r->end || fail(r, "text behind the offset from UTC");
}

static bool read_zone(struct reader *r)
{
    if (r->p == r->end) {
        return true;
    }
    str rest = {r->p, (size_t)(r->end - r->p)};
    if (str_eq_case(rest, STR("Z")) || str_eq(rest, STR(" UTC")) || str_eq(rest, STR(" GMT")) ||
        str_eq(rest, STR(" Z"))) {
        r->p = r->end;
        r->has_zone = true;
        return true;
    }
    take(r, ' ');
    if (take(r, '+')) {
        return read_offset(r, 1);
    }
    if (take(r, '-')) {
        return read_offset(r, -1);
    }
    return fail(r, "text behind the time that is not an offset from UTC");
}

enum { LAYOUT = 19 }; /* strlen("2013-12-03T17:15:43") */

/* The common layout, digits and separators checked at once at the end. */
static bool read_layout(struct reader *r)
{
    if (r->end - r->p < LAYOUT) {
        return false;
    }
    const unsigned char *p = (const unsigned char *)r->p;
    unsigned bad = (p[4] ^ '-') | (p[7] ^ '-') | (p[13] ^ ':') | (p[16] ^ ':');
    bad |= p[10] != 'T' && p[10] != ' ';
    unsigned d[LAYOUT];
    static const unsigned char at[] = {0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18};
    for (size_t i = 0; i < sizeof at; i++) {
        d[at[i]] = p[at[i]] - (unsigned)'0';
        bad |= d[at[i]] > 9;
    }
    if (bad) {
        return false;
    }
    r->c.year = (int)(d[0] * 1000 + d[1] * 100 + d[2] * 10 + d[3]);
    r->c.month = (int)(d[5] * 10 + d[6]);
    r->c.day = (int)(d[8] * 10 + d[9]);
    r->c.hour = (int)(d[11] * 10 + d[12]);
    r->c.minute = (int)(d[14] * 10 + d[15]);
    r->c.second = (int)(d[17] * 10 + d[18]);
    r->precision = STAMP_SECOND;
    r->p += LAYOUT;
    return true;
}

static bool read_all(struct reader *r)
{
    if (read_layout(r)) {
        return check_date(r) && read_fraction(r) && check_time(r) && read_zone(r);
    }
    bool basic = false;
    if (!read_date(r, &basic)) {
        return false;
    }
    if (r->p == r->end) {
        return !basic || fail(r, "eight digits without separators");
    }
    if (*r->p != 'T' && *r->p != 't' && *r->p != ' ') {
        return fail(r, "no T or space behind the date");
    }
    r->p++;
    return read_time(r, basic) && read_zone(r);
}

bool stamp_parse(str text, const struct zone *zone, struct stamp *ret, const char **ret_reason)
{
    struct reader r = {.reason = "empty"};
    if (text.n > 0) { /* an empty text may have no address, from which nothing may be counted */
        r.p = text.p;
        r.end = text.p + text.n;
    }
    if (text.n == 0 || !read_all(&r)) {
        if (ret_reason != NULL) {
            *ret_reason = r.reason;
        }
        return false;
    }
    enum zone_fold fold = ZONE_PLAIN;
    when local = clock_from_civil(r.c);
    when time = local - r.offset;
    if (!r.has_zone && zone != NULL) {
        time = zone_instant(zone, local, &fold);
    }
    *ret = (struct stamp){time, r.has_zone, r.precision, (int8_t)fold};
    return true;
}
