/* The words of a command line, against a small table of its own and against the real one. */
#include "cmd/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int run(struct command_context *c)
{
    (void)c;
    return EXIT_YES;
}

static const struct option map_options[] = {
    {OPTION_FLAG, "dot", 0, NULL, "Graphviz", NULL, 0},
    {OPTION_VALUE, "events", 0, "complete|start|all", "which events", NULL, 0},
    {OPTION_LIST, "group", 'g', "NAME", "by what", NULL, 0},
    {.kind = OPTION_END},
};
static const struct argument map_arguments[] = {
    {.name = "info|verify", .purpose = "what", .optional = true},
    {.name = NULL},
};
static const struct argument import_arguments[] = {
    {.name = "PATH", .purpose = "a file", .many = true},
    {.name = NULL},
};
static const struct example examples[] = {{"weir map", NULL}, {.line = NULL}};
static const struct command map = {.name = "map",
                                   .purpose = "x",
                                   .arguments = map_arguments,
                                   .options = map_options,
                                   .examples = examples,
                                   .flags = COMMAND_READS,
                                   .run = run};
static const struct command import = {.name = "import",
                                      .purpose = "x",
                                      .arguments = import_arguments,
                                      .examples = examples,
                                      .flags = COMMAND_STORE | COMMAND_ANSWERS,
                                      .run = run};
static const struct command hidden = {
    .name = "stat", .purpose = "x", .examples = examples, .flags = COMMAND_HIDDEN, .run = run};
static const struct command *const table[] = {&map, &import, &hidden, NULL};

enum { WORDS = 16 };

/* Splits a line at spaces and parses it. "''" is an empty word. */
static status_code parse(const char *line, struct words *ret, struct error *why)
{
    static char text[512];
    static const char *argv[WORDS];
    size_t n = 0;
    snprintf(text, sizeof text, "%s", line);
    char *rest = NULL;
    for (char *word = strtok_r(text, " ", &rest); word != NULL && n < WORDS;
         word = strtok_r(NULL, " ", &rest)) {
        argv[n++] = strcmp(word, "''") == 0 ? "" : word;
    }
    *why = (struct error){0};
    return options_parse(argv, n, table, ret, why);
}

/* The whole state as a text: "map [dot] [last=90d] | a b". */
static const char *state(const struct words *w)
{
    static char text[512];
    int n = snprintf(text, sizeof text, STR_FMT, STR_ARG(w->command));
    for (size_t i = 0; i < w->given.n; i++) {
        const struct given *g = &w->given.v[i];
        n += snprintf(text + n, sizeof text - (size_t)n, " [%s%s" STR_FMT "]", g->option->name,
                      g->option->value != NULL ? "=" : "", STR_ARG(g->value));
    }
    for (size_t i = 0; i < w->arguments.n; i++) {
        n += snprintf(text + n, sizeof text - (size_t)n, "%s" STR_FMT, i == 0 ? " | " : " ",
                      STR_ARG(w->arguments.v[i]));
    }
    return text;
}

