/* The map of small logs, whole; the fast path against the woven path on random logs; real logs. */
#include "fold/flowmap.h"

#include "event_lines.h"
#include "fold/points.h"
#include "fold/variants.h"
#include "model/weave.h"
#include "random_log.h"
#include "shared_log.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})
#define HOURS(x) ((double)(x) / (double)HOUR)

struct mapped {
    struct names *names;
    void *summary;
    struct arena arena;
    struct flowmap_result r;
    struct buf text;
};

static void map_traces(struct mapped *m, struct names *names, const struct traces *traces)
{
    *m = (struct mapped){.names = names, .summary = mem_get(flowmap_fold.size)};
    flowmap_fold.step(m->summary, traces);
    flowmap_show(m->summary, names, &m->arena, &m->r);
}

static void release(struct mapped *m)
{
    if (m->summary != NULL) {
        flowmap_fold.finish(m->summary);
        mem_put(m->summary);
    }
    arena_finish(&m->arena);
    buf_finish(&m->text);
}

static void weave_log(const struct log *log, const struct names *names,
                      const struct calendar *clock, bool enable, struct traces *ret)
{
    struct weave_options options = {
        .log_end = WHEN_NONE, .complete_from = WHEN_NONE, .names = names, .clock = clock};
    struct concurrency c = {0};
    log_facts_step(&options.facts, log);
    struct weaver *w = weave_open(&options);
    weave_step(w, log, ret);
    if (enable) {
        concurrency_step(&c, ret);
        weave_enable(w, &c, ret);
    }
    concurrency_finish(&c);
    weave_close(w);
}

static void write_map(struct mapped *m)
{
    const struct flowmap_result *r = &m->r;
    buf_clear(&m->text);
    buf_addf(&m->text, "%llu visits %llu items\n", (unsigned long long)r->visits,
             (unsigned long long)r->items);
    for (size_t i = 0; i < r->edge_n; i++) {
        const struct flowmap_edge *e = &r->edges[i];
        buf_addf(&m->text, "%s>%s %llu/%llu", names_text(m->names, e->from).p,
                 names_text(m->names, e->to).p, (unsigned long long)e->count,
                 (unsigned long long)e->items);
        buf_addf(&m->text, " sum %g p50 %g max %g", HOURS(e->time.sum), HOURS(e->time.p50),
                 HOURS(e->time.max));
        if (e->overlaps > 0) {
            buf_addf(&m->text, " overlaps %llu %g", (unsigned long long)e->overlaps,
                     HOURS(e->overlap_sum));
        }
        buf_putc(&m->text, '\n');
    }
    for (size_t i = 0; i < r->stage_n; i++) {
        const struct flowmap_stage *s = &r->stages[i];
        buf_addf(&m->text, "[%s] %llu/%llu again %llu", names_text(m->names, s->name).p,
                 (unsigned long long)s->visits, (unsigned long long)s->items,
                 (unsigned long long)s->rework_visits);
        if (r->stage_times) {
            buf_addf(&m->text, " wip %g now %llu time %llu:%g wait %llu:%g work %llu:%g", s->wip,
                     (unsigned long long)s->wip_now, (unsigned long long)s->time.n,
                     HOURS(s->time.sum), (unsigned long long)s->wait.n, HOURS(s->wait.sum),
                     (unsigned long long)s->work.n, HOURS(s->work.sum));
        }
        buf_putc(&m->text, '\n');
    }
    for (size_t i = 0; i < r->start_n; i++) {
        buf_addf(&m->text, "starts %s %llu\n", names_text(m->names, r->starts[i].name).p,
                 (unsigned long long)r->starts[i].n);
    }
    for (size_t i = 0; i < r->end_n; i++) {
        buf_addf(&m->text, "ends %s %llu\n", names_text(m->names, r->ends[i].name).p,
                 (unsigned long long)r->ends[i].n);
    }
}

