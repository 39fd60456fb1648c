/* XES wants the events of an item together, the store has them as they came. So the items are taken
 * in parts whose events fit into memory, and each part is one scan; as a rule there is one part. */
#include "engine/attrs.h"
#include "engine/export_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const size_t PART_BYTES = (size_t)256 << 20;

struct row {
    uint32_t rank; /* of its item, in order of the first event */
    uint64_t order;
    when time, begin;
    sym type, activity, instance, actor, team, source;
    uint8_t life, quality;
    str attrs;
};

struct xes_writer {
    const struct export *x;
    const struct names *names;
    struct exported *ret;
    struct outfile *out;
    struct owners owners;
    struct item_facts facts;
    struct attrs attrs;
    size_t *bytes;        /* of the events of an item */
    uint32_t *rank;       /* of an item, from 1; 0: no event */
    VEC(item_id) items;   /* by rank - 1 */
    uint32_t from, to;    /* ranks of this part */
    struct arena text;    /* of this part */
    VEC(struct row) rows; /* of this part */
    bool kinds, types, sources;
    uint64_t lonely, dated;
};

static size_t cost(const struct log *log, size_t row)
{
    return sizeof(struct row) + log->attrs[row].n;
}

static status_code measure(const struct export_event *e, void *cookie, struct error *why)
{
    (void)why;
    struct xes_writer *w = cookie;
    owners_of(&w->owners, e->log->seq[e->row], e->log->item[e->row]);
    for (size_t i = 0; i < w->owners.v.n; i++) {
        item_id item = w->owners.v.v[i];
        if (item == 0) {
            w->lonely++;
            continue;
        }
        if (w->rank[item] == 0) {
            VEC_ADD(&w->items, item);
            w->rank[item] = (uint32_t)w->items.n;
        }
        w->bytes[item] += cost(e->log, e->row);
    }
    return OK;
}

static status_code gather(const struct export_event *e, void *cookie, struct error *why)
{
    (void)why;
    struct xes_writer *w = cookie;
    const struct log *log = e->log;
    size_t i = e->row;
    owners_of(&w->owners, log->seq[i], log->item[i]);
    for (size_t k = 0; k < w->owners.v.n; k++) {
        uint32_t rank = w->rank[w->owners.v.v[k]];
        if (rank < w->from || rank >= w->to) {
            continue;
        }
        VEC_ADD(&w->rows, (struct row){.rank = rank,
                                       .order = w->rows.n,
                                       .time = log->time[i],
                                       .begin = log->begin[i],
                                       .type = log->type[i],
                                       .activity = log->activity[i],
                                       .instance = log->instance[i],
                                       .actor = log->actor[i],
                                       .team = log->team[i],
                                       .source = e->source->name,
                                       .life = log->life[i],
                                       .quality = log->quality[i],
                                       .attrs = arena_str(&w->text, log->attrs[i])});
    }
    return OK;
}

static int by_place(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->rank != y->rank) {
        return x->rank < y->rank ? -1 : 1;
    }
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

/* --- writing --- */

static bool is_plain(str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c >= 0x80 || c == '&' || c == '<' || c == '>' || c == '"') {
            return false;
        }
    }
    return true;
}

static void quote(struct buf *out, str text)
{
    if (is_plain(text)) {
        buf_add(out, text);
        return;
    }
    struct buf clean = {0};
    export_clean(&clean, text, CLEAN_XML);
    for (size_t i = 0; i < clean.n; i++) {
        switch (clean.p[i]) {
        case '&':
            buf_add(out, STR("&amp;"));
            break;
        case '<':
            buf_add(out, STR("&lt;"));
            break;
        case '>':
            buf_add(out, STR("&gt;"));
            break;
        case '"':
            buf_add(out, STR("&quot;"));
            break;
        case '\t':
        case '\n':
        case '\r': /* a reader makes spaces of them otherwise */
            buf_addf(out, "&#%d;", clean.p[i]);
            break;
        default:
            buf_putc(out, clean.p[i]);
        }
    }
    buf_finish(&clean);
}

static void put(struct xes_writer *w, const char *element, str key, str suffix, str value)
{
    struct buf *out = &w->out->text;
    buf_addf(out, "<%s key=\"", element);
    quote(out, key);
    buf_add(out, suffix);
    buf_add(out, STR("\" value=\""));
    quote(out, value);
    buf_add(out, STR("\"/>"));
}

static void put_text(struct xes_writer *w, const char *key, str value)
{
    put(w, "string", str_of(key), (str){0}, value);
}