static void test_understood(void **unused)
{
    (void)unused;
    static const struct {
        const char *line, *state;
    } cases[] = {
        {"", ""},
        {"map", "map"},
        {"map --dot", "map [dot]"},
        {"--json map", "map [json]"},
        {"map --json", "map [json]"},
        {"--last 90d map", "map [last=90d]"},
        {"map --last=90d", "map [last=90d]"},
        {"map --last=", "map [last=]"},
        {"map --from -7d --to now", "map [from=-7d] [to=now]"},
        {"map --store=--odd", "map [store=--odd]"},
        {"-C dir map", "map [C=dir]"},
        {"-Cdir map", "map [C=dir]"},
        {"map -vv", "map [verbose] [verbose]"},
        {"map -v --verbose", "map [verbose] [verbose]"},
        {"-qCdir map", "map [quiet] [C=dir]"},
        {"map --where a=1 --where b=2", "map [where=a=1] [where=b=2]"},
        {"map -g x -gy", "map [group=x] [group=y]"},
        {"map --events start verify", "map [events=start] | verify"},
        {"import a b -", "import | a b -"},
        {"import -- --json -x", "import | --json -x"},
        {"import -q a -- b", "import [quiet] | a b"},
        {"import --help", "import [help]"}, /* no path needed */
        {"import ''", "import | "},
        {"stat", "stat"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words w;
        struct error why;
        status_code s = parse(cases[i].line, &w, &why);
        if (s != OK) {
            fail_msg("%s: %s", cases[i].line, why.text);
        }
        assert_string_equal(state(&w), cases[i].state);
        options_finish(&w);
    }
}

static void test_not_understood(void **unused)
{
    (void)unused;
    static const struct {
        const char *line, *text, *state;
    } cases[] = {
        {"mpa", "unknown command \"mpa\". Did you mean \"map\"?", "mpa"},
        {"imprt --json", "unknown command \"imprt\". Did you mean \"import\"?", "imprt [json]"},
        {"xyzzy", "unknown command \"xyzzy\"", "xyzzy"},
        {"sta", "unknown command \"sta\"", "sta"}, /* hidden ones are no suggestion */
        {"''", "unknown command \"\"", ""},
        {"map --dto", "unknown option \"--dto\". Did you mean \"--dot\"?", "map"},
        {"map --lsat 90d", "unknown option \"--lsat\". Did you mean \"--last\"?", "map | 90d"},
        {"map --nonsense --json", "unknown option \"--nonsense\"", "map [json]"},
        {"map --C x", "unknown option \"--C\"", "map | x"},
        {"map -x", "unknown option \"-x\"", "map"},
        {"map -vx", "unknown option \"-x\"", "map [verbose]"},
        {"--dot map", "the option --dot belongs behind its command: weir map --dot", "map"},
        {"map --last", "--last needs a value: --last DURATION", "map"},
        {"map --store --json", "--store needs a value: --store PATH", "map [json]"},
        {"map -C", "-C needs a value: -C DIR", "map"},
        {"map --json=yes", "--json takes no value", "map"},
        {"map --last 1d --last 2d", "--last is given twice", "map [last=1d]"},
        {"map --json --json", "--json is given twice", "map [json]"},
        {"map --events strat",
         "--events: \"strat\" is not one of complete|start|all. Did you mean "
         "\"start\"?",
         "map"},
        {"map --clock '", "--clock: \"'\" is not one of wall|work", "map"},
        {"map --json --plain", "--json and --plain exclude each other", "map [json] [plain]"},
        {"map --from now --last 1d", "--from and --last exclude each other",
         "map [from=now] [last=1d]"},
        {"map -q -v", "--quiet and --verbose exclude each other", "map [quiet] [verbose]"},
        {"import --last 90d x", "--last is not an option of this command", "import [last=90d] | x"},
        {"import", "PATH is missing: a file", "import"},
        {"map veirfy", "map: \"veirfy\" is not one of info|verify. Did you mean \"verify\"?",
         "map | veirfy"},
        {"map info more", "one argument too many: \"more\"", "map | info more"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words w;
        struct error why;
        assert_int_equal(parse(cases[i].line, &w, &why), FAIL);
        assert_string_equal(why.text, cases[i].text);
        assert_string_equal(state(&w), cases[i].state);
        options_finish(&w);
    }
}

static void test_environment(void **unused)
{
    (void)unused;
    static const struct {
        const char *line, *environment[4], *state, *fault;
    } cases[] = {
        {"map", {"WEIR_LAST=90d"}, "map [last=90d]", NULL},
        {"map --last 7d", {"WEIR_LAST=90d"}, "map [last=7d]", NULL},
        {"map --from now", {"WEIR_LAST=90d"}, "map [from=now]", NULL},
        {"map --plain", {"WEIR_JSON=1", "WEIR_OUTPUT=csv"}, "map [plain]", NULL},
        {"map", {"WEIR_JSON=yes", "WEIR_ASCII=off"}, "map [json]", NULL},
        {"map", {"WEIR_VERBOSE=2"}, "map [verbose] [verbose]", NULL},
        {"map -v", {"WEIR_QUIET=1"}, "map [verbose]", NULL},
        {"map", {"WEIR_LAST="}, "map", NULL},
        {"map", {"WEIR_NO_INPUT=1", "WEIR_ELSE=1", "WEIR_DOT=1"}, "map [no-input]", NULL},
        {"map", {"WEIR_JSON=maybe"}, "map", "WEIR_JSON: \"maybe\" is neither 1 nor 0"},
        {"map", {"WEIR_CLOCK=x"}, "map", "WEIR_CLOCK: \"x\" is not one of wall|work"},
        {"map",
         {"WEIR_LAST=1d", "WEIR_FROM=now"},
         "map [from=now] [last=1d]",
         "WEIR_FROM and WEIR_LAST exclude each other"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct words w;
        struct error why;
        struct arena a = {0};
        assert_int_equal(parse(cases[i].line, &w, &why), OK);
        status_code s = options_environment(cases[i].environment, &a, &w, &why);
        assert_int_equal(s, cases[i].fault != NULL ? FAIL : OK);
        if (cases[i].fault != NULL) {
            assert_string_equal(why.text, cases[i].fault);
        }
        assert_string_equal(state(&w), cases[i].state);
        options_finish(&w);
        arena_finish(&a);
    }
}

/* The real table holds what the help, the scripts and the pages rely on. */
static void test_table(void **unused)
{
    (void)unused;
    enum command_group group = GROUP_START;
    size_t alone = 0;
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        assert_ptr_equal(command_find(str_of(c->name)), c); /* no name twice */
        assert_non_null(c->purpose);
        assert_non_null(c->run);
        alone += (c->flags & COMMAND_ALONE) != 0;
        for (const struct option *o = c->options; o != NULL && o->kind != OPTION_END; o++) {
            assert_null(options_in(options_global, str_of(o->name)));
            assert_int_equal(o->value != NULL, o->kind == OPTION_VALUE || o->kind == OPTION_LIST);
            assert_ptr_equal(options_in(c->options, str_of(o->name)), o);
        }
        if ((c->flags & COMMAND_HIDDEN) == 0) {
            assert_true(c->group >= group); /* groups stand together */
            group = c->group;
            assert_non_null(c->examples);
            assert_non_null(c->examples[0].line);
            assert_true(strlen(c->purpose) < 66);
        }
    }
    assert_true(alone <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_understood),
        cmocka_unit_test(test_not_understood),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
