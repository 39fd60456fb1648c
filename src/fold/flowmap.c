/* Edges and stages are numbered as they come and found by hash. An item's set of edges is a run of
 * numbers in one pool (a run that outgrows its room moves to the end, with twice the room); while
 * an item is at hand its edges carry its stamp, so membership is one comparison. The stages of an
 * item are the first one and those its edges lead to. */
#include "fold/flowmap.h"

#include "fold/saved.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct edge {
    sym from, to;
    uint32_t stage; /* number of `to` */
    uint64_t count, items, overlaps;
    i128 overlap_sum;
    samples time;
    uint64_t stamp;
};

struct stage {
    sym name;
    uint8_t category;
    uint64_t visits, items, open;
    uint64_t undivided; /* stays in `wait` and `work` that tell them apart by nothing */
    i128 sojourn;       /* of all visits, the open ones up to the log's end */
    samples time, wait, work;
    uint64_t stamp;
};

struct end { /* the first or last visit of an item, as far as an edge needs it */
    uint32_t stage;
    uint8_t flags;
    when start, end;
};

struct item {
    item_id item;
    struct end first, last;
    size_t set; /* in the pool */
    uint32_t set_n, set_cap;
};

struct flowmap {
    bool any;
    when begin, end;
    uint64_t visits;
    struct map edge_number, stage_number, item_number; /* + 1 */
    VEC(struct edge) edges;
    VEC(struct stage) stages;
    VEC(struct item) items;
    VEC(uint32_t) pool;
    uint64_t stamp;
};

static uint32_t stage_of(struct flowmap *m, sym name, uint8_t category)
{
    bool fresh = false;
    uint64_t *number = map_add(&m->stage_number, name, &fresh);
    if (fresh) {
        VEC_ADD(&m->stages, (struct stage){.name = name, .category = category});
        *number = m->stages.n;
    }
    return (uint32_t)*number - 1;
}

static uint32_t edge_of(struct flowmap *m, uint32_t from, uint32_t to)
{
    bool fresh = false;
    uint64_t *number = map_add(&m->edge_number, (uint64_t)from << 32 | to, &fresh);
    if (fresh) {
        VEC_ADD(
            &m->edges,
            (struct edge){.from = m->stages.v[from].name, .to = m->stages.v[to].name, .stage = to});
        *number = m->edges.n;
    }
    return (uint32_t)*number - 1;
}

static size_t item_of(struct flowmap *m, item_id item, bool *ret_fresh)
{
    uint64_t *number = map_add(&m->item_number, item, ret_fresh);
    if (*ret_fresh) {
        VEC_ADD(&m->items, (struct item){.item = item});
        *number = m->items.n;
    }
    return (size_t)*number - 1;
}

/* ---- membership of the item at hand ---- */

static void begin_item(struct flowmap *m, size_t number)
{
    const struct item *item = &m->items.v[number];
    m->stamp++;
    for (uint32_t i = 0; i < item->set_n; i++) {
        struct edge *edge = &m->edges.v[m->pool.v[item->set + i]];
        edge->stamp = m->stamp;
        m->stages.v[edge->stage].stamp = m->stamp;
    }
}

static void add_stage(struct flowmap *m, uint32_t stage)
{
    struct stage *s = &m->stages.v[stage];
    if (s->stamp != m->stamp) {
        s->stamp = m->stamp;
        s->items++;
    }
}

static void add_edge(struct flowmap *m, size_t number, uint32_t edge)
{
    struct edge *e = &m->edges.v[edge];
    if (e->stamp == m->stamp) {
        return;
    }
    e->stamp = m->stamp;
    e->items++;
    struct item *item = &m->items.v[number];
    if (item->set_n == item->set_cap) {
        uint32_t cap = item->set_cap > 0 ? item->set_cap * 2 : 4;
        VEC_RESERVE(&m->pool, m->pool.n + cap);
        if (item->set_n > 0) {
            memcpy(m->pool.v + m->pool.n, m->pool.v + item->set, item->set_n * sizeof *m->pool.v);
        }
        memset(m->pool.v + m->pool.n + item->set_n, 0, (cap - item->set_n) * sizeof *m->pool.v);
        item->set = m->pool.n;
        item->set_cap = cap;
        m->pool.n += cap;
    }
    m->pool.v[item->set + item->set_n++] = edge;
}

