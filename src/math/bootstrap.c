#include "math/bootstrap.h"

#include "base/rng.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void bootstrap_draw(uint64_t seed, uint64_t draw, size_t blocks, uint32_t *ret_times)
{
    memset(ret_times, 0, blocks * sizeof *ret_times);
    uint64_t key = rng_mix(rng_mix(0, seed), draw);
    for (size_t i = 0; i < blocks; i++) {
        ret_times[(size_t)(rng_unit(rng_mix(key, i)) * (double)blocks)]++;
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double p)
{
    double h = (double)(n - 1) * p;
    size_t low = (size_t)floor(h);
    size_t high = low + 1 < n ? low + 1 : low;
    return sorted[low] + (h - (double)low) * (sorted[high] - sorted[low]);
}

struct bootstrap_interval bootstrap_percentiles(double *values, size_t n, double level)
{
    assert(n > 0);
    qsort(values, n, sizeof *values, by_value);
    return (struct bootstrap_interval){quantile(values, n, (1 - level) / 2),
                                       quantile(values, n, (1 + level) / 2)};
}
