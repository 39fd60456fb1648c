/* Where events come from. A source is opened on a file, folder or repository and gives batch after
 * batch; it sees the dictionary (to turn texts into numbers) and nothing else of the store.
 *
 * A record that cannot be understood becomes a reject in the batch, with source, line, column,
 * reason and raw text, and reading goes on. FAIL is for input that cannot be read at all, before
 * its first row where possible; then nothing is stored. A truncated file ends with END after its
 * good rows and a reject that says where it broke off. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/progress.h"
#include "base/zone.h"
#include "model/event.h"

struct source_options {
    struct names *names;       /* required */
    struct progress *progress; /* may be NULL */
    str cursor;                /* what `cursor` gave after the last complete import, or empty */
    /* event tables and XES */
    str case_column, activity_column, time_column, start_column, lifecycle_column, resource_column;
    str classifier;
    str actor_key;           /* of source_actor */
    const struct zone *zone; /* of times without one; NULL: UTC */
    str date_format;         /* strptime-like, e.g. "%d/%m/%Y %H:%M"; empty: detect */
    const str *nulls;        /* further texts that mean "no value" */
    size_t null_count;
    const struct mapping *mapping; /* --map FILE, or NULL */
    /* connectors of tools (hook.h) */
    str source;      /* name of the source in the store; empty: the format's name */
    str provider_id; /* tells two instances of one tool apart in the keys of items; empty: the host
                      * that the records name, unless it is the public one */
    str repository;  /* the one that CI builds, where its records name several: part of its URL */
    /* what is fetched from a tool's API */
    str token;  /* as its file holds it; empty: none */
    when since; /* what changed before is left out; 0 or WHEN_NONE: nothing is */
    /* git */
    str link_pattern; /* of keys of work items in messages (model/linkkey.h); empty: the usual */
    bool git_paths;   /* the names of changed files, too */
    bool git_lines;   /* and lines added and removed: needs file contents */
};

/* What was understood of the input, for the person: which column is what, oddities with counts. */
struct note {
    str role, column;
};

struct source_notes {
    struct arena text;
    VEC(struct note) columns; /* role → column taken */
    VEC(str) sentences;       /* "12 times have no zone: read as UTC" */
};
void source_notes_finish(struct source_notes *n);
void source_note(struct source_notes *n, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void source_note_column(struct source_notes *n, str role, str column);

/* A person's pseudonym, the same for the same id (an address, a login; letter case is ignored)
 * under one key: the first 16 hex digits of HMAC-SHA-256(actor_key, id). Empty id: 0. Event tables
 * keep what stands in their resource column. */
sym source_actor(const struct source_options *options, str id);

struct source {
    const struct source_format *format;
    struct source_notes notes;
    bool incomplete; /* the input broke off (truncated): exit 3, rows so far kept */
};

struct source_format {
    const char *name; /* "csv", "xes", "git", … */
    /* Does the beginning of the (decompressed) input, or the folder at `path`, look like this
     * format? 0: no … 100: certainly. head is empty for a folder. */
    int (*guess)(str head, const char *path);
    status_code (*open)(const char *const *paths, size_t n, const struct source_options *options,
                        struct source **ret_source, struct error *why);
    /* Fills the (cleared) batch. OK: there may be more; END: this was all (the batch may hold
     * rows). */
    status_code (*next)(struct source *s, struct batch *batch, struct error *why);
    /* After END: the state from which a later import reads only what is new. May be NULL. */
    void (*cursor)(struct source *s, struct buf *out);
    void (*close)(struct source *s);
};

extern const struct source_format SOURCE_CSV, SOURCE_PARQUET, SOURCE_NDJSON, SOURCE_XES,
    SOURCE_OCEL, SOURCE_CDEVENTS, SOURCE_DELIVERY, SOURCE_GIT, SOURCE_GITHUB, SOURCE_GITLAB,
    SOURCE_PAGERDUTY, SOURCE_JIRA, SOURCE_REDMINE, SOURCE_BUILDBOT, SOURCE_JENKINS, SOURCE_MAPPED;

/* By name ("csv"), NULL when there is none; and by content, with a sentence that says what was
 * found when nothing fits ("this is a PNG image"). */
const struct source_format *source_by_name(str name);
status source_detect(const char *path, const struct source_format **ret, struct error *why);
