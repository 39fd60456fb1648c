/* GitHub's issues, changes, reviews, boards and merge queue. The action is read, never the state: a
 * reopened issue still carries the time of its closing. */
#include "source/github.h"

#include <ctype.h>
#include <string.h>

/* --- issues --- */

/* Actions on issues and changes alike that have no time but that of the update, with what tells two
 * in one second apart. */
static const struct {
    const char *action, *what; /* what: of the event's type, and its activity */
    const char *detail;        /* member of the body, or NULL */
    const char *name;          /* in it: what tells it apart */
} ACTIONS[] = {
    {"reopened", "reopened", NULL, NULL},
    {"labeled", "labeled", "label", "name"},
    {"unlabeled", "unlabeled", "label", "name"},
    {"assigned", "assigned", "assignee", "login"},
    {"unassigned", "unassigned", "assignee", "login"},
    {"milestoned", "milestoned", "milestone", "title"},
    {"demilestoned", "demilestoned", "milestone", "title"},
    {"deleted", "deleted", NULL, NULL},
    {"ready_for_review", "ready", NULL, NULL},
    {"converted_to_draft", "drafted", NULL, NULL},
    {"convert_to_draft", "drafted", NULL, NULL}, /* in issues/events */
    {"edited", "edited", NULL, NULL},
};
enum { ACTION_COUNT = sizeof ACTIONS / sizeof *ACTIONS };

/* "labeled" with the name "bug" enters the stage "bug"; other details are told by the attribute. */
static void tell_action(struct github *g, item_id item, const char *subject, size_t action,
                        const json_t *holder, when time)
{
    const char *what = ACTIONS[action].what, *detail = ACTIONS[action].detail;
    char type[40];
    (void)snprintf(type, sizeof type, "%s.%s", subject, what);
    str name = detail != NULL ? teller_get(json_object_get(holder, detail), ACTIONS[action].name)
                              : (str){0};
    bool label = detail != NULL && strcmp(detail, "label") == 0;
    bool enters = label && str_eq(str_of(what), STR("labeled")) && name.n > 0;
    teller_fact(&g->t, item, type, enters ? name : str_of(what), time);
    if (label) {
        teller_attr(&g->t, "label", name);
        teller_attr_i64(&g->t, "label_id", teller_at(holder, "label.id"));
    } else if (detail != NULL && strcmp(detail, "milestone") == 0) {
        teller_attr_i64(&g->t, "milestone", teller_at(holder, "milestone.number"));
    }
    github_actor(g, g->sender);
    char text[CLOCK_TEXT];
    str own = name.n > 0 ? arena_strf(&g->t.text, "%s " STR_FMT, clock_text(time, text),
                                      STR_ARG(str_first(name, 200)))
                         : (str){0};
    teller_give(&g->t, own);
}

static void tell_created(struct github *g, item_id item, const char *type, const json_t *object)
{
    when time;
    if (github_time(g, object, "created_at", "created_at", &time)) {
        teller_fact(&g->t, item, type, STR("created"), time);
        github_actor(g, json_object_get(object, "user"));
        teller_give(&g->t, (str){0});
    }
}

static void tell_issue_closed(struct github *g, item_id item, const json_t *issue)
{
    when time;
    if (github_time(g, issue, "closed_at", "issue.closed_at", &time)) {
        teller_fact(&g->t, item, "issue.closed", STR("closed"), time);
        teller_attr(&g->t, "state_reason", teller_get(issue, "state_reason"));
        github_actor(g, g->rest ? json_object_get(issue, "closed_by") : g->sender);
        teller_give(&g->t, (str){0});
    }
}

