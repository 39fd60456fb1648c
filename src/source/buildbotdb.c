/* A prepared statement a table, asked build by build: no join that a made-up database could blow
 * up, and a budget of work by the size of the file, for one whose tables have lost their indexes.
 *
 * Tables (buildbot 3.x): builds, builders, buildrequests → buildsets → buildset_sourcestamps →
 * sourcestamps, steps, build_properties. */
#include "source/buildbotdb.h"

#include "base/buf.h"
#include "base/mem.h"
#include "source/sqlguard.h"
#include "wire/json.h"

#include <inttypes.h>
#include <string.h>

enum { VALUE = 1 << 16 };

enum { BUILDS, BUILDER, BUILDSET, STAMPS, STEPS, REVISION, STATEMENTS };
static const char *const SQL[STATEMENTS] = {
    [BUILDS] = "SELECT id, number, builderid, buildrequestid, started_at, complete_at, results "
               "FROM main.builds ORDER BY id",
    [BUILDER] = "SELECT name FROM main.builders WHERE id = ?1 LIMIT 1",
    [BUILDSET] = "SELECT s.id, s.submitted_at FROM main.buildsets s WHERE s.id = (SELECT "
                 "buildsetid FROM main.buildrequests WHERE id = ?1 LIMIT 1) LIMIT 1",
    [STAMPS] = "SELECT revision, branch, repository, codebase FROM main.sourcestamps WHERE id IN "
               "(SELECT sourcestampid FROM main.buildset_sourcestamps WHERE buildsetid = ?1 LIMIT "
               "100) ORDER BY id LIMIT 100",
    [STEPS] = "SELECT name, started_at, complete_at, results, hidden FROM main.steps WHERE "
              "buildid = ?1 ORDER BY number LIMIT 1000",
    [REVISION] = "SELECT value FROM main.build_properties WHERE buildid = ?1 AND name = "
                 "'got_revision' LIMIT 1",
};

/* The version of the schema that was seen with these tables and columns (buildbot 3.7). */
static const str VERSION = STR_INIT("059");

struct buildbotdb {
    const char *name;
    struct sqlguard guard;
    sqlite3_stmt *rows[STATEMENTS];
    struct buf body;
};

/* The statements that made its tables lie in the first pages, though not in the very first. */
bool buildbotdb_is(const char *path)
{
    enum { LOOK = 4 << 20 };
    struct stream *s = NULL;
    struct error why = {0};
    str head = {0};
    bool is = false;
    if (path != NULL && stream_open(path, &s, &why) == OK) {
        status_code code = stream_peek(s, LOOK, &head, &why);
        is = (code == OK || code == END) &&
             str_find(head, STR("CREATE TABLE buildrequests")) < head.n &&
             str_find(head, STR("CREATE TABLE alembic_version")) < head.n;
    }
    stream_close(s);
    return is;
}

static str column_text(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);
    return (str){text, text != NULL ? (size_t)sqlite3_column_bytes(row, column) : 0};
}

static void put_text(struct buf *out, const char *name, sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) == SQLITE_TEXT) {
        buf_addf(out, "\"%s\":", name);
        json_quote(out, str_first(column_text(row, column), VALUE));
        buf_putc(out, ',');
    }
}

static void put_number(struct buf *out, const char *name, sqlite3_stmt *row, int column)
{
    if (sqlite3_column_type(row, column) == SQLITE_INTEGER) {
        buf_addf(out, "\"%s\":%" PRId64 ",", name, (int64_t)sqlite3_column_int64(row, column));
    }
}

/* Closes an object or list whose members each left a comma behind. */
static void put_end(struct buf *out, const char *end)
{
    if (out->n > 0 && out->p[out->n - 1] == ',') {
        out->n--;
    }
    buf_add(out, str_of(end));
}

/* The next row of a statement about `number` (asked anew where `begin`). */
static status ask(struct buildbotdb *b, int which, bool begin, int64_t number, struct error *why)
{
    sqlite3_stmt *rows = b->rows[which];
    if (begin) {
        sqlite3_reset(rows);
        sqlite3_bind_int64(rows, 1, number);
    }
    int result = sqlite3_step(rows);
    if (result == SQLITE_ROW) {
        return OK;
    }
    if (result == SQLITE_DONE) {
        sqlite3_reset(rows);
        return END;
    }
    return sqlguard_fail(&b->guard, b->name, "the database cannot be read", why);
}

static status put_builder(struct buildbotdb *b, int64_t builder, struct error *why)
{
    status_code code = ask(b, BUILDER, true, builder, why);
    if (code == OK) {
        buf_add(&b->body, STR("\"builder\":{"));
        put_text(&b->body, "name", b->rows[BUILDER], 0);
        put_end(&b->body, "},");
    }
    return code == END ? OK : code;
}

