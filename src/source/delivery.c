/* The delivery log: three CSV files in one folder (deployments, changes, incidents), the smallest
 * input from which the five delivery metrics follow. DuckDB reads the cells; each row becomes the
 * events and links of its kind. A missing file is no fault: its metrics are then not measurable.
 *
 * Identity is what a row says of whom (docs/decisions/005): a row that was corrected in a later
 * export is a new fact about the same deployment, and the last one told counts. */
#include "base/nearest.h"
#include "source/duck.h"
#include "source/inputs.h"
#include "source/lines.h"
#include "source/source.h"

#include "base/mem.h"
#include "wire/json.h"
#include "wire/stamp.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HEAD = 1 << 20, COLUMNS = 256 };
#define YEAR_1990 (631152000 * SECOND)

enum kind { DEPLOYMENTS, CHANGES, INCIDENTS, KINDS };

static const struct {
    const char *file;
    const char *must[5]; /* columns; ends with NULL */
} FILES[KINDS] = {
    [DEPLOYMENTS] = {"deployments.csv", {"id", "finished", "environment", "result", NULL}},
    [CHANGES] = {"changes.csv", {"commit", "committed", NULL}},
    [INCIDENTS] = {"incidents.csv", {"id", "created", NULL}},
};

struct words { /* of the dictionary */
    sym deployment_type, commit_type, change_type, incident_type;
    sym deployed, failed, committed, opened, merged, created, resolved;
    sym part_of, deploys, caused_by, stated, listed;
};

struct delivery_source {
    struct source source;
    const struct source_options *options;
    when opened;        /* by the machine's clock */
    char *paths[KINDS]; /* NULL: there is none */
    struct words words;
    enum kind kind; /* being read */
    bool is_open;
    struct duck *duck;
    struct input input;
    struct header header;
    struct arena text; /* of the file being read */
    str *cells;        /* row after row, header.names.n each; a NULL pointer: empty */
    size_t rows, at;   /* read; next to become events */
    uint64_t *lines;   /* of each row */
    struct map seen;   /* hash of an id → line + 1 */
    struct batch *batch;
    struct buf attrs;
};

/* --- files --- */

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static char *joined(const char *folder, const char *file)
{
    struct buf b = {0};
    buf_addf(&b, "%s/%s", folder, file);
    char *path = strdup(buf_cstr(&b));
    buf_finish(&b);
    return path;
}

static int delivery_guess(str head, const char *path)
{
    if (head.n > 0 || path == NULL) {
        return 0;
    }
    int found = 0;
    for (size_t i = 0; i < KINDS; i++) {
        char *file = joined(path, FILES[i].file);
        found += file != NULL && is_file(file);
        free(file);
    }
    return found == 0 ? 0 : found == 1 ? 60 : 95;
}

static void forget_file(struct delivery_source *d)
{
    input_close(&d->input);
    d->input = (struct input){.fd = -1};
    lines_header_finish(&d->header);
    d->header = (struct header){0};
    mem_put(d->cells);
    mem_put(d->lines);
    d->cells = NULL;
    d->lines = NULL;
    d->rows = d->at = 0;
    map_finish(&d->seen);
    d->seen = (struct map){0};
    arena_finish(&d->text);
    arena_init(&d->text, "a delivery log", 0);
    d->is_open = false;
}

static void delivery_close(struct source *s)
{
    struct delivery_source *d = (struct delivery_source *)s;
    forget_file(d);
    duck_close(d->duck);
    for (size_t i = 0; i < KINDS; i++) {
        free(d->paths[i]);
    }
    buf_finish(&d->attrs);
    arena_finish(&d->text);
    source_notes_finish(&s->notes);
    mem_put(d);
}

static size_t column(const struct delivery_source *d, const char *name)
{
    for (size_t i = 0; i < d->header.names.n; i++) {
        if (str_eq_case(str_trim(d->header.names.v[i]), str_of(name))) {
            return i;
        }
    }
    return SIZE_MAX;
}

