/* GitLab's pushes, pipelines, jobs, deployments, releases and feature flags. Pushes and flags have
 * no time of their own: that of receipt is taken, and said. */
#include "source/gitlab.h"

#include <string.h>

static str delivery_id(struct gitlab *g)
{
    return teller_delivery_id(&g->t, HOOK_GITLAB.id(g->t.delivery, &g->t.text));
}

/* --- pushes --- */

static void tell_commit(struct gitlab *g, const json_t *commit)
{
    struct teller *t = &g->t;
    item_id item = teller_commit(t, teller_get(commit, "id"));
    when time = gitlab_time(g, commit, g->rest ? "committed_date" : "timestamp");
    if (item == 0 || time == WHEN_NONE) {
        teller_reject(t, "commits", "a commit has no %s", item == 0 ? "id" : "time");
        return;
    }
    teller_fact(t, item, "commit", STR("pushed"), time);
    teller_attr(t, "repository", g->repository);
    teller_actor(t,
                 g->rest ? teller_get(commit, "author_email") : teller_text(commit, "author.email"),
                 (str){0});
    teller_give(t, (str){0});
    teller_mark(t, item, "message_keys", time, teller_keys(t, teller_get(commit, "message")));
}

void gitlab_commit(struct gitlab *g)
{
    str url = {0}, part;
    bool next = false;
    tell_commit(g, g->about);
    if (!delivery_header(g->t.delivery, "X-Weir-Url", &url)) {
        return;
    }
    while (str_cut(&url, '/', &part)) {
        if (next) {
            teller_link(&g->t, teller_commit(&g->t, teller_get(g->about, "id")),
                        teller_item(&g->t, "change", "pr", part), "part_of", "listed", 1);
            return;
        }
        next = str_eq(part, STR("merge_requests"));
    }
}

/* What happened to a branch or tag: there is no time in the body. */
static void tell_ref(struct gitlab *g, item_id item, const char *type, const char *activity)
{
    struct teller *t = &g->t;
    str before = teller_get(g->body, "before"), after = teller_get(g->body, "after");
    size_t listed = json_array_size(json_get_array(g->body, "commits"));
    const json_t *total = json_object_get(g->body, "total_commits_count");
    teller_fact(t, item, type, str_of(activity), WHEN_NONE);
    teller_attr(t, "repository", g->repository);
    teller_attr(t, "before", teller_is_sha(before) ? before : (str){0});
    teller_attr(t, "after", teller_is_sha(after) ? after : (str){0});
    if (json_is_integer(total) && (uint64_t)json_integer_value(total) > listed) {
        teller_attr_i64(t, "commits", total); /* more than are listed: to be fetched */
    }
    str who = teller_get(g->body, "user_username");
    teller_actor(t, who.n > 0 ? who : teller_get(g->body, "user_email"), (str){0});
    teller_also(t, teller_commit(t, after), "commit");
    teller_give(t, arena_strf(&t->text, STR_FMT ".." STR_FMT, STR_ARG(str_first(before, 64)),
                              STR_ARG(str_first(after, 64))));
}

static str ref_name(struct gitlab *g, const char *prefix)
{
    str ref = teller_get(g->body, "ref");
    bool fits = str_starts(ref, str_of(prefix));
    bool hashes = teller_get(g->body, "before").n >= 40 && teller_get(g->body, "after").n >= 40;
    if (!fits || !hashes) {
        teller_reject(&g->t, "ref", "a push names a ref, what was there before and is there after");
        return (str){0};
    }
    return str_from(ref, strlen(prefix));
}

void gitlab_push(struct gitlab *g)
{
    item_id branch = teller_item(&g->t, "branch", "branch", ref_name(g, "refs/heads/"));
    bool created = !teller_is_sha(teller_get(g->body, "before")),
         deleted = !teller_is_sha(teller_get(g->body, "after"));
    if (branch == 0) {
        return;
    }
    if (created && !deleted) {
        tell_ref(g, branch, "branch.created", "created");
    }
    tell_ref(g, branch, deleted ? "branch.deleted" : "branch.pushed",
             deleted ? "deleted" : "pushed");
    size_t i;
    const json_t *commit;
    json_array_foreach(json_get_array(g->body, "commits"), i, commit)
    {
        tell_commit(g, commit);
    }
}

