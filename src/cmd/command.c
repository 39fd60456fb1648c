/* What a command asks of its context: values of options (command line, then environment, then
 * weir.yaml), and the way of its answer and its messages. The table of commands is in table.c. */
#include "cmd/demo_source.h"
#include "cmd/frame.h"
#include "cmd/message.h"
#include "cmd/output.h"
#include "cmd/trust.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const struct command *command_find(str name)
{
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        if (str_eq(name, str_of(command_table_all[i]->name))) {
            return command_table_all[i];
        }
    }
    return NULL;
}

const struct command *command_alone(void)
{
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        if ((command_table_all[i]->flags & COMMAND_ALONE) != 0) {
            return command_table_all[i];
        }
    }
    return NULL;
}

/* --- values of options --- */

struct setting { /* what weir.yaml says about a global option */
    const char *option, *key;
    size_t offset; /* of the str in struct config */
};

static const struct setting settings[] = {
    {"store", "store", offsetof(struct config, store)},
    {"tz", "timezone", offsetof(struct config, timezone)},
    {"clock", "clock", offsetof(struct config, clock)},
    {"output", "output", offsetof(struct config, output)},
    {"color", "color", offsetof(struct config, color)},
    {"last", "last", offsetof(struct config, last)},
    {"timeout", "timeout", offsetof(struct config, timeout)},
};

static const struct option *known(const struct command_context *c, const char *name)
{
    const struct option *o = options_in(c->command->options, str_of(name));
    o = o != NULL ? o : options_in(options_global, str_of(name));
    assert(o != NULL); /* the command asks for an option that it does not have */
    return o;
}

static const struct config_value *written(const struct config *config, const char *path)
{
    for (size_t i = 0; config != NULL && i < config->value_count; i++) {
        if (strcmp(config->values[i].path, path) == 0) {
            return &config->values[i];
        }
    }
    return NULL;
}

struct found {
    str value;
    const struct given *given;          /* NULL: from weir.yaml */
    const struct config_value *written; /* its place there */
};

static bool find(const struct command_context *c, const char *name, struct found *ret)
{
    const struct option *o = known(c, name);
    *ret = (struct found){.given = options_find(&c->words, name)};
    if (ret->given != NULL) {
        ret->value = ret->given->value;
        return true;
    }
    for (size_t i = 0; c->config != NULL && i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(settings[i].option, name) == 0 &&
            options_in(options_global, str_of(name)) == o) {
            const char *base = (const char *)c->config;
            memcpy(&ret->value, base + settings[i].offset, sizeof ret->value);
            ret->written = written(c->config, settings[i].key);
            return ret->value.n > 0;
        }
    }
    return false;
}

/* Puts in front of the error where the value was written. */
static status_code blame(const struct found *f, status_code s, struct error *why)
{
    char text[OPTION_TEXT];
    if (f->given != NULL) {
        error_add(why, "%s",
                  f->given->variable != NULL ? f->given->variable
                                             : options_text(f->given->option, text));
    } else if (f->written != NULL && f->written->origin.file != NULL) {
        error_add(why, "%s:%d: %s", f->written->origin.file, f->written->origin.line,
                  f->written->path);
    }
    return s;
}

bool option_given(const struct command_context *c, const char *name)
{
    struct found f;
    return find(c, name, &f);
}

bool option_flag(const struct command_context *c, const char *name)
{
    if (strcmp(name, "ascii") == 0 && c->config != NULL && c->config->ascii) {
        return true;
    }
    return option_given(c, name);
}

str option_str(const struct command_context *c, const char *name)
{
    struct found f;
    return find(c, name, &f) ? f.value : (str){"", 0};
}

size_t option_list(struct command_context *c, const char *name, const str **ret_values)
{
    known(c, name);
    str *values = ARENA_ARRAY(&c->text, str, c->words.given.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->words.given.n; i++) {
        if (strcmp(c->words.given.v[i].option->name, name) == 0) {
            values[n++] = c->words.given.v[i].value;
        }
    }
    *ret_values = values;
    return n;
}

status option_count(const struct command_context *c, const char *name, int64_t otherwise,
                    int64_t *ret, struct error *why)
{
    struct found f;
    if (!find(c, name, &f)) {
        bool set = strcmp(name, "threads") == 0 && c->config != NULL && c->config->threads > 0;
        *ret = set ? c->config->threads : otherwise;
        return OK;
    }
    int64_t n;
    if (!str_to_i64(f.value, &n) || n < 0) {
        error_set(why, "\"" STR_FMT "\" is not a whole number, 0 or more", STR_ARG(f.value));
        error_id(why, "E1002");
        return blame(&f, FAIL, why);
    }
    *ret = n;
    return OK;
}

