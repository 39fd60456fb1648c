/* weir doctor: can these numbers be trusted? Every check says of how many it speaks, and what would
 * help (spec delivery-metrics.md 10). The limits above which a check is a problem are ours. */
#include "cmd/reading.h"
#include "engine/health.h"
#include "engine/sources.h"
#include "fold/wip.h"

#include <inttypes.h>
#include <math.h>

static const struct option OPTIONS[] = {
    {OPTION_FLAG, "all", 0, NULL, "also the checks that found nothing", NULL, 0},
    {0},
};

static const struct example EXAMPLES[] = {
    {"weir doctor", "what is wrong or missing, and what would help"},
    {"weir doctor --json", "every check with its counts"},
    {0},
};

enum state { STATE_OK, STATE_NOTE, STATE_PROBLEM };
static const char *const STATES[] = {"ok", "note", "problem"};

struct check {
    const char *name;
    enum state state;
    uint64_t part, whole; /* whole 0: not a share */
    str sentence;
    const char *fix; /* NULL: there is none */
};

struct checks {
    struct command_context *c;
    VEC(struct check) v;
};

static void add(struct checks *d, struct check check, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void add(struct checks *d, struct check check, const char *format, ...)
{
    struct buf sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&sentence, format, arguments);
    va_end(arguments);
    check.sentence = arena_str(&d->c->text, buf_str(&sentence));
    buf_finish(&sentence);
    VEC_ADD(&d->v, check);
}

static double share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (double)part / (double)whole : 0;
}

/* Something that should not be: none is ok, few are a note, more than `limit` a problem. */
static enum state bad(uint64_t part, uint64_t whole, double limit)
{
    return part == 0 ? STATE_OK : share(part, whole) > limit ? STATE_PROBLEM : STATE_NOTE;
}

/* --- what was imported --- */

static void check_sources(struct checks *d, const struct names *names, const struct sources *s,
                          const struct store_info *info)
{
    uint64_t incomplete = 0, duplicates = 0;
    for (size_t i = 0; i < s->v.n; i++) {
        incomplete += s->v.v[i].incomplete;
        duplicates += s->v.v[i].duplicates;
    }
    add(d,
        (struct check){"events", info->events == 0 ? STATE_PROBLEM : STATE_OK, info->events, 0,
                       .fix = info->events == 0 ? "weir import FILE" : NULL},
        "the store holds %" PRIu64 " events", info->events);
    add(d,
        (struct check){"incomplete", incomplete > 0 ? STATE_PROBLEM : STATE_OK, incomplete, s->v.n,
                       .fix = "import the whole file again; what is stored is recognised"},
        "the input of %" PRIu64 " of %zu sources broke off", incomplete, s->v.n);
    uint64_t rows = info->events + info->rejects;
    add(d,
        (struct check){"rejected", bad(info->rejects, rows, .01), info->rejects, rows,
                       .fix = "weir status --rejects"},
        "%" PRIu64 " of %" PRIu64 " rows could not be understood", info->rejects, rows);
    add(d, (struct check){"duplicates", STATE_OK, duplicates, 0, .fix = NULL},
        "%" PRIu64 " events came more than once and were kept once", duplicates);
    for (size_t i = 0; i < s->v.n; i++) {
        for (size_t k = 0; k < s->v.v[i].notes.n; k++) {
            add(d, (struct check){"import", STATE_NOTE, 0, 0, .fix = NULL}, STR_FMT ": " STR_FMT,
                STR_ARG(names_text(names, s->v.v[i].name)), STR_ARG(s->v.v[i].notes.v[k]));
        }
    }
}

/* --- times, people --- */

