/* What the commands that read have in common: the store, and the flow that the selectors name. */
#pragma once

#include "cmd/command.h"
#include "engine/valuestream.h"
#include "math/distribution.h"

#include <stddef.h>

struct reading {
    struct command_context *c; /* whose store it is */
    struct store *store;
    struct valuestream stream;
    bool has_stream;
};

enum reading_flags {
    READING_RAW = 1,   /* activities as they are, whatever stages are set up */
    READING_WALL = 2,  /* instants on the wall clock; folds get the calendar by valuestream_flow */
    READING_LATER = 4, /* events stay in the store until valuestream_load */
};

/* Opens the store of the options for reading. */
status reading_open(struct command_context *c, struct reading *r, struct error *why);
/* Then, the flow of --stream, --where, --from, --to, --last, --clock. */
status reading_stream(struct command_context *c, struct reading *r, enum weave_events events,
                      unsigned flags, struct error *why);
void reading_close(struct reading *r);

/* Into a document: range, clock, kind of items, "excluded" and "notes" of the flow. */
void reading_document(const struct command_context *c, const struct reading *r, json_t *doc);
/* From now on a day of durations is a working day, if they are working time. */
void reading_day(struct command_context *c, const struct reading *r);
/* The same, and for people a line that says so. Nothing on the wall clock. */
void reading_clock(struct command_context *c, const struct reading *r);
/* For people: one line that says what was left out, and with --explain the notes. */
void reading_say(struct command_context *c, const struct reading *r);

/* The stages' durations as the documents have them. */
json_t *reading_distribution(const struct distribution *d); /* null when n = 0 */
