/* What a store says of changes, told in the words of several sources. */
#include "engine/changes.h"

#include "stream_lines.h"

static void understands_the_words(void **state)
{
    (void)state;
    static const struct {
        str type, activity, state;
        enum change_event expected;
    } CASES[] = {
        {STR_INIT("change"), STR_INIT("created"), {0}, CHANGE_CREATED},
        {STR_INIT("change.ready"), STR_INIT("in review"), {0}, CHANGE_READY},
        {STR_INIT("change.reviewed"), STR_INIT("reviewed"), STR_INIT("APPROVED"), CHANGE_APPROVED},
        {STR_INIT("change.reviewed"), STR_INIT("Changes Requested"), {0}, CHANGE_ASKED},
        {STR_INIT("change"), STR_INIT("reviewed"), STR_INIT("commented"), CHANGE_COMMENTED},
        {STR_INIT("change"), STR_INIT("merged"), STR_INIT("approved"), CHANGE_MERGED},
        {STR_INIT("change"), STR_INIT("landed"), {0}, CHANGE_OTHER},
        {STR_INIT("change.labelled"), STR_INIT("urgent"), {0}, CHANGE_OTHER},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        assert_int_equal(change_event_of(CASES[i].type, CASES[i].activity, CASES[i].state),
                         CASES[i].expected);
    }
}

static struct store *store_with(const char *const *lines)
{
    struct error why = {0};
    struct store *store = NULL;
    FINE(store_open("memory:", STORE_WRITE, &store, &why));
    stream_fill(store, lines);
    return store;
}

/* Told out of order; c2 is not merged, c3 was never opened as far as this store knows. */
static void puts_changes_together(void **state)
{
    (void)state;
    struct error why = {0};
    struct store *store = store_with((const char *const[]){
        "change:c1 merged 9 actor=bob", "change:c1 created 2 actor=ann",
        "change:c1 reviewed 5 actor=bob attr=state:approved",
        "change:c1 reviewed 3 actor=bob attr=state:changes_requested",
        "change:c1 updated 4 actor=ann", "change:c2 created 3 actor=ann", "change:c3 merged 4",
        "change:c2 merged 1 bad", "commit:x authored 1 actor=ann", NULL});
    struct batch *b = batch_new();
    struct appended added = {0};
    struct names *names = store_names(store);
    batch_link(b, (struct link){.from = stream_item(store, STR("commit:x")),
                                .to = stream_item(store, STR("change:c1")),
                                .kind = names_sym(names, STR("part_of")),
                                .rule = names_sym(names, STR("stated")),
                                .confidence = 1});
    FINE(store_append(store, names_sym(names, STR("test")), b, &added, &why));
    FINE(store_commit(store, &why));
    batch_free(b);
    struct facts facts;
    struct changes changes;
    FINE(facts_load(store, &facts, &why));
    FINE(changes_load(store, &facts, &changes, &why));
    assert_int_equal(changes.v.n, 2);
    assert_int_equal(changes.unopened, 1);
    assert_int_equal(changes.bad_time, 1);
    const struct change *c = &changes.v.v[0];
    assert_true(c->has_commits && c->tells_reviews);
    assert_true(str_eq(c->review.author, STR("ann")));
    assert_int_equal(c->review.commit_n, 2);
    assert_int_equal(c->review.commits[0], STREAM_BEGIN + HOUR);
    assert_int_equal(c->review.review_n, 2);
    struct review_stages s;
    assert_true(review_stages(&c->review, &s));
    static const lapse EXPECTED[REVIEW_STAGES] = {HOUR, HOUR, HOUR, HOUR, 4 * HOUR, 0};
    assert_memory_equal(s.time, EXPECTED, sizeof EXPECTED);
    assert_int_equal(changes.v.v[1].review.merged, WHEN_NONE);
    assert_false(changes.v.v[1].has_commits);
    changes_finish(&changes);
    facts_finish(&facts);
    store_close(store);
}

static void rows_of_a_delivery_log_tell_no_reviews(void **state)
{
    (void)state;
    static const str ONE = STR_INIT("1"), WEB = STR_INIT("web"), API = STR_INIT("api");
    struct error why = {0};
    struct store *store = store_with((const char *const[]){"case:a b 1", NULL});
    struct facts facts;
    struct changes changes;
    FINE(facts_load(store, &facts, &why));
    const struct deployed_commit rows[] = {
        {.change = ONE,
         .service = WEB,
         .committed = 5,
         .authored = WHEN_NONE,
         .opened = 6,
         .merged = 9},
        {.change = ONE,
         .service = API,
         .committed = 4,
         .authored = WHEN_NONE,
         .opened = 5,
         .merged = WHEN_NONE},
        {.change = ONE, .service = WEB, .committed = 8, .authored = 3, .opened = 6, .merged = 9},
        {.change = ONE, .service = WEB, .committed = 8, .authored = 3, .opened = WHEN_NONE},
        {.committed = 8, .opened = 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        VEC_ADD(&facts.delivery.commits, rows[i]);
    }
    FINE(changes_load(store, &facts, &changes, &why));
    assert_int_equal(changes.v.n, 2);
    assert_int_equal(changes.v.v[0].review.merged, WHEN_NONE);
    const struct change *c = &changes.v.v[1];
    assert_int_equal(c->review.created, 6);
    assert_int_equal(c->review.commit_n, 2);
    assert_int_equal(c->review.commits[0], 3);
    assert_false(c->tells_reviews);
    changes_finish(&changes);
    facts_finish(&facts);
    store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(understands_the_words),
        cmocka_unit_test(puts_changes_together),
        cmocka_unit_test(rows_of_a_delivery_log_tell_no_reviews),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
