#include "engine/inlet_parts.h"

#include "base/turn.h"
#include "engine/ingest.h"
#include "source/eventlines.h"
#include "source/signature.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum {
    GROUP_RECORDS = 4096,   /* deliveries of one commit at most */
    GROUP_BYTES = 16 << 20, /* of bodies */
    ATTEMPTS = 5,           /* of a delivery that cannot be stored, before it becomes a reject */
    RAW_KEPT = 1000,
};
static const lapse GROUP_LAPSE = SECOND / 5, IDS_KEPT = 7 * DAY, KEEP = 30 * DAY,
                   ANSWER_WITHIN = 30 * SECOND;
static const str POSITION = STR_INIT("inlet/position");
static const str TICKET = STR_INIT("weir-ticket");
static const str EVENTS = STR_INIT("weir-events"); /* a header that no sender can set */

/* Somebody who waits for the answer about lines of events. */
struct waiter {
    uint64_t ticket;
    struct inlet_answer *answer; /* filled when `stored`, with the mutex */
    bool stored;
    struct waiter *next;
};

struct inlet {
    struct inlet_options options;
    struct spool *spool;
    struct turn turn; /* the store's */

    pthread_mutex_t mutex; /* everything below */
    pthread_cond_t answered;
    struct inlet_feeds *feeds;
    struct inlet_tallies tallies;
    struct map delivered; /* hash of (source, delivery id) → when it was kept */
    struct waiter *waiters;
    uint64_t ticket;
    char trouble[1024];
    bool stopping;
    _Atomic uint64_t version;

    /* the writer's own */
    pthread_t writer;
    bool running;
    struct inlet_poll *poll;
    uint64_t position; /* what lies before it is stored */
    uint64_t found;    /* the spool's end at opening */
    struct buf actor_key;
    struct arena room;
    struct batch *batch;
    struct inlet_tallies fresh; /* what the group under way adds */
    unsigned failures;          /* in a row */
};

/* --- the store's turn ------------------------------------------------------------------------- */

struct store *inlet_store_take(struct inlet *in)
{
    turn_take(&in->turn);
    return in->options.store;
}

void inlet_store_give(struct inlet *in)
{
    turn_give(&in->turn);
}

uint64_t inlet_version(struct inlet *in)
{
    return atomic_load(&in->version);
}

void inlet_changed(struct inlet *in)
{
    uint64_t version = atomic_fetch_add(&in->version, 1) + 1;
    if (in->options.changed != NULL) {
        in->options.changed(version, in->options.cookie);
    }
}

/* --- receiving -------------------------------------------------------------------------------- */

static id128 delivery_hash(str source, str id)
{
    struct buf b = {0};
    buf_addf(&b, "%zu:", source.n);
    buf_add(&b, source);
    buf_add(&b, id);
    id128 h = id128_of(b.p, b.n);
    buf_finish(&b);
    return h;
}

static bool is_repeated(struct inlet *in, id128 hash, when now)
{
    const uint64_t *kept = map_find(&in->delivered, hash.lo);
    return kept != NULL && now - (when)*kept < IDS_KEPT;
}

/* Forgets ids that are too old to come again; the table is made anew. */
static void forget_old_ids(struct inlet *in, when now)
{
    struct map young = {0};
    size_t at = 0;
    uint64_t key, kept;
    while (map_next(&in->delivered, &at, &key, &kept)) {
        if (now - (when)kept < IDS_KEPT) {
            *map_add(&young, key, NULL) = kept;
        }
    }
    map_finish(&in->delivered);
    in->delivered = young;
}

/* What the delivery is known by: the tool's own id, else the hash of the body. */
static str delivery_id(const struct hook *hook, const struct delivery *d, struct arena *room)
{
    str id = hook->id != NULL ? hook->id(d, room) : (str){0};
    if (id.n == 0) {
        id128 h = id128_of(d->body.p, d->body.n);
        id = arena_strf(room, "body:%016llx%016llx", (unsigned long long)h.hi,
                        (unsigned long long)h.lo);
    }
    return id;
}

static const char *proof_text(enum hook_proof p)
{
    return p == HOOK_MISSING ? "no signature or token came with it"
           : p == HOOK_STALE ? "it was signed too long ago"
                             : "its signature or token is wrong";
}

