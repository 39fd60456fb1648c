#include "source/nearest.h"

#include <ctype.h>

enum { LONGEST = 64 };

static size_t distance(str a, str b)
{
    size_t row[LONGEST + 1];
    for (size_t j = 0; j <= b.n; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            bool same = tolower((unsigned char)a.p[i - 1]) == tolower((unsigned char)b.p[j - 1]);
            size_t least = diagonal + !same;
            diagonal = row[j];
            least = row[j] + 1 < least ? row[j] + 1 : least;
            least = row[j - 1] + 1 < least ? row[j - 1] + 1 : least;
            row[j] = least;
        }
    }
    return row[b.n];
}

str nearest(str word, const str *names, size_t n)
{
    str best = {0};
    size_t least = word.n / 3 + 2;
    if (word.n == 0 || word.n > LONGEST) {
        return best;
    }
    for (size_t i = 0; i < n; i++) {
        if (names[i].n > 0 && names[i].n <= LONGEST) {
            size_t d = distance(word, names[i]);
            if (d < least) {
                least = d;
                best = names[i];
            }
        }
    }
    return best;
}
