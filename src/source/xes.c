/* XES event logs (IEEE 1849-2016 and -2023), streaming: a log holds traces, a trace events, and all
 * three carry attributes that may nest. Elements are known by their local names, since logs come in
 * three namespaces and none. The state of the reader is where in the document it stands; one event
 * at a time is taken apart in xesevent.c. */
#include "source/xes.h"

#include "source/magic.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_MAX_BYTES = 1 << 20, HEAVY = 2048, HEAVY_TEXT = 32 << 20 };
static const char *const ENDINGS[] = {".xes", NULL};

/* --- elements --- */

static bool is_full(const struct batch *b)
{
    return !batch_has_room(b, 1) || b->rejects.n >= HEAVY || b->item_attrs.n >= 8 * HEAVY ||
           b->text.used > HEAVY_TEXT;
}

static void pause_when_full(struct xes *x)
{
    if (is_full(x->batch)) {
        xmlfeed_pause(x->feed);
    }
}

static void trace_begin(struct xes *x)
{
    x->at = AT_TRACE;
    x->in_trace = true;
    x->nest = 0;
    x->named = x->announced = false;
    x->trace_number++;
    buf_clear(&x->case_name);
    buf_clear(&x->trace_attrs);
}

static void hand_on(struct xes *x)
{
    str rest = buf_str(&x->trace_attrs), name, value;
    while (rest.n > 0 && str_cut(&rest, '\0', &name) && str_cut(&rest, '\0', &value)) {
        VEC_ADD(&x->batch->item_attrs,
                (struct item_attr){.item = x->item,
                                   .name = names_sym(x->options.names, name),
                                   .time = WHEN_NONE,
                                   .value = arena_str(&x->batch->text, value)});
    }
    buf_clear(&x->trace_attrs);
}

void xes_trace_announce(struct xes *x)
{
    if (x->announced) {
        return;
    }
    x->announced = true;
    if (!x->named) {
        x->counts.unnamed_traces++;
        buf_addf(&x->case_name, "trace %llu", (unsigned long long)x->trace_number);
    }
    buf_cstr(&x->case_name); /* its end is part of the events' identity */
    x->item = names_item(x->options.names, x->type_case, buf_str(&x->case_name));
    bool new = false;
    map_add(&x->seen, x->item, &new);
    x->counts.repeated_traces += !new;
    hand_on(x);
}

static void trace_attribute(struct xes *x, struct xes_key *key, const char *value)
{
    str text = str_of(value);
    if (xes_is_null(x, text)) {
        return;
    }
    bool again = xes_key_again(key, XES_TRACE, x->trace_number);
    if (x->nest == 1 && str_eq(key->name, x->keys.case_name) && !again) {
        x->counts.late_names += x->announced;
        if (!x->announced && text.n > 0) {
            buf_add(&x->case_name, text);
            x->named = true;
        }
        return;
    }
    if (x->trace_attrs.n + text.n > XES_RECORD) {
        xmlfeed_refuse(x->feed, "the attributes of one trace are larger than %d MiB",
                       XES_RECORD >> 20);
        return;
    }
    buf_add(&x->trace_attrs, key->name);
    if (again) {
        buf_addf(&x->trace_attrs, ".%u", key->repeats[XES_TRACE] + 1);
    }
    buf_putc(&x->trace_attrs, '\0');
    buf_add_bytes(&x->trace_attrs, text.p, text.n + 1);
}

static void trace_end(struct xes *x)
{
    x->counts.empty_traces += !x->announced;
    xes_trace_announce(x);
    hand_on(x);
    for (size_t i = 0; i < x->keys.promised.n; i++) {
        struct xes_key *key = x->keys.promised.v[i].key;
        key->missing[XES_TRACE] +=
            key->promised[XES_TRACE] && key->owner[XES_TRACE] != x->trace_number;
    }
    x->in_trace = false;
    x->at = AT_LOG;
    pause_when_full(x);
}

