/* Trees from packs, faster than libgit2 reads them where folders are large.
 *
 * An object in a pack is most often the difference to another, that one too, fifty deep; who reads
 * neighbours wants to keep what lies between. libgit2 (1.5) keeps 16 MB of it a pack and nothing
 * beyond 1 MB, which is a folder of some 25,000 entries: each read of such a one unfolds the whole
 * chain again. Here 96 MB are kept, as git does (core.deltaBaseCacheLimit), of whatever size.
 *
 * This only makes things faster: for what it does not find or understand it returns nothing, and
 * libgit2 is asked, which also knows what to say. Packs with an index of version 2 are read
 * (gitformat-pack(5)); loose objects are not. Nothing in a pack is trusted. */
#pragma once

#include "source/gitfolder.h"

#include <git2.h>

struct gitpack_object { /* shared by all who hold it; one thread */
    uint32_t holders;
    git_object_t type;
    size_t n;
    char bytes[];
};
struct gitpack_object *gitpack_make(git_object_t type, size_t n); /* bytes not set; one holder */
struct gitpack_object *gitpack_hold(struct gitpack_object *o);
void gitpack_drop(struct gitpack_object *o); /* NULL is fine */

struct gitpack;
struct gitpack *gitpack_open(const struct gitfolders *folders); /* one thread uses one */
void gitpack_close(struct gitpack *p);                          /* NULL is fine */
/* The object, to be dropped by the caller; NULL: ask libgit2. */
struct gitpack_object *gitpack_read(struct gitpack *p, const git_oid *id, git_object_t type);
