#include "engine/facts.h"

#include "base/mem.h"
#include "wire/json.h"
#include "wire/stamp.h"

struct waiting {
    item_id item;
    when committed;
};

struct reader {
    struct facts *f;
    const struct names *names;
    sym deployment, commit, incident, release;
    sym created, committed, landed, released;
    struct map incident_at;       /* item → place + 1 */
    VEC(struct waiting) landings; /* commits of a git history, until all releases are known */
};

static void seen(struct facts *f, when t)
{
    if (t != WHEN_NONE) {
        f->first = f->first == WHEN_NONE || t < f->first ? t : f->first;
        f->last = f->last == WHEN_NONE || t > f->last ? t : f->last;
    }
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

static void remember(struct facts *f, str text, bool is_service)
{
    if (text.n == 0) {
        return;
    }
    str *v = is_service ? f->services.v : f->environments.v;
    size_t n = is_service ? f->services.n : f->environments.n;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(v[i], text)) {
            return;
        }
    }
    if (is_service) {
        VEC_ADD(&f->services, text);
    } else {
        VEC_ADD(&f->environments, text);
    }
}

static void add_deployment(struct reader *r, item_id item, when begin, when time,
                           const json_t *attrs)
{
    struct facts *f = r->f;
    str kind = json_text(json_object_get(attrs, "kind"));
    str planned = json_text(json_object_get(attrs, "planned"));
    str result = json_text(json_object_get(attrs, "result"));
    struct deployment d = {
        .id = arena_str(&f->text, names_key(r->names, item)),
        .environment = text_of(f, attrs, "environment"),
        .service = text_of(f, attrs, "service"),
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
    VEC_ADD(&f->delivery.deployments, d);
    remember(f, d.service, true);
    remember(f, d.environment, false);
    seen(f, begin);
    seen(f, time);
}

static void add_commit(struct reader *r, item_id item, when time, const json_t *attrs)
{
    struct facts *f = r->f;
    VEC_ADD(&f->delivery.commits, (struct deployed_commit){
                                      .commit = arena_str(&f->text, names_key(r->names, item)),
                                      .change = text_of(f, attrs, "change"),
                                      .service = text_of(f, attrs, "service"),
                                      .committed = time,
                                      .opened = time_of(attrs, "pr_opened"),
                                      .merged = time_of(attrs, "pr_merged"),
                                      .deployment = text_of(f, attrs, "deployment"),
                                  });
    seen(f, time);
}

static void add_incident(struct reader *r, item_id item, bool created, when time,
                         const json_t *attrs)
{
    struct facts *f = r->f;
    uint64_t *place = map_add(&r->incident_at, item, NULL);
    if (*place == 0) {
        VEC_ADD(&f->delivery.incidents,
                (struct incident){.id = arena_str(&f->text, names_key(r->names, item)),
                                  .created = WHEN_NONE,
                                  .resolved = WHEN_NONE});
        *place = f->delivery.incidents.n;
    }
    struct incident *incident = &f->delivery.incidents.v[*place - 1];
    if (created) {
        incident->created =
            incident->created == WHEN_NONE || time < incident->created ? time : incident->created;
    } else { /* reopened and resolved again: the last word counts */
        incident->resolved = incident->resolved == WHEN_NONE || time > incident->resolved
                                 ? time
                                 : incident->resolved;
    }
    str service = text_of(f, attrs, "service"), cause = text_of(f, attrs, "caused_by_deployment");
    incident->service = service.n > 0 ? service : incident->service;
    incident->caused_by = cause.n > 0 ? cause : incident->caused_by;
    remember(f, incident->service, true);
    seen(f, time);
}

static status_code take(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct reader *r = cookie;
    for (size_t i = 0; i < log->n; i++) {
        sym type = log->type[i], activity = log->activity[i];
        bool wanted = type != 0 && (type == r->deployment || type == r->incident ||
                                    (type == r->commit && activity == r->committed));
        if (wanted && log->quality[i] != TIME_BAD) {
            json_t *attrs = NULL;
            struct error ignored = {0};
            if (log->attrs[i].n > 0 &&
                json_parse(log->attrs[i], 0, "attributes", &attrs, &ignored) != OK) {
                r->f->bad++;
                continue;
            }
            if (type == r->deployment) {
                add_deployment(r, log->item[i], log->begin[i], log->time[i], attrs);
            } else if (type == r->commit) {
                add_commit(r, log->item[i], log->time[i], attrs);
            } else {
                add_incident(r, log->item[i], activity == r->created, log->time[i], attrs);
            }
            json_decref(attrs);
        } else if (type != 0 && type == r->release && activity == r->released) {
            VEC_ADD(&r->f->delivery.deployments,
                    (struct deployment){
                        .id = arena_str(&r->f->text, names_key(r->names, log->item[i])),
                        .started = WHEN_NONE,
                        .finished = log->time[i],
                        .success = true,
                    });
            seen(r->f, log->time[i]);
        } else if (type != 0 && type == r->commit && activity == r->landed) {
            VEC_ADD(&r->landings, (struct waiting){log->item[i], log->time[i]});
        }
    }
    return interrupt_signal() != 0 ? INTERRUPTED : OK;
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

/* Commits of a git history and the releases that hold them. */
static status join_releases(struct store *store, struct reader *r, struct error *why)
{
    struct membership m = {0};
    if (!names_find(r->names, STR("released_in"), &m.kind)) {
        return OK;
    }
    status_code s = store_scan_links(store, take_link, &m, why);
    for (size_t i = 0; i < r->landings.n && s == OK; i++) {
        const struct waiting *w = &r->landings.v[i];
        const uint64_t *release = map_find(&m.release_of, w->item);
        VEC_ADD(
            &r->f->delivery.commits,
            (struct deployed_commit){
                .commit = arena_str(&r->f->text, names_key(r->names, w->item)),
                .committed = w->committed,
                .opened = WHEN_NONE,
                .merged = WHEN_NONE,
                .deployment = release != NULL
                                  ? arena_str(&r->f->text, names_key(r->names, (item_id)*release))
                                  : (str){0},
            });
        seen(r->f, w->committed);
    }
    map_finish(&m.release_of);
    return s;
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
        {STR("deployment"), &r.deployment}, {STR("commit"), &r.commit},
        {STR("incident"), &r.incident},     {STR("release"), &r.release},
        {STR("created"), &r.created},       {STR("committed"), &r.committed},
        {STR("landed"), &r.landed},         {STR("released"), &r.released},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (!names_find(names, WORDS[i].text, WORDS[i].to)) {
            *WORDS[i].to = 0;
        }
    }
    /* deployments first: with them, releases are not looked at */
    sym release = r.release;
    r.release = 0;
    struct slice slice = {
        .columns =
            COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_TIME | COL_BEGIN | COL_QUALITY | COL_ATTRS,
        .from = WHEN_NONE,
        .to = WHEN_NONE,
    };
    status_code s = store_scan(store, &slice, take, &r, why);
    if (s == OK && ret->delivery.deployments.n == 0 && release != 0) {
        ret->from_releases = true;
        r.release = release;
        r.deployment = r.incident = r.commit = 0;
        s = store_scan(store, &slice, take, &r, why);
        if (s == OK) {
            s = join_releases(store, &r, why);
        }
    }
    size_t kept = 0; /* an incident of which only the end is known has no length */
    for (size_t i = 0; i < ret->delivery.incidents.n; i++) {
        if (ret->delivery.incidents.v[i].created != WHEN_NONE) {
            ret->delivery.incidents.v[kept++] = ret->delivery.incidents.v[i];
        } else {
            ret->bad++;
        }
    }
    ret->delivery.incidents.n = kept;
    VEC_FINISH(&r.landings);
    map_finish(&r.incident_at);
    return s;
}

void facts_finish(struct facts *f)
{
    delivery_finish(&f->delivery);
    VEC_FINISH(&f->services);
    VEC_FINISH(&f->environments);
    arena_finish(&f->text);
}
