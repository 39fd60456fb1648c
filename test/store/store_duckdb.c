/* What can happen to a file: it is missing, foreign, cut, flipped, held, older, newer, full, and
 * the process that writes it is killed. */
#include "store/store.h"

#include "base/progress.h"
#include "dump.h"

#include <duckdb.h> /* to make by hand what weir would never make */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

static void by_hand(const char *path, const char *const *statements)
{
    duckdb_database database = NULL;
    duckdb_connection connection = NULL;
    assert_int_equal(duckdb_open(path, &database), 0);
    assert_int_equal(duckdb_connect(database, &connection), 0);
    for (; *statements != NULL; statements++) {
        if (duckdb_query(connection, *statements, NULL) != 0) {
            fail_msg("by hand: %s", *statements);
        }
    }
    duckdb_disconnect(&connection);
    duckdb_close(&database);
}

static void add_event(struct store *s, struct batch *b, uint64_t i, str attrs)
{
    struct names *n = store_names(s);
    char key[24];
    snprintf(key, sizeof key, "k%llu", (unsigned long long)(i / 4));
    batch_add(b, &(struct event){
                     .key = {i, i ^ 0x5555},
                     .item = names_item(n, names_sym(n, STR("case")), str_of(key)),
                     .type = names_sym(n, STR("event")),
                     .activity = names_sym(n, i % 3 == 0 ? STR("a") : STR("b")),
                     .time = (when)i,
                     .begin = WHEN_NONE,
                     .attrs = attrs,
                 });
}

/* Adds events [from, from + n), a link and a named value, and commits. */
static status_code add_events(struct store *s, uint64_t from, uint64_t n, struct error *why)
{
    struct batch *b = batch_new();
    struct names *names = store_names(s);
    struct appended total = {0};
    char number[24];
    for (uint64_t i = from; i < from + n; i++) {
        add_event(s, b, i, STR("{}"));
    }
    item_id change = names_item(names, names_sym(names, STR("change")), STR("#1"));
    batch_refer(b, 0, change, 0);
    batch_link(
        b, (struct link){b->item[0], change, names_sym(names, STR("part_of")), 0, .5, b->key[0]});
    snprintf(number, sizeof number, "%llu", (unsigned long long)(from + n));
    status_code code = store_append(s, names_sym(names, STR("csv")), b, &total, why);
    if (code == OK) {
        code = store_put(s, STR("cursor"), str_of(number), why);
    }
    if (code == OK) {
        code = store_commit(s, why);
    }
    batch_free(b);
    return code;
}

static const char *make(const char *name, uint64_t events)
{
    struct error why = {0};
    struct store *s = NULL;
    const char *path = dump_path(name);
    FINE(store_open(path, STORE_WRITE, &s, &why));
    for (uint64_t i = 0; i < events; i += 1000) {
        FINE(add_events(s, i, events - i < 1000 ? events - i : 1000, &why));
    }
    store_close(s);
    return path;
}

/* The store holds events 0, 1, …, n - 1, each once, and its cursor says n, which is returned. */
static uint64_t whole(const char *path)
{
    struct error why = {0};
    struct store *s = NULL;
    struct store_info info;
    struct buf cursor = {0};
    FINE(store_open(path, STORE_READ, &s, &why));
    dump_sound(s);
    FINE(store_info(s, &info, &why));
    FINE(store_get(s, STR("cursor"), &cursor, &why));
    assert_int_equal(info.events, strtoull(buf_cstr(&cursor), NULL, 10));
    if (info.events > 0) {
        assert_int_equal(info.last, info.events - 1);
    }
    buf_finish(&cursor);
    store_close(s);
    return info.events;
}

struct bytes {
    char *p;
    size_t n;
};

static struct bytes read_file(const char *path)
{
    struct stat at;
    assert_int_equal(stat(path, &at), 0);
    struct bytes bytes = {malloc((size_t)at.st_size + 1), (size_t)at.st_size};
    int file = open(path, O_RDONLY);
    assert_int_equal(read(file, bytes.p, bytes.n), bytes.n);
    close(file);
    return bytes;
}

