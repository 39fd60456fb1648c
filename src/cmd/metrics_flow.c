/* weir metrics: the flow metrics and the times to feedback. */
#include "cmd/metrics.h"

#include "base/mem.h"
#include "fold/efficiency.h"
#include "fold/lead.h"

#include <math.h>

struct flow_figures {
    struct lead lead;
    struct flow_weeks weeks;
    struct efficiency efficiency;
};

json_t *metrics_object(double value, const char *unit, json_t *distribution, uint64_t n,
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

json_t *metrics_distribution(const struct flow_dist *d)
{
    if (d->n == 0) {
        return json_null();
    }
    struct doc_distribution doc = {d->n, d->mean, d->min, d->p50, d->p85, d->p95, d->max, d->sum};
    return doc_distribution(&doc);
}

static double weeks_of(const struct flow_figures *f)
{
    return f->weeks.wip.days / 7;
}

/* Items that were in progress at some time of the window: they ended in it or are still there. */
static uint64_t in_progress(const struct flow_figures *f)
{
    return f->weeks.wip.all.now + f->weeks.wip.all.departures;
}

static const char *const NO_TYPES = "the items have no types (feature, defect, risk, debt)";
static const char *const NO_WORK = "the log does not tell when work was done";
static const char *const VELOCITY_TEXT = "items done per week of the log";
static const char *const TIME_TEXT =
    "from the first stage that is not new to done; median of finished items";
static const char *const EFFICIENCY_TEXT =
    "sum of work by sum of flow time, finished items (pooled)";
static const char *const LOAD_TEXT = "items begun and not done, average over time";

json_t *metrics_flow_json(const struct flow_figures *f)
{
    json_t *flow = json_object();
    const struct lead *l = &f->lead;
    double weeks = weeks_of(f);
    double finished = l->items > 0 ? (double)l->finished / (double)l->items : NAN;
    json_t *velocity =
        metrics_object(weeks > 0 ? (double)l->finished / weeks : NAN, "items_per_week", json_null(),
                       l->finished, finished, "weir", VELOCITY_TEXT, NULL);
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
    json_t *time = metrics_object(d->n > 0 ? d->p50 / (double)SECOND : NAN, "s",
                                  metrics_distribution(d), d->n, finished, "weir", TIME_TEXT, NULL);
    json_t *detail = json_object();
    doc_put(detail, "lead_time", metrics_distribution(&l->lead));
    doc_put(detail, "km_p50", l->km_known ? doc_real(l->km_p50 / (double)SECOND) : json_null());
    doc_put(detail, "open", doc_count(l->open));
    doc_put(detail, "cancelled", doc_count(l->cancelled));
    doc_put(detail, "left_censored", doc_count(l->left));
    doc_put(detail, "censored_share", doc_real(l->censored_share));
    doc_put(time, "detail", detail);
    doc_put(flow, "time", time);
    const struct efficiency *e = &f->efficiency;
    json_t *efficiency =
        metrics_object(e->known ? e->pooled : NAN, "ratio", json_null(), e->items,
                       e->items > 0 ? (double)(e->items - e->no_work) / (double)e->items : NAN,
                       "pooled", EFFICIENCY_TEXT, e->known ? NULL : NO_WORK);
    detail = json_object();
    doc_put(detail, "mean_of_items", e->known ? doc_real(e->mean) : json_null());
    doc_put(detail, "undivided_share", doc_real(e->undivided));
    doc_put(efficiency, "detail", detail);
    doc_put(flow, "efficiency", efficiency);
    json_t *load = metrics_object(f->weeks.wip.all.wip, "items", json_null(), in_progress(f), 1,
                                  "weir", LOAD_TEXT, NULL);
    detail = json_object();
    doc_put(detail, "now", doc_count(f->weeks.wip.all.now));
    doc_put(detail, "little_residual",
            f->weeks.wip.little_known ? doc_real(f->weeks.wip.little_residual) : json_null());
    doc_put(load, "detail", detail);
    doc_put(flow, "load", load);
    doc_put(flow, "distribution",
            metrics_object(NAN, "ratio", json_null(), 0, 0, "weir",
                           "share of each type among items done", NO_TYPES));
    return flow;
}

json_t *metrics_flow_sentence(const struct flow_figures *f)
{
    const struct flow_dist *d = &f->efficiency.flow_time;
    if (d->n == 0) {
        return json_string("No item is finished in this range.");
    }
    struct buf out = {0};
    buf_addf(&out, "Half of ");
    text_count(&out, (int64_t)d->n);
    buf_addf(&out, " finished items took at most ");
    text_lapse(&out, (lapse)d->p50, NULL);
    buf_addf(&out, ", 85 of 100 at most ");
    text_lapse(&out, (lapse)d->p85, NULL);
    if (weeks_of(f) > 0) {
        buf_addf(&out, "; ");
        text_number(&out, (double)f->lead.finished / weeks_of(f), 1);
        buf_addf(&out, " are done a week");
    }
    buf_putc(&out, '.');
    json_t *text = doc_str(buf_str(&out));
    buf_finish(&out);
    return text;
}

void metrics_flow_words(struct command_context *c, const struct flow_figures *f,
                        struct table *rows_for_programs)
{
    struct table *t = rows_for_programs != NULL ? rows_for_programs : metrics_table();
    const struct lead *l = &f->lead;
    const struct efficiency *e = &f->efficiency;
    double weeks = weeks_of(f);
    const struct metric_row rows[] = {
        {"flow_velocity", weeks > 0 ? (double)l->finished / weeks : NAN, NAN, NAN, NAN,
         "items_per_week", VELOCITY_TEXT, NULL, l->finished},
        {"flow_time", e->flow_time.n > 0 ? e->flow_time.p50 / (double)SECOND : NAN, NAN, NAN, NAN,
         "s", TIME_TEXT, e->flow_time.n > 0 ? NULL : "no item is finished", e->flow_time.n},
        {"lead_time", l->lead.n > 0 ? l->lead.p50 / (double)SECOND : NAN, NAN, NAN, NAN, "s",
         "from the item's beginning to done; median of finished items",
         l->lead.n > 0 ? NULL : "no item is finished", l->lead.n},
        {"flow_efficiency", e->known ? e->pooled : NAN, NAN, NAN, NAN, "ratio", EFFICIENCY_TEXT,
         e->known ? NULL : NO_WORK, e->items},
        {"flow_load", f->weeks.wip.all.wip, NAN, NAN, NAN, "items", LOAD_TEXT, NULL,
         in_progress(f)},
        {"flow_distribution", NAN, NAN, NAN, NAN, "ratio", NULL, NO_TYPES, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        metrics_row(c, t, &rows[i]);
    }
    if (rows_for_programs != NULL) {
        return;
    }
    command_table(c, t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (isnan(rows[i].value)) {
            metrics_row_words(c, &rows[i]);
        }
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows && c->explain; i++) {
        if (rows[i].rule != NULL) {
            command_wrap(c, 2, "%s: %s", rows[i].name, rows[i].rule);
        }
    }
}

/* What is in progress in a window is also what was finished after it: the whole stream is looked
 * at, through the window. */
static status run_wip(struct valuestream *v, struct wip_summary *wip, struct flow *look,
                      struct error *why)
{
    const struct valuestream_fold folds[] = {{&FOLD_WIP, wip}};
    const struct range range = v->range;
    const struct weave_counts counts = v->counts;
    uint64_t outside = v->outside;
    if (v->events.begins != WHEN_NONE) {
        look->window =
            (struct flow_range){true, range.from != WHEN_NONE ? range.from : v->events.begins,
                                range.to != WHEN_NONE ? range.to : v->events.ends + 1};
    }
    v->range = (struct range){WHEN_NONE, WHEN_NONE};
    status_code s = valuestream_run(v, folds, 1, why);
    v->range = range;
    v->counts = counts;
    v->outside = outside;
    return s;
}

static void show(struct valuestream *v, const struct lead_summary *lead,
                 const struct wip_summary *wip, const struct efficiency_summary *efficiency,
                 struct flow_figures *f)
{
    lead_show(lead, &f->lead);
    wip_show(wip, &f->weeks.wip);
    wip_diagram(wip, WIP_WEEK, &f->weeks.diagram);
    f->weeks.order = wip->flow->order;
    f->weeks.names = v->names;
    f->weeks.zone = wip->flow->zone;
    f->efficiency = efficiency_show(efficiency);
    if (v->stages == NULL && f->efficiency.undivided == 1) {
        f->efficiency.known = false; /* that a status is called so is no sign of work in it */
    }
}

status metrics_flow(struct valuestream *v, const struct zone *zone, struct flow_figures **ret,
                    struct error *why)
{
    struct lead_summary *lead = mem_get(FOLD_LEAD.size);
    struct wip_summary *wip = mem_get(FOLD_WIP.size);
    struct efficiency_summary *efficiency = mem_get(FOLD_EFFICIENCY.size);
    struct flow look = *valuestream_flow(v), through = {0};
    look.zone = zone;
    through = look;
    valuestream_cumulative(v, &through);
    lead->flow = efficiency->flow = &look;
    wip->flow = &through;
    bool cut = v->range.from != WHEN_NONE || v->range.to != WHEN_NONE;
    const struct valuestream_fold folds[] = {
        {&FOLD_LEAD, lead}, {&FOLD_EFFICIENCY, efficiency}, {&FOLD_WIP, wip}};
    status_code s = valuestream_run(v, folds, cut ? 2 : 3, why);
    if (s == OK && cut) {
        s = run_wip(v, wip, &through, why);
    }
    if (s == OK) {
        *ret = mem_get(sizeof **ret);
        show(v, lead, wip, efficiency, *ret);
    }
    FOLD_LEAD.finish(lead);
    FOLD_WIP.finish(wip);
    FOLD_EFFICIENCY.finish(efficiency);
    mem_put(lead);
    mem_put(wip);
    mem_put(efficiency);
    return s;
}

const struct flow_weeks *metrics_flow_weeks(const struct flow_figures *f)
{
    return &f->weeks;
}

json_t *metrics_feedback_json(void)
{
    json_t *feedback = json_object();
    doc_put(feedback, "time_to_feedback",
            metrics_object(NAN, "s", json_null(), 0, 0, "weir",
                           "from a change's last commit to its first evidence from production",
                           "no source tells of production (spans, logs, exposures)"));
    doc_put(feedback, "time_to_learning",
            metrics_object(NAN, "s", json_null(), 0, 0, "weir",
                           "from a change's last commit to a verdict about its effect",
                           "no source tells of experiments or outcomes"));
    return feedback;
}

void metrics_flow_finish(struct flow_figures *f)
{
    if (f == NULL) {
        return;
    }
    lead_finish(&f->lead);
    metrics_weeks_finish(&f->weeks);
    mem_put(f);
}
