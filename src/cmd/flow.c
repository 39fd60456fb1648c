/* weir flow: the cumulative flow. How many items had arrived, were in each stage and had left, at
 * moments that divide the log evenly; how old items were when they left a stage; and, for pictures,
 * every visit as nine bytes.
 *
 * The flow is read once into one row a visit. A row becomes two steps of its stage's curve (+1
 * where the item comes, -1 where it leaves), and the curves are sums over those steps: what a stage
 * holds at a moment is exactly what came before or at it less what left before or at it. */
#include "cmd/reading.h"
#include "math/distribution.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct option OPTIONS[] = {
    {OPTION_FLAG, "visits", 0, NULL, "every visit as bytes, for pictures (docs/documents.md)", NULL,
     0},
    {OPTION_VALUE, "limit", 0, "N",
     "with --visits: at most so many, whole items evenly taken (default 200000; 0: all)", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir flow", "what came, what left, and what is in between, stage by stage"},
    {"weir flow --last 90d --json", "the curves of the last 90 days, for a program"},
    {0},
};

enum { MOMENTS = 240, EDGES = 255, LIMIT = 200000 };

struct row {
    item_id item;
    sym from, stage; /* 0: the item begins here */
    when begin, end;
    bool open;
};

struct ages {
    VEC(int64_t) v;
};

struct taken {
    const struct flow *flow; /* whose clock ages are on */
    VEC(struct row) rows;
    VEC(struct trace) items; /* first and n are not used */
    struct map place;        /* stage → index + 1, in order of arrival */
    VEC(sym) stages;
    VEC(uint8_t) categories;
    VEC(struct ages) ages; /* of items when they left the stage */
    struct ages leads;     /* of finished items */
};

static size_t place_of(struct taken *t, sym stage, uint8_t category)
{
    uint64_t *place = map_add(&t->place, stage, NULL);
    if (*place == 0) {
        VEC_ADD(&t->stages, stage);
        VEC_ADD(&t->categories, category);
        VEC_ADD(&t->ages, (struct ages){0});
        *place = t->stages.n;
    }
    return *place - 1;
}

static void take(const struct traces *part, void *cookie)
{
    struct taken *t = cookie;
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        sym before = 0;
        for (size_t k = life->first; k < life->first + life->n; k++) {
            const struct visit *v = &part->visits.v[k];
            const struct flow_visit stay = flow_visit(life, v);
            bool open = (v->flags & VISIT_OPEN) != 0;
            size_t place = place_of(t, v->activity, v->category);
            VEC_ADD(&t->rows,
                    (struct row){life->item, before, v->activity, stay.from, stay.end, open});
            if (!open && (life->flags & TRACE_LEFT) == 0) {
                VEC_ADD(&t->ages.v[place].v, flow_lapse(t->flow, life->begin, stay.end));
            }
            before = v->activity;
        }
        VEC_ADD(&t->items, *life);
        if ((life->flags & (TRACE_OPEN | TRACE_LEFT | TRACE_CANCELLED)) == 0) {
            VEC_ADD(&t->leads.v, flow_lapse(t->flow, life->begin, life->end));
        }
    }
}

static void taken_finish(struct taken *t)
{
    for (size_t i = 0; i < t->ages.n; i++) {
        VEC_FINISH(&t->ages.v[i].v);
    }
    VEC_FINISH(&t->leads.v);
    VEC_FINISH(&t->rows);
    VEC_FINISH(&t->items);
    VEC_FINISH(&t->stages);
    VEC_FINISH(&t->categories);
    VEC_FINISH(&t->ages);
    map_finish(&t->place);
}

/* --- the curves ------------------------------------------------------------------------------ */

struct moments { /* first, first + step, … until one is at or behind the end */
    when first;
    lapse step;
    size_t n;
};

static struct moments moments_of(when begin, when end)
{
    static const lapse STEPS[] = {MINUTE,  10 * MINUTE, HOUR,     6 * HOUR, DAY,
                                  7 * DAY, 28 * DAY,    91 * DAY, 364 * DAY};
    lapse length = end > begin ? end - begin : 1, step = 0;
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS && step == 0; i++) {
        step = length / STEPS[i] < MOMENTS ? STEPS[i] : 0;
    }
    if (step == 0) {
        step = length / (MOMENTS - 1) + 1;
    }
    return (struct moments){begin, step, (size_t)((length + step - 1) / step) + 1};
}

