#include "cmd/man.h"

#include "cmd/help.h"
#include "wire/stream.h"

#include <stdio.h>
#include <string.h>

/* scdoc takes any character behind a backslash as it is. */
static void plain(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (strchr("\\*_<>#[]|~`+", text.p[i]) != NULL ||
            (i == 0 && strchr("-.", text.p[i]) != NULL)) {
            buf_putc(out, '\\');
        }
        buf_putc(out, text.p[i] == '\n' ? ' ' : text.p[i]);
    }
}

static void between(struct buf *out, char mark, const char *text)
{
    buf_putc(out, mark);
    plain(out, str_of(text));
    buf_putc(out, mark);
}

static void head(struct buf *out, const char *name, int section)
{
    buf_addf(out, "%s(%d) \"weir %s\" \"weir\"\n\n", name, section, WEIR_VERSION);
}

static void section(struct buf *out, const char *title)
{
    buf_addf(out, "\n# %s\n\n", title);
}

static void paragraphs(struct buf *out, const char *text)
{
    str rest = str_of(text);
    while (rest.n > 0) {
        size_t end = str_find(rest, STR("\n\n"));
        plain(out, str_trim(str_first(rest, end)));
        buf_add(out, STR("\n\n"));
        rest = str_from(rest, end + 2);
    }
}

static void options(struct buf *out, const struct option *table)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (table->purpose == NULL) {
            continue;
        }
        char text[OPTION_TEXT];
        if (table->letter != 0 && table->name[1] != 0) {
            buf_addf(out, "*\\-%c*, ", table->letter);
        }
        between(out, '*', options_text(table, text));
        if (table->value != NULL) {
            buf_putc(out, ' ');
            if (options_are_words(table->value)) {
                plain(out, str_of(table->value));
            } else {
                between(out, '_', table->value);
            }
        }
        buf_add(out, STR("\n\t"));
        plain(out, str_of(table->purpose));
        buf_add(out, table->kind == OPTION_LIST || table->kind == OPTION_COUNTED
                         ? STR(" (may be repeated)\n\n")
                         : STR("\n\n"));
    }
}

static void examples(struct buf *out, const struct command *c)
{
    for (size_t i = 0; c->examples != NULL && c->examples[i].line != NULL; i++) {
        if (c->examples[i].purpose != NULL) {
            plain(out, str_of(c->examples[i].purpose));
            buf_add(out, STR(":\n\n"));
        }
        buf_addf(out, "```\n%s\n```\n\n", c->examples[i].line);
    }
}

static void synopsis(struct buf *out, const struct command *c)
{
    buf_add(out, STR("*weir"));
    if ((c->flags & COMMAND_ALONE) == 0) {
        buf_addf(out, " %s", c->name);
    }
    buf_add(out, STR("* [OPTIONS]"));
    for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
        buf_add(out, a->optional ? STR(" \\[") : STR(" "));
        if (options_are_words(a->name)) {
            plain(out, str_of(a->name));
        } else {
            between(out, '_', a->name);
        }
        buf_add(out, a->many ? STR("…") : STR(""));
        buf_add(out, a->optional ? STR("\\]") : STR(""));
    }
    buf_putc(out, '\n');
}

static void exit_codes(struct buf *out)
{
    section(out, "EXIT STATUS");
    static const char *const codes[][2] = {
        {"0", "fine, or yes"},
        {"1", "the answer is no: nothing matched, a limit is broken, a fault was found"},
        {"2", "an error, or wrong usage"},
        {"3", "finished, but some input was rejected"},
        {"75",
         "temporary: the store is busy, a server does not answer, the time is over; try again"},
        {"130, 143", "stopped by SIGINT, SIGTERM"},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        buf_addf(out, "*%s*\n\t%s\n\n", codes[i][0], codes[i][1]);
    }
    buf_add(out,
            STR("When the reader of a pipe leaves early, weir stops quietly and the exit status is "
                "that of the command.\n"));
}

