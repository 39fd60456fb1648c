#include "source/eventtable_parts.h"

#include "base/mem.h"
#include "wire/json.h"
#include "wire/stamp.h"

#include <assert.h>
#include <inttypes.h>

enum { SYM_BITS = 10, ITEM_BITS = 16 };

struct eventtable *eventtable_new(const struct source_options *options, struct source_notes *notes)
{
    struct eventtable *t = mem_get(sizeof *t);
    t->options = options;
    t->notes = notes;
    t->names = options->names;
    arena_init(&t->text, "columns", 0);
    arena_init(&t->joined, "joined cells", 0);
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
    arena_finish(&t->joined);
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        mem_put(t->made[role]);
    }
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
    VEC_ADD(&t->columns, (struct eventtable_column){
                             .name = made, .quoted = arena_str(&t->text, buf_str(&quoted))});
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

static void sample(struct eventtable *t, struct dates *d, enum role role,
                   const struct eventtable_rows *rows)
{
    if (t->roles.of[role].n == 0) {
        return;
    }
    size_t column = t->roles.of[role].column[0];
    for (size_t row = 0; row < rows->n && d->tried < DATES_SAMPLE; row++) {
        str cell = eventtable_cell(t, rows, column, row);
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

void eventtable_expect(struct eventtable *t, size_t rows)
{
    rowkeys_reserve(&t->keys, rows);
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
