/* weir metrics: the five delivery metrics by a rule, the five flow metrics, each with what it rests
 * on. */
#include "cmd/metrics.h"

#include <math.h>

enum { SHOWN_WEEKS = 8 };

static const struct argument ARGUMENTS[] = {
    {.name = "dora|flow", .purpose = "only these", .optional = true},
    {0},
};

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "rule", 0, "NAME[:KEY=VALUE,…]", "by whose definitions (weir)", NULL, 0},
    {OPTION_VALUE, "by", 0, "team|service|environment|week", "one row for each", NULL, 0},
    {OPTION_VALUE, "min-confidence", 0, "SHARE", "links weaker than this are not used (0.5)", NULL,
     0},
    {OPTION_VALUE, "weeks", 0, "N", "weeks of flow to show (default 8; 0: all)", NULL, 0},
    {OPTION_VALUE, "benchmark", 0, "YEAR", "what the DORA report of that year says", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir metrics", "all that the data allow, and what they do not"},
    {"weir metrics dora --rule devlake", "by another program's definitions"},
    {"weir metrics dora --rule weir:window_h=48", "incidents up to two days later"},
    {"weir metrics dora --by service --last 90d", "one row for each service"},
    {"weir metrics flow --weeks 12 --last 90d", "arrivals, completions and WIP by week"},
    {"weir metrics flow --by week --plain", "the weeks alone, for a script"},
    {0},
};

/* --- what both kinds of metrics look like --- */

static void value_text(struct buf *out, double value, const char *unit, const struct look *look)
{
    str u = str_of(unit);
    if (str_eq(u, STR("s"))) {
        text_lapse(out, (lapse)(value * (double)SECOND), look);
    } else if (str_eq(u, STR("ratio"))) {
        text_percent(out, value);
    } else if (str_eq(u, STR("percent"))) {
        text_percent(out, value / 100);
    } else {
        text_number(out, value,
                    value == 0 || value >= 100 ? 0
                    : value >= 10              ? 1
                    : value >= .1              ? 2
                                               : 4);
        buf_addf(out, "%s",
                 str_eq(u, STR("per_day"))          ? " a day"
                 : str_eq(u, STR("days_per_week"))  ? " days a week"
                 : str_eq(u, STR("items_per_week")) ? " a week"
                                                    : "");
    }
}

static void number_text(struct buf *out, double value, const char *unit, const struct look *look)
{
    size_t before = out->n;
    value_text(out, value, unit, look);
    size_t space = str_find_char(str_from(buf_str(out), before), ' ');
    if (str_starts(str_from(buf_str(out), before + space), STR(" a ")) ||
        str_starts(str_from(buf_str(out), before + space), STR(" days"))) {
        out->n = before + space;
    }
}

static const struct table_column COLUMNS[] = {
    {"metric", "metric", CELL_TEXT, 0, 0},    {"value", NULL, CELL_TEXT, 0, 0},
    {NULL, "value", CELL_NUMBER, 6, 0},       {NULL, "unit", CELL_TEXT, 0, 0},
    {"95 %", NULL, CELL_TEXT, 0, 2},          {NULL, "low", CELL_NUMBER, 6, 0},
    {NULL, "high", CELL_NUMBER, 6, 0},        {"n", "n", CELL_COUNT, 0, 3},
    {"linked", "coverage", CELL_SHARE, 0, 1}, {NULL, "how", CELL_TEXT, 0, 0},
};

struct table *metrics_table(void)
{
    return table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
}

void metrics_row(struct command_context *c, struct table *t, const struct metric_row *m)
{
    struct buf text = {0};
    if (isnan(m->value) && command_wants_words(c)) {
        return;
    }
    if (!isnan(m->value)) {
        value_text(&text, m->value, m->unit, &c->look);
    }
    table_text(t, str_of(m->name));
    table_text(t, buf_str(&text));
    table_number(t, m->value);
    table_text(t, str_of(m->unit));
    buf_clear(&text);
    if (!isnan(m->low)) {
        number_text(&text, m->low, m->unit, &c->look);
        buf_addf(&text, " … ");
        number_text(&text, m->high, m->unit, &c->look);
    }
    table_text(t, buf_str(&text));
    table_number(t, m->low);
    table_number(t, m->high);
    table_count(t, (int64_t)m->n);
    table_number(t, m->coverage);
    table_text(t, str_of(m->why != NULL ? m->why : m->rule));
    buf_finish(&text);
}