static status check_columns(const struct delivery_source *d, struct error *why)
{
    for (const char *const *must = FILES[d->kind].must; *must != NULL; must++) {
        if (column(d, *must) != SIZE_MAX) {
            continue;
        }
        const str *near = nearest(str_of(*must), d->header.names.v, d->header.names.n);
        (void)error_set(why, "%s: there is no column \"%s\"", d->paths[d->kind], *must);
        if (near != NULL) {
            error_hint(why, "Is \"" STR_FMT "\" meant? Rename it", STR_ARG(*near));
        }
        return FAIL;
    }
    return OK;
}

/* All rows of the file into memory: such logs are small, and a row needs its line. */
static status read_rows(struct delivery_source *d, struct error *why)
{
    struct survey survey;
    TRY(lines_survey(d->input.fd, &survey, why));
    struct buf sql = {0};
    buf_addf(&sql,
             "FROM read_csv('%s', auto_detect=false, all_varchar=true, header=true, skip=%zu, "
             "quote='\"', escape='\"', nullstr='', compression='none', buffer_size=4000000, "
             "store_rejects=true, strict_mode=%s, delim='",
             d->input.path, d->header.skip, survey.mixed ? "false" : "true");
    buf_addf(&sql, d->header.separator == '\'' ? "''" : "%c", d->header.separator);
    buf_addf(&sql, "', columns={");
    for (size_t i = 0; i < d->header.names.n; i++) {
        buf_addf(&sql, "%s'c%zu':'VARCHAR'", i > 0 ? "," : "", i);
    }
    buf_addf(&sql, "})");
    status_code s = duck_query(d->duck, buf_cstr(&sql), why);
    buf_finish(&sql);
    size_t cap = 0, width = d->header.names.n;
    struct duck_cells cells = {0};
    while (s == OK) {
        struct duck_chunk *chunk = NULL;
        s = duck_fetch(d->duck, &chunk, why);
        if (s != OK) {
            break;
        }
        size_t n = duck_cells_fill(&cells, chunk);
        if (d->rows + n > cap) {
            cap = (d->rows + n) * 2;
            d->cells = mem_grow(d->cells, cap * width, sizeof *d->cells);
        }
        for (size_t row = 0; row < n; row++, d->rows++) {
            for (size_t i = 0; i < width; i++) {
                str cell = cells.columns[i][row];
                d->cells[d->rows * width + i] =
                    cell.p != NULL ? arena_str(&d->text, cell) : (str){0};
            }
        }
        duck_chunk_free(chunk);
    }
    duck_cells_finish(&cells);
    return s == END ? OK : s;
}

/* Byte offsets of the records that DuckDB could not read, ascending. */
static status misread(struct delivery_source *d, uint64_t **ret, size_t *ret_n, struct error *why)
{
    VEC(uint64_t) offsets = {0};
    status_code s = duck_query(d->duck,
                               "SELECT CAST(line_byte_position AS VARCHAR) FROM reject_errors "
                               "GROUP BY line_byte_position ORDER BY line_byte_position",
                               why);
    struct duck_cells cells = {0};
    while (s == OK) {
        struct duck_chunk *chunk = NULL;
        s = duck_fetch(d->duck, &chunk, why);
        if (s != OK) {
            break;
        }
        size_t n = duck_cells_fill(&cells, chunk);
        for (size_t i = 0; i < n; i++) {
            int64_t offset = 0;
            (void)str_to_i64(cells.columns[0][i], &offset);
            VEC_ADD(&offsets, (uint64_t)offset);
        }
        duck_chunk_free(chunk);
    }
    duck_cells_finish(&cells);
    s = s == END ? duck_run(d->duck, "DROP TABLE reject_errors", why) : s;
    s = s == OK ? duck_run(d->duck, "DROP TABLE reject_scans", why) : s;
    *ret = offsets.v;
    *ret_n = offsets.n;
    return s;
}

static void reject(struct delivery_source *d, uint64_t line, const char *name, str reason, str raw)
{
    batch_reject(d->batch,
                 (struct reject){str_of(d->paths[d->kind]), line, str_of(name), reason, raw});
}

