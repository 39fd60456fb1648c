/* What must hold in a sound store, checked over plain scans, so that it is the same for all of
 * them:
 *   - events have the numbers 0, 1, 2, …; no (source, key) comes twice; every number is in the
 *     dictionary; life and quality are words of the model;
 *   - further items refer to events that exist, in their order; no link, attribute or further item
 *     comes twice; what a link rests on exists; confidences lie in 0 … 1;
 *   - the counts and the order flag of store_info are what a count finds.
 * It needs memory for the keys of all events (about 25 bytes each). */
#include "base/mem.h"
#include "store/store_impl.h"

#include <string.h>

struct verify {
    struct store *store;
    void (*fault)(const char *sentence, void *cookie);
    void *cookie;
    uint64_t faults;
    uint64_t events, items, links, rejects, attrs, last_seq;
    sym source;
    struct set128 keys, all_keys, seen;
    when *last; /* by item */
    bool in_time_order;
    uint64_t bad_seq, bad_text, bad_item, bad_word, repeated, bad_row, bad_evidence;
    when first_time, last_time;
};

static void report(struct verify *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void report(struct verify *v, const char *format, ...)
{
    struct buf sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&sentence, format, arguments);
    va_end(arguments);
    v->faults++;
    if (v->fault != NULL) {
        v->fault(buf_cstr(&sentence), v->cookie);
    }
    buf_finish(&sentence);
}

static void report_some(struct verify *v, uint64_t n, const char *what)
{
    if (n > 0) {
        report(v, "%llu %s", (unsigned long long)n, what);
    }
}

static status_code stop(struct error *why)
{
    if (interrupt_signal() != 0) {
        error_set(why, "interrupted");
        return INTERRUPTED;
    }
    return OK;
}

static status_code verify_log(const struct log *log, void *cookie, struct error *why)
{
    struct verify *v = cookie;
    const struct names *names = &v->store->names;
    TRY(stop(why));
    for (size_t i = 0; i < log->n; i++) {
        v->bad_seq += log->seq[i] != v->events;
        v->events++;
        const sym texts[] = {log->type[i], log->activity[i], log->instance[i], log->actor[i],
                             log->team[i]};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            v->bad_text += texts[t] >= names->text.n;
        }
        v->bad_word += log->life[i] > LIFE_STATUS || log->quality[i] > TIME_BAD;
        when time = log->time[i];
        v->first_time = v->events == 1 || time < v->first_time ? time : v->first_time;
        v->last_time = v->events == 1 || time > v->last_time ? time : v->last_time;
        if (log->item[i] >= names->item_n) {
            v->bad_item++;
            continue;
        }
        v->in_time_order &= time >= v->last[log->item[i]];
        v->last[log->item[i]] = time;
    }
    return OK;
}

static status_code verify_keys(const struct log *log, void *cookie, struct error *why)
{
    struct verify *v = cookie;
    TRY(stop(why));
    for (size_t i = 0; i < log->n; i++) {
        v->repeated += !set128_add(&v->keys, log->key[i]);
        set128_add(&v->all_keys, log->key[i]);
    }
    return OK;
}

static status_code verify_events(struct verify *v, struct error *why)
{
    struct store *s = v->store;
    struct slice slice = SLICE_ALL(COL_SEQ | COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_INSTANCE |
                                   COL_ACTOR | COL_TEAM | COL_TIME | COL_LIFE | COL_QUALITY);
    TRY(s->ops->scan(s, &slice, verify_log, v, why));
    report_some(v, v->bad_seq, "events are not numbered 0, 1, 2, …");
    report_some(v, v->bad_text, "texts of events are not in the dictionary");
    report_some(v, v->bad_item, "events are about an item that does not exist");
    report_some(v, v->bad_word,
                "events have a life cycle or a time quality that weir does not know");
    return OK;
}

static status_code verify_sources(struct verify *v, const struct syms *sources, struct error *why)
{
    struct store *s = v->store;
    for (size_t i = 0; i < sources->n; i++) {
        struct slice slice = SLICE_ALL(COL_KEY);
        slice.source = sources->v[i];
        if (slice.source == 0 || slice.source >= s->names.text.n) {
            report(v, "events come from source %u, which is not in the dictionary", slice.source);
        }
        v->repeated = 0;
        /* 0 would ask for all sources */
        status_code code = slice.source != 0 ? s->ops->scan(s, &slice, verify_keys, v, why) : OK;
        set128_finish(&v->keys);
        TRY(code);
        report_some(v, v->repeated, "events are there twice (same source and key)");
    }
    return OK;
}

static status_code verify_item(const struct stored_item *row, void *cookie, struct error *why)
{
    struct verify *v = cookie;
    const struct names *names = &v->store->names;
    TRY(stop(why));
    v->items++;
    v->bad_seq += row->seq >= v->events || row->seq < v->last_seq;
    v->last_seq = row->seq;
    v->bad_row += row->item >= names->item_n || row->qualifier >= names->text.n;
    id128 identity = {row->seq, (uint64_t)row->item << 32 | row->qualifier};
    v->repeated += !set128_add(&v->seen, identity);
    return OK;
}

