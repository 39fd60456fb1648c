/* weir serve: hands the server what can be asked, which is the table of commands, and a function
 * that runs one. */
#include "serve/serve.h"
#include "cmd/frame.h"

#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "listen", 0, "ADDRESS:PORT", "where; default 127.0.0.1:8080", NULL, 0},
    {OPTION_FLAG, "open", 0, NULL, "open the pages in a browser", NULL, 0},
    {OPTION_VALUE, "log-format", 0, "logfmt|json", "shape of the log on standard error", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir serve", "pages and API on http://127.0.0.1:8080, until Ctrl-C"},
    {"weir serve --listen 127.0.0.1:0 --log-format json", "on a free port, the log for a program"},
    {0},
};

struct hosting {
    struct command_context *c;
    struct store *store;
    const char *where;
    const struct config *config; /* in force */
    struct config *adopted, *candidate;
    struct serve_answer *answers;
    size_t n;
};

/* --- what can be asked --- */

static bool names_file(const char *words, const char *value)
{
    return (words != NULL && (strcmp(words, "file") == 0 || strcmp(words, "dir") == 0)) ||
           (value != NULL && (strstr(value, "FILE") != NULL || strstr(value, "PATH") != NULL ||
                              strstr(value, "DIR") != NULL));
}

static bool is_served(const struct command *c)
{
    bool served = (c->flags & COMMAND_SERVED) != 0 && (c->flags & COMMAND_ANSWERS) != 0;
    for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
        served = served && !names_file(a->words, NULL);
    }
    return served;
}

/* "ID" is id; "dora|flow" is part */
static const char *argument_name(const struct argument *a, struct arena *text)
{
    if (options_are_words(a->name)) {
        return "part";
    }
    char *name = (char *)(uintptr_t)arena_str(text, str_of(a->name)).p; /* our copy */
    for (char *p = name; *p != 0; p++) {
        *p = (char)tolower((unsigned char)*p);
    }
    return name;
}

static void add_option(struct serve_answer *to, struct serve_parameter *room,
                       const struct option *o)
{
    if (o->purpose == NULL || o->name[1] == 0 || names_file(o->words, o->value)) {
        return; /* hidden, a letter, or a file of the server's, which is nobody's business */
    }
    bool flag = o->kind == OPTION_FLAG || o->kind == OPTION_COUNTED;
    room[to->parameter_n++] =
        (struct serve_parameter){.kind = flag                     ? SERVE_FLAG
                                         : o->kind == OPTION_LIST ? SERVE_LIST
                                                                  : SERVE_VALUE,
                                 .name = o->name,
                                 .value = o->value,
                                 .purpose = o->purpose};
}

/* How items and time are chosen, and nothing about terminals, files and amounts. */
static bool is_selector(const struct option *o)
{
    static const char *const NAMES[] = {"stream", "where", "from", "to",
                                        "last",   "clock", "tz",   "explain"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (strcmp(o->name, NAMES[i]) == 0) {
            return true;
        }
    }
    return false;
}

static size_t table_size(const struct option *o)
{
    size_t n = 0;
    for (; o != NULL && o->kind != OPTION_END; o++) {
        n++;
    }
    return n;
}

static struct serve_answer answer_of(const struct command *c, struct arena *text)
{
    struct serve_answer a = {.name = c->name, .purpose = c->purpose, .fields = c->fields};
    size_t most = table_size(c->options) + table_size(options_global) + 8;
    struct serve_parameter *room = ARENA_ARRAY(text, struct serve_parameter, most);
    for (const struct argument *g = c->arguments; g != NULL && g->name != NULL; g++) {
        room[a.parameter_n++] =
            (struct serve_parameter){.kind = SERVE_ARGUMENT,
                                     .name = argument_name(g, text),
                                     .value = options_are_words(g->name) ? g->name : NULL,
                                     .purpose = g->purpose,
                                     .required = !g->optional,
                                     .many = g->many};
    }
    for (const struct option *o = c->options; o != NULL && o->kind != OPTION_END; o++) {
        add_option(&a, room, o);
    }
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        if (is_selector(o) && options_takes(c, o)) {
            add_option(&a, room, o);
        }
    }
    a.parameters = room;
    return a;
}

/* The explanations of errors, which the documents of problems point to. */
static const struct serve_parameter TOPIC = {.kind = SERVE_ARGUMENT,
                                             .name = "topic",
                                             .purpose = "an error such as E2103, or a command",
                                             .required = true};
static const struct serve_answer EXPLANATION = {.name = "help",
                                                .path = "/help/{topic}",
                                                .type = "text/plain",
                                                .purpose = "what an error means, or a command does",
                                                .parameters = &TOPIC,
                                                .parameter_n = 1};

