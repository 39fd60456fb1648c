/* The flow map of events that are stored: weir's fold over the store's stream of columns, against
 * DuckDB's own window query on the same rows (item, activity and time as numbers, which is as kind
 * to it as can be), by one thread and by two. And the clock of a calendar against the one on the
 * wall. */
#include "bench.h"
#include "generate.h"
#include "peer.h"

#include "base/mem.h"
#include "fold/points.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct mapping {
    struct store *store;
    enum points_detail detail;
    const struct calendar *clock;
    struct points *points;
};

static status_code step(const struct log *log, void *cookie, struct error *why)
{
    const struct mapping *m = cookie;
    return points_step(m->points, log, why);
}

static status_code map_store(void *cookie, struct error *why)
{
    struct mapping *m = cookie;
    struct arena text = {.name = "map"};
    struct flowmap_result map;
    m->points = points_open(m->detail, m->clock);
    struct slice slice = SLICE_ALL(COL_ITEM | COL_ACTIVITY | COL_TIME);
    status_code s = store_scan(m->store, &slice, step, m, why);
    if (s == OK) {
        points_show(m->points, store_names(m->store), &text, &map);
        s = map.edge_n > 0 ? OK : error_set(why, "an empty map");
    }
    points_close(m->points);
    arena_finish(&text);
    return s;
}

struct question {
    struct peer *peer;
    int threads;
    const char *sql;
};

static status_code ask(void *cookie, struct error *why)
{
    const struct question *q = cookie;
    TRY(peer_threads(q->peer, q->threads, why));
    return peer_run(q->peer, q->sql, why);
}

#define PAIRS                                                                                      \
    "(SELECT item, activity AS a, lead(activity) OVER w AS b, lead(time) OVER w - time AS d "      \
    "FROM events WINDOW w AS (PARTITION BY item ORDER BY time, seq)) WHERE b IS NOT NULL "         \
    "GROUP BY a, b"
static const char SUMS[] = "SELECT a, b, count(*), sum(d), min(d), max(d) FROM " PAIRS;
static const char ITEMS[] =
    "SELECT a, b, count(*), count(DISTINCT item), sum(d), min(d), max(d) FROM " PAIRS;
static const char EXACT[] = "SELECT a, b, count(*), sum(d), min(d), max(d), stddev_samp(d), "
                            "quantile_cont(d, [0.5, 0.85, 0.95]) FROM " PAIRS;

/* ---- the same rows on both sides ---- */

static status fill(struct store *store, uint64_t n, struct error *why)
{
    struct names *names = store_names(store);
    sym source = names_sym(names, STR("made")), type = names_sym(names, STR("case")),
        kind = names_sym(names, STR("event")), activities[GENERATE_ACTIVITIES],
        actors[GENERATE_ACTORS];
    char text[32];
    for (uint8_t i = 0; i < GENERATE_ACTIVITIES; i++) {
        activities[i] = names_sym(names, str_of(generate_activity(i)));
    }
    for (int i = 0; i < GENERATE_ACTORS; i++) {
        snprintf(text, sizeof text, "person %d", i);
        actors[i] = names_sym(names, str_of(text));
    }
    struct generate *g = generate_open(n);
    struct generated e;
    struct batch *b = batch_new();
    struct appended added = {0};
    status_code s = OK;
    uint64_t number = 0;
    bool more = true;
    while (s == OK && more) {
        batch_clear(b);
        while (batch_has_room(b, 1) && (more = generate_next(g, &e))) {
            snprintf(text, sizeof text, "%u", 1000000 + e.item);
            number++;
            batch_add(b, &(struct event){.key = id128_of(&number, sizeof number),
                                         .item = names_item(names, type, str_of(text)),
                                         .type = kind,
                                         .activity = activities[e.activity],
                                         .actor = actors[e.actor],
                                         .time = e.time,
                                         .begin = WHEN_NONE,
                                         .life = LIFE_COMPLETE});
        }
        s = store_append(store, source, b, &added, why);
        if (s == OK && (!more || added.events % (1 << 20) == 0)) {
            s = store_commit(store, why);
        }
    }
    batch_free(b);
    generate_close(g);
    return s;
}

struct copying {
    duckdb_appender to;
    uint64_t seq;
};

static status_code copy(const struct log *log, void *cookie, struct error *why)
{
    struct copying *c = cookie;
    duckdb_logical_type types[] = {
        duckdb_create_logical_type(DUCKDB_TYPE_BIGINT),
        duckdb_create_logical_type(DUCKDB_TYPE_UINTEGER),
        duckdb_create_logical_type(DUCKDB_TYPE_UINTEGER),
        duckdb_create_logical_type(DUCKDB_TYPE_BIGINT),
    };
    duckdb_data_chunk chunk = duckdb_create_data_chunk(types, 4);
    int64_t *seq = duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0));
    for (size_t i = 0; i < log->n; i++) {
        seq[i] = (int64_t)c->seq++;
    }
    memcpy(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 1)), log->item,
           log->n * sizeof *log->item);
    memcpy(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 2)), log->activity,
           log->n * sizeof *log->activity);
    memcpy(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 3)), log->time,
           log->n * sizeof *log->time);
    duckdb_data_chunk_set_size(chunk, log->n);
    bool fine = duckdb_append_data_chunk(c->to, chunk) == DuckDBSuccess;
    duckdb_destroy_data_chunk(&chunk);
    for (size_t i = 0; i < 4; i++) {
        duckdb_destroy_logical_type(&types[i]);
    }
    return fine ? OK : error_set(why, "DuckDB refuses the rows");
}

