#include "fold/partition.h"

#include <assert.h>
#include <stdlib.h>

/* The claims of the visits are painted on the cells between all their edges, the strongest claim
 * first; `next` skips what is painted already, so that every cell is painted once: n log n. */

struct claim {
    when begin, end;
    size_t visit;
    int64_t rank; /* further down the stream: higher */
    uint8_t class;
    bool undivided;
};

struct first_seen {
    sym stage;
    size_t index, first;
};

struct partition_room {
    VEC(struct claim) claims;
    VEC(struct first_seen) seen;
    VEC(when) edges;
    VEC(size_t) next;
    VEC(size_t) owner; /* of a cell: claim + 1, 0 none */
};

static int by_stage(const void *a, const void *b)
{
    const struct first_seen *x = a;
    const struct first_seen *y = b;
    if (x->stage != y->stage) {
        return x->stage < y->stage ? -1 : 1;
    }
    return (x->index > y->index) - (x->index < y->index);
}

static int by_index(const void *a, const void *b)
{
    const struct first_seen *x = a;
    const struct first_seen *y = b;
    return (x->index > y->index) - (x->index < y->index);
}

/* For each visit of the item the index of the first one of the same stage. */
static void find_first(struct partition_room *room, const struct visit *visits, size_t n)
{
    room->seen.n = 0;
    for (size_t i = 0; i < n; i++) {
        VEC_ADD(&room->seen, (struct first_seen){visits[i].activity, i, i});
    }
    if (n < 2) {
        return;
    }
    qsort(room->seen.v, n, sizeof *room->seen.v, by_stage);
    for (size_t i = 1; i < n; i++) {
        if (room->seen.v[i].stage == room->seen.v[i - 1].stage) {
            room->seen.v[i].first = room->seen.v[i - 1].first;
        }
    }
    qsort(room->seen.v, n, sizeof *room->seen.v, by_index);
}

static bool is_waiting_stage(const struct visit *v)
{
    return v->category != CATEGORY_ACTIVE && v->category != CATEGORY_BLOCKED;
}

static void add_claims(struct partition_room *room, const struct trace *life, const struct visit *v,
                       size_t visit, int64_t rank)
{
    struct flow_visit t = flow_visit(life, v);
    struct claim wait = {t.from, t.start, visit, rank, CLASS_WAIT, (v->flags & VISIT_POINT) != 0};
    struct claim stay = {t.start, t.end, visit, rank, CLASS_WORK, (v->flags & VISIT_STATE) != 0};
    if (v->category == CATEGORY_BLOCKED) {
        stay.class = CLASS_BLOCKED;
        stay.undivided = false;
    } else if (is_waiting_stage(v)) {
        stay.class = CLASS_WAIT;
        stay.undivided = false;
        wait.undivided = false;
    } else if (t.suspended > 0) {
        struct claim idle = {t.start, t.start + t.suspended, visit, rank, CLASS_WAIT, false};
        VEC_ADD(&room->claims, idle);
        stay.begin = idle.end;
    }
    if (wait.begin < wait.end) {
        VEC_ADD(&room->claims, wait);
    }
    if (stay.begin < stay.end) {
        VEC_ADD(&room->claims, stay);
    }
}

static int by_strength(const void *a, const void *b)
{
    const struct claim *x = a;
    const struct claim *y = b;
    if (x->class != y->class) {
        return x->class < y->class ? -1 : 1;
    }
    if (x->rank != y->rank) {
        return x->rank > y->rank ? -1 : 1;
    }
    if (x->visit != y->visit) {
        return x->visit > y->visit ? -1 : 1;
    }
    return (x->begin > y->begin) - (x->begin < y->begin);
}

static int by_time(const void *a, const void *b)
{
    when x = *(const when *)a;
    when y = *(const when *)b;
    return (x > y) - (x < y);
}

static size_t edge_index(const struct partition_room *room, when t)
{
    const when *hit = bsearch(&t, room->edges.v, room->edges.n, sizeof t, by_time);
    assert(hit != NULL);
    return (size_t)(hit - room->edges.v);
}

static void make_edges(struct partition_room *room, when begin, when end)
{
    room->edges.n = 0;
    VEC_ADD(&room->edges, begin);
    VEC_ADD(&room->edges, end);
    for (size_t i = 0; i < room->claims.n; i++) {
        VEC_ADD(&room->edges, room->claims.v[i].begin);
        VEC_ADD(&room->edges, room->claims.v[i].end);
    }
    qsort(room->edges.v, room->edges.n, sizeof(when), by_time);
    size_t kept = 1;
    for (size_t i = 1; i < room->edges.n; i++) {
        if (room->edges.v[i] != room->edges.v[kept - 1]) {
            room->edges.v[kept++] = room->edges.v[i];
        }
    }
    room->edges.n = kept;
    room->next.n = 0;
    room->owner.n = 0;
    for (size_t i = 0; i < kept; i++) {
        VEC_ADD(&room->next, i);
        VEC_ADD(&room->owner, 0);
    }
}

