/* The file is text: a first line with the state of the store, then one name a line behind a letter
 * that says its kind. It is written whole or not at all (engine/outfile.h). */
#include "cmd/stored.h"

#include "base/map.h"
#include "cmd/complete.h"
#include "engine/ingest.h"
#include "engine/outfile.h"
#include "store/store.h"
#include "wire/json.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SHOWN_MOST = 200, /* nobody reads more */
    KEPT_MOST = 100000,
    FILE_MOST = 32 << 20, /* bytes */
    FILL_S = 3,
};

static const struct kind {
    str name;
    char letter;
} KINDS[] = {{STR_INIT("items"), 'i'},
             {STR_INIT("stages"), 'a'},
             {STR_INIT("sources"), 's'},
             {STR_INIT("kinds"), 'k'}};

/* --- what the store holds --- */

struct gathering {
    struct buf *out;
    char letter;
    size_t n;
    struct map seen;
    const struct names *names;
};

static void keep(struct gathering *g, str text)
{
    if (g->n < KEPT_MOST && g->out->n < FILE_MOST / 2) {
        size_t before = g->out->n;
        buf_putc(g->out, g->letter);
        complete_name(g->out, text, (str){0});
        if (g->out->n == before + 1) {
            g->out->n = before; /* not fit to be shown */
        } else {
            g->n++;
        }
    }
}

static void keep_once(struct gathering *g, sym number)
{
    bool fresh = false;
    map_add(&g->seen, number, &fresh);
    if (fresh) {
        keep(g, names_text(g->names, number));
    }
}

static status_code take_activities(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    for (size_t i = 0; i < log->n; i++) {
        keep_once(cookie, log->activity[i]);
    }
    return OK;
}

static void gather_sources(struct gathering *g, struct store *store)
{
    struct buf text = {0};
    json_t *history = NULL, *import;
    sym number = 0;
    size_t i;
    if (ingest_history(store, &text, NULL) == OK &&
        json_parse(buf_str(&text), 0, "imports", &history, NULL) == OK) {
        json_array_foreach(history, i, import)
        {
            str source = {0};
            if (json_get_str(import, "name", &source) && names_find(g->names, source, &number)) {
                keep_once(g, number);
            }
        }
    }
    json_decref(history);
    buf_finish(&text);
}

static void gather(struct buf *out, struct store *store)
{
    const struct names *names = store_names(store);
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
        struct gathering g = {.out = out, .letter = KINDS[k].letter, .names = names};
        struct slice slice = SLICE_ALL(COL_ACTIVITY);
        switch (g.letter) {
        case 'a':
            (void)!store_scan(store, &slice, take_activities, &g, NULL);
            break;
        case 's':
            gather_sources(&g, store);
            break;
        default:
            for (item_id i = 1; i < names->item_n; i++) {
                if (g.letter == 'k') {
                    keep_once(&g, names->items[i].type);
                } else {
                    keep(&g, names->items[i].key);
                }
            }
        }
        map_finish(&g.seen);
    }
}

/* --- the file --- */

static void add_state(struct buf *out, const char *path)
{
    struct stat at;
    if (stat(path, &at) == 0) {
        buf_addf(out, " %lld.%09ld/%lld", (long long)at.st_mtim.tv_sec, at.st_mtim.tv_nsec,
                 (long long)at.st_size);
    }
}

/* The state of the store as it is now; empty: there is none. */
static void state_of(struct buf *out, const char *store)
{
    buf_clear(out);
    if (access(store, R_OK) == 0) {
        buf_addf(out, "weir words 1");
        add_state(out, store);
        struct buf log = {0};
        buf_addf(&log, "%s.wal", store);
        add_state(out, buf_cstr(&log));
        buf_finish(&log);
    }
}

