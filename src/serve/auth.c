#include "serve/auth.h"

#include "base/mem.h"

#include <assert.h>
#include <netinet/in.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

enum { SESSIONS = 256, ADDRESSES = 1024, SESSION_HOURS = 12 };

struct session {
    unsigned char digest[TOKEN_DIGEST]; /* of the cookie: memory that leaks opens nothing */
    char token[TOKEN_ID + 1];           /* whose rights it has, as long as that lives */
    when ends;                          /* 0: free */
};

struct failures { /* of an address; of IPv6 its first 64 bits */
    unsigned char at[8];
    int64_t minute;
    unsigned n;
};

const char *auth_word(enum auth_fault f)
{
    static const char *const WORDS[] = {"none", "missing", "wrong", "header_twice", "locked"};
    return WORDS[f];
}

void auth_init(struct auth *a)
{
    *a = (struct auth){0};
    pthread_mutex_init(&a->lock, NULL);
    a->sessions = mem_get(SESSIONS * sizeof *a->sessions);
    a->failures = mem_get(ADDRESSES * sizeof *a->failures);
}

void auth_finish(struct auth *a)
{
    tokens_finish(&a->tokens);
    mem_put(a->sessions);
    mem_put(a->failures);
    pthread_mutex_destroy(&a->lock);
}

void auth_tokens(struct auth *a, struct tokens *taken)
{
    pthread_mutex_lock(&a->lock);
    tokens_finish(&a->tokens);
    a->tokens = *taken;
    pthread_mutex_unlock(&a->lock);
    *taken = (struct tokens){0};
}

bool auth_has_tokens(struct auth *a)
{
    pthread_mutex_lock(&a->lock);
    bool has = a->tokens.v.n > 0;
    pthread_mutex_unlock(&a->lock);
    return has;
}

bool auth_used(struct auth *a, struct tokens *t)
{
    pthread_mutex_lock(&a->lock);
    bool used = a->used;
    a->used = false;
    for (size_t i = 0; used && i < a->tokens.v.n; i++) {
        bool many = false;
        struct token *same = token_named(t, str_of(a->tokens.v.v[i].id), &many);
        if (same != NULL) {
            same->used = a->tokens.v.v[i].used;
        }
    }
    pthread_mutex_unlock(&a->lock);
    return used;
}

/* --- failures --- */

