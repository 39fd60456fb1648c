/* Histories as people make them, and what the import tells of them. */
#include "source/gitmake.h"

/* A pull request of two commits, merged; a release holds all of it. */
static void tells_of_a_merged_pull_request(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "begin");
    make_commit(&m, "b", "a", 1, 1, "work");
    make_commit(&m, "c", "b", 2, 3, "more work");
    make_commit(&m, "d", "a", 4, 4, "other");
    make_commit(&m, "e", "d c", 10, 10, "Merge pull request #7 from ann/work\n\nWork");
    make_ref(&m, "refs/heads/main", "e");
    make_tag(&m, "v1.0", "e", 24);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_story(&s, events,
                 "0 commit a authored {\"parents\":0}\n"
                 "0 commit a landed {\"parents\":0}\n"
                 "1 commit b authored {\"parents\":1,\"prs\":[\"#7\"]}\n"
                 "1 change #7 authored {\"commits\":3}\n"
                 "2 commit c authored {\"parents\":1,\"prs\":[\"#7\"]}\n"
                 "4 commit d authored {\"parents\":1}\n"
                 "4 commit d landed {\"parents\":1}\n"
                 "10 commit b landed {\"parents\":1,\"prs\":[\"#7\"]} derived\n"
                 "10 commit c landed {\"parents\":1,\"prs\":[\"#7\"]} derived\n"
                 "10 merge e authored {\"parents\":2,\"prs\":[\"#7\"]}\n"
                 "10 merge e landed {\"parents\":2,\"prs\":[\"#7\"]}\n"
                 "10 change #7 landed {\"commits\":3}\n"
                 "24 commit a released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "24 commit d released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "24 commit b released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "24 commit c released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "24 merge e released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "24 release v1.0 released "
                 "{\"commits\":5,\"prerelease\":false,\"on_default_branch\":true}\n"
                 "24 change #7 released {\"commits\":3}\n");
    assert_story(&s, links,
                 "b part_of #7 merge 1\n"
                 "c part_of #7 merge 1\n"
                 "e part_of #7 merge 1\n"
                 "a released_in v1.0 ancestry 1\n"
                 "d released_in v1.0 ancestry 1\n"
                 "b released_in v1.0 ancestry 1\n"
                 "c released_in v1.0 ancestry 1\n"
                 "e released_in v1.0 ancestry 1\n");
    assert_noted(&s, "5 commits on refs/heads/main, 1 of them merges, 3 on the first-parent line");
    story_finish(&s);
    make_close(&m);
}

/* Rebased with a trailer, squashed with a number in the subject, both at once; a number again after
 * three months is another change. */
static void tells_of_numbers_in_messages(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "one\n\nCloses #5");
    make_commit(&m, "b", "a", 1, 1, "two (#6)\n\nFixes #4, #5");
    make_commit(&m, "c", "b", 1400, 1400, "three (#5)"); /* 58 days later */
    make_commit(&m, "d", "c", 2900, 2900, "four (!5)\n\nResolves: #5");
    make_ref(&m, "refs/heads/main", "d");
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links,
                 "a part_of #5 closes 0.85\n"
                 "b part_of #4 closes 0.85\n"
                 "b part_of #5 closes 0.85\n"
                 "b part_of #6 trailer 0.9\n"
                 "c part_of #5 trailer 0.9\n"
                 "d part_of !5 trailer 0.9\n"
                 "d part_of #5/2 closes 0.85\n");
    story_finish(&s);
    make_close(&m);
}

/* main:  a - b - f - g        v1.1 at g
 * 1.0.x:      \- r - p - q    v1.0 at b, v1.0.1 at q; p picks f, q is g without a trailer, r alone
 */
