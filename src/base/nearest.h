/* Which of the names did the person mean? One answer for commands, options, keys, columns. */
#pragma once

#include "base/str.h"

#include <stddef.h>

/* The name with the fewest edits from `word`, at most 2: insert, delete, replace, swap of
 * neighbours, each piece edited once (F. Damerau, "A technique for computer detection and
 * correction of spelling errors", 1964; optimal string alignment); letter case does not count. Of
 * equals the first. NULL: none is near; a word or a name as short as the number of edits is none,
 * for nothing of it would be left, and one of more than 64 bytes neither. */
const str *nearest(str word, const str *names, size_t n);
