#include "cmd/trust.h"

#include "base/buf.h"
#include "cmd/options.h"
#include "wire/hmac.h"
#include "wire/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_LIMIT = 1 << 20 };

struct trust trust_in(const char *const *environment, bool chosen, struct arena *a)
{
    struct trust t = {.chosen = chosen};
    const char *state = options_value(environment, "XDG_STATE_HOME");
    const char *home = options_value(environment, "HOME");
    if (state != NULL && state[0] == '/') {
        t.list = arena_strf(a, "%s/weir/trusted", state).p;
    } else if (home != NULL && home[0] == '/') {
        t.list = arena_strf(a, "%s/.local/state/weir/trusted", home).p;
    }
    return t;
}

const char *trust_file(const struct config *config, struct arena *a)
{
    if (config->project == NULL || config->file_count == 0) {
        return NULL;
    }
    /* The project's level is read last. */
    return arena_str(a, str_of(config->files[config->file_count - 1])).p;
}

static bool read_all(const char *path, struct buf *out)
{
    out->limit = 2 * FILE_LIMIT;
    struct stream *s;
    if (stream_open(path, &s, NULL) != OK) {
        return false;
    }
    status_code code = OK;
    while (code == OK && !out->full) {
        char *room = buf_room(out, 4096);
        size_t n = 0;
        code = room != NULL ? stream_read(s, room, 4096, &n, NULL) : FAIL;
        out->n += code == OK ? n : 0;
    }
    stream_close(s);
    return code == END;
}

/* "<hash>  <path>" of the file as it is on disk now. */
static bool line_of(const char *file, struct buf *ret_line)
{
    char *path = realpath(file, NULL);
    struct buf text = {0};
    bool ok = path != NULL && strchr(path, '\n') == NULL && read_all(path, &text);
    if (ok) {
        char hex[HMAC_HEX];
        buf_addf(ret_line, "%s  %s", hmac_sha256_hex(str_of(path), buf_str(&text), hex), path);
    }
    buf_finish(&text);
    free(path);
    return ok;
}

bool trust_given(const struct config *config, const struct trust *trust)
{
    struct arena a = {0};
    const char *file = trust_file(config, &a);
    if (file == NULL || trust->chosen) {
        arena_finish(&a);
        return true;
    }
    struct buf line = {0}, list = {0};
    bool found = false;
    if (trust->list != NULL && line_of(file, &line) && read_all(trust->list, &list)) {
        str rest = buf_str(&list), one;
        while (!found && str_cut(&rest, '\n', &one)) {
            found = str_eq(one, buf_str(&line));
        }
    }
    buf_finish(&line);
    buf_finish(&list);
    arena_finish(&a);
    return found;
}

/* Is `path` below `folder`, links followed as far as there is something? */
static bool is_inside(const char *folder, str path, struct arena *a)
{
    if (str_find(path, STR("://")) < path.n) {
        return false;
    }
    char *root = realpath(folder, NULL), *real = NULL;
    char *at = (char *)(uintptr_t)(path.n > 0 && path.p[0] == '/'
                                       ? arena_str(a, path).p
                                       : arena_strf(a, "%s/" STR_FMT, folder, STR_ARG(path)).p);
    /* What is not there yet cannot be a link, but ".." in it would be obeyed later. */
    bool climbs = false;
    for (;;) {
        real = realpath(at, NULL);
        char *slash = strrchr(at, '/');
        if (real != NULL || slash == NULL || slash == at) {
            break;
        }
        climbs = climbs || strcmp(slash, "/..") == 0;
        *slash = 0;
    }
    size_t n = root != NULL ? strlen(root) : 0;
    bool inside = !climbs && n > 0 && real != NULL && strncmp(real, root, n) == 0 &&
                  (real[n] == '/' || real[n] == 0 || n == 1);
    free(root);
    free(real);
    return inside;
}

static bool names_a_program(str path)
{
    return str_eq(path, STR("command")) || str_ends(path, STR(".command")) ||
           str_ends(path, STR(".program"));
}

static const char *forbidden(const struct config *config, const struct config_value *v,
                             struct arena *a)
{
    str path = str_of(v->path);
    if (str_eq(path, STR("store")) && !is_inside(config->project, v->value, a)) {
        return "puts the store outside the project";
    }
    if (str_eq(path, STR("serve")) || str_starts(path, STR("serve."))) {
        return "sets up the server";
    }
    return names_a_program(path) ? "names a program to run" : NULL;
}

status trust_check(const struct config *config, const struct trust *trust, struct error *why)
{
    struct arena a = {0};
    const char *file = trust_file(config, &a), *reason = NULL;
    const struct config_value *v = config->values;
    for (size_t i = 0; file != NULL && reason == NULL && i < config->value_count; i++) {
        v = &config->values[i];
        bool projects = v->origin.file != NULL && strcmp(v->origin.file, file) == 0;
        reason = projects ? forbidden(config, v, &a) : NULL;
    }
    status_code s = OK;
    if (reason != NULL && !trust_given(config, trust)) {
        s = error_set(why,
                      "%s:%d: the file of the project %s (%s: " STR_FMT
                      "), and a cloned repository is not to be believed",
                      v->origin.file, v->origin.line, reason, v->path, STR_ARG(v->value));
        error_id(why, "E5002");
        error_hint(why, "Read the file; if it is yours:  weir config check --trust");
    }
    arena_finish(&a);
    return s;
}

static status_code not_written(const char *path, struct error *why)
{
    return error_set(why, "%s: the trust cannot be written down: %s", path, strerror(errno));
}

status trust_record(const struct config *config, const struct trust *trust, struct error *why)
{
    struct arena a = {0};
    struct buf line = {0};
    const char *file = trust_file(config, &a);
    status_code s = FAIL;
    if (file == NULL) {
        error_set(why, "there is no weir.yaml of a project here to trust");
        error_hint(why, "Write one:  weir init");
    } else if (trust->list == NULL) {
        error_set(why, "there is neither XDG_STATE_HOME nor HOME to keep the trust in");
    } else if (!line_of(file, &line)) {
        error_set(why, "%s cannot be read", file);
    } else if (trust_given(config, &(struct trust){.list = trust->list})) {
        s = OK;
    } else {
        char *path = (char *)(uintptr_t)arena_str(&a, str_of(trust->list)).p;
        for (char *p = path + 1; *p != 0; p++) {
            if (*p == '/') {
                *p = 0;
                mkdir(path, 0700); /* what is missing shows when the file is opened */
                *p = '/';
            }
        }
        buf_putc(&line, '\n');
        int out = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        bool written = out >= 0 && write(out, line.p, line.n) == (ssize_t)line.n;
        s = written ? OK : not_written(path, why);
        if (out >= 0 && close(out) != 0 && s == OK) {
            s = not_written(path, why);
        }
    }
    buf_finish(&line);
    arena_finish(&a);
    return s;
}
