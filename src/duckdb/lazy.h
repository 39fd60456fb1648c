/* DuckDB's library is 70 MB with 90,000 relocations: linked in, it costs every start of weir some
 * 10 ms, also `weir help`. So it is loaded by dlopen when the first of its functions is called.
 *
 * The build file makes a <duckdb.h> that includes DuckDB's own, then this page's text for each of
 * its functions: duckdb_open becomes the duckdb_open of the loaded library, with the same type.
 * Code that calls DuckDB does not notice; only a constant initialiser cannot hold such a function.
 */
#pragma once

#include <stddef.h>

extern void (**lazy_duckdb)(void);     /* NULL: not loaded yet */
void (**lazy_duckdb_load(void))(void); /* from any thread; ends weir with a sentence when the
                                        * library is missing */

static inline void (*lazy_duckdb_function(int number))(void)
{
    void (**functions)(void) = __atomic_load_n(&lazy_duckdb, __ATOMIC_ACQUIRE);
    return (functions != NULL ? functions : lazy_duckdb_load())[number];
}
