/* A computer that can be held, a store whose version can be moved. */
#include "serve/answers.h"

#include "base/mem.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct world {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint64_t version;
    int runs, done;
    bool held;
    struct answer last; /* its out is held */
    int64_t pause_ns;
    size_t size;
    int code;
} w = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static int run(str words, struct buf *out, void *cookie)
{
    (void)cookie;
    pthread_mutex_lock(&w.lock);
    w.runs++;
    pthread_cond_broadcast(&w.changed);
    while (w.held) {
        pthread_cond_wait(&w.changed, &w.lock);
    }
    int64_t pause = w.pause_ns;
    pthread_mutex_unlock(&w.lock);
    struct timespec t = {pause / 1000000000, pause % 1000000000};
    nanosleep(&t, NULL);
    buf_add(out, words);
    for (size_t i = 0; i < w.size; i++) {
        buf_putc(out, (char)('a' + (i * i) % 23));
    }
    return w.code;
}

static void done(void *asker, const struct answer *a)
{
    pthread_mutex_lock(&w.lock);
    blob_drop(w.last.out);
    w.last = *a;
    blob_hold(w.last.out);
    *(int *)asker = 1;
    w.done++;
    pthread_cond_broadcast(&w.changed);
    pthread_mutex_unlock(&w.lock);
}

static uint64_t version(void *cookie)
{
    (void)cookie;
    return w.version;
}

static void wait_for(const int *what, int value)
{
    pthread_mutex_lock(&w.lock);
    while (*what < value) {
        pthread_cond_wait(&w.changed, &w.lock);
    }
    pthread_mutex_unlock(&w.lock);
}

static struct answers *begin(size_t memory)
{
    w.version = 1;
    w.runs = w.done = w.code = 0;
    w.held = false;
    w.pause_ns = 0;
    w.size = 0;
    return answers_start(memory, run, done, version, NULL);
}

static void end(struct answers *a)
{
    answers_stop(a);
    blob_drop(w.last.out);
    w.last = (struct answer){0};
}

static void ask(struct answers *a, str words)
{
    int answered = 0, before = w.done;
    assert_true(answers_ask(a, words, &answered));
    wait_for(&w.done, before + 1);
    assert_int_equal(answered, 1);
}

static void test_kept_until_it_changes(void **state)
{
    (void)state;
    struct answers *a = begin(1 << 20);
    struct answer found = {0};
    assert_false(answers_find(a, STR("map"), &found));
    ask(a, STR("map"));
    assert_true(str_eq(blob_str(w.last.out), STR("map")));
    assert_int_equal(strlen(w.last.etag), 34);
    char etag[ANSWER_ETAG];
    memcpy(etag, w.last.etag, sizeof etag);
    assert_true(answers_find(a, STR("map"), &found));
    assert_string_equal(found.etag, etag);
    blob_drop(found.out);
    assert_false(answers_find(a, STR("map\0x"), &found));
    w.version = 2;
    assert_false(answers_find(a, STR("map"), &found));
    ask(a, STR("map"));
    assert_string_equal(w.last.etag, etag); /* the same content, the same name */
    assert_int_equal(w.runs, 2);
    answers_forget(a);
    assert_false(answers_find(a, STR("map"), &found));
    w.code = 2; /* what failed is asked again */
    ask(a, STR("map"));
    assert_false(answers_find(a, STR("map"), &found));
    end(a);
}

/* The same question twice is computed once; what began before a change is not kept after it. */
static void test_waiting(void **state)
{
    (void)state;
    struct answers *a = begin(1 << 20);
    struct answer found = {0};
    int one = 0, two = 0, three = 0;
    w.held = true;
    assert_true(answers_ask(a, STR("map"), &one));
    wait_for(&w.runs, 1);
    assert_true(answers_ask(a, STR("map"), &two));
    assert_true(answers_ask(a, STR("items"), &three));
    assert_int_equal(answers_waiting(a), 2);
    pthread_mutex_lock(&w.lock);
    w.held = false;
    pthread_cond_broadcast(&w.changed);
    pthread_mutex_unlock(&w.lock);
    wait_for(&w.done, 3);
    assert_int_equal(w.runs, 2);

    w.held = true;
    one = 0;
    assert_true(answers_ask(a, STR("late"), &one));
    wait_for(&w.runs, 3);
    pthread_mutex_lock(&w.lock);
    w.version = 7;
    w.held = false;
    pthread_cond_broadcast(&w.changed);
    pthread_mutex_unlock(&w.lock);
    wait_for(&w.done, 4);
    assert_false(answers_find(a, STR("late"), &found));
    end(a);
}

static void test_bounded(void **state)
{
    (void)state;
    struct answers *a = begin(10000);
    struct answer found = {0};
    w.size = 1000;
    char words[8] = "q0";
    for (char c = '0'; c <= '9'; c++) {
        words[1] = c;
        ask(a, (str){words, 2});
        ask(a, STR("q0")); /* asked for again and again: it stays */
    }
    assert_true(answers_find(a, STR("q0"), &found));
    blob_drop(found.out);
    assert_true(answers_find(a, STR("q9"), &found));
    blob_drop(found.out);
    assert_false(answers_find(a, STR("q1"), &found));
    assert_int_equal(w.runs, 10);
    w.size = 5000; /* more than a quarter of the memory: not kept at all */
    ask(a, STR("large"));
    assert_false(answers_find(a, STR("large"), &found));
    int asked[ANSWERS_WAITING + 2] = {0};
    int before = w.runs;
    w.size = 1;
    w.held = true;
    size_t n = 0;
    assert_true(answers_ask(a, STR("first"), &asked[n++]));
    wait_for(&w.runs, before + 1);
    while (answers_ask(a, STR("more"), &asked[n])) {
        n++;
    }
    assert_int_equal(n, ANSWERS_WAITING + 1);
    pthread_mutex_lock(&w.lock);
    w.held = false;
    pthread_cond_broadcast(&w.changed);
    pthread_mutex_unlock(&w.lock);
    end(a); /* answers all who wait */
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(asked[i], 1);
    }
}

/* Twenty times what it took, a second at least. */
static void test_life(void **state)
{
    (void)state;
    struct answers *a = begin(1 << 20);
    struct answer found = {0};
    ask(a, STR("quick"));
    struct timespec t = {1, 100000000};
    nanosleep(&t, NULL);
    assert_false(answers_find(a, STR("quick"), &found));
    w.pause_ns = 100000000;
    ask(a, STR("slow"));
    nanosleep(&t, NULL);
    assert_true(answers_find(a, STR("slow"), &found));
    blob_drop(found.out);
    end(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept_until_it_changes),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_life),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
