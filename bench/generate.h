/* A value stream made up by rule: 12 activities, 16 edges, 13.3 events an item, in order of time
 * (the log that spec mining.md 14 measures on). The same size gives the same log everywhere.
 *
 * Items arrive every three minutes and go from `idea` to `in use`; review, build, test and QA send
 * some of them back. How long an edge takes is drawn from an exponential distribution of its own.
 * The events wait in a heap by (time, item), so that any size is made in the memory of the items
 * that are under way. */
#pragma once

#include "base/clock.h"
#include "base/error.h"

#include <stdint.h>

enum { GENERATE_ACTIVITIES = 12, GENERATE_ACTORS = 40 };

struct generated {
    uint32_t item; /* from 0 in order of arrival */
    uint8_t activity, actor;
    when time;
};

struct generate; /* ends after `events` events, wherever the items then are */
struct generate *generate_open(uint64_t events);
bool generate_next(struct generate *g, struct generated *ret);
void generate_close(struct generate *g);
const char *generate_activity(uint8_t activity);

/* case_id,activity,timestamp,lifecycle,resource */
status generate_csv(const char *path, uint64_t events, struct error *why);
/* The same events, item by item, with the standard's attributes. */
status generate_xes(const char *path, uint64_t events, struct error *why);
/* A repository with this many commits on one branch, a merge in ten, a file or two changed by each,
 * and a tag every 100 commits; needs git. */
status generate_git(const char *path, uint64_t commits, struct error *why);
