#include "serve/deliver.h"

#include "base/mem.h"
#include "engine/inlet.h"
#include "serve/problem.h"
#include "serve/server.h"
#include "view/doc.h"

#include <assert.h>
#include <string.h>

enum { THREADS = 8, WAITING = 256 };

struct job {
    void (*run)(struct call *c);
    struct call *call;
};

struct deliver {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    pthread_t threads[THREADS];
    size_t thread_n;
    struct job waiting[WAITING]; /* a ring */
    size_t first, n;
    bool stop;
};

static void *work(void *cookie)
{
    struct deliver *d = cookie;
    pthread_mutex_lock(&d->lock);
    for (;;) {
        while (d->n == 0 && !d->stop) {
            pthread_cond_wait(&d->wake, &d->lock);
        }
        if (d->n == 0) {
            break;
        }
        struct job job = d->waiting[d->first];
        d->first = (d->first + 1) % WAITING;
        d->n--;
        pthread_mutex_unlock(&d->lock);
        job.run(job.call);
        pthread_mutex_lock(&d->lock);
    }
    pthread_mutex_unlock(&d->lock);
    return NULL;
}

struct deliver *deliver_start(void)
{
    struct deliver *d = mem_get(sizeof *d);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->wake, NULL);
    while (d->thread_n < THREADS && pthread_create(&d->threads[d->thread_n], NULL, work, d) == 0) {
        d->thread_n++;
    }
    assert(d->thread_n > 0);
    return d;
}

void deliver_stop(struct deliver *d)
{
    pthread_mutex_lock(&d->lock);
    d->stop = true;
    pthread_cond_broadcast(&d->wake);
    pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < d->thread_n; i++) {
        pthread_join(d->threads[i], NULL);
    }
    pthread_cond_destroy(&d->wake);
    pthread_mutex_destroy(&d->lock);
    mem_put(d);
}

static void later(struct call *c, const char *sentence)
{
    http_add(c->request, "Retry-After", STR("5"));
    problem_answer(c->request, "E6112", "Send it again; nothing of it was kept.", "%s", sentence);
}

/* Defers the request and lets a thread answer it. */
static void hand_over(struct call *c, void (*run)(struct call *c))
{
    struct deliver *d = c->server->deliver;
    http_defer(c->request);
    pthread_mutex_lock(&d->lock);
    bool taken = d->n < WAITING && !d->stop;
    if (taken) {
        d->waiting[(d->first + d->n) % WAITING] = (struct job){run, c};
        d->n++;
        pthread_cond_signal(&d->wake);
    }
    pthread_mutex_unlock(&d->lock);
    if (!taken) {
        later(c, "too many deliveries wait to be written");
    }
}

/* Does who sends hold a token for this source? */
static bool is_trusted(const struct call *c, str source)
{
    const struct identity *who = &c->who;
    return who->fault == AUTH_FINE && !who->anonymous && !who->by_cookie &&
           scope_covers(who->scope, SCOPE_INGEST) &&
           (who->source[0] == 0 || str_eq(source, str_of(who->source)));
}

/* --- webhooks --- */

static void keep(struct call *c)
{
    struct http_request *r = c->request;
    struct server *s = c->server;
    struct error why = {0};
    size_t n = 0;
    const struct http_pair *pairs = http_headers(r, &n);
    struct hook_header *headers = ARENA_ARRAY(&r->text, struct hook_header, n + 1);
    for (size_t i = 0; i < n; i++) {
        headers[i] = (struct hook_header){pairs[i].name, pairs[i].value};
    }
    const struct delivery delivery = {.source = c->name,
                                      .headers = headers,
                                      .header_count = n,
                                      .body = http_body(r),
                                      .received = clock_now()};
    switch (inlet_deliver(s->inlet, &delivery, is_trusted(c, c->name), &why)) {
    case INLET_KEPT:
    case INLET_REPEATED: /* senders switch off hooks that fail */
        http_answer(r, 202, NULL, NULL);
        return;
    case INLET_NO_SOURCE:
        problem_answer(r, "E6101", "Sources are configured under sources: of weir.yaml",
                       "no source is called \"" STR_FMT "\"", STR_ARG(str_first(c->name, 100)));
        return;
    case INLET_REFUSED:
        auth_failed(&s->auth, &r->peer, clock_now());
        figures_failure(&s->figures, AUTH_WRONG);
        problem_answer(r, "E6104", why.hint[0] != 0 ? why.hint : "Both sides need the same secret.",
                       "%s", why.text);
        return;
    case INLET_LATER:
        later(c, why.text);
        return;
    }
}

