/* XML from a stream through expat, piece by piece, for readers that stop whenever their batch is
 * full. Bounded whatever the input: no tag, comment or text token beyond XMLFEED_TOKEN bytes,
 * nesting to XMLFEED_DEPTH, and a document type that declares entities is refused before any is
 * expanded. Nothing is ever fetched. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "wire/stream.h"

#include <expat.h>

enum { XMLFEED_TOKEN = 16 << 20, XMLFEED_DEPTH = 256 };

struct xmlfeed;

/* Names come as written, with their prefix; see xmlfeed_local. */
struct xmlfeed_handlers {
    void (*begin)(void *user, const char *name, const char **attributes);
    void (*end)(void *user, const char *name);
    void (*text)(void *user, const char *text, int n); /* may be NULL */
};

struct xmlfeed *xmlfeed_new(struct stream *s, const struct xmlfeed_handlers *handlers, void *user);
void xmlfeed_free(struct xmlfeed *f); /* the stream stays the caller's */

/* Goes on until a handler pauses or about 256 KiB are read. OK: there may be more. END: the
 * document is over, or it is broken (xmlfeed_broken). FAIL: a limit was passed, a handler refused,
 * or it is no XML from the very beginning. */
status xmlfeed_run(struct xmlfeed *f, struct error *why);
const char *xmlfeed_broken(const struct xmlfeed *f); /* NULL, or what is wrong, behind END */
uint64_t xmlfeed_line(const struct xmlfeed *f);      /* of the tag being handled, from 1 */
str xmlfeed_context(const struct xmlfeed *f);        /* the text around there, for a reject */

/* For handlers. After a refusal no handler is called any more. */
void xmlfeed_pause(struct xmlfeed *f);
void xmlfeed_refuse(struct xmlfeed *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
const char *xmlfeed_local(const char *name); /* the name without its prefix */
const char *xmlfeed_attribute(const char **attributes, const char *name); /* NULL: there is none */
