/* Words for instants, durations, steps and ranges: what they mean, and what is refused and why. */
#include "engine/timeword.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct zone *berlin;
static struct timeword world; /* Sunday, 2026-11-22 23:30 UTC: in Berlin already Monday */

static int open_world(void **state)
{
    (void)state;
    struct error why = {0};
    world.now = clock_from_civil((struct civil){2026, 11, 22, 23, 30, 0, 0});
    return zone_open(STR("Europe/Berlin"), &berlin, &why) == OK ? 0 : -1;
}

static int close_world(void **state)
{
    (void)state;
    zone_close(berlin);
    return 0;
}

static void instant(const char *word, const char *utc, enum zone_fold expected)
{
    struct error why = {0};
    char text[CLOCK_TEXT];
    enum zone_fold fold = ZONE_PLAIN;
    when t = 0;
    if (timeword_instant(str_of(word), &world, &t, &fold, &why) != OK) {
        fail_msg("%s: %s", word, why.text);
    }
    assert_string_equal(clock_text(t, text), utc);
    assert_int_equal(fold, expected);
}

static void no_instant(const char *word, const char *sentence)
{
    struct error why = {0};
    when t = 42;
    assert_int_equal(timeword_instant(str_of(word), &world, &t, NULL, &why), FAIL);
    assert_string_equal(why.text, sentence);
    assert_int_equal(t, 42);
}

static void instants(void **state)
{
    (void)state;
    world.zone = NULL;
    instant("now", "2026-11-22T23:30:00.000000Z", ZONE_PLAIN);
    instant("today", "2026-11-22T00:00:00.000000Z", ZONE_PLAIN);
    instant("yesterday", "2026-11-21T00:00:00.000000Z", ZONE_PLAIN);
    instant("-7d", "2026-11-15T23:30:00.000000Z", ZONE_PLAIN);
    instant("+1.5h", "2026-11-23T01:00:00.000000Z", ZONE_PLAIN);
    instant("-P1DT12H", "2026-11-21T11:30:00.000000Z", ZONE_PLAIN);
    instant("2026-01-01", "2026-01-01T00:00:00.000000Z", ZONE_PLAIN);
    instant("2026-01-01T10:00:00+02:00", "2026-01-01T08:00:00.000000Z", ZONE_PLAIN);
    world.zone = berlin;
    instant("now", "2026-11-22T23:30:00.000000Z", ZONE_PLAIN);
    instant("today", "2026-11-22T23:00:00.000000Z", ZONE_PLAIN);
    instant("yesterday", "2026-11-21T23:00:00.000000Z", ZONE_PLAIN);
    instant("2026-07-01", "2026-06-30T22:00:00.000000Z", ZONE_PLAIN);
    instant("2026-07-01T00:00:00Z", "2026-07-01T00:00:00.000000Z", ZONE_PLAIN);
    instant("2026-03-29 02:30", "2026-03-29T01:00:00.000000Z", ZONE_GAP);
    instant("2026-10-25 02:30", "2026-10-25T00:30:00.000000Z", ZONE_TWICE);

    no_instant("2026-13-01", "\"2026-13-01\" is not a time (month 13)");
    no_instant("", "\"\" is not a time (empty)");
    no_instant("Now", "\"Now\" is not a time (no year of four digits at the beginning)");
    no_instant("-", "\"\" is not a duration (it is empty)");
    no_instant("--7d", "\"-7d\" is not a duration (it is negative)");
    no_instant("-1mo", "\"1mo\" has no fixed length: months differ");
    no_instant("+106751000d", "\"+106751000d\" lies beyond the end of time");
    no_instant("-99999999999d", "\"99999999999d\" is longer than weir can count (292,000 years)");
}

static void length(const char *word, lapse expected)
{
    struct error why = {0};
    lapse t = 0;
    if (timeword_lapse(str_of(word), &t, &why) != OK) {
        fail_msg("%s: %s", word, why.text);
    }
    assert_int_equal(t, expected);
}

/* On a working clock of eight hours and five days. */
static void work_length(const char *word, lapse expected)
{
    static const struct timeword_days days = {8 * HOUR, 40 * HOUR};
    struct error why = {0};
    lapse t = 0;
    if (timeword_work(str_of(word), &days, &t, &why) != OK) {
        fail_msg("%s: %s", word, why.text);
    }
    assert_int_equal(t, expected);
}

static void no_length(const char *word, const char *reason)
{
    struct error why = {0};
    char sentence[200];
    lapse t = 42;
    assert_int_equal(timeword_lapse(str_of(word), &t, &why), FAIL);
    snprintf(sentence, sizeof sentence, "\"%s\" is not a duration (%s)", word, reason);
    assert_string_equal(why.text, sentence);
    assert_string_not_equal(why.hint, "");
    assert_int_equal(t, 42);
}

