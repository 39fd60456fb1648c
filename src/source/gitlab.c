/* GitLab: which event a delivery is, and where it is from. The body of a webhook says its kind
 * (object_kind); an object of the REST API is known by its members. Times of webhooks are whole
 * seconds where the REST API has milliseconds, so facts are known by the second. */
#include "source/gitlab.h"

#include "source/identity.h"
#include "source/signature.h"

#include <string.h>

bool gitlab_did(const struct gitlab *g, const char *action)
{
    return str_eq(g->action, str_of(action));
}

/* --- where --- */

static str host_of(str url)
{
    size_t at = str_find(url, STR("://"));
    str rest = str_from(url, at + 3), host = {0};
    bool found = at < url.n && str_cut(&rest, '/', &host);
    return found && !str_eq_case(host, STR("gitlab.com")) ? host : (str){0};
}

/* "http://host/acme/shop/-/issues/1" → "acme/shop"; before GitLab 12 there was no dash. */
static str project_of_url(str url)
{
    static const char *const ENDS[] = {"/-/", "/issues/", "/merge_requests/", "/pipelines/",
                                       "/commit/"};
    size_t at = str_find(url, STR("://"));
    str rest = str_from(url, at + 3);
    size_t slash = str_find_char(rest, '/');
    str path = str_from(rest, slash + 1);
    if (at >= url.n || slash >= rest.n) {
        return (str){0};
    }
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        size_t end = str_find(path, str_of(ENDS[i]));
        if (end < path.n) {
            return str_first(path, end);
        }
    }
    return path;
}

static bool place_of(struct gitlab *g, str path, str url)
{
    size_t slash = str_find_char(path, '/');
    if (slash == 0 || slash + 1 >= path.n || path.p[path.n - 1] == '/') {
        return false;
    }
    str id = g->t.run->options->provider_id;
    g->repository = path;
    g->t.place = (struct place){.provider = STR("gitlab"),
                                .provider_id = id.n > 0 ? id : host_of(url),
                                .space = str_first(path, slash),
                                .groups = str_from(path, slash + 1)};
    return true;
}

/* "…/api/v4/projects/acme%2Fshop/…", added by a poll where the object does not say its project. */
static bool place_of_fetch(struct gitlab *g)
{
    static const str PROJECTS = STR_INIT("/projects/");
    str url = {0}, part = {0};
    if (!delivery_header(g->t.delivery, "X-Weir-Url", &url)) {
        return false;
    }
    size_t at = str_find(url, PROJECTS);
    str rest = str_from(url, at + PROJECTS.n);
    if (at >= url.n || !str_cut(&rest, '/', &part)) {
        return false;
    }
    struct buf plain = {0};
    identity_decode(part, &plain);
    str path = arena_str(&g->t.text, buf_str(&plain));
    buf_finish(&plain);
    return place_of(g, path, url);
}

static bool find_place(struct gitlab *g)
{
    const json_t *project = json_object_get(g->body, "project");
    const json_t *group = json_object_get(g->body, "group");
    str home = teller_text(g->body, "repository.homepage"), url = teller_get(g->body, "web_url");
    str web = teller_get(project, "web_url");
    if (web.n == 0) {
        web = teller_get(project, "homepage");
    }
    if (place_of(g, teller_get(project, "path_with_namespace"), web) ||
        place_of(g, project_of_url(home), home) || place_of(g, project_of_url(url), url)) {
        return true;
    }
    static const char *const ADDRESSES[] = {"deployable.web_url", "commit.web_url", "_links.self",
                                            "target_url"};
    for (size_t i = 0; i < sizeof ADDRESSES / sizeof *ADDRESSES; i++) {
        url = teller_text(g->body, ADDRESSES[i]);
        if (str_find(url, STR("/-/")) < url.n && place_of(g, project_of_url(url), url)) {
            return true;
        }
    }
    if (place_of_fetch(g)) {
        return true;
    }
    str full = teller_get(group, "full_path"); /* epics belong to a group */
    if (full.n > 0) {
        g->repository = full;
        g->t.place = (struct place){.provider = STR("gitlab"),
                                    .provider_id = g->t.run->options->provider_id,
                                    .space = full};
    }
    return full.n > 0;
}

/* --- helpers of the parts --- */

item_id gitlab_item(struct gitlab *g, const char *type, const char *word, const json_t *id,
                    const char *path)
{
    bool positive = json_is_integer(id) && json_integer_value(id) > 0;
    item_id item = positive ? teller_item(&g->t, type, word, teller_id(&g->t, id)) : 0;
    if (item == 0) {
        teller_reject(&g->t, path, "there is no number in %s", path);
    }
    return item;
}

when gitlab_time(const struct gitlab *g, const json_t *object, const char *key)
{
    return teller_when(&g->t, json_object_get(object, key));
}

void gitlab_need_time(struct gitlab *g, const char *path)
{
    teller_reject(&g->t, path, "there is no time in %s", path);
}

