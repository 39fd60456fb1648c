/* Openings are read into minutes of the week, laid out day by day over the span in local time, and
 * turned into sorted, disjoint intervals in UTC. A cell of the hour table knows W at its hour; most
 * hours are wholly open or wholly closed, and in the others the few intervals are walked. */
#include "model/calendar.h"

#include "base/mem.h"
#include "base/vec.h"
#include "base/zone.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MINUTES = 24 * 60, WEEK_MINUTES = 7 * DAY_MINUTES, YEARS_MOST = 200 };

struct interval {
    when begin, end;
    lapse before; /* W(begin) */
};

enum cell_kind { CELL_CLOSED, CELL_OPEN, CELL_MIXED };

struct cell {
    lapse work;     /* W at the hour */
    uint32_t first; /* the first interval that ends after the hour */
    uint32_t kind;
};

struct calendar {
    when begin, end; /* of the span */
    when base;       /* hour of the first cell */
    struct interval *intervals;
    size_t n;
    struct cell *cells;
    size_t cell_n;
    lapse total;
    lapse day, week;
};

/* ---- reading ---- */

static const str DAYS[] = {STR_INIT("mon"), STR_INIT("tue"), STR_INIT("wed"), STR_INIT("thu"),
                           STR_INIT("fri"), STR_INIT("sat"), STR_INIT("sun")};
enum { ALL_DAYS = 0x7f };

struct reading {
    const struct calendar_plan *plan;
    VEC(struct week_span) week;
    struct error *why;
};

static status_code refuse(struct reading *r, str text, const char *what)
{
    error_set(r->why, "calendar \"" STR_FMT "\": \"" STR_FMT "\" is not %s", STR_ARG(r->plan->name),
              STR_ARG(text), what);
    return FAIL;
}

static bool read_day(str word, int *ret_day)
{
    for (int day = 0; day < 7; day++) {
        if (word.n >= 3 && str_eq_case(str_first(word, 3), DAYS[day])) {
            *ret_day = day;
            return true;
        }
    }
    return false;
}

/* "mon", "Mon-Fri", "fri-mon": adds to the set of bits. */
static bool read_days(str word, unsigned *days)
{
    str first = {0}, rest = word;
    int from = 0, to = 0;
    if (!str_cut(&rest, '-', &first) || !read_day(first, &from)) {
        return false;
    }
    to = from;
    if (rest.p != NULL && !read_day(rest, &to)) {
        return false;
    }
    for (int day = from;; day = (day + 1) % 7) {
        *days |= 1u << day;
        if (day == to) {
            return true;
        }
    }
}

static bool read_clock(str text, int *ret_minutes) /* "9", "09:00", "24:00" */
{
    str hour = {0}, minute = text;
    int64_t h = 0, m = 0;
    if (!str_cut(&minute, ':', &hour) || hour.n > 2 || !str_to_i64(hour, &h) ||
        (minute.p != NULL && (minute.n != 2 || !str_to_i64(minute, &m)))) {
        return false;
    }
    *ret_minutes = (int)(h * 60 + m);
    return h >= 0 && m >= 0 && m < 60 && *ret_minutes <= DAY_MINUTES;
}

static bool read_clocks(str text, int *ret_from, int *ret_to) /* "09:00-17:30" */
{
    str from = {0}, to = text;
    return str_cut(&to, '-', &from) && to.p != NULL && read_clock(from, ret_from) &&
           read_clock(to, ret_to) && *ret_from < DAY_MINUTES && *ret_from != *ret_to;
}

static void add_opening(struct reading *r, unsigned days, int from, int to)
{
    for (int day = 0; day < 7; day++) {
        if ((days & 1u << day) != 0) {
            int end = to > from ? to : to + DAY_MINUTES; /* over midnight */
            VEC_ADD(&r->week,
                    (struct week_span){day * DAY_MINUTES + from, day * DAY_MINUTES + end});
        }
    }
}

