/* Documents are small trees, so jansson holds them; the writing is ours: reals in the shortest form
 * that reads back the same, and every character that a terminal could obey as a JSON escape, which
 * means the same text to a program. */
#include "view/doc.h"

#include "view/text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* jansson has no answer to a system without memory; neither have we (docs/decisions/002). */
static json_t *must(json_t *value)
{
    assert(value != NULL);
    return value;
}

json_t *doc_new(const char *schema)
{
    json_t *doc = must(json_object());
    doc_put(doc, "schema", doc_str(str_of(schema)));
    return doc;
}

/* Data as UTF-8, in keys without NUL, which readers refuse there; true when something had to be
 * replaced. */
static bool mend(str s, bool key, struct buf *out)
{
    bool mended = false;
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        int32_t code = text_next(s, &at);
        if (code < 0 || (key && code == 0)) {
            buf_add(out, STR("\xef\xbf\xbd"));
            mended = true;
        } else {
            buf_add_bytes(out, s.p + from, at - from);
        }
    }
    return mended;
}

void doc_put_str(json_t *object, str key, json_t *value)
{
    assert(json_is_object(object) && value != NULL);
    struct buf text = {0};
    bool mended = mend(key, true, &text);
    size_t bare = text.n;
    /* two keys that were mended alike are still two */
    for (int i = 2; mended && json_object_getn(object, bare > 0 ? text.p : "", text.n) != NULL;
         i++) {
        text.n = bare;
        buf_addf(&text, " (%d)", i);
    }
    int failed = json_object_setn_new(object, text.n > 0 ? text.p : "", text.n, value);
    assert(failed == 0);
    buf_finish(&text);
}

void doc_put(json_t *object, const char *key, json_t *value)
{
    doc_put_str(object, str_of(key), value);
}

json_t *doc_str(str s)
{
    json_t *value = json_stringn(s.n > 0 ? s.p : "", s.n);
    if (value == NULL) { /* not UTF-8 */
        struct buf text = {0};
        mend(s, false, &text);
        value = json_stringn(text.p, text.n);
        buf_finish(&text);
    }
    return must(value);
}

static json_t *doc_strv(const char *format, va_list arguments)
{
    struct buf text = {0};
    buf_addv(&text, format, arguments);
    json_t *value = doc_str(buf_str(&text));
    buf_finish(&text);
    return value;
}

json_t *doc_strf(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    json_t *value = doc_strv(format, arguments);
    va_end(arguments);
    return value;
}

json_t *doc_count(uint64_t n)
{
    return n <= INT64_MAX ? must(json_integer((json_int_t)n)) : doc_real((double)n);
}

json_t *doc_real(double x)
{
    return isfinite(x) ? must(json_real(x)) : json_null();
}

json_t *doc_seconds(lapse t)
{
    return doc_real((double)t / (double)SECOND);
}

json_t *doc_when(when t)
{
    char text[CLOCK_TEXT];
    if (t == WHEN_NONE) {
        return json_null();
    }
    int year = clock_civil(t).year; /* RFC 3339 has four digits for it */
    return year >= 0 && year <= 9999 ? doc_str(str_of(clock_text(t, text))) : json_null();
}

json_t *doc_id(uint64_t id)
{
    return doc_strf("%" PRIu64, id);
}

static json_t *distribution(const struct doc_distribution *d, double unit)
{
    const struct {
        const char *name;
        double value;
    } parts[] = {{"mean", d->mean}, {"min", d->min}, {"p50", d->p50},
                 {"p85", d->p85},   {"p95", d->p95}, {"max", d->max}};
    json_t *object = must(json_object());
    doc_put(object, "n", doc_count(d->n));
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        doc_put(object, parts[i].name, d->n > 0 ? doc_real(parts[i].value / unit) : json_null());
    }
    doc_put(object, "sum", doc_real(d->n > 0 ? d->sum / unit : 0));
    return object;
}

json_t *doc_distribution(const struct doc_distribution *d)
{
    return distribution(d, (double)SECOND);
}

json_t *doc_distribution_plain(const struct doc_distribution *d)
{
    return distribution(d, 1);
}

json_t *doc_estimate(double value, double low, double high, double level)
{
    if (isnan(value)) {
        return json_null();
    }
    json_t *object = must(json_object());
    doc_put(object, "value", doc_real(value));
    doc_put(object, "low", doc_real(low));
    doc_put(object, "high", doc_real(high));
    doc_put(object, "level", doc_real(level));
    return object;
}

json_t *doc_estimate_n(double value, double low, double high, double level, uint64_t n)
{
    json_t *object = doc_estimate(value, low, high, level);
    if (json_is_object(object)) {
        doc_put(object, "n", doc_count(n));
    }
    return object;
}

