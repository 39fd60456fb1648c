#include "source/filelist.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>

void filelist_finish(struct filelist *f)
{
    VEC_FINISH(&f->paths);
    arena_finish(&f->text);
}

bool filelist_fits(str name, const char *const *endings)
{
    if (str_ends(name, STR(".gz"))) {
        name.n -= 3;
    } else if (str_ends(name, STR(".zst"))) {
        name.n -= 4;
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

static status walk(struct filelist *f, FTS *tree, const char *const *endings, struct error *why)
{
    for (;;) {
        errno = 0;
        const FTSENT *entry = fts_read(tree);
        if (entry == NULL) {
            return errno == 0 ? OK
                              : error_set(why, "the folder cannot be read: %s", strerror(errno));
        }
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR) {
            return error_set(why, "\"%s\" cannot be read: %s", entry->fts_path,
                             strerror(entry->fts_errno));
        }
        if (entry->fts_info == FTS_F && filelist_fits(str_of(entry->fts_name), endings)) {
            str path = arena_str(&f->text, str_of(entry->fts_path));
            VEC_ADD(&f->paths, path.p);
        }
    }
}

status filelist_add(struct filelist *f, const char *path, const char *const *endings,
                    struct error *why)
{
    struct stat about;
    if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
        str copy = arena_str(&f->text, str_of(path));
        VEC_ADD(&f->paths, copy.p);
        return OK; /* whoever opens it says what is wrong with it */
    }
    str copy = arena_str(&f->text, str_of(path));
    char *roots[] = {(char *)copy.p, NULL};
    FTS *tree = fts_open(roots, FTS_LOGICAL | FTS_NOCHDIR, by_name);
    if (tree == NULL) {
        return error_set(why, "\"%s\" cannot be read: %s", path, strerror(errno));
    }
    size_t before = f->paths.n;
    status_code done = walk(f, tree, endings, why);
    fts_close(tree);
    if (done == OK && f->paths.n == before) {
        return error_set(why, "the folder \"%s\" has no file named *%s", path, endings[0]);
    }
    return done;
}

bool filelist_folder_fits(const char *path, const char *const *endings)
{
    DIR *folder = path != NULL ? opendir(path) : NULL;
    bool found = false;
    const struct dirent *entry;
    while (folder != NULL && !found && (entry = readdir(folder)) != NULL) {
        found = filelist_fits(str_of(entry->d_name), endings);
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return found;
}
