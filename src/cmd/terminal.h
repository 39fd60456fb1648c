/* What weir is run in: which of its streams are terminals, how large, and what the environment says
 * about colours, characters and the pager (spec cli.md 3). A plain struct, so that tests choose. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct terminal {
    bool in, out, err; /* is it a terminal? */
    int columns, rows; /* of the terminal; 0: it does not say */
    const char *const *environment;
};

void terminal_read(struct terminal *t, const char *const *environment);

/* `choice` is --color: "auto", "always", "never" or NULL. Then FORCE_COLOR, NO_COLOR,
 * CLICOLOR_FORCE, and at last whether stdout is a terminal that is not dumb. */
bool terminal_colour(const struct terminal *t, const char *choice);
int terminal_width(const struct terminal *t);    /* of stdout; 80 when it is none */
bool terminal_unicode(const struct terminal *t); /* LC_ALL, LC_CTYPE, LANG: the first set decides */
/* The command that shows a text of so many lines page by page, or NULL when none is due: stdout is
 * no terminal, the text fits, or $WEIR_PAGER or $PAGER is empty or "cat". */
const char *terminal_pager(const struct terminal *t, size_t lines);
