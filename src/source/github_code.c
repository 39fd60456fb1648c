/* GitHub's pushes, commits and releases. A push has no time of its own but the repository's
 * pushed_at, a number there and a text elsewhere; the time of its head commit is another thing. */
#include "source/github.h"

/* Commits are listed with their own times; the same commit pushed to another branch is the same
 * fact. */
static item_id tell_commit(struct github *g, const json_t *commit)
{
    struct teller *t = &g->t;
    str sha = teller_get(commit, "id");
    item_id item = teller_commit(t, sha);
    when time = teller_when(t, json_object_get(commit, "timestamp"));
    if (item == 0 || time == WHEN_NONE) {
        teller_reject(t, "commits", "a commit has no %s", item == 0 ? "id" : "timestamp");
        return 0;
    }
    teller_fact(t, item, "commit", STR("pushed"), time);
    teller_attr(t, "repository", g->repository);
    str login = teller_text(commit, "author.username");
    teller_actor(t, login.n > 0 ? login : teller_text(commit, "author.email"), (str){0});
    (void)teller_give(t, (str){0});
    str keys = teller_keys(t, teller_get(commit, "message"));
    teller_mark(t, item, "message_keys", time, keys);
    return item;
}

static when pushed_at(struct github *g)
{
    const json_t *value = teller_at(g->body, "repository.pushed_at");
    when time = teller_epoch(value, SECOND);
    return time != WHEN_NONE ? time : teller_when(&g->t, value);
}

/* What happened to the branch or tag itself. */
static void tell_ref(struct github *g, item_id item, const char *type, const char *activity,
                     str before, str after)
{
    struct teller *t = &g->t;
    when time = pushed_at(g);
    bool forced = false;
    teller_fact(t, item, type, str_of(activity), time);
    teller_attr(t, "repository", g->repository);
    teller_attr(t, "before", teller_is_sha(before) ? before : (str){0});
    teller_attr(t, "after", teller_is_sha(after) ? after : (str){0});
    if (json_get_bool(g->body, "forced", &forced) && forced) {
        teller_attr_bool(t, "forced", true);
    }
    github_actor(g, g->sender);
    teller_also(t, teller_commit(t, after), "commit");
    teller_give(t, arena_strf(&t->text, STR_FMT ".." STR_FMT, STR_ARG(before), STR_ARG(after)));
}

static void tell_branch(struct github *g, str name, str before, str after)
{
    item_id branch = github_branch(g, name);
    bool created = false, deleted = false;
    json_get_bool(g->body, "created", &created);
    json_get_bool(g->body, "deleted", &deleted);
    created |= !teller_is_sha(before);
    deleted |= !teller_is_sha(after);
    if (created && !deleted) {
        tell_ref(g, branch, "branch.created", "created", before, after);
    }
    tell_ref(g, branch, deleted ? "branch.deleted" : "branch.pushed",
             deleted ? "deleted" : "pushed", before, after);
}

void github_push(struct github *g)
{
    static const str HEADS = STR_INIT("refs/heads/"), TAGS = STR_INIT("refs/tags/");
    str ref = teller_get(g->body, "ref"), before = teller_get(g->body, "before"),
        after = teller_get(g->body, "after");
    if (!github_place(g, NULL)) {
        return;
    }
    bool hashes = (before.n == 40 || before.n == 64) && after.n == before.n;
    if (!hashes || (!str_starts(ref, HEADS) && !str_starts(ref, TAGS))) {
        teller_reject(&g->t, "ref", "a push names a ref, what was there before and is there after");
        return;
    }
    if (str_starts(ref, TAGS)) {
        item_id release = teller_item(&g->t, "release", "tag", str_from(ref, TAGS.n));
        tell_ref(g, release, teller_is_sha(after) ? "release.tagged" : "release.untagged",
                 teller_is_sha(after) ? "tagged" : "untagged", before, after);
        teller_link(&g->t, teller_commit(&g->t, teller_text(g->body, "head_commit.id")), release,
                    "released_in", "sha", 1);
        return;
    }
    tell_branch(g, str_from(ref, HEADS.n), before, after);
    const json_t *commit;
    size_t i;
    json_array_foreach(json_get_array(g->body, "commits"), i, commit)
    {
        (void)tell_commit(g, commit);
    }
}

/* {"sha", "commit": {"committer": {"date"}}} as the REST API lists it, of a repository, or of a
 * change: then whoever fetched it says which by the header X-Weir-Url,
 * "…/repos/acme/shop/pulls/42/commits". */
void github_commit(struct github *g, const json_t *commit)
{
    struct teller *t = &g->t;
    str url = {0}, part;
    item_id item = teller_commit(t, teller_get(commit, "sha"));
    when time = teller_when(t, teller_at(commit, "commit.committer.date"));
    if (!github_place(g, commit)) {
        return;
    }
    if (item == 0 || time == WHEN_NONE) {
        teller_reject(t, "commit", "a commit has no %s", item == 0 ? "sha" : "committer.date");
        return;
    }
    teller_fact(t, item, "commit", STR("pushed"), time);
    teller_attr(t, "repository", g->repository);
    str login = teller_text(commit, "author.login");
    teller_actor(t, login.n > 0 ? login : teller_text(commit, "commit.author.email"),
                 teller_text(commit, "author.type"));
    (void)teller_give(t, (str){0});
    teller_mark(t, item, "message_keys", time,
                teller_keys(t, teller_text(commit, "commit.message")));
    bool pulls = false;
    if (!delivery_header(t->delivery, "X-Weir-Url", &url)) {
        return;
    }
    while (str_cut(&url, '/', &part)) {
        if (pulls) {
            teller_link(t, item, teller_item(t, "change", "pr", part), "part_of", "listed", 1);
            return;
        }
        pulls = str_eq(part, STR("pulls"));
    }
}

/* `published`, `released` and `prereleased` are sent together and are one fact. */
void github_release(struct github *g, const json_t *release)
{
    bool told = g->rest || github_did(g, "published") || github_did(g, "released") ||
                github_did(g, "prereleased");
    bool draft = false, prerelease = false;
    struct teller *t = &g->t;
    (void)json_get_bool(release, "draft", &draft);
    when time;
    if (!told || (draft && g->rest) || !github_place(g, release)) {
        return;
    }
    item_id item = teller_item(t, "release", "tag", teller_get(release, "tag_name"));
    if (item == 0) {
        teller_reject(t, "release.tag_name", "there is no release.tag_name");
        return;
    }
    if (!github_time(g, release, "published_at", "release.published_at", &time)) {
        return;
    }
    teller_fact(t, item, "release", STR("released"), time);
    teller_attr(t, "repository", g->repository);
    if (json_get_bool(release, "prerelease", &prerelease)) {
        teller_attr_bool(t, "prerelease", prerelease);
    }
    github_actor(g, json_object_get(release, "author"));
    item_id commit = teller_commit(t, teller_get(release, "target_commitish"));
    teller_also(t, commit, "commit");
    if (teller_give(t, (str){0})) {
        teller_link(t, commit, item, "released_in", "sha", 1);
    }
}