status option_number(const struct command_context *c, const char *name, double otherwise,
                     double *ret, struct error *why)
{
    struct found f;
    if (!find(c, name, &f)) {
        *ret = otherwise;
        return OK;
    }
    double x;
    if (!str_to_f64(f.value, &x)) {
        error_set(why, "\"" STR_FMT "\" is not a number", STR_ARG(f.value));
        error_id(why, "E1002");
        return blame(&f, FAIL, why);
    }
    *ret = x;
    return OK;
}

static void note_fold(struct command_context *c, str word, enum zone_fold fold)
{
    str zone = c->world.zone != NULL ? zone_name(c->world.zone) : STR("UTC");
    if (fold == ZONE_GAP) {
        command_note(c,
                     STR_FMT " does not exist in " STR_FMT
                             " (summer time begins); the first instant after the gap is taken",
                     STR_ARG(word), STR_ARG(zone));
    } else if (fold == ZONE_TWICE) {
        command_note(
            c, STR_FMT " exists twice in " STR_FMT " (summer time ends); the earlier one is taken",
            STR_ARG(word), STR_ARG(zone));
    }
}

status option_instant(struct command_context *c, const char *name, when otherwise, when *ret,
                      struct error *why)
{
    struct found f;
    if (!find(c, name, &f)) {
        *ret = otherwise;
        return OK;
    }
    enum zone_fold fold = ZONE_PLAIN;
    status_code s = timeword_instant(f.value, &c->world, ret, &fold, why);
    if (s != OK) {
        return blame(&f, s, why);
    }
    note_fold(c, f.value, fold);
    return OK;
}

status option_lapse(const struct command_context *c, const char *name, lapse otherwise, lapse *ret,
                    struct error *why)
{
    struct found f;
    if (!find(c, name, &f)) {
        *ret = otherwise;
        return OK;
    }
    status_code s = timeword_lapse(f.value, ret, why);
    return s == OK ? OK : blame(&f, s, why);
}

size_t argument_count(const struct command_context *c)
{
    return c->words.arguments.n;
}

str argument_at(const struct command_context *c, size_t i)
{
    return i < c->words.arguments.n ? c->words.arguments.v[i] : (str){"", 0};
}

/* --- which items, which time, which store --- */

static struct found last_of(const struct command_context *c)
{
    struct found from, last;
    bool has_from = find(c, "from", &from);
    if (!find(c, "last", &last) || (has_from && last.given == NULL)) {
        last = (struct found){0}; /* --from wins over `last` of weir.yaml */
    }
    return last;
}

str command_last(const struct command_context *c)
{
    return last_of(c).value;
}

status command_range(struct command_context *c, struct range *ret, struct error *why)
{
    struct found from = {0}, to = {0}, last = last_of(c);
    bool has_from = find(c, "from", &from), has_to = find(c, "to", &to);
    when bound;
    enum zone_fold fold = ZONE_PLAIN;
    const struct found *bounds[] = {has_from ? &from : NULL, has_to ? &to : NULL};
    for (size_t i = 0; i < 2; i++) {
        if (bounds[i] != NULL) {
            status_code s = timeword_instant(bounds[i]->value, &c->world, &bound, &fold, why);
            if (s != OK) {
                return blame(bounds[i], s, why);
            }
            note_fold(c, bounds[i]->value, fold);
        }
    }
    if (last.value.n > 0) {
        lapse length;
        status_code s = timeword_lapse(last.value, &length, why);
        if (s != OK) {
            return blame(&last, s, why);
        }
    }
    return timeword_span(from.value, to.value, last.value, &c->world, ret, why);
}

bool command_work_clock(const struct command_context *c)
{
    return str_eq(option_str(c, "clock"), STR("work"));
}

