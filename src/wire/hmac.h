/* HMAC-SHA-256 (RFC 2104, FIPS 180-4) by libcrypto. */
#pragma once

#include "base/str.h"

enum { HMAC_DIGEST = 32, HMAC_HEX = 2 * HMAC_DIGEST + 1 };
void hmac_sha256(str key, str message, char ret_digest[HMAC_DIGEST]);
/* As 64 lower-case hex digits and the terminator; returns ret_hex. */
const char *hmac_sha256_hex(str key, str message, char ret_hex[HMAC_HEX]);
