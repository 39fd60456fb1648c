/* A mapping applied: paths to values, values to events. */
#include "base/nearest.h"
#include "source/identity.h"
#include "source/mapping_parts.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct mapping_run {
    const struct mapping *m;
    const struct source_options *options;
    struct zone *zone;   /* of the mapping; owned */
    struct dates *dates; /* two an entry: time, start */
    uint64_t unmapped;
    bool persons;
    struct buf texts[4]; /* values being made */
    struct buf attrs;
};

/* A table's path without "$." and brackets: the name of a column. */
static str column_name(str path)
{
    if (str_starts(path, STR("$['")) && str_ends(path, STR("']"))) {
        return (str){path.p + 3, path.n - 5};
    }
    return str_starts(path, STR("$.")) ? str_from(path, 2) : path;
}

status mapping_bind(const struct mapping *m, const char *file, const str *columns, size_t n,
                    int *ret_column, struct error *why)
{
    for (size_t i = 0; i < m->entries.n; i++) {
        if (m->entries.v[i].more) {
            return error_set(why, "%s: `more` in " STR_FMT " is for JSON: a row is one event", file,
                             STR_ARG(m->name));
        }
    }
    for (size_t i = 0; i < m->paths.n; i++) {
        str name = column_name(m->paths.v[i].text);
        size_t c = 0;
        while (c < n && !str_eq(columns[c], name)) {
            c++;
        }
        if (c == n && m->paths.v[i].needed) {
            const str *near = nearest(name, columns, n);
            return error_set(
                why, "%s has no column \"" STR_FMT "\", which " STR_FMT " names%s" STR_FMT "%s",
                file, STR_ARG(name), STR_ARG(m->name), near != NULL ? ". Did you mean \"" : "",
                STR_ARG(near != NULL ? *near : (str){0}), near != NULL ? "\"?" : "");
        }
        ret_column[i] = c < n ? (int)c : MAPPING_LITERAL;
    }
    return OK;
}

/* One step of a path, cut off its beginning. */
static const json_t *step(const json_t *at, str *path)
{
    str p = *path;
    if (p.p[0] == '.') {
        p = str_from(p, 1);
        size_t n = 0;
        while (n < p.n && p.p[n] != '.' && p.p[n] != '[') {
            n++;
        }
        *path = str_from(p, n);
        return json_object_getn(at, p.p, n);
    }
    size_t close = str_find(p, STR("]"));
    if (p.p[0] != '[' || close == p.n) {
        *path = (str){0};
        return NULL;
    }
    *path = str_from(p, close + 1);
    str inside = {p.p + 1, close - 1};
    int64_t number = 0;
    if (inside.n >= 2 && inside.p[0] == '\'' && inside.p[inside.n - 1] == '\'') {
        return json_object_getn(at, inside.p + 1, inside.n - 2);
    }
    if (str_to_i64(inside, &number)) {
        int64_t size = (int64_t)json_array_size(at);
        number = number < 0 ? size + number : number;
        return number >= 0 ? json_array_get(at, (size_t)number) : NULL;
    }
    size_t equal = str_find(inside, STR("=='"));
    if (str_starts(inside, STR("?@.")) && equal < inside.n && str_ends(inside, STR("'"))) {
        str key = {inside.p + 3, equal - 3};
        str want = {inside.p + equal + 3, inside.n - equal - 4};
        for (size_t i = 0; i < json_array_size(at); i++) {
            const json_t *one = json_array_get(at, i);
            if (str_eq(json_text(json_object_getn(one, key.p, key.n)), want)) {
                return one;
            }
        }
    }
    return NULL;
}

static const json_t *walk(const json_t *at, str path)
{
    str rest = str_from(path, 1); /* behind "$" */
    while (at != NULL && rest.n > 0) {
        at = step(at, &rest);
    }
    return at;
}

const json_t *mapping_record(const struct mapping *m, const json_t *document, size_t at)
{
    size_t star = str_find(m->each, STR("[*]"));
    const json_t *whole = m->each.n > 0 ? walk(document, str_first(m->each, star)) : document;
    bool several = star < m->each.n && json_is_array(whole);
    if (!several) { /* not there: the document tells one thing */
        bool there = star == m->each.n && whole != NULL;
        return at > 0 ? NULL : there ? whole : document;
    }
    const json_t *one = json_array_get(whole, at);
    str rest = str_from(m->each, star + 3);
    while (one != NULL && rest.n > 0) {
        one = step(one, &rest);
    }
    return one;
}

