/* What others published, or what their programs say, comes out of ours exactly: data sets 02, 04,
 * 06, 07 and 08 of the delivery data. Small copies of the figures stand in the tests of the
 * modules; here the whole sets are read where they are. */
#include "fold/benchmark.h"
#include "fold/cirun.h"
#include "fold/delivery.h"
#include "fold/partition.h"
#include "fold/review.h"

#include "base/buf.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SETS SHARED "/data/delivery/"

static json_t *load(const char *path)
{
    json_t *doc = json_load_file(path, 0, NULL);
    if (doc == NULL) {
        printf("%s is not here: skipped\n", path);
        skip();
    }
    return doc;
}

/* "2024-01-02T12:00:00Z", also with a fraction and an offset of nothing. */
static when instant(const char *text)
{
    struct civil c = {0};
    if (text == NULL || sscanf(text, "%d-%d-%dT%d:%d:%d", &c.year, &c.month, &c.day, &c.hour,
                               &c.minute, &c.second) < 6) {
        return WHEN_NONE;
    }
    const char *dot = strchr(text, '.');
    c.micro = dot != NULL ? atoi(dot + 1) * 1000 : 0;
    return clock_from_civil(c);
}

static when instant_of(const json_t *object, const char *key)
{
    return instant(json_string_value(json_object_get(object, key)));
}

static const char *name_of(const json_t *case_)
{
    return json_string_value(json_object_get(case_, "name"));
}

/* --- 06: middleware --- */

static struct delivery_question question(enum delivery_metric m, const json_t *interval)
{
    struct delivery_question q = {
        .rule = delivery_rule_find(STR("middleware")),
        .parameters = delivery_parameters_default(),
        .metric = m,
        .from = instant("2023-01-01T00:00:00Z"),
        .to = instant("2025-01-01T00:00:00Z"),
        .now = instant("2025-01-01T00:00:00Z"),
    };
    if (interval != NULL) {
        q.from = instant(json_string_value(json_array_get(interval, 0)));
        q.to = instant(json_string_value(json_array_get(interval, 1)));
        q.closed = true;
    }
    return q;
}

static void add_deployment(struct delivery *d, const char *id, when finished)
{
    VEC_ADD(&d->deployments, (struct deployment){.id = str_of(id),
                                                 .environment = STR("production"),
                                                 .started = WHEN_NONE,
                                                 .finished = finished,
                                                 .success = true});
}

static void expect_ids(const json_t *expected, const str *ids, size_t n)
{
    assert_int_equal(json_array_size(expected), n);
    for (size_t i = 0; i < n; i++) {
        assert_true(str_eq(ids[i], str_of(json_string_value(json_array_get(expected, i)))));
    }
}

static void expect_weeks(struct delivery *d, const json_t *weekly, struct arena *a)
{
    const char *begin;
    json_t *week;
    json_object_foreach((json_t *)weekly, begin, week)
    {
        struct delivery_question q = question(DELIVERY_FAIL_RATE, NULL);
        struct delivery_answer answer;
        q.from = instant(begin);
        q.to = q.from + WEEK;
        delivery_measure(d, &q, a, &answer);
        expect_ids(json_object_get(week, "failed"), answer.ids, answer.id_n);
        assert_int_equal(answer.of, json_array_size(json_object_get(week, "total")));
    }
}

