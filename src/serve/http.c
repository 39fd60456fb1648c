/* A connection is in one of four states, each with its own end of patience: between requests
 * (idle), reading a head, reading a body, answering. libmicrohttpd's own timeout counts from the
 * last byte, which a client that sends one byte at a time never meets; so every connection stands
 * in a list with the time at which its state must be over, and http_tick shuts down what is late.
 * The list is also what makes a shutdown from another thread safe: a connection leaves it, under
 * its lock, before its socket is closed. */
#include "serve/http.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/vec.h"
#include "serve/inflate.h"
#include "serve/mhd.h"
#include "serve/uri.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum {
    POOL = 40 << 10,         /* of a connection: its head and that of the answer */
    STREAM_WAITS = 64 << 10, /* bytes that a reader of a stream may lag behind */
    DISCARD = 1 << 20,       /* of a body that nobody wants */
};

struct conn {
    struct conn *next, *before;
    int socket;
    int64_t end_ns; /* of patience; 0: it is ours to act */
};

struct http {
    struct MHD_Daemon *daemon;
    struct http_limits limits;
    struct http_handlers handlers;
    pthread_mutex_t lock; /* of the list, and of `open` */
    struct conn *conns;
    size_t open;
    size_t held; /* bytes of bodies; the loop's alone */
    atomic_bool quiet;
};

struct http_inside {
    struct http *http;
    struct MHD_Connection *connection;
    struct conn *conn;
    int64_t begun_ns;
    struct MHD_Response *response;
    int code;
    bool seen;      /* the handler has seen the head */
    bool wants;     /* a body */
    size_t limit;   /* of it */
    size_t counted; /* of its bytes in http->held */
    size_t discarded;
    struct inflate body;
    bool complete, counted_open;
    bool deferred; /* by the loop; what another thread does about it goes through libmicrohttpd */
    VEC(struct http_pair) headers; /* of the answer to come */
    /* Streams: what waits to be sent, between sender and loop. */
    pthread_mutex_t lock;
    struct buf waits;
    bool streams, sleeps, ends;
};

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void patience(struct http *h, struct conn *c, unsigned seconds)
{
    if (c != NULL) {
        pthread_mutex_lock(&h->lock);
        c->end_ns = seconds > 0 ? now_ns() + (int64_t)seconds * 1000000000 : 0;
        pthread_mutex_unlock(&h->lock);
    }
}

/* --- connections --- */

static void on_connection(void *cookie, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode what)
{
    struct http *h = cookie;
    struct conn *c = *socket_context;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        c = mem_get(sizeof *c);
        c->socket = info != NULL ? info->connect_fd : -1;
        *socket_context = c;
        pthread_mutex_lock(&h->lock);
        c->next = h->conns;
        if (c->next != NULL) {
            c->next->before = c;
        }
        h->conns = c;
        pthread_mutex_unlock(&h->lock);
        patience(h, c, h->limits.head_s);
        return;
    }
    if (c != NULL) {
        pthread_mutex_lock(&h->lock);
        if (c->before != NULL) {
            c->before->next = c->next;
        } else {
            h->conns = c->next;
        }
        if (c->next != NULL) {
            c->next->before = c->before;
        }
        pthread_mutex_unlock(&h->lock);
        mem_put(c);
        *socket_context = NULL;
    }
}

void http_tick(struct http *h)
{
    int64_t now = now_ns();
    pthread_mutex_lock(&h->lock);
    for (struct conn *c = h->conns; c != NULL; c = c->next) {
        if (c->end_ns != 0 && now >= c->end_ns) {
            shutdown(c->socket, SHUT_RDWR); /* the loop sees the end and closes it */
            c->end_ns = 0;
        }
    }
    pthread_mutex_unlock(&h->lock);
}

/* --- requests --- */

