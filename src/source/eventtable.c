#include "source/eventtable.h"

#include "base/mem.h"
#include "source/mapping.h"
#include "source/symcache.h"
#include "wire/json.h"
#include "wire/stamp.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { SYM_BITS = 10, ITEM_BITS = 16 };

struct column {
    str name;   /* as it stands in the file, or "column 3" */
    str quoted; /* "name": as a key of the attributes */
    bool attribute;
};

struct eventtable {
    const struct source_options *options;
    struct source_notes *notes;
    struct names *names;
    struct arena text; /* names of the columns of this file */
    const char *file;
    VEC(struct column) columns;
    VEC(size_t) attributes; /* the columns that have no role */
    struct roles roles;
    struct dates time, start;
    bool sampled;
    sym event_type, item_type;
    struct symcache cases, activities, actors, teams, instances, lives;
    struct rowkeys keys;
    id128 content[BATCH_ROWS]; /* of the rows being mapped */
    struct buf row, joined, reason;
    struct mapping_run *mapping; /* NULL: by roles */
    int *bound;                  /* column of each path of the mapping */
    str *values;
    uint64_t rows, not_ended;
    bool noted;
};

struct eventtable *eventtable_new(const struct source_options *options, struct source_notes *notes)
{
    struct eventtable *t = mem_get(sizeof *t);
    t->options = options;
    t->notes = notes;
    t->names = options->names;
    arena_init(&t->text, "columns", 0);
    t->event_type = names_sym(t->names, STR("event"));
    t->item_type = names_sym(t->names, STR("case"));
    symcache_init(&t->cases, ITEM_BITS);
    symcache_init(&t->activities, SYM_BITS);
    symcache_init(&t->actors, SYM_BITS);
    symcache_init(&t->teams, SYM_BITS);
    symcache_init(&t->instances, SYM_BITS);
    symcache_init(&t->lives, SYM_BITS);
    if (options->mapping != NULL) {
        size_t paths = mapping_path_count(options->mapping);
        t->mapping = mapping_run_new(options->mapping, options, false);
        t->bound = mem_get(paths * sizeof *t->bound);
        t->values = mem_get(paths * sizeof *t->values);
    }
    return t;
}

void eventtable_free(struct eventtable *t)
{
    if (t == NULL) {
        return;
    }
    VEC_FINISH(&t->columns);
    VEC_FINISH(&t->attributes);
    arena_finish(&t->text);
    symcache_finish(&t->cases);
    symcache_finish(&t->activities);
    symcache_finish(&t->actors);
    symcache_finish(&t->teams);
    symcache_finish(&t->instances);
    symcache_finish(&t->lives);
    rowkeys_finish(&t->keys);
    mapping_run_free(t->mapping);
    mem_put(t->bound);
    mem_put(t->values);
    buf_finish(&t->row);
    buf_finish(&t->joined);
    buf_finish(&t->reason);
    mem_put(t);
}