/* Gives every row its line, and every record that is no row its reject. */
static status place_rows(struct delivery_source *d, struct error *why)
{
    uint64_t *bad = NULL;
    size_t bad_n = 0, bad_at = 0, row = 0;
    struct lines walk = {0};
    struct line line = {0};
    status_code s = misread(d, &bad, &bad_n, why);
    d->lines = mem_get((d->rows + 1) * sizeof *d->lines);
    if (s == OK) {
        s = lines_open(&walk, d->input.fd, d->header.separator, why);
    }
    bool header = s == OK && lines_next(&walk, &line);
    while (header && lines_next(&walk, &line)) {
        if (bad_at < bad_n && bad[bad_at] < walk.offset) {
            reject(d, line.line, "", STR("it cannot be split into the cells of the header"),
                   buf_str(&line.raw));
            bad_at++;
        } else if (row < d->rows) {
            d->lines[row++] = line.line;
        }
    }
    lines_close(&walk);
    buf_finish(&line.raw);
    mem_put(bad);
    return s;
}

static status begin_file(struct delivery_source *d, struct error *why)
{
    const char *path = d->paths[d->kind];
    TRY(input_open(path, HEAD, true, &d->input, why));
    d->is_open = true;
    if (!lines_header(d->input.head, d->input.head.n < HEAD, &d->text, &d->header) ||
        d->header.names.n > COLUMNS) {
        return error_set(why, "%s: its first line is no header", path);
    }
    TRY(check_columns(d, why));
    status_code s = read_rows(d, why);
    if (s == OK) {
        s = place_rows(d, why);
    }
    if (s == FAIL) {
        error_add(why, "%s", path);
    }
    if (s == OK && d->input.broken) {
        d->source.incomplete = true;
        reject(d, 0, "", str_of(d->input.reason), d->input.partial);
    }
    return s;
}

static void learn_words(struct delivery_source *d)
{
    struct names *n = d->options->names;
    d->words = (struct words){
        .deployment_type = names_sym(n, STR("deployment")),
        .commit_type = names_sym(n, STR("commit")),
        .change_type = names_sym(n, STR("change")),
        .incident_type = names_sym(n, STR("incident")),
        .deployed = names_sym(n, STR("deployed")),
        .failed = names_sym(n, STR("failed")),
        .committed = names_sym(n, STR("committed")),
        .opened = names_sym(n, STR("opened")),
        .merged = names_sym(n, STR("merged")),
        .created = names_sym(n, STR("created")),
        .resolved = names_sym(n, STR("resolved")),
        .part_of = names_sym(n, STR("part_of")),
        .deploys = names_sym(n, STR("deploys")),
        .caused_by = names_sym(n, STR("caused_by")),
        .stated = names_sym(n, STR("stated")),
        .listed = names_sym(n, STR("listed")),
    };
}

static status delivery_open(const char *const *paths, size_t n,
                            const struct source_options *options, struct source **ret_source,
                            struct error *why)
{
    struct delivery_source *d = mem_get(sizeof *d);
    d->source.format = &SOURCE_DELIVERY;
    d->options = options;
    d->opened = clock_now();
    d->input.fd = -1;
    arena_init(&d->text, "a delivery log", 0);
    learn_words(d);
    status_code s = OK;
    size_t found = 0;
    for (size_t p = 0; p < n; p++) {
        for (size_t i = 0; i < KINDS; i++) {
            char *file = joined(paths[p], FILES[i].file);
            str name = str_of(paths[p]);
            bool named = str_ends(name, str_of(FILES[i].file)) && is_file(paths[p]);
            if (d->paths[i] == NULL && (named || is_file(file))) {
                d->paths[i] = named ? strdup(paths[p]) : file;
                file = named ? file : NULL;
                found++;
            }
            free(file);
        }
    }
    if (found == 0) {
        s = error_set(why, "%s holds none of deployments.csv, changes.csv, incidents.csv",
                      paths[0]);
    }
    for (size_t i = 0; i < KINDS && s == OK; i++) {
        if (d->paths[i] == NULL) {
            source_note(&d->source.notes, "there is no %s", FILES[i].file);
        }
    }
    if (s == OK) {
        s = duck_open(&d->duck, why);
    }
    for (d->kind = 0; s == OK && d->kind < KINDS; d->kind++) { /* all headers before any row */
        if (d->paths[d->kind] != NULL) {
            struct input input = {.fd = -1};
            s = input_open(d->paths[d->kind], HEAD, true, &input, why);
            if (s == OK && !lines_header(input.head, input.head.n < HEAD, &d->text, &d->header)) {
                s = error_set(why, "%s: its first line is no header", d->paths[d->kind]);
            }
            s = s == OK ? check_columns(d, why) : s;
            input_close(&input);
            forget_file(d);
        }
    }
    d->kind = 0;
    if (s != OK) {
        delivery_close(&d->source);
        return s;
    }
    progress_begin(options->progress, "import delivery", "rows", 0);
    *ret_source = &d->source;
    return OK;
}

