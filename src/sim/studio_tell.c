/* What the tools of the studio tell: tracker, forge, CI, deployments, incidents, flags. Keys and
 * words are those of the connectors; people are numbers. */
#include "sim/studio_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *const department_word[DEPARTMENTS] = {
    [SALES] = "sales",     [SUPPORT] = "support",
    [PRODUCT] = "product", [DEVELOPMENT] = "development",
    [BUILD] = "build",     [SECURITY] = "security",
    [QA] = "qa",           [OPERATIONS] = "operations",
};

/* People are numbered through the whole studio: p1, p2, … */
static str person_name(struct sim *s, enum department team, uint32_t person)
{
    const double people[DEPARTMENTS] = {
        [SALES] = s->m->sales.people,           [SUPPORT] = s->m->support.people,
        [PRODUCT] = s->m->product.people,       [DEVELOPMENT] = s->m->development.people,
        [SECURITY] = s->m->security.people,     [QA] = s->m->qa.people,
        [OPERATIONS] = s->m->operations.people,
    };
    if (person == NOBODY) {
        return (str){0};
    }
    uint32_t number = person + 1;
    for (int d = 0; d < (int)team; d++) {
        number += (uint32_t)people[d];
    }
    return arena_strf(&s->out->text, "p%" PRIu32, number);
}

static str issue_key(struct sim *s, uint32_t item)
{
    return arena_strf(&s->out->text, "LOBBY-%" PRIu32, item);
}

/* The canonical identity, as connectors write it (source/identity.h). */
static str change_key(struct sim *s, uint32_t change)
{
    return arena_strf(&s->out->text, "cdevents:v0:github::studio:lobby:pr:%" PRIu32, change);
}

/* An id as git would give one: of the seed and the commit's number. */
static str commit_key(struct sim *s, uint32_t commit)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%" PRIu64 "/%" PRIu32, s->seed, commit);
    id128 a = id128_of(text, (size_t)n), b = id128_of(&a, sizeof a);
    return arena_strf(&s->out->text, "%016" PRIx64 "%016" PRIx64 "%08" PRIx32, a.hi, a.lo,
                      (uint32_t)b.lo);
}

static void begin(struct sim *s, const char *type, const char *activity, const char *item_type,
                  str key)
{
    VEC_ADD(&s->out->events, (struct studio_event){.time = s->now,
                                                   .type = type,
                                                   .activity = activity,
                                                   .item_type = item_type,
                                                   .key = key,
                                                   .life = LIFE_NONE,
                                                   .first = (uint32_t)s->out->references.n});
}

static struct studio_event *last(struct sim *s)
{
    return &s->out->events.v[s->out->events.n - 1];
}

static void by(struct sim *s, enum department team, uint32_t person)
{
    last(s)->team = department_word[team];
    last(s)->actor = person_name(s, team, person);
}

static void also(struct sim *s, const char *type, str key, const char *qualifier)
{
    VEC_ADD(&s->out->references, (struct studio_reference){type, qualifier, key});
    last(s)->n++;
}

static void also_commits(struct sim *s, const struct item *i)
{
    for (uint32_t c = i->first_commit; c != 0; c = s->commits.v[c - 1].next) {
        also(s, "commit", commit_key(s, c), "commit");
    }
}

void tell_created(struct sim *s, uint32_t item, uint32_t person)
{
    static const char *const KINDS[] = {"idea", "bug", "outage"};
    static const char *const TITLES[] = {"", "player search is slow", "invite a friend button"};
    const struct item *i = &s->items.v[item - 1];
    begin(s, "issue.created", "created", "issue", issue_key(s, item));
    by(s, i->kind == KIND_IDEA ? SALES : SUPPORT, person);
    const char *title = TITLES[i->thread];
    last(s)->attrs = title[0] == 0 ? arena_strf(&s->out->text, "{\"kind\":\"%s\"}", KINDS[i->kind])
                                   : arena_strf(&s->out->text, "{\"kind\":\"%s\",\"title\":\"%s\"}",
                                                KINDS[i->kind], title);
    if (i->incident != 0) {
        also(s, "incident", arena_strf(&s->out->text, "%" PRIu32, i->incident), "incident");
    }
}

void tell_status(struct sim *s, uint32_t item, const char *word, enum department team,
                 uint32_t person)
{
    begin(s, "issue.status", word, "issue", issue_key(s, item));
    by(s, team, person);
}

void tell_commit(struct sim *s, uint32_t item)
{
    struct item *i = &s->items.v[item - 1];
    VEC_ADD(&s->commits, (struct commit){.item = item});
    uint32_t commit = (uint32_t)s->commits.n;
    if (i->last_commit != 0) {
        s->commits.v[i->last_commit - 1].next = commit;
    } else {
        i->first_commit = commit;
    }
    i->last_commit = commit;
    begin(s, "commit", "authored", "commit", commit_key(s, commit));
    by(s, DEVELOPMENT, i->author);
    also(s, "issue", issue_key(s, item), "issue");
    if (i->change != 0) {
        also(s, "change", change_key(s, i->change), "change");
    }
}