/* With the mutex: is the delivery wanted, and is it new? */
static enum inlet_outcome judge(struct inlet *in, const struct delivery *d, bool trusted,
                                struct arena *room, id128 *ret_hash, struct error *why)
{
    const struct inlet_feed *feed = inlet_feeds_find(in->feeds, d->source);
    if (feed == NULL || feed->hook == NULL) {
        error_set(why, "there is no source \"" STR_FMT "\" that sends", STR_ARG(d->source));
        error_hint(why, "add it to sources: in weir.yaml");
        return INLET_NO_SOURCE;
    }
    struct inlet_tally *tally = inlet_tally_of(&in->tallies, feed->name);
    if (!trusted && !feed->open) {
        enum hook_proof proof = feed->hook->verify != NULL
                                    ? feed->hook->verify(d, &feed->secrets, d->received)
                                    : signature_bearer(d, &feed->secrets);
        if (proof != HOOK_GOOD) {
            tally->refused++;
            error_set(why, "%s", proof_text(proof));
            return INLET_REFUSED;
        }
    }
    *ret_hash = delivery_hash(d->source, delivery_id(feed->hook, d, room));
    if (is_repeated(in, *ret_hash, d->received)) {
        tally->repeated++;
        return INLET_REPEATED;
    }
    return INLET_KEPT;
}

enum inlet_outcome inlet_deliver(struct inlet *in, const struct delivery *d, bool trusted,
                                 struct error *why)
{
    struct arena room;
    arena_init(&room, "delivery", 0);
    id128 hash = {0};
    pthread_mutex_lock(&in->mutex);
    enum inlet_outcome outcome = judge(in, d, trusted, &room, &hash, why);
    pthread_mutex_unlock(&in->mutex);
    arena_finish(&room);
    uint64_t place;
    if (outcome != INLET_KEPT) {
        return outcome;
    }
    if (spool_append(in->spool, d, &place, why) != OK) {
        return INLET_LATER;
    }
    pthread_mutex_lock(&in->mutex);
    if (in->delivered.n >= 1 << 20) {
        forget_old_ids(in, d->received);
    }
    *map_add(&in->delivered, hash.lo, NULL) = (uint64_t)d->received;
    struct inlet_tally *tally = inlet_tally_of(&in->tallies, d->source);
    tally->deliveries++;
    tally->received = d->received;
    pthread_mutex_unlock(&in->mutex);
    return INLET_KEPT;
}

static void deadline(lapse from_now, struct timespec *ret)
{
    clock_gettime(CLOCK_MONOTONIC, ret);
    ret->tv_sec += from_now / SECOND;
}

static void take_off(struct inlet *in, const struct waiter *w)
{
    for (struct waiter **at = &in->waiters; *at != NULL; at = &(*at)->next) {
        if (*at == w) {
            *at = w->next;
            return;
        }
    }
}

enum inlet_outcome inlet_events(struct inlet *in, str source, str body, when received,
                                struct inlet_answer *ret, struct error *why)
{
    *ret = (struct inlet_answer){0};
    arena_init(&ret->text, "answer", 0);
    struct waiter w = {.answer = ret};
    pthread_mutex_lock(&in->mutex);
    w.ticket = ++in->ticket;
    w.next = in->waiters;
    in->waiters = &w;
    pthread_mutex_unlock(&in->mutex);

    char ticket[24];
    int n = snprintf(ticket, sizeof ticket, "%llx", (unsigned long long)w.ticket);
    struct hook_header headers[] = {{TICKET, {ticket, (size_t)n}}, {EVENTS, STR("lines")}};
    struct delivery d = {.source = source,
                         .headers = headers,
                         .header_count = 2,
                         .body = body,
                         .received = received};
    uint64_t place;
    status_code s = spool_append(in->spool, &d, &place, why);

    struct timespec until;
    deadline(ANSWER_WITHIN, &until);
    pthread_mutex_lock(&in->mutex);
    while (s == OK && !w.stored) {
        if (pthread_cond_timedwait(&in->answered, &in->mutex, &until) != 0 && !w.stored) {
            error_set(why, "the events are kept, but could not be stored yet%s%.500s",
                      in->trouble[0] != 0 ? ": " : "", in->trouble);
            s = BUSY;
        }
    }
    take_off(in, &w);
    pthread_mutex_unlock(&in->mutex);
    return s == OK ? INLET_KEPT : INLET_LATER;
}

void inlet_answer_finish(struct inlet_answer *a)
{
    VEC_FINISH(&a->rejects);
    arena_finish(&a->text);
}

