/* One table of events. Two passes: the first learns which columns there are, the second writes.
 *
 * The columns of roles have the names that roles.c prefers, and are always there and first, so that
 * no attribute can be taken for one of them when the table is read again. What would say the same
 * in every row, and what an import assumes anyway, is left out: a table that came in comes out. */
#include "engine/attrs.h"
#include "engine/export_parts.h"
#include "source/duck.h"
#include "wire/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum role { CASE, ACTIVITY, TIME, START, LIFE, RESOURCE, TEAM, INSTANCE, ROLES };
enum extra { ITEM_TYPE, EVENT_TYPE, SOURCE, QUALITY, EXTRAS };
enum { LINE_MIN = 1 << 20 };
enum { ATTRIBUTES = 1000, MORE = ATTRIBUTES + 1 }; /* columns of attributes; the rest share one */

static const char *const ROLE_NAMES[ROLES] = {
    "case_id",  "activity",  "timestamp",       "start_timestamp", "lifecycle:transition",
    "resource", "org:group", "concept:instance"};
static const char *const EXTRA_NAMES[EXTRAS] = {"item_type", "event_type", "source",
                                                "time_quality"};

struct writer {
    const struct export *x;
    const struct names *names;
    struct exported *ret;
    struct outfile *out;
    struct owners owners;
    struct item_facts facts;
    struct attrs attrs;
    struct intern attributes, fact_names; /* number - 1: the column among its kind */
    bool has[EXTRAS];
    bool any_begin, any_life, any_bad;
    sym first_event_type, type_case, type_event;
    str *values; /* of the attributes of a row, by number */
    VEC(str) heads;
    uint64_t lonely, beyond, dated;
    size_t longest; /* row, in bytes */
    struct buf more;
    bool alike_case; /* column names that differ in letter case alone are the same name */
};

/* --- first pass --- */

static bool is_life_word(const struct export_event *e, str name)
{
    return e->log->life[e->row] == LIFE_STATUS && str_eq(name, STR("lifecycle:transition"));
}

static status_code learn(const struct export_event *e, void *cookie, struct error *why)
{
    (void)why;
    struct writer *w = cookie;
    const struct log *log = e->log;
    size_t i = e->row;
    item_id item = log->item[i];
    w->has[ITEM_TYPE] |= item != 0 && names_type(w->names, item) != w->type_case;
    w->has[EVENT_TYPE] |= log->type[i] != w->type_event;
    w->has[QUALITY] |= log->quality[i] != TIME_OWN;
    attrs_fill(&w->attrs, log->attrs[i]);
    for (size_t k = 0; k < w->attrs.v.n; k++) {
        if (!is_life_word(e, w->attrs.v.v[k].name) && w->attributes.n <= ATTRIBUTES) {
            str name = w->attrs.v.v[k].name;
            intern_add(&w->attributes, name.n > 0 ? name : STR("attribute"));
        }
    }
    return OK;
}

static bool same_name(const struct writer *w, str a, str b)
{
    return w->alike_case ? str_eq_case(a, b) : str_eq(a, b);
}

static void add_head(struct writer *w, str name)
{
    str made = arena_str(&w->ret->text, name);
    for (int number = 2;; number++) {
        bool taken = false;
        for (size_t i = 0; i < w->heads.n && !taken; i++) {
            taken = same_name(w, w->heads.v[i], made);
        }
        if (!taken) {
            break;
        }
        made = arena_strf(&w->ret->text, STR_FMT "_%d", STR_ARG(name), number);
    }
    VEC_ADD(&w->heads, made);
}

static void name_columns(struct writer *w)
{
    for (size_t i = 0; i < ROLES; i++) {
        add_head(w, str_of(ROLE_NAMES[i]));
    }
    for (size_t i = 0; i < EXTRAS; i++) {
        if (w->has[i]) {
            add_head(w, str_of(EXTRA_NAMES[i]));
        }
    }
    struct buf name = {0};
    for (uint32_t i = 1; i < w->fact_names.n; i++) {
        buf_clear(&name);
        buf_add(&name, STR("case:"));
        buf_add(&name, intern_text(&w->fact_names, i));
        add_head(w, buf_str(&name));
    }
    buf_finish(&name);
    for (uint32_t i = 1; i < w->attributes.n; i++) {
        add_head(w, i == MORE ? STR("attrs") : intern_text(&w->attributes, i));
    }
}

