/* Every event becomes a note about its change; sorted, the notes of a change stand together in
 * order of time. Rows of a delivery log are grouped by service and change. */
#include "engine/changes.h"

#include "base/mem.h"
#include "wire/json.h"

#include <ctype.h>
#include <stdlib.h>

/* --- words --- */

static const struct word {
    str word;
    enum change_event event;
} WORDS[] = {
    {STR_INIT("created"), CHANGE_CREATED},
    {STR_INIT("opened"), CHANGE_CREATED},
    {STR_INIT("ready"), CHANGE_READY},
    {STR_INIT("ready_for_review"), CHANGE_READY},
    {STR_INIT("authored"), CHANGE_COMMIT},
    {STR_INIT("committed"), CHANGE_COMMIT},
    {STR_INIT("pushed"), CHANGE_PUSHED},
    {STR_INIT("updated"), CHANGE_PUSHED},
    {STR_INIT("synchronize"), CHANGE_PUSHED},
    {STR_INIT("commented"), CHANGE_COMMENTED},
    {STR_INIT("reviewed"), CHANGE_COMMENTED},
    {STR_INIT("review"), CHANGE_COMMENTED},
    {STR_INIT("changes_requested"), CHANGE_ASKED},
    {STR_INIT("rejected"), CHANGE_ASKED},
    {STR_INIT("approved"), CHANGE_APPROVED},
    {STR_INIT("approval"), CHANGE_APPROVED},
    {STR_INIT("merged"), CHANGE_MERGED},
};

static bool is_word(str text, str word)
{
    bool same = text.n == word.n;
    for (size_t i = 0; i < text.n && same; i++) {
        char c = text.p[i];
        same = word.p[i] == (c == ' ' || c == '-' ? '_' : (char)tolower((unsigned char)c));
    }
    return same;
}

static enum change_event event_of(str text)
{
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (is_word(text, WORDS[i].word)) {
            return WORDS[i].event;
        }
    }
    return CHANGE_OTHER;
}

enum change_event change_event_of(str type, str activity, str state)
{
    enum change_event event = event_of(activity);
    if (event == CHANGE_OTHER) {
        str word = type, of = {0};
        (void)str_cut(&word, '.', &of);
        event = word.p != NULL ? event_of(word) : CHANGE_OTHER;
    }
    if (event == CHANGE_COMMENTED && state.n > 0) {
        enum change_event said = event_of(state);
        event = said == CHANGE_ASKED || said == CHANGE_APPROVED ? said : event;
    }
    return event;
}

/* --- events --- */

struct note {
    item_id change;
    when at;
    sym by;
    enum change_event event;
};

struct commit_of { /* a change that a commit is part of */
    item_id change;
    uint64_t next; /* another one of the same commit: place + 1 */
};

struct gathering {
    const struct names *names;
    sym change, commit, part_of;
    VEC(struct note) notes;
    struct map commit_at; /* commit → place of its first link + 1 */
    VEC(struct commit_of) links;
    struct changes *to;
    bool any_opened;
};

static status_code take_change(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct gathering *g = cookie;
    for (size_t i = 0; i < log->n; i++) {
        json_t *attrs = NULL;
        struct error ignored = {0};
        str state = {0};
        if (log->quality[i] == TIME_BAD) {
            g->to->bad_time++;
            continue;
        }
        if (log->attrs[i].n > 0 &&
            json_parse(log->attrs[i], 0, "attributes", &attrs, &ignored) == OK) {
            json_get_str(attrs, "state", &state);
        }
        struct note note = {log->item[i], log->time[i], log->actor[i],
                            change_event_of(names_text(g->names, log->type[i]),
                                            names_text(g->names, log->activity[i]), state)};
        if (note.event != CHANGE_OTHER) {
            VEC_ADD(&g->notes, note);
            g->any_opened |= note.event == CHANGE_CREATED;
        }
        json_decref(attrs);
    }
    return OK;
}

