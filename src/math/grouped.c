#include "math/grouped.h"

#include "base/wide.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    const struct grouped *x = a;
    const struct grouped *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

size_t grouped_sort(struct grouped *g, size_t n)
{
    if (n == 0) {
        return 0;
    }
    qsort(g, n, sizeof *g, by_value);
    size_t kept = 0;
    for (size_t i = 1; i < n; i++) {
        if (g[i].value == g[kept].value) {
            g[kept].count += g[i].count;
        } else {
            g[++kept] = g[i];
        }
    }
    return kept + 1;
}

uint64_t grouped_count(const struct grouped *g, size_t n)
{
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) {
        count += g[i].count;
    }
    return count;
}

double grouped_sum(const struct grouped *g, size_t n)
{
    i128 sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (i128)g[i].value * (i128)g[i].count;
    }
    return (double)sum;
}

double grouped_mean(const struct grouped *g, size_t n)
{
    return n == 0 ? 0 : grouped_sum(g, n) / (double)grouped_count(g, n);
}

double grouped_stdev(const struct grouped *g, size_t n)
{
    uint64_t count = grouped_count(g, n);
    if (count < 2) {
        return 0;
    }
    double mean = grouped_mean(g, n);
    double squares = 0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)g[i].value - mean;
        squares += d * d * (double)g[i].count;
    }
    return sqrt(squares / (double)(count - 1));
}

static int64_t value_at(const struct grouped *g, size_t n, uint64_t index)
{
    size_t i = 0;
    while (i + 1 < n && index >= g[i].count) {
        index -= g[i].count;
        i++;
    }
    return g[i].value;
}

double grouped_quantile(const struct grouped *g, size_t n, double p)
{
    uint64_t count = grouped_count(g, n);
    if (count == 0) {
        return 0;
    }
    double h = (double)(count - 1) * p;
    uint64_t low = (uint64_t)floor(h);
    uint64_t high = low + 1 < count ? low + 1 : low;
    double a = (double)value_at(g, n, low);
    double b = (double)value_at(g, n, high);
    return a + (h - (double)low) * (b - a);
}

double grouped_mode(const struct grouped *g, size_t n, double width, int64_t *ret_value)
{
    uint64_t best = 0;
    uint64_t inside = 0;
    size_t low = 0;
    size_t high = 0; /* the window is [low, high) */
    *ret_value = 0;
    for (size_t i = 0; i < n; i++) {
        double v = (double)g[i].value;
        if (v <= 0) {
            low = high = i + 1;
            continue;
        }
        while (high < n && (double)g[high].value <= v * (1 + width)) {
            inside += g[high++].count;
        }
        while ((double)g[low].value < v * (1 - width)) {
            inside -= g[low++].count;
        }
        if (inside > best) {
            best = inside;
            *ret_value = g[i].value;
        }
    }
    return best == 0 ? 0 : (double)best / (double)grouped_count(g, n);
}
