/* weir item ID: one item as a trace, and where its lead time went. */
#include "cmd/reading.h"
#include "fold/partition.h"
#include "source/identity.h"

#include <assert.h>

static const struct argument ARGUMENTS[] = {
    {.name = "ID",
     .purpose = "key of the item; the beginning is enough where only one has it",
     .words = "items"},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir item 4711", "every stay of the item, with its length beside how long others stayed"},
    {0},
};

/* --- which item is meant ------------------------------------------------------------------- */

/* The item of this key, or the only one whose key begins so (4 characters at least). */
static status find(const struct valuestream *f, str key, item_id *ret, struct error *why)
{
    enum { SHORTEST = 4 };
    size_t matches = 0, called = 0;
    item_id named = 0;
    for (size_t i = 0; i < f->events.item_count; i++) {
        str candidate = names_key(f->names, f->events.items[i]);
        if (str_eq(candidate, key)) {
            *ret = f->events.items[i];
            return OK;
        }
        if (identity_is_called(candidate, key)) {
            named = f->events.items[i];
            called++;
        }
        if (key.n >= SHORTEST && str_starts(candidate, key)) {
            *ret = f->events.items[i];
            matches++;
        }
    }
    if (called == 1) {
        *ret = named;
        return OK;
    }
    if (called > 1) {
        (void)error_set(why, "%zu items are called \"" STR_FMT "\"", called, STR_ARG(key));
        error_hint(why, "Say of which project: weir items lists them");
        return FAIL;
    }
    if (matches == 1) {
        return OK;
    }
    if (matches > 1) {
        (void)error_set(why, "%zu items begin with \"" STR_FMT "\"", matches, STR_ARG(key));
        error_hint(why, "Give more of the key");
        return FAIL;
    }
    return END;
}

/* --- how long others stayed ---------------------------------------------------------------- */

struct lengths {
    VEC(int64_t) v;
};

struct others {              /* sojourns of every stage */
    const struct flow *flow; /* whose clock lengths are on */
    struct map place;        /* stage → index + 1 */
    VEC(struct lengths) stages;
};

static lapse sojourn_of(const struct others *o, const struct visit *v)
{
    bool enabled = v->enabled != WHEN_NONE && v->enabled < v->start;
    return flow_lapse(o->flow, enabled ? v->enabled : v->start, v->end);
}

static void take_others(const struct traces *part, void *cookie)
{
    struct others *o = cookie;
    for (size_t i = 0; i < part->visits.n; i++) {
        const struct visit *v = &part->visits.v[i];
        if ((v->flags & VISIT_OPEN) != 0) {
            continue;
        }
        uint64_t *place = map_add(&o->place, v->activity, NULL);
        if (*place == 0) {
            VEC_ADD(&o->stages, (struct lengths){0});
            *place = o->stages.n;
        }
        VEC_ADD(&o->stages.v[*place - 1].v, sojourn_of(o, v));
    }
}

static double percentile(const struct others *o, const struct visit *v)
{
    const uint64_t *place = map_find(&o->place, v->activity);
    if (place == NULL) {
        return __builtin_nan("");
    }
    assert(o->stages.v != NULL && *place <= o->stages.n);
    const struct lengths *l = &o->stages.v[*place - 1];
    size_t within = 0;
    lapse length = sojourn_of(o, v);
    for (size_t i = 0; i < l->v.n; i++) {
        within += l->v.v[i] <= length;
    }
    return (double)within / (double)l->v.n;
}

static void others_finish(struct others *o)
{
    for (size_t i = 0; i < o->stages.n; i++) {
        VEC_FINISH(&o->stages.v[i].v);
    }
    VEC_FINISH(&o->stages);
    map_finish(&o->place);
}

/* --- the answer ---------------------------------------------------------------------------- */

static const char *state_of(const struct traces *t, const struct stay *s)
{
    switch ((enum flow_class)s->class) {
    case CLASS_BLOCKED:
        return "blocked";
    case CLASS_WORK:
        return s->visit < t->visits.n && t->visits.v != NULL &&
                       (t->visits.v[s->visit].flags & VISIT_REWORK) != 0
                   ? "rework"
                   : "work";
    case CLASS_WAIT:
    case CLASS_BETWEEN:
    case CLASS_COUNT:
        break;
    }
    return "wait";
}

struct linked {
    const struct valuestream *f;
    item_id item;
    json_t *list; /* NULL: count only */
    size_t n;
};

