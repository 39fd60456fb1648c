#include "engine/valuestream.h"

#include "base/buf.h"
#include "base/mem.h"
#include "engine/toolstages.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
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
            if (asked.n > 0 && !str_eq(asked, q->where[i].value)) {
                return error_set(why,
                                 "no item is of two kinds, \"" STR_FMT "\" and \"" STR_FMT "\"",
                                 STR_ARG(asked), STR_ARG(q->where[i].value));
            }
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
    f->kind_is_all = kinds.v.n == 1 && kinds.of_nothing == 0;
    buf_finish(&list);
    VEC_FINISH(&kinds.v);
    return s;
}

/* --- which stages there are ---------------------------------------------------------------- */

static struct stage_patterns patterns(struct strs s)
{
    return (struct stage_patterns){s.v, s.n};
}

/* `to` and `activity` both name what the event's activity is: two names of one question. What a
 * status was before is no column of an event. */
static status activity_of(const struct config_stage *stage, struct stage_patterns *ret,
                          struct error *why)
{
    const struct config_match *m = &stage->match;
    if (m->from.n > 0 || (m->to.n > 0 && m->activity.n > 0)) {
        error_set(why, "%s:%d: stage \"" STR_FMT "\": %s",
                  stage->origin.file != NULL ? stage->origin.file : "weir.yaml", stage->origin.line,
                  STR_ARG(stage->name),
                  m->from.n > 0 ? "match.from (the status before) cannot be asked for"
                                : "match.to and match.activity ask the same");
        error_hint(why, "%s",
                   m->from.n > 0 ? "Say by match.to which status enters the stage."
                                 : "Leave one of them out.");
        return FAIL;
    }
    *ret = patterns(m->to.n > 0 ? m->to : m->activity);
    return OK;
}

/* What `done:` can mean, the strongest evidence first, as activities of any source. */
static const struct done_word {
    str word;
    str activities[4];
} DONE[] = {
    {STR_INIT("in_use"), {STR_INIT("in use"), STR_INIT("in_use")}},
    {STR_INIT("deployed"), {STR_INIT("deployed"), STR_INIT("deploy")}},
    {STR_INIT("released"), {STR_INIT("released"), STR_INIT("release")}},
    {STR_INIT("merged"), {STR_INIT("merged"), STR_INIT("landed"), STR_INIT("merge")}},
    {STR_INIT("closed"), {STR_INIT("closed"), STR_INIT("close"), STR_INIT("done")}},
};
enum { DONE_WORDS = sizeof DONE / sizeof *DONE };

static size_t done_activities(const struct done_word *d)
{
    size_t n = 0;
    while (n < sizeof d->activities / sizeof *d->activities && d->activities[n].n > 0) {
        n++;
    }
    return n;
}

/* How many items have an event of one of these activities. */
static size_t items_with(const struct valuestream *f, const struct done_word *d)
{
    sym wanted[4];
    size_t wanted_n = 0, items = 0;
    for (size_t i = 0; i < done_activities(d); i++) {
        wanted_n += names_find(f->names, d->activities[i], &wanted[wanted_n]);
    }
    const struct events *e = &f->events;
    for (size_t i = 0; i < e->item_count && wanted_n > 0; i++) {
        bool found = false;
        for (size_t k = e->first[i]; k < e->first[i + 1] && !found; k++) {
            for (size_t w = 0; w < wanted_n && !found; w++) {
                found = e->activity[e->rows[k]] == wanted[w];
            }
        }
        items += found;
    }
    return items;
}

/* Where no stage is of the category done, `done:` names the event that ends an item. When this log
 * has no such event at all, the next weaker evidence that it has takes its place (the settled
 * order: in use, deployed, released, merged, closed), one for the whole log, so that items stay
 * comparable; the answer says which it was and for how many. */
static void add_done(struct valuestream *f, str asked, struct stage_rule *ret, size_t *count)
{
    size_t first = 0;
    while (first < DONE_WORDS && !str_eq(DONE[first].word, asked.n > 0 ? asked : STR("closed"))) {
        first++;
    }
    for (size_t i = first; i < DONE_WORDS; i++) {
        size_t items = items_with(f, &DONE[i]);
        if (items > 0) {
            ret[(*count)++] = (struct stage_rule){
                .name = DONE[i].word,
                .has_category = true,
                .category = CATEGORY_DONE,
                .activity = {DONE[i].activities, done_activities(&DONE[i])},
            };
            note(f,
                 "no stage is of the category done: items are done when " STR_FMT
                 " (%zu of %zu have that event)%s",
                 STR_ARG(DONE[i].word), items, f->events.item_count,
                 i > first ? "; no stronger evidence is in the log" : "");
            return;
        }
    }
    note(f, "no stage is of the category done, and no event says that an item is: all are open");
}

