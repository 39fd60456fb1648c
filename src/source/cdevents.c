/* CDEvents (0.3 to 0.6) from files: plain, or in CloudEvents envelopes; lines, batches, printed
 * documents, one behind the other or in the files of a folder. */
#include "source/cdevents.h"

#include "source/magic.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

static const char *const ENDINGS[] = {".json", ".ndjson", ".jsonl", NULL};
enum { LINKS = 8192, REJECTS = 2048, TEXT = 32 << 20, IDS_MAX = 4 << 20 };

void cdevents_reject(struct cdevents *c, const char *column, const char *format, ...)
{
    struct buf reason = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&reason, format, arguments);
    va_end(arguments);
    batch_reject(c->batch, (struct reject){.source = c->name,
                                           .line = c->value.line,
                                           .column = str_of(column),
                                           .reason = buf_str(&reason),
                                           .raw = c->value.text});
    buf_finish(&reason);
}

static bool is_uuid(str s)
{
    if (s.n != 36) {
        return false;
    }
    for (size_t i = 0; i < s.n; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.p[i] != '-' : !isxdigit((unsigned char)s.p[i])) {
            return false;
        }
    }
    return true;
}

uint32_t cdevents_id(struct cdevents *c, str id)
{
    char room[36];
    if (is_uuid(id)) { /* written in capitals here, referred to in small letters there */
        for (size_t i = 0; i < id.n; i++) {
            room[i] = (char)tolower((unsigned char)id.p[i]);
        }
        id.p = room;
    }
    uint32_t number = 0;
    if (intern_find(&c->ids, id, &number) || c->ids.n > IDS_MAX) {
        return number;
    }
    VEC_ADD(&c->about, (struct cdevents_about){0});
    return intern_add(&c->ids, id);
}

static void read_value(struct cdevents *c)
{
    json_t *json = NULL;
    struct error why = {0};
    if (c->value.broken != NULL) {
        cdevents_reject(c, "", "%s", c->value.broken);
    } else if (json_parse(c->value.text, 0, "the record", &json, &why) != OK) {
        cdevents_reject(c, "", "%s", why.text);
    } else {
        cdevents_record(c, json);
        json_decref(json);
    }
}

static status open_next(struct cdevents *c, struct error *why)
{
    str head;
    const char *what = NULL;
    TRY(stream_open(c->inputs.files.v[c->file], &c->stream, why));
    TRY(stream_peek(c->stream, MAGIC_HEAD, &head, why));
    enum magic kind = magic(head, &what);
    if (kind != MAGIC_CDEVENTS && kind != MAGIC_JSON) {
        error_set(why, "%s: this is %s, not CDEvents", stream_name(c->stream), what);
        return FAIL;
    }
    c->feed = jsonfeed_new(c->stream, JSONFEED_DOCUMENTS);
    c->name = str_of(stream_name(c->stream));
    return OK;
}

static void close_file(struct cdevents *c)
{
    jsonfeed_free(c->feed);
    stream_close(c->stream);
    c->feed = NULL;
    c->stream = NULL;
}

static void finish_file(struct cdevents *c)
{
    if (jsonfeed_cut(c->feed)) {
        const char *cut = stream_broken(c->stream);
        c->source.incomplete = true;
        c->value = (struct jsonfeed_value){0};
        cdevents_reject(c, "", "%s", cut != NULL ? cut : "the JSON breaks off");
    }
    close_file(c);
    c->file++;
    progress_step(c->options.progress, c->file);
}

static bool is_full(const struct batch *b)
{
    return !batch_has_room(b, 1) || b->links.n >= LINKS || b->rejects.n >= REJECTS ||
           b->text.used > TEXT;
}

