#include "fold/handover.h"

struct handover {
    uint64_t visit_pairs;
    struct pairs actors, teams;
};

static void step(void *summary, const struct traces *part)
{
    struct handover *h = summary;
    for (size_t t = 0; t < part->items.n; t++) {
        if (part->items.v[t].n == 0) {
            continue;
        }
        const struct visit *v = &part->visits.v[part->items.v[t].first];
        for (size_t i = 1; i < part->items.v[t].n; i++) {
            h->visit_pairs++;
            if (v[i - 1].actor != 0 && v[i].actor != 0) {
                pairs_add(&h->actors, v[i - 1].actor, v[i].actor, 1);
            }
            if (v[i - 1].team != 0 && v[i].team != 0) {
                pairs_add(&h->teams, v[i - 1].team, v[i].team, 1);
            }
        }
    }
}

static void merge(void *summary, const void *right_summary)
{
    struct handover *h = summary;
    const struct handover *right = right_summary;
    h->visit_pairs += right->visit_pairs;
    pairs_merge(&h->actors, &right->actors);
    pairs_merge(&h->teams, &right->teams);
}

static void finish(void *summary)
{
    struct handover *h = summary;
    pairs_finish(&h->actors);
    pairs_finish(&h->teams);
    *h = (struct handover){0};
}

static void save(const void *summary, const struct names *names, struct buf *out)
{
    const struct handover *h = summary;
    struct saved_texts texts = {0};
    pairs_note(&h->actors, &texts);
    pairs_note(&h->teams, &texts);
    saved_arrange(&texts, names, out);
    pack_u64(out, h->visit_pairs);
    pairs_save(&h->actors, &texts, out);
    pairs_save(&h->teams, &texts, out);
    saved_finish(&texts);
}

static status_code load(void *summary, struct names *names, str bytes, struct error *why)
{
    struct handover *h = summary;
    struct unpack from = {.rest = bytes};
    struct saved_texts texts = {0};
    saved_read_texts(&texts, names, &from);
    h->visit_pairs = unpack_u64(&from);
    pairs_load(&h->actors, &texts, &from);
    pairs_load(&h->teams, &texts, &from);
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

static struct handover_matrix matrix_of(const struct pairs *p, const struct names *names,
                                        struct arena *arena)
{
    struct handover_matrix m = {0};
    m.pairs = pairs_show(p, names, arena, &m.n);
    for (size_t i = 0; i < m.n; i++) {
        m.known += m.pairs[i].n;
        m.proper += m.pairs[i].from != m.pairs[i].to ? m.pairs[i].n : 0;
    }
    return m;
}

void handover_show(const struct handover *h, const struct names *names, struct arena *arena,
                   struct handover_result *ret)
{
    *ret = (struct handover_result){.visit_pairs = h->visit_pairs,
                                    .actors = matrix_of(&h->actors, names, arena),
                                    .teams = matrix_of(&h->teams, names, arena)};
}
