#include "source/gitfacts.h"

#include "wire/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    COMMIT_AUTHORED,
    COMMIT_LANDED,
    COMMIT_RELEASED,
    RELEASE_RELEASED,
    CHANGE_AUTHORED,
    CHANGE_LANDED,
    CHANGE_RELEASED,
};
enum type { TYPE_COMMIT, TYPE_MERGE, TYPE_CHANGE, TYPE_RELEASE };
enum activity { AUTHORED, LANDED, RELEASED };

static const enum activity ACTIVITY[] = {
    [COMMIT_AUTHORED] = AUTHORED,  [COMMIT_LANDED] = LANDED,     [COMMIT_RELEASED] = RELEASED,
    [RELEASE_RELEASED] = RELEASED, [CHANGE_AUTHORED] = AUTHORED, [CHANGE_LANDED] = LANDED,
    [CHANGE_RELEASED] = RELEASED,
};

static const char *const RELEASE_RULES[] = {
    [GITRELEASE_ANCESTRY] = "ancestry",
    [GITRELEASE_CHERRY_PICK] = "cherry_pick",
    [GITRELEASE_PATCH_ID] = "patch_id",
    [GITRELEASE_SAME_CHANGE] = "same_change",
};
static const double RELEASE_CONFIDENCE[] = {1.0, 0.95, 0.9, 0.85};
static const double RULE_CONFIDENCE[] = {1.0, 0.9, 0.85, 0.95};
static const double REF_BY_CONTENT = 0.85;

static void resolve_names(struct gitfacts *f, struct names *n)
{
    static const char *const types[] = {"commit", "merge", "change", "release"};
    static const char *const activities[] = {"authored", "landed", "released"};
    static const char *const rules[] = {"merge", "trailer", "closes", "ref"};
    f->names = n;
    for (size_t i = 0; i < 4; i++) {
        f->types[i] = names_sym(n, str_of(types[i]));
        f->rules[i] = names_sym(n, str_of(rules[i]));
    }
    for (size_t i = 0; i < 3; i++) {
        f->activities[i] = names_sym(n, str_of(activities[i]));
    }
    for (size_t i = 0; i < GITRELEASE_RULES; i++) {
        f->release_rules[i] = names_sym(n, str_of(RELEASE_RULES[i]));
    }
    f->part_of = names_sym(n, STR("part_of"));
    f->released_in = names_sym(n, STR("released_in"));
}

static void plan(struct gitfacts *f, when time, size_t order, uint32_t index, enum kind kind)
{
    VEC_ADD(&f->v, (struct gitfact){time, (uint32_t)order, index, (uint8_t)kind});
}

/* A release holds only what was written before, unless one of the clocks is absurd. That it is
 * dated before the landing is possible (a release branch, merged or ported later): counted. */
static when release_time(const struct gitrelease *r, const struct gitcommit *c)
{
    bool fine = r->quality != TIME_BAD && c->authored_quality != TIME_BAD;
    return fine && r->time < c->authored ? c->authored : r->time;
}

static void plan_commits(struct gitfacts *f)
{
    for (size_t at = 0; at < f->g->order.n; at++) {
        uint32_t i = f->g->order.v[at];
        const struct gitcommit *c = &f->g->commits.v[i];
        if (f->releases->same_as[i] != GITGRAPH_NONE) {
            continue;
        }
        if (!(c->flags & GITCOMMIT_OLD)) {
            plan(f, c->authored, at, i, COMMIT_AUTHORED);
        }
        if (c->landed != WHEN_NONE && !(c->flags & GITCOMMIT_LANDED)) {
            plan(f, c->landed, at, i, COMMIT_LANDED);
        }
        uint32_t release = f->releases->first[i];
        if (release != GITGRAPH_NONE && !(c->flags & GITCOMMIT_GIVEN)) {
            when time = release_time(&f->releases->v.v[release], c);
            f->early += c->landed != WHEN_NONE && time < c->landed;
            f->before += time != f->releases->v.v[release].time;
            plan(f, time, at, i, COMMIT_RELEASED);
        }
    }
}

