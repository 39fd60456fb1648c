/* The door to all stores: what is the same for every one of them (opening by name, deciding what is
 * new, the state of the transaction, checks of what comes back) is here; the rest goes through the
 * struct of functions. */
#include "store/store.h"

#include "base/mem.h"
#include "store/pick.h"
#include "store/store_impl.h"

#include <assert.h>
#include <string.h>

void store_init(struct store *s, const struct store_ops *ops, enum store_mode mode)
{
    s->ops = ops;
    s->mode = mode;
    names_init(&s->names);
    intake_init(&s->intake);
    s->kept.in_time_order = s->now.in_time_order = true;
    s->item_seen = s->names.item_n;
}

status_code store_open(const char *where, enum store_mode mode, struct store **ret_store,
                       struct error *why)
{
    if (strcmp(where, "memory:") == 0) {
        return store_memory_open(ret_store, why);
    }
    if (strcmp(where, "null:") == 0) {
        return store_null_open(ret_store, why);
    }
    if (strstr(where, "://") != NULL) {
        (void)error_set(why, "weir does not keep stores at %s yet", where);
        error_hint(why, "Name a file:  --store store.duckdb");
        return FAIL;
    }
    return store_duckdb_open(where, mode, ret_store, why);
}

static int threads_wanted;

void store_threads(int threads)
{
    threads_wanted = threads;
}

int store_threads_wanted(void)
{
    return threads_wanted > 0 ? threads_wanted : 2;
}

void store_close(struct store *s)
{
    if (s != NULL) {
        names_finish(&s->names);
        intake_finish(&s->intake);
        s->ops->close(s);
    }
}

void store_discard(struct store *s)
{
    if (s != NULL && s->made && s->ops->remove != NULL) {
        s->ops->remove(s);
    }
    store_close(s);
}

struct names *store_names(struct store *s)
{
    return &s->names;
}

uint64_t store_batch(const struct store *s)
{
    return s->kept.batches + 1;
}

static status_code may_write(const struct store *s, struct error *why)
{
    if (s->mode == STORE_READ) {
        return error_set(why, "the store was opened for reading only");
    }
    if (s->broken) {
        error_set(why, "an earlier append failed, so this transaction cannot go on");
        error_hint(why, "Nothing of it was stored. Run the command again.");
        return FAIL;
    }
    return OK;
}

status_code store_append(struct store *s, sym source, const struct batch *b, struct appended *total,
                         struct error *why)
{
    TRY(may_write(s, why));
    assert(b->n <= BATCH_ROWS && source != 0);
    struct appended now = {0};
    const struct fresh *fresh = &s->intake.fresh;
    status_code code = intake_sift(s, source, b, &now, why);
    if (code == OK) {
        code = s->ops->append(s, source, b, fresh, why);
    }
    if (code != OK) {
        s->broken = true;
        return code;
    }
    s->dirty = s->dirty || fresh->n + fresh->attrs.n + fresh->rejects.n + now.links > 0 ||
               s->intake.links.raised.n > 0 || s->names.item_n > s->item_seen;
    s->now.events += fresh->n;
    total->events += now.events;
    total->duplicates += now.duplicates;
    total->rejects += now.rejects;
    total->links += now.links;
    total->spans += now.spans;
    total->items += s->names.item_n - s->item_seen;
    s->item_seen = s->names.item_n;
    return OK;
}

bool store_dirty(const struct store *s)
{
    return s->dirty || s->broken;
}

void store_rollback(struct store *s)
{
    s->ops->rollback(s);
    intake_forget(&s->intake);
    s->now = s->kept;
    s->dirty = s->broken = false;
}

status_code store_commit(struct store *s, struct error *why)
{
    if (s->mode == STORE_READ && !s->dirty) {
        return OK;
    }
    TRY(may_write(s, why));
    s->now.batches += s->dirty;
    s->now.items = s->names.item_n - 1;
    status_code code = s->ops->commit(s, why);
    if (code != OK) {
        store_rollback(s);
        return code;
    }
    intake_kept(&s->intake);
    s->kept = s->now;
    s->made = s->made && !s->dirty;
    s->dirty = false;
    return OK;
}

status_code store_put(struct store *s, str key, str value, struct error *why)
{
    TRY(may_write(s, why));
    intake_put(&s->intake, key, value);
    s->dirty = true;
    return OK;
}

status_code store_get(struct store *s, str key, struct buf *ret_value, struct error *why)
{
    str value;
    buf_clear(ret_value);
    if (intake_get(&s->intake, key, &value)) {
        buf_add(ret_value, value);
        return OK;
    }
    return s->ops->get(s, key, ret_value, why);
}

/* Scans: every number must be one of the dictionary's, since what reads a log looks them up. */

struct checked_scan {
    struct store *store;
    const struct slice *asked;
    store_each *each;
    void *cookie;
    struct picked *room; /* when a type is asked for */
};

static uint32_t largest(const uint32_t *column, size_t n)
{
    uint32_t max = 0;
    for (size_t i = 0; column != NULL && i < n; i++) {
        max = column[i] > max ? column[i] : max;
    }
    return max;
}

static status_code damaged(const char *what, struct error *why)
{
    error_set(why, "the store is damaged: %s is not in its dictionary", what);
    error_hint(why, "`weir store verify` lists what is wrong; restore a copy, or import again.");
    return FAIL;
}

