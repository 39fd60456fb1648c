/* What the beginning of an input is, so that a reader given the wrong format can say what it was
 * given instead of "syntax error". */
#pragma once

#include "base/str.h"

enum { SNIFF_HEAD = 4096 }; /* bytes that are enough */

enum sniff {
    SNIFF_UNKNOWN,
    SNIFF_XES,
    SNIFF_OCEL_XML,
    SNIFF_OCEL_JSON,
    SNIFF_OCEL1_JSON,
    SNIFF_CDEVENTS, /* CDEvents or CloudEvents */
    SNIFF_SQLITE,
    SNIFF_XML_LOG, /* XML of which too little is there to tell XES from OCEL and others */
    SNIFF_XML,     /* any other XML */
    SNIFF_JSON,    /* any other JSON */
    SNIFF_OTHER,   /* known, and nothing that weir reads: PNML, PDF, a zip archive, … */
};

/* `ret_what` (may be NULL) becomes a noun phrase: "OCEL 2.0 in JSON", "PNML (a Petri net)". */
enum sniff sniff(str head, const char **ret_what);
/* The first significant byte, behind byte order mark and white space; 0: there is none. */
char sniff_first(str head);
