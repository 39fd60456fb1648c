/* The registry of rules. A changed meaning is a new entry, old ones stay. */
#include "fold/measure.h"

#include <math.h>
#include <string.h>

const char *const delivery_reason_word[REASON_COUNT] = {
    [REASON_NO_DEPLOYMENT] = "no_deployment",
    [REASON_NOT_PRODUCTION] = "not_production",
    [REASON_FAILED_ATTEMPT] = "failed_attempt",
    [REASON_NEGATIVE] = "negative_duration",
    [REASON_UNLINKED] = "unlinked_incident",
    [REASON_OUTSIDE] = "outside_window",
    [REASON_NO_END] = "no_end",
    [REASON_NO_START] = "no_start",
};

struct delivery_rule {
    const char *name;
    const struct delivery_rule_metric {
        measure *run;
        const char *text;
    } metrics[DELIVERY_METRICS];
};

static const struct delivery_rule RULES[] = {
    {"weir",
     {[DELIVERY_LEAD_TIME] = {measure_weir_lead,
                              "per commit: finish of its first successful production "
                              "deployment minus the committer's time; median"},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency,
                              "successful production deployments per day of the window"},
      [DELIVERY_FAIL_RATE] = {measure_weir_fail_rate,
                              "distinct failed deployments of all successful production "
                              "deployments; failed: blamed by an incident (stated, else the latest "
                              "one of its service within 24 hours before it), or rolled back"},
      [DELIVERY_RECOVERY] = {measure_weir_recovery,
                             "per incident that a deployment is blamed for: resolved minus finish "
                             "of that deployment; median"},
      [DELIVERY_REWORK] = {measure_weir_rework,
                           "unplanned of all successful production deployments; "
                           "unplanned: stated so, else a hotfix or rollback"}}},
    {"dora",
     {[DELIVERY_LEAD_TIME] = {measure_dora_lead, "as weir, negative times included"},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency, "deployments per day"},
      [DELIVERY_FAIL_RATE] = {measure_dora_fail_rate,
                              "distinct deployments that an incident is stated to come from, of "
                              "all"},
      [DELIVERY_RECOVERY] = {measure_dora_recovery, "as weir, stated links only"},
      [DELIVERY_REWORK] = {measure_weir_rework, "unplanned of all"}}},
    {"devlake",
     {[DELIVERY_LEAD_TIME] = {measure_devlake_lead,
                              "per pull request, in whole minutes rounded up: first commit to "
                              "opened, to merged, to deployed; negative parts count 0; lower "
                              "median"},
      [DELIVERY_FREQUENCY] = {measure_devlake_frequency,
                              "lower median over Monday weeks of the days with a "
                              "deployment"},
      [DELIVERY_FAIL_RATE] =
          {measure_devlake_fail_rate,
           "distinct deployments that are the latest before an incident, of all"},
      [DELIVERY_RECOVERY] = {measure_devlake_recovery,
                             "finish of the latest deployment before the incident to resolved, "
                             "whole minutes; lower median (2023)"}}},
    {"fourkeys",
     {[DELIVERY_LEAD_TIME] = {measure_fourkeys_lead,
                              "per commit, whole minutes, none at or below 0; median"},
      [DELIVERY_FREQUENCY] = {measure_fourkeys_frequency,
                              "days with a deployment in the median Sunday week of the last three "
                              "months, and its word"},
      [DELIVERY_FAIL_RATE] = {measure_fourkeys_fail_rate,
                              "incidents with a deployed root cause by deployments; may exceed 1"},
      [DELIVERY_RECOVERY] = {measure_fourkeys_recovery,
                             "from the deployment of the root cause, or the incident's creation if "
                             "earlier, to resolved, whole hours; median"}}},
    {"middleware",
     {[DELIVERY_LEAD_TIME] = {measure_middleware_lead,
                              "per merged pull request: sum of the means of first commit to open, "
                              "first response, rework, merge, merge to deploy"},
      [DELIVERY_FREQUENCY] = {measure_middleware_frequency,
                              "deployments by calendar days, whole numbers only"},
      [DELIVERY_FAIL_RATE] = {measure_middleware_fail_rate,
                              "percent of deployments that are the latest at or before an "
                              "incident"},
      [DELIVERY_RECOVERY] = {measure_middleware_recovery, "mean of created to resolved"}}},
    {"pelorus",
     {[DELIVERY_LEAD_TIME] = {measure_pelorus_lead,
                              "mean of the services' mean commit to deployment"},
      [DELIVERY_FREQUENCY] = {measure_pelorus_frequency, "deployments over time"},
      [DELIVERY_FAIL_RATE] = {measure_pelorus_fail_rate,
                              "mean of the services' incidents by deployments"},
      [DELIVERY_RECOVERY] = {measure_pelorus_recovery,
                             "mean of the services' mean created to resolved"}}},
    {"cdviz",
     {[DELIVERY_LEAD_TIME] = {measure_cdviz_lead, "artifact published to deployed; median"},
      [DELIVERY_FREQUENCY] = {measure_cdviz_frequency,
                              "deployments by days between the first and the last, two decimals"},
      [DELIVERY_FAIL_RATE] = {measure_cdviz_fail_rate, "rollbacks of all deployments"},
      [DELIVERY_RECOVERY] = {measure_incident_length,
                             "median of created to resolved, all incidents"}}},
    {"gitlab",
     {[DELIVERY_LEAD_TIME] = {measure_gitlab_lead,
                              "per merge request: merged to its first production deployment; "
                              "median"},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency, "mean per day by finish"},
      [DELIVERY_FAIL_RATE] = {measure_gitlab_fail_rate, "incidents by deployments"},
      [DELIVERY_RECOVERY] = {measure_incident_length, "median time that an incident was open"}}},
};

