/* Saved bodies of a hook as files: JSON documents, lines of JSON, folders of them; each bare, or in
 * a wrapper that keeps what came with it:
 *
 *     {"headers": {"X-GitHub-Event": "push"}, "received": "2026-03-02T09:14:07Z", "body": {…}}
 *
 * where `body` may also be its text. A hook becomes a format by HOOKFILE_FORMAT. */
#pragma once

#include "source/hook.h"

status_code hookfile_open(const struct source_format *format, const struct hook *hook,
                          const char *const *paths, size_t n, const struct source_options *options,
                          struct source **ret_source, struct error *why);
status_code hookfile_next(struct source *s, struct batch *b, struct error *why);
void hookfile_close(struct source *s);

/* Words of which one row (all of it) must be in the beginning of a file for it to be of the tool.
 */
enum { HOOKFILE_SIGNS = 3 };
typedef const char *hookfile_sign[HOOKFILE_SIGNS];
int hookfile_guess(str head, const hookfile_sign *signs, size_t n);

/* NAME: of the struct source_format; HOOK: of the struct hook; WORD: of the format; SIGNS: an array
 * of hookfile_sign. */
#define HOOKFILE_FORMAT(NAME, HOOK, WORD, SIGNS)                                                   \
    static status_code open_##NAME(const char *const *paths, size_t n,                             \
                                   const struct source_options *options, struct source **ret,      \
                                   struct error *why)                                              \
    {                                                                                              \
        return hookfile_open(&NAME, &HOOK, paths, n, options, ret, why);                           \
    }                                                                                              \
    static int guess_##NAME(str head, const char *path)                                            \
    {                                                                                              \
        (void)path;                                                                                \
        return hookfile_guess(head, SIGNS, sizeof SIGNS / sizeof *SIGNS);                          \
    }                                                                                              \
    const struct source_format NAME = {.name = WORD,                                               \
                                       .guess = guess_##NAME,                                      \
                                       .open = open_##NAME,                                        \
                                       .next = hookfile_next,                                      \
                                       .close = hookfile_close}
