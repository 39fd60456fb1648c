/* OCEL 2.0 in JSON, streamed: types first, then objects, then events.
 *
 * The subject of an event is its first object. When the further items begin with the subject, they
 * are all of its relations (a qualifier stands there); else the subject is one more, without a
 * qualifier. That is how the reader of OCEL keeps them, so relations in are relations out. */
#include "engine/attrs.h"
#include "engine/export_parts.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct named { /* a type and the name of one of its attributes */
    sym type;
    uint32_t name; /* in `words` */
};

struct ocel_writer {
    const struct export *x;
    const struct names *names;
    struct exported *ret;
    struct outfile *out;
    const struct sources *sources;
    struct references references;
    struct item_facts facts;
    struct attrs attrs;
    struct intern words;
    struct map seen;           /* (type, name) */
    VEC(struct named) columns; /* of event types */
    VEC(struct link) links;    /* by from */
    struct map types;          /* of events */
    bool *repeated;            /* items whose key another type has, too */
    uint64_t unstated, lonely;
};

/* Facts of an event that OCEL has no field for become attributes under the names of XES. */
enum { EXTRA = 8 };
struct extra {
    const char *name;
    str value;
};

static size_t extras_of(const struct ocel_writer *w, const struct export_event *e,
                        char text[CLOCK_TEXT], struct extra ret[EXTRA])
{
    const struct log *log = e->log;
    size_t i = e->row;
    str type = names_text(w->names, log->type[i]);
    const struct extra all[EXTRA] = {
        {"start_timestamp",
         log->begin[i] != WHEN_NONE ? str_of(clock_text(log->begin[i], text)) : (str){0}},
        {"lifecycle:transition", export_life(log->life[i])},
        {"concept:instance", names_text(w->names, log->instance[i])},
        {"org:resource", names_text(w->names, log->actor[i])},
        {"org:group", names_text(w->names, log->team[i])},
        {"event_type", str_first(type, str_eq(type, STR("event")) ? 0 : type.n)},
        {"source", w->sources->v.n > 1 ? names_text(w->names, e->source->name) : (str){0}},
        {"time_quality", log->quality[i] != TIME_OWN ? export_quality(log->quality[i]) : (str){0}},
    };
    size_t n = 0;
    for (size_t k = 0; k < EXTRA; k++) {
        if (all[k].value.n > 0) {
            ret[n++] = all[k];
        }
    }
    return n;
}

static void declare(struct ocel_writer *w, sym type, str name)
{
    uint32_t word = intern_add(&w->words, name);
    bool fresh = false;
    map_add(&w->seen, (uint64_t)type << 32 | word, &fresh);
    if (fresh) {
        VEC_ADD(&w->columns, (struct named){type, word});
    }
}

static status_code learn(const struct export_event *e, void *cookie, struct error *why)
{
    (void)why;
    struct ocel_writer *w = cookie;
    char text[CLOCK_TEXT];
    struct extra extras[EXTRA];
    sym type = e->log->activity[e->row];
    map_add(&w->types, type, NULL);
    attrs_fill(&w->attrs, e->log->attrs[e->row]);
    for (size_t i = 0; i < w->attrs.v.n; i++) {
        declare(w, type, w->attrs.v.v[i].name);
    }
    size_t n = extras_of(w, e, text, extras);
    for (size_t i = 0; i < n; i++) {
        declare(w, type, str_of(extras[i].name));
    }
    return OK;
}

/* --- writing --- */

static void put(struct ocel_writer *w, const char *text)
{
    buf_add(&w->out->text, str_of(text));
}

static void put_quoted(struct ocel_writer *w, const char *before, str text)
{
    put(w, before);
    json_quote(&w->out->text, text);
}

static void put_id(struct ocel_writer *w, const char *before, item_id item)
{
    str key = names_key(w->names, item);
    if (!w->repeated[item]) {
        put_quoted(w, before, key);
        return;
    }
    struct buf id = {0};
    str type = names_text(w->names, names_type(w->names, item));
    buf_add(&id, type);
    buf_putc(&id, ':');
    buf_add(&id, key);
    put_quoted(w, before, buf_str(&id));
    buf_finish(&id);
}

static int by_type(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->type != y->type) {
        return x->type < y->type ? -1 : 1;
    }
    return (x->name > y->name) - (x->name < y->name);
}

