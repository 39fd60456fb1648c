#include "fold/verdict_words.h"

#include "base/buf.h"

#include <ctype.h>
#include <math.h>

const char *verdict_word(enum verdict_word w)
{
    static const char *const WORDS[] = {
        [VERDICT_LIKELY] = "likely",
        [VERDICT_NO_SINGLE_CONSTRAINT] = "no_single_constraint",
        [VERDICT_NOT_IDENTIFIABLE] = "not_identifiable",
        [VERDICT_TOO_FEW] = "too_few",
    };
    return WORDS[w];
}

/* A duration of microseconds in words: "7.4 d", "3.2 h", "12 min", "40 s", "15 ms". */
static str in_words(struct verdict *v, double microseconds, lapse day, const char *clock)
{
    const struct {
        double length;
        const char *unit;
    } units[] = {
        {(double)day, "d"}, {(double)HOUR, "h"}, {(double)MINUTE, "min"}, {(double)SECOND, "s"}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        double x = microseconds / units[i].length;
        if (fabs(x) >= 1) {
            return arena_strf(&v->text, fabs(x) < 100 ? "%.1f %s%s" : "%.0f %s%s", x, units[i].unit,
                              clock);
        }
    }
    return arena_strf(&v->text, "%.0f ms%s", microseconds / 1000, clock);
}

static str work_words(struct verdict *v, double microseconds) /* on the clock asked for */
{
    return in_words(v, microseconds, v->day, "");
}

/* What gates and timers do, they do on the wall, whatever the clock. */
static str wall_words(struct verdict *v, double microseconds)
{
    return in_words(v, microseconds, DAY, v->day != DAY ? " (wall clock)" : "");
}

/* Is the stage the one that hands over what was made? By its name, as people write it: a word that
 * begins so ("Release to customer", "deployed", "rollout"), or a train. */
static bool names_release(str stage)
{
    static const str BEGIN[] = {STR_INIT("releas"), STR_INIT("deploy"), STR_INIT("rollout")};
    for (size_t at = 0; at < stage.n; at++) {
        if (at > 0 && isalpha((unsigned char)stage.p[at - 1])) {
            continue; /* within a word: "prerelease" is none */
        }
        str word = str_from(stage, at);
        for (size_t i = 0; i < sizeof BEGIN / sizeof *BEGIN; i++) {
            if (str_eq_case(str_first(word, BEGIN[i].n), BEGIN[i])) {
                return true;
            }
        }
        if (str_eq_case(str_first(word, 5), STR("train")) &&
            (word.n == 5 || !isalpha((unsigned char)word.p[5]))) {
            return true;
        }
    }
    return false;
}

static const char *lever_of(enum place_kind kind, str stage)
{
    return kind == PLACE_POOL     ? "work"
           : kind == PLACE_TIMER  ? "timer"
           : names_release(stage) ? "release cadence"
                                  : "batches";
}

/* --- names ----------------------------------------------------------------------------------- */

static str pool_name(struct verdict *v, const struct names *names, int place)
{
    const struct evidence *e = &v->evidence;
    bool told = true; /* a told name is none of the stages */
    struct buf b = {0};
    for (size_t i = 0; i < e->stage_n; i++) {
        if (e->stages[i].pool == place) {
            told = told && e->stages[i].stage != e->places[place].name;
            buf_add(&b, b.n > 0 ? STR(" + ") : STR(""));
            buf_add(&b, names_text(names, e->stages[i].stage));
        }
    }
    str name = arena_str(&v->text, told ? names_text(names, e->places[place].name) : buf_str(&b));
    buf_finish(&b);
    return name;
}

static void name_places(struct verdict *v, const struct names *names)
{
    for (size_t p = 0; p < v->place_n; p++) {
        struct verdict_place *place = &v->places[p];
        str stage = names_text(names, v->evidence.places[p].name);
        const char *lever = lever_of(place->kind, stage);
        place->lever = str_of(lever);
        place->name = place->kind == PLACE_POOL
                          ? pool_name(v, names, (int)p)
                          : arena_strf(&v->text, STR_FMT " (%s)", STR_ARG(stage), lever);
    }
}

/* --- the reason ------------------------------------------------------------------------------ */

static str candidate_list(struct verdict *v, const char *last)
{
    struct buf b = {0};
    for (size_t i = 0; i < v->candidate_n; i++) {
        bool is_last = i > 0 && i + 1 == v->candidate_n;
        buf_addf(&b, "%s", i == 0 ? "" : is_last ? last : ", ");
        buf_add(&b, v->places[v->candidates[i]].name);
    }
    str list = arena_str(&v->text, buf_str(&b));
    buf_finish(&b);
    return list;
}