static status_code take_link(const struct link *l, void *cookie, struct error *why)
{
    (void)why;
    struct gathering *g = cookie;
    if (l->kind == g->part_of && names_type(g->names, l->from) == g->commit &&
        names_type(g->names, l->to) == g->change) {
        uint64_t *place = map_add(&g->commit_at, l->from, NULL); /* 0: none yet */
        VEC_ADD(&g->links, (struct commit_of){l->to, *place});
        *place = g->links.n;
    }
    return OK;
}

static status_code take_commit(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct gathering *g = cookie;
    for (size_t i = 0; i < log->n; i++) {
        const uint64_t *place = map_find(&g->commit_at, log->item[i]);
        enum change_event event = event_of(names_text(g->names, log->activity[i]));
        if (place == NULL || log->quality[i] == TIME_BAD ||
            (event != CHANGE_COMMIT && event != CHANGE_PUSHED)) {
            continue;
        }
        for (uint64_t at = *place; at != 0; at = g->links.v[at - 1].next) {
            VEC_ADD(&g->notes, (struct note){g->links.v[at - 1].change, log->time[i], log->actor[i],
                                             CHANGE_COMMIT});
        }
    }
    return OK;
}

static int by_change(const void *a, const void *b)
{
    const struct note *x = a, *y = b;
    if (x->change != y->change) {
        return x->change < y->change ? -1 : 1;
    }
    if (x->at != y->at) {
        return x->at < y->at ? -1 : 1;
    }
    if (x->event != y->event) {
        return x->event < y->event ? -1 : 1;
    }
    return (x->by > y->by) - (x->by < y->by);
}

static bool is_review(enum change_event e)
{
    return e == CHANGE_COMMENTED || e == CHANGE_ASKED || e == CHANGE_APPROVED;
}

static void add_change(struct gathering *g, const struct note *notes, size_t n, bool tells_reviews)
{
    struct arena *a = &g->to->text;
    struct review *reviews = ARENA_ARRAY(a, struct review, n + 1);
    when *commits = ARENA_ARRAY(a, when, n + 1);
    struct change c = {.review = {.created = WHEN_NONE,
                                  .ready = WHEN_NONE,
                                  .merged = WHEN_NONE,
                                  .reviews = reviews,
                                  .commits = commits},
                       .tells_reviews = tells_reviews};
    for (size_t i = 0; i < n; i++) {
        const struct note *note = &notes[i];
        str by = names_text(g->names, note->by);
        if (note->event == CHANGE_CREATED && c.review.created == WHEN_NONE) {
            c.review.created = note->at;
            c.review.author = by;
        } else if (note->event == CHANGE_READY && c.review.merged == WHEN_NONE) {
            c.review.ready = note->at; /* the last: it may have been a draft again */
        } else if (note->event == CHANGE_MERGED && c.review.merged == WHEN_NONE) {
            c.review.merged = note->at;
        } else if (note->event == CHANGE_COMMIT || note->event == CHANGE_PUSHED) {
            c.has_commits |= note->event == CHANGE_COMMIT;
            commits[c.review.commit_n++] = note->at;
        } else if (is_review(note->event)) {
            reviews[c.review.review_n++] =
                (struct review){note->at,
                                note->event == CHANGE_ASKED      ? REVIEW_CHANGES
                                : note->event == CHANGE_APPROVED ? REVIEW_APPROVAL
                                                                 : REVIEW_COMMENT,
                                by};
        }
    }
    if (c.review.created != WHEN_NONE) {
        VEC_ADD(&g->to->v, c);
    } else {
        g->to->unopened += c.review.merged != WHEN_NONE;
    }
}

static void add_changes(struct gathering *g)
{
    bool tells = false;
    for (size_t i = 0; i < g->notes.n; i++) {
        tells |= is_review(g->notes.v[i].event);
    }
    if (g->notes.n > 0) {
        qsort(g->notes.v, g->notes.n, sizeof *g->notes.v, by_change);
    }
    for (size_t i = 0, n = 0; i < g->notes.n; i += n) {
        for (n = 1; i + n < g->notes.n && g->notes.v[i + n].change == g->notes.v[i].change; n++) {
        }
        add_change(g, &g->notes.v[i], n, tells);
    }
}

