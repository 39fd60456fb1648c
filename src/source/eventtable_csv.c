/* CSV by DuckDB's reader, all columns as text. weir reads the header itself (which separator, which
 * names) and tells DuckDB everything, so that nothing about a file is guessed by looking at its
 * data.
 *
 * What DuckDB cannot split into cells goes to its rejects table, by byte; what the table finds
 * wrong (no date, …) is remembered by number of row. If there is either, a second walk over the
 * records of the file (lines.h) gives both their line and raw text, in order, and checks that every
 * record of the file was either a row or a reject: a quote that is never closed makes DuckDB lose
 * rows without a word. */
#include "source/duck.h"
#include "source/eventtable.h"
#include "source/inputs.h"
#include "source/lines.h"
#include "source/magic.h"

#include "base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HEAD = 1 << 20, HELD_CELLS = 1 << 20, REFUSED_TEXT = 64 << 20 };

static const char *const ENDINGS[] = {".csv", ".tsv", NULL};

struct refused { /* by the table */
    uint64_t row;
    str column, reason;
};

struct misread {         /* by DuckDB */
    uint64_t record, at; /* offsets of the record and of the fault */
    int64_t column;      /* -1: none */
    str kind, message;
};

enum phase { PHASE_OPEN, PHASE_ROWS, PHASE_REJECTS, PHASE_END };

struct csv {
    struct source source;
    const struct source_options *options;
    struct inputs inputs;
    struct duck *duck;
    struct eventtable *table;
    size_t file; /* number of the one being read */
    enum phase phase;
    struct input input;
    struct header header;
    struct arena text;             /* of this file: names, rejects */
    VEC(struct duck_chunk *) held; /* read for the sample, not yet mapped */
    size_t held_at;
    struct duck_cells cells;
    uint64_t rows, bytes, bytes_before; /* of this file, of all before it */
    VEC(struct refused) refused;
    VEC(struct misread) misread;
    size_t refused_at, misread_at;
    struct batch *batch; /* the one being filled */
    struct lines lines;
    struct line line;
    uint64_t row;
    bool walking, long_lines, unclosed;
};

