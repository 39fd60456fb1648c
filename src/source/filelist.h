/* The files that an import names: a file stands for itself, a folder for the files in it whose name
 * has one of the endings of the format (".xes", also ".xes.gz", ".xes.zst"), in order of their
 * names, subfolders too. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/vec.h"

struct filelist { /* a zeroed one is empty */
    struct arena text;
    VEC(const char *) paths;
};

void filelist_finish(struct filelist *f);
/* `endings` is terminated by NULL. A folder without such a file is FAIL. */
status filelist_add(struct filelist *f, const char *path, const char *const *endings,
                    struct error *why);
bool filelist_fits(str name, const char *const *endings);
/* Is there such a file directly in the folder? For guesses; never fails. */
bool filelist_folder_fits(const char *path, const char *const *endings);
