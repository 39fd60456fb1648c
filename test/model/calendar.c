/* Working time against a grid of minutes over a year with both clock changes, and the sentences for
 * what is no calendar. */
#include "model/calendar.h"

#include "base/rng.h"
#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXTS(...)                                                                                 \
    {                                                                                              \
        (const str[]){__VA_ARGS__}, sizeof((const str[]){__VA_ARGS__}) / sizeof(str)               \
    }

static when at(int year, int month, int day, int hour, int minute)
{
    return clock_from_civil(
        (struct civil){.year = year, .month = month, .day = day, .hour = hour, .minute = minute});
}

static struct calendar *opened(const struct calendar_plan *plan, when from, when to)
{
    struct calendar *c = NULL;
    struct error why = {0};
    if (calendar_open(plan, from, to, &c, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return c;
}

/* Is this minute of UTC open? Asked of the local clock, without knowing how weir compiles. */
static bool open_by_hand(const struct zone *zone, when t)
{
    when local = t + zone_offset(zone, t);
    struct civil c = clock_civil(local);
    int minute = c.hour * 60 + c.minute, weekday = clock_weekday(local);
    bool freeze = c.year == 2026 && c.month == 7 && c.day >= 6 && c.day <= 19;
    bool holiday = c.year == 2026 && c.month == 12 && (c.day == 25 || c.day == 26);
    bool extra = c.year == 2026 && c.month == 12 && c.day == 25 && minute >= 600 && minute < 750;
    bool night = weekday == 5 ? minute >= 22 * 60 : weekday == 6 && minute < 4 * 60;
    bool week = weekday < 5 && minute >= 9 * 60 && minute < 17 * 60 + 30;
    return !freeze && (extra || (!holiday && (week || night)));
}

/* The night from Saturday to Sunday is open over the hour that is skipped and the one that comes
 * twice. */
static void a_year_by_minutes(void **state)
{
    (void)state;
    const struct calendar_plan plan = {
        .name = STR("berlin"),
        .zone = STR("Europe/Berlin"),
        .hours = STR("Mon-Fri 09:00-17:30, Sat 22:00-04:00"),
        .holidays = TEXTS(STR("2026-12-25"), STR("2026-12-26")),
        .extra = TEXTS(STR("2026-12-25 10:00-12:30"), STR("2026-07-11 10:00-14:00")),
        .freeze = TEXTS(STR("2026-07-06..2026-07-19")),
    };
    enum { MINUTES = 366 * 24 * 60 };
    when from = at(2026, 1, 1, 0, 30), to = from + MINUTES * MINUTE;
    struct calendar *c = opened(&plan, from, to);
    struct zone *zone = NULL;
    assert_int_equal(zone_open(STR("Europe/Berlin"), &zone, NULL), OK);
    lapse *work = calloc(MINUTES + 1, sizeof *work);
    for (size_t i = 0; i < MINUTES; i++) {
        when t = from + (lapse)i * MINUTE;
        bool open = open_by_hand(zone, t);
        work[i + 1] = work[i] + (open ? MINUTE : 0);
        assert_int_equal(calendar_at(c, t), work[i]);
        assert_int_equal(calendar_is_open(c, t), open);
    }
    uint64_t dice = 5;
    for (int i = 0; i < 20000; i++) {
        size_t a = (size_t)rng_below(&dice, MINUTES), b = (size_t)rng_below(&dice, MINUTES);
        lapse more = (lapse)rng_below(&dice, MINUTE);
        when t = from + (lapse)a * MINUTE + more;
        lapse w = calendar_at(c, t);
        assert_int_equal(calendar_working(c, from + (lapse)a * MINUTE, from + (lapse)b * MINUTE),
                         work[b] - work[a]);
        assert_int_equal(w, work[a] + (work[a + 1] > work[a] ? more : 0));
        when back = calendar_inverse(c, w); /* the first instant of that working time */
        assert_true(back <= t && calendar_at(c, back) == w);
        assert_true(back == from || calendar_at(c, back - 1) == w - 1);
    }
    assert_int_equal(calendar_at(c, from - DAY), 0);
    assert_int_equal(calendar_at(c, to + DAY), work[MINUTES]);
    assert_int_equal(calendar_inverse(c, -1), from);
    assert_int_equal(calendar_inverse(c, work[MINUTES] + 1), to);
    assert_false(calendar_is_open(c, to));
    free(work);
    zone_close(zone);
    calendar_close(c);
}

static lapse of_a_week(const struct calendar_plan *plan)
{
    when monday = at(2026, 3, 2, 0, 0);
    struct calendar *c = opened(plan, monday, monday + WEEK);
    lapse work = calendar_working(c, monday, monday + WEEK);
    calendar_close(c);
    return work;
}

static void forms_of_hours(void **state)
{
    (void)state;
    const struct {
        const char *days, *hours;
        lapse week;
    } rows[] = {
        {"mon-fri", "09:00-17:30", 5 * (8 * HOUR + 30 * MINUTE)},
        {"", "Mon-Fri 09:00-17:00, Sat 09:00-12:00", 43 * HOUR},
        {"", "Mon-Fri 09:00-12:00 13:00-17:00", 35 * HOUR},
        {"", "Mon,Wed 9-17", 16 * HOUR},
        {"mon, wed ,fri", "9-12,13-17", 21 * HOUR},
        {"", "00:00-24:00", WEEK},
        {"mon-fri", "", 5 * DAY},
        {"", "Sat-Mon", 3 * DAY},
        {"", "Sunday 22:00-02:00", 4 * HOUR}, /* the rest of it is this Monday's beginning */
        {"", "Tuesday 10:00-11:00 sat 10:00-10:01", HOUR + MINUTE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        lapse week = of_a_week(&(struct calendar_plan){
            .name = STR("x"), .days = str_of(rows[i].days), .hours = str_of(rows[i].hours)});
        if (week != rows[i].week) {
            fail_msg("row %zu: %lld minutes", i, (long long)(week / MINUTE));
        }
    }
    const struct week_span spans[] = {{0, 60}, {1380, 1500}};
    assert_int_equal(of_a_week(&(struct calendar_plan){.week = spans, .week_n = 2}), 3 * HOUR);
}

static void refuse(struct calendar_plan plan, const char *expected)
{
    struct calendar *c = NULL;
    struct error why = {0};
    plan.name = STR("office");
    assert_int_equal(calendar_open(&plan, 0, WEEK, &c, &why), FAIL);
    assert_string_equal(why.text, expected);
    assert_null(c);
}

static void what_is_no_calendar(void **state)
{
    (void)state;
    refuse((struct calendar_plan){0}, "calendar \"office\" never opens");
    refuse((struct calendar_plan){.hours = STR("9-17"), .zone = STR("Europe/Atlantis")},
           "calendar \"office\": \"Europe/Atlantis\" is not a time zone");
    refuse((struct calendar_plan){.hours = STR("Mon 9-12, Mon 11-13")},
           "calendar \"office\": two openings overlap on mon 11:00");
    refuse((struct calendar_plan){.hours = STR("Sun 22:00-06:00, Mon 05:00-09:00")},
           "calendar \"office\": two openings overlap on mon 05:00");
    refuse((struct calendar_plan){.hours = STR("9-25")},
           "calendar \"office\": \"9-25\" is not a time of opening such as 09:00-17:30");
    refuse((struct calendar_plan){.hours = STR("09:00-09:00")},
           "calendar \"office\": \"09:00-09:00\" is not a time of opening such as 09:00-17:30");
    refuse((struct calendar_plan){.hours = STR("Mod 9-12")},
           "calendar \"office\": \"Mod\" is not a day of the week (mon, tue, …, or mon-fri)");
    refuse((struct calendar_plan){.hours = STR("9-17"), .holidays = TEXTS(STR("2026-02-29"))},
           "calendar \"office\": \"2026-02-29\" is not a holiday's date such as 2026-12-25");
    refuse((struct calendar_plan){.hours = STR("9-17"),
                                  .freeze = TEXTS(STR("2026-02-28..2026-02-01"))},
           "calendar \"office\": \"2026-02-28..2026-02-01\" is not a freeze such as "
           "2026-12-20..2027-01-02");
    refuse((struct calendar_plan){.hours = STR("9-17"), .extra = TEXTS(STR("2026-02-28"))},
           "calendar \"office\": \"2026-02-28\" is not an extra opening such as \"2026-11-28 "
           "10:00-14:00\"");
    struct calendar *c = NULL;
    struct error why = {0};
    const struct calendar_plan plan = {.name = STR("office"), .hours = STR("9-17")};
    assert_int_equal(calendar_open(&plan, INT64_MIN + 1, INT64_MAX, &c, &why), FAIL);
    assert_non_null(strstr(why.text, "span more than 200 years"));
}

static void the_wall(void **state)
{
    (void)state;
    assert_int_equal(calendar_at(NULL, 17), 17);
    assert_int_equal(calendar_working(NULL, 5, 17), 12);
    assert_int_equal(calendar_inverse(NULL, 17), 17);
    assert_true(calendar_is_open(NULL, 17));
}

/* What is called a day and a week. */
static void days(void **state)
{
    (void)state;
    static const struct {
        const char *days, *hours;
        lapse day, week;
    } cases[] = {
        {"mon-fri", "09:00-17:30", 510 * MINUTE, 5 * 510 * MINUTE},
        {"mon-fri", "09:00-12:00 13:00-17:00", 7 * HOUR, 35 * HOUR},
        {"", "Mon-Fri 09:00-17:00, Sat 09:00-13:00", 8 * HOUR, 44 * HOUR}, /* not the mean */
        {"", "Mon 09:00-13:00, Tue 09:00-17:00", 8 * HOUR, 12 * HOUR},     /* of two the longer */
        {"", "Sat 22:00-04:00", 4 * HOUR, 6 * HOUR},
        {"", "00:00-24:00", DAY, WEEK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct calendar_plan plan = {
            .name = STR("c"), .days = str_of(cases[i].days), .hours = str_of(cases[i].hours)};
        struct calendar *c = opened(&plan, 0, 52 * WEEK);
        assert_int_equal(calendar_day(c), cases[i].day);
        assert_int_equal(calendar_week(c), cases[i].week);
        calendar_close(c);
    }
    const struct calendar_plan extra = {
        .name = STR("c"),
        .extra = TEXTS(STR("2026-11-28 10:00-14:00"), STR("2026-12-05 10:00-12:00"))};
    struct calendar *c = opened(&extra, at(2026, 11, 1, 0, 0), at(2027, 1, 1, 0, 0));
    assert_int_equal(calendar_day(c), 3 * HOUR); /* the mean opening */
    calendar_close(c);
    assert_int_equal(calendar_day(NULL), DAY);
    assert_int_equal(calendar_week(NULL), WEEK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_year_by_minutes),
        cmocka_unit_test(forms_of_hours),
        cmocka_unit_test(what_is_no_calendar),
        cmocka_unit_test(the_wall),
        cmocka_unit_test(days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
