#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void buf_finish(struct buf *b)
{
    mem_put(b->p);
    *b = (struct buf){0};
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    b->full = false;
}

char *buf_room(struct buf *b, size_t n)
{
    if (b->limit > 0 && (n > b->limit || b->n > b->limit - n)) {
        b->full = true;
        return NULL;
    }
    if (b->n + n + 1 > b->cap) { /* one more: buf_cstr may terminate in place */
        size_t cap = b->cap < 64 ? 64 : b->cap * 2;
        while (cap < b->n + n + 1) {
            cap *= 2;
        }
        b->p = mem_grow(b->p, cap, 1);
        b->cap = cap;
    }
    return b->p + b->n;
}

void buf_add_bytes(struct buf *b, const void *bytes, size_t n)
{
    char *room = n > 0 ? buf_room(b, n) : NULL;
    if (room != NULL) {
        memcpy(room, bytes, n);
        b->n += n;
    }
}

void buf_add(struct buf *b, str s)
{
    buf_add_bytes(b, s.p, s.n);
}

void buf_putc(struct buf *b, char c)
{
    buf_add_bytes(b, &c, 1);
}

void buf_addv(struct buf *b, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, arguments);
    char *room = n > 0 ? buf_room(b, (size_t)n) : NULL;
    if (room != NULL) {
        vsnprintf(room, (size_t)n + 1, format, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void buf_addf(struct buf *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    buf_addv(b, format, arguments);
    va_end(arguments);
}

str buf_str(const struct buf *b)
{
    return (str){b->p, b->n};
}

const char *buf_cstr(struct buf *b)
{
    if (b->p == NULL) {
        return "";
    }
    b->p[b->n] = 0;
    return b->p;
}
