/* The files that differ between two trees, by our own walk: two sorted lists side by side,
 * descending only where the ids differ. (Measured on curl: 3.4 s against 20.1 s of libgit2's
 * git_diff_tree_to_tree, for the identical 148,550 changes of `git log --raw --no-renames`.)
 *
 * Renames are not followed: one removed, one added. No blob is read, except for gittree_lines. One
 * thread uses one gittree. */
#pragma once

#include "base/buf.h"
#include "base/error.h"
#include "base/vec.h"
#include "source/gitpack.h"

#include <git2.h>
#include <stdbool.h>

struct gittree_file {
    size_t path_at, path_n; /* in `paths` */
    git_oid before, after;
    uint32_t before_mode, after_mode; /* 0: not there */
    bool added, removed;              /* neither: changed (content, mode or kind) */
    bool blobs;                       /* no submodule on either side: lines can be counted */
    int64_t plus, minus;              /* lines, of gittree_lines; -1: binary, not counted */
};

enum { GITTREE_FILES = 10000 };

struct gittree_files { /* zeroed: empty */
    struct buf paths;
    VEC(struct gittree_file) v; /* in git's order of names; the first GITTREE_FILES */
    size_t total;
    bool cut; /* more names differ than one comparison looks at: what is here is not all */
};
void gittree_files_clear(struct gittree_files *f);
void gittree_files_finish(struct gittree_files *f);
str gittree_path(const struct gittree_files *f, size_t i);

struct gittree;
/* `packs` (may be NULL) is asked first. Both must outlive the gittree. */
struct gittree *gittree_open(git_odb *odb, struct gitpack *packs);
void gittree_close(struct gittree *t);
/* Of one comparison: how many names that differ are looked at (4 million by default). */
void gittree_limit(struct gittree *t, size_t names);

/* Files of `after` against `before` (NULL: the empty tree). FAIL when a tree is not there (partial
 * clone without trees), damaged, or nested beyond measure. */
status gittree_diff(struct gittree *t, const git_oid *before, const git_oid *after,
                    struct gittree_files *ret_files, struct error *why);
/* Counts lines. FAIL with what to do when a file's content is not there. */
status gittree_lines(struct gittree *t, struct gittree_files *files, struct error *why);
