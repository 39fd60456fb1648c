/* The two ends of a command that a server runs for somebody at the keyboard, so that nobody can
 * tell where it ran: here, what goes out on the way goes through the socket; there, the question is
 * put and what comes back is written as the command itself would have. */
#include "cmd/frame.h"

#include "cmd/output.h"
#include "serve/serve.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- what goes out on the way --- */

status_code frame_flush(struct command_context *c, struct error *why)
{
    const struct frame_call *call = c->state->call;
    if (call == NULL) {
        return output_write(buf_str(&c->out), why);
    }
    if (call->line == NULL) {
        buf_add(call->out, buf_str(&c->out));
        return OK;
    }
    return line_flush(call->line, buf_str(&c->out)) ? OK : END;
}

void frame_message(struct command_context *c, str text)
{
    const struct frame_call *call = c->state->call;
    if (call != NULL && call->line == NULL) {
        buf_add(call->err, text);
        return;
    }
    if (call != NULL) {
        (void)line_message(call->line, text);
        return;
    }
    while (text.n > 0) { /* where messages cannot be written there is nobody to tell */
        ssize_t n = write(STDERR_FILENO, text.p, text.n);
        if (n < 0 && errno != EINTR) {
            break;
        }
        text = str_from(text, n > 0 ? (size_t)n : 0);
    }
}

/* --- asking a server --- */

static status take_flush(str text, void *cookie)
{
    struct command_context *c = cookie;
    struct error why = {0};
    c->state->flushed = true;
    status_code s = output_write(text, &why);
    c->state->gone = s == END;
    c->state->failed = s == FAIL;
    if (s == FAIL) {
        (void)command_fail(c, s, &why);
    }
    return s;
}

static void take_message(str text, void *cookie)
{
    frame_message(cookie, text);
}

static void take_rest(str text, void *cookie)
{
    struct command_context *c = cookie;
    buf_add(&c->out, text);
}

/* A file without a name, gone with its descriptor; -1: it cannot be had. */
static int nameless(void)
{
    int file = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    char name[] = "/tmp/weir-XXXXXX";
    if (file < 0 && (file = mkostemp(name, O_CLOEXEC)) >= 0) {
        unlink(name);
    }
    return file;
}

static bool copy(int from, int to)
{
    char part[64 << 10];
    ssize_t n;
    while ((n = read(from, part, sizeof part)) != 0) {
        if (n < 0 && errno == EINTR && interrupt_signal() == 0) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        for (ssize_t at = 0; at < n;) {
            ssize_t done = write(to, part + at, (size_t)(n - at));
            if (done < 0 && errno != EINTR) {
                return false;
            }
            at += done > 0 ? done : 0;
        }
    }
    return true;
}

/* Standard input is read to its end first, and standard output written when all is there: neither
 * may keep the server, and with it everybody else, waiting for a slow pipe. */
static bool lend(struct command_context *c, struct serve_line *q)
{
    bool dash = false;
    for (size_t i = 0; i < argument_count(c); i++) {
        dash = dash || str_eq(argument_at(c, i), STR("-"));
    }
    q->standard_in = dash && (c->command->flags & COMMAND_INPUT) != 0 ? nameless() : -1;
    q->standard_out = dash && (c->command->flags & COMMAND_OUTPUT) != 0 ? nameless() : -1;
    if (q->standard_in >= 0) {
        if (!copy(STDIN_FILENO, q->standard_in) || lseek(q->standard_in, 0, SEEK_SET) < 0) {
            return false;
        }
    }
    return !dash || q->standard_in >= 0 || q->standard_out >= 0 ||
           (c->command->flags & (COMMAND_INPUT | COMMAND_OUTPUT)) == 0;
}

static int give_back(struct command_context *c, struct serve_line *q, int code)
{
    if (q->standard_in >= 0) {
        close(q->standard_in);
    }
    if (q->standard_out >= 0) {
        bool copied =
            lseek(q->standard_out, 0, SEEK_SET) == 0 && copy(q->standard_out, STDOUT_FILENO);
        if (!copied && errno != EPIPE) {
            struct error why = {0};
            error_set(&why, "the answer could not be written to standard output: %s",
                      strerror(errno));
            error_id(&why, "E1005");
            code = command_fail(c, FAIL, &why);
        }
        close(q->standard_out);
    }
    return code;
}

static bool is_there(const char *store)
{
    char path[PATH_MAX];
    struct stat at;
    return line_path(store, path, sizeof path) && stat(path, &at) == 0 && S_ISSOCK(at.st_mode);
}

bool frame_served(struct command_context *c, int *ret_code)
{
    struct error why = {0};
    char here[PATH_MAX];
    const char *store = NULL;
    const struct terminal *t = &c->state->terminal;
    if (command_store_path(c, &store, NULL) != OK || !is_there(store) ||
        (c->state->folder == NULL && getcwd(here, sizeof here) == NULL)) {
        return false;
    }
    struct serve_line q = {.version = WEIR_VERSION,
                           .folder = c->state->folder != NULL ? c->state->folder : here,
                           .argv = c->state->argv,
                           .argc = c->state->argc,
                           .environment = t->environment,
                           .in = t->in,
                           .out = t->out,
                           .err = t->err,
                           .columns = t->columns,
                           .rows = t->rows};
    const struct line_sink sink = {take_flush, take_message, take_rest, c};
    if (!lend(c, &q)) {
        error_set(&why, "standard input cannot be passed on to the server: %s", strerror(errno));
        *ret_code = command_fail(c, FAIL, &why);
        (void)give_back(c, &q, EXIT_ERROR);
        return true;
    }
    int code = EXIT_YES;
    status_code s = line_ask(store, &q, &sink, &code, &why);
    if (s == END && !c->state->gone) { /* nobody listens: what a server left that was killed */
        if (q.standard_in >= 0) {
            (void)dup2(q.standard_in, STDIN_FILENO); /* it is read already */
        }
        q.standard_out = -1;
        (void)give_back(c, &q, code);
        return false;
    }
    code = s == OK || s == END ? code : c->state->failed ? EXIT_ERROR : command_fail(c, s, &why);
    *ret_code = give_back(c, &q, code);
    return true;
}
