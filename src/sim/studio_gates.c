/* Where items of the studio wait for a moment, not for a person: QA's weekly rounds and the release
 * trains, and what comes of a train: deployments, incidents, hotfixes, flags. */
#include "sim/studio_parts.h"

#include <math.h>
#include <string.h>

static const when MERGE_PAUSE = 3 * MINUTE; /* between two that go into the merge queue */

/* --- QA -------------------------------------------------------------------------------------- */

static void end_test(struct sim *s, uint32_t item, size_t *merges)
{
    const struct item *i = studio_item(s, item);
    uint32_t tester = item % (uint32_t)s->m->qa.people;
    if (i->thread == THREAD_NONE &&
        studio_chance(s, s->m->qa.sent_back, DRAW_SENT_BACK, item, i->works)) {
        s->out->truth.sent_back++;
        studio_spend(s, item, STUDIO_READY);
        tell_status(s, item, "Ready", QA, tester);
        studio_item(s, item)->green = GREEN_QA;
        studio_ask(s, DEVELOPMENT, WORK_REWORK, item, 2);
    } else {
        studio_item(s, item)->green = GREEN_MERGE;
        studio_plan(s, s->now + (lapse)(*merges)++ * MERGE_PAUSE, HAPPENS_MERGE, 0, item);
    }
}

/* Monday: what was tested for a week is judged, and as many as there is place for come in. */
void studio_round(struct sim *s)
{
    size_t merges = 0, kept = 0;
    for (size_t k = 0; k < s->in_test.n; k++) {
        uint32_t item = s->in_test.v[k];
        if (--studio_item(s, item)->rounds > 0) {
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
        struct item *i = studio_item(s, item);
        bool second = studio_chance(s, s->m->qa.second_round, DRAW_ROUND, item, i->works);
        i->rounds = second ? 2 : 1;
        studio_spend(s, item, STUDIO_QA_TEST);
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
    studio_plan(s, studio_open_at(s, clock_floor_week(s->now) + WEEK), HAPPENS_ROUND, 0, 0);
}

/* --- trains ---------------------------------------------------------------------------------- */

void studio_plan_train(struct sim *s, int64_t month)
{
    const struct studio_model *m = s->m;
    int64_t step = month < (int64_t)m->change.month ? (int64_t)m->release.months_between
                                                    : (int64_t)m->release.months_between_later;
    int64_t next = month + step;
    when tuesday =
        clock_floor_week(studio_month(next) + 5 * DAY) + DAY; /* the first of the month */
    studio_plan(s, studio_open_at(s, tuesday + 9 * HOUR), HAPPENS_TRAIN, (uint32_t)next, 0);
}

void studio_train(struct sim *s, uint32_t month)
{
    studio_plan_train(s, month);
    if (s->passed.n == 0) {
        return;
    }
    struct train t = {
        .first = (uint32_t)s->cargo.n, .n = (uint32_t)s->passed.n, .number = ++s->versions};
    for (size_t k = 0; k < s->passed.n; k++) {
        VEC_ADD(&s->cargo, s->passed.v[k]);
        studio_spend(s, s->passed.v[k], STUDIO_DEPLOY);
    }
    s->passed.n = 0;
    s->out->truth.trains++;
    t.staging = tell_deployment(s, &t, false, true);
    VEC_ADD(&s->trains, t);
    studio_ask(s, OPERATIONS, WORK_STAGING, (uint32_t)s->trains.n, 1);
}

static void deployed(struct sim *s, uint32_t item)
{
    struct item *i = studio_item(s, item);
    struct studio_truth *t = &s->out->truth;
    studio_spend(s, item, STUDIO_DEPLOY);
    studio_plan(s, s->now + MINUTE, HAPPENS_CLOSING, 0, item); /* the tracker is told by a robot */
    t->deployed++;
    for (int p = 0; p < STUDIO_PARTS; p++) {
        t->parts[p] += i->parts[p];
        t->lead += i->parts[p];
    }
    if (i->thread == THREAD_SEARCH) {
        tell_migration(s, item);
    } else if (i->thread == THREAD_INVITE) {
        when flip = studio_open_at(s, s->now + (lapse)(s->m->invite.flag_after_days * (double)DAY));
        studio_plan(s, flip, HAPPENS_FLAG, 0, item);
    }
}

void studio_try(struct sim *s, uint32_t train)
{
    struct train *t = &s->trains.v[train - 1];
    bool failed =
        t->hotfix == 0 && studio_chance(s, s->m->release.failed, DRAW_FAILED, t->number, t->tries);
    t->tries++;
    uint32_t deployment = tell_deployment(s, t, true, !failed);
    if (failed) {
        studio_plan(s, studio_open_at(s, s->now + DAY), HAPPENS_TRY, 0, train);
        return;
    }
    t->production = deployment;
    if (t->hotfix != 0) {
        const struct item *fix = studio_item(s, t->hotfix);
        deployed(s, t->hotfix);
        tell_incident(s, fix->incident, "resolved", s->trains.v[fix->cause - 1].production);
        return;
    }
    for (uint32_t k = 0; k < t->n; k++) {
        deployed(s, s->cargo.v[t->first + k]);
    }
    if (studio_chance(s, s->m->release.incident, DRAW_INCIDENT, t->number, 0)) {
        double hours = 1 + 20 * studio_draw(s, DRAW_INCIDENT_TIME, t->number, 0);
        lapse wait = (lapse)floor(hours * 3600) * SECOND;
        studio_plan(s, s->now + wait, HAPPENS_INCIDENT, 0, train);
    }
}

void studio_incident(struct sim *s, uint32_t train)
{
    uint32_t number = ++s->incidents;
    s->out->truth.incidents++;
    tell_incident(s, number, "created", s->trains.v[train - 1].production);
    uint32_t item = studio_add_item(s, KIND_HOTFIX);
    studio_item(s, item)->incident = number;
    studio_item(s, item)->cause = train;
    tell_created(s, item, number % (uint32_t)s->m->support.people);
    studio_spend(s, item, STUDIO_READY);
    tell_status(s, item, "Ready", SUPPORT, number % (uint32_t)s->m->support.people);
    studio_ask(s, DEVELOPMENT, WORK_DEVELOP, item, 0);
}
