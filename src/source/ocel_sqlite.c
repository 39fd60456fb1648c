/* OCEL 2.0 in SQLite, read under guard (sqlguard.h): the file may come from anybody.
 *
 * `event` and `object` list the ids with their types; each type has a table of its own for times
 * and attributes, whose name stands in `event_map_type` and `object_map_type`. */
#include "source/ocel.h"
#include "source/sqlguard.h"

#include "base/map.h"
#include "base/progress.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { NO_COLUMN = -1 };

struct known {
    uint32_t number; /* of the event; NONE: has no row with a time yet */
    str type;
};

struct reader {
    struct ocel *o;
    struct sqlguard guard;
    struct intern events; /* id → number in `known` */
    VEC(struct known) known;
    struct intern tables; /* ordinary ones, by name in small letters */
    struct map read;      /* those of types that were read */
    bool damaged;
    struct error *why;
};

static const uint32_t NONE = UINT32_MAX;

/* The number of the table, 0: there is none. `add` makes it known. SQLite ignores letter case. */
static uint32_t eventtable_number(struct reader *r, str name, bool add)
{
    struct buf lower = {0};
    uint32_t number = 0;
    for (size_t i = 0; i < name.n; i++) {
        buf_putc(&lower, (char)tolower((unsigned char)name.p[i]));
    }
    if (!intern_find(&r->tables, buf_str(&lower), &number) && add) {
        number = intern_add(&r->tables, buf_str(&lower));
    }
    buf_finish(&lower);
    return number;
}

static bool has_table(struct reader *r, str name)
{
    return eventtable_number(r, name, false) != 0;
}

static str column_text(sqlite3_stmt *row, int column)
{
    if (column == NO_COLUMN || sqlite3_column_type(row, column) == SQLITE_NULL) {
        return (str){0};
    }
    const char *text = (const char *)sqlite3_column_text(row, column);
    return (str){text, text != NULL ? (size_t)sqlite3_column_bytes(row, column) : 0};
}

/* Calls `each` for every row of the table. Damage ends the table, not the import. */
static status for_rows(struct reader *r, str table, void *cookie,
                       void (*each)(struct reader *r, sqlite3_stmt *row, void *cookie))
{
    struct buf sql = {0};
    buf_add(&sql, STR("SELECT * FROM main.\""));
    for (size_t i = 0; i < table.n; i++) {
        buf_addf(&sql, table.p[i] == '"' ? "\"\"" : "%c", table.p[i]);
    }
    buf_putc(&sql, '"');
    sqlite3_stmt *rows = NULL;
    int result = sqlite3_prepare_v2(r->guard.db, buf_cstr(&sql), (int)sql.n, &rows, NULL);
    buf_finish(&sql);
    while (result == SQLITE_OK || result == SQLITE_ROW) {
        result = sqlite3_step(rows);
        if (result == SQLITE_ROW) {
            each(r, rows, cookie);
        }
        if (r->o->full) {
            result = SQLITE_DONE;
        }
    }
    status_code done = OK;
    if (result == SQLITE_INTERRUPT) {
        done = INTERRUPTED;
    } else if (result != SQLITE_DONE) {
        r->damaged = true;
        ocel_reject(r->o, 0, table, (str){0}, "the table cannot be read: %s",
                    sqlite3_errmsg(r->guard.db));
    }
    sqlite3_finalize(rows);
    return done;
}

static int find_column(sqlite3_stmt *row, const char *name)
{
    int n = sqlite3_column_count(row);
    for (int i = 0; i < n; i++) {
        const char *is = sqlite3_column_name(row, i);
        if (is != NULL && strcasecmp(is, name) == 0) {
            return i;
        }
    }
    return NO_COLUMN;
}

static void each_table(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    (void)cookie;
    str type = column_text(row, find_column(row, "type"));
    bool table = str_eq(type, STR("table"));
    str sql = column_text(row, find_column(row, "sql"));
    if (table && !str_eq_case(str_first(sql, 14), STR("CREATE VIRTUAL"))) {
        str name = column_text(row, find_column(row, "name"));
        eventtable_number(r, name, true);
        r->o->held += name.n + sizeof(str);
    }
}

/* --- events --- */

static struct known *know_event(struct reader *r, str id, bool *ret_new)
{
    uint32_t number = 0;
    *ret_new = !intern_find(&r->events, id, &number);
    if (*ret_new) {
        r->o->held += id.n + 64;
        intern_add(&r->events, id);
        VEC_ADD(&r->known, (struct known){NONE, {0}});
        return &r->known.v[r->known.n - 1];
    }
    return &r->known.v[number];
}

