/* The body of a request as it arrives, plain or compressed, with a running limit on what comes out:
 * a declared length is never believed, and a bomb costs no more than the limit. */
#pragma once

#include "base/buf.h"

#include <zlib.h>

enum inflate_state { INFLATE_GOES_ON, INFLATE_LARGE, INFLATE_BROKEN };

struct inflate { /* inflate_finish in any case */
    struct buf out;
    size_t limit;
    bool compressed, ended;
    enum inflate_state state;
    z_stream z;
};

/* encoding: of Content-Encoding, empty: none. False: it is none that is understood. */
bool inflate_start(struct inflate *f, str encoding, size_t limit);
enum inflate_state inflate_more(struct inflate *f, str bytes);
enum inflate_state inflate_end(struct inflate *f); /* BROKEN: compressed data that break off */
void inflate_stop(struct inflate *f);