/* ---- step ---- */

static lapse difference(when later, when earlier) /* the largest instead of an overflow */
{
    lapse d = 0;
    if (__builtin_sub_overflow(later, earlier, &d)) {
        return later > earlier ? INT64_MAX : INT64_MIN;
    }
    return d;
}

static void follow(struct flowmap *m, size_t number, const struct end *a, const struct end *b)
{
    uint32_t edge = edge_of(m, a->stage, b->stage);
    struct edge *e = &m->edges.v[edge];
    e->count++;
    bool state = (a->flags & VISIT_STATE) != 0;
    if (state || (a->flags & VISIT_OPEN) == 0) {
        lapse d = difference(b->start, state ? a->start : a->end);
        if (d < 0) {
            e->overlaps++;
            e->overlap_sum = wide_add(e->overlap_sum, d);
            d = 0;
        }
        VEC_ADD(&e->time, d);
    }
    add_edge(m, number, edge);
}

static void split_sojourn(struct stage *s, const struct visit *v, lapse sojourn)
{
    bool state = (v->flags & VISIT_STATE) != 0;
    bool over = v->category == CATEGORY_DONE || v->category == CATEGORY_CANCELLED;
    if ((v->flags & (VISIT_POINT | VISIT_NO_START)) != 0 || (state && over)) {
        return; /* one stamp says nothing of when work began */
    }
    lapse wait = v->suspended;
    if (state) {
        s->undivided += v->category == CATEGORY_ACTIVE && wait == 0;
        wait = v->category == CATEGORY_ACTIVE ? wait : sojourn;
    } else if (v->enabled == WHEN_NONE) {
        VEC_ADD(&s->work, difference(difference(v->end, v->start), v->suspended));
        return;
    } else {
        wait = difference(sojourn, difference(difference(v->end, v->start), v->suspended));
    }
    VEC_ADD(&s->wait, wait);
    VEC_ADD(&s->work, difference(sojourn, wait));
}

static void stay(struct flowmap *m, uint32_t stage, const struct visit *v)
{
    struct stage *s = &m->stages.v[stage];
    s->visits++;
    m->visits++;
    bool known = v->enabled != WHEN_NONE && v->enabled <= v->start;
    lapse sojourn = difference(v->end, known ? v->enabled : v->start);
    s->sojourn = wide_add(s->sojourn, sojourn);
    const unsigned last = VISIT_STATE | VISIT_POINT; /* the status that ended its item */
    if ((v->flags & VISIT_OPEN) != 0) {
        s->open++;
    } else if ((v->flags & last) == last) {
        return;
    } else if (known || (v->flags & (VISIT_POINT | VISIT_NO_START)) == 0) {
        VEC_ADD(&s->time, sojourn);
        split_sojourn(s, v, sojourn);
    }
}

static void see_window(struct flowmap *m, when begin, when end)
{
    if (begin == WHEN_NONE || end == WHEN_NONE) {
        return;
    }
    m->begin = !m->any || begin < m->begin ? begin : m->begin;
    m->end = !m->any || end > m->end ? end : m->end;
    m->any = true;
}

static void step(void *summary, const struct traces *part)
{
    struct flowmap *m = summary;
    see_window(m, part->log_begin, part->log_end);
    for (size_t t = 0; t < part->items.n; t++) {
        const struct trace *trace = &part->items.v[t];
        if (trace->n == 0) {
            continue;
        }
        bool fresh = false;
        size_t number = item_of(m, trace->item, &fresh);
        begin_item(m, number);
        if (!fresh) {
            m->stages.v[m->items.v[number].first.stage].stamp = m->stamp;
        }
        struct end last = m->items.v[number].last;
        for (size_t i = 0; i < trace->n; i++) {
            const struct visit *v = &part->visits.v[trace->first + i];
            struct end now = {.stage = stage_of(m, v->activity, v->category),
                              .flags = v->flags & (VISIT_OPEN | VISIT_STATE),
                              .start = v->start,
                              .end = v->end};
            stay(m, now.stage, v);
            add_stage(m, now.stage);
            if (!fresh) {
                follow(m, number, &last, &now);
            } else {
                m->items.v[number].first = now;
                fresh = false;
            }
            last = now;
        }
        m->items.v[number].last = last;
    }
}

