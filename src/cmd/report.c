/* Plain `weir`: mines the repository it stands in and says which part of its delivery the time goes
 * to, how sure that is, what to do next, and what was left out. */
#include "cmd/constraint.h"
#include "cmd/map.h"
#include "cmd/reading.h"
#include "engine/ingest.h"
#include "engine/sources.h"
#include "fold/flowmap.h"
#include "fold/lead.h"
#include "source/gitbranches.h"
#include "wire/json.h"

#include <math.h>
#include <stdlib.h>

#define BRANCH_BUDGET SECOND
enum { OLDEST_BRANCHES = 3 };

static const struct example EXAMPLES[] = {
    {"weir", "in a git repository: mine it and report"},
    {"weir --json", "the same for a program"},
    {0},
};

/* --- releases --- */

struct release {
    str name;
    when time;
    uint64_t commits;
    bool prerelease;
};

struct report {
    struct command_context *c;
    str repository;
    const char *where; /* the store */
    struct ingest_result mined;
    struct sources sources;
    const str *notes; /* what to know of this history */
    size_t notes_n;
    struct reading reading;
    VEC(struct release) releases; /* in order of time */
    uint64_t commits, merges, changes, authors, unreleased;
    when oldest_unreleased;
    struct gitbranches branches;
    struct lead lead;
    struct flowmap_result map;
    struct verdict verdict;
    struct stagetime times;
};

struct scan {
    struct report *r;
    const struct names *names;
    sym commit, merge, release, authored;
    struct map authors;
};

static status_code take(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct scan *s = cookie;
    for (size_t i = 0; i < log->n; i++) {
        sym type = log->type[i];
        if (type == 0) {
            continue;
        }
        if (log->activity[i] == s->authored && (type == s->commit || type == s->merge)) {
            s->r->commits++;
            s->r->merges += type == s->merge;
            bool fresh = false;
            (void)map_add(&s->authors, log->actor[i], &fresh);
            s->r->authors += fresh && log->actor[i] != 0;
        } else if (type == s->release) {
            json_t *attrs = NULL;
            struct error ignored = {0};
            int64_t commits = 0;
            bool prerelease = false;
            if (json_parse(log->attrs[i], 0, "attributes", &attrs, &ignored) == OK) {
                (void)json_get_i64(attrs, "commits", &commits);
                (void)json_get_bool(attrs, "prerelease", &prerelease);
                json_decref(attrs);
            }
            VEC_ADD(&s->r->releases,
                    (struct release){names_key(s->names, log->item[i]), log->time[i],
                                     commits > 0 ? (uint64_t)commits : 0, prerelease});
        }
    }
    return OK;
}

static int by_time(const void *a, const void *b)
{
    const struct release *x = a, *y = b;
    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }
    return str_cmp(x->name, y->name);
}

/* Prereleases are left out where there are releases. */
static void keep_releases(struct report *r)
{
    size_t full = 0, kept = 0;
    for (size_t i = 0; i < r->releases.n; i++) {
        full += !r->releases.v[i].prerelease;
    }
    for (size_t i = 0; i < r->releases.n; i++) {
        if (full == 0 || !r->releases.v[i].prerelease) {
            r->releases.v[kept++] = r->releases.v[i];
        }
    }
    r->releases.n = kept;
    if (kept > 0) {
        qsort(r->releases.v, kept, sizeof *r->releases.v, by_time);
    }
}

static status count_facts(struct report *r, struct error *why)
{
    struct store *store = r->reading.store;
    struct scan s = {.r = r, .names = store_names(store)};
    const struct {
        str text;
        sym *to;
    } WORDS[] = {{STR("commit"), &s.commit},
                 {STR("merge"), &s.merge},
                 {STR("release"), &s.release},
                 {STR("authored"), &s.authored}};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (!names_find(s.names, WORDS[i].text, WORDS[i].to)) {
            *WORDS[i].to = UINT32_MAX;
        }
    }
    struct slice slice = {.columns =
                              COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_ACTOR | COL_TIME | COL_ATTRS,
                          .from = WHEN_NONE,
                          .to = WHEN_NONE};
    status_code code = store_scan(store, &slice, take, &s, why);
    map_finish(&s.authors);
    keep_releases(r);
    sym change = 0;
    if (names_find(s.names, STR("change"), &change)) {
        for (item_id i = 1; i < s.names->item_n; i++) {
            r->changes += names_type(s.names, i) == change;
        }
    }
    return code;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
    if (n == 0) {
        return NAN;
    }
    qsort(v, n, sizeof *v, by_value);
    return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Median time between releases, and commits a release, of the last `last` (0: all). */
