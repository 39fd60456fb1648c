/* What of a batch is new? Every store asks this before it keeps anything, so that a fact read twice
 * counts once whatever keeps it.
 *
 * The intake knows the identities of what is stored: event keys a source, links, attributes,
 * rejects, and the last time of every item (to tell whether the log is still in time order). Each
 * is read from the store when it is first needed and thrown away by a rollback. Links and named
 * values wait here until the commit, because a later one may still raise or replace them. */
#pragma once

#include "store/store.h"

struct syms {
    sym *v;
    size_t n, cap; /* a VEC(sym) with a name */
};

struct fresh { /* what of the last batch is new */
    size_t n;
    uint32_t row[BATCH_ROWS];       /* rows of the batch, ascending */
    VEC(struct further_item) items; /* their `row` is an index into row[] */
    VEC(uint32_t) attrs, rejects;   /* indexes into the batch's */
};

struct known_link {
    struct link link;
    bool raised; /* stored with a lower confidence */
};

struct linkbook {               /* links by (from, to, kind, rule) */
    VEC(struct known_link) all; /* [0, stored) are in the store, in its order */
    size_t stored;
    VEC(uint32_t) raised; /* of the stored ones, those that the commit must raise */
    uint32_t *slots;      /* index + 1 */
    size_t slot_n;
};

struct put {
    str key, value;
};

struct intake {
    struct fresh fresh;
    VEC(struct source_keys {
        sym source;
        struct set128 keys;
    })
    sources;
    struct linkbook links;
    struct set128 attrs, rejects;
    VEC(when) last; /* by item; WHEN_NONE: no event yet */
    bool links_read, attrs_read, rejects_read, last_read;
    VEC(struct put) puts;
    struct arena put_text;
};

void intake_init(struct intake *in);
void intake_finish(struct intake *in);
void intake_forget(struct intake *in); /* after a rollback */
void intake_kept(struct intake *in);   /* after a commit */

/* Fills in->fresh, adds to *now, clears *in_time_order when the log stops being so. */
status intake_sift(struct store *s, sym source, const struct batch *b, struct appended *now,
                   struct error *why);

void intake_put(struct intake *in, str key, str value);
bool intake_get(const struct intake *in, str key, str *ret_value);
