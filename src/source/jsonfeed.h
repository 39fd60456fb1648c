/* JSON from a stream, one small value at a time, so that neither a long file nor one damaged record
 * matters: only brackets, strings and lines are followed here, and each whole value is then parsed
 * on its own.
 *
 * JSONFEED_DOCUMENTS: what stands one behind the other at the top: lines of JSON, documents printed
 * over many lines, the elements of a batch array. A damaged one is given as such, and reading goes
 * on at the next line. JSONFEED_MEMBERS: the file is one object, and the values are the objects in
 * its arrays ({"events": [{…}, {…}]}) or in its objects ({"ocel:events": {"e1": {…}}}). */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "wire/stream.h"

enum { JSONFEED_VALUE = 8 << 20, JSONFEED_DEPTH = 256 };
enum jsonfeed_kind { JSONFEED_DOCUMENTS, JSONFEED_MEMBERS };

struct jsonfeed_value { /* valid until the next call */
    str text;
    str section;        /* MEMBERS: the member of the top object, "events" */
    str key;            /* MEMBERS: the value's own key as JSON text with its quotes, or empty */
    uint64_t line;      /* where it begins */
    const char *broken; /* NULL, or what is wrong: then `text` is its beginning */
};

struct jsonfeed;
struct jsonfeed *jsonfeed_new(struct stream *s, enum jsonfeed_kind kind);
void jsonfeed_free(struct jsonfeed *f); /* the stream stays the caller's */
/* OK: a value, whole or broken. END: no more. FAIL: the stream cannot be read. */
status jsonfeed_next(struct jsonfeed *f, struct jsonfeed_value *ret, struct error *why);
bool jsonfeed_cut(const struct jsonfeed *f); /* behind END: the input breaks off, or (MEMBERS) is
                                              * no well-formed object */
uint64_t jsonfeed_odd(const struct jsonfeed *f); /* MEMBERS: elements that are no objects */
