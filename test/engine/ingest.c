/* From a source into a store: what is kept when all goes well, and what when it does not. The
 * source here is written by the test, batch for batch. */
#include "engine/ingest.h"

#include "base/progress.h"
#include "wire/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define FINE(call) fine((call), &why, #call, __LINE__)

static void fine(status_code code, const struct error *why, const char *call, int line)
{
    if (code != OK) {
        fail_msg("line %d: %s: status %d: %s", line, call, (int)code, why->text);
    }
}

/* --- the source ---------------------------------------------------------------------------- */

struct step {
    uint32_t from, to; /* events with these keys; every third has life LIFE_START, ends no visit */
    uint32_t rejects;
    status_code then; /* what next returns */
    int signal;       /* comes while this batch is read */
};

static struct script {
    const struct step *steps;
    size_t n, at;
    const char *cursor; /* to give at the end */
    bool truncated;
    char got[40]; /* cursor that came in, at open */
    int opened, closed;
} script;

static status_code script_open(const char *const *paths, size_t n,
                               const struct source_options *options, struct source **ret_source,
                               struct error *why);

static status_code script_next(struct source *s, struct batch *b, struct error *why)
{
    assert_true(script.at < script.n);
    const struct step *step = &script.steps[script.at++];
    struct names *names = *(struct names **)(void *)(s + 1);
    sym type = names_sym(names, STR("case")), a = names_sym(names, STR("A"));
    for (uint32_t i = step->from; i < step->to; i++) {
        char key[16];
        int n = snprintf(key, sizeof key, "%u", i / 4); /* four events an item */
        batch_add(b, &(struct event){.key = {i, ~(uint64_t)i},
                                     .item = names_item(names, type, (str){key, (size_t)n}),
                                     .activity = a,
                                     .time = (when)i * SECOND,
                                     .begin = WHEN_NONE,
                                     .life = i % 3 == 0 ? LIFE_START : LIFE_COMPLETE});
    }
    for (uint32_t i = 0; i < step->rejects; i++) {
        batch_reject(
            b, (struct reject){STR("f.csv"), i + 1, STR("time"), STR("is no date"), STR("raw")});
    }
    if (step->signal != 0) {
        interrupt_set(step->signal);
    }
    s->incomplete = script.truncated && step->then == END;
    if (step->then == FAIL) {
        return error_set(why, "the disk is on fire");
    }
    return step->then;
}

static void script_cursor(struct source *s, struct buf *out)
{
    (void)s;
    buf_add(out, str_of(script.cursor));
}

static void script_close(struct source *s)
{
    script.closed++;
    source_notes_finish(&s->notes);
    mem_put(s);
}

static const struct source_format SCRIPT = {.name = "script",
                                            .open = script_open,
                                            .next = script_next,
                                            .cursor = script_cursor,
                                            .close = script_close};

static status_code script_open(const char *const *paths, size_t n,
                               const struct source_options *options, struct source **ret_source,
                               struct error *why)
{
    (void)paths;
    (void)n;
    (void)why;
    struct source *s = mem_get(sizeof *s + sizeof(struct names *));
    s->format = &SCRIPT;
    *(struct names **)(void *)(s + 1) = options->names;
    assert_int_equal(options->actor_key.n, 64);
    snprintf(script.got, sizeof script.got, STR_FMT, STR_ARG(options->cursor));
    source_note(&s->notes, "a note");
    source_note_column(&s->notes, STR("case"), STR("CaseID"));
    script.opened++;
    *ret_source = s;
    return OK;
}

/* --- imports ------------------------------------------------------------------------------- */

static struct ingest_result result;
static struct error said;

#define IMPORT(store, ...)                                                                         \
    import((store), false, (const struct step[]){__VA_ARGS__},                                     \
           sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))

static status_code import(struct store *s, bool again, const struct step *steps, size_t n)
{
    const char *path = "/nowhere/f.csv";
    struct ingest what = {.format = &SCRIPT, .paths = &path, .path_count = 1, .again = again};
    script.steps = steps;
    script.n = n;
    script.at = 0;
    said = (struct error){0};
    ingest_finish(&result);
    status_code code = ingest_run(s, &what, &result, &said);
    interrupt_set(0);
    assert_int_equal(script.opened, script.closed);
    return code;
}

static void counted(uint64_t events, uint64_t duplicates, uint64_t spans, uint64_t items,
                    uint64_t rejected)
{
    assert_int_equal(result.added.events, events);
    assert_int_equal(result.added.duplicates, duplicates);
    assert_int_equal(result.added.spans, spans);
    assert_int_equal(result.added.items, items);
    assert_int_equal(result.rejected, rejected);
}

