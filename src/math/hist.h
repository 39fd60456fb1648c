/* Exponential histogram: durations in buckets whose bounds grow by 2^(1/64), so that every quantile
 * is right within HIST_ERROR of its value, whatever the values. For saved summaries and live pages;
 * commands that read the log answer exactly (math/quantile).
 *
 * Bounds are integers from a table, no logarithm is taken: the same value falls into the same
 * bucket on every machine, and merging is addition. (The layout is that of OpenTelemetry's
 * exponential histogram, scale 6.) A zeroed struct is empty. Size: at most 64 KiB. */
#pragma once

#include "base/error.h"
#include "base/pack.h"
#include "base/wide.h"
#include "math/distribution.h"

#define HIST_ERROR 0.00542 /* (2^(1/64) - 1) / (2^(1/64) + 1), rounded up */

struct hist {
    uint64_t n;
    i128 sum;
    int64_t min, max;
    uint64_t *counts; /* buckets first … first + len - 1; negative numbers hold negative values */
    int32_t first;
    uint32_t len;
};

void hist_finish(struct hist *h);
void hist_add(struct hist *h, int64_t value);
void hist_add_times(struct hist *h, int64_t value, uint64_t times);
void hist_merge(struct hist *h, const struct hist *right);
double hist_quantile(const struct hist *h, double p); /* type 7 on the buckets' values; n > 0 */
/* Number, sum, mean, min and max are exact, quantiles within HIST_ERROR; stdev is 0 (not kept). */
struct distribution hist_distribution(const struct hist *h);

void hist_save(const struct hist *h, struct buf *out); /* canonical */
bool hist_load(struct hist *h, struct unpack *from);   /* into an empty one; false: bad bytes */