/* The issue goes on under another number, in another repository. */
static void tell_transferred(struct github *g, item_id item, const json_t *issue)
{
    when time;
    const json_t *new = teller_at(g->body, "changes.new_issue");
    str name = teller_text(g->body, "changes.new_repository.full_name"), rest = name, owner, groups;
    if (!github_time(g, issue, "updated_at", "issue.updated_at", &time)) {
        return;
    }
    item_id to = 0;
    if (str_cut(&rest, '/', &owner) && str_cut(&rest, '/', &groups)) {
        struct place here = g->t.place;
        g->t.place.space = owner;
        g->t.place.groups = groups;
        to = teller_item(&g->t, "issue", "issue", teller_id(&g->t, json_object_get(new, "number")));
        g->t.place = here;
    }
    teller_fact(&g->t, item, "issue.transferred", STR("transferred"), time);
    github_actor(g, g->sender);
    teller_also(&g->t, to, "new");
    if (teller_give(&g->t, (str){0})) {
        teller_link(&g->t, item, to, "same", "stated", 1);
    }
}

void github_issue(struct github *g, const json_t *issue)
{
    uint64_t before = g->t.count;
    if (g->rest && json_is_object(json_object_get(issue, "pull_request"))) {
        return; /* the list of issues holds changes, too; `pulls` says more of them */
    }
    if (!github_place(g, issue)) {
        return;
    }
    item_id item =
        github_item(g, "issue", "issue", json_object_get(issue, "number"), "issue.number");
    if (item == 0) {
        return;
    }
    if (g->rest) {
        tell_created(g, item, "issue.created", issue);
        if (str_eq_case(teller_get(issue, "state"), STR("closed"))) {
            tell_issue_closed(g, item, issue);
        }
    } else if (github_did(g, "opened")) {
        tell_created(g, item, "issue.created", issue);
    } else if (github_did(g, "closed")) {
        tell_issue_closed(g, item, issue);
    } else if (github_did(g, "transferred")) {
        tell_transferred(g, item, issue);
    } else if (!github_did(g, "edited")) {
        for (size_t i = 0; i < ACTION_COUNT; i++) {
            when time;
            if (github_did(g, ACTIONS[i].action) &&
                github_time(g, issue, "updated_at", "issue.updated_at", &time)) {
                tell_action(g, item, "issue", i, g->body, time);
            }
        }
    }
    if (g->t.count > before) {
        when known = teller_when(&g->t, json_object_get(issue, "created_at"));
        teller_mark(&g->t, item, "node_id", known, teller_get(issue, "node_id"));
    }
}

/* One line of an issue's or change's history: the same facts as by webhook, with the same times. */
void github_issue_event(struct github *g, const json_t *event)
{
    const json_t *issue = json_object_get(event, "issue");
    bool change = json_is_object(json_object_get(issue, "pull_request"));
    when time;
    if (!github_place(g, event) || !github_time(g, event, "created_at", "created_at", &time)) {
        return;
    }
    item_id item = github_item(g, change ? "change" : "issue", change ? "pr" : "issue",
                               json_object_get(issue, "number"), "issue.number");
    if (item == 0) {
        return;
    }
    g->action = teller_get(event, "event");
    g->sender = json_get_object(event, "actor");
    if (github_did(g, "closed") && !change) {
        teller_fact(&g->t, item, "issue.closed", STR("closed"), time);
        teller_attr(&g->t, "state_reason", teller_get(event, "state_reason"));
        github_actor(g, g->sender);
        teller_give(&g->t, (str){0});
        return;
    }
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        if (github_did(g, ACTIONS[i].action)) {
            tell_action(g, item, change ? "change" : "issue", i, event, time);
        }
    }
}

void github_comment(struct github *g, const json_t *comment, const json_t *subject, bool change)
{
    when time;
    if ((!g->rest && !github_did(g, "created")) || !github_place(g, comment)) {
        return;
    }
    const json_t *number = json_object_get(subject, "number");
    item_id item = 0;
    if (number == NULL && g->rest) { /* "…/issues/42", "…/pulls/42" */
        str url = teller_get(comment, change ? "pull_request_url" : "issue_url"), part = {0},
            last = {0};
        while (str_cut(&url, '/', &part)) {
            last = part;
        }
        item = teller_item(&g->t, change ? "change" : "issue", change ? "pr" : "issue", last);
    } else {
        item = github_item(g, change ? "change" : "issue", change ? "pr" : "issue", number,
                           "issue.number");
    }
    if (item == 0 || !github_time(g, comment, "created_at", "comment.created_at", &time)) {
        return;
    }
    teller_fact(&g->t, item, change ? "change.commented" : "issue.commented", STR("commented"),
                time);
    github_actor(g, json_object_get(comment, "user"));
    teller_give(&g->t, teller_id(&g->t, json_object_get(comment, "id")));
}

