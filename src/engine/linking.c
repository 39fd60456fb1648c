#include "engine/linking.h"

#include "base/intern.h"
#include "engine/linking_rank.h"
#include "model/linkkey.h"
#include "source/identity.h"
#include "wire/json.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct kind_rank {
    str type;
    enum link_rank rank;
} RANKS[] = {
    {STR_INIT("issue"), RANK_ISSUE},
    {STR_INIT("change"), RANK_CHANGE},
    {STR_INIT("commit"), RANK_COMMIT},
    {STR_INIT("artifact"), RANK_ARTIFACT},
    {STR_INIT("run"), RANK_RUN},
    {STR_INIT("approval"), RANK_JOB},
    {STR_INIT("job"), RANK_JOB},
    {STR_INIT("release"), RANK_RELEASE},
    {STR_INIT("deployment"), RANK_DEPLOYMENT},
    {STR_INIT("incident"), RANK_AFTERWARDS},
    {STR_INIT("flag"), RANK_AFTERWARDS},
};

/* Confidence of what is found, not stated. */
static const double IN_BRANCH = 0.95, IN_TITLE = 0.90, IN_MESSAGE = 0.85, IN_BODY = 0.70,
                    BY_RANGE = 0.95;

unsigned char *linking_ranks(const struct names *names)
{
    unsigned char *ranks = mem_get((size_t)names->text.n + 1);
    for (size_t i = 0; i < sizeof RANKS / sizeof *RANKS; i++) {
        sym type = 0;
        if (names_find(names, RANKS[i].type, &type)) {
            ranks[type] = (unsigned char)RANKS[i].rank;
        }
    }
    return ranks;
}

/* --- what a text can name --- */

/* Issues and changes by their own spelling: "DRV-17", "12". Where several have it, they form a
 * chain. */
struct spelled {
    struct intern texts;
    VEC(uint32_t) head; /* by text: place in `entries` + 1 */
    VEC(struct spelled_entry) entries;
};
struct spelled_entry {
    item_id item;
    uint32_t next;
    str scope; /* what stands before the type in its identity: two trackers both have a 12 */
};

static str scope_of(str key)
{
    struct identity id;
    if (!identity_parse(key, &id, NULL)) {
        return (str){0};
    }
    return str_first(key, (size_t)(id.type.p - key.p));
}

static void spell(struct spelled *s, item_id item, str key)
{
    struct identity id;
    struct buf text = {0};
    if (identity_parse(key, &id, NULL)) {
        identity_decode(id.resource, &text);
    } else {
        buf_add(&text, key);
    }
    str spelling = buf_str(&text);
    if (spelling.n > 1 && (spelling.p[0] == '#' || spelling.p[0] == '!')) {
        spelling = str_from(spelling, 1);
    }
    uint32_t number = intern_add(&s->texts, spelling);
    while (s->head.n <= number) {
        VEC_ADD(&s->head, 0);
    }
    VEC_ADD(&s->entries, (struct spelled_entry){item, s->head.v[number], scope_of(key)});
    s->head.v[number] = (uint32_t)s->entries.n;
    buf_finish(&text);
}

enum meant { MEANT_NOTHING, MEANT_ONE, MEANT_SEVERAL };

/* What `key` means when it stands in something of `scope`: the one there, else the only one. */
static enum meant meant_by(const struct spelled *s, str key, str scope, item_id *ret)
{
    uint32_t number = 0;
    if (key.n > 1 && (key.p[0] == '#' || key.p[0] == '!')) {
        key = str_from(key, 1);
    }
    if (!intern_find(&s->texts, key, &number) || number >= s->head.n) {
        return MEANT_NOTHING;
    }
    size_t n = 0;
    for (uint32_t at = s->head.v[number]; at != 0; at = s->entries.v[at - 1].next) {
        const struct spelled_entry *e = &s->entries.v[at - 1];
        if (scope.n > 0 && str_eq(e->scope, scope)) {
            *ret = e->item;
            return MEANT_ONE;
        }
        *ret = e->item;
        n++;
    }
    return n == 0 ? MEANT_NOTHING : n == 1 ? MEANT_ONE : MEANT_SEVERAL;
}

