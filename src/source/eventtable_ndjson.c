/* NDJSON: one JSON object a line. Three kinds are read: the short form of an event (shortform.h),
 * any object by a mapping file, and plain rows whose keys are columns of an event table (nested
 * objects flattened with dots, lists as JSON text).
 *
 * Lines are gathered into a chunk of rows, column by column, as DuckDB's chunks are; the columns
 * are the keys of the first chunk, later ones become attributes. A line that is no object is a
 * reject, and reading goes on. */
#include "source/eventtable.h"
#include "source/feed.h"
#include "source/inputs.h"
#include "source/magic.h"
#include "source/mapping.h"
#include "source/shortform.h"

#include "base/mem.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD = 1 << 16, CHUNK_BYTES = 32 << 20, DEEPEST = 16, SHOWN = 1000 };

static const char *const ENDINGS[] = {".ndjson", ".jsonl", NULL};

struct ndjson {
    struct source source;
    const struct source_options *options;
    struct inputs inputs;
    size_t file;
    struct feed feed;
    bool open, ended;
    uint64_t taken_before; /* bytes of the files before this one */
    struct eventtable *table;
    bool begun;         /* the table knows its columns */
    struct intern keys; /* number - 1 is the column */
    VEC(str *) columns;
    size_t known; /* columns that the table was told of */
    size_t rows;
    id128 content[BATCH_ROWS];
    uint64_t line[BATCH_ROWS];
    str raw[BATCH_ROWS];
    json_t *documents[BATCH_ROWS];
    struct arena text; /* of the chunk */
    struct buf key, reason;
    uint64_t short_forms;
    struct mapping_run *mapping;
    str *values;
    struct rowkeys row_keys;
    json_t *document; /* by mapping: being read, with its next record */
    size_t record;
    str document_raw;
    struct batch *batch;
};