/* [{"name","attributes":[{"name","type"}]}] of the types given, in order of their numbers */
static void put_types(struct ocel_writer *w, const char *section, const struct map *types)
{
    if (w->columns.n > 0) {
        qsort(w->columns.v, w->columns.n, sizeof *w->columns.v, by_type);
    }
    put(w, section);
    bool first = true;
    size_t at = 0;
    for (sym type = 0; type < w->names->text.n; type++) {
        if (map_find(types, type) == NULL) {
            continue;
        }
        put_quoted(w, first ? "\n{\"name\":" : ",\n{\"name\":", names_text(w->names, type));
        put(w, ",\"attributes\":[");
        while (at < w->columns.n && w->columns.v[at].type < type) {
            at++;
        }
        for (size_t i = at; i < w->columns.n && w->columns.v[i].type == type; i++) {
            put_quoted(w, i > at ? ",{\"name\":" : "{\"name\":",
                       intern_text(&w->words, w->columns.v[i].name));
            put(w, ",\"type\":\"string\"}");
        }
        put(w, "]}");
        first = false;
    }
    put(w, "],\n");
}

static void put_object_types(struct ocel_writer *w)
{
    struct map types = {0};
    w->columns.n = 0;
    map_finish(&w->seen);
    for (item_id item = 1; item < w->names->item_n; item++) {
        map_add(&types, names_type(w->names, item), NULL);
    }
    for (size_t i = 0; i < w->facts.v.n; i++) {
        declare(w, names_type(w->names, w->facts.v.v[i].item),
                names_text(w->names, w->facts.v.v[i].name));
    }
    put_types(w, "\"objectTypes\":[", &types);
    map_finish(&types);
}

static void put_object(struct ocel_writer *w, item_id item, size_t *link)
{
    size_t n = 0;
    const struct item_attr *facts = item_facts_of(&w->facts, item, &n);
    put_id(w, "{\"id\":", item);
    put_quoted(w, ",\"type\":", names_text(w->names, names_type(w->names, item)));
    put(w, ",\"attributes\":[");
    for (size_t i = 0; i < n; i++) {
        char text[CLOCK_TEXT];
        put_quoted(w, i > 0 ? ",{\"name\":" : "{\"name\":", names_text(w->names, facts[i].name));
        put(w, ",\"time\":\"");
        put(w, clock_text(facts[i].time != WHEN_NONE ? facts[i].time : 0, text));
        put_quoted(w, "\",\"value\":", facts[i].value);
        put(w, "}");
        w->ret->attributes++;
    }
    put(w, "],\"relationships\":[");
    for (bool first = true; *link < w->links.n && w->links.v[*link].from <= item; ++*link) {
        const struct link *l = &w->links.v[*link];
        if (l->from == item) {
            put_id(w, first ? "{\"objectId\":" : ",{\"objectId\":", l->to);
            put_quoted(w, ",\"qualifier\":", names_text(w->names, l->kind));
            put(w, "}");
            first = false;
            w->ret->links++;
        }
    }
    put(w, "]}");
    w->ret->items++;
}

static status put_objects(struct ocel_writer *w, struct error *why)
{
    size_t link = 0;
    put(w, "\"objects\":[");
    for (item_id item = 1; item < w->names->item_n; item++) {
        put(w, item > 1 ? ",\n" : "\n");
        put_object(w, item, &link);
        TRY(outfile_more(w->out, why));
    }
    put(w, "],\n");
    return OK;
}

static void put_relation(struct ocel_writer *w, bool first, item_id item, sym qualifier)
{
    put_id(w, first ? "{\"objectId\":" : ",{\"objectId\":", item);
    put_quoted(w, ",\"qualifier\":", names_text(w->names, qualifier));
    put(w, "}");
    w->ret->relations++;
}

static status_code put_event(const struct export_event *e, void *cookie, struct error *why)
{
    struct ocel_writer *w = cookie;
    const struct log *log = e->log;
    size_t i = e->row, n = 0;
    char text[CLOCK_TEXT];
    struct extra extras[EXTRA];
    buf_addf(&w->out->text, "%s{\"id\":\"%016" PRIx64 "%016" PRIx64,
             w->ret->events > 0 ? ",\n" : "\n", log->key[i].hi, log->key[i].lo);
    if (w->sources->v.n > 1) { /* identities are of one source */
        buf_addf(&w->out->text, "-%u", e->source->name);
    }
    put_quoted(w, "\",\"type\":", names_text(w->names, log->activity[i]));
    put(w, ",\"time\":\"");
    put(w, log->time[i] != WHEN_NONE ? clock_text(log->time[i], text) : "");
    put(w, "\",\"attributes\":[");
    attrs_fill(&w->attrs, log->attrs[i]);
    size_t extra_n = extras_of(w, e, text, extras);
    for (size_t k = 0; k < w->attrs.v.n + extra_n; k++) {
        bool own = k < w->attrs.v.n;
        put_quoted(w, k > 0 ? ",{\"name\":" : "{\"name\":",
                   own ? w->attrs.v.v[k].name : str_of(extras[k - w->attrs.v.n].name));
        put_quoted(w, ",\"value\":", own ? w->attrs.v.v[k].value : extras[k - w->attrs.v.n].value);
        put(w, "}");
    }
    put(w, "],\"relationships\":[");
    const struct stored_item *further = references_of(&w->references, log->seq[i], &n);
    bool first = true;
    if (log->item[i] != 0 && (n == 0 || further[0].item != log->item[i])) {
        put_relation(w, first, log->item[i], 0);
        first = false;
    }
    for (size_t k = 0; k < n; k++, first = false) {
        put_relation(w, first, further[k].item, further[k].qualifier);
    }
    put(w, "]}");
    w->ret->events++;
    w->lonely += log->item[i] == 0;
    return outfile_more(w->out, why);
}

