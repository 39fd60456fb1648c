/* From the first check to the last byte. Everything dangerous is refused before a socket is open;
 * then five kinds of threads share the work: the event loop of HTTP, one that computes answers,
 * those of the command line, and this one, which looks about: late connections, answers that take
 * too long, changed files of configuration, signals. */
#include "serve/server.h"

#include "base/mem.h"
#include "engine/inlet.h"
#include "serve/deliver.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    ANSWER_S = 60, /* that an answer over HTTP may take */
    DRAIN_S = 20,  /* after the first signal, for what is being done */
    TICK_MS = 250,
    ANSWER_MEMORY = 64 << 20,
};

int64_t server_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* --- signals --- */

static volatile sig_atomic_t stop_asked, reload_asked;
static volatile sig_atomic_t wake_file = -1;

static void wake_main(int file)
{
    uint64_t one = 1;
    ssize_t n = write(file, &one, sizeof one); /* a full counter wakes as well */
    (void)n;
}

static void on_stop(int number)
{
    int before = errno;
    stop_asked = number;
    struct sigaction usual = {.sa_handler = SIG_DFL}; /* the second one ends weir at once */
    sigaction(SIGINT, &usual, NULL);
    sigaction(SIGTERM, &usual, NULL);
    wake_main(wake_file);
    errno = before;
}

static void on_reload(int number)
{
    int before = errno;
    (void)number;
    reload_asked = 1;
    wake_main(wake_file);
    errno = before;
}

static void listen_to_signals(struct server *s)
{
    struct sigaction stop = {.sa_handler = on_stop}, reload = {.sa_handler = on_reload}, before;
    stop_asked = reload_asked = 0;
    wake_file = s->wake;
    sigaction(SIGINT, NULL, &before);
    if (before.sa_handler != SIG_IGN) {
        sigaction(SIGINT, &stop, NULL);
    }
    sigaction(SIGTERM, &stop, NULL);
    sigaction(SIGHUP, &reload, NULL);
}

/* --- the store --- */

static void measure(struct server *s)
{
    struct store_info info = {0};
    if (store_info(s->options->store, &info, NULL) == OK) {
        pthread_mutex_lock(&s->size_lock);
        s->size = (struct figures_store){.bytes = info.bytes,
                                         .events = info.events,
                                         .items = info.items,
                                         .links = info.links,
                                         .rejects = info.rejects};
        pthread_mutex_unlock(&s->size_lock);
    }
}

/* Reads the tokens that are in the store now, and writes the days on which they were used. */
static status take_tokens(struct server *s, struct error *why)
{
    struct buf text = {0};
    struct tokens tokens = {0};
    status_code code;
    TRY_GOTO(code, done, store_get(s->options->store, TOKEN_KEY, &text, why));
    TRY_GOTO(code, done, tokens_parse(buf_str(&text), &tokens, why));
    if (auth_used(&s->auth, &tokens)) {
        buf_clear(&text);
        tokens_write(&tokens, &text);
        code = store_put(s->options->store, TOKEN_KEY, buf_str(&text), NULL);
        if (code != OK || store_commit(s->options->store, NULL) != OK) {
            store_rollback(s->options->store); /* a day of last use is not worth more */
        }
    }
    auth_tokens(&s->auth, &tokens);
    code = OK;
done:
    buf_finish(&text);
    tokens_finish(&tokens);
    return code;
}

static void taken(struct server *s)
{
    (void)inlet_store_take(s->inlet);
    s->batch = store_batch(s->options->store);
}

void server_lock(struct server *s)
{
    pthread_mutex_lock(&s->store_lock);
    taken(s);
}

bool server_lock_until(struct server *s, const struct timespec *until)
{
    if (pthread_mutex_clocklock(&s->store_lock, CLOCK_MONOTONIC, until) != 0) {
        return false;
    }
    taken(s);
    return true;
}

void server_unlock(struct server *s)
{
    struct error why = {0};
    if (store_batch(s->options->store) != s->batch) {
        if (take_tokens(s, &why) != OK) {
            journal_say(&s->journal, JOURNAL_WARN, why.text, NULL);
        }
        inlet_changed(s->inlet);
    }
    inlet_store_give(s->inlet);
    pthread_mutex_unlock(&s->store_lock);
}

