/* The words of a command line. One walk over argv: the command is the first word that is not an
 * option or an option's value, so only options of every command (and those of plain weir) may stand
 * before it. The first fault is kept and the walk goes on, so that --json is known when the fault
 * is reported; what can be judged only at the end (does the command take this option, how many
 * arguments, which options exclude each other) is judged there. */
#include "cmd/command.h"

#include "base/nearest.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define FORMATS "table|plain|json|jsonl|csv|md"

const struct option options_global[] = {
    {OPTION_VALUE, "C", 'C', "DIR", "as if started in DIR", "dir", 0},
    {OPTION_VALUE, "store", 0, "PATH", "the store, a DuckDB file", "file", COMMAND_STORE},
    {OPTION_VALUE, "stream", 0, "NAME", "the value stream of weir.yaml to look at", "streams",
     COMMAND_SELECTS},
    {OPTION_LIST, "where", 0, "KEY=VALUE", "only items with this attribute; all must hold", NULL,
     COMMAND_SELECTS},
    {OPTION_VALUE, "from", 0, "TIME", "from this instant on: a date, 2026-03-01T10:00Z, -7d", NULL,
     COMMAND_SELECTS},
    {OPTION_VALUE, "to", 0, "TIME", "until just before this instant", NULL, COMMAND_SELECTS},
    {OPTION_VALUE, "last", 0, "DURATION", "the time up to now (or --to): 90d, 12h", NULL,
     COMMAND_SELECTS},
    {OPTION_VALUE, "clock", 0, "wall|work",
     "clock of durations; work: those of the calendar, 1d is a working day", NULL, COMMAND_SELECTS},
    {OPTION_VALUE, "tz", 0, "ZONE", "time zone for times and dates: Europe/Berlin, +01:00", NULL,
     0},
    {OPTION_VALUE, "output", 0, FORMATS, "shape of the answer", NULL, COMMAND_ANSWERS},
    {OPTION_FLAG, "json", 0, NULL, "same as --output json: one document", NULL, COMMAND_ANSWERS},
    {OPTION_FLAG, "plain", 0, NULL, "same as --output plain: lines with tabs, for scripts", NULL,
     COMMAND_ANSWERS},
    {OPTION_FLAG, "header", 0, NULL, "--plain begins with the names of the columns", NULL,
     COMMAND_ANSWERS},
    {OPTION_FLAG, "explain", 0, NULL, "add rule, query, used and excluded rows", NULL,
     COMMAND_ANSWERS},
    {OPTION_FLAG, "quiet", 'q', NULL, "no notes and no progress", NULL, 0},
    {OPTION_COUNTED, "verbose", 'v', NULL, "say more; twice: for finding faults", NULL, 0},
    {OPTION_VALUE, "color", 0, "auto|always|never", "colours", NULL, 0},
    {OPTION_FLAG, "ascii", 0, NULL, "charts and signs in ASCII", NULL, 0},
    {OPTION_VALUE, "config", 0, "FILE", "this file in place of the project's weir.yaml", "file", 0},
    {OPTION_VALUE, "threads", 0, "N", "processor cores that the store may use; default 2", NULL, 0},
    {OPTION_FLAG, "no-input", 0, NULL, "ask no questions", NULL, 0},
    {OPTION_VALUE, "timeout", 0, "DURATION", "give up after this time: 30s", NULL, 0},
    {OPTION_FLAG, "help", 'h', NULL, "help on one screen", NULL, 0},
    {OPTION_FLAG, "version", 0, NULL, "the version", NULL, 0},
    {.kind = OPTION_END},
};

static const char *const excluding[][2] = {
    {"json", "output"}, {"plain", "output"},  {"json", "plain"},
    {"from", "last"},   {"quiet", "verbose"},
};

bool options_are_words(const char *value)
{
    return value != NULL && islower((unsigned char)value[0]);
}

bool options_is_word(str word, const char *words)
{
    str rest = str_of(words), one;
    while (str_cut(&rest, '|', &one)) {
        if (str_eq(one, word)) {
            return true;
        }
    }
    return false;
}

const char *options_text(const struct option *o, char text[OPTION_TEXT])
{
    bool letter = o->name[1] == 0;
    snprintf(text, OPTION_TEXT, "%s%s", letter ? "-" : "--", o->name);
    return text;
}

const char *options_variable(const struct option *o, char text[OPTION_TEXT])
{
    if (o->name[1] == 0 || strcmp(o->name, "help") == 0 || strcmp(o->name, "version") == 0) {
        return NULL;
    }
    int n = snprintf(text, OPTION_TEXT, "WEIR_%s", o->name);
    for (int i = 5; i < n && i < OPTION_TEXT - 1; i++) {
        text[i] = text[i] == '-' ? '_' : (char)toupper((unsigned char)text[i]);
    }
    return text;
}