static void write_file(const char *path, const void *p, size_t n)
{
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, p, n), n);
    close(file);
}

/* Opening fails in both modes with these words, and the file stays as it is. */
static void refused(const char *path, const char *part)
{
    struct stat at;
    bool is_file = stat(path, &at) == 0 && S_ISREG(at.st_mode);
    struct bytes before = {0};
    if (is_file) {
        before = read_file(path);
    }
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        struct error why = {0};
        struct store *s = NULL;
        assert_int_equal(store_open(path, (enum store_mode)mode, &s, &why), FAIL);
        assert_null(s);
        if (strstr(why.text, part) == NULL) {
            fail_msg("\"%s\" has no \"%s\"", why.text, part);
        }
    }
    if (is_file) {
        struct bytes after = read_file(path);
        assert_int_equal(before.n, after.n);
        assert_memory_equal(before.p, after.p, after.n);
        free(after.p);
        free(before.p);
    }
}

static void missing(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = NULL;
    const char *path = dump_path("none.duckdb");
    assert_int_equal(store_open(path, STORE_READ, &s, &why), FAIL);
    assert_non_null(strstr(why.text, "there is no store"));
    assert_non_null(strstr(why.hint, "weir import"));
    assert_int_not_equal(access(path, F_OK), 0);
    refused(dump_path("no/folder/x.duckdb"), "there is no folder");
    refused("", "is empty");
    /* the log of a store that is gone is not given to a new one */
    write_file(dump_path("lost.duckdb.wal"), "log", 3);
    assert_int_equal(store_open(dump_path("lost.duckdb"), STORE_WRITE, &s, &why), FAIL);
    assert_non_null(strstr(why.text, "write-ahead log"));
}

static void relative_path(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = NULL;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(dump_folder()), 0);
    FINE(store_open("relative.duckdb", STORE_WRITE, &s, &why));
    FINE(add_events(s, 0, 10, &why));
    store_close(s);
    assert_int_equal(whole("relative.duckdb"), 10);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(whole(dump_path("relative.duckdb")), 10);
}

static void not_a_store(void **state)
{
    (void)state;
    char noise[20000];
    for (size_t i = 0; i < sizeof noise; i++) {
        noise[i] = (char)(i * 7);
    }
    write_file(dump_path("zero"), "", 0);
    refused(dump_path("zero"), "is empty");
    write_file(dump_path("text"), "case,activity,time\n", 19);
    refused(dump_path("text"), "is not a store");
    write_file(dump_path("noise"), noise, sizeof noise);
    refused(dump_path("noise"), "is not a store");
    refused(dump_folder(), "is a folder");
    assert_int_equal(mkfifo(dump_path("pipe"), 0600), 0);
    refused(dump_path("pipe"), "is not a file");
    refused("/dev/null", "is not a file");
    by_hand(dump_path("other.duckdb"), (const char *const[]){"CREATE TABLE t (a INTEGER)", NULL});
    refused(dump_path("other.duckdb"), "but not a store of weir");
}

static void cut(void **state)
{
    (void)state;
    struct bytes all = read_file(make("cut.duckdb", 3000));
    const char *path = dump_path("cut-now.duckdb");
    for (size_t part = 1; part <= 8; part++) { /* DuckDB's own words, or ours */
        write_file(path, all.p, all.n * part / 9);
        refused(path, "");
    }
    write_file(path, all.p, 9000);
    refused(path, "cut off");
    write_file(path, all.p, all.n - 1);
    refused(path, "cut off");
    write_file(path, all.p, all.n);
    assert_int_equal(whole(path), 3000);
    free(all.p);
}

/* Runs `body` in a process of its own and gives what waitpid gives. */
static int in_child(void (*body)(const char *path, int pipe_end), const char *path, int pipe_end)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        body(path, pipe_end);
        _exit(0);
    }
    int result = 0;
    assert_int_equal(waitpid(child, &result, 0), child);
    return result;
}

