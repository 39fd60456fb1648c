/* weir export: everything out again. */
#include "engine/export.h"
#include "cmd/command.h"

#include <string.h>

static const struct argument ARGUMENTS[] = {
    {.name = "csv|parquet|xes|ocel", .purpose = "the format"},
    {.name = "TARGET", .purpose = "file to write; - is standard output", .words = "file"},
    {0},
};

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "kind", 0, "KIND",
     "items of this kind alone; an event stands with every one it refers to", "kinds", 0},
    {OPTION_FLAG, "force", 0, NULL, "replace the file if there is one", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir export csv log.csv", "a table of events, which weir import reads back"},
    {"weir export parquet log.parquet --force", "the same for DuckDB, pandas and the like"},
    {"weir export xes - | gzip > log.xes.gz", "for process mining tools"},
    {"weir export ocel log.jsonocel", "with all objects, links and attributes"},
    {0},
};

typedef status_code export_run(const struct export *x, struct outfile *out, struct exported *ret,
                               struct error *why);
static const struct format {
    str name;
    export_run *run;
} FORMATS[] = {
    {STR_INIT("csv"), export_csv},
    {STR_INIT("parquet"), export_parquet},
    {STR_INIT("xes"), export_xes},
    {STR_INIT("ocel"), export_ocel},
};

static const struct format *format_of(str name)
{
    for (size_t i = 0; i < sizeof FORMATS / sizeof *FORMATS; i++) {
        if (str_eq(name, FORMATS[i].name)) {
            return &FORMATS[i];
        }
    }
    return NULL;
}

static status kind_of(const struct command_context *c, const struct names *names, sym *ret,
                      struct error *why)
{
    if (!option_given(c, "kind")) {
        return OK;
    }
    str word = option_str(c, "kind");
    bool found = names_find(names, word, ret);
    for (item_id i = 1; found && i < names->item_n; i++) {
        if (names->items[i].type == *ret) {
            return OK;
        }
    }
    error_set(why, "the store has no items of the kind \"" STR_FMT "\"", STR_ARG(word));
    error_hint(why, "Which kinds there are:  weir status");
    return FAIL;
}

/* Where the document itself is on standard output, what there is to say goes to stderr. */
static void say(struct command_context *c, const struct format *f, const char *target,
                const struct exported *e, uint64_t bytes)
{
    bool alone = strcmp(target, "-") != 0;
    for (size_t i = 0; i < e->notes.n; i++) {
        command_note(c, STR_FMT, STR_ARG(e->notes.v[i]));
    }
    if (!alone) {
        return;
    }
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.export/1");
        doc_put(doc, "format", doc_str(f->name));
        doc_put(doc, "target", doc_str(str_of(target)));
        doc_put(doc, "events", doc_count(e->events));
        doc_put(doc, "bytes", doc_count(bytes));
        for (size_t i = 0; i < e->notes.n; i++) {
            doc_note(doc, STR_FMT, STR_ARG(e->notes.v[i]));
        }
        doc_end(doc);
        command_document(c, doc);
        return;
    }
    struct buf line = {0};
    text_count(&line, (int64_t)e->events);
    command_say(c, STR_FMT " events written to %s", STR_ARG(buf_str(&line)), target);
    buf_finish(&line);
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct export x = {.progress = &c->progress};
    struct exported done = {0};
    struct outfile out = {.fd = -1};
    const char *target = arena_str(&c->text, argument_at(c, 1)).p;
    const struct format *f = format_of(argument_at(c, 0));
    if (f == NULL) {
        return command_usage(c, "\"" STR_FMT "\" is none of csv, parquet, xes, ocel",
                             STR_ARG(str_first(argument_at(c, 0), 80)));
    }
    if (f->run == export_parquet && strcmp(target, "-") == 0) {
        return command_usage(c, "Parquet cannot be written to standard output: name a file");
    }
    status_code s;
    TRY_GOTO(s, done, command_store(c, STORE_READ, &x.store, &why));
    TRY_GOTO(s, done, kind_of(c, store_names(x.store), &x.kind, &why));
    if (x.kind != 0 && f->run == export_ocel) {
        s = error_set(&why, "OCEL holds the items of all kinds; leave --kind out");
        goto done;
    }
    TRY_GOTO(s, done, outfile_open(target, option_flag(c, "force"), &out, &why));
    if (f->run == export_parquet && out.temp == NULL) {
        s = error_set(&why, "%s is no ordinary file; Parquet needs one", target);
        goto done;
    }
    TRY_GOTO(s, done, f->run(&x, &out, &done, &why));
    s = outfile_keep(&out, &why);
done:
    if (s == OK) {
        say(c, f, target, &done, out.bytes);
    }
    int code = s == OK ? EXIT_YES : command_fail(c, s, &why);
    outfile_finish(&out);
    exported_finish(&done);
    command_store_done(c, x.store);
    return code;
}

const struct command COMMAND_EXPORT = {
    .name = "export",
    .purpose = "write everything out again: CSV, Parquet, XES, OCEL",
    .description =
        "The table of csv and parquet has one row an event, with the columns that weir import\n"
        "recognises and one for each attribute. An XES log has one trace an item. OCEL keeps all\n"
        "there is: several items of an event, links, dated attributes of items. What a format\n"
        "has no place for is said.\n\n"
        "The file is there whole or not at all; one that exists is replaced only with --force.",
    .arguments = ARGUMENTS,
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "format, target: what was written where\n"
              "events, bytes: how much",
    .group = GROUP_DATA,
    .flags = COMMAND_STORE | COMMAND_ANSWERS | COMMAND_OUTPUT,
    .run = run,
};