/* The store or weir.yaml is another now. From any thread. */
static void changed(uint64_t version, void *cookie)
{
    struct server *s = cookie;
    (void)version;
    atomic_fetch_add(&s->version, 1);
    atomic_store(&s->measure, true);
    wake_main(s->wake);
}

struct settings *server_settings(struct server *s)
{
    pthread_mutex_lock(&s->settings_lock);
    struct settings *now = settings_hold(s->settings);
    pthread_mutex_unlock(&s->settings_lock);
    return now;
}

/* --- answers --- */

/* A name that stays. */
static const char *command_name(const struct server *s, const char *word)
{
    for (size_t i = 0; word != NULL && i < s->host->answer_n; i++) {
        const struct serve_answer *a = &s->host->answers[i];
        const char *name = a->command != NULL ? a->command : a->name;
        if (strcmp(name, word) == 0) {
            return name;
        }
    }
    return "other";
}

static int compute(str words, struct buf *out, void *cookie)
{
    struct server *s = cookie;
    size_t n = 0;
    for (size_t i = 0; i < words.n; i++) {
        n += words.p[i] == 0;
    }
    const char **argv = mem_get((n + 1) * sizeof *argv);
    const char *p = words.p;
    for (size_t i = 0; i < n; i++, p += strlen(p) + 1) {
        argv[i] = p;
    }
    struct buf err = {0};
    const struct serve_ask ask = {.argv = argv, .argc = n, .stop = &s->stop};
    server_lock(s);
    int64_t begun = server_clock();
    atomic_store(&s->computing, begun);
    int code = s->host->run(&ask, out, &err, s->host->cookie);
    atomic_store(&s->computing, 0);
    if (!atomic_load(&s->draining)) {
        atomic_store(&s->stop, 0); /* it was for this answer alone */
    }
    server_unlock(s);
    figures_query(&s->figures, command_name(s, argv[0]), (double)(server_clock() - begun) / 1e9);
    figures_cache(&s->figures, false);
    buf_finish(&err);
    mem_put(argv);
    return code;
}

static uint64_t version_of(void *cookie)
{
    struct server *s = cookie;
    return atomic_load(&s->version);
}

/* --- weir.yaml --- */

struct watched {
    VEC(struct seen {
        const char *file;
        struct timespec changed;
        off_t size;
        ino_t inode;
    })
    v;
    struct arena text;
};

static struct seen look_at(const char *file)
{
    struct stat at = {0};
    struct seen seen = {.file = file};
    if (stat(file, &at) == 0) {
        seen.changed = at.st_mtim;
        seen.size = at.st_size;
        seen.inode = at.st_ino;
    }
    return seen;
}

static void watch(struct watched *w, const struct config *config)
{
    VEC_FINISH(&w->v);
    arena_finish(&w->text);
    w->text = (struct arena){0};
    for (size_t i = 0; i < config->file_count; i++) {
        VEC_ADD(&w->v, look_at(arena_str(&w->text, str_of(config->files[i])).p));
    }
}

static bool has_changed(struct watched *w)
{
    bool changed = false;
    for (size_t i = 0; i < w->v.n; i++) {
        struct seen now = look_at(w->v.v[i].file), *then = &w->v.v[i];
        if (now.inode != 0 && /* gone for a moment: an editor writes it anew */
            (now.size != then->size || now.inode != then->inode ||
             now.changed.tv_sec != then->changed.tv_sec ||
             now.changed.tv_nsec != then->changed.tv_nsec)) {
            changed = true;
            *then = now;
        }
    }
    return changed;
}

/* Nobody but this machine reaches us: what carries no signature is believed. */
static bool is_alone(const struct settings *s)
{
    return s->listen.loopback && s->user_header.n == 0;
}

