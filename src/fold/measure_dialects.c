/* The rules of other programs, each restated: what a migrating team saw before, beside ours
 * (delivery metrics, section 9). Here those that look at services and incidents alone; those that
 * look at changes and calendars are in measure_changes.c. */
#include "fold/measure.h"

#include "base/map.h"
#include "base/mem.h"

#include <math.h>

/* --- incidents on the latest deployment before them --- */

/* Whatever its service: such programs look at a project as a whole. */
static size_t latest(struct asking *k, const struct incident *incident, bool inclusive)
{
    return delivery_latest(k->d, k->q, incident->created, inclusive, NULL, 0);
}

static bool is_asked_for(const struct asking *k, const struct incident *incident)
{
    return k->q->service.n == 0 || str_eq(incident->service, k->q->service);
}

static void blame_latest(struct asking *k, bool inclusive, double scale)
{
    struct measure_failures f = {.failed = mem_get(k->d->deployments.n + 1)};
    struct measure_links links = {0};
    measure_count(k);
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (is_asked_for(k, incident)) {
            size_t at = latest(k, incident, inclusive);
            measure_link(k, &links, incident, at, LINK_WINDOW);
            measure_blame(k, &f, at);
        }
    }
    measure_links_done(k, &links);
    measure_rate(k, f.distinct);
    k->to->value *= scale;
    k->to->low *= scale;
    k->to->high *= scale;
    measure_list(k, f.failed);
    mem_put(f.failed);
}

void measure_devlake_fail_rate(struct asking *k)
{
    blame_latest(k, false, 1);
}

void measure_devlake_recovery(struct asking *k)
{
    struct measure_links links = {0};
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (!is_asked_for(k, incident)) {
            continue;
        }
        size_t at = latest(k, incident, false);
        when from = incident->created;
        if (!k->q->parameters.devlake_2021) {
            measure_link(k, &links, incident, at, LINK_WINDOW);
            if (at == SIZE_MAX) {
                continue;
            }
            from = k->d->deployments.v[at].finished;
        }
        if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
        } else if (!delivery_in(incident->resolved, k->q) || !delivery_in(from, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            VEC_ADD(&k->samples, measure_cut(incident->resolved - from, MINUTE));
        }
    }
    measure_links_done(k, &links);
    measure_sort(k);
    k->to->value = measure_lower_median(k) / (double)SECOND;
}

/* Middleware's windows are closed: an instant that was named as the end belongs to them. */
static struct delivery_question closed(const struct delivery_question *q)
{
    struct delivery_question c = *q;
    c.to += q->closed;
    return c;
}

void measure_middleware_fail_rate(struct asking *k)
{
    const struct delivery_question *asked = k->q, c = closed(asked);
    k->q = &c;
    blame_latest(k, true, 100);
    k->q = asked;
    k->to->unit = "percent";
    if (k->to->of == 0) {
        k->to->value = 0;
        k->to->note = NULL;
    }
}

/* --- length of incidents --- */

static void lengths(struct asking *k)
{
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (!is_asked_for(k, incident)) {
            continue;
        }
        if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
        } else if (!delivery_in(incident->resolved, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else if (incident->resolved < incident->created) {
            k->to->excluded[REASON_NEGATIVE]++;
        } else {
            VEC_ADD(&k->samples, incident->resolved - incident->created);
        }
    }
    measure_sort(k);
}

void measure_middleware_recovery(struct asking *k)
{
    const struct delivery_question *asked = k->q, c = closed(asked);
    k->q = &c;
    lengths(k);
    k->q = asked;
    k->to->value = measure_mean(k) / (double)SECOND;
}

static void median_length(struct asking *k)
{
    lengths(k);
    k->to->value = measure_median(k) / (double)SECOND;
    measure_median_interval(k);
}

void measure_cdviz_recovery(struct asking *k)
{
    median_length(k);
}

void measure_gitlab_recovery(struct asking *k)
{
    median_length(k);
}

void measure_gitlab_fail_rate(struct asking *k)
{
    uint64_t incidents = 0;
    measure_count(k);
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        incidents += is_asked_for(k, &k->d->incidents.v[i]) &&
                     delivery_in(k->d->incidents.v[i].created, k->q);
    }
    measure_rate(k, incidents);
}

/* --- four keys: the root cause is what is stated: its commit, and the deployment that holds it ---
 */