static const char *file_name(const struct ndjson *s)
{
    const char *name = s->inputs.files.v[s->file];
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

static void drop_rows(struct ndjson *s)
{
    for (size_t i = 0; i < s->rows; i++) {
        json_decref(s->documents[i]);
    }
    s->rows = 0;
    arena_clear(&s->text);
}

static void drop_columns(struct ndjson *s)
{
    for (size_t i = 0; i < s->columns.n; i++) {
        mem_put(s->columns.v[i]);
    }
    s->columns.n = s->known = 0;
    s->begun = false;
    intern_finish(&s->keys);
}

static void ndjson_close(struct source *source)
{
    struct ndjson *s = (struct ndjson *)source;
    drop_rows(s);
    drop_columns(s);
    VEC_FINISH(&s->columns);
    json_decref(s->document);
    feed_close(&s->feed);
    eventtable_free(s->table);
    mapping_run_free(s->mapping);
    mem_put(s->values);
    rowkeys_finish(&s->row_keys);
    arena_finish(&s->text);
    buf_finish(&s->key);
    buf_finish(&s->reason);
    inputs_finish(&s->inputs);
    source_notes_finish(&source->notes);
    mem_put(s);
}

static void reject_line(struct ndjson *s, str column, str reason, str raw)
{
    batch_reject(s->batch,
                 (struct reject){str_of(file_name(s)), s->feed.line, column, reason, raw});
}

/* A damaged first line does not make the others anything else. */
static bool has_object_line(str head)
{
    for (str line; str_cut(&head, '\n', &line);) {
        line = str_trim(line);
        if (line.n > 0 && line.p[0] == '{') {
            return true;
        }
    }
    return false;
}

static status begin_file(struct ndjson *s, struct error *why)
{
    str head = {0};
    TRY(feed_open(&s->feed, s->inputs.files.v[s->file], why));
    s->open = true;
    s->ended = false;
    drop_columns(s);
    intern_init(&s->keys, "keys");
    status_code code = stream_peek(s->feed.stream, HEAD, &head, why);
    if (code != OK && code != END) {
        return code;
    }
    const char *found = magic_name(head);
    if ((found == NULL || strstr(found, "JSON") == NULL) && !has_object_line(head)) {
        return error_set(why, "%s is %s, not NDJSON", file_name(s),
                         found != NULL ? found : "text without a { at its beginning");
    }
    return OK;
}

/* The cell of a key in the row being filled, NULL when there are too many keys. */
static str *cell(struct ndjson *s, str key)
{
    uint32_t number = 0;
    key = key.n > 0 ? key : STR("(empty)");
    if (!intern_find(&s->keys, key, &number)) {
        if (s->columns.n == EVENTTABLE_COLUMNS) {
            return NULL;
        }
        number = intern_add(&s->keys, key);
        str *cells = mem_get(BATCH_ROWS * sizeof *cells);
        VEC_ADD(&s->columns, cells); /* NOLINT(bugprone-sizeof-expression): pointers are meant */
    }
    return &s->columns.v[number - 1][s->rows];
}

static str value_text(struct ndjson *s, const json_t *value)
{
    if (json_is_string(value)) {
        return json_text(value);
    }
    struct buf text = {0};
    if (!json_scalar(value, &text)) {
        char *dumped = json_dumps(value, JSON_COMPACT);
        buf_add(&text, str_of(dumped));
        free(dumped);
    }
    str kept = arena_str(&s->text, buf_str(&text));
    buf_finish(&text);
    return kept;
}

/* Puts the members of an object into the row; `prefix` bytes of s->key are the path so far. */
static bool flatten(struct ndjson *s, json_t *object, size_t prefix, int depth)
{
    const char *name = NULL;
    size_t name_n = 0;
    json_t *value = NULL;
    json_object_keylen_foreach(object, name, name_n, value)
    {
        s->key.n = prefix;
        if (prefix > 0) {
            buf_putc(&s->key, '.');
        }
        buf_add(&s->key, (str){name, name_n});
        if (json_is_object(value) && depth < DEEPEST) {
            if (!flatten(s, value, s->key.n, depth + 1)) {
                return false;
            }
        } else if (!json_is_null(value)) {
            str *at = cell(s, buf_str(&s->key));
            if (at == NULL) {
                return false;
            }
            *at = value_text(s, value);
        }
    }
    return true;
}

static void add_row(struct ndjson *s, json_t *document, str line)
{
    for (size_t i = 0; i < s->columns.n; i++) {
        s->columns.v[i][s->rows] = (str){0};
    }
    buf_clear(&s->key);
    if (!flatten(s, document, 0, 0)) {
        reject_line(s, (str){0}, STR("more than 2,048 different keys in the file"), line);
        json_decref(document);
        return;
    }
    s->content[s->rows] = id128_of(line.p, line.n);
    s->line[s->rows] = s->feed.line;
    s->raw[s->rows] = arena_str(&s->text, str_first(line, SHOWN));
    s->documents[s->rows++] = document;
}

/* One line: a document, or NULL when it was blank or became a reject. */
static json_t *parse(struct ndjson *s, str line, bool cut)
{
    json_t *document = NULL;
    struct error wrong = {0};
    if (line.n == 0) {
        return NULL;
    }
    if (cut) {
        reject_line(s, (str){0}, STR("a line of more than 64 MiB"), line);
    } else if (json_parse(line, 0, "JSON", &document, &wrong) != OK) {
        str reason = str_of(wrong.text);
        str place = STR("JSON: line 1, ");
        if (str_starts(reason, place)) {
            reason = str_from(reason, place.n);
        }
        struct buf sentence = {0};
        buf_addf(&sentence, "not JSON: " STR_FMT, STR_ARG(reason));
        reject_line(s, (str){0}, buf_str(&sentence), line);
        buf_finish(&sentence);
        document = NULL;
    } else if (!json_is_object(document)) {
        reject_line(s, (str){0}, STR("not a JSON object"), line);
        json_decref(document);
        document = NULL;
    }
    return document;
}

static void take_line(struct ndjson *s, str line, bool cut)
{
    json_t *document = parse(s, line, cut);
    str column = {0};
    if (document == NULL) {
        return;
    }
    if (shortform_is(document)) {
        s->short_forms++;
        if (!shortform_add(document, s->options, s->batch, &s->reason, &column)) {
            reject_line(s, column, buf_str(&s->reason), line);
        }
        json_decref(document);
    } else if (s->short_forms > 0 && !s->begun) {
        reject_line(s, (str){0},
                    STR("id, time, type or item is missing, which the lines before it have"), line);
        json_decref(document);
    } else {
        add_row(s, document, line);
    }
}

/* Lines until the batch might be full, the chunk is large, or the file ends (then s->ended). */
static status fill(struct ndjson *s, struct error *why)
{
    size_t bytes = 0;
    while (s->batch->n + s->rows < BATCH_ROWS && bytes < CHUNK_BYTES &&
           s->batch->rejects.n < BATCH_ROWS) {
        str line = {0};
        bool cut = false;
        status_code code = feed_next(&s->feed, &line, &cut, why);
        if (code == END) {
            s->ended = true;
            return OK;
        }
        TRY(code);
        line = str_trim(line);
        bytes += line.n;
        take_line(s, line, cut);
    }
    return OK;
}

static void refuse(void *cookie, size_t row, str column, str reason)
{
    struct ndjson *s = cookie;
    batch_reject(s->batch,
                 (struct reject){str_of(file_name(s)), s->line[row], column, reason, s->raw[row]});
}

/* Tells the table of the columns that are new in this chunk. */
static status tell_columns(struct ndjson *s, struct error *why)
{
    if (!s->begun) {
        str *names = ARENA_ARRAY(&s->text, str, s->columns.n + 1);
        for (size_t i = 0; i < s->columns.n; i++) {
            names[i] = intern_text(&s->keys, (uint32_t)i + 1);
        }
        TRY(eventtable_begin(s->table, file_name(s), names, s->columns.n, why));
        s->begun = true;
        s->known = s->columns.n;
    }
    for (; s->known < s->columns.n; s->known++) {
        TRY(eventtable_add_column(s->table, intern_text(&s->keys, (uint32_t)s->known + 1), why));
    }
    return OK;
}

static status map_rows(struct ndjson *s, struct error *why)
{
    if (s->rows == 0) {
        return OK;
    }
    struct eventtable_rows rows = {
        .n = s->rows, .cells = (const str *const *)s->columns.v, .content = s->content};
    bool first = !s->begun;
    TRY(tell_columns(s, why));
    if (first) {
        eventtable_sample(s->table, &rows);
        TRY(eventtable_settle(s->table, why));
    }
    TRY(eventtable_map(s->table, &rows, s->batch, refuse, s, why));
    drop_rows(s);
    return OK;
}

/* By the mapping: a document may hold several records, more than the batch has room for. */
static status map_documents(struct ndjson *s, struct error *why)
{
    while (batch_has_room(s->batch, s->mapping != NULL ? MAPPING_EVENTS : 1) &&
           s->batch->rejects.n < BATCH_ROWS) {
        if (s->document == NULL) {
            str line = {0};
            bool cut = false;
            status_code code = feed_next(&s->feed, &line, &cut, why);
            if (code == END) {
                s->ended = true;
                return OK;
            }
            TRY(code);
            arena_clear(&s->text);
            line = str_trim(line);
            s->document = parse(s, line, cut);
            s->record = 0;
            s->document_raw = arena_str(&s->text, str_first(line, SHOWN));
            continue;
        }
        const json_t *record = mapping_record(s->options->mapping, s->document, s->record);
        if (record == NULL) {
            json_decref(s->document);
            s->document = NULL;
            continue;
        }
        str column = {0};
        mapping_json(s->options->mapping, s->document, record, &s->text, s->values);
        char *dumped = json_dumps(record, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
        id128 key = rowkeys_next(&s->row_keys, id128_of(dumped, strlen(dumped)));
        free(dumped);
        s->record++;
        if (!mapping_event(s->mapping, s->values, key, s->batch, &s->reason, &column)) {
            reject_line(s, column, buf_str(&s->reason), s->document_raw);
        }
    }
    return OK;
}

static void end_file(struct ndjson *s)
{
    const char *broken = stream_broken(s->feed.stream);
    if (broken != NULL) {
        s->source.incomplete = true;
        reject_line(s, (str){0}, str_of(broken), (str){0});
    }
    s->taken_before += stream_taken(s->feed.stream);
    feed_close(&s->feed);
    s->open = false;
    s->file++;
}

static status ndjson_next(struct source *source, struct batch *batch, struct error *why)
{
    struct ndjson *s = (struct ndjson *)source;
    s->batch = batch;
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    if (!s->open) {
        if (s->file == s->inputs.files.n) {
            progress_end(s->options->progress);
            return END;
        }
        TRY(begin_file(s, why));
    }
    if (s->mapping != NULL) {
        TRY(map_documents(s, why));
    } else {
        TRY(fill(s, why));
        TRY(map_rows(s, why));
    }
    progress_step(s->options->progress, s->taken_before + stream_taken(s->feed.stream));
    if (s->ended) {
        end_file(s);
        if (s->file == s->inputs.files.n) {
            if (s->mapping != NULL) {
                mapping_run_notes(s->mapping, &source->notes);
            } else if (s->short_forms == 0 || s->begun) {
                eventtable_end(s->table);
            }
        }
    }
    return OK;
}

static status ndjson_open(const char *const *paths, size_t n, const struct source_options *options,
                          struct source **ret_source, struct error *why)
{
    struct ndjson *s = mem_get(sizeof *s);
    s->source.format = &SOURCE_NDJSON;
    s->options = options;
    arena_init(&s->text, "JSON lines", 0);
    intern_init(&s->keys, "keys");
    status_code code = OK;
    if (options->mapping != NULL) {
        s->mapping = mapping_run_new(options->mapping, options, true);
        s->values = mem_get(mapping_path_count(options->mapping) * sizeof *s->values);
    } else {
        s->table = eventtable_new(options, &s->source.notes);
    }
    TRY_GOTO(code, done, inputs_find(&s->inputs, paths, n, ENDINGS, why));
    TRY_GOTO(code, done, begin_file(s, why));
    progress_begin(options->progress, "import ndjson", "bytes",
                   s->inputs.files.n == 1 ? stream_size(s->feed.stream) : 0);
done:
    if (code == OK) {
        *ret_source = &s->source;
    } else {
        ndjson_close(&s->source);
    }
    return code;
}

static int ndjson_guess(str head, const char *path)
{
    if (head.n == 0) {
        return path != NULL && inputs_folder_has(path, ENDINGS) ? 40 : 0;
    }
    const char *found = magic_name(head);
    if (found == NULL || strcmp(found, "JSON") != 0) {
        return 0; /* documents of known kinds have formats of their own */
    }
    str line = str_trim(str_first(head, str_find_char(head, '\n')));
    bool whole = line.n > 1 && line.p[0] == '{' && line.p[line.n - 1] == '}';
    return whole ? 60 : line.n == str_trim(head).n ? 30 : 0;
}

const struct source_format SOURCE_NDJSON = {
    .name = "ndjson",
    .guess = ndjson_guess,
    .open = ndjson_open,
    .next = ndjson_next,
    .close = ndjson_close,
};
