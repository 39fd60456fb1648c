#include "base/arena.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 4 << 20, ALIGN = 16 };

struct arena_block {
    struct arena_block *below;
    size_t size, used;
    _Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, const char *name, size_t limit)
{
    *a = (struct arena){.name = name, .limit = limit};
}

static void free_block(struct arena_block *block)
{
    ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
    mem_put(block);
}

void arena_finish(struct arena *a)
{
    while (a->top != NULL) {
        struct arena_block *below = a->top->below;
        free_block(a->top);
        a->top = below;
    }
    a->used = 0;
}

void arena_clear(struct arena *a)
{
    struct arena_block *keep = a->top;
    if (keep != NULL) { /* the top block is the largest, but for oversized single pieces */
        while (keep->below != NULL) {
            struct arena_block *below = keep->below;
            keep->below = below->below;
            free_block(below);
        }
        keep->used = 0;
        ASAN_POISON_MEMORY_REGION(keep->bytes, keep->size);
    }
    a->used = 0;
}

static void add_block(struct arena *a, size_t at_least)
{
    size_t size = a->top == NULL ? FIRST_BLOCK : a->top->size * 2;
    size = size > LARGEST_BLOCK ? LARGEST_BLOCK : size;
    size = size < at_least ? at_least : size;
    struct arena_block *block = mem_grow(NULL, sizeof *block + size, 1);
    block->below = a->top;
    block->size = size;
    block->used = 0;
    ASAN_POISON_MEMORY_REGION(block->bytes, size);
    a->top = block;
}

void *arena_get(struct arena *a, size_t size)
{
    if (size > SIZE_MAX / 4 || (a->limit > 0 && (size > a->limit || a->used > a->limit - size))) {
        return NULL;
    }
    size_t step = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (a->top == NULL || a->top->size - a->top->used < step) {
        add_block(a, step);
    }
    void *piece = a->top->bytes + a->top->used;
    a->top->used += step;
    a->used += step;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return memset(piece, 0, size);
}

str arena_str(struct arena *a, str s)
{
    char *copy = arena_get(a, s.n + 1);
    if (copy == NULL) {
        return (str){0};
    }
    if (s.n > 0) {
        memcpy(copy, s.p, s.n);
    }
    return (str){copy, s.n};
}

str arena_strf(struct arena *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = n >= 0 ? arena_get(a, (size_t)n + 1) : NULL;
    if (text == NULL) {
        return (str){0};
    }
    va_start(arguments, format);
    vsnprintf(text, (size_t)n + 1, format, arguments);
    va_end(arguments);
    return (str){text, (size_t)n};
}

status arena_full(const struct arena *a, struct error *why)
{
    return error_set(why, "%s needs more than %zu MiB of memory, the limit set for it",
                     a->name != NULL ? a->name : "this input", a->limit >> 20);
}
