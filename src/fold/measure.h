/* What the rules of delivery are made of: which samples go in, which statistic comes out. Private
 * to the delivery fold. */
#pragma once

#include "fold/delivery_links.h"

struct asking { /* one question being answered */
    struct delivery *d;
    const struct delivery_question *q;
    struct delivery_scope *scope;
    struct arena *a;
    struct delivery_answer *to;
    VEC(int64_t) samples;
};

/* One metric by one rule: fills k->to, and k->samples where it is one of times. */
typedef void measure(struct asking *k);

void measure_sort(struct asking *k); /* the samples, ascending; the statistics below want that */
double measure_median(const struct asking *k);       /* type 7, linear */
double measure_nearest(const struct asking *k);      /* the observed one of rank ceil(n / 2) */
double measure_lower_median(const struct asking *k); /* the largest with percent_rank <= 1/2 */
double measure_mean(const struct asking *k);
void measure_median_interval(struct asking *k); /* 95 %, into k->to */
lapse measure_cut(lapse t, lapse unit);         /* to whole units, towards zero */
lapse measure_ceiling(lapse t, lapse unit);     /* to whole units, upwards */

/* Deployments of the window into k->to->of; those that do not count by reason. */
void measure_count(struct asking *k);
void measure_rate(struct asking *k, uint64_t hits); /* of k->to->of, with its interval */
void measure_list(struct asking *k, const unsigned char *chosen); /* by deployment, into ids */

/* Is the incident one of the service and team asked for, `cause` being its deployment or SIZE_MAX?
 * The cause decides; without one, or when it tells no service, the incident's own service. */
bool measure_concerns(const struct asking *k, const struct incident *incident, size_t cause);

struct measure_failures {
    unsigned char *failed; /* by deployment */
    uint64_t distinct, rows;
};

/* Blames a deployment (SIZE_MAX: nobody) when it is one of the window. */
void measure_blame(struct asking *k, struct measure_failures *f, size_t deployment);

/* Links to tell of, incident by incident. */
struct measure_links {
    VEC(struct delivery_linked) links;
    VEC(str) unlinked;
};
void measure_link(struct asking *k, struct measure_links *l, const struct incident *incident,
                  size_t deployment, enum delivery_link rule);
void measure_links_done(struct asking *k, struct measure_links *l); /* into k->to */

measure measure_cdviz_fail_rate, measure_cdviz_frequency, measure_cdviz_lead,
    measure_cdviz_recovery, measure_devlake_fail_rate, measure_devlake_frequency,
    measure_devlake_lead, measure_devlake_recovery, measure_dora_fail_rate, measure_dora_lead,
    measure_dora_recovery, measure_fourkeys_fail_rate, measure_fourkeys_frequency,
    measure_fourkeys_lead, measure_fourkeys_recovery, measure_gitlab_fail_rate, measure_gitlab_lead,
    measure_gitlab_recovery, measure_middleware_fail_rate, measure_middleware_frequency,
    measure_middleware_lead, measure_middleware_recovery, measure_pelorus_fail_rate,
    measure_pelorus_lead, measure_pelorus_recovery, measure_weir_fail_rate, measure_weir_frequency,
    measure_weir_lead, measure_weir_recovery, measure_weir_rework;