json_t *doc_rule(const char *name, const char *version, json_t *parameters)
{
    json_t *object = must(json_object());
    doc_put(object, "name", doc_str(str_of(name)));
    doc_put(object, "version", doc_str(str_of(version)));
    doc_put(object, "parameters", parameters != NULL ? parameters : must(json_object()));
    return object;
}

json_t *doc_range(when from, when to)
{
    json_t *object = must(json_object());
    doc_put(object, "from", doc_when(from));
    doc_put(object, "to", doc_when(to));
    return object;
}

static json_t *part(json_t *doc, const char *key, bool array)
{
    json_t *old = json_object_get(doc, key);
    if (old == NULL) {
        doc_put(doc, key, must(array ? json_array() : json_object()));
        old = json_object_get(doc, key);
    }
    assert(array ? json_is_array(old) : json_is_object(old));
    return old;
}

void doc_note(json_t *doc, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int failed = json_array_append_new(part(doc, "notes", true), doc_strv(format, arguments));
    assert(failed == 0);
    va_end(arguments);
}

void doc_excluded(json_t *doc, const char *reason, uint64_t n)
{
    if (n > 0) {
        json_t *excluded = part(doc, "excluded", false);
        uint64_t before = (uint64_t)json_integer_value(json_object_get(excluded, reason));
        doc_put(excluded, reason, doc_count(before + n));
    }
}

void doc_end(json_t *doc)
{
    part(doc, "excluded", false);
    part(doc, "notes", true);
}

void doc_quote(struct buf *out, str s)
{
    static const char *const SHORT[0x20] = {
        ['\b'] = "\\b", ['\f'] = "\\f", ['\n'] = "\\n", ['\r'] = "\\r", ['\t'] = "\\t"};
    buf_putc(out, '"');
    for (size_t at = 0; at < s.n;) {
        size_t from = at;
        int32_t code = text_next(s, &at);
        if (code < 0) {
            buf_add(out, STR("\xef\xbf\xbd"));
        } else if (code == '"' || code == '\\') {
            buf_putc(out, '\\');
            buf_putc(out, (char)code);
        } else if (code < 0x20 && SHORT[code] != NULL) {
            buf_add(out, str_of(SHORT[code]));
        } else if (text_is_hostile(code)) { /* all of them below U+10000 */
            buf_addf(out, "\\u%04x", (unsigned)code);
        } else {
            buf_add_bytes(out, s.p + from, at - from);
        }
    }
    buf_putc(out, '"');
}

static void new_line(struct buf *out, int depth)
{
    if (depth >= 0) { /* below: all on one line */
        buf_putc(out, '\n');
        text_pad(out, 2 * depth);
    }
}

/* depth < 0: on one line */
static void write_value(const json_t *value, int depth, struct buf *out)
{
    const int inner = depth < 0 ? depth : depth + 1;
    const char *between = "";
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        buf_putc(out, '{');
        /* jansson's iterators take a changeable object and do not change it */
        for (void *i = json_object_iter((json_t *)(uintptr_t)value); i != NULL;
             i = json_object_iter_next((json_t *)(uintptr_t)value, i)) {
            buf_add(out, str_of(between));
            new_line(out, inner);
            doc_quote(out, (str){json_object_iter_key(i), json_object_iter_key_len(i)});
            buf_add(out, depth < 0 ? STR(":") : STR(": "));
            write_value(json_object_iter_value(i), inner, out);
            between = ",";
        }
        if (*between != 0) {
            new_line(out, depth);
        }
        buf_putc(out, '}');
        break;
    case JSON_ARRAY:
        buf_putc(out, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            buf_add(out, str_of(between));
            new_line(out, inner);
            write_value(json_array_get(value, i), inner, out);
            between = ",";
        }
        if (*between != 0) {
            new_line(out, depth);
        }
        buf_putc(out, ']');
        break;
    case JSON_STRING:
        doc_quote(out, (str){json_string_value(value), json_string_length(value)});
        break;
    case JSON_INTEGER:
        buf_addf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        break;
    case JSON_REAL:
        text_real(out, json_real_value(value));
        break;
    case JSON_TRUE:
        buf_add(out, STR("true"));
        break;
    case JSON_FALSE:
        buf_add(out, STR("false"));
        break;
    case JSON_NULL:
        buf_add(out, STR("null"));
        break;
    }
}

void doc_write(const json_t *doc, bool indented, struct buf *out)
{
    write_value(doc, indented ? 0 : -1, out);
    buf_putc(out, '\n');
}
