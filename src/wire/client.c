#include "wire/client.h"

#include "base/mem.h"
#include "base/progress.h"
#include "wire/curl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 32 << 20, TRIES = 5, CONNECT_S = 20, SLOW_S = 60, TEXT_SHOWN = 200 };
#define PATIENCE (15 * MINUTE)

struct client {
    struct client_options options;
    CURL *curl;
};

struct receiving {
    struct client_answer *answer;
    size_t most;
    bool too_long;
    int64_t retry_after, reset, remaining; /* seconds, instant, requests left; -1: not told */
};

static size_t take_body(char *bytes, size_t size, size_t n, void *cookie)
{
    struct receiving *r = cookie;
    n *= size;
    if (r->answer->body.n + n > r->most) {
        r->too_long = true;
        return 0;
    }
    buf_add_bytes(&r->answer->body, bytes, n);
    return n;
}

static bool number_in(str line, str name, int64_t *ret)
{
    return line.n > name.n && str_eq_case(str_first(line, name.n), name) &&
           str_to_i64(str_trim(str_from(line, name.n)), ret);
}

/* Link: <https://…?page=2>; rel="next", <…>; rel="last" */
static void take_next(str line, struct buf *next)
{
    str part;
    while (str_cut(&line, ',', &part)) {
        size_t open = str_find_char(part, '<'), end = str_find_char(part, '>');
        if (open < end && end < part.n &&
            str_find(str_from(part, end), STR("rel=\"next\"")) < part.n - end) {
            buf_clear(next);
            buf_add(next, str_first(str_from(part, open + 1), end - open - 1));
        }
    }
}

static size_t take_header(char *bytes, size_t size, size_t n, void *cookie)
{
    struct receiving *r = cookie;
    str line = {bytes, n * size};
    if (line.n > 5 && str_eq_case(str_first(line, 5), STR("link:"))) {
        take_next(str_from(line, 5), &r->answer->next);
    } else if (!number_in(line, STR("retry-after:"), &r->retry_after) &&
               !number_in(line, STR("x-ratelimit-reset:"), &r->reset)) {
        (void)number_in(line, STR("x-ratelimit-remaining:"), &r->remaining);
    }
    return n * size;
}

static int poll_signal(void *cookie, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)cookie, (void)a, (void)b, (void)c, (void)d;
    return interrupt_signal() != 0;
}

