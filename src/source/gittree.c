/* Trees of one history repeat: what a commit has is what its child starts from. The last few
 * thousand are kept, found by their id, the newer one replacing what has its place.
 *
 * Two trees of one folder are alike but for an entry or two, and may have tens of thousands: what
 * they begin and end with alike is compared as bytes and never taken apart. */
#include "source/gittree.h"

#include "base/mem.h"
#include "source/gitrepo.h"

#include <string.h>

enum { SLOTS = 4096, DEPTH = 512 };
enum { BYTES = 64 << 20, LARGEST = BYTES / 4 }; /* of all kept trees; of one of them */
/* Trees that hold one another many times unfold to more files than there are atoms: where one
 * comparison stops, with what it has counted so far. */
enum { MOST = 4000000, PATH_MOST = 64 << 10, PATHS_MOST = 16 << 20 };
enum { BLOB_MOST = 32 << 20, MODE_TREE = 040000, MODE_LINK = 0160000 };

struct gittree {
    git_odb *odb;
    struct gitpack *packs;
    struct {
        git_oid id;
        struct gitpack_object *tree; /* NULL: free */
    } kept[SLOTS];
    size_t hand; /* the slot to be emptied next when there is no room */
    size_t bytes, steps, most;
    struct buf path;
    struct gittree_files *files;
};

void gittree_files_clear(struct gittree_files *f)
{
    buf_clear(&f->paths);
    f->v.n = 0;
    f->total = 0;
    f->cut = false;
}

void gittree_files_finish(struct gittree_files *f)
{
    buf_finish(&f->paths);
    VEC_FINISH(&f->v);
}

str gittree_path(const struct gittree_files *f, size_t i)
{
    return (str){f->paths.p + f->v.v[i].path_at, f->v.v[i].path_n};
}

struct gittree *gittree_open(git_odb *odb, struct gitpack *packs)
{
    struct gittree *t = mem_get(sizeof *t);
    t->odb = odb;
    t->packs = packs;
    t->most = MOST;
    return t;
}

void gittree_limit(struct gittree *t, size_t names)
{
    t->most = names;
}

static void forget(struct gittree *t, size_t slot)
{
    if (t->kept[slot].tree != NULL) {
        t->bytes -= t->kept[slot].tree->n;
        gitpack_drop(t->kept[slot].tree);
        t->kept[slot].tree = NULL;
    }
}

void gittree_close(struct gittree *t)
{
    if (t != NULL) {
        for (size_t i = 0; i < SLOTS; i++) {
            forget(t, i);
        }
        buf_finish(&t->path);
        mem_put(t);
    }
}

static void keep(struct gittree *t, size_t slot, const git_oid *id, struct gitpack_object *tree)
{
    forget(t, slot);
    if (tree->n > LARGEST) {
        return;
    }
    while (t->bytes + tree->n > BYTES) {
        forget(t, t->hand++ % SLOTS);
    }
    t->kept[slot].id = *id;
    t->kept[slot].tree = gitpack_hold(tree);
    t->bytes += tree->n;
}

static status read_slowly(struct gittree *t, const git_oid *id, struct gitpack_object **ret,
                          struct error *why)
{
    git_odb_object *object;
    status_code s = gitrepo_read(t->odb, id, GIT_OBJECT_TREE, &object, why);
    if (s == END) {
        char hex[GIT_OID_HEXSZ + 1];
        error_set(why, "tree %s is not in the repository", git_oid_tostr(hex, sizeof hex, id));
        error_hint(why, "fetch what is missing (git fetch --refetch), or import without paths");
        return FAIL;
    }
    if (s == OK) {
        size_t n = git_odb_object_size(object);
        *ret = gitpack_make(GIT_OBJECT_TREE, n);
        if (n > 0) {
            memcpy((*ret)->bytes, git_odb_object_data(object), n);
        }
        git_odb_object_free(object);
    }
    return s;
}

/* The tree, to be dropped by the caller. */
static status get(struct gittree *t, const git_oid *id, struct gitpack_object **ret,
                  struct error *why)
{
    uint32_t slot;
    memcpy(&slot, id->id, sizeof slot);
    slot %= SLOTS;
    if (t->kept[slot].tree != NULL && git_oid_equal(&t->kept[slot].id, id)) {
        *ret = gitpack_hold(t->kept[slot].tree);
        return OK;
    }
    *ret = t->packs != NULL ? gitpack_read(t->packs, id, GIT_OBJECT_TREE) : NULL;
    if (*ret == NULL) {
        TRY(read_slowly(t, id, ret, why));
    }
    keep(t, slot, id, *ret);
    return OK;
}

struct cursor { /* in the bytes of a tree: "<octal mode> <name>\0<20 bytes of id>" */
    const char *p, *end;
    str name;
    git_oid id;
    unsigned mode;
    bool more; /* the fields above are set */
};