static void each_event(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    (void)cookie;
    str id = column_text(row, find_column(row, "ocel_id"));
    if (id.n == 0) {
        ocel_reject(r->o, 0, STR("event.ocel_id"), (str){0}, "the event has no id");
        return;
    }
    bool new;
    struct known *known = know_event(r, id, &new);
    if (new) {
        known->type = arena_str(&r->o->text, column_text(row, find_column(row, "ocel_type")));
        r->o->held += known->type.n;
    }
}

struct typed { /* the table of a type */
    str table, type;
};

static void each_event_row(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    const struct typed *of = cookie;
    int id_at = find_column(row, "ocel_id"), time_at = find_column(row, "ocel_time");
    str id = column_text(row, id_at), stamp = column_text(row, time_at);
    when time;
    const char *reason = NULL;
    if (id.n == 0) {
        ocel_reject(r->o, 0, of->table, (str){0}, "the event has no id");
        return;
    }
    if (!ocel_time(r->o, stamp, &time, &reason)) {
        ocel_reject(r->o, 0, of->table, id, "the ocel_time \"" STR_FMT "\" is not a date (%s)",
                    STR_ARG(str_first(stamp, 60)), reason);
        return;
    }
    bool new;
    struct known *known = know_event(r, id, &new);
    r->o->unlisted_events += new;
    known->number = ocel_event(r->o, id, of->type, time, 0);
    int n = sqlite3_column_count(row);
    for (int i = 0; i < n; i++) {
        if (i != id_at && i != time_at && sqlite3_column_type(row, i) != SQLITE_NULL) {
            ocel_pair(r->o, str_of(sqlite3_column_name(row, i)), column_text(row, i));
        }
    }
    ocel_take_pairs(r->o, known->number);
}

/* --- objects --- */

static void each_object(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    (void)cookie;
    str id = column_text(row, find_column(row, "ocel_id"));
    str type = column_text(row, find_column(row, "ocel_type"));
    if (id.n == 0 || type.n == 0) {
        ocel_reject(r->o, 0, STR("object"), id, "the object has no %s", id.n == 0 ? "id" : "type");
        return;
    }
    ocel_list_object(r->o, ocel_object(r->o, id), type);
}

/* The first row of an object has all attributes, a later one the changed field alone. */
static void each_object_row(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    const struct typed *of = cookie;
    int id_at = find_column(row, "ocel_id"), time_at = find_column(row, "ocel_time");
    int field_at = find_column(row, "ocel_changed_field");
    str id = column_text(row, id_at), stamp = column_text(row, time_at);
    when time = WHEN_NONE;
    const char *reason = NULL;
    if (id.n == 0) {
        ocel_reject(r->o, 0, of->table, (str){0}, "the object has no id");
        return;
    }
    if (stamp.n > 0 && !ocel_attr_time(r->o, stamp, &time, &reason)) {
        ocel_reject(r->o, 0, of->table, id, "the ocel_time \"" STR_FMT "\" is not a date (%s)",
                    STR_ARG(str_first(stamp, 60)), reason);
        return;
    }
    uint32_t object = ocel_object(r->o, id);
    ocel_list_object(r->o, object, of->type);
    str field = column_text(row, field_at);
    int n = sqlite3_column_count(row);
    for (int i = 0; i < n; i++) {
        str name = str_of(sqlite3_column_name(row, i));
        bool meant = i != id_at && i != time_at && i != field_at &&
                     (field.n == 0 || str_eq_case(field, name));
        if (meant && sqlite3_column_type(row, i) != SQLITE_NULL) {
            ocel_object_attr(r->o, object, name, time, column_text(row, i));
        }
    }
}

/* --- relations --- */

static void each_event_object(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    (void)cookie;
    str event = column_text(row, find_column(row, "ocel_event_id"));
    str object = column_text(row, find_column(row, "ocel_object_id"));
    uint32_t number = 0;
    if (event.n == 0 || object.n == 0) {
        ocel_reject(r->o, 0, STR("event_object"), event, "the relation lacks an id");
    } else if (!intern_find(&r->events, event, &number) || r->known.v[number].number == NONE) {
        ocel_reject(r->o, 0, STR("event_object"), event,
                    "the relation is to an event that does not exist or has no time");
    } else {
        ocel_relate(r->o, r->known.v[number].number, ocel_object(r->o, object),
                    column_text(row, find_column(row, "ocel_qualifier")));
    }
}

