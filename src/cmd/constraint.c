/* weir constraint: which place most likely holds everything back, and what that rests on. */
#include "cmd/constraint.h"

#include "cmd/reading.h"
#include "fold/stagetime.h"

#include <math.h>

enum { SEED = 1 };

static const struct option OPTIONS[] = {
    {OPTION_VALUE, "objective", 0, "lead_time|throughput",
     "what is held back: how long items take (default), or how many can leave", NULL, 0},
    {OPTION_VALUE, "require", 0, "constraint|likely",
     "exit with 1 unless the verdict is at least this", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir constraint", "the verdict, with every stage beside it"},
    {"weir constraint --explain", "the evidence for each stage, in sentences"},
    {"weir constraint --json", "for a program"},
    {0},
};

/* --- the document, shared with the report ----------------------------------------------------- */

static json_t *estimate_json(const struct verdict_estimate *e)
{
    return e->known ? doc_estimate(e->value, e->low, e->high, .95) : json_null();
}

static json_t *batch_json(const struct names *names, const struct batch_stage *b)
{
    if (b == NULL || b->kind == BATCH_NONE) {
        return json_null();
    }
    json_t *one = json_object();
    doc_put(one, "kind", json_string(b->kind == BATCH_GATE ? "gate" : "timer"));
    doc_put(one, "price_s", doc_real(b->price / (double)SECOND));
    if (b->kind == BATCH_GATE) {
        doc_put(one, "period_s", doc_real(b->period / (double)SECOND));
        doc_put(one, "moments", doc_count(b->moments));
        doc_put(one, "size_p50", doc_real(b->batch_p50));
        doc_put(one, "size_max", doc_real(b->batch_max));
    } else {
        doc_put(one, "length_s", doc_real(b->length / (double)SECOND));
        doc_put(one, "steady", doc_real(b->steady));
        doc_put(one, "toward", doc_str(names_text(names, b->toward)));
    }
    return one;
}

static json_t *stage_json(const struct names *names, const struct verdict_stage *s)
{
    json_t *one = json_object();
    doc_put(one, "stage", doc_str(names_text(names, s->stage)));
    doc_put(one, "probability", doc_real(s->probability));
    doc_put(one, "gain", json_null());
    doc_put(one, "gain_wait", json_null());
    doc_put(one, "share_of_lead", doc_real(s->share_of_lead));
    doc_put(one, "wait_share", doc_real(s->wait_share));
    doc_put(one, "arrivals_per_day", doc_real(s->wip->arrivals_per_day));
    doc_put(one, "departures_per_day", doc_real(s->wip->departures_per_day));
    doc_put(one, "queue_slope_per_day",
            s->wip->slope.known
                ? doc_estimate(s->wip->slope.slope, s->wip->slope.low, s->wip->slope.high, .95)
                : json_null());
    doc_put(one, "utilisation", estimate_json(&s->utilisation));
    doc_put(one, "wip", doc_real(s->wip->wip));
    doc_put(one, "wip_now", doc_count(s->wip->now));
    doc_put(one, "batch", batch_json(names, s->batch));
    json_t *evidence = json_array();
    for (size_t i = 0; i < s->evidence_n; i++) {
        json_array_append_new(evidence, doc_str(s->evidence[i]));
    }
    doc_put(one, "evidence", evidence);
    return one;
}

static json_t *place_json(const struct verdict_place *p)
{
    static const char *const KINDS[] = {"pool", "gate", "timer"};
    json_t *one = json_object();
    doc_put(one, "place", doc_str(p->name));
    doc_put(one, "kind", json_string(KINDS[p->kind]));
    doc_put(one, "lever", doc_str(p->lever));
    doc_put(one, "probability", doc_real(p->probability));
    doc_put(one, "leads", doc_real(p->leads));
    doc_put(one, "people", p->people > 0 ? doc_real(p->people) : json_null());
    doc_put(one, "utilisation", estimate_json(&p->utilisation));
    doc_put(one, "wait_s", doc_real(p->wait / (double)SECOND));
    return one;
}

size_t constraint_next(const struct verdict *v, const struct names *names, struct arena *a,
                       str ret_next[CONSTRAINT_NEXT])
{
    size_t n = 0;
    if (v->leader >= 0 && v->stage != 0 && v->word != VERDICT_TOO_FEW) {
        struct buf stage = {0};
        text_safe(&stage, names_text(names, v->stage));
        ret_next[n++] =
            arena_strf(a, "weir items --stage \"" STR_FMT "\"", STR_ARG(buf_str(&stage)));
        buf_finish(&stage);
    }
    ret_next[n++] = arena_str(a, STR("weir map"));
    return n;
}

void constraint_put(json_t *doc, const struct verdict *v, const struct names *names,
                    enum verdict_objective objective, struct arena *a)
{
    doc_put(doc, "verdict", json_string(verdict_word(v->word)));
    doc_put(doc, "method", json_string("evidence/1"));
    bool leads = v->word == VERDICT_LIKELY && v->stage != 0;
    doc_put(doc, "stage", leads ? doc_str(names_text(names, v->stage)) : json_null());
    doc_put(doc, "place", leads ? doc_str(v->places[v->leader].name) : json_null());
    doc_put(doc, "probability",
            v->word == VERDICT_TOO_FEW ? json_null() : doc_real(v->probability));
    doc_put(doc, "objective",
            json_string(objective == OBJECTIVE_LEAD_TIME ? "lead_time" : "throughput"));
    doc_put(doc, "reason", doc_str(v->reason));
    doc_put(doc, "minimum_lead_s", json_null());
    json_t *stages = json_array(), *places = json_array(), *candidates = json_array();
    for (size_t i = 0; i < v->stage_n; i++) {
        json_array_append_new(stages, stage_json(names, &v->stages[i]));
    }
    for (size_t i = 0; i < v->place_n; i++) {
        json_array_append_new(places, place_json(&v->places[i]));
    }
    for (size_t i = 0; i < v->candidate_n; i++) {
        json_array_append_new(candidates, doc_str(v->places[v->candidates[i]].name));
    }
    doc_put(doc, "stages", stages);
    doc_put(doc, "places", places);
    doc_put(doc, "candidates", candidates);
    doc_put(doc, "needed_items", v->needed_items > 0 ? doc_real(v->needed_items) : json_null());
    json_t *throughput = json_object();
    doc_put(throughput, "place",
            v->throughput.known ? doc_str(v->places[v->throughput.place].name) : json_null());
    doc_put(throughput, "limit_per_week",
            v->throughput.known ? doc_real(v->throughput.limit_per_week) : json_null());
    doc_put(throughput, "utilisation",
            v->throughput.known ? doc_real(v->throughput.utilisation) : json_null());
    doc_put(throughput, "saturated", json_boolean(v->throughput.saturated));
    doc_put(throughput, "sentence", doc_str(v->throughput.sentence));
    doc_put(doc, "throughput", throughput);
    doc_put(doc, "n", doc_count(v->evidence.finished));
    doc_put(doc, "items", doc_count(v->evidence.items));
    static const char *const INDICATORS[] = {"utilisation", "wait", "time"};
    json_t *parameters = json_object();
    doc_put(parameters, "indicator", json_string(INDICATORS[v->evidence.indicator]));
    doc_put(parameters, "draws", json_integer(VERDICT_DRAWS));
    doc_put(parameters, "margin", doc_real(1.1));
    doc_put(parameters, "blocks", json_string(v->evidence.weekly ? "weeks" : "25 items"));
    doc_put(parameters, "seed", json_integer(SEED));
    doc_put(doc, "rule", doc_rule("evidence", "1", parameters));
    str next[CONSTRAINT_NEXT];
    size_t n = constraint_next(v, names, a, next);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(list, doc_str(next[i]));
    }
    doc_put(doc, "next", list);
    for (size_t i = 0; i < v->note_n; i++) {
        doc_note(doc, STR_FMT, STR_ARG(v->notes[i]));
    }
}