/* False: damaged. */
static bool step(struct cursor *c)
{
    c->more = c->p < c->end;
    if (!c->more) {
        return true;
    }
    unsigned mode = 0;
    const char *p = c->p;
    for (; p < c->end && *p >= '0' && *p <= '7'; p++) {
        mode = mode << 3 | (unsigned)(*p - '0');
    }
    if (p == c->p || p == c->end || *p++ != ' ') {
        return false;
    }
    const char *nul = memchr(p, 0, (size_t)(c->end - p));
    if (nul == NULL || c->end - nul <= GIT_OID_RAWSZ) {
        return false;
    }
    c->name = (str){p, (size_t)(nul - p)};
    c->mode = mode;
    memcpy(c->id.id, nul + 1, GIT_OID_RAWSZ);
    c->p = nul + 1 + GIT_OID_RAWSZ;
    return true;
}

/* git sorts a folder as if its name ended in '/'. */
static int order(const struct cursor *a, const struct cursor *b)
{
    size_t n = a->name.n < b->name.n ? a->name.n : b->name.n;
    int c = memcmp(a->name.p, b->name.p, n);
    if (c != 0) {
        return c;
    }
    unsigned char x = n < a->name.n ? (unsigned char)a->name.p[n] : a->mode == MODE_TREE ? '/' : 0;
    unsigned char y = n < b->name.n ? (unsigned char)b->name.p[n] : b->mode == MODE_TREE ? '/' : 0;
    return (x > y) - (x < y);
}

static void add_file(struct gittree *t, const struct cursor *before, const struct cursor *after)
{
    struct gittree_files *f = t->files;
    if (f->total++ >= GITTREE_FILES || f->paths.n > PATHS_MOST) {
        return;
    }
    const struct cursor *any = after != NULL ? after : before;
    struct gittree_file file = {.path_at = f->paths.n,
                                .added = before == NULL,
                                .removed = after == NULL,
                                .plus = -1,
                                .minus = -1};
    buf_add(&f->paths, buf_str(&t->path));
    buf_add(&f->paths, any->name);
    file.path_n = f->paths.n - file.path_at;
    file.blobs = (before == NULL || before->mode != MODE_LINK) &&
                 (after == NULL || after->mode != MODE_LINK);
    file.before_mode = before != NULL ? before->mode : 0;
    file.after_mode = after != NULL ? after->mode : 0;
    file.before = before != NULL ? before->id : (git_oid){{0}};
    file.after = after != NULL ? after->id : (git_oid){{0}};
    VEC_ADD(&f->v, file);
}

static status walk(struct gittree *t, const git_oid *before, const git_oid *after, int depth,
                   struct error *why);

/* One name that differs: on one side only, or on both. */
static status take(struct gittree *t, const struct cursor *before, const struct cursor *after,
                   int depth, struct error *why)
{
    const struct cursor *any = before != NULL ? before : after;
    if (t->steps++ >= t->most || t->path.n + any->name.n > PATH_MOST) {
        t->files->cut = true;
        return OK;
    }
    if (any->mode != MODE_TREE) { /* alike on both sides, by order */
        add_file(t, before, after);
        return OK;
    }
    size_t was = t->path.n;
    buf_add(&t->path, any->name);
    buf_putc(&t->path, '/');
    status_code s = walk(t, before != NULL ? &before->id : NULL, after != NULL ? &after->id : NULL,
                         depth + 1, why);
    t->path.n = was;
    return s;
}

/* How many bytes two texts begin with alike (`step` 1, p and q at their beginnings) or end with
 * alike (-1, p and q behind their ends), at most n. */
static size_t count_alike(const char *p, const char *q, size_t n, int step)
{
    size_t same = 0;
    uint64_t x, y;
    while (n - same >= sizeof x) {
        size_t at = step > 0 ? same : same + sizeof x;
        memcpy(&x, step > 0 ? p + at : p - at, sizeof x);
        memcpy(&y, step > 0 ? q + at : q - at, sizeof y);
        if (x != y) {
            break;
        }
        same += sizeof x;
    }
    while (same < n &&
           (step > 0 ? p[same] == q[same] : p[-1 - (ptrdiff_t)same] == q[-1 - (ptrdiff_t)same])) {
        same++;
    }
    return same;
}

/* Both stand between two entries: passes over entries that are alike. `tail` bytes are alike at the
 * ends of the two trees. */
static void pass_alike(struct cursor *a, struct cursor *b, size_t tail)
{
    size_t a_n = (size_t)(a->end - a->p), b_n = (size_t)(b->end - b->p);
    if (a_n == b_n && a_n <= tail) {
        a->p = a->end;
        b->p = b->end;
        return;
    }
    const char *p = a->p, *end = p;
    end += count_alike(a->p, b->p, a_n < b_n ? a_n : b_n, 1);
    while (p < end) {
        const char *nul = memchr(p, 0, (size_t)(end - p));
        if (nul == NULL || end - nul <= GIT_OID_RAWSZ) {
            break;
        }
        p = nul + 1 + GIT_OID_RAWSZ;
    }
    b->p += p - a->p;
    a->p = p;
}