static void put_sym(struct xes_writer *w, const char *key, sym value)
{
    if (value != 0) {
        put_text(w, key, names_text(w->names, value));
    }
}

static void put_time(struct xes_writer *w, const char *key, when t)
{
    char text[CLOCK_TEXT];
    if (t != WHEN_NONE) {
        put(w, "date", str_of(key), (str){0}, str_of(clock_text(t, text)));
    }
}

/* Keys that this writer gives a meaning: an attribute of that name gets another one. */
static bool is_reserved(str name)
{
    static const str NAMES[] = {
        STR_INIT("concept:name"),     STR_INIT("time:timestamp"), STR_INIT("start_timestamp"),
        STR_INIT("org:resource"),     STR_INIT("org:group"),      STR_INIT("lifecycle:transition"),
        STR_INIT("concept:instance"), STR_INIT("item_type"),      STR_INIT("event_type"),
        STR_INIT("source"),           STR_INIT("time_quality"),
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (str_eq(name, NAMES[i])) {
            return true;
        }
    }
    return false;
}

static void put_attributes(struct xes_writer *w, const struct row *r)
{
    static const char *const ELEMENTS[] = {[ATTR_TEXT] = "string",
                                           [ATTR_WHOLE] = "int",
                                           [ATTR_REAL] = "float",
                                           [ATTR_FLAG] = "boolean"};
    attrs_fill(&w->attrs, r->attrs);
    for (size_t i = 0; i < w->attrs.v.n; i++) {
        const struct attr *a = &w->attrs.v.v[i];
        bool life = str_eq(a->name, STR("lifecycle:transition")) && r->life == LIFE_STATUS;
        put(w, ELEMENTS[a->kind], a->name.n > 0 ? a->name : STR("attribute"),
            !life && is_reserved(a->name) ? STR(".2") : (str){0}, a->value);
    }
}

static void put_event(struct xes_writer *w, const struct row *r)
{
    struct buf *out = &w->out->text;
    buf_add(out, STR("<event>"));
    put_text(w, "concept:name", names_text(w->names, r->activity));
    put_time(w, "time:timestamp", r->time);
    put_time(w, "start_timestamp", r->begin);
    str life = export_life(r->life);
    if (life.n > 0) {
        put_text(w, "lifecycle:transition", life);
    }
    put_sym(w, "concept:instance", r->instance);
    put_sym(w, "org:resource", r->actor);
    put_sym(w, "org:group", r->team);
    if (w->types) {
        put_sym(w, "event_type", r->type);
    }
    if (w->sources) {
        put_sym(w, "source", r->source);
    }
    if (r->quality != TIME_OWN) {
        put_text(w, "time_quality", export_quality(r->quality));
    }
    put_attributes(w, r);
    buf_add(out, STR("</event>\n"));
    w->ret->events++;
}

static void begin_trace(struct xes_writer *w, item_id item)
{
    buf_add(&w->out->text, STR("<trace>"));
    put_text(w, "concept:name", names_key(w->names, item));
    if (w->kinds) {
        put_sym(w, "item_type", names_type(w->names, item));
    }
    size_t n = 0;
    const struct item_attr *facts = item_facts_of(&w->facts, item, &n);
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && facts[i + 1].name == facts[i].name) {
            w->dated++; /* a later value follows */
            continue;
        }
        str name = names_text(w->names, facts[i].name);
        bool reserved = str_eq(name, STR("concept:name")) || str_eq(name, STR("item_type"));
        put(w, "string", name.n > 0 ? name : STR("attribute"), reserved ? STR(".2") : (str){0},
            facts[i].value);
        w->ret->attributes++;
    }
    buf_putc(&w->out->text, '\n');
    w->ret->items++;
}

static void end_trace(struct xes_writer *w)
{
    buf_add(&w->out->text, STR("</trace>\n"));
}

