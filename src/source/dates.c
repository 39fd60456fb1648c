#include "source/dates.h"

#include "base/buf.h"
#include "wire/stamp.h"

#include <string.h>

/* A text being read from left to right; what was found of a civil time so far. */
struct scan {
    const char *p, *end;
    struct civil c;
    int8_t precision;
    bool has_zone, pm, half_day, absolute;
    lapse offset;
    when instant; /* if absolute */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* `low` to `high` digits. */
static bool number(struct scan *s, int low, int high, int *ret)
{
    int value = 0, n = 0;
    while (n < high && s->p < s->end && is_digit(*s->p)) {
        value = value * 10 + (*s->p++ - '0');
        n++;
    }
    *ret = value;
    return n >= low;
}

static bool take(struct scan *s, char c)
{
    if (s->p < s->end && *s->p == c) {
        s->p++;
        return true;
    }
    return false;
}

static void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t')) {
        s->p++;
    }
}

static bool fraction(struct scan *s) /* the digits behind the point, cut to microseconds */
{
    int micro = 0, n = 0;
    for (; s->p < s->end && is_digit(*s->p); s->p++, n++) {
        if (n < 6) {
            micro = micro * 10 + (*s->p - '0');
        }
    }
    for (int i = n; i < 6; i++) {
        micro *= 10;
    }
    s->c.micro = micro;
    s->precision = n <= 3 ? STAMP_MILLI : STAMP_MICRO;
    return n > 0;
}

static bool word(struct scan *s, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(s->end - s->p) < n || !str_eq_case((str){s->p, n}, (str){text, n})) {
        return false;
    }
    s->p += n;
    return true;
}

static bool half_day(struct scan *s)
{
    s->pm = word(s, "PM");
    s->half_day = s->pm || word(s, "AM");
    return s->half_day;
}

static bool offset(struct scan *s)
{
    if (word(s, "UTC") || word(s, "GMT") || word(s, "Z")) {
        s->has_zone = true;
        return true;
    }
    int sign = take(s, '+') ? 1 : take(s, '-') ? -1 : 0;
    int hours = 0, minutes = 0;
    if (sign == 0 || !number(s, 2, 2, &hours)) {
        return false;
    }
    bool colon = take(s, ':');
    if (!number(s, 2, 2, &minutes) && (colon || minutes != 0)) {
        return false;
    }
    s->offset = sign * (hours * HOUR + minutes * MINUTE);
    s->has_zone = true;
    return hours <= 18 && minutes <= 59;
}

/* " 01:16:03.5 PM +02:00", each part from the seconds on optional */
static bool clock_part(struct scan *s)
{
    if (!number(s, 1, 2, &s->c.hour) || !take(s, ':') || !number(s, 2, 2, &s->c.minute)) {
        return false;
    }
    s->precision = STAMP_MINUTE;
    if (take(s, ':')) {
        if (!number(s, 2, 2, &s->c.second)) {
            return false;
        }
        s->precision = STAMP_SECOND;
        if ((take(s, '.') || take(s, ',')) && !fraction(s)) {
            return false;
        }
    }
    blanks(s);
    half_day(s);
    blanks(s);
    return s->p == s->end || offset(s);
}

/* "29/2/2016 01:16": the two numbers before the year, and the rest of it. */
static bool numeric(struct scan *s, int *ret_first, int *ret_second)
{
    if (!number(s, 1, 2, ret_first) || s->p == s->end) {
        return false;
    }
    char separator = *s->p++;
    if ((separator != '/' && separator != '.' && separator != '-') ||
        !number(s, 1, 2, ret_second) || !take(s, separator) || !number(s, 4, 4, &s->c.year)) {
        return false;
    }
    s->precision = STAMP_DAY;
    if (s->p == s->end) {
        return true;
    }
    if (!take(s, 'T')) {
        take(s, ',');
        if (!take(s, ' ')) {
            return false;
        }
        blanks(s);
    }
    return clock_part(s) && s->p == s->end;
}

static const char *const MONTHS[] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};

static bool month_name(struct scan *s)
{
    for (int i = 0; i < 12; i++) {
        char brief[4] = {MONTHS[i][0], MONTHS[i][1], MONTHS[i][2], '\0'};
        if (word(s, MONTHS[i]) || word(s, brief)) {
            s->c.month = i + 1;
            return true;
        }
    }
    return false;
}

