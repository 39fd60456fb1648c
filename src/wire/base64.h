/* Base64 (RFC 4648, section 4). */
#pragma once

#include "base/buf.h"

/* Appends the bytes; padding may be missing. False: a character that is not of the alphabet. */
bool base64_decode(str text, struct buf *out);