static void change_failure_rate(void **state)
{
    (void)state;
    json_t *doc = load(SETS "06-middleware-dora/change_failure_rate.json"), *one;
    size_t i;
    assert_int_equal(json_array_size(json_object_get(doc, "cases")), 10);
    json_array_foreach(json_object_get(doc, "cases"), i, one)
    {
        struct delivery d = {.told = TOLD_DEPLOYMENTS | TOLD_INCIDENTS};
        struct arena a = {0};
        struct delivery_answer answer;
        const char *id;
        json_t *value, *expected = json_object_get(one, "expected");
        json_object_foreach(json_object_get(one, "deployments"), id, value)
        {
            add_deployment(&d, id, instant(json_string_value(value)));
        }
        json_object_foreach(json_object_get(one, "incidents_created"), id, value)
        {
            VEC_ADD(&d.incidents, (struct incident){.id = str_of(id),
                                                    .created = instant(json_string_value(value)),
                                                    .resolved = WHEN_NONE});
        }
        struct delivery_question q = question(DELIVERY_FAIL_RATE, json_object_get(one, "interval"));
        delivery_measure(&d, &q, &a, &answer);
        double percent =
            json_number_value(json_object_get(expected, "change_failure_rate_percent"));
        if (fabs(answer.value - percent) > 1e-12) {
            fail_msg("%s: %.17g, not %.17g", name_of(one), answer.value, percent);
        }
        assert_int_equal(answer.of, json_integer_value(json_object_get(expected, "total")));
        expect_ids(json_object_get(expected, "failed_deployments"), answer.ids, answer.id_n);
        size_t linked = 0;
        for (size_t k = 0; k < answer.link_n; k++) {
            if (answer.links[k].rule != LINK_NONE) {
                struct buf key = {0};
                buf_add(&key, answer.links[k].incident);
                json_t *to = json_object_get(json_object_get(expected, "incident_to_deployment"),
                                             buf_cstr(&key));
                assert_true(str_eq(answer.links[k].deployment, str_of(json_string_value(to))));
                buf_finish(&key);
                linked++;
            }
        }
        assert_int_equal(linked,
                         json_object_size(json_object_get(expected, "incident_to_deployment")));
        expect_weeks(&d, json_object_get(expected, "weekly"), &a);
        delivery_finish(&d);
        arena_finish(&a);
    }
    json_decref(doc);
}

static void deployment_frequency(void **state)
{
    (void)state;
    json_t *doc = load(SETS "06-middleware-dora/deployment_frequency.json"), *one;
    size_t i, k;
    assert_int_equal(json_array_size(json_object_get(doc, "cases")), 4);
    json_array_foreach(json_object_get(doc, "cases"), i, one)
    {
        struct delivery d = {.told = TOLD_DEPLOYMENTS};
        struct arena a = {0};
        struct delivery_answer answer;
        struct delivery_rhythm rhythm;
        json_t *value, *expected = json_object_get(one, "expected");
        json_array_foreach(json_object_get(one, "deployments"), k, value)
        {
            add_deployment(&d, arena_strf(&a, "d%zu", k).p, instant(json_string_value(value)));
        }
        struct delivery_question q = question(DELIVERY_FREQUENCY, json_object_get(one, "interval"));
        delivery_measure(&d, &q, &a, &answer);
        assert_int_equal(answer.n, json_integer_value(json_object_get(expected, "total")));
        assert_int_equal(answer.daily, json_integer_value(json_object_get(expected, "daily")));
        assert_int_equal(answer.weekly,
                         json_integer_value(json_object_get(expected, "avg_weekly")));
        assert_int_equal(answer.monthly,
                         json_integer_value(json_object_get(expected, "avg_monthly")));
        q.to++; /* closed */
        delivery_rhythm(&d, &q, &a, &rhythm);
        json_t *counts = json_object_get(expected, "weekly_counts");
        assert_int_equal(rhythm.n, json_object_size(counts));
        for (k = 0; k < rhythm.n; k++) {
            char text[CLOCK_TEXT], key[CLOCK_TEXT + 8];
            clock_text(rhythm.weeks[k].begin, text);
            snprintf(key, sizeof key, "%.19sZ", text);
            assert_int_equal(rhythm.weeks[k].count,
                             json_integer_value(json_object_get(counts, key)));
        }
        delivery_finish(&d);
        arena_finish(&a);
    }
    json_decref(doc);
}

static void time_to_restore(void **state)
{
    (void)state;
    json_t *doc = load(SETS "06-middleware-dora/time_to_restore.json"), *one;
    struct delivery d = {.told = TOLD_INCIDENTS};
    struct arena a = {0};
    struct delivery_answer answer;
    size_t i;
    json_array_foreach(json_object_get(doc, "incidents"), i, one)
    {
        VEC_ADD(&d.incidents,
                (struct incident){.id = str_of(json_string_value(json_object_get(one, "id"))),
                                  .created = instant_of(one, "created"),
                                  .resolved = instant_of(one, "resolved")});
    }
    json_t *expected = json_object_get(doc, "expected");
    struct delivery_question q = question(DELIVERY_RECOVERY, json_object_get(doc, "interval"));
    delivery_measure(&d, &q, &a, &answer);
    assert_true(answer.value == json_number_value(json_object_get(expected, "mean_seconds")));
    assert_int_equal(answer.n, json_integer_value(json_object_get(expected, "count")));
    const char *begin;
    json_object_foreach(json_object_get(expected, "weekly"), begin, one)
    {
        q.from = instant(begin);
        q.to = q.from + WEEK;
        q.closed = false;
        delivery_measure(&d, &q, &a, &answer);
        json_t *mean = json_object_get(one, "mean_seconds");
        assert_int_equal(answer.n, json_integer_value(json_object_get(one, "count")));
        assert_true(json_is_null(mean) ? isnan(answer.value)
                                       : answer.value == json_number_value(mean));
    }
    delivery_finish(&d);
    arena_finish(&a);
    json_decref(doc);
}