/* "events/duplicates/rejected/incomplete …", one an import. */
static void history_is(struct store *s, const char *expected)
{
    struct error why = {0};
    struct buf text = {0}, shown = {0};
    json_t *list = NULL;
    FINE(ingest_history(s, &text, &why));
    FINE(json_parse(buf_str(&text), 0, "history", &list, &why));
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        buf_addf(&shown, "%s%lld/%lld/%lld%s", i > 0 ? " " : "",
                 (long long)json_integer_value(json_object_get(one, "events")),
                 (long long)json_integer_value(json_object_get(one, "duplicates")),
                 (long long)json_integer_value(json_object_get(one, "rejected")),
                 json_is_true(json_object_get(one, "incomplete")) ? " incomplete" : "");
    }
    assert_string_equal(buf_cstr(&shown), expected);
    json_decref(list);
    buf_finish(&text);
    buf_finish(&shown);
}

static struct store_info stored(struct store *s)
{
    struct error why = {0};
    struct store_info info;
    uint64_t faults = 1;
    FINE(store_info(s, &info, &why));
    FINE(store_verify(s, NULL, NULL, &faults, &why));
    assert_int_equal(faults, 0);
    return info;
}

static char folder[] = "/tmp/weir-ingest-XXXXXX";
static enum { MEMORY, FILE_STORE } kind;

static int begin(void **state)
{
    static int number;
    struct error why = {0};
    char path[100] = "memory:";
    if (kind == FILE_STORE) {
        snprintf(path, sizeof path, "%s/%d.duckdb", folder, ++number);
    }
    script = (struct script){.cursor = "here"};
    FINE(store_open(path, STORE_WRITE, (struct store **)state, &why));
    return 0;
}

static int end(void **state)
{
    store_close(*state);
    ingest_finish(&result);
    result = (struct ingest_result){0};
    return 0;
}

static void all_goes_well(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 8}, {.from = 8, .to = 12, .then = END}), OK);
    counted(12, 0, 8, 3, 0);
    assert_int_equal(result.read, 12);
    assert_string_equal(script.got, "");
    assert_int_equal(result.sentences.n, 1);
    assert_int_equal(result.columns.n, 1);
    history_is(s, "12/0/0");
    struct store_info first = stored(s);
    assert_int_equal(first.events, 12);
    /* the same again: nothing changes, not even the number of transactions */
    assert_int_equal(IMPORT(s, {.from = 0, .to = 12, .then = END}), OK);
    assert_string_equal(script.got, "here");
    counted(0, 12, 0, 0, 0);
    history_is(s, "12/0/0");
    struct store_info second = stored(s);
    assert_int_equal(second.events, 12);
    assert_int_equal(second.batches, first.batches);
}

static void what_is_remembered(void **state)
{
    struct store *s = *state;
    struct error why = {0};
    assert_int_equal(IMPORT(s, {.from = 0, .to = 4, .rejects = 1, .then = END}), OK);
    struct buf text = {0};
    json_t *list = NULL;
    FINE(ingest_history(s, &text, &why));
    FINE(json_parse(buf_str(&text), 0, "history", &list, &why));
    json_t *one = json_array_get(list, 0);
    assert_int_equal(json_object_del(one, "imported"), 0);
    char *shown = json_dumps(one, JSON_COMPACT | JSON_SORT_KEYS);
    assert_string_equal(shown,
                        "{\"columns\":{\"case\":\"CaseID\"},\"duplicates\":0,\"events\":4,"
                        "\"format\":\"script\",\"incomplete\":false,\"name\":\"script\","
                        "\"notes\":[\"a note\"],\"paths\":[\"/nowhere/f.csv\"],\"rejected\":1}");
    free(shown);
    json_decref(list);
    buf_finish(&text);
}

static void partly_known(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 6, .then = END}), OK);
    counted(6, 0, 4, 2, 0);
    /* of 3 … 13 the keys 6 … 13 are new; 6, 9, 12 begin visits; items 2 and 3 are new */
    assert_int_equal(IMPORT(s, {.from = 3, .to = 14, .then = END}), OK);
    counted(8, 3, 5, 2, 0);
    history_is(s, "6/0/0 8/3/0");
    assert_int_equal(stored(s).events, 14);
}

