#include "cmd/help.h"

#include "base/nearest.h"
#include "cmd/man.h"
#include "view/doc.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LEFT_MOST = 28, SHORT_OPTIONS = 11, SHORT_EXAMPLES = 2, NARROWEST = 40 };

/* --- pieces of text --- */

static int width_of(const struct look *look)
{
    return look->width > 100 ? 100 : look->width < NARROWEST ? NARROWEST : look->width;
}

/* Fills lines with the words of text, the first from column `at` on, the others from `indent` on.
 * Paragraphs are parted by an empty line. */
static void fill(struct buf *out, const char *text, int at, int indent, int width)
{
    str rest = str_of(text), line, word;
    bool begun = false;
    while (str_cut(&rest, '\n', &line)) {
        if (str_trim(line).n == 0 && begun) {
            buf_add(out, STR("\n\n"));
            text_pad(out, indent);
            at = indent;
            begun = false;
            continue;
        }
        while (str_cut(&line, ' ', &word)) {
            int w = text_width(word);
            if (word.n == 0) {
                continue;
            }
            if (begun && at + 1 + w > width) {
                buf_putc(out, '\n');
                text_pad(out, indent);
                at = indent;
            } else if (begun) {
                buf_putc(out, ' ');
                at++;
            }
            buf_add(out, word);
            at += w;
            begun = true;
        }
    }
    buf_putc(out, '\n');
}

static void heading(struct buf *out, const char *text, const struct look *look)
{
    buf_putc(out, '\n');
    text_colour(out, look, COLOUR_BOLD);
    buf_add(out, str_of(text));
    text_colour(out, look, COLOUR_NONE);
    buf_putc(out, '\n');
}

/* "  left      right", the right part filled, or cut to one line. */
static void row(struct buf *out, str left, int left_width, const char *right, bool cut,
                const struct look *look)
{
    int width = width_of(look), indent = left_width + 4;
    buf_add(out, STR("  "));
    buf_add(out, left);
    int at = 2 + text_width(left);
    if (cut) {
        text_pad(out, at < indent ? indent - at : 2);
        at = at < indent ? indent : at + 2;
        struct buf line = {0};
        text_cut(&line, str_of(right), width > at + 8 ? width - at : 8, look->ascii);
        buf_add(out, buf_str(&line));
        buf_putc(out, '\n');
        buf_finish(&line);
        return;
    }
    if (at + 2 > indent) {
        buf_putc(out, '\n');
        at = 0;
    }
    text_pad(out, indent - at);
    fill(out, right, indent, indent, width);
}

void help_option(struct buf *out, const struct option *o)
{
    char text[OPTION_TEXT];
    if (o->letter != 0 && o->name[1] != 0) {
        buf_addf(out, "-%c, ", o->letter);
    }
    buf_add(out, str_of(options_text(o, text)));
    if (o->value != NULL) {
        buf_addf(out, " %s", o->value);
    }
}

static int options_width(const struct option *table)
{
    int most = 0;
    for (; table != NULL && table->kind != OPTION_END; table++) {
        struct buf left = {0};
        help_option(&left, table);
        int w = text_width(buf_str(&left));
        most = table->purpose != NULL && w > most && w <= LEFT_MOST ? w : most;
        buf_finish(&left);
    }
    return most;
}

static void option_rows(struct buf *out, const struct option *table, bool cut,
                        const struct look *look)
{
    int width = options_width(table);
    for (; table != NULL && table->kind != OPTION_END; table++) {
        struct buf left = {0};
        help_option(&left, table);
        if (table->purpose != NULL) {
            row(out, buf_str(&left), width, table->purpose, cut, look);
        }
        buf_finish(&left);
    }
}

static size_t count_options(const struct option *table)
{
    size_t n = 0;
    for (; table != NULL && table->kind != OPTION_END; table++) {
        n += table->purpose != NULL;
    }
    return n;
}

/* Only the names, filled. */
static void option_names(struct buf *out, const struct option *table, const struct command *taker,
                         const struct look *look)
{
    struct buf names = {0};
    for (; table != NULL && table->kind != OPTION_END; table++) {
        char text[OPTION_TEXT];
        if (table->purpose != NULL && (taker == NULL || options_takes(taker, table))) {
            buf_addf(&names, "%s ", options_text(table, text));
        }
    }
    text_pad(out, 2);
    fill(out, buf_cstr(&names), 2, 2, width_of(look));
    buf_finish(&names);
}

