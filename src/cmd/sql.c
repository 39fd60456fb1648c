/* weir sql: read-only questions in SQL over the documented views. */
#include "cmd/command.h"
#include "store/store.h"

static const struct argument ARGUMENTS[] = {
    {.name = "STATEMENT", .purpose = "one SELECT, or .views to list what there is"},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir sql .views", "the views and their columns"},
    {"weir sql \"SELECT activity, count(*) AS n FROM event GROUP BY activity ORDER BY n DESC\"",
     "how often each activity occurs"},
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

static void views(struct command_context *c)
{
    command_say(c, "item    type, key, first, last, events\n"
                   "event   time, begin, item_type, item, type, activity, lifecycle, instance, "
                   "actor, team, source, attrs\n"
                   "span    item_type, item, activity, begin, time, actor, team\n"
                   "link    from_type, from_item, to_type, to_item, kind, rule, confidence\n"
                   "reject  source, place, line, column_name, reason, raw");
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct rows r = {.c = c};
    struct store *store = NULL;
    const char *where = NULL;
    str statement = argument_at(c, 0);
    if (str_eq(statement, STR(".views")) || str_eq(statement, STR(".schema"))) {
        views(c);
        return EXIT_YES;
    }
    if (command_wants_json(c)) {
        r.list = json_array();
        r.columns = json_array();
    }
    lapse timeout = TIMEOUT_S * SECOND;
    status_code s;
    TRY_GOTO(s, done, option_lapse(c, "timeout", timeout, &timeout, &why));
    TRY_GOTO(s, done, command_store_path(c, &where, &why));
    TRY_GOTO(s, done, store_open(where, STORE_READ, &store, &why));
    TRY_GOTO(s, done, store_sql(store, arena_str(&c->text, statement).p, timeout, take, &r, &why));
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
    store_close(store);
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
