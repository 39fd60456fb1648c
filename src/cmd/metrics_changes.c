/* weir metrics: where the time of changes (pull requests) goes. Never by person: neither author nor
 * reviewer is in any figure. */
#include "cmd/metrics.h"

#include "base/mem.h"
#include "engine/changes.h"

#include <math.h>

struct phase {
    const char *name, *key, *text;
    bool of_reviews; /* told only by sources that tell of reviews */
};

/* weir's own: from pickup to unreviewed they sum to the cycle, change by change. */
enum { CODING, PICKUP, REVIEW, REVIEWER, AUTHOR, MERGE_WAIT, UNREVIEWED, CYCLE, OWN };
static const struct phase OWN_PHASES[OWN] = {
    [CODING] = {"change_coding", "coding", "from the first commit to ready for review", false},
    [PICKUP] = {"change_pickup", "pickup", "from ready to the first response by another", true},
    [REVIEW] = {"change_review", "review", "from there to the approval (to the merge without one)",
                true},
    [REVIEWER] = {"change_reviewer_turn", "reviewer_turn",
                  "of the review: until changes are asked for, and from the author's answer on",
                  true},
    [AUTHOR] = {"change_author_turn", "author_turn",
                "of the review: from asking for changes to the next commit", true},
    [MERGE_WAIT] = {"change_merge_wait", "merge_wait", "from the approval to the merge", true},
    [UNREVIEWED] = {"change_unreviewed", "unreviewed",
                    "from ready to the merge, of changes that nobody else responded to", true},
    [CYCLE] = {"change_cycle", "cycle", "from ready to the merge", false},
};

/* As the program middleware has them; they do not sum to the cycle. */
enum { FIRST_COMMIT_TO_OPEN, FIRST_RESPONSE, REWORK, MERGE, THEIR_CYCLE, THEIRS };
static const struct phase THEIR_PHASES[THEIRS] = {
    [FIRST_COMMIT_TO_OPEN] = {"change_first_commit_to_open", "first_commit_to_open",
                              "from the first commit to opened; may be negative", false},
    [FIRST_RESPONSE] = {"change_first_response", "first_response",
                        "from ready to the first review, the author's too", true},
    [REWORK] = {"change_rework", "rework",
                "from the first review to the first approval; 0 when the first review approves",
                true},
    [MERGE] = {"change_merge", "merge", "from the first approval to the merge", true},
    [THEIR_CYCLE] = {"change_cycle", "cycle", "from ready to the merge", false},
};

struct change_figures {
    const char *rule; /* "weir" or "middleware" */
    bool mean;        /* its statistic; else the median */
    const struct phase *phases;
    size_t phase_n;
    struct flow_dist dist[OWN];
    uint64_t merged, open, negative, unopened, bad_time, outside;
    bool tells_reviews;
    when first, last; /* of the merges; WHEN_NONE: none */
};

typedef VEC(struct grouped) sample;

static void add(sample *s, bool known, lapse time)
{
    if (known) {
        VEC_ADD(s, (struct grouped){time, 1});
    }
}

static void add_own(const struct change *c, sample samples[OWN], struct change_figures *f)
{
    struct review_stages s;
    if (!review_stages(&c->review, &s)) {
        f->negative++;
        return;
    }
    bool tells = c->tells_reviews;
    add(&samples[CODING], s.known[REVIEW_CODING] && c->has_commits, s.time[REVIEW_CODING]);
    add(&samples[PICKUP], tells && s.known[REVIEW_PICKUP], s.time[REVIEW_PICKUP]);
    add(&samples[REVIEW], tells && s.known[REVIEW_REVIEWER],
        s.time[REVIEW_REVIEWER] + s.time[REVIEW_AUTHOR]);
    add(&samples[REVIEWER], tells && s.known[REVIEW_REVIEWER], s.time[REVIEW_REVIEWER]);
    add(&samples[AUTHOR], tells && s.known[REVIEW_AUTHOR], s.time[REVIEW_AUTHOR]);
    add(&samples[MERGE_WAIT], tells && s.known[REVIEW_MERGE_WAIT], s.time[REVIEW_MERGE_WAIT]);
    add(&samples[UNREVIEWED], tells && s.known[REVIEW_UNREVIEWED], s.time[REVIEW_UNREVIEWED]);
    add(&samples[CYCLE], true, s.cycle);
}

