/* Stories of work crossing an organisation, under a virtual clock: test/scenario/NAME.txt.
 *
 *     weir.yaml:                  an indented block: the configuration
 *     begin 2026-03-02T09:00:00Z  where the clock stands at first
 *     clock work                  durations in working time
 *     +3d PR-7 enters QA by alice team qa
 *     -2d PR-7 enters review      news that comes late: own time two days ago, the clock stays
 *     +1h build-3 starts compile / completes / suspends / resumes / schedules / does
 *     +0h build-3 works compile for 2h
 *     +5d passes                  nothing happens
 *     expect lead PR-7 = 3d       (what can be asked: the table QUESTIONS)
 *
 * Items are TYPE:KEY, or a KEY of the type issue; names with spaces stand in double quotes; further
 * words of an event: by WHO, team TEAM, also ITEM, instance X, event TYPE, id N (two deliveries of
 * one id are one fact). An expectation is asked at its place in the story: of the events so far.
 *
 * Every story is told four times: as written, with every event delivered twice, in a store that was
 * compacted, and backwards (unless two events of an item have one instant: then the order of
 * arrival is all that there is). The answers must be the same; and for every item the parts of the
 * partition must sum to the lead time. */
#include "stream_lines.h"

#include "fold/evidence.h"
#include "fold/folds.h"
#include "fold/partition.h"
#include "fold/variants.h"
#include "fold/verdict.h"
#include "wire/stamp.h"

#include <dirent.h>

enum telling { AS_WRITTEN, TWICE, COMPACTED, BACKWARDS, TELLINGS };
static const char *const TELLING[] = {"as written", "delivered twice", "compacted", "backwards"};

enum { WORDS = 24, EVENTS = 256 };

struct told { /* an event as it was delivered */
    str item, also, activity, actor, team, instance, type;
    when time, begin;
    uint64_t id;
    uint8_t life;
};

struct story {
    const char *name;
    int line;
    enum telling telling;
    struct arena text;
    struct config *config;
    bool work_clock, staged, fresh;
    when clock;
    struct told events[EVENTS];
    size_t n;
    size_t expectations;
    /* the answer, of the events so far */
    struct store *store;
    struct appended total;
    struct valuestream stream;
    const struct flow *flow;
    struct traces traces; /* all items, on the wall */
};

static void stop(const struct story *s, const char *format, ...)
    __attribute__((format(printf, 2, 3), noreturn));

