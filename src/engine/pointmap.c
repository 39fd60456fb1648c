#include "engine/pointmap.h"

#include "base/mem.h"
#include "fold/points.h"
#include "fold/ways.h"

struct reader {
    struct valuestream *f;
    struct points *points;
    struct ways *ways;
    struct again *rework;
    bool again;   /* the second reading, for the ways */
    bool refused; /* the log needs weaving */
    uint64_t events, bad_times;
    item_id item[BATCH_ROWS]; /* of a batch without its bad times */
    sym activity[BATCH_ROWS], actor[BATCH_ROWS], team[BATCH_ROWS];
    when time[BATCH_ROWS];
};

static bool are_points(const struct log *log)
{
    bool points = true;
    for (size_t i = 0; i < log->n; i++) {
        points &= log->begin[i] == WHEN_NONE;
        points &= (log->life[i] == LIFE_NONE) | (log->life[i] == LIFE_COMPLETE);
    }
    return points;
}

/* Without the events whose time cannot be believed, as events_load leaves them out. */
static struct log believed(struct reader *r, const struct log *log)
{
    size_t bad = 0, n = 0;
    for (size_t i = 0; i < log->n; i++) {
        bad += log->quality[i] == TIME_BAD;
    }
    if (bad == 0) {
        return *log;
    }
    r->bad_times += r->again ? 0 : bad;
    for (size_t i = 0; i < log->n; i++) {
        if (log->quality[i] != TIME_BAD) {
            r->item[n] = log->item[i];
            r->activity[n] = log->activity[i];
            r->actor[n] = log->actor[i];
            r->team[n] = log->team[i];
            r->time[n++] = log->time != NULL ? log->time[i] : WHEN_NONE;
        }
    }
    return (struct log){.n = n,
                        .item = r->item,
                        .activity = r->activity,
                        .actor = r->actor,
                        .team = r->team,
                        .time = r->time};
}

static status_code take(const struct log *log, void *cookie, struct error *why)
{
    struct reader *r = cookie;
    if (r->again) {
        struct log rows = believed(r, log);
        ways_fetch(r->ways, &rows);
        again_fetch(r->rework, &rows);
        return OK;
    }
    if (!are_points(log)) {
        r->refused = true;
        return END;
    }
    struct log rows = believed(r, log);
    r->events += rows.n;
    progress_step(r->f->query.progress, r->events);
    if (points_step(r->points, &rows, why) != OK) {
        r->refused = true; /* not in order of time, whatever the store thought */
        return END;
    }
    ways_step(r->ways, &rows);
    again_step(r->rework, &rows);
    return OK;
}

static status_code notice_further(const struct stored_item *row, void *cookie, struct error *why)
{
    (void)row;
    (void)why;
    *(bool *)cookie = true;
    return END; /* one is enough */
}

/* What can be told before the events are read. */
static status fits(struct valuestream *f, bool *ret, struct store_info *ret_info, struct error *why)
{
    bool further = false;
    *ret = f->kind != 0 && f->stages == NULL && f->query.where_count == 0 &&
           f->range.from == WHEN_NONE && f->range.to == WHEN_NONE && f->now == WHEN_NONE &&
           f->weave.events != WEAVE_START && !f->wall_instants;
    if (!*ret) {
        return OK;
    }
    TRY(store_info(f->store, ret_info, why));
    status_code s = store_scan_items(f->store, notice_further, &further, why);
    *ret = ret_info->in_time_order && !further;
    return s == END ? OK : s;
}

static status read_all(struct reader *r, size_t top, struct error *why)
{
    struct valuestream *f = r->f;
    struct slice slice = SLICE_ALL(COL_ITEM | COL_ACTIVITY | COL_ACTOR | COL_TEAM | COL_TIME |
                                   COL_BEGIN | COL_LIFE | COL_QUALITY);
    slice.item_type = f->kind_is_all ? 0 : f->kind;
    progress_begin(f->query.progress, "read", "events", 0);
    status_code s = store_scan(f->store, &slice, take, r, why);
    progress_end(f->query.progress);
    if (r->refused) {
        return END;
    }
    TRY(s);
    ways_choose(r->ways, top);
    again_choose(r->rework);
    r->again = true;
    slice.columns = COL_ITEM | COL_ACTIVITY | COL_ACTOR | COL_TEAM | COL_QUALITY;
    return store_scan(f->store, &slice, take, r, why);
}

/* What the stream says of its events is known without them. */
static void fill_in(struct valuestream *f, const struct reader *r, const struct pointmap *map,
                    when begin, when end)
{
    f->events.begins = begin;
    f->events.ends = end;
    f->events.bad_times = r->bad_times;
    f->counts = (struct weave_counts){
        .events = r->events, .visits = map->map.visits, .items = map->map.items};
    f->outside = 0;
}

status pointmap_read(struct valuestream *f, size_t top, uint64_t least, struct arena *arena,
                     struct pointmap *ret, struct error *why)
{
    bool fitting = false;
    struct store_info info;
    struct error ignored;
    TRY(fits(f, &fitting, &info, why));
    if (!fitting || valuestream_clock(f, info.first, info.last, &ignored) != OK) {
        return END; /* an impossible clock is refused by valuestream_load */
    }
    struct reader *r = mem_get(sizeof *r);
    r->f = f;
    r->points = points_open(POINTS_WHOLE, f->clock);
    r->ways = ways_open();
    r->rework = again_open();
    status_code s = read_all(r, top, why);
    if (s == OK) {
        when begin = WHEN_NONE, end = WHEN_NONE;
        points_show(r->points, f->names, arena, &ret->map);
        ways_show(r->ways, top, f->names, arena, &ret->variants);
        again_show(r->rework, least, f->names, arena, &ret->rework, &ret->handover);
        points_span(r->points, &begin, &end);
        fill_in(f, r, ret, begin, end);
    } else if (s == END) { /* the clock of the whole store is not that of these events */
        calendar_close(f->clock);
        f->clock = NULL;
    }
    points_close(r->points);
    ways_close(r->ways);
    again_close(r->rework);
    mem_put(r);
    return s;
}

status pointmap_weave(struct valuestream *f, size_t top, uint64_t least, struct arena *arena,
                      struct pointmap *ret, struct error *why)
{
    enum { MAP, VARIANTS, REWORK, HANDOVER, COUNT };
    struct valuestream_fold folds[COUNT] = {{.fold = &flowmap_fold},
                                            {.fold = &variants_fold},
                                            {.fold = &rework_fold},
                                            {.fold = &handover_fold}};
    for (size_t i = 0; i < COUNT; i++) {
        folds[i].summary = mem_get(folds[i].fold->size);
    }
    status_code s = valuestream_load(f, why);
    if (s == OK) {
        s = valuestream_run(f, folds, COUNT, why);
    }
    if (s == OK) {
        flowmap_show(folds[MAP].summary, f->names, arena, &ret->map);
        variants_show(folds[VARIANTS].summary, top, f->names, arena, &ret->variants);
        rework_show(folds[REWORK].summary, f->names, arena, &ret->rework);
        handover_show(folds[HANDOVER].summary, least, f->names, arena, &ret->handover);
    }
    for (size_t i = 0; i < COUNT; i++) {
        folds[i].fold->finish(folds[i].summary);
        mem_put(folds[i].summary);
    }
    return s;
}
