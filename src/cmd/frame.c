/* Nothing is opened before the command is known: first the words, then the folder, the
 * configuration, the zone, each only for commands that need it (spec cli.md 10.6). */
#include "cmd/frame.h"

#include "base/nearest.h"
#include "cmd/help.h"
#include "cmd/message.h"
#include "cmd/output.h"
#include "engine/outfile.h"
#include "store/store.h"
#include "wire/stream.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

enum { GRACE_S = 5 }; /* between the request to stop of --timeout and the end */

/* --- signals --- */

static void stop(int signal_number)
{
    interrupt_set(signal_number);
    struct sigaction usual = {.sa_handler = SIG_DFL}; /* the second one ends weir at once */
    sigaction(SIGINT, &usual, NULL);
    sigaction(SIGTERM, &usual, NULL);
}

static void time_over(int signal_number)
{
    static const char sentence[] = "weir: gave up: the time of --timeout is over\n";
    if (interrupt_signal() != 0) {
        ssize_t n = write(STDERR_FILENO, sentence, sizeof sentence - 1);
        (void)n;
        _exit(EXIT_TEMPORARY);
    }
    interrupt_set(signal_number);
}

static volatile sig_atomic_t wants_core;

static void fault_of_weir(int signal_number)
{
    (void)signal_number;
    static const char sentence[] =
        "weir: this is a fault of weir itself; what was committed to the store is safe\n"
        "  Please report the line above with the output of:  weir version          [E9001]\n";
    ssize_t n = write(STDERR_FILENO, sentence, sizeof sentence - 1);
    (void)n;
    if (!wants_core) {
        _exit(EXIT_ERROR);
    } /* else back to abort(), which ends weir by the signal */
}

static void listen_to_signals(void)
{
    struct sigaction act = {.sa_handler = stop};
    struct sigaction before;
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN) { /* nohup and background jobs of a script */
        sigaction(SIGINT, &act, NULL);
    }
    sigaction(SIGTERM, &act, NULL);
    struct sigaction fault = {.sa_handler = fault_of_weir, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGABRT, &fault, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigaction(SIGPIPE, &ignore, NULL); /* a write says it, too */
}

