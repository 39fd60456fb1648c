/* Errors as they are printed: what, where and why in a sentence, the remedy as the last line, no
 * secret and nothing that a terminal obeys. */
#pragma once

#include "base/buf.h"
#include "base/error.h"

#include <jansson.h>

/* Text for stderr: passwords and queries of URLs left out, made safe; lines after the first are
 * indented. Without an end of line. */
void message_text(struct buf *out, str text);
/* "weir: import: … \n  Mend the rows and run:  …   [E2103]\n"; `command` may be NULL. */
void message_error(struct buf *out, const char *command, const struct error *why);
json_t *message_document(const struct error *why); /* weir.error/1 */
