/* What others have published: the levels and means of the DORA reports in their own words, their
 * scores and their money formulae (delivery metrics, sections 11 and 12). Shown on request beside a
 * figure; never a grade of it. */
#pragma once

#include <stddef.h>

struct benchmark_level { /* a row of a report's table */
    const char *name;    /* "Elite"; of a year without levels: what the numbers are */
    const char *lead_time, *frequency, *fail_rate, *recovery;
    const char *rework; /* NULL: the report does not have it */
    const char *share;  /* of respondents; NULL: not published */
};

struct benchmark {
    int year;
    const char *source; /* how the rows are known */
    const char *note;   /* what to know of them, or NULL */
    size_t n;
    struct benchmark_level levels[5];
};

extern const struct benchmark benchmarks[];     /* by year; ends with year 0 */
const struct benchmark *benchmark_of(int year); /* NULL: none */

/* Scores 0 to 10 of the DORA quick check. */
double benchmark_score_answer(double answer);   /* a categorical answer, 1 to 6 */
double benchmark_score_percent(double percent); /* 0 to 100, where less is better */
struct benchmark_answers {                      /* answers 1 to 6, percentages 0 to 100 */
    double lead_time, frequency, recovery, fail_percent, rework_percent;
};
/* Mean of the metrics of an edition: 2024 has four, 2025 five (with rework). */
double benchmark_score(const struct benchmark_answers *a, int edition);

/* The money terms of the DORA calculator; amounts per year, shares 0 to 1. */
struct benchmark_money {
    double staff, salary, revenue, downtime_cost_per_hour;
    double deployments, fail_rate, recovery_hours;
    double target_deployments, target_fail_rate;
    double features, target_features, success_rate, revenue_impact_per_feature;
    double time_saved;                    /* share of a person's time */
    double licence, other_cost, training; /* per person */
    double infrastructure;
    double drop, drop_months; /* productivity lost while learning */
};
struct benchmark_return {
    double hard_cost, dip, investment;
    double capacity, revenue, downtime_saving, value;
    double benefit, roi, payback_years; /* roi: 0.39 = 39 % */
};
/* Downtime a year = deployments × fail rate × recovery hours × cost per hour. */
double benchmark_downtime(double deployments, double fail_rate, double recovery_hours,
                          double cost_per_hour);
struct benchmark_return benchmark_return_of(const struct benchmark_money *m);
