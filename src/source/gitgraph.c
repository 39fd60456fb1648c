/* Objects are read raw: libgit2's own commit objects cost more than the inflating. The list of
 * commits is its own queue: what a commit names as a parent is put at its end unread. */
#include "source/gitgraph.h"

#include "source/gitraw.h"

#include <assert.h>
#include <string.h>

enum { POLL = 512 }; /* commits between two looks at the outside */

void gitgraph_init(struct gitgraph *g)
{
    *g = (struct gitgraph){.head = GITGRAPH_NONE};
    arena_init(&g->text, "git commits", 0);
    intern_init(&g->people, "git people");
}

void gitgraph_finish(struct gitgraph *g)
{
    VEC_FINISH(&g->commits);
    VEC_FINISH(&g->parents);
    VEC_FINISH(&g->trees);
    VEC_FINISH(&g->order);
    VEC_FINISH(&g->uses);
    VEC_FINISH(&g->picks);
    VEC_FINISH(&g->bad);
    VEC_FINISH(&g->keys);
    VEC_FINISH(&g->actors);
    map_finish(&g->ids);
    map_finish(&g->same);
    intern_finish(&g->people);
    arena_finish(&g->text);
}

static uint64_t prefix_of(const git_oid *id)
{
    uint64_t prefix;
    memcpy(&prefix, id->id, sizeof prefix);
    return prefix;
}

static uint32_t find_any(const struct gitgraph *g, const git_oid *id)
{
    const uint64_t *at = map_find(&g->ids, prefix_of(id));
    for (uint32_t i = at != NULL ? (uint32_t)*at : GITGRAPH_NONE; i != GITGRAPH_NONE;
         i = g->commits.v[i].same_prefix) {
        if (git_oid_equal(&g->commits.v[i].id, id)) {
            return i;
        }
    }
    return GITGRAPH_NONE;
}

uint32_t gitgraph_find(const struct gitgraph *g, const git_oid *id)
{
    uint32_t i = find_any(g, id);
    return i != GITGRAPH_NONE && g->commits.v[i].flags & GITCOMMIT_ABSENT ? GITGRAPH_NONE : i;
}

static uint32_t discover(struct gitgraph *g, const git_oid *id)
{
    bool fresh;
    uint64_t *at = map_add(&g->ids, prefix_of(id), &fresh);
    uint32_t first = fresh ? GITGRAPH_NONE : (uint32_t)*at;
    for (uint32_t i = first; i != GITGRAPH_NONE; i = g->commits.v[i].same_prefix) {
        if (git_oid_equal(&g->commits.v[i].id, id)) {
            return i;
        }
    }
    uint32_t number = (uint32_t)g->commits.n;
    assert(number < GITGRAPH_NONE);
    *at = number;
    VEC_ADD(&g->commits, (struct gitcommit){.id = *id,
                                            .same_prefix = first,
                                            .landed_by = GITGRAPH_NONE,
                                            .flags = GITCOMMIT_ABSENT,
                                            .landed = WHEN_NONE});
    return number;
}

when gitgraph_when(int64_t seconds, when now, uint8_t *ret_quality)
{
    static const int64_t YEAR_1990 = 631152000;
    when time = seconds * SECOND;
    *ret_quality = seconds < YEAR_1990 || time > now + DAY ? TIME_BAD : TIME_OWN;
    return time;
}

static sym actor(struct gitgraph *g, const struct source_options *options,
                 const struct gitraw_person *p)
{
    uint32_t number = intern_add(&g->people, p->email.n > 0 ? p->email : p->name);
    for (uint32_t i = (uint32_t)g->actors.n; i <= number; i++) {
        VEC_ADD(&g->actors, source_actor(options, intern_text(&g->people, i)));
    }
    return g->actors.v[number];
}

static id128 same_of(const struct gitraw *raw, str subject)
{
    str person = raw->author.email.n > 0 ? raw->author.email : raw->author.name;
    uint64_t parts[3] = {str_hash(person), (uint64_t)raw->author.time_s, 0};
    id128 text = id128_of(subject.n > 0 ? subject.p : "", subject.n);
    id128 start = id128_of(parts, sizeof parts);
    uint64_t whole[4] = {start.hi, start.lo, text.hi, text.lo};
    return id128_of(whole, sizeof whole);
}

