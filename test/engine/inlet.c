/* From what tools send to the store: what is acknowledged is stored once, whoever sends it and
 * however often; what is malformed is told. */
#include "engine/inlet.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64];
static struct store *store;
static struct inlet *in;

static const char SOURCES[] = "sources:\n"
                              "  - {kind: cdevents}\n"
                              "  - {name: signed, kind: github, secret_env: WEIR_TEST_SECRET}\n";

static void open_intake(void)
{
    struct error why = {0};
    struct config *config = NULL;
    if (inlet_open(&(struct inlet_options){.store = store, .folder = folder}, &in, &why) != OK ||
        config_parse(str_of(SOURCES), "weir.yaml", &config, &why) != OK ||
        inlet_configure(in, config, true, &why) != OK) {
        fail_msg("%s", why.text);
    }
    config_free(config);
}

static int set_up(void **state)
{
    (void)state;
    struct error why = {0};
    strcpy(folder, "/tmp/weir-inlet-XXXXXX");
    setenv("WEIR_TEST_SECRET", "it is secret", 1);
    if (mkdtemp(folder) == NULL || store_open("memory:", STORE_WRITE, &store, &why) != OK) {
        return 1;
    }
    open_intake();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    char command[100];
    inlet_close(in);
    store_close(store);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

static uint64_t events_stored(void)
{
    struct store_info info;
    struct error why = {0};
    if (store_info(inlet_store_take(in), &info, &why) != OK) {
        fail_msg("%s", why.text);
    }
    inlet_store_give(in);
    return info.events;
}

static enum inlet_outcome send_lines(const char *lines, struct inlet_answer *ret)
{
    struct error why = {0};
    enum inlet_outcome o = inlet_events(in, STR("events"), str_of(lines), clock_now(), ret, &why);
    if (o != INLET_KEPT) {
        print_message("%s\n", why.text);
    }
    return o;
}

#define LINE(id)                                                                                   \
    "{\"id\":\"" id "\",\"time\":\"2026-03-02T10:00:00Z\",\"type\":\"moved\",\"item\":\"issue:A-"  \
    "1\",\"stage\":\"QA\"}\n"

static void answers_line_by_line(void **state)
{
    (void)state;
    struct inlet_answer a;
    assert_int_equal(send_lines(LINE("1") "\n" LINE("2") "{\"id\":\n" LINE("1"), &a), INLET_KEPT);
    assert_int_equal(a.accepted, 2);
    assert_int_equal(a.duplicates, 1);
    assert_int_equal(a.rejected, 1);
    assert_int_equal(a.rejects.n, 1);
    assert_int_equal(a.rejects.v[0].line, 4);
    inlet_answer_finish(&a);
    assert_int_equal(send_lines(LINE("2"), &a), INLET_KEPT);
    assert_int_equal(a.accepted, 0);
    assert_int_equal(a.duplicates, 1);
    inlet_answer_finish(&a);
    assert_int_equal(events_stored(), 2);
}

static const char CDEVENT[] =
    "{\"context\":{\"specversion\":\"0.5.1\",\"id\":\"e-1\",\"source\":\"/ci\",\"type\":\"dev."
    "cdevents.service.deployed.0.3.0\",\"timestamp\":\"2026-03-02T10:00:00Z\"},\"subject\":{\"id\":"
    "\"shop\",\"content\":{\"environment\":{\"id\":\"production\"},\"artifactId\":\"pkg:oci/"
    "shop@1\"}}}";

static enum inlet_outcome deliver(const char *source, const char *body)
{
    struct error why = {0};
    struct delivery d = {.source = str_of(source), .body = str_of(body), .received = clock_now()};
    return inlet_deliver(in, &d, false, &why);
}

static void stores_what_was_kept_when_it_closes(void **state)
{
    (void)state;
    assert_int_equal(deliver("cdevents", CDEVENT), INLET_KEPT);
    assert_int_equal(deliver("cdevents", CDEVENT), INLET_REPEATED);
    inlet_close(in);
    struct store_info info;
    struct error why = {0};
    assert_int_equal(store_info(store, &info, &why), OK);
    uint64_t stored = info.events;
    assert_true(stored > 0);
    open_intake(); /* it goes on from its place: nothing comes twice, and the ids are known */
    assert_int_equal(deliver("cdevents", CDEVENT), INLET_REPEATED);
    assert_int_equal(events_stored(), stored);
}

static void refuses_who_proves_nothing(void **state)
{
    (void)state;
    assert_int_equal(deliver("nobody", "{}"), INLET_NO_SOURCE);
    assert_int_equal(deliver("signed", "{}"), INLET_REFUSED);
    struct arena room;
    arena_init(&room, "test", 0);
    struct inlet_sources sources;
    inlet_sources(in, &room, &sources);
    uint64_t refused = 0;
    for (size_t i = 0; i < sources.v.n; i++) {
        refused += sources.v.v[i].refused;
        assert_true(sources.v.v[i].proven == str_eq(sources.v.v[i].name, STR("signed")));
    }
    assert_int_equal(refused, 1);
    VEC_FINISH(&sources.v);
    arena_finish(&room);
}

static void a_wrong_configuration_leaves_the_old(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct error why = {0};
    assert_int_equal(config_parse(STR("sources: [{kind: github}]\n"), "weir.yaml", &config, &why),
                     OK);
    assert_int_equal(inlet_configure(in, config, true, &why), FAIL);
    assert_non_null(strstr(why.text, "weir.yaml:1: source \"github\""));
    config_free(config);
    assert_int_equal(deliver("cdevents", CDEVENT), INLET_KEPT);
}

enum { SENDERS = 4, POSTS = 40, LINES = 5 };

static void *send_many(void *cookie)
{
    int me = *(int *)cookie;
    for (int i = 0; i < POSTS; i++) {
        char text[LINES * 200];
        int n = 0;
        for (int k = 0; k < LINES; k++) {
            n += snprintf(
                text + n, sizeof text - (size_t)n,
                "{\"id\":\"%d/%d/%d\",\"time\":\"2026-03-02T10:00:00Z\",\"type\":\"moved\","
                "\"item\":\"issue:A-%d\"}\n",
                me, i, k, k);
        }
        struct inlet_answer a;
        bool fine = send_lines(text, &a) == INLET_KEPT && a.accepted == LINES;
        inlet_answer_finish(&a);
        if (!fine) {
            return cookie;
        }
        if (i % 10 == 0) {
            events_stored(); /* somebody asks meanwhile */
        }
    }
    return NULL;
}

static void takes_from_many_at_once(void **state)
{
    (void)state;
    pthread_t thread[SENDERS];
    int number[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
        number[i] = i;
        pthread_create(&thread[i], NULL, send_many, &number[i]);
    }
    for (int i = 0; i < SENDERS; i++) {
        void *failed = NULL;
        pthread_join(thread[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(events_stored(), SENDERS * POSTS * LINES);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(answers_line_by_line),       CASE(stores_what_was_kept_when_it_closes),
        CASE(refuses_who_proves_nothing), CASE(a_wrong_configuration_leaves_the_old),
        CASE(takes_from_many_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
