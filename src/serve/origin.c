#include "serve/origin.h"

#include <ctype.h>

static bool is_port(str text)
{
    int64_t n;
    return text.n > 0 && text.n <= 5 && text.p[0] >= '0' && text.p[0] <= '9' &&
           str_to_i64(text, &n) && n <= 65535;
}

str origin_host_name(str host)
{
    static const str NONE = {"", 0};
    if (host.n > 0 && host.p[0] == '[') {
        size_t end = str_find_char(host, ']');
        str after = str_from(host, end + 1);
        if (end == host.n || (after.n > 0 && (after.p[0] != ':' || !is_port(str_from(after, 1))))) {
            return NONE;
        }
        return str_first(str_from(host, 1), end - 1);
    }
    size_t colon = str_find_char(host, ':');
    if (colon < host.n && !is_port(str_from(host, colon + 1))) {
        return NONE;
    }
    str name = str_first(host, colon);
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (!isalnum(c) && c != '.' && c != '-' && c != '_') {
            return NONE;
        }
    }
    return name.n > 1 && name.p[name.n - 1] == '.' ? str_first(name, name.n - 1) : name;
}

/* 127.0.0.0/8 in its usual notation: four whole numbers */
static bool is_loopback(str name)
{
    if (str_eq_case(name, STR("localhost")) || str_eq(name, STR("::1"))) {
        return true;
    }
    str part;
    int parts = 0;
    bool first = true;
    while (str_cut(&name, '.', &part)) {
        int64_t n;
        if (part.n == 0 || part.n > 3 || !isdigit((unsigned char)part.p[0]) ||
            !str_to_i64(part, &n) || n > 255 || (first && n != 127)) {
            return false;
        }
        first = false;
        parts++;
    }
    return parts == 4;
}

bool origin_host(str host, const str *names, size_t n, bool loopback)
{
    str name = origin_host_name(host);
    if (name.n == 0) {
        return false;
    }
    if (loopback && is_loopback(name)) {
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_eq_case(name, names[i]) || str_eq_case(name, origin_host_name(names[i]))) {
            return true;
        }
    }
    return false;
}

bool origin_same(str origin, str site, str host)
{
    if (site.n > 0 && !str_eq(site, STR("same-origin")) && !str_eq(site, STR("none"))) {
        return false;
    }
    if (origin.n == 0) {
        return true;
    }
    str rest = str_starts(origin, STR("https://"))  ? str_from(origin, 8)
               : str_starts(origin, STR("http://")) ? str_from(origin, 7)
                                                    : (str){"", 0};
    return rest.n > 0 && str_eq_case(rest, host);
}