static bool epoch(struct scan *s, lapse unit)
{
    const char *begin = s->p;
    if (!take(s, '-')) {
        take(s, '+');
    }
    while (s->p < s->end && is_digit(*s->p)) {
        s->p++;
    }
    int64_t whole = 0;
    if (!str_to_i64((str){begin, (size_t)(s->p - begin)}, &whole)) {
        return false;
    }
    if (unit == 0) {
        s->instant = whole / 1000 - (whole % 1000 < 0);
    } else if (__builtin_mul_overflow(whole, unit, &s->instant)) {
        return false;
    }
    s->precision = unit >= SECOND          ? STAMP_SECOND
                   : unit == SECOND / 1000 ? STAMP_MILLI
                                           : STAMP_MICRO;
    if (unit > 1 && take(s, '.')) {
        lapse step = unit, part = 0;
        for (; s->p < s->end && is_digit(*s->p); s->p++) {
            step /= 10;
            part += (*s->p - '0') * step;
        }
        s->instant += *begin == '-' ? -part : part;
        s->precision = STAMP_MICRO;
    }
    s->absolute = s->has_zone = true;
    return true;
}

static void precise(struct scan *s, int8_t precision)
{
    s->precision = precision > s->precision ? precision : s->precision;
}

static bool conversion(struct scan *s, char letter)
{
    int n = 0;
    switch (letter) {
    case 'Y':
        return number(s, 4, 4, &s->c.year);
    case 'y':
        if (!number(s, 2, 2, &n)) {
            return false;
        }
        s->c.year = n < 69 ? 2000 + n : 1900 + n;
        return true;
    case 'm':
        return number(s, 1, 2, &s->c.month);
    case 'd':
        return number(s, 1, 2, &s->c.day);
    case 'e':
        blanks(s);
        return number(s, 1, 2, &s->c.day);
    case 'H':
    case 'I':
        precise(s, STAMP_MINUTE);
        return number(s, 1, 2, &s->c.hour);
    case 'M':
        precise(s, STAMP_MINUTE);
        return number(s, 1, 2, &s->c.minute);
    case 'S':
        precise(s, STAMP_SECOND);
        return number(s, 1, 2, &s->c.second);
    case 'f':
        return fraction(s);
    case 'p':
        return half_day(s);
    case 'b':
    case 'B':
        return month_name(s);
    case 'z':
        return offset(s);
    case 's':
        return epoch(s, SECOND);
    case 'F':
        return conversion(s, 'Y') && take(s, '-') && conversion(s, 'm') && take(s, '-') &&
               conversion(s, 'd');
    case 'T':
        return conversion(s, 'H') && take(s, ':') && conversion(s, 'M') && take(s, ':') &&
               conversion(s, 'S');
    default:
        return false;
    }
}

static bool by_pattern(struct scan *s, str pattern)
{
    s->c.month = s->c.day = 1;
    for (size_t i = 0; i < pattern.n; i++) {
        char c = pattern.p[i];
        if (c == '%' && pattern.p[i + 1] != '%') {
            if (!conversion(s, pattern.p[++i])) {
                return false;
            }
        } else if (c == ' ') {
            blanks(s);
        } else {
            i += c == '%';
            if (!take(s, c)) {
                return false;
            }
        }
    }
    return s->p == s->end;
}

status dates_init(struct dates *d, const struct zone *zone, str pattern, struct error *why)
{
    *d = (struct dates){.zone = zone, .pattern = pattern, .coarsest = STAMP_MICRO};
    if (pattern.n == 0) {
        return OK;
    }
    d->layout = DATES_PATTERN;
    size_t conversions = 0;
    for (size_t i = 0; i < pattern.n; i++) {
        if (pattern.p[i] == '%') {
            i++;
            if (i == pattern.n || strchr("YymdeHIMSfpbBzsFT%", pattern.p[i]) == NULL) {
                error_set(why,
                          "the date format \"" STR_FMT "\" holds %%%c, which weir does not know",
                          STR_ARG(pattern), i == pattern.n ? ' ' : pattern.p[i]);
                error_hint(why, "Known are %%Y %%y %%m %%d %%e %%H %%I %%M %%S %%f %%p %%b %%B %%z "
                                "%%s %%F %%T %%%%.");
                return FAIL;
            }
            conversions += pattern.p[i] != '%';
        }
    }
    if (conversions == 0) {
        return error_set(why, "the date format \"" STR_FMT "\" holds no conversion such as %%Y",
                         STR_ARG(pattern));
    }
    return OK;
}

void dates_epoch(struct dates *d, lapse unit)
{
    d->layout = DATES_EPOCH;
    d->unit = unit;
}

