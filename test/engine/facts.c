/* What the store's events say about delivery, through the source and a store in memory. */
#include "engine/facts.h"
#include "engine/ingest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct room {
    char path[64];
    struct store *store;
    struct facts facts;
};

static int setup(void **state)
{
    static struct room room;
    struct error why = {0};
    room = (struct room){.path = "/tmp/weir-test-XXXXXX"};
    assert_non_null(mkdtemp(room.path));
    assert_int_equal(store_open("memory:", STORE_WRITE, &room.store, &why), OK);
    *state = &room;
    return 0;
}

static void name_of(const struct room *r, const char *name, char path[128])
{
    snprintf(path, 128, "%s/%s", r->path, name);
}

static int teardown(void **state)
{
    struct room *r = *state;
    static const char *const NAMES[] = {"deployments.csv", "changes.csv", "incidents.csv"};
    for (size_t i = 0; i < 3; i++) {
        char path[128];
        name_of(r, NAMES[i], path);
        unlink(path);
    }
    rmdir(r->path);
    store_close(r->store);
    return 0;
}

static void put(const struct room *r, const char *name, const char *text)
{
    char path[128];
    name_of(r, name, path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* New events; the same files again must bring none. */
static uint64_t import(struct room *r)
{
    const char *path = r->path;
    struct ingest what = {.format = &SOURCE_DELIVERY, .paths = &path, .path_count = 1};
    struct ingest_result result;
    struct error why = {0};
    if (ingest_run(r->store, &what, &result, &why) != OK) {
        fail_msg("%s", why.text);
    }
    uint64_t events = result.added.events;
    ingest_finish(&result);
    return events;
}

static struct delivery *load(struct room *r)
{
    struct error why = {0};
    assert_int_equal(facts_load(r->store, &r->facts, &why), OK);
    delivery_sort(&r->facts.delivery);
    return &r->facts.delivery;
}

static when at(int day, int hour)
{
    return clock_from_civil((struct civil){.year = 2026, .month = 3, .day = day, .hour = hour});
}

static void rows_become_facts(void **state)
{
    struct room *r = *state;
    put(r, "deployments.csv",
        "id,started,finished,environment,result,kind,service,commit,team\n"
        "d1,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,production,success,"
        "hotfix,web,c1,blue\n"
        "d2,,2026-03-03T10:00:00Z,staging,failure,,api,,\n");
    put(r, "changes.csv",
        "commit,change,committed,pr_opened,pr_merged,deployment,authored\n"
        "c1,7,2026-03-01T10:00:00Z,2026-03-01T12:00:00Z,,d1,"
        "2026-02-28T10:00:00Z\n");
    put(r, "incidents.csv",
        "id,created,resolved,caused_by_deployment,service\n"
        "i1,2026-03-03T10:00:00Z,2026-03-09T10:00:00Z,d1,web\n");
    assert_int_equal(import(r), 6);
    assert_int_equal(import(r), 0);
    const struct delivery *d = load(r);
    assert_int_equal(d->told, TOLD_DEPLOYMENTS | TOLD_CHANGES | TOLD_INCIDENTS | TOLD_KIND);
    assert_int_equal(d->deployments.n, 2);
    const struct deployment *one = &d->deployments.v[0];
    assert_true(str_eq(one->id, STR("d1")) && str_eq(one->team, STR("blue")));
    assert_true(one->success && one->kind == DEPLOYMENT_HOTFIX);
    assert_int_equal(one->started, at(2, 9));
    assert_int_equal(one->finished, at(2, 10));
    assert_false(d->deployments.v[1].success);
    assert_int_equal(d->commits.n, 1);
    assert_true(str_eq(d->commits.v[0].change, STR("7")));
    assert_int_equal(d->commits.v[0].opened, at(1, 12));
    assert_int_equal(d->commits.v[0].merged, WHEN_NONE);
    assert_int_equal(d->commits.v[0].authored, at(1, 10) - DAY);
    assert_int_equal(d->incidents.n, 1);
    assert_int_equal(d->incidents.v[0].resolved, at(9, 10));
    assert_true(str_eq(d->incidents.v[0].caused_by, STR("d1")));
    assert_int_equal(r->facts.first, at(2, 10)); /* of deployments and incidents */
    assert_int_equal(r->facts.last, at(9, 10));
    assert_int_equal(r->facts.services.n, 2);
    assert_int_equal(r->facts.environments.n, 2);
    assert_int_equal(r->facts.deployed.v[0] + r->facts.deployed.v[1], 1);
    facts_finish(&r->facts);
}

static void the_last_word_counts(void **state)
{
    struct room *r = *state;
    put(r, "deployments.csv",
        "id,finished,environment,result\n"
        "d1,2026-03-02T10:00:00Z,production,success\n");
    put(r, "changes.csv", "commit,committed,deployment\nc1,2026-03-01T10:00:00Z,d1\n");
    put(r, "incidents.csv",
        "id,created,resolved\n"
        "i1,2026-03-03T10:00:00Z,2026-03-03T12:00:00Z\n");
    assert_int_equal(import(r), 4);
    /* it had failed, the clock was wrong, and the incident is not over after all */
    put(r, "deployments.csv",
        "id,finished,environment,result\n"
        "d1,2026-03-02T09:00:00Z,production,failure\n");
    put(r, "changes.csv", "commit,committed,deployment\nc1,2026-03-01T08:00:00Z,d1\n");
    put(r, "incidents.csv", "id,created,resolved\ni1,2026-03-03T10:00:00Z,\n");
    assert_int_equal(import(r), 3);
    assert_int_equal(import(r), 0);
    const struct delivery *d = load(r);
    assert_int_equal(d->deployments.n, 1);
    assert_false(d->deployments.v[0].success);
    assert_int_equal(d->deployments.v[0].finished, at(2, 9));
    assert_int_equal(d->commits.n, 1);
    assert_int_equal(d->commits.v[0].committed, at(1, 8));
    assert_int_equal(d->incidents.n, 1);
    assert_int_equal(d->incidents.v[0].resolved, WHEN_NONE);
    facts_finish(&r->facts);
}

static void none_is_not_unknown(void **state)
{
    struct room *r = *state;
    put(r, "deployments.csv",
        "id,finished,environment,result\n"
        "d1,2026-03-02T10:00:00Z,production,success\n");
    import(r);
    assert_int_equal(load(r)->told, TOLD_DEPLOYMENTS);
    facts_finish(&r->facts);
    put(r, "incidents.csv", "id,created\n");
    put(r, "deployments.csv",
        "id,finished,environment,result,kind\n"
        "d1,2026-03-02T10:00:00Z,production,success,\n");
    import(r);
    assert_int_equal(load(r)->told, TOLD_DEPLOYMENTS | TOLD_INCIDENTS | TOLD_KIND);
    assert_int_equal(r->facts.delivery.incidents.n, 0);
    facts_finish(&r->facts);
}

/* Before 1990 or after tomorrow: kept in the store, counted, and not believed. */
static void times_that_cannot_be(void **state)
{
    struct room *r = *state;
    put(r, "deployments.csv",
        "id,started,finished,environment,result\n"
        "d1,,1986-03-02T10:00:00Z,production,success\n"
        "d2,,9986-03-02T10:00:00Z,production,success\n"
        "d3,1026-03-02T10:00:00Z,2026-03-02T10:00:00Z,production,success\n"
        "d4,,2026-03-02T10:00:00Z,production,success\n");
    assert_int_equal(import(r), 4);
    const struct delivery *d = load(r);
    assert_int_equal(d->deployments.n, 1);
    assert_true(str_eq(d->deployments.v[0].id, STR("d4")));
    assert_int_equal(r->facts.bad_time, 3);
    facts_finish(&r->facts);
}

/* --- a git history: events as its source makes them --- */

static void add(struct batch *b, struct names *n, const char *type, const char *key,
                const char *activity, when time, const char *attrs)
{
    sym of = names_sym(n, str_of(type)), what = names_sym(n, str_of(activity));
    batch_add(b, &(struct event){.key = {b->n + 1, 0},
                                 .item = names_item(n, of, str_of(key)),
                                 .type = of,
                                 .activity = what,
                                 .time = time,
                                 .begin = WHEN_NONE,
                                 .attrs = str_of(attrs)});
}

static void history(struct room *r, bool final)
{
    struct names *n = store_names(r->store);
    struct batch *b = batch_new();
    struct appended total = {0};
    struct error why = {0};
    batch_clear(b);
    add(b, n, "commit", "aa", "authored", at(1, 8), "{}");
    add(b, n, "commit", "aa", "landed", at(1, 9), "{}");
    add(b, n, "commit", "bb", "landed", at(4, 9), "{}");
    add(b, n, "release", "v1-rc1", "released", at(2, 9), "{\"prerelease\":true}");
    if (final) {
        add(b, n, "release", "v1", "released", at(3, 9), "{\"prerelease\":false}");
    }
    sym release = names_sym(n, STR("release")), commit = names_sym(n, STR("commit"));
    batch_link(b, (struct link){.from = names_item(n, commit, STR("aa")),
                                .to = names_item(n, release, final ? STR("v1") : STR("v1-rc1")),
                                .kind = names_sym(n, STR("released_in")),
                                .rule = names_sym(n, STR("ancestry")),
                                .confidence = 1});
    assert_int_equal(store_append(r->store, names_sym(n, STR("git")), b, &total, &why), OK);
    assert_int_equal(store_commit(r->store, &why), OK);
    batch_free(b);
}

static void releases_stand_for_deployments(void **state)
{
    struct room *r = *state;
    history(r, true);
    const struct delivery *d = load(r);
    assert_true(r->facts.from_releases);
    assert_int_equal(d->told, TOLD_DEPLOYMENTS | TOLD_CHANGES);
    assert_int_equal(d->deployments.n, 1); /* the prerelease is none */
    assert_true(str_eq(d->deployments.v[0].id, STR("v1")));
    assert_true(delivery_is_production(d->deployments.v[0].environment));
    assert_int_equal(d->commits.n, 2);
    assert_int_equal(d->stated.v[0], 0);
    assert_int_equal(d->commits.v[0].committed, at(1, 9));
    assert_int_equal(d->commits.v[0].authored, at(1, 8));
    assert_int_equal(d->stated.v[1], SIZE_MAX);
    facts_finish(&r->facts);
}

static void prereleases_where_there_are_no_others(void **state)
{
    struct room *r = *state;
    history(r, false);
    const struct delivery *d = load(r);
    assert_int_equal(d->deployments.n, 1);
    assert_int_equal(d->stated.v[0], 0);
    facts_finish(&r->facts);
}

/* Beside deployments releases are not looked at; commits are linked by what deployments name. */
static void deployments_beside_a_history(void **state)
{
    struct room *r = *state;
    history(r, true);
    put(r, "deployments.csv",
        "id,finished,environment,result,commit\n"
        "d1,2026-03-05T10:00:00Z,production,success,bb\n");
    import(r);
    const struct delivery *d = load(r);
    assert_false(r->facts.from_releases);
    assert_int_equal(d->deployments.n, 1);
    assert_int_equal(d->commits.n, 2);
    assert_int_equal(d->by_commit.n, 1);
    facts_finish(&r->facts);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(rows_become_facts),
        TEST(the_last_word_counts),
        TEST(none_is_not_unknown),
        TEST(times_that_cannot_be),
        TEST(releases_stand_for_deployments),
        TEST(prereleases_where_there_are_no_others),
        TEST(deployments_beside_a_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
