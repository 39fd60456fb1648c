/* Names in the store, for completion while typing: items, stages, sources, kinds of items.
 *
 * Opening the store takes the database's library and a tenth of a second on a busy machine, which
 * is all that a person at the keyboard is given. So the names are kept in a file under
 * $XDG_CACHE_HOME/weir that says of which state of the store they are (its size and the time of its
 * last change). When they are of another state a process of its own reads the store and writes them
 * anew, at most three seconds long; it is waited for as long as the person is, and what it brings
 * later is there the next time. Until then old names are better than none. */
#pragma once

#include "cmd/command.h"

/* Adds the names of `kind` that begin with `prefix`, one a line, at most 200, after at most
 * `patience`. A store that cannot be opened has none, and nothing is an error. */
void stored_names(struct buf *out, str kind, str prefix, const char *store,
                  const char *const *environment, lapse patience);
