/* Keys of work items in text: "DRV-17" in a branch name, "#12" in a message. The pattern is the
 * person's (`links.pattern`), a regular expression of PCRE2 with a limit on how long it may try. */
#pragma once

#include "base/error.h"
#include "base/str.h"

struct linkkey;

/* Empty pattern: a project's letters, a hyphen and a number; or # and a number. FAIL says where the
 * pattern is wrong. One thread uses it at a time. */
status linkkey_open(str pattern, struct linkkey **ret, struct error *why);
void linkkey_close(struct linkkey *k); /* NULL is fine */

/* The next key at or behind *at, which is moved behind it. False: there is none. A key is a piece
 * of the text; of a pattern with a group, what the first group holds. */
bool linkkey_next(struct linkkey *k, str text, size_t *at, str *ret_key);
