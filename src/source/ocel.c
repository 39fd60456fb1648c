/* The log in memory: objects and words as numbers, everything else as flat arrays over them. It is
 * given out sorted (attributes by object and time, links by their ends, events by time and id), so
 * that the same log gives the same bytes whether it came as JSON, XML or SQLite.
 *
 * The identity of an event is the hash of all that is told of it, with its id: two logs may both
 * have an "e1". */
#include "source/ocel.h"

#include "base/map.h"
#include "source/magic.h"
#include "wire/json.h"
#include "wire/stamp.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const size_t HELD_MAX = (size_t)2 << 30;
enum { REJECTS_MAX = 100000, GIVEN = 16384, GIVEN_TEXT = 32 << 20 };
static const char *const ENDINGS[] = {".jsonocel", ".xmlocel", ".sqlite", ".ocel", NULL};

/* --- what carriers say --- */

static bool hold(struct ocel *o, size_t bytes)
{
    o->held += bytes;
    o->full |= o->held > HELD_MAX;
    return !o->full;
}

static str copy(struct ocel *o, str text)
{
    return text.n > 0 && hold(o, text.n) ? arena_str(&o->text, text) : (str){0};
}

static uint32_t word(struct ocel *o, str text)
{
    uint32_t number = 0;
    if (intern_find(&o->words, text, &number)) {
        return number;
    }
    return hold(o, text.n + 32) ? intern_add(&o->words, text) : 0;
}

uint32_t ocel_object(struct ocel *o, str id)
{
    uint32_t number = 0;
    if (intern_find(&o->ids, id, &number)) {
        return number;
    }
    if (!hold(o, id.n + 48)) {
        return 0;
    }
    number = intern_add(&o->ids, id);
    VEC_ADD(&o->objects, (struct ocel_object){number, 0});
    return number;
}

void ocel_list_object(struct ocel *o, uint32_t object, str type)
{
    if (o->objects.v[object].type == 0) {
        o->objects.v[object].type = word(o, type);
    }
}

void ocel_object_attr(struct ocel *o, uint32_t object, str name, when time, str value)
{
    if (hold(o, sizeof(struct ocel_attr))) {
        VEC_ADD(&o->attrs, (struct ocel_attr){object, word(o, name), time, copy(o, value)});
    }
}

void ocel_link(struct ocel *o, uint32_t from, uint32_t to, str qualifier)
{
    if (hold(o, sizeof(struct ocel_relation))) {
        VEC_ADD(&o->links, (struct ocel_relation){from, to, word(o, qualifier)});
    }
}

uint32_t ocel_event(struct ocel *o, str id, str type, when time, uint64_t line)
{
    if (hold(o, sizeof(struct ocel_event) + sizeof(size_t) + sizeof(id128))) {
        str known = intern_text(&o->words, word(o, type));
        VEC_ADD(&o->events, (struct ocel_event){copy(o, id), known, {0}, time, line});
    }
    return o->events.n > 0 ? (uint32_t)(o->events.n - 1) : 0;
}

void ocel_relate(struct ocel *o, uint32_t event, uint32_t object, str qualifier)
{
    if (hold(o, sizeof(struct ocel_relation))) {
        VEC_ADD(&o->relations, (struct ocel_relation){event, object, word(o, qualifier)});
    }
}

void ocel_pair(struct ocel *o, str name, str value)
{
    if (hold(o, name.n + value.n)) {
        VEC_ADD(&o->pairs, (struct ocel_pair){arena_str(&o->text, name), copy(o, value)});
    }
}

static int by_pair_name(const void *a, const void *b)
{
    const struct ocel_pair *x = a, *y = b;
    int order = str_cmp(x->name, y->name);
    return order != 0 ? order : str_cmp(x->value, y->value);
}

void ocel_take_pairs(struct ocel *o, uint32_t event)
{
    if (o->pairs.n > 0 && event < o->events.n) {
        qsort(o->pairs.v, o->pairs.n, sizeof *o->pairs.v, by_pair_name);
        buf_clear(&o->scratch);
        for (size_t i = 0; i < o->pairs.n; i++) {
            buf_putc(&o->scratch, i == 0 ? '{' : ',');
            json_quote(&o->scratch, o->pairs.v[i].name);
            buf_putc(&o->scratch, ':');
            json_quote(&o->scratch, o->pairs.v[i].value);
        }
        buf_putc(&o->scratch, '}');
        o->events.v[event].attrs = copy(o, buf_str(&o->scratch));
    }
    o->pairs.n = 0;
}

