#include "math/distribution.h"

#include "math/quantile.h"

#include <math.h>

/* In integers, so that the order of the values cannot show in the last digits: sums of squares of
 * the distance from the whole part m of the mean, sum (v - m)^2 - (sum (v - m))^2 / n. Distances
 * that would overflow the sum are cut by `shift` bits first (from 140 years on, for ten million
 * durations). */
static double deviation(const int64_t *values, size_t n, i128 sum, int64_t least, int64_t most)
{
    int64_t middle = (int64_t)(sum / (i128)n);
    uint64_t widest = (uint64_t)most - (uint64_t)middle, below = (uint64_t)middle - (uint64_t)least;
    widest = below > widest ? below : widest;
    int bits = 64 - __builtin_clzll(widest | 1), room = (127 - (64 - __builtin_clzll(n))) / 2;
    int shift = bits > room ? bits - room : 0;
    u128 squares = 0;
    i128 rest = 0;
    if (shift == 0 && bits < 63) {
        for (size_t i = 0; i < n; i++) {
            int64_t off = values[i] - middle;
            squares += (u128)((i128)off * off);
        }
        rest = sum - (i128)middle * (i128)n;
    } else {
        for (size_t i = 0; i < n; i++) {
            i128 off = ((i128)values[i] - middle) >> shift;
            squares += (u128)(off * off);
            rest += off;
        }
    }
    double off = (double)rest;
    double variance = ((double)squares - off * off / (double)n) / (double)(n - 1);
    return variance > 0 ? ldexp(sqrt(variance), shift) : 0;
}

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
        d.stdev = deviation(values, n, sum, least, most);
    }
    double found[3];
    quantiles_of(values, n, (const double[]){0.5, 0.85, 0.95}, 3, found);
    d.p50 = found[0];
    d.p85 = found[1];
    d.p95 = found[2];
    return d;
}