static void check_times(struct checks *d, const struct health *h)
{
    static const char *const UNITS[] = {"day", "minute", "second", "fraction of a second"};
    enum health_precision finest = health_precision(h);
    add(d,
        (struct check){"bad_times", bad(h->bad, h->events, .01), h->bad, h->events,
                       .fix = "look for times far outside the project's life in the source"},
        "%" PRIu64 " of %" PRIu64 " events have a time that cannot be believed: left out", h->bad,
        h->events);
    add(d,
        (struct check){"clock_skew", h->future > 0 ? STATE_PROBLEM : STATE_OK, h->future, h->events,
                       .fix = "set the clock of the source, or give the zone: weir import --zone"},
        "%" PRIu64 " of %" PRIu64 " events lie in the future", h->future, h->events);
    add(d,
        (struct check){"derived_times", h->derived + h->received > 0 ? STATE_NOTE : STATE_OK,
                       h->derived + h->received, h->events, .fix = NULL},
        "%" PRIu64 " of %" PRIu64 " events have a derived time or that of their receipt",
        h->derived + h->received, h->events);
    bool coarse = h->events > 0 && finest <= HEALTH_MINUTE;
    add(d,
        (struct check){"precision", coarse ? STATE_NOTE : STATE_OK, h->whole[finest], h->events,
                       .fix = coarse ? "export times with seconds, if the source has them" : NULL},
        "times are written to the %s", UNITS[finest]);
    add(d,
        (struct check){"ties", share(h->ties, h->events) > .05 ? STATE_NOTE : STATE_OK, h->ties,
                       h->events,
                       .fix = "their order is that of the source: keep it when exporting"},
        "%" PRIu64 " of %" PRIu64 " events share their instant with an earlier one of their item",
        h->ties, h->events);
    add(d,
        (struct check){"starts", h->events > 0 && h->started == 0 ? STATE_NOTE : STATE_OK,
                       h->started, h->events,
                       .fix = h->started == 0
                                  ? "without starts waiting and work cannot be told apart: "
                                    "weir import --start COLUMN"
                                  : NULL},
        "%" PRIu64 " of %" PRIu64 " events tell when the work began", h->started, h->events);
    add(d,
        (struct check){"people", share(h->people, h->events) < .5 ? STATE_NOTE : STATE_OK,
                       h->people, h->events, .fix = "weir import --resource COLUMN"},
        "%" PRIu64 " of %" PRIu64 " events tell who did it", h->people, h->events);
    add(d,
        (struct check){"teams", share(h->teams, h->events) < .5 ? STATE_NOTE : STATE_OK, h->teams,
                       h->events, .fix = "name the team of each stage in weir.yaml"},
        "%" PRIu64 " of %" PRIu64 " events tell the team", h->teams, h->events);
    add(d,
        (struct check){"no_item", bad(h->lonely, h->events, .05), h->lonely, h->events,
                       .fix = NULL},
        "%" PRIu64 " of %" PRIu64 " events are about no item", h->lonely, h->events);
}

/* --- links --- */

static void check_links(struct checks *d, const struct names *names, const struct health *h)
{
    if (h->commits > 0) {
        enum state linked = share(h->in_changes, h->commits) < .5 ? STATE_PROBLEM : STATE_OK;
        add(d,
            (struct check){"linked", linked, h->in_changes, h->commits,
                           .fix = "put the key into branch name or message, or set links.pattern"},
            "%" PRIu64 " of %" PRIu64 " commits belong to a change", h->in_changes, h->commits);
        add(d,
            (struct check){"released", h->in_releases == 0 ? STATE_NOTE : STATE_OK, h->in_releases,
                           h->commits, .fix = "tag what goes out, or import deployments"},
            "%" PRIu64 " of %" PRIu64 " commits are in a release", h->in_releases, h->commits);
    }
    for (size_t i = 0; i < h->rules.n; i++) {
        const struct health_links *l = &h->rules.v[i];
        add(d, (struct check){"links", STATE_OK, l->n, h->links, .fix = NULL},
            STR_FMT " by the rule " STR_FMT ": %" PRIu64 " links, confidence %.2f on average",
            STR_ARG(names_text(names, l->kind)), STR_ARG(names_text(names, l->rule)), l->n,
            l->confidence / (double)l->n);
    }
    if (h->links > 0) {
        add(d,
            (struct check){"dangling", bad(h->dangling, h->links, .05), h->dangling, h->links,
                           .fix = "import what they lead to as well"},
            "%" PRIu64 " of %" PRIu64 " links lead to an item of which no event tells", h->dangling,
            h->links);
    }
}

/* --- the flow --- */

struct census {
    uint64_t items, open, left, visits;
};

static void count(const struct traces *part, void *cookie)
{
    struct census *n = cookie;
    n->items += part->items.n;
    n->visits += part->visits.n;
    for (size_t i = 0; i < part->items.n; i++) {
        n->open += (part->items.v[i].flags & TRACE_OPEN) != 0;
        n->left += (part->items.v[i].flags & TRACE_LEFT) != 0;
    }
}

