/* One item at a time: its events are put in order of (time, input), each is asked what it is (a
 * point, an interval, a step of a lifecycle, nothing), and visits come out; then the visits are put
 * in order and marked. Starts wait for their complete in queues by (activity, instance), kept in a
 * hash table that is sized by the item and cleared with it, so that a log takes linear time
 * whatever it holds. */
#include "model/weave.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct row { /* an event of the item at hand */
    when at; /* its begin, or its only instant */
    uint32_t order;
    size_t row; /* in the log */
};

struct waiting { /* a start or a schedule without its complete so far */
    size_t visit;
    when time;         /* of the schedule */
    when suspended_at; /* WHEN_NONE: not suspended */
    uint32_t next;     /* number + 1 */
};

struct queue {
    uint32_t first, last; /* number + 1 */
};

struct pairing {
    uint64_t key;
    bool taken;
    struct queue started, scheduled;
};

struct weaver {
    struct weave_options options;
    struct weave_counts counts;
    bool status_log, has_life, has_starts, staged;
    when log_end;
    /* of the item at hand */
    VEC(struct row) rows;
    VEC(struct waiting) waiting;
    struct pairing *pairings;
    size_t pairing_cap, pairing_mask;
    size_t first;   /* its first visit in the traces */
    size_t stay;    /* the open stay, SIZE_MAX: none */
    when queued_at; /* the open stay is in its queue since; WHEN_NONE: not */
    when done;      /* WHEN_NONE: not known to be, so far */
    bool ended;     /* by a stage of category done or cancelled */
    bool cancelled;
    bool pairs; /* the table of pairings is ready for the item */
    /* by activity */
    VEC(uint32_t) seen;      /* item stamp */
    VEC(uint8_t) categories; /* 1 + category */
    uint32_t stamp;
};

/* ---- facts ---- */

void log_facts_step(struct log_facts *f, const struct log *log)
{
    for (size_t i = 0; i < log->n; i++) {
        when time = log->time[i];
        bool interval = log->begin != NULL && log->begin[i] != WHEN_NONE;
        when begin = interval && log->begin[i] < time ? log->begin[i] : time;
        uint8_t life = log->life != NULL ? log->life[i] : LIFE_NONE;
        f->events++;
        f->intervals += interval;
        f->life[life <= LIFE_STATUS ? life : LIFE_OTHER]++;
        if (log->quality != NULL && log->quality[i] == TIME_BAD) {
            continue;
        }
        f->begin = !f->any || begin < f->begin ? begin : f->begin;
        f->end = !f->any || time > f->end ? time : f->end;
        f->any = true;
    }
}

void log_facts_merge(struct log_facts *f, const struct log_facts *right)
{
    f->events += right->events;
    f->intervals += right->intervals;
    for (size_t i = 0; i <= LIFE_STATUS; i++) {
        f->life[i] += right->life[i];
    }
    if (right->any) {
        f->begin = !f->any || right->begin < f->begin ? right->begin : f->begin;
        f->end = !f->any || right->end > f->end ? right->end : f->end;
        f->any = true;
    }
}

bool log_facts_status_log(const struct log_facts *f)
{
    return f->life[LIFE_STATUS] > 0;
}

/* ---- the weaver ---- */

struct weaver *weave_open(const struct weave_options *options)
{
    struct weaver *w = mem_get(sizeof *w);
    const struct log_facts *facts = &options->facts;
    w->options = *options;
    w->status_log = log_facts_status_log(facts);
    w->has_life = facts->life[LIFE_NONE] + facts->life[LIFE_STATUS] < facts->events;
    w->has_starts = facts->life[LIFE_START] + facts->life[LIFE_SCHEDULE] > 0;
    w->staged = stages_rules(options->stages) > 0;
    w->log_end = options->log_end != WHEN_NONE ? options->log_end
                 : facts->any                  ? facts->end
                                               : WHEN_NONE;
    return w;
}

void weave_close(struct weaver *w)
{
    if (w != NULL) {
        VEC_FINISH(&w->rows);
        VEC_FINISH(&w->waiting);
        VEC_FINISH(&w->seen);
        VEC_FINISH(&w->categories);
        mem_put(w->pairings);
        mem_put(w);
    }
}

