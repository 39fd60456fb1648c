/* The files that a path names, and a file as the libraries want it: seekable, decompressed, under a
 * name that no pattern can spoil. */
#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/vec.h"

#include <stdint.h>

struct inputs {
    struct arena text;
    VEC(const char *) files;
};

/* A path of a folder stands for its files with one of these endings (".csv"; the list ends with
 * NULL), also with .gz, .zst or .zstd behind it, in order of their names, subfolders too; hidden
 * ones are left out. FAIL when a folder holds none. */
status inputs_find(struct inputs *in, const char *const *paths, size_t n,
                   const char *const *endings, struct error *why);
void inputs_finish(struct inputs *in);
/* Is there such a file directly in the folder? For guesses; never fails. */
bool inputs_folder_has(const char *path, const char *const *endings);

struct input {
    int fd;           /* of a regular file with the plain content */
    char path[40];    /* names it for this process, whatever its real name */
    uint64_t size;    /* bytes of content */
    str head;         /* its first bytes, as many as were asked for; owned */
    bool broken;      /* the compressed data broke off */
    char reason[160]; /* then: how */
    str partial;      /* then: the last line, which is not whole, cut off the content; owned */
};

/* Opens a file, "-" or a pipe. What is compressed or no regular file goes through a temporary file
 * that has no name any more. `head` bytes are read for a look. With `whole_lines` broken data are
 * cut behind their last line end. */
status input_open(const char *path, size_t head, bool whole_lines, struct input *ret,
                  struct error *why);
void input_close(struct input *in); /* a zeroed one too */
