/* The life of an item: raised, judged, written, built, reviewed, sometimes looked at by security,
 * tested in a round, merged, and deployed with a train. Every step is an entry of the heap; what
 * follows a step is decided when it happens, by draws that are named after the item and what is
 * decided, so that nothing depends on the order of calls. */
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
static const when MERGE_PAUSE = 3 * MINUTE; /* between two that go into the merge queue */

enum happening { /* kinds of entries of the heap, in the order of those of one instant */
                 HAPPENS_DONE,     /* a: department and person, b: item or train */
                 HAPPENS_COMMIT,   /* b: item */
                 HAPPENS_MERGE,    /* b: item */
                 HAPPENS_SECURITY, /* b: item */
                 HAPPENS_WAKE,     /* a: department */
                 HAPPENS_CHANGE,
                 HAPPENS_ARRIVAL, /* a: kind */
                 HAPPENS_ROUND,
                 HAPPENS_TRAIN,    /* a: month */
                 HAPPENS_TRY,      /* b: train */
                 HAPPENS_INCIDENT, /* b: train */
                 HAPPENS_FLAG,     /* b: item */
                 HAPPENS_CLOSING,  /* b: item */
};

enum work {
    WORK_JUDGE,
    WORK_DEVELOP,
    WORK_REPAIR,
    WORK_REVIEW,
    WORK_REVISE,
    WORK_REWORK,
    WORK_SECURITY,
    WORK_BUILD,
    WORK_STAGING,
};

enum green { GREEN_REVIEW, GREEN_QA, GREEN_MERGE };

enum purpose { /* of a draw */
               DRAW_ARRIVAL,
               DRAW_ACCEPT,
               DRAW_ANSWER,
               DRAW_WORK,
               DRAW_RED,
               DRAW_REVIEW,
               DRAW_SECURITY,
               DRAW_SENT_BACK,
               DRAW_ROUND,
               DRAW_FAILED,
               DRAW_INCIDENT,
               DRAW_INCIDENT_TIME,
};

/* --- chance and time ------------------------------------------------------------------------- */

static double draw(const struct sim *s, enum purpose purpose, uint64_t of, uint64_t again)
{
    uint64_t key = rng_mix(rng_mix(rng_mix(rng_mix(0, s->seed), purpose), of), again);
    return rng_unit(key);
}

static bool chance(const struct sim *s, double share, enum purpose purpose, uint64_t of,
                   uint64_t again)
{
    return draw(s, purpose, of, again) < share;
}

/* A gamma draw of shape 2 with this mean, in whole seconds: coefficient of variation 0.71, which is
 * usual for work of people. */
static lapse work_time(const struct sim *s, double mean_s, uint64_t of, uint64_t again)
{
    double x = -log(draw(s, DRAW_WORK, of, 2 * again)) - log(draw(s, DRAW_WORK, of, 2 * again + 1));
    double seconds = floor(mean_s / 2 * x) + 1;
    return (lapse)seconds * SECOND;
}

static when open_at(const struct sim *s, when t) /* at or after t */
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

static when month_begin(int64_t month) /* since the beginning */
{
    return clock_from_civil(
        (struct civil){.year = BEGIN_YEAR, .month = BEGIN_MONTH + (int)month, .day = 1});
}

static void plan(struct sim *s, when t, enum happening kind, uint32_t a, uint32_t b)
{
    assert(t >= s->now && a < 1 << 24);
    heap_put(&s->heap, (struct heap_entry){t, (uint64_t)kind << 56 | (uint64_t)a << 32 | b});
}

static struct item *item_at(struct sim *s, uint32_t item)
{
    return &s->items.v[item - 1];
}

