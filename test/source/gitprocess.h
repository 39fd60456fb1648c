/* Repositories made by git itself, where git's own answer is what is compared with. */
#pragma once

#include "source/gitmake.h"

/* Is there a git? Says so when not. */
static inline bool process_has_git(void)
{
    bool has = system("git --version >/dev/null 2>&1") == 0; /* NOLINT(cert-env33-c) */
    if (!has) {
        print_message("no git to compare with: left out\n");
    }
    return has;
}

/* Runs lines of shell in `path`, the same whoever runs them; what they print is added to `out`. */
static inline void process_run(const char *path, const char *lines, struct buf *out)
{
    struct buf command = {0};
    buf_addf(
        &command,
        "cd '%s' && export GIT_CONFIG_NOSYSTEM=1 HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null "
        "GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=Bob "
        "GIT_COMMITTER_EMAIL=bob@example.org LC_ALL=C && set -e\n%s",
        path, lines);
    FILE *pipe = popen(buf_cstr(&command), "r"); /* NOLINT(cert-env33-c) */
    assert_non_null(pipe);
    char room[4096];
    for (size_t n; (n = fread(room, 1, sizeof room, pipe)) > 0;) {
        if (out != NULL) {
            buf_add_bytes(out, room, n);
        }
    }
    assert_int_equal(pclose(pipe), 0);
    buf_finish(&command);
}

static inline void process_folder(char path[64])
{
    snprintf(path, 64, "/tmp/weir-git-XXXXXX");
    assert_non_null(mkdtemp(path));
}
