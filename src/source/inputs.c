#include "source/inputs.h"

#include "base/mem.h"
#include "wire/stream.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool has_ending(str name, const char *const *endings)
{
    if (name.n == 0 || name.p[0] == '.') {
        return false;
    }
    static const char *const PACKED[] = {".gz", ".zst", ".zstd"};
    for (size_t i = 0; i < sizeof PACKED / sizeof *PACKED; i++) {
        str packed = str_of(PACKED[i]);
        if (name.n > packed.n && str_eq_case(str_from(name, name.n - packed.n), packed)) {
            name = str_first(name, name.n - packed.n);
            break;
        }
    }
    for (; *endings != NULL; endings++) {
        str ending = str_of(*endings);
        if (name.n > ending.n && str_eq_case(str_from(name, name.n - ending.n), ending)) {
            return true;
        }
    }
    return false;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static status walk(struct inputs *in, FTS *tree, const char *const *endings, struct error *why)
{
    for (;;) {
        errno = 0;
        FTSENT *entry = fts_read(tree);
        if (entry == NULL) {
            return errno == 0 ? OK
                              : error_set(why, "the folder cannot be read: %s", strerror(errno));
        }
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
            return error_set(why, "%s cannot be read: %s", entry->fts_path,
                             strerror(entry->fts_errno));
        }
        if (entry->fts_info == FTS_D && entry->fts_level > 0 && entry->fts_name[0] == '.') {
            (void)fts_set(tree, entry, FTS_SKIP);
        } else if (entry->fts_info == FTS_F && has_ending(str_of(entry->fts_name), endings)) {
            VEC_ADD(&in->files, arena_str(&in->text, str_of(entry->fts_path)).p);
        }
    }
}

static status add_folder(struct inputs *in, const char *path, const char *const *endings,
                         struct error *why)
{
    char *roots[] = {(char *)(uintptr_t)arena_str(&in->text, str_of(path)).p, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    if (tree == NULL) {
        return error_set(why, "%s cannot be read: %s", path, strerror(errno));
    }
    size_t before = in->files.n;
    status_code done = walk(in, tree, endings, why);
    (void)fts_close(tree);
    if (done == OK && in->files.n == before) {
        return error_set(why, "the folder %s holds no %s file", path, endings[0]);
    }
    return done;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

status inputs_find(struct inputs *in, const char *const *paths, size_t n,
                   const char *const *endings, struct error *why)
{
    arena_init(&in->text, "paths", 0);
    for (size_t i = 0; i < n; i++) {
        if (is_folder(paths[i])) {
            TRY(add_folder(in, paths[i], endings, why));
        } else { /* whoever opens it says what is wrong with it */
            VEC_ADD(&in->files, arena_str(&in->text, str_of(paths[i])).p);
        }
    }
    return OK;
}

void inputs_finish(struct inputs *in)
{
    VEC_FINISH(&in->files);
    arena_finish(&in->text);
}

bool inputs_folder_has(const char *path, const char *const *endings)
{
    DIR *folder = path != NULL ? opendir(path) : NULL;
    bool found = false;
    if (folder != NULL) {
        for (struct dirent *entry; !found && (entry = readdir(folder)) != NULL;) {
            found = has_ending(str_of(entry->d_name), endings);
        }
        (void)closedir(folder);
    }
    return found;
}

enum { LAST_LINE = 1 << 20 };

/* Cuts the content behind its last line end and keeps what stood there. */
static status cut_partial(struct input *in, struct error *why)
{
    size_t n = in->size < LAST_LINE ? (size_t)in->size : LAST_LINE;
    char *tail = mem_get(n + 1);
    ssize_t got = pread(in->fd, tail, n, (off_t)(in->size - n));
    status_code code = OK;
    if (got >= 0) {
        size_t whole = (size_t)got;
        while (whole > 0 && tail[whole - 1] != '\n' && tail[whole - 1] != '\r') {
            whole--;
        }
        uint64_t cut = in->size - n + whole;
        char *partial = mem_get((size_t)got - whole + 1);
        memcpy(partial, tail + whole, (size_t)got - whole);
        in->partial = (str){partial, (size_t)got - whole};
        if (cut > 0 && ftruncate(in->fd, (off_t)cut) != 0) {
            code = error_set(why, "a temporary file cannot be cut: %s", strerror(errno));
        }
        in->size = cut > 0 ? cut : in->size;
    }
    mem_put(tail);
    return code;
}

/* Through a temporary file; its name is gone as soon as it is open. */
static status open_temp(struct stream *s, bool whole_lines, struct input *in, struct error *why)
{
    char temp[STREAM_TEMP];
    TRY(stream_to_temp(s, temp, why));
    in->fd = open(temp, O_RDWR | O_CLOEXEC);
    int cause = errno;
    unlink(temp);
    if (in->fd < 0) {
        return error_set(why, "the temporary file %s cannot be opened: %s", temp, strerror(cause));
    }
    in->size = stream_given(s);
    if (stream_broken(s) != NULL) {
        in->broken = true;
        snprintf(in->reason, sizeof in->reason, "%s", stream_broken(s));
        if (whole_lines) {
            return cut_partial(in, why);
        }
    }
    return OK;
}

status input_open(const char *path, size_t head, bool whole_lines, struct input *ret,
                  struct error *why)
{
    struct input in = {.fd = -1};
    struct stream *s = NULL;
    struct stat info;
    str look = {0};
    TRY(stream_open(path, &s, why));
    status_code code = stream_peek(s, head, &look, why);
    if (code == OK || code == END) {
        char *copy = mem_get(look.n + 1);
        if (look.n > 0) {
            memcpy(copy, look.p, look.n);
        }
        in.head = (str){copy, look.n};
        code = OK;
        if (stream_kind(s) == STREAM_PLAIN && strcmp(path, "-") != 0 && stat(path, &info) == 0 &&
            S_ISREG(info.st_mode)) {
            in.fd = open(path, O_RDONLY | O_CLOEXEC);
            in.size = (uint64_t)info.st_size;
            if (in.fd < 0) {
                code = error_set(why, "%s cannot be read: %s", path, strerror(errno));
            }
        } else {
            code = open_temp(s, whole_lines, &in, why);
        }
    }
    stream_close(s);
    snprintf(in.path, sizeof in.path, "/proc/self/fd/%d", in.fd);
    if (code == OK) {
        *ret = in;
    } else {
        input_close(&in);
    }
    return code;
}

void input_close(struct input *in)
{
    if (in->fd >= 0 && in->path[0] != '\0') {
        close(in->fd);
    }
    mem_put((void *)(uintptr_t)in->head.p);
    mem_put((void *)(uintptr_t)in->partial.p);
    *in = (struct input){.fd = -1};
}