static str no_single(struct verdict *v)
{
    if (v->needed_items <= 0) {
        str list = candidate_list(v, " and ");
        return arena_strf(&v->text, "No single constraint: " STR_FMT " are equally good places.",
                          STR_ARG(list));
    }
    str list = candidate_list(v, " or ");
    unsigned long long n = (unsigned long long)v->evidence.items;
    if (v->needed_items > 10 * (double)n) {
        return arena_strf(&v->text,
                          "No single constraint: " STR_FMT
                          " (together %.2f); not separable with this log.",
                          STR_ARG(list), v->probability);
    }
    return arena_strf(&v->text,
                      "No single constraint: " STR_FMT
                      " (together %.2f); not separable with %llu items, about %.0f needed.",
                      STR_ARG(list), v->probability, n, v->needed_items);
}

static str not_identifiable(struct verdict *v)
{
    size_t most = 0;
    for (size_t p = 1; p < v->place_n; p++) {
        most = v->places[p].wait > v->places[most].wait ? p : most;
    }
    return arena_strf(&v->text,
                      "Not identifiable: " STR_FMT " holds " STR_FMT " of waiting per item that "
                      "the log does not explain. Start times and who did it would settle it.",
                      STR_ARG(v->places[most].name), STR_ARG(work_words(v, v->places[most].wait)));
}

static str reason_of(struct verdict *v)
{
    const struct evidence *e = &v->evidence;
    switch (v->word) {
    case VERDICT_LIKELY:
        return arena_strf(&v->text,
                          STR_FMT " most likely holds everything back (the method is right in "
                                  "%.0f of 10 known cases).",
                          STR_ARG(v->places[v->leader].name), 10 * verdict_cap(e->indicator));
    case VERDICT_NO_SINGLE_CONSTRAINT:
        return no_single(v);
    case VERDICT_NOT_IDENTIFIABLE:
        return not_identifiable(v);
    case VERDICT_TOO_FEW:
        break;
    }
    if (e->finished >= VERDICT_LEAST) {
        return arena_strf(&v->text, "Too few: %llu finished items, but none of them took any time.",
                          (unsigned long long)e->finished);
    }
    return arena_strf(&v->text, "Too few: %llu finished items, %d needed.",
                      (unsigned long long)e->finished, VERDICT_LEAST);
}

static str throughput_of(struct verdict *v)
{
    const struct verdict_throughput *t = &v->throughput;
    if (!t->known) {
        return STR("Throughput limit not known: the log does not tell who worked when.");
    }
    str pool = v->places[t->place].name;
    if (!t->saturated) {
        return arena_strf(&v->text,
                          "No throughput limit in sight: busiest is " STR_FMT ", %.0f %% used.",
                          STR_ARG(pool), 100 * t->utilisation);
    }
    return arena_strf(&v->text, "Throughput limit: " STR_FMT ", %.1f items a week, %.0f %% used.",
                      STR_ARG(pool), t->limit_per_week, 100 * t->utilisation);
}

/* --- evidence of a stage --------------------------------------------------------------------- */

enum { EVIDENCE_MOST = 12 };

static void say(struct verdict_stage *s, str sentence)
{
    if (s->evidence_n < EVIDENCE_MOST) {
        s->evidence[s->evidence_n++] = sentence;
    }
}

static void say_policy(struct verdict *v, const struct names *names, size_t i)
{
    struct verdict_stage *s = &v->stages[i];
    const struct batch_stage *b = s->batch;
    str stage = names_text(names, s->stage);
    if (b->kind == BATCH_GATE) {
        say(s, arena_strf(&v->text,
                          STR_FMT " lets items through every " STR_FMT ", %.0f at a time; waiting "
                                  "for the next time costs " STR_FMT " an item.",
                          STR_ARG(stage), STR_ARG(wall_words(v, b->period)), b->batch_p50,
                          STR_ARG(wall_words(v, b->price))));
    }
    if (b->kind == BATCH_TIMER) {
        say(s, arena_strf(&v->text,
                          STR_FMT " is a timer: %.0f %% of the times are within 5 %% of " STR_FMT
                                  "; nobody of ours works in it.",
                          STR_ARG(stage), 100 * b->steady, STR_ARG(wall_words(v, b->length))));
    }
}

static const struct evidence_stage *stage_named(const struct evidence *e, sym stage)
{
    for (size_t i = 0; i < e->stage_n; i++) {
        if (e->stages[i].stage == stage) {
            return &e->stages[i];
        }
    }
    return NULL;
}

