/* Quantiles by the exact rule of the contract: type 7 of R. Hyndman, Y. Fan, "Sample quantiles in
 * statistical packages", The American Statistician 50 (1996): with h = (n - 1) p, linear between
 * the sorted values number floor(h) and floor(h) + 1.
 *
 * Values need not be sorted and are not touched: the ranks that are asked for are found by counting
 * into buckets, which takes three passes over the values whatever their order. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* p[0] <= p[1] <= …, each in [0, 1], count <= QUANTILES_MOST; n > 0. One answer each. */
enum { QUANTILES_MOST = 32 };
void quantiles_of(const int64_t *values, size_t n, const double *p, size_t count, double *ret);
void quantiles_of_reals(const double *values, size_t n, const double *p, size_t count,
                        double *ret); /* no NaN among the values */

double quantile_of(const int64_t *values, size_t n, double p);
double quantile_of_reals(const double *values, size_t n, double p);

double quantile_sorted(const int64_t *sorted, size_t n, double p); /* of values in order: no pass */
double quantile_sorted_reals(const double *sorted, size_t n, double p);
