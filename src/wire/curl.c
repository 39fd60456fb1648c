#include "wire/curl.h"

#include <dlfcn.h>

struct curl_library curl_library;

/* In the order of struct curl_library. */
#define NAME(name) #name,
static const char *const NAMES[] = {
#undef curl_easy_cleanup
#undef curl_easy_getinfo
#undef curl_easy_init
#undef curl_easy_perform
#undef curl_easy_setopt
#undef curl_easy_strerror
#undef curl_global_init
#undef curl_slist_append
#undef curl_slist_free_all
    CURL_FUNCTIONS(NAME)};
#undef NAME

status_code curl_load(struct error *why)
{
    static bool loaded;
    _Static_assert(sizeof curl_library == sizeof NAMES, "a name for each function");
    if (loaded) {
        return OK;
    }
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        error_set(why, "fetching needs libcurl, which cannot be loaded: %s", dlerror());
        error_hint(why, "Install it (Debian: libcurl4).");
        return FAIL;
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        void *function = dlsym(library, NAMES[i]);
        if (function == NULL) {
            return error_set(why, "libcurl has no %s: it is too old", NAMES[i]);
        }
        ((void **)(void *)&curl_library)[i] = function;
    }
    if ((*curl_library.of_curl_global_init)(CURL_GLOBAL_DEFAULT) != 0) {
        return error_set(why, "libcurl cannot be started");
    }
    loaded = true;
    return OK;
}
