/* weir metrics: the delivery metrics, as a document and for people. */
#include "cmd/metrics.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

const char *const metrics_words[DELIVERY_METRICS] = {
    [DELIVERY_LEAD_TIME] = "lead_time_for_changes",
    [DELIVERY_FREQUENCY] = "deployment_frequency",
    [DELIVERY_FAIL_RATE] = "change_fail_rate",
    [DELIVERY_RECOVERY] = "failed_deployment_recovery_time",
    [DELIVERY_REWORK] = "deployment_rework_rate",
};

/* In the order of the document. */
static const enum delivery_metric ORDER[] = {
    DELIVERY_FREQUENCY, DELIVERY_LEAD_TIME, DELIVERY_FAIL_RATE, DELIVERY_RECOVERY, DELIVERY_REWORK,
};
enum { ORDERED = sizeof ORDER / sizeof *ORDER };

static const double COVERAGE_WARNING = .5; /* below, the figure is not to be trusted */
static const double CENSORED_WARNING = .1; /* above, the median with the open ones leads */

static struct delivery_question question(const struct command_context *c, const struct asked *asked,
                                         enum delivery_metric m)
{
    return (struct delivery_question){
        .rule = asked->rule[m],
        .parameters = asked->parameters[m],
        .metric = m,
        .from = asked->from,
        .to = asked->to,
        .closed = asked->closed,
        .now = asked->now,
        .zone = metrics_zone(c),
        .service = asked->service,
        .environment = asked->environment,
        .team = asked->team,
    };
}

static double coverage(const struct delivery_answer *a)
{
    return a->linkable > 0 ? (double)a->linked / (double)a->linkable : NAN;
}

static bool of_incidents(enum delivery_metric m)
{
    return m == DELIVERY_FAIL_RATE || m == DELIVERY_RECOVERY;
}

/* "82 % of the commits are linked to a deployment (…); to mend it …"; nothing when there is nothing
 * to link. */
static bool coverage_sentence(struct buf *out, const struct delivery_answer *a,
                              enum delivery_metric m)
{
    buf_clear(out);
    if (a->linkable == 0) {
        return false;
    }
    text_percent(out, coverage(a));
    buf_addf(out, " of the %s are linked to a deployment (%llu of %llu); to mend it, %s",
             of_incidents(m) ? "incidents" : "commits or changes", (unsigned long long)a->linked,
             (unsigned long long)a->linkable,
             of_incidents(m) ? "say which deployment caused the incident"
                             : "say which deployment carries the commit, or let deployments name "
                               "their commit");
    return true;
}

/* --- JSON --- */

static json_t *distribution_json(const int64_t *samples, size_t n)
{
    if (n == 0) {
        return json_null();
    }
    struct distribution d = distribution_of(samples, n);
    return reading_distribution(&d);
}

static json_t *ids_json(const str *ids, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, doc_str(ids[i]));
    }
    return list;
}

static json_t *count_json(int64_t n)
{
    return n < 0 ? json_null() : json_integer((json_int_t)n);
}

/* Weeks are named by their Monday, in the zone's own time: "2024-01-01T00:00:00Z". */
static void week_name(struct buf *out, const struct zone *zone, when begin)
{
    lapse offset = zone_offset(zone, begin);
    struct civil c = clock_civil(begin + offset);
    buf_clear(out);
    buf_addf(out, "%04d-%02d-%02dT00:00:00", c.year, c.month, c.day);
    if (offset == 0) {
        buf_putc(out, 'Z');
    } else {
        lapse minutes = (offset < 0 ? -offset : offset) / MINUTE;
        buf_addf(out, "%c%02d:%02d", offset < 0 ? '-' : '+', (int)(minutes / 60),
                 (int)(minutes % 60));
    }
}

