#include "engine/facts.h"

#include "base/mem.h"
#include "engine/linking.h"
#include "wire/json.h"
#include "wire/stamp.h"

#define NO_WORD UINT32_MAX /* the log has no such text: no event can have it */

struct landing { /* a commit of a git history */
    item_id item;
    when landed;
};

struct reader {
    struct facts *f;
    const struct names *names;
    sym deployment, commit, incident, release, source, tells;
    sym created, resolved, committed, authored, landed, pushed, released;
    sym incident_created, incident_resolved;
    struct map landing_at;                       /* commit → place in `landings` + 1 */
    struct map deployment_at, place_of_incident; /* item → place + 1 */
    struct map commit_at;                        /* commit and deployment → place + 1 */
    struct map authored_at;                      /* commit of a git history → author's time */
    struct map has_rows;                         /* commits that rows speak of */
    struct map linked;                           /* commits that a link leads to a deployment */
    VEC(struct landing) landings;
    VEC(struct deployment) releases, prereleases;
    VEC(bool) by_row; /* incidents, in their order: a row tells all of it */
};

/* --- what appears --- */

static void seen(struct facts *f, when t)
{
    if (t != WHEN_NONE) {
        f->first = f->first == WHEN_NONE || t < f->first ? t : f->first;
        f->last = f->last == WHEN_NONE || t > f->last ? t : f->last;
    }
}

static void seen_late(struct facts *f, when t)
{
    f->last = t != WHEN_NONE && (f->last == WHEN_NONE || t > f->last) ? t : f->last;
}

/* Its number in the list, to which it is added; SIZE_MAX for the empty text. */
static size_t remember(struct facts_list *list, str text)
{
    for (size_t i = 0; i < list->n; i++) {
        if (str_eq(list->v[i], text)) {
            return i;
        }
    }
    if (text.n == 0) {
        return SIZE_MAX;
    }
    VEC_ADD(list, text);
    return list->n - 1;
}

static str text_of(struct facts *f, const json_t *attrs, const char *key)
{
    const json_t *value = json_object_get(attrs, key);
    return json_is_string(value) ? arena_str(&f->text, json_text(value)) : (str){0};
}

static when time_of(const json_t *attrs, const char *key)
{
    struct stamp stamp;
    str text = json_text(json_object_get(attrs, key));
    return text.n > 0 && stamp_parse(text, NULL, &stamp, NULL) ? stamp.time : WHEN_NONE;
}

/* --- rows of a delivery log, and events of tools --- */

static void add_deployment(struct reader *r, item_id item, when begin, when time,
                           const json_t *attrs)
{
    struct facts *f = r->f;
    str kind = json_text(json_object_get(attrs, "kind"));
    str planned = json_text(json_object_get(attrs, "planned"));
    str result = json_text(json_object_get(attrs, "result"));
    result = result.n > 0 ? result : json_text(json_object_get(attrs, "outcome")); /* of tools */
    str repository = text_of(f, attrs, "repository");
    struct deployment d = {
        .id = arena_str(&f->text, names_key(r->names, item)),
        .environment = text_of(f, attrs, "environment"),
        .service = text_of(f, attrs, "service"),
        .repository = repository.n > 0 ? repository : text_of(f, attrs, "repo"),
        .team = text_of(f, attrs, "team"),
        .commit = text_of(f, attrs, "commit"),
        .started = begin,
        .finished = time,
        .success = result.n == 0 || str_eq_case(result, STR("success")),
        .kind = str_eq_case(kind, STR("hotfix"))     ? DEPLOYMENT_HOTFIX
                : str_eq_case(kind, STR("rollback")) ? DEPLOYMENT_ROLLBACK
                                                     : DEPLOYMENT_RELEASE,
        .planned = str_eq_case(planned, STR("yes"))  ? PLANNED_YES
                   : str_eq_case(planned, STR("no")) ? PLANNED_NO
                                                     : PLANNED_UNKNOWN,
    };
    f->delivery.told |= TOLD_DEPLOYMENTS | (kind.n + planned.n > 0 ? TOLD_KIND : 0);
    uint64_t *place = map_add(&r->deployment_at, item, NULL);
    if (*place == 0) {
        VEC_ADD(&f->delivery.deployments, d);
        *place = f->delivery.deployments.n;
    } else {
        f->delivery.deployments.v[*place - 1] = d;
    }
}