void tell_run(struct sim *s, uint32_t item, enum life life, const char *outcome)
{
    const struct item *i = &s->items.v[item - 1];
    begin(s, "run", "run", "run", arena_strf(&s->out->text, "%" PRIu32, i->run));
    last(s)->life = (uint8_t)life;
    last(s)->attrs =
        outcome == NULL
            ? STR("{\"repository\":\"lobby\",\"workflow\":\"build\"}")
            : arena_strf(&s->out->text,
                         "{\"repository\":\"lobby\",\"workflow\":\"build\",\"outcome\":\"%s\"}",
                         outcome);
    also(s, "commit", commit_key(s, i->last_commit), "commit");
}

void tell_change(struct sim *s, uint32_t item, const char *type, const char *activity,
                 enum department team, uint32_t person, const char *state)
{
    const struct item *i = &s->items.v[item - 1];
    begin(s, type, activity, "change", change_key(s, i->change));
    by(s, team, person);
    last(s)->attrs =
        state == NULL
            ? STR("{\"repository\":\"lobby\"}")
            : arena_strf(&s->out->text, "{\"repository\":\"lobby\",\"state\":\"%s\"}", state);
    if (strcmp(activity, "created") == 0) {
        also(s, "issue", issue_key(s, item), "issue");
        also_commits(s, i);
    }
}

void tell_landed(struct sim *s, uint32_t item)
{
    const struct item *i = &s->items.v[item - 1];
    for (uint32_t c = i->first_commit; c != 0; c = s->commits.v[c - 1].next) {
        begin(s, "commit", "landed", "commit", commit_key(s, c));
        by(s, DEVELOPMENT, i->author);
        also(s, "change", change_key(s, i->change), "change");
    }
}

/* What a train or a hotfix carries, as its deployment says it. The commit is named where all before
 * it on the main branch are deployed with it: not by a hotfix, which takes one change out of the
 * row. */
static str cargo_of(struct sim *s, const struct train *t)
{
    struct arena *text = &s->out->text;
    if (t->hotfix != 0) {
        return arena_strf(text,
                          "\"version\":\"1.%" PRIu32 "-fix%" PRIu32
                          "\",\"kind\":\"hotfix\",\"planned\":\"no\"",
                          t->number, t->hotfix);
    }
    const struct item *newest = &s->items.v[s->cargo.v[t->first + t->n - 1] - 1];
    return arena_strf(text,
                      "\"version\":\"1.%" PRIu32
                      "\",\"kind\":\"release\",\"planned\":\"yes\",\"commit\":\"" STR_FMT "\"",
                      t->number, STR_ARG(commit_key(s, newest->last_commit)));
}

uint32_t tell_deployment(struct sim *s, const struct train *t, bool production, bool success)
{
    uint32_t number = ++s->deployments;
    struct arena *text = &s->out->text;
    const char *outcome = success ? "success" : "failure";
    str cargo = cargo_of(s, t);
    begin(s, "deployment", "deploy", "deployment", arena_strf(text, "%" PRIu32, number));
    by(s, OPERATIONS, number % (uint32_t)s->m->operations.people);
    last(s)->attrs =
        arena_strf(text,
                   "{\"environment\":\"%s\",\"service\":\"lobby\"," STR_FMT
                   ",\"outcome\":\"%s\",\"result\":\"%s\"}",
                   production ? "production" : "staging", STR_ARG(cargo), outcome, outcome);
    for (uint32_t k = 0; k < t->n; k++) {
        also(s, "change", change_key(s, s->items.v[s->cargo.v[t->first + k] - 1].change), "change");
    }
    if (t->hotfix != 0) {
        also(s, "change", change_key(s, s->items.v[t->hotfix - 1].change), "change");
    }
    return number;
}

void tell_incident(struct sim *s, uint32_t incident, const char *activity, uint32_t deployment)
{
    struct arena *text = &s->out->text;
    begin(s, "incident", activity, "incident", arena_strf(text, "%" PRIu32, incident));
    by(s, OPERATIONS, incident % (uint32_t)s->m->operations.people);
    last(s)->attrs = arena_strf(
        text, "{\"service\":\"lobby\",\"caused_by_deployment\":\"%" PRIu32 "\"}", deployment);
    also(s, "deployment", arena_strf(text, "%" PRIu32, deployment), "cause");
}

void tell_migration(struct sim *s, uint32_t item)
{
    begin(s, "migration", "applied", "migration", STR("players-name-index"));
    by(s, OPERATIONS, 0);
    last(s)->attrs = STR("{\"statement\":\"CREATE INDEX players_name ON players (name)\"}");
    also(s, "issue", issue_key(s, item), "issue");
}

void tell_flag(struct sim *s, uint32_t item)
{
    begin(s, "flag.flipped", "on", "flag", STR("invite-friend"));
    by(s, PRODUCT, 0);
    last(s)->attrs = STR("{\"share\":0.5}");
    also(s, "issue", issue_key(s, item), "issue");
}
