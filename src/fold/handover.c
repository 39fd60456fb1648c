#include "fold/handover.h"

#include <stdlib.h>

struct handover {
    uint64_t visit_pairs;
    struct handover_count actors;
    struct pairs teams; /* from team to team, itself included */
    struct pairs staff; /* team and person, the person 0 where it is not known → visits */
};

void handover_visit(struct handover *h, struct handover_side v)
{
    if (v.team != 0) {
        pairs_add(&h->staff, v.team, v.actor, 1);
    }
}

void handover_pair(struct handover *h, struct handover_side before, struct handover_side v)
{
    h->visit_pairs++;
    if (before.actor != 0 && v.actor != 0) {
        h->actors.known++;
        h->actors.proper += before.actor != v.actor;
    }
    if (before.team != 0 && v.team != 0) {
        pairs_add(&h->teams, before.team, v.team, 1);
    }
}

static void step(void *summary, const struct traces *part)
{
    struct handover *h = summary;
    for (size_t t = 0; t < part->items.n; t++) {
        if (part->items.v[t].n == 0) {
            continue;
        }
        const struct visit *v = &part->visits.v[part->items.v[t].first];
        for (size_t i = 0; i < part->items.v[t].n; i++) {
            struct handover_side side = {v[i].actor, v[i].team};
            handover_visit(h, side);
            if (i > 0) {
                handover_pair(h, (struct handover_side){v[i - 1].actor, v[i - 1].team}, side);
            }
        }
    }
}

static void merge(void *summary, const void *right_summary)
{
    struct handover *h = summary;
    const struct handover *right = right_summary;
    h->visit_pairs += right->visit_pairs;
    h->actors.known += right->actors.known;
    h->actors.proper += right->actors.proper;
    pairs_merge(&h->teams, &right->teams);
    pairs_merge(&h->staff, &right->staff);
}

static void finish(void *summary)
{
    struct handover *h = summary;
    pairs_finish(&h->teams);
    pairs_finish(&h->staff);
    *h = (struct handover){0};
}

static void save(const void *summary, const struct names *names, struct buf *out)
{
    const struct handover *h = summary;
    struct saved_texts texts = {0};
    pairs_note(&h->teams, &texts);
    pairs_note(&h->staff, &texts);
    saved_arrange(&texts, names, out);
    pack_u64(out, h->visit_pairs);
    pack_u64(out, h->actors.known);
    pack_u64(out, h->actors.proper);
    pairs_save(&h->teams, &texts, out);
    pairs_save(&h->staff, &texts, out);
    saved_finish(&texts);
}

static status_code load(void *summary, struct names *names, str bytes, struct error *why)
{
    struct handover *h = summary;
    struct unpack from = {.rest = bytes};
    struct saved_texts texts = {0};
    saved_read_texts(&texts, names, &from);
    h->visit_pairs = unpack_u64(&from);
    h->actors.known = unpack_u64(&from);
    h->actors.proper = unpack_u64(&from);
    pairs_load(&h->teams, &texts, &from);
    pairs_load(&h->staff, &texts, &from);
    saved_finish(&texts);
    if (from.bad || from.rest.n > 0) {
        finish(h);
        return error_set(why, "saved hand-overs are damaged (%zu bytes)", bytes.n);
    }
    return OK;
}

const struct fold handover_fold = {
    .name = "handover",
    .size = sizeof(struct handover),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

static int by_number(const void *a, const void *b)
{
    sym x = *(const sym *)a, y = *(const sym *)b;
    return (x > y) - (x < y);
}

/* A team of whose people nothing is known is not small: it is a name without persons. */
static void count_teams(const struct handover *h, uint64_t least, struct arena *arena,
                        struct handover_result *ret)
{
    struct map people = {0};
    uint64_t team = 0, n = 0;
    for (size_t i = 0; i < h->staff.v.n; i++) {
        *map_add(&people, h->staff.v.v[i].from, NULL) += h->staff.v.v[i].to != 0;
    }
    ret->small = ARENA_ARRAY(arena, sym, people.n + 1);
    for (size_t at = 0; map_next(&people, &at, &team, &n);) {
        ret->team_n++;
        if (n > 0 && n < least) {
            ret->small[ret->small_n++] = (sym)team;
        }
    }
    qsort(ret->small, ret->small_n, sizeof *ret->small, by_number);
    map_finish(&people);
}

bool handover_is_small(const struct handover_result *r, sym team)
{
    return bsearch(&team, r->small, r->small_n, sizeof team, by_number) != NULL;
}

void handover_show(const struct handover *h, uint64_t least, const struct names *names,
                   struct arena *arena, struct handover_result *ret)
{
    size_t n = 0;
    *ret = (struct handover_result){.visit_pairs = h->visit_pairs, .actors = h->actors};
    count_teams(h, least, arena, ret);
    ret->pairs = pairs_show(&h->teams, names, arena, &n);
    for (size_t i = 0; i < n; i++) {
        struct pair_count pair = ret->pairs[i];
        ret->teams.known += pair.n;
        if (pair.from == pair.to) {
            continue;
        }
        ret->teams.proper += pair.n;
        if (handover_is_small(ret, pair.from) || handover_is_small(ret, pair.to)) {
            ret->unlisted += pair.n;
        } else {
            ret->pairs[ret->n++] = pair;
        }
    }
}
