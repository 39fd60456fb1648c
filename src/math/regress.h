/* A straight line through points, by least squares, with an interval for its slope.
 *
 * The residuals of a queue measured day after day hang together; with lags > 0 the standard error
 * allows for that (W. K. Newey, K. D. West, "A simple, positive semi-definite, heteroskedasticity
 * and autocorrelation consistent covariance matrix", Econometrica 55 (1987), Bartlett weights).
 * With lags = 0 it is the classical one for independent errors of equal spread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct regress {
    bool known;       /* false: fewer than three points, or all x alike */
    double intercept; /* y at x = 0 */
    double slope, low, high;
    size_t n;
};

/* `x` ascending where lags > 0. `level` in (0, 1), for example .95; Student's t with n - 2 degrees.
 */
struct regress regress_line(const double *x, const double *y, size_t n, size_t lags, double level);
size_t regress_lags(size_t n); /* the usual number, floor(4 (n / 100)^(2/9)) */