static const char *file_name(const struct csv *c)
{
    const char *name = c->inputs.files.v[c->file];
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

static void drop_held(struct csv *c)
{
    for (; c->held_at < c->held.n; c->held_at++) {
        duck_chunk_free(c->held.v[c->held_at]);
    }
    c->held.n = c->held_at = 0;
}

static void csv_close(struct source *s)
{
    struct csv *c = (struct csv *)s;
    drop_held(c);
    VEC_FINISH(&c->held);
    duck_close(c->duck);
    duck_cells_finish(&c->cells);
    eventtable_free(c->table);
    lines_close(&c->lines);
    buf_finish(&c->line.raw);
    input_close(&c->input);
    lines_header_finish(&c->header);
    VEC_FINISH(&c->refused);
    VEC_FINISH(&c->misread);
    arena_finish(&c->text);
    inputs_finish(&c->inputs);
    source_notes_finish(&s->notes);
    mem_put(c);
}

/* Reads the names of the columns, or says what the file is instead of a table. */
static status read_header(struct csv *c, const char *name, struct error *why)
{
    const char *found = magic_name(c->input.head);
    if (found != NULL) {
        return error_set(why, "%s is %s, not CSV", name, found);
    }
    lines_header_finish(&c->header);
    bool whole = c->input.head.n < HEAD;
    c->header = (struct header){0};
    if (!lines_header(c->input.head, whole, &c->text, &c->header)) {
        if (c->header.unclosed) {
            return error_set(why, "%s: a quote in the names of the columns is never closed", name);
        }
        return whole ? error_set(why, "%s holds nothing but blank lines", name)
                     : error_set(why, "%s: its first line is longer than %d bytes", name, HEAD);
    }
    return OK;
}

static void quote_sql(struct buf *out, char c)
{
    buf_addf(out, c == '\'' ? "''" : "%c", c);
}

static status query(struct csv *c, struct error *why)
{
    struct survey survey;
    TRY(lines_survey(c->input.fd, &survey, why));
    c->long_lines = survey.long_lines;
    if (survey.mixed) {
        source_note(&c->source.notes, "%s: its lines end in more than one way", file_name(c));
    }
    struct buf sql = {0};
    buf_addf(&sql,
             "FROM read_csv('%s', auto_detect=false, all_varchar=true, header=true, skip=%zu, "
             "quote='\"', escape='\"', nullstr='', compression='none', buffer_size=4000000, "
             "store_rejects=true, strict_mode=%s, delim='",
             c->input.path, c->header.skip, survey.mixed ? "false" : "true");
    quote_sql(&sql, c->header.separator);
    buf_addf(&sql, "', columns={");
    for (size_t i = 0; i < c->header.names.n; i++) {
        buf_addf(&sql, "%s'c%zu':'VARCHAR'", i > 0 ? "," : "", i);
    }
    buf_addf(&sql, "})");
    status_code code = duck_query(c->duck, buf_cstr(&sql), why);
    buf_finish(&sql);
    return code;
}

/* About how much of the file the rows in `cells` take: separators are counted, quotes are not. */
static uint64_t bytes_of(const struct csv *c, size_t rows)
{
    uint64_t bytes = rows * c->cells.count;
    for (size_t i = 0; i < c->cells.count; i++) {
        for (size_t row = 0; row < rows; row++) {
            bytes += c->cells.columns[i][row].n;
        }
    }
    return bytes;
}

/* Holds back the first chunks until the formats of the dates are known. */
static status take_sample(struct csv *c, struct error *why)
{
    bool enough = false;
    uint64_t seen = 0, bytes = 0;
    for (size_t cells = 0; !enough && cells < HELD_CELLS;) {
        struct duck_chunk *chunk = NULL;
        status_code code = duck_fetch(c->duck, &chunk, why);
        if (code == END) {
            break;
        }
        TRY(code);
        VEC_ADD(&c->held, chunk); /* NOLINT(bugprone-sizeof-expression): pointers are meant */
        struct eventtable_rows rows = {.n = duck_cells_fill(&c->cells, chunk),
                                       .cells = c->cells.columns};
        enough = eventtable_sample(c->table, &rows);
        cells += rows.n * c->cells.count;
        bytes += bytes_of(c, rows.n);
        seen += rows.n;
    }
    if (bytes > 0) { /* and a twentieth, lest the guess fall short by a little */
        double share = (double)c->input.size / (double)bytes;
        eventtable_expect(c->table, (size_t)((double)seen * share * 1.05));
    }
    return eventtable_settle(c->table, why);
}

static void forget_file(struct csv *c)
{
    drop_held(c);
    input_close(&c->input);
    c->refused.n = c->misread.n = c->refused_at = c->misread_at = 0;
    arena_finish(&c->text);
    arena_init(&c->text, "rejects", 0);
    c->rows = c->bytes = c->row = 0;
    c->walking = c->unclosed = false;
}

static status begin_file(struct csv *c, struct error *why)
{
    const char *name = c->inputs.files.v[c->file];
    forget_file(c);
    TRY(input_open(name, HEAD, true, &c->input, why));
    name = file_name(c);
    TRY(read_header(c, name, why));
    TRY(eventtable_begin(c->table, name, c->header.names.v, c->header.names.n, why));
    if (c->inputs.files.n == 1 && c->options->progress != NULL) {
        c->options->progress->total = c->input.size;
    }
    status_code code = query(c, why);
    if (code == FAIL) {
        error_add(why, "%s", name);
        return FAIL;
    }
    TRY(code);
    c->phase = PHASE_ROWS;
    return take_sample(c, why);
}

static status csv_open(const char *const *paths, size_t n, const struct source_options *options,
                       struct source **ret_source, struct error *why)
{
    struct csv *c = mem_get(sizeof *c);
    c->source.format = &SOURCE_CSV;
    c->options = options;
    c->input.fd = -1;
    c->table = eventtable_new(options, &c->source.notes);
    status_code code = OK;
    TRY_GOTO(code, done, inputs_find(&c->inputs, paths, n, ENDINGS, why));
    TRY_GOTO(code, done, duck_open(&c->duck, why));
    progress_begin(options->progress, "import csv", "bytes", 0);
    TRY_GOTO(code, done, begin_file(c, why));
done:
    if (code == OK) {
        *ret_source = &c->source;
    } else {
        csv_close(&c->source);
    }
    return code;
}

/* A row that the table refused waits for its line; when too many wait, it goes without one. */
static void refuse(void *cookie, size_t row, str column, str reason)
{
    struct csv *c = cookie;
    if (c->text.used > REFUSED_TEXT) {
        batch_reject(
            c->batch,
            (struct reject){.source = str_of(file_name(c)), .column = column, .reason = reason});
        return;
    }
    VEC_ADD(&c->refused, (struct refused){c->rows + row, column, arena_str(&c->text, reason)});
}

static status map_chunk(struct csv *c, struct duck_chunk *chunk, struct error *why)
{
    struct eventtable_rows rows = {.n = duck_cells_fill(&c->cells, chunk),
                                   .cells = c->cells.columns};
    TRY(eventtable_map(c->table, &rows, c->batch, refuse, c, why));
    c->rows += rows.n;
    if (c->options->progress != NULL) {
        c->bytes += bytes_of(c, rows.n);
        progress_step(c->options->progress, c->bytes_before + c->bytes);
    }
    return OK;
}

/* What DuckDB could not read of the file just ended. */
static status take_misread(struct csv *c, struct error *why)
{
    TRY(duck_query(c->duck,
                   "SELECT CAST(line_byte_position AS VARCHAR), CAST(byte_position AS VARCHAR), "
                   "CAST(column_idx AS VARCHAR), CAST(error_type AS VARCHAR), error_message "
                   "FROM reject_errors ORDER BY reject_errors.line_byte_position, "
                   "reject_errors.column_idx",
                   why));
    for (;;) {
        struct duck_chunk *chunk = NULL;
        status_code code = duck_fetch(c->duck, &chunk, why);
        if (code == END) {
            break;
        }
        TRY(code);
        struct duck_cells cells = {0};
        size_t n = duck_cells_fill(&cells, chunk);
        for (size_t i = 0; i < n; i++) {
            struct misread m = {.column = -1};
            int64_t record = 1, at = 1; /* DuckDB counts bytes from 1 */
            str_to_i64(cells.columns[0][i], &record);
            str_to_i64(cells.columns[1][i], &at);
            str_to_i64(cells.columns[2][i], &m.column);
            m.record = (uint64_t)record - 1;
            m.at = (uint64_t)at - 1;
            m.kind = arena_str(&c->text, cells.columns[3][i]);
            m.message = arena_str(&c->text, str_first(cells.columns[4][i], 200));
            VEC_ADD(&c->misread, m);
        }
        duck_cells_finish(&cells);
        duck_chunk_free(chunk);
    }
    TRY(duck_run(c->duck, "DROP TABLE reject_errors", why));
    return duck_run(c->duck, "DROP TABLE reject_scans", why);
}

static void reject_misread(struct csv *c, const struct misread *m)
{
    struct buf reason = {0};
    str column = {0};
    if (m->column > 0 && (size_t)m->column <= c->header.names.n) {
        column = eventtable_column(c->table, (size_t)m->column - 1);
    }
    size_t found = str_find(m->message, STR("Found: "));
    if (str_eq(m->kind, STR("MISSING COLUMNS")) || str_eq(m->kind, STR("TOO MANY COLUMNS"))) {
        column = (str){0};
        str count = str_from(m->message, found + strlen("Found: "));
        buf_addf(&reason, "number of cells: " STR_FMT " instead of %zu", STR_ARG(count),
                 c->header.names.n);
    } else if (str_eq(m->kind, STR("UNQUOTED VALUE"))) {
        buf_addf(&reason,
                 c->line.unclosed ? "a quote is never closed" : "text behind a closing quote");
    } else if (str_eq(m->kind, STR("LINE SIZE OVER MAXIMUM"))) {
        buf_addf(&reason, "a line of more than 2,000,000 bytes");
    } else if (str_eq(m->kind, STR("INVALID ENCODING"))) {
        buf_addf(&reason, "not UTF-8");
    } else {
        buf_addf(&reason, "it cannot be split into cells (" STR_FMT ")",
                 STR_ARG(str_first(m->message, str_find_char(m->message, '\n'))));
    }
    batch_reject(c->batch, (struct reject){str_of(file_name(c)), c->line.line, column,
                                           buf_str(&reason), buf_str(&c->line.raw)});
    buf_finish(&reason);
}

static void reject_refused(struct csv *c, const struct refused *r, bool found)
{
    batch_reject(c->batch,
                 (struct reject){str_of(file_name(c)), found ? c->line.line : 0, r->column,
                                 r->reason, found ? buf_str(&c->line.raw) : (str){0}});
}

static void reject_record(struct csv *c, str reason)
{
    batch_reject(c->batch, (struct reject){str_of(file_name(c)), c->line.line, (str){0}, reason,
                                           buf_str(&c->line.raw)});
}

/* The walk has met the end of the file. */
static void end_walk(struct csv *c)
{
    c->line.line = 0;
    buf_clear(&c->line.raw);
    for (; c->misread_at < c->misread.n; c->misread_at++) {
        if (!c->unclosed) { /* else it is the quote, which has its reject */
            reject_misread(c, &c->misread.v[c->misread_at]);
        }
    }
    for (; c->refused_at < c->refused.n; c->refused_at++) {
        reject_refused(c, &c->refused.v[c->refused_at], false);
    }
    if (c->row != c->rows || c->unclosed) {
        c->source.incomplete = true;
        source_note(&c->source.notes,
                    "%s: %s: %" PRIu64 " rows were read, and what stands behind that place cannot "
                    "be told apart for certain",
                    file_name(c),
                    c->unclosed ? "a quote is never closed" : "its records cannot be counted",
                    c->rows);
    }
    lines_close(&c->lines);
    c->walking = false;
}

/* Does the misread belong to the record just walked over? DuckDB may count the line end before a
 * record to it, and misplaces a quote that is never closed. */
static bool belongs(const struct csv *c, const struct misread *m)
{
    return m->record >= c->line.before && m->record <= c->line.offset && m->at <= c->lines.offset;
}

static void walk_record(struct csv *c)
{
    const struct misread *m = c->misread_at < c->misread.n ? &c->misread.v[c->misread_at] : NULL;
    if (c->line.unclosed) {
        c->unclosed = true;
        reject_record(c, STR("a quote is never closed: the rest of the file is one value"));
    } else if (m != NULL && belongs(c, m)) {
        reject_misread(c, m);
        uint64_t record = m->record;
        while (c->misread_at < c->misread.n && c->misread.v[c->misread_at].record == record) {
            c->misread_at++; /* one reject a record */
        }
    } else if (c->lines.offset - c->line.offset > LINES_LONGEST) {
        reject_record(c, STR("a line of more than 2,000,000 bytes"));
    } else {
        if (c->refused_at < c->refused.n && c->refused.v[c->refused_at].row == c->row) {
            reject_refused(c, &c->refused.v[c->refused_at++], true);
        }
        c->row++;
    }
}

/* Walks on over the records, giving rejects their place, until the batch is full or the file ends.
 */
static status walk(struct csv *c, struct error *why)
{
    if (!c->walking) {
        TRY(lines_open(&c->lines, c->input.fd, c->header.separator, why));
        c->walking = true;
        lines_next(&c->lines, &c->line); /* the header */
    }
    while (c->batch->rejects.n < BATCH_ROWS) {
        if (interrupt_signal() != 0) {
            return INTERRUPTED;
        }
        if (!lines_next(&c->lines, &c->line)) {
            end_walk(c);
            return END;
        }
        walk_record(c);
    }
    return OK;
}

static status end_rows(struct csv *c, struct error *why)
{
    TRY(take_misread(c, why));
    c->phase = c->misread.n + c->refused.n > 0 || c->long_lines ? PHASE_REJECTS : PHASE_END;
    return OK;
}

static void reject_partial(struct csv *c)
{
    if (c->input.broken) {
        c->source.incomplete = true;
        batch_reject(c->batch, (struct reject){.source = str_of(file_name(c)),
                                               .reason = str_of(c->input.reason),
                                               .raw = c->input.partial});
    }
}

static status end_file(struct csv *c, struct error *why)
{
    reject_partial(c);
    c->bytes_before += c->input.size;
    if (++c->file == c->inputs.files.n) {
        progress_end(c->options->progress);
        eventtable_end(c->table);
        forget_file(c);
        c->file--;
        return END;
    }
    return begin_file(c, why);
}

static status next_rows(struct csv *c, struct error *why)
{
    struct duck_chunk *chunk = NULL;
    status_code code = OK;
    if (c->held_at < c->held.n) {
        chunk = c->held.v[c->held_at++];
    } else {
        code = duck_fetch(c->duck, &chunk, why);
    }
    if (code == END) {
        return end_rows(c, why);
    }
    if (code == OK) {
        code = map_chunk(c, chunk, why);
        duck_chunk_free(chunk);
    } else if (code == FAIL) {
        error_add(why, "%s", file_name(c));
    }
    return code;
}

static status csv_next(struct source *s, struct batch *batch, struct error *why)
{
    struct csv *c = (struct csv *)s;
    c->batch = batch;
    switch (c->phase) {
    case PHASE_ROWS:
        return next_rows(c, why);
    case PHASE_REJECTS: {
        status_code code = walk(c, why);
        if (code == END) {
            c->phase = PHASE_END;
            return OK;
        }
        return code;
    }
    case PHASE_END:
        return end_file(c, why);
    case PHASE_OPEN:
        break;
    }
    return END;
}

static int csv_guess(str head, const char *path)
{
    if (head.n == 0) {
        return path != NULL && inputs_folder_has(path, ENDINGS) ? 40 : 0;
    }
    if (magic_name(head) != NULL) {
        return 0;
    }
    struct arena text = {.name = "header"};
    struct header header = {0};
    int sure = 0;
    if (lines_header(head, true, &text, &header)) {
        sure = header.names.n >= 3 ? 60 : header.names.n == 2 ? 30 : 0;
    }
    lines_header_finish(&header);
    arena_finish(&text);
    return sure;
}

const struct source_format SOURCE_CSV = {
    .name = "csv",
    .guess = csv_guess,
    .open = csv_open,
    .next = csv_next,
    .close = csv_close,
};
