/* The five laws of folds (model/fold.h), for every fold that there is, on random logs; equality is
 * that of saved bytes. And what load does with bytes of any kind. */
#include "fold/folds.h"

#include "random_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LOGS = 300 };

static void *empty(const struct fold *f)
{
    return mem_get(f->size);
}

static void release(const struct fold *f, void *summary)
{
    f->finish(summary);
    void *zero = mem_get(f->size);
    assert_memory_equal(summary, zero, f->size); /* finish leaves an empty one */
    mem_put(zero);
    mem_put(summary);
}

static void *folded(const struct fold *f, const struct traces *part)
{
    void *summary = empty(f);
    f->step(summary, part);
    return summary;
}

static void *merged(const struct fold *f, const void *left, const void *right)
{
    void *summary = empty(f);
    f->merge(summary, left);
    f->merge(summary, right);
    return summary;
}

static void same(const struct fold *f, const char *law, uint64_t seed, const void *a, const void *b,
                 const struct names *names)
{
    struct buf x = {0}, y = {0};
    f->save(a, names, &x);
    f->save(b, names, &y);
    if (!str_eq(buf_str(&x), buf_str(&y))) {
        fail_msg("%s: %s does not hold for log %llu", f->name, law, (unsigned long long)seed);
    }
    buf_finish(&x);
    buf_finish(&y);
}

struct parts {
    struct random_log log;
    struct traces part[3];
};

static void parts_make(struct parts *p, const struct fold *f, uint64_t seed)
{
    memset(p, 0, sizeof *p);
    random_log_make(&p->log, seed);
    for (size_t i = 0; i < 3; i++) {
        p->part[i].log_begin = p->part[i].log_end = WHEN_NONE;
    }
    random_log_split(&p->log.traces, f->order == FOLD_SEQUENCE, seed, p->part, 3);
}

static void parts_free(struct parts *p)
{
    for (size_t i = 0; i < 3; i++) {
        traces_finish(&p->part[i]);
    }
    random_log_free(&p->log);
}

static void laws_for(const struct fold *f, uint64_t seed)
{
    struct parts p;
    parts_make(&p, f, seed);
    const struct names *names = &p.log.names;
    void *nothing = empty(f);
    void *a = folded(f, &p.part[0]), *b = folded(f, &p.part[1]), *c = folded(f, &p.part[2]);
    void *whole = folded(f, &p.log.traces), *stepped = folded(f, &p.part[0]);

    void *left = merged(f, nothing, a), *right = merged(f, a, nothing);
    same(f, "identity on the left", seed, left, a, names);
    same(f, "identity on the right", seed, right, a, names);

    void *ab = merged(f, a, b), *bc = merged(f, b, c);
    void *ab_c = merged(f, ab, c), *a_bc = merged(f, a, bc);
    same(f, "associativity", seed, ab_c, a_bc, names);
    same(f, "homomorphism", seed, ab_c, whole, names);
    f->step(stepped, &p.part[1]);
    f->step(stepped, &p.part[2]);
    same(f, "homomorphism of steps", seed, stepped, whole, names);

    if (f->order == FOLD_BAG) {
        void *ba = merged(f, b, a);
        same(f, "commutativity", seed, ab, ba, names);
        release(f, ba);
    }
    void *all[] = {nothing, a, b, c, whole, stepped, left, right, ab, bc, ab_c, a_bc};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        release(f, all[i]);
    }
    parts_free(&p);
}

static void laws(void **state)
{
    (void)state;
    for (size_t i = 0; folds[i] != NULL; i++) {
        for (uint64_t seed = 0; seed < LOGS; seed++) {
            laws_for(folds[i], seed);
        }
    }
}