/* ---- merge ---- */

static void join(samples *left, const samples *right)
{
    if (right->n > 0) {
        VEC_RESERVE(left, left->n + right->n);
        memcpy(left->v + left->n, right->v, right->n * sizeof *left->v);
        left->n += right->n;
    }
}

static void merge_parts(struct flowmap *m, const struct flowmap *right, uint32_t *stages,
                        uint32_t *edges)
{
    for (size_t i = 0; i < right->stages.n; i++) {
        const struct stage *from = &right->stages.v[i];
        stages[i] = stage_of(m, from->name, from->category);
        struct stage *to = &m->stages.v[stages[i]];
        to->visits += from->visits;
        to->open += from->open;
        to->undivided += from->undivided;
        to->sojourn = wide_add(to->sojourn, from->sojourn);
        join(&to->time, &from->time);
        join(&to->wait, &from->wait);
        join(&to->work, &from->work);
    }
    for (size_t i = 0; i < right->edges.n; i++) {
        const struct edge *from = &right->edges.v[i];
        uint64_t tail = *map_find(&right->stage_number, from->from) - 1;
        edges[i] = edge_of(m, stages[tail], stages[from->stage]);
        struct edge *to = &m->edges.v[edges[i]];
        to->count += from->count;
        to->overlaps += from->overlaps;
        to->overlap_sum = wide_add(to->overlap_sum, from->overlap_sum);
        join(&to->time, &from->time);
    }
}

static void merge_item(struct flowmap *m, const struct flowmap *right, const struct item *item,
                       const uint32_t *stages, const uint32_t *edges)
{
    bool fresh = false;
    size_t number = item_of(m, item->item, &fresh);
    struct end first = item->first, last = item->last;
    first.stage = stages[first.stage];
    last.stage = stages[last.stage];
    begin_item(m, number);
    if (!fresh) {
        struct end before = m->items.v[number].last;
        m->stages.v[m->items.v[number].first.stage].stamp = m->stamp;
        follow(m, number, &before, &first);
    } else {
        m->items.v[number].first = first;
    }
    add_stage(m, first.stage);
    for (uint32_t i = 0; i < item->set_n; i++) {
        uint32_t edge = edges[right->pool.v[item->set + i]];
        add_edge(m, number, edge);
        add_stage(m, m->edges.v[edge].stage);
    }
    m->items.v[number].last = last;
}

static void merge(void *summary, const void *right_summary)
{
    struct flowmap *m = summary;
    const struct flowmap *right = right_summary;
    if (right->any) {
        see_window(m, right->begin, right->end);
    }
    m->visits += right->visits;
    uint32_t *stages = mem_get((right->stages.n + 1) * sizeof *stages);
    uint32_t *edges = mem_get((right->edges.n + 1) * sizeof *edges);
    merge_parts(m, right, stages, edges);
    for (size_t i = 0; i < right->items.n; i++) {
        merge_item(m, right, &right->items.v[i], stages, edges);
    }
    mem_put(stages);
    mem_put(edges);
}

static void finish(void *summary)
{
    struct flowmap *m = summary;
    for (size_t i = 0; i < m->edges.n; i++) {
        VEC_FINISH(&m->edges.v[i].time);
    }
    for (size_t i = 0; i < m->stages.n; i++) {
        VEC_FINISH(&m->stages.v[i].time);
        VEC_FINISH(&m->stages.v[i].wait);
        VEC_FINISH(&m->stages.v[i].work);
    }
    VEC_FINISH(&m->edges);
    VEC_FINISH(&m->stages);
    VEC_FINISH(&m->items);
    VEC_FINISH(&m->pool);
    map_finish(&m->edge_number);
    map_finish(&m->stage_number);
    map_finish(&m->item_number);
    *m = (struct flowmap){0};
}

/* ---- saving: the window, texts, stages, edges, items; each in the order of the texts ---- */

struct saving {
    const struct flowmap *m;
    const struct names *names;
    struct saved_texts texts;
    uint32_t *stages, *edges, *items;   /* numbers in order */
    uint64_t *stage_place, *edge_place; /* number -> place */
};

