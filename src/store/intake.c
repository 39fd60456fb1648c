#include "store/intake.h"

#include "base/mem.h"
#include "store/store_impl.h"

#include <assert.h>
#include <string.h>

void intake_init(struct intake *in)
{
    *in = (struct intake){0};
    arena_init(&in->put_text, "named values", 0);
}

void intake_forget(struct intake *in)
{
    for (size_t i = 0; i < in->sources.n; i++) {
        set128_finish(&in->sources.v[i].keys);
    }
    in->sources.n = 0;
    VEC_FINISH(&in->links.all);
    VEC_FINISH(&in->links.raised);
    mem_put(in->links.slots);
    in->links = (struct linkbook){0};
    set128_finish(&in->attrs);
    set128_finish(&in->rejects);
    VEC_FINISH(&in->last);
    in->links_read = in->attrs_read = in->rejects_read = in->last_read = false;
    in->puts.n = 0;
    arena_clear(&in->put_text);
}

void intake_kept(struct intake *in)
{
    for (size_t i = 0; i < in->links.raised.n; i++) {
        in->links.all.v[in->links.raised.v[i]].raised = false;
    }
    in->links.raised.n = 0;
    in->links.stored = in->links.all.n;
    in->puts.n = 0;
    arena_clear(&in->put_text);
}

void intake_finish(struct intake *in)
{
    intake_forget(in);
    VEC_FINISH(&in->sources);
    VEC_FINISH(&in->puts);
    arena_finish(&in->put_text);
    VEC_FINISH(&in->fresh.items);
    VEC_FINISH(&in->fresh.attrs);
    VEC_FINISH(&in->fresh.rejects);
}

/* The keys of one source. */

enum { AHEAD = 16 }; /* keys that are on their way into the cache */

static void prefetch(const struct set128 *keys, const id128 *key, size_t at, size_t n)
{
    if (at + AHEAD < n) {
        set128_expect(keys, key[at + AHEAD]);
    }
}

static status_code count_keys(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    *(size_t *)cookie += log->n;
    return OK;
}

static status_code read_keys(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct set128 *keys = cookie;
    for (size_t i = 0; i < log->n; i++) {
        prefetch(keys, log->key, i, log->n);
        set128_add(keys, log->key[i]);
    }
    return OK;
}

static status_code source_keys(struct store *s, sym source, struct set128 **ret, struct error *why)
{
    struct intake *in = &s->intake;
    for (size_t i = 0; i < in->sources.n; i++) {
        if (in->sources.v[i].source == source) {
            *ret = &in->sources.v[i].keys;
            return OK;
        }
    }
    struct set128 keys = {0};
    if (s->kept.events > 0) {
        struct slice slice = SLICE_ALL(0);
        size_t n = 0;
        slice.source = source;
        TRY(s->ops->scan(s, &slice, count_keys, &n, why));
        set128_reserve(&keys, n);
        slice.columns = COL_KEY;
        status_code code = s->ops->scan(s, &slice, read_keys, &keys, why);
        if (code != OK) {
            set128_finish(&keys);
            return code;
        }
    }
    VEC_ADD(&in->sources, (struct source_keys){source, keys});
    *ret = &in->sources.v[in->sources.n - 1].keys;
    return OK;
}

/* The last time of every item. */

static bool follow(struct intake *in, item_id item, when time)
{
    if (item >= in->last.n) {
        VEC_RESERVE(&in->last, (size_t)item + 1);
        while (in->last.n <= item) {
            in->last.v[in->last.n++] = WHEN_NONE;
        }
    }
    bool ordered = time >= in->last.v[item];
    in->last.v[item] = time;
    return ordered;
}

static status_code read_last(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    for (size_t i = 0; i < log->n; i++) {
        follow(cookie, log->item[i], log->time[i]);
    }
    return OK;
}

static status_code check_order(struct store *s, const struct batch *b, struct error *why)
{
    struct intake *in = &s->intake;
    if (!s->now.in_time_order || in->fresh.n == 0) {
        return OK;
    }
    if (!in->last_read) {
        struct slice slice = SLICE_ALL(COL_ITEM | COL_TIME);
        if (s->kept.events > 0) {
            TRY(store_scan(s, &slice, read_last, in, why));
        }
        in->last_read = true;
    }
    for (size_t i = 0; i < in->fresh.n && s->now.in_time_order; i++) {
        uint32_t row = in->fresh.row[i];
        s->now.in_time_order = follow(in, b->item[row], b->time[row]);
    }
    return OK;
}

