/* A delivery's events may fill several batches, and a reader gives one at a time: full ones wait in
 * `ready`. What a tool says in one file and means in another is learned first, in a pass of its own
 * (hookwords.h), so that the order of the files does not matter; from a pipe, which can be read
 * once, it is learned on the way. */
#include "source/hookfile.h"

#include "source/buildbotdb.h"
#include "source/filelist.h"
#include "source/jsonfeed.h"
#include "source/sniff.h"
#include "wire/stamp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const ENDINGS[] = {".json", ".ndjson", ".jsonl", ".sqlite", NULL};
enum { HEADERS = 64 };

struct hookfile {
    struct source source; /* first */
    const struct hook *hook;
    struct source_options options;
    struct filelist files;
    size_t file;
    struct stream *stream;
    struct jsonfeed *feed;
    struct jsonfeed_value value;
    struct buildbotdb *db; /* instead of `feed` */
    struct hook_run run;
    struct hook_words words;
    VEC(struct batch *) ready;
    size_t given;
    struct arena text; /* of one delivery */
    uint64_t bodies;
};

static status_code take(struct batch *b, void *cookie, struct error *why)
{
    struct hookfile *h = cookie;
    (void)why;
    VEC_ADD(&h->ready, b);
    h->run.batch = batch_new();
    return OK;
}

/* --- one file --- */

static void close_file(struct hookfile *h)
{
    jsonfeed_free(h->feed);
    buildbotdb_close(h->db);
    stream_close(h->stream);
    h->feed = NULL;
    h->db = NULL;
    h->stream = NULL;
}

static status open_file(struct hookfile *h, struct error *why)
{
    str head;
    const char *what = NULL;
    TRY(stream_open(h->files.paths.v[h->file], &h->stream, why));
    TRY(stream_peek(h->stream, SNIFF_HEAD, &head, why));
    char first = sniff_first(head);
    if (sniff(head, &what) == SNIFF_SQLITE && h->hook == &HOOK_BUILDBOT) {
        return buildbotdb_open(h->stream, &h->source.notes, &h->db, why);
    }
    if (first != '{' && first != '[') {
        return error_set(why, "%s: this is %s, not JSON of %s", stream_name(h->stream), what,
                         h->hook->title);
    }
    h->feed = jsonfeed_new(h->stream, JSONFEED_DOCUMENTS);
    return OK;
}

/* The next body of the open file. END: there is none. */
static status next_value(struct hookfile *h, struct error *why)
{
    if (h->db != NULL) {
        h->value = (struct jsonfeed_value){0};
        return buildbotdb_next(h->db, &h->value.text, why);
    }
    return jsonfeed_next(h->feed, &h->value, why);
}

/* --- deliveries --- */

static struct delivery delivery_of(struct hookfile *h, str body)
{
    str name = h->options.source.n > 0 ? h->options.source : str_of(h->hook->name);
    return (struct delivery){.source = name,
                             .body = body,
                             .received = clock_now(),
                             .file = str_of(stream_name(h->stream)),
                             .line = h->value.line};
}

static bool is_wrapper(const json_t *json)
{
    const char *key;
    json_t *one;
    json_object_foreach((json_t *)json, key, one)
    {
        if (strcmp(key, "headers") != 0 && strcmp(key, "body") != 0 &&
            strcmp(key, "received") != 0) {
            return false;
        }
    }
    return json_get_object(json, "headers") != NULL && json_object_get(json, "body") != NULL;
}

static void add_headers(struct hookfile *h, struct delivery *d, const json_t *headers)
{
    struct hook_header *list = ARENA_ARRAY(&h->text, struct hook_header, HEADERS);
    const char *key;
    json_t *one;
    d->headers = list;
    json_object_foreach((json_t *)headers, key, one)
    {
        str value = json_text(json_is_array(one) ? json_array_get(one, 0) : one);
        if (d->header_count < HEADERS) {
            list[d->header_count++] =
                (struct hook_header){arena_str(&h->text, str_of(key)), arena_str(&h->text, value)};
        }
    }
}

/* Takes a wrapper off, if there is one. */
static void unwrap(struct hookfile *h, struct delivery *d)
{
    str text = d->body;
    json_t *json = NULL;
    struct error why = {0};
    if (str_find(text, STR("\"headers\"")) == text.n || str_find(text, STR("\"body\"")) == text.n ||
        json_parse(text, 0, "", &json, &why) != OK) {
        return;
    }
    if (is_wrapper(json)) {
        const json_t *body = json_object_get(json, "body");
        char *dumped =
            json_is_string(body) ? NULL : json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
        struct stamp stamp;
        d->body = arena_str(&h->text, dumped != NULL ? str_of(dumped) : json_text(body));
        free(dumped);
        add_headers(h, d, json_get_object(json, "headers"));
        str received = json_text(json_object_get(json, "received"));
        if (received.n > 0 && stamp_parse(received, NULL, &stamp, NULL)) {
            d->received = stamp.time;
        }
    }
    json_decref(json);
}

static void learn(struct hookfile *h, str body)
{
    json_t *json = NULL;
    struct error why = {0};
    if (json_parse(body, 0, "", &json, &why) == OK) {
        h->hook->learn(&h->words, json);
        json_decref(json);
    }
}

