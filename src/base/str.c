#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <xxhash.h>

str str_of(const char *terminated)
{
    return (str){terminated, terminated == NULL ? 0 : strlen(terminated)};
}

bool str_eq(str a, str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eq_case(str a, str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

int str_cmp(str a, str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n > 0 ? memcmp(a.p, b.p, n) : 0;
    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

bool str_starts(str s, str prefix)
{
    return s.n >= prefix.n && str_eq(str_first(s, prefix.n), prefix);
}

bool str_ends(str s, str suffix)
{
    return s.n >= suffix.n && str_eq(str_from(s, s.n - suffix.n), suffix);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

str str_trim(str s)
{
    while (s.n > 0 && is_space(s.p[0])) {
        s = str_from(s, 1);
    }
    while (s.n > 0 && is_space(s.p[s.n - 1])) {
        s.n--;
    }
    return s;
}

str str_from(str s, size_t at)
{
    at = at < s.n ? at : s.n;
    return at > 0 ? (str){s.p + at, s.n - at} : s;
}

str str_first(str s, size_t n)
{
    return (str){s.p, n < s.n ? n : s.n};
}

size_t str_find(str s, str part)
{
    if (part.n == 0) {
        return 0;
    }
    const char *at = s.n >= part.n ? memmem(s.p, s.n, part.p, part.n) : NULL;
    return at != NULL ? (size_t)(at - s.p) : s.n;
}

size_t str_find_char(str s, char c)
{
    const char *at = s.n > 0 ? memchr(s.p, c, s.n) : NULL;
    return at != NULL ? (size_t)(at - s.p) : s.n;
}

bool str_cut(str *rest, char separator, str *ret_part)
{
    if (rest->p == NULL) {
        return false;
    }
    size_t at = str_find_char(*rest, separator);
    *ret_part = str_first(*rest, at);
    *rest = at < rest->n ? str_from(*rest, at + 1) : (str){0};
    return true;
}

bool str_to_i64(str s, int64_t *ret)
{
    bool negative = s.n > 0 && s.p[0] == '-';
    str digits = str_from(s, s.n > 0 && (s.p[0] == '-' || s.p[0] == '+') ? 1 : 0);
    int64_t value = 0;
    if (digits.n == 0) {
        return false;
    }
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9') {
            return false;
        }
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digits.p[i] - '0', &value)) {
            return false; /* counted downwards, so that the smallest number fits */
        }
    }
    if (!negative && value == INT64_MIN) {
        return false;
    }
    *ret = negative ? value : -value;
    return true;
}

bool str_to_f64(str s, double *ret)
{
    char text[64];
    if (s.n == 0 || s.n >= sizeof text || is_space(s.p[0])) {
        return false;
    }
    memcpy(text, s.p, s.n);
    text[s.n] = 0;
    char *end = NULL;
    double value = strtod(text, &end);
    if (end != text + s.n || !isfinite(value)) {
        return false;
    }
    *ret = value;
    return true;
}

uint64_t str_hash(str s)
{
    return XXH3_64bits(s.n > 0 ? s.p : "", s.n);
}
