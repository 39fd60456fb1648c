/* GitHub's runs, jobs, checks, deployments and approvals. */
#include "source/github.h"

static void tell_span(struct github *g, struct teller_span *s, const json_t *actor)
{
    s->repository = g->repository;
    s->actor = teller_get(actor, "login");
    s->actor_kind = teller_get(actor, "type");
    s->withdrawn = str_eq(s->outcome, STR("skipped")) || str_eq(s->outcome, STR("cancelled"));
    if (str_eq(s->outcome, STR("skipped"))) {
        s->started = WHEN_NONE;
    }
    teller_span(&g->t, s);
}

/* An attempt is a run of its own: "5453085689", then "5453085689.2". */
static item_id run_item(struct github *g, const json_t *id, const json_t *attempt)
{
    if (!json_is_integer(id) || json_integer_value(id) <= 0) {
        return 0;
    }
    str text = teller_id(&g->t, id);
    if (json_is_integer(attempt) && json_integer_value(attempt) > 1) {
        text = arena_strf(&g->t.text, STR_FMT "." STR_FMT, STR_ARG(text),
                          STR_ARG(teller_id(&g->t, attempt)));
    }
    return teller_item(&g->t, "run", "execution", text);
}

static bool need_item(struct github *g, item_id item, const char *path)
{
    if (item == 0) {
        teller_reject(&g->t, path, "there is no number in %s", path);
    }
    return item != 0;
}

/* How far has it come? By REST the status says it, else the action. */
static bool reached(const struct github *g, const json_t *object, const char *word)
{
    return str_eq(g->rest ? teller_get(object, "status") : g->action, str_of(word));
}

/* A run's created_at is that of its first attempt; there is no completed_at. */
void github_run(struct github *g, const json_t *run)
{
    struct teller *t = &g->t;
    bool completed = reached(g, run, "completed");
    bool started = completed || reached(g, run, "in_progress");
    bool asked = started || reached(g, run, "requested") || g->rest;
    if (!asked || !github_place(g, run)) {
        return;
    }
    const json_t *attempt = json_object_get(run, "run_attempt");
    bool again = json_is_integer(attempt) && json_integer_value(attempt) > 1;
    const json_t *actor = json_object_get(run, "triggering_actor");
    struct teller_span s = {
        .item = run_item(g, json_object_get(run, "id"), attempt),
        .type = "run",
        .scheduled = teller_when(t, json_object_get(run, again ? "run_started_at" : "created_at")),
        .started = started ? teller_when(t, json_object_get(run, "run_started_at")) : WHEN_NONE,
        .completed = WHEN_NONE,
        .outcome = completed ? teller_get(run, "conclusion") : (str){0},
        .once = true,
        .workflow = teller_get(run, "name"),
        .event = teller_get(run, "event"),
        .branch = teller_get(run, "head_branch"),
        .sha = teller_get(run, "head_sha"),
    };
    if (need_item(g, s.item, "workflow_run.id") &&
        (!completed ||
         github_time(g, run, "updated_at", "workflow_run.updated_at", &s.completed))) {
        if (s.scheduled == WHEN_NONE && s.started == WHEN_NONE && !completed) {
            teller_reject(t, "workflow_run.created_at",
                          "there is no time in workflow_run.created_at");
        }
        tell_span(g, &s, actor != NULL ? actor : json_object_get(run, "actor"));
    }
}

static void tell_waiting(struct github *g, const struct teller_span *s)
{
    teller_fact(&g->t, s->item, "job.waiting", STR("waiting"), s->scheduled);
    teller_attr(&g->t, "name", s->name);
    teller_attr(&g->t, "repository", g->repository);
    teller_also(&g->t, s->whole, "run");
    teller_give(&g->t, TELLER_ONCE);
}

