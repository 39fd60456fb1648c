#include "serve/blob.h"

#include "base/mem.h"

#include <string.h>

struct blob *blob_of(const void *p, size_t n)
{
    struct blob *b = mem_get(sizeof *b);
    atomic_init(&b->holders, 1);
    b->p = p;
    b->n = n;
    return b;
}

struct blob *blob_copy(str text)
{
    char *copy = mem_get(text.n + 1);
    if (text.n > 0) {
        memcpy(copy, text.p, text.n);
    }
    struct blob *b = blob_of(copy, text.n);
    b->owned = copy;
    return b;
}

struct blob *blob_take(struct buf *b)
{
    struct blob *all = blob_of(b->p, b->n);
    all->owned = b->p;
    *b = (struct buf){0};
    return all;
}

struct blob *blob_hold(struct blob *b)
{
    atomic_fetch_add(&b->holders, 1);
    return b;
}

void blob_drop(struct blob *b)
{
    if (b != NULL && atomic_fetch_sub(&b->holders, 1) == 1) {
        mem_put(b->owned);
        mem_put(b);
    }
}
