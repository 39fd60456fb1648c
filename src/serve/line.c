/* What both ends of the socket share, and the asker's end. */
#include "serve/line.h"

#include "base/arena.h"
#include "base/mem.h"
#include "base/progress.h"
#include "serve/line_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FORM "weir-line-1"

bool line_path(const char *store, char *ret, size_t n)
{
    char real[PATH_MAX];
    const char *path = realpath(store, real) != NULL ? real : store;
    int length = snprintf(ret, n, "%s.sock", path);
    return length > 0 && (size_t)length < n && path[0] == '/';
}

/* An address holds 107 bytes of a path; a longer one goes through the descriptor of its folder. */
bool line_address(const char *path, struct sockaddr_un *ret, int *ret_folder)
{
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    *ret_folder = -1;
    if (strlen(path) < sizeof ret->sun_path) {
        memcpy(ret->sun_path, path, strlen(path) + 1);
        return true;
    }
    char folder[PATH_MAX];
    const char *name = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(name - path), path);
    *ret_folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int n = snprintf(ret->sun_path, sizeof ret->sun_path, "/proc/self/fd/%d%s", *ret_folder, name);
    if (*ret_folder >= 0 && (n < 0 || (size_t)n >= sizeof ret->sun_path)) {
        close(*ret_folder);
        *ret_folder = -1;
    }
    return *ret_folder >= 0;
}

/* --- the question --- */

static void text(struct buf *out, const char *s)
{
    buf_add(out, str_of(s));
    buf_putc(out, 0);
}

static void number(struct buf *out, long long n)
{
    buf_addf(out, "%lld", n);
    buf_putc(out, 0);
}

void line_write(const struct serve_line *q, struct buf *out)
{
    text(out, FORM);
    text(out, q->version);
    text(out, q->folder);
    number(out, q->in);
    number(out, q->out);
    number(out, q->err);
    number(out, q->columns);
    number(out, q->rows);
    number(out, q->standard_in >= 0);
    number(out, q->standard_out >= 0);
    number(out, (long long)q->argc);
    for (size_t i = 0; i < q->argc; i++) {
        text(out, q->argv[i]);
    }
    for (size_t i = 0; q->environment != NULL && q->environment[i] != NULL; i++) {
        text(out, q->environment[i]);
    }
}

static bool next_number(str *rest, int64_t most, int64_t *ret)
{
    str part;
    return str_cut(rest, 0, &part) && str_to_i64(part, ret) && *ret >= 0 && *ret <= most;
}

bool line_read(str bytes, struct arena *a, struct serve_line *ret)
{
    str part, version, folder;
    int64_t n[8];
    static const int64_t MOST[8] = {1, 1, 1, 100000, 100000, 1, 1, 65536};
    *ret = (struct serve_line){.standard_in = -1, .standard_out = -1, .socket = -1};
    if (bytes.n == 0 || bytes.p[bytes.n - 1] != 0) {
        return false;
    }
    bytes.n--; /* every text is followed by its end */
    if (!str_cut(&bytes, 0, &part) || !str_eq(part, STR(FORM)) || !str_cut(&bytes, 0, &version) ||
        !str_cut(&bytes, 0, &folder)) {
        return false;
    }
    for (size_t i = 0; i < 8; i++) {
        if (!next_number(&bytes, MOST[i], &n[i])) {
            return false;
        }
    }
    ret->version = version.p;
    ret->folder = folder.p;
    ret->in = n[0] != 0;
    ret->out = n[1] != 0;
    ret->err = n[2] != 0;
    ret->columns = (int)n[3];
    ret->rows = (int)n[4];
    ret->standard_in = n[5] != 0 ? 0 : -1; /* the descriptor itself comes beside */
    ret->standard_out = n[6] != 0 ? 0 : -1;
    ret->argc = (size_t)n[7];
    const char **argv = ARENA_ARRAY(a, const char *, ret->argc + 1);
    for (size_t i = 0; i < ret->argc; i++) {
        if (argv == NULL || !str_cut(&bytes, 0, &part)) {
            return false;
        }
        argv[i] = part.p;
    }
    size_t variables = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        variables += bytes.p[i] == 0;
    }
    const char **environment = ARENA_ARRAY(a, const char *, variables + 2);
    if (argv == NULL || environment == NULL) {
        return false;
    }
    for (size_t i = 0; str_cut(&bytes, 0, &part); i++) {
        environment[i] = part.p;
    }
    ret->argv = argv;
    ret->environment = environment;
    return true;
}

/* --- frames --- */

void line_put_u32(unsigned char out[4], size_t n)
{
    for (int i = 0; i < 4; i++) {
        out[i] = (unsigned char)(n >> 8 * i);
    }
}

size_t line_get_u32(const unsigned char in[4])
{
    return (size_t)in[0] | (size_t)in[1] << 8 | (size_t)in[2] << 16 | (size_t)in[3] << 24;
}

