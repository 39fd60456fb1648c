#include "cmd/frame.h"

#include <string.h>

/* The key of a global option in weir.yaml; NULL: it has none. */
static const char *key_of(const struct option *o)
{
    const char *key = strcmp(o->name, "tz") == 0 ? "timezone" : o->name;
    for (const struct config_key *k = config_schema; k->path != NULL; k++) {
        if (strcmp(k->path, key) == 0) {
            return k->path;
        }
    }
    return NULL;
}

/* What the command line or the environment says in place of weir.yaml. */
static const struct given *nearer(const struct command_context *c, const char *path)
{
    for (size_t i = 0; i < c->words.given.n; i++) {
        const struct given *g = &c->words.given.v[i];
        const char *key = options_in(options_global, str_of(g->option->name)) == g->option
                              ? key_of(g->option)
                              : NULL;
        if (key != NULL && strcmp(key, path) == 0) {
            return g;
        }
    }
    return NULL;
}

struct line { /* of the configuration in force */
    const char *path, *type;
    str value;
    str file; /* or the option or variable; empty: default */
    int line, column;
};

static struct line line_of_given(struct command_context *c, const char *path, const struct given *g)
{
    char text[OPTION_TEXT];
    const char *from = g->variable != NULL ? g->variable : options_text(g->option, text);
    return (struct line){.path = path,
                         .type = "text",
                         .value = g->option->value != NULL ? g->value : STR("yes"),
                         .file = arena_str(&c->text, str_of(from))};
}

static struct line *lines_of(struct command_context *c, size_t *ret_n)
{
    size_t n = 0;
    struct line *lines =
        ARENA_ARRAY(&c->text, struct line, c->config->value_count + c->words.given.n + 1);
    for (size_t i = 0; i < c->config->value_count; i++) {
        const struct config_value *v = &c->config->values[i];
        const struct given *g = nearer(c, v->path);
        lines[n] = (struct line){.path = v->path,
                                 .type = v->type,
                                 .value = v->value,
                                 .file = str_of(v->origin.file),
                                 .line = v->origin.line,
                                 .column = v->origin.column};
        if (g != NULL) {
            lines[n] = line_of_given(c, v->path, g);
        }
        n++;
    }
    for (size_t i = 0; i < c->words.given.n; i++) {
        const struct given *g = &c->words.given.v[i];
        const char *path = options_in(options_global, str_of(g->option->name)) == g->option
                               ? key_of(g->option)
                               : NULL;
        bool shown = path == NULL;
        for (size_t k = 0; k < n && !shown; k++) {
            shown = strcmp(lines[k].path, path) == 0;
        }
        if (!shown) {
            lines[n++] = line_of_given(c, path, g);
        }
    }
    *ret_n = n;
    return lines;
}

static json_t *show_document(struct command_context *c, const struct line *lines, size_t n)
{
    json_t *doc = doc_new("weir.config/1"), *files = json_array(), *values = json_array();
    for (size_t i = 0; i < c->config->file_count; i++) {
        json_array_append_new(files, doc_str(str_of(c->config->files[i])));
    }
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_object();
        doc_put(one, "key", doc_str(str_of(lines[i].path)));
        doc_put(one, "value", doc_str(lines[i].value));
        doc_put(one, "type", doc_str(str_of(lines[i].type)));
        doc_put(one, "origin", lines[i].file.n > 0 ? doc_str(lines[i].file) : json_null());
        doc_put(one, "line", lines[i].line > 0 ? json_integer(lines[i].line) : json_null());
        json_array_append_new(values, one);
    }
    doc_put(doc, "files", files);
    doc_put(doc, "values", values);
    return doc;
}

static int show(struct command_context *c)
{
    size_t n;
    const struct line *lines = lines_of(c, &n);
    if (command_wants_json(c)) {
        command_document(c, show_document(c, lines, n));
        return EXIT_YES;
    }
    static const struct table_column with_origin[] = {
        {.name = "key", .key = "key", .kind = CELL_TEXT},
        {.name = "value", .key = "value", .kind = CELL_TEXT},
        {.name = "type", .key = "type", .kind = CELL_TEXT},
        {.name = "from", .key = "origin", .kind = CELL_TEXT},
    };
    bool origin = option_flag(c, "origin");
    if (n == 0) {
        command_say(c, "Nothing is set: all defaults. Next: weir init");
    }
    struct table *t = table_new(with_origin, origin ? 4 : 3);
    for (size_t i = 0; i < n; i++) {
        table_text(t, str_of(lines[i].path));
        table_text(t, lines[i].value);
        table_text(t, str_of(lines[i].type));
        if (origin && lines[i].line > 0) {
            table_text(t,
                       arena_strf(&c->text, STR_FMT ":%d", STR_ARG(lines[i].file), lines[i].line));
        } else if (origin) {
            table_text(t, lines[i].file);
        }
    }
    command_table(c, t);
    return EXIT_YES;
}