bool inlet_pushed(struct inlet *in, str source)
{
    pthread_mutex_lock(&in->mutex);
    struct inlet_feed *feed = inlet_feeds_find(in->feeds, source);
    bool found = feed != NULL && feed->hook == NULL;
    if (found) {
        feed->pushed = true;
    }
    pthread_mutex_unlock(&in->mutex);
    spool_wake(in->spool);
    return found;
}

/* --- the writer ------------------------------------------------------------------------------- */

static void set_trouble(struct inlet *in, const char *text)
{
    pthread_mutex_lock(&in->mutex);
    snprintf(in->trouble, sizeof in->trouble, "%.1000s", text);
    pthread_mutex_unlock(&in->mutex);
}

/* A delivery being stored: where its batches go and what they add. */
struct storing {
    struct inlet *in;
    sym source;
    struct inlet_tally *tally;
    struct appended *group;      /* of the whole group */
    struct inlet_answer *answer; /* of its waiter, or of nobody */
};

static void answer_rejects(struct inlet_answer *answer, const struct batch *b)
{
    for (size_t i = 0; i < b->rejects.n && answer->rejects.n < INLET_REJECTS_SHOWN; i++) {
        const struct reject *r = &b->rejects.v[i];
        VEC_ADD(&answer->rejects, (struct reject){.line = r->line,
                                                  .column = arena_str(&answer->text, r->column),
                                                  .reason = arena_str(&answer->text, r->reason)});
    }
}

static status_code take_batch(struct batch *b, void *cookie, struct error *why)
{
    struct storing *storing = cookie;
    struct appended added = {0};
    TRY(store_append(storing->in->options.store, storing->source, b, &added, why));
    struct inlet_tally *t = storing->tally;
    t->events += added.events;
    t->duplicates += added.duplicates;
    t->rejected += b->rejects.n;
    for (size_t i = 0; i < b->n; i++) {
        t->latest = b->time[i] > t->latest ? b->time[i] : t->latest;
    }
    storing->group->events += added.events;
    storing->group->links += added.links;
    storing->group->rejects += added.rejects;
    if (storing->answer != NULL) {
        storing->answer->accepted += added.events;
        storing->answer->duplicates += added.duplicates;
        storing->answer->rejected += b->rejects.n;
        answer_rejects(storing->answer, b);
    }
    batch_clear(b);
    return OK;
}

/* A delivery that the store does not take, whatever we try, must not hold up the others. */
static void give_up_on(struct inlet *in, const struct spool_record *r, struct hook_run *run)
{
    batch_clear(in->batch);
    batch_reject(in->batch, (struct reject){.source = r->delivery.source,
                                            .reason = str_of(in->trouble),
                                            .raw = str_first(r->delivery.body, RAW_KEPT)});
    run->counts.rejected++;
}

static void map_delivery(const struct inlet_feeds *feeds, const struct delivery *d,
                         struct hook_run *run, const struct source_options *options)
{
    str kind;
    if (delivery_header(d, EVENTS.p, &kind)) {
        eventlines_map(run, d);
        return;
    }
    const struct inlet_feed *feed = inlet_feeds_find(feeds, d->source);
    if (feed != NULL && feed->hook != NULL) {
        struct source_options own = *options;
        own.mapping = feed->mapping;
        run->options = &own;
        feed->hook->map(run, d);
        run->options = options;
    } else if (hook_room(run, 1)) { /* it was configured when the delivery came */
        batch_reject(run->batch, (struct reject){.source = d->source,
                                                 .reason = STR("the source is not configured any "
                                                               "more"),
                                                 .raw = str_first(d->body, RAW_KEPT)});
    }
}

static uint64_t ticket_of(const struct delivery *d)
{
    str text;
    char digits[24] = "";
    if (delivery_header(d, TICKET.p, &text)) {
        snprintf(digits, sizeof digits, STR_FMT, STR_ARG(str_first(text, 16)));
    }
    return strtoull(digits, NULL, 16);
}

