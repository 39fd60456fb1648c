#include "engine/ingest.h"

#include "wire/json.h"

#include <assert.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

/* A commit costs about a millisecond whatever it holds, so groups are large; yet small enough that
 * little is read again after a crash. */
enum { GROUP_ROWS = 500000 };
#define GROUP_LAPSE (5 * SECOND)

static const str HISTORY_KEY = STR_INIT("imports");
enum { HISTORY_KEPT = 200 };

status ingest_actor_key(struct store *store, struct buf *ret, struct error *why)
{
    TRY(store_get(store, STR("actor_key"), ret, why));
    if (ret->n > 0) {
        return OK;
    }
    unsigned char bytes[32];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        return error_set(why, "the system gives no random numbers");
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        buf_addf(ret, "%02x", bytes[i]);
    }
    return store_put(store, STR("actor_key"), buf_str(ret), why);
}

/* Where the cursor of this source on these paths is kept. A cursor means something to the format
 * that gave it only. */
static void cursor_key(struct buf *out, const struct ingest *what, const char *format, str name)
{
    buf_addf(out, "cursor/%s/", format);
    buf_add(out, name);
    for (size_t i = 0; i < what->path_count; i++) {
        char *real = realpath(what->paths[i], NULL);
        buf_putc(out, '\n');
        buf_add(out, str_of(real != NULL ? real : what->paths[i]));
        free(real);
    }
}

static void keep_rejects(struct ingest_result *ret, const struct batch *b)
{
    ret->rejected += b->rejects.n;
    for (size_t i = 0; i < b->rejects.n && ret->rejects.n < INGEST_REJECTS_SHOWN; i++) {
        const struct reject *r = &b->rejects.v[i];
        VEC_ADD(&ret->rejects, (struct reject){
                                   .source = arena_str(&ret->text, r->source),
                                   .line = r->line,
                                   .column = arena_str(&ret->text, r->column),
                                   .reason = arena_str(&ret->text, r->reason),
                                   .raw = arena_str(&ret->text, r->raw),
                               });
    }
}

static void keep_notes(struct ingest_result *ret, const struct source *source)
{
    for (size_t i = 0; i < source->notes.columns.n; i++) {
        const struct note *n = &source->notes.columns.v[i];
        VEC_ADD(&ret->columns,
                (struct note){arena_str(&ret->text, n->role), arena_str(&ret->text, n->column)});
    }
    for (size_t i = 0; i < source->notes.sentences.n; i++) {
        VEC_ADD(&ret->sentences, arena_str(&ret->text, source->notes.sentences.v[i]));
    }
    ret->incomplete = source->incomplete;
}

/* What the result said when the last group was committed: after a failure that alone is true. */
struct committed {
    struct appended added;
    uint64_t read, rejected;
    size_t rejects;
};

static struct committed committed_so_far(const struct ingest_result *r)
{
    return (struct committed){r->added, r->read, r->rejected, r->rejects.n};
}

static void fall_back(struct ingest_result *r, const struct committed *to)
{
    r->added = to->added;
    r->read = to->read;
    r->rejected = to->rejected;
    r->rejects.n = to->rejects;
}

/* Reads the source to its end, committing group by group. END: all was read. INTERRUPTED: what was
 * read is appended, and whole. */
static status_code pump(struct store *store, sym name, struct source *source,
                        struct ingest_result *ret, struct committed *committed, struct error *why)
{
    struct batch *b = batch_new();
    status_code s = OK;
    uint64_t group = 0;
    when group_began = clock_now();
    while (s == OK) {
        batch_clear(b);
        status_code next = source->format->next(source, b, why);
        if (next != OK && next != END) {
            s = next;
            break;
        }
        s = store_append(store, name, b, &ret->added, why);
        if (s != OK) { /* the transaction cannot go on, also when it was a signal */
            store_rollback(store);
            fall_back(ret, committed);
            break;
        }
        keep_rejects(ret, b);
        ret->read += b->n;
        group += b->n + b->rejects.n + b->links.n;
        if (next == END) {
            s = END;
        } else if (interrupt_signal() != 0) {
            s = INTERRUPTED;
        } else if (group >= GROUP_ROWS || clock_now() - group_began > GROUP_LAPSE) {
            s = store_commit(store, why);
            if (s == OK) {
                *committed = committed_so_far(ret);
            }
            group = 0;
            group_began = clock_now();
        }
    }
    batch_free(b);
    return s;
}

static json_t *text_json(str s)
{
    json_t *j = json_stringn(s.p != NULL ? s.p : "", s.n);
    return j != NULL ? j : json_string("(not UTF-8)");
}

/* A list that cannot be read is begun anew: it is not worth losing an import for. */
static status old_history(struct store *store, json_t **ret, struct error *why)
{
    struct buf old = {0};
    struct error damaged = {0};
    status_code s = ingest_history(store, &old, why);
    if (s == OK &&
        (json_parse(buf_str(&old), 0, "the store's list of imports", ret, &damaged) != OK ||
         !json_is_array(*ret))) {
        json_decref(*ret);
        *ret = json_array();
    }
    buf_finish(&old);
    return s;
}

