/* weir import: events from files and repositories into the store. */
#include "base/nearest.h"
#include "cmd/command.h"
#include "engine/ingest.h"
#include "source/mapping.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct argument ARGUMENTS[] = {
    {.name = "PATH",
     .purpose = "file, folder or git repository; - is standard input",
     .many = true,
     .words = "file"},
    {0},
};

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "format", 0, "FORMAT",
     "csv, parquet, ndjson, xes, ocel, cdevents, delivery, git, github, gitlab, pagerduty, jira, "
     "redmine, buildbot, jenkins, mapped; without it, recognised by content",
     "formats", 0},
    {OPTION_VALUE, "token-file", 0, "FILE",
     "holds the token for a tool that is fetched (import redmine https://…)", "file", 0},
    {OPTION_VALUE, "since", 0, "TIME", "fetch what changed since then (default: everything)", NULL,
     0},
    {OPTION_VALUE, "map", 0, "FILE", "mapping file: which column or field means what", "file", 0},
    {OPTION_VALUE, "source", 0, "NAME", "name of the source in the store (default: the format)",
     NULL, 0},
    {OPTION_VALUE, "case", 0, "COLUMN", "column of the item; several joined by commas", NULL, 0},
    {OPTION_VALUE, "activity", 0, "COLUMN", "column of the activity", NULL, 0},
    {OPTION_VALUE, "time", 0, "COLUMN", "column of the time (of the end)", NULL, 0},
    {OPTION_VALUE, "start", 0, "COLUMN", "column of the start time", NULL, 0},
    {OPTION_VALUE, "lifecycle", 0, "COLUMN", "column of the lifecycle transition", NULL, 0},
    {OPTION_VALUE, "resource", 0, "COLUMN", "column of who did it", NULL, 0},
    {OPTION_VALUE, "classifier", 0, "NAME", "XES classifier that names the activity", NULL, 0},
    {OPTION_VALUE, "zone", 0, "ZONE", "time zone of times without one (default UTC)", NULL, 0},
    {OPTION_VALUE, "date-format", 0, "FORMAT", "how times are written: %d/%m/%Y %H:%M", NULL, 0},
    {OPTION_LIST, "null", 0, "TEXT", "a text that means no value (may be repeated)", NULL, 0},
    {OPTION_VALUE, "instance", 0, "NAME",
     "which one of several instances of a tool (part of the keys of its items)", NULL, 0},
    {OPTION_VALUE, "repository", 0, "URL", "the repository that CI builds, where it names several",
     NULL, 0},
    {OPTION_FLAG, "again", 0, NULL, "read a repository from its beginning, not only what is new",
     NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir import events.csv", "columns are recognised by their names"},
    {"weir import --case key --activity status --time changed events.csv", "or named"},
    {"weir import log.xes", "an XES log; compressed or not"},
    {"weir import - --format csv < events.csv", "what comes from another program"},
    {"weir import redmine https://redmine.example --token-file key",
     "from a tool's API; again: what is new"},
    {"weir import --format github bodies/", "webhooks that were saved as files"},
    {"weir import --format jira --source tracker answers/", "saved answers of a tool's API"},
    {"weir import --source tracker events.csv", "under a name of its own in weir status"},
    {0},
};