const char *options_value(const char *const *environment, const char *variable)
{
    size_t n = strlen(variable);
    for (; environment != NULL && *environment != NULL; environment++) {
        if (strncmp(*environment, variable, n) == 0 && (*environment)[n] == '=') {
            return *environment + n + 1;
        }
    }
    return NULL;
}

const struct option *options_in(const struct option *table, str name)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (str_eq(name, str_of(table->name))) {
            return table;
        }
    }
    return NULL;
}

static const struct option *with_letter(const struct option *table, char letter)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (table->letter == letter) {
            return table;
        }
    }
    return NULL;
}

bool options_takes(const struct command *c, const struct option *global)
{
    return global->of == 0 || (c != NULL && (c->flags & global->of) != 0);
}

/* The walk's state. */
struct walk {
    const struct command *const *commands;
    struct words *words;
    struct error *why; /* the first fault */
    bool failed;
};

static void fault(struct walk *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void fault(struct walk *w, const char *format, ...)
{
    if (w->failed) {
        return;
    }
    w->failed = true;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(w->why, "%s", text);
    error_id(w->why, "E1002");
    if (w->words->entry != NULL && w->words->command.n > 0) {
        error_hint(w->why, "Read:  weir help %s", w->words->entry->name);
    } else {
        error_hint(w->why, "Read:  weir help");
    }
}

static str shown(str word) /* a message is not a place for an argument of a megabyte */
{
    return str_first(word, 80);
}

static const struct option *own_options(const struct walk *w)
{
    return w->words->entry != NULL ? w->words->entry->options : NULL;
}

struct name_list {
    str v[160];
    size_t n;
};

static void add_names(struct name_list *names, const struct option *table)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (table->purpose != NULL && table->name[1] != 0 &&
            names->n < sizeof names->v / sizeof names->v[0]) {
            names->v[names->n++] = str_of(table->name);
        }
    }
}

static void unknown_option(struct walk *w, str name)
{
    struct name_list names = {.n = 0};
    add_names(&names, own_options(w));
    add_names(&names, options_global);
    const str *near = nearest(name, names.v, names.n);
    const char *of = NULL;
    for (size_t i = 0; w->words->command.n == 0 && w->commands[i] != NULL && of == NULL; i++) {
        const struct option *o = options_in(w->commands[i]->options, name);
        of = o != NULL && o->purpose != NULL ? w->commands[i]->name : NULL;
    }
    if (of != NULL) {
        fault(w, "the option --" STR_FMT " belongs behind its command: weir %s --" STR_FMT,
              STR_ARG(name), of, STR_ARG(name));
    } else if (near != NULL) {
        fault(w, "unknown option \"--" STR_FMT "\". Did you mean \"--" STR_FMT "\"?",
              STR_ARG(shown(name)), STR_ARG(*near));
    } else {
        fault(w, "unknown option \"--" STR_FMT "\"", STR_ARG(shown(name)));
    }
}

static bool check_word(struct walk *w, const char *subject, const char *words, str value)
{
    if (!options_are_words(words) || options_is_word(value, words)) {
        return true;
    }
    struct name_list names = {.n = 0};
    str rest = str_of(words);
    while (names.n < sizeof names.v / sizeof names.v[0] && str_cut(&rest, '|', &names.v[names.n])) {
        names.n++;
    }
    const str *near = nearest(value, names.v, names.n);
    if (near != NULL) {
        fault(w, "%s: \"" STR_FMT "\" is not one of %s. Did you mean \"" STR_FMT "\"?", subject,
              STR_ARG(shown(value)), words, STR_ARG(*near));
    } else {
        fault(w, "%s: \"" STR_FMT "\" is not one of %s", subject, STR_ARG(shown(value)), words);
    }
    return false;
}

static void give(struct walk *w, const struct option *o, str value)
{
    char text[OPTION_TEXT];
    options_text(o, text);
    bool repeats = o->kind == OPTION_COUNTED || o->kind == OPTION_LIST;
    if (!repeats && options_find(w->words, o->name) != NULL) {
        fault(w, "%s is given twice", text);
        return;
    }
    if (check_word(w, text, o->value, value)) {
        VEC_ADD(&w->words->given, (struct given){o, value, NULL});
    }
}

static bool takes_value(const struct option *o)
{
    return o->kind == OPTION_VALUE || o->kind == OPTION_LIST;
}