static void expect_phase(const json_t *one, const char *key, const struct review_phase *phase)
{
    const json_t *expected = json_object_get(json_object_get(one, "expected_seconds"), key);
    if (phase->known != !json_is_null(expected) ||
        (phase->known && (double)phase->time / (double)SECOND != json_number_value(expected))) {
        fail_msg("%s: %s is another", name_of(one), key);
    }
}

static void pr_phases(void **state)
{
    (void)state;
    json_t *doc = load(SETS "06-middleware-dora/pr_phases.json"), *one, *value;
    size_t i, k;
    assert_int_equal(json_array_size(json_object_get(doc, "cases")), 10);
    json_array_foreach(json_object_get(doc, "cases"), i, one)
    {
        struct review reviews[8];
        when commits[8];
        bool merged = strcmp(json_string_value(json_object_get(one, "state")), "MERGED") == 0;
        struct review_change c = {
            .author = str_of(json_string_value(json_object_get(one, "author"))),
            .created = instant_of(one, "created"),
            .ready = instant_of(one, "ready_for_review"),
            .merged = merged ? instant_of(one, "closed_or_merged") : WHEN_NONE,
            .reviews = reviews,
            .commits = commits,
        };
        json_array_foreach(json_object_get(one, "reviews"), k, value)
        {
            const char *kind = json_string_value(json_object_get(value, "state"));
            reviews[c.review_n++] = (struct review){
                instant_of(value, "at"),
                strcmp(kind, "APPROVED") == 0            ? REVIEW_APPROVAL
                : strcmp(kind, "CHANGES_REQUESTED") == 0 ? REVIEW_CHANGES
                                                         : REVIEW_COMMENT,
                str_of(json_string_value(json_object_get(value, "by"))),
            };
        }
        json_array_foreach(json_object_get(one, "commits"), k, value)
        {
            commits[c.commit_n++] = instant(json_string_value(value));
        }
        struct review_phases p;
        review_phases(&c, &p);
        expect_phase(one, "first_commit_to_open", &p.first_commit_to_open);
        expect_phase(one, "first_response_time", &p.first_response);
        expect_phase(one, "rework_time", &p.rework);
        expect_phase(one, "merge_time", &p.merge);
        expect_phase(one, "cycle_time", &p.cycle);
        struct review_stages own; /* from ready to the end they sum to the cycle: asserted inside */
        assert_int_equal(review_stages(&c, &own), merged);
        assert_int_equal(own.cycle, p.cycle.known ? p.cycle.time : 0);
        json_t *expected = json_object_get(one, "expected");
        assert_int_equal(p.rework_cycles,
                         json_integer_value(json_object_get(expected, "rework_cycles")));
        assert_int_equal(p.reviewers, json_array_size(json_object_get(expected, "reviewers")));
    }
    json_decref(doc);
}