/* Saved in one dictionary, loaded into another: the same bytes come out, and merging goes on. */
static void saved_and_loaded(void **state)
{
    (void)state;
    for (size_t i = 0; folds[i] != NULL; i++) {
        const struct fold *f = folds[i];
        for (uint64_t seed = 0; seed < LOGS; seed++) {
            struct parts p;
            struct names other;
            struct buf bytes = {0}, again = {0}, whole_bytes = {0};
            struct error why = {0};
            parts_make(&p, f, seed);
            names_init(&other);
            for (uint64_t n = 0; n < 20; n++) { /* numbers in another order */
                random_name(&other, "stage", 19 - n);
            }
            void *a = folded(f, &p.part[0]), *b = folded(f, &p.part[1]), *c = folded(f, &p.part[2]);
            void *whole = folded(f, &p.log.traces), *sum = empty(f);
            void *parts[] = {a, b, c};
            for (size_t k = 0; k < 3; k++) {
                void *loaded = empty(f);
                buf_clear(&bytes);
                buf_clear(&again);
                f->save(parts[k], &p.log.names, &bytes);
                assert_int_equal(f->load(loaded, &other, buf_str(&bytes), &why), OK);
                f->save(loaded, &other, &again);
                assert_true(str_eq(buf_str(&bytes), buf_str(&again)));
                f->merge(sum, loaded);
                release(f, loaded);
                release(f, parts[k]);
            }
            buf_clear(&again);
            f->save(sum, &other, &again);
            f->save(whole, &p.log.names, &whole_bytes);
            assert_true(str_eq(buf_str(&again), buf_str(&whole_bytes)));
            release(f, sum);
            release(f, whole);
            names_finish(&other);
            buf_finish(&bytes);
            buf_finish(&again);
            buf_finish(&whole_bytes);
            parts_free(&p);
        }
    }
}

static void load_any(const struct fold *f, str bytes, bool must_fail)
{
    struct names names;
    struct error why = {0};
    struct buf out = {0};
    void *loaded = empty(f);
    names_init(&names);
    /* bytes of exactly this length, so that a read beyond them is caught */
    char *exact = malloc(bytes.n > 0 ? bytes.n : 1);
    memcpy(exact, bytes.p != NULL ? bytes.p : "", bytes.n);
    status_code done = f->load(loaded, &names, (str){exact, bytes.n}, &why);
    free(exact);
    if (done == OK) {
        assert_false(must_fail);
        void *twice = merged(f, loaded, loaded); /* whatever it says, it can be used */
        f->save(twice, &names, &out);
        release(f, twice);
    } else {
        assert_int_equal(done, FAIL);
        assert_true(why.text[0] != '\0');
    }
    release(f, loaded);
    names_finish(&names);
    buf_finish(&out);
}

static void hostile_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; folds[i] != NULL; i++) {
        const struct fold *f = folds[i];
        struct random_log log;
        struct buf bytes = {0};
        random_log_make(&log, 0);
        for (uint64_t seed = 1; log.traces.items.n != 5; seed++) {
            random_log_free(&log);
            random_log_make(&log, seed);
        }
        void *summary = folded(f, &log.traces);
        f->save(summary, &log.names, &bytes);
        for (size_t cut = 0; cut < bytes.n; cut++) {
            load_any(f, str_first(buf_str(&bytes), cut), true);
        }
        for (uint64_t seed = 0; seed < 3000; seed++) {
            uint64_t dice = rng_mix(i, seed);
            struct buf mutated = {0};
            buf_add(&mutated, buf_str(&bytes));
            for (uint64_t n = 1 + rng_below(&dice, 4); n > 0; n--) {
                mutated.p[rng_below(&dice, mutated.n)] = (char)rng_below(&dice, 256);
            }
            load_any(f, buf_str(&mutated), false);
            buf_finish(&mutated);
        }
        buf_putc(&bytes, '\0');
        load_any(f, buf_str(&bytes), true); /* more than a summary */
        release(f, summary);
        random_log_free(&log);
        buf_finish(&bytes);
    }
}

static void found_by_name(void **state)
{
    (void)state;
    for (size_t i = 0; folds[i] != NULL; i++) {
        assert_ptr_equal(fold_of(str_of(folds[i]->name)), folds[i]);
    }
    assert_null(fold_of(STR("no such fold")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws),
        cmocka_unit_test(saved_and_loaded),
        cmocka_unit_test(hostile_bytes),
        cmocka_unit_test(found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