static int compare_places(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_saved_stages(const void *a, const void *b, void *cookie)
{
    const struct saving *s = cookie;
    const struct stage *v = s->m->stages.v;
    return compare_places(saved_place(&s->texts, v[*(const uint32_t *)a].name),
                          saved_place(&s->texts, v[*(const uint32_t *)b].name));
}

static int compare_saved_edges(const void *a, const void *b, void *cookie)
{
    const struct saving *s = cookie;
    const struct edge *x = &s->m->edges.v[*(const uint32_t *)a];
    const struct edge *y = &s->m->edges.v[*(const uint32_t *)b];
    int order = compare_places(saved_place(&s->texts, x->from), saved_place(&s->texts, y->from));
    return order != 0 ? order : compare_places(s->stage_place[x->stage], s->stage_place[y->stage]);
}

static int compare_saved_items(const void *a, const void *b, void *cookie)
{
    const struct saving *s = cookie;
    item_id x = s->m->items.v[*(const uint32_t *)a].item;
    item_id y = s->m->items.v[*(const uint32_t *)b].item;
    int order = compare_places(saved_place(&s->texts, names_type(s->names, x)),
                               saved_place(&s->texts, names_type(s->names, y)));
    return order != 0 ? order : str_cmp(names_key(s->names, x), names_key(s->names, y));
}

static int compare_u64(const void *a, const void *b)
{
    return compare_places(*(const uint64_t *)a, *(const uint64_t *)b);
}

static uint32_t *in_order(size_t n, int (*compare)(const void *, const void *, void *),
                          struct saving *s)
{
    uint32_t *v = mem_get((n + 1) * sizeof *v);
    for (size_t i = 0; i < n; i++) {
        v[i] = (uint32_t)i;
    }
    qsort_r(v, n, sizeof *v, compare, s);
    return v;
}

static void save_end(const struct saving *s, const struct end *e, struct buf *out)
{
    pack_u64(out, s->stage_place[e->stage]);
    pack_u64(out, e->flags);
    pack_i64(out, e->start);
    pack_i64(out, e->end);
}

static void save_items(struct saving *s, struct buf *out)
{
    const struct flowmap *m = s->m;
    VEC(uint64_t) set = {0};
    pack_u64(out, m->items.n);
    for (size_t i = 0; i < m->items.n; i++) {
        const struct item *item = &m->items.v[s->items[i]];
        pack_u64(out, saved_place(&s->texts, names_type(s->names, item->item)));
        pack_str(out, names_key(s->names, item->item));
        save_end(s, &item->first, out);
        save_end(s, &item->last, out);
        set.n = 0;
        for (uint32_t e = 0; e < item->set_n; e++) {
            VEC_ADD(&set, s->edge_place[m->pool.v[item->set + e]]);
        }
        if (set.n > 1) {
            qsort(set.v, set.n, sizeof *set.v, compare_u64);
        }
        pack_u64(out, set.n);
        for (size_t e = 0; e < set.n; e++) {
            pack_u64(out, e == 0 ? set.v[0] : set.v[e] - set.v[e - 1] - 1);
        }
    }
    VEC_FINISH(&set);
}

static void save_all(struct saving *s, struct buf *out)
{
    const struct flowmap *m = s->m;
    pack_u64(out, m->visits);
    pack_u64(out, m->stages.n);
    for (size_t i = 0; i < m->stages.n; i++) {
        const struct stage *stage = &m->stages.v[s->stages[i]];
        pack_u64(out, saved_place(&s->texts, stage->name));
        pack_u64(out, stage->category);
        pack_u64(out, stage->visits);
        pack_u64(out, stage->open);
        pack_u64(out, stage->undivided);
        pack_i128(out, stage->sojourn);
        saved_samples(stage->time.v, stage->time.n, out);
        saved_samples(stage->wait.v, stage->wait.n, out);
        saved_samples(stage->work.v, stage->work.n, out);
    }
    pack_u64(out, m->edges.n);
    for (size_t i = 0; i < m->edges.n; i++) {
        const struct edge *edge = &m->edges.v[s->edges[i]];
        uint64_t tail = *map_find(&m->stage_number, edge->from) - 1;
        pack_u64(out, s->stage_place[tail]);
        pack_u64(out, s->stage_place[edge->stage]);
        pack_u64(out, edge->count);
        pack_u64(out, edge->overlaps);
        pack_i128(out, edge->overlap_sum);
        saved_samples(edge->time.v, edge->time.n, out);
    }
    save_items(s, out);
}

static void save(const void *summary, const struct names *names, struct buf *out)
{
    const struct flowmap *m = summary;
    struct saving s = {.m = m, .names = names};
    pack_u64(out, m->any);
    if (m->any) {
        pack_i64(out, m->begin);
        pack_i64(out, m->end);
    }
    for (size_t i = 0; i < m->stages.n; i++) {
        saved_note(&s.texts, m->stages.v[i].name);
    }
    for (size_t i = 0; i < m->items.n; i++) {
        saved_note(&s.texts, names_type(names, m->items.v[i].item));
    }
    saved_arrange(&s.texts, names, out);
    s.stages = in_order(m->stages.n, compare_saved_stages, &s);
    s.stage_place = mem_get((m->stages.n + 1) * sizeof *s.stage_place);
    for (size_t i = 0; i < m->stages.n; i++) {
        s.stage_place[s.stages[i]] = i;
    }
    s.edges = in_order(m->edges.n, compare_saved_edges, &s);
    s.edge_place = mem_get((m->edges.n + 1) * sizeof *s.edge_place);
    for (size_t i = 0; i < m->edges.n; i++) {
        s.edge_place[s.edges[i]] = i;
    }
    s.items = in_order(m->items.n, compare_saved_items, &s);
    save_all(&s, out);
    mem_put(s.stages);
    mem_put(s.edges);
    mem_put(s.items);
    mem_put(s.stage_place);
    mem_put(s.edge_place);
    saved_finish(&s.texts);
}

/* ---- loading: numbers are places, so what refers to what is checked by a bound ---- */

static void load_stages(struct flowmap *m, const struct saved_texts *texts, struct unpack *from)
{
    size_t n = unpack_count(from);
    for (size_t i = 0; i < n && !from->bad; i++) {
        sym name = saved_read_sym(texts, from);
        uint8_t category = (uint8_t)unpack_below(from, CATEGORY_COUNT);
        if (from->bad || stage_of(m, name, category) != i) {
            from->bad = true;
            return;
        }
        struct stage *stage = &m->stages.v[i];
        stage->visits = unpack_u64(from);
        stage->open = unpack_u64(from);
        stage->undivided = unpack_u64(from);
        stage->sojourn = unpack_i128(from);
        saved_read_samples(&stage->time, from);
        saved_read_samples(&stage->wait, from);
        saved_read_samples(&stage->work, from);
    }
}

static void load_edges(struct flowmap *m, struct unpack *from)
{
    size_t n = unpack_count(from);
    for (size_t i = 0; i < n && !from->bad; i++) {
        uint32_t tail = (uint32_t)unpack_below(from, m->stages.n);
        uint32_t head = (uint32_t)unpack_below(from, m->stages.n);
        if (from->bad || edge_of(m, tail, head) != i) {
            from->bad = true;
            return;
        }
        struct edge *edge = &m->edges.v[i];
        edge->count = unpack_u64(from);
        edge->overlaps = unpack_u64(from);
        edge->overlap_sum = unpack_i128(from);
        saved_read_samples(&edge->time, from);
    }
}

static struct end load_end(struct flowmap *m, struct unpack *from)
{
    struct end e = {.stage = (uint32_t)unpack_below(from, m->stages.n)};
    e.flags = (uint8_t)unpack_below(from, 256) & (VISIT_OPEN | VISIT_STATE);
    e.start = unpack_i64(from);
    e.end = unpack_i64(from);
    return e;
}

static void load_items(struct flowmap *m, const struct saved_texts *texts, struct names *names,
                       struct unpack *from)
{
    size_t n = unpack_count(from);
    for (size_t i = 0; i < n && !from->bad; i++) {
        sym type = saved_read_sym(texts, from);
        str key = unpack_str(from);
        struct end first = load_end(m, from), last = load_end(m, from);
        size_t set_n = unpack_count(from);
        bool fresh = false;
        if (from->bad || (type == 0 && key.n == 0)) {
            from->bad = true;
            return;
        }
        size_t number = item_of(m, names_item(names, type, key), &fresh);
        if (!fresh) {
            from->bad = true;
            return;
        }
        m->items.v[number].first = first;
        m->items.v[number].last = last;
        begin_item(m, number);
        add_stage(m, first.stage);
        uint64_t edge = 0;
        for (size_t e = 0; e < set_n && !from->bad; e++) {
            uint64_t above = e == 0 ? 0 : edge + 1;
            edge = above + unpack_below(from, m->edges.n > above ? m->edges.n - above : 0);
            if (!from->bad) {
                add_edge(m, number, (uint32_t)edge);
                add_stage(m, m->edges.v[edge].stage);
            }
        }
    }
}

static status_code load(void *summary, struct names *names, str bytes, struct error *why)
{
    struct flowmap *m = summary;
    struct unpack from = {.rest = bytes};
    struct saved_texts texts = {0};
    m->any = unpack_below(&from, 2) == 1;
    if (m->any) {
        m->begin = unpack_i64(&from);
        m->end = unpack_i64(&from);
    }
    saved_read_texts(&texts, names, &from);
    m->visits = unpack_u64(&from);
    load_stages(m, &texts, &from);
    load_edges(m, &from);
    load_items(m, &texts, names, &from);
    saved_finish(&texts);
    if (from.bad || from.rest.n > 0) {
        finish(m);
        return error_set(why, "a saved flow map is damaged (%zu bytes)", bytes.n);
    }
    return OK;
}

const struct fold flowmap_fold = {
    .name = "map",
    .size = sizeof(struct flowmap),
    .order = FOLD_SEQUENCE,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

/* ---- showing ---- */

static struct flowmap_count *counts_of(const struct flowmap *m, bool first, struct arena *arena,
                                       size_t *ret_n)
{
    struct flowmap_count *counts = ARENA_ARRAY(arena, struct flowmap_count, m->stages.n + 1);
    for (size_t i = 0; i < m->stages.n; i++) {
        counts[i].name = m->stages.v[i].name;
    }
    for (size_t i = 0; i < m->items.n; i++) {
        counts[first ? m->items.v[i].first.stage : m->items.v[i].last.stage].n++;
    }
    size_t n = 0;
    for (size_t i = 0; i < m->stages.n; i++) {
        if (counts[i].n > 0) {
            counts[n++] = counts[i];
        }
    }
    *ret_n = n;
    return counts;
}

void flowmap_show(const struct flowmap *m, const struct names *names, struct arena *arena,
                  struct flowmap_result *ret)
{
    struct flowmap_result r = {.visits = m->visits,
                               .items = m->items.n,
                               .begin = m->any ? m->begin : WHEN_NONE,
                               .end = m->any ? m->end : WHEN_NONE,
                               .exact = true,
                               .stage_times = true,
                               .edge_n = m->edges.n,
                               .stage_n = m->stages.n};
    double window = m->any ? (double)difference(m->end, m->begin) : 0;
    r.edges = ARENA_ARRAY(arena, struct flowmap_edge, m->edges.n + 1);
    for (size_t i = 0; i < m->edges.n; i++) {
        const struct edge *e = &m->edges.v[i];
        r.edges[i] = (struct flowmap_edge){.from = e->from,
                                           .to = e->to,
                                           .count = e->count,
                                           .items = e->items,
                                           .overlaps = e->overlaps,
                                           .overlap_sum = (double)e->overlap_sum,
                                           .time = distribution_of(e->time.v, e->time.n)};
    }
    r.stages = ARENA_ARRAY(arena, struct flowmap_stage, m->stages.n + 1);
    for (size_t i = 0; i < m->stages.n; i++) {
        const struct stage *s = &m->stages.v[i];
        bool divided = s->undivided < s->wait.n || s->work.n > s->wait.n;
        r.stages[i] = (struct flowmap_stage){
            .name = s->name,
            .category = s->category,
            .visits = s->visits,
            .items = s->items,
            .rework_visits = s->visits > s->items ? s->visits - s->items : 0,
            .wip_now = s->open,
            .wip = window > 0 ? (double)s->sojourn / window : 0,
            .time = distribution_of(s->time.v, s->time.n),
            .wait = distribution_of(s->wait.v, divided ? s->wait.n : 0),
            .work = distribution_of(s->work.v, divided ? s->work.n : 0),
        };
    }
    r.starts = counts_of(m, true, arena, &r.start_n);
    r.ends = counts_of(m, false, arena, &r.end_n);
    flowmap_arrange(&r, names);
    *ret = r;
}
