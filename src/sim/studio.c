/* The life of an item: raised, judged, written, built, reviewed, sometimes looked at by security,
 * then tested in a round, merged, and deployed with a train (studio_gates.c). Every step is an
 * entry of the heap; what follows a step is decided when it happens, by draws that are named after
 * the item and what is decided, so that nothing depends on the order of calls. */
#include "sim/studio.h"

#include "base/mem.h"
#include "base/rng.h"
#include "sim/studio_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const studio_part_word[STUDIO_PARTS] = {
    "idea", "ready", "development", "security", "qa_queue", "qa_test", "release", "deploy"};

enum { BEGIN_YEAR = 2025, BEGIN_MONTH = 5 };

/* --- chance and time ------------------------------------------------------------------------- */

double studio_draw(const struct sim *s, enum purpose purpose, uint64_t of, uint64_t again)
{
    uint64_t key = rng_mix(rng_mix(rng_mix(rng_mix(0, s->seed), purpose), of), again);
    return rng_unit(key);
}

bool studio_chance(const struct sim *s, double share, enum purpose purpose, uint64_t of,
                   uint64_t again)
{
    return studio_draw(s, purpose, of, again) < share;
}

/* A gamma draw of shape 2 with this mean, in whole seconds: coefficient of variation 0.71, which is
 * usual for work of people. */
static lapse work_time(const struct sim *s, double mean_s, uint64_t of, uint64_t again)
{
    double x = -log(studio_draw(s, DRAW_WORK, of, 2 * again)) -
               log(studio_draw(s, DRAW_WORK, of, 2 * again + 1));
    double seconds = floor(mean_s / 2 * x) + 1;
    return (lapse)seconds * SECOND;
}

when studio_open_at(const struct sim *s, when t) /* at or after t */
{
    if (calendar_is_open(s->office, t)) {
        return t;
    }
    return calendar_inverse(s->office, calendar_at(s->office, t) + 1) - 1;
}

static when after(const struct sim *s, when t, lapse work)
{
    return calendar_inverse(s->office, calendar_at(s->office, t) + work);
}

when studio_month(int64_t month) /* since the beginning */
{
    return clock_from_civil(
        (struct civil){.year = BEGIN_YEAR, .month = BEGIN_MONTH + (int)month, .day = 1});
}

void studio_plan(struct sim *s, when t, enum happening kind, uint32_t a, uint32_t b)
{
    assert(t >= s->now && a < 1 << 24);
    heap_put(&s->heap, (struct heap_entry){t, (uint64_t)kind << 56 | (uint64_t)a << 32 | b});
}

struct item *studio_item(struct sim *s, uint32_t item)
{
    return &s->items.v[item - 1];
}

/* From now on its time goes into `part`. */
void studio_spend(struct sim *s, uint32_t item, enum studio_part part)
{
    struct item *i = studio_item(s, item);
    i->parts[i->part] += s->now - i->since;
    i->since = s->now;
    i->part = part;
}

/* --- stations -------------------------------------------------------------------------------- */

static bool is_better(const struct task *a, const struct task *b)
{
    if (a->priority != b->priority) {
        return a->priority < b->priority;
    }
    return a->since != b->since ? a->since < b->since : a->number < b->number;
}

static uint32_t free_person(const struct station *st, uint32_t but)
{
    for (uint32_t p = 0; p < st->people; p++) {
        if (!st->busy[p] && p != but) {
            return p;
        }
    }
    return NOBODY;
}

static void begin_work(struct sim *s, enum department d, const struct task *t, uint32_t person);