status command_where(struct command_context *c, const struct where **ret, size_t *ret_n,
                     struct error *why)
{
    const str *values;
    size_t n = option_list(c, "where", &values);
    struct where *where = ARENA_ARRAY(&c->text, struct where, n + 1);
    for (size_t i = 0; i < n; i++) {
        size_t equals = str_find_char(values[i], '=');
        where[i].key = str_trim(str_first(values[i], equals));
        where[i].value = str_from(values[i], equals + 1);
        if (equals == values[i].n || where[i].key.n == 0) {
            error_set(why, "--where: \"" STR_FMT "\" is not of the form KEY=VALUE",
                      STR_ARG(values[i]));
            error_id(why, "E1002");
            error_hint(why, "For example:  --where 'team=pay'");
            return FAIL;
        }
    }
    *ret = where;
    *ret_n = n;
    return OK;
}

const struct config_stream *command_stream(const struct command_context *c)
{
    return config_stream(c->config, option_str(c, "stream"));
}

/* A path of weir.yaml counts from the folder of the file. */
static str beside(struct arena *a, const char *file, str path)
{
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;
    if (path.n == 0 || path.p[0] == '/' || slash == NULL || str_find(path, STR("://")) < path.n) {
        return arena_str(a, path);
    }
    return arena_strf(a, "%.*s/" STR_FMT, (int)(slash - file), file, STR_ARG(path));
}

/* Makes the folders above `path`, for this user alone. */
static status make_folders(const char *path, struct arena *a, struct error *why)
{
    char *folder = (char *)(uintptr_t)arena_str(a, str_of(path)).p; /* the arena's copy is ours */
    for (char *p = folder + 1; *p != 0; p++) {
        if (*p == '/') {
            *p = 0;
            if (mkdir(folder, 0700) != 0 && errno != EEXIST) {
                error_set(why, "%s: the folder for the store cannot be made: %s", folder,
                          strerror(errno));
                error_hint(why, "Choose another place:  weir --store FILE …");
                return FAIL;
            }
            *p = '/';
        }
    }
    return OK;
}

status command_store_path(struct command_context *c, const char **ret, struct error *why)
{
    struct found f;
    if (find(c, "store", &f)) {
        const char *file = f.written != NULL ? f.written->origin.file : NULL;
        *ret = f.given != NULL ? arena_str(&c->text, f.value).p : beside(&c->text, file, f.value).p;
        return OK;
    }
    const char *const *environment = c->state->terminal.environment;
    const char *home = options_value(environment, "HOME");
    if (home == NULL || home[0] != '/') {
        error_set(why, "there is no HOME to keep a store in");
        error_hint(why, "Say where:  --store FILE");
        return FAIL;
    }
    char here[PATH_MAX];
    if (getcwd(here, sizeof here) == NULL) {
        return error_set(why, "the current folder is gone: %s", strerror(errno));
    }
    *ret = config_store_path(here, options_value(environment, "XDG_DATA_HOME"), home, &c->text);
    return make_folders(*ret, &c->text, why);
}

status command_own_store_path(struct command_context *c, const char *file, const char **ret,
                              struct error *why)
{
    const struct given *given = options_find(&c->words, "store");
    if (given != NULL && given->variable == NULL) {
        *ret = arena_str(&c->text, given->value).p;
        return OK;
    }
    const char *const *environment = c->state->terminal.environment;
    const char *data = options_value(environment, "XDG_DATA_HOME");
    const char *home = options_value(environment, "HOME");
    if (data != NULL && data[0] == '/') {
        *ret = arena_strf(&c->text, "%s/weir/%s", data, file).p;
    } else if (home != NULL && home[0] == '/') {
        *ret = arena_strf(&c->text, "%s/.local/share/weir/%s", home, file).p;
    } else {
        error_set(why, "there is no HOME to keep a store in");
        error_hint(why, "Say where:  --store FILE");
        return FAIL;
    }
    return make_folders(*ret, &c->text, why);
}

/* Does the server hold the store that this command is about? Over HTTP there is no other. */
static bool server_holds(struct command_context *c, const char *where)
{
    const struct frame_call *call = c->state->call;
    struct stat ours, theirs;
    if (call == NULL || call->store == NULL) {
        return false;
    }
    return call->line == NULL || (stat(where, &theirs) == 0 && stat(call->where, &ours) == 0 &&
                                  ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino);
}

/* Whatever is answered from a store that `weir demo` filled says so. */
static void note_simulated(struct command_context *c, struct store *s)
{
    struct buf sentence = {0};
    if (demo_simulated(s, &sentence)) {
        c->state->simulated = arena_str(&c->text, buf_str(&sentence));
        if (command_wants_words(c)) {
            command_note(c, STR_FMT, STR_ARG(c->state->simulated));
        }
    }
    buf_finish(&sentence);
}

