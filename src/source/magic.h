/* What a run of bytes is, by its first ones: to name what was found when a format does not fit. */
#pragma once

#include "base/str.h"

/* "a PNG image", "XES", "OCEL (JSON)", "HTML", …; NULL: text of no known kind (a table may be). */
const char *magic_name(str head);
/* Does it look like text (few control characters, no NUL in the first part)? */
bool magic_is_text(str head);