/* --- changes --- */

/* What changes in a change is told as dated attributes, so that the order of deliveries does not
 * matter. Of the title only the keys in it. */
static void mark_change(struct github *g, item_id item, const json_t *pull, bool merged)
{
    struct teller *t = &g->t;
    when at = teller_when(t, json_object_get(pull, "updated_at"));
    if (at == WHEN_NONE) {
        return;
    }
    teller_mark(t, item, "branch", at, teller_text(pull, "head.ref"));
    teller_mark(t, item, "head", at, teller_text(pull, "head.sha"));
    teller_mark(t, item, "base", at, teller_text(pull, "base.ref"));
    teller_mark(t, item, "title_keys", at, teller_keys(t, teller_get(pull, "title")));
    if (merged) {
        teller_mark(t, item, "merge_commit", at, teller_get(pull, "merge_commit_sha"));
    }
    bool draft;
    if (json_get_bool(pull, "draft", &draft)) {
        teller_mark(t, item, "draft", at, draft ? STR("true") : STR("false"));
    }
}

/* Into the repository's main branch the forge itself takes these words as closing references;
 * elsewhere they are text. */
static void link_closed(struct github *g, item_id item, const json_t *pull)
{
    str base = teller_text(pull, "base.ref"), main = teller_text(pull, "base.repo.default_branch");
    teller_closing(&g->t, item, teller_get(pull, "body"), base.n > 0 && str_eq(base, main));
}

static void link_head(struct github *g, item_id item, const json_t *pull)
{
    teller_link(&g->t, teller_commit(&g->t, teller_text(pull, "head.sha")), item, "part_of",
                "listed", 1);
}

/* The end of a change. The merge commit of one that is not merged is only a trial. */
static void tell_change_closed(struct github *g, item_id item, const json_t *pull)
{
    when time = teller_when(&g->t, json_object_get(pull, "merged_at"));
    bool merged = time != WHEN_NONE;
    if (!merged && !github_time(g, pull, "closed_at", "pull_request.closed_at", &time)) {
        return;
    }
    teller_fact(&g->t, item, merged ? "change.merged" : "change.closed",
                merged ? STR("merged") : STR("closed"), time);
    const json_t *by = json_get_object(pull, "merged_by");
    github_actor(g, merged && by != NULL ? by : g->sender);
    item_id commit = merged ? teller_commit(&g->t, teller_get(pull, "merge_commit_sha")) : 0;
    teller_also(&g->t, commit, "commit");
    if (teller_give(&g->t, (str){0})) {
        teller_link(&g->t, commit, item, "part_of", "merge", 1);
    }
}

static void tell_requested(struct github *g, item_id item, const json_t *pull)
{
    when time;
    bool asked = github_did(g, "review_requested");
    if (!github_time(g, pull, "updated_at", "pull_request.updated_at", &time)) {
        return;
    }
    teller_fact(&g->t, item, asked ? "change.review_requested" : "change.review_request_removed",
                asked ? STR("review requested") : STR("review request removed"), time);
    github_actor(g, g->sender);
    str reviewer = teller_text(g->body, "requested_reviewer.login");
    str team = teller_text(g->body, "requested_team.slug");
    teller_attr(&g->t, "requested_team", team);
    char text[CLOCK_TEXT];
    teller_give(&g->t,
                arena_strf(&g->t.text, "%s " STR_FMT "/" STR_FMT, clock_text(time, text),
                           STR_ARG(str_first(reviewer, 100)), STR_ARG(str_first(team, 100))));
}

