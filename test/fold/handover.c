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
    handover_show(b.summary, 1, &b.lines.names, &b.arena, &r);
    assert_int_equal(r.visit_pairs, 5);
    assert_int_equal(r.actors.known, 3);
    assert_int_equal(r.actors.proper, 2);
    assert_int_equal(r.teams.known, 4); /* x x, x y, y y, y z */
    assert_int_equal(r.teams.proper, 2);
    assert_int_equal(r.n, 2);
    assert_int_equal(r.unlisted, 0);
    assert_true(bag_is(&b, r.pairs[0].from, "x") && bag_is(&b, r.pairs[0].to, "y"));
    assert_true(bag_is(&b, r.pairs[1].from, "y") && bag_is(&b, r.pairs[1].to, "z"));
    bag_free(&b, &handover_fold);
}

/* x has two people, y one, z nobody that is known, of two visits. */
static void small_teams_are_not_named(void **state)
{
    (void)state;
    static const struct {
        uint64_t least;
        size_t small, listed;
        uint64_t unlisted;
    } CASES[] = {{1, 0, 3, 0}, {2, 1, 1, 2}, {3, 2, 0, 3}};
    struct bag b;
    bag_fold(&b, &handover_fold,
             (const char *const[]){"1 a 1 actor=ada team=x", "1 a 2 actor=eve team=x",
                                   "1 a 3 actor=bob team=y", "1 a 4 team=z", "1 a 5 team=x", NULL});
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct handover_result r;
        handover_show(b.summary, CASES[i].least, &b.lines.names, &b.arena, &r);
        assert_int_equal(r.team_n, 3);
        assert_int_equal(r.teams.known, 4);
        assert_int_equal(r.teams.proper, 3);
        assert_int_equal(r.small_n, CASES[i].small);
        assert_int_equal(r.n, CASES[i].listed);
        assert_int_equal(r.unlisted, CASES[i].unlisted);
    }
    bag_free(&b, &handover_fold);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(matrix),
                                       cmocka_unit_test(small_teams_are_not_named)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
