/* weir metrics: the five delivery metrics by a rule, the five flow metrics, each with what it rests
 * on. */
#include "cmd/reading.h"
#include "engine/facts.h"
#include "fold/efficiency.h"
#include "fold/lead.h"
#include "fold/wip.h"

#include <math.h>
#include <string.h>

static const struct argument ARGUMENTS[] = {
    {.name = "dora|flow", .purpose = "only these", .optional = true},
    {0},
};

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "rule", 0, "NAME[:KEY=VALUE,…]",
     "whose definition: weir, dora, devlake, fourkeys, middleware, pelorus, cdviz, gitlab", NULL,
     0},
    {OPTION_VALUE, "by", 0, "service|environment|week", "one row for each", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir metrics", "all that the data allow, and what they do not"},
    {"weir metrics dora --rule devlake", "by another program's definitions"},
    {"weir metrics dora --by service --last 90d", "one row for each service"},
    {0},
};

static const char *const METRIC_WORDS[DELIVERY_METRICS] = {
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

/* --- the question --------------------------------------------------------------------------------
 */

static status rule_unknown(str name, struct error *why)
{
    struct buf list = {0};
    for (size_t i = 0; delivery_rule_at(i) != NULL; i++) {
        buf_addf(&list, "%s%s", i > 0 ? ", " : "", delivery_rule_name(delivery_rule_at(i)));
    }
    (void)error_set(why, "there is no rule \"" STR_FMT "\"", STR_ARG(name));
    error_hint(why, "Rules: %s", buf_cstr(&list));
    buf_finish(&list);
    return FAIL;
}

static status parameter(str text, struct delivery_parameters *p, struct error *why)
{
    str value = text, key;
    double hours = 0;
    (void)str_cut(&value, '=', &key);
    if (str_eq(key, STR("window_h")) && str_to_f64(value, &hours) && hours > 0 && hours < 1e6) {
        p->window = (lapse)(hours * (double)HOUR);
    } else if (str_eq(key, STR("incident_link")) && str_eq(value, STR("stated"))) {
        p->link = LINK_STATED;
    } else if (str_eq(key, STR("incident_link")) && str_eq(value, STR("evidence"))) {
        p->link = LINK_EVIDENCE;
    } else if (str_eq(key, STR("incident_link")) && str_eq(value, STR("window"))) {
        p->link = LINK_WINDOW;
    } else if (str_eq(key, STR("per")) &&
               (str_eq(value, STR("incident")) || str_eq(value, STR("deployment")))) {
        p->per_deployment = str_eq(value, STR("deployment"));
    } else {
        (void)error_set(why, "\"" STR_FMT "\" is no parameter of the rule", STR_ARG(text));
        error_hint(why, "Parameters: window_h=HOURS, incident_link=stated|evidence|window, "
                        "per=incident|deployment");
        return FAIL;
    }
    return OK;
}

static status rule_of(str text, const struct delivery_rule **ret, struct delivery_parameters *p,
                      struct error *why)
{
    str rest = text, name = text, one;
    if (str_cut(&rest, ':', &name) && rest.p != NULL) {
        while (str_cut(&rest, ',', &one)) {
            TRY(parameter(one, p, why));
        }
    }
    *ret = delivery_rule_find(name);
    return *ret != NULL ? OK : rule_unknown(name, why);
}

struct asked { /* what every metric is asked with */
    const struct delivery_rule *rule[DELIVERY_METRICS];
    struct delivery_parameters parameters;
    when from, to, now;
    str service, environment;
};

static status ask(struct command_context *c, const struct facts *f, struct asked *ret,
                  struct error *why)
{
    *ret = (struct asked){.parameters = delivery_parameters_default(), .now = c->world.now};
    const struct delivery_rule *rule = delivery_rule_find(STR("weir"));
    if (option_given(c, "rule")) {
        TRY(rule_of(option_str(c, "rule"), &rule, &ret->parameters, why));
    }
    for (size_t i = 0; i < DELIVERY_METRICS; i++) {
        ret->rule[i] = rule;
        for (size_t k = 0; k < c->config->rules.n && !option_given(c, "rule"); k++) {
            const struct config_rule *own = &c->config->rules.v[k];
            if (str_eq(own->metric, str_of(METRIC_WORDS[i]))) {
                TRY(rule_of(own->rule, &ret->rule[i], &ret->parameters, why));
            }
        }
    }
    struct range range;
    TRY(command_range(c, &range, why));
    when first = f->first != WHEN_NONE ? f->first : 0, last = f->last != WHEN_NONE ? f->last : 0;
    ret->from = range.from != WHEN_NONE ? range.from : clock_floor(first, DAY);
    ret->to = range.to != WHEN_NONE ? range.to : clock_floor(last, DAY) + DAY;
    const struct where *where = NULL;
    size_t n = 0;
    TRY(command_where(c, &where, &n, why));
    for (size_t i = 0; i < n; i++) {
        if (str_eq(where[i].key, STR("service"))) {
            ret->service = where[i].value;
        } else if (str_eq(where[i].key, STR("environment"))) {
            ret->environment = where[i].value;
        }
    }
    return OK;
}

static struct delivery_answer answer_to(struct command_context *c, struct facts *f,
                                        const struct asked *asked, enum delivery_metric m)
{
    struct delivery_question q = {
        .rule = asked->rule[m],
        .parameters = asked->parameters,
        .metric = m,
        .from = asked->from,
        .to = asked->to,
        .now = asked->now,
        .service = asked->service,
        .environment = asked->environment,
    };
    struct delivery_answer answer;
    delivery_measure(&f->delivery, &q, &c->text, &answer);
    return answer;
}

/* --- JSON ----------------------------------------------------------------------------------------
 */

static json_t *distribution_json(const struct delivery_answer *a)
{
    if (a->sample_n == 0) {
        return json_null();
    }
    int64_t *copy = mem_grow(NULL, a->sample_n, sizeof *copy);
    memcpy(copy, a->samples, a->sample_n * sizeof *copy);
    struct distribution d = distribution_of(copy, a->sample_n);
    mem_put(copy);
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

/* Every ISO week that the window touches, cut to it. */
static json_t *series_json(struct command_context *c, struct facts *f, const struct asked *asked,
                           enum delivery_metric m)
{
    enum { MOST_WEEKS = 1500 };
    json_t *list = json_array();
    if (asked->to <= asked->from || asked->to - asked->from > MOST_WEEKS * WEEK) {
        return list;
    }
    for (when week = clock_floor_week(asked->from); week < asked->to; week += WEEK) {
        struct asked part = *asked;
        part.from = week > asked->from ? week : asked->from;
        part.to = week + WEEK < asked->to ? week + WEEK : asked->to;
        struct delivery_answer a = answer_to(c, f, &part, m);
        json_t *one = json_object();
        doc_put(one, "from", doc_when(part.from));
        doc_put(one, "to", doc_when(part.to));
        doc_put(one, "value", doc_real(a.value));
        doc_put(one, "n", doc_count(a.n));
        doc_put(one, "partial", json_boolean(part.to - part.from < WEEK));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *parameters_json(const struct asked *asked, enum delivery_metric m)
{
    static const char *const LINKS[] = {"stated", "evidence", "window"};
    json_t *p = json_object();
    bool incidents = m == DELIVERY_FAIL_RATE || m == DELIVERY_RECOVERY;
    if (incidents && str_eq(str_of(delivery_rule_name(asked->rule[m])), STR("weir"))) {
        doc_put(p, "incident_link", json_string(LINKS[asked->parameters.link]));
        doc_put(p, "window_h", doc_real((double)asked->parameters.window / (double)HOUR));
        doc_put(p, "per",
                json_string(asked->parameters.per_deployment ? "deployment" : "incident"));
    }
    doc_put(p, "environment",
            asked->environment.n > 0 ? doc_str(asked->environment) : json_string("production"));
    return p;
}

static json_t *metric_json(struct command_context *c, struct facts *f, const struct asked *asked,
                           enum delivery_metric m, bool series)
{
    struct delivery_answer a = answer_to(c, f, asked, m);
    json_t *one = json_object();
    doc_put(one, "value", doc_real(a.value));
    doc_put(one, "unit", json_string(a.unit));
    doc_put(one, "distribution", distribution_json(&a));
    doc_put(one, "estimate", doc_estimate(isnan(a.low) ? NAN : a.value, a.low, a.high, .95));
    doc_put(one, "n", doc_count(a.n));
    doc_put(one, "coverage", doc_real(a.coverage));
    json_t *rule = doc_rule(delivery_rule_name(asked->rule[m]), "1", parameters_json(asked, m));
    const char *text = delivery_rule_text(asked->rule[m], m);
    doc_put(rule, "text", text != NULL ? json_string(text) : json_null());
    doc_put(one, "rule", rule);
    json_t *excluded = json_object();
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (a.excluded[i] > 0) {
            doc_put(excluded, delivery_reason_word[i], doc_count(a.excluded[i]));
        }
    }
    doc_put(one, "excluded", excluded);
    json_t *detail = json_object();
    if (m == DELIVERY_FREQUENCY) {
        doc_put(detail, "count", doc_count(a.of));
        doc_put(detail, "days", doc_real((double)(asked->to - asked->from) / (double)DAY));
        doc_put(detail, "bucket", a.bucket != NULL ? json_string(a.bucket) : json_null());
    } else if (m == DELIVERY_FAIL_RATE) {
        doc_put(detail, "failed", ids_json(a.ids, a.id_n));
        doc_put(detail, "deployments", doc_count(a.of));
        doc_put(detail, "failed_attempts", doc_count(a.excluded[REASON_FAILED_ATTEMPT]));
        doc_put(detail, "unlinked_incidents", ids_json(a.unlinked, a.unlinked_n));
    } else if (m == DELIVERY_RECOVERY) {
        doc_put(detail, "censored", doc_count(a.censored));
        doc_put(detail, "km_p50", doc_real(a.km_p50 / (double)SECOND));
    } else if (m == DELIVERY_REWORK) {
        doc_put(detail, "unplanned", ids_json(a.ids, a.id_n));
        doc_put(detail, "deployments", doc_count(a.of));
    }
    doc_put(one, "detail", detail);
    doc_put(one, "note", a.note != NULL ? json_string(a.note) : json_null());
    doc_put(one, "series", series ? series_json(c, f, asked, m) : json_array());
    return one;
}

static json_t *dora_json(struct command_context *c, struct facts *f, const struct asked *asked,
                         bool series)
{
    json_t *dora = json_object();
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++) {
        doc_put(dora, METRIC_WORDS[ORDER[i]], metric_json(c, f, asked, ORDER[i], series));
    }
    return dora;
}

/* One entry for each service or environment that the facts name. */
static json_t *groups_json(struct command_context *c, struct facts *f, const struct asked *asked)
{
    bool services = str_eq(option_str(c, "by"), STR("service"));
    size_t n = services ? f->services.n : f->environments.n;
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        struct asked one = *asked;
        str name = services ? f->services.v[i] : f->environments.v[i];
        *(services ? &one.service : &one.environment) = name;
        json_t *group = json_object();
        doc_put(group, services ? "service" : "environment", doc_str(name));
        doc_put(group, "dora", dora_json(c, f, &one, false));
        json_array_append_new(list, group);
    }
    return list;
}

/* --- words ---------------------------------------------------------------------------------------
 */

static void value_text(struct buf *out, double value, const char *unit)
{
    str u = str_of(unit);
    if (isnan(value)) {
        buf_addf(out, "not measurable");
    } else if (str_eq(u, STR("s"))) {
        text_lapse(out, (lapse)(value * (double)SECOND));
    } else if (str_eq(u, STR("ratio"))) {
        text_percent(out, value);
    } else if (str_eq(u, STR("percent"))) {
        text_percent(out, value / 100);
    } else {
        text_number(out, value, 2);
        buf_addf(out, "%s",
                 str_eq(u, STR("per_day"))          ? " a day"
                 : str_eq(u, STR("days_per_week"))  ? " days a week"
                 : str_eq(u, STR("items_per_week")) ? " a week"
                                                    : "");
    }
}

struct metric_row { /* what the table shows of any metric */
    const char *name;
    double value, low, high, coverage;
    const char *unit, *why; /* why: the rule's sentence, or why there is no value */
    uint64_t n;
};

static void row(struct table *t, const struct metric_row *m)
{
    struct buf text = {0};
    value_text(&text, m->value, m->unit);
    table_text(t, str_of(m->name));
    table_text(t, buf_str(&text));
    table_number(t, m->value);
    table_text(t, str_of(m->unit));
    buf_clear(&text);
    if (!isnan(m->low)) {
        value_text(&text, m->low, m->unit);
        buf_addf(&text, " … ");
        value_text(&text, m->high, m->unit);
    }
    table_text(t, buf_str(&text));
    table_count(t, (int64_t)m->n);
    table_number(t, m->coverage);
    table_text(t, str_of(m->why));
    buf_finish(&text);
}

static const struct table_column COLUMNS[] = {
    {"metric", "metric", CELL_TEXT, 0, 0},    {"value", NULL, CELL_TEXT, 0, 0},
    {NULL, "value", CELL_NUMBER, 6, 0},       {NULL, "unit", CELL_TEXT, 0, 0},
    {"95 %", NULL, CELL_TEXT, 0, 2},          {"n", "n", CELL_COUNT, 0, 0},
    {"linked", "coverage", CELL_SHARE, 0, 3}, {"how", "how", CELL_TEXT, 0, 1},
};

static void dora_rows(struct command_context *c, struct facts *f, const struct asked *asked,
                      struct table *t)
{
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++) {
        enum delivery_metric m = ORDER[i];
        struct delivery_answer a = answer_to(c, f, asked, m);
        const char *text = delivery_rule_text(asked->rule[m], m);
        row(t, &(struct metric_row){.name = METRIC_WORDS[m],
                                    .value = a.value,
                                    .low = a.low,
                                    .high = a.high,
                                    .coverage = a.coverage,
                                    .unit = a.unit,
                                    .why = isnan(a.value) ? a.note : text,
                                    .n = a.n});
    }
}