static void cadence(const struct report *r, size_t last, double *ret_period, double *ret_commits)
{
    size_t n = r->releases.n, from = last > 0 && n > last ? n - last : 0;
    double *v = mem_get((n + 1) * sizeof *v);
    size_t k = 0;
    for (size_t i = from > 0 ? from : 1; i < n; i++) {
        v[k++] = (double)(r->releases.v[i].time - r->releases.v[i - 1].time);
    }
    *ret_period = median(v, k);
    k = 0;
    for (size_t i = from; i < n; i++) {
        v[k++] = (double)r->releases.v[i].commits;
    }
    *ret_commits = median(v, k);
    mem_put(v);
}

/* --- mining --- */

static status mine(struct report *r, const char *path, struct error *why)
{
    struct store *store = NULL;
    const char *const paths[] = {path};
    struct ingest what = {
        .format = &SOURCE_GIT,
        .paths = paths,
        .path_count = 1,
        .source = {.progress = &r->c->progress, .link_pattern = r->c->config->link_pattern},
    };
    TRY(command_store(r->c, STORE_WRITE, &store, why));
    status_code s = ingest_run(store, &what, &r->mined, why);
    if (s == OK) {
        command_store_done(r->c, store);
    } else {
        command_store_discard(r->c, store);
    }
    return s;
}

/* What there is to know of the history: from this import, or when it brought nothing from the last
 * one that did. */
static status find_notes(struct report *r, struct error *why)
{
    r->notes = r->mined.sentences.v;
    r->notes_n = r->mined.sentences.n;
    if (r->mined.added.events > 0) {
        return OK;
    }
    TRY(sources_load(r->reading.store, &r->sources, why));
    for (size_t i = 0; i < r->sources.v.n; i++) {
        const struct source_seen *seen = &r->sources.v.v[i];
        if (str_eq(seen->format, STR("git")) && seen->notes.n > 0) {
            r->notes = seen->notes.v;
            r->notes_n = seen->notes.n;
        }
    }
    return OK;
}

static void take_open(const struct traces *part, void *cookie)
{
    struct report *r = cookie;
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *t = &part->items.v[i];
        const struct visit *last = &part->visits.v[t->first + t->n - 1];
        if ((t->flags & TRACE_OPEN) != 0 && last->category == CATEGORY_GATE) {
            r->unreleased++;
            r->oldest_unreleased =
                r->oldest_unreleased == WHEN_NONE || last->start < r->oldest_unreleased
                    ? last->start
                    : r->oldest_unreleased;
        }
    }
}

static status analyse(struct report *r, struct error *why)
{
    struct command_context *c = r->c;
    TRY(reading_stream(c, &r->reading, WEAVE_DEFAULT, READING_WALL, why));
    TRY(constraint_of(&r->reading.stream, OBJECTIVE_LEAD_TIME, &r->times, &r->verdict, why));
    struct flowmap *map = mem_get(flowmap_fold.size);
    struct lead_summary *lead = mem_get(FOLD_LEAD.size);
    lead->flow = valuestream_flow(&r->reading.stream);
    const struct valuestream_fold folds[] = {{&flowmap_fold, map}, {&FOLD_LEAD, lead}};
    status_code s = valuestream_run(&r->reading.stream, folds, 2, why);
    if (s == OK) {
        flowmap_show(map, r->reading.stream.names, &c->text, &r->map);
        lead_show(lead, &r->lead);
        r->oldest_unreleased = WHEN_NONE;
        s = valuestream_each(&r->reading.stream, take_open, r, why);
    }
    flowmap_fold.finish(map);
    FOLD_LEAD.finish(lead);
    mem_put(map);
    mem_put(lead);
    return s;
}

/* --- the answer --- */

/* What a history cannot tell, and what would. */
static const struct {
    const char *unknown, *command;
} UNKNOWN[] = {
    {"when work began before its first commit, and who waited for whom", "weir import board.csv"},
    {"deployments and incidents", "weir import --format delivery DIR"},
    {"stages and teams of your own", "weir init"},
};

static void release_json(struct report *r, json_t *list)
{
    for (size_t i = 0; i < r->releases.n; i++) {
        const struct release *release = &r->releases.v[i];
        json_t *one = json_object();
        doc_put(one, "name", doc_str(release->name));
        doc_put(one, "time", doc_when(release->time));
        doc_put(one, "commits", doc_count(release->commits));
        doc_put(one, "since_previous_s",
                i > 0 ? doc_seconds(release->time - r->releases.v[i - 1].time) : json_null());
        json_array_append_new(list, one);
    }
}

