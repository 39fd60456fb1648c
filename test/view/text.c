/* Text for people: exact strings, their widths, and that nothing a terminal obeys comes through. */
#include "view/text.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

static struct buf out;

static void expect(const char *text)
{
    assert_string_equal(buf_cstr(&out), text);
    buf_finish(&out);
}

static void safe(str data, const char *text, int width)
{
    text_safe(&out, data);
    assert_int_equal(text_width(data), width);
    /* what came out is shown as it is: its width is that of the data */
    assert_int_equal(text_width(buf_str(&out)), width);
    expect(text);
}

static void no_terminal_obeys(void **state)
{
    (void)state;
    safe(STR("plain"), "plain", 5);
    safe(STR("\x1b]0;owned\x07"), "\\u001b]0;owned\\u0007", 20);
    safe(STR("a\tb\nc\r"), "a\\u0009b\\u000ac\\u000d", 21);
    safe((str){"\0", 1}, "\\u0000", 6);
    safe(STR("\x7f"), "\\u007f", 6);
    safe(STR("\xc2\x9b"
             "31m"),
         "\\u009b31m", 9);
    safe(STR("\x9b"
             "31m"),
         "\\x9b31m", 7);
    safe(STR("a\xe2\x80\xae"
             "b\xe2\x81\xa6"),
         "a\\u202eb\\u2066", 14);
    safe(STR("\xe2\x80\xa8\xe2\x80\xa9"), "\\u2028\\u2029", 12);
    safe(STR("\xff\xfe"), "\\xff\\xfe", 8);
    safe(STR("\xe5\xbc"), "\\xe5\\xbc", 8);                    /* cut off */
    safe(STR("\xed\xa0\x80"), "\\xed\\xa0\\x80", 12);          /* half a surrogate pair */
    safe(STR("\xc0\xaf"), "\\xc0\\xaf", 8);                    /* overlong */
    safe(STR("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80", 16); /* beyond U+10FFFF */
    safe((str){0}, "", 0);
}

static void invisible_shows(void **state)
{
    (void)state;
    safe(STR("a\xe2\x80\x8b"
             "b"),
         "a\\u200bb", 8);
    safe(STR("\xef\xbb\xbfx"), "\\ufeffx", 7);
    safe(STR("\xcc\x81x"), "\\u0301x", 7);         /* an accent without its letter */
    safe(STR("\xf3\xa0\x81\x81"), "\\u0e0041", 8); /* a tag */
}

static void widths(void **state)
{
    (void)state;
    safe(STR("开发中"), "开发中", 6);
    safe(STR("ｑａ"), "ｑａ", 4);                             /* fullwidth */
    safe(STR("e\xcc\x81t\xc3\xa9"), "e\xcc\x81t\xc3\xa9", 3); /* combining and composed */
    safe(STR("한글"), "한글", 4);
    safe(STR("\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab"), "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab",
         2); /* the same syllable in three parts */
    safe(STR("🚀"), "🚀", 2);
    safe(STR("👩‍💻"), "👩‍💻", 2); /* woman, joiner, computer */
    safe(STR("🇩🇪🇫🇷"), "🇩🇪🇫🇷", 4);               /* two flags */
    safe(STR("किताब"), "किताब", 5);
}

/* The C library knows widths too, in a UTF-8 locale: both must say the same, but for
 * what their versions of Unicode disagree about. */
static void widths_of_the_c_library(void **state)
{
    (void)state;
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL) {
        print_message("no locale C.UTF-8: widths are not compared\n");
        skip();
    }
    int compared = 0, differ = 0;
    for (int32_t code = 0x800; code < 0x10000; code++) {
        const char utf8[] = {(char)(0xe0 | (code >> 12)), (char)(0x80 | ((code >> 6) & 0x3f)),
                             (char)(0x80 | (code & 0x3f))};
        int expected = wcwidth((wchar_t)code);
        if (expected <= 0 || (code >= 0xd800 && code < 0xe000)) {
            continue; /* what has no width becomes an escape */
        }
        differ += text_width((str){utf8, 3}) != expected;
        compared++;
    }
    assert_true(compared > 50000);
    assert_true(differ < compared / 1000);
}

static void cut(str data, int width, const char *text)
{
    text_cut(&out, data, width, false);
    assert_true(text_width(buf_str(&out)) <= width || width < 0);
    expect(text);
}

