/* The five delivery metrics (DORA), by whose rule one likes.
 *
 * The facts are deployments, commits that were deployed with them, and incidents. Adding facts in
 * any order and merging two sets gives the same set; links between facts are derived over all of
 * them and cut to a window of time afterwards, so that what belongs to what never depends on the
 * window (delivery metrics, sections 3 to 5 and 9). What nobody tells of (`told`) is not
 * measurable, which is something else than none of it. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/vec.h"
#include "base/zone.h"

enum deployment_kind { DEPLOYMENT_RELEASE, DEPLOYMENT_HOTFIX, DEPLOYMENT_ROLLBACK };
enum planned { PLANNED_UNKNOWN, PLANNED_YES, PLANNED_NO };

struct deployment {
    str id, environment, service, repository, team, commit; /* empty: not told */
    when started, finished;                                 /* started: WHEN_NONE if not known */
    bool success;
    enum deployment_kind kind;
    enum planned planned;
};

struct deployed_commit {      /* a row: the commit, and one deployment stated for it */
    str commit, change;       /* change: pull request; empty: none known */
    str service;              /* empty: that of its deployment */
    when committed, authored; /* by the committer's and the author's clock; WHEN_NONE */
    when opened, merged;      /* of its change; WHEN_NONE */
    str deployment;           /* stated link; empty: none */
};

struct incident {
    str id, service;
    when created, resolved; /* resolved: WHEN_NONE = open */
    str caused_by;          /* stated link to a deployment; empty: none */
};

enum delivery_told { /* kinds of facts that a source tells of, were there none of them */
                     TOLD_DEPLOYMENTS = 1,
                     TOLD_CHANGES = 2,
                     TOLD_INCIDENTS = 4,
                     TOLD_KIND = 8, /* whether a deployment was planned, a hotfix, a rollback */
};

struct delivery { /* texts live as long as whoever owns them */
    VEC(struct deployment) deployments;
    VEC(struct deployed_commit) commits;
    VEC(struct incident) incidents;
    unsigned told; /* enum delivery_told */
    bool sorted;   /* the facts are in order and the links derived */
    VEC(size_t)
    before;                /* deployment → the successful one before it in its (service,
                            * repository, environment), or SIZE_MAX */
    VEC(size_t) cause;     /* incident → deployment that is stated as its cause, or SIZE_MAX */
    VEC(size_t) stated;    /* row of commits → deployment stated for it, or SIZE_MAX */
    VEC(size_t) by_commit; /* deployments that name a commit, in order of its id */
    struct delivery_scope *scope; /* what the last question was about, to ask it again */
};

/* Adds what `right` holds; it keeps its own memory, the texts must outlive both. */
void delivery_merge(struct delivery *d, const struct delivery *right);
void delivery_finish(struct delivery *d);

/* Sorts the facts (deployments by finish, start, id; commits by commit and deployment; incidents by
 * creation) and derives the links that do not depend on a question. delivery_measure does it, too.
 */
void delivery_sort(struct delivery *d);

bool delivery_is_production(str environment); /* production or prod, in any letter case */

enum delivery_metric {
    DELIVERY_LEAD_TIME,
    DELIVERY_FREQUENCY,
    DELIVERY_FAIL_RATE,
    DELIVERY_RECOVERY,
    DELIVERY_REWORK,
    DELIVERY_METRICS,
};

enum delivery_reason { /* why a fact is not in the figure (closed list of the delivery metrics) */
                       REASON_SEED,
                       REASON_LEFT_CENSORED,
                       REASON_NO_START,
                       REASON_NO_END,
                       REASON_NO_DEPLOYMENT,
                       REASON_NOT_PRODUCTION,
                       REASON_FAILED_ATTEMPT,
                       REASON_NEGATIVE,
                       REASON_UNLINKED,
                       REASON_LOW_CONFIDENCE,
                       REASON_OUTSIDE,
                       REASON_BAD_TIME,
                       REASON_UNMAPPED_STATUS,
                       REASON_CANCELLED,
                       REASON_COUNT,
};
extern const char *const delivery_reason_word[REASON_COUNT];
extern const char *const delivery_reason_text[REASON_COUNT]; /* for people */

struct delivery_rule;                                     /* an entry of the registry */
const struct delivery_rule *delivery_rule_find(str name); /* "weir", "weir@1"; NULL: none */
const struct delivery_rule *delivery_rule_at(size_t i);   /* NULL behind the last */
const char *delivery_rule_name(const struct delivery_rule *r);
const char *delivery_rule_text(const struct delivery_rule *r,
                               enum delivery_metric m); /* a sentence;
                                                         * NULL: the rule has no such metric */

