#include "source/gitsince.h"

#include "source/gitversion.h"
#include "wire/json.h"

#include <stdlib.h>

enum { CURSOR_MOST = 64 << 20 };

static bool read_id(str hex, git_oid *ret)
{
    return hex.n == GIT_OID_HEXSZ && git_oid_fromstrn(ret, hex.p, hex.n) == 0;
}

static int tag_order(const void *a, const void *b)
{
    return str_cmp(((const struct gitrepo_tag *)a)->name, ((const struct gitrepo_tag *)b)->name);
}

bool gitsince_parse(str cursor, struct gitsince *ret)
{
    *ret = (struct gitsince){0};
    arena_init(&ret->text, "git cursor", 0);
    if (cursor.n == 0) {
        return true;
    }
    json_t *json;
    str head;
    int64_t version;
    if (json_parse(cursor, CURSOR_MOST, "cursor", &json, NULL) != OK) {
        return false;
    }
    const json_t *tags = json_get_object(json, "tags");
    bool fine = json_get_i64(json, "v", &version) && version == 1 &&
                json_get_str(json, "head", &head) && read_id(head, &ret->head) && tags != NULL;
    (void)json_get_bool(json, "paths", &ret->paths);
    (void)json_get_bool(json, "lines", &ret->lines);
    const char *name;
    const json_t *value;
    for (void *at = fine ? json_object_iter((json_t *)(uintptr_t)tags) : NULL; at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)tags, at)) {
        name = json_object_iter_key(at);
        value = json_object_iter_value(at);
        struct gitrepo_tag tag = {.name = arena_str(&ret->text, str_of(name))};
        fine = fine && read_id(json_text(value), &tag.commit);
        VEC_ADD(&ret->tags, tag);
    }
    json_decref(json);
    if (ret->tags.n > 1) {
        qsort(ret->tags.v, ret->tags.n, sizeof *ret->tags.v, tag_order);
    }
    ret->any = fine;
    return fine;
}

void gitsince_finish(struct gitsince *s)
{
    VEC_FINISH(&s->tags);
    arena_finish(&s->text);
}

static void write_id(struct buf *out, const git_oid *id)
{
    char hex[GIT_OID_HEXSZ + 1];
    buf_add(out, STR("\""));
    buf_add(out, str_of(git_oid_tostr(hex, sizeof hex, id)));
    buf_add(out, STR("\""));
}

static bool is_version(const struct gitrepo_tag *tag)
{
    struct gitversion version;
    return gitversion_parse(tag->name, &version);
}

void gitsince_write(struct buf *out, const struct gitrepo *repo, bool paths, bool lines)
{
    buf_add(out, STR("{\"v\":1,\"head\":"));
    write_id(out, &repo->head);
    buf_addf(out, ",\"paths\":%s,\"lines\":%s,\"tags\":{", paths ? "true" : "false",
             lines ? "true" : "false");
    bool first = true;
    for (size_t i = 0; i < repo->tags.n; i++) {
        if (is_version(&repo->tags.v[i])) {
            buf_add(out, first ? STR("") : STR(","));
            json_quote(out, repo->tags.v[i].name);
            buf_putc(out, ':');
            write_id(out, &repo->tags.v[i].commit);
            first = false;
        }
    }
    buf_add(out, STR("}}"));
}

bool gitsince_has_tag(const struct gitsince *s, const struct gitrepo_tag *tag)
{
    const struct gitrepo_tag *found =
        s->tags.n > 0 ? bsearch(tag, s->tags.v, s->tags.n, sizeof *tag, tag_order) : NULL;
    return found != NULL && git_oid_equal(&found->commit, &tag->commit);
}

bool gitsince_same_tags(const struct gitsince *s, const struct gitrepo *repo)
{
    size_t versions = 0, at = 0;
    for (size_t i = 0; i < repo->tags.n; i++) {
        const struct gitrepo_tag *tag = &repo->tags.v[i];
        if (!is_version(tag)) {
            continue;
        }
        versions++;
        /* both are in order of names */
        if (at >= s->tags.n || !str_eq(s->tags.v[at].name, tag->name) ||
            !git_oid_equal(&s->tags.v[at].commit, &tag->commit)) {
            return false;
        }
        at++;
    }
    return versions == s->tags.n;
}

void gitsince_mark(const struct gitsince *s, struct gitgraph *g, const struct gitreleases *r)
{
    uint32_t head = gitgraph_find(g, &s->head);
    if (head != GITGRAPH_NONE) {
        gitgraph_mark(g, head, GITCOMMIT_LANDED);
        gitgraph_mark(g, head, GITCOMMIT_OLD);
    }
    size_t finals = 0;
    struct gitversion version;
    for (size_t i = 0; i < s->tags.n; i++) {
        finals += gitversion_parse(s->tags.v[i].name, &version) && !version.prerelease;
    }
    for (size_t i = 0; i < s->tags.n; i++) {
        uint32_t commit = gitgraph_find(g, &s->tags.v[i].commit);
        if (commit == GITGRAPH_NONE || !gitversion_parse(s->tags.v[i].name, &version)) {
            continue;
        }
        gitgraph_mark(g, commit, GITCOMMIT_OLD);
        if (finals == 0 || !version.prerelease) {
            gitgraph_mark(g, commit, GITCOMMIT_GIVEN);
        }
    }
    for (size_t i = 0; i < g->commits.n; i++) { /* in a release then, by a cherry-pick */
        uint32_t original = r->same_as[i];
        if (original != GITGRAPH_NONE && g->commits.v[i].flags & GITCOMMIT_GIVEN &&
            g->commits.v[original].flags & GITCOMMIT_OLD) {
            g->commits.v[original].flags |= GITCOMMIT_GIVEN;
        }
    }
}