static void frequency_detail(struct command_context *c, struct facts *f, const struct asked *asked,
                             const struct delivery_answer *a, json_t *detail)
{
    struct delivery_question q = question(c, asked, DELIVERY_FREQUENCY);
    struct delivery_rhythm rhythm;
    bool closed = a->daily >= 0 && asked->closed; /* a rule with closed windows */
    struct buf name = {0};
    q.to += closed;
    delivery_rhythm(&f->delivery, &q, &c->text, &rhythm);
    json_t *counts = json_object(), *days = json_object(), *partial = json_array();
    for (size_t i = 0; i < rhythm.n; i++) {
        week_name(&name, metrics_zone(c), rhythm.weeks[i].begin);
        doc_put_str(counts, buf_str(&name), doc_count(rhythm.weeks[i].count));
        doc_put_str(days, buf_str(&name), doc_count(rhythm.weeks[i].days));
        if (rhythm.weeks[i].partial) {
            json_array_append_new(partial, doc_str(buf_str(&name)));
        }
    }
    buf_finish(&name);
    doc_put(detail, "count", doc_count(a->of));
    doc_put(detail, "days", doc_real((double)(asked->to - asked->from) / (double)DAY));
    doc_put(detail, "weekly_counts", counts);
    doc_put(detail, "deploy_days_per_week", days);
    doc_put(detail, "partial_weeks", partial);
    doc_put(detail, "median_deploy_days_per_week", doc_real(rhythm.median_days));
    doc_put(detail, "median_hours_between", doc_real(rhythm.median_hours));
    doc_put(detail, "bucket", a->bucket != NULL ? json_string(a->bucket) : json_null());
    if (a->daily >= 0) {
        doc_put(detail, "daily", count_json(a->daily));
        doc_put(detail, "avg_weekly", count_json(a->weekly));
        doc_put(detail, "avg_monthly", count_json(a->monthly));
    }
}

static json_t *links_json(const struct delivery_answer *a)
{
    json_t *links = json_object();
    for (size_t i = 0; i < a->link_n; i++) {
        const struct delivery_linked *l = &a->links[i];
        json_t *one = json_null();
        if (l->rule != LINK_NONE) {
            one = json_object();
            doc_put(one, "deployment", doc_str(l->deployment));
            doc_put(one, "rule", json_string(delivery_link_word[l->rule]));
            doc_put(one, "confidence", doc_real(delivery_link_confidence[l->rule]));
        }
        doc_put_str(links, l->incident, one);
    }
    return links;
}

static json_t *stages_json(const struct delivery_answer *a)
{
    json_t *stages = json_array();
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        if (a->stages[i].n > 0) {
            json_t *one = json_object();
            doc_put(one, "stage", json_string(delivery_stage_word[i]));
            doc_put(one, "n", doc_count(a->stages[i].n));
            doc_put(one, "time", distribution_json(a->stages[i].v, a->stages[i].n));
            json_array_append_new(stages, one);
        }
    }
    return stages;
}

static json_t *coverage_json(const struct delivery_answer *a, enum delivery_metric m)
{
    struct buf sentence = {0};
    if (!coverage_sentence(&sentence, a, m)) {
        return json_null();
    }
    json_t *one = json_object(), *by_rule = json_object();
    for (size_t i = 0; i < LINK_COUNT; i++) {
        if (a->by_rule[i] > 0) {
            doc_put(by_rule, delivery_link_word[i], doc_count(a->by_rule[i]));
        }
    }
    doc_put(one, "linked", doc_count(a->linked));
    doc_put(one, "linkable", doc_count(a->linkable));
    doc_put(one, "by_rule", by_rule);
    doc_put(one, "dangling", doc_count(a->dangling));
    doc_put(one, "sentence", doc_str(buf_str(&sentence)));
    buf_finish(&sentence);
    return one;
}

static json_t *detail_json(struct command_context *c, struct facts *f, const struct asked *asked,
                           enum delivery_metric m, const struct delivery_answer *a, bool whole)
{
    json_t *detail = json_object();
    switch (m) {
    case DELIVERY_LEAD_TIME:
        doc_put(detail, "by_stage", stages_json(a));
        break;
    case DELIVERY_FREQUENCY:
        frequency_detail(c, f, asked, a, detail);
        break;
    case DELIVERY_FAIL_RATE:
        doc_put(detail, "failed", ids_json(a->ids, a->id_n));
        doc_put(detail, "deployments", doc_count(a->of));
        doc_put(detail, "failed_attempts", doc_count(a->failed_attempts));
        doc_put(detail, "unlinked_incidents", ids_json(a->unlinked, a->unlinked_n));
        doc_put(detail, "links", whole ? links_json(a) : json_null());
        break;
    case DELIVERY_RECOVERY:
        doc_put(detail, "censored", doc_count(a->censored));
        doc_put(detail, "km_p50", doc_real(a->km_p50 / (double)SECOND));
        if (isnan(a->km_p50) && a->censored > 0) {
            doc_put(detail, "km_note", json_string("not reached"));
        }
        break;
    case DELIVERY_REWORK:
        doc_put(detail, "unplanned", ids_json(a->ids, a->id_n));
        doc_put(detail, "deployments", doc_count(a->of));
        break;
    case DELIVERY_METRICS:
        break;
    }
    doc_put(detail, "coverage", coverage_json(a, m));
    return detail;
}

