#include "engine/spool.h"

#include "base/pack.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

/* A header is the mark, the length of what follows and its checksum, each in the machine's own
 * order: a spool does not travel. */
struct header {
    uint32_t mark, length;
    uint64_t check;
};
_Static_assert(sizeof(struct header) == 16, "headers stand on disk");

enum { MARK = 0x6c707377, RECORD_MAX = 80 << 20 };
static const uint64_t SEGMENT = 64 << 20, LIMIT = 10ull << 30;

struct segment {
    uint64_t begin, end; /* places */
};

/* Records that are written together. */
struct group {
    struct buf records;
    unsigned waiting; /* threads that want to know */
    status_code code; /* END: not yet known */
    char trouble[256];
};

struct spool {
    char *folder;
    int lock; /* holds the folder for this process; its text is the spool's id */
    char id[17];
    uint64_t limit, segment_size;
    pthread_mutex_t mutex;
    pthread_cond_t changed;       /* the end moved, or somebody called spool_wake */
    VEC(struct segment) segments; /* ascending; the last one is written */
    int out;                      /* the last one's file, -1: none */
    struct group *forming;        /* whose records nobody writes yet; NULL: none */
    bool writing, woken;
    uint64_t queued, end, done; /* place behind all appended; behind what is on disk; stored */
    int in;                     /* the reader's file, of segment in_begin; -1: none */
    uint64_t in_begin;
    uint64_t oldest_place; /* the reader's: place and receipt of the record read last */
    when oldest;
};

static void name_of(const struct spool *s, uint64_t begin, char *ret, size_t n)
{
    snprintf(ret, n, "%s/%016llx.spool", s->folder, (unsigned long long)begin);
}

static uint64_t check_of(str payload, uint64_t place)
{
    id128 h = id128_of(payload.p, payload.n);
    return h.lo ^ (h.hi + place * 0x9e3779b97f4a7c15ull);
}

/* --- records -------------------------------------------------------------------------------- */

static void encode(struct buf *out, const struct delivery *d, uint64_t place)
{
    struct header h = {.mark = MARK};
    size_t at = out->n;
    buf_add_bytes(out, &h, sizeof h);
    pack_i64(out, d->received);
    pack_str(out, d->source);
    pack_u64(out, d->header_count);
    for (size_t i = 0; i < d->header_count; i++) {
        pack_str(out, d->headers[i].name);
        pack_str(out, d->headers[i].value);
    }
    pack_str(out, d->body);
    str payload = str_from(buf_str(out), at + sizeof h);
    h.length = (uint32_t)payload.n;
    h.check = check_of(payload, place);
    memcpy(out->p + at, &h, sizeof h);
}

static bool decode(str payload, struct arena *room, struct delivery *ret)
{
    struct unpack u = {.rest = payload};
    ret->received = unpack_i64(&u);
    ret->source = unpack_str(&u);
    ret->header_count = unpack_count(&u);
    struct hook_header *headers = ARENA_ARRAY(room, struct hook_header, ret->header_count + 1);
    for (size_t i = 0; i < ret->header_count && !u.bad; i++) {
        headers[i].name = unpack_str(&u);
        headers[i].value = unpack_str(&u);
    }
    ret->headers = headers;
    ret->body = unpack_str(&u);
    return !u.bad && u.rest.n == 0;
}

static bool read_whole(int file, void *bytes, size_t n, uint64_t offset)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = pread(file, (char *)bytes + at, n - at, (off_t)(offset + at));
        if (got <= 0) {
            if (got < 0 && errno == EINTR) {
                continue;
            }
            return false;
        }
        at += (size_t)got;
    }
    return true;
}

/* The record at `offset` of a segment file that ends at `size`; the payload goes to `room`. */
static bool record_at(int file, uint64_t begin, uint64_t offset, uint64_t size, struct arena *room,
                      str *ret_payload)
{
    struct header h;
    if (offset + sizeof h > size || !read_whole(file, &h, sizeof h, offset) || h.mark != MARK ||
        h.length > RECORD_MAX || offset + sizeof h + h.length > size) {
        return false;
    }
    char *bytes = arena_get(room, (size_t)h.length + 1);
    *ret_payload = (str){bytes, h.length};
    return read_whole(file, bytes, h.length, offset + sizeof h) &&
           check_of(*ret_payload, begin + offset) == h.check;
}

/* The first whole record at or behind `offset`; `size` when there is none. */
static uint64_t next_whole(int file, uint64_t begin, uint64_t offset, uint64_t size,
                           struct arena *room, str *ret_payload)
{
    char window[65536];
    while (offset + sizeof(struct header) <= size) {
        arena_clear(room);
        if (record_at(file, begin, offset, size, room, ret_payload)) {
            return offset;
        }
        size_t n = size - offset < sizeof window ? (size_t)(size - offset) : sizeof window;
        if (!read_whole(file, window, n, offset)) {
            return size;
        }
        const uint32_t mark = MARK;
        const char *found = memmem(window + 1, n - 1, &mark, sizeof mark);
        offset += found != NULL ? (uint64_t)(found - window) : n > 4 ? n - 3 : n;
    }
    return size;
}