static status_code take_link(const struct link *l, void *cookie, struct error *why)
{
    (void)why;
    struct linked *k = cookie;
    if (l->from != k->item && l->to != k->item) {
        return OK;
    }
    k->n++;
    if (k->list != NULL) {
        const struct names *names = k->f->names;
        item_id other = l->from == k->item ? l->to : l->from;
        json_t *one = json_object();
        doc_put(one, "id", doc_str(names_key(names, other)));
        doc_put(one, "type", doc_str(names_text(names, names_type(names, other))));
        doc_put(one, "kind", doc_str(names_text(names, l->kind)));
        doc_put(one, "direction", json_string(l->from == k->item ? "to" : "from"));
        doc_put(one, "rule", doc_str(names_text(names, l->rule)));
        doc_put(one, "confidence", doc_real(l->confidence));
        json_array_append_new(k->list, one);
    }
    return OK;
}

/* Those that the stream follows, found ones among them; of a stream of one kind of item, those that
 * its sources state. */
static status list_links(struct store *store, struct linked *k, struct error *why)
{
    const struct linking *found = &k->f->linking;
    if (found->links.n == 0) {
        return store_scan_links(store, take_link, k, why);
    }
    for (size_t i = 0; i < found->links.n; i++) {
        TRY(take_link(&found->links.v[i], k, why));
    }
    return OK;
}

/* All items whose events are part of the trace. */
static json_t *members_json(const struct valuestream *f, item_id item)
{
    json_t *list = json_array();
    const struct projection *p = &f->projection;
    for (item_id other = 0; other < p->n; other++) {
        for (uint32_t k = p->first[other]; k < p->first[other + 1]; k++) {
            if (p->root[k] == item) {
                json_t *one = json_object();
                doc_put(one, "id", doc_str(names_key(f->names, other)));
                doc_put(one, "type", doc_str(names_text(f->names, names_type(f->names, other))));
                json_array_append_new(list, one);
            }
        }
    }
    return list;
}

static json_t *spans_json(const struct names *names, const struct traces *t,
                          const struct partition *p, const struct others *o)
{
    json_t *list = json_array();
    for (size_t i = 0; i < p->stays.n; i++) {
        const struct stay *s = &p->stays.v[i];
        const struct visit *v = s->visit != SIZE_MAX ? &t->visits.v[s->visit] : NULL;
        json_t *one = json_object();
        doc_put(one, "id", doc_id(i + 1));
        doc_put(one, "parent", json_null());
        doc_put(one, "stage", s->stage != 0 ? doc_str(names_text(names, s->stage)) : json_null());
        doc_put(one, "who",
                v != NULL && v->actor != 0 ? doc_str(names_text(names, v->actor)) : json_null());
        doc_put(one, "team",
                v != NULL && v->team != 0 ? doc_str(names_text(names, v->team)) : json_null());
        doc_put(one, "begin", doc_when(s->begin));
        doc_put(one, "end", doc_when(s->end));
        doc_put(one, "state", json_string(state_of(t, s)));
        doc_put(one, "undivided", json_boolean(s->undivided));
        doc_put(one, "critical", json_true()); /* stays never overlap: each instant has one */
        doc_put(one, "percentile", v != NULL ? doc_real(percentile(o, v)) : json_null());
        json_array_append_new(list, one);
    }
    return list;
}

struct share {
    sym stage;
    lapse self;
};

/* Time by stage, largest first; the parts sum to the lead time. */
static size_t shares_of(const struct partition *p, const struct flow *flow, struct arena *a,
                        struct share **ret)
{
    struct share *v = ARENA_ARRAY(a, struct share, p->stays.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < p->stays.n; i++) {
        const struct stay *s = &p->stays.v[i];
        size_t k = 0;
        while (k < n && v[k].stage != s->stage) {
            k++;
        }
        if (k == n) {
            v[n++] = (struct share){s->stage, 0};
        }
        v[k].self += flow_lapse(flow, s->begin, s->end);
    }
    for (size_t i = 1; i < n; i++) { /* few stages: insertion keeps the order of equals */
        struct share one = v[i];
        size_t k = i;
        for (; k > 0 && v[k - 1].self < one.self; k--) {
            v[k] = v[k - 1];
        }
        v[k] = one;
    }
    *ret = v;
    return n;
}

static void add_name(struct buf *out, str key)
{
    struct buf name = {0};
    identity_short(key, &name);
    text_safe(out, buf_str(&name));
    buf_finish(&name);
}