static void dora_words(struct command_context *c, struct facts *f, const struct asked *asked)
{
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    str by = option_str(c, "by");
    bool services = str_eq(by, STR("service")), environments = str_eq(by, STR("environment"));
    if (services || environments) {
        size_t n = services ? f->services.n : f->environments.n;
        for (size_t i = 0; i < n; i++) {
            struct asked one = *asked;
            str name = services ? f->services.v[i] : f->environments.v[i];
            *(services ? &one.service : &one.environment) = name;
            table_section(t, name);
            dora_rows(c, f, &one, t);
        }
    } else if (str_eq(by, STR("week"))) {
        for (when week = clock_floor_week(asked->from); week < asked->to; week += WEEK) {
            struct asked one = *asked;
            struct buf name = {0};
            one.from = week > asked->from ? week : asked->from;
            one.to = week + WEEK < asked->to ? week + WEEK : asked->to;
            buf_addf(&name, "week of ");
            text_when(&name, week, NULL);
            table_section(t, buf_str(&name));
            buf_finish(&name);
            dora_rows(c, f, &one, t);
        }
    } else {
        dora_rows(c, f, asked, t);
    }
    command_table(c, t);
}

/* --- flow ----------------------------------------------------------------------------------------
 */

struct flow_figures {
    struct lead lead;
    struct wip wip;
    struct efficiency efficiency;
};