static size_t root_cause(const struct asking *k, size_t i)
{
    size_t cause = k->d->cause.v[i];
    return cause != SIZE_MAX && delivery_arrived(&k->d->deployments.v[cause], k->q) ? cause
                                                                                    : SIZE_MAX;
}

void measure_fourkeys_recovery(struct asking *k)
{
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        size_t cause = root_cause(k, i);
        if (!measure_concerns(k, incident, cause)) {
            continue;
        }
        when from = incident->created;
        if (cause != SIZE_MAX && k->d->deployments.v[cause].finished < from) {
            from = k->d->deployments.v[cause].finished;
        }
        if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
        } else if (!delivery_in(incident->created, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            VEC_ADD(&k->samples, measure_cut(incident->resolved - from, HOUR));
        }
    }
    measure_sort(k);
    k->to->value = measure_median(k) / (double)SECOND;
    measure_median_interval(k);
}

void measure_fourkeys_fail_rate(struct asking *k)
{
    struct measure_failures f = {.failed = mem_get(k->d->deployments.n + 1)};
    struct measure_links links = {0};
    measure_count(k);
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        size_t cause = root_cause(k, i);
        if (measure_concerns(k, &k->d->incidents.v[i], cause)) {
            measure_link(k, &links, &k->d->incidents.v[i], cause, LINK_STATED);
            measure_blame(k, &f, cause);
        }
    }
    measure_links_done(k, &links);
    measure_rate(k, f.rows);
    measure_list(k, f.failed);
    mem_put(f.failed);
}

/* --- pelorus: means by application (service), and their mean --- */

struct app {
    double sum;     /* of its samples */
    uint64_t n;     /* of them; failures */
    uint64_t pairs; /* deployed (commit, image) */
};

struct apps {
    struct map place; /* hash of the service → place + 1 */
    VEC(struct app) v;
};

static struct app *app_of(struct apps *a, str service)
{
    uint64_t *place = map_add(&a->place, str_hash(service), NULL);
    if (*place == 0) {
        VEC_ADD(&a->v, (struct app){0});
        *place = a->v.n;
    }
    return &a->v.v[*place - 1];
}

static void apps_finish(struct apps *a)
{
    map_finish(&a->place);
    VEC_FINISH(&a->v);
}

static double mean_of_means(const struct apps *a)
{
    double sum = 0;
    uint64_t n = 0;
    for (size_t i = 0; i < a->v.n; i++) {
        if (a->v.v[i].n > 0) {
            sum += a->v.v[i].sum / (double)a->v.v[i].n;
            n++;
        }
    }
    return n > 0 ? sum / (double)n / (double)SECOND : NAN;
}

/* In whatever environment, as it looks at every namespace. */
static bool runs(const struct asking *k, size_t deployment)
{
    const struct deployment *c = &k->d->deployments.v[deployment];
    return c->success && delivery_serves(c, k->q) && delivery_in(c->finished, k->q);
}

static void take_pair(struct asking *k, struct apps *a, size_t deployment, when committed)
{
    if (!runs(k, deployment)) {
        return;
    }
    if (committed == WHEN_NONE) {
        k->to->excluded[REASON_NO_START]++;
        return;
    }
    struct app *app = app_of(a, k->d->deployments.v[deployment].service);
    lapse lead = k->d->deployments.v[deployment].finished - committed;
    app->sum += (double)lead;
    app->n++;
    VEC_ADD(&k->samples, lead);
}

/* Calls for every pair of a commit's row and a deployment that carries it: stated, or its own. */
static void each_pair(struct asking *k, struct apps *a,
                      void (*take)(struct asking *k, struct apps *a, size_t deployment,
                                   when committed))
{
    struct delivery *d = k->d;
    for (size_t i = 0, own = 0; i < d->commits.n; i++) {
        const struct deployed_commit *c = &d->commits.v[i];
        if (d->stated.v[i] != SIZE_MAX) {
            take(k, a, d->stated.v[i], c->committed);
        }
        if (i > 0 && str_eq(d->commits.v[i - 1].commit, c->commit)) {
            continue;
        }
        for (; own < d->by_commit.n; own++) { /* both are in order of the commit */
            size_t at = d->by_commit.v[own];
            int order = str_cmp(d->deployments.v[at].commit, c->commit);
            if (order > 0) {
                break;
            }
            bool stated = false;
            for (size_t r = i; r < d->commits.n && str_eq(d->commits.v[r].commit, c->commit); r++) {
                stated = stated || d->stated.v[r] == at;
            }
            if (order == 0 && !stated) {
                take(k, a, at, c->committed);
            }
        }
    }
}

