#include "lazy.h"

#include "lazy_names.h" /* made by the build file: static const char *const names[] */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

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

static void load(void)
{
    void *library = dlopen("libduckdb.so", RTLD_LAZY | RTLD_LOCAL); /* found by the run path */
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