static void reload(struct server *s, struct watched *w)
{
    struct error why = {0};
    const struct config *config = NULL;
    struct settings *settings = NULL;
    server_lock(s);
    status_code code = s->host->read_again(&config, s->host->cookie, &why);
    if (code == OK) {
        code = settings_read(config, s->options->listen, s->options->environment, &settings, &why);
        if (code == OK && strcmp(settings->listen.text, s->settings->listen.text) != 0 &&
            s->settings->listen.text[0] != 0) {
            journal_say(&s->journal, JOURNAL_WARN, "serve.listen counts from the next start on",
                        NULL);
        }
        if (code == OK) { /* the socket stays where it is */
            settings->listen = s->settings->listen;
            code = inlet_configure(s->inlet, config, is_alone(settings), &why);
        }
        if (code == OK) {
            watch(w, config);
        }
        s->host->adopt(code == OK, s->host->cookie);
    }
    if (code == OK) {
        pthread_mutex_lock(&s->settings_lock);
        struct settings *old = s->settings;
        s->settings = settings;
        pthread_mutex_unlock(&s->settings_lock);
        settings_drop(old);
        answers_forget(s->answers);
        changed(0, s);
        journal_say(&s->journal, JOURNAL_INFO, "weir.yaml was read again", NULL);
    } else {
        settings_drop(settings);
        journal_say(&s->journal, JOURNAL_WARN,
                    "weir.yaml has a fault; the one before stays in force",
                    (struct journal_pair[]){{"error", str_of(why.text)}, {NULL, {NULL, 0}}});
    }
    server_unlock(s);
}

/* --- the way of it --- */

static void look_about(struct server *s, struct watched *w, int64_t now, int64_t *next)
{
    int64_t computing = atomic_load(&s->computing);
    if (computing != 0 && now - computing > (int64_t)ANSWER_S * 1000000000) {
        atomic_store(&s->stop, SIGALRM);
    }
    live_tell(&s->live, atomic_load(&s->version));
    if (atomic_load(&s->measure) && pthread_mutex_trylock(&s->store_lock) == 0) {
        atomic_store(&s->measure, false);
        taken(s);
        measure(s);
        server_unlock(s);
    }
    if (now < *next) {
        return;
    }
    *next = now + 1000000000;
    http_tick(s->http);
    live_tick(&s->live, now);
    bool asked = reload_asked != 0;
    reload_asked = 0;
    if (has_changed(w) || asked) {
        reload(s, w);
    }
}

static void turn(struct server *s, struct watched *w)
{
    int64_t next = 0;
    while (stop_asked == 0) {
        struct pollfd ready = {.fd = s->wake, .events = POLLIN};
        if (poll(&ready, 1, TICK_MS) > 0) {
            uint64_t times;
            ssize_t n = read(s->wake, &times, sizeof times);
            (void)n;
        }
        next = reload_asked != 0 ? 0 : next;
        look_about(s, w, server_clock(), &next);
    }
}

/* Nothing new; what is being done may end, for a while. */
static void drain(struct server *s)
{
    int64_t end = server_clock() + (int64_t)DRAIN_S * 1000000000;
    journal_say(&s->journal, JOURNAL_INFO, "stopping", NULL);
    atomic_store(&s->draining, true);
    http_quiesce(s->http);
    line_quiesce(s->line);
    live_end(&s->live);
    while (server_clock() < end && http_open(s->http) + line_open(s->line) > 0) {
        struct timespec pause = {0, 10000000};
        nanosleep(&pause, NULL);
        http_tick(s->http);
    }
    atomic_store(&s->stop, SIGTERM);
}

static status find_socket(struct server *s, int *ret_socket, struct error *why)
{
    const char *process = NULL, *count = NULL;
    for (const char *const *e = s->options->environment; e != NULL && *e != NULL; e++) {
        process = strncmp(*e, "LISTEN_PID=", 11) == 0 ? *e + 11 : process;
        count = strncmp(*e, "LISTEN_FDS=", 11) == 0 ? *e + 11 : count;
    }
    if (process != NULL && count != NULL && atoll(process) == (long long)getpid() &&
        atoi(count) >= 1) { /* of systemd: descriptor 3 */
        *ret_socket = 3;
        return http_address_of(3, &s->settings->listen, why);
    }
    return http_listen(&s->settings->listen, ret_socket, why);
}

/* The spool lies beside the store, on the same disk. */
static status open_inlet(struct server *s, struct error *why)
{
    struct buf folder = {0};
    buf_addf(&folder, "%s.spool", s->options->where);
    const struct inlet_options options = {
        .store = s->options->store, .folder = buf_cstr(&folder), .changed = changed, .cookie = s};
    status_code code = inlet_open(&options, &s->inlet, why);
    buf_finish(&folder);
    return code == OK ? inlet_configure(s->inlet, s->options->config, is_alone(s->settings), why)
                      : code;
}

