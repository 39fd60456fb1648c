/* Names come from the list of imports, and from the store itself where that list is shorter than
 * what is stored (it holds the last 200 imports; events also come by other ways). */
#include "engine/sources.h"

#include "engine/ingest.h"
#include "wire/json.h"
#include "wire/stamp.h"

void sources_finish(struct sources *s)
{
    for (size_t i = 0; i < s->v.n; i++) {
        VEC_FINISH(&s->v.v[i].notes);
    }
    VEC_FINISH(&s->v);
    arena_finish(&s->text);
}

static struct source_seen *named(struct sources *s, sym name)
{
    for (size_t i = 0; i < s->v.n; i++) {
        if (s->v.v[i].name == name) {
            return &s->v.v[i];
        }
    }
    VEC_ADD(&s->v, (struct source_seen){
                       .name = name, .imported = WHEN_NONE, .first = WHEN_NONE, .last = WHEN_NONE});
    return &s->v.v[s->v.n - 1];
}

static void take_import(struct sources *s, const struct names *names, const json_t *import)
{
    str text = {0};
    sym name = 0;
    int64_t n = 0;
    struct stamp stamp;
    if (!json_get_str(import, "name", &text) || !names_find(names, text, &name)) {
        return;
    }
    struct source_seen *seen = named(s, name);
    seen->imports++;
    seen->incomplete = false;
    (void)json_get_bool(import, "incomplete", &seen->incomplete);
    if (json_get_str(import, "format", &text)) {
        seen->format = arena_str(&s->text, text);
    }
    if (json_get_str(import, "imported", &text) && stamp_parse(text, NULL, &stamp, NULL)) {
        seen->imported = stamp.time;
    }
    if (json_get_i64(import, "duplicates", &n) && n > 0) {
        seen->duplicates += (uint64_t)n;
    }
    const json_t *paths = json_get_array(import, "paths");
    seen->paths = json_array_size(paths);
    seen->path = arena_str(&s->text, json_text(json_array_get(paths, 0)));
    seen->notes.n = 0;
    size_t i;
    const json_t *note;
    json_array_foreach(json_get_array(import, "notes"), i, note)
    {
        VEC_ADD(&seen->notes, arena_str(&s->text, json_text(note)));
    }
}

static status read_history(struct store *store, struct sources *s, struct error *why)
{
    struct buf text = {0};
    json_t *history = NULL;
    status_code code = ingest_history(store, &text, why);
    if (code == OK) {
        code = json_parse(buf_str(&text), 0, "the store's list of imports", &history, why);
    }
    size_t i;
    const json_t *import;
    json_array_foreach(history, i, import)
    {
        take_import(s, store_names(store), import);
    }
    json_decref(history);
    buf_finish(&text);
    return code;
}

static status_code count_events(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct source_seen *seen = cookie;
    seen->events += log->n;
    for (size_t i = 0; i < log->n; i++) {
        when t = log->quality[i] == TIME_BAD ? WHEN_NONE : log->time[i];
        if (t != WHEN_NONE && (seen->first == WHEN_NONE || t < seen->first)) {
            seen->first = t;
        }
        if (t != WHEN_NONE && (seen->last == WHEN_NONE || t > seen->last)) {
            seen->last = t;
        }
    }
    return OK;
}

/* Counts the events of the sources from number `from` on. */
static status count_all(struct store *store, struct sources *s, size_t from, uint64_t *events,
                        struct error *why)
{
    for (size_t i = from; i < s->v.n; i++) {
        struct slice slice = SLICE_ALL(COL_TIME | COL_QUALITY);
        slice.source = s->v.v[i].name;
        TRY(store_scan(store, &slice, count_events, &s->v.v[i], why));
        *events += s->v.v[i].events;
    }
    return OK;
}

struct finder {
    struct sources *s;
    const struct names *names;
};

static status_code take_name(const struct sql_row *row, void *cookie, struct error *why)
{
    (void)why;
    struct finder *f = cookie;
    sym name = 0;
    if (row->values != NULL && row->n == 1 && names_find(f->names, row->values[0], &name)) {
        named(f->s, name);
    }
    return OK;
}

static status_code count_reject(const struct stored_reject *row, void *cookie, struct error *why)
{
    (void)why;
    named(cookie, row->source)->rejected++;
    return OK;
}

status sources_load(struct store *store, struct sources *ret, struct error *why)
{
    *ret = (struct sources){0};
    arena_init(&ret->text, "sources", 0);
    struct store_info info;
    uint64_t events = 0;
    TRY(store_info(store, &info, why));
    TRY(read_history(store, ret, why));
    TRY(count_all(store, ret, 0, &events, why));
    if (events < info.events) {
        struct finder finder = {ret, store_names(store)};
        size_t known = ret->v.n;
        TRY(store_sql(store, "SELECT DISTINCT source FROM event", 0, take_name, &finder, why));
        TRY(count_all(store, ret, known, &events, why));
    }
    return store_scan_rejects(store, count_reject, ret, why);
}