/* Gives what waits to whoever is free, while the office is open. Nobody reviews their own work. */
static void serve(struct sim *s, enum department d)
{
    struct station *st = &s->stations[d];
    if (d != BUILD && st->queue.n > 0 && !calendar_is_open(s->office, s->now)) {
        if (!st->waking) {
            studio_plan(s, studio_open_at(s, s->now), HAPPENS_WAKE, d, 0);
            st->waking = true;
        }
        return;
    }
    for (;;) {
        size_t best = SIZE_MAX;
        uint32_t person = NOBODY;
        for (size_t i = 0; i < st->queue.n; i++) {
            const struct task *t = &st->queue.v[i];
            uint32_t but = t->work == WORK_REVIEW ? studio_item(s, t->number)->author : NOBODY;
            uint32_t who = free_person(st, but);
            if (who != NOBODY && (best == SIZE_MAX || is_better(t, &st->queue.v[best]))) {
                best = i;
                person = who;
            }
        }
        if (best == SIZE_MAX) {
            return;
        }
        struct task t = st->queue.v[best];
        st->queue.v[best] = st->queue.v[--st->queue.n];
        st->busy[person] = true;
        begin_work(s, d, &t, person);
    }
}

void studio_ask(struct sim *s, enum department d, enum work work, uint32_t number, int priority)
{
    struct task t = {.priority = priority, .since = s->now, .number = number, .work = (int)work};
    VEC_ADD(&s->stations[d].queue, t);
    serve(s, d);
}

static int priority_of(struct sim *s, uint32_t item, int usual)
{
    return studio_item(s, item)->kind == KIND_HOTFIX ? 0 : usual;
}

static double mean_hours(const struct sim *s, enum work work, const struct item *i)
{
    const struct studio_model *m = s->m;
    bool hotfix = i != NULL && i->kind == KIND_HOTFIX;
    switch (work) {
    case WORK_JUDGE:
        return m->product.hours;
    case WORK_DEVELOP:
        return hotfix ? m->hotfix.hours : m->development.hours;
    case WORK_REPAIR:
        return m->development.repair_hours;
    case WORK_REVIEW:
        return hotfix ? m->development.review_hours / 3 : m->development.review_hours;
    case WORK_REVISE:
        return m->development.revise_hours;
    case WORK_REWORK:
        return m->development.rework_hours;
    case WORK_SECURITY:
        return m->security.hours;
    case WORK_BUILD:
        return m->build.minutes / 60;
    case WORK_STAGING:
        return m->release.staging_hours;
    }
    return 0;
}

static void begin_work(struct sim *s, enum department d, const struct task *t, uint32_t person)
{
    bool train = t->work == WORK_STAGING;
    struct item *i = train ? NULL : studio_item(s, t->number);
    uint64_t again = i != NULL ? ++i->works : UINT32_MAX;
    lapse length = work_time(s, mean_hours(s, (enum work)t->work, i) * 3600, t->number, again);
    when end = d == BUILD ? s->now + length : after(s, s->now, length);
    studio_plan(s, end, HAPPENS_DONE, (uint32_t)d << 16 | (uint32_t)t->work << 8 | person,
                t->number);
    if (i == NULL) {
        return;
    }
    switch (t->work) {
    case WORK_DEVELOP:
    case WORK_REWORK:
        i->author = person;
        studio_spend(s, t->number, STUDIO_DEVELOPMENT);
        tell_status(s, t->number, "In Progress", d, person);
        if (t->work == WORK_DEVELOP) {
            studio_plan(s, after(s, s->now, length * 2 / 5), HAPPENS_COMMIT, 0, t->number);
        }
        break;
    case WORK_REPAIR:
    case WORK_REVISE:
        i->author = person;
        break;
    case WORK_SECURITY:
        tell_status(s, t->number, "Security review", d, person);
        break;
    case WORK_BUILD:
        tell_run(s, t->number, LIFE_START, NULL);
        break;
    default:
        break;
    }
}

/* --- an item --------------------------------------------------------------------------------- */

static void build(struct sim *s, uint32_t item)
{
    studio_item(s, item)->run = ++s->runs;
    studio_item(s, item)->builds++;
    tell_run(s, item, LIFE_SCHEDULE, NULL);
    studio_ask(s, BUILD, WORK_BUILD, item, priority_of(s, item, 1));
}

