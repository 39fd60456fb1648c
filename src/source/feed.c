#include "source/feed.h"

#include <string.h>

enum { BLOCK = 1 << 18 };

status feed_open(struct feed *f, const char *path, struct error *why)
{
    *f = (struct feed){0};
    return stream_open(path, &f->stream, why);
}

void feed_close(struct feed *f)
{
    stream_close(f->stream);
    buf_finish(&f->room);
    *f = (struct feed){0};
}

/* Reads one more block behind what is there; what was given already is dropped first. */
static status more(struct feed *f, struct error *why)
{
    if (f->at > 0) {
        memmove(f->room.p, f->room.p + f->at, f->room.n - f->at);
        f->room.n -= f->at;
        f->at = 0;
    }
    size_t n = 0;
    char *at = buf_room(&f->room, BLOCK);
    status_code code = stream_read(f->stream, at, BLOCK, &n, why);
    if (code == END) {
        f->ended = true;
        return OK;
    }
    TRY(code);
    f->room.n += n;
    return OK;
}

/* Drops the rest of a line that is too long. */
static status skip_line(struct feed *f, struct error *why)
{
    for (;;) {
        char *end = memchr(f->room.p + f->at, '\n', f->room.n - f->at);
        if (end != NULL) {
            f->at = (size_t)(end - f->room.p) + 1;
            return OK;
        }
        f->at = f->room.n;
        if (f->ended) {
            return OK;
        }
        TRY(more(f, why));
    }
}

status feed_next(struct feed *f, str *ret_line, bool *ret_cut, struct error *why)
{
    size_t looked = 0;
    *ret_cut = false;
    for (;;) {
        size_t n = f->room.n - f->at;
        char *end = n > looked ? memchr(f->room.p + f->at + looked, '\n', n - looked) : NULL;
        if (end == NULL && n > FEED_LONGEST) {
            memcpy(f->shown, f->room.p + f->at, FEED_SHOWN);
            f->line++;
            *ret_cut = true;
            *ret_line = (str){f->shown, FEED_SHOWN};
            return skip_line(f, why);
        }
        if (end == NULL && !f->ended) {
            looked = n;
            TRY(more(f, why));
            continue;
        }
        if (end == NULL && n == 0) {
            return END;
        }
        size_t size = end != NULL ? (size_t)(end - (f->room.p + f->at)) : n;
        str line = {f->room.p + f->at, size};
        f->at += end != NULL ? size + 1 : size;
        f->line++;
        if (f->line == 1 && str_starts(line, STR("\xef\xbb\xbf"))) {
            line = str_from(line, 3);
        }
        if (line.n > 0 && line.p[line.n - 1] == '\r') {
            line.n--;
        }
        *ret_line = line;
        return OK;
    }
}