static void add_theirs(const struct change *c, sample samples[OWN])
{
    struct review_phases p;
    review_phases(&c->review, &p);
    add(&samples[FIRST_COMMIT_TO_OPEN], p.first_commit_to_open.known && c->has_commits,
        p.first_commit_to_open.time);
    add(&samples[FIRST_RESPONSE], p.first_response.known, p.first_response.time);
    add(&samples[REWORK], p.rework.known, p.rework.time);
    add(&samples[MERGE], p.merge.known, p.merge.time);
    add(&samples[THEIR_CYCLE], p.cycle.known, p.cycle.time);
}

static void measure(const struct changes *all, const struct range *range, struct change_figures *f)
{
    sample samples[OWN] = {0};
    bool own = f->phases == OWN_PHASES;
    for (size_t i = 0; i < all->v.n; i++) {
        const struct change *c = &all->v.v[i];
        when merged = c->review.merged;
        if (merged == WHEN_NONE) {
            f->open++;
            continue;
        }
        if ((range->from != WHEN_NONE && merged < range->from) ||
            (range->to != WHEN_NONE && merged >= range->to)) {
            f->outside++;
            continue;
        }
        f->merged++;
        f->tells_reviews |= c->tells_reviews;
        f->first = f->first == WHEN_NONE || merged < f->first ? merged : f->first;
        f->last = f->last == WHEN_NONE || merged > f->last ? merged : f->last;
        if (own) {
            add_own(c, samples, f);
        } else {
            add_theirs(c, samples);
        }
    }
    for (size_t k = 0; k < f->phase_n; k++) {
        f->dist[k] = flow_dist(samples[k].v, grouped_sort(samples[k].v, samples[k].n));
        VEC_FINISH(&samples[k]);
    }
}

status metrics_changes(struct command_context *c, struct store *store, const struct facts *facts,
                       const struct asked *asked, struct change_figures **ret, struct error *why)
{
    struct changes all = {0};
    struct range range;
    TRY(command_range(c, &range, why));
    status_code s = changes_load(store, facts, &all, why);
    if (s == OK) {
        bool theirs =
            str_eq(str_of(delivery_rule_name(asked->rule[DELIVERY_LEAD_TIME])), STR("middleware"));
        struct change_figures *f = *ret = mem_get(sizeof *f);
        *f = (struct change_figures){.rule = theirs ? "middleware" : "weir",
                                     .mean = theirs,
                                     .phases = theirs ? THEIR_PHASES : OWN_PHASES,
                                     .phase_n = theirs ? (size_t)THEIRS : (size_t)OWN,
                                     .unopened = all.unopened,
                                     .bad_time = all.bad_time,
                                     .first = WHEN_NONE,
                                     .last = WHEN_NONE};
        measure(&all, &range, f);
    }
    changes_finish(&all);
    return s;
}

bool metrics_changes_any(const struct change_figures *f)
{
    return f != NULL && f->merged + f->open > 0;
}

/* Seconds; NaN when there is none. */
static double value_of(const struct change_figures *f, size_t k)
{
    const struct flow_dist *d = &f->dist[k];
    return d->n == 0 ? NAN : (f->mean ? d->mean : d->p50) / (double)SECOND;
}

static const char *why_not(const struct change_figures *f, size_t k)
{
    return f->dist[k].n > 0                               ? NULL
           : f->merged == 0                               ? "no change was merged"
           : f->phases[k].of_reviews && !f->tells_reviews ? "no source tells of reviews"
           : f->phases[k].of_reviews                      ? "no change went through it"
                                                          : "no commit of a merged change is known";
}

static double covered(const struct change_figures *f, size_t k)
{
    return f->merged > 0 ? (double)f->dist[k].n / (double)f->merged : NAN;
}

