/* Tables for people: aligned columns and Markdown.
 *
 * How columns share a narrow terminal: every column has a least width (figures all of theirs, names
 * a dozen columns, charts a few). While the least widths do not fit, the column with the highest
 * `drop` goes; when none may go, names give way. What is left over goes to the names first, then to
 * the charts. Figures are never cut. */
#include "view/table_cells.h"

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
        text_lapse(out, cell->whole, look);
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
            double sum = fmax(cell->bar.wait, 0) + fmax(cell->bar.either, 0) +
                         fmax(cell->bar.work, 0); /* fmax drops NaN */
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

/* The marks of a bar, in their order, and their colours; what is left is work. */
static const struct mark {
    str sign, ascii;
    enum colour colour;
} MARKS[] = {{STR_INIT("▒"), STR_INIT("."), COLOUR_WAIT},
             {STR_INIT("░"), STR_INIT("-"), COLOUR_DIM},
             {STR_INIT("█"), STR_INIT("#"), COLOUR_WORK}};
enum { MARK_COUNT = sizeof MARKS / sizeof *MARKS };

static void add_bar(const struct cell *cell, const struct layout *l, const struct look *look,
                    struct buf *out)
{
    struct buf bar = {0};
    spark_bar(&bar, &cell->bar, l->full, l->width, look->ascii);
    str rest = buf_str(&bar);
    for (int i = 0; i < MARK_COUNT; i++) {
        str sign = look->ascii ? MARKS[i].ascii : MARKS[i].sign;
        size_t n = i + 1 == MARK_COUNT ? rest.n : 0;
        while (i + 1 < MARK_COUNT && str_starts(str_from(rest, n), sign)) {
            n += sign.n;
        }
        if (n > 0) {
            text_colour(out, look, MARKS[i].colour);
            buf_add(out, str_first(rest, n));
            text_colour(out, look, COLOUR_NONE);
        }
        rest = str_from(rest, n);
    }
    buf_finish(&bar);
}

/* The head of a column; its marks of bars as the bars have them. */
static void add_head(const struct table_column *c, int width, bool ascii, struct buf *out)
{
    struct buf name = {0};
    for (str rest = str_of(c->name); rest.n > 0;) {
        size_t n = 1;
        str shown = str_first(rest, 1);
        for (int i = 0; ascii && i < MARK_COUNT; i++) {
            if (str_starts(rest, MARKS[i].sign)) {
                n = MARKS[i].sign.n;
                shown = MARKS[i].ascii;
            }
        }
        buf_add(&name, shown);
        rest = str_from(rest, n);
    }
    text_cut(out, buf_str(&name), width, ascii);
    buf_finish(&name);
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
            add_head(&t->columns[i], l[i].width, look->ascii, &inside);
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

/* What a reader cannot guess of the bars. */
static void print_legend(const struct table *t, const struct layout *l, const struct look *look,
                         struct buf *out)
{
    bool either = false;
    for (size_t i = 0; i < t->cells.n; i++) {
        size_t column = i % t->n;
        either = either || (t->columns[column].kind == CELL_BAR && l[column].shown &&
                            !t->cells.v[i].none && t->cells.v[i].bar.either > 0);
    }
    if (either) {
        struct buf line = {0};
        buf_addf(&line, "%s waiting or work: the log does not say", look->ascii ? "-" : "░");
        text_cut(out, buf_str(&line), look->width > 0 ? look->width : 80, look->ascii);
        buf_putc(out, '\n');
        buf_finish(&line);
    }
}

void table_print_people(const struct table *t, const struct look *look, struct buf *out)
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
    print_legend(t, l, look, out);
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

void table_print_markdown(const struct table *t, const struct look *look, struct buf *out)
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
