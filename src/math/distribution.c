#include "math/distribution.h"

#include "math/quantile.h"

#include <math.h>

struct distribution distribution_of(const int64_t *values, size_t n)
{
    struct distribution d = {.n = n};
    if (n == 0) {
        return d;
    }
    i128 sum = 0;
    int64_t least = values[0], most = values[0];
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    d.sum = (double)sum;
    d.mean = d.sum / (double)n;
    d.min = (double)least;
    d.max = (double)most;
    if (n > 1 && least < most) {
        double squares[4] = {0}; /* four chains of additions run side by side */
        for (size_t i = 0; i < n; i++) {
            double off = (double)values[i] - d.mean;
            squares[i & 3] += off * off;
        }
        d.stdev = sqrt(((squares[0] + squares[1]) + (squares[2] + squares[3])) / (double)(n - 1));
    }
    double found[3];
    quantiles_of(values, n, (const double[]){0.5, 0.85, 0.95}, 3, found);
    d.p50 = found[0];
    d.p85 = found[1];
    d.p95 = found[2];
    return d;
}
