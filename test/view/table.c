/* Tables as people and programs get them, at three widths, in every format, with hostile names. */
#include "view/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct table_column COLUMNS[] = {
    {"stage", "stage", CELL_TEXT, 0, 0},
    {"WIP", "wip", CELL_COUNT, 0, 0},
    {"p50", "p50_s", CELL_LAPSE, 0, 0},
    {"share", "share", CELL_SHARE, 0, 2},
    {"arrivals/leaves", "ratio", CELL_NUMBER, 1, 1},
    {NULL, "since", CELL_WHEN, 0, 0},
    {"hot", "hot", CELL_FLAG, 0, 3},
    {"wait | work", NULL, CELL_BAR, 0, 4},
    {"trend", NULL, CELL_LINE, 0, 5},
};

static struct table *stages(void)
{
    static const double trend[] = {1, 2, 3, 4};
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    table_text(t, STR("开发中"));
    table_count(t, 1238);
    table_lapse(t, 380160 * SECOND);
    table_number(t, 0.834);
    table_number(t, 1.41);
    table_when(t, 0);
    table_flag(t, true);
    table_bar(t, 30, 10);
    table_line(t, trend, 4);
    table_section(t, STR("the rest"));
    table_text(t, STR("a|b, \"c\"\t\x1b[31m\xff"));
    table_count(t, 7);
    table_lapse(t, 12 * MINUTE);
    table_none(t);
    table_number(t, NAN);
    table_when(t, WHEN_NONE);
    table_flag(t, false);
    table_bar(t, 0, 5);
    table_none(t);
    return t;
}

static void expect(struct look look, const char *text)
{
    struct table *t = stages();
    struct buf out = {0};
    assert_int_equal(table_rows(t), 2);
    table_print(t, &look, &out);
    assert_string_equal(buf_cstr(&out), text);
    buf_finish(&out);
    table_free(t);
}

static void wide(void **state)
{
    (void)state;
    expect((struct look){.width = 200},
           "stage                           WIP    p50  share  arrivals/leaves  hot  "
           "wait | work                     trend\n"
           "开发中                        1,238   4.4d   83 %              1.4  yes  "
           "▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒███████  ▃▅▆█\n"
           "\n"
           "the rest\n"
           "a|b, \"c\"\\u0009\\u001b[31m\\xff      7  12min      -                -       "
           "███▊\n");
}

static void terminal(void **state)
{
    (void)state;
    expect((struct look){.width = 80},
           "stage                WIP    p50  share  arrivals/leaves  hot  wait | work  trend\n"
           "开发中             1,238   4.4d   83 %              1.4  yes  ▒▒▒▒▒▒▒▒██▊  ▃▅▆█\n"
           "\n"
           "the rest\n"
           "a|b, \"c\"…[31m\\xff      7  12min      -                -       █▍\n");
}

static void narrow(void **state)
{
    (void)state;
    expect((struct look){.width = 40, .ascii = true},
           "stage                         WIP    p50\n"
           "开发中                      1,238   4.4d\n"
           "\n"
           "the rest\n"
           "a|b, \"c\"~[31m\\xff               7  12min\n");
}

static void no_wider_than_asked(void **state)
{
    (void)state;
    for (int width = 20; width <= 220; width++) {
        struct table *t = stages();
        struct buf out = {0};
        table_print(t, &(struct look){.width = width}, &out);
        str rest = buf_str(&out), line;
        while (str_cut(&rest, '\n', &line)) {
            /* the figures that stay need 21 columns and two gaps, a name at least 4 */
            assert_true(text_width(line) <= (width < 40 ? 40 : width));
            assert_false(str_ends(line, STR(" ")));
        }
        buf_finish(&out);
        table_free(t);
    }
}

static void coloured(void **state)
{
    (void)state;
    static const struct table_column columns[] = {{"stage", NULL, CELL_TEXT, 0, 0},
                                                  {"bar", NULL, CELL_BAR, 0, 0}};
    struct table *t = table_new(columns, 2);
    struct buf out = {0};
    table_text(t, STR("qa"));
    table_colour(t, COLOUR_CONSTRAINT);
    table_bar(t, 1, 1);
    table_text(t, STR("dev"));
    table_bar(t, 0, 1);
    table_print(t, &(struct look){.width = 17, .colour = true, .ascii = true}, &out);
    assert_string_equal(buf_cstr(&out),
                        "\x1b[1mstage\x1b[0m  \x1b[1mbar\x1b[0m\n"
                        "\x1b[1;31mqa\x1b[0m     \x1b[33m.....\x1b[0m\x1b[34m#####\x1b[0m\n"
                        "dev    \x1b[34m#####\x1b[0m\n");
    buf_finish(&out);
    table_free(t);
}

static void markdown(void **state)
{
    (void)state;
    expect((struct look){.format = LOOK_MD, .width = 40},
           "| stage | WIP | p50 | share | arrivals/leaves | hot |\n"
           "| --- | ---: | ---: | ---: | ---: | --- |\n"
           "| 开发中 | 1,238 | 4.4d | 83 % | 1.4 | yes |\n"
           "\n**the rest**\n\n"
           "| stage | WIP | p50 | share | arrivals/leaves | hot |\n"
           "| --- | ---: | ---: | ---: | ---: | --- |\n"
           "| a\\|b, \"c\"\\\\u0009\\\\u001b\\[31m\\\\xff | 7 | 12min | - | - |  |\n");
}

