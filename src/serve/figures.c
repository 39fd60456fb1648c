#include "serve/figures.h"

#include "base/mem.h"
#include "engine/inlet.h"
#include "serve/auth.h"

#include <dirent.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const double LIMITS[FIGURE_BUCKETS] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                              0.1,   0.25,   0.5,   1,    2.5,   10};

void figures_init(struct figures *f)
{
    *f = (struct figures){0};
    pthread_mutex_init(&f->lock, NULL);
}

void figures_finish(struct figures *f)
{
    VEC_FINISH(&f->routes);
    VEC_FINISH(&f->commands);
    pthread_mutex_destroy(&f->lock);
}

static void add(struct timing *t, double seconds)
{
    size_t i = 0;
    while (i < FIGURE_BUCKETS && seconds > LIMITS[i]) {
        i++;
    }
    t->in[i]++;
    t->sum += seconds;
}

void figures_request(struct figures *f, const char *route, int code, double seconds)
{
    pthread_mutex_lock(&f->lock);
    size_t i = 0;
    while (i < f->routes.n && strcmp(f->routes.v[i].route, route) != 0) {
        i++;
    }
    if (i == f->routes.n) {
        VEC_ADD(&f->routes, (struct route_figures){.route = route});
    }
    struct route_figures *r = &f->routes.v[i];
    add(&r->time, seconds);
    for (size_t k = 0; k < sizeof r->codes / sizeof *r->codes; k++) {
        if (r->codes[k].n == 0 || r->codes[k].code == code) {
            r->codes[k].code = code;
            r->codes[k].n++;
            break;
        }
    }
    pthread_mutex_unlock(&f->lock);
}

void figures_query(struct figures *f, const char *command, double seconds)
{
    pthread_mutex_lock(&f->lock);
    size_t i = 0;
    while (i < f->commands.n && strcmp(f->commands.v[i].command, command) != 0) {
        i++;
    }
    if (i == f->commands.n) {
        VEC_ADD(&f->commands, (struct command_figures){.command = command});
    }
    add(&f->commands.v[i].time, seconds);
    pthread_mutex_unlock(&f->lock);
}

void figures_failure(struct figures *f, int auth_fault)
{
    pthread_mutex_lock(&f->lock);
    f->failures[auth_fault]++;
    pthread_mutex_unlock(&f->lock);
}

void figures_cache(struct figures *f, bool hit)
{
    pthread_mutex_lock(&f->lock);
    f->cached += hit;
    f->computed += !hit;
    pthread_mutex_unlock(&f->lock);
}

/* --- the text --- */

static void head(struct buf *out, const char *name, const char *type, const char *help)
{
    buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help, double value)
{
    head(out, name, type, help);
    buf_addf(out, "%s %.17g\n", name, value);
}

static void timing(struct buf *out, const char *name, const char *label, const char *value,
                   const struct timing *t)
{
    uint64_t n = 0;
    for (size_t i = 0; i < FIGURE_BUCKETS; i++) {
        n += t->in[i];
        buf_addf(out, "%s_bucket{%s=\"%s\",le=\"%g\"} %llu\n", name, label, value, LIMITS[i],
                 (unsigned long long)n);
    }
    n += t->in[FIGURE_BUCKETS];
    buf_addf(out, "%s_bucket{%s=\"%s\",le=\"+Inf\"} %llu\n", name, label, value,
             (unsigned long long)n);
    buf_addf(out, "%s_sum{%s=\"%s\"} %.9g\n", name, label, value, t->sum);
    buf_addf(out, "%s_count{%s=\"%s\"} %llu\n", name, label, value, (unsigned long long)n);
}

