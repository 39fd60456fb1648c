/* Who asks? A token in Authorization, a session that was had for a token, or a user whom a trusted
 * proxy names. Sessions live in memory, 12 hours; ten failures a minute from an address close it
 * for the rest of that minute. Sessions are the event loop's
 * thread's alone. */
#pragma once

#include "serve/settings.h"
#include "serve/token.h"

#include <pthread.h>

enum { SESSION_TEXT = 43, FAILURES_A_MINUTE = 10 };

enum auth_fault {
    AUTH_FINE,
    AUTH_NONE,   /* nobody said who they are */
    AUTH_WRONG,  /* what they said is not true (any more) */
    AUTH_TWICE,  /* a header of the proxy stands twice */
    AUTH_LOCKED, /* too many failures from there */
};
const char *auth_word(enum auth_fault f); /* for the metric: "missing", "wrong", … */

struct identity {
    enum auth_fault fault;
    enum scope scope;
    bool by_cookie;  /* so a browser may have sent it unasked */
    bool anonymous;  /* this machine, and there are no tokens */
    char name[16];   /* for the log: the token's id, "session", "proxy" */
    char source[64]; /* an ingest token of this source alone */
};

struct session;
struct failures;

struct auth {
    pthread_mutex_t lock; /* of tokens and failures */
    struct tokens tokens;
    bool used; /* a day of last use has changed */
    struct session *sessions;
    struct failures *failures;
    uint64_t ignored_proxy; /* headers of users from where no proxy is */
};

void auth_init(struct auth *a);
void auth_finish(struct auth *a);
void auth_tokens(struct auth *a, struct tokens *taken); /* these count from now on */
bool auth_has_tokens(struct auth *a);
/* The days on which tokens were last used, into `t`; true when one has changed since last asked. */
bool auth_used(struct auth *a, struct tokens *t);

struct identity auth_who(struct auth *a, const struct settings *s, const struct http_request *r,
                         when now);
/* One more failure from there (a wrong token; not a missing one). */
void auth_failed(struct auth *a, const struct sockaddr_storage *peer, when now);
bool auth_locked(struct auth *a, const struct sockaddr_storage *peer, when now);

/* A session for this token; ret_text is the cookie's value. NULL: the token is none. */
bool auth_begin(struct auth *a, str token, when now, char ret_text[SESSION_TEXT + 1]);
void auth_end(struct auth *a, const struct http_request *r);
