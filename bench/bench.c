#include "bench.h"

#include "base/mem.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RUNS = 5, RUNS_QUICK = 2, RUNS_MOST = 100 };

void bench_open(struct bench *b, int argc, char **argv)
{
    *b = (struct bench){.text = {.name = "paths"}, .out = ".", .scratch = ".", .runs = RUNS};
    const struct {
        const char *name;
        const char **value;
    } OPTIONS[] = {{"--out", &b->out}, {"--scratch", &b->scratch}, {"--weir", &b->weir}};
    for (int i = 1; i < argc; i++) {
        bool known = strcmp(argv[i], "--quick") == 0;
        b->quick |= known;
        for (size_t k = 0; !known && k < sizeof OPTIONS / sizeof *OPTIONS; k++) {
            if (strcmp(argv[i], OPTIONS[k].name) == 0 && i + 1 < argc) {
                *OPTIONS[k].value = argv[++i];
                known = true;
            }
        }
        if (!known) {
            fprintf(stderr, "%s: unknown option %s\n", argv[0], argv[i]);
            exit(2);
        }
    }
    const char *runs = getenv("BENCH_RUNS");
    b->runs = b->quick ? RUNS_QUICK : runs != NULL ? atoi(runs) : RUNS;
    b->runs = b->runs < 1 ? 1 : b->runs > RUNS_MOST ? RUNS_MOST : b->runs;
}

int bench_close(struct bench *b)
{
    arena_finish(&b->text);
    return b->failed ? 1 : 0;
}

uint64_t bench_size(const struct bench *b, uint64_t full, uint64_t quick)
{
    const char *asked = getenv("BENCH_EVENTS");
    int64_t n = 0;
    if (b->quick) {
        return quick;
    }
    return asked != NULL && str_to_i64(str_of(asked), &n) && n > 0 ? (uint64_t)n : full;
}

const char *bench_path(struct bench *b, const char *name)
{
    return arena_strf(&b->text, "%s/%s", b->scratch, name).p;
}

void bench_check(struct bench *b, status_code code, const struct error *why)
{
    if (code != OK) {
        fprintf(stderr, "bench: %s\n", why->text);
        b->failed = true;
    }
}

/* ---- measuring ---- */

