/* The lines of a stream, for formats with one record a line. */
#pragma once

#include "base/buf.h"
#include "wire/stream.h"

enum { FEED_LONGEST = 64 << 20 }; /* bytes of a line */
enum { FEED_SHOWN = 1000 };       /* of a longer one */

struct feed {
    struct stream *stream;
    struct buf room;
    size_t at;     /* of the next line in room */
    uint64_t line; /* number of the line given last */
    bool ended;
    char shown[FEED_SHOWN];
};

status feed_open(struct feed *f, const char *path, struct error *why);
void feed_close(struct feed *f); /* a zeroed one too */
/* The next line without its end (LF or CR LF) and without a byte order mark; valid until the next
 * call. END: there are no more. Of a line that is longer than FEED_LONGEST, `ret_cut` is set and
 * its beginning given. */
status feed_next(struct feed *f, str *ret_line, bool *ret_cut, struct error *why);