static json_t *flow_metric(double value, const char *unit, json_t *distribution, uint64_t n,
                           double coverage, const char *rule, const char *text, const char *note)
{
    json_t *one = json_object();
    doc_put(one, "value", doc_real(value));
    doc_put(one, "unit", json_string(unit));
    doc_put(one, "distribution", distribution);
    doc_put(one, "estimate", json_null());
    doc_put(one, "n", doc_count(n));
    doc_put(one, "coverage", doc_real(coverage));
    json_t *entry = doc_rule(rule, "1", NULL);
    doc_put(entry, "text", json_string(text));
    doc_put(one, "rule", entry);
    doc_put(one, "excluded", json_object());
    doc_put(one, "series", json_array());
    doc_put(one, "note", note != NULL ? json_string(note) : json_null());
    return one;
}

static json_t *dist_json(const struct flow_dist *d)
{
    if (d->n == 0) {
        return json_null();
    }
    struct doc_distribution doc = {d->n, d->mean, d->min, d->p50, d->p85, d->p95, d->max, d->sum};
    return doc_distribution(&doc);
}

static double weeks_of(const struct flow_figures *f)
{
    return f->wip.days / 7;
}

static const char *const NO_TYPES = "the items have no types (feature, defect, risk, debt)";
static const char *const NO_WORK = "the log does not tell when work was done";
static const char *const VELOCITY_TEXT = "items done per week of the log";
static const char *const TIME_TEXT =
    "from the first stage that is not new to done; median of finished items";
