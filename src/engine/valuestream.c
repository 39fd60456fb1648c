#include "engine/valuestream.h"

#include "base/buf.h"
#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

enum { CHUNK_EVENTS = 1 << 16 };

static void note(struct valuestream *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void note(struct valuestream *f, const char *format, ...)
{
    struct buf b = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&b, format, arguments);
    va_end(arguments);
    VEC_ADD(&f->notes, arena_str(&f->text, buf_str(&b)));
    buf_finish(&b);
}

/* --- which kind of item is the trace ------------------------------------------------------- */

/* Kinds that carry work through an organisation, the widest view first; what a source brings beside
 * them (releases, deployments) are facts about them. */
static const char *const CARRIERS[] = {"case", "issue", "commit", "change", "order"};

static status choose_kind(struct valuestream *f, const struct valuestream_query *q,
                          struct error *why)
{
    str asked = {0};
    for (size_t i = 0; i < q->where_count; i++) {
        if (str_eq(q->where[i].key, STR("type"))) {
            asked = q->where[i].value;
        }
    }
    if (asked.n == 0 && q->stream != NULL) {
        asked = q->stream->items;
    }
    struct event_kinds kinds = {0};
    status_code s = events_kinds(f->store, &kinds, why);
    if (s != OK) {
        VEC_FINISH(&kinds.v);
        return s;
    }
    struct buf list = {0};
    for (size_t i = 0; i < kinds.v.n; i++) {
        str name = names_text(f->names, kinds.v.v[i].type);
        buf_addf(&list, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(name));
    }
    if (asked.n > 0) {
        bool found = false;
        for (size_t i = 0; i < kinds.v.n && !found; i++) {
            found = str_eq(names_text(f->names, kinds.v.v[i].type), asked);
            f->kind = found ? kinds.v.v[i].type : 0;
        }
        if (!found && kinds.v.n > 0) {
            s = error_set(why, "no item of the kind \"" STR_FMT "\" is in the store; there are: %s",
                          STR_ARG(asked), buf_cstr(&list));
        }
    } else if (kinds.v.n > 0) {
        size_t first =
            0; /* the largest, unless that is only what was referred to and never listed */
        if (kinds.v.n > 1 && str_eq(names_text(f->names, kinds.v.v[0].type), STR("unknown"))) {
            first = 1;
        }
        f->kind = kinds.v.v[first].type;
        for (size_t c = sizeof CARRIERS / sizeof *CARRIERS; c-- > 0;) {
            for (size_t i = 0; i < kinds.v.n; i++) {
                if (str_eq(names_text(f->names, kinds.v.v[i].type), str_of(CARRIERS[c]))) {
                    f->kind = kinds.v.v[i].type;
                }
            }
        }
        if (kinds.v.n > 1) {
            str kind = names_text(f->names, f->kind);
            note(f,
                 "the items are those of the kind " STR_FMT "; there are: %s (--where type=KIND "
                 "looks at another)",
                 STR_ARG(kind), buf_cstr(&list));
        }
    }
    buf_finish(&list);
    VEC_FINISH(&kinds.v);
    return s;
}

/* --- which stages there are ---------------------------------------------------------------- */

static struct stage_patterns joined(struct valuestream *f, const struct config_match *m)
{
    size_t n = m->activity.n + m->to.n + m->from.n;
    str *v = n > 0 ? ARENA_ARRAY(&f->text, str, n) : NULL;
    size_t at = 0;
    const struct strs *const lists[] = {&m->activity, &m->to, &m->from};
    for (size_t l = 0; l < 3; l++) {
        for (size_t i = 0; i < lists[l]->n; i++) {
            v[at++] = lists[l]->v[i];
        }
    }
    return (struct stage_patterns){v, n};
}

static struct stage_patterns patterns(struct strs s)
{
    return (struct stage_patterns){s.v, s.n};
}

static bool ends_items(enum category c)
{
    return c == CATEGORY_DONE || c == CATEGORY_CANCELLED;
}

