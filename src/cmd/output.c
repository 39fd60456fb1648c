#include "cmd/output.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static status_code failed(struct error *why)
{
    error_set(why, "the answer could not be written to standard output: %s", strerror(errno));
    error_id(why, "E1005");
    return FAIL;
}

/* Writes all of it; false with errno set. */
static bool write_all(int file, str text)
{
    while (text.n > 0) {
        ssize_t n = write(file, text.p, text.n);
        if (n >= 0) {
            text = str_from(text, (size_t)n);
        } else if (errno == EAGAIN) { /* somebody made the descriptor non-blocking */
            struct pollfd ready = {.fd = file, .events = POLLOUT};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

status output_write(str text, struct error *why)
{
    if (write_all(STDOUT_FILENO, text)) {
        return OK;
    }
    return errno == EPIPE ? END : failed(why);
}

status output_page(str text, const char *pager)
{
    int ends[2];
    if (pipe(ends) != 0) {
        return FAIL;
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[0], STDIN_FILENO);
    posix_spawn_file_actions_addclose(&files, ends[0]);
    posix_spawn_file_actions_addclose(&files, ends[1]);
    sigset_t usual; /* weir ignores SIGPIPE; its children do not */
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

    /* Ctrl-C is the pager's while it runs. */
    struct sigaction ignore = {.sa_handler = SIG_IGN}, interrupt;
    sigaction(SIGINT, &ignore, &interrupt);
    char *argv[] = {"sh", "-c", (char *)(uintptr_t)pager, NULL};
    pid_t child;
    int failure = posix_spawn(&child, "/bin/sh", &files, &attributes, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
    close(ends[0]);
    int ended = 0;
    if (failure == 0) {
        write_all(ends[1], text); /* a reader who quits early has seen enough */
    }
    close(ends[1]);
    if (failure == 0) {
        while (waitpid(child, &ended, 0) < 0 && errno == EINTR) {
        }
    }
    sigaction(SIGINT, &interrupt, NULL);
    bool started = failure == 0 &&
                   !(WIFEXITED(ended) && (WEXITSTATUS(ended) == 126 || WEXITSTATUS(ended) == 127));
    return started ? OK : FAIL;
}

status output_close(struct error *why)
{
    return close(STDOUT_FILENO) == 0 || errno == EINTR ? OK : failed(why);
}