static const char *const EFFICIENCY_TEXT =
    "sum of work by sum of flow time, finished items (pooled)";
static const char *const LOAD_TEXT = "items begun and not done, average over time";

static json_t *flow_json(const struct flow_figures *f)
{
    json_t *flow = json_object();
    const struct lead *l = &f->lead;
    double weeks = weeks_of(f);
    double finished = l->items > 0 ? (double)l->finished / (double)l->items : NAN;
    json_t *velocity = flow_metric(weeks > 0 ? (double)l->finished / weeks : NAN, "items_per_week",
                                   json_null(), l->finished, finished, "weir", VELOCITY_TEXT, NULL);
    json_t *series = json_array();
    for (size_t i = 0; i < l->n; i++) {
        json_t *one = json_object();
        doc_put(one, "from", doc_when(l->weeks[i].from));
        doc_put(one, "to", doc_when(l->weeks[i].from + WEEK));
        doc_put(one, "value", doc_count(l->weeks[i].lead.n));
        doc_put(one, "n", doc_count(l->weeks[i].lead.n));
        doc_put(one, "partial", json_boolean(l->weeks[i].partial));
        json_array_append_new(series, one);
    }
    json_object_set_new(velocity, "series", series);
    doc_put(flow, "velocity", velocity);
    const struct flow_dist *d = &f->efficiency.flow_time;
    json_t *time = flow_metric(d->n > 0 ? d->p50 / (double)SECOND : NAN, "s", dist_json(d), d->n,
                               finished, "weir", TIME_TEXT, NULL);
    json_t *detail = json_object();
    doc_put(detail, "lead_time", dist_json(&l->lead));
    doc_put(detail, "km_p50", l->km_known ? doc_real(l->km_p50 / (double)SECOND) : json_null());
    doc_put(detail, "open", doc_count(l->open));
    doc_put(detail, "cancelled", doc_count(l->cancelled));
    doc_put(detail, "left_censored", doc_count(l->left));
    doc_put(detail, "censored_share", doc_real(l->censored_share));
    doc_put(time, "detail", detail);
    doc_put(flow, "time", time);
    const struct efficiency *e = &f->efficiency;
    json_t *efficiency =
        flow_metric(e->known ? e->pooled : NAN, "ratio", json_null(), e->items,
                    e->items > 0 ? (double)(e->items - e->no_work) / (double)e->items : NAN,
                    "pooled", EFFICIENCY_TEXT, e->known ? NULL : NO_WORK);
    detail = json_object();
    doc_put(detail, "mean_of_items", e->known ? doc_real(e->mean) : json_null());
    doc_put(detail, "undivided_share", doc_real(e->undivided));
    doc_put(efficiency, "detail", detail);
    doc_put(flow, "efficiency", efficiency);
    json_t *load =
        flow_metric(f->wip.all.wip, "items", json_null(), l->items, 1, "weir", LOAD_TEXT, NULL);
    detail = json_object();
    doc_put(detail, "now", doc_count(f->wip.all.now));
    doc_put(detail, "little_residual",
            f->wip.little_known ? doc_real(f->wip.little_residual) : json_null());
    doc_put(load, "detail", detail);
    doc_put(flow, "load", load);
    doc_put(flow, "distribution",
            flow_metric(NAN, "ratio", json_null(), 0, 0, "weir",
                        "share of each type among items done", NO_TYPES));
    return flow;
}

