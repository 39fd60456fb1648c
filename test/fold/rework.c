#include "fold/rework.h"

#include "bag_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void again(void **state)
{
    (void)state;
    struct bag b;
    struct rework_result r;
    bag_fold(&b, &rework_fold,
             (const char *const[]){
                 "1 dev 1 actor=ada team=x", "1 qa 2 actor=bob team=y", "1 qa 3 actor=bob team=y",
                 "1 talk 3.5", "1 dev 4 actor=eve team=x", "1 qa 5 team=y", /* who is not known */
                 "2 dev 1 team=x", "2 qa 2 team=y", "2 live 3 team=z", "3 dev 1 team=x", NULL});
    rework_show(b.summary, &b.lines.names, &b.arena, &r);
    assert_int_equal(r.items, 3);
    assert_int_equal(r.again_items, 1);
    assert_int_equal(r.ping_pong_items, 1);
    assert_int_equal(r.n, 4);
    const struct rework_activity *qa = &r.activities[0], *dev = &r.activities[1];
    assert_true(bag_is(&b, qa->name, "qa") && bag_is(&b, dev->name, "dev"));
    assert_int_equal(qa->items, 2);
    assert_int_equal(qa->visits, 4);
    assert_int_equal(qa->again_items, 1);
    assert_int_equal(qa->again_visits, 2);
    assert_int_equal(qa->self_loops, 1);
    assert_int_equal(qa->repeat, 1);
    assert_int_equal(qa->redo, 0);
    assert_int_equal(dev->items, 3);
    assert_int_equal(dev->again_visits, 1);
    assert_int_equal(dev->self_loops, 0);
    assert_int_equal(dev->redo, 1);
    /* x y y x y, what has no team passed over: x y x and y x y */
    assert_int_equal(r.ping_pong_n, 2);
    assert_true(bag_is(&b, r.ping_pong[0].from, "x") && bag_is(&b, r.ping_pong[0].to, "y"));
    assert_int_equal(r.ping_pong[0].n, 1);
    assert_int_equal(r.ping_pong[1].n, 1);
    bag_free(&b, &rework_fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(again)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
