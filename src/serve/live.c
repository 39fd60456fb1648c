#include "serve/live.h"

#include "base/mem.h"

#include <stdio.h>

#define BEAT_NS ((int64_t)15 * 1000000000)

void live_init(struct live *l, uint64_t version)
{
    *l = (struct live){.version = version};
    pthread_mutex_init(&l->lock, NULL);
}

void live_finish(struct live *l)
{
    VEC_FINISH(&l->streams);
    pthread_mutex_destroy(&l->lock);
}

static str message(const struct live *l, char *room, size_t n)
{
    int length = snprintf(room, n,
                          "event: version\nid: %llu\ndata: "
                          "{\"schema\":\"weir.live/1\",\"version\":\"%llu\"}\n\n",
                          (unsigned long long)l->version, (unsigned long long)l->version);
    return (str){room, (size_t)length};
}

bool live_join(struct live *l, struct http_request *r)
{
    char room[160];
    pthread_mutex_lock(&l->lock);
    bool joined = !l->ended && l->streams.n < LIVE_STREAMS;
    if (joined) {
        http_add(r, "Cache-Control", STR("no-store"));
        http_add(r, "X-Accel-Buffering", STR("no"));
        http_stream(r, "text/event-stream; charset=utf-8");
        (void)http_send(r, STR("retry: 1000\n"));
        (void)http_send(r, message(l, room, sizeof room));
        VEC_ADD(&l->streams, (struct live_stream){r});
    }
    pthread_mutex_unlock(&l->lock);
    return joined;
}

void live_leave(struct live *l, const struct http_request *r)
{
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < l->streams.n; i++) {
        if (l->streams.v[i].request == r) {
            l->streams.v[i] = l->streams.v[--l->streams.n];
            break;
        }
    }
    pthread_mutex_unlock(&l->lock);
}

static void to_all(struct live *l, str text)
{
    for (size_t i = 0; i < l->streams.n; i++) {
        (void)http_send(l->streams.v[i].request,
                        text); /* who is too slow is ended, and leaves by `over` */
    }
}

void live_tell(struct live *l, uint64_t version)
{
    char room[160];
    pthread_mutex_lock(&l->lock);
    if (version != l->version) {
        l->version = version;
        to_all(l, message(l, room, sizeof room));
    }
    pthread_mutex_unlock(&l->lock);
}

void live_tick(struct live *l, int64_t now_ns)
{
    pthread_mutex_lock(&l->lock);
    if (now_ns >= l->next_beat_ns) {
        l->next_beat_ns = now_ns + BEAT_NS;
        to_all(l, STR(": still here\n\n"));
    }
    pthread_mutex_unlock(&l->lock);
}

void live_end(struct live *l)
{
    pthread_mutex_lock(&l->lock);
    l->ended = true;
    for (size_t i = 0; i < l->streams.n; i++) {
        http_end(l->streams.v[i].request);
    }
    pthread_mutex_unlock(&l->lock);
}

size_t live_count(struct live *l)
{
    pthread_mutex_lock(&l->lock);
    size_t n = l->streams.n;
    pthread_mutex_unlock(&l->lock);
    return n;
}
