#include "fold/rework.h"

#include <stdlib.h>
#include <string.h>

struct activity {
    struct rework_activity sum;
    /* of the item at hand, when the stamp is its */
    uint64_t stamp, seen;
    sym actor; /* of the last visit */
};

struct rework {
    uint64_t items, again_items, ping_pong_items;
    struct map number; /* activity -> + 1 */
    VEC(struct activity) activities;
    struct pairs ping_pong;
    uint64_t stamp;
};

static struct activity *activity_of(struct rework *r, sym name, bool *ret_fresh)
{
    uint64_t *number = map_add(&r->number, name, ret_fresh);
    if (*ret_fresh) {
        VEC_ADD(&r->activities, (struct activity){.sum.name = name});
        *number = r->activities.n;
    }
    return &r->activities.v[*number - 1];
}

static bool visit_again(struct rework *r, const struct visit *v) /* is it rework? */
{
    bool fresh = false;
    struct activity *a = activity_of(r, v->activity, &fresh);
    a->sum.visits++;
    if (a->stamp != r->stamp) {
        a->stamp = r->stamp;
        a->seen = 1;
        a->actor = v->actor;
        a->sum.items++;
        return false;
    }
    a->sum.again_items += ++a->seen == 2;
    a->sum.again_visits++;
    if (a->actor != 0 && v->actor != 0) {
        *(a->actor == v->actor ? &a->sum.repeat : &a->sum.redo) += 1;
    }
    a->actor = v->actor;
    return true;
}

static void step(void *summary, const struct traces *part)
{
    struct rework *r = summary;
    for (size_t t = 0; t < part->items.n; t++) {
        if (part->items.v[t].n == 0) {
            continue;
        }
        const struct visit *v = &part->visits.v[part->items.v[t].first];
        bool again = false, ping_pong = false, fresh = false;
        sym team = 0, before = 0; /* the last two teams that are not the same */
        r->stamp++;
        r->items++;
        for (size_t i = 0; i < part->items.v[t].n; i++) {
            again |= visit_again(r, &v[i]);
            if (i > 0 && v[i].activity == v[i - 1].activity) {
                activity_of(r, v[i].activity, &fresh)->sum.self_loops++;
            }
            if (v[i].team != 0 && v[i].team != team) {
                if (v[i].team == before) {
                    pairs_add(&r->ping_pong, before, team, 1);
                    ping_pong = true;
                }
                before = team;
                team = v[i].team;
            }
        }
        r->again_items += again;
        r->ping_pong_items += ping_pong;
    }
}

static void add_sums(struct rework_activity *to, const struct rework_activity *from)
{
    to->items += from->items;
    to->visits += from->visits;
    to->again_items += from->again_items;
    to->again_visits += from->again_visits;
    to->self_loops += from->self_loops;
    to->repeat += from->repeat;
    to->redo += from->redo;
}

static void merge(void *summary, const void *right_summary)
{
    struct rework *r = summary;
    const struct rework *right = right_summary;
    r->items += right->items;
    r->again_items += right->again_items;
    r->ping_pong_items += right->ping_pong_items;
    for (size_t i = 0; i < right->activities.n; i++) {
        const struct rework_activity *from = &right->activities.v[i].sum;
        bool fresh = false;
        add_sums(&activity_of(r, from->name, &fresh)->sum, from);
    }
    pairs_merge(&r->ping_pong, &right->ping_pong);
}

static void finish(void *summary)
{
    struct rework *r = summary;
    map_finish(&r->number);
    VEC_FINISH(&r->activities);
    pairs_finish(&r->ping_pong);
    *r = (struct rework){0};
}

static void save(const void *summary, const struct names *names, struct buf *out)
{
    const struct rework *r = summary;
    struct saved_texts texts = {0};
    for (size_t i = 0; i < r->activities.n; i++) {
        saved_note(&texts, r->activities.v[i].sum.name);
    }
    pairs_note(&r->ping_pong, &texts);
    saved_arrange(&texts, names, out);
    pack_u64(out, r->items);
    pack_u64(out, r->again_items);
    pack_u64(out, r->ping_pong_items);
    pack_u64(out, r->activities.n);
    for (size_t place = 0; place < texts.syms.n; place++) {
        const uint64_t *number = map_find(&r->number, texts.syms.v[place]);
        if (number != NULL) {
            const struct rework_activity *a = &r->activities.v[*number - 1].sum;
            const uint64_t sums[] = {place,           a->items,      a->visits, a->again_items,
                                     a->again_visits, a->self_loops, a->repeat, a->redo};
            for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
                pack_u64(out, sums[i]);
            }
        }
    }
    pairs_save(&r->ping_pong, &texts, out);
    saved_finish(&texts);
}

static void load_activities(struct rework *r, const struct saved_texts *texts, struct unpack *from)
{
    size_t n = unpack_count(from);
    for (size_t i = 0; i < n && !from->bad; i++) {
        sym name = saved_read_sym(texts, from);
        uint64_t sums[7];
        for (size_t k = 0; k < 7; k++) {
            sums[k] = unpack_u64(from);
        }
        bool fresh = false;
        if (!from->bad) {
            activity_of(r, name, &fresh)->sum = (struct rework_activity){
                name, sums[0], sums[1], sums[2], sums[3], sums[4], sums[5], sums[6]};
            from->bad = !fresh;
        }
    }
}

static status_code load(void *summary, struct names *names, str bytes, struct error *why)
{
    struct rework *r = summary;
    struct unpack from = {.rest = bytes};
    struct saved_texts texts = {0};
    saved_read_texts(&texts, names, &from);
    r->items = unpack_u64(&from);
    r->again_items = unpack_u64(&from);
    r->ping_pong_items = unpack_u64(&from);
    load_activities(r, &texts, &from);
    pairs_load(&r->ping_pong, &texts, &from);
    saved_finish(&texts);
    if (from.bad || from.rest.n > 0) {
        finish(r);
        return error_set(why, "a saved summary of rework is damaged (%zu bytes)", bytes.n);
    }
    return OK;
}

const struct fold rework_fold = {
    .name = "rework",
    .size = sizeof(struct rework),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};

void rework_add_items(struct rework *r, uint64_t items)
{
    r->items += items;
}

void rework_add_visits(struct rework *r, sym activity, uint64_t visits)
{
    bool fresh = false;
    struct rework_activity *a = &activity_of(r, activity, &fresh)->sum;
    a->items += visits;
    a->visits += visits;
}

static int compare_activities(const void *a, const void *b, void *names)
{
    const struct rework_activity *x = a, *y = b;
    if (x->again_visits != y->again_visits) {
        return x->again_visits > y->again_visits ? -1 : 1;
    }
    return str_cmp(names_text(names, x->name), names_text(names, y->name));
}

void rework_show(const struct rework *r, const struct names *names, struct arena *arena,
                 struct rework_result *ret)
{
    size_t n = r->activities.n;
    struct rework_result result = {.items = r->items,
                                   .again_items = r->again_items,
                                   .ping_pong_items = r->ping_pong_items,
                                   .n = n};
    result.activities = ARENA_ARRAY(arena, struct rework_activity, n + 1);
    for (size_t i = 0; i < n; i++) {
        result.activities[i] = r->activities.v[i].sum;
    }
    qsort_r(result.activities, n, sizeof *result.activities, compare_activities,
            (void *)(uintptr_t)names);
    result.ping_pong = pairs_show(&r->ping_pong, names, arena, &result.ping_pong_n);
    *ret = result;
}
