/* Packs are mapped and never written. What was unfolded is kept in a table by the place in its
 * pack; the entries are in a list from the one used last to the one to go first. */
#include "source/gitpack.h"

#include "base/buf.h"

#include <assert.h>
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { SLOTS = 1 << 13, KEPT_BYTES = 96 << 20, OBJECT_MOST = 64 << 20, CHAIN = 4096 };
enum { FANOUT = 8, NAMES = FANOUT + 4 * 256, TRAILER = 20, OFS_DELTA = 6, REF_DELTA = 7 };

struct mapped {
    const unsigned char *p;
    size_t n;
};

struct pack {
    char *path; /* of the pack; NULL when it is mapped or cannot be */
    struct mapped index, data;
    uint32_t count;
};

struct kept {
    struct gitpack_object *object; /* NULL: free */
    uint32_t pack, newer, older;   /* slots; SLOTS: none */
    size_t at;
};

struct delta {
    size_t at, data, n; /* of the object, of its compressed bytes, of them unpacked */
};

struct gitpack {
    VEC(struct pack) packs;
    uint32_t last; /* where something was found */
    struct kept kept[SLOTS];
    uint32_t newest, oldest;
    size_t bytes;
    VEC(struct delta) chain;
    struct buf scratch; /* a delta */
    z_stream z;
    bool inflates;
};

struct gitpack_object *gitpack_make(git_object_t type, size_t n)
{
    struct gitpack_object *o = mem_grow(NULL, sizeof *o + n + 1, 1);
    *o = (struct gitpack_object){.holders = 1, .type = type, .n = n};
    return o;
}

struct gitpack_object *gitpack_hold(struct gitpack_object *o)
{
    o->holders++;
    return o;
}

void gitpack_drop(struct gitpack_object *o)
{
    if (o != NULL && --o->holders == 0) {
        mem_put(o);
    }
}

/* --- packs ----------------------------------------------------------------------------------- */

static struct mapped map_file(const char *path)
{
    struct mapped m = {0};
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
        void *p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p != MAP_FAILED) {
            m = (struct mapped){p, (size_t)st.st_size};
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    return m;
}

static void unmap(struct mapped *m)
{
    if (m->p != NULL) {
        (void)munmap((void *)(uintptr_t)m->p, m->n);
    }
    *m = (struct mapped){0};
}

static uint32_t big32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t fanout(const struct pack *p, unsigned first)
{
    return big32(p->index.p + FANOUT + 4 * (size_t)first);
}

/* An index of version 2 whose tables lie within it. */
static bool is_index(struct pack *p)
{
    static const unsigned char BEGIN[] = {0xff, 't', 'O', 'c', 0, 0, 0, 2};
    if (p->index.n < NAMES + 2 * TRAILER || memcmp(p->index.p, BEGIN, sizeof BEGIN) != 0) {
        return false;
    }
    for (unsigned i = 1; i < 256; i++) {
        if (fanout(p, i) < fanout(p, i - 1)) {
            return false;
        }
    }
    p->count = fanout(p, 255);
    return (p->index.n - NAMES - 2 * TRAILER) / (GIT_OID_RAWSZ + 8) >= p->count;
}

static void add_pack(struct gitpack *g, const char *folder, const char *name)
{
    size_t n = strlen(name);
    struct buf path = {0};
    if (n < 5 || strcmp(name + n - 4, ".idx") != 0) {
        return;
    }
    buf_addf(&path, "%s/%s", folder, name);
    struct pack p = {.index = map_file(buf_cstr(&path))};
    if (p.index.p != NULL && is_index(&p)) {
        path.n -= 3;
        buf_add(&path, STR("pack"));
        p.path = strdup(buf_cstr(&path));
        VEC_ADD(&g->packs, p);
    } else {
        unmap(&p.index);
    }
    buf_finish(&path);
}

