/* The flow of a value stream: which items, which stages, which clock, in chunks; wherever the store
 * is, and compacted or not. */
#include "engine/valuestream.h"

#include "stream_lines.h"

#include "fold/folds.h"
#include "fold/lead.h"
#include "fold/stagetime.h"

struct flow_case {
    const char *const *lines;
    const char *yaml; /* NULL: no configuration */
    struct valuestream_query query;
    const char *where; /* "key=value" or NULL */
    const char *expected;
    const char *notes; /* joined by |; NULL: not looked at */
    uint64_t outside;
};

static struct config *configured(const char *yaml)
{
    struct config *c = NULL;
    struct error why = {0};
    FINE(config_parse(str_of(yaml != NULL ? yaml : ""), "weir.yaml", &c, &why));
    return c;
}

static struct range hours(double from, double to) /* negative: none */
{
    return (struct range){from < 0 ? WHEN_NONE : STREAM_BEGIN + (when)(from * (double)HOUR),
                          to < 0 ? WHEN_NONE : STREAM_BEGIN + (when)(to * (double)HOUR)};
}

static void same(enum place place, struct buf *got, const char *expected)
{
    if (strcmp(buf_cstr(got), expected) != 0) {
        fail_msg("place %d:\n%s\nnot\n%s", (int)place, buf_cstr(got), expected);
    }
}

static void check(const struct flow_case *one, enum place place)
{
    struct error why = {0};
    struct config *c = configured(one->yaml);
    struct store *s = stream_store(place, one->lines);
    struct valuestream_query q = one->query;
    struct event_where where = {0};
    q.config = c;
    q.stream = config_stream(c, (str){0});
    q.now = q.now != 0 ? q.now : WHEN_NONE;
    if (q.range.from == 0 && q.range.to == 0) {
        q.range = hours(-1, -1);
    }
    if (one->where != NULL) {
        where.value = str_of(one->where);
        str_cut(&where.value, '=', &where.key);
        q.where = &where;
        q.where_count = 1;
    }
    struct valuestream f;
    FINE(valuestream_open(s, &q, &f, &why));
    struct stream_text text = {.names = store_names(s),
                               .relative = q.work_clock && !q.wall_instants};
    struct buf got = {0};
    FINE(valuestream_each(&f, stream_take, &text, &why));
    stream_text_join(&text, &got);
    same(place, &got, one->expected);
    assert_int_equal(f.outside, one->outside);
    if (one->notes != NULL) {
        buf_clear(&got);
        for (size_t i = 0; i < f.notes.n; i++) {
            buf_addf(&got, "%s" STR_FMT, i > 0 ? "|" : "", STR_ARG(f.notes.v[i]));
        }
        same(place, &got, one->notes);
    }
    buf_finish(&got);
    stream_text_finish(&text);
    valuestream_close(&f);
    store_close(s);
    config_free(c);
}

static void everywhere(struct flow_case one)
{
    for (enum place place = 0; place < PLACES_HERE; place++) {
        check(&one, place);
    }
}

static void in_memory(struct flow_case one)
{
    check(&one, PLACE_MEMORY);
    check(&one, PLACE_MEMORY_SORTED);
}

static void refused(const char *const *lines, const char *yaml, struct valuestream_query q,
                    const char *sentence)
{
    struct error why = {0};
    struct config *c = configured(yaml);
    struct store *s = stream_store(PLACE_MEMORY, lines);
    struct valuestream f;
    q.config = c;
    q.stream = config_stream(c, (str){0});
    q.now = WHEN_NONE;
    q.range = hours(-1, -1);
    assert_int_equal(valuestream_open(s, &q, &f, &why), FAIL);
    assert_string_equal(why.text, sentence);
    valuestream_close(&f);
    store_close(s);
    config_free(c);
}

#define LINES(...) ((const char *[]){__VA_ARGS__, NULL})

/* --- items --------------------------------------------------------------------------------- */

static void points(void **state)
{
    (void)state;
    everywhere((struct flow_case){
        .lines = LINES("case:1 A 0", "case:2 A 1", "case:1 B 2", "case:1 A 3", "case:2 B 4"),
        .expected = "case:1 0..3: A[0-0] B[0(2)-2] A[2(3)-3 rework]\n"
                    "case:2 1..4: A[1-1] B[1(4)-4]\n",
        .notes = "",
    });
}

