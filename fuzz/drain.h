/* Reads a source to its end, from bytes in memory or from a path, and checks what must hold of
 * everything it gives, whatever the bytes. */
#pragma once

#include "source/source.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static inline void drain_check(const struct batch *b, const struct names *names)
{
    assert(b->n <= BATCH_ROWS);
    for (size_t i = 0; i < b->n; i++) {
        assert(b->item[i] < names->item_n && b->time[i] != WHEN_NONE && b->activity[i] != 0);
        assert(b->begin[i] == WHEN_NONE || b->begin[i] <= b->time[i]);
        names_text(names, b->activity[i]);
    }
    for (size_t i = 0; i < b->items.n; i++) {
        assert(b->items.v[i].row < b->n && b->items.v[i].item < names->item_n);
    }
    for (size_t i = 0; i < b->links.n; i++) {
        assert(b->links.v[i].from < names->item_n && b->links.v[i].to < names->item_n);
    }
    for (size_t i = 0; i < b->rejects.n; i++) {
        assert(b->rejects.v[i].reason.n > 0);
    }
}

static inline void drain_path(const struct source_format *format, const char *path)
{
    const char *paths[] = {path};
    struct names names;
    names_init(&names);
    struct source_options options = {.names = &names, .actor_key = STR("key")};
    struct source *s = NULL;
    struct error why = {0};
    if (format->open(paths, 1, &options, &s, &why) == OK) {
        struct batch *b = batch_new();
        status_code done = OK;
        while (done == OK) {
            batch_clear(b);
            done = format->next(s, b, &why);
            drain_check(b, &names);
        }
        assert(done == END || (done == FAIL && why.text[0] != '\0'));
        batch_free(b);
        format->close(s);
    } else {
        assert(why.text[0] != '\0');
    }
    names_finish(&names);
}

static inline void drain_write(int fd, const uint8_t *data, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t n = write(fd, data + at, size - at);
        assert(n > 0);
        at += (size_t)n;
    }
}

static inline int drain(const struct source_format *format, const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    assert(fd >= 0);
    drain_write(fd, data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    drain_path(format, path);
    close(fd);
    return 0;
}
