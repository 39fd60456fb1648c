#include "base/rng.h"

#include "base/wide.h"

static uint64_t splitmix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

uint64_t rng_mix(uint64_t hash, uint64_t key)
{
    return splitmix(hash ^ (key + 1));
}

double rng_unit(uint64_t hash)
{
    return ((double)(hash >> 11) + .5) * 0x1p-53;
}

uint64_t rng_below(uint64_t *state, uint64_t n)
{
    *state += 0x9e3779b97f4a7c15u;
    /* multiply-shift (D. Lemire, 2019) without the rejection step: the bias is below n / 2^64 */
    return (uint64_t)(((u128)splitmix(*state) * n) >> 64);
}
