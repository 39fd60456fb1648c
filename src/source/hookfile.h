/* Saved deliveries as files: JSON documents, lines of JSON, folders of them. A record is a body as
 * it came, or the form in which the server keeps one:
 *
 *     {"received": "2026-03-02T09:14:07Z", "headers": {"X-GitHub-Event": "push"}, "body": {…}}
 *
 * where `body` is the JSON or its text. Without headers the kind of event shows in the body. */
#pragma once

#include "source/hook.h"

/* For the `open` of a format: reads the paths by `hook`. */
status hookfile_open(const struct hook *hook, const struct source_format *format,
                     const char *const *paths, size_t n, const struct source_options *options,
                     struct source **ret_source, struct error *why);
/* For its `guess`: does the head hold all words of one of the lists? Lists end with NULL, as does
 * the list of lists. For a folder the head of its first file is looked at. */
int hookfile_guess(str head, const char *path, const char *const *const *words);
/* Its `next` and `close`. */
void hookfile_cursor(struct source *s, struct buf *out); /* of what was fetched */
status_code hookfile_next(struct source *s, struct batch *b, struct error *why);
void hookfile_close(struct source *s);
