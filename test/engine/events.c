/* Events out of a store: columns that begin late, events of several items, conditions, times not to
 * be believed; in every place that a store may be, as stored and sorted anew. */
#include "engine/events.h"

#include "stream_lines.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* An item a line, sorted by text: "case:1 A@0 B@2 begin=1 start actor=x". */
static void show(const struct names *names, const struct events *e, struct buf *out)
{
    char **lines = mem_get((e->item_count + 1) * sizeof *lines);
    for (size_t i = 0; i < e->item_count; i++) {
        struct buf line = {0};
        str type = names_text(names, names_type(names, e->items[i]));
        str key = names_key(names, e->items[i]);
        buf_addf(&line, STR_FMT ":" STR_FMT, STR_ARG(type), STR_ARG(key));
        for (size_t k = e->first[i]; k < e->first[i + 1]; k++) {
            uint32_t row = e->rows[k];
            str activity = names_text(names, e->activity[row]);
            buf_addf(&line, " " STR_FMT "@", STR_ARG(activity));
            stream_instant(&line, e->time[row]);
            if (e->begin != NULL && e->begin[row] != WHEN_NONE) {
                buf_addf(&line, "<");
                stream_instant(&line, e->begin[row]);
            }
            const sym *const columns[] = {e->instance, e->actor, e->team};
            for (size_t c = 0; c < 3; c++) {
                if (columns[c] != NULL && columns[c][row] != 0) {
                    str text = names_text(names, columns[c][row]);
                    buf_addf(&line, "%c" STR_FMT, "#/%"[c], STR_ARG(text));
                }
            }
            if (e->life != NULL && e->life[row] != LIFE_NONE) {
                buf_addf(&line, "!%d", e->life[row]);
            }
        }
        lines[i] = strdup(buf_cstr(&line));
        buf_finish(&line);
    }
    qsort(lines, e->item_count, sizeof *lines, by_text);
    for (size_t i = 0; i < e->item_count; i++) {
        buf_addf(out, "%s\n", lines[i]);
        free(lines[i]);
    }
    mem_put(lines);
    buf_addf(out, "repeated %llu, bad %llu, ", (unsigned long long)e->repeated,
             (unsigned long long)e->bad_times);
    stream_instant(out, e->begins);
    buf_addf(out, "..");
    stream_instant(out, e->ends);
    size_t rows = 0;
    for (size_t i = 0; i < e->item_count; i++) {
        rows += e->first[i + 1] - e->first[i];
    }
    assert_int_equal(rows, e->row_count);
}

/* `where`: "key=value" each, up to a NULL. */
static void ask(struct store *s, enum place place, const char *kind, const char *const *where,
                const char *expected)
{
    struct error why = {0};
    struct event_where conditions[8];
    struct event_query query = {.where = conditions};
    for (; where != NULL && where[query.where_count] != NULL; query.where_count++) {
        struct event_where *w = &conditions[query.where_count];
        w->value = str_of(where[query.where_count]);
        str_cut(&w->value, '=', &w->key);
    }
    if (kind != NULL) {
        assert_true(names_find(store_names(s), str_of(kind), &query.item_type));
    }
    struct events e;
    struct buf text = {0};
    FINE(events_load(s, &query, &e, &why));
    show(store_names(s), &e, &text);
    if (strcmp(buf_cstr(&text), expected) != 0) {
        fail_msg("place %d:\n%s\nnot\n%s", (int)place, buf_cstr(&text), expected);
    }
    buf_finish(&text);
    events_finish(&e);
}

static void expect(const char *const *lines, const char *kind, const char *const *where,
                   const char *expected)
{
    for (enum place place = 0; place < PLACES_HERE; place++) {
        struct store *s = stream_store(place, lines);
        ask(s, place, kind, where, expected);
        store_close(s);
    }
}

static void columns_that_begin_late(void **state)
{
    (void)state;
    expect((const char *[]){"case:1 A 0", "case:2 A 1", "case:1 B 2 instance=i",
                            "case:1 C 3 begin=2", "case:2 B 4 start", "case:2 C 5 actor=bo",
                            "case:1 D 6 team=qa", "case:2 D 7", NULL},
           "case", NULL,
           "case:1 A@0 B@2#i C@3<2 D@6%qa\n"
           "case:2 A@1 B@4!2 C@5/bo D@7\n"
           "repeated 0, bad 0, 0..7");
}