/* --- the computation --- */

status constraint_of(struct valuestream *stream, enum verdict_objective objective,
                     struct stagetime *ret_times, struct verdict *ret, struct error *why)
{
    struct evidence_summary *evidence = mem_get(FOLD_EVIDENCE.size);
    struct stagetime_summary *times = mem_get(FOLD_STAGETIME.size);
    evidence->flow = times->flow = valuestream_flow(stream);
    const struct valuestream_fold folds[] = {{&FOLD_EVIDENCE, evidence}, {&FOLD_STAGETIME, times}};
    status_code s = valuestream_run(stream, folds, sizeof folds / sizeof *folds, why);
    if (s == OK) {
        verdict_of(evidence, stream->names, objective, SEED, ret);
        stagetime_show(times, ret_times);
    }
    FOLD_EVIDENCE.finish(evidence);
    FOLD_STAGETIME.finish(times);
    mem_put(evidence);
    mem_put(times);
    return s;
}

/* --- words --- */

static const struct stagetime_stage *times_of(const struct stagetime *t, sym stage)
{
    for (size_t i = 0; i < t->n; i++) {
        if (t->stages[i].stage == stage) {
            return &t->stages[i];
        }
    }
    return NULL;
}

void constraint_table(struct command_context *c, const struct names *names, const struct verdict *v,
                      const struct stagetime *times)
{
    static const struct table_column COLUMNS[] = {
        {"stage", "stage", CELL_TEXT, 0, 0},
        {"WIP", "wip", CELL_NUMBER, 1, 3},
        {"p50", "p50_s", CELL_LAPSE, 0, 0},
        {"p85", "p85_s", CELL_LAPSE, 0, 2},
        {NULL, "wait_s", CELL_LAPSE, 0, 0},
        {NULL, "work_s", CELL_LAPSE, 0, 0},
        {"of lead", "share_of_lead", CELL_SHARE, 0, 0},
        {"used", "utilisation", CELL_SHARE, 0, 5},
        {"in/out", "arrivals_per_departure", CELL_NUMBER, 2, 4},
        {"leads", "probability", CELL_SHARE, 0, 0},
        {"wait ▒ work █", NULL, CELL_BAR, 0, 1},
        {NULL, "verdict", CELL_TEXT, 0, 0},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t i = 0; i < v->stage_n; i++) {
        const struct verdict_stage *s = &v->stages[i];
        const struct stagetime_stage *time = times_of(times, s->stage);
        bool leads = v->word == VERDICT_LIKELY && s->stage == v->stage;
        if (s->place < 0 && (time == NULL || time->share_of_lead <= 0)) {
            continue; /* the end of the stream: nothing happens there */
        }
        struct buf name = {0};
        buf_add(&name, names_text(names, s->stage));
        if (leads && command_wants_words(c)) {
            buf_addf(&name, c->look.ascii ? " ^" : " ▲");
        }
        table_text(t, buf_str(&name));
        if (leads) {
            table_colour(t, COLOUR_CONSTRAINT);
        }
        buf_finish(&name);
        table_number(t, s->wip->wip);
        double wait = 0, work = 0;
        if (time != NULL) {
            wait = time->time[CLASS_WAIT] + time->time[CLASS_BLOCKED] + time->time[CLASS_BETWEEN];
            work = time->time[CLASS_WORK];
        }
        if (time != NULL && time->sojourn.n > 0) {
            table_lapse(t, (lapse)time->sojourn.p50);
            table_lapse(t, (lapse)time->sojourn.p85);
        } else {
            table_none(t);
            table_none(t);
        }
        table_lapse(t, (lapse)wait);
        table_lapse(t, (lapse)work);
        table_number(t, s->share_of_lead);
        table_number(t, s->utilisation.known ? s->utilisation.value : NAN);
        table_number(t, s->wip->departures_per_day > 0
                            ? s->wip->arrivals_per_day / s->wip->departures_per_day
                            : NAN);
        table_number(t, s->place >= 0 ? s->probability : NAN);
        struct stagetime_parts parts =
            time != NULL ? stagetime_parts(time) : (struct stagetime_parts){0};
        table_bar_either(t, parts.wait, parts.either, parts.work);
        table_text(t, leads ? STR("constraint") : (str){0});
    }
    command_table(c, t);
}

