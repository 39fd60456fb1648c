#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* Marks a sentence that did not fit, at a character boundary. */
static void mark_cut(char *text, size_t size, int wanted)
{
    if (wanted >= 0 && (size_t)wanted < size) {
        return;
    }
    size_t at = size - sizeof "…";
    while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80) {
        at--;
    }
    memcpy(text + at, "…", sizeof "…");
}

status_code error_set(struct error *why, const char *format, ...)
{
    if (why != NULL) {
        va_list arguments;
        va_start(arguments, format);
        why->hint[0] = 0;
        why->id[0] = 0;
        mark_cut(why->text, sizeof why->text,
                 vsnprintf(why->text, sizeof why->text, format, arguments));
        va_end(arguments);
    }
    return FAIL;
}

void error_add(struct error *why, const char *format, ...)
{
    if (why == NULL) {
        return;
    }
    char context[512] = "", old[sizeof why->text];
    va_list arguments;
    va_start(arguments, format);
    mark_cut(context, sizeof context, vsnprintf(context, sizeof context, format, arguments));
    va_end(arguments);
    memcpy(old, why->text, sizeof old);
    mark_cut(why->text, sizeof why->text,
             snprintf(why->text, sizeof why->text, "%s: %s", context, old));
}

void error_hint(struct error *why, const char *format, ...)
{
    if (why != NULL) {
        va_list arguments;
        va_start(arguments, format);
        mark_cut(why->hint, sizeof why->hint,
                 vsnprintf(why->hint, sizeof why->hint, format, arguments));
        va_end(arguments);
    }
}

void error_id(struct error *why, const char *id)
{
    if (why != NULL) {
        snprintf(why->id, sizeof why->id, "%s", id);
    }
}