static void plain(void **state)
{
    (void)state;
    expect((struct look){.format = LOOK_PLAIN, .width = 40},
           "开发中\t1238\t380160\t0.834\t1.41\t1970-01-01T00:00:00.000000Z\ttrue\n"
           "a|b, \"c\"\\t\\u001b[31m\\xff\t7\t720\t\t\t\tfalse\n");
    struct table *t = table_new(COLUMNS, 1);
    struct buf out = {0};
    table_text(t, STR("one\ntwo\\n\r"));
    table_print(t, &(struct look){.format = LOOK_PLAIN, .header = true}, &out);
    assert_string_equal(buf_cstr(&out), "stage\none\\ntwo\\\\n\\u000d\n");
    buf_finish(&out);
    table_free(t);
}

static void csv(void **state)
{
    (void)state;
    expect((struct look){.format = LOOK_CSV, .width = 40},
           "stage,wip,p50_s,share,ratio,since,hot\r\n"
           "开发中,1238,380160,0.834,1.41,1970-01-01T00:00:00.000000Z,true\r\n"
           "\"a|b, \"\"c\"\"\t\\u001b[31m\\xff\",7,720,,,,false\r\n");
    struct table *t = table_new(COLUMNS, 1);
    struct buf out = {0};
    table_text(t, STR("one\r\ntwo"));
    table_text(t, STR(" x"));
    table_text(t, STR(""));
    table_print(t, &(struct look){.format = LOOK_CSV}, &out);
    assert_string_equal(buf_cstr(&out), "stage\r\n\"one\\u000d\ntwo\"\r\n\" x\"\r\n\r\n");
    buf_finish(&out);
    table_free(t);
}

static void objects(void **state)
{
    (void)state;
    const char *lines =
        "{\"stage\":\"开发中\",\"wip\":1238,\"p50_s\":380160,\"share\":0.834,\"ratio\":1.41,"
        "\"since\":\"1970-01-01T00:00:00.000000Z\",\"hot\":true}\n"
        "{\"stage\":\"a|b, \\\"c\\\"\\t\\u001b[31m\xef\xbf\xbd\",\"wip\":7,\"p50_s\":720,"
        "\"share\":null,\"ratio\":null,\"since\":null,\"hot\":false}\n";
    expect((struct look){.format = LOOK_JSONL}, lines);
    expect((struct look){.format = LOOK_JSON}, lines);
    json_t *second = json_loads(strchr(lines, '\n') + 1, 0, NULL);
    assert_non_null(second);
    json_decref(second);
}

static void what_cannot_be_told(void **state)
{
    (void)state;
    static const struct table_column columns[] = {{"stage", "stage", CELL_TEXT, 0, 0},
                                                  {"time", "time_s", CELL_LAPSE, 0, 0},
                                                  {"wait ▒ work █", NULL, CELL_BAR, 0, 1}};
    static const char *const expected[] = {
        "stage  time  wait ▒ work █\n"
        "build  3.0d  ▒▒▒▒▒▒▒▒▒░░░░░░░░░█████████\n"
        "ship   8.0h  ░░░░\n"
        "░ waiting or work: the log does not say\n",
        "stage  time  wait . work #\n"
        "build  9.0d  .........---------#########\n"
        "ship   1.0d  ----\n"
        "- waiting or work: the log does not say\n",
    };
    for (int i = 0; i < 2; i++) {
        struct table *t = table_new(columns, 3);
        struct buf out = {0};
        table_text(t, STR("build"));
        table_lapse(t, 3 * DAY);
        table_bar_either(t, 5, 5, 5);
        table_text(t, STR("ship"));
        table_lapse(t, 8 * HOUR);
        table_bar_either(t, 0, 2, 0);
        table_print(t, &(struct look){.width = 40, .ascii = i == 1, .day = i == 1 ? 8 * HOUR : 0},
                    &out);
        assert_string_equal(buf_cstr(&out), expected[i]);
        buf_finish(&out);
        table_free(t);
    }
}

static void long_names_stay_short(void **state)
{
    (void)state;
    char *name = malloc(10001);
    assert_non_null(name);
    memset(name, 'x', 10000);
    name[10000] = 0;
    struct table *t = table_new(COLUMNS, 3);
    struct buf out = {0};
    table_text(t, str_of(name));
    table_count(t, 1);
    table_lapse(t, HOUR);
    table_print(t, &(struct look){.width = 40}, &out);
    assert_string_equal(buf_cstr(&out), "stage                          WIP   p50\n"
                                        "xxxxxxxxxxxxxx…xxxxxxxxxxxxxx    1  1.0h\n");
    buf_finish(&out);
    table_free(t);
    free(name);
}

static void nothing(void **state)
{
    (void)state;
    struct table *t = table_new(COLUMNS, 3);
    struct buf out = {0};
    table_print(t, &(struct look){.width = 80}, &out);
    assert_string_equal(buf_cstr(&out), "stage  WIP  p50\n");
    buf_clear(&out);
    table_print(t, &(struct look){.format = LOOK_MD}, &out);
    assert_string_equal(buf_cstr(&out), "| stage | WIP | p50 |\n| --- | ---: | ---: |\n");
    buf_clear(&out);
    table_print(t, &(struct look){.format = LOOK_JSONL}, &out);
    assert_int_equal(out.n, 0);
    buf_finish(&out);
    table_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide),
        cmocka_unit_test(terminal),
        cmocka_unit_test(narrow),
        cmocka_unit_test(no_wider_than_asked),
        cmocka_unit_test(coloured),
        cmocka_unit_test(markdown),
        cmocka_unit_test(plain),
        cmocka_unit_test(csv),
        cmocka_unit_test(objects),
        cmocka_unit_test(what_cannot_be_told),
        cmocka_unit_test(long_names_stay_short),
        cmocka_unit_test(nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