void cdevents_give_pending(struct cdevents *c)
{
    sym stated = names_sym(c->options.names, STR("stated"));
    for (; c->at < c->pending.n && c->batch->links.n < LINKS; c->at++) {
        const struct cdevents_pending *p = &c->pending.v[c->at];
        const struct cdevents_about *about = &c->about.v[p->target];
        item_id to = about->several ? 0 : about->item;
        if (to == 0) {
            c->unresolved++;
        } else if (to != p->from) {
            batch_link(c->batch, (struct link){p->from, to, p->kind, stated, 1, p->evidence});
        }
    }
}

static void note(struct cdevents *c)
{
    const struct {
        uint64_t count;
        const char *sentence;
    } ROWS[] = {
        {c->unmapped, "events are of a type that has no place in the value stream: kept unmapped"},
        {c->differing, "envelopes differ from the event in them: the event counts"},
        {c->no_id, "events have the id \"0\": recognised by what they say alone"},
        {c->unresolved, "links lead to events that are not here, or to an id that several share"},
        {c->absurd, "times lie before 1990 or more than a day ahead: marked as bad"},
        {c->categories, "categories of statuses are not known: left out"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (ROWS[i].count > 0) {
            source_note(&c->source.notes, "%llu %s", (unsigned long long)ROWS[i].count,
                        ROWS[i].sentence);
        }
    }
}

static status_code cdevents_next(struct source *s, struct batch *b, struct error *why)
{
    struct cdevents *c = (struct cdevents *)s;
    c->batch = b;
    while (c->file < c->inputs.files.n) {
        if (c->feed == NULL) {
            TRY(open_next(c, why));
        }
        status_code done = jsonfeed_next(c->feed, &c->value, why);
        if (done == END) {
            finish_file(c);
        } else if (done != OK) {
            return done;
        } else {
            read_value(c);
        }
        if (is_full(b)) {
            return OK;
        }
    }
    cdevents_give_pending(c);
    if (c->at < c->pending.n) {
        return OK;
    }
    note(c);
    return END;
}

void cdevents_begin(struct cdevents *c, const struct source_options *options)
{
    *c = (struct cdevents){.options = *options};
    intern_init(&c->ids, "CDEvents ids");
    VEC_ADD(&c->about, (struct cdevents_about){0});
}

void cdevents_end(struct cdevents *c)
{
    intern_finish(&c->ids);
    VEC_FINISH(&c->about);
    VEC_FINISH(&c->pending);
    buf_finish(&c->key);
    buf_finish(&c->other);
    buf_finish(&c->attrs);
}

static void cdevents_close(struct source *s)
{
    struct cdevents *c = (struct cdevents *)s;
    close_file(c);
    inputs_finish(&c->inputs);
    cdevents_end(c);
    source_notes_finish(&c->source.notes);
    mem_put(c);
}

static status_code cdevents_open(const char *const *paths, size_t n,
                                 const struct source_options *options, struct source **ret_source,
                                 struct error *why)
{
    if (options->mapping != NULL || options->date_format.n > 0 || options->classifier.n > 0) {
        return error_set(why, "CDEvents say themselves what is what: leave out the mapping file, "
                              "date format and classifier");
    }
    struct cdevents *c = mem_get(sizeof *c);
    cdevents_begin(c, options);
    c->source.format = &SOURCE_CDEVENTS;
    status_code done = inputs_find(&c->inputs, paths, n, ENDINGS, why);
    if (done != OK) {
        cdevents_close(&c->source);
        return done;
    }
    progress_begin(options->progress, "import cdevents", "files", c->inputs.files.n);
    *ret_source = &c->source;
    return OK;
}

static int cdevents_guess(str head, const char *path)
{
    if (head.n == 0) {
        return inputs_folder_has(path, ENDINGS) ? 30 : 0;
    }
    return magic(head, NULL) == MAGIC_CDEVENTS ? 90 : 0;
}

const struct source_format SOURCE_CDEVENTS = {
    .name = "cdevents",
    .guess = cdevents_guess,
    .open = cdevents_open,
    .next = cdevents_next,
    .close = cdevents_close,
};
