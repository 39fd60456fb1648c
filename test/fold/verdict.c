#include "fold/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fold/network.h"
#include "near.h"

struct asked {
    struct names names;
    struct traces traces;
    struct evidence_summary summary;
    struct verdict v;
};

static void ask(struct asked *a, const struct net *net, const struct flow *flow)
{
    *a = (struct asked){.summary = {.flow = flow}};
    net_names(&a->names, 1);
    net_run(net, &a->traces);
    FOLD_EVIDENCE.step(&a->summary, &a->traces);
    verdict_of(&a->summary, &a->names, OBJECTIVE_LEAD_TIME, 1, &a->v);
}

static void forget(struct asked *a)
{
    verdict_finish(&a->v);
    FOLD_EVIDENCE.finish(&a->summary);
    traces_finish(&a->traces);
    names_finish(&a->names);
}

/* Four stages with two people each; arrivals every two hours, so that a mean service of s hours
 * uses a pool s / 4. */
static struct net four_stages(double a, double b, double c, double d, uint64_t seed)
{
    return (struct net){
        .stage_n = 4,
        .stages = {{1, 0, 4 * a, 0, 0},
                   {2, 1, 4 * b, 0, 0},
                   {3, 2, 4 * c, 0, 0},
                   {4, 3, 4 * d, 0, 0}},
        .people = {2, 2, 2, 2},
        .gap = 2,
        .items = 1500,
        .seed = seed,
    };
}

static const struct verdict_stage *stage_of(const struct verdict *v, sym stage)
{
    for (size_t i = 0; i < v->stage_n; i++) {
        if (v->stages[i].stage == stage) {
            return &v->stages[i];
        }
    }
    return NULL;
}

static void assert_text(str is, const char *wanted)
{
    if (!str_eq(is, str_of(wanted))) {
        print_error("is:     " STR_FMT "\nwanted: %s\n", STR_ARG(is), wanted);
    }
    assert_true(str_eq(is, str_of(wanted)));
}

static bool says(const struct verdict_stage *s, const char *part)
{
    for (size_t i = 0; i < s->evidence_n; i++) {
        if (str_find(s->evidence[i], str_of(part)) < s->evidence[i].n) {
            return true;
        }
    }
    return false;
}

static void names_the_busy_pool(void **state)
{
    (void)state;
    int right = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        static const double USED[4][4] = {
            {.9, .5, .5, .5}, {.5, .9, .5, .5}, {.5, .5, .9, .5}, {.5, .5, .5, .9}};
        const double *u = USED[seed % 4];
        struct net net = four_stages(u[0], u[1], u[2], u[3], seed);
        struct asked a;
        ask(&a, &net, NULL);
        assert_int_equal(a.v.evidence.indicator, INDICATOR_UTILISATION);
        assert_int_equal(a.v.evidence.place_n, 4);
        right += a.v.word == VERDICT_LIKELY && a.v.stage == seed % 4 + 1;
        const struct verdict_stage *s = stage_of(&a.v, (sym)(seed % 4 + 1));
        assert_true(s->utilisation.known);
        assert_near(s->utilisation.value, .9, .1);
        assert_true(s->utilisation.low < s->utilisation.value &&
                    s->utilisation.value < s->utilisation.high);
        forget(&a);
    }
    assert_true(right >= 9);
}

static void speaks_in_fixed_sentences(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .5, .9, .5, 3);
    struct asked a;
    ask(&a, &net, NULL);
    assert_string_equal(verdict_word(a.v.word), "likely");
    assert_near(a.v.probability, .82, 1e-9); /* capped */
    assert_text(a.v.reason, "qa most likely holds everything back (the method is right in 8 of 10 "
                            "known cases).");
    assert_true(str_starts(a.v.throughput.sentence, STR("Throughput limit: qa, ")));
    const struct verdict_stage *qa = stage_of(&a.v, 3);
    assert_true(says(qa, "items wait before qa."));
    assert_true(says(qa, "release after it is idle"));
    assert_true(says(qa, "has the longest such stretch"));
    double shares = 0;
    double probabilities = 0;
    for (size_t i = 0; i < a.v.stage_n; i++) {
        shares += a.v.stages[i].share_of_lead;
        probabilities += a.v.stages[i].probability;
        static const char *const NEVER[] = {"bottleneck", "root cause", "slowest", "to blame"};
        for (size_t k = 0; k < a.v.stages[i].evidence_n; k++) {
            for (size_t w = 0; w < 4; w++) {
                str s = a.v.stages[i].evidence[k];
                assert_int_equal(str_find(s, str_of(NEVER[w])), s.n);
            }
        }
    }
    assert_near(shares, 1, 1e-9); /* the log has no gaps */
    assert_true(probabilities <= 1);
    forget(&a);
}