static void spelled_finish(struct spelled *s)
{
    intern_finish(&s->texts);
    VEC_FINISH(&s->head);
    VEC_FINISH(&s->entries);
}

/* --- deriving --- */

struct landed { /* a commit on the default branch, and when it came there */
    when at;
    item_id commit;
};

struct rollout { /* a finished deployment */
    item_id deployment;
    sym where; /* service, repository, environment together */
    when finished;
    when at; /* when its commit had landed; WHEN_NONE: not known */
};

struct deriver {
    struct linking *l;
    struct names *names;
    unsigned char *ranks; /* by sym of type */
    struct linkkey *keys;
    struct spelled issues, changes;
    struct map landing; /* commit → place in `landed` + 1 */
    VEC(struct landed) landed;
    VEC(struct rollout) rollouts;
    sym branch, title_keys, message_keys, body_keys; /* attributes */
    sym implements, part_of, deploys;                /* kinds of links */
};

static int rank_of(const struct deriver *d, item_id item)
{
    return d->ranks[names_type(d->names, item)];
}

static void find_link(struct deriver *d, item_id from, item_id to, sym kind, const char *rule,
                      double confidence)
{
    VEC_ADD(&d->l->links, (struct link){.from = from,
                                        .to = to,
                                        .kind = kind,
                                        .rule = names_sym(d->names, str_of(rule)),
                                        .confidence = confidence});
    d->l->found++;
}

/* A key in what is said of a change or a commit. */
static void follow_key(struct deriver *d, item_id item, str key, const char *rule,
                       double confidence)
{
    item_id target = 0;
    str scope = scope_of(names_key(d->names, item));
    enum meant meant = meant_by(&d->issues, key, scope, &target);
    sym kind = d->implements;
    if (meant == MEANT_NOTHING &&
        rank_of(d, item) >= RANK_COMMIT) { /* "(#42)" may be the pull request */
        meant = meant_by(&d->changes, key, scope, &target);
        kind = d->part_of;
    }
    if (meant == MEANT_ONE && target != item) {
        find_link(d, item, target, kind, rule, confidence);
    }
    d->l->dangling += meant == MEANT_NOTHING;
    d->l->ambiguous += meant == MEANT_SEVERAL;
}

static void follow_keys(struct deriver *d, const struct item_attr *a, const char *rule,
                        double confidence)
{
    str rest = a->value, key;
    while (str_cut(&rest, ' ', &key)) {
        if (key.n > 0) {
            follow_key(d, a->item, key, rule, confidence);
        }
    }
}

static status_code take_attr(const struct item_attr *a, void *cookie, struct error *why)
{
    (void)why;
    struct deriver *d = cookie;
    if (a->name == d->branch) {
        size_t at = 0;
        str key;
        while (linkkey_next(d->keys, a->value, &at, &key)) {
            follow_key(d, a->item, key, "branch", IN_BRANCH);
        }
    } else if (a->name == d->title_keys) {
        follow_keys(d, a, "title", IN_TITLE);
    } else if (a->name == d->message_keys) {
        follow_keys(d, a, "message", IN_MESSAGE);
    } else if (a->name == d->body_keys) {
        follow_keys(d, a, "body", IN_BODY);
    }
    return OK;
}

static status_code take_link(const struct link *link, void *cookie, struct error *why)
{
    (void)why;
    struct deriver *d = cookie;
    VEC_ADD(&d->l->links, *link);
    d->l->stated++;
    return OK;
}

/* An event about several items of different rank says that they belong together. Both scans come
 * in ascending order of seq. */
struct together {
    struct deriver *d;
    VEC(struct stored_item) named;
    size_t at;
};

static status_code take_named(const struct stored_item *f, void *cookie, struct error *why)
{
    (void)why;
    struct together *t = cookie;
    if (rank_of(t->d, f->item) != RANK_NONE) {
        VEC_ADD(&t->named, *f);
    }
    return OK;
}