static struct failures *place(const struct auth *a, const struct sockaddr_storage *peer,
                              unsigned char key[8])
{
    memset(key, 0, 8);
    if (peer->ss_family == AF_INET) {
        memcpy(key, &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    } else if (peer->ss_family == AF_INET6) {
        memcpy(key, &((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr, 8);
    }
    return &a->failures[str_hash((str){(const char *)key, 8}) % ADDRESSES];
}

bool auth_locked(struct auth *a, const struct sockaddr_storage *peer, when now)
{
    unsigned char key[8];
    pthread_mutex_lock(&a->lock);
    const struct failures *f = place(a, peer, key);
    bool locked =
        f->minute == now / MINUTE && f->n >= FAILURES_A_MINUTE && memcmp(f->at, key, 8) == 0;
    pthread_mutex_unlock(&a->lock);
    return locked;
}

void auth_failed(struct auth *a, const struct sockaddr_storage *peer, when now)
{
    unsigned char key[8];
    pthread_mutex_lock(&a->lock);
    struct failures *f = place(a, peer, key);
    if (f->minute != now / MINUTE || memcmp(f->at, key, 8) != 0) {
        *f = (struct failures){.minute = now / MINUTE};
        memcpy(f->at, key, 8);
    }
    f->n++;
    pthread_mutex_unlock(&a->lock);
}

/* --- who --- */

static void hash(str text, unsigned char ret[TOKEN_DIGEST])
{
    unsigned n = 0;
    int done = EVP_Digest(text.p, text.n, ret, &n, EVP_sha256(), NULL);
    assert(done == 1 && n == TOKEN_DIGEST);
}

static str cookie_of(const struct http_request *r)
{
    str rest = http_header(r, "Cookie", NULL), one;
    while (rest.n > 0 && str_cut(&rest, ';', &one)) {
        one = str_trim(one);
        if (str_starts(one, STR("weir_session="))) {
            return str_from(one, sizeof "weir_session=" - 1);
        }
    }
    return (str){"", 0};
}

static struct session *session_of(const struct auth *a, str cookie, when now)
{
    unsigned char digest[TOKEN_DIGEST];
    struct session *found = NULL;
    if (cookie.n != SESSION_TEXT) {
        return NULL;
    }
    hash(cookie, digest);
    for (size_t i = 0; i < SESSIONS; i++) {
        struct session *s = &a->sessions[i];
        if (now < s->ends && CRYPTO_memcmp(s->digest, digest, TOKEN_DIGEST) == 0) {
            found = s;
        }
    }
    return found;
}

static void take_token(struct auth *a, struct identity *who, struct token *t, when now)
{
    who->scope = t->scope;
    (void)snprintf(who->name, sizeof who->name, "%s", t->id);
    (void)snprintf(who->source, sizeof who->source, STR_FMT, STR_ARG(t->source));
    when day = clock_floor(now, DAY);
    if (t->used != day) {
        t->used = day;
        a->used = true;
    }
}

/* The user whom the proxy names; false: no proxy spoke. */
static bool from_proxy(struct auth *a, const struct settings *s, const struct http_request *r,
                       struct identity *who)
{
    size_t times = 0, secrets = 0;
    if (s->user_header.n == 0) {
        return false;
    }
    str user = http_header(r, s->user_header.p, &times);
    if (times == 0) {
        return false;
    }
    bool trusted = false;
    for (size_t i = 0; i < s->trusted.n; i++) {
        trusted = trusted || cidr_holds(&s->trusted.v[i], &r->peer);
    }
    if (trusted && s->secret_header.n > 0) {
        unsigned char given[TOKEN_DIGEST], right[TOKEN_DIGEST];
        hash(http_header(r, s->secret_header.p, &secrets), given);
        hash(s->secret, right);
        trusted = CRYPTO_memcmp(given, right, TOKEN_DIGEST) == 0;
    }
    if (!trusted) {
        a->ignored_proxy++;
        return false;
    }
    if (times > 1 || secrets > 1) {
        who->fault = AUTH_TWICE;
    } else if (user.n == 0) {
        who->fault = AUTH_NONE;
    } else {
        who->scope = SCOPE_READ;
        who->by_cookie = true; /* the browser proved itself to the proxy by a cookie */
        (void)snprintf(who->name, sizeof who->name, "proxy");
    }
    return true;
}

struct identity auth_who(struct auth *a, const struct settings *s, const struct http_request *r,
                         when now)
{
    struct identity who = {.fault = AUTH_FINE, .scope = SCOPE_NONE};
    str given = http_header(r, "Authorization", NULL), cookie = cookie_of(r);
    struct session *session = NULL;
    if (auth_locked(a, &r->peer, now)) {
        who.fault = AUTH_LOCKED;
        return who;
    }
    pthread_mutex_lock(&a->lock);
    if (given.n > 0) {
        bool bearer = given.n > 7 && str_eq_case(str_first(given, 7), STR("Bearer "));
        struct token *t =
            bearer ? token_check(&a->tokens, str_trim(str_from(given, 7)), now) : NULL;
        if (t != NULL) {
            take_token(a, &who, t, now);
        } else {
            who.fault = AUTH_WRONG;
        }
    } else if (from_proxy(a, s, r, &who)) {
        /* who is known, or at fault */
    } else if ((session = session_of(a, cookie, now)) != NULL) {
        bool many = false;
        struct token *t = token_named(&a->tokens, str_of(session->token), &many);
        who.by_cookie = true;
        if (t != NULL && token_live(t, now)) {
            take_token(a, &who, t, now);
        } else {
            who.fault = AUTH_NONE; /* revoked, or its time is over: so is the session's */
        }
    } else if (a->tokens.v.n == 0 && s->listen.loopback && s->user_header.n == 0) {
        who.anonymous = true;
        who.scope = SCOPE_ADMIN;
    } else {
        who.fault = AUTH_NONE;
    }
    pthread_mutex_unlock(&a->lock);
    return who;
}

/* --- sessions --- */

bool auth_begin(struct auth *a, str token, when now, char ret_text[SESSION_TEXT + 1])
{
    static const char LETTERS[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned char random[SESSION_TEXT];
    struct session *free_one = &a->sessions[0];
    pthread_mutex_lock(&a->lock);
    struct token *t = token_check(&a->tokens, token, now);
    char id[TOKEN_ID + 1] = "";
    if (t != NULL) {
        memcpy(id, t->id, sizeof id);
    }
    pthread_mutex_unlock(&a->lock);
    if (t == NULL) {
        return false;
    }
    ssize_t got = getrandom(random, sizeof random, 0);
    assert(got == (ssize_t)sizeof random);
    for (size_t i = 0; i < SESSION_TEXT; i++) {
        ret_text[i] = LETTERS[random[i] & 63];
    }
    ret_text[SESSION_TEXT] = 0;
    for (size_t i = 1; i < SESSIONS; i++) { /* one that is over, else the one that ends first */
        free_one = a->sessions[i].ends < free_one->ends ? &a->sessions[i] : free_one;
    }
    hash((str){ret_text, SESSION_TEXT}, free_one->digest);
    memcpy(free_one->token, id, sizeof id);
    free_one->ends = now + SESSION_HOURS * HOUR;
    return true;
}

void auth_end(struct auth *a, const struct http_request *r)
{
    struct session *s = session_of(a, cookie_of(r), clock_now());
    if (s != NULL) {
        *s = (struct session){0};
    }
}