static void try_as_nobody(const char *path, int pipe_end)
{
    (void)pipe_end;
    struct error why = {0};
    struct store *s = NULL;
    if (geteuid() == 0 && setuid(65534) != 0) {
        _exit(9);
    }
    status_code read = store_open(path, STORE_READ, &s, &why);
    bool said = strstr(why.text, "Permission denied") != NULL && why.hint[0] != 0;
    status_code write = store_open(path, STORE_WRITE, &s, &why);
    said = said && strstr(why.text, "Permission denied") != NULL && why.hint[0] != 0;
    _exit(read == FAIL && write == FAIL && said ? 0 : 1);
}

static void try_to_write_as_nobody(const char *path, int pipe_end)
{
    (void)pipe_end;
    struct error why = {0};
    struct store *s = NULL;
    if (geteuid() == 0 && setuid(65534) != 0) {
        _exit(9);
    }
    status_code read = store_open(path, STORE_READ, &s, &why);
    store_close(s);
    status_code write = store_open(path, STORE_WRITE, &s, &why);
    _exit(read == OK && write == FAIL && strstr(why.text, "cannot write") != NULL ? 0 : 1);
}

static void no_permission(void **state)
{
    (void)state;
    const char *path = make("mine.duckdb", 10);
    assert_int_equal(chmod(dump_folder(), 0755), 0);
    assert_int_equal(chmod(path, 0), 0);
    assert_int_equal(in_child(try_as_nobody, path, -1), 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(in_child(try_to_write_as_nobody, path, -1), 0);
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(whole(path), 10);
}

static void open_twice(void **state)
{
    (void)state;
    const char *path = make("twice.duckdb", 10);
    struct error why = {0};
    struct store *s = NULL, *second = NULL;
    FINE(store_open(path, STORE_WRITE, &s, &why));
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        assert_int_equal(store_open(path, (enum store_mode)mode, &second, &why), BUSY);
        assert_non_null(strstr(why.text, "open in this process already"));
    }
    FINE(add_events(s, 10, 5, &why));
    store_close(s);
    assert_int_equal(whole(path), 15);
}

static void hold(const char *path, int pipe_end)
{
    struct error why = {0};
    struct store *s = NULL;
    char byte = store_open(path, STORE_WRITE, &s, &why) == OK ? '1' : '0';
    if (write(pipe_end, &byte, 1) == 1) {
        pause();
    }
}

/* A file that was made and got nothing goes; what was there before, or got something, stays. */
static void discarded(void **state)
{
    (void)state;
    char path[1024], log[1032];
    struct error why = {0};
    struct store *s = NULL;
    (void)snprintf(path, sizeof path, "%s", dump_path("discarded.duckdb"));
    (void)snprintf(log, sizeof log, "%s.wal", path);
    assert_int_equal(store_open(path, STORE_WRITE, &s, &why), OK);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(store_commit(s, &why), OK); /* of nothing */
    assert_int_equal(store_put(s, STR("a"), STR("b"), &why), OK);
    store_rollback(s);
    store_discard(s);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_not_equal(access(log, F_OK), 0);

    assert_int_equal(store_open(path, STORE_WRITE, &s, &why), OK);
    assert_int_equal(add_events(s, 0, 10, &why), OK);
    store_discard(s);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(store_open(path, STORE_WRITE, &s, &why), OK);
    store_discard(s);
    struct store_info info;
    assert_int_equal(store_open(path, STORE_READ, &s, &why), OK);
    assert_int_equal(store_info(s, &info, &why), OK);
    assert_int_equal(info.events, 10);
    store_discard(s);
    assert_int_equal(access(path, F_OK), 0);
    store_discard(NULL);
}