static enum category category_of_stage(const struct config_stage *c)
{
    enum category category = category_guess(c->name);
    if (c->category.n > 0) {
        (void)category_of(c->category, &category);
    }
    return category;
}

static bool ends_items(const struct config_stage *c)
{
    enum category category = category_of_stage(c);
    return category == CATEGORY_DONE || category == CATEGORY_CANCELLED;
}

static bool ends_by_stage(const struct config_stream *stream)
{
    bool ends = false;
    for (size_t i = 0; i < stream->stages.n; i++) {
        ends |= ends_items(&stream->stages.v[i]);
    }
    return ends;
}

static status set_up(struct valuestream *f, const struct config_stream *stream, struct error *why)
{
    size_t n = 0;
    struct stage_rule *rules = ARENA_ARRAY(&f->text, struct stage_rule, stream->stages.n + 1);
    if (!ends_by_stage(stream) && f->projection.n == 0) { /* before the stages: one that the same
                       event enters would keep it from being done */
        add_done(f, stream->done, rules, &n);
    }
    for (size_t i = 0; i < stream->stages.n; i++) {
        const struct config_stage *c = &stream->stages.v[i];
        struct stage_rule *rule = &rules[n++];
        *rule = (struct stage_rule){
            .name = c->name,
            .team = c->team,
            .type = patterns(c->match.type),
            .actor = patterns(c->match.actor),
            .team_of_event = patterns(c->match.team),
            .waiting = patterns(c->waiting),
        };
        TRY(activity_of(c, &rule->activity, why));
        rule->has_category = c->category.n > 0 && category_of(c->category, &rule->category);
    }
    return stages_open(rules, n, patterns(stream->ignore), f->names, &f->stages, why);
}

static bool has_activity(const struct valuestream *f, str activity)
{
    sym wanted = 0;
    bool found = false;
    if (names_find(f->names, activity, &wanted)) {
        for (size_t i = 0; i < f->events.n && !found; i++) {
            found = f->events.activity[i] == wanted;
        }
    }
    return found;
}

static bool is_of_git(const struct valuestream *f)
{
    str kind = names_text(f->names, f->kind);
    sym authored = 0;
    return (str_eq(kind, STR("commit")) || str_eq(kind, STR("change"))) &&
           names_find(f->names, STR("authored"), &authored);
}

/* What is known of a source without any set-up: the stages that a git history tells. */
static status built_in(struct valuestream *f, struct error *why)
{
    static const str COMMIT = STR_INIT("commit"), CHANGE = STR_INIT("change"),
                     AUTHORED = STR_INIT("authored"), LANDED = STR_INIT("landed"),
                     RELEASED = STR_INIT("released");
    const str *type = str_eq(names_text(f->names, f->kind), STR("commit")) ? &COMMIT : &CHANGE;
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
    static const struct stage_rule LANDED_IS_DONE[] = {
        {.name = STR_INIT("landed"), .has_category = true, .category = CATEGORY_DONE}};
    f->builtin_stages = true;
    if (has_activity(f, RELEASED)) {
        return stages_open(rules, sizeof rules / sizeof *rules, (struct stage_patterns){0},
                           f->names, &f->stages, why);
    }
    struct stage_rule without[] = {rules[0], LANDED_IS_DONE[0]};
    without[1].type = rules[1].type;
    without[1].activity = rules[1].activity;
    note(f, "no release is known: a commit is done when it has landed");
    return stages_open(without, 2, (struct stage_patterns){0}, f->names, &f->stages, why);
}

/* Items of several tools: their events belong to the traces of the items that they are linked to.
 */
static status link_items(struct valuestream *f, struct error *why)
{
    struct linking_options options = {.pattern = f->config->link_pattern, .min_confidence = 0.5};
    TRY(linking_derive(f->store, &options, &f->linking, why));
    if (linking_project(&f->linking, f->names, f->kind, &f->projection)) {
        f->query.projection = &f->projection;
    }
    for (size_t i = 0; i < f->linking.coverage_count; i++) {
        const struct linking_coverage *c = &f->linking.coverage[i];
        note(f, "%llu of %llu %ss are linked to %s %s", (unsigned long long)c->linked,
             (unsigned long long)c->linkable, c->from, c->to[0] == 'i' ? "an" : "a", c->to);
    }
    return OK;
}

