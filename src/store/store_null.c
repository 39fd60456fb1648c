/* A store that keeps nothing and counts everything: for measuring a source alone, and for a dry run
 * of an import. Nothing in it is a duplicate, every scan is empty. */
#include "base/mem.h"
#include "store/store_impl.h"

struct null_store {
    struct store base;
    uint64_t links, rejects, kept_links, kept_rejects;
};

static void null_close(struct store *s)
{
    mem_put(s);
}

static status_code null_append(struct store *s, sym source, const struct batch *b,
                               const struct fresh *fresh, struct error *why)
{
    (void)source, (void)fresh, (void)why;
    struct null_store *null = (struct null_store *)s;
    null->links += b->links.n;
    null->rejects += b->rejects.n;
    return OK;
}

static status_code null_commit(struct store *s, struct error *why)
{
    (void)why;
    struct null_store *null = (struct null_store *)s;
    null->kept_links = null->links;
    null->kept_rejects = null->rejects;
    return OK;
}

static void null_rollback(struct store *s)
{
    struct null_store *null = (struct null_store *)s;
    null->links = null->kept_links;
    null->rejects = null->kept_rejects;
}

static status_code null_get(struct store *s, str key, struct buf *ret_value, struct error *why)
{
    (void)s, (void)key, (void)ret_value, (void)why;
    return OK;
}

static status_code null_scan(struct store *s, const struct slice *slice, store_each *each,
                             void *cookie, struct error *why)
{
    (void)s, (void)slice, (void)each, (void)cookie, (void)why;
    return OK;
}

static status_code null_items(struct store *s, store_each_item *each, void *cookie,
                              struct error *why)
{
    (void)s, (void)each, (void)cookie, (void)why;
    return OK;
}

static status_code null_links(struct store *s, store_each_link *each, void *cookie,
                              struct error *why)
{
    (void)s, (void)each, (void)cookie, (void)why;
    return OK;
}

static status_code null_rejects(struct store *s, store_each_reject *each, void *cookie,
                                struct error *why)
{
    (void)s, (void)each, (void)cookie, (void)why;
    return OK;
}

static status_code null_attrs(struct store *s, store_each_attr *each, void *cookie,
                              struct error *why)
{
    (void)s, (void)each, (void)cookie, (void)why;
    return OK;
}

static status_code null_sources(struct store *s, struct syms *ret, struct error *why)
{
    (void)s, (void)ret, (void)why;
    return OK;
}

static status_code null_info(struct store *s, struct store_info *ret, struct error *why)
{
    (void)why;
    const struct null_store *null = (const struct null_store *)s;
    *ret = (struct store_info){
        .engine = "null",
        .where = "null:",
        .format = STORE_FORMAT,
        .events = s->kept.events,
        .items = s->kept.items,
        .links = null->kept_links,
        .rejects = null->kept_rejects,
        .batches = s->kept.batches,
        .first = WHEN_NONE,
        .last = WHEN_NONE,
        .in_time_order = true,
    };
    return OK;
}

static status_code null_compact(struct store *s, struct progress *p, struct error *why)
{
    (void)s, (void)p, (void)why;
    return OK;
}

static const struct store_ops NULL_OPS = {
    .engine = "null",
    .forgets = true,
    .close = null_close,
    .append = null_append,
    .commit = null_commit,
    .rollback = null_rollback,
    .get = null_get,
    .scan = null_scan,
    .scan_items = null_items,
    .scan_links = null_links,
    .scan_rejects = null_rejects,
    .scan_attrs = null_attrs,
    .sources = null_sources,
    .info = null_info,
    .compact = null_compact,
};

status_code store_null_open(struct store **ret_store, struct error *why)
{
    (void)why;
    struct null_store *null = mem_get(sizeof *null);
    store_init(&null->base, &NULL_OPS, STORE_WRITE);
    *ret_store = &null->base;
    return OK;
}
