/* Which runs of a CI system are deployments (delivery metrics, section 3; rules as in DevLake's
 * deployment generator): a run that ended in success or failure and is marked as one, or has a
 * job that is and ended so. What was skipped never counts. */
#pragma once

#include "base/clock.h"
#include "base/str.h"

#include <stddef.h>

enum ci_result { CI_NONE, CI_SUCCESS, CI_FAILURE, CI_SKIPPED };

struct ci_job {
    enum ci_result result;
    bool deploys;    /* marked as a deployment */
    str environment; /* PRODUCTION, STAGING, TESTING; empty: none */
};

struct ci_run {
    enum ci_result result;
    bool deploys;
    str environment;        /* its own; empty: by its jobs */
    when started, finished; /* WHEN_NONE: not told */
    lapse duration;
    const struct ci_job *jobs;
    size_t job_n;
};

struct ci_deployment {
    str environment; /* empty: unknown */
    when started, finished;
    bool success;
};

/* False: the run is no deployment. */
bool cirun_deployment(const struct ci_run *run, struct ci_deployment *ret);