void dates_sample(struct dates *d, str value)
{
    if (d->layout != DATES_UNKNOWN || d->tried >= DATES_SAMPLE) {
        return;
    }
    d->tried++;
    struct stamp stamp;
    struct scan s = {.p = value.p, .end = value.p + value.n};
    int first = 0, second = 0;
    if (stamp_parse(value, NULL, &stamp, NULL)) {
        d->iso++;
    } else if (numeric(&s, &first, &second)) {
        d->numeric++;
        d->first_above += first > 12;
        d->second_above += second > 12;
    } else if (d->stranger.p == NULL) {
        d->stranger = value;
    }
}

status dates_decide(struct dates *d, str column, struct error *why)
{
    if (d->layout != DATES_UNKNOWN || d->tried == 0) {
        return OK;
    }
    if (d->iso * 2 >= d->tried) {
        d->layout = DATES_ISO;
        return OK;
    }
    if (d->numeric * 2 < d->tried) {
        error_set(why,
                  "column \"" STR_FMT "\" does not hold dates that weir knows: \"" STR_FMT "\"",
                  STR_ARG(column), STR_ARG(str_first(d->stranger, 60)));
        error_hint(why, "Name another column with --time (or --start), or give the format of the "
                        "dates: --date-format '%%d %%b %%Y %%H:%%M'");
        return FAIL;
    }
    if (d->first_above > 0 && d->second_above > 0) {
        error_set(why,
                  "column \"" STR_FMT "\" mixes dates with the day first and with the month first",
                  STR_ARG(column));
        error_hint(why, "Give the format that counts: --date-format '%%d/%%m/%%Y %%H:%%M'. The "
                        "others become rejects.");
        return FAIL;
    }
    if (d->first_above + d->second_above == 0) {
        error_set(why,
                  "column \"" STR_FMT "\": no date tells whether the day or the month comes first "
                  "(none of %zu has a number above 12)",
                  STR_ARG(column), d->tried);
        error_hint(why, "Say it: --date-format '%%d/%%m/%%Y %%H:%%M' or --date-format "
                        "'%%m/%%d/%%Y %%H:%%M'");
        return FAIL;
    }
    d->layout = d->first_above > 0 ? DATES_DAY_FIRST : DATES_MONTH_FIRST;
    return OK;
}

static void precision_seen(struct dates *d, int8_t precision)
{
    d->coarsest = precision < d->coarsest ? precision : d->coarsest;
    d->finest = precision > d->finest ? precision : d->finest;
}

/* A local time without a zone. Whole hours whose two ends have the same offset are remembered. */
static when from_local(struct dates *d, when local)
{
    d->naive++;
    if (d->zone == NULL) {
        return local;
    }
    when hour = clock_floor(local, HOUR);
    struct dates_hour *slot = &d->hours[(uint64_t)(hour / HOUR) % DATES_HOURS];
    if (slot->known && slot->local == hour) {
        return local - slot->offset;
    }
    enum zone_fold fold = ZONE_PLAIN, first = ZONE_PLAIN, last = ZONE_PLAIN;
    when time = zone_instant(d->zone, local, &fold);
    when begin = zone_instant(d->zone, hour, &first);
    when end = zone_instant(d->zone, hour + HOUR - 1, &last);
    if (first == ZONE_PLAIN && last == ZONE_PLAIN && end - begin == HOUR - 1) {
        *slot = (struct dates_hour){true, hour, hour - begin};
    }
    d->gap += fold == ZONE_GAP;
    d->twice += fold == ZONE_TWICE;
    return time;
}

/* Digits of "2013-12-03" → its day, through the cache. */
static bool day_of(struct dates *d, const char *p, when *ret)
{
    uint64_t head = 0;
    uint16_t tail = 0;
    memcpy(&head, p, sizeof head);
    memcpy(&tail, p + sizeof head, sizeof tail);
    uint64_t mixed = (head ^ ((uint64_t)tail << 48)) * 0x9e3779b97f4a7c15u;
    struct dates_day *slot = &d->days[mixed >> 56];
    if (slot->head == head && slot->tail == tail && head != 0) {
        *ret = slot->start;
        return true;
    }
    struct scan s = {.p = p, .end = p + 10};
    struct civil c = {0};
    if (!number(&s, 4, 4, &c.year) || !take(&s, '-') || !number(&s, 2, 2, &c.month) ||
        !take(&s, '-') || !number(&s, 2, 2, &c.day) || !clock_is_date(c.year, c.month, c.day)) {
        return false;
    }
    *slot = (struct dates_day){head, tail, clock_from_civil(c)};
    *ret = slot->start;
    return true;
}

enum { LAYOUT = 19 }; /* strlen("2013-12-03T17:15:43") */

