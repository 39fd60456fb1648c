/* The map without weaving is the woven one, to the last digit: on random logs that fit, on logs
 * that do not (which it must refuse), and on real ones. */
#include "engine/pointmap.h"

#include "base/rng.h"
#include "engine/ingest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void write_distribution(struct buf *out, const struct distribution *d)
{
    buf_addf(out, " [%llu %.17g %.17g %.17g %.17g %.17g %.17g %.17g %.17g]",
             (unsigned long long)d->n, d->mean, d->stdev, d->min, d->p50, d->p85, d->p95, d->max,
             d->sum);
}

static void write_name(struct buf *out, const struct names *names, sym name)
{
    str text = names_text(names, name);
    buf_addf(out, " \"" STR_FMT "\"", STR_ARG(text));
}

static void write_pairs(struct buf *out, const struct names *names, const struct pair_count *v,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        write_name(out, names, v[i].from);
        write_name(out, names, v[i].to);
        buf_addf(out, " %llu\n", (unsigned long long)v[i].n);
    }
}

static void write_people(struct buf *out, const struct names *names, const struct pointmap *m)
{
    const struct rework_result *r = &m->rework;
    const struct handover_result *h = &m->handover;
    buf_addf(out, "rework %llu %llu %llu\n", (unsigned long long)r->items,
             (unsigned long long)r->again_items, (unsigned long long)r->ping_pong_items);
    for (size_t i = 0; i < r->n; i++) {
        const struct rework_activity *a = &r->activities[i];
        const uint64_t sums[] = {a->items,      a->visits, a->again_items, a->again_visits,
                                 a->self_loops, a->repeat, a->redo};
        write_name(out, names, a->name);
        for (size_t k = 0; k < sizeof sums / sizeof *sums; k++) {
            buf_addf(out, " %llu", (unsigned long long)sums[k]);
        }
        buf_putc(out, '\n');
    }
    write_pairs(out, names, r->ping_pong, r->ping_pong_n);
    const uint64_t sums[] = {h->visit_pairs,  h->actors.known, h->actors.proper, h->teams.known,
                             h->teams.proper, h->unlisted,     h->team_n,        h->small_n};
    for (size_t k = 0; k < sizeof sums / sizeof *sums; k++) {
        buf_addf(out, " %llu", (unsigned long long)sums[k]);
    }
    buf_putc(out, '\n');
    write_pairs(out, names, h->pairs, h->n);
}

/* Everything that `weir map` prints. */
static void write_map(struct buf *out, const struct valuestream *f, const struct pointmap *m)
{
    const struct flowmap_result *r = &m->map;
    const struct weave_counts *c = &f->counts;
    /* instants on a clock count from a beginning of their own: only their distance says something
     */
    buf_addf(out, "%llu visits %llu items %lld %d %d\n", (unsigned long long)r->visits,
             (unsigned long long)r->items, (long long)(r->end - r->begin), r->exact,
             r->stage_times);
    buf_addf(out, "%llu events %llu visits %llu items %llu bad, %lld to %lld\n",
             (unsigned long long)c->events, (unsigned long long)c->visits,
             (unsigned long long)c->items, (unsigned long long)f->events.bad_times,
             (long long)f->events.begins, (long long)f->events.ends);
    for (size_t i = 0; i < r->edge_n; i++) {
        const struct flowmap_edge *e = &r->edges[i];
        write_name(out, f->names, e->from);
        write_name(out, f->names, e->to);
        buf_addf(out, " %llu %llu %llu %.17g", (unsigned long long)e->count,
                 (unsigned long long)e->items, (unsigned long long)e->overlaps, e->overlap_sum);
        write_distribution(out, &e->time);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < r->stage_n; i++) {
        const struct flowmap_stage *s = &r->stages[i];
        write_name(out, f->names, s->name);
        buf_addf(out, " %d %llu %llu %llu %llu %.17g", s->category, (unsigned long long)s->visits,
                 (unsigned long long)s->items, (unsigned long long)s->rework_visits,
                 (unsigned long long)s->wip_now, s->wip);
        write_distribution(out, &s->time);
        write_distribution(out, &s->wait);
        write_distribution(out, &s->work);
        buf_putc(out, '\n');
    }
    for (size_t i = 0; i < r->start_n + r->end_n; i++) {
        const struct flowmap_count *one = i < r->start_n ? &r->starts[i] : &r->ends[i - r->start_n];
        write_name(out, f->names, one->name);
        buf_addf(out, " %llu\n", (unsigned long long)one->n);
    }
    buf_addf(out, "%llu variants of %llu\n", (unsigned long long)m->variants.count,
             (unsigned long long)m->variants.items);
    for (size_t i = 0; i < m->variants.top_n; i++) {
        const struct variant *v = &m->variants.top[i];
        buf_addf(out, "%s %llu", v->id, (unsigned long long)v->items);
        for (size_t k = 0; k < v->n; k++) {
            write_name(out, f->names, v->path[k]);
        }
        buf_putc(out, '\n');
    }
    write_people(out, f->names, m);
}