static status start(struct server *s, struct error *why)
{
    const struct serve_options *o = s->options;
    const struct http_handlers handlers = {routes_head, routes_whole, routes_over, s};
    int socket = -1;
    TRY(settings_read(o->config, o->listen, o->environment, &s->settings, why));
    TRY(take_tokens(s, why));
    TRY(settings_may_listen(s->settings, auth_has_tokens(&s->auth), why));
    TRY(find_socket(s, &socket, why));
    status_code code = http_address_of(socket, &s->settings->listen, why);
    if (code == OK) {
        code = settings_may_listen(s->settings, auth_has_tokens(&s->auth), why);
    }
    if (code == OK) {
        code = open_inlet(s, why);
    }
    if (code == OK) {
        code = line_start(s, &s->line, why);
    }
    if (code != OK) {
        inlet_close(s->inlet);
        close(socket);
        return code;
    }
    s->deliver = deliver_start();
    s->answers = answers_start(ANSWER_MEMORY, compute, ask_answered, version_of, s);
    code = http_start(socket, &s->settings->limits, &handlers, &s->http, why);
    if (code != OK) {
        answers_stop(s->answers);
        deliver_stop(s->deliver);
        line_stop(s->line);
        inlet_close(s->inlet);
    }
    return code;
}

static void open_browser(const struct server *s, const char *url)
{
    char *argv[] = {"xdg-open", (char *)(uintptr_t)url, NULL};
    pid_t child;
    if (posix_spawnp(&child, argv[0], NULL, NULL, argv,
                     (char *const *)(uintptr_t)s->options->environment) != 0) {
        journal_say(&s->journal, JOURNAL_WARN, "no browser could be opened", NULL);
    }
}

static void announce(struct server *s)
{
    struct buf url = {0};
    buf_addf(&url, "http://%s/", s->settings->listen.text);
    journal_say(&s->journal, JOURNAL_INFO, "listening",
                (struct journal_pair[]){{"url", buf_str(&url)},
                                        {"version", str_of(s->host->version)},
                                        {NULL, {NULL, 0}}});
    s->host->ready(buf_cstr(&url), s->host->cookie);
    if (s->options->open) {
        open_browser(s, buf_cstr(&url));
    }
    buf_finish(&url);
}

status_code serve_run(const struct serve_options *options, const struct serve_host *host,
                      struct error *why)
{
    struct server *s = mem_get(sizeof *s);
    struct watched watched = {0};
    s->options = options;
    s->host = host;
    s->journal = (struct journal){options->json_log, options->verbosity};
    pthread_mutex_init(&s->store_lock, NULL);
    pthread_mutex_init(&s->settings_lock, NULL);
    pthread_mutex_init(&s->size_lock, NULL);
    figures_init(&s->figures);
    auth_init(&s->auth);
    routes_init(&s->routes, host);
    atomic_store(&s->version, store_batch(options->store));
    live_init(&s->live, atomic_load(&s->version));
    s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert(s->wake >= 0);
    watch(&watched, options->config);
    status_code code = start(s, why);
    if (code == OK) {
        listen_to_signals(s);
        changed(0, s); /* has its size taken */
        announce(s);
        turn(s, &watched);
        drain(s);
        line_stop(s->line);
        answers_stop(s->answers);
        deliver_stop(s->deliver);
        http_stop(s->http);
        inlet_close(s->inlet);
        journal_say(&s->journal, JOURNAL_INFO, "stopped", NULL);
    }
    settings_drop(s->settings);
    VEC_FINISH(&watched.v);
    arena_finish(&watched.text);
    live_finish(&s->live);
    routes_finish(&s->routes);
    auth_finish(&s->auth);
    figures_finish(&s->figures);
    pthread_mutex_destroy(&s->size_lock);
    pthread_mutex_destroy(&s->settings_lock);
    pthread_mutex_destroy(&s->store_lock);
    wake_file = -1;
    close(s->wake);
    mem_put(s);
    return code;
}