static void process(struct buf *out)
{
    struct rusage used;
    long pages = 0, resident = 0;
    unsigned long long begun = 0;
    size_t files = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL) {
        if (fscanf(file, "%ld %ld", &pages, &resident) != 2) {
            pages = resident = 0;
        }
        fclose(file);
    }
    file = fopen("/proc/self/stat", "re");
    if (file != NULL) { /* the 22nd field; the second, in brackets, is one word: weir */
        if (fscanf(file,
                   "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
                   "%*d %*d %*d %llu",
                   &begun) != 1) {
            begun = 0;
        }
        fclose(file);
    }
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        files++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    struct timespec up, now;
    clock_gettime(CLOCK_BOOTTIME, &up);
    clock_gettime(CLOCK_REALTIME, &now);
    double boot = (double)now.tv_sec - (double)up.tv_sec;
    long page = sysconf(_SC_PAGESIZE), ticks = sysconf(_SC_CLK_TCK);
    getrusage(RUSAGE_SELF, &used);
    one(out, "process_cpu_seconds_total", "counter", "Processor time used, in seconds.",
        (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
    one(out, "process_resident_memory_bytes", "gauge", "Memory in use, in bytes.",
        (double)resident * (double)page);
    one(out, "process_virtual_memory_bytes", "gauge", "Address space in use, in bytes.",
        (double)pages * (double)page);
    one(out, "process_open_fds", "gauge", "Open file descriptors.",
        files > 3 ? (double)files - 3 : 0); /* without ., .. and the folder itself */
    one(out, "process_start_time_seconds", "gauge", "When the process began, seconds since 1970.",
        boot + (double)begun / (double)ticks);
}

static void requests(struct figures *f, struct buf *out)
{
    if (f->routes.n == 0) {
        return;
    }
    head(out, "weir_http_requests_total", "counter", "Requests answered, by route and status.");
    for (size_t i = 0; i < f->routes.n; i++) {
        const struct route_figures *r = &f->routes.v[i];
        for (size_t k = 0; k < sizeof r->codes / sizeof *r->codes && r->codes[k].n > 0; k++) {
            buf_addf(out, "weir_http_requests_total{route=\"%s\",code=\"%d\"} %llu\n", r->route,
                     r->codes[k].code, (unsigned long long)r->codes[k].n);
        }
    }
    head(out, "weir_http_request_seconds", "histogram", "Time from the first line to the answer.");
    for (size_t i = 0; i < f->routes.n; i++) {
        timing(out, "weir_http_request_seconds", "route", f->routes.v[i].route,
               &f->routes.v[i].time);
    }
}

void figures_print(struct figures *f, const struct figures_store *store, struct buf *out)
{
    head(out, "weir_build_info", "gauge", "What is running; the value is always 1.");
    buf_addf(out, "weir_build_info{version=\"%s\",engine=\"duckdb\"} 1\n", store->version);
    one(out, "weir_store_bytes", "gauge", "Size of the store, in bytes.", (double)store->bytes);
    head(out, "weir_store_rows", "gauge", "Rows in the store, by kind.");
    buf_addf(out,
             "weir_store_rows{kind=\"event\"} %llu\nweir_store_rows{kind=\"item\"} %llu\n"
             "weir_store_rows{kind=\"link\"} %llu\nweir_store_rows{kind=\"reject\"} %llu\n",
             (unsigned long long)store->events, (unsigned long long)store->items,
             (unsigned long long)store->links, (unsigned long long)store->rejects);
    one(out, "weir_live_streams", "gauge", "Pages that are told of changes.",
        (double)store->streams);
    pthread_mutex_lock(&f->lock);
    one(out, "weir_answers_cached_total", "counter", "Answers given from memory.",
        (double)f->cached);
    one(out, "weir_answers_computed_total", "counter", "Answers that had to be computed.",
        (double)f->computed);
    head(out, "weir_auth_failures_total", "counter", "Requests refused, by reason.");
    for (int i = AUTH_NONE; i <= AUTH_LOCKED; i++) {
        buf_addf(out, "weir_auth_failures_total{reason=\"%s\"} %llu\n",
                 auth_word((enum auth_fault)i), (unsigned long long)f->failures[i]);
    }
    buf_addf(out, "weir_auth_failures_total{reason=\"untrusted_proxy\"} %llu\n",
             (unsigned long long)store->ignored_proxy);
    if (f->commands.n > 0) {
        head(out, "weir_query_seconds", "histogram", "Time that an answer took to compute.");
    }
    for (size_t i = 0; i < f->commands.n; i++) {
        timing(out, "weir_query_seconds", "command", f->commands.v[i].command,
               &f->commands.v[i].time);
    }
    requests(f, out);
    pthread_mutex_unlock(&f->lock);
    process(out);
}

/* A name of weir.yaml or of a request, as a label. */
static void source_line(struct buf *out, const char *name, str source, double value)
{
    buf_addf(out, "%s{source=\"", name);
    for (size_t i = 0; i < source.n; i++) {
        char c = source.p[i];
        if (c == '"' || c == '\\' || c == '\n') {
            buf_putc(out, '\\');
        }
        buf_putc(out, c == '\n' ? 'n' : c);
    }
    buf_addf(out, "\"} %.17g\n", value);
}

void figures_inlet(struct inlet *in, when now, struct buf *out)
{
    static const struct {
        const char *name, *help;
        size_t at;
    } COUNTS[] = {
        {"weir_events_ingested_total", "Events stored, by source.",
         offsetof(struct inlet_source_state, events)},
        {"weir_events_duplicate_total", "Events that were known already, by source.",
         offsetof(struct inlet_source_state, duplicates)},
        {"weir_events_rejected_total", "Records that could not be understood, by source.",
         offsetof(struct inlet_source_state, rejected)},
        {"weir_deliveries_total", "Deliveries received, by source.",
         offsetof(struct inlet_source_state, deliveries)},
        {"weir_deliveries_refused_total", "Deliveries without a right signature, by source.",
         offsetof(struct inlet_source_state, refused)},
    };
    struct arena room = {0};
    struct inlet_sources all = {0};
    struct spool_state spool;
    inlet_sources(in, &room, &all);
    inlet_spool(in, &spool);
    for (size_t k = 0; all.v.n > 0 && k < sizeof COUNTS / sizeof *COUNTS; k++) {
        head(out, COUNTS[k].name, "counter", COUNTS[k].help);
        for (size_t i = 0; i < all.v.n; i++) {
            uint64_t n;
            memcpy(&n, (const char *)&all.v.v[i] + COUNTS[k].at, sizeof n);
            source_line(out, COUNTS[k].name, all.v.v[i].name, (double)n);
        }
    }
    bool first = true;
    for (size_t i = 0; i < all.v.n; i++) {
        if (all.v.v[i].latest != WHEN_NONE) {
            if (first) {
                head(out, "weir_ingest_lag_seconds", "gauge",
                     "Time since the latest event, by source.");
                first = false;
            }
            source_line(out, "weir_ingest_lag_seconds", all.v.v[i].name,
                        (double)(now - all.v.v[i].latest) / (double)SECOND);
        }
    }
    one(out, "weir_spool_bytes", "gauge", "Size of the spool, in bytes.", (double)spool.bytes);
    one(out, "weir_queue_bytes", "gauge", "Bytes in the spool that are not stored yet.",
        (double)(spool.end - spool.done));
    one(out, "weir_spool_oldest_seconds", "gauge",
        "Age of the oldest delivery that is not stored yet.",
        spool.oldest != WHEN_NONE ? (double)(now - spool.oldest) / (double)SECOND : 0);
    VEC_FINISH(&all.v);
    arena_finish(&room);
}
