/* How each way of speaking becomes visits. Logs and visits are written as lines: a visit is
 * "activity start-end" in hours, with enabled in front and marks behind where there are any. */
#include "model/weave.h"

#include "base/buf.h"

#include "event_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

struct woven {
    struct event_lines lines;
    struct traces traces;
    struct weave_counts counts;
    struct buf text;
};

static void write_visit(struct woven *w, const struct visit *v)
{
    static const char *const marks[] = {" open",  " no-start", " rework",
                                        " point", " state",    " clamped"};
    buf_add(&w->text, names_text(&w->lines.names, v->activity));
    if (v->enabled != WHEN_NONE) {
        buf_addf(&w->text, " %g:", (double)v->enabled / (double)HOUR);
    } else {
        buf_putc(&w->text, ' ');
    }
    buf_addf(&w->text, "%g-%g", (double)v->start / (double)HOUR, (double)v->end / (double)HOUR);
    if (v->suspended != 0) {
        buf_addf(&w->text, " suspended=%g", (double)v->suspended / (double)HOUR);
    }
    for (unsigned i = 0; i < 6; i++) {
        buf_addf(&w->text, "%s", (v->flags & 1u << i) != 0 ? marks[i] : "");
    }
    if (v->category != CATEGORY_ACTIVE) {
        buf_addf(&w->text, " %s", category_word(v->category));
    }
    buf_putc(&w->text, '\n');
}

static void write_traces(struct woven *w)
{
    buf_clear(&w->text);
    for (size_t t = 0; t < w->traces.items.n; t++) {
        const struct trace *trace = &w->traces.items.v[t];
        buf_addf(&w->text, "%s %g-%g%s%s%s\n",
                 (const char *)names_key(&w->lines.names, trace->item).p,
                 (double)trace->begin / (double)HOUR, (double)trace->end / (double)HOUR,
                 (trace->flags & TRACE_OPEN) != 0 ? " open" : "",
                 (trace->flags & TRACE_LEFT) != 0 ? " left" : "",
                 (trace->flags & TRACE_CANCELLED) != 0 ? " cancelled" : "");
        for (size_t i = 0; i < trace->n; i++) {
            write_visit(w, &w->traces.visits.v[trace->first + i]);
        }
    }
}

static void expect_text(struct woven *w, const char *expected)
{
    write_traces(w);
    if (!str_eq(buf_str(&w->text), str_of(expected))) {
        fail_msg("got\n%s\nexpected\n%s", buf_cstr(&w->text), expected);
    }
}

static void read_lines(struct woven *w, const char *const *lines)
{
    *w = (struct woven){.traces = {.log_begin = WHEN_NONE, .log_end = WHEN_NONE}};
    event_lines_make(&w->lines, lines, true);
}

static void weave(struct woven *w, struct weave_options options, bool enable)
{
    struct log log = event_lines_log(&w->lines);
    options.names = &w->lines.names;
    log_facts_step(&options.facts, &log);
    struct weaver *weaver = weave_open(&options);
    struct concurrency c = {0};
    weave_step(weaver, &log, &w->traces);
    if (enable) {
        concurrency_step(&c, &w->traces);
        weave_enable(weaver, &c, &w->traces);
    }
    w->counts = *weave_counted(weaver);
    concurrency_finish(&c);
    weave_close(weaver);
}

static void release(struct woven *w)
{
    traces_finish(&w->traces);
    buf_finish(&w->text);
    event_lines_free(&w->lines);
}

#define DEFAULTS .log_end = WHEN_NONE, .complete_from = WHEN_NONE
#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

static void points(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 B 2", "2 A 1", "1 A 1", "1 B 2", "1 C 9 bad", "2 B 1"));
    weave(&w, (struct weave_options){DEFAULTS}, true);
    expect_text(&w, "1 1-2\nA 1:1-1 point\nB 1:2-2 point\nB 2:2-2 rework point\n"
                    "2 1-1\nA 1:1-1 point\nB 1:1-1 point\n");
    assert_int_equal(w.counts.events, 6);
    assert_int_equal(w.counts.visits, 5);
    assert_int_equal(w.counts.bad_time, 1);
    assert_int_equal(w.traces.log_begin, HOUR);
    assert_int_equal(w.traces.log_end, 2 * HOUR);
    release(&w);
}