static bool in_dictionary(const struct store *s, const struct log *log)
{
    uint32_t text = largest(log->type, log->n);
    const uint32_t *columns[] = {log->activity, log->instance, log->actor, log->team};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        uint32_t max = largest(columns[i], log->n);
        text = max > text ? max : text;
    }
    return text < s->names.text.n && largest(log->item, log->n) < s->names.item_n;
}

static status_code check_log(const struct log *log, void *cookie, struct error *why)
{
    struct checked_scan *scan = cookie;
    if (interrupt_signal() != 0) {
        error_set(why, "interrupted");
        return INTERRUPTED;
    }
    if (!in_dictionary(scan->store, log)) {
        return damaged("an event's text or item", why);
    }
    if (scan->room == NULL) {
        return scan->each(log, scan->cookie, why);
    }
    uint32_t rows[BATCH_ROWS];
    size_t n = 0;
    assert(log->n <= BATCH_ROWS);
    for (uint32_t i = 0; i < log->n; i++) {
        rows[n] = i;
        n += names_type(&scan->store->names, log->item[i]) == scan->asked->item_type;
    }
    struct log some = *log;
    if (n < log->n) {
        some = pick_rows(log, rows, n, scan->room);
    }
    some = pick_columns(some, scan->asked->columns);
    return n > 0 ? scan->each(&some, scan->cookie, why) : OK;
}

status_code store_scan(struct store *s, const struct slice *slice, store_each *each, void *cookie,
                       struct error *why)
{
    struct checked_scan scan = {s, slice, each, cookie, NULL};
    struct slice wide = *slice;
    if (slice->item_type != 0) {
        wide.columns |= COL_ITEM;
        scan.room = mem_get(sizeof *scan.room);
    }
    status_code code = s->ops->scan(s, &wide, check_log, &scan, why);
    mem_put(scan.room);
    return code;
}

struct checked_rows {
    struct store *store;
    store_each_item *each_item;
    store_each_link *each_link;
    store_each_reject *each_reject;
    store_each_attr *each_attr;
    void *cookie;
};

static status_code check_row(const struct store *s, item_id a, item_id b, sym x, sym y,
                             const char *what, struct error *why)
{
    if (interrupt_signal() != 0) {
        error_set(why, "interrupted");
        return INTERRUPTED;
    }
    if (a >= s->names.item_n || b >= s->names.item_n || x >= s->names.text.n ||
        y >= s->names.text.n) {
        return damaged(what, why);
    }
    return OK;
}

static status_code check_item(const struct stored_item *row, void *cookie, struct error *why)
{
    struct checked_rows *scan = cookie;
    TRY(check_row(scan->store, row->item, 0, row->qualifier, 0, "a further item of an event", why));
    return scan->each_item(row, scan->cookie, why);
}

static status_code check_link(const struct link *row, void *cookie, struct error *why)
{
    struct checked_rows *scan = cookie;
    TRY(check_row(scan->store, row->from, row->to, row->kind, row->rule, "a part of a link", why));
    return scan->each_link(row, scan->cookie, why);
}

static status_code check_reject(const struct stored_reject *row, void *cookie, struct error *why)
{
    struct checked_rows *scan = cookie;
    TRY(check_row(scan->store, 0, 0, row->source, 0, "a reject's source", why));
    return scan->each_reject(row, scan->cookie, why);
}

static status_code check_attr(const struct item_attr *row, void *cookie, struct error *why)
{
    struct checked_rows *scan = cookie;
    TRY(check_row(scan->store, row->item, 0, row->name, 0, "an attribute's item or name", why));
    return scan->each_attr(row, scan->cookie, why);
}

status_code store_scan_items(struct store *s, store_each_item *each, void *cookie,
                             struct error *why)
{
    struct checked_rows scan = {.store = s, .each_item = each, .cookie = cookie};
    return s->ops->scan_items(s, check_item, &scan, why);
}

status_code store_scan_links(struct store *s, store_each_link *each, void *cookie,
                             struct error *why)
{
    struct checked_rows scan = {.store = s, .each_link = each, .cookie = cookie};
    return s->ops->scan_links(s, check_link, &scan, why);
}

status_code store_scan_rejects(struct store *s, store_each_reject *each, void *cookie,
                               struct error *why)
{
    struct checked_rows scan = {.store = s, .each_reject = each, .cookie = cookie};
    return s->ops->scan_rejects(s, check_reject, &scan, why);
}

status_code store_scan_attrs(struct store *s, store_each_attr *each, void *cookie,
                             struct error *why)
{
    struct checked_rows scan = {.store = s, .each_attr = each, .cookie = cookie};
    return s->ops->scan_attrs(s, check_attr, &scan, why);
}

status_code store_info(struct store *s, struct store_info *ret, struct error *why)
{
    return s->ops->info(s, ret, why);
}

status_code store_compact(struct store *s, struct progress *p, struct error *why)
{
    assert(!s->dirty); /* commit or roll back first */
    TRY(may_write(s, why));
    TRY(s->ops->compact(s, p, why));
    s->kept.in_time_order = true;
    s->now = s->kept;
    intake_forget(&s->intake);
    return OK;
}

status_code store_sql(struct store *s, const char *statement, lapse timeout, store_each_row *each,
                      void *cookie, struct error *why)
{
    if (s->ops->sql == NULL) {
        error_set(why, "the %s store does not speak SQL", s->ops->engine);
        error_hint(why, "Use a store in a file: --store PATH.");
        return FAIL;
    }
    return s->ops->sql(s, statement, timeout, each, cookie, why);
}
