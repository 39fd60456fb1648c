/* What the rules of delivery are made of: which samples go in, which statistic comes out. Private
 * to the delivery fold. */
#pragma once

#include "fold/delivery_links.h"

struct asking { /* one question being answered */
    struct delivery *d;
    const struct delivery_question *q;
    struct arena *a;
    struct delivery_answer *to;
    VEC(int64_t) samples;
    uint64_t linked, linkable;
};

/* One metric by one rule: fills k->to, and k->samples where it is one of times. */
typedef void measure(struct asking *k);

void measure_sort(struct asking *k); /* the samples, ascending; the statistics below want that */
double measure_quantile(const struct asking *k,
                        double p);                   /* type 7 (R. J. Hyndman, Y. Fan, 1996) */
double measure_lower_median(const struct asking *k); /* the largest with percent_rank <= 1/2 */
double measure_mean(const struct asking *k);
void measure_median_interval(struct asking *k); /* 95 %, into k->to */
lapse measure_cut(lapse t, lapse unit);         /* to whole units, towards zero */
lapse measure_ceiling(lapse t, lapse unit);     /* to whole units, upwards */

/* Deployments of the window into k->to->of; those that do not count by reason. */
void measure_count(struct asking *k);
void measure_rate(struct asking *k, uint64_t n); /* n of k->to->of, with its interval */
void measure_list(struct asking *k, const unsigned char *chosen); /* by deployment, into ids */

struct measure_failures {
    unsigned char *failed; /* by deployment */
    uint64_t distinct, rows;
};

/* Blames a deployment (SIZE_MAX: nobody) when it is one of the window. */
void measure_blame(struct asking *k, struct measure_failures *f, size_t deployment);

measure measure_cdviz_fail_rate, measure_cdviz_frequency, measure_cdviz_lead,
    measure_devlake_fail_rate, measure_devlake_frequency, measure_devlake_lead,
    measure_devlake_recovery, measure_dora_fail_rate, measure_dora_lead, measure_dora_recovery,
    measure_fourkeys_fail_rate, measure_fourkeys_frequency, measure_fourkeys_lead,
    measure_fourkeys_recovery, measure_gitlab_fail_rate, measure_gitlab_lead,
    measure_incident_length, measure_middleware_fail_rate, measure_middleware_frequency,
    measure_middleware_lead, measure_middleware_recovery, measure_pelorus_fail_rate,
    measure_pelorus_frequency, measure_pelorus_lead, measure_pelorus_recovery,
    measure_weir_fail_rate, measure_weir_frequency, measure_weir_lead, measure_weir_recovery,
    measure_weir_rework;