/* A bare word where only a path makes sense is a key of the record, with dots a deeper one. */
static const json_t *look_up(const struct mapping_path *path, const json_t *document,
                             const json_t *record, struct arena *room)
{
    str text = path->text;
    if (text.p[0] != '$') {
        text = arena_strf(room, "$.%.*s", (int)text.n, text.p);
    }
    const json_t *found = walk(record, text);
    return found == NULL && record != document ? walk(document, text) : found;
}

void mapping_json(const struct mapping *m, const json_t *document, const json_t *record,
                  struct arena *room, str *ret_values)
{
    struct buf scalar = {0};
    for (size_t i = 0; i < m->paths.n; i++) {
        const struct mapping_path *path = &m->paths.v[i];
        if (!path->needed) {
            ret_values[i] = path->text;
            continue;
        }
        buf_clear(&scalar);
        bool some = json_scalar(look_up(path, document, record, room), &scalar);
        ret_values[i] = some ? arena_str(room, buf_str(&scalar)) : (str){0};
    }
    buf_finish(&scalar);
}

struct mapping_run *mapping_run_new(const struct mapping *m, const struct source_options *options,
                                    bool persons)
{
    struct mapping_run *r = mem_get(sizeof *r);
    r->m = m;
    r->options = options;
    r->persons = persons;
    r->dates = mem_get(2 * m->entries.n * sizeof *r->dates);
    struct error ignored;
    if (m->zone.n > 0 && zone_open(m->zone, &r->zone, &ignored) != OK) {
        r->zone = NULL; /* checked when the file was read */
    }
    const struct zone *zone = r->zone != NULL ? r->zone : options->zone;
    for (size_t i = 0; i < 2 * m->entries.n; i++) {
        const struct mapping_entry *e = &m->entries.v[i / 2];
        const struct mapping_time *t = i % 2 == 0 ? &e->time : &e->start;
        status_code code = dates_init(&r->dates[i], t->zone != NULL ? t->zone : zone, t->format,
                                      &ignored); /* likewise */
        if (code == OK && t->epoch) {
            dates_epoch(&r->dates[i], t->unit);
        }
    }
    return r;
}

void mapping_run_free(struct mapping_run *r)
{
    if (r != NULL) {
        for (size_t i = 0; i < sizeof r->texts / sizeof *r->texts; i++) {
            buf_finish(&r->texts[i]);
        }
        buf_finish(&r->attrs);
        zone_close(r->zone);
        mem_put(r->dates);
        mem_put(r);
    }
}

void mapping_run_notes(const struct mapping_run *r, struct source_notes *notes)
{
    uint64_t naive = 0;
    for (size_t i = 0; i < 2 * r->m->entries.n; i++) {
        naive += r->dates[i].naive;
    }
    if (naive > 0) {
        source_note(notes, "%" PRIu64 " times have no zone: read as " STR_FMT, naive,
                    STR_ARG(r->dates[0].zone != NULL ? zone_name(r->dates[0].zone) : STR("UTC")));
    }
    if (r->unmapped > 0) {
        source_note(notes, "%" PRIu64 " records fit no entry of the mapping: left out",
                    r->unmapped);
    }
}

static str piece(str text, str separator, int64_t field)
{
    size_t n = 1;
    for (str rest = text; str_find(rest, separator) < rest.n; n++) {
        rest = str_from(rest, str_find(rest, separator) + separator.n);
    }
    field = field < 0 ? (int64_t)n + field : field;
    if (field < 0 || field >= (int64_t)n) {
        return (str){0};
    }
    for (; field > 0; field--) {
        text = str_from(text, str_find(text, separator) + separator.n);
    }
    return str_first(text, str_find(text, separator));
}

