#include "serve/inflate.h"

#include <assert.h>

enum { STEP = 64 << 10 };

bool inflate_start(struct inflate *f, str encoding, size_t limit)
{
    *f = (struct inflate){.limit = limit};
    bool gzip = str_eq_case(encoding, STR("gzip")) || str_eq_case(encoding, STR("x-gzip"));
    if (encoding.n == 0 || str_eq_case(encoding, STR("identity"))) {
        return true;
    }
    if (!gzip && !str_eq_case(encoding, STR("deflate"))) {
        return false;
    }
    f->compressed = true;
    int done = inflateInit2(&f->z, gzip ? 15 + 16 : 15);
    assert(done == Z_OK); /* it fails without memory only, and then weir ends as everywhere */
    return true;
}

static enum inflate_state expand(struct inflate *f, str bytes)
{
    f->z.next_in = (unsigned char *)(uintptr_t)bytes.p; /* zlib only reads it */
    f->z.avail_in = (unsigned)bytes.n;
    while (f->z.avail_in > 0) {
        if (f->ended) { /* gzip members may follow each other */
            if (inflateReset(&f->z) != Z_OK) {
                return INFLATE_BROKEN;
            }
            f->ended = false;
        }
        size_t room = f->limit - f->out.n + 1; /* one more than allowed shows that there is more */
        room = room < STEP ? room : STEP;
        f->z.next_out = (unsigned char *)buf_room(&f->out, room);
        f->z.avail_out = (unsigned)room;
        int done = inflate(&f->z, Z_NO_FLUSH);
        f->out.n += room - f->z.avail_out;
        if (f->out.n > f->limit) {
            return INFLATE_LARGE;
        }
        if (done == Z_STREAM_END) {
            f->ended = true;
        } else if (done != Z_OK && done != Z_BUF_ERROR) {
            return INFLATE_BROKEN;
        }
    }
    return INFLATE_GOES_ON;
}

enum inflate_state inflate_more(struct inflate *f, str bytes)
{
    if (f->state != INFLATE_GOES_ON || bytes.n == 0) {
        return f->state;
    }
    if (f->compressed) {
        f->state = expand(f, bytes);
    } else if (bytes.n > f->limit - f->out.n) {
        f->state = INFLATE_LARGE;
    } else {
        buf_add(&f->out, bytes);
    }
    if (f->state != INFLATE_GOES_ON) {
        buf_finish(&f->out); /* nobody will read it */
    }
    return f->state;
}

enum inflate_state inflate_end(struct inflate *f)
{
    if (f->state == INFLATE_GOES_ON && f->compressed && !f->ended) {
        f->state = INFLATE_BROKEN;
    }
    return f->state;
}

void inflate_stop(struct inflate *f)
{
    if (f->compressed) {
        inflateEnd(&f->z);
        f->compressed = false;
    }
    buf_finish(&f->out);
}