static json_t *lead_json(const struct flow_dist *d)
{
    if (d->n == 0) {
        return json_null();
    }
    struct doc_distribution doc = {d->n, d->mean, d->min, d->p50, d->p85, d->p95, d->max, d->sum};
    return doc_distribution(&doc);
}

static json_t *metrics_json(struct report *r)
{
    json_t *m = json_object();
    double period, commits;
    json_t *lead = json_object();
    doc_put(lead, "value", r->lead.lead.n > 0 ? doc_real(r->lead.lead.p50 / 1e6) : json_null());
    doc_put(lead, "unit", json_string("s"));
    doc_put(lead, "distribution", lead_json(&r->lead.lead));
    doc_put(lead, "n", doc_count(r->lead.lead.n));
    doc_put(lead, "rule",
            doc_rule(r->releases.n > 0 ? "authored_to_released" : "authored_to_landed", "1", NULL));
    doc_put(m, "lead_time", lead);
    cadence(r, 0, &period, &commits);
    json_t *cadence_all = json_object();
    doc_put(cadence_all, "value", doc_real(period / 1e6));
    doc_put(cadence_all, "unit", json_string("s"));
    doc_put(cadence_all, "n", doc_count(r->releases.n > 0 ? r->releases.n - 1 : 0));
    doc_put(cadence_all, "rule", doc_rule("median_between_releases", "1", NULL));
    doc_put(m, "release_period", cadence_all);
    json_t *size = json_object();
    doc_put(size, "value", doc_real(commits));
    doc_put(size, "unit", json_string("commits"));
    doc_put(size, "n", doc_count(r->releases.n));
    doc_put(size, "rule", doc_rule("median_commits_a_release", "1", NULL));
    doc_put(m, "release_size", size);
    json_t *waiting = json_object();
    doc_put(waiting, "value", r->releases.n > 0 ? doc_count(r->unreleased) : json_null());
    doc_put(waiting, "unit", json_string("commits"));
    doc_put(waiting, "oldest", doc_when(r->oldest_unreleased));
    doc_put(waiting, "rule", doc_rule("landed_not_released", "1", NULL));
    doc_put(m, "unreleased", waiting);
    return m;
}

static void document(struct report *r)
{
    struct command_context *c = r->c;
    const struct names *names = r->reading.stream.names;
    json_t *doc = doc_new("weir.report/1");
    doc_put(doc, "repository", doc_str(r->repository));
    doc_put(doc, "commits", doc_count(r->commits));
    doc_put(doc, "merges", doc_count(r->merges));
    doc_put(doc, "changes", doc_count(r->changes));
    doc_put(doc, "authors", doc_count(r->authors));
    json_t *releases = json_array();
    release_json(r, releases);
    doc_put(doc, "releases", releases);
    doc_put(doc, "stages", map_stages_json(names, &r->map));
    json_t *constraint = json_object();
    constraint_put(constraint, &r->verdict, names, OBJECTIVE_LEAD_TIME, &c->text);
    doc_put(doc, "constraint", constraint);
    doc_put(doc, "metrics", metrics_json(r));
    json_t *coverage = json_object();
    doc_put(coverage, "released",
            doc_real(r->releases.n > 0 && r->lead.items > 0
                         ? (double)r->lead.finished / (double)r->lead.items
                         : NAN));
    doc_put(doc, "coverage", coverage);
    json_t *branches = json_array();
    for (size_t i = 0; i < r->branches.n && i < OLDEST_BRANCHES; i++) {
        const struct gitbranch *b = &r->branches.v[i];
        json_t *one = json_object();
        doc_put(one, "name", doc_str(b->name));
        doc_put(one, "first", doc_when(b->first));
        doc_put(one, "last", doc_when(b->last));
        doc_put(one, "commits", doc_count(b->commits));
        json_array_append_new(branches, one);
    }
    doc_put(doc, "unmerged", branches);
    json_t *next = json_array();
    str lines[CONSTRAINT_NEXT];
    size_t n = constraint_next(&r->verdict, names, &c->text, lines);
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(next, doc_str(lines[i]));
    }
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof *UNKNOWN; i++) {
        json_array_append_new(next, json_string(UNKNOWN[i].command));
    }
    doc_put(doc, "next", next);
    reading_document(c, &r->reading, doc);
    for (size_t i = 0; i < r->notes_n; i++) {
        doc_note(doc, STR_FMT, STR_ARG(r->notes[i]));
    }
    doc_end(doc);
    command_document(c, doc);
}

