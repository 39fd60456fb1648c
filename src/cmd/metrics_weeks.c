/* weir metrics: the flow week by week, the cumulative flow, and whether an average may be read off
 * it (Little's law). All on the wall clock. */
#include "cmd/metrics.h"

#include <math.h>

static const double LITTLE_LIMIT = .1; /* beyond it the stream is not stable (mining.md 8) */

static bool is_stable(const struct wip *w)
{
    return w->little_known && w->little_residual <= LITTLE_LIMIT;
}

/* L over lambda; NaN where it is refused. Microseconds. */
static double average_lead(const struct wip *w)
{
    return is_stable(w) ? w->little_l / w->finished_per_day * (double)DAY : NAN;
}

static json_t *cumulative_json(const struct flow_weeks *f, size_t week)
{
    json_t *one = json_object();
    for (size_t k = 0; k < f->diagram.stage_n; k++) {
        doc_put_str(one, names_text(f->names, f->order[k]),
                    doc_count(f->diagram.reached[week * f->diagram.stage_n + k]));
    }
    return one;
}

void metrics_weeks_json(const struct flow_weeks *f, json_t *doc)
{
    const struct wip *w = &f->wip;
    json_t *weeks = json_array(), *little = json_object();
    for (size_t i = 0; i < f->diagram.n; i++) {
        const struct wip_bucket_row *r = &f->diagram.rows[i];
        json_t *one = json_object();
        doc_put(one, "from", doc_when(r->from));
        doc_put(one, "to", doc_when(r->to));
        doc_put(one, "arrivals", doc_count(r->arrivals));
        doc_put(one, "completions", doc_count(r->departures));
        doc_put(one, "wip_at_start", json_integer(r->at_begin));
        doc_put(one, "cumulative", f->diagram.stage_n > 0 ? cumulative_json(f, i) : json_null());
        doc_put(one, "partial", json_boolean(r->partial));
        json_array_append_new(weeks, one);
    }
    doc_put(doc, "weeks", weeks);
    doc_put(doc, "weeks_zone", doc_str(f->zone != NULL ? zone_name(f->zone) : STR("UTC")));
    doc_put(little, "n", doc_count(w->finished));
    doc_put(little, "wip", doc_real(w->days > 0 ? w->all.wip : NAN));
    doc_put(little, "finished_per_day", doc_real(w->little_known ? w->finished_per_day : NAN));
    doc_put(little, "mean_lead_s", doc_real(w->little_known ? w->mean_lead / (double)SECOND : NAN));
    doc_put(little, "residual", doc_real(w->little_known ? w->little_residual : NAN));
    doc_put(little, "limit", doc_real(LITTLE_LIMIT));
    doc_put(little, "average_lead_s", doc_real(average_lead(w) / (double)SECOND));
    doc_put(little, "clock", json_string("wall"));
    doc_put(doc, "little", little);
    if (w->little_known && !is_stable(w)) {
        doc_note(doc,
                 "the flow is not stable in this window (Little's law is off by %.0f %%, the limit "
                 "is 10 %%): no average lead time is read off the cumulative flow",
                 w->little_residual * 100);
    }
    if (f->diagram.stage_n == 0 && f->diagram.n > 0) {
        doc_note(doc, "no order of stages is set up: there is no cumulative flow");
    }
}

/* --- for people --- */

static void add_date(struct buf *out, const struct zone *zone, when t)
{
    struct civil c = clock_civil(t + zone_offset(zone, t));
    buf_addf(out, "%04d-%02d-%02d", c.year, c.month, c.day);
}

static size_t first_shown(const struct flow_weeks *f, size_t shown)
{
    return shown > 0 && shown < f->diagram.n ? f->diagram.n - shown : 0;
}

