#include "source/dates.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static when at(int year, int month, int day, int hour, int minute, int second, int micro)
{
    return clock_from_civil((struct civil){year, month, day, hour, minute, second, micro});
}

static void expect(const char *pattern, const char *text, when time)
{
    struct dates d;
    struct error why = {0};
    const char *reason = "";
    when got = 0;
    assert_int_equal(dates_init(&d, NULL, str_of(pattern), &why), OK);
    if (time == WHEN_NONE) {
        assert_false(dates_read(&d, str_of(text), &got, &reason));
        assert_true(strlen(reason) > 0);
        return;
    }
    if (!dates_read(&d, str_of(text), &got, &reason)) {
        fail_msg("%s: %s", text, reason);
    }
    assert_int_equal(got, time);
}

static void reads_iso_the_fast_way(void **state)
{
    (void)state;
    const when t = at(2013, 12, 3, 17, 15, 43, 0);
    expect("", "2013-12-03T17:15:43Z", t);
    expect("", "2013-12-03 17:15:43", t);
    expect("", "2013-12-03 17:15:43.1234567Z", t + 123456);
    expect("", "2013-12-03T17:15:43.5+02:00", t + 500000 - 2 * HOUR);
    expect("", "2013-12-03T17:15:43-0130", t + HOUR + 30 * MINUTE);
    expect("", "2013-12-03T17:15:43+02", t - 2 * HOUR);
    expect("", "2013/12/03 17:15:43.000", t);
    expect("", "2013-12-03", at(2013, 12, 3, 0, 0, 0, 0));
    expect("", "2016-12-31T23:59:60Z", at(2017, 1, 1, 0, 0, 0, 0));
    expect("", "2013-02-29T17:15:43Z", WHEN_NONE);
    expect("", "2013-12-03T24:15:43Z", WHEN_NONE);
    expect("", "2013-12-03T17:15:43.", WHEN_NONE);
    expect("", "2013-12-03T17:15:43 maybe", WHEN_NONE);
    expect("", "2013-12-03T1:15:43Z", WHEN_NONE);
    expect("", "                   ", WHEN_NONE);
}

static void reads_by_pattern(void **state)
{
    (void)state;
    expect("%d.%m.%Y", "03.12.2013", at(2013, 12, 3, 0, 0, 0, 0));
    expect("%d %b %y, %I:%M %p", "3 Dec 13, 12:05 AM", at(2013, 12, 3, 0, 5, 0, 0));
    expect("%e %B %Y %H:%M:%S.%f %z", " 3 december 2013 17:15:43.25 -0100",
           at(2013, 12, 3, 18, 15, 43, 250000));
    expect("%FT%T", "2013-12-03T17:15:43", at(2013, 12, 3, 17, 15, 43, 0));
    expect("%s", "1386090943", at(2013, 12, 3, 17, 15, 43, 0));
    expect("%s", "-1", -SECOND);
    expect("100%% %Y", "100% 2013", at(2013, 1, 1, 0, 0, 0, 0));
    expect("%y", "68", at(2068, 1, 1, 0, 0, 0, 0));
    expect("%y", "69", at(1969, 1, 1, 0, 0, 0, 0));
    expect("%d.%m.%Y", "31.02.2013", WHEN_NONE);
    expect("%d.%m.%Y", "03.13.2013", WHEN_NONE);
    expect("%I %p", "13 PM", WHEN_NONE);
    expect("%s", "99999999999999999", WHEN_NONE);
    expect("%d.%m.%Y", "03.12.2013 ", at(2013, 12, 3, 0, 0, 0, 0));
    expect("%d.%m.%Y", "03.12.2013x", WHEN_NONE);
    struct dates d;
    struct error why = {0};
    assert_int_equal(dates_init(&d, NULL, STR("%Q"), &why), FAIL);
    assert_int_equal(dates_init(&d, NULL, STR("%"), &why), FAIL);
    assert_int_equal(dates_init(&d, NULL, STR("today"), &why), FAIL);
}

static void reads_units_since_1970(void **state)
{
    (void)state;
    const struct {
        lapse unit;
        const char *text;
        when time;
    } cases[] = {{SECOND, "1600000000", 1600000000 * SECOND},
                 {SECOND, "1.5", SECOND + SECOND / 2},
                 {SECOND, "-1.5", -SECOND - SECOND / 2},
                 {SECOND / 1000, "1600000000123", 1600000000123000},
                 {1, "17", 17},
                 {0, "1999", 1},
                 {0, "-1", -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dates d;
        struct error why = {0};
        const char *reason = "";
        when got = 0;
        assert_int_equal(dates_init(&d, NULL, (str){0}, &why), OK);
        dates_epoch(&d, cases[i].unit);
        assert_true(dates_read(&d, str_of(cases[i].text), &got, &reason));
        assert_int_equal(got, cases[i].time);
        assert_false(dates_read(&d, STR("12x"), &got, &reason));
        assert_false(dates_read(&d, STR("99999999999999999999"), &got, &reason));
    }
}

static enum dates_layout decide(const char *const *values, size_t n, status_code expected)
{
    struct dates d;
    struct error why = {0};
    assert_int_equal(dates_init(&d, NULL, (str){0}, &why), OK);
    for (size_t i = 0; i < n; i++) {
        dates_sample(&d, str_of(values[i]));
    }
    assert_int_equal(dates_decide(&d, STR("t"), &why), expected);
    return d.layout;
}

static void decides_by_evidence_alone(void **state)
{
    (void)state;
    const char *day[] = {"1/2/2016 01:16", "29/2/2016 01:16"};
    const char *month[] = {"1.2.2016", "2.29.2016 1:05:06.5 PM"};
    const char *both[] = {"29/2/2016", "2/29/2016"};
    const char *mixed_iso[] = {"2017-01-17T17:00:00", "2017-01-17 17:00:00+00:00", "broken"};
    const char *words[] = {"yesterday", "2017-01-17", "soon"};
    assert_int_equal(decide(day, 2, OK), DATES_DAY_FIRST);
    assert_int_equal(decide(month, 2, OK), DATES_MONTH_FIRST);
    assert_int_equal(decide(mixed_iso, 3, OK), DATES_ISO);
    assert_int_equal(decide(day, 0, OK), DATES_UNKNOWN);
    decide(day, 1, FAIL);
    decide(both, 2, FAIL);
    decide(words, 3, FAIL);
}

static void counts_what_it_assumed(void **state)
{
    (void)state;
    struct dates d;
    struct error why = {0};
    struct zone *berlin = NULL;
    const char *reason = "";
    when got = 0;
    assert_int_equal(zone_open(STR("Europe/Berlin"), &berlin, &why), OK);
    assert_int_equal(dates_init(&d, berlin, (str){0}, &why), OK);
    for (when local = at(2020, 3, 28, 0, 0, 0, 0); local < at(2020, 3, 30, 0, 0, 0, 0);
         local += 10 * MINUTE) { /* the caches give what ICU gives */
        char text[CLOCK_TEXT];
        clock_text(local, text);
        assert_true(dates_read(&d, (str){text, 19}, &got, &reason));
        assert_int_equal(got, zone_instant(berlin, local, NULL));
    }
    assert_int_equal(d.naive, 2 * 144);
    assert_int_equal(d.gap, 6);
    assert_int_equal(d.twice, 0);
    assert_int_equal(d.read, 2 * 144);
    zone_close(berlin);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_iso_the_fast_way), cmocka_unit_test(reads_by_pattern),
        cmocka_unit_test(reads_units_since_1970), cmocka_unit_test(decides_by_evidence_alone),
        cmocka_unit_test(counts_what_it_assumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
