/* weir demo: a made-up company to look at, and the truth about it to compare with. */
#include "cmd/command.h"
#include "cmd/demo_source.h"
#include "engine/ingest.h"
#include "view/text.h"

#include <math.h>
#include <stdio.h>

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "seed", 0, "N", "another studio of the same kind (default: 17)", NULL, 0},
    {OPTION_VALUE, "months", 0, "N", "how many months to simulate, 1 to 60 (default: 18)", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir demo", "make it, once; again, it adds nothing"},
    {"weir demo --store studio.duckdb --seed 4 --months 24", "a longer one, of other luck"},
    {0},
};

/* Where the time of the deployed items went, as it was put in. */
static double share(const struct studio_truth *t, enum studio_part part)
{
    return t->lead > 0 ? (double)t->parts[part] / (double)t->lead : NAN;
}

static double mean(const struct studio_truth *t, lapse sum)
{
    return t->deployed > 0 ? (double)sum / (double)t->deployed : NAN;
}

static json_t *truth_json(const struct studio_truth *t)
{
    json_t *truth = json_object(), *parts = json_object();
    doc_put(truth, "issues", doc_count(t->issues));
    doc_put(truth, "deployed", doc_count(t->deployed));
    doc_put(truth, "answered", doc_count(t->answered));
    doc_put(truth, "rejected", doc_count(t->rejected));
    doc_put(truth, "open", doc_count(t->open));
    doc_put(truth, "lead_mean_s", doc_real(mean(t, t->lead) / (double)SECOND));
    for (int p = 0; p < STUDIO_PARTS; p++) {
        doc_put(parts, studio_part_word[p], doc_real(share(t, (enum studio_part)p)));
    }
    doc_put(truth, "share_of_lead", parts);
    doc_put(truth, "qa_places", doc_count(t->places));
    doc_put(truth, "qa_places_taken", doc_count(t->taken));
    doc_put(truth, "waiting_for_qa", doc_count(t->waiting_for_qa));
    doc_put(truth, "qa_full_since", doc_when(t->qa_full_since));
    doc_put(truth, "sent_back", doc_count(t->sent_back));
    doc_put(truth, "releases", doc_count(t->trains));
    doc_put(truth, "incidents", doc_count(t->incidents));
    return truth;
}

static const char *const NEXT[] = {"map", "constraint --explain", "items --aging", "metrics"};
enum { NEXT_COUNT = sizeof NEXT / sizeof *NEXT };

