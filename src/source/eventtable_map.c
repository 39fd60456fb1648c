/* Rows to events, a column at a time: each pass over the rows does one thing, so its table of texts
 * stays in the cache, its branches are foreseen and the processor works on many rows at once.
 *
 * The passes write straight into the columns of the batch, row by row, also for rows with a fault;
 * these are closed up at the end, and reported in their order. */
#include "source/eventtable_parts.h"

#include "base/mem.h"
#include "wire/json.h"

#include <assert.h>
#include <string.h>

enum fault { NO_FAULT, NO_CASE, NO_ACTIVITY, BAD_TIME, BAD_START, NO_TIME, ENDS_FIRST };

struct passage {
    struct eventtable *t;
    const struct eventtable_rows *rows;
    struct batch *b;
    size_t to;                   /* row of the batch that the first one becomes */
    const str *text[ROLE_COUNT]; /* of each role, by row; NULL: there is no such column */
    eventtable_reject *reject;
    void *cookie;
};

/* ---- identities ---- */

static char *put(char *at, const char *p, size_t n)
{
    if (n > 32) {
        memcpy(at, p, n);
    } else if (n >= 16) { /* two pieces that overlap: no loop, no call */
        memcpy(at, p, 16);
        memcpy(at + n - 16, p + n - 16, 16);
    } else if (n >= 8) {
        memcpy(at, p, 8);
        memcpy(at + n - 8, p + n - 8, 8);
    } else if (n >= 4) {
        memcpy(at, p, 4);
        memcpy(at + n - 4, p + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++) {
            at[i] = p[i];
        }
    }
    return at + n;
}

enum { BLOCK = 16, AHEAD = 32 }; /* rows: hashed together; fetched before they are looked up */

/* The contents of up to BLOCK rows: every cell with its length in front, so that no two rows run
 * together. All are written before the first is hashed: bytes that were written a moment ago are
 * slow to read in other pieces. */
static void take_contents(struct eventtable *t, const struct eventtable_rows *rows, size_t first,
                          size_t n)
{
    const uint32_t no_value = UINT32_MAX;
    const size_t columns = t->columns.n;
    size_t size = 0, begin[BLOCK + 1];
    for (size_t c = 0; c < columns; c++) {
        const str *cells = rows->cells[c] + first;
        for (size_t i = 0; i < n; i++) {
            size += sizeof no_value + cells[i].n;
        }
    }
    buf_clear(&t->row);
    char *bytes = buf_room(&t->row, size), *at = bytes;
    assert(at != NULL); /* the buf has no limit */
    for (size_t i = 0; i < n; i++) {
        begin[i] = (size_t)(at - bytes);
        for (size_t c = 0; c < columns; c++) {
            str cell = rows->cells[c][first + i];
            uint32_t length = cell.p != NULL ? (uint32_t)cell.n : no_value;
            memcpy(at, &length, sizeof length);
            at = put(at + sizeof length, cell.p, cell.p != NULL ? cell.n : 0);
        }
    }
    begin[n] = (size_t)(at - bytes);
    for (size_t i = 0; i < n; i++) {
        t->content[first + i] = id128_of(bytes + begin[i], begin[i + 1] - begin[i]);
    }
}

static void take_identities(struct eventtable *t, const struct eventtable_rows *rows)
{
    for (size_t row = 0; row < rows->n; row += BLOCK) {
        size_t n = rows->n - row < BLOCK ? rows->n - row : BLOCK;
        if (rows->content != NULL) {
            memcpy(t->content + row, rows->content + row, n * sizeof *t->content);
        } else {
            take_contents(t, rows, row, n);
        }
    }
}

/* ---- texts to numbers ---- */

/* The cells of several columns in one, joined by "+"; those without a value are left out. */
static str joined(struct eventtable *t, const struct eventtable_rows *rows, enum role role,
                  size_t row)
{
    buf_clear(&t->row);
    for (size_t i = 0; i < t->roles.of[role].n; i++) {
        str cell = eventtable_cell(t, rows, t->roles.of[role].column[i], row);
        if (cell.n > 0) {
            if (t->row.n > 0) {
                buf_putc(&t->row, '+');
            }
            buf_add(&t->row, cell);
        }
    }
    return arena_str(&t->joined, buf_str(&t->row));
}

static const str *texts_of(struct eventtable *t, const struct eventtable_rows *rows, enum role role)
{
    bool one = t->roles.of[role].n == 1 || role == ROLE_TIME || role == ROLE_START;
    size_t column = t->roles.of[role].column[0];
    if (t->roles.of[role].n == 0) {
        return NULL;
    }
    if (one && t->options->null_count == 0) {
        return rows->cells[column];
    }
    if (t->made[role] == NULL) {
        t->made[role] = mem_get(BATCH_ROWS * sizeof *t->made[role]);
    }
    for (size_t row = 0; row < rows->n; row++) {
        t->made[role][row] =
            one ? eventtable_cell(t, rows, column, row) : joined(t, rows, role, row);
    }
    return t->made[role];
}

