#include "engine/events.h"

#include "base/buf.h"
#include "base/mem.h"
#include "wire/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A column that begins to exist with its first value that is not empty. */
#define GROW(column, cap) ((column) = mem_grow((column), (cap), sizeof *(column)))

struct reference { /* of an event to an item beyond its subject */
    uint32_t row;
    item_id item;
};

struct loader {
    struct events *e;
    const struct names *names;
    sym item_type;
    size_t cap;
    uint64_t *seq; /* of the rows kept; only where further items are asked for */
    bool wants_seq;
    const struct projection *projection;
    VEC(struct reference) further;
    VEC(uint64_t) bad;      /* seqs of events left out for their time, of subjects not asked for */
    uint64_t bad_counted;   /* seq + 1 of the last of them that concerned a wanted item */
    unsigned char *allowed; /* by item; NULL: all */
    size_t allowed_n;
    struct progress *progress;
};

static bool is_wanted(const struct loader *l, item_id item)
{
    if (item == 0 || (l->item_type != 0 && names_type(l->names, item) != l->item_type)) {
        return false;
    }
    return l->allowed == NULL || (item < l->allowed_n && l->allowed[item] != 0);
}

/* The items of the kind that an item is linked to. */
static size_t roots_of(const struct loader *l, item_id item, const item_id **ret)
{
    const struct projection *p = l->projection;
    if (p == NULL || item >= p->n) {
        return 0;
    }
    *ret = p->root + p->first[item];
    return p->first[item + 1] - p->first[item];
}

/* Puts the event into the groups of those that its item is linked to. */
static void refer_roots(struct loader *l, size_t row, item_id item)
{
    const item_id *roots = NULL;
    size_t n = roots_of(l, item, &roots);
    for (size_t i = 0; i < n; i++) {
        if (is_wanted(l, roots[i]) && roots[i] != l->e->item[row]) {
            VEC_ADD(&l->further, (struct reference){(uint32_t)row, roots[i]});
        }
    }
}

static void grow(struct loader *l, size_t wanted)
{
    if (wanted <= l->cap) {
        return;
    }
    struct events *e = l->e;
    size_t cap = l->cap < 8192 ? 8192 : l->cap + l->cap / 2;
    l->cap = cap < wanted ? wanted : cap;
    GROW(e->item, l->cap);
    GROW(e->activity, l->cap);
    GROW(e->time, l->cap);
    if (l->wants_seq) {
        GROW(l->seq, l->cap);
    }
#define GROW_SYM(column)                                                                           \
    if (e->column != NULL) {                                                                       \
        GROW(e->column, l->cap);                                                                   \
    }
    GROW_SYM(type)
    GROW_SYM(instance)
    GROW_SYM(actor)
    GROW_SYM(team)
    GROW_SYM(begin)
    GROW_SYM(life)
#undef GROW_SYM
}

static void copy_sym(struct loader *l, sym **column, const sym *from, size_t i, size_t row)
{
    if (*column == NULL && from[i] != 0) {
        *column = mem_grow(NULL, l->cap, sizeof **column);
        memset(*column, 0, row * sizeof **column);
    }
    if (*column != NULL) {
        (*column)[row] = from[i];
    }
}

