#include "fold/cirun.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void which_runs_are_deployments(void **state)
{
    (void)state;
    const struct ci_job skipped = {CI_SKIPPED, true, STR_INIT("PRODUCTION")},
                        other = {CI_SUCCESS, false, {0}}, failed = {CI_FAILURE, true, {0}};
    const struct {
        struct ci_run run;
        bool expected;
    } CASES[] = {
        {{.result = CI_SUCCESS, .deploys = true}, true},
        {{.result = CI_FAILURE, .deploys = true}, true},
        {{.result = CI_SKIPPED, .deploys = true}, false},
        {{.result = CI_NONE, .deploys = true}, false},
        {{.result = CI_SUCCESS}, false},
        {{.result = CI_SUCCESS, .jobs = &skipped, .job_n = 1}, false},
        {{.result = CI_SUCCESS, .jobs = &other, .job_n = 1}, false},
        {{.result = CI_SUCCESS, .jobs = &failed, .job_n = 1}, true},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        struct ci_deployment d;
        assert_int_equal(cirun_deployment(&CASES[i].run, &d), CASES[i].expected);
        if (CASES[i].expected) {
            assert_int_equal(d.success, CASES[i].run.result == CI_SUCCESS);
        }
    }
}

static void where_and_when(void **state)
{
    (void)state;
    const struct ci_job jobs[] = {{CI_SUCCESS, false, STR_INIT("TESTING")},
                                  {CI_FAILURE, false, STR_INIT("STAGING")},
                                  {CI_SKIPPED, false, STR_INIT("PRODUCTION")}};
    struct ci_run run = {.result = CI_SUCCESS,
                         .deploys = true,
                         .started = WHEN_NONE,
                         .finished = 100 * SECOND,
                         .duration = 40 * SECOND,
                         .jobs = jobs,
                         .job_n = 3};
    struct ci_deployment d;
    assert_true(cirun_deployment(&run, &d));
    assert_true(str_eq(d.environment, STR("STAGING"))); /* the skipped job says nothing */
    assert_int_equal(d.started, 60 * SECOND);
    run.environment = STR("lab"); /* its own wins */
    run.started = 7 * SECOND;
    assert_true(cirun_deployment(&run, &d));
    assert_true(str_eq(d.environment, STR("lab")));
    assert_int_equal(d.started, 7 * SECOND);
    run = (struct ci_run){
        .result = CI_FAILURE, .deploys = true, .started = WHEN_NONE, .finished = WHEN_NONE};
    assert_true(cirun_deployment(&run, &d)); /* no finish, and therefore no start */
    assert_int_equal(d.started, WHEN_NONE);
    assert_int_equal(d.environment.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_runs_are_deployments),
        cmocka_unit_test(where_and_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
