/* The folders in which a repository keeps its objects: its own, and those it borrows from
 * (objects/info/alternates: what `git clone --shared` and forges with forks leave behind). */
#pragma once

#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"

struct gitfolders {
    VEC(str) v; /* its own first, each once; the texts end with a NUL and lie in the arena */
};

/* Of "…/objects". Borrowed folders may borrow themselves, five deep as libgit2 reads them; a
 * relative one is of the repository's own list only. What does not exist is left out. */
void gitfolders_find(const char *objects, struct arena *text, struct gitfolders *ret);
void gitfolders_finish(struct gitfolders *f);