const struct weave_counts *weave_counted(const struct weaver *w)
{
    return &w->counts;
}

static when on_clock(const struct weaver *w, when t)
{
    return t != WHEN_NONE ? calendar_at(w->options.clock, t) : WHEN_NONE;
}

#define GROW_BY_SYM(vec, sym_)                                                                     \
    do {                                                                                           \
        if ((size_t)(sym_) >= (vec)->n) {                                                          \
            size_t n_ = (vec)->n;                                                                  \
            VEC_RESERVE(vec, (size_t)(sym_) + 1);                                                  \
            (vec)->n = (vec)->cap;                                                                 \
            memset((vec)->v + n_, 0, ((vec)->n - n_) * sizeof *(vec)->v);                          \
        }                                                                                          \
    } while (0)

static void next_stamp(struct weaver *w)
{
    if (++w->stamp == 0) { /* four billion items later */
        if (w->seen.n > 0) {
            memset(w->seen.v, 0, w->seen.n * sizeof *w->seen.v);
        }
        w->stamp = 1;
    }
}

/* ---- what an event is ---- */

static enum category category_of_activity(struct weaver *w, sym activity)
{
    if (w->options.names == NULL || !w->status_log || w->options.events != WEAVE_DEFAULT) {
        return CATEGORY_ACTIVE; /* only statuses speak of what kind they are */
    }
    GROW_BY_SYM(&w->categories, activity);
    uint8_t *known = &w->categories.v[activity];
    if (*known == 0) {
        *known = (uint8_t)(1 + category_guess(names_text(w->options.names, activity)));
    }
    return (enum category)(*known - 1);
}

struct happening { /* an event with its meaning */
    when at, end;  /* a point: both its instant */
    bool negative; /* an interval that ends before it begins */
    uint32_t order;
    enum life life;
    struct stage stage;
    sym activity, instance, actor, team; /* activity: of the event, not the stage */
};

enum meaning { MEANS_NOTHING, MEANS_POINT, MEANS_STAY, MEANS_INTERVAL, MEANS_STEP };

static enum meaning meaning_of_life(struct weaver *w, enum life life)
{
    switch (life) {
    case LIFE_NONE:
        return MEANS_POINT;
    case LIFE_COMPLETE:
        return w->has_starts ? MEANS_STEP : MEANS_POINT;
    case LIFE_SCHEDULE:
    case LIFE_START:
    case LIFE_SUSPEND:
    case LIFE_RESUME:
    case LIFE_CANCEL:
        return MEANS_STEP;
    case LIFE_STATUS:
        w->counts.ignored++;
        return MEANS_NOTHING;
    default:
        w->counts.other_life++;
        return MEANS_NOTHING;
    }
}

static enum meaning meaning_of(struct weaver *w, const struct log *log, size_t row, enum life life)
{
    enum meaning meaning = MEANS_POINT;
    switch (w->options.events) {
    case WEAVE_ALL:
        break;
    case WEAVE_START:
        if (w->has_life && life != LIFE_START) {
            w->counts.ignored++;
            return MEANS_NOTHING;
        }
        break;
    default:
        if (w->status_log && (w->options.events == WEAVE_DEFAULT || !w->has_life)) {
            return MEANS_STAY;
        }
        meaning = log->begin != NULL && log->begin[row] != WHEN_NONE ? MEANS_INTERVAL
                                                                     : meaning_of_life(w, life);
    }
    return meaning == MEANS_POINT && w->staged ? MEANS_STAY : meaning;
}

