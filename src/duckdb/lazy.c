#include "lazy.h"

#include "lazy_names.h" /* made by the build file: static const char *const names[] */

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = sizeof names / sizeof names[0] };

void (**lazy_duckdb)(void);
static void (*functions[COUNT])(void);
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void missing(void)
{
    fputs("weir: the DuckDB library lacks a function that weir needs; is it of another version?\n",
          stderr);
    _Exit(2);
}

/* Where the program is installed, where it was built, where the system looks. Not by the run path:
 * under AddressSanitizer the loader would ask for that of the sanitizer's library. */
static void *open_library(void)
{
    char path[PATH_MAX + sizeof "/../lib/weir/libduckdb.so"];
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
    while (n > 0 && path[n - 1] != '/') {
        n--;
    }
    void *library = NULL;
    if (n > 0) {
        memcpy(path + n, "../lib/weir/libduckdb.so", sizeof "../lib/weir/libduckdb.so");
        library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
    }
    if (library == NULL) {
        library = dlopen(BUILT_WITH, RTLD_LAZY | RTLD_LOCAL);
    }
    return library != NULL ? library : dlopen("libduckdb.so", RTLD_LAZY | RTLD_LOCAL);
}

static void load(void)
{
    void *library = open_library();
    if (library == NULL) {
        fprintf(stderr, "weir: the DuckDB library cannot be loaded: %s\n", dlerror());
        _Exit(2);
    }
    for (int i = 0; i < COUNT; i++) {
        /* ISO C has no cast from a pointer to a function's; POSIX promises that this works. */
        *(void **)&functions[i] = dlsym(library, names[i]);
        if (functions[i] == NULL) {
            functions[i] = missing;
        }
    }
    __atomic_store_n(&lazy_duckdb, functions, __ATOMIC_RELEASE);
}

void (**lazy_duckdb_load(void))(void)
{
    pthread_once(&once, load);
    return functions;
}