void help_usage(struct buf *out, const struct command *c, bool ascii)
{
    buf_add(out, STR("weir"));
    if ((c->flags & COMMAND_ALONE) == 0) {
        buf_addf(out, " %s", c->name);
    }
    buf_add(out, STR(" [OPTIONS]"));
    for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
        buf_addf(out, a->optional ? " [%s%s]" : " %s%s", a->name,
                 !a->many ? ""
                 : ascii  ? "..."
                          : "…");
    }
}

/* --- pages --- */

const char *help_group(enum command_group g)
{
    static const char *const titles[] = {
        [GROUP_START] = "Begin",
        [GROUP_FLOW] = "See the flow",
        [GROUP_REQUESTS] = "See requests, compare and judge",
        [GROUP_CHANGE] = "Change and learn",
        [GROUP_DATA] = "Data and store",
        [GROUP_SELF] = "About weir",
    };
    return titles[g];
}

static const char *const tagline =
    "weir shows how work flows from idea to use, and what holds it back.";

void help_overview(struct buf *out, const struct look *look)
{
    buf_addf(out, "%s\n", tagline);
    heading(out, "Usage", look);
    buf_add(out, STR("  weir [OPTIONS] COMMAND [ARGUMENTS]\n"));
    if (command_alone() != NULL) {
        row(out, STR("weir"), 12, command_alone()->purpose, false, look);
    }
    int width = 0;
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        int w = (int)strlen(command_table_all[i]->name);
        width = w > width ? w : width;
    }
    const struct command *before = NULL;
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if ((c->flags & COMMAND_HIDDEN) != 0) {
            continue;
        }
        if (before == NULL || before->group != c->group) {
            heading(out, help_group(c->group), look);
        }
        row(out, str_of(c->name), width, c->purpose, false, look);
        before = c;
    }
    heading(out, "Options of all commands, before or after the command", look);
    option_rows(out, options_global, false, look);
    heading(out, "More", look);
    row(out, STR("weir help COMMAND"), 17, "examples, options and fields of one command", false,
        look);
    row(out, STR("weir help json"), 17, "the JSON documents", false, look);
    row(out, STR("weir help E2103"), 17, "what an error means, and the way out", false, look);
    heading(out, "Exit codes", look);
    text_pad(out, 2);
    fill(out,
         "0 fine, or yes; 1 the answer is no; 2 error or wrong usage; 3 finished, but some input "
         "was "
         "rejected; 75 temporary, try again; 130 and 143 stopped by a signal",
         2, 2, width_of(look));
}

void help_short(struct buf *out, const struct look *look)
{
    buf_addf(out, "%s\n\n", tagline);
    buf_add(out, STR("  weir                    inside a git repository: its report\n"
                     "  weir COMMAND [OPTIONS]  one of these\n"));
    const struct command *before = NULL;
    struct buf names = {0};
    for (size_t i = 0;; i++) {
        const struct command *c = command_table_all[i];
        if (c != NULL && (c->flags & COMMAND_HIDDEN) != 0) {
            continue;
        }
        if (before != NULL && (c == NULL || c->group != before->group)) {
            buf_addf(out, "\n%s\n  ", help_group(before->group));
            fill(out, buf_cstr(&names), 2, 2, width_of(look));
            buf_clear(&names);
        }
        if (c == NULL) {
            break;
        }
        buf_addf(&names, "%s ", c->name);
        before = c;
    }
    buf_finish(&names);
    buf_add(out,
            STR("\nweir help COMMAND shows examples and options; weir help lists everything.\n"));
}

static void example_rows(struct buf *out, const struct command *c, size_t most,
                         const struct look *look)
{
    for (size_t i = 0; c->examples != NULL && i < most && c->examples[i].line != NULL; i++) {
        buf_addf(out, "  %s\n", c->examples[i].line);
        if (c->examples[i].purpose != NULL) {
            text_pad(out, 6);
            fill(out, c->examples[i].purpose, 6, 6, width_of(look));
        }
    }
}

