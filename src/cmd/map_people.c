/* weir map: what is done again, and what goes from hand to hand. Persons are counted and neither
 * named nor listed; a team is named only when enough people were seen in it. */
#include "cmd/map.h"

#include <math.h>

enum { LINES = 5, PRIVATE_GROUP = 5 };

static const char *const REWORK_TEXT =
    "an item that came to a stage twice or more; every visit but the first is done again, in a row "
    "(self-loop) when nothing came between";
static const char *const PING_PONG_TEXT =
    "an item that went from one team to another and back, visits without a team passed over";
static const char *const HANDOVER_TEXT =
    "two visits of an item in a row by different ones, of the pairs where both are known";

uint64_t map_least(const struct command_context *c)
{
    return c->config->minimum_group > 0 ? (uint64_t)c->config->minimum_group : PRIVATE_GROUP;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : NAN;
}

static uint64_t visits_again(const struct rework_result *r)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < r->n; i++) {
        sum += r->activities[i].again_visits;
    }
    return sum;
}

/* --- for programs --- */

static json_t *rule_json(const char *name, const char *text)
{
    json_t *rule = doc_rule(name, "1", NULL);
    doc_put(rule, "text", json_string(text));
    return rule;
}

static json_t *pair_json(const struct names *names, const struct pair_count *p)
{
    json_t *one = json_object();
    doc_put(one, "from", doc_str(names_text(names, p->from)));
    doc_put(one, "to", doc_str(names_text(names, p->to)));
    doc_put(one, "count", doc_count(p->n));
    return one;
}

static bool may_list(const struct handover_result *h, const struct pair_count *p)
{
    return !handover_is_small(h, p->from) && !handover_is_small(h, p->to);
}

static json_t *ping_pong_json(const struct names *names, const struct rework_result *r,
                              const struct handover_result *h)
{
    if (h->team_n == 0) {
        return json_null();
    }
    json_t *pairs = json_array(), *one = json_object();
    uint64_t unlisted = 0;
    for (size_t i = 0; i < r->ping_pong_n; i++) {
        if (may_list(h, &r->ping_pong[i])) {
            json_array_append_new(pairs, pair_json(names, &r->ping_pong[i]));
        } else {
            unlisted += r->ping_pong[i].n;
        }
    }
    doc_put(one, "n", doc_count(r->items));
    doc_put(one, "items", doc_count(r->ping_pong_items));
    doc_put(one, "share", doc_real(share(r->ping_pong_items, r->items)));
    doc_put(one, "pairs", pairs);
    doc_put(one, "unlisted", doc_count(unlisted));
    doc_put(one, "rule", rule_json("ping_pong", PING_PONG_TEXT));
    return one;
}

json_t *map_rework_json(const struct names *names, const struct rework_result *r,
                        const struct handover_result *h)
{
    json_t *stages = json_array(), *one = json_object();
    for (size_t i = 0; i < r->n && r->activities[i].again_visits > 0; i++) {
        const struct rework_activity *a = &r->activities[i];
        json_t *stage = json_object();
        doc_put(stage, "name", doc_str(names_text(names, a->name)));
        doc_put(stage, "items", doc_count(a->items));
        doc_put(stage, "visits", doc_count(a->visits));
        doc_put(stage, "again_items", doc_count(a->again_items));
        doc_put(stage, "again_visits", doc_count(a->again_visits));
        doc_put(stage, "self_loops", doc_count(a->self_loops));
        doc_put(stage, "repeat", doc_count(a->repeat));
        doc_put(stage, "redo", doc_count(a->redo));
        doc_put(stage, "by_unknown", doc_count(a->again_visits - a->repeat - a->redo));
        json_array_append_new(stages, stage);
    }
    doc_put(one, "n", doc_count(r->items));
    doc_put(one, "items", doc_count(r->again_items));
    doc_put(one, "share", doc_real(share(r->again_items, r->items)));
    doc_put(one, "visits", doc_count(visits_again(r)));
    doc_put(one, "stages", stages);
    doc_put(one, "ping_pong", ping_pong_json(names, r, h));
    doc_put(one, "rule", rule_json("rework", REWORK_TEXT));
    return one;
}

static json_t *count_json(const struct handover_count *c, uint64_t pairs)
{
    json_t *one = json_object();
    doc_put(one, "n", doc_count(c->known));
    doc_put(one, "coverage", doc_real(share(c->known, pairs)));
    doc_put(one, "proper", doc_count(c->proper));
    doc_put(one, "share", doc_real(share(c->proper, c->known)));
    return one;
}

json_t *map_handovers_json(const struct names *names, const struct handover_result *h,
                           uint64_t least)
{
    json_t *one = json_object(), *pairs = json_array(), *teams = json_null();
    for (size_t i = 0; i < h->n; i++) {
        json_array_append_new(pairs, pair_json(names, &h->pairs[i]));
    }
    if (h->team_n > 0) {
        teams = count_json(&h->teams, h->visit_pairs);
        doc_put(teams, "teams", doc_count(h->team_n));
        doc_put(teams, "small_teams", doc_count(h->small_n));
        doc_put(teams, "minimum_group", doc_count(least));
        doc_put(teams, "unlisted", doc_count(h->unlisted));
    }
    doc_put(one, "visit_pairs", doc_count(h->visit_pairs));
    doc_put(one, "persons",
            h->actors.known > 0 ? count_json(&h->actors, h->visit_pairs) : json_null());
    doc_put(one, "teams", teams);
    doc_put(one, "pairs", pairs);
    doc_put(one, "rule", rule_json("proper", HANDOVER_TEXT));
    return one;
}

/* --- for people --- */

