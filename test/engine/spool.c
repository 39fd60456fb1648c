/* Deliveries on disk: what was acknowledged is read again, whole and in order, whatever happened to
 * the end of the file or in its middle. */
#include "engine/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/weir-spool-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    char command[100];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static struct spool *opened(struct spool_options options)
{
    struct spool *s = NULL;
    struct error why = {0};
    if (spool_open(folder, &options, &s, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return s;
}

static status_code put(struct spool *s, const char *body)
{
    struct hook_header header = {STR("X-Kind"), STR("test")};
    struct delivery d = {.source = STR("tool"),
                         .headers = &header,
                         .header_count = 1,
                         .body = str_of(body),
                         .received = 7 * SECOND};
    struct error why = {0};
    uint64_t place = 0;
    return spool_append(s, &d, &place, &why);
}

/* All bodies from the beginning, separated by blanks, and the bytes skipped. */
static const char *all(struct spool *s, uint64_t *ret_skipped)
{
    static char text[4000];
    struct arena room;
    arena_init(&room, "test", 0);
    struct spool_record r;
    struct error why = {0};
    uint64_t place = 0;
    text[0] = 0;
    *ret_skipped = 0;
    while (spool_read(s, place, &room, &r, &why) == OK) {
        assert_int_equal(r.delivery.received, 7 * SECOND);
        assert_true(str_eq(r.delivery.source, STR("tool")));
        assert_int_equal(r.delivery.header_count, 1);
        assert_true(str_eq(r.delivery.headers[0].value, STR("test")));
        strncat(text, r.delivery.body.p, r.delivery.body.n);
        strcat(text, " ");
        *ret_skipped += r.skipped;
        place = r.next;
    }
    arena_finish(&room);
    return text;
}

static void the_only_segment(char *ret, size_t n)
{
    DIR *d = opendir(folder);
    ret[0] = 0;
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        if (strstr(e->d_name, ".spool") != NULL) {
            snprintf(ret, n, "%s/%s", folder, e->d_name);
        }
    }
    closedir(d);
}

static void gives_back_what_was_appended(void **state)
{
    (void)state;
    uint64_t skipped;
    struct spool *s = opened((struct spool_options){0});
    assert_int_equal(put(s, "one"), OK);
    assert_int_equal(put(s, "two"), OK);
    char id[17];
    strcpy(id, spool_id(s));
    assert_string_equal(all(s, &skipped), "one two ");
    spool_close(s);
    s = opened((struct spool_options){0});
    assert_int_equal(put(s, "three"), OK);
    assert_string_equal(all(s, &skipped), "one two three ");
    assert_int_equal(skipped, 0);
    assert_string_equal(spool_id(s), id);
    struct spool *second = NULL;
    struct error why = {0};
    assert_int_equal(spool_open(folder, &(struct spool_options){0}, &second, &why), BUSY);
    spool_close(s);
}

static void cuts_a_torn_end_and_goes_on(void **state)
{
    (void)state;
    for (int cut = 1; cut < 30; cut++) {
        struct spool *s = opened((struct spool_options){0});
        uint64_t skipped;
        char before[4000], want[4096], name[200];
        snprintf(before, sizeof before, "%s", all(s, &skipped));
        assert_int_equal(put(s, "lost"), OK);
        spool_close(s);
        the_only_segment(name, sizeof name);
        struct stat st;
        stat(name, &st);
        assert_int_equal(truncate(name, st.st_size - cut), 0);
        s = opened((struct spool_options){0});
        assert_string_equal(all(s, &skipped), before);
        assert_int_equal(put(s, "kept"), OK);
        snprintf(want, sizeof want, "%skept ", before);
        assert_string_equal(all(s, &skipped), want);
        assert_int_equal(skipped, 0);
        spool_close(s);
    }
}

static void skips_damage_in_the_middle(void **state)
{
    (void)state;
    struct spool *s = opened((struct spool_options){0});
    put(s, "one");
    put(s, "two");
    put(s, "three");
    spool_close(s);
    char name[200];
    the_only_segment(name, sizeof name);
    struct stat st;
    stat(name, &st);
    int file = open(name, O_RDWR);
    /* one record of three letters: a third of all, less the two letters more of "three" */
    off_t one = (st.st_size - 2) / 3;
    assert_int_equal(pwrite(file, "X", 1, one + one - 1), 1);
    close(file);
    s = opened((struct spool_options){0});
    uint64_t skipped;
    assert_string_equal(all(s, &skipped), "one three ");
    assert_int_equal(skipped, one);
    assert_int_equal(put(s, "four"), OK);
    assert_string_equal(all(s, &skipped), "one three four ");
    spool_close(s);
}

static void says_that_it_is_full(void **state)
{
    (void)state;
    struct spool *s = opened((struct spool_options){.limit = 200});
    int kept = 0;
    while (kept < 100 && put(s, "0123456789") == OK) {
        kept++;
    }
    assert_in_range(kept, 1, 20);
    struct spool_state state_now;
    spool_state(s, &state_now);
    spool_done(s, state_now.end, 0); /* stored: there is room again */
    assert_int_equal(put(s, "more"), OK);
    spool_close(s);
}

static void forgets_finished_segments(void **state)
{
    (void)state;
    struct spool *s = opened((struct spool_options){.segment = 60});
    for (int i = 0; i < 20; i++) {
        assert_int_equal(put(s, "body"), OK);
    }
    struct spool_state now;
    spool_state(s, &now);
    assert_int_equal(now.first, 0);
    spool_done(s, now.end, 0); /* kept: they are younger than 1970 */
    spool_state(s, &now);
    assert_int_equal(now.first, 0);
    spool_done(s, now.end, INT64_MAX);
    spool_state(s, &now);
    assert_true(now.first > 0);
    assert_true(now.bytes < 200);
    uint64_t skipped;
    assert_int_equal(put(s, "last"), OK);
    assert_non_null(strstr(all(s, &skipped), "last "));
    spool_close(s);
}

static void a_full_disk_is_busy_and_loses_nothing(void **state)
{
    (void)state;
    struct spool *s = opened((struct spool_options){0});
    assert_int_equal(put(s, "before"), OK);
    struct rlimit old, small;
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 60; /* the second record does not fit */
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    status_code code = put(s, "during");
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(code, BUSY);
    assert_int_equal(put(s, "after"), OK);
    uint64_t skipped;
    assert_string_equal(all(s, &skipped), "before after ");
    assert_int_equal(skipped, 0);
    spool_close(s);
    s = opened((struct spool_options){0});
    assert_string_equal(all(s, &skipped), "before after ");
    spool_close(s);
}

enum { THREADS = 8, EACH = 100 };
static void *append_many(void *cookie)
{
    for (int i = 0; i < EACH; i++) {
        if (put(cookie, "x") != OK) {
            return cookie;
        }
    }
    return NULL;
}

static void many_append_together(void **state)
{
    (void)state;
    struct spool *s = opened((struct spool_options){.segment = 1000});
    pthread_t thread[THREADS];
    for (int i = 0; i < THREADS; i++) {
        pthread_create(&thread[i], NULL, append_many, s);
    }
    struct arena room;
    arena_init(&room, "test", 0);
    struct spool_record r;
    struct error why = {0};
    uint64_t place = 0;
    int n = 0;
    for (int waits = 0; n < THREADS * EACH && waits < 1000; waits++) { /* reads while they write */
        spool_wait(s, place, SECOND / 20);
        while (spool_read(s, place, &room, &r, &why) == OK) {
            assert_int_equal(r.place, place);
            assert_int_equal(r.skipped, 0);
            place = r.next;
            n++;
        }
    }
    assert_int_equal(n, THREADS * EACH);
    for (int i = 0; i < THREADS; i++) {
        void *failed = NULL;
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    arena_finish(&room);
    spool_close(s);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(gives_back_what_was_appended), CASE(cuts_a_torn_end_and_goes_on),
        CASE(skips_damage_in_the_middle),   CASE(says_that_it_is_full),
        CASE(forgets_finished_segments),    CASE(a_full_disk_is_busy_and_loses_nothing),
        CASE(many_append_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