/* The last event of a stream by what `done` says, as an activity of any source. */
static status set_up(struct valuestream *f, const struct config_stream *stream, struct error *why)
{
    static const struct {
        str word;
        str activities[4];
    } DONE[] = {
        {STR_INIT("in_use"), {STR_INIT("in use"), STR_INIT("in_use"), STR_INIT("deployed")}},
        {STR_INIT("deployed"), {STR_INIT("deployed"), STR_INIT("deploy")}},
        {STR_INIT("released"), {STR_INIT("released"), STR_INIT("release")}},
        {STR_INIT("merged"), {STR_INIT("merged"), STR_INIT("landed"), STR_INIT("merge")}},
        {STR_INIT("closed"), {STR_INIT("closed"), STR_INIT("close"), STR_INIT("done")}},
    };
    size_t n = stream->stages.n;
    struct stage_rule *rules = ARENA_ARRAY(&f->text, struct stage_rule, n + 1);
    bool has_end = false;
    for (size_t i = 0; i < n; i++) {
        const struct config_stage *c = &stream->stages.v[i];
        rules[i] = (struct stage_rule){
            .name = c->name,
            .team = c->team,
            .type = patterns(c->match.type),
            .activity = joined(f, &c->match),
            .actor = patterns(c->match.actor),
            .team_of_event = patterns(c->match.team),
            .waiting = patterns(c->waiting),
        };
        if (rules[i].type.n + rules[i].activity.n + rules[i].actor.n + rules[i].team_of_event.n ==
            0) { /* a name alone stands for the activity of that name */
            rules[i].activity = (struct stage_patterns){&c->name, 1};
        }
        rules[i].has_category = c->category.n > 0 && category_of(c->category, &rules[i].category);
        has_end |= rules[i].has_category ? ends_items(rules[i].category)
                                         : ends_items(category_guess(c->name));
    }
    if (!has_end) {
        str word = stream->done.n > 0 ? stream->done : STR("closed");
        for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++) {
            if (str_eq(DONE[i].word, word)) {
                size_t activities = 0;
                while (activities < 4 && DONE[i].activities[activities].n > 0) {
                    activities++;
                }
                rules[n++] = (struct stage_rule){
                    .name = DONE[i].word,
                    .has_category = true,
                    .category = CATEGORY_DONE,
                    .activity = {DONE[i].activities, activities},
                };
                note(f, "no stage is of the category done: items are done when they are " STR_FMT,
                     STR_ARG(DONE[i].activities[0]));
            }
        }
    }
    return stages_open(rules, n, patterns(stream->ignore), f->names, &f->stages, why);
}

/* What is known of a source without any set-up: the stages that a git history tells. */
static status built_in(struct valuestream *f, struct error *why)
{
    static const str COMMIT = STR_INIT("commit"), CHANGE = STR_INIT("change"),
                     AUTHORED = STR_INIT("authored"), LANDED = STR_INIT("landed"),
                     RELEASED = STR_INIT("released");
    str kind = names_text(f->names, f->kind);
    const str *type = str_eq(kind, COMMIT) ? &COMMIT : &CHANGE;
    sym authored = 0;
    if ((!str_eq(kind, COMMIT) && !str_eq(kind, CHANGE)) ||
        !names_find(f->names, AUTHORED, &authored)) {
        return OK;
    }
    const struct stage_rule rules[] = {
        {.name = STR_INIT("review"),
         .has_category = true,
         .category = CATEGORY_ACTIVE,
         .type = {type, 1},
         .activity = {&AUTHORED, 1}},
        {.name = STR_INIT("release"),
         .has_category = true,
         .category = CATEGORY_GATE,
         .type = {type, 1},
         .activity = {&LANDED, 1}},
        {.name = STR_INIT("released"),
         .has_category = true,
         .category = CATEGORY_DONE,
         .type = {type, 1},
         .activity = {&RELEASED, 1}},
    };
    f->builtin_stages = true;
    return stages_open(rules, sizeof rules / sizeof *rules, (struct stage_patterns){0}, f->names,
                       &f->stages, why);
}

/* --- which clock --------------------------------------------------------------------------- */