static void set_timer(lapse timeout)
{
    struct sigaction act = {.sa_handler = time_over};
    sigaction(SIGALRM, &act, NULL);
    timeout = timeout > 0 ? timeout : 1;
    struct itimerval timer = {.it_value = {timeout / SECOND, timeout % SECOND},
                              .it_interval = {GRACE_S, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

/* A closed descriptor would be taken by the next file that is opened, and an answer written into
 * it. What stands in is open the wrong way round, so that using it fails as it should. */
static void fill_closed(void)
{
    for (int file = STDIN_FILENO; file <= STDERR_FILENO; file++) {
        if (fcntl(file, F_GETFD) < 0 && errno == EBADF) {
            int got = open("/dev/null", file == STDIN_FILENO ? O_WRONLY : O_RDONLY);
            (void)got; /* the lowest free number: `file` */
        }
    }
}

/* --- what the options mean --- */

static enum look_format format_of(const struct command_context *c)
{
    static const struct {
        str word;
        enum look_format format;
    } formats[] = {
        {STR_INIT("table"), LOOK_TABLE}, {STR_INIT("plain"), LOOK_PLAIN},
        {STR_INIT("json"), LOOK_JSON},   {STR_INIT("jsonl"), LOOK_JSONL},
        {STR_INIT("csv"), LOOK_CSV},     {STR_INIT("md"), LOOK_MD},
    };
    if (options_find(&c->words, "json") != NULL) {
        return LOOK_JSON;
    }
    if (options_find(&c->words, "plain") != NULL) {
        return LOOK_PLAIN;
    }
    const struct given *g = options_find(&c->words, "output");
    str word = g != NULL ? g->value : c->config->output;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (str_eq(word, formats[i].word)) {
            return formats[i].format;
        }
    }
    return LOOK_TABLE;
}

static void decide_look(struct command_context *c)
{
    const struct terminal *t = &c->state->terminal;
    /* Before the command is known only the command line counts, so that an error has its shape. */
    bool answers = c->command == NULL || (c->command->flags & COMMAND_ANSWERS) != 0;
    const struct given *colour = options_find(&c->words, "color");
    str choice = colour != NULL ? colour->value : c->config->color;
    c->look.format = answers ? format_of(c) : LOOK_TABLE;
    c->look.width = terminal_width(t);
    c->look.colour = c->look.format == LOOK_TABLE &&
                     terminal_colour(t, choice.n > 0 ? arena_str(&c->text, choice).p : NULL);
    c->look.ascii =
        options_find(&c->words, "ascii") != NULL || c->config->ascii || !terminal_unicode(t);
    c->look.header = options_find(&c->words, "header") != NULL;
}

static void meter_message(str text, void *cookie)
{
    frame_message(cookie, text);
}

static void decide_amount(struct command_context *c)
{
    c->verbosity = options_find(&c->words, "quiet") != NULL ? -1 : 0;
    for (size_t i = 0; i < c->words.given.n; i++) {
        c->verbosity += strcmp(c->words.given.v[i].option->name, "verbose") == 0;
    }
    wants_core = c->state->call == NULL && c->verbosity >= 2;
    c->explain = options_find(&c->words, "explain") != NULL;
    c->no_input = options_find(&c->words, "no-input") != NULL;
    const struct terminal *t = &c->state->terminal;
    meter_init(&c->state->meter, &c->progress, t->err && c->verbosity >= 0,
               !t->err && c->verbosity >= 1, c->look.width);
    if (c->state->call != NULL) {
        c->state->meter.put = meter_message;
        c->state->meter.cookie = c;
        if (c->state->call->line == NULL) {
            c->progress.show = NULL;
        }
    }
}

static status go_to_folder(struct command_context *c, struct error *why)
{
    const struct given *folder = options_find(&c->words, "C");
    char here[PATH_MAX];
    if (folder != NULL && getcwd(here, sizeof here) != NULL) {
        c->state->folder = arena_str(&c->text, str_of(here)).p;
    }
    if (folder != NULL && chdir(arena_str(&c->text, folder->value).p) != 0) {
        error_set(why, "-C " STR_FMT ": %s", STR_ARG(folder->value), strerror(errno));
        error_id(why, "E1003");
        return FAIL;
    }
    return OK;
}

/* Without --tz, WEIR_TZ and `timezone`: the zone of the machine. */
static status open_zone(struct command_context *c, struct zone **ret, struct error *why)
{
    str name = option_str(c, "tz");
    if (name.n > 0) {
        status_code s = zone_open(name, ret, why);
        if (s != OK) {
            error_id(why, "E1002");
        }
        return s;
    }
    *ret = NULL;
    const char *variable = options_value(c->state->terminal.environment, "TZ");
    if (variable != NULL) {
        str zone = str_of(variable + (variable[0] == ':'));
        if (zone.n > 0 && zone_open(zone, ret, NULL) != OK) {
            *ret = NULL; /* a rule of POSIX in place of a name: UTC */
        }
        return OK;
    }
    char link[PATH_MAX];
    ssize_t n = readlink("/etc/localtime", link, sizeof link);
    str target = n > 0 ? (str){link, (size_t)n} : (str){"", 0};
    size_t at = str_find(target, STR("zoneinfo/"));
    if (at < target.n && zone_open(str_from(target, at + 9), ret, NULL) != OK) {
        *ret = NULL;
    }
    return OK;
}

static status take_now(struct command_context *c, struct error *why)
{
    c->world.now = clock_now();
    const char *now = options_value(c->state->terminal.environment, "WEIR_NOW");
    if (now != NULL && now[0] != 0) {
        struct timeword world = {.now = c->world.now};
        status_code s = timeword_instant(str_of(now), &world, &c->world.now, NULL, why);
        if (s != OK) {
            error_add(why, "WEIR_NOW");
            return s;
        }
    }
    return OK;
}

status frame_config(struct command_context *c, struct config **ret, struct error *why)
{
    const char *const *environment = c->state->terminal.environment;
    const char *base = options_value(environment, "XDG_CONFIG_HOME");
    const char *home = options_value(environment, "HOME");
    const struct given *file = options_find(&c->words, "config");
    char here[PATH_MAX];
    if (getcwd(here, sizeof here) == NULL) {
        return error_set(why, "the current folder is gone: %s", strerror(errno));
    }
    struct config_where where = {.directory = here, .system = "/etc/weir/weir.yaml"};
    if (base != NULL && base[0] == '/') {
        where.user = arena_strf(&c->text, "%s/weir/weir.yaml", base).p;
    } else if (home != NULL && home[0] == '/') {
        where.user = arena_strf(&c->text, "%s/.config/weir/weir.yaml", home).p;
    }
    where.file = file != NULL ? arena_str(&c->text, file->value).p : NULL;
    return config_read(&where, ret, why);
}

static status check_stream(struct command_context *c, struct error *why)
{
    const struct given *g = options_find(&c->words, "stream");
    if (g == NULL || (c->command->flags & COMMAND_SELECTS) == 0 || command_stream(c) != NULL) {
        return OK;
    }
    str *names = ARENA_ARRAY(&c->text, str, c->config->streams.n + 1);
    for (size_t i = 0; i < c->config->streams.n; i++) {
        names[i] = c->config->streams.v[i].name;
    }
    const str *near = nearest(g->value, names, c->config->streams.n);
    error_set(why, "there is no stream \"" STR_FMT "\" in weir.yaml%s" STR_FMT "%s",
              STR_ARG(g->value), near != NULL ? ". Did you mean \"" : "",
              STR_ARG(near != NULL ? *near : (str){0}), near != NULL ? "\"?" : "");
    error_id(why, "E1002");
    return FAIL;
}

/* --- one run --- */

static size_t count_lines(str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        n += text.p[i] == '\n';
    }
    return n;
}

/* Writes the rest of the answer; the exit code is the command's, if that worked. */
static int deliver(struct command_context *c, int code)
{
    if (c->state->call != NULL) { /* the caller's to deliver */
        struct buf *out = c->state->call->out;
        if (!c->state->gone) {
            buf_add(out, buf_str(&c->out));
        }
        return c->state->failed ? EXIT_ERROR : code;
    }
    struct error why = {0};
    status_code s = OK;
    str text = buf_str(&c->out);
    const char *pager = command_wants_words(c) && !c->state->flushed && interrupt_signal() == 0
                            ? terminal_pager(&c->state->terminal, count_lines(text))
                            : NULL;
    if (!c->state->gone && !c->state->failed && text.n > 0 &&
        (pager == NULL || output_page(text, pager) != OK)) {
        s = output_write(text, &why);
    }
    if (s == OK && !c->state->gone) {
        s = output_close(&why);
    }
    buf_clear(&c->out);
    if (s == FAIL) {
        c->look.format = LOOK_TABLE; /* there is nowhere to put a document */
        code = command_fail(c, s, &why);
    }
    return c->state->failed ? EXIT_ERROR : code;
}

/* Reads what the command needs and runs it. */
static int run(struct command_context *c, struct config **ret_config, struct zone **ret_zone)
{
    struct error why = {0};
    status_code s = OK;
    lapse timeout = 0;
    const struct frame_call *call = c->state->call;
    if ((c->command->flags & COMMAND_NO_CONFIG) == 0) {
        if (call != NULL && call->config != NULL) {
            c->config = call->config; /* that of the server, which was judged when it was read */
        } else {
            TRY_GOTO(s, fail, frame_config(c, ret_config, &why));
            assert(*ret_config != NULL);
            c->config = *ret_config;
        }
        decide_look(c);
        if (*ret_config != NULL) {
            TRY_GOTO(s, fail, trust_check(c->config, &c->state->trust, &why));
        }
        TRY_GOTO(s, fail, open_zone(c, ret_zone, &why));
        c->world.zone = *ret_zone;
        c->look.zone = *ret_zone;
        TRY_GOTO(s, fail, check_stream(c, &why));
    }
    int64_t threads = 0;
    TRY_GOTO(s, fail, option_count(c, "threads", 0, &threads, &why));
    store_threads(threads < 256 ? (int)threads : 256);
    TRY_GOTO(s, fail, take_now(c, &why));
    TRY_GOTO(s, fail, option_lapse(c, "timeout", 0, &timeout, &why));
    if (option_given(c, "timeout") && call == NULL) {
        set_timer(timeout);
    }
    int code;
    bool may_be_served = (c->command->flags & (COMMAND_STORE | COMMAND_HERE)) == COMMAND_STORE &&
                         (c->command->flags & COMMAND_NO_CONFIG) == 0;
    if (call == NULL && may_be_served && frame_served(c, &code)) {
        return code;
    }
    return c->command->run(c);
fail:
    return command_fail(c, s, &why);
}

/* Help, the version, or nothing to do: true when that was it. */
static bool answer_for_all(struct command_context *c, int *ret_code)
{
    *ret_code = EXIT_YES;
    if (options_find(&c->words, "version") != NULL) {
        c->command = command_find(STR("version"));
        decide_look(c);
        *ret_code = c->command->run(c);
        return true;
    }
    if (options_find(&c->words, "help") != NULL) {
        c->look.format = LOOK_TABLE;
        if (c->words.command.n > 0) {
            help_command(&c->out, c->command, false, &c->look);
        } else {
            help_short(&c->out, &c->look);
        }
        return true;
    }
    char here[PATH_MAX];
    bool at_home = c->command != NULL && getcwd(here, sizeof here) != NULL &&
                   config_repository(here, &c->text).n > 0;
    if (c->words.command.n > 0 || at_home) {
        return false;
    }
    struct error why = {0};
    error_set(&why, "this folder is in no git repository, and no command is given");
    error_hint(&why, "Read:  weir help");
    error_id(&why, "E1006");
    if (c->look.format == LOOK_JSON || c->look.format == LOOK_JSONL) {
        *ret_code = command_fail(c, FAIL, &why);
        return true;
    }
    struct buf text = {0};
    help_short(&text, &c->look);
    frame_message(c, buf_str(&text));
    buf_finish(&text);
    *ret_code = EXIT_ERROR;
    return true;
}

/* From the words to the exit code. */
static int answer(const char *const *argv, size_t argc, struct command_state *state)
{
    static const struct config nothing;
    const char *const *environment = state->terminal.environment;
    struct command_context c = {.state = state, .config = &nothing};
    state->argv = argv;
    state->argc = argc;
    struct config *config = NULL;
    struct zone *zone = NULL;
    struct error why = {0};
    arena_init(&c.text, "program", 0);
    status_code s = options_parse(argv, argc, command_table_all, &c.words, &why);
    if (s == OK) {
        s = options_environment(environment, &c.text, &c.words, &why);
    }
    c.command = s == OK ? c.words.entry : NULL;
    decide_look(&c);
    c.command = c.words.entry;
    decide_amount(&c);
    if (s == OK) {
        s = go_to_folder(&c, &why);
    }
    int code;
    if (s != OK) {
        code = command_fail(&c, s, &why);
    } else if (!answer_for_all(&c, &code)) {
        state->trust = trust_in(environment, options_find(&c.words, "config") != NULL, &c.text);
        code = run(&c, &config, &zone);
    }
    progress_end(&c.progress);
    code = deliver(&c, code);
    if (config != NULL) {
        config_free(config);
    }
    zone_close(zone);
    buf_finish(&c.out);
    options_finish(&c.words);
    arena_finish(&c.text);
    return code;
}

int frame_run(const char *const *argv, size_t argc, const char *const *environment)
{
    struct command_state state = {.gone = false};
    fill_closed();
    listen_to_signals();
    terminal_read(&state.terminal, environment);
    return answer(argv, argc, &state);
}

int frame_answer(const char *const *argv, size_t argc, const struct frame_call *call)
{
    const struct serve_line *line = call->line;
    struct command_state state = {.call = call};
    state.terminal = (struct terminal){.environment = call->environment};
    if (line != NULL) {
        state.terminal = (struct terminal){.out = line->out,
                                           .err = line->err,
                                           .columns = line->columns,
                                           .rows = line->rows,
                                           .environment = line->environment};
        stream_standard(line->standard_in);
        outfile_standard(line->standard_out);
    }
    interrupt_watch(call->stop);
    int code = answer(argv, argc, &state);
    interrupt_watch(NULL);
    stream_standard(-1);
    outfile_standard(-1);
    return code;
}