static void cuts_in_the_middle(void **state)
{
    (void)state;
    cut(STR("abcdefgh"), 8, "abcdefgh");
    cut(STR("abcdefgh"), 7, "abc…fgh");
    cut(STR("abcdefgh"), 4, "ab…h");
    cut(STR("abcdefgh"), 1, "…");
    cut(STR("abcdefgh"), 0, "");
    cut(STR("abcdefgh"), -3, "");
    cut(STR("开发中文名字"), 7, "开…字"); /* 2 + 1 + 2: half a character is none */
    cut(STR("x\x1b[31mred"), 8, "x…red");
    cut(STR("\x1b\x1b\x1b"), 5, "…"); /* an escape is whole or not there */
    cut(STR("cafe\xcc\x81 au lait"), 8, "cafe\xcc\x81…ait");
    text_cut(&out, STR("abcdefgh"), 5, true);
    expect("ab~gh");
}

static void long_names(void **state)
{
    (void)state;
    char *name = malloc(10001);
    assert_non_null(name);
    memset(name, 'n', 10000);
    memcpy(name, "begin", 5);
    memcpy(name + 9997, "end", 4);
    assert_int_equal(text_width(str_of(name)), 10000);
    cut(str_of(name), 11, "begin…nnend");
    for (size_t i = 1; i + 1 < 10000; i += 2) { /* one letter, 4,999 accents */
        memcpy(name + i, "\xcc\x81", 2);
    }
    name[9999] = 0;
    text_cut(&out, str_of(name), 20, false);
    assert_true(out.n < 120);
    assert_true(text_width(buf_str(&out)) <= 20);
    buf_finish(&out);
    free(name);
}

static void lapse_is(lapse t, const char *text)
{
    text_lapse(&out, t, NULL);
    expect(text);
}

static void exact_is(lapse t, const char *text)
{
    text_lapse_exact(&out, t, NULL);
    expect(text);
}

static void sentence_is(const char *sentence, const char *shown)
{
    text_sentence(&out, str_of(sentence));
    expect(shown);
}

static void sentences(void **state)
{
    (void)state;
    sentence_is("16450 commits, 3954 of them merges", "16,450 commits, 3954 of them merges");
    sentence_is("of 1234567: (12345) 12345), 12345.", "of 1,234,567: (12,345) 12,345), 12,345.");
    sentence_is("the item \"A 12345 b\" of 12345", "the item \"A 12345 b\" of 12,345");
    sentence_is("case 12345/7, #12345, 00123, 12345abc, 1e12345", /* names */
                "case 12345/7, #12345, 00123, 12345abc, 1e12345");
    sentence_is("2026 10000\x1b  12345", "2026 10000\\u001b  12,345"); /* an escape is text */
    sentence_is("12345678901234567890 12345", "12345678901234567890 12,345");
    sentence_is("", "");
    sentence_is(" ", " ");
}

static void work_is(lapse t, const char *text, const char *exact)
{
    const struct look look = {.day = 7 * HOUR + 30 * MINUTE};
    text_lapse(&out, t, &look);
    expect(text);
    text_lapse_exact(&out, t, &look);
    expect(exact);
}

/* A day of seven and a half hours. */
static void durations_of_work(void **state)
{
    (void)state;
    work_is(7 * HOUR, "7.0h", "7h");
    work_is(7 * HOUR + 30 * MINUTE, "1.0d", "1d");
    work_is(7 * HOUR + 29 * MINUTE, "1.0d", "7h 29min");
    work_is(15 * HOUR, "2.0d", "2d");
    work_is(17 * HOUR, "2.3d", "2d 2h");
    work_is(14 * HOUR + 59 * MINUTE, "2.0d", "1d 7h");
    work_is(750 * HOUR, "100d", "100d");
    work_is(WEEK, "22.4d", "22d 3h");
    work_is(40 * MINUTE, "40min", "40min");
    work_is(INT64_MAX, "341,606,372d", "341,606,371d 6h");
    const struct look short_day = {.day = 30 * MINUTE};
    text_lapse(&out, HOUR, &short_day);
    expect("2.0d");
}