static status_code store_delivery(struct inlet *in, const struct inlet_feeds *feeds,
                                  const struct spool_record *r, struct inlet_answer *answer,
                                  struct appended *group, struct error *why)
{
    const struct delivery *d = &r->delivery;
    struct names *names = store_names(in->options.store);
    struct source_options options = {.names = names, .actor_key = buf_str(&in->actor_key)};
    struct storing storing = {.in = in,
                              .source = names_sym(names, d->source),
                              .tally = inlet_tally_of(&in->fresh, d->source),
                              .group = group,
                              .answer = answer};
    struct hook_run run = {
        .options = &options, .batch = in->batch, .take = take_batch, .cookie = &storing};
    batch_clear(in->batch);
    if (r->skipped > 0) {
        char reason[100];
        int n = snprintf(reason, sizeof reason, "%llu bytes of the spool before it are damaged",
                         (unsigned long long)r->skipped);
        batch_reject(in->batch,
                     (struct reject){.source = d->source, .reason = {reason, (size_t)n}});
    }
    if (in->failures >= ATTEMPTS) {
        give_up_on(in, r, &run);
    } else {
        map_delivery(feeds, d, &run, &options);
    }
    TRY(hook_run_end(&run, why));
    storing.tally->stored = clock_now();
    storing.tally->unmapped += run.counts.unmapped;
    if (answer != NULL) {
        answer->unmapped += run.counts.unmapped;
    }
    return OK;
}

/* Deliveries that are stored by one commit. */
struct group {
    struct appended added;
    uint64_t next; /* place behind the last one */
    VEC(struct outcome) outcomes;
};
struct outcome {
    uint64_t ticket;
    struct inlet_answer answer;
};

static status_code append_records(struct inlet *in, const struct inlet_feeds *feeds,
                                  struct group *g, struct error *why)
{
    when began = clock_now();
    size_t bytes = 0;
    int limit = in->failures > 0 ? 1 : GROUP_RECORDS;
    for (int n = 0; n < limit && bytes < GROUP_BYTES && clock_now() - began < GROUP_LAPSE; n++) {
        struct spool_record r;
        status_code s = spool_read(in->spool, g->next, &in->room, &r, why);
        if (s != OK) {
            return s == END ? OK : s;
        }
        struct inlet_answer *answer = NULL;
        uint64_t ticket = ticket_of(&r.delivery);
        if (ticket != 0) {
            VEC_ADD(&g->outcomes, (struct outcome){.ticket = ticket});
            answer = &g->outcomes.v[g->outcomes.n - 1].answer;
            arena_init(&answer->text, "answer", 0);
        }
        TRY(store_delivery(in, feeds, &r, answer, &g->added, why));
        g->next = r.next;
        bytes += r.delivery.body.n;
    }
    return OK;
}

static status_code save_position(struct inlet *in, uint64_t place, struct error *why)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%s %llu", spool_id(in->spool), (unsigned long long)place);
    return store_put(in->options.store, POSITION, (str){text, (size_t)n}, why);
}

static void add_tallies(struct inlet_tallies *to, const struct inlet_tallies *from)
{
    for (size_t i = 0; i < from->v.n; i++) {
        const struct inlet_tally *f = &from->v.v[i];
        struct inlet_tally *t = inlet_tally_of(to, f->name);
        t->events += f->events;
        t->duplicates += f->duplicates;
        t->rejected += f->rejected;
        t->unmapped += f->unmapped;
        t->stored = f->stored > t->stored ? f->stored : t->stored;
        t->latest = f->latest > t->latest ? f->latest : t->latest;
    }
}

static status_code save_tallies(struct inlet *in, struct error *why)
{
    struct inlet_tallies sum = {0};
    pthread_mutex_lock(&in->mutex);
    for (size_t i = 0; i < in->tallies.v.n; i++) {
        const struct inlet_tally *t = &in->tallies.v.v[i];
        struct inlet_tally *copy = inlet_tally_of(&sum, t->name);
        str name = copy->name;
        *copy = *t;
        copy->name = name;
    }
    pthread_mutex_unlock(&in->mutex);
    add_tallies(&sum, &in->fresh);
    status_code s = inlet_tallies_save(in->options.store, &sum, why);
    inlet_tallies_finish(&sum);
    return s;
}

/* With the store: a group, its position and its counts, in one transaction. */
static status_code store_group(struct inlet *in, const struct inlet_feeds *feeds, struct group *g,
                               struct error *why)
{
    status_code s = append_records(in, feeds, g, why);
    if (s == OK && g->next > in->position) {
        s = save_position(in, g->next, why);
        s = s == OK ? save_tallies(in, why) : s;
        s = s == OK ? store_commit(in->options.store, why) : s;
    }
    if (s != OK) {
        store_rollback(in->options.store);
    }
    return s;
}