/* --- opening -------------------------------------------------------------------------------- */

static int by_begin(const void *a, const void *b)
{
    const struct segment *x = a, *y = b;
    return x->begin < y->begin ? -1 : x->begin > y->begin;
}

static status list_segments(struct spool *s, struct error *why)
{
    DIR *d = opendir(s->folder);
    if (d == NULL) {
        return error_set(why, "%s: cannot be listed: %s", s->folder, strerror(errno));
    }
    for (const struct dirent *e; (e = readdir(d)) != NULL;) {
        char *end = NULL;
        unsigned long long begin = strtoull(e->d_name, &end, 16);
        struct stat st;
        if (end == e->d_name + 16 && strcmp(end, ".spool") == 0 &&
            fstatat(dirfd(d), e->d_name, &st, 0) == 0) {
            VEC_ADD(&s->segments, (struct segment){begin, begin + (uint64_t)st.st_size});
        }
    }
    closedir(d);
    if (s->segments.n > 0) {
        qsort(s->segments.v, s->segments.n, sizeof *s->segments.v, by_begin);
    }
    return OK;
}

/* Cuts what a crash left half-written behind the last whole record: it was never acknowledged. */
static status mend_end(struct spool *s, struct error *why)
{
    if (s->segments.n == 0) {
        return OK;
    }
    struct segment *last = &s->segments.v[s->segments.n - 1];
    char name[4096];
    name_of(s, last->begin, name, sizeof name);
    s->out = open(name, O_RDWR | O_CLOEXEC);
    if (s->out < 0) {
        return error_set(why, "%s: cannot be opened: %s", name, strerror(errno));
    }
    struct arena room;
    arena_init(&room, "spool", 0);
    uint64_t size = last->end - last->begin, whole = 0;
    for (uint64_t at = 0; at < size;) {
        str payload;
        at = next_whole(s->out, last->begin, at, size, &room, &payload);
        if (at < size) {
            at += sizeof(struct header) + payload.n;
            whole = at;
        }
    }
    arena_finish(&room);
    if (whole < size && ftruncate(s->out, (off_t)whole) != 0) {
        return error_set(why, "%s: its torn end cannot be cut: %s", name, strerror(errno));
    }
    last->end = last->begin + whole;
    return OK;
}

static uint64_t default_limit(const char *folder)
{
    struct statvfs disk;
    if (statvfs(folder, &disk) != 0) {
        return LIMIT;
    }
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize / 5 * 4;
    return room < LIMIT ? room : LIMIT;
}

/* Places mean something in this spool only: who remembers one remembers the id with it. */
static status read_id(struct spool *s, struct error *why)
{
    if (pread(s->lock, s->id, 16, 0) == 16) {
        return OK;
    }
    uint64_t random;
    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random) {
        return error_set(why, "the system gives no random numbers");
    }
    snprintf(s->id, sizeof s->id, "%016llx", (unsigned long long)random);
    if (pwrite(s->lock, s->id, 16, 0) != 16 || fsync(s->lock) != 0) {
        return error_set(why, "%s: cannot be written: %s", s->folder, strerror(errno));
    }
    return OK;
}

const char *spool_id(const struct spool *s)
{
    return s->id;
}

static status take_folder(struct spool *s, struct error *why)
{
    if (mkdir(s->folder, 0700) != 0 && errno != EEXIST) {
        return error_set(why, "%s: cannot be made: %s", s->folder, strerror(errno));
    }
    char name[4096];
    snprintf(name, sizeof name, "%s/lock", s->folder);
    s->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock < 0) {
        return error_set(why, "%s: cannot be opened: %s", name, strerror(errno));
    }
    if (flock(s->lock, LOCK_EX | LOCK_NB) != 0) {
        error_set(why, "%s: another process has this spool", s->folder);
        return BUSY;
    }
    return read_id(s, why);
}

status spool_open(const char *folder, const struct spool_options *options, struct spool **ret,
                  struct error *why)
{
    struct spool *s = mem_get(sizeof *s);
    s->folder = strdup(folder);
    s->lock = s->out = s->in = -1;
    s->oldest = WHEN_NONE;
    s->segment_size = options->segment > 0 ? options->segment : SEGMENT;
    pthread_mutex_init(&s->mutex, NULL);
    pthread_condattr_t clock;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &clock);
    pthread_condattr_destroy(&clock);
    status_code code;
    TRY_GOTO(code, done, take_folder(s, why));
    TRY_GOTO(code, done, list_segments(s, why));
    TRY_GOTO(code, done, mend_end(s, why));
    s->limit = options->limit > 0 ? options->limit : default_limit(folder);
    if (s->segments.n > 0) {
        s->end = s->queued = s->segments.v[s->segments.n - 1].end;
        s->done = s->segments.v[0].begin;
    }
    *ret = s;
