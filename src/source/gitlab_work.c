/* GitLab's issues (incidents and tasks too), merge requests and notes. What changed in an update is
 * in `changes`, each with its value before and after. */
#include "source/gitlab.h"

#include <string.h>

/* --- labels, people: lists before and after --- */

static bool list_has(const json_t *list, const char *key, str value)
{
    size_t i;
    const json_t *one;
    json_array_foreach(list, i, one)
    {
        if (str_eq(teller_get(one, key), value)) {
            return true;
        }
    }
    return false;
}

/* "workflow::in dev" → "workflow", of which an item has one at a time; empty: not such a label. */
static str scope_of(str label)
{
    size_t last = 0;
    for (size_t i = 0; i + 1 < label.n; i++) {
        last = label.p[i] == ':' && label.p[i + 1] == ':' ? i : last;
    }
    return str_first(label, last);
}

/* The label of the same scope that was there before and is not any more. */
static const json_t *left_label(const json_t *before, const json_t *after, str scope)
{
    size_t i;
    const json_t *one;
    json_array_foreach(before, i, one)
    {
        str title = teller_get(one, "title");
        if (scope.n > 0 && str_eq(scope_of(title), scope) && !list_has(after, "title", title)) {
            return one;
        }
    }
    return NULL;
}

struct move { /* of labels of one item */
    item_id item;
    const char *subject; /* "issue", "change" */
    when time;
    const json_t *user;
};

static void tell_label(struct gitlab *g, const struct move *m, const json_t *label,
                       const json_t *left, bool added)
{
    struct teller *t = &g->t;
    char type[40], text[CLOCK_TEXT];
    str title = teller_get(label, "title");
    if (title.n == 0) {
        title = teller_get(label, "name"); /* REST */
    }
    if (title.n == 0) {
        return;
    }
    bool status_move = added && scope_of(title).n > 0;
    (void)snprintf(type, sizeof type, "%s.%s", m->subject,
                   status_move ? "status"
                   : added     ? "labeled"
                               : "unlabeled");
    teller_fact(t, m->item, type, added ? title : STR("unlabeled"), m->time);
    if (status_move) {
        teller_attr(t, "from", teller_get(left, "title"));
        teller_attr(t, "to", title);
        teller_attr(t, "from_id", teller_id(t, json_object_get(left, "id")));
        teller_attr(t, "to_id", teller_id(t, json_object_get(label, "id")));
    } else {
        teller_attr(t, "label", title);
        teller_attr_i64(t, "label_id", json_object_get(label, "id"));
    }
    gitlab_actor(g, m->user);
    teller_give(t,
                arena_strf(&t->text, "%s " STR_FMT, clock_text(clock_floor(m->time, SECOND), text),
                           STR_ARG(str_first(title, 200))));
}

static void tell_labels(struct gitlab *g, const struct move *m)
{
    const json_t *before = json_get_array(teller_at(g->body, "changes.labels"), "previous");
    const json_t *after = json_get_array(teller_at(g->body, "changes.labels"), "current");
    size_t i;
    const json_t *label;
    json_array_foreach(after, i, label)
    {
        str title = teller_get(label, "title");
        if (!list_has(before, "title", title)) {
            tell_label(g, m, label, left_label(before, after, scope_of(title)), true);
        }
    }
    json_array_foreach(before, i, label)
    {
        str title = teller_get(label, "title"), scope = scope_of(title);
        bool moved = scope.n > 0 && left_label(after, before, scope) != NULL;
        if (!list_has(after, "title", title) && !moved) {
            tell_label(g, m, label, NULL, false);
        }
    }
}

/* Everyone who is in the list now and was not before. */
static void tell_added(struct gitlab *g, const struct move *m, const char *path, const char *type,
                       const char *activity)
{
    const json_t *lists = teller_at(g->body, path);
    const json_t *before = json_get_array(lists, "previous"),
                 *after = json_get_array(lists, "current"), *one;
    struct teller *t = &g->t;
    char text[CLOCK_TEXT];
    size_t i;
    json_array_foreach(after, i, one)
    {
        str name = teller_get(one, "username");
        if (name.n > 0 && !list_has(before, "username", name)) {
            teller_fact(t, m->item, type, str_of(activity), m->time);
            gitlab_actor(g, m->user);
            teller_give(t, arena_strf(&t->text, "%s " STR_FMT,
                                      clock_text(clock_floor(m->time, SECOND), text),
                                      STR_ARG(str_first(name, 200))));
        }
    }
}

static bool tell(struct gitlab *g, item_id item, const char *type, const char *activity, when time,
                 const json_t *user, str own)
{
    teller_fact(&g->t, item, type, str_of(activity), time);
    gitlab_actor(g, user);
    return teller_give(&g->t, own);
}

