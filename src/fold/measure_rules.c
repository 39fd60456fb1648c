/* The registry of rules, and the one door through which questions go. A changed meaning is a new
 * entry, old ones stay. */
#include "fold/measure.h"

#include <math.h>
#include <string.h>

const char *const delivery_reason_word[REASON_COUNT] = {
    [REASON_SEED] = "seed",
    [REASON_LEFT_CENSORED] = "left_censored",
    [REASON_NO_START] = "no_start",
    [REASON_NO_END] = "no_end",
    [REASON_NO_DEPLOYMENT] = "no_deployment",
    [REASON_NOT_PRODUCTION] = "not_production",
    [REASON_FAILED_ATTEMPT] = "failed_attempt",
    [REASON_NEGATIVE] = "negative_duration",
    [REASON_UNLINKED] = "unlinked_incident",
    [REASON_LOW_CONFIDENCE] = "low_confidence",
    [REASON_OUTSIDE] = "outside_window",
    [REASON_BAD_TIME] = "bad_time",
    [REASON_UNMAPPED_STATUS] = "unmapped_status",
    [REASON_CANCELLED] = "cancelled",
};

const char *const delivery_reason_text[REASON_COUNT] = {
    [REASON_SEED] = "carried by the first deployment of all, whose range has no beginning",
    [REASON_LEFT_CENSORED] = "begun before the log",
    [REASON_NO_START] = "it is not told when it began",
    [REASON_NO_END] = "it has not ended",
    [REASON_NO_DEPLOYMENT] = "no deployment carries it",
    [REASON_NOT_PRODUCTION] = "deployed elsewhere than asked for",
    [REASON_FAILED_ATTEMPT] = "the deployment failed and never arrived",
    [REASON_NEGATIVE] = "it ends before it begins (or counts as nothing by the rule)",
    [REASON_UNLINKED] = "no deployment is linked to the incident",
    [REASON_LOW_CONFIDENCE] = "the link is weaker than what is asked for",
    [REASON_OUTSIDE] = "outside the window",
    [REASON_BAD_TIME] = "its time cannot be believed",
    [REASON_UNMAPPED_STATUS] = "its state means nothing to the rule",
    [REASON_CANCELLED] = "cancelled",
};

struct delivery_rule {
    const char *name;
    const struct delivery_rule_metric {
        measure *run;
        const char *text;
        unsigned needs; /* enum delivery_told */
    } metrics[DELIVERY_METRICS];
};

enum {
    LEAD = TOLD_DEPLOYMENTS | TOLD_CHANGES,
    COUNT = TOLD_DEPLOYMENTS,
    RATE = TOLD_DEPLOYMENTS | TOLD_INCIDENTS,
    ROLLED_BACK = TOLD_DEPLOYMENTS | TOLD_KIND,
};