static void cursors(void **state)
{
    struct store *s = *state;
    script.cursor = "one";
    assert_int_equal(IMPORT(s, {.from = 0, .to = 1, .then = END}), OK);
    script.cursor = "two";
    assert_int_equal(import(s, true, (const struct step[]){{.from = 0, .to = 2, .then = END}}, 1),
                     OK);
    assert_string_equal(script.got, "");
    script.cursor = "three";
    script.truncated = true; /* broke off: its end is no state to go on from */
    assert_int_equal(IMPORT(s, {.from = 0, .to = 3, .then = END}), OK);
    assert_string_equal(script.got, "two");
    assert_true(result.incomplete);
    script.truncated = false;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 3, .then = END}), OK);
    assert_string_equal(script.got, "two");
    assert_int_equal(IMPORT(s, {.from = 0, .to = 3, .then = END}), OK);
    assert_string_equal(script.got, "three");
    history_is(s, "1/0/0 1/1/0 1/2/0 incomplete");
}

static void it_fails_early(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 100}, {.from = 100, .to = 200, .rejects = 2},
                            {.from = 0, .to = 0, .then = FAIL}),
                     FAIL);
    assert_string_equal(said.text, "the disk is on fire");
    counted(0, 0, 0, 0, 0);
    assert_int_equal(result.rejects.n, 0);
    struct store_info info = stored(s);
    assert_int_equal(info.events, 0);
    assert_int_equal(info.rejects, 0);
    assert_int_equal(info.batches, 0);
    history_is(s, "");
    assert_int_equal(IMPORT(s, {.from = 0, .to = 4, .then = END}), OK);
    assert_string_equal(script.got, "");
    assert_int_equal(stored(s).events, 4);
}

enum { GROUP = 500000 };

/* Groups that were committed stay, and the answer says how much that is. */
static void it_fails_late(void **state)
{
    struct store *s = *state;
    enum { BATCHES = GROUP / BATCH_ROWS + 3 };
    struct step *steps = mem_get(BATCHES * sizeof *steps);
    for (uint32_t i = 0; i + 1 < BATCHES; i++) {
        steps[i] = (struct step){i * BATCH_ROWS, (i + 1) * BATCH_ROWS, 0, OK, 0};
    }
    steps[3].rejects = 1;
    steps[BATCHES - 2].rejects = 2;
    steps[BATCHES - 1].then = FAIL;
    /* a group is full two batches before the end, unless five seconds make it so earlier */
    assert_int_equal(import(s, false, steps, BATCHES), FAIL);
    assert_string_equal(said.text, "the disk is on fire");
    struct store_info info = stored(s);
    assert_true(info.events > 0 && info.events % BATCH_ROWS == 0);
    assert_int_equal(result.added.events, info.events);
    assert_int_equal(result.rejected, info.rejects);
    assert_int_equal(result.rejects.n, info.rejects);
    assert_true(result.incomplete);
    char expected[80];
    snprintf(expected, sizeof expected, "%llu/0/%llu incomplete", (unsigned long long)info.events,
             (unsigned long long)info.rejects);
    history_is(s, expected);
    steps[BATCHES - 1].then = END;
    assert_int_equal(import(s, false, steps, BATCHES), OK);
    assert_string_equal(script.got, "");
    assert_int_equal(result.added.events + info.events, (BATCHES - 1) * BATCH_ROWS);
    assert_int_equal(stored(s).events, (BATCHES - 1) * BATCH_ROWS);
    mem_put(steps);
}

static void a_signal_comes(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 10}, {.from = 10, .to = 20, .signal = 2},
                            {.from = 20, .to = 30, .then = END}),
                     INTERRUPTED);
    counted(20, 0, 13, 5, 0);
    assert_true(result.incomplete);
    assert_int_equal(stored(s).events, 20);
    history_is(s, "20/0/0 incomplete");
    assert_int_equal(IMPORT(s, {.from = 0, .to = 30, .then = END}), OK);
    assert_string_equal(script.got, ""); /* no cursor of half an import */
    counted(10, 20, 7, 3, 0);
    assert_int_equal(stored(s).events, 30);
}

static void a_signal_that_the_source_sees(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 10}, {.from = 10, .to = 12, .then = INTERRUPTED}),
                     INTERRUPTED);
    counted(10, 0, 6, 3, 0);
    assert_int_equal(stored(s).events, 10);
}

/* The store sees it while it reads what it knows already: that transaction cannot go on. */
static void a_signal_that_the_store_sees(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 10, .then = END}), OK);
    store_rollback(s); /* forgets what it has read of itself */
    assert_int_equal(
        IMPORT(s, {.from = 10, .to = 20, .signal = 15}, {.from = 20, .to = 30, .then = END}),
        INTERRUPTED);
    struct store_info info = stored(s);
    assert_int_equal(result.added.events, info.events - 10);
    assert_int_equal(IMPORT(s, {.from = 0, .to = 30, .then = END}), OK);
    assert_int_equal(stored(s).events, 30);
}

