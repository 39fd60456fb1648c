#include "source/hookfile.h"

#include "source/buildbotdb.h"
#include "source/fetch.h"
#include "source/inputs.h"
#include "source/jsonfeed.h"
#include "source/magic.h"
#include "wire/json.h"
#include "wire/stamp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const ENDINGS[] = {".json", ".ndjson", ".jsonl", ".sqlite", NULL};
enum { HEADERS = 64, HEAD = 1 << 16 };

struct full { /* waits in a queue: a delivery may give more events than a batch holds */
    struct batch *batch;
};

/* What a tool says in one file and means in another is learned first, in a pass of its own
 * (hookwords.h), so that the order of the files does not matter; from a pipe, which can be read
 * once, it is learned on the way. */
struct hookfile {
    struct source source; /* first */
    const struct hook *hook;
    struct source_options options;
    struct inputs inputs;
    size_t file;
    struct stream *stream;
    struct jsonfeed *feed;
    struct buildbotdb *db; /* instead of `feed` */
    struct fetch *fetch;   /* instead of files; NULL when nothing is left of it, or it is none */
    struct buf cursor;     /* of a fetch that came to its end */
    struct hook_words words;
    struct hook_run run;
    VEC(struct full) full;
    size_t handed; /* of them */
    uint64_t deliveries;
    struct buf body;
};

static status_code keep_batch(struct batch *b, void *cookie, struct error *why)
{
    struct hookfile *h = cookie;
    (void)why;
    VEC_ADD(&h->full, (struct full){b});
    h->run.batch = batch_new();
    return OK;
}

/* --- records --- */

static size_t headers_of(const json_t *object, struct hook_header headers[HEADERS])
{
    size_t n = 0;
    const char *name;
    const json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        if (n < HEADERS && json_is_string(value)) {
            headers[n++] = (struct hook_header){str_of(name), json_text(value)};
        }
    }
    return n;
}

static when received_of(const json_t *record, when now)
{
    struct stamp stamp;
    str text = {0};
    bool told = json_get_str(record, "received", &text) && stamp_parse(text, NULL, &stamp, NULL);
    return told ? stamp.time : now;
}

/* The body inside of a record as text: as it came, or written again. */
static bool body_of(struct hookfile *h, const json_t *body, str *ret)
{
    buf_clear(&h->body);
    if (json_is_string(body)) {
        *ret = json_text(body);
        return true;
    }
    char *text =
        json_is_object(body) || json_is_array(body) ? json_dumps(body, JSON_COMPACT) : NULL;
    if (text == NULL) {
        return false;
    }
    buf_add(&h->body, str_of(text));
    free(text);
    *ret = buf_str(&h->body);
    return true;
}

/* Takes the body out of a record that is more than it. The texts live as long as the record. */
static bool unwrap(struct hookfile *h, const json_t *record, struct hook_header headers[HEADERS],
                   struct delivery *d)
{
    const json_t *list = json_get_object(record, "headers"),
                 *body = json_object_get(record, "body");
    if (list == NULL || body == NULL) {
        return true;
    }
    d->headers = headers;
    d->header_count = headers_of(list, headers);
    d->received = received_of(record, d->received);
    return body_of(h, body, &d->body);
}

static void map_record(struct hookfile *h, struct delivery *d)
{
    json_t *record = NULL;
    struct error why = {0};
    struct hook_header headers[HEADERS];
    if (json_parse(d->body, 0, "the record", &record, &why) != OK) {
        hook_reject(&h->run, d, "", "%s", why.text);
        return;
    }
    h->deliveries++;
    if (unwrap(h, record, headers, d)) {
        h->hook->map(&h->run, d);
    } else {
        hook_reject(&h->run, d, "body", "the body is neither JSON nor its text");
    }
    json_decref(record);
}

static void learn_value(struct hookfile *h, const struct jsonfeed_value *value)
{
    json_t *record = NULL, *body = NULL;
    struct error why = {0};
    struct hook_header headers[HEADERS];
    struct delivery d = {.body = value->text};
    if (value->broken == NULL && json_parse(d.body, 0, "", &record, &why) == OK &&
        unwrap(h, record, headers, &d) && json_parse(d.body, 0, "", &body, &why) == OK) {
        h->hook->learn(&h->words, body);
    }
    json_decref(body);
    json_decref(record);
}

static void map_value(struct hookfile *h, const struct jsonfeed_value *value)
{
    struct delivery d = {.source = h->options.source,
                         .body = value->text,
                         .received = clock_now(),
                         .file = str_of(stream_name(h->stream)),
                         .line = value->line};
    if (value->broken != NULL) {
        hook_reject(&h->run, &d, "", "%s", value->broken);
    } else {
        map_record(h, &d);
    }
}

/* --- files --- */