static void take_items(struct passage *p)
{
    struct eventtable *t = p->t;
    const str *text = p->text[ROLE_CASE];
    const size_t n = p->rows->n;
    item_id *items = p->b->item + p->to;
    for (size_t row = 0; row < n; row++) {
        struct symcache_slot *slot = NULL;
        if (row + AHEAD < n) {
            symcache_expect(&t->cases, text[row + AHEAD]);
        }
        if (text[row].n == 0) {
            t->fault[row] = NO_CASE;
            continue;
        }
        if (!symcache_find(&t->cases, text[row], &slot)) {
            slot->value = names_item(t->names, t->item_type, text[row]);
        }
        items[row] = slot->value;
    }
}

static void take_syms(struct passage *p, enum role role, struct symcache *cache, enum fault none,
                      sym *ret)
{
    struct eventtable *t = p->t;
    const str *text = p->text[role];
    const size_t n = p->rows->n;
    if (text == NULL) {
        memset(ret, 0, n * sizeof *ret);
        return;
    }
    for (size_t row = 0; row < n; row++) {
        struct symcache_slot *slot = NULL;
        if (t->fault[row] != NO_FAULT) {
            continue;
        }
        if (text[row].n == 0) {
            t->fault[row] = (uint8_t)none;
            ret[row] = 0;
            continue;
        }
        if (!symcache_find(cache, text[row], &slot)) {
            slot->value = names_sym(t->names, text[row]);
        }
        ret[row] = slot->value;
    }
}

static void take_lives(struct passage *p)
{
    struct eventtable *t = p->t;
    const str *text = p->text[ROLE_LIFECYCLE];
    uint8_t *lives = p->b->life + p->to;
    memset(lives, t->roles.statuses ? LIFE_STATUS : LIFE_NONE, p->rows->n);
    if (text == NULL || t->roles.statuses) {
        return;
    }
    for (size_t row = 0; row < p->rows->n; row++) {
        struct symcache_slot *slot = NULL;
        if (text[row].n == 0) {
            continue;
        }
        if (!symcache_find(&t->lives, text[row], &slot)) {
            slot->value = life_of(text[row]);
        }
        lives[row] = (uint8_t)slot->value;
    }
}

/* ---- times ---- */

/* One column of dates; WHEN_NONE where a cell has no value. */
static void take_dates(struct passage *p, enum role role, struct dates *d, enum fault bad,
                       when *ret)
{
    const str *text = p->text[role];
    for (size_t row = 0; row < p->rows->n; row++) {
        const char *reason = NULL;
        ret[row] = WHEN_NONE;
        if (p->t->fault[row] == NO_FAULT && text != NULL && text[row].n > 0 &&
            !dates_read(d, text[row], &ret[row], &reason)) {
            p->t->fault[row] = (uint8_t)bad;
        }
    }
}

static void take_times(struct passage *p)
{
    struct eventtable *t = p->t;
    when *times = p->b->time + p->to, *begins = p->b->begin + p->to;
    uint8_t *lives = p->b->life + p->to;
    take_dates(p, ROLE_TIME, &t->time, BAD_TIME, times);
    take_dates(p, ROLE_START, &t->start, BAD_START, begins);
    for (size_t row = 0; row < p->rows->n; row++) {
        if (t->fault[row] != NO_FAULT) {
            continue;
        }
        if (times[row] == WHEN_NONE && begins[row] == WHEN_NONE) {
            t->fault[row] = NO_TIME;
        } else if (times[row] == WHEN_NONE) { /* started, not ended */
            times[row] = begins[row];
            begins[row] = WHEN_NONE;
            lives[row] = lives[row] == LIFE_NONE ? LIFE_START : lives[row];
            t->not_ended++;
        } else if (begins[row] != WHEN_NONE && begins[row] > times[row]) {
            t->fault[row] = ENDS_FIRST;
        }
    }
}

/* ---- attributes ---- */

static void add_attribute(struct buf *out, str quoted_name, str value)
{
    buf_putc(out, out->n == 0 ? '{' : ',');
    buf_add(out, quoted_name);
    json_quote(out, value);
}

/* The attributes of a row as JSON, empty when there are none. `status_word` is a lifecycle word
 * outside the standard, which is kept. */
static str attributes(struct eventtable *t, const struct eventtable_rows *rows, size_t row,
                      str status_word)
{
    buf_clear(&t->row);
    if (status_word.n > 0) {
        add_attribute(&t->row, STR("\"lifecycle:transition\":"), status_word);
    }
    for (size_t i = 0; i < t->attributes.n; i++) {
        size_t column = t->attributes.v[i];
        str cell = eventtable_cell(t, rows, column, row);
        if (cell.p != NULL) {
            add_attribute(&t->row, t->columns.v[column].quoted, cell);
        }
    }
    if (t->row.n > 0) {
        buf_putc(&t->row, '}');
    }
    return buf_str(&t->row);
}