static status choose_clock(struct valuestream *f, const struct valuestream_query *q,
                           struct error *why)
{
    if (!q->work_clock) {
        return OK;
    }
    const struct config_calendar *c = config_calendar(q->config, STR("default"));
    if (c == NULL && q->config->calendars.n == 1) {
        c = &q->config->calendars.v[0];
    }
    if (c == NULL) {
        (void)error_set(why, q->config->calendars.n == 0
                                 ? "--clock work needs a calendar, and none is set up"
                                 : "--clock work needs to know which calendar");
        error_hint(why, q->config->calendars.n == 0
                            ? "Add to weir.yaml:  calendars: {default: {hours: \"Mon-Fri "
                              "09:00-17:00\", zone: Europe/Berlin}}"
                            : "Name one of them default in weir.yaml");
        return FAIL;
    }
    struct calendar_plan plan = {
        .name = c->name,
        .zone = c->zone.n > 0 ? c->zone : q->config->timezone,
        .days = c->days,
        .hours = c->hours,
        .holidays = {c->holidays.v, c->holidays.n},
        .extra = {c->extra.v, c->extra.n},
        .freeze = {c->freeze.v, c->freeze.n},
    };
    when begin = f->events.begins, end = f->events.ends;
    if (begin == WHEN_NONE) {
        begin = end = 0;
    }
    if (q->now != WHEN_NONE && q->now > end) {
        end = q->now;
    }
    TRY(calendar_open(&plan, begin, end, &f->clock, why));
    f->clock_name = arena_str(&f->text, c->name).p;
    return OK;
}

static lapse open_time(const void *calendar, when from, when to)
{
    return calendar_working(calendar, from, to);
}

const struct flow *valuestream_flow(struct valuestream *f)
{
    struct flow *flow = ARENA_NEW(&f->text, struct flow);
    flow->zone = f->zone;
    if (f->clock != NULL) {
        flow->open = open_time;
        flow->calendar = f->clock;
    }
    size_t n = f->setup != NULL ? f->setup->stages.n : 0;
    static const char *const BUILT_IN[] = {"review", "release", "released"};
    n = n == 0 && f->builtin_stages ? sizeof BUILT_IN / sizeof *BUILT_IN : n;
    sym *order = ARENA_ARRAY(&f->text, sym, n + 1);
    for (size_t i = 0; i < n; i++) {
        order[i] = names_sym(f->names,
                             f->builtin_stages ? str_of(BUILT_IN[i]) : f->setup->stages.v[i].name);
    }
    flow->order = order;
    flow->order_n = n;
    const struct config *c = f->config;
    struct flow_pool *pools = ARENA_ARRAY(&f->text, struct flow_pool, c->pools.n + 1);
    for (size_t i = 0; i < c->pools.n; i++) {
        const struct config_pool *from = &c->pools.v[i];
        sym *stages = ARENA_ARRAY(&f->text, sym, from->stages.n + 1);
        for (size_t k = 0; k < from->stages.n; k++) {
            stages[k] = names_sym(f->names, from->stages.v[k]);
        }
        pools[i] = (struct flow_pool){
            .name = names_sym(f->names, from->name),
            .stages = stages,
            .stage_n = from->stages.n,
            .people = from->people,
        };
    }
    flow->pools = pools;
    flow->pool_n = c->pools.n;
    return flow;
}

/* --- chunks of whole items ------------------------------------------------------------------ */

struct chunk { /* columns of some items, gathered */
    size_t cap;
    item_id *item;
    sym *type, *activity, *instance, *actor, *team;
    when *time, *begin;
    uint8_t *life;
};

static void chunk_finish(struct chunk *c)
{
    mem_put(c->item);
    mem_put(c->type);
    mem_put(c->activity);
    mem_put(c->instance);
    mem_put(c->actor);
    mem_put(c->team);
    mem_put(c->time);
    mem_put(c->begin);
    mem_put(c->life);
}