/* Adds one at the first moment that is not before t; before the first moment counts for all. */
static void step_up(int64_t *curve, const struct moments *m, when t)
{
    assert(m->step > 0);
    size_t i = t <= m->first ? 0 : (size_t)((t - m->first + m->step - 1) / m->step);
    if (i < m->n) {
        curve[i]++;
    }
}

static json_t *sums_json(int64_t *curve, size_t n)
{
    json_t *list = json_array();
    int64_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += curve[i];
        json_array_append_new(list, json_integer(sum));
    }
    return list;
}

/* Stages in the order of the stream where it is told, the others behind them as they came. */
static size_t *order_of(const struct taken *t, struct arena *a)
{
    size_t *order = ARENA_ARRAY(a, size_t, t->stages.n + 1), n = 0;
    bool *done = ARENA_ARRAY(a, bool, t->stages.n + 1);
    for (size_t i = 0; i < t->flow->order_n; i++) {
        const uint64_t *place = map_find(&t->place, t->flow->order[i]);
        if (place != NULL && !done[*place - 1]) {
            done[*place - 1] = true;
            order[n++] = *place - 1;
        }
    }
    for (size_t i = 0; i < t->stages.n; i++) {
        if (!done[i]) {
            order[n++] = i;
        }
    }
    return order;
}

static json_t *stages_json(const struct names *names, struct taken *t, const struct moments *m,
                           struct arena *a)
{
    const size_t *order = order_of(t, a);
    int64_t *in = ARENA_ARRAY(a, int64_t, t->stages.n * m->n + 1);
    int64_t *out = ARENA_ARRAY(a, int64_t, t->stages.n * m->n + 1);
    for (size_t i = 0; i < t->rows.n; i++) {
        const struct row *r = &t->rows.v[i];
        size_t place = *map_find(&t->place, r->stage) - 1;
        step_up(in + place * m->n, m, r->begin);
        if (!r->open) {
            step_up(out + place * m->n, m, r->end);
        }
    }
    json_t *list = json_array();
    for (size_t i = 0; i < t->stages.n; i++) {
        size_t at = order[i];
        json_t *one = json_object(), *held = json_array();
        int64_t *came = in + at * m->n, *left = out + at * m->n, sum = 0;
        for (size_t k = 0; k < m->n; k++) {
            sum += came[k] - left[k];
            json_array_append_new(held, json_integer(sum));
        }
        const struct distribution age = distribution_of(t->ages.v[at].v.v, t->ages.v[at].v.n);
        doc_put(one, "name", doc_str(names_text(names, t->stages.v[at])));
        doc_put(one, "category", json_string(category_word((enum category)t->categories.v[at])));
        doc_put(one, "entered", sums_json(came, m->n));
        doc_put(one, "wip", held);
        doc_put(one, "age", reading_distribution(&age));
        json_array_append_new(list, one);
    }
    return list;
}

static void document(struct command_context *c, const struct reading *r, struct taken *t)
{
    const struct names *names = r->stream.names;
    when begin = r->stream.range.from, end = r->stream.range.to;
    for (size_t i = 0; i < t->items.n; i++) { /* an item may have begun before the range */
        const struct trace *life = &t->items.v[i];
        begin = r->stream.range.from == WHEN_NONE && (begin == WHEN_NONE || life->begin < begin)
                    ? life->begin
                    : begin;
        end = r->stream.range.to == WHEN_NONE && (end == WHEN_NONE || life->end > end) ? life->end
                                                                                       : end;
    }
    struct moments m = t->items.n > 0 ? moments_of(begin, end) : (struct moments){0};
    int64_t *curves = ARENA_ARRAY(&c->text, int64_t, 3 * m.n + 1);
    json_t *times = json_array();
    for (size_t i = 0; i < m.n; i++) {
        when moment = m.first + (lapse)i * m.step;
        json_array_append_new(times, doc_when(moment < end ? moment : end));
    }
    for (size_t i = 0; i < t->items.n; i++) {
        const struct trace *life = &t->items.v[i];
        step_up(curves, &m, life->begin);
        if ((life->flags & TRACE_OPEN) == 0) {
            step_up(curves + m.n * ((life->flags & TRACE_CANCELLED) != 0 ? 2 : 1), &m, life->end);
        }
    }
    json_t *doc = doc_new("weir.flow/1");
    doc_put(doc, "items", doc_count(t->items.n));
    doc_put(doc, "visits", doc_count(t->rows.n));
    const struct distribution lead = distribution_of(t->leads.v.v, t->leads.v.n);
    doc_put(doc, "lead", reading_distribution(&lead));
    doc_put(doc, "step_s", doc_seconds(m.step));
    doc_put(doc, "times", times);
    doc_put(doc, "arrived", sums_json(curves, m.n));
    doc_put(doc, "finished", sums_json(curves + m.n, m.n));
    doc_put(doc, "cancelled", sums_json(curves + 2 * m.n, m.n));
    doc_put(doc, "stages", stages_json(names, t, &m, &c->text));
    reading_document(c, r, doc);
    doc_end(doc);
    command_document(c, doc);
}

