/* A store in memory: parallel columns in growing arrays, for tests and for questions asked once.
 *
 * What is appended stands behind the committed rows; commit moves the mark, rollback cuts the
 * arrays back to it. Texts live in one arena until the store is closed. */
#include "base/mem.h"
#include "store/pick.h"
#include "store/store_impl.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_COLUMNS(X)                                                                           \
    X(id128, key)                                                                                  \
    X(item_id, item)                                                                               \
    X(sym, type)                                                                                   \
    X(sym, activity)                                                                               \
    X(sym, instance)                                                                               \
    X(sym, actor)                                                                                  \
    X(sym, team)                                                                                   \
    X(when, time)                                                                                  \
    X(when, begin)                                                                                 \
    X(uint8_t, life)                                                                               \
    X(uint8_t, quality)                                                                            \
    X(str, attrs)

struct columns {
#define DECLARE(type, name) type *name;
    EVENT_COLUMNS(DECLARE)
    uint64_t *seq;
    sym *source;
    size_t n, cap;
};

struct memory {
    struct store base;
    struct columns event;
    VEC(struct stored_item) items;
    VEC(struct link) links;
    VEC(struct stored_reject) rejects;
    VEC(struct item_attr) attrs;
    VEC(struct put) values; /* in memory of their own */
    size_t kept_items, kept_rejects, kept_attrs;
    struct arena text;
};

static void memory_close(struct store *s)
{
    struct memory *m = (struct memory *)s;
#define RELEASE(type, name) mem_put(m->event.name);
    EVENT_COLUMNS(RELEASE)
    mem_put(m->event.seq);
    mem_put(m->event.source);
    VEC_FINISH(&m->items);
    VEC_FINISH(&m->links);
    VEC_FINISH(&m->rejects);
    VEC_FINISH(&m->attrs);
    VEC_FINISH(&m->values);
    arena_finish(&m->text);
    mem_put(m);
}

static void reserve(struct columns *c, size_t n)
{
    if (n <= c->cap) {
        return;
    }
    size_t cap = c->cap < BATCH_ROWS ? BATCH_ROWS : c->cap * 2;
    c->cap = cap < n ? n : cap;
#define GROW(type, name) c->name = mem_grow(c->name, c->cap, sizeof *c->name);
    EVENT_COLUMNS(GROW)
    c->seq = mem_grow(c->seq, c->cap, sizeof *c->seq);
    c->source = mem_grow(c->source, c->cap, sizeof *c->source);
}

static void append_events(struct memory *m, sym source, const struct batch *b,
                          const struct fresh *fresh)
{
    struct columns *c = &m->event;
    reserve(c, c->n + fresh->n);
    for (size_t i = 0; i < fresh->n; i++) {
        uint32_t row = fresh->row[i];
        size_t at = c->n + i;
#define COPY(type, name) c->name[at] = b->name[row];
        EVENT_COLUMNS(COPY)
        c->attrs[at] = b->attrs[row].n > 0 ? arena_str(&m->text, b->attrs[row]) : (str){0};
        c->seq[at] = at;
        c->source[at] = source;
    }
    for (size_t i = 0; i < fresh->items.n; i++) {
        const struct further_item *item = &fresh->items.v[i];
        VEC_ADD(&m->items, (struct stored_item){c->n + item->row, item->item, item->qualifier});
    }
    c->n += fresh->n;
}

static status_code memory_append(struct store *s, sym source, const struct batch *b,
                                 const struct fresh *fresh, struct error *why)
{
    (void)why;
    struct memory *m = (struct memory *)s;
    append_events(m, source, b, fresh);
    for (size_t i = 0; i < fresh->attrs.n; i++) {
        struct item_attr attr = b->item_attrs.v[fresh->attrs.v[i]];
        attr.value = arena_str(&m->text, attr.value);
        VEC_ADD(&m->attrs, attr);
    }
    when received = fresh->rejects.n > 0 ? clock_now() : 0;
    for (size_t i = 0; i < fresh->rejects.n; i++) {
        struct reject r = b->rejects.v[fresh->rejects.v[i]];
        r.source = arena_str(&m->text, r.source);
        r.column = arena_str(&m->text, r.column);
        r.reason = arena_str(&m->text, r.reason);
        r.raw = arena_str(&m->text, r.raw);
        VEC_ADD(&m->rejects, (struct stored_reject){store_batch(s), source, received, r});
    }
    return OK;
}

static struct put *value_of(struct memory *m, str key)
{
    for (size_t i = 0; i < m->values.n; i++) {
        if (str_eq(m->values.v[i].key, key)) {
            return &m->values.v[i];
        }
    }
    return NULL;
}

