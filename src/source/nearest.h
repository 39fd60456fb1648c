/* Which of the names did the person mean? */
#pragma once

#include "base/str.h"

#include <stddef.h>

/* The name with the smallest edit distance (Levenshtein, letter case ignored) to `word`, or the
 * empty str when none is near enough to be meant: more than a third of its letters differ. */
str nearest(str word, const str *names, size_t n);