void ocel_reject(struct ocel *o, uint64_t line, str column, str raw, const char *format, ...)
{
    if (o->rejects.n == REJECTS_MAX || !hold(o, sizeof(struct reject))) {
        o->odd++;
        return;
    }
    buf_clear(&o->scratch);
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&o->scratch, format, arguments);
    va_end(arguments);
    VEC_ADD(&o->rejects, (struct reject){.source = copy(o, str_of(stream_name(o->stream))),
                                         .line = line,
                                         .column = copy(o, column),
                                         .reason = copy(o, buf_str(&o->scratch)),
                                         .raw = copy(o, str_first(raw, 1000))});
}

bool ocel_time(struct ocel *o, str text, when *ret, const char **ret_reason)
{
    struct stamp stamp;
    if (!stamp_parse(str_trim(text), o->options.zone, &stamp, ret_reason)) {
        return false;
    }
    *ret = stamp.time;
    o->naive += !stamp.has_zone;
    return true;
}

bool ocel_attr_time(struct ocel *o, str text, when *ret, const char **ret_reason)
{
    if (!ocel_time(o, text, ret, ret_reason)) {
        return false;
    }
    if (*ret >= -DAY && *ret <= DAY) {
        *ret = WHEN_NONE;
    }
    return true;
}

status ocel_check(const struct ocel *o, struct error *why)
{
    if (o->full) {
        error_set(why, "%s: the log needs more than 2 GiB of memory: refused",
                  stream_name(o->stream));
        error_hint(why, "split it by time and import the parts one after the other");
        return FAIL;
    }
    return OK;
}

void ocel_breaks_off(struct ocel *o, uint64_t line, str raw, const char *reason)
{
    o->source.incomplete = true;
    ocel_reject(o, line, (str){0}, raw, "%s", reason);
}

/* --- what was found, put in order --- */

static int by_attr(const void *a, const void *b, void *cookie)
{
    const struct ocel *o = cookie;
    const struct ocel_attr *x = a, *y = b;
    int order = x->object == y->object
                    ? 0
                    : str_cmp(intern_text(&o->ids, x->object), intern_text(&o->ids, y->object));
    if (order == 0) {
        order = (x->time > y->time) - (x->time < y->time);
    }
    if (order == 0 && x->name != y->name) {
        order = str_cmp(intern_text(&o->words, x->name), intern_text(&o->words, y->name));
    }
    return order != 0 ? order : str_cmp(x->value, y->value);
}

static int by_link(const void *a, const void *b, void *cookie)
{
    const struct ocel *o = cookie;
    const struct ocel_relation *x = a, *y = b;
    int order = x->from == y->from /* an event's own relations: `from` is no object */
                    ? 0
                    : str_cmp(intern_text(&o->ids, x->from), intern_text(&o->ids, y->from));
    if (order == 0) {
        order = str_cmp(intern_text(&o->ids, x->object), intern_text(&o->ids, y->object));
    }
    return order != 0 ? order
                      : str_cmp(intern_text(&o->words, x->qualifier),
                                intern_text(&o->words, y->qualifier));
}

static int by_time(const void *a, const void *b, void *cookie)
{
    const struct ocel *o = cookie;
    const struct ocel_event *x = &o->events.v[*(const uint32_t *)a],
                            *y = &o->events.v[*(const uint32_t *)b];
    int order = (x->time > y->time) - (x->time < y->time);
    if (order == 0) {
        order = str_cmp(x->id, y->id);
    }
    return order != 0 ? order : (*(const uint32_t *)a > *(const uint32_t *)b) ? 1 : -1;
}