void metrics_row_words(struct command_context *c, const struct metric_row *m)
{
    if (isnan(m->value)) {
        command_wrap(c, 0, "%s: not measurable: %s", m->name, m->why != NULL ? m->why : "no data");
    } else if (m->why != NULL) {
        command_wrap(c, 0, "%s: %s", m->name, m->why);
    }
}

const struct zone *metrics_zone(const struct command_context *c)
{
    return option_str(c, "tz").n > 0 ? c->world.zone : NULL;
}

/* --- the question --- */

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

/* The parameters, which rules take them, and their values in words (NULL: a number). */
static const struct rule_parameter {
    const char *name, *rules;
    const char *values[4]; /* in the order of the enums */
} PARAMETERS[] = {
    {"window_h", "weir", {NULL}},
    {"min_confidence", "weir", {NULL}},
    {"incident_link", "weir", {"stated", "evidence", "window", NULL}},
    {"per", "weir dora", {"incident", "deployment", NULL}},
    {"commit_time", "weir dora", {"committer", "author", NULL}},
    {"quantile", "weir dora", {"linear", "nearest", "lower", NULL}},
    {"report", "devlake", {"2023", "2021", NULL}},
};

static bool takes(const struct rule_parameter *p, str rule)
{
    str rest = str_of(p->rules), one;
    while (str_cut(&rest, ' ', &one)) {
        if (str_eq(one, rule)) {
            return true;
        }
    }
    return false;
}

static status no_parameter(str rule, str text, struct error *why)
{
    struct buf list = {0};
    (void)error_set(why, "\"" STR_FMT "\" is no parameter of the rule " STR_FMT, STR_ARG(text),
                    STR_ARG(rule));
    for (size_t i = 0; i < sizeof PARAMETERS / sizeof *PARAMETERS; i++) {
        const struct rule_parameter *p = &PARAMETERS[i];
        if (takes(p, rule)) {
            buf_addf(&list, "%s%s=", list.n > 0 ? ", " : "", p->name);
            for (size_t k = 0; p->values[k] != NULL; k++) {
                buf_addf(&list, "%s%s", k > 0 ? "|" : "", p->values[k]);
            }
            buf_addf(&list, "%s", p->values[0] == NULL ? "NUMBER" : "");
        }
    }
    error_hint(why, list.n > 0 ? "Parameters: %s" : "It takes none%s", buf_cstr(&list));
    buf_finish(&list);
    return FAIL;
}

static status parameter(str rule, str text, struct delivery_parameters *p, struct error *why)
{
    str value = text, key;
    (void)str_cut(&value, '=', &key);
    const struct rule_parameter *found = NULL;
    for (size_t i = 0; i < sizeof PARAMETERS / sizeof *PARAMETERS; i++) {
        if (str_eq(key, str_of(PARAMETERS[i].name)) && takes(&PARAMETERS[i], rule)) {
            found = &PARAMETERS[i];
        }
    }
    if (found == NULL) {
        return no_parameter(rule, text, why);
    }
    double number = 0;
    int choice = -1;
    for (int k = 0; found->values[k] != NULL; k++) {
        choice = str_eq(value, str_of(found->values[k])) ? k : choice;
    }
    bool is_number = found->values[0] == NULL && str_to_f64(value, &number);
    if (!is_number && choice < 0) {
        return no_parameter(rule, text, why);
    }
    str name = str_of(found->name);
    if (str_eq(name, STR("window_h")) && number > 0 && number < 1e6) {
        p->window = (lapse)(number * (double)HOUR);
    } else if (str_eq(name, STR("min_confidence")) && number >= 0 && number <= 1) {
        p->min_confidence = number;
    } else if (is_number) {
        return no_parameter(rule, text, why);
    } else if (str_eq(name, STR("incident_link"))) {
        p->incident_link = choice == 0   ? INCIDENT_STATED
                           : choice == 1 ? INCIDENT_EVIDENCE
                                         : INCIDENT_WINDOW;
    } else if (str_eq(name, STR("per"))) {
        p->per_deployment = choice == 1;
    } else if (str_eq(name, STR("commit_time"))) {
        p->author_time = choice == 1;
    } else if (str_eq(name, STR("quantile"))) {
        p->median = choice == 0 ? MEDIAN_LINEAR : choice == 1 ? MEDIAN_NEAREST : MEDIAN_LOWER;
    } else {
        p->devlake_2021 = choice == 1;
    }
    return OK;
}