/* --- second pass --- */

static void put_cell(struct buf *out, str cell)
{
    bool quoted = cell.n > 0 && (cell.p[0] == ' ' || cell.p[cell.n - 1] == ' ');
    for (size_t i = 0; i < cell.n && !quoted; i++) {
        quoted = strchr(",\"\r\n;|\t'", cell.p[i]) != NULL; /* also NUL, which is replaced */
    }
    if (!quoted) {
        export_clean(out, cell, CLEAN_NUL);
        return;
    }
    buf_putc(out, '"');
    for (str part = {0}; str_cut(&cell, '"', &part);) {
        export_clean(out, part, CLEAN_NUL);
        buf_add(out, cell.p != NULL ? STR("\"\"") : STR(""));
    }
    buf_putc(out, '"');
}

static void put(struct writer *w, str cell)
{
    buf_putc(&w->out->text, ',');
    put_cell(&w->out->text, cell);
}

static void put_time(struct writer *w, when t)
{
    char text[CLOCK_TEXT];
    put(w, t != WHEN_NONE ? str_of(clock_text(t, text)) : (str){0});
}

static void put_facts(struct writer *w, item_id item)
{
    size_t n = 0;
    const struct item_attr *facts = item_facts_of(&w->facts, item, &n);
    for (uint32_t i = 1; i < w->fact_names.n; i++) {
        str value = {0}, name = intern_text(&w->fact_names, i);
        for (size_t k = 0; k < n; k++) { /* the last of its values */
            if (str_eq(names_text(w->names, facts[k].name), name)) {
                value = facts[k].value;
            }
        }
        put(w, value);
    }
}

static void put_attributes(struct writer *w)
{
    for (uint32_t i = 1; i < w->attributes.n && i < MORE; i++) {
        put(w, w->values[i]);
    }
    if (w->attributes.n > MORE) {
        put(w, buf_str(&w->more));
    }
}

static void gather_attributes(struct writer *w, const struct export_event *e, str *ret_life)
{
    memset(w->values, 0, (MORE + 1) * sizeof *w->values);
    buf_clear(&w->more);
    attrs_fill(&w->attrs, e->log->attrs[e->row]);
    for (size_t k = 0; k < w->attrs.v.n; k++) {
        const struct attr *a = &w->attrs.v.v[k];
        uint32_t number = 0;
        if (is_life_word(e, a->name)) {
            *ret_life = a->value;
        } else if (intern_find(&w->attributes, a->name.n > 0 ? a->name : STR("attribute"),
                               &number) &&
                   number > 0 && number < MORE) {
            w->values[number] = a->value;
        } else {
            buf_putc(&w->more, w->more.n == 0 ? '{' : ',');
            json_quote(&w->more, a->name);
            buf_putc(&w->more, ':');
            json_quote(&w->more, a->value);
        }
    }
    if (w->more.n > 0) {
        buf_putc(&w->more, '}');
    }
}

static void put_row(struct writer *w, const struct export_event *e, item_id item, str life)
{
    const struct log *log = e->log;
    size_t i = e->row, begin = w->out->text.n;
    put_cell(&w->out->text, names_key(w->names, item));
    put(w, names_text(w->names, log->activity[i]));
    put_time(w, log->time[i]);
    put_time(w, log->begin[i]);
    put(w, life);
    put(w, names_text(w->names, log->actor[i]));
    put(w, names_text(w->names, log->team[i]));
    put(w, names_text(w->names, log->instance[i]));
    const str extras[EXTRAS] = {
        [ITEM_TYPE] = item != 0 ? names_text(w->names, names_type(w->names, item)) : (str){0},
        [EVENT_TYPE] = names_text(w->names, log->type[i]),
        [SOURCE] = names_text(w->names, e->source->name),
        [QUALITY] = export_quality(log->quality[i]),
    };
    for (size_t k = 0; k < EXTRAS; k++) {
        if (w->has[k]) {
            put(w, extras[k]);
        }
    }
    put_facts(w, item);
    put_attributes(w);
    buf_putc(&w->out->text, '\n');
    size_t length = w->out->text.n - begin;
    w->longest = length > w->longest ? length : w->longest;
    w->ret->events++;
    w->lonely += item == 0;
}