str gitlab_who(const json_t *user)
{
    static const char *const FIELDS[] = {"username", "email", "name"};
    str who = {0};
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS && who.n == 0; i++) {
        who = teller_get(user, FIELDS[i]);
    }
    return who;
}

void gitlab_actor(struct gitlab *g, const json_t *user)
{
    bool bot = false;
    json_get_bool(user, "bot", &bot);
    teller_actor(&g->t, gitlab_who(user), bot ? STR("Bot") : (str){0});
}

/* --- what --- */

static const struct {
    const char *kind;
    void (*map)(struct gitlab *g);
} KINDS[] = {
    {"issue", gitlab_issue},       {"work_item", gitlab_issue},   {"merge_request", gitlab_change},
    {"note", gitlab_note},         {"push", gitlab_push},         {"tag_push", gitlab_tag},
    {"pipeline", gitlab_pipeline}, {"build", gitlab_build},       {"deployment", gitlab_deployment},
    {"release", gitlab_release},   {"feature_flag", gitlab_flag},
};

/* An object of the REST API, by members that no other has; in order of precedence. */
static const struct {
    const char *member, *second;
    void (*map)(struct gitlab *g);
} OBJECTS[] = {
    {"noteable_type", "created_at", gitlab_note},
    {"resource_type", "created_at", gitlab_label_event},
    {"source_branch", "iid", gitlab_change},
    {"issue_type", "iid", gitlab_issue},
    {"confidential", "iid", gitlab_issue},
    {"deployable", "environment", gitlab_deployment},
    {"pipeline", "stage", gitlab_rest_job},
    {"tag_name", "released_at", gitlab_release},
    {"short_id", "committed_date", gitlab_commit},
    {"sha", "ref", gitlab_pipeline},
};

static void map_kind(struct gitlab *g)
{
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (!str_eq(g->kind, str_of(KINDS[i].kind))) {
            continue;
        }
        if (!find_place(g)) {
            teller_reject(&g->t, "project.path_with_namespace",
                          "it does not say which project it is about");
            return;
        }
        KINDS[i].map(g);
        return;
    }
}

static void map_object(struct gitlab *g)
{
    for (size_t i = 0; i < sizeof OBJECTS / sizeof *OBJECTS; i++) {
        if (json_object_get(g->body, OBJECTS[i].member) != NULL &&
            json_object_get(g->body, OBJECTS[i].second) != NULL) {
            if (!find_place(g)) {
                teller_reject(&g->t, "web_url", "it does not say which project it is about");
                return;
            }
            OBJECTS[i].map(g);
            return;
        }
    }
}

static void map_one(struct gitlab *g, const json_t *body)
{
    const struct hook_counts *c = &g->t.run->counts;
    uint64_t told = g->t.count, unmapped = c->unmapped, rejected = c->rejected;
    g->body = body;
    g->t.given = (id128){0};
    g->kind = teller_get(body, "object_kind");
    g->rest = g->kind.n == 0;
    const json_t *attributes = json_get_object(body, "object_attributes");
    g->about = attributes != NULL ? attributes : body;
    g->action = g->rest ? STR("") : teller_get(g->about, "action");
    if (g->rest) {
        map_object(g);
    } else {
        map_kind(g);
    }
    if (told == g->t.count && unmapped == c->unmapped && rejected == c->rejected &&
        g->t.run->failed == OK) {
        teller_unmapped(&g->t);
    }
}

static void gitlab_map(struct hook_run *run, const struct delivery *d)
{
    struct gitlab g = {0};
    teller_open(&g.t, run, d);
    g.t.resolution = SECOND;
    json_t *json = teller_json(&g.t);
    if (json_is_array(json) && json_array_size(json) == 0) {
        teller_unmapped(&g.t);
    } else if (json_is_array(json)) {
        size_t i;
        const json_t *one;
        json_array_foreach(json, i, one)
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

/* A signing token where the delivery is signed, else the plain one. Which of the two a secret is
 * shows in its form. */
static enum hook_proof gitlab_verify(const struct delivery *d, const struct hook_secrets *secrets,
                                     when now)
{
    enum hook_proof proof = signature_standard(d, secrets, now);
    if (proof == HOOK_GOOD || proof == HOOK_STALE) {
        return proof;
    }
    enum hook_proof token = signature_token(d, secrets, STR("X-Gitlab-Token"), "");
    return token == HOOK_MISSING ? proof : token;
}

static str gitlab_id(const struct delivery *d, struct arena *text)
{
    static const char *const NAMES[] = {"Idempotency-Key", "webhook-id", "X-Gitlab-Event-UUID"};
    str id = {0};
    (void)text;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (delivery_header(d, NAMES[i], &id) && id.n > 0) {
            return id;
        }
    }
    return (str){0};
}

const struct hook HOOK_GITLAB = {
    .name = "gitlab",
    .title = "GitLab",
    .verify = gitlab_verify,
    .signs = true,
    .id = gitlab_id,
    .map = gitlab_map,
};
