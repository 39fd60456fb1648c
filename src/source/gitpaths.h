/* Changed files of many commits at once, as text for the attributes of their events: two threads,
 * each with an object database of its own; the answer does not depend on how they ran.
 *
 * A commit is compared with its parent, the first with nothing. A merge lists nothing (what it
 * brought in stands at the commits it brought), nor does a commit whose parent is not here. */
#pragma once

#include "source/gitgraph.h"

struct gitpaths;

status gitpaths_open(const struct gitrepo *repo, const struct gitgraph *g, bool lines,
                     struct gitpaths **ret_paths, struct error *why);
void gitpaths_close(struct gitpaths *p);

/* For each commit: `,"files":2,"paths":["a","b/c"]`, with lines also `,"added":[5,0],"removed":
 * [1,-1]` (-1: binary); empty where nothing is listed. Beyond 10,000 files the first are named,
 * `files` counts all. The texts live until the next call. */
status gitpaths_make(struct gitpaths *p, const uint32_t *commits, size_t n, struct error *why);
str gitpaths_text(const struct gitpaths *p, size_t i);
