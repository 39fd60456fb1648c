#include "base/clock.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void counts_days(void **state)
{
    (void)state;
    char text[CLOCK_TEXT];
    assert_int_equal(clock_from_civil((struct civil){.year = 1970, .month = 1, .day = 1}), 0);
    when leap = clock_from_civil((struct civil){2024, 2, 29, 23, 59, 59, 999999});
    assert_string_equal(clock_text(leap, text), "2024-02-29T23:59:59.999999Z");
    assert_string_equal(clock_text(leap + 1, text), "2024-03-01T00:00:00.000000Z");
    assert_string_equal(clock_text(-1, text), "1969-12-31T23:59:59.999999Z");
    assert_true(clock_is_date(2000, 2, 29) && clock_is_date(2024, 2, 29));
    assert_false(clock_is_date(1900, 2, 29) || clock_is_date(2023, 2, 29) ||
                 clock_is_date(2024, 13, 1) || clock_is_date(2024, 4, 31) ||
                 clock_is_date(2024, 1, 0));
}

static void goes_there_and_back(void **state)
{
    (void)state;
    uint64_t r = 7;
    for (int i = 0; i < 100000; i++) {
        when t = (when)rng_below(&r, (uint64_t)(400 * 365 * DAY)) - 200 * 365 * DAY;
        assert_int_equal(clock_from_civil(clock_civil(t)), t);
        when monday = clock_floor_week(t);
        assert_int_equal(clock_weekday(monday), 0);
        assert_true(monday <= t && t - monday < WEEK);
        assert_int_equal(clock_weekday(t), (int)((t - monday) / DAY));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_days),
        cmocka_unit_test(goes_there_and_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