static void each_object_object(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    (void)cookie;
    str from = column_text(row, find_column(row, "ocel_source_id"));
    if (from.n == 0) {
        ocel_reject(r->o, 0, STR("object_object"), (str){0}, "the relation lacks an id");
        return;
    }
    uint32_t number = ocel_object(r->o, from);
    str to = column_text(row, find_column(row, "ocel_target_id"));
    if (to.n == 0) {
        ocel_reject(r->o, 0, STR("object_object"), (str){0}, "the relation lacks an id");
        return;
    }
    ocel_link(r->o, number, ocel_object(r->o, to),
              column_text(row, find_column(row, "ocel_qualifier")));
}

/* --- steering --- */

struct types {
    VEC(struct typed) of;
    const char *prefix;
};

static void each_type(struct reader *r, sqlite3_stmt *row, void *cookie)
{
    struct types *types = cookie;
    str type = column_text(row, find_column(row, "ocel_type"));
    struct buf table = {0};
    str kept = arena_str(&r->o->text, type);
    buf_add(&table, str_of(types->prefix));
    buf_add(&table, column_text(row, find_column(row, "ocel_type_map")));
    r->o->held += type.n + table.n + sizeof(struct typed);
    VEC_ADD(&types->of, (struct typed){arena_str(&r->o->text, buf_str(&table)), kept});
    buf_finish(&table);
}

static status read_typed(struct reader *r, str map, const char *prefix,
                         void (*each)(struct reader *, sqlite3_stmt *, void *))
{
    struct types types = {.prefix = prefix};
    status_code done = for_rows(r, map, &types, each_type);
    for (size_t i = 0; i < types.of.n && done == OK; i++) {
        uint32_t number = eventtable_number(r, types.of.v[i].table, false);
        bool new = true;
        if (number != 0) {
            map_add(&r->read, number, &new);
        }
        if (number != 0 && new) {
            done = for_rows(r, types.of.v[i].table, &types.of.v[i], each);
        } else {
            source_note(&r->o->source.notes,
                        "the type \"" STR_FMT "\" has no table of its own named \"" STR_FMT "\"",
                        STR_ARG(str_first(types.of.v[i].type, 100)),
                        STR_ARG(str_first(types.of.v[i].table, 100)));
        }
    }
    VEC_FINISH(&types.of);
    return done;
}

static void reject_timeless(struct reader *r)
{
    for (size_t i = 1; i < r->known.n; i++) {
        if (r->known.v[i].number == NONE) {
            ocel_reject(r->o, 0, STR("ocel_time"), intern_text(&r->events, (uint32_t)i),
                        "the event of the type \"" STR_FMT
                        "\" has no row in the table of its type: it has no time",
                        STR_ARG(str_first(r->known.v[i].type, 100)));
        }
    }
}

static status read_all(struct reader *r)
{
    static const str NEEDED[] = {STR_INIT("event"), STR_INIT("event_map_type"),
                                 STR_INIT("event_object")};
    TRY(sqlguard_open(r->o->stream, &r->guard, r->why));
    TRY(for_rows(r, STR("sqlite_master"), NULL, each_table));
    for (size_t i = 0; i < sizeof NEEDED / sizeof *NEEDED; i++) {
        if (!has_table(r, NEEDED[i])) {
            return error_set(r->why,
                             "%s: this is an SQLite database without the table \"" STR_FMT
                             "\", not OCEL 2.0",
                             stream_name(r->o->stream), STR_ARG(NEEDED[i]));
        }
    }
    TRY(for_rows(r, STR("event"), NULL, each_event));
    TRY(has_table(r, STR("object")) ? for_rows(r, STR("object"), NULL, each_object) : OK);
    TRY(read_typed(r, STR("event_map_type"), "event_", each_event_row));
    if (has_table(r, STR("object_map_type"))) {
        TRY(read_typed(r, STR("object_map_type"), "object_", each_object_row));
    }
    TRY(for_rows(r, STR("event_object"), NULL, each_event_object));
    if (has_table(r, STR("object_object"))) {
        TRY(for_rows(r, STR("object_object"), NULL, each_object_object));
    }
    reject_timeless(r);
    return OK;
}

status ocel_read_sqlite(struct ocel *o, struct error *why)
{
    struct reader r = {.o = o, .why = why};
    intern_init(&r.events, "OCEL event ids");
    intern_init(&r.tables, "OCEL tables");
    VEC_ADD(&r.known, (struct known){NONE, {0}}); /* number 0 is the empty id */
    status_code done = read_all(&r);
    const char *cut = stream_broken(o->stream);
    if (done == OK && (r.damaged || cut != NULL)) {
        ocel_breaks_off(o, 0, (str){0}, cut != NULL ? cut : "the database is damaged");
    }
    sqlguard_close(&r.guard);
    intern_finish(&r.events);
    VEC_FINISH(&r.known);
    intern_finish(&r.tables);
    map_finish(&r.read);
    return done;
}