static void environment(struct buf *out)
{
    section(out, "ENVIRONMENT");
    buf_add(out, STR("Options have variables of their names; the command line wins, then the "
                     "environment, then weir.yaml.\n\n"));
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        char variable[OPTION_TEXT], text[OPTION_TEXT];
        if (options_variable(o, variable) != NULL) {
            between(out, '*', variable);
            buf_add(out, STR("\n\tas "));
            between(out, '*', options_text(o, text));
            buf_add(out, o->value == NULL ? STR("; 1 or 0\n\n") : STR("\n\n"));
        }
    }
    static const char *const others[][2] = {
        {"WEIR_PAGER, PAGER", "shows answers that are longer than the screen; empty or cat: none. "
                              "Default less -FRX"},
        {"FORCE_COLOR, NO_COLOR, CLICOLOR_FORCE", "colours, when *--color* says nothing"},
        {"LC_ALL, LC_CTYPE, LANG", "without UTF-8 in the first one set, charts are in ASCII"},
        {"COLUMNS", "the width, when the terminal does not tell it"},
        {"TZ", "the zone of times, when *--tz* and weir.yaml say nothing"},
        {"XDG_DATA_HOME", "holds weir/, the default stores. Default ~/.local/share"},
        {"XDG_STATE_HOME", "holds weir/trusted and logs. Default ~/.local/state"},
        {"XDG_CONFIG_HOME", "holds weir/weir.yaml of the user. Default ~/.config"},
        {"WEIR_NOW", "an instant taken for now, to make answers repeatable"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        between(out, '*', others[i][0]);
        buf_addf(out, "\n\t%s\n\n", others[i][1]);
    }
}

static void page_weir(struct buf *out)
{
    head(out, "weir", 1);
    section(out, "NAME");
    buf_add(out, STR("weir - see how work flows from idea to use, and what holds it back\n"));
    section(out, "SYNOPSIS");
    buf_add(out, STR("*weir* [OPTIONS] [_COMMAND_ [_ARGUMENT_…]]\n"));
    section(out, "DESCRIPTION");
    buf_add(out,
            STR("Inside a git repository *weir* alone mines it and reports; elsewhere it needs a "
                "command. Options may stand before or after the command, \\-\\- ends them, "
                "--option=value and --option value are equal. The answer goes to standard output, "
                "messages to standard error.\n"));
    section(out, "COMMANDS");
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if ((c->flags & COMMAND_HIDDEN) == 0) {
            buf_addf(out, "*weir-%s*(1)\n\t", c->name);
            plain(out, str_of(c->purpose));
            buf_add(out, STR("\n\n"));
        }
    }
    section(out, "OPTIONS");
    options(out, options_global);
    section(out, "TIMES");
    buf_add(
        out,
        STR("An instant is a time of RFC 3339, a date (its start in the zone), _now_, _today_, "
            "_yesterday_, or a duration back such as _\\-7d_. A duration has the units s m h d w, "
            "_1.5h_ and _1d12h_ are fine, as is ISO 8601, _P1DT12H_. Ranges are half-open. A time "
            "that "
            "the zone lacks or has twice (summer time) takes the first instant after the gap, or "
            "the "
            "earlier one, and a note says so.\n"));
    environment(out);
    section(out, "FILES");
    buf_add(out,
            STR("_weir.yaml_\n\tof the project, upwards from the current folder to the root of the "
                "repository; *weir.yaml*(5)\n\n"
                "_$XDG\\_CONFIG\\_HOME/weir/weir.yaml_\n\tof the user\n\n"
                "_/etc/weir/weir.yaml_\n\tof the system\n\n"));
    exit_codes(out);
    section(out, "SEE ALSO");
    buf_add(out, STR("*weir.yaml*(5), *weir-model*(7)\n"));
}