void gitlab_tag(struct gitlab *g)
{
    item_id release = teller_item(&g->t, "release", "tag", ref_name(g, "refs/tags/"));
    bool deleted = !teller_is_sha(teller_get(g->body, "after"));
    if (release != 0) {
        tell_ref(g, release, deleted ? "release.untagged" : "release.tagged",
                 deleted ? "untagged" : "tagged");
        str sha = deleted ? STR("") : teller_get(g->body, "checkout_sha");
        teller_link(&g->t, teller_commit(&g->t, sha), release, "released_in", "sha", 1);
    }
}

/* --- pipelines and jobs --- */

static bool is_one_of(str word, const char *const *words)
{
    for (; *words != NULL; words++) {
        if (str_eq(word, str_of(*words))) {
            return true;
        }
    }
    return false;
}

static bool has_ended(str word)
{
    return is_one_of(word, (const char *const[]){"success", "failed", "canceled", "skipped", NULL});
}

static void end_of(struct teller_span *s, str word)
{
    s->outcome = str_eq(word, STR("failed"))     ? STR("failure")
                 : str_eq(word, STR("canceled")) ? STR("cancelled")
                                                 : word;
    s->withdrawn = is_one_of(word, (const char *const[]){"canceled", "skipped", NULL});
    if (str_eq(word, STR("skipped"))) {
        s->started = WHEN_NONE;
    }
}

/* One of the jobs that a pipeline lists. */
static void tell_listed(struct gitlab *g, const json_t *job, item_id run, str sha, str branch)
{
    str word = teller_get(job, "status");
    const json_t *user = json_object_get(job, "user");
    struct teller_span s = {
        .item = gitlab_item(g, "job", "job", json_object_get(job, "id"), "builds[].id"),
        .type = "job",
        .scheduled = gitlab_time(g, job, "created_at"),
        .started = gitlab_time(g, job, "started_at"),
        .completed = has_ended(word) ? gitlab_time(g, job, "finished_at") : WHEN_NONE,
        .name = teller_get(job, "name"),
        .stage = teller_get(job, "stage"),
        .branch = branch,
        .repository = g->repository,
        .environment = teller_text(job, "environment.name"),
        .sha = sha,
        .whole = run,
        .actor = gitlab_who(user),
    };
    if (s.item != 0) {
        end_of(&s, word);
        teller_span(&g->t, &s);
    }
}

/* The start is not in the body, but how long it waited is. */
static when pipeline_start(const struct gitlab *g)
{
    when started = gitlab_time(g, g->about, "started_at"),
         created = gitlab_time(g, g->about, "created_at");
    const json_t *queued = json_object_get(g->about, "queued_duration");
    double waited = json_is_number(queued) ? json_number_value(queued) : -1;
    if (started == WHEN_NONE && created != WHEN_NONE && waited >= 0 && waited < 1e9) {
        started = created + (lapse)(waited * (double)SECOND);
    }
    return started;
}

/* A pipeline that another one started is a part of it; it may be of another project. */
static void link_parent(struct gitlab *g, item_id run)
{
    const json_t *parent = json_object_get(g->body, "source_pipeline");
    str path = teller_text(parent, "project.path_with_namespace");
    size_t slash = str_find_char(path, '/');
    str id = teller_id(&g->t, json_object_get(parent, "pipeline_id"));
    if (id.n > 0 && slash > 0 && slash + 1 < path.n) {
        struct place here = g->t.place;
        g->t.place.space = str_first(path, slash);
        g->t.place.groups = str_from(path, slash + 1);
        item_id whole = teller_item(&g->t, "run", "execution", id);
        g->t.place = here;
        teller_link(&g->t, run, whole, "part_of", "stated", 1);
    }
}