static status open_next(struct hookfile *h, struct error *why)
{
    str head;
    TRY(stream_open(h->inputs.files.v[h->file], &h->stream, why));
    TRY(stream_peek(h->stream, MAGIC_HEAD, &head, why));
    if (h->hook == &HOOK_BUILDBOT && magic(head, NULL) == MAGIC_SQLITE) {
        return buildbotdb_open(h->stream, &h->source.notes, &h->db, why);
    }
    h->feed = jsonfeed_new(h->stream, JSONFEED_DOCUMENTS);
    return OK;
}

static status next_value(struct hookfile *h, struct jsonfeed_value *ret, struct error *why)
{
    if (h->db != NULL) {
        *ret = (struct jsonfeed_value){0};
        return buildbotdb_next(h->db, &ret->text, why);
    }
    return jsonfeed_next(h->feed, ret, why);
}

static void close_file(struct hookfile *h)
{
    jsonfeed_free(h->feed);
    buildbotdb_close(h->db);
    stream_close(h->stream);
    h->feed = NULL;
    h->db = NULL;
    h->stream = NULL;
}

static status learn_file(struct hookfile *h, struct error *why)
{
    struct jsonfeed_value value;
    TRY(open_next(h, why));
    status_code code;
    while ((code = next_value(h, &value, why)) == OK) {
        learn_value(h, &value);
    }
    return code == END ? OK : code;
}

static status learn_files(struct hookfile *h, struct error *why)
{
    struct stat about;
    for (h->file = 0; h->file < h->inputs.files.n; h->file++) {
        if (stat(h->inputs.files.v[h->file], &about) == 0 && S_ISREG(about.st_mode)) {
            status_code code = learn_file(h, why);
            close_file(h);
            TRY(code);
        }
    }
    h->file = 0;
    return OK;
}

static void finish_file(struct hookfile *h)
{
    if (h->feed != NULL && jsonfeed_cut(h->feed)) {
        const char *cut = stream_broken(h->stream);
        struct delivery d = {.source = h->options.source, .file = str_of(stream_name(h->stream))};
        h->source.incomplete = true;
        hook_reject(&h->run, &d, "", "%s", cut != NULL ? cut : "the JSON breaks off");
    }
    close_file(h);
    h->file++;
    progress_step(h->options.progress, h->file);
}

/* --- an API --- */

static bool is_address(const char *path)
{
    return str_starts(str_of(path), STR("http://")) || str_starts(str_of(path), STR("https://"));
}

static status open_fetch(struct hookfile *h, const char *const *paths, size_t n, struct error *why)
{
    if (n != 1) {
        return error_set(why, "one address at a time can be fetched");
    }
    struct fetch_options options = {.kind = h->hook->name,
                                    .url = paths[0],
                                    .token = h->options.token,
                                    .cursor = h->options.cursor,
                                    .since = h->options.since > 0 ? h->options.since : WHEN_NONE};
    return fetch_open(&options, &h->fetch, why);
}

/* Maps the next answer of the service. */
static status map_fetched(struct hookfile *h, struct error *why)
{
    struct fetched fetched;
    status_code s = fetch_next(h->fetch, &fetched, why);
    if (s == OK) {
        struct delivery d = {.source = h->options.source,
                             .headers = fetched.headers,
                             .header_count = 1,
                             .body = fetched.body,
                             .received = clock_now(),
                             .file = fetched.headers[0].value};
        h->deliveries++;
        h->hook->map(&h->run, &d);
        progress_step(h->options.progress, h->deliveries);
        return OK;
    }
    if (s != END) {
        return s;
    }
    struct fetch_counts counts = fetch_counted(h->fetch);
    source_note(&h->source.notes, "%llu requests brought %llu answers",
                (unsigned long long)counts.requests, (unsigned long long)counts.bodies);
    if (counts.gone > 0) {
        source_note(&h->source.notes, "%llu things are gone there and were passed over",
                    (unsigned long long)counts.gone);
    }
    fetch_cursor(h->fetch, &h->cursor);
    fetch_close(h->fetch);
    h->fetch = NULL;
    return OK;
}

void hookfile_cursor(struct source *s, struct buf *out)
{
    buf_add(out, buf_str(&((struct hookfile *)s)->cursor));
}

static void hand_out(struct hookfile *h, struct batch *b)
{
    struct batch *made = h->full.v[h->handed].batch;
    struct batch *swap = mem_get(sizeof *swap);
    memcpy(swap, b, sizeof *b);
    memcpy(b, made, sizeof *b);
    memcpy(made, swap, sizeof *b);
    mem_put(swap);
    batch_free(made);
    h->handed++;
    if (h->handed == h->full.n) {
        h->full.n = h->handed = 0;
    }
}

