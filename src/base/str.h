/* A piece of text that somebody else owns: pointer and length, not terminated, bytes of any value.
 * Passed by value. An empty str may have a NULL pointer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct str {
    const char *p;
    size_t n;
} str;

#define STR(literal) ((str){"" literal, sizeof(literal) - 1})
#define STR_INIT(literal)                                                                          \
    {                                                                                              \
        "" literal, sizeof(literal) - 1                                                            \
    }                  /* in static tables */
#define STR_FMT "%.*s" /* printf("…" STR_FMT, STR_ARG(s)) */
#define STR_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), ((s).p != NULL ? (s).p : "")

str str_of(const char *terminated); /* NULL gives the empty str */
bool str_eq(str a, str b);
bool str_eq_case(str a, str b); /* ASCII letters alike */
int str_cmp(str a, str b);      /* bytewise; a prefix comes first */
bool str_starts(str s, str prefix);
bool str_ends(str s, str suffix);
str str_trim(str s);                 /* without ASCII white space at both ends */
str str_from(str s, size_t at);      /* the rest from byte `at` on (clamped) */
str str_first(str s, size_t n);      /* the first n bytes (clamped) */
size_t str_find(str s, str part);    /* index of the first occurrence, or s.n */
size_t str_find_char(str s, char c); /* index of the first c, or s.n */

/* Cuts the text before the first `separator` off `rest` and returns it; `rest` becomes what
 * follows. Returns false when `rest` is used up (its pointer is then NULL). */
bool str_cut(str *rest, char separator, str *ret_part);

bool str_to_i64(str s, int64_t *ret); /* whole text, decimal, optional sign; no overflow */
bool str_to_f64(str s, double *ret);  /* whole text, C locale, finite */
uint64_t str_hash(str s);             /* xxh3, for tables within one process */