static void held_by_another(void **state)
{
    (void)state;
    const char *path = make("held.duckdb", 10);
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        hold(path, ends[1]);
        _exit(0);
    }
    assert_int_equal(read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, '1');
    char name[32];
    snprintf(name, sizeof name, "process %d (", (int)child);
    for (int mode = STORE_READ; mode <= STORE_WRITE; mode++) {
        struct error why = {0};
        struct store *s = NULL;
        assert_int_equal(store_open(path, (enum store_mode)mode, &s, &why), BUSY);
        if (strstr(why.text, name) == NULL || strstr(why.text, "test_store") == NULL) {
            fail_msg("\"%s\" does not name the holder", why.text);
        }
        assert_non_null(strstr(why.hint, "again"));
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(whole(path), 10);
}

/* Commits and says so, until it is killed. */
static void commit_on_and_on(const char *path, int pipe_end)
{
    struct error why = {0};
    struct store *s = NULL;
    struct store_info info;
    if (store_open(path, STORE_WRITE, &s, &why) != OK || store_info(s, &info, &why) != OK) {
        _exit(1);
    }
    for (uint64_t from = info.events;; from += 50) {
        if (add_events(s, from, 50, &why) != OK) {
            _exit(1);
        }
        uint64_t kept = from + 50;
        if (write(pipe_end, &kept, sizeof kept) != sizeof kept) {
            _exit(1);
        }
    }
}

static void killed(void **state)
{
    (void)state;
    const char *path = make("killed.duckdb", 50);
    for (int round = 0; round < 8; round++) {
        int ends[2];
        uint64_t said = 0, seen = 0;
        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            commit_on_and_on(path, ends[1]);
        }
        close(ends[1]);
        for (int i = 0; i < 3 + 9 * round; i++) {
            if (read(ends[0], &said, sizeof said) != sizeof said) {
                fail_msg("the child ended by itself in round %d", round);
            }
            seen = said;
        }
        nanosleep(&(struct timespec){0, 700000L * round}, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], &said, sizeof said) == sizeof said) {
            seen = said;
        }
        close(ends[0]);
        uint64_t kept = whole(path);
        assert_true(kept >= seen && kept <= seen + 50); /* all that was said to be kept */
    }
}

static void compact_on(const char *path, int pipe_end)
{
    struct error why = {0};
    struct store *s = NULL;
    char byte = '1';
    if (store_open(path, STORE_WRITE, &s, &why) != OK || write(pipe_end, &byte, 1) != 1) {
        _exit(1);
    }
    for (;;) {
        if (store_compact(s, NULL, &why) != OK) {
            _exit(1);
        }
    }
}

static void killed_while_compacting(void **state)
{
    (void)state;
    const char *path = make("compact.duckdb", 30000);
    for (int round = 0; round < 6; round++) {
        int ends[2];
        char byte;
        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            compact_on(path, ends[1]);
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], &byte, 1), 1);
        nanosleep(&(struct timespec){0, 11000000L * round}, NULL);
        kill(child, SIGKILL);
        int result;
        waitpid(child, &result, 0);
        assert_true(WIFSIGNALED(result));
        close(ends[0]);
        assert_int_equal(whole(path), 30000);
    }
}

static void compaction_interrupted(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = NULL;
    const char *path = make("ctrl-c.duckdb", 60000);
    FINE(store_open(path, STORE_WRITE, &s, &why));
    interrupt_set(SIGINT);
    status_code code = store_compact(s, NULL, &why);
    interrupt_set(0);
    assert_true(code == INTERRUPTED || code == OK); /* it may have been faster */
    FINE(add_events(s, 60000, 10, &why));           /* and the store goes on */
    store_close(s);
    assert_int_equal(whole(path), 60010);
}