static void map_value(struct hookfile *h)
{
    struct delivery d = delivery_of(h, h->value.text);
    h->bodies++;
    arena_clear(&h->text);
    if (h->value.broken != NULL) {
        hook_reject(&h->run, &d, "", "%s", h->value.broken);
        return;
    }
    unwrap(h, &d);
    h->hook->map(&h->run, &d);
}

/* --- the source --- */

static status learn_files(struct hookfile *h, struct error *why)
{
    struct stat about;
    for (h->file = 0; h->file < h->files.paths.n; h->file++) {
        if (stat(h->files.paths.v[h->file], &about) != 0 || !S_ISREG(about.st_mode)) {
            continue;
        }
        status_code code = open_file(h, why);
        while (code == OK && (code = next_value(h, why)) == OK) {
            if (h->value.broken == NULL) {
                struct delivery d = delivery_of(h, h->value.text);
                arena_clear(&h->text);
                unwrap(h, &d);
                learn(h, d.body);
            }
        }
        close_file(h);
        if (code != END) {
            return code;
        }
    }
    h->file = 0;
    return OK;
}

static void finish_file(struct hookfile *h)
{
    const char *cut = stream_broken(h->stream);
    if (h->feed != NULL && jsonfeed_cut(h->feed)) {
        struct delivery d = delivery_of(h, (str){0});
        d.line = 0;
        h->source.incomplete = true;
        hook_reject(&h->run, &d, "", "%s", cut != NULL ? cut : "the JSON breaks off");
    }
    close_file(h);
    h->file++;
    progress_step(h->options.progress, h->file);
}

/* Maps until a batch is full or there is no more. */
static status pump(struct hookfile *h, struct error *why)
{
    while (h->given == h->ready.n && h->file < h->files.paths.n) {
        if (h->stream == NULL) {
            TRY(open_file(h, why));
        }
        status_code code = next_value(h, why);
        if (code == END) {
            finish_file(h);
        } else if (code != OK) {
            return code;
        } else {
            map_value(h);
        }
    }
    return h->file == h->files.paths.n ? hook_run_end(&h->run, why) : OK;
}

static void note(struct hookfile *h)
{
    if (h->run.counts.unmapped > 0) {
        source_note(&h->source.notes,
                    "%llu of %llu bodies tell nothing that has a place in the value stream",
                    (unsigned long long)h->run.counts.unmapped, (unsigned long long)h->bodies);
    }
}

/* Both batches keep their own memory: they change places. */
static void give(struct hookfile *h, struct batch *b)
{
    struct batch *from = h->ready.v[h->given++], *room = mem_get(sizeof *room);
    *room = *b;
    *b = *from;
    *from = *room;
    mem_put(room);
    batch_free(from);
    if (h->given == h->ready.n) {
        h->ready.n = h->given = 0;
    }
}

status_code hookfile_next(struct source *s, struct batch *b, struct error *why)
{
    struct hookfile *h = (struct hookfile *)s;
    TRY(pump(h, why));
    if (h->given < h->ready.n) {
        give(h, b);
    }
    if (h->given < h->ready.n || h->file < h->files.paths.n) {
        return OK;
    }
    note(h);
    return END;
}

void hookfile_close(struct source *s)
{
    struct hookfile *h = (struct hookfile *)s;
    close_file(h);
    for (size_t i = h->given; i < h->ready.n; i++) {
        batch_free(h->ready.v[i]);
    }
    VEC_FINISH(&h->ready);
    batch_free(h->run.batch);
    hook_words_finish(&h->words);
    filelist_finish(&h->files);
    arena_finish(&h->text);
    source_notes_finish(&h->source.notes);
    mem_put(h);
}

status_code hookfile_open(const struct source_format *format, const struct hook *hook,
                          const char *const *paths, size_t n, const struct source_options *options,
                          struct source **ret_source, struct error *why)
{
    bool mapped = hook == &HOOK_MAPPED;
    if (mapped && options->mapping == NULL) {
        error_set(why, "bodies of a tool that weir does not know need a mapping file");
        error_hint(why, "Name it: --map FILE");
        return FAIL;
    }
    if (!mapped && options->mapping != NULL) {
        return error_set(why, "%s says itself what is what: leave out the mapping file",
                         hook->title);
    }
    struct hookfile *h = mem_get(sizeof *h);
    h->source.format = format;
    h->hook = hook;
    h->options = *options;
    h->run = (struct hook_run){.options = &h->options,
                               .batch = batch_new(),
                               .take = take,
                               .cookie = h,
                               .words = &h->words};
    status_code done = OK;
    for (size_t i = 0; i < n && done == OK; i++) {
        done = filelist_add(&h->files, paths[i], ENDINGS, why);
    }
    if (done == OK && hook->learn != NULL) {
        done = learn_files(h, why);
    }
    if (done != OK) {
        hookfile_close(&h->source);
        return done;
    }
    progress_begin(options->progress, arena_strf(&h->files.text, "import %s", hook->name).p,
                   "files", h->files.paths.n);
    *ret_source = &h->source;
    return OK;
}

int hookfile_guess(str head, const hookfile_sign *signs, size_t n)
{
    char first = sniff_first(head);
    for (size_t i = 0; i < n && (first == '{' || first == '['); i++) {
        bool all = true;
        for (size_t k = 0; k < HOOKFILE_SIGNS && signs[i][k] != NULL; k++) {
            all &= str_find(head, str_of(signs[i][k])) < head.n;
        }
        if (all) {
            return 80;
        }
    }
    return 0;
}
