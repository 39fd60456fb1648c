/* Levels of configuration. Every level (system, user, project) is read and checked by itself, so
 * that a mistake is reported even where a nearer level overrides it; then the trees are merged and
 * the result is read into the structs. */
#include "engine/config_tree.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- paths and trust ---- */

static bool is_url(str path)
{
    return str_find(path, STR("://")) < path.n;
}

/* A path is meant from the folder of the file that names it. */
static str from_file(str path, const char *file, struct arena *a)
{
    const char *slash = file != NULL ? strrchr(file, '/') : NULL;
    if (path.n == 0 || path.p[0] == '/' || is_url(path) || slash == NULL) {
        return path;
    }
    return arena_strf(a, "%.*s" STR_FMT, (int)(slash - file) + 1, file, STR_ARG(path));
}

static const struct config_value *value_at(const struct config *c, const char *path)
{
    for (size_t i = 0; i < c->value_count; i++) {
        if (strcmp(c->values[i].path, path) == 0) {
            return &c->values[i];
        }
    }
    return NULL;
}

static void place_paths(struct config *c)
{
    const struct config_value *store = value_at(c, "store");
    c->store = store != NULL ? from_file(c->store, store->origin.file, &c->text) : c->store;
    for (size_t i = 0; i < c->sources.n; i++) {
        struct config_source *source = &c->sources.v[i];
        source->path = from_file(source->path, source->origin.file, &c->text);
        source->map = from_file(source->map, source->origin.file, &c->text);
        source->secret_file = from_file(source->secret_file, source->origin.file, &c->text);
        source->token_file = from_file(source->token_file, source->origin.file, &c->text);
    }
}

/* Does the relative path stay below the folder it starts in? */
static bool stays_inside(str path)
{
    str part;
    int depth = 0;
    if (path.n == 0 || path.p[0] == '/' || is_url(path)) {
        return false;
    }
    while (str_cut(&path, '/', &part)) {
        if (str_eq(part, STR(".."))) {
            depth--;
        } else if (part.n > 0 && !str_eq(part, STR("."))) {
            depth++;
        }
        if (depth < 0) {
            return false;
        }
    }
    return true;
}

static bool needs_trust(const struct config_value *v)
{
    str path = str_of(v->path);
    bool secret = str_starts(path, STR("sources")) &&
                  (str_ends(path, STR(".secret_file")) || str_ends(path, STR(".token_file")) ||
                   str_ends(path, STR(".secret_env")) || str_ends(path, STR(".secret_credential")));
    return secret || str_starts(path, STR("serve.")) ||
           (str_eq(path, STR("store")) && !stays_inside(v->value));
}

static void find_untrusted(struct config *c, const char *found)
{
    c->untrusted = ARENA_ARRAY(&c->text, struct config_value, c->value_count + 1);
    for (size_t i = 0; found != NULL && i < c->value_count; i++) {
        const struct config_value *v = &c->values[i];
        if (v->origin.file != NULL && strcmp(v->origin.file, found) == 0 && needs_trust(v)) {
            c->untrusted[c->untrusted_count++] = *v;
        }
    }
}

const struct config_value *config_untrusted(const struct config *c, size_t *ret_n)
{
    *ret_n = c->untrusted_count;
    return c->untrusted_count > 0 ? c->untrusted : NULL;
}

/* ---- levels ---- */

static void empty_structs(struct config *c)
{
    for (size_t i = 0; i < c->streams.n; i++) {
        VEC_FINISH(&c->streams.v[i].stages);
    }
    VEC_FINISH(&c->streams);
    VEC_FINISH(&c->pools);
    VEC_FINISH(&c->calendars);
    VEC_FINISH(&c->teams);
    VEC_FINISH(&c->sources);
    VEC_FINISH(&c->rules);
    VEC_FINISH(&c->gate_max);
    VEC_FINISH(&c->gate_min);
}

void config_free(struct config *c)
{
    if (c != NULL) {
        empty_structs(c);
        arena_finish(&c->text);
        mem_put(c);
    }
}

/* One level by itself: everything in it must be right, also what a nearer level overrides. */
static status_code check_level(const struct node *root, struct error *why)
{
    struct config *alone = mem_get(sizeof *alone);
    arena_init(&alone->text, "weir.yaml", 0);
    status_code done = config_fill(alone, tree_copy(root, &alone->text), why);
    config_free(alone);
    return done;
}

struct level {
    const char *file;
    str yaml;
};

/* Levels from the lowest on. `found`: the file that nobody named, or NULL. */
static status_code read_levels(struct config *c, const struct level *levels, size_t n,
                               const char *found, struct error *why)
{
    struct node *whole = NULL;
    const char **files = ARENA_ARRAY(&c->text, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct node *root = NULL;
        files[i] = arena_str(&c->text, str_of(levels[i].file)).p;
        TRY(tree_read(levels[i].yaml, files[i], &c->text, &root, why));
        TRY(config_check_names(root, &c->text, why));
        TRY(check_level(root, why));
        whole = whole == NULL ? root : tree_merge(whole, root, &c->text);
    }
    c->files = files;
    c->file_count = n;
    if (whole != NULL) {
        TRY(config_fill(c, whole, why));
        TRY(config_check_whole(c, whole, why));
    }
    find_untrusted(c, found);
    place_paths(c);
    return OK;
}

