/* weir items: which items there are, where they are and how old. */
#include "cmd/reading.h"
#include "fold/age.h"
#include "source/identity.h"

#include <stdlib.h>

static const struct option OPTIONS[] = {
    {OPTION_FLAG, "aging", 0, NULL, "open items only, the oldest first", NULL, 0},
    {OPTION_FLAG, "slow", 0, NULL, "finished items only, the longest lead time first", NULL, 0},
    {OPTION_VALUE, "stage", 0, "STAGE", "open items that are in this stage now", "stages", 0},
    {OPTION_VALUE, "limit", 0, "N", "at most so many (default 50; 0: all)", NULL, 0},
    {OPTION_VALUE, "cursor", 0, "TEXT", "go on behind the list that gave this cursor", NULL, 0},
    {OPTION_VALUE, "sample", 0, "N", "about so many of them, evenly taken, always the same", NULL,
     0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir items --aging", "what has been open longest, beside how long others took"},
    {"weir items --slow --limit 10", "the ten items that took longest"},
    {"weir items --slow --sample 2000 --output csv", "about 2000 finished items, for a plot"},
    {0},
};

struct row {
    item_id item;
    sym stage;
    when begin, end;
    lapse length; /* of its life, on the clock asked for */
    uint32_t visits, rework;
    uint8_t flags;
};

struct rows_taken {
    const struct flow *flow; /* whose clock */
    VEC(struct row) rows;
    struct age_summary ages;
    struct age age; /* what the length of a row is compared with */
};

static void take(const struct traces *part, void *cookie)
{
    struct rows_taken *t = cookie;
    FOLD_AGE.step(&t->ages, part);
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        struct row row = {.item = life->item,
                          .begin = life->begin,
                          .end = life->end,
                          .length = flow_lapse(t->flow, life->begin, life->end),
                          .visits = (uint32_t)life->n,
                          .flags = life->flags};
        for (size_t k = life->first; k < life->first + life->n; k++) {
            const struct visit *v = &part->visits.v[k];
            row.rework += (v->flags & VISIT_REWORK) != 0;
            row.stage = v->activity;
        }
        VEC_ADD(&t->rows, row);
    }
}