static status_code verify_link(const struct link *row, void *cookie, struct error *why)
{
    struct verify *v = cookie;
    const struct names *names = &v->store->names;
    TRY(stop(why));
    v->links++;
    v->bad_row += row->from >= names->item_n || row->to >= names->item_n ||
                  row->kind >= names->text.n || row->rule >= names->text.n ||
                  !(row->confidence >= 0 && row->confidence <= 1);
    bool stated = (row->evidence.hi | row->evidence.lo) == 0;
    v->bad_evidence += !stated && !set128_has(&v->all_keys, row->evidence);
    id128 identity = {(uint64_t)row->from << 32 | row->to, (uint64_t)row->kind << 32 | row->rule};
    v->repeated += !set128_add(&v->seen, identity);
    return OK;
}

static status_code verify_reject(const struct stored_reject *row, void *cookie, struct error *why)
{
    struct verify *v = cookie;
    TRY(stop(why));
    v->rejects++;
    v->bad_row += row->source >= v->store->names.text.n || row->batch == 0 ||
                  row->batch > v->store->kept.batches;
    return OK;
}

static status_code verify_attr(const struct item_attr *row, void *cookie, struct error *why)
{
    struct verify *v = cookie;
    TRY(stop(why));
    v->attrs++;
    v->bad_row += row->item >= v->store->names.item_n || row->name >= v->store->names.text.n;
    return OK;
}

static void begin_table(struct verify *v)
{
    v->bad_seq = v->bad_row = v->repeated = v->bad_evidence = 0;
    set128_finish(&v->seen);
}

static status_code verify_rows(struct verify *v, struct error *why)
{
    struct store *s = v->store;
    begin_table(v);
    TRY(s->ops->scan_items(s, verify_item, v, why));
    report_some(v, v->bad_seq, "further items belong to no event or are out of order");
    report_some(v, v->bad_row, "further items are not in the dictionary");
    report_some(v, v->repeated, "further items are there twice");
    begin_table(v);
    TRY(s->ops->scan_links(s, verify_link, v, why));
    report_some(v, v->bad_row, "links have an end, a kind, a rule or a confidence that cannot be");
    report_some(v, v->bad_evidence, "links rest on an event that does not exist");
    report_some(v, v->repeated, "links are there twice");
    begin_table(v);
    TRY(s->ops->scan_rejects(s, verify_reject, v, why));
    report_some(v, v->bad_row, "rejects belong to no source or no batch");
    begin_table(v);
    TRY(s->ops->scan_attrs(s, verify_attr, v, why));
    report_some(v, v->bad_row, "attributes belong to no item or have no name");
    return OK;
}

static void verify_count(struct verify *v, const char *what, uint64_t said, uint64_t found)
{
    if (said != found) {
        report(v, "the store says that it holds %llu %s, and holds %llu", (unsigned long long)said,
               what, (unsigned long long)found);
    }
}

static status_code verify_info(struct verify *v, struct error *why)
{
    struct store_info info;
    TRY(v->store->ops->info(v->store, &info, why));
    verify_count(v, "events", info.events, v->events);
    verify_count(v, "items", info.items, v->store->kept.items);
    verify_count(v, "links", info.links, v->links);
    verify_count(v, "rejects", info.rejects, v->rejects);
    if (v->events > 0 && (info.first != v->first_time || info.last != v->last_time)) {
        report(v, "the first or the last time is not what the events say");
    }
    if (info.in_time_order != v->in_time_order) {
        report(v, "the store says that it is %sin order of time within items, and is%s",
               info.in_time_order ? "" : "not ", info.in_time_order ? " not" : "");
    }
    return OK;
}

static void verify_dictionary(struct verify *v)
{
    const struct names *names = &v->store->names;
    uint64_t bad = 0;
    for (item_id i = 1; i < names->item_n; i++) {
        bad += names->items[i].type >= names->text.n;
    }
    report_some(v, bad, "items are of a type that is not in the dictionary");
}

static status_code verify_all(struct verify *v, struct error *why)
{
    struct store *s = v->store;
    struct syms sources = {0};
    verify_dictionary(v);
    status_code code = verify_events(v, why);
    if (code == OK) {
        code = s->ops->sources(s, &sources, why);
    }
    if (code == OK) {
        code = verify_sources(v, &sources, why);
    }
    VEC_FINISH(&sources);
    TRY(code);
    TRY(verify_rows(v, why));
    return verify_info(v, why);
}

status_code store_verify(struct store *s, void (*fault)(const char *sentence, void *cookie),
                         void *cookie, uint64_t *ret_faults, struct error *why)
{
    struct verify v = {.store = s, .fault = fault, .cookie = cookie, .in_time_order = true};
    status_code code = OK;
    if (!s->ops->forgets) {
        v.last = mem_get(s->names.item_n * sizeof *v.last);
        for (item_id i = 0; i < s->names.item_n; i++) {
            v.last[i] = WHEN_NONE;
        }
        code = verify_all(&v, why);
    }
    mem_put(v.last);
    set128_finish(&v.keys);
    set128_finish(&v.all_keys);
    set128_finish(&v.seen);
    if (code == OK) {
        *ret_faults = v.faults;
    }
    return code;
}