static void check_weave(struct checks *d, const struct valuestream *f, const struct health *h)
{
    const struct weave_counts *w = &f->counts;
    add(d,
        (struct check){"unmapped", bad(w->unmapped, w->events, f->builtin_stages ? 1 : .1),
                       w->unmapped, w->events,
                       .fix = "give them a stage in weir.yaml, or ignore them there"},
        "%" PRIu64 " of %" PRIu64 " events belong to no stage", w->unmapped, w->events);
    add(d,
        (struct check){"categories", h->statuses > 0 && f->setup == NULL ? STATE_NOTE : STATE_OK,
                       f->setup == NULL ? h->statuses : 0, h->events,
                       .fix = "say which stages wait and which work: stages in weir.yaml"},
        "which statuses are waiting and which are work is %s",
        f->setup == NULL && h->statuses > 0 ? "guessed from their names" : "not guessed");
    uint64_t odd = w->clamped + w->negative;
    add(d,
        (struct check){"impossible_order", bad(odd, w->visits, .01), odd, w->visits,
                       .fix = "compare the clocks of the sources"},
        "%" PRIu64 " of %" PRIu64 " visits were in an impossible order and cut to zero", odd,
        w->visits);
    add(d,
        (struct check){"no_start", bad(w->no_start, w->visits, .1), w->no_start, w->visits,
                       .fix = "import from an earlier time on"},
        "%" PRIu64 " of %" PRIu64 " visits end without a start: length zero", w->no_start,
        w->visits);
    add(d,
        (struct check){"after_end", bad(w->after_end, w->events, .1), w->after_end, w->events,
                       .fix = NULL},
        "%" PRIu64 " of %" PRIu64 " events come after their item was done", w->after_end,
        w->events);
}

static status check_flow(struct checks *d, struct reading *r, const struct health *h,
                         struct error *why)
{
    struct census n = {0};
    TRY(reading_stream(d->c, r, WEAVE_DEFAULT, 0, why));
    TRY(valuestream_each(&r->stream, count, &n, why));
    check_weave(d, &r->stream, h);
    add(d, (struct check){"open", STATE_OK, n.open, n.items, .fix = NULL},
        "%" PRIu64 " of %" PRIu64 " items are not finished: their times are censored", n.open,
        n.items);
    add(d,
        (struct check){"left_censored", bad(n.left, n.items, .2), n.left, n.items,
                       .fix = "import from an earlier time on"},
        "%" PRIu64 " of %" PRIu64 " items began before the log did", n.left, n.items);
    struct wip_summary *summary = mem_get(FOLD_WIP.size);
    summary->flow = valuestream_flow(&r->stream);
    const struct valuestream_fold folds[] = {{&FOLD_WIP, summary}};
    status_code s = valuestream_run(&r->stream, folds, 1, why);
    if (s == OK) {
        struct wip wip = {0};
        wip_show(summary, &wip);
        bool known = wip.little_known && isfinite(wip.little_residual);
        add(d,
            (struct check){"little", known && wip.little_residual > .1 ? STATE_NOTE : STATE_OK, 0,
                           0,
                           .fix = "choose a time without a large beginning or end: --from, --to"},
            "Little's law %s: averages of the window %s",
            !known                     ? "cannot be tested"
            : wip.little_residual > .1 ? "does not hold within a tenth"
                                       : "holds within a tenth",
            known && wip.little_residual <= .1 ? "may be read" : "are to be read with care");
        wip_finish(&wip);
    }
    FOLD_WIP.finish(summary);
    mem_put(summary);
    return s;
}

/* --- the answer --- */

static json_t *document(const struct checks *d)
{
    json_t *doc = doc_new("weir.doctor/1"), *list = json_array();
    uint64_t problems = 0;
    for (size_t i = 0; i < d->v.n; i++) {
        const struct check *k = &d->v.v[i];
        json_t *one = json_object();
        problems += k->state == STATE_PROBLEM;
        doc_put(one, "check", json_string(k->name));
        doc_put(one, "state", json_string(STATES[k->state]));
        doc_put(one, "numerator", doc_count(k->part));
        doc_put(one, "denominator", k->whole > 0 ? doc_count(k->whole) : json_null());
        doc_put(one, "share", k->whole > 0 ? doc_real(share(k->part, k->whole)) : json_null());
        doc_put(one, "sentence", doc_str(k->sentence));
        doc_put(one, "fix",
                k->fix != NULL && k->state != STATE_OK ? json_string(k->fix) : json_null());
        json_array_append_new(list, one);
    }
    doc_put(doc, "checks", list);
    doc_put(doc, "problems", doc_count(problems));
    doc_end(doc);
    return doc;
}