/* What is done when, by evidence of several tools (docs/decisions/021). */
static void find_done(struct valuestream *f)
{
    struct toolstages_done done;
    toolstages_done(f->names, &f->events, &f->linking, &f->projection, &done);
    f->done = (when *)done.times.v;
    f->weave.done = done.times;
    if (done.evidence == NULL) {
        note(f, "nothing says that an item is done: all are open");
    } else {
        note(f,
             "an item is done when it is %s (%llu items); one without code when it is closed "
             "(%llu); %llu are open",
             done.evidence, (unsigned long long)done.by_evidence,
             (unsigned long long)done.by_closing, (unsigned long long)done.open);
    }
}

static status tool_stages(struct valuestream *f, struct error *why)
{
    size_t n = 0;
    const struct stage_rule *rules = toolstages_rules(f->names, &f->events, &f->text, &n);
    f->order = ARENA_ARRAY(&f->text, sym, n);
    for (size_t i = 0; i < n; i++) {
        sym name = names_sym(f->names, rules[i].name);
        bool listed = f->order_n > 0 && f->order[f->order_n - 1] == name;
        if (!listed) {
            f->order[f->order_n++] = name;
        }
    }
    f->builtin_stages = true;
    return stages_open(rules, n, (struct stage_patterns){0}, f->names, &f->stages, why);
}

/* --- which clock --------------------------------------------------------------------------- */

static str date_text(struct arena *a, when day)
{
    struct civil c = clock_civil(day);
    char text[48];
    int n = snprintf(text, sizeof text, "%04d-%02d-%02d", c.year, c.month, c.day);
    return arena_str(a, (str){text, (size_t)n});
}

/* From what the configuration understood, so that hours mean in both places the same. */
static void plan_of(struct valuestream *f, const struct config_calendar *c,
                    const struct config *config, struct calendar_plan *ret)
{
    enum { DAY_MINUTES = 24 * 60 };
    struct arena *a = &f->text;
    struct week_span *week = ARENA_ARRAY(a, struct week_span, c->open_count + 1);
    str *holidays = ARENA_ARRAY(a, str, c->holiday_count + 1);
    str *extra = ARENA_ARRAY(a, str, c->extra_count + 1);
    str *freeze = ARENA_ARRAY(a, str, c->frozen_count + 1);
    for (size_t i = 0; i < c->open_count; i++) {
        int day = c->open[i].weekday * DAY_MINUTES;
        week[i] = (struct week_span){day + c->open[i].from, day + c->open[i].to};
    }
    for (size_t i = 0; i < c->holiday_count; i++) {
        holidays[i] = date_text(a, c->holiday[i]);
    }
    struct buf text = {0};
    for (size_t i = 0; i < c->extra_count; i++) {
        const struct config_extra *x = &c->extra_open[i];
        str day = date_text(a, x->day);
        buf_clear(&text);
        buf_addf(&text, STR_FMT " %02d:%02d-%02d:%02d", STR_ARG(day), x->from / 60, x->from % 60,
                 x->to / 60, x->to % 60);
        extra[i] = arena_str(a, buf_str(&text));
    }
    for (size_t i = 0; i < c->frozen_count; i++) {
        str first = date_text(a, c->frozen[i].from), last = date_text(a, c->frozen[i].to - DAY);
        buf_clear(&text);
        buf_addf(&text, STR_FMT ".." STR_FMT, STR_ARG(first), STR_ARG(last));
        freeze[i] = arena_str(a, buf_str(&text));
    }
    buf_finish(&text);
    *ret = (struct calendar_plan){
        .name = c->name,
        .zone = c->zone.n > 0 ? c->zone : config->timezone,
        .week = week,
        .week_n = c->open_count,
        .holidays = {holidays, c->holiday_count},
        .extra = {extra, c->extra_count},
        .freeze = {freeze, c->frozen_count},
    };
}

/* The calendar of the configuration, laid out over [begin, end]. */
static status_code clock_over(struct valuestream *f, when begin, when end,
                              struct calendar **ret_clock, struct error *why)
{
    const struct config *config = f->config;
    const struct config_calendar *c = config_calendar(config, STR("default"));
    if (c == NULL && config->calendars.n == 1) {
        c = &config->calendars.v[0];
    }
    if (c == NULL) {
        (void)error_set(why, config->calendars.n == 0
                                 ? "--clock work needs a calendar, and none is set up"
                                 : "--clock work needs to know which calendar");
        error_hint(why, config->calendars.n == 0
                            ? "Add to weir.yaml:  calendars: {default: {hours: \"Mon-Fri "
                              "09:00-17:00\", zone: Europe/Berlin}}"
                            : "Name one of them default in weir.yaml");
        return FAIL;
    }
    struct calendar_plan plan = {0};
    plan_of(f, c, config, &plan);
    f->clock_name = arena_str(&f->text, c->name).p;
    return calendar_open(&plan, begin, end, ret_clock, why);
}