/* Every week that the window touches, cut to it. */
static json_t *series_json(struct command_context *c, struct facts *f, const struct asked *asked,
                           enum delivery_metric m)
{
    enum { MOST_WEEKS = 1500 };
    json_t *list = json_array();
    struct delivery_question q = question(c, asked, m);
    struct arena scratch = {.name = "a week of a metric"};
    bool closed = asked->closed && str_eq(str_of(delivery_rule_name(q.rule)), STR("middleware"));
    when to = asked->to + closed;
    if (to <= asked->from || to - asked->from > MOST_WEEKS * WEEK) {
        return list;
    }
    q.closed = false;
    for (when week = delivery_floor(q.zone, asked->from, BUCKET_WEEK); week < to;) {
        when next = delivery_next(q.zone, week, BUCKET_WEEK);
        struct delivery_answer a;
        q.from = week > asked->from ? week : asked->from;
        q.to = next < to ? next : to;
        delivery_measure(&f->delivery, &q, &scratch, &a);
        json_t *one = json_object();
        doc_put(one, "from", doc_when(q.from));
        doc_put(one, "to", doc_when(q.to < asked->to ? q.to : asked->to));
        doc_put(one, "value", doc_real(a.value));
        doc_put(one, "n", doc_count(a.n));
        doc_put(one, "partial", json_boolean(q.from > week || q.to < next));
        json_array_append_new(list, one);
        arena_clear(&scratch);
        week = next;
    }
    arena_finish(&scratch);
    return list;
}

static json_t *parameters_json(const struct command_context *c, const struct asked *asked,
                               enum delivery_metric m)
{
    static const char *const LINKS[] = {"stated", "evidence", "window"};
    static const char *const MEDIANS[] = {"linear", "nearest", "lower"};
    const struct delivery_parameters *p = &asked->parameters[m];
    str rule = str_of(delivery_rule_name(asked->rule[m]));
    bool weir = str_eq(rule, STR("weir")), ours = weir || str_eq(rule, STR("dora"));
    json_t *to = json_object();
    if (ours && m == DELIVERY_LEAD_TIME) {
        doc_put(to, "commit_time", json_string(p->author_time ? "author" : "committer"));
    }
    if (weir && of_incidents(m)) {
        doc_put(to, "incident_link", json_string(LINKS[p->incident_link]));
        doc_put(to, "window_h", doc_real((double)p->window / (double)HOUR));
        doc_put(to, "min_confidence", doc_real(p->min_confidence));
    }
    if (ours && m == DELIVERY_RECOVERY) {
        doc_put(to, "per", json_string(p->per_deployment ? "deployment" : "incident"));
    }
    if (ours && (m == DELIVERY_LEAD_TIME || m == DELIVERY_RECOVERY)) {
        doc_put(to, "quantile", json_string(MEDIANS[p->median]));
    }
    if (str_eq(rule, STR("devlake")) && m == DELIVERY_RECOVERY) {
        doc_put(to, "report", json_integer(p->devlake_2021 ? 2021 : 2023));
    }
    doc_put(to, "environment",
            asked->environment.n > 0 ? doc_str(asked->environment) : json_string("production"));
    if (asked->service.n > 0) {
        doc_put(to, "service", doc_str(asked->service));
    }
    if (asked->team.n > 0) {
        doc_put(to, "team", doc_str(asked->team));
    }
    str zone = zone_name(metrics_zone(c));
    doc_put(to, "zone", zone.n > 0 ? doc_str(zone) : json_string("UTC"));
    doc_put(to, "clock", json_string("wall"));
    return to;
}