static void say_queue(struct verdict *v, const struct names *names, size_t i)
{
    const struct evidence *e = &v->evidence;
    const struct evidence_stage *g = &e->stages[i];
    struct verdict_stage *s = &v->stages[i];
    str stage = names_text(names, s->stage);
    if (e->length > 0 && g->wait > 0) {
        say(s, arena_strf(&v->text, "%.1f items wait before " STR_FMT ".", g->wait / e->length,
                          STR_ARG(stage)));
    }
    const struct evidence_stage *next = stage_named(e, g->next);
    const struct evidence_place *after =
        next != NULL && next->pool >= 0 ? &e->places[next->pool] : NULL;
    if (after != NULL && next->pool != g->pool && after->crew.active_n > 0 && e->weeks > 0) {
        double idle = 1 - after->crew.busy / (e->weeks * (double)WEEK); /* both on the wall */
        say(s, arena_strf(&v->text, STR_FMT " after it is idle %.0f %% of the time.",
                          STR_ARG(names_text(names, g->next)), 100 * fmax(idle, 0)));
    }
    const struct regress *slope = &g->wip.slope;
    if (slope->known && (slope->low > 0 || slope->high < 0)) {
        bool up = slope->slope > 0;
        say(s, arena_strf(&v->text, "What is in " STR_FMT " %s by %.2g items a day [%.2g, %.2g].",
                          STR_ARG(stage), up ? "grows" : "falls", fabs(slope->slope),
                          up ? slope->low : -slope->high, up ? slope->high : -slope->low));
    }
}

static void say_people(struct verdict *v, size_t i)
{
    const struct evidence_stage *g = &v->evidence.stages[i];
    struct verdict_stage *s = &v->stages[i];
    if (g->pool < 0) {
        return;
    }
    const struct evidence_place *place = &v->evidence.places[g->pool];
    str name = v->places[g->pool].name;
    if (s->utilisation.known) {
        say(s, arena_strf(&v->text,
                          "The people of " STR_FMT " are used %.0f %% [%.0f, %.0f]; %.1f of them "
                          "in the mean week.",
                          STR_ARG(name), 100 * s->utilisation.value, 100 * s->utilisation.low,
                          100 * s->utilisation.high, place->people));
    }
    if (place->crew.active_n > 0) {
        say(s,
            arena_strf(&v->text, "A person of " STR_FMT " is at work for " STR_FMT " at a stretch.",
                       STR_ARG(name), STR_ARG(wall_words(v, place->crew.active_mean))));
        say(s, arena_strf(&v->text, STR_FMT " has the longest such stretch %.0f %% of the time.",
                          STR_ARG(name), 100 * place->crew.shifting));
    }
}

/* --- notes ----------------------------------------------------------------------------------- */

enum { NOTES_MOST = 8 };

static void note(struct verdict *v, str sentence)
{
    if (v->note_n < NOTES_MOST) {
        v->notes[v->note_n++] = sentence;
    }
}

/* The indicator with the next best record, average active period, points elsewhere. */
static void note_disagreement(struct verdict *v)
{
    const struct evidence *e = &v->evidence;
    if (v->leader < 0 || e->places[v->leader].kind != PLACE_POOL) {
        return;
    }
    size_t best = (size_t)v->leader;
    for (size_t p = 0; p < e->place_n; p++) {
        best = e->places[p].crew.active_mean > e->places[best].crew.active_mean ? p : best;
    }
    double own = e->places[v->leader].crew.active_mean;
    if (own > 0 && e->places[best].crew.active_mean > 1.25 * own) {
        note(v, arena_strf(&v->text,
                           "Indicators disagree: the average active period points to " STR_FMT ".",
                           STR_ARG(v->places[best].name)));
    }
}

static void write_notes(struct verdict *v)
{
    const struct evidence *e = &v->evidence;
    static const char *const INDICATORS[] = {
        [INDICATOR_UTILISATION] = "Ranked by how much the people of each place are used.",
        [INDICATOR_WAIT] = "Ranked by total waiting: the log does not tell starts and people of "
                           "most visits.",
        [INDICATOR_TIME] = "Ranked by total time in the stage: the log cannot tell waiting from "
                           "work.",
    };
    note(v, STR("This method reads evidence; it has relieved nothing."));
    note(v, str_of(INDICATORS[e->indicator]));
    if (v->place_n == 1) {
        note(v, STR("All stages are one place: what is inside it cannot be told apart."));
    }
    if (v->word != VERDICT_TOO_FEW && e->block_n < 8) {
        note(v, arena_strf(&v->text, "The log has only %zu independent pieces to draw from.",
                           e->block_n));
    }
    if (e->little_known && e->little_residual > .1) {
        note(v,
             arena_strf(&v->text, "Arrivals and departures differ: Little's law is off by %.0f %%.",
                        100 * e->little_residual));
    }
    if (e->move_n > 0) {
        note(v, arena_strf(&v->text, "%zu moves in bulk: more than 20 items in a minute by one.",
                           e->move_n));
    }
    note_disagreement(v);
}

void verdict_speak(struct verdict *v, const struct names *names)
{
    name_places(v, names);
    v->reason = reason_of(v);
    v->throughput.sentence = throughput_of(v);
    v->notes = ARENA_ARRAY(&v->text, str, NOTES_MOST);
    write_notes(v);
    for (size_t i = 0; i < v->stage_n; i++) {
        v->stages[i].evidence = ARENA_ARRAY(&v->text, str, EVIDENCE_MOST);
        say_policy(v, names, i);
        say_queue(v, names, i);
        say_people(v, i);
    }
}
