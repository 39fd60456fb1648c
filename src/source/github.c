/* GitHub: which event a delivery is, and where it is from. By the header X-GitHub-Event; without
 * one (saved bodies) by the members of the body, which no two kinds share; an object of the REST
 * API by its own address, "…/repos/acme/shop/pulls/42". Pages (arrays, {"workflow_runs": […]}) give
 * one object after the other. */
#include "source/github.h"

#include "source/signature.h"

#include <string.h>

bool github_did(const struct github *g, const char *action)
{
    return str_eq(g->action, str_of(action));
}

/* --- where --- */

/* "https://github.com/acme/shop" → the host, unless it is the public one. */
static str foreign_host(str url)
{
    size_t at = str_find(url, STR("://"));
    str host = str_from(url, at + 3), first = {0};
    if (at >= url.n || !str_cut(&host, '/', &first) || str_eq_case(first, STR("github.com")) ||
        str_eq_case(first, STR("api.github.com"))) {
        return (str){0};
    }
    return first;
}

static bool place_of(struct github *g, str full_name, str url)
{
    str rest = full_name, owner, name;
    if (!str_cut(&rest, '/', &owner) || !str_cut(&rest, '/', &name) || owner.n == 0 ||
        name.n == 0 || rest.n > 0) {
        return false;
    }
    str id = g->t.run->options->provider_id;
    g->repository = full_name;
    g->t.place = (struct place){.provider = STR("github"),
                                .provider_id = id.n > 0 ? id : foreign_host(url),
                                .space = owner,
                                .groups = name};
    return true;
}

/* What follows "/repos/" in an address of the REST API: "acme/shop/pulls/42". */
static str repos_path(str url)
{
    size_t at = str_find(url, STR("/repos/"));
    return at < url.n ? str_from(url, at + 7) : (str){0};
}

static bool place_of_address(struct github *g, str url)
{
    str path = repos_path(url);
    size_t owner = str_find_char(path, '/');
    size_t name = owner < path.n ? str_find_char(str_from(path, owner + 1), '/') : 0;
    return name > 0 && place_of(g, str_first(path, owner + 1 + name), url);
}

bool github_place(struct github *g, const json_t *object)
{
    static const char *const ADDRESSES[] = {"repository_url", "url", "pull_request_url",
                                            "deployment_url", "issue_url"};
    enum { HOLDERS = 3 };
    const json_t *holders[HOLDERS] = {json_object_get(g->body, "repository"),
                                      json_object_get(object, "repository"),
                                      teller_at(object, "base.repo")};
    for (size_t i = 0; i < HOLDERS; i++) {
        if (place_of(g, teller_get(holders[i], "full_name"), teller_get(holders[i], "html_url"))) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof ADDRESSES / sizeof *ADDRESSES; i++) {
        if (place_of_address(g, teller_get(object, ADDRESSES[i]))) {
            return true;
        }
    }
    teller_reject(&g->t, "repository.full_name", "it does not say which repository it is about");
    return false;
}

bool github_time(struct github *g, const json_t *object, const char *key, const char *path,
                 when *ret)
{
    *ret = teller_when(&g->t, json_object_get(object, key));
    if (*ret == WHEN_NONE) {
        teller_reject(&g->t, path, "there is no time in %s", path);
    }
    return *ret != WHEN_NONE;
}

item_id github_item(struct github *g, const char *type, const char *word, const json_t *id,
                    const char *path)
{
    bool positive = json_is_integer(id) && json_integer_value(id) > 0;
    item_id item = positive ? teller_item(&g->t, type, word, teller_id(&g->t, id)) : 0;
    if (item == 0) {
        teller_reject(&g->t, path, "there is no number in %s", path);
    }
    return item;
}

void github_actor(struct github *g, const json_t *user)
{
    teller_actor(&g->t, teller_get(user, "login"), teller_get(user, "type"));
}

item_id github_branch(struct github *g, str name)
{
    return teller_item(&g->t, "branch", "branch", name);
}

item_id github_environment(struct github *g, str name)
{
    return teller_item(&g->t, "environment", "environment", name);
}

/* --- what --- */

