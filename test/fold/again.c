#include "fold/again.h"

#include "event_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Items 1 to 4 come interleaved; their visits in order:
 * 1: dev ann x, qa bob y, dev eve x, dev eve x   a redo and a repeat; x y x
 * 2: dev ann x, qa (nobody known) y
 * 3: a ann x, b bob y, c ann x                    nothing twice but the team
 * 4: dev */
static const char *const LINES[] = {"1 dev 1 actor=ann team=x",
                                    "2 dev 1 actor=ann team=x",
                                    "1 qa 2 actor=bob team=y",
                                    "3 a 2 actor=ann team=x",
                                    "2 qa 3 team=y",
                                    "1 dev 3 actor=eve team=x",
                                    "3 b 4 actor=bob team=y",
                                    "4 dev 4",
                                    "1 dev 5 actor=eve team=x",
                                    "3 c 6 actor=ann team=x",
                                    NULL};

static void counts_without_weaving(void **state)
{
    (void)state;
    struct event_lines lines;
    struct arena arena = {0};
    struct rework_result r;
    struct handover_result h;
    event_lines_make(&lines, LINES, false);
    struct log log = event_lines_log(&lines);
    struct again *a = again_open();
    again_step(a, &log);
    again_choose(a);
    again_fetch(a, &log);
    again_show(a, 2, &lines.names, &arena, &r, &h);
    assert_int_equal(r.items, 4);
    assert_int_equal(r.again_items, 1);
    assert_int_equal(r.ping_pong_items, 2);
    assert_int_equal(r.ping_pong_n, 1);
    assert_int_equal(r.ping_pong[0].n, 2); /* x y x, twice */
    assert_int_equal(r.n, 5);
    const struct rework_activity *dev = &r.activities[0];
    assert_true(str_eq(names_text(&lines.names, dev->name), STR("dev")));
    assert_int_equal(dev->items, 3);
    assert_int_equal(dev->visits, 5);
    assert_int_equal(dev->again_items, 1);
    assert_int_equal(dev->again_visits, 2);
    assert_int_equal(dev->self_loops, 1);
    assert_int_equal(dev->repeat, 1);
    assert_int_equal(dev->redo, 1);
    assert_int_equal(h.visit_pairs, 6);
    assert_int_equal(h.actors.known, 5);
    assert_int_equal(h.actors.proper, 4);
    assert_int_equal(h.teams.known, 6);
    assert_int_equal(h.teams.proper, 5);
    assert_int_equal(h.team_n, 2);
    assert_int_equal(h.small_n, 1); /* y has bob alone */
    assert_int_equal(h.n, 0);
    assert_int_equal(h.unlisted, 5);
    again_close(a);
    arena_finish(&arena);
    event_lines_free(&lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts_without_weaving)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
