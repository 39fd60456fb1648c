/* The journal: one line an event on standard error, logfmt or JSON. No bodies, tokens, secrets,
 * queries or names of people. */
#pragma once

#include "base/buf.h"

struct journal {
    bool json;
    int verbosity; /* -1: warnings only */
};

enum journal_level { JOURNAL_DEBUG, JOURNAL_INFO, JOURNAL_WARN };

struct journal_pair {
    const char *key; /* NULL ends the list */
    str value;
};

/* journal_say(l, JOURNAL_INFO, "listening", (struct journal_pair[]){{"url", …}, {0}}) */
void journal_say(const struct journal *l, enum journal_level level, const char *message,
                 const struct journal_pair *pairs);
void journal_format(const struct journal *l, enum journal_level level, const char *time,
                    const char *message, const struct journal_pair *pairs, struct buf *out);