static status remember(struct store *store, const struct ingest *what, str name,
                       const struct ingest_result *r, struct error *why)
{
    json_t *history = NULL;
    TRY(old_history(store, &history, why));
    json_t *one = json_object();
    char now[CLOCK_TEXT];
    json_object_set_new(one, "name", text_json(name));
    json_object_set_new(one, "format", json_string(r->format));
    json_t *paths = json_array();
    for (size_t i = 0; i < what->path_count; i++) {
        json_array_append_new(paths, text_json(str_of(what->paths[i])));
    }
    json_object_set_new(one, "paths", paths);
    json_object_set_new(one, "imported", json_string(clock_text(clock_now(), now)));
    json_object_set_new(one, "events", json_integer((json_int_t)r->added.events));
    json_object_set_new(one, "duplicates", json_integer((json_int_t)r->added.duplicates));
    json_object_set_new(one, "rejected", json_integer((json_int_t)r->rejected));
    json_object_set_new(one, "incomplete", json_boolean(r->incomplete));
    json_t *notes = json_array(), *columns = json_object();
    for (size_t i = 0; i < r->sentences.n; i++) {
        json_array_append_new(notes, text_json(r->sentences.v[i]));
    }
    for (size_t i = 0; i < r->columns.n; i++) {
        struct buf role = {0};
        buf_add(&role, r->columns.v[i].role);
        json_object_set_new(columns, buf_cstr(&role), text_json(r->columns.v[i].column));
        buf_finish(&role);
    }
    json_object_set_new(one, "notes", notes);
    json_object_set_new(one, "columns", columns);
    json_array_append_new(history, one);
    while (json_array_size(history) > HISTORY_KEPT) {
        json_array_remove(history, 0);
    }
    char *text = json_dumps(history, JSON_COMPACT);
    json_decref(history);
    if (text == NULL) {
        return error_set(why, "the list of imports could not be written");
    }
    status_code s = store_put(store, HISTORY_KEY, str_of(text), why);
    free(text);
    return s;
}

status ingest_history(struct store *store, struct buf *ret_json, struct error *why)
{
    TRY(store_get(store, HISTORY_KEY, ret_json, why));
    if (ret_json->n == 0) {
        buf_add(ret_json, STR("[]"));
    }
    return OK;
}

/* After END: the state from which the next import goes on, unless it is the old one. */
static status keep_cursor(struct store *store, struct source *source, str key, str old,
                          struct error *why)
{
    struct buf cursor = {0};
    status_code s = OK;
    source->format->cursor(source, &cursor);
    if (!str_eq(buf_str(&cursor), old)) {
        s = store_put(store, key, buf_str(&cursor), why);
    }
    buf_finish(&cursor);
    return s;
}

static bool has_news(const struct appended *added)
{
    return added->events + added->rejects + added->links > 0;
}

/* From an open source: reads it, and keeps what belongs to the import. */
static status_code import(struct store *store, const struct ingest *what, str name, str cursor_name,
                          str cursor, struct source *source, struct ingest_result *ret,
                          struct error *why)
{
    struct committed committed = {0};
    status_code s = pump(store, names_sym(store_names(store), name), source, ret, &committed, why);
    progress_end(what->source.progress);
    keep_notes(ret, source);
    bool interrupted = s == INTERRUPTED;
    ret->incomplete |= interrupted;
    if (s == END && !ret->incomplete && source->format->cursor != NULL) {
        s = keep_cursor(store, source, cursor_name, cursor, why);
    }
    s = s == END || s == INTERRUPTED ? OK : s;
    if (s == OK && has_news(&ret->added)) {
        s = remember(store, what, name, ret, why);
    }
    if (s == OK) {
        s = store_commit(store, why);
    }
    if (s != OK) {
        store_rollback(store);
        fall_back(ret, &committed);
        if (has_news(&ret->added)) { /* groups that are there to stay */
            struct error second = {0};
            ret->incomplete = true;
            if (remember(store, what, name, ret, &second) == OK) {
                (void)!store_commit(store, &second);
            }
        }
    }
    return s == OK && interrupted ? INTERRUPTED : s;
}

static status_code run(struct store *store, const struct ingest *what, struct ingest_result *ret,
                       struct error *why)
{
    assert(what->path_count > 0);
    const struct source_format *format = what->format;
    if (format == NULL) {
        TRY(source_detect(what->paths[0], &format, why));
    }
    ret->format = format->name;
    str name = what->name.n > 0 ? what->name : str_of(format->name);
    struct source_options options = what->source;
    struct buf key = {0}, cursor = {0}, cursor_name = {0};
    struct source *source = NULL;
    options.names = store_names(store);
    options.source = name;
    status_code s;
    TRY_GOTO(s, done, ingest_actor_key(store, &key, why));
    options.actor_key = buf_str(&key);
    cursor_key(&cursor_name, what, format->name, name);
    TRY_GOTO(s, done, store_get(store, buf_str(&cursor_name), &cursor, why));
    options.cursor = str_first(buf_str(&cursor), what->again ? 0 : cursor.n);
    TRY_GOTO(s, done, format->open(what->paths, what->path_count, &options, &source, why));
    s = import(store, what, name, buf_str(&cursor_name), buf_str(&cursor), source, ret, why);
done:
    if (source != NULL) {
        format->close(source);
    }
    buf_finish(&key);
    buf_finish(&cursor);
    buf_finish(&cursor_name);
    return s;
}

status ingest_run(struct store *store, const struct ingest *what, struct ingest_result *ret,
                  struct error *why)
{
    *ret = (struct ingest_result){.format = ""};
    arena_init(&ret->text, "import", 0);
    when began = clock_now();
    status_code s = run(store, what, ret, why);
    if (s != OK) {
        store_rollback(store);
    }
    ret->took = clock_now() - began;
    return s;
}

void ingest_finish(struct ingest_result *r)
{
    VEC_FINISH(&r->rejects);
    VEC_FINISH(&r->columns);
    VEC_FINISH(&r->sentences);
    arena_finish(&r->text);
}