/* Sorts the relations by event, keeping their order within one, and drops repeated ones. */
static void group_relations(struct ocel *o)
{
    size_t n = o->events.n;
    o->first = mem_get((n + 2) * sizeof *o->first);
    struct ocel_relation *sorted = mem_get((o->relations.n + 1) * sizeof *sorted);
    struct set128 seen = {0};
    size_t kept = 0;
    for (size_t i = 0; i < o->relations.n; i++) {
        struct ocel_relation r = o->relations.v[i];
        if (set128_add(&seen, (id128){(uint64_t)r.from << 32 | r.object, r.qualifier})) {
            o->relations.v[kept++] = r;
            o->first[r.from + 1]++;
        }
    }
    o->repeated += o->relations.n - kept;
    set128_finish(&seen);
    for (size_t i = 0; i < n; i++) {
        o->first[i + 1] += o->first[i];
    }
    size_t *next = mem_get((n + 1) * sizeof *next);
    memcpy(next, o->first, n * sizeof *next);
    for (size_t i = 0; i < kept; i++) {
        sorted[next[o->relations.v[i].from]++] = o->relations.v[i];
    }
    mem_put(next);
    mem_put(o->relations.v);
    o->relations.v = sorted;
    o->relations.n = kept;
    o->relations.cap = kept + 1;
}

static void drop_repeated_links(struct ocel *o)
{
    size_t kept = 0;
    for (size_t i = 0; i < o->links.n; i++) {
        const struct ocel_relation *r = &o->links.v[i], *last = &o->links.v[kept - (kept > 0)];
        if (kept == 0 || r->from != last->from || r->object != last->object ||
            r->qualifier != last->qualifier) {
            o->links.v[kept++] = *r;
        }
    }
    o->repeated += o->links.n - kept;
    o->links.n = kept;
}

static id128 event_key(struct ocel *o, size_t event)
{
    const struct ocel_event *e = &o->events.v[event];
    buf_clear(&o->scratch);
    const str parts[] = {e->id, e->type, e->attrs};
    for (size_t i = 0; i < 3; i++) {
        buf_add(&o->scratch, parts[i]);
        buf_putc(&o->scratch, '\0');
    }
    buf_add_bytes(&o->scratch, &e->time, sizeof e->time);
    size_t from = o->first[event], n = o->first[event + 1] - from;
    struct ocel_relation *sorted = mem_get((n + 1) * sizeof *sorted);
    memcpy(sorted, o->relations.v + from, n * sizeof *sorted);
    qsort_r(sorted, n, sizeof *sorted, by_link, o); /* the same event whatever their order */
    for (size_t i = 0; i < n; i++) {
        buf_add(&o->scratch, intern_text(&o->ids, sorted[i].object));
        buf_putc(&o->scratch, '\0');
        buf_add(&o->scratch, intern_text(&o->words, sorted[i].qualifier));
        buf_putc(&o->scratch, '\0');
    }
    mem_put(sorted);
    return id128_of(o->scratch.p, o->scratch.n);
}

static void name_items(struct ocel *o)
{
    struct names *names = o->options.names;
    sym unknown = names_sym(names, STR("unknown"));
    o->items = mem_get((o->objects.n + 1) * sizeof *o->items);
    for (size_t i = 1; i < o->objects.n; i++) {
        const struct ocel_object *object = &o->objects.v[i];
        sym type =
            object->type != 0 ? names_sym(names, intern_text(&o->words, object->type)) : unknown;
        o->dangling += object->type == 0;
        o->items[i] = names_item(names, type, intern_text(&o->ids, object->id));
    }
}

static void arrange(struct ocel *o)
{
    group_relations(o);
    name_items(o);
    if (o->attrs.n > 0) {
        qsort_r(o->attrs.v, o->attrs.n, sizeof *o->attrs.v, by_attr, o);
    }
    if (o->links.n > 0) {
        qsort_r(o->links.v, o->links.n, sizeof *o->links.v, by_link, o);
    }
    drop_repeated_links(o);
    o->keys = mem_get((o->events.n + 1) * sizeof *o->keys);
    o->order = mem_get((o->events.n + 1) * sizeof *o->order);
    for (size_t i = 0; i < o->events.n; i++) {
        o->keys[i] = event_key(o, i);
        o->order[i] = (uint32_t)i;
    }
    qsort_r(o->order, o->events.n, sizeof *o->order, by_time, o);
}

/* --- giving it out --- */

static void give_attrs(struct ocel *o, struct batch *b)
{
    for (; o->at < o->attrs.n && b->item_attrs.n < GIVEN && b->text.used < GIVEN_TEXT; o->at++) {
        const struct ocel_attr *a = &o->attrs.v[o->at];
        VEC_ADD(
            &b->item_attrs,
            (struct item_attr){.item = o->items[a->object],
                               .name = names_sym(o->options.names, intern_text(&o->words, a->name)),
                               .time = a->time,
                               .value = arena_str(&b->text, a->value)});
    }
}

