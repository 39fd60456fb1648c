#include "fold/evidence.h"

#include "fold/evidence_rows.h"

#include <string.h>

const struct rows_shape EVIDENCE_ITEMS = {.keys = 1, .values = ITEM_VALUES, .counts = 3};
const struct rows_shape EVIDENCE_STAGES = {
    .keys = 2, .values = STAGE_VALUES, .names = 1, .counts = 3};
const struct rows_shape EVIDENCE_WORK = {
    .keys = WORK_KEYS, .values = 1, .counts = 1, .names = 1 << WORK_ACTOR | 1 << WORK_STAGE};
const struct rows_shape EVIDENCE_PEOPLE = {.keys = 2, .values = 1, .names = 3, .counts = 1};
const struct rows_shape EVIDENCE_KINDS = {.keys = 2, .values = 1, .names = 1, .counts = 1};
const struct rows_shape EVIDENCE_FOLLOW = {.keys = 2, .values = 1, .names = 3, .counts = 1};

bool evidence_is_weekly(const struct flow_range *range)
{
    return flow_range_lapse(range) >= EVIDENCE_WEEKS * WEEK;
}

/* Rewrites the key part `at` of every row from an instant to its week. */
static void coarsen(struct rows *r, const struct rows_shape *shape, unsigned at,
                    const struct flow *f)
{
    struct rows old = *r;
    *r = (struct rows){0};
    for (size_t row = 0; row < old.n; row++) {
        int64_t *key = ROWS_KEY(&old, shape, row);
        key[at] = flow_week(f, key[at]);
        i128 *sum = rows_at(r, shape, key);
        for (unsigned i = 0; i < shape->values; i++) {
            sum[i] += ROWS_VALUE(&old, shape, row)[i];
        }
    }
    rows_finish(&old);
}

static void widen(struct evidence_summary *s, when begin, when end)
{
    bool weekly = evidence_is_weekly(&s->range);
    flow_range_add(&s->range, begin, end);
    if (!weekly && evidence_is_weekly(&s->range)) {
        coarsen(&s->items, &EVIDENCE_ITEMS, 0, s->flow);
        coarsen(&s->stages, &EVIDENCE_STAGES, 1, s->flow);
        coarsen(&s->work, &EVIDENCE_WORK, WORK_BLOCK, s->flow);
    }
}

static bool is_outside(const struct visit *v)
{
    return v->category == CATEGORY_NEW || v->category == CATEGORY_DONE ||
           v->category == CATEGORY_CANCELLED;
}

static bool is_measured(const struct visit *v)
{
    return v->actor != 0 && v->category == CATEGORY_ACTIVE &&
           (v->flags & (VISIT_POINT | VISIT_STATE | VISIT_NO_START)) == 0;
}

static void add_visit(struct evidence_summary *s, const struct traces *part,
                      const struct trace *life, size_t i, int64_t block)
{
    const struct visit *v = &part->visits.v[life->first + i];
    i128 *sum = rows_at(&s->stages, &EVIDENCE_STAGES, (int64_t[]){v->activity, block});
    sum[STAGE_VISITS] += 1;
    *rows_at(&s->kinds, &EVIDENCE_KINDS, (int64_t[]){v->activity, v->category}) += 1;
    if (i + 1 < life->n) {
        *rows_at(&s->follow, &EVIDENCE_FOLLOW, (int64_t[]){v->activity, v[1].activity}) += 1;
    }
    if (v->actor != 0 && !is_outside(v)) {
        *rows_at(&s->people, &EVIDENCE_PEOPLE, (int64_t[]){v->activity, v->actor}) += 1;
    }
    if (is_measured(v)) {
        struct flow_visit t = flow_visit(life, v);
        sum[STAGE_MEASURED] += 1;
        int64_t key[WORK_KEYS] = {v->actor, v->activity, t.start + t.suspended, t.end, block};
        *rows_at(&s->work, &EVIDENCE_WORK, key) += 1;
    }
}

static void add_stay(struct evidence_summary *s, const struct stay *stay, int64_t block)
{
    lapse d = flow_lapse(s->flow, stay->begin, stay->end);
    i128 *sum = rows_at(&s->stages, &EVIDENCE_STAGES, (int64_t[]){stay->stage, block});
    switch ((enum flow_class)stay->class) {
    case CLASS_WORK:
        sum[stay->undivided ? STAGE_UNDIVIDED_WORK : STAGE_WORK] += d;
        break;
    case CLASS_WAIT:
        sum[stay->undivided ? STAGE_UNDIVIDED_WAIT : STAGE_WAIT] += d;
        break;
    case CLASS_BLOCKED:
        sum[STAGE_BLOCKED] += d;
        break;
    case CLASS_BETWEEN:
    case CLASS_COUNT:
        sum[STAGE_BETWEEN] += d;
        break;
    }
}

static void step(void *summary, const struct traces *part)
{
    struct evidence_summary *s = summary;
    s->wip.flow = s->batch.flow = s->flow;
    FOLD_WIP.step(&s->wip, part);
    FOLD_BATCH.step(&s->batch, part);
    widen(s, part->log_begin, part->log_end);
    bool weekly = evidence_is_weekly(&s->range);
    struct partition p = {0};
    for (size_t i = 0; i < part->items.n; i++) {
        const struct trace *life = &part->items.v[i];
        int64_t block = weekly ? flow_week(s->flow, life->begin) : life->begin;
        for (size_t k = 0; k < life->n; k++) {
            add_visit(s, part, life, k, block);
        }
        partition_of(&p, s->flow, part, life);
        for (size_t k = 0; k < p.stays.n; k++) {
            add_stay(s, &p.stays.v[k], block);
        }
        i128 *item = rows_at(&s->items, &EVIDENCE_ITEMS, (int64_t[]){block});
        item[ITEM_ALL] += 1;
        item[ITEM_FINISHED] += (life->flags & (TRACE_OPEN | TRACE_CANCELLED)) == 0;
        item[ITEM_TIME] += flow_lapse(s->flow, life->begin, life->begin + p.length);
    }
    partition_finish(&p);
}

