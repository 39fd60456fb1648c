/* An answer depends on type and activity, and only where a rule says so on actor and team. So each
 * pair (type, activity) is looked at once: the first rule that fits it without asking who is its
 * answer, unless a rule before asks. Those pairs (`asks`) are looked at once for each (actor, team)
 * they come with. */
#include "model/stages.h"

#include "base/mem.h"

#include <assert.h>
#include <string.h>

struct rule {
    sym name, team;
    uint32_t first; /* the first rule of the same name */
    enum category category;
    struct stage_patterns type, activity, actor, team_of_event, waiting;
};

struct answer {
    struct stage stage;
    bool asks;
};

struct stages {
    struct arena text;
    struct names *names;
    struct rule *rules;
    size_t n;
    struct stage_patterns ignore;
    struct map by_what; /* (type, activity) -> number of an answer + 1 */
    struct map by_who;  /* (actor, team) -> a number */
    struct map by_both; /* (number of what, number of who) -> number of an answer + 1 */
    VEC(struct answer) answers;
};

static char low(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool stage_glob(str pattern, str text)
{
    size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;
    while (t < text.n) {
        if (p < pattern.n && pattern.p[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.n && low(pattern.p[p]) == low(text.p[t])) {
            p++;
            t++;
        } else if (star != SIZE_MAX) { /* the last * takes one byte more */
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.n && pattern.p[p] == '*') {
        p++;
    }
    return p == pattern.n;
}

static bool any_fits(const struct stage_patterns *patterns, str text)
{
    for (size_t i = 0; i < patterns->n; i++) {
        if (stage_glob(patterns->v[i], text)) {
            return true;
        }
    }
    return false;
}

static bool fits(const struct stage_patterns *patterns, str text)
{
    return patterns->n == 0 || any_fits(patterns, text);
}

static struct stage_patterns copy_patterns(struct arena *a, struct stage_patterns from)
{
    str *v = ARENA_ARRAY(a, str, from.n);
    for (size_t i = 0; i < from.n; i++) {
        v[i] = arena_str(a, from.v[i]);
    }
    return (struct stage_patterns){v, from.n};
}

static void add_rule(struct stages *s, const struct stage_rule *from)
{
    struct rule *rule = &s->rules[s->n];
    *rule = (struct rule){
        .name = names_sym(s->names, from->name),
        .team = names_sym(s->names, from->team),
        .first = (uint32_t)s->n,
        .category = from->has_category ? from->category : category_guess(from->name),
        .type = copy_patterns(&s->text, from->type),
        .activity = copy_patterns(&s->text, from->activity),
        .actor = copy_patterns(&s->text, from->actor),
        .team_of_event = copy_patterns(&s->text, from->team_of_event),
        .waiting = copy_patterns(&s->text, from->waiting),
    };
    if (from->type.n + from->activity.n + from->actor.n + from->team_of_event.n == 0) {
        const str own = from->name; /* a stage that asks for nothing is the activity of its name */
        rule->activity = copy_patterns(&s->text, (struct stage_patterns){&own, 1});
    }
    for (size_t i = 0; i < s->n; i++) {
        if (s->rules[i].name == rule->name) {
            rule->first = s->rules[i].first;
            break;
        }
    }
    s->n++;
}

status stages_open(const struct stage_rule *rules, size_t n, struct stage_patterns ignore,
                   struct names *names, struct stages **ret_stages, struct error *why)
{
    assert(n < UINT32_MAX);
    for (size_t i = 0; i < n; i++) {
        if (rules[i].name.n == 0) {
            return error_set(why, "stage %zu has no name; give each stage one", i + 1);
        }
    }
    struct stages *s = mem_get(sizeof *s);
    arena_init(&s->text, "stages", 0);
    s->names = names;
    s->rules = ARENA_ARRAY(&s->text, struct rule, n);
    s->ignore = copy_patterns(&s->text, ignore);
    for (size_t i = 0; i < n; i++) {
        add_rule(s, &rules[i]);
    }
    *ret_stages = s;
    return OK;
}

void stages_close(struct stages *s)
{
    if (s != NULL) {
        map_finish(&s->by_what);
        map_finish(&s->by_who);
        map_finish(&s->by_both);
        VEC_FINISH(&s->answers);
        arena_finish(&s->text);
        mem_put(s);
    }
}

size_t stages_rules(const struct stages *s)
{
    return s != NULL ? s->n : 0;
}

struct question {
    str type, activity, actor, team;
    bool who; /* actor and team are to be looked at */
};

static struct answer ask(const struct stages *s, const struct question *q, sym activity)
{
    if (any_fits(&s->ignore, q->type) || any_fits(&s->ignore, q->activity)) {
        return (struct answer){.stage.match = STAGE_IGNORED};
    }
    if (s->n == 0) {
        return (struct answer){.stage = {.name = activity,
                                         .match = STAGE_ENTERED,
                                         .category = (uint8_t)category_guess(q->activity)}};
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct rule *rule = &s->rules[i];
        bool queued = any_fits(&rule->waiting, q->activity);
        if (!fits(&rule->type, q->type) || !(queued || fits(&rule->activity, q->activity))) {
            continue;
        }
        if (rule->actor.n + rule->team_of_event.n > 0) {
            if (!q->who) {
                return (struct answer){.asks = true};
            }
            if (!fits(&rule->actor, q->actor) || !fits(&rule->team_of_event, q->team)) {
                continue;
            }
        }
        return (struct answer){.stage = {.name = rule->name,
                                         .team = rule->team,
                                         .rule = rule->first,
                                         .match = queued ? STAGE_QUEUED : STAGE_ENTERED,
                                         .category = (uint8_t)rule->category}};
    }
    return (struct answer){.stage.match = STAGE_UNMAPPED};
}

static uint64_t pair(uint32_t a, uint32_t b)
{
    return (uint64_t)a << 32 | b;
}

static uint32_t numbered(struct map *m, uint64_t key) /* from 1 on, in order of arrival */
{
    bool fresh = false;
    uint64_t *value = map_add(m, key, &fresh);
    if (fresh) {
        *value = m->n;
    }
    return (uint32_t)*value;
}

struct stage stages_of(struct stages *s, sym type, sym activity, sym actor, sym team)
{
    uint64_t what = pair(type, activity);
    const uint64_t *known = map_find(&s->by_what, what);
    if (known != NULL && !s->answers.v[*known - 1].asks) {
        return s->answers.v[*known - 1].stage;
    }
    struct question q = {.type = names_text(s->names, type),
                         .activity = names_text(s->names, activity)};
    if (known == NULL) {
        struct answer answer = ask(s, &q, activity);
        VEC_ADD(&s->answers, answer);
        *map_add(&s->by_what, what, NULL) = s->answers.n;
        if (!answer.asks) {
            return answer.stage;
        }
        known = map_find(&s->by_what, what);
    }
    uint64_t both = pair((uint32_t)*known, numbered(&s->by_who, pair(actor, team)));
    bool fresh = false;
    uint64_t *found = map_add(&s->by_both, both, &fresh);
    if (fresh) {
        q.actor = names_text(s->names, actor);
        q.team = names_text(s->names, team);
        q.who = true;
        VEC_ADD(&s->answers, ask(s, &q, activity));
        *found = s->answers.n;
    }
    return s->answers.v[*found - 1].stage;
}

static const str CATEGORY_WORDS[CATEGORY_COUNT] = {
    [CATEGORY_ACTIVE] = STR_INIT("active"),       [CATEGORY_NEW] = STR_INIT("new"),
    [CATEGORY_WAITING] = STR_INIT("waiting"),     [CATEGORY_BLOCKED] = STR_INIT("blocked"),
    [CATEGORY_GATE] = STR_INIT("gate"),           [CATEGORY_DONE] = STR_INIT("done"),
    [CATEGORY_CANCELLED] = STR_INIT("cancelled"),
};

bool category_of(str word, enum category *ret)
{
    for (int c = 0; c < CATEGORY_COUNT; c++) {
        if (str_eq_case(word, CATEGORY_WORDS[c])) {
            *ret = (enum category)c;
            return true;
        }
    }
    return false;
}

const char *category_word(enum category c)
{
    assert(c >= 0 && c < CATEGORY_COUNT);
    return CATEGORY_WORDS[c].p;
}

/* In order: what says two things is what comes first ("waiting, on hold" is blocked). A phrase fits
 * where it stands as words of its own: "ready" is in "Ready for test", not in "already seen". */
static const struct {
    str phrase;
    enum category category;
    bool whole; /* must be the whole name: "new" is a state, "new feature" is not */
} GUESSES[] = {
    {STR_INIT("not ready"), CATEGORY_WAITING, false},
    {STR_INIT("blocked"), CATEGORY_BLOCKED, false},
    {STR_INIT("on hold"), CATEGORY_BLOCKED, false},
    {STR_INIT("cancelled"), CATEGORY_CANCELLED, false},
    {STR_INIT("canceled"), CATEGORY_CANCELLED, false},
    {STR_INIT("rejected"), CATEGORY_CANCELLED, false},
    {STR_INIT("won't do"), CATEGORY_CANCELLED, false},
    {STR_INIT("won't fix"), CATEGORY_CANCELLED, false},
    {STR_INIT("wontfix"), CATEGORY_CANCELLED, false},
    {STR_INIT("withdrawn"), CATEGORY_CANCELLED, false},
    {STR_INIT("abandoned"), CATEGORY_CANCELLED, false},
    {STR_INIT("ready"), CATEGORY_WAITING, false},
    {STR_INIT("awaiting"), CATEGORY_WAITING, false},
    {STR_INIT("waiting"), CATEGORY_WAITING, false},
    {STR_INIT("wait"), CATEGORY_WAITING, false},
    {STR_INIT("pending"), CATEGORY_WAITING, false},
    {STR_INIT("to do"), CATEGORY_WAITING, false},
    {STR_INIT("todo"), CATEGORY_WAITING, false},
    {STR_INIT("backlog"), CATEGORY_WAITING, false},
    {STR_INIT("queued"), CATEGORY_WAITING, false},
    {STR_INIT("closed"), CATEGORY_DONE, false},
    {STR_INIT("done"), CATEGORY_DONE, false},
    {STR_INIT("deployed"), CATEGORY_DONE, false},
    {STR_INIT("completed"), CATEGORY_DONE, false},
    {STR_INIT("released"), CATEGORY_DONE, false},
    {STR_INIT("in use"), CATEGORY_DONE, false},
    {STR_INIT("new"), CATEGORY_NEW, true},
    {STR_INIT("idea"), CATEGORY_NEW, true},
};

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* The phrase in the name as words; space, _ and - are alike. */
static bool speaks_of(str name, str phrase)
{
    for (size_t at = 0; at + phrase.n <= name.n; at++) {
        size_t i = 0;
        while (i < phrase.n &&
               (low(name.p[at + i]) == phrase.p[i] ||
                (phrase.p[i] == ' ' && (name.p[at + i] == '_' || name.p[at + i] == '-')))) {
            i++;
        }
        bool begins = at == 0 || !is_word_byte(name.p[at - 1]);
        bool ends = at + phrase.n == name.n || !is_word_byte(name.p[at + phrase.n]);
        if (i == phrase.n && begins && ends) {
            return true;
        }
    }
    return false;
}

enum category category_guess(str status_name)
{
    str name = str_trim(status_name);
    for (size_t i = 0; i < sizeof GUESSES / sizeof *GUESSES; i++) {
        if (GUESSES[i].whole ? str_eq_case(name, GUESSES[i].phrase)
                             : speaks_of(name, GUESSES[i].phrase)) {
            return GUESSES[i].category;
        }
    }
    return CATEGORY_ACTIVE;
}