/* A queued job has a started_at, which is its created_at: no start. */
void github_job(struct github *g, const json_t *job)
{
    struct teller *t = &g->t;
    bool completed = reached(g, job, "completed");
    bool started = completed || reached(g, job, "in_progress");
    bool waiting = reached(g, job, "waiting");
    if ((!started && !waiting && !reached(g, job, "queued")) || !github_place(g, job)) {
        return;
    }
    struct teller_span s = {
        .item = github_item(g, "job", "job", json_object_get(job, "id"), "workflow_job.id"),
        .type = "job",
        .scheduled = teller_when(t, json_object_get(job, "created_at")),
        .started = WHEN_NONE,
        .completed = WHEN_NONE,
        .outcome = completed ? teller_get(job, "conclusion") : (str){0},
        .name = teller_get(job, "name"),
        .workflow = teller_get(job, "workflow_name"),
        .branch = teller_get(job, "head_branch"),
        .sha = teller_get(job, "head_sha"),
        .whole = run_item(g, json_object_get(job, "run_id"), json_object_get(job, "run_attempt")),
    };
    if (s.item == 0 ||
        (completed &&
         !github_time(g, job, "completed_at", "workflow_job.completed_at", &s.completed)) ||
        (started && !github_time(g, job, "started_at", "workflow_job.started_at", &s.started))) {
        return;
    }
    if (!started && s.scheduled == WHEN_NONE) { /* bodies of before 2022 */
        s.scheduled = teller_when(t, json_object_get(job, "started_at"));
    }
    if (!started && s.scheduled == WHEN_NONE) {
        teller_reject(t, "workflow_job.created_at", "there is no time in workflow_job.created_at");
        return;
    }
    tell_span(g, &s, NULL);
    if (waiting) {
        tell_waiting(g, &s);
    }
}

/* Checks of other services, and those of GitHub's own, whose id is that of their job. */
void github_check(struct github *g, const json_t *check)
{
    struct teller *t = &g->t;
    str status_word = teller_get(check, "status");
    bool completed = str_eq(status_word, STR("completed")),
         started = completed || str_eq(status_word, STR("in_progress"));
    bool told = g->rest || github_did(g, "created") || github_did(g, "completed");
    if (!told || !github_place(g, check)) {
        return;
    }
    when begin = teller_when(t, json_object_get(check, "started_at"));
    struct teller_span s = {
        .item = github_item(g, "job", "job", json_object_get(check, "id"), "check_run.id"),
        .type = "job",
        .scheduled = started ? WHEN_NONE : begin,
        .started = started ? begin : WHEN_NONE,
        .completed = WHEN_NONE,
        .outcome = completed ? teller_get(check, "conclusion") : (str){0},
        .name = teller_get(check, "name"),
        .branch = teller_text(check, "check_suite.head_branch"),
        .sha = teller_get(check, "head_sha"),
    };
    if (s.item != 0 && (!completed || github_time(g, check, "completed_at",
                                                  "check_run.completed_at", &s.completed))) {
        tell_span(g, &s, NULL);
    }
}

/* The suite of GitHub's own checks is a run, and told as such. */
void github_suite(struct github *g, const json_t *suite)
{
    struct teller *t = &g->t;
    bool completed = reached(g, suite, "completed"), asked = github_did(g, "requested") || g->rest;
    bool own = str_eq(teller_text(suite, "app.slug"), STR("github-actions"));
    if (own || (!completed && !asked) || !github_place(g, suite)) {
        return;
    }
    const json_t *id = json_object_get(suite, "id");
    item_id item =
        json_is_integer(id) && json_integer_value(id) > 0
            ? teller_item(t, "run", "execution",
                          arena_strf(&t->text, "suite-" STR_FMT, STR_ARG(teller_id(t, id))))
            : 0;
    struct teller_span s = {
        .item = item,
        .type = "run",
        .scheduled = teller_when(t, json_object_get(suite, "created_at")),
        .started = WHEN_NONE,
        .completed = WHEN_NONE,
        .outcome = completed ? teller_get(suite, "conclusion") : (str){0},
        .workflow = teller_text(suite, "app.slug"),
        .branch = teller_get(suite, "head_branch"),
        .sha = teller_get(suite, "head_sha"),
    };
    if (need_item(g, item, "check_suite.id") &&
        (!completed ||
         github_time(g, suite, "updated_at", "check_suite.updated_at", &s.completed))) {
        tell_span(g, &s, NULL);
    }
}