void metrics_weeks_table(struct command_context *c, const struct flow_weeks *f, size_t shown)
{
    static const struct table_column COLUMNS[] = {
        {"week from", NULL, CELL_TEXT, 0, 0},
        {NULL, "from", CELL_WHEN, 0, 0},
        {NULL, "to", CELL_WHEN, 0, 0},
        {"arrived", "arrivals", CELL_COUNT, 0, 0},
        {"done", "completions", CELL_COUNT, 0, 0},
        {"WIP at start", "wip_at_start", CELL_COUNT, 0, 0},
        {"", NULL, CELL_TEXT, 0, 0},
        {NULL, "partial", CELL_FLAG, 0, 0},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    struct buf date = {0};
    for (size_t i = first_shown(f, shown); i < f->diagram.n; i++) {
        const struct wip_bucket_row *r = &f->diagram.rows[i];
        buf_clear(&date);
        add_date(&date, f->zone, r->from);
        table_text(t, buf_str(&date));
        table_when(t, r->from);
        table_when(t, r->to);
        table_count(t, (int64_t)r->arrivals);
        table_count(t, (int64_t)r->departures);
        table_count(t, r->at_begin);
        table_text(t, r->partial ? STR("partial") : (str){0});
        table_flag(t, r->partial);
    }
    buf_finish(&date);
    command_table(c, t);
}

static void cumulative_table(struct command_context *c, const struct flow_weeks *f, size_t first)
{
    static const struct table_column COLUMNS[] = {
        {"stage", "stage", CELL_TEXT, 0, 0},
        {"reached", "reached", CELL_COUNT, 0, 0},
        {"in these weeks", "in_weeks", CELL_COUNT, 0, 0},
        {"not further", "wip", CELL_COUNT, 0, 0},
    };
    const struct wip_diagram *d = &f->diagram;
    const uint64_t *end = d->reached + (d->n - 1) * d->stage_n;
    const uint64_t *begin = first > 0 ? d->reached + (first - 1) * d->stage_n : NULL;
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t k = 0; k < d->stage_n; k++) {
        table_text(t, names_text(f->names, f->order[k]));
        table_count(t, (int64_t)end[k]);
        table_count(t, (int64_t)(end[k] - (begin != NULL ? begin[k] : 0)));
        if (k + 1 < d->stage_n) {
            table_count(t, (int64_t)end[k] - (int64_t)end[k + 1]);
        } else {
            table_none(t);
        }
    }
    command_table(c, t);
}

static void say_little(struct command_context *c, const struct wip *w)
{
    struct buf line = {0}, lead = {0};
    if (!w->little_known) {
        command_wrap(c, 0, "Little's law cannot be tested: no item is finished.");
        return;
    }
    text_number(&line, w->little_l, 1);
    buf_addf(&line, " items in progress on average against ");
    text_number(&line, w->little_lambda_w, 1);
    buf_addf(&line, " (");
    text_number(&line, w->finished_per_day * 7, 1);
    buf_addf(&line, " finished a week, ");
    text_lapse(&line, (lapse)w->mean_lead, NULL);
    buf_addf(&line, " each; n ");
    text_count(&line, (int64_t)w->finished);
    buf_addf(&line, "): off by ");
    text_percent(&line, w->little_residual);
    if (is_stable(w)) {
        text_lapse(&lead, (lapse)average_lead(w), NULL);
        command_wrap(c, 0,
                     "Little's law: " STR_FMT
                     ". The average lead time by the diagram is %s (wall clock).",
                     STR_ARG(buf_str(&line)), buf_cstr(&lead));
    } else {
        command_wrap(c, 0,
                     "Little's law: " STR_FMT ", more than 10 %%. The flow is not stable in this "
                     "window: no average lead time is read off the diagram.",
                     STR_ARG(buf_str(&line)));
    }
    buf_finish(&lead);
    buf_finish(&line);
}

void metrics_weeks_words(struct command_context *c, const struct flow_weeks *f, size_t shown)
{
    str zone = f->zone != NULL ? zone_name(f->zone) : STR("UTC");
    size_t first = first_shown(f, shown);
    if (f->diagram.n == 0) {
        return;
    }
    struct buf weeks = {0};
    text_count(&weeks, (int64_t)(f->diagram.n - first));
    buf_addf(&weeks, " of ");
    text_count(&weeks, (int64_t)f->diagram.n);
    command_say(c, "\nWeeks from Monday in " STR_FMT ", the last " STR_FMT ":", STR_ARG(zone),
                STR_ARG(buf_str(&weeks)));
    buf_finish(&weeks);
    metrics_weeks_table(c, f, shown);
    if (f->diagram.stage_n > 0) {
        command_say(c, "\nCumulative flow: items that had reached a stage, or a later one, by the "
                       "end:");
        cumulative_table(c, f, first);
    }
    command_say(c, "%s", "");
    say_little(c, &f->wip);
}

void metrics_weeks_finish(struct flow_weeks *f)
{
    wip_finish(&f->wip);
    wip_diagram_finish(&f->diagram);
}