struct gitpack *gitpack_open(const struct gitfolders *folders)
{
    struct gitpack *g = mem_get(sizeof *g);
    g->newest = g->oldest = SLOTS;
    g->inflates = inflateInit(&g->z) == Z_OK;
    for (size_t i = 0; i < folders->v.n; i++) {
        struct buf path = {0};
        buf_addf(&path, STR_FMT "/pack", STR_ARG(folders->v.v[i]));
        DIR *folder = opendir(buf_cstr(&path));
        for (struct dirent *e; folder != NULL && (e = readdir(folder)) != NULL;) {
            add_pack(g, buf_cstr(&path), e->d_name);
        }
        if (folder != NULL) {
            (void)closedir(folder);
        }
        buf_finish(&path);
    }
    return g;
}

/* The pack is mapped when it is first asked for something. */
static bool open_data(struct pack *p)
{
    if (p->path != NULL) {
        p->data = map_file(p->path);
        mem_put(p->path);
        p->path = NULL;
        if (p->data.p != NULL && (p->data.n < 12 + TRAILER || memcmp(p->data.p, "PACK", 4) != 0)) {
            unmap(&p->data);
        }
        p->data.n -= p->data.p != NULL ? TRAILER : 0;
    }
    return p->data.p != NULL;
}

static bool find_in(const struct pack *p, const git_oid *id, size_t *ret_at)
{
    const unsigned char *names = p->index.p + NAMES, *offsets = names + (size_t)p->count * 24;
    uint32_t low = id->id[0] > 0 ? fanout(p, id->id[0] - 1u) : 0, high = fanout(p, id->id[0]);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = memcmp(names + (size_t)middle * GIT_OID_RAWSZ, id->id, GIT_OID_RAWSZ);
        if (order == 0) {
            uint32_t offset = big32(offsets + (size_t)middle * 4);
            *ret_at = offset;
            if (offset >> 31 != 0) { /* the number of one of eight bytes, behind the others */
                size_t far = (size_t)p->count * 28 + (size_t)(offset & 0x7fffffff) * 8;
                if (far + 8 > p->index.n - NAMES - 2 * TRAILER) {
                    return false;
                }
                uint64_t high_half = big32(names + far);
                *ret_at = (size_t)(high_half << 32 | big32(names + far + 4));
            }
            return true;
        }
        low = order < 0 ? middle + 1 : low;
        high = order > 0 ? middle : high;
    }
    return false;
}

/* --- what is kept ---------------------------------------------------------------------------- */

static uint32_t slot_of(uint32_t pack, size_t at)
{
    uint64_t mixed = ((uint64_t)at ^ (uint64_t)pack << 48) * 0x9e3779b97f4a7c15u;
    return (uint32_t)(mixed >> 51) % SLOTS;
}

static void unlink_slot(struct gitpack *g, uint32_t slot)
{
    struct kept *k = &g->kept[slot];
    *(k->newer != SLOTS ? &g->kept[k->newer].older : &g->newest) = k->older;
    *(k->older != SLOTS ? &g->kept[k->older].newer : &g->oldest) = k->newer;
}

static void link_newest(struct gitpack *g, uint32_t slot)
{
    struct kept *k = &g->kept[slot];
    k->newer = SLOTS;
    k->older = g->newest;
    *(g->newest != SLOTS ? &g->kept[g->newest].newer : &g->oldest) = slot;
    g->newest = slot;
}

static void forget(struct gitpack *g, uint32_t slot)
{
    struct gitpack_object *o = g->kept[slot].object;
    assert(o != NULL);
    unlink_slot(g, slot);
    g->bytes -= o->n;
    g->kept[slot].object = NULL;
    gitpack_drop(o);
}

static void keep(struct gitpack *g, uint32_t pack, size_t at, struct gitpack_object *o)
{
    uint32_t slot = slot_of(pack, at);
    if (g->kept[slot].object != NULL) {
        forget(g, slot);
    }
    while (g->oldest != SLOTS && g->bytes + o->n > KEPT_BYTES) {
        forget(g, g->oldest);
    }
    g->kept[slot] = (struct kept){.object = gitpack_hold(o), .pack = pack, .at = at};
    g->bytes += o->n;
    link_newest(g, slot);
}