static void end_item(struct sim *s, uint32_t item, const char *word, enum department team,
                     uint32_t person)
{
    tell_status(s, item, word, team, person);
    studio_spend(s, item, STUDIO_DEPLOY);
}

static void judged(struct sim *s, uint32_t item, uint32_t person)
{
    const struct item *i = studio_item(s, item);
    bool named = i->thread != THREAD_NONE;
    if (!named && i->kind == KIND_REPORT &&
        studio_chance(s, s->m->support.answered, DRAW_ANSWER, item, 0)) {
        s->out->truth.answered++;
        end_item(s, item, "Done", PRODUCT, person);
    } else if (!named && !studio_chance(s, s->m->product.accepted, DRAW_ACCEPT, item, 0)) {
        s->out->truth.rejected++;
        end_item(s, item, "Rejected", PRODUCT, person);
    } else {
        studio_spend(s, item, STUDIO_READY);
        tell_status(s, item, "Ready", PRODUCT, person);
        studio_ask(s, DEVELOPMENT, WORK_DEVELOP, item, named ? 2 : 3);
    }
}

static void written(struct sim *s, uint32_t item)
{
    tell_commit(s, item);
    build(s, item);
}

static void built(struct sim *s, uint32_t item)
{
    struct item *i = studio_item(s, item);
    bool red =
        i->kind != KIND_HOTFIX && studio_chance(s, s->m->build.red, DRAW_RED, item, i->builds);
    s->out->truth.builds++;
    s->out->truth.red += red;
    tell_run(s, item, LIFE_COMPLETE, red ? "failure" : "success");
    if (red) {
        studio_ask(s, DEVELOPMENT, WORK_REPAIR, item, 1);
    } else if (i->green == GREEN_REVIEW) {
        if (i->change == 0) {
            i->change = ++s->changes;
            tell_change(s, item, "change.created", "created", DEVELOPMENT, i->author, NULL);
        }
        studio_ask(s, DEVELOPMENT, WORK_REVIEW, item, priority_of(s, item, 2));
    } else if (i->green == GREEN_QA) {
        studio_spend(s, item, STUDIO_QA_QUEUE);
        tell_status(s, item, "Ready for QA", QA, NOBODY);
        VEC_ADD(&s->waiting_qa, item);
    } else {
        tell_change(s, item, "change.merged", "merged", DEVELOPMENT, i->author, NULL);
        tell_landed(s, item);
        studio_spend(s, item, STUDIO_RELEASE);
        if (i->kind == KIND_HOTFIX) {
            struct train t = {.hotfix = item, .number = s->trains.v[i->cause - 1].number};
            VEC_ADD(&s->trains, t);
            studio_plan(s, s->now + 10 * MINUTE, HAPPENS_TRY, 0, (uint32_t)s->trains.n);
        } else {
            VEC_ADD(&s->passed, item);
        }
    }
}

static void to_build_for(struct sim *s, uint32_t item, enum green green)
{
    studio_item(s, item)->green = (int)green;
    build(s, item);
}

static void reviewed(struct sim *s, uint32_t item, uint32_t person)
{
    struct item *i = studio_item(s, item);
    bool hotfix = i->kind == KIND_HOTFIX;
    bool again = !hotfix &&
                 studio_chance(s, s->m->development.changes_requested, DRAW_REVIEW, item, i->works);
    tell_change(s, item, "change.reviewed", "reviewed", DEVELOPMENT, person,
                again ? "changes_requested" : "approved");
    if (again) {
        studio_ask(s, DEVELOPMENT, WORK_REVISE, item, 1);
    } else if (hotfix) {
        to_build_for(s, item, GREEN_MERGE);
    } else if (studio_chance(s, s->m->security.reviewed, DRAW_SECURITY, item, 0)) {
        studio_plan(s, s->now + SECOND, HAPPENS_SECURITY, 0, item);
    } else {
        to_build_for(s, item, GREEN_QA);
    }
}

static void staged(struct sim *s, uint32_t train)
{
    studio_plan(s, studio_open_at(s, s->now + 1 * HOUR), HAPPENS_TRY, 0, train);
}

