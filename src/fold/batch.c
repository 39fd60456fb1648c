#include "fold/batch.h"

#include "fold/rowfold.h"
#include "math/kendall.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>

enum passage_key { P_STAGE, P_OTHER, P_KIND, P_FROM, P_TO, P_END, P_KEYS };
enum passage_kind { PASSAGE_START, PASSAGE_POINT, PASSAGE_STAY };

static const struct rows_shape PASSAGES = {
    .keys = P_KEYS, .values = 1, .counts = 1, .names = 1 << P_STAGE | 1 << P_OTHER};
static const struct rows_shape MOVES = {.keys = 2, .values = 1, .names = 1, .counts = 1};

enum {
    LEAST = 20,         /* passages, to say anything */
    LEAST_MOMENTS = 3,  /* of a gate */
    TIMER_MOMENTS = 10, /* different ends: one clean-up is no timer */
    LATTICE_PARTS = 12, /* a moment that nobody used makes the median gap a multiple of the step */
    BULK = 20,
    TRAIN_PART = 10, /* a train carries at least this part of the usual batch */
};
static const double GATE_SHARE = .5, GATE_WAITED = .5, GATE_FIRST = .5;
static const double LATTICE_WIDTH = .01; /* of the step */
static const double GATE_GRAINS = 5;     /* a step of fewer grains of the clock shows the clock */
static const double TIMER_CV = .1, TIMER_MASS = .3, TIMER_WIDTH = .05;
/* A broad hump has a third of what lies within 15 % within 5 %; a fixed time nearly all of it. */
static const double TIMER_AROUND = .15, TIMER_STANDS_OUT = .6;
static const double TIMER_GRAINS = 10; /* so that +-5 % is at least one grain */

static void add_passage(struct batch_summary *s, const struct traces *part,
                        const struct trace *life, size_t i)
{
    const struct visit *v = &part->visits.v[life->first + i];
    struct flow_visit t = flow_visit(life, v);
    bool open = (v->flags & VISIT_OPEN) != 0;
    sym before = i > 0 ? v[-1].activity : 0;
    sym after = i + 1 < life->n ? v[1].activity : 0;
    int64_t key[P_KEYS] = {v->activity, before,  PASSAGE_START,
                           t.from,      t.start, open ? WHEN_NONE : t.end};
    if (v->flags & (VISIT_STATE | VISIT_POINT)) {
        if (open) {
            return; /* has not passed yet */
        }
        key[P_TO] = t.end;
        if (v->flags & VISIT_STATE) {
            key[P_OTHER] = after;
            key[P_KIND] = PASSAGE_STAY;
        } else {
            key[P_KIND] = PASSAGE_POINT;
        }
    }
    *rows_at(&s->passages, &PASSAGES, key) += 1;
    if (v->actor != 0) {
        *rows_at(&s->moves, &MOVES, (int64_t[]){v->actor, clock_floor(key[P_TO], MINUTE)}) += 1;
    }
}

static void step(void *summary, const struct traces *part)
{
    struct batch_summary *s = summary;
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        for (size_t k = 0; k < life->n; k++) {
            add_passage(s, part, life, k);
        }
    }
}

static const struct rowfold LAYOUT = {
    .size = sizeof(struct batch_summary),
    .tables = {{offsetof(struct batch_summary, passages), &PASSAGES},
               {offsetof(struct batch_summary, moves), &MOVES}},
};
ROWFOLD(LAYOUT)