static struct happening happening_of(struct weaver *w, const struct log *log, const struct row *row)
{
    size_t i = row->row;
    struct happening h = {
        .at = row->at,
        .end = log->time[i],
        .negative =
            log->begin != NULL && log->begin[i] != WHEN_NONE && log->begin[i] > log->time[i],
        .order = row->order,
        .life = log->life != NULL ? (enum life)log->life[i] : LIFE_NONE,
        .activity = log->activity[i],
        .instance = log->instance != NULL ? log->instance[i] : 0,
        .actor = log->actor != NULL ? log->actor[i] : 0,
        .team = log->team != NULL ? log->team[i] : 0,
    };
    if (w->options.stages != NULL) {
        h.stage = stages_of(w->options.stages, log->type != NULL ? log->type[i] : 0, h.activity,
                            h.actor, h.team);
        h.team = h.stage.team != 0 ? h.stage.team : h.team;
    } else {
        h.stage = (struct stage){.name = h.activity,
                                 .match = STAGE_ENTERED,
                                 .category = (uint8_t)category_of_activity(w, h.activity)};
    }
    return h;
}

/* ---- visits of the item ---- */

static size_t add_visit(struct weaver *w, struct traces *traces, const struct happening *h,
                        unsigned flags)
{
    VEC_ADD(&traces->visits, (struct visit){
                                 .activity = h->stage.name,
                                 .actor = h->actor,
                                 .team = h->team,
                                 .enabled = WHEN_NONE,
                                 .start = h->at,
                                 .end = h->at,
                                 .order = h->order,
                                 .flags = (uint8_t)flags,
                                 .category = h->stage.category,
                             });
    w->counts.visits++;
    return traces->visits.n - 1;
}

static void leave_queue(struct weaver *w, struct visit *stay, when t)
{
    if (w->queued_at != WHEN_NONE) {
        stay->suspended += calendar_working(w->options.clock, w->queued_at, t);
        w->queued_at = WHEN_NONE;
    }
}

static void close_stay(struct weaver *w, struct traces *traces, when t)
{
    if (w->stay != SIZE_MAX) {
        struct visit *stay = &traces->visits.v[w->stay];
        leave_queue(w, stay, t);
        stay->end = t;
        w->stay = SIZE_MAX;
    }
}

static void enter(struct weaver *w, struct traces *traces, const struct happening *h)
{
    bool queued = h->stage.match == STAGE_QUEUED;
    struct visit *stay = w->stay != SIZE_MAX ? &traces->visits.v[w->stay] : NULL;
    if (w->staged && stay != NULL && stay->activity == h->stage.name) { /* it goes on */
        stay->actor = stay->actor != 0 ? stay->actor : h->actor;
        if (!queued) {
            leave_queue(w, stay, h->at);
        } else if (w->queued_at == WHEN_NONE) {
            w->queued_at = h->at;
        }
        return;
    }
    close_stay(w, traces, h->at);
    w->stay = add_visit(w, traces, h, VISIT_STATE);
    traces->visits.v[w->stay].enabled = h->at;
    w->queued_at = queued ? h->at : WHEN_NONE;
    bool cancelled = h->stage.category == CATEGORY_CANCELLED;
    if (w->staged && (cancelled || h->stage.category == CATEGORY_DONE)) {
        traces->visits.v[w->stay].flags |= VISIT_POINT;
        w->stay = SIZE_MAX;
        w->queued_at = WHEN_NONE;
        w->done = w->done != WHEN_NONE ? w->done : h->at;
        w->ended = true;
        w->cancelled = cancelled;
    }
}

static void add_interval(struct weaver *w, struct traces *traces, const struct happening *h)
{
    close_stay(w, traces, h->at);
    size_t added = add_visit(w, traces, h, 0);
    struct visit *visit = &traces->visits.v[added];
    visit->end = h->end;
    if (h->negative) {
        visit->flags |= VISIT_CLAMPED;
        w->counts.negative++;
        w->counts.clamped++;
    }
    if (w->done != WHEN_NONE && visit->end > w->done) { /* begun before the item was done */
        visit->end = w->done;
        w->counts.after_end++;
    }
}