void help_command(struct buf *out, const struct command *c, bool whole, const struct look *look)
{
    buf_addf(out, "weir%s%s: %s\n", (c->flags & COMMAND_ALONE) != 0 ? "" : " ",
             (c->flags & COMMAND_ALONE) != 0 ? "" : c->name, c->purpose);
    heading(out, "Usage", look);
    buf_add(out, STR("  "));
    help_usage(out, c, look->ascii);
    buf_putc(out, '\n');
    size_t own = count_options(c->options);
    if (whole) {
        heading(out, "Examples", look);
        example_rows(out, c, SIZE_MAX, look);
        if (c->description != NULL) {
            heading(out, "Description", look);
            text_pad(out, 2);
            fill(out, c->description, 2, 2, width_of(look));
        }
        if (c->arguments != NULL && c->arguments[0].name != NULL) {
            heading(out, "Arguments", look);
            for (const struct argument *a = c->arguments; a->name != NULL; a++) {
                row(out, str_of(a->name), 16, a->purpose, false, look);
            }
        }
        if (own > 0) {
            heading(out, "Options", look);
            option_rows(out, c->options, false, look);
        }
        heading(out, "Options of all commands (weir help)", look);
        option_names(out, options_global, c, look);
        if (c->fields != NULL) {
            heading(out, "Fields of the JSON document", look);
            str rest = str_of(c->fields), line;
            while (str_cut(&rest, '\n', &line)) {
                buf_addf(out, "  " STR_FMT "\n", STR_ARG(line));
            }
        }
        return;
    }
    if (own > 0) {
        heading(out, "Options", look);
        if (own <= SHORT_OPTIONS) {
            option_rows(out, c->options, true, look);
        } else {
            option_names(out, c->options, NULL, look);
        }
    }
    heading(out, "Examples", look);
    size_t shown = 0; /* a line that is cut could not be copied */
    for (size_t i = 0; shown < SHORT_EXAMPLES && c->examples[i].line != NULL; i++) {
        if (text_width(str_of(c->examples[i].line)) + 2 <= look->width) {
            buf_addf(out, "  %s\n", c->examples[i].line);
            shown++;
        }
    }
    buf_addf(out, "\nweir help %s tells all.\n", c->name);
}

void help_fields(struct buf *out, const struct look *look)
{
    fill(
        out,
        "Every document begins with \"schema\". Durations are seconds, instants RFC 3339 in UTC, "
        "64-bit identifiers texts, what is not known null. Fields may be added; none is renamed or "
        "removed within a major version.",
        0, 0, width_of(look));
    heading(out, "weir.error/1: of any command that failed", look);
    buf_add(out, STR("  id: \"E2103\", or empty; weir help E2103 explains it\n"
                     "  message: what went wrong, where and why\n"
                     "  hint: what to do\n"));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if (c->fields == NULL) {
            continue;
        }
        char title[128];
        snprintf(title, sizeof title, "weir.%s/1: weir %s --json", c->name, c->name);
        heading(out, title, look);
        str rest = str_of(c->fields), line;
        while (str_cut(&rest, '\n', &line)) {
            buf_addf(out, "  " STR_FMT "\n", STR_ARG(line));
        }
    }
}

bool help_error(struct buf *out, str id, const struct look *look)
{
    for (const struct fault *f = faults; f->id != NULL; f++) {
        if (str_eq_case(id, str_of(f->id))) {
            buf_addf(out, "%s: %s\n\n", f->id, f->title);
            fill(out, f->text, 0, 0, width_of(look));
            return true;
        }
    }
    return false;
}

/* --- the command --- */

static json_t *options_document(const struct option *table, const struct command *taker)
{
    json_t *list = json_array();
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (table->purpose == NULL || (taker != NULL && !options_takes(taker, table))) {
            continue;
        }
        json_t *o = json_object();
        char text[OPTION_TEXT];
        doc_put(o, "name", doc_str(str_of(options_text(table, text))));
        doc_put(o, "letter", table->letter != 0 ? doc_strf("-%c", table->letter) : json_null());
        doc_put(o, "value", table->value != NULL ? doc_str(str_of(table->value)) : json_null());
        doc_put(o, "purpose", doc_str(str_of(table->purpose)));
        doc_put(o, "repeats",
                json_boolean(table->kind == OPTION_LIST || table->kind == OPTION_COUNTED));
        json_array_append_new(list, o);
    }
    return list;
}