static status_code write_event(const struct export_event *e, void *cookie, struct error *why)
{
    struct writer *w = cookie;
    owners_of(&w->owners, e->log->seq[e->row], e->log->item[e->row]);
    if (w->owners.v.n == 0) {
        return OK;
    }
    str life = export_life(e->log->life[e->row]);
    gather_attributes(w, e, &life);
    for (size_t i = 0; i < w->owners.v.n; i++) {
        put_row(w, e, w->owners.v.v[i], life);
    }
    return outfile_more(w->out, why);
}

static status_code count_item(const struct stored_item *row, void *cookie, struct error *why)
{
    (void)row;
    (void)why;
    struct writer *w = cookie;
    w->beyond++;
    return OK;
}

static status_code count_link(const struct link *row, void *cookie, struct error *why)
{
    (void)row;
    (void)why;
    *(uint64_t *)cookie += 1;
    return OK;
}

static status note_losses(struct writer *w, struct error *why)
{
    uint64_t links = 0;
    TRY(store_scan_links(w->x->store, count_link, &links, why));
    if (w->x->kind == 0) {
        TRY(store_scan_items(w->x->store, count_item, w, why));
    }
    for (size_t i = 1; i < w->facts.v.n; i++) {
        w->dated += w->facts.v.v[i].item == w->facts.v.v[i - 1].item &&
                    w->facts.v.v[i].name == w->facts.v.v[i - 1].name;
    }
    if (links + w->beyond + w->dated > 0) {
        exported_note(w->ret,
                      "a table of events has no place for %" PRIu64 " links, %" PRIu64
                      " further items of events and %" PRIu64
                      " earlier values of items' attributes: weir export ocel keeps them",
                      links, w->beyond, w->dated);
    }
    if (w->lonely > 0) {
        exported_note(w->ret, "%" PRIu64 " events are about no item: their case_id is empty",
                      w->lonely);
    }
    if (w->attributes.n > MORE) {
        exported_note(w->ret,
                      "more than %d attributes have different names: the others stand as JSON in "
                      "the column attrs",
                      ATTRIBUTES);
    }
    return OK;
}

static status write_table(struct writer *w, const struct sources *sources, struct error *why)
{
    TRY(owners_load(w->x, &w->owners, why));
    TRY(item_facts_load(w->x->store, &w->facts, why));
    for (size_t i = 0; i < w->facts.v.n; i++) {
        str name = names_text(w->names, w->facts.v.v[i].name);
        if (w->fact_names.n <= ATTRIBUTES / 2) {
            intern_add(&w->fact_names, name.n > 0 ? name : STR("attribute"));
        }
    }
    TRY(export_scan(w->x, sources, EXPORT_COLUMNS, learn, w, why));
    w->has[SOURCE] = sources->v.n > 1;
    name_columns(w);
    for (size_t i = 0; i < w->heads.n; i++) {
        if (i > 0) {
            buf_putc(&w->out->text, ',');
        }
        put_cell(&w->out->text, w->heads.v[i]);
    }
    buf_putc(&w->out->text, '\n');
    TRY(export_scan(w->x, sources, EXPORT_COLUMNS, write_event, w, why));
    return note_losses(w, why);
}