done:
    if (code != OK) {
        spool_close(s);
    }
    return code;
}

void spool_close(struct spool *s)
{
    if (s == NULL) {
        return;
    }
    assert(!s->writing && s->forming == NULL);
    if (s->out >= 0) {
        close(s->out);
    }
    if (s->in >= 0) {
        close(s->in);
    }
    if (s->lock >= 0) {
        close(s->lock);
    }
    VEC_FINISH(&s->segments);
    pthread_mutex_destroy(&s->mutex);
    pthread_cond_destroy(&s->changed);
    free(s->folder);
    mem_put(s);
}

/* --- appending ------------------------------------------------------------------------------ */

static bool new_segment(struct spool *s, uint64_t begin, struct error *why)
{
    char name[4096];
    name_of(s, begin, name, sizeof name);
    int file = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    int folder = open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool fine = file >= 0 && folder >= 0 && fsync(folder) == 0;
    if (!fine) {
        error_set(why, "%s: cannot be made: %s", name, strerror(errno));
        if (file >= 0) {
            close(file);
            unlink(name);
        }
    } else {
        if (s->out >= 0) {
            close(s->out);
        }
        s->out = file;
    }
    if (folder >= 0) {
        close(folder);
    }
    return fine;
}

static bool write_group(int file, str bytes, uint64_t offset, struct error *why)
{
    for (size_t at = 0; at < bytes.n;) {
        ssize_t wrote = pwrite(file, bytes.p + at, bytes.n - at, (off_t)(offset + at));
        if (wrote < 0 && errno == EINTR) {
            continue;
        }
        if (wrote <= 0) {
            error_set(why, "writing: %s", strerror(wrote == 0 ? ENOSPC : errno));
            return false;
        }
        at += (size_t)wrote;
    }
    if (fdatasync(file) != 0) {
        error_set(why, "fdatasync: %s", strerror(errno));
        return false;
    }
    return true;
}

static void leave(struct group *g) /* with the mutex */
{
    if (--g->waiting == 0) {
        buf_finish(&g->records);
        mem_put(g);
    }
}

/* Writes the forming group. Called, and returns, with the mutex; gives it up meanwhile. A group
 * that cannot be written takes the one forming behind it along: its places would leave a hole. */
static void write_forming(struct spool *s)
{
    struct group *g = s->forming;
    s->forming = NULL;
    s->writing = true;
    uint64_t begin = s->end;
    bool fresh =
        s->segments.n == 0 || begin - s->segments.v[s->segments.n - 1].begin >= s->segment_size;
    uint64_t segment = fresh ? begin : s->segments.v[s->segments.n - 1].begin;
    pthread_mutex_unlock(&s->mutex);
    struct error why = {0};
    bool made = !fresh || new_segment(s, begin, &why);
    bool fine = made && write_group(s->out, buf_str(&g->records), begin - segment, &why);
    if (made && !fine) { /* if this fails too, the next group overwrites what is behind the end */
        (void)!ftruncate(s->out, (off_t)(begin - segment));
    }
    pthread_mutex_lock(&s->mutex);
    if (made && fresh) {
        VEC_ADD(&s->segments, (struct segment){begin, begin});
    }
    g->code = fine ? OK : BUSY;
    if (fine) {
        s->end += g->records.n;
        s->segments.v[s->segments.n - 1].end = s->end;
    } else {
        snprintf(g->trouble, sizeof g->trouble, "%.255s", why.text);
        if (s->forming != NULL) {
            s->forming->code = BUSY;
            memcpy(s->forming->trouble, g->trouble, sizeof g->trouble);
            s->forming = NULL;
        }
        s->queued = s->end;
    }
    s->writing = false;
    pthread_cond_broadcast(&s->changed);
}

status spool_append(struct spool *s, const struct delivery *d, uint64_t *ret_place,
                    struct error *why)
{
    pthread_mutex_lock(&s->mutex);
    if (s->queued - s->done + d->body.n > s->limit) {
        uint64_t waiting = s->queued - s->done;
        pthread_mutex_unlock(&s->mutex);
        error_set(why, "the spool is full: %llu bytes wait to be stored",
                  (unsigned long long)waiting);
        return BUSY;
    }
    if (s->forming == NULL) {
        s->forming = mem_get(sizeof *s->forming);
        s->forming->code = END;
    }
    struct group *g = s->forming;
    size_t before = g->records.n;
    uint64_t place = s->queued;
    encode(&g->records, d, place);
    s->queued += g->records.n - before;
    g->waiting++;
    while (g->code == END) {
        if (s->writing) {
            pthread_cond_wait(&s->changed, &s->mutex);
        } else {
            write_forming(s);
        }
    }
    status_code code = g->code;
    if (code != OK) {
        error_set(why, "the delivery could not be kept in %s: %s", s->folder, g->trouble);
    }
    leave(g);
    pthread_mutex_unlock(&s->mutex);
    *ret_place = place;
    return code;
}