/* The text of the map, OK; or END when the way without weaving does not take the log. */
static status_code map(struct store *store, const struct valuestream_query *query, bool woven,
                       size_t top, struct buf *ret)
{
    struct error why = {0};
    struct valuestream f;
    struct pointmap m = {0};
    struct arena arena = {.name = "map"};
    status_code s = OK;
    assert_int_equal(valuestream_open(store, query, &f, &why), OK);
    s = (woven ? pointmap_weave : pointmap_read)(&f, top, 2, &arena, &m, &why);
    buf_clear(ret);
    if (s == OK) {
        write_map(ret, &f, &m);
    }
    valuestream_close(&f);
    arena_finish(&arena);
    return s;
}

static void must_agree(struct store *store, const struct valuestream_query *query, size_t top)
{
    struct buf fast = {0}, slow = {0};
    assert_int_equal(map(store, query, false, top, &fast), OK);
    assert_int_equal(map(store, query, true, top, &slow), OK);
    if (!str_eq(buf_str(&fast), buf_str(&slow))) {
        fail_msg("fast\n%s\nwoven\n%s", buf_cstr(&fast), buf_cstr(&slow));
    }
    assert_true(fast.n > 0);
    buf_finish(&fast);
    buf_finish(&slow);
}

static void must_refuse(struct store *store, const struct valuestream_query *query)
{
    struct buf text = {0};
    assert_int_equal(map(store, query, false, 10, &text), END);
    assert_int_equal(map(store, query, true, 10, &text), OK); /* which weaving takes */
    buf_finish(&text);
}

/* ---- random logs ---- */

enum oddity {
    PLAIN,
    TWO_KINDS,
    BAD_TIMES,
    COMPLETES, /* the lifecycle says complete, always */
    STARTS,    /* and now and then start */
    INTERVALS,
    BACKWARDS, /* a later event of an item is earlier */
    FURTHER,   /* an event of two items */
    NOTHINGS,  /* events of no item */
    PEOPLE,    /* by people of teams, where they are known */
};

static void make(struct store *store, enum oddity oddity, uint64_t seed)
{
    static const char *const WORDS[] = {"New", "QA", "done", "Waiting", "build", "b", "a"};
    struct names *names = store_names(store);
    struct error why = {0};
    struct batch *b = batch_new();
    struct appended added = {0};
    uint64_t dice = rng_mix(seed, (uint64_t)oddity);
    uint64_t n = 1 + rng_below(&dice, 400), items = 1 + rng_below(&dice, 60),
             activities = 1 + rng_below(&dice, sizeof WORDS / sizeof *WORDS);
    sym source = names_sym(names, STR("made")), kind = names_sym(names, STR("case")),
        other = names_sym(names, STR("order"));
    when time = 1700000000 * SECOND;
    for (uint64_t i = 0; i < n; i++) {
        char key[32];
        struct event e = {.key = id128_of(&i, sizeof i), .begin = WHEN_NONE};
        snprintf(key, sizeof key, "%llu", (unsigned long long)rng_below(&dice, items));
        sym type = oddity == TWO_KINDS && rng_below(&dice, 3) == 0 ? other : kind;
        e.item = oddity == NOTHINGS && rng_below(&dice, 3) == 0
                     ? 0
                     : names_item(names, type, str_of(key));
        e.type = names_sym(names, STR("event"));
        e.activity = names_sym(names, str_of(WORDS[rng_below(&dice, activities)]));
        time += (lapse)rng_below(&dice, 3) * HOUR * (lapse)rng_below(&dice, 40) + SECOND;
        e.time = time;
        e.life = oddity == COMPLETES || oddity == STARTS ? LIFE_COMPLETE : LIFE_NONE;
        if (oddity == PEOPLE) {
            static const char *const WHO[] = {"", "ann", "bob", "eve", "dan"};
            static const char *const TEAMS[] = {"", "x", "y", "z"};
            e.actor = names_sym(names, str_of(WHO[rng_below(&dice, 5)]));
            e.team = names_sym(names, str_of(TEAMS[rng_below(&dice, 4)]));
            if (seed % 2 == 1) { /* more activities than there are bits for */
                snprintf(key, sizeof key, "a%llu", (unsigned long long)rng_below(&dice, 90));
                e.activity = names_sym(names, str_of(key));
            }
        }
        bool last = i == n - 1; /* so that the oddity occurs in every log */
        if (oddity == STARTS && (last || rng_below(&dice, 5) == 0)) {
            e.life = LIFE_START;
        }
        if (oddity == INTERVALS && (last || rng_below(&dice, 5) == 0)) {
            e.begin = e.time - HOUR;
        }
        if (oddity == BAD_TIMES && rng_below(&dice, 5) == 0) {
            e.quality = TIME_BAD;
        }
        if (oddity == BACKWARDS && last) {
            for (uint64_t k = 0; k < 2; k++) { /* two events of one item */
                e.item = names_item(names, kind, STR("the odd one"));
                e.key = id128_of(&(uint64_t){n + k}, sizeof k);
                e.time -= k == 1 ? DAY : 0;
                batch_add(b, &e);
            }
            break;
        }
        uint32_t row = batch_add(b, &e);
        if (oddity == FURTHER && last) {
            batch_refer(b, row, names_item(names, kind, STR("another")), 0);
        }
    }
    assert_int_equal(store_append(store, source, b, &added, &why), OK);
    assert_int_equal(store_commit(store, &why), OK);
    batch_free(b);
}