static str mapped(const struct mapping_value *v, str text)
{
    for (size_t i = 0; i < v->pair_n; i++) {
        if (str_eq(v->pairs[i].from, text)) {
            return v->pairs[i].to;
        }
    }
    for (size_t i = 0; i < v->pair_n; i++) {
        if (str_eq(v->pairs[i].from, STR("*"))) {
            return v->pairs[i].to;
        }
    }
    str none = {0};
    return v->pair_n > 0 ? none : text;
}

/* The text of a value; empty when there is none: then `ret_missing` (may be NULL) is the path. */
static str text_of(const struct mapping_run *r, const struct mapping_value *v, const str *values,
                   struct buf *room, str *ret_missing)
{
    buf_clear(room);
    for (size_t i = 0; i < v->part_n; i++) {
        int path = v->parts[i].path;
        str part = path < 0 ? v->parts[i].text : values[path];
        if (part.p == NULL || (part.n == 0 && path >= 0)) {
            if (ret_missing != NULL) {
                *ret_missing = r->m->paths.v[path].text;
            }
            return (str){0};
        }
        buf_add(room, part);
    }
    if (v->lower) {
        for (size_t i = 0; i < room->n; i++) {
            room->p[i] = (char)tolower((unsigned char)room->p[i]);
        }
    }
    str text = buf_str(room);
    if (v->separator.n > 0) {
        text = piece(text, v->separator, v->field);
    }
    return mapped(v, text);
}

/* "*" is any value, an empty text none. */
static bool fits(str value, str wanted)
{
    if (value.p == NULL || value.n == 0 || str_eq(wanted, STR("*"))) {
        return str_eq(wanted, STR("*")) ? value.n > 0 : value.n == 0 && wanted.n == 0;
    }
    return str_eq(value, wanted);
}

static bool holds(const struct mapping_entry *e, const str *values)
{
    for (size_t i = 0; i < e->tests.n; i++) {
        const struct mapping_test *test = &e->tests.v[i];
        bool equal = false;
        for (size_t k = 0; k < test->n && !equal; k++) {
            equal = fits(values[test->path], test->texts[k]);
        }
        if (!equal) {
            return false;
        }
    }
    return true;
}

static sym sym_of(struct mapping_run *r, const struct mapping_value *v, const str *values)
{
    str text = v->part_n > 0 ? text_of(r, v, values, &r->texts[0], NULL) : (str){0};
    return text.n > 0 ? names_sym(r->options->names, text) : 0;
}

static sym actor_of(struct mapping_run *r, const struct mapping_value *v, const str *values)
{
    if (!r->persons || v->part_n == 0) {
        return sym_of(r, v, values);
    }
    return source_actor(r->options, text_of(r, v, values, &r->texts[0], NULL));
}

static bool no_value(str path, struct buf *reason)
{
    buf_addf(reason, STR_FMT " has no value", STR_ARG(path));
    return false;
}

/* The word for a type in canonical keys, where it is another (identity_item_type). */
static str word_of(str type)
{
    static const str WORDS[][2] = {{STR_INIT("change"), STR_INIT("pr")},
                                   {STR_INIT("run"), STR_INIT("execution")},
                                   {STR_INIT("release"), STR_INIT("tag")}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (str_eq(type, WORDS[i][0])) {
            return WORDS[i][1];
        }
    }
    return type;
}

static bool is_commit_id(str id)
{
    for (size_t i = 0; i < id.n; i++) {
        if (!isxdigit((unsigned char)id.p[i])) {
            return false;
        }
    }
    return id.n == 40 || id.n == 64;
}

/* The parts of an item as the mapping gives them; those it does not give are empty. */
struct parts {
    struct buf provider, instance, space, groups, id, type;
};

static void parts_finish(struct parts *p)
{
    buf_finish(&p->provider);
    buf_finish(&p->instance);
    buf_finish(&p->space);
    buf_finish(&p->groups);
    buf_finish(&p->id);
    buf_finish(&p->type);
}