static status_code take(const struct log *log, void *cookie, struct error *why)
{
    struct loader *l = cookie;
    struct events *e = l->e;
    if (e->n + log->n > UINT32_MAX) {
        return error_set(why, "more than 4 billion events do not fit in memory");
    }
    grow(l, e->n + log->n);
    for (size_t i = 0; i < log->n; i++) {
        bool wanted = is_wanted(l, log->item[i]);
        const item_id *roots = NULL;
        if (!wanted && !l->wants_seq && roots_of(l, log->item[i], &roots) == 0) {
            continue; /* without further items nobody else can ask for it */
        }
        if (log->quality[i] == TIME_BAD) {
            if (wanted) {
                e->bad_times++;
            } else {
                VEC_ADD(&l->bad, log->seq[i]);
            }
            continue;
        }
        size_t row = e->n++;
        e->item[row] = log->item[i];
        e->activity[row] = log->activity[i];
        e->time[row] = log->time[i];
        if (l->wants_seq) {
            l->seq[row] = log->seq[i];
        }
        refer_roots(l, row, log->item[i]);
        copy_sym(l, &e->type, log->type, i, row);
        copy_sym(l, &e->instance, log->instance, i, row);
        copy_sym(l, &e->actor, log->actor, i, row);
        copy_sym(l, &e->team, log->team, i, row);
        if (e->begin == NULL && log->begin[i] != WHEN_NONE) {
            e->begin = mem_grow(NULL, l->cap, sizeof *e->begin);
            for (size_t k = 0; k < row; k++) {
                e->begin[k] = WHEN_NONE;
            }
        }
        if (e->begin != NULL) {
            e->begin[row] = log->begin[i];
        }
        uint8_t life = log->life[i];
        if (e->life == NULL && life != LIFE_NONE) {
            e->life = mem_grow(NULL, l->cap, sizeof *e->life);
            memset(e->life, LIFE_NONE, row);
        }
        if (e->life != NULL) {
            e->life[row] = life;
        }
    }
    progress_step(l->progress, e->n);
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

static size_t seq_place(const uint64_t *seqs, size_t n, uint64_t seq) /* n: not there */
{
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (seqs[middle] < seq) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < n && seqs[low] == seq ? low : n;
}

/* Events and further items both come in ascending order of seq. */
static status_code take_further(const struct stored_item *f, void *cookie, struct error *why)
{
    (void)why;
    struct loader *l = cookie;
    struct events *e = l->e;
    bool wanted = is_wanted(l, f->item);
    const item_id *roots = NULL;
    if (!wanted && roots_of(l, f->item, &roots) == 0) {
        return OK;
    }
    size_t row = seq_place(l->seq, e->n, f->seq);
    if (row < e->n) {
        if (wanted && e->item[row] != f->item) {
            VEC_ADD(&l->further, (struct reference){(uint32_t)row, f->item});
        }
        refer_roots(l, row, f->item);
    } else if (wanted && l->bad_counted != f->seq + 1 &&
               seq_place(l->bad.v, l->bad.n, f->seq) < l->bad.n) {
        l->bad_counted = f->seq + 1;
        e->bad_times++;
    }
    return OK;
}

/* One reference a row and item: an event may name the same item under two qualifiers. */
static int by_row_and_item(const void *a, const void *b)
{
    const struct reference *x = a, *y = b;
    if (x->row != y->row) {
        return x->row < y->row ? -1 : 1;
    }
    return (x->item > y->item) - (x->item < y->item);
}

static void once_each(struct loader *l)
{
    if (l->further.n == 0) {
        return;
    }
    qsort(l->further.v, l->further.n, sizeof *l->further.v, by_row_and_item);
    size_t kept = 1;
    for (size_t i = 1; i < l->further.n; i++) {
        if (by_row_and_item(&l->further.v[i - 1], &l->further.v[i]) != 0) {
            l->further.v[kept++] = l->further.v[i];
        }
    }
    l->further.n = kept;
}

/* Counting sort of the references by item; items numbered by their first event. */
static void group(struct loader *l)
{
    struct events *e = l->e;
    size_t item_n = l->names->item_n;
    uint32_t *place = mem_get(item_n * sizeof *place); /* item → number + 1 */
    size_t *count = NULL;
    size_t cap = 0, total = 0;
    once_each(l);
    for (int round = 0; round < 2; round++) { /* first count, then place */
        size_t next = 0;
        for (size_t row = 0; row < e->n; row++) {
            item_id item = e->item[row];
            bool own = is_wanted(l, item);
            size_t references = 0;
            while (true) {
                if (!own) {
                    if (next >= l->further.n || l->further.v[next].row != row) {
                        break;
                    }
                    item = l->further.v[next++].item;
                }
                own = false;
                references++;
                if (round == 0) {
                    if (place[item] == 0) {
                        if (e->item_count == cap) {
                            cap = cap > 0 ? cap * 2 : 1024;
                            e->items = mem_grow(e->items, cap, sizeof *e->items);
                            count = mem_grow(count, cap, sizeof *count);
                        }
                        assert(count != NULL);
                        e->items[e->item_count] = item;
                        count[e->item_count++] = 0;
                        place[item] = (uint32_t)e->item_count;
                    }
                    assert(count != NULL);
                    count[place[item] - 1]++;
                    total++;
                } else {
                    assert(count != NULL);
                    e->rows[count[place[item] - 1]++] = (uint32_t)row;
                }
            }
            e->repeated += round == 0 && references > 1 ? references - 1 : 0;
        }
        if (round == 0) {
            e->row_count = total;
            e->rows = mem_grow(NULL, total + 1, sizeof *e->rows);
            e->first = mem_grow(NULL, e->item_count + 1, sizeof *e->first);
            size_t at = 0;
            for (size_t i = 0; i < e->item_count; i++) {
                assert(count != NULL);
                e->first[i] = at;
                at += count[i];
                count[i] = e->first[i];
            }
            e->first[e->item_count] = at;
        }
    }
    mem_put(place);
    mem_put(count);
}

/* Rows of one item by (time, subject, number): the order that store_compact leaves, so that what is
 * woven from ties does not depend on whether a store was compacted. */
static int by_time(const void *a, const void *b, void *cookie)
{
    const struct events *e = cookie;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (e->time[x] != e->time[y]) {
        return e->time[x] < e->time[y] ? -1 : 1;
    }
    if (e->item[x] != e->item[y]) {
        return e->item[x] < e->item[y] ? -1 : 1;
    }
    return (x > y) - (x < y);
}

/* Needed where stored order can differ from it: an item's events of several subjects, and
 * intervals, whose ties are in their begin. All others weaving puts in order of (time, number). */
static void order_rows(struct events *e, bool several_subjects)
{
    for (size_t i = 0; i < e->item_count && (several_subjects || e->begin != NULL); i++) {
        uint32_t *rows = e->rows + e->first[i];
        size_t n = e->first[i + 1] - e->first[i];
        bool ordered = true;
        for (size_t k = 1; k < n && ordered; k++) {
            ordered = by_time(&rows[k - 1], &rows[k], e) < 0;
        }
        if (!ordered) {
            qsort_r(rows, n, sizeof *rows, by_time, e);
        }
    }
}

static void span(struct events *e)
{
    e->begins = e->ends = WHEN_NONE;
    for (size_t i = 0; i < e->row_count; i++) {
        uint32_t row = e->rows[i];
        when last = e->time[row];
        when from = e->begin != NULL && e->begin[row] != WHEN_NONE && e->begin[row] < last
                        ? e->begin[row]
                        : last;
        e->begins = e->begins == WHEN_NONE || from < e->begins ? from : e->begins;
        e->ends = e->ends == WHEN_NONE || last > e->ends ? last : e->ends;
    }
}

/* Which items one condition allows: marks bit `bit` of every item that meets it. */
struct marker {
    const struct names *names;
    struct event_where where;
    sym value;
    unsigned char *met;
    size_t n;
    bool wants_seq; /* there are further items */
    uint64_t *seqs; /* of events that meet it, for them */
    size_t seq_n, seq_cap;
};

static void mark(struct marker *m, item_id item)
{
    if (item < m->n) {
        m->met[item] = 1;
    }
}

static bool is_escaped(str text) /* in JSON it may look otherwise */
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\' || c == '/') {
            return true;
        }
    }
    return false;
}