static void lengths(void **state)
{
    (void)state;
    length("90s", 90 * SECOND);
    length("15m", 15 * MINUTE);
    length("36h", 36 * HOUR);
    length("7d", 7 * DAY);
    length("2w", 2 * WEEK);
    length("1.5h", 90 * MINUTE);
    length("0.1d", 8640 * SECOND);
    length("1d12h", 36 * HOUR);
    length("1w2d3h4m5.25s", WEEK + 2 * DAY + 3 * HOUR + 4 * MINUTE + 5250000);
    length("0s", 0);
    length("0.0000005s", 1);
    length("106751991d", 106751991 * DAY);
    length("P1DT12H", 36 * HOUR);
    length("PT0.5S", 500000);
    length("PT36H", 36 * HOUR);
    length("P2W", 2 * WEEK);
    length("P0Y1D", DAY);
    length("PT1M", MINUTE);

    no_length("", "it is empty");
    no_length("7", "the unit is missing");
    no_length("d", "no number at the beginning");
    no_length("7 d", "text behind the number");
    no_length("7D", "text behind the number");
    no_length("7min", "the units are s, m for minutes, h, d and w");
    work_length("1d", 8 * HOUR);
    work_length("1.5d", 12 * HOUR);
    work_length("1w2d3h", 59 * HOUR);
    work_length("90m", 90 * MINUTE);
    work_length("P2D", 16 * HOUR);
    no_length("2wd", "working days are known only in levers");
    no_length("12h1d", "each unit once, the larger first");
    no_length("1d1d", "each unit once, the larger first");
    no_length("1d12", "the unit is missing");
    no_length("1.h", "no digits behind the decimal point");
    no_length("1dh", "the units are s, m for minutes, h, d and w");
    no_length("1d-2h", "a number is missing behind a unit");
    no_length("-1d", "it is negative");
    no_length("1e3s", "the units are s, m for minutes, h, d and w");
    no_length("P", "no number at the beginning");
    no_length("PT", "no number at the beginning");
    no_length("P1DT", "a number is missing behind a unit");
    no_length("P1H", "the parts are Y, M, W and D");
    no_length("PT1D", "the parts behind T are H, M and S");
    no_length("PT1M1H", "each part once, the larger first");
    no_length("P1.5DT1H", "only the last part may have decimals");
    no_length("P1", "the parts are Y, M, W and D");
    no_length("P0.5Y", "months, quarters and years are whole numbers");
}

static void beyond(void **state)
{
    (void)state;
    static const char *const words[] = {"106751992d", "99999999999999999999s", "106751991d5h",
                                        "P999999999999W"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        struct error why = {0};
        lapse t = 0;
        assert_int_equal(timeword_lapse(str_of(words[i]), &t, &why), FAIL);
        assert_non_null(strstr(why.text, "is longer than weir can count"));
    }
    struct error why = {0};
    lapse t = 0;
    assert_int_equal(timeword_lapse(STR("1mo"), &t, &why), FAIL);
    assert_string_equal(why.text, "\"1mo\" has no fixed length: months differ");
    assert_int_equal(timeword_lapse(STR("P1M"), &t, &why), FAIL);
}

static void step_is(const char *word, int months, lapse fixed)
{
    struct error why = {0};
    struct step step = {0};
    if (timeword_step(str_of(word), &step, &why) != OK) {
        fail_msg("%s: %s", word, why.text);
    }
    assert_int_equal(step.months, months);
    assert_int_equal(step.fixed, fixed);
}

static void no_step(const char *word)
{
    struct error why = {0};
    struct step step = {7, 7};
    assert_int_equal(timeword_step(str_of(word), &step, &why), FAIL);
    assert_int_equal(step.months, 7);
}

static void add_is(const char *from, struct step step, int n, const struct zone *zone,
                   const char *to)
{
    struct error why = {0};
    struct timeword here = {.now = 0, .zone = zone};
    char text[CLOCK_TEXT];
    when t = 0;
    assert_int_equal(timeword_instant(str_of(from), &here, &t, NULL, &why), OK);
    assert_string_equal(clock_text(timeword_add(t, step, n, zone), text), to);
}

