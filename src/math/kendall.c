#include "math/kendall.h"

#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static int by_x_then_y(const void *a, const void *b)
{
    const struct kendall_pair *p = a;
    const struct kendall_pair *q = b;
    if (p->x != q->x) {
        return p->x < q->x ? -1 : 1;
    }
    return (p->y > q->y) - (p->y < q->y);
}

/* Sorts y and returns how many pairs stood the wrong way round. */
static double exchanges(int64_t *y, int64_t *room, size_t n)
{
    double count = 0;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t low = 0; low + width < n; low += 2 * width) {
            size_t middle = low + width;
            size_t high = middle + width < n ? middle + width : n;
            size_t i = low;
            size_t j = middle;
            for (size_t k = low; k < high; k++) {
                if (j >= high || (i < middle && y[i] <= y[j])) {
                    room[k] = y[i++];
                } else {
                    room[k] = y[j++];
                    count += (double)(middle - i);
                }
            }
            memcpy(y + low, room + low, (high - low) * sizeof *y);
        }
    }
    return count;
}

static double pairs_of(size_t n)
{
    return (double)n * ((double)n - 1) / 2;
}

double kendall_tau(struct kendall_pair *pairs, size_t n)
{
    if (n < 2) {
        return 1;
    }
    qsort(pairs, n, sizeof *pairs, by_x_then_y);
    int64_t *y = mem_get(2 * n * sizeof *y);
    double tied_x = 0;
    double tied_xy = 0;
    size_t run_x = 1;
    size_t run_xy = 1;
    for (size_t i = 0; i < n; i++) {
        y[i] = pairs[i].y;
        if (i == 0) {
            continue;
        }
        bool same_x = pairs[i].x == pairs[i - 1].x;
        bool same_xy = same_x && pairs[i].y == pairs[i - 1].y;
        tied_x += same_x ? (double)run_x : 0;
        tied_xy += same_xy ? (double)run_xy : 0;
        run_x = same_x ? run_x + 1 : 1;
        run_xy = same_xy ? run_xy + 1 : 1;
    }
    double discordant = exchanges(y, y + n, n);
    double tied_y = 0;
    size_t run_y = 1;
    for (size_t i = 1; i < n; i++) {
        bool same = y[i] == y[i - 1];
        tied_y += same ? (double)run_y : 0;
        run_y = same ? run_y + 1 : 1;
    }
    mem_put(y);
    double all = pairs_of(n);
    double concordant = all - tied_x - tied_y + tied_xy - discordant;
    double scale = sqrt((all - tied_x) * (all - tied_y));
    return scale > 0 ? (concordant - discordant) / scale : 1;
}