static void plan_releases(struct gitfacts *f, const struct gitsince *since)
{
    for (size_t k = 0; k < f->releases->v.n; k++) {
        const struct gitrelease *r = &f->releases->v.v[k];
        if (!since->any || !gitsince_has_tag(since, r->tag)) {
            plan(f, r->time, f->g->order.n + k, (uint32_t)k, RELEASE_RELEASED);
        }
    }
}

static void plan_changes(struct gitfacts *f)
{
    const struct gitcommit *commits = f->g->commits.v;
    if (f->changes->v.n == 0) {
        return;
    }
    assert(commits != NULL);
    for (size_t k = 0; k < f->changes->v.n; k++) {
        const struct gitchange *c = &f->changes->v.v[k];
        size_t order = f->g->order.n + f->releases->v.n + k;
        bool old = false, fresh = false; /* holds commits of an earlier import; of this one */
        for (uint32_t u = 0; u < c->use_n; u++) {
            uint32_t i = f->changes->by_change.v[c->use_first + u].commit;
            uint8_t flags = commits[i].flags;
            old = old || flags & GITCOMMIT_OLD;
            fresh = fresh || !(flags & GITCOMMIT_OLD) ||
                    (c->released != GITGRAPH_NONE && !(flags & GITCOMMIT_GIVEN));
        }
        const struct gitcommit *begun = &commits[c->begun];
        if (!old) {
            plan(f, begun->authored, order, (uint32_t)k, CHANGE_AUTHORED);
        }
        const struct gitcommit *landed = c->landed != GITGRAPH_NONE ? &commits[c->landed] : NULL;
        if (landed != NULL && !(landed->flags & GITCOMMIT_LANDED)) {
            plan(f, landed->landed, order, (uint32_t)k, CHANGE_LANDED);
        }
        if (c->released != GITGRAPH_NONE && fresh) {
            when time = release_time(&f->releases->v.v[c->released], begun);
            plan(f, time, order, (uint32_t)k, CHANGE_RELEASED);
        }
    }
}

static int fact_order(const void *a, const void *b)
{
    const struct gitfact *x = a, *y = b;
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return (x->kind > y->kind) - (x->kind < y->kind);
}

void gitfacts_init(struct gitfacts *f, struct names *names, struct gitgraph *g,
                   const struct gitreleases *releases, const struct gitchanges *changes,
                   const struct gitsince *since, struct gitpaths *paths)
{
    *f = (struct gitfacts){.g = g, .releases = releases, .changes = changes, .paths = paths};
    resolve_names(f, names);
    VEC_RESERVE(&f->commit_items, g->commits.n + 1);
    memset(f->commit_items.v, 0, g->commits.n * sizeof *f->commit_items.v);
    f->commit_items.n = g->commits.n;
    plan_commits(f);
    plan_releases(f, since);
    plan_changes(f);
    if (f->v.n > 1) {
        qsort(f->v.v, f->v.n, sizeof *f->v.v, fact_order);
    }
}

void gitfacts_finish(struct gitfacts *f)
{
    VEC_FINISH(&f->v);
    VEC_FINISH(&f->commit_items);
    VEC_FINISH(&f->listed);
}

static item_id commit_item(struct gitfacts *f, uint32_t i)
{
    if (f->commit_items.v[i] == 0) {
        char hex[GIT_OID_HEXSZ + 1];
        git_oid_tostr(hex, sizeof hex, &f->g->commits.v[i].id);
        f->commit_items.v[i] =
            names_item(f->names, f->types[TYPE_COMMIT], (str){hex, GIT_OID_HEXSZ});
    }
    return f->commit_items.v[i];
}

static item_id release_item(struct gitfacts *f, uint32_t k)
{
    return names_item(f->names, f->types[TYPE_RELEASE], f->releases->v.v[k].tag->name);
}

/* 128 bits of (kind of fact, name, id of a commit). */
static id128 key_of(enum kind kind, str name, const git_oid *id)
{
    char small[128];
    size_t n = 0;
    small[n++] = (char)kind;
    memcpy(small + n, id->id, GIT_OID_RAWSZ);
    n += GIT_OID_RAWSZ;
    id128 longer = name.n > 64 ? id128_of(name.p, name.n) : (id128){0};
    if (name.n > 64) {
        name = (str){(const char *)&longer, sizeof longer};
    }
    if (name.n > 0) {
        memcpy(small + n, name.p, name.n);
    }
    return id128_of(small, n + name.n);
}

