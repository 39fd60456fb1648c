/* weir status: what the store holds, where it came from, and what was not understood. */
#include "cmd/command.h"
#include "engine/events.h"
#include "engine/sources.h"

#include <inttypes.h>

static const struct argument ARGUMENTS[] = {
    {.name = "BATCH", .purpose = "with --rejects: those of this batch alone", .optional = true},
    {0},
};

static const struct option OPTIONS[] = {
    {OPTION_FLAG, "rejects", 0, NULL, "list the rows that were not understood", NULL, 0},
    {OPTION_VALUE, "limit", 0, "N", "with --rejects: at most so many (default 1000; 0: all)", NULL,
     0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir status", "sources, their last events, the size of the store"},
    {"weir status --rejects", "which rows were not understood, and why"},
    {"weir status --rejects 2 --output csv", "those of one batch, as a table for programs"},
    {0},
};

/* --- rejects --- */

struct rejects {
    struct command_context *c;
    const struct names *names;
    uint64_t batch; /* 0: all */
    uint64_t limit; /* 0: none */
    uint64_t n;
    struct table *table; /* NULL: the list */
    json_t *list;
};

static const struct table_column REJECT_COLUMNS[] = {
    {"batch", "batch", CELL_COUNT, 0, 4},  {NULL, "name", CELL_TEXT, 0, 0},
    {NULL, "received", CELL_WHEN, 0, 0},   {"source", "source", CELL_TEXT, 0, 3},
    {"line", "line", CELL_COUNT, 0, 0},    {"column", "column", CELL_TEXT, 0, 0},
    {"reason", "reason", CELL_TEXT, 0, 0}, {"row", "raw", CELL_TEXT, 0, 2},
};

static void add_json(struct rejects *l, const struct stored_reject *row)
{
    json_t *one = json_object();
    const struct reject *r = &row->reject;
    doc_put(one, "batch", doc_count(row->batch));
    doc_put(one, "name", doc_str(names_text(l->names, row->source)));
    doc_put(one, "received", doc_when(row->received));
    doc_put(one, "source", doc_str(r->source));
    doc_put(one, "line", r->line > 0 ? doc_count(r->line) : json_null());
    doc_put(one, "column", r->column.n > 0 ? doc_str(r->column) : json_null());
    doc_put(one, "reason", doc_str(r->reason));
    doc_put(one, "raw", doc_str(r->raw));
    json_array_append_new(l->list, one);
}

static void add_row(struct rejects *l, const struct stored_reject *row)
{
    const struct reject *r = &row->reject;
    table_count(l->table, (int64_t)row->batch);
    table_text(l->table, names_text(l->names, row->source));
    table_when(l->table, row->received);
    table_text(l->table, r->source);
    if (r->line > 0) {
        table_count(l->table, (int64_t)r->line);
    } else {
        table_none(l->table);
    }
    table_text(l->table, r->column);
    table_text(l->table, r->reason);
    table_text(l->table, r->raw);
}

static status_code take_reject(const struct stored_reject *row, void *cookie, struct error *why)
{
    (void)why;
    struct rejects *l = cookie;
    if (l->batch != 0 && row->batch != l->batch) {
        return OK;
    }
    l->n++;
    if (l->limit != 0 && l->n > l->limit) {
        return OK;
    }
    if (l->list != NULL) {
        add_json(l, row);
    } else {
        add_row(l, row);
    }
    return OK;
}

static int rejects(struct command_context *c, struct store *store)
{
    struct error why = {0};
    struct rejects l = {.c = c, .names = store_names(store)};
    int64_t batch = 0, limit = 0;
    str word = argument_at(c, 0);
    status_code s = option_count(c, "limit", 1000, &limit, &why);
    if (s != OK) {
        return command_fail(c, s, &why);
    }
    if (word.n > 0 && (!str_to_i64(word, &batch) || batch < 1)) {
        return command_usage(c, "\"" STR_FMT "\" is no number of a batch",
                             STR_ARG(str_first(word, 80)));
    }
    l.batch = (uint64_t)batch;
    l.limit = (uint64_t)limit;
    if (command_wants_json(c)) {
        l.list = json_array();
    } else {
        l.table = table_new(REJECT_COLUMNS, sizeof REJECT_COLUMNS / sizeof *REJECT_COLUMNS);
    }
    s = store_scan_rejects(store, take_reject, &l, &why);
    uint64_t hidden = l.limit != 0 && l.n > l.limit ? l.n - l.limit : 0;
    if (s != OK) {
        json_decref(l.list);
        table_free(l.table);
        return command_fail(c, s, &why);
    }
    if (l.list != NULL) {
        json_t *doc = doc_new("weir.status.rejects/1");
        doc_put(doc, "rejects", l.list);
        doc_put(doc, "count", doc_count(l.n));
        doc_end(doc);
        command_document(c, doc);
    } else if (l.n == 0) {
        table_free(l.table);
        command_say(c, "nothing was rejected%s", batch > 0 ? " in this batch" : "");
    } else {
        command_table(c, l.table);
    }
    if (hidden > 0) {
        command_note(c, "%" PRIu64 " more: --limit 0 shows all", hidden);
    }
    return l.n > 0 ? EXIT_YES : EXIT_NO;
}

/* --- the overview --- */

struct overview {
    struct store_info info;
    struct sources sources;
    struct event_kinds kinds;
};

static const char *state_of(const struct source_seen *s)
{
    return s->incomplete ? "incomplete" : s->events == 0 && s->rejected > 0 ? "failing" : "ok";
}

static bool is_fine(const struct source_seen *s)
{
    return !s->incomplete && !(s->events == 0 && s->rejected > 0);
}

static lapse lag_of(const struct command_context *c, when last)
{
    return last != WHEN_NONE ? c->world.now - last : WHEN_NONE;
}

static json_t *source_json(const struct command_context *c, const struct names *names,
                           const struct source_seen *s)
{
    json_t *one = json_object();
    lapse lag = lag_of(c, s->last);
    doc_put(one, "name", doc_str(names_text(names, s->name)));
    doc_put(one, "format", s->format.n > 0 ? doc_str(s->format) : json_null());
    doc_put(one, "path", s->path.n > 0 ? doc_str(s->path) : json_null());
    doc_put(one, "paths", doc_count(s->paths));
    doc_put(one, "state", json_string(state_of(s)));
    doc_put(one, "imported", doc_when(s->imported));
    doc_put(one, "imports", doc_count(s->imports));
    doc_put(one, "events", doc_count(s->events));
    doc_put(one, "rejected", doc_count(s->rejected));
    doc_put(one, "incomplete", json_boolean(s->incomplete));
    doc_put(one, "range", doc_range(s->first, s->last));
    doc_put(one, "lag_s", lag != WHEN_NONE ? doc_seconds(lag) : json_null());
    return one;
}

static json_t *sentence(const struct overview *o, lapse lag)
{
    if (o->info.events == 0) {
        return json_string("The store is empty.");
    }
    struct buf out = {0};
    text_count(&out, (int64_t)o->info.events);
    buf_addf(&out, " events of ");
    text_count(&out, (int64_t)o->info.items);
    buf_addf(&out, " items from %zu source%s", o->sources.v.n, o->sources.v.n == 1 ? "" : "s");
    if (lag != WHEN_NONE && lag >= 0) {
        buf_addf(&out, ", the last one ");
        text_lapse(&out, lag, NULL);
        buf_addf(&out, " ago");
    }
    buf_addf(&out, "; ");
    if (o->info.rejects > 0) {
        text_count(&out, (int64_t)o->info.rejects);
        buf_addf(&out, o->info.rejects == 1 ? " record was not understood."
                                            : " records were not understood.");
    } else {
        buf_addf(&out, "nothing was rejected.");
    }
    json_t *text = doc_str(buf_str(&out));
    buf_finish(&out);
    return text;
}

static json_t *document(const struct command_context *c, struct store *store,
                        const struct overview *o)
{
    const struct names *names = store_names(store);
    json_t *doc = doc_new("weir.status/1");
    json_t *sources = json_array(), *kinds = json_array();
    for (size_t i = 0; i < o->sources.v.n; i++) {
        json_array_append_new(sources, source_json(c, names, &o->sources.v.v[i]));
    }
    for (size_t i = 0; i < o->kinds.v.n; i++) {
        json_t *one = json_object();
        doc_put(one, "kind", doc_str(names_text(names, o->kinds.v.v[i].type)));
        doc_put(one, "items", doc_count(o->kinds.v.v[i].items));
        doc_put(one, "events", doc_count(o->kinds.v.v[i].events));
        json_array_append_new(kinds, one);
    }
    lapse lag = lag_of(c, o->info.last);
    doc_put(doc, "store", doc_str(str_of(o->info.where)));
    doc_put(doc, "bytes", doc_count(o->info.bytes));
    doc_put(doc, "events", doc_count(o->info.events));
    doc_put(doc, "items", doc_count(o->info.items));
    doc_put(doc, "links", doc_count(o->info.links));
    doc_put(doc, "rejects", doc_count(o->info.rejects));
    doc_put(doc, "range", doc_range(o->info.first, o->info.last));
    doc_put(doc, "lag_s", lag != WHEN_NONE ? doc_seconds(lag) : json_null());
    doc_put(doc, "sources", sources);
    doc_put(doc, "kinds", kinds);
    doc_put(doc, "sentence", sentence(o, lag));
    doc_end(doc);
    return doc;
}

static void put_sources(struct command_context *c, const struct names *names,
                        const struct overview *o)
{
    static const struct table_column COLUMNS[] = {
        {"source", "name", CELL_TEXT, 0, 0},        {"format", "format", CELL_TEXT, 0, 5},
        {"state", "state", CELL_TEXT, 0, 0},        {"events", "events", CELL_COUNT, 0, 0},
        {"rejected", "rejected", CELL_COUNT, 0, 1}, {"first event", "first", CELL_WHEN, 0, 4},
        {"last event", "last", CELL_WHEN, 0, 3},    {"lag", "lag_s", CELL_LAPSE, 0, 0},
        {"imported", "imported", CELL_WHEN, 0, 2},  {NULL, "path", CELL_TEXT, 0, 0},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t i = 0; i < o->sources.v.n; i++) {
        const struct source_seen *s = &o->sources.v.v[i];
        table_text(t, names_text(names, s->name));
        table_text(t, s->format);
        table_text(t, str_of(state_of(s)));
        table_colour(t, is_fine(s) ? COLOUR_NONE : COLOUR_CONSTRAINT);
        table_count(t, (int64_t)s->events);
        table_count(t, (int64_t)s->rejected);
        table_when(t, s->first);
        table_when(t, s->last);
        table_lapse(t, lag_of(c, s->last));
        table_when(t, s->imported);
        table_text(t, s->path);
    }
    command_table(c, t);
}

static void add_bytes(struct buf *line, uint64_t bytes)
{
    static const char *const UNITS[] = {"bytes", "kB", "MB", "GB", "TB"};
    double x = (double)bytes;
    size_t unit = 0;
    while (x >= 1000 && unit + 1 < sizeof UNITS / sizeof *UNITS) {
        x /= 1000;
        unit++;
    }
    text_number(line, x, unit > 0 && x < 100 ? 1 : 0);
    buf_addf(line, " %s", UNITS[unit]);
}

static void say(struct command_context *c, const struct names *names, const struct overview *o)
{
    struct buf line = {0};
    text_count(&line, (int64_t)o->info.events);
    buf_addf(&line, " events of ");
    text_count(&line, (int64_t)o->info.items);
    buf_addf(&line, " items in %s (", o->info.where);
    add_bytes(&line, o->info.bytes);
    buf_putc(&line, ')');
    command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
    buf_clear(&line);
    for (size_t i = 0; i < o->kinds.v.n; i++) {
        buf_addf(&line, "%s" STR_FMT " (", i > 0 ? ", " : "kinds of items: ",
                 STR_ARG(names_text(names, o->kinds.v.v[i].type)));
        text_count(&line, (int64_t)o->kinds.v.v[i].items);
        buf_putc(&line, ')');
    }
    if (line.n > 0) {
        command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
    }
    command_say(c, "%s", "");
    buf_finish(&line);
}

static status overview(struct command_context *c, struct store *store, struct overview *o,
                       struct error *why)
{
    TRY(command_store_info(c, store, &o->info, why));
    TRY(sources_load(store, &o->sources, why));
    return events_kinds(store, &o->kinds, why);
}

static void advise(struct command_context *c, const struct overview *o)
{
    for (size_t i = 0; i < o->sources.v.n; i++) {
        const struct source_seen *s = &o->sources.v.v[i];
        if (s->incomplete) {
            command_say(c,
                        "\nThe input of " STR_FMT
                        " broke off. With the whole file:  weir import " STR_FMT,
                        STR_ARG(s->format), STR_ARG(s->path));
        }
    }
    if (o->info.rejects > 0) {
        struct buf rows = {0};
        text_counted(&rows, o->info.rejects, "row");
        command_say(c, "\n" STR_FMT " %s not understood:  weir status --rejects",
                    STR_ARG(buf_str(&rows)), o->info.rejects == 1 ? "was" : "were");
        buf_finish(&rows);
    }
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct overview o = {0};
    struct store *store = NULL;
    int code = EXIT_YES;
    status_code s;
    if (!option_flag(c, "rejects") && (argument_count(c) > 0 || option_given(c, "limit"))) {
        return command_usage(c, "a batch and --limit belong to --rejects");
    }
    TRY_GOTO(s, done, command_store(c, STORE_READ, &store, &why));
    if (option_flag(c, "rejects")) {
        code = rejects(c, store);
        goto done;
    }
    TRY_GOTO(s, done, overview(c, store, &o, &why));
    if (command_wants_json(c)) {
        command_document(c, document(c, store, &o));
    } else {
        say(c, store_names(store), &o);
        put_sources(c, store_names(store), &o);
        advise(c, &o);
    }
    for (size_t i = 0; i < o.sources.v.n; i++) {
        code = is_fine(&o.sources.v.v[i]) ? code : EXIT_NO;
    }
done:
    if (s != OK) {
        code = command_fail(c, s, &why);
    }
    sources_finish(&o.sources);
    VEC_FINISH(&o.kinds.v);
    command_store_done(c, store);
    return code;
}

const struct command COMMAND_STATUS = {
    .name = "status",
    .purpose = "sources, how far they reach, what was not understood",
    .description =
        "One line a source: how many events, the first and the last, how long ago that was, and\n"
        "how many rows were rejected. Exit code 1 when the input of a source broke off, or\n"
        "nothing of it could be understood. With --rejects the rejected rows with their place\n"
        "and reason; exit code 1 when there are none.",
    .arguments = ARGUMENTS,
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields =
        "store, bytes, events, items, links, rejects, range: the whole\n"
        "lag_s: from the last event until now\n"
        "sources: name, format, path, state (ok, incomplete, failing), imported, events, …\n"
        "kinds: which kinds of items there are, with items and events\n"
        "rejects, count: with --rejects: batch, name, received, source, line, column, reason, "
        "raw",
    .group = GROUP_DATA,
    .flags = COMMAND_STORE | COMMAND_ANSWERS | COMMAND_SERVED,
    .run = run,
};