/* False: a part has no value; `ret_missing` is its path. */
static bool read_parts(struct mapping_run *r, const struct mapping_item *item, const str *values,
                       struct parts *ret, str *ret_missing)
{
    const struct {
        const struct mapping_value *value;
        struct buf *to;
    } PARTS[] = {{&item->provider, &ret->provider},
                 {&item->instance, &ret->instance},
                 {&item->namespace, &ret->space},
                 {&item->groups, &ret->groups},
                 {&item->id, &ret->id},
                 {&item->type, &ret->type}};
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        *ret_missing = STR("its id");
        if (PARTS[i].value->part_n > 0) {
            str text = text_of(r, PARTS[i].value, values, &r->texts[0], ret_missing);
            if (text.n == 0) {
                return false;
            }
            buf_add(PARTS[i].to, text);
        }
    }
    return true;
}

/* A canonical key (identity.h) where a provider is named, else namespace/groups/id as far as they
 * are given. Ids of commits are written in small letters, as everywhere. */
static void make_key(const struct parts *p, struct buf *out)
{
    buf_clear(out);
    if (p->provider.n > 0) {
        str rest = buf_str(&p->groups), group;
        buf_addf(out, "cdevents:v0:" STR_FMT ":", STR_ARG(buf_str(&p->provider)));
        identity_encode(buf_str(&p->instance), out);
        buf_putc(out, ':');
        identity_encode(buf_str(&p->space), out);
        buf_putc(out, ':');
        for (bool first = true; rest.n > 0 && str_cut(&rest, '/', &group); first = false) {
            buf_add(out, first ? STR("") : STR("/"));
            identity_encode(group, out);
        }
        buf_addf(out, ":" STR_FMT ":", STR_ARG(word_of(buf_str(&p->type))));
        identity_encode(buf_str(&p->id), out);
        return;
    }
    const struct buf *const parts[] = {&p->space, &p->groups, &p->id};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i]->n > 0) {
            buf_add(out, out->n > 0 ? STR("/") : STR(""));
            buf_add(out, buf_str(parts[i]));
        }
    }
    if (str_eq(buf_str(&p->type), STR("commit")) && is_commit_id(buf_str(out))) {
        for (size_t i = 0; i < out->n; i++) {
            out->p[i] = (char)tolower((unsigned char)out->p[i]);
        }
    }
}

/* 0 with no reject: an optional item that is not there (or a commit by something else than its full
 * id). */
static bool item_of(struct mapping_run *r, const struct mapping_item *item, const str *values,
                    struct buf *reason, item_id *ret)
{
    struct parts p = {0};
    struct buf *key = &r->texts[1];
    str missing;
    *ret = 0;
    bool there = read_parts(r, item, values, &p, &missing);
    str type = buf_str(&p.type);
    bool left_out = item->optional &&
                    (!there || (str_eq(type, STR("commit")) && !is_commit_id(buf_str(&p.id))));
    if (there && !left_out) {
        make_key(&p, key);
        *ret = names_item(r->options->names, names_sym(r->options->names, type), buf_str(key));
    }
    parts_finish(&p);
    return there || left_out || no_value(missing, reason);
}

static bool time_of(struct mapping_run *r, const struct mapping_time *t, struct dates *d,
                    const str *values, struct buf *reason, when *ret)
{
    const char *wrong = "";
    str missing = STR("the time");
    *ret = WHEN_NONE;
    str text = text_of(r, &t->value, values, &r->texts[0], &missing);
    if (text.n == 0) {
        return no_value(missing, reason);
    }
    if (!dates_read(d, text, ret, &wrong)) {
        buf_addf(reason, "\"" STR_FMT "\" is not a date (%s)", STR_ARG(str_first(text, 100)),
                 wrong);
        return false;
    }
    return true;
}

static void add_attr(struct buf *out, str name, str value)
{
    buf_putc(out, out->n == 0 ? '{' : ',');
    json_quote(out, name);
    buf_putc(out, ':');
    json_quote(out, value);
}

static str attrs_of(struct mapping_run *r, const struct mapping_entry *e, const str *values,
                    str status_word)
{
    buf_clear(&r->attrs);
    if (status_word.n > 0) {
        add_attr(&r->attrs, STR("lifecycle:transition"), status_word);
    }
    for (size_t i = 0; i < e->attrs.n; i++) {
        str text = text_of(r, &e->attrs.v[i].value, values, &r->texts[0], NULL);
        if (text.n > 0) {
            add_attr(&r->attrs, e->attrs.v[i].name, text);
        }
    }
    if (r->attrs.n > 0) {
        buf_putc(&r->attrs, '}');
    }
    return buf_str(&r->attrs);
}