bool line_send_all(int socket, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n > 0) {
        ssize_t sent = send(socket, p, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return false;
        }
        p += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool line_frame(int socket, char letter, str bytes)
{
    unsigned char head[5] = {(unsigned char)letter};
    do { /* in parts, so that a reader needs little memory */
        str part = str_first(bytes, LINE_PART);
        bytes = str_from(bytes, part.n);
        line_put_u32(head + 1, part.n);
        if (!line_send_all(socket, head, sizeof head) || !line_send_all(socket, part.p, part.n)) {
            return false;
        }
    } while (bytes.n > 0);
    return true;
}

/* --- the asker --- */

static bool send_question(int socket, const struct serve_line *q)
{
    struct buf out = {0};
    unsigned char head[4];
    int files[2], count = 0;
    union {
        struct cmsghdr align;
        char room[CMSG_SPACE(sizeof files)];
    } control = {0};
    line_write(q, &out);
    line_put_u32(head, out.n);
    if (q->standard_in >= 0) {
        files[count++] = q->standard_in;
    }
    if (q->standard_out >= 0) {
        files[count++] = q->standard_out;
    }
    struct iovec part = {head, sizeof head};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (count > 0) {
        size_t n = (size_t)count * sizeof(int);
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(n);
        struct cmsghdr *c = CMSG_FIRSTHDR(&message);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n);
        memcpy(CMSG_DATA(c), files, n);
    }
    bool sent = sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof head &&
                line_send_all(socket, out.p, out.n);
    buf_finish(&out);
    return sent;
}

/* Reads n bytes; meanwhile passes on the signals that come. */
static bool receive(int socket, void *bytes, size_t n, int *told)
{
    char *p = bytes;
    while (n > 0) {
        int signal = interrupt_signal();
        if (signal != 0 && signal != *told) {
            char stop[2] = {'i', (char)signal};
            *told = signal;
            (void)line_send_all(socket, stop, sizeof stop);
        }
        struct pollfd ready = {.fd = socket, .events = POLLIN};
        if (poll(&ready, 1, 200) <= 0) {
            continue;
        }
        ssize_t got = recv(socket, p, n, 0);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static status gone(struct error *why)
{
    error_set(why, "the server that holds the store went away before it had answered");
    error_hint(why, "Try again.");
    return BUSY;
}

static status take_frames(int socket, const char *version, const struct line_sink *sink,
                          int *ret_code, struct error *why)
{
    int told = 0;
    struct buf part = {0};
    status_code s = OK;
    for (bool ends = false; s == OK && !ends;) {
        unsigned char head[5];
        int64_t code;
        size_t n = receive(socket, head, sizeof head, &told) ? line_get_u32(head + 1) : SIZE_MAX;
        buf_clear(&part);
        if (n > LINE_PART || !receive(socket, buf_room(&part, n + 1), n, &told)) {
            s = gone(why);
            break;
        }
        part.n = n;
        switch (head[0]) {
        case 'f':
            s = sink->flush(buf_str(&part), sink->cookie);
            break;
        case 'm':
            sink->message(buf_str(&part), sink->cookie);
            break;
        case 'o':
            sink->rest(buf_str(&part), sink->cookie);
            break;
        case 'x':
            ends = str_to_i64(buf_str(&part), &code) && code >= 0 && code < 256;
            *ret_code = ends ? (int)code : 0;
            s = ends ? OK : gone(why);
            break;
        case 'v':
            error_set(why, "the server that holds the store is weir " STR_FMT ", this is %s",
                      STR_ARG(buf_str(&part)), version);
            error_id(why, "E6003");
            error_hint(why, "Start the server again with this version, or call the other one.");
            s = BUSY;
            break;
        default:
            s = gone(why);
        }
    }
    buf_finish(&part);
    return s;
}

status_code line_ask(const char *store, const struct serve_line *question,
                     const struct line_sink *sink, int *ret_code, struct error *why)
{
    char path[PATH_MAX];
    struct sockaddr_un at;
    int folder = -1;
    if (!line_path(store, path, sizeof path) || !line_address(path, &at, &folder)) {
        return END;
    }
    int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = s >= 0 && connect(s, (const void *)&at, sizeof at) == 0;
    if (folder >= 0) {
        close(folder);
    }
    status_code code = END; /* none, or what a server left that is gone */
    if (there) {
        code = send_question(s, question) ? take_frames(s, question->version, sink, ret_code, why)
                                          : gone(why);
    }
    if (s >= 0) {
        close(s);
    }
    return code;
}

bool line_flush(const struct serve_line *l, str bytes)
{
    return line_frame(l->socket, 'f', bytes);
}

bool line_message(const struct serve_line *l, str bytes)
{
    return line_frame(l->socket, 'm', bytes);
}
