#include "serve/uri.h"

static int digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

bool uri_is_utf8(str text)
{
    for (size_t i = 0; i < text.n;) {
        unsigned char c = (unsigned char)text.p[i];
        size_t more = c < 0x80 ? 0 : c >= 0xc2 && c < 0xe0 ? 1 : (c & 0xf0) == 0xe0 ? 2 : 3;
        if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || more >= text.n - i) {
            return false;
        }
        uint32_t code = more == 0 ? c : (uint32_t)(c & (0x3f >> more));
        for (size_t k = 1; k <= more; k++) {
            unsigned char next = (unsigned char)text.p[i + k];
            if ((next & 0xc0) != 0x80) {
                return false;
            }
            code = code << 6 | (uint32_t)(next & 0x3f);
        }
        if ((more == 2 && (code < 0x800 || (code >= 0xd800 && code < 0xe000))) ||
            (more == 3 && (code < 0x10000 || code > 0x10ffff))) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

static bool unescape(str text, bool plus, struct arena *a, str *ret)
{
    char *out = arena_get(a, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '%') {
            int high = i + 1 < text.n ? digit(text.p[i + 1]) : -1;
            int low = i + 2 < text.n ? digit(text.p[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == 0 || (!plus && ((unsigned char)c < 0x20 || c == 0x7f))) {
            return false;
        }
        out[n++] = c;
    }
    *ret = (str){out, n};
    return uri_is_utf8(*ret);
}

static bool has_dots(str path)
{
    str part;
    while (str_cut(&path, '/', &part)) {
        if (str_eq(part, STR(".")) || str_eq(part, STR(".."))) {
            return true;
        }
    }
    return false;
}

bool uri_split(str address, struct arena *a, str *ret_path, const struct http_pair **ret_query,
               size_t *ret_n)
{
    size_t question = str_find_char(address, '?');
    str rest = str_from(address, question + 1), part;
    if (address.n == 0 || address.p[0] != '/' ||
        !unescape(str_first(address, question), false, a, ret_path) || has_dots(*ret_path)) {
        return false;
    }
    size_t n = 0;
    for (size_t i = 0; i < rest.n; i++) {
        n += rest.p[i] == '&';
    }
    struct http_pair *query = ARENA_ARRAY(a, struct http_pair, n + 1);
    n = 0;
    while (rest.n > 0 && str_cut(&rest, '&', &part)) {
        size_t equals = str_find_char(part, '=');
        if (part.n > 0) {
            if (!unescape(str_first(part, equals), true, a, &query[n].name) ||
                !unescape(str_from(part, equals + 1), true, a, &query[n].value)) {
                return false;
            }
            n++;
        }
    }
    *ret_query = query;
    *ret_n = n;
    return true;
}

void uri_quote(struct buf *out, str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            buf_putc(out, (char)c);
        } else {
            buf_addf(out, "%%%02X", c);
        }
    }
}