/* The key of an attribute at the top: as a rule that which stood here in the last event. */
static struct xes_key *top_key(struct xes *x, const char *name)
{
    size_t place = x->place++;
    if (place >= XES_MEMO) {
        return xes_keys_get(&x->keys, str_of(name));
    }
    struct xes_key *key = x->memo[place];
    if (key == NULL || strcmp(key->name.p, name) != 0) {
        key = xes_keys_get(&x->keys, str_of(name));
        x->memo[place] = key != x->keys.spare ? key : NULL;
    }
    return key;
}

/* Extends the path of the enclosing attributes by `name` (NULL: an element without a key, such as
 * the <values> of a list, adds nothing). */
static str nested_path(struct xes *x, const char *name)
{
    if (x->nest == 2) {
        buf_clear(&x->path);
        if (x->top != NULL) {
            buf_add(&x->path, x->top->name);
        }
        x->path_end[1] = x->path.n;
    }
    x->path.n = x->path_end[x->nest - 1];
    if (name != NULL) {
        if (x->path.n > 0) {
            buf_putc(&x->path, '.');
        }
        buf_add(&x->path, str_of(name));
    }
    x->path_end[x->nest] = x->path.n;
    return buf_str(&x->path);
}

static void attribute_begin(struct xes *x, const char **attributes)
{
    const char *name = NULL, *value = NULL;
    for (; attributes[0] != NULL; attributes += 2) {
        if (strcmp(attributes[0], "key") == 0) {
            name = attributes[1];
        } else if (strcmp(attributes[0], "value") == 0) {
            value = attributes[1];
        }
    }
    if (name != NULL && *name == '\0') {
        name = NULL;
    }
    x->nest++;
    struct xes_key *key = NULL;
    if (x->nest == 1) {
        key = x->top = name != NULL ? top_key(x, name) : NULL;
    } else {
        str path = nested_path(x, name);
        key = name != NULL && value != NULL && !x->path.full ? xes_keys_get(&x->keys, path) : NULL;
    }
    if (x->path.full || (key != NULL && key->name.n > NAME_MAX_BYTES)) {
        xmlfeed_refuse(x->feed, "the name of an attribute is longer than %d bytes", NAME_MAX_BYTES);
        return;
    }
    if (key == NULL || value == NULL) {
        return;
    }
    if (x->at == AT_EVENT) {
        xes_event_attribute(x, key, value);
    } else {
        trace_attribute(x, key, value);
    }
}

static bool classify(struct xes *x)
{
    struct error why = {0};
    if (x->classified || x->options.classifier.n == 0) {
        return true;
    }
    x->classified = true;
    if (xes_keys_classify(&x->keys, x->options.classifier, &why) != OK) {
        xmlfeed_refuse(x->feed, "%s", why.text);
        return false;
    }
    return true;
}

static void event_begin(struct xes *x)
{
    x->at = AT_EVENT;
    xes_event_begin(x);
}

static void in_log(struct xes *x, const char *local, const char **attributes)
{
    static const char *const OCEL[] = {"object-types", "event-types", "objects", "events"};
    if (strcmp(local, "trace") == 0) {
        if (classify(x)) {
            trace_begin(x);
        }
        return;
    }
    if (strcmp(local, "event") == 0) {
        if (classify(x)) {
            event_begin(x);
        }
        return;
    }
    for (size_t i = 0; i < sizeof OCEL / sizeof *OCEL; i++) {
        if (strcmp(local, OCEL[i]) == 0) {
            xmlfeed_refuse(x->feed, "this is OCEL (XML), not XES");
            return;
        }
    }
    x->nest = 0;
    x->at = AT_SKIP;
    if (strcmp(local, "global") == 0) {
        const char *scope = xmlfeed_attribute(attributes, "scope");
        x->scope = scope != NULL && strcmp(scope, "trace") == 0 ? XES_TRACE : XES_EVENT;
        x->at = AT_GLOBAL;
    } else if (strcmp(local, "classifier") == 0) {
        const char *scope = xmlfeed_attribute(attributes, "scope");
        if (scope == NULL || strcmp(scope, "event") == 0) {
            xes_keys_classifier(&x->keys, str_of(xmlfeed_attribute(attributes, "name")),
                                str_of(xmlfeed_attribute(attributes, "keys")));
        }
    }
}

