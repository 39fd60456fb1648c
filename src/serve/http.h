/* HTTP/1.1 for the routes, by libmicrohttpd: one thread turns the event loop, and nobody who is
 * slow, large or silent can hold it.
 *
 * The handlers run on the loop and must not wait: work goes to another thread after http_defer, and
 * whoever has the answer gives it with http_answer, from any thread. Limits are kept here: the head
 * in bytes and seconds, the body in bytes (after inflation, by a running count), connections, idle
 * time. http_tick, called about once a second, ends connections whose time is over. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "serve/blob.h"

#include <stdbool.h>
#include <sys/socket.h>

struct http;

struct http_limits {
    size_t head, body;       /* bytes of one request; the body after inflation */
    size_t bodies;           /* bytes of all bodies that are held at once */
    unsigned connections;    /* at once */
    unsigned head_s, body_s; /* for all of a head, all of a body */
    unsigned idle_s;
};
#define HTTP_LIMITS ((struct http_limits){16 << 10, 32 << 20, (size_t)256 << 20, 1024, 10, 120, 60})

struct http_pair {
    str name, value;
};

enum http_fault { /* what is wrong with a request before anybody has looked at what it wants */
                  HTTP_FINE,
                  HTTP_BAD_ADDRESS, /* 400: the address cannot be read: %zz, %00, bytes that are not
                                       UTF-8 */
                  HTTP_BAD_HEAD,    /* 400: Host or another header stands twice */
                  HTTP_LARGE_HEAD,  /* 431 */
                  HTTP_LARGE_BODY,  /* 413 */
                  HTTP_ENCODING,    /* 415: neither gzip, deflate nor identity */
                  HTTP_BROKEN_BODY, /* 400: what is said to be compressed is not, or breaks off */
                  HTTP_TOO_MANY,    /* 503: bodies of others fill the memory that is set aside */
};

struct http_request {
    str method, path; /* path: without escapes */
    const struct http_pair *query;
    size_t query_n;
    str address; /* path and query as they came */
    enum http_fault fault;
    struct sockaddr_storage peer; /* of the connection */
    struct arena text;            /* lives as long as the request */
    str id;                       /* 16 hex digits, for the log */
    const void *route;            /* the handlers' own */
    const char *who;              /* the handlers' own, for the log; NULL: nobody known */
    struct http_inside *inside;
};

struct http_handlers {
    /* The head is there. An answer now means that the body is not wanted; to want one, call
     * http_want_body. */
    void (*head)(struct http_request *r, void *cookie);
    /* Everything is there: answer, defer or stream. */
    void (*whole)(struct http_request *r, void *cookie);
    /* It is over, and `r` goes. status 0: the client left before there was an answer. */
    void (*over)(const struct http_request *r, int code, double seconds, void *cookie);
    void *cookie;
};

/* An address such as 127.0.0.1:8080, [::1]:8080, 0.0.0.0:0. */
struct http_address {
    struct sockaddr_storage at;
    socklen_t n;
    char text[64];
    bool loopback;
};
status http_address_read(str text, struct http_address *ret, struct error *why);
status http_listen(const struct http_address *where, int *ret_socket, struct error *why);
/* The address that a listening socket really has (a port of 0 became one). */
status http_address_of(int socket, struct http_address *ret, struct error *why);

/* Takes the listening socket. */
status http_start(int socket, const struct http_limits *limits,
                  const struct http_handlers *handlers, struct http **ret_http, struct error *why);
void http_tick(struct http *h);
void http_quiesce(struct http *h); /* no new connections; those there are end after their answer */
size_t http_open(struct http *h);  /* requests without a whole answer, streams not counted */
void http_stop(struct http *h);    /* every deferred request must have been answered */

/* Value of a header, empty when there is none; `times` (may be NULL) says how often it stands. */
str http_header(const struct http_request *r, const char *name, size_t *ret_times);
const struct http_pair *http_headers(const struct http_request *r, size_t *ret_n); /* all of them */
bool http_param(const struct http_request *r, const char *name,
                str *ret); /* the first of the query */
str http_body(const struct http_request *r);
void http_want_body(struct http_request *r, size_t limit); /* in `head`; 0: the general limit */

void http_add(struct http_request *r, const char *header,
              str value); /* to the answer to come; nothing
                            when the value is empty */
/* The answer; takes the blob (NULL: no body). */
void http_answer(struct http_request *r, int code, const char *type, struct blob *body);
void http_defer(struct http_request *r); /* in `whole`: http_answer comes later */

/* In `whole`: an answer without end. http_send may be called from any thread until `over` was;
 * false: the reader is too slow, and the stream ends. */
void http_stream(struct http_request *r, const char *type);
bool http_send(struct http_request *r, str text);
void http_end(struct http_request *r);