/* How long it took, and where most of that was; `largest` NULL: nowhere. */
static json_t *sentence(const struct names *names, const struct trace *life, lapse lead,
                        const struct share *largest, const struct look *look)
{
    struct buf out = {0};
    bool open = (life->flags & TRACE_OPEN) != 0;
    add_name(&out, names_key(names, life->item));
    buf_addf(&out, open                                   ? " has been open for "
                   : (life->flags & TRACE_CANCELLED) != 0 ? " was given up after "
                                                          : " took ");
    text_lapse(&out, lead, look);
    if (largest != NULL && lead > 0) {
        buf_addf(&out, "; ");
        text_percent(&out, (double)largest->self / (double)lead);
        buf_addf(&out, largest->stage != 0 ? " of it in " : " of it between stages");
        text_safe(&out, names_text(names, largest->stage));
    }
    buf_putc(&out, '.');
    json_t *text = doc_str(buf_str(&out));
    buf_finish(&out);
    return text;
}

static void document(struct command_context *c, const struct reading *r, const struct traces *t,
                     const struct partition *p, const struct others *o, json_t *links)
{
    const struct names *names = r->stream.names;
    const struct trace *life = &t->items.v[0];
    lapse sums[CLASS_COUNT] = {0};
    for (size_t i = 0; i < p->stays.n; i++) {
        const struct stay *one = &p->stays.v[i];
        sums[one->class] += flow_lapse(o->flow, one->begin, one->end);
    }
    json_t *doc = doc_new("weir.item/1");
    doc_put(doc, "id", doc_str(names_key(names, life->item)));
    struct buf title = {0};
    identity_short(names_key(names, life->item), &title);
    doc_put(doc, "title", doc_str(buf_str(&title)));
    buf_finish(&title);
    doc_put(doc, "type", doc_str(names_text(names, names_type(names, life->item))));
    doc_put(doc, "state",
            json_string((life->flags & TRACE_OPEN) != 0        ? "open"
                        : (life->flags & TRACE_CANCELLED) != 0 ? "cancelled"
                                                               : "finished"));
    doc_put(doc, "created", doc_when(life->begin));
    doc_put(doc, "finished", (life->flags & TRACE_OPEN) != 0 ? json_null() : doc_when(life->end));
    doc_put(doc, "links", links);
    doc_put(doc, "members", members_json(&r->stream, life->item));
    doc_put(doc, "spans", spans_json(names, t, p, o));
    lapse lead = flow_lapse(o->flow, life->begin, life->end);
    doc_put(doc, "lead_s", doc_seconds(lead));
    doc_put(doc, "wait_s", doc_seconds(sums[CLASS_WAIT] + sums[CLASS_BETWEEN]));
    doc_put(doc, "work_s", doc_seconds(sums[CLASS_WORK]));
    doc_put(doc, "blocked_s", doc_seconds(sums[CLASS_BLOCKED]));
    doc_put(doc, "between_s", doc_seconds(sums[CLASS_BETWEEN]));
    doc_put(doc, "parallel_s", doc_seconds(p->parallel));
    json_t *path = json_array();
    struct share *shares = NULL;
    size_t n = shares_of(p, o->flow, &c->text, &shares);
    for (size_t i = 0; i < n; i++) {
        json_t *one = json_object();
        doc_put(one, "stage",
                shares[i].stage != 0 ? doc_str(names_text(names, shares[i].stage)) : json_null());
        doc_put(one, "self_s", doc_seconds(shares[i].self));
        doc_put(one, "share", doc_real(lead > 0 ? (double)shares[i].self / (double)lead : 0));
        json_array_append_new(path, one);
    }
    doc_put(doc, "critical_path", path);
    doc_put(doc, "sentence", sentence(names, life, lead, n > 0 ? shares : NULL, &c->look));
    reading_document(c, r, doc);
    doc_end(doc);
    command_document(c, doc);
}