/* What to type next: the store named as a shell takes it. */
static str next_line(struct command_context *c, const char *command, const char *where)
{
    bool plain = true;
    for (const char *p = where; *p != 0; p++) {
        plain &= (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
                 *p == '/' || *p == '.' || *p == '_' || *p == '-';
    }
    struct buf quoted = {0};
    for (const char *p = where; *p != 0 && !plain; p++) {
        buf_addf(&quoted, *p == '\'' ? "'\\''" : "%c", *p);
    }
    str line = plain ? arena_strf(&c->text, "weir %s --store %s", command, where)
                     : arena_strf(&c->text, "weir %s --store '" STR_FMT "'", command,
                                  STR_ARG(buf_str(&quoted)));
    buf_finish(&quoted);
    return line;
}

static json_t *document(struct command_context *c, const struct studio_model *m,
                        const struct studio *studio, const struct ingest_result *r,
                        const char *where)
{
    json_t *doc = doc_new("weir.demo/1"), *model = json_object(), *next = json_array();
    doc_put(doc, "store", doc_str(str_of(where)));
    doc_put(doc, "range", doc_range(studio->begin, studio->end));
    doc_put(doc, "events", doc_count(studio->events.n));
    doc_put(doc, "new", doc_count(r->added.events));
    struct studio_model copy = *m;
    for (size_t i = 0; studio_parameter(i) != NULL; i++) {
        doc_put(model, studio_parameter(i), doc_real(*studio_parameter_of(&copy, i)));
    }
    doc_put(doc, "model", model);
    doc_put(doc, "truth", truth_json(&studio->truth));
    for (size_t i = 0; i < NEXT_COUNT; i++) {
        json_array_append_new(next, doc_str(next_line(c, NEXT[i], where)));
    }
    doc_put(doc, "next", next);
    doc_note(doc, "simulated: nothing of it happened; the model is demo/studio.json");
    doc_end(doc);
    return doc;
}

static void say(struct command_context *c, const struct studio_model *m,
                const struct studio *studio, const struct ingest_result *r, const char *where)
{
    const struct studio_truth *t = &studio->truth;
    struct buf lead = {0}, events = {0};
    text_lapse(&lead, (lapse)(t->deployed > 0 ? mean(t, t->lead) : 0), NULL);
    text_count(&events, (int64_t)studio->events.n);
    command_wrap(c, 0,
                 "This is simulated: a studio that makes a driving game, %.0f months of work in "
                 "seven departments (sales, support, product, development, security, QA, "
                 "operations), " STR_FMT " events of %llu issues. Nothing of it happened.",
                 m->months, STR_ARG(buf_str(&events)), (unsigned long long)t->issues);
    command_wrap(c, 0,
                 "What was put in, to compare with what weir finds: QA tests in weekly rounds of "
                 "%.0f items, fewer than come, and what has passed waits for a release every "
                 "%.0f months, from month %.0f on every %.0f. So the %llu items that reached "
                 "production took " STR_FMT " on average: %.0f %% of it waiting for QA, %.0f %% in "
                 "test, %.0f %% waiting for the release; %llu items wait for QA now.",
                 m->qa.items_per_round, m->release.months_between, m->change.month + 1,
                 m->release.months_between_later, (unsigned long long)t->deployed,
                 STR_ARG(buf_str(&lead)), 100 * share(t, STUDIO_QA_QUEUE),
                 100 * share(t, STUDIO_QA_TEST), 100 * share(t, STUDIO_RELEASE),
                 (unsigned long long)t->waiting_for_qa);
    if (r->added.events > 0) {
        buf_clear(&events);
        text_count(&events, (int64_t)r->added.events);
        command_wrap(c, 0, STR_FMT " new events are in %s.", STR_ARG(buf_str(&events)), where);
    } else {
        command_wrap(c, 0, "It was in %s already; nothing was added.", where);
    }
    command_say(c, "%s", "");
    command_say(c, "What to look at next");
    for (size_t i = 0; i < NEXT_COUNT; i++) {
        str line = next_line(c, NEXT[i], where);
        command_say(c, "  " STR_FMT, STR_ARG(line));
    }
    buf_finish(&lead);
    buf_finish(&events);
}

static status choose(struct command_context *c, struct studio_model *ret, struct error *why)
{
    int64_t seed, months;
    TRY(demo_model(ret, why));
    TRY(option_count(c, "seed", (int64_t)ret->seed, &seed, why));
    TRY(option_count(c, "months", (int64_t)ret->months, &months, why));
    ret->seed = (double)seed;
    ret->months = (double)months;
    return studio_check(ret, why);
}

static status fill(struct command_context *c, struct store *store, const struct studio_model *m,
                   struct ingest_result *ret, struct error *why)
{
    struct buf path = {0};
    demo_path(m, &path);
    const char *paths[] = {buf_cstr(&path)};
    const struct ingest what = {.format = &DEMO_SOURCE,
                                .paths = paths,
                                .path_count = 1,
                                .source = {.progress = &c->progress}};
    status_code s = demo_mark(store, m, why);
    s = s == OK ? ingest_run(store, &what, ret, why) : s;
    buf_finish(&path);
    return s;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct studio_model model;
    struct studio studio = {0};
    struct ingest_result r = {0};
    struct store *store = NULL;
    const char *where = NULL;
    status_code s;
    TRY_GOTO(s, done, choose(c, &model, &why));
    TRY_GOTO(s, done, command_own_store_path(c, "demo.duckdb", &where, &why));
    TRY_GOTO(s, done, studio_make(&model, &studio, &why));
    TRY_GOTO(s, done, store_open(where, STORE_WRITE, &store, &why));
    TRY_GOTO(s, done, fill(c, store, &model, &r, &why));
    if (command_wants_json(c)) {
        command_document(c, document(c, &model, &studio, &r, where));
    } else {
        say(c, &model, &studio, &r, where);
    }
done:;
    int code = s == OK ? EXIT_YES : command_fail(c, s, &why);
    if (s == OK) {
        store_close(store);
    } else {
        store_discard(store);
    }
    ingest_finish(&r);
    studio_finish(&studio);
    return code;
}

const struct command COMMAND_DEMO = {
    .name = "demo",
    .purpose = "make a simulated company to look at",
    .description =
        "A studio that makes a driving game: sales and support raise ideas and reports, product\n"
        "accepts them, development writes and builds them, security looks at some, QA tests in\n"
        "weekly rounds, operations deploys with the next release. Eighteen months of events, as\n"
        "its tools would tell them, are written into a store of their own: a file of the data\n"
        "folder, or --store FILE. The store that WEIR_STORE or weir.yaml name is never touched.\n\n"
        "The model is known (share/weir/demo/studio.json), so that what weir finds can be\n"
        "compared with what was put in: the answer says both. The same seed gives the same\n"
        "events; more months of it add to what is there. Every answer from such a store says\n"
        "that it is simulated.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "store: the file that holds it\n"
              "range: the time that was simulated\n"
              "events: of the studio\n"
              "new: of these, added now\n"
              "model: the parameters that were put in, by name\n"
              "truth: what the simulation counted, to compare with\n"
              "next: commands to go on with",
    .group = GROUP_START,
    .flags = COMMAND_STORE | COMMAND_ANSWERS | COMMAND_HERE,
    .run = run,
};