static void lifecycle(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 A 0 schedule", "1 A 1 start", "1 A 2 start", /* two at once */
                         "1 A 3 suspend", "1 A 4 resume", "1 A 5 complete", "1 A 6 complete",
                         "1 B 7 complete", /* without a start */
                         "1 C 8 start",    /* and never completed */
                         "1 D 8 start instance=x", "1 D 9 start instance=y",
                         "1 D 10 complete instance=y", "1 D 11 complete instance=x",
                         "1 E 11 reassign", "1 F 11 withdraw", "1 G 11 start", "1 G 12 pi_abort"));
    weave(&w, (struct weave_options){DEFAULTS}, false);
    expect_text(&w, "1 0-12 open\n"
                    "A 0:1-5 suspended=1\n" /* first in, first out */
                    "A 2-6 rework\n"
                    "B 7-7 no-start\n"
                    "D 8-11\n"
                    "C 8-12 open\n"
                    "D 9-10 rework\n"
                    "G 11-12\n");
    assert_int_equal(w.counts.no_start, 1);
    assert_int_equal(w.counts.no_end, 1);
    assert_int_equal(w.counts.other_life, 2);
    release(&w);
}

static void which_events(void **state)
{
    (void)state;
    const char *const lines[] = {"1 A 1 start", "1 A 2 complete", "1 B 3 complete", NULL};
    struct woven w;
    read_lines(&w, lines);
    weave(&w, (struct weave_options){DEFAULTS, .events = WEAVE_START}, false);
    expect_text(&w, "1 1-1\nA 1-1 point\n");
    assert_int_equal(w.counts.ignored, 2);
    release(&w);
    read_lines(&w, lines);
    weave(&w, (struct weave_options){DEFAULTS, .events = WEAVE_ALL}, false);
    expect_text(&w, "1 1-3\nA 1-1 point\nA 2-2 rework point\nB 3-3 point\n");
    release(&w);
    read_lines(&w, LINES("1 A 1 complete", "1 B 2 complete")); /* a log that has no starts */
    weave(&w, (struct weave_options){DEFAULTS, .events = WEAVE_COMPLETE}, false);
    expect_text(&w, "1 1-2\nA 1-1 point\nB 2-2 point\n");
    assert_int_equal(w.counts.no_start, 0);
    release(&w);
}

static void intervals(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 B 5 begin=1", "1 A 3 begin=1", "1 C 6 begin=7"));
    weave(&w, (struct weave_options){DEFAULTS}, false);
    expect_text(&w, "1 1-6\nA 1-3\nB 1-5\nC 6-6 clamped\n");
    assert_int_equal(w.counts.negative, 1);
    release(&w);
}

/* One word outside the standard makes every event a status entered. */
static void statuses(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 New 1 Open", "1 Queued 2 Waiting", "1 Working 4 start", "1 Working 5 x",
                         "1 Closed 9 x", "2 New 3 x", "3 New 1 x", "3 Rejected 2 x"));
    weave(&w, (struct weave_options){DEFAULTS}, true);
    expect_text(&w, "1 1-9\n"
                    "New 1:1-2 state new\nQueued 2:2-4 state waiting\nWorking 4:4-5 state\n"
                    "Working 5:5-9 rework state\nClosed 9:9-9 point state done\n"
                    "2 3-9 open\nNew 3:3-9 open state new\n"
                    "3 1-2 cancelled\nNew 1:1-2 state new\nRejected 2:2-2 point state cancelled\n");
    release(&w);
}

/* No status is named like an end: then the last event ended the item (ends_unsaid). Activities that
 * are no statuses are never guessed at: one may well be called "Closed". */
