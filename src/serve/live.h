/* Pages that want to know when the store changes: server-sent events.
 *
 *     event: version
 *     id: 17
 *     data: {"schema":"weir.live/1","version":"17"}
 *
 * at once and after every change; a comment every 15 s keeps the line open. */
#pragma once

#include "base/vec.h"
#include "serve/http.h"

#include <pthread.h>

struct live {
    pthread_mutex_t lock;
    VEC(struct live_stream { struct http_request *request; }) streams;
    uint64_t version;
    int64_t next_beat_ns;
    bool ended;
};

enum { LIVE_STREAMS = 256 };

void live_init(struct live *l, uint64_t version);
void live_finish(struct live *l);
bool live_join(struct live *l, struct http_request *r);        /* false: there are too many */
void live_leave(struct live *l, const struct http_request *r); /* of `over`; others are ignored */
void live_tell(struct live *l, uint64_t version);              /* nothing when it is the same */
void live_tick(struct live *l, int64_t now_ns);
void live_end(struct live *l); /* all streams end, no more join */
size_t live_count(struct live *l);