static void expect_lines(const char *const *lines, const char *expected)
{
    struct event_lines l;
    struct traces traces = {0};
    struct mapped m;
    event_lines_make(&l, lines, true);
    struct log log = event_lines_log(&l);
    weave_log(&log, &l.names, NULL, true, &traces);
    map_traces(&m, &l.names, &traces);
    write_map(&m);
    if (!str_eq(buf_str(&m.text), str_of(expected))) {
        fail_msg("got\n%s\nexpected\n%s", buf_cstr(&m.text), expected);
    }
    release(&m);
    traces_finish(&traces);
    event_lines_free(&l);
}

/* dev and qa follow each other alike, so they pass for side by side: the second dev waits for the
 * first one, and qa for nothing. */
static void visits(void **state)
{
    (void)state;
    expect_lines(LINES("1 dev 2 begin=0", "1 qa 8 begin=4", "1 dev 10 begin=9", "2 dev 3 begin=1",
                       "2 qa 6 begin=2", "2 live 9 begin=8"),
                 "6 visits 2 items\n"
                 "dev>qa 2/2 sum 2 p50 1 max 2 overlaps 1 -1\n"
                 "qa>live 1/1 sum 2 p50 2 max 2\n"
                 "qa>dev 1/1 sum 1 p50 1 max 1\n"
                 "[dev] 3/2 again 1 wip 1.2 now 0 time 3:12 wait 3:7 work 3:5\n"
                 "[qa] 2/2 again 0 wip 0.8 now 0 time 2:8 wait 2:0 work 2:8\n"
                 "[live] 1/1 again 0 wip 0.3 now 0 time 1:3 wait 1:2 work 1:1\n"
                 "starts dev 2\nends dev 1\nends live 1\n");
}

/* Statuses: an edge's time is from entering to entering; the stay of the last one goes on, unless
 * it says that the item is over. Whether an active status was work is not known. */
static void statuses(void **state)
{
    (void)state;
    expect_lines(LINES("1 queued 0 x", "1 working 4 x", "1 closed 10 x", "2 queued 2 x"),
                 "4 visits 2 items\n"
                 "working>closed 1/1 sum 6 p50 6 max 6\n"
                 "queued>working 1/1 sum 4 p50 4 max 4\n"
                 "[queued] 2/2 again 0 wip 1.2 now 1 time 1:4 wait 1:4 work 1:0\n"
                 "[working] 1/1 again 0 wip 0.6 now 0 time 1:6 wait 0:0 work 0:0\n"
                 "[closed] 1/1 again 0 wip 0 now 0 time 0:0 wait 0:0 work 0:0\n"
                 "starts queued 2\nends closed 1\nends queued 1\n");
}

static void nothing(void **state)
{
    (void)state;
    struct names names;
    struct mapped m;
    names_init(&names);
    map_traces(&m, &names, &(struct traces){.log_begin = WHEN_NONE, .log_end = WHEN_NONE});
    write_map(&m);
    assert_string_equal(buf_cstr(&m.text), "0 visits 0 items\n");
    assert_int_equal(m.r.begin, WHEN_NONE);
    release(&m);
    names_finish(&names);
}

/* ---- the fast path ---- */

struct columns {
    struct names names;
    size_t n;
    item_id *item;
    sym *activity;
    when *time;
};

/* Items interleaved in order of time, with many ties. */
static void columns_make(struct columns *c, size_t n, uint64_t items, uint64_t activities,
                         uint64_t seed)
{
    uint64_t dice = rng_mix(99, seed);
    when t = 0;
    *c = (struct columns){.n = n};
    names_init(&c->names);
    c->item = mem_get(n * sizeof *c->item);
    c->activity = mem_get(n * sizeof *c->activity);
    c->time = mem_get(n * sizeof *c->time);
    sym type = random_name(&c->names, "type", 0);
    for (size_t i = 0; i < n; i++) {
        char key[32];
        int len = snprintf(key, sizeof key, "%llu", (unsigned long long)rng_below(&dice, items));
        c->item[i] = names_item(&c->names, type, (str){key, (size_t)len});
        c->activity[i] = random_name(&c->names, "stage", rng_below(&dice, activities));
        t += (lapse)rng_below(&dice, 3) * MINUTE * (lapse)rng_below(&dice, 90);
        c->time[i] = t;
    }
}