static void tell_synchronize(struct github *g, item_id item, const json_t *pull)
{
    when time;
    str after = teller_get(g->body, "after");
    if (!github_time(g, pull, "updated_at", "pull_request.updated_at", &time)) {
        return;
    }
    teller_fact(&g->t, item, "change.updated", STR("updated"), time);
    teller_attr(&g->t, "before", teller_get(g->body, "before"));
    teller_attr(&g->t, "after", after);
    github_actor(g, g->sender);
    item_id commit = teller_commit(&g->t, after);
    teller_also(&g->t, commit, "commit");
    if (teller_give(&g->t, (str){0})) {
        teller_link(&g->t, commit, item, "part_of", "listed", 1);
    }
}

/* True: the change itself may be another one now, not only its labels and people. */
static bool tell_pull_action(struct github *g, item_id item, const json_t *pull)
{
    bool content = false;
    for (size_t i = 0; i < ACTION_COUNT; i++) {
        when time;
        if (github_did(g, ACTIONS[i].action) &&
            github_time(g, pull, "updated_at", "pull_request.updated_at", &time)) {
            tell_action(g, item, "change", i, g->body, time);
            content = ACTIONS[i].detail == NULL;
        }
    }
    return content;
}

void github_change(struct github *g, const json_t *pull)
{
    uint64_t before = g->t.count;
    bool content = true; /* more than labels and people may have changed */
    if (!github_place(g, pull)) {
        return;
    }
    item_id item =
        github_item(g, "change", "pr", json_object_get(pull, "number"), "pull_request.number");
    if (item == 0) {
        return;
    }
    bool closed =
        g->rest ? str_eq_case(teller_get(pull, "state"), STR("closed")) : github_did(g, "closed");
    if (g->rest || github_did(g, "opened")) {
        tell_created(g, item, "change.created", pull);
    }
    if (closed) {
        tell_change_closed(g, item, pull);
    } else if (github_did(g, "synchronize")) {
        tell_synchronize(g, item, pull);
    } else if (github_did(g, "review_requested") || github_did(g, "review_request_removed")) {
        tell_requested(g, item, pull);
        content = false;
    } else if (!g->rest) {
        content = github_did(g, "opened") || tell_pull_action(g, item, pull);
    }
    if (g->t.count > before && content) {
        bool merged = closed && teller_when(&g->t, json_object_get(pull, "merged_at")) != WHEN_NONE;
        mark_change(g, item, pull, merged);
        link_head(g, item, pull);
        link_closed(g, item, pull);
    }
}

/* --- reviews --- */

static item_id reviewed_change(struct github *g, const json_t *review)
{
    const json_t *number = teller_at(g->body, "pull_request.number");
    if (number != NULL || !g->rest) {
        return github_item(g, "change", "pr", number, "pull_request.number");
    }
    str url = teller_get(review, "pull_request_url"), part = {0}, last = {0};
    while (str_cut(&url, '/', &part)) {
        last = part;
    }
    return teller_item(&g->t, "change", "pr", last);
}

/* Words are small in webhooks and capital by REST. */
static str small(struct github *g, str word)
{
    char *room = arena_get(&g->t.text, word.n + 1);
    for (size_t i = 0; i < word.n; i++) {
        room[i] = (char)tolower((unsigned char)word.p[i]);
    }
    return (str){room, word.n};
}

/* A review is asked, given, and may be withdrawn later: at the update of the change, since it keeps
 * the time it was given. */
void github_review(struct github *g, const json_t *review)
{
    bool dismissed = github_did(g, "dismissed");
    if (!g->rest && !github_did(g, "submitted") && !dismissed) {
        return;
    }
    str state = small(g, str_first(teller_get(review, "state"), 40));
    if (str_eq(state, STR("pending")) || !github_place(g, review)) {
        return; /* not sent off yet */
    }
    when time;
    item_id item = reviewed_change(g, review);
    if (item == 0 || !github_time(g, review, "submitted_at", "review.submitted_at", &time)) {
        return;
    }
    when updated = teller_when(&g->t, teller_at(g->body, "pull_request.updated_at"));
    bool later = dismissed && updated != WHEN_NONE && updated > time;
    teller_fact(&g->t, item, dismissed ? "change.review_dismissed" : "change.reviewed",
                dismissed ? STR("review dismissed") : STR("reviewed"), later ? updated : time);
    if (dismissed && g->t.event.quality == TIME_OWN) {
        g->t.event.quality = TIME_DERIVED;
    }
    teller_attr(&g->t, "state", state);
    github_actor(g, dismissed ? g->sender : json_object_get(review, "user"));
    teller_also(&g->t, teller_commit(&g->t, teller_get(review, "commit_id")), "commit");
    teller_give(&g->t, teller_id(&g->t, json_object_get(review, "id")));
}