void deliver_hook(struct call *c)
{
    if (auth_locked(&c->server->auth, &c->request->peer, clock_now())) {
        http_add(c->request, "Retry-After", STR("60"));
        problem_answer(c->request, "E6110", "Wait a minute.",
                       "too many wrong signatures or tokens came from there");
        return;
    }
    hand_over(c, keep);
}

/* The lines of a post-receive hook say which refs moved; what is new is read from the repository.
 */
void deliver_push(struct call *c)
{
    struct http_request *r = c->request;
    str name = STR("git");
    (void)http_param(r, "repository", &name);
    if (c->who.source[0] != 0 && !str_eq(name, str_of(c->who.source))) {
        problem_answer(r, "E6105", "Ask for a token of this source.",
                       "the token is for the source \"%s\" alone", c->who.source);
    } else if (inlet_pushed(c->server->inlet, name)) {
        http_answer(r, 202, NULL, NULL);
    } else {
        problem_answer(r, "E6101", "For example:  sources: [{kind: git, name: NAME, path: …}]",
                       "no git source is called \"" STR_FMT "\"", STR_ARG(str_first(name, 100)));
    }
}

/* --- lines of events --- */

static struct blob *events_document(const struct inlet_answer *a)
{
    json_t *doc = doc_new("weir.events/1"), *rejected = json_array();
    struct buf out = {0};
    for (size_t i = 0; i < a->rejects.n; i++) {
        json_t *one = json_object();
        doc_put(one, "line", doc_count(a->rejects.v[i].line));
        doc_put(one, "reason", doc_str(a->rejects.v[i].reason));
        json_array_append_new(rejected, one);
    }
    doc_put(doc, "accepted", doc_count(a->accepted));
    doc_put(doc, "duplicates", doc_count(a->duplicates));
    doc_put(doc, "unmapped", doc_count(a->unmapped));
    doc_put(doc, "rejected", rejected);
    doc_write(doc, false, &out);
    json_decref(doc);
    return blob_take(&out);
}

static void take_events(struct call *c)
{
    struct http_request *r = c->request;
    struct inlet_answer a = {0};
    struct error why = {0};
    switch (inlet_events(c->server->inlet, c->name, http_body(r), clock_now(), &a, &why)) {
    case INLET_KEPT:
    case INLET_REPEATED: {
        bool understood = a.accepted + a.duplicates + a.unmapped > 0 || a.rejected == 0;
        http_answer(r, understood ? 200 : 400, "application/json", events_document(&a));
        break;
    }
    case INLET_NO_SOURCE:
    case INLET_REFUSED:
        error_id(&why, "E6105");
        problem_tell(r, problem_code(why.id), &why);
        break;
    case INLET_LATER:
        later(c, why.text);
        break;
    }
    inlet_answer_finish(&a);
}

void deliver_events(struct call *c)
{
    struct http_request *r = c->request;
    enum { NAME_MOST = 60 };
    bool own = c->who.source[0] != 0;
    c->name = own ? str_of(c->who.source) : STR("events");
    for (size_t i = 0; i < r->query_n; i++) {
        str value = r->query[i].value;
        if (!str_eq(r->query[i].name, STR("source")) || value.n == 0 || value.n > NAME_MOST) {
            problem_answer(r, "E6103", "For example:  ?source=jenkins",
                           "events take one parameter: source, a name of at most %d bytes",
                           NAME_MOST);
            return;
        }
        if (own && !str_eq(value, c->name)) {
            problem_answer(r, "E6105", "Ask for a token of this source.",
                           "the token is for the source \"%s\" alone", c->who.source);
            return;
        }
        c->name = value;
    }
    hand_over(c, take_events);
}
