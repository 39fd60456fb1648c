/* Work items that prose names: titles, branches, messages and descriptions are not stored, only
 * what they mention. */
#pragma once

#include "base/buf.h"

/* Appends the keys in a text, parted by spaces: "DRV-17" (a capital, capitals or digits, a dash, a
 * number, between word borders) and "#12" (spec delivery-metrics.md 3, the default of
 * link.pattern); at most MENTIONS. */
enum { MENTIONS = 32 };
void mention_keys(str text, struct buf *out);

/* The next "#12" behind one of the words that close an issue, as its number; `at` goes on behind it
 * (begin with 0). False: there are no more. GitHub knows close, fix and resolve in three forms;
 * GitLab also fixing and so on, and implement (`gitlab`). */
bool mention_closing(str text, bool gitlab, size_t *at, str *ret_number);

/* The hash behind "root cause:" in a note, 7 to 64 hex digits; empty: there is none. */
str mention_root_cause(str text);
