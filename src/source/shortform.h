/* The short form of an event, one JSON object (docs: `weir ingest`):
 * {"id","time","type","item", and if there are: "items","stage","actor","team","source","attrs"}.
 * An item is written "type:key". Used for NDJSON files and for what is sent in. */
#pragma once

#include "source/source.h"
#include "wire/json.h"

bool shortform_is(const json_t *object); /* has id, time, type and an item */

/* Adds its event to the batch, which must have room. The identity is (source, id); the activity is
 * the stage, without one the type; the actor becomes a pseudonym. False: `reason` (emptied first)
 * gets what is wrong, and `ret_column` the key at fault. */
bool shortform_add(const json_t *object, const struct source_options *options, struct batch *b,
                   struct buf *reason, str *ret_column);