/* Tells those who wait; whoever has gone meanwhile is not told. */
static void tell(struct inlet *in, struct group *g)
{
    pthread_mutex_lock(&in->mutex);
    for (size_t i = 0; i < g->outcomes.n; i++) {
        struct outcome *o = &g->outcomes.v[i];
        struct waiter *w = in->waiters;
        while (w != NULL && w->ticket != o->ticket) {
            w = w->next;
        }
        if (w != NULL) {
            inlet_answer_finish(w->answer);
            *w->answer = o->answer;
            o->answer = (struct inlet_answer){0};
            w->stored = true;
        }
    }
    pthread_cond_broadcast(&in->answered);
    pthread_mutex_unlock(&in->mutex);
}

struct inlet_feeds *inlet_feeds_hold(struct inlet *in)
{
    pthread_mutex_lock(&in->mutex);
    struct inlet_feeds *feeds = in->feeds;
    if (feeds != NULL) {
        feeds->users++;
    }
    pthread_mutex_unlock(&in->mutex);
    return feeds;
}

void inlet_feeds_let_go(struct inlet *in, struct inlet_feeds *feeds)
{
    pthread_mutex_lock(&in->mutex);
    bool last = feeds != NULL && --feeds->users == 0;
    pthread_mutex_unlock(&in->mutex);
    if (last) {
        inlet_feeds_free(feeds);
    }
}

/* One round. False: nothing could be stored. */
static bool write_group(struct inlet *in)
{
    struct group g = {.next = in->position};
    struct error why = {0};
    struct inlet_feeds *feeds = inlet_feeds_hold(in);
    inlet_store_take(in);
    status_code s = store_group(in, feeds, &g, &why);
    inlet_store_give(in);
    inlet_feeds_let_go(in, feeds);
    if (s == OK) {
        bool news = g.added.events + g.added.links + g.added.rejects > 0;
        in->position = g.next;
        in->failures = 0;
        set_trouble(in, "");
        pthread_mutex_lock(&in->mutex);
        add_tallies(&in->tallies, &in->fresh);
        pthread_mutex_unlock(&in->mutex);
        tell(in, &g);
        lapse keep = in->options.keep > 0 ? in->options.keep : KEEP;
        spool_done(in->spool, in->position, clock_now() - keep);
        if (news) {
            inlet_changed(in);
        }
    } else {
        in->failures++;
        set_trouble(in, why.text);
    }
    in->fresh.v.n = 0;
    arena_clear(&in->fresh.text);
    for (size_t i = 0; i < g.outcomes.n; i++) {
        inlet_answer_finish(&g.outcomes.v[i].answer);
    }
    VEC_FINISH(&g.outcomes);
    return s == OK;
}

/* A repository that was pushed to, or was not looked at for a while; taken off the list. */
static bool next_pushed(struct inlet *in, struct inlet_feeds *feeds, str *ret_name,
                        const char **ret_path)
{
    bool found = false;
    pthread_mutex_lock(&in->mutex);
    for (size_t i = 0; feeds != NULL && i < feeds->v.n && !found; i++) {
        struct inlet_feed *f = &feeds->v.v[i];
        if (f->pushed || (f->hook == NULL && f->due <= clock_now())) {
            f->pushed = false;
            f->due = clock_now() + f->interval;
            found = true;
            *ret_name = f->name;
            *ret_path = f->path;
        }
    }
    pthread_mutex_unlock(&in->mutex);
    return found;
}

static void mine(struct inlet *in, str name, const char *path, str pattern)
{
    struct ingest what = {.format = &SOURCE_GIT,
                          .paths = &path,
                          .path_count = 1,
                          .name = name,
                          .source = {.link_pattern = pattern}};
    struct ingest_result result;
    struct error why = {0};
    inlet_store_take(in);
    status_code s = ingest_run(in->options.store, &what, &result, &why);
    inlet_store_give(in);
    pthread_mutex_lock(&in->mutex);
    struct inlet_tally *t = inlet_tally_of(&in->tallies, name);
    t->deliveries++;
    t->received = t->stored = clock_now();
    t->events += result.added.events;
    t->rejected += result.rejected;
    t->refused += s != OK;
    pthread_mutex_unlock(&in->mutex);
    bool news = result.added.events + result.added.links > 0;
    ingest_finish(&result);
    if (s != OK) {
        set_trouble(in, why.text);
    }
    if (news) {
        inlet_changed(in);
    }
}