static void add_commit(struct reader *r, item_id item, when time, const json_t *attrs)
{
    struct facts *f = r->f;
    struct deployed_commit c = {
        .commit = arena_str(&f->text, names_key(r->names, item)),
        .change = text_of(f, attrs, "change"),
        .service = text_of(f, attrs, "service"),
        .committed = time,
        .authored = time_of(attrs, "authored"),
        .opened = time_of(attrs, "pr_opened"),
        .merged = time_of(attrs, "pr_merged"),
        .deployment = text_of(f, attrs, "deployment"),
    };
    f->delivery.told |= TOLD_CHANGES;
    *map_add(&r->has_rows, item, NULL) = 1;
    uint64_t *place = map_add(&r->commit_at, str_hash(c.deployment) * 31 + (uint64_t)item, NULL);
    if (*place == 0) {
        VEC_ADD(&f->delivery.commits, c);
        *place = f->delivery.commits.n;
    } else {
        f->delivery.commits.v[*place - 1] = c;
    }
    seen_late(f, time);
}

static size_t incident_at(struct reader *r, item_id item)
{
    struct facts *f = r->f;
    uint64_t *place = map_add(&r->place_of_incident, item, NULL);
    if (*place == 0) {
        VEC_ADD(&f->delivery.incidents,
                (struct incident){.id = arena_str(&f->text, names_key(r->names, item)),
                                  .created = WHEN_NONE,
                                  .resolved = WHEN_NONE});
        VEC_ADD(&r->by_row, false);
        *place = f->delivery.incidents.n;
    }
    f->delivery.told |= TOLD_INCIDENTS;
    return *place - 1;
}

/* What a tool tells of a deployment step by step: only its end is one, and a withdrawn one is none
 * (docs: src/source/README.md). Rows of a log have no lifecycle. */
static bool is_end(enum life life)
{
    return life == LIFE_NONE || life == LIFE_COMPLETE;
}

/* A row says all there is to know of its incident (attribute `resolved`, empty while it is open);
 * a tool's events say it one by one: first seen, last resolved. */
static void add_incident(struct reader *r, item_id item, sym activity, when time,
                         const json_t *attrs)
{
    size_t at = incident_at(r, item);
    struct incident *incident = &r->f->delivery.incidents.v[at];
    bool row = activity == r->created && json_object_get(attrs, "resolved") != NULL;
    if (r->by_row.v[at] && !row) {
        return;
    }
    r->by_row.v[at] = row;
    if (activity == r->resolved) {
        incident->resolved = incident->resolved == WHEN_NONE || time > incident->resolved
                                 ? time
                                 : incident->resolved;
        return;
    }
    if (row) {
        incident->created = time;
        incident->resolved = time_of(attrs, "resolved");
    } else if (incident->created == WHEN_NONE || time < incident->created) {
        incident->created = time;
    }
    str service = text_of(r->f, attrs, "service");
    str cause = text_of(r->f, attrs, "caused_by_deployment");
    incident->service = service.n > 0 || row ? service : incident->service;
    incident->caused_by = cause.n > 0 || row ? cause : incident->caused_by;
}

/* --- git --- */

/* Of a commit that a forge tells of, too, the history knows better when it came to the branch. */
static void add_landing(struct reader *r, item_id item, when time, bool by_history)
{
    bool fresh = false;
    uint64_t *place = map_add(&r->landing_at, item, &fresh);
    if (fresh) {
        VEC_ADD(&r->landings, (struct landing){item, time});
        *place = r->landings.n;
    } else if (by_history) {
        r->landings.v[*place - 1].landed = time;
    }
}

static void add_release(struct reader *r, item_id item, when time, const json_t *attrs)
{
    struct deployment d = {
        .id = arena_str(&r->f->text, names_key(r->names, item)),
        .environment = STR("production"),
        .started = WHEN_NONE,
        .finished = time,
        .success = true,
    };
    if (json_is_true(json_object_get(attrs, "prerelease"))) {
        VEC_ADD(&r->prereleases, d);
    } else {
        VEC_ADD(&r->releases, d);
    }
}

enum fact { FACT_NONE, FACT_DEPLOYMENT, FACT_COMMIT, FACT_INCIDENT, FACT_RELEASE, FACT_GIT };

