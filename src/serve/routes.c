#include "serve/routes.h"

#include "base/mem.h"
#include "engine/inlet.h"
#include "serve/deliver.h"
#include "serve/origin.h"
#include "serve/pages.h"
#include "serve/problem.h"
#include "serve/server.h"
#include "serve/uri.h"

#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* --- the handlers of what is no command --- */

static void run_alive(struct call *c)
{
    http_add(c->request, "Cache-Control", STR("no-store"));
    http_answer(c->request, 200, "text/plain; charset=utf-8", blob_copy(STR("ok\n")));
}

static void run_ready(struct call *c)
{
    struct server *s = c->server;
    struct buf out = {0};
    str trouble = inlet_trouble(s->inlet, &c->request->text);
    if (atomic_load(&s->draining)) {
        buf_add(&out, STR("not ready: the server is being stopped\n"));
    }
    if (!inlet_is_current(s->inlet)) {
        buf_add(&out, STR("not ready: what was received before is being stored\n"));
    }
    if (trouble.n > 0) { /* why stands in the log: this is for everybody */
        buf_add(&out, STR("not ready: what is received cannot be stored\n"));
    }
    bool ready = out.n == 0;
    if (ready) {
        buf_addf(&out, "ok weir %s\n", s->host->version);
    }
    http_add(c->request, "Cache-Control", STR("no-store"));
    http_answer(c->request, ready ? 200 : 503, "text/plain; charset=utf-8", blob_take(&out));
}

static void run_metrics(struct call *c)
{
    struct server *s = c->server;
    struct buf out = {0};
    pthread_mutex_lock(&s->size_lock);
    struct figures_store size = s->size;
    pthread_mutex_unlock(&s->size_lock);
    size.streams = live_count(&s->live);
    size.ignored_proxy = s->auth.ignored_proxy;
    size.version = s->host->version;
    figures_print(&s->figures, &size, &out);
    figures_inlet(s->inlet, clock_now(), &out);
    http_add(c->request, "Cache-Control", STR("no-store"));
    http_answer(c->request, 200, "text/plain; version=0.0.4; charset=utf-8", blob_take(&out));
}

static void run_live(struct call *c)
{
    if (str_eq(c->request->method, STR("HEAD"))) {
        http_answer(c->request, 200, "text/event-stream; charset=utf-8", NULL);
    } else if (!live_join(&c->server->live, c->request)) {
        http_add(c->request, "Retry-After", STR("30"));
        problem_answer(c->request, "E6112", "Close other pages, or ask now and then instead.",
                       "too many pages are told of changes already");
    }
}

static void run_openapi(struct call *c)
{
    struct routes *t = &c->server->routes;
    http_add(c->request, "ETag", str_of(t->openapi_etag));
    http_add(c->request, "Cache-Control", STR("private, no-cache"));
    if (str_eq(http_header(c->request, "If-None-Match", NULL), str_of(t->openapi_etag))) {
        http_answer(c->request, 304, NULL, NULL);
        return;
    }
    http_answer(c->request, 200, "application/json", blob_hold(t->openapi));
}

static str form_value(str body, const char *name, struct arena *a)
{
    str path, found = {"", 0};
    const struct http_pair *pairs = NULL;
    size_t n = 0;
    if (uri_split(arena_strf(a, "/?" STR_FMT, STR_ARG(body)), a, &path, &pairs, &n)) {
        for (size_t i = 0; i < n; i++) {
            found = str_eq(pairs[i].name, str_of(name)) ? pairs[i].value : found;
        }
    }
    return found;
}

static bool is_local(const struct call *c)
{
    return origin_host(http_header(c->request, "Host", NULL), NULL, 0, true);
}

/* A token for a cookie. The form of /sign-in.html and programs both come here. */
static void run_sign_in(struct call *c)
{
    struct http_request *r = c->request;
    char session[SESSION_TEXT + 1];
    when now = clock_now();
    if (auth_locked(&c->server->auth, &r->peer, now)) {
        http_add(r, "Retry-After", STR("60"));
        problem_answer(r, "E6110", "Wait a minute.", "too many wrong tokens came from there");
        return;
    }
    str token = str_trim(form_value(http_body(r), "token", &r->text));
    if (!auth_begin(&c->server->auth, token, now, session)) {
        auth_failed(&c->server->auth, &r->peer, now);
        figures_failure(&c->server->figures, AUTH_WRONG);
        problem_answer(r, "E6104", "Make one:  weir token create NAME --scope read",
                       "this token is none, is revoked, or its time is over");
        return;
    }
    str cookie =
        arena_strf(&r->text, "weir_session=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=43200%s",
                   session, is_local(c) ? "" : "; Secure");
    http_add(r, "Set-Cookie", cookie);
    http_add(r, "Cache-Control", STR("no-store"));
    http_add(r, "Location", STR("/"));
    http_answer(r, 303, NULL, NULL);
}