/* The layout of nearly all logs; anything else is stamp_parse's. */
static bool read_fast(struct dates *d, str v, when *ret)
{
    const char *p = v.p;
    if (v.n < LAYOUT || (p[10] != 'T' && p[10] != ' ') || p[13] != ':' || p[16] != ':') {
        return false;
    }
    unsigned h1 = (unsigned)(p[11] - '0'), h2 = (unsigned)(p[12] - '0');
    unsigned m1 = (unsigned)(p[14] - '0'), m2 = (unsigned)(p[15] - '0');
    unsigned s1 = (unsigned)(p[17] - '0'), s2 = (unsigned)(p[18] - '0');
    unsigned hour = h1 * 10 + h2;
    when day = 0;
    if (h1 > 2 || h2 > 9 || m1 > 5 || m2 > 9 || s1 > 5 || s2 > 9 || hour > 23 ||
        !day_of(d, p, &day)) {
        return false;
    }
    when t = day + hour * HOUR + (lapse)(m1 * 10 + m2) * MINUTE + (lapse)(s1 * 10 + s2) * SECOND;
    struct scan s = {.p = p + LAYOUT, .end = p + v.n, .precision = STAMP_SECOND};
    if (take(&s, '.')) {
        const char *digits = s.p;
        if (!fraction(&s) || s.p - digits > 9) {
            return false;
        }
        t += s.c.micro;
    }
    if (s.p == s.end) {
        t = from_local(d, t);
    } else if (s.end - s.p == 1 && *s.p == 'Z') {
    } else if ((*s.p != '+' && *s.p != '-') || !offset(&s) || s.p != s.end) {
        return false;
    } else {
        t -= s.offset;
    }
    precision_seen(d, s.precision);
    *ret = t;
    return true;
}

static bool read_iso(struct dates *d, str value, when *ret, const char **ret_reason)
{
    struct stamp stamp;
    if (read_fast(d, value, ret)) {
        return true;
    }
    if (!stamp_parse(value, d->zone, &stamp, ret_reason)) {
        return false;
    }
    if (!stamp.has_zone) {
        d->naive++;
        d->gap += stamp.fold == ZONE_GAP;
        d->twice += stamp.fold == ZONE_TWICE;
    }
    precision_seen(d, stamp.precision);
    *ret = stamp.time;
    return true;
}

static bool settle(struct dates *d, struct scan *s, when *ret, const char **ret_reason)
{
    struct civil *c = &s->c;
    if (s->absolute) {
        precision_seen(d, s->precision);
        *ret = s->instant;
        return true;
    }
    if (s->half_day) {
        if (c->hour < 1 || c->hour > 12) {
            *ret_reason = "an hour beside AM or PM that is not 1 to 12";
            return false;
        }
        c->hour = c->hour % 12 + (s->pm ? 12 : 0);
    }
    if (c->month < 1 || c->month > 12 || !clock_is_date(c->year, c->month, c->day)) {
        *ret_reason = c->month < 1 || c->month > 12 ? "there is no such month"
                                                    : "there is no such day in that month";
        return false;
    }
    if (c->hour > 23 || c->minute > 59 || c->second > 60) {
        *ret_reason = "there is no such time of day";
        return false;
    }
    when local = clock_from_civil(*c);
    precision_seen(d, s->precision);
    *ret = s->has_zone ? local - s->offset : from_local(d, local);
    return true;
}

bool dates_read(struct dates *d, str value, when *ret, const char **ret_reason)
{
    if (d->layout <= DATES_ISO) {
        bool fine = read_iso(d, value, ret, ret_reason);
        d->read += fine;
        return fine;
    }
    value = str_trim(value);
    struct scan s = {.p = value.p, .end = value.p + value.n};
    bool fine = true;
    switch (d->layout) {
    case DATES_DAY_FIRST:
        fine = numeric(&s, &s.c.day, &s.c.month);
        break;
    case DATES_MONTH_FIRST:
        fine = numeric(&s, &s.c.month, &s.c.day);
        break;
    case DATES_EPOCH:
        fine = epoch(&s, d->unit) && s.p == s.end;
        break;
    case DATES_PATTERN:
        fine = by_pattern(&s, d->pattern);
        break;
    default:
        break;
    }
    if (!fine) {
        *ret_reason = d->layout == DATES_EPOCH ? "not a number of time units"
                                               : "not in the format of the column";
        return false;
    }
    fine = settle(d, &s, ret, ret_reason);
    d->read += fine;
    return fine;
}

const char *dates_name(const struct dates *d)
{
    static const char *const NAMES[] = {"no dates",         "ISO 8601",
                                        "day/month/year",   "month/day/year",
                                        "the format given", "time units since 1970"};
    return NAMES[d->layout];
}