status client_open(const struct client_options *options, struct client **ret, struct error *why)
{
    TRY(curl_load(why));
    struct client *c = mem_get(sizeof *c);
    c->options = *options;
    c->options.most = options->most > 0 ? options->most : MOST;
    c->options.patience = options->patience > 0 ? options->patience : PATIENCE;
    c->curl = curl_easy_init();
    if (c->curl == NULL) {
        mem_put(c);
        return error_set(why, "libcurl cannot be started");
    }
    curl_easy_setopt(c->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c->curl, CURLOPT_PROTOCOLS_STR, "http,https");
    /* A redirection is not followed: it would carry the token to wherever it leads. */
    curl_easy_setopt(c->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(c->curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(c->curl, CURLOPT_LOW_SPEED_TIME, (long)SLOW_S);
    curl_easy_setopt(c->curl, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(c->curl, CURLOPT_USERAGENT, "weir/" WEIR_VERSION);
    curl_easy_setopt(c->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(c->curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(c->curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(c->curl, CURLOPT_XFERINFOFUNCTION, poll_signal);
    if (options->ca_file != NULL) {
        curl_easy_setopt(c->curl, CURLOPT_CAINFO, options->ca_file);
    }
    *ret = c;
    return OK;
}

void client_close(struct client *c)
{
    if (c != NULL) {
        curl_easy_cleanup(c->curl);
        mem_put(c);
    }
}

void client_answer_finish(struct client_answer *a)
{
    buf_finish(&a->body);
    buf_finish(&a->next);
}

/* The service's own words, cut and on one line. */
static void add_words(struct error *why, str body)
{
    char text[TEXT_SHOWN + 1];
    size_t n = 0;
    for (size_t i = 0; i < body.n && n < TEXT_SHOWN; i++) {
        unsigned char b = (unsigned char)body.p[i];
        text[n++] = b < ' ' || b == 0x7f ? ' ' : (char)b;
    }
    text[n] = 0;
    if (n > 0) {
        error_hint(why, "It said: %s", text);
    }
}

/* How long to wait before the next try; 0: not at all. */
static lapse pause_of(const struct receiving *r, int code, int attempt)
{
    bool limited = code == 429 || (code == 403 && (r->remaining == 0 || r->retry_after >= 0));
    if (!limited && code < 500) {
        return 0;
    }
    if (r->retry_after >= 0) {
        return (r->retry_after + 1) * SECOND;
    }
    if (limited && r->reset > 0) {
        lapse until = r->reset * SECOND - clock_now();
        return until > 0 ? until + SECOND : SECOND;
    }
    lapse base = SECOND << attempt; /* with jitter, so that many clients do not come at once */
    return base / 2 + (lapse)((uint64_t)clock_now() % (uint64_t)base);
}

static status wait_for(struct client *c, lapse pause, const char *url, struct error *why)
{
    if (c->options.waits != NULL && pause >= 2 * SECOND) {
        c->options.waits(url, pause, c->options.cookie);
    }
    for (when until = clock_now() + pause; clock_now() < until;) {
        struct timespec t = {.tv_nsec = 100000000};
        nanosleep(&t, NULL);
        if (interrupt_signal() != 0) {
            (void)error_set(why, "stopped");
            return INTERRUPTED;
        }
    }
    return OK;
}

/* One try. OK: *ret_code is the answer's; 0: none came, *ret_curl says why. */
static status try_once(struct client *c, struct receiving *r, long *ret_code, CURLcode *ret_curl,
                       const char *url, struct error *why)
{
    r->retry_after = r->reset = r->remaining = -1;
    buf_clear(&r->answer->body);
    buf_clear(&r->answer->next);
    *ret_curl = curl_easy_perform(c->curl);
    *ret_code = 0;
    if (*ret_curl == CURLE_ABORTED_BY_CALLBACK) {
        (void)error_set(why, "stopped");
        return INTERRUPTED;
    }
    if (r->too_long) {
        return error_set(why, "%s: the answer is longer than %zu MB", url, r->most >> 20);
    }
    if (*ret_curl == CURLE_OK) {
        curl_easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, ret_code);
    }
    return OK;
}

static status get(struct client *c, const char *url, struct receiving *r, struct error *why)
{
    when began = clock_now();
    for (int attempt = 0;; attempt++) {
        long code = 0;
        CURLcode curl = CURLE_OK;
        TRY(try_once(c, r, &code, &curl, url, why));
        r->answer->code = (int)code;
        if ((code >= 200 && code < 300) || code == 404 || code == 410) {
            return OK;
        }
        lapse pause = pause_of(r, code == 0 ? 503 : (int)code, attempt);
        bool patient = clock_now() - began + pause <= c->options.patience;
        if (pause == 0 || attempt + 1 >= TRIES || !patient) {
            if (code == 0) {
                error_set(why, "%s: %s", url, curl_easy_strerror(curl));
            } else {
                error_set(why, "%s: the service answers %ld", url, code);
                add_words(why, buf_str(&r->answer->body));
            }
            return pause == 0 ? FAIL : BUSY;
        }
        TRY(wait_for(c, pause, url, why));
    }
}

status client_get(struct client *c, const char *url, const char *const *headers, size_t n,
                  struct client_answer *ret, struct error *why)
{
    struct receiving r = {.answer = ret, .most = c->options.most};
    struct curl_slist *list = NULL;
    for (size_t i = 0; i < n; i++) {
        list = curl_slist_append(list, headers[i]);
    }
    curl_easy_setopt(c->curl, CURLOPT_URL, url);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(c->curl, CURLOPT_WRITEDATA, (void *)&r);
    curl_easy_setopt(c->curl, CURLOPT_HEADERDATA, (void *)&r);
    status_code s = get(c, url, &r, why);
    curl_easy_setopt(c->curl, CURLOPT_HTTPHEADER, NULL);
    curl_slist_free_all(list);
    return s;
}