static void ends_and_names(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 offen 1 x", "1 fertig 4 x", "2 offen 3 x"));
    weave(&w, (struct weave_options){DEFAULTS, .ends_unsaid = true}, true);
    expect_text(&w, "1 1-4\noffen 1:1-4 state\nfertig 4:4-4 point state\n"
                    "2 3-3\noffen 3:3-3 point state\n");
    release(&w);
    read_lines(&w, LINES("1 Waiting 1", "1 Closed 4"));
    weave(&w, (struct weave_options){DEFAULTS}, true);
    expect_text(&w, "1 1-4\nWaiting 1:1-1 point\nClosed 1:4-4 point\n");
    release(&w);
}

#define PATTERNS(...)                                                                              \
    {                                                                                              \
        (const str[]){__VA_ARGS__}, sizeof((const str[]){__VA_ARGS__}) / sizeof(str)               \
    }

static void stages(void **state)
{
    (void)state;
    const struct stage_rule rules[] = {
        {.name = STR("idea"),
         .has_category = true,
         .category = CATEGORY_NEW,
         .activity = PATTERNS(STR("opened"))},
        {.name = STR("QA"),
         .team = STR("testers"),
         .activity = PATTERNS(STR("in-test"), STR("retest")),
         .waiting = PATTERNS(STR("to-test"))},
        {.name = STR("release"),
         .has_category = true,
         .category = CATEGORY_GATE,
         .type = PATTERNS(STR("approved"))},
        {.name = STR("live"),
         .has_category = true,
         .category = CATEGORY_DONE,
         .activity = PATTERNS(STR("deployed"))},
    };
    struct woven w;
    struct stages *s = NULL;
    read_lines(&w, LINES("1 opened 0", "1 to-test 2", "1 chat 3", "1 in-test 4", "1 to-test 5",
                         "1 in-test 7", "1 ok 8 type=approved", "1 retest 9",
                         "1 ok 10 type=approved", "1 deployed 12", "1 in-test 14", "2 to-test 1",
                         "3 chat 2", "4 to-test 14 begin=13"));
    assert_int_equal(stages_open(rules, 4, (struct stage_patterns){0}, &w.lines.names, &s, NULL),
                     OK);
    weave(&w, (struct weave_options){DEFAULTS, .stages = s}, true);
    expect_text(&w, "1 0-12\n"
                    "idea 0:0-2 state new\nQA 2:2-8 suspended=4 state\nrelease 8:8-9 state gate\n"
                    "QA 9:9-10 rework state\nrelease 10:10-12 rework state gate\n"
                    "live 12:12-12 point state done\n"
                    "2 1-14 open\nQA 1:1-14 suspended=13 open state\n"
                    "4 13-14\nQA 13:13-14\n");
    assert_true(str_eq(names_text(&w.lines.names, w.traces.visits.v[1].team), STR("testers")));
    assert_int_equal(w.counts.unmapped, 2);
    assert_int_equal(w.counts.after_end, 1);
    assert_int_equal(w.counts.no_visit, 1);
    stages_close(s);
    release(&w);
}

static void known_life(void **state)
{
    (void)state;
    struct woven w;
    const when created[] = {WHEN_NONE, -2 * HOUR}, done[] = {WHEN_NONE, 3 * HOUR};
    read_lines(&w, LINES("1 A 1", "1 B 3", "1 C 4", "2 A 0", "2 B 2"));
    weave(&w,
          (struct weave_options){.log_end = WHEN_NONE,
                                 .complete_from = HOUR,
                                 .created = {created, 2},
                                 .done = {done, 2}},
          true);
    expect_text(&w, "1 -2-3\nA -2:1-1 point\nB 1:3-3 point\n"
                    "2 0-2 left\nA 0:0-0 point\nB 0:2-2 point\n");
    assert_int_equal(w.counts.after_end, 1);
    release(&w);
    read_lines(&w, LINES("1 A 1 start", "1 A 9 complete", "1 B 2 start"));
    weave(&w, (struct weave_options){DEFAULTS, .done = {done, 2}}, false);
    expect_text(&w, "1 1-3\nA 1-3\nB 2-3\n"); /* what was open ended with the item */
    release(&w);
}

