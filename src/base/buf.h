/* A growing run of bytes. A zeroed struct is empty; buf_finish gives its memory back.
 * With a limit set, what would go beyond it is dropped and `full` is set: check it at the end. */
#pragma once

#include "base/str.h"

#include <stdarg.h>
#include <stdbool.h>

struct buf {
    char *p;
    size_t n, cap;
    size_t limit; /* 0: none */
    bool full;
};

void buf_finish(struct buf *b);
void buf_clear(struct buf *b); /* keeps the memory */
void buf_add(struct buf *b, str s);
void buf_add_bytes(struct buf *b, const void *bytes, size_t n);
void buf_putc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_addv(struct buf *b, const char *format, va_list arguments);
char *buf_room(struct buf *b, size_t n); /* room for n more bytes behind the end; then add to b->n.
                                          * NULL when that would go beyond the limit */
str buf_str(const struct buf *b);        /* valid until the next change */
const char *buf_cstr(struct buf *b);     /* the same, terminated */