/* The value of an option is the next word, whatever it is ("--from -7d"), except another long
 * option: "--store --json" is a forgotten value. Returns the number of words used. */
static size_t give_next(struct walk *w, const struct option *o, const char *next)
{
    char text[OPTION_TEXT];
    if (next == NULL || strncmp(next, "--", 2) == 0) {
        fault(w, "%s needs a value: %s %s", options_text(o, text), text, o->value);
        return 0;
    }
    give(w, o, str_of(next));
    return 1;
}

static size_t take_long(struct walk *w, str word, const char *next)
{
    size_t equals = str_find_char(word, '=');
    str name = str_first(word, equals);
    const struct option *o = options_in(own_options(w), name);
    o = o != NULL ? o : options_in(options_global, name);
    if (o == NULL || o->name[1] == 0) {
        unknown_option(w, name);
        return 0;
    }
    if (!takes_value(o)) {
        if (equals < word.n) {
            fault(w, "--%s takes no value", o->name);
        } else {
            give(w, o, (str){"", 0});
        }
        return 0;
    }
    if (equals < word.n) {
        give(w, o, str_from(word, equals + 1));
        return 0;
    }
    return give_next(w, o, next);
}

static size_t take_letters(struct walk *w, str letters, const char *next)
{
    for (size_t i = 0; i < letters.n; i++) {
        const struct option *o = with_letter(own_options(w), letters.p[i]);
        o = o != NULL ? o : with_letter(options_global, letters.p[i]);
        if (o == NULL) {
            fault(w, "unknown option \"-" STR_FMT "\"", STR_ARG(shown(str_from(letters, i))));
            return 0;
        }
        if (!takes_value(o)) {
            give(w, o, (str){"", 0});
        } else if (i + 1 < letters.n) {
            give(w, o, str_from(letters, i + 1));
            return 0;
        } else {
            return give_next(w, o, next);
        }
    }
    return 0;
}

static void take_command(struct walk *w, str word)
{
    w->words->command = word;
    w->words->entry = NULL;
    struct name_list names = {.n = 0};
    for (size_t i = 0; w->commands[i] != NULL; i++) {
        if (str_eq(word, str_of(w->commands[i]->name))) {
            w->words->entry = w->commands[i];
            return;
        }
        if ((w->commands[i]->flags & COMMAND_HIDDEN) == 0 && names.n < 160) {
            names.v[names.n++] = str_of(w->commands[i]->name);
        }
    }
    const str *near = nearest(word, names.v, names.n);
    bool before = w->failed;
    if (near != NULL) {
        fault(w, "unknown command \"" STR_FMT "\". Did you mean \"" STR_FMT "\"?",
              STR_ARG(shown(word)), STR_ARG(*near));
    } else {
        fault(w, "unknown command \"" STR_FMT "\"", STR_ARG(shown(word)));
    }
    if (!before) {
        error_id(w->why, "E1001");
    }
    if (!before && near != NULL) {
        error_hint(w->why, "%s", ""); /* the question is the remedy */
    }
}

static void check_options(struct walk *w)
{
    const struct words *words = w->words;
    char text[OPTION_TEXT];
    for (size_t i = 0; i < words->given.n; i++) {
        const struct option *o = words->given.v[i].option;
        bool global = options_in(options_global, str_of(o->name)) == o;
        bool own = options_in(own_options(w), str_of(o->name)) == o;
        if (words->entry != NULL ? !own && !(global && options_takes(words->entry, o))
                                 : !own && !global) {
            fault(w, "%s is not an option of %s", options_text(o, text),
                  words->command.n > 0 ? "this command" : "weir alone");
        }
    }
    for (size_t i = 0; i < sizeof excluding / sizeof excluding[0]; i++) {
        const struct given *a = options_find(words, excluding[i][0]);
        const struct given *b = options_find(words, excluding[i][1]);
        if (a != NULL && b != NULL) {
            fault(w, "--%s and --%s exclude each other", excluding[i][0], excluding[i][1]);
        }
    }
}

static void check_arguments(struct walk *w)
{
    const struct argument *a = w->words->entry->arguments;
    size_t n = w->words->arguments.n, i = 0;
    for (; a != NULL && a->name != NULL; a++) {
        if (i >= n && !a->optional) {
            fault(w, "%s is missing: %s", a->name, a->purpose);
            return;
        }
        size_t end = a->many ? n : i + 1;
        for (; i < end && i < n; i++) {
            check_word(w, w->words->entry->name, a->name, w->words->arguments.v[i]);
        }
    }
    if (i < n) {
        fault(w, "one argument too many: \"" STR_FMT "\"",
              STR_ARG(shown(w->words->arguments.v[i])));
    }
}

