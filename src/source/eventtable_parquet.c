/* Parquet by DuckDB's reader. Every column is cast to text, instants of a time zone in UTC, so that
 * the rows go the way of all tables and are identified alike. Rejects give the number of the row.
 */
#include "source/duck.h"
#include "source/eventtable.h"
#include "source/inputs.h"
#include "source/magic.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 1 << 12 };

static const char *const ENDINGS[] = {".parquet", ".pq", NULL};

struct parquet {
    struct source source;
    const struct source_options *options;
    struct inputs inputs;
    struct input input;
    struct duck *duck;
    struct eventtable *table;
    struct duck_cells cells;
    struct duck_chunk *first; /* read for the sample */
    struct arena text;
    size_t file;
    uint64_t rows, rows_before;
    bool ended;
    struct batch *batch;
};

static void parquet_close(struct source *source)
{
    struct parquet *p = (struct parquet *)source;
    duck_chunk_free(p->first);
    duck_close(p->duck);
    duck_cells_finish(&p->cells);
    eventtable_free(p->table);
    input_close(&p->input);
    inputs_finish(&p->inputs);
    arena_finish(&p->text);
    source_notes_finish(&source->notes);
    mem_put(p);
}

/* "name" quoted for SQL */
static void quote_name(struct buf *sql, const char *name)
{
    buf_putc(sql, '"');
    for (; *name != '\0'; name++) {
        buf_addf(sql, *name == '"' ? "\"\"" : "%c", *name);
    }
    buf_putc(sql, '"');
}

static status query(struct parquet *p, struct error *why)
{
    struct buf sql = {0}, cast = {0};
    buf_addf(&sql, "SELECT * FROM read_parquet('%s') LIMIT 0", p->input.path);
    status_code code = duck_query(p->duck, buf_cstr(&sql), why);
    size_t n = code == OK ? duck_columns(p->duck) : 0;
    if (code == OK && n > EVENTTABLE_COLUMNS) {
        code = error_set(why, "%zu columns; weir reads up to %d", n, EVENTTABLE_COLUMNS);
    }
    if (code == OK) {
        str *names = ARENA_ARRAY(&p->text, str, n + 1);
        buf_addf(&cast, "SELECT ");
        for (size_t i = 0; i < n; i++) {
            const char *name = duck_column(p->duck, i);
            names[i] = arena_str(&p->text, str_of(name));
            buf_addf(&cast, i > 0 ? ", " : "");
            if (duck_is_instant(p->duck, i)) { /* no cast of it to text without a zone database */
                buf_addf(&cast, "CAST(make_timestamp(epoch_us(");
                quote_name(&cast, name);
                buf_addf(&cast, ")) AS VARCHAR) || 'Z'");
            } else {
                buf_addf(&cast, "CAST(");
                quote_name(&cast, name);
                buf_addf(&cast, " AS VARCHAR)");
            }
        }
        buf_addf(&cast, " FROM read_parquet('%s')", p->input.path);
        code = eventtable_begin(p->table, p->inputs.files.v[p->file], names, n, why);
    }
    if (code == OK) {
        code = duck_query(p->duck, buf_cstr(&cast), why);
    }
    buf_finish(&sql);
    buf_finish(&cast);
    return code;
}

static status take_sample(struct parquet *p, struct error *why)
{
    status_code code = duck_fetch(p->duck, &p->first, why);
    if (code == OK) {
        struct eventtable_rows rows = {.n = duck_cells_fill(&p->cells, p->first),
                                       .cells = p->cells.columns};
        eventtable_sample(p->table, &rows);
    }
    return code == END ? OK : code == OK ? eventtable_settle(p->table, why) : code;
}

static status begin_file(struct parquet *p, struct error *why)
{
    const char *name = p->inputs.files.v[p->file];
    input_close(&p->input);
    arena_clear(&p->text);
    TRY(input_open(name, HEAD, false, &p->input, why));
    const char *found = magic_name(p->input.head);
    if (found == NULL || strcmp(found, "Parquet") != 0) {
        return error_set(why, "%s is %s, not Parquet", name, found != NULL ? found : "text");
    }
    p->rows = 0;
    p->ended = false;
    status_code code = query(p, why);
    code = code == OK ? take_sample(p, why) : code;
    if (code == FAIL) {
        error_add(why, "%s", name);
    }
    return code;
}

static status parquet_open(const char *const *paths, size_t n, const struct source_options *options,
                           struct source **ret_source, struct error *why)
{
    struct parquet *p = mem_get(sizeof *p);
    p->source.format = &SOURCE_PARQUET;
    p->options = options;
    p->input.fd = -1;
    p->table = eventtable_new(options, &p->source.notes);
    arena_init(&p->text, "columns", 0);
    progress_begin(options->progress, "import parquet", "rows", 0);
    status_code code = OK;
    TRY_GOTO(code, done, inputs_find(&p->inputs, paths, n, ENDINGS, why));
    TRY_GOTO(code, done, duck_open(&p->duck, why));
    TRY_GOTO(code, done, begin_file(p, why));
done:
    if (code == OK) {
        *ret_source = &p->source;
    } else {
        parquet_close(&p->source);
    }
    return code;
}

static void refuse(void *cookie, size_t row, str column, str reason)
{
    struct parquet *p = cookie;
    struct buf raw = {0};
    for (size_t i = 0; i < p->cells.count; i++) {
        buf_addf(&raw, "%s" STR_FMT, i > 0 ? "," : "", STR_ARG(p->cells.columns[i][row]));
    }
    batch_reject(p->batch, (struct reject){str_of(p->inputs.files.v[p->file]), p->rows + row + 1,
                                           column, reason, buf_str(&raw)});
    buf_finish(&raw);
}

static status next_rows(struct parquet *p, struct error *why)
{
    struct duck_chunk *chunk = p->first;
    p->first = NULL;
    if (chunk == NULL) {
        status_code code = duck_fetch(p->duck, &chunk, why);
        if (code == FAIL) {
            error_add(why, "%s", p->inputs.files.v[p->file]);
        }
        TRY(code);
    }
    struct eventtable_rows rows = {.n = duck_cells_fill(&p->cells, chunk),
                                   .cells = p->cells.columns};
    status_code code = eventtable_map(p->table, &rows, p->batch, refuse, p, why);
    p->rows += rows.n;
    duck_chunk_free(chunk);
    progress_step(p->options->progress, p->rows_before + p->rows);
    return code;
}

static status parquet_next(struct source *source, struct batch *batch, struct error *why)
{
    struct parquet *p = (struct parquet *)source;
    p->batch = batch;
    status_code code = p->ended ? END : next_rows(p, why);
    if (code != END || p->ended) {
        return code;
    }
    p->rows_before += p->rows;
    if (p->file + 1 == p->inputs.files.n) {
        p->ended = true;
        progress_end(p->options->progress);
        eventtable_end(p->table);
        return END;
    }
    p->file++;
    return begin_file(p, why);
}

static int parquet_guess(str head, const char *path)
{
    if (head.n == 0) {
        return path != NULL && inputs_folder_has(path, ENDINGS) ? 40 : 0;
    }
    return str_starts(head, STR("PAR1")) ? 100 : 0;
}

const struct source_format SOURCE_PARQUET = {
    .name = "parquet",
    .guess = parquet_guess,
    .open = parquet_open,
    .next = parquet_next,
    .close = parquet_close,
};