static bool is_stopping(struct inlet *in)
{
    pthread_mutex_lock(&in->mutex);
    bool stopping = in->stopping;
    pthread_mutex_unlock(&in->mutex);
    return stopping;
}

static void mine_pushed(struct inlet *in)
{
    struct inlet_feeds *feeds = inlet_feeds_hold(in);
    str name;
    const char *path;
    while (!is_stopping(in) && next_pushed(in, feeds, &name, &path)) {
        mine(in, name, path, feeds->link_pattern);
    }
    inlet_feeds_let_go(in, feeds);
}

static void pause_after(unsigned failures)
{
    struct timespec t = {.tv_sec = failures < 5 ? 0 : 1, .tv_nsec = 50000000L * (failures % 5 + 1)};
    nanosleep(&t, NULL);
}

static void *write_on(void *cookie)
{
    struct inlet *in = cookie;
    for (;;) {
        struct spool_state now;
        spool_state(in->spool, &now);
        if (now.end > in->position) {
            if (!write_group(in)) {
                if (is_stopping(in) && in->failures > ATTEMPTS + 1) {
                    break; /* it stays in the spool for the next start */
                }
                pause_after(in->failures);
            }
            continue;
        }
        if (is_stopping(in)) {
            break;
        }
        mine_pushed(in);
        spool_wait(in->spool, in->position, SECOND);
    }
    return NULL;
}

/* --- opening and closing ---------------------------------------------------------------------- */

static status_code load_position(struct inlet *in, struct error *why)
{
    struct buf text = {0};
    status_code s = store_get(in->options.store, POSITION, &text, why);
    str rest = buf_str(&text), id = {0};
    int64_t place = 0;
    if (s == OK && str_cut(&rest, ' ', &id) && str_eq(id, str_of(spool_id(in->spool))) &&
        str_to_i64(rest, &place)) {
        in->position = (uint64_t)place;
    }
    buf_finish(&text);
    struct spool_state now;
    spool_state(in->spool, &now);
    in->position = in->position < now.first ? now.first : in->position;
    in->position = in->position > now.end ? now.end : in->position;
    in->found = now.end;
    spool_done(in->spool, in->position, WHEN_NONE);
    return s;
}

/* The ids that may come again are those of the deliveries in the spool. */
static void load_ids(struct inlet *in)
{
    struct spool_state now;
    struct spool_record r;
    struct error why = {0};
    spool_state(in->spool, &now);
    when today = clock_now();
    for (uint64_t at = now.first; spool_read(in->spool, at, &in->room, &r, &why) == OK;
         at = r.next) {
        const struct inlet_feed *feed = inlet_feeds_find(in->feeds, r.delivery.source);
        if (feed != NULL && feed->hook != NULL && today - r.delivery.received < IDS_KEPT) {
            str id = delivery_id(feed->hook, &r.delivery, &in->room);
            *map_add(&in->delivered, delivery_hash(r.delivery.source, id).lo, NULL) =
                (uint64_t)r.delivery.received;
        }
    }
}

status inlet_configure(struct inlet *in, const struct config *config, bool trusted,
                       struct error *why)
{
    struct inlet_feeds *feeds = NULL, *old;
    TRY(inlet_feeds_read(config, trusted, &feeds, why));
    feeds->users = 1;
    pthread_mutex_lock(&in->mutex);
    old = in->feeds;
    in->feeds = feeds;
    pthread_mutex_unlock(&in->mutex);
    inlet_feeds_let_go(in, old);
    if (!in->running) {
        load_ids(in);
        in->running = pthread_create(&in->writer, NULL, write_on, in) == 0;
        if (!in->running) {
            return error_set(why, "the system gives no thread");
        }
        TRY(inlet_poll_start(in, &in->mutex, &in->poll, why));
    }
    spool_wake(in->spool);
    return OK;
}

