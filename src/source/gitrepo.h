/* A repository opened for mining: what it is, where its history begins to be read, and raw reads.
 *
 * Bare, with a work tree, a linked work tree, shallow and partial repositories are all read; which
 * it is stands in the flags. Nothing here ever asks for a blob. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"
#include "source/gitfolder.h"

#include <git2.h>
#include <stdbool.h>

struct gitrepo_tag { /* a tag that leads to a commit */
    str name;        /* without refs/tags/ */
    git_oid commit;
    bool annotated;
    int64_t time_s; /* the tagger's, when annotated and he is named */
    bool has_time;
    str tagger; /* address */
};

struct gitrepo_pull { /* refs/pull/N/head, refs/merge-requests/N/head */
    uint32_t number;
    char sign;
    git_oid commit;
};

struct gitrepo {
    git_repository *repo;
    git_odb *odb;
    struct arena text; /* of names */
    str path;
    struct gitfolders folders; /* of objects */
    bool bare, shallow, partial, replaced, detached;
    bool fallback; /* HEAD names a branch without commits: another was taken */
    str branch;    /* the default branch, or "HEAD" when detached */
    git_oid head;
    VEC(struct gitrepo_tag) tags; /* by name */
    VEC(struct gitrepo_pull) pulls;
    size_t odd_tags; /* that lead to no commit, or to one that is not here */
};

/* FAIL: not a repository, no commits yet, HEAD names nothing, unknown repository format. */
status gitrepo_open(const char *path, struct gitrepo **ret_repo, struct error *why);
void gitrepo_close(struct gitrepo *r); /* NULL is fine */

/* OK, or END when the object is not there; FAIL when it is damaged or of another type. */
status gitrepo_read(git_odb *odb, const git_oid *id, git_object_t type, git_odb_object **ret_object,
                    struct error *why);
const char *gitrepo_reason(void); /* libgit2's last error as a sentence part */
