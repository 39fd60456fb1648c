/* A table is filled once and printed in any shape. Cells keep their values, not their text, so that
 * people and programs each get their own; texts and series are copied into one arena. */
#include "view/table_cells.h"

#include "view/doc.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

struct table *table_new(const struct table_column *columns, size_t n)
{
    assert(n > 0);
    struct table *t = mem_get(sizeof *t);
    t->columns = columns;
    t->n = n;
    return t;
}

void table_free(struct table *t)
{
    if (t != NULL) {
        arena_finish(&t->text);
        VEC_FINISH(&t->cells);
        VEC_FINISH(&t->sections);
        mem_put(t);
    }
}

static enum cell_kind next_kind(const struct table *t)
{
    return t->columns[t->cells.n % t->n].kind;
}

void table_text(struct table *t, str value)
{
    assert(next_kind(t) == CELL_TEXT);
    VEC_ADD(&t->cells, (struct cell){.text = arena_str(&t->text, value)});
}

static void add_whole(struct table *t, enum cell_kind kind, int64_t value, bool none)
{
    assert(next_kind(t) == kind);
    VEC_ADD(&t->cells, (struct cell){.whole = value, .none = none});
}

void table_count(struct table *t, int64_t value)
{
    add_whole(t, CELL_COUNT, value, false);
}

void table_number(struct table *t, double value)
{
    assert(next_kind(t) == CELL_NUMBER || next_kind(t) == CELL_SHARE);
    VEC_ADD(&t->cells, (struct cell){.real = value, .none = !isfinite(value)});
}

void table_lapse(struct table *t, lapse value)
{
    add_whole(t, CELL_LAPSE, value, value == WHEN_NONE);
}

void table_when(struct table *t, when value)
{
    add_whole(t, CELL_WHEN, value, value == WHEN_NONE);
}

void table_flag(struct table *t, bool value)
{
    add_whole(t, CELL_FLAG, value, false);
}

void table_bar(struct table *t, double wait, double work)
{
    table_bar_either(t, wait, 0, work);
}

void table_bar_either(struct table *t, double wait, double either, double work)
{
    assert(next_kind(t) == CELL_BAR);
    VEC_ADD(&t->cells, (struct cell){.bar = {wait, either, work}});
}

void table_line(struct table *t, const double *values, size_t n)
{
    assert(next_kind(t) == CELL_LINE);
    double *copy = ARENA_ARRAY(&t->text, double, n > 0 ? n : 1);
    if (n > 0) {
        memcpy(copy, values, n * sizeof *copy);
    }
    VEC_ADD(&t->cells, (struct cell){.line = {copy, n}});
}

void table_none(struct table *t)
{
    VEC_ADD(&t->cells, (struct cell){.none = true});
}

void table_colour(struct table *t, enum colour c)
{
    assert(t->cells.n > 0);
    t->cells.v[t->cells.n - 1].colour = (uint8_t)c;
}

void table_section(struct table *t, str title)
{
    assert(t->cells.n % t->n == 0);
    VEC_ADD(&t->sections,
            (struct section){.before = table_rows(t), .title = arena_str(&t->text, title)});
}

size_t table_rows(const struct table *t)
{
    return t->cells.n / t->n;
}

/* ---- for programs ---- */

static bool for_programs(const struct table_column *c)
{
    return c->key != NULL && !is_chart(c);
}

/* A figure as programs read it. True: in JSON it is a text. */
static bool tell(const struct table_column *c, const struct cell *cell, struct buf *out)
{
    char text[CLOCK_TEXT];
    switch (c->kind) {
    case CELL_COUNT:
        buf_addf(out, "%" PRId64, cell->whole);
        break;
    case CELL_NUMBER:
    case CELL_SHARE:
        text_real(out, cell->real);
        break;
    case CELL_LAPSE:
        text_seconds(out, cell->whole);
        break;
    case CELL_WHEN:
        buf_add(out, str_of(clock_text(cell->whole, text)));
        return true;
    case CELL_FLAG:
        buf_add(out, cell->whole != 0 ? STR("true") : STR("false"));
        break;
    case CELL_TEXT:
    case CELL_BAR:
    case CELL_LINE:
        break;
    }
    return false;
}

