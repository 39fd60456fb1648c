/* HMAC-SHA-256 (RFC 2104, FIPS 180-4) by libcrypto. */
#pragma once

#include "base/str.h"

enum { HMAC_HEX = 65 }; /* 64 lower-case hex digits and the terminator */
const char *hmac_sha256_hex(str key, str message, char ret_hex[HMAC_HEX]); /* returns ret_hex */