static status put_part(struct xes_writer *w, struct error *why)
{
    if (w->rows.n > 0) {
        qsort(w->rows.v, w->rows.n, sizeof *w->rows.v, by_place);
    }
    for (size_t i = 0; i < w->rows.n; i++) {
        if (i == 0 || w->rows.v[i].rank != w->rows.v[i - 1].rank) {
            begin_trace(w, w->items.v[w->rows.v[i].rank - 1]);
        }
        put_event(w, &w->rows.v[i]);
        if (i + 1 == w->rows.n || w->rows.v[i].rank != w->rows.v[i + 1].rank) {
            end_trace(w);
        }
        TRY(outfile_more(w->out, why));
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

static status put_parts(struct xes_writer *w, const struct sources *sources, struct error *why)
{
    uint32_t n = (uint32_t)w->items.n;
    for (w->from = 1; w->from <= n; w->from = w->to) {
        size_t bytes = 0;
        for (w->to = w->from; w->to <= n && (bytes == 0 || bytes < PART_BYTES); w->to++) {
            bytes += w->bytes[w->items.v[w->to - 1]];
        }
        w->rows.n = 0;
        arena_clear(&w->text);
        TRY(export_scan(w->x, sources, EXPORT_COLUMNS, gather, w, why));
        TRY(put_part(w, why));
    }
    return OK;
}

/* Items that no event is about: in a log of one kind they are traces without events. */
static status put_empty(struct xes_writer *w, struct error *why)
{
    if (w->kinds && w->x->kind == 0) {
        return OK;
    }
    for (item_id item = 1; item < w->names->item_n; item++) {
        if (w->rank[item] == 0 && (w->x->kind == 0 || names_type(w->names, item) == w->x->kind)) {
            begin_trace(w, item);
            end_trace(w);
            TRY(outfile_more(w->out, why));
        }
    }
    return OK;
}

static const char HEAD[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<log xes.version=\"1.0\" xes.features=\"\" xmlns=\"http://www.xes-standard.org/\">\n"
    "<extension name=\"Concept\" prefix=\"concept\" "
    "uri=\"http://www.xes-standard.org/concept.xesext\"/>\n"
    "<extension name=\"Time\" prefix=\"time\" uri=\"http://www.xes-standard.org/time.xesext\"/>\n"
    "<extension name=\"Lifecycle\" prefix=\"lifecycle\" "
    "uri=\"http://www.xes-standard.org/lifecycle.xesext\"/>\n"
    "<extension name=\"Organizational\" prefix=\"org\" "
    "uri=\"http://www.xes-standard.org/org.xesext\"/>\n"
    "<global scope=\"trace\"><string key=\"concept:name\" value=\"\"/></global>\n"
    "<global scope=\"event\"><string key=\"concept:name\" value=\"\"/></global>\n"
    "<classifier name=\"Activity\" scope=\"event\" keys=\"concept:name\"/>\n";

static status_code find_types(const struct export_event *e, void *cookie, struct error *why)
{
    struct xes_writer *w = cookie;
    w->types |= !str_eq(names_text(w->names, e->log->type[e->row]), STR("event"));
    return measure(e, cookie, why);
}

static status write_log(struct xes_writer *w, const struct sources *sources, struct error *why)
{
    w->kinds = export_has_kinds(w->names);
    w->sources = sources->v.n > 1;
    TRY(owners_load(w->x, &w->owners, why));
    TRY(item_facts_load(w->x->store, &w->facts, why));
    TRY(export_scan(w->x, sources, COL_SEQ | COL_ITEM | COL_TYPE | COL_ATTRS, find_types, w, why));
    buf_add(&w->out->text, str_of(HEAD));
    TRY(put_parts(w, sources, why));
    TRY(put_empty(w, why));
    buf_add(&w->out->text, STR("</log>\n"));
    if (w->lonely > 0) {
        exported_note(w->ret, "%" PRIu64 " events are about no item and stand in no trace",
                      w->lonely);
    }
    if (w->dated > 0) {
        exported_note(w->ret,
                      "of attributes of items the last value stands here; %" PRIu64
                      " earlier ones: weir export ocel",
                      w->dated);
    }
    return OK;
}

status export_xes(const struct export *x, struct outfile *out, struct exported *ret,
                  struct error *why)
{
    const struct names *names = store_names(x->store);
    struct xes_writer w = {.x = x, .names = names, .ret = ret, .out = out};
    struct sources sources = {0};
    struct store_info info;
    *ret = (struct exported){0};
    w.bytes = mem_get((names->item_n + 1) * sizeof *w.bytes);
    w.rank = mem_get((names->item_n + 1) * sizeof *w.rank);
    status_code s;
    TRY_GOTO(s, done, store_info(x->store, &info, why));
    TRY_GOTO(s, done, sources_load(x->store, &sources, why));
    progress_begin(x->progress, "export xes", "events", info.events);
    s = write_log(&w, &sources, why);
    progress_end(x->progress);
done:
    sources_finish(&sources);
    owners_finish(&w.owners);
    item_facts_finish(&w.facts);
    attrs_finish(&w.attrs);
    arena_finish(&w.text);
    VEC_FINISH(&w.items);
    VEC_FINISH(&w.rows);
    mem_put(w.bytes);
    mem_put(w.rank);
    return s;
}