static enum fact fact_of(const struct reader *r, sym type, sym activity)
{
    if (type == 0 || activity == 0) {
        return FACT_NONE;
    }
    if (type == r->deployment) {
        return FACT_DEPLOYMENT;
    }
    if (type == r->incident || type == r->incident_created || type == r->incident_resolved) {
        return FACT_INCIDENT;
    }
    if (type == r->release && activity == r->released) {
        return FACT_RELEASE;
    }
    if (type == r->commit && activity == r->committed) {
        return FACT_COMMIT;
    }
    bool git = type == r->commit &&
               (activity == r->landed || activity == r->authored || activity == r->pushed);
    return git ? FACT_GIT : FACT_NONE;
}

static status_code take(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct reader *r = cookie;
    for (size_t i = 0; i < log->n; i++) {
        enum fact fact = fact_of(r, log->type[i], log->activity[i]);
        if (fact == FACT_NONE || (fact == FACT_DEPLOYMENT && !is_end((enum life)log->life[i]))) {
            continue;
        }
        if (log->quality[i] == TIME_BAD) {
            r->f->bad_time++;
            continue;
        }
        if (fact == FACT_GIT && log->activity[i] != r->authored) {
            add_landing(r, log->item[i], log->time[i], log->activity[i] == r->landed);
            continue;
        }
        if (fact == FACT_GIT) {
            *map_add(&r->authored_at, log->item[i], NULL) = (uint64_t)log->time[i];
            continue;
        }
        json_t *attrs = NULL;
        struct error ignored = {0};
        if (log->attrs[i].n > 0 &&
            json_parse(log->attrs[i], 0, "attributes", &attrs, &ignored) != OK) {
            r->f->bad++;
            continue;
        }
        if (fact == FACT_DEPLOYMENT) {
            add_deployment(r, log->item[i], log->begin[i], log->time[i], attrs);
        } else if (fact == FACT_COMMIT) {
            add_commit(r, log->item[i], log->time[i], attrs);
        } else if (fact == FACT_INCIDENT) {
            add_incident(r, log->item[i], log->activity[i], log->time[i], attrs);
        } else {
            add_release(r, log->item[i], log->time[i], attrs);
        }
        json_decref(attrs);
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
}

static status_code take_attr(const struct item_attr *row, void *cookie, struct error *why)
{
    static const struct {
        str word;
        unsigned told;
    } WORDS[] = {
        {STR_INIT("deployments"), TOLD_DEPLOYMENTS},
        {STR_INIT("changes"), TOLD_CHANGES},
        {STR_INIT("incidents"), TOLD_INCIDENTS},
        {STR_INIT("kind"), TOLD_KIND},
    };
    (void)why;
    struct reader *r = cookie;
    if (row->name != r->tells || names_type(r->names, row->item) != r->source) {
        return OK;
    }
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        r->f->delivery.told |= str_eq(row->value, WORDS[i].word) ? WORDS[i].told : 0;
    }
    return OK;
}

struct membership {
    sym kind;
    struct map release_of; /* commit item → release item */
};

static status_code take_link(const struct link *l, void *cookie, struct error *why)
{
    (void)why;
    struct membership *m = cookie;
    if (l->kind == m->kind) {
        uint64_t *release = map_add(&m->release_of, l->from, NULL);
        *release = l->to;
    }
    return OK;
}

/* Commits of a git history, with the releases that hold them when those stand for deployments. */
static status join_git(struct store *store, struct reader *r, bool releases, struct error *why)
{
    struct membership m = {0};
    status_code s = OK;
    if (releases && names_find(r->names, STR("released_in"), &m.kind)) {
        s = store_scan_links(store, take_link, &m, why);
    }
    for (size_t i = 0; i < r->landings.n && s == OK; i++) {
        const struct landing *l = &r->landings.v[i];
        const uint64_t *release = map_find(&m.release_of, l->item);
        const uint64_t *authored = map_find(&r->authored_at, l->item);
        if (map_find(&r->has_rows, l->item) != NULL || map_find(&r->linked, l->item) != NULL) {
            continue;
        }
        VEC_ADD(
            &r->f->delivery.commits,
            (struct deployed_commit){
                .commit = arena_str(&r->f->text, names_key(r->names, l->item)),
                .committed = l->landed,
                .authored = authored != NULL ? (when)*authored : WHEN_NONE,
                .opened = WHEN_NONE,
                .merged = WHEN_NONE,
                .deployment = release != NULL
                                  ? arena_str(&r->f->text, names_key(r->names, (item_id)*release))
                                  : (str){0},
            });
        r->f->delivery.told |= TOLD_CHANGES;
        seen_late(r->f, l->landed);
    }
    map_finish(&m.release_of);
    return s;
}