static void on_begin(void *user, const char *name, const char **attributes)
{
    struct xes *x = user;
    switch (x->at) {
    case AT_EVENT:
        attribute_begin(x, attributes);
        break;
    case AT_TRACE:
        if (x->nest == 0 && strcmp(xmlfeed_local(name), "event") == 0) {
            event_begin(x);
        } else {
            x->place = XES_MEMO;
            attribute_begin(x, attributes);
        }
        break;
    case AT_LOG:
        in_log(x, xmlfeed_local(name), attributes);
        break;
    case AT_GLOBAL:
        if (x->nest++ == 0) {
            const char *key = xmlfeed_attribute(attributes, "key");
            xes_keys_promise(&x->keys, x->scope, str_first(str_of(key), NAME_MAX_BYTES));
        }
        break;
    case AT_START:
        if (strcmp(xmlfeed_local(name), "log") != 0) {
            xmlfeed_refuse(x->feed, "this is XML with the root <%.60s>, not XES", name);
        }
        x->at = AT_LOG;
        break;
    case AT_SKIP:
    case AT_END:
        x->nest++;
        break;
    }
}

static void on_end(void *user, const char *name)
{
    struct xes *x = user;
    (void)name;
    if (x->at == AT_LOG) {
        x->at = AT_END;
    } else if (x->nest > 0) {
        x->nest--;
    } else if (x->at == AT_EVENT) {
        x->at = x->in_trace ? AT_TRACE : AT_LOG;
        xes_event_end(x);
        pause_when_full(x);
    } else if (x->at == AT_TRACE) {
        trace_end(x);
    } else {
        x->at = AT_LOG;
    }
}

/* --- files --- */

static const struct xmlfeed_handlers HANDLERS = {on_begin, on_end, NULL};

static status_code wrong(const char *name, const char *what, enum magic found, struct error *why)
{
    error_set(why, "%s: this is %s, not XES", name, what);
    if (found == MAGIC_OCEL_XML || found == MAGIC_OCEL_JSON || found == MAGIC_OCEL1_JSON) {
        error_hint(why, "read it with --format ocel");
    } else if (found == MAGIC_CDEVENTS) {
        error_hint(why, "read it with --format cdevents");
    }
    return FAIL;
}

static status check(struct stream *s, struct error *why)
{
    str head;
    const char *what = NULL;
    TRY(stream_peek(s, MAGIC_HEAD, &head, why));
    enum magic found = magic(head, &what);
    bool fine = found == MAGIC_XES || found == MAGIC_XML_LOG;
    return fine ? OK : wrong(stream_name(s), what, found, why);
}

