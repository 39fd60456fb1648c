/* A run of bytes to read: a file, standard input or memory, plain or compressed.
 *
 * gzip and zstd are recognised by their first bytes, never by the name, and decompressed while
 * reading. Compressed data that break off or are damaged end the stream like the end of a file, so
 * that what was read before is kept; stream_broken then says what happened. Data that expand beyond
 * all measure (a decompression bomb) are an error. */
#pragma once

#include "base/error.h"
#include "base/str.h"

#include <stdint.h>

struct stream;

enum stream_kind { STREAM_PLAIN, STREAM_GZIP, STREAM_ZSTD };

/* "-" is standard input. FAIL with a sentence when there is no such file, it is a directory, it may
 * not be read, or it is empty (also when nothing is in it after decompression). */
status stream_open(const char *path, struct stream **ret_stream, struct error *why);
/* The same over memory, which must live as long as the stream. */
status stream_open_memory(const char *name, const void *bytes, size_t n, struct stream **ret_stream,
                          struct error *why);
void stream_close(struct stream *s); /* NULL is fine */
/* What "-" means to this thread; -1 (as it begins): the process's own standard input. */
void stream_standard(int file);

/* Refuses data that expand more than `ratio` to 1 once more than `from` bytes came out. The default
 * is 1000:1 from 64 MiB on (deflate itself cannot exceed 1032:1); 0 is no limit. */
void stream_limit(struct stream *s, uint64_t ratio, uint64_t from);

/* Up to `room` bytes (at least 1) of decompressed data. END: there are no more, see stream_broken.
 */
status stream_read(struct stream *s, void *ret_bytes, size_t room, size_t *ret_n,
                   struct error *why);
/* The first bytes that stream_read has yet to give, up to `n`, without taking them; fewer only when
 * that is all. Valid until the next call. */
status stream_peek(struct stream *s, size_t n, str *ret_head, struct error *why);

const char *stream_broken(const struct stream *s); /* NULL, or a sentence part: "the gzip data break
                                                    * off after 5,120 bytes" */
const char *stream_name(const struct stream *s);   /* the path, "standard input" */
enum stream_kind stream_kind(const struct stream *s);
uint64_t stream_taken(const struct stream *s); /* bytes read from the file so far */
uint64_t stream_size(const struct stream *s);  /* of the file; 0: not known */
uint64_t stream_given(const struct stream *s); /* decompressed bytes handed out so far */

enum { STREAM_TEMP = 4096 };
/* Writes all that is left into a new file in $TMPDIR (or /tmp) that only this user may read, for
 * libraries that insist on a path. The caller unlinks it, at best as soon as it is open. */
status stream_to_temp(struct stream *s, char ret_path[STREAM_TEMP], struct error *why);
