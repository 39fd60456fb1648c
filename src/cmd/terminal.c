#include "cmd/terminal.h"

#include "base/str.h"
#include "cmd/options.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH = 80, NARROWEST = 20, WIDEST = 1000 };

void terminal_read(struct terminal *t, const char *const *environment)
{
    *t = (struct terminal){.in = isatty(STDIN_FILENO) == 1,
                           .out = isatty(STDOUT_FILENO) == 1,
                           .err = isatty(STDERR_FILENO) == 1,
                           .environment = environment};
    struct winsize size;
    if (t->out && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        t->columns = size.ws_col;
        t->rows = size.ws_row;
    }
}

static bool is_set(const struct terminal *t, const char *variable)
{
    const char *value = options_value(t->environment, variable);
    return value != NULL && value[0] != 0;
}

static bool is_dumb(const struct terminal *t)
{
    const char *value = options_value(t->environment, "TERM");
    return value == NULL || value[0] == 0 || strcmp(value, "dumb") == 0;
}

bool terminal_colour(const struct terminal *t, const char *choice)
{
    if (choice != NULL && strcmp(choice, "auto") != 0) {
        return strcmp(choice, "always") == 0;
    }
    if (is_set(t, "FORCE_COLOR")) {
        return true;
    }
    if (is_set(t, "NO_COLOR")) {
        return false;
    }
    if (is_set(t, "CLICOLOR_FORCE")) {
        return true;
    }
    return t->out && !is_dumb(t);
}

static int whole(const char *text)
{
    int64_t n;
    return text != NULL && str_to_i64(str_of(text), &n) && n > 0 && n <= WIDEST ? (int)n : 0;
}

int terminal_width(const struct terminal *t)
{
    if (!t->out) {
        return WIDTH;
    }
    int width = t->columns > 0 ? t->columns : whole(options_value(t->environment, "COLUMNS"));
    width = width > 0 ? width : WIDTH;
    return width < NARROWEST ? NARROWEST : width > WIDEST ? WIDEST : width;
}

bool terminal_unicode(const struct terminal *t)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        if (is_set(t, variables[i])) {
            const char *value = options_value(t->environment, variables[i]);
            return strcasestr(value, "UTF-8") != NULL || strcasestr(value, "UTF8") != NULL;
        }
    }
    return false;
}

const char *terminal_pager(const struct terminal *t, size_t lines)
{
    int rows = t->rows > 0 ? t->rows : whole(options_value(t->environment, "LINES"));
    rows = rows > 0 ? rows : 24;
    if (!t->out || is_dumb(t) || lines < (size_t)rows) {
        return NULL;
    }
    const char *pager = options_value(t->environment, "WEIR_PAGER");
    pager = pager != NULL ? pager : options_value(t->environment, "PAGER");
    pager = pager != NULL ? pager : "less -FRX";
    return pager[0] == 0 || strcmp(pager, "cat") == 0 ? NULL : pager;
}
