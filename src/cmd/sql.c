/* weir sql: read-only questions in SQL over the documented views. */
#include "cmd/command.h"
#include "store/store.h"

static const struct argument ARGUMENTS[] = {
    {.name = "STATEMENT", .purpose = "one SELECT; .views or .schema lists what there is"},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir sql .schema", "the views, their columns and types"},
    {"weir sql \"SELECT activity, count(*) AS n FROM event GROUP BY activity ORDER BY n DESC\"",
     "how often each activity occurs"},
    {"weir sql \"SELECT item, max(time) - min(time) AS lead FROM event GROUP BY item ORDER BY lead "
     "DESC LIMIT 5\"",
     "the five longest items"},
    {"weir sql --json \"SELECT kind, rule, count(*) AS n FROM link GROUP BY ALL\"",
     "links by kind and by the rule that found them"},
    {0},
};

enum { TIMEOUT_S = 60 };

struct rows {
    struct command_context *c;
    struct table *table;
    json_t *columns, *list;
    struct table_column *heads;
    bool began;
};

static enum cell_kind kind_of(const char *type)
{
    str t = str_of(type);
    return str_ends(t, STR("INT")) || str_ends(t, STR("INTEGER")) ? CELL_COUNT
           : str_eq(t, STR("DOUBLE")) || str_eq(t, STR("FLOAT"))  ? CELL_NUMBER
                                                                  : CELL_TEXT;
}

static void begin(struct rows *r, const struct sql_row *row)
{
    r->began = true;
    if (r->list != NULL) {
        for (size_t i = 0; i < row->n; i++) {
            json_array_append_new(r->columns, doc_str(row->names[i]));
        }
        return;
    }
    r->heads = ARENA_ARRAY(&r->c->text, struct table_column, row->n + 1);
    for (size_t i = 0; i < row->n; i++) {
        struct buf safe = {0};
        text_safe(&safe, row->names[i]);
        const char *name = arena_str(&r->c->text, buf_str(&safe)).p;
        buf_finish(&safe);
        r->heads[i] = (struct table_column){name, name, CELL_TEXT, 0, 0};
    }
    r->table = table_new(r->heads, row->n);
}

static json_t *value_json(str value, const char *type)
{
    if (value.p == NULL) {
        return json_null();
    }
    int64_t whole = 0;
    double real = 0;
    switch (kind_of(type)) {
    case CELL_COUNT:
        if (str_to_i64(value, &whole)) {
            return json_integer(whole);
        }
        break;
    case CELL_NUMBER:
        if (str_to_f64(value, &real)) {
            return doc_real(real);
        }
        break;
    default:
        break;
    }
    return doc_str(value);
}

static status_code take(const struct sql_row *row, void *cookie, struct error *why)
{
    (void)why;
    struct rows *r = cookie;
    if (!r->began) {
        begin(r, row);
    }
    if (row->values == NULL) { /* the names alone come first */
        return OK;
    }
    if (r->list != NULL) {
        json_t *one = json_array();
        for (size_t i = 0; i < row->n; i++) {
            json_array_append_new(one, value_json(row->values[i], row->types[i]));
        }
        json_array_append_new(r->list, one);
        return OK;
    }
    for (size_t i = 0; i < row->n; i++) {
        if (row->values[i].p == NULL) {
            table_none(r->table);
        } else {
            table_text(r->table, row->values[i]);
        }
    }
    return OK;
}

/* What there is to ask, out of the store itself: the views are its own. */
#define OUR_VIEWS                                                                                  \
    "FROM duckdb_columns() WHERE database_name = 'temp' AND table_name IN"                         \
    " ('item', 'event', 'span', 'link', 'reject')"

static str statement_of(str given)
{
    if (str_eq(given, STR(".views"))) {
        return STR("SELECT table_name AS \"view\","
                   " string_agg(column_name, ', ' ORDER BY column_index) AS columns " OUR_VIEWS
                   " GROUP BY table_name ORDER BY table_name");
    }
    if (str_eq(given, STR(".schema"))) {
        return STR("SELECT table_name AS \"view\", column_name AS \"column\","
                   " data_type AS type " OUR_VIEWS " ORDER BY table_name, column_index");
    }
    return given;
}

/* The list of views for people: a line each, never cut. */
static status_code say_view(const struct sql_row *row, void *cookie, struct error *why)
{
    (void)why;
    const struct rows *r = cookie;
    if (row->values != NULL && row->n == 2) {
        command_say(r->c, "%-7.*s " STR_FMT, (int)row->values[0].n, row->values[0].p,
                    STR_ARG(row->values[1]));
    }
    return OK;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct rows r = {.c = c};
    struct store *store = NULL;
    str statement = statement_of(argument_at(c, 0));
    if (statement.n > 0 && statement.p[0] == '.') {
        return command_usage(c, "\"" STR_FMT "\" is none of .views, .schema",
                             STR_ARG(str_first(statement, 80)));
    }
    if (command_wants_json(c)) {
        r.list = json_array();
        r.columns = json_array();
    }
    bool lines = str_eq(argument_at(c, 0), STR(".views")) && command_wants_words(c);
    store_each_row *each = lines ? say_view : take;
    lapse timeout = TIMEOUT_S * SECOND;
    status_code s;
    TRY_GOTO(s, done, option_lapse(c, "timeout", timeout, &timeout, &why));
    TRY_GOTO(s, done, command_store(c, STORE_READ, &store, &why));
    TRY_GOTO(s, done, store_sql(store, arena_str(&c->text, statement).p, timeout, each, &r, &why));
    if (r.list != NULL) {
        json_t *doc = doc_new("weir.sql/1");
        doc_put(doc, "columns", r.columns);
        doc_put(doc, "rows", r.list);
        r.columns = r.list = NULL;
        doc_end(doc);
        command_document(c, doc);
    } else if (r.table != NULL) {
        command_table(c, r.table);
        r.table = NULL;
    }
done:
    json_decref(r.columns);
    json_decref(r.list);
    if (r.table != NULL) {
        table_free(r.table);
    }
    int code = s == OK ? EXIT_YES : command_fail(c, s, &why);
    command_store_done(c, store);
    return code;
}

const struct command COMMAND_SQL = {
    .name = "sql",
    .purpose = "ask the store in SQL, read-only",
    .description = "One SELECT over the views item, event, span, link and reject. Nothing outside "
                   "the store\ncan be read, nothing can be changed.",
    .arguments = ARGUMENTS,
    .examples = EXAMPLES,
    .fields = "columns: names\nrows: arrays of values",
    .group = GROUP_DATA,
    .flags = COMMAND_STORE | COMMAND_ANSWERS,
    .run = run,
};
