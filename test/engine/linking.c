/* Which items belong together: each rule on a small store, and whose trace an event is part of. */
#include "engine/linking.h"

#include "engine/events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct store *store;
static struct names *names;
static struct batch *batch;
static uint64_t next_key;

static int set_up(void **state)
{
    (void)state;
    struct error why = {0};
    batch = batch_new();
    next_key = 0;
    if (store_open("memory:", STORE_WRITE, &store, &why) != OK) {
        return 1;
    }
    names = store_names(store);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    batch_free(batch);
    store_close(store);
    return 0;
}

static item_id item(const char *type, const char *key)
{
    return names_item(names, names_sym(names, str_of(type)), str_of(key));
}

static void event(item_id of, const char *type, const char *activity, when at, const char *attrs)
{
    next_key++;
    batch_add(batch, &(struct event){.key = {next_key, 1},
                                     .item = of,
                                     .type = names_sym(names, str_of(type)),
                                     .activity = names_sym(names, str_of(activity)),
                                     .time = at * HOUR,
                                     .begin = WHEN_NONE,
                                     .attrs = str_of(attrs)});
}

static void attr(item_id of, const char *name, const char *value)
{
    VEC_ADD(&batch->item_attrs, (struct item_attr){of, names_sym(names, str_of(name)), WHEN_NONE,
                                                   arena_str(&batch->text, str_of(value))});
}

static void link(item_id from, item_id to, const char *kind)
{
    batch_link(batch, (struct link){.from = from,
                                    .to = to,
                                    .kind = names_sym(names, str_of(kind)),
                                    .rule = names_sym(names, STR("stated")),
                                    .confidence = 1});
}

static void derive(struct linking *l)
{
    struct appended added = {0};
    struct error why = {0};
    struct linking_options options = {.min_confidence = 0.5};
    if (store_append(store, names_sym(names, STR("test")), batch, &added, &why) != OK ||
        store_commit(store, &why) != OK || linking_derive(store, &options, l, &why) != OK) {
        fail_msg("%s", why.text);
    }
    batch_clear(batch);
}

/* "kind rule confidence" of the link, or "none". */
static const char *between(const struct linking *l, item_id from, item_id to)
{
    static char text[200];
    strcpy(text, "none");
    for (size_t i = 0; i < l->links.n; i++) {
        const struct link *k = &l->links.v[i];
        if (k->from == from && k->to == to) {
            snprintf(text, sizeof text, STR_FMT " " STR_FMT " %.2f",
                     STR_ARG(names_text(names, k->kind)), STR_ARG(names_text(names, k->rule)),
                     k->confidence);
        }
    }
    return text;
}

static void keys_in_branch_title_and_message(void **state)
{
    (void)state;
    struct linking l;
    item_id issue = item("issue", "cdevents:v0:jira::acme:shop:issue:DRV-17");
    item_id change = item("change", "cdevents:v0:github::acme:shop:pr:42");
    item_id other = item("change", "cdevents:v0:github::acme:shop:pr:43");
    item_id commit = item("commit", "1111111111111111111111111111111111111111");
    attr(change, "title_keys", "DRV-17");
    attr(change, "branch", "feature/DRV-17-invite");
    attr(other, "title_keys", "DRV-18");
    attr(commit, "message_keys", "DRV-17 #42");
    derive(&l);
    assert_string_equal(between(&l, change, issue), "implements branch 0.95"); /* the surest */
    assert_string_equal(between(&l, commit, issue), "implements message 0.85");
    assert_string_equal(between(&l, commit, change), "part_of message 0.85");
    assert_int_equal(l.dangling, 1); /* DRV-18 */
    assert_int_equal(l.found, 4);
    linking_finish(&l);

    item_id late = item("issue", "cdevents:v0:jira::acme:shop:issue:DRV-18"); /* it arrives */
    event(late, "issue.created", "created", 1, "");
    derive(&l);
    assert_string_equal(between(&l, other, late), "implements title 0.90");
    assert_int_equal(l.dangling, 0);
    linking_finish(&l);
}

static void a_number_means_what_is_near_or_the_only_one(void **state)
{
    (void)state;
    struct linking l;
    item_id here = item("issue", "cdevents:v0:github::acme:shop:issue:12");
    item_id there = item("issue", "cdevents:v0:github::acme:lobby:issue:12");
    item_id change = item("change", "cdevents:v0:github::acme:lobby:pr:7");
    item_id commit = item("commit", "2222222222222222222222222222222222222222");
    attr(change, "title_keys", "#12");
    attr(commit, "message_keys", "#12");
    derive(&l);
    assert_string_equal(between(&l, change, there), "implements title 0.90");
    assert_string_equal(between(&l, change, here), "none");
    assert_string_equal(between(&l, commit, here), "none");
    assert_string_equal(between(&l, commit, there), "none");
    assert_int_equal(l.ambiguous, 1);
    linking_finish(&l);
}

static item_id commit_at(int hour)
{
    char key[41];
    snprintf(key, sizeof key, "%040d", hour);
    item_id c = item("commit", key);
    event(c, "commit", "landed", hour, "");
    return c;
}