/* Gathers items[from] … items[to - 1]. */
static struct log gather(struct chunk *c, const struct events *e, size_t from, size_t to)
{
    size_t first = e->first[from], n = e->first[to] - first;
    if (n > c->cap) {
        c->cap = n;
        c->item = mem_grow(c->item, n, sizeof *c->item);
        c->activity = mem_grow(c->activity, n, sizeof *c->activity);
        c->time = mem_grow(c->time, n, sizeof *c->time);
#define ROOM(column)                                                                               \
    if (e->column != NULL) {                                                                       \
        c->column = mem_grow(c->column, n, sizeof *c->column);                                     \
    }
        ROOM(type)
        ROOM(instance)
        ROOM(actor)
        ROOM(team)
        ROOM(begin)
        ROOM(life)
#undef ROOM
    }
    size_t at = 0;
    for (size_t i = from; i < to; i++) {
        for (size_t k = e->first[i]; k < e->first[i + 1]; k++) {
            c->item[at++] = e->items[i];
        }
    }
    const uint32_t *rows = e->rows + first;
#define GATHER(column)                                                                             \
    if (e->column != NULL) {                                                                       \
        for (size_t i = 0; i < n; i++) {                                                           \
            c->column[i] = e->column[rows[i]];                                                     \
        }                                                                                          \
    }
    GATHER(activity)
    GATHER(time)
    GATHER(type)
    GATHER(instance)
    GATHER(actor)
    GATHER(team)
    GATHER(begin)
    GATHER(life)
#undef GATHER
    return (struct log){
        .n = n,
        .item = c->item,
        .activity = c->activity,
        .time = c->time,
        .type = e->type != NULL ? c->type : NULL,
        .instance = e->instance != NULL ? c->instance : NULL,
        .actor = e->actor != NULL ? c->actor : NULL,
        .team = e->team != NULL ? c->team : NULL,
        .begin = e->begin != NULL ? c->begin : NULL,
        .life = e->life != NULL ? c->life : NULL,
    };
}

static size_t chunk_end(const struct events *e, size_t from)
{
    size_t to = from + 1;
    while (to < e->item_count && e->first[to + 1] - e->first[from] <= CHUNK_EVENTS) {
        to++;
    }
    return to;
}

static bool is_in_range(const struct valuestream *f, const struct trace *t)
{
    when from = f->range.from, to = f->range.to;
    if (f->weave.clock != NULL) { /* the traces are on that clock, so is the range */
        from = from != WHEN_NONE ? calendar_at(f->clock, from) : from;
        to = to != WHEN_NONE ? calendar_at(f->clock, to) : to;
    }
    if ((t->flags & TRACE_OPEN) != 0) {
        return to == WHEN_NONE || t->begin < to;
    }
    return (from == WHEN_NONE || t->end >= from) && (to == WHEN_NONE || t->end < to);
}

/* Leaves out the items outside the range; their visits stay behind, unreferenced, so they are moved
 * together. */
static void keep_range(struct valuestream *f, struct traces *t)
{
    if (f->range.from == WHEN_NONE && f->range.to == WHEN_NONE) {
        return;
    }
    size_t items = 0, visits = 0;
    for (size_t i = 0; i < t->items.n; i++) {
        struct trace one = t->items.v[i];
        if (!is_in_range(f, &one)) {
            f->outside++;
            continue;
        }
        memmove(t->visits.v + visits, t->visits.v + one.first, one.n * sizeof *t->visits.v);
        one.first = visits;
        visits += one.n;
        t->items.v[items++] = one;
    }
    t->items.n = items;
    t->visits.n = visits;
}

static bool has_work(const struct valuestream *f)
{
    return f->stages == NULL && (f->events.begin != NULL || f->events.has_lifecycle);
}

static status each_chunk(struct valuestream *f, bool enable, valuestream_take *each, void *cookie,
                         struct error *why)
{
    struct chunk chunk = {0};
    struct traces traces = {.log_begin = WHEN_NONE, .log_end = WHEN_NONE};
    struct weaver *w = weave_open(&f->weave);
    status_code s = OK;
    for (size_t from = 0; from < f->events.item_count && s == OK;) {
        size_t to = chunk_end(&f->events, from);
        struct log log = gather(&chunk, &f->events, from, to);
        traces_clear(&traces);
        weave_step(w, &log, &traces);
        if (enable) {
            weave_enable(w, has_work(f) ? &f->concurrency : NULL, &traces);
            keep_range(f, &traces);
        }
        each(&traces, cookie);
        from = to;
        if (interrupt_signal() != 0) {
            s = INTERRUPTED;
            (void)error_set(why, "stopped");
        }
    }
    f->counts = *weave_counted(w);
    weave_close(w);
    traces_finish(&traces);
    chunk_finish(&chunk);
    return s;
}

static void take_concurrency(const struct traces *part, void *cookie)
{
    concurrency_step(cookie, part);
}