static void pr_to_deployment(void **state)
{
    (void)state;
    json_t *doc = load(SETS "06-middleware-dora/pr_to_deployment.json"), *one, *value;
    size_t i;
    assert_int_equal(json_array_size(json_object_get(doc, "cases")), 6);
    json_array_foreach(json_object_get(doc, "cases"), i, one)
    {
        struct review_merge merges[8];
        const char *names[8] = {NULL}, *name;
        bool deployed[8];
        size_t n = 0, found = 0, k;
        json_object_foreach(json_object_get(one, "prs"), name, value)
        {
            if (strcmp(json_string_value(json_object_get(value, "state")), "MERGED") == 0) {
                names[n] = name;
                merges[n++] =
                    (struct review_merge){str_of(json_string_value(json_object_get(value, "head"))),
                                          str_of(json_string_value(json_object_get(value, "base"))),
                                          instant_of(value, "merged_at")};
            }
        }
        json_t *deployment = json_object_get(one, "deployment");
        review_deployed(merges, n, str_of(json_string_value(json_object_get(deployment, "branch"))),
                        instant_of(deployment, "at"), deployed);
        json_array_foreach(json_object_get(one, "expected_deployed"), k, value)
        {
            for (size_t m = 0; m < n; m++) {
                found += deployed[m] && strcmp(names[m], json_string_value(value)) == 0;
            }
        }
        assert_int_equal(found, json_array_size(json_object_get(one, "expected_deployed")));
        size_t all = 0;
        for (size_t m = 0; m < n; m++) {
            all += deployed[m];
        }
        assert_int_equal(all, found);
    }
    json_decref(doc);
}

/* --- 02 and 04: CSV without quotes --- */

enum { COLUMNS = 14, ROWS = 20 };

struct table {
    char *text;
    char *head[COLUMNS], *cells[ROWS][COLUMNS];
    size_t rows;
};

static void cut(char *line, char **cells)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        char *end = line != NULL ? strchr(line, ',') : NULL;
        cells[i] = line != NULL ? line : "";
        if (end != NULL) {
            *end = 0;
        }
        line = end != NULL ? end + 1 : NULL;
    }
}

static void read_table(const char *path, struct table *t)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        printf("%s is not here: skipped\n", path);
        skip();
    }
    *t = (struct table){.text = calloc(1, 1 << 16)};
    assert_true(fread(t->text, 1, (1 << 16) - 1, file) > 0);
    fclose(file);
    char *at = t->text, *line = strsep(&at, "\n");
    cut(line, t->head);
    while (at != NULL && *at != 0) {
        line = strsep(&at, "\r\n");
        if (*line != 0) {
            cut(line, t->cells[t->rows++]);
        }
    }
}

static const char *cell(const struct table *t, size_t row, const char *name)
{
    for (size_t i = 0; i < COLUMNS; i++) {
        if (strncmp(t->head[i], name, strlen(name)) == 0) {
            return t->cells[row][i];
        }
    }
    fail_msg("no column %s", name);
    return "";
}

static const char *partner(const struct table *t, const char *key, const char *value,
                           const char *wanted)
{
    for (size_t i = 0; i < t->rows; i++) {
        if (strcmp(cell(t, i, key), value) == 0) {
            return cell(t, i, wanted);
        }
    }
    return "";
}

/* 02: the successful deployment before, by (scope, repository, environment). */
static void previous_deployment(void **state)
{
    (void)state;
    struct table in, out, mapping;
    read_table(SETS "02-devlake-prev-deployment/cicd_deployment_commits_before.csv", &in);
    read_table(SETS "02-devlake-prev-deployment/expected_cicd_deployment_commits_after.csv", &out);
    read_table(SETS "02-devlake-prev-deployment/project_mapping.csv", &mapping);
    struct delivery d = {0};
    for (size_t i = 0; i < in.rows; i++) {
        const char *scope = cell(&in, i, "cicd_scope_id");
        bool of_project =
            strcmp(partner(&mapping, "row_id", scope, "project_name"), "project1") == 0;
        VEC_ADD(&d.deployments,
                (struct deployment){.id = str_of(cell(&in, i, "id")),
                                    .environment = str_of(cell(&in, i, "environment")),
                                    .service = str_of(scope),
                                    .repository = str_of(cell(&in, i, "repo_url")),
                                    .started = instant(cell(&in, i, "started_date")),
                                    .finished = instant(cell(&in, i, "finished_date")),
                                    .success = of_project &&
                                               strcmp(cell(&in, i, "result"), "SUCCESS") == 0});
    }
    delivery_sort(&d);
    assert_int_equal(d.deployments.n, 16);
    for (size_t i = 0; i < d.deployments.n; i++) {
        str before = d.before.v[i] != SIZE_MAX ? d.deployments.v[d.before.v[i]].id : (str){"", 0};
        assert_true(str_eq(before, str_of(partner(&out, "id", d.deployments.v[i].id.p,
                                                  "prev_success_deployment_commit_id"))));
    }
    delivery_finish(&d);
    free(in.text);
    free(out.text);
    free(mapping.text);
}

