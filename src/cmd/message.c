#include "cmd/message.h"

#include "view/doc.h"
#include "view/text.h"

#include <string.h>

static bool ends_url(char c)
{
    return strchr(" \t\r\n\"'<>`", c) != NULL; /* also NUL */
}

/* Copies text without the passwords and queries of the URLs in it. */
static void hide_secrets(struct buf *out, str text)
{
    for (;;) {
        size_t at = str_find(text, STR("://"));
        if (at == text.n) {
            buf_add(out, text);
            return;
        }
        at += 3;
        buf_add(out, str_first(text, at));
        text = str_from(text, at);
        size_t end = 0, host = 0, query = 0;
        while (end < text.n && !ends_url(text.p[end])) {
            end++;
        }
        size_t path = str_find_char(str_first(text, end), '/');
        for (size_t i = 0; i < path; i++) {
            host = text.p[i] == '@' ? i : host; /* a password may hold an @ of its own */
        }
        if (host > 0) {
            str user = str_first(text, str_find_char(str_first(text, host), ':'));
            buf_add(out, str_first(user, 8)); /* it may be a token */
            buf_add(out, user.n > 8 ? STR("…") : STR(""));
        }
        query = str_find_char(str_first(text, end), '?');
        buf_add(out, (str){text.p + host, (query < host ? end : query) - host});
        text = str_from(text, end);
    }
}

void message_text(struct buf *out, str text)
{
    struct buf shown = {0};
    hide_secrets(&shown, text);
    str rest = buf_str(&shown), line;
    for (bool first = true; str_cut(&rest, '\n', &line); first = false) {
        buf_add(out, first ? STR("") : STR("\n  "));
        text_safe(out, line);
    }
    buf_finish(&shown);
}

void message_error(struct buf *out, const char *command, const struct error *why)
{
    buf_add(out, STR("weir: "));
    if (command != NULL) {
        buf_addf(out, "%s: ", command);
    }
    message_text(out, str_of(why->text[0] != 0 ? why->text : "failed without a reason"));
    bool usage = why->id[0] == 'E' && why->id[1] == '1';
    if (why->hint[0] != 0) {
        buf_add(out, STR("\n  "));
        message_text(out, str_of(why->hint));
    }
    if (why->id[0] != 0 && !usage) {
        buf_addf(out, "%s[%s]", why->hint[0] != 0 ? "          " : "  ", why->id);
    }
    buf_putc(out, '\n');
}

static json_t *hidden(const char *text)
{
    struct buf shown = {0};
    hide_secrets(&shown, str_of(text));
    json_t *string = doc_str(buf_str(&shown));
    buf_finish(&shown);
    return string;
}

json_t *message_document(const struct error *why)
{
    json_t *doc = doc_new("weir.error/1");
    doc_put(doc, "id", doc_str(str_of(why->id)));
    doc_put(doc, "message", hidden(why->text));
    doc_put(doc, "hint", hidden(why->hint));
    return doc;
}