static status put_buildset(struct buildbotdb *b, int64_t request, struct error *why)
{
    status_code code = ask(b, BUILDSET, true, request, why);
    if (code != OK) {
        return code == END ? OK : code;
    }
    int64_t set = sqlite3_column_int64(b->rows[BUILDSET], 0);
    buf_add(&b->body, STR("\"buildset\":{"));
    put_number(&b->body, "submitted_at", b->rows[BUILDSET], 1);
    buf_add(&b->body, STR("\"sourcestamps\":["));
    for (bool first = true; (code = ask(b, STAMPS, first, set, why)) == OK; first = false) {
        buf_putc(&b->body, '{');
        put_text(&b->body, "revision", b->rows[STAMPS], 0);
        put_text(&b->body, "branch", b->rows[STAMPS], 1);
        put_text(&b->body, "repository", b->rows[STAMPS], 2);
        put_text(&b->body, "codebase", b->rows[STAMPS], 3);
        put_end(&b->body, "},");
    }
    put_end(&b->body, "]},");
    return code == END ? OK : code;
}

/* The value of a property is JSON of its own. */
static status put_revision(struct buildbotdb *b, int64_t build, struct error *why)
{
    status_code code = ask(b, REVISION, true, build, why);
    if (code == OK) {
        json_t *json = NULL;
        struct error ignored = {0};
        str value = column_text(b->rows[REVISION], 0);
        if (value.n <= VALUE && json_parse(value, 0, "", &json, &ignored) == OK) {
            buf_add(&b->body, STR("\"properties\":{\"got_revision\":["));
            buf_add(&b->body, value);
            buf_add(&b->body, STR(",\"\"]},"));
        }
        json_decref(json);
    }
    return code == END ? OK : code;
}

static status put_steps(struct buildbotdb *b, int64_t build, struct error *why)
{
    status_code code;
    sqlite3_stmt *row = b->rows[STEPS];
    buf_add(&b->body, STR("\"steps\":["));
    for (bool first = true; (code = ask(b, STEPS, first, build, why)) == OK; first = false) {
        buf_putc(&b->body, '{');
        put_text(&b->body, "name", row, 0);
        put_number(&b->body, "started_at", row, 1);
        put_number(&b->body, "complete_at", row, 2);
        put_number(&b->body, "results", row, 3);
        if (sqlite3_column_int64(row, 4) != 0) {
            buf_add(&b->body, STR("\"hidden\":true,"));
        }
        put_end(&b->body, "},");
    }
    put_end(&b->body, "],");
    return code == END ? OK : code;
}

status buildbotdb_next(struct buildbotdb *b, str *ret_body, struct error *why)
{
    static const char *const NUMBERS[] = {
        "buildid", "number", "builderid", "buildrequestid", "started_at", "complete_at", "results"};
    sqlite3_stmt *row = b->rows[BUILDS];
    int result = sqlite3_step(row);
    if (result == SQLITE_DONE) {
        return END;
    }
    if (result != SQLITE_ROW) {
        return sqlguard_fail(&b->guard, b->name, "the builds cannot be read", why);
    }
    buf_clear(&b->body);
    buf_putc(&b->body, '{');
    for (int i = 0; i < 7; i++) {
        put_number(&b->body, NUMBERS[i], row, i);
    }
    int64_t build = sqlite3_column_int64(row, 0);
    TRY(put_builder(b, sqlite3_column_int64(row, 2), why));
    TRY(put_buildset(b, sqlite3_column_int64(row, 3), why));
    TRY(put_revision(b, build, why));
    TRY(put_steps(b, build, why));
    put_end(&b->body, "}");
    *ret_body = buf_str(&b->body);
    return OK;
}

void buildbotdb_close(struct buildbotdb *b)
{
    if (b != NULL) {
        for (int i = 0; i < STATEMENTS; i++) {
            sqlite3_finalize(b->rows[i]);
        }
        sqlguard_close(&b->guard);
        buf_finish(&b->body);
        mem_put(b);
    }
}

static void check_version(struct buildbotdb *b, struct source_notes *notes)
{
    sqlite3_stmt *rows = NULL;
    str version = {0};
    if (sqlite3_prepare_v2(b->guard.db, "SELECT version_num FROM main.alembic_version LIMIT 1", -1,
                           &rows, NULL) == SQLITE_OK &&
        sqlite3_step(rows) == SQLITE_ROW) {
        version = str_first(column_text(rows, 0), 40);
    }
    if (!str_eq(version, VERSION)) {
        source_note(notes,
                    "the database has version \"" STR_FMT "\", which was never seen: check that "
                    "the builds are right",
                    STR_ARG(version));
    }
    sqlite3_finalize(rows);
}

status buildbotdb_open(struct stream *s, struct source_notes *notes, struct buildbotdb **ret,
                       struct error *why)
{
    struct buildbotdb *b = mem_get(sizeof *b);
    b->name = stream_name(s);
    status_code code = sqlguard_open(s, &b->guard, why);
    for (int i = 0; i < STATEMENTS && code == OK; i++) {
        if (sqlite3_prepare_v2(b->guard.db, SQL[i], -1, &b->rows[i], NULL) != SQLITE_OK) {
            code = error_set(why, "%s: this SQLite database is none of buildbot 3: %s", b->name,
                             sqlite3_errmsg(b->guard.db));
        }
    }
    if (code == OK) {
        check_version(b, notes);
        b->guard.steps = 100000 + stream_given(s) / 10;
        *ret = b;
    } else {
        buildbotdb_close(b);
    }
    return code;
}