static void give_links(struct ocel *o, struct batch *b)
{
    struct names *names = o->options.names;
    sym stated = names_sym(names, STR("stated"));
    for (; o->at < o->links.n && b->links.n < GIVEN; o->at++) {
        const struct ocel_relation *r = &o->links.v[o->at];
        str kind = intern_text(&o->words, r->qualifier);
        batch_link(b, (struct link){.from = o->items[r->from],
                                    .to = o->items[r->object],
                                    .kind = names_sym(names, kind.n > 0 ? kind : STR("related")),
                                    .rule = stated,
                                    .confidence = 1});
    }
}

static void give_event(struct ocel *o, struct batch *b, size_t event)
{
    struct names *names = o->options.names;
    const struct ocel_event *e = &o->events.v[event];
    const struct ocel_relation *r = o->relations.v + o->first[event];
    size_t n = o->first[event + 1] - o->first[event];
    struct event given = {.key = o->keys[event],
                          .item = n > 0 ? o->items[r->object] : 0,
                          .type = names_sym(names, STR("event")),
                          .activity = names_sym(names, e->type),
                          .time = e->time,
                          .begin = WHEN_NONE,
                          .life = LIFE_NONE,
                          .quality = TIME_OWN,
                          .attrs = e->attrs};
    uint32_t row = batch_add(b, &given);
    for (size_t i = 0; i < n; i++) {
        sym qualifier = names_sym(names, intern_text(&o->words, r[i].qualifier));
        if (i > 0 || qualifier != 0) {
            batch_refer(b, row, o->items[r[i].object], qualifier);
        }
    }
}

static void give_events(struct ocel *o, struct batch *b)
{
    for (; o->at < o->events.n && batch_has_room(b, 1) && b->items.n < GIVEN &&
           b->text.used < GIVEN_TEXT;
         o->at++) {
        give_event(o, b, o->order[o->at]);
    }
}

static void give_rejects(struct ocel *o, struct batch *b)
{
    for (; o->at < o->rejects.n && b->rejects.n < BATCH_ROWS; o->at++) {
        batch_reject(b, o->rejects.v[o->at]);
    }
}