status valuestream_clock(struct valuestream *f, when begin, when end, struct error *why)
{
    if (!f->work_clock || f->clock != NULL) {
        return OK;
    }
    if (begin == WHEN_NONE) {
        begin = end = 0;
    }
    if (f->now != WHEN_NONE && f->now > end) {
        end = f->now;
    }
    return clock_over(f, begin, end, &f->clock, why);
}

/* "5d" of working time may need a week of the wall, or, over holidays, a month: the calendar is
 * laid out further and further back. */
static status_code last_of_work(struct valuestream *f, str last, struct error *why)
{
    enum { SHORTEST = 8, LONGEST = 199 * 365 }; /* days */
    when end = f->range.to;
    lapse length = 0, work = -1;
    for (int days = SHORTEST; work < length; days *= 4) {
        struct calendar *c = NULL;
        days = days < LONGEST ? days : LONGEST;
        TRY(clock_over(f, end - days * DAY, end, &c, why));
        const struct timeword_days own = {calendar_day(c), calendar_week(c)};
        status_code s = timeword_work(last, &own, &length, why);
        work = s == OK ? calendar_working(c, end - days * DAY, end) : length;
        f->range.from = work >= length ? calendar_inverse(c, work - length) : end - days * DAY;
        calendar_close(c);
        TRY(s);
        if (days == LONGEST) {
            break;
        }
    }
    struct civil c = clock_civil(f->range.from + zone_offset(f->zone, f->range.from));
    note(f,
         "--last " STR_FMT
         " is working time of the calendar \"%s\": from %04d-%02d-%02d %02d:%02d on",
         STR_ARG(last), f->clock_name, c.year, c.month, c.day, c.hour, c.minute);
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
        flow->day = calendar_day(f->clock);
    }
    static const char *const BUILT_IN[] = {"review", "release", "released", "landed"};
    if (f->order_n > 0) {
        flow->order = f->order;
        flow->order_n = f->order_n;
    }
    size_t n = f->order_n > 0      ? 0
               : f->builtin_stages ? sizeof BUILT_IN / sizeof *BUILT_IN
               : f->stages != NULL ? f->setup->stages.n
                                   : 0;
    sym *order = ARENA_ARRAY(&f->text, sym, n + 1);
    for (size_t i = 0; i < n; i++) {
        order[i] = names_sym(f->names,
                             f->builtin_stages ? str_of(BUILT_IN[i]) : f->setup->stages.v[i].name);
    }
    if (f->order_n == 0) {
        flow->order = order;
        flow->order_n = n;
    }
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

void valuestream_cumulative(struct valuestream *f, struct flow *flow)
{
    if (f->stages == NULL) {
        return;
    }
    bool released = f->builtin_stages && has_activity(f, STR("released"));
    sym *order = ARENA_ARRAY(&f->text, sym, flow->order_n + 1);
    size_t n = 0;
    for (size_t i = 0; i < flow->order_n; i++) {
        bool last = str_eq(names_text(f->names, flow->order[i]), STR("landed"));
        if (f->builtin_stages ? i == 0 || last != released
                              : category_of_stage(&f->setup->stages.v[i]) != CATEGORY_CANCELLED) {
            order[n++] = flow->order[i];
        }
    }
    flow->order = order;
    flow->order_n = n;
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
            assert(c->item != NULL);
            c->item[at++] = e->items[i];
        }
    }
    const uint32_t *rows = e->rows + first;