/* Before the first row is given, every file is looked at: a wrong one among many stores nothing. */
static status check_files(struct xes *x, struct error *why)
{
    for (size_t i = 0; i < x->inputs.files.n; i++) {
        const char *path = x->inputs.files.v[i];
        struct stat about;
        if (stat(path, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) {
            continue; /* a pipe can be read once only */
        }
        struct stream *s = NULL;
        if (strcmp(path, "-") == 0) {
            continue;
        }
        TRY(stream_open(path, &s, why));
        status_code done = check(s, why);
        x->size += stream_size(s);
        stream_close(s);
        if (done != OK) {
            return done;
        }
    }
    return OK;
}

static status open_next(struct xes *x, struct error *why)
{
    TRY(stream_open(x->inputs.files.v[x->file], &x->stream, why));
    TRY(check(x->stream, why));
    x->feed = xmlfeed_new(x->stream, &HANDLERS, x);
    x->at = AT_START;
    x->in_trace = x->classified = false;
    x->keys.classifiers.n = 0;
    return x->feed != NULL ? OK : error_set(why, "expat cannot be started");
}

static void close_file(struct xes *x)
{
    x->taken += x->stream != NULL ? stream_taken(x->stream) : 0;
    xmlfeed_free(x->feed);
    stream_close(x->stream);
    x->feed = NULL;
    x->stream = NULL;
}

static void finish_file(struct xes *x)
{
    const char *broken = xmlfeed_broken(x->feed);
    if (broken != NULL) {
        x->source.incomplete = true;
        batch_reject(x->batch, (struct reject){.source = str_of(stream_name(x->stream)),
                                               .line = xmlfeed_line(x->feed),
                                               .reason = str_of(broken),
                                               .raw = xmlfeed_context(x->feed)});
        if (x->in_trace) {
            xes_trace_announce(x);
            hand_on(x);
        }
    }
    close_file(x);
    x->file++;
}

static status_code refuse_option(const struct source_options *o, struct error *why)
{
    if (o->date_format.n > 0) {
        return error_set(why, "a date format is for tables: the dates of XES are ISO 8601");
    }
    if (o->mapping != NULL) {
        return error_set(why,
                         "a mapping file is for tables and JSON: XES says itself what is what");
    }
    if (o->classifier.n > 0 && o->activity_column.n > 0) {
        return error_set(why, "either a classifier or an activity attribute, not both");
    }
    return OK;
}

static void xes_close(struct source *s)
{
    struct xes *x = (struct xes *)s;
    close_file(x);
    inputs_finish(&x->inputs);
    xes_keys_finish(&x->keys);
    rowkeys_finish(&x->rowkeys);
    map_finish(&x->seen);
    struct buf *const bufs[] = {&x->path,        &x->case_name,    &x->trace_attrs,
                                &x->content,     &x->attrs,        &x->joined,
                                &x->status_word, &x->fault.reason, NULL};
    for (struct buf *const *room = bufs; *room != NULL; room++) {
        buf_finish(*room);
    }
    source_notes_finish(&x->source.notes);
    mem_put(x);
}

static status_code xes_open(const char *const *paths, size_t n,
                            const struct source_options *options, struct source **ret_source,
                            struct error *why)
{
    TRY(refuse_option(options, why));
    struct xes *x = mem_get(sizeof *x);
    x->source.format = &SOURCE_XES;
    x->options = *options;
    x->path.limit = NAME_MAX_BYTES;
    xes_keys_init(&x->keys, options);
    x->type_case = names_sym(options->names, STR("case"));
    x->type_event = names_sym(options->names, STR("event"));
    status_code done = inputs_find(&x->inputs, paths, n, ENDINGS, why);
    if (done == OK) {
        done = check_files(x, why);
    }
    if (done != OK) {
        xes_close(&x->source);
        return done;
    }
    progress_begin(options->progress, "import xes", "bytes", x->size);
    *ret_source = &x->source;
    return OK;
}

/* --- notes --- */

static void note_columns(struct xes *x)
{
    struct source_notes *n = &x->source.notes;
    const struct {
        const char *role;
        enum xes_role which;
        uint64_t count;
    } ROWS[] = {
        {"time", XES_TIME, x->counts.events},     {"start", XES_START, x->counts.intervals},
        {"lifecycle", XES_LIFE, x->counts.lives}, {"resource", XES_RESOURCE, x->counts.actors},
        {"team", XES_TEAM, x->counts.teams},      {"instance", XES_INSTANCE, x->counts.instances},
    };
    bool loose = x->counts.loose_events > 0 && x->trace_number == 0;
    source_note_column(n, STR("case"), loose ? x->keys.role_names[XES_CASE] : x->keys.case_name);
    struct buf parts = {0};
    for (size_t i = 0; i < x->keys.part_n; i++) {
        buf_add(&parts, i > 0 ? STR(" + ") : STR(""));
        buf_add(&parts, x->keys.parts[i]);
    }
    source_note_column(n, STR("activity"), buf_str(&parts));
    buf_finish(&parts);
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (ROWS[i].count > 0) {
            source_note_column(n, str_of(ROWS[i].role), x->keys.role_names[ROWS[i].which]);
        }
    }
}