static void take_attributes(struct passage *p)
{
    struct eventtable *t = p->t;
    const str *text = p->text[ROLE_LIFECYCLE];
    const uint8_t *lives = p->b->life + p->to;
    str *attrs = p->b->attrs + p->to;
    for (size_t row = 0; row < p->rows->n; row++) {
        bool status_word = text != NULL && lives[row] == LIFE_STATUS;
        attrs[row] = (str){0};
        if (t->fault[row] == NO_FAULT && (status_word || t->attributes.n > 0)) {
            str made = attributes(t, p->rows, row, status_word ? text[row] : (str){0});
            attrs[row] = made.n > 0 ? arena_str(&p->b->text, made) : (str){0};
        }
    }
}

/* ---- the rows as a whole ---- */

enum { SHOWN = 100 }; /* bytes of a bad value in its reason */

static void bad_date(struct passage *p, size_t row, enum role role, struct dates *d)
{
    const char *reason = "";
    when time = 0;
    str cell = p->text[role][row];
    dates_read(d, cell, &time, &reason);
    buf_addf(&p->t->reason, "\"" STR_FMT "\" is not a date (%s)", STR_ARG(str_first(cell, SHOWN)),
             reason);
}

static void refuse(struct passage *p, size_t row)
{
    struct eventtable *t = p->t;
    enum role role = ROLE_TIME;
    buf_clear(&t->reason);
    switch ((enum fault)t->fault[row]) {
    case NO_CASE:
        role = ROLE_CASE;
        buf_add(&t->reason, STR("no case"));
        break;
    case NO_ACTIVITY:
        role = ROLE_ACTIVITY;
        buf_add(&t->reason, STR("no activity"));
        break;
    case BAD_TIME:
        bad_date(p, row, role, &t->time);
        break;
    case BAD_START:
        role = ROLE_START;
        bad_date(p, row, role, &t->start);
        break;
    case NO_TIME:
        buf_add(&t->reason, STR("no time"));
        break;
    case ENDS_FIRST:
        buf_add(&t->reason, STR("it ends before it starts"));
        break;
    case NO_FAULT:
        return;
    }
    p->reject(p->cookie, row, t->columns.v[t->roles.of[role].column[0]].name, buf_str(&t->reason));
}

/* Gives the rows their keys, closes the gaps of those with a fault, and reports them. */
static void close_up(struct passage *p)
{
    struct eventtable *t = p->t;
    struct batch *b = p->b;
    size_t at = p->to;
    for (size_t row = 0; row < p->rows->n; row++) {
        size_t from = p->to + row;
        if (row + AHEAD < p->rows->n) {
            rowkeys_expect(&t->keys, t->content[row + AHEAD]);
        }
        if (t->fault[row] != NO_FAULT) {
            refuse(p, row);
            continue;
        }
        b->key[at] = rowkeys_next(&t->keys, t->content[row]);
        if (at != from) {
            b->item[at] = b->item[from];
            b->activity[at] = b->activity[from];
            b->instance[at] = b->instance[from];
            b->actor[at] = b->actor[from];
            b->team[at] = b->team[from];
            b->time[at] = b->time[from];
            b->begin[at] = b->begin[from];
            b->life[at] = b->life[from];
            b->attrs[at] = b->attrs[from];
        }
        at++;
    }
    b->n = at;
}

static void map_rows(struct passage *p)
{
    struct eventtable *t = p->t;
    struct batch *b = p->b;
    size_t n = p->rows->n;
    arena_clear(&t->joined);
    memset(t->fault, NO_FAULT, n);
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        p->text[role] = texts_of(t, p->rows, (enum role)role);
    }
    for (size_t row = 0; row < n; row++) {
        b->type[p->to + row] = t->event_type;
    }
    memset(b->quality + p->to, TIME_OWN, n);
    take_items(p);
    take_syms(p, ROLE_ACTIVITY, &t->activities, NO_ACTIVITY, b->activity + p->to);
    take_lives(p);
    take_times(p);
    take_syms(p, ROLE_RESOURCE, &t->actors, NO_FAULT, b->actor + p->to);
    take_syms(p, ROLE_TEAM, &t->teams, NO_FAULT, b->team + p->to);
    take_syms(p, ROLE_INSTANCE, &t->instances, NO_FAULT, b->instance + p->to);
    take_attributes(p);
    close_up(p);
}

/* One row by the mapping file. */
static void map_by_file(struct passage *p, size_t row)
{
    struct eventtable *t = p->t;
    str column = {0};
    for (size_t i = 0; i < mapping_path_count(t->options->mapping); i++) {
        t->values[i] = t->bound[i] == MAPPING_LITERAL
                           ? mapping_path(t->options->mapping, i)
                           : eventtable_cell(t, p->rows, (size_t)t->bound[i], row);
    }
    id128 key = rowkeys_next(&t->keys, t->content[row]);
    if (!mapping_event(t->mapping, t->values, key, p->b, &t->reason, &column)) {
        p->reject(p->cookie, row, column, buf_str(&t->reason));
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
    assert(batch_has_room(b, rows->n));
    struct passage p = {
        .t = t, .rows = rows, .b = b, .to = b->n, .reject = reject, .cookie = cookie};
    take_identities(t, rows);
    if (t->mapping == NULL) {
        map_rows(&p);
    } else {
        for (size_t row = 0; row < rows->n; row++) {
            map_by_file(&p, row);
        }
    }
    t->rows += rows->n;
    return OK;
}