static void kinds_of_items(void **state)
{
    (void)state;
    const char *const *lines = LINES("order:1 place 0 also=item:a also=item:b", "item:a pick 1",
                                     "item:b pick 2", "order:1 ship 3 also=item:a also=item:a/x");
    everywhere((struct flow_case){
        .lines = lines,
        .expected = "order:1 0..3: place[0-0] ship[0(3)-3]\n",
        .notes = "the items are those of the kind order; there are: item, order (--where type=KIND "
                 "looks at another)",
    });
    everywhere((struct flow_case){
        .lines = lines,
        .where = "type=item",
        .expected = "item:a 0..3: place[0-0] pick[0(1)-1] ship[1(3)-3]\n"
                    "item:b 0..2: place[0-0] pick[0(2)-2]\n",
        .notes = "",
    });
    in_memory((struct flow_case){
        .lines = lines,
        .yaml = "stream: s\nitems: item\n",
        .where = "activity=ship",
        .expected = "item:a 0..3: place[0-0] pick[0(1)-1] ship[1(3)-3]\n",
        .notes = "",
    });
    struct event_where two[] = {{STR("type"), STR("item")}, {STR("type"), STR("order")}};
    struct event_where none = {STR("type"), STR("truck")};
    refused(lines, NULL, (struct valuestream_query){.where = &none, .where_count = 1},
            "no item of the kind \"truck\" is in the store; there are: item, order");
    refused(lines, NULL, (struct valuestream_query){.where = two, .where_count = 2},
            "no item is of two kinds, \"item\" and \"order\"");
}

static void an_empty_store(void **state)
{
    (void)state;
    everywhere((struct flow_case){.lines = (const char *[]){NULL}, .expected = "", .notes = ""});
}

/* --- ranges -------------------------------------------------------------------------------- */

static const char *const THREE[] = {"case:done A 0 start",      "case:done A 10 complete",
                                    "case:late A 10 start",     "case:late A 20 complete",
                                    "case:open A 15 start",     "case:after A 30 start",
                                    "case:after A 40 complete", NULL};

static void ranges(void **state)
{
    (void)state;
    static const char DONE[] = "case:done 0..10: A[0-10]\n",
                      LATE[] = "case:late 10..20: A[10-20]\n",
                      AFTER[] = "case:after 30..40: A[30-40]\n",
                      OPEN[] = "case:open 15..40 open: A[15-40 open]\n";
    static const struct {
        double from, to;
        const char *expected[5];
        uint64_t outside;
    } CASES[] = {
        {-1, -1, {AFTER, DONE, LATE, OPEN}, 0},
        {10, -1, {AFTER, DONE, LATE, OPEN}, 0}, /* ended at its first instant: in it */
        {10.5, -1, {AFTER, LATE, OPEN}, 1},
        {-1, 10, {NULL}, 4}, /* half-open */
        {-1, 10.5, {DONE}, 3},
        {-1, 15, {DONE}, 3}, /* the open one begins then: not before */
        {11, 25, {LATE, OPEN}, 2},
        {21, 25, {OPEN}, 3},
        {50, 60, {OPEN}, 3},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct buf expected = {0};
        for (size_t k = 0; k < 4 && CASES[i].expected[k] != NULL; k++) {
            buf_addf(&expected, "%s", CASES[i].expected[k]);
        }
        in_memory((struct flow_case){.lines = THREE,
                                     .query.range = hours(CASES[i].from, CASES[i].to),
                                     .expected = buf_cstr(&expected),
                                     .outside = CASES[i].outside});
        buf_finish(&expected);
    }
}

static const char OFFICE[] = "calendars: {office: {hours: \"Mon-Fri 09:00-17:00\"}}\n";

/* Friday evening, the weekend and Monday morning are one instant of the working clock, yet a range
 * that begins on Saturday is one on the wall. */