static void follows_cherry_picks_to_release_branches(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    char line[128];
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "a");
    make_commit(&m, "b", "a", 1, 1, "b");
    make_commit(&m, "f", "b", 2, 2, "fix");
    make_commit(&m, "g", "f", 3, 3, "good");
    make_commit(&m, "r", "b", 4, 4, "only here");
    snprintf(line, sizeof line, "fix\n\n(cherry picked from commit %s)", make_hex(&m, "f"));
    make_commit(&m, "p", "r", 2, 5, line);
    make_commit(&m, "q", "p", 3, 6, "good");
    make_ref(&m, "refs/heads/main", "g");
    make_ref(&m, "refs/tags/v1.0", "b"); /* not annotated: the commit's time */
    make_tag(&m, "v1.0.1", "q", 8);
    make_tag(&m, "v1.1", "g", 20);
    make_tag(&m, "v1.1.1", "g", 21);
    make_tag(&m, "nonsense", "q", 1);
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links,
                 "a released_in v1.0 ancestry 1\n"
                 "b released_in v1.0 ancestry 1\n"
                 "f released_in v1.0.1 cherry_pick 0.95\n"
                 "g released_in v1.0.1 same_change 0.85\n"
                 "r released_in v1.0.1 ancestry 1\n");
    assert_story(&s, events,
                 "0 commit a authored {\"parents\":0}\n"
                 "0 commit a landed {\"parents\":0}\n"
                 "1 commit a released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "1 commit b authored {\"parents\":1}\n"
                 "1 commit b landed {\"parents\":1}\n"
                 "1 commit b released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "1 release v1.0 released "
                 "{\"commits\":2,\"prerelease\":false,\"on_default_branch\":true}\n"
                 "2 commit f authored {\"parents\":1}\n"
                 "2 commit f landed {\"parents\":1}\n"
                 "3 commit g authored {\"parents\":1}\n"
                 "3 commit g landed {\"parents\":1}\n"
                 "4 commit r authored {\"parents\":1}\n"
                 "8 commit f released {\"release\":\"v1.0.1\",\"rule\":\"cherry_pick\"}\n"
                 "8 commit g released {\"release\":\"v1.0.1\",\"rule\":\"same_change\"}\n"
                 "8 commit r released {\"release\":\"v1.0.1\",\"rule\":\"ancestry\"}\n"
                 "8 release v1.0.1 released "
                 "{\"commits\":3,\"prerelease\":false,\"on_default_branch\":false}\n"
                 "20 release v1.1 released "
                 "{\"commits\":2,\"prerelease\":false,\"on_default_branch\":true}\n"
                 "21 release v1.1.1 released "
                 "{\"commits\":0,\"prerelease\":false,\"on_default_branch\":true}\n");
    assert_noted(&s, "3 of 5 tags are reached by the default branch");
    assert_noted(&s, "1 releases are on a commit that has an earlier one");
    assert_noted(&s, "3 commits are on release branches only: 1 are cherry-picks by their "
                     "message, 1 by author, time and subject and 0 by what they change (no items "
                     "of their own), 1 are items that never landed");
    story_finish(&s);
    make_close(&m);
}

/* Ported forward: made on the release branch, then picked to main. Two picks that name each other.
 * A pick of something that is not here. */
static void survives_odd_picks(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    char line[128];
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "a");
    make_commit(&m, "r", "a", 1, 1, "fix on the branch");
    make_commit(&m, "t", "r", 2, 2,
                "x\n\n(cherry picked from commit 1234567890123456789012345678901234567890)");
    snprintf(line, sizeof line, "ported\n\n(cherry picked from commit %s)", make_hex(&m, "r"));
    make_commit(&m, "b", "a", 1, 9, line);
    make_ref(&m, "refs/heads/main", "b");
    make_tag(&m, "v1", "t", 5);
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links,
                 "a released_in v1 ancestry 1\n"
                 "b released_in v1 cherry_pick 0.95\n"
                 "t released_in v1 ancestry 1\n");
    assert_noted(&s, "1 lines name a cherry-picked commit that is not here");
    assert_noted(&s, "1 commits were in a release before they landed");
    story_finish(&s);
    make_close(&m);
}

static void marks_prereleases(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "a");
    make_commit(&m, "b", "a", 1, 1, "b");
    make_ref(&m, "refs/heads/main", "b");
    make_tag(&m, "v1.0-rc1", "a", 2);
    story_tell(&s, &m, NULL, NULL); /* alone, it is a release */
    assert_story(&s, links, "a released_in v1.0-rc1 ancestry 1\n");
    story_finish(&s);
    s = (struct story){0};
    make_tag(&m, "v1.0", "b", 3);
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links, "a released_in v1.0 ancestry 1\nb released_in v1.0 ancestry 1\n");
    assert_non_null(strstr(buf_cstr(&s.events),
                           "2 release v1.0-rc1 released "
                           "{\"commits\":1,\"prerelease\":true,\"on_default_branch\":true}\n"));
    story_finish(&s);
    make_close(&m);
}