/* --- rows --- */

struct row { /* one row while it becomes events */
    struct delivery_source *d;
    const str *cells;
    uint64_t line;
    bool bad;
    bool implausible; /* one of its instants is before 1990, or later than a day from now */
};

static str cell(const struct row *r, const char *name)
{
    size_t i = column(r->d, name);
    return i != SIZE_MAX ? str_trim(r->cells[i]) : (str){0};
}

static void refuse(struct row *r, const char *name, const char *format, str value)
{
    struct buf reason = {0}, raw = {0};
    buf_addf(&reason, format, STR_ARG(value));
    for (size_t i = 0; i < r->d->header.names.n; i++) {
        buf_addf(&raw, "%s" STR_FMT, i > 0 ? "," : "", STR_ARG(r->cells[i]));
    }
    reject(r->d, r->line, name, buf_str(&reason), buf_str(&raw));
    buf_finish(&reason);
    buf_finish(&raw);
    r->bad = true;
}

/* An instant; empty is WHEN_NONE, and a reject where there must be one. */
static when instant(struct row *r, const char *name, bool must)
{
    str text = cell(r, name);
    struct stamp stamp;
    const char *reason = NULL;
    if (r->bad || (text.n == 0 && !must)) {
        return WHEN_NONE;
    }
    if (text.n == 0) {
        refuse(r, name, "it is empty%.*s", (str){0});
        return WHEN_NONE;
    }
    if (!stamp_parse(text, r->d->options->zone, &stamp, &reason)) {
        refuse(r, name, "\"" STR_FMT "\" is not a date", text);
        return WHEN_NONE;
    }
    r->implausible = r->implausible || stamp.time < YEAR_1990 || stamp.time > r->d->opened + DAY;
    return stamp.time;
}

static bool is_one_of(str text, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (str_eq_case(text, str_of(list[i]))) {
            return true;
        }
    }
    return false;
}

/* The second row of an id says something else of the same thing: which one is true cannot be known.
 */
static bool is_second(struct row *r, const char *name, str id)
{
    bool fresh = false;
    uint64_t *line = map_add(&r->d->seen, str_hash(id), &fresh);
    if (fresh) {
        *line = r->line;
    } else {
        refuse(r, name, "\"" STR_FMT "\" stands in an earlier line already", id);
    }
    return !fresh;
}

static void add_attr(struct buf *out, str name, str value)
{
    buf_addf(out, "%s", out->n > 1 ? "," : "");
    json_quote(out, name);
    buf_putc(out, ':');
    json_quote(out, value);
}

struct row_time { /* an instant that goes into the attributes as one, whatever it was written as */
    const char *name;
    when t; /* WHEN_NONE: the empty text */
};

/* All cells but those named, as a JSON object, behind the times (those that are known, and
 * `resolved` in any case: that an incident is open is part of what its row says). */
static str attrs_of(struct row *r, const char *const *without, size_t n,
                    const struct row_time *times, size_t time_n)
{
    struct buf *out = &r->d->attrs;
    buf_clear(out);
    buf_putc(out, '{');
    for (size_t i = 0; i < time_n; i++) {
        char text[CLOCK_TEXT] = "";
        if (times[i].t != WHEN_NONE) {
            clock_text(times[i].t, text);
        }
        if (text[0] != '\0' || str_eq(str_of(times[i].name), STR("resolved"))) {
            add_attr(out, str_of(times[i].name), str_of(text));
        }
    }
    for (size_t i = 0; i < r->d->header.names.n; i++) {
        struct buf name = {0};
        str head = str_trim(r->d->header.names.v[i]);
        for (size_t k = 0; k < head.n; k++) {
            buf_putc(&name, (char)tolower((unsigned char)head.p[k]));
        }
        if (r->cells[i].n > 0 && !is_one_of(buf_str(&name), without, n)) {
            add_attr(out, buf_str(&name), str_trim(r->cells[i]));
        }
        buf_finish(&name);
    }
    buf_putc(out, '}');
    return buf_str(out);
}

