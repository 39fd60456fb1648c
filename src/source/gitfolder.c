#include "source/gitfolder.h"

#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEEP = 5, MOST = 1000, LIST_BYTES = 1 << 20 };

static struct buf read_list(const char *objects)
{
    struct buf path = {0}, list = {.limit = LIST_BYTES};
    char room[4096];
    buf_addf(&path, "%s/info/alternates", objects);
    FILE *file = fopen(buf_cstr(&path), "rbe");
    for (size_t n; file != NULL && (n = fread(room, 1, sizeof room, file)) > 0;) {
        buf_add_bytes(&list, room, n);
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    buf_finish(&path);
    return list;
}

/* Is it a folder that is not in the list yet, by whatever name? */
static bool is_new(const struct gitfolders *f, const char *path)
{
    struct stat it, other;
    if (stat(path, &it) != 0 || !S_ISDIR(it.st_mode)) {
        return false;
    }
    for (size_t i = 0; i < f->v.n; i++) {
        if (stat(f->v.v[i].p, &other) == 0 && other.st_dev == it.st_dev &&
            other.st_ino == it.st_ino) {
            return false;
        }
    }
    return true;
}

static void add(const char *objects, int depth, struct arena *text, struct gitfolders *f)
{
    if (depth > DEEP || f->v.n >= MOST || !is_new(f, objects)) {
        return;
    }
    VEC_ADD(&f->v, arena_str(text, str_of(objects)));
    struct buf list = read_list(objects);
    str rest = buf_str(&list), line;
    while (str_cut(&rest, '\n', &line)) {
        line = str_trim(line);
        if (line.n > 0 && line.p[0] == '/') {
            add(arena_str(text, line).p, depth + 1, text, f);
        } else if (line.n > 0 && line.p[0] != '#' && depth == 0) {
            add(arena_strf(text, "%s/" STR_FMT, objects, STR_ARG(line)).p, 1, text, f);
        }
    }
    buf_finish(&list);
}

void gitfolders_find(const char *objects, struct arena *text, struct gitfolders *ret)
{
    *ret = (struct gitfolders){0};
    add(objects, 0, text, ret);
}

void gitfolders_finish(struct gitfolders *f)
{
    VEC_FINISH(&f->v);
}