static void page_command(struct buf *out, const struct command *c)
{
    char name[64];
    snprintf(name, sizeof name, "weir-%s", c->name);
    head(out, name, 1);
    section(out, "NAME");
    buf_addf(out, "%s - ", name);
    plain(out, str_of(c->purpose));
    section(out, "SYNOPSIS");
    synopsis(out, c);
    if (c->examples != NULL && c->examples[0].line != NULL) {
        section(out, "EXAMPLES");
        examples(out, c);
    }
    if (c->description != NULL) {
        section(out, "DESCRIPTION");
        paragraphs(out, c->description);
    }
    if (c->arguments != NULL && c->arguments[0].name != NULL) {
        section(out, "ARGUMENTS");
        for (const struct argument *a = c->arguments; a->name != NULL; a++) {
            between(out, options_are_words(a->name) ? '*' : '_', a->name);
            buf_add(out, STR("\n\t"));
            plain(out, str_of(a->purpose));
            buf_add(out, STR("\n\n"));
        }
    }
    section(out, "OPTIONS");
    options(out, c->options);
    buf_add(out, STR("Of all commands, see *weir*(1):"));
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        if (options_takes(c, o)) {
            char text[OPTION_TEXT];
            buf_putc(out, ' ');
            between(out, '*', options_text(o, text));
        }
    }
    buf_putc(out, '\n');
    if (c->fields != NULL) {
        section(out, "JSON");
        buf_addf(out, "The document of *--json* has the schema weir.%s/1:\n\n", c->name);
        str rest = str_of(c->fields), line;
        while (str_cut(&rest, '\n', &line)) {
            size_t colon = str_find(line, STR(": "));
            buf_putc(out, '*');
            plain(out, str_first(line, colon));
            buf_add(out, STR("*\n\t"));
            plain(out, str_from(line, colon + 2));
            buf_add(out, colon + 2 < line.n ? STR("\n\n") : STR("as it says\n\n"));
        }
    }
    section(out, "SEE ALSO");
    buf_add(out, STR("*weir*(1), *weir.yaml*(5), *weir-model*(7)\n"));
}

static void page_yaml(struct buf *out)
{
    head(out, "weir.yaml", 5);
    section(out, "NAME");
    buf_add(out, STR("weir.yaml - what a person says about their value stream\n"));
    section(out, "DESCRIPTION");
    buf_add(
        out,
        STR("YAML 1.2, read from three places: the project (_weir.yaml_, from the current folder "
            "upwards to the root of the repository), the user "
            "(_$XDG\\_CONFIG\\_HOME/weir/weir.yaml_) and the system (_/etc/weir/weir.yaml_). "
            "Options "
            "and the environment win over all three, nearer files over farther ones. Mappings "
            "are merged key by key, sequences replace. Words such as no and on are texts. An "
            "unknown "
            "key and a key that stands twice are errors. *weir config show --origin* tells where "
            "each "
            "value comes from, *weir config check* finds faults.\n\n"
            "A project's file comes with the repository, so it may not put the store outside the "
            "project, set up the server, name a program, or use a secret before you trusted it: "
            "*weir config check --trust*.\n"));
    section(out, "KEYS");
    buf_add(out,
            STR("A star stands for a name of your choice, \\[\\] for each member of a list.\n\n"));
    for (const struct config_key *k = config_schema; k->path != NULL; k++) {
        between(out, '*', k->path);
        buf_add(out, STR(" ("));
        plain(out, str_of(k->type));
        buf_add(out, STR(")\n\t"));
        plain(out, str_of(k->purpose));
        if (k->words != NULL) {
            buf_add(out, STR(". One of: "));
            plain(out, str_of(k->words));
        }
        if (k->example != NULL) {
            buf_add(out, STR(". For example: "));
            plain(out, str_of(k->example));
        }
        buf_add(out, STR("\n\n"));
    }
    section(out, "SEE ALSO");
    buf_add(out, STR("*weir*(1), *weir-config*(1), *weir-init*(1)\n"));
}