static void columns_that_stay_empty(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s =
        stream_store(PLACE_MEMORY, (const char *[]){"case:1 A 0", "case:1 B 1", NULL});
    struct events e;
    FINE(events_load(s, &(struct event_query){0}, &e, &why));
    assert_int_equal(e.n, 2);
    assert_null(e.instance);
    assert_null(e.actor);
    assert_null(e.team);
    assert_null(e.begin);
    assert_null(e.life);
    assert_non_null(e.type);
    events_finish(&e);
    store_close(s);
}

static void more_than_a_batch(void **state)
{
    (void)state;
    enum { N = 3 * BATCH_ROWS + 5 };
    char(*text)[64] = mem_get(N * sizeof *text);
    const char **lines = mem_get((N + 1) * sizeof *lines);
    for (int i = 0; i < N; i++) { /* a begin appears far behind the first batch */
        snprintf(text[i], sizeof text[i], "case:%d A %d%s", i % 7, i,
                 i >= 2 * BATCH_ROWS + 3 ? " begin=0" : "");
        lines[i] = text[i];
    }
    for (enum place place = 0; place < PLACES_HERE; place++) {
        struct error why = {0};
        struct store *s = stream_store(place, lines);
        struct events e;
        FINE(events_load(s, &(struct event_query){0}, &e, &why));
        assert_int_equal(e.n, N);
        assert_int_equal(e.item_count, 7);
        size_t with = 0;
        for (size_t i = 0; i < e.n; i++) {
            with += e.begin[i] == STREAM_BEGIN;
            assert_true(e.begin[i] == STREAM_BEGIN || e.begin[i] == WHEN_NONE);
        }
        assert_int_equal(with, N - 2 * BATCH_ROWS - 3);
        events_finish(&e);
        store_close(s);
    }
    mem_put(text);
    mem_put(lines);
}

static const char *const OBJECTS[] = {
    "order:1 place 0 also=item:a also=item:b team=shop",
    "item:a pick 2 also=item:a/again actor=bo",      /* the subject again: once */
    "item:b pick 2 also=order:1/of also=order:1/by", /* an item twice: once */
    "truck:t load 3 also=item:a also=item:b attr=dock:7",
    "order:2 place 4 also=item:c",
    "item:c pick 5",
    "truck:t drive 5 bad also=item:a",
    "item:c pack 5",
    "item:b = colour red",
    NULL,
};

static void several_items(void **state)
{
    (void)state;
    expect(OBJECTS, "item", NULL,
           "item:a place@0%shop pick@2/bo load@3\n"
           "item:b place@0%shop pick@2 load@3\n"
           "item:c place@4 pick@5 pack@5\n"
           "repeated 2, bad 1, 0..5");
    expect(OBJECTS, "order", NULL,
           "order:1 place@0%shop pick@2\n"
           "order:2 place@4\n"
           "repeated 0, bad 0, 0..4");
    expect(OBJECTS, "truck", NULL, "truck:t load@3\nrepeated 0, bad 1, 3..3");
    expect(OBJECTS, NULL, NULL,
           "item:a place@0%shop pick@2/bo load@3\n"
           "item:b place@0%shop pick@2 load@3\n"
           "item:c place@4 pick@5 pack@5\n"
           "order:1 place@0%shop pick@2\n"
           "order:2 place@4\n"
           "truck:t load@3\n"
           "repeated 6, bad 1, 0..5");
}

static void bad_times_of_others(void **state)
{
    (void)state;
    const char *const lines[] = {"case:1 A 0", "case:2 A 1 bad", "other:1 A 0 bad", NULL};
    expect(lines, "case", NULL, "case:1 A@0\nrepeated 0, bad 1, 0..0");
    expect(lines, "case", (const char *[]){"item=1", NULL}, "case:1 A@0\nrepeated 0, bad 0, 0..0");
    expect((const char *[]){"case:1 A 0 bad", NULL}, "case", NULL, "repeated 0, bad 1, -..-");
}

static void ties_do_not_depend_on_the_order_stored(void **state)
{
    (void)state;
    expect((const char *[]){"order:2 ship 3 also=item:a", "item:a pack 3",
                            "order:1 bill 3 also=item:a", "item:a pick 1", NULL},
           "item", NULL, "item:a pick@1 ship@3 pack@3 bill@3\nrepeated 0, bad 0, 1..3");
    expect((const char *[]){"case:1 B 5 begin=1", "case:1 C 3 begin=1", "case:1 A 3", NULL}, "case",
           NULL, "case:1 C@3<1 A@3 B@5<1\nrepeated 0, bad 0, 1..5");
}

