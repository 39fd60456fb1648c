/* A file that is there whole or not at all: written under a name of its own beside the target, and
 * given the target's name when everything is on the disk. Whatever ends the program early (Ctrl-C,
 * a full disk) leaves the target as it was. "-" is standard output, and a pipe or device is written
 * straight away: these cannot be taken back. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <stdint.h>

/* What "-" means to this thread; -1 (as it begins): the process's own standard output. */
void outfile_standard(int file);

struct outfile {
    struct buf text;   /* add to it, then call outfile_more */
    char *path, *temp; /* temp NULL: written straight away */
    int fd;
    bool standard; /* not ours to close */
    bool replace;
    uint64_t bytes; /* written so far */
};

/* FAIL when the target exists (unless `replace`), is a folder, or cannot be written. */
status outfile_open(const char *path, bool replace, struct outfile *ret, struct error *why);
/* Writes what has gathered, once it is worth a write. END: the reader of a pipe has gone. */
status outfile_more(struct outfile *o, struct error *why);
/* Writes the rest and gives the file its name. Nothing was said of success before this is OK. */
status outfile_keep(struct outfile *o, struct error *why);
void outfile_finish(struct outfile *o); /* without outfile_keep nothing stays */
