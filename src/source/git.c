/* The git source: a value stream from a repository alone.
 *
 * The history is read whole before the first event is given, because what happened to a commit
 * (when it landed, which release held it first) is known only from the whole; events then come in
 * the order of time. Steps: gitrepo (what and where) → gitgraph (commits) → gitrelease → gitchange
 * → gitfacts. Spec: mining 13. */
#include "source/gitfacts.h"

#include "base/mem.h"
#include "source/gitpatch.h"
#include "source/gitpick.h"

#include <string.h>
#include <sys/stat.h>

struct git_source {
    struct source base; /* first, so that a source is one of these */
    struct source_options options;
    struct gitrepo *repo;
    struct gitsince since;
    struct gitgraph graph;
    struct gitreleases releases;
    struct gitchanges changes;
    struct gitfacts facts;
    struct gitpaths *paths;
    bool read, partly; /* partly: only what is new since the last import was read */
    size_t reject_at;
    when now;
};

static bool has(const char *path, const char *name)
{
    struct buf b = {0};
    struct stat st;
    buf_addf(&b, "%s/%s", path, name);
    bool found = stat(buf_cstr(&b), &st) == 0;
    buf_finish(&b);
    return found;
}

static int git_guess(str head, const char *path)
{
    if (head.n > 0 || path == NULL) {
        return 0;
    }
    bool bare = has(path, "HEAD") && has(path, "objects") && has(path, "refs");
    return has(path, ".git") || bare ? 100 : 0;
}

static status_code git_open(const char *const *paths, size_t n,
                            const struct source_options *options, struct source **ret_source,
                            struct error *why)
{
    if (n != 1) {
        error_set(why, "%zu paths: git reads one repository at a time", n);
        return FAIL;
    }
    struct gitrepo *repo;
    TRY(gitrepo_open(paths[0], &repo, why));
    struct git_source *s = mem_get(sizeof *s);
    s->base.format = &SOURCE_GIT;
    arena_init(&s->base.notes.text, "git notes", 0);
    s->options = *options;
    s->repo = repo;
    s->now = clock_now();
    gitgraph_init(&s->graph);
    if (!gitsince_parse(options->cursor, &s->since)) {
        source_note(&s->base.notes,
                    "the mark of the last import cannot be read: everything is read again");
    }
    *ret_source = &s->base;
    return OK;
}

/* HEAD first, then the version tags. */
static void find_heads(const struct gitrepo *repo, git_oid **ret_heads, size_t *ret_n)
{
    git_oid *heads = mem_grow(NULL, repo->tags.n + 1, sizeof *heads);
    size_t n = 0;
    heads[n++] = repo->head;
    for (size_t i = 0; i < repo->tags.n; i++) {
        struct gitversion version;
        if (gitversion_parse(repo->tags.v[i].name, &version)) {
            heads[n++] = repo->tags.v[i].commit;
        }
    }
    *ret_heads = heads;
    *ret_n = n;
}

typedef VEC(git_oid) ids;

/* The commits that HEAD reaches and the old HEAD does not. False: it cannot be said (an object is
 * missing: shallow). */
static bool list_new(struct git_source *s, ids *ret)
{
    git_revwalk *walk = NULL;
    git_oid id;
    int code = git_revwalk_new(&walk, s->repo->repo);
    code = code < 0 ? code : git_revwalk_push(walk, &s->repo->head);
    code = code < 0 ? code : git_revwalk_hide(walk, &s->since.head);
    while (code >= 0 && (code = git_revwalk_next(&id, walk)) == 0) {
        VEC_ADD(ret, id);
    }
    git_revwalk_free(walk);
    return code == GIT_ITEROVER;
}

/* Do the new commits speak of nothing that older ones may have spoken of? Else all is needed. */
static bool stands_alone(struct git_source *s)
{
    sym change;
    item_id item;
    if (s->graph.picks.n > 0 || s->graph.bad.n > 0) {
        return false;
    }
    for (size_t i = 0; i < s->graph.uses.n && names_find(s->options.names, STR("change"), &change);
         i++) {
        struct gitchange c = {
            .number = s->graph.uses.v[i].number, .nth = 1, .sign = s->graph.uses.v[i].sign};
        char text[GITCHANGE_TEXT];
        if (names_find_item(s->options.names, change, gitchange_key(&c, text), &item)) {
            return false;
        }
    }
    return true;
}

/* Reads only what is new; OK with s->partly unset when that is not enough. */
static status read_new(struct git_source *s, struct gitgraph_wish *wish, struct error *why)
{
    ids news = {0};
    if (!gitsince_same_tags(&s->since, s->repo) || s->repo->shallow || !list_new(s, &news)) {
        VEC_FINISH(&news);
        return OK;
    }
    struct gitgraph_wish few = *wish;
    few.only = news.v;
    few.only_n = news.n;
    few.head_n = 1;
    status_code code = news.n > 0 ? gitgraph_read(&s->graph, s->repo, &few, why) : OK;
    VEC_FINISH(&news);
    s->partly = code == OK && stands_alone(s);
    if (!s->partly) {
        gitgraph_finish(&s->graph);
        gitgraph_init(&s->graph);
    }
    return code;
}

