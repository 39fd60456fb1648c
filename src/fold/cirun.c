#include "fold/cirun.h"

static bool ended(enum ci_result r)
{
    return r == CI_SUCCESS || r == CI_FAILURE;
}

bool cirun_deployment(const struct ci_run *run, struct ci_deployment *ret)
{
    static const str BY_RANK[] = {STR_INIT("PRODUCTION"), STR_INIT("STAGING"), STR_INIT("TESTING")};
    bool deploys = run->deploys;
    for (size_t i = 0; i < run->job_n; i++) {
        deploys = deploys || (run->jobs[i].deploys && ended(run->jobs[i].result));
    }
    if (!ended(run->result) || !deploys) {
        return false;
    }
    str environment = run->environment;
    for (size_t rank = 0; rank < 3; rank++) {
        for (size_t i = 0; i < run->job_n && environment.n == 0; i++) {
            if (ended(run->jobs[i].result) &&
                str_eq_case(run->jobs[i].environment, BY_RANK[rank])) {
                environment = BY_RANK[rank];
            }
        }
    }
    when started = run->started;
    if (started == WHEN_NONE && run->finished != WHEN_NONE) {
        started = run->finished - run->duration;
    }
    *ret = (struct ci_deployment){environment, started, run->finished, run->result == CI_SUCCESS};
    return true;
}
