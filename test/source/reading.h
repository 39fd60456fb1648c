/* For tests of sources: files from text, and what a source reads as one text, a line an event or
 * reject, so that whole imports are compared. */
#pragma once

#include "base/mem.h"
#include "source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct reading {
    struct names names;
    struct source_options options;
    struct error why;
    struct buf text;  /* "case|activity|begin|end|actor|life|attrs\n", "reject …\n" */
    struct buf notes; /* "role=column\n", "sentence\n" */
    size_t events, rejects, intervals;
    status_code code; /* END, or what stopped it */
    bool incomplete;
    id128 *keys;
    bool quiet; /* counts only */
};

static inline void reading_init(struct reading *r)
{
    *r = (struct reading){0};
    names_init(&r->names);
    r->options = (struct source_options){.names = &r->names, .actor_key = STR("key")};
}

static inline void reading_finish(struct reading *r)
{
    names_finish(&r->names);
    buf_finish(&r->text);
    buf_finish(&r->notes);
    mem_put(r->keys);
}

static inline void reading_time(struct buf *out, when t)
{
    char text[CLOCK_TEXT];
    if (t != WHEN_NONE) {
        clock_text(t, text);
        size_t n = strlen(text);
        n -= str_ends(str_of(text), STR(".000000Z")) ? 8 : 1;
        buf_add(out, (str){text, n});
    }
}

static inline void reading_batch(struct reading *r, const struct batch *b)
{
    r->keys = mem_grow(r->keys, r->events + b->n + 1, sizeof *r->keys);
    for (size_t i = 0; i < b->n; i++) {
        r->keys[r->events + i] = b->key[i];
        r->intervals += b->begin[i] != WHEN_NONE;
        if (r->quiet) {
            continue;
        }
        buf_addf(&r->text, STR_FMT "|" STR_FMT "|", STR_ARG(names_key(&r->names, b->item[i])),
                 STR_ARG(names_text(&r->names, b->activity[i])));
        reading_time(&r->text, b->begin[i]);
        buf_putc(&r->text, '|');
        reading_time(&r->text, b->time[i]);
        buf_addf(&r->text, "|" STR_FMT "|%d|" STR_FMT "\n",
                 STR_ARG(names_text(&r->names, b->actor[i])), b->life[i], STR_ARG(b->attrs[i]));
    }
    for (size_t i = 0; i < b->rejects.n && !r->quiet; i++) {
        const struct reject *one = &b->rejects.v[i];
        buf_addf(&r->text, "reject %d " STR_FMT ": " STR_FMT " <" STR_FMT ">\n", (int)one->line,
                 STR_ARG(one->column), STR_ARG(one->reason), STR_ARG(str_first(one->raw, 40)));
    }
    r->events += b->n;
    r->rejects += b->rejects.n;
}

/* Opens and reads everything; false: it could not be opened. */
static inline bool reading_all(struct reading *r, const struct source_format *format,
                               const char *const *paths, size_t n)
{
    struct source *s = NULL;
    r->code = format->open(paths, n, &r->options, &s, &r->why);
    if (r->code != OK) {
        return false;
    }
    struct batch *b = batch_new();
    do {
        batch_clear(b);
        r->code = format->next(s, b, &r->why);
        reading_batch(r, b);
    } while (r->code == OK);
    for (size_t i = 0; i < s->notes.columns.n; i++) {
        struct note *one = &s->notes.columns.v[i];
        buf_addf(&r->notes, STR_FMT "=" STR_FMT "\n", STR_ARG(one->role), STR_ARG(one->column));
    }
    for (size_t i = 0; i < s->notes.sentences.n; i++) {
        buf_addf(&r->notes, STR_FMT "\n", STR_ARG(s->notes.sentences.v[i]));
    }
    r->incomplete = s->incomplete;
    batch_free(b);
    format->close(s);
    return true;
}

static inline bool reading_file(struct reading *r, const struct source_format *format,
                                const char *path)
{
    return reading_all(r, format, &path, 1);
}

/* A temporary file with these bytes; the caller unlinks it. */
static inline const char *reading_temp(char path[64], const void *bytes, size_t n)
{
    strcpy(path, "/tmp/weir-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    return path;
}

/* Reads a text as a file of the format; true: it could be opened. */
static inline bool reading_text(struct reading *r, const struct source_format *format, str text)
{
    char path[64];
    reading_temp(path, text.p, text.n);
    bool opened = reading_file(r, format, path);
    unlink(path);
    return opened;
}
