/* Random numbers as functions of their names, never of the order of calls: the same key gives the
 * same number in any thread and any run. Source of the mixing: G. Steele, D. Lea, C. Flood, "Fast
 * splittable pseudorandom number generators" (OOPSLA 2014), the finaliser of splitmix64. */
#pragma once

#include <stdint.h>

uint64_t rng_mix(uint64_t hash, uint64_t key); /* start with hash = 0 and add key after key */
double rng_unit(uint64_t hash);                /* in (0, 1), never 0 nor 1 */
uint64_t rng_below(uint64_t *state,
                   uint64_t n); /* a sequence where order does not matter: 0 … n-1 */