static struct pairing *pairing_of(struct weaver *w, sym activity, sym instance)
{
    uint64_t key = (uint64_t)activity << 32 | instance;
    if (!w->pairs) {
        size_t cap = 16;
        while (cap < w->rows.n * 2) {
            cap *= 2;
        }
        if (cap > w->pairing_cap) {
            w->pairings = mem_grow(w->pairings, cap, sizeof *w->pairings);
            w->pairing_cap = cap;
        }
        memset(w->pairings, 0, cap * sizeof *w->pairings);
        w->pairing_mask = cap - 1;
        w->pairs = true;
    }
    size_t i = (key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 32 & w->pairing_mask;
    while (w->pairings[i].taken && w->pairings[i].key != key) {
        i = (i + 1) & w->pairing_mask;
    }
    w->pairings[i].taken = true;
    w->pairings[i].key = key;
    return &w->pairings[i];
}

static void put(struct weaver *w, struct queue *q, struct waiting one)
{
    VEC_ADD(&w->waiting, one);
    uint32_t number = (uint32_t)w->waiting.n;
    if (q->first == 0) {
        q->first = number;
    } else {
        w->waiting.v[q->last - 1].next = number;
    }
    q->last = number;
}

static struct waiting *take(struct weaver *w, struct queue *q)
{
    if (q->first == 0) {
        return NULL;
    }
    struct waiting *one = &w->waiting.v[q->first - 1];
    q->first = one->next;
    return one;
}

static void resume(struct weaver *w, struct traces *traces, struct waiting *one, when t)
{
    if (one->suspended_at != WHEN_NONE) {
        traces->visits.v[one->visit].suspended +=
            calendar_working(w->options.clock, one->suspended_at, t);
        one->suspended_at = WHEN_NONE;
    }
}

static void start(struct weaver *w, struct traces *traces, const struct happening *h,
                  struct pairing *pairing)
{
    close_stay(w, traces, h->at);
    size_t visit = add_visit(w, traces, h, VISIT_OPEN);
    const struct waiting *scheduled = take(w, &pairing->scheduled);
    if (scheduled != NULL) {
        traces->visits.v[visit].enabled = scheduled->time;
    }
    put(w, &pairing->started, (struct waiting){.visit = visit, .suspended_at = WHEN_NONE});
}

static void complete(struct weaver *w, struct traces *traces, const struct happening *h,
                     struct pairing *pairing)
{
    struct waiting *started = take(w, &pairing->started);
    if (started != NULL) {
        struct visit *visit = &traces->visits.v[started->visit];
        resume(w, traces, started, h->at);
        visit->end = h->at;
        visit->flags &= (uint8_t)~VISIT_OPEN;
        visit->actor = visit->actor != 0 ? visit->actor : h->actor;
        visit->team = visit->team != 0 ? visit->team : h->team;
        return;
    }
    const struct waiting *scheduled = take(w, &pairing->scheduled);
    if (h->life == LIFE_CANCEL) { /* withdrawn before it began */
        w->counts.other_life += scheduled != NULL ? 2 : 1;
        return;
    }
    close_stay(w, traces, h->at);
    size_t visit = add_visit(w, traces, h, VISIT_NO_START);
    w->counts.no_start++;
    if (scheduled != NULL) {
        traces->visits.v[visit].enabled = scheduled->time;
    }
}

static void step(struct weaver *w, struct traces *traces, const struct happening *h)
{
    struct pairing *pairing = pairing_of(w, h->activity, h->instance);
    struct waiting *oldest =
        pairing->started.first != 0 ? &w->waiting.v[pairing->started.first - 1] : NULL;
    switch (h->life) {
    case LIFE_SCHEDULE:
        put(w, &pairing->scheduled, (struct waiting){.time = h->at, .suspended_at = WHEN_NONE});
        break;
    case LIFE_START:
        start(w, traces, h, pairing);
        break;
    case LIFE_SUSPEND:
        if (oldest != NULL && oldest->suspended_at == WHEN_NONE) {
            oldest->suspended_at = h->at;
        } else {
            w->counts.other_life++;
        }
        break;
    case LIFE_RESUME:
        if (oldest != NULL && oldest->suspended_at != WHEN_NONE) {
            resume(w, traces, oldest, h->at);
        } else {
            w->counts.other_life++;
        }
        break;
    default:
        complete(w, traces, h, pairing);
    }
}

static void happen(struct weaver *w, const struct log *log, const struct row *row,
                   struct traces *traces)
{
    struct happening h = happening_of(w, log, row);
    if (h.stage.match == STAGE_IGNORED || h.stage.match == STAGE_UNMAPPED) {
        *(h.stage.match == STAGE_IGNORED ? &w->counts.ignored : &w->counts.unmapped) += 1;
        return;
    }
    enum meaning meaning = meaning_of(w, log, row->row, h.life);
    if (meaning == MEANS_NOTHING) {
        return;
    }
    if (w->ended || (w->done != WHEN_NONE && h.at > w->done)) {
        w->counts.after_end++;
        return;
    }
    switch (meaning) {
    case MEANS_STAY:
        enter(w, traces, &h);
        break;
    case MEANS_INTERVAL:
        add_interval(w, traces, &h);
        break;
    case MEANS_STEP:
        step(w, traces, &h);
        break;
    default:
        close_stay(w, traces, h.at);
        add_visit(w, traces, &h, VISIT_POINT);
    }
}

/* ---- the end of the item ---- */

static void leave_open(struct weaver *w, struct visit *visit)
{
    if (w->done != WHEN_NONE) { /* what the item was done with ended with it */
        visit->end = w->done > visit->start ? w->done : visit->start;
        visit->flags &= (uint8_t)~VISIT_OPEN;
        return;
    }
    visit->flags |= VISIT_OPEN;
    visit->end = w->log_end;
    if (visit->end < visit->start) {
        visit->end = visit->start;
        visit->flags |= VISIT_CLAMPED;
        w->counts.clamped++;
    }
}

static void end_stay(struct weaver *w, struct traces *traces)
{
    if (w->stay == SIZE_MAX) {
        return;
    }
    struct visit *stay = &traces->visits.v[w->stay];
    bool cancelled = stay->category == CATEGORY_CANCELLED;
    bool last = cancelled || stay->category == CATEGORY_DONE || w->options.ends_unsaid;
    if (w->done == WHEN_NONE && last) { /* a log without stages: its last status ended the item */
        w->cancelled = cancelled;
        stay->flags |= VISIT_POINT;
    } else {
        leave_open(w, stay);
        leave_queue(w, stay, stay->end);
    }
}

static void end_pairs(struct weaver *w, struct traces *traces)
{
    for (size_t i = 0; w->pairs && i <= w->pairing_mask; i++) {
        struct pairing *pairing = &w->pairings[i];
        struct waiting *one = NULL;
        while (pairing->taken && (one = take(w, &pairing->started)) != NULL) {
            struct visit *visit = &traces->visits.v[one->visit];
            w->counts.no_end++;
            leave_open(w, visit);
            resume(w, traces, one, visit->end);
        }
        while (pairing->taken && take(w, &pairing->scheduled) != NULL) {
            w->counts.other_life++; /* scheduled, and nothing came of it */
        }
    }
}

static int compare_visits(const void *a, const void *b)
{
    const struct visit *x = a, *y = b;
    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }
    if (x->end != y->end) {
        return x->end < y->end ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

static void end_item(struct weaver *w, struct traces *traces, item_id item)
{
    end_stay(w, traces);
    end_pairs(w, traces);
    size_t n = traces->visits.n - w->first;
    if (n == 0) {
        w->counts.no_visit++;
        return;
    }
    struct visit *visits = &traces->visits.v[w->first];
    bool sorted = true;
    for (size_t i = 1; i < n && sorted; i++) {
        sorted = compare_visits(&visits[i - 1], &visits[i]) <= 0;
    }
    if (!sorted) {
        qsort(visits, n, sizeof *visits, compare_visits);
    }
    when created = item_time(&w->options.created, item);
    struct trace trace = {.item = item,
                          .first = w->first,
                          .n = n,
                          .begin = visits[0].start,
                          .end = visits[0].end,
                          .flags = w->cancelled ? TRACE_CANCELLED : 0};
    if (created == WHEN_NONE && trace.begin < w->options.complete_from &&
        w->options.complete_from != WHEN_NONE) {
        trace.flags |= TRACE_LEFT;
    }
    next_stamp(w);
    for (size_t i = 0; i < n; i++) {
        struct visit *visit = &visits[i];
        visit->item = item;
        trace.begin = visit->enabled != WHEN_NONE && visit->enabled < trace.begin ? visit->enabled
                                                                                  : trace.begin;
        trace.end = visit->end > trace.end ? visit->end : trace.end;
        trace.flags |= (visit->flags & VISIT_OPEN) != 0 ? TRACE_OPEN : 0;
        GROW_BY_SYM(&w->seen, visit->activity);
        visit->flags |= w->seen.v[visit->activity] == w->stamp ? VISIT_REWORK : 0;
        w->seen.v[visit->activity] = w->stamp;
        visit->enabled = on_clock(w, visit->enabled);
        visit->start = on_clock(w, visit->start);
        visit->end = on_clock(w, visit->end);
    }
    trace.begin = created != WHEN_NONE && created < trace.begin ? created : trace.begin;
    trace.end = w->done != WHEN_NONE && w->done > trace.end ? w->done : trace.end;
    trace.begin = on_clock(w, trace.begin);
    trace.end = on_clock(w, trace.end);
    VEC_ADD(&traces->items, trace);
    w->counts.items++;
}

/* ---- a chunk ---- */

static int compare_rows(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    return (x->order > y->order) - (x->order < y->order);
}

static int compare_seqs(const void *a, const void *b, void *log)
{
    const uint64_t *seq = ((const struct log *)log)->seq;
    const uint64_t x = seq[((const struct row *)a)->row], y = seq[((const struct row *)b)->row];
    return (x > y) - (x < y);
}

static void gather(struct weaver *w, const struct log *log, size_t from, size_t to)
{
    w->rows.n = 0;
    VEC_RESERVE(&w->rows, to - from);
    bool in_order = true, by_input = true;
    for (size_t i = from; i < to; i++) {
        w->counts.events++;
        if (log->quality != NULL && log->quality[i] == TIME_BAD) {
            w->counts.bad_time++;
            continue;
        }
        when at = log->time[i];
        if (log->begin != NULL && log->begin[i] != WHEN_NONE && log->begin[i] < at &&
            w->options.events != WEAVE_ALL) {
            at = log->begin[i];
        }
        if (w->rows.n > 0) {
            const struct row *before = &w->rows.v[w->rows.n - 1];
            in_order = in_order && before->at <= at;
            by_input = by_input && (log->seq == NULL || log->seq[before->row] < log->seq[i]);
        }
        VEC_ADD(&w->rows, (struct row){.at = at, .order = (uint32_t)w->rows.n, .row = i});
    }
    if (!by_input) {
        qsort_r(w->rows.v, w->rows.n, sizeof *w->rows.v, compare_seqs, (void *)(uintptr_t)log);
        for (size_t i = 0; i < w->rows.n; i++) {
            w->rows.v[i].order = (uint32_t)i;
        }
    }
    if (!in_order || !by_input) {
        qsort(w->rows.v, w->rows.n, sizeof *w->rows.v, compare_rows);
    }
}

void weave_step(struct weaver *w, const struct log *log, struct traces *traces)
{
    const struct log_facts *facts = &w->options.facts;
    traces->log_begin = on_clock(w, facts->any ? facts->begin : WHEN_NONE);
    traces->log_end = on_clock(w, w->log_end);
    for (size_t from = 0, to = 0; from < log->n; from = to) {
        for (to = from + 1; to < log->n && log->item[to] == log->item[from]; to++) {
        }
        if (log->item[from] == 0) { /* events of no item */
            w->counts.events += to - from;
            w->counts.ignored += to - from;
            continue;
        }
        gather(w, log, from, to);
        w->waiting.n = 0;
        w->pairs = false;
        w->first = traces->visits.n;
        w->stay = SIZE_MAX;
        w->queued_at = WHEN_NONE;
        w->done = item_time(&w->options.done, log->item[from]);
        w->ended = w->cancelled = false;
        for (size_t i = 0; i < w->rows.n; i++) {
            happen(w, log, &w->rows.v[i], traces);
        }
        end_item(w, traces, log->item[from]);
    }
}

void weave_enable(struct weaver *w, const struct concurrency *c, struct traces *traces)
{
    concurrency_enable(c, &w->options.created, w->options.clock, traces);
}