id128 gitgraph_same_of(str object)
{
    struct gitraw raw;
    struct gitwords words;
    if (!gitraw_parse(object, &raw, NULL)) {
        return (id128){0};
    }
    gitwords_read(raw.message, false, &words);
    return same_of(&raw, words.subject);
}

static void set_bad(struct gitgraph *g, uint32_t i, const char *reason, str raw)
{
    enum { RAW = 1000 };
    VEC_ADD(&g->bad, (struct gitgraph_bad){i, arena_str(&g->text, str_of(reason)),
                                           arena_str(&g->text, str_first(raw, RAW))});
}

static void take_times(struct gitcommit *c, const struct gitraw *raw, when now)
{
    const struct gitraw_person *a = &raw->author, *b = &raw->committer;
    c->committed = gitgraph_when(b->has_time ? b->time_s : a->time_s, now, &c->landed_quality);
    c->authored = gitgraph_when(a->has_time ? a->time_s : b->time_s, now, &c->authored_quality);
    if (c->authored_quality == TIME_OWN && !a->has_time) {
        c->authored_quality = TIME_DERIVED;
    }
    if (c->landed_quality == TIME_OWN && !b->has_time) {
        c->landed_quality = TIME_DERIVED;
    }
}

/* Keys of work items, without the numbers that were understood as changes already. */
static void take_keys(struct gitgraph *g, const struct gitgraph_wish *wish, uint32_t i, str message,
                      const struct gitwords *words)
{
    struct buf keys = {0};
    size_t at = 0;
    str key;
    while (linkkey_next(wish->linkkey, message, &at, &key)) {
        int64_t number = 0;
        bool known = key.n > 1 && key.p[0] == '#' && str_to_i64(str_from(key, 1), &number);
        for (size_t k = 0; known && k <= words->change_n; k++) {
            if (k == words->change_n) {
                known = false;
            } else if (words->changes[k].number == number) {
                break;
            }
        }
        if (!known && str_find_char(key, ' ') == key.n) {
            if (keys.n > 0) {
                buf_putc(&keys, ' ');
            }
            buf_add(&keys, key);
        }
    }
    if (keys.n > 0) {
        VEC_ADD(&g->keys, (struct gitgraph_keys){i, arena_str(&g->text, buf_str(&keys))});
    }
    buf_finish(&keys);
}