static void steps(void **state)
{
    (void)state;
    step_is("1q", 3, 0);
    step_is("2mo", 2, 0);
    step_is("1y", 12, 0);
    step_is("1y6mo", 18, 0);
    step_is("2w", 0, 2 * WEEK);
    step_is("P3M", 3, 0);
    no_step("1mo2d");
    no_step("0d");
    no_step("0.5mo");
    no_step("1001y");
    no_step("9999999999999999999y");
    no_step("1wd");

    const struct step month = {.months = 1}, quarter = {.months = 3}, day = {.fixed = DAY};
    add_is("2026-01-31", month, 1, NULL, "2026-02-28T00:00:00.000000Z");
    add_is("2024-01-31", month, 1, NULL, "2024-02-29T00:00:00.000000Z");
    add_is("2026-01-31", month, 2, NULL, "2026-03-31T00:00:00.000000Z"); /* not by way of 28 Feb */
    add_is("2026-01-31", month, -2, NULL, "2025-11-30T00:00:00.000000Z");
    add_is("2026-11-30", quarter, 1, NULL, "2027-02-28T00:00:00.000000Z");
    add_is("2026-02-15 09:00", month, 2, berlin, "2026-04-15T07:00:00.000000Z"); /* still 9 h */
    add_is("2026-02-28 02:30", (struct step){.months = 1}, 1, berlin,
           "2026-03-28T01:30:00.000000Z");
    add_is("2026-03-28 12:00", day, 1, berlin, "2026-03-29T11:00:00.000000Z"); /* 24 hours */
    assert_true(timeword_add(0, (struct step){.months = 12000}, INT32_MAX, NULL) == INT64_MAX);
    assert_true(timeword_add(0, (struct step){.fixed = WEEK}, INT32_MIN, NULL) < 0);
    assert_true(timeword_add(INT64_MAX - 1, day, 5, NULL) == INT64_MAX);
    assert_true(timeword_add(INT64_MIN + 1, month, -5, berlin) == INT64_MIN + 1);
}

static void range_is(const char *word, const char *from, const char *to)
{
    struct error why = {0};
    char text[CLOCK_TEXT];
    struct range range = {0, 0};
    if (timeword_range(str_of(word), &world, &range, &why) != OK) {
        fail_msg("%s: %s", word, why.text);
    }
    assert_string_equal(range.from == WHEN_NONE ? "" : clock_text(range.from, text), from);
    assert_string_equal(range.to == WHEN_NONE ? "" : clock_text(range.to, text), to);
}

static void no_range(const char *word, const char *sentence)
{
    struct error why = {0};
    struct range range = {1, 2};
    assert_int_equal(timeword_range(str_of(word), &world, &range, &why), FAIL);
    assert_string_equal(why.text, sentence);
    assert_int_equal(range.from, 1);
}

static void ranges(void **state)
{
    (void)state;
    world.zone = NULL;
    range_is("2026-01-01..2026-02-01", "2026-01-01T00:00:00.000000Z",
             "2026-02-01T00:00:00.000000Z");
    range_is("2026-01-01..", "2026-01-01T00:00:00.000000Z", "");
    range_is("..2026-01-01T00:00:00.5Z", "", "2026-01-01T00:00:00.500000Z");
    range_is("-7d..now", "2026-11-15T23:30:00.000000Z", "2026-11-22T23:30:00.000000Z");
    no_range("..", "\"..\" is not a range");
    no_range("2026-01-01", "\"2026-01-01\" is not a range");
    no_range("", "\"\" is not a range");
    no_range("now..now", "the range is empty: 2026-11-22T23:30:00.000000Z does not precede "
                         "2026-11-22T23:30:00.000000Z");
    no_range("x..now", "\"x\" is not a time (no year of four digits at the beginning)");
}

static void span_is(const char *from, const char *to, const char *last, when expected_from,
                    when expected_to)
{
    struct error why = {0};
    struct range range = {0, 0};
    if (timeword_span(str_of(from), str_of(to), str_of(last), &world, &range, &why) != OK) {
        fail_msg("%s", why.text);
    }
    assert_int_equal(range.from, expected_from);
    assert_int_equal(range.to, expected_to);
}

static void spans(void **state)
{
    (void)state;
    struct error why = {0};
    struct range range = {0, 0};
    const when january = clock_from_civil((struct civil){.year = 2026, .month = 1, .day = 1});
    world.zone = NULL;
    span_is("", "", "", WHEN_NONE, WHEN_NONE);
    span_is("2026-01-01", "", "", january, WHEN_NONE);
    span_is("", "", "90d", world.now - 90 * DAY, world.now);
    span_is("", "2026-01-01", "2w", january - 2 * WEEK, january);
    assert_int_equal(timeword_span(STR("now"), STR(""), STR("1d"), &world, &range, &why), FAIL);
    assert_string_equal(why.text,
                        "--from and --last both say where the range begins; give one of them");
    assert_int_equal(timeword_span(STR(""), STR(""), STR("0d"), &world, &range, &why), FAIL);
    assert_int_equal(timeword_span(STR(""), STR("soon"), STR(""), &world, &range, &why), FAIL);
    assert_string_equal(why.text, "--to: \"soon\" is not a time (no year of four digits at the "
                                  "beginning)");
    assert_string_not_equal(why.hint, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instants), cmocka_unit_test(lengths), cmocka_unit_test(beyond),
        cmocka_unit_test(steps),    cmocka_unit_test(ranges),  cmocka_unit_test(spans),
    };
    return cmocka_run_group_tests(tests, open_world, close_world);
}
