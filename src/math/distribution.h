/* What one says of many durations: number, mean, spread, quantiles. In the unit of the values. */
#pragma once

#include "base/wide.h"

#include <stddef.h>
#include <stdint.h>

struct distribution { /* n = 0: the others are 0. stdev (n - 1 below the line) is 0 for n < 2 */
    uint64_t n;
    double mean, stdev, min, p50, p85, p95, max, sum;
};

/* Of all values, exactly: quantiles of type 7, the sum and the sum of squares in 128 bits: the
 * order of the values makes no difference. */
struct distribution distribution_of(const int64_t *values, size_t n);