const struct fold FOLD_BATCH = {
    .name = "batch",
    .size = sizeof(struct batch_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

/* --- one stage ------------------------------------------------------------------------------- */

struct passage { /* a row, of one stage */
    when from, to, end;
    sym other;
    uint64_t count;
};

struct stage_passages {
    VEC(struct passage) v;
    VEC(struct grouped) moments; /* instants with their number of passages */
    VEC(struct grouped) gaps;
    VEC(when) ends;
    VEC(struct kendall_pair) pairs;
};

static lapse wait_of(const struct passage *p)
{
    return flow_lapse(NULL, p->from, p->to);
}

/* The precision of the stage's clock: the coarsest unit that divides all its times. */
static lapse grain_of(const struct stage_passages *s)
{
    static const lapse UNITS[] = {DAY, HOUR, MINUTE, SECOND};
    size_t unit = 0;
    for (size_t i = 0; i < s->v.n; i++) {
        while (unit < 4 && (s->v.v[i].from % UNITS[unit] != 0 || s->v.v[i].to % UNITS[unit] != 0)) {
            unit++;
        }
    }
    return unit < 4 ? UNITS[unit] : SECOND / 1000;
}

static int by_to(const void *a, const void *b)
{
    const struct passage *x = a;
    const struct passage *y = b;
    return (x->to > y->to) - (x->to < y->to);
}

/* The different instants of passage with at least `least` passages each. */
static void find_moments(struct stage_passages *s, uint64_t least)
{
    s->moments.n = 0;
    for (size_t i = 0; i < s->v.n;) {
        when t = s->v.v[i].to;
        uint64_t count = 0;
        for (; i < s->v.n && s->v.v[i].to == t; i++) {
            count += s->v.v[i].count;
        }
        if (count >= least) {
            VEC_ADD(&s->moments, (struct grouped){t, count});
        }
    }
}

/* The size of the batch that the median passage was in. */
static uint64_t usual_batch(const struct stage_passages *s)
{
    struct grouped *sizes = mem_get((s->moments.n + 1) * sizeof *sizes);
    for (size_t i = 0; i < s->moments.n; i++) {
        uint64_t count = s->moments.v[i].count;
        sizes[i] = (struct grouped){(int64_t)count, count};
    }
    size_t n = grouped_sort(sizes, s->moments.n);
    double usual = n > 0 ? grouped_quantile(sizes, n, .5) : 0;
    mem_put(sizes);
    return (uint64_t)usual;
}

static double median_gap(struct stage_passages *s)
{
    s->gaps.n = 0;
    for (size_t i = 1; i < s->moments.n; i++) {
        lapse gap = flow_lapse(NULL, s->moments.v[i - 1].value, s->moments.v[i].value);
        VEC_ADD(&s->gaps, (struct grouped){gap, 1});
    }
    s->gaps.n = grouped_sort(s->gaps.v, s->gaps.n);
    return grouped_quantile(s->gaps.v, s->gaps.n, .5);
}

/* Share of the passages that come a whole number of steps after the moment before. */
static double lattice_share(const struct stage_passages *s, double step, uint64_t passages)
{
    uint64_t on = 0;
    for (size_t i = 1; i < s->moments.n && step > 0; i++) {
        double steps =
            (double)flow_lapse(NULL, s->moments.v[i - 1].value, s->moments.v[i].value) / step;
        double whole = nearbyint(steps);
        if (whole >= 1 && fabs(steps - whole) <= LATTICE_WIDTH) {
            on += s->moments.v[i].count + (i == 1 ? s->moments.v[0].count : 0);
        }
    }
    return (double)on / (double)passages;
}

static const struct grouped *moment_after(const struct stage_passages *s, when t) /* strictly */
{
    size_t low = 0;
    size_t high = s->moments.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->moments.v[middle].value <= t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < s->moments.n ? &s->moments.v[low] : NULL;
}

/* Of the passages that waited for a moment, the share that took the first one. */
static double first_share(const struct stage_passages *s)
{
    uint64_t waited = 0;
    uint64_t first = 0;
    for (size_t i = 0; i < s->v.n; i++) {
        const struct passage *p = &s->v.v[i];
        if (wait_of(p) > 0) {
            const struct grouped *next = moment_after(s, p->from);
            waited += p->count;
            first += next != NULL && next->value == p->to ? p->count : 0;
        }
    }
    return waited == 0 ? 0 : (double)first / (double)waited;
}

static void describe_gate(struct stage_passages *s, struct batch_stage *g)
{
    g->moments = s->moments.n;
    struct grouped *sizes = mem_get((s->moments.n + 1) * sizeof *sizes);
    for (size_t i = 0; i < s->moments.n; i++) {
        sizes[i] = (struct grouped){(int64_t)s->moments.v[i].count, 1};
    }
    size_t n = grouped_sort(sizes, s->moments.n);
    g->batch_p50 = grouped_quantile(sizes, n, .5);
    g->batch_max = n > 0 ? (double)sizes[n - 1].value : 0;
    mem_put(sizes);
}

/* `v` is sorted by the instant of passage. */
static void find_gate(struct stage_passages *s, struct batch_stage *g, lapse grain)
{
    find_moments(s, 2);
    uint64_t shared = grouped_count(s->moments.v, s->moments.n);
    g->shared = (double)shared / (double)g->passages;
    bool company = g->shared >= GATE_SHARE;
    if (company) { /* a few that left together between two trains are no train */
        uint64_t least = usual_batch(s) / TRAIN_PART;
        find_moments(s, least > 2 ? least : 2);
    }
    double period = median_gap(s);
    if (!company) {
        find_moments(s, 1);
        double median = median_gap(s);
        for (int part = 1; part <= LATTICE_PARTS && g->lattice < GATE_SHARE; part++) {
            double share = lattice_share(s, median / part, g->passages);
            if (share > g->lattice) {
                g->lattice = share;
                period = median / part;
            }
        }
    } else {
        g->lattice = lattice_share(s, period, g->passages);
    }
    if ((!company && g->lattice < GATE_SHARE) || g->passages < LEAST ||
        s->moments.n < LEAST_MOMENTS || period < GATE_GRAINS * (double)grain ||
        (double)g->waited <= GATE_WAITED * (double)g->passages || first_share(s) < GATE_FIRST) {
        return;
    }
    g->kind = BATCH_GATE;
    g->period = period;
    describe_gate(s, g);
}

struct segment {
    sym other;
    double time;
    bool is_timer;
    double length, steady, cv;
};

static int by_other(const void *a, const void *b)
{
    const struct passage *x = a;
    const struct passage *y = b;
    if (x->other != y->other) {
        return x->other < y->other ? -1 : 1;
    }
    return by_to(a, b);
}

static struct segment segment_of(const struct passage *p, size_t n, struct grouped *room,
                                 lapse grain)
{
    struct segment g = {.other = p->other};
    size_t waits = 0;
    uint64_t all = 0;
    size_t moments = 0;
    for (size_t i = 0; i < n; i++) {
        all += p[i].count;
        moments += i == 0 || p[i].to != p[i - 1].to;
        lapse wait = wait_of(&p[i]);
        if (wait > 0) {
            room[waits++] = (struct grouped){wait, p[i].count};
        }
    }
    waits = grouped_sort(room, waits);
    uint64_t waited = grouped_count(room, waits);
    g.time = grouped_sum(room, waits);
    if (waited < LEAST || waited * 2 < all || moments < TIMER_MOMENTS) {
        return g;
    }
    int64_t mode;
    int64_t around;
    double mean = grouped_mean(room, waits);
    g.steady = grouped_mode(room, waits, TIMER_WIDTH, &mode);
    g.length = (double)mode;
    g.cv = grouped_stdev(room, waits) / mean;
    g.is_timer = (g.cv < TIMER_CV && mean >= 2 * (double)grain) ||
                 (g.steady > TIMER_MASS && g.length >= TIMER_GRAINS * (double)grain &&
                  g.steady >= TIMER_STANDS_OUT * grouped_mode(room, waits, TIMER_AROUND, &around));
    return g;
}

/* The stage is a timer when segments of fixed length hold most of its time. */
static void find_timer(struct stage_passages *s, struct batch_stage *g, lapse grain)
{
    qsort(s->v.v, s->v.n, sizeof *s->v.v, by_other);
    struct grouped *room = mem_get((s->v.n + 1) * sizeof *room);
    struct segment largest = {0};
    double fixed = 0;
    for (size_t i = 0; i < s->v.n;) {
        size_t begin = i;
        while (i < s->v.n && s->v.v[i].other == s->v.v[begin].other) {
            i++;
        }
        struct segment seg = segment_of(&s->v.v[begin], i - begin, room, grain);
        if (seg.is_timer) {
            fixed += seg.time;
            largest = seg.time > largest.time ? seg : largest;
        }
    }
    mem_put(room);
    if (fixed * 2 > g->wait) {
        g->kind = BATCH_TIMER;
        g->toward = largest.other;
        g->length = largest.length;
        g->steady = largest.steady;
        g->cv = largest.cv;
    }
}

static int by_time(const void *a, const void *b)
{
    when x = *(const when *)a;
    when y = *(const when *)b;
    return (x > y) - (x < y);
}

/* Four ends of a row are enough to be each other's company. */
static double batch_index(struct stage_passages *s)
{
    s->ends.n = 0;
    for (size_t i = 0; i < s->v.n; i++) {
        for (uint64_t k = 0; k < s->v.v[i].count && k < 4 && s->v.v[i].end != WHEN_NONE; k++) {
            VEC_ADD(&s->ends, s->v.v[i].end);
        }
    }
    if (s->ends.n == 0) {
        return 0;
    }
    assert(s->ends.v != NULL);
    qsort(s->ends.v, s->ends.n, sizeof(when), by_time);
    size_t crowded = 0;
    size_t low = 0;
    size_t high = 0;
    for (size_t i = 0; i < s->ends.n; i++) {
        while (flow_lapse(NULL, s->ends.v[low], s->ends.v[i]) > MINUTE) {
            low++;
        }
        while (high < s->ends.n && flow_lapse(NULL, s->ends.v[i], s->ends.v[high]) <= MINUTE) {
            high++;
        }
        crowded += high - low >= 4;
    }
    return (double)crowded / (double)s->ends.n;
}

static double order_index(struct stage_passages *s)
{
    s->pairs.n = 0;
    for (size_t i = 0; i < s->v.n; i++) {
        if (s->v.v[i].end != WHEN_NONE) {
            VEC_ADD(&s->pairs, (struct kendall_pair){s->v.v[i].from, s->v.v[i].end});
        }
    }
    return kendall_tau(s->pairs.v, s->pairs.n);
}

static struct batch_stage stage_of(struct stage_passages *s, sym stage)
{
    assert(s->v.n > 0 && s->v.v != NULL);
    struct batch_stage g = {.stage = stage};
    i128 wait = 0;
    for (size_t i = 0; i < s->v.n; i++) {
        lapse w = wait_of(&s->v.v[i]);
        g.passages += s->v.v[i].count;
        g.waited += w > 0 ? s->v.v[i].count : 0;
        wait += (i128)w * s->v.v[i].count;
    }
    g.wait = (double)wait;
    g.price = g.wait / (double)g.passages;
    g.order_index = order_index(s);
    g.batch_index = batch_index(s);
    lapse grain = grain_of(s);
    qsort(s->v.v, s->v.n, sizeof *s->v.v, by_to);
    find_gate(s, &g, grain);
    find_timer(s, &g, grain); /* the narrower claim: it wins */
    return g;
}

/* --- shown ----------------------------------------------------------------------------------- */

static int by_wait(const void *a, const void *b)
{
    const struct batch_stage *x = a;
    const struct batch_stage *y = b;
    if (x->wait != y->wait) {
        return x->wait > y->wait ? -1 : 1;
    }
    return (x->stage > y->stage) - (x->stage < y->stage);
}

static int by_minute(const void *a, const void *b)
{
    const struct batch_move *x = a;
    const struct batch_move *y = b;
    if (x->minute != y->minute) {
        return x->minute < y->minute ? -1 : 1;
    }
    return (x->actor > y->actor) - (x->actor < y->actor);
}

static void show_moves(const struct batch_summary *s, struct batch_report *ret)
{
    for (int pass = 0; pass < 2; pass++) { /* count, then fill */
        ret->move_n = 0;
        for (size_t row = 0; row < s->moves.n; row++) {
            const int64_t *key = ROWS_KEY(&s->moves, &MOVES, row);
            i128 count = *ROWS_VALUE(&s->moves, &MOVES, row);
            if (count > BULK) {
                if (pass > 0) {
                    ret->moves[ret->move_n] =
                        (struct batch_move){(sym)key[0], key[1], (uint64_t)count};
                }
                ret->move_n++;
            }
        }
        if (pass == 0) {
            ret->moves = mem_get((ret->move_n + 1) * sizeof *ret->moves);
        }
    }
    if (ret->move_n > 0) {
        qsort(ret->moves, ret->move_n, sizeof *ret->moves, by_minute);
    }
}

void batch_show(const struct batch_summary *s, struct batch_report *ret)
{
    *ret = (struct batch_report){0};
    uint32_t *order = rows_sorted(&s->passages, &PASSAGES);
    struct stage_passages stage = {0};
    VEC(struct batch_stage) stages = {0};
    for (size_t i = 0; i < s->passages.n;) {
        int64_t number = ROWS_KEY(&s->passages, &PASSAGES, order[i])[P_STAGE];
        stage.v.n = 0;
        for (; i < s->passages.n; i++) {
            const int64_t *key = ROWS_KEY(&s->passages, &PASSAGES, order[i]);
            if (key[P_STAGE] != number) {
                break;
            }
            uint64_t count = (uint64_t)*ROWS_VALUE(&s->passages, &PASSAGES, order[i]);
            VEC_ADD(&stage.v,
                    (struct passage){key[P_FROM], key[P_TO], key[P_END], (sym)key[P_OTHER], count});
        }
        VEC_ADD(&stages, stage_of(&stage, (sym)number));
    }
    if (stages.n > 0) {
        qsort(stages.v, stages.n, sizeof *stages.v, by_wait);
    }
    ret->stages = stages.v;
    ret->n = stages.n;
    show_moves(s, ret);
    VEC_FINISH(&stage.v);
    VEC_FINISH(&stage.moments);
    VEC_FINISH(&stage.gaps);
    VEC_FINISH(&stage.ends);
    VEC_FINISH(&stage.pairs);
    mem_put(order);
}

void batch_report_finish(struct batch_report *r)
{
    mem_put(r->stages);
    mem_put(r->moves);
    *r = (struct batch_report){0};
}
