/* libcurl, loaded when something is fetched: it brings some thirty more libraries, which every
 * start of weir would pay for. As with DuckDB (src/duckdb/lazy.h), whoever includes this calls the
 * functions by their own names. */
#pragma once

#include "base/error.h"

#include <curl/curl.h>

#define CURL_FUNCTIONS(X)                                                                          \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_init)                                                                              \
    X(curl_easy_perform)                                                                           \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_strerror)                                                                          \
    X(curl_global_init)                                                                            \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)

#undef curl_easy_getinfo /* type-checking macros of the header */
#undef curl_easy_setopt

struct curl_library {
#define CURL_MEMBER(name) __typeof__(&name) of_##name;
    CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
};
extern struct curl_library curl_library;

status curl_load(struct error *why); /* before any other; again is free. Not from two threads */

#define curl_easy_cleanup (*curl_library.of_curl_easy_cleanup)
#define curl_easy_getinfo (*curl_library.of_curl_easy_getinfo)
#define curl_easy_init (*curl_library.of_curl_easy_init)
#define curl_easy_perform (*curl_library.of_curl_easy_perform)
#define curl_easy_setopt (*curl_library.of_curl_easy_setopt)
#define curl_easy_strerror (*curl_library.of_curl_easy_strerror)
#define curl_global_init (*curl_library.of_curl_global_init)
#define curl_slist_append (*curl_library.of_curl_slist_append)
#define curl_slist_free_all (*curl_library.of_curl_slist_free_all)
