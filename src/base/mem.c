#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Noreturn void out_of_memory(size_t size)
{
    char text[128];
    int n = snprintf(text, sizeof text,
                     "weir: out of memory (%zu bytes more were needed); nothing stored is lost\n",
                     size);
    /* write, not stdio: its buffers may want memory too */
    if (write(STDERR_FILENO, text, (size_t)n) < 0) {
        _exit(2);
    }
    _exit(2);
}

/* Fault injection: true for the allocation with the number in WEIR_FAIL_ALLOC, counted from 1. */
static int fails_now(void)
{
    static long countdown = -1; /* -1: the environment was not asked yet, 0: never */
    if (countdown == -1) {
        const char *n = getenv("WEIR_FAIL_ALLOC");
        countdown = n != NULL ? atol(n) : 0;
        countdown = countdown < 0 ? 0 : countdown;
    }
    return countdown > 0 && --countdown == 0;
}

enum { LARGE = 8 << 20, PAGE = 4096 };

/* Large tables are looked into at random: with 4 KiB pages the processor spends more time finding
 * the page than reading it (measured: importing 5 M rows, whose keys are kept in a set, took 5.6 s
 * of processor time before and 4.3 s after). Advice only; where it is not taken, nothing changes.
 */
static void prefer_large_pages(void *memory, size_t size)
{
    uintptr_t skip = (PAGE - (uintptr_t)memory % PAGE) % PAGE;
    if (size >= LARGE) {
        madvise((char *)memory + skip, (size - skip) / PAGE * PAGE, MADV_HUGEPAGE);
    }
}

void *mem_get(size_t size)
{
    void *memory = fails_now() ? NULL : calloc(1, size > 0 ? size : 1);
    if (memory == NULL) {
        out_of_memory(size);
    }
    prefer_large_pages(memory, size);
    return memory;
}

void *mem_grow(void *old, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / 2 / size) {
        out_of_memory(SIZE_MAX);
    }
    void *memory = fails_now() ? NULL : realloc(old, count * size > 0 ? count * size : 1);
    if (memory == NULL) {
        out_of_memory(count * size);
    }
    prefer_large_pages(memory, count * size);
    return memory;
}

void mem_put(void *memory)
{
    free(memory);
}
