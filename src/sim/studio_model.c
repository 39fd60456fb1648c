/* The parameters of the studio, by name, and what values they may have. */
#include "sim/studio.h"

#include <math.h>
#include <stddef.h>

static const struct parameter {
    const char *name;
    size_t offset;
    bool whole; /* a whole number */
    double least, most;
} PARAMETERS[] = {
#define P(path, whole, least, most)                                                                \
    {                                                                                              \
#path, offsetof(struct studio_model, path), whole, least, most                             \
    }
    P(seed, true, 0, 4e9),
    P(months, true, 1, 60),
    P(sales.people, true, 1, 100),
    P(sales.ideas_per_week, false, .01, 200),
    P(support.people, true, 1, 100),
    P(support.reports_per_week, false, .01, 200),
    P(support.answered, false, 0, 1),
    P(product.people, true, 1, 100),
    P(product.hours, false, .01, 1000),
    P(product.accepted, false, 0, 1),
    P(development.people, true, 2, 100),
    P(development.hours, false, .01, 1000),
    P(development.review_hours, false, .01, 1000),
    P(development.changes_requested, false, 0, .9),
    P(development.revise_hours, false, .01, 1000),
    P(development.repair_hours, false, .01, 1000),
    P(development.rework_hours, false, .01, 1000),
    P(build.runners, true, 1, 100),
    P(build.runners_later, true, 1, 100),
    P(build.minutes, false, .1, 1000),
    P(build.red, false, 0, .9),
    P(security.people, true, 1, 100),
    P(security.hours, false, .01, 1000),
    P(security.reviewed, false, 0, 1),
    P(qa.people, true, 1, 100),
    P(qa.items_per_round, true, 1, 1000),
    P(qa.sent_back, false, 0, .9),
    P(qa.second_round, false, 0, .9),
    P(release.months_between, true, 1, 12),
    P(release.months_between_later, true, 1, 12),
    P(release.staging_hours, false, .01, 1000),
    P(release.failed, false, 0, .9),
    P(release.incident, false, 0, 1),
    P(operations.people, true, 1, 100),
    P(hotfix.hours, false, .01, 1000),
    P(change.month, true, 0, 60),
    P(search.month, true, 0, 60),
    P(invite.month, true, 0, 60),
    P(invite.flag_after_days, false, 0, 365),
#undef P
};
enum { COUNT = sizeof PARAMETERS / sizeof *PARAMETERS };

const char *studio_parameter(size_t i)
{
    return i < COUNT ? PARAMETERS[i].name : NULL;
}

double *studio_parameter_of(struct studio_model *m, size_t i)
{
    return (double *)(void *)((char *)m + PARAMETERS[i].offset);
}

status studio_check(const struct studio_model *m, struct error *why)
{
    for (size_t i = 0; i < COUNT; i++) {
        const struct parameter *p = &PARAMETERS[i];
        double v = *(const double *)(const void *)((const char *)m + p->offset);
        if (!(v >= p->least && v <= p->most)) {
            return error_set(why, "%s is %g, but must be between %g and %g", p->name, v, p->least,
                             p->most);
        }
        if (p->whole && v != floor(v)) {
            return error_set(why, "%s is %g, but must be a whole number", p->name, v);
        }
    }
    return OK;
}
