/* Working hours as one writes them: "Mon-Fri 09:00-12:00, 13:00-17:00, Sat 09:00-12:00". A part
 * without days has those of the part before it, the first one those of `days`. */
#include "engine/config_tree.h"

#include <stdlib.h>
#include <string.h>

enum { DAY_MINUTES = 1440, ALL_DAYS = 7 };

static bool read_day(str word, int *ret)
{
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    for (int i = 0; i < ALL_DAYS; i++) {
        str name = str_of(names[i]);
        if (str_eq_case(word, name) || str_eq_case(word, str_first(name, 3))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

/* "Mon", "mon-fri", "sat-mon": bits by day */
static bool read_days(str word, unsigned *ret)
{
    str from = word, to = {0};
    size_t at = str_find_char(word, '-');
    int first = 0, last = 0;
    if (at < word.n) {
        from = str_first(word, at);
        to = str_trim(str_from(word, at + 1));
    }
    if (!read_day(str_trim(from), &first) || (at < word.n && !read_day(to, &last))) {
        return false;
    }
    last = at < word.n ? last : first;
    *ret = 0;
    for (int day = first;; day = (day + 1) % ALL_DAYS) {
        *ret |= 1U << day;
        if (day == last) {
            return true;
        }
    }
}

/* "9:00", "09:00", up to "24:00" */
static bool read_minute(str word, int *ret)
{
    size_t colon = str_find_char(word, ':');
    if (colon < 1 || colon > 2 || word.n != colon + 3) {
        return false;
    }
    int value[2] = {0, 0};
    for (size_t i = 0; i < word.n; i++) {
        if (i == colon) {
            continue;
        }
        if (word.p[i] < '0' || word.p[i] > '9') {
            return false;
        }
        int *part = &value[i > colon];
        *part = *part * 10 + (word.p[i] - '0');
    }
    *ret = value[0] * 60 + value[1];
    return value[1] < 60 && *ret <= DAY_MINUTES;
}

static status_code read_times(str word, int *ret_from, int *ret_to, struct error *why)
{
    size_t at = str_find_char(word, '-');
    if (at == word.n || !read_minute(str_trim(str_first(word, at)), ret_from) ||
        !read_minute(str_trim(str_from(word, at + 1)), ret_to)) {
        error_set(why, "\"" STR_FMT "\" are not hours", STR_ARG(word));
        error_hint(why, "write 09:00-17:00, or Mon-Fri 09:00-17:00, Sat 09:00-12:00");
        return FAIL;
    }
    if (*ret_from >= *ret_to) {
        return error_set(why, "\"" STR_FMT "\" end before they begin", STR_ARG(word));
    }
    return OK;
}

static bool read_date(str word, when *ret)
{
    int parts[3] = {0, 0, 0}, part = 0;
    if (word.n != 10) {
        return false;
    }
    for (size_t i = 0; i < word.n; i++) {
        if (i == 4 || i == 7) {
            if (word.p[i] != '-') {
                return false;
            }
            part++;
        } else if (word.p[i] < '0' || word.p[i] > '9') {
            return false;
        } else {
            parts[part] = parts[part] * 10 + (word.p[i] - '0');
        }
    }
    *ret = clock_from_civil((struct civil){.year = parts[0], .month = parts[1], .day = parts[2]});
    return clock_is_date(parts[0], parts[1], parts[2]);
}

static status_code no_date(str word, struct error *why)
{
    error_set(why, "\"" STR_FMT "\" is not a date", STR_ARG(word));
    error_hint(why, "write 2026-12-25");
    return FAIL;
}

static int by_hours(const void *left, const void *right)
{
    const struct config_hours *a = left, *b = right;
    return a->weekday != b->weekday ? a->weekday - b->weekday : a->from - b->from;
}

static int by_when(const void *left, const void *right) /* the first field, a `when` */
{
    const when *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static int by_extra(const void *left, const void *right)
{
    const struct config_extra *a = left, *b = right;
    int order = by_when(&a->day, &b->day);
    return order != 0 ? order : a->from - b->from;
}

/* A sorted copy of `n` things of `size` bytes. */
static const void *keep(struct arena *a, const void *things, size_t n, size_t size,
                        int (*order)(const void *, const void *))
{
    void *copy = arena_get(a, n * size + 1);
    if (n > 0) {
        memcpy(copy, things, n * size);
        qsort(copy, n, size, order);
    }
    return copy;
}

typedef VEC(struct config_hours) hours_vec;

static status_code add_hours(str text, unsigned days, hours_vec *open, struct error *why)
{
    str part;
    while (str_cut(&text, ',', &part)) {
        part = str_trim(part);
        size_t at = 0; /* of the first digit: what stands before it are days */
        while (at < part.n && (part.p[at] < '0' || part.p[at] > '9')) {
            at++;
        }
        str named = str_trim(str_first(part, at));
        int from = 0, to = 0;
        if (named.n > 0 && !read_days(named, &days)) {
            error_set(why, "\"" STR_FMT "\" is not a day of the week", STR_ARG(named));
            error_hint(why, "write Mon, Tue, Wed, Thu, Fri, Sat, Sun or a span such as Mon-Fri");
            return FAIL;
        }
        TRY(read_times(str_from(part, at), &from, &to, why));
        for (int day = 0; day < ALL_DAYS; day++) {
            if (days & (1U << day)) {
                VEC_ADD(open, (struct config_hours){day, from, to});
            }
        }
    }
    return OK;
}

static status_code read_default_days(str text, unsigned *ret, struct error *why)
{
    str part;
    *ret = text.n > 0 ? 0 : 0x1f; /* Monday to Friday */
    while (text.n > 0 && str_cut(&text, ',', &part)) {
        unsigned days = 0;
        if (!read_days(str_trim(part), &days)) {
            return error_set(why, "\"" STR_FMT "\" is not a day of the week",
                             STR_ARG(str_trim(part)));
        }
        *ret |= days;
    }
    return OK;
}

static status_code read_open(struct config_calendar *c, struct arena *a, const char **ret_field,
                             struct error *why)
{
    hours_vec open = {0};
    unsigned days = 0;
    *ret_field = "days";
    TRY(read_default_days(c->days, &days, why));
    *ret_field = "hours";
    str hours = str_trim(c->hours);
    if (hours.n == 0 && c->days.n == 0) {
        return error_set(why, "a calendar needs hours");
    }
    status_code done = add_hours(hours.n > 0 ? hours : STR("00:00-24:00"), days, &open, why);
    c->open = done == OK ? keep(a, open.v, open.n, sizeof *open.v, by_hours) : NULL;
    c->open_count = open.n;
    VEC_FINISH(&open);
    for (size_t i = 1; done == OK && i < c->open_count; i++) {
        const struct config_hours *before = &c->open[i - 1], *now = &c->open[i];
        if (before->weekday == now->weekday && before->to > now->from) {
            done =
                error_set(why,
                          "the hours overlap: %02d:%02d-%02d:%02d and %02d:%02d-%02d:%02d on one "
                          "day",
                          before->from / 60, before->from % 60, before->to / 60, before->to % 60,
                          now->from / 60, now->from % 60, now->to / 60, now->to % 60);
        }
    }
    return done;
}

static status_code read_holidays(struct config_calendar *c, struct arena *a, struct error *why)
{
    when *days = ARENA_ARRAY(a, when, c->holidays.n + 1);
    for (size_t i = 0; i < c->holidays.n; i++) {
        if (!read_date(c->holidays.v[i], &days[i])) {
            return no_date(c->holidays.v[i], why);
        }
    }
    qsort(days, c->holidays.n, sizeof *days, by_when);
    for (size_t i = 0; i < c->holidays.n; i++) {
        if (c->holiday_count == 0 || days[c->holiday_count - 1] != days[i]) {
            days[c->holiday_count++] = days[i];
        }
    }
    c->holiday = days;
    return OK;
}

static status_code read_extra(struct config_calendar *c, struct arena *a, struct error *why)
{
    struct config_extra *extra = ARENA_ARRAY(a, struct config_extra, c->extra.n + 1);
    for (size_t i = 0; i < c->extra.n; i++) {
        str text = c->extra.v[i];
        if (!read_date(str_first(text, 10), &extra[i].day)) {
            return no_date(str_first(text, 10), why);
        }
        TRY(read_times(str_trim(str_from(text, 10)), &extra[i].from, &extra[i].to, why));
    }
    qsort(extra, c->extra.n, sizeof *extra, by_extra);
    for (size_t i = 1; i < c->extra.n; i++) {
        if (extra[i - 1].day == extra[i].day && extra[i - 1].to > extra[i].from) {
            return error_set(why, "the hours of one day overlap");
        }
    }
    c->extra_open = extra;
    c->extra_count = c->extra.n;
    return OK;
}

static status_code read_freeze(struct config_calendar *c, struct arena *a, struct error *why)
{
    struct config_freeze *frozen = ARENA_ARRAY(a, struct config_freeze, c->freeze.n + 1);
    for (size_t i = 0; i < c->freeze.n; i++) {
        str text = c->freeze.v[i];
        size_t at = str_find(text, STR(".."));
        str from = str_first(text, at), to = at < text.n ? str_from(text, at + 2) : from;
        if (!read_date(from, &frozen[i].from)) {
            return no_date(from, why);
        }
        if (!read_date(to, &frozen[i].to)) {
            return no_date(to, why);
        }
        if (frozen[i].to < frozen[i].from) {
            return error_set(why, "\"" STR_FMT "\" ends before it begins", STR_ARG(text));
        }
        frozen[i].to += DAY;
    }
    qsort(frozen, c->freeze.n, sizeof *frozen, by_when);
    for (size_t i = 0; i < c->freeze.n; i++) {
        if (c->frozen_count > 0 && frozen[c->frozen_count - 1].to >= frozen[i].from) {
            struct config_freeze *last = &frozen[c->frozen_count - 1];
            last->to = last->to > frozen[i].to ? last->to : frozen[i].to;
        } else {
            frozen[c->frozen_count++] = frozen[i];
        }
    }
    c->frozen = frozen;
    return OK;
}

status calendar_read(struct config_calendar *calendar, struct arena *a, const char **ret_field,
                     struct error *why)
{
    TRY(read_open(calendar, a, ret_field, why));
    *ret_field = "holidays";
    TRY(read_holidays(calendar, a, why));
    *ret_field = "extra";
    TRY(read_extra(calendar, a, why));
    *ret_field = "freeze";
    return read_freeze(calendar, a, why);
}