/* Links. */

static size_t link_slot(const struct linkbook *book, const struct link *link)
{
    const uint32_t parts[4] = {link->from, link->to, link->kind, link->rule};
    size_t i = str_hash((str){(const char *)parts, sizeof parts}) & (book->slot_n - 1);
    while (book->slots[i] != 0) {
        const struct link *at = &book->all.v[book->slots[i] - 1].link;
        if (at->from == link->from && at->to == link->to && at->kind == link->kind &&
            at->rule == link->rule) {
            break;
        }
        i = (i + 1) & (book->slot_n - 1);
    }
    return i;
}

static void grow_links(struct linkbook *book)
{
    if ((book->all.n + 1) * 2 <= book->slot_n) {
        return;
    }
    mem_put(book->slots);
    book->slot_n = book->slot_n > 0 ? book->slot_n * 2 : 64;
    book->slots = mem_get(book->slot_n * sizeof *book->slots);
    for (size_t i = 0; i < book->all.n; i++) {
        book->slots[link_slot(book, &book->all.v[i].link)] = (uint32_t)i + 1;
    }
}

static bool add_link(struct linkbook *book, const struct link *link) /* true: not known before */
{
    grow_links(book);
    size_t slot = link_slot(book, link);
    if (book->slots[slot] == 0) {
        assert(book->all.n < UINT32_MAX - 1);
        VEC_ADD(&book->all, (struct known_link){.link = *link});
        book->slots[slot] = (uint32_t)book->all.n;
        return true;
    }
    uint32_t index = book->slots[slot] - 1;
    struct known_link *known = &book->all.v[index];
    if (link->confidence > known->link.confidence) {
        known->link = *link;
        if (index < book->stored && !known->raised) {
            known->raised = true;
            VEC_ADD(&book->raised, index);
        }
    }
    return false;
}

static status_code read_link(const struct link *row, void *cookie, struct error *why)
{
    (void)why;
    add_link(cookie, row);
    return OK;
}

static status_code sift_links(struct store *s, const struct batch *b, struct appended *now,
                              struct error *why)
{
    struct linkbook *book = &s->intake.links;
    if (b->links.n > 0 && !s->intake.links_read) {
        TRY(s->ops->scan_links(s, read_link, book, why));
        book->stored = book->all.n;
        s->intake.links_read = true;
    }
    for (size_t i = 0; i < b->links.n; i++) {
        now->links += add_link(book, &b->links.v[i]);
    }
    return OK;
}

/* Attributes and rejects, by content. */

static void add_part(struct buf *content, str part)
{
    uint64_t n = part.n; /* its length in front, so that parts cannot run into each other */
    buf_add_bytes(content, &n, sizeof n);
    buf_add(content, part);
}

static id128 attr_identity(const struct item_attr *a)
{
    struct buf content = {0};
    buf_add_bytes(&content, &a->item, sizeof a->item);
    buf_add_bytes(&content, &a->name, sizeof a->name);
    buf_add_bytes(&content, &a->time, sizeof a->time);
    buf_add(&content, a->value);
    id128 id = id128_of(content.p, content.n);
    buf_finish(&content);
    return id;
}

static id128 reject_identity(sym source, const struct reject *r)
{
    struct buf content = {0};
    buf_add_bytes(&content, &source, sizeof source);
    buf_add_bytes(&content, &r->line, sizeof r->line);
    if (r->raw.n == 0) {
        add_part(&content, r->source);
    }
    add_part(&content, r->column);
    add_part(&content, r->reason);
    add_part(&content, r->raw);
    id128 id = id128_of(content.p, content.n);
    buf_finish(&content);
    return id;
}

static status_code read_attr(const struct item_attr *row, void *cookie, struct error *why)
{
    (void)why;
    set128_add(cookie, attr_identity(row));
    return OK;
}

static status_code read_reject(const struct stored_reject *row, void *cookie, struct error *why)
{
    (void)why;
    set128_add(cookie, reject_identity(row->source, &row->reject));
    return OK;
}

static status_code sift_attrs(struct store *s, const struct batch *b, struct error *why)
{
    struct intake *in = &s->intake;
    if (b->item_attrs.n > 0 && !in->attrs_read) {
        TRY(s->ops->scan_attrs(s, read_attr, &in->attrs, why));
        in->attrs_read = true;
    }
    for (size_t i = 0; i < b->item_attrs.n; i++) {
        if (set128_add(&in->attrs, attr_identity(&b->item_attrs.v[i]))) {
            VEC_ADD(&in->fresh.attrs, (uint32_t)i);
        }
    }
    return OK;
}