static id128 commit_key(const struct gitfacts *f, uint32_t i, enum kind kind)
{
    return key_of(kind, (str){0}, &f->g->commits.v[i].id);
}

static id128 release_key(const struct gitfacts *f, uint32_t k)
{
    const struct gitrelease *r = &f->releases->v.v[k];
    return key_of(RELEASE_RELEASED, r->tag->name, &r->tag->commit);
}

static void add_number(struct buf *out, uint64_t value)
{
    char digits[24];
    size_t n = sizeof digits;
    do {
        digits[--n] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buf_add_bytes(out, digits + n, sizeof digits - n);
}

static void write_commit(struct gitfacts *f, const struct gitfact *fact, struct buf *out)
{
    size_t first, n = gitchanges_of(f->changes, fact->index, &first);
    buf_add(out, STR("{\"parents\":"));
    add_number(out, f->g->commits.v[fact->index].parent_n);
    for (size_t k = 0; k < n; k++) {
        char text[GITCHANGE_TEXT];
        buf_add(out, k == 0 ? STR(",\"prs\":[\"") : STR(",\""));
        buf_add(out,
                gitchange_key(&f->changes->v.v[f->changes->by_commit.v[first + k].change], text));
        buf_putc(out, '"');
    }
    if (n > 0) {
        buf_putc(out, ']');
    }
    if (f->paths != NULL && fact->kind == COMMIT_AUTHORED) {
        buf_add(out, gitpaths_text(f->paths, f->listed_at++));
    }
    buf_putc(out, '}');
}

static void link_changes(struct gitfacts *f, uint32_t i, struct batch *b)
{
    size_t first, n = gitchanges_of(f->changes, i, &first);
    for (size_t k = 0; k < n; k++) {
        const struct gitchange_use *u = &f->changes->by_commit.v[first + k];
        char text[GITCHANGE_TEXT];
        str key = gitchange_key(&f->changes->v.v[u->change], text);
        batch_link(b, (struct link){
                          .from = commit_item(f, i),
                          .to = names_item(f->names, f->types[TYPE_CHANGE], key),
                          .kind = f->part_of,
                          .rule = f->rules[u->rule],
                          .confidence = u->same ? REF_BY_CONTENT : RULE_CONFIDENCE[u->rule],
                          .evidence = commit_key(f, i, COMMIT_AUTHORED),
                      });
    }
}

/* The work items that the message names, for the engine to look up. */
static void name_keys(struct gitfacts *f, uint32_t i, when time, struct batch *b)
{
    str keys = gitgraph_keys(f->g, i);
    if (keys.n > 0) {
        VEC_ADD(&b->item_attrs, (struct item_attr){.item = commit_item(f, i),
                                                   .name = names_sym(f->names, STR("message_keys")),
                                                   .time = time,
                                                   .value = arena_str(&b->text, keys)});
    }
}

static void give_commit(struct gitfacts *f, const struct gitfact *fact, struct event *e,
                        struct buf *attrs, struct batch *b)
{
    uint32_t i = fact->index;
    const struct gitcommit *c = &f->g->commits.v[i];
    e->item = commit_item(f, i);
    e->type = f->types[c->flags & GITCOMMIT_MERGE ? TYPE_MERGE : TYPE_COMMIT];
    e->key = commit_key(f, i, (enum kind)fact->kind);
    if (fact->kind != COMMIT_RELEASED) {
        bool landed = fact->kind == COMMIT_LANDED;
        bool by_another = landed && c->landed_by != i;
        e->actor = !landed ? c->author
                           : (by_another ? f->g->commits.v[c->landed_by].committer : c->committer);
        e->quality = landed ? c->landed_quality : c->authored_quality;
        write_commit(f, fact, attrs);
        if (!landed) {
            link_changes(f, i, b);
            name_keys(f, i, c->authored, b);
        }
        return;
    }
    uint32_t k = f->releases->first[i];
    const struct gitrelease *r = &f->releases->v.v[k];
    uint8_t rule = f->releases->rule[i];
    e->quality = r->quality != TIME_BAD && fact->time != r->time ? TIME_DERIVED : r->quality;
    buf_add(attrs, STR("{\"release\":"));
    json_quote(attrs, r->tag->name);
    buf_add(attrs, STR(",\"rule\":\""));
    buf_add(attrs, str_of(RELEASE_RULES[rule]));
    buf_add(attrs, STR("\"}"));
    batch_link(b, (struct link){
                      .from = e->item,
                      .to = release_item(f, k),
                      .kind = f->released_in,
                      .rule = f->release_rules[rule],
                      .confidence = RELEASE_CONFIDENCE[rule],
                      .evidence = release_key(f, k),
                  });
}

static void give_release(struct gitfacts *f, const struct gitfact *fact,
                         const struct source_options *options, struct event *e, struct buf *attrs)
{
    const struct gitrelease *r = &f->releases->v.v[fact->index];
    e->item = release_item(f, fact->index);
    e->type = f->types[TYPE_RELEASE];
    e->key = release_key(f, fact->index);
    e->actor = source_actor(options, r->tag->tagger);
    e->quality = r->quality;
    buf_addf(attrs, "{\"commits\":%u,\"prerelease\":%s,\"on_default_branch\":%s}", r->newly,
             r->version.prerelease ? "true" : "false", r->on_branch ? "true" : "false");
}

static void give_change(struct gitfacts *f, const struct gitfact *fact, struct event *e,
                        struct buf *attrs)
{
    const struct gitchange *c = &f->changes->v.v[fact->index];
    char text[GITCHANGE_TEXT];
    str name = gitchange_key(c, text);
    e->item = names_item(f->names, f->types[TYPE_CHANGE], name);
    e->type = f->types[TYPE_CHANGE];
    if (fact->kind == CHANGE_RELEASED) {
        const struct gitrelease *r = &f->releases->v.v[c->released];
        e->quality = r->quality != TIME_BAD && fact->time != r->time ? TIME_DERIVED : r->quality;
        e->key = key_of(CHANGE_RELEASED, name, &r->tag->commit);
    } else {
        bool landed = fact->kind == CHANGE_LANDED;
        const struct gitcommit *commit = &f->g->commits.v[landed ? c->landed : c->begun];
        e->key = key_of((enum kind)fact->kind, name, &commit->id);
        e->actor = landed ? f->g->commits.v[commit->landed_by].committer : commit->author;
        e->quality = landed ? commit->landed_quality : commit->authored_quality;
    }
    buf_addf(attrs, "{\"commits\":%u}", c->use_n);
}

/* The paths of the next commits, many at once: see gitpaths.h. */
static status make_paths(struct gitfacts *f, struct error *why)
{
    enum { AT_ONCE = 16384 };
    f->listed.n = f->listed_at = 0;
    for (size_t k = f->at; k < f->v.n && f->listed.n < AT_ONCE; k++) {
        if (f->v.v[k].kind == COMMIT_AUTHORED) {
            VEC_ADD(&f->listed, f->v.v[k].index);
        }
    }
    return gitpaths_make(f->paths, f->listed.v, f->listed.n, why);
}

status gitfacts_next(struct gitfacts *f, const struct source_options *options, struct batch *b,
                     struct error *why)
{
    struct buf attrs = {0};
    status_code s = OK;
    for (; f->at < f->v.n && batch_has_room(b, 1); f->at++) {
        const struct gitfact *fact = &f->v.v[f->at];
        bool lists = f->paths != NULL && fact->kind == COMMIT_AUTHORED;
        if (lists && f->listed_at == f->listed.n && (s = make_paths(f, why)) != OK) {
            break;
        }
        struct event e = {.activity = f->activities[ACTIVITY[fact->kind]],
                          .time = fact->time,
                          .begin = WHEN_NONE};
        buf_clear(&attrs);
        if (fact->kind <= COMMIT_RELEASED) {
            give_commit(f, fact, &e, &attrs, b);
        } else if (fact->kind == RELEASE_RELEASED) {
            give_release(f, fact, options, &e, &attrs);
        } else {
            give_change(f, fact, &e, &attrs);
        }
        e.attrs = buf_str(&attrs);
        (void)batch_add(b, &e);
    }
    buf_finish(&attrs);
    return s != OK ? s : f->at == f->v.n ? END : OK;
}
