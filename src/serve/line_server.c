/* The server's end: a thread accepts; for every asker one thread listens and one runs the command,
 * in a working folder of its own (threads of Linux may have that), with the server's lock held. */
#include "serve/line_parts.h"
#include "serve/server.h"

#include "base/mem.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

enum { ASKERS = 32, READ_S = 10, SEND_S = 30, SERVER_STOPS = -1 };

struct line_server {
    struct server *server;
    char path[PATH_MAX];
    int socket;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t left;
    size_t open;
    atomic_bool quiet;
    atomic_bool stop;
};

struct asker {
    struct line_server *of;
    int socket;
    struct buf bytes;
    struct arena text;
    struct serve_line line;
    int files[2];
    int file_n;
    atomic_int stop;
    int done; /* an eventfd */
    struct buf out, err;
    int code;
};

static bool same_user(int socket)
{
    struct ucred peer;
    socklen_t n = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &n) == 0 && peer.uid == geteuid();
}

/* Reads n bytes, and the descriptors that come along. */
static bool receive(struct asker *a, void *bytes, size_t n)
{
    char *p = bytes;
    while (n > 0) {
        union {
            struct cmsghdr align;
            char room[CMSG_SPACE(2 * sizeof(int))];
        } control;
        struct iovec part = {p, n};
        struct msghdr message = {.msg_iov = &part,
                                 .msg_iovlen = 1,
                                 .msg_control = control.room,
                                 .msg_controllen = sizeof control.room};
        ssize_t got = recvmsg(a->socket, &message, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return false;
        }
        for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c != NULL; c = CMSG_NXTHDR(&message, c)) {
            if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) {
                continue;
            }
            size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < count; i++) {
                int file;
                memcpy(&file, CMSG_DATA(c) + i * sizeof file, sizeof file);
                if (a->file_n < 2) {
                    a->files[a->file_n++] = file;
                } else {
                    close(file);
                }
            }
        }
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool read_question(struct asker *a)
{
    unsigned char head[4];
    if (!receive(a, head, sizeof head)) {
        return false;
    }
    size_t n = line_get_u32(head);
    if (n == 0 || n > LINE_QUESTION || !receive(a, buf_room(&a->bytes, n), n)) {
        return false;
    }
    a->bytes.n = n;
    int need = 0;
    if (!line_read(buf_str(&a->bytes), &a->text, &a->line)) {
        return false;
    }
    if (a->line.standard_in >= 0) {
        a->line.standard_in = need < a->file_n ? a->files[need] : -1;
        need++;
    }
    if (a->line.standard_out >= 0) {
        a->line.standard_out = need < a->file_n ? a->files[need] : -1;
        need++;
    }
    a->line.socket = a->socket;
    return need == a->file_n;
}

/* --- the run --- */

static bool lock_unless_stopped(struct asker *a)
{
    struct server *s = a->of->server;
    for (;;) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 100000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (server_lock_until(s, &until)) {
            return true;
        }
        if (atomic_load(&a->stop) != 0) {
            return false;
        }
    }
}

static void refuse(struct asker *a, int code, const char *sentence)
{
    buf_addf(&a->err, "weir: %s\n", sentence);
    a->code = code;
}

static void *run(void *cookie)
{
    struct asker *a = cookie;
    struct server *s = a->of->server;
    if (unshare(CLONE_FS) != 0 || chdir(a->line.folder) != 0) {
        refuse(a, 2, "the server that holds the store cannot enter the folder that you are in");
    } else if (!lock_unless_stopped(a)) {
        int n = atomic_load(&a->stop);
        a->code = n == SIGALRM || n <= 0 ? 75 : 128 + n;
        if (n == SIGALRM) {
            refuse(a, 75, "gave up: the time of --timeout is over; the server is busy");
        }
    } else {
        const struct serve_ask ask = {
            .argv = a->line.argv, .argc = a->line.argc, .line = &a->line, .stop = &a->stop};
        a->code = s->host->run(&ask, &a->out, &a->err, s->host->cookie);
        server_unlock(s);
    }
    uint64_t one = 1;
    ssize_t n = write(a->done, &one, sizeof one);
    assert(n == (ssize_t)sizeof one);
    return NULL;
}

/* Listens while the command runs: the asker may stop it, or go. */
static void listen_to(struct asker *a)
{
    bool silent = false;
    for (;;) {
        char said[2];
        struct pollfd ready[2] = {{.fd = a->done, .events = POLLIN},
                                  {.fd = silent ? -1 : a->socket, .events = POLLIN}};
        if (atomic_load(&a->of->stop)) {
            atomic_store(&a->stop, SERVER_STOPS);
        }
        if (poll(ready, 2, 200) <= 0) {
            continue;
        }
        if (ready[0].revents != 0) {
            return;
        }
        ssize_t n = recv(a->socket, said, sizeof said, MSG_DONTWAIT);
        if (n == 2 && said[0] == 'i') {
            atomic_store(&a->stop, said[1]);
        } else if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            atomic_store(&a->stop, SIGPIPE); /* nobody waits for this any more */
            silent = true;
        }
    }
}

