/* A table is filled once and printed in any shape. Cells keep their values, not their text, so that
 * people and programs each get their own; texts and series are copied into one arena.
 *
 * How columns share a narrow terminal: every column has a least width (figures all of theirs, names
 * a dozen columns, charts a few). While the least widths do not fit, the column with the highest
 * `drop` goes; when none may go, names give way. What is left over goes to the names first, then to
 * the charts. Figures are never cut. */
#include "view/table.h"

#include "base/arena.h"
#include "base/vec.h"
#include "view/doc.h"
#include "view/spark.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    GAP = 2,
    NAME_LEAST = 12, /* of a text column before other columns are dropped for it */
    NAME_FLOOR = 4,  /* when no more can be dropped */
    BAR_LEAST = 8,
    BAR_MOST = 30,
    LINE_LEAST = 8,
    LINE_MOST = 60,
};

struct cell {
    bool none;
    uint8_t colour; /* enum colour */
    union {
        str text;
        int64_t whole; /* count, lapse, instant, flag */
        double real;
        struct {
            double wait, work;
        } bar;
        struct {
            const double *values;
            size_t n;
        } line;
    };
};

struct section {
    size_t before; /* this row */
    str title;
};

struct table {
    const struct table_column *columns;
    size_t n;
    struct arena text;
    VEC(struct cell) cells;
    VEC(struct section) sections;
};

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
    assert(next_kind(t) == CELL_BAR);
    VEC_ADD(&t->cells, (struct cell){.bar = {wait, work}});
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

static const struct cell *cell_at(const struct table *t, size_t row, size_t column)
{
    return &t->cells.v[row * t->n + column];
}

/* ---- for people ---- */

static bool is_chart(const struct table_column *c)
{
    return c->kind == CELL_BAR || c->kind == CELL_LINE;
}

static bool is_right(const struct table_column *c)
{
    return c->kind == CELL_COUNT || c->kind == CELL_NUMBER || c->kind == CELL_LAPSE ||
           c->kind == CELL_SHARE;
}

static bool is_cut(const struct table_column *c) /* may give way */
{
    return c->kind == CELL_TEXT || is_chart(c);
}

/* The figure of a cell, as one says it; not for texts and charts. */
static void say(const struct table_column *c, const struct cell *cell, const struct look *look,
                struct buf *out)
{
    if (cell->none) {
        buf_putc(out, '-');
        return;
    }
    switch (c->kind) {
    case CELL_COUNT:
        text_count(out, cell->whole);
        break;
    case CELL_NUMBER:
        text_number(out, cell->real, c->decimals);
        break;
    case CELL_LAPSE:
        text_lapse(out, cell->whole);
        break;
    case CELL_SHARE:
        text_percent(out, cell->real);
        break;
    case CELL_WHEN:
        text_when(out, cell->whole, look->zone);
        break;
    case CELL_FLAG:
        buf_add(out, cell->whole != 0 ? STR("yes") : STR(""));
        break;
    case CELL_TEXT:
    case CELL_BAR:
    case CELL_LINE:
        break;
    }
}

struct layout {
    bool shown;
    int width, least, most;
    double full; /* of bars */
};

static void measure(const struct table *t, size_t column, const struct look *look, struct layout *l,
                    struct buf *scratch)
{
    const struct table_column *c = &t->columns[column];
    int head = text_width(str_of(c->name));
    *l = (struct layout){.shown = true, .most = head};
    for (size_t row = 0; row < table_rows(t); row++) {
        const struct cell *cell = cell_at(t, row, column);
        int width = 1;
        if (cell->none) {
            width = 1;
        } else if (c->kind == CELL_TEXT) {
            width = text_width(cell->text);
        } else if (c->kind == CELL_LINE) {
            width = cell->line.n < LINE_MOST ? (int)cell->line.n : LINE_MOST;
        } else if (c->kind == CELL_BAR) {
            double sum = fmax(cell->bar.wait, 0) + fmax(cell->bar.work, 0); /* fmax drops NaN */
            l->full = isfinite(sum) ? fmax(l->full, sum) : l->full;
            width = BAR_MOST;
        } else {
            buf_clear(scratch);
            say(c, cell, look, scratch);
            width = text_width(buf_str(scratch));
        }
        l->most = width > l->most ? width : l->most;
    }
    int least = c->kind == CELL_TEXT   ? NAME_LEAST
                : c->kind == CELL_BAR  ? BAR_LEAST
                : c->kind == CELL_LINE ? LINE_LEAST
                                       : l->most;
    if (is_chart(c) && least < head) {
        least = head;
    }
    l->least = least < l->most ? least : l->most;
    l->width = l->least;
}