static void working_time(void **state)
{
    (void)state;
    struct calendar *c = NULL;
    const struct calendar_plan plan = {.name = STR("office"), .hours = STR("09:00-17:00")};
    struct woven w;
    assert_int_equal(calendar_open(&plan, 0, WEEK, &c, NULL), OK);
    read_lines(&w, LINES("1 A 10 start", "1 A 16 suspend", "1 A 34 resume", "1 A 36 complete"));
    weave(&w, (struct weave_options){DEFAULTS, .clock = c}, false);
    expect_text(&w, "1 1-11\nA 1-11 suspended=2\n");
    assert_int_equal(w.traces.log_end, 11 * HOUR);
    calendar_close(c);
    release(&w);
}

/* B and C run side by side: C waits for A, not for B. Without the test it would wait for B. */
static void concurrent(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 A 1 begin=0", "1 B 3 begin=2", "1 C 6 begin=5", "1 D 9 begin=8",
                         "2 A 1 begin=0", "2 C 3 begin=2", "2 B 6 begin=5", "2 D 9 begin=8"));
    weave(&w, (struct weave_options){DEFAULTS}, true);
    expect_text(&w, "1 0-9\nA 0:0-1\nB 1:2-3\nC 1:5-6\nD 6:8-9\n"
                    "2 0-9\nA 0:0-1\nC 1:2-3\nB 1:5-6\nD 6:8-9\n");
    for (size_t i = 0; i < w.traces.visits.n; i++) {
        w.traces.visits.v[i].enabled = WHEN_NONE;
    }
    concurrency_enable(NULL, &(struct item_times){0}, NULL, &w.traces);
    expect_text(&w, "1 0-9\nA 0:0-1\nB 1:2-3\nC 3:5-6\nD 6:8-9\n"
                    "2 0-9\nA 0:0-1\nC 1:2-3\nB 3:5-6\nD 6:8-9\n");
    release(&w);
    /* what overlaps is skipped whatever it is; a loop of two is not side by side */
    read_lines(&w, LINES("1 A 1 begin=0", "1 B 5 begin=1", "1 C 6 begin=2", "2 X 1 begin=0",
                         "2 Y 3 begin=2", "2 X 5 begin=4", "2 Y 7 begin=6", "2 X 9 begin=8",
                         "2 Y 11 begin=10", "2 X 13 begin=12", "2 Y 15 begin=14", "2 X 17 begin=16",
                         "2 Y 19 begin=18", "2 X 21 begin=20", "2 Y 23 begin=22"));
    weave(&w, (struct weave_options){DEFAULTS}, true);
    assert_int_equal(w.traces.visits.v[2].enabled, HOUR);
    assert_int_equal(w.traces.visits.v[4].enabled, HOUR);
    assert_int_equal(w.traces.visits.v[5].enabled, 3 * HOUR);
    release(&w);
}

static void facts(void **state)
{
    (void)state;
    struct woven w;
    read_lines(&w, LINES("1 A 5 begin=2", "1 B 7 start", "1 C 1", "1 D 99 bad"));
    struct log log = event_lines_log(&w.lines), left = log, right = log;
    struct log_facts whole = {0}, f = {0}, g = {0};
    log_facts_step(&whole, &log);
    left.n = 2;
    right.n = 2;
    right.time += 2;
    right.begin += 2;
    right.life += 2;
    right.quality += 2;
    log_facts_step(&f, &left);
    log_facts_step(&g, &right);
    log_facts_merge(&f, &g);
    assert_memory_equal(&f, &whole, sizeof f);
    assert_int_equal(whole.begin, HOUR);
    assert_int_equal(whole.end, 7 * HOUR);
    assert_int_equal(whole.intervals, 1);
    assert_false(log_facts_status_log(&whole));
    release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points),       cmocka_unit_test(lifecycle),
        cmocka_unit_test(which_events), cmocka_unit_test(intervals),
        cmocka_unit_test(statuses),     cmocka_unit_test(ends_and_names),
        cmocka_unit_test(stages),       cmocka_unit_test(known_life),
        cmocka_unit_test(working_time), cmocka_unit_test(concurrent),
        cmocka_unit_test(facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
