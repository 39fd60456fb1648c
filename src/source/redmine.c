/* Redmine: answers of its REST API (it sends no webhooks): issues/ID.json with
 * include=journals,changesets,relations, lists of issues, issue_statuses.json, projects.json.
 *
 * Journals hold numbers of statuses, not names. Names come from issue_statuses.json, or from the
 * issues themselves; a poll puts them into the body of each issue (`issue_statuses`, `projects`
 * beside `issue`), so that a body stands for itself. A status is known by its number: a later name
 * does not make another fact of the same move.
 *
 * Times are whole seconds; the order of the journals is kept. The first status is what the first
 * move leaves, without a move the present one. `closed_on` is not read: it is the last closing and
 * survives reopening. An issue that moves to another project stays the same one, and its key names
 * the project that it was created in. Lists tell neither, so they only teach names. */
#include "source/teller.h"

#include <inttypes.h>
#include <string.h>

struct redmine {
    struct teller t;
    struct hook_words *words;
    struct hook_words own;
    item_id issue;
    str project; /* that it is in now */
};

/* --- words --- */

static str id_text(const json_t *value, char room[24])
{
    if (!json_is_integer(value)) {
        return json_text(value);
    }
    int n = snprintf(room, 24, "%" PRId64, (int64_t)json_integer_value(value));
    return (str){room, (size_t)n};
}

static void learn_status(struct hook_words *w, const json_t *one)
{
    char room[24];
    bool closed = false;
    str id = id_text(json_object_get(one, "id"), room);
    hook_word_set(w, "status", id, teller_get(one, "name"));
    if (json_get_bool(one, "is_closed", &closed)) {
        hook_word_set(w, "closed", id, closed ? STR("yes") : STR("no"));
    }
}

static void learn_named(struct hook_words *w, const char *kind, const json_t *one, const char *word)
{
    char room[24];
    hook_word_set(w, kind, id_text(json_object_get(one, "id"), room), teller_get(one, word));
}

/* The details of all journals with this name, in order: the next one behind *at. */
static const json_t *next_change(const json_t *journals, const char *name, size_t at[2])
{
    for (; at[0] < json_array_size(journals); at[0]++, at[1] = 0) {
        const json_t *details = json_get_array(json_array_get(journals, at[0]), "details");
        while (at[1] < json_array_size(details)) {
            const json_t *one = json_array_get(details, at[1]++);
            if (str_eq(teller_get(one, "name"), str_of(name)) &&
                str_eq(teller_get(one, "property"), STR("attr"))) {
                return one;
            }
        }
    }
    return NULL;
}

/* What a field was at the creation: what its first change leaves, else its present value. */
static const json_t *first_value(const json_t *issue, const char *field, const char *name)
{
    size_t at[2] = {0};
    const json_t *change = next_change(json_get_array(issue, "journals"), name, at);
    return change != NULL ? json_object_get(change, "old_value") : teller_at(issue, field);
}

static void learn_issue(struct hook_words *w, const json_t *issue)
{
    char number[24], home[24];
    learn_status(w, json_object_get(issue, "status"));
    learn_named(w, "tracker", json_object_get(issue, "tracker"), "name");
    learn_named(w, "version", json_object_get(issue, "fixed_version"), "name");
    learn_named(w, "priority", json_object_get(issue, "priority"), "name");
    if (json_get_array(issue, "journals") != NULL) {
        hook_word_set(w, "home", id_text(json_object_get(issue, "id"), number),
                      id_text(first_value(issue, "project.id", "project_id"), home));
    }
}

static void learn(struct hook_words *w, const json_t *body)
{
    static const char *const LISTS[][3] = {{"projects", "project", "identifier"},
                                           {"trackers", "tracker", "name"},
                                           {"versions", "version", "name"},
                                           {"issue_priorities", "priority", "name"}};
    size_t i;
    const json_t *one;
    learn_issue(w, json_object_get(body, "issue"));
    json_array_foreach(json_get_array(body, "issues"), i, one)
    {
        learn_issue(w, one);
    }
    json_array_foreach(json_get_array(body, "issue_statuses"), i, one)
    {
        learn_status(w, one);
    }
    for (size_t k = 0; k < sizeof LISTS / sizeof *LISTS; k++) {
        json_array_foreach(json_get_array(body, LISTS[k][0]), i, one)
        {
            learn_named(w, LISTS[k][1], one, LISTS[k][2]);
        }
    }
}