/* One field of a line: nothing in it can end it, and nothing in it can be obeyed. */
static void add_plain(struct buf *out, str data)
{
    for (size_t at = 0; at < data.n;) {
        size_t from = at;
        int32_t code = text_next(data, &at);
        if (code == '\t' || code == '\n' || code == '\\') {
            buf_putc(out, '\\');
            buf_putc(out, code == '\t' ? 't' : code == '\n' ? 'n' : '\\');
        } else if (text_is_hostile(code)) {
            text_safe(out, (str){data.p + from, at - from});
        } else {
            buf_add_bytes(out, data.p + from, at - from);
        }
    }
}

/* RFC 4180 knows no control characters in a field but line breaks within quotes; they are escaped
 * as elsewhere. */
static void add_csv(struct buf *out, str data)
{
    bool quoted = false;
    for (size_t i = 0; i < data.n; i++) {
        quoted = quoted || strchr(",\"\n", data.p[i]) != NULL;
    }
    quoted = quoted || (data.n > 0 && (data.p[0] == ' ' || data.p[data.n - 1] == ' '));
    if (quoted) {
        buf_putc(out, '"');
    }
    for (size_t at = 0; at < data.n;) {
        size_t from = at;
        int32_t code = text_next(data, &at);
        if (code == '"') {
            buf_add(out, STR("\"\""));
        } else if (text_is_hostile(code) && code != '\n' && code != '\t') {
            text_safe(out, (str){data.p + from, at - from});
        } else {
            buf_add_bytes(out, data.p + from, at - from);
        }
    }
    if (quoted) {
        buf_putc(out, '"');
    }
}

/* One line of fields; row SIZE_MAX is the header. */
static void print_fields(const struct table *t, size_t row, bool csv, struct buf *out)
{
    bool first = true;
    for (size_t i = 0; i < t->n; i++) {
        const struct table_column *c = &t->columns[i];
        if (!for_programs(c)) {
            continue;
        }
        if (!first) {
            buf_putc(out, csv ? ',' : '\t');
        }
        first = false;
        const struct cell *cell = row == SIZE_MAX ? NULL : cell_at(t, row, i);
        if (cell != NULL && cell->none) {
            continue;
        }
        if (cell != NULL && c->kind != CELL_TEXT) {
            tell(c, cell, out);
            continue;
        }
        str text = cell == NULL ? str_of(c->key) : cell->text;
        if (csv) {
            add_csv(out, text);
        } else {
            add_plain(out, text);
        }
    }
    buf_add(out, csv ? STR("\r\n") : STR("\n"));
}

static void print_object(const struct table *t, size_t row, struct buf *out)
{
    struct buf value = {0};
    char between = '{';
    for (size_t i = 0; i < t->n; i++) {
        const struct table_column *c = &t->columns[i];
        const struct cell *cell = cell_at(t, row, i);
        if (!for_programs(c)) {
            continue;
        }
        buf_putc(out, between);
        between = ',';
        doc_quote(out, str_of(c->key));
        buf_putc(out, ':');
        buf_clear(&value);
        if (cell->none) {
            buf_add(out, STR("null"));
        } else if (c->kind == CELL_TEXT) {
            doc_quote(out, cell->text);
        } else if (tell(c, cell, &value)) {
            doc_quote(out, buf_str(&value));
        } else {
            buf_add(out, buf_str(&value));
        }
    }
    buf_add(out, between == '{' ? STR("{}\n") : STR("}\n"));
    buf_finish(&value);
}

void table_print(const struct table *t, const struct look *look, struct buf *out)
{
    assert(t->cells.n % t->n == 0); /* the last row is complete */
    const bool csv = look->format == LOOK_CSV;
    switch (look->format) {
    case LOOK_TABLE:
        table_print_people(t, look, out);
        break;
    case LOOK_MD:
        table_print_markdown(t, look, out);
        break;
    case LOOK_PLAIN:
    case LOOK_CSV:
        if (csv || look->header) {
            print_fields(t, SIZE_MAX, csv, out);
        }
        for (size_t row = 0; row < table_rows(t); row++) {
            print_fields(t, row, csv, out);
        }
        break;
    case LOOK_JSON:
    case LOOK_JSONL:
        for (size_t row = 0; row < table_rows(t); row++) {
            print_object(t, row, out);
        }
        break;
    }
}
