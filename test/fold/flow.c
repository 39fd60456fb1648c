/* The five laws of model/fold.h for the folds of flow, on traces without sense; and the odd times
 * that they all read through flow_visit. */
#include "fold/age.h"
#include "fold/batch.h"
#include "fold/efficiency.h"
#include "fold/evidence.h"
#include "fold/lead.h"
#include "fold/stagetime.h"
#include "fold/wip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "fold/network.h"

static const struct fold *const FOLDS[] = {&FOLD_STAGETIME,  &FOLD_LEAD,  &FOLD_WIP,     &FOLD_AGE,
                                           &FOLD_EFFICIENCY, &FOLD_BATCH, &FOLD_EVIDENCE};

static void take(struct traces *to, const struct traces *from, size_t begin, size_t end)
{
    *to = (struct traces){.log_begin = from->log_begin, .log_end = from->log_end};
    for (size_t i = begin; i < end; i++) {
        struct trace life = from->items.v[i];
        size_t first = to->visits.n;
        for (size_t k = 0; k < life.n; k++) {
            VEC_ADD(&to->visits, from->visits.v[life.first + k]);
        }
        life.first = first;
        VEC_ADD(&to->items, life);
    }
}

static void *stepped(const struct fold *f, const struct traces *t)
{
    void *s = mem_get(f->size);
    f->step(s, t);
    return s;
}

static void put_away(const struct fold *f, void *summary)
{
    f->finish(summary);
    char *bytes = summary;
    for (size_t i = 0; i < f->size; i++) {
        assert_int_equal(bytes[i], 0); /* empty again */
    }
    mem_put(summary);
}

static void assert_same(const struct fold *f, const void *a, const void *b,
                        const struct names *names)
{
    struct buf x = {0};
    struct buf y = {0};
    f->save(a, names, &x);
    f->save(b, names, &y);
    assert_int_equal(x.n, y.n);
    assert_memory_equal(x.p, y.p, x.n);
    buf_finish(&x);
    buf_finish(&y);
}

static void laws_of(const struct fold *f, uint64_t seed, const struct names *names)
{
    struct traces all = {0};
    struct traces part[3];
    nonsense(seed, 30, &all);
    uint64_t at = seed;
    size_t cut = rng_below(&at, 31);
    size_t cut2 = cut + rng_below(&at, 31 - cut);
    take(&part[0], &all, 0, cut);
    take(&part[1], &all, cut, cut2);
    take(&part[2], &all, cut2, 30);
    if (seed % 3 == 0) { /* a part that saw less of the log: the summary grows with the merge */
        part[0].log_end = part[0].log_begin + (part[0].log_end - part[0].log_begin) / 3;
    }
    void *whole = stepped(f, &all);
    void *empty = mem_get(f->size);
    void *a = stepped(f, &part[0]);
    void *b = stepped(f, &part[1]);
    void *c = stepped(f, &part[2]);
    void *left = stepped(f, &part[0]);
    void *right = stepped(f, &part[1]);
    void *turned = stepped(f, &part[2]);
    f->merge(left, b); /* (a b) c */
    f->merge(left, c);
    assert_same(f, left, whole, names); /* in parts as whole */
    f->merge(right, c);                 /* a (b c) */
    f->merge(a, right);
    assert_same(f, a, whole, names);
    f->merge(turned, b); /* c b a: any order */
    void *first = stepped(f, &part[0]);
    f->merge(turned, first);
    assert_same(f, turned, whole, names);
    f->merge(whole, empty); /* identity, from both sides */
    assert_same(f, whole, left, names);
    f->merge(empty, whole);
    assert_same(f, empty, left, names);
    struct buf bytes = {0};
    f->save(whole, names, &bytes);
    struct names other; /* a dictionary with other numbers */
    names_init(&other);
    (void)names_sym(&other, STR("something else"));
    void *back = mem_get(f->size);
    struct error why = {{0}, {0}, {0}};
    assert_int_equal(f->load(back, &other, buf_str(&bytes), &why), OK);
    struct buf again = {0};
    f->save(back, &other, &again);
    assert_int_equal(bytes.n, again.n);
    assert_memory_equal(bytes.p, again.p, again.n);
    void *torn = mem_get(f->size);
    assert_int_equal(
        f->load(torn, &other, str_first(buf_str(&bytes), rng_below(&at, bytes.n)), &why), FAIL);
    void *all_of_them[] = {whole, empty, a, b, c, left, right, turned, first, back, torn};
    for (size_t i = 0; i < sizeof all_of_them / sizeof *all_of_them; i++) {
        put_away(f, all_of_them[i]);
    }
    buf_finish(&bytes);
    buf_finish(&again);
    names_finish(&other);
    traces_finish(&all);
    for (int i = 0; i < 3; i++) {
        traces_finish(&part[i]);
    }
}