static json_t *rejects_json(const struct ingest_result *r)
{
    json_t *list = json_array();
    for (size_t i = 0; i < r->rejects.n; i++) {
        const struct reject *reject = &r->rejects.v[i];
        json_t *one = json_object();
        doc_put(one, "source", doc_str(reject->source));
        doc_put(one, "line", reject->line > 0 ? doc_count(reject->line) : json_null());
        doc_put(one, "column", reject->column.n > 0 ? doc_str(reject->column) : json_null());
        doc_put(one, "reason", doc_str(reject->reason));
        doc_put(one, "raw", doc_str(reject->raw));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *document(const struct ingest_result *r)
{
    json_t *doc = doc_new("weir.import/1");
    doc_put(doc, "format", json_string(r->format));
    doc_put(doc, "events", doc_count(r->added.events));
    doc_put(doc, "items", doc_count(r->added.items));
    doc_put(doc, "spans", doc_count(r->added.spans));
    doc_put(doc, "links", doc_count(r->added.links));
    doc_put(doc, "duplicates", doc_count(r->added.duplicates));
    doc_put(doc, "rejected", doc_count(r->rejected));
    doc_put(doc, "rejects", rejects_json(r));
    doc_put(doc, "took_s", doc_seconds(r->took));
    doc_put(doc, "incomplete", json_boolean(r->incomplete));
    json_t *columns = json_object();
    for (size_t i = 0; i < r->columns.n; i++) {
        doc_put_str(columns, r->columns.v[i].role, doc_str(r->columns.v[i].column));
    }
    doc_put(doc, "columns", columns);
    for (size_t i = 0; i < r->sentences.n; i++) {
        doc_note(doc, STR_FMT, STR_ARG(r->sentences.v[i]));
    }
    doc_end(doc);
    return doc;
}

static void say(struct command_context *c, const struct ingest_result *r)
{
    struct buf line = {0};
    text_counted(&line, r->added.events, "event");
    buf_addf(&line, " of ");
    text_counted(&line, r->added.items, "new item");
    buf_addf(&line, " stored (%s, ", r->format);
    text_lapse(&line, r->took, NULL);
    buf_putc(&line, ')');
    if (r->added.duplicates > 0) {
        buf_addf(&line, "; ");
        text_count(&line, (int64_t)r->added.duplicates);
        buf_addf(&line, r->added.duplicates == 1 ? " was known already" : " were known already");
    }
    command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
    buf_clear(&line);
    for (size_t i = 0; i < r->columns.n; i++) {
        buf_addf(&line, "%s", i > 0 ? ", " : "columns: ");
        text_safe(&line, r->columns.v[i].role);
        buf_addf(&line, " = ");
        text_safe(&line, r->columns.v[i].column);
    }
    if (r->columns.n > 0) {
        command_wrap(c, 0, STR_FMT, STR_ARG(buf_str(&line)));
    }
    for (size_t i = 0; i < r->sentences.n; i++) {
        buf_clear(&line);
        text_sentence(&line, r->sentences.v[i]);
        command_wrap(c, 0, STR_FMT, STR_ARG(buf_str(&line)));
    }
    buf_finish(&line);
}

/* What was rejected, on stderr: how many, the first ones with their reasons, then the remedy. */
static void complain(struct command_context *c, const struct ingest *what,
                     const struct ingest_result *r, uint64_t first_batch, uint64_t last_batch)
{
    enum { SHOWN = 5 };
    struct buf text = {0};
    buf_addf(&text, "%s: ", r->format);
    text_count(&text, (int64_t)r->rejected);
    buf_addf(&text, " of ");
    text_counted(&text, r->read + r->rejected, "row");
    buf_addf(&text, " rejected");
    if (what->path_count == 1) {
        buf_addf(&text, "  (%s)", what->paths[0]);
    }
    for (size_t i = 0; i < r->rejects.n && i < SHOWN; i++) {
        const struct reject *reject = &r->rejects.v[i];
        buf_putc(&text, '\n');
        if (what->path_count > 1) {
            buf_addf(&text, STR_FMT ": ", STR_ARG(reject->source));
        }
        if (reject->line > 0) {
            buf_addf(&text, "line %llu: ", (unsigned long long)reject->line);
        }
        if (reject->column.n > 0) {
            buf_addf(&text, "column \"" STR_FMT "\": ", STR_ARG(reject->column));
        }
        buf_add(&text, reject->reason);
    }
    char batch[32] = "";
    if (first_batch == last_batch) {
        snprintf(batch, sizeof batch, " %llu", (unsigned long long)first_batch);
    }
    buf_putc(&text, '\n');
    if (r->rejected > SHOWN) {
        text_count(&text, (int64_t)(r->rejected - SHOWN));
        buf_addf(&text, " more:  weir status --rejects%s\n", batch);
    }
    text_counted(&text, r->added.events, "event");
    buf_addf(&text, " %s stored%s%s.\n", r->added.events == 1 ? "was" : "were",
             batch[0] != 0 ? " as batch" : "", batch);
    if (r->incomplete) {
        buf_addf(&text, "The input broke off. With the whole of it run:  weir import %s",
                 what->paths[0]);
    } else {
        buf_addf(&text, "Mend the rows and run again:  weir import %s", what->paths[0]);
    }
    command_note(c, STR_FMT "          [E2103]", STR_ARG(buf_str(&text)));
    buf_finish(&text);
}

/* --- formats --- */

static const char *const FORMATS[] = {/* those of the contract, built or not */
                                      "git",       "csv",      "parquet", "ndjson",   "xes",
                                      "ocel",      "cdevents", "otlp",    "junit",    "github",
                                      "gitlab",    "jira",     "redmine", "buildbot", "jenkins",
                                      "pagerduty", "delivery", "spool",   "mapped"};
enum { FORMAT_COUNT = sizeof FORMATS / sizeof *FORMATS };

static status format_named(str word, const struct source_format **ret, struct error *why)
{
    *ret = source_by_name(word);
    if (*ret != NULL) {
        return OK;
    }
    struct buf built = {0};
    bool known = false;
    str formats[FORMAT_COUNT];
    for (size_t i = 0; i < FORMAT_COUNT; i++) {
        formats[i] = str_of(FORMATS[i]);
        if (source_by_name(str_of(FORMATS[i])) != NULL) {
            buf_addf(&built, "%s%s", built.n > 0 ? " " : "", FORMATS[i]);
        }
        known = known || str_eq(word, str_of(FORMATS[i]));
    }
    const str *near = known ? NULL : nearest(word, formats, FORMAT_COUNT);
    if (known) {
        error_set(why, "weir does not read " STR_FMT " yet", STR_ARG(word));
    } else if (near != NULL) {
        error_set(why,
                  "--format: there is no format \"" STR_FMT "\". Did you mean \"" STR_FMT "\"?",
                  STR_ARG(str_first(word, 80)), STR_ARG(*near));
    } else {
        error_set(why, "--format: there is no format \"" STR_FMT "\"",
                  STR_ARG(str_first(word, 80)));
    }
    error_hint(why, "weir reads: %s", buf_cstr(&built));
    buf_finish(&built);
    return FAIL;
}

/* One import is of one format: told, or that of every path. */
static status format_of(const struct command_context *c, const struct ingest *what,
                        const struct source_format **ret, struct error *why)
{
    if (option_given(c, "format")) {
        return format_named(option_str(c, "format"), ret, why);
    }
    TRY(source_detect(what->paths[0], ret, why));
    for (size_t i = 1; i < what->path_count; i++) {
        const struct source_format *other = NULL;
        TRY(source_detect(what->paths[i], &other, why));
        if (other != *ret) {
            error_set(why, "%s is %s, but %s is %s", what->paths[0], (*ret)->name, what->paths[i],
                      other->name);
            error_hint(why, "Import them one after the other.");
            return FAIL;
        }
    }
    return OK;
}

/* The token of a service: one line of a file, never of the command line, which others can see. */
static status read_token(struct command_context *c, str *ret, struct error *why)
{
    enum { TOKEN_MAX = 8192 };
    const char *path = arena_str(&c->text, option_str(c, "token-file")).p;
    char bytes[TOKEN_MAX];
    FILE *f = fopen(path, "re");
    if (f == NULL) {
        return error_set(why, "%s: %s", path, strerror(errno));
    }
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    *ret = arena_str(&c->text, str_trim((str){bytes, n}));
    memset(bytes, 0, sizeof bytes);
    return ret->n > 0 && n < sizeof bytes ? OK : error_set(why, "%s holds no token", path);
}

/* `weir import redmine https://…`: the first word is the tool. */
static bool names_tool(const struct command_context *c)
{
    str url = argument_count(c) == 2 ? argument_at(c, 1) : (str){0};
    return !option_given(c, "format") && source_by_name(argument_at(c, 0)) != NULL &&
           (str_starts(url, STR("http://")) || str_starts(url, STR("https://")));
}

/* What the options say of the input. The zone is the caller's to close. */
static status source_options_of(struct command_context *c, struct source_options *ret,
                                struct zone **ret_zone, struct mapping **ret_mapping,
                                struct error *why)
{
    *ret = (struct source_options){
        .progress = &c->progress,
        .case_column = option_str(c, "case"),
        .activity_column = option_str(c, "activity"),
        .time_column = option_str(c, "time"),
        .start_column = option_str(c, "start"),
        .lifecycle_column = option_str(c, "lifecycle"),
        .resource_column = option_str(c, "resource"),
        .classifier = option_str(c, "classifier"),
        .date_format = option_str(c, "date-format"),
        .since = WHEN_NONE,
        .provider_id = option_str(c, "instance"),
        .repository = option_str(c, "repository"),
    };
    TRY(option_instant(c, "since", WHEN_NONE, &ret->since, why));
    if (option_given(c, "token-file")) {
        TRY(read_token(c, &ret->token, why));
    }
    ret->null_count = option_list(c, "null", &ret->nulls);
    if (option_given(c, "zone")) {
        TRY(zone_open(option_str(c, "zone"), ret_zone, why));
        ret->zone = *ret_zone;
    }
    if (option_given(c, "map")) {
        TRY(mapping_open(arena_str(&c->text, option_str(c, "map")).p, ret_mapping, why));
        ret->mapping = *ret_mapping;
    }
    return OK;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct zone *zone = NULL;
    struct mapping *mapping = NULL;
    struct store *store = NULL;
    struct ingest_result r = {0};
    struct ingest what = {.name = option_str(c, "source"), .again = option_flag(c, "again")};
    uint64_t first_batch = 0, last_batch = 0;
    int code;
    status_code s;
    TRY_GOTO(s, done, source_options_of(c, &what.source, &zone, &mapping, &why));
    what.source.link_pattern = c->config->link_pattern;
    size_t tool = names_tool(c);
    what.path_count = argument_count(c) - tool;
    const char **paths = ARENA_ARRAY(&c->text, const char *, what.path_count);
    for (size_t i = 0; i < what.path_count; i++) {
        paths[i] = arena_str(&c->text, argument_at(c, i + tool)).p;
    }
    what.paths = paths;
    what.format = tool > 0 ? source_by_name(argument_at(c, 0)) : NULL;
    if (what.format == NULL) { /* before a store is made */
        TRY_GOTO(s, done, format_of(c, &what, &what.format, &why));
    }
    TRY_GOTO(s, done, command_store(c, STORE_WRITE, &store, &why));
    first_batch = store_batch(store);
    s = ingest_run(store, &what, &r, &why);
    last_batch = store_batch(store);
done:
    if (s == OK && command_wants_json(c)) {
        command_document(c, document(&r));
    } else if (s == OK || s == INTERRUPTED) {
        say(c, &r);
    }
    if (s == OK && r.rejected > 0) {
        complain(c, &what, &r, first_batch, last_batch > first_batch ? last_batch - 1 : last_batch);
    }
    if (s == INTERRUPTED) {
        command_note(c, "stopped: %llu events are stored; the same import again goes on from there",
                     (unsigned long long)r.added.events);
    }
    if (s == OK) {
        code = r.rejected > 0 || r.incomplete ? EXIT_REJECTED : EXIT_YES;
    } else {
        if (s == FAIL && why.hint[0] == 0 && r.added.events == 0) {
            error_hint(&why, "Nothing was stored. How inputs are read:  weir help import");
        }
        code = command_fail(c, s, &why);
    }
    ingest_finish(&r);
    if (s == OK) {
        command_store_done(c, store);
    } else {
        command_store_discard(c, store);
    }
    zone_close(zone);
    mapping_close(mapping);
    return code;
}

const struct command COMMAND_IMPORT = {
    .name = "import",
    .purpose = "bring events from files and repositories into the store",
    .description =
        "Formats are recognised by content, compressed files too. A record that cannot be\n"
        "understood is kept as a reject with its place and reason, and the rest is stored (exit\n"
        "code 3). The same input again adds nothing; of a git repository only what is new is\n"
        "read.\n\n"
        "An event table needs a column for the item, the activity and the time. The usual names\n"
        "are recognised, and weir says which it took; all other columns become attributes.",
    .arguments = ARGUMENTS,
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "format: that was read\n"
              "events: new events stored\n"
              "items: new items\n"
              "spans: visits that the new events end\n"
              "links: new links\n"
              "duplicates: events that were known already\n"
              "rejected: records that could not be understood\n"
              "rejects: the first 20 of them: source, line, column, reason, raw\n"
              "took_s: wall time\n"
              "incomplete: the input broke off\n"
              "columns: which column was taken for which role",
    .group = GROUP_DATA,
    .flags = COMMAND_STORE | COMMAND_ANSWERS | COMMAND_INPUT,
    .run = run,
};
