/* Jenkins: answers of its REST API. A job's `api/json?tree=fullName,allBuilds[…]`, a build alone,
 * and the stages of a pipeline's build (`wfapi/describe`). Times are milliseconds since 1970.
 *
 * A build is known by the full name of its job and its number. The name is in the job's `fullName`,
 * in the build's `url` (job/A/job/B/12/), or in its `fullDisplayName` ("A » B #12"), in this order.
 * `timestamp` + `duration` is its end, but only when it does not say `building`: a running build
 * may carry a result already. How long it waited for an executor is not told here. */
#include "source/teller.h"

#include "source/signature.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define MILLI (SECOND / 1000)

struct jenkins {
    struct teller t;
    str job; /* "folder/job" that the page is about; empty: each build says it */
};

/* --- identity --- */

static int hex_of(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : (tolower((unsigned char)c) - 'a') + 10;
}

/* "https://ci.example/job/A/job/my%20job/12/": "A/my job" */
static str name_of_url(struct jenkins *j, str url)
{
    static const str JOB = STR_INIT("/job/");
    struct buf name = {0};
    for (size_t at; (at = str_find(url, JOB)) < url.n;) {
        url = str_from(url, at + JOB.n);
        size_t end = str_find_char(url, '/');
        buf_add(&name, name.n > 0 ? STR("/") : STR(""));
        for (size_t i = 0; i < end; i++) {
            bool coded = url.p[i] == '%' && i + 2 < end && isxdigit((unsigned char)url.p[i + 1]) &&
                         isxdigit((unsigned char)url.p[i + 2]);
            int code = coded ? hex_of(url.p[i + 1]) << 4 | hex_of(url.p[i + 2]) : 0;
            buf_putc(&name, coded ? (char)code : url.p[i]);
            i += coded ? 2 : 0;
        }
        url = str_from(url, end);
    }
    str kept = name.n > 0 ? arena_str(&j->t.text, buf_str(&name)) : (str){0};
    buf_finish(&name);
    return kept;
}

/* "A » B #12", when 12 is the number: "A/B". A display name of its own does not tell the job. */
static str name_of_display(struct jenkins *j, str display, str number)
{
    static const str STEP = STR_INIT(" \xc2\xbb ");
    str end = arena_strf(&j->t.text, " #" STR_FMT, STR_ARG(number));
    if (!str_ends(display, end)) {
        return (str){0};
    }
    struct buf name = {0};
    str rest = str_first(display, display.n - end.n);
    for (size_t at; rest.n > 0; rest = str_from(rest, at + STEP.n)) {
        at = str_find(rest, STEP);
        buf_add(&name, name.n > 0 ? STR("/") : STR(""));
        buf_add(&name, str_first(rest, at));
    }
    str kept = arena_str(&j->t.text, buf_str(&name));
    buf_finish(&name);
    return kept;
}

static item_id run_of(struct jenkins *j, str job, str number)
{
    return teller_item(
        &j->t, "run", "execution",
        arena_strf(&j->t.text, STR_FMT "/" STR_FMT, STR_ARG(str_first(job, 500)), STR_ARG(number)));
}

/* --- what was built, and why --- */

/* "https://host/a/b.git" and "git@host:a/b" hold "a/b" at their ends. */
static bool is_repository(str remote, str wanted)
{
    str git = STR(".git");
    remote = str_ends(remote, git) ? str_first(remote, remote.n - git.n) : remote;
    wanted = str_ends(wanted, git) ? str_first(wanted, wanted.n - git.n) : wanted;
    bool edge =
        remote.n == wanted.n || (remote.n > wanted.n && (remote.p[remote.n - wanted.n - 1] == '/' ||
                                                         remote.p[remote.n - wanted.n - 1] == ':'));
    return edge && str_ends(remote, wanted);
}

static bool has_repository(const json_t *urls, str wanted)
{
    size_t i;
    const json_t *one;
    json_array_foreach(urls, i, one)
    {
        if (is_repository(json_text(one), wanted)) {
            return true;
        }
    }
    return false;
}

/* The commit is in the action with `lastBuiltRevision`. Shared libraries add actions of their own:
 * then the repository must be configured, else it is not told which commit was built. */
static const json_t *revision_of(struct jenkins *j, const json_t *actions)
{
    str wanted = j->t.run->options->repository;
    const json_t *found = NULL, *one;
    str sha = {0};
    size_t i;
    json_array_foreach(actions, i, one)
    {
        str other = teller_text(one, "lastBuiltRevision.SHA1");
        bool ours = other.n > 0 &&
                    (wanted.n == 0 || has_repository(json_get_array(one, "remoteUrls"), wanted));
        if (ours && found != NULL && !str_eq(sha, other)) {
            return NULL;
        }
        if (ours && found == NULL) {
            found = one;
            sha = other;
        }
    }
    return found;
}

