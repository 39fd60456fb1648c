/* Which tags are versions, and which version is the later one. */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

enum { GITVERSION_PARTS = 8 };

struct gitversion {
    uint32_t parts[GITVERSION_PARTS];
    uint8_t part_n;
    bool prerelease; /* rc, alpha, beta, pre, preview, dev, snapshot, nightly, milestone, a1, b2 */
    uint8_t stage;   /* among prereleases of one version: dev < alpha < beta < pre < rc; final 9 */
    uint32_t stage_part; /* the 2 of rc2 */
};

/* A version is an optional prefix, then numbers with . _ or - between them, then an optional
 * suffix: v1.2.3, curl-8_5_0, v0.28.0-rc1. One number alone is a version only behind nothing, v,
 * r, release or version (v255, release-7; not fix-1234). */
bool gitversion_parse(str tag, struct gitversion *ret);
int gitversion_cmp(const struct gitversion *a, const struct gitversion *b); /* < 0: a is earlier */