static void table(struct command_context *c, const struct reading *r, struct taken *t)
{
    static const struct table_column COLUMNS[] = {
        {"stage", "stage", CELL_TEXT, 0, 0},        {"came", "came", CELL_COUNT, 0, 0},
        {"left", "left", CELL_COUNT, 0, 0},         {"in it", "wip_now", CELL_COUNT, 0, 0},
        {"age p50", "age_p50_s", CELL_LAPSE, 0, 0}, {"p85", "age_p85_s", CELL_LAPSE, 0, 1},
        {"p95", "age_p95_s", CELL_LAPSE, 0, 2},
    };
    struct table *out = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    const size_t *order = order_of(t, &c->text);
    int64_t *count = ARENA_ARRAY(&c->text, int64_t, 2 * t->stages.n + 1);
    for (size_t i = 0; i < t->rows.n; i++) {
        size_t place = *map_find(&t->place, t->rows.v[i].stage) - 1;
        count[2 * place]++;
        count[2 * place + 1] += t->rows.v[i].open ? 0 : 1;
    }
    for (size_t i = 0; i < t->stages.n; i++) {
        size_t at = order[i];
        const struct distribution age = distribution_of(t->ages.v[at].v.v, t->ages.v[at].v.n);
        table_text(out, names_text(r->stream.names, t->stages.v[at]));
        table_count(out, count[2 * at]);
        table_count(out, count[2 * at + 1]);
        table_count(out, count[2 * at] - count[2 * at + 1]);
        for (int k = 0; k < 3; k++) {
            if (age.n > 0) {
                table_lapse(out, (lapse)(k == 0 ? age.p50 : k == 1 ? age.p85 : age.p95));
            } else {
                table_none(out);
            }
        }
    }
    command_table(c, out);
    if (command_wants_words(c)) {
        command_say(c, "\nAge: since the item began, when it left the stage.");
        reading_say(c, r);
    }
}

/* --- the visits as bytes ----------------------------------------------------------------------
 * One line of JSON (weir.visits/1, padded with blanks so that the line ends at a multiple of four),
 * then begin[n] and end[n] as 32-bit floats, seconds since the first instant of the header's range,
 * then edge[n] as bytes; little-endian. In order of begin. An open visit ends at infinity. */

