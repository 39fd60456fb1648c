/* What a run of bytes is, by its first ones: so that a reader given the wrong format can say what
 * it was given instead of "syntax error", and so that no format need be named. */
#pragma once

#include "base/str.h"

#include <stdbool.h>

enum { MAGIC_HEAD = 4096 }; /* bytes that are enough; at most four times as many are looked at */

enum magic {
    MAGIC_TEXT, /* of no known kind (a table may be), or nothing at all */
    MAGIC_XES,
    MAGIC_OCEL_XML,
    MAGIC_OCEL_JSON,
    MAGIC_OCEL1_JSON,
    MAGIC_CDEVENTS, /* CDEvents or CloudEvents */
    MAGIC_SQLITE,
    MAGIC_XML_LOG, /* XML of which too little is there to tell XES from OCEL and others */
    MAGIC_XML,     /* any other XML */
    MAGIC_JSON,    /* any other JSON */
    MAGIC_OTHER,   /* PNML, PDF, a zip archive, Parquet, …; or binary data of no known kind */
};

/* `ret_what` (may be NULL) becomes a noun phrase: "a PNG image", "OCEL (JSON)", "empty". */
enum magic magic(str head, const char **ret_what);
const char *magic_name(str head); /* that phrase; NULL for MAGIC_TEXT */