static json_t *metric_json(struct command_context *c, struct facts *f, const struct asked *asked,
                           enum delivery_metric m, bool whole)
{
    struct delivery_question q = question(c, asked, m);
    struct delivery_answer a;
    delivery_measure(&f->delivery, &q, &c->text, &a);
    json_t *one = json_object();
    doc_put(one, "value", doc_real(a.value));
    doc_put(one, "unit", json_string(a.unit));
    doc_put(one, "distribution", distribution_json(a.samples, a.sample_n));
    doc_put(one, "estimate", doc_estimate(isnan(a.low) ? NAN : a.value, a.low, a.high, .95));
    doc_put(one, "n", doc_count(a.n));
    doc_put(one, "coverage", doc_real(coverage(&a)));
    json_t *rule = doc_rule(delivery_rule_name(q.rule), "1", parameters_json(c, asked, m));
    const char *text = delivery_rule_text(q.rule, m);
    doc_put(rule, "text", text != NULL ? json_string(text) : json_null());
    doc_put(one, "rule", rule);
    json_t *excluded = json_object();
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (a.excluded[i] > 0) {
            doc_put(excluded, delivery_reason_word[i], doc_count(a.excluded[i]));
        }
    }
    doc_put(one, "excluded", excluded);
    doc_put(one, "detail", detail_json(c, f, asked, m, &a, whole));
    struct buf warning = {0};
    bool weak = coverage(&a) < COVERAGE_WARNING && coverage_sentence(&warning, &a, m);
    doc_put(one, "warning", weak ? doc_strf("only %s", buf_cstr(&warning)) : json_null());
    buf_finish(&warning);
    doc_put(one, "note",
            a.note == NULL   ? json_null()
            : isnan(a.value) ? doc_strf("not measurable: %s", a.note)
                             : json_string(a.note));
    doc_put(one, "series", whole ? series_json(c, f, asked, m) : json_array());
    return one;
}

json_t *metrics_dora_json(struct command_context *c, struct facts *f, const struct asked *asked,
                          bool whole)
{
    json_t *dora = json_object();
    for (size_t i = 0; i < ORDERED; i++) {
        doc_put(dora, metrics_words[ORDER[i]], metric_json(c, f, asked, ORDER[i], whole));
    }
    return dora;
}

json_t *metrics_benchmark_json(const struct benchmark *b)
{
    json_t *one = json_object(), *levels = json_array();
    doc_put(one, "year", json_integer(b->year));
    doc_put(one, "source", json_string(b->source));
    doc_put(one, "note", b->note != NULL ? json_string(b->note) : json_null());
    for (size_t i = 0; i < b->n; i++) {
        const struct benchmark_level *l = &b->levels[i];
        json_t *level = json_object();
        doc_put(level, "name", json_string(l->name));
        doc_put(level, "lead_time_for_changes", json_string(l->lead_time));
        doc_put(level, "deployment_frequency", json_string(l->frequency));
        doc_put(level, "change_fail_rate", json_string(l->fail_rate));
        doc_put(level, "failed_deployment_recovery_time", json_string(l->recovery));
        doc_put(level, "deployment_rework_rate",
                l->rework != NULL ? json_string(l->rework) : json_null());
        doc_put(level, "share", l->share != NULL ? json_string(l->share) : json_null());
        json_array_append_new(levels, level);
    }
    doc_put(one, "levels", levels);
    return one;
}

/* --- groups: one question for each --- */

struct group {
    const char *kind;
    str name;
    struct asked asked;
};

typedef void each_group(struct command_context *c, struct facts *f, const struct group *g,
                        void *cookie);

static void groups(struct command_context *c, struct facts *f, const struct asked *asked,
                   each_group *each, void *cookie)
{
    enum { MOST_WEEKS = 1500 };
    str by = option_str(c, "by");
    if (str_eq(by, STR("week"))) {
        struct buf name = {0};
        size_t n = 0;
        for (when week = delivery_floor(metrics_zone(c), asked->from, BUCKET_WEEK);
             week < asked->to && n < MOST_WEEKS; n++) {
            when next = delivery_next(metrics_zone(c), week, BUCKET_WEEK);
            struct group g = {.kind = "week", .asked = *asked};
            g.asked.closed = false;
            g.asked.from = week > asked->from ? week : asked->from;
            g.asked.to = next < asked->to ? next : asked->to;
            week_name(&name, metrics_zone(c), week);
            g.name = str_first(buf_str(&name), strlen("2024-01-01"));
            each(c, f, &g, cookie);
            week = next;
        }
        buf_finish(&name);
        return;
    }
    bool service = str_eq(by, STR("service")), team = str_eq(by, STR("team"));
    const struct facts_list *list = service ? &f->services : team ? &f->teams : &f->environments;
    for (size_t i = 0; i < list->n; i++) {
        struct group g = {service ? "service" : team ? "team" : "environment", list->v[i], *asked};
        *(service ? &g.asked.service : team ? &g.asked.team : &g.asked.environment) = list->v[i];
        each(c, f, &g, cookie);
    }
}

