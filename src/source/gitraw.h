/* A commit object as git stores it, read in place: header lines, a blank line, the message.
 *
 * The files of the git miner are called git… without an underscore behind it, because git_commit_…,
 * git_tree_… belong to libgit2. */
#pragma once

#include "base/str.h"

#include <git2/oid.h>
#include <stdbool.h>
#include <stdint.h>

struct gitraw_person {
    str name, email;
    int64_t time_s; /* seconds since 1970, cut to the years 1 … 9999 */
    bool has_time;  /* false: there was no number where the time belongs; time_s is 0 */
};

struct gitraw { /* the texts point into the object */
    git_oid tree;
    size_t parent_n;
    const char *parents; /* the first of parent_n lines "parent <40 hex>\n" */
    struct gitraw_person author, committer;
    str message;
};

/* False: not a commit that can be used; `ret_reason` is a static sentence part. Unknown header
 * lines, garbage instead of a time zone, odd names and missing addresses are no reason to refuse.
 * Layout: git's own documentation of the object format (gitformat-*, git-commit-tree(1)). */
bool gitraw_parse(str object, struct gitraw *ret, const char **ret_reason);
git_oid gitraw_parent(const struct gitraw *c, size_t i);