static status rule_of(str text, const struct delivery_rule **ret, struct delivery_parameters *p,
                      struct error *why)
{
    str rest = text, name = text, one;
    (void)str_cut(&rest, ':', &name);
    *ret = delivery_rule_find(name);
    if (*ret == NULL) {
        return rule_unknown(name, why);
    }
    while (rest.p != NULL && str_cut(&rest, ',', &one)) {
        TRY(parameter(str_of(delivery_rule_name(*ret)), one, p, why));
    }
    return OK;
}

static status rules(struct command_context *c, struct asked *ret, struct error *why)
{
    double least = NAN;
    TRY(option_number(c, "min-confidence", NAN, &least, why));
    for (size_t i = 0; i < DELIVERY_METRICS; i++) {
        ret->rule[i] = delivery_rule_find(STR("weir"));
        ret->parameters[i] = delivery_parameters_default();
        if (option_given(c, "rule")) {
            TRY(rule_of(option_str(c, "rule"), &ret->rule[i], &ret->parameters[i], why));
        }
        for (size_t k = 0; k < c->config->rules.n && !option_given(c, "rule"); k++) {
            const struct config_rule *own = &c->config->rules.v[k];
            if (str_eq(own->metric, str_of(metrics_words[i]))) {
                TRY(rule_of(own->rule, &ret->rule[i], &ret->parameters[i], why));
            }
        }
        ret->parameters[i].min_confidence =
            isnan(least) ? ret->parameters[i].min_confidence : least;
    }
    return OK;
}

static status benchmark(struct command_context *c, struct asked *ret, struct error *why)
{
    int64_t year = 0;
    TRY(option_count(c, "benchmark", 0, &year, why));
    ret->benchmark = year > 0 && year < 10000 ? benchmark_of((int)year) : NULL;
    if (option_given(c, "benchmark") && ret->benchmark == NULL) {
        (void)error_set(why, "there are no figures of a report of %lld", (long long)year);
        struct buf list = {0};
        for (const struct benchmark *b = benchmarks; b->year != 0; b++) {
            buf_addf(&list, "%s%d", list.n > 0 ? ", " : "", b->year);
        }
        error_hint(why, "Reports: %s", buf_cstr(&list));
        buf_finish(&list);
        return FAIL;
    }
    return OK;
}

static status ask(struct command_context *c, const struct facts *f, struct asked *ret,
                  struct error *why)
{
    *ret = (struct asked){.now = c->world.now};
    TRY(rules(c, ret, why));
    TRY(benchmark(c, ret, why));
    struct range range;
    TRY(command_range(c, &range, why));
    const struct zone *zone = metrics_zone(c);
    when first = f->first != WHEN_NONE ? f->first : 0,
         last = f->last != WHEN_NONE ? f->last : first;
    ret->from = range.from != WHEN_NONE ? range.from : delivery_floor(zone, first, BUCKET_DAY);
    ret->to = range.to != WHEN_NONE
                  ? range.to
                  : delivery_next(zone, delivery_floor(zone, last, BUCKET_DAY), BUCKET_DAY);
    ret->closed = range.to != WHEN_NONE;
    const struct where *where = NULL;
    size_t n = 0;
    TRY(command_where(c, &where, &n, why));
    for (size_t i = 0; i < n; i++) {
        if (str_eq(where[i].key, STR("service"))) {
            ret->service = where[i].value;
        } else if (str_eq(where[i].key, STR("environment"))) {
            ret->environment = where[i].value;
        } else if (str_eq(where[i].key, STR("team"))) {
            ret->team = where[i].value;
        }
    }
    return OK;
}