void gitlab_pipeline(struct gitlab *g)
{
    struct teller *t = &g->t;
    str word = teller_get(g->about, "status"), sha = teller_get(g->about, "sha"),
        branch = teller_get(g->about, "ref");
    const json_t *user = json_object_get(g->body, "user");
    bool waits =
        is_one_of(word, (const char *const[]){"created", "pending", "preparing",
                                              "waiting_for_resource", "scheduled", "manual", NULL});
    struct teller_span s = {
        .item = gitlab_item(g, "run", "execution", json_object_get(g->about, "id"),
                            "object_attributes.id"),
        .type = "run",
        .scheduled = gitlab_time(g, g->about, "created_at"),
        .started = waits ? WHEN_NONE : pipeline_start(g),
        .completed = has_ended(word) ? gitlab_time(g, g->about, "finished_at") : WHEN_NONE,
        .workflow = teller_get(g->about, "name"),
        .event = teller_get(g->about, "source"),
        .branch = branch,
        .repository = g->repository,
        .sha = sha,
        .actor = gitlab_who(user),
    };
    if (s.item == 0) {
        return;
    }
    if (s.scheduled == WHEN_NONE) {
        gitlab_need_time(g, "object_attributes.created_at");
        return;
    }
    end_of(&s, word);
    teller_span(t, &s);
    const json_t *mr = teller_at(g->body, "merge_request.iid");
    if (json_is_integer(mr)) {
        teller_link(t, s.item, teller_item(t, "change", "pr", teller_id(t, mr)), "checks", "stated",
                    1);
    }
    link_parent(g, s.item);
    size_t i;
    const json_t *job;
    json_array_foreach(json_get_array(g->body, "builds"), i, job)
    {
        tell_listed(g, job, s.item, sha, branch);
    }
}

static when either_time(const struct gitlab *g, const char *key, const char *other)
{
    when time = gitlab_time(g, g->body, key);
    return time != WHEN_NONE ? time : gitlab_time(g, g->body, other);
}

/* In this body `commit.id` is the number of the pipeline. */
void gitlab_build(struct gitlab *g)
{
    struct teller *t = &g->t;
    const json_t *pipeline = json_object_get(g->body, "pipeline_id");
    pipeline = json_is_integer(pipeline) ? pipeline : teller_at(g->body, "commit.id");
    str word = teller_get(g->body, "build_status");
    struct teller_span s = {
        .item = gitlab_item(g, "job", "job", json_object_get(g->body, "build_id"), "build_id"),
        .type = "job",
        .scheduled = either_time(g, "build_created_at_iso", "build_created_at"),
        .started = either_time(g, "build_started_at_iso", "build_started_at"),
        .completed = has_ended(word) ? either_time(g, "build_finished_at_iso", "build_finished_at")
                                     : WHEN_NONE,
        .name = teller_get(g->body, "build_name"),
        .stage = teller_get(g->body, "build_stage"),
        .branch = teller_get(g->body, "ref"),
        .repository = g->repository,
        .environment = teller_text(g->body, "environment.name"),
        .sha = teller_get(g->body, "sha"),
        .whole = json_is_integer(pipeline)
                     ? teller_item(t, "run", "execution", teller_id(t, pipeline))
                     : 0,
        .actor = gitlab_who(json_object_get(g->body, "user")),
    };
    if (s.item == 0) {
        return;
    }
    end_of(&s, word);
    teller_span(t, &s);
    bool timeless = s.scheduled == WHEN_NONE && s.started == WHEN_NONE && s.completed == WHEN_NONE;
    if (timeless && !has_ended(word)) { /* GitLab before 13.5 does not say when it was created */
        s.scheduled = t->delivery->received;
        s.received = true;
        teller_span(t, &s);
    }
}

void gitlab_rest_job(struct gitlab *g)
{
    struct teller *t = &g->t;
    const json_t *pipeline = teller_at(g->about, "pipeline.id");
    str sha = teller_text(g->about, "pipeline.sha"), branch = teller_get(g->about, "ref");
    item_id run =
        json_is_integer(pipeline) ? teller_item(t, "run", "execution", teller_id(t, pipeline)) : 0;
    tell_listed(g, g->about, run, sha, branch);
}

/* --- deployments --- */

/* ".../-/commit/<full hash>": short_sha has eight digits only. */
static str deployed_sha(struct gitlab *g)
{
    str url = teller_get(g->body, "commit_url"), part, last = {0};
    while (str_cut(&url, '/', &part)) {
        last = part;
    }
    return g->rest ? teller_get(g->about, "sha") : last;
}

/* By REST the end is that of the job that deployed; updated_at moves later. */
static when deployed_at(struct gitlab *g, bool ended, bool *ret_derived)
{
    when time = g->rest ? gitlab_time(g, g->about, "finished_at")
                        : gitlab_time(g, g->body, "status_changed_at");
    *ret_derived = false;
    if (g->rest && time == WHEN_NONE && ended) {
        time = teller_when(&g->t, teller_at(g->about, "deployable.finished_at"));
        *ret_derived = true;
    }
    if (g->rest && time == WHEN_NONE) {
        time = gitlab_time(g, g->about, ended ? "updated_at" : "created_at");
    }
    return time;
}