static void done(struct sim *s, uint32_t a, uint32_t number)
{
    enum department d = (enum department)(a >> 16);
    uint32_t person = a & 0xff;
    s->stations[d].busy[person] = false;
    switch ((enum work)(a >> 8 & 0xff)) {
    case WORK_JUDGE:
        judged(s, number, person);
        break;
    case WORK_DEVELOP:
    case WORK_REPAIR:
    case WORK_REVISE:
    case WORK_REWORK:
        written(s, number);
        break;
    case WORK_REVIEW:
        reviewed(s, number, person);
        break;
    case WORK_SECURITY:
        studio_spend(s, number, STUDIO_DEVELOPMENT);
        to_build_for(s, number, GREEN_QA);
        break;
    case WORK_BUILD:
        built(s, number);
        break;
    case WORK_STAGING:
        staged(s, number);
        break;
    }
    serve(s, d);
}

/* --- arrivals -------------------------------------------------------------------------------- */

uint32_t studio_add_item(struct sim *s, enum kind kind)
{
    VEC_ADD(&s->items, (struct item){.kind = kind, .since = s->now, .author = NOBODY});
    s->out->truth.issues++;
    return (uint32_t)s->items.n;
}

static void plan_arrival(struct sim *s, enum kind kind)
{
    double rate = kind == KIND_IDEA ? s->m->sales.ideas_per_week : s->m->support.reports_per_week;
    double mean = (double)calendar_week(s->office) / (double)SECOND / rate;
    double seconds = floor(-log(studio_draw(s, DRAW_ARRIVAL, kind, s->arrivals[kind])) * mean) + 1;
    studio_plan(s, after(s, s->now, (lapse)seconds * SECOND), HAPPENS_ARRIVAL, kind, 0);
}

static void arrival(struct sim *s, enum kind kind)
{
    uint32_t number = s->arrivals[kind]++;
    uint32_t item = studio_add_item(s, kind);
    struct item *i = studio_item(s, item);
    if (kind == KIND_REPORT && !s->searched &&
        s->now >= studio_month((int64_t)s->m->search.month)) {
        i->thread = THREAD_SEARCH;
        s->searched = true;
    } else if (kind == KIND_IDEA && !s->invited &&
               s->now >= studio_month((int64_t)s->m->invite.month)) {
        i->thread = THREAD_INVITE;
        s->invited = true;
    }
    double people = kind == KIND_IDEA ? s->m->sales.people : s->m->support.people;
    tell_created(s, item, number % (uint32_t)people);
    plan_arrival(s, kind);
    studio_ask(s, PRODUCT, WORK_JUDGE, item, 1);
}

/* --- the whole ------------------------------------------------------------------------------- */

static void happen(struct sim *s, uint64_t what)
{
    uint32_t a = (uint32_t)(what >> 32) & 0xffffff, b = (uint32_t)what;
    switch ((enum happening)(what >> 56)) {
    case HAPPENS_DONE:
        done(s, a, b);
        break;
    case HAPPENS_COMMIT:
        tell_commit(s, b);
        break;
    case HAPPENS_MERGE:
        build(s, b);
        break;
    case HAPPENS_SECURITY:
        studio_spend(s, b, STUDIO_SECURITY);
        tell_status(s, b, "Ready for security", SECURITY, NOBODY);
        studio_ask(s, SECURITY, WORK_SECURITY, b, 1);
        break;
    case HAPPENS_WAKE:
        s->stations[a].waking = false;
        serve(s, (enum department)a);
        break;
    case HAPPENS_CHANGE:
        s->stations[BUILD].people = (uint32_t)s->m->build.runners_later;
        serve(s, BUILD);
        break;
    case HAPPENS_ARRIVAL:
        arrival(s, (enum kind)a);
        break;
    case HAPPENS_ROUND:
        studio_round(s);
        break;
    case HAPPENS_TRAIN:
        studio_train(s, a);
        break;
    case HAPPENS_TRY:
        studio_try(s, b);
        break;
    case HAPPENS_INCIDENT:
        studio_incident(s, b);
        break;
    case HAPPENS_FLAG:
        tell_flag(s, b);
        break;
    case HAPPENS_CLOSING:
        tell_status(s, b, "Done", OPERATIONS, NOBODY);
        break;
    }
}

