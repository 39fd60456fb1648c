#include "source/identity.h"

static const str SCHEME = STR_INIT("cdevents"), VERSION = STR_INIT("v0");
enum { SEGMENTS = 8 };

static bool is_letter(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_plain(char c) /* "unreserved" of RFC 3986 */
{
    return is_letter(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == '_' || c == '~';
}

static int hex_value(char c)
{
    return is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

static bool is_encoded(str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c <= ' ' || c > '~' || c == '/') {
            return false;
        }
        if (c == '%') {
            if (i + 2 >= s.n || !is_hex(s.p[i + 1]) || !is_hex(s.p[i + 2])) {
                return false;
            }
            i += 2;
        }
    }
    return true;
}

static bool is_word(str s, const char *also)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool fits = is_letter(c) ||
                    (i > 0 && (is_digit(c) || str_find_char(str_of(also), c) < str_of(also).n));
        if (!fits) {
            return false;
        }
    }
    return true;
}

static const char *check_groups(str groups)
{
    if (groups.n == 0) {
        return NULL;
    }
    if (groups.p[0] == '/' || groups.p[groups.n - 1] == '/') {
        return "a slash at the edge of the groups";
    }
    str part;
    while (str_cut(&groups, '/', &part)) {
        if (part.n == 0) {
            return "an empty group";
        }
        if (!is_encoded(part)) {
            return "the groups are not percent-encoded";
        }
    }
    return NULL;
}

static const char *check(const str part[SEGMENTS], size_t n)
{
    if (!str_eq(part[0], SCHEME)) {
        return "the scheme is not \"cdevents\"";
    }
    if (n < 2 || !str_eq(part[1], VERSION)) {
        return "the version is not \"v0\"";
    }
    if (n != SEGMENTS) {
        return "there are not eight segments";
    }
    if (!is_word(part[2], "-")) {
        return "the provider is not a lower-case word";
    }
    if (!is_encoded(part[3])) {
        return "the provider id is not percent-encoded";
    }
    if (!is_encoded(part[4])) {
        return "the namespace is not percent-encoded";
    }
    if (part[6].n == 0) {
        return "the type is empty";
    }
    if (!is_word(part[6], "-._") || str_eq(part[6], STR("definition"))) {
        return "there is no such type";
    }
    if (part[7].n == 0) {
        return "the resource id is empty";
    }
    if (!is_encoded(part[7])) {
        return "the resource id is not percent-encoded";
    }
    return check_groups(part[5]);
}

bool identity_parse(str text, struct identity *ret, const char **ret_reason)
{
    str part[SEGMENTS] = {{0}}, rest = text, next;
    size_t n = 0;
    while (n <= SEGMENTS && str_cut(&rest, ':', &next)) {
        if (n < SEGMENTS) {
            part[n] = next;
        }
        n++;
    }
    const char *reason = check(part, n);
    if (reason != NULL) {
        if (ret_reason != NULL) {
            *ret_reason = reason;
        }
        return false;
    }
    *ret = (struct identity){.provider = part[2],
                             .provider_id = part[3],
                             .space = part[4],
                             .groups = part[5],
                             .type = part[6],
                             .resource = part[7]};
    return true;
}

bool identity_claims(str text)
{
    return str_starts(text, STR("cdevents:v"));
}

void identity_write(const struct identity *id, struct buf *out)
{
    const str parts[] = {SCHEME,    VERSION,    id->provider, id->provider_id,
                         id->space, id->groups, id->type,     id->resource};
    for (size_t i = 0; i < SEGMENTS; i++) {
        buf_add(out, i > 0 ? STR(":") : STR(""));
        buf_add(out, parts[i]);
    }
}

void identity_encode(str spelled, struct buf *out)
{
    static const char HEX[] = "0123456789ABCDEF";
    for (size_t i = 0; i < spelled.n; i++) {
        unsigned char c = (unsigned char)spelled.p[i];
        if (is_plain((char)c)) {
            buf_putc(out, (char)c);
        } else {
            const char code[] = {'%', HEX[c >> 4], HEX[c & 15]};
            buf_add_bytes(out, code, sizeof code);
        }
    }
}

void identity_decode(str segment, struct buf *out)
{
    for (size_t i = 0; i < segment.n; i++) {
        char c = segment.p[i];
        if (c == '%' && i + 2 < segment.n && is_hex(segment.p[i + 1]) && is_hex(segment.p[i + 2])) {
            c = (char)(hex_value(segment.p[i + 1]) << 4 | hex_value(segment.p[i + 2]));
            i += 2;
        }
        buf_putc(out, c);
    }
}

static void recode(str segment, struct buf *out)
{
    struct buf plain = {0};
    identity_decode(segment, &plain);
    identity_encode(buf_str(&plain), out);
    buf_finish(&plain);
}

void identity_key(const struct identity *id, struct buf *out)
{
    buf_addf(out, "cdevents:v0:" STR_FMT ":", STR_ARG(id->provider));
    recode(id->provider_id, out);
    buf_putc(out, ':');
    recode(id->space, out);
    buf_putc(out, ':');
    str rest = id->groups, group;
    for (bool first = true; rest.n > 0 && str_cut(&rest, '/', &group); first = false) {
        buf_add(out, first ? STR("") : STR("/"));
        recode(group, out);
    }
    str type = str_eq(id->type, STR("mr")) ? STR("pr") : id->type;
    buf_addf(out, ":" STR_FMT ":", STR_ARG(type));
    recode(id->resource, out);
}

str identity_item_type(const struct identity *id)
{
    static const struct {
        str type, item;
    } TYPES[] = {
        {STR_INIT("pr"), STR_INIT("change")},     {STR_INIT("mr"), STR_INIT("change")},
        {STR_INIT("execution"), STR_INIT("run")}, {STR_INIT("alert"), STR_INIT("incident")},
        {STR_INIT("tag"), STR_INIT("release")},
    };
    for (size_t i = 0; i < sizeof TYPES / sizeof *TYPES; i++) {
        if (str_eq(id->type, TYPES[i].type)) {
            return TYPES[i].item;
        }
    }
    return id->type;
}

static bool is_number(str s)
{
    bool all = s.n > 0;
    for (size_t i = 0; i < s.n; i++) {
        all &= is_digit(s.p[i]);
    }
    return all;
}

void identity_short(str key, struct buf *out)
{
    struct identity id;
    if (!identity_parse(key, &id, NULL)) {
        buf_add(out, key);
        return;
    }
    if (is_number(id.resource)) {
        identity_decode(id.space, out);
        if (id.space.n > 0 && id.groups.n > 0) {
            buf_putc(out, '/');
        }
        identity_decode(id.groups, out);
        buf_putc(out, '#');
    }
    identity_decode(id.resource, out);
}

bool identity_is_called(str key, str asked)
{
    struct identity id;
    struct buf text = {0};
    bool called = str_eq(key, asked);
    if (!called && identity_parse(key, &id, NULL)) {
        identity_short(key, &text);
        called = str_eq(buf_str(&text), asked);
        buf_clear(&text);
        identity_decode(id.resource, &text);
        str number = asked.n > 1 && asked.p[0] == '#' ? str_from(asked, 1) : asked;
        called |= str_eq(buf_str(&text), number);
        buf_finish(&text);
    }
    return called;
}