static enum ci_result result(const char *text)
{
    return strcmp(text, "SUCCESS") == 0   ? CI_SUCCESS
           : strcmp(text, "FAILURE") == 0 ? CI_FAILURE
           : strcmp(text, "SKIPPED") == 0 ? CI_SKIPPED
                                          : CI_NONE;
}

/* 04: which runs of a CI system are deployments. */
static void ci_deployments(void **state)
{
    (void)state;
    struct table runs, jobs, out;
    read_table(SETS "04-devlake-deployment-generation/cicd_pipelines.csv", &runs);
    read_table(SETS "04-devlake-deployment-generation/cicd_tasks.csv", &jobs);
    read_table(SETS "04-devlake-deployment-generation/expected_cicd_deployment_commits.csv", &out);
    size_t found = 0;
    for (size_t i = 0; i < runs.rows; i++) {
        struct ci_job of[ROWS];
        const char *id = cell(&runs, i, "id");
        struct ci_run run = {
            .result = result(cell(&runs, i, "result")),
            .deploys = strcmp(cell(&runs, i, "type"), "DEPLOYMENT") == 0,
            .environment = str_of(cell(&runs, i, "environment")),
            .started = WHEN_NONE,
            .finished = instant(cell(&runs, i, "finished_date")),
            .duration = atoi(cell(&runs, i, "duration_sec")) * SECOND,
            .jobs = of,
        };
        for (size_t k = 0; k < jobs.rows; k++) {
            if (strcmp(cell(&jobs, k, "pipeline_id"), id) == 0) {
                of[run.job_n++] = (struct ci_job){result(cell(&jobs, k, "result")),
                                                  strcmp(cell(&jobs, k, "type"), "DEPLOYMENT") == 0,
                                                  str_of(cell(&jobs, k, "environment"))};
            }
        }
        struct ci_deployment got;
        bool is = cirun_deployment(&run, &got);
        const char *expected = partner(&out, "cicd_deployment_id", id, "result");
        assert_int_equal(is, *expected != 0);
        if (is) {
            found++;
            assert_int_equal(got.success, strcmp(expected, "SUCCESS") == 0);
            assert_true(str_eq(got.environment,
                               str_of(partner(&out, "cicd_deployment_id", id, "environment"))));
            assert_int_equal(got.started,
                             instant(partner(&out, "cicd_deployment_id", id, "started_date")));
            assert_int_equal(got.finished,
                             instant(partner(&out, "cicd_deployment_id", id, "finished_date")));
        }
    }
    assert_int_equal(found, 6);
    free(runs.text);
    free(jobs.text);
    free(out.text);
}

/* --- 07: GitLab's value stream --- */

static when clock_of(const json_t *text)
{
    int hour = 0, minute = 0;
    assert_int_equal(sscanf(json_string_value(text), "%d:%d", &hour, &minute), 2);
    return hour * HOUR + minute * MINUTE;
}

enum { ISSUE = 1, PLAN, CODE, REVIEW, STAGING, STAGES };

static void one_cycle(const json_t *one)
{
    static const struct {
        const char *name, *from, *to;
    } OF[STAGES] = {
        [ISSUE] = {"Issue", "issue_created", "issue_added_to_milestone"},
        [PLAN] = {"Plan", "issue_added_to_milestone", "first_commit"},
        [CODE] = {"Code", "first_commit", "merge_request_created"},
        [REVIEW] = {"Review", "merge_request_created", "merge_request_merged"},
        [STAGING] = {"Staging", "merge_request_merged", "deployed_to_production"},
    };
    const json_t *events = json_object_get(one, "events");
    struct traces t = {0};
    struct trace life = {.n = STAGES - 1};
    for (sym s = ISSUE; s < STAGES; s++) {
        when from = clock_of(json_object_get(events, OF[s].from));
        when to = clock_of(json_object_get(events, OF[s].to));
        VEC_ADD(&t.visits,
                (struct visit){.activity = s, .enabled = from, .start = from, .end = to});
        life.begin = s == ISSUE ? from : life.begin;
        life.end = to;
    }
    struct partition p = {0};
    partition_of(&p, NULL, &t, &life);
    assert_int_equal(p.stays.n, STAGES - 1);
    lapse sum = 0;
    for (size_t i = 0; i < p.stays.n; i++) {
        const struct stay *s = &p.stays.v[i];
        json_t *minutes =
            json_object_get(json_object_get(one, "expected_minutes_as_listed"), OF[s->stage].name);
        assert_int_equal((s->end - s->begin) / MINUTE, json_integer_value(minutes));
        sum += s->end - s->begin;
    }
    assert_int_equal(sum, p.length);
    partition_finish(&p);
    traces_finish(&t);
}