static void read_cause(struct teller_span *s, const json_t *cause)
{
    static const char *const WORDS[][2] = {
        {"UserIdCause", "user"},          {"UserCause", "user"},
        {"SCMTriggerCause", "scm"},       {"TimerTriggerCause", "timer"},
        {"UpstreamCause", "upstream"},    {"RemoteCause", "remote"},
        {"ReplayCause", "replay"},        {"BranchEventCause", "branch"},
        {"BranchIndexingCause", "branch"}};
    str class = teller_get(cause, "_class");
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS && s->event.n == 0; i++) {
        s->event = str_ends(class, str_of(WORDS[i][0])) ? str_of(WORDS[i][1]) : (str){0};
    }
    s->actor = s->actor.n > 0 ? s->actor : teller_get(cause, "userId");
}

static void read_actions(struct jenkins *j, struct teller_span *s, const json_t *actions)
{
    static const str PREFIXES[] = {STR_INIT("refs/remotes/"), STR_INIT("refs/heads/"),
                                   STR_INIT("origin/")};
    const json_t *action, *cause, *revision = revision_of(j, actions);
    const json_t *branches =
        json_get_array(json_object_get(revision, "lastBuiltRevision"), "branch");
    size_t i, k;
    s->sha = teller_text(revision, "lastBuiltRevision.SHA1");
    s->branch = teller_get(json_array_get(branches, 0), "name");
    for (i = 0; i < sizeof PREFIXES / sizeof *PREFIXES; i++) {
        bool has = str_starts(s->branch, PREFIXES[i]);
        s->branch = str_from(s->branch, has ? PREFIXES[i].n : 0);
    }
    s->repository = json_text(json_array_get(json_get_array(revision, "remoteUrls"), 0));
    json_array_foreach(actions, i, action)
    {
        json_array_foreach(json_get_array(action, "causes"), k, cause)
        {
            read_cause(s, cause);
        }
    }
}

static void link_upstream(struct jenkins *j, item_id run, const json_t *actions)
{
    const json_t *action, *cause;
    size_t i, k;
    json_array_foreach(actions, i, action)
    {
        json_array_foreach(json_get_array(action, "causes"), k, cause)
        {
            str job = teller_get(cause, "upstreamProject");
            str number = teller_id(&j->t, json_object_get(cause, "upstreamBuild"));
            if (job.n > 0 && number.n > 0) {
                teller_link(&j->t, run_of(j, job, number), run, "triggers", "stated", 1);
            }
        }
    }
}

/* --- facts --- */

static const struct {
    str result, outcome;
    bool withdrawn;
} RESULTS[] = {
    {STR_INIT("SUCCESS"), STR_INIT("success"), false},
    {STR_INIT("UNSTABLE"), STR_INIT("unstable"), false},
    {STR_INIT("FAILURE"), STR_INIT("failure"), false},
    {STR_INIT("FAILED"), STR_INIT("failure"), false}, /* so in wfapi */
    {STR_INIT("ABORTED"), STR_INIT("cancelled"), true},
    {STR_INIT("NOT_BUILT"), STR_INIT("skipped"), true},
    {STR_INIT("NOT_BUILD"), STR_INIT("skipped"), true},
    {STR_INIT("NOT_EXECUTED"), STR_INIT("skipped"), true},
};
enum { RESULT_COUNT = sizeof RESULTS / sizeof *RESULTS };

static size_t result_of(str text)
{
    size_t i = 0;
    while (i < RESULT_COUNT && !str_eq(text, RESULTS[i].result)) {
        i++;
    }
    return i;
}

static when later(when start, int64_t milliseconds)
{
    bool fits = milliseconds >= 0 && milliseconds <= (INT64_MAX - start) / MILLI;
    return fits ? start + milliseconds * MILLI : WHEN_NONE;
}

static void tell_build(struct jenkins *j, const json_t *json)
{
    struct teller *t = &j->t;
    const json_t *actions = json_get_array(json, "actions");
    int64_t duration = 0;
    bool building = false;
    str number = teller_id(t, json_object_get(json, "number")),
        name = j->job.n > 0 ? j->job : name_of_url(j, teller_get(json, "url"));
    if (name.n == 0) {
        name = name_of_display(j, teller_get(json, "fullDisplayName"), number);
    }
    if (number.n == 0 || name.n == 0) {
        teller_reject(t, number.n == 0 ? "number" : "fullDisplayName",
                      number.n == 0 ? "the build has no number"
                                    : "the build does not say of which job it is: ask for fullName "
                                      "or url, too");
        return;
    }
    struct teller_span s = {.item = run_of(j, name, number),
                            .type = "run",
                            .scheduled = WHEN_NONE,
                            .started = teller_epoch(json_object_get(json, "timestamp"), MILLI),
                            .completed = WHEN_NONE,
                            .once = true,
                            .derived = true,
                            .name = name};
    if (s.started == WHEN_NONE) {
        teller_reject(t, "timestamp", "the build has no usable timestamp");
        return;
    }
    size_t result = result_of(teller_get(json, "result"));
    bool ended = result < RESULT_COUNT && json_get_i64(json, "duration", &duration) &&
                 !(json_get_bool(json, "building", &building) && building);
    if (ended) {
        s.completed = later(s.started, duration);
        s.outcome = RESULTS[result].outcome;
        s.withdrawn = RESULTS[result].withdrawn;
    }
    read_actions(j, &s, actions);
    teller_span(t, &s);
    link_upstream(j, s.item, actions);
}

