#include "serve/token.h"

#include "view/doc.h"
#include "wire/json.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

static const char *const WORDS[] = {"none", "read", "ingest", "admin"};

const char *scope_word(enum scope s)
{
    return WORDS[s];
}

bool scope_read(str word, enum scope *ret)
{
    for (int i = SCOPE_READ; i <= SCOPE_ADMIN; i++) {
        if (str_eq(word, str_of(WORDS[i]))) {
            *ret = (enum scope)i;
            return true;
        }
    }
    return false;
}

bool scope_covers(enum scope has, enum scope needs)
{
    return needs == SCOPE_NONE || has == SCOPE_ADMIN || has == needs;
}

static void digest_of(str text, unsigned char ret[TOKEN_DIGEST])
{
    unsigned n = 0;
    int done = EVP_Digest(text.p, text.n, ret, &n, EVP_sha256(), NULL);
    assert(done == 1 && n == TOKEN_DIGEST);
}

static bool is_letter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_';
}

static bool has_form(str text)
{
    if (text.n != TOKEN_TEXT || !str_starts(text, STR("weir_")) || text.p[5 + TOKEN_ID] != '_') {
        return false;
    }
    for (size_t i = 5; i < text.n; i++) {
        if (!is_letter(text.p[i])) {
            return false;
        }
    }
    return true;
}

bool token_in(str text)
{
    for (;;) {
        text = str_from(text, str_find(text, STR("weir_")));
        if (text.n < TOKEN_TEXT) {
            return false;
        }
        if (has_form(str_first(text, TOKEN_TEXT))) {
            return true;
        }
        text = str_from(text, 1);
    }
}

/* --- as it is kept --- */

static bool hex_read(str hex, unsigned char *ret, size_t n)
{
    if (hex.n != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < 2 * n; i++) {
        char c = hex.p[i];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) {
            return false;
        }
        ret[i / 2] = (unsigned char)(i % 2 == 0 ? digit << 4 : ret[i / 2] | digit);
    }
    return true;
}

static bool when_read(const json_t *one, const char *key, when *ret)
{
    str text;
    int64_t micros;
    *ret = WHEN_NONE;
    if (!json_get_str(one, key, &text)) {
        return true;
    }
    if (!str_to_i64(text, &micros)) {
        return false;
    }
    *ret = micros;
    return true;
}

status_code tokens_parse(str json, struct tokens *ret, struct error *why)
{
    *ret = (struct tokens){0};
    json_t *all = NULL, *one;
    size_t i;
    if (json.n == 0) {
        return OK;
    }
    TRY(json_parse(json, 1 << 20, "the tokens of the store", &all, why));
    bool right = json_is_array(all) && json_array_size(all) <= TOKENS_MAX;
    json_array_foreach(all, i, one)
    {
        struct token t = {0};
        str id = {0}, digest = {0}, scope = {0};
        right = right && json_get_str(one, "id", &id) && id.n == TOKEN_ID &&
                json_get_str(one, "digest", &digest) && json_get_str(one, "scope", &scope) &&
                hex_read(digest, t.digest, TOKEN_DIGEST) && scope_read(scope, &t.scope) &&
                json_get_str(one, "name", &t.name) && when_read(one, "created", &t.created) &&
                when_read(one, "expires", &t.expires) && when_read(one, "used", &t.used);
        if (right) {
            memcpy(t.id, id.p, TOKEN_ID);
            json_get_str(one, "source", &t.source);
            t.name = arena_str(&ret->text, t.name);
            t.source = arena_str(&ret->text, t.source);
            VEC_ADD(&ret->v, t);
        }
    }
    json_decref(all);
    if (!right) {
        tokens_finish(ret);
        error_set(why, "the list of tokens in the store cannot be read");
        error_hint(why, "A newer weir may have written it; or restore the store from a copy.");
        return FAIL;
    }
    return OK;
}

static void put_when(json_t *one, const char *key, when t)
{
    char text[24];
    if (t != WHEN_NONE) {
        (void)snprintf(text, sizeof text, "%lld", (long long)t);
        doc_put(one, key, json_string(text));
    }
}