/* --- rows of a delivery log --- */

struct log_row {
    const struct deployed_commit *of;
};

static int by_row(const void *a, const void *b)
{
    const struct deployed_commit *x = ((const struct log_row *)a)->of,
                                 *y = ((const struct log_row *)b)->of;
    int c = str_cmp(x->service, y->service);
    c = c != 0 ? c : str_cmp(x->change, y->change);
    when s = x->authored != WHEN_NONE ? x->authored : x->committed;
    when t = y->authored != WHEN_NONE ? y->authored : y->committed;
    return c != 0 ? c : (s > t) - (s < t);
}

static void add_rows(const struct delivery *d, struct changes *ret)
{
    VEC(struct log_row) rows = {0};
    for (size_t i = 0; i < d->commits.n; i++) {
        if (d->commits.v[i].change.n > 0 && d->commits.v[i].opened != WHEN_NONE) {
            VEC_ADD(&rows, (struct log_row){&d->commits.v[i]});
        }
    }
    if (rows.n > 0) {
        qsort(rows.v, rows.n, sizeof *rows.v, by_row);
    }
    for (size_t i = 0; i < rows.n;) {
        const struct deployed_commit *first = rows.v[i].of;
        size_t n = i;
        while (n < rows.n && str_eq(rows.v[n].of->change, first->change) &&
               str_eq(rows.v[n].of->service, first->service)) {
            n++;
        }
        when *commits = ARENA_ARRAY(&ret->text, when, n - i + 1);
        struct change c = {.review = {.created = first->opened,
                                      .ready = WHEN_NONE,
                                      .merged = first->merged,
                                      .commits = commits},
                           .has_commits = true};
        for (; i < n; i++) {
            const struct deployed_commit *row = rows.v[i].of;
            when at = row->authored != WHEN_NONE ? row->authored : row->committed;
            if (at != WHEN_NONE) {
                commits[c.review.commit_n++] = at;
            }
        }
        VEC_ADD(&ret->v, c);
    }
    VEC_FINISH(&rows);
}

static status gather(struct store *store, struct gathering *g, struct error *why)
{
    struct slice slice = SLICE_ALL(COL_ITEM | COL_TYPE | COL_ACTIVITY | COL_ACTOR | COL_TIME |
                                   COL_QUALITY | COL_ATTRS);
    slice.item_type = g->change;
    TRY(store_scan(store, &slice, take_change, g, why));
    if (!g->any_opened || g->commit == 0 || g->part_of == 0) {
        return OK;
    }
    TRY(store_scan_links(store, take_link, g, why));
    if (g->links.n == 0) {
        return OK;
    }
    slice.item_type = g->commit;
    slice.columns &= ~(unsigned)(COL_ATTRS | COL_TYPE);
    return store_scan(store, &slice, take_commit, g, why);
}

status changes_load(struct store *store, const struct facts *facts, struct changes *ret,
                    struct error *why)
{
    *ret = (struct changes){0};
    arena_init(&ret->text, "changes", 0);
    struct gathering g = {.names = store_names(store), .to = ret};
    status_code s = OK;
    (void)names_find(g.names, STR("commit"), &g.commit);
    (void)names_find(g.names, STR("part_of"), &g.part_of);
    if (names_find(g.names, STR("change"), &g.change)) {
        s = gather(store, &g, why);
    }
    if (s == OK) {
        add_changes(&g);
        add_rows(&facts->delivery, ret);
    }
    VEC_FINISH(&g.notes);
    VEC_FINISH(&g.links);
    map_finish(&g.commit_at);
    return s;
}

void changes_finish(struct changes *c)
{
    VEC_FINISH(&c->v);
    arena_finish(&c->text);
}