/* --- facts --- */

/* The issue of a number. Of one that is only mentioned the project is known where its own journals
 * were read; else it is taken to be that of the issue which mentions it, as Redmine by default
 * allows no others (cross_project_issue_relations). */
static item_id issue_of(struct redmine *r, str number)
{
    str home = hook_word(r->words, "home", number);
    if (home.n == 0) {
        home = r->project;
    }
    str identifier = hook_word(r->words, "project", home);
    r->t.place = (struct place){.provider = STR("redmine"),
                                .provider_id = r->t.run->options->provider_id,
                                .groups = identifier.n > 0 ? identifier : home};
    return teller_item(&r->t, "issue", "issue", number);
}

/* Numbers of users mean nothing without the tool and the instance they are of. */
static str person(struct redmine *r, str id)
{
    return id.n == 0
               ? id
               : arena_strf(&r->t.text, "redmine:" STR_FMT ":" STR_FMT,
                            STR_ARG(r->t.run->options->provider_id), STR_ARG(str_first(id, 100)));
}

static void actor(struct redmine *r, const json_t *user)
{
    str name = teller_get(user, "name");
    teller_actor(&r->t, person(r, teller_id(&r->t, json_object_get(user, "id"))),
                 teller_is_bot(name) ? STR("Bot") : STR(""));
}

static bool is_closed(struct redmine *r, str number)
{
    return str_eq(hook_word(r->words, "closed", number), STR("yes"));
}

static void tell_status(struct redmine *r, str from, str to, when time, const json_t *user,
                        str own_id)
{
    struct teller *t = &r->t;
    str name = hook_word(r->words, "status", to);
    teller_fact(t, r->issue, "issue.status", name.n > 0 ? name : to, time);
    t->activity_id = to;
    teller_attr(t, "from", hook_word(r->words, "status", from));
    teller_attr(t, "to", name);
    teller_attr(t, "from_id", from);
    teller_attr(t, "to_id", to);
    teller_attr(t, "category", is_closed(r, to) ? STR("done") : STR(""));
    actor(r, user);
    (void)teller_give(t, own_id);
}

struct journal {
    str id;
    when time;
    const json_t *user;
};

static str own_id(struct redmine *r, const struct journal *j, const char *what)
{
    return arena_strf(&r->t.text, "journal " STR_FMT " %s", STR_ARG(j->id), what);
}

static void tell_assigned(struct redmine *r, const struct journal *j, str to)
{
    struct teller *t = &r->t;
    const char *type = to.n > 0 ? "issue.assigned" : "issue.unassigned";
    teller_fact(t, r->issue, type, str_from(str_of(type), 6), j->time);
    sym who = source_actor(t->run->options, person(r, to));
    teller_attr(t, "assignee", who != 0 ? names_text(t->names, who) : (str){0});
    actor(r, j->user);
    (void)teller_give(t, own_id(r, j, "assigned"));
}

static void tell_version(struct redmine *r, const struct journal *j, str from, str to)
{
    struct teller *t = &r->t;
    const char *type = to.n > 0 ? "issue.milestoned" : "issue.demilestoned";
    teller_fact(t, r->issue, type, str_from(str_of(type), 6), j->time);
    teller_attr(t, "version", hook_word(r->words, "version", to.n > 0 ? to : from));
    teller_attr(t, "from_id", from);
    teller_attr(t, "to_id", to);
    actor(r, j->user);
    (void)teller_give(t, own_id(r, j, "version"));
}

static void tell_project(struct redmine *r, const struct journal *j, str from, str to)
{
    struct teller *t = &r->t;
    teller_fact(t, r->issue, "issue.transferred", STR("transferred"), j->time);
    teller_attr(t, "from_id", from);
    teller_attr(t, "to_id", to);
    teller_attr(t, "to", hook_word(r->words, "project", to));
    actor(r, j->user);
    (void)teller_give(t, own_id(r, j, "project"));
}

static const char *const RELATIONS[][2] = {/* kinds; all others are "related" */
                                           {"blocks", "blocks"},
                                           {"precedes", "precedes"},
                                           {"duplicates", "duplicates"}};