static when updated_at(const struct gitlab *g)
{
    when time = teller_when(&g->t, teller_at(g->body, "changes.updated_at.current"));
    return time != WHEN_NONE ? time : gitlab_time(g, g->about, "updated_at");
}

/* --- issues and incidents --- */

static bool is_incident(const struct gitlab *g)
{
    str type = teller_get(g->about, "type");
    return str_eq_case(type, STR("Incident")) ||
           str_eq_case(teller_get(g->about, "issue_type"), STR("incident"));
}

static const char *name_of(bool incident, const char *issue, const char *other)
{
    return incident ? other : issue;
}

static void tell_issue_rest(struct gitlab *g, item_id item, bool incident)
{
    when created = gitlab_time(g, g->about, "created_at"),
         closed = gitlab_time(g, g->about, "closed_at");
    if (created == WHEN_NONE) {
        gitlab_need_time(g, "created_at");
        return;
    }
    tell(g, item, name_of(incident, "issue.created", "incident.created"), "created", created,
         json_object_get(g->about, "author"), (str){0});
    if (str_eq(teller_get(g->about, "state"), STR("closed")) && closed != WHEN_NONE) {
        tell(g, item, name_of(incident, "issue.closed", "incident.resolved"),
             name_of(incident, "closed", "resolved"), closed,
             json_object_get(g->about, "closed_by"), (str){0});
    }
}

static void tell_issue_update(struct gitlab *g, item_id item, bool incident, when time)
{
    struct move m = {item, "issue", time, json_object_get(g->body, "user")};
    tell_labels(g, &m);
    tell_added(g, &m, "changes.assignees", "issue.assigned", "assigned");
    str escalation = teller_text(g->body, "changes.escalation_status.current");
    if (incident && str_eq(escalation, STR("acknowledged"))) {
        tell(g, item, "incident.acknowledged", "acknowledged", time, m.user, (str){0});
    } else if (incident && str_eq(escalation, STR("resolved"))) {
        tell(g, item, "incident.resolved", "resolved", time, m.user, (str){0});
    }
}

static when closed_time(const struct gitlab *g)
{
    when closed = gitlab_time(g, g->about, "closed_at");
    return closed != WHEN_NONE ? closed : updated_at(g);
}

static void mark_issue(struct gitlab *g, item_id item, when time)
{
    teller_mark(&g->t, item, "type", time, teller_get(g->about, "type"));
    teller_mark(&g->t, item, "severity", time, teller_get(g->about, "severity"));
}

void gitlab_issue(struct gitlab *g)
{
    bool incident = is_incident(g);
    uint64_t before = g->t.count;
    const json_t *user = json_object_get(g->body, "user");
    item_id item = gitlab_item(g, name_of(incident, "issue", "incident"),
                               name_of(incident, "issue", "incident"),
                               json_object_get(g->about, "iid"), "object_attributes.iid");
    if (item == 0) {
        return;
    }
    bool opened = gitlab_did(g, "open"), closed = gitlab_did(g, "close"),
         reopened = gitlab_did(g, "reopen"), updated = gitlab_did(g, "update");
    when time = opened   ? gitlab_time(g, g->about, "created_at")
                : closed ? closed_time(g)
                         : updated_at(g);
    if (!g->rest && (opened || closed || reopened || updated) && time == WHEN_NONE) {
        gitlab_need_time(g,
                         opened ? "object_attributes.created_at" : "object_attributes.updated_at");
    } else if (g->rest) {
        tell_issue_rest(g, item, incident);
    } else if (opened) {
        tell(g, item, name_of(incident, "issue.created", "incident.created"), "created", time, user,
             (str){0});
    } else if (closed) {
        tell(g, item, name_of(incident, "issue.closed", "incident.resolved"),
             name_of(incident, "closed", "resolved"), time, user, (str){0});
    } else if (reopened) {
        tell(g, item, name_of(incident, "issue.reopened", "incident.reopened"), "reopened", time,
             user, (str){0});
    } else if (updated) {
        tell_issue_update(g, item, incident, time);
    }
    if (g->t.count > before) {
        mark_issue(g, item, updated_at(g));
    }
}

/* --- merge requests --- */

static bool is_main_branch(struct gitlab *g, str branch)
{
    str main = teller_text(g->body, "project.default_branch");
    return branch.n > 0 && str_eq(branch, main);
}

static str head_of(const struct gitlab *g)
{
    return g->rest ? teller_get(g->about, "sha") : teller_text(g->about, "last_commit.id");
}

static str merge_commit(const struct gitlab *g)
{
    str merge = teller_get(g->about, "merge_commit_sha");
    return merge.n > 0 ? merge : teller_get(g->about, "squash_commit_sha");
}