static void conditions(void **state)
{
    (void)state;
    static const struct {
        const char *where[4];
        const char *expected; /* items */
    } CASES[] = {
        {{"team=shop"},
         "item:a place@0%shop pick@2/bo load@3\n"
         "item:b place@0%shop pick@2 load@3\nrepeated 2, bad 1, 0..3"},
        {{"actor=bo"}, "item:a place@0%shop pick@2/bo load@3\nrepeated 0, bad 1, 0..3"},
        {{"activity=pack"}, "item:c place@4 pick@5 pack@5\nrepeated 0, bad 0, 4..5"},
        {{"item=b"}, "item:b place@0%shop pick@2 load@3\nrepeated 0, bad 0, 0..3"},
        {{"colour=red"}, "item:b place@0%shop pick@2 load@3\nrepeated 0, bad 0, 0..3"},
        {{"dock=7"},
         "item:a place@0%shop pick@2/bo load@3\n"
         "item:b place@0%shop pick@2 load@3\nrepeated 2, bad 1, 0..3"},
        {{"dock=7", "actor=bo"}, "item:a place@0%shop pick@2/bo load@3\nrepeated 0, bad 1, 0..3"},
        {{"dock=7", "actor=bo", "colour=red"}, "repeated 0, bad 0, -..-"},
        {{"event=event", "item=c"}, "item:c place@4 pick@5 pack@5\nrepeated 0, bad 0, 4..5"},
        {{"team=nobody"}, "repeated 0, bad 0, -..-"},
        {{"team="}, "repeated 0, bad 0, -..-"},
        {{"dock=8"}, "repeated 0, bad 0, -..-"},
        {{"doc=7"}, "repeated 0, bad 0, -..-"},
        {{"7=dock"}, "repeated 0, bad 0, -..-"},
    };
    for (enum place place = 0; place < PLACES_HERE; place++) {
        struct store *s = stream_store(place, OBJECTS);
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
            ask(s, place, "item", CASES[i].where, CASES[i].expected);
        }
        store_close(s);
    }
}

static void conditions_without_further_items(void **state)
{
    (void)state;
    const char *const lines[] = {"case:1 A 0 team=qa",
                                 "case:2 A 1",
                                 "case:2 B 2 attr=prio:1",
                                 "case:1 B 3 attr=note:prio",
                                 "case:3 C 4 event=issue.status",
                                 NULL};
    expect(lines, "case", (const char *[]){"team=qa", NULL},
           "case:1 A@0%qa B@3\nrepeated 0, bad 0, 0..3");
    expect(lines, "case", (const char *[]){"prio=1", NULL},
           "case:2 A@1 B@2\nrepeated 0, bad 0, 1..2");
    expect(lines, "case", (const char *[]){"event=issue.status", NULL},
           "case:3 C@4\nrepeated 0, bad 0, 4..4");
}

static void kinds(void **state)
{
    (void)state;
    for (enum place place = 0; place < PLACES_HERE; place++) {
        struct error why = {0};
        struct store *s = stream_store(place, OBJECTS);
        struct event_kinds k = {0};
        struct buf text = {0};
        FINE(events_kinds(s, &k, &why));
        for (size_t i = 0; i < k.v.n; i++) {
            str type = names_text(store_names(s), k.v.v[i].type);
            buf_addf(&text, STR_FMT " %llu %llu\n", STR_ARG(type),
                     (unsigned long long)k.v.v[i].events, (unsigned long long)k.v.v[i].items);
        }
        assert_string_equal(buf_cstr(&text), "item 10 3\norder 3 2\ntruck 2 1\n");
        buf_finish(&text);
        VEC_FINISH(&k.v);
        store_close(s);
    }
}

static void nothing(void **state)
{
    (void)state;
    expect((const char *[]){NULL}, NULL, NULL, "repeated 0, bad 0, -..-");
}

static void a_signal_ends_it(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *s = stream_store(PLACE_MEMORY, OBJECTS);
    struct events e;
    interrupt_set(2);
    assert_int_equal(events_load(s, &(struct event_query){0}, &e, &why), INTERRUPTED);
    interrupt_set(0);
    events_finish(&e);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_that_begin_late),
        cmocka_unit_test(columns_that_stay_empty),
        cmocka_unit_test(more_than_a_batch),
        cmocka_unit_test(several_items),
        cmocka_unit_test(bad_times_of_others),
        cmocka_unit_test(ties_do_not_depend_on_the_order_stored),
        cmocka_unit_test(conditions),
        cmocka_unit_test(conditions_without_further_items),
        cmocka_unit_test(kinds),
        cmocka_unit_test(nothing),
        cmocka_unit_test(a_signal_ends_it),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    stream_folder_remove();
    return failed;
}