static void bears_any_clock(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_raw(&m, "a", "", "A <a@b> 0 +0000", "A <a@b> 1577836800 +0000", "1970");
    make_raw(&m, "b", "a", "A <a@b> 4102444800 +0000", "A <a@b> 1577840400 +9999", "2100");
    make_commit(&m, "c", "b", 5, 2, "ahead");
    make_raw(&m, "d", "c", "A <a@b> 1577854800 -2460", "A <a@b> -5 +0000", "negative");
    make_raw(&m, "e", "d", "A <a@b> garbage", "A <a@b> 1577858400 zone?!", "none");
    make_raw(&m, "f", "e", "no address 1577862000", "A <a@b> 99999999999999999999999 +0000", "big");
    make_ref(&m, "refs/heads/main", "f");
    make_tag(&m, "v1", "d", 3);
    story_tell(&s, &m, NULL, NULL);
    assert_int_equal(s.result, END);
    assert_int_equal(s.disorder, 0);
    const char *want[] = {
        "-438288 commit a authored {\"parents\":0} bad\n",
        "0 commit a landed {\"parents\":0}\n",
        "701280 commit b authored {\"parents\":1} bad\n",
        "1 commit b landed {\"parents\":1}\n",
        "5 commit c authored {\"parents\":1}\n",
        "5 commit c landed {\"parents\":1} derived\n", /* committed at 2 */
        "5 commit c released {\"release\":\"v1\",\"rule\":\"ancestry\"} derived\n", /* tagged at 3
                                                                                     */
        "5 commit d authored {\"parents\":1}\n",
        "5 commit d landed {\"parents\":1} derived\n", /* committed in 1969 */
        "6 commit e authored {\"parents\":1} derived\n",
        "6 commit e landed {\"parents\":1}\n",
    };
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        if (strstr(buf_cstr(&s.events), want[i]) == NULL) {
            fail_msg("no \"%s\" in:\n%s", want[i], buf_cstr(&s.events));
        }
    }
    assert_noted(&s, "1 commits were authored after they were committed");
    assert_noted(&s, "4 commits have times before 1990 or in the future");
    story_finish(&s);
    make_close(&m);
}

/* refs/pull/N/head: the commit itself, or after a rebase the one with its author, time, subject. */
static void finds_fetched_pull_requests(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "a");
    make_commit(&m, "b", "a", 1, 1, "b");
    make_commit(&m, "x", "a", 2, 2, "c");
    make_commit(&m, "c", "b", 2, 5, "c"); /* x, rebased */
    make_commit(&m, "y", "a", 3, 3, "never merged");
    make_ref(&m, "refs/heads/main", "c");
    make_ref(&m, "refs/pull/12/head", "b");
    make_ref(&m, "refs/merge-requests/3/head", "x");
    make_ref(&m, "refs/pull/13/head", "y");
    make_ref(&m, "refs/pull/14/merge", "b");
    story_tell(&s, &m, NULL, NULL);
    assert_story(&s, links, "b part_of #12 ref 0.95\nc part_of !3 ref 0.85\n");
    assert_noted(&s, "2 of 3 fetched pull requests led to a commit");
    story_finish(&s);
    make_close(&m);
}

static void does_not_name_people(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0};
    make_open(&m, true);
    make_commit(&m, "a", "", 0, 0, "Signed by Ann (#2)");
    make_ref(&m, "refs/heads/main", "a");
    make_tag(&m, "v1", "a", 3);
    story_tell(&s, &m, NULL, NULL);
    for (sym i = 0; i < s.names.text.n; i++) {
        str text = names_text(&s.names, i);
        assert_true(str_find_char(text, '@') == text.n);
        assert_true(str_find(text, STR("Ann")) == text.n);
    }
    story_finish(&s);
    make_close(&m);
}

/* All keys of the imports together, each once: as one import at the end would give them. */
static void assert_same_keys(struct story *whole, id128 *keys, size_t n)
{
    struct set128 seen = {0};
    size_t distinct = 0;
    for (size_t i = 0; i < n; i++) {
        distinct += set128_add(&seen, keys[i]);
    }
    assert_int_equal(distinct, n); /* nothing was told twice */
    for (size_t i = 0; i < whole->keys.n; i++) {
        assert_true(set128_has(&seen, whole->keys.v[i]));
    }
    assert_int_equal(n, whole->keys.n);
    set128_finish(&seen);
}