static status open_office(struct sim *s, struct error *why)
{
    static const str HOLIDAYS[] = {STR_INIT("2025-05-01"), STR_INIT("2025-10-03"),
                                   STR_INIT("2025-12-25"), STR_INIT("2025-12-26"),
                                   STR_INIT("2026-01-01"), STR_INIT("2026-05-01"),
                                   STR_INIT("2026-12-25")};
    const struct calendar_plan hours = {
        .name = STR("the studio's office"),
        .zone = STR("Europe/Berlin"),
        .hours = STR("Mon-Fri 09:00-17:00"),
        .holidays = {HOLIDAYS, sizeof HOLIDAYS / sizeof *HOLIDAYS},
    };
    /* work that would end after the end needs a calendar, too */
    return calendar_open(&hours, s->out->begin - WEEK, s->out->end + 520 * WEEK, &s->office, why);
}

static void open_stations(struct sim *s)
{
    const struct studio_model *m = s->m;
    double runners = fmax(m->build.runners, m->build.runners_later);
    const double people[DEPARTMENTS] = {
        [PRODUCT] = m->product.people,   [DEVELOPMENT] = m->development.people, [BUILD] = runners,
        [SECURITY] = m->security.people, [OPERATIONS] = m->operations.people,
    };
    for (int d = 0; d < DEPARTMENTS; d++) {
        s->stations[d].people = (uint32_t)people[d];
        s->stations[d].busy = mem_get((size_t)people[d] + 1);
    }
    s->stations[BUILD].people = (uint32_t)m->build.runners;
}

static void sim_finish(struct sim *s)
{
    calendar_close(s->office);
    heap_finish(&s->heap);
    VEC_FINISH(&s->items);
    VEC_FINISH(&s->commits);
    VEC_FINISH(&s->trains);
    VEC_FINISH(&s->cargo);
    VEC_FINISH(&s->waiting_qa);
    VEC_FINISH(&s->in_test);
    VEC_FINISH(&s->passed);
    for (int d = 0; d < DEPARTMENTS; d++) {
        mem_put(s->stations[d].busy);
        VEC_FINISH(&s->stations[d].queue);
    }
}

status studio_make(const struct studio_model *model, struct studio *ret, struct error *why)
{
    *ret = (struct studio){.begin = studio_month(0),
                           .end = studio_month((int64_t)model->months),
                           .truth = {.qa_full_since = WHEN_NONE}};
    arena_init(&ret->text, "the studio", 0);
    struct sim s = {.m = model, .out = ret, .seed = (uint64_t)model->seed, .now = ret->begin};
    status_code code = open_office(&s, why);
    if (code == OK) {
        open_stations(&s);
        studio_plan(&s, studio_month((int64_t)model->change.month), HAPPENS_CHANGE, 0, 0);
        plan_arrival(&s, KIND_IDEA);
        plan_arrival(&s, KIND_REPORT);
        studio_plan(&s, studio_open_at(&s, clock_floor_week(s.now) + WEEK), HAPPENS_ROUND, 0, 0);
        studio_plan_train(&s, 0);
        struct heap_entry next;
        while (heap_take(&s.heap, &next) && next.time < ret->end) {
            s.now = next.time;
            happen(&s, next.what);
        }
        struct studio_truth *t = &ret->truth;
        t->open = t->issues - t->answered - t->rejected - t->deployed;
        t->waiting_for_qa = s.waiting_qa.n;
    }
    sim_finish(&s);
    return code;
}

void studio_finish(struct studio *s)
{
    VEC_FINISH(&s->events);
    VEC_FINISH(&s->references);
    arena_finish(&s->text);
}