/* --- stages: wfapi/describe --- */

/* What is the same for a whole build and for a stage of it. False: it has not started. */
static bool tell_stage(struct jenkins *j, item_id item, const char *type, item_id whole,
                       const json_t *json, str name)
{
    struct teller *t = &j->t;
    int64_t duration = 0;
    struct teller_span s = {.item = item,
                            .type = type,
                            .scheduled = WHEN_NONE,
                            .started =
                                teller_epoch(json_object_get(json, "startTimeMillis"), MILLI),
                            .completed = WHEN_NONE,
                            .once = true,
                            .name = name,
                            .whole = whole};
    if (s.started == WHEN_NONE || item == 0) {
        return false;
    }
    /* others: IN_PROGRESS, PAUSED_PENDING_INPUT, QUEUED */
    size_t result = result_of(teller_get(json, "status"));
    when end = teller_epoch(json_object_get(json, "endTimeMillis"), MILLI);
    s.derived = end == WHEN_NONE;
    if (s.derived && json_get_i64(json, "durationMillis", &duration)) {
        end = later(s.started, duration);
    }
    if (result < RESULT_COUNT && end >= s.started) {
        s.completed = end;
        s.outcome = RESULTS[result].outcome;
        s.withdrawn = RESULTS[result].withdrawn;
    }
    teller_span(t, &s);
    const json_t *paused = json_object_get(json, "pauseDurationMillis");
    if (json_is_integer(paused) && json_integer_value(paused) > 0) {
        teller_mark(t, item, "waited_for_input_ms", s.started, teller_id(t, paused));
    }
    return true;
}

/* A stage is known by the number of its node, as names come twice. */
static void tell_stages(struct jenkins *j, const json_t *json)
{
    struct teller *t = &j->t;
    const json_t *one, *stages = json_get_array(json, "stages");
    str number = teller_id(t, json_object_get(json, "id"));
    str name = name_of_url(j, teller_text(json, "_links.self.href"));
    if (name.n == 0 || number.n == 0) {
        teller_reject(t, "_links.self.href", "the stages do not say of which build they are");
        return;
    }
    item_id run = run_of(j, name, number);
    if (!tell_stage(j, run, "run", 0, json, name)) {
        teller_reject(t, "startTimeMillis", "the build has no usable start");
        return;
    }
    size_t i;
    json_array_foreach(stages, i, one)
    {
        str id = teller_id(t, json_object_get(one, "id"));
        str resource =
            arena_strf(&t->text, STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(str_first(name, 500)),
                       STR_ARG(number), STR_ARG(str_first(id, 100)));
        (void)tell_stage(j, id.n > 0 ? teller_item(t, "job", "job", resource) : 0, "job", run, one,
                         teller_get(one, "name"));
    }
}

/* --- bodies --- */

static void map_body(struct jenkins *j, const json_t *body)
{
    const json_t *one, *builds = json_get_array(body, "allBuilds");
    builds = builds != NULL ? builds : json_get_array(body, "builds");
    size_t i;
    if (builds != NULL) {
        str full = teller_get(body, "fullName");
        j->job = full.n > 0 ? full : name_of_url(j, teller_get(body, "url"));
        json_array_foreach(builds, i, one)
        {
            tell_build(j, one);
        }
    } else if (json_object_get(body, "startTimeMillis") != NULL) {
        tell_stages(j, body);
    } else if (json_object_get(body, "timestamp") != NULL &&
               json_object_get(body, "number") != NULL) {
        tell_build(j, body);
    } else if (!json_is_object(body)) {
        teller_reject(&j->t, "", "the body is no object");
    }
}

static void map(struct hook_run *run, const struct delivery *d)
{
    struct jenkins j = {0};
    teller_open(&j.t, run, d);
    j.t.place =
        (struct place){.provider = STR("jenkins"), .provider_id = run->options->provider_id};
    uint64_t rejected = run->counts.rejected;
    json_t *body = teller_json(&j.t);
    if (body != NULL) {
        map_body(&j, body);
    }
    if (j.t.count == 0 && run->counts.rejected == rejected) {
        teller_unmapped(&j.t);
    }
    json_decref(body);
    teller_close(&j.t);
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

const struct hook HOOK_JENKINS = {
    .name = "jenkins", .title = "Jenkins", .verify = verify, .id = id, .map = map};
