#include "fold/measure.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

#define MATHLIB_STANDALONE
#include <Rmath.h>

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void measure_sort(struct asking *k)
{
    if (k->samples.n > 0) {
        qsort(k->samples.v, k->samples.n, sizeof *k->samples.v, by_value);
    }
}

/* Type 7 (R. J. Hyndman, Y. Fan, 1996) of sorted samples. */
double measure_quantile(const struct asking *k, double p)
{
    if (k->samples.n == 0) {
        return NAN;
    }
    double at = p * (double)(k->samples.n - 1);
    size_t low = (size_t)at;
    size_t high = low + 1 < k->samples.n ? low + 1 : low;
    double left = (double)k->samples.v[low], right = (double)k->samples.v[high];
    return left + (at - (double)low) * (right - left);
}

/* The largest sample of which at most half are smaller: percent_rank = (number smaller) / (n - 1).
 */
double measure_lower_median(const struct asking *k)
{
    double best = NAN;
    size_t smaller = 0;
    for (size_t i = 0; i < k->samples.n; i++) {
        if (i > 0 && k->samples.v[i] != k->samples.v[i - 1]) {
            smaller = i;
        }
        if (k->samples.n == 1 || (double)smaller / (double)(k->samples.n - 1) <= .5) {
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
    if (to->of > 0 && to->n <= to->of) {
        double n = (double)to->of, p = (double)to->n / n, z = qnorm(.975, 0, 1, 1, 0);
        double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
        double half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
        to->low = middle - half;
        to->high = middle + half;
    }
}

/* Rounds towards zero to whole minutes or hours, as the dialects cut. */
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
    if (deployment == SIZE_MAX || !delivery_in(k->d->deployments.v[deployment].finished, k->q)) {
        return;
    }
    f->rows++;
    f->distinct += f->failed[deployment] == 0;
    f->failed[deployment] = 1;
}

/* Counts deployments of the window, and the failed attempts beside them. */
void measure_count(struct asking *k)
{
    for (size_t i = 0; i < k->d->deployments.n; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        if (delivery_counts(c, k->q)) {
            if (delivery_in(c->finished, k->q)) {
                k->to->of++;
            } else {
                k->to->excluded[REASON_OUTSIDE]++;
            }
        } else if (delivery_serves(c->service, k->q) && !c->success) {
            k->to->excluded[REASON_FAILED_ATTEMPT]++;
        } else if (delivery_serves(c->service, k->q)) {
            k->to->excluded[REASON_NOT_PRODUCTION]++;
        }
    }
}

void measure_list(struct asking *k, const unsigned char *chosen)
{
    struct delivery_answer *to = k->to;
    str *ids = ARENA_ARRAY(k->a, str, k->d->deployments.n + 1);
    for (size_t i = 0; i < k->d->deployments.n; i++) {
        if (chosen[i] != 0) {
            ids[to->id_n++] = k->d->deployments.v[i].id;
        }
    }
    to->ids = ids;
}

void measure_rate(struct asking *k, uint64_t n)
{
    k->to->n = n;
    k->to->unit = "ratio";
    k->to->value = k->to->of > 0 ? (double)n / (double)k->to->of : NAN;
    if (k->to->of == 0) {
        k->to->note = "there is no successful production deployment in the window";
    }
    share_interval(k->to);
}