json_t *metrics_changes_json(const struct change_figures *f)
{
    json_t *one = json_object(), *phases = json_object(), *excluded = json_object();
    for (size_t k = 0; k < f->phase_n; k++) {
        doc_put(phases, f->phases[k].key,
                metrics_object(value_of(f, k), "s", metrics_distribution(&f->dist[k]), f->dist[k].n,
                               covered(f, k), f->rule, f->phases[k].text, why_not(f, k)));
    }
    const struct {
        const char *reason;
        uint64_t n;
    } LEFT_OUT[] = {{"no_end", f->open},
                    {"no_start", f->unopened},
                    {"negative_duration", f->negative},
                    {"outside_window", f->outside},
                    {"bad_time", f->bad_time}};
    for (size_t i = 0; i < sizeof LEFT_OUT / sizeof *LEFT_OUT; i++) {
        if (LEFT_OUT[i].n > 0) {
            doc_put(excluded, LEFT_OUT[i].reason, doc_count(LEFT_OUT[i].n));
        }
    }
    doc_put(one, "merged", doc_count(f->merged));
    doc_put(one, "first", doc_when(f->first));
    doc_put(one, "last", doc_when(f->last));
    doc_put(one, "statistic", json_string(f->mean ? "mean" : "p50"));
    doc_put(one, "clock", json_string("wall"));
    doc_put(one, "excluded", excluded);
    doc_put(one, "phases", phases);
    return one;
}

static struct metric_row row_of(const struct change_figures *f, size_t k)
{
    return (struct metric_row){.name = f->phases[k].name,
                               .value = value_of(f, k),
                               .low = NAN,
                               .high = NAN,
                               .coverage = covered(f, k),
                               .unit = "s",
                               .rule = f->phases[k].text,
                               .why = why_not(f, k),
                               .n = f->dist[k].n};
}

void metrics_changes_rows(struct command_context *c, const struct change_figures *f,
                          struct table *t)
{
    for (size_t k = 0; k < f->phase_n; k++) {
        const struct metric_row row = row_of(f, k);
        metrics_row(c, t, &row);
    }
}

static void say_left_out(struct command_context *c, const struct change_figures *f)
{
    const struct {
        uint64_t n;
        const char *words;
    } LEFT_OUT[] = {{f->open, "not merged"},
                    {f->unopened, "merged, but nothing tells when they were opened"},
                    {f->negative, "merged before they were ready"},
                    {f->outside, "merged outside the window"},
                    {f->bad_time, "told at a time that cannot be believed"}};
    struct buf line = {0};
    for (size_t i = 0; i < sizeof LEFT_OUT / sizeof *LEFT_OUT; i++) {
        if (LEFT_OUT[i].n > 0) {
            buf_addf(&line, "%s", line.n > 0 ? "; " : "");
            text_count(&line, (int64_t)LEFT_OUT[i].n);
            buf_addf(&line, " %s", LEFT_OUT[i].words);
        }
    }
    if (line.n > 0) {
        command_wrap(c, 0, "Changes left out: " STR_FMT ".", STR_ARG(buf_str(&line)));
    }
    buf_finish(&line);
}

void metrics_changes_words(struct command_context *c, const struct change_figures *f)
{
    struct table *t = metrics_table();
    struct buf n = {0};
    text_count(&n, (int64_t)f->merged);
    command_say(c, "\nMerged changes: " STR_FMT "; %s by the rule %s, on the wall clock.",
                STR_ARG(buf_str(&n)), f->mean ? "means" : "medians", f->rule);
    buf_finish(&n);
    metrics_changes_rows(c, f, t);
    if (table_rows(t) > 0) {
        command_table(c, t);
    } else {
        table_free(t);
    }
    for (size_t k = 0; k < f->phase_n; k++) {
        const struct metric_row row = row_of(f, k);
        if (isnan(row.value)) {
            metrics_row_words(c, &row);
        } else if (c->explain) {
            command_wrap(c, 2, "%s: %s", row.name, row.rule);
        }
    }
    say_left_out(c, f);
}

void metrics_changes_finish(struct change_figures *f)
{
    mem_put(f);
}
