#include "serve/mhd.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

struct mhd mhd;

static const struct {
    const char *name;
    size_t at;
} FUNCTIONS[] = {
#define ROW(name) {#name, offsetof(struct mhd, of_##name)},
    MHD_FUNCTIONS(ROW)
#undef ROW
};

status_code mhd_load(struct error *why)
{
    static bool loaded;
    void *library = loaded ? NULL : dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    if (!loaded && library == NULL) {
        error_set(why, "the server needs libmicrohttpd, which cannot be loaded: %s", dlerror());
        error_hint(why, "Install it (Debian: libmicrohttpd12).");
        return FAIL;
    }
    for (size_t i = 0; !loaded && i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
        void *function = dlsym(library, FUNCTIONS[i].name);
        if (function == NULL) {
            error_set(why, "libmicrohttpd is too old: it has no %s", FUNCTIONS[i].name);
            error_hint(why, "0.9.75 or newer is needed.");
            return FAIL;
        }
        memcpy((char *)&mhd + FUNCTIONS[i].at, &function, sizeof function);
    }
    loaded = true;
    return OK;
}
