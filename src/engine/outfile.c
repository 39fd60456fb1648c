/* See outfile.h. A name is given by renaming, which a file system does at once or not at all. */
#include "engine/outfile.h"

#include "base/mem.h"
#include "base/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GATHERED = 1 << 18 };

static status_code unwritten(const char *path, struct error *why)
{
    int cause = errno;
    error_set(why, "%s could not be written: %s", path, strerror(cause));
    if (cause == ENOSPC || cause == EDQUOT) {
        error_hint(why, "Make room, or name another place. Nothing was left behind.");
    }
    return FAIL;
}

static status_code taken(const char *path, struct error *why)
{
    error_set(why, "%s exists already", path);
    error_hint(why, "Name another file, or replace it:  --force");
    return FAIL;
}

static char *copied(const char *text)
{
    size_t n = strlen(text) + 1;
    return memcpy(mem_get(n), text, n);
}

static char *temp_name(const char *path)
{
    struct buf name = {0};
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash + 1 - path) : 0;
    buf_add_bytes(&name, path, folder);
    buf_addf(&name, ".%s.%ld.tmp", path + folder, (long)getpid());
    char *text = copied(buf_cstr(&name));
    buf_finish(&name);
    return text;
}

static _Thread_local int standard_file = -1;

void outfile_standard(int file)
{
    standard_file = file;
}

status outfile_open(const char *path, bool replace, struct outfile *ret, struct error *why)
{
    *ret = (struct outfile){.fd = -1, .replace = replace};
    struct stat info;
    if (strcmp(path, "-") == 0) {
        ret->path = copied("standard output");
        ret->fd = standard_file < 0 ? STDOUT_FILENO : standard_file;
        ret->standard = true;
        return OK;
    }
    ret->path = copied(path);
    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode)) {
            error_set(why, "%s is a folder", path);
            error_hint(why, "Name a file in it.");
            return FAIL;
        }
        if (S_ISREG(info.st_mode) && !replace) {
            return taken(path, why);
        }
        if (!S_ISREG(info.st_mode)) {
            ret->fd = open(path, O_WRONLY | O_CLOEXEC);
            return ret->fd >= 0 ? OK : unwritten(path, why);
        }
    }
    ret->temp = temp_name(path);
    ret->fd = open(ret->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (ret->fd < 0) {
        mem_put(ret->temp);
        ret->temp = NULL;
        return unwritten(path, why);
    }
    return OK;
}

static status_code write_all(struct outfile *o, struct error *why)
{
    str rest = buf_str(&o->text);
    while (rest.n > 0) {
        ssize_t n = write(o->fd, rest.p, rest.n);
        if (n < 0 && errno == EPIPE) {
            return END;
        }
        if (n < 0 && errno != EINTR) {
            return unwritten(o->path, why);
        }
        if (n < 0 && interrupt_signal() != 0) {
            return INTERRUPTED;
        }
        rest = str_from(rest, n > 0 ? (size_t)n : 0);
        o->bytes += n > 0 ? (uint64_t)n : 0;
    }
    buf_clear(&o->text);
    return OK;
}

status outfile_more(struct outfile *o, struct error *why)
{
    return o->text.n >= GATHERED ? write_all(o, why) : OK;
}

static status_code name_it(const struct outfile *o, struct error *why)
{
    if (o->replace) {
        return rename(o->temp, o->path) == 0 ? OK : unwritten(o->path, why);
    }
    int got = renameat2(AT_FDCWD, o->temp, AT_FDCWD, o->path, RENAME_NOREPLACE);
    if (got != 0 && errno != EEXIST) { /* a file system that knows no such renaming */
        got = link(o->temp, o->path);
        if (got == 0) {
            unlink(o->temp);
        }
    }
    return got == 0 ? OK : errno == EEXIST ? taken(o->path, why) : unwritten(o->path, why);
}

status outfile_keep(struct outfile *o, struct error *why)
{
    TRY(write_all(o, why));
    if (o->temp == NULL) {
        return OK;
    }
    struct stat info; /* a library may have written it */
    if (fsync(o->fd) != 0 || fstat(o->fd, &info) != 0) {
        return unwritten(o->path, why);
    }
    o->bytes = (uint64_t)info.st_size;
    int fd = o->fd;
    o->fd = -1;
    if (close(fd) != 0) {
        return unwritten(o->path, why);
    }
    TRY(name_it(o, why));
    mem_put(o->temp);
    o->temp = NULL;
    return OK;
}

void outfile_finish(struct outfile *o)
{
    if (o->fd >= 0 && !o->standard) {
        close(o->fd);
    }
    if (o->temp != NULL) {
        unlink(o->temp);
    }
    mem_put(o->temp);
    mem_put(o->path);
    buf_finish(&o->text);
    *o = (struct outfile){.fd = -1};
}