struct times {
    double wall[RUNS_MOST], cpu[RUNS_MOST];
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_s(void) /* of this process, all threads, and of the children that ended */
{
    double sum = 0;
    for (int who = 0; who < 2; who++) {
        struct rusage u;
        getrusage(who == 0 ? RUSAGE_SELF : RUSAGE_CHILDREN, &u);
        sum += (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
               (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
    }
    return sum;
}

static status measure(bench_work *work, void *cookie, struct times *times, int run,
                      struct error *why)
{
    double wall = now_s(), cpu = cpu_s();
    TRY(work(cookie, why));
    times->cpu[run] = cpu_s() - cpu;
    times->wall[run] = now_s() - wall;
    return OK;
}

static int compare_reals(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static json_t *summary(double *v, int n)
{
    qsort(v, (size_t)n, sizeof *v, compare_reals);
    double median = n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    return json_pack("{s:f,s:f,s:f}", "min", v[0], "median", median, "max", v[n - 1]);
}

/* ---- documents ---- */

static str field_of(const char *file, const char *field, char *line, size_t room)
{
    FILE *f = fopen(file, "r");
    str value = {0};
    while (f != NULL && value.n == 0 && fgets(line, (int)room, f) != NULL) {
        str s = str_of(line);
        if (str_starts(s, str_of(field))) {
            value = str_trim(str_from(s, str_find_char(s, ':') + 1));
        }
    }
    if (f != NULL) {
        fclose(f);
    }
    return value;
}

static json_t *machine(void)
{
    char line[1000];
    str model = field_of("/proc/cpuinfo", "model name", line, sizeof line);
    json_t *m = json_object();
    json_object_set_new(m, "cores", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_set_new(m, "cpu", model.n > 0 ? json_stringn(model.p, model.n) : json_null());
    json_object_set_new(
        m, "memory_bytes",
        json_integer((json_int_t)sysconf(_SC_PHYS_PAGES) * (json_int_t)sysconf(_SC_PAGESIZE)));
    double load[1] = {0};
    json_object_set_new(m, "load", getloadavg(load, 1) == 1 ? json_real(load[0]) : json_null());
    json_object_set_new(m, "version", json_string(WEIR_VERSION));
    return m;
}

static void put(struct bench *b, const char *name, json_t *document)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.json", b->out, name);
    if (json_dump_file(document, path, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) != 0) {
        fprintf(stderr, "bench: %s cannot be written\n", path);
        b->failed = true;
    }
    char *text = json_dumps(document, JSON_COMPACT | JSON_REAL_PRECISION(6));
    puts(text);
    fflush(stdout);
    free(text);
    json_decref(document);
}

static json_t *begin(const char *name, const char *what, uint64_t n)
{
    json_t *d = json_object();
    json_object_set_new(d, "schema", json_string("weir.bench/1"));
    json_object_set_new(d, "name", json_string(name));
    json_object_set_new(d, "what", json_string(what));
    json_object_set_new(d, "n", json_integer((json_int_t)n));
    return d;
}

static json_t *goal_of(double goal)
{
    return goal > 0 ? json_real(goal) : json_null();
}

void bench_compare(struct bench *b, const struct bench_pair *p)
{
    struct times ours = {0}, theirs = {0};
    struct error why = {0};
    status_code s = OK;
    for (int run = -1; run < b->runs && s == OK; run++) { /* -1: warm-up */
        int at = run < 0 ? 0 : run;
        s = measure(p->ours, p->ours_cookie, &ours, at, &why);
        if (s == OK) {
            s = measure(p->theirs, p->peer_cookie, &theirs, at, &why);
        }
    }
    if (s != OK) {
        error_add(&why, "%s", p->name);
        bench_check(b, s, &why);
        return;
    }
    json_t *d = begin(p->name, p->what, p->n);
    json_object_set_new(d, "peer", json_string(p->peer));
    json_object_set_new(d, "ours_s", summary(ours.wall, b->runs));
    json_object_set_new(d, "peer_s", summary(theirs.wall, b->runs));
    json_object_set_new(d, "ours_cpu_s", summary(ours.cpu, b->runs));
    json_object_set_new(d, "peer_cpu_s", summary(theirs.cpu, b->runs));
    double ratio = ours.wall[0] / theirs.wall[0]; /* sorted by now */
    json_object_set_new(d, "ratio", json_real(ratio));
    json_object_set_new(d, "cpu_ratio",
                        theirs.cpu[0] > 0 ? json_real(ours.cpu[0] / theirs.cpu[0]) : json_null());
    json_object_set_new(d, "goal", goal_of(p->goal));
    json_object_set_new(d, "met", p->goal > 0 ? json_boolean(ratio <= p->goal) : json_null());
    json_object_set_new(d, "runs", json_integer(b->runs));
    json_object_set_new(d, "machine", machine());
    put(b, p->name, d);
}

/* ---- programs ---- */

static status start(char *const *command, pid_t *ret, struct error *why)
{
    fflush(NULL);
    *ret = fork();
    if (*ret == 0) {
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nothing, 0);
        dup2(nothing, 1);
        execvp(command[0], command);
        _exit(127);
    }
    return *ret > 0 ? OK : error_set(why, "no process can be started");
}

static status ended(char *const *command, pid_t child, struct rusage *ret, struct error *why)
{
    int how = 0;
    if (wait4(child, &how, 0, ret) != child || !WIFEXITED(how) || WEXITSTATUS(how) != 0) {
        return error_set(why, "%s %s ended with %d", command[0],
                         command[1] != NULL ? command[1] : "",
                         WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how));
    }
    return OK;
}

status bench_run(char *const *command, struct error *why)
{
    pid_t child = 0;
    struct rusage used;
    TRY(start(command, &child, why));
    return ended(command, child, &used, why);
}

void bench_memory(struct bench *b, const char *name, const char *what, uint64_t n, uint64_t bound,
                  char *const *command)
{
    pid_t child = 0;
    struct rusage used;
    struct error why = {0};
    double wall = now_s();
    status_code s = start(command, &child, &why);
    if (s == OK) {
        s = ended(command, child, &used, &why);
    }
    wall = now_s() - wall;
    if (s != OK) {
        bench_check(b, s, &why);
        return;
    }
    double peak = (double)used.ru_maxrss * 1024;
    json_t *d = begin(name, what, n);
    json_object_set_new(d, "peer", json_string("a bound in bytes"));
    json_object_set_new(d, "ours_bytes", json_integer((json_int_t)peak));
    json_object_set_new(d, "peer_bytes", json_integer((json_int_t)bound));
    json_object_set_new(d, "ours_s",
                        json_pack("{s:f,s:f,s:f}", "min", wall, "median", wall, "max", wall));
    json_object_set_new(d, "ratio", json_real(peak / (double)bound));
    json_object_set_new(d, "goal", goal_of(1));
    json_object_set_new(d, "met", json_boolean(peak <= (double)bound));
    json_object_set_new(d, "runs", json_integer(1));
    json_object_set_new(d, "machine", machine());
    put(b, name, d);
}