static json_t *document(void)
{
    json_t *doc = doc_new("weir.help/1"), *list = json_array();
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if ((c->flags & COMMAND_HIDDEN) != 0) {
            continue;
        }
        json_t *one = json_object(), *examples = json_array();
        struct buf usage = {0};
        help_usage(&usage, c, true);
        doc_put(one, "name", doc_str(str_of(c->name)));
        doc_put(one, "purpose", doc_str(str_of(c->purpose)));
        doc_put(one, "usage", doc_str(buf_str(&usage)));
        doc_put(one, "options", options_document(c->options, NULL));
        for (size_t e = 0; c->examples != NULL && c->examples[e].line != NULL; e++) {
            json_array_append_new(examples, doc_str(str_of(c->examples[e].line)));
        }
        doc_put(one, "examples", examples);
        json_array_append_new(list, one);
        buf_finish(&usage);
    }
    doc_put(doc, "commands", list);
    doc_put(doc, "options", options_document(options_global, NULL));
    return doc;
}

/* For the test that runs them: command and line, parted by a tab. */
static void list_examples(struct buf *out)
{
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        for (size_t e = 0; c->examples != NULL && c->examples[e].line != NULL; e++) {
            buf_addf(out, "%s\t%s\n", c->name, c->examples[e].line);
        }
    }
}

static int unknown_topic(struct command_context *c, str topic)
{
    str names[160];
    size_t n = 0;
    for (size_t i = 0; command_table_all[i] != NULL && n < 160; i++) {
        names[n++] = str_of(command_table_all[i]->name);
    }
    const str *near = nearest(topic, names, n);
    str shown = str_first(topic, 80);
    if (near != NULL) {
        return command_usage(c,
                             "there is no help on \"" STR_FMT "\". Did you mean \"" STR_FMT "\"?",
                             STR_ARG(shown), STR_ARG(*near));
    }
    return command_usage(c, "there is no help on \"" STR_FMT "\"", STR_ARG(shown));
}

static int run(struct command_context *c)
{
    str topic = argument_at(c, 0);
    if (option_given(c, "man")) {
        struct error why = {0};
        status_code s = man_page(&c->out, option_str(c, "man"), topic, &why);
        return s == OK ? EXIT_YES : command_fail(c, s, &why);
    }
    if (option_flag(c, "examples")) {
        list_examples(&c->out);
        return EXIT_YES;
    }
    if (command_wants_json(c)) {
        if (topic.n > 0) {
            return command_usage(c, "with --json there is only the whole help");
        }
        command_document(c, document());
        return EXIT_YES;
    }
    if (topic.n == 0) {
        help_overview(&c->out, &c->look);
        return EXIT_YES;
    }
    if (str_eq(topic, STR("json"))) {
        help_fields(&c->out, &c->look);
        return EXIT_YES;
    }
    if (help_error(&c->out, topic, &c->look)) {
        return EXIT_YES;
    }
    const struct command *about = command_find(topic);
    if (about == NULL) {
        return unknown_topic(c, topic);
    }
    help_command(&c->out, about, true, &c->look);
    return EXIT_YES;
}

static const struct argument arguments[] = {
    {"COMMAND|E-NUMBER|json", "a command, an error such as E2103, or json: the fields of documents",
     .optional = true, .words = "topics"},
    {.name = NULL},
};
static const struct option options[] = {
    {OPTION_VALUE, "man", 0, "PAGE", NULL, NULL, 0}, /* scdoc source; "pages": their names */
    {OPTION_FLAG, "examples", 0, NULL, NULL, NULL, 0},
    {.kind = OPTION_END},
};
static const struct example examples[] = {
    {"weir help", "all commands"},
    {"weir help config", "one command: examples first, then options"},
    {"weir help E2103", "what an error means"},
    {"weir help json", "the fields of the JSON documents"},
    {.line = NULL},
};

const struct command COMMAND_HELP = {
    .name = "help",
    .purpose = "explain commands, errors and JSON documents",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .fields = "commands: [{name, purpose, usage, options, examples}]\n"
              "options: of all commands [{name, letter, value, purpose, repeats}]",
    .flags = COMMAND_NO_CONFIG | COMMAND_ANSWERS,
    .group = GROUP_SELF,
    .run = run,
};