/* --- the command --- */

struct answers {
    bool dora, flow;
    struct reading reading;
    struct facts facts;
    struct asked asked;
    struct flow_figures *figures;
    struct change_figures *changes;
    int64_t weeks; /* to show */
};

static void dora_document(struct command_context *c, struct answers *a, json_t *doc)
{
    const struct facts *f = &a->facts;
    doc_put(doc, "dora", metrics_dora_json(c, &a->facts, &a->asked, true));
    doc_put(doc, "window", doc_range(a->asked.from, a->asked.to));
    json_t *places = json_array();
    for (size_t i = 0; i < f->environments.n; i++) {
        json_t *one = json_object();
        doc_put(one, "name", doc_str(f->environments.v[i]));
        doc_put(one, "deployments", doc_count(f->deployed.v[i]));
        doc_put(one, "production", json_boolean(delivery_is_production(f->environments.v[i])));
        json_array_append_new(places, one);
    }
    doc_put(doc, "environments", places);
    if (option_given(c, "by")) {
        doc_put(doc, "groups", metrics_groups_json(c, &a->facts, &a->asked));
    }
    if (metrics_changes_any(a->changes)) {
        doc_put(doc, "changes", metrics_changes_json(a->changes));
    }
    if (a->asked.benchmark != NULL) {
        doc_put(doc, "benchmark", metrics_benchmark_json(a->asked.benchmark));
    }
    if (f->from_releases) {
        doc_note(doc, "nothing tells of deployments: releases stand for them");
    }
    if (str_eq(option_str(c, "by"), STR("team")) && f->teams.n == 0) {
        doc_note(doc, "nothing tells of the teams of deployments");
    }
    doc_excluded(doc, "bad_time", f->bad_time);
    if (f->bad > 0) {
        doc_note(doc, "%llu events of deployments, commits or incidents could not be understood",
                 (unsigned long long)f->bad);
    }
}

/* For people; for programs one table of all metrics, or of the weeks alone. */
static void words(struct command_context *c, struct answers *a)
{
    const struct flow_weeks *weeks = a->flow ? metrics_flow_weeks(a->figures) : NULL;
    struct table *rows = NULL;
    if (!command_wants_words(c)) {
        if (!a->dora && str_eq(option_str(c, "by"), STR("week"))) {
            metrics_weeks_table(c, weeks, option_given(c, "weeks") ? (size_t)a->weeks : 0);
            return;
        }
        rows = metrics_table();
    }
    if (a->dora) {
        metrics_dora_words(c, &a->facts, &a->asked,
                           metrics_changes_any(a->changes) ? a->changes : NULL, rows);
    }
    if (a->dora && a->flow) {
        command_say(c, "%s", "");
    }
    if (a->flow) {
        reading_clock(c, &a->reading);
        if (a->reading.stream.clock != NULL) {
            command_say(c, "%s", "");
        }
        metrics_flow_words(c, a->figures, rows);
    }
    if (rows != NULL) {
        command_table(c, rows);
    } else if (a->flow) {
        metrics_weeks_words(c, weeks, (size_t)a->weeks);
        reading_say(c, &a->reading);
    }
}