str gitgraph_keys(const struct gitgraph *g, uint32_t commit)
{
    size_t low = 0, high = g->keys.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (g->keys.v[middle].commit < commit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < g->keys.n && g->keys.v[low].commit == commit ? g->keys.v[low].keys : (str){0};
}

static void take_commit(struct gitgraph *g, const struct gitgraph_wish *wish, uint32_t i,
                        str object)
{
    struct gitraw raw;
    struct gitwords words;
    const char *reason;
    if (!gitraw_parse(object, &raw, &reason)) {
        set_bad(g, i, reason, object);
        return;
    }
    bool merge = raw.parent_n > 1;
    gitwords_read(raw.message, merge, &words);
    struct gitcommit *c = &g->commits.v[i];
    c->flags = merge ? GITCOMMIT_MERGE : 0;
    g->merges += merge;
    take_times(c, &raw, wish->now);
    c->author = actor(g, wish->options, &raw.author);
    c->committer = actor(g, wish->options, &raw.committer);
    c->subject = words.subject.n > 0 ? str_hash(words.subject) : 0;
    c->same = same_of(&raw, words.subject);
    c->parent_first = (uint32_t)g->parents.n;
    c->parent_n = (uint32_t)raw.parent_n;
    if (wish->trees) {
        g->trees.v[i] = raw.tree;
    }
    for (size_t k = 0; k < raw.parent_n; k++) {
        git_oid id = gitraw_parent(&raw, k);
        VEC_ADD(&g->parents, discover(g, &id));
    }
    for (size_t k = 0; k < words.change_n; k++) {
        struct gitwords_change w = words.changes[k];
        VEC_ADD(&g->uses, (struct gitgraph_use){i, w.number, w.sign, w.rule});
    }
    if (wish->linkkey != NULL) {
        take_keys(g, wish, i, raw.message, &words);
    }
    for (size_t k = 0; k < words.pick_n; k++) {
        VEC_ADD(&g->picks, (struct gitgraph_pick){i, words.picks[k]});
    }
}

static void read_one(struct gitgraph *g, const struct gitrepo *r, const struct gitgraph_wish *wish,
                     uint32_t i)
{
    struct error trouble = {0};
    git_odb_object *object;
    if (wish->trees) {
        VEC_RESERVE(&g->trees, g->commits.n);
        g->trees.n = g->commits.n;
    }
    status_code s = gitrepo_read(r->odb, &g->commits.v[i].id, GIT_OBJECT_COMMIT, &object, &trouble);
    if (s == OK) {
        take_commit(g, wish, i, (str){git_odb_object_data(object), git_odb_object_size(object)});
        git_odb_object_free(object);
    } else if (s == FAIL) {
        set_bad(g, i, trouble.text, (str){0});
    }
}

/* Depth first from the heads, first parents first, so that the numbers do not depend on how the
 * commits were read. */
static void make_order(struct gitgraph *g, const struct gitgraph_wish *wish)
{
    struct step {
        uint32_t commit, next;
    };
    VEC(struct step) stack = {0};
    uint8_t *seen = mem_get(g->commits.n + 1);
    for (size_t h = 0; h < wish->head_n; h++) {
        uint32_t start = gitgraph_find(g, &wish->heads[h]);
        if (start == GITGRAPH_NONE || seen[start]) {
            continue;
        }
        seen[start] = 1;
        VEC_ADD(&stack, (struct step){start, 0});
        while (stack.n > 0) {
            struct step *top = &stack.v[stack.n - 1];
            struct gitcommit *c = &g->commits.v[top->commit];
            if (top->next == c->parent_n) {
                VEC_ADD(&g->order, top->commit);
                stack.n--;
                continue;
            }
            uint32_t parent = g->parents.v[c->parent_first + top->next++];
            if (g->commits.v[parent].flags & GITCOMMIT_ABSENT) {
                if (wish->only == NULL && !(c->flags & GITCOMMIT_CUT)) {
                    c->flags |= GITCOMMIT_CUT;
                    g->cut++;
                }
            } else if (!seen[parent]) {
                seen[parent] = 1;
                VEC_ADD(&stack, (struct step){parent, 0});
            }
        }
    }
    VEC_FINISH(&stack);
    mem_put(seen);
}

/* Everything that `from` reaches and nobody has brought in yet came with `by`. */
static void bring_in(struct gitgraph *g, uint32_t from, uint32_t by)
{
    VEC(uint32_t) stack = {0};
    VEC_ADD(&stack, from);
    while (stack.n > 0) {
        struct gitcommit *c = &g->commits.v[stack.v[--stack.n]];
        if (c->landed_by != GITGRAPH_NONE || c->flags & GITCOMMIT_ABSENT) {
            continue;
        }
        c->landed_by = by;
        for (uint32_t k = 0; k < c->parent_n; k++) {
            VEC_ADD(&stack, g->parents.v[c->parent_first + k]);
        }
    }
    VEC_FINISH(&stack);
}

static void find_landings(struct gitgraph *g)
{
    VEC(uint32_t) line = {0};
    for (uint32_t i = g->head; i != GITGRAPH_NONE && !(g->commits.v[i].flags & GITCOMMIT_ABSENT);) {
        const struct gitcommit *c = &g->commits.v[i];
        VEC_ADD(&line, i);
        i = c->parent_n > 0 ? g->parents.v[c->parent_first] : GITGRAPH_NONE;
    }
    g->first_parent = line.n;
    for (size_t at = line.n; at-- > 0;) {
        bring_in(g, line.v[at], line.v[at]);
    }
    VEC_FINISH(&line);
}

/* A commit cannot land before it was written. Where an author's clock says so nobody knows which of
 * the two is wrong; the time between is zero. A clock that is absurd moves nothing. */
static void find_times(struct gitgraph *g, when now)
{
    for (size_t at = 0; at < g->order.n; at++) {
        struct gitcommit *c = &g->commits.v[g->order.v[at]];
        bool authored = c->authored_quality != TIME_BAD;
        g->absurd += !authored || c->landed_quality == TIME_BAD;
        if (authored && c->landed_quality != TIME_BAD && c->authored > c->committed) {
            c->flags |= GITCOMMIT_AHEAD;
            g->ahead++;
        }
        if (c->landed_by == GITGRAPH_NONE) {
            continue;
        }
        const struct gitcommit *by = &g->commits.v[c->landed_by];
        c->landed = by->committed;
        if (by != c) {
            (void)gitgraph_when(c->landed / SECOND, now, &c->landed_quality);
            c->landed_quality = c->landed_quality == TIME_BAD ? TIME_BAD : TIME_DERIVED;
        }
        if (authored && c->landed < c->authored) {
            c->landed = c->authored;
            c->landed_quality = TIME_DERIVED;
        }
    }
}

status gitgraph_read(struct gitgraph *g, const struct gitrepo *r, const struct gitgraph_wish *wish,
                     struct error *why)
{
    assert(wish->head_n > 0);
    for (size_t i = 0; i < wish->only_n; i++) {
        (void)discover(g, &wish->only[i]);
    }
    for (size_t i = 0; wish->only == NULL && i < wish->head_n; i++) {
        (void)discover(g, &wish->heads[i]);
    }
    for (size_t i = 0; i < (wish->only != NULL ? wish->only_n : g->commits.n); i++) {
        if (i % POLL == 0) {
            progress_step(wish->options->progress, i);
            if (interrupt_signal() != 0) {
                return INTERRUPTED;
            }
        }
        read_one(g, r, wish, (uint32_t)i);
    }
    progress_step(wish->options->progress, g->commits.n);
    g->head = find_any(g, &wish->heads[0]);
    if (g->head != GITGRAPH_NONE && g->commits.v[g->head].flags & GITCOMMIT_ABSENT) {
        const char *reason = "it is not in the repository";
        for (size_t i = 0; i < g->bad.n; i++) {
            reason = g->bad.v[i].commit == g->head ? g->bad.v[i].reason.p : reason;
        }
        error_set(why, STR_FMT ": the commit of HEAD cannot be read: %s", STR_ARG(r->path), reason);
        error_hint(why, "check the repository with git fsck");
        return FAIL;
    }
    make_order(g, wish);
    find_landings(g);
    find_times(g, wish->now);
    return OK;
}

uint32_t gitgraph_find_same(struct gitgraph *g, id128 same)
{
    if (g->same.n == 0) {
        for (size_t at = 0; at < g->order.n; at++) {
            uint32_t i = g->order.v[at];
            const struct gitcommit *c = &g->commits.v[i];
            if (c->landed_by != GITGRAPH_NONE && !(c->flags & GITCOMMIT_MERGE)) {
                bool fresh;
                uint64_t *slot = map_add(&g->same, c->same.hi, &fresh);
                *slot = fresh ? i : *slot;
            }
        }
    }
    const uint64_t *at = map_find(&g->same, same.hi);
    bool found = at != NULL && g->commits.v[*at].same.lo == same.lo;
    return found ? (uint32_t)*at : GITGRAPH_NONE;
}

void gitgraph_mark(struct gitgraph *g, uint32_t from, uint8_t flag)
{
    VEC(uint32_t) stack = {0};
    VEC_ADD(&stack, from);
    while (stack.n > 0) {
        struct gitcommit *c = &g->commits.v[stack.v[--stack.n]];
        if (c->flags & (flag | GITCOMMIT_ABSENT)) {
            continue;
        }
        c->flags |= flag;
        for (uint32_t k = 0; k < c->parent_n; k++) {
            VEC_ADD(&stack, g->parents.v[c->parent_first + k]);
        }
    }
    VEC_FINISH(&stack);
}