static void note_missing(struct xes *x)
{
    static const char *const WORDS[XES_SCOPES] = {"event", "trace"};
    for (size_t i = 0; i < x->keys.promised.n; i++) {
        const struct xes_key *key = x->keys.promised.v[i].key;
        for (int scope = 0; scope < XES_SCOPES; scope++) {
            if (key->missing[scope] > 0) {
                source_note(&x->source.notes,
                            "\"" STR_FMT "\" is promised for every %s and missing in %llu: left "
                            "empty",
                            STR_ARG(key->name), WORDS[scope],
                            (unsigned long long)key->missing[scope]);
            }
        }
    }
}

static void note_counts(struct xes *x)
{
    static const char *const PRECISIONS[] = {"day", "minute", "second", "millisecond",
                                             "microsecond"};
    struct source_notes *n = &x->source.notes;
    const struct xes_counts *c = &x->counts;
    const struct {
        uint64_t count;
        const char *sentence;
    } ROWS[] = {
        {c->repeated_traces, "traces have the name of an earlier one: they continue its case"},
        {c->unnamed_traces, "traces have no name: they are called by their position, \"trace 1\""},
        {c->late_names, "traces have their name behind their events: it is not used"},
        {c->empty_traces, "traces have no events"},
        {x->trace_number > 0 ? c->loose_events : 0,
         "events stand outside of any trace: put into the case that they name"},
        {c->fold_gap, "times do not exist (the clock was put forward): read as the first after"},
        {c->fold_twice, "times exist twice (the clock was put back): read as the earlier"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        if (ROWS[i].count > 0) {
            source_note(n, "%llu %s", (unsigned long long)ROWS[i].count, ROWS[i].sentence);
        }
    }
    if (c->naive > 0) {
        source_note(n, "%llu times have no zone: read as " STR_FMT, (unsigned long long)c->naive,
                    STR_ARG(x->options.zone != NULL ? zone_name(x->options.zone) : STR("UTC")));
    }
    if (c->statuses > 0) {
        source_note(n,
                    "%llu lifecycle words are outside of the standard, such as \"%s\": read as "
                    "statuses entered",
                    (unsigned long long)c->statuses, buf_cstr(&x->status_word));
    }
    for (int p = STAMP_MICRO; p >= STAMP_DAY; p--) {
        if (c->precision[p] > 0) {
            source_note(n, "times are written to the %s%s", PRECISIONS[p],
                        p == STAMP_DAY ? ": events of one day keep the order of the file" : "");
            break;
        }
    }
}

static status_code xes_next(struct source *s, struct batch *batch, struct error *why)
{
    struct xes *x = (struct xes *)s;
    x->batch = batch;
    for (;;) {
        if (x->file == x->inputs.files.n) {
            note_columns(x);
            note_missing(x);
            note_counts(x);
            return END;
        }
        if (x->feed == NULL) {
            TRY(open_next(x, why));
        }
        status_code done = xmlfeed_run(x->feed, why);
        progress_step(x->options.progress, x->taken + stream_taken(x->stream));
        if (done == END) {
            finish_file(x);
        } else if (done != OK || is_full(batch)) {
            return done;
        }
    }
}

static int xes_guess(str head, const char *path)
{
    if (head.n == 0) {
        return inputs_folder_has(path, ENDINGS) ? 60 : 0;
    }
    switch (magic(head, NULL)) {
    case MAGIC_XES:
        return 95;
    case MAGIC_XML_LOG:
        return 60;
    default:
        return 0;
    }
}

const struct source_format SOURCE_XES = {
    .name = "xes",
    .guess = xes_guess,
    .open = xes_open,
    .next = xes_next,
    .close = xes_close,
};
