/* buildbot: builds as its reporter HttpStatusPush posts them, and as buildbotdb.h reads them from
 * the database of the master; the same fields, so the same facts. Times are whole seconds since
 * 1970. A build waits from the submission of its buildset on. Steps are jobs of the build.
 *
 * A retried request gets another build, with a number of its own: another attempt, which the item
 * attribute `request` joins with the first. */
#include "source/teller.h"

#include "source/signature.h"

#include <string.h>

static const char *const OUTCOMES[] = {"success", "success", "failure",  "skipped",
                                       "error",   "retry",   "cancelled"};
enum { SUCCESS, WARNINGS, FAILURE, SKIPPED, EXCEPTION, RETRY, CANCELLED };

struct buildbot {
    struct teller t;
    item_id run;
    str builder, branch, repository;
    str sha; /* of the first source stamp that tells one */
};

static str first_text(const json_t *value) /* a property is [value, source] */
{
    return json_text(json_is_array(value) ? json_array_get(value, 0) : value);
}

static str property(const json_t *build, const char *name)
{
    return first_text(json_object_get(json_get_object(build, "properties"), name));
}

static bool is_result(const json_t *results)
{
    int64_t n = json_is_integer(results) ? json_integer_value(results) : -1;
    return n >= SUCCESS && n <= CANCELLED;
}

/* How it ended, where it has ended. */
static void read_end(struct teller_span *s, const json_t *json)
{
    const json_t *results = json_object_get(json, "results");
    if (is_result(results)) {
        int64_t n = json_integer_value(results);
        s->completed = teller_epoch(json_object_get(json, "complete_at"), SECOND);
        s->outcome = str_of(OUTCOMES[n]);
        s->withdrawn = n == SKIPPED || n == RETRY || n == CANCELLED;
    }
}

/* --- what was built --- */

/* Each codebase has a source stamp. A forced build has none with a revision: then the property that
 * the checkout set, which is a text, or an object by codebase. */
static void link_commits(struct buildbot *b, const json_t *build)
{
    const json_t *stamps = json_get_array(json_get_object(build, "buildset"), "sourcestamps"), *one;
    size_t i, linked = 0;
    json_array_foreach(stamps, i, one)
    {
        item_id commit = teller_commit(&b->t, teller_get(one, "revision"));
        if (!str_eq(teller_get(one, "revision"), b->sha)) { /* that is linked already */
            teller_link(&b->t, b->run, commit, "checks", "sha", 1);
        }
        linked += commit != 0;
    }
    const json_t *got = json_object_get(json_get_object(build, "properties"), "got_revision");
    got = json_is_array(got) ? json_array_get(got, 0) : got;
    if (linked == 0 && json_is_object(got)) {
        const char *codebase;
        json_t *revision;
        json_object_foreach((json_t *)got, codebase, revision)
        {
            item_id commit = teller_commit(&b->t, json_text(revision));
            teller_link(&b->t, b->run, commit, "checks", "sha", 1);
        }
    } else if (linked == 0) {
        teller_link(&b->t, b->run, teller_commit(&b->t, json_text(got)), "checks", "sha", 1);
    }
}

static void read_source(struct buildbot *b, const json_t *build)
{
    const json_t *stamps = json_get_array(json_get_object(build, "buildset"), "sourcestamps"), *one;
    size_t i;
    json_array_foreach(stamps, i, one)
    {
        str revision = teller_get(one, "revision");
        if (b->sha.n == 0 && teller_is_sha(revision)) {
            b->sha = revision;
        }
        if (b->repository.n == 0) {
            b->repository = teller_get(one, "repository");
            b->branch = teller_get(one, "branch");
        }
    }
}

/* --- steps --- */