static void tell_relation(struct redmine *r, str from, str kind, str to)
{
    const char *word = "related";
    for (size_t i = 0; i < sizeof RELATIONS / sizeof *RELATIONS; i++) {
        word = str_eq(kind, str_of(RELATIONS[i][0])) ? RELATIONS[i][1] : word;
    }
    if (from.n > 0 && to.n > 0) {
        item_id one = issue_of(r, from), other = issue_of(r, to);
        teller_link(&r->t, one, other, word, "stated", 1);
    }
}

/* A field that is kept as a dated attribute of the issue. */
static void tell_edited(struct redmine *r, const struct journal *j, const char *field, str value)
{
    struct teller *t = &r->t;
    teller_fact(t, r->issue, "issue.edited", STR("edited"), j->time);
    teller_attr(t, "field", str_of(field));
    actor(r, j->user);
    (void)teller_give(t, own_id(r, j, field));
    teller_mark(t, r->issue, field, j->time, value);
}

static void tell_detail(struct redmine *r, const struct journal *j, const json_t *detail)
{
    struct teller *t = &r->t;
    str name = teller_get(detail, "name");
    str from = str_first(teller_id(t, json_object_get(detail, "old_value")), 200);
    str to = str_first(teller_id(t, json_object_get(detail, "new_value")), 200);
    if (!str_eq(teller_get(detail, "property"), STR("attr"))) {
        return; /* relations are told as a list; custom fields, attachments are not kept */
    }
    if (str_eq(name, STR("status_id"))) {
        if (to.n == 0) {
            teller_reject(t, "journals.details.new_value", "the move has no new status");
            return;
        }
        tell_status(r, from, to, j->time, j->user, own_id(r, j, "status"));
    } else if (str_eq(name, STR("assigned_to_id"))) {
        tell_assigned(r, j, to);
    } else if (str_eq(name, STR("fixed_version_id"))) {
        tell_version(r, j, from, to);
    } else if (str_eq(name, STR("project_id"))) {
        tell_project(r, j, from, to);
    } else if (str_eq(name, STR("tracker_id"))) {
        tell_edited(r, j, "type", hook_word(r->words, "tracker", to));
    } else if (str_eq(name, STR("priority_id"))) {
        tell_edited(r, j, "priority", hook_word(r->words, "priority", to));
    }
}

static void tell_journal(struct redmine *r, const json_t *json)
{
    struct teller *t = &r->t;
    struct journal j = {teller_id(t, json_object_get(json, "id")),
                        teller_when(t, json_object_get(json, "created_on")),
                        json_get_object(json, "user")};
    size_t i;
    const json_t *one;
    if (j.id.n == 0 || j.time == WHEN_NONE) {
        teller_reject(t, j.id.n == 0 ? "journals.id" : "journals.created_on", "a journal has no %s",
                      j.id.n == 0 ? "id" : "usable time");
        return;
    }
    json_array_foreach(json_get_array(json, "details"), i, one)
    {
        tell_detail(r, &j, one);
    }
    if (teller_get(json, "notes").n > 0) {
        teller_fact(t, r->issue, "issue.commented", STR("commented"), j.time);
        actor(r, j.user);
        (void)teller_give(t, own_id(r, &j, "notes"));
    }
}

static str first_of(struct redmine *r, const json_t *issue, const char *field, const char *name)
{
    return str_first(teller_id(&r->t, first_value(issue, field, name)), 200);
}

/* Does each move leave the status that the one before entered? Journals that the key may not see
 * are missing without a word. */
static void check_chain(struct redmine *r, const json_t *journals)
{
    size_t at[2] = {0};
    str at_status = {0};
    for (const json_t *move; (move = next_change(journals, "status_id", at)) != NULL;) {
        str from = teller_id(&r->t, json_object_get(move, "old_value"));
        const json_t *journal = json_array_get(journals, at[0]);
        if (at_status.n > 0 && from.n > 0 && !str_eq(at_status, from)) {
            teller_mark(&r->t, r->issue, "moves_missing",
                        teller_when(&r->t, json_object_get(journal, "created_on")),
                        arena_strf(&r->t.text, STR_FMT ">" STR_FMT,
                                   STR_ARG(str_first(at_status, 100)),
                                   STR_ARG(str_first(from, 100))));
        }
        at_status = teller_id(&r->t, json_object_get(move, "new_value"));
    }
}

