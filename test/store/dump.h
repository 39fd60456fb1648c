/* The whole content of a store as text, so that tests compare whole states. Header only: it belongs
 * to the programs of this folder. */
#pragma once

#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FINE(call) dump_fine((call), &why, #call, __LINE__)

static inline void dump_fine(status_code code, const struct error *why, const char *call, int line)
{
    if (code != OK) {
        fail_msg("line %d: %s: status %d: %s", line, call, (int)code, why->text);
    }
}

struct dump {
    struct store *store;
    struct buf text;
};

static inline void dump_item(struct dump *d, item_id item)
{
    const struct names *names = store_names(d->store);
    str type = names_text(names, names_type(names, item)), key = names_key(names, item);
    buf_addf(&d->text, STR_FMT ":" STR_FMT, STR_ARG(type), STR_ARG(key));
}

static inline void dump_sym(struct dump *d, sym s)
{
    str text = names_text(store_names(d->store), s);
    buf_addf(&d->text, " " STR_FMT, STR_ARG(text));
}

static inline status_code dump_log(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct dump *d = cookie;
    for (size_t i = 0; i < log->n; i++) {
        buf_addf(&d->text, "%" PRIu64 " %" PRIx64 ".%" PRIx64 " ", log->seq[i], log->key[i].hi,
                 log->key[i].lo);
        dump_item(d, log->item[i]);
        dump_sym(d, log->type[i]);
        dump_sym(d, log->activity[i]);
        dump_sym(d, log->instance[i]);
        dump_sym(d, log->actor[i]);
        dump_sym(d, log->team[i]);
        buf_addf(&d->text, " %" PRId64, log->time[i]);
        if (log->begin[i] != WHEN_NONE) {
            buf_addf(&d->text, " from %" PRId64, log->begin[i]);
        }
        buf_addf(&d->text, " %d %d " STR_FMT "\n", log->life[i], log->quality[i],
                 STR_ARG(log->attrs[i]));
    }
    return OK;
}

static inline status_code dump_stored_item(const struct stored_item *row, void *cookie,
                                           struct error *why)
{
    (void)why;
    struct dump *d = cookie;
    buf_addf(&d->text, "  %" PRIu64 " also ", row->seq);
    dump_item(d, row->item);
    dump_sym(d, row->qualifier);
    buf_putc(&d->text, '\n');
    return OK;
}

static inline status_code dump_link(const struct link *row, void *cookie, struct error *why)
{
    (void)why;
    struct dump *d = cookie;
    buf_addf(&d->text, "link ");
    dump_item(d, row->from);
    buf_addf(&d->text, " -> ");
    dump_item(d, row->to);
    dump_sym(d, row->kind);
    dump_sym(d, row->rule);
    buf_addf(&d->text, " %g %" PRIx64 ".%" PRIx64 "\n", row->confidence, row->evidence.hi,
             row->evidence.lo);
    return OK;
}

static inline status_code dump_reject(const struct stored_reject *row, void *cookie,
                                      struct error *why)
{
    (void)why;
    struct dump *d = cookie;
    assert_true(row->received > 0);
    buf_addf(&d->text, "reject %" PRIu64, row->batch);
    dump_sym(d, row->source);
    const struct reject *r = &row->reject;
    buf_addf(&d->text, " " STR_FMT ":%" PRIu64 " " STR_FMT ": " STR_FMT " [" STR_FMT "]\n",
             STR_ARG(r->source), r->line, STR_ARG(r->column), STR_ARG(r->reason), STR_ARG(r->raw));
    return OK;
}

static inline status_code dump_attr(const struct item_attr *row, void *cookie, struct error *why)
{
    (void)why;
    struct dump *d = cookie;
    buf_addf(&d->text, "attr ");
    dump_item(d, row->item);
    dump_sym(d, row->name);
    buf_addf(&d->text, "=" STR_FMT, STR_ARG(row->value));
    if (row->time != WHEN_NONE) {
        buf_addf(&d->text, " at %" PRId64, row->time);
    }
    buf_putc(&d->text, '\n');
    return OK;
}

enum { ALL_COLUMNS = 2 * COL_ATTRS - 1 };

static inline void dump_slice(struct dump *d, const struct slice *slice)
{
    struct error why = {0};
    buf_clear(&d->text);
    FINE(store_scan(d->store, slice, dump_log, d, &why));
}

static inline const char *dump_all(struct dump *d)
{
    struct error why = {0};
    struct store_info info;
    struct slice slice = SLICE_ALL(ALL_COLUMNS);
    dump_slice(d, &slice);
    FINE(store_scan_items(d->store, dump_stored_item, d, &why));
    FINE(store_scan_links(d->store, dump_link, d, &why));
    FINE(store_scan_attrs(d->store, dump_attr, d, &why));
    FINE(store_scan_rejects(d->store, dump_reject, d, &why));
    FINE(store_info(d->store, &info, &why));
    buf_addf(&d->text,
             "%" PRIu64 " events %" PRIu64 " items %" PRIu64 " links %" PRIu64 " rejects %" PRIu64
             " batches",
             info.events, info.items, info.links, info.rejects, info.batches);
    if (info.events > 0) {
        buf_addf(&d->text, " %" PRId64 "..%" PRId64, info.first, info.last);
    }
    buf_addf(&d->text, "%s\n", info.in_time_order ? " ordered" : "");
    return buf_cstr(&d->text);
}

static inline void dump_fault(const char *sentence, void *cookie)
{
    struct buf *faults = cookie;
    buf_addf(faults, "%s\n", sentence);
}

static inline void dump_sound(struct store *s) /* store_verify finds nothing */
{
    struct error why = {0};
    struct buf faults = {0};
    uint64_t n = 99;
    FINE(store_verify(s, dump_fault, &faults, &n, &why));
    assert_string_equal(buf_cstr(&faults), "");
    assert_int_equal(n, 0);
    buf_finish(&faults);
}

/* A folder of its own for the files of a test. */
static inline const char *dump_folder(void)
{
    static char folder[64];
    if (folder[0] == 0) {
        snprintf(folder, sizeof folder, "/tmp/weir-store-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

static inline const char *dump_path(const char *name)
{
    static char paths[4][160];
    static int at;
    char *path = paths[at++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", dump_folder(), name);
    return path;
}

static inline void dump_remove_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", dump_folder());
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): a path of our own */
}
