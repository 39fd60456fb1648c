/* Which of some formats is a file or folder? The list of all is in formats.c. */
#pragma once

#include "source/source.h"

/* The format that is surest of the decompressed beginning of the input (or of the folder). FAIL,
 * with a sentence that says what was found, when none is. */
status detect_among(const struct source_format *const *formats, size_t n, const char *path,
                    const struct source_format **ret, struct error *why);