static int used(const struct layout *l, size_t n)
{
    int64_t sum = -GAP;
    for (size_t i = 0; i < n; i++) {
        sum += l[i].shown ? l[i].width + GAP : 0;
    }
    return sum > INT32_MAX ? INT32_MAX : (int)sum;
}

static bool drop_one(const struct table *t, struct layout *l)
{
    size_t worst = t->n;
    for (size_t i = 0; i < t->n; i++) {
        int drop = t->columns[i].drop;
        if (l[i].shown && drop > 0 && (worst == t->n || drop >= t->columns[worst].drop)) {
            worst = i;
        }
    }
    if (worst < t->n) {
        l[worst].shown = false;
    }
    return worst < t->n;
}

/* The widest name gives up one column. */
static bool shrink_one(const struct table *t, struct layout *l)
{
    size_t widest = t->n;
    for (size_t i = 0; i < t->n; i++) {
        if (l[i].shown && is_cut(&t->columns[i]) && l[i].width > NAME_FLOOR &&
            (widest == t->n || l[i].width > l[widest].width)) {
            widest = i;
        }
    }
    if (widest < t->n) {
        l[widest].width--;
    }
    return widest < t->n;
}

/* The narrowest column of the kind that wants more gets one more. */
static bool grow_one(const struct table *t, struct layout *l, bool charts)
{
    size_t narrowest = t->n;
    for (size_t i = 0; i < t->n; i++) {
        if (l[i].shown && is_cut(&t->columns[i]) && is_chart(&t->columns[i]) == charts &&
            l[i].width < l[i].most && (narrowest == t->n || l[i].width < l[narrowest].width)) {
            narrowest = i;
        }
    }
    if (narrowest < t->n) {
        l[narrowest].width++;
    }
    return narrowest < t->n;
}

static void lay_out(const struct table *t, const struct look *look, struct layout *l)
{
    struct buf scratch = {0};
    int width = look->width > 0 ? look->width : 80;
    for (size_t i = 0; i < t->n; i++) {
        if (t->columns[i].name != NULL) {
            measure(t, i, look, &l[i], &scratch);
        } else {
            l[i] = (struct layout){0};
        }
    }
    buf_finish(&scratch);
    while (used(l, t->n) > width && drop_one(t, l)) {
    }
    while (used(l, t->n) > width && shrink_one(t, l)) {
    }
    for (int charts = 0; charts < 2; charts++) {
        while (used(l, t->n) < width && grow_one(t, l, charts != 0)) {
        }
    }
}

static void add_bar(const struct cell *cell, const struct layout *l, const struct look *look,
                    struct buf *out)
{
    struct buf bar = {0};
    spark_bar(&bar, cell->bar.wait, cell->bar.work, l->full, l->width, look->ascii);
    str mark = look->ascii ? STR(".") : STR("▒");
    size_t waits = 0;
    while (str_starts(str_from(buf_str(&bar), waits), mark)) {
        waits += mark.n;
    }
    const str parts[] = {str_first(buf_str(&bar), waits), str_from(buf_str(&bar), waits)};
    for (int i = 0; i < 2; i++) {
        if (parts[i].n > 0) {
            text_colour(out, look, i == 0 ? COLOUR_WAIT : COLOUR_WORK);
            buf_add(out, parts[i]);
            text_colour(out, look, COLOUR_NONE);
        }
    }
    buf_finish(&bar);
}

/* The cell's own text, at most as wide as the column. */
static void add_inside(const struct table_column *c, const struct cell *cell,
                       const struct layout *l, const struct look *look, struct buf *out)
{
    if (cell->none) {
        buf_add(out, is_chart(c) ? STR("") : STR("-"));
    } else if (c->kind == CELL_TEXT) {
        text_cut(out, cell->text, l->width, look->ascii);
    } else if (c->kind == CELL_LINE) {
        spark_line(out, cell->line.values, cell->line.n, l->width, look->ascii);
    } else {
        say(c, cell, look, out);
    }
}

/* Columns are padded on the left of figures and, but for the last of a line, on the right of
 * others; `owed` is the white space before the next text, never written at the end of a line. */
static void add_column(const struct table_column *c, str inside, const struct layout *l,
                       enum colour colour, const struct look *look, int *owed, struct buf *out)
{
    int pad = l->width - text_width(inside);
    if (is_right(c)) {
        *owed += pad;
    }
    if (inside.n > 0) {
        text_pad(out, *owed);
        *owed = 0;
        if (colour != COLOUR_NONE) {
            text_colour(out, look, colour);
        }
        buf_add(out, inside);
        if (colour != COLOUR_NONE) {
            text_colour(out, look, COLOUR_NONE);
        }
    }
    *owed += GAP + (is_right(c) ? 0 : pad);
}