static bool has_column(const struct eventtable *t, str name)
{
    for (size_t i = 0; i < t->columns.n; i++) {
        if (str_eq(t->columns.v[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Names are made whole: an empty one gets its number, a repeated one a number behind it. */
static void add_column(struct eventtable *t, str name)
{
    size_t number = t->columns.n + 1;
    str made = name.n > 0 ? arena_str(&t->text, name) : arena_strf(&t->text, "column %zu", number);
    for (int i = 2; has_column(t, made); i++) {
        made = arena_strf(&t->text, STR_FMT "_%d", STR_ARG(name), i);
    }
    struct buf quoted = {0};
    json_quote(&quoted, made);
    buf_putc(&quoted, ':');
    VEC_ADD(&t->columns,
            (struct column){.name = made, .quoted = arena_str(&t->text, buf_str(&quoted))});
    buf_finish(&quoted);
}

static void note_dates(struct eventtable *t, const struct dates *d, enum role role)
{
    if (d->read == 0) {
        return;
    }
    str column = t->columns.v[t->roles.of[role].column[0]].name;
    source_note(t->notes, "column \"" STR_FMT "\": dates read as %s%s", STR_ARG(column),
                dates_name(d),
                d->finest == STAMP_DAY      ? ", whole days: their order within a day is not known"
                : d->finest == STAMP_MINUTE ? ", whole minutes"
                                            : "");
    if (d->naive > 0) {
        str zone = d->zone != NULL ? zone_name(d->zone) : STR("UTC");
        source_note(t->notes,
                    "column \"" STR_FMT "\": %" PRIu64 " times have no zone: read as " STR_FMT
                    " (--zone)",
                    STR_ARG(column), d->naive, STR_ARG(zone));
    }
    if (d->gap + d->twice > 0) {
        source_note(t->notes,
                    "column \"" STR_FMT "\": clock changes: %" PRIu64
                    " times do not exist, %" PRIu64 " exist twice (the earlier one was taken)",
                    STR_ARG(column), d->gap, d->twice);
    }
}

static void note_file(struct eventtable *t)
{
    if (t->columns.n > 0 && t->mapping == NULL) {
        note_dates(t, &t->time, ROLE_TIME);
        note_dates(t, &t->start, ROLE_START);
        t->time.read = t->start.read = 0;
    }
}

status eventtable_begin(struct eventtable *t, const char *file, const str *names, size_t n,
                        struct error *why)
{
    if (n > EVENTTABLE_COLUMNS) {
        error_set(why, "%s has %zu columns; weir reads up to %d", file, n, EVENTTABLE_COLUMNS);
        error_hint(why, "An event table has one row an event: case, activity, time and a few more "
                        "columns. Is this another kind of table?");
        return FAIL;
    }
    note_file(t);
    arena_clear(&t->text);
    t->columns.n = t->attributes.n = 0;
    t->sampled = false;
    t->file = arena_str(&t->text, str_of(file)).p;
    for (size_t i = 0; i < n; i++) {
        add_column(t, names[i]);
    }
    str *made = ARENA_ARRAY(&t->text, str, n + 1);
    for (size_t i = 0; i < n; i++) {
        made[i] = t->columns.v[i].name;
    }
    t->roles = (struct roles){0};
    if (t->mapping != NULL) {
        return mapping_bind(t->options->mapping, file, made, n, t->bound, why);
    }
    TRY(roles_choose(t->options, file, made, n, t->noted ? NULL : t->notes, &t->roles, why));
    t->noted = true;
    for (size_t i = 0; i < n; i++) {
        t->columns.v[i].attribute = true;
    }
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        for (size_t i = 0; i < t->roles.of[role].n; i++) {
            t->columns.v[t->roles.of[role].column[i]].attribute = false;
        }
    }
    for (size_t i = 0; i < n; i++) {
        if (t->columns.v[i].attribute) {
            VEC_ADD(&t->attributes, i);
        }
    }
    TRY(dates_init(&t->time, t->options->zone, t->options->date_format, why));
    return dates_init(&t->start, t->options->zone, t->options->date_format, why);
}

status eventtable_add_column(struct eventtable *t, str name, struct error *why)
{
    if (t->columns.n == EVENTTABLE_COLUMNS) {
        return error_set(why, "more than %d different keys", EVENTTABLE_COLUMNS);
    }
    add_column(t, name);
    t->columns.v[t->columns.n - 1].attribute = true;
    VEC_ADD(&t->attributes, t->columns.n - 1);
    return OK;
}

size_t eventtable_column_count(const struct eventtable *t)
{
    return t->columns.n;
}

str eventtable_column(const struct eventtable *t, size_t column)
{
    assert(column < t->columns.n);
    return t->columns.v[column].name;
}

/* A cell, without a value when it is one of the texts that mean so. */
static str cell_of(const struct eventtable *t, const struct eventtable_rows *rows, size_t column,
                   size_t row)
{
    str cell = rows->cells[column][row];
    for (size_t i = 0; i < t->options->null_count; i++) {
        if (cell.p != NULL && str_eq(cell, t->options->nulls[i])) {
            return (str){0};
        }
    }
    return cell;
}

static void sample(struct eventtable *t, struct dates *d, enum role role,
                   const struct eventtable_rows *rows)
{
    if (t->roles.of[role].n == 0) {
        return;
    }
    size_t column = t->roles.of[role].column[0];
    for (size_t row = 0; row < rows->n && d->tried < DATES_SAMPLE; row++) {
        str cell = cell_of(t, rows, column, row);
        if (cell.n > 0) {
            dates_sample(d, cell);
        }
    }
}

static bool shown(const struct eventtable *t, const struct dates *d, enum role role)
{
    return t->roles.of[role].n == 0 || d->layout != DATES_UNKNOWN || d->tried >= DATES_SAMPLE;
}

bool eventtable_sample(struct eventtable *t, const struct eventtable_rows *rows)
{
    if (t->mapping != NULL) {
        return true;
    }
    sample(t, &t->time, ROLE_TIME, rows);
    sample(t, &t->start, ROLE_START, rows);
    return shown(t, &t->time, ROLE_TIME) && shown(t, &t->start, ROLE_START);
}

static status settle(struct eventtable *t, struct dates *d, enum role role, struct error *why)
{
    if (t->roles.of[role].n == 0) {
        return OK;
    }
    status_code code = dates_decide(d, t->columns.v[t->roles.of[role].column[0]].name, why);
    if (code != OK) {
        error_add(why, "%s", t->file);
    }
    return code;
}

status eventtable_settle(struct eventtable *t, struct error *why)
{
    TRY(settle(t, &t->time, ROLE_TIME, why));
    return settle(t, &t->start, ROLE_START, why);
}

/* The content of a row: every cell with its length in front, so that no two rows run together. */
static id128 content_of(struct eventtable *t, const struct eventtable_rows *rows, size_t row)
{
    const uint32_t no_value = UINT32_MAX;
    size_t columns = t->columns.n, size = 0;
    for (size_t c = 0; c < columns; c++) {
        size += sizeof no_value + rows->cells[c][row].n;
    }
    buf_clear(&t->row);
    char *at = buf_room(&t->row, size), *begin = at;
    assert(at != NULL); /* the buf has no limit */
    for (size_t c = 0; c < columns; c++) {
        str cell = rows->cells[c][row];
        uint32_t n = cell.p != NULL ? (uint32_t)cell.n : no_value;
        memcpy(at, &n, sizeof n);
        at += sizeof n;
        if (cell.p != NULL) {
            memcpy(at, cell.p, cell.n);
            at += cell.n;
        }
    }
    return id128_of(begin, size);
}

/* The text of a role: one cell, or several joined by "+"; those without a value are left out. */
static str role_text(struct eventtable *t, const struct eventtable_rows *rows, enum role role,
                     size_t row)
{
    size_t n = t->roles.of[role].n;
    if (n == 0) {
        return (str){0};
    }
    if (n == 1) {
        return cell_of(t, rows, t->roles.of[role].column[0], row);
    }
    buf_clear(&t->joined);
    for (size_t i = 0; i < n; i++) {
        str cell = cell_of(t, rows, t->roles.of[role].column[i], row);
        if (cell.n > 0) {
            if (t->joined.n > 0) {
                buf_putc(&t->joined, '+');
            }
            buf_add(&t->joined, cell);
        }
    }
    return buf_str(&t->joined);
}

static sym sym_of(struct eventtable *t, struct symcache *cache, str text)
{
    struct symcache_slot *slot = NULL;
    if (text.n == 0) {
        return 0;
    }
    if (!symcache_find(cache, text, &slot)) {
        slot->value = names_sym(t->names, text);
    }
    return slot->value;
}

static item_id item_of(struct eventtable *t, str text)
{
    struct symcache_slot *slot = NULL;
    if (!symcache_find(&t->cases, text, &slot)) {
        slot->value = names_item(t->names, t->item_type, text);
    }
    return slot->value;
}

static enum life life_at(struct eventtable *t, str word)
{
    struct symcache_slot *slot = NULL;
    if (word.n == 0) {
        return LIFE_NONE;
    }
    if (!symcache_find(&t->lives, word, &slot)) {
        slot->value = life_of(word);
    }
    return (enum life)slot->value;
}

static void add_attribute(struct buf *out, str quoted_name, str value)
{
    buf_putc(out, out->n == 0 ? '{' : ',');
    buf_add(out, quoted_name);
    json_quote(out, value);
}

/* The attributes of a row as JSON, empty when there are none. `status` is a lifecycle word outside
 * the standard, which is kept. */
static str attributes(struct eventtable *t, const struct eventtable_rows *rows, size_t row,
                      str status_word)
{
    buf_clear(&t->row);
    if (status_word.n > 0) {
        add_attribute(&t->row, STR("\"lifecycle:transition\":"), status_word);
    }
    for (size_t i = 0; i < t->attributes.n; i++) {
        size_t column = t->attributes.v[i];
        str cell = cell_of(t, rows, column, row);
        if (cell.p != NULL) {
            add_attribute(&t->row, t->columns.v[column].quoted, cell);
        }
    }
    if (t->row.n > 0) {
        buf_putc(&t->row, '}');
    }
    return buf_str(&t->row);
}

enum { SHOWN = 100 }; /* bytes of a bad value in its reason */

struct mapping_row {
    struct eventtable *t;
    const struct eventtable_rows *rows;
    size_t row;
    eventtable_reject *reject;
    void *cookie;
};

static bool refuse(const struct mapping_row *m, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool refuse(const struct mapping_row *m, enum role role, const char *format, ...)
{
    struct eventtable *t = m->t;
    va_list arguments;
    va_start(arguments, format);
    buf_clear(&t->reason);
    buf_addv(&t->reason, format, arguments);
    va_end(arguments);
    m->reject(m->cookie, m->row, t->columns.v[t->roles.of[role].column[0]].name,
              buf_str(&t->reason));
    return false;
}

/* One date cell; WHEN_NONE when it has no value. */
static bool date_of(const struct mapping_row *m, struct dates *d, enum role role, when *ret)
{
    const char *reason = "";
    *ret = WHEN_NONE;
    if (m->t->roles.of[role].n == 0) {
        return true;
    }
    str cell = cell_of(m->t, m->rows, m->t->roles.of[role].column[0], m->row);
    if (cell.n == 0 || dates_read(d, cell, ret, &reason)) {
        return true;
    }
    return refuse(m, role, "\"" STR_FMT "\" is not a date (%s)", STR_ARG(str_first(cell, SHOWN)),
                  reason);
}

static bool event_of(const struct mapping_row *m, struct event *e)
{
    struct eventtable *t = m->t;
    *e = (struct event){.type = t->event_type, .quality = TIME_OWN};
    str text = role_text(t, m->rows, ROLE_CASE, m->row);
    if (text.n == 0) {
        return refuse(m, ROLE_CASE, "no case");
    }
    e->item = item_of(t, text);
    text = role_text(t, m->rows, ROLE_ACTIVITY, m->row);
    if (text.n == 0) {
        return refuse(m, ROLE_ACTIVITY, "no activity");
    }
    e->activity = sym_of(t, &t->activities, text);
    if (!date_of(m, &t->time, ROLE_TIME, &e->time) ||
        !date_of(m, &t->start, ROLE_START, &e->begin)) {
        return false;
    }
    str word = role_text(t, m->rows, ROLE_LIFECYCLE, m->row);
    e->life = (uint8_t)(t->roles.statuses ? LIFE_STATUS : life_at(t, word));
    if (e->time == WHEN_NONE) {
        if (e->begin == WHEN_NONE) {
            return refuse(m, ROLE_TIME, "no time");
        }
        e->time = e->begin; /* started, not ended */
        e->begin = WHEN_NONE;
        e->life = e->life == LIFE_NONE ? LIFE_START : e->life;
        t->not_ended++;
    } else if (e->begin != WHEN_NONE && e->begin > e->time) {
        return refuse(m, ROLE_TIME, "it ends before it starts");
    }
    e->actor = sym_of(t, &t->actors, role_text(t, m->rows, ROLE_RESOURCE, m->row));
    e->team = sym_of(t, &t->teams, role_text(t, m->rows, ROLE_TEAM, m->row));
    e->instance = sym_of(t, &t->instances, role_text(t, m->rows, ROLE_INSTANCE, m->row));
    e->key = rowkeys_next(&t->keys, t->content[m->row]);
    if (t->attributes.n > 0 || e->life == LIFE_STATUS) {
        e->attrs = attributes(t, m->rows, m->row, e->life == LIFE_STATUS ? word : (str){0});
    }
    return true;
}

/* One row by the mapping file. */
static void map_row(const struct mapping_row *m, struct batch *b)
{
    struct eventtable *t = m->t;
    str column = {0};
    for (size_t i = 0; i < mapping_path_count(t->options->mapping); i++) {
        t->values[i] = t->bound[i] == MAPPING_LITERAL
                           ? mapping_path(t->options->mapping, i)
                           : cell_of(t, m->rows, (size_t)t->bound[i], m->row);
    }
    id128 key = rowkeys_next(&t->keys, t->content[m->row]);
    if (!mapping_event(t->mapping, t->values, key, b, &t->reason, &column)) {
        m->reject(m->cookie, m->row, column, buf_str(&t->reason));
    }
}

enum { AHEAD = 32 };

/* Readies a row that is mapped a little later: its identity, and the places in memory that it will
 * be looked up in. */
static void expect(struct eventtable *t, const struct eventtable_rows *rows, size_t row)
{
    t->content[row] = rows->content != NULL ? rows->content[row] : content_of(t, rows, row);
    rowkeys_expect(&t->keys, t->content[row]);
    if (t->roles.of[ROLE_CASE].n == 1) {
        symcache_expect(&t->cases, rows->cells[t->roles.of[ROLE_CASE].column[0]][row]);
    }
}

status eventtable_map(struct eventtable *t, const struct eventtable_rows *rows, struct batch *b,
                      eventtable_reject *reject, void *cookie, struct error *why)
{
    if (t->mapping != NULL) {
        /* its formats are given */
    } else if (t->time.layout == DATES_UNKNOWN ||
               (t->start.layout == DATES_UNKNOWN && t->roles.of[ROLE_START].n > 0)) {
        eventtable_sample(t, rows); /* no value until now */
        TRY(eventtable_settle(t, why));
    }
    assert(rows->n <= BATCH_ROWS);
    for (size_t row = 0; row < rows->n && row < AHEAD; row++) {
        expect(t, rows, row);
    }
    struct mapping_row m = {.t = t, .rows = rows, .reject = reject, .cookie = cookie};
    for (; m.row < rows->n; m.row++) {
        struct event e;
        if (m.row + AHEAD < rows->n) {
            expect(t, rows, m.row + AHEAD);
        }
        if (t->mapping != NULL) {
            map_row(&m, b);
        } else if (event_of(&m, &e)) {
            batch_add(b, &e);
        }
    }
    t->rows += rows->n;
    return OK;
}

void eventtable_end(struct eventtable *t)
{
    note_file(t);
    if (t->mapping != NULL) {
        mapping_run_notes(t->mapping, t->notes);
    }
    if (t->rows == 0) {
        source_note(t->notes, "no rows below the names of the columns");
    }
    if (t->not_ended > 0) {
        source_note(t->notes, "%" PRIu64 " rows have a start and no end: taken as started only",
                    t->not_ended);
    }
}