static status_code memory_commit(struct store *s, struct error *why)
{
    (void)why;
    struct memory *m = (struct memory *)s;
    const struct linkbook *book = &s->intake.links;
    for (size_t i = 0; i < book->raised.n; i++) {
        m->links.v[book->raised.v[i]] = book->all.v[book->raised.v[i]].link;
    }
    for (size_t i = book->stored; i < book->all.n; i++) {
        VEC_ADD(&m->links, book->all.v[i].link);
    }
    for (size_t i = 0; i < s->intake.puts.n; i++) {
        const struct put *put = &s->intake.puts.v[i];
        struct put *old = value_of(m, put->key);
        str value = arena_str(&m->text, put->value);
        if (old != NULL) {
            old->value = value;
        } else {
            VEC_ADD(&m->values, (struct put){arena_str(&m->text, put->key), value});
        }
    }
    m->kept_items = m->items.n;
    m->kept_rejects = m->rejects.n;
    m->kept_attrs = m->attrs.n;
    return OK;
}

static void memory_rollback(struct store *s)
{
    struct memory *m = (struct memory *)s;
    m->event.n = s->kept.events;
    m->items.n = m->kept_items;
    m->rejects.n = m->kept_rejects;
    m->attrs.n = m->kept_attrs;
}

static status_code memory_get(struct store *s, str key, struct buf *ret_value, struct error *why)
{
    (void)why;
    const struct put *put = value_of((struct memory *)s, key);
    if (put != NULL) {
        buf_add(ret_value, put->value);
    }
    return OK;
}

static struct log whole_log(const struct memory *m)
{
    const struct columns *c = &m->event;
    struct log log = {.n = m->base.kept.events, .seq = c->seq};
#define POINT(type, name) log.name = c->name;
    EVENT_COLUMNS(POINT)
    return log;
}

static status_code memory_scan(struct store *s, const struct slice *slice, store_each *each,
                               void *cookie, struct error *why)
{
    const struct memory *m = (const struct memory *)s;
    struct picked *room = mem_get(sizeof *room);
    uint32_t rows[BATCH_ROWS];
    status_code code = OK;
    size_t end = s->kept.events;
    for (size_t from = 0; from < end && code == OK; from += BATCH_ROWS) {
        size_t n = end - from < BATCH_ROWS ? end - from : BATCH_ROWS;
        size_t kept = 0;
        for (size_t i = 0; i < n; i++) {
            when t = m->event.time[from + i];
            rows[kept] = (uint32_t)i;
            kept += (slice->from == WHEN_NONE || t >= slice->from) &&
                    (slice->to == WHEN_NONE || t < slice->to) &&
                    (slice->source == 0 || m->event.source[from + i] == slice->source);
        }
        struct log all = whole_log(m);
        struct log some = pick_columns(pick_range(&all, from, n), slice->columns);
        if (kept < n) {
            some = pick_rows(&some, rows, kept, room);
        }
        code = kept > 0 ? each(&some, cookie, why) : OK;
    }
    mem_put(room);
    return code;
}

static status_code memory_scan_items(struct store *s, store_each_item *each, void *cookie,
                                     struct error *why)
{
    const struct memory *m = (const struct memory *)s;
    for (size_t i = 0; i < m->kept_items; i++) {
        TRY(each(&m->items.v[i], cookie, why));
    }
    return OK;
}

static status_code memory_scan_links(struct store *s, store_each_link *each, void *cookie,
                                     struct error *why)
{
    const struct memory *m = (const struct memory *)s;
    for (size_t i = 0; i < m->links.n; i++) {
        TRY(each(&m->links.v[i], cookie, why));
    }
    return OK;
}

static status_code memory_scan_rejects(struct store *s, store_each_reject *each, void *cookie,
                                       struct error *why)
{
    const struct memory *m = (const struct memory *)s;
    for (size_t i = 0; i < m->kept_rejects; i++) {
        TRY(each(&m->rejects.v[i], cookie, why));
    }
    return OK;
}

static status_code memory_scan_attrs(struct store *s, store_each_attr *each, void *cookie,
                                     struct error *why)
{
    const struct memory *m = (const struct memory *)s;
    for (size_t i = 0; i < m->kept_attrs; i++) {
        TRY(each(&m->attrs.v[i], cookie, why));
    }
    return OK;
}

static int compare_syms(const void *a, const void *b)
{
    sym x = *(const sym *)a, y = *(const sym *)b;
    return (x > y) - (x < y);
}

static status_code memory_sources(struct store *s, struct syms *ret, struct error *why)
{
    (void)why;
    const struct memory *m = (const struct memory *)s;
    struct map seen = {0};
    for (size_t i = 0; i < s->kept.events; i++) {
        bool is_new;
        map_add(&seen, m->event.source[i], &is_new);
        if (is_new) {
            VEC_ADD(ret, m->event.source[i]);
        }
    }
    map_finish(&seen);
    if (ret->n > 0) {
        qsort(ret->v, ret->n, sizeof *ret->v, compare_syms);
    }
    return OK;
}