/* Two visits of 1 and 2 hours, a gap of 2, and 5 from first to last: all of it is shown. */
static void label_twice(const json_t *one)
{
    const json_t *events = json_object_get(one, "events"),
                 *expected = json_object_get(one, "expected_hours");
    struct traces t = {0};
    for (size_t i = 0; i + 1 < json_array_size(events); i += 2) {
        when from = clock_of(json_array_get(json_array_get(events, i), 0));
        when to = clock_of(json_array_get(json_array_get(events, i + 1), 0));
        VEC_ADD(&t.visits,
                (struct visit){.activity = CODE, .enabled = from, .start = from, .end = to});
    }
    assert_int_equal(t.visits.n, 2);
    if (t.visits.v == NULL) { /* for the analyser */
        return;
    }
    struct trace life = {
        .n = t.visits.n, .begin = t.visits.v[0].start, .end = t.visits.v[t.visits.n - 1].end};
    struct partition p = {0};
    partition_of(&p, NULL, &t, &life);
    lapse in_stage = 0, between = 0;
    int64_t visits = 0;
    for (size_t i = 0; i < p.stays.n; i++) {
        const struct stay *s = &p.stays.v[i];
        *(s->stage == CODE ? &in_stage : &between) += s->end - s->begin;
        visits += s->stage == CODE;
    }
    assert_int_equal(in_stage / HOUR, json_integer_value(json_object_get(expected, "cumulative")));
    assert_int_equal(visits, json_integer_value(json_object_get(expected, "visits")));
    assert_int_equal(between / HOUR,
                     json_integer_value(json_object_get(expected, "gap_between_visits")));
    assert_int_equal(p.length / HOUR,
                     json_integer_value(json_object_get(expected, "first_to_last")));
    partition_finish(&p);
    traces_finish(&t);
}

static void gitlab_value_stream(void **state)
{
    (void)state;
    json_t *doc = load(SETS "07-gitlab-vsa-example/example.json");
    one_cycle(json_array_get(json_object_get(doc, "cases"), 0));
    label_twice(json_array_get(json_object_get(doc, "cases"), 1));
    json_decref(doc);
}

/* --- 08: scores and money --- */

static void scores(void **state)
{
    (void)state;
    json_t *doc = load(SETS "08-dora-quickcheck-roi/scores.json"), *one;
    size_t i, seen = 0;
    json_array_foreach(json_object_get(doc, "cases"), i, one)
    {
        const char *type = json_string_value(json_object_get(one, "type"));
        double in = json_number_value(json_object_get(one, "in"));
        double out = json_number_value(json_object_get(one, "out"));
        json_t *answers = json_object_get(one, "answers");
        if (type != NULL) {
            double score = strcmp(type, "categorical") == 0 ? benchmark_score_answer(in)
                                                            : benchmark_score_percent(in);
            assert_true(fabs(score - out) < 1e-12);
            seen++;
        } else if (answers != NULL) {
            struct benchmark_answers a = {
                json_number_value(json_object_get(answers, "leadtime")),
                json_number_value(json_object_get(answers, "deployfreq")),
                json_number_value(json_object_get(answers, "failurerecovery")),
                json_number_value(json_object_get(answers, "changefailure")),
                json_number_value(json_object_get(answers, "rework"))};
            int edition = atoi(json_string_value(json_object_get(one, "edition")));
            assert_true(benchmark_score(&a, edition) ==
                        json_number_value(json_object_get(one, "average")));
            seen++;
        }
    }
    json_decref(doc);
    assert_int_equal(seen, 8);
    /* the means of the report, as scores: (5.5 + 4.8 + 7.4 + 8.1 + 7.8) / 5 */
    doc = load(SETS "08-dora-quickcheck-roi/benchmarks_2025_industry_metrics.json");
    json_t *all = json_object_get(doc, "all");
    static const char *const NAMES[] = {"leadtime", "deployfreq", "failurerecovery",
                                        "changefailure", "rework"};
    double mean[5];
    for (i = 0; i < 5; i++) {
        mean[i] = json_number_value(json_object_get(json_object_get(all, NAMES[i]), "mean"));
    }
    struct benchmark_answers a = {1 + mean[0] / 2, 1 + mean[1] / 2, 1 + mean[2] / 2, mean[3] * 10,
                                  mean[4] * 10};
    assert_true(fabs(benchmark_score(&a, 2025) - 6.72) < 1e-9);
    assert_true(fabs(benchmark_score_percent(mean[3] * 10) - 8.1) < 1e-9);
    json_decref(doc);
}

