#include "source/gitpatch.h"

#include "source/gitrepo.h"

#include <openssl/evp.h>
#include <string.h>

enum { FLUSH = 1 << 16, BINARY_LOOK = 8000 };

struct summing {
    struct gitpatch *sum;
    EVP_MD_CTX *hash;
    struct buf text; /* not hashed yet */
    bool broken;
};

static void flush(struct summing *s)
{
    s->broken = s->broken || EVP_DigestUpdate(s->hash, s->text.p, s->text.n) != 1;
    buf_clear(&s->text);
}

/* What git counts as white space. */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void add(struct summing *s, str text)
{
    for (size_t from = 0, i = 0; i <= text.n; i++) {
        if (i == text.n || is_space(text.p[i])) {
            buf_add(&s->text, (str){text.p + from, i - from});
            from = i + 1;
        }
    }
    if (s->text.n > FLUSH) {
        flush(s);
    }
}

static void begin_file(struct summing *s)
{
    s->broken = s->broken || EVP_DigestInit_ex(s->hash, EVP_sha1(), NULL) != 1;
}

static void end_file(struct summing *s)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned carry = 0, n = 0;
    flush(s);
    s->broken = s->broken || EVP_DigestFinal_ex(s->hash, digest, &n) != 1 || n != GIT_OID_RAWSZ;
    for (size_t i = 0; !s->broken && i < GIT_OID_RAWSZ; i++) {
        carry += (unsigned)s->sum->sum[i] + digest[i];
        s->sum->sum[i] = (unsigned char)carry;
        carry >>= 8;
    }
}

/* One side of a file: NULL mode 0 when it is not there. */
struct side {
    git_oid id;
    uint32_t mode;
    git_odb_object *blob;
    str text;
    char module[64];
};

static enum gitpatch_result open_side(git_odb *odb, struct side *side, size_t *left)
{
    enum { MODE_MODULE = 0160000 };
    size_t size;
    git_object_t type;
    if (side->mode == 0) {
        return GITPATCH_FOUND;
    }
    if (side->mode == MODE_MODULE) { /* git shows the commit of a submodule as a line */
        char hex[GIT_OID_HEXSZ + 1];
        int n = snprintf(side->module, sizeof side->module, "Subproject commit %s\n",
                         git_oid_tostr(hex, sizeof hex, &side->id));
        side->text = (str){side->module, (size_t)n};
        return GITPATCH_FOUND;
    }
    if (git_odb_read_header(&size, &type, odb, &side->id) != 0) {
        return GITPATCH_BLIND;
    }
    if (size > *left) {
        return GITPATCH_LARGER;
    }
    if (gitrepo_read(odb, &side->id, GIT_OBJECT_BLOB, &side->blob, NULL) != OK) {
        return GITPATCH_BLIND;
    }
    *left -= size;
    side->text = (str){git_odb_object_data(side->blob), git_odb_object_size(side->blob)};
    return GITPATCH_FOUND;
}

static bool is_binary(const struct side *side)
{
    str head = str_first(side->text, BINARY_LOOK);
    return head.n > 0 && memchr(head.p, 0, head.n) != NULL;
}

static int on_line(const git_diff_delta *delta, const git_diff_hunk *hunk,
                   const git_diff_line *line, void *cookie)
{
    struct summing *s = cookie;
    (void)delta;
    (void)hunk;
    if (line->origin == GIT_DIFF_LINE_ADDITION || line->origin == GIT_DIFF_LINE_DELETION) {
        buf_putc(&s->text, line->origin);
    } else if (line->origin != GIT_DIFF_LINE_CONTEXT) {
        return 0; /* that a file ends without a line end */
    }
    add(s, (str){line->content, line->content_len});
    return s->broken ? -1 : 0;
}

static void add_lines(struct summing *s, const struct side *a, const struct side *b, str path)
{
    git_diff_options options;
    (void)git_diff_options_init(&options, GIT_DIFF_OPTIONS_VERSION);
    options.flags |= GIT_DIFF_INDENT_HEURISTIC | GIT_DIFF_FORCE_TEXT;
    options.context_lines = 3;
    if (str_eq(a->text, b->text)) {
        return;
    }
    add(s, a->mode != 0 ? STR("---a/") : STR("---/dev/null"));
    add(s, a->mode != 0 ? path : (str){0});
    add(s, b->mode != 0 ? STR("+++b/") : STR("+++/dev/null"));
    add(s, b->mode != 0 ? path : (str){0});
    s->broken = s->broken || git_diff_buffers(a->text.n > 0 ? a->text.p : "", a->text.n, NULL,
                                              b->text.n > 0 ? b->text.p : "", b->text.n, NULL,
                                              &options, NULL, NULL, NULL, on_line, s) != 0;
}

