/* What all sources share: notes for the person, and persons as pseudonyms. */
#include "source/source.h"

#include "base/buf.h"
#include "wire/hmac.h"

#include <ctype.h>
#include <stdarg.h>

void source_notes_finish(struct source_notes *n)
{
    VEC_FINISH(&n->columns);
    VEC_FINISH(&n->sentences);
    arena_finish(&n->text);
}

void source_note(struct source_notes *n, const char *format, ...)
{
    struct buf sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    buf_addv(&sentence, format, arguments);
    va_end(arguments);
    VEC_ADD(&n->sentences, arena_str(&n->text, buf_str(&sentence)));
    buf_finish(&sentence);
}

void source_note_column(struct source_notes *n, str role, str column)
{
    VEC_ADD(&n->columns, (struct note){arena_str(&n->text, role), arena_str(&n->text, column)});
}

sym source_actor(const struct source_options *options, str id)
{
    enum { SHOWN = 16 };
    str trimmed = str_trim(id);
    if (trimmed.n == 0) {
        return 0;
    }
    struct buf lower = {0};
    for (size_t i = 0; i < trimmed.n; i++) {
        buf_putc(&lower, (char)tolower((unsigned char)trimmed.p[i]));
    }
    char hex[HMAC_HEX];
    hmac_sha256_hex(options->actor_key, buf_str(&lower), hex);
    buf_finish(&lower);
    return names_sym(options->names, (str){hex, SHOWN});
}
