/* The pages for the browser, inside of the program: a table that scripts/embed.sh makes of web/dist
 * (built by Vite) or, without that, of src/serve/minimal. */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>

struct page {
    const char *path; /* "/assets/index-Ab12Cd34.js" */
    const char *type;
    const char *etag; /* with its quotes */
    const unsigned char *p, *end;
    const unsigned char *gz, *gz_end; /* NULL: not worth it */
    bool hashed;                      /* its name changes with its content */
};
extern const struct page pages[]; /* ends with path NULL */

const struct page *pages_find(str path); /* "/" is /index.html; NULL: none */