static void says_no_single_constraint_of_equals(void **state)
{
    (void)state;
    int single = 0;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct net net = four_stages(.5, .85, .85, .5, 100 + seed);
        struct asked a;
        ask(&a, &net, NULL);
        single += a.v.word == VERDICT_LIKELY;
        if (a.v.word == VERDICT_NO_SINGLE_CONSTRAINT) {
            assert_int_equal(a.v.stage, 0);
            assert_true(a.v.candidate_n >= 2);
            assert_true(str_starts(a.v.reason, STR("No single constraint: ")));
            for (size_t i = 0; i < 2; i++) { /* the two are named, not the others */
                str name = a.v.places[a.v.candidates[i]].name;
                assert_true(str_eq(name, STR("review")) || str_eq(name, STR("qa")));
            }
        }
        forget(&a);
    }
    assert_true(single <= 1);
}

static void names_a_release_train(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .6, .5, .5, 7);
    net.stages[3] = (struct net_stage){4, 3, 0, 30 * 24, 0};
    net.items = 3000;
    struct asked a;
    ask(&a, &net, NULL);
    assert_int_equal(a.v.word, VERDICT_LIKELY);
    assert_int_equal(a.v.stage, 4);
    assert_int_equal(a.v.places[a.v.leader].kind, PLACE_GATE);
    assert_text(a.v.reason, "release (release cadence) most likely holds everything back (the "
                            "method is right in 8 of 10 known cases).");
    const struct verdict_stage *s = stage_of(&a.v, 4);
    assert_near(s->batch->period, 30.0 * DAY, .001 * DAY);
    assert_near(s->batch->price, 15.0 * DAY, 1.0 * DAY); /* half a period */
    assert_true(says(s, "release lets items through every 30.0 d"));
    forget(&a);
}

/* Only what hands over is a release: another stage that lets items through in batches says so. */
static void calls_a_gate_what_it_is(void **state)
{
    (void)state;
    static const struct {
        const char *stage, *lever;
    } cases[] = {
        {"release", "release cadence"},    {"Released to customer", "release cadence"},
        {"deployment", "release cadence"}, {"the train", "release cadence"},
        {"W_Rollout", "release cadence"},  {"approval", "batches"},
        {"training", "batches"},           {"prerelease check", "batches"},
        {"distributor", "batches"},
    };
    struct net net = four_stages(.5, .6, .5, .5, 7);
    net.stages[3] = (struct net_stage){4, 3, 0, 30 * 24, 0};
    net.items = 3000;
    struct asked a;
    ask(&a, &net, NULL);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct names names = {0};
        names_init(&names);
        static const char *const OTHERS[] = {"dev", "review", "qa"};
        for (size_t k = 0; k < 3; k++) {
            (void)names_sym(&names, str_of(OTHERS[k]));
        }
        assert_int_equal(names_sym(&names, str_of(cases[i].stage)), 4);
        for (sym k = 5; k < a.names.text.n; k++) { /* the people */
            (void)names_sym(&names, names_text(&a.names, k));
        }
        struct verdict v;
        verdict_of(&a.summary, &names, OBJECTIVE_LEAD_TIME, 1, &v);
        assert_int_equal(v.word, VERDICT_LIKELY);
        assert_text(v.places[v.leader].lever, cases[i].lever);
        char name[80];
        (void)snprintf(name, sizeof name, "%s (%s)", cases[i].stage, cases[i].lever);
        assert_text(v.places[v.leader].name, name);
        verdict_finish(&v);
        names_finish(&names);
    }
    forget(&a);
}

/* On a working clock sentences speak of working days, and throughput still of weeks. */
static lapse a_third(const void *calendar, when from, when to)
{
    (void)calendar;
    return (to - from) / 3;
}

static void speaks_of_working_days(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .6, .5, .5, 7);
    net.stages[3] = (struct net_stage){4, 3, 0, 30 * 24, 0};
    net.items = 3000;
    struct asked wall, work;
    const struct flow flow = {.open = a_third, .day = 8 * HOUR};
    ask(&wall, &net, NULL);
    ask(&work, &net, &flow);
    assert_true(says(stage_of(&wall.v, 4), "release lets items through every 30.0 d"));
    assert_true(
        says(stage_of(&work.v, 4), "release lets items through every 30.0 d (wall clock), "));
    assert_true(wall.v.throughput.known && work.v.throughput.known);
    double ratio = work.v.throughput.limit_per_week / wall.v.throughput.limit_per_week;
    assert_near(ratio, wall.v.throughput.utilisation / work.v.throughput.utilisation, 1e-9);
    forget(&wall);
    forget(&work);
}

static void takes_a_timer_for_a_place_of_its_own(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .6, .5, .5, 8);
    net.stages[3] = (struct net_stage){4, 3, 0, 0, 7 * 24};
    struct asked a;
    ask(&a, &net, NULL);
    const struct verdict_stage *s = stage_of(&a.v, 4);
    assert_int_equal(s->batch->kind, BATCH_TIMER);
    assert_near(s->batch->length, 7.0 * DAY, .05 * DAY);
    assert_int_equal(a.v.word, VERDICT_LIKELY);
    assert_text(a.v.reason, "release (timer) most likely holds everything back (the method is "
                            "right in 8 of 10 known cases).");
    forget(&a);
}

