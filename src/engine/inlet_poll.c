/* Services that send nothing are asked (Redmine has no webhooks; others lose some). Everything that
 * they answer goes the way of a webhook: spool, writer, store. The cursor of a source is kept once
 * all that it covers is in the spool, so that a crash in between asks for it again, which the
 * identity of facts makes harmless. */
#include "engine/inlet_parts.h"

#include "base/progress.h"
#include "source/fetch.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct inlet_poll {
    struct inlet *in;
    pthread_mutex_t *mutex; /* the inlet's */
    pthread_t thread;
    atomic_int stop;
    char trouble[600]; /* with the mutex */
};

static void rest(lapse how_long)
{
    struct timespec t = {.tv_sec = how_long / SECOND, .tv_nsec = how_long % SECOND * 1000};
    nanosleep(&t, NULL);
}

/* A feed whose time has come; it is marked, so that it is asked once. NULL: none. */
static struct inlet_feed *next_due(struct inlet_poll *p, struct inlet_feeds *feeds)
{
    struct inlet_feed *found = NULL;
    when now = clock_now();
    pthread_mutex_lock(p->mutex);
    for (size_t i = 0; feeds != NULL && i < feeds->v.n && found == NULL; i++) {
        struct inlet_feed *f = &feeds->v.v[i];
        if (f->url != NULL && !f->asked && f->due <= now) {
            f->asked = true;
            found = f;
        }
    }
    pthread_mutex_unlock(p->mutex);
    return found;
}

static void cursor_key(const struct inlet_feed *f, struct buf *out)
{
    buf_addf(out, "poll/" STR_FMT "/%s", STR_ARG(f->name), f->url);
}

static status load_cursor(struct inlet_poll *p, str key, struct buf *ret, struct error *why)
{
    struct store *store = inlet_store_take(p->in);
    status_code s = store_get(store, key, ret, why);
    inlet_store_give(p->in);
    return s;
}

static status keep_cursor(struct inlet_poll *p, str key, str cursor, struct error *why)
{
    struct store *store = inlet_store_take(p->in);
    status_code s = store_put(store, key, cursor, why);
    s = s == OK ? store_commit(store, why) : s;
    if (s != OK) {
        store_rollback(store);
    }
    inlet_store_give(p->in);
    return s;
}

/* Until it is in the spool, or we are to stop. */
static status deliver(struct inlet_poll *p, const struct inlet_feed *f, const struct fetched *one,
                      struct error *why)
{
    struct delivery d = {.source = f->name,
                         .headers = one->headers,
                         .header_count = 1,
                         .body = one->body,
                         .received = clock_now()};
    enum inlet_outcome outcome;
    while ((outcome = inlet_deliver(p->in, &d, true, why)) == INLET_LATER &&
           atomic_load(&p->stop) == 0) {
        rest(SECOND);
    }
    return outcome == INLET_KEPT || outcome == INLET_REPEATED ? OK : FAIL;
}

static status ask(struct inlet_poll *p, const struct inlet_feed *f, struct error *why)
{
    struct buf key = {0}, cursor = {0}, fresh = {0};
    struct fetch *fetch = NULL;
    struct fetched one;
    char kind[32];
    snprintf(kind, sizeof kind, STR_FMT, STR_ARG(f->kind));
    cursor_key(f, &key);
    status_code s = load_cursor(p, buf_str(&key), &cursor, why);
    if (s == OK) {
        struct fetch_options options = {.kind = kind,
                                        .url = f->url,
                                        .token = f->token,
                                        .cursor = buf_str(&cursor),
                                        .since = WHEN_NONE};
        s = fetch_open(&options, &fetch, why);
    }
    while (s == OK && (s = fetch_next(fetch, &one, why)) == OK) {
        s = deliver(p, f, &one, why);
    }
    if (s == END) {
        fetch_cursor(fetch, &fresh);
        s = str_eq(buf_str(&fresh), buf_str(&cursor))
                ? OK
                : keep_cursor(p, buf_str(&key), buf_str(&fresh), why);
    }
    fetch_close(fetch);
    buf_finish(&key);
    buf_finish(&cursor);
    buf_finish(&fresh);
    return s;
}

static void ask_one(struct inlet_poll *p, struct inlet_feed *f)
{
    struct error why = {0};
    status_code s = ask(p, f, &why);
    pthread_mutex_lock(p->mutex);
    f->asked = false;
    f->due = clock_now() + f->interval;
    if (s == OK) {
        p->trouble[0] = 0;
    } else if (s != INTERRUPTED) {
        snprintf(p->trouble, sizeof p->trouble, STR_FMT ": %.400s %.100s", STR_ARG(f->name),
                 why.text, why.hint);
    }
    pthread_mutex_unlock(p->mutex);
}

static void *poll_on(void *cookie)
{
    struct inlet_poll *p = cookie;
    interrupt_watch(&p->stop); /* ends a request under way, too */
    while (atomic_load(&p->stop) == 0) {
        struct inlet_feeds *feeds = inlet_feeds_hold(p->in);
        struct inlet_feed *due = next_due(p, feeds);
        if (due != NULL) {
            ask_one(p, due);
        }
        inlet_feeds_let_go(p->in, feeds);
        if (due == NULL) {
            rest(SECOND / 5);
        }
    }
    return NULL;
}

status inlet_poll_start(struct inlet *in, pthread_mutex_t *mutex, struct inlet_poll **ret,
                        struct error *why)
{
    struct inlet_poll *p = mem_get(sizeof *p);
    p->in = in;
    p->mutex = mutex;
    if (pthread_create(&p->thread, NULL, poll_on, p) != 0) {
        mem_put(p);
        return error_set(why, "the system gives no thread");
    }
    *ret = p;
    return OK;
}

void inlet_poll_stop(struct inlet_poll *p)
{
    if (p != NULL) {
        atomic_store(&p->stop, 1);
        pthread_join(p->thread, NULL);
        mem_put(p);
    }
}

const char *inlet_poll_trouble(const struct inlet_poll *p)
{
    return p->trouble;
}