/* A member of the body, and the event that only bodies with it are; in order of precedence. */
static const struct {
    const char *member, *event;
} MEMBERS[] = {
    {"zen", "ping"},
    {"workflow_job", "workflow_job"},
    {"deployment_status", "deployment_status"},
    {"workflow_job_run", "deployment_review"},
    {"approver", "deployment_review"},
    {"deployment", "deployment"}, /* its body may name the run and check that deploy */
    {"workflow_run", "workflow_run"},
    {"check_run", "check_run"},
    {"check_suite", "check_suite"},
    {"review", "pull_request_review"},
    {"thread", "pull_request_review_thread"},
    {"discussion", "discussion"},
    {"alert", "alert"},
    {"pull_request", "pull_request"},
    {"issue", "issues"},
    {"release", "release"},
    {"merge_group", "merge_group"},
    {"projects_v2_item", "projects_v2_item"},
    {"comment", "commit_comment"},
    {"pusher", "push"},
    {"commits", "push"},
    {"context", "status"},
};

static str infer_event(const json_t *body)
{
    bool comment = json_is_object(json_object_get(body, "comment"));
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
        const json_t *value = json_object_get(body, MEMBERS[i].member);
        str event = str_of(MEMBERS[i].event);
        if (value == NULL || json_is_null(value)) {
            continue;
        }
        if (comment && str_eq(event, STR("issues"))) {
            return STR("issue_comment");
        }
        if (comment && str_eq(event, STR("pull_request"))) {
            return STR("pull_request_review_comment");
        }
        return event;
    }
    return (str){0};
}

static bool is_event(const struct github *g, const char *name)
{
    return str_eq(g->event, str_of(name));
}

static void map_issue_comment(struct github *g)
{
    const json_t *issue = json_object_get(g->body, "issue");
    github_comment(g, json_object_get(g->body, "comment"), issue,
                   json_is_object(json_object_get(issue, "pull_request")));
}

static void map_review_comment(struct github *g)
{
    github_comment(g, json_object_get(g->body, "comment"), json_object_get(g->body, "pull_request"),
                   true);
}

static void map_status_of_deployment(struct github *g)
{
    github_deployment_status(g, json_object_get(g->body, "deployment_status"),
                             json_object_get(g->body, "deployment"));
}

static void map_status(struct github *g)
{
    github_status(g, g->body);
}

/* An event, the member that holds its object, and who maps it. */
static const struct {
    const char *event, *member;
    void (*object)(struct github *g, const json_t *object);
    void (*whole)(struct github *g);
} EVENTS[] = {
    {"issues", "issue", github_issue, NULL},
    {"pull_request", "pull_request", github_change, NULL},
    {"pull_request_review", "review", github_review, NULL},
    {"issue_comment", "comment", NULL, map_issue_comment},
    {"pull_request_review_comment", "comment", NULL, map_review_comment},
    {"projects_v2_item", "projects_v2_item", github_board, NULL},
    {"merge_group", "merge_group", github_queue, NULL},
    {"push", NULL, NULL, github_push},
    {"release", "release", github_release, NULL},
    {"workflow_run", "workflow_run", github_run, NULL},
    {"workflow_job", "workflow_job", github_job, NULL},
    {"check_run", "check_run", github_check, NULL},
    {"check_suite", "check_suite", github_suite, NULL},
    {"status", NULL, NULL, map_status},
    {"deployment", "deployment", github_deployment, NULL},
    {"deployment_status", "deployment_status", NULL, map_status_of_deployment},
    {"deployment_review", NULL, NULL, github_approval},
};

static void map_event(struct github *g)
{
    for (size_t i = 0; i < sizeof EVENTS / sizeof *EVENTS; i++) {
        if (!is_event(g, EVENTS[i].event)) {
            continue;
        }
        const char *member = EVENTS[i].member;
        const json_t *object = member != NULL ? json_object_get(g->body, member) : g->body;
        if (!json_is_object(object)) {
            teller_reject(&g->t, member, "it is called \"%s\" but has no %s", EVENTS[i].event,
                          member);
        } else if (EVENTS[i].object != NULL) {
            EVENTS[i].object(g, object);
        } else {
            EVENTS[i].whole(g);
        }
        return;
    }
}

/* --- objects of the REST API, by their address --- */

static void map_pull_commit(struct github *g, const json_t *object)
{
    github_commit(g, object);
}

static void map_rest_status(struct github *g, const json_t *object)
{
    github_deployment_status(g, object, NULL);
}

static void map_rest_comment(struct github *g, const json_t *object)
{
    github_comment(g, object, NULL,
                   str_find(teller_get(object, "url"), STR("/pulls/")) <
                       teller_get(object, "url").n);
}

static const struct {
    const char *path; /* behind the repository; N: one part, its number or hash */
    void (*map)(struct github *g, const json_t *object);
} RESOURCES[] = {
    {"issues/N", github_issue},
    {"issues/events/N", github_issue_event},
    {"issues/comments/N", map_rest_comment},
    {"pulls/N", github_change},
    {"pulls/comments/N", map_rest_comment},
    {"commits/N", map_pull_commit},
    {"actions/runs/N", github_run},
    {"actions/jobs/N", github_job},
    {"check-runs/N", github_check},
    {"check-suites/N", github_suite},
    {"deployments/N", github_deployment},
    {"deployments/N/statuses/N", map_rest_status},
    {"releases/N", github_release},
};

