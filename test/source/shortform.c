/* One event as one JSON object. */
#include "reading.h"

#include "source/shortform.h"

struct adding {
    struct names names;
    struct source_options options;
    struct batch *batch;
    struct buf reason;
    str column;
};

static int setup(void **state)
{
    static struct adding a;
    a = (struct adding){.batch = batch_new()};
    names_init(&a.names);
    a.options = (struct source_options){.names = &a.names, .actor_key = STR("key")};
    *state = &a;
    return 0;
}

static int teardown(void **state)
{
    struct adding *a = *state;
    batch_free(a->batch);
    names_finish(&a->names);
    buf_finish(&a->reason);
    return 0;
}

static bool add(struct adding *a, const char *text)
{
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    batch_clear(a->batch);
    bool added = shortform_add(json, &a->options, a->batch, &a->reason, &a->column);
    assert_int_equal(a->batch->n, added);
    json_decref(json);
    return added;
}

static void becomes_an_event(void **state)
{
    struct adding *a = *state;
    char time[CLOCK_TEXT];
    assert_true(add(a, "{\"id\":\"1\",\"time\":\"2026-03-01T10:00:00+02:00\",\"type\":\"moved\","
                       "\"item\":\"issue:DRV-17:a\",\"items\":[\"change:#7\",\"commit:c\"],"
                       "\"stage\":\"review\",\"team\":\"blue\",\"actor\":\"ann@example.org\","
                       "\"attrs\":{\"n\":1}}"));
    const struct batch *b = a->batch;
    assert_true(str_eq(names_text(&a->names, b->type[0]), STR("moved")));
    assert_true(str_eq(names_text(&a->names, b->activity[0]), STR("review")));
    assert_true(str_eq(names_key(&a->names, b->item[0]), STR("DRV-17:a"))); /* the first colon */
    assert_true(str_eq(names_text(&a->names, b->team[0]), STR("blue")));
    assert_true(str_eq(b->attrs[0], STR("{\"n\":1}")));
    assert_int_equal(b->items.n, 2);
    clock_text(b->time[0], time);
    assert_string_equal(time, "2026-03-01T08:00:00.000000Z");
    str actor = names_text(&a->names, b->actor[0]);
    assert_int_equal(actor.n, 16); /* a pseudonym */
    /* without a stage the type is the activity; without `item` the first of `items` is the subject
     */
    assert_true(add(a, "{\"id\":\"2\",\"time\":\"2026-03-01T10:00:00Z\",\"type\":\"opened\","
                       "\"items\":[\"a:1\",\"a:2\"]}"));
    assert_int_equal(b->activity[0], b->type[0]);
    assert_true(str_eq(names_key(&a->names, b->item[0]), STR("1")));
    assert_int_equal(b->items.n, 1);
    assert_int_equal(b->actor[0], 0);
}

/* The identity is (source, id) and nothing else, and a source cannot pretend to be another. */
static void is_known_by_source_and_id(void **state)
{
    struct adding *a = *state;
    id128 keys[4];
    static const char *const HEADS[] = {"\"id\":\"1\"", "\"id\":\"1\",\"source\":\"ci\"",
                                        "\"id\":\"i1\",\"source\":\"c\"", "\"id\":\"ci1\""};
    for (size_t i = 0; i < 4; i++) {
        struct buf text = {0};
        buf_addf(&text, "{%s,\"time\":\"2026-03-01\",\"type\":\"t\",\"item\":\"a:1\"}", HEADS[i]);
        assert_true(add(a, buf_cstr(&text)));
        keys[i] = a->batch->key[0];
        buf_finish(&text);
        for (size_t k = 0; k < i; k++) {
            assert_true(keys[i].hi != keys[k].hi || keys[i].lo != keys[k].lo);
        }
    }
    assert_true(
        add(a, "{\"id\":\"1\",\"time\":\"2027-01-01\",\"type\":\"other\",\"item\":\"b:2\"}"));
    assert_memory_equal(&keys[0], &a->batch->key[0], sizeof keys[0]);
}

static void says_what_is_wrong(void **state)
{
    struct adding *a = *state;
    static const struct {
        const char *text, *column, *reason;
    } CASES[] = {
        {"{\"time\":\"2026-03-01\",\"type\":\"t\",\"item\":\"a:1\"}", "id", "no id"},
        {"{\"id\":7,\"time\":\"2026-03-01\",\"type\":\"t\",\"item\":\"a:1\"}", "id", "no id"},
        {"{\"id\":\"1\",\"time\":\"2026-03-01\",\"item\":\"a:1\"}", "type", "no type"},
        {"{\"id\":\"1\",\"type\":\"t\",\"item\":\"a:1\"}", "time", "is not a date"},
        {"{\"id\":\"1\",\"time\":\"soon\",\"type\":\"t\",\"item\":\"a:1\"}", "time",
         "\"soon\" is not a date"},
        {"{\"id\":\"1\",\"time\":\"2026-03-01\",\"type\":\"t\",\"item\":\"a1\"}", "item",
         "\"a1\" is not an item (type:key)"},
        {"{\"id\":\"1\",\"time\":\"2026-03-01\",\"type\":\"t\",\"item\":\":1\"}", "item",
         "is not an item"},
        {"{\"id\":\"1\",\"time\":\"2026-03-01\",\"type\":\"t\",\"items\":[]}", "item",
         "is not an item"},
        {"{\"id\":\"1\",\"time\":\"2026-03-01\",\"type\":\"t\",\"item\":\"a:1\",\"items\":[7]}",
         "items", "is not an item"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_false(add(a, CASES[i].text));
        assert_non_null(strstr(buf_cstr(&a->reason), CASES[i].reason));
        assert_true(str_eq(a->column, str_of(CASES[i].column)));
    }
}

static void is_recognised(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is;
    } CASES[] = {{"{\"id\":\"1\",\"time\":\"x\",\"type\":\"t\",\"item\":\"a:1\"}", true},
                 {"{\"id\":\"1\",\"time\":\"x\",\"type\":\"t\",\"items\":[]}", true},
                 {"{\"id\":\"1\",\"time\":\"x\",\"type\":\"t\"}", false},
                 {"{\"id\":1,\"time\":\"x\",\"type\":\"t\",\"item\":\"a:1\"}", false},
                 {"{}", false}};
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        json_t *json = json_loads(CASES[i].text, 0, NULL);
        assert_int_equal(shortform_is(json), CASES[i].is);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(becomes_an_event, setup, teardown),
        cmocka_unit_test_setup_teardown(is_known_by_source_and_id, setup, teardown),
        cmocka_unit_test_setup_teardown(says_what_is_wrong, setup, teardown),
        cmocka_unit_test(is_recognised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
