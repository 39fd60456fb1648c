/* Fetching from a tool's API: a server of our own on loopback answers as Redmine and GitHub do,
 * with pages, a service that asks for patience, things that are gone, and a link that leads
 * elsewhere. */
#include "source/fetch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the service --- */

static struct service {
    int listener, port;
    pthread_t thread;
    atomic_bool stop;
    char asked[16384]; /* the paths, one a line */
    char token[200];   /* of the last request */
    atomic_int busy;   /* so many more requests are answered by 429 */
} service;

struct answer {
    const char *path; /* of the request, what stands before "{…}" of it */
    const char *header, *body;
    int code;
};

/* Issue 2 is gone when it is asked for. */
static const struct answer ANSWERS[] = {
    {"/issue_statuses.json", "", "{\"issue_statuses\":[{\"id\":1,\"name\":\"New\"}]}", 200},
    {"/projects.json?limit=100&offset=0", "", "{\"projects\":[{\"id\":9,\"identifier\":\"shop\"}]}",
     200},
    {"/issues.json?status_id=*&sort=updated_on:asc&limit=100&offset=0&updated_on=%3E%3D1990", "",
     "{\"issues\":[{\"id\":1,\"updated_on\":\"2026-03-01T10:00:00Z\"},"
     "{\"id\":2,\"updated_on\":\"2026-03-02T10:00:00Z\"},"
     "{\"id\":3,\"updated_on\":\"2026-03-03T10:00:00Z\"}]}",
     200},
    {"/issues.json?status_id=*&sort=updated_on:asc&limit=100&offset=0&updated_on=%3E%3D2026-03-"
     "03T09:"
     "59:00Z",
     "", "{\"issues\":[{\"id\":3,\"updated_on\":\"2026-03-03T10:00:00Z\"}]}", 200},
    {"/issues/1.json", "", "{\"issue\":{\"id\":1}}", 200},
    {"/issues/2.json", "", "{}", 404},
    {"/issues/3.json", "", "{\"issue\":{\"id\":3}}", 200},
    {"/repos/acme/shop/issues?state=all",
     "Link: <http://127.0.0.1:%d/repos/acme/shop/more>; rel=\"next\"\r\n",
     "[{\"number\":1,\"updated_at\":\"2026-03-01T10:00:00Z\"}]", 200},
    {"/repos/acme/shop/more", "Link: <http://elsewhere.invalid/steal>; rel=\"next\"\r\n",
     "[{\"number\":2,\"updated_at\":\"2026-03-02T10:00:00Z\"}]", 200},
    {"/repos/acme/shop/pulls?", "", "[{\"number\":7,\"updated_at\":\"2026-03-02T10:00:00Z\"}]",
     200},
    {"/repos/acme/shop/pulls/7/commits", "", "[{\"sha\":\"a\"}]", 200},
    {"/repos/acme/shop/pulls/7/reviews", "", "[]", 200},
    {"/repos/acme/shop/issues/events", "", "[]", 200},
    {"/repos/acme/shop/actions", "", "{}", 403},
    {"/denied", "", "{\"error\":\"no such key\"}", 401},
};

static void answer(int connection)
{
    char request[8192];
    ssize_t n = read(connection, request, sizeof request - 1);
    if (n <= 0) {
        return;
    }
    request[n] = 0;
    char path[4096] = "";
    sscanf(request, "GET %4000s", path);
    const char *token = strstr(request, "X-Redmine-API-Key: ");
    if (token != NULL) {
        sscanf(token, "X-Redmine-API-Key: %199s", service.token);
    }
    const struct answer *found = NULL;
    for (size_t i = 0; i < sizeof ANSWERS / sizeof *ANSWERS && found == NULL; i++) {
        found = strncmp(path, ANSWERS[i].path, strlen(ANSWERS[i].path)) == 0 ? &ANSWERS[i] : NULL;
    }
    char head[1024], extra[256] = "";
    int code = found != NULL ? found->code : 404;
    const char *body = found != NULL ? found->body : "{}";
    if (atomic_load(&service.busy) > 0) {
        atomic_fetch_sub(&service.busy, 1);
        code = 429;
        strcpy(extra, "Retry-After: 0\r\n");
    } else {
        size_t used = strlen(service.asked);
        snprintf(service.asked + used, sizeof service.asked - used, "%.60s\n", path);
        if (found != NULL && found->header[0] != 0) {
            const char *at = strstr(found->header, "%d");
            snprintf(extra, sizeof extra, "%.*s", at != NULL ? (int)(at - found->header) : 200,
                     found->header);
            if (at != NULL) {
                size_t k = strlen(extra);
                snprintf(extra + k, sizeof extra - k, "%d%s", service.port, at + 2);
            }
        }
    }
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d X\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n",
                          code, strlen(body), extra);
    (void)!write(connection, head, (size_t)length);
    (void)!write(connection, body, strlen(body));
}

static void *serve(void *cookie)
{
    (void)cookie;
    while (!atomic_load(&service.stop)) {
        int connection = accept(service.listener, NULL, NULL);
        if (connection >= 0) {
            answer(connection);
            close(connection);
        }
    }
    return NULL;
}

