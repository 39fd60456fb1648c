/* Time stamps as text: RFC 3339 and the relatives of it that tools write. */
#pragma once

#include "base/clock.h"
#include "base/str.h"
#include "base/zone.h"

enum stamp_precision { STAMP_DAY, STAMP_MINUTE, STAMP_SECOND, STAMP_MILLI, STAMP_MICRO };

struct stamp {
    when time;
    bool has_zone;    /* an offset or Z was written; else `zone` was used */
    int8_t precision; /* enum stamp_precision, of what was written */
    int8_t fold;      /* enum zone_fold: the local time did not exist, or existed twice */
};

/* "2013-12-03T17:15:43Z", a space for the T, 0 to 9 decimals (cut to µs) after '.' or ',',
 * "+02:00",
 * "+0200", "+02", " UTC", " +0200", no zone (then `zone`, NULL = UTC), "2013-12-03" (start of day),
 * "2014/10/22 11:15:41.000". Whole text. False: `ret_reason` (may be NULL) points to a static
 * sentence part such as "month 13". A leap second 23:59:60 is the next second. */
bool stamp_parse(str text, const struct zone *zone, struct stamp *ret, const char **ret_reason);