static struct config *config_new(void)
{
    struct config *c = mem_get(sizeof *c);
    arena_init(&c->text, "weir.yaml", 0); /* bounded by the limits of config_tree.h */
    return c;
}

status config_parse(str yaml, const char *name, struct config **ret, struct error *why)
{
    struct config *c = config_new();
    status_code done = read_levels(c, &(struct level){name, yaml}, 1, name, why);
    if (done != OK) {
        config_free(c);
        return done;
    }
    *ret = c;
    return OK;
}

/* The whole file; *ret_there false: there is none. */
static status_code read_file(const char *path, struct buf *out, bool *ret_there, struct error *why)
{
    struct stat about;
    *ret_there = false;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */
    if (file < 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? OK
                   : error_set(why, "%s cannot be read: %s", path, strerror(errno));
    }
    status_code done = OK;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode)) {
        done = error_set(why, "%s is not a file", path);
    }
    out->limit = TREE_BYTES + 4096;
    for (ssize_t n = 1; done == OK && n > 0;) {
        char *room = buf_room(out, 4096);
        if (room == NULL) {
            break; /* tree_read says that it is too large */
        }
        n = read(file, room, 4096);
        if (n < 0 && errno != EINTR) {
            done = error_set(why, "%s cannot be read: %s", path, strerror(errno));
        }
        out->n += n > 0 ? (size_t)n : 0;
        n = n < 0 ? 1 : n;
    }
    close(file);
    *ret_there = done == OK;
    return done;
}

/* weir.yaml in the folder, or above it up to the repository's root; NULL: none. */
static const char *find_project(const char *directory, struct arena *a)
{
    str root = config_repository(directory, a);
    char *real = realpath(directory[0] != 0 ? directory : ".", NULL);
    str at = arena_str(a, str_of(real));
    free(real);
    while (at.n > 0) {
        const char *file =
            arena_strf(a, STR_FMT "%sweir.yaml", STR_ARG(at), str_ends(at, STR("/")) ? "" : "/").p;
        if (access(file, F_OK) == 0) {
            return file;
        }
        if (root.n == 0 || str_eq(at, root) || at.n == 1) {
            break; /* without a repository nothing above the folder is its project's */
        }
        while (at.p[at.n - 1] != '/') {
            at.n--;
        }
        at.n -= at.n > 1;
    }
    return NULL;
}

static const char *folder_of(const char *file, struct arena *a)
{
    char *real = realpath(file, NULL);
    str path = arena_str(a, str_of(real != NULL ? real : file));
    free(real);
    while (path.n > 1 && path.p[path.n - 1] != '/') {
        path.n--;
    }
    path.n -= path.n > 1;
    return arena_str(a, path).p;
}

status config_read(const struct config_where *where, struct config **ret, struct error *why)
{
    struct config *c = config_new();
    const char *found = where->file == NULL ? find_project(where->directory, &c->text) : NULL;
    const char *paths[] = {where->system, where->user, where->file != NULL ? where->file : found};
    struct buf texts[3] = {{0}};
    struct level levels[3];
    size_t n = 0;
    status_code done = OK;
    for (size_t i = 0; i < 3 && done == OK; i++) {
        bool there = false;
        done = paths[i] != NULL ? read_file(paths[i], &texts[i], &there, why) : OK;
        if (done == OK && there) {
            levels[n++] = (struct level){paths[i], buf_str(&texts[i])};
        } else if (done == OK && i == 2 && where->file != NULL) {
            done = error_set(why, "there is no file %s", where->file);
        }
    }
    if (done == OK) {
        done = read_levels(c, levels, n, found, why);
    }
    if (done == OK && paths[2] != NULL) {
        c->project = folder_of(paths[2], &c->text);
    }
    for (size_t i = 0; i < 3; i++) {
        buf_finish(&texts[i]);
    }
    if (done != OK) {
        config_free(c);
        return done;
    }
    *ret = c;
    return OK;
}

const struct config_stream *config_stream(const struct config *c, str name)
{
    name = name.n > 0 ? name : c->stream;
    for (size_t i = 0; i < c->streams.n; i++) {
        if (name.n == 0 || str_eq(c->streams.v[i].name, name)) {
            return &c->streams.v[i];
        }
    }
    return NULL;
}

const struct config_calendar *config_calendar(const struct config *c, str name)
{
    for (size_t i = 0; i < c->calendars.n; i++) {
        if (str_eq(c->calendars.v[i].name, name)) {
            return &c->calendars.v[i];
        }
    }
    return NULL;
}