/* Was history rewritten, so that what the last import saw is not what HEAD has? */
static void check_since(struct git_source *s)
{
    const struct gitsince *since = &s->since;
    if (!since->any) {
        return;
    }
    bool asks_more =
        (s->options.git_paths && !since->paths) || (s->options.git_lines && !since->lines);
    bool same = git_oid_equal(&since->head, &s->repo->head);
    if (asks_more) {
        s->since.any = false;
        source_note(&s->base.notes, "changed files were not asked for before: everything is read "
                                    "again, and what is stored already stays without them");
    } else if (!same && git_graph_descendant_of(s->repo->repo, &s->repo->head, &since->head) != 1 &&
               !s->repo->shallow) {
        s->since.any = false;
        source_note(&s->base.notes, "the history was rewritten since the last import (the old HEAD "
                                    "is not part of it): everything is read again");
    }
}

static void note_shape(struct git_source *s)
{
    struct source_notes *n = &s->base.notes;
    const struct gitrepo *r = s->repo;
    if (r->fallback) {
        source_note(n,
                    "HEAD names a branch without commits: " STR_FMT " is taken for the default "
                    "branch",
                    STR_ARG(r->branch));
    }
    if (r->detached) {
        source_note(n, "HEAD is detached: the commit it is at is taken for the default branch");
    }
    if (r->shallow) {
        source_note(n,
                    "the history is shallow: it is cut at %zu commits, and what was before them "
                    "is not here (left-censored)",
                    s->graph.cut);
    } else if (s->graph.cut > 0) {
        source_note(n,
                    "%zu commits name parents that are not here or cannot be read: the history "
                    "is cut there (left-censored)",
                    s->graph.cut);
    }
    if (r->partial) {
        source_note(n, "the repository is a partial clone: file contents are never asked for");
    }
    if (r->replaced) {
        source_note(n, "the repository replaces objects (refs/replace): the originals are read");
    }
    if (r->odd_tags > 0) {
        source_note(n, "%zu tags lead to no commit that is here and are left out", r->odd_tags);
    }
}

static void note_commits(struct git_source *s)
{
    struct source_notes *n = &s->base.notes;
    const struct gitgraph *g = &s->graph;
    size_t on_branch = 0, merges = 0;
    for (size_t at = 0; at < g->order.n; at++) {
        const struct gitcommit *c = &g->commits.v[g->order.v[at]];
        on_branch += c->landed_by != GITGRAPH_NONE;
        merges += c->landed_by != GITGRAPH_NONE && c->flags & GITCOMMIT_MERGE;
    }
    source_note(n, "%zu %scommits on " STR_FMT ", %zu of them merges, %zu on the first-parent line",
                on_branch, s->partly ? "new " : "", STR_ARG(s->repo->branch), merges,
                g->first_parent);
    if (g->ahead > 0) {
        source_note(n,
                    "%zu commits were authored after they were committed, by their clocks: the "
                    "time between is taken as zero",
                    g->ahead);
    }
    if (g->absurd > 0) {
        source_note(n, "%zu commits have times before 1990 or in the future: kept, marked as bad",
                    g->absurd);
    }
    if (s->facts.early > 0) {
        source_note(n,
                    "%zu commits were in a release before they landed on the default branch (a "
                    "release branch that was merged or ported later)",
                    s->facts.early);
    }
    if (s->facts.before > 0) {
        source_note(n,
                    "%zu commits were written after the release that holds them, by their "
                    "clocks: the time between is taken as zero",
                    s->facts.before);
    }
}

