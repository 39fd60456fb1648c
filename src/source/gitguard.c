/* A backend of libgit2 that has no objects. It stands between the packs and the loose files, and is
 * asked for an object before the latter are: then it inflates the file once, and either knows of no
 * such object (so that the question goes on) or refuses. A repository with everything in packs has
 * none of the 256 folders of loose files, and costs nothing. libgit2 asks the repository's own
 * folder first, then all borrowed ones, of these again the packs first. */
#include "source/gitguard.h"

#include "base/mem.h"

#include <git2/sys/odb_backend.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKS_PRIORITY = 2, ROOM = 1 << 14 }; /* of libgit2; equal ones keep their order */

struct gitguard {
    git_odb_backend backend; /* first: libgit2 knows only this part */
    char *folder;
    bool has[256]; /* is there a folder of that name? */
};

/* Does the zlib stream in the file come to its end? */
static bool is_whole(FILE *file)
{
    z_stream z = {0};
    unsigned char in[ROOM], out[ROOM];
    if (inflateInit(&z) != Z_OK) {
        return false;
    }
    int code = Z_OK;
    while (code == Z_OK) {
        if (z.avail_in == 0) {
            z.next_in = in;
            z.avail_in = (unsigned)fread(in, 1, sizeof in, file);
        }
        z.next_out = out;
        z.avail_out = sizeof out;
        code = inflate(&z, Z_NO_FLUSH); /* Z_BUF_ERROR: nothing left to read */
    }
    (void)inflateEnd(&z);
    return code == Z_STREAM_END;
}

static int look(const struct gitguard *g, const git_oid *id)
{
    if (!g->has[id->id[0]]) {
        return GIT_ENOTFOUND;
    }
    char hex[GIT_OID_HEXSZ + 1], path[4096];
    git_oid_tostr(hex, sizeof hex, id);
    int n = snprintf(path, sizeof path, "%s/%.2s/%s", g->folder, hex, hex + 2);
    FILE *file = n > 0 && (size_t)n < sizeof path ? fopen(path, "rbe") : NULL;
    if (file == NULL) {
        return GIT_ENOTFOUND;
    }
    bool whole = is_whole(file);
    (void)fclose(file);
    if (whole) {
        return GIT_ENOTFOUND;
    }
    (void)git_error_set_str(GIT_ERROR_ODB, "its file is cut short or damaged");
    return GIT_ERROR;
}

static int read_object(void **data, size_t *n, git_object_t *type, git_odb_backend *backend,
                       const git_oid *id)
{
    (void)data;
    (void)n;
    (void)type;
    return look((const struct gitguard *)backend, id);
}

static int read_header(size_t *n, git_object_t *type, git_odb_backend *backend, const git_oid *id)
{
    (void)n;
    (void)type;
    return look((const struct gitguard *)backend, id);
}

static void release(git_odb_backend *backend)
{
    struct gitguard *g = (struct gitguard *)backend;
    mem_put(g->folder);
    mem_put(g);
}

static int add(git_odb *odb, const char *folder, bool borrowed)
{
    struct gitguard *g = mem_get(sizeof *g);
    int code = git_odb_init_backend(&g->backend, GIT_ODB_BACKEND_VERSION);
    if (code < 0) {
        mem_put(g);
        return code;
    }
    size_t n = strlen(folder) + 1;
    g->folder = mem_get(n);
    memcpy(g->folder, folder, n);
    for (unsigned i = 0; i < 256; i++) {
        char path[4096];
        int length = snprintf(path, sizeof path, "%s/%02x", folder, i);
        g->has[i] = length > 0 && (size_t)length < sizeof path && access(path, F_OK) == 0;
    }
    g->backend.read = read_object;
    g->backend.read_header = read_header;
    g->backend.free = release;
    code = borrowed ? git_odb_add_alternate(odb, &g->backend, PACKS_PRIORITY)
                    : git_odb_add_backend(odb, &g->backend, PACKS_PRIORITY);
    if (code < 0) {
        release(&g->backend);
    }
    return code;
}

int gitguard_add(git_odb *odb, const struct gitfolders *folders)
{
    int code = 0;
    for (size_t i = 0; code >= 0 && i < folders->v.n; i++) {
        code = add(odb, folders->v.v[i].p, i > 0);
    }
    return code;
}
