/* A stream is a chain of three: where the bytes come from (file or memory, `fill`), how they expand
 * (`decode`), and the head kept back for stream_peek. Compressed formats may be several members one
 * behind the other (gzip from log rotation, pzstd): between two members `in_member` is false, and
 * only there may the input end. */
#include "wire/stream.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/progress.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

enum { INPUT = 256 << 10, BOMB_RATIO = 1000, WINDOW_LOG_MAX = 27 };
static const uint64_t BOMB_FROM = 64u << 20;

struct stream {
    int fd; /* -1: memory */
    bool close_fd;
    enum stream_kind kind;
    struct buf name;
    const unsigned char *in; /* what was read and not yet decoded */
    size_t in_n;
    unsigned char *input; /* room for it; NULL for memory */
    bool in_ended;
    uint64_t taken, size, given, expanded;
    uint64_t ratio, ratio_from;
    bool in_member, ended;
    z_stream gzip;
    ZSTD_DStream *zstd;
    struct buf head; /* peeked, of which `head_at` bytes are given */
    size_t head_at;
    char broken[160];
};

/* Makes sure that something is in `in`, unless the input has ended. */
static status fill(struct stream *s, struct error *why)
{
    while (s->in_n == 0 && !s->in_ended) {
        ssize_t n = s->fd < 0 ? 0 : read(s->fd, s->input, INPUT);
        if (n < 0 && errno == EINTR) {
            if (interrupt_signal() != 0) {
                return INTERRUPTED;
            }
            continue;
        }
        if (n < 0) {
            return error_set(why, "%s cannot be read: %s", buf_cstr(&s->name), strerror(errno));
        }
        s->in_ended = n == 0;
        s->in = s->input;
        s->in_n = (size_t)n;
        s->taken += (uint64_t)n;
    }
    return OK;
}

static const char *kind_word(const struct stream *s)
{
    return s->kind == STREAM_GZIP ? "gzip" : "zstd";
}

static void breaks(struct stream *s, const char *what)
{
    snprintf(s->broken, sizeof s->broken, "the %s data %s after %llu bytes of content",
             kind_word(s), what, (unsigned long long)s->expanded);
    s->ended = true;
}

static status check_bomb(struct stream *s, struct error *why)
{
    uint64_t consumed = s->taken - s->in_n;
    if (s->ratio > 0 && s->expanded > s->ratio_from && s->expanded / s->ratio > consumed) {
        error_set(why,
                  "%s expands more than %llu times (%llu bytes so far): this looks like a "
                  "decompression bomb and is refused",
                  buf_cstr(&s->name), (unsigned long long)s->ratio,
                  (unsigned long long)s->expanded);
        error_hint(why, "decompress it yourself and import the result, if you trust it");
        return FAIL;
    }
    return OK;
}

/* What stands behind a finished member: another one, padding of zeros, or nothing. */
static bool next_member(struct stream *s)
{
    if (s->kind == STREAM_GZIP) {
        while (s->in_n > 0 && *s->in == 0 && s->expanded > 0) {
            s->in++;
            s->in_n--;
        }
        if (s->in_n == 0) {
            return true;
        }
        if (*s->in != 0x1f) {
            breaks(s, "are followed by something else");
            return false;
        }
        inflateReset(&s->gzip);
    }
    s->in_member = true;
    return true;
}

static void inflate_some(struct stream *s, unsigned char *out, size_t room, size_t *ret_n)
{
    uInt in_n = s->in_n > INPUT ? INPUT : (uInt)s->in_n;
    uInt out_n = room > INPUT ? INPUT : (uInt)room;
    s->gzip.next_in = s->in;
    s->gzip.avail_in = in_n;
    s->gzip.next_out = out;
    s->gzip.avail_out = out_n;
    int result = inflate(&s->gzip, Z_NO_FLUSH);
    s->in += in_n - s->gzip.avail_in;
    s->in_n -= in_n - s->gzip.avail_in;
    *ret_n = out_n - s->gzip.avail_out;
    s->expanded += *ret_n;
    if (result == Z_STREAM_END) {
        s->in_member = false;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        breaks(s, "are damaged");
    }
}

static void unzstd_some(struct stream *s, unsigned char *out, size_t room, size_t *ret_n)
{
    ZSTD_inBuffer in = {s->in, s->in_n, 0};
    ZSTD_outBuffer to = {out, room, 0};
    size_t result = ZSTD_decompressStream(s->zstd, &to, &in);
    s->in += in.pos;
    s->in_n -= in.pos;
    *ret_n = to.pos;
    s->expanded += to.pos;
    if (ZSTD_isError(result)) {
        breaks(s, "are damaged");
    } else if (result == 0) {
        s->in_member = false;
    }
}