static struct gitpack_object *find_kept(struct gitpack *g, uint32_t pack, size_t at)
{
    uint32_t slot = slot_of(pack, at);
    struct kept *k = &g->kept[slot];
    if (k->object == NULL || k->pack != pack || k->at != at) {
        return NULL;
    }
    unlink_slot(g, slot);
    link_newest(g, slot);
    return gitpack_hold(k->object);
}

void gitpack_close(struct gitpack *g)
{
    if (g == NULL) {
        return;
    }
    while (g->oldest != SLOTS) {
        forget(g, g->oldest);
    }
    for (size_t i = 0; i < g->packs.n; i++) {
        mem_put(g->packs.v[i].path);
        unmap(&g->packs.v[i].index);
        if (g->packs.v[i].data.p != NULL) {
            g->packs.v[i].data.n += TRAILER;
        }
        unmap(&g->packs.v[i].data);
    }
    if (g->inflates) {
        (void)inflateEnd(&g->z);
    }
    VEC_FINISH(&g->packs);
    VEC_FINISH(&g->chain);
    buf_finish(&g->scratch);
    mem_put(g);
}

/* --- unfolding ------------------------------------------------------------------------------- */

/* Exactly n bytes must come out of what begins at data. */
static bool inflate_all(struct gitpack *g, const struct pack *p, size_t data, void *out, size_t n)
{
    unsigned char beyond = 0;
    size_t in = p->data.n - data;
    if (!g->inflates || inflateReset(&g->z) != Z_OK) {
        return false;
    }
    g->z.next_in = (unsigned char *)(uintptr_t)(p->data.p + data);
    g->z.avail_in = in > OBJECT_MOST * 2u ? OBJECT_MOST * 2u : (unsigned)in;
    g->z.next_out = n > 0 ? out : &beyond;
    g->z.avail_out = (unsigned)n;
    int code = inflate(&g->z, Z_FINISH);
    if (code == Z_BUF_ERROR && g->z.avail_out == 0) { /* all is there, the end not yet seen */
        g->z.next_out = &beyond;
        g->z.avail_out = 1;
        code = inflate(&g->z, Z_FINISH);
        return code == Z_STREAM_END && g->z.avail_out == 1;
    }
    return code == Z_STREAM_END && g->z.avail_out == 0;
}

/* Seven bits a byte, the lowest first, until one without the eighth bit. */
static bool read_size(const unsigned char **p, const unsigned char *end, size_t *ret)
{
    size_t n = 0;
    for (unsigned shift = 0; *p < end && shift < 57; shift += 7) {
        unsigned char c = *(*p)++;
        n |= (size_t)(c & 0x7f) << shift;
        if (c < 0x80) {
            *ret = n;
            return true;
        }
    }
    return false;
}

static struct gitpack_object *apply(const struct gitpack_object *base, str delta)
{
    const unsigned char *p = (const unsigned char *)delta.p, *end = p + delta.n;
    size_t from, to, done = 0;
    if (delta.n == 0 || !read_size(&p, end, &from) || !read_size(&p, end, &to) || from != base->n ||
        to > OBJECT_MOST) {
        return NULL;
    }
    struct gitpack_object *o = gitpack_make(base->type, to);
    while (p < end) {
        unsigned char op = *p++;
        const void *source = p;
        size_t n = op;
        if (op & 0x80) {
            size_t at = 0;
            n = 0;
            for (unsigned i = 0; i < 7; i++) {
                if (op >> i & 1) {
                    size_t byte = p < end ? *p++ : SIZE_MAX;
                    *(i < 4 ? &at : &n) |= byte << 8 * (i < 4 ? i : i - 4);
                }
            }
            n = n == 0 ? 0x10000 : n;
            source = base->bytes + (at <= base->n ? at : 0);
            if (at > base->n || n > base->n - at) {
                break;
            }
        } else if (n == 0 || n > (size_t)(end - p)) {
            break;
        } else {
            p += n;
        }
        if (n > to - done) {
            break;
        }
        memcpy(o->bytes + done, source, n);
        done += n;
        if (p == end && done == to) {
            return o;
        }
    }
    if (to == 0 && p == end) {
        return o;
    }
    gitpack_drop(o);
    return NULL;
}

