/* weir items: which items there are, where they are and how old. */
#include "cmd/reading.h"

#include <stdlib.h>

static const struct option OPTIONS[] = {
    {OPTION_FLAG, "aging", 0, NULL, "open items only, the oldest first", NULL, 0},
    {OPTION_FLAG, "slow", 0, NULL, "finished items only, the longest lead time first", NULL, 0},
    {OPTION_VALUE, "stage", 0, "STAGE", "open items that are in this stage now", "stages", 0},
    {OPTION_VALUE, "limit", 0, "N", "at most so many (default 50; 0: all)", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir items --aging", "what has been open longest, beside how long others took"},
    {"weir items --slow --limit 10", "the ten items that took longest"},
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
    VEC(int64_t) leads; /* of finished items: what the age of open ones is compared with */
};

static void take(const struct traces *part, void *cookie)
{
    struct rows_taken *t = cookie;
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
        if ((life->flags & (TRACE_OPEN | TRACE_LEFT | TRACE_CANCELLED)) == 0) {
            VEC_ADD(&t->leads, row.length);
        }
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

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Share of finished items that took no longer than `age`; NaN when none is finished. */
static double share_within(const struct rows_taken *t, lapse age)
{
    size_t low = 0, high = t->leads.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (t->leads.v[middle] <= age) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return t->leads.n > 0 ? (double)low / (double)t->leads.n : __builtin_nan("");
}

static const char *state_of(const struct row *r)
{
    return (r->flags & TRACE_OPEN) != 0        ? "open"
           : (r->flags & TRACE_CANCELLED) != 0 ? "cancelled"
                                               : "finished";
}

static json_t *row_json(const struct names *names, const struct rows_taken *t, const struct row *r)
{
    bool open = (r->flags & TRACE_OPEN) != 0;
    json_t *one = json_object();
    doc_put(one, "id", doc_str(names_key(names, r->item)));
    doc_put(one, "type", doc_str(names_text(names, names_type(names, r->item))));
    doc_put(one, "stage", doc_str(names_text(names, r->stage)));
    doc_put(one, "state", json_string(state_of(r)));
    doc_put(one, "created", doc_when(r->begin));
    doc_put(one, "finished", open ? json_null() : doc_when(r->end));
    doc_put(one, "age_s", open ? doc_seconds(r->length) : json_null());
    doc_put(one, "lead_s", open ? json_null() : doc_seconds(r->length));
    doc_put(one, "age_percentile", open ? doc_real(share_within(t, r->length)) : json_null());
    doc_put(one, "visits", doc_count(r->visits));
    doc_put(one, "rework_visits", doc_count(r->rework));
    doc_put(one, "left_censored", json_boolean((r->flags & TRACE_LEFT) != 0));
    return one;
}

static void table(struct command_context *c, const struct names *names, const struct rows_taken *t,
                  size_t n)
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
    for (size_t i = 0; i < n; i++) {
        const struct row *r = &t->rows.v[i];
        table_text(out, names_key(names, r->item));
        table_text(out, names_text(names, names_type(names, r->item)));
        table_text(out, names_text(names, r->stage));
        table_text(out, str_of(state_of(r)));
        table_when(out, r->begin);
        table_lapse(out, r->length);
        table_number(out, share_within(t, r->length));
        table_count(out, r->visits);
        table_count(out, r->rework);
    }
    command_table(c, out);
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

static int run(struct command_context *c)
{
    enum { SHOWN = 50 };
    struct error why = {0};
    struct reading r = {0};
    struct rows_taken t = {0};
    int64_t limit = SHOWN;
    size_t total = 0;
    status_code s;
    if (option_flag(c, "aging") && option_flag(c, "slow")) {
        return command_usage(c, "--aging looks at open items, --slow at finished ones: give one");
    }
    TRY_GOTO(s, done, option_count(c, "limit", SHOWN, &limit, &why));
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    TRY_GOTO(s, done, reading_stream(c, &r, WEAVE_DEFAULT, READING_WALL, &why));
    t.flow = valuestream_flow(&r.stream);
    TRY_GOTO(s, done, valuestream_each(&r.stream, take, &t, &why));
    TRY_GOTO(s, done, choose(c, r.stream.names, &t, &why));
    if (t.leads.n > 0) {
        qsort(t.leads.v, t.leads.n, sizeof *t.leads.v, by_value);
    }
    if (t.rows.n > 0) {
        qsort(t.rows.v, t.rows.n, sizeof *t.rows.v, by_length);
    }
    total = t.rows.n;
    size_t n = limit > 0 && (size_t)limit < total ? (size_t)limit : total;
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.items/1"), *list = json_array();
        for (size_t i = 0; i < n; i++) {
            json_array_append_new(list, row_json(r.stream.names, &t, &t.rows.v[i]));
        }
        doc_put(doc, "items", list);
        doc_put(doc, "total", doc_count(total));
        doc_put(doc, "finished", doc_count(t.leads.n));
        reading_document(c, &r, doc);
        doc_end(doc);
        command_document(c, doc);
    } else {
        reading_clock(c, &r);
        if (r.stream.clock != NULL) {
            command_say(c, "%s", "");
        }
        table(c, r.stream.names, &t, n);
        if (n < total) {
            struct buf more = {0};
            text_count(&more, (int64_t)(total - n));
            command_say(c, "%s " STR_FMT " items more (--limit 0 lists all)",
                        c->look.ascii ? "..." : "…", STR_ARG(buf_str(&more)));
            buf_finish(&more);
        }
        if (total == 0) {
            command_say(c, "no such item");
        }
        reading_say(c, &r);
    }
done:;
    int code = s != OK ? command_fail(c, s, &why) : total > 0 ? EXIT_YES : EXIT_NO;
    VEC_FINISH(&t.rows);
    VEC_FINISH(&t.leads);
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
    .fields = "items: id, type, stage, state, created, finished, age_s, lead_s, age_percentile, "
              "visits, rework_visits, left_censored\n"
              "total: how many there are\n"
              "finished: how many the age is compared with",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