static void stop(const struct story *s, const char *format, ...)
{
    char text[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fail_msg("%s:%d (%s): %s", s->name, s->line, TELLING[s->telling], text);
    abort();
}

static lapse length(const struct story *s, str word)
{
    struct error why = {0};
    lapse l = 0;
    if (timeword_lapse(word, &l, &why) != OK) {
        stop(s, "%s", why.text);
    }
    return l;
}

/* --- the answer ---------------------------------------------------------------------------- */

static void keep_traces(const struct traces *part, void *cookie)
{
    struct traces *all = cookie;
    for (size_t i = 0; i < part->items.n; i++) {
        struct trace one = part->items.v[i];
        size_t first = all->visits.n;
        for (size_t k = 0; k < one.n; k++) {
            VEC_ADD(&all->visits, part->visits.v[one.first + k]);
        }
        one.first = first;
        VEC_ADD(&all->items, one);
    }
    all->log_begin = part->log_begin;
    all->log_end = part->log_end;
}

static item_id item_named(struct story *s, str name)
{
    char full[200];
    bool typed = str_find_char(name, ':') < name.n;
    snprintf(full, sizeof full, "%s" STR_FMT, typed ? "" : "issue:", STR_ARG(name));
    return stream_item(s->store, str_of(full));
}

static void deliver(struct story *s, struct batch *b, const struct told *t)
{
    struct names *n = store_names(s->store);
    uint32_t row = batch_add(b, &(struct event){.key = {t->id, ~t->id},
                                                .item = item_named(s, t->item),
                                                .type = names_sym(n, t->type),
                                                .activity = names_sym(n, t->activity),
                                                .instance = names_sym(n, t->instance),
                                                .actor = names_sym(n, t->actor),
                                                .team = names_sym(n, t->team),
                                                .time = t->time,
                                                .begin = t->begin,
                                                .life = t->life});
    if (t->also.n > 0) {
        batch_refer(b, row, item_named(s, t->also), 0);
    }
}

static void forget(struct story *s)
{
    if (s->fresh) {
        valuestream_close(&s->stream);
        traces_finish(&s->traces);
        store_close(s->store);
        s->fresh = false;
    }
}

static void check_partition(struct story *s)
{
    struct partition p = {0};
    for (size_t i = 0; i < s->traces.items.n; i++) {
        const struct trace *life = &s->traces.items.v[i];
        partition_of(&p, s->flow, &s->traces, life);
        lapse sum = 0;
        for (size_t k = 0; k < p.stays.n; k++) {
            sum += flow_lapse(s->flow, p.stays.v[k].begin, p.stays.v[k].end);
        }
        if (sum != flow_lapse(s->flow, life->begin, life->end)) {
            stop(s, "the parts of an item do not sum to its lead time");
        }
    }
    partition_finish(&p);
}

static void answer(struct story *s)
{
    struct error why = {0};
    if (s->fresh) {
        return;
    }
    s->total = (struct appended){0};
    s->traces = (struct traces){0};
    FINE(store_open("memory:", STORE_WRITE, &s->store, &why));
    struct batch *b = batch_new();
    for (size_t i = 0; i < s->n; i++) {
        const struct told *t = &s->events[s->telling == BACKWARDS ? s->n - 1 - i : i];
        for (int times = s->telling == TWICE ? 2 : 1; times > 0; times--) {
            deliver(s, b, t);
            FINE(store_append(s->store, 1, b, &s->total, &why)); /* a batch each: as news come */
            FINE(store_commit(s->store, &why));
            batch_clear(b);
        }
    }
    batch_free(b);
    if (s->telling == COMPACTED) {
        FINE(store_compact(s->store, NULL, &why));
    }
    struct valuestream_query q = {.config = s->config,
                                  .stream = config_stream(s->config, (str){0}),
                                  .range = {WHEN_NONE, WHEN_NONE},
                                  .work_clock = s->work_clock,
                                  .wall_instants = true,
                                  .now = s->clock};
    FINE(valuestream_open(s->store, &q, &s->stream, &why));
    s->flow = valuestream_flow(&s->stream);
    FINE(valuestream_each(&s->stream, keep_traces, &s->traces, &why));
    s->fresh = true;
    check_partition(s);
}

static const struct trace *trace_named(struct story *s, str name)
{
    item_id item = item_named(s, name);
    for (size_t i = 0; i < s->traces.items.n; i++) {
        if (s->traces.items.v[i].item == item) {
            return &s->traces.items.v[i];
        }
    }
    return NULL;
}

/* --- questions ----------------------------------------------------------------------------- */

struct question {
    str subject, item; /* "QA", "PR-7" */
    struct buf got;
};

static const struct trace *its_trace(struct story *s, const struct question *q)
{
    const struct trace *t = trace_named(s, q->item);
    if (t == NULL) {
        stop(s, "there is no item " STR_FMT, STR_ARG(q->item));
    }
    return t;
}

static void say_lapse(struct question *q, lapse l) /* in the largest unit that divides it */
{
    static const struct {
        lapse length;
        const char *name;
    } UNITS[] = {{DAY, "d"}, {HOUR, "h"}, {MINUTE, "m"}, {SECOND, "s"}, {1, "us"}};
    size_t i = 0;
    while (l % UNITS[i].length != 0) {
        i++;
    }
    buf_addf(&q->got, "%lld%s", (long long)(l / UNITS[i].length), l == 0 ? "" : UNITS[i].name);
}

static void ask_lead(struct story *s, struct question *q)
{
    const struct trace *t = its_trace(s, q);
    say_lapse(q, flow_lapse(s->flow, t->begin, t->end));
}

static lapse part_of(struct story *s, const struct question *q, unsigned classes)
{
    struct partition p = {0};
    partition_of(&p, s->flow, &s->traces, its_trace(s, q));
    lapse sum = 0;
    for (size_t k = 0; k < p.stays.n; k++) {
        const struct stay *stay = &p.stays.v[k];
        if ((classes & 1U << stay->class) != 0 &&
            str_eq(names_text(s->stream.names, stay->stage), q->subject)) {
            sum += flow_lapse(s->flow, stay->begin, stay->end);
        }
    }
    partition_finish(&p);
    return sum;
}

static void ask_wait(struct story *s, struct question *q)
{
    say_lapse(q, part_of(s, q, 1U << CLASS_WAIT));
}

static void ask_work(struct story *s, struct question *q)
{
    say_lapse(q, part_of(s, q, 1U << CLASS_WORK));
}

static void ask_blocked(struct story *s, struct question *q)
{
    say_lapse(q, part_of(s, q, 1U << CLASS_BLOCKED));
}

static void ask_time(struct story *s, struct question *q)
{
    say_lapse(q, part_of(s, q, ~0U));
}

static void ask_between(struct story *s, struct question *q)
{
    say_lapse(q, part_of(s, q, 1U << CLASS_BETWEEN));
}

static void ask_parallel(struct story *s, struct question *q)
{
    struct partition p = {0};
    partition_of(&p, s->flow, &s->traces, its_trace(s, q));
    say_lapse(q, p.parallel);
    partition_finish(&p);
}

static void ask_stage(struct story *s, struct question *q)
{
    const struct trace *t = its_trace(s, q);
    buf_add(&q->got, names_text(s->stream.names, s->traces.visits.v[t->first + t->n - 1].activity));
}

static void ask_path(struct story *s, struct question *q)
{
    const struct trace *t = its_trace(s, q);
    for (size_t i = 0; i < t->n; i++) {
        str stage = names_text(s->stream.names, s->traces.visits.v[t->first + i].activity);
        buf_addf(&q->got, "%s" STR_FMT, i > 0 ? ", " : "", STR_ARG(stage));
    }
}

static void ask_state(struct story *s, struct question *q)
{
    const struct trace *t = trace_named(s, q->item);
    buf_addf(&q->got, "%s",
             t == NULL                           ? "absent"
             : (t->flags & TRACE_CANCELLED) != 0 ? "cancelled"
             : (t->flags & TRACE_OPEN) != 0      ? "open"
                                                 : "done");
}

static void ask_visits(struct story *s, struct question *q)
{
    const struct trace *t = its_trace(s, q);
    unsigned n = 0;
    for (size_t i = 0; i < t->n; i++) {
        n += str_eq(names_text(s->stream.names, s->traces.visits.v[t->first + i].activity),
                    q->subject);
    }
    buf_addf(&q->got, "%u", n);
}

static void ask_rework(struct story *s, struct question *q)
{
    const struct trace *t = its_trace(s, q);
    unsigned n = 0;
    for (size_t i = 0; i < t->n; i++) {
        n += (s->traces.visits.v[t->first + i].flags & VISIT_REWORK) != 0;
    }
    buf_addf(&q->got, "%u", n);
}

static void count_flags(struct story *s, struct question *q, unsigned mask, unsigned wanted)
{
    size_t n = 0;
    for (size_t i = 0; i < s->traces.items.n; i++) {
        n += (s->traces.items.v[i].flags & mask) == wanted;
    }
    buf_addf(&q->got, "%zu", n);
}

static void ask_items(struct story *s, struct question *q)
{
    count_flags(s, q, 0, 0);
}

static void ask_open(struct story *s, struct question *q)
{
    count_flags(s, q, TRACE_OPEN, TRACE_OPEN);
}

static void ask_done(struct story *s, struct question *q)
{
    count_flags(s, q, TRACE_OPEN | TRACE_CANCELLED, 0);
}

static void ask_cancelled(struct story *s, struct question *q)
{
    count_flags(s, q, TRACE_CANCELLED, TRACE_CANCELLED);
}

static void ask_after_end(struct story *s, struct question *q)
{
    buf_addf(&q->got, "%llu", (unsigned long long)s->stream.counts.after_end);
}

static void ask_ignored(struct story *s, struct question *q)
{
    buf_addf(&q->got, "%llu", (unsigned long long)s->stream.counts.ignored);
}

static void ask_unmapped(struct story *s, struct question *q)
{
    buf_addf(&q->got, "%llu", (unsigned long long)s->stream.counts.unmapped);
}

static void ask_duplicates(struct story *s, struct question *q)
{
    uint64_t n = s->total.duplicates;
    n -= s->telling == TWICE ? s->n : 0; /* the story's own are told */
    buf_addf(&q->got, "%llu", (unsigned long long)n);
}

static void ask_variants(struct story *s, struct question *q)
{
    struct error why = {0};
    struct variants *v = mem_get(variants_fold.size);
    struct variants_result shown = {0};
    struct valuestream_fold fold = {&variants_fold, v};
    FINE(valuestream_run(&s->stream, &fold, 1, &why));
    variants_show(v, 0, s->stream.names, &s->text, &shown);
    buf_addf(&q->got, "%llu", (unsigned long long)shown.count);
    variants_fold.finish(v);
    mem_put(v);
}

static void ask_verdict(struct story *s, struct question *q)
{
    struct error why = {0};
    struct evidence_summary *e = mem_get(FOLD_EVIDENCE.size);
    struct verdict v;
    e->flow = s->flow;
    struct valuestream_fold fold = {&FOLD_EVIDENCE, e};
    FINE(valuestream_run(&s->stream, &fold, 1, &why));
    verdict_of(e, s->stream.names, OBJECTIVE_LEAD_TIME, 1, &v);
    buf_addf(&q->got, "%s", verdict_word(v.word));
    if (v.word == VERDICT_LIKELY) {
        str stage = names_text(s->stream.names, v.stage);
        buf_addf(&q->got, " " STR_FMT, STR_ARG(stage));
    }
    verdict_finish(&v);
    FOLD_EVIDENCE.finish(e);
    mem_put(e);
}

/* How many words stand between the question and "=": "wait QA PR-7" has two. */
static const struct {
    const char *word;
    size_t words;
    void (*ask)(struct story *s, struct question *q);
} QUESTIONS[] = {
    {"lead", 1, ask_lead},           {"wait", 2, ask_wait},
    {"work", 2, ask_work},           {"blocked", 2, ask_blocked},
    {"time", 2, ask_time},           {"between", 1, ask_between},
    {"parallel", 1, ask_parallel},   {"stage", 1, ask_stage},
    {"path", 1, ask_path},           {"state", 1, ask_state},
    {"visits", 2, ask_visits},       {"rework", 1, ask_rework},
    {"items", 0, ask_items},         {"open", 0, ask_open},
    {"done", 0, ask_done},           {"cancelled", 0, ask_cancelled},
    {"after_end", 0, ask_after_end}, {"ignored", 0, ask_ignored},
    {"unmapped", 0, ask_unmapped},   {"duplicates", 0, ask_duplicates},
    {"variants", 0, ask_variants},   {"verdict", 0, ask_verdict},
};

static void expectation(struct story *s, const str *words, size_t n, str wanted)
{
    answer(s);
    s->expectations++;
    for (size_t i = 0; i < sizeof QUESTIONS / sizeof *QUESTIONS; i++) {
        if (n < 1 || !str_eq(words[0], str_of(QUESTIONS[i].word))) {
            continue;
        }
        if (n != QUESTIONS[i].words + 1) {
            stop(s, "expect %s takes %zu words before =", QUESTIONS[i].word, QUESTIONS[i].words);
        }
        struct question q = {.subject = n == 3 ? words[1] : (str){0},
                             .item = n > 1 ? words[n - 1] : (str){0}};
        QUESTIONS[i].ask(s, &q);
        if (!str_eq(buf_str(&q.got), wanted)) {
            stop(s, "%s is " STR_FMT ", not " STR_FMT, QUESTIONS[i].word, STR_ARG(buf_str(&q.got)),
                 STR_ARG(wanted));
        }
        buf_finish(&q.got);
        return;
    }
    stop(s, "what is to be expected?");
}

/* --- reading a story ----------------------------------------------------------------------- */

static size_t words_of(struct story *s, str line, str words[WORDS])
{
    size_t n = 0;
    for (line = str_trim(line); line.n > 0; line = str_trim(line)) {
        if (n == WORDS) {
            stop(s, "too many words");
        }
        bool quoted = line.p[0] == '"';
        line = quoted ? str_from(line, 1) : line;
        size_t end = str_find_char(line, quoted ? '"' : ' ');
        words[n++] = str_first(line, end);
        line = end < line.n ? str_from(line, end + 1) : (str){0};
    }
    return n;
}

static void happened(struct story *s, str when_word, const str *words, size_t n)
{
    static const struct {
        const char *verb;
        uint8_t life;
    } VERBS[] = {{"enters", LIFE_STATUS},  {"does", LIFE_NONE},
                 {"works", LIFE_NONE},     {"schedules", LIFE_SCHEDULE},
                 {"starts", LIFE_START},   {"suspends", LIFE_SUSPEND},
                 {"resumes", LIFE_RESUME}, {"completes", LIFE_COMPLETE}};
    bool late = when_word.p[0] == '-';
    lapse moved = length(s, str_from(when_word, 1));
    s->clock += late ? 0 : moved;
    forget(s);
    if (n == 1 && str_eq(words[0], STR("passes"))) {
        return;
    }
    if (n < 3 || s->n == EVENTS) {
        stop(s, "an event is: +TIME ITEM VERB ACTIVITY");
    }
    struct told t = {.item = words[0],
                     .activity = words[2],
                     .type = STR("event"),
                     .time = s->clock - (late ? moved : 0),
                     .begin = WHEN_NONE,
                     .id = 1000 + s->n,
                     .life = LIFE_OTHER};
    for (size_t i = 0; i < sizeof VERBS / sizeof *VERBS; i++) {
        t.life = str_eq(words[1], str_of(VERBS[i].verb)) ? VERBS[i].life : t.life;
    }
    /* with stages set up every event enters one; a word outside the standard is needed without */
    t.life = s->staged && t.life == LIFE_STATUS ? LIFE_NONE : t.life;
    if (t.life == LIFE_OTHER) {
        stop(s, "what does it mean to \"" STR_FMT "\"?", STR_ARG(words[1]));
    }
    for (size_t i = 3; i < n; i += 2) {
        if (i + 1 == n) {
            stop(s, "\"" STR_FMT "\" needs a word after it", STR_ARG(words[i]));
        }
        str value = words[i + 1];
        int64_t id = 0;
        if (str_eq(words[i], STR("by"))) {
            t.actor = value;
        } else if (str_eq(words[i], STR("team"))) {
            t.team = value;
        } else if (str_eq(words[i], STR("also"))) {
            t.also = value;
        } else if (str_eq(words[i], STR("instance"))) {
            t.instance = value;
        } else if (str_eq(words[i], STR("event"))) {
            t.type = value;
        } else if (str_eq(words[i], STR("for"))) {
            t.begin = t.time;
            t.time += length(s, value);
        } else if (str_eq(words[i], STR("id")) && str_to_i64(value, &id)) {
            t.id = (uint64_t)id;
        } else {
            stop(s, "what is \"" STR_FMT "\"?", STR_ARG(words[i]));
        }
    }
    s->events[s->n++] = t;
}

static void begins(struct story *s, str word)
{
    struct error why = {0};
    const struct timeword world = {0};
    if (timeword_instant(word, &world, &s->clock, NULL, &why) != OK) {
        stop(s, "%s", why.text);
    }
}

static void configure(struct story *s, struct buf *yaml)
{
    struct error why = {0};
    if (config_parse(buf_str(yaml), "weir.yaml", &s->config, &why) != OK) {
        stop(s, "%s", why.text);
    }
    const struct config_stream *stream = config_stream(s->config, (str){0});
    s->staged = stream != NULL && stream->stages.n > 0;
}

static bool has_ties(const struct story *s)
{
    for (size_t i = 0; i < s->n; i++) {
        for (size_t k = i + 1; k < s->n; k++) {
            if (s->events[i].time == s->events[k].time && s->events[i].id != s->events[k].id &&
                str_eq(s->events[i].item, s->events[k].item)) {
                return true;
            }
        }
    }
    return false;
}

static void tell_line(struct story *s, str line)
{
    str words[WORDS];
    size_t n = words_of(s, line, words);
    if (n == 0 || words[0].p[0] == '#') {
        return;
    }
    if (words[0].p[0] == '+' || words[0].p[0] == '-') {
        happened(s, words[0], words + 1, n - 1);
    } else if (str_eq(words[0], STR("begin")) && n == 2) {
        begins(s, words[1]);
    } else if (str_eq(words[0], STR("clock")) && n == 2) {
        s->work_clock = str_eq(words[1], STR("work"));
    } else if (str_eq(words[0], STR("expect"))) {
        size_t equals = str_find(line, STR(" = "));
        n = words_of(s, str_first(line, equals), words);
        expectation(s, words + 1, n - 1,
                    equals < line.n ? str_trim(str_from(line, equals + 3)) : (str){0});
    } else {
        stop(s, "not understood");
    }
}

/* Tells it once. *ret_ties: does its order of arrival decide anything? */
static void tell(const char *name, str text, enum telling telling, bool *ret_ties)
{
    struct story *s = mem_get(sizeof *s);
    *s = (struct story){.name = name, .telling = telling};
    arena_init(&s->text, "story", 0);
    begins(s, STR("2026-03-02T09:00:00Z"));
    struct buf yaml = {0};
    bool in_yaml = false;
    str line = {0};
    while (str_cut(&text, '\n', &line)) {
        s->line++;
        bool indented = line.n > 0 && line.p[0] == ' ';
        if (str_eq(line, STR("weir.yaml:"))) {
            in_yaml = true;
        } else if (in_yaml && (indented || line.n == 0)) {
            buf_addf(&yaml, STR_FMT "\n", STR_ARG(line.n > 2 ? str_from(line, 2) : line));
        } else {
            in_yaml = false;
            if (s->config == NULL && line.n > 0 && line.p[0] != '#') {
                configure(s, &yaml);
            }
            tell_line(s, line);
        }
    }
    if (s->expectations == 0) {
        stop(s, "the story expects nothing");
    }
    *ret_ties = has_ties(s);
    forget(s);
    config_free(s->config);
    buf_finish(&yaml);
    arena_finish(&s->text);
    mem_put(s);
}

static void story(void **state)
{
    const char *path = *state;
    char *text = mem_get(1 << 16);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, 1 << 16, f);
    fclose(f);
    assert_true(n < 1 << 16);
    bool ties = false;
    for (enum telling telling = 0; telling < TELLINGS; telling++) {
        if (telling != BACKWARDS || !ties) {
            tell(strrchr(path, '/') + 1, (str){text, n}, telling, &ties);
        }
    }
    mem_put(text);
}

int main(int argc, char **argv)
{
    struct dirent **files = NULL;
    const char *folder = argc > 1 ? argv[1] : FIXTURES "/../scenario";
    int n = scandir(folder, &files, NULL, alphasort), stories = 0;
    if (n < 0) {
        return 2;
    }
    struct CMUnitTest *tests = mem_get((size_t)n * sizeof *tests);
    for (int i = 0; i < n; i++) {
        size_t length_of_name = strlen(files[i]->d_name);
        if (length_of_name > 4 && strcmp(files[i]->d_name + length_of_name - 4, ".txt") == 0) {
            char *path = NULL;
            if (asprintf(&path, "%s/%s", folder, files[i]->d_name) < 0) {
                return 2;
            }
            tests[stories++] = (struct CMUnitTest){
                .name = strrchr(path, '/') + 1, .test_func = story, .initial_state = path};
        }
    }
    int failed = _cmocka_run_group_tests("scenario", tests, (size_t)stories, NULL, NULL);
    for (int i = 0; i < stories; i++) {
        free(tests[i].initial_state);
    }
    for (int i = 0; i < n; i++) {
        free(files[i]);
    }
    free((void *)files);
    mem_put(tests);
    return stories == 0 ? 2 : failed;
}
