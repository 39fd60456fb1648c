/* A studio that makes a driving game, simulated: the company of `weir demo`.
 *
 * Sales and support raise ideas and reports, product accepts them, development writes, builds and
 * reviews them, security looks at some, QA tests in weekly rounds, and operations deploys what has
 * passed with the next release train. What comes out are events as the tools of such a company
 * would tell them, in the words of the connectors, and the truth: where the time of the items
 * really went. So what weir finds can be compared with what was put in (demo/studio.json).
 *
 * An event-driven simulation: a heap of what happens next, stations with a queue and people who
 * work in office hours, gates with dates. Random numbers are functions of the seed and of what they
 * decide (base/rng.h). No input, no output, no clock: the same model gives the same bytes, and a
 * run over fewer months is a beginning of one over more. */
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/vec.h"
#include "model/event.h"

struct studio_model { /* shares are 0 … 1, hours are working hours; means of gamma draws */
    double seed, months;
    struct {
        double people, ideas_per_week;
    } sales;
    struct {
        double people, reports_per_week, answered;
    } support;
    struct {
        double people, hours, accepted;
    } product;
    struct {
        double people, hours, review_hours, changes_requested, revise_hours, repair_hours,
            rework_hours;
    } development;
    struct {
        double runners, runners_later, minutes, red;
    } build;
    struct {
        double people, hours, reviewed;
    } security;
    struct {
        double people, items_per_round, sent_back, second_round;
    } qa;
    struct {
        double months_between, months_between_later, staging_hours, failed, incident;
    } release;
    struct {
        double people;
    } operations;
    struct {
        double hours;
    } hotfix;
    struct {
        double month;
    } change; /* from then on the later values count */
    struct {
        double month;
    } search; /* when the slow search is reported */
    struct {
        double month, flag_after_days;
    } invite;
};

/* The parameters by name, "qa.items_per_round": for whoever reads a model. NULL behind the last. */
const char *studio_parameter(size_t i);
double *studio_parameter_of(struct studio_model *m, size_t i);
/* FAIL, with a sentence that names the parameter, when a value makes no sense. */
status studio_check(const struct studio_model *m, struct error *why);

struct studio_reference { /* a further item of an event */
    const char *type, *qualifier;
    str key;
};

struct studio_event {
    when time;
    const char *type, *activity, *item_type, *team; /* team: may be NULL */
    str key, actor, attrs;                          /* actor: pseudonym, may be empty */
    uint8_t life;                                   /* enum life */
    uint32_t first, n;                              /* its references */
};

enum studio_part { /* of the lead time; they sum to it */
                   STUDIO_IDEA,
                   STUDIO_READY,
                   STUDIO_DEVELOPMENT, /* with builds and reviews */
                   STUDIO_SECURITY,
                   STUDIO_QA_QUEUE,
                   STUDIO_QA_TEST,
                   STUDIO_RELEASE, /* passed, waiting for the train */
                   STUDIO_DEPLOY,
                   STUDIO_PARTS,
};
extern const char *const studio_part_word[STUDIO_PARTS];

struct studio_truth {
    uint64_t issues, answered, rejected, deployed, open; /* issues: the sum of the others */
    lapse lead, parts[STUDIO_PARTS];                     /* sums over the deployed ones */
    uint64_t rounds, places, taken; /* of QA: rounds begun, places in them, places taken */
    uint64_t waiting_for_qa;        /* at the end */
    uint64_t sent_back, builds, red, trains, incidents;
    when qa_full_since; /* the queue was never empty after it; WHEN_NONE: it is now */
};

struct studio {
    when begin, end;
    struct arena text;
    VEC(struct studio_event) events; /* in order of time */
    VEC(struct studio_reference) references;
    struct studio_truth truth;
};

/* `model` must have passed studio_check. studio_finish in any case. */
status studio_make(const struct studio_model *model, struct studio *ret, struct error *why);
void studio_finish(struct studio *s);