enum { RULE_COUNT = sizeof RULES / sizeof *RULES };

const struct delivery_rule *delivery_rule_find(str name)
{
    if (str_ends(name, STR("@1"))) { /* the version of all entries so far */
        name = str_first(name, name.n - 2);
    }
    for (size_t i = 0; i < RULE_COUNT; i++) {
        if (str_eq(name, str_of(RULES[i].name))) {
            return &RULES[i];
        }
    }
    return NULL;
}

const struct delivery_rule *delivery_rule_at(size_t i)
{
    return i < RULE_COUNT ? &RULES[i] : NULL;
}

const char *delivery_rule_name(const struct delivery_rule *r)
{
    return r->name;
}

const char *delivery_rule_text(const struct delivery_rule *r, enum delivery_metric m)
{
    return r->metrics[m].text;
}

struct delivery_parameters delivery_parameters_default(void)
{
    return (struct delivery_parameters){.window = 24 * HOUR, .link = LINK_WINDOW};
}

void delivery_measure(struct delivery *d, const struct delivery_question *q, struct arena *a,
                      struct delivery_answer *ret)
{
    *ret = (struct delivery_answer){
        .value = NAN, .low = NAN, .high = NAN, .coverage = NAN, .km_p50 = NAN, .unit = "s"};
    measure *run = q->rule->metrics[q->metric].run;
    if (run == NULL) {
        ret->note = "rule has no such metric";
        return;
    }
    delivery_sort(d);
    struct asking k = {.d = d, .q = q, .a = a, .to = ret};
    run(&k);
    if (k.samples.n > 0) {
        ret->samples = ARENA_ARRAY(a, int64_t, k.samples.n);
        memcpy(ret->samples, k.samples.v, k.samples.n * sizeof *ret->samples);
        ret->sample_n = k.samples.n;
        ret->n = k.samples.n;
    }
    if (k.linkable > 0) {
        ret->coverage = (double)k.linked / (double)k.linkable;
    }
    if (isnan(ret->value) && ret->note == NULL) {
        ret->note = "nothing in the window to measure";
    }
    VEC_FINISH(&k.samples);
}
