#include "serve/pages.h"

const struct page *pages_find(str path)
{
    str wanted = str_eq(path, STR("/")) ? STR("/index.html") : path;
    for (const struct page *p = pages; p->path != NULL; p++) {
        if (str_eq(wanted, str_of(p->path))) {
            return p;
        }
    }
    return NULL;
}