status inlet_open(const struct inlet_options *options, struct inlet **ret, struct error *why)
{
    struct inlet *in = mem_get(sizeof *in);
    in->options = *options;
    turn_init(&in->turn);
    pthread_mutex_init(&in->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&in->answered, &clock);
    pthread_condattr_destroy(&clock);
    arena_init(&in->room, "spool", 0);
    arena_init(&in->tallies.text, "counts", 0);
    arena_init(&in->fresh.text, "counts", 0);
    in->batch = batch_new();
    /* tickets of an earlier process are in the spool, too */
    if (getrandom(&in->ticket, sizeof in->ticket, 0) != (ssize_t)sizeof in->ticket) {
        in->ticket = (uint64_t)clock_now();
    }
    status_code s;
    TRY_GOTO(s, done, spool_open(options->folder, &options->spool, &in->spool, why));
    TRY_GOTO(s, done, ingest_actor_key(options->store, &in->actor_key, why));
    TRY_GOTO(s, done, store_commit(options->store, why));
    TRY_GOTO(s, done, inlet_tallies_load(options->store, &in->tallies, why));
    TRY_GOTO(s, done, load_position(in, why));
    *ret = in;
done:
    if (s != OK) {
        inlet_close(in);
    }
    return s;
}

void inlet_close(struct inlet *in)
{
    if (in == NULL) {
        return;
    }
    inlet_poll_stop(in->poll); /* first: it delivers */
    if (in->running) {
        pthread_mutex_lock(&in->mutex);
        in->stopping = true;
        pthread_mutex_unlock(&in->mutex);
        spool_wake(in->spool);
        pthread_join(in->writer, NULL);
    }
    spool_close(in->spool);
    inlet_feeds_free(in->feeds);
    inlet_tallies_finish(&in->tallies);
    inlet_tallies_finish(&in->fresh);
    map_finish(&in->delivered);
    buf_finish(&in->actor_key);
    arena_finish(&in->room);
    batch_free(in->batch);
    pthread_mutex_destroy(&in->mutex);
    pthread_cond_destroy(&in->answered);
    turn_finish(&in->turn);
    mem_put(in);
}

/* --- what there is to see --------------------------------------------------------------------- */

str inlet_trouble(struct inlet *in, struct arena *room)
{
    pthread_mutex_lock(&in->mutex);
    const char *poll = in->poll != NULL ? inlet_poll_trouble(in->poll) : "";
    str text = arena_str(room, str_of(in->trouble[0] != 0 ? in->trouble : poll));
    pthread_mutex_unlock(&in->mutex);
    return text;
}

bool inlet_is_current(struct inlet *in)
{
    struct spool_state now;
    spool_state(in->spool, &now);
    return now.done >= in->found;
}

void inlet_spool(struct inlet *in, struct spool_state *ret)
{
    spool_state(in->spool, ret);
}

static void add_state(struct inlet_sources *out, const struct inlet_tally *t,
                      const struct inlet_feed *f, struct arena *room)
{
    struct inlet_source_state state = {
        .received = WHEN_NONE, .stored = WHEN_NONE, .latest = WHEN_NONE};
    if (t != NULL) {
        state = (struct inlet_source_state){.deliveries = t->deliveries,
                                            .repeated = t->repeated,
                                            .refused = t->refused,
                                            .events = t->events,
                                            .duplicates = t->duplicates,
                                            .rejected = t->rejected,
                                            .unmapped = t->unmapped,
                                            .received = t->received,
                                            .stored = t->stored,
                                            .latest = t->latest};
    }
    assert(f != NULL || t != NULL);
    state.name = arena_str(room, f != NULL ? f->name : t->name);
    if (f != NULL) {
        state.kind = arena_str(room, f->kind);
        state.path = arena_str(room, str_of(f->path));
        state.proven = f->hook != NULL && !f->open;
    }
    VEC_ADD(&out->v, state);
}

void inlet_sources(struct inlet *in, struct arena *room, struct inlet_sources *ret)
{
    *ret = (struct inlet_sources){0};
    pthread_mutex_lock(&in->mutex);
    for (size_t i = 0; in->feeds != NULL && i < in->feeds->v.n; i++) {
        const struct inlet_feed *f = &in->feeds->v.v[i];
        const struct inlet_tally *t = NULL;
        for (size_t k = 0; k < in->tallies.v.n; k++) {
            t = str_eq(in->tallies.v.v[k].name, f->name) ? &in->tallies.v.v[k] : t;
        }
        add_state(ret, t, f, room);
    }
    for (size_t k = 0; k < in->tallies.v.n; k++) {
        if (inlet_feeds_find(in->feeds, in->tallies.v.v[k].name) == NULL) {
            add_state(ret, &in->tallies.v.v[k], NULL, room);
        }
    }
    pthread_mutex_unlock(&in->mutex);
}
