/* The store's file before DuckDB sees it: is it one, is it whole, does this process hold it
 * already?
 *
 * DuckDB locks its file with fcntl, which does not keep one process from opening it twice (and the
 * second close would drop the first one's lock), so open files are kept in a table of the process.
 * The layout looked at here is DuckDB's: three headers of 4,096 bytes, "DUCK" at byte 8 of the
 * first. */
#include "base/clock.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HEADERS = 3 * 4096, OPEN_FILES = 64 };

status_code db_file_cut(const char *path, struct error *why)
{
    error_set(why, "%s is cut off: a part of the file is missing", path);
    error_hint(why, "Restore it from a copy, or import again into a new store.");
    return FAIL;
}

static status_code check_content(int file, const char *path, struct error *why)
{
    struct stat at;
    char magic[12] = {0};
    if (fstat(file, &at) != 0) {
        return error_set(why, "cannot look at %s: %s", path, strerror(errno));
    }
    if (S_ISDIR(at.st_mode)) {
        error_set(why, "%s is a folder, not a store", path);
        error_hint(why, "Name a file in it: --store %s/weir.duckdb", path);
        return FAIL;
    }
    if (!S_ISREG(at.st_mode)) {
        return error_set(why, "%s is not a file, so it cannot be a store", path);
    }
    if (at.st_size == 0) {
        error_set(why, "%s is empty, not a store", path);
        error_hint(why, "Remove it, or name another file; weir makes a new store where there is "
                        "no file.");
        return FAIL;
    }
    if (pread(file, magic, sizeof magic, 0) != (ssize_t)sizeof magic ||
        memcmp(magic + 8, "DUCK", 4) != 0) {
        error_set(why, "%s is not a store: it does not begin like a DuckDB file", path);
        error_hint(why, "Name another file with --store. To read data from it: weir import %s",
                   path);
        return FAIL;
    }
    if (at.st_size < HEADERS) {
        return db_file_cut(path, why);
    }
    return OK;
}

static bool folder_there(const char *path)
{
    char folder[1024];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path) {
        return true;
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    struct stat at;
    return stat(folder, &at) == 0 && S_ISDIR(at.st_mode);
}

uint64_t db_file_bytes(const char *path)
{
    char log[1100];
    struct stat at;
    uint64_t bytes = 0;
    snprintf(log, sizeof log, "%s.wal", path);
    bytes += stat(path, &at) == 0 ? (uint64_t)at.st_size : 0;
    bytes += stat(log, &at) == 0 ? (uint64_t)at.st_size : 0;
    return bytes;
}

static pthread_mutex_t claim_lock = PTHREAD_MUTEX_INITIALIZER;
static struct claim {
    unsigned long long device, inode;
} claimed[OPEN_FILES];
static size_t claim_n;

void db_file_release(struct db_file *file)
{
    if (file->path[0] == 0) {
        return;
    }
    pthread_mutex_lock(&claim_lock);
    for (size_t i = 0; i < claim_n; i++) {
        if (claimed[i].device == file->device && claimed[i].inode == file->inode) {
            claimed[i] = claimed[--claim_n];
            break;
        }
    }
    pthread_mutex_unlock(&claim_lock);
    file->path[0] = 0;
}

static status_code claim(struct db_file *file, const char *path, const struct stat *at,
                         struct error *why)
{
    status_code code = OK;
    pthread_mutex_lock(&claim_lock);
    for (size_t i = 0; i < claim_n && code == OK; i++) {
        if (claimed[i].device == at->st_dev && claimed[i].inode == at->st_ino) {
            error_set(why, "the store %s is open in this process already", path);
            error_hint(why, "Try again when it is closed.");
            code = BUSY;
        }
    }
    if (code == OK && claim_n == OPEN_FILES) {
        code = error_set(why, "this process has %d stores open, which is the most that it may",
                         OPEN_FILES);
    }
    if (code == OK) {
        claimed[claim_n++] = (struct claim){at->st_dev, at->st_ino};
        snprintf(file->path, sizeof file->path, "%s", path);
        file->device = at->st_dev;
        file->inode = at->st_ino;
    }
    pthread_mutex_unlock(&claim_lock);
    return code;
}

static status_code check_file(const char *path, bool write, struct error *why)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 || (write && access(path, W_OK) != 0)) {
        error_set(why, "cannot %s the store %s: %s", file < 0 ? "read" : "write", path,
                  strerror(errno));
        error_hint(why, "Ask its owner for permission, or name another store with --store.");
        if (file >= 0) {
            close(file);
        }
        return FAIL;
    }
    status_code code = check_content(file, path, why);
    close(file);
    return code;
}

status_code db_file_claim(struct db_file *file, const char *path, bool write, bool *ret_there,
                          struct error *why)
{
    struct stat at;
    file->path[0] = 0;
    if (*path == 0 || strlen(path) > sizeof file->path - 32) {
        return error_set(why, "the path of the store is %s", *path == 0 ? "empty" : "too long");
    }
    if (stat(path, &at) != 0) { /* before open: a pipe would wait for its other end */
        if (errno != ENOENT) {
            return error_set(why, "cannot look at %s: %s", path, strerror(errno));
        }
        if (!folder_there(path)) {
            error_set(why, "there is no folder for the store %s", path);
            error_hint(why, "Make the folder first, or name another place with --store.");
            return FAIL;
        }
        *ret_there = false;
        return OK;
    }
    TRY(claim(file, path, &at, why));
    status_code code = check_file(path, write, why);
    if (code != OK) {
        db_file_release(file);
        return code;
    }
    *ret_there = true;
    return OK;
}