static void fill_the_disk(const char *path, int pipe_end)
{
    (void)pipe_end;
    struct error why = {0};
    struct store *s = NULL;
    struct stat at;
    signal(SIGXFSZ, SIG_IGN);
    if (stat(path, &at) != 0 || store_open(path, STORE_WRITE, &s, &why) != OK) {
        _exit(2);
    }
    struct rlimit limit = {(rlim_t)at.st_size + 300000, RLIM_INFINITY};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) {
        _exit(3);
    }
    struct batch *b = batch_new();
    struct appended total = {0};
    sym source = names_sym(store_names(s), STR("big"));
    status_code code = OK;
    uint64_t noise = 88172645463325252ULL;
    for (uint64_t i = 0; i < 400 && code == OK; i++) {
        batch_clear(b);
        for (uint64_t k = 0; k < 1000; k++) {
            char attrs[64];
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            snprintf(attrs, sizeof attrs, "{\"n\":\"%llx%llx\"}", (unsigned long long)noise,
                     (unsigned long long)(noise * 0x9e3779b97f4a7c15ULL));
            add_event(s, b, i * 1000 + k, str_of(attrs));
        }
        code = store_append(s, source, b, &total, &why);
        if (code == OK && i % 100 == 99) {
            code = store_commit(s, &why);
        }
    }
    bool said = code == FAIL && why.text[0] != 0;
    fprintf(stderr, "full disk: %s\n", why.text);
    batch_free(b);
    store_close(s);
    _exit(said ? 0 : 1);
}

static void disk_full(void **state)
{
    (void)state;
    const char *path = make("full.duckdb", 3000);
    assert_int_equal(in_child(fill_the_disk, path, -1), 0);
    assert_int_equal(whole(path), 3000);
    struct error why = {0};
    struct store *s = NULL;
    FINE(store_open(path, STORE_WRITE, &s, &why));
    FINE(add_events(s, 3000, 10, &why));
    store_close(s);
    assert_int_equal(whole(path), 3010);
}

static void leave_a_log(const char *path, int pipe_end)
{
    (void)pipe_end;
    struct error why = {0};
    struct store *s = NULL;
    if (store_open(path, STORE_WRITE, &s, &why) == OK && add_events(s, 20, 30, &why) == OK) {
        raise(SIGKILL);
    }
}

static void log_is_replayed(void **state)
{
    (void)state;
    const char *path = make("log.duckdb", 20), *log = dump_path("log.duckdb.wal");
    assert_true(WIFSIGNALED(in_child(leave_a_log, path, -1)));
    struct stat at;
    assert_int_equal(stat(log, &at), 0);
    assert_true(at.st_size > 0);
    assert_int_equal(whole(path), 50); /* reading replays it in memory */
    struct error why = {0};
    struct store *s = NULL;
    FINE(store_open(path, STORE_WRITE, &s, &why));
    FINE(add_events(s, 50, 10, &why));
    store_close(s);
    assert_int_equal(whole(path), 60);
}

static void formats(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = NULL;
    const char *newer = make("newer.duckdb", 10), *older = make("older.duckdb", 10);
    by_hand(newer, (const char *const[]){
                       "UPDATE meta SET value = '2' WHERE name = 'format'",
                       "UPDATE meta SET value = '7.1.0' WHERE name = 'written_by'", NULL});
    refused(newer, "has format 2");
    assert_int_equal(store_open(newer, STORE_WRITE, &s, &why), FAIL);
    assert_string_equal(why.hint, "It needs weir 7.1.0 or newer.");

    by_hand(older, (const char *const[]){
                       "DROP TABLE saved", "DELETE FROM meta WHERE name = 'in_time_order'",
                       "UPDATE meta SET value = '0' WHERE name = 'format'", NULL});
    assert_int_equal(store_open(older, STORE_READ, &s, &why), FAIL);
    assert_non_null(strstr(why.text, "older format 0"));
    assert_non_null(strstr(why.hint, "migrate"));
    FINE(store_open(older, STORE_WRITE, &s, &why));
    struct store_info info;
    FINE(store_info(s, &info, &why));
    assert_int_equal(info.format, 1);
    assert_true(info.in_time_order);
    dump_sound(s);
    FINE(add_events(s, 10, 10, &why));
    store_close(s);
    assert_int_equal(whole(older), 20);

    by_hand(older, (const char *const[]){"DROP TABLE saved",
                                         "DELETE FROM meta WHERE name = 'in_time_order'",
                                         "UPDATE meta SET value = '0' WHERE name = 'format'",
                                         "UPDATE events SET \"time\" = -5 WHERE seq = 19", NULL});
    FINE(store_open(older, STORE_WRITE, &s, &why));
    FINE(store_info(s, &info, &why));
    assert_false(info.in_time_order);
    dump_sound(s);
    store_close(s);
    by_hand(older, (const char *const[]){"DELETE FROM meta", NULL});
    refused(older, "does not say which format");
}