static void reads_waits_without_people_and_time_without_starts(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .5, .92, .5, 9);
    net.hide_people = true;
    struct asked a;
    ask(&a, &net, NULL);
    assert_int_equal(a.v.evidence.indicator, INDICATOR_WAIT);
    assert_int_equal(a.v.word, VERDICT_LIKELY);
    assert_int_equal(a.v.stage, 3);
    assert_near(a.v.probability, .77, 1e-9);
    assert_false(stage_of(&a.v, 3)->utilisation.known);
    assert_text(a.v.throughput.sentence,
                "Throughput limit not known: the log does not tell who worked when.");
    struct verdict through;
    verdict_of(&a.summary, &a.names, OBJECTIVE_THROUGHPUT, 1, &through);
    assert_int_equal(through.word, VERDICT_NOT_IDENTIFIABLE);
    assert_true(str_starts(through.reason, STR("Not identifiable: qa holds ")));
    verdict_finish(&through);
    forget(&a);
    net.hide_starts = true;
    ask(&a, &net, NULL);
    assert_int_equal(a.v.evidence.indicator, INDICATOR_TIME);
    assert_int_equal(a.v.stage, 3);
    assert_near(a.v.probability, .68, 1e-9);
    assert_true(str_ends(a.v.reason, STR("(the method is right in 7 of 10 known cases).")));
    forget(&a);
}

/* Two stages served by the same two people are one place, found from the people or told. */
static void joins_stages_of_the_same_people(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .45, .5, .45, 10);
    net.stages[3].pool = 1; /* review and release */
    struct asked a;
    ask(&a, &net, NULL);
    assert_int_equal(a.v.evidence.place_n, 3);
    assert_int_equal(a.v.word, VERDICT_LIKELY);
    const struct verdict_place *p = &a.v.places[a.v.leader];
    assert_true(str_eq(p->name, STR("review + release")) ||
                str_eq(p->name, STR("release + review")));
    assert_near(p->utilisation.value, .9, .1);
    assert_near(p->people, 2, .05);
    assert_near(stage_of(&a.v, 2)->probability, stage_of(&a.v, 4)->probability, 0);
    forget(&a);
    const sym stages[] = {2, 4};
    sym named = 599; /* "p599" */
    const struct flow_pool pool = {named, stages, 2, 3};
    const struct flow flow = {.pools = &pool, .pool_n = 1};
    ask(&a, &net, &flow);
    assert_int_equal(a.v.evidence.place_n, 3);
    p = &a.v.places[stage_of(&a.v, 2)->place];
    assert_text(p->name, "p599");
    assert_near(p->utilisation.value, .6, .07); /* three people as told */
    forget(&a);
}

static void needs_thirty_finished_items(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .5, .9, .5, 11);
    net.items = 29;
    struct asked a;
    ask(&a, &net, NULL);
    assert_int_equal(a.v.word, VERDICT_TOO_FEW);
    assert_int_equal(a.v.stage, 0);
    assert_text(a.v.reason, "Too few: 29 finished items, 30 needed.");
    forget(&a);
    struct names names;
    net_names(&names, 1);
    struct evidence_summary nothing = {0};
    struct verdict v;
    verdict_of(&nothing, &names, OBJECTIVE_LEAD_TIME, 1, &v);
    assert_text(v.reason, "Too few: 0 finished items, 30 needed.");
    assert_int_equal(v.stage_n, 0);
    verdict_finish(&v);
    names_finish(&names);
}

static void draws_runs_of_items_from_a_short_log(void **state)
{
    (void)state;
    struct net net = four_stages(.5, .5, .9, .5, 12);
    net.items = 500; /* six weeks */
    struct asked a;
    ask(&a, &net, NULL);
    assert_false(a.v.evidence.weekly);
    assert_int_equal(a.v.evidence.block_n, 20);
    assert_int_equal(a.v.stage, 3);
    forget(&a);
}

static void is_the_same_for_the_same_seed(void **state)
{
    (void)state;
    struct net net = four_stages(.6, .8, .85, .5, 13);
    struct asked a;
    struct verdict again;
    ask(&a, &net, NULL);
    verdict_of(&a.summary, &a.names, OBJECTIVE_LEAD_TIME, 1, &again);
    assert_true(str_eq(a.v.reason, again.reason));
    for (size_t p = 0; p < a.v.place_n; p++) {
        assert_true(a.v.places[p].leads == again.places[p].leads);
        assert_true(a.v.places[p].utilisation.low == again.places[p].utilisation.low);
    }
    verdict_finish(&again);
    forget(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_the_busy_pool),
        cmocka_unit_test(speaks_in_fixed_sentences),
        cmocka_unit_test(says_no_single_constraint_of_equals),
        cmocka_unit_test(names_a_release_train),
        cmocka_unit_test(calls_a_gate_what_it_is),
        cmocka_unit_test(speaks_of_working_days),
        cmocka_unit_test(takes_a_timer_for_a_place_of_its_own),
        cmocka_unit_test(reads_waits_without_people_and_time_without_starts),
        cmocka_unit_test(joins_stages_of_the_same_people),
        cmocka_unit_test(needs_thirty_finished_items),
        cmocka_unit_test(draws_runs_of_items_from_a_short_log),
        cmocka_unit_test(is_the_same_for_the_same_seed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