static void ranges_are_of_the_wall(void **state)
{
    (void)state;
    const char *const *lines =
        LINES("case:1 A 100 start", "case:1 A 114 complete", "case:2 A 130 start",
              "case:2 A 140 complete", "case:3 A 140 start", "case:3 A 178 complete");
    const struct valuestream_query q = {.work_clock = true, .range = hours(120, 168)};
    in_memory((struct flow_case){.lines = lines,
                                 .yaml = OFFICE,
                                 .query = q,
                                 .expected = "case:2 8..8: A[8-8]\n",
                                 .outside = 2});
}

/* --- clocks -------------------------------------------------------------------------------- */

static void work_clock(void **state)
{
    (void)state;
    const char *const *lines = LINES("case:1 A 9 start", "case:1 A 33.5 complete",
                                     "case:1 B 105 start", "case:1 B 178 complete");
    in_memory((struct flow_case){.lines = lines,
                                 .yaml = OFFICE,
                                 .query.work_clock = true,
                                 .expected = "case:1 0..41: A[0-8.5] B[8.5(32)-41]\n"});
    in_memory((struct flow_case){
        .lines = lines,
        .yaml = OFFICE,
        .query = {.work_clock = true, .wall_instants = true},
        .expected = "case:1 9..178: A[9-33.5] B[33.5(105)-178]\n",
    });
}

static lapse lead_sum(struct valuestream *f, bool with_flow)
{
    struct error why = {0};
    struct lead_summary summary = {0};
    struct lead lead = {0};
    summary.flow = with_flow ? valuestream_flow(f) : NULL;
    struct valuestream_fold fold = {&FOLD_LEAD, &summary};
    FINE(valuestream_run(f, &fold, 1, &why));
    lead_show(&summary, &lead);
    lapse sum = (lapse)lead.lead.sum;
    lead_finish(&lead);
    FOLD_LEAD.finish(&summary);
    return sum;
}

/* The same lead time whether the traces are on the working clock or the fold has the calendar. */
static void both_ways_to_working_time_agree(void **state)
{
    (void)state;
    struct config *c = configured("timezone: Europe/Berlin\n"
                                  "calendars: {office: {hours: \"09:00-17:00\", holidays: "
                                  "[2026-01-06], extra: [\"2026-01-10 10:00-14:00\"], freeze: "
                                  "[\"2026-01-14..2026-01-15\", 2026-01-16]}}\n");
    struct error why = {0};
    struct store *s = stream_store(PLACE_MEMORY, LINES("case:1 A 0 start", "case:1 A 400 complete",
                                                       "case:2 A 30 start", "case:2 B 131 complete",
                                                       "case:2 A 132 complete"));
    lapse sums[2];
    for (int way = 0; way < 2; way++) {
        struct valuestream_query q = {.config = c,
                                      .range = hours(-1, -1),
                                      .work_clock = true,
                                      .wall_instants = way == 1,
                                      .now = WHEN_NONE};
        struct valuestream f;
        FINE(valuestream_open(s, &q, &f, &why));
        assert_string_equal(f.clock_name, "office");
        sums[way] = lead_sum(&f, way == 1);
        valuestream_close(&f);
    }
    /* In Berlin the log is 5 Jan 01:00 to 21 Jan 17:00. Open: Mo 5, We 7, Th 8, Fr 9 (8 h each), Sa
     * 10 (4 h), Mo 12, Tu 13, Mo 19, Tu 20, We 21 until 17:00; Saturdays and Sundays are closed
     * without being named. The second item: 6 Jan 07:00 to 10 Jan 13:00, 3 days and 3 hours. */
    assert_int_equal(sums[0], (9 * 8 + 4) * HOUR + (3 * 8 + 3) * HOUR);
    assert_int_equal(sums[0], sums[1]);
    store_close(s);
    config_free(c);
}

static void clocks_that_are_not_there(void **state)
{
    (void)state;
    const char *const *lines = LINES("case:1 A 0", "case:1 B 1");
    const struct valuestream_query q = {.work_clock = true};
    refused(lines, NULL, q, "--clock work needs a calendar, and none is set up");
    refused(lines, "calendars: {a: {hours: \"09:00-17:00\"}, b: {hours: \"09:00-17:00\"}}\n", q,
            "--clock work needs to know which calendar");
    in_memory((struct flow_case){
        .lines = lines,
        .yaml = "calendars: {a: {hours: \"09:00-17:00\"}, default: {days: mon, hours: "
                "\"00:30-24:00\"}}\n",
        .query = q,
        .expected = "case:1 0..0.5: A[0-0] B[0(0.5)-0.5]\n",
    });
}