static void tell_changesets(struct redmine *r, const json_t *list)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        item_id commit = teller_commit(&r->t, teller_get(one, "revision"));
        teller_link(&r->t, commit, r->issue, "implements", "stated", 1);
    }
}

static void tell_relations(struct redmine *r, const json_t *issue)
{
    struct teller *t = &r->t;
    size_t i;
    const json_t *one;
    json_array_foreach(json_get_array(issue, "relations"), i, one)
    {
        tell_relation(r, teller_id(t, json_object_get(one, "issue_id")),
                      teller_get(one, "relation_type"),
                      teller_id(t, json_object_get(one, "issue_to_id")));
    }
    str parent = teller_id(t, teller_at(issue, "parent.id"));
    if (parent.n > 0) {
        teller_link(t, r->issue, issue_of(r, parent), "part_of", "stated", 1);
    }
}

static bool begin_issue(struct redmine *r, const json_t *issue, when *ret_created)
{
    struct teller *t = &r->t;
    r->project = str_first(teller_id(t, teller_at(issue, "project.id")), 200);
    r->issue = issue_of(r, teller_id(t, json_object_get(issue, "id")));
    *ret_created = teller_when(t, json_object_get(issue, "created_on"));
    if (r->issue == 0) {
        teller_reject(t, "issue.id", "the issue has no number");
    } else if (*ret_created == WHEN_NONE) {
        teller_reject(t, "issue.created_on", "the issue has no usable time of creation");
    }
    return r->issue != 0 && *ret_created != WHEN_NONE;
}

static void tell_issue(struct redmine *r, const json_t *issue)
{
    struct teller *t = &r->t;
    const json_t *journals = json_get_array(issue, "journals"),
                 *author = json_get_object(issue, "author"), *one;
    when created;
    size_t i;
    if (journals == NULL) { /* of a list: neither what it began as is told, nor where */
        return;
    }
    if (!begin_issue(r, issue, &created)) {
        return;
    }
    teller_fact(t, r->issue, "issue.created", STR("created"), created);
    actor(r, author);
    if (!teller_give(t, STR("created"))) {
        return;
    }
    tell_relations(r, issue);
    tell_changesets(r, json_get_array(issue, "changesets"));
    str first = first_of(r, issue, "status.id", "status_id");
    if (first.n > 0) {
        tell_status(r, (str){0}, first, created, author, STR("first"));
    }
    teller_mark(t, r->issue, "type", created,
                hook_word(r->words, "tracker", first_of(r, issue, "tracker.id", "tracker_id")));
    teller_mark(t, r->issue, "priority", created,
                hook_word(r->words, "priority", first_of(r, issue, "priority.id", "priority_id")));
    check_chain(r, journals);
    json_array_foreach(journals, i, one)
    {
        tell_journal(r, one);
    }
}

static void map_body(struct redmine *r, const json_t *body)
{
    const json_t *issues = json_get_array(body, "issues"), *one;
    size_t i;
    tell_issue(r, json_get_object(body, "issue"));
    json_array_foreach(issues, i, one)
    {
        tell_issue(r, one);
    }
    if (!json_is_object(body)) {
        teller_reject(&r->t, "", "the body is no object");
    }
}

static void map(struct hook_run *run, const struct delivery *d)
{
    struct redmine r = {0};
    teller_open(&r.t, run, d);
    r.words = run->words != NULL ? run->words : &r.own;
    uint64_t rejected = run->counts.rejected;
    json_t *body = teller_json(&r.t);
    if (body != NULL) {
        learn(r.words, body);
        map_body(&r, body);
    }
    if (r.t.count == 0 && run->counts.rejected == rejected) {
        teller_unmapped(&r.t);
    }
    json_decref(body);
    teller_close(&r.t);
    hook_words_finish(&r.own);
}

static str id(const struct delivery *d, struct arena *text)
{
    (void)d, (void)text;
    return (str){0};
}

const struct hook HOOK_REDMINE = {
    .name = "redmine", .title = "Redmine", .id = id, .map = map, .learn = learn};