/* A step is known by its name, which is unique within a build. */
static void tell_step(struct buildbot *b, const json_t *step, str run)
{
    struct teller *t = &b->t;
    str name = teller_get(step, "name");
    bool hidden = false;
    if (name.n == 0 || (json_get_bool(step, "hidden", &hidden) && hidden)) {
        return;
    }
    str resource =
        arena_strf(&t->text, STR_FMT "/" STR_FMT, STR_ARG(run), STR_ARG(str_first(name, 200)));
    struct teller_span s = {.item = teller_item(t, "job", "job", resource),
                            .type = "job",
                            .scheduled = WHEN_NONE,
                            .started = teller_epoch(json_object_get(step, "started_at"), SECOND),
                            .completed = WHEN_NONE,
                            .once = true,
                            .name = name,
                            .branch = b->branch,
                            .repository = b->repository,
                            .sha = b->sha,
                            .whole = b->run};
    read_end(&s, step);
    teller_span(t, &s);
}

/* --- the build --- */

static bool need(struct buildbot *b, bool there, const char *path)
{
    if (!there) {
        teller_reject(&b->t, path, "there is no usable %s", path);
    }
    return there;
}

static void tell_build(struct buildbot *b, const json_t *build)
{
    struct teller *t = &b->t;
    const json_t *number = json_object_get(build, "number"),
                 *results = json_object_get(build, "results"),
                 *buildset = json_get_object(build, "buildset"), *one;
    struct teller_span s = {.type = "run",
                            .scheduled =
                                teller_epoch(json_object_get(buildset, "submitted_at"), SECOND),
                            .started = teller_epoch(json_object_get(build, "started_at"), SECOND),
                            .completed = WHEN_NONE,
                            .once = true};
    b->builder = teller_text(build, "builder.name");
    b->builder = b->builder.n > 0 ? b->builder : property(build, "buildername");
    if (!need(b, b->builder.n > 0, "builder.name") ||
        !need(b, json_is_integer(number) && json_integer_value(number) > 0, "number") ||
        !need(b, s.started != WHEN_NONE, "started_at") ||
        !need(b, json_is_null(results) || results == NULL || is_result(results), "results")) {
        return;
    }
    t->place =
        (struct place){.provider = STR("buildbot"), .provider_id = t->run->options->provider_id};
    str resource = arena_strf(&t->text, STR_FMT "/" STR_FMT, STR_ARG(str_first(b->builder, 200)),
                              STR_ARG(teller_id(t, number)));
    b->run = teller_item(t, "run", "execution", resource);
    read_source(b, build);
    s.item = b->run;
    s.scheduled = s.scheduled > s.started ? WHEN_NONE : s.scheduled;
    s.name = b->builder;
    s.branch = b->branch;
    s.repository = b->repository;
    s.sha = b->sha;
    read_end(&s, build);
    teller_span(t, &s);
    teller_mark(t, b->run, "request", s.started,
                teller_id(t, json_object_get(build, "buildrequestid")));
    link_commits(b, build);
    size_t i;
    json_array_foreach(json_get_array(build, "steps"), i, one)
    {
        tell_step(b, one, resource);
    }
}

static void map(struct hook_run *run, const struct delivery *d)
{
    struct buildbot b = {0};
    teller_open(&b.t, run, d);
    uint64_t rejected = run->counts.rejected;
    json_t *body = teller_json(&b.t);
    const json_t *builds = json_get_array(body, "builds"), *one;
    size_t i;
    if (body != NULL && json_object_get(body, "buildid") != NULL) {
        tell_build(&b, body);
    } else if (builds != NULL) { /* of its REST API */
        json_array_foreach(builds, i, one)
        {
            b = (struct buildbot){.t = b.t};
            tell_build(&b, one);
        }
    } else if (body != NULL && !json_is_object(body)) {
        teller_reject(&b.t, "", "the body is no object");
    }
    if (b.t.count == 0 && run->counts.rejected == rejected) {
        teller_unmapped(&b.t);
    }
    json_decref(body);
    teller_close(&b.t);
}

static enum hook_proof verify(const struct delivery *d, const struct hook_secrets *secrets,
                              when now)
{
    (void)now;
    return signature_bearer(d, secrets);
}

static str id(const struct delivery *d, struct arena *text)
{
    (void)d, (void)text;
    return (str){0};
}

const struct hook HOOK_BUILDBOT = {
    .name = "buildbot", .title = "buildbot", .verify = verify, .id = id, .map = map};