/* The old way of external CI: a state of a commit in a context. */
void github_status(struct github *g, const json_t *one)
{
    struct teller *t = &g->t;
    str sha = teller_get(one, "sha"), state = teller_get(one, "state");
    when time;
    if (!github_place(g, one)) {
        return;
    }
    if (!teller_is_sha(sha) || state.n == 0) {
        teller_reject(t, "sha", "a status names a commit and a state");
        return;
    }
    if (!github_time(g, one, "created_at", "created_at", &time)) {
        return;
    }
    bool pending = str_eq(state, STR("pending"));
    str context = teller_get(one, "context");
    item_id item = teller_item(
        t, "job", "job",
        arena_strf(&t->text, STR_FMT "/" STR_FMT, STR_ARG(sha), STR_ARG(str_first(context, 500))));
    teller_fact(t, item, "job", STR("job"), time);
    t->event.life = pending ? LIFE_START : LIFE_COMPLETE;
    teller_attr(t, "name", context);
    teller_attr(t, "repository", g->repository);
    teller_attr(t, "outcome", pending ? STR("") : state);
    github_actor(g, g->sender);
    item_id commit = teller_commit(t, sha);
    teller_also(t, commit, "commit");
    if (teller_give(t, teller_id(t, json_object_get(one, "id")))) {
        teller_link(t, item, commit, "checks", "sha", 1);
    }
}

/* --- deployments --- */

static void deployment_attrs(struct github *g, str environment, str sha, const json_t *deployment)
{
    struct teller *t = &g->t;
    bool production = false;
    teller_attr(t, "environment", environment);
    teller_attr(t, "repository", g->repository);
    teller_attr(t, "commit", teller_is_sha(sha) ? sha : (str){0});
    teller_attr(t, "task", teller_get(deployment, "task"));
    if (json_get_bool(deployment, "production_environment", &production)) {
        teller_attr_bool(t, "production", production);
    }
    teller_also(t, github_environment(g, environment), "environment");
    teller_also(t, teller_commit(t, sha), "commit");
}

void github_deployment(struct github *g, const json_t *deployment)
{
    struct teller *t = &g->t;
    when time;
    if ((!g->rest && !github_did(g, "created") && g->action.n > 0) ||
        !github_place(g, deployment)) {
        return;
    }
    item_id item = github_item(g, "deployment", "deployment", json_object_get(deployment, "id"),
                               "deployment.id");
    if (item == 0 || !github_time(g, deployment, "created_at", "deployment.created_at", &time)) {
        return;
    }
    str sha = teller_get(deployment, "sha");
    teller_fact(t, item, "deployment", STR("deploy"), time);
    t->event.life = LIFE_SCHEDULE;
    deployment_attrs(g, teller_get(deployment, "environment"), sha, deployment);
    github_actor(g, json_object_get(deployment, "creator"));
    if (teller_give(t, TELLER_ONCE)) {
        teller_link(t, teller_commit(t, sha), item, "deploys", "sha", 1);
    }
}

/* The last part of ".../repos/acme/shop/deployments/42": as a number. */
static item_id deployment_of_address(struct github *g, str url)
{
    str part, last = {0};
    int64_t number = 0;
    while (str_cut(&url, '/', &part)) {
        last = part;
    }
    return str_to_i64(last, &number) && number > 0
               ? teller_item(&g->t, "deployment", "deployment", last)
               : 0;
}

static const struct {
    const char *state;
    enum life life; /* LIFE_NONE: a point of its own */
    const char *outcome;
} STATES[] = {
    {"queued", LIFE_NONE, NULL},           {"pending", LIFE_NONE, NULL},
    {"waiting", LIFE_NONE, NULL},          {"in_progress", LIFE_START, NULL},
    {"success", LIFE_COMPLETE, "success"}, {"failure", LIFE_COMPLETE, "failure"},
    {"error", LIFE_COMPLETE, "failure"},
};

