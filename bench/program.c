/* The program as people call it: memory of a large import and of the map of what was imported, and
 * the time of `weir map` beside DuckDB's window query on the same store. */
#include "bench.h"
#include "generate.h"
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static status_code run(void *cookie, struct error *why)
{
    return bench_run(cookie, why);
}

struct question {
    struct peer peer;
    const char *sql;
};

static status_code ask(void *cookie, struct error *why)
{
    struct question *q = cookie;
    return peer_run(&q->peer, q->sql, why);
}

/* The program must not find its store held: the peer works on a copy of what it needs. */
static status copy(struct question *q, const char *store, struct error *why)
{
    char sql[8500];
    TRY(peer_open(&q->peer, NULL, why));
    TRY(peer_threads(&q->peer, 2, why));
    snprintf(sql, sizeof sql, "ATTACH '%s' AS stored (READ_ONLY)", store);
    TRY(peer_run(&q->peer, sql, why));
    TRY(peer_run(&q->peer,
                 "CREATE TABLE events AS SELECT seq, item, activity, time FROM stored.events",
                 why));
    return peer_run(&q->peer, "DETACH stored", why);
}

int main(int argc, char **argv)
{
    enum { BOUND = 1500 * 1000 * 1000 };
    struct bench b;
    struct error why = {0};
    bench_open(&b, argc, argv);
    if (b.weir == NULL) {
        fputs("bench: program: --weir PROGRAM is needed\n", stderr);
        return 2;
    }
    uint64_t n = bench_size(&b, 10000000, 20000);
    char *csv = (char *)(uintptr_t)bench_path(&b, "program.csv");
    char *store = (char *)(uintptr_t)bench_path(&b, "program.weir");
    char *weir = (char *)(uintptr_t)b.weir;
    char *import[] = {weir, "import", csv, "--store", store, NULL};
    char *map[] = {weir, "map", "--json", "--store", store, NULL};
    struct question q = {
        .sql = "SELECT a, b, count(*), count(DISTINCT item), sum(d), min(d), max(d), "
               "stddev_samp(d), quantile_cont(d, [0.5, 0.85, 0.95]) FROM (SELECT item, activity AS "
               "a, lead(activity) OVER w AS b, lead(time) OVER w - time AS d FROM events WINDOW w "
               "AS (PARTITION BY item ORDER BY time, seq)) WHERE b IS NOT NULL GROUP BY a, b"};
    unlink(store);
    status_code s = generate_csv(csv, n, &why);
    bench_check(&b, s, &why);
    if (s == OK) {
        bench_memory(&b, "memory_import", "peak resident memory of `weir import` of a CSV file", n,
                     BOUND, import);
        bench_memory(&b, "memory_map", "peak resident memory of `weir map`", n, BOUND, map);
        unlink(csv);
        s = copy(&q, store, &why);
        bench_check(&b, s, &why);
    }
    if (s == OK) {
        bench_compare(&b, &(struct bench_pair){
                              .name = "weir_map",
                              .peer = "DuckDB window query with quantile_cont and items, 2 threads",
                              .what = "`weir map --json` from start to end: stages, edges, "
                                      "variants; the peer knows edges only",
                              .goal = 1.0 / 2,
                              .n = n,
                              .ours = run,
                              .theirs = ask,
                              .ours_cookie = map,
                              .peer_cookie = &q});
    }
    peer_close(&q.peer);
    unlink(csv);
    unlink(store);
    return bench_close(&b);
}
