/* An event table to its flow map: DuckDB's reader with weir's checks, identities and dictionary on
 * top, and the map; against the same reader alone. What is counted in grows from pair to pair: the
 * map straight from the source's batches, by way of a store in memory, and into a store on disk.
 * The peer is shown twice: with the column of times as TIMESTAMP (the fair one, since weir reads
 * times too), and with every column as text. */
#include "bench.h"
#include "generate.h"
#include "peer.h"

#include "base/buf.h"
#include "engine/ingest.h"
#include "fold/points.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reading {
    const char *csv, *store;
    uint64_t n;
};

static status show(struct points *p, const struct names *names, struct error *why)
{
    struct arena text = {.name = "map"};
    struct flowmap_result map;
    points_show(p, names, &text, &map);
    bool empty = map.edge_n == 0;
    arena_finish(&text);
    return empty ? error_set(why, "an empty map") : OK;
}

static status_code to_map(void *cookie, struct error *why)
{
    const struct reading *r = cookie;
    struct names names;
    struct source *source = NULL;
    struct batch *b = batch_new();
    struct points *p = points_open(POINTS_EXACT, NULL);
    names_init(&names);
    struct source_options options = {.names = &names};
    uint64_t n = 0;
    status_code s = SOURCE_CSV.open(&r->csv, 1, &options, &source, why);
    while (s == OK) {
        batch_clear(b);
        s = SOURCE_CSV.next(source, b, why);
        if (s == OK || s == END) {
            struct log log = batch_log(b);
            n += b->n;
            status_code stepped = points_step(p, &log, why);
            s = stepped == OK ? s : stepped;
        }
    }
    if (s == END) {
        s = n == r->n ? show(p, &names, why) : error_set(why, "%zu events were read", (size_t)n);
    }
    if (source != NULL) {
        SOURCE_CSV.close(source);
    }
    points_close(p);
    batch_free(b);
    names_finish(&names);
    return s;
}

static status_code step(const struct log *log, void *cookie, struct error *why)
{
    return points_step(cookie, log, why);
}

static status_code by_store(void *cookie, struct error *why)
{
    const struct reading *r = cookie;
    struct store *store = NULL;
    struct ingest_result result;
    if (strcmp(r->store, "memory:") != 0) {
        unlink(r->store);
    }
    TRY(store_open(r->store, STORE_WRITE, &store, why));
    const struct ingest what = {.format = &SOURCE_CSV, .paths = &r->csv, .path_count = 1};
    status_code s = ingest_run(store, &what, &result, why);
    if (s == OK && result.added.events != r->n) {
        s = error_set(why, "%zu events were stored", (size_t)result.added.events);
    }
    ingest_finish(&result);
    if (s == OK) {
        struct points *p = points_open(POINTS_EXACT, NULL);
        struct slice slice = SLICE_ALL(COL_ITEM | COL_ACTIVITY | COL_TIME);
        s = store_scan(store, &slice, step, p, why);
        s = s == OK ? show(p, store_names(store), why) : s;
        points_close(p);
    }
    store_close(store);
    return s;
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

static void compare(struct bench *b, struct reading *r, struct question *q, const char *disk)
{
    struct buf typed = {0}, text = {0};
    buf_addf(&typed,
             "FROM read_csv('%s', auto_detect=false, header=true, delim=',', quote='\"', "
             "columns={case_id:VARCHAR, activity:VARCHAR, timestamp:TIMESTAMP, lifecycle:VARCHAR, "
             "resource:VARCHAR})",
             r->csv);
    buf_addf(&text,
             "FROM read_csv('%s', auto_detect=false, header=true, delim=',', quote='\"', "
             "columns={case_id:VARCHAR, activity:VARCHAR, timestamp:VARCHAR, lifecycle:VARCHAR, "
             "resource:VARCHAR})",
             r->csv);
    const char *queries[] = {buf_cstr(&typed), buf_cstr(&text)};
    static const char *const PEERS[] = {"DuckDB read_csv alone, times typed, 2 threads",
                                        "DuckDB read_csv alone, all columns text, 2 threads",
                                        "DuckDB read_csv alone, times typed, 1 thread"};
    const struct {
        const char *name, *what, *store;
        int peer;
        double goal;
    } ROWS[] = {
        {"csv_map_typed_2", "a CSV file to its map with exact percentiles", NULL, 0, 1.5},
        {"csv_map_text_2", "as csv_map_typed_2", NULL, 1, 0},
        {"csv_map_typed_1", "as csv_map_typed_2; weir uses both cores", NULL, 2, 0},
        {"csv_memory_map", "the same by way of a store in memory: duplicates are found, all kept",
         "memory:", 0, 0},
        {"csv_disk_map", "the same by way of a store on disk, durably", disk, 0, 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        struct error why = {0};
        bench_check(b, peer_threads(&q->peer, ROWS[i].peer == 2 ? 1 : 2, &why), &why);
        q->sql = queries[ROWS[i].peer == 1];
        r->store = ROWS[i].store;
        bench_compare(b, &(struct bench_pair){.name = ROWS[i].name,
                                              .peer = PEERS[ROWS[i].peer],
                                              .what = ROWS[i].what,
                                              .goal = ROWS[i].goal,
                                              .n = r->n,
                                              .ours = r->store == NULL ? to_map : by_store,
                                              .theirs = ask,
                                              .ours_cookie = r,
                                              .peer_cookie = q});
    }
    buf_finish(&typed);
    buf_finish(&text);
}

int main(int argc, char **argv)
{
    struct bench b;
    struct error why = {0};
    struct question q = {0};
    bench_open(&b, argc, argv);
    struct reading r = {.n = bench_size(&b, 5000000, 20000)};
    const char *disk = bench_path(&b, "csv.weir");
    r.csv = bench_path(&b, "events.csv");
    status_code s;
    TRY_GOTO(s, done, generate_csv(r.csv, r.n, &why));
    TRY_GOTO(s, done, peer_open(&q.peer, NULL, &why));
    compare(&b, &r, &q, disk);
done:
    bench_check(&b, s, &why);
    peer_close(&q.peer);
    unlink(r.csv);
    unlink(disk);
    return bench_close(&b);
}