static void money(void **state)
{
    (void)state;
    json_t *doc = load(SETS "08-dora-quickcheck-roi/roi.json");
    const json_t *in = json_object_get(doc, "inputs"), *out = json_object_get(doc, "expected");
    const char *key;
    json_t *value;
    struct benchmark_money m = {0};
    struct benchmark_return r;
    const struct {
        const char *name;
        double *to;
    } INPUTS[] = {
        {"staff_size", &m.staff},
        {"salary", &m.salary},
        {"revenue", &m.revenue},
        {"downtime_cost_per_hour", &m.downtime_cost_per_hour},
        {"current_deployments_per_year", &m.deployments},
        {"current_features_per_year", &m.features},
        {"idea_success_rate", &m.success_rate},
        {"revenue_impact_per_feature", &m.revenue_impact_per_feature},
        {"current_cfr", &m.fail_rate},
        {"current_fdrt", &m.recovery_hours},
        {"time_saved_per_developer", &m.time_saved},
        {"ai_license_cost_per_user", &m.licence},
        {"additional_ai_cost_per_user", &m.other_cost},
        {"additional_ai_infra_cost", &m.infrastructure},
        {"training_cost_per_user", &m.training},
        {"target_deployments_per_year", &m.target_deployments},
        {"target_features_per_year", &m.target_features},
        {"target_cfr", &m.target_fail_rate},
        {"j_curve_drop", &m.drop},
        {"j_curve_duration", &m.drop_months},
    };
    for (size_t i = 0; i < sizeof INPUTS / sizeof *INPUTS; i++) {
        assert_true(json_is_number(json_object_get(in, INPUTS[i].name)));
        *INPUTS[i].to = json_number_value(json_object_get(in, INPUTS[i].name));
    }
    r = benchmark_return_of(&m);
    json_object_foreach((json_t *)out, key, value)
    {
        double got = strcmp(key, "total_hard_costs") == 0                  ? r.hard_cost
                     : strcmp(key, "j_curve_cost") == 0                    ? r.dip
                     : strcmp(key, "total_first_year_investment") == 0     ? r.investment
                     : strcmp(key, "headcount_reinvestment_capacity") == 0 ? r.capacity
                     : strcmp(key, "revenue_from_extra_features") == 0     ? r.revenue
                     : strcmp(key, "downtime_savings") == 0                ? r.downtime_saving
                     : strcmp(key, "total_first_year_value") == 0          ? r.value
                     : strcmp(key, "first_year_benefit") == 0              ? r.benefit
                     : strcmp(key, "roi_percent") == 0                     ? round(r.roi * 100)
                     : strcmp(key, "payback_years") == 0 ? round(r.payback_years * 10) / 10
                                                         : NAN;
        if (!(fabs(got - json_number_value(value)) < 1e-6)) {
            fail_msg("%s: %.9g, not %.9g", key, got, json_number_value(value));
        }
    }
    json_decref(doc);
    assert_true(benchmark_downtime(50, .05, 4, 100000) == 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(change_failure_rate),
        cmocka_unit_test(deployment_frequency),
        cmocka_unit_test(time_to_restore),
        cmocka_unit_test(pr_phases),
        cmocka_unit_test(pr_to_deployment),
        cmocka_unit_test(previous_deployment),
        cmocka_unit_test(ci_deployments),
        cmocka_unit_test(gitlab_value_stream),
        cmocka_unit_test(scores),
        cmocka_unit_test(money),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
