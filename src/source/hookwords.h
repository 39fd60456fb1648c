/* What a tool tells in one answer and means in others: the name and category of a status, the
 * identifier of a project. Journals of changes hold numbers alone. Whoever has several answers
 * lets them all be learned before the first is mapped, or sends the words along with each. */
#pragma once

#include "base/arena.h"
#include "base/intern.h"
#include "base/vec.h"

struct hook_words { /* a zeroed one is empty */
    struct intern keys;
    VEC(str) values; /* by number in `keys` */
    struct arena text;
};

void hook_words_finish(struct hook_words *w);
/* The last word counts. Beyond HOOK_WORDS different ones, or without an id, nothing is kept. */
enum { HOOK_WORDS = 100000 };
void hook_word_set(struct hook_words *w, const char *kind, str id, str value);
str hook_word(const struct hook_words *w, const char *kind, str id); /* empty: not known */