static void merge_blocks(struct rows *left, const struct rows_shape *shape, unsigned at,
                         const struct rows *right, bool to_weeks, const struct flow *f)
{
    if (!to_weeks) {
        rows_merge(left, shape, right);
        return;
    }
    for (size_t row = 0; row < right->n; row++) {
        int64_t key[ROWS_KEYS];
        memcpy(key, ROWS_KEY(right, shape, row), shape->keys * sizeof *key);
        key[at] = flow_week(f, key[at]);
        i128 *sum = rows_at(left, shape, key);
        for (unsigned i = 0; i < shape->values; i++) {
            sum[i] += ROWS_VALUE(right, shape, row)[i];
        }
    }
}

static void merge(void *summary, const void *right)
{
    struct evidence_summary *s = summary;
    const struct evidence_summary *r = right;
    s->flow = s->flow != NULL ? s->flow : r->flow;
    if (r->range.seen) {
        widen(s, r->range.begin, r->range.end);
    }
    bool to_weeks = evidence_is_weekly(&s->range) && !evidence_is_weekly(&r->range);
    merge_blocks(&s->items, &EVIDENCE_ITEMS, 0, &r->items, to_weeks, s->flow);
    merge_blocks(&s->stages, &EVIDENCE_STAGES, 1, &r->stages, to_weeks, s->flow);
    merge_blocks(&s->work, &EVIDENCE_WORK, WORK_BLOCK, &r->work, to_weeks, s->flow);
    rows_merge(&s->people, &EVIDENCE_PEOPLE, &r->people);
    rows_merge(&s->kinds, &EVIDENCE_KINDS, &r->kinds);
    rows_merge(&s->follow, &EVIDENCE_FOLLOW, &r->follow);
    FOLD_WIP.merge(&s->wip, &r->wip);
    FOLD_BATCH.merge(&s->batch, &r->batch);
}

static void save_part(const struct fold *fold, const void *part, const struct names *names,
                      struct buf *out)
{
    struct buf bytes = {0};
    fold->save(part, names, &bytes);
    rows_put(out, (i128)bytes.n);
    buf_add(out, buf_str(&bytes));
    buf_finish(&bytes);
}

static void save(const void *summary, const struct names *names, struct buf *out)
{
    const struct evidence_summary *s = summary;
    flow_range_save(&s->range, out);
    rows_save(&s->items, &EVIDENCE_ITEMS, names, out);
    rows_save(&s->stages, &EVIDENCE_STAGES, names, out);
    rows_save(&s->work, &EVIDENCE_WORK, names, out);
    rows_save(&s->people, &EVIDENCE_PEOPLE, names, out);
    rows_save(&s->kinds, &EVIDENCE_KINDS, names, out);
    rows_save(&s->follow, &EVIDENCE_FOLLOW, names, out);
    save_part(&FOLD_WIP, &s->wip, names, out);
    save_part(&FOLD_BATCH, &s->batch, names, out);
}

static void finish(void *summary)
{
    struct evidence_summary *s = summary;
    rows_finish(&s->items);
    rows_finish(&s->stages);
    rows_finish(&s->work);
    rows_finish(&s->people);
    rows_finish(&s->kinds);
    rows_finish(&s->follow);
    FOLD_WIP.finish(&s->wip);
    FOLD_BATCH.finish(&s->batch);
    *s = (struct evidence_summary){0};
}

static status_code load_part(const struct fold *fold, void *part, struct names *names, str *rest,
                             struct error *why)
{
    int64_t n = 0;
    TRY(rows_get_i64(rest, &n, why));
    if (n < 0 || (uint64_t)n > rest->n) {
        return error_set(why, "a saved summary is cut short");
    }
    str bytes = str_first(*rest, (size_t)n);
    *rest = str_from(*rest, (size_t)n);
    return fold->load(part, names, bytes, why);
}

static status_code load_all(struct evidence_summary *s, struct names *names, str rest,
                            struct error *why)
{
    TRY(flow_range_load(&s->range, &rest, why));
    TRY(rows_load(&s->items, &EVIDENCE_ITEMS, names, &rest, why));
    TRY(rows_load(&s->stages, &EVIDENCE_STAGES, names, &rest, why));
    TRY(rows_load(&s->work, &EVIDENCE_WORK, names, &rest, why));
    TRY(rows_load(&s->people, &EVIDENCE_PEOPLE, names, &rest, why));
    TRY(rows_load(&s->kinds, &EVIDENCE_KINDS, names, &rest, why));
    TRY(rows_load(&s->follow, &EVIDENCE_FOLLOW, names, &rest, why));
    TRY(load_part(&FOLD_WIP, &s->wip, names, &rest, why));
    TRY(load_part(&FOLD_BATCH, &s->batch, names, &rest, why));
    return rows_end(rest, why);
}

static status_code load(void *summary, struct names *names, str bytes, struct error *why)
{
    status_code c = load_all(summary, names, bytes, why);
    if (c != OK) {
        finish(summary);
    }
    return c;
}

const struct fold FOLD_EVIDENCE = {
    .name = "evidence",
    .size = sizeof(struct evidence_summary),
    .order = FOLD_BAG,
    .step = step,
    .merge = merge,
    .save = save,
    .load = load,
    .finish = finish,
};
