#include "fold/benchmark.h"

const struct benchmark benchmarks[] = {
    {2019,
     "second hand",
     NULL,
     4,
     {{"Elite", "less than one day", "on demand", "0-15 %", "less than one hour", NULL, "20 %"},
      {"High", "one day to one week", "daily to weekly", "0-15 %", "less than one day", NULL,
       "23 %"},
      {"Medium", "one week to one month", "weekly to monthly", "0-15 %", "less than one day", NULL,
       "44 %"},
      {"Low", "one to six months", "monthly to six-monthly", "46-60 %", "one week to one month",
       NULL, "12 %"}}},
    {2021,
     "second hand",
     NULL,
     4,
     {{"Elite", "less than one hour", "on demand", "0-15 %", "less than one hour", NULL, "26 %"},
      {"High", "one day to one week", "weekly to monthly", "16-30 %", "less than one day", NULL,
       NULL},
      {"Medium", "one to six months", "monthly to six-monthly", "16-30 %", "one day to one week",
       NULL, NULL},
      {"Low", "more than six months", "less than once in six months", "16-30 %",
       "more than six months", NULL, NULL}}},
    {2022,
     "second hand",
     "The report had no level Elite.",
     3,
     {{"High", "one day to one week", "several a day", "0-15 %", "less than one day", NULL, NULL},
      {"Medium", "one week to one month", "weekly to monthly", "16-30 %", "one day to one week",
       NULL, NULL},
      {"Low", "one to six months", "monthly to six-monthly", "46-60 %", "one week to one month",
       NULL, NULL}}},
    {2023,
     "second hand, except Elite",
     NULL,
     4,
     {{"Elite", "less than one day", "on demand", "5 %", "less than one hour", NULL, "18 %"},
      {"High", "one day to one week", "daily to weekly", "10 %", "less than one day", NULL, "31 %"},
      {"Medium", "one week to one month", "weekly to monthly", "15 %", "one day to one week", NULL,
       "33 %"},
      {"Low", "one week to one month", "weekly to monthly", "64 %", "one to six months", NULL,
       "18 %"}}},
    {2024,
     "second hand",
     "In the report the change fail rate of High is worse than that of Medium.",
     4,
     {{"Elite", "less than one day", "on demand", "5 %", "less than one hour", NULL, "19 %"},
      {"High", "one day to one week", "daily to weekly", "20 %", "less than one day", NULL, "22 %"},
      {"Medium", "one week to one month", "weekly to monthly", "10 %", "less than one day", NULL,
       "35 %"},
      {"Low", "one to six months", "monthly to six-monthly", "40 %", "one week to one month", NULL,
       "25 %"}}},
    {2025,
     "quick check, edition 2025",
     "The report has no levels: mean and standard deviation of answers from 0 to 10, where 4 is "
     "one week to one month and 6 is one day to one week; rates in percent.",
     1,
     {{"All", "5.5 +/- 2.4", "4.8 +/- 2.8", "19 % +/- 21", "7.4 +/- 2.1", "22 % +/- 22", NULL}}},
    {0},
};

const struct benchmark *benchmark_of(int year)
{
    for (const struct benchmark *b = benchmarks; b->year != 0; b++) {
        if (b->year == year) {
            return b;
        }
    }
    return NULL;
}

static double clamp(double x)
{
    return x < 0 ? 0 : x > 10 ? 10 : x;
}

double benchmark_score_answer(double answer)
{
    return clamp((answer - 1) / 5 * 10);
}

double benchmark_score_percent(double percent)
{
    return clamp(10 - percent / 10);
}

double benchmark_score(const struct benchmark_answers *a, int edition)
{
    double sum = benchmark_score_answer(a->lead_time) + benchmark_score_answer(a->frequency) +
                 benchmark_score_answer(a->recovery) + benchmark_score_percent(a->fail_percent);
    return edition >= 2025 ? (sum + benchmark_score_percent(a->rework_percent)) / 5 : sum / 4;
}

double benchmark_downtime(double deployments, double fail_rate, double recovery_hours,
                          double cost_per_hour)
{
    return deployments * fail_rate * recovery_hours * cost_per_hour;
}

struct benchmark_return benchmark_return_of(const struct benchmark_money *m)
{
    struct benchmark_return r = {0};
    r.hard_cost = (m->licence + m->other_cost + m->training) * m->staff + m->infrastructure;
    r.dip = m->staff * m->salary * m->drop * m->drop_months / 12;
    r.investment = r.hard_cost + r.dip;
    r.capacity = m->staff * m->salary * m->time_saved;
    r.revenue = (m->target_features - m->features) * m->success_rate *
                m->revenue_impact_per_feature * m->revenue;
    r.downtime_saving = benchmark_downtime(m->deployments, m->fail_rate, m->recovery_hours,
                                           m->downtime_cost_per_hour) -
                        benchmark_downtime(m->target_deployments, m->target_fail_rate,
                                           m->recovery_hours, m->downtime_cost_per_hour);
    r.value = r.capacity + r.revenue + r.downtime_saving;
    r.benefit = r.value - r.investment;
    r.roi = r.benefit / r.investment;
    r.payback_years = r.investment / r.value;
    return r;
}