static void keep_the_five_laws(void **state)
{
    (void)state;
    struct names names;
    net_names(&names, 30);
    for (size_t i = 0; i < sizeof FOLDS / sizeof *FOLDS; i++) {
        for (uint64_t seed = 0; seed < 24; seed++) {
            laws_of(FOLDS[i], seed, &names);
        }
    }
    names_finish(&names);
}

/* Damaged bytes are an error or a summary that can be shown; never a crash. */
static void survive_damaged_bytes(void **state)
{
    (void)state;
    struct names names;
    net_names(&names, 20);
    struct traces all = {0};
    nonsense(5, 20, &all);
    uint64_t at = 3;
    for (size_t i = 0; i < sizeof FOLDS / sizeof *FOLDS; i++) {
        const struct fold *f = FOLDS[i];
        void *s = stepped(f, &all);
        struct buf bytes = {0};
        f->save(s, &names, &bytes);
        for (int run = 0; run < 400; run++) {
            size_t where = rng_below(&at, bytes.n);
            char old = bytes.p[where];
            bytes.p[where] = (char)rng_below(&at, 256);
            void *back = mem_get(f->size);
            struct error why;
            if (f->load(back, &names, buf_str(&bytes), &why) == OK && f == &FOLD_EVIDENCE) {
                struct evidence e;
                evidence_show(back, &e);
                evidence_finish(&e);
            } else if (f == &FOLD_BATCH) {
                struct batch_report r;
                batch_show(back, &r);
                batch_report_finish(&r);
            } else if (f == &FOLD_LEAD) {
                struct lead l;
                lead_show(back, &l);
                lead_finish(&l);
            } else if (f == &FOLD_WIP) {
                struct wip w;
                wip_show(back, &w);
                wip_finish(&w);
            }
            f->finish(back);
            mem_put(back);
            bytes.p[where] = old;
        }
        buf_finish(&bytes);
        put_away(f, s);
    }
    traces_finish(&all);
    names_finish(&names);
}

static void put_times_in_order(void **state)
{
    (void)state;
    struct trace life = {.begin = 100, .end = 200};
    struct visit v = {.enabled = 120, .start = 110, .end = 105, .suspended = 50};
    struct flow_visit t = flow_visit(&life, &v);
    assert_true(t.from == 110 && t.start == 110 && t.end == 110 && t.suspended == 0);
    v = (struct visit){.enabled = WHEN_NONE, .start = 50, .end = 500, .suspended = 1000};
    t = flow_visit(&life, &v);
    assert_true(t.from == 100 && t.start == 100 && t.end == 200 && t.suspended == 100);
    life.end = 90;
    t = flow_visit(&life, &v);
    assert_true(t.from == 100 && t.end == 100 && t.suspended == 0);
}

static void begin_weeks_on_monday(void **state)
{
    (void)state;
    when thursday = 20454 * DAY; /* 2026-01-01 */
    assert_int_equal(flow_week_begin(NULL, flow_week(NULL, thursday)), thursday - 3 * DAY);
    assert_int_equal(flow_week(NULL, thursday - 3 * DAY), flow_week(NULL, thursday + 4 * DAY - 1));
    assert_int_equal(flow_week(NULL, thursday + 4 * DAY), flow_week(NULL, thursday) + 1);
    struct zone *zone;
    struct error why;
    assert_int_equal(zone_open(STR("+01:00"), &zone, &why), OK);
    struct flow f = {.zone = zone};
    assert_int_equal(flow_day(&f, thursday - 1), flow_day(NULL, thursday - 1) + 1);
    assert_int_equal(flow_day_begin(&f, flow_day(&f, thursday)), thursday - HOUR);
    assert_int_equal(flow_day(NULL, -1), -1);
    zone_close(zone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_the_five_laws),
        cmocka_unit_test(survive_damaged_bytes),
        cmocka_unit_test(put_times_in_order),
        cmocka_unit_test(begin_weeks_on_monday),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