static void random_logs_agree(void **state)
{
    (void)state;
    static const struct config_hours HOURS[] = {
        {0, 540, 1020}, {1, 540, 1020}, {2, 540, 1020}, {3, 540, 720}, {4, 540, 1020}};
    struct config_calendar office = {.name = STR_INIT("default"),
                                     .zone = STR_INIT("Europe/Berlin"),
                                     .open = HOURS,
                                     .open_count = sizeof HOURS / sizeof *HOURS};
    struct config config = {0}, working = {0};
    working.calendars.v = &office;
    working.calendars.n = 1;
    for (int oddity = PLAIN; oddity <= PEOPLE; oddity++) {
        for (uint64_t seed = 0; seed < 60; seed++) {
            struct error why = {0};
            struct store *store = NULL;
            struct valuestream_query query = {
                .config = seed % 3 == 2 ? &working : &config,
                .range = {WHEN_NONE, WHEN_NONE},
                .work_clock = seed % 3 == 2,
                .events = seed % 2 == 0 ? WEAVE_DEFAULT : WEAVE_COMPLETE,
                .now = WHEN_NONE,
                .later = true,
            };
            assert_int_equal(store_open("memory:", STORE_WRITE, &store, &why), OK);
            make(store, (enum oddity)oddity, seed);
            bool odd =
                oddity == STARTS || oddity == INTERVALS || oddity == BACKWARDS || oddity == FURTHER;
            struct event_kinds kinds = {0};
            assert_int_equal(events_kinds(store, &kinds, &why), OK);
            if (odd || kinds.v.n == 0) {
                must_refuse(store, &query);
            } else {
                must_agree(store, &query, seed % 4 == 0 ? 1 : seed % 4 == 1 ? 3 : 1000);
            }
            VEC_FINISH(&kinds.v);
            store_close(store);
        }
    }
}

static void what_needs_weaving_is_refused(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *store = NULL;
    const struct config config = {0};
    const struct event_where where = {STR_INIT("activity"), STR_INIT("New")};
    const struct valuestream_query plain = {
        .config = &config, .range = {WHEN_NONE, WHEN_NONE}, .now = WHEN_NONE, .later = true};
    assert_int_equal(store_open("memory:", STORE_WRITE, &store, &why), OK);
    make(store, COMPLETES, 1);
    must_agree(store, &plain, 10);
    struct valuestream_query q = plain;
    q.where = &where;
    q.where_count = 1;
    must_refuse(store, &q);
    q = plain;
    q.range.from = 1700000000 * SECOND;
    must_refuse(store, &q);
    q = plain;
    q.now = 1800000000 * SECOND;
    must_refuse(store, &q);
    q = plain;
    q.events = WEAVE_START;
    must_refuse(store, &q);
    store_close(store);
}

static void real_logs_agree(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        bool fits; /* the others are not in order of time, or have starts */
    } LOGS[] = {
        {SHARED "/data/logs/sepsis.csv.gz", true},
        {SHARED "/data/logs/helpdesk.xes.gz", true},
        {SHARED "/data/logs/running-example.xes.gz", true},
        {SHARED "/data/logs/receipt.xes.gz", true},
        {SHARED "/data/logs/production.xes.gz", false},
    };
    const struct config config = {0};
    for (size_t i = 0; i < sizeof LOGS / sizeof *LOGS; i++) {
        struct error why = {0};
        struct store *store = NULL;
        struct ingest_result result;
        const struct valuestream_query query = {
            .config = &config, .range = {WHEN_NONE, WHEN_NONE}, .now = WHEN_NONE, .later = true};
        if (access(LOGS[i].path, R_OK) != 0) {
            print_message("%s is not there: skipped\n", LOGS[i].path);
            skip();
        }
        assert_int_equal(store_open("memory:", STORE_WRITE, &store, &why), OK);
        const struct ingest what = {.paths = &LOGS[i].path, .path_count = 1};
        if (ingest_run(store, &what, &result, &why) != OK) {
            fail_msg("%s", why.text);
        }
        ingest_finish(&result);
        if (LOGS[i].fits) {
            must_agree(store, &query, 20);
        } else {
            must_refuse(store, &query);
        }
        store_close(store);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_logs_agree),
        cmocka_unit_test(what_needs_weaving_is_refused),
        cmocka_unit_test(real_logs_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