/* The last part of the path: what people call the repository. */
static str repository_name(str path)
{
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/') {
        from--;
    }
    return from < path.n ? str_from(path, from) : path;
}

static void head(struct report *r)
{
    struct command_context *c = r->c;
    struct buf line = {0};
    text_safe(&line, repository_name(r->repository));
    buf_addf(&line, ": ");
    text_counted(&line, r->commits, "commit");
    buf_addf(&line, " by ");
    text_counted(&line, r->authors, "author");
    buf_addf(&line, ", ");
    if (r->changes > 0) {
        text_counted(&line, r->changes, "pull request");
        buf_addf(&line, ", ");
    }
    text_counted(&line, r->releases.n, "release");
    buf_addf(&line, ",\n");
    text_when(&line, r->reading.stream.events.begins, c->look.zone);
    buf_addf(&line, " to ");
    text_when(&line, r->reading.stream.events.ends, c->look.zone);
    command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
    reading_clock(c, &r->reading);
    command_say(c, "%s", "");
    buf_finish(&line);
}

static void numbers(struct report *r)
{
    struct command_context *c = r->c;
    struct buf line = {0};
    const struct flow_dist *lead = &r->lead.lead;
    double period, commits, recent, recent_commits;
    cadence(r, 0, &period, &commits);
    cadence(r, 12, &recent, &recent_commits);
    buf_addf(&line, "\n");
    if (lead->n > 0) {
        buf_addf(&line, "Lead time   ");
        text_lapse(&line, (lapse)lead->p50, &c->look);
        buf_addf(&line, " at the median, ");
        text_lapse(&line, (lapse)lead->p85, &c->look);
        buf_addf(&line, " for 85 %%: from authored to %s, ",
                 r->releases.n > 0 ? "released" : "landed");
        text_counted(&line, lead->n, "commit");
        buf_putc(&line, '\n');
    } else {
        buf_addf(&line, "Lead time   not measurable: nothing is finished\n");
    }
    if (!isnan(period)) {
        buf_addf(&line, "Releases    one every ");
        text_lapse(&line, (lapse)period, NULL);
        buf_addf(&line, " at the median");
        if (!isnan(recent) && r->releases.n > 13) {
            buf_addf(&line, " (the last 12: ");
            text_lapse(&line, (lapse)recent, NULL);
            buf_putc(&line, ')');
        }
        buf_addf(&line, ", with ");
        text_counted(&line, (uint64_t)(commits + .5), "commit");
        buf_putc(&line, '\n');
    } else {
        buf_addf(&line, "Releases    %s\n",
                 r->releases.n == 0 ? "none: no tag reads as a version (v1.2, shop-2026.03)"
                                    : "one: no cadence yet");
    }
    if (r->releases.n > 0) {
        buf_addf(&line, "Waiting     ");
        text_counted(&line, r->unreleased, "commit");
        buf_addf(&line, " %s landed and %s in no release", r->unreleased == 1 ? "has" : "have",
                 r->unreleased == 1 ? "is" : "are");
        if (r->unreleased > 0) {
            buf_addf(&line, ", the oldest since ");
            text_when(&line, r->oldest_unreleased, c->look.zone);
        }
        buf_putc(&line, '\n');
    }
    str rest = buf_str(&line), one;
    while (str_cut(&rest, '\n', &one)) {
        command_wrap(c, 0, STR_FMT, STR_ARG(one));
    }
    buf_finish(&line);
}

static void branches(struct report *r)
{
    struct command_context *c = r->c;
    if (r->branches.n == 0) {
        return;
    }
    struct buf line = {0};
    buf_addf(&line, "%zu of %zu branch%s not merged", r->branches.n, r->branches.looked,
             r->branches.looked == 1 ? " is" : "es are");
    if (r->branches.looked < r->branches.total) {
        buf_addf(&line, " (of %zu; there was no time for the rest)", r->branches.total);
    }
    buf_addf(&line, ", the oldest:");
    command_say(c, STR_FMT, STR_ARG(buf_str(&line)));
    for (size_t i = 0; i < r->branches.n && i < OLDEST_BRANCHES; i++) {
        const struct gitbranch *b = &r->branches.v[i];
        buf_clear(&line);
        text_cut(&line, b->name, 40, c->look.ascii);
        buf_addf(&line, ": ");
        text_counted(&line, b->commits, "commit");
        buf_addf(&line, " since ");
        text_when(&line, b->first, c->look.zone);
        command_say(c, "  " STR_FMT, STR_ARG(buf_str(&line)));
    }
    command_say(c, "%s", "");
    buf_finish(&line);
}