void measure_pelorus_lead(struct asking *k)
{
    struct apps a = {0};
    each_pair(k, &a, take_pair);
    k->to->value = mean_of_means(&a);
    apps_finish(&a);
    measure_sort(k);
}

void measure_pelorus_recovery(struct asking *k)
{
    struct apps a = {0};
    for (size_t i = 0; i < k->d->incidents.n; i++) {
        const struct incident *incident = &k->d->incidents.v[i];
        if (!is_asked_for(k, incident)) {
            continue;
        }
        if (incident->resolved == WHEN_NONE) {
            k->to->excluded[REASON_NO_END]++;
            k->to->censored++;
        } else if (!delivery_in(incident->resolved, k->q)) {
            k->to->excluded[REASON_OUTSIDE]++;
        } else {
            struct app *app = app_of(&a, incident->service);
            app->sum += (double)(incident->resolved - incident->created);
            app->n++;
            VEC_ADD(&k->samples, incident->resolved - incident->created);
        }
    }
    k->to->value = mean_of_means(&a);
    apps_finish(&a);
    measure_sort(k);
}

void measure_pelorus_fail_rate(struct asking *k)
{
    struct delivery *d = k->d;
    struct apps a = {0};
    unsigned char *has_commit = mem_get(d->deployments.n + 1);
    for (size_t i = 0; i < d->commits.n; i++) {
        if (d->stated.v[i] != SIZE_MAX) {
            has_commit[d->stated.v[i]] = 1;
        }
    }
    for (size_t i = 0; i < d->deployments.n; i++) { /* each an image of one commit */
        if (runs(k, i) && (has_commit[i] != 0 || d->deployments.v[i].commit.n > 0)) {
            app_of(&a, d->deployments.v[i].service)->pairs++;
            k->to->of++;
        }
    }
    mem_put(has_commit);
    for (size_t i = 0; i < d->incidents.n; i++) {
        if (!is_asked_for(k, &d->incidents.v[i])) {
            continue;
        }
        if (delivery_in(d->incidents.v[i].created, k->q)) {
            app_of(&a, d->incidents.v[i].service)->n++;
            k->to->hits++;
        } else {
            k->to->excluded[REASON_OUTSIDE]++;
        }
    }
    double sum = 0;
    uint64_t apps = 0;
    for (size_t i = 0; i < a.v.n; i++) {
        if (a.v.v[i].pairs > 0) {
            sum += (double)a.v.v[i].n / (double)a.v.v[i].pairs;
            apps++;
        }
    }
    apps_finish(&a);
    k->to->n = k->to->of;
    k->to->value = apps > 0 ? sum / (double)apps : NAN;
}

/* --- cdviz --- */

void measure_cdviz_lead(struct asking *k)
{
    measure_count(k);
    k->to->excluded[REASON_NO_START] = k->to->of; /* deployments without artifactId */
    k->to->n = 0;
    k->to->note = "needs published artifacts (artifactId), which the data have not";
}

void measure_cdviz_frequency(struct asking *k)
{
    size_t low, high;
    when first = WHEN_NONE, last = WHEN_NONE;
    measure_count(k);
    delivery_range(k->d, k->q, &low, &high);
    for (size_t i = low; i < high; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        if (delivery_counts(c, k->q)) {
            first = first == WHEN_NONE ? c->finished : first;
            last = c->finished;
        }
    }
    if (k->to->n > 1 && last > first) {
        double rate = (double)k->to->n / ((double)(last - first) / (double)DAY);
        k->to->value = round(rate * 100) / 100;
    } else {
        k->to->note = "there is one deployment in the window, or none";
    }
}

void measure_cdviz_fail_rate(struct asking *k)
{
    uint64_t rolled_back = 0;
    size_t low, high;
    measure_count(k);
    delivery_range(k->d, k->q, &low, &high);
    for (size_t i = low; i < high; i++) {
        const struct deployment *c = &k->d->deployments.v[i];
        rolled_back += c->kind == DEPLOYMENT_ROLLBACK && delivery_counts(c, k->q);
    }
    measure_rate(k, rolled_back);
}
