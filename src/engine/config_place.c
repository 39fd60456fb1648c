/* Where things are: the repository around a folder, and its default store. */
#include "engine/config.h"

#include "base/buf.h"
#include "base/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The absolute path without links; the path as it is when there is no such folder. */
static str whole_path(const char *directory, struct arena *a)
{
    char *real = realpath(directory[0] != 0 ? directory : ".", NULL);
    str path = arena_str(a, str_of(real != NULL ? real : directory));
    free(real);
    return path;
}

static bool holds(str folder, const char *name, struct arena *a)
{
    struct stat found;
    return stat(arena_strf(a, STR_FMT "/%s", STR_ARG(folder), name).p, &found) == 0;
}

str config_repository(const char *directory, struct arena *a)
{
    str path = whole_path(directory, a);
    while (path.n > 0 && path.p[0] == '/') {
        str folder = path.n > 1 ? path : (str){0};
        bool bare =
            holds(folder, "HEAD", a) && holds(folder, "objects", a) && holds(folder, "refs", a);
        if (holds(folder, ".git", a) || bare) {
            return arena_str(a, path);
        }
        if (path.n == 1) {
            break;
        }
        while (path.p[path.n - 1] != '/') {
            path.n--;
        }
        path.n -= path.n > 1;
    }
    return (str){0};
}

/* The last part of the path in letters that every file system takes. */
static void add_name(struct buf *out, str path)
{
    size_t from = path.n;
    while (from > 0 && path.p[from - 1] != '/') {
        from--;
    }
    str name = str_first(str_from(path, from), 64);
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || c == '_' || (c == '.' && i > 0);
        buf_putc(out, plain ? c : '_');
    }
    if (name.n == 0) {
        buf_add(out, STR("root"));
    }
}

const char *config_store_path(const char *directory, const char *data_home, const char *home,
                              struct arena *a)
{
    struct buf path = {0};
    str repository = config_repository(directory, a);
    str root = repository.n > 0 ? repository : whole_path(directory, a);
    if (data_home != NULL && data_home[0] == '/') {
        buf_addf(&path, "%s/weir/", data_home);
    } else if (home != NULL && home[0] == '/') {
        buf_addf(&path, "%s/.local/share/weir/", home);
    } else {
        const char *inside = arena_strf(a, STR_FMT "/.weir/store.duckdb", STR_ARG(root)).p;
        return inside;
    }
    add_name(&path, root);
    buf_addf(&path, "-%010" PRIx64 ".duckdb", id128_of(root.p, root.n).hi >> 24);
    const char *whole = arena_str(a, buf_str(&path)).p;
    buf_finish(&path);
    return whole;
}