static status run(const struct export *x, struct outfile *out, bool alike_case,
                  struct exported *ret, struct writer *w, struct error *why)
{
    struct sources sources = {0};
    *w = (struct writer){.x = x,
                         .names = store_names(x->store),
                         .ret = ret,
                         .out = out,
                         .alike_case = alike_case,
                         .values = mem_get((MORE + 1) * sizeof(str))};
    arena_init(&w->attrs.text, "attributes", 0);
    intern_init(&w->attributes, "names of attributes");
    intern_init(&w->fact_names, "names of attributes");
    (void)names_find(w->names, STR("case"), &w->type_case);
    (void)names_find(w->names, STR("event"), &w->type_event);
    struct store_info info;
    status_code s;
    TRY_GOTO(s, done, store_info(x->store, &info, why));
    TRY_GOTO(s, done, sources_load(x->store, &sources, why));
    progress_begin(x->progress, "export", "events", info.events);
    s = write_table(w, &sources, why);
    progress_end(x->progress);
done:
    sources_finish(&sources);
    return s;
}

static void finish(struct writer *w)
{
    owners_finish(&w->owners);
    item_facts_finish(&w->facts);
    attrs_finish(&w->attrs);
    intern_finish(&w->attributes);
    intern_finish(&w->fact_names);
    VEC_FINISH(&w->heads);
    buf_finish(&w->more);
    mem_put(w->values);
}

status export_csv(const struct export *x, struct outfile *out, struct exported *ret,
                  struct error *why)
{
    struct writer w;
    *ret = (struct exported){0};
    status_code s = run(x, out, false, ret, &w, why);
    finish(&w);
    return s;
}

/* --- Parquet --- */

static void sql_text(struct buf *sql, str text, char quote)
{
    buf_putc(sql, quote);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == quote) {
            buf_putc(sql, quote);
        }
        buf_putc(sql, text.p[i]);
    }
    buf_putc(sql, quote);
}

/* DuckDB makes the file of the table. Its memory is limited; what does not fit is written row group
 * by row group. */
static status copy(const struct writer *w, const char *table, const char *target, struct error *why)
{
    struct duck *duck = NULL;
    struct buf sql = {0}, clean = {0};
    buf_addf(&sql, "COPY (SELECT ");
    for (size_t i = 0; i < w->heads.n; i++) {
        buf_addf(&sql, i == TIME || i == START ? "%sCAST(c%zu AS TIMESTAMPTZ) AS " : "%sc%zu AS ",
                 i > 0 ? ", " : "", i);
        buf_clear(&clean);
        export_clean(&clean, w->heads.v[i], CLEAN_NUL);
        sql_text(&sql, buf_str(&clean), '"');
    }
    buf_addf(&sql, " FROM read_csv(");
    sql_text(&sql, str_of(table), '\'');
    buf_addf(&sql,
             ", auto_detect=false, header=true, delim=',', quote='\"', escape='\"', "
             "nullstr='', compression='none', strict_mode=true, max_line_size=%zu, "
             "parallel=false, columns={",
             w->longest + LINE_MIN);
    for (size_t i = 0; i < w->heads.n; i++) {
        buf_addf(&sql, "%s'c%zu':'VARCHAR'", i > 0 ? "," : "", i);
    }
    buf_addf(&sql, "})) TO ");
    sql_text(&sql, str_of(target), '\'');
    buf_addf(&sql, " (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
    status_code s = duck_open(&duck, why);
    if (s == OK) {
        s = duck_run(duck, buf_cstr(&sql), why);
    }
    if (s != OK) {
        error_add(why, "the Parquet file could not be made");
    }
    duck_close(duck);
    buf_finish(&sql);
    buf_finish(&clean);
    return s;
}

status export_parquet(const struct export *x, struct outfile *out, struct exported *ret,
                      struct error *why)
{
    struct writer w;
    struct outfile table = {.fd = -1};
    *ret = (struct exported){0};
    struct buf name = {0};
    buf_addf(&name, "%s.csv", out->temp);
    status_code s = outfile_open(buf_cstr(&name), true, &table, why);
    if (s == OK) {
        s = run(x, &table, true, ret, &w, why);
        if (s == OK) {
            s = outfile_keep(&table, why);
        }
        if (s == OK) {
            s = copy(&w, buf_cstr(&name), out->temp, why);
        }
        finish(&w);
        remove(buf_cstr(&name));
    }
    outfile_finish(&table);
    buf_finish(&name);
    return s;
}