/* A commit that is in this deployment. */
static void add_deployed(struct reader *r, item_id commit, str deployment)
{
    const uint64_t *landing = map_find(&r->landing_at, commit);
    const uint64_t *authored = map_find(&r->authored_at, commit);
    if (landing == NULL || map_find(&r->has_rows, commit) != NULL) {
        return;
    }
    VEC_ADD(&r->f->delivery.commits,
            (struct deployed_commit){
                .commit = arena_str(&r->f->text, names_key(r->names, commit)),
                .committed = r->landings.v[*landing - 1].landed,
                .authored = authored != NULL ? (when)*authored : WHEN_NONE,
                .opened = WHEN_NONE,
                .merged = WHEN_NONE,
                .deployment = deployment,
            });
    *map_add(&r->linked, commit, NULL) = 1;
    r->f->delivery.told |= TOLD_CHANGES;
}

/* Where a deployment names a change, the commits of that are in it. */
struct part {
    item_id change, commit;
};
struct parts {
    VEC(struct part) v; /* by change */
};

static int by_change(const void *a, const void *b)
{
    const struct part *x = a, *y = b;
    if (x->change != y->change) {
        return x->change < y->change ? -1 : 1;
    }
    return (x->commit > y->commit) - (x->commit < y->commit);
}

static void list_parts(const struct reader *r, const struct linking *l, struct parts *ret)
{
    for (size_t i = 0; i < l->links.n; i++) {
        const struct link *k = &l->links.v[i];
        if (map_find(&r->landing_at, k->from) != NULL) {
            VEC_ADD(&ret->v, (struct part){k->to, k->from});
        }
    }
    if (ret->v.n > 0) {
        qsort(ret->v.v, ret->v.n, sizeof *ret->v.v, by_change);
    }
}

static void add_parts(struct reader *r, const struct parts *parts, item_id change, str deployment)
{
    size_t low = 0, high = parts->v.n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (parts->v.v[middle].change < change) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; low < parts->v.n && parts->v.v[low].change == change; low++) {
        add_deployed(r, parts->v.v[low].commit, deployment);
    }
}

/* What tools tell of the same deployments, commits and incidents is joined by links, whichever way
 * they point. */
static void join_link(struct reader *r, const struct parts *parts, item_id from, item_id to)
{
    const uint64_t *place = map_find(&r->deployment_at, to);
    const uint64_t *incident = map_find(&r->place_of_incident, from);
    if (place == NULL) {
        return;
    }
    str deployment = r->f->delivery.deployments.v[*place - 1].id;
    if (incident == NULL) {
        add_deployed(r, from, deployment);
        add_parts(r, parts, from, deployment);
    } else if (r->f->delivery.incidents.v[*incident - 1].caused_by.n == 0) {
        r->f->delivery.incidents.v[*incident - 1].caused_by = deployment;
    }
}

static status join_links(struct store *store, struct reader *r, struct error *why)
{
    struct linking l;
    struct linking_options options = {.min_confidence = 0.5};
    struct parts parts = {0};
    status_code s = linking_derive(store, &options, &l, why);
    if (s == OK) {
        list_parts(r, &l, &parts);
        for (size_t i = 0; i < l.links.n; i++) {
            join_link(r, &parts, l.links.v[i].from, l.links.v[i].to);
            join_link(r, &parts, l.links.v[i].to, l.links.v[i].from);
        }
    }
    VEC_FINISH(&parts.v);
    linking_finish(&l);
    return s;
}

/* Full releases, and prereleases only where there are no others, as the source of git counts. */
static void releases_as_deployments(struct reader *r)
{
    struct facts *f = r->f;
    bool full = r->releases.n > 0;
    size_t n = full ? r->releases.n : r->prereleases.n;
    for (size_t i = 0; i < n; i++) {
        VEC_ADD(&f->delivery.deployments, full ? r->releases.v[i] : r->prereleases.v[i]);
    }
    f->from_releases = n > 0;
    f->delivery.told |= n > 0 ? TOLD_DEPLOYMENTS : 0;
}