static void rework_table(struct command_context *c, const struct names *names,
                         const struct rework_result *r)
{
    static const struct table_column COLUMNS[] = {
        {"stage", "stage", CELL_TEXT, 0, 0},
        {"items again", "again_items", CELL_COUNT, 0, 0},
        {"visits again", "again_visits", CELL_COUNT, 0, 0},
        {"in a row", "self_loops", CELL_COUNT, 0, 1},
        {"same person", "repeat", CELL_COUNT, 0, 2},
        {"another", "redo", CELL_COUNT, 0, 3},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    size_t n = 0;
    for (; n < r->n && r->activities[n].again_visits > 0; n++) {
        const struct rework_activity *a = &r->activities[n];
        if (n >= LINES) {
            continue;
        }
        bool known = a->repeat + a->redo > 0;
        table_text(t, names_text(names, a->name));
        table_count(t, (int64_t)a->again_items);
        table_count(t, (int64_t)a->again_visits);
        table_count(t, (int64_t)a->self_loops);
        if (known) {
            table_count(t, (int64_t)a->repeat);
            table_count(t, (int64_t)a->redo);
        } else {
            table_none(t);
            table_none(t);
        }
    }
    command_table(c, t);
    if (n > LINES) {
        command_say(c, "… and %zu more (weir map --json lists all)", n - LINES);
    }
}

/* "20,649 of 57,979 pairs (36 %)" */
static void add_part(struct buf *out, uint64_t part, uint64_t whole, const char *of)
{
    text_count(out, (int64_t)part);
    buf_addf(out, " of ");
    text_count(out, (int64_t)whole);
    buf_addf(out, " %s (", of);
    text_percent(out, share(part, whole));
    buf_addf(out, ")");
}

static void pair_line(struct command_context *c, const struct names *names,
                      const struct pair_count *p, bool back)
{
    const char *arrow = c->look.ascii ? " > " : " → ";
    struct buf line = {0}, path = {0};
    buf_add(&path, names_text(names, p->from));
    buf_addf(&path, "%s", arrow);
    buf_add(&path, names_text(names, p->to));
    if (back) {
        buf_addf(&path, "%s", arrow);
        buf_add(&path, names_text(names, p->from));
    }
    text_count(&line, (int64_t)p->n);
    buf_addf(&line, "  ");
    text_cut(&line, buf_str(&path), c->look.width - 14, c->look.ascii);
    command_say(c, "  " STR_FMT, STR_ARG(buf_str(&line)));
    buf_finish(&path);
    buf_finish(&line);
}

static void say_rework(struct command_context *c, const struct names *names,
                       const struct rework_result *r)
{
    struct buf line = {0};
    add_part(&line, r->again_items, r->items, "items");
    buf_addf(&line, " came to a stage twice or more; ");
    text_count(&line, (int64_t)visits_again(r));
    command_say(c, "%s", "");
    command_wrap(c, 0, "Rework: " STR_FMT " visits are done again.", STR_ARG(buf_str(&line)));
    buf_finish(&line);
    if (r->again_items > 0) {
        rework_table(c, names, r);
    }
}

static const char *covered(const struct handover_result *h, const struct handover_count *count,
                           struct buf *out)
{
    buf_clear(out);
    text_percent(out, share(count->known, h->visit_pairs));
    return buf_cstr(out);
}

static void say_handovers(struct command_context *c, const struct names *names,
                          const struct handover_result *h)
{
    static const char *const PAIRS = "pairs of visits in a row";
    struct buf line = {0}, percent = {0};
    command_say(c, "%s", "");
    if (h->actors.known > 0) {
        add_part(&line, h->actors.proper, h->actors.known, PAIRS);
        command_wrap(c, 0, "Hand-overs between persons: " STR_FMT "; both are known in %s of all.",
                     STR_ARG(buf_str(&line)), covered(h, &h->actors, &percent));
    }
    if (h->team_n == 0) {
        command_wrap(c, 0, "The log has no teams: hand-overs between teams cannot be told.");
        buf_finish(&line);
        buf_finish(&percent);
        return;
    }
    buf_clear(&line);
    add_part(&line, h->teams.proper, h->teams.known, PAIRS);
    command_wrap(c, 0, "Hand-overs between teams: " STR_FMT "; both are known in %s of all%s",
                 STR_ARG(buf_str(&line)), covered(h, &h->teams, &percent),
                 h->n > 0 ? ". The most frequent:" : ".");
    for (size_t i = 0; i < h->n && i < LINES; i++) {
        pair_line(c, names, &h->pairs[i], false);
    }
    buf_finish(&line);
    buf_finish(&percent);
}

static void say_ping_pong(struct command_context *c, const struct names *names,
                          const struct rework_result *r, const struct handover_result *h)
{
    struct buf line = {0};
    size_t shown = 0;
    add_part(&line, r->ping_pong_items, r->items, "items");
    command_wrap(c, 0, "Ping-pong: " STR_FMT " went from one team to another and back.",
                 STR_ARG(buf_str(&line)));
    for (size_t i = 0; i < r->ping_pong_n && shown < LINES; i++) {
        if (may_list(h, &r->ping_pong[i])) {
            pair_line(c, names, &r->ping_pong[i], true);
            shown++;
        }
    }
    buf_finish(&line);
}

void map_people_words(struct command_context *c, const struct names *names,
                      const struct rework_result *r, const struct handover_result *h,
                      uint64_t least)
{
    say_rework(c, names, r);
    if (h->actors.known > 0 || h->team_n > 0) {
        say_handovers(c, names, h);
    }
    if (h->team_n > 0) {
        say_ping_pong(c, names, r, h);
    }
    if (h->small_n > 0) {
        command_wrap(c, 0,
                     "%zu of %llu teams have fewer than %llu people in this log: they are counted "
                     "and not named.",
                     h->small_n, (unsigned long long)h->team_n, (unsigned long long)least);
    }
}