static int start(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    memset(&service, 0, sizeof service);
    service.listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(service.listener, (struct sockaddr *)&address, size) != 0 ||
        listen(service.listener, 16) != 0 ||
        getsockname(service.listener, (struct sockaddr *)&address, &size) != 0) {
        return 1;
    }
    service.port = ntohs(address.sin_port);
    return pthread_create(&service.thread, NULL, serve, NULL);
}

static int stop(void **state)
{
    (void)state;
    atomic_store(&service.stop, true);
    shutdown(service.listener, SHUT_RDWR);
    pthread_join(service.thread, NULL);
    close(service.listener);
    return 0;
}

/* --- the tests --- */

static struct fetch *opened(const char *kind, const char *path, str cursor)
{
    static char url[200];
    struct error why = {0};
    struct fetch *f = NULL;
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", service.port, path);
    struct fetch_options options = {
        .kind = kind, .url = url, .token = STR("secret"), .cursor = cursor, .since = WHEN_NONE};
    if (fetch_open(&options, &f, &why) != OK) {
        fail_msg("%s", why.text);
    }
    return f;
}

/* All bodies, one a line; the cursor is appended to `cursor`. */
static const char *all(struct fetch *f, struct buf *cursor)
{
    static char text[4096];
    struct fetched one;
    struct error why = {0};
    status_code s;
    text[0] = 0;
    while ((s = fetch_next(f, &one, &why)) == OK) {
        strncat(text, one.body.p, one.body.n);
        strcat(text, "\n");
        assert_true(str_starts(one.headers[0].value, STR("http://127.0.0.1:")));
    }
    if (s != END) {
        fail_msg("%s", why.text);
    }
    fetch_cursor(f, cursor);
    fetch_close(f);
    return text;
}

#define BESIDE                                                                                     \
    "\"issue_statuses\":[{\"id\":1,\"name\":\"New\"}],"                                            \
    "\"projects\":[{\"id\":9,\"identifier\":\"shop\"}]"

static void redmine_issues_with_what_their_numbers_mean(void **state)
{
    (void)state;
    struct buf cursor = {0};
    assert_string_equal(all(opened("redmine", "", (str){0}), &cursor),
                        "{\"issue\":{\"id\":1}," BESIDE "}\n{\"issue\":{\"id\":3}," BESIDE "}\n");
    assert_string_equal(service.token, "secret");
    assert_string_equal(buf_cstr(&cursor), "{\"issues\":1772532000000000}"); /* 2026-03-03 10:00 */

    struct buf again = {0}; /* what changed since, a minute of overlap */
    assert_string_equal(all(opened("redmine", "", buf_str(&cursor)), &again),
                        "{\"issue\":{\"id\":3}," BESIDE "}\n");
    assert_string_equal(buf_cstr(&again), buf_cstr(&cursor));
    buf_finish(&cursor);
    buf_finish(&again);
}

static void follows_pages_but_not_to_another_host(void **state)
{
    (void)state;
    struct buf cursor = {0};
    const char *bodies = all(opened("github", "/repos/acme/shop", (str){0}), &cursor);
    assert_non_null(strstr(bodies, "\"number\":1,"));
    assert_non_null(strstr(bodies, "\"number\":2,"));
    assert_non_null(strstr(bodies, "[{\"sha\":\"a\"}]"));
    assert_null(strstr(service.asked, "steal"));
    buf_finish(&cursor);
}

static void waits_when_asked_to(void **state)
{
    (void)state;
    struct buf cursor = {0};
    atomic_store(&service.busy, 1);
    assert_non_null(strstr(all(opened("redmine", "", (str){0}), &cursor), "{\"id\":3}"));
    buf_finish(&cursor);
}

static void says_which_right_is_missing(void **state)
{
    (void)state;
    struct fetch *f = opened("redmine", "/denied", (str){0});
    struct fetched one;
    struct error why = {0};
    assert_int_equal(fetch_next(f, &one, &why), FAIL);
    assert_non_null(strstr(why.text, "the service answers 401"));
    assert_non_null(strstr(why.hint, "REST must be enabled"));
    fetch_close(f);
}

static void refuses_what_is_no_address_or_token(void **state)
{
    (void)state;
    struct fetch *f = NULL;
    struct error why = {0};
    struct fetch_options options = {.kind = "github", .url = "acme", .since = WHEN_NONE};
    assert_int_equal(fetch_open(&options, &f, &why), FAIL);
    options.kind = "unheard-of";
    assert_int_equal(fetch_open(&options, &f, &why), FAIL);
    options = (struct fetch_options){.kind = "redmine",
                                     .url = "http://127.0.0.1:1",
                                     .token = STR("a\r\nX-Other: b"),
                                     .since = WHEN_NONE};
    assert_int_equal(fetch_open(&options, &f, &why), FAIL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(redmine_issues_with_what_their_numbers_mean),
        CASE(follows_pages_but_not_to_another_host),
        CASE(waits_when_asked_to),
        CASE(says_which_right_is_missing),
        CASE(refuses_what_is_no_address_or_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
