/* Resampling of blocks: which blocks make up draw r, and what many draws say together.
 *
 * Whole blocks (weeks, runs of items) are drawn with replacement, as many as there are, so that
 * what hangs together within a block stays together (H. R. Kuensch, "The jackknife and the
 * bootstrap for general stationary observations", Annals of Statistics 17 (1989); here blocks do
 * not overlap). Every pick is a function of (seed, draw, place in the draw): the answer does not
 * depend on order or threads. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How often each of `blocks` blocks comes in draw number `draw`: writes blocks counts that sum to
 * blocks. */
void bootstrap_draw(uint64_t seed, uint64_t draw, size_t blocks, uint32_t *ret_times);

struct bootstrap_interval {
    double low, high;
};
/* Percentile interval at `level` of n values, type 7. Sorts the values; n at least 1. */
struct bootstrap_interval bootstrap_percentiles(double *values, size_t n, double level);
