/* What weir says about itself, all from the table of commands. */
#pragma once

#include "cmd/command.h"

void help_overview(struct buf *out, const struct look *look); /* `weir help` */
void help_short(struct buf *out, const struct look *look);    /* outside a repository: one screen */
void help_command(struct buf *out, const struct command *c, bool whole, const struct look *look);
bool help_error(struct buf *out, str id); /* "E2103"; false: no such error */
