/* Bars and sparklines, drawn. */
#include "view/spark.h"
#include "view/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buf out;

static void bar3(double wait, double either, double work, double full, int width, const char *drawn,
                 const char *ascii)
{
    const struct spark_parts parts = {.wait = wait, .either = either, .work = work};
    int columns = spark_bar(&out, &parts, full, width, false);
    assert_string_equal(buf_cstr(&out), drawn);
    assert_int_equal(columns, text_width(buf_str(&out)));
    buf_clear(&out);
    columns = spark_bar(&out, &parts, full, width, true);
    assert_string_equal(buf_cstr(&out), ascii);
    assert_int_equal(columns, (int)out.n);
    buf_finish(&out);
}

static void bar(double wait, double work, double full, int width, const char *drawn,
                const char *ascii)
{
    bar3(wait, 0, work, full, width, drawn, ascii);
}

static void bars(void **state)
{
    (void)state;
    bar(4, 4, 8, 8, "▒▒▒▒████", "....####");
    bar(3, 4.5, 8, 8, "▒▒▒████▌", "...#####");
    bar(0, 8, 8, 8, "████████", "########");
    bar(8, 0, 8, 8, "▒▒▒▒▒▒▒▒", "........");
    bar(0, 0, 8, 8, "", "");
    bar(0.001, 0.001, 8, 8, "▒▏", ".#"); /* anything above zero shows */
    bar(8, 0.001, 8, 8, "▒▒▒▒▒▒▒▏", ".......#");
    bar(100, 100, 8, 8, "▒▒▒▒▒▒▒█", ".......#"); /* never wider than it may be */
    bar(0, 3, 8, 8, "███", "###");
    bar(0, 3.125, 8, 8, "███▏", "###");
    bar(1, 1, 8, 0, "", "");
    bar(1, 1, 8, -5, "", "");
    bar(1, 1, 8, 1, "▒", ".");
    bar(NAN, 4, 8, 8, "████", "####");
    bar(-3, NAN, 8, 8, "", "");
    bar(INFINITY, 1, 8, 4, "▒▒▒▌", "...#");
    bar(1, 0, 0, 4, "▒▒▒▒", "....");
    bar3(2, 3, 3, 8, 8, "▒▒░░░███", "..---###");
    bar3(0, 3.5, 0, 8, 8, "░░░░", "----");
    bar3(8, 0.001, 0.001, 8, 8, "▒▒▒▒▒▒░▏", "......-#");
    bar3(0, 8, 0.001, 8, 8, "░░░░░░░▏", "-------#");
    bar3(1, 1, 1, 8, 2, "▒░", ".-"); /* no room for all */
    bar3(1, 1, 1, 8, 1, "▒", ".");
    bar3(NAN, NAN, 4, 8, 8, "████", "####");
}

static void line(const double *values, size_t n, int width, const char *drawn, const char *ascii)
{
    int columns = spark_line(&out, values, n, width, false);
    assert_string_equal(buf_cstr(&out), drawn);
    assert_int_equal(columns, text_width(buf_str(&out)));
    buf_clear(&out);
    columns = spark_line(&out, values, n, width, true);
    assert_string_equal(buf_cstr(&out), ascii);
    assert_int_equal(columns, (int)out.n);
    buf_finish(&out);
}

static void lines(void **state)
{
    (void)state;
    const double rising[] = {0, 1, 2, 3, 4, 5, 6, 7};
    const double gaps[] = {1, NAN, 2, -5, INFINITY};
    const double nothing[] = {0, 0, 0};
    const double unknown[] = {NAN, NAN};
    line(rising, 8, 20, "▁▂▃▄▅▆▇█", "01345689");
    line(rising, 8, 4, "▂▄▆█", "1369"); /* pairs of neighbours */
    line(rising, 8, 3, "▂▅█", "159");
    line(gaps, 5, 10, "▅ █▁█", "5 909");
    line(nothing, 3, 10, "▁▁▁", "000");
    line(unknown, 2, 10, "  ", "  ");
    line(rising, 8, 0, "", "");
    line(NULL, 0, 10, "", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bars), cmocka_unit_test(lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