status command_store(struct command_context *c, enum store_mode mode, struct store **ret,
                     struct error *why)
{
    const char *where = NULL;
    TRY(command_store_path(c, &where, why));
    assert(where != NULL);
    if (server_holds(c, where)) {
        *ret = c->state->call->store;
    } else {
        TRY(store_open(where, mode, ret, why));
    }
    note_simulated(c, *ret);
    return OK;
}

static void give_back(struct command_context *c, struct store *s, void close(struct store *))
{
    const struct frame_call *call = c->state->call;
    if (call == NULL || s == NULL || s != call->store) {
        close(s);
    } else if (store_dirty(s)) {
        store_rollback(s);
    }
}

void command_store_done(struct command_context *c, struct store *s)
{
    give_back(c, s, store_close);
}

void command_store_discard(struct command_context *c, struct store *s)
{
    give_back(c, s, store_discard);
}

status command_store_info(struct command_context *c, struct store *s, struct store_info *ret,
                          struct error *why)
{
    const char *where = NULL;
    TRY(command_store_path(c, &where, why));
    TRY(store_info(s, ret, why));
    snprintf(ret->where, sizeof ret->where, "%s", where);
    return OK;
}

status command_trusts(const struct command_context *c, struct error *why)
{
    if (trust_given(c->config, &c->state->trust)) {
        return OK;
    }
    error_set(why, "%s/weir.yaml names a secret, and a cloned repository is not to be believed",
              c->config->project);
    error_id(why, "E5002");
    error_hint(why, "Read the file; if it is yours:  weir config check --trust");
    return FAIL;
}

/* --- the answer --- */

bool command_wants_json(const struct command_context *c)
{
    return c->look.format == LOOK_JSON;
}

bool command_wants_words(const struct command_context *c)
{
    return c->look.format == LOOK_TABLE || c->look.format == LOOK_MD;
}

void command_document(struct command_context *c, json_t *doc)
{
    if (c->look.format == LOOK_JSON || c->look.format == LOOK_JSONL) {
        if (c->state->simulated.n > 0) {
            doc_note(doc, STR_FMT, STR_ARG(c->state->simulated));
        }
        doc_write(doc, c->look.format == LOOK_JSON && c->state->terminal.out, &c->out);
    }
    json_decref(doc);
}

void command_table(struct command_context *c, struct table *t)
{
    if (c->look.format != LOOK_JSON) {
        table_print(t, &c->look, &c->out);
    }
    table_free(t);
}

/* Formats and makes safe, line by line. */
static void add_safe(struct buf *out, const char *format, va_list arguments)
{
    struct buf text = {0};
    buf_addv(&text, format, arguments);
    str rest = buf_str(&text), line;
    for (bool first = true; str_cut(&rest, '\n', &line); first = false) {
        buf_add(out, first ? STR("") : STR("\n"));
        text_safe(out, line);
    }
    buf_putc(out, '\n');
    buf_finish(&text);
}

void command_say(struct command_context *c, const char *format, ...)
{
    if (command_wants_words(c)) {
        va_list arguments;
        va_start(arguments, format);
        add_safe(&c->out, format, arguments);
        va_end(arguments);
    }
}

/* `line` holds the beginning of the first line, `indent` columns wide; the others get `next`. */
static void wrap(struct command_context *c, struct buf *line, int indent, int next, str rest)
{
    str word;
    int width = c->look.width > 20 ? c->look.width : 20, at = indent;
    bool begins = true; /* the line */
    while (str_cut(&rest, ' ', &word)) {
        int wide = text_width(word);
        if (!begins && at + 1 + wide > width) {
            command_say(c, STR_FMT, STR_ARG(buf_str(line)));
            buf_clear(line);
            text_pad(line, next);
            at = next;
            begins = true;
        }
        buf_addf(line, "%s" STR_FMT, begins ? "" : " ", STR_ARG(word));
        at += wide + !begins;
        begins = false;
    }
    command_say(c, STR_FMT, STR_ARG(buf_str(line)));
}

void command_wrap(struct command_context *c, int indent, const char *format, ...)
{
    struct buf text = {0}, line = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&text, format, arguments);
    va_end(arguments);
    text_pad(&line, indent);
    wrap(c, &line, indent, indent + 2, buf_str(&text));
    buf_finish(&text);
    buf_finish(&line);
}