/* --- stages -------------------------------------------------------------------------------- */

static void stages_of_git(void **state)
{
    (void)state;
    everywhere((struct flow_case){
        .lines = LINES("commit:a authored 0 event=commit", "commit:b authored 1 event=commit",
                       "commit:a landed 2 event=commit", "commit:m landed 2 event=merge",
                       "commit:a released 5 event=commit", "release:v1 released 5 event=release",
                       "commit:b landed 6 event=commit"),
        .expected = "commit:a 0..5: review[0-2] release[2-5] released[5-5]\n"
                    "commit:b 1..6 open: review[1-6] release[6-6 open]\n",
    });
}

static const char BOARD[] =
    "stream: s\n"
    "items: issue\n"
    "ignore: [\"verdict:*\", comment]\n"
    "stages:\n"
    "  - {name: build, team: dev, match: {type: issue.status, to: [\"In*\"]}, waiting: [Ready]}\n"
    "  - {name: QA, match: {activity: [Testing, Retest]}, waiting: [\"Ready for test\"]}\n"
    "  - {name: Shipping}\n";

static void stages_of_the_configuration(void **state)
{
    (void)state;
    const char *const *lines =
        LINES("issue:1 Ready 0 event=issue.status", "issue:1 InWork 2 event=issue.status",
              "issue:1 comment 3", "issue:1 Testing 5", "issue:1 Retest 6",
              "issue:1 verdict:good 7", "issue:1 Odd 8", "issue:1 Shipping 9", "issue:1 closed 12",
              "issue:1 comment 13", "issue:1 Testing 14", "issue:2 InWork 1 event=issue.status",
              "issue:2 Ready 4 event=issue.status", "issue:2 Testing 6 team=ops");
    struct buf yaml = {0};
    buf_addf(&yaml, "%sdone: closed\n", BOARD);
    everywhere((struct flow_case){
        .lines = lines,
        .yaml = buf_cstr(&yaml),
        .expected = "issue:1 0..12: build[0-5 queue 2 dev] QA[5-9] Shipping[9-12] closed[12-12]\n"
                    "issue:2 1..14 open: build[1-6 queue 2 dev] QA[6-14 ops open]\n",
        .notes = "no stage is of the category done: items are done when closed (1 of 2 have that "
                 "event)",
    });
    buf_finish(&yaml);
}

/* `done: deployed` when nothing was ever deployed: the next weaker evidence that there is. */
static void done_falls_back(void **state)
{
    (void)state;
    struct buf yaml = {0};
    buf_addf(&yaml, "%sdone: in_use\n", BOARD);
    const char *const *lines =
        LINES("issue:1 Testing 0", "issue:1 merged 2", "issue:1 closed 3", "issue:2 Testing 0");
    in_memory((struct flow_case){
        .lines = lines,
        .yaml = buf_cstr(&yaml),
        .expected = "issue:1 0..2: QA[0-2] merged[2-2]\nissue:2 0..3 open: QA[0-3 open]\n",
        .notes = "no stage is of the category done: items are done when merged (1 of 2 have that "
                 "event); no stronger evidence is in the log",
    });
    in_memory((struct flow_case){
        .lines = LINES("issue:1 Testing 0", "issue:2 Testing 3"),
        .yaml = buf_cstr(&yaml),
        .expected = "issue:1 0..3 open: QA[0-3 open]\nissue:2 3..3 open: QA[3-3 open]\n",
        .notes =
            "no stage is of the category done, and no event says that an item is: all are open",
    });
    buf_finish(&yaml);
}

/* A stage that the event of `done` would enter does not keep the item from being done. */
static void done_wins_over_a_stage(void **state)
{
    (void)state;
    in_memory((struct flow_case){
        .lines = LINES("issue:1 Testing 0", "issue:1 released 2 event=release"),
        .yaml = "stream: s\nitems: issue\ndone: released\nstages:\n"
                "  - {name: QA, match: {activity: Testing}}\n"
                "  - {name: train, category: gate, match: {type: release}}\n",
        .expected = "issue:1 0..2: QA[0-2] released[2-2]\n",
    });
}

