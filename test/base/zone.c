#include "base/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static when at(int year, int month, int day, int hour, int minute)
{
    return clock_from_civil(
        (struct civil){.year = year, .month = month, .day = day, .hour = hour, .minute = minute});
}

static void knows_summer_time(void **state)
{
    (void)state;
    struct zone *z = NULL;
    struct error why = {0};
    enum zone_fold fold = ZONE_PLAIN;
    assert_int_equal(zone_open(STR("Europe/Berlin"), &z, &why), OK);
    assert_int_equal(zone_offset(z, at(2026, 1, 15, 12, 0)), HOUR);
    assert_int_equal(zone_offset(z, at(2026, 7, 15, 12, 0)), 2 * HOUR);
    /* 2026-03-29 02:30 does not exist: the first instant after the gap is 03:00+02:00 */
    assert_int_equal(zone_instant(z, at(2026, 3, 29, 2, 30), &fold), at(2026, 3, 29, 1, 0));
    assert_int_equal(fold, ZONE_GAP);
    /* 2026-10-25 02:30 exists twice: the earlier is +02:00 */
    assert_int_equal(zone_instant(z, at(2026, 10, 25, 2, 30), &fold), at(2026, 10, 25, 0, 30));
    assert_int_equal(fold, ZONE_TWICE);
    assert_int_equal(zone_instant(z, at(2026, 7, 15, 12, 0), &fold), at(2026, 7, 15, 10, 0));
    assert_int_equal(fold, ZONE_PLAIN);
    zone_close(z);
}

static void comes_back_every_hour_of_two_years(void **state)
{
    (void)state;
    const char *const names[] = {
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC",
        "+05:30"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct zone *z = NULL;
        struct error why = {0};
        assert_int_equal(zone_open(str_of(names[i]), &z, &why), OK);
        for (when t = at(2025, 1, 1, 0, 0); t < at(2027, 1, 1, 0, 0); t += HOUR) {
            enum zone_fold fold = ZONE_PLAIN;
            when back = zone_instant(z, t + zone_offset(z, t), &fold);
            assert_int_not_equal(fold, ZONE_GAP); /* a true local time always exists */
            assert_true(back == t || (fold == ZONE_TWICE && back < t));
        }
        zone_close(z);
    }
}

static void refuses_what_is_no_zone(void **state)
{
    (void)state;
    struct zone *z = NULL;
    struct error why = {0};
    assert_int_equal(zone_open(STR("Mars/Olympus"), &z, &why), FAIL);
    assert_non_null(strstr(why.text, "Mars/Olympus"));
    assert_int_equal(zone_open(STR("+99:00"), &z, &why), FAIL);
    assert_null(z);
    assert_int_equal(zone_offset(NULL, 0), 0); /* NULL is UTC */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_summer_time),
        cmocka_unit_test(comes_back_every_hour_of_two_years),
        cmocka_unit_test(refuses_what_is_no_zone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