/* Damage done by hand is found, and named. */
static void finds(const char *statement, const char *sentence)
{
    struct error why = {0};
    struct store *s = NULL;
    struct buf faults = {0};
    uint64_t n = 0;
    const char *path = make("faulty.duckdb", 30);
    by_hand(path, (const char *const[]){statement, NULL});
    status_code code = store_open(path, STORE_READ, &s, &why);
    if (code == OK) {
        FINE(store_verify(s, dump_fault, &faults, &n, &why));
        assert_true(n > 0);
    } else {
        buf_addf(&faults, "%s", why.text);
    }
    if (strstr(buf_cstr(&faults), sentence) == NULL) {
        fail_msg("%s: \"%s\" has no \"%s\"", statement, buf_cstr(&faults), sentence);
    }
    buf_finish(&faults);
    store_close(s);
    unlink(path);
}

static status_code nothing(const struct log *log, void *cookie, struct error *why)
{
    (void)log, (void)cookie, (void)why;
    return OK;
}

static void faults(void **state)
{
    (void)state;
    finds("UPDATE events SET key = (SELECT key FROM events WHERE seq = 1) WHERE seq = 2",
          "1 events are there twice");
    finds("DELETE FROM events WHERE seq = 3", "are not numbered 0, 1, 2");
    finds("UPDATE events SET item = 4000 WHERE seq = 4",
          "1 events are about an item that does not");
    finds("UPDATE events SET team = 4000 WHERE seq = 4", "1 texts of events are not in the");
    finds("UPDATE events SET life = 77 WHERE seq = 4", "a life cycle or a time quality");
    finds("UPDATE events SET source = 4000 WHERE seq = 4", "come from source 4000");
    finds("UPDATE events SET \"time\" = -1 WHERE seq = 5", "is not");
    finds("UPDATE event_items SET seq = 30", "belong to no event");
    finds("INSERT INTO event_items FROM event_items", "further items are there twice");
    finds("UPDATE links SET \"to\" = 4000", "links have an end, a kind");
    finds("UPDATE links SET confidence = 2", "links have an end, a kind");
    finds("UPDATE links SET evidence = 17", "rest on an event that does not exist");
    finds("INSERT INTO links FROM links", "links are there twice");
    finds("INSERT INTO rejects VALUES (9, 1, 1, '', 1, '', '', '')", "no source or no batch");
    finds("INSERT INTO item_attrs VALUES (4000, 1, 1, '')", "belong to no item");
    finds("DELETE FROM texts WHERE id = 2", "dictionary is not numbered");
    finds("UPDATE texts SET text = 'case' WHERE id > 0", "dictionary is not numbered");
    finds("UPDATE items SET type = 4000 WHERE id = 2", "dictionary is not numbered");

    struct error why = {0};
    struct store *s = NULL;
    struct slice slice = SLICE_ALL(COL_TEAM);
    const char *path = make("faulty.duckdb", 30);
    by_hand(path, (const char *const[]){"UPDATE events SET team = 4000 WHERE seq = 4",
                                        "UPDATE links SET \"to\" = 4000", NULL});
    FINE(store_open(path, STORE_READ, &s, &why));
    assert_int_equal(store_scan(s, &slice, nothing, NULL, &why), FAIL);
    assert_non_null(strstr(why.text, "damaged"));
    assert_int_equal(store_scan_links(s, NULL, NULL, &why), FAIL);
    store_close(s);
}