static void words(struct command_context *c, const struct reading *r, const struct traces *t,
                  const struct partition *p, const struct others *o, size_t links)
{
    static const struct table_column COLUMNS[] = {
        {"stage", "stage", CELL_TEXT, 0, 0}, {"begin", "begin", CELL_WHEN, 0, 2},
        {NULL, "end", CELL_WHEN, 0, 0},      {"length", "length_s", CELL_LAPSE, 0, 0},
        {"state", "state", CELL_TEXT, 0, 0}, {"longer than", "percentile", CELL_SHARE, 0, 3},
        {"who", "who", CELL_TEXT, 0, 4},     {"wait ▒ work █", NULL, CELL_BAR, 0, 1},
    };
    const struct names *names = r->stream.names;
    const struct trace *life = &t->items.v[0];
    struct buf line = {0};
    reading_day(c, r);
    if (command_wants_words(c)) {
        text_safe(&line, names_text(names, names_type(names, life->item)));
        buf_putc(&line, ' ');
        add_name(&line, names_key(names, life->item));
        buf_addf(&line, (life->flags & TRACE_OPEN) != 0 ? ": open for " : ": lead time ");
        text_lapse_exact(&line, flow_lapse(o->flow, life->begin, life->end), &c->look);
        if (links > 0) {
            buf_addf(&line, "; ");
            text_counted(&line, links, "link");
            buf_addf(&line, " (--json lists %s)", links == 1 ? "it" : "them");
        }
        command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
        reading_clock(c, r);
        command_say(c, "%s", "");
    }
    struct table *out = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t i = 0; i < p->stays.n; i++) {
        const struct stay *s = &p->stays.v[i];
        const struct visit *v = s->visit != SIZE_MAX ? &t->visits.v[s->visit] : NULL;
        lapse length = flow_lapse(o->flow, s->begin, s->end);
        bool works = s->class == CLASS_WORK;
        table_text(out, s->stage != 0 ? names_text(names, s->stage) : STR("(between stages)"));
        table_when(out, s->begin);
        table_when(out, s->end);
        table_lapse(out, length);
        bool unsure = s->undivided && command_wants_words(c);
        table_text(out, unsure ? STR("wait/work") : str_of(state_of(t, s)));
        table_number(out, v != NULL ? percentile(o, v) : __builtin_nan(""));
        table_text(out, v != NULL ? names_text(names, v->actor) : (str){0});
        double d = (double)length;
        table_bar_either(out, s->undivided || works ? 0 : d, s->undivided ? d : 0,
                         works && !s->undivided ? d : 0);
    }
    command_table(c, out);
    if (p->parallel > 0) {
        buf_clear(&line);
        text_lapse(&line, p->parallel, &c->look);
        command_say(c, STR_FMT " of it stages ran side by side; the one further on is shown",
                    STR_ARG(buf_str(&line)));
    }
    buf_finish(&line);
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct reading r = {0};
    struct traces t = {.log_begin = WHEN_NONE, .log_end = WHEN_NONE};
    struct partition p = {0};
    struct others o = {0};
    item_id item = 0;
    status_code s;
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    TRY_GOTO(s, done, reading_stream(c, &r, WEAVE_DEFAULT, READING_WALL, &why));
    s = find(&r.stream, argument_at(c, 0), &item, &why);
    if (s == OK) {
        s = valuestream_item(&r.stream, item, &t, &why);
    }
    if (s == END) {
        (void)error_set(&why, "no item is called \"" STR_FMT "\"", STR_ARG(argument_at(c, 0)));
        error_hint(&why, "weir items lists them");
        goto done;
    }
    if (s != OK) {
        goto done;
    }
    o.flow = valuestream_flow(&r.stream);
    TRY_GOTO(s, done, valuestream_each(&r.stream, take_others, &o, &why));
    partition_of(&p, o.flow, &t, &t.items.v[0]);
    struct linked links = {&r.stream, item, command_wants_json(c) ? json_array() : NULL, 0};
    s = list_links(r.store, &links, &why);
    if (s != OK) {
        json_decref(links.list);
        goto done;
    }
    if (command_wants_json(c)) {
        document(c, &r, &t, &p, &o, links.list);
    } else {
        words(c, &r, &t, &p, &o, links.n);
    }
done:;
    int code = EXIT_YES;
    if (s == END) {
        (void)command_fail(c, FAIL, &why);
        code = EXIT_NO;
    } else if (s != OK) {
        code = command_fail(c, s, &why);
    }
    others_finish(&o);
    partition_finish(&p);
    traces_finish(&t);
    reading_close(&r);
    return code;
}

const struct command COMMAND_ITEM = {
    .name = "item",
    .purpose = "one item as a trace: where its lead time went",
    .description =
        "Every instant of the item's life belongs to one stay; the stays sum to its "
        "lead time\nexactly. \"Longer than\" says which share of all stays in that stage "
        "were no longer.",
    .arguments = ARGUMENTS,
    .examples = EXAMPLES,
    .fields = "id, type, title, state, created, finished: the item\n"
              "links: id, type, kind, direction, rule, confidence\n"
              "members: id, type of the items whose events are part of the trace\n"
              "spans: id, parent, stage, who, team, begin, end, state, undivided, critical, "
              "percentile\n"
              "lead_s, wait_s, work_s, blocked_s, between_s, parallel_s: its length and parts\n"
              "critical_path: stage, self_s, share",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