static bool next_word(str *rest, str *ret_word) /* separated by commas and white space */
{
    size_t at = 0;
    while (at < rest->n && (rest->p[at] == ',' || rest->p[at] == ' ' || rest->p[at] == '\t')) {
        at++;
    }
    *rest = str_from(*rest, at);
    for (at = 0; at < rest->n && rest->p[at] != ',' && rest->p[at] != ' ' && rest->p[at] != '\t';) {
        at++;
    }
    *ret_word = str_first(*rest, at);
    *rest = str_from(*rest, at);
    return at > 0;
}

static bool begins_with_letter(str word)
{
    return word.n > 0 &&
           ((word.p[0] >= 'a' && word.p[0] <= 'z') || (word.p[0] >= 'A' && word.p[0] <= 'Z'));
}

/* "Mon-Fri 09:00-12:00 13:00-17:00, Sat 09:00-12:00": times belong to the days named last. */
static status_code read_hours(struct reading *r)
{
    unsigned usual = 0, days = 0;
    str rest = r->plan->days, word = {0};
    while (next_word(&rest, &word)) {
        if (!read_days(word, &usual)) {
            return refuse(r, word, "a day of the week (mon, tue, …, or mon-fri)");
        }
    }
    days = usual != 0 ? usual : ALL_DAYS;
    rest = r->plan->hours;
    bool naming = false, opened = false;
    while (next_word(&rest, &word)) {
        int from = 0, to = 0;
        if (begins_with_letter(word)) {
            days = naming ? days : 0;
            naming = true;
            if (!read_days(word, &days)) {
                return refuse(r, word, "a day of the week (mon, tue, …, or mon-fri)");
            }
        } else if (read_clocks(word, &from, &to)) {
            naming = false;
            opened = true;
            add_opening(r, days, from, to);
        } else {
            return refuse(r, word, "a time of opening such as 09:00-17:30");
        }
    }
    if (naming || (usual != 0 && !opened && r->plan->week_n == 0)) {
        add_opening(r, naming ? days : usual, 0, DAY_MINUTES); /* days without hours: all day */
    }
    for (size_t i = 0; i < r->plan->week_n; i++) {
        struct week_span span = r->plan->week[i];
        if (span.from < 0 || span.to <= span.from || span.to > WEEK_MINUTES) {
            return error_set(r->why,
                             "calendar \"" STR_FMT "\": an opening from minute %d to %d of the "
                             "week is not one; both are between 0 and %d, the end later",
                             STR_ARG(r->plan->name), span.from, span.to, WEEK_MINUTES);
        }
        VEC_ADD(&r->week, span);
    }
    return OK;
}

static int compare_spans(const void *a, const void *b)
{
    const struct week_span *x = a, *y = b;
    return x->from != y->from ? (x->from > y->from) - (x->from < y->from)
                              : (x->to > y->to) - (x->to < y->to);
}

static status_code overlap(struct reading *r, int minute)
{
    error_set(r->why, "calendar \"" STR_FMT "\": two openings overlap on %s %02d:%02d",
              STR_ARG(r->plan->name), DAYS[minute / DAY_MINUTES].p, minute % DAY_MINUTES / 60,
              minute % 60);
    error_hint(r->why, "write each time of the week once");
    return FAIL;
}

/* In order, cut at midnights, disjoint. */
static status_code settle_week(struct reading *r)
{
    for (size_t i = 0; i < r->week.n; i++) {
        struct week_span *span = &r->week.v[i];
        int midnight = (span->from / DAY_MINUTES + 1) * DAY_MINUTES;
        if (span->to > midnight) {
            struct week_span rest = {midnight % WEEK_MINUTES,
                                     midnight % WEEK_MINUTES + span->to - midnight};
            span->to = midnight;
            VEC_ADD(&r->week, rest);
        }
    }
    if (r->week.n > 1) {
        qsort(r->week.v, r->week.n, sizeof *r->week.v, compare_spans);
    }
    for (size_t i = 1; i < r->week.n; i++) {
        if (r->week.v[i].from < r->week.v[i - 1].to) {
            return overlap(r, r->week.v[i].from);
        }
    }
    return OK;
}

static bool read_digits(str text, size_t digits, int *ret)
{
    int64_t value = 0;
    if (text.n != digits || !str_to_i64(text, &value) || value < 0) {
        return false;
    }
    *ret = (int)value;
    return true;
}

