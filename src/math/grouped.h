/* A sample as values with counts, ascending and without doubles: exact, and small where the same
 * durations come again and again. Quantiles are type 7 (R. J. Hyndman, Y. Fan, "Sample quantiles in
 * statistical packages", 1996), moments are taken about the mean. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct grouped {
    int64_t value;
    uint64_t count; /* at least 1 */
};

/* Sorts and joins equal values; returns how many are left. */
size_t grouped_sort(struct grouped *g, size_t n);
uint64_t grouped_count(const struct grouped *g, size_t n);
double grouped_sum(const struct grouped *g, size_t n);
double grouped_mean(const struct grouped *g, size_t n);  /* of an empty sample: 0 */
double grouped_stdev(const struct grouped *g, size_t n); /* divisor count - 1; below two: 0 */
double grouped_quantile(const struct grouped *g, size_t n, double p); /* p in [0, 1]; empty: 0 */
/* The largest share of the sample that lies within +- `width` (relative) of one of its own values,
 * and that value: where a timer would show. Values <= 0 are passed over. */
double grouped_mode(const struct grouped *g, size_t n, double width, int64_t *ret_value);
