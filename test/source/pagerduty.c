/* PagerDuty: our own bodies line by line; then the incidents of the REST API that have known
 * answers, where they are at hand. */
#include "hooking.h"

#define FOLDER SHARED "/data/delivery/14-connector-raw-to-normalised/pagerduty"

static void bodies(void **state)
{
    (void)state;
    hooking_golden(&SOURCE_PAGERDUTY, "pagerduty");
}

static void delivery_id(void **state)
{
    (void)state;
    struct arena text = {0};
    struct delivery d = {.body = STR("{\"event\":{\"id\":\"01X\"}}")};
    assert_true(str_eq(HOOK_PAGERDUTY.id(&d, &text), STR("01X")));
    d.body = STR("{\"event\":{\"id\":7}}");
    assert_int_equal(HOOK_PAGERDUTY.id(&d, &text).n, 0);
    d.body = STR("{");
    assert_int_equal(HOOK_PAGERDUTY.id(&d, &text).n, 0);
    arena_finish(&text);
}

/* Rows of the answer: id, key, title, type, status, original, resolved, created, updated, … */
static void known_answers(void **state)
{
    (void)state;
    if (!shared_is_here(FOLDER "/raw.json")) {
        skip();
    }
    struct loaded l;
    load_path(&l, &SOURCE_PAGERDUTY, FOLDER "/raw.json", HOOKING);
    expect_end(&l);
    assert_int_equal(l.events, 5);
    assert_int_equal(l.items.n, 3);
    struct buf answer = hooking_file(FOLDER "/expected_issues.csv");
    str rest = buf_str(&answer), line, cell;
    size_t rows = 0, resolved = 0;
    str_cut(&rest, '\n', &line);
    while (str_cut(&rest, '\n', &line) && line.n > 0) {
        str cells[16] = {{0}};
        for (size_t i = 0; i < 16 && str_cut(&line, ',', &cell); i++) {
            cells[i] = cell;
        }
        char want[120];
        (void)snprintf(want, sizeof want, "incident.created/created %.19s", cells[7].p);
        expect_part(buf_str(&l.text), want);
        if (cells[6].n > 0) {
            (void)snprintf(want, sizeof want, "incident.resolved/resolved %.19s", cells[6].p);
            expect_part(buf_str(&l.text), want);
            resolved++;
        }
        rows++;
    }
    assert_int_equal(rows, 3);
    assert_int_equal(resolved, 1);
    buf_finish(&answer);
    loaded_finish(&l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(delivery_id),
        cmocka_unit_test(known_answers),
    };
    return cmocka_run_group_tests_name("pagerduty", tests, NULL, NULL);
}