void gitlab_deployment(struct gitlab *g)
{
    struct teller *t = &g->t;
    str word = teller_get(g->body, "status"), sha = deployed_sha(g);
    str environment = teller_get(g->body, "environment"),
        tier = teller_get(g->body, "environment_tier");
    if (g->rest) {
        environment = teller_text(g->about, "environment.name");
        tier = teller_text(g->about, "environment.tier");
    }
    item_id item = gitlab_item(g, "deployment", "deployment",
                               json_object_get(g->body, g->rest ? "id" : "deployment_id"),
                               g->rest ? "id" : "deployment_id");
    bool ended = has_ended(word), started = str_eq(word, STR("running")), derived;
    bool waits = is_one_of(word, (const char *const[]){"created", "blocked", NULL});
    if (item == 0 || (!ended && !started && !waits)) {
        return;
    }
    when time = deployed_at(g, ended, &derived);
    if (time == WHEN_NONE) {
        gitlab_need_time(g, "status_changed_at");
        return;
    }
    struct teller_span end = {0};
    end_of(&end, word);
    bool blocked = str_eq(word, STR("blocked"));
    teller_fact(t, item, blocked ? "deployment.waiting" : "deployment",
                blocked ? STR("waiting") : STR("deploy"), time);
    t->event.life = blocked         ? LIFE_NONE
                    : !ended        ? (started ? LIFE_START : LIFE_SCHEDULE)
                    : end.withdrawn ? LIFE_CANCEL
                                    : LIFE_COMPLETE;
    t->event.quality = derived && t->event.quality == TIME_OWN ? TIME_DERIVED : t->event.quality;
    teller_attr(t, "environment", environment);
    teller_attr(t, "tier", tier);
    teller_attr(t, "repository", g->repository);
    teller_attr(t, "commit", teller_is_sha(sha) ? sha : (str){0});
    teller_attr(t, "outcome", ended ? end.outcome : (str){0});
    gitlab_actor(g, json_object_get(g->body, "user"));
    const json_t *job = json_object_get(g->body, "deployable_id");
    item_id commit = teller_commit(t, sha);
    teller_also(t, teller_item(t, "environment", "environment", environment), "environment");
    teller_also(t, commit, "commit");
    teller_also(t, json_is_integer(job) ? teller_item(t, "job", "job", teller_id(t, job)) : 0,
                "job");
    if (teller_give(t, TELLER_ONCE)) {
        teller_link(t, commit, item, "deploys", "sha", 1);
    }
}

/* --- releases and flags --- */

void gitlab_release(struct gitlab *g)
{
    struct teller *t = &g->t;
    str tag = teller_get(g->body, g->rest ? "tag_name" : "tag");
    str action = g->rest ? STR("create") : teller_get(g->body, "action");
    when time = gitlab_time(g, g->body, "released_at");
    item_id item = teller_item(t, "release", "tag", tag);
    if (!str_eq(action, STR("create"))) {
        return;
    }
    if (item == 0 || time == WHEN_NONE) {
        teller_reject(t, item == 0 ? "tag" : "released_at", "there is no %s",
                      item == 0 ? "tag" : "time in released_at");
        return;
    }
    item_id commit = teller_commit(t, teller_text(g->body, "commit.id"));
    teller_fact(t, item, "release", STR("released"), time);
    teller_attr(t, "repository", g->repository);
    gitlab_actor(g, json_object_get(g->body, "author"));
    teller_also(t, commit, "commit");
    if (teller_give(t, (str){0})) {
        teller_link(t, commit, item, "released_in", "sha", 1);
    }
}

void gitlab_flag(struct gitlab *g)
{
    struct teller *t = &g->t;
    bool active = false;
    item_id item = teller_item(t, "flag", "flag", teller_get(g->about, "name"));
    if (item == 0 || !json_get_bool(g->about, "active", &active)) {
        teller_reject(t, "object_attributes.name", "it does not say which flag is on or off");
        return;
    }
    teller_fact(t, item, "flag.flipped", active ? STR("on") : STR("off"), WHEN_NONE);
    teller_attr_bool(t, "active", active);
    teller_attr(t, "repository", g->repository);
    gitlab_actor(g, json_object_get(g->body, "user"));
    teller_give(t, delivery_id(g));
}