static size_t unpainted(struct partition_room *room, size_t cell) /* at or after; path halving */
{
    size_t *next = room->next.v;
    while (next[cell] != cell) {
        next[cell] = next[next[cell]];
        cell = next[cell];
    }
    return cell;
}

static void paint(struct partition_room *room)
{
    if (room->claims.n > 0) {
        qsort(room->claims.v, room->claims.n, sizeof *room->claims.v, by_strength);
    }
    for (size_t i = 0; i < room->claims.n; i++) {
        size_t end = edge_index(room, room->claims.v[i].end);
        size_t cell = unpainted(room, edge_index(room, room->claims.v[i].begin));
        for (; cell < end; cell = unpainted(room, cell)) {
            room->owner.v[cell] = i + 1;
            room->next.v[cell] = cell + 1;
        }
    }
}

static struct stay stay_of(const struct partition_room *room, const struct traces *t, size_t cell)
{
    struct stay s = {.begin = room->edges.v[cell],
                     .end = room->edges.v[cell + 1],
                     .visit = SIZE_MAX,
                     .class = CLASS_BETWEEN};
    if (room->owner.v[cell] > 0) {
        const struct claim *c = &room->claims.v[room->owner.v[cell] - 1];
        s.stage = t->visits.v[c->visit].activity;
        s.visit = c->visit;
        s.class = c->class;
        s.undivided = c->undivided;
    }
    return s;
}

static void collect(struct partition *p, const struct traces *t)
{
    lapse sum = 0;
    for (size_t cell = 0; cell + 1 < p->room->edges.n; cell++) {
        struct stay s = stay_of(p->room, t, cell);
        struct stay *last = p->stays.n > 0 ? &p->stays.v[p->stays.n - 1] : NULL;
        sum += s.end - s.begin;
        if (last != NULL && last->visit == s.visit && last->class == s.class &&
            last->undivided == s.undivided) {
            last->end = s.end;
        } else {
            VEC_ADD(&p->stays, s);
        }
    }
    assert(sum == p->length);
}

void partition_of(struct partition *p, const struct flow *f, const struct traces *t,
                  const struct trace *life)
{
    if (p->room == NULL) {
        p->room = mem_get(sizeof *p->room);
    }
    p->stays.n = 0;
    p->parallel = 0;
    p->length = flow_lapse(NULL, life->begin, life->end);
    if (p->length == 0) {
        return;
    }
    struct trace own = *life; /* a life longer than a lapse can say is cut */
    own.end = own.begin + p->length;
    struct partition_room *room = p->room;
    room->claims.n = 0;
    bool told = f != NULL && f->order_n > 0;
    if (!told) {
        find_first(room, &t->visits.v[life->first], life->n);
    }
    for (size_t i = 0; i < life->n; i++) {
        const struct visit *v = &t->visits.v[life->first + i];
        int64_t rank = told ? flow_rank(f, v->activity) : (int64_t)room->seen.v[i].first;
        add_claims(room, &own, v, life->first + i, rank);
    }
    make_edges(room, own.begin, own.end);
    paint(room);
    collect(p, t);
    lapse covered = 0;
    for (size_t i = 0; i < p->stays.n; i++) {
        covered +=
            p->stays.v[i].class == CLASS_BETWEEN ? 0 : p->stays.v[i].end - p->stays.v[i].begin;
    }
    lapse claimed = 0;
    for (size_t i = 0; i < room->claims.n; i++) {
        lapse d = room->claims.v[i].end - room->claims.v[i].begin;
        claimed = __builtin_add_overflow(claimed, d, &claimed) ? INT64_MAX : claimed;
    }
    p->parallel = claimed - covered;
}

void partition_finish(struct partition *p)
{
    if (p->room != NULL) {
        VEC_FINISH(&p->room->claims);
        VEC_FINISH(&p->room->seen);
        VEC_FINISH(&p->room->edges);
        VEC_FINISH(&p->room->next);
        VEC_FINISH(&p->room->owner);
        mem_put(p->room);
    }
    VEC_FINISH(&p->stays);
    *p = (struct partition){0};
}