static void group_json(struct command_context *c, struct facts *f, const struct group *g,
                       void *cookie)
{
    json_t *list = cookie, *one = json_object();
    doc_put(one, g->kind, doc_str(g->name));
    doc_put(one, "window", doc_range(g->asked.from, g->asked.to));
    doc_put(one, "dora", metrics_dora_json(c, f, &g->asked, false));
    json_array_append_new(list, one);
}

json_t *metrics_groups_json(struct command_context *c, struct facts *f, const struct asked *asked)
{
    json_t *list = json_array();
    groups(c, f, asked, group_json, list);
    return list;
}

/* --- words --- */

static struct metric_row row_of(const struct delivery_question *q, const struct delivery_answer *a)
{
    return (struct metric_row){.name = metrics_words[q->metric],
                               .value = a->value,
                               .low = a->low,
                               .high = a->high,
                               .coverage = coverage(a),
                               .unit = a->unit,
                               .rule = delivery_rule_text(q->rule, q->metric),
                               .why = a->note,
                               .n = a->n};
}

static void group_rows(struct command_context *c, struct facts *f, const struct group *g,
                       void *cookie)
{
    struct table *t = cookie;
    table_section(t, g->name);
    for (size_t i = 0; i < ORDERED; i++) {
        struct delivery_question q = question(c, &g->asked, ORDER[i]);
        struct delivery_answer a;
        delivery_measure(&f->delivery, &q, &c->text, &a);
        struct metric_row row = row_of(&q, &a);
        if (!isnan(row.value) || !command_wants_words(c)) {
            metrics_row(c, t, &row);
        }
    }
}

static void say_ids(struct command_context *c, const char *what, const str *ids, size_t n)
{
    enum { SHOWN = 12 };
    struct buf line = {0};
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        buf_addf(&line, "%s", i > 0 ? ", " : "");
        text_safe(&line, ids[i]);
    }
    if (n > SHOWN) {
        buf_addf(&line, " and %zu more", n - SHOWN);
    }
    if (n > 0) {
        command_wrap(c, 2, "%s: %s", what, buf_cstr(&line));
    }
    buf_finish(&line);
}

static void explain(struct command_context *c, const struct delivery_question *q,
                    const struct delivery_answer *a)
{
    const char *text = delivery_rule_text(q->rule, q->metric);
    command_say(c, "%s", "");
    command_say(c, "%s, rule %s, version 1", metrics_words[q->metric], delivery_rule_name(q->rule));
    command_wrap(c, 2, "%s", text != NULL ? text : "The rule has no such metric.");
    struct buf line = {0};
    if (coverage_sentence(&line, a, q->metric)) {
        command_wrap(c, 2, "%s.", buf_cstr(&line));
    }
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (a->excluded[i] > 0) {
            buf_clear(&line);
            text_count(&line, (int64_t)a->excluded[i]);
            command_wrap(c, 2, "left out %s, %s: %s", buf_cstr(&line), delivery_reason_word[i],
                         delivery_reason_text[i]);
        }
    }
    for (size_t i = 0; i < STAGE_COUNT; i++) {
        if (a->stages[i].n > 0) {
            struct distribution d = distribution_of(a->stages[i].v, a->stages[i].n);
            buf_clear(&line);
            text_lapse(&line, (lapse)d.p50, NULL);
            command_wrap(c, 2, "%s: %s (median of %llu)", delivery_stage_word[i], buf_cstr(&line),
                         (unsigned long long)d.n);
        }
    }
    buf_finish(&line);
    say_ids(c, q->metric == DELIVERY_REWORK ? "unplanned" : "failed", a->ids, a->id_n);
    say_ids(c, "linked to no deployment", a->unlinked, a->unlinked_n);
}