static status decode(struct stream *s, unsigned char *out, size_t room, size_t *ret_n,
                     struct error *why)
{
    *ret_n = 0;
    while (*ret_n == 0 && !s->ended) {
        TRY(fill(s, why));
        bool starved = s->in_n == 0;
        if (starved && !s->in_member) {
            s->ended = true;
            break;
        }
        if (!s->in_member && !next_member(s)) {
            break;
        }
        if (!s->in_member) {
            continue;
        }
        if (s->kind == STREAM_GZIP) {
            inflate_some(s, out, room, ret_n);
        } else {
            unzstd_some(s, out, room, ret_n);
        }
        if (starved && *ret_n == 0 && s->in_member && !s->ended) {
            breaks(s, "break off");
        }
        TRY(check_bomb(s, why));
    }
    return *ret_n > 0 ? OK : END;
}

static status copy(struct stream *s, unsigned char *out, size_t room, size_t *ret_n,
                   struct error *why)
{
    if (s->in_n == 0 && s->fd >= 0 && room >= INPUT) { /* straight to the reader, without a copy */
        ssize_t n = read(s->fd, out, room);
        if (n > 0) {
            s->taken += (uint64_t)n;
            *ret_n = (size_t)n;
            return OK;
        }
    }
    TRY(fill(s, why));
    if (s->in_n == 0) {
        s->ended = true;
        return END;
    }
    *ret_n = room < s->in_n ? room : s->in_n;
    memcpy(out, s->in, *ret_n);
    s->in += *ret_n;
    s->in_n -= *ret_n;
    return OK;
}

static status produce(struct stream *s, void *out, size_t room, size_t *ret_n, struct error *why)
{
    if (s->ended) {
        return END;
    }
    return s->kind == STREAM_PLAIN ? copy(s, out, room, ret_n, why)
                                   : decode(s, out, room, ret_n, why);
}

status stream_read(struct stream *s, void *ret_bytes, size_t room, size_t *ret_n, struct error *why)
{
    assert(room > 0);
    size_t kept = s->head.n - s->head_at;
    if (kept > 0) {
        *ret_n = room < kept ? room : kept;
        memcpy(ret_bytes, s->head.p + s->head_at, *ret_n);
        s->head_at += *ret_n;
    } else {
        size_t n = 0;
        TRY(produce(s, ret_bytes, room, &n, why));
        *ret_n = n;
    }
    s->given += *ret_n;
    return OK;
}

status stream_peek(struct stream *s, size_t n, str *ret_head, struct error *why)
{
    while (s->head.n - s->head_at < n) {
        size_t more = n - (s->head.n - s->head_at), got = 0;
        status_code done = produce(s, buf_room(&s->head, more), more, &got, why);
        if (done == END) {
            break;
        }
        if (done != OK) {
            return done;
        }
        s->head.n += got;
    }
    *ret_head = str_first(str_from(buf_str(&s->head), s->head_at), n);
    return OK;
}

static status open_decoder(struct stream *s, struct error *why)
{
    static const unsigned char GZIP[] = {0x1f, 0x8b}, ZSTD[] = {0x28, 0xb5, 0x2f, 0xfd},
                               SKIPPABLE[] = {0x2a, 0x4d, 0x18}; /* behind 50 … 5f; pzstd's */
    if (s->in_n >= sizeof GZIP && memcmp(s->in, GZIP, sizeof GZIP) == 0) {
        s->kind = STREAM_GZIP;
        if (inflateInit2(&s->gzip, 15 + 16) != Z_OK) {
            s->kind = STREAM_PLAIN;
            return error_set(why, "%s: zlib cannot be started", buf_cstr(&s->name));
        }
    } else if (s->in_n >= sizeof ZSTD &&
               (memcmp(s->in, ZSTD, sizeof ZSTD) == 0 ||
                ((*s->in & 0xf0) == 0x50 && memcmp(s->in + 1, SKIPPABLE, sizeof SKIPPABLE) == 0))) {
        s->kind = STREAM_ZSTD;
        s->zstd = ZSTD_createDStream();
        assert(s->zstd != NULL);
        ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    }
    return OK;
}

/* Reads the beginning: what compression it is, and whether there is anything in it. */
static status begin(struct stream *s, struct error *why)
{
    TRY(fill(s, why));
    while (s->fd >= 0 && s->in_n < 4 && !s->in_ended) { /* a pipe may give single bytes */
        ssize_t n = read(s->fd, s->input + s->in_n, INPUT - s->in_n);
        if (n < 0 && errno != EINTR) {
            return error_set(why, "%s cannot be read: %s", buf_cstr(&s->name), strerror(errno));
        }
        s->in_ended = n == 0;
        s->in_n += n > 0 ? (size_t)n : 0;
        s->taken += n > 0 ? (uint64_t)n : 0;
    }
    if (s->in_n == 0) {
        return error_set(why, "%s is empty", buf_cstr(&s->name));
    }
    TRY(open_decoder(s, why));
    str head;
    TRY(stream_peek(s, 1, &head, why));
    if (head.n == 0 && s->broken[0] != '\0') {
        return error_set(why, "%s: %s: nothing can be read", buf_cstr(&s->name), s->broken);
    }
    if (head.n == 0) {
        return error_set(why, "%s is empty (%s data without content)", buf_cstr(&s->name),
                         kind_word(s));
    }
    return OK;
}