static void flow_words(struct command_context *c, const struct flow_figures *f)
{
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    const struct lead *l = &f->lead;
    const struct efficiency *e = &f->efficiency;
    double weeks = weeks_of(f);
    const struct metric_row rows[] = {
        {"flow_velocity", weeks > 0 ? (double)l->finished / weeks : NAN, NAN, NAN, NAN,
         "items_per_week", VELOCITY_TEXT, l->finished},
        {"flow_time", e->flow_time.n > 0 ? e->flow_time.p50 / (double)SECOND : NAN, NAN, NAN, NAN,
         "s", TIME_TEXT, e->flow_time.n},
        {"lead_time", l->lead.n > 0 ? l->lead.p50 / (double)SECOND : NAN, NAN, NAN, NAN, "s",
         "from the item's beginning to done; median of finished items", l->lead.n},
        {"flow_efficiency", e->known ? e->pooled : NAN, NAN, NAN, NAN, "ratio",
         e->known ? EFFICIENCY_TEXT : NO_WORK, e->items},
        {"flow_load", f->wip.all.wip, NAN, NAN, NAN, "items", LOAD_TEXT, l->items},
        {"flow_distribution", NAN, NAN, NAN, NAN, "ratio", NO_TYPES, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        row(t, &rows[i]);
    }
    command_table(c, t);
}

static status measure_flow(struct valuestream *v, struct flow_figures *ret, struct error *why)
{
    struct lead_summary *lead = mem_get(FOLD_LEAD.size);
    struct wip_summary *wip = mem_get(FOLD_WIP.size);
    struct efficiency_summary *efficiency = mem_get(FOLD_EFFICIENCY.size);
    lead->flow = wip->flow = efficiency->flow = valuestream_flow(v);
    const struct valuestream_fold folds[] = {
        {&FOLD_LEAD, lead}, {&FOLD_WIP, wip}, {&FOLD_EFFICIENCY, efficiency}};
    status_code s = valuestream_run(v, folds, sizeof folds / sizeof *folds, why);
    if (s == OK) {
        lead_show(lead, &ret->lead);
        wip_show(wip, &ret->wip);
        ret->efficiency = efficiency_show(efficiency);
        if (v->stages == NULL && ret->efficiency.undivided == 1) {
            ret->efficiency.known = false; /* that a status is called so is no sign of work in it */
        }
    }
    FOLD_LEAD.finish(lead);
    FOLD_WIP.finish(wip);
    FOLD_EFFICIENCY.finish(efficiency);
    mem_put(lead);
    mem_put(wip);
    mem_put(efficiency);
    return s;
}

/* --- the command ---------------------------------------------------------------------------------
 */

static json_t *feedback_json(void)
{
    json_t *feedback = json_object();
    doc_put(feedback, "time_to_feedback",
            flow_metric(NAN, "s", json_null(), 0, 0, "weir",
                        "from a change's last commit to its first evidence from production",
                        "no source tells of production (spans, logs, exposures)"));
    doc_put(feedback, "time_to_learning",
            flow_metric(NAN, "s", json_null(), 0, 0, "weir",
                        "from a change's last commit to a verdict about its effect",
                        "no source tells of experiments or outcomes"));
    return feedback;
}

static void finish_figures(struct flow_figures *f)
{
    lead_finish(&f->lead);
    wip_finish(&f->wip);
}

static void answer(struct command_context *c, const struct reading *r, struct facts *f,
                   const struct asked *asked, const struct flow_figures *figures, bool dora,
                   bool flow)
{
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.metrics/1");
        if (dora) {
            doc_put(doc, "dora", dora_json(c, f, asked, true));
            doc_put(doc, "window", doc_range(asked->from, asked->to));
            if (option_given(c, "by") && !str_eq(option_str(c, "by"), STR("week"))) {
                doc_put(doc, "groups", groups_json(c, f, asked));
            }
        }
        if (flow) {
            doc_put(doc, "flow", flow_json(figures));
        }
        if (dora && flow) {
            doc_put(doc, "feedback", feedback_json());
        }
        reading_document(c, r, doc);
        if (dora && f->from_releases) {
            doc_note(doc, "nothing tells of deployments: releases stand for them");
        }
        doc_excluded(doc, "bad_time", f->bad);
        doc_end(doc);
        command_document(c, doc);
        return;
    }
    if (dora) {
        dora_words(c, f, asked);
        if (f->from_releases) {
            command_say(c, "Nothing tells of deployments: releases stand for them.");
        }
    }
    if (dora && flow) {
        command_say(c, "%s", "");
    }
    if (flow) {
        flow_words(c, figures);
        reading_say(c, r);
    }
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct reading r = {0};
    struct facts facts = {0};
    struct asked asked = {0};
    struct flow_figures figures = {0};
    str only = argument_at(c, 0);
    bool dora = !str_eq(only, STR("flow")), flow = !str_eq(only, STR("dora"));
    status_code s;
    if (only.n > 0 && dora && flow) {
        return command_usage(c, "\"" STR_FMT "\" is neither dora nor flow", STR_ARG(only));
    }
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    if (dora) {
        TRY_GOTO(s, done, facts_load(r.store, &facts, &why));
        TRY_GOTO(s, done, ask(c, &facts, &asked, &why));
    }
    if (flow) {
        TRY_GOTO(s, done, reading_stream(c, &r, WEAVE_DEFAULT, READING_WALL, &why));
        TRY_GOTO(s, done, measure_flow(&r.stream, &figures, &why));
    }
    answer(c, &r, &facts, &asked, &figures, dora, flow);
done:;
    int code = s == OK ? EXIT_YES : command_fail(c, s, &why);
    finish_figures(&figures);
    facts_finish(&facts);
    reading_close(&r);
    return code;
}

const struct command COMMAND_METRICS = {
    .name = "metrics",
    .purpose = "delivery metrics (DORA) and flow metrics, each with its rule",
    .description =
        "Every figure stands with its rule, the number of facts that it rests on, which share of\n"
        "them is linked, and its interval. What cannot be measured says why. The same log gives\n"
        "very different figures under different rules: --rule shows what other programs would\n"
        "say.",
    .arguments = ARGUMENTS,
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "dora: deployment_frequency, lead_time_for_changes, change_fail_rate, "
              "failed_deployment_recovery_time, deployment_rework_rate\n"
              "flow: velocity, time, efficiency, load, distribution\n"
              "feedback: time_to_feedback, time_to_learning\n"
              "each: value, unit, distribution, estimate, n, coverage, rule, excluded, series, "
              "detail, note\n"
              "groups: the same for each service or environment (--by)",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