/* --- boards and queues --- */

/* An item of a project is known by the node id of what it shows; its repository is not named. */
void github_board(struct github *g, const json_t *one)
{
    str owner = teller_text(g->body, "organization.login");
    str node = teller_get(one, "content_node_id");
    struct teller *t = &g->t;
    static const char *const KNOWN[] = {"created", "edited", "archived", "restored"};
    bool known = false;
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        known |= github_did(g, KNOWN[i]);
    }
    if (!known) {
        return;
    }
    t->place = (struct place){
        .provider = STR("github"), .provider_id = t->run->options->provider_id, .space = owner};
    bool change = str_eq(teller_get(one, "content_type"), STR("PullRequest"));
    item_id item = owner.n > 0
                       ? teller_item(t, change ? "change" : "issue", change ? "pr" : "issue", node)
                       : 0;
    if (item == 0) {
        teller_reject(t, "projects_v2_item.content_node_id", "it does not say what it shows");
        return;
    }
    const json_t *from = teller_at(g->body, "changes.field_value.from"),
                 *to = teller_at(g->body, "changes.field_value.to");
    when created = teller_when(t, json_object_get(one, "created_at"));
    when time = teller_when(t, json_object_get(one, "updated_at"));
    bool edited = github_did(g, "edited"), moved = edited && teller_get(to, "name").n > 0;
    time = github_did(g, "created") ? created : edited && time == created ? WHEN_NONE : time;
    teller_fact(t, item, moved ? "issue.status" : "issue.board",
                moved ? teller_get(to, "name") : g->action, time);
    teller_attr(t, "from", teller_get(from, "name"));
    teller_attr(t, "to", teller_get(to, "name"));
    teller_attr(t, "from_id", teller_id(t, json_object_get(from, "id")));
    teller_attr(t, "to_id", teller_id(t, json_object_get(to, "id")));
    teller_attr(t, "field", teller_text(g->body, "changes.field_value.field_node_id"));
    teller_attr(t, "board", teller_get(one, "project_node_id"));
    github_actor(g, g->sender);
    str id = {0};
    (void)delivery_header(t->delivery, "X-GitHub-Delivery", &id);
    teller_give(t, time == WHEN_NONE ? teller_delivery_id(t, id) : (str){0});
}

/* "refs/heads/gh-readonly-queue/main/pr-104-929f82…" names the change that waits to be merged. */
static str queued_number(str ref)
{
    size_t at = str_find(ref, STR("/pr-"));
    str rest = str_from(ref, at + 4), number = {0};
    int64_t value = 0;
    bool fine = at < ref.n && str_cut(&rest, '-', &number) && str_to_i64(number, &value);
    return fine && value > 0 ? number : (str){0};
}

void github_queue(struct github *g, const json_t *group)
{
    if (!github_did(g, "checks_requested") || !github_place(g, group)) {
        return;
    }
    str head = teller_get(group, "head_sha"), base = teller_get(group, "base_ref");
    item_id item = teller_item(&g->t, "change", "pr", queued_number(teller_get(group, "head_ref")));
    if (item == 0 || !teller_is_sha(head)) {
        teller_reject(&g->t, "merge_group.head_ref", "it does not name the change that is queued");
        return;
    }
    teller_fact(&g->t, item, "change.queued", STR("queued"), WHEN_NONE);
    github_actor(g, g->sender);
    teller_also(&g->t, teller_commit(&g->t, head), "commit");
    if (str_starts(base, STR("refs/heads/"))) {
        teller_also(&g->t, github_branch(g, str_from(base, 11)), "base");
    }
    teller_give(&g->t, head);
}