static void sum_up(struct facts *f)
{
    struct delivery *d = &f->delivery;
    size_t kept = 0; /* an incident of which only the end is known has no length */
    for (size_t i = 0; i < d->incidents.n; i++) {
        if (d->incidents.v[i].created != WHEN_NONE) {
            d->incidents.v[kept++] = d->incidents.v[i];
        } else {
            f->bad++;
        }
    }
    d->incidents.n = kept;
    for (size_t i = 0; i < kept; i++) {
        (void)remember(&f->services, d->incidents.v[i].service);
        seen(f, d->incidents.v[i].created);
        seen_late(f, d->incidents.v[i].resolved);
    }
    for (size_t i = 0; i < d->deployments.n; i++) {
        const struct deployment *one = &d->deployments.v[i];
        (void)remember(&f->services, one->service);
        (void)remember(&f->teams, one->team);
        size_t at = remember(&f->environments, one->environment);
        while (f->deployed.n < f->environments.n) {
            VEC_ADD(&f->deployed, 0);
        }
        if (at != SIZE_MAX) {
            f->deployed.v[at] += one->success;
        }
        seen(f, one->finished);
    }
}

static void reader_finish(struct reader *r)
{
    map_finish(&r->landing_at);
    map_finish(&r->deployment_at);
    map_finish(&r->place_of_incident);
    map_finish(&r->commit_at);
    map_finish(&r->authored_at);
    map_finish(&r->has_rows);
    map_finish(&r->linked);
    VEC_FINISH(&r->landings);
    VEC_FINISH(&r->releases);
    VEC_FINISH(&r->prereleases);
    VEC_FINISH(&r->by_row);
}

status facts_load(struct store *store, struct facts *ret, struct error *why)
{
    *ret = (struct facts){.first = WHEN_NONE, .last = WHEN_NONE};
    arena_init(&ret->text, "the facts of delivery", 0);
    const struct names *names = store_names(store);
    struct reader r = {.f = ret, .names = names};
    const struct {
        str text;
        sym *to;
    } WORDS[] = {
        {STR("deployment"), &r.deployment},
        {STR("commit"), &r.commit},
        {STR("incident"), &r.incident},
        {STR("release"), &r.release},
        {STR("created"), &r.created},
        {STR("resolved"), &r.resolved},
        {STR("committed"), &r.committed},
        {STR("landed"), &r.landed},
        {STR("authored"), &r.authored},
        {STR("released"), &r.released},
        {STR("source"), &r.source},
        {STR("tells"), &r.tells},
        {STR("pushed"), &r.pushed},
        {STR("incident.created"), &r.incident_created},
        {STR("incident.resolved"), &r.incident_resolved},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (!names_find(names, WORDS[i].text, WORDS[i].to)) {
            *WORDS[i].to = NO_WORD;
        }
    }
    struct slice slice = SLICE_ALL(COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_TIME | COL_BEGIN |
                                   COL_LIFE | COL_QUALITY | COL_ATTRS);
    status_code s = store_scan(store, &slice, take, &r, why);
    if (s == OK && r.tells != NO_WORD) {
        s = store_scan_attrs(store, take_attr, &r, why);
    }
    if (s == OK) {
        bool releases = (ret->delivery.told & TOLD_DEPLOYMENTS) == 0;
        if (releases) {
            releases_as_deployments(&r);
        }
        bool rows = (ret->delivery.told & TOLD_CHANGES) != 0;
        if (!releases) {
            s = join_links(store, &r, why);
        }
        if (s == OK && (releases || !rows)) {
            s = join_git(store, &r, releases, why);
        }
    }
    if (s == OK) {
        sum_up(ret);
    }
    reader_finish(&r);
    return s;
}

void facts_finish(struct facts *f)
{
    delivery_finish(&f->delivery);
    VEC_FINISH(&f->services);
    VEC_FINISH(&f->environments);
    VEC_FINISH(&f->teams);
    VEC_FINISH(&f->deployed);
    arena_finish(&f->text);
}