static void stages_that_cannot_be_asked_for(void **state)
{
    (void)state;
    const char *const *lines = LINES("issue:1 Testing 0");
    refused(lines, "stream: s\nitems: issue\nstages:\n  - {name: QA, match: {from: [New]}}\n",
            (struct valuestream_query){0},
            "weir.yaml:4: stage \"QA\": match.from (the status before) cannot be asked for");
    refused(lines,
            "stream: s\nitems: issue\nstages:\n  - {name: QA, match: {to: a, activity: b}}\n",
            (struct valuestream_query){0},
            "weir.yaml:4: stage \"QA\": match.to and match.activity ask the same");
}

static void raw_activities(void **state)
{
    (void)state;
    in_memory((struct flow_case){
        .lines = LINES("issue:1 Testing 0", "issue:1 closed 2"),
        .yaml = BOARD,
        .query.raw = true,
        .expected = "issue:1 0..2: Testing[0-0] closed[0(2)-2]\n",
        .notes = "",
    });
}

/* What enabled a visit is found by the concurrency test, with stages set up and without: B runs
 * beside C, so C was enabled by A. */
static void parallel_branches(void **state)
{
    (void)state;
    const char *const *lines = LINES(
        "case:1 A 1 begin=0", "case:1 B 3 begin=1", "case:1 C 6 begin=4", "case:2 A 1 begin=0",
        "case:2 C 3 begin=1", "case:2 B 6 begin=4", "case:3 A 1 begin=0", "case:3 B 3 begin=1",
        "case:3 C 6 begin=4", "case:4 A 1 begin=0", "case:4 C 3 begin=1", "case:4 B 6 begin=4");
    static const char BOTH[] = "case:1 0..6: A[0-1] B[1-3] C[1(4)-6]\n"
                               "case:2 0..6: A[0-1] C[1-3] B[1(4)-6]\n"
                               "case:3 0..6: A[0-1] B[1-3] C[1(4)-6]\n"
                               "case:4 0..6: A[0-1] C[1-3] B[1(4)-6]\n";
    everywhere((struct flow_case){.lines = lines, .expected = BOTH});
    in_memory((struct flow_case){
        .lines = lines,
        .yaml = "stream: s\nstages: [{name: A}, {name: B}, {name: C}]\n",
        .expected = BOTH,
    });
}

/* Intervals of another kind of item say nothing of this flow. */
static void facts_are_of_the_flow(void **state)
{
    (void)state;
    in_memory((struct flow_case){
        .lines = LINES("case:1 A 0", "build:7 run 3 begin=1 also=case:1", "case:1 B 4",
                       "build:8 run 9 begin=8"),
        .where = "type=case",
        .expected = "case:1 0..4: A[0-0] run[0(1)-3] B[3(4)-4]\n",
    });
}

/* --- chunks, one item, flow ---------------------------------------------------------------- */

static void chunks_are_bounded(void **state)
{
    (void)state;
    enum { ITEMS = 40, EACH = 4000, CHUNK = 1 << 16 };
    struct error why = {0};
    struct store *s = NULL;
    struct config *c = configured(NULL);
    struct appended total = {0};
    FINE(store_open("memory:", STORE_WRITE, &s, &why));
    struct batch *b = batch_new();
    struct names *n = store_names(s);
    for (uint32_t i = 0; i < ITEMS * EACH; i++) { /* items interleaved */
        char key[16];
        snprintf(key, sizeof key, "%u", i % ITEMS);
        batch_add(b, &(struct event){.key = {i, ~i},
                                     .item = names_item(n, names_sym(n, STR("case")), str_of(key)),
                                     .type = names_sym(n, STR("event")),
                                     .activity = names_sym(n, STR("A")),
                                     .time = STREAM_BEGIN + i,
                                     .begin = WHEN_NONE});
        if (!batch_has_room(b, 1) || i + 1 == ITEMS * EACH) {
            FINE(store_append(s, 1, b, &total, &why));
            batch_clear(b);
        }
    }
    FINE(store_commit(s, &why));
    batch_free(b);
    struct valuestream f;
    struct valuestream_query q = {.config = c, .range = hours(-1, -1), .now = WHEN_NONE};
    FINE(valuestream_open(s, &q, &f, &why));
    struct stream_text text = {.names = n};
    FINE(valuestream_each(&f, stream_take, &text, &why));
    assert_int_equal(text.lines.n, ITEMS);
    assert_int_equal(text.parts.n, 3);
    for (size_t i = 0; i < text.parts.n; i++) {
        assert_true(text.parts.v[i] * EACH <= CHUNK);
    }
    assert_int_equal(f.counts.events, ITEMS * EACH);
    stream_text_finish(&text);
    interrupt_set(15);
    text = (struct stream_text){.names = n};
    assert_int_equal(valuestream_each(&f, stream_take, &text, &why), INTERRUPTED);
    interrupt_set(0);
    assert_int_equal(text.parts.n, 1);
    stream_text_finish(&text);
    valuestream_close(&f);
    store_close(s);
    config_free(c);
}

