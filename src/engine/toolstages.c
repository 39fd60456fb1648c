#include "engine/toolstages.h"

#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- what an event tells --- */

static bool is_type(const struct names *names, sym type, const char *prefix)
{
    return str_starts(names_text(names, type), str_of(prefix));
}

bool toolstages_apply(const struct names *names)
{
    static const char *const TYPES[] = {"issue.created", "issue.status", "change.created",
                                        "change.merged"};
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        sym type = 0;
        if (names_find(names, str_of(TYPES[i]), &type)) {
            return true;
        }
    }
    return false;
}

/* --- statuses in order of the stream --- */

struct status_seen {
    sym activity;
    uint64_t entered; /* by items, first entries */
    double place;     /* sum of how far through its statuses an item was at its first entry */
};

static int by_place(const void *a, const void *b)
{
    const struct status_seen *x = a, *y = b;
    double p = x->place / (double)x->entered, q = y->place / (double)y->entered;
    if (p != q) {
        return p < q ? -1 : 1;
    }
    return (x->activity > y->activity) - (x->activity < y->activity);
}

/* The statuses that items entered, earliest first: by the mean of where in an item's own row of
 * statuses each stood when first entered (0 the first, 1 the last). */
static size_t list_statuses(const struct names *names, const struct events *e, sym status_type,
                            struct arena *room, struct status_seen **ret)
{
    struct map place_of = {0};
    VEC(struct status_seen) seen = {0};
    VEC(sym) row = {0}; /* of one item, each once */
    (void)names;
    for (size_t i = 0; i < e->item_count; i++) {
        row.n = 0;
        for (size_t k = e->first[i]; k < e->first[i + 1]; k++) {
            uint32_t at = e->rows[k];
            if (e->type == NULL || e->type[at] != status_type) {
                continue;
            }
            bool known = false;
            for (size_t r = 0; r < row.n && !known; r++) {
                known = row.v[r] == e->activity[at];
            }
            if (!known) {
                VEC_ADD(&row, e->activity[at]);
            }
        }
        for (size_t r = 0; r < row.n; r++) {
            uint64_t *place = map_add(&place_of, row.v[r], NULL);
            if (*place == 0) {
                VEC_ADD(&seen, (struct status_seen){.activity = row.v[r]});
                *place = seen.n;
            }
            assert(seen.v != NULL && *place <= seen.n);
            struct status_seen *s = &seen.v[*place - 1];
            s->entered++;
            s->place += row.n > 1 ? (double)r / (double)(row.n - 1) : 0;
        }
    }
    size_t n = seen.n;
    *ret = ARENA_ARRAY(room, struct status_seen, n + 1);
    if (n > 0) {
        memcpy(*ret, seen.v, n * sizeof **ret);
        qsort(*ret, n, sizeof **ret, by_place);
    }
    map_finish(&place_of);
    VEC_FINISH(&seen);
    VEC_FINISH(&row);
    return n;
}

/* --- the rules --- */

static const str CREATED = STR_INIT("issue.created"), STATUS = STR_INIT("issue.status"),
                 COMMIT = STR_INIT("commit"), RUN = STR_INIT("run"),
                 APPROVAL = STR_INIT("approval"), DEPLOYMENT = STR_INIT("deployment");
static const str REVIEW[] = {STR_INIT("change.created"), STR_INIT("change.review_requested"),
                             STR_INIT("change.reviewed"), STR_INIT("change.updated"),
                             STR_INIT("change.ready")};
static const str REVIEW_QUEUE[] = {STR_INIT("created"), STR_INIT("review requested"),
                                   STR_INIT("ready")};
static const str MERGED[] = {STR_INIT("change.merged")};
static const str WRITTEN[] = {STR_INIT("authored"), STR_INIT("pushed"), STR_INIT("committed")};
static const str LANDED = STR_INIT("landed");

#define PATTERNS(list)                                                                             \
    {                                                                                              \
        list, sizeof(list) / sizeof *(list)                                                        \
    }

struct stage_rule *toolstages_rules(const struct names *names, const struct events *events,
                                    struct arena *room, size_t *ret_n)
{
    static const struct stage_rule IDEA = {.name = STR_INIT("idea"),
                                           .has_category = true,
                                           .category = CATEGORY_NEW,
                                           .type = {&CREATED, 1}};
    static const struct stage_rule CODE[] = {
        {.name = STR_INIT("develop"),
         .has_category = true,
         .category = CATEGORY_ACTIVE,
         .type = {&COMMIT, 1},
         .activity = PATTERNS(WRITTEN)},
        {.name = STR_INIT("review"),
         .has_category = true,
         .category = CATEGORY_ACTIVE,
         .type = PATTERNS(REVIEW),
         .waiting = PATTERNS(REVIEW_QUEUE)},
        {.name = STR_INIT("build"),
         .has_category = true,
         .category = CATEGORY_ACTIVE,
         .type = {&RUN, 1}},
        {.name = STR_INIT("release"),
         .has_category = true,
         .category = CATEGORY_GATE,
         .type = PATTERNS(MERGED)},
        {.name = STR_INIT("release"),
         .has_category = true,
         .category = CATEGORY_GATE,
         .type = {&COMMIT, 1},
         .activity = {&LANDED, 1}},
        {.name = STR_INIT("approval"),
         .has_category = true,
         .category = CATEGORY_WAITING,
         .type = {&APPROVAL, 1}},
        {.name = STR_INIT("deploy"),
         .has_category = true,
         .category = CATEGORY_ACTIVE,
         .type = {&DEPLOYMENT, 1}},
    };
    enum { CODE_RULES = sizeof CODE / sizeof *CODE };
    struct status_seen *statuses = NULL;
    sym status_type = 0;
    size_t status_n = names_find(names, STATUS, &status_type)
                          ? list_statuses(names, events, status_type, room, &statuses)
                          : 0;
    struct stage_rule *rules = ARENA_ARRAY(room, struct stage_rule, status_n + CODE_RULES + 1);
    size_t n = 0;
    rules[n++] = IDEA;
    for (size_t i = 0; i < status_n; i++) {
        str *name = ARENA_NEW(room, str);
        *name = names_text(names, statuses[i].activity);
        enum category category = category_guess(*name);
        rules[n++] = (struct stage_rule){
            .name = *name,
            .has_category = true,
            /* done is said by the evidence, which may come later than the tracker's word for it */
            .category = category == CATEGORY_DONE ? CATEGORY_WAITING : category,
            .type = {&STATUS, 1},
            .activity = {name, 1},
        };
    }
    memcpy(rules + n, CODE, sizeof CODE);
    *ret_n = n + CODE_RULES;
    return rules;
}