static id128 key_of(item_id item, const struct names *names, sym activity, when time, str attrs)
{
    struct buf b = {0};
    str key = names_key(names, item), word = names_text(names, activity);
    buf_add_bytes(&b, &time, sizeof time);
    buf_add(&b, word);
    buf_putc(&b, 0);
    buf_add(&b, key);
    buf_putc(&b, 0);
    buf_add(&b, attrs);
    id128 id = id128_of(b.p, b.n);
    buf_finish(&b);
    return id;
}

static id128 emit(struct row *r, item_id item, sym type, sym activity, when begin, when time,
                  str attrs)
{
    id128 key = key_of(item, r->d->options->names, activity, time, attrs);
    batch_add(r->d->batch, &(struct event){
                               .key = key,
                               .item = item,
                               .type = type,
                               .activity = activity,
                               .time = time,
                               .begin = begin,
                               .quality = r->implausible ? TIME_BAD : TIME_OWN,
                               .attrs = attrs,
                           });
    return key;
}

static void link_to(struct row *r, item_id from, sym type, str key, sym kind, sym rule)
{
    if (key.n > 0) {
        batch_link(r->d->batch, (struct link){.from = from,
                                              .to = names_item(r->d->options->names, type, key),
                                              .kind = kind,
                                              .rule = rule,
                                              .confidence = 1});
    }
}

static void take_deployment(struct row *r)
{
    static const char *const RESULTS[] = {"success", "failure"};
    static const char *const KINDS_OF[] = {"release", "hotfix", "rollback"};
    static const char *const WITHOUT[] = {"id", "started", "finished"};
    const struct words *w = &r->d->words;
    str id = cell(r, "id"), result = cell(r, "result"), kind = cell(r, "kind");
    when started = instant(r, "started", false), finished = instant(r, "finished", true);
    if (!r->bad && id.n == 0) {
        refuse(r, "id", "it is empty%.*s", (str){0});
    } else if (!r->bad && !is_one_of(result, RESULTS, 2)) {
        refuse(r, "result", "\"" STR_FMT "\" is neither success nor failure", result);
    } else if (!r->bad && kind.n > 0 && !is_one_of(kind, KINDS_OF, 3)) {
        refuse(r, "kind", "\"" STR_FMT "\" is none of release, hotfix, rollback", kind);
    } else if (!r->bad && started != WHEN_NONE && started > finished) {
        refuse(r, "finished", "it finished before it started%.*s", (str){0});
    }
    if (r->bad || is_second(r, "id", id)) {
        return;
    }
    item_id item = names_item(r->d->options->names, w->deployment_type, id);
    bool success = str_eq_case(result, STR("success"));
    (void)emit(r, item, w->deployment_type, success ? w->deployed : w->failed, started, finished,
               attrs_of(r, WITHOUT, 3, NULL, 0));
}

static void take_change(struct row *r)
{
    static const char *const WITHOUT[] = {"commit",    "committed", "change",
                                          "pr_opened", "pr_merged", "pr"};
    const struct words *w = &r->d->words;
    str commit = cell(r, "commit"), change = cell(r, "change"), deployment = cell(r, "deployment");
    if (change.n == 0) {
        change = cell(r, "pr");
    }
    when committed = instant(r, "committed", true);
    when opened = instant(r, "pr_opened", false), merged = instant(r, "pr_merged", false);
    if (!r->bad && commit.n == 0) {
        refuse(r, "commit", "it is empty%.*s", (str){0});
    }
    struct buf both = {0}; /* a commit may be carried by several deployments, a row each */
    buf_add(&both, commit);
    buf_putc(&both, 0);
    buf_add(&both, deployment);
    if (r->bad || is_second(r, "commit", buf_str(&both))) {
        buf_finish(&both);
        return;
    }
    buf_finish(&both);
    struct names *names = r->d->options->names;
    item_id item = names_item(names, w->commit_type, commit);
    const struct row_time times[] = {{"pr_opened", opened}, {"pr_merged", merged}};
    str attrs = attrs_of(r, WITHOUT, sizeof WITHOUT / sizeof *WITHOUT, times, 2);
    if (change.n > 0) { /* under one name, whichever column it came from */
        struct buf *out = &r->d->attrs;
        out->n--; /* the closing brace */
        add_attr(out, STR("change"), change);
        buf_putc(out, '}');
        attrs = buf_str(out);
    }
    (void)emit(r, item, w->commit_type, w->committed, WHEN_NONE, committed, attrs);
    link_to(r, item, w->change_type, change, w->part_of, w->listed);
    link_to(r, item, w->deployment_type, deployment, w->deploys, w->stated);
    if (change.n > 0) {
        item_id of = names_item(names, w->change_type, change);
        if (opened != WHEN_NONE) {
            (void)emit(r, of, w->change_type, w->opened, WHEN_NONE, opened, (str){0});
        }
        if (merged != WHEN_NONE) {
            (void)emit(r, of, w->change_type, w->merged, WHEN_NONE, merged, (str){0});
        }
    }
}