void command_hang(struct command_context *c, const char *word, int indent, const char *format, ...)
{
    struct buf text = {0}, line = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&text, format, arguments);
    va_end(arguments);
    buf_addf(&line, "%-*s", indent, word);
    wrap(c, &line, indent, indent, buf_str(&text));
    buf_finish(&text);
    buf_finish(&line);
}

status command_flush(struct command_context *c, struct error *why)
{
    if (c->state->gone) {
        return END;
    }
    if (c->look.format == LOOK_JSON || c->out.n == 0) {
        return OK; /* one whole document, so that an error can still take its place */
    }
    c->state->flushed = true;
    status_code s = frame_flush(c, why);
    c->state->gone = s == END;
    c->state->failed = s == FAIL;
    buf_clear(&c->out);
    return s;
}

/* --- messages --- */

static void put_message(struct command_context *c, const struct buf *text)
{
    meter_wipe(&c->state->meter);
    frame_message(c, buf_str(text));
}

void command_note(struct command_context *c, const char *format, ...)
{
    if (c->verbosity < 0) {
        return;
    }
    struct buf text = {0}, out = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&text, format, arguments);
    va_end(arguments);
    buf_add(&out, STR("weir: note: "));
    message_text(&out, buf_str(&text));
    buf_putc(&out, '\n');
    put_message(c, &out);
    buf_finish(&text);
    buf_finish(&out);
}

static int exit_of(status_code s)
{
    switch (s) {
    case OK:
    case END:
        return EXIT_YES;
    case FAIL:
        return EXIT_ERROR;
    case BUSY:
        return EXIT_TEMPORARY;
    case INTERRUPTED:
        break;
    }
    int n = interrupt_signal();
    return n == SIGALRM || n <= 0 ? EXIT_TEMPORARY : 128 + n;
}

int command_fail(struct command_context *c, status_code s, const struct error *why)
{
    assert(s != OK);
    if (s == END) {
        c->state->gone = true;
        return EXIT_YES;
    }
    struct error told = *why;
    bool silent = false;
    if (s == INTERRUPTED) {
        int n = interrupt_signal();
        silent = n == SIGINT || n == SIGTERM; /* who stopped it knows */
        if (n == SIGALRM) {
            error_set(&told, "gave up: the time of --timeout is over");
            error_id(&told, "E1004");
            error_hint(&told, "Give it longer, or look at less:  --timeout, --last");
        } else if (n < 0) {
            error_set(&told, "the server that holds the store is being stopped");
            error_hint(&told, "Try again.");
        } else {
            error_set(&told, "stopped by %s", n == SIGTERM ? "SIGTERM" : "SIGINT");
        }
    }
    struct buf out = {0};
    if (!silent) {
        message_error(&out, c->words.command.n > 0 && c->command != NULL ? c->command->name : NULL,
                      &told);
        put_message(c, &out);
    }
    buf_finish(&out);
    if (c->look.format == LOOK_JSON || c->look.format == LOOK_JSONL) {
        if (c->look.format == LOOK_JSON) {
            buf_clear(&c->out); /* this one takes its place */
        }
        json_t *doc = message_document(&told);
        doc_write(doc, c->look.format == LOOK_JSON && c->state->terminal.out, &c->out);
        json_decref(doc);
    }
    return exit_of(s);
}

int command_usage(struct command_context *c, const char *format, ...)
{
    char text[sizeof((struct error *)0)->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct error why = {0};
    error_set(&why, "%s", text);
    error_id(&why, "E1002");
    error_hint(&why, "Read:  weir help%s%s", c->words.command.n > 0 ? " " : "",
               c->words.command.n > 0 ? c->command->name : "");
    return command_fail(c, FAIL, &why);
}

bool command_ask(struct command_context *c, const char *question, bool otherwise)
{
    const struct terminal *t = &c->state->terminal;
    if (c->no_input || !t->in || !t->err) {
        return otherwise;
    }
    struct buf out = {0};
    message_text(&out, str_of(question));
    buf_addf(&out, " [%s] ", otherwise ? "Y/n" : "y/N");
    put_message(c, &out);
    buf_finish(&out);
    char answer[64];
    ssize_t n = read(STDIN_FILENO, answer, sizeof answer); /* a terminal gives a line */
    str word = n > 0 ? str_trim((str){answer, (size_t)n}) : (str){"", 0};
    if (str_eq_case(word, STR("y")) || str_eq_case(word, STR("yes"))) {
        return true;
    }
    return word.n == 0 && n > 0 ? otherwise : false;
}