/* --- reading -------------------------------------------------------------------------------- */

/* The segment that `place` lies in, or the first behind it. False: nothing is there yet. */
static bool segment_at(struct spool *s, uint64_t place, struct segment *ret)
{
    pthread_mutex_lock(&s->mutex);
    bool found = false;
    for (size_t i = 0; i < s->segments.n && !found; i++) {
        if (s->segments.v[i].end > place) {
            *ret = s->segments.v[i];
            found = true;
        }
    }
    pthread_mutex_unlock(&s->mutex);
    return found;
}

static status open_segment(struct spool *s, uint64_t begin, struct error *why)
{
    if (s->in >= 0 && s->in_begin == begin) {
        return OK;
    }
    if (s->in >= 0) {
        close(s->in);
    }
    char name[4096];
    name_of(s, begin, name, sizeof name);
    s->in = open(name, O_RDONLY | O_CLOEXEC);
    s->in_begin = begin;
    return s->in >= 0 ? OK : error_set(why, "%s: cannot be opened: %s", name, strerror(errno));
}

status spool_read(struct spool *s, uint64_t place, struct arena *room, struct spool_record *ret,
                  struct error *why)
{
    struct segment segment;
    uint64_t skipped = 0;
    while (segment_at(s, place, &segment)) {
        TRY(open_segment(s, segment.begin, why));
        uint64_t from = place > segment.begin ? place - segment.begin : 0;
        uint64_t size = segment.end - segment.begin;
        str payload = {0};
        uint64_t at = next_whole(s->in, segment.begin, from, size, room, &payload);
        skipped += at - from;
        if (at == size) { /* nothing whole is left in it */
            place = segment.end;
            continue;
        }
        *ret = (struct spool_record){.place = segment.begin + at,
                                     .next = segment.begin + at + sizeof(struct header) + payload.n,
                                     .skipped = skipped};
        if (!decode(payload, room, &ret->delivery)) {
            skipped += sizeof(struct header) + payload.n;
            place = ret->next;
            continue;
        }
        pthread_mutex_lock(&s->mutex);
        s->oldest_place = ret->place;
        s->oldest = ret->delivery.received;
        pthread_mutex_unlock(&s->mutex);
        return OK;
    }
    return END;
}

void spool_wait(struct spool *s, uint64_t place, lapse at_most)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t nanoseconds = until.tv_nsec + at_most % SECOND * 1000;
    until.tv_sec += at_most / SECOND + nanoseconds / 1000000000;
    until.tv_nsec = nanoseconds % 1000000000;
    pthread_mutex_lock(&s->mutex);
    while (s->end <= place && !s->woken &&
           pthread_cond_timedwait(&s->changed, &s->mutex, &until) == 0) {
    }
    s->woken = false;
    pthread_mutex_unlock(&s->mutex);
}

void spool_wake(struct spool *s)
{
    pthread_mutex_lock(&s->mutex);
    s->woken = true;
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

void spool_done(struct spool *s, uint64_t place, when keep_since)
{
    pthread_mutex_lock(&s->mutex);
    s->done = place > s->done ? place : s->done;
    size_t gone = 0;
    while (gone + 1 < s->segments.n && s->segments.v[gone].end <= s->done) {
        char name[4096];
        struct stat st;
        name_of(s, s->segments.v[gone].begin, name, sizeof name);
        if (stat(name, &st) == 0 && (when)st.st_mtime * SECOND >= keep_since) {
            break;
        }
        unlink(name);
        gone++;
    }
    if (gone > 0) {
        s->segments.n -= gone;
        memmove(s->segments.v, s->segments.v + gone, s->segments.n * sizeof *s->segments.v);
    }
    pthread_mutex_unlock(&s->mutex);
}

void spool_state(struct spool *s, struct spool_state *ret)
{
    pthread_mutex_lock(&s->mutex);
    *ret = (struct spool_state){
        .first = s->segments.n > 0 ? s->segments.v[0].begin : s->end,
        .done = s->done,
        .end = s->end,
        .oldest = s->oldest_place >= s->done && s->end > s->done ? s->oldest : WHEN_NONE,
    };
    for (size_t i = 0; i < s->segments.n; i++) {
        ret->bytes += s->segments.v[i].end - s->segments.v[i].begin;
    }
    pthread_mutex_unlock(&s->mutex);
}
