/* What a tool has kept, over its API: lists page by page, oldest change first where the API can,
 * and for each of their items what belongs to it. Every answer is a body for the tool's hook
 * (source/hook.h), so that what was fetched and what a webhook sent are the same facts.
 *
 * The server polls with it, `weir import TOOL URL` fills up the past with it. What there is to
 * fetch is a table per tool (fetch_tools.c); adding a tool adds no code here. */
#pragma once

#include "base/arena.h"
#include "source/hook.h"
#include "wire/client.h"

struct fetch;

struct fetch_options {
    const char *kind; /* "redmine", "github", … */
    const char *url;  /* of the instance, project or repository, as a person copies it */
    str token;        /* empty: none */
    str cursor;       /* of fetch_cursor, or empty */
    when since;       /* changes before it are left out; WHEN_NONE: all. The cursor wins */
    struct client_options client;
};

bool fetch_knows(str kind); /* can this kind be fetched? */
/* FAIL: unknown kind, or an address that cannot be one. Nothing is fetched yet. */
status fetch_open(const struct fetch_options *options, struct fetch **ret, struct error *why);
void fetch_close(struct fetch *f); /* NULL is fine */

struct fetched { /* valid until the next call */
    str body;
    struct hook_header headers[1]; /* X-Weir-Url: where it came from */
};
/* The next body. END: there is no more for now. FAIL with what the service answered, and which
 * right may be missing; BUSY: later. What is gone (404) is skipped and counted. */
status fetch_next(struct fetch *f, struct fetched *ret, struct error *why);
/* Where to go on another time. A list counts when it was read to its end. */
void fetch_cursor(const struct fetch *f, struct buf *out);

struct fetch_counts {
    uint64_t requests, bodies, gone;
};
struct fetch_counts fetch_counted(const struct fetch *f);