/* --- when an item is done --- */

enum evidence { DEPLOYED, RELEASED, LANDED_OR_MERGED, CLOSED, EVIDENCES };
static const char *const EVIDENCE[] = {"deployed to production", "released", "merged", "closed"};

struct ends { /* of one item: when each evidence was first seen; of closing the last */
    when at[EVIDENCES];
    bool code; /* a commit or a change belongs to it */
};

struct words { /* numbers of the texts that matter; 0: the log has none */
    sym merged, commit, landed, released, closed, reopened, moved, release;
};

static sym word(const struct names *names, const char *text)
{
    sym s = 0;
    (void)names_find(names, str_of(text), &s);
    return s;
}

static void first_of(when *t, when at)
{
    *t = *t == WHEN_NONE || at < *t ? at : *t;
}

static void see(struct ends *ends, const struct names *names, const struct words *w,
                const struct events *e, uint32_t row)
{
    sym type = e->type != NULL ? e->type[row] : 0, activity = e->activity[row];
    when at = e->time[row];
    ends->code |= type != 0 && (type == w->commit || is_type(names, type, "change."));
    if (type != 0 && (type == w->release || (type == w->commit && activity == w->released))) {
        first_of(&ends->at[RELEASED], at);
    } else if (type != 0 && (type == w->merged || (type == w->commit && activity == w->landed))) {
        first_of(&ends->at[LANDED_OR_MERGED], at);
    } else if (type != 0 && type == w->closed) {
        ends->at[CLOSED] = at;
    } else if (type != 0 && type == w->reopened) {
        ends->at[CLOSED] = WHEN_NONE;
    } else if (type != 0 && type == w->moved) { /* the last status alone says whether it is over */
        bool done = category_guess(names_text(names, activity)) == CATEGORY_DONE;
        ends->at[CLOSED] = done ? at : WHEN_NONE;
    }
}

/* The first deployment to production that holds something of each item. */
static void see_rollouts(const struct linking *l, const struct projection *p, struct ends *ends,
                         const uint32_t *place)
{
    for (size_t i = 0; i < l->rollouts.n; i++) {
        item_id d = l->rollouts.v[i].deployment;
        for (uint32_t k = d < p->n ? p->first[d] : 0; d < p->n && k < p->first[d + 1]; k++) {
            if (place[p->root[k]] != 0) {
                first_of(&ends[place[p->root[k]] - 1].at[DEPLOYED], l->rollouts.v[i].finished);
            }
        }
    }
}

void toolstages_done(const struct names *names, const struct events *e,
                     const struct linking *linking, const struct projection *projection,
                     struct toolstages_done *ret)
{
    const struct words w = {.merged = word(names, "change.merged"),
                            .commit = word(names, "commit"),
                            .landed = word(names, "landed"),
                            .released = word(names, "released"),
                            .closed = word(names, "issue.closed"),
                            .reopened = word(names, "issue.reopened"),
                            .moved = word(names, "issue.status"),
                            .release = word(names, "release")};
    struct ends *ends = mem_get((e->item_count + 1) * sizeof *ends);
    uint32_t *place = mem_get((size_t)names->item_n * sizeof *place);
    for (size_t i = 0; i < e->item_count; i++) {
        place[e->items[i]] = (uint32_t)i + 1;
        for (int k = 0; k < EVIDENCES; k++) {
            ends[i].at[k] = WHEN_NONE;
        }
        for (size_t k = e->first[i]; k < e->first[i + 1]; k++) {
            see(&ends[i], names, &w, e, e->rows[k]);
        }
    }
    see_rollouts(linking, projection, ends, place);
    int strongest = EVIDENCES;
    for (size_t i = 0; i < e->item_count; i++) {
        for (int k = 0; k < strongest; k++) {
            strongest = ends[i].at[k] != WHEN_NONE ? k : strongest;
        }
    }
    when *times = mem_get((size_t)names->item_n * sizeof *times);
    *ret = (struct toolstages_done){.times = {times, names->item_n}};
    for (size_t i = 0; i < names->item_n; i++) {
        times[i] = WHEN_NONE;
    }
    for (size_t i = 0; i < e->item_count && strongest < EVIDENCES; i++) {
        when at = ends[i].at[strongest];
        bool closed = at == WHEN_NONE && !ends[i].code && ends[i].at[CLOSED] != WHEN_NONE;
        times[e->items[i]] = closed ? ends[i].at[CLOSED] : at;
        ret->by_evidence += at != WHEN_NONE;
        ret->by_closing += closed;
        ret->open += at == WHEN_NONE && !closed;
    }
    ret->evidence = strongest < EVIDENCES ? EVIDENCE[strongest] : NULL;
    mem_put(ends);
    mem_put(place);
}