static struct stream *stream_new(const char *name)
{
    struct stream *s = mem_get(sizeof *s);
    s->fd = -1;
    s->ratio = BOMB_RATIO;
    s->ratio_from = BOMB_FROM;
    buf_add(&s->name, str_of(name));
    buf_cstr(&s->name);
    return s;
}

static _Thread_local int standard_file = -1;

void stream_standard(int file)
{
    standard_file = file;
}

static status open_fd(struct stream *s, const char *path, struct error *why)
{
    bool standard = strcmp(path, "-") == 0;
    s->fd = standard ? standard_file < 0 ? STDIN_FILENO : standard_file
                     : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    s->close_fd = !standard && s->fd >= 0;
    if (s->fd < 0) {
        int code = errno;
        if (code == ENOENT || code == ENOTDIR) {
            return error_set(why, "there is no file \"%s\"", path);
        }
        return error_set(why, "\"%s\" cannot be opened: %s", path,
                         code == EACCES ? "you have no permission to read it" : strerror(code));
    }
    struct stat about;
    if (fstat(s->fd, &about) != 0) {
        return error_set(why, "\"%s\" cannot be looked at: %s", path, strerror(errno));
    }
    if (S_ISDIR(about.st_mode)) {
        error_set(why, "\"%s\" is a directory, not a file", path);
        error_hint(why, "name the files in it");
        return FAIL;
    }
    s->size = S_ISREG(about.st_mode) ? (uint64_t)about.st_size : 0;
    s->input = mem_grow(NULL, INPUT, 1);
    return OK;
}

status stream_open(const char *path, struct stream **ret_stream, struct error *why)
{
    struct stream *s = stream_new(strcmp(path, "-") == 0 ? "standard input" : path);
    status_code done = open_fd(s, path, why);
    if (done == OK) {
        done = begin(s, why);
    }
    if (done != OK) {
        stream_close(s);
        return done;
    }
    *ret_stream = s;
    return OK;
}

status stream_open_memory(const char *name, const void *bytes, size_t n, struct stream **ret_stream,
                          struct error *why)
{
    struct stream *s = stream_new(name);
    s->in = bytes;
    s->in_n = n;
    s->taken = s->size = n;
    status_code done = begin(s, why);
    if (done != OK) {
        stream_close(s);
        return done;
    }
    *ret_stream = s;
    return OK;
}

void stream_close(struct stream *s)
{
    if (s == NULL) {
        return;
    }
    if (s->kind == STREAM_GZIP) {
        inflateEnd(&s->gzip);
    }
    ZSTD_freeDStream(s->zstd);
    if (s->close_fd) {
        close(s->fd);
    }
    buf_finish(&s->name);
    buf_finish(&s->head);
    mem_put(s->input);
    mem_put(s);
}

void stream_limit(struct stream *s, uint64_t ratio, uint64_t from)
{
    s->ratio = ratio;
    s->ratio_from = from;
}

const char *stream_broken(const struct stream *s)
{
    return s->broken[0] != '\0' ? s->broken : NULL;
}

const char *stream_name(const struct stream *s)
{
    return s->name.p; /* terminated by stream_new */
}

enum stream_kind stream_kind(const struct stream *s)
{
    return s->kind;
}

uint64_t stream_taken(const struct stream *s)
{
    return s->taken - s->in_n;
}

uint64_t stream_size(const struct stream *s)
{
    return s->size;
}

uint64_t stream_given(const struct stream *s)
{
    return s->given;
}

static status write_all(int fd, const char *path, str bytes, struct error *why)
{
    while (bytes.n > 0) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            error_set(why, "temporary file %s cannot be written: %s", path, strerror(errno));
            error_hint(why, "set TMPDIR to a folder with more room");
            return FAIL;
        }
        bytes = str_from(bytes, (size_t)n);
    }
    return OK;
}

static status spool(struct stream *s, int fd, const char *path, struct error *why)
{
    char *room = mem_grow(NULL, INPUT, 1);
    status_code done = OK;
    while (done == OK) {
        size_t n = 0;
        done = stream_read(s, room, INPUT, &n, why);
        if (done == OK) {
            done = write_all(fd, path, (str){room, n}, why);
        }
    }
    mem_put(room);
    return done == END ? OK : done;
}

status stream_to_temp(struct stream *s, char ret_path[STREAM_TEMP], struct error *why)
{
    const char *folder = getenv("TMPDIR");
    folder = folder != NULL && folder[0] != '\0' ? folder : "/tmp";
    int length = snprintf(ret_path, STREAM_TEMP, "%s/weir-XXXXXX", folder);
    int fd = length > 0 && length < STREAM_TEMP ? mkostemp(ret_path, O_CLOEXEC) : -1;
    if (fd < 0) {
        error_set(why, "no temporary file can be made in \"%s\": %s", folder, strerror(errno));
        error_hint(why, "set TMPDIR to a folder that you may write to");
        return FAIL;
    }
    status_code done = spool(s, fd, ret_path, why);
    close(fd);
    if (done != OK) {
        unlink(ret_path);
    }
    return done;
}