/* Its place; false: there is none. The folders are made. */
static bool place(struct buf *out, const char *store, const char *const *environment)
{
    char real[PATH_MAX];
    const char *base = options_value(environment, "XDG_CACHE_HOME");
    const char *home = options_value(environment, "HOME");
    if (realpath(store, real) == NULL) {
        return false;
    }
    if (base != NULL && base[0] == '/') {
        buf_addf(out, "%s", base);
    } else if (home != NULL && home[0] == '/') {
        buf_addf(out, "%s/.cache", home);
    } else {
        return false;
    }
    (void)mkdir(buf_cstr(out), 0700);
    buf_addf(out, "/weir");
    (void)mkdir(buf_cstr(out), 0700);
    buf_addf(out, "/words-%016" PRIx64, str_hash(str_of(real)));
    return true;
}

static void read_file(struct buf *out, const char *path)
{
    buf_clear(out);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char chunk[1 << 16];
    ssize_t n;
    while (file >= 0 && out->n < FILE_MOST && (n = read(file, chunk, sizeof chunk)) > 0) {
        buf_add_bytes(out, chunk, (size_t)n);
    }
    if (file >= 0) {
        close(file);
    }
}

/* In a process of its own. */
static void fill(const char *path, const char *store, str state)
{
    struct store *s = NULL;
    struct outfile file = {0};
    struct buf text = {0};
    if (store_open(store, STORE_READ, &s, NULL) == OK) {
        buf_add(&text, state);
        buf_putc(&text, '\n');
        gather(&text, s);
        store_close(s);
        if (outfile_open(path, true, &file, NULL) == OK) { /* so late that no half one is left */
            buf_add(&file.text, buf_str(&text));
            (void)!outfile_keep(&file, NULL);
        }
        outfile_finish(&file);
    }
    buf_finish(&text);
}

static void leave_the_shell(void)
{
    (void)setsid();
    int null = open("/dev/null", O_RDWR);
    for (int i = STDIN_FILENO; null >= 0 && i <= STDERR_FILENO; i++) {
        (void)dup2(null, i); /* a shell waits until the last one lets go of its pipe */
    }
    (void)signal(SIGALRM, SIG_DFL);
    (void)alarm(FILL_S);
}

static void fill_aside(const char *path, const char *store, str state, lapse patience)
{
    const struct timespec pause = {0, 2000000};
    when until = clock_now() + patience;
    pid_t child = fork();
    if (child == 0) {
        leave_the_shell();
        fill(path, store, state);
        _exit(0);
    }
    while (child > 0 && waitpid(child, NULL, WNOHANG) == 0 && clock_now() < until) {
        (void)nanosleep(&pause, NULL);
    }
}

static void show(struct buf *out, str text, char letter, str prefix)
{
    str line;
    (void)str_cut(&text, '\n', &line); /* the state */
    for (size_t n = 0; n < SHOWN_MOST && str_cut(&text, '\n', &line);) {
        if (line.n > 0 && line.p[0] == letter) {
            size_t before = out->n;
            complete_name(out, str_from(line, 1), prefix);
            n += out->n > before;
        }
    }
}

void stored_names(struct buf *out, str kind, str prefix, const char *store,
                  const char *const *environment, lapse patience)
{
    char letter = 0;
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        letter = str_eq(kind, KINDS[i].name) ? KINDS[i].letter : letter;
    }
    struct buf state = {0}, path = {0}, text = {0};
    state_of(&state, store);
    if (letter != 0 && state.n > 0 && place(&path, store, environment)) {
        read_file(&text, buf_cstr(&path));
        str rest = buf_str(&text), first = {0};
        (void)str_cut(&rest, '\n', &first);
        if (!str_eq(first, buf_str(&state))) {
            fill_aside(buf_cstr(&path), store, buf_str(&state), patience);
            read_file(&text, buf_cstr(&path));
        }
        show(out, buf_str(&text), letter, prefix);
    }
    buf_finish(&state);
    buf_finish(&path);
    buf_finish(&text);
}