static void new_id(struct http_request *r)
{
    unsigned char bytes[8];
    char *hex = arena_get(&r->text, sizeof bytes * 2 + 1);
    ssize_t n = getrandom(bytes, sizeof bytes, 0);
    assert(n == (ssize_t)sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    r->id = (str){hex, sizeof bytes * 2};
}

/* The first line is there. */
static void *on_line(void *cookie, const char *uri, struct MHD_Connection *connection)
{
    struct http *h = cookie;
    struct http_request *r = mem_get(sizeof *r);
    struct http_inside *in = mem_get(sizeof *in);
    arena_init(&r->text, "request", 0);
    r->inside = in;
    in->http = h;
    in->connection = connection;
    in->begun_ns = now_ns();
    pthread_mutex_init(&in->lock, NULL);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    in->conn = info != NULL ? info->socket_context : NULL;
    r->address = arena_str(&r->text, str_of(uri));
    new_id(r);
    patience(h, in->conn, h->limits.head_s);
    return r;
}

static enum MHD_Result measure(void *cookie, enum MHD_ValueKind kind, const char *name,
                               const char *value)
{
    size_t *bytes = cookie;
    (void)kind;
    *bytes += strlen(name) + (value != NULL ? strlen(value) : 0) + 4;
    return MHD_YES;
}

/* These decide who a request is from and what it says; twice is an attempt to have two readings. */
static bool many(const struct http_request *r)
{
    static const char *const NAMES[] = {"Host",   "Authorization",    "Content-Length",
                                        "Origin", "Content-Encoding", "Content-Type"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        size_t times = 0;
        (void)http_header(r, NAMES[i], &times);
        if (times > 1) {
            return true;
        }
    }
    return false;
}

static void look_at_head(struct http_request *r, const char *method)
{
    struct http_inside *in = r->inside;
    struct http *h = in->http;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(in->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    if (info != NULL && info->client_addr != NULL) {
        socklen_t n = info->client_addr->sa_family == AF_INET6  ? sizeof(struct sockaddr_in6)
                      : info->client_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                                : sizeof(sa_family_t);
        memcpy(&r->peer, info->client_addr, n);
    }
    size_t size = r->address.n;
    MHD_get_connection_values(in->connection, MHD_HEADER_KIND, measure, &size);
    r->method = arena_str(&r->text, str_of(method));
    if (size > h->limits.head) {
        r->fault = HTTP_LARGE_HEAD;
    } else if (many(r)) {
        r->fault = HTTP_BAD_HEAD;
    } else if (!uri_split(r->address, &r->text, &r->path, &r->query, &r->query_n)) {
        r->fault = HTTP_BAD_ADDRESS;
    }
}

static bool declares_more(const struct http_request *r, size_t limit)
{
    int64_t n;
    return str_to_i64(http_header(r, "Content-Length", NULL), &n) && n > 0 && (uint64_t)n > limit;
}

/* Small bodies are read and forgotten, so that the connection can go on; others end it. */
static bool has_body(const struct http_request *r)
{
    int64_t n;
    return http_header(r, "Transfer-Encoding", NULL).n > 0 ||
           (str_to_i64(http_header(r, "Content-Length", NULL), &n) && n > 0);
}

static void hold(struct http_request *r)
{
    struct http_inside *in = r->inside;
    size_t now = in->body.out.cap;
    in->http->held += now - in->counted;
    in->counted = now;
}

static enum MHD_Result take_body(struct http_request *r, str bytes)
{
    struct http_inside *in = r->inside;
    if (!in->wants || in->response != NULL || r->fault != HTTP_FINE) {
        in->discarded += bytes.n;
        return in->discarded <= DISCARD ? MHD_YES : MHD_NO;
    }
    enum inflate_state state = inflate_more(&in->body, bytes);
    hold(r);
    if (state == INFLATE_LARGE) {
        r->fault = HTTP_LARGE_BODY;
    } else if (state == INFLATE_BROKEN) {
        r->fault = HTTP_BROKEN_BODY;
    } else if (in->http->held > in->http->limits.bodies) {
        r->fault = HTTP_TOO_MANY;
    }
    if (r->fault != HTTP_FINE) {
        buf_finish(&in->body.out);
        hold(r);
    }
    return MHD_YES;
}

static enum MHD_Result queue(struct http_request *r)
{
    struct http_inside *in = r->inside;
    struct http *h = in->http;
    patience(h, in->conn, 0); /* what is idle while it is sent, libmicrohttpd ends */
    if (atomic_load(&h->quiet)) {
        (void)MHD_add_response_header(in->response, "Connection", "close");
    }
    enum MHD_Result done = MHD_queue_response(in->connection, (unsigned)in->code, in->response);
    MHD_destroy_response(in->response);
    in->response = NULL;
    return done;
}

static enum MHD_Result on_access(void *cookie, struct MHD_Connection *connection, const char *url,
                                 const char *method, const char *version, const char *upload,
                                 size_t *upload_n, void **context)
{
    struct http *h = cookie;
    struct http_request *r = *context;
    struct http_inside *in = r->inside;
    (void)connection, (void)url, (void)version;
    if (!in->seen) {
        in->seen = in->counted_open = true;
        pthread_mutex_lock(&h->lock);
        h->open++;
        pthread_mutex_unlock(&h->lock);
        look_at_head(r, method);
        h->handlers.head(r, h->handlers.cookie);
        if (in->wants && in->response == NULL && declares_more(r, in->limit)) {
            r->fault = HTTP_LARGE_BODY;
        }
        if (in->wants && in->response == NULL && r->fault == HTTP_FINE &&
            !inflate_start(&in->body, http_header(r, "Content-Encoding", NULL), in->limit)) {
            r->fault = HTTP_ENCODING;
        }
        patience(h, in->conn, h->limits.body_s);
        if (declares_more(r, DISCARD) && (in->response != NULL || r->fault != HTTP_FINE)) {
            if (in->response == NULL) {
                h->handlers.whole(r, h->handlers.cookie);
            }
            return in->response != NULL ? queue(r) : MHD_NO;
        }
        return in->response != NULL && !has_body(r) ? queue(r) : MHD_YES;
    }
    if (*upload_n > 0) {
        str bytes = {upload, *upload_n};
        *upload_n = 0;
        return take_body(r, bytes);
    }
    if (!in->complete) {
        in->complete = true;
        patience(h, in->conn, 0);
        if (in->wants && r->fault == HTTP_FINE && inflate_end(&in->body) == INFLATE_BROKEN) {
            r->fault = HTTP_BROKEN_BODY;
        }
        if (in->response == NULL) {
            h->handlers.whole(r, h->handlers.cookie);
            if (in->deferred) {
                return MHD_YES; /* suspended */
            }
        }
    }
    assert(in->response != NULL); /* `whole` answers, defers or streams */
    return queue(r);
}

static void on_over(void *cookie, struct MHD_Connection *connection, void **context,
                    enum MHD_RequestTerminationCode how)
{
    struct http *h = cookie;
    struct http_request *r = *context;
    (void)connection;
    if (r == NULL) {
        return;
    }
    struct http_inside *in = r->inside;
    if (in->seen) {
        bool left = how != MHD_REQUEST_TERMINATED_COMPLETED_OK && in->code == 0;
        h->handlers.over(r, left ? 0 : in->code, (double)(now_ns() - in->begun_ns) / 1e9,
                         h->handlers.cookie);
    }
    pthread_mutex_lock(&h->lock);
    h->open -= in->counted_open;
    pthread_mutex_unlock(&h->lock);
    patience(h, in->conn, h->limits.idle_s);
    if (in->response != NULL) {
        MHD_destroy_response(in->response);
    }
    inflate_stop(&in->body);
    h->held -= in->counted;
    VEC_FINISH(&in->headers);
    buf_finish(&in->waits);
    pthread_mutex_destroy(&in->lock);
    mem_put(in);
    arena_finish(&r->text);
    mem_put(r);
    *context = NULL;
}

/* --- what handlers ask and do --- */

struct header_found {
    const char *name;
    const char *value;
    size_t times;
};

static enum MHD_Result find_header(void *cookie, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct header_found *f = cookie;
    (void)kind;
    if (strcasecmp(name, f->name) == 0) {
        f->value = f->times == 0 ? value : f->value;
        f->times++;
    }
    return MHD_YES;
}

str http_header(const struct http_request *r, const char *name, size_t *ret_times)
{
    struct header_found f = {.name = name};
    MHD_get_connection_values(r->inside->connection, MHD_HEADER_KIND, find_header, &f);
    if (ret_times != NULL) {
        *ret_times = f.times;
    }
    return str_of(f.value);
}

struct all_headers {
    struct http_pair *v;
    size_t n, most;
};

static enum MHD_Result take_header(void *cookie, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct all_headers *all = cookie;
    (void)kind;
    if (all->n < all->most) {
        all->v[all->n++] = (struct http_pair){str_of(name), str_of(value)};
    }
    return MHD_YES;
}

const struct http_pair *http_headers(const struct http_request *r, size_t *ret_n)
{
    struct http_request *own = (struct http_request *)(uintptr_t)r; /* its arena grows */
    int n = MHD_get_connection_values(r->inside->connection, MHD_HEADER_KIND, NULL, NULL);
    struct all_headers all = {.most = n > 0 ? (size_t)n : 0};
    all.v = ARENA_ARRAY(&own->text, struct http_pair, all.most + 1);
    MHD_get_connection_values(r->inside->connection, MHD_HEADER_KIND, take_header, &all);
    *ret_n = all.n;
    return all.v;
}

bool http_param(const struct http_request *r, const char *name, str *ret)
{
    for (size_t i = 0; i < r->query_n; i++) {
        if (str_eq(r->query[i].name, str_of(name))) {
            *ret = r->query[i].value;
            return true;
        }
    }
    return false;
}

str http_body(const struct http_request *r)
{
    return buf_str(&r->inside->body.out);
}

void http_want_body(struct http_request *r, size_t limit)
{
    size_t all = r->inside->http->limits.body;
    r->inside->wants = true;
    r->inside->limit = limit > 0 && limit < all ? limit : all;
}

void http_add(struct http_request *r, const char *header, str value)
{
    if (value.n == 0) {
        return;
    }
    VEC_ADD(&r->inside->headers,
            (struct http_pair){arena_str(&r->text, str_of(header)), arena_str(&r->text, value)});
}

static void give(struct http_request *r, int code, const char *type, struct MHD_Response *response)
{
    struct http_inside *in = r->inside;
    assert(response != NULL && in->response == NULL);
    if (type != NULL) {
        http_add(r, "Content-Type", str_of(type));
    }
    http_add(r, "X-Request-Id", r->id);
    for (size_t i = 0; i < in->headers.n; i++) {
        enum MHD_Result added =
            MHD_add_response_header(response, in->headers.v[i].name.p, in->headers.v[i].value.p);
        assert(added == MHD_YES); /* names and values are ours, without ends of lines */
    }
    in->code = code;
    in->response = response;
}

static void drop_blob(void *cookie)
{
    blob_drop(cookie);
}

void http_answer(struct http_request *r, int code, const char *type, struct blob *body)
{
    struct http_inside *in = r->inside;
    body = body != NULL ? body : blob_of("", 0);
    give(r, code, type,
         MHD_create_response_from_buffer_with_free_callback_cls(body->n, (void *)(uintptr_t)body->p,
                                                                drop_blob, body));
    if (in->deferred) {
        MHD_resume_connection(in->connection);
    }
}

void http_defer(struct http_request *r)
{
    r->inside->deferred = true;
    MHD_suspend_connection(r->inside->connection);
}

/* --- streams --- */

static ssize_t read_stream(void *cookie, uint64_t at, char *room, size_t room_n)
{
    struct http_request *r = cookie;
    struct http_inside *in = r->inside;
    (void)at;
    ssize_t n = 0;
    pthread_mutex_lock(&in->lock);
    if (in->waits.n > 0) {
        size_t some = in->waits.n < room_n ? in->waits.n : room_n;
        memcpy(room, in->waits.p, some);
        memmove(in->waits.p, in->waits.p + some, in->waits.n - some);
        in->waits.n -= some;
        n = (ssize_t)some;
    } else if (in->ends) {
        n = MHD_CONTENT_READER_END_OF_STREAM;
    } else {
        in->sleeps = true;
        MHD_suspend_connection(in->connection);
    }
    pthread_mutex_unlock(&in->lock);
    return n;
}

void http_stream(struct http_request *r, const char *type)
{
    struct http *h = r->inside->http;
    r->inside->streams = true;
    pthread_mutex_lock(&h->lock);
    h->open--;
    pthread_mutex_unlock(&h->lock);
    r->inside->counted_open = false;
    give(r, 200, type,
         MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, read_stream, r, NULL));
}

static void wake(struct http_inside *in)
{
    if (in->sleeps) {
        in->sleeps = false;
        MHD_resume_connection(in->connection);
    }
}

bool http_send(struct http_request *r, str text)
{
    struct http_inside *in = r->inside;
    pthread_mutex_lock(&in->lock);
    bool kept = !in->ends && in->waits.n + text.n <= STREAM_WAITS;
    if (kept) {
        buf_add(&in->waits, text);
    } else {
        in->ends = true;
    }
    wake(in);
    pthread_mutex_unlock(&in->lock);
    return kept;
}

void http_end(struct http_request *r)
{
    struct http_inside *in = r->inside;
    pthread_mutex_lock(&in->lock);
    in->ends = true;
    wake(in);
    pthread_mutex_unlock(&in->lock);
}

/* --- the server --- */

static void be_silent(void *cookie, const char *format, va_list arguments)
{
    (void)cookie, (void)format, (void)arguments; /* faults of clients; `over` tells of requests */
}

status_code http_start(int socket, const struct http_limits *limits,
                       const struct http_handlers *handlers, struct http **ret_http,
                       struct error *why)
{
    status_code code = mhd_load(why);
    if (code != OK) {
        close(socket);
        return code;
    }
    struct http *h = mem_get(sizeof *h);
    h->limits = *limits;
    h->handlers = *handlers;
    pthread_mutex_init(&h->lock, NULL);
    struct MHD_OptionItem options[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)be_silent, NULL},
        {MHD_OPTION_LISTEN_SOCKET, socket, NULL},
        {MHD_OPTION_CONNECTION_LIMIT, limits->connections, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, limits->idle_s, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL, NULL},
        {MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)on_line, h},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)on_over, h},
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)on_connection, h},
        {MHD_OPTION_END, 0, NULL},
    };
    h->daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
        0, NULL, NULL, on_access, h, MHD_OPTION_ARRAY, options, MHD_OPTION_END);
    if (h->daemon == NULL) {
        pthread_mutex_destroy(&h->lock);
        mem_put(h);
        close(socket);
        return error_set(why, "the HTTP server cannot start: %s", strerror(errno));
    }
    *ret_http = h;
    return OK;
}

void http_quiesce(struct http *h)
{
    if (!atomic_exchange(&h->quiet, true)) {
        int socket = MHD_quiesce_daemon(h->daemon);
        if (socket >= 0) {
            close(socket);
        }
    }
}

size_t http_open(struct http *h)
{
    pthread_mutex_lock(&h->lock);
    size_t n = h->open;
    pthread_mutex_unlock(&h->lock);
    return n;
}

void http_stop(struct http *h)
{
    http_quiesce(h);
    MHD_stop_daemon(h->daemon);
    assert(h->conns == NULL);
    pthread_mutex_destroy(&h->lock);
    mem_put(h);
}