static status fill_peer(struct peer *peer, struct store *store, struct error *why)
{
    struct copying c = {0};
    TRY(peer_run(peer,
                 "CREATE TABLE events (seq BIGINT, item UINTEGER, activity UINTEGER, time BIGINT)",
                 why));
    if (duckdb_appender_create(peer->connection, NULL, "events", &c.to) != DuckDBSuccess) {
        return error_set(why, "DuckDB gives no appender");
    }
    struct slice slice = SLICE_ALL(COL_ITEM | COL_ACTIVITY | COL_TIME);
    status_code s = store_scan(store, &slice, copy, &c, why);
    duckdb_appender_destroy(&c.to);
    return s == OK ? peer_run(peer, "CHECKPOINT", why) : s;
}

static void compare(struct bench *b, struct store *store, struct peer *peer,
                    const struct calendar *calendar, uint64_t n)
{
    static const struct {
        const char *name, *peer, *what;
        double goal;
        enum points_detail detail;
        int threads;
        const char *sql;
    } PAIRS_OF[] = {
        {"map_sums_2", "DuckDB window query, 2 threads",
         "counts, items, sums, means, least and most of every edge, from the stored events; the "
         "peer counts no items",
         1.0 / 8, POINTS_SUMS, 2, SUMS},
        {"map_sums_1", "DuckDB window query, 1 thread", "as map_sums_2", 1.0 / 8, POINTS_SUMS, 1,
         SUMS},
        {"map_items_2", "DuckDB window query that counts items as well, 2 threads",
         "as map_sums_2, the same figures on both sides", 1.0 / 8, POINTS_SUMS, 2, ITEMS},
        {"map_exact_2", "DuckDB window query with quantile_cont, 2 threads",
         "all aggregates of every edge, exact percentiles and deviations", 1.0 / 2, POINTS_EXACT, 2,
         EXACT},
        {"map_exact_1", "DuckDB window query with quantile_cont, 1 thread", "as map_exact_2",
         1.0 / 2, POINTS_EXACT, 1, EXACT},
    };
    for (size_t i = 0; i < sizeof PAIRS_OF / sizeof *PAIRS_OF; i++) {
        struct mapping ours = {.store = store, .detail = PAIRS_OF[i].detail};
        struct question theirs = {peer, PAIRS_OF[i].threads, PAIRS_OF[i].sql};
        bench_compare(b, &(struct bench_pair){.name = PAIRS_OF[i].name,
                                              .peer = PAIRS_OF[i].peer,
                                              .what = PAIRS_OF[i].what,
                                              .goal = PAIRS_OF[i].goal,
                                              .n = n,
                                              .ours = map_store,
                                              .theirs = ask,
                                              .ours_cookie = &ours,
                                              .peer_cookie = &theirs});
    }
    struct mapping work = {.store = store, .detail = POINTS_SUMS, .clock = calendar};
    struct mapping wall = {.store = store, .detail = POINTS_SUMS};
    bench_compare(b, &(struct bench_pair){.name = "clock_sums",
                                          .peer = "the same map on the wall clock",
                                          .what = "counts and sums in working time",
                                          .goal = 1.3,
                                          .n = n,
                                          .ours = map_store,
                                          .theirs = map_store,
                                          .ours_cookie = &work,
                                          .peer_cookie = &wall});
    work.detail = wall.detail = POINTS_EXACT;
    bench_compare(b, &(struct bench_pair){.name = "clock_exact",
                                          .peer = "the same map on the wall clock",
                                          .what = "all aggregates in working time",
                                          .goal = 1.3,
                                          .n = n,
                                          .ours = map_store,
                                          .theirs = map_store,
                                          .ours_cookie = &work,
                                          .peer_cookie = &wall});
}

static status calendar_of(struct store *store, struct calendar **ret, struct error *why)
{
    struct store_info info;
    TRY(store_info(store, &info, why));
    const struct calendar_plan plan = {.name = STR_INIT("office"),
                                       .zone = STR_INIT("Europe/Berlin"),
                                       .hours = STR_INIT("Mon-Fri 09:00-17:00")};
    return calendar_open(&plan, info.first, info.last, ret, why);
}

int main(int argc, char **argv)
{
    struct bench b;
    struct error why = {0};
    struct store *store = NULL;
    struct peer peer = {0};
    struct calendar *calendar = NULL;
    bench_open(&b, argc, argv);
    uint64_t n = bench_size(&b, 10000000, 20000);
    const char *path = bench_path(&b, "map.weir"), *other = bench_path(&b, "map.peer");
    unlink(path);
    unlink(other);
    status_code s;
    TRY_GOTO(s, done, store_open(path, STORE_WRITE, &store, &why));
    TRY_GOTO(s, done, fill(store, n, &why));
    TRY_GOTO(s, done, peer_open(&peer, other, &why));
    TRY_GOTO(s, done, fill_peer(&peer, store, &why));
    TRY_GOTO(s, done, calendar_of(store, &calendar, &why));
    compare(&b, store, &peer, calendar, n);
done:
    bench_check(&b, s, &why);
    calendar_close(calendar);
    peer_close(&peer);
    store_close(store);
    unlink(other);
    unlink(path);
    return bench_close(&b);
}
