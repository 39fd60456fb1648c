/* A real server on loopback, spoken to by bytes. Its handlers are small: POST /echo gives the body
 * back, /later answers from another thread, /stream goes on until it is told to end. */
#include "serve/http.h"

#include "base/mem.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

static struct world {
    struct http *http;
    struct http_address at;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_request *later, *stream;
    int over, over_code;
    pthread_t ticker;
    bool stop;
} w;

/* --- the server --- */

static void on_head(struct http_request *r, void *cookie)
{
    (void)cookie;
    if (str_eq(r->path, STR("/refused"))) {
        http_answer(r, 403, "text/plain", blob_copy(STR("refused")));
    } else if (str_eq(r->method, STR("POST")) && !str_eq(r->path, STR("/unwanted"))) {
        http_want_body(r, 0);
    }
}

static void on_whole(struct http_request *r, void *cookie)
{
    (void)cookie;
    struct buf out = {0};
    if (r->fault != HTTP_FINE) {
        static const int CODES[] = {200, 400, 400, 431, 413, 415, 400, 503};
        buf_addf(&out, "fault %d", (int)r->fault);
        http_answer(r, CODES[r->fault], "text/plain", blob_take(&out));
    } else if (str_eq(r->path, STR("/later"))) {
        http_defer(r);
        pthread_mutex_lock(&w.lock);
        w.later = r;
        pthread_cond_broadcast(&w.changed);
        pthread_mutex_unlock(&w.lock);
    } else if (str_eq(r->path, STR("/stream"))) {
        http_stream(r, "text/event-stream");
        pthread_mutex_lock(&w.lock);
        w.stream = r;
        pthread_cond_broadcast(&w.changed);
        pthread_mutex_unlock(&w.lock);
    } else {
        http_add(r, "X-Seen", http_header(r, "X-Said", NULL));
        http_answer(r, 200, "text/plain", blob_copy(http_body(r)));
    }
}

static void on_over(const struct http_request *r, int code, double seconds, void *cookie)
{
    (void)cookie, (void)seconds;
    pthread_mutex_lock(&w.lock);
    w.over++;
    w.over_code = code;
    w.stream = w.stream == r ? NULL : w.stream;
    pthread_cond_broadcast(&w.changed);
    pthread_mutex_unlock(&w.lock);
}

static void *tick(void *cookie)
{
    (void)cookie;
    for (;;) {
        struct timespec t = {0, 100000000};
        nanosleep(&t, NULL);
        pthread_mutex_lock(&w.lock);
        bool stop = w.stop;
        pthread_mutex_unlock(&w.lock);
        if (stop) {
            return NULL;
        }
        http_tick(w.http);
    }
}

static int begin(void **state)
{
    (void)state;
    struct error why = {0};
    int socket = -1;
    struct http_limits limits = {.head = 16 << 10,
                                 .body = 1 << 20,
                                 .bodies = 3 << 20,
                                 .connections = 64,
                                 .head_s = 1,
                                 .body_s = 2,
                                 .idle_s = 3};
    const struct http_handlers handlers = {on_head, on_whole, on_over, NULL};
    memset(&w, 0, sizeof w);
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.changed, NULL);
    if (http_address_read(STR("127.0.0.1:0"), &w.at, &why) != OK ||
        http_listen(&w.at, &socket, &why) != OK || http_address_of(socket, &w.at, &why) != OK ||
        http_start(socket, &limits, &handlers, &w.http, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return pthread_create(&w.ticker, NULL, tick, NULL);
}

static int end(void **state)
{
    (void)state;
    pthread_mutex_lock(&w.lock);
    w.stop = true;
    pthread_mutex_unlock(&w.lock);
    pthread_join(w.ticker, NULL);
    http_stop(w.http);
    return 0;
}

/* --- the client --- */

static int dial(void)
{
    int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(s, (const void *)&w.at.at, w.at.n), 0);
    return s;
}

static void say(int s, str text)
{
    while (text.n > 0) {
        ssize_t n = send(s, text.p, text.n, MSG_NOSIGNAL);
        if (n <= 0) {
            return; /* the server has closed it; the answer tells */
        }
        text = str_from(text, (size_t)n);
    }
}

