/* Do two orders agree? Kendall's tau-b of pairs (x, y): concordant minus discordant pairs over
 * sqrt((pairs not tied in x) (pairs not tied in y)); 1 = the same order, -1 = reversed. In n log n
 * by counting the exchanges of a merge sort (W. R. Knight, "A computer method for calculating
 * Kendall's tau with ungrouped data", JASA 61 (1966)). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct kendall_pair {
    int64_t x, y;
};

double kendall_tau(struct kendall_pair *pairs, size_t n); /* sorts them; 1 when all are tied */