static void explain(struct command_context *c, const struct names *names, const struct verdict *v)
{
    for (size_t i = 0; i < v->stage_n; i++) {
        const struct verdict_stage *s = &v->stages[i];
        if (s->evidence_n == 0) {
            continue;
        }
        struct buf name = {0};
        text_safe(&name, names_text(names, s->stage));
        command_say(c, "\n" STR_FMT, STR_ARG(buf_str(&name)));
        buf_finish(&name);
        for (size_t k = 0; k < s->evidence_n; k++) {
            command_wrap(c, 2, STR_FMT, STR_ARG(s->evidence[k]));
        }
    }
    for (size_t i = 0; i < v->note_n; i++) {
        if (i == 0) {
            command_say(c, "%s", "");
        }
        command_wrap(c, 0, STR_FMT, STR_ARG(v->notes[i]));
    }
}

static void words(struct command_context *c, const struct reading *r, const struct verdict *v,
                  const struct stagetime *times)
{
    const struct names *names = r->stream.names;
    if (command_wants_words(c)) {
        command_wrap(c, 0, STR_FMT, STR_ARG(v->reason));
        command_wrap(c, 0, STR_FMT, STR_ARG(v->throughput.sentence));
        reading_clock(c, r);
        command_say(c, "%s", "");
    }
    constraint_table(c, names, v, times);
    if (!command_wants_words(c)) {
        return;
    }
    struct buf line = {0};
    text_count(&line, (int64_t)v->evidence.finished);
    buf_addf(&line, " finished items of ");
    text_count(&line, (int64_t)v->evidence.items);
    command_say(c, "\n" STR_FMT ".", STR_ARG(buf_str(&line)));
    buf_finish(&line);
    if (c->explain) {
        explain(c, names, v);
    }
    reading_say(c, r);
    str next[CONSTRAINT_NEXT];
    size_t n = constraint_next(v, names, &c->text, next);
    for (size_t i = 0; i < n; i++) {
        command_say(c, "%s" STR_FMT, i == 0 ? "Next: " : "      ", STR_ARG(next[i]));
    }
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct reading r = {0};
    struct verdict v = {0};
    struct stagetime times = {0};
    enum verdict_objective objective = str_eq(option_str(c, "objective"), STR("throughput"))
                                           ? OBJECTIVE_THROUGHPUT
                                           : OBJECTIVE_LEAD_TIME;
    status_code s;
    TRY_GOTO(s, done, reading_open(c, &r, &why));
    TRY_GOTO(s, done, reading_stream(c, &r, WEAVE_DEFAULT, READING_WALL, &why));
    TRY_GOTO(s, done, constraint_of(&r.stream, objective, &times, &v, &why));
    if (command_wants_json(c)) {
        json_t *doc = doc_new("weir.constraint/1");
        constraint_put(doc, &v, r.stream.names, objective, &c->text);
        reading_document(c, &r, doc);
        doc_end(doc);
        command_document(c, doc);
    } else {
        words(c, &r, &v, &times);
    }
done:;
    int code = s != OK ? command_fail(c, s, &why) : EXIT_YES;
    if (s == OK && option_given(c, "require") &&
        (v.word != VERDICT_LIKELY || str_eq(option_str(c, "require"), STR("constraint")))) {
        code = EXIT_NO;
    }
    verdict_finish(&v);
    stagetime_finish(&times);
    reading_close(&r);
    return code;
}