/* What has to stand beside the figures. */
static void remark(struct command_context *c, const struct delivery_question *q,
                   const struct delivery_answer *a)
{
    struct buf line = {0};
    const char *name = metrics_words[q->metric];
    str rule = str_of(delivery_rule_name(q->rule));
    bool ours = str_eq(rule, STR("weir")) || str_eq(rule, STR("dora"));
    if (coverage(a) < COVERAGE_WARNING && coverage_sentence(&line, a, q->metric)) {
        command_wrap(c, 0, "%s: only %s.", name, buf_cstr(&line));
    }
    if (q->metric == DELIVERY_FAIL_RATE && a->unlinked_n > 0) {
        command_wrap(c, 0, "%s: incidents that are linked to no deployment: %zu", name,
                     a->unlinked_n);
    }
    if (q->metric == DELIVERY_FAIL_RATE && a->failed_attempts > 0) {
        command_wrap(c, 0, "%s: failed attempts that never arrived, in neither side: %llu", name,
                     (unsigned long long)a->failed_attempts);
    }
    if (q->metric == DELIVERY_RECOVERY && a->censored > 0 &&
        (double)a->censored > CENSORED_WARNING * (double)(a->censored + a->sample_n)) {
        buf_clear(&line);
        text_lapse(&line, isnan(a->km_p50) ? WHEN_NONE : (lapse)a->km_p50, NULL);
        command_wrap(c, 0, "%s: not resolved yet: %llu%s%s", name, (unsigned long long)a->censored,
                     ours ? "; the median with them is " : "",
                     !ours              ? ""
                     : isnan(a->km_p50) ? "not reached"
                                        : buf_cstr(&line));
    }
    buf_finish(&line);
}

static void say_places(struct command_context *c, const struct facts *f, const struct asked *asked)
{
    struct buf line = {0};
    for (size_t i = 0; i < f->environments.n && asked->environment.n == 0; i++) {
        if (!delivery_is_production(f->environments.v[i]) && f->deployed.v[i] > 0) {
            buf_addf(&line, "%s", line.n > 0 ? ", " : "");
            text_safe(&line, f->environments.v[i]);
            buf_addf(&line, " %llu", (unsigned long long)f->deployed.v[i]);
        }
    }
    if (line.n > 0) {
        command_wrap(c, 0, "Deployed elsewhere than to production (--where environment=NAME): %s",
                     buf_cstr(&line));
    }
    buf_finish(&line);
}

static void say_benchmark(struct command_context *c, const struct benchmark *b)
{
    command_say(c, "%s", "");
    command_wrap(c, 0, "DORA report %d in its own words (%s); no grade of these figures.", b->year,
                 b->source);
    for (size_t i = 0; i < b->n; i++) {
        const struct benchmark_level *l = &b->levels[i];
        command_wrap(c, 2,
                     "%s%s%s%s: lead time %s; frequency %s; change fail rate %s; recovery "
                     "%s%s%s",
                     l->name, l->share != NULL ? " (" : "", l->share != NULL ? l->share : "",
                     l->share != NULL ? ")" : "", l->lead_time, l->frequency, l->fail_rate,
                     l->recovery, l->rework != NULL ? "; rework " : "",
                     l->rework != NULL ? l->rework : "");
    }
    if (b->note != NULL) {
        command_wrap(c, 0, "%s", b->note);
    }
}

void metrics_dora_words(struct command_context *c, struct facts *f, const struct asked *asked,
                        const struct change_figures *changes, struct table *rows_for_programs)
{
    struct table *t = rows_for_programs != NULL ? rows_for_programs : metrics_table();
    if (option_given(c, "by")) {
        groups(c, f, asked, group_rows, t);
        if (rows_for_programs == NULL) {
            command_table(c, t);
        }
    } else {
        struct delivery_answer answers[ORDERED];
        struct metric_row rows[ORDERED];
        for (size_t i = 0; i < ORDERED; i++) {
            struct delivery_question q = question(c, asked, ORDER[i]);
            delivery_measure(&f->delivery, &q, &c->text, &answers[i]);
            rows[i] = row_of(&q, &answers[i]);
            metrics_row(c, t, &rows[i]);
        }
        if (rows_for_programs != NULL) {
            if (changes != NULL) {
                metrics_changes_rows(c, changes, t);
            }
        } else if (table_rows(t) > 0) {
            command_table(c, t);
        } else {
            table_free(t);
        }
        for (size_t i = 0; i < ORDERED; i++) {
            metrics_row_words(c, &rows[i]);
        }
        for (size_t i = 0; i < ORDERED; i++) {
            struct delivery_question q = question(c, asked, ORDER[i]);
            remark(c, &q, &answers[i]);
        }
        for (size_t i = 0; i < ORDERED && c->explain; i++) {
            struct delivery_question q = question(c, asked, ORDER[i]);
            explain(c, &q, &answers[i]);
        }
    }
    if (f->from_releases) {
        command_wrap(c, 0, "Nothing tells of deployments: releases stand for them.");
    }
    say_places(c, f, asked);
    if (changes != NULL && rows_for_programs == NULL) {
        metrics_changes_words(c, changes);
    }
    if (asked->benchmark != NULL) {
        say_benchmark(c, asked->benchmark);
    }
}