static void take_incident(struct row *r)
{
    static const char *const WITHOUT[] = {"id", "created", "resolved"};
    const struct words *w = &r->d->words;
    str id = cell(r, "id");
    when created = instant(r, "created", true), resolved = instant(r, "resolved", false);
    if (!r->bad && id.n == 0) {
        refuse(r, "id", "it is empty%.*s", (str){0});
    } else if (!r->bad && resolved != WHEN_NONE && resolved < created) {
        refuse(r, "resolved", "it was resolved before it was created%.*s", (str){0});
    }
    if (r->bad || is_second(r, "id", id)) {
        return;
    }
    item_id item = names_item(r->d->options->names, w->incident_type, id);
    const struct row_time times[] = {{"resolved", resolved}};
    (void)emit(r, item, w->incident_type, w->created, WHEN_NONE, created,
               attrs_of(r, WITHOUT, 3, times, 1));
    if (resolved != WHEN_NONE) {
        (void)emit(r, item, w->incident_type, w->resolved, WHEN_NONE, resolved, (str){0});
    }
    link_to(r, item, w->deployment_type, cell(r, "caused_by_deployment"), w->caused_by, w->stated);
}

/* Which kinds of facts there are to know, were there none of them: what nobody tells of cannot be
 * measured, which is something else than none (engine/facts.c reads it). */
static void tell(struct delivery_source *d)
{
    static const char *const WORDS[KINDS] = {"deployments", "changes", "incidents"};
    struct names *names = d->options->names;
    item_id item = names_item(names, names_sym(names, STR("source")), STR("delivery"));
    sym tells = names_sym(names, STR("tells"));
    VEC_ADD(&d->batch->item_attrs,
            (struct item_attr){item, tells, WHEN_NONE, str_of(WORDS[d->kind])});
    if (d->kind == DEPLOYMENTS &&
        (column(d, "kind") != SIZE_MAX || column(d, "planned") != SIZE_MAX)) {
        VEC_ADD(&d->batch->item_attrs, (struct item_attr){item, tells, WHEN_NONE, STR("kind")});
    }
}

static status delivery_next(struct source *s, struct batch *batch, struct error *why)
{
    static void (*const TAKE[KINDS])(struct row *) = {take_deployment, take_change, take_incident};
    enum { EVENTS_A_ROW = 3 };
    struct delivery_source *d = (struct delivery_source *)s;
    d->batch = batch;
    while (d->kind < KINDS) {
        if (interrupt_signal() != 0) {
            return INTERRUPTED;
        }
        if (d->paths[d->kind] != NULL && !d->is_open) {
            TRY(begin_file(d, why));
            tell(d);
        }
        for (; d->at < d->rows; d->at++) {
            if (!batch_has_room(batch, EVENTS_A_ROW) || batch->rejects.n >= BATCH_ROWS) {
                return OK;
            }
            struct row row = {d, d->cells + d->at * d->header.names.n, d->lines[d->at], false,
                              false};
            TAKE[d->kind](&row);
        }
        progress_step(d->options->progress, d->rows);
        forget_file(d);
        d->kind++;
    }
    return END;
}

const struct source_format SOURCE_DELIVERY = {
    .name = "delivery",
    .guess = delivery_guess,
    .open = delivery_open,
    .next = delivery_next,
    .close = delivery_close,
};
