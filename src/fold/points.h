/* The flow map of a log of points, straight from the event columns, without weaving: the fast way
 * for logs with one stamp an event (statuses entered are points too, as far as edges go).
 *
 * Events come in time order (ties in order of input), items interleaved as they please. What an
 * item's last event was is kept by item number in a dense array, edges in a matrix while activities
 * are few and in a hash table beyond. The answer is that of the woven map of the same events: the
 * time of a stage is that since the item's event before (zero for its first), as concurrency_enable
 * has it where nothing but points is known. */
#pragma once

#include "fold/flowmap.h"
#include "model/calendar.h"
#include "model/event.h"

enum points_detail {
    POINTS_SUMS,  /* counts, items, sum, mean, min, max */
    POINTS_EXACT, /* also quantiles and deviations: keeps every duration, 8 bytes an event */
    POINTS_WHOLE, /* also the times of stages: all that the woven map says */
};

struct points;
struct points *points_open(enum points_detail detail, const struct calendar *clock);
void points_close(struct points *p);

/* Reads item, activity and time. FAIL when an item's event is earlier than its last one: the log is
 * then not in time order and the woven map is the way. */
status points_step(struct points *p, const struct log *log, struct error *why);
void points_show(struct points *p, const struct names *names, struct arena *arena,
                 struct flowmap_result *ret);
/* First and last instant on the wall clock; WHEN_NONE both when there were no events. */
void points_span(const struct points *p, when *ret_begin, when *ret_end);
