/* The five delivery metrics (DORA), by whose rule one likes.
 *
 * The facts are deployments, commits that were deployed with them, and incidents. Adding facts in
 * any order and merging two sets gives the same set; links between facts are derived over all of
 * them and cut to a window of time afterwards, so that what belongs to what never depends on the
 * window (delivery metrics, sections 3 to 5 and 9). */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/vec.h"

enum deployment_kind { DEPLOYMENT_RELEASE, DEPLOYMENT_HOTFIX, DEPLOYMENT_ROLLBACK };
enum planned { PLANNED_UNKNOWN, PLANNED_YES, PLANNED_NO };

struct deployment {
    str id, environment, service, commit;
    when started, finished; /* started: WHEN_NONE if not known */
    bool success;
    enum deployment_kind kind;
    enum planned planned;
};

struct deployed_commit {
    str commit, change;  /* change: pull request; empty: none known */
    str service;         /* empty: that of its deployment */
    when committed;      /* by the committer's clock */
    when opened, merged; /* of its change; WHEN_NONE */
    str deployment;      /* stated link; empty: none */
};

struct incident {
    str id, service;
    when created, resolved; /* resolved: WHEN_NONE = open */
    str caused_by;          /* stated link to a deployment; empty: none */
};

struct delivery { /* texts live as long as `text` or whoever owns them */
    VEC(struct deployment) deployments;
    VEC(struct deployed_commit) commits;
    VEC(struct incident) incidents;
    bool sorted;           /* links are derived */
    VEC(size_t) cause;     /* incident → deployment that is stated as its cause, or SIZE_MAX */
    VEC(size_t) stated;    /* row of commits → deployment stated for it, or SIZE_MAX */
    VEC(size_t) by_commit; /* deployments that name a commit, in order of its id */
};

void delivery_merge(struct delivery *d, const struct delivery *right);
void delivery_finish(struct delivery *d);

bool delivery_is_production(str environment); /* production, prod, or not told */

enum delivery_metric {
    DELIVERY_LEAD_TIME,
    DELIVERY_FREQUENCY,
    DELIVERY_FAIL_RATE,
    DELIVERY_RECOVERY,
    DELIVERY_REWORK,
    DELIVERY_METRICS,
};

enum delivery_reason { /* why a fact is not in the figure (closed list of the delivery metrics) */
                       REASON_NO_DEPLOYMENT,
                       REASON_NOT_PRODUCTION,
                       REASON_FAILED_ATTEMPT,
                       REASON_NEGATIVE,
                       REASON_UNLINKED,
                       REASON_OUTSIDE,
                       REASON_NO_END,
                       REASON_NO_START,
                       REASON_COUNT,
};
extern const char *const delivery_reason_word[REASON_COUNT];

struct delivery_rule;                                     /* an entry of the registry */
const struct delivery_rule *delivery_rule_find(str name); /* "weir", "weir@1"; NULL: none */
const struct delivery_rule *delivery_rule_at(size_t i);   /* NULL behind the last */
const char *delivery_rule_name(const struct delivery_rule *r);
const char *delivery_rule_text(const struct delivery_rule *r,
                               enum delivery_metric m); /* a sentence;
                                                         * NULL: the rule has no such metric */

struct delivery_parameters {                               /* of rule weir; others take none */
    lapse window;                                          /* of the link by time; default 24 h */
    enum { LINK_STATED, LINK_EVIDENCE, LINK_WINDOW } link; /* the weakest link that counts */
    bool per_deployment; /* recovery once a deployment, by its last incident */
};
struct delivery_parameters delivery_parameters_default(void);

struct delivery_question {
    const struct delivery_rule *rule;
    struct delivery_parameters parameters;
    enum delivery_metric metric;
    when from, to;   /* half-open window, both given */
    when now;        /* open incidents are censored then */
    str service;     /* empty: all */
    str environment; /* empty: production */
};

struct delivery_answer { /* memory of the arena that was given */
    double value;        /* the rule's own statistic; NaN: none */
    const char *unit;    /* "s", "per_day", "days_per_week", "ratio", "percent" */
    int64_t *samples;    /* µs, ascending; of times */
    size_t sample_n;
    uint64_t n, of;   /* rates: n of `of`; times: n = sample_n; frequency: n = deployments */
    double low, high; /* 95 % interval of the value; NaN: none */
    double coverage;  /* linked / linkable; NaN: nothing to link */
    uint64_t excluded[REASON_COUNT];
    const char *bucket; /* fourkeys' word, or NULL */
    const char *note;   /* why there is no value, or NULL */
    const str *ids;     /* failed or unplanned deployments */
    size_t id_n;
    const str *unlinked; /* incidents that no deployment is linked to */
    size_t unlinked_n;
    uint64_t censored; /* open incidents */
    double km_p50;     /* µs; Kaplan–Meier median with them; NaN: not reached */
};

/* Answers one question. Sorts and links the facts first when that is not done. */
void delivery_measure(struct delivery *d, const struct delivery_question *q, struct arena *a,
                      struct delivery_answer *ret);