static void note_releases(struct git_source *s)
{
    struct source_notes *n = &s->base.notes;
    const struct gitreleases *r = &s->releases;
    size_t reached = 0;
    for (size_t i = 0; i < s->repo->tags.n; i++) {
        uint32_t c = gitgraph_find(&s->graph, &s->repo->tags.v[i].commit);
        reached += c != GITGRAPH_NONE && s->graph.commits.v[c].landed_by != GITGRAPH_NONE;
    }
    if (s->repo->tags.n > 0) {
        source_note(n, "%zu of %zu tags are reached by the default branch", reached,
                    s->repo->tags.n);
    }
    if (r->v.n > 0) {
        source_note(n,
                    "%zu tags are versions, %zu of them prereleases, %zu not on the default branch",
                    r->v.n, r->prereleases, r->off_branch);
    }
    if (r->doubled > 0) {
        source_note(n,
                    "%zu releases are on a commit that has an earlier one: they hold nothing "
                    "new",
                    r->doubled);
    }
    size_t beside = r->picks + r->same + r->patches + r->alone;
    if (beside > 0) {
        source_note(n,
                    "%zu commits are on release branches only: %zu are cherry-picks by their "
                    "message, %zu by author, time and subject and %zu by what they change (no "
                    "items of their own), %zu are items that never landed",
                    beside, r->picks, r->same, r->patches, r->alone);
    }
    if (r->blind > 0) {
        source_note(n,
                    "%zu of them could not be compared by what they change: the repository does "
                    "not hold the contents of their files",
                    r->blind);
    }
    if (r->left_out > 0) {
        source_note(n,
                    "%zu of them were not compared by what they change: a change of more than %d "
                    "files or %d MiB, or more than %d changes or %d MiB in all",
                    r->left_out, GITPATCH_FILES, GITPATCH_BYTES >> 20, GITPICK_PATCHES,
                    GITPICK_BYTES >> 20);
    }
    if (r->unknown_picks > 0) {
        source_note(n, "%zu lines name a cherry-picked commit that is not here", r->unknown_picks);
    }
    if (s->repo->pulls.n > 0) {
        source_note(n, "%zu of %zu fetched pull requests led to a commit", s->changes.pulls_found,
                    s->repo->pulls.n);
    }
}

static status read_commits(struct git_source *s, struct error *why)
{
    struct gitgraph_wish wish = {.options = &s->options,
                                 .now = s->now,
                                 .trees = s->options.git_paths || s->options.git_lines};
    git_oid *heads;
    TRY(linkkey_open(s->options.link_pattern, &wish.linkkey, why));
    find_heads(s->repo, &heads, &wish.head_n);
    wish.heads = heads;
    status_code code = s->since.any ? read_new(s, &wish, why) : OK;
    if (code == OK && !s->partly) {
        code = gitgraph_read(&s->graph, s->repo, &wish, why);
    }
    mem_put(heads);
    linkkey_close(wish.linkkey);
    return code;
}

static status read_all(struct git_source *s, struct error *why)
{
    progress_begin(s->options.progress, "import git", "commits", 0);
    check_since(s);
    TRY(read_commits(s, why));
    gitreleases_find(&s->releases, s->repo, &s->graph, s->now);
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    if (s->since.any && !s->partly) {
        gitsince_mark(&s->since, &s->graph, &s->releases);
    }
    gitchanges_find(&s->changes, s->repo, &s->graph, &s->releases, !s->partly);
    if (s->options.git_paths || s->options.git_lines) {
        TRY(gitpaths_open(s->repo, &s->graph, s->options.git_lines, &s->paths, why));
    }
    gitfacts_init(&s->facts, s->options.names, &s->graph, &s->releases, &s->changes, &s->since,
                  s->paths);
    note_shape(s);
    note_commits(s);
    if (!s->partly) {
        note_releases(s);
    }
    s->read = true;
    return OK;
}

static bool give_rejects(struct git_source *s, struct batch *b)
{
    for (; s->reject_at < s->graph.bad.n && b->rejects.n < BATCH_ROWS; s->reject_at++) {
        const struct gitgraph_bad *bad = &s->graph.bad.v[s->reject_at];
        char hex[GIT_OID_HEXSZ + 1];
        git_oid_tostr(hex, sizeof hex, &s->graph.commits.v[bad->commit].id);
        batch_reject(b, (struct reject){.source = s->repo->path,
                                        .column = str_of(hex),
                                        .reason = bad->reason,
                                        .raw = bad->raw});
    }
    return s->reject_at == s->graph.bad.n;
}

static status_code git_next(struct source *source, struct batch *b, struct error *why)
{
    struct git_source *s = (struct git_source *)source;
    if (interrupt_signal() != 0) {
        return INTERRUPTED;
    }
    if (!s->read) {
        TRY(read_all(s, why));
    }
    if (!give_rejects(s, b)) {
        return OK;
    }
    status_code code = gitfacts_next(&s->facts, &s->options, b, why);
    if (code == END) {
        progress_end(s->options.progress);
    }
    return code;
}

static void git_cursor(struct source *source, struct buf *out)
{
    struct git_source *s = (struct git_source *)source;
    gitsince_write(out, s->repo, s->options.git_paths, s->options.git_lines);
}

static void git_close(struct source *source)
{
    struct git_source *s = (struct git_source *)source;
    if (s == NULL) {
        return;
    }
    gitfacts_finish(&s->facts);
    gitpaths_close(s->paths);
    gitchanges_finish(&s->changes);
    gitreleases_finish(&s->releases);
    gitgraph_finish(&s->graph);
    gitsince_finish(&s->since);
    gitrepo_close(s->repo);
    source_notes_finish(&s->base.notes);
    mem_put(s);
}

const struct source_format SOURCE_GIT = {"git",    git_guess,  git_open,
                                         git_next, git_cursor, git_close};
