/* What the parts of weir metrics share: metrics.c asks, metrics_dora.c and metrics_flow.c answer.
 */
#pragma once

#include "cmd/reading.h"
#include "engine/facts.h"
#include "fold/benchmark.h"
#include "fold/wip.h"

struct asked { /* what every delivery metric is asked with */
    const struct delivery_rule *rule[DELIVERY_METRICS];
    struct delivery_parameters parameters[DELIVERY_METRICS];
    when from, to, now;
    bool closed; /* the end was named by the person */
    str service, environment, team;
    const struct benchmark *benchmark; /* NULL: none */
};

json_t *metrics_dora_json(struct command_context *c, struct facts *f, const struct asked *asked,
                          bool whole);
json_t *metrics_groups_json(struct command_context *c, struct facts *f, const struct asked *asked);
json_t *metrics_benchmark_json(const struct benchmark *b);
void metrics_dora_words(struct command_context *c, struct facts *f, const struct asked *asked);
extern const char *const metrics_words[DELIVERY_METRICS];

struct flow_weeks {
    struct wip wip; /* of the window that was asked for */
    struct wip_diagram diagram;
    const sym *order; /* stages of the diagram */
    const struct names *names;
    const struct zone *zone; /* of the weeks */
};
/* Into the document: weeks, little, and what is to be noted. */
void metrics_weeks_json(const struct flow_weeks *f, json_t *doc);
/* The last `shown` weeks; 0: all. */
void metrics_weeks_table(struct command_context *c, const struct flow_weeks *f, size_t shown);
void metrics_weeks_words(struct command_context *c, const struct flow_weeks *f, size_t shown);
void metrics_weeks_finish(struct flow_weeks *f);

struct flow_figures;
status metrics_flow(struct valuestream *v, const struct zone *zone, struct flow_figures **ret,
                    struct error *why);
const struct flow_weeks *metrics_flow_weeks(const struct flow_figures *f);
json_t *metrics_flow_json(const struct flow_figures *f);
json_t *metrics_flow_sentence(const struct flow_figures *f); /* a text */
json_t *metrics_feedback_json(void);
void metrics_flow_words(struct command_context *c, const struct flow_figures *f);
void metrics_flow_finish(struct flow_figures *f); /* NULL is fine */

struct metric_row { /* what the table shows of any metric */
    const char *name;
    double value, low, high, coverage;
    const char *unit;
    const char *rule; /* its sentence, or NULL */
    const char *why;  /* why there is no value, or what to know of it; or NULL */
    uint64_t n;
};
struct table *metrics_table(void);
/* People see what has a value; the others get a line of their own (metrics_row_words). */
void metrics_row(struct command_context *c, struct table *t, const struct metric_row *m);
void metrics_row_words(struct command_context *c, const struct metric_row *m);
/* Days, weeks and months are in the zone that was asked for (--tz, timezone), else in UTC. */
const struct zone *metrics_zone(const struct command_context *c);