static void print_head(const struct table *t, const struct layout *l, const struct look *look,
                       struct buf *out)
{
    struct buf inside = {0};
    int owed = 0;
    for (size_t i = 0; i < t->n; i++) {
        if (l[i].shown) {
            buf_clear(&inside);
            text_cut(&inside, str_of(t->columns[i].name), l[i].width, look->ascii);
            add_column(&t->columns[i], buf_str(&inside), &l[i], COLOUR_BOLD, look, &owed, out);
        }
    }
    buf_finish(&inside);
    buf_putc(out, '\n');
}

static void print_row(const struct table *t, size_t row, const struct layout *l,
                      const struct look *look, struct buf *out)
{
    struct buf inside = {0};
    int owed = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct table_column *c = &t->columns[i];
        const struct cell *cell = cell_at(t, row, i);
        if (!l[i].shown) {
            continue;
        }
        buf_clear(&inside);
        if (c->kind == CELL_BAR && !cell->none) { /* brings its colours along */
            const struct look plain = {.ascii = look->ascii};
            add_bar(cell, &l[i], &plain, &inside);
            int width = text_width(buf_str(&inside));
            if (width > 0) {
                text_pad(out, owed);
                owed = 0;
                add_bar(cell, &l[i], look, out);
            }
            owed += GAP + l[i].width - width;
        } else {
            add_inside(c, cell, &l[i], look, &inside);
            add_column(c, buf_str(&inside), &l[i], (enum colour)cell->colour, look, &owed, out);
        }
    }
    buf_finish(&inside);
    buf_putc(out, '\n');
}

static void print_people(const struct table *t, const struct look *look, struct buf *out)
{
    struct layout *l = mem_get(t->n * sizeof *l);
    size_t section = 0;
    lay_out(t, look, l);
    print_head(t, l, look, out);
    for (size_t row = 0; row < table_rows(t); row++) {
        for (; section < t->sections.n && t->sections.v[section].before == row; section++) {
            if (row > 0) {
                buf_putc(out, '\n');
            }
            text_colour(out, look, COLOUR_BOLD);
            text_cut(out, t->sections.v[section].title, look->width > 0 ? look->width : 80,
                     look->ascii);
            text_colour(out, look, COLOUR_NONE);
            buf_putc(out, '\n');
        }
        print_row(t, row, l, look, out);
    }
    mem_put(l);
}

/* What Markdown would read as a mark, a link, a cell's end or a tag. */
static void add_markdown(struct buf *out, str data)
{
    struct buf safe = {0};
    text_safe(&safe, data);
    for (size_t i = 0; i < safe.n; i++) {
        if (safe.p[i] != 0 && strchr("\\`*_[]<>|~&#", safe.p[i]) != NULL) {
            buf_putc(out, '\\');
        }
        buf_putc(out, safe.p[i]);
    }
    buf_finish(&safe);
}

static bool in_markdown(const struct table_column *c)
{
    return c->name != NULL && !is_chart(c); /* its letters are not all of one width */
}

static void print_markdown_head(const struct table *t, struct buf *out)
{
    for (size_t i = 0; i < t->n; i++) {
        if (in_markdown(&t->columns[i])) {
            buf_add(out, STR("| "));
            add_markdown(out, str_of(t->columns[i].name));
            buf_putc(out, ' ');
        }
    }
    buf_add(out, STR("|\n"));
    for (size_t i = 0; i < t->n; i++) {
        if (in_markdown(&t->columns[i])) {
            buf_add(out, is_right(&t->columns[i]) ? STR("| ---: ") : STR("| --- "));
        }
    }
    buf_add(out, STR("|\n"));
}

static void print_markdown(const struct table *t, const struct look *look, struct buf *out)
{
    size_t section = 0;
    bool open = false;
    for (size_t row = 0; row < table_rows(t); row++) {
        for (; section < t->sections.n && t->sections.v[section].before == row; section++) {
            buf_add(out, row > 0 ? STR("\n**") : STR("**"));
            add_markdown(out, t->sections.v[section].title);
            buf_add(out, STR("**\n\n"));
            open = false;
        }
        if (!open) {
            print_markdown_head(t, out);
            open = true;
        }
        for (size_t i = 0; i < t->n; i++) {
            const struct cell *cell = cell_at(t, row, i);
            if (!in_markdown(&t->columns[i])) {
                continue;
            }
            buf_add(out, STR("| "));
            if (t->columns[i].kind == CELL_TEXT && !cell->none) {
                add_markdown(out, cell->text);
            } else {
                say(&t->columns[i], cell, look, out);
            }
            buf_putc(out, ' ');
        }
        buf_add(out, STR("|\n"));
    }
    if (!open) {
        print_markdown_head(t, out);
    }
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
        print_people(t, look, out);
        break;
    case LOOK_MD:
        print_markdown(t, look, out);
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
