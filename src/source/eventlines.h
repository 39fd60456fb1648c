/* Lines of events as they are sent in (`POST /api/v1/events`, `weir ingest`): a line is an event in
 * the short form (source/shortform.h), a CDEvent, or a CloudEvent with one in it. */
#pragma once

#include "source/hook.h"

/* Adds the events of the body; a line that cannot be understood is a reject with its number. */
void eventlines_map(struct hook_run *run, const struct delivery *d);