static bool read_date(str text, when *ret_local) /* 2026-12-25: its midnight, as if in UTC */
{
    struct civil c = {0};
    if (text.n != 10 || text.p[4] != '-' || text.p[7] != '-' ||
        !read_digits(str_first(text, 4), 4, &c.year) ||
        !read_digits(str_first(str_from(text, 5), 2), 2, &c.month) ||
        !read_digits(str_from(text, 8), 2, &c.day) || !clock_is_date(c.year, c.month, c.day)) {
        return false;
    }
    *ret_local = clock_from_civil(c);
    return true;
}

/* ---- compiling ---- */

struct stretch { /* local times, as if in UTC; freezes and holidays in whole days */
    when begin, end;
};

struct compiling {
    struct reading reading;
    struct zone *zone;
    VEC(struct stretch) closed; /* holidays */
    VEC(struct stretch) frozen;
    VEC(struct stretch) extra;
    VEC(struct interval) intervals;
};

static status_code read_exceptions(struct compiling *c)
{
    struct reading *r = &c->reading;
    const struct calendar_plan *plan = r->plan;
    for (size_t i = 0; i < plan->holidays.n; i++) {
        when day = 0;
        if (!read_date(str_trim(plan->holidays.v[i]), &day)) {
            return refuse(r, plan->holidays.v[i], "a holiday's date such as 2026-12-25");
        }
        VEC_ADD(&c->closed, (struct stretch){day, day + DAY});
    }
    for (size_t i = 0; i < plan->freeze.n; i++) {
        str text = str_trim(plan->freeze.v[i]);
        size_t dots = str_find(text, STR(".."));
        when first = 0, last = 0;
        if (!read_date(str_first(text, dots), &first) ||
            !read_date(dots < text.n ? str_from(text, dots + 2) : text, &last) || last < first) {
            return refuse(r, plan->freeze.v[i], "a freeze such as 2026-12-20..2027-01-02");
        }
        VEC_ADD(&c->frozen, (struct stretch){first, last + DAY});
    }
    for (size_t i = 0; i < plan->extra.n; i++) {
        str text = str_trim(plan->extra.v[i]), rest = text, date = {0};
        when day = 0;
        int from = 0, to = 0;
        if (!str_cut(&rest, ' ', &date) || !read_date(date, &day) ||
            !read_clocks(str_trim(rest), &from, &to)) {
            return refuse(r, text, "an extra opening such as \"2026-11-28 10:00-14:00\"");
        }
        to = to > from ? to : to + DAY_MINUTES;
        VEC_ADD(&c->extra, (struct stretch){day + from * MINUTE, day + to * MINUTE});
    }
    return OK;
}

static bool lies_in(const struct stretch *v, size_t n, when local)
{
    for (size_t i = 0; i < n; i++) {
        if (local >= v[i].begin && local < v[i].end) {
            return true;
        }
    }
    return false;
}

static when closing_instant(const struct zone *z, when local)
{
    enum zone_fold fold = ZONE_PLAIN;
    when t = zone_instant(z, local, &fold);
    if (fold == ZONE_TWICE) { /* the second one: by the offset that holds after the change */
        for (lapse later = HOUR / 2; later <= DAY + HOUR; later += HOUR / 2) {
            when second = local - zone_offset(z, t + later);
            if (second > t) {
                return second;
            }
        }
    }
    return t;
}

static void add_interval(struct compiling *c, when local_begin, when local_end)
{
    when begin = zone_instant(c->zone, local_begin, NULL);
    when end = closing_instant(c->zone, local_end);
    if (begin < end) {
        VEC_ADD(&c->intervals, (struct interval){.begin = begin, .end = end});
    }
}

static void add_days(struct compiling *c, when from, when to)
{
    const struct week_span *week = c->reading.week.v;
    for (when day = clock_floor(from, DAY) - 2 * DAY; day < to + 2 * DAY; day += DAY) {
        if (lies_in(c->closed.v, c->closed.n, day) || lies_in(c->frozen.v, c->frozen.n, day)) {
            continue;
        }
        int base = clock_weekday(day) * DAY_MINUTES;
        for (size_t i = 0; i < c->reading.week.n; i++) {
            if (week[i].from / DAY_MINUTES * DAY_MINUTES == base) {
                add_interval(c, day + (week[i].from - base) * MINUTE,
                             day + (week[i].to - base) * MINUTE);
            }
        }
    }
    for (size_t i = 0; i < c->extra.n; i++) {
        if (!lies_in(c->frozen.v, c->frozen.n, c->extra.v[i].begin)) {
            add_interval(c, c->extra.v[i].begin, c->extra.v[i].end);
        }
    }
}