/* --- the whole --- */

static status_code take_link(const struct link *row, void *cookie, struct error *why)
{
    (void)why;
    struct ocel_writer *w = cookie;
    VEC_ADD(&w->links, *row);
    w->unstated += !str_eq(names_text(w->names, row->rule), STR("stated"));
    return OK;
}

static int by_from(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    if (x->to != y->to) {
        return x->to < y->to ? -1 : 1;
    }
    return (x->kind > y->kind) - (x->kind < y->kind);
}

/* Two rules may find the same relation; OCEL has no rules. */
static void drop_equal_links(struct ocel_writer *w)
{
    if (w->links.n == 0) {
        return;
    }
    qsort(w->links.v, w->links.n, sizeof *w->links.v, by_from);
    size_t kept = 1;
    for (size_t i = 1; i < w->links.n; i++) {
        if (by_from(&w->links.v[i], &w->links.v[kept - 1]) != 0) {
            w->links.v[kept++] = w->links.v[i];
        }
    }
    w->links.n = kept;
}

/* An id is unique in OCEL, whatever its type. */
static void find_repeated(struct ocel_writer *w)
{
    struct intern keys;
    intern_init(&keys, "ids");
    uint32_t n = w->names->item_n;
    uint32_t *times = mem_get((n + 2) * sizeof *times), *number = mem_get((n + 1) * sizeof *number);
    for (item_id item = 1; item < n; item++) {
        number[item] = intern_add(&keys, names_key(w->names, item));
        times[number[item]]++;
    }
    for (item_id item = 1; item < n; item++) {
        w->repeated[item] = times[number[item]] > 1;
    }
    mem_put(times);
    mem_put(number);
    intern_finish(&keys);
}

static status write_log(struct ocel_writer *w, struct error *why)
{
    const unsigned columns = EXPORT_COLUMNS & ~(unsigned)(COL_SEQ | COL_KEY);
    find_repeated(w);
    TRY(references_load(w->x->store, 0, &w->references, why));
    TRY(item_facts_load(w->x->store, &w->facts, why));
    TRY(store_scan_links(w->x->store, take_link, w, why));
    drop_equal_links(w);
    TRY(export_scan(w->x, w->sources, columns, learn, w, why));
    put(w, "{");
    put_types(w, "\"eventTypes\":[", &w->types);
    put_object_types(w);
    TRY(put_objects(w, why));
    put(w, "\"events\":[");
    TRY(export_scan(w->x, w->sources, EXPORT_COLUMNS, put_event, w, why));
    put(w, "]}\n");
    if (w->unstated > 0) {
        exported_note(w->ret,
                      "OCEL has no place for the rule and the confidence of %" PRIu64
                      " links that weir found",
                      w->unstated);
    }
    if (w->lonely > 0) {
        exported_note(w->ret, "%" PRIu64 " events are about no object", w->lonely);
    }
    return OK;
}

status export_ocel(const struct export *x, struct outfile *out, struct exported *ret,
                   struct error *why)
{
    struct sources sources = {0};
    struct ocel_writer w = {
        .x = x, .names = store_names(x->store), .ret = ret, .out = out, .sources = &sources};
    struct store_info info;
    *ret = (struct exported){0};
    intern_init(&w.words, "names of attributes");
    w.repeated = mem_get((w.names->item_n + 1) * sizeof *w.repeated);
    status_code s;
    TRY_GOTO(s, done, store_info(x->store, &info, why));
    TRY_GOTO(s, done, sources_load(x->store, &sources, why));
    progress_begin(x->progress, "export ocel", "events", info.events);
    s = write_log(&w, why);
    progress_end(x->progress);
done:
    sources_finish(&sources);
    references_finish(&w.references);
    item_facts_finish(&w.facts);
    attrs_finish(&w.attrs);
    intern_finish(&w.words);
    map_finish(&w.seen);
    map_finish(&w.types);
    VEC_FINISH(&w.columns);
    VEC_FINISH(&w.links);
    mem_put(w.repeated);
    return s;
}