enum delivery_link { LINK_NONE, LINK_STATED, LINK_SHA, LINK_WINDOW, LINK_COUNT };
extern const char *const delivery_link_word[LINK_COUNT];
extern const double delivery_link_confidence[LINK_COUNT];

struct delivery_parameters {
    /* of weir (and dora, where its rule has the choice) */
    lapse window; /* of the link by time; default 24 h */
    enum { INCIDENT_STATED, INCIDENT_EVIDENCE, INCIDENT_WINDOW } incident_link; /* weakest used */
    bool per_deployment; /* recovery once a deployment, by its last incident */
    bool author_time;    /* lead time from the author's clock */
    enum { MEDIAN_LINEAR, MEDIAN_NEAREST, MEDIAN_LOWER } median; /* which median is the value */
    double min_confidence; /* weaker links are not used; default 0.5 */
    bool devlake_2021;     /* of devlake: recovery from creation, as its 2021 report had it */
};
struct delivery_parameters delivery_parameters_default(void);

struct delivery_question {
    const struct delivery_rule *rule;
    struct delivery_parameters parameters;
    enum delivery_metric metric;
    when from, to;           /* half-open window, both given */
    bool closed;             /* a rule with closed windows shall count the instant `to`, too */
    when now;                /* open incidents are censored then */
    const struct zone *zone; /* of days, weeks and months; NULL: UTC */
    str service;             /* empty: all */
    str environment;         /* empty: production */
    str team;                /* empty: all */
};

enum delivery_stage { STAGE_CODING, STAGE_REVIEW, STAGE_DEPLOY_WAIT, STAGE_UNDIVIDED, STAGE_COUNT };
extern const char *const delivery_stage_word[STAGE_COUNT];

struct delivery_linked {      /* an incident and the deployment it is linked to */
    str incident, deployment; /* deployment: empty when there is none */
    enum delivery_link rule;
};

struct delivery_answer { /* memory of the arena that was given */
    double value;        /* the rule's own statistic; NaN: none */
    const char *unit;    /* "s", "per_day", "days_per_week", "ratio", "percent" */
    const char *note;    /* why there is no value, or what to know of it; or NULL */
    int64_t *samples;    /* µs, ascending; of times */
    size_t sample_n;
    uint64_t n;                /* times: samples; frequency and rates: deployments */
    uint64_t of;               /* deployments of the window */
    uint64_t hits;             /* rates: the value is hits by n (where the rule divides so) */
    double low, high;          /* 95 % interval of the value; NaN: none */
    uint64_t linked, linkable; /* coverage */
    uint64_t by_rule[LINK_COUNT], dangling;
    uint64_t excluded[REASON_COUNT], failed_attempts;
    const char *bucket; /* fourkeys' word, or NULL */
    const str *ids;     /* failed or unplanned deployments */
    size_t id_n;
    const str *unlinked; /* incidents of the window that no deployment is linked to */
    size_t unlinked_n;
    const struct delivery_linked *links; /* all incidents, whatever the window */
    size_t link_n;
    uint64_t censored; /* open incidents */
    double km_p50;     /* µs; Kaplan–Meier median with them; NaN: not reached */
    struct {           /* lead time by stage: the samples sum to those of the whole, exactly */
        int64_t *v;
        size_t n;
    } stages[STAGE_COUNT];
    int64_t daily, weekly, monthly; /* middleware's frequencies; -1: another rule */
};

/* Answers one question. Sorts and links the facts first when that is not done. What a question of
 * the same scope needs (service, environment, team) is kept, so that asking week by week costs no
 * more than asking once. */
void delivery_measure(struct delivery *d, const struct delivery_question *q, struct arena *a,
                      struct delivery_answer *ret);

struct delivery_week {
    when begin, end;      /* Monday to Monday in the zone, not cut to the window */
    uint64_t count, days; /* deployments that count, and distinct days of theirs */
    bool partial;         /* the window cuts it */
};
struct delivery_rhythm {
    struct delivery_week *weeks;
    size_t n;
    double median_days;  /* deployment days a week, whole weeks only; NaN: no whole week */
    double median_hours; /* between consecutive finishes; NaN: fewer than two */
};
/* The weeks that the window touches. */
void delivery_rhythm(struct delivery *d, const struct delivery_question *q, struct arena *a,
                     struct delivery_rhythm *ret);

/* Begin of the day, week (Monday) or month at or before t, and of the next one, in the zone. */
enum delivery_bucket { BUCKET_DAY, BUCKET_WEEK, BUCKET_MONTH };
when delivery_floor(const struct zone *zone, when t, enum delivery_bucket bucket);
when delivery_next(const struct zone *zone, when begin, enum delivery_bucket bucket);