static int compare_intervals(const void *a, const void *b)
{
    const struct interval *x = a, *y = b;
    return x->begin != y->begin ? (x->begin > y->begin) - (x->begin < y->begin)
                                : (x->end > y->end) - (x->end < y->end);
}

/* Sorted, joined where they touch, cut to the span, with the work before each. */
static void settle_intervals(struct compiling *c, when from, when to)
{
    struct interval *v = c->intervals.v;
    size_t kept = 0;
    if (c->intervals.n > 1) {
        qsort(v, c->intervals.n, sizeof *v, compare_intervals);
    }
    for (size_t i = 0; i < c->intervals.n; i++) {
        struct interval next = {.begin = v[i].begin < from ? from : v[i].begin,
                                .end = v[i].end > to ? to : v[i].end};
        if (next.begin >= next.end) {
            continue;
        }
        if (kept > 0 && next.begin <= v[kept - 1].end) {
            v[kept - 1].end = next.end > v[kept - 1].end ? next.end : v[kept - 1].end;
        } else {
            v[kept++] = next;
        }
    }
    c->intervals.n = kept;
    for (size_t i = 1; i < kept; i++) {
        v[i].before = v[i - 1].before + (v[i - 1].end - v[i - 1].begin);
    }
}

static lapse work_up_to(const struct calendar *c, size_t first, when t, lapse before)
{
    for (size_t i = first; i < c->n && c->intervals[i].begin < t; i++) {
        const struct interval *v = &c->intervals[i];
        before = v->before + ((t < v->end ? t : v->end) - v->begin);
    }
    return before;
}

static void build_cells(struct calendar *c)
{
    c->base = clock_floor(c->begin, HOUR);
    c->cell_n = (size_t)((c->end - c->base) / HOUR + 1);
    c->cells = mem_get(c->cell_n * sizeof *c->cells);
    lapse work = 0;
    size_t first = 0;
    for (size_t i = 0; i < c->cell_n; i++) {
        when hour = c->base + (lapse)i * HOUR;
        while (first < c->n && c->intervals[first].end <= hour) {
            first++;
        }
        lapse next = work_up_to(c, first, hour + HOUR, work);
        c->cells[i] = (struct cell){
            .work = work,
            .first = (uint32_t)first,
            .kind = next == work          ? CELL_CLOSED
                    : next - work == HOUR ? CELL_OPEN
                                          : CELL_MIXED,
        };
        work = next;
    }
    c->total = work;
}

static void compiling_finish(struct compiling *c)
{
    zone_close(c->zone);
    VEC_FINISH(&c->reading.week);
    VEC_FINISH(&c->closed);
    VEC_FINISH(&c->frozen);
    VEC_FINISH(&c->extra);
    VEC_FINISH(&c->intervals);
}

static status_code read_plan(struct compiling *c)
{
    const struct calendar_plan *plan = c->reading.plan;
    if (plan->zone.n > 0 && zone_open(plan->zone, &c->zone, c->reading.why) != OK) {
        error_add(c->reading.why, "calendar \"" STR_FMT "\"", STR_ARG(plan->name));
        return FAIL;
    }
    TRY(read_hours(&c->reading));
    TRY(settle_week(&c->reading));
    TRY(read_exceptions(c));
    if (c->reading.week.n + c->extra.n == 0) {
        error_set(c->reading.why, "calendar \"" STR_FMT "\" never opens", STR_ARG(plan->name));
        error_hint(c->reading.why, "give it hours, such as hours: \"Mon-Fri 09:00-17:00\"");
        return FAIL;
    }
    return OK;
}

