#include "serve/mhd.h"

#include <dlfcn.h>

struct mhd mhd;

/* In the order of struct mhd. */
#define NAME(name) #name,
static const char *const NAMES[] = {MHD_FUNCTIONS(NAME)};
#undef NAME

status_code mhd_load(struct error *why)
{
    static bool loaded;
    _Static_assert(sizeof mhd == sizeof NAMES, "a name for each function");
    void *library = loaded ? NULL : dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (!loaded && library == NULL) {
        error_set(why, "the server needs libmicrohttpd, which cannot be loaded: %s", dlerror());
        error_hint(why, "Install it (Debian: libmicrohttpd12).");
        return FAIL;
    }
    for (size_t i = 0; !loaded && i < sizeof NAMES / sizeof *NAMES; i++) {
        void *function = dlsym(library, NAMES[i]);
        if (function == NULL) {
            error_set(why, "libmicrohttpd is too old: it has no %s", NAMES[i]);
            error_hint(why, "0.9.75 or newer is needed.");
            return FAIL;
        }
        ((void **)(void *)&mhd)[i] = function;
    }
    loaded = true;
    return OK;
}
