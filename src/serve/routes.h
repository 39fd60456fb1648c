/* All addresses of the server: one table, from which the router, the OpenAPI document and the
 * checks of every request come. A path outside of it does not exist. */
#pragma once

#include "base/vec.h"
#include "serve/auth.h"
#include "serve/http.h"
#include "serve/serve.h"
#include "serve/settings.h"

struct server;
struct call;
struct answer;
struct blob;

struct route {
    const char *method, *path; /* "/api/v1/item/{id}": the rest of the path is a name */
    const char *purpose;
    const char *document; /* schema of its answer, "weir.map/1"; NULL: no JSON */
    const char *type;     /* of its answer */
    enum scope scope;     /* that is needed; SCOPE_NONE: everybody */
    const char *consumes; /* types of bodies, "application/json, …"; NULL: no body */
    void (*run)(struct call *c);
    const struct serve_answer *answer; /* of a command */
};

struct routes {
    VEC(struct route) v;
    struct arena text;
    struct blob *openapi;
    char openapi_etag[40];
};

struct call { /* of one request; lives as long */
    struct server *server;
    struct http_request *request;
    const struct route *route; /* NULL: a page, or nothing */
    struct settings *settings;
    struct identity who;
    str name; /* what stands for {…} in the path */
    bool reads_only;
};

void routes_init(struct routes *t, const struct serve_host *host);
void routes_finish(struct routes *t);
/* The route of method and path; NULL: none. *ret_allow: methods of the path, "GET, POST", empty
 * when the path is unknown. HEAD counts as GET. */
const struct route *routes_find(const struct routes *t, str method, str path, str *ret_name,
                                struct buf *ret_allow);

/* The handlers of http.h; the cookie is the server. */
void routes_head(struct http_request *r, void *cookie);
void routes_whole(struct http_request *r, void *cookie);
void routes_over(const struct http_request *r, int code, double seconds, void *cookie);

/* openapi.c */
void openapi_write(const struct routes *t, const char *version, struct buf *out);
/* ask.c: GET /api/v1/<command> */
void ask_run(struct call *c);
void ask_answered(void *request, const struct answer *a);
/* The words of the command line for a query; false: answered with a problem. */
bool ask_words(const struct serve_answer *answer, const struct http_pair *query, size_t n,
               struct buf *ret_words, struct error *why);
/* The scope that a route needs where the server listens: /metrics is open on loopback. */
enum scope routes_scope(const struct route *route, const struct settings *s);
