/* weir store: the file that holds everything. */
#include "store/store.h"
#include "cmd/command.h"

static const struct argument ARGUMENTS[] = {
    {.name = "info|verify|compact", .purpose = "what to do"},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir store info", "where it is, how large, what is in it"},
    {"weir store verify", "check everything that must hold (exit code 1: damage)"},
    {"weir store compact", "sort by item and time: smaller, and quicker to read"},
    {0},
};

static json_t *info_json(const struct store_info *i)
{
    json_t *doc = doc_new("weir.store/1");
    doc_put(doc, "where", doc_str(str_of(i->where)));
    doc_put(doc, "engine", json_string(i->engine));
    doc_put(doc, "format", json_integer(i->format));
    doc_put(doc, "events", doc_count(i->events));
    doc_put(doc, "items", doc_count(i->items));
    doc_put(doc, "links", doc_count(i->links));
    doc_put(doc, "rejects", doc_count(i->rejects));
    doc_put(doc, "batches", doc_count(i->batches));
    doc_put(doc, "bytes", doc_count(i->bytes));
    doc_put(doc, "range", doc_range(i->first, i->last));
    doc_put(doc, "in_time_order", json_boolean(i->in_time_order));
    return doc;
}

static int info(struct command_context *c, struct store *store)
{
    struct error why = {0};
    struct store_info i = {0};
    status_code s = command_store_info(c, store, &i, &why);
    if (s != OK) {
        return command_fail(c, s, &why);
    }
    if (command_wants_json(c)) {
        json_t *doc = info_json(&i);
        doc_end(doc);
        command_document(c, doc);
        return EXIT_YES;
    }
    static const struct table_column COLUMNS[] = {
        {"store", "where", CELL_TEXT, 0, 0},      {"engine", "engine", CELL_TEXT, 0, 5},
        {"format", "format", CELL_COUNT, 0, 6},   {"events", "events", CELL_COUNT, 0, 0},
        {"items", "items", CELL_COUNT, 0, 0},     {"links", "links", CELL_COUNT, 0, 3},
        {"rejects", "rejects", CELL_COUNT, 0, 0}, {"bytes", "bytes", CELL_COUNT, 0, 2},
        {"first", "first", CELL_WHEN, 0, 5},      {"last", "last", CELL_WHEN, 0, 4},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    table_text(t, str_of(i.where));
    table_text(t, str_of(i.engine));
    table_count(t, i.format);
    table_count(t, (int64_t)i.events);
    table_count(t, (int64_t)i.items);
    table_count(t, (int64_t)i.links);
    table_count(t, (int64_t)i.rejects);
    table_count(t, (int64_t)i.bytes);
    table_when(t, i.first);
    table_when(t, i.last);
    command_table(c, t);
    return EXIT_YES;
}

struct faults {
    struct command_context *c;
    json_t *list; /* NULL: say them */
};

static void fault(const char *sentence, void *cookie)
{
    struct faults *f = cookie;
    if (f->list != NULL) {
        json_array_append_new(f->list, doc_str(str_of(sentence)));
    } else {
        command_say(f->c, "%s", sentence);
    }
}

static int verify(struct command_context *c, struct store *store)
{
    struct error why = {0};
    struct faults f = {c, command_wants_json(c) ? json_array() : NULL};
    uint64_t faults = 0;
    status_code s = store_verify(store, fault, &f, &faults, &why);
    if (s != OK) {
        json_decref(f.list);
        return command_fail(c, s, &why);
    }
    if (f.list != NULL) {
        json_t *doc = doc_new("weir.store.verify/1");
        doc_put(doc, "faults", f.list);
        doc_put(doc, "count", doc_count(faults));
        doc_end(doc);
        command_document(c, doc);
    } else {
        command_say(c, faults == 0 ? "the store is sound" : "the store is damaged");
    }
    return faults == 0 ? EXIT_YES : EXIT_NO;
}

static int compact(struct command_context *c, struct store *store)
{
    struct error why = {0};
    struct store_info before = {0}, after = {0};
    status_code s;
    TRY_GOTO(s, done, command_store_info(c, store, &before, &why));
    TRY_GOTO(s, done, store_compact(store, &c->progress, &why));
    TRY_GOTO(s, done, command_store_info(c, store, &after, &why));
    if (command_wants_json(c)) {
        json_t *doc = info_json(&after);
        doc_put(doc, "bytes_before", doc_count(before.bytes));
        doc_end(doc);
        command_document(c, doc);
    } else {
        command_say(c, "%llu events sorted by item and time; %llu bytes, before %llu",
                    (unsigned long long)after.events, (unsigned long long)after.bytes,
                    (unsigned long long)before.bytes);
    }
done:
    return s == OK ? EXIT_YES : command_fail(c, s, &why);
}

static int run(struct command_context *c)
{
    static const struct {
        str word;
        enum store_mode mode;
        int (*run)(struct command_context *c, struct store *store);
    } ACTIONS[] = {
        {STR_INIT("info"), STORE_READ, info},
        {STR_INIT("verify"), STORE_READ, verify},
        {STR_INIT("compact"), STORE_WRITE, compact},
    };
    struct error why = {0};
    struct store *store = NULL;
    str word = argument_at(c, 0);
    for (size_t i = 0; i < sizeof ACTIONS / sizeof *ACTIONS; i++) {
        if (!str_eq(word, ACTIONS[i].word)) {
            continue;
        }
        /* first to read: to compact what is not there would make an empty store */
        status_code s = command_store(c, STORE_READ, &store, &why);
        if (s == OK && ACTIONS[i].mode == STORE_WRITE) {
            command_store_done(c, store);
            store = NULL;
            s = command_store(c, STORE_WRITE, &store, &why);
        }
        int code = s == OK ? ACTIONS[i].run(c, store) : command_fail(c, s, &why);
        command_store_done(c, store);
        return code;
    }
    return command_usage(c, "\"" STR_FMT "\" is none of info, verify, compact", STR_ARG(word));
}

const struct command COMMAND_STORE_FILE = {
    .name = "store",
    .purpose = "look at, check or tidy the store",
    .description = NULL,
    .arguments = ARGUMENTS,
    .options = NULL,
    .examples = EXAMPLES,
    .fields = "where, engine, format: which store\n"
              "events, items, links, rejects, batches, bytes: what is in it\n"
              "bytes_before: compact: what it was before\n"
              "range: first and last event\n"
              "in_time_order: every item's events were stored in order of time\n"
              "faults, count: what verify found",
    .group = GROUP_DATA,
    .flags = COMMAND_STORE | COMMAND_ANSWERS,
    .run = run,
};