/* A line of Markdown: **strong**, *emphasis* and `code` kept as marks of scdoc. */
static void markdown_line(struct buf *out, str line)
{
    char open = 0;
    for (size_t i = 0; i < line.n; i++) {
        char c = line.p[i];
        bool strong = c == '*' && i + 1 < line.n && line.p[i + 1] == '*';
        char mark = c == '`' || strong ? '*' : c == '*' ? '_' : 0;
        if (mark != 0 && (open == 0 || open == mark)) {
            buf_putc(out, mark);
            open = open == 0 ? mark : 0;
            i += strong;
        } else {
            plain(out, (str){&c, 1});
        }
    }
    if (open != 0) {
        buf_putc(out, open);
    }
}

/* Of Markdown what docs/model.md uses: headings, paragraphs, and tables of two columns, which
 * become lists of words and their meanings. */
static void markdown(struct buf *out, str text)
{
    str line;
    bool in_table = false;
    for (bool title = true; str_cut(&text, '\n', &line);) {
        line = str_trim(line);
        if (str_starts(line, STR("#"))) {
            str words = str_trim(str_from(line, str_find_char(line, ' ')));
            if (!title) {
                buf_add(out, STR("\n# "));
                buf_add(out, words);
                buf_add(out, STR("\n\n"));
            }
            title = false;
        } else if (str_starts(line, STR("|"))) {
            str rest = str_from(line, 1), left, right;
            bool whole = str_cut(&rest, '|', &left) && str_cut(&rest, '|', &right);
            bool rule = whole && str_starts(str_trim(left), STR("---"));
            if (whole && in_table && !rule) {
                markdown_line(out, str_trim(left));
                buf_add(out, STR("\n\t"));
                markdown_line(out, str_trim(right));
                buf_add(out, STR("\n\n"));
            }
            in_table = true; /* the first row is the head */
        } else {
            in_table = false;
            markdown_line(out, line);
            buf_putc(out, '\n');
        }
    }
}

static status page_model(struct buf *out, str file, struct error *why)
{
    char path[4096];
    snprintf(path, sizeof path, STR_FMT, STR_ARG(file));
    struct stream *s;
    TRY(stream_open(path, &s, why));
    struct buf text = {.limit = 1 << 20};
    status_code code = OK;
    while (code == OK) {
        size_t n = 0;
        char *room = buf_room(&text, 4096);
        code = room != NULL ? stream_read(s, room, 4096, &n, why)
                            : error_set(why, "%s is longer than a manual page", path);
        text.n += code == OK ? n : 0;
    }
    stream_close(s);
    if (code == END) {
        head(out, "weir-model", 7);
        section(out, "NAME");
        buf_add(out,
                STR("weir-model - the words of weir: events, items, stages, waits, constraints\n"));
        section(out, "DESCRIPTION");
        markdown(out, buf_str(&text));
        section(out, "SEE ALSO");
        buf_add(out, STR("*weir*(1)\n"));
        code = OK;
    }
    buf_finish(&text);
    return code;
}

status man_page(struct buf *out, str page, str model, struct error *why)
{
    if (str_eq(page, STR("pages"))) {
        buf_add(out, STR("weir.1\nweir.yaml.5\nweir-model.7\n"));
    } else if (str_eq(page, STR("weir.1"))) {
        page_weir(out);
        return OK;
    } else if (str_eq(page, STR("weir.yaml.5"))) {
        page_yaml(out);
        return OK;
    } else if (str_eq(page, STR("weir-model.7"))) {
        return page_model(out, model, why);
    }
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        char name[64];
        snprintf(name, sizeof name, "weir-%s.1", c->name);
        if ((c->flags & COMMAND_HIDDEN) == 0 && str_eq(page, STR("pages"))) {
            buf_addf(out, "%s\n", name);
        } else if (str_eq(page, str_of(name))) {
            page_command(out, c);
            return OK;
        }
    }
    if (str_eq(page, STR("pages"))) {
        return OK;
    }
    error_set(why, "there is no manual page \"" STR_FMT "\"", STR_ARG(str_first(page, 80)));
    error_hint(why, "Their names:  weir help --man pages");
    return FAIL;
}
