/* weir map: who follows whom, how often and after how long; what each stage holds. */
#include "cmd/map.h"

#include "cmd/reading.h"
#include "engine/pointmap.h"

enum { TOP_VARIANTS = 10 };

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "events", 0, "complete|start|all", "which lifecycle events count", NULL, 0},
    {OPTION_FLAG, "raw", 0, NULL, "activities as they are, whatever stages are set up", NULL, 0},
    {OPTION_FLAG, "dot", 0, NULL, "print the map for Graphviz", NULL, 0},
    {OPTION_VALUE, "top", 0, "N", "how many variants to list (default 10)", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir map", "stages, the edges between them, and the ways that items take"},
    {"weir map --dot | dot -Tsvg >map.svg", "as a picture"},
    {"weir map --clock work --json", "durations in working time, for a program"},
    {0},
};

static json_t *counts_json(const struct names *names, const struct flowmap_count *v, size_t n)
{
    json_t *object = json_object();
    for (size_t i = 0; i < n; i++) {
        doc_put_str(object, names_text(names, v[i].name), doc_count(v[i].n));
    }
    return object;
}

json_t *map_stages_json(const struct names *names, const struct flowmap_result *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->stage_n; i++) {
        const struct flowmap_stage *s = &m->stages[i];
        json_t *one = json_object();
        doc_put(one, "name", doc_str(names_text(names, s->name)));
        doc_put(one, "category", json_string(category_word((enum category)s->category)));
        doc_put(one, "visits", doc_count(s->visits));
        doc_put(one, "items", doc_count(s->items));
        doc_put(one, "wip", doc_real(s->wip));
        doc_put(one, "wip_now", doc_count(s->wip_now));
        doc_put(one, "time", reading_distribution(&s->time));
        doc_put(one, "wait", reading_distribution(&s->wait));
        doc_put(one, "work", reading_distribution(&s->work));
        doc_put(one, "rework_visits", doc_count(s->rework_visits));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *edges_json(const struct names *names, const struct flowmap_result *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->edge_n; i++) {
        const struct flowmap_edge *e = &m->edges[i];
        json_t *one = json_object();
        doc_put(one, "from", doc_str(names_text(names, e->from)));
        doc_put(one, "to", doc_str(names_text(names, e->to)));
        doc_put(one, "count", doc_count(e->count));
        doc_put(one, "items", doc_count(e->items));
        doc_put(one, "time", reading_distribution(&e->time));
        doc_put(one, "overlaps", doc_count(e->overlaps));
        doc_put(one, "overlap_sum_s", doc_real(e->overlap_sum / (double)SECOND));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *variants_json(const struct names *names, const struct variants_result *v)
{
    json_t *top = json_array();
    for (size_t i = 0; i < v->top_n; i++) {
        json_t *path = json_array(), *one = json_object();
        for (size_t k = 0; k < v->top[i].n; k++) {
            json_array_append_new(path, doc_str(names_text(names, v->top[i].path[k])));
        }
        doc_put(one, "id", json_string(v->top[i].id));
        doc_put(one, "path", path);
        doc_put(one, "items", doc_count(v->top[i].items));
        json_array_append_new(top, one);
    }
    json_t *variants = json_object();
    doc_put(variants, "count", doc_count(v->count));
    doc_put(variants, "top", top);
    return variants;
}

static json_t *document(struct command_context *c, const struct reading *r,
                        const struct pointmap *p)
{
    const struct flowmap_result *m = &p->map;
    const struct names *names = r->stream.names;
    json_t *doc = doc_new("weir.map/1");
    doc_put(doc, "items", doc_count(m->items));
    doc_put(doc, "events", doc_count(r->stream.counts.events));
    doc_put(doc, "visits", doc_count(m->visits));
    doc_put(doc, "variants", variants_json(names, &p->variants));
    doc_put(doc, "starts", counts_json(names, m->starts, m->start_n));
    doc_put(doc, "ends", counts_json(names, m->ends, m->end_n));
    doc_put(doc, "stages", map_stages_json(names, m));
    doc_put(doc, "edges", edges_json(names, m));
    doc_put(doc, "rework", map_rework_json(names, &p->rework, &p->handover));
    doc_put(doc, "handovers", map_handovers_json(names, &p->handover, map_least(c)));
    reading_document(c, r, doc);
    doc_end(doc);
    return doc;
}

/* Graphviz: width by number of items, label with count and median. */
static void dot_name(struct buf *out, str name)
{
    struct buf safe = {0};
    text_safe(&safe, name);
    buf_putc(out, '"');
    for (size_t i = 0; i < safe.n; i++) {
        if (safe.p[i] == '"' || safe.p[i] == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, safe.p[i]);
    }
    buf_putc(out, '"');
    buf_finish(&safe);
}

static void dot(struct buf *out, const struct look *look, const struct names *names,
                const struct flowmap_result *m)
{
    uint64_t most = 1;
    for (size_t i = 0; i < m->edge_n; i++) {
        most = m->edges[i].count > most ? m->edges[i].count : most;
    }
    buf_addf(out, "digraph flow {\n  rankdir=LR\n  node [shape=box style=rounded]\n");
    for (size_t i = 0; i < m->stage_n; i++) {
        buf_addf(out, "  ");
        dot_name(out, names_text(names, m->stages[i].name));
        buf_addf(out, " [tooltip=\"%llu visits\"]\n", (unsigned long long)m->stages[i].visits);
    }
    for (size_t i = 0; i < m->edge_n; i++) {
        const struct flowmap_edge *e = &m->edges[i];
        buf_addf(out, "  ");
        dot_name(out, names_text(names, e->from));
        buf_addf(out, " -> ");
        dot_name(out, names_text(names, e->to));
        buf_addf(out, " [penwidth=%.2f label=\"%llu", .5 + 4.5 * (double)e->count / (double)most,
                 (unsigned long long)e->count);
        if (m->exact && e->time.n > 0) {
            buf_addf(out, "\\n");
            text_lapse(out, (lapse)e->time.p50, look);
        }
        buf_addf(out, "\"]\n");
    }
    buf_addf(out, "}\n");
}

static void stage_table(struct command_context *c, const struct names *names,
                        const struct flowmap_result *m)
{
    static const struct table_column COLUMNS[] = {
        {"stage", "stage", CELL_TEXT, 0, 0},           {"visits", "visits", CELL_COUNT, 0, 3},
        {"items", "items", CELL_COUNT, 0, 4},          {"WIP", "wip", CELL_NUMBER, 1, 2},
        {NULL, "wip_now", CELL_COUNT, 0, 0},           {"p50", "time_p50_s", CELL_LAPSE, 0, 0},
        {"p85", "time_p85_s", CELL_LAPSE, 0, 0},       {"sum", "time_sum_s", CELL_LAPSE, 0, 5},
        {NULL, "wait_sum_s", CELL_LAPSE, 0, 0},        {NULL, "work_sum_s", CELL_LAPSE, 0, 0},
        {"rework", "rework_visits", CELL_COUNT, 0, 6}, {"wait ▒ work █", NULL, CELL_BAR, 0, 1},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t i = 0; i < m->stage_n; i++) {
        const struct flowmap_stage *s = &m->stages[i];
        table_text(t, names_text(names, s->name));
        table_count(t, (int64_t)s->visits);
        table_count(t, (int64_t)s->items);
        table_number(t, s->wip);
        table_count(t, (int64_t)s->wip_now);
        if (s->time.n > 0) {
            table_lapse(t, (lapse)s->time.p50);
            table_lapse(t, (lapse)s->time.p85);
            table_lapse(t, (lapse)s->time.sum);
        } else {
            table_none(t);
            table_none(t);
            table_none(t);
        }
        if (s->wait.n > 0 || s->work.n > 0) {
            table_lapse(t, (lapse)s->wait.sum);
            table_lapse(t, (lapse)s->work.sum);
        } else {
            table_none(t);
            table_none(t);
        }
        table_count(t, (int64_t)s->rework_visits);
        double rest = s->time.sum - s->wait.sum - s->work.sum; /* not told, as in stagetime_parts */
        bool waits = s->category != CATEGORY_ACTIVE;
        table_bar_either(t, s->wait.sum + (waits ? rest : 0), waits ? 0 : rest, s->work.sum);
    }
    command_table(c, t);
}

static void edge_table(struct command_context *c, const struct names *names,
                       const struct flowmap_result *m)
{
    static const struct table_column COLUMNS[] = {
        {"from", "from", CELL_TEXT, 0, 0},    {"to", "to", CELL_TEXT, 0, 0},
        {"count", "count", CELL_COUNT, 0, 0}, {"items", "items", CELL_COUNT, 0, 3},
        {"mean", "mean_s", CELL_LAPSE, 0, 2}, {"p50", "p50_s", CELL_LAPSE, 0, 0},
        {"p85", "p85_s", CELL_LAPSE, 0, 0},   {"p95", "p95_s", CELL_LAPSE, 0, 4},
        {"sum", "sum_s", CELL_LAPSE, 0, 1},
    };
    enum { SHOWN = 25 };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    size_t n = command_wants_words(c) && m->edge_n > SHOWN ? SHOWN : m->edge_n;
    for (size_t i = 0; i < n; i++) {
        const struct flowmap_edge *e = &m->edges[i];
        table_text(t, names_text(names, e->from));
        table_text(t, names_text(names, e->to));
        table_count(t, (int64_t)e->count);
        table_count(t, (int64_t)e->items);
        const double values[] = {e->time.mean, e->time.p50, e->time.p85, e->time.p95, e->time.sum};
        for (size_t k = 0; k < sizeof values / sizeof *values; k++) {
            if (e->time.n > 0) {
                table_lapse(t, (lapse)values[k]);
            } else {
                table_none(t);
            }
        }
    }
    command_table(c, t);
    if (n < m->edge_n) {
        command_say(c, "… and %zu edges more (weir map --plain lists all)", m->edge_n - n);
    }
}

static void variant_lines(struct command_context *c, const struct names *names,
                          const struct variants_result *v, uint64_t items)
{
    struct buf line = {0};
    text_count(&line, (int64_t)v->count);
    command_say(c, "\n" STR_FMT " variants; the most frequent:", STR_ARG(buf_str(&line)));
    for (size_t i = 0; i < v->top_n && i < 5; i++) {
        buf_clear(&line);
        buf_addf(&line, "  ");
        struct buf share = {0};
        text_percent(&share, items > 0 ? (double)v->top[i].items / (double)items : 0);
        text_pad(&line, 6 - text_width(buf_str(&share)));
        buf_add(&line, buf_str(&share));
        buf_finish(&share);
        buf_addf(&line, "  ");
        struct buf path = {0};
        for (size_t k = 0; k < v->top[i].n; k++) {
            buf_addf(&path, "%s", k > 0 ? (c->look.ascii ? " > " : " → ") : "");
            buf_add(&path, names_text(names, v->top[i].path[k]));
        }
        text_cut(&line, buf_str(&path), c->look.width - 11, c->look.ascii);
        buf_finish(&path);
        command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
    }
    buf_finish(&line);
}

static void answer(struct command_context *c, const struct reading *r, const struct pointmap *p)
{
    const struct flowmap_result *m = &p->map;
    const struct names *names = r->stream.names;
    if (command_wants_json(c)) {
        command_document(c, document(c, r, p));
        return;
    }
    reading_day(c, r);
    if (option_flag(c, "dot")) {
        dot(&c->out, &c->look, names, m);
        return;
    }
    if (command_wants_words(c)) {
        struct buf line = {0};
        text_count(&line, (int64_t)m->items);
        buf_addf(&line, " items, ");
        text_count(&line, (int64_t)m->visits);
        buf_addf(&line, " visits, ");
        text_when(&line, r->stream.events.begins, c->look.zone);
        buf_addf(&line, " to ");
        text_when(&line, r->stream.events.ends, c->look.zone);
        command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
        reading_clock(c, r);
        command_say(c, "%s", "");
        buf_finish(&line);
        stage_table(c, names, m);
        command_say(c, "\nEdges, by the time that all items together spend on them:\n");
    }
    edge_table(c, names, m);
    if (command_wants_words(c)) {
        variant_lines(c, names, &p->variants, m->items);
        map_people_words(c, names, &p->rework, &p->handover, map_least(c));
        reading_say(c, r);
    }
}

static enum weave_events events_of(const struct command_context *c)
{
    str word = option_str(c, "events");
    return str_eq(word, STR("complete")) ? WEAVE_COMPLETE
           : str_eq(word, STR("start"))  ? WEAVE_START
           : str_eq(word, STR("all"))    ? WEAVE_ALL
                                         : WEAVE_DEFAULT;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct reading r = {0};
    struct pointmap m = {0};
    int64_t top = TOP_VARIANTS;
    unsigned flags = READING_LATER | (option_flag(c, "raw") ? READING_RAW : 0);
    status_code s;
    TRY_GOTO(s, done, option_count(c, "top", TOP_VARIANTS, &top, &why));
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    TRY_GOTO(s, done, reading_stream(c, &r, events_of(c), flags, &why));
    uint64_t least = map_least(c);
    s = pointmap_read(&r.stream, (size_t)top, least, &c->text, &m, &why);
    if (s == END) {
        s = pointmap_weave(&r.stream, (size_t)top, least, &c->text, &m, &why);
    }
    if (s == OK) {
        answer(c, &r, &m);
    }
done:;
    int code = s == OK ? EXIT_YES : command_fail(c, s, &why);
    reading_close(&r);
    return code;
}

const struct command COMMAND_MAP = {
    .name = "map",
    .purpose = "the flow map: stages, edges, variants, rework, hand-overs",
    .description =
        "An edge counts how often one stage directly follows another in an item; its time runs\n"
        "from the end of the first to the start of the second (from event to event where the log\n"
        "has one stamp each). A stage's time runs from when it could begin to its end. Edges are\n"
        "ordered by the time that all items together spend on them; the largest is not thereby\n"
        "the constraint (weir constraint).\n"
        "\n"
        "Rework is a stage that an item came to twice or more: by the same person or another.\n"
        "A hand-over is two visits in a row by different persons, or teams. Persons are counted,\n"
        "never listed; a team is named when five people or more (privacy.minimum_group) were\n"
        "seen in it, or when the log tells nothing of its people.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "items: items in the map\n"
              "events: events read\n"
              "visits: stays of items in stages\n"
              "variants: count, and the top ones with id, path and items\n"
              "starts, ends: first and last stage of items\n"
              "stages: name, category, visits, items, wip (time average), wip_now, "
              "time, wait, work, rework_visits\n"
              "edges: from, to, count, items, time, overlaps, overlap_sum_s\n"
              "rework: n, items, share, visits, stages (name, items, visits, again_items, "
              "again_visits, self_loops, repeat, redo, by_unknown), ping_pong, rule\n"
              "handovers: visit_pairs, persons, teams (n, coverage, proper, share), pairs, rule",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