static void answer(struct asker *a)
{
    struct server *s = a->of->server;
    pthread_t thread;
    char code[8];
    a->done = eventfd(0, EFD_CLOEXEC);
    if (strcmp(a->line.version, s->host->version) != 0) {
        (void)line_frame(a->socket, 'v', str_of(s->host->version));
        return;
    }
    if (a->done < 0 || pthread_create(&thread, NULL, run, a) != 0) {
        refuse(a, 75, "the server that holds the store has no thread left");
    } else {
        listen_to(a);
        pthread_join(thread, NULL);
    }
    if (a->done >= 0) {
        close(a->done);
    }
    (void)snprintf(code, sizeof code, "%d", a->code);
    bool sent = (a->err.n == 0 || line_frame(a->socket, 'm', buf_str(&a->err))) &&
                (a->out.n == 0 || line_frame(a->socket, 'o', buf_str(&a->out))) &&
                line_frame(a->socket, 'x', str_of(code));
    (void)sent; /* who has gone needs nothing */
}

static void *attend(void *cookie)
{
    struct asker *a = cookie;
    struct line_server *l = a->of;
    struct timeval read_time = {READ_S, 0}, send_time = {SEND_S, 0};
    setsockopt(a->socket, SOL_SOCKET, SO_RCVTIMEO, &read_time, sizeof read_time);
    setsockopt(a->socket, SOL_SOCKET, SO_SNDTIMEO, &send_time, sizeof send_time);
    if (!same_user(a->socket)) {
        static const char SENTENCE[] =
            "weir: the server that holds the store belongs to another user\n"
            "  Ask it over HTTP, or call weir as that user.\n";
        (void)line_frame(a->socket, 'm', str_of(SENTENCE));
        (void)line_frame(a->socket, 'x', STR("2"));
    } else if (read_question(a)) {
        answer(a);
    }
    close(a->socket);
    for (int i = 0; i < a->file_n; i++) {
        close(a->files[i]);
    }
    buf_finish(&a->bytes);
    buf_finish(&a->out);
    buf_finish(&a->err);
    arena_finish(&a->text);
    mem_put(a);
    pthread_mutex_lock(&l->lock);
    l->open--;
    pthread_cond_signal(&l->left);
    pthread_mutex_unlock(&l->lock);
    return NULL;
}

/* --- accepting --- */

static void take(struct line_server *l, int socket)
{
    struct asker *a = mem_get(sizeof *a);
    pthread_attr_t detached;
    pthread_t thread;
    *a = (struct asker){.of = l, .socket = socket};
    arena_init(&a->text, "asker", LINE_QUESTION * 2);
    pthread_mutex_lock(&l->lock);
    bool room = l->open < ASKERS;
    l->open += room;
    pthread_mutex_unlock(&l->lock);
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    if (!room || pthread_create(&thread, &detached, attend, a) != 0) {
        (void)line_frame(socket, 'm', STR("weir: too many commands wait for the server already\n"));
        (void)line_frame(socket, 'x', STR("75"));
        close(socket);
        arena_finish(&a->text);
        mem_put(a);
        pthread_mutex_lock(&l->lock);
        l->open -= room;
        pthread_mutex_unlock(&l->lock);
    }
    pthread_attr_destroy(&detached);
}

static void *accept_all(void *cookie)
{
    struct line_server *l = cookie;
    while (!atomic_load(&l->quiet)) {
        struct pollfd ready = {.fd = l->socket, .events = POLLIN};
        if (poll(&ready, 1, 200) > 0) {
            int s = accept4(l->socket, NULL, NULL, SOCK_CLOEXEC);
            if (s >= 0) {
                take(l, s);
            }
        }
    }
    return NULL;
}

status_code line_start(struct server *s, struct line_server **ret, struct error *why)
{
    struct line_server *l = mem_get(sizeof *l);
    struct sockaddr_un at;
    int folder = -1;
    l->server = s;
    l->socket = -1;
    status_code code = OK;
    if (!line_path(s->options->where, l->path, sizeof l->path) ||
        !line_address(l->path, &at, &folder)) {
        code = error_set(why, "the path of the store is too long for a socket beside it");
        goto fail;
    }
    l->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    (void)unlink(l->path); /* we hold the store: whoever listened there is gone */
    if (l->socket < 0 || fchmod(l->socket, 0600) != 0 ||
        bind(l->socket, (const void *)&at, sizeof at) != 0 || chmod(l->path, 0600) != 0 ||
        listen(l->socket, ASKERS) != 0) {
        code = error_set(why, "cannot listen on %s: %s", l->path, strerror(errno));
        error_hint(why, "The folder of the store must be writable.");
        goto fail;
    }
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->left, NULL);
    if (pthread_create(&l->thread, NULL, accept_all, l) != 0) {
        code = error_set(why, "there is no thread left for the command line");
        (void)unlink(l->path);
        goto fail;
    }
    if (folder >= 0) {
        close(folder);
    }
    *ret = l;
    return OK;
fail:
    if (folder >= 0) {
        close(folder);
    }
    if (l->socket >= 0) {
        close(l->socket);
    }
    mem_put(l);
    return code;
}

void line_quiesce(struct line_server *l)
{
    if (!atomic_exchange(&l->quiet, true)) {
        pthread_join(l->thread, NULL);
        (void)unlink(l->path);
        close(l->socket);
    }
}

size_t line_open(struct line_server *l)
{
    pthread_mutex_lock(&l->lock);
    size_t n = l->open;
    pthread_mutex_unlock(&l->lock);
    return n;
}

void line_stop(struct line_server *l)
{
    line_quiesce(l);
    atomic_store(&l->stop, true);
    pthread_mutex_lock(&l->lock);
    while (l->open > 0) {
        pthread_cond_wait(&l->left, &l->lock);
    }
    pthread_mutex_unlock(&l->lock);
    pthread_cond_destroy(&l->left);
    pthread_mutex_destroy(&l->lock);
    mem_put(l);
}