static int by_length(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->length != y->length) {
        return x->length > y->length ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

static const char *state_of(const struct row *r)
{
    return (r->flags & TRACE_OPEN) != 0        ? "open"
           : (r->flags & TRACE_CANCELLED) != 0 ? "cancelled"
                                               : "finished";
}

/* Titles are not stored: what people call the item. */
static json_t *title_of(str key)
{
    struct buf name = {0};
    identity_short(key, &name);
    json_t *title = doc_str(buf_str(&name));
    buf_finish(&name);
    return title;
}

static json_t *row_json(const struct names *names, const struct rows_taken *t, const struct row *r)
{
    bool open = (r->flags & TRACE_OPEN) != 0;
    json_t *one = json_object();
    doc_put(one, "id", doc_str(names_key(names, r->item)));
    doc_put(one, "title", title_of(names_key(names, r->item)));
    doc_put(one, "type", doc_str(names_text(names, names_type(names, r->item))));
    doc_put(one, "stage", doc_str(names_text(names, r->stage)));
    doc_put(one, "state", json_string(state_of(r)));
    doc_put(one, "created", doc_when(r->begin));
    doc_put(one, "finished", open ? json_null() : doc_when(r->end));
    doc_put(one, "age_s", open ? doc_seconds(r->length) : json_null());
    doc_put(one, "lead_s", open ? json_null() : doc_seconds(r->length));
    doc_put(one, "age_percentile", open ? doc_real(age_share(&t->age, r->length)) : json_null());
    doc_put(one, "visits", doc_count(r->visits));
    doc_put(one, "rework_visits", doc_count(r->rework));
    doc_put(one, "left_censored", json_boolean((r->flags & TRACE_LEFT) != 0));
    return one;
}

/* What the list says as a whole; its rows are sorted, `total` of them before they were thinned. */
static json_t *sentence(const struct names *names, const struct rows_taken *t, size_t total,
                        const struct look *look)
{
    if (t->rows.n == 0) {
        return json_string("There is no such item.");
    }
    const struct row *first = &t->rows.v[0];
    bool open = (first->flags & TRACE_OPEN) != 0;
    double within = open ? age_share(&t->age, first->length) : __builtin_nan("");
    struct buf out = {0};
    text_count(&out, (int64_t)total);
    buf_addf(&out, total == 1 ? " item; the %s one, " : " items; the %s, ",
             open ? "oldest" : "longest");
    struct buf name = {0};
    identity_short(names_key(names, first->item), &name);
    text_safe(&out, buf_str(&name));
    buf_finish(&name);
    buf_addf(&out, open ? ", is in " : ", took ");
    if (open) {
        text_safe(&out, names_text(names, first->stage));
        buf_addf(&out, " and open for ");
    }
    text_lapse(&out, first->length, look);
    if (within >= .5) { /* false for NaN */
        buf_addf(&out, ", longer than ");
        text_percent(&out, within);
        buf_addf(&out, " of the finished ones took");
    }
    buf_putc(&out, '.');
    json_t *text = doc_str(buf_str(&out));
    buf_finish(&out);
    return text;
}

static void table(struct command_context *c, const struct names *names, const struct rows_taken *t,
                  size_t first, size_t n)
{
    static const struct table_column COLUMNS[] = {
        {"item", "id", CELL_TEXT, 0, 0},
        {NULL, "type", CELL_TEXT, 0, 0},
        {"stage", "stage", CELL_TEXT, 0, 0},
        {"state", "state", CELL_TEXT, 0, 3},
        {"created", "created", CELL_WHEN, 0, 2},
        {"age or lead", "length_s", CELL_LAPSE, 0, 0},
        {"longer than", "age_percentile", CELL_SHARE, 0, 1},
        {"visits", "visits", CELL_COUNT, 0, 4},
        {"rework", "rework_visits", CELL_COUNT, 0, 5},
    };
    struct table *out = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    struct buf name = {0};
    for (size_t i = first; i < n; i++) {
        const struct row *r = &t->rows.v[i];
        buf_clear(&name);
        if (command_wants_words(c)) { /* programs get what they can ask for again */
            identity_short(names_key(names, r->item), &name);
        } else {
            buf_add(&name, names_key(names, r->item));
        }
        table_text(out, arena_str(&c->text, buf_str(&name)));
        table_text(out, names_text(names, names_type(names, r->item)));
        table_text(out, names_text(names, r->stage));
        table_text(out, str_of(state_of(r)));
        table_when(out, r->begin);
        table_lapse(out, r->length);
        table_number(out, age_share(&t->age, r->length));
        table_count(out, r->visits);
        table_count(out, r->rework);
    }
    buf_finish(&name);
    command_table(c, out);
}

/* Keeps about `wanted` rows; an item is among them or not whatever else the log holds. */
static void thin(struct rows_taken *t, size_t wanted)
{
    size_t kept = 0;
    if (t->rows.n <= wanted || wanted == 0) {
        return;
    }
    uint64_t limit = ((uint64_t)wanted << 32) / t->rows.n;
    for (size_t i = 0; i < t->rows.n; i++) {
        if (t->rows.v[i].item * UINT64_C(0x9e3779b97f4a7c15) >> 32 < limit) {
            t->rows.v[kept++] = t->rows.v[i];
        }
    }
    t->rows.n = kept;
}

/* Keeps the rows that the options ask for. */
static status choose(struct command_context *c, const struct names *names, struct rows_taken *t,
                     struct error *why)
{
    sym stage = 0;
    if (option_given(c, "stage") && !names_find(names, option_str(c, "stage"), &stage)) {
        return error_set(why, "no stage is called \"" STR_FMT "\"",
                         STR_ARG(option_str(c, "stage")));
    }
    bool open_only = option_flag(c, "aging") || option_given(c, "stage");
    size_t kept = 0;
    for (size_t i = 0; i < t->rows.n; i++) {
        const struct row r = t->rows.v[i];
        bool open = (r.flags & TRACE_OPEN) != 0;
        if ((open_only && !open) || (option_flag(c, "slow") && open) ||
            (option_given(c, "stage") && r.stage != stage)) {
            continue;
        }
        t->rows.v[kept++] = r;
    }
    t->rows.n = kept;
    return OK;
}

/* A cursor is the place of the row that was last: its length and item. What is stored meanwhile
 * moves no row past another, so nothing is missed and nothing listed twice. */
static json_t *cursor_behind(const struct rows_taken *t, size_t n)
{
    if (n == 0 || n >= t->rows.n) {
        return json_null();
    }
    const struct row *last = &t->rows.v[n - 1];
    return doc_strf("%lld.%llu", (long long)last->length, (unsigned long long)last->item);
}

/* The first of the sorted rows that lies behind the cursor. */
static status find_cursor(struct command_context *c, const struct rows_taken *t, size_t *ret,
                          struct error *why)
{
    str text = option_str(c, "cursor");
    size_t point = str_find_char(text, '.');
    int64_t length, item;
    *ret = 0;
    if (text.n == 0) {
        return OK;
    }
    if (!str_to_i64(str_first(text, point), &length) ||
        !str_to_i64(str_from(text, point + 1), &item) || item < 0 || item > UINT32_MAX) {
        error_set(why, "--cursor: \"" STR_FMT "\" is not one", STR_ARG(str_first(text, 60)));
        error_id(why, "E1002");
        error_hint(why, "It is what the list before says in its field cursor.");
        return FAIL;
    }
    const struct row place = {.length = length, .item = (item_id)item};
    while (*ret < t->rows.n && by_length(&t->rows.v[*ret], &place) <= 0) {
        ++*ret;
    }
    return OK;
}

static int run(struct command_context *c)
{
    enum { SHOWN = 50 };
    struct error why = {0};
    struct reading r = {0};
    struct rows_taken t = {0};
    int64_t limit = SHOWN, sample = 0;
    size_t total = 0, first = 0;
    status_code s;
    if (option_flag(c, "aging") && option_flag(c, "slow")) {
        return command_usage(c, "--aging looks at open items, --slow at finished ones: give one");
    }
    TRY_GOTO(s, done, option_count(c, "limit", SHOWN, &limit, &why));
    TRY_GOTO(s, done, option_count(c, "sample", 0, &sample, &why));
    if (sample > 0 && !option_given(c, "limit")) {
        limit = 0;
    }
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    TRY_GOTO(s, done, reading_stream(c, &r, WEAVE_DEFAULT, READING_WALL, &why));
    t.flow = t.ages.flow = valuestream_flow(&r.stream);
    TRY_GOTO(s, done, valuestream_each(&r.stream, take, &t, &why));
    age_show(&t.ages, &t.age);
    TRY_GOTO(s, done, choose(c, r.stream.names, &t, &why));
    if (t.rows.n > 0) {
        qsort(t.rows.v, t.rows.n, sizeof *t.rows.v, by_length);
    }
    total = t.rows.n;
    thin(&t, (size_t)sample);
    TRY_GOTO(s, done, find_cursor(c, &t, &first, &why));
    size_t n = t.rows.n - first;
    n = first + (limit > 0 && (size_t)limit < n ? (size_t)limit : n);
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.items/1"), *list = json_array();
        for (size_t i = first; i < n; i++) {
            json_array_append_new(list, row_json(r.stream.names, &t, &t.rows.v[i]));
        }
        doc_put(doc, "sentence", sentence(r.stream.names, &t, total, &c->look));
        doc_put(doc, "items", list);
        doc_put(doc, "total", doc_count(total));
        doc_put(doc, "cursor", cursor_behind(&t, n));
        doc_put(doc, "finished", doc_count(t.age.finished.n));
        reading_document(c, &r, doc);
        doc_end(doc);
        command_document(c, doc);
    } else {
        reading_clock(c, &r);
        if (r.stream.clock != NULL) {
            command_say(c, "%s", "");
        }
        table(c, r.stream.names, &t, first, n);
        if (n < total) {
            struct buf more = {0};
            text_count(&more, (int64_t)(total - n));
            command_say(c, "%s " STR_FMT " items more (--limit 0 lists all)",
                        c->look.ascii ? "..." : "…", STR_ARG(buf_str(&more)));
            buf_finish(&more);
        }
        if (total == 0) {
            command_say(c, "no such item");
        } else if (command_wants_words(c)) {
            struct buf finished = {0};
            text_count(&finished, (int64_t)t.age.finished.n);
            command_say(c, "longer than: of " STR_FMT " finished items whose beginning is known",
                        STR_ARG(buf_str(&finished)));
            buf_finish(&finished);
        }
        reading_say(c, &r);
    }
done:;
    int code = s != OK ? command_fail(c, s, &why) : total > 0 ? EXIT_YES : EXIT_NO;
    VEC_FINISH(&t.rows);
    FOLD_AGE.finish(&t.ages);
    age_finish(&t.age);
    reading_close(&r);
    return code;
}

const struct command COMMAND_ITEMS = {
    .name = "items",
    .purpose = "list items: open ones by age, finished ones by lead time",
    .description =
        "\"Longer than\" says which share of the finished items took no longer than this one has\n"
        "taken: an open item at 90 % is older than nine in ten ever became.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields =
        "items: id, type, title, stage, state, created, finished, age_s, lead_s, age_percentile, "
        "visits, rework_visits, left_censored\n"
        "sentence: the whole in words\n"
        "total: how many there are\n"
        "cursor: for --cursor, to go on behind this list; null: this is the end\n"
        "finished: how many the age is compared with",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
