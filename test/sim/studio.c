/* The studio against what is said of it: the events alone, read again, give the truth that it
 * counted, and the truth moves as the model says when a parameter is changed. */
#include "sim/studio.h"

#include "base/buf.h"
#include "base/zone.h"

#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN_EVENTS 15878
#define GOLDEN_SUM "fd43ac75395e604c2b967651df32b63a"

static struct studio_model built_in(void)
{
    struct studio_model m;
    json_error_t wrong;
    json_t *json = json_load_file(FIXTURES "/../../demo/studio.json", 0, &wrong);
    assert_non_null(json);
    for (size_t i = 0; studio_parameter(i) != NULL; i++) {
        const char *name = studio_parameter(i), *dot = strchr(name, '.');
        char group[32];
        snprintf(group, sizeof group, "%.*s", dot != NULL ? (int)(dot - name) : 0, name);
        const json_t *value = dot != NULL ? json_object_get(json_object_get(json, group), dot + 1)
                                          : json_object_get(json, name);
        if (!json_is_number(value)) {
            fail_msg("%s is not in the model", name);
        }
        *studio_parameter_of(&m, i) = json_number_value(value);
    }
    json_decref(json);
    return m;
}

static struct studio made(const struct studio_model *m)
{
    struct error why = {0};
    struct studio s;
    if (studio_check(m, &why) != OK || studio_make(m, &s, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return s;
}

/* The first n events as text. */
static id128 sum_of(const struct studio *s, size_t n)
{
    struct buf b = {0};
    for (size_t i = 0; i < n; i++) {
        const struct studio_event *e = &s->events.v[i];
        buf_addf(&b, "%lld %s %s %s " STR_FMT " %s " STR_FMT " %d " STR_FMT "\n",
                 (long long)e->time, e->type, e->activity, e->item_type, STR_ARG(e->key),
                 e->team != NULL ? e->team : "-", STR_ARG(e->actor), e->life, STR_ARG(e->attrs));
        for (uint32_t k = 0; k < e->n; k++) {
            const struct studio_reference *r = &s->references.v[e->first + k];
            buf_addf(&b, "  %s %s " STR_FMT "\n", r->type, r->qualifier, STR_ARG(r->key));
        }
    }
    id128 sum = id128_of(b.p, b.n);
    buf_finish(&b);
    return sum;
}

static bool is_same(id128 a, id128 b)
{
    return a.hi == b.hi && a.lo == b.lo;
}

static void *sum_in_thread(void *ret)
{
    struct studio_model m = built_in();
    struct studio s = made(&m);
    *(id128 *)ret = sum_of(&s, s.events.n);
    studio_finish(&s);
    return NULL;
}

/* The same bytes in every run, alone and beside others; the sums are golden: a change of the model
 * or the generator shows here. */
static void is_deterministic(void **state)
{
    (void)state;
    enum { THREADS = 4 };
    struct studio_model m = built_in();
    struct studio s = made(&m);
    id128 sum = sum_of(&s, s.events.n), others[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, sum_in_thread, &others[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_true(is_same(sum, others[i]));
    }
    char text[40];
    snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)sum.hi,
             (unsigned long long)sum.lo);
    assert_int_equal(s.events.n, GOLDEN_EVENTS);
    assert_string_equal(text, GOLDEN_SUM);
    m.seed++;
    struct studio other = made(&m);
    assert_false(is_same(sum, sum_of(&other, other.events.n)));
    studio_finish(&other);
    studio_finish(&s);
}

/* Fewer months are a beginning of more. */
static void grows(void **state)
{
    (void)state;
    struct studio_model m = built_in();
    struct studio whole = made(&m);
    for (int months = 1; months < (int)m.months; months += 4) {
        struct studio_model part = m;
        part.months = months;
        struct studio s = made(&part);
        assert_true(s.events.n > 0 && s.events.n < whole.events.n);
        assert_true(whole.events.v[s.events.n].time >= s.end);
        assert_true(is_same(sum_of(&s, s.events.n), sum_of(&whole, s.events.n)));
        studio_finish(&s);
    }
    studio_finish(&whole);
}

/* --- read again ------------------------------------------------------------------------------ */

enum { ISSUES = 4000, CHANGES = 4000 };

struct seen { /* of an issue */
    when created, ready, tested, ended;
    bool rejected, done;
    uint32_t tests;
};

struct reading {
    struct seen issues[ISSUES];
    uint32_t issue_of[CHANGES];
    uint64_t created, rejected, closed, deployed, releases, incidents, resolved, flags, migrations;
    uint64_t runs[LIFE_STATUS + 1];
    lapse lead;
};

static uint32_t number_of(str key, char before)
{
    size_t at = key.n;
    while (at > 0 && key.p[at - 1] != before) {
        at--;
    }
    int64_t n = 0;
    assert_true(str_to_i64(str_from(key, at), &n) && n > 0 && n < ISSUES);
    return (uint32_t)n;
}

static void read_status(struct reading *r, const struct studio_event *e)
{
    struct seen *i = &r->issues[number_of(e->key, '-')];
    assert_true(i->created != 0 && !i->rejected && !i->done);
    if (strcmp(e->activity, "Ready for QA") == 0) {
        i->ready = e->time;
    } else if (strcmp(e->activity, "In test") == 0) {
        assert_true(i->ready != 0 && i->ready <= e->time);
        i->tested = e->time;
        i->tests++;
    } else if (strcmp(e->activity, "Rejected") == 0) {
        i->rejected = true;
        r->rejected++;
    } else if (strcmp(e->activity, "Done") == 0) {
        i->done = true;
        r->closed += i->ended == 0;
        assert_true(i->ended == 0 || e->time - i->ended == MINUTE);
    }
}

static bool says(str attrs, const char *part)
{
    return str_find(attrs, str_of(part)) < attrs.n;
}

static void read_deployment(struct reading *r, const struct studio *s, const struct studio_event *e)
{
    if (!says(e->attrs, "\"environment\":\"production\"") ||
        !says(e->attrs, "\"outcome\":\"success\"")) {
        return;
    }
    r->releases += says(e->attrs, "\"kind\":\"release\"");
    for (uint32_t k = 0; k < e->n; k++) {
        uint32_t issue = r->issue_of[number_of(s->references.v[e->first + k].key, ':')];
        assert_true(issue > 0 && r->issues[issue].ended == 0);
        r->issues[issue].ended = e->time;
        r->lead += e->time - r->issues[issue].created;
        r->deployed++;
    }
}

static struct reading *read_again(const struct studio *s)
{
    struct reading *r = calloc(1, sizeof *r);
    assert_non_null(r);
    for (size_t k = 0; k < s->events.n; k++) {
        const struct studio_event *e = &s->events.v[k];
        assert_true(e->time >= s->begin && e->time < s->end);
        assert_true(k == 0 || s->events.v[k - 1].time <= e->time);
        if (strcmp(e->type, "issue.created") == 0) {
            struct seen *i = &r->issues[number_of(e->key, '-')];
            assert_int_equal(i->created, 0);
            i->created = e->time;
            r->created++;
        } else if (strcmp(e->type, "issue.status") == 0) {
            read_status(r, e);
        } else if (strcmp(e->type, "change.created") == 0) {
            assert_string_equal(s->references.v[e->first].type, "issue");
            r->issue_of[number_of(e->key, ':')] = number_of(s->references.v[e->first].key, '-');
        } else if (strcmp(e->type, "deployment") == 0) {
            read_deployment(r, s, e);
        } else if (strcmp(e->type, "run") == 0) {
            r->runs[e->life]++;
        } else if (strcmp(e->type, "incident") == 0) {
            r->incidents += strcmp(e->activity, "created") == 0;
            r->resolved += strcmp(e->activity, "resolved") == 0;
        }
        r->flags += strcmp(e->type, "flag.flipped") == 0;
        r->migrations += strcmp(e->type, "migration") == 0;
    }
    return r;
}

/* Every issue is open, answered, rejected or deployed, and the parts of the lead time sum to it to
 * the microsecond. */
static void is_conserved(void **state)
{
    (void)state;
    struct studio_model m = built_in();
    for (int seed = 0; seed < 5; seed++) {
        m.seed = seed;
        struct studio s = made(&m);
        const struct studio_truth *t = &s.truth;
        struct reading *r = read_again(&s);
        assert_int_equal(r->created, t->issues);
        assert_int_equal(r->deployed, t->deployed);
        assert_int_equal(r->rejected, t->rejected);
        assert_int_equal(r->closed, t->answered);
        assert_int_equal(r->releases,
                         t->trains - (r->releases < t->trains)); /* one is on its way */
        assert_int_equal(r->incidents, t->incidents);
        assert_true(r->resolved <= r->incidents && r->resolved + 1 >= r->incidents);
        assert_int_equal(t->open + t->answered + t->rejected + t->deployed, t->issues);
        assert_true(t->waiting_for_qa < t->open);
        assert_int_equal(r->runs[LIFE_COMPLETE], t->builds);
        assert_true(r->runs[LIFE_SCHEDULE] >= r->runs[LIFE_START] &&
                    r->runs[LIFE_START] >= r->runs[LIFE_COMPLETE]);
        lapse sum = 0;
        for (int p = 0; p < STUDIO_PARTS; p++) {
            assert_true(t->parts[p] > 0);
            sum += t->parts[p];
        }
        assert_int_equal(sum, t->lead);
        assert_int_equal(r->lead, t->lead);
        assert_int_equal(r->flags, 1);
        assert_int_equal(r->migrations, 1);
        free(r);
        studio_finish(&s);
    }
}

/* --- QA and the trains as put in --- */

static void tests_in_rounds(void **state)
{
    (void)state;
    struct studio_model m = built_in();
    struct studio s = made(&m);
    struct error why;
    struct zone *berlin = NULL;
    assert_int_equal(zone_open(STR("Europe/Berlin"), &berlin, &why), OK);
    static when ready[ISSUES], tested[ISSUES];
    memset(ready, 0, sizeof ready);
    memset(tested, 0, sizeof tested);
    when last_ready = 0, round = 0;
    uint64_t entered = 0, here = 0, busy = 0;
    for (size_t k = 0; k < s.events.n; k++) {
        const struct studio_event *e = &s.events.v[k];
        if (strcmp(e->item_type, "issue") != 0 || strcmp(e->type, "issue.status") != 0) {
            continue;
        }
        uint32_t i = number_of(e->key, '-');
        if (strcmp(e->activity, "Ready for QA") == 0) {
            ready[i] = e->time;
        } else if (strcmp(e->activity, "In test") == 0) {
            when local = e->time + zone_offset(berlin, e->time);
            assert_int_equal(clock_weekday(local), 0);
            assert_int_equal(local % DAY, 9 * HOUR);
            assert_true(last_ready <= ready[i]); /* first come, first served */
            assert_string_equal(e->team, "qa");
            last_ready = ready[i];
            here = e->time == round ? here + 1 : 1;
            busy += here == 1;
            round = e->time;
            tested[i] = e->time;
            entered++;
            assert_true(here <= (uint64_t)m.qa.items_per_round);
        } else if (strcmp(e->activity, "Ready") == 0 && tested[i] != 0) { /* sent back */
            assert_true(e->time - tested[i] >= WEEK - HOUR);
        }
    }
    const struct studio_truth *t = &s.truth;
    assert_true(busy <= t->rounds && busy + 5 > t->rounds);
    assert_int_equal(t->places, t->rounds * (uint64_t)m.qa.items_per_round);
    assert_true(entered <= t->taken && t->taken <= t->places);
    assert_true((double)t->taken > .95 * (double)t->places); /* always full, */
    assert_true(t->qa_full_since != WHEN_NONE && t->qa_full_since < s.begin + 26 * WEEK);
    assert_true(t->waiting_for_qa > 3 * (uint64_t)m.qa.items_per_round); /* and ever more wait */
    double back = (double)t->sent_back / (double)entered;
    assert_true(back > m.qa.sent_back - .05 && back < m.qa.sent_back + .05);
    double red = (double)t->red / (double)t->builds;
    assert_true(red > m.build.red - .03 && red < m.build.red + .03);
    zone_close(berlin);
    studio_finish(&s);
}

static void leaves_by_train(void **state)
{
    (void)state;
    struct studio_model m = built_in();
    struct studio s = made(&m);
    when last = 0;
    size_t trains = 0;
    for (size_t k = 0; k < s.events.n; k++) {
        const struct studio_event *e = &s.events.v[k];
        if (strcmp(e->type, "deployment") == 0 && says(e->attrs, "staging")) {
            int days = (int)((e->time - last) / DAY);
            bool quarterly = trains < 4;
            assert_int_equal(clock_weekday(e->time), 1);
            assert_true(trains == 0 ||
                        (quarterly ? days >= 84 && days <= 98 : days >= 27 && days <= 36));
            last = e->time;
            trains++;
        }
    }
    assert_int_equal(trains, s.truth.trains);
    assert_int_equal(trains, 9); /* months 3, 6, 9, 12, then 13 … 17 */
    studio_finish(&s);
}

static double mean_lead(const struct studio_model *m)
{
    double lead = 0, n = 0;
    struct studio_model other = *m;
    for (int seed = 20; seed < 26; seed++) {
        other.seed = seed;
        struct studio s = made(&other);
        lead += (double)s.truth.lead;
        n += (double)s.truth.deployed;
        studio_finish(&s);
    }
    return lead / n;
}

/* What was put in holds when it is tried: more places in QA, and trains more often, make the lead
 * time much shorter; more of anybody else does not. */
static void is_held_back_by_qa_and_trains(void **state)
{
    (void)state;
    const struct studio_model m = built_in();
    double as_is = mean_lead(&m);
    struct studio_model wider = m, faster = m, both = m;
    wider.qa.items_per_round *= 1.5;
    faster.release.months_between = 1;
    both.qa.items_per_round *= 1.5;
    both.release.months_between = 1;
    assert_true(mean_lead(&wider) < .8 * as_is);
    assert_true(mean_lead(&faster) < .9 * as_is);
    assert_true(mean_lead(&both) < .5 * as_is);
    static const char *const OTHERS[] = {"product.people", "development.people", "build.runners",
                                         "security.people", "operations.people"};
    for (size_t k = 0; k < sizeof OTHERS / sizeof *OTHERS; k++) {
        struct studio_model other = m;
        size_t i = 0;
        while (strcmp(studio_parameter(i), OTHERS[k]) != 0) {
            i++;
        }
        *studio_parameter_of(&other, i) *= 2;
        double lead = mean_lead(&other);
        assert_true(lead > .95 * as_is && lead < 1.05 * as_is);
    }
}

static void is_checked(void **state)
{
    (void)state;
    struct error why;
    struct studio_model m = built_in();
    assert_int_equal(studio_check(&m, &why), OK);
    m.qa.items_per_round = 7.5;
    assert_int_equal(studio_check(&m, &why), FAIL);
    assert_string_equal(why.text, "qa.items_per_round is 7.5, but must be a whole number");
    m = built_in();
    m.months = 61;
    assert_int_equal(studio_check(&m, &why), FAIL);
    m = built_in();
    m.build.red = (double)NAN;
    assert_int_equal(studio_check(&m, &why), FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_deterministic), cmocka_unit_test(grows),
        cmocka_unit_test(is_conserved),     cmocka_unit_test(tests_in_rounds),
        cmocka_unit_test(leaves_by_train),  cmocka_unit_test(is_held_back_by_qa_and_trains),
        cmocka_unit_test(is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
