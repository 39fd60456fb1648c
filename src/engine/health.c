#include "engine/health.h"

#include "base/map.h"

#include <string.h>

enum seen { SEEN_EVENT = 1, SEEN_COMMIT = 2, SEEN_CHANGE = 4, SEEN_RELEASE = 8 }; /* of an item */

struct examiner {
    struct health *h;
    const struct names *names;
    when latest;
    uint8_t *seen; /* by item */
    struct set128 instants;
    sym commit, part_of, released_in;
};

void health_finish(struct health *h)
{
    VEC_FINISH(&h->rules);
}

static enum health_precision precision_of(when t)
{
    return t % DAY == 0      ? HEALTH_DAY
           : t % MINUTE == 0 ? HEALTH_MINUTE
           : t % SECOND == 0 ? HEALTH_SECOND
                             : HEALTH_FINER;
}

static void examine_time(struct examiner *x, const struct log *log, size_t i)
{
    struct health *h = x->h;
    when t = log->time[i];
    if (log->quality[i] == TIME_BAD || t == WHEN_NONE) {
        h->bad++;
        return;
    }
    h->derived += log->quality[i] == TIME_DERIVED;
    h->received += log->quality[i] == TIME_RECEIVED;
    h->future += t > x->latest;
    h->whole[precision_of(t)]++;
    if (log->item[i] != 0) {
        h->ties += !set128_add(&x->instants, (id128){log->item[i], (uint64_t)t});
    }
}

static status_code examine(const struct log *log, void *cookie, struct error *why)
{
    (void)why;
    struct examiner *x = cookie;
    struct health *h = x->h;
    for (size_t i = 0; i < log->n; i++) {
        item_id item = log->item[i];
        examine_time(x, log, i);
        h->started += log->begin[i] != WHEN_NONE || log->life[i] == LIFE_START;
        h->statuses += log->life[i] == LIFE_STATUS;
        h->people += log->actor[i] != 0;
        h->teams += log->team[i] != 0;
        h->lonely += item == 0;
        x->seen[item] |= SEEN_EVENT;
        if (x->commit != 0 && log->type[i] == x->commit) {
            x->seen[item] |= SEEN_COMMIT;
        }
    }
    h->events += log->n;
    return OK;
}

static status_code examine_further(const struct stored_item *row, void *cookie, struct error *why)
{
    (void)why;
    struct examiner *x = cookie;
    x->seen[row->item] |= SEEN_EVENT;
    return OK;
}

static status_code examine_link(const struct link *row, void *cookie, struct error *why)
{
    (void)why;
    struct examiner *x = cookie;
    struct health *h = x->h;
    size_t i = 0;
    while (i < h->rules.n && (h->rules.v[i].kind != row->kind || h->rules.v[i].rule != row->rule)) {
        i++;
    }
    if (i == h->rules.n) {
        VEC_ADD(&h->rules, (struct health_links){.kind = row->kind, .rule = row->rule});
    }
    h->rules.v[i].n++;
    h->rules.v[i].confidence += row->confidence;
    h->links++;
    h->dangling += (x->seen[row->to] & SEEN_EVENT) == 0;
    if (x->part_of != 0 && row->kind == x->part_of) {
        x->seen[row->from] |= SEEN_CHANGE;
    }
    if (x->released_in != 0 && row->kind == x->released_in) {
        x->seen[row->from] |= SEEN_RELEASE;
    }
    return OK;
}

static status examine_store(struct store *store, struct examiner *x, struct error *why)
{
    struct slice slice = SLICE_ALL(COL_ITEM | COL_TYPE | COL_ACTOR | COL_TEAM | COL_TIME |
                                   COL_BEGIN | COL_LIFE | COL_QUALITY);
    TRY(store_scan(store, &slice, examine, x, why));
    TRY(store_scan_items(store, examine_further, x, why));
    return store_scan_links(store, examine_link, x, why);
}

status health_of(struct store *store, when now, struct health *ret, struct error *why)
{
    const struct names *names = store_names(store);
    *ret = (struct health){0};
    struct examiner x = {.h = ret, .names = names, .latest = now + HOUR};
    x.seen = mem_get(names->item_n + 1);
    (void)names_find(names, STR("commit"), &x.commit);
    (void)names_find(names, STR("part_of"), &x.part_of);
    (void)names_find(names, STR("released_in"), &x.released_in);
    status_code s = examine_store(store, &x, why);
    for (item_id item = 1; item < names->item_n; item++) {
        if ((x.seen[item] & SEEN_COMMIT) != 0) {
            ret->commits++;
            ret->in_changes += (x.seen[item] & SEEN_CHANGE) != 0;
            ret->in_releases += (x.seen[item] & SEEN_RELEASE) != 0;
        }
    }
    set128_finish(&x.instants);
    mem_put(x.seen);
    return s;
}

enum health_precision health_precision(const struct health *h)
{
    int finest = HEALTH_FINER;
    while (finest > HEALTH_DAY && h->whole[finest] == 0) {
        finest--;
    }
    return (enum health_precision)finest;
}