/* From now on its time goes into `part`. */
static void spend(struct sim *s, uint32_t item, enum studio_part part)
{
    struct item *i = item_at(s, item);
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
            plan(s, open_at(s, s->now), HAPPENS_WAKE, d, 0);
            st->waking = true;
        }
        return;
    }
    for (;;) {
        size_t best = SIZE_MAX;
        uint32_t person = NOBODY;
        for (size_t i = 0; i < st->queue.n; i++) {
            const struct task *t = &st->queue.v[i];
            uint32_t but = t->work == WORK_REVIEW ? item_at(s, t->number)->author : NOBODY;
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

static void ask(struct sim *s, enum department d, enum work work, uint32_t number, int priority)
{
    struct task t = {.priority = priority, .since = s->now, .number = number, .work = (int)work};
    VEC_ADD(&s->stations[d].queue, t);
    serve(s, d);
}

static int priority_of(struct sim *s, uint32_t item, int usual)
{
    return item_at(s, item)->kind == KIND_HOTFIX ? 0 : usual;
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
    struct item *i = train ? NULL : item_at(s, t->number);
    uint64_t again = i != NULL ? ++i->works : UINT32_MAX;
    lapse length = work_time(s, mean_hours(s, (enum work)t->work, i) * 3600, t->number, again);
    when end = d == BUILD ? s->now + length : after(s, s->now, length);
    switch (t->work) {
    case WORK_DEVELOP:
    case WORK_REWORK:
        i->author = person;
        spend(s, t->number, STUDIO_DEVELOPMENT);
        tell_status(s, t->number, "In Progress", d, person);
        if (t->work == WORK_DEVELOP) {
            plan(s, after(s, s->now, length * 2 / 5), HAPPENS_COMMIT, 0, t->number);
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
    plan(s, end, HAPPENS_DONE, (uint32_t)d << 16 | (uint32_t)t->work << 8 | person, t->number);
}

/* --- an item --------------------------------------------------------------------------------- */

static void build(struct sim *s, uint32_t item)
{
    item_at(s, item)->run = ++s->runs;
    item_at(s, item)->builds++;
    tell_run(s, item, LIFE_SCHEDULE, NULL);
    ask(s, BUILD, WORK_BUILD, item, priority_of(s, item, 1));
}

static void end_item(struct sim *s, uint32_t item, const char *word, enum department team,
                     uint32_t person)
{
    tell_status(s, item, word, team, person);
    spend(s, item, STUDIO_DEPLOY);
}

static void judged(struct sim *s, uint32_t item, uint32_t person)
{
    const struct item *i = item_at(s, item);
    bool named = i->thread != THREAD_NONE;
    if (!named && i->kind == KIND_REPORT &&
        chance(s, s->m->support.answered, DRAW_ANSWER, item, 0)) {
        s->out->truth.answered++;
        end_item(s, item, "Done", PRODUCT, person);
    } else if (!named && !chance(s, s->m->product.accepted, DRAW_ACCEPT, item, 0)) {
        s->out->truth.rejected++;
        end_item(s, item, "Rejected", PRODUCT, person);
    } else {
        spend(s, item, STUDIO_READY);
        tell_status(s, item, "Ready", PRODUCT, person);
        ask(s, DEVELOPMENT, WORK_DEVELOP, item, named ? 2 : 3);
    }
}

static void written(struct sim *s, uint32_t item)
{
    tell_commit(s, item);
    build(s, item);
}

static void built(struct sim *s, uint32_t item)
{
    struct item *i = item_at(s, item);
    bool red = i->kind != KIND_HOTFIX && chance(s, s->m->build.red, DRAW_RED, item, i->builds);
    s->out->truth.builds++;
    s->out->truth.red += red;
    tell_run(s, item, LIFE_COMPLETE, red ? "failure" : "success");
    if (red) {
        ask(s, DEVELOPMENT, WORK_REPAIR, item, 1);
    } else if (i->green == GREEN_REVIEW) {
        if (i->change == 0) {
            i->change = ++s->changes;
            tell_change(s, item, "change.created", "created", DEVELOPMENT, i->author, NULL);
        }
        ask(s, DEVELOPMENT, WORK_REVIEW, item, priority_of(s, item, 2));
    } else if (i->green == GREEN_QA) {
        spend(s, item, STUDIO_QA_QUEUE);
        tell_status(s, item, "Ready for QA", QA, NOBODY);
        VEC_ADD(&s->waiting_qa, item);
    } else {
        tell_change(s, item, "change.merged", "merged", DEVELOPMENT, i->author, NULL);
        tell_landed(s, item);
        spend(s, item, STUDIO_RELEASE);
        if (i->kind == KIND_HOTFIX) {
            struct train t = {.hotfix = item, .number = s->trains.v[i->cause - 1].number};
            VEC_ADD(&s->trains, t);
            plan(s, s->now + 10 * MINUTE, HAPPENS_TRY, 0, (uint32_t)s->trains.n);
        } else {
            VEC_ADD(&s->passed, item);
        }
    }
}

static void to_build_for(struct sim *s, uint32_t item, enum green green)
{
    item_at(s, item)->green = (int)green;
    build(s, item);
}

static void reviewed(struct sim *s, uint32_t item, uint32_t person)
{
    struct item *i = item_at(s, item);
    bool hotfix = i->kind == KIND_HOTFIX;
    bool again =
        !hotfix && chance(s, s->m->development.changes_requested, DRAW_REVIEW, item, i->works);
    tell_change(s, item, "change.reviewed", "reviewed", DEVELOPMENT, person,
                again ? "changes_requested" : "approved");
    if (again) {
        ask(s, DEVELOPMENT, WORK_REVISE, item, 1);
    } else if (hotfix) {
        to_build_for(s, item, GREEN_MERGE);
    } else if (chance(s, s->m->security.reviewed, DRAW_SECURITY, item, 0)) {
        plan(s, s->now + SECOND, HAPPENS_SECURITY, 0, item);
    } else {
        to_build_for(s, item, GREEN_QA);
    }
}

static void staged(struct sim *s, uint32_t train)
{
    plan(s, open_at(s, s->now + 1 * HOUR), HAPPENS_TRY, 0, train);
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
        spend(s, number, STUDIO_DEVELOPMENT);
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

static uint32_t add_item(struct sim *s, enum kind kind)
{
    VEC_ADD(&s->items, (struct item){.kind = kind, .since = s->now, .author = NOBODY});
    s->out->truth.issues++;
    return (uint32_t)s->items.n;
}

static void plan_arrival(struct sim *s, enum kind kind)
{
    double rate = kind == KIND_IDEA ? s->m->sales.ideas_per_week : s->m->support.reports_per_week;
    double mean = (double)calendar_week(s->office) / (double)SECOND / rate;
    double seconds = floor(-log(draw(s, DRAW_ARRIVAL, kind, s->arrivals[kind])) * mean) + 1;
    plan(s, after(s, s->now, (lapse)seconds * SECOND), HAPPENS_ARRIVAL, kind, 0);
}

static void arrival(struct sim *s, enum kind kind)
{
    uint32_t number = s->arrivals[kind]++;
    uint32_t item = add_item(s, kind);
    struct item *i = item_at(s, item);
    if (kind == KIND_REPORT && !s->searched && s->now >= month_begin((int64_t)s->m->search.month)) {
        i->thread = THREAD_SEARCH;
        s->searched = true;
    } else if (kind == KIND_IDEA && !s->invited &&
               s->now >= month_begin((int64_t)s->m->invite.month)) {
        i->thread = THREAD_INVITE;
        s->invited = true;
    }
    double people = kind == KIND_IDEA ? s->m->sales.people : s->m->support.people;
    tell_created(s, item, number % (uint32_t)people);
    plan_arrival(s, kind);
    ask(s, PRODUCT, WORK_JUDGE, item, 1);
}

/* --- QA -------------------------------------------------------------------------------------- */

static void end_test(struct sim *s, uint32_t item, size_t *merges)
{
    const struct item *i = item_at(s, item);
    uint32_t tester = item % (uint32_t)s->m->qa.people;
    if (i->thread == THREAD_NONE && chance(s, s->m->qa.sent_back, DRAW_SENT_BACK, item, i->works)) {
        s->out->truth.sent_back++;
        spend(s, item, STUDIO_READY);
        tell_status(s, item, "Ready", QA, tester);
        item_at(s, item)->green = GREEN_QA;
        ask(s, DEVELOPMENT, WORK_REWORK, item, 2);
    } else {
        item_at(s, item)->green = GREEN_MERGE;
        plan(s, s->now + (lapse)(*merges)++ * MERGE_PAUSE, HAPPENS_MERGE, 0, item);
    }
}

/* Monday: what was tested for a week is judged, and as many as there is place for come in. */
static void test_round(struct sim *s)
{
    size_t merges = 0, kept = 0;
    for (size_t k = 0; k < s->in_test.n; k++) {
        uint32_t item = s->in_test.v[k];
        if (--item_at(s, item)->rounds > 0) {
            s->in_test.v[kept++] = item;
        } else {
            end_test(s, item, &merges);
        }
    }
    s->in_test.n = kept;
    struct studio_truth *t = &s->out->truth;
    size_t places = (size_t)s->m->qa.items_per_round, taken = 0;
    t->rounds++;
    t->places += places;
    for (; taken < s->waiting_qa.n && s->in_test.n < places; taken++) {
        uint32_t item = s->waiting_qa.v[taken];
        struct item *i = item_at(s, item);
        bool second = chance(s, s->m->qa.second_round, DRAW_ROUND, item, i->works);
        i->rounds = second ? 2 : 1;
        spend(s, item, STUDIO_QA_TEST);
        tell_status(s, item, "In test", QA, item % (uint32_t)s->m->qa.people);
        VEC_ADD(&s->in_test, item);
    }
    t->taken += s->in_test.n;
    if (taken > 0) {
        memmove(s->waiting_qa.v, s->waiting_qa.v + taken,
                (s->waiting_qa.n - taken) * sizeof *s->waiting_qa.v);
    }
    s->waiting_qa.n -= taken;
    bool full = s->waiting_qa.n > 0;
    t->qa_full_since = !full                           ? WHEN_NONE
                       : t->qa_full_since == WHEN_NONE ? s->now
                                                       : t->qa_full_since;
    plan(s, open_at(s, clock_floor_week(s->now) + WEEK), HAPPENS_ROUND, 0, 0);
}

/* --- trains ---------------------------------------------------------------------------------- */

static void plan_train(struct sim *s, int64_t month)
{
    const struct studio_model *m = s->m;
    int64_t step = month < (int64_t)m->change.month ? (int64_t)m->release.months_between
                                                    : (int64_t)m->release.months_between_later;
    int64_t next = month + step;
    when tuesday = clock_floor_week(month_begin(next) + 5 * DAY) + DAY; /* the first of the month */
    plan(s, open_at(s, tuesday + 9 * HOUR), HAPPENS_TRAIN, (uint32_t)next, 0);
}

static void train_leaves(struct sim *s, uint32_t month)
{
    plan_train(s, month);
    if (s->passed.n == 0) {
        return;
    }
    struct train t = {
        .first = (uint32_t)s->cargo.n, .n = (uint32_t)s->passed.n, .number = ++s->versions};
    for (size_t k = 0; k < s->passed.n; k++) {
        VEC_ADD(&s->cargo, s->passed.v[k]);
        spend(s, s->passed.v[k], STUDIO_DEPLOY);
    }
    s->passed.n = 0;
    s->out->truth.trains++;
    t.staging = tell_deployment(s, &t, false, true);
    VEC_ADD(&s->trains, t);
    ask(s, OPERATIONS, WORK_STAGING, (uint32_t)s->trains.n, 1);
}

static void deployed(struct sim *s, uint32_t item)
{
    struct item *i = item_at(s, item);
    struct studio_truth *t = &s->out->truth;
    spend(s, item, STUDIO_DEPLOY);
    plan(s, s->now + MINUTE, HAPPENS_CLOSING, 0, item); /* the tracker is told by a robot */
    t->deployed++;
    for (int p = 0; p < STUDIO_PARTS; p++) {
        t->parts[p] += i->parts[p];
        t->lead += i->parts[p];
    }
    if (i->thread == THREAD_SEARCH) {
        tell_migration(s, item);
    } else if (i->thread == THREAD_INVITE) {
        when flip = open_at(s, s->now + (lapse)(s->m->invite.flag_after_days * (double)DAY));
        plan(s, flip, HAPPENS_FLAG, 0, item);
    }
}

static void try_production(struct sim *s, uint32_t train)
{
    struct train *t = &s->trains.v[train - 1];
    bool failed =
        t->hotfix == 0 && chance(s, s->m->release.failed, DRAW_FAILED, t->number, t->tries);
    t->tries++;
    uint32_t deployment = tell_deployment(s, t, true, !failed);
    if (failed) {
        plan(s, open_at(s, s->now + DAY), HAPPENS_TRY, 0, train);
        return;
    }
    t->production = deployment;
    if (t->hotfix != 0) {
        const struct item *fix = item_at(s, t->hotfix);
        deployed(s, t->hotfix);
        tell_incident(s, fix->incident, "resolved", s->trains.v[fix->cause - 1].production);
        return;
    }
    for (uint32_t k = 0; k < t->n; k++) {
        deployed(s, s->cargo.v[t->first + k]);
    }
    if (chance(s, s->m->release.incident, DRAW_INCIDENT, t->number, 0)) {
        double hours = 1 + 20 * draw(s, DRAW_INCIDENT_TIME, t->number, 0);
        lapse wait = (lapse)floor(hours * 3600) * SECOND;
        plan(s, s->now + wait, HAPPENS_INCIDENT, 0, train);
    }
}

static void incident(struct sim *s, uint32_t train)
{
    uint32_t number = ++s->incidents;
    s->out->truth.incidents++;
    tell_incident(s, number, "created", s->trains.v[train - 1].production);
    uint32_t item = add_item(s, KIND_HOTFIX);
    item_at(s, item)->incident = number;
    item_at(s, item)->cause = train;
    tell_created(s, item, number % (uint32_t)s->m->support.people);
    spend(s, item, STUDIO_READY);
    tell_status(s, item, "Ready", SUPPORT, number % (uint32_t)s->m->support.people);
    ask(s, DEVELOPMENT, WORK_DEVELOP, item, 0);
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
        spend(s, b, STUDIO_SECURITY);
        tell_status(s, b, "Ready for security", SECURITY, NOBODY);
        ask(s, SECURITY, WORK_SECURITY, b, 1);
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
        test_round(s);
        break;
    case HAPPENS_TRAIN:
        train_leaves(s, a);
        break;
    case HAPPENS_TRY:
        try_production(s, b);
        break;
    case HAPPENS_INCIDENT:
        incident(s, b);
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
    *ret = (struct studio){.begin = month_begin(0),
                           .end = month_begin((int64_t)model->months),
                           .truth = {.qa_full_since = WHEN_NONE}};
    arena_init(&ret->text, "the studio", 0);
    struct sim s = {.m = model, .out = ret, .seed = (uint64_t)model->seed, .now = ret->begin};
    status_code code = open_office(&s, why);
    if (code == OK) {
        open_stations(&s);
        plan(&s, month_begin((int64_t)model->change.month), HAPPENS_CHANGE, 0, 0);
        plan_arrival(&s, KIND_IDEA);
        plan_arrival(&s, KIND_REPORT);
        plan(&s, open_at(&s, clock_floor_week(s.now) + WEEK), HAPPENS_ROUND, 0, 0);
        plan_train(&s, 0);
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