static int by_begin(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->begin != y->begin) {
        return x->begin < y->begin ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

struct edge {
    sym from, to;
    uint64_t n;
};

static int by_count(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    if (x->n != y->n) {
        return x->n > y->n ? -1 : 1;
    }
    return x->to != y->to ? (x->to > y->to) - (x->to < y->to)
                          : (x->from > y->from) - (x->from < y->from);
}

static uint64_t edge_key(const struct row *r)
{
    return (uint64_t)r->from << 32 | r->stage;
}

/* The most frequent edges and their numbers (+ 1, by key). */
static size_t edges_of(const struct taken *t, struct map *number, struct edge *ret)
{
    struct map counts = {0};
    VEC(struct edge) all = {0};
    size_t at = 0;
    uint64_t key = 0, n = 0;
    for (size_t i = 0; i < t->rows.n; i++) {
        ++*map_add(&counts, edge_key(&t->rows.v[i]), NULL);
    }
    while (map_next(&counts, &at, &key, &n)) {
        VEC_ADD(&all, (struct edge){(sym)(key >> 32), (sym)key, n});
    }
    map_finish(&counts);
    if (all.n > 0) {
        qsort(all.v, all.n, sizeof *all.v, by_count);
    }
    size_t kept = all.n < EDGES ? all.n : EDGES;
    for (size_t i = 0; i < kept; i++) {
        ret[i] = all.v[i];
        *map_add(number, (uint64_t)ret[i].from << 32 | ret[i].to, NULL) = i + 1;
    }
    VEC_FINISH(&all);
    return kept;
}

static void put_float(struct buf *out, double x)
{
    float f = (float)x;
    uint32_t bits = 0;
    memcpy(&bits, &f, sizeof bits);
    for (int i = 0; i < 4; i++) {
        buf_putc(out, (char)(unsigned char)(bits >> 8 * i));
    }
}

static bool item_is_kept(item_id item, uint64_t every)
{
    return item * UINT64_C(0x9e3779b97f4a7c15) >> 32 < (UINT64_C(1) << 32) / every;
}

static status bytes(struct command_context *c, const struct reading *r, struct taken *t,
                    struct error *why)
{
    int64_t limit = LIMIT;
    TRY(option_count(c, "limit", LIMIT, &limit, why));
    const struct names *names = r->stream.names;
    uint64_t every = limit > 0 && t->rows.n > (size_t)limit
                         ? (t->rows.n + (size_t)limit - 1) / (size_t)limit
                         : 1;
    size_t n = 0;
    struct map number = {0};
    struct edge edges[EDGES];
    size_t edge_n = edges_of(t, &number, edges);
    if (t->rows.n > 0) {
        qsort(t->rows.v, t->rows.n, sizeof *t->rows.v, by_begin);
    }
    when zero = t->rows.n > 0 ? t->rows.v[0].begin : 0, end = zero;
    for (size_t i = 0; i < t->rows.n; i++) {
        const struct row row = t->rows.v[i];
        end = row.end > end ? row.end : end;
        if (item_is_kept(row.item, every) && map_find(&number, edge_key(&row)) != NULL) {
            t->rows.v[n++] = row;
        }
    }
    json_t *doc = doc_new("weir.visits/1"), *list = json_array();
    for (size_t i = 0; i < edge_n; i++) {
        json_t *one = json_object();
        doc_put(one, "from",
                edges[i].from != 0 ? doc_str(names_text(names, edges[i].from)) : json_null());
        doc_put(one, "to", doc_str(names_text(names, edges[i].to)));
        doc_put(one, "count", doc_count(edges[i].n));
        json_array_append_new(list, one);
    }
    doc_put(doc, "n", doc_count(n));
    doc_put(doc, "visits", doc_count(t->rows.n));
    doc_put(doc, "every", doc_count(every));
    doc_put(doc, "edges", list);
    reading_document(c, r, doc);
    doc_put(doc, "range", doc_range(zero, end)); /* from: what the numbers count from */
    doc_end(doc);
    size_t begin = c->out.n;
    doc_write(doc, false, &c->out);
    json_decref(doc);
    c->out.n--; /* its newline comes behind the padding */
    while ((c->out.n - begin + 1) % 4 != 0) {
        buf_putc(&c->out, ' ');
    }
    buf_putc(&c->out, '\n');
    for (size_t i = 0; i < n; i++) {
        put_float(&c->out, (double)(t->rows.v[i].begin - zero) / (double)SECOND);
    }
    for (size_t i = 0; i < n; i++) {
        const struct row *row = &t->rows.v[i];
        put_float(&c->out, row->open ? INFINITY : (double)(row->end - zero) / (double)SECOND);
    }
    for (size_t i = 0; i < n; i++) {
        buf_putc(&c->out, (char)(unsigned char)(*map_find(&number, edge_key(&t->rows.v[i])) - 1));
    }
    map_finish(&number);
    return OK;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct reading r = {0};
    struct taken t = {0};
    status_code s;
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    TRY_GOTO(s, done, reading_stream(c, &r, WEAVE_DEFAULT, READING_WALL, &why));
    t.flow = valuestream_flow(&r.stream);
    TRY_GOTO(s, done, valuestream_each(&r.stream, take, &t, &why));
    if (option_flag(c, "visits")) {
        s = bytes(c, &r, &t, &why);
    } else if (command_wants_json(c)) {
        document(c, &r, &t);
    } else {
        table(c, &r, &t);
    }
done:;
    int code = s != OK ? command_fail(c, s, &why) : EXIT_YES;
    taken_finish(&t);
    reading_close(&r);
    return code;
}

const struct command COMMAND_FLOW = {
    .name = "flow",
    .purpose = "the cumulative flow: what came, what left, what is in between",
    .description =
        "Curves over moments that divide the log evenly: items that had arrived and finished, and\n"
        "what every stage held. Ages are those of items when they left a stage, so an open item\n"
        "can be compared with how old others were there.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "items, visits: that were read\n"
              "lead: lead times of the finished items\n"
              "times, step_s: the moments, and what lies between two\n"
              "arrived, finished, cancelled: items until each moment\n"
              "stages: name, category, entered (until each moment), wip (at it), age",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
