#include "fold/handover.h"

#include "bag_lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void matrix(void **state)
{
    (void)state;
    struct bag b;
    struct handover_result r;
    bag_fold(&b, &handover_fold,
             (const char *const[]){"1 dev 1 actor=ada team=x", "1 dev 2 actor=ada team=x",
                                   "1 qa 3 actor=bob team=y", "1 qa 4 team=y",
                                   "1 live 5 actor=bob team=z", "2 dev 1 actor=ada",
                                   "2 qa 2 actor=bob team=y", "3 dev 1 actor=ada", NULL});
    handover_show(b.summary, &b.lines.names, &b.arena, &r);
    assert_int_equal(r.visit_pairs, 5);
    assert_int_equal(r.actors.known, 3);
    assert_int_equal(r.actors.proper, 2);
    assert_int_equal(r.actors.n, 2);
    assert_true(bag_is(&b, r.actors.pairs[0].from, "ada") &&
                bag_is(&b, r.actors.pairs[0].to, "bob"));
    assert_int_equal(r.actors.pairs[0].n, 2);
    assert_int_equal(r.teams.known, 4); /* x x, x y, y y, y z */
    assert_int_equal(r.teams.proper, 2);
    bag_free(&b, &handover_fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(matrix)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
