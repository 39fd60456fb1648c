#include "math/regress.h"

#include <math.h>
#define MATHLIB_STANDALONE
#include <Rmath.h>

size_t regress_lags(size_t n)
{
    return (size_t)floor(4 * pow((double)n / 100, 2.0 / 9));
}

struct line {
    const double *x, *y;
    double mean_x, intercept, slope;
};

static double residual(const struct line *l, size_t i)
{
    return l->y[i] - l->intercept - l->slope * l->x[i];
}

static double score(const struct line *l, size_t i)
{
    return (l->x[i] - l->mean_x) * residual(l, i);
}

/* Sum over i, j of w(|i-j|) u_i u_j with Bartlett weights, u the score of the slope. */
static double long_run(const struct line *l, size_t n, size_t lags)
{
    double sum = 0;
    for (size_t lag = 0; lag <= lags && lag < n; lag++) {
        double part = 0;
        for (size_t i = lag; i < n; i++) {
            part += score(l, i) * score(l, i - lag);
        }
        double weight = 1 - (double)lag / ((double)lags + 1);
        sum += (lag == 0 ? 1 : 2) * weight * part;
    }
    return sum > 0 ? sum : 0;
}

struct regress regress_line(const double *x, const double *y, size_t n, size_t lags, double level)
{
    struct regress r = {.n = n};
    if (n < 3) {
        return r;
    }
    double mean_x = 0;
    double mean_y = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    double xx = 0;
    double xy = 0;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    if (xx <= 0) {
        return r;
    }
    r.known = true;
    r.slope = xy / xx;
    r.intercept = mean_y - r.slope * mean_x;
    struct line l = {x, y, mean_x, r.intercept, r.slope};
    double freedom = (double)n - 2;
    double error;
    if (lags == 0) {
        double squares = 0;
        for (size_t i = 0; i < n; i++) {
            squares += residual(&l, i) * residual(&l, i);
        }
        error = sqrt(squares / freedom / xx);
    } else {
        error = sqrt(long_run(&l, n, lags) * (double)n / freedom) / xx;
    }
    double t = qt(.5 + level / 2, freedom, 1, 0);
    r.low = r.slope - t * error;
    r.high = r.slope + t * error;
    return r;
}
