/* What weir says about itself, all from the table of commands. */
#pragma once

#include "cmd/command.h"

void help_overview(struct buf *out, const struct look *look); /* `weir help` */
void help_short(struct buf *out, const struct look *look);    /* outside a repository: one screen */
/* whole: purpose, usage, examples, description, options; else what fits one screen (-h). */
void help_command(struct buf *out, const struct command *c, bool whole, const struct look *look);
void help_fields(struct buf *out, const struct look *look); /* of all JSON documents */
bool help_error(struct buf *out, str id,
                const struct look *look); /* "E2103"; false: no such error */

const char *help_group(enum command_group g);                          /* "Begin" */
void help_usage(struct buf *out, const struct command *c, bool ascii); /* "weir import … PATH…" */
void help_option(struct buf *out, const struct option *o); /* "-q, --quiet", "--last DURATION" */

struct fault {                     /* an error with an identifier */
    const char *id, *title, *text; /* text: what it means, and the way out */
};
extern const struct fault faults[]; /* ends with id NULL */