static void note(struct ocel *o)
{
    struct source_notes *n = &o->source.notes;
    const struct {
        uint64_t count;
        const char *sentence;
    } ROWS[] = {
        {o->dangling, "objects are referred to but not listed: kept with the type \"unknown\""},
        {o->repeated, "relations are repeated: each counts once"},
        {o->unlisted_events, "events are not listed in the table of all events: kept"},
        {o->odd, "further records could not be understood"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (ROWS[i].count > 0) {
            source_note(n, "%llu %s", (unsigned long long)ROWS[i].count, ROWS[i].sentence);
        }
    }
    if (o->naive > 0) {
        source_note(n, "%llu times have no zone: read as " STR_FMT, (unsigned long long)o->naive,
                    STR_ARG(o->options.zone != NULL ? zone_name(o->options.zone) : STR("UTC")));
    }
    size_t lonely = 0;
    for (size_t i = 0; i < o->events.n; i++) {
        lonely += o->first[i] == o->first[i + 1];
    }
    if (lonely > 0) {
        source_note(n, "%zu events are about no object", lonely);
    }
}

static status_code read_file(struct ocel *o, struct error *why)
{
    str head;
    const char *what = NULL;
    TRY(stream_peek(o->stream, MAGIC_HEAD, &head, why));
    switch (magic(head, &what)) {
    case MAGIC_OCEL_JSON:
    case MAGIC_JSON: /* the keys may stand behind 4 KiB of something else */
        return ocel_read_json(o, false, why);
    case MAGIC_OCEL1_JSON:
        return ocel_read_json(o, true, why);
    case MAGIC_OCEL_XML:
    case MAGIC_XML_LOG:
        return ocel_read_xml(o, why);
    case MAGIC_SQLITE:
        return ocel_read_sqlite(o, why);
    default:
        error_set(why, "%s: this is %s, not OCEL", stream_name(o->stream), what);
        return FAIL;
    }
}

static status load(struct ocel *o, struct error *why)
{
    progress_begin(o->options.progress, "import ocel", "files", o->inputs.files.n);
    for (size_t i = 0; i < o->inputs.files.n; i++) {
        TRY(stream_open(o->inputs.files.v[i], &o->stream, why));
        status_code done = read_file(o, why);
        if (done == OK) {
            done = ocel_check(o, why);
        }
        stream_close(o->stream);
        o->stream = NULL;
        if (done != OK) {
            return done;
        }
        progress_step(o->options.progress, i + 1);
    }
    arrange(o);
    return OK;
}

static status_code ocel_next(struct source *s, struct batch *b, struct error *why)
{
    struct ocel *o = (struct ocel *)s;
    static void (*const GIVE[])(struct ocel *, struct batch *) = {
        [OCEL_REJECTS] = give_rejects,
        [OCEL_ATTRS] = give_attrs,
        [OCEL_LINKS] = give_links,
        [OCEL_EVENTS] = give_events,
    };
    const size_t ends[] = {0, o->rejects.n, o->attrs.n, o->links.n, o->events.n};
    if (o->phase == OCEL_LOAD) {
        TRY(load(o, why));
        o->phase = OCEL_REJECTS;
        note(o);
        return OK;
    }
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    if (o->phase == OCEL_DONE) {
        return END;
    }
    GIVE[o->phase](o, b);
    if (o->at == ends[o->phase]) {
        o->phase++;
        o->at = 0;
    }
    return o->phase == OCEL_DONE ? END : OK;
}

static void ocel_close(struct source *s)
{
    struct ocel *o = (struct ocel *)s;
    stream_close(o->stream);
    inputs_finish(&o->inputs);
    VEC_FINISH(&o->objects);
    VEC_FINISH(&o->events);
    VEC_FINISH(&o->attrs);
    VEC_FINISH(&o->relations);
    VEC_FINISH(&o->links);
    VEC_FINISH(&o->rejects);
    VEC_FINISH(&o->pairs);
    buf_finish(&o->scratch);
    mem_put(o->items);
    mem_put(o->first);
    mem_put(o->keys);
    mem_put(o->order);
    intern_finish(&o->ids);
    intern_finish(&o->words);
    arena_finish(&o->text);
    source_notes_finish(&o->source.notes);
    mem_put(o);
}

static status_code refuse_option(const struct source_options *o, struct error *why)
{
    const struct {
        bool given;
        const char *what;
    } OPTIONS[] = {
        {o->case_column.n > 0, "case column"},
        {o->activity_column.n > 0, "activity column"},
        {o->time_column.n > 0, "time column"},
        {o->start_column.n > 0, "start column"},
        {o->lifecycle_column.n > 0, "lifecycle column"},
        {o->resource_column.n > 0, "resource column"},
        {o->classifier.n > 0, "classifier"},
        {o->date_format.n > 0, "date format"},
        {o->mapping != NULL, "mapping file"},
        {o->null_count > 0, "text for null"},
    };
    for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
        if (OPTIONS[i].given) {
            return error_set(why, "OCEL says itself what is what: leave out the %s",
                             OPTIONS[i].what);
        }
    }
    return OK;
}

static status_code ocel_open(const char *const *paths, size_t n,
                             const struct source_options *options, struct source **ret_source,
                             struct error *why)
{
    TRY(refuse_option(options, why));
    struct ocel *o = mem_get(sizeof *o);
    o->source.format = &SOURCE_OCEL;
    o->options = *options;
    arena_init(&o->text, "OCEL", 0);
    intern_init(&o->ids, "OCEL ids");
    intern_init(&o->words, "OCEL words");
    VEC_ADD(&o->objects, (struct ocel_object){0});
    status_code done = inputs_find(&o->inputs, paths, n, ENDINGS, why);
    if (done != OK) {
        ocel_close(&o->source);
        return done;
    }
    *ret_source = &o->source;
    return OK;
}

static int ocel_guess(str head, const char *path)
{
    if (head.n == 0) {
        return inputs_folder_has(path, ENDINGS) ? 60 : 0;
    }
    switch (magic(head, NULL)) {
    case MAGIC_OCEL_JSON:
    case MAGIC_OCEL1_JSON:
    case MAGIC_OCEL_XML:
        return 95;
    case MAGIC_SQLITE:
        return 70;
    case MAGIC_XML_LOG:
        return 30;
    default:
        return 0;
    }
}

const struct source_format SOURCE_OCEL = {
    .name = "ocel",
    .guess = ocel_guess,
    .open = ocel_open,
    .next = ocel_next,
    .close = ocel_close,
};