/* What stands at a place: the type, and for a delta where its base is. */
static bool read_header(const struct pack *p, size_t at, struct delta *ret, unsigned *ret_type,
                        size_t *ret_base)
{
    if (at < 12 || at >= p->data.n) {
        return false;
    }
    const unsigned char *c = p->data.p + at, *end = p->data.p + p->data.n;
    size_t low = *c & 15, rest = 0;
    *ret_type = *c >> 4 & 7;
    if (*c++ & 0x80 && (!read_size(&c, end, &rest) || rest > OBJECT_MOST)) {
        return false;
    }
    *ret = (struct delta){.at = at, .n = rest << 4 | low};
    if (*ret_type == OFS_DELTA) {
        size_t back = 0;
        bool more = true;
        for (unsigned i = 0; more && i < 8 && c < end; i++) {
            back = (i > 0 ? back + 1 : 0) << 7 | (*c & 0x7f);
            more = *c++ & 0x80;
        }
        if (more || back == 0 || back >= at) {
            return false;
        }
        *ret_base = at - back;
    } else if (*ret_type == REF_DELTA) {
        git_oid id;
        if (end - c < GIT_OID_RAWSZ) {
            return false;
        }
        memcpy(id.id, c, GIT_OID_RAWSZ);
        c += GIT_OID_RAWSZ;
        if (!find_in(p, &id, ret_base)) {
            return false;
        }
    }
    ret->data = (size_t)(c - p->data.p);
    return ret->n <= OBJECT_MOST && c < end;
}

/* The object at the bottom of the chain that begins at a place; the chain is in g->chain. */
static struct gitpack_object *find_base(struct gitpack *g, uint32_t pack, size_t at)
{
    const struct pack *p = &g->packs.v[pack];
    g->chain.n = 0;
    while (g->chain.n < CHAIN) {
        struct gitpack_object *o = find_kept(g, pack, at);
        struct delta d;
        unsigned type;
        size_t base = 0;
        if (o != NULL) {
            return o;
        }
        if (!read_header(p, at, &d, &type, &base)) {
            return NULL;
        }
        if (type == OFS_DELTA || type == REF_DELTA) {
            VEC_ADD(&g->chain, d);
            at = base;
            continue;
        }
        if (type < GIT_OBJECT_COMMIT || type > GIT_OBJECT_TAG) {
            return NULL;
        }
        o = gitpack_make((git_object_t)type, d.n);
        if (!inflate_all(g, p, d.data, o->bytes, d.n)) {
            gitpack_drop(o);
            return NULL;
        }
        keep(g, pack, at, o);
        return o;
    }
    return NULL;
}

static struct gitpack_object *unfold(struct gitpack *g, uint32_t pack, size_t at)
{
    struct gitpack_object *o = find_base(g, pack, at);
    for (size_t i = g->chain.n; o != NULL && i-- > 0;) {
        const struct delta *d = &g->chain.v[i];
        struct gitpack_object *next = NULL;
        buf_clear(&g->scratch);
        if (inflate_all(g, &g->packs.v[pack], d->data, buf_room(&g->scratch, d->n), d->n)) {
            g->scratch.n = d->n;
            next = apply(o, buf_str(&g->scratch));
        }
        gitpack_drop(o);
        o = next;
        if (o != NULL) {
            keep(g, pack, d->at, o);
        }
    }
    return o;
}

struct gitpack_object *gitpack_read(struct gitpack *g, const git_oid *id, git_object_t type)
{
    for (size_t i = 0; i < g->packs.n; i++) {
        uint32_t pack = (uint32_t)((g->last + i) % g->packs.n);
        size_t at;
        if (find_in(&g->packs.v[pack], id, &at) && open_data(&g->packs.v[pack])) {
            struct gitpack_object *o = unfold(g, pack, at);
            if (o != NULL && o->type == type) {
                g->last = pack;
                return o;
            }
            gitpack_drop(o);
        }
    }
    return NULL;
}