static void rejects_are_counted(void **state)
{
    struct store *s = *state;
    assert_int_equal(IMPORT(s, {.from = 0, .to = 2, .rejects = 15},
                            {.from = 0, .to = 0, .rejects = 30, .then = END}),
                     OK);
    counted(2, 15, 1, 1, 45); /* 15 of the 30 are the same as before */
    assert_int_equal(result.rejects.n, INGEST_REJECTS_SHOWN);
    assert_int_equal(result.added.rejects, 30);
    assert_int_equal(stored(s).rejects, 30);
    assert_int_equal(IMPORT(s, {.from = 0, .to = 2, .rejects = 30, .then = END}), OK);
    counted(0, 32, 0, 0, 30); /* known, yet still rows that could not be read */
    history_is(s, "2/15/45");
}

static void a_damaged_history_is_begun_anew(void **state)
{
    struct store *s = *state;
    struct error why = {0};
    for (int i = 0; i < 2; i++) {
        FINE(store_put(s, STR("imports"), i == 0 ? STR("[{\"name\":") : STR("{}"), &why));
        FINE(store_commit(s, &why));
        assert_int_equal(
            import(s, false, (const struct step[]){{.from = 0, .to = i == 0 ? 3 : 5, .then = END}},
                   1),
            OK);
        history_is(s, i == 0 ? "3/0/0" : "2/3/0");
    }
}

static void the_list_is_bounded(void **state)
{
    struct store *s = *state;
    struct error why = {0};
    for (uint32_t i = 0; i < 203; i++) {
        assert_int_equal(
            import(s, false, (const struct step[]){{.from = i, .to = i + 1, .then = END}}, 1), OK);
    }
    struct buf text = {0};
    json_t *list = NULL;
    FINE(ingest_history(s, &text, &why));
    FINE(json_parse(buf_str(&text), 0, "history", &list, &why));
    assert_int_equal(json_array_size(list), 200);
    json_decref(list);
    buf_finish(&text);
}

static void files(void **state)
{
    struct store *s = *state;
    char good[100], bad[100];
    struct error why = {0};
    snprintf(good, sizeof good, "%s/good.csv", folder);
    snprintf(bad, sizeof bad, "%s/bad.csv", folder);
    FILE *f = fopen(good, "w");
    assert_non_null(f);
    fputs("case,activity,time\n1,A,2026-01-05T00:00:00Z\n1,B,nonsense\n2,A,2026-01-06T00:00:00Z\n",
          f);
    assert_int_equal(fclose(f), 0);
    f = fopen(bad, "w");
    assert_non_null(f);
    fputs("\x89PNG\r\n\x1a\n", f);
    assert_int_equal(fclose(f), 0);
    const char *paths[] = {good};
    struct ingest what = {.paths = paths, .path_count = 1};
    ingest_finish(&result);
    FINE(ingest_run(s, &what, &result, &why));
    assert_string_equal(result.format, "csv");
    counted(2, 0, 2, 2, 1);
    assert_int_equal(result.rejects.v[0].line, 3);
    ingest_finish(&result);
    FINE(ingest_run(s, &what, &result, &why));
    counted(0, 3, 0, 0, 1);
    struct store_info before = stored(s);
    paths[0] = bad;
    ingest_finish(&result);
    assert_int_equal(ingest_run(s, &what, &result, &why), FAIL);
    assert_non_null(strstr(why.text, "PNG"));
    assert_int_equal(stored(s).batches, before.batches);
    unlink(good);
    unlink(bad);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_goes_well),
        TEST(what_is_remembered),
        TEST(partly_known),
        TEST(cursors),
        TEST(it_fails_early),
        TEST(it_fails_late),
        TEST(a_signal_comes),
        TEST(a_signal_that_the_source_sees),
        TEST(a_signal_that_the_store_sees),
        TEST(rejects_are_counted),
        TEST(a_damaged_history_is_begun_anew),
    };
    const struct CMUnitTest in_memory_alone[] = {TEST(the_list_is_bounded)};
    const struct CMUnitTest with_duckdb[] = {TEST(files)};
    arena_init(&result.text, "none", 0);
    if (mkdtemp(folder) == NULL) {
        return 2;
    }
    int failed = cmocka_run_group_tests_name("memory", tests, NULL, NULL) +
                 cmocka_run_group_tests_name("memory", in_memory_alone, NULL, NULL);
#ifndef __SANITIZE_THREAD__ /* DuckDB's library is not instrumented; it reads CSV, too */
    kind = FILE_STORE;
    failed += cmocka_run_group_tests_name("file", tests, NULL, NULL) +
              cmocka_run_group_tests_name("file", with_duckdb, NULL, NULL);
#else
    (void)with_duckdb;
#endif
    char command[60];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return failed + (system(command) != 0);
}