static void note(struct hookfile *h)
{
    const struct hook_counts *c = &h->run.counts;
    if (c->unmapped > 0) {
        source_note(&h->source.notes,
                    "%llu of %llu deliveries tell nothing that has a place in the value stream",
                    (unsigned long long)c->unmapped, (unsigned long long)h->deliveries);
    }
    if (c->warnings > 0) {
        source_note(&h->source.notes, "%llu deliveries contradict themselves: the event counts",
                    (unsigned long long)c->warnings);
    }
}

status_code hookfile_next(struct source *s, struct batch *b, struct error *why)
{
    struct hookfile *h = (struct hookfile *)s;
    struct jsonfeed_value value;
    while (h->full.n == 0 && h->fetch != NULL) {
        TRY(map_fetched(h, why));
    }
    while (h->full.n == 0 && h->file < h->inputs.files.n) {
        if (h->stream == NULL) {
            TRY(open_next(h, why));
        }
        status_code done = next_value(h, &value, why);
        if (done == END) {
            finish_file(h);
        } else if (done != OK) {
            return done;
        } else {
            map_value(h, &value);
        }
    }
    if (h->full.n == 0) {
        TRY(hook_run_end(&h->run, why));
    }
    if (h->full.n > 0) {
        hand_out(h, b);
        return OK;
    }
    note(h);
    return END;
}

void hookfile_close(struct source *s)
{
    struct hookfile *h = (struct hookfile *)s;
    close_file(h);
    for (size_t i = h->handed; i < h->full.n; i++) {
        batch_free(h->full.v[i].batch);
    }
    VEC_FINISH(&h->full);
    batch_free(h->run.batch);
    inputs_finish(&h->inputs);
    fetch_close(h->fetch);
    buf_finish(&h->cursor);
    buf_finish(&h->body);
    hook_words_finish(&h->words);
    source_notes_finish(&h->source.notes);
    mem_put(h);
}

static status check_mapping(const struct hook *hook, const struct source_options *options,
                            struct error *why)
{
    bool mapped = hook == &HOOK_MAPPED;
    if (mapped && options->mapping == NULL) {
        error_set(why, "bodies of a tool that weir does not know need a mapping file");
        error_hint(why, "Name it: --map FILE");
        return FAIL;
    }
    return mapped || options->mapping == NULL
               ? OK
               : error_set(why, "%s says itself what is what: leave out the mapping file",
                           hook->title);
}

status hookfile_open(const struct hook *hook, const struct source_format *format,
                     const char *const *paths, size_t n, const struct source_options *options,
                     struct source **ret_source, struct error *why)
{
    TRY(check_mapping(hook, options, why));
    struct hookfile *h = mem_get(sizeof *h);
    h->source.format = format;
    h->hook = hook;
    h->options = *options;
    if (h->options.source.n == 0) {
        h->options.source = str_of(hook->name);
    }
    h->run = (struct hook_run){.options = &h->options,
                               .batch = batch_new(),
                               .take = keep_batch,
                               .cookie = h,
                               .words = &h->words};
    bool fetched = n > 0 && is_address(paths[0]);
    status_code done =
        fetched ? open_fetch(h, paths, n, why) : inputs_find(&h->inputs, paths, n, ENDINGS, why);
    if (done == OK && !fetched && hook->learn != NULL) {
        done = learn_files(h, why);
    }
    if (done != OK) {
        hookfile_close(&h->source);
        return done;
    }
    progress_begin(options->progress, fetched ? "fetch" : "import deliveries",
                   fetched ? "answers" : "files", h->inputs.files.n);
    *ret_source = &h->source;
    return OK;
}

/* --- which format --- */

static bool has_all(str head, const char *const *words)
{
    bool all = true;
    for (; all && *words != NULL; words++) {
        all = str_find(head, str_of(*words)) < head.n;
    }
    return all;
}

static bool fits(str head, const char *const *const *words)
{
    bool any = false;
    for (; !any && *words != NULL; words++) {
        any = has_all(head, *words);
    }
    return any;
}

int hookfile_guess(str head, const char *path, const char *const *const *words)
{
    enum { SURE = 92, FOLDER = 75 };
    if (head.n > 0) {
        char first = str_trim(head).n > 0 ? str_trim(head).p[0] : '\0';
        return (first == '{' || first == '[') && fits(head, words) ? SURE : 0;
    }
    struct inputs inputs = {0};
    struct stream *s = NULL;
    struct error why = {0};
    bool fit = false;
    if (path != NULL && inputs_find(&inputs, &path, 1, ENDINGS, &why) == OK &&
        stream_open(inputs.files.v[0], &s, &why) == OK) {
        status_code done = stream_peek(s, HEAD, &head, &why);
        fit = (done == OK || done == END) && fits(head, words);
    }
    stream_close(s);
    inputs_finish(&inputs);
    return fit ? FOLDER : 0;
}