static void one_item(void **state)
{
    (void)state;
    struct error why = {0};
    struct config *c = configured(NULL);
    struct store *s = stream_store(PLACE_MEMORY, THREE);
    struct valuestream f;
    struct valuestream_query q = {.config = c, .range = hours(-1, -1), .now = WHEN_NONE};
    FINE(valuestream_open(s, &q, &f, &why));
    struct traces t = {0};
    struct stream_text text = {.names = store_names(s)};
    FINE(valuestream_item(&f, stream_item(s, STR("case:late")), &t, &why));
    stream_take(&t, &text);
    assert_int_equal(text.lines.n, 1);
    assert_string_equal(buf_cstr(&text.lines.v[0]), "case:late 10..20: A[10-20]");
    assert_int_equal(valuestream_item(&f, stream_item(s, STR("case:nobody")), &t, &why), END);
    stream_text_finish(&text);
    traces_finish(&t);
    valuestream_close(&f);
    store_close(s);
    config_free(c);
}

static void how_folds_look_at_it(void **state)
{
    (void)state;
    struct error why = {0};
    struct config *c = configured("stream: s\nitems: issue\nstages: [{name: build}, {name: QA}]\n"
                                  "pools: {testers: {people: 3, stages: [QA, build]}}\n");
    struct store *s = stream_store(PLACE_MEMORY, LINES("issue:1 build 0", "issue:1 QA 1"));
    for (int raw = 0; raw < 2; raw++) {
        struct valuestream f;
        struct valuestream_query q = {.config = c,
                                      .stream = config_stream(c, (str){0}),
                                      .range = hours(-1, -1),
                                      .raw = raw != 0,
                                      .now = WHEN_NONE};
        FINE(valuestream_open(s, &q, &f, &why));
        const struct flow *flow = valuestream_flow(&f);
        sym build = names_sym(store_names(s), STR("build")),
            qa = names_sym(store_names(s), STR("QA"));
        assert_int_equal(flow_rank(flow, build), raw ? -1 : 0);
        assert_int_equal(flow_rank(flow, qa), raw ? -1 : 1);
        assert_int_equal(flow->pool_n, 1);
        assert_int_equal(flow->pools[0].stage_n, 2);
        assert_int_equal(flow->pools[0].stages[0], qa);
        assert_true(flow->pools[0].people == 3);
        assert_null(flow->open);
        valuestream_close(&f);
    }
    store_close(s);
    config_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points),
        cmocka_unit_test(kinds_of_items),
        cmocka_unit_test(an_empty_store),
        cmocka_unit_test(ranges),
        cmocka_unit_test(ranges_are_of_the_wall),
        cmocka_unit_test(work_clock),
        cmocka_unit_test(both_ways_to_working_time_agree),
        cmocka_unit_test(clocks_that_are_not_there),
        cmocka_unit_test(stages_of_git),
        cmocka_unit_test(stages_of_the_configuration),
        cmocka_unit_test(done_falls_back),
        cmocka_unit_test(done_wins_over_a_stage),
        cmocka_unit_test(stages_that_cannot_be_asked_for),
        cmocka_unit_test(raw_activities),
        cmocka_unit_test(parallel_branches),
        cmocka_unit_test(facts_are_of_the_flow),
        cmocka_unit_test(chunks_are_bounded),
        cmocka_unit_test(one_item),
        cmocka_unit_test(how_folds_look_at_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stream_folder_remove();
    return failed;
}