static void table(struct command_context *c, const struct checks *d)
{
    static const struct table_column COLUMNS[] = {
        {"", "state", CELL_TEXT, 0, 0},        {"check", "check", CELL_TEXT, 0, 0},
        {NULL, "numerator", CELL_COUNT, 0, 0}, {NULL, "denominator", CELL_COUNT, 0, 0},
        {"share", "share", CELL_SHARE, 0, 1},  {NULL, "sentence", CELL_TEXT, 0, 0},
        {NULL, "fix", CELL_TEXT, 0, 0},
    };
    struct table *t = table_new(COLUMNS, sizeof COLUMNS / sizeof *COLUMNS);
    for (size_t i = 0; i < d->v.n; i++) {
        const struct check *k = &d->v.v[i];
        table_text(t, str_of(STATES[k->state]));
        table_text(t, str_of(k->name));
        table_count(t, (int64_t)k->part);
        if (k->whole > 0) {
            table_count(t, (int64_t)k->whole);
            table_number(t, share(k->part, k->whole));
        } else {
            table_none(t);
            table_none(t);
        }
        table_text(t, k->sentence);
        table_text(t, str_of(k->fix != NULL && k->state != STATE_OK ? k->fix : ""));
    }
    command_table(c, t);
}

/* For people: sentences, the worst first, each with its remedy below. */
static void say(struct command_context *c, const struct checks *d)
{
    enum { HANG = 9 };
    size_t fine = 0, problems = 0;
    for (int state = STATE_PROBLEM; state >= STATE_OK; state--) {
        for (size_t i = 0; i < d->v.n; i++) {
            const struct check *k = &d->v.v[i];
            if (k->state != (enum state)state) {
                continue;
            }
            fine += state == STATE_OK;
            problems += state == STATE_PROBLEM;
            if (state == STATE_OK && !option_flag(c, "all")) {
                continue;
            }
            struct buf sentence = {0};
            text_sentence(&sentence, k->sentence);
            if (k->whole > 0) {
                buf_addf(&sentence, " (");
                text_percent(&sentence, share(k->part, k->whole));
                buf_putc(&sentence, ')');
            }
            command_hang(c, STATES[state], HANG, "%s: " STR_FMT, k->name,
                         STR_ARG(buf_str(&sentence)));
            buf_finish(&sentence);
            if (k->fix != NULL && state != STATE_OK) {
                command_hang(c, "", HANG, "fix: %s", k->fix);
            }
        }
    }
    struct buf line = {0};
    text_counted(&line, problems, "problem");
    buf_addf(&line, ", ");
    text_counted(&line, d->v.n - problems - fine, "note");
    buf_addf(&line, ", ");
    text_counted(&line, fine, "check");
    command_say(c, STR_FMT " %s ok%s", STR_ARG(buf_str(&line)), fine == 1 ? "is" : "are",
                option_flag(c, "all") || fine == 0 ? "" : ": weir doctor --all");
    buf_finish(&line);
}

static status examine(struct checks *d, struct reading *r, struct error *why)
{
    struct sources sources = {0};
    struct health h = {0};
    struct store_info info;
    status_code s;
    TRY(store_info(r->store, &info, why));
    TRY_GOTO(s, done, sources_load(r->store, &sources, why));
    check_sources(d, store_names(r->store), &sources, &info);
    if (info.events > 0) {
        TRY_GOTO(s, done, health_of(r->store, d->c->world.now, &h, why));
        check_times(d, &h);
        check_links(d, store_names(r->store), &h);
        s = check_flow(d, r, &h, why);
    }
done:
    sources_finish(&sources);
    health_finish(&h);
    return s;
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct reading r = {0};
    struct checks d = {.c = c};
    status_code s = reading_open(c, &r, &why);
    if (s == OK) {
        s = examine(&d, &r, &why);
    }
    int code = EXIT_YES;
    for (size_t i = 0; i < d.v.n; i++) {
        code = d.v.v[i].state == STATE_PROBLEM ? EXIT_NO : code;
    }
    if (s != OK) {
        code = command_fail(c, s, &why);
    } else if (command_wants_json(c)) {
        command_document(c, document(&d));
    } else if (command_wants_words(c)) {
        say(c, &d);
    } else {
        table(c, &d);
    }
    reading_close(&r);
    VEC_FINISH(&d.v);
    return code;
}

const struct command COMMAND_DOCTOR = {
    .name = "doctor",
    .purpose = "how far the data can be trusted, and what would help",
    .description =
        "Checks what was imported, the times, who and what the events name, the links between\n"
        "items, and how the events fit the stages. Every check says of how many it speaks. Exit\n"
        "code 1 when one of them is a problem; a note is worth knowing and no fault.",
    .options = OPTIONS,
    .examples = EXAMPLES,
    .fields = "checks: check, state (ok, note, problem), numerator, denominator, share, sentence, "
              "fix\n"
              "problems: how many checks are a problem",
    .group = GROUP_DATA,
    .flags = COMMAND_READS,
    .run = run,
};