static status_code sift_rejects(struct store *s, sym source, const struct batch *b,
                                struct appended *now, struct error *why)
{
    struct intake *in = &s->intake;
    if (b->rejects.n > 0 && !in->rejects_read) {
        TRY(s->ops->scan_rejects(s, read_reject, &in->rejects, why));
        in->rejects_read = true;
    }
    for (size_t i = 0; i < b->rejects.n; i++) {
        if (set128_add(&in->rejects, reject_identity(source, &b->rejects.v[i]))) {
            VEC_ADD(&in->fresh.rejects, (uint32_t)i);
            now->rejects++;
        } else {
            now->duplicates++;
        }
    }
    return OK;
}

/* Events, with their further items. */

#define NOT_FRESH UINT32_MAX

static void sift_items(struct intake *in, const struct batch *b, const uint32_t *place)
{
    struct set128 seen = {0};
    for (size_t i = 0; i < b->items.n; i++) {
        struct further_item item = b->items.v[i];
        assert(item.row < b->n);
        id128 identity = {(uint64_t)item.row << 32 | item.item, (uint64_t)item.qualifier + 1};
        item.row = place[item.row];
        if (item.row != NOT_FRESH && set128_add(&seen, identity)) {
            VEC_ADD(&in->fresh.items, item);
        }
    }
    set128_finish(&seen);
    /* Stored in order of the events; sources mostly refer in that order, so one pass suffices. */
    for (size_t i = 1; i < in->fresh.items.n; i++) {
        struct further_item item = in->fresh.items.v[i];
        size_t at = i;
        while (at > 0 && in->fresh.items.v[at - 1].row > item.row) {
            in->fresh.items.v[at] = in->fresh.items.v[at - 1];
            at--;
        }
        in->fresh.items.v[at] = item;
    }
}

static status_code sift_events(struct store *s, sym source, const struct batch *b,
                               struct appended *now, struct error *why)
{
    struct intake *in = &s->intake;
    uint32_t place[BATCH_ROWS];
    struct set128 *keys = NULL;
    if (b->n > 0) {
        TRY(source_keys(s, source, &keys, why));
    }
    for (uint32_t i = 0; i < b->n; i++) {
        prefetch(keys, b->key, i, b->n);
        if (set128_add(keys, b->key[i])) {
            place[i] = (uint32_t)in->fresh.n;
            in->fresh.row[in->fresh.n++] = i;
        } else {
            place[i] = NOT_FRESH;
            now->duplicates++;
        }
    }
    now->events += in->fresh.n;
    for (size_t i = 0; i < in->fresh.n; i++) {
        now->spans += life_ends_visit((enum life)b->life[in->fresh.row[i]]);
    }
    sift_items(in, b, place);
    return check_order(s, b, why);
}

static void take_all(struct intake *in, const struct batch *b, struct appended *now)
{
    for (uint32_t i = 0; i < b->n; i++) {
        in->fresh.row[in->fresh.n++] = i;
        now->spans += life_ends_visit((enum life)b->life[i]);
    }
    now->events += b->n;
    now->links += b->links.n;
    now->rejects += b->rejects.n;
}

status_code intake_sift(struct store *s, sym source, const struct batch *b, struct appended *now,
                        struct error *why)
{
    struct fresh *fresh = &s->intake.fresh;
    fresh->n = fresh->items.n = fresh->attrs.n = fresh->rejects.n = 0;
    if (s->ops->forgets) {
        take_all(&s->intake, b, now);
        return OK;
    }
    TRY(sift_events(s, source, b, now, why));
    TRY(sift_links(s, b, now, why));
    TRY(sift_attrs(s, b, why));
    return sift_rejects(s, source, b, now, why);
}

/* Named values. */

void intake_put(struct intake *in, str key, str value)
{
    for (size_t i = 0; i < in->puts.n; i++) {
        if (str_eq(in->puts.v[i].key, key)) {
            in->puts.v[i].value = arena_str(&in->put_text, value);
            return;
        }
    }
    VEC_ADD(&in->puts,
            (struct put){arena_str(&in->put_text, key), arena_str(&in->put_text, value)});
}

bool intake_get(const struct intake *in, str key, str *ret_value)
{
    for (size_t i = 0; i < in->puts.n; i++) {
        if (str_eq(in->puts.v[i].key, key)) {
            *ret_value = in->puts.v[i].value;
            return true;
        }
    }
    return false;
}