static status_code take_subjects(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct together *t = cookie;
    struct deriver *d = t->d;
    for (size_t i = 0; i < log->n && t->at < t->named.n; i++) {
        while (t->at < t->named.n && t->named.v[t->at].seq < log->seq[i]) {
            t->at++;
        }
        int rank = rank_of(d, log->item[i]);
        for (; t->at < t->named.n && t->named.v[t->at].seq == log->seq[i]; t->at++) {
            item_id other = t->named.v[t->at].item;
            if (rank != RANK_NONE && rank != rank_of(d, other)) {
                bool narrow = rank > rank_of(d, other);
                find_link(d, narrow ? log->item[i] : other, narrow ? other : log->item[i],
                          d->part_of, "stated", 1);
            }
        }
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

static status find_named_together(struct deriver *d, struct store *store, struct error *why)
{
    struct together t = {.d = d};
    status_code s = store_scan_items(store, take_named, &t, why);
    if (s == OK && t.named.n > 0) {
        struct slice slice = SLICE_ALL(COL_SEQ | COL_ITEM);
        s = store_scan(store, &slice, take_subjects, &t, why);
    }
    VEC_FINISH(&t.named);
    return s;
}

static str text_in(const json_t *attrs, const char *key)
{
    return json_text(json_object_get(attrs, key));
}

/* The tier that the source states, else the names that are read as production (docs/decisions/021).
 * Where no environment is told of there is but one. */
static bool is_production(const json_t *attrs)
{
    str tier = text_in(attrs, "tier"), environment = text_in(attrs, "environment");
    str name = tier.n > 0 ? tier : environment;
    return name.n == 0 || str_eq_case(name, STR("production")) || str_eq_case(name, STR("prod"));
}

static bool is_success(const json_t *attrs)
{
    const json_t *outcome = json_object_get(attrs, "outcome");
    str word = json_text(outcome != NULL ? outcome : json_object_get(attrs, "result"));
    return word.n == 0 || str_eq_case(word, STR("success"));
}

static status_code take_deployments(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct deriver *d = cookie;
    for (size_t i = 0; i < log->n; i++) {
        json_t *attrs = NULL;
        struct error damaged = {0};
        if (!life_ends_visit((enum life)log->life[i]) || log->life[i] == LIFE_CANCEL ||
            json_parse(log->attrs[i].n > 0 ? log->attrs[i] : STR("{}"), 0, "attributes", &attrs,
                       &damaged) != OK) {
            continue;
        }
        if (is_success(attrs)) {
            if (is_production(attrs)) {
                VEC_ADD(&d->l->rollouts, (struct linking_rollout){log->item[i], log->time[i]});
            }
            struct buf where = {0};
            buf_add(&where, text_in(attrs, "service"));
            buf_putc(&where, '\n');
            buf_add(&where, text_in(attrs, "repository"));
            buf_putc(&where, '\n');
            buf_add(&where, text_in(attrs, "environment"));
            VEC_ADD(&d->rollouts, (struct rollout){.deployment = log->item[i],
                                                   .where = names_sym(d->names, buf_str(&where)),
                                                   .finished = log->time[i],
                                                   .at = WHEN_NONE});
            buf_finish(&where);
        }
        json_decref(attrs);
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

/* --- ranges of deployments --- */

static status_code take_landings(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct deriver *d = cookie;
    sym landed = 0;
    if (!names_find(d->names, STR("landed"), &landed)) {
        return END;
    }
    for (size_t i = 0; i < log->n; i++) {
        if (log->activity[i] == landed) {
            VEC_ADD(&d->landed, (struct landed){log->time[i], log->item[i]});
            *map_add(&d->landing, log->item[i], NULL) = d->landed.n;
        }
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

static int by_landing(const void *a, const void *b)
{
    const struct landed *x = a, *y = b;
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    return (x->commit > y->commit) - (x->commit < y->commit);
}

static int by_place_and_finish(const void *a, const void *b)
{
    const struct rollout *x = a, *y = b;
    if (x->where != y->where) {
        return x->where < y->where ? -1 : 1;
    }
    if (x->finished != y->finished) {
        return x->finished < y->finished ? -1 : 1;
    }
    return (x->deployment > y->deployment) - (x->deployment < y->deployment);
}

/* The commit of each deployment, by the links that say so; of several the one that landed last. */
static void place_rollouts(struct deriver *d)
{
    struct map last = {0}; /* deployment → place in `landed` + 1 */
    for (size_t i = 0; i < d->l->links.n; i++) {
        const struct link *l = &d->l->links.v[i];
        item_id deployment = rank_of(d, l->from) == RANK_DEPLOYMENT ? l->from : l->to;
        item_id other = deployment == l->from ? l->to : l->from;
        const uint64_t *place = map_find(&d->landing, other);
        if (rank_of(d, deployment) == RANK_DEPLOYMENT && place != NULL) {
            uint64_t *known = map_add(&last, deployment, NULL);
            if (*known == 0 || d->landed.v[*place - 1].at > d->landed.v[*known - 1].at) {
                *known = *place;
            }
        }
    }
    for (size_t i = 0; i < d->rollouts.n; i++) {
        const uint64_t *place = map_find(&last, d->rollouts.v[i].deployment);
        d->rollouts.v[i].at = place != NULL ? d->landed.v[*place - 1].at : WHEN_NONE;
    }
    map_finish(&last);
}

static int by_finish(const void *a, const void *b)
{
    const struct linking_rollout *x = a, *y = b;
    if (x->finished != y->finished) {
        return x->finished < y->finished ? -1 : 1;
    }
    return (x->deployment > y->deployment) - (x->deployment < y->deployment);
}

/* A commit belongs to the first deployment of a place whose commit is at or behind it on the
 * default branch. The first deployment of a place opens the range and owns nothing but its own
 * commit; one to an older commit (a rollback) has an empty range. */
static void find_ranges(struct deriver *d)
{
    if (d->l->rollouts.n > 0) {
        qsort(d->l->rollouts.v, d->l->rollouts.n, sizeof *d->l->rollouts.v, by_finish);
    }
    if (d->landed.n == 0 || d->rollouts.n == 0) {
        return;
    }
    place_rollouts(d);
    qsort(d->landed.v, d->landed.n, sizeof *d->landed.v, by_landing);
    qsort(d->rollouts.v, d->rollouts.n, sizeof *d->rollouts.v, by_place_and_finish);
    when reached = WHEN_NONE;
    sym where = 0;
    bool seeded = false;
    for (size_t i = 0; i < d->rollouts.n; i++) {
        const struct rollout *r = &d->rollouts.v[i];
        if (i == 0 || r->where != where) {
            where = r->where;
            seeded = false;
        }
        if (r->at == WHEN_NONE) {
            continue;
        }
        if (seeded && r->at > reached) {
            struct landed first = {reached + 1, 0}; /* all that landed later */
            size_t low = 0, high = d->landed.n;
            while (low < high) {
                size_t middle = low + (high - low) / 2;
                if (by_landing(&d->landed.v[middle], &first) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            for (; low < d->landed.n && d->landed.v[low].at <= r->at; low++) {
                find_link(d, d->landed.v[low].commit, r->deployment, d->deploys, "range", BY_RANGE);
            }
        }
        reached = !seeded || r->at > reached ? r->at : reached;
        seeded = true;
    }
}

/* --- one link between two items --- */

static int by_items_and_surety(const void *a, const void *b)
{
    const struct link *x = a, *y = b;
    if (x->from != y->from) {
        return x->from < y->from ? -1 : 1;
    }
    if (x->to != y->to) {
        return x->to < y->to ? -1 : 1;
    }
    if (x->confidence != y->confidence) {
        return x->confidence > y->confidence ? -1 : 1;
    }
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static void keep_surest(struct deriver *d, double least)
{
    struct linking *l = d->l;
    size_t kept = 0;
    if (l->links.n > 0) {
        qsort(l->links.v, l->links.n, sizeof *l->links.v, by_items_and_surety);
    }
    for (size_t i = 0; i < l->links.n; i++) {
        const struct link *one = &l->links.v[i];
        if (kept > 0 && l->links.v[kept - 1].from == one->from &&
            l->links.v[kept - 1].to == one->to) {
            continue;
        }
        if (one->confidence < least) {
            l->low_confidence++;
            continue;
        }
        l->links.v[kept++] = *one;
    }
    l->links.n = kept;
}

static void coverage_of(struct deriver *d, const char *from, const char *to)
{
    struct linking *l = d->l;
    sym to_type = 0, from_type = 0;
    struct projection p;
    struct linking_coverage c = {.from = from, .to = to};
    if (!names_find(d->names, str_of(from), &from_type) ||
        !names_find(d->names, str_of(to), &to_type)) {
        return;
    }
    bool any = linking_project(l, d->names, to_type, &p);
    for (item_id item = 1; item < d->names->item_n; item++) {
        if (names_type(d->names, item) == from_type) {
            c.linkable++;
            c.linked += any && p.first[item + 1] > p.first[item];
        }
    }
    projection_finish(&p);
    if (c.linkable > 0) {
        l->coverage[l->coverage_count++] = c;
    }
}

static status derive(struct deriver *d, struct store *store, struct error *why)
{
    TRY(store_scan_links(store, take_link, d, why));
    TRY(store_scan_attrs(store, take_attr, d, why));
    TRY(find_named_together(d, store, why));
    sym deployment = 0;
    if (names_find(d->names, STR("deployment"), &deployment)) {
        struct slice slice = SLICE_ALL(COL_ITEM | COL_TIME | COL_LIFE | COL_ATTRS);
        slice.item_type = deployment;
        TRY(store_scan(store, &slice, take_deployments, d, why));
        slice.columns = COL_ITEM | COL_TIME | COL_ACTIVITY;
        if (names_find(d->names, STR("commit"), &slice.item_type)) {
            status_code s = store_scan(store, &slice, take_landings, d, why);
            if (s != OK && s != END) {
                return s;
            }
        }
        find_ranges(d);
    }
    return OK;
}

status linking_derive(struct store *store, const struct linking_options *options,
                      struct linking *ret, struct error *why)
{
    *ret = (struct linking){0};
    struct names *names = store_names(store);
    struct deriver d = {.l = ret, .names = names, .ranks = linking_ranks(names)};
    status_code s = linkkey_open(options->pattern, &d.keys, why);
    if (s == OK) {
        for (item_id item = 1; item < names->item_n; item++) {
            int rank = rank_of(&d, item);
            if (rank == RANK_ISSUE || rank == RANK_CHANGE) {
                spell(rank == RANK_ISSUE ? &d.issues : &d.changes, item, names_key(names, item));
            }
        }
        d.branch = names_sym(names, STR("branch"));
        d.title_keys = names_sym(names, STR("title_keys"));
        d.message_keys = names_sym(names, STR("message_keys"));
        d.body_keys = names_sym(names, STR("body_keys"));
        d.implements = names_sym(names, STR("implements"));
        d.part_of = names_sym(names, STR("part_of"));
        d.deploys = names_sym(names, STR("deploys"));
        s = derive(&d, store, why);
    }
    if (s == OK) {
        keep_surest(&d, options->min_confidence);
        coverage_of(&d, "change", "issue");
        coverage_of(&d, "commit", "issue");
        coverage_of(&d, "deployment", "issue");
        coverage_of(&d, "incident", "deployment");
    }
    linkkey_close(d.keys);
    spelled_finish(&d.issues);
    spelled_finish(&d.changes);
    map_finish(&d.landing);
    VEC_FINISH(&d.landed);
    VEC_FINISH(&d.rollouts);
    mem_put(d.ranks);
    return s;
}

void linking_finish(struct linking *l)
{
    VEC_FINISH(&l->links);
    VEC_FINISH(&l->rollouts);
}