static void tells_only_what_is_new(void **state)
{
    (void)state;
    struct make m;
    struct story s = {0}, whole = {0};
    VEC(id128) keys = {0};
    make_open(&m, true);
#define TELL()                                                                                     \
    do {                                                                                           \
        story_tell(&s, &m, NULL, NULL);                                                            \
        assert_int_equal(s.result, END);                                                           \
        for (size_t i_ = 0; i_ < s.keys.n; i_++) {                                                 \
            VEC_ADD(&keys, s.keys.v[i_]);                                                          \
        }                                                                                          \
    } while (0)
    make_commit(&m, "a", "", 0, 0, "a (#1)");
    make_commit(&m, "b", "a", 1, 1, "b");
    make_ref(&m, "refs/heads/main", "b");
    TELL();
    assert_int_equal(s.keys.n, 2 * 2 + 2);
    TELL();
    assert_int_equal(s.keys.n, 0);
    make_commit(&m, "c", "b", 2, 2, "c (#2)"); /* commits alone: only they are read */
    make_commit(&m, "x", "a", 2, 2, "x");
    make_commit(&m, "d", "c x", 3, 3, "Merge pull request #3 from x/x");
    make_ref(&m, "refs/heads/main", "d");
    TELL();
    assert_story(&s, links,
                 "c part_of #2 trailer 0.9\nx part_of #3 merge 1\nd part_of #3 merge 1\n");
    assert_noted(&s, "3 new commits");
    char line[128];
    snprintf(line, sizeof line, "c\n\n(cherry picked from commit %s)", make_hex(&m, "c"));
    make_commit(&m, "p", "a", 2, 4, line); /* a release branch, c picked to it */
    make_tag(&m, "v1.0", "p", 5);
    TELL();
    assert_story(&s, events,
                 "5 commit a released {\"release\":\"v1.0\",\"rule\":\"ancestry\"}\n"
                 "5 commit c released {\"release\":\"v1.0\",\"rule\":\"cherry_pick\"}\n"
                 "5 release v1.0 released "
                 "{\"commits\":2,\"prerelease\":false,\"on_default_branch\":false}\n"
                 "5 change #1 released {\"commits\":1}\n"
                 "5 change #2 released {\"commits\":1}\n");
    make_commit(&m, "e", "d", 6, 6, "e"); /* a tag on the branch, and a commit behind it */
    make_commit(&m, "f", "e", 7, 7, "f");
    make_tag(&m, "v2.0", "e", 8);
    make_ref(&m, "refs/heads/main", "f");
    TELL();
    assert_null(strstr(buf_cstr(&s.events), "commit c released")); /* v1.0 stays */
    assert_non_null(strstr(buf_cstr(&s.events), "8 change #3 released"));
    story_tell(&whole, &m, NULL, NULL);
    assert_same_keys(&whole, keys.v, keys.n);
    make_commit(&m, "g", "f", 9, 9, "again (#2)"); /* a change known from before lands again */
    make_ref(&m, "refs/heads/main", "g");
    TELL();
    assert_story(&s, events,
                 "9 commit g authored {\"parents\":1,\"prs\":[\"#2\"]}\n"
                 "9 commit g landed {\"parents\":1,\"prs\":[\"#2\"]}\n"
                 "9 change #2 landed {\"commits\":2}\n");
    make_commit(&m, "z", "a", 10, 10, "another history");
    make_ref(&m, "refs/heads/main", "z");
    story_tell(&s, &m, NULL, NULL);
    assert_noted(&s, "the history was rewritten since the last import");
    buf_clear(&s.cursor);
    buf_add(&s.cursor, STR("{\"v\":"));
    story_tell(&s, &m, NULL, NULL);
    assert_noted(&s, "the mark of the last import cannot be read");
    VEC_FINISH(&keys);
    story_finish(&s);
    story_finish(&whole);
    make_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_a_merged_pull_request),
        cmocka_unit_test(tells_of_numbers_in_messages),
        cmocka_unit_test(follows_cherry_picks_to_release_branches),
        cmocka_unit_test(survives_odd_picks),
        cmocka_unit_test(marks_prereleases),
        cmocka_unit_test(bears_any_clock),
        cmocka_unit_test(finds_fetched_pull_requests),
        cmocka_unit_test(does_not_name_people),
        cmocka_unit_test(tells_only_what_is_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
