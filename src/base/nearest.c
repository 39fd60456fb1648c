/* The table of edit distances, of which a swap looks two rows back: three rows are kept. */
#include "base/nearest.h"

#include <ctype.h>

enum { EDITS = 2, LONGEST = 64 };

static unsigned less(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static unsigned distance(str a, str b)
{
    unsigned rows[3][LONGEST + 1];
    if (a.n > LONGEST || b.n > LONGEST || (a.n > b.n ? a.n - b.n : b.n - a.n) > EDITS) {
        return EDITS + 1;
    }
    for (size_t j = 0; j <= b.n; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        unsigned *now = rows[i % 3], *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];
        int here = tolower((unsigned char)a.p[i - 1]), last = 0; /* of b, one to the left */
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            int there = tolower((unsigned char)b.p[j - 1]);
            now[j] = less(before[j - 1] + (here != there), less(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && here == last && tolower((unsigned char)a.p[i - 2]) == there) {
                now[j] = less(now[j], two_before[j - 2] + 1);
            }
            last = there;
        }
    }
    return rows[a.n % 3][b.n];
}

const str *nearest(str word, const str *names, size_t n)
{
    const str *best = NULL;
    unsigned least = EDITS + 1;
    for (size_t i = 0; i < n; i++) {
        unsigned d = distance(word, names[i]);
        if (d < least && d < word.n && d < names[i].n) {
            least = d;
            best = &names[i];
        }
    }
    return best;
}