static void columns_free(struct columns *c)
{
    mem_put(c->item);
    mem_put(c->activity);
    mem_put(c->time);
    names_finish(&c->names);
}

static void map_points(struct mapped *m, struct columns *c, enum points_detail detail,
                       const struct calendar *clock)
{
    *m = (struct mapped){.names = &c->names};
    struct points *p = points_open(detail, clock);
    struct error why = {0};
    for (size_t at = 0; at < c->n; at += 100) {
        struct log part = {.n = c->n - at < 100 ? c->n - at : 100,
                           .item = c->item + at,
                           .activity = c->activity + at,
                           .time = c->time + at};
        assert_int_equal(points_step(p, &part, &why), OK);
    }
    points_show(p, &c->names, &m->arena, &m->r);
    points_close(p);
}

static void map_woven(struct mapped *m, struct columns *c, const struct calendar *clock)
{
    struct traces traces = {0};
    struct log grouped = {.n = c->n};
    item_id *item = mem_get(c->n * sizeof *item);
    sym *activity = mem_get(c->n * sizeof *activity);
    when *time = mem_get(c->n * sizeof *time);
    size_t *place = mem_get(((size_t)c->names.item_n + 1) * sizeof *place);
    for (size_t i = 0; i < c->n; i++) {
        place[c->item[i] + 1]++;
    }
    for (size_t i = 0; i < c->names.item_n; i++) {
        place[i + 1] += place[i];
    }
    for (size_t i = 0; i < c->n; i++) {
        size_t to = place[c->item[i]]++;
        item[to] = c->item[i];
        activity[to] = c->activity[i];
        time[to] = c->time[i];
    }
    grouped.item = item;
    grouped.activity = activity;
    grouped.time = time;
    weave_log(&grouped, &c->names, clock, false, &traces);
    map_traces(m, &c->names, &traces);
    traces_finish(&traces);
    mem_put(item);
    mem_put(activity);
    mem_put(time);
    mem_put(place);
}

static void same_maps(struct mapped *fast, struct mapped *woven, bool exact)
{
    assert_int_equal(fast->r.edge_n, woven->r.edge_n);
    assert_int_equal(fast->r.begin, woven->r.begin);
    assert_int_equal(fast->r.end, woven->r.end);
    for (size_t i = 0; i < fast->r.edge_n; i++) {
        struct distribution a = fast->r.edges[i].time, b = woven->r.edges[i].time;
        if (!exact) {
            b.p50 = b.p85 = b.p95 = b.stdev = 0;
            woven->r.edges[i].time = b;
        }
        assert_true(a.n == b.n && a.mean == b.mean && a.sum == b.sum && a.min == b.min &&
                    a.max == b.max && a.p50 == b.p50 && a.p85 == b.p85 && a.p95 == b.p95);
        assert_true(fabs(a.stdev - b.stdev) <= 1e-9 * b.stdev);
    }
    woven->r.stage_times = false;
    write_map(fast);
    write_map(woven);
    if (!str_eq(buf_str(&fast->text), buf_str(&woven->text))) {
        fail_msg("fast\n%s\nwoven\n%s", buf_cstr(&fast->text), buf_cstr(&woven->text));
    }
}

static void fast_path_agrees(void **state)
{
    (void)state;
    /* few activities; edges beyond the first 96; activities beyond the matrix */
    const uint64_t activities[] = {1, 4, 15, 200};
    struct calendar *c = NULL;
    const struct calendar_plan plan = {.name = STR("office"), .hours = STR("Mon-Fri 09:00-17:00")};
    assert_int_equal(calendar_open(&plan, 0, 400 * DAY, &c, NULL), OK);
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct columns columns;
        const struct calendar *clock = seed % 2 == 1 ? c : NULL;
        columns_make(&columns, seed * 40, 1 + seed * 2, activities[seed / 2 % 4], seed);
        for (int detail = POINTS_SUMS; detail <= POINTS_EXACT; detail++) {
            struct mapped fast, woven;
            map_points(&fast, &columns, (enum points_detail)detail, clock);
            map_woven(&woven, &columns, clock);
            same_maps(&fast, &woven, detail == POINTS_EXACT);
            release(&fast);
            release(&woven);
        }
        columns_free(&columns);
    }
    calendar_close(c);
}