#define GATHER(column)                                                                             \
    if (e->column != NULL && c->column != NULL) {                                                  \
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

static bool is_in_range(const struct range *range, const struct trace *t)
{
    if ((t->flags & TRACE_OPEN) != 0) {
        return range->to == WHEN_NONE || t->begin < range->to;
    }
    return (range->from == WHEN_NONE || t->end >= range->from) &&
           (range->to == WHEN_NONE || t->end < range->to);
}

/* Leaves out the items outside the range; their visits stay behind, unreferenced, so they are moved
 * together. `wall` has the same items on the wall clock, which is that of the range: on the working
 * clock Friday evening and Monday morning are one instant. */
static void keep_range(struct valuestream *f, const struct traces *wall, struct traces *t)
{
    size_t items = 0, visits = 0;
    assert(wall->items.n == t->items.n);
    for (size_t i = 0; i < t->items.n; i++) {
        struct trace one = t->items.v[i];
        assert(wall->items.v[i].item == one.item);
        if (!is_in_range(&f->range, &wall->items.v[i])) {
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

/* Do visits have a start of their own? Then what enabled them is worth asking. */
static bool has_work(const struct valuestream *f)
{
    const struct log_facts *facts = &f->weave.facts;
    return facts->intervals + facts->life[LIFE_START] + facts->life[LIFE_SCHEDULE] > 0;
}

static status each_chunk(struct valuestream *f, bool enable, valuestream_take *each, void *cookie,
                         struct error *why)
{
    struct chunk chunk = {0};
    struct traces traces = {.log_begin = WHEN_NONE, .log_end = WHEN_NONE}, wall = traces;
    struct weaver *w = weave_open(&f->weave), *wall_weaver = NULL;
    bool cut = enable && (f->range.from != WHEN_NONE || f->range.to != WHEN_NONE);
    if (cut && f->weave.clock != NULL) {
        struct weave_options options = f->weave;
        options.clock = NULL;
        wall_weaver = weave_open(&options);
    }
    status_code s = OK;
    for (size_t from = 0; from < f->events.item_count && s == OK;) {
        size_t to = chunk_end(&f->events, from);
        struct log log = gather(&chunk, &f->events, from, to);
        traces_clear(&traces);
        weave_step(w, &log, &traces);
        if (enable) {
            weave_enable(w, has_work(f) ? &f->concurrency : NULL, &traces);
        }
        if (cut) {
            if (wall_weaver != NULL) {
                traces_clear(&wall);
                weave_step(wall_weaver, &log, &wall);
            }
            keep_range(f, wall_weaver != NULL ? &wall : &traces, &traces);
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
    weave_close(wall_weaver);
    traces_finish(&traces);
    traces_finish(&wall);
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
        enum category guess = category_guess(names_text(f->names, activity));
        found = fresh && (guess == CATEGORY_DONE || guess == CATEGORY_CANCELLED);
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
        .work_clock = query->work_clock,
        .wall_instants = query->wall_instants,
        .now = query->now,
    };
    arena_init(&f->text, "the set-up of the stream", 0);
    if (query->work_clock && query->last.n > 0 && query->range.to != WHEN_NONE) {
        TRY(last_of_work(f, query->last, why));
    }
    TRY(choose_kind(f, query, why));
    struct event_where *where = ARENA_ARRAY(&f->text, struct event_where, query->where_count + 1);
    size_t where_count = 0;
    for (size_t i = 0; i < query->where_count; i++) {
        if (!str_eq(query->where[i].key, STR("type"))) {
            where[where_count++] = query->where[i];
        }
    }
    f->query = (struct event_query){
        .item_type = f->kind,
        .where = where,
        .where_count = where_count,
        .progress = query->progress,
    };
    bool has_setup = query->stream != NULL && query->stream->stages.n > 0;
    bool tools = !query->raw && toolstages_apply(f->names);
    f->weave = (struct weave_options){
        .events = query->events,
        .names = f->names,
        .stages = f->stages,
        .log_end = query->now,
        .complete_from = WHEN_NONE,
    };
    if (tools) {
        TRY(link_items(f, why));
    }
    if (tools || (!query->raw && (has_setup || is_of_git(f)))) { /* what ends items depends on it */
        TRY(events_load(f->store, &f->query, &f->events, why));
        f->is_read = true;
        TRY(has_setup             ? set_up(f, query->stream, why)
            : f->projection.n > 0 ? tool_stages(f, why)
            : is_of_git(f)        ? built_in(f, why)
                                  : OK);
        if (f->projection.n > 0 && (!has_setup || !ends_by_stage(query->stream))) {
            find_done(f);
        }
    }
    f->weave.stages = f->stages;
    return query->later ? OK : valuestream_load(f, why);
}

status valuestream_load(struct valuestream *f, struct error *why)
{
    if (!f->is_read) {
        TRY(events_load(f->store, &f->query, &f->events, why));
        f->is_read = true;
    }
    TRY(valuestream_clock(f, f->events.begins, f->events.ends, why));
    f->weave.clock = f->wall_instants ? NULL : f->clock;
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
    linking_finish(&f->linking);
    projection_finish(&f->projection);
    mem_put(f->done);
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
