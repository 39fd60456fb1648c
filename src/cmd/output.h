/* The last step of an answer: out of memory and into the world, checked. Standard output may be a
 * full disk, a closed descriptor, or a pipe whose reader has seen enough. */
#pragma once

#include "base/error.h"
#include "base/str.h"

/* END: the reader of the pipe has gone, which is no fault. */
status output_write(str text, struct error *why);
/* Runs `pager` in a shell with the text as its input and waits for it. FAIL: it could not be
 * started, and nothing was shown. */
status output_page(str text, const char *pager);
/* Closes standard output: some file systems tell only now that the disk was full. */
status output_close(struct error *why);