static status merge(struct gittree *t, struct cursor *a, struct cursor *b, int depth,
                    struct error *why)
{
    size_t a_n = (size_t)(a->end - a->p), b_n = (size_t)(b->end - b->p), tail = 0;
    if (a_n > 0 && b_n > 0) {
        tail = count_alike(a->end, b->end, a_n < b_n ? a_n : b_n, -1);
        pass_alike(a, b, tail);
    }
    bool fine = step(a) && step(b);
    while (fine && (a->more || b->more)) {
        int side = !a->more ? 1 : !b->more ? -1 : order(a, b);
        if (side == 0 && (a->mode == MODE_TREE) != (b->mode == MODE_TREE)) {
            fine = false; /* "x/" the file beside "x" the folder: no such name exists */
            break;
        }
        if (side < 0) {
            TRY(take(t, a, NULL, depth, why));
        } else if (side > 0) {
            TRY(take(t, NULL, b, depth, why));
        } else {
            if (a->mode != b->mode || !git_oid_equal(&a->id, &b->id)) {
                TRY(take(t, a, b, depth, why));
            }
            pass_alike(a, b, tail);
        }
        fine = (side > 0 || step(a)) && (side < 0 || step(b));
    }
    return fine ? OK : error_set(why, "a tree is damaged");
}

static status walk(struct gittree *t, const git_oid *before, const git_oid *after, int depth,
                   struct error *why)
{
    if (depth > DEPTH) {
        return error_set(why, "folders are nested more than %d deep", DEPTH);
    }
    struct gitpack_object *old = NULL, *new = NULL;
    struct cursor a = {0}, b = {0};
    status_code s = OK;
    if (before != NULL) {
        TRY_GOTO(s, out, get(t, before, &old, why));
        a.p = old->bytes;
        a.end = a.p + old->n;
    }
    if (after != NULL) {
        TRY_GOTO(s, out, get(t, after, &new, why));
        b.p = new->bytes;
        b.end = b.p + new->n;
    }
    s = merge(t, &a, &b, depth, why);
out:
    gitpack_drop(old);
    gitpack_drop(new);
    return s;
}

status gittree_diff(struct gittree *t, const git_oid *before, const git_oid *after,
                    struct gittree_files *ret_files, struct error *why)
{
    gittree_files_clear(ret_files);
    buf_clear(&t->path);
    t->files = ret_files;
    t->steps = 0;
    if (before != NULL && git_oid_equal(before, after)) {
        return OK;
    }
    return walk(t, before, after, 0, why);
}

/* NULL in *ret: too large, counted as binary. */
static status get_blob(struct gittree *t, const git_oid *id, git_odb_object **ret,
                       struct error *why)
{
    size_t size;
    git_object_t type;
    *ret = NULL;
    int code = git_odb_read_header(&size, &type, t->odb, id);
    if (code == 0 && size > BLOB_MOST) {
        return OK;
    }
    status_code s =
        code == GIT_ENOTFOUND ? END : gitrepo_read(t->odb, id, GIT_OBJECT_BLOB, ret, why);
    if (s == END) {
        error_set(why, "lines cannot be counted: the repository holds no file contents (a partial "
                       "clone, or one without blobs)");
        error_hint(why, "import without lines, or from a full clone");
        return FAIL;
    }
    return s;
}

static bool is_binary(git_odb_object *blob)
{
    enum { LOOK = 8000 }; /* as git does */
    size_t n = blob != NULL ? git_odb_object_size(blob) : 0;
    return n > 0 && memchr(git_odb_object_data(blob), 0, n < LOOK ? n : LOOK) != NULL;
}

static status count_lines(struct gittree *t, struct gittree_file *f, struct error *why)
{
    git_odb_object *old = NULL, *new = NULL;
    status_code s = OK;
    if (!f->added) {
        TRY_GOTO(s, out, get_blob(t, &f->before, &old, why));
    }
    if (!f->removed) {
        TRY_GOTO(s, out, get_blob(t, &f->after, &new, why));
    }
    bool large = (!f->added && old == NULL) || (!f->removed && new == NULL);
    if (large || is_binary(old) || is_binary(new)) {
        goto out;
    }
    git_patch *patch = NULL;
    git_diff_options options;
    (void)git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.context_lines = 0;
    size_t context, plus, minus;
    if (git_patch_from_buffers(&patch, old != NULL ? git_odb_object_data(old) : "",
                               old != NULL ? git_odb_object_size(old) : 0, NULL,
                               new != NULL ? git_odb_object_data(new) : "",
                               new != NULL ? git_odb_object_size(new) : 0, NULL, &options) < 0 ||
        git_patch_line_stats(&context, &plus, &minus, patch) < 0) {
        s = error_set(why, "lines cannot be counted: %s", gitrepo_reason());
    } else {
        f->plus = (int64_t)plus;
        f->minus = (int64_t)minus;
    }
    git_patch_free(patch);
out:
    git_odb_object_free(old);
    git_odb_object_free(new);
    return s;
}

status gittree_lines(struct gittree *t, struct gittree_files *files, struct error *why)
{
    for (size_t i = 0; i < files->v.n; i++) {
        struct gittree_file *f = &files->v.v[i];
        if (f->blobs && !git_oid_equal(&f->before, &f->after)) {
            TRY(count_lines(t, f, why));
        } else if (f->blobs) { /* the mode alone */
            f->plus = f->minus = 0;
        }
    }
    return OK;
}