static void durations(void **state)
{
    (void)state;
    lapse_is(380160 * SECOND, "4.4d");
    lapse_is(22320 * SECOND, "6.2h");
    lapse_is(12 * MINUTE, "12min");
    lapse_is(41 * SECOND, "41s");
    lapse_is(300000, "0.3s");
    lapse_is(25000, "25ms");
    lapse_is(2500, "2.5ms");
    lapse_is(1, "0.001ms");
    lapse_is(0, "0s");
    lapse_is(-DAY, "-1.0d");
    lapse_is(WHEN_NONE, "-");
    lapse_is(INT64_MAX, "106,751,991d");
    /* no form says 60 of the smaller one, or 24 */
    lapse_is(DAY - MINUTE, "1.0d");
    lapse_is(DAY - 3 * MINUTE - 1, "23.9h");
    lapse_is(HOUR - SECOND, "1.0h");
    lapse_is(HOUR - 31 * SECOND, "59min");
    lapse_is(MINUTE - 1, "1min");
    lapse_is(MINUTE - SECOND, "59s");
    lapse_is(10 * SECOND - 1, "10s");
    lapse_is(9900000, "9.9s");
    lapse_is(100 * DAY - HOUR, "100d");
    lapse_is(100 * DAY - 2 * HOUR, "99.9d");
    lapse_is(1204 * DAY, "1,204d");

    exact_is(6 * HOUR + 12 * MINUTE, "6h 12min");
    exact_is(4 * DAY + 9 * HOUR + 59 * MINUTE, "4d 10h");
    exact_is(4 * DAY, "4d");
    exact_is(DAY - 1, "1d");
    exact_is(HOUR - 1, "1h");
    exact_is(MINUTE + 5 * SECOND, "1min 5s");
    exact_is(41 * SECOND + 250000, "41.25s");
    exact_is(-90 * SECOND, "-1min 30s");
    exact_is(0, "0s");
    exact_is(WHEN_NONE, "-");
}

static void count_is(int64_t n, const char *text)
{
    text_count(&out, n);
    expect(text);
}

static void number_is(double x, int decimals, const char *text)
{
    text_number(&out, x, decimals);
    expect(text);
}

static void percent_is(double x, const char *text)
{
    text_percent(&out, x);
    expect(text);
}

static void numbers(void **state)
{
    (void)state;
    count_is(0, "0");
    count_is(999, "999");
    count_is(18204, "18,204");
    count_is(-1234567, "-1,234,567");
    count_is(INT64_MIN, "-9,223,372,036,854,775,808");
    number_is(1204.5, 2, "1,204.50");
    number_is(-0.001, 2, "0.00");
    number_is(999.999, 2, "1,000.00");
    number_is(NAN, 2, "-");
    number_is(INFINITY, 2, "inf");
    number_is(1.4, 1, "1.4");
    percent_is(0.834, "83 %");
    percent_is(0, "0 %");
    percent_is(1, "100 %");
    percent_is(0.004, "0.4 %");
    percent_is(0.0001, "<0.1 %");
    percent_is(0.996, "99.6 %");
    percent_is(0.99999, ">99.9 %");
    percent_is(1.5, "150 %");
    percent_is(-0.83, "-83 %");
    percent_is(NAN, "-");
    number_is(1e21, 0, "1,000,000,000,000,000,000,000");
    text_number(&out, -1e308, 17); /* as long as it gets */
    assert_int_equal(out.n, 1 + 309 + 102 + 1 + 17);
    buf_finish(&out);
}

static void for_programs(void **state)
{
    (void)state;
    text_seconds(&out, DAY);
    expect("86400");
    text_seconds(&out, 250000);
    expect("0.25");
    text_seconds(&out, -1);
    expect("-0.000001");
    text_seconds(&out, INT64_MIN);
    expect("-9223372036854.775808");
    text_real(&out, 0.1);
    expect("0.1");
    text_real(&out, 1e22);
    expect("1e+22");
    text_real(&out, 5e-324);
    expect("4.94065645841247e-324");
}

static void instants(void **state)
{
    (void)state;
    struct zone *berlin = NULL;
    struct error why = {0};
    const when t = clock_from_civil((struct civil){2026, 11, 22, 23, 30, 59, 0});
    assert_int_equal(zone_open(STR("Europe/Berlin"), &berlin, &why), OK);
    text_when(&out, t, NULL);
    expect("2026-11-22 23:30");
    text_when(&out, t, berlin);
    expect("2026-11-23 00:30");
    text_when(&out, WHEN_NONE, berlin);
    expect("-");
    text_when(&out, INT64_MAX, berlin); /* one hour too late for its number */
    expect("-");
    zone_close(berlin);
}

static void colours(void **state)
{
    (void)state;
    struct look look = {.colour = true};
    text_colour(&out, &look, COLOUR_CONSTRAINT);
    text_colour(&out, &look, COLOUR_NONE);
    expect("\x1b[1;31m\x1b[0m");
    look.colour = false;
    text_colour(&out, &look, COLOUR_WORK);
    expect("");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_terminal_obeys),
        cmocka_unit_test(invisible_shows),
        cmocka_unit_test(widths),
        cmocka_unit_test(widths_of_the_c_library),
        cmocka_unit_test(cuts_in_the_middle),
        cmocka_unit_test(long_names),
        cmocka_unit_test(durations),
        cmocka_unit_test(durations_of_work),
        cmocka_unit_test(sentences),
        cmocka_unit_test(numbers),
        cmocka_unit_test(for_programs),
        cmocka_unit_test(instants),
        cmocka_unit_test(colours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
