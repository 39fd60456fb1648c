/* Access tokens: weir_<8 characters: its id>_<43 characters: 32 random bytes in base64url>. The
 * store keeps of each the SHA-256 of the whole, never the token; digests are compared in constant
 * time. The list is one JSON text under TOKEN_KEY in the store. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/vec.h"

enum scope { SCOPE_NONE, SCOPE_READ, SCOPE_INGEST, SCOPE_ADMIN };
const char *scope_word(enum scope s); /* "read", … */
bool scope_read(str word, enum scope *ret);
bool scope_covers(enum scope has,
                  enum scope needs); /* admin covers all; read and ingest themselves */

enum {
    TOKEN_ID = 8,
    TOKEN_SECRET = 43,
    TOKEN_TEXT = 5 + TOKEN_ID + 1 + TOKEN_SECRET,
    TOKEN_DIGEST = 32,
    TOKENS_MAX = 1000,
};
#define TOKEN_KEY STR("serve.tokens")

struct token {
    char id[TOKEN_ID + 1];
    unsigned char digest[TOKEN_DIGEST];
    str name, source; /* source: an ingest token for this one alone; empty: any */
    enum scope scope;
    when created, expires; /* expires WHEN_NONE: never */
    when used;             /* the day, WHEN_NONE: not yet */
};

struct tokens { /* tokens_finish in any case */
    struct arena text;
    VEC(struct token) v;
};

status tokens_parse(str json, struct tokens *ret, struct error *why); /* empty text: none */
void tokens_write(const struct tokens *t, struct buf *out);
void tokens_finish(struct tokens *t);

/* Adds one and gives its text, which is shown once. */
status token_create(struct tokens *t, str name, enum scope scope, str source, when now,
                    when expires, char ret_text[TOKEN_TEXT + 1], struct error *why);
/* By id, or by its name if only one has it. NULL: none; *ret_many: several have the name. */
struct token *token_named(struct tokens *t, str word, bool *ret_many);
void token_revoke(struct tokens *t, struct token *one);
/* The token that this text is, if it is one and not expired. */
struct token *token_check(struct tokens *t, str text, when now);
bool token_live(const struct token *t, when now);
bool token_in(str text); /* does anything in it look like a token? */