static void mark_change(struct gitlab *g, item_id item)
{
    struct teller *t = &g->t;
    when at = updated_at(g);
    str target = teller_get(g->about, "target_branch");
    bool draft, merged = str_eq(teller_get(g->about, "state"), STR("merged"));
    if (at == WHEN_NONE) {
        return;
    }
    teller_mark(t, item, "branch", at, teller_get(g->about, "source_branch"));
    teller_mark(t, item, "head", at, head_of(g));
    teller_mark(t, item, "base", at, target);
    teller_mark(t, item, "title_keys", at, teller_keys(t, teller_get(g->about, "title")));
    if (merged) {
        teller_mark(t, item, "merge_commit", at, merge_commit(g));
    }
    if (json_get_bool(g->about, "draft", &draft)) {
        teller_mark(t, item, "draft", at, draft ? STR("true") : STR("false"));
    }
    teller_link(t, teller_commit(t, head_of(g)), item, "part_of", "listed", 1);
    teller_closing(t, item, teller_get(g->about, "description"), is_main_branch(g, target));
}

static void tell_merged(struct gitlab *g, item_id item, when time, const json_t *user)
{
    struct teller *t = &g->t;
    str squash = teller_get(g->about, "squash_commit_sha");
    item_id commit = teller_commit(t, merge_commit(g));
    teller_fact(t, item, "change.merged", STR("merged"), time);
    gitlab_actor(g, user);
    teller_also(t, commit, "commit");
    if (teller_give(t, TELLER_ONCE)) { /* its time is an updated_at in one way, merged_at in the
                                        * other */
        teller_link(t, commit, item, "part_of", "merge", 1);
        teller_link(t, teller_commit(t, squash), item, "part_of", "merge", 1);
    }
}

static void tell_change_rest(struct gitlab *g, item_id item)
{
    when created = gitlab_time(g, g->about, "created_at"),
         merged = gitlab_time(g, g->about, "merged_at"),
         closed = gitlab_time(g, g->about, "closed_at");
    str state = teller_get(g->about, "state");
    if (created == WHEN_NONE) {
        gitlab_need_time(g, "created_at");
        return;
    }
    tell(g, item, "change.created", "created", created, json_object_get(g->about, "author"),
         (str){0});
    if (str_eq(state, STR("merged")) && merged != WHEN_NONE) {
        const json_t *by = json_object_get(g->about, "merge_user");
        tell_merged(g, item, merged, by != NULL ? by : json_object_get(g->about, "merged_by"));
    } else if (str_eq(state, STR("closed")) && closed != WHEN_NONE) {
        tell(g, item, "change.closed", "closed", closed, json_object_get(g->about, "closed_by"),
             (str){0});
    }
}

/* One vote, or the rule satisfied: then the last vote is in the same body. */
static void tell_approval(struct gitlab *g, item_id item, when time, const json_t *user)
{
    struct teller *t = &g->t;
    bool withdrawn = gitlab_did(g, "unapproval") || gitlab_did(g, "unapproved");
    teller_fact(t, item, withdrawn ? "change.review_dismissed" : "change.reviewed",
                withdrawn ? STR("review dismissed") : STR("reviewed"), time);
    teller_attr(t, "state", withdrawn ? STR("dismissed") : STR("approved"));
    gitlab_actor(g, user);
    teller_also(t, teller_commit(t, head_of(g)), "commit");
    char text[CLOCK_TEXT];
    str own = arena_strf(&t->text, "%s " STR_FMT, clock_text(clock_floor(time, SECOND), text),
                         STR_ARG(str_first(gitlab_who(user), 200)));
    teller_give(t, own);
    if (gitlab_did(g, "approved") || gitlab_did(g, "unapproved")) {
        tell(g, item, withdrawn ? "change.unapproved" : "change.approved",
             withdrawn ? "unapproved" : "approved", time, user, own);
    }
}

/* oldrev is there only when the code changed. */
static void tell_change_update(struct gitlab *g, item_id item, when time, const json_t *user)
{
    struct teller *t = &g->t;
    struct move m = {item, "change", time, user};
    str before = teller_get(g->about, "oldrev");
    bool was, is;
    if (before.n > 0) {
        teller_fact(t, item, "change.updated", STR("updated"), time);
        teller_attr(t, "before", before);
        teller_attr(t, "after", head_of(g));
        gitlab_actor(g, user);
        teller_also(t, teller_commit(t, head_of(g)), "commit");
        teller_give(t, (str){0});
    }
    const json_t *draft = teller_at(g->body, "changes.draft");
    if (json_get_bool(draft, "previous", &was) && json_get_bool(draft, "current", &is) &&
        was != is) {
        tell(g, item, is ? "change.drafted" : "change.ready", is ? "drafted" : "ready", time, user,
             (str){0});
    }
    tell_added(g, &m, "changes.reviewers", "change.review_requested", "review requested");
    tell_added(g, &m, "changes.assignees", "change.assigned", "assigned");
    tell_labels(g, &m);
}

