#include "wire/json.h"

#include <inttypes.h>
#include <stdlib.h>

enum { DEPTH = 256 };

/* jansson recurses, with a limit of 2,048 that cannot be set: nesting is counted before it sees the
 * text. Brackets inside strings do not count. */
static bool too_deep(str text, size_t *ret_at)
{
    size_t depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > DEPTH) {
                *ret_at = i;
                return true;
            }
        } else if ((c == ']' || c == '}') && depth > 0) {
            depth--;
        }
    }
    return false;
}

static status_code fail_at(struct error *why, const char *name, str text, size_t at,
                           const char *reason)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < at && i < text.n; i++) {
        line += text.p[i] == '\n';
        column = text.p[i] == '\n' ? 1 : column + 1;
    }
    return error_set(why, "%s: line %zu, column %zu: %s", name, line, column, reason);
}

status json_parse(str text, size_t size_limit, const char *name, json_t **ret_json,
                  struct error *why)
{
    if (str_starts(text, STR("\xef\xbb\xbf"))) {
        text = str_from(text, 3);
    }
    if (str_trim(text).n == 0) {
        return error_set(why, "%s is empty", name);
    }
    if (size_limit > 0 && text.n > size_limit) {
        return error_set(why, "%s is larger than the limit of %zu bytes", name, size_limit);
    }
    size_t at = 0;
    if (too_deep(text, &at)) {
        return fail_at(why, name, text, at, "nested more than 256 levels deep");
    }
    json_error_t error = {0};
    json_t *json = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    if (json == NULL) {
        return error_set(why, "%s: line %d, column %d: %s", name, error.line, error.column,
                         error.text);
    }
    *ret_json = json;
    return OK;
}

str json_text(const json_t *string)
{
    return json_is_string(string) ? (str){json_string_value(string), json_string_length(string)}
                                  : (str){0};
}

bool json_get_str(const json_t *object, const char *key, str *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        return false;
    }
    *ret = json_text(value);
    return true;
}

bool json_get_i64(const json_t *object, const char *key, int64_t *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value)) {
        return false;
    }
    *ret = json_integer_value(value);
    return true;
}

bool json_get_bool(const json_t *object, const char *key, bool *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value)) {
        return false;
    }
    *ret = json_is_true(value);
    return true;
}

const json_t *json_get_array(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_array(value) ? value : NULL;
}

const json_t *json_get_object(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_object(value) ? value : NULL;
}

bool json_scalar(const json_t *value, struct buf *out)
{
    if (json_is_string(value)) {
        buf_add(out, json_text(value));
    } else if (json_is_integer(value)) {
        buf_addf(out, "%" PRId64, (int64_t)json_integer_value(value));
    } else if (json_is_real(value)) {
        char *text = json_dumps(value, JSON_ENCODE_ANY);
        if (text == NULL) {
            return false;
        }
        buf_add(out, str_of(text));
        free(text);
    } else if (json_is_boolean(value)) {
        buf_add(out, json_is_true(value) ? STR("true") : STR("false"));
    } else {
        return false;
    }
    return true;
}

/* Length of the UTF-8 sequence at p, 0 when it is none (overlong, surrogate, cut off). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
    if (p[0] < 0x80) {
        return 1;
    }
    size_t length = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    bool bad = (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
               (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
    return bad ? 0 : length;
}

static void quote_odd(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add(out, STR("\\\""));
        break;
    case '\\':
        buf_add(out, STR("\\\\"));
        break;
    case '\n':
        buf_add(out, STR("\\n"));
        break;
    case '\r':
        buf_add(out, STR("\\r"));
        break;
    case '\t':
        buf_add(out, STR("\\t"));
        break;
    default:
        buf_addf(out, "\\u%04x", c);
    }
}

void json_quote(struct buf *out, str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    size_t from = 0, i = 0;
    buf_putc(out, '"');
    while (i < text.n) {
        bool odd = p[i] < 0x20 || p[i] == '"' || p[i] == '\\' || p[i] == 0x7f;
        size_t length = odd ? 1 : utf8_length(p + i, text.n - i);
        if (odd || length == 0) {
            buf_add_bytes(out, text.p + from, i - from);
            if (odd) {
                quote_odd(out, p[i]);
            } else {
                buf_add(out, STR("\xef\xbf\xbd"));
            }
            from = ++i;
        } else {
            i += length;
        }
    }
    if (from < text.n) { /* an empty text may have no address */
        buf_add_bytes(out, text.p + from, text.n - from);
    }
    buf_putc(out, '"');
}