static char read_all(const char *path, int round) /* what became of it, as a letter */
{
    struct error why = {0};
    struct store *s = NULL;
    struct slice slice = SLICE_ALL(ALL_COLUMNS);
    uint64_t n = 0;
    if (store_open(path, round % 2 == 0 ? STORE_READ : STORE_WRITE, &s, &why) != OK) {
        return why.text[0] != 0 ? 'o' : '?';
    }
    status_code code = store_scan(s, &slice, nothing, NULL, &why);
    status_code verified = store_verify(s, NULL, NULL, &n, &why);
    store_close(s);
    return code != OK || verified != OK ? 'r' : n > 0 ? 'v' : 'f';
}

enum { FLIP_ROUNDS = 200 };

static void flip_on(const struct bytes *all, int from, int pipe_end)
{
    const char *path = dump_path("flipped.duckdb"), *log = dump_path("flipped.duckdb.wal");
    char *copy = malloc(all->n);
    alarm(120);
    for (int round = from; round < FLIP_ROUNDS; round++) {
        uint64_t noise = (uint64_t)(unsigned)round * 0x9e3779b97f4a7c15ULL;
        memcpy(copy, all->p, all->n);
        for (int flips = 0; flips <= round % 4; flips++) {
            noise = noise * 6364136223846793005ULL + 1442695040888963407ULL;
            /* a quarter of the rounds aim at the headers and what follows them */
            size_t range = round % 4 == 3 ? 3 * 4096 + 2000 : all->n;
            copy[(noise >> 20) % range] ^= (char)(1 + (noise >> 12) % 255);
        }
        write_file(path, copy, all->n);
        unlink(log);
        char outcome = read_all(path, round);
        if (write(pipe_end, &outcome, 1) != 1) {
            _exit(1);
        }
    }
    _exit(0);
}

/* In a process of its own, since DuckDB might end it; what it says comes through the pipe. */
static void flipped(void **state)
{
    (void)state;
    struct bytes all = read_file(make("flip.duckdb", 5000));
    int count[256] = {0}, crashed = 0;
    for (int round = 0; round < FLIP_ROUNDS;) {
        int ends[2], result = 0;
        char outcome;
        assert_int_equal(pipe(ends), 0);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            flip_on(&all, round, ends[1]);
        }
        close(ends[1]);
        for (; read(ends[0], &outcome, 1) == 1; round++) {
            count[(unsigned char)outcome]++;
        }
        close(ends[0]);
        waitpid(child, &result, 0);
        if (result != 0) {
            print_message("round %d: signal %d\n", round, WTERMSIG(result));
            crashed++;
            round++;
        }
    }
    print_message("flipped: %d fine, %d not opened, %d not read, %d found by verify, %d crashed\n",
                  count['f'], count['o'], count['r'], count['v'], crashed);
    assert_int_equal(crashed, 0);
    assert_int_equal(count['f'] + count['o'] + count['r'] + count['v'], FLIP_ROUNDS);
    assert_true(count['o'] > 0 && count['r'] + count['v'] > 0);
    free(all.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing),
        cmocka_unit_test(relative_path),
        cmocka_unit_test(not_a_store),
        cmocka_unit_test(cut),
        cmocka_unit_test(no_permission),
        cmocka_unit_test(open_twice),
        cmocka_unit_test(discarded),
        cmocka_unit_test(held_by_another),
        cmocka_unit_test(killed),
        cmocka_unit_test(killed_while_compacting),
        cmocka_unit_test(compaction_interrupted),
        cmocka_unit_test(disk_full),
        cmocka_unit_test(log_is_replayed),
        cmocka_unit_test(formats),
        cmocka_unit_test(faults),
        cmocka_unit_test(flipped),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    dump_remove_folder();
    return failed;
}