void gitlab_change(struct gitlab *g)
{
    uint64_t before = g->t.count;
    const json_t *user = json_object_get(g->body, "user");
    item_id item =
        gitlab_item(g, "change", "pr", json_object_get(g->about, "iid"), "object_attributes.iid");
    if (item == 0) {
        return;
    }
    bool opened = gitlab_did(g, "open");
    when time = opened ? gitlab_time(g, g->about, "created_at") : updated_at(g);
    if (g->rest) {
        tell_change_rest(g, item);
    } else if (g->action.n > 0 && time == WHEN_NONE) {
        gitlab_need_time(g,
                         opened ? "object_attributes.created_at" : "object_attributes.updated_at");
        return;
    } else if (opened) {
        tell(g, item, "change.created", "created", time, user, (str){0});
    } else if (gitlab_did(g, "merge")) {
        tell_merged(g, item, time, user);
    } else if (gitlab_did(g, "close")) {
        tell(g, item, "change.closed", "closed", time, user, (str){0});
    } else if (gitlab_did(g, "reopen")) {
        tell(g, item, "change.reopened", "reopened", time, user, (str){0});
    } else if (gitlab_did(g, "update")) {
        tell_change_update(g, item, time, user);
    } else if (gitlab_did(g, "approval") || gitlab_did(g, "approved") ||
               gitlab_did(g, "unapproval") || gitlab_did(g, "unapproved")) {
        tell_approval(g, item, time, user);
        return;
    }
    if (g->t.count > before || gitlab_did(g, "update")) {
        mark_change(g, item);
    }
}

/* --- notes and histories --- */

void gitlab_note(struct gitlab *g)
{
    struct teller *t = &g->t;
    bool system = false;
    str kind = teller_get(g->about, "noteable_type");
    bool change = str_eq(kind, STR("MergeRequest"));
    json_get_bool(g->about, "system", &system);
    if (system || (!change && !str_eq(kind, STR("Issue"))) || gitlab_did(g, "update")) {
        return;
    }
    const json_t *iid = g->rest ? json_object_get(g->about, "noteable_iid")
                                : teller_at(g->body, change ? "merge_request.iid" : "issue.iid");
    item_id item = gitlab_item(g, change ? "change" : "issue", change ? "pr" : "issue", iid,
                               change ? "merge_request.iid" : "issue.iid");
    when time = gitlab_time(g, g->about, "created_at");
    if (item != 0 && time == WHEN_NONE) {
        gitlab_need_time(g, "object_attributes.created_at");
    } else if (item != 0) {
        tell(g, item, change ? "change.commented" : "issue.commented", "commented", time,
             g->rest ? json_object_get(g->about, "author") : json_object_get(g->body, "user"),
             teller_id(t, json_object_get(g->about, "id")));
    }
}

/* "…/projects/acme%2Fshop/issues/23/resource_label_events": the number is in the address only. */
static str number_in_fetch(const struct gitlab *g, const char *list)
{
    str url = {0}, part;
    bool next = false;
    if (!delivery_header(g->t.delivery, "X-Weir-Url", &url)) {
        return (str){0};
    }
    while (str_cut(&url, '/', &part)) {
        if (next) {
            int64_t number;
            return str_to_i64(part, &number) && number > 0 ? part : (str){0};
        }
        next = str_eq(part, str_of(list));
    }
    return (str){0};
}

void gitlab_label_event(struct gitlab *g)
{
    bool change = str_eq(teller_get(g->about, "resource_type"), STR("MergeRequest"));
    str number = number_in_fetch(g, change ? "merge_requests" : "issues");
    item_id item = teller_item(&g->t, change ? "change" : "issue", change ? "pr" : "issue", number);
    when time = gitlab_time(g, g->about, "created_at");
    if (item == 0 || time == WHEN_NONE) {
        teller_reject(&g->t, "resource_id", "it does not say which item it is about, and when");
        return;
    }
    struct move m = {item, change ? "change" : "issue", time, json_object_get(g->about, "user")};
    const json_t *label = json_get_object(g->about, "label");
    str state = teller_get(g->about, "state");
    if (label != NULL) {
        tell_label(g, &m, label, NULL, str_eq(teller_get(g->about, "action"), STR("add")));
    } else if (str_eq(state, STR("closed"))) {
        tell(g, item, change ? "change.closed" : "issue.closed", "closed", time, m.user, (str){0});
    } else if (str_eq(state, STR("reopened"))) {
        tell(g, item, change ? "change.reopened" : "issue.reopened", "reopened", time, m.user,
             (str){0});
    } else if (str_eq(state, STR("merged")) && change) {
        tell_merged(g, item, time, m.user);
    }
}