static int by_minutes(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* What one says with "a day": the middle one of the week's days with work, of two the longer, so
 * that a short Saturday does not count. Without weekly hours, the mean opening. */
static void measure_days(struct calendar *c, const struct week_span *week, size_t n)
{
    int minutes[7] = {0}, days = 0;
    for (size_t i = 0; i < n; i++) {
        minutes[week[i].from / DAY_MINUTES % 7] += week[i].to - week[i].from;
        c->week += (week[i].to - week[i].from) * MINUTE;
    }
    qsort(minutes, 7, sizeof *minutes, by_minutes);
    for (int i = 0; i < 7; i++) {
        days += minutes[i] > 0;
    }
    c->day = days > 0   ? minutes[7 - days + days / 2] * MINUTE
             : c->n > 0 ? c->total / (lapse)c->n
                        : DAY;
    c->day = c->day < 1 ? DAY : c->day > DAY ? DAY : c->day;
    c->week = days > 0 ? c->week : 7 * c->day;
}

status calendar_open(const struct calendar_plan *plan, when from, when to,
                     struct calendar **ret_calendar, struct error *why)
{
    const lapse most = YEARS_MOST * 366 * DAY;
    const when early = clock_from_civil((struct civil){.year = 1, .month = 1, .day = 1});
    const when late = clock_from_civil((struct civil){.year = 9999, .month = 1, .day = 1});
    if (from > to || from < early || to > late || to - from > most) {
        return error_set(why,
                         "calendar \"" STR_FMT "\" cannot be laid out over the log: its times "
                         "span more than %d years; look for an instant that is wrong",
                         STR_ARG(plan->name), YEARS_MOST);
    }
    struct compiling compiling = {.reading = {.plan = plan, .why = why}};
    status_code done = read_plan(&compiling);
    if (done == OK) {
        add_days(&compiling, from, to);
        settle_intervals(&compiling, from, to);
        struct calendar *c = mem_get(sizeof *c);
        c->begin = from;
        c->end = to;
        c->intervals = compiling.intervals.v;
        c->n = compiling.intervals.n;
        compiling.intervals.v = NULL;
        build_cells(c);
        measure_days(c, compiling.reading.week.v, compiling.reading.week.n);
        *ret_calendar = c;
    }
    compiling_finish(&compiling);
    return done;
}

void calendar_close(struct calendar *c)
{
    if (c != NULL) {
        mem_put(c->intervals);
        mem_put(c->cells);
        mem_put(c);
    }
}

/* ---- asking ---- */

lapse calendar_at(const struct calendar *c, when t)
{
    if (c == NULL) {
        return t;
    }
    if (t <= c->begin) {
        return 0;
    }
    if (t >= c->end) {
        return c->total;
    }
    uint64_t past = (uint64_t)(t - c->base);
    const struct cell *cell = &c->cells[past / (uint64_t)HOUR];
    switch (cell->kind) {
    case CELL_CLOSED:
        return cell->work;
    case CELL_OPEN:
        return cell->work + (lapse)(past % (uint64_t)HOUR);
    default:
        return work_up_to(c, cell->first, t, cell->work);
    }
}

lapse calendar_day(const struct calendar *c)
{
    return c != NULL ? c->day : DAY;
}

lapse calendar_week(const struct calendar *c)
{
    return c != NULL ? c->week : WEEK;
}

lapse calendar_working(const struct calendar *c, when a, when b)
{
    return calendar_at(c, b) - calendar_at(c, a);
}

when calendar_inverse(const struct calendar *c, lapse w)
{
    if (c == NULL) {
        return w;
    }
    if (w <= 0) {
        return c->begin;
    }
    if (w > c->total) {
        return c->end;
    }
    size_t low = 0, high = c->n; /* the last interval with before < w is in [low, high) */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (c->intervals[middle].before < w) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return c->intervals[low].begin + (w - c->intervals[low].before);
}

bool calendar_is_open(const struct calendar *c, when t)
{
    if (c == NULL) {
        return true;
    }
    if (t < c->begin || t >= c->end) {
        return false;
    }
    const struct cell *cell = &c->cells[(t - c->base) / HOUR];
    for (size_t i = cell->first; i < c->n && c->intervals[i].begin <= t; i++) {
        if (t < c->intervals[i].end) {
            return true;
        }
    }
    return false;
}