static void advice(struct report *r)
{
    struct command_context *c = r->c;
    bool few = r->verdict.word == VERDICT_TOO_FEW;
    command_say(c, "What to do next");
    str next[CONSTRAINT_NEXT];
    size_t n = constraint_next(&r->verdict, r->reading.stream.names, &c->text, next);
    for (size_t i = 0; i < n; i++) {
        command_say(c, "  " STR_FMT, STR_ARG(next[i]));
    }
    command_say(c, few ? "  weir items --aging" : "  weir constraint --explain");
    command_say(c, "\nA git history does not tell");
    for (size_t i = 0; i < sizeof UNKNOWN / sizeof *UNKNOWN; i++) {
        command_say(c, "  %s:\n      %s", UNKNOWN[i].unknown, UNKNOWN[i].command);
    }
}

static void left_out(struct report *r)
{
    struct command_context *c = r->c;
    if (r->notes_n > 0) {
        command_say(c, "\nWhat to know of this history");
        for (size_t i = 0; i < r->notes_n; i++) {
            struct buf sentence = {0};
            text_sentence(&sentence, r->notes[i]);
            command_wrap(c, 2, STR_FMT, STR_ARG(buf_str(&sentence)));
            buf_finish(&sentence);
        }
    }
}

static void words(struct report *r)
{
    struct command_context *c = r->c;
    const struct names *names = r->reading.stream.names;
    if (command_wants_words(c)) {
        head(r);
        command_wrap(c, 0, STR_FMT, STR_ARG(r->verdict.reason));
        if (r->verdict.word == VERDICT_TOO_FEW) {
            command_say(c, "%s",
                        r->releases.n > 0
                            ? "A commit is finished when a release holds it."
                            : "No release is known: a commit is finished when it landed.");
        }
        command_say(c, "%s", "");
    }
    constraint_table(c, names, &r->verdict, &r->times);
    if (command_wants_words(c)) {
        numbers(r);
        branches(r);
        advice(r);
        left_out(r);
        command_say(c, "\nKept in %s", r->where);
    }
}

static int run(struct command_context *c)
{
    struct error why = {0};
    struct report r = {.c = c};
    status_code s;
    r.repository = config_repository(".", &c->text);
    TRY_GOTO(s, done, command_store_path(c, &r.where, &why));
    TRY_GOTO(s, done, mine(&r, r.repository.p, &why));
    TRY_GOTO(s, done, reading_open(c, &r.reading, &why));
    TRY_GOTO(s, done, find_notes(&r, &why));
    TRY_GOTO(s, done, count_facts(&r, &why));
    TRY_GOTO(s, done, analyse(&r, &why));
    TRY_GOTO(s, done, gitbranches_find(r.repository.p, BRANCH_BUDGET, &c->text, &r.branches, &why));
    if (command_wants_json(c)) {
        document(&r);
    } else {
        words(&r);
    }
done:;
    int code = s != OK ? command_fail(c, s, &why) : r.mined.rejected > 0 ? EXIT_REJECTED : EXIT_YES;
    ingest_finish(&r.mined);
    sources_finish(&r.sources);
    VEC_FINISH(&r.releases);
    lead_finish(&r.lead);
    verdict_finish(&r.verdict);
    stagetime_finish(&r.times);
    reading_close(&r.reading);
    return code;
}

const struct command COMMAND_REPORT = {
    .name = "report",
    .purpose = "mine this repository and say where its delivery waits",
    .description =
        "Reads the history of the git repository that one stands in (only what is new, the second\n"
        "time), and tells from it alone how commits become releases: where they wait, the cadence\n"
        "of releases and what it costs, what is landed and not released, branches that are not\n"
        "merged.",
    .examples = EXAMPLES,
    .fields = "repository, commits, merges, changes, authors: what there is\n"
              "releases: name, time, commits, since_previous_s\n"
              "stages: as in map\n"
              "constraint: as in constraint\n"
              "metrics: lead_time, release_period, release_size, unreleased\n"
              "coverage: released: share of commits that are in a release\n"
              "unmerged: the oldest branches that are not merged: name, first, last, commits\n"
              "next: commands",
    .group = GROUP_START,
    .flags = COMMAND_SELECTS | COMMAND_STORE | COMMAND_ANSWERS | COMMAND_ALONE,
    .run = run,
};