static void many_activities(void **state)
{
    (void)state;
    struct columns columns;
    struct mapped fast, woven;
    columns_make(&columns, 200000, 2000, 100000, 1);
    map_points(&fast, &columns, POINTS_EXACT, NULL);
    map_woven(&woven, &columns, NULL);
    assert_true(fast.r.edge_n > 150000 && fast.r.stage_n > 80000);
    same_maps(&fast, &woven, true);
    release(&fast);
    release(&woven);
    columns_free(&columns);
}

static void out_of_order(void **state)
{
    (void)state;
    const item_id item[] = {1, 2, 1};
    const sym activity[] = {1, 1, 1};
    const when time[] = {5, 3, 4};
    struct points *p = points_open(POINTS_SUMS, NULL);
    struct error why = {0};
    assert_int_equal(
        points_step(p, &(struct log){3, .item = item, .activity = activity, .time = time}, &why),
        FAIL);
    assert_string_equal(why.text, "event 3 of the log is earlier than the one before of its item: "
                                  "the log is not in order of time");
    points_close(p);
}

/* ---- real logs: numbers of edges and variants, known waiting hours (spec mining.md 15, 6) ---- */

static void real_logs(void **state)
{
    (void)state;
    const struct {
        struct shared_columns columns;
        size_t edges;
        uint64_t variants;
        double waiting; /* hours; 0: not known */
    } rows[] = {
        {{"logs/sepsis.csv.gz", 0, 1, 2, -1}, 115, 846, 0},
        {{"logs/bpic2012_W_intervals.csv.gz", 0, 6, 2, 1}, 17, 2115, 0},
        {{"logs/kronos/LoanApp_infRes_24-7_timers.csv.gz", 0, 4, 2, 1}, 0, 0, 989.498},
        {{"logs/kronos/LoanApp_fewRes_24-7_noTimers.csv.gz", 0, 4, 2, 1}, 0, 0, 986.164},
        {{"logs/kronos/LoanApp_infRes_9-5_noTimers.csv.gz", 0, 4, 2, 1}, 0, 0, 242753.352},
        {{"logs/kronos/LoanApp_infRes_24-7_noTimers_batch.csv.gz", 0, 4, 2, 1}, 0, 0, 3996.302},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct shared_log l;
        if (!shared_log_read(&l, SHARED "/data", &rows[i].columns)) {
            print_message("%s is not there\n", rows[i].columns.file);
            skip();
        }
        struct traces traces = {0};
        struct mapped m;
        struct arena arena = {0};
        struct variants_result v;
        struct log log = shared_log_columns(&l);
        void *variants = mem_get(variants_fold.size);
        weave_log(&log, &l.names, NULL, true, &traces);
        map_traces(&m, &l.names, &traces);
        variants_fold.step(variants, &traces);
        variants_show((struct variants *)variants, 1, &l.names, &arena, &v);
        if (rows[i].edges > 0) {
            assert_int_equal(m.r.edge_n, rows[i].edges);
            assert_int_equal(v.count, rows[i].variants);
        } else {
            lapse waiting = 0;
            for (size_t k = 0; k < traces.visits.n; k++) {
                waiting += traces.visits.v[k].start - traces.visits.v[k].enabled;
            }
            assert_true(fabs(HOURS(waiting) - rows[i].waiting) < 0.0005);
        }
        variants_fold.finish(variants);
        mem_put(variants);
        arena_finish(&arena);
        release(&m);
        traces_finish(&traces);
        shared_log_free(&l);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visits),          cmocka_unit_test(statuses),
        cmocka_unit_test(nothing),         cmocka_unit_test(fast_path_agrees),
        cmocka_unit_test(many_activities), cmocka_unit_test(out_of_order),
        cmocka_unit_test(real_logs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