static void list_answers(struct hosting *h)
{
    struct arena *text = &h->c->text;
    size_t n = 0;
    while (command_table_all[n] != NULL) {
        n++;
    }
    h->answers = ARENA_ARRAY(text, struct serve_answer, n + 2);
    h->answers[h->n++] = EXPLANATION;
    for (size_t i = 0; i < n; i++) {
        const struct command *c = command_table_all[i];
        if (!is_served(c)) {
            continue;
        }
        h->answers[h->n++] = answer_of(c, text);
        if (strcmp(c->name, "flow") == 0 && c->options != NULL &&
            options_in(c->options, STR("visits")) != NULL) { /* bytes for pictures (web.md 5) */
            struct serve_answer bytes = h->answers[h->n - 1];
            bytes.name = "visits";
            bytes.command = "flow";
            bytes.option = "--visits";
            bytes.type = "application/octet-stream";
            bytes.purpose = "every visit, as bytes for pictures";
            h->answers[h->n++] = bytes;
        }
    }
}

/* --- what the server calls --- */

static int run_one(const struct serve_ask *ask, struct buf *out, struct buf *err, void *cookie)
{
    const struct hosting *h = cookie;
    const struct frame_call call = {.line = ask->line,
                                    .stop = ask->stop,
                                    .store = h->store,
                                    .where = h->where,
                                    .config = ask->line == NULL ? h->config : NULL,
                                    .environment = h->c->state->terminal.environment,
                                    .out = out,
                                    .err = err};
    return frame_answer(ask->argv, ask->argc, &call);
}

static status read_again(const struct config **ret, void *cookie, struct error *why)
{
    struct hosting *h = cookie;
    struct config *read = NULL;
    TRY(frame_config(h->c, &read, why));
    status_code s = trust_check(read, &h->c->state->trust, why);
    if (s != OK) {
        config_free(read);
        return s;
    }
    h->candidate = read;
    *ret = read;
    return OK;
}

static void adopt(bool yes, void *cookie)
{
    struct hosting *h = cookie;
    struct config *gone = yes ? h->adopted : h->candidate;
    if (yes) {
        h->adopted = h->candidate;
        h->config = h->adopted;
    }
    h->candidate = NULL;
    if (gone != NULL) {
        config_free(gone);
    }
}

static void ready(const char *url, void *cookie)
{
    struct hosting *h = cookie;
    struct command_context *c = h->c;
    struct error why = {0};
    command_say(c, "weir serves %s", url);
    command_say(c, "%s", "Stop it with Ctrl-C.");
    status_code s = command_flush(c, &why);
    (void)s; /* nobody reads it: the log says the same */
}

/* --- the command --- */

static int run(struct command_context *c)
{
    struct error why = {0};
    struct hosting h = {.c = c, .config = c->config};
    const char *where = NULL;
    char real[PATH_MAX];
    status_code s;
    if (c->state->call != NULL) {
        return command_usage(c, "a server runs already at this store");
    }
    TRY_GOTO(s, done, command_store_path(c, &where, &why));
    TRY_GOTO(s, done, store_open(where, STORE_WRITE, &h.store, &why));
    h.where = realpath(where, real) != NULL ? real : where;
    list_answers(&h);
    const struct serve_host host = {.version = WEIR_VERSION,
                                    .answers = h.answers,
                                    .answer_n = h.n,
                                    .run = run_one,
                                    .read_again = read_again,
                                    .adopt = adopt,
                                    .ready = ready,
                                    .cookie = &h};
    const struct serve_options options = {
        .where = h.where,
        .store = h.store,
        .config = c->config,
        .listen = option_str(c, "listen"),
        .environment = c->state->terminal.environment,
        .json_log = str_eq(option_str(c, "log-format"), STR("json")),
        .open = option_flag(c, "open"),
        .verbosity = c->verbosity,
    };
    s = serve_run(&options, &host, &why);
done:
    store_close(h.store);
    if (h.adopted != NULL) {
        config_free(h.adopted);
    }
    return s == OK ? EXIT_YES : command_fail(c, s, &why);
}

const struct command COMMAND_SERVE = {
    .name = "serve",
    .purpose = "serve pages, API and the command line from one process",
    .description =
        "Keeps the store open and answers until SIGTERM or Ctrl-C; a second one ends it at once,\n"
        "and nothing that was acknowledged is lost either way. SIGHUP, or a change of the file,\n"
        "reads weir.yaml again; a file with a fault is reported, and the one before stays.\n\n"
        "Every command that reads is an address, /api/v1/COMMAND?option=value, and answers the\n"
        "document that it prints with --json; /api/v1/openapi.json lists them. Meanwhile weir on\n"
        "the command line goes through a socket beside the store and answers as ever.\n\n"
        "Where others can reach it, it refuses to start unless there is a token (weir token\n"
        "create) or a proxy that knows its users.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .group = GROUP_START,
    .flags = COMMAND_STORE | COMMAND_HERE,
    .run = run,
};