static bool attr_says(str attrs, const struct event_where *w)
{
    if (attrs.n == 0 || (!is_escaped(w->key) && str_find(attrs, w->key) == attrs.n)) {
        return false; /* most events end here, before anything is parsed */
    }
    json_t *json = NULL;
    struct error why = {0};
    struct buf key = {0}, value = {0};
    bool says = false;
    if (json_parse(attrs, 0, "attributes", &json, &why) == OK) {
        buf_add(&key, w->key);
        const json_t *found = json_object_get(json, buf_cstr(&key));
        says = found != NULL && json_scalar(found, &value) && str_eq(buf_str(&value), w->value);
        json_decref(json);
    }
    buf_finish(&key);
    buf_finish(&value);
    return says;
}

static status_code mark_events(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct marker *m = cookie;
    const sym *column = str_eq(m->where.key, STR("team"))       ? log->team
                        : str_eq(m->where.key, STR("actor"))    ? log->actor
                        : str_eq(m->where.key, STR("activity")) ? log->activity
                        : str_eq(m->where.key, STR("event"))    ? log->type
                                                                : NULL;
    for (size_t i = 0; i < log->n; i++) {
        bool met = column != NULL ? column[i] == m->value : attr_says(log->attrs[i], &m->where);
        if (met) {
            mark(m, log->item[i]);
            if (!m->wants_seq) {
                continue;
            }
            if (m->seq_n == m->seq_cap) {
                m->seq_cap = m->seq_cap > 0 ? m->seq_cap * 2 : 256;
                m->seqs = mem_grow(m->seqs, m->seq_cap, sizeof *m->seqs);
            }
            m->seqs[m->seq_n++] = log->seq[i];
        }
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

static status_code mark_further(const struct stored_item *f, void *cookie, struct error *why)
{
    (void)why;
    struct marker *m = cookie;
    if (seq_place(m->seqs, m->seq_n, f->seq) < m->seq_n) {
        mark(m, f->item);
    }
    return OK;
}

static status_code mark_attr(const struct item_attr *a, void *cookie, struct error *why)
{
    (void)why;
    struct marker *m = cookie;
    if (str_eq(names_text(m->names, a->name), m->where.key) && str_eq(a->value, m->where.value)) {
        mark(m, a->item);
    }
    return OK;
}

static status meet(struct store *store, const struct event_where *where, bool wants_seq,
                   unsigned char *met, size_t n, struct error *why)
{
    const struct names *names = store_names(store);
    struct marker m = {.names = names, .where = *where, .wants_seq = wants_seq, .met = met, .n = n};
    if (str_eq(where->key, STR("item"))) {
        for (item_id item = 1; item < n; item++) {
            met[item] = str_eq(names_key(names, item), where->value);
        }
        return OK;
    }
    unsigned column = str_eq(where->key, STR("team"))       ? COL_TEAM
                      : str_eq(where->key, STR("actor"))    ? COL_ACTOR
                      : str_eq(where->key, STR("activity")) ? COL_ACTIVITY
                      : str_eq(where->key, STR("event"))    ? COL_TYPE
                                                            : COL_ATTRS;
    if (column != COL_ATTRS &&
        (!names_find(names, where->value, &m.value) || where->value.n == 0)) {
        return OK; /* no event can hold a text that the dictionary lacks */
    }
    struct slice slice = SLICE_ALL(COL_SEQ | COL_ITEM | column);
    status_code s = store_scan(store, &slice, mark_events, &m, why);
    if (s == OK && m.seq_n > 0) {
        s = store_scan_items(store, mark_further, &m, why);
    }
    if (s == OK && column == COL_ATTRS) {
        s = store_scan_attrs(store, mark_attr, &m, why);
    }
    mem_put(m.seqs);
    return s;
}

static status allow(struct loader *l, struct store *store, const struct event_query *query,
                    struct error *why)
{
    size_t n = l->names->item_n;
    for (size_t w = 0; w < query->where_count; w++) {
        unsigned char *met = mem_get(n);
        status_code s = meet(store, &query->where[w], l->wants_seq, met, n, why);
        if (s != OK) {
            mem_put(met);
            return s;
        }
        if (l->allowed == NULL) {
            l->allowed = met;
            l->allowed_n = n;
            continue;
        }
        for (size_t i = 0; i < n; i++) {
            l->allowed[i] &= met[i];
        }
        mem_put(met);
    }
    return OK;
}

static status_code notice_further(const struct stored_item *f, void *cookie, struct error *why)
{
    (void)f;
    (void)why;
    *(bool *)cookie = true;
    return END; /* one is enough */
}

status events_load(struct store *store, const struct event_query *query, struct events *ret,
                   struct error *why)
{
    *ret = (struct events){.begins = WHEN_NONE, .ends = WHEN_NONE};
    struct loader l = {
        .e = ret,
        .names = store_names(store),
        .item_type = query->item_type,
        .projection = query->projection,
        .progress = query->progress,
    };
    status_code s;
    s = store_scan_items(store, notice_further, &l.wants_seq, why);
    if (s != OK && s != END) {
        return s;
    }
    TRY_GOTO(s, done, allow(&l, store, query, why));
    struct slice slice = {
        .columns = COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_INSTANCE | COL_ACTOR | COL_TEAM |
                   COL_TIME | COL_BEGIN | COL_LIFE | COL_QUALITY | (l.wants_seq ? COL_SEQ : 0),
        .from = WHEN_NONE,
        .to = WHEN_NONE,
        .item_type = l.wants_seq || l.projection != NULL ? 0 : query->item_type,
    };
    progress_begin(query->progress, "read", "events", 0);
    s = store_scan(store, &slice, take, &l, why);
    progress_end(query->progress);
    if (s != OK) {
        goto done;
    }
    if (l.wants_seq) {
        TRY_GOTO(s, done, store_scan_items(store, take_further, &l, why));
    }
    group(&l);
    order_rows(ret, l.further.n > 0);
    span(ret);
done:
    mem_put(l.seq);
    mem_put(l.allowed);
    VEC_FINISH(&l.bad);
    VEC_FINISH(&l.further);
    return s;
}

void events_finish(struct events *e)
{
    mem_put(e->item);
    mem_put(e->type);
    mem_put(e->activity);
    mem_put(e->instance);
    mem_put(e->actor);
    mem_put(e->team);
    mem_put(e->time);
    mem_put(e->begin);
    mem_put(e->life);
    mem_put(e->rows);
    mem_put(e->items);
    mem_put(e->first);
    *e = (struct events){.begins = WHEN_NONE, .ends = WHEN_NONE};
}

/* Events are counted by item first: types stand far apart in memory, and items are many. */
struct kind_counter {
    uint64_t *events;      /* by item */
    VEC(item_id) subjects; /* by seq; only where there are further items */
    uint64_t *counted_at;  /* by item: seq + 1 of the last event counted for it */
};

static status_code count_events(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct kind_counter *k = cookie;
    for (size_t i = 0; i < log->n; i++) {
        k->events[log->item[i]]++;
        if (k->counted_at != NULL) {
            VEC_ADD(&k->subjects, log->item[i]);
        }
    }
    return OK;
}

static status_code count_further(const struct stored_item *f, void *cookie, struct error *why)
{
    (void)why;
    struct kind_counter *k = cookie;
    bool is_subject = f->seq < k->subjects.n && k->subjects.v[f->seq] == f->item;
    if (!is_subject && k->counted_at[f->item] != f->seq + 1) { /* an event counts once an item */
        k->counted_at[f->item] = f->seq + 1;
        k->events[f->item]++;
    }
    return OK;
}

static void count_kinds(const struct names *names, const uint64_t *events, struct event_kinds *ret)
{
    struct map at = {0}; /* type → place + 1 */
    ret->of_nothing = events[0];
    for (item_id item = 1; item < names->item_n; item++) {
        if (events[item] == 0) {
            continue;
        }
        sym type = names_type(names, item);
        uint64_t *place = map_add(&at, type, NULL);
        if (*place == 0) {
            VEC_ADD(&ret->v, (struct event_kind){.type = type});
            *place = ret->v.n;
        }
        ret->v.v[*place - 1].events += events[item];
        ret->v.v[*place - 1].items++;
    }
    map_finish(&at);
}

static int by_events(const void *a, const void *b)
{
    const struct event_kind *x = a, *y = b;
    if (x->events != y->events) {
        return x->events > y->events ? -1 : 1;
    }
    return (x->type > y->type) - (x->type < y->type);
}

status events_kinds(struct store *store, struct event_kinds *ret, struct error *why)
{
    const struct names *names = store_names(store);
    struct kind_counter k = {.events = mem_get(names->item_n * sizeof *k.events)};
    bool has_further = false;
    status_code s = store_scan_items(store, notice_further, &has_further, why);
    s = s == END ? OK : s;
    if (has_further) {
        k.counted_at = mem_get(names->item_n * sizeof *k.counted_at);
    }
    struct slice slice = SLICE_ALL(COL_ITEM);
    if (s == OK) {
        s = store_scan(store, &slice, count_events, &k, why);
    }
    if (s == OK && has_further) {
        s = store_scan_items(store, count_further, &k, why);
    }
    if (s == OK) {
        count_kinds(names, k.events, ret);
    }
    if (ret->v.n > 0) {
        qsort(ret->v.v, ret->v.n, sizeof *ret->v.v, by_events);
    }
    mem_put(k.events);
    mem_put(k.counted_at);
    VEC_FINISH(&k.subjects);
    return s;
}
