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
struct change_figures;
/* Words for people; for programs, `rows` of one table instead (NULL for people). changes: NULL when
 * there are none. */
void metrics_dora_words(struct command_context *c, struct facts *f, const struct asked *asked,
                        const struct change_figures *changes, struct table *rows);
extern const char *const metrics_words[DELIVERY_METRICS];

/* A metric (M of the documents); takes the distribution. */
json_t *metrics_object(double value, const char *unit, json_t *distribution, uint64_t n,
                       double coverage, const char *rule, const char *text, const char *note);
json_t *metrics_distribution(const struct flow_dist *d); /* null when n = 0 */

/* Where the time of changes (pull requests) goes; of those merged in the range that was asked for.
 */
status metrics_changes(struct command_context *c, struct store *store, const struct facts *facts,
                       const struct asked *asked, struct change_figures **ret, struct error *why);
bool metrics_changes_any(const struct change_figures *f); /* NULL: none */
json_t *metrics_changes_json(const struct change_figures *f);
/* The rows of the table, for programs; and all there is to say, for people. */
void metrics_changes_rows(struct command_context *c, const struct change_figures *f,
                          struct table *t);
void metrics_changes_words(struct command_context *c, const struct change_figures *f);
void metrics_changes_finish(struct change_figures *f); /* NULL is fine */

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
void metrics_flow_words(struct command_context *c, const struct flow_figures *f,
                        struct table *rows);
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
