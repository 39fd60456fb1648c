/* One log, every rule: what each must say of it was worked out by hand. All times are on days of
 * March 2026, the 2nd being a Monday. */
#include "fold/delivery.h"

#include "base/buf.h"
#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static when at(int day, int hour, int minute)
{
    return clock_from_civil(
        (struct civil){.year = 2026, .month = 3, .day = day, .hour = hour, .minute = minute});
}

/* The log:
 *   web  d1  2 10:00   d2  3 10:00   (s1 staging 3 9:30)   (f1 failed 4 10:00)
 *        d3  4 12:00 hotfix, carries the commit of f1        d5 10 10:00
 *        d6 10 11:00 rollback, unplanned, to the commit of d3
 *   api  d4  5 10:00
 * c5 is stamped two hours after its deployment; x9 was never deployed. i0 began before every
 * deployment, i1 in the very second of d2, i2 and i3 (open) come from d2, i4 is stated to come from
 * d4 although three days passed. */
static void fill(struct delivery *d)
{
    const struct deployment deployments[] = {
        {STR_INIT("d1"),
         STR_INIT("production"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c1"),
         at(2, 9, 50),
         at(2, 10, 0),
         true,
         DEPLOYMENT_RELEASE,
         PLANNED_YES},
        {STR_INIT("d2"),
         STR_INIT("production"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c3"),
         at(3, 9, 50),
         at(3, 10, 0),
         true,
         DEPLOYMENT_RELEASE,
         PLANNED_UNKNOWN},
        {STR_INIT("s1"),
         STR_INIT("staging"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c3"),
         at(3, 9, 0),
         at(3, 9, 30),
         true,
         DEPLOYMENT_RELEASE,
         PLANNED_UNKNOWN},
        {STR_INIT("f1"),
         STR_INIT("production"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c4"),
         at(4, 9, 50),
         at(4, 10, 0),
         false,
         DEPLOYMENT_RELEASE,
         PLANNED_UNKNOWN},
        {STR_INIT("d3"),
         STR_INIT("Production"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c4"),
         at(4, 11, 50),
         at(4, 12, 0),
         true,
         DEPLOYMENT_HOTFIX,
         PLANNED_UNKNOWN},
        {STR_INIT("d4"),
         STR_INIT("prod"),
         STR_INIT("api"),
         {0},
         {0},
         STR_INIT("a1"),
         at(5, 9, 50),
         at(5, 10, 0),
         true,
         DEPLOYMENT_RELEASE,
         PLANNED_UNKNOWN},
        {STR_INIT("d5"),
         STR_INIT("production"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c5"),
         at(10, 9, 50),
         at(10, 10, 0),
         true,
         DEPLOYMENT_RELEASE,
         PLANNED_UNKNOWN},
        {STR_INIT("d6"),
         STR_INIT("production"),
         STR_INIT("web"),
         {0},
         {0},
         STR_INIT("c4"),
         at(10, 10, 50),
         at(10, 11, 0),
         true,
         DEPLOYMENT_ROLLBACK,
         PLANNED_NO},
    };
    const struct deployed_commit commits[] = {
        {STR_INIT("c1"),
         STR_INIT("1"),
         {0},
         at(1, 10, 0),
         at(1, 9, 0),
         at(1, 12, 0),
         at(2, 8, 0),
         STR_INIT("d1")},
        {STR_INIT("c2"),
         STR_INIT("2"),
         {0},
         at(2, 12, 0),
         at(2, 9, 0),
         at(2, 13, 0),
         at(3, 9, 0),
         STR_INIT("d2")},
        {STR_INIT("c3"),
         STR_INIT("2"),
         {0},
         at(2, 14, 0),
         WHEN_NONE,
         at(2, 13, 0),
         at(3, 9, 0),
         STR_INIT("d2")},
        {STR_INIT("c4"),
         STR_INIT("3"),
         {0},
         at(4, 11, 0),
         WHEN_NONE,
         WHEN_NONE,
         WHEN_NONE,
         STR_INIT("d3")},
        {STR_INIT("c5"),
         STR_INIT("4"),
         {0},
         at(10, 12, 0),
         WHEN_NONE,
         at(10, 8, 0),
         at(10, 9, 0),
         STR_INIT("d5")},
        {STR_INIT("a1"),
         STR_INIT("5"),
         {0},
         at(4, 10, 0),
         WHEN_NONE,
         at(4, 10, 0),
         at(5, 9, 0),
         STR_INIT("d4")},
        {STR_INIT("x9"), STR_INIT("6"), {0}, at(6, 10, 0), WHEN_NONE, at(6, 10, 0), WHEN_NONE, {0}},
    };
    const struct incident incidents[] = {
        {STR_INIT("i0"), STR_INIT("web"), at(1, 0, 0), at(1, 1, 0), {0}},
        {STR_INIT("i1"), STR_INIT("web"), at(3, 10, 0), at(3, 13, 0) + 30 * SECOND, {0}},
        {STR_INIT("i2"), STR_INIT("web"), at(3, 11, 0), at(4, 12, 0), {0}},
        {STR_INIT("i3"), STR_INIT("web"), at(3, 12, 0), WHEN_NONE, {0}},
        {STR_INIT("i4"), STR_INIT("api"), at(8, 0, 0), at(8, 6, 0), STR_INIT("d4")},
    };
    for (size_t i = 0; i < sizeof deployments / sizeof *deployments; i++) {
        VEC_ADD(&d->deployments, deployments[i]);
    }
    for (size_t i = 0; i < sizeof commits / sizeof *commits; i++) {
        VEC_ADD(&d->commits, commits[i]);
    }
    for (size_t i = 0; i < sizeof incidents / sizeof *incidents; i++) {
        VEC_ADD(&d->incidents, incidents[i]);
    }
    d->told = TOLD_DEPLOYMENTS | TOLD_CHANGES | TOLD_INCIDENTS | TOLD_KIND;
}

struct room {
    struct delivery d;
    struct arena a;
    struct delivery_question q;
    struct delivery_answer answer;
};

static int setup(void **state)
{
    static struct room room;
    memset(&room, 0, sizeof room);
    fill(&room.d);
    room.q = (struct delivery_question){.from = at(1, 0, 0),
                                        .to = at(11, 0, 0),
                                        .now = at(31, 0, 0),
                                        .parameters = delivery_parameters_default()};
    *state = &room;
    return 0;
}

static int teardown(void **state)
{
    struct room *r = *state;
    delivery_finish(&r->d);
    arena_finish(&r->a);
    return 0;
}

static const struct delivery_answer *ask(struct room *r, const char *rule, enum delivery_metric m)
{
    r->q.rule = delivery_rule_find(str_of(rule));
    r->q.metric = m;
    delivery_measure(&r->d, &r->q, &r->a, &r->answer);
    return &r->answer;
}

static void expect(struct room *r, const char *rule, enum delivery_metric m, double value,
                   uint64_t n)
{
    const struct delivery_answer *a = ask(r, rule, m);
    if (isnan(value) ? !isnan(a->value) : fabs(a->value - value) > 1e-9 || a->n != n) {
        fail_msg("%s, metric %d: %.9g of %llu, not %.9g of %llu (%s)", rule, (int)m, a->value,
                 (unsigned long long)a->n, value, (unsigned long long)n,
                 a->note != NULL ? a->note : "");
    }
}

static void expect_ids(const str *ids, size_t n, const char *expected)
{
    struct buf text = {0};
    for (size_t i = 0; i < n; i++) {
        buf_addf(&text, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(ids[i]));
    }
    assert_string_equal(buf_cstr(&text), expected);
    buf_finish(&text);
}

static const double H = 3600;

/* Lead times: c1 24 h, c2 22 h, c3 20 h, c4 1 h (by d3; its later rollback does not count), c5 -2 h
 * (left out), a1 24 h. Failed: d1 (i1 began in the second of d2, so d2 is not before it), d2 (twice
 * is once), d4 (stated), d5 (rolled back). */
static void weir(void **state)
{
    struct room *r = *state;
    expect(r, "weir", DELIVERY_LEAD_TIME, 22 * H, 5);
    assert_int_equal(r->answer.excluded[REASON_NEGATIVE], 1);
    assert_int_equal(r->answer.excluded[REASON_NO_DEPLOYMENT], 1);
    assert_int_equal(r->answer.linked, 6);
    assert_int_equal(r->answer.linkable, 7);
    assert_int_equal(r->answer.by_rule[LINK_STATED], 6);
    expect(r, "weir", DELIVERY_FREQUENCY, .6, 6);
    assert_int_equal(r->answer.failed_attempts, 1);
    assert_int_equal(r->answer.excluded[REASON_NOT_PRODUCTION], 1);
    expect(r, "weir", DELIVERY_FAIL_RATE, 4. / 6, 6);
    expect_ids(r->answer.ids, r->answer.id_n, "d1 d2 d4 d5");
    expect_ids(r->answer.unlinked, r->answer.unlinked_n, "i0");
    /* i1 27 h 30 s after d1, i2 26 h after d2, i4 68 h after d4; i3 is open for 7 days 14 h at the
     * end of the window: of four the second smallest brings the curve to a half */
    expect(r, "weir", DELIVERY_RECOVERY, 27 * H + 30, 3);
    assert_int_equal(r->answer.censored, 1);
    assert_true(r->answer.km_p50 == (27 * H + 30) * (double)SECOND);
    expect(r, "weir", DELIVERY_REWORK, 2. / 6, 6);
    expect_ids(r->answer.ids, r->answer.id_n, "d3 d6");
}

static void weir_links_are_told(void **state)
{
    struct room *r = *state;
    static const char *const EXPECTED[] = {"i0:", "i1:d1", "i2:d2", "i3:d2", "i4:d4"};
    ask(r, "weir", DELIVERY_FAIL_RATE);
    assert_int_equal(r->answer.link_n, 5);
    for (size_t i = 0; i < 5; i++) {
        char text[32];
        snprintf(text, sizeof text, STR_FMT ":" STR_FMT, STR_ARG(r->answer.links[i].incident),
                 STR_ARG(r->answer.links[i].deployment));
        assert_string_equal(text, EXPECTED[i]);
    }
    assert_int_equal(r->answer.links[0].rule, LINK_NONE);
    assert_int_equal(r->answer.links[1].rule, LINK_WINDOW);
    assert_int_equal(r->answer.links[4].rule, LINK_STATED);
}

/* The parts of the stages sum to the lead times in whole microseconds. */
static void weir_stages_sum(void **state)
{
    struct room *r = *state;
    ask(r, "weir", DELIVERY_LEAD_TIME);
    int64_t whole = 0, parts = 0;
    for (size_t i = 0; i < r->answer.sample_n; i++) {
        whole += r->answer.samples[i];
    }
    for (size_t s = 0; s < STAGE_COUNT; s++) {
        for (size_t i = 0; i < r->answer.stages[s].n; i++) {
            parts += r->answer.stages[s].v[i];
        }
    }
    assert_int_equal(whole, 91 * HOUR);
    assert_int_equal(parts, whole);
    assert_int_equal(r->answer.stages[STAGE_CODING].n, 4); /* c3 after opening: 0 */
    assert_int_equal(r->answer.stages[STAGE_UNDIVIDED].n, 1);
}

static void weir_parameters(void **state)
{
    struct room *r = *state;
    r->q.parameters.window = 3 * HOUR; /* i1 is 24 h after d1 */
    expect(r, "weir", DELIVERY_FAIL_RATE, 3. / 6, 6);
    expect_ids(r->answer.unlinked, r->answer.unlinked_n, "i0 i1");
    r->q.parameters = delivery_parameters_default();
    r->q.parameters.incident_link = INCIDENT_EVIDENCE; /* d4 stated, d5 rolled back */
    expect(r, "weir", DELIVERY_FAIL_RATE, 2. / 6, 6);
    r->q.parameters.incident_link = INCIDENT_STATED;
    expect(r, "weir", DELIVERY_FAIL_RATE, 1. / 6, 6);
    r->q.parameters = delivery_parameters_default();
    r->q.parameters.min_confidence = .7;
    expect(r, "weir", DELIVERY_FAIL_RATE, 2. / 6, 6);
    assert_int_equal(r->answer.excluded[REASON_LOW_CONFIDENCE], 3);
    r->q.parameters = delivery_parameters_default();
    r->q.parameters.per_deployment = true; /* d2 has an open one: it has not recovered */
    expect(r, "weir", DELIVERY_RECOVERY, (27 * H + 30 + 68 * H) / 2, 2);
    assert_int_equal(r->answer.censored, 1);
    r->q.parameters.author_time = true; /* known of c1 and c2: 25 h each */
    expect(r, "weir", DELIVERY_LEAD_TIME, 25 * H, 2);
    assert_int_equal(r->answer.excluded[REASON_NO_START], 4);
    r->q.parameters = delivery_parameters_default();
    r->q.parameters.median = MEDIAN_NEAREST;
    expect(r, "weir", DELIVERY_LEAD_TIME, 22 * H, 5);
}

static void weir_windows(void **state)
{
    struct room *r = *state;
    r->q.from = at(3, 0, 0); /* d2 d3 d4: what is linked to what stays as it was */
    r->q.to = at(10, 0, 0);
    expect(r, "weir", DELIVERY_FREQUENCY, 3. / 7, 3);
    assert_int_equal(r->answer.excluded[REASON_OUTSIDE], 3);
    expect(r, "weir", DELIVERY_FAIL_RATE, 2. / 3, 3);
    expect_ids(r->answer.ids, r->answer.id_n, "d2 d4");
    expect(r, "weir", DELIVERY_LEAD_TIME, 21 * H, 4);
    r->q.to = at(5, 10, 0); /* half-open: d4 finishes then */
    expect(r, "weir", DELIVERY_FREQUENCY, 2 / (2 + 10. / 24), 2);
    r->q.from = at(20, 0, 0);
    r->q.to = at(21, 0, 0);
    expect(r, "weir", DELIVERY_FREQUENCY, NAN, 0); /* no figure, and it says why */
    assert_non_null(r->answer.note);
    expect(r, "weir", DELIVERY_FAIL_RATE, NAN, 0);
    expect(r, "weir", DELIVERY_LEAD_TIME, NAN, 0);
}

static void weir_services(void **state)
{
    struct room *r = *state;
    r->q.service = STR("api");
    expect(r, "weir", DELIVERY_FREQUENCY, .1, 1);
    expect(r, "weir", DELIVERY_FAIL_RATE, 1, 1);
    expect(r, "weir", DELIVERY_LEAD_TIME, 24 * H, 1);
    r->q.service = STR("web");
    expect(r, "weir", DELIVERY_FAIL_RATE, 3. / 5, 5);
    expect(r, "weir", DELIVERY_LEAD_TIME, 21 * H, 4);
    r->q.service = (str){0};
    r->q.environment = STR("staging");
    expect(r, "weir", DELIVERY_FREQUENCY, .1, 1);
    expect(r, "weir", DELIVERY_LEAD_TIME, 19.5 * H, 1); /* c3, by its own deployment's commit */
    assert_int_equal(r->answer.by_rule[LINK_SHA], 1);
}

static void dora(void **state)
{
    struct room *r = *state;
    expect(r, "dora", DELIVERY_LEAD_TIME, 21 * H, 6); /* with -2 h */
    expect(r, "dora", DELIVERY_FREQUENCY, .6, 6);
    expect(r, "dora", DELIVERY_FAIL_RATE, 1. / 6, 6);
    expect_ids(r->answer.ids, r->answer.id_n, "d4");
    expect(r, "dora", DELIVERY_RECOVERY, 68 * H, 1);
    expect(r, "dora", DELIVERY_REWORK, 2. / 6, 6);
}

/* Changes: 1 2+20+2 h, 2 1+20+1 h, 3 all unknown 0, 4 0+1+1 h (its coding is negative), 5 0+23+1 h:
 * sorted 0 2 22 24 24, the third has percent_rank 1/2. Days with a deployment: weeks 0, 4, 1. i1 on
 * d1 (strictly before), i2 and i3 on d2, i4 on d4; i1 in whole minutes. */
static void devlake(void **state)
{
    struct room *r = *state;
    expect(r, "devlake", DELIVERY_LEAD_TIME, 22 * H, 5);
    expect(r, "devlake", DELIVERY_FREQUENCY, 1, 6);
    expect(r, "devlake", DELIVERY_FAIL_RATE, 3. / 6, 6);
    expect_ids(r->answer.ids, r->answer.id_n, "d1 d2 d4");
    expect(r, "devlake", DELIVERY_RECOVERY, 27 * H, 3);
    r->q.parameters.devlake_2021 = true; /* 1 h, 3 h, 25 h, 6 h: 1 3 6 25, ranks 0 1/3 2/3 1 */
    expect(r, "devlake", DELIVERY_RECOVERY, 3 * H, 4);
    expect(r, "devlake", DELIVERY_REWORK, NAN, 0);
    assert_string_equal(r->answer.note, "rule has no such metric");
}

/* Without stated links the first deployment of a service is a seed: d1 and d4 own nothing. */
static void devlake_seeds(void **state)
{
    struct room *r = *state;
    for (size_t i = 0; i < r->d.commits.n; i++) {
        r->d.commits.v[i].deployment = (str){0};
    }
    expect(r, "devlake", DELIVERY_LEAD_TIME, 2 * H, 3); /* 2: 22 h, 3: 0, 4: 2 h */
    assert_int_equal(r->answer.excluded[REASON_SEED], 2);
}

/* Commits in whole minutes without c5; Sunday weeks 1-7 (days 2 3 4 5) and 8-14 (day 10): median
 * 2.5, every week had one. The only root cause that is stated is d4: 3 days before i4; i0 1 h, i1 3
 * h, i2 25 h, i4 68 h. */
static void fourkeys(void **state)
{
    struct room *r = *state;
    expect(r, "fourkeys", DELIVERY_LEAD_TIME, 22 * H, 5);
    expect(r, "fourkeys", DELIVERY_FREQUENCY, 2.5, 6);
    assert_string_equal(r->answer.bucket, "Weekly");
    expect(r, "fourkeys", DELIVERY_FAIL_RATE, 1. / 6, 6);
    expect(r, "fourkeys", DELIVERY_RECOVERY, 14 * H, 4);
    for (int i = 0; i < 7; i++) { /* rows, not deployments: more than one each */
        struct incident more = {STR("more"), STR("web"), at(6, i, 0), at(7, 0, 0), STR("d3")};
        VEC_ADD(&r->d.incidents, more);
    }
    r->d.sorted = false;
    expect(r, "fourkeys", DELIVERY_FAIL_RATE, 8. / 6, 6);
    assert_true(isnan(r->answer.low));
    r->q.from = at(11, 0, 0);
    r->q.to = at(31, 0, 0);
    expect(r, "fourkeys", DELIVERY_FREQUENCY, 0, 0);
    assert_string_equal(r->answer.bucket, "Yearly");
}

/* Merged in the window: 1 2 4 5, first commit to open 2 1 0 0 h, merge to deploy 2 1 1 1 h. Closed
 * windows: 11 calendar days. i1 counts for d2 (at or before): distinct d2, d4. Lengths 1 h, 3 h 30
 * s, 25 h, 6 h. */
static void middleware(void **state)
{
    struct room *r = *state;
    expect(r, "middleware", DELIVERY_LEAD_TIME, 2 * H, 4);
    r->q.closed = true;
    expect(r, "middleware", DELIVERY_FREQUENCY, 0, 6);
    assert_int_equal(r->answer.weekly, 2); /* three weeks are touched */
    assert_int_equal(r->answer.monthly, 6);
    r->q.closed = false;
    expect(r, "middleware", DELIVERY_FAIL_RATE, 100 * 2. / 6, 6);
    expect_ids(r->answer.ids, r->answer.id_n, "d2 d4");
    expect(r, "middleware", DELIVERY_RECOVERY, (35 * H + 30) / 4, 4);
}

/* Pairs of commit and image in any environment. web: c1 24, c2 22, c3 20 and 19.5 (staging), c4 1
 * and 144 (rollback), c5 -2 h: mean 228.5/7; api: 24. Incidents by deployments: web 4 of 6, api 1
 * of 1. Lengths: web 1 h, 3 h 30 s, 25 h; api 6 h. */
static void pelorus(void **state)
{
    struct room *r = *state;
    expect(r, "pelorus", DELIVERY_LEAD_TIME, (228.5 / 7 + 24) / 2 * H, 8);
    expect(r, "pelorus", DELIVERY_FREQUENCY, .6, 6);
    expect(r, "pelorus", DELIVERY_FAIL_RATE, (4. / 6 + 1) / 2, 7);
    expect(r, "pelorus", DELIVERY_RECOVERY, ((29 * H + 30) / 3 + 6 * H) / 2, 4);
}

/* From d1 to d6 are 8 days and 1 h. */
static void cdviz(void **state)
{
    struct room *r = *state;
    expect(r, "cdviz", DELIVERY_LEAD_TIME, NAN, 0);
    assert_int_equal(r->answer.excluded[REASON_NO_START], 6);
    expect(r, "cdviz", DELIVERY_FREQUENCY, .75, 6);
    expect(r, "cdviz", DELIVERY_FAIL_RATE, 1. / 6, 6);
    expect(r, "cdviz", DELIVERY_RECOVERY, (3 * H + 30 + 6 * H) / 2, 4);
    r->q.to = at(3, 0, 0);
    expect(r, "cdviz", DELIVERY_FREQUENCY, NAN, 0); /* one deployment */
}

/* Merged to deployed: 2 1 1 1 h. */
static void gitlab(void **state)
{
    struct room *r = *state;
    expect(r, "gitlab", DELIVERY_LEAD_TIME, 1 * H, 4);
    expect(r, "gitlab", DELIVERY_FREQUENCY, .6, 6);
    expect(r, "gitlab", DELIVERY_FAIL_RATE, 5. / 6, 6);
    expect(r, "gitlab", DELIVERY_RECOVERY, (3 * H + 30 + 6 * H) / 2, 4);
}

static void same(const struct delivery_answer *a, const struct delivery_answer *b)
{
    assert_true(a->value == b->value || (isnan(a->value) && isnan(b->value)));
    assert_true(a->n == b->n && a->hits == b->hits && a->censored == b->censored);
    assert_memory_equal(a->excluded, b->excluded, sizeof a->excluded);
    assert_int_equal(a->sample_n, b->sample_n);
    assert_int_equal(a->id_n, b->id_n);
    for (size_t i = 0; i < a->id_n; i++) {
        assert_true(str_eq(a->ids[i], b->ids[i]));
    }
}

/* In whatever order facts come, and in however many parts, every rule says the same. */
static void merges_in_any_order(void **state)
{
    struct room *r = *state;
    uint64_t rng = 7;
    for (int round = 0; round < 20; round++) {
        struct delivery parts[3] = {0}, *whole = &parts[2];
        for (size_t i = r->d.deployments.n; i-- > 0;) {
            struct delivery *part = &parts[rng_below(&rng, 3)];
            VEC_ADD(&part->deployments, r->d.deployments.v[i]);
        }
        for (size_t i = 0; i < r->d.commits.n; i++) {
            struct delivery *part = &parts[rng_below(&rng, 3)];
            VEC_ADD(&part->commits, r->d.commits.v[i]);
        }
        for (size_t i = r->d.incidents.n; i-- > 0;) {
            struct delivery *part = &parts[rng_below(&rng, 3)];
            VEC_ADD(&part->incidents, r->d.incidents.v[i]);
        }
        parts[0].told = TOLD_DEPLOYMENTS | TOLD_KIND;
        parts[1].told = TOLD_CHANGES | TOLD_INCIDENTS;
        delivery_sort(whole); /* also when one was asked before */
        delivery_merge(whole, &parts[round % 2]);
        delivery_merge(whole, &parts[1 - round % 2]);
        for (size_t i = 0; delivery_rule_at(i) != NULL; i++) {
            for (int m = 0; m < DELIVERY_METRICS; m++) {
                struct delivery_answer one;
                ask(r, delivery_rule_name(delivery_rule_at(i)), (enum delivery_metric)m);
                delivery_measure(whole, &r->q, &r->a, &one);
                same(&r->answer, &one);
            }
        }
        for (size_t i = 0; i < 3; i++) {
            delivery_finish(&parts[i]);
        }
    }
}

/* What nobody tells of is not measurable; what is told of and is not there is none of it. */
static void tells_none_from_unknown(void **state)
{
    struct room *r = *state;
    r->d.incidents.n = 0;
    r->d.sorted = false;
    r->d.told &= ~(unsigned)TOLD_INCIDENTS;
    expect(r, "weir", DELIVERY_FAIL_RATE, NAN, 0);
    assert_string_equal(r->answer.note, "no incidents are told of");
    expect(r, "middleware", DELIVERY_FAIL_RATE, NAN, 0);
    expect(r, "gitlab", DELIVERY_RECOVERY, NAN, 0);
    expect(r, "cdviz", DELIVERY_FAIL_RATE, 1. / 6, 6); /* looks at rollbacks alone */
    r->d.told |= TOLD_INCIDENTS;
    expect(r, "weir", DELIVERY_FAIL_RATE, 1. / 6, 6); /* d5, rolled back */
    expect(r, "dora", DELIVERY_FAIL_RATE, 0, 6);
    expect(r, "weir", DELIVERY_RECOVERY, NAN, 0);
    r->d.told &= ~(unsigned)TOLD_KIND;
    expect(r, "weir", DELIVERY_REWORK, NAN, 0);
    r->d.told = TOLD_DEPLOYMENTS;
    expect(r, "weir", DELIVERY_LEAD_TIME, NAN, 0);
    expect(r, "weir", DELIVERY_FREQUENCY, .6, 6);
    r->d.told = 0;
    expect(r, "weir", DELIVERY_FREQUENCY, NAN, 0);
}

static void links_that_lead_nowhere(void **state)
{
    struct room *r = *state;
    r->d.incidents.v[1].caused_by = STR("d99"); /* stated, unknown: nobody else is blamed */
    r->d.incidents.v[2].caused_by = STR("s1");  /* no production */
    r->d.commits.v[0].deployment = STR("d99");  /* d1 names it itself */
    expect(r, "weir", DELIVERY_FAIL_RATE, 3. / 6, 6);
    expect_ids(r->answer.ids, r->answer.id_n, "d2 d4 d5");
    expect_ids(r->answer.unlinked, r->answer.unlinked_n, "i0 i1");
    assert_int_equal(r->answer.dangling, 1);
    expect(r, "weir", DELIVERY_RECOVERY, 68 * H, 1);
    assert_int_equal(r->answer.excluded[REASON_NOT_PRODUCTION], 1);
    expect(r, "weir", DELIVERY_LEAD_TIME, 22 * H, 5);
    assert_int_equal(r->answer.dangling, 1);
    assert_int_equal(r->answer.by_rule[LINK_SHA], 1);
}

static void services_that_are_not_told(void **state)
{
    struct room *r = *state;
    for (size_t i = 0; i < r->d.incidents.n; i++) {
        r->d.incidents.v[i].service = (str){0};
    }
    expect(r, "weir", DELIVERY_FAIL_RATE, 4. / 6, 6);
}

static void rhythm(void **state)
{
    struct room *r = *state;
    struct delivery_rhythm w;
    delivery_rhythm(&r->d, &r->q, &r->a, &w);
    assert_int_equal(w.n, 3);
    assert_int_equal(w.weeks[0].begin, at(-5, 0, 0)); /* 23 February */
    assert_true(w.weeks[0].partial && !w.weeks[1].partial && w.weeks[2].partial);
    assert_int_equal(w.weeks[0].count, 0);
    assert_int_equal(w.weeks[1].count, 4);
    assert_int_equal(w.weeks[1].days, 4);
    assert_int_equal(w.weeks[2].count, 2);
    assert_int_equal(w.weeks[2].days, 1);
    assert_true(w.median_days == 4);   /* of the whole week */
    assert_true(w.median_hours == 24); /* 24 26 22 120 1 */
    /* in Berlin the last Sunday of March has 23 hours, and its week 167 */
    struct zone *zone = NULL;
    assert_int_equal(zone_open(STR("Europe/Berlin"), &zone, NULL), OK);
    when monday = delivery_floor(zone, at(29, 12, 0), BUCKET_WEEK);
    assert_int_equal(monday, at(22, 23, 0));
    assert_int_equal(delivery_next(zone, monday, BUCKET_WEEK) - monday, 167 * HOUR);
    when month = delivery_floor(zone, at(29, 12, 0), BUCKET_MONTH);
    assert_int_equal(delivery_next(zone, month, BUCKET_MONTH) - month, 31 * DAY - HOUR);
    when day = delivery_floor(zone, at(29, 12, 0), BUCKET_DAY);
    assert_int_equal(delivery_next(zone, day, BUCKET_DAY) - day, 23 * HOUR);
    zone_close(zone);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(weir),
        TEST(weir_links_are_told),
        TEST(weir_stages_sum),
        TEST(weir_parameters),
        TEST(weir_windows),
        TEST(weir_services),
        TEST(dora),
        TEST(devlake),
        TEST(devlake_seeds),
        TEST(fourkeys),
        TEST(middleware),
        TEST(pelorus),
        TEST(cdviz),
        TEST(gitlab),
        TEST(merges_in_any_order),
        TEST(tells_none_from_unknown),
        TEST(links_that_lead_nowhere),
        TEST(services_that_are_not_told),
        TEST(rhythm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
