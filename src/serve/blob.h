/* Bytes that several answers share: never changed, given back when the last holder lets go. */
#pragma once

#include "base/buf.h"

#include <stdatomic.h>

struct blob {
    atomic_size_t holders;
    const char *p;
    size_t n;
    char *owned; /* NULL: part of the program */
};

struct blob *blob_copy(str text);
struct blob *blob_take(struct buf *b);         /* its memory; *b is empty afterwards */
struct blob *blob_of(const void *p, size_t n); /* memory that stays for ever */
struct blob *blob_hold(struct blob *b);        /* once more */
void blob_drop(struct blob *b);                /* NULL is fine */
static inline str blob_str(const struct blob *b)
{
    return (str){b->p, b->n};
}
