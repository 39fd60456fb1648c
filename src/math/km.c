#include "math/km.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static int by_age(const void *a, const void *b)
{
    const struct km_case *x = a;
    const struct km_case *y = b;
    if (x->age != y->age) {
        return x->age < y->age ? -1 : 1;
    }
    return (int)y->done - (int)x->done; /* the done first */
}

static int by_entry(const void *a, const void *b)
{
    const struct km_case *x = a;
    const struct km_case *y = b;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

static bool is_at_risk(const struct km_case *c) /* at some age */
{
    return c->entry <= 0 || c->entry < c->age;
}

/* Walks down the curve until S <= floor or beyond age `until`; tells where it stopped. */
static double walk(struct km_case *cases, size_t n, double floor, int64_t until, bool *ret_reached,
                   int64_t *ret_age)
{
    *ret_reached = false;
    if (n == 0) {
        return 1;
    }
    struct km_case *entries = mem_get(n * sizeof *entries);
    size_t entry_n = 0;
    for (size_t i = 0; i < n; i++) {
        if (is_at_risk(&cases[i])) {
            entries[entry_n++] = cases[i];
        }
    }
    qsort(entries, entry_n, sizeof *entries, by_entry);
    qsort(cases, n, sizeof *cases, by_age);
    double survival = 1;
    double at_risk = 0;
    size_t entered = 0;
    for (size_t i = 0; i < n && cases[i].age <= until;) {
        int64_t age = cases[i].age;
        for (; entered < entry_n && (entries[entered].entry < age || entries[entered].entry <= 0);
             entered++) {
            at_risk += (double)entries[entered].count;
        }
        double done = 0;
        double leave = 0;
        for (; i < n && cases[i].age == age; i++) {
            if (!is_at_risk(&cases[i])) {
                continue;
            }
            done += cases[i].done ? (double)cases[i].count : 0;
            leave += (double)cases[i].count;
        }
        if (done > 0 && at_risk > 0) {
            survival *= 1 - done / at_risk;
            if (survival <= floor + 1e-12) {
                *ret_reached = true;
                *ret_age = age;
                break;
            }
        }
        at_risk -= leave;
    }
    mem_put(entries);
    return survival;
}

bool km_quantile(struct km_case *cases, size_t n, double p, int64_t *ret_age)
{
    bool reached;
    int64_t age = 0;
    (void)walk(cases, n, 1 - p, INT64_MAX, &reached, &age);
    if (reached) {
        *ret_age = age;
    }
    return reached;
}

double km_survival(struct km_case *cases, size_t n, int64_t t)
{
    bool reached;
    int64_t age;
    return walk(cases, n, -1, t, &reached, &age);
}