const struct command COMMAND_CONSTRAINT = {
    .name = "constraint",
    .purpose = "which place most likely holds everything back",
    .description =
        "Places are pools of people, gates (release trains) and timers. They are ranked by\n"
        "utilisation where the log tells starts and people, else by waiting, else by time; the\n"
        "ranking is drawn again 400 times from whole weeks of arrivals. The method reads evidence\n"
        "and relieves nothing, so its probability is capped at how often such evidence names the\n"
        "right place at all. \"No single constraint\" and \"too few\" are answers.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields =
        "verdict: likely, no_single_constraint, not_identifiable, too_few\n"
        "method: evidence/1\n"
        "stage, place, probability, objective, reason: the answer\n"
        "stages: stage, probability, gain, share_of_lead, wait_share, arrivals_per_day, "
        "departures_per_day, queue_slope_per_day, utilisation, wip, wip_now, batch, evidence\n"
        "places: place, kind, lever, probability, leads, people, utilisation, wait_s\n"
        "candidates: the smallest set of places that leads in nine of ten draws\n"
        "needed_items: to separate the first two, or null\n"
        "throughput: place, limit_per_week, utilisation, saturated, sentence\n"
        "n, items: finished items, all items\n"
        "rule, next: how it was computed; commands",
    .group = GROUP_FLOW,
    .flags = COMMAND_READS,
    .run = run,
};
