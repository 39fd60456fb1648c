/* Whatever the table holds occurs in help, scripts and manual pages; -h fits one screen. */
#include "cmd/help.h"

#include "cmd/complete.h"
#include "cmd/man.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { SCREEN_LINES = 24, SCREEN_COLUMNS = 80 };
static const struct look look = {.format = LOOK_TABLE, .width = SCREEN_COLUMNS};

static bool has(struct buf *text, const char *format, const char *word)
{
    char wanted[256];
    snprintf(wanted, sizeof wanted, format, word);
    return str_find(buf_str(text), str_of(wanted)) < text->n;
}

/* As scdoc source has it: "\-\-no-input" is "\--no-input", words with "\_". */
static bool man_has(struct buf *page, const char *option)
{
    return has(page, "*\\%s*", option);
}

static bool fish_has(struct buf *script, const struct option *o)
{
    return has(script, o->name[1] == 0 ? " -s %s " : " -l %s ", o->name);
}

static void check_options(const struct option *table, const char *what, struct buf *help,
                          struct buf *page, struct buf *bash, struct buf *zsh, struct buf *fish)
{
    for (const struct option *o = table; o != NULL && o->kind != OPTION_END; o++) {
        char text[OPTION_TEXT];
        options_text(o, text);
        if (o->purpose == NULL) {
            assert_false(has(help, " %s", text)); /* hidden */
            continue;
        }
        if (!has(help, "%s", text) || !man_has(page, text) || !has(bash, " %s", text) ||
            !has(zsh, "%s", text) || !fish_has(fish, o)) {
            fail_msg("%s: %s is missing in help, page or script", what, text);
        }
    }
}

static void test_everywhere(void **unused)
{
    (void)unused;
    struct buf bash = {0}, zsh = {0}, fish = {0}, overview = {0}, page = {0};
    complete_bash(&bash);
    complete_zsh(&zsh);
    complete_fish(&fish);
    help_overview(&overview, &look);
    assert_int_equal(man_page(&page, STR("weir.1"), STR(""), NULL), OK);
    check_options(options_global, "weir", &overview, &page, &bash, &zsh, &fish);
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if ((c->flags & COMMAND_HIDDEN) != 0) {
            continue;
        }
        struct buf help = {0}, own = {0};
        char name[64];
        snprintf(name, sizeof name, "weir-%s.1", c->name);
        help_command(&help, c, true, &look);
        assert_int_equal(man_page(&own, str_of(name), STR(""), NULL), OK);
        check_options(c->options, c->name, &help, &own, &bash, &zsh, &fish);
        assert_true(has(&overview, "  %s ", c->name));
        assert_true(has(&page, "weir-%s*", c->name));
        assert_true(has(&bash, " %s ", c->name) || has(&bash, " %s\"", c->name));
        assert_true(has(&zsh, "'%s:", c->name));
        assert_true(has(&fish, " -a %s ", c->name));
        for (const struct example *e = c->examples; e->line != NULL; e++) {
            assert_true(has(&help, "  %s\n", e->line));
            assert_true(has(&own, "```\n%s\n```", e->line));
            assert_true(str_find(str_of(e->line), STR("weir")) < strlen(e->line));
        }
        buf_finish(&help);
        buf_finish(&own);
    }
    buf_finish(&bash);
    buf_finish(&zsh);
    buf_finish(&fish);
    buf_finish(&overview);
    buf_finish(&page);
}

static void test_one_screen(void **unused)
{
    (void)unused;
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        struct buf text = {0};
        help_command(&text, command_table_all[i], false, &look);
        str rest = buf_str(&text), line;
        int lines = 0;
        while (str_cut(&rest, '\n', &line)) {
            lines++;
            if (text_width(line) > SCREEN_COLUMNS) {
                fail_msg("weir %s -h: too wide: " STR_FMT, command_table_all[i]->name,
                         STR_ARG(line));
            }
        }
        if (lines > SCREEN_LINES) {
            fail_msg("weir %s -h has %d lines", command_table_all[i]->name, lines);
        }
        buf_finish(&text);
    }
}

static void test_faults(void **unused)
{
    (void)unused;
    struct buf text = {0};
    assert_true(help_error(&text, STR("e2103"), &look));
    assert_true(str_starts(buf_str(&text), STR("E2103: rows were rejected\n")));
    assert_false(help_error(&text, STR("E0000"), &look));
    for (const struct fault *f = faults; f->id != NULL; f++) {
        assert_int_equal(strlen(f->id), 5);
        assert_true(f[1].id == NULL || strcmp(f->id, f[1].id) < 0); /* in order, none twice */
    }
    buf_finish(&text);
}

static void test_words(void **unused)
{
    (void)unused;
    static const struct config none;
    struct buf out = {0};
    complete_words(&out, STR("commands"), STR("ver"), &none);
    assert_string_equal(buf_cstr(&out), "version\n");
    buf_clear(&out);
    complete_words(&out, STR("topics"), STR("E21"), &none);
    assert_string_equal(buf_cstr(&out), "E2103\n");
    buf_clear(&out);
    complete_words(&out, STR("nonsense"), STR(""), &none);
    assert_int_equal(out.n, 0);
    struct config_team teams[] = {{.name = STR_INIT("pay")},
                                  {.name = STR_INIT("two\nlines")},
                                  {.name = STR_INIT("\x1b[2J")},
                                  {.name = STR_INIT("$(touch x)")}};
    struct config config = {.teams = {.v = teams, .n = 4}};
    complete_words(&out, STR("teams"), STR(""), &config);
    assert_string_equal(buf_cstr(&out), "pay\n$(touch x)\n"); /* the scripts quote it */
    buf_finish(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everywhere),
        cmocka_unit_test(test_one_screen),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