#define PRODUCTION "{\"environment\":\"production\",\"outcome\":\"success\"}"

static void commits_belong_to_the_first_deployment_behind_them(void **state)
{
    (void)state;
    struct linking l;
    item_id c[9], d[5];
    for (int i = 0; i < 9; i++) {
        c[i] = commit_at(i);
    }
    /* seed at 2; then 5; a failed one at 7; a rollback to 2; then 8 */
    static const struct {
        int at;
        const char *attrs;
    } ROLLOUTS[] = {{2, PRODUCTION},
                    {5, PRODUCTION},
                    {7, "{\"environment\":\"production\",\"outcome\":\"failure\"}"},
                    {2, PRODUCTION},
                    {8, PRODUCTION}};
    for (int i = 0; i < 5; i++) {
        char key[8];
        snprintf(key, sizeof key, "d%d", i);
        d[i] = item("deployment", key);
        event(d[i], "deployment", "deployed", 10 + i, ROLLOUTS[i].attrs);
        link(c[ROLLOUTS[i].at], d[i], "deploys");
    }
    derive(&l);
    assert_string_equal(between(&l, c[1], d[0]), "none"); /* the seed owns its own commit only */
    assert_string_equal(between(&l, c[2], d[0]), "deploys stated 1.00");
    assert_string_equal(between(&l, c[3], d[1]), "deploys range 0.95");
    assert_string_equal(between(&l, c[5], d[1]), "deploys stated 1.00");
    assert_string_equal(between(&l, c[6], d[2]), "none"); /* never reached production */
    assert_string_equal(between(&l, c[1], d[3]), "none");
    assert_string_equal(between(&l, c[6], d[4]), "deploys range 0.95");
    assert_string_equal(between(&l, c[4], d[4]), "none"); /* once: at its first deployment */
    linking_finish(&l);
}

static void events_belong_to_the_traces_of_what_they_are_part_of(void **state)
{
    (void)state;
    struct linking l;
    item_id issue_a = item("issue", "A-1"), issue_b = item("issue", "B-2");
    item_id change = item("change", "cdevents:v0:github::x:y:pr:1");
    item_id commit_a = item("commit", "aaaa"), commit_b = item("commit", "bbbb");
    item_id release = item("deployment", "d1"), incident = item("incident", "i1");
    event(issue_a, "issue.created", "idea", 1, "");
    event(issue_b, "issue.created", "idea", 2, "");
    event(change, "change.created", "review", 3, "");
    event(commit_a, "commit", "authored", 4, "");
    event(commit_b, "commit", "authored", 5, "");
    event(release, "deployment", "deployed", 6, "");
    event(incident, "incident", "opened", 7, "");
    link(change, issue_a, "implements");
    link(commit_a, change, "part_of");
    link(commit_b, issue_b, "implements");
    link(commit_a, release, "deploys");
    link(commit_b, release, "deploys");
    link(incident, release, "caused_by");
    derive(&l);
    struct projection p;
    struct events e;
    struct error why = {0};
    sym issue = names_sym(names, STR("issue"));
    assert_true(linking_project(&l, names, issue, &p));
    assert_int_equal(p.first[commit_a + 1] - p.first[commit_a], 1);
    assert_int_equal(p.root[p.first[commit_a]], issue_a);
    assert_int_equal(p.first[release + 1] - p.first[release], 2);
    assert_int_equal(
        events_load(store, &(struct event_query){.item_type = issue, .projection = &p}, &e, &why),
        OK);
    assert_int_equal(e.item_count, 2);
    /* A: idea, review, authored, deployed, opened; B the same without review */
    assert_int_equal(e.first[1] - e.first[0], 5);
    assert_int_equal(e.first[2] - e.first[1], 4);
    static const char *const WANT[] = {"idea", "review", "authored", "deployed", "opened"};
    for (size_t i = 0; i < 5; i++) {
        assert_true(str_eq(names_text(names, e.activity[e.rows[i]]), str_of(WANT[i])));
    }
    events_finish(&e);
    projection_finish(&p);

    /* of a change: what is narrower and what is wider, but not the other issue of the release */
    assert_true(linking_project(&l, names, names_sym(names, STR("change")), &p));
    assert_int_equal(p.first[issue_a + 1] - p.first[issue_a], 1);
    assert_int_equal(p.first[issue_b + 1] - p.first[issue_b], 0);
    assert_int_equal(p.first[commit_b + 1] - p.first[commit_b], 0);
    projection_finish(&p);
    assert_false(linking_project(&l, names, names_sym(names, STR("case")), &p));

    assert_int_equal(l.coverage_count, 4);
    for (size_t i = 0; i < l.coverage_count; i++) {
        assert_int_equal(l.coverage[i].linked, l.coverage[i].linkable);
    }
    linking_finish(&l);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(keys_in_branch_title_and_message),
        CASE(a_number_means_what_is_near_or_the_only_one),
        CASE(commits_belong_to_the_first_deployment_behind_them),
        CASE(events_belong_to_the_traces_of_what_they_are_part_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