static const struct delivery_rule RULES[] = {
    {"weir",
     {[DELIVERY_LEAD_TIME] = {measure_weir_lead,
                              "Per commit: finish of its first successful production deployment "
                              "minus the commit's time; the median. Negative times are left out.",
                              LEAD},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency,
                              "Successful production deployments by days of the window.", COUNT},
      [DELIVERY_FAIL_RATE] =
          {measure_weir_fail_rate,
           "Distinct failed deployments by all successful production deployments. Failed: an "
           "incident is stated to come from it, or else began within the window of time after it "
           "and before the service's next one; or it was rolled back.",
           RATE},
      [DELIVERY_RECOVERY] = {measure_weir_recovery,
                             "Per incident that is linked to a deployment: resolved minus finish "
                             "of that deployment; the median of the resolved ones.",
                             RATE},
      [DELIVERY_REWORK] = {measure_weir_rework,
                           "Unplanned by all successful production deployments. Unplanned: the "
                           "source says so, or else it is a hotfix or a rollback.",
                           ROLLED_BACK}}},
    {"dora",
     {[DELIVERY_LEAD_TIME] = {measure_dora_lead,
                              "Per commit: finish of its first successful production deployment "
                              "minus the commit's time, negative ones included; the median.",
                              LEAD},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency,
                              "Successful production deployments by days of the window.", COUNT},
      [DELIVERY_FAIL_RATE] = {measure_dora_fail_rate,
                              "Distinct deployments that an incident is stated to come from, by "
                              "all successful production deployments.",
                              RATE},
      [DELIVERY_RECOVERY] = {measure_dora_recovery,
                             "Per incident that is stated to come from a deployment: resolved "
                             "minus finish of that deployment; the median.",
                             RATE},
      [DELIVERY_REWORK] = {measure_weir_rework,
                           "Unplanned by all successful production deployments. Unplanned: the "
                           "source says so, or else it is a hotfix or a rollback.",
                           ROLLED_BACK}}},
    {"devlake",
     {[DELIVERY_LEAD_TIME] =
          {measure_devlake_lead,
           "Per pull request, each part in whole minutes rounded up: first commit to opened, to "
           "merged, to finish of the earliest started deployment that holds it; a negative part "
           "counts 0; the lower median.",
           LEAD},
      [DELIVERY_FREQUENCY] = {measure_devlake_frequency,
                              "Lower median, over the weeks from Monday, of the days with a "
                              "deployment; at most the last 400 days.",
                              COUNT},
      [DELIVERY_FAIL_RATE] = {measure_devlake_fail_rate,
                              "Distinct deployments that are the latest before an incident, "
                              "however long before, by all.",
                              RATE},
      [DELIVERY_RECOVERY] = {measure_devlake_recovery,
                             "Per incident: finish of the latest deployment before it (report "
                             "2021: its creation) to resolved, both in the window, in whole "
                             "minutes; the lower median.",
                             RATE}}},
    {"fourkeys",
     {[DELIVERY_LEAD_TIME] = {measure_fourkeys_lead,
                              "Per commit: its time to that of its deployment in whole minutes, "
                              "none at or below 0; the median.",
                              LEAD},
      [DELIVERY_FREQUENCY] =
          {measure_fourkeys_frequency,
           "Median, over the weeks from Sunday of the last three months, of the days with a "
           "deployment; at 3 or more Daily, else Weekly, Monthly or Yearly.",
           COUNT},
      [DELIVERY_FAIL_RATE] = {measure_fourkeys_fail_rate,
                              "Incidents with a deployed root cause by deployments; may exceed 1.",
                              RATE},
      [DELIVERY_RECOVERY] = {measure_fourkeys_recovery,
                             "Per incident: the deployment of its root cause, or its creation if "
                             "that was earlier, to resolved, in whole hours; the median.",
                             TOLD_INCIDENTS}}},
    {"middleware",
     {[DELIVERY_LEAD_TIME] =
          {measure_middleware_lead,
           "Per pull request merged in the window: sum of the means of first commit to opened, "
           "first response, rework, merge, merge to deployed; what is missing counts 0.",
           TOLD_CHANGES},
      [DELIVERY_FREQUENCY] = {measure_middleware_frequency,
                              "Deployments by calendar days, in whole numbers.", COUNT},
      [DELIVERY_FAIL_RATE] = {measure_middleware_fail_rate,
                              "Percent of the deployments that are the latest at or before an "
                              "incident; without deployments 0.",
                              RATE},
      [DELIVERY_RECOVERY] = {measure_middleware_recovery,
                             "Mean of created to resolved of the incidents resolved in the "
                             "window.",
                             TOLD_INCIDENTS}}},
    {"pelorus",
     {[DELIVERY_LEAD_TIME] = {measure_pelorus_lead,
                              "Mean of the services' means of commit to deployment, in whatever "
                              "environment, each deployment an image of its own.",
                              LEAD},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency, "Deployments over time.", COUNT},
      [DELIVERY_FAIL_RATE] = {measure_pelorus_fail_rate,
                              "Mean of the services' incidents by deployments of a known commit; "
                              "a service without one drops out.",
                              RATE},
      [DELIVERY_RECOVERY] = {measure_pelorus_recovery,
                             "Mean of the services' means of created to resolved.",
                             TOLD_INCIDENTS}}},
    {"cdviz",
     {[DELIVERY_LEAD_TIME] = {measure_cdviz_lead, "Artifact published to deployed; the median.",
                              COUNT},
      [DELIVERY_FREQUENCY] = {measure_cdviz_frequency,
                              "Deployments by days between the first and the last of the window, "
                              "two decimals; none for one deployment.",
                              COUNT},
      [DELIVERY_FAIL_RATE] = {measure_cdviz_fail_rate, "Rollbacks by all deployments.",
                              ROLLED_BACK},
      [DELIVERY_RECOVERY] = {measure_cdviz_recovery,
                             "Median of detected to resolved, all incidents.", TOLD_INCIDENTS}}},
    {"gitlab",
     {[DELIVERY_LEAD_TIME] = {measure_gitlab_lead,
                              "Per merge request: merged to finish of its first production "
                              "deployment; the median.",
                              LEAD},
      [DELIVERY_FREQUENCY] = {measure_weir_frequency, "Mean per day by finish.", COUNT},
      [DELIVERY_FAIL_RATE] = {measure_gitlab_fail_rate, "Incidents by deployments.", RATE},
      [DELIVERY_RECOVERY] = {measure_gitlab_recovery, "Median time that an incident was open.",
                             TOLD_INCIDENTS}}},
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
    return (struct delivery_parameters){
        .window = 24 * HOUR, .incident_link = INCIDENT_WINDOW, .min_confidence = .5};
}

static const char *not_told(unsigned missing)
{
    return missing & TOLD_DEPLOYMENTS ? "no deployments are told of"
           : missing & TOLD_CHANGES   ? "no commits or changes are told of"
           : missing & TOLD_INCIDENTS
               ? "no incidents are told of"
               : "nothing tells which deployments were planned, hotfixes or rollbacks";
}

void delivery_measure(struct delivery *d, const struct delivery_question *q, struct arena *a,
                      struct delivery_answer *ret)
{
    static const char *const UNITS[DELIVERY_METRICS] = {
        [DELIVERY_LEAD_TIME] = "s",     [DELIVERY_FREQUENCY] = "per_day",
        [DELIVERY_FAIL_RATE] = "ratio", [DELIVERY_RECOVERY] = "s",
        [DELIVERY_REWORK] = "ratio",
    };
    *ret = (struct delivery_answer){.value = NAN,
                                    .low = NAN,
                                    .high = NAN,
                                    .km_p50 = NAN,
                                    .unit = UNITS[q->metric],
                                    .daily = -1,
                                    .weekly = -1,
                                    .monthly = -1};
    const struct delivery_rule_metric *rule = &q->rule->metrics[q->metric];
    if (rule->run == NULL) {
        ret->note = "rule has no such metric";
        return;
    }
    if ((rule->needs & ~d->told) != 0) {
        ret->note = not_told(rule->needs & ~d->told);
        return;
    }
    delivery_sort(d);
    struct asking k = {.d = d, .q = q, .scope = delivery_scope(d, q), .a = a, .to = ret};
    rule->run(&k);
    if (k.samples.n > 0) {
        ret->samples = ARENA_ARRAY(a, int64_t, k.samples.n);
        memcpy(ret->samples, k.samples.v, k.samples.n * sizeof *ret->samples);
        ret->sample_n = ret->n = k.samples.n;
    }
    if (isnan(ret->value) && ret->note == NULL) {
        ret->note = "there is nothing in the window to measure";
    }
    VEC_FINISH(&k.samples);
}