status options_parse(const char *const *argv, size_t argc, const struct command *const *commands,
                     struct words *ret, struct error *why)
{
    *ret = (struct words){0};
    struct walk w = {.commands = commands, .words = ret, .why = why};
    for (size_t i = 0; commands[i] != NULL; i++) {
        ret->entry = (commands[i]->flags & COMMAND_ALONE) != 0 ? commands[i] : ret->entry;
    }
    bool options_ended = false;
    for (size_t i = 0; i < argc; i++) {
        str word = str_of(argv[i]);
        const char *next = i + 1 < argc ? argv[i + 1] : NULL;
        if (options_ended || word.n < 2 || word.p[0] != '-') {
            if (ret->command.p == NULL) {
                take_command(&w, word);
            } else {
                VEC_ADD(&ret->arguments, word);
            }
        } else if (str_eq(word, STR("--"))) {
            options_ended = true;
        } else if (word.p[1] == '-') {
            i += take_long(&w, str_from(word, 2), next);
        } else {
            i += take_letters(&w, str_from(word, 1), next);
        }
    }
    check_options(&w);
    bool asks_help = options_find(ret, "help") != NULL || options_find(ret, "version") != NULL;
    if (ret->entry != NULL && !asks_help) {
        check_arguments(&w);
    }
    return w.failed ? FAIL : OK;
}

/* Whether the command line says something that makes `name` of the environment void. */
static bool is_settled(const struct words *words, size_t from_command_line, const char *name)
{
    struct words given = *words; /* only what came first, from the command line */
    given.given.n = from_command_line;
    if (options_find(&given, name) != NULL) {
        return true;
    }
    for (size_t i = 0; i < sizeof excluding / sizeof excluding[0]; i++) {
        for (int side = 0; side < 2; side++) {
            if (strcmp(excluding[i][side], name) == 0 &&
                options_find(&given, excluding[i][1 - side]) != NULL) {
                return true;
            }
        }
    }
    return false;
}

static void take_variable(struct walk *w, const struct option *o, const char *variable, str value)
{
    if (takes_value(o)) {
        if (value.n > 0 && check_word(w, variable, o->value, value)) {
            VEC_ADD(&w->words->given, (struct given){o, value, variable});
        }
        return;
    }
    int64_t times = 0;
    if (str_eq_case(value, STR("yes")) || str_eq_case(value, STR("true")) ||
        str_eq_case(value, STR("on"))) {
        times = 1;
    } else if (value.n == 0 || str_eq_case(value, STR("no")) || str_eq_case(value, STR("false")) ||
               str_eq_case(value, STR("off"))) {
        times = 0;
    } else if (!str_to_i64(value, &times) || times < 0 ||
               times > (o->kind == OPTION_COUNTED ? 2 : 1)) {
        fault(w, "%s: \"" STR_FMT "\" is neither 1 nor 0", variable, STR_ARG(shown(value)));
        return;
    }
    for (; times > 0; times--) {
        VEC_ADD(&w->words->given, (struct given){o, (str){"", 0}, variable});
    }
}

status options_environment(const char *const *environment, struct arena *a, struct words *words,
                           struct error *why)
{
    struct walk w = {.words = words, .why = why};
    size_t from_command_line = words->given.n;
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        char text[OPTION_TEXT];
        const char *variable = options_variable(o, text);
        const char *value = variable != NULL ? options_value(environment, variable) : NULL;
        if (value != NULL && !is_settled(words, from_command_line, o->name)) {
            take_variable(&w, o, arena_str(a, str_of(variable)).p, str_of(value));
        }
    }
    for (size_t i = 0; i < sizeof excluding / sizeof excluding[0]; i++) {
        const struct given *one = options_find(words, excluding[i][0]);
        const struct given *other = options_find(words, excluding[i][1]);
        if (one != NULL && other != NULL && one->variable != NULL && other->variable != NULL) {
            fault(&w, "%s and %s exclude each other", one->variable, other->variable);
        }
    }
    return w.failed ? FAIL : OK;
}

void options_finish(struct words *w)
{
    VEC_FINISH(&w->given);
    VEC_FINISH(&w->arguments);
}

const struct given *options_find(const struct words *w, const char *name)
{
    for (size_t i = 0; i < w->given.n; i++) {
        if (strcmp(w->given.v[i].option->name, name) == 0) {
            return &w->given.v[i];
        }
    }
    return NULL;
}