static void add_id(struct summing *s, const struct side *side)
{
    char hex[GIT_OID_HEXSZ + 1];
    git_oid none = {{0}};
    add(s, str_of(git_oid_tostr(hex, sizeof hex, side->mode != 0 ? &side->id : &none)));
}

static void add_head(struct summing *s, const struct side *a, const struct side *b, str path)
{
    char modes[64];
    int n = 0;
    add(s, STR("diff--gita/"));
    add(s, path);
    add(s, STR("b/"));
    add(s, path);
    if (a->mode == 0) {
        n = snprintf(modes, sizeof modes, "newfilemode%06o", b->mode);
    } else if (b->mode == 0) {
        n = snprintf(modes, sizeof modes, "deletedfilemode%06o", a->mode);
    } else if (a->mode != b->mode) {
        n = snprintf(modes, sizeof modes, "oldmode%06onewmode%06o", a->mode, b->mode);
    }
    add(s, (str){modes, (size_t)n});
}

static enum gitpatch_result add_file(struct summing *s, git_odb *odb, struct side *a,
                                     struct side *b, str path, bool heads, size_t *left)
{
    begin_file(s);
    add_head(s, a, b, path);
    if (!heads && (a->mode == 0 || b->mode == 0 || !git_oid_equal(&a->id, &b->id))) {
        enum gitpatch_result result = open_side(odb, a, left);
        result = result == GITPATCH_FOUND ? open_side(odb, b, left) : result;
        if (result == GITPATCH_FOUND && (is_binary(a) || is_binary(b))) {
            add_id(s, a);
            add_id(s, b);
        } else if (result == GITPATCH_FOUND) {
            add_lines(s, a, b, path);
        }
        git_odb_object_free(a->blob);
        git_odb_object_free(b->blob);
        if (result != GITPATCH_FOUND) {
            return result;
        }
    }
    end_file(s);
    return s->broken ? GITPATCH_BLIND : GITPATCH_FOUND;
}

/* A file that became another kind (a link, a submodule) is one that went and one that came. */
static enum gitpatch_result add_change(struct summing *s, git_odb *odb,
                                       const struct gittree_file *f, str path, bool heads,
                                       size_t *left)
{
    enum { KIND = 0170000 };
    struct side a = {.id = f->before, .mode = f->before_mode};
    struct side b = {.id = f->after, .mode = f->after_mode}, none = {.mode = 0}, nothing = none;
    if (a.mode == 0 || b.mode == 0 || (a.mode & KIND) == (b.mode & KIND)) {
        return add_file(s, odb, &a, &b, path, heads, left);
    }
    enum gitpatch_result result = add_file(s, odb, &a, &none, path, heads, left);
    return result == GITPATCH_FOUND ? add_file(s, odb, &nothing, &b, path, heads, left) : result;
}

enum gitpatch_result gitpatch_find(struct gittree *t, git_odb *odb, const git_oid *before,
                                   const git_oid *after, bool heads, struct gitpatch *ret,
                                   size_t *ret_bytes)
{
    struct gittree_files files = {0};
    struct summing s = {.sum = ret, .hash = EVP_MD_CTX_new()};
    size_t left = GITPATCH_BYTES;
    enum gitpatch_result result = GITPATCH_BLIND;
    *ret = (struct gitpatch){{0}};
    if (s.hash != NULL && gittree_diff(t, before, after, &files, NULL) == OK) {
        result = files.cut || files.total > GITPATCH_FILES ? GITPATCH_LARGER
                 : files.total == 0                        ? GITPATCH_EMPTY
                                                           : GITPATCH_FOUND;
    }
    for (size_t i = 0; result == GITPATCH_FOUND && i < files.v.n; i++) {
        result = add_change(&s, odb, &files.v.v[i], gittree_path(&files, i), heads, &left);
    }
    *ret_bytes = GITPATCH_BYTES - left;
    EVP_MD_CTX_free(s.hash);
    buf_finish(&s.text);
    gittree_files_finish(&files);
    return result;
}
