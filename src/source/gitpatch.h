/* What a commit changes, as a number that a cherry-pick does not alter: git's stable patch id (the
 * sum of one SHA-1 a file, over names, kind and the lines of the difference with three lines around
 * it, without white space and line numbers; git-patch-id(1)). Equal for two commits that make the
 * same change of the same surroundings, whatever else was changed elsewhere in the file. */
#pragma once

#include "source/gittree.h"

enum { GITPATCH_FILES = 1000, GITPATCH_BYTES = 32 << 20 }; /* of one commit; beyond: not compared */

struct gitpatch {
    unsigned char sum[GIT_OID_RAWSZ];
};

enum gitpatch_result {
    GITPATCH_FOUND,
    GITPATCH_EMPTY,  /* nothing is changed */
    GITPATCH_BLIND,  /* contents are not here (partial clone), or cannot be read */
    GITPATCH_LARGER, /* than the above */
};

/* Of the change from one tree to another (`before` NULL: from nothing). With `heads`, of names and
 * kinds alone: what differs there differs in full, and no content is read.
 * `ret_bytes` is how much content was read. Attributes of files (.gitattributes) are not looked at.
 * Unlike the text form of git, a file whose lines do not change (empty, or the mode alone) is
 * summed as any other, not put into the next. */
enum gitpatch_result gitpatch_find(struct gittree *t, git_odb *odb, const git_oid *before,
                                   const git_oid *after, bool heads, struct gitpatch *ret,
                                   size_t *ret_bytes);
