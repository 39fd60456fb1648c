#include "serve/journal.h"

#include "base/clock.h"
#include "wire/json.h"

#include <string.h>
#include <unistd.h>

static bool is_plain(str value)
{
    for (size_t i = 0; i < value.n; i++) {
        unsigned char c = (unsigned char)value.p[i];
        if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7f) {
            return false;
        }
    }
    return value.n > 0;
}

static void put(const struct journal *l, struct buf *out, const char *key, str value)
{
    if (l->json) {
        buf_addf(out, "%s\"%s\":", out->n > 1 ? "," : "", key);
        json_quote(out, value);
        return;
    }
    buf_addf(out, "%s%s=", out->n > 0 ? " " : "", key);
    if (is_plain(value)) {
        buf_add(out, value);
    } else {
        json_quote(out, value);
    }
}

void journal_format(const struct journal *l, enum journal_level level, const char *time,
                    const char *message, const struct journal_pair *pairs, struct buf *out)
{
    static const char *const LEVELS[] = {"debug", "info", "warn"};
    buf_clear(out);
    if (l->json) {
        buf_putc(out, '{');
    }
    put(l, out, "time", str_of(time));
    put(l, out, "level", str_of(LEVELS[level]));
    put(l, out, "msg", str_of(message));
    for (size_t i = 0; pairs != NULL && pairs[i].key != NULL; i++) {
        if (pairs[i].value.n > 0) {
            put(l, out, pairs[i].key, pairs[i].value);
        }
    }
    buf_add(out, l->json ? STR("}\n") : STR("\n"));
}

void journal_say(const struct journal *l, enum journal_level level, const char *message,
                 const struct journal_pair *pairs)
{
    if ((level == JOURNAL_DEBUG && l->verbosity < 1) ||
        (level == JOURNAL_INFO && l->verbosity < 0)) {
        return;
    }
    struct buf out = {0};
    char time[CLOCK_TEXT];
    journal_format(l, level, clock_text(clock_now(), time), message, pairs, &out);
    ssize_t n = write(STDERR_FILENO, out.p, out.n); /* where it cannot go, nobody reads it */
    (void)n;
    buf_finish(&out);
}
