/* What a tool tells about its work, one delivery at a time: the body of a webhook, a page that a
 * poll fetched, or a body saved in a file. The mapping of a tool is the same for all three, so that
 * the same fact gives the same event whichever way it came (docs: src/source/README.md).
 *
 * A tool is a constant struct hook. It does no input or output: whoever has a delivery (the
 * server's spool, a backfill, `weir import`) verifies it where it came from outside, and maps it.
 */
#pragma once

#include "source/hookwords.h"
#include "source/source.h"
#include "wire/json.h"

struct hook_header {
    str name, value; /* names in any letter case */
};

/* A poll adds one header to what it fetched: X-Weir-Url, the address, for objects that do not say
 * where they are from ("…/repos/acme/shop/pulls/42/commits"). */
struct delivery {
    str source; /* name of the configured source: "github", "tracker" */
    const struct hook_header *headers;
    size_t header_count; /* 0: a saved or polled body */
    str body;            /* as it came */
    when received;       /* of receipt or of the fetch */
    str file;            /* for rejects: where the body was saved; empty: `source` */
    uint64_t line;       /* in it; 0: not known */
};

/* The value of a header; false when it is missing or there twice (which nobody sends in good
 * faith). */
bool delivery_header(const struct delivery *d, const char *name, str *ret_value);

/* The secrets that are valid now: several while one is being replaced. */
struct hook_secrets {
    const str *secrets;
    size_t n;
    str header; /* `bearer` and mapped sources: header that carries the token; empty: Authorization
                 */
    str form;   /* mapped sources: how a signature stands in the header, "sha256={hex}"; empty: it
                 * holds the token itself */
};

enum hook_proof {
    HOOK_GOOD,
    HOOK_MISSING, /* no signature or token came */
    HOOK_WRONG,
    HOOK_STALE, /* signed too long ago: a replay */
};

struct hook_counts {
    uint64_t events;
    uint64_t unmapped; /* deliveries that are understood, but tell nothing that weir knows */
    uint64_t rejected;
    uint64_t warnings; /* taken, but not quite as it should be */
};

/* Mapping of one delivery after the other. `batch` is handed to `take`, which empties it, whenever
 * it is full and by hook_run_end. */
struct hook_run {
    const struct source_options *options; /* names, actor_key, zone, mapping */
    struct batch *batch;
    status_code (*take)(struct batch *b, void *cookie, struct error *why);
    void *cookie;
    struct hook_words *words; /* learned so far; NULL: what a body itself tells is all */
    struct hook_counts counts;
    status_code failed; /* of take; nothing is mapped after it */
    struct error why;
};

struct hook {
    const char *name;  /* kind in weir.yaml and `--format`: "github" */
    const char *title; /* for people: "GitHub" */
    /* Is the delivery from who it says? In constant time. `now` judges signed times. NULL: a bearer
     * token, or nothing on loopback. */
    enum hook_proof (*verify)(const struct delivery *d, const struct hook_secrets *secrets,
                              when now);
    bool signs; /* the tool signs what it sends; else a token is all, and on loopback nothing */
    /* What tells two deliveries apart, stable when the sender tries again; empty: there is none,
     * and the hash of the body does it. */
    str (*id)(const struct delivery *d, struct arena *text);
    /* Adds the facts of the delivery: events, links, attributes; a reject for what is malformed.
     * Unknown kinds of events are counted as unmapped. Never fails: what cannot be understood is a
     * reject with the reason. */
    void (*map)(struct hook_run *run, const struct delivery *d);
    /* Keeps the words of a body (hookwords.h) that others need. NULL: it has none. */
    void (*learn)(struct hook_words *words, const json_t *body);
};

extern const struct hook HOOK_GITHUB, HOOK_GITLAB, HOOK_JIRA, HOOK_REDMINE, HOOK_BUILDBOT,
    HOOK_JENKINS, HOOK_PAGERDUTY, HOOK_CDEVENTS, HOOK_MAPPED;

const struct hook *hook_by_name(str name); /* NULL: there is none */
const struct hook *hook_at(size_t i);      /* all of them; NULL behind the last */

/* Adds what a delivery cannot be understood for, with its text, as a reject. */
void hook_reject(struct hook_run *run, const struct delivery *d, const char *column,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Makes room for that many events in the batch, handing it on when it is full. Rows of events added
 * before are invalid afterwards. False: handing on failed; stop mapping. */
bool hook_room(struct hook_run *run, size_t events);
status hook_run_end(struct hook_run *run, struct error *why); /* hands on the rest */