static bool path_fits(str path, const char *pattern)
{
    str want = str_of(pattern), part, wanted;
    while (str_cut(&want, '/', &wanted)) {
        if (!str_cut(&path, '/', &part) || part.n == 0 ||
            (!str_eq(wanted, STR("N")) && !str_eq(wanted, part))) {
            return false;
        }
    }
    return path.n == 0;
}

static bool map_resource(struct github *g, const json_t *object)
{
    str path = repos_path(teller_get(object, "url")), owner, name;
    if (json_object_get(object, "pull_request_url") != NULL &&
        json_object_get(object, "state") != NULL && json_object_get(object, "node_id") != NULL) {
        github_review(g, object); /* has no address of its own */
        return true;
    }
    if (!str_cut(&path, '/', &owner) || !str_cut(&path, '/', &name)) {
        return false;
    }
    for (size_t i = 0; i < sizeof RESOURCES / sizeof *RESOURCES; i++) {
        if (path_fits(path, RESOURCES[i].path)) {
            RESOURCES[i].map(g, object);
            return true;
        }
    }
    return false;
}

/* --- deliveries --- */

static const char *const PAGES[] = {"workflow_runs", "jobs", "check_runs", "check_suites", "items"};

static const json_t *page_of(const json_t *body)
{
    for (size_t i = 0; i < sizeof PAGES / sizeof *PAGES; i++) {
        const json_t *list = json_get_array(body, PAGES[i]);
        if (list != NULL && json_object_get(body, "total_count") != NULL) {
            return list;
        }
    }
    return json_is_array(body) ? body : NULL;
}

/* A webhook's body has a sender (all but a few kinds), or says its event by a member; anything else
 * is an object of the REST API. */
static void map_one(struct github *g, const json_t *body)
{
    uint64_t told = g->t.count, unmapped = g->t.run->counts.unmapped,
             rejected = g->t.run->counts.rejected;
    bool named = delivery_header(g->t.delivery, "X-GitHub-Event", &g->event);
    g->body = body;
    g->sender = json_get_object(body, "sender");
    g->action = teller_get(body, "action");
    g->t.given = (id128){0};
    g->rest = !named && g->sender == NULL &&
              (json_object_get(body, "url") != NULL ||
               json_object_get(body, "pull_request_url") != NULL); /* reviews */
    if (!g->rest && !named) {
        g->event = infer_event(body);
    }
    if (g->rest) {
        g->action = g->event = (str){0};
        (void)map_resource(g, body);
    } else {
        map_event(g);
    }
    bool silent = told == g->t.count && unmapped == g->t.run->counts.unmapped &&
                  rejected == g->t.run->counts.rejected;
    if (silent && g->t.run->failed == OK) {
        teller_unmapped(&g->t);
    }
}

static void github_map(struct hook_run *run, const struct delivery *d)
{
    struct github g = {0};
    teller_open(&g.t, run, d);
    json_t *json = teller_json(&g.t);
    const json_t *page = page_of(json);
    if (page != NULL && json_array_size(page) == 0) {
        teller_unmapped(&g.t);
    } else if (page != NULL) {
        size_t i;
        const json_t *one;
        json_array_foreach(page, i, one)
        {
            if (json_is_object(one)) {
                map_one(&g, one);
            } else {
                teller_reject(&g.t, "", "element %zu of the page is no object", i + 1);
            }
        }
    } else if (json_is_object(json)) {
        map_one(&g, json);
    } else if (json != NULL) {
        teller_reject(&g.t, "", "the body is no JSON object");
    }
    json_decref(json);
    teller_close(&g.t);
}

static enum hook_proof github_verify(const struct delivery *d, const struct hook_secrets *secrets,
                                     when now)
{
    (void)now; /* its signatures have no time: the delivery's id guards against replays */
    return signature_hex(d, secrets, "X-Hub-Signature-256", "sha256=");
}

static str github_id(const struct delivery *d, struct arena *text)
{
    str id = {0};
    (void)text;
    return delivery_header(d, "X-GitHub-Delivery", &id) ? id : (str){0};
}

const struct hook HOOK_GITHUB = {
    .name = "github",
    .title = "GitHub",
    .verify = github_verify,
    .signs = true,
    .id = github_id,
    .map = github_map,
};