/* What comes until the other end closes, or nothing more for so long. */
static void hear(int s, struct buf *out, int patience_ms)
{
    for (;;) {
        struct pollfd ready = {.fd = s, .events = POLLIN};
        if (poll(&ready, 1, patience_ms) <= 0) {
            break;
        }
        ssize_t n = recv(s, buf_room(out, 4096), 4096, 0);
        if (n <= 0) {
            break;
        }
        out->n += (size_t)n;
    }
    buf_cstr(out);
}

/* One request on a connection of its own; the whole answer. */
static const char *ask(struct buf *out, str text)
{
    int s = dial();
    buf_clear(out);
    say(s, text);
    hear(s, out, 600);
    close(s);
    return buf_cstr(out);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Does everybody else still get their answer, and at once? */
static void others_are_served(void)
{
    struct buf out = {0};
    int64_t begun = now_ms();
    int s = dial();
    say(s, STR("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    hear(s, &out, 2000);
    assert_true(str_starts(buf_str(&out), STR("HTTP/1.1 200")));
    assert_in_range(now_ms() - begun, 0, 1500);
    close(s);
    buf_finish(&out);
}

#define POST(path, more, body)                                                                     \
    "POST " path " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" more "\r\n" body

/* --- tests --- */

static void test_plain(void **state)
{
    (void)state;
    struct buf out = {0};
    const char *text =
        ask(&out, STR(POST("/echo", "X-Said: so\r\nContent-Length: 5\r\n", "hello")));
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    assert_non_null(strstr(text, "X-Seen: so\r\n"));
    assert_non_null(strstr(text, "\r\n\r\nhello"));
    text = ask(&out, STR(POST("/echo", "Transfer-Encoding: chunked\r\n",
                              "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")));
    assert_non_null(strstr(text, "\r\n\r\nabcde"));
    /* one connection, several requests, also with a body that nobody wants */
    text = ask(&out, STR("GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
                         "POST /unwanted HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
                         "POST /refused HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nxyz"
                         "GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    int answers = 0;
    for (const char *p = text; (p = strstr(p, "HTTP/1.1 ")) != NULL; p++) {
        answers++;
    }
    assert_int_equal(answers, 4);
    assert_non_null(strstr(text, "refused"));
    text = ask(&out, STR("HEAD /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    assert_non_null(strstr(text, "HTTP/1.1 200"));
    buf_finish(&out);
}

static void test_faults(void **state)
{
    (void)state;
    struct buf out = {0}, large = {0};
    assert_non_null(strstr(
        ask(&out, STR("GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), "fault 1"));
    assert_non_null(
        strstr(ask(&out, STR("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n")),
               " 400 "));
    assert_non_null(strstr(ask(&out, STR("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\n"
                                         "authorization: Bearer y\r\nConnection: close\r\n\r\n")),
                           "fault 2"));
    assert_non_null(
        strstr(ask(&out, STR(POST("/echo", "Content-Encoding: br\r\nContent-Length: 1\r\n", "x"))),
               "fault 5"));
    assert_non_null(strstr(
        ask(&out, STR(POST("/echo", "Content-Encoding: gzip\r\nContent-Length: 3\r\n", "xyz"))),
        "fault 6"));
    /* heads of 15 and 17 KiB, and one that no connection holds */
    for (int k = 15; k < 100; k += k < 17 ? 2 : 60) {
        buf_clear(&large);
        buf_add(&large, STR("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"));
        for (int i = 0; i < k; i++) {
            buf_addf(&large, "X-%d: %0*d\r\n", i, 1013, 0);
        }
        buf_add(&large, STR("\r\n"));
        const char *text = ask(&out, buf_str(&large));
        assert_non_null(strstr(text, k == 15 ? " 200 " : " 431 "));
    }
    assert_non_null(
        strstr(ask(&out, STR(POST("/echo", "Content-Length: 1048577\r\n", ""))), "fault 4"));
    static const char *const NONSENSE[] = {
        "\r\n\r\n\r\n",
        "nonsense\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET  /  HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost a\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\nhello",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
        "chunked\r\n\r\nffffffffffffffffff\r\n",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    };
    for (size_t i = 0; i < sizeof NONSENSE / sizeof *NONSENSE; i++) {
        (void)ask(&out, str_of(NONSENSE[i]));
        others_are_served();
    }
    buf_finish(&large);
    buf_finish(&out);
}

static void pack(struct buf *out, size_t n)
{
    z_stream z = {0};
    char *zeros = mem_get(n);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&z, n);
    z.next_in = (unsigned char *)zeros;
    z.avail_in = (unsigned)n;
    z.next_out = (unsigned char *)buf_room(out, room);
    z.avail_out = (unsigned)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    out->n += room - z.avail_out;
    deflateEnd(&z);
    mem_put(zeros);
}

static void test_bombs(void **state)
{
    (void)state;
    struct buf packed = {0}, request = {0}, out = {0};
    for (int k = 0; k < 2; k++) { /* 1 MiB is allowed, 200 MiB are not */
        buf_clear(&packed);
        buf_clear(&request);
        pack(&packed, k == 0 ? 1 << 20 : 200 << 20);
        buf_addf(&request,
                 "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Encoding: "
                 "gzip\r\nContent-Length: %zu\r\n\r\n",
                 packed.n);
        buf_add(&request, buf_str(&packed));
        const char *text = ask(&out, buf_str(&request));
        assert_non_null(strstr(text, k == 0 ? " 200 " : " 413 "));
        if (k == 0) {
            assert_in_range(out.n, 1 << 20, (1 << 20) + 1000);
        }
        others_are_served();
    }
    /* many who fill the memory set aside for bodies: some are sent away, nobody is harmed */
    int sockets[8], refused = 0;
    char *part = mem_get(900 << 10);
    memset(part, 'x', 900 << 10);
    for (int i = 0; i < 8; i++) {
        sockets[i] = dial();
        say(sockets[i], STR("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: "
                            "close\r\nContent-Length: 921601\r\n\r\n"));
        say(sockets[i], (str){part, 900 << 10});
    }
    struct timespec t = {0, 300000000};
    nanosleep(&t, NULL);
    others_are_served();
    for (int i = 0; i < 8; i++) {
        buf_clear(&out);
        say(sockets[i], STR("x"));
        hear(sockets[i], &out, 600);
        refused += strstr(buf_cstr(&out), " 503 ") != NULL;
        close(sockets[i]);
    }
    assert_in_range(refused, 1, 7);
    mem_put(part);
    buf_finish(&packed);
    buf_finish(&request);
    buf_finish(&out);
}

/* Who sends a byte now and then, or nothing, loses the connection in time; nobody waits for them.
 */
static void test_slow(void **state)
{
    (void)state;
    struct buf out = {0};
    enum { MANY = 40 };
    int drip[MANY];
    int64_t begun = now_ms();
    for (int i = 0; i < MANY; i++) {
        drip[i] = dial();
        say(drip[i], i % 2 == 0
                         ? STR("GET / HTTP/1.1\r\nX: ")
                         : STR("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"));
    }
    int silent = dial(), half = dial();
    say(half, STR("GET /half HTTP/1.1\r\nHost: a\r\n\r\n"));
    shutdown(half, SHUT_WR);
    hear(half, &out, 600);
    assert_non_null(strstr(buf_cstr(&out), "HTTP/1.1 200"));
    close(half);
    int open = MANY;
    bool gone[MANY] = {false};
    while (open > 0 && now_ms() - begun < 6000) {
        others_are_served();
        for (int i = 0; i < MANY; i++) {
            char byte;
            if (!gone[i]) {
                say(drip[i], STR("a"));
                gone[i] = recv(drip[i], &byte, 1, MSG_DONTWAIT) == 0 ||
                          (errno != EAGAIN && errno != EWOULDBLOCK);
                open -= gone[i];
            }
        }
        struct timespec t = {0, 100000000};
        nanosleep(&t, NULL);
    }
    assert_int_equal(open, 0);
    buf_clear(&out);
    hear(silent, &out, 3000);
    assert_in_range(now_ms() - begun, 900, 6500);
    for (int i = 0; i < MANY; i++) {
        close(drip[i]);
    }
    close(silent);
    buf_finish(&out);
}

static void test_later(void **state)
{
    (void)state;
    struct buf out = {0};
    for (int left = 0; left < 2; left++) {
        int s = dial();
        say(s, STR("GET /later HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
        pthread_mutex_lock(&w.lock);
        while (w.later == NULL) {
            pthread_cond_wait(&w.changed, &w.lock);
        }
        struct http_request *r = w.later;
        w.later = NULL;
        pthread_mutex_unlock(&w.lock);
        others_are_served();
        if (left == 1) {
            close(s); /* the asker does not wait for it */
        }
        http_answer(r, 200, "text/plain", blob_copy(STR("at last")));
        if (left == 0) {
            buf_clear(&out);
            hear(s, &out, 1000);
            assert_non_null(strstr(buf_cstr(&out), "at last"));
            close(s);
        }
    }
    others_are_served();
    buf_finish(&out);
}

static struct http_request *stream_begun(void)
{
    pthread_mutex_lock(&w.lock);
    while (w.stream == NULL) {
        pthread_cond_wait(&w.changed, &w.lock);
    }
    struct http_request *r = w.stream;
    pthread_mutex_unlock(&w.lock);
    return r;
}

static void stream_ended(void)
{
    pthread_mutex_lock(&w.lock);
    while (w.stream != NULL) {
        pthread_cond_wait(&w.changed, &w.lock);
    }
    pthread_mutex_unlock(&w.lock);
}

static void test_streams(void **state)
{
    (void)state;
    struct buf out = {0};
    int s = dial();
    say(s, STR("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    struct http_request *r = stream_begun();
    for (int i = 0; i < 3; i++) {
        char text[32];
        (void)snprintf(text, sizeof text, "data: %d\n\n", i);
        assert_true(http_send(r, str_of(text)));
        buf_clear(&out);
        hear(s, &out, 200);
        assert_non_null(strstr(buf_cstr(&out), text));
        others_are_served();
    }
    http_end(r);
    buf_clear(&out);
    hear(s, &out, 1000);
    stream_ended();
    close(s);

    /* a reader who does not read: the stream ends, and not the memory */
    s = dial();
    int small = 4096;
    setsockopt(s, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    say(s, STR("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    r = stream_begun();
    char *part = mem_get(8 << 10);
    memset(part, 'x', 8 << 10);
    int sent = 0;
    while (sent < 10000 && http_send(r, (str){part, 8 << 10})) {
        sent++;
        struct timespec t = {0, 1000000};
        nanosleep(&t, NULL);
    }
    assert_in_range(sent, 1, 9999);
    others_are_served();
    close(s);
    stream_ended();

    /* one who leaves is noticed at the next word */
    s = dial();
    say(s, STR("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    r = stream_begun();
    close(s);
    for (int i = 0; i < 3; i++) {
        pthread_mutex_lock(&w.lock);
        bool there = w.stream != NULL;
        if (there) {
            (void)http_send(r, STR("data: x\n\n"));
        }
        pthread_mutex_unlock(&w.lock);
        struct timespec t = {0, 200000000};
        nanosleep(&t, NULL);
    }
    stream_ended();
    mem_put(part);
    buf_finish(&out);
}

static void test_addresses(void **state)
{
    (void)state;
    struct http_address a;
    struct error why = {0};
    assert_int_equal(http_address_read(STR("[::1]:80"), &a, &why), OK);
    assert_string_equal(a.text, "[::1]:80");
    assert_true(a.loopback);
    assert_int_equal(http_address_read(STR("10.0.0.1:0"), &a, &why), OK);
    assert_false(a.loopback);
    assert_int_equal(http_address_read(STR("0.0.0.0:1"), &a, &why), OK);
    assert_false(a.loopback);
    static const char *const WRONG[] = {
        "",        ":",       "127.0.0.1:",   ":80", "127.0.0.1:65536", "x:80", "127.0.0.1:-1",
        "::1:80:", "[::1:80", "127.0.0.1:8 0"};
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        if (http_address_read(str_of(WRONG[i]), &a, &why) == OK) {
            fail_msg("%s", WRONG[i]);
        }
        assert_string_equal(why.id, "E6001");
    }
    int s = -1;
    assert_int_equal(http_listen(&w.at, &s, &why), FAIL); /* taken: by this test */
    assert_non_null(strstr(why.hint, "another port"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),     cmocka_unit_test(test_faults),
        cmocka_unit_test(test_bombs),     cmocka_unit_test(test_slow),
        cmocka_unit_test(test_later),     cmocka_unit_test(test_streams),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
