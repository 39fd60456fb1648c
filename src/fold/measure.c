/* Statistics and counts that the rules share. */
#include "fold/measure.h"

#include "base/mem.h"
#include "math/quantile.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void measure_sort(struct asking *k)
{
    if (k->samples.n > 1) {
        qsort(k->samples.v, k->samples.n, sizeof *k->samples.v, by_value);
    }
}

double measure_median(const struct asking *k)
{
    return k->samples.n > 0 ? quantile_sorted(k->samples.v, k->samples.n, .5) : NAN;
}

double measure_nearest(const struct asking *k)
{
    size_t rank = (k->samples.n + 1) / 2; /* from 1 */
    return rank > 0 ? (double)k->samples.v[rank - 1] : NAN;
}

/* percent_rank = (number smaller) / (n - 1); one sample alone is its own. */
double measure_lower_median(const struct asking *k)
{
    double best = NAN;
    size_t smaller = 0, n = k->samples.n;
    for (size_t i = 0; i < n; i++) {
        smaller = i > 0 && k->samples.v[i] != k->samples.v[i - 1] ? i : smaller;
        if (n == 1 || 2 * smaller <= n - 1) {
            best = (double)k->samples.v[i];
        }
    }
    return best;
}

double measure_mean(const struct asking *k)
{
    double sum = 0;
    for (size_t i = 0; i < k->samples.n; i++) {
        sum += (double)k->samples.v[i];
    }
    return k->samples.n > 0 ? sum / (double)k->samples.n : NAN;
}

/* Interval of a median by order statistics, from the binomial distribution (W. J. Conover,
 * "Practical Nonparametric Statistics", section 3.2); nothing below six samples, where none has
 * this level. */
void measure_median_interval(struct asking *k)
{
    size_t n = k->samples.n;
    if (n >= 6) {
        double low = qbinom(.025, (double)n, .5, 1, 0);
        size_t first = low >= 1 ? (size_t)low - 1 : 0;
        k->to->low = (double)k->samples.v[first] / (double)SECOND;
        k->to->high = (double)k->samples.v[n - 1 - first] / (double)SECOND;
    }
}

/* Interval of a share (E. B. Wilson, "Probable inference", JASA 22 (1927)). */
static void share_interval(struct delivery_answer *to)
{
    if (to->n > 0 && to->hits <= to->n) {
        double n = (double)to->n, p = (double)to->hits / n, z = qnorm(.975, 0, 1, 1, 0);
        double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
        double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        to->low = fmax(0, middle - half);
        to->high = fmin(1, middle + half);
    }
}

lapse measure_cut(lapse t, lapse unit)
{
    return t / unit * unit;
}

lapse measure_ceiling(lapse t, lapse unit)
{
    return (t + unit - 1) / unit * unit;
}

void measure_blame(struct asking *k, struct measure_failures *f, size_t deployment)
{
    if (deployment != SIZE_MAX && delivery_counts(&k->d->deployments.v[deployment], k->q) &&
        delivery_in(k->d->deployments.v[deployment].finished, k->q)) {
        f->rows++;
        f->distinct += f->failed[deployment] == 0;
        f->failed[deployment] = 1;
    }
}

void measure_count(struct asking *k)
{
    size_t low, high;
    delivery_range(k->d, k->q, &low, &high);
    for (size_t i = low; i < high; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        if (!delivery_serves(c, k->q)) {
            continue;
        }
        if (delivery_arrived(c, k->q)) {
            k->to->of++;
        } else if (!c->success) {
            k->to->failed_attempts++;
        } else {
            k->to->excluded[REASON_NOT_PRODUCTION]++;
        }
    }
    k->to->excluded[REASON_FAILED_ATTEMPT] += k->to->failed_attempts;
    k->to->excluded[REASON_OUTSIDE] += k->scope->counting.n - k->to->of;
    k->to->n = k->to->of;
}

void measure_list(struct asking *k, const unsigned char *chosen)
{
    struct delivery_answer *to = k->to;
    size_t low, high;
    delivery_range(k->d, k->q, &low, &high);
    str *ids = ARENA_ARRAY(k->a, str, high - low + 1);
    for (size_t i = low; i < high; i++) {
        if (chosen[i] != 0) {
            ids[to->id_n++] = k->d->deployments.v[i].id;
        }
    }
    to->ids = ids;
}

void measure_rate(struct asking *k, uint64_t hits)
{
    k->to->hits = hits;
    k->to->unit = "ratio";
    k->to->value = k->to->n > 0 ? (double)hits / (double)k->to->n : NAN;
    if (k->to->n == 0) {
        k->to->note = "there is no successful deployment there in the window";
    }
    share_interval(k->to);
}

bool measure_concerns(const struct asking *k, const struct incident *incident, size_t cause)
{
    const struct delivery_question *q = k->q;
    if (q->service.n == 0 && q->team.n == 0) {
        return true;
    }
    if (cause != SIZE_MAX) {
        return delivery_serves(&k->d->deployments.v[cause], q);
    }
    return q->team.n == 0 && str_eq(incident->service, q->service);
}

void measure_link(struct asking *k, struct measure_links *l, const struct incident *incident,
                  size_t deployment, enum delivery_link rule)
{
    struct delivery_linked link = {.incident = incident->id};
    k->to->linkable++;
    if (deployment != SIZE_MAX) {
        link.deployment = k->d->deployments.v[deployment].id;
        link.rule = rule;
        k->to->linked++;
        k->to->by_rule[rule]++;
    } else if (delivery_in(incident->created, k->q)) {
        k->to->excluded[REASON_UNLINKED]++;
        VEC_ADD(&l->unlinked, incident->id);
    } else {
        k->to->excluded[REASON_OUTSIDE]++;
    }
    VEC_ADD(&l->links, link);
}

void measure_links_done(struct asking *k, struct measure_links *l)
{
    struct delivery_answer *to = k->to;
    str *unlinked = ARENA_ARRAY(k->a, str, l->unlinked.n + 1);
    struct delivery_linked *links = ARENA_ARRAY(k->a, struct delivery_linked, l->links.n + 1);
    if (l->unlinked.n > 0) {
        memcpy(unlinked, l->unlinked.v, l->unlinked.n * sizeof *unlinked);
    }
    if (l->links.n > 0) {
        memcpy(links, l->links.v, l->links.n * sizeof *links);
    }
    to->unlinked = unlinked;
    to->unlinked_n = l->unlinked.n;
    to->links = links;
    to->link_n = l->links.n;
    VEC_FINISH(&l->unlinked);
    VEC_FINISH(&l->links);
}
