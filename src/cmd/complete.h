/* Completion of command lines: scripts for three shells, printed from the table of commands, and
 * the names that stand in the user's files, asked for while typing. */
#pragma once

#include "cmd/command.h"

void complete_bash(struct buf *out);
void complete_zsh(struct buf *out);
void complete_fish(struct buf *out);

/* Names of a kind ("streams", "stages", "teams", "pools", "sources", "calendars", "keys", "topics",
 * "commands") that begin with `prefix`, one a line. Names that a shell script could take for more
 * than one line are left out. An unknown kind has no names. */
void complete_words(struct buf *out, str kind, str prefix, const struct config *config);
/* One of them, if it is fit to be shown. */
void complete_name(struct buf *out, str text, str prefix);