static json_t *check_document(struct command_context *c, const struct error *fault)
{
    json_t *doc = doc_new("weir.config/1"), *files = json_array(), *faults_found = json_array();
    for (size_t i = 0; i < c->config->file_count; i++) {
        json_array_append_new(files, doc_str(str_of(c->config->files[i])));
    }
    if (fault != NULL) {
        json_t *one = json_object();
        doc_put(one, "message", doc_str(str_of(fault->text)));
        doc_put(one, "hint", doc_str(str_of(fault->hint)));
        json_array_append_new(faults_found, one);
    }
    doc_put(doc, "files", files);
    doc_put(doc, "faults", faults_found);
    return doc;
}

static int check(struct command_context *c, const struct error *unread)
{
    struct error why = {0};
    status_code s = OK;
    if (unread == NULL && option_flag(c, "trust")) {
        s = trust_record(c->config, &c->state->trust, &why);
        if (s != OK) {
            return command_fail(c, s, &why);
        }
        command_note(c, "%s is trusted as it is now", trust_file(c->config, &c->text));
    }
    if (unread == NULL) {
        s = trust_check(c->config, &c->state->trust, &why);
        unread = s != OK ? &why : NULL;
    }
    if (command_wants_json(c) || c->look.format == LOOK_JSONL) {
        command_document(c, check_document(c, unread));
    } else if (unread != NULL) {
        command_say(c, "%s%s%s", unread->text, unread->hint[0] != 0 ? "\n  " : "", unread->hint);
    } else if (c->config->file_count == 0) {
        command_say(c, "There is no weir.yaml. Next: weir init");
    }
    for (size_t i = 0; unread == NULL && i < c->config->file_count; i++) {
        command_say(c, "%s: no fault found", c->config->files[i]);
    }
    return unread == NULL ? EXIT_YES : EXIT_NO;
}

static int run(struct command_context *c)
{
    bool checks = str_eq(argument_at(c, 0), STR("check"));
    if (option_flag(c, "trust") && !checks) {
        return command_usage(c, "--trust belongs to: weir config check --trust");
    }
    if (option_flag(c, "origin") && checks) {
        return command_usage(c, "--origin belongs to: weir config show --origin");
    }
    struct error why = {0};
    struct config *config;
    status_code s = frame_config(c, &config, &why);
    if (s != OK) {
        return checks && s == FAIL ? check(c, &why) : command_fail(c, s, &why);
    }
    const struct config *none = c->config;
    c->config = config;
    int code = checks ? check(c, NULL) : show(c);
    c->config = none;
    config_free(config);
    return code;
}

static const struct argument arguments[] = {
    {.name = "show|check", .purpose = "show what is in force, or look for faults"},
    {.name = NULL},
};
static const struct option options[] = {
    {OPTION_FLAG, "origin", 0, NULL, "show: the file and line, variable or option of each value",
     NULL, 0},
    {OPTION_FLAG, "trust", 0, NULL, "check: trust the project's weir.yaml as it is now", NULL, 0},
    {.kind = OPTION_END},
};
static const struct example examples[] = {
    {"weir config show --origin", "what is in force, and where each value comes from"},
    {"weir config check", "exit code 1 when weir.yaml has a fault"},
    {"weir config check --trust", "after you have read the weir.yaml of a repository"},
    {"weir config show --json", NULL},
    {.line = NULL},
};

const struct command COMMAND_CONFIG = {
    .name = "config",
    .purpose = "show or check the configuration in force",
    .description = "An option wins over the environment, that over weir.yaml of the project, of "
                   "the user, of the "
                   "system, and those over the defaults. Every value is shown with its type: in "
                   "YAML 1.2, no and "
                   "on are texts, and so is 12:30.\n\n"
                   "The weir.yaml of a repository may not decide where data are stored, set up a "
                   "server, name a "
                   "program or use your secrets, unless you trust this text of it.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .fields = "files: read, nearest last\n"
              "values: show: [{key, value, type, origin, line}]; origin is a file, a variable, an "
              "option\n"
              "faults: check: [{message, hint}]; empty when there is none",
    .flags = COMMAND_NO_CONFIG | COMMAND_ANSWERS,
    .group = GROUP_SELF,
    .run = run,
};