static void gather_facts(struct valuestream *f)
{
    struct log_facts *facts = &f->weave.facts;
    struct chunk chunk = {0};
    for (size_t from = 0; from < f->events.item_count;) {
        size_t to = chunk_end(&f->events, from);
        struct log log = gather(&chunk, &f->events, from, to);
        log_facts_step(facts, &log);
        from = to;
    }
    chunk_finish(&chunk);
}

/* Is there a status whose name says that an item is over? Where none does, as in a tracker of its
 * own vocabulary, no item would ever be finished. */
static bool says_ends(const struct valuestream *f)
{
    struct map asked = {0};
    bool found = false;
    for (size_t i = 0; i < f->events.row_count && !found; i++) {
        sym activity = f->events.activity[f->events.rows[i]];
        bool fresh = false;
        (void)map_add(&asked, activity, &fresh);
        found = fresh && ends_items(category_guess(names_text(f->names, activity)));
    }
    map_finish(&asked);
    return found;
}

status valuestream_open(struct store *store, const struct valuestream_query *query,
                        struct valuestream *ret, struct error *why)
{
    struct valuestream *f = ret;
    *f = (struct valuestream){
        .store = store,
        .names = store_names(store),
        .range = query->range,
        .config = query->config,
        .setup = query->stream,
        .zone = query->zone,
    };
    arena_init(&f->text, "the set-up of the stream", 0);
    TRY(choose_kind(f, query, why));
    struct event_where *where = ARENA_ARRAY(&f->text, struct event_where, query->where_count + 1);
    size_t where_count = 0;
    for (size_t i = 0; i < query->where_count; i++) {
        if (!str_eq(query->where[i].key, STR("type"))) {
            where[where_count++] = query->where[i];
        }
    }
    struct event_query events = {
        .item_type = f->kind,
        .where = where,
        .where_count = where_count,
        .progress = query->progress,
    };
    TRY(events_load(store, &events, &f->events, why));
    if (!query->raw) {
        if (query->stream != NULL && query->stream->stages.n > 0) {
            TRY(set_up(f, query->stream, why));
        } else {
            TRY(built_in(f, why));
        }
    }
    TRY(choose_clock(f, query, why));
    f->weave = (struct weave_options){
        .events = query->events,
        .names = f->names,
        .stages = f->stages,
        .clock = query->wall_instants ? NULL : f->clock,
        .log_end = query->now,
        .complete_from = WHEN_NONE,
    };
    gather_facts(f);
    if (f->stages == NULL && log_facts_status_log(&f->weave.facts) && !says_ends(f)) {
        f->weave.ends_unsaid = true;
        note(f, "no status is named like an end: an item is finished at its last event");
    }
    if (has_work(f)) {
        TRY(each_chunk(f, false, take_concurrency, &f->concurrency, why));
    }
    return OK;
}

void valuestream_close(struct valuestream *f)
{
    events_finish(&f->events);
    stages_close(f->stages);
    calendar_close(f->clock);
    concurrency_finish(&f->concurrency);
    VEC_FINISH(&f->notes);
    arena_finish(&f->text);
}

status valuestream_each(struct valuestream *f, valuestream_take *each, void *cookie,
                        struct error *why)
{
    f->outside = 0;
    return each_chunk(f, true, each, cookie, why);
}

struct running {
    const struct valuestream_fold *folds;
    size_t n;
};

static void step_folds(const struct traces *part, void *cookie)
{
    const struct running *r = cookie;
    for (size_t i = 0; i < r->n; i++) {
        r->folds[i].fold->step(r->folds[i].summary, part);
    }
}

status valuestream_run(struct valuestream *f, const struct valuestream_fold *folds, size_t n,
                       struct error *why)
{
    struct running r = {folds, n};
    return valuestream_each(f, step_folds, &r, why);
}

status valuestream_item(struct valuestream *f, item_id item, struct traces *ret, struct error *why)
{
    (void)why;
    for (size_t i = 0; i < f->events.item_count; i++) {
        if (f->events.items[i] == item) {
            struct chunk chunk = {0};
            struct weaver *w = weave_open(&f->weave);
            struct log log = gather(&chunk, &f->events, i, i + 1);
            weave_step(w, &log, ret);
            weave_enable(w, has_work(f) ? &f->concurrency : NULL, ret);
            weave_close(w);
            chunk_finish(&chunk);
            return ret->items.n > 0 ? OK : END;
        }
    }
    return END;
}