static status_code memory_info(struct store *s, struct store_info *ret, struct error *why)
{
    (void)why;
    const struct memory *m = (const struct memory *)s;
    *ret = (struct store_info){
        .engine = "memory",
        .where = "memory:",
        .format = STORE_FORMAT,
        .events = s->kept.events,
        .items = s->kept.items,
        .links = m->links.n,
        .rejects = m->kept_rejects,
        .batches = s->kept.batches,
        .bytes = m->event.cap * (sizeof(uint64_t) + sizeof(sym)) + m->text.used,
        .first = WHEN_NONE,
        .last = WHEN_NONE,
        .in_time_order = s->kept.in_time_order,
    };
#define ADD_BYTES(type, name) ret->bytes += m->event.cap * sizeof(type);
    EVENT_COLUMNS(ADD_BYTES)
    for (size_t i = 0; i < s->kept.events; i++) {
        when t = m->event.time[i];
        ret->first = i == 0 || t < ret->first ? t : ret->first;
        ret->last = i == 0 || t > ret->last ? t : ret->last;
    }
    return OK;
}

static int compare_events(const void *a, const void *b, void *cookie)
{
    const struct columns *c = cookie;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    if (c->item[x] != c->item[y]) {
        return c->item[x] < c->item[y] ? -1 : 1;
    }
    if (c->time[x] != c->time[y]) {
        return c->time[x] < c->time[y] ? -1 : 1;
    }
    return (x > y) - (x < y);
}

static int compare_items(const void *a, const void *b) /* (seq, old place), the latter in `item` */
{
    const struct stored_item *x = a, *y = b;
    if (x->seq != y->seq) {
        return x->seq < y->seq ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

/* Moves the further items of events to their new numbers, those of one event in their old order. */
static void renumber_items(struct memory *m, const uint64_t *place)
{
    struct stored_item *order = mem_get((m->items.n + 1) * sizeof *order);
    struct stored_item *sorted = mem_get((m->items.n + 1) * sizeof *sorted);
    for (size_t i = 0; i < m->items.n; i++) {
        order[i] = (struct stored_item){place[m->items.v[i].seq], (item_id)i, 0};
    }
    qsort(order, m->items.n, sizeof *order, compare_items);
    for (size_t i = 0; i < m->items.n; i++) {
        sorted[i] = m->items.v[order[i].item];
        sorted[i].seq = order[i].seq;
    }
    if (m->items.n > 0) {
        memcpy(m->items.v, sorted, m->items.n * sizeof *sorted);
    }
    mem_put(order);
    mem_put(sorted);
}

static status_code memory_compact(struct store *s, struct progress *p, struct error *why)
{
    (void)why;
    struct memory *m = (struct memory *)s;
    struct columns old = m->event, sorted = {0};
    if (old.n == 0) {
        return OK;
    }
    progress_begin(p, "sort", "events", old.n);
    size_t *order = mem_get(old.n * sizeof *order);
    uint64_t *place = mem_get(old.n * sizeof *place);
    for (size_t i = 0; i < old.n; i++) {
        order[i] = i;
    }
    qsort_r(order, old.n, sizeof *order, compare_events, &old);
    reserve(&sorted, old.n);
    sorted.n = old.n;
    for (size_t i = 0; i < old.n; i++) {
        size_t from = order[i];
#define MOVE(type, name) sorted.name[i] = old.name[from];
        EVENT_COLUMNS(MOVE)
        sorted.source[i] = old.source[from];
        sorted.seq[i] = i;
        place[from] = i;
    }
    renumber_items(m, place);
    m->event = sorted;
#define DROP(type, name) mem_put(old.name);
    EVENT_COLUMNS(DROP)
    mem_put(old.seq);
    mem_put(old.source);
    mem_put(order);
    mem_put(place);
    progress_end(p);
    return OK;
}

static const struct store_ops MEMORY_OPS = {
    .engine = "memory",
    .close = memory_close,
    .append = memory_append,
    .commit = memory_commit,
    .rollback = memory_rollback,
    .get = memory_get,
    .scan = memory_scan,
    .scan_items = memory_scan_items,
    .scan_links = memory_scan_links,
    .scan_rejects = memory_scan_rejects,
    .scan_attrs = memory_scan_attrs,
    .sources = memory_sources,
    .info = memory_info,
    .compact = memory_compact,
};

status_code store_memory_open(struct store **ret_store, struct error *why)
{
    (void)why;
    struct memory *m = mem_get(sizeof *m);
    store_init(&m->base, &MEMORY_OPS, STORE_WRITE);
    arena_init(&m->text, "memory store", 0);
    *ret_store = &m->base;
    return OK;
}