static void run_sign_out(struct call *c)
{
    auth_end(&c->server->auth, c->request);
    http_add(c->request, "Set-Cookie",
             STR("weir_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    http_add(c->request, "Cache-Control", STR("no-store"));
    http_answer(c->request, 204, NULL, NULL);
}

/* --- the table --- */

static const struct route FIXED[] = {
    {"GET", "/healthz", "is the process alive?", NULL, "text/plain", SCOPE_NONE, NULL, run_alive,
     NULL},
    {"GET", "/livez", "is the process alive?", NULL, "text/plain", SCOPE_NONE, NULL, run_alive,
     NULL},
    {"GET", "/readyz", "can it answer? 503 with the reasons when not", NULL, "text/plain",
     SCOPE_NONE, NULL, run_ready, NULL},
    {"GET", "/metrics", "figures of the process, for Prometheus", NULL, "text/plain", SCOPE_READ,
     NULL, run_metrics, NULL},
    {"GET", "/api/v1/live", "server-sent events: one for each change of the store", "weir.live/1",
     "text/event-stream", SCOPE_READ, NULL, run_live, NULL},
    {"GET", "/api/v1/openapi.json", "this description", NULL, "application/json", SCOPE_READ, NULL,
     run_openapi, NULL},
    {"POST", "/api/v1/session", "exchange a token for a session of a browser", NULL, NULL,
     SCOPE_NONE, "application/x-www-form-urlencoded", run_sign_in, NULL},
    {"POST", "/api/v1/events", "lines of events: CloudEvents, CDEvents or the short form",
     "weir.events/1", "application/json", SCOPE_INGEST,
     "application/x-ndjson, application/ndjson, application/json, application/cloudevents+json, "
     "application/cloudevents-batch+json, text/plain",
     deliver_events, NULL},
    {"POST", "/api/v1/hooks/git", "a push to the repository of a git source", NULL, NULL,
     SCOPE_INGEST, "*/*", deliver_push, NULL},
    {"POST", "/api/v1/hooks/{source}", "a delivery of a webhook; its signature proves who sends",
     NULL, NULL, SCOPE_NONE, "*/*", deliver_hook, NULL},
    {"DELETE", "/api/v1/session", "end the session", NULL, NULL, SCOPE_NONE, NULL, run_sign_out,
     NULL},
};

static void name_openapi(struct routes *t)
{
    unsigned char digest[32];
    unsigned n = 0;
    int done = EVP_Digest(t->openapi->p, t->openapi->n, digest, &n, EVP_sha256(), NULL);
    assert(done == 1 && n == sizeof digest);
    t->openapi_etag[0] = '"';
    for (size_t i = 0; i < 16; i++) {
        (void)snprintf(t->openapi_etag + 1 + 2 * i, 3, "%02x", digest[i]);
    }
    t->openapi_etag[33] = '"';
}

void routes_init(struct routes *t, const struct serve_host *host)
{
    *t = (struct routes){0};
    for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++) {
        VEC_ADD(&t->v, FIXED[i]);
    }
    for (size_t i = 0; i < host->answer_n; i++) {
        const struct serve_answer *a = &host->answers[i];
        struct route r = {
            .method = "GET",
            .path = a->path != NULL ? a->path : arena_strf(&t->text, "/api/v1/%s", a->name).p,
            .purpose = a->purpose,
            .document = a->type == NULL ? arena_strf(&t->text, "weir.%s/1", a->name).p : NULL,
            .type = a->type != NULL ? a->type : "application/json",
            .scope = a->path != NULL ? SCOPE_NONE : SCOPE_READ,
            .run = ask_run,
            .answer = a};
        VEC_ADD(&t->v, r);
        if (a->path == NULL && a->parameter_n > 0 && a->parameters[0].kind == SERVE_ARGUMENT) {
            r.path = arena_strf(&t->text, "%s/{%s}", r.path, a->parameters[0].name).p;
            VEC_ADD(&t->v, r);
        }
    }
    struct buf out = {0};
    openapi_write(t, host->version, &out);
    t->openapi = blob_take(&out);
    name_openapi(t);
}

void routes_finish(struct routes *t)
{
    VEC_FINISH(&t->v);
    blob_drop(t->openapi);
    arena_finish(&t->text);
}

static bool matches(const struct route *r, str path, str *ret_name)
{
    str pattern = str_of(r->path);
    size_t brace = str_find_char(pattern, '{');
    *ret_name = str_from(path, brace);
    if (brace == pattern.n) {
        return str_eq(pattern, path);
    }
    return str_starts(path, str_first(pattern, brace)) && ret_name->n > 0;
}

const struct route *routes_find(const struct routes *t, str method, str path, str *ret_name,
                                struct buf *ret_allow)
{
    const struct route *found = NULL;
    str wanted = str_eq(method, STR("HEAD")) ? STR("GET") : method, name;
    for (size_t i = 0; i < t->v.n; i++) {
        const struct route *r = &t->v.v[i];
        if (matches(r, path, &name) && (found == NULL || strchr(r->path, '{') == NULL)) {
            bool get = strcmp(r->method, "GET") == 0;
            buf_addf(ret_allow, "%s%s%s", ret_allow->n > 0 ? ", " : "", r->method,
                     get ? ", HEAD" : "");
            if (str_eq(wanted, str_of(r->method))) {
                found = r;
                *ret_name = name;
            }
        }
    }
    return found;
}

enum scope routes_scope(const struct route *route, const struct settings *s)
{
    bool metrics = route->run == run_metrics;
    return metrics && s->listen.loopback ? SCOPE_NONE : route->scope;
}

/* --- before a handler --- */

static void add_security(struct call *c)
{
    struct http_request *r = c->request;
    str origin = http_header(r, "Origin", NULL);
    bool shared = false;
    for (size_t i = 0; i < c->settings->cors.n; i++) {
        shared = shared || (origin.n > 0 && str_eq(origin, c->settings->cors.v[i]));
    }
    if (c->settings->cors.n > 0) {
        http_add(r, "Vary", STR("Origin"));
    }
    if (shared) {
        http_add(r, "Access-Control-Allow-Origin", origin);
        http_add(r, "Access-Control-Allow-Headers", STR("Authorization"));
    }
    http_add(r, "Cross-Origin-Resource-Policy", shared ? STR("cross-origin") : STR("same-origin"));
    http_add(r, "Content-Security-Policy",
             STR("default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
                 "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"));
    http_add(r, "X-Content-Type-Options", STR("nosniff"));
    http_add(r, "X-Frame-Options", STR("DENY"));
    http_add(r, "Referrer-Policy", STR("no-referrer"));
    http_add(r, "Cross-Origin-Opener-Policy", STR("same-origin"));
}

static bool changes(str method)
{
    return !str_eq(method, STR("GET")) && !str_eq(method, STR("HEAD")) &&
           !str_eq(method, STR("OPTIONS"));
}

/* True: go on. */
static bool check_host(struct call *c)
{
    const struct settings *s = c->settings;
    str host = http_header(c->request, "Host", NULL);
    if (origin_host(host, s->hosts.v, s->hosts.n, s->listen.loopback)) {
        return true;
    }
    problem_answer(c->request, "E6106",
                   "If this name is yours, list it:  serve: {hosts: [weir.example.org]}",
                   "\"" STR_FMT "\" is not a name of this server", STR_ARG(str_first(host, 100)));
    return false;
}

static bool find_route(struct call *c)
{
    struct http_request *r = c->request;
    struct buf allow = {0};
    c->route = routes_find(&c->server->routes, r->method, r->path, &c->name, &allow);
    bool page = allow.n == 0 && pages_find(r->path) != NULL;
    if (page) {
        buf_add(&allow, STR("GET, HEAD"));
    }
    bool get = str_eq(r->method, STR("GET")) || str_eq(r->method, STR("HEAD"));
    bool found = c->route != NULL || (page && get);
    if (!found && allow.n == 0) {
        problem_answer(r, "E6101", "The addresses stand in /api/v1/openapi.json",
                       "there is nothing at " STR_FMT, STR_ARG(str_first(r->path, 200)));
    } else if (!found) {
        buf_add(&allow, STR(", OPTIONS"));
        http_add(r, "Allow", buf_str(&allow));
        if (str_eq(r->method, STR("OPTIONS"))) {
            http_add(r, "Access-Control-Allow-Methods", buf_str(&allow));
            http_answer(r, 204, NULL, NULL);
        } else {
            problem_answer(r, "E6102", "The header Allow names those that are.",
                           STR_FMT " is not for " STR_FMT, STR_ARG(str_first(r->method, 20)),
                           STR_ARG(str_first(r->path, 200)));
        }
    }
    buf_finish(&allow);
    return found;
}

static void tell_unknown(struct call *c)
{
    struct http_request *r = c->request;
    switch (c->who.fault) {
    case AUTH_LOCKED:
        http_add(r, "Retry-After", STR("60"));
        problem_answer(r, "E6110", "Wait a minute.", "too many wrong tokens came from there");
        return;
    case AUTH_TWICE:
        problem_answer(r, "E6113", "The proxy must overwrite the header of the client.",
                       "the header that names the user stands twice");
        return;
    case AUTH_WRONG:
        http_add(r, "WWW-Authenticate", STR("Bearer realm=\"weir\", error=\"invalid_token\""));
        problem_answer(r, "E6104", "Make one:  weir token create NAME --scope read",
                       "this token is none, is revoked, or its time is over");
        return;
    case AUTH_NONE:
    case AUTH_FINE:
        break;
    }
    http_add(r, "WWW-Authenticate", STR("Bearer realm=\"weir\""));
    problem_answer(r, "E6104", "Send a token:  Authorization: Bearer weir_…",
                   "this address is for those who have a token");
}

static bool check_identity(struct call *c)
{
    struct server *s = c->server;
    when now = clock_now();
    c->who = auth_who(&s->auth, c->settings, c->request, now);
    c->request->who = c->who.name;
    bool hook = c->route != NULL && c->route->run == deliver_hook; /* its token is the source's */
    if (c->who.fault == AUTH_WRONG && !hook) {
        auth_failed(&s->auth, &c->request->peer, now);
    }
    enum scope needs = c->route != NULL ? routes_scope(c->route, c->settings) : SCOPE_NONE;
    if (needs == SCOPE_NONE) {
        return true;
    }
    if (c->who.fault != AUTH_FINE) {
        figures_failure(&s->figures, (int)c->who.fault);
        tell_unknown(c);
        return false;
    }
    if (!scope_covers(c->who.scope, needs)) {
        problem_answer(c->request, "E6105", "Ask for a token with this scope.",
                       "this needs a token with the scope %s, not %s", scope_word(needs),
                       scope_word(c->who.scope));
        return false;
    }
    return true;
}

static bool check_origin(struct call *c)
{
    const struct http_request *r = c->request;
    bool proved = c->who.fault == AUTH_FINE && !c->who.by_cookie && !c->who.anonymous &&
                  c->route->scope != SCOPE_NONE;
    if (!changes(r->method) || proved ||
        origin_same(http_header(r, "Origin", NULL), http_header(r, "Sec-Fetch-Site", NULL),
                    http_header(r, "Host", NULL))) {
        return true;
    }
    problem_answer(c->request, "E6107", "Programs send a token:  Authorization: Bearer weir_…",
                   "the page that sends this is not one of this server's");
    return false;
}

static bool check_content(struct call *c)
{
    struct http_request *r = c->request;
    str type = http_header(r, "Content-Type", NULL), one;
    if (c->route->consumes == NULL) {
        return true;
    }
    type = str_trim(str_first(type, str_find_char(type, ';')));
    str rest = str_of(c->route->consumes);
    while (str_cut(&rest, ',', &one)) {
        if (str_eq_case(type, str_trim(one)) || str_eq(one, STR("*/*"))) {
            http_want_body(r, 0);
            return true;
        }
    }
    problem_answer(r, "E6109", "The header Content-Type must be one of these.",
                   "\"" STR_FMT "\" is not %s", STR_ARG(str_first(type, 100)), c->route->consumes);
    return false;
}

static void tell_fault(struct http_request *r)
{
    static const struct {
        const char *id, *hint, *sentence;
    } WORDS[] = {
        [HTTP_BAD_ADDRESS] = {"E6113", "Escape it as RFC 3986 says.",
                              "the address cannot be read: an escape or a byte in it is wrong"},
        [HTTP_BAD_HEAD] = {"E6113", "Send it once.",
                           "a header that decides who asks, or what, stands twice"},
        [HTTP_LARGE_HEAD] = {"E6114", "Send fewer and shorter headers.",
                             "the address and the headers are too long"},
        [HTTP_LARGE_BODY] = {"E6108", "Send it in parts.", "the body is too large"},
        [HTTP_ENCODING] = {"E6109", "Send it plain, or as gzip or deflate.",
                           "the body has a Content-Encoding that is not understood"},
        [HTTP_BROKEN_BODY] = {"E6113", "Compress it again.",
                              "the compressed body is damaged or breaks off"},
        [HTTP_TOO_MANY] = {"E6112", "Ask again in a moment.",
                           "the bodies of other requests fill the memory set aside for them"},
    };
    if (r->fault == HTTP_TOO_MANY) {
        http_add(r, "Retry-After", STR("5"));
    }
    problem_answer(r, WORDS[r->fault].id, WORDS[r->fault].hint, "%s", WORDS[r->fault].sentence);
}

void routes_head(struct http_request *r, void *cookie)
{
    struct call *c = arena_get(&r->text, sizeof *c);
    *c = (struct call){.server = cookie, .request = r};
    c->settings = server_settings(c->server);
    r->route = c;
    add_security(c);
    if (r->fault != HTTP_FINE) {
        tell_fault(r);
    } else if (token_in(r->address) || token_in(r->path)) {
        problem_answer(r, "E6111",
                       "Send it as  Authorization: Bearer weir_…  and make a new one: this one is "
                       "in logs now.",
                       "a token stands in the address");
    } else {
        bool fine = check_host(c) && find_route(c) && check_identity(c) &&
                    (c->route == NULL || (check_origin(c) && check_content(c)));
        (void)fine; /* else it is answered */
    }
}

static void give_page(struct call *c)
{
    struct http_request *r = c->request;
    const struct page *p = pages_find(r->path);
    bool html = str_starts(str_of(p->type), STR("text/html")), asked = false;
    if (html && c->who.fault != AUTH_FINE) { /* nothing secret in it, but it would show nothing */
        p = pages_find(STR("/sign-in.html"));
        asked = true;
    }
    http_add(r, "ETag", str_of(p->etag));
    http_add(r, "Vary", STR("Accept-Encoding, Cookie"));
    http_add(r, "Cache-Control",
             p->hashed ? STR("public, max-age=31536000, immutable") : STR("no-cache"));
    str known = http_header(r, "If-None-Match", NULL),
        accepted = http_header(r, "Accept-Encoding", NULL);
    if (!asked && str_find(known, str_of(p->etag)) < known.n) {
        http_answer(r, 304, NULL, NULL);
        return;
    }
    bool packed = p->gz != NULL && str_find(accepted, STR("gzip")) < accepted.n;
    if (packed) {
        http_add(r, "Content-Encoding", STR("gzip"));
    }
    const unsigned char *from = packed ? p->gz : p->p, *to = packed ? p->gz_end : p->end;
    http_answer(r, asked ? 401 : 200, p->type, blob_of(from, (size_t)(to - from)));
}

void routes_whole(struct http_request *r, void *cookie)
{
    struct call *c = (struct call *)(uintptr_t)r->route;
    (void)cookie;
    if (r->fault != HTTP_FINE) {
        tell_fault(r);
    } else if (c->route == NULL) {
        give_page(c);
    } else {
        c->route->run(c);
    }
}

void routes_over(const struct http_request *r, int code, double seconds, void *cookie)
{
    struct server *s = cookie;
    const struct call *c = r->route;
    const char *route = c->route != NULL             ? c->route->path
                        : code == 200 || code == 304 ? "/{page}"
                                                     : "other";
    live_leave(&s->live, r);
    figures_request(&s->figures, route, code, seconds);
    char number[16], took[24];
    (void)snprintf(number, sizeof number, "%d", code);
    (void)snprintf(took, sizeof took, "%.6f", seconds);
    journal_say(&s->journal, code >= 500 ? JOURNAL_WARN : JOURNAL_INFO, "request",
                (struct journal_pair[]){{"method", str_first(r->method, 10)},
                                        {"route", str_of(route)},
                                        {"status", str_of(number)},
                                        {"seconds", str_of(took)},
                                        {"id", r->id},
                                        {"token", str_of(r->who)},
                                        {NULL, {NULL, 0}}});
    settings_drop(c->settings);
}
