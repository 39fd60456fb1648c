/* Fetching by HTTP, politely: one request after the other, pauses where the service asks for them
 * (Retry-After, X-RateLimit-Reset), a few tries when it is ill, and within limits whatever it
 * answers. TLS is always verified. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

struct client;

struct client_options {
    const char *ca_file; /* of a private authority; NULL: the system's */
    size_t most;         /* bytes of an answer; 0: 32 MB */
    lapse patience;      /* in all for one answer, pauses included; 0: 15 minutes */
    void (*waits)(const char *why, lapse how_long, void *cookie); /* before a long pause; NULL */
    void *cookie;
};

status client_open(const struct client_options *options, struct client **ret, struct error *why);
void client_close(struct client *c); /* NULL is fine */

struct client_answer {
    int code; /* HTTP status: 2xx, or 404 and 410, which say that the thing is gone */
    struct buf body;
    struct buf next; /* the address of the next page (RFC 8288, rel="next"), or empty */
};
void client_answer_finish(struct client_answer *a);

/* GET. `headers`: whole lines ("Accept: application/json"), n of them. FAIL says what the service
 * answered (401 and 403: which right is missing is for the reader to know); BUSY: it stayed ill or
 * asked for more patience than there is; INTERRUPTED by a signal. */
status client_get(struct client *c, const char *url, const char *const *headers, size_t n,
                  struct client_answer *ret, struct error *why);