static void answer(struct command_context *c, struct answers *a)
{
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.metrics/1");
        if (a->dora) {
            dora_document(c, a, doc);
        }
        if (a->flow) {
            doc_put(doc, "flow", metrics_flow_json(a->figures));
            metrics_weeks_json(metrics_flow_weeks(a->figures), doc);
            doc_put(doc, "sentence", metrics_flow_sentence(a->figures));
        }
        if (a->dora && a->flow) {
            doc_put(doc, "feedback", metrics_feedback_json());
        }
        if (a->flow) {
            reading_document(c, &a->reading, doc);
        } else {
            doc_put(doc, "range", doc_range(a->asked.from, a->asked.to));
            doc_put(doc, "clock", json_string("wall"));
        }
        doc_end(doc);
        command_document(c, doc);
        return;
    }
    words(c, a);
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct answers a = {0};
    str only = argument_at(c, 0);
    a.dora = !str_eq(only, STR("flow"));
    a.flow = !str_eq(only, STR("dora"));
    status_code s;
    if (only.n > 0 && a.dora && a.flow) {
        return command_usage(c, "\"" STR_FMT "\" is neither dora nor flow", STR_ARG(only));
    }
    TRY_GOTO(s, done, option_count(c, "weeks", SHOWN_WEEKS, &a.weeks, &why));
    TRY_GOTO(s, done, reading_open(c, &a.reading, &why));
    if (a.dora) {
        TRY_GOTO(s, done, facts_load(a.reading.store, &a.facts, &why));
        TRY_GOTO(s, done, ask(c, &a.facts, &a.asked, &why));
        if (!option_given(c, "by") && !option_given(c, "where")) { /* changes have no service */
            TRY_GOTO(s, done,
                     metrics_changes(c, a.reading.store, &a.facts, &a.asked, &a.changes, &why));
        }
    }
    if (a.flow) {
        TRY_GOTO(s, done, reading_stream(c, &a.reading, WEAVE_DEFAULT, READING_WALL, &why));
        TRY_GOTO(s, done, metrics_flow(&a.reading.stream, metrics_zone(c), &a.figures, &why));
    }
    answer(c, &a);
done:;
    int code = s == OK ? EXIT_YES : command_fail(c, s, &why);
    metrics_flow_finish(a.figures);
    metrics_changes_finish(a.changes);
    facts_finish(&a.facts);
    reading_close(&a.reading);
    return code;
}

const struct command COMMAND_METRICS = {
    .name = "metrics",
    .purpose = "delivery metrics (DORA) and flow metrics, each with its rule",
    .description =
        "Every figure stands with its rule, the number of facts that it rests on, which share of\n"
        "them is linked, and its interval. What cannot be measured says why. The same log gives\n"
        "very different figures under different rules: --rule shows what other programs would\n"
        "say; --explain prints the rules in words, and what was left out.\n"
        "\n"
        "Changes (pull requests) are shown where a source tells when they were opened: pickup,\n"
        "review, merge_wait and unreviewed sum to the cycle of each change; --rule middleware has\n"
        "that program's phases, which do not. Nobody is named.\n"
        "\n"
        "Weeks begin on Monday in the zone of --tz. WIP at start counts items begun and not\n"
        "ended before; those finished after the window count while they were in progress. The\n"
        "cumulative flow needs stages that are set up. Little's law: the average number in\n"
        "progress should be what is finished a day times how long it took; where it is off by\n"
        "more than 10 % no average lead time is read off the diagram.\n"
        "\n"
        "Rules: weir (ours), dora (as in its reports, stated links only), and as other programs "
        "have\n"
        "it: devlake, fourkeys, middleware, pelorus, cdviz, gitlab.\n"
        "\n"
        "Parameters of rules: window_h=HOURS, incident_link=stated|evidence|window and\n"
        "min_confidence=SHARE of weir; per=incident|deployment, commit_time=committer|author and\n"
        "quantile=linear|nearest|lower of weir and dora; report=2023|2021 of devlake.",
    .arguments = ARGUMENTS,
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "dora: deployment_frequency, lead_time_for_changes, change_fail_rate, "
              "failed_deployment_recovery_time, deployment_rework_rate\n"
              "flow: velocity, time, efficiency, load, distribution\n"
              "feedback: time_to_feedback, time_to_learning\n"
              "each: value, unit, distribution, estimate, n, coverage, rule, excluded, series, "
              "detail, note, warning\n"
              "changes: merged, first, last, statistic, clock, excluded, phases (coding, pickup, "
              "review, reviewer_turn, author_turn, merge_wait, unreviewed, cycle)\n"
              "weeks: from, to, arrivals, completions, wip_at_start, cumulative (items that had "
              "reached each stage or a later one by the end), partial\n"
              "weeks_zone: where a week's Monday begins\n"
              "little: n, wip, finished_per_day, mean_lead_s, residual, limit, average_lead_s, "
              "clock\n"
              "groups: the same for each team, service, environment or week (--by)\n"
              "environments: where deployments went, and whether it counts as production\n"
              "benchmark: a report's figures in its own words (--benchmark)",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
