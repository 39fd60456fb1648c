/* Time zones by ICU: the offset of a zone at an instant, and local time to instant. */
#pragma once

#include "base/clock.h"
#include "base/error.h"
#include "base/str.h"

struct zone;

/* An IANA name ("Europe/Berlin"), "UTC", or a fixed offset ("+01:00"). An unknown name is FAIL with
 * a sentence. Close with zone_close; NULL stands for UTC everywhere below. */
status zone_open(str name, struct zone **ret_zone, struct error *why);
void zone_close(struct zone *z);
str zone_name(const struct zone *z);

lapse zone_offset(const struct zone *z, when t); /* local time minus UTC at t */

enum zone_fold { ZONE_PLAIN, ZONE_GAP, ZONE_TWICE };
/* `local` is a civil time read as if it were UTC (clock_from_civil). A time that does not exist
 * takes the first instant after the gap, one that exists twice the earlier; `ret_fold` (may be
 * NULL) tells. */
when zone_instant(const struct zone *z, when local, enum zone_fold *ret_fold);
