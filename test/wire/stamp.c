/* Every form that tools were seen to write, what they mean, and what is wrong with the wrong ones.
 */
#include "wire/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *text, const char *utc, bool has_zone, int precision)
{
    struct stamp stamp = {0};
    const char *reason = "";
    char shown[CLOCK_TEXT];
    if (!stamp_parse(str_of(text), NULL, &stamp, &reason)) {
        fail_msg("\"%s\" was refused: %s", text, reason);
    }
    if (strcmp(clock_text(stamp.time, shown), utc) != 0 || stamp.has_zone != has_zone ||
        stamp.precision != precision) {
        fail_msg("\"%s\" gave %s zone %d precision %d", text, shown, stamp.has_zone,
                 stamp.precision);
    }
}

static void refuse(const char *text, const char *expected)
{
    struct stamp stamp = {.time = 42};
    const char *reason = "";
    assert_false(stamp_parse(str_of(text), NULL, &stamp, &reason));
    assert_string_equal(reason, expected);
    assert_int_equal(stamp.time, 42); /* untouched */
}

static void forms(void **state)
{
    (void)state;
    expect("2013-12-03T17:15:43Z", "2013-12-03T17:15:43.000000Z", true, STAMP_SECOND);
    expect("2013-12-03t17:15:43z", "2013-12-03T17:15:43.000000Z", true, STAMP_SECOND);
    expect("2013-12-03 17:15:43", "2013-12-03T17:15:43.000000Z", false, STAMP_SECOND);
    expect("2013-12-03T17:15:43.5+02:00", "2013-12-03T15:15:43.500000Z", true, STAMP_MILLI);
    expect("2013-12-03T17:15:43.123456789Z", "2013-12-03T17:15:43.123456Z", true, STAMP_MICRO);
    expect("2013-12-03T17:15:43,985+0800", "2013-12-03T09:15:43.985000Z", true, STAMP_MILLI);
    expect("2017-09-15 16:50:55 UTC", "2017-09-15T16:50:55.000000Z", true, STAMP_SECOND);
    expect("2021-04-28 21:50:00 +0200", "2021-04-28T19:50:00.000000Z", true, STAMP_SECOND);
    expect("2021-04-28T21:50:00-03", "2021-04-29T00:50:00.000000Z", true, STAMP_SECOND);
    expect("2014/10/22 11:15:41.000", "2014-10-22T11:15:41.000000Z", false, STAMP_MILLI);
    expect("2013-12-03", "2013-12-03T00:00:00.000000Z", false, STAMP_DAY);
    expect("2013-12-03T17:15", "2013-12-03T17:15:00.000000Z", false, STAMP_MINUTE);
    expect("2013-12-03T17:15+05:30", "2013-12-03T11:45:00.000000Z", true, STAMP_MINUTE);
    expect("20131203T171543Z", "2013-12-03T17:15:43.000000Z", true, STAMP_SECOND);
    expect("20131203T1715", "2013-12-03T17:15:00.000000Z", false, STAMP_MINUTE);
    expect("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z", true, STAMP_SECOND);
    expect("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00.000000Z", true, STAMP_SECOND);
    expect("2013-12-03T24:00:00Z", "2013-12-04T00:00:00.000000Z", true, STAMP_SECOND);
    expect("2016-02-29T12:00:00Z", "2016-02-29T12:00:00.000000Z", true, STAMP_SECOND);
    expect("1970-01-01T00:00:00.000+00:00", "1970-01-01T00:00:00.000000Z", true, STAMP_MILLI);
    expect("1015-06-01T12:00:00.000001Z", "1015-06-01T12:00:00.000001Z", true, STAMP_MICRO);
    expect("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", true, STAMP_MICRO);
}

static void wrong(void **state)
{
    (void)state;
    refuse("", "empty");
    refuse("yesterday", "no year of four digits at the beginning");
    refuse("29/2/2016 01:16", "no year of four digits at the beginning");
    refuse("2026-13-01", "month 13");
    refuse("2026-13-01T10:00:00Z", "month 13");
    refuse("2026-00-01", "month 00");
    refuse("2026-02-29", "day 29");
    refuse("2026-02-30T00:00:00Z", "day 30");
    refuse("2026-02-3", "no day of two digits");
    refuse("2026-02-03T25:00:00Z", "hour 25");
    refuse("2026-02-03T24:00:01Z", "hour 24");
    refuse("2026-02-03T10:60:00Z", "minute 60");
    refuse("2026-02-03T10:10:61Z", "second 61");
    refuse("2026-02-03T10:10:60Z", "second 60");
    refuse("2026-02-03T10:10:10.Z", "no digits behind the decimal point");
    refuse("2026-02-03T10:10:10.1234567890Z", "more than nine decimals of a second");
    refuse("2026-02-03T10:10:10+19:00", "an offset from UTC of more than 18 hours");
    refuse("2026-02-03T10:10:10+02:00x", "text behind the offset from UTC");
    refuse("2026-02-03T10:10:10 CEST", "text behind the time that is not an offset from UTC");
    refuse("20260203", "eight digits without separators");
    refuse("1386090943", "no T or space behind the date"); /* epoch seconds are never guessed */
    refuse("2026-02-03Z", "no T or space behind the date");
}

static void zones(void **state)
{
    (void)state;
    struct zone *berlin = NULL;
    struct error why = {0};
    struct stamp stamp = {0};
    char shown[CLOCK_TEXT];
    assert_int_equal(zone_open(STR("Europe/Berlin"), &berlin, &why), OK);
    assert_true(stamp_parse(STR("2026-07-01 12:00:00"), berlin, &stamp, NULL));
    assert_string_equal(clock_text(stamp.time, shown), "2026-07-01T10:00:00.000000Z");
    assert_int_equal(stamp.fold, ZONE_PLAIN);
    assert_true(stamp_parse(STR("2026-07-01T12:00:00Z"), berlin, &stamp, NULL));
    assert_string_equal(clock_text(stamp.time, shown), "2026-07-01T12:00:00.000000Z");
    assert_true(stamp_parse(STR("2026-10-25 02:30"), berlin, &stamp, NULL));
    assert_string_equal(clock_text(stamp.time, shown), "2026-10-25T00:30:00.000000Z");
    assert_int_equal(stamp.fold, ZONE_TWICE);
    assert_true(stamp_parse(STR("2026-03-29 02:30"), berlin, &stamp, NULL));
    assert_string_equal(clock_text(stamp.time, shown), "2026-03-29T01:00:00.000000Z");
    assert_int_equal(stamp.fold, ZONE_GAP);
    zone_close(berlin);
}

/* Cut anywhere or with any byte changed: an answer, never a read outside the text. */
static void damaged(void **state)
{
    (void)state;
    const char *whole = "2013-12-03T17:15:43.123+02:00";
    char text[64];
    struct stamp stamp;
    for (size_t n = 0; n <= strlen(whole); n++) {
        char *exact = malloc(n + 1);
        memcpy(exact, whole, n);
        (void)stamp_parse((str){exact, n}, NULL, &stamp, NULL);
        free(exact);
    }
    for (size_t i = 0; i < strlen(whole); i++) {
        for (int byte = 0; byte < 256; byte++) {
            strcpy(text, whole);
            text[i] = (char)byte;
            const char *reason = NULL;
            if (!stamp_parse((str){text, strlen(whole)}, NULL, &stamp, &reason)) {
                assert_non_null(reason);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(wrong),
        cmocka_unit_test(zones),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