/* The time is the status's own: the deployment's updated_at moves long after, when it becomes
 * inactive, which is no event. */
void github_deployment_status(struct github *g, const json_t *one, const json_t *deployment)
{
    struct teller *t = &g->t;
    str state = teller_get(one, "state"), sha = teller_get(deployment, "sha");
    size_t k = 0, n = sizeof STATES / sizeof *STATES;
    when time;
    while (k < n && !str_eq_case(state, str_of(STATES[k].state))) {
        k++;
    }
    if (k == n || !github_place(g, one)) {
        return;
    }
    item_id item = deployment != NULL
                       ? github_item(g, "deployment", "deployment",
                                     json_object_get(deployment, "id"), "deployment.id")
                       : deployment_of_address(g, teller_get(one, "deployment_url"));
    if (item == 0) {
        if (deployment == NULL) {
            teller_reject(t, "deployment_url", "it does not say which deployment it is about");
        }
        return;
    }
    if (!github_time(g, one, "created_at", "deployment_status.created_at", &time)) {
        return;
    }
    bool point = STATES[k].life == LIFE_NONE;
    teller_fact(t, item, point ? "deployment.waiting" : "deployment",
                point ? STR("waiting") : STR("deploy"), time);
    t->event.life = (uint8_t)STATES[k].life;
    str environment = teller_get(one, "environment");
    deployment_attrs(g, environment.n > 0 ? environment : teller_get(deployment, "environment"),
                     sha, deployment);
    teller_attr(t, "outcome", str_of(STATES[k].outcome));
    github_actor(g, json_object_get(one, "creator"));
    item_id run = run_item(g, teller_at(g->body, "workflow_run.id"),
                           teller_at(g->body, "workflow_run.run_attempt"));
    teller_also(t, run, "run");
    if (teller_give(t, teller_id(t, json_object_get(one, "id")))) {
        teller_link(t, teller_commit(t, sha), item, "deploys", "sha", 1);
    }
}

/* Somebody must agree before a job deploys: one approval a run and environment. */
void github_approval(struct github *g)
{
    struct teller *t = &g->t;
    const json_t *run = json_object_get(g->body, "workflow_run");
    bool asked = github_did(g, "requested"), approved = github_did(g, "approved"),
         refused = github_did(g, "rejected");
    str environment = teller_get(g->body, "environment");
    if (environment.n == 0) {
        environment = teller_text(g->body, "workflow_job_run.environment");
    }
    if ((!asked && !approved && !refused) || !github_place(g, run)) {
        return;
    }
    item_id of = run_item(g, json_object_get(run, "id"), json_object_get(run, "run_attempt"));
    if (!need_item(g, of, "workflow_run.id")) {
        return;
    }
    str id =
        arena_strf(&t->text, STR_FMT "/" STR_FMT, STR_ARG(teller_id(t, json_object_get(run, "id"))),
                   STR_ARG(str_first(environment, 200)));
    when since = teller_when(t, json_object_get(g->body, "since"));
    if (asked && since == WHEN_NONE) {
        teller_reject(t, "since", "there is no time in since");
        return;
    }
    teller_fact(t, teller_item(t, "approval", "approval", id), "approval", STR("approval"),
                asked ? since : WHEN_NONE);
    t->event.life = asked ? LIFE_SCHEDULE : LIFE_COMPLETE;
    teller_attr(t, "environment", environment);
    teller_attr(t, "repository", g->repository);
    teller_attr(t, "outcome", asked ? STR("") : g->action);
    github_actor(g, asked ? g->sender : json_object_get(g->body, "approver"));
    teller_also(t, of, "run");
    teller_also(t, github_environment(g, environment), "environment");
    teller_also(t, teller_commit(t, teller_get(run, "head_sha")), "commit");
    teller_give(t, TELLER_ONCE);
}