static void add_links(struct mapping_run *r, const struct mapping_entry *e, const str *values,
                      const item_id *items, struct batch *b)
{
    for (size_t i = 0; i < e->links.n; i++) {
        const struct mapping_link *l = &e->links.v[i];
        if (items[l->from] == 0 || items[l->to] == 0) {
            continue;
        }
        batch_link(b, (struct link){.from = items[l->from],
                                    .to = items[l->to],
                                    .kind = sym_of(r, &l->kind, values),
                                    .rule = names_sym(r->options->names, STR("stated")),
                                    .confidence = 1});
    }
}

static bool event_of(struct mapping_run *r, const struct mapping_entry *e, struct dates *dates,
                     const str *values, struct event *event, item_id *items, struct buf *reason,
                     str *ret_column)
{
    *ret_column = STR("items");
    for (size_t i = 0; i < e->items.n; i++) {
        if (!item_of(r, &e->items.v[i], values, reason, &items[i])) {
            return false;
        }
    }
    event->item = items[0];
    *ret_column = STR("time");
    if (!time_of(r, &e->time, &dates[0], values, reason, &event->time)) {
        return false;
    }
    *ret_column = STR("start");
    if (e->start.value.part_n > 0 &&
        text_of(r, &e->start.value, values, &r->texts[0], NULL).n > 0 &&
        !time_of(r, &e->start, &dates[1], values, reason, &event->begin)) {
        return false;
    }
    if (event->begin != WHEN_NONE && event->begin > event->time) {
        buf_add(reason, STR("it ends before it starts"));
        return false;
    }
    *ret_column = STR("activity");
    event->activity = sym_of(r, &e->activity, values);
    if (event->activity == 0) {
        buf_add(reason, STR("no activity"));
        return false;
    }
    event->type = sym_of(r, &e->type, values);
    if (event->type == 0) {
        event->type = names_sym(r->options->names, STR("event"));
    }
    event->actor = actor_of(r, &e->actor, values);
    event->team = sym_of(r, &e->team, values);
    event->instance = sym_of(r, &e->instance, values);
    return true;
}

/* Adds the event of one entry. */
static bool add_event(struct mapping_run *r, const struct mapping_entry *e, struct dates *dates,
                      const str *values, id128 key, struct batch *b, struct buf *reason,
                      str *ret_column)
{
    struct event event = {.key = key, .begin = WHEN_NONE, .quality = TIME_OWN};
    item_id items[MAPPING_LIST] = {0};
    if (!event_of(r, e, dates, values, &event, items, reason, ret_column)) {
        return false;
    }
    str word =
        e->lifecycle.part_n > 0 ? text_of(r, &e->lifecycle, values, &r->texts[2], NULL) : (str){0};
    event.life = (uint8_t)life_of(word);
    event.attrs = attrs_of(r, e, values, event.life == LIFE_STATUS ? word : (str){0});
    uint32_t row = batch_add(b, &event);
    for (size_t k = 1; k < e->items.n; k++) {
        if (items[k] != 0) {
            batch_refer(b, row, items[k], sym_of(r, &e->items.v[k].qualifier, values));
        }
    }
    add_links(r, e, values, items, b);
    return true;
}

/* Further events of a record have keys of their own. */
static id128 key_of(id128 key, uint64_t number)
{
    const struct {
        id128 key;
        uint64_t number;
    } numbered = {key, number};
    return number == 0 ? key : id128_of(&numbered, sizeof numbered);
}

bool mapping_event(struct mapping_run *r, const str *values, id128 key, struct batch *b,
                   struct buf *reason, str *ret_column)
{
    uint64_t added = 0;
    bool more = true;
    buf_clear(reason);
    for (size_t i = 0; more && i < r->m->entries.n && added < MAPPING_EVENTS; i++) {
        const struct mapping_entry *e = &r->m->entries.v[i];
        if (holds(e, values)) {
            if (!add_event(r, e, &r->dates[2 * i], values, key_of(key, added), b, reason,
                           ret_column)) {
                return false;
            }
            added++;
            more = e->more;
        }
    }
    r->unmapped += added == 0;
    return true;
}