void tokens_write(const struct tokens *t, struct buf *out)
{
    json_t *all = json_array();
    for (size_t i = 0; i < t->v.n; i++) {
        const struct token *k = &t->v.v[i];
        json_t *one = json_object();
        char hex[2 * TOKEN_DIGEST + 1];
        for (size_t b = 0; b < TOKEN_DIGEST; b++) {
            (void)snprintf(hex + 2 * b, 3, "%02x", k->digest[b]);
        }
        doc_put(one, "id", json_string(k->id));
        doc_put(one, "name", doc_str(k->name));
        doc_put(one, "digest", json_string(hex));
        doc_put(one, "scope", json_string(scope_word(k->scope)));
        doc_put(one, "source", doc_str(k->source));
        put_when(one, "created", k->created);
        put_when(one, "expires", k->expires);
        put_when(one, "used", k->used);
        json_array_append_new(all, one);
    }
    char *text = json_dumps(all, JSON_COMPACT);
    buf_add(out, str_of(text));
    free(text);
    json_decref(all);
}

void tokens_finish(struct tokens *t)
{
    VEC_FINISH(&t->v);
    arena_finish(&t->text);
    *t = (struct tokens){0};
}

/* --- making and checking --- */

static void random_text(char *out, size_t bytes)
{
    static const char LETTERS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[TOKEN_DIGEST];
    assert(bytes <= sizeof random);
    ssize_t got = getrandom(random, bytes, 0);
    assert(got == (ssize_t)bytes); /* up to 256 bytes come whole */
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < bytes; i++) {
        bits = bits << 8 | random[i];
        for (have += 8; have >= 6; have -= 6) {
            *out++ = LETTERS[bits >> (have - 6) & 63];
        }
        bits &= (1U << have) - 1;
    }
    if (have > 0) {
        *out++ = LETTERS[bits << (6 - have) & 63];
    }
}

status_code token_create(struct tokens *t, str name, enum scope scope, str source, when now,
                         when expires, char ret_text[TOKEN_TEXT + 1], struct error *why)
{
    if (t->v.n >= TOKENS_MAX) {
        error_set(why, "there are %d tokens already, which is the most", TOKENS_MAX);
        error_hint(why, "Revoke what is not used:  weir token list");
        return FAIL;
    }
    struct token one = {.scope = scope, .created = now, .expires = expires, .used = WHEN_NONE};
    memcpy(ret_text, "weir_", 5);
    do {
        random_text(ret_text + 5, TOKEN_ID * 6 / 8);
        bool many = false;
        memcpy(one.id, ret_text + 5, TOKEN_ID);
        if (token_named(t, str_of(one.id), &many) == NULL && !many && one.id[0] != '-') {
            break;
        }
    } while (true);
    ret_text[5 + TOKEN_ID] = '_';
    random_text(ret_text + 6 + TOKEN_ID, TOKEN_DIGEST);
    ret_text[TOKEN_TEXT] = 0;
    digest_of((str){ret_text, TOKEN_TEXT}, one.digest);
    one.name = arena_str(&t->text, name);
    one.source = arena_str(&t->text, source);
    VEC_ADD(&t->v, one);
    return OK;
}

struct token *token_named(struct tokens *t, str word, bool *ret_many)
{
    struct token *found = NULL;
    assert(t->v.v != NULL || t->v.n == 0);
    *ret_many = false;
    for (size_t i = 0; i < t->v.n; i++) {
        if (str_eq(word, str_of(t->v.v[i].id))) {
            *ret_many = false;
            return &t->v.v[i];
        }
        if (str_eq(word, t->v.v[i].name)) {
            *ret_many = found != NULL;
            found = &t->v.v[i];
        }
    }
    return *ret_many ? NULL : found;
}

void token_revoke(struct tokens *t, struct token *one)
{
    size_t at = (size_t)(one - t->v.v);
    memmove(one, one + 1, (t->v.n - at - 1) * sizeof *one);
    t->v.n--;
}

bool token_live(const struct token *t, when now)
{
    return t->expires == WHEN_NONE || now < t->expires;
}

struct token *token_check(struct tokens *t, str text, when now)
{
    unsigned char digest[TOKEN_DIGEST];
    struct token *found = NULL;
    if (!has_form(text)) {
        return NULL;
    }
    digest_of(text, digest);
    for (size_t i = 0; i < t->v.n; i++) { /* all of them, so that time tells nothing */
        if (CRYPTO_memcmp(digest, t->v.v[i].digest, TOKEN_DIGEST) == 0) {
            found = &t->v.v[i];
        }
    }
    return found != NULL && token_live(found, now) ? found : NULL;
}
